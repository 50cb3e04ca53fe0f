"""Expressions in JSONPath: paths, intrinsic functions and choice rules."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import fn, jsonata, jsonpath, states, variables
from generator.asl.intrinsics import parse_intrinsic
from generator.asl.model import COMPARISONS
from generator.asl.placeholders import plain
from generator.asl.write import to_json
from generator.dsl.expressions import Expr, operand
from generator.lower.jsonpath import CannotExpressError, to_path, to_test

x = states.input


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (x.order.items[0]["product-id"], "$.order.items[0]['product-id']"),
        (states.context.Execution.Id, "$$.Execution.Id"),
        (variables.order.total, "$order.total"),
        (x.a + 1, "States.MathAdd($.a, 1)"),
        (x.a - 1, "States.MathAdd($.a, -1)"),
        ("order " + x.id, "States.Format('order {}', $.id)"),
        (fn.format("it's {} of {}", x.a, x.b), r"States.Format('it\'s {} of {}', $.a, $.b)"),
        (fn.array(x.a, "b", [1, 2]), "States.Array($.a, 'b', States.Array(1, 2))"),
        (fn.partition(x.a, 4), "States.ArrayPartition($.a, 4)"),
        (fn.contains(x.a, 5), "States.ArrayContains($.a, 5)"),
        (fn.range_(1, 9, 2), "States.ArrayRange(1, 9, 2)"),
        (fn.item(x.a, 5), "States.ArrayGetItem($.a, 5)"),
        (fn.length(x.a), "States.ArrayLength($.a)"),
        (fn.unique(x.a), "States.ArrayUnique($.a)"),
        (fn.base64_encode(x.a), "States.Base64Encode($.a)"),
        (fn.base64_decode(x.a), "States.Base64Decode($.a)"),
        (fn.hash_(x.a, "SHA-1"), "States.Hash($.a, 'SHA-1')"),
        (fn.merge(x.a, x.b), "States.JsonMerge($.a, $.b, false)"),
        (fn.parse_json(x.a), "States.StringToJson($.a)"),
        (fn.json_string(x.a), "States.JsonToString($.a)"),
        (fn.random(1, 9, 3), "States.MathRandom(1, 9, 3)"),
        (fn.split(x.a, ","), "States.StringSplit($.a, ',')"),
        (fn.uuid(), "States.UUID()"),
        (jsonpath("$..price"), "$..price"),
    ],
)
def test_paths_and_intrinsics(expression: Expr, text: str) -> None:
    """All eighteen intrinsic functions, paths, the Context object and variables."""
    assert to_path(operand(expression), "input") == text


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        (x.a * 2, "no operator '*'"),
        (x.items[x.i], "cannot have a computed index"),
        (states.result.a, "not available here"),
        (jsonata("$a"), "raw JSONata"),
        (fn.sum_(x.a), "no function for fn.sum"),
        (fn.filter_(x.a, lambda i: i.b), "no function"),
        (fn.format("{}", {"a": x.a}), "cannot take an object"),
    ],
)
def test_what_jsonpath_cannot_say(expression: Expr, reason: str) -> None:
    """It says so, with the expression as Python and a way out."""
    with pytest.raises(CannotExpressError, match=reason) as caught:
        to_path(operand(expression), "input")
    assert caught.value.found
    assert caught.value.hint


@pytest.mark.parametrize(
    ("expression", "rule"),
    [
        (x.a == "b", {"Variable": "$.a", "StringEquals": "b"}),
        (x.a != "b", {"Not": {"Variable": "$.a", "StringEquals": "b"}}),
        (3 < x.a, {"Variable": "$.a", "NumericGreaterThan": 3}),
        (x.a == True, {"Variable": "$.a", "BooleanEquals": True}),
        (x.a, {"Variable": "$.a", "BooleanEquals": True}),
        (x.a == None, {"Variable": "$.a", "IsNull": True}),
        (fn.exists(x.a) & x.b, {"And": [{"Variable": "$.a", "IsPresent": True}, {"Variable": "$.b", "BooleanEquals": True}]}),
        (~fn.is_timestamp(x.a), {"Not": {"Variable": "$.a", "IsTimestamp": True}}),
        (x.a >= datetime(2026, 1, 31, tzinfo=UTC), {"Variable": "$.a", "TimestampGreaterThanEquals": "2026-01-31T00:00:00Z"}),
        (fn.as_timestamp(x.a) < "2026-01-31T00:00:00Z", {"Variable": "$.a", "TimestampLessThan": "2026-01-31T00:00:00Z"}),
        (fn.as_number(x.a) < x.b, {"Variable": "$.a", "NumericLessThanPath": "$.b"}),
        (fn.as_timestamp(x.a) < fn.now(), {"Variable": "$.a", "TimestampLessThanPath": "$$.State.EnteredTime"}),
        (fn.matches(x.a, "log-*"), {"Variable": "$.a", "StringMatches": "log-*"}),
        (variables.n == 1, {"Variable": "$n", "NumericEquals": 1}),
    ],
)
def test_choice_rules(expression: Expr, rule: Any) -> None:
    """Conditions become comparisons, And, Or and Not."""
    assert to_json(to_test(operand(expression))) == rule


def test_every_comparison_operator_can_be_said() -> None:
    """The vocabulary reaches each of ASL's comparison operators."""
    at = datetime(2026, 1, 31, tzinfo=UTC)
    said: list[Expr] = [fn.matches(x.a, "b"), x.a == True, fn.as_boolean(x.a) == x.b]
    said += [test(x.a) for test in (fn.exists, fn.is_null, fn.is_string, fn.is_number, fn.is_boolean, fn.is_timestamp)]
    for left, right in (
        (x.a, "b"),
        (x.a, 1),
        (x.a, at),
        (fn.as_string(x.a), x.b),
        (fn.as_number(x.a), x.b),
        (fn.as_timestamp(x.a), x.b),
    ):
        said += [left == right, left < right, left > right, left <= right, left >= right]
    operators = {next(k for k in to_json(to_test(operand(s))) if k != "Variable") for s in said}
    assert operators == set(COMPARISONS)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20))
def test_text_stays_text_in_intrinsics(text: str) -> None:
    """Quotes, braces and backslashes come out of States.Format as they went in."""
    written = to_path(operand(literal_and(text)), "input")
    evaluated = parse_intrinsic(plain(written)).evaluate({"v": "!"}, {}, {}, random=Random(0))
    assert evaluated == text + "!"


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=2), st.text(max_size=5), st.text(max_size=5))
def test_objects_with_computed_members(document: dict[str, Any], name: str, value: str) -> None:
    """They are made as JSON text and parsed, so that any name and any value comes out as it went in."""
    members = {**document, name: x.v, "list": [x.v, 1]}
    written = to_path(operand(fn.merge({}, members)), "input")
    evaluated = parse_intrinsic(plain(written)).evaluate({"v": value}, {}, {}, random=Random(0))
    assert evaluated == {**document, name: value, "list": [value, 1]} or name == "list"


def literal_and(text: str) -> Expr:
    """Some text with a field behind it."""
    return text + x.v


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=3))
def test_literal_objects_go_through_json(document: dict[str, Any]) -> None:
    """An object given to an intrinsic function arrives as the object it was."""
    written = to_path(operand(fn.merge(x, document)), "input")
    evaluated = parse_intrinsic(plain(written)).evaluate({}, {}, {}, random=Random(0))
    assert evaluated == json.loads(json.dumps(document))
