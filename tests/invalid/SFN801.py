from generator import Succeed, Workflow

done = Workflow("done", steps=[Suceed("Done")])
