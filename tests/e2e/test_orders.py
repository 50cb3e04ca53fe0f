"""An order's ways through the whole system, one for each end in the architecture."""

from __future__ import annotations

import io
import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ReadTimeoutError

from tests.support.dofs import FUNCTIONS, ORDER, broken

if TYPE_CHECKING:
    from tests.support.dofs import Dofs


def states(dofs: Dofs, order_id: str) -> list[str]:
    """The states that an order's execution entered."""
    return [visit.name for visit in dofs.execution(order_id).visits()]


def test_a_good_order_is_fulfilled(dofs: Dofs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Accepted, validated, stored, queued, fulfilled; the API reports each status."""
    monkeypatch.setenv("SUCCESS_RATE", "1")
    order_id = dofs.place(ORDER)
    assert dofs.execution(order_id).status == "SUCCEEDED"
    assert states(dofs, order_id) == ["ValidateOrder", "CheckValidation", "StoreOrder", "CheckStorage", "SendToQueue", "QueueSent"]
    assert dofs.request("GET", order_id)[1]["status"] == "PROCESSING"
    dofs.work()
    row = dofs.rows("orders")[order_id]
    assert (row["status"], row["total_quantity"], row["customer_id"]) == ("FULFILLED", 3, "C-1")
    assert dofs.request("GET", order_id)[1]["status"] == "FULFILLED"
    assert dofs.rows("failed-orders") == {}


def test_a_bad_order_ends_at_validation_failed(dofs: Dofs) -> None:
    """Nothing of it is stored or queued; the execution and the client learn which rule it broke, and where."""
    order_id = dofs.place(ORDER | {"items": [{"product_id": "P-1", "quantity": 101}]})
    assert states(dofs, order_id) == ["ValidateOrder", "CheckValidation", "ValidationFailed"]
    assert dofs.execution(order_id).error == "ValidationFailed"
    assert dofs.rows("orders") == {}
    assert dofs.waiting("order-queue") == 0
    answer = dofs.request("GET", order_id)[1]
    reason = "The order was rejected. items.0.quantity: At most 100 of a product can be ordered"
    assert (answer["status"], answer["reason"]) == ("FAILED", reason)
    assert dofs.execution(order_id).cause == reason


def test_two_broken_rules_are_two_reasons(dofs: Dofs) -> None:
    """Each with its field."""
    order_id = dofs.place(ORDER | {"items": [{"product_id": "P-1", "quantity": 101}, {"product_id": "P-1", "quantity": 1}]})
    reason = dofs.request("GET", order_id)[1]["reason"]
    assert reason.endswith(
        "items.0.quantity: At most 100 of a product can be ordered; items.0.product_id: A product is ordered in one line"
    )


def test_a_validator_that_crashes_is_not_a_broken_rule(dofs: Dofs, monkeypatch: pytest.MonkeyPatch) -> None:
    """The order ends at ValidationFailed, as in the architecture, with the true cause."""
    monkeypatch.setenv("MAX_QUANTITY", "not a number")
    order_id = dofs.place(ORDER)
    assert states(dofs, order_id)[-1] == "ValidationFailed"
    answer = dofs.request("GET", order_id)[1]
    assert (answer["status"], answer["reason"]) == ("FAILED", "The order could not be validated.")


def test_a_storage_that_fails_after_its_write_leaves_a_failed_order(dofs: Dofs, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row does not stay PROCESSING: it is FAILED, and failed_orders has its record."""
    run = dofs.handlers["order-storage"].handler

    def store_and_crash(event: Any, context: Any) -> Any:
        run(event, context)
        raise RuntimeError

    monkeypatch.setattr(dofs.handlers["order-storage"], "handler", store_and_crash)
    order_id = dofs.place(ORDER)
    assert states(dofs, order_id)[-2:] == ["RecordStorageFailure", "StorageFailed"]
    row, record = dofs.rows("orders")[order_id], dofs.rows("failed-orders")[order_id]
    assert row["status"] == "FAILED"
    assert (record["failure_reason"], record["items"], record["customer_id"]) == ("The order could not be stored.", ORDER["items"], "C-1")
    answer = dofs.request("GET", order_id)[1]
    assert (answer["status"], answer["reason"]) == ("FAILED", "The order could not be stored.")


def test_a_storage_that_fails_before_its_write_leaves_no_row(dofs: Dofs) -> None:
    """There is nothing to record; the client learns the end from the execution."""
    with broken(dofs.client("order-storage", "dynamodb"), "PutItem"):
        order_id = dofs.place(ORDER)
    assert states(dofs, order_id)[-1] == "StorageFailed"
    assert dofs.rows("orders") == dofs.rows("failed-orders") == {}
    answer = dofs.request("GET", order_id)[1]
    assert (answer["status"], answer["reason"]) == ("FAILED", "The order could not be stored.")


def test_a_message_whose_confirmation_was_lost_ends_in_one_place(dofs: Dofs, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQS took the message, but every response was lost: the order is FAILED, and its message fulfils nothing."""
    monkeypatch.setenv("SUCCESS_RATE", "1")

    def lose(**_: Any) -> None:
        raise ReadTimeoutError(endpoint_url="https://sqs")

    dofs.client("order-processing", "sqs").meta.events.register_last("after-call.sqs.SendMessage", lose)
    order_id = dofs.place(ORDER)
    assert states(dofs, order_id)[-1] == "QueueFailed"
    dofs.work()
    assert dofs.rows("orders")[order_id]["status"] == "FAILED"
    assert dofs.rows("failed-orders").keys() == {order_id}
    assert dofs.waiting("order-queue") == dofs.waiting("order-dlq") == 0


def test_a_client_that_repeats_a_failed_order_is_told_so(dofs: Dofs) -> None:
    """With the same key the answer is the end of the first attempt, not PROCESSING for ever."""
    with broken(dofs.client("order-processing", "sqs"), "SendMessage"):
        order_id = dofs.place(ORDER, key="checkout")
    status, answer = dofs.request("POST", body=ORDER, key="checkout")
    assert (status, answer["order_id"], answer["status"]) == (200, order_id, "FAILED")


def test_a_duplicate_ends_at_storage_failed(dofs: Dofs, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second execution with the same document changes nothing of the first order."""
    monkeypatch.setenv("SUCCESS_RATE", "1")
    order_id = dofs.place(ORDER)
    dofs.work()
    before = dofs.rows("orders")
    again = dofs.engine.start_machine(dofs.machine, dofs.execution(order_id).input, name="again").finish()
    assert [visit.name for visit in again.visits()][-1] == "StorageFailed"
    assert (again.status, again.error) == ("FAILED", "StorageFailed")
    dofs.work()
    assert dofs.rows("orders") == before


def test_without_sqs_an_order_ends_at_queue_failed_after_its_retries(dofs: Dofs) -> None:
    """Four calls in all, after 1, 2 and 4 seconds; the client learns that it failed."""
    with broken(dofs.client("order-processing", "sqs"), "SendMessage") as calls:
        order_id = dofs.place(ORDER)
    execution = dofs.execution(order_id)
    assert states(dofs, order_id)[-1] == "QueueFailed"
    assert (len(calls), execution.error, execution.duration) == (4, "QueueFailed", 7)
    assert dofs.request("GET", order_id)[1]["status"] == "FAILED"
    assert dofs.rows("orders")[order_id]["status"] == "FAILED"
    assert dofs.rows("failed-orders")[order_id]["failure_reason"] == "The order could not be queued for fulfilment."


def test_an_order_that_fails_three_times_goes_through_the_dead_letter_queue(dofs: Dofs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three attempts, then the record in failed_orders and the status FAILED."""
    monkeypatch.setenv("SUCCESS_RATE", "0")
    order_id = dofs.place(ORDER)
    attempts = 0
    while dofs.deliver("order-queue", "fulfill-order", 1):
        attempts += 1
    assert (attempts, dofs.waiting("order-queue"), dofs.waiting("order-dlq")) == (3, 0, 1)
    dofs.work()
    row = dofs.rows("failed-orders")[order_id]
    assert (row["original_order_id"], row["retry_count"], row["failure_reason"]) == (order_id, 3, "Fulfilment failed 3 times")
    assert dofs.request("GET", order_id)[1]["status"] == "FAILED"
    assert dofs.waiting("order-dlq") == 0


def test_a_repeated_request_starts_nothing_twice(dofs: Dofs) -> None:
    """The same key, the same order, one execution."""
    assert len({dofs.place(ORDER, key="checkout-1") for _ in range(3)}) == 1
    assert len(dofs.engine.executions) == 1


@pytest.mark.parametrize("body", ["{poison", "[]", '{"order": null}'])
def test_a_poison_message_ends_in_failed_orders(dofs: Dofs, body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It blocks nothing and is kept as it was."""
    monkeypatch.setenv("SUCCESS_RATE", "1")
    dofs.admin("sqs").send_message(QueueUrl=dofs.queues["order-queue"], MessageBody=body)
    order_id = dofs.place(ORDER)
    dofs.work()
    failed: list[Any] = list(dofs.rows("failed-orders").values())
    assert [row["body"] for row in failed] == [body]
    assert dofs.rows("orders")[order_id]["status"] == "FULFILLED"


def test_no_line_of_any_function_names_a_customer_or_a_product(dofs: Dofs, monkeypatch: pytest.MonkeyPatch) -> None:
    """On every way through the system: fulfilled, given up, invalid, duplicate, unreadable."""
    lines = io.StringIO()
    for name in FUNCTIONS:
        logger = logging.getLogger(name)
        handler = logging.StreamHandler(lines)
        handler.setFormatter(logger.handlers[0].formatter)
        monkeypatch.setattr(logger, "handlers", [handler])
    order = {"customer_id": "C-secret", "items": [{"product_id": "P-secret", "quantity": 1}]}
    for rate in ("1", "0"):
        monkeypatch.setenv("SUCCESS_RATE", rate)
        order_id = dofs.place(order)
        dofs.work()
    dofs.engine.start_machine(dofs.machine, dofs.execution(order_id).input, name="again").finish()
    dofs.place(order | {"items": [{"product_id": "P-secret", "quantity": 101}]})
    assert dofs.request("POST", body=order | {"items": "secret"})[0] == 400
    dofs.admin("sqs").send_message(QueueUrl=dofs.queues["order-queue"], MessageBody='{"order": {"customer_id": "C-secret"}}')
    dofs.work()
    text = lines.getvalue()
    assert {json.loads(line)["function"] for line in text.splitlines()} == set(FUNCTIONS)
    assert {json.loads(line)["level"] for line in text.splitlines()} == {"INFO", "WARN", "ERROR"}
    assert "secret" not in text
