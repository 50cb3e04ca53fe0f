from generator import Catch, Choice, Pass, Succeed, Task, Workflow, errors, states, when

UNDO = Task("Undo", "arn:aws:lambda:us-east-1:123456789012:function:undo")

order = Workflow(
    "order",
    steps=[
        Task("Charge", "arn:aws:lambda:us-east-1:123456789012:function:charge", catch=Catch(errors.ALL, UNDO)),
        Choice(
            "IsGift",
            when(states.input.gift == True, [Pass("Paper"), Pass("Wrap")]),
            when(states.input.fragile == True, [Choice("IsGlass", when(states.input.glass == True))]),
        ),
        Succeed("Shipped"),
    ],
)
