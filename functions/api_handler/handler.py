"""The API: POST /order starts an order's workflow, GET /order/{order_id} tells its status.

The order's id is the name of its execution, so Step Functions itself sees to it that no order is started twice.
"""

from __future__ import annotations

import binascii
import json
import os
import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, CORSConfig, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestUnsupportedContentType, RequestValidationError
from aws_lambda_powertools.event_handler.openapi.params import Body, Header, Path
from botocore.exceptions import BotoCoreError, ClientError
from pydantic_core import from_json

from functions.shared import repository
from functions.shared.aws import client, prepare, within_time
from functions.shared.models import (
    MAX_BODY_BYTES,
    UNKNOWN_REASON,
    Accepted,
    ErrorResponse,
    FieldError,
    OrderId,
    OrderRequest,
    OrderStatus,
    problems,
)
from functions.shared.observability import observe
from functions.shared.times import now

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aws_lambda_powertools.utilities.typing import LambdaContext

logger, tracer = observe("api-handler", "validation")
prepare("stepfunctions")

METHODS = {"/order": "POST", "/order/{order_id}": "GET"}
_ORDER_IDS = uuid.UUID("6f0d3c1e-5a7b-5f43-9d0e-1c5f2a7b9e84")
"""The namespace of order ids that come from an Idempotency-Key."""

_FAILURES_OF_ORDERS = {"ValidationFailed", "StorageFailed", "QueueFailed"}
"""The errors of the workflow's Fail states. Their causes are written for clients; any other cause is internal."""


def _load_json(text: str) -> Any:
    """Parse a body as strictly as JSON is defined; the standard parser takes NaN, lone surrogates and any depth."""
    if len(text) > MAX_BODY_BYTES:
        raise _BodyTooLarge
    try:
        return from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise json.JSONDecodeError("invalid JSON", "", 0) from error


app = APIGatewayRestResolver(
    cors=CORSConfig(
        allow_origin=os.environ.get("ALLOWED_ORIGIN", "*"),
        allow_headers=["Content-Type", "Idempotency-Key"],
        expose_headers=["Retry-After"],
        max_age=600,
    ),
    enable_validation=True,
    json_body_deserializer=_load_json,
)


class _IdempotencyConflict(Exception):  # noqa: N818  an answer, not an error of ours
    """The key of this request came with another order before."""


class _BodyTooLarge(Exception):  # noqa: N818  an answer, not an error of ours
    """The body is larger than any order can be."""


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@within_time
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a request that API Gateway passes on (REST API, Lambda proxy integration)."""
    answer: dict[str, Any] = app.resolve(event, context)
    return answer


_FAILURES: dict[int, Any] = {
    400: {"description": "Invalid request body or parameter", "content": {"application/json": {"model": ErrorResponse}}},
    500: {"description": "Unexpected error", "content": {"application/json": {"model": ErrorResponse}}},
    503: {"description": "Temporarily unavailable", "content": {"application/json": {"model": ErrorResponse}}},
}


@app.post(
    "/order",
    summary="Place an order",
    description="Starts the order's workflow. With an Idempotency-Key, the same request can be repeated safely.",
    operation_id="createOrder",
    status_code=HTTPStatus.ACCEPTED,
    responses={
        202: {"description": "The order is being processed", "content": {"application/json": {"model": Accepted}}},
        200: {
            "description": "The Idempotency-Key came with this order before, and the order is final: its status",
            "content": {"application/json": {"model": OrderStatus}},
        },
        **_FAILURES,
        413: {"description": "The body is too large", "content": {"application/json": {"model": ErrorResponse}}},
        415: {"description": "The body is not JSON", "content": {"application/json": {"model": ErrorResponse}}},
        422: {
            "description": "The Idempotency-Key came with another order before",
            "content": {"application/json": {"model": ErrorResponse}},
        },
    },
)
def create_order(
    order: Annotated[OrderRequest, Body()],
    idempotency_key: Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=255)] = None,
) -> Response[Accepted | OrderStatus]:
    """Give the order an id and a time, and start its execution."""
    order_id = str(uuid.uuid5(_ORDER_IDS, idempotency_key) if idempotency_key else uuid.uuid4())
    at = now()
    document = {"order": {"order_id": order_id, **order.model_dump(), "timestamp": at}, "timestamp": at, "source": "api-gateway"}
    logger.append_keys(order_id=order_id)
    tracer.put_annotation("order_id", order_id)
    try:
        client("stepfunctions").start_execution(stateMachineArn=os.environ["STEP_FUNCTION_ARN"], name=order_id, input=json.dumps(document))
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
            raise
        execution = client("stepfunctions").describe_execution(executionArn=_execution_arn(order_id))
        first = json.loads(execution["input"])["order"]
        if order.model_dump() != {"customer_id": first["customer_id"], "items": first["items"]}:
            raise _IdempotencyConflict from None
        logger.info("Order was accepted before")
        status = _status(order_id, repository.get(order_id), execution)
        if status.status != "PROCESSING":
            return Response(HTTPStatus.OK, content_type="application/json", body=status)
    else:
        logger.info("Order accepted")
    return Response(HTTPStatus.ACCEPTED, content_type="application/json", body=Accepted(order_id=order_id))


@app.get(
    "/order/<order_id>",
    summary="Read an order's status",
    operation_id="getOrder",
    responses={
        200: {"description": "The order's status", "content": {"application/json": {"model": OrderStatus}}},
        **_FAILURES,
        404: {"description": "There is no such order", "content": {"application/json": {"model": ErrorResponse}}},
    },
)
def get_order(order_id: Annotated[OrderId, Path()]) -> OrderStatus:
    """Read the order's row; where that is not final, the state of its execution."""
    logger.append_keys(order_id=order_id)
    row = repository.get(order_id)
    execution = None if row and row["status"] != "PROCESSING" else _execution(order_id)
    if not row and not execution:
        raise NotFoundError("Order not found")
    return _status(order_id, row, execution)


