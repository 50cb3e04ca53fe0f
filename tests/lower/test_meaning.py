"""The functions of ``fn`` and the operators return what Python returns for the same values, whatever their type is at run time."""

from __future__ import annotations

import json
import math
from random import Random
from typing import Any

import jlens
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator import fn, jsonata, states, variables
from generator.asl.intrinsics import parse_intrinsic
from generator.asl.jsonata import UNDEFINED, compile_expression, strip_delimiters
from generator.asl.jsonata_builtins import BUILTINS
from generator.asl.placeholders import plain
from generator.checks.jsonata_scope import references
from generator.dsl.expressions import Expr, operand
from generator.dsl.source import AuthoringError
from generator.lower.jsonata import to_jsonata
from generator.lower.jsonpath import CannotExpressError, to_path

x = states.input


def evaluate(expression: Expr, document: Any, **bound: Any) -> Any:
    """Run what an expression is written as, in our implementation and in jlens, which must agree."""
    text = plain(strip_delimiters(to_jsonata(operand(expression))) or "")
    assert references(text).unqualified == ()
    given = {"states": {"input": document}, **bound}
    values = [compile_expression(text).evaluate(given, random=Random(0)), jlens_value(text, given)]
    assert values[0] == values[1] or values[0] is values[1] or unescaped(values[0]) == unescaped(values[1])
    return values[0]


def jlens_value(text: str, given: dict[str, Any]) -> Any:
    """Run an expression in jlens, which differs from AWS only where tests/asl/test_jsonata_libraries.py says so."""
    names = "".join(f"${name}:=`{name}`;" for name in given)
    result = jlens.Expression(f"({names}({text}\n))")
    for name in ("partition", "range"):
        function = BUILTINS[name]
        result.register_function(name, lambda *values, call=function.call: none_if_undefined(call(None, *values)))
    made = result.evaluate_json(json.dumps(given))
    return UNDEFINED if made is None else json.loads(made)


def none_if_undefined(value: Any) -> Any:
    """Return a value as a function in jlens returns it."""
    return None if value is UNDEFINED else value


def unescaped(value: Any) -> Any:
    """Return JSON text as its value: the two implementations escape other characters."""
    return json.loads(value) if isinstance(value, str) and value.startswith(("[", '"')) else value


ARRAYS: list[Any] = [[], [1], [1, 2, 3], [[1]], [[1, 2], [3]], ["a", "b"], [{"k": 1}], [None], [[]], [[], []]]


@pytest.mark.parametrize("array", ARRAYS)
def test_functions_of_arrays(array: list[Any]) -> None:
    """No item is lost or unwrapped, in an array of none, of one and of several, of scalars and of arrays."""
    a = {"a": array}
    assert evaluate(fn.length(x.a), a) == len(array)
    assert evaluate(fn.map_(x.a, lambda item: item), a) == array
    assert evaluate(fn.map_(x.a, lambda item: [item, 0]), a) == [[item, 0] for item in array]
    assert evaluate(fn.map_(x.a, lambda item, index: {"at": index}), a) == [{"at": i} for i in range(len(array))]
    assert evaluate(fn.filter_(x.a, lambda item: item == array[-1] if array else False), a) == [i for i in array if i == array[-1]]
    assert evaluate(fn.array(x.a, 1), a) == [array, 1]
    assert evaluate(fn.array(x.a), a) == [array]
    assert evaluate(fn.if_(fn.exists(x.a), [x.a, [x.a]], 0), a) == [array, [array]]
    assert evaluate(fn.partition(x.a, 2), a) == [array[at : at + 2] for at in range(0, len(array), 2)]
    for item in [*array, "absent", 0, {"k": 2}, [9]]:
        assert evaluate(fn.contains(x.a, item), a) is (item in array)
        assert evaluate(fn.contains(x.a, x.item), {**a, "item": item}) is (item in array)
        assert evaluate(fn.contains(array, x.item), {"item": item}) is (item in array)
    if array:
        assert evaluate(fn.item(x.a, 0), a) == array[0]
        assert evaluate(fn.item(x.a, -1), a) == array[-1]
    assert json.loads(evaluate(fn.json_string(x.a), a)) == array


@settings(max_examples=40)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20), st.text(alphabet="ab\n [", max_size=3))
def test_functions_of_text(text: str, part: str) -> None:
    """Characters are counted, not surrogates; a part is found; JSON text is quoted."""
    a = {"a": text, "part": part}
    assert evaluate(fn.length(x.a), a) == len(text)
    assert evaluate(fn.length("n" + x.a), a) == len(text) + 1
    assert json.loads(evaluate(fn.json_string(x.a), a)) == text
    if part:
        assert evaluate(fn.contains(x.a, part), a) is (part in text)
        assert evaluate(fn.contains(x.a, x.part), a) is (part in text)
        assert evaluate(fn.contains(fn.string(x.a), x.part), a) is (part in text)
        assert evaluate(fn.split(x.a, part), a) == text.split(part)


def test_trim_keeps_what_is_inside() -> None:
    """Unlike ``$trim``, which makes one space of several."""
    assert evaluate(fn.trim(x.a), {"a": " \t a  b\n"}) == "a  b"


