from generator import Bucket, EventRule, Succeed, Workflow, states

imports = Bucket("imports", event_bridge=True)
rule = EventRule(
    {"source": ["aws.s3"], "detail": {"bucket": {"name": imports.bucket_name}}}, input={"key": states.input.detail.object.key}
)
orders = Workflow("orders", steps=[Succeed("Done")], triggers=[rule])
