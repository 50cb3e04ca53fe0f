"""Each outage rings the alarms that terraform/README.md promises, and no other.

The alarms are those of the plan, with their thresholds, periods and expressions. The metrics are what happens in a run of DOFS.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws

from tests.support.cloudwatch import Alarm, ringing
from tests.support.dofs import ORDER, PREFIX
from tests.support.outages import START, Outage
from tests.support.terraform.offline import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.terraform.environments import Environment

TOO_MANY = ORDER | {"items": [{"product_id": "P-1", "quantity": 101}]}


def _table() -> dict[str, frozenset[str]]:
    """Return the alarms of each fault, as the documentation has them."""
    text = (PROJECT / "terraform" / "README.md").read_text().split("## Which fault rings which alarm\n")[1].split("\n## ")[0]
    rows = [re.fullmatch(r"\| (.+) \| (.+) \|", line) for line in text.splitlines()]
    cells = [row.groups() for row in rows if row][1:]
    assert all(("`" in alarms) != (alarms == "none") for _, alarms in cells)
    return {fault: frozenset(re.findall(r"`([^`]+)`", alarms)) for fault, alarms in cells}


TABLE = _table()


def _crash(function: str) -> Callable[[Outage], None]:
    return lambda dofs: dofs.crashing.add(function)


def _throttle(function: str) -> Callable[[Outage], None]:
    return lambda dofs: dofs.throttled.add(function)


def _deny(function: str, *operations: str) -> Callable[[Outage], None]:
    return lambda dofs: dofs.denied.update((function, operation) for operation in operations)


def _nothing_ships(dofs: Outage) -> None:
    dofs.set("SUCCESS_RATE", "0")


def _with_unreadable(then: Callable[[Outage], None] | None = None) -> Callable[[Outage], None]:
    def outage(dofs: Outage) -> None:
        dofs.send_unreadable()
        if then:
            then(dofs)

    return outage


def _aborted(dofs: Outage) -> None:
    dofs.throttled.add("validator")  # so that an execution waits for its next attempt
    dofs.abort()


def _throttled_transitions(dofs: Outage) -> None:
    dofs.transitions = 3


INVALID = {"order": {"customer_id": "C-1", "items": []}}
QUIET = {"minutes": 6, "orders_per_minute": 1}
BUSY = {"minutes": 4, "orders_per_minute": 6}

OUTAGES: dict[str, list[tuple[Callable[[Outage], None], dict[str, Any]]]] = {
    "nothing is wrong": [(lambda _: None, BUSY)],
    "orders break business rules": [(lambda _: None, BUSY | {"order": TOO_MANY})],
    "clients send invalid requests": [(lambda _: None, BUSY | INVALID)],
    "a message is not an order": [(_with_unreadable(), {})],
    "fulfilment fails for every order": [
        (_nothing_ships, BUSY),
        (_deny("fulfill-order", "UpdateItem"), BUSY),
        (_throttle("fulfill-order"), BUSY),
    ],
    "`fulfill-order` crashes for every order": [(_crash("fulfill-order"), BUSY)],
    "fulfilment does not run at all": [(lambda dofs: dofs.stopped.add("fulfill-order"), {})],
    "`dlq-handler` does not record what failed": [
        (_with_unreadable(lambda dofs: dofs.stopped.add("dlq-handler")), {}),
        (_with_unreadable(_deny("dlq-handler", "TransactWriteItems")), {}),
        (_with_unreadable(_throttle("dlq-handler")), {}),
    ],
    "`dlq-handler` crashes": [(_with_unreadable(_crash("dlq-handler")), {})],
    "`validator` crashes once, and its retry succeeds": [(lambda dofs: dofs.crash_once("validator"), {})],
    "`validator` crashes for every order": [(_crash("validator"), {})],
    "orders cannot be stored": [(_crash("order-storage"), {}), (_deny("order-storage", "PutItem"), {})],
    "Lambda does not start `validator` or `order-storage`": [(_throttle("validator"), {}), (_throttle("order-storage"), {})],
    "orders cannot be queued": [(_deny("order-processing", "SendMessage"), {})],
    "executions take too long": [(lambda dofs: dofs.hang(1800), {})],
    "executions are aborted": [(_aborted, {})],
    "Step Functions throttles state transitions": [(_throttled_transitions, {})],
    "`api-handler` crashes": [(_crash("api-handler"), {})],
    "Lambda does not start `api-handler`, or it cannot start executions": [
        (_throttle("api-handler"), {}),
        (_deny("api-handler", "StartExecution"), {}),
    ],
}


@pytest.fixture(scope="module")
def alarms(request: pytest.FixtureRequest) -> dict[str, Alarm]:
    """Return the alarms of dev by their short name, about the system that runs here."""
    dev: Environment = request.getfixturevalue("environments")("dev")
    found = json.dumps(list(dev.of_type("aws_cloudwatch_metric_alarm").values()))
    here = json.loads(found.replace("dofs-dev", PREFIX).replace('"environment": "dev"', '"environment": "local"'))
    return {each.name.removeprefix(f"{PREFIX}-"): each for each in map(Alarm.deployed, here)}


def test_the_table_is_complete(alarms: dict[str, Alarm]) -> None:
    """Each row is tried, and each alarm is in a row."""
    assert TABLE.keys() == OUTAGES.keys()
    assert frozenset().union(*TABLE.values()) == alarms.keys()


@pytest.mark.parametrize(
    ("fault", "variant"), [(fault, variant) for fault in TABLE for variant in range(len(OUTAGES.get(fault, [])))], ids=str
)
def test_an_outage_rings_its_alarms(fault: str, variant: int, alarms: dict[str, Alarm], monkeypatch: pytest.MonkeyPatch) -> None:
    """Exactly those of its row."""
    cause, how = OUTAGES[fault][variant]
    with mock_aws():
        dofs = Outage(monkeypatch)
        cause(dofs)
        dofs.run(**(QUIET | how))
    rung = ringing(list(alarms.values()), dofs.published, START, dofs.now)
    assert {name.removeprefix(f"{PREFIX}-") for name in rung} == TABLE[fault], dofs.totals()
