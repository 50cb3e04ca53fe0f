"""The API handler: what it accepts, what it starts, what it answers."""

from __future__ import annotations

import base64
import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from functions.api_handler import handler as api
from functions.order_storage.handler import handler as store
from functions.shared import aws, repository

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.handlers import Aws

ORDER = {"customer_id": "C-secret", "items": [{"product_id": "P-secret", "quantity": 2}]}


def call(
    services: Aws,
    body: Any = None,
    *,
    method: str = "POST",
    order_id: str | None = None,
    headers: dict[str, str] | None = None,
    encoded: bool = False,
) -> tuple[int, dict[str, Any]]:
    """Send a request as API Gateway passes it on."""
    resource, path = ("/order/{order_id}", f"/order/{order_id}") if order_id else ("/order", "/order")
    headers = {"Content-Type": "application/json", "Origin": "https://shop.example"} | (headers or {})
    event = {
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {"order_id": order_id} if order_id else None,
        "stageVariables": None,
        "requestContext": {"resourcePath": resource, "path": path, "httpMethod": method, "requestId": "r", "stage": "v1", "identity": {}},
        "body": body if body is None or isinstance(body, str) else json.dumps(body),
        "isBase64Encoded": encoded,
    }
    answer = json.loads(json.dumps(api.handler(event, services.context)))
    assert answer["multiValueHeaders"]["Access-Control-Allow-Origin"] == ["*"]
    return answer["statusCode"], json.loads(answer["body"]) if answer["body"] else {}


def test_an_order_starts_one_execution_that_is_named_by_its_id(aws_services: Aws) -> None:
    """The answer has id and ARN; the execution's input is the document of the workflow."""
    status, answer = call(aws_services, ORDER)
    assert status == 202
    assert answer["status"] == "PROCESSING"
    assert uuid.UUID(answer["order_id"]).version == 4
    execution = aws_services.stepfunctions.describe_execution(executionArn=answer["execution_arn"])
    assert execution["name"] == answer["order_id"]
    document = json.loads(execution["input"])
    assert document == {
        "order": {"order_id": answer["order_id"], **ORDER, "timestamp": document["timestamp"]},
        "timestamp": document["timestamp"],
        "source": "api-gateway",
    }


