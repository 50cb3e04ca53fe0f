"""What the role of a function needs: the calls that it declares, its triggers, its logs and its traces.

A call needs what a task that makes the same call needs, from the same row. The placeholders of the policy are the ARNs of the
resources, the name of the function, and where it runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from generator.asl.model import JSONATA
from generator.catalog.index import Action, Service, find_action, find_service
from generator.catalog.patterns import TEMPLATED, Parameters
from generator.catalog.resources import ARN, FUNCTION, NAME, STARTABLE
from generator.iam.grants import Grant
from generator.iam.keys import Keys
from generator.iam.policy import PolicyDocument, merge
from generator.iam.requirements import Requirement, call_grants

if TYPE_CHECKING:
    from generator.dsl.declarations import Grant as Use
    from generator.dsl.resources import Function

_EXECUTIONS: Final = "arn:${{aws_partition}}:states:${{aws_region}}:${{aws_account_id}}:execution:{name}:*"
_KNOWN_TO_THE_HANDLER: Final = "{% $unknown %}"
_LOGS: Final = Grant(
    ("logs:CreateLogStream", "logs:PutLogEvents"),
    ("arn:${aws_partition}:logs:${aws_region}:${aws_account_id}:log-group:/aws/lambda/${function_name}:*",),
    reason="Write the function's log",
    source="https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html#monitoring-cloudwatchlogs-prereqs",
)
_TRACES: Final = Grant(
    ("xray:PutTelemetryRecords", "xray:PutTraceSegments"),
    ("*",),
    reason="Send traces; X-Ray has no resources to limit the permission to",
    source="https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html#services-xray-permissions",
)
_CONSUME: Final = ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
_SQS: Final = "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions"


@dataclass(frozen=True, slots=True)
class Call:
    """An API action that a function may do to a resource.

    Attributes:
        use: the declaration, with the resource.
        declared: the action as it is declared, such as `PutItem`.
    """

    use: Use
    declared: str

    @property
    def service(self) -> str:
        """The service, as in an SDK integration."""
        return self.use.resource.KIND.service

    @property
    def name(self) -> str:
        """The action, as in an SDK integration.

        >>> from generator.dsl.resources import Table
        >>> Call(Table("orders", key="id").allow("PutItem"), "PutItem").name
        'putItem'
        """
        return self.declared[:1].lower() + self.declared[1:]

    @property
    def known_service(self) -> Service | None:
        """The service in the catalogue; None if it is not there."""
        return find_service(self.service)

    @property
    def known_action(self) -> Action | None:
        """The action in the catalogue; None if there is no such action."""
        return find_action(self.service, self.name)

    @property
    def grants(self) -> Iterator[Grant]:
        """The grants that the call needs; none for an action that does not exist."""
        resource, kind = self.use.resource, self.use.resource.KIND
        known = {kind.parameter: resource.placeholder(kind.parameter_attribute).text}
        alias = getattr(resource, "alias", None)
        if kind == FUNCTION and alias is not None:
            known["Qualifier"] = alias
        if kind.key in STARTABLE:
            known[kind.parameter] += "" if alias is None else f":{alias}"
            known["ExecutionArn"] = _EXECUTIONS.format(name=resource.placeholder(NAME).text)
        action = self.known_action
        unknown = dict.fromkeys(action.input.required, _KNOWN_TO_THE_HANDLER) if action else {}
        placeholders = [resource.placeholder(attribute) for attribute in kind.attributes]
        place = replace(TEMPLATED, placeholders={placeholder.name: placeholder for placeholder in placeholders})
        own = "" if self.known_service is None else f"{self.known_service.iam_prefix}:"
        for grant in Keys(place).used_by(call_grants(self.service, self.name, Parameters(unknown | known, JSONATA, place), place)):
            # A resource of another service that only the handler knows, such as the bucket of an export, has a declaration of its own.
            if not grant.avoidable or all(action.startswith(own) for action in grant.actions):
                yield grant


def calls(function: Function) -> Iterator[Call]:
    """Yield the calls that a function declares."""
    for use in function.uses:
        for action in use.actions:
            yield Call(use, action)


def requirements_of(function: Function) -> Iterator[Requirement]:
    """Yield each permission that the role of a function needs. The pointers are empty: there is no definition."""
    for call in calls(function):
        for grant in call.grants:
            yield Requirement(grant, (), f"{call.use.resource.name}: {call.declared}")
    for trigger in function.triggers:
        queue = (trigger.queue.placeholder(ARN).text,)
        place = replace(TEMPLATED, placeholders={one.name: one for one in [trigger.queue.placeholder(ARN)]})
        consume = Grant(_CONSUME, queue, reason="Let the event source mapping consume the queue", source=_SQS)
        yield from (Requirement(grant, (), trigger.queue.name) for grant in Keys(place).used_by([consume]))
    yield Requirement(_LOGS, (), "logging")
    yield Requirement(_TRACES, (), "tracing")


def role_policy(function: Function) -> PolicyDocument:
    """Derive the policy of the role of a function.

    >>> from generator.dsl.resources import Function, Table
    >>> policy = role_policy(Function("keeper", uses=[Table("orders", key="id").allow("PutItem")]))
    >>> [(s.actions, s.resources) for s in policy.statements][0]
    (('dynamodb:PutItem',), ('${orders_arn}',))
    """
    return merge(requirements_of(function))
