from generator import Succeed, Workflow

for region in ("eu", "us"):
    report = Workflow(f"report-{region}", steps=[Succeed("Done")])
