"""Wildcards in a derived role: reported once for each cause, with what to write, and only if the author can avoid them."""

from __future__ import annotations

from typing import Any

import pytest

from generator import Allow, Bucket, DistributedMap, Narrow, Pass, Table, Task, Workflow, integration, placeholder, s3_objects, sdk, states
from generator.checks import check_role
from generator.diagnostics.model import Finding
from generator.lower import compile_workflow

data, orders = Bucket("data"), Table("orders")
RUN = {"TaskDefinition": placeholder("task_definition_arn"), "LaunchType": "FARGATE", "Cluster": "main"}


def findings(*steps: Any) -> list[Finding]:
    """Return what the checks find in the role of steps."""
    compiled = compile_workflow(Workflow("w", steps=list(steps)))
    assert compiled.diagnostics == ()
    return check_role(compiled.role)


@pytest.mark.parametrize(
    "call",
    [
        sdk.cloudwatch.put_metric_data(Namespace="Orders", MetricData=[]),
        sdk.textract.detect_document_text(Document={"S3Object": {"Bucket": data.bucket_name, "Name": states.input.key}}),
        sdk.s3.put_object(Bucket=data.bucket_name, Key=states.input.key, Body="x"),
        sdk.dynamodb.put_item(TableName=orders.table_name, Item=states.input.item),
        sdk.dynamodb.put_item(TableName="orders-" + states.input.day, Item={}),
        sdk.sns.publish(PhoneNumber=states.input.phone, Message="x"),
        sdk.sfn.send_task_success(TaskToken=states.input.token, Output="{}"),
        sdk.comprehend.start_entities_detection_job(DataAccessRoleArn=placeholder("role_arn"), LanguageCode="en"),
        integration("batch:submitJob", {"JobName": "x", "JobQueue": placeholder("queue_arn"), "JobDefinition": placeholder("job_arn")}),
        integration("glue:startJobRun.sync", {"JobName": "nightly"}),
        integration("sns:publish", {"TopicArn": placeholder("news_arn"), "Message": "x"}),
    ],
    ids=lambda call: call.resource.rpartition(":::")[2],
)
def test_nothing_is_said_about_what_nobody_can_avoid(call: Any) -> None:
    """Actions without resources, ids of what a call creates, and what is inside a resource that is named."""
    assert findings(Task("Call", call)) == []


def test_a_distributed_map_of_a_workflow() -> None:
    """Its child executions and the objects of a bucket need no word."""
    assert findings(DistributedMap("Each", s3_objects(data, "in/", load=True), Pass("One"))) == []


def test_one_cause_is_one_finding() -> None:
    """The states are named together, with their places, and the correction is ready to be filled in."""
    steps = [Task(name, integration("ecs:runTask", RUN)) for name in ("First", "Second", "Third", "Fourth")]
    (finding,) = findings(*steps)
    assert finding.message == "'First', 'Second' and 2 more get iam:PassRole on role/*: the roles of a task are in its task definition"
    assert finding.at == ("States", "First")
    assert finding.also == tuple(("States", name) for name in ("Second", "Third", "Fourth"))
    assert finding.hint == 'say what it uses with permissions=[Narrow("iam:PassRole", "role/…", reason="…")]'


def test_one_unknown_parameter_is_one_cause() -> None:
    """The four actions of a transaction that only the execution knows have one finding."""
    (finding,) = findings(Task("Tx", sdk.dynamodb.transact_write_items(TransactItems=states.input.items)))
    assert finding.message == "'Tx' gets 4 actions of dynamodb on table/*: TransactItems known only at run time"
    assert finding.expected == "a literal, or a declared DynamoDB table, where one resource is meant"


def test_an_unknown_permission_that_the_author_says() -> None:
    """A call of which no IAM action is known is reported until the author allows something for it."""
    call = integration("aws-sdk:glue:getGlossary", {})
    assert [one.code for one in findings(Task("Call", call))] == ["SFN702"]
    said = Allow("glue:GetTable", ["catalog", "database/a", "table/a/b"], reason="The glossary is in the catalogue")
    assert findings(Task("Call", call, permissions=said)) == []


def test_the_correction_keeps_what_is_known() -> None:
    """A Narrow replaces all resources, so the one that a hint writes has those without a wildcard, too: the catalog of Glue."""
    call = sdk.glue.get_table(DatabaseName=states.input.db, Name=states.input.table)
    (finding,) = findings(Task("Read", call))
    written = finding.hint.partition("permissions=[")[2].removesuffix("]").replace("…", "a")
    filled = eval(written, {"Narrow": Narrow})  # noqa: S307  what the hint says to write
    role = compile_workflow(Workflow("w", steps=[Task("Read", call, permissions=filled)])).role
    assert "catalog" in {each.rpartition(":")[2] for need in role.requirements for each in need.grant.resources}
    assert filled.resources == ["catalog", "database/a", "table/a/a"]
    assert findings(Task("Read", call, permissions=filled)) == []
