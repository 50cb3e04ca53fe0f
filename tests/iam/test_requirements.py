"""What the states of a definition need: actions, and the resources that they are done to."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import Activity, Function, Pass, Queue, Task, Workflow
from generator.asl.text import MAX_DEPTH
from generator.catalog.patterns import TEMPLATED, Deployment
from generator.dsl.integrations import Integration
from generator.iam.requirements import Requirement, requirements
from generator.lower import compile_workflow
from tests.support.definitions import role_of, walked

HERE = Deployment("aws", "us-east-1", "111122223333", "orders")
SECRETS = "arn:aws:secretsmanager:us-east-1:111122223333:secret"
TABLES = "arn:aws:dynamodb:us-east-1:111122223333:table"
STATES = "arn:aws:states:us-east-1:111122223333"


def machine(**states: dict[str, Any]) -> dict[str, Any]:
    """Make a machine of states, whatever their order."""
    return {"StartAt": next(iter(states)), "States": states}


def task(resource: str, **parameters: Any) -> dict[str, Any]:
    """Make a JSONPath task."""
    return {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True}


def allowed(definition: dict[str, Any], **settings: Any) -> dict[str, set[str]]:
    """Return the resources of each action that the role of a machine may use."""
    settings.setdefault("deployment", HERE)
    out: dict[str, set[str]] = {}
    for statement in role_of(definition, **settings).policy.statements:
        for action in statement.actions:
            out.setdefault(action, set()).update(statement.resources)
    return out


@pytest.mark.parametrize(
    ("parameters", "resource"),
    [
        ({"FunctionName": "arn:aws:lambda:us-east-1:111122223333:function:f"}, "arn:aws:lambda:us-east-1:111122223333:function:f"),
        (
            {"FunctionName": "arn:aws:lambda:eu-west-1:444455556666:function:f:live"},
            "arn:aws:lambda:eu-west-1:444455556666:function:f:live",
        ),
        ({"FunctionName": "f"}, "arn:aws:lambda:us-east-1:111122223333:function:f"),
        ({"FunctionName": "f:3"}, "arn:aws:lambda:us-east-1:111122223333:function:f:3"),
        ({"FunctionName": "444455556666:function:f"}, "arn:aws:lambda:us-east-1:444455556666:function:f"),
        ({"FunctionName": "f", "Qualifier": "live"}, "arn:aws:lambda:us-east-1:111122223333:function:f:live"),
        ({"FunctionName": "${check_arn}"}, "${check_arn}"),
        ({"FunctionName": "${check_arn}", "Qualifier": "live"}, "${check_arn}:live"),
        ({"FunctionName.$": "$.f"}, "arn:aws:lambda:us-east-1:111122223333:function:*"),
        ({"FunctionName": "${CheckArn}:$LATEST"}, "${CheckArn}:$LATEST"),
        ({"FunctionName": "f:$LATEST"}, "arn:aws:lambda:us-east-1:111122223333:function:f:$LATEST"),
    ],
)
def test_a_function_is_its_exact_arn(parameters: dict[str, str], resource: str) -> None:
    """Unqualified stays unqualified, a qualifier stays with its function."""
    assert allowed(machine(A=task("arn:aws:states:::lambda:invoke", **parameters))) == {"lambda:InvokeFunction": {resource}}


@pytest.mark.parametrize(
    ("url", "arn"),
    [
        ("https://sqs.eu-west-1.amazonaws.com/444455556666/q.fifo", "arn:aws:sqs:eu-west-1:444455556666:q.fifo"),
        ("https://eu-west-1.queue.amazonaws.com/444455556666/q", "arn:aws:sqs:eu-west-1:444455556666:q"),
        ("https://queue.amazonaws.com/444455556666/q", "arn:aws:sqs:us-east-1:444455556666:q"),
        ("https://sqs.cn-north-1.amazonaws.com.cn/444455556666/q", "arn:aws-cn:sqs:cn-north-1:444455556666:q"),
        ("https://sqs.us-gov-west-1.amazonaws.com/444455556666/q", "arn:aws-us-gov:sqs:us-gov-west-1:444455556666:q"),
        ("${orders_url}", "${orders_arn}"),
        ("${Queue}", "arn:aws:sqs:us-east-1:111122223333:*"),
    ],
)
def test_a_queue_is_read_from_its_url(url: str, arn: str) -> None:
    """In every partition, and from a placeholder."""
    assert allowed(machine(A=task("arn:aws:states:::sqs:sendMessage", QueueUrl=url, MessageBody="x"))) == {"sqs:SendMessage": {arn}}


@pytest.mark.parametrize(
    ("call", "parameters", "expected"),
    [
        ("s3:listObjectsV2", {"Bucket": "b"}, {"s3:ListBucket": {"arn:aws:s3:::b"}}),
        ("s3:getObject", {"Bucket": "b", "Key": "/k/x"}, {"s3:GetObject": {"arn:aws:s3:::b/k/x"}}),
        ("s3:getObject", {"Bucket": "${data_name}", "Key.$": "$.k"}, {"s3:GetObject": {"${data_arn}/*"}}),
        (
            "s3:copyObject",
            {"Bucket": "b", "Key": "k", "CopySource": "a/x"},
            {"s3:GetObject": {"arn:aws:s3:::a/x"}, "s3:PutObject": {"arn:aws:s3:::b/k"}},
        ),
        ("dynamodb:query", {"TableName": "t"}, {"dynamodb:Query": {f"{TABLES}/t"}}),
        (
            "dynamodb:query",
            {"TableName": "t", "IndexName": "i"},
            {"dynamodb:Query": {f"{TABLES}/t/index/i"}},
        ),
        (
            "dynamodb:batchGetItem",
            {"RequestItems": {"a": {}, "b": {}}},
            {"dynamodb:BatchGetItem": {f"{TABLES}/{name}" for name in "ab"}},
        ),
        (
            "dynamodb:executeStatement",
            {"Statement": 'SELECT * FROM "t"."i" WHERE x = 1'},
            {"dynamodb:PartiQLSelect": {f"{TABLES}/t{end}" for end in ("", "/index/i")}},
        ),
        (
            "secretsmanager:getSecretValue",
            {"SecretId": "db"},
            {"secretsmanager:GetSecretValue": {f"{SECRETS}:db-??????"}},
        ),
        ("ssm:getParameter", {"Name": "/a/b"}, {"ssm:GetParameter": {"arn:aws:ssm:us-east-1:111122223333:parameter/a/b"}}),
        ("kms:decrypt", {"KeyId": "alias/x", "CiphertextBlob": "x"}, {"kms:Decrypt": {"arn:aws:kms:us-east-1:111122223333:key/*"}}),
        ("apigateway:getRestApi", {"RestApiId": "abc"}, {"apigateway:GET": {"arn:aws:apigateway:us-east-1::/restapis/abc"}}),
        ("ec2:describeInstances", {}, {"ec2:DescribeInstances": {"*"}}),
        ("translate:translateText", {"Text": "x"}, {"translate:TranslateText": {"*"}}),
        ("glue:getGlossary", {"Identifier": "x"}, {}),
    ],
)
def test_sdk_calls(call: str, parameters: dict[str, Any], expected: dict[str, set[str]]) -> None:
    """Irregular actions, and resources from parameters."""
    assert allowed(machine(A=task(f"arn:aws:states:::aws-sdk:{call}", **parameters))) == expected


def test_a_part_of_an_arn_that_no_parameter_has_is_reported() -> None:
    """The organization of an account is not among the parameters, so the permission is wider than the call."""
    call = task("arn:aws:states:::aws-sdk:organizations:describeEffectivePolicy", PolicyType="TAG_POLICY")
    (need,) = role_of(machine(A=call), deployment=HERE).requirements
    assert need.grant.resources == ("arn:aws:organizations::111122223333:account/o-*/111122223333",)
    assert need.grant.widened == "OrganizationId known only at run time"


def test_a_role_is_passed_only_to_the_service_that_takes_it() -> None:
    """PassRole names the role and the service, and only a call with a role needs it."""
    call = "arn:aws:states:::aws-sdk:glue:createJob"
    policy = role_of(machine(A=task(call, Name="j", Role="${job_role_arn}", Command={})), deployment=HERE).policy
    (passing,) = [one for one in policy.statements if one.actions == ("iam:PassRole",)]
    assert passing.resources == ("${job_role_arn}",)
    assert passing.conditions == (("StringEquals", "iam:PassedToService", ("glue.amazonaws.com",)),)
    assert "iam:PassRole" not in allowed(machine(A=task("arn:aws:states:::aws-sdk:glue:updateJob", JobName="j", JobUpdate={})))


def test_a_nested_execution_is_followed_and_stopped() -> None:
    """From a literal ARN with an alias, which IAM knows as a condition, and from a placeholder."""
    for arn, started, executions in (
        (f"{STATES}:stateMachine:pack:live", f"{STATES}:stateMachine:pack", f"{STATES}:execution:pack:*"),
        ("${pack_arn}", "${pack_arn}", f"{STATES}:execution:${{pack_name}}:*"),
    ):
        found = allowed(machine(A=task("arn:aws:states:::states:startExecution.sync:2", StateMachineArn=arn)))
        assert found["states:StartExecution"] == {started}
        assert found["states:StopExecution"] == found["states:DescribeExecution"] == {executions}
        assert found["events:PutRule"] == {"arn:aws:events:us-east-1:111122223333:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"}


def test_a_machine_that_starts_itself() -> None:
    """$$.StateMachine.Id is the machine's own ARN, built from its name."""
    call = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "Parameters": {"StateMachineArn.$": "$$.StateMachine.Id"}}
    assert allowed(machine(A=call)) == {"states:StartExecution": {f"{STATES}:stateMachine:orders"}}


