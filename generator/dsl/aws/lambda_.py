"""AWS Lambda: calls with types. Written by :mod:`generator.catalog.typed`; do not edit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from generator.dsl.aws.call import call, unknown
from generator.dsl.expressions import Expr, Payload
from generator.dsl.integrations import Integration

__all__ = [
    "invoke",
]


def invoke(
    *,
    FunctionName: str | Expr,
    InvocationType: Literal["Event", "RequestResponse", "DryRun"] | Expr | None = None,
    LogType: Literal["None", "Tail"] | Expr | None = None,
    ClientContext: str | Expr | None = None,
    DurableExecutionName: str | Expr | None = None,
    Qualifier: str | Expr | None = None,
    TenantId: str | Expr | None = None,
    Payload: Payload | None = None,
) -> Integration:
    """Invoke a function; ``function.invoke(…)`` of a declared Function is shorter.

    Resource: ``lambda:invoke``, also with ``.wait_for_task_token()``.
    Result: ``StatusCode``, ``FunctionError``, ``LogResult``, ``Payload``, ``ExecutedVersion``, ``DurableExecutionArn``.

    Args:
        FunctionName: the name or ARN of the Lambda function, version, or alias.
        InvocationType: choose from the following options.
        LogType: set to ``Tail`` to include the execution log in the response.
        ClientContext: up to 3,583 bytes of base64-encoded data about the invoking client to pass to the function in the context …
        DurableExecutionName: a unique name for the durable execution.
        Qualifier: specify a version or alias to invoke a published version of the function.
        TenantId: the identifier of the tenant in a multi-tenant Lambda function.
        Payload: the event, any JSON value.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
    """
    return call("lambda:invoke", locals(), "lambda:invoke")


if not TYPE_CHECKING:  # type checkers report the name themselves
    __getattr__ = unknown(__name__, __all__)
