from generator import Suceed, Workflow

done = Workflow("done", steps=[Suceed("Done")])