def distributed(**fields: Any) -> dict[str, Any]:
    """Make a Distributed Map."""
    inner = {
        "StartAt": "I",
        "States": {"I": {"Type": "Pass", "End": True}},
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
    }
    return {"Type": "Map", "ItemProcessor": inner, "End": True, **fields}


def test_a_distributed_map_starts_its_own_machine() -> None:
    """By name, so that the role does not refer to the machine; items and results are in S3."""
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "CSV"},
        "Parameters": {"Bucket": "in", "Key": "a.csv"},
    }
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "out", "Prefix": "runs"}}
    assert allowed(machine(A=distributed(ItemReader=reader, ResultWriter=writer, Label="lines"))) == {
        "states:StartExecution": {f"{STATES}:stateMachine:orders"},
        "states:DescribeExecution": {f"{STATES}:execution:orders:*"},
        "states:StopExecution": {f"{STATES}:execution:orders:*"},
        "states:RedriveExecution": {f"{STATES}:execution:orders/lines:*"},
        "s3:GetObject": {"arn:aws:s3:::in/a.csv", "arn:aws:s3:::out/runs/*"},
        "s3:PutObject": {"arn:aws:s3:::out/runs/*"},
        "s3:ListMultipartUploadParts": {"arn:aws:s3:::out/runs/*"},
        "s3:AbortMultipartUpload": {"arn:aws:s3:::out/runs/*"},
    }


