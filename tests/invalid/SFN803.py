from generator import Catch, Pass, Succeed, Task, Workflow

note = Pass("Note")
rescue = Catch("States.ALL", note)
order = Workflow(
    "order",
    steps=[
        Task("Store", "arn:aws:lambda:us-east-1:123456789012:function:store", catch=rescue),
        Task("Send", "arn:aws:lambda:us-east-1:123456789012:function:send", catch=rescue),
        Succeed("Done"),
    ],
)
