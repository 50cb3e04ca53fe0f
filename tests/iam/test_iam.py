"""Execution roles: which states need what, how it is merged, what is written."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.asl.text import MAX_DEPTH
from generator.catalog.patterns import Deployment
from generator.checks import check_role
from generator.commands.iam import reasons
from generator.emit.terraform.template import policy_template
from generator.iam.grants import Grant
from generator.iam.policy import INLINE_LIMIT, MANAGED_LIMIT, PolicyDocument, merge, trust_policy
from generator.iam.requirements import Requirement
from tests.support.definitions import policy_of, role_of

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
    for statement in policy_of(definition, **settings).statements:
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


def test_a_role_is_passed_only_to_the_service_that_takes_it() -> None:
    """PassRole names the role and the service, and only a call with a role needs it."""
    call = "arn:aws:states:::aws-sdk:glue:createJob"
    policy = policy_of(machine(A=task(call, Name="j", Role="${job_role_arn}", Command={})), deployment=HERE)
    (passing,) = [one for one in policy.statements if one.actions == ("iam:PassRole",)]
    assert passing.resources == ("${job_role_arn}",)
    assert passing.conditions == (("StringEquals", "iam:PassedToService", ("glue.amazonaws.com",)),)
    assert "iam:PassRole" not in allowed(machine(A=task("arn:aws:states:::aws-sdk:glue:updateJob", JobName="j", JobUpdate={})))


def test_a_nested_execution_is_followed_and_stopped() -> None:
    """From a literal ARN with an alias, and from a placeholder."""
    for arn, executions in (
        (f"{STATES}:stateMachine:pack:live", f"{STATES}:execution:pack:*"),
        ("${pack_arn}", f"{STATES}:execution:${{pack_name}}:*"),
    ):
        found = allowed(machine(A=task("arn:aws:states:::states:startExecution.sync:2", StateMachineArn=arn)))
        assert found["states:StartExecution"] == {arn}
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
        (need,) = role_of(machine(**{"A/b~c": state}), HERE).requirements
        assert need.grant.resources == ("arn:aws:lambda:us-east-1:111122223333:function:f",)
        assert need.needed_by == "I"
        assert need.at[:2] == ("States", "A/b~c")


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


def test_settings_of_the_machine() -> None:
    """Logging, tracing, encryption; log deliveries are encrypted with the key, too."""
    assert set(allowed({}, traces=True)) == {
        f"xray:{name}" for name in ("GetSamplingRules", "GetSamplingTargets", "PutTelemetryRecords", "PutTraceSegments")
    }
    assert len(allowed({}, logs=True)) == 8
    policy = policy_of({}, kms_key_arn="${key_arn}", logs=True, deployment=HERE)
    keys = {key: set(one.actions) for one in policy.statements for _, key, _ in one.conditions}
    assert keys == {
        "kms:EncryptionContext:aws:states:stateMachineArn": {"kms:Decrypt", "kms:GenerateDataKey"},
        "kms:EncryptionContext:SourceArn": {"kms:GenerateDataKey"},
    }


def test_each_statement_knows_its_states() -> None:
    """The table behind a policy names states, places, reasons and sources."""
    definition = machine(
        A=task("arn:aws:states:::lambda:invoke", FunctionName="f"), B=task("arn:aws:states:::lambda:invoke", FunctionName="g")
    )
    needs = [need for statement in policy_of(definition, deployment=HERE).statements for need in statement.needed_by]
    assert [(need.needed_by, need.at) for need in needs] == [("A", ("States", "A")), ("B", ("States", "B"))]
    assert all(need.grant.source.startswith("https://docs.aws.amazon.com/") for need in needs)
    assert "for B (/States/B): Call lambda:invoke" in reasons(policy_of(definition, deployment=HERE))
    assert reasons(PolicyDocument(())) == "The role needs no permissions.\n"


def test_text_is_data() -> None:
    """What only looks like a template is written so that Terraform reads it as text; placeholders stay."""
    definition = machine(A=task("arn:aws:states:::dynamodb:getItem", TableName="a%{b}", Key={}), B=task("${f_arn}"))
    text = policy_template(policy_of(definition).document())
    assert "%{" not in text
    assert set(re.findall(r"\$\{(\w+)\}", text)) == {"f_arn", "aws_partition", "aws_region", "aws_account_id"}
    assert "table/a%{b}" in json.dumps(json.loads(text))
    assert json.loads(policy_template({"x": "${*} ${} $${ %{"})) == {"x": "${*} ${} $${ %{"}


def test_same_definition_same_bytes() -> None:
    """The order of states does not matter to the policy."""
    states = {name: task("arn:aws:states:::lambda:invoke", FunctionName=name) for name in "abcdef"}
    forward, backward = machine(**states), machine(**dict(reversed(states.items())))
    assert policy_template(policy_of(forward).document()) == policy_template(policy_of(backward).document())


def test_large_roles_are_split() -> None:
    """Every part is within the limit of a managed policy, all parts together allow the same, and a diagnostic says so."""
    definition = machine(**{f"S{n}": task("arn:aws:states:::lambda:invoke", FunctionName=f"function-{n:04}") for n in range(500)})
    policy = policy_of(definition, deployment=HERE)
    parts = policy.split()
    assert policy.size > INLINE_LIMIT
    assert len(parts) > 1
    assert all(part.size <= MANAGED_LIMIT for part in parts)
    assert {resource for part in parts for one in part.statements for resource in one.resources} == set(policy.statements[0].resources)
    assert [finding.code for finding in check_role(role_of(definition, HERE))] == ["SFN703"]


def test_ten_thousand_states_and_deep_nesting() -> None:
    """Neither many states nor states as deep as the parser admits exhaust the stack."""
    wide = machine(**{f"S{n}": task("arn:aws:states:::lambda:invoke", FunctionName="f") for n in range(10_000)})
    assert len(role_of(wide).requirements) == 10_000
    deep: dict[str, Any] = task("arn:aws:states:::lambda:invoke", FunctionName="f")
    for _ in range(MAX_DEPTH // 2 - 1):
        deep = {"Type": "Parallel", "Branches": [machine(A=deep)]}
    assert len(role_of(machine(A=deep)).requirements) == 1


def test_the_trust_policy_refers_to_the_machine_by_name() -> None:
    """So that role and machine do not need each other to exist."""
    text = json.dumps(trust_policy())
    assert "stateMachine:${state_machine_name}" in text
    assert '"aws:SourceAccount": "${aws_account_id}"' in text


ARNS = st.lists(st.sampled_from(["a", "b", "*", "a*", "ab", "b/*", "b/c", "*c", "**"]), min_size=1, max_size=4)
GRANTS = st.builds(
    lambda actions, resources, wanted: Grant(tuple(sorted(set(actions))), tuple(sorted(set(resources))), wanted),
    st.lists(st.sampled_from(["s3:Get", "s3:Put", "sqs:Send"]), min_size=1, max_size=2),
    ARNS,
    st.sampled_from([(), (("StringEquals", "k", ("v",)),)]),
)


def covers(holders: list[Any], resource: str) -> bool:
    """Say whether any of the grants or statements covers a resource."""
    return any(fnmatchcase(resource, one) for holder in holders for one in holder.resources)


@given(st.lists(GRANTS, max_size=8))
def test_merging_neither_adds_nor_takes_away(grants: list[Grant]) -> None:
    """For every action, resource and condition: allowed after merging exactly when it was before."""
    needs = [Requirement(grant, "/States/A", "A") for grant in grants]
    statements = merge(needs).statements
    for action in ("s3:Get", "s3:Put", "sqs:Send"):
        for resource in ("a", "b", "ab", "b/c", "b/x", "c", "zc", "*", "**"):
            for conditions in ((), (("StringEquals", "k", ("v",)),)):
                before = [grant for grant in grants if action in grant.actions and grant.conditions == conditions]
                after = [one for one in statements if action in one.actions and one.conditions == conditions]
                assert covers(before, resource) == covers(after, resource)
    assert len({one.sid for one in statements}) == len(statements)


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
    """What is malformed needs no permission, and nothing fails."""
    json.loads(policy_template(policy_of(definition).document()))