@pytest.mark.parametrize(
    ("reader", "expected"),
    [
        (
            {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "b", "Prefix": "p"}},
            {"s3:ListBucket": {"arn:aws:s3:::b"}},
        ),
        (
            {
                "Resource": "arn:aws:states:::s3:listObjectsV2",
                "ReaderConfig": {"Transformation": "LOAD_AND_FLATTEN", "InputType": "JSON"},
                "Parameters": {"Bucket": "b", "Prefix": "p"},
            },
            {"s3:ListBucket": {"arn:aws:s3:::b"}, "s3:GetObject": {"arn:aws:s3:::b/p*"}},
        ),
        (
            {
                "Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "MANIFEST"},
                "Parameters": {"Bucket": "b", "Key": "m.json"},
            },
            {"s3:GetObject": {"arn:aws:s3:::b/*"}},
        ),
    ],
)
def test_item_readers(reader: dict[str, Any], expected: dict[str, set[str]]) -> None:
    """Listing, listing and loading, a manifest."""
    found = allowed(machine(A=distributed(ItemReader=reader)))
    assert {action: resources for action, resources in found.items() if action.startswith("s3:")} == expected


def test_an_inline_map_needs_what_its_states_need() -> None:
    """Nested states are found in Map, in Parallel, and in the older Iterator."""
    inner = machine(I=task("arn:aws:states:::lambda:invoke", FunctionName="f"))
    shapes = [{"Type": "Map", "ItemProcessor": inner}, {"Type": "Map", "Iterator": inner}, {"Type": "Parallel", "Branches": [inner]}]
    for state in shapes:
        (need,) = requirements(walked(machine(**{"A/b~c": state})), HERE)
        assert need.grant.resources == ("arn:aws:lambda:us-east-1:111122223333:function:f",)
        assert need.needed_by == "I"
        assert need.at[:2] == ("States", "A/b~c")
        assert need.at[-2:] == ("States", "I")


