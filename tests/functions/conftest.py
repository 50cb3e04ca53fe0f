"""AWS in process (moto) with the tables of the handlers, the events of their queues, and their log lines."""

from __future__ import annotations

import json
import logging
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from functions.fulfill_order import handler as fulfill_order
from functions.shared import aws
from tests.support.handlers import REGION, TABLES, Aws, CurrentStdout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def aws_services(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    """Make empty tables, and a state machine that records executions without running them."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("RANDOM_SEED", "1")
    for variable, (name, _) in TABLES.items():
        monkeypatch.setenv(variable, name)
    _forget()
    with mock_aws():
        dynamodb = _resource()
        for name, key in TABLES.values():
            dynamodb.create_table(
                TableName=name,
                KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )
        stepfunctions = aws.client("stepfunctions")
        definition = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
        arn = stepfunctions.create_state_machine(
            name="dofs-test-order-processing", definition=definition, roleArn="arn:aws:iam::123456789012:role/states"
        )["stateMachineArn"]
        monkeypatch.setenv("STEP_FUNCTION_ARN", arn)
        yield Aws(dynamodb, stepfunctions)
    _forget()


@cache
def _resource() -> Any:
    """Return the one DynamoDB resource: making it takes half a second, and it works in every mock."""
    return boto3.resource("dynamodb")


def _forget() -> None:
    """Clear what a process keeps between invocations, except its clients."""
    fulfill_order._persistence.cache_clear()
    fulfill_order._chance.cache_clear()


@pytest.fixture
def message() -> Callable[..., dict[str, Any]]:
    """Make the workflow's document for an order."""

    def make(order_id: str = "0b5ee8a9-4b4e-4c0c-a5a5-2d6b0f5f3c11", **order: Any) -> dict[str, Any]:
        at = "2026-01-31T12:00:00.000000Z"
        items = [{"product_id": "P-1", "quantity": 2}, {"product_id": "P-2", "quantity": 3}]
        return {
            "order": {"order_id": order_id, "customer_id": "C-1", "items": items, "timestamp": at} | order,
            "timestamp": at,
            "source": "api-gateway",
        }

    return make


@pytest.fixture
def sqs_event() -> Callable[..., dict[str, Any]]:
    """Make the event of an SQS event source mapping: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html."""

    def make(*bodies: Any, receive_count: int = 1) -> dict[str, Any]:
        return {
            "Records": [
                {
                    "messageId": f"00000000-0000-4000-8000-{index:012}",
                    "receiptHandle": "handle",
                    "body": body if isinstance(body, str) else json.dumps(body),
                    "attributes": {
                        "ApproximateReceiveCount": str(receive_count),
                        "SentTimestamp": "1545082649183",
                        "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                        "ApproximateFirstReceiveTimestamp": "1545082649185",
                    },
                    "messageAttributes": {},
                    "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
                    "eventSource": "aws:sqs",
                    "eventSourceARN": f"arn:aws:sqs:{REGION}:123456789012:dofs-test-order-queue",
                    "awsRegion": REGION,
                }
                for index, body in enumerate(bodies)
            ]
        }

    return make


@pytest.fixture
def log_lines(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[dict[str, Any]]]:
    """Return a function that reads the JSON lines that were logged: log lines and embedded metrics."""
    for function in ("api-handler", "validator", "order-storage", "fulfill-order", "dlq-handler"):
        for handler in logging.getLogger(function).handlers:
            if isinstance(handler, logging.StreamHandler):
                monkeypatch.setattr(handler, "stream", CurrentStdout())

    def read() -> list[dict[str, Any]]:
        captured = capsys.readouterr()
        return [json.loads(line) for line in captured.out.splitlines() if line.startswith("{")]

    return read
