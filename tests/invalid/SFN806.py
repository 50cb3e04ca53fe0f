from generator import Pass, Workflow

order = Workflow("order", steps=[Pass(1)])
