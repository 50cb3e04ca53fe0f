from generator import Pass, Workflow

order = Workflow("order", steps=[Pass("Store"), Pass("Store")])
