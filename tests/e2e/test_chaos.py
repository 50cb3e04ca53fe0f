"""Many orders while everything fails now and then: each ends in exactly one place, none is lost, none is fulfilled twice.

Faults come at every AWS call of handlers and workflow: throttling, lost responses, crashes before a request and after it, failed
deletions. Beside them come duplicate messages and messages that nobody can read. Four runs share the work among processes: of 200
orders each in every test run, of 500 each in ``make chaos``. A failure prints its seed; ``CHAOS_SEED=… pytest
tests/e2e/test_chaos.py`` repeats it.
"""

from __future__ import annotations

import os
import random
from collections import Counter

import pytest
from moto import mock_aws

from tests.support.dofs import Dofs, Faults

ORDERS = int(os.environ.get("CHAOS_ORDERS", "200"))
FAULT_RATE = 0.05
POISON = "{poison"
SEEDS = [int(os.environ["CHAOS_SEED"])] if "CHAOS_SEED" in os.environ else [1, 2, 3, 4]


def place_of(dofs: Dofs, order_id: str, orders: dict, failed: dict) -> str:
    """Where an order ended: fulfilled, failed_orders, or, if it was never stored, the error that its execution ended with.

    An order that has a row has a final one, and GET reports the same end and, of a failed order, the same reason.
    """
    execution = dofs.execution(order_id)
    status = orders.get(order_id, {}).get("status")
    places = {"fulfilled": status == "FULFILLED", "failed_orders": order_id in failed}
    dofs.faults.rate = 0
    answer = dofs.request("GET", order_id)[1]
    if sum(places.values()) == 0:
        assert (execution.status, status) == ("FAILED", None), f"{order_id} is lost: execution {execution.status}, row {status}"
        assert (answer["status"], answer["reason"]) == ("FAILED", execution.cause)
        return execution.error
    assert sum(places.values()) == 1, f"{order_id} is in two places: {places}"
    assert (status == "FAILED") == places["failed_orders"], f"{order_id}: {status}, {places}"
    row = orders[order_id]
    ended = {"FULFILLED": "fulfilled_at", "FAILED": "failed_at"}
    assert (answer["status"], answer[ended[status]]) == (status, row[ended[status]])
    assert [name for name in ended.values() if row.get(name)] == [ended[status]], f"{order_id} has two ends: {row}"
    if places["failed_orders"]:
        assert answer["reason"] == failed[order_id]["failure_reason"]
        assert failed[order_id]["original_order_id"] == order_id
    return next(place for place, there in places.items() if there)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_order_ends_in_exactly_one_place(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any call can fail, before it is sent or after it was done."""
    print(f"CHAOS_SEED={seed}")  # noqa: T201  pytest shows it with a failure
    choose = random.Random(seed)
    with mock_aws():
        dofs = Dofs(monkeypatch, Faults(seed, FAULT_RATE))
        sqs = dofs.admin("sqs")
        bad, poison = set(), 0
        accepted: dict[str, str] = {}
        for number in range(ORDERS):
            quantity = choose.choice([1, 5, 100, 101])
            key = f"order-{number}"
            order = {"customer_id": f"C-{number}", "items": [{"product_id": "P-1", "quantity": quantity}]}
            accepted[key] = dofs.place(order, key)
            if quantity > 100:
                bad.add(accepted[key])
            if choose.random() < 0.1:
                assert dofs.place(order, key) == accepted[key]  # also of an order that has ended
            if choose.random() < 0.05:
                sqs.send_message(QueueUrl=dofs.queues["order-queue"], MessageBody=POISON)
                poison += 1
            if choose.random() < 0.3:
                poison += duplicate(dofs) == POISON
                dofs.work()
        dofs.work()

        assert len(set(accepted.values())) == ORDERS == len(dofs.engine.executions)
        assert dofs.waiting("order-queue") == dofs.waiting("order-dlq") == 0
        orders, failed = dofs.rows("orders"), dofs.rows("failed-orders")
        assert {row["status"] for row in orders.values()} == {"FULFILLED", "FAILED"}, "a row is not final"
        assert orders.keys() <= set(accepted.values())
        places = Counter(place_of(dofs, order_id, orders, failed) for order_id in accepted.values())
        assert max(dofs.audit.values()) == 1, "an order was fulfilled twice"
        assert sum(dofs.audit.values()) == places["fulfilled"]
        assert not bad & orders.keys(), "an order that breaks a rule was stored"
        assert places["ValidationFailed"] >= len(bad)
        assert len(failed) == places["failed_orders"] + poison
        assert dofs.faults.injected["error"] > ORDERS / 5
        assert dofs.faults.injected["crash"] > ORDERS / 10
        assert places["fulfilled"] > ORDERS / 3


def duplicate(dofs: Dofs) -> str:
    """Put another copy of the first message into the queue, as SQS may. Return its body."""
    sqs, url = dofs.admin("sqs"), dofs.queues["order-queue"]
    for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1).get("Messages", []):
        sqs.send_message(QueueUrl=url, MessageBody=message["Body"])
        return message["Body"]
    return ""
