from generator import Allow, Task, Workflow, sdk, states

read = Workflow(
    "read",
    steps=[
        Task(
            "Read",
            sdk.s3.get_object(Bucket="data", Key=states.input.key),
            permissions=Allow("dynamodb:GetItem", "orders", reason="The library looks the order up"),
        )
    ],
)
