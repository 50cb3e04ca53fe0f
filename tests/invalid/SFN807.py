from generator import Succeed, Workflow

first = Workflow("order", steps=[Succeed("Done")])
second = Workflow("order", steps=[Succeed("Finished")])
