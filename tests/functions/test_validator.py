"""Business rules: what passes, and every reason why something does not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.validator.handler import broken_rules, handler
from tests.support.handlers import LambdaContext

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_good_order_passes(message: Callable[..., dict[str, Any]]) -> None:
    """The answer is the event and the validation."""
    event = message() | {"trace": "kept"}
    validation = {"status": "PASSED", "reasons": [], "request_id": LambdaContext().aws_request_id}
    assert handler(event, LambdaContext()) == event | {"validation": validation}


def test_the_message_around_the_order_is_checked(message: Callable[..., dict[str, Any]]) -> None:
    """Storage and the queue read it, too."""
    for event, field in (
        (message() | {"timestamp": "never"}, "timestamp"),
        (message() | {"source": ""}, "source"),
        ("text", ""),
        ({}, "order"),
    ):
        validation = handler(event, LambdaContext())["validation"]
        assert field in {reason["field"] for reason in validation["reasons"]}


def test_reasons_are_limited(message: Callable[..., dict[str, Any]]) -> None:
    """The output of a state is limited to 256 KiB."""
    validation = handler(message(**{f"{number:0300}": 1 for number in range(2000)}), LambdaContext())["validation"]
    assert len(validation["reasons"]) == 100
    assert len(json.dumps(validation)) < 50_000


def item(quantity: int, product_id: str = "P-1") -> dict[str, Any]:
    """An order line."""
    return {"product_id": product_id, "quantity": quantity}


BROKEN = {
    "customer": ({"customer_id": " C"}, [("customer", "customer_id")]),
    "quantity": ({"items": [item(100), item(101, "P-2")]}, [("quantity", "items.1.quantity")]),
    "blank product": ({"items": [item(1, " ")]}, [("item", "items.0.product_id")]),
    "product with a space": ({"items": [item(1, "P"), item(1, "P ")]}, [("item", "items.1.product_id")]),
    "text that runs backwards": ({"items": [item(1, "P\u202e")]}, [("item", "items.0.product_id")]),
    "product twice": ({"items": [item(1), item(2), item(3, "P-2")]}, [("item", "items.0.product_id")]),
    "two rules": (
        {"items": [item(101), item(999)]},
        [("quantity", "items.0.quantity"), ("quantity", "items.1.quantity"), ("item", "items.0.product_id")],
    ),
    "form": ({"customer_id": 7, "items": []}, [("format", "customer_id"), ("format", "items")]),
    "id": ({"order_id": "17"}, [("format", "order_id")]),
    "no time": ({"timestamp": "yesterday"}, [("format", "timestamp")]),
    "a time that does not exist": ({"timestamp": "2026-02-30T12:00:00Z"}, [("format", "timestamp")]),
    "a time without a zone": ({"timestamp": "2026-02-28T12:00:00"}, [("format", "timestamp")]),
    "a field that is not stored": ({"weight": 0.1}, [("format", "weight")]),
    "a number that no table takes": ({"size": 10**50}, [("format", "size")]),
}


@pytest.mark.parametrize("case", BROKEN)
def test_every_broken_rule_is_a_reason(message: Callable[..., dict[str, Any]], case: str) -> None:
    """Rules and fields, all of them, in order."""
    change, expected = BROKEN[case]
    validation = handler(message(**change), LambdaContext())["validation"]
    assert validation["status"] == "FAILED"
    assert [(reason["rule"], reason["field"]) for reason in validation["reasons"]] == expected


def test_the_limit_is_configurable(message: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    """MAX_QUANTITY says how much of a product can be ordered."""
    monkeypatch.setenv("MAX_QUANTITY", "1")
    assert handler(message(), LambdaContext())["validation"]["status"] == "FAILED"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5
)


@given(JSON)
def test_any_json_is_answered(event: Any) -> None:
    """An execution can be started with any JSON; it is never an error, and never passes by accident."""
    assert handler(event, LambdaContext())["validation"]["status"] == "FAILED"


@given(st.lists(st.integers(1, 300), min_size=1, max_size=5))
def test_an_order_passes_exactly_if_no_quantity_is_above_100(quantities: list[int]) -> None:
    """The seed's rule."""
    order = {
        "order_id": "0b5ee8a9-4b4e-4c0c-a5a5-2d6b0f5f3c11",
        "customer_id": "C",
        "timestamp": "2026-01-31T12:00:00Z",
        "items": [item(quantity, f"P-{index}") for index, quantity in enumerate(quantities)],
    }
    event = {"order": order, "timestamp": order["timestamp"], "source": "test"}
    assert len(list(broken_rules(event))) == sum(quantity > 100 for quantity in quantities)


def test_log_and_metric(message: Callable[..., dict[str, Any]], log_lines: Callable[[], list[dict[str, Any]]]) -> None:
    """The log names the rules, not the customer; the metric counts the violations."""
    handler(message(items=[item(101, "P-secret"), item(1, "P-secret")]), LambdaContext())
    line, metric = log_lines()
    assert (line["level"], line["stage"], line["rules"]) == ("WARN", "validation", ["item", "quantity"])
    assert (metric["BusinessRuleViolations"], metric["OrdersRejected"]) == ([2.0], [1.0])
    assert metric["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "dofs"
    assert metric["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["environment"]]
    assert metric["environment"] == "local"
    assert "secret" not in json.dumps([line, metric])