def test_with_credentials_only_the_other_role_is_assumed() -> None:
    """The service's actions belong to the role that the task runs with."""
    call = {**task("arn:aws:states:::lambda:invoke", FunctionName="f"), "Credentials": {"RoleArn": "arn:aws:iam::444455556666:role/other"}}
    assert allowed(machine(A=call)) == {"sts:AssumeRole": {"arn:aws:iam::444455556666:role/other"}}
    unknown = {**call, "Credentials": {"RoleArn.$": "$.role"}}
    assert allowed(machine(A=unknown)) == {"sts:AssumeRole": {"arn:aws:iam::*:role/*"}}


@pytest.mark.parametrize("resource", [f"{STATES}:activity:pack", "${pack_activity_arn}", "not an arn", "arn:aws:states:::nothing:here"])
def test_what_needs_no_permission(resource: str) -> None:
    """Activities are polled by their workers; what does not exist is the checks' business."""
    assert allowed(machine(A=task(resource))) == {}


@pytest.mark.parametrize("resource", ["arn:aws:lambda:us-east-1:111122223333:function:f", "${check_arn}", "${Check}"])
def test_a_function_as_resource(resource: str) -> None:
    """The older way to call a function."""
    assert allowed(machine(A=task(resource))) == {"lambda:InvokeFunction": {resource}}


def test_ten_thousand_states_and_deep_nesting() -> None:
    """Neither many states nor the deepest that can be read exhaust the stack."""
    wide = machine(**{f"S{n}": task("arn:aws:states:::lambda:invoke", FunctionName="f") for n in range(10_000)})
    assert len(requirements(walked(wide))) == 10_000
    deep: dict[str, Any] = task("arn:aws:states:::lambda:invoke", FunctionName="f")
    for _ in range(MAX_DEPTH // 2 - 1):
        deep = {"Type": "Parallel", "Branches": [machine(A=deep)]}
    assert len(requirements(walked(machine(A=deep)))) == 1


def test_a_state_has_the_query_language_of_the_machine_wherever_it_is() -> None:
    """A JSONata Map inside a JSONPath machine does not change the language of the states in it: they have Parameters."""
    queue = "arn:aws:sqs:us-east-1:111122223333:orders"
    url = "https://sqs.us-east-1.amazonaws.com/111122223333/orders"
    send = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": url, "MessageBody": "x"},
        "End": True,
    }
    each = {"Type": "Map", "QueryLanguage": "JSONata", "Items": "{% $states.input %}", "ItemProcessor": machine(Send=send), "End": True}
    assert allowed(machine(Each=each)) == {"sqs:SendMessage": {queue}}
    jsonata = {**send, "QueryLanguage": "JSONata", "Arguments": send["Parameters"]}
    del jsonata["Parameters"]
    assert allowed(machine(Each={**each, "ItemProcessor": machine(Send=jsonata)})) == {"sqs:SendMessage": {queue}}


