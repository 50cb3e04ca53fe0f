"""What is known about the value of an expression before the workflow runs, and that it is never too much."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.asl.jsonata import UNDEFINED, JSONataError, compile_expression
from generator.catalog.constants import Array, Evaluator, Nothing, Object, Text, Unknown, Values


def shown(values: Values) -> Any:
    """Write values as JSON would be: `?` is unknown, several values are a set, `…` says that an object may have other members."""

    def one(value: Any) -> Any:
        match value:
            case Text(text):
                return text.replace("\0", "?")
            case Object(members, is_open):
                return "{" + ", ".join([f"{name}: {shown(found)}" for name, found in members] + ["…"] * is_open) + "}"
            case Array(items):
                return f"[{shown(items)}]" if items else "[]"
            case Unknown():
                return "?"
            case Nothing():
                return "-"

    return " | ".join(dict.fromkeys(one(value) for value in values))


PUT = '{"Put": {"TableName": "t"}}'


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("'a' & $x & \"b\"", "a?b"),
        ("$c ? 'a' : 'b'", "a | b"),
        (f"[$map($xs, function($i) {{ {PUT} }})]", "[{Put: {TableName: t}}]"),
        (f"$states.input.xs.{PUT}", "[{Put: {TableName: t}}] | {Put: {TableName: t}}"),
        (f"$append([{PUT}], $xs)", "[{Put: {TableName: t}} | ?]"),
        (f"$reduce($xs, function($a, $x) {{ $append($a, {PUT}) }}, [])", "[] | [{Put: {TableName: t}}]"),
        (f"$xs ~> $map(function($i) {{ {PUT} }})", "[{Put: {TableName: t}}]"),
        ("($t := 'o'; $f := function($i) { $t & '-' & $i }; $f('x'))", "o-x"),
        ("$map(['x', 'y'], function($i) { 't-' & $i })", "[t-x | t-y]"),
        ('$merge([{"a": "x"}, $states.input])', "{a: x | ?, …}"),
        ('$merge([$states.input, {"a": "x"}])', "{a: x, …}"),
        ('$merge([{"a": "x"}, {"a": "y", "b": "z"}])', "{a: y, b: z}"),
        ('{"a": [{"b": "c"}, {"b": "d"}]}.a.b', "[c | d] | c | d | -"),
        ('$lookup({"a": "x"}, "a")', "x"),
        ("$join(['s3:/', 'b', $k], '/')", "s3://b/?"),
        ("$uppercase('a') & $string(1)", "A1"),
        ("$partition([1, 2, 3], 2)", "[[1 | 2 | 3]]"),
        ('{$states.input.name: "x"}', "{…}"),
        ("($f := function($x) { $f($x) }; $f(1))", "?"),
        ("$xs{a: b}", "?"),
        ("$f(", "?"),
        ("$sum([1, 2])", "?"),
    ],
)
def test_shapes(expression: str, expected: str) -> None:
    """Constructors, branches, functions of the author and of JSONata."""
    assert shown(Evaluator().values(expression)) == expected


def may_be(value: Any, known: Any) -> bool:
    """Return whether a real value is one that the known one describes."""
    if isinstance(known, Unknown | Nothing):
        return isinstance(known, Unknown)
    if isinstance(known, Text):
        if isinstance(value, str | int | float | bool):
            text = value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else f"{value:g}"
            parts = known.text.split("\0")
            return text == parts[0] if len(parts) == 1 else text.startswith(parts[0]) and text.endswith(parts[-1])
        return False
    if isinstance(known, Object):
        if not isinstance(value, dict):
            return False
        return all(any(may_be(inner, one) for one in known.get(name)) for name, inner in value.items())
    items = known.items
    inner = value if isinstance(value, list) else [value]
    return all(any(may_be(item, one) for one in items) or (isinstance(item, list) and may_be(item, known)) for item in inner)


ATOMS = st.sampled_from(["'a'", "'b-c'", "1", "true", "$states.input.s", "$states.input.xs", "$states.input.o", "$v", "$states.input.gone"])


def combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Make larger expressions."""
    names = st.sampled_from(["p", "q"])
    return st.one_of(
        st.builds("({} & {})".format, inner, inner),
        st.builds("($states.input.n > 1 ? {} : {})".format, inner, inner),
        st.builds('{{"{}": {}}}'.format, names, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("{}.{}".format, inner.map(lambda text: f"({text})"), names),
        st.builds("[$map({}, function($i) {{ {} }})]".format, inner, inner | st.just("$i")),
        st.builds('$map({}, function($i) {{ {{"p": $i, "q": {}}} }})'.format, inner, inner),
        st.builds('({}).{{"p": {}}}'.format, inner, inner),
        st.builds("$append({}, {})".format, inner, inner),
        st.builds('$merge([{{"p": {}}}, {{"q": {}}}, $states.input.o])'.format, inner, inner),
        st.builds("($t := {}; $t)".format, inner),
        st.builds("$distinct({})".format, inner),
        st.builds("$filter({}, function($i) {{ true }})".format, inner),
        st.builds('$lookup({}, "p")'.format, inner),
        st.builds("$reduce({}, function($a, $i) {{ $append($a, {}) }}, [])".format, inner, inner),
    )


@given(st.recursive(ATOMS, combined, max_leaves=8))
def test_the_real_value_is_among_those_that_are_known(expression: str) -> None:
    """Whatever the expression is, what it evaluates to is one of the values."""
    data = {"input": {"s": "s", "xs": ["x", {"p": "y"}], "o": {"p": "z", "r": 1}, "n": 2}}
    try:
        value = compile_expression(expression).evaluate({"states": data, "v": {"q": "w"}}, random=Random(0))
    except JSONataError:
        return
    if value is UNDEFINED or value == []:
        return
    known = Evaluator().values(expression)
    assert any(may_be(value, one) for one in known), (expression, value, shown(known))
