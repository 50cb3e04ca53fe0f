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
from tests.support.handlers import TABLES

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
    """The answer has the id and nothing internal; the execution's input is the document of the workflow."""
    status, answer = call(aws_services, ORDER)
    assert status == 202
    assert answer == {"order_id": answer["order_id"], "status": "PROCESSING"}
    assert uuid.UUID(answer["order_id"]).version == 4
    (machine,) = aws_services.stepfunctions.list_state_machines()["stateMachines"]
    (started,) = aws_services.stepfunctions.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
    execution = aws_services.stepfunctions.describe_execution(executionArn=started["executionArn"])
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


@pytest.mark.parametrize("end", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_a_repeated_request_after_a_failed_execution_gets_the_order_s_status(
    aws_services: Aws, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    """The answer to a repetition is true: 200 with FAILED and the reason, not 202 with PROCESSING."""
    key = {"idempotency-key": "checkout-17"}
    _, first = call(aws_services, ORDER, headers=key)
    describe = aws.client("stepfunctions").describe_execution
    ended = {"status": end} | ({"error": "QueueFailed", "cause": "The order could not be queued."} if end == "FAILED" else {})
    monkeypatch.setattr(aws.client("stepfunctions"), "describe_execution", lambda **given: describe(**given) | ended)
    status, answer = call(aws_services, ORDER, headers=key)
    reason = "The order could not be queued." if end == "FAILED" else "The order could not be processed."
    assert (status, answer["order_id"], answer["status"], answer["reason"]) == (200, first["order_id"], "FAILED", reason)


def test_a_repeated_request_after_fulfilment_gets_the_order_s_status(aws_services: Aws, message: Callable[..., dict[str, Any]]) -> None:
    """The order's row says more than its execution."""
    key = {"idempotency-key": "checkout-17"}
    order_id = call(aws_services, ORDER, headers=key)[1]["order_id"]
    store(message(order_id), aws_services.context)
    assert call(aws_services, ORDER, headers=key)[0] == 202
    repository.fulfill(order_id, "2026-01-31T12:00:05Z")
    status, answer = call(aws_services, ORDER, headers=key)
    assert (status, answer["status"], answer["fulfilled_at"]) == (200, "FULFILLED", "2026-01-31T12:00:05Z")


WRONG_BODIES = {
    "no body": (None, ""),
    "empty": ("", ""),
    "not JSON": ("{order", ""),
    "not an object": ([], ""),
    "null": ("null", ""),
    "not a number": ('{"customer_id": "C", "items": [{"product_id": "P", "quantity": NaN}]}', ""),
    "half a character": ('{"customer_id": "\\ud800", "items": []}', ""),
    "too deep": ("[" * 60_000, ""),
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
    "space after a product": (ORDER | {"items": [{"product_id": "P ", "quantity": 1}]}, "items.0.product_id"),
    "line end after a product": (ORDER | {"items": [{"product_id": "P\n", "quantity": 1}]}, "items.0.product_id"),
    "null character": (ORDER | {"customer_id": "C\0"}, "customer_id"),
    "text that runs backwards": (ORDER | {"customer_id": "C\u202e1"}, "customer_id"),
    "an invisible character": (ORDER | {"items": [{"product_id": "P\u200b", "quantity": 1}]}, "items.0.product_id"),
    "a letter that looks like another": (ORDER | {"items": [{"product_id": "\u0420-1", "quantity": 1}]}, "items.0.product_id"),
    "10 to the power of 50": (ORDER | {"items": [{"product_id": "P", "quantity": 10**50}]}, "items.0.quantity"),
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


def test_a_message_says_what_a_name_may_have(aws_services: Aws) -> None:
    """In words; a pattern is not an explanation."""
    _, answer = call(aws_services, ORDER | {"customer_id": "\u202e"})
    expected = "Input should be letters, digits and . _ @ : + / # -, and start with a letter or digit"
    assert answer["errors"] == [{"field": "customer_id", "message": expected}]
    assert call(aws_services, method="GET", order_id="17")[1]["errors"][0]["message"] == "Input should be a UUID in lower case"


def test_a_body_that_is_too_large_is_not_read(aws_services: Aws) -> None:
    """Megabytes of spaces, or of unknown fields, are refused by their size; the largest order is not."""
    names = {"customer_id": "C" * 128, "items": [{"product_id": f"{number:0128}", "quantity": 1_000_000} for number in range(100)]}
    assert call(aws_services, json.dumps(names, indent=4))[0] == 202
    for body in (json.dumps(ORDER) + " " * 2_800_000, json.dumps(ORDER | {"note": "x" * 70_000})):
        assert call(aws_services, body) == (413, {"message": "The body must have at most 64 KB", "errors": []})
    assert call(aws_services, json.dumps({"note": "x" * 200})) != (413, {})


def test_a_long_name_of_a_field_is_not_repeated_whole(aws_services: Aws) -> None:
    """The caller's own text comes back cut."""
    _, answer = call(aws_services, ORDER | {"x" * 1000: 1})
    assert [len(error["field"]) for error in answer["errors"]] == [200]


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
    """The cause of a Fail state is the reason; any other cause is internal and is not shown."""
    _, accepted = call(aws_services, ORDER)
    cause = "The order was rejected. items.0.quantity: At most 100 of a product can be ordered"
    for error, reason in (("ValidationFailed", cause), ("Lambda.Unknown", "The order could not be processed.")):
        monkeypatch.setattr(
            aws.client("stepfunctions"),
            "describe_execution",
            lambda error=error, **_: {"status": "FAILED", "error": error, "cause": cause if error == "ValidationFailed" else "secret"},
        )
        status, answer = call(aws_services, method="GET", order_id=accepted["order_id"])
        assert (status, answer["status"], answer["reason"]) == (200, "FAILED", reason)


def test_a_failed_row_without_a_reason(aws_services: Aws, message: Callable[..., dict[str, Any]]) -> None:
    """Earlier deployments wrote such rows. The answer has a reason all the same."""
    order_id = store(message(), aws_services.context)["order"]["order_id"]
    aws_services.dynamodb.Table(TABLES["ORDERS_TABLE"][0]).update_item(
        Key={"order_id": order_id},
        UpdateExpression="SET #status = :failed",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":failed": "FAILED"},
    )
    answer = call(aws_services, method="GET", order_id=order_id)[1]
    assert (answer["status"], answer["reason"]) == ("FAILED", "The order could not be processed.")


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


@pytest.mark.parametrize("qualifier", ["", ":live", ":7"])
def test_an_execution_has_the_name_of_its_machine_whatever_started_it(monkeypatch: pytest.MonkeyPatch, qualifier: str) -> None:
    """By its own ARN, by that of an alias, or by that of a version."""
    monkeypatch.setenv("STEP_FUNCTION_ARN", f"arn:aws:states:us-east-1:123456789012:stateMachine:dofs-dev-order-processing{qualifier}")
    assert api._execution_arn("o-1") == "arn:aws:states:us-east-1:123456789012:execution:dofs-dev-order-processing:o-1"
