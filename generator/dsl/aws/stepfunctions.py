"""Step Functions: calls with types. Written by :mod:`generator.catalog.typed`; do not edit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from generator.dsl.aws.call import call, unknown
from generator.dsl.expressions import Expr, Payload
from generator.dsl.integrations import Integration

__all__ = [
    "describe_execution",
    "list_executions",
    "send_task_failure",
    "send_task_success",
    "start_execution",
    "start_sync_execution",
    "stop_execution",
]


def describe_execution(
    *,
    ExecutionArn: str | Expr,
    IncludedData: Literal["ALL_DATA", "METADATA_ONLY"] | Expr | None = None,
) -> Integration:
    """Provide information about a state machine execution, such as the state machine associated with the …

    Resource: ``aws-sdk:sfn:describeExecution``.
    Result: ``ExecutionArn``, ``StateMachineArn``, ``Name``, ``Status``, ``StartDate``, ``StopDate``, ``Input``, ``InputDetails``, ….

    Args:
        ExecutionArn: the Amazon Resource Name (ARN) of the execution to describe.
        IncludedData: if your state machine definition is encrypted with a KMS key, callers must have ``kms:Decrypt`` permission …

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/stepfunctions/client/describe_execution.html
    """
    return call("aws-sdk:sfn:describeExecution", locals())


def list_executions(
    *,
    StateMachineArn: str | Expr | None = None,
    StatusFilter: Literal["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"] | Expr | None = None,
    MaxResults: int | Expr | None = None,
    NextToken: str | Expr | None = None,
    MapRunArn: str | Expr | None = None,
    RedriveFilter: Literal["REDRIVEN", "NOT_REDRIVEN"] | Expr | None = None,
) -> Integration:
    """List all executions of a state machine or a Map Run.

    Resource: ``aws-sdk:sfn:listExecutions``.
    Result: ``Executions``, ``NextToken``.

    Args:
        StateMachineArn: the Amazon Resource Name (ARN) of the state machine whose executions is listed.
        StatusFilter: if specified, only list the executions whose current execution status matches the given filter.
        MaxResults: the maximum number of results that are returned per call.
        NextToken: if ``nextToken`` is returned, there are more results available.
        MapRunArn: the Amazon Resource Name (ARN) of the Map Run that started the child workflow executions.
        RedriveFilter: sets a filter to list executions based on whether or not they have been redriven.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/stepfunctions/client/list_executions.html
    """
    return call("aws-sdk:sfn:listExecutions", locals())


def send_task_failure(
    *,
    TaskToken: str | Expr,
    Error: str | Expr | None = None,
    Cause: str | Expr | None = None,
) -> Integration:
    """Report that a task with a task token failed.

    Resource: ``aws-sdk:sfn:sendTaskFailure``.

    Args:
        TaskToken: the token that represents this task.
        Error: the error code of the failure.
        Cause: a more detailed explanation of the cause of the failure.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/stepfunctions/client/send_task_failure.html
    """
    return call("aws-sdk:sfn:sendTaskFailure", locals())


def send_task_success(
    *,
    TaskToken: str | Expr,
    Output: str | Expr,
) -> Integration:
    """Report the output of a task with a task token.

    Resource: ``aws-sdk:sfn:sendTaskSuccess``.

    Args:
        TaskToken: the token that represents this task.
        Output: the place in S3 for the response, ``{"S3Uri": …}``.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/stepfunctions/client/send_task_success.html
    """
    return call("aws-sdk:sfn:sendTaskSuccess", locals())


def start_execution(
    *,
    StateMachineArn: str | Expr,
    Name: str | Expr | None = None,
    Input: Payload | None = None,
    TraceHeader: str | Expr | None = None,
) -> Integration:
    """Start a state machine execution.

    Resource: ``states:startExecution``, also with ``.sync()`` or ``.wait_for_task_token()``.
    Result: ``ExecutionArn``, ``StartDate``.

    Args:
        StateMachineArn: the Amazon Resource Name (ARN) of the state machine to execute.
        Name: optional name of the execution.
        Input: the place in S3 of the request's body, ``{"S3Uri": …}``.
        TraceHeader: passes the X-Ray trace header.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
    """
    return call("states:startExecution", locals(), "sfn:startExecution")


def start_sync_execution(
    *,
    StateMachineArn: str | Expr,
    Name: str | Expr | None = None,
    Input: str | Expr | None = None,
    TraceHeader: str | Expr | None = None,
    IncludedData: Literal["ALL_DATA", "METADATA_ONLY"] | Expr | None = None,
) -> Integration:
    """Start a Synchronous Express state machine execution.

    Resource: ``aws-sdk:sfn:startSyncExecution``.
    Result: ``ExecutionArn``, ``StateMachineArn``, ``Name``, ``StartDate``, ``StopDate``, ``Status``, ``Error``, ``Cause``, ….

    Args:
        StateMachineArn: the Amazon Resource Name (ARN) of the state machine to execute.
        Name: the name of the execution.
        Input: the place in S3 of the request's body, ``{"S3Uri": …}``.
        TraceHeader: passes the X-Ray trace header.
        IncludedData: if your state machine definition is encrypted with a KMS key, callers must have ``kms:Decrypt`` permission …

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/stepfunctions/client/start_sync_execution.html
    """
    return call("aws-sdk:sfn:startSyncExecution", locals())


def stop_execution(
    *,
    ExecutionArn: str | Expr,
    Error: str | Expr | None = None,
    Cause: str | Expr | None = None,
) -> Integration:
    """Stop an execution.

    Resource: ``aws-sdk:sfn:stopExecution``.
    Result: ``StopDate``.

    Args:
        ExecutionArn: the Amazon Resource Name (ARN) of the execution to stop.
        Error: the error code of the failure.
        Cause: a more detailed explanation of the cause of the failure.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/stepfunctions/client/stop_execution.html
    """
    return call("aws-sdk:sfn:stopExecution", locals())


if not TYPE_CHECKING:  # type checkers report the name themselves
    __getattr__ = unknown(__name__, __all__)
