from generator import Function, Task, Workflow

work = Function("work", timeout_seconds=60)
job = Workflow("job", steps=[Task("Work", work.invoke(), timeout_seconds=30)])
