"""EventBridge Scheduler: calls with types. Written by :mod:`generator.catalog.typed`; do not edit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from generator.dsl.aws.call import call, unknown
from generator.dsl.expressions import Expr, Payload
from generator.dsl.integrations import Integration

__all__ = [
    "create_schedule",
    "delete_schedule",
    "get_schedule",
    "update_schedule",
]


def create_schedule(
    *,
    Name: str | Expr,
    ScheduleExpression: str | Expr,
    Target: Mapping[str, Payload] | Expr,
    FlexibleTimeWindow: Mapping[str, Payload] | Expr,
    GroupName: str | Expr | None = None,
    StartDate: str | datetime | Expr | None = None,
    EndDate: str | datetime | Expr | None = None,
    Description: str | Expr | None = None,
    ScheduleExpressionTimezone: str | Expr | None = None,
    State: Literal["ENABLED", "DISABLED"] | Expr | None = None,
    KmsKeyArn: str | Expr | None = None,
    ClientToken: str | Expr | None = None,
    ActionAfterCompletion: Literal["NONE", "DELETE"] | Expr | None = None,
) -> Integration:
    """Create the specified schedule.

    Resource: ``aws-sdk:scheduler:createSchedule``.
    Result: ``ScheduleArn``.

    Args:
        Name: the name of the schedule that you are creating.
        ScheduleExpression: the expression that defines when the schedule runs.
        Target: the schedule's target.
        FlexibleTimeWindow: allows you to configure a time window during which EventBridge Scheduler invokes the schedule.
        GroupName: the name of the schedule group to associate with this schedule.
        StartDate: the date, in UTC, after which the schedule can begin invoking its target.
        EndDate: the date, in UTC, before which the schedule can invoke its target.
        Description: the description you specify for the schedule.
        ScheduleExpressionTimezone: the timezone in which the scheduling expression is evaluated.
        State: specifies whether the schedule is enabled or disabled.
        KmsKeyArn: the Amazon Resource Name (ARN) for the customer managed KMS key that EventBridge Scheduler will use to …
        ClientToken: unique, case-sensitive identifier you provide to ensure the idempotency of the request.
        ActionAfterCompletion: specifies the action that EventBridge Scheduler applies to the schedule after the schedule completes …

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/scheduler/client/create_schedule.html
    """
    return call("aws-sdk:scheduler:createSchedule", locals())


def delete_schedule(
    *,
    Name: str | Expr,
    GroupName: str | Expr | None = None,
    ClientToken: str | Expr | None = None,
) -> Integration:
    """Delete the specified schedule.

    Resource: ``aws-sdk:scheduler:deleteSchedule``.

    Args:
        Name: the name of the schedule to delete.
        GroupName: the name of the schedule group associated with this schedule.
        ClientToken: unique, case-sensitive identifier you provide to ensure the idempotency of the request.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/scheduler/client/delete_schedule.html
    """
    return call("aws-sdk:scheduler:deleteSchedule", locals())


def get_schedule(
    *,
    Name: str | Expr,
    GroupName: str | Expr | None = None,
) -> Integration:
    """Retrieve the specified schedule.

    Resource: ``aws-sdk:scheduler:getSchedule``.
    Result: ``Arn``, ``GroupName``, ``Name``, ``ScheduleExpression``, ``StartDate``, ``EndDate``, ``Description``, ``ScheduleExpressionTimezone``, ….

    Args:
        Name: the name of the schedule to retrieve.
        GroupName: the name of the schedule group associated with this schedule.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/scheduler/client/get_schedule.html
    """
    return call("aws-sdk:scheduler:getSchedule", locals())


def update_schedule(
    *,
    Name: str | Expr,
    ScheduleExpression: str | Expr,
    Target: Mapping[str, Payload] | Expr,
    FlexibleTimeWindow: Mapping[str, Payload] | Expr,
    GroupName: str | Expr | None = None,
    StartDate: str | datetime | Expr | None = None,
    EndDate: str | datetime | Expr | None = None,
    Description: str | Expr | None = None,
    ScheduleExpressionTimezone: str | Expr | None = None,
    State: Literal["ENABLED", "DISABLED"] | Expr | None = None,
    KmsKeyArn: str | Expr | None = None,
    ClientToken: str | Expr | None = None,
    ActionAfterCompletion: Literal["NONE", "DELETE"] | Expr | None = None,
) -> Integration:
    """Update the specified schedule.

    Resource: ``aws-sdk:scheduler:updateSchedule``.
    Result: ``ScheduleArn``.

    Args:
        Name: the name of the schedule that you are updating.
        ScheduleExpression: the expression that defines when the schedule runs.
        Target: the schedule target.
        FlexibleTimeWindow: allows you to configure a time window during which EventBridge Scheduler invokes the schedule.
        GroupName: the name of the schedule group with which the schedule is associated.
        StartDate: the date, in UTC, after which the schedule can begin invoking its target.
        EndDate: the date, in UTC, before which the schedule can invoke its target.
        Description: the description you specify for the schedule.
        ScheduleExpressionTimezone: the timezone in which the scheduling expression is evaluated.
        State: specifies whether the schedule is enabled or disabled.
        KmsKeyArn: the ARN for the customer managed KMS key that that you want EventBridge Scheduler to use to encrypt and …
        ClientToken: unique, case-sensitive identifier you provide to ensure the idempotency of the request.
        ActionAfterCompletion: specifies the action that EventBridge Scheduler applies to the schedule after the schedule completes …

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/scheduler/client/update_schedule.html
    """
    return call("aws-sdk:scheduler:updateSchedule", locals())


if not TYPE_CHECKING:  # type checkers report the name themselves
    __getattr__ = unknown(__name__, __all__)
