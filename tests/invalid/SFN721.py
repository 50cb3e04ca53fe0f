from generator import Allow, Bucket, Task, Workflow, sdk, states

archive = Bucket("archive")
read = Workflow(
    "read",
    steps=[
        Task(
            "Read",
            sdk.s3.get_object(Bucket="data", Key=states.input.key),
            permissions=Allow("s3:GetObject", archive.arn, reason="The library reads the index, too"),
        )
    ],
)
