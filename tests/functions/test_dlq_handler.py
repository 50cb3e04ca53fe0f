"""The dead-letter queue's consumer: every message ends in failed_orders, once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from functions.dlq_handler.handler import handler
from functions.fulfill_order.handler import handler as fulfill
from functions.order_storage.handler import handler as store
from functions.shared import aws, repository

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.handlers import Aws

DONE: dict[str, Any] = {"batchItemFailures": []}


@pytest.fixture
def failed(
    aws_services: Aws, message: Callable[..., dict[str, Any]], sqs_event: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """An order whose fulfilment failed three times."""
    monkeypatch.setenv("SUCCESS_RATE", "0")
    queued = store(message(), aws_services.context)
    for attempt in (1, 2, 3):
        fulfill(sqs_event(queued, receive_count=attempt), aws_services.context)
    return queued


def test_a_failed_order_is_recorded(
    aws_services: Aws, failed: dict[str, Any], sqs_event: Callable[..., Any], log_lines: Callable[[], list[dict[str, Any]]]
) -> None:
    """With the seed's attributes; the order's own row is FAILED."""
    log_lines()
    assert handler(sqs_event(failed), aws_services.context) == DONE
    order = aws_services.order(failed["order"]["order_id"])
    (row,) = aws_services.rows("FAILED_ORDERS_TABLE")
    assert row == {
        "order_id": order["order_id"],
        "original_order_id": order["order_id"],
        "customer_id": "C-1",
        "items": order["items"],
        "failure_reason": "Fulfilment failed 3 times",
        "failed_at": order["failed_at"],
        "retry_count": 3,
        "created_at": order["created_at"],
        "updated_at": row["updated_at"],
    }
    assert order["status"] == "FAILED"
    line, metric = log_lines()
    assert (line["level"], line["order_id"], line["function"]) == ("ERROR", order["order_id"], "dlq-handler")
    assert metric["OrderSuccessRate"] == [0.0]
    assert "C-1" not in json.dumps([line, metric])


def test_an_order_that_crashed_every_time(aws_services: Aws, message: Callable[..., dict[str, Any]], sqs_event: Callable[..., Any]) -> None:
    """The fulfilment function never got to say that it failed; the order is FAILED all the same."""
    queued = store(message(), aws_services.context)
    handler(sqs_event(queued), aws_services.context)
    order = aws_services.order(queued["order"]["order_id"])
    (row,) = aws_services.rows("FAILED_ORDERS_TABLE")
    assert (order["status"], order["failed_at"], order["failure_reason"]) == ("FAILED", row["failed_at"], row["failure_reason"])
    assert order["failure_reason"] == "The order could not be processed."


def test_duplicates_are_recorded_once(aws_services: Aws, failed: dict[str, Any], sqs_event: Callable[..., Any]) -> None:
    """In one batch and in two."""
    handler(sqs_event(failed, failed), aws_services.context)
    before = aws_services.rows("FAILED_ORDERS_TABLE")
    assert handler(sqs_event(failed), aws_services.context) == DONE
    assert aws_services.rows("FAILED_ORDERS_TABLE") == before
    assert len(before) == 1


def test_an_order_that_was_fulfilled_after_all_is_not_recorded(
    aws_services: Aws, message: Callable[..., dict[str, Any]], sqs_event: Callable[..., Any]
) -> None:
    """Its message reached the dead-letter queue because deleting it failed."""
    queued = store(message(), aws_services.context)
    repository.fulfill(queued["order"]["order_id"], "2026-01-31T12:00:05Z")
    assert handler(sqs_event(queued), aws_services.context) == DONE
    assert aws_services.rows("FAILED_ORDERS_TABLE") == []
    assert aws_services.order(queued["order"]["order_id"])["status"] == "FULFILLED"


def test_messages_that_nobody_can_read_are_kept(
    aws_services: Aws, failed: dict[str, Any], message: Callable[..., dict[str, Any]], sqs_event: Callable[..., Any]
) -> None:
    """Poison beside good messages: each is recorded, none is lost, none blocks the others."""
    unknown = message("11111111-1111-4111-8111-111111111111")
    event = sqs_event("{poison", failed, "", {"order": {"order_id": 7}}, unknown)
    assert handler(event, aws_services.context) == DONE
    rows = {row["order_id"]: row for row in aws_services.rows("FAILED_ORDERS_TABLE")}
    assert len(rows) == 5
    poison = rows["message-00000000-0000-4000-8000-000000000000"]
    assert (poison["failure_reason"], poison["body"]) == ("The message is not an order", "{poison")
    assert len(aws_services.rows("ORDERS_TABLE")) == 1


def test_unreadable_messages_and_unknown_orders_are_recorded_once(
    aws_services: Aws, message: Callable[..., dict[str, Any]], sqs_event: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second delivery changes nothing; when DynamoDB fails, the messages come again."""
    event = sqs_event("{poison", message("11111111-1111-4111-8111-111111111111"))
    with monkeypatch.context() as patch:

        def throttle(**_: Any) -> None:
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, "PutItem")

        patch.setattr(aws.client("dynamodb"), "put_item", throttle)
        assert len(handler(event, aws_services.context)["batchItemFailures"]) == 2
    assert handler(event, aws_services.context) == DONE
    before = aws_services.rows("FAILED_ORDERS_TABLE")
    assert len(before) == 2
    assert handler(event, aws_services.context) == DONE
    assert aws_services.rows("FAILED_ORDERS_TABLE") == before


def test_what_could_not_be_recorded_comes_again(
    aws_services: Aws, failed: dict[str, Any], sqs_event: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash before the transaction changes nothing; the next delivery records it."""
    with monkeypatch.context() as patch:
        patch.setattr(aws.client("dynamodb"), "transact_write_items", lambda **_: 1 / 0)
        assert len(handler(sqs_event(failed), aws_services.context)["batchItemFailures"]) == 1
        assert aws_services.rows("FAILED_ORDERS_TABLE") == []
    assert handler(sqs_event(failed), aws_services.context) == DONE
    assert len(aws_services.rows("FAILED_ORDERS_TABLE")) == 1


def test_every_failed_call_is_logged(
    aws_services: Aws,
    failed: dict[str, Any],
    sqs_event: Callable[..., Any],
    log_lines: Callable[[], list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Powertools catches what is raised for a message, so nothing else would say it. The line names the order and the error."""
    for call in ("get_item", "transact_write_items"):
        log_lines()
        with monkeypatch.context() as patch:
            patch.setattr(aws.client("dynamodb"), call, lambda **_: 1 / 0)
            assert len(handler(sqs_event(failed), aws_services.context)["batchItemFailures"]) == 1
        (line,) = log_lines()
        assert (line["level"], line["order_id"], line["error"]) == ("WARN", failed["order"]["order_id"], "ZeroDivisionError")
