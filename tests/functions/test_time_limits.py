"""No function waits for AWS longer than it may run, and no client is made while an event waits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import botocore.endpoint
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from functions.shared import aws
from tests.support.handlers import Aws, LambdaContext
from workflows import resources as declared
from workflows.resources import Function

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FUNCTIONS = {function.name: function for function in vars(declared).values() if isinstance(function, Function)}
CALLING = {name: function for name, function in FUNCTIONS.items() if function.uses}
ORDER_ID = "0b5ee8a9-4b4e-4c0c-a5a5-2d6b0f5f3c11"
ORDER = {"customer_id": "C-1", "items": [{"product_id": "P-1", "quantity": 2}]}


@dataclass
class Clock:
    """Time that passes only while AWS is waited for."""

    seconds: float = 0.0
    calls: int = 0

    def sleep(self, seconds: float) -> None:
        """Let it pass."""
        self.seconds += seconds


@dataclass
class Context(LambdaContext):
    """An invocation of a function with a time limit."""

    clock: Clock | None = None
    timeout: float = 0.0

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds that are left; below zero, Lambda has ended it."""
        assert self.clock
        return int((self.timeout - self.clock.seconds) * 1000)


def test_one_call_fits_in_each_function() -> None:
    """With all its attempts at their slowest."""
    slowest = aws.ATTEMPTS * (aws.CONNECT_SECONDS + aws.READ_SECONDS) + (aws.ATTEMPTS - 1) * aws.BACKOFF_SECONDS + aws.CLOSING_SECONDS
    assert set(CALLING) == {"api-handler", "order-storage", "fulfill-order", "dlq-handler"}
    for name, function in CALLING.items():
        assert slowest <= function.timeout_seconds, name


@pytest.fixture(params=["never answers", "answers at the last moment", "answers the second attempt", "throttles", "asks to wait"])
def slow(request: pytest.FixtureRequest, aws_services: Aws, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """Make AWS as slow as its clients accept."""
    clock, behaviour = Clock(), request.param
    monkeypatch.setattr(botocore.endpoint.time, "sleep", clock.sleep)
    monkeypatch.setattr("random.random", lambda: 1.0)

    def send(request: Any, **_: Any) -> Any:  # botocore names the argument
        clock.calls += 1
        if behaviour in {"throttles", "asks to wait"}:
            headers = {"x-amz-retry-after": "5000"} if behaviour == "asks to wait" else {}
            body = json.dumps({"__type": "ThrottlingException", "message": "Rate exceeded"}).encode()
            return botocore.awsrequest.AWSResponse(request.url, 400, headers, Raw(body))
        clock.sleep(aws.CONNECT_SECONDS + aws.READ_SECONDS)
        if behaviour == "never answers" or (behaviour == "answers the second attempt" and clock.calls % 2):
            raise ReadTimeoutError(endpoint_url=request.url)
        return None

    # Before moto's own handler, and after the one of ours that looks at the time: those that are registered first are called in order.
    clients = [aws.client("dynamodb"), aws.client("stepfunctions")]
    for client in clients:
        client.meta.events.register_first("before-send", send)
    yield clock
    for client in clients:
        client.meta.events.unregister("before-send", send)


class Raw:
    """The body of an answer, as urllib3 has it."""

    def __init__(self, body: bytes) -> None:
        """Hold it."""
        self.body = body

    def stream(self, **_: Any) -> Iterator[bytes]:
        """Yield it."""
        yield self.body


def http(method: str, body: Any = None) -> dict[str, Any]:
    """A request as API Gateway passes it on."""
    resource, path = ("/order", "/order") if method == "POST" else ("/order/{order_id}", f"/order/{ORDER_ID}")
    headers = {"Content-Type": "application/json", "Idempotency-Key": "key"}
    return {
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "pathParameters": None if method == "POST" else {"order_id": ORDER_ID},
        "requestContext": {"resourcePath": resource, "path": path, "httpMethod": method, "requestId": "r", "stage": "v1", "identity": {}},
        "body": json.dumps(body) if body else None,
        "isBase64Encoded": False,
    }


@pytest.mark.parametrize("name", ["api-handler", "api-handler GET", "order-storage", "fulfill-order", "dlq-handler"])
def test_a_function_ends_before_lambda_ends_it(
    slow: Clock, name: str, message: Callable[..., dict[str, Any]], sqs_event: Callable[..., dict[str, Any]]
) -> None:
    """However slow AWS is, and however many calls the event needs; what could not be done is said, in the function's own way."""
    function = FUNCTIONS[name.partition(" ")[0]]
    events = {
        "api-handler": http("POST", ORDER),
        "api-handler GET": http("GET"),
        "order-storage": message(ORDER_ID),
        "fulfill-order": sqs_event(message(ORDER_ID)),
        "dlq-handler": sqs_event(*(message(f"{ORDER_ID[:-2]}{index:02}") for index in range(10))),
    }
    handler = import_module(f"functions.{function.name.replace('-', '_')}.handler").handler
    context = Context(clock=slow, timeout=function.timeout_seconds)
    try:
        answer = handler(events[name], context)
    except (ClientError, ReadTimeoutError, aws.OutOfTimeError):
        assert name == "order-storage", "its caller is the workflow, which tries again"
        answer = {}
    assert slow.calls
    assert slow.seconds <= function.timeout_seconds - aws.CLOSING_SECONDS
    if "statusCode" in answer and answer["statusCode"] >= 500:
        assert (answer["statusCode"], answer["multiValueHeaders"]["Retry-After"]) == (503, ["1"])


def test_a_call_without_an_invocation_has_no_limit(aws_services: Aws) -> None:
    """In a test or a script there is no function that ends."""
    assert aws.client("dynamodb").list_tables()["TableNames"]


def test_clients_are_made_before_the_first_event() -> None:
    """In Lambda, when the modules are imported; anywhere else importing a handler makes none, and needs no region."""
    modules = [f"functions.{name.replace('-', '_')}.handler" for name in CALLING]
    code = f"import {', '.join(modules)}, functions.shared.aws as aws; print(aws.client.cache_info().currsize)"
    plain = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    in_lambda = {"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand", "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}
    made = [
        int(subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout)
        for env in (plain, plain | in_lambda)
    ]
    assert made == [0, 2], "Step Functions and DynamoDB"
