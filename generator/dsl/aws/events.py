"""EventBridge: calls with types. Written by :mod:`generator.catalog.typed`; do not edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from generator.dsl.aws.call import call, unknown
from generator.dsl.expressions import Expr, Payload
from generator.dsl.integrations import Integration

__all__ = [
    "delete_rule",
    "disable_rule",
    "enable_rule",
    "put_events",
    "put_rule",
    "put_targets",
    "remove_targets",
]


def delete_rule(
    *,
    Name: str | Expr,
    EventBusName: str | Expr | None = None,
    Force: bool | Expr | None = None,
) -> Integration:
    """Delete the specified rule.

    Resource: ``aws-sdk:eventbridge:deleteRule``.

    Args:
        Name: the name of the rule.
        EventBusName: the name or ARN of the event bus associated with the rule.
        Force: if this is a managed rule, created by an Amazon Web Services service on your behalf, you must specify …

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/events/client/delete_rule.html
    """
    return call("aws-sdk:eventbridge:deleteRule", locals())


def disable_rule(
    *,
    Name: str | Expr,
    EventBusName: str | Expr | None = None,
) -> Integration:
    """Disable the specified rule.

    Resource: ``aws-sdk:eventbridge:disableRule``.

    Args:
        Name: the name of the rule.
        EventBusName: the name or ARN of the event bus associated with the rule.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/events/client/disable_rule.html
    """
    return call("aws-sdk:eventbridge:disableRule", locals())


def enable_rule(
    *,
    Name: str | Expr,
    EventBusName: str | Expr | None = None,
) -> Integration:
    """Enable the specified rule.

    Resource: ``aws-sdk:eventbridge:enableRule``.

    Args:
        Name: the name of the rule.
        EventBusName: the name or ARN of the event bus associated with the rule.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/events/client/enable_rule.html
    """
    return call("aws-sdk:eventbridge:enableRule", locals())


def put_events(
    *,
    Entries: Sequence[Mapping[str, Payload] | Expr] | Expr,
    EndpointId: str | Expr | None = None,
) -> Integration:
    """Send custom events to Amazon EventBridge so that they can be matched to rules.

    Resource: ``events:putEvents``, also with ``.wait_for_task_token()``.
    Result: ``FailedEntryCount``, ``Entries``.

    Args:
        Entries: the entry that defines an event in your system.
        EndpointId: the URL subdomain of the endpoint.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html
    """
    return call("events:putEvents", locals(), "eventbridge:putEvents")


def put_rule(
    *,
    Name: str | Expr,
    ScheduleExpression: str | Expr | None = None,
    EventPattern: str | Expr | None = None,
    State: Literal["ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"] | Expr | None = None,
    Description: str | Expr | None = None,
    RoleArn: str | Expr | None = None,
    Tags: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    EventBusName: str | Expr | None = None,
) -> Integration:
    """Create or updates the specified rule.

    Resource: ``aws-sdk:eventbridge:putRule``.
    Result: ``RuleArn``.

    Args:
        Name: the name of the rule that you are creating or updating.
        ScheduleExpression: the scheduling expression.
        EventPattern: the event pattern.
        State: the state of the rule.
        Description: a description of the rule.
        RoleArn: the Amazon Resource Name (ARN) of the IAM role associated with the rule.
        Tags: the list of key-value pairs to associate with the rule.
        EventBusName: the name or ARN of the event bus to associate with this rule.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/events/client/put_rule.html
    """
    return call("aws-sdk:eventbridge:putRule", locals())


def put_targets(
    *,
    Rule: str | Expr,
    Targets: Sequence[Mapping[str, Payload] | Expr] | Expr,
    EventBusName: str | Expr | None = None,
) -> Integration:
    """Add the specified targets to the specified rule, or updates the targets if they are already associated …

    Resource: ``aws-sdk:eventbridge:putTargets``.
    Result: ``FailedEntryCount``, ``FailedEntries``.

    Args:
        Rule: the name of the rule.
        Targets: the targets to update or add to the rule.
        EventBusName: the name or ARN of the event bus associated with the rule.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/events/client/put_targets.html
    """
    return call("aws-sdk:eventbridge:putTargets", locals())


def remove_targets(
    *,
    Rule: str | Expr,
    Ids: Sequence[str | Expr] | Expr,
    EventBusName: str | Expr | None = None,
    Force: bool | Expr | None = None,
) -> Integration:
    """Remove the specified targets from the specified rule.

    Resource: ``aws-sdk:eventbridge:removeTargets``.
    Result: ``FailedEntryCount``, ``FailedEntries``.

    Args:
        Rule: the name of the rule.
        Ids: the IDs of the targets to remove from the rule.
        EventBusName: the name or ARN of the event bus associated with the rule.
        Force: if this is a managed rule, created by an Amazon Web Services service on your behalf, you must specify …

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/events/client/remove_targets.html
    """
    return call("aws-sdk:eventbridge:removeTargets", locals())


if not TYPE_CHECKING:  # type checkers report the name themselves
    __getattr__ = unknown(__name__, __all__)