# -- placeholders --------------------------------------------------------------------------------------------------------


def needs_of(resource: str) -> list[Requirement]:
    """Return what a Task with a Resource needs."""
    return list(requirements(walked(machine(A={"Type": "Task", "Resource": resource, "End": True}))))


@pytest.mark.parametrize(
    "name",
    [
        "pack_activity_arn",
        "PackActivityArn",
        "PackActivity",
        "pack_activity",
        "ActivityArn",
        "activity",
        "PACK_ACTIVITY_ARN",
        "Pack.ActivityId",
    ],
)
def test_a_placeholder_of_an_activity_by_its_name(name: str) -> None:
    """The last word of the name decides, without the attribute at the end."""
    assert needs_of(f"${{{name}}}") == []


@pytest.mark.parametrize("name", ["ActivityLoggerFunctionArn", "activity_logger_lambda_arn", "CheckArn", "check", "ValidatorFunction"])
def test_a_placeholder_of_a_function_by_its_name(name: str) -> None:
    """Another word of the name does not decide, and a name without these words is a function's."""
    (need,) = needs_of(f"${{{name}}}")
    assert (need.grant.actions, need.grant.resources) == (("lambda:InvokeFunction",), (f"${{{name}}}",))
    assert need.grant.assumed == ""


@pytest.mark.parametrize("name", ["ActivityLoggerArn", "activity_log"])
def test_a_placeholder_that_may_be_of_either(name: str) -> None:
    """The function is granted, and the grant says that it may not be needed."""
    (need,) = needs_of(f"${{{name}}}")
    assert need.grant.assumed


def test_a_compiled_workflow_knows_what_its_placeholders_are() -> None:
    """Whatever their names say: an activity needs no permission, and the ARN of a queue is that of the resource."""
    pack, misnamed = Activity("pack"), Queue("stock-name")
    workflow = Workflow(
        "orders",
        steps=[Task("Pack", pack.perform()), Task("Send", misnamed.send_message({"x": 1})), Pass("Done")],
    )
    compiled = compile_workflow(workflow)
    assert compiled.diagnostics == ()
    needs = requirements(compiled.walk, TEMPLATED)
    assert [(need.needed_by, need.grant.actions, need.grant.resources) for need in needs] == [
        ("Send", ("sqs:SendMessage",), ("${stock_name_arn}",))
    ]


def test_the_name_of_a_known_function_does_not_make_it_an_activity() -> None:
    """A function whose name ends in the word is granted, because the declaration says that it is a function."""
    step = Task("Log", Integration(Function("log-activity").arn, {"x": 1}))
    compiled = compile_workflow(Workflow("orders", steps=[step]))
    assert [need.grant.resources for need in requirements(compiled.walk, TEMPLATED)] == [("${log_activity_arn}",)]


FIELDS = ("States", "A", "Type", "Resource", "Parameters", "Branches", "ItemProcessor", "ProcessorConfig", "Mode", "Credentials")
WORDS = st.sampled_from(["Task", "Map", "DISTRIBUTED", "arn:aws:states:::sqs:sendMessage", "arn:aws:states:::s3:getObject"])
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | WORDS
ANY_JSON = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*FIELDS, "ItemReader"]) | st.text(max_size=3), inner, max_size=5)
    ),
    max_leaves=20,
)


@given(ANY_JSON)
def test_any_json_has_a_role(definition: Any) -> None:
    """An invalid part needs no permission, and nothing fails."""
    for statement in role_of(definition).policy.statements:
        assert statement.resources