@settings(max_examples=40)
@given(st.integers(-50, 50), st.integers(-9, 9).filter(bool))
def test_division_and_rounding(a: int, b: int) -> None:
    """``//`` rounds down, ``round`` takes halves to the even number."""
    values = {"a": a, "b": b, "half": a / 2}
    assert evaluate(x.a // x.b, values) == a // b
    assert evaluate(100 // x.b, values) == 100 // b
    assert evaluate(round(x.half), values) == round(a / 2)
    assert evaluate(math.floor(x.half), values) == math.floor(a / 2)
    assert evaluate(math.ceil(x.half), values) == math.ceil(a / 2)
    assert evaluate(abs(x.a), values) == abs(a)
    assert evaluate(x.a**2, values) == a**2


@pytest.mark.parametrize(("first", "last", "step"), [(1, 3, 1), (3, 3, 1), (3, 1, 1), (3, 1, -1), (0, 9, 4)])
def test_range_is_an_array_with_both_ends(first: int, last: int, step: int) -> None:
    """Also of one number, and of none."""
    expected = list(range(first, last + (1 if step > 0 else -1), step))
    assert evaluate(fn.range_(x.a, last, step), {"a": first}) == expected


def test_an_index_behind_a_list_of_fields() -> None:
    """``fn.item`` takes one of all; the index of a path applies to each, as its documentation says."""
    lines = {"lines": [{"prices": [1, 2]}, {"prices": [3]}]}
    assert evaluate(fn.item(x.lines.prices, 0), lines) == 1
    assert evaluate(x.lines.prices[0], lines) == [1, 3]


@pytest.mark.parametrize("pattern", [r"\\\\*", r"\\\\\*", r"a\\\\", r"[\\\\]", "/*", r"\*"])
def test_patterns_with_backslashes(pattern: str) -> None:
    """They end where they are meant to end, and match a backslash, a bracket and a star."""
    text = pattern.replace("\\\\", "\0").replace("\\*", "*").replace("\0", "\\")
    assert evaluate(fn.matches(x.t, pattern), {"t": text}) is True


def test_sums_of_nothing() -> None:
    """The sum of nothing is 0; nothing has no smallest number, so that the state fails."""
    assert evaluate(fn.sum_(x.a), {"a": []}) == 0
    assert evaluate(fn.min_(x.a), {"a": []}) is UNDEFINED
    assert evaluate(fn.max_(x.a), {"a": []}) is UNDEFINED


def test_parameters_of_functions_capture_nothing() -> None:
    """A parameter with the name of a variable, of ``$states``, of an outer parameter or of a function gets another name."""
    numbers = {"a": [1, 2], "b": [[1], [2, 3]]}
    assert evaluate(fn.map_(x.a, lambda rate: rate * variables.rate), numbers, rate=10) == [10, 20]
    assert evaluate(fn.map_(x.a, lambda states: states + fn.length(x.a)), numbers) == [3, 4]
    assert evaluate(fn.map_(x.b, lambda count: fn.length(count) + 0), numbers) == [1, 2]
    assert evaluate(fn.map_(x.a, lambda rate: rate * jsonata("$rate")), numbers, rate=10) == [10, 20]

    def inner(item: Any) -> Expr:
        outer = item
        return fn.map_(outer, lambda item: item + fn.length(outer))

    nested = fn.map_(x.b, inner)
    assert evaluate(nested, numbers) == [[2], [4, 5]]
    assert evaluate(fn.contains(x.a, variables.item), numbers, item=2) is True


def test_a_default_of_a_lambda_is_kept() -> None:
    """As in the usual idiom for lambdas in a loop; otherwise it would get the index."""
    made = [fn.map_(x.a, lambda item, factor=factor: item * factor) for factor in (2, 3)]
    assert [evaluate(one, {"a": [1, 5]}) for one in made] == [[2, 10], [3, 15]]


ONE = [1]


@pytest.mark.parametrize(
    "mistake",
    [
        lambda: x.items[x.price > 3],
        lambda: x.items[fn.contains(x.a, 1)],
        lambda: x.items + ONE,
        lambda: ONE + x.items,
        lambda: x.items - {"a": 1},
        lambda: int(x.a),
        lambda: float(x.a),
        lambda: [1, 2][x.a],
        lambda: range(x.a),
        lambda: fn.map_(x.a, lambda *items: 1),
        lambda: fn.map_(x.a, lambda a, b, c, d: 1),
        lambda: fn.map_(x.a, lambda a, *, b: 1),
        lambda: fn.map_(x.a, "a"),
        lambda: fn.map_(x.a, int),
        lambda: fn.map_(x.a, len),
    ],
)
def test_what_would_mean_something_else_is_refused(mistake: Any) -> None:
    """At its line, with what to write instead."""
    with pytest.raises(AuthoringError) as caught:
        mistake()
    (problem,) = caught.value.diagnostics
    assert problem.span.file.endswith("test_meaning.py")
    assert problem.hint or problem.expected


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        (x.a + 1.5, "to whole numbers"),
        (x.a - 0.5, "to whole numbers"),
        (fn.length("n" + x.a), "takes an array, not text"),
        (fn.contains(fn.format("{}", x.a), "b"), "takes an array, not text"),
        (fn.item(x.a, -1), "no negative index"),
        (fn.split(x.a, "--"), "each character"),
        (x.a // 2, "no function for fn.floor"),
    ],
)
def test_what_jsonpath_means_otherwise_is_refused(expression: Expr, reason: str) -> None:
    """An intrinsic function with another meaning would be silently wrong."""
    with pytest.raises(CannotExpressError, match=reason):
        to_path(operand(expression), "input")


@pytest.mark.parametrize("array", [[], [1], [[1, 2]], ["a", "b"]])
def test_both_query_languages_agree(array: list[Any]) -> None:
    """What both have means the same in both."""
    document = {"a": array, "t": "text"}
    same = [fn.length(x.a), fn.array(x.a, 1), fn.partition(x.a, 2), fn.contains(x.a, 1), fn.json_string(x.t), fn.json_string(x.a)]
    for expression in same:
        path = parse_intrinsic(plain(to_path(operand(expression), "input"))).evaluate(document, {}, {}, random=Random(0))
        assert evaluate(expression, document) == path
