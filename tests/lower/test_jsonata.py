"""Expressions in JSONata: what they are written as, and that the text means what the Python says."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import fn, jsonata, literal, placeholder, states, variables
from generator.asl.jsonata import compile_expression, strip_delimiters
from generator.asl.placeholders import plain
from generator.dsl.expressions import Expr, operand
from generator.lower.jsonata import to_jsonata

x = states.input


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (x.a - (x.b - 1) - x.c, "$states.input.a - ($states.input.b - 1) - $states.input.c"),
        ((x.a + 1) * 2, "($states.input.a + 1) * 2"),
        (-x.a, "0 - $states.input.a"),
        (~(x.a == 1) & ((x.b == 2) | (x.c < 3)), "$not($states.input.a = 1) and ($states.input.b = 2 or $states.input.c < 3)"),
        (x.a == (x.b == 1), "$states.input.a = ($states.input.b = 1)"),
        ("order " + x.id + "/" + x.line, '"order " & $states.input.id & "/" & $states.input.line'),
        (fn.format("{} of {}", x.a + 1, x.b), '($states.input.a + 1) & " of " & $states.input.b'),
        (fn.if_(x.a > 1, "y", fn.if_(x.b == 1, 1, 2)), '$states.input.a > 1 ? "y" : ($states.input.b = 1 ? 1 : 2)'),
        (fn.matches(x.name, "log-*.txt"), r"$contains($states.input.name, /^log-[\s\S]*\.txt$/)"),
        (fn.contains(["a", "b"], x.a), '$states.input.a in ["a", "b"]'),
        (fn.filter_(x.items, lambda item: item.price > 3)[0], "[$filter($states.input.items, function($item) { $item.price > 3 })][0]"),
        (x["a b"]["and"].c, "$states.input.`a b`.`and`.c"),
        (x["c`d"], '$lookup($states.input, "c`d")'),
        (x.at < datetime(2026, 1, 31, tzinfo=UTC), '$toMillis($states.input.at) < $toMillis("2026-01-31T00:00:00Z")'),
        (fn.merge(x, {"token": states.context.Task.Token}), '$merge([$states.input, {"token": $states.context.Task.Token}])'),
        (jsonata("$a ? 1 : 2") + 1, "($a ? 1 : 2) + 1"),
        (placeholder("url") + "/x", '"${url}/x"'),
        (placeholder("url") + "/x/" + x.a, '"${url}/x/" & $states.input.a'),
        (fn.format("{}/{}-{}", placeholder("url"), 7, x.a), '"${url}/7-" & $states.input.a'),
        (variables.total[-1], "$total[-1]"),
        (fn.is_null(x.a) | fn.is_number(x.b), '$type($states.input.a) = "null" or $type($states.input.b) = "number"'),
        (literal("{% no %}") + x.a, '"{% no %}" & $states.input.a'),
    ],
)
def test_written(expression: Expr, text: str) -> None:
    """Precedence, quoting and names come out as a careful person would write them."""
    assert to_jsonata(operand(expression)) == "{% " + text + " %}"


def evaluate(expression: Expr, document: Any) -> Any:
    """Run what an expression is written as."""
    text = strip_delimiters(to_jsonata(operand(expression)))
    assert text is not None
    return compile_expression(plain(text)).evaluate({"states": {"input": document}}, random=Random(0))


_numbers = st.integers(-20, 20)
_tree = st.recursive(
    _numbers | st.sampled_from(["a", "b", "c"]),
    lambda inner: st.tuples(st.sampled_from("+-*"), inner, inner),
    max_leaves=12,
)


def _build(tree: Any, leaf: Any) -> Any:
    if isinstance(tree, tuple):
        operator, left, right = tree
        one, other = _build(left, leaf), _build(right, leaf)
        return one + other if operator == "+" else one - other if operator == "-" else one * other
    return leaf(tree) if isinstance(tree, str) else tree


@given(_tree, _numbers, _numbers, _numbers)
def test_arithmetic_means_what_python_means(tree: Any, a: int, b: int, c: int) -> None:
    """At every nesting, the JSONata returns what Python returns: it has all the parentheses that it needs."""
    values = {"a": a, "b": b, "c": c}
    expression = _build(tree, lambda name: x[name])
    expected = _build(tree, lambda name: values[name])
    if isinstance(expression, Expr):
        assert evaluate(expression, values) == expected


_conditions = st.recursive(
    st.tuples(st.sampled_from(["<", "==", ">="]), st.sampled_from(["a", "b"]), _numbers),
    lambda inner: st.tuples(st.just("not"), inner) | st.tuples(st.sampled_from(["and", "or"]), inner, inner),
    max_leaves=8,
)


def _condition(tree: Any, leaf: Any) -> Any:
    match tree:
        case ("not", inner):
            made = _condition(inner, leaf)
            return ~made if isinstance(made, Expr) else not made
        case ("and" | "or", left, right):
            one, other = _condition(left, leaf), _condition(right, leaf)
            return one & other if tree[0] == "and" else one | other
        case (operator, name, number):
            return {"<": lambda v: v < number, "==": lambda v: v == number, ">=": lambda v: v >= number}[operator](leaf(name))
    raise AssertionError(tree)


@given(_conditions, _numbers, _numbers)
def test_conditions_mean_what_python_means(tree: Any, a: int, b: int) -> None:
    """And, or and not keep Python's meaning."""
    values = {"a": a, "b": b}
    assert evaluate(_condition(tree, lambda name: x[name]), values) == _condition(tree, lambda name: values[name])


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30))
def test_text_stays_text(text: str) -> None:
    """Quotes, backslashes, ``${``, ``{%``, newlines and any other text come out as they went in."""
    assert evaluate(literal(text) + "", {}) == text


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12))
def test_any_member_can_be_named(name: str) -> None:
    """A member of any name is found, whatever characters it has."""
    assert evaluate(x[name], {name: "found", "other": 1}) == "found"


@given(st.text(alphabet="ab*.+?()[]{}^$|\\/", max_size=8), st.text(alphabet="ab.+?()[]{}^$|/", max_size=8))
def test_patterns_match_as_stringmatches_does(pattern: str, text: str) -> None:
    """The regular expression of a pattern matches exactly where ASL's StringMatches does."""
    assert evaluate(fn.matches(x.t, pattern), {"t": text}) is _string_matches(pattern, text)


def _string_matches(pattern: str, text: str) -> bool:
    """StringMatches as the specification has it, by trying all splits."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(_string_matches(pattern[1:], text[i:]) for i in range(len(text) + 1))
    if pattern[0] == "\\" and len(pattern) > 1:
        return bool(text) and text[0] == pattern[1] and _string_matches(pattern[2:], text[1:])
    return bool(text) and text[0] == pattern[0] and _string_matches(pattern[1:], text[1:])
