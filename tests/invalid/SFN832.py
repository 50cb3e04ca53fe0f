from generator import Schedule, Succeed, Workflow

report = Workflow("report", steps=[Succeed("Done")], triggers=[Schedule("rate(1 day)"), Schedule("rate(7 days)")])
