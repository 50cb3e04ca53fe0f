"""Expressions over many items at once mean the same as item by item."""

import random

import pytest

from generator.asl import jsonata_columns
from generator.asl.jsonata import JSONataError, compile_expression
from generator.asl.jsonata_values import UNDEFINED

COUNT = 40
LEAVES = ["n", "f", "s", "t", "o.n", "o.s", "u", "list", "big", "none", "missing", "sometimes", "$x", "$", "1", "2.5", "'k3'", "true", "$i"]
FORMS = [
    "({} + {})", "({} - {})", "({} * {})", "({} / {})", "({} % {})", "({} & {})", "({} = {})", "({} != {})", "({} < {})", "({} >= {})",
    "({} and {})", "({} or {})", "({} ? {} : {})", "({} ? {})", "{{'p': {}, 'q': {}}}", "[{}, {}]", "$string({})", "$uppercase({})",
    "$round({}, 1)", "$number({})", "$abs({})", "$substring({}, 1)",
]  # fmt: skip
USES = [
    "$rows[{}]", "$rows.({})", "$rows.{{'v': {}}}", "$rows^({})", "$rows^(>{}, n)", "$rows{{$string({}): $count($)}}",
    "$rows{{{}: $sum(n)}}", "$numbers[{}]", "$numbers.({})", "$numbers^({})",
]  # fmt: skip
FUNCTIONS = [
    "$map($rows, function($r, $i) {{ {} }})", "$filter($rows, function($r, $i) {{ {} }})",
    "$reduce($rows, function($a, $r) {{ $a & {} }}, '')", "$reduce($rows.n, function($a, $r) {{ $a + {} }})",
    "$sort($rows, function($r, $q) {{ {} > {other} }})", "$sort($rows, function($r, $q) {{ {} <= {other} }})", "$map($numbers, $string)",
    "$map($rows, function($r, $r) {{ {} }})", "$map($rows, function($i, $r) {{ [{}, $i] }})", "$map($rows, function($r)<o:x> {{ {} }})",
]  # fmt: skip


def rows(source):
    """Objects with members of the same types, but for some that are odd."""
    return [
        {
            "n": source.randrange(5),
            "f": source.random() * 10 - 5,
            "s": f"k{source.randrange(5)}",
            "t": source.random() < 0.5,
            "o": {"n": source.randrange(3), "s": "x"},
            "u": source.choice("aé\uf900😀"),
            "list": [1, 2],
            "big": 2**53 + source.randrange(3),
            "none": None,
            **({"sometimes": "k3"} if source.random() < 0.5 else {}),
        }
        for _ in range(COUNT)
    ]


def part(source, depth, leaf):
    """A random expression of an item."""
    if depth == 0:
        return leaf(source.choice(LEAVES))
    form = source.choice(FORMS)
    return form.format(*(part(source, depth - 1, leaf) for _ in range(form.replace("{{", "").count("{}"))))


def of_variable(name):
    """How a leaf is written where the item is a variable."""
    return lambda leaf: f"${name}.{leaf}" if leaf[0].isalpha() and leaf != "true" else f"${name}" if leaf == "$" else leaf


def answer(text, bindings):
    """The value or the failure."""
    try:
        return compile_expression(text).evaluate(bindings, random=random.Random(0))
    except JSONataError as error:
        return f"error {error.message}"


@pytest.mark.parametrize("seed", [1, 2, 16])
def test_generated_expressions(seed, monkeypatch):
    """The same value, and the same failure, with and without columns."""
    source = random.Random(seed)
    bindings = {"rows": rows(source), "numbers": [source.random() - 0.5 for _ in range(COUNT)], "x": 2}
    texts = []
    for _ in range(250):
        form = source.choice(USES + FUNCTIONS)
        leaf = of_variable("r") if form in FUNCTIONS else lambda leaf: leaf if leaf != "$i" else "$x"
        made = part(source, source.randrange(3), leaf)
        texts.append(form.format(made, other=made.replace("$r", "$q")))
    fast = [answer(text, bindings) for text in texts]
    monkeypatch.setattr(jsonata_columns, "LEAST", 10**9)
    slow = [answer(text, bindings) for text in texts]
    assert [(text, one, two) for text, one, two in zip(texts, fast, slow, strict=True) if repr(one) != repr(two)] == []


@pytest.mark.parametrize(
    "text",
    [
        "$rows[n > 2 and s = 'k3']", "$rows.(f * n)", "$rows.{'s': s, 'v': f * 2}", "$rows.(t ? s : n)", "$rows^(>f, s)",
        "$rows{s: $sum(n)}",
        "$map($rows, function($r, $i) { $r.f * $i })", "$filter($rows, function($r) { $r.s = 'k1' })", "$rows[sometimes = 'k3'].n",
        "$reduce($rows, function($a, $r) { $a + $r.n }, 0)", "$sort($rows, function($a, $b) { $a.f > $b.f })", "$rows.o.s",
    ],
)  # fmt: skip
def test_simple_expressions_have_columns(text, monkeypatch):
    """The usual expressions over many items do not go through the items: no name is looked up one by one."""
    bindings = {"rows": rows(random.Random(1))}
    wanted = answer(text, bindings)
    made = compile_expression(text)

    def refuse(*_):
        raise AssertionError

    monkeypatch.setattr("generator.asl.jsonata_paths.lookup", refuse)
    monkeypatch.setattr("generator.asl.jsonata_operators._comparison", refuse)
    assert made.evaluate(bindings, random=random.Random(0)) == wanted
    assert wanted is not UNDEFINED


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$map($rows, function($r, $r) { $r })", list(range(COUNT))),
        ("$map($numbers, function($x, $i) { $x + $i })", list(range(0, 2 * COUNT, 2))),
        ("($f := function($v) { $v * $y }; $y := 3; $map($numbers, $f))", list(range(0, 3 * COUNT, 3))),
        ("($string := function($v) { 'own' }; $distinct($numbers.$string($)))", "own"),
        ("$reduce($numbers, function($a, $b) { $a + $b }, 0.5)", COUNT * (COUNT - 1) / 2 + 0.5),
        ("$numbers[$ > 37 or $ = 1]", [1, 38, 39]),
    ],
)
def test_values(text, expected):
    """What columns must not mix up: names of parameters, scopes, functions of the expression."""
    assert answer(text, {"rows": rows(random.Random(1)), "numbers": list(range(COUNT))}) == expected
