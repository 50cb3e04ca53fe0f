"""Fulfilment: success rate, attempts, duplicates, and what happens after a crash at any point."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from functions.fulfill_order.handler import handler
from functions.order_storage.handler import handler as store
from functions.shared import aws, repository

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.handlers import Aws

FIRST = "00000000-0000-4000-8000-000000000000"
ALL_DONE: dict[str, Any] = {"batchItemFailures": []}
AGAIN = {"batchItemFailures": [{"itemIdentifier": FIRST}]}


@pytest.fixture
def queued(aws_services: Aws, message: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """A stored order, as it is in the queue."""
    return store(message(), aws_services.context)


def certain(monkeypatch: pytest.MonkeyPatch, rate: int) -> None:
    """Let every attempt succeed (1) or fail (0)."""
    monkeypatch.setenv("SUCCESS_RATE", str(rate))


def test_success(
    aws_services: Aws,
    queued: dict[str, Any],
    sqs_event: Callable[..., Any],
    log_lines: Callable[[], list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The row is FULFILLED with its time; the metrics say so."""
    certain(monkeypatch, 1)
    log_lines()
    assert handler(sqs_event(queued), aws_services.context) == ALL_DONE
    row = aws_services.order(queued["order"]["order_id"])
    assert (row["status"], row["fulfilled_at"]) == ("FULFILLED", row["updated_at"])
    line, metric = log_lines()
    assert (line["message"], line["order_id"], line["stage"]) == ("Order fulfilled", row["order_id"], "fulfillment")
    assert metric["OrderSuccessRate"] == [100.0]
    assert metric["OrderProcessingLatency"][0] > 0
    assert "C-1" not in json.dumps([line, metric])


def test_attempts_until_the_last(
    aws_services: Aws, queued: dict[str, Any], sqs_event: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order stays PROCESSING while attempts are left, and is FAILED with its time after the last."""
    certain(monkeypatch, 0)
    for attempt, status in ((1, "PROCESSING"), (2, "PROCESSING"), (3, "FAILED")):
        assert handler(sqs_event(queued, receive_count=attempt), aws_services.context) == AGAIN
        row = aws_services.order(queued["order"]["order_id"])
        assert (row["status"], row["retry_count"], "failed_at" in row) == (status, attempt, status == "FAILED")


def test_a_later_attempt_can_succeed(
    aws_services: Aws, queued: dict[str, Any], sqs_event: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failed attempt leaves nothing behind that keeps the next from succeeding."""
    certain(monkeypatch, 0)
    handler(sqs_event(queued), aws_services.context)
    certain(monkeypatch, 1)
    assert handler(sqs_event(queued, receive_count=2), aws_services.context) == ALL_DONE
    assert aws_services.order(queued["order"]["order_id"])["status"] == "FULFILLED"


def test_duplicate_deliveries_fulfil_once(
    aws_services: Aws, queued: dict[str, Any], sqs_event: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even when the record of the first delivery is gone, and even when the second attempt would fail."""
    certain(monkeypatch, 1)
    handler(sqs_event(queued), aws_services.context)
    before = aws_services.order(queued["order"]["order_id"])
    for rate, forget in ((1, False), (1, True), (0, True)):
        certain(monkeypatch, rate)
        if forget:
            for record in aws_services.rows("IDEMPOTENCY_TABLE"):
                aws_services.dynamodb.Table("dofs-test-idempotency").delete_item(Key={"id": record["id"]})
        assert handler(sqs_event(queued, receive_count=3), aws_services.context) == ALL_DONE
        assert aws_services.order(queued["order"]["order_id"]) == before


def test_a_delivery_while_another_runs_comes_again(
    aws_services: Aws, queued: dict[str, Any], sqs_event: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two deliveries of one order never run at once."""
    certain(monkeypatch, 1)
    inner = []

    def fulfill(*_: Any) -> bool:
        inner.append(handler(sqs_event(queued), aws_services.context))
        return True

    monkeypatch.setattr(repository, "fulfill", fulfill)
    assert handler(sqs_event(queued), aws_services.context) == ALL_DONE
    assert inner == [AGAIN]


def test_a_failed_order_is_not_fulfilled_later(
    aws_services: Aws, queued: dict[str, Any], sqs_event: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAILED is final; the message goes on to the dead-letter queue, where the failure is recorded."""
    certain(monkeypatch, 0)
    handler(sqs_event(queued, receive_count=3), aws_services.context)
    certain(monkeypatch, 1)
    assert handler(sqs_event(queued, receive_count=4), aws_services.context) == AGAIN
    assert aws_services.order(queued["order"]["order_id"])["status"] == "FAILED"


def test_a_batch_reports_only_what_failed(
    aws_services: Aws,
    message: Callable[..., dict[str, Any]],
    sqs_event: Callable[..., Any],
    log_lines: Callable[[], list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Unreadable messages, unknown orders and errors of AWS go back, with a log line each; the others are done."""
    certain(monkeypatch, 1)
    good, unknown = store(message(), aws_services.context), message(str(uuid.uuid4()))
    event = sqs_event("{", good, unknown, {"order": {}})
    log_lines()
    assert [failure["itemIdentifier"][-1] for failure in handler(event, aws_services.context)["batchItemFailures"]] == ["0", "2", "3"]
    assert [(line["order_id"], line["error"]) for line in log_lines() if line.get("level") == "WARN"] == [
        (f"message-{FIRST}", "ValidationError"),
        (unknown["order"]["order_id"], "OrderNotFoundError"),
        (f"message-{FIRST[:-1]}3", "ValidationError"),
    ]
    assert aws_services.order(good["order"]["order_id"])["status"] == "FULFILLED"
    monkeypatch.setattr(aws.client("dynamodb"), "put_item", lambda **_: 1 / 0)
    assert handler(sqs_event(good), aws_services.context) == AGAIN


def test_the_success_rate_is_configured_and_seeded(
    aws_services: Aws, message: Callable[..., dict[str, Any]], sqs_event: Callable[..., Any]
) -> None:
    """By default 70 of 100; the same orders in every run with the same seed."""
    orders = [store(message(str(uuid.UUID(int=index))), aws_services.context) for index in range(100)]
    done = [handler(sqs_event(order), aws_services.context) == ALL_DONE for order in orders]
    assert (sum(done), done[:10]) == (69, [True, True, True, False, True, True, True, True, False, True])