def executions(services: Aws) -> int:
    """How many executions were started."""
    (machine,) = services.stepfunctions.list_state_machines()["stateMachines"]
    return len(services.stepfunctions.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"])


def test_an_idempotency_key_starts_nothing_twice(aws_services: Aws) -> None:
    """The same key and order get the same answer; the same key with another order is refused."""
    key = {"idempotency-key": "checkout-17"}
    first = call(aws_services, ORDER, headers=key)
    assert call(aws_services, ORDER, headers=key) == first
    assert call(aws_services, ORDER, headers={"idempotency-key": "checkout-18"})[1]["order_id"] != first[1]["order_id"]
    assert executions(aws_services) == 2
    status, answer = call(aws_services, ORDER | {"customer_id": "C-2"}, headers=key)
    assert (status, answer["message"]) == (422, "The Idempotency-Key came with another order before")
    assert executions(aws_services) == 2


WRONG_BODIES = {
    "no body": (None, ""),
    "empty": ("", ""),
    "not JSON": ("{order", ""),
    "not an object": ([], ""),
    "null": ("null", ""),
    "not a number": ('{"customer_id": "C", "items": [{"product_id": "P", "quantity": NaN}]}', ""),
    "half a character": ('{"customer_id": "\\ud800", "items": []}', ""),
    "too deep": ("[" * 100_000, ""),
    "no customer": ({"items": ORDER["items"]}, "customer_id"),
    "empty customer": (ORDER | {"customer_id": ""}, "customer_id"),
    "customer is a number": (ORDER | {"customer_id": 7}, "customer_id"),
    "no items": ({"customer_id": "C"}, "items"),
    "empty items": (ORDER | {"items": []}, "items"),
    "too many items": (ORDER | {"items": ORDER["items"] * 101}, "items"),
    "quantity of zero": (ORDER | {"items": [{"product_id": "P", "quantity": 0}]}, "items.0.quantity"),
    "quantity as text": (ORDER | {"items": [{"product_id": "P", "quantity": "2"}]}, "items.0.quantity"),
    "quantity is true": (ORDER | {"items": [{"product_id": "P", "quantity": True}]}, "items.0.quantity"),
    "half a piece": (ORDER | {"items": [{"product_id": "P", "quantity": 0.5}]}, "items.0.quantity"),
    "unknown field": (ORDER | {"order_id": "mine"}, "order_id"),
}


@pytest.mark.parametrize("case", WRONG_BODIES)
def test_a_wrong_body_is_told_what_is_wrong(aws_services: Aws, case: str) -> None:
    """Status 400 with the field's name; nothing is started and nothing of the body comes back."""
    body, field = WRONG_BODIES[case]
    status, answer = call(aws_services, body)
    assert (status, answer["message"]) == (400, "Invalid request body")
    assert field in {error["field"] for error in answer["errors"]}
    assert "secret" not in json.dumps(answer)
    assert executions(aws_services) == 0


def test_bodies_in_other_forms(aws_services: Aws) -> None:
    """Base64 is decoded; what is not UTF-8 is refused, as is anything but JSON."""
    assert call(aws_services, base64.b64encode(json.dumps(ORDER).encode()).decode(), encoded=True)[0] == 202
    assert call(aws_services, base64.b64encode(b"\xff\xfe").decode(), encoded=True)[0] == 400
    for media_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonx"):
        assert call(aws_services, "a=b", headers={"Content-Type": media_type}) == (
            415,
            {"message": "The body must be application/json", "errors": []},
        )


def test_status_before_and_after_storage(aws_services: Aws, message: Callable[..., dict[str, Any]]) -> None:
    """An accepted order is found at once; its row, once there is one, says more."""
    _, accepted = call(aws_services, ORDER)
    order_id = accepted["order_id"]
    assert call(aws_services, method="GET", order_id=order_id)[1]["status"] == "PROCESSING"
    store(message(order_id), aws_services.context)
    assert call(aws_services, method="GET", order_id=order_id)[1]["created_at"].startswith("20")
    repository.fulfill(order_id, "2026-01-31T12:00:05Z")
    status, answer = call(aws_services, method="GET", order_id=order_id)
    assert (status, answer["status"], answer["fulfilled_at"], answer["reason"]) == (200, "FULFILLED", "2026-01-31T12:00:05Z", None)
    assert "customer_id" not in answer


def test_status_of_an_execution_that_failed(aws_services: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failed execution is a failed order, with a reason that says nothing internal."""
    _, accepted = call(aws_services, ORDER)
    for error, reason in (("ValidationFailed", "The order breaks a business rule"), ("Lambda.Unknown", "The order could not be processed")):
        monkeypatch.setattr(
            aws.client("stepfunctions"),
            "describe_execution",
            lambda error=error, **_: {"status": "FAILED", "error": error, "cause": "secret"},
        )
        status, answer = call(aws_services, method="GET", order_id=accepted["order_id"])
        assert (status, answer["status"], answer["reason"]) == (200, "FAILED", reason)


def test_unknown_orders_paths_and_methods(aws_services: Aws) -> None:
    """404, 400 and 405, each with a message."""
    unknown = str(uuid.uuid4())
    assert call(aws_services, method="GET", order_id=unknown) == (404, {"message": "Not found", "errors": []})
    assert call(aws_services, method="GET", order_id="17")[0] == 400
    assert call(aws_services, method="DELETE", order_id=unknown)[0] == 405
    assert call(aws_services, method="PUT")[0] == 405
    assert call(aws_services, method="OPTIONS")[0] == 204


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ClientError({"Error": {"Code": "ThrottlingException", "Message": "arn:secret"}}, "StartExecution"), 503),
        (EndpointConnectionError(endpoint_url="https://secret"), 503),
        (ReadTimeoutError(endpoint_url="https://secret"), 503),
        (RuntimeError("secret"), 500),
        (ValueError("secret"), 500),
    ],
)
def test_failures_leak_nothing(aws_services: Aws, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int) -> None:
    """The answer to any failure is a short sentence."""

    def fail(**_: Any) -> None:
        raise error

    monkeypatch.setattr(aws.client("stepfunctions"), "start_execution", fail)
    answered, answer = call(aws_services, ORDER)
    assert answered == status
    assert "secret" not in json.dumps(answer)


def test_log_lines(aws_services: Aws, log_lines: Callable[[], list[dict[str, Any]]]) -> None:
    """The seed's fields, in its order; no customer data; no order's id on another order's line."""
    _, answer = call(aws_services, ORDER)
    call(aws_services, "{")
    call(aws_services, {"customer_id": "C-secret", "items": [{"product_id": "P-secret", "quantity": -1}]})
    accepted, *invalid = log_lines()
    assert list(accepted)[:6] == ["timestamp", "level", "message", "order_id", "function", "stage"]
    assert (accepted["level"], accepted["order_id"], accepted["function"], accepted["stage"]) == (
        "INFO",
        answer["order_id"],
        "api-handler",
        "validation",
    )
    assert all("order_id" not in line for line in invalid)
    assert "secret" not in json.dumps([accepted, *invalid])
