from generator import Succeed, Task, Workflow

child = Workflow("child", type="EXPRESS", timeout_seconds=120, steps=[Succeed("Done")])
parent = Workflow("parent", steps=[Task("Run", child.run_express(), timeout_seconds=60)])
