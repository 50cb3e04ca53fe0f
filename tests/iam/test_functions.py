"""Roles of functions: exactly what they say they use, by reference."""

from __future__ import annotations

from generator import Bucket, Function, Queue, StateMachine, Table
from generator.iam.functions import role_policy

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