def _status(order_id: str, row: dict[str, Any] | None, execution: Mapping[str, Any] | None) -> OrderStatus:
    """Return an order's status by its row, or by its execution while there is no row that is final."""
    if row and row["status"] != "PROCESSING":
        failed = row["status"] == "FAILED"
        return OrderStatus.model_validate({**row, "reason": row.get("failure_reason", UNKNOWN_REASON) if failed else None})
    times = {key: (row or {}).get(key) for key in ("created_at", "updated_at")}
    if execution and execution["status"] in {"FAILED", "TIMED_OUT", "ABORTED"}:
        written_for_clients = execution.get("error") in _FAILURES_OF_ORDERS
        reason = execution["cause"] if written_for_clients else UNKNOWN_REASON
        return OrderStatus(order_id=order_id, status="FAILED", reason=reason, **times)
    return OrderStatus(order_id=order_id, status="PROCESSING", **times)


def _execution(order_id: str) -> Mapping[str, Any] | None:
    try:
        execution: dict[str, Any] = client("stepfunctions").describe_execution(executionArn=_execution_arn(order_id))
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionDoesNotExist":
            raise
        return None
    return execution


def _execution_arn(order_id: str) -> str:
    """The ARN of an execution has the name of the state machine, without the alias or version by which it was started.

    https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html#API_StartExecution_ResponseSyntax
    """
    before, _, machine = os.environ["STEP_FUNCTION_ARN"].partition(":stateMachine:")
    return f"{before}:execution:{machine.partition(':')[0]}:{order_id}"


# --- what goes wrong ------------------------------------------------------------------------------------------------


def _error(
    status: HTTPStatus, message: str, errors: list[FieldError] | None = None, headers: dict[str, Any] | None = None
) -> Response[Any]:
    body = ErrorResponse(message=message, errors=errors or []).model_dump_json()
    return Response(status, content_type="application/json", body=body, headers=headers)


def _invalid(error: RequestValidationError) -> Response[Any]:
    errors = error.errors()
    in_body = any(each["loc"][0] == "body" for each in errors)
    if in_body and not _sends_json():
        return _error(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The body must be application/json")
    if any(each["type"] == "json_invalid" for each in errors):
        found = [FieldError(field="", message="The body is not JSON")]
    else:
        found = problems(errors, skip=1)
    logger.info("Invalid request", extra={"fields": [each.field for each in found]})
    return _error(HTTPStatus.BAD_REQUEST, "Invalid request body" if in_body else "Invalid request", found)


def _unreadable(error: Exception) -> Response[Any]:
    """Powertools could not read the body: a form, a wrong encoding. Any other ValueError is our mistake."""
    if not _sends_json():
        return _error(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The body must be application/json")
    if isinstance(error, UnicodeDecodeError | binascii.Error):
        return _error(HTTPStatus.BAD_REQUEST, "Invalid request body", [FieldError(field="", message="The body is not UTF-8 text")])
    return _unexpected(error)


def _sends_json() -> bool:
    media_type = app.current_event.headers.get("content-type", "application/json").partition(";")[0]
    return media_type.strip().lower() == "application/json"


def _too_large(_: _BodyTooLarge) -> Response[Any]:
    return _error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body must have at most {MAX_BODY_BYTES // 1024} KB")


def _conflict(_: _IdempotencyConflict) -> Response[Any]:
    return _error(HTTPStatus.UNPROCESSABLE_ENTITY, "The Idempotency-Key came with another order before")


def _missing(_: NotFoundError) -> Response[Any]:
    """No such order, path or method. Which methods a path has is API Gateway's to say; this is for callers without one."""
    allowed = METHODS.get(app.current_event.resource if app.current_event.resource in METHODS else "")
    if allowed and app.current_event.http_method != allowed:
        return _error(HTTPStatus.METHOD_NOT_ALLOWED, "Method not allowed", headers={"Allow": f"{allowed}, OPTIONS"})
    return _error(HTTPStatus.NOT_FOUND, "Not found")


def _unavailable(error: Exception) -> Response[Any]:
    """AWS refuses or does not answer. The client can try again; what happened is in the log alone."""
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
    logger.error("AWS call failed", extra={"error": code})
    return _error(HTTPStatus.SERVICE_UNAVAILABLE, "Temporarily unavailable, please try again", headers={"Retry-After": "1"})


def _unexpected(error: Exception) -> Response[Any]:
    logger.error("Unexpected error", exc_info=error)
    return _error(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal server error")


_ANSWERS: tuple[tuple[list[type[Exception]], Callable[[Any], Response[Any]]], ...] = (
    ([RequestValidationError], _invalid),
    ([RequestUnsupportedContentType, ValueError], _unreadable),
    ([_IdempotencyConflict], _conflict),
    ([_BodyTooLarge], _too_large),
    ([NotFoundError], _missing),
    ([ClientError, BotoCoreError], _unavailable),
    ([Exception], _unexpected),
)
for errors, answer in _ANSWERS:
    app.exception_handler(errors)(answer)
