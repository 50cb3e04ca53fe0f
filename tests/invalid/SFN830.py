from generator import Schedule, Succeed, Workflow

nightly = Workflow("nightly", steps=[Succeed("Done")], triggers=[Schedule("cron(0 2 * * *)")])
