"""Roles of functions: exactly what they say they use, by reference."""

from __future__ import annotations

import pytest

from generator import Bucket, Function, Queue, StateMachine, Table
from generator.dsl.source import AuthoringError
from generator.iam.functions import role_policy
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
