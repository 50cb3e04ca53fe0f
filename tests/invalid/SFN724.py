from generator import Narrow, Task, Workflow, sdk, states

read = Workflow(
    "read",
    steps=[
        Task(
            "Read",
            sdk.s3.get_object(Bucket="data", Key=states.input.key),
            permissions=Narrow("s3:PutObject", "data/in/*", reason="The keys are below in/"),
        )
    ],
)
