"""The execution roles of functions: what each declares that it uses, what its triggers need, its logs and its traces.

A permission is derived as that of a task that makes the same call, so that one row says what an action needs. The
placeholders of a policy are the ARNs of the resources, the name of the function, and where it runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from generator.asl.placeholders import Placeholder
from generator.catalog.index import find_action
from generator.catalog.patterns import TEMPLATED, Parameters
from generator.catalog.resources import ARN, NAME, STARTABLE
from generator.iam.grants import Grant
from generator.iam.policy import PolicyDocument, merge
from generator.iam.requirements import Requirement, call_grants

if TYPE_CHECKING:
    from generator.dsl.resources import Function, Resource
    from generator.dsl.resources import Grant as Use

_EXECUTIONS: Final = "arn:${{aws_partition}}:states:${{aws_region}}:${{aws_account_id}}:execution:{name}:*"
_LOG_GROUP: Final = "arn:${aws_partition}:logs:${aws_region}:${aws_account_id}:log-group:/aws/lambda/${function_name}:*"
_LOGS: Final = Grant(
    ("logs:CreateLogStream", "logs:PutLogEvents"),
    (_LOG_GROUP,),
    reason="Write the function's log",
    source="https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html#monitoring-cloudwatchlogs-prereqs",
)
_TRACES: Final = Grant(
    ("xray:PutTelemetryRecords", "xray:PutTraceSegments"),
    ("*",),
    reason="Send traces; X-Ray has no resources to name",
    source="https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html#services-xray-permissions",
)
_CONSUME: Final = ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
_SQS: Final = "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions"


def call(use: Use, action: str) -> tuple[str, str, dict[str, str]]:
    """Return the call that an allowed action means: service, action as Step Functions spells it, parameters.

    >>> from generator.dsl.resources import Table
    >>> call(Table("orders", key="id").allow("PutItem"), "PutItem")
    ('dynamodb', 'putItem', {'TableName': '${orders_name}'})
    """
    kind = use.resource.KIND
    parameters = {kind.parameter: use.resource.placeholder(kind.parameter_attribute).text}
    if kind.key in STARTABLE:
        parameters["ExecutionArn"] = _EXECUTIONS.format(name=use.resource.placeholder(NAME).text)
    return kind.service, action[:1].lower() + action[1:], parameters


def role_policy(function: Function) -> PolicyDocument:
    """Derive the policy of a function's execution role.

    >>> from generator.dsl.resources import Function, Table
    >>> policy = role_policy(Function("keeper", uses=[Table("orders", key="id").allow("PutItem")]))
    >>> [(s.actions, s.resources) for s in policy.statements][0]
    (('dynamodb:PutItem',), ('${orders_arn}',))
    """
    return merge(requirements_of(function))


def requirements_of(function: Function) -> Iterator[Requirement]:
    """Yield each permission of a function's role, with what needs it."""
    for use in function.uses:
        for action in use.actions:
            for grant in _grants(use, action):
                yield Requirement(grant, (), f"{use.resource.name}: {action}")
    for trigger in function.triggers:
        queue = (trigger.queue.placeholder(ARN).text,)
        consume = Grant(_CONSUME, queue, (), "", "Let the event source mapping consume the queue", _SQS)
        yield Requirement(consume, (), trigger.queue.name)
    yield Requirement(_LOGS, (), "logging")
    yield Requirement(_TRACES, (), "tracing")


def _grants(use: Use, action: str) -> Iterator[Grant]:
    service, name, known = call(use, action)
    model = find_action(service, name)
    # What else the call requires is known to the handler only.
    unknown = dict.fromkeys(model.input.required, "{% $known_at_run_time %}") if model else {}
    place = replace(TEMPLATED, placeholders=_placeholders(use.resource))
    yield from call_grants(service, name, Parameters(unknown | known, "JSONata", place), place)


def _placeholders(resource: Resource) -> dict[str, Placeholder]:
    placeholders = (resource.placeholder(attribute) for attribute in resource.KIND.attributes)
    return {placeholder.name: placeholder for placeholder in placeholders}
