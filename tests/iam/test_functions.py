"""Roles of functions: exactly what they say they use, by reference."""

from __future__ import annotations

import pytest

from generator import Bucket, Function, Queue, StateMachine, Table, Task, Topic, Workflow, placeholder, states
from generator.dsl.source import AuthoringError
from generator.iam.functions import role_policy
from generator.lower.compile import compile_workflow
from tests.support.definitions import policy_of

orders = Table("orders", key="id")


def statements(function: Function) -> dict[str, tuple[str, ...]]:
    """Return the actions by resource, without those for logs and traces."""
    found: dict[str, tuple[str, ...]] = {}
    for statement in role_policy(function).statements:
        if not statement.actions[0].startswith(("logs:", "xray:")):
            for resource in statement.resources:
                found[resource] = (*found.get(resource, ()), *statement.actions)
    return found


def test_what_is_used_is_allowed_and_nothing_else() -> None:
    """Actions by resource. The objects of a bucket and the executions of a state machine have ARNs of their own."""
    machine, files, jobs = StateMachine("flow"), Bucket("files"), Queue("jobs")
    uses = [
        orders.allow("PutItem", "Query"),
        files.allow("GetObject", "ListObjectsV2"),
        machine.allow("StartExecution", "DescribeExecution"),
    ]
    assert statements(Function("f", uses=uses, triggers=[jobs.trigger()])) == {
        "${orders_arn}": ("dynamodb:PutItem", "dynamodb:Query"),
        "${files_arn}/*": ("s3:GetObject",),
        "${files_arn}": ("s3:ListBucket",),
        "${flow_arn}": ("states:StartExecution",),
        "arn:${aws_partition}:states:${aws_region}:${aws_account_id}:execution:${flow_name}:*": ("states:DescribeExecution",),
        "${jobs_arn}": ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"),
    }


def test_no_action_is_a_wildcard_and_logs_are_the_functions_own() -> None:
    """A function that uses nothing may write its log and its traces."""
    policy = role_policy(Function("lonely"))
    assert [(s.actions, s.resources) for s in policy.statements] == [
        (
            ("logs:CreateLogStream", "logs:PutLogEvents"),
            ("arn:${aws_partition}:logs:${aws_region}:${aws_account_id}:log-group:/aws/lambda/${function_name}:*",),
        ),
        (("xray:PutTelemetryRecords", "xray:PutTraceSegments"), ("*",)),
    ]


def test_a_call_does_not_open_what_only_the_handler_knows() -> None:
    """The bucket of an export is a resource of its own, which the function must be allowed to use by name."""
    policy = role_policy(Function("exporter", uses=[Table("orders").allow("ExportTableToPointInTime")]))
    assert not [one for one in policy.statements if one.actions[0].startswith("s3:")]


def test_the_key_of_a_resource_comes_with_the_right_to_its_data() -> None:
    """A message in an encrypted queue cannot be sent or received without the key. An action on no data needs no key."""
    jobs = Queue("jobs", key=placeholder("jobs_key_arn"))
    files = Bucket("files", key="arn:aws:kms:us-east-1:111122223333:key/1234abcd")
    function = Function(
        "worker",
        uses=[jobs.allow("SendMessage", "GetQueueAttributes"), Topic("news", key="alias/news").allow("Publish"), files.allow("GetObject")],
        triggers=[Queue("inbox", key="alias/inbox").trigger()],
    )
    keys = [(one.actions, one.resources, one.conditions) for one in role_policy(function).statements if one.actions[0].startswith("kms:")]
    any_key = ("arn:${aws_partition}:kms:${aws_region}:${aws_account_id}:key/*",)

    def of_alias(alias: str) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
        return (("ForAnyValue:StringEquals", "kms:ResourceAliases", (alias,)),)

    assert keys == [
        (("kms:Decrypt",), ("${jobs_key_arn}", "arn:aws:kms:us-east-1:111122223333:key/1234abcd"), ()),
        (("kms:Decrypt",), any_key, of_alias("alias/inbox")),
        (("kms:Decrypt", "kms:GenerateDataKey"), any_key, of_alias("alias/news")),
        (("kms:GenerateDataKey",), ("${jobs_key_arn}",), ()),
    ]


def test_the_role_of_a_workflow_may_use_the_key_and_deployment_fills_it_in() -> None:
    """The module asks for the key, although only the policy names it."""
    jobs = Queue("jobs", key=placeholder("jobs_key_arn"))
    compiled = compile_workflow(Workflow("send", steps=[Task("Send", jobs.send_message("x"))]))
    (use,) = [one for one in compiled.role.policy.statements if one.actions == ("kms:Decrypt", "kms:GenerateDataKey")]
    assert use.resources == ("${jobs_key_arn}",)
    assert "jobs_key_arn" in compiled.placeholders


@pytest.mark.parametrize("key", ["orders", "key/1", "arn:aws:sqs:us-east-1:111122223333:jobs", states.input.key, 7])
def test_a_key_that_no_policy_can_name_is_refused(key: object) -> None:
    """An id alone says neither region nor account."""
    with pytest.raises(AuthoringError, match="key of 'jobs'"):
        Queue("jobs", key=key)  # type: ignore[arg-type]


def test_an_alias_is_what_a_caller_may_use() -> None:
    """Lambda's IAM knows the ARN of the alias; that of Step Functions knows the state machine, and the alias as a condition.

    https://docs.aws.amazon.com/step-functions/latest/dg/auth-version-alias.html
    """
    machine, callee = StateMachine("flow", alias="live"), Function("callee", alias="live")
    uses = [machine.allow("StartExecution", "ListExecutions", "DescribeExecution"), callee.allow("Invoke")]
    found = {one.actions: (one.resources, one.conditions) for one in role_policy(Function("f", uses=uses)).statements}
    assert found["lambda:InvokeFunction",] == (("${callee_arn}:live",), ())
    assert found["states:StartExecution",] == (("${flow_arn}",), (("StringEquals", "states:StateMachineQualifier", ("live",)),))
    assert found["states:ListExecutions",] == (("${flow_arn}",), ())
    executions = "arn:${aws_partition}:states:${aws_region}:${aws_account_id}:execution:${flow_name}:*"
    assert found["states:DescribeExecution",] == ((executions,), ())


@pytest.mark.parametrize("machine", ["arn:aws:states:us-east-1:123456789012:stateMachine:child", "${child_arn}"])
@pytest.mark.parametrize("qualifier", ["", ":live", ":7"])
@pytest.mark.parametrize("action", ["states:startExecution", "aws-sdk:sfn:startSyncExecution"])
def test_a_task_that_starts_a_version_or_alias_is_allowed_to(machine: str, qualifier: str, action: str) -> None:
    """The resource is the state machine; a version or alias, where the task names one, is the condition."""
    arguments = {"StateMachineArn": machine + qualifier}
    task = {"Type": "Task", "Resource": f"arn:aws:states:::{action}", "Arguments": arguments, "End": True}
    policy = policy_of({"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": task}})
    (one,) = [one for one in policy.statements if one.actions[0].startswith("states:Start")]
    expected = (("StringEquals", "states:StateMachineQualifier", (qualifier[1:],)),) if qualifier else ()
    assert (one.resources, one.conditions) == ((machine,), expected)


@pytest.mark.parametrize("alias", ["", "7", "a b", "a:b", "${x}", "x" * 81])
def test_an_alias_that_aws_refuses_is_refused(alias: str) -> None:
    """Digits alone are a version."""
    for kind in (Function, StateMachine):
        with pytest.raises(AuthoringError, match="alias"):
            kind("one", alias=alias)
