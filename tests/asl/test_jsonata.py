"""JSONata with the functions and restrictions of Step Functions, with the syntax checked by jlens and by jsonata-python."""

import random
import subprocess
import sys

import pytest

from generator.asl import jsonata, jsonata_scope
from generator.asl.jsonata import UNDEFINED, JSONataError, JSONataSyntaxError, compile_expression, strip_delimiters

STATES = {"states": {"input": {"a": 1, "none": None, "list": [1, 2, 3], "order": {"items": [{"n": 2}]}}}}


def source(seed):
    """A seeded source of randomness."""
    return random.Random(seed)


@pytest.fixture(params=[True, False], ids=["jlens", "jsonata-python"])
def compiler(request, monkeypatch):
    """Compile an expression where jlens has a wheel, and where it has none."""
    monkeypatch.setattr(jsonata, "_jlens_available", lambda: request.param)
    compile_expression.cache_clear()
    yield compile_expression
    compile_expression.cache_clear()


@pytest.fixture
def run(compiler):
    """Evaluate an expression."""
    return lambda text, bindings=STATES, seed=1: compiler(text).evaluate(
        {"big": 2**53 + 1, "huge": 10**25 + 1, **bindings}, random=source(seed), now=86400.5
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$states.input.a + 1", 2),
        ("$states.input.none", None),
        ("$states.input.missing", UNDEFINED),
        ("$states.input.list[$ > 1]", [2, 3]),
        ("$states.input.list[$ > 2]", 3),
        ("$states.input.order.items.n", 2),
        ("$range(1, 9, 2)", [1, 3, 5, 7, 9]),
        ("$range(1, 9, 9)", 1),
        ("$range(3, 0, -2)", [3, 1]),
        ("$partition([1, 2, 3], 2)", [[1, 2], [3]]),
        ("$partition([1, 2, 3], 3)", [[1, 2, 3]]),
        ("$hash('input data', 'SHA-1')", "aaff4a450a104cd177d28d18d74485e8cae074b7"),
        ("$parse('null')", None),
        ("$parse('[1]')", [1]),
        ("$parse('{\"a\": [1, null]}')", {"a": [1, None]}),
        ("$parse('-0')", 0),
        ("$random(5) = $random(5)", True),
        ("$now()", "1970-01-02T00:00:00.500Z"),
        ("$millis()", 86400500),
        ("$variable := 1", 1),
        ("$round(12345678901234.5, 15)", 12345678901234.5),
        ("$round(1.5, 500)", 1.5),
        ("$sort([1/0, 0/0, 1, -1/0])", ["-Infinity", 1, "Infinity", "NaN"]),
        ("$match('a', /(a)(b)?/).groups", ["a", None]),
        ("[3, 1/0, 1]^($)", [1, 3, "Infinity"]),
        ("$substring('abc', 1/0)", ""),
        ("$split('a,b', ',', 1/0)", ["a", "b"]),
        ("$max([9007199254740993, 1])", 9007199254740992),
        ("$average([0.1, 0.2, 0.3])", 0.6 / 3),
        ("$big > 9007199254740992", False),
        ("$huge", 1e25),
        ("$string($huge)", "1e+25"),
        ("$big - 9007199254740992", 0),
        ("$string($join($split('a😀', ''), '')) = 'a😀'", True),
        ("$distinct([1, true, 1, [1], 'a', [1], {'a': 1, 'b': 2}, {'b': 2, 'a': 1}])", [1, True, [1], "a", {"a": 1, "b": 2}]),
        ("$string(100000000000000.5)", "100000000000001"),
        ("$string(0.1 + 0.2)", "0.3"),
        ("'?: ?? $eval' & ''", "?: ?? $eval"),
        ("$exists($unassigned) ? 1 : 2", 2),
        ("1 /* a comment */", 1),
    ],
)
def test_values(run, text, expected):
    """The values of Step Functions; null and undefined differ."""
    result = run(text)
    assert result is expected if expected is UNDEFINED or expected is None else result == expected and type(result) is type(expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("$randomSeeded(1)", "T1006: Attempted to invoke a non-function"),
        ("'a' + 1", "T2001:"),
        ("$parse('{')", "D3137:"),
        ("$hash('a', 'CRC')", "D3137:"),
        ("$range(1)", "T0410:"),
        ("$eval('1')", "T1006:"),
        ("$error('boom')", "D3137: boom"),
        ("[1..20000000]", "D2014: The size of the sequence"),
        ("$pad('a', 1/0)", "Expression evaluation memory limit exceeded"),
    ],
)
def test_failures(run, text, message):
    """A failing evaluation carries JSONata's code and text."""
    with pytest.raises(JSONataError) as raised:
        run(text)
    assert raised.value.message.startswith(message)


@pytest.mark.parametrize(
    ("text", "position"),
    [("1 +", 3), ("", 0), ("(1", 2), ("1) } ); (2", 1), ("$x ?: 1", 3), ("1 + ($x ?? 2)", 8)],
)
def test_syntax_errors(text, position):
    """An invalid expression, and one that Step Functions rejects, is an error with a position."""
    with pytest.raises(JSONataSyntaxError) as raised:
        compile_expression(text)
    assert abs(raised.value.position - position) <= 1


def test_failure_position():
    """A place in a failing expression counts from the expression's own start."""
    with pytest.raises(JSONataError) as raised:
        compile_expression("$x.y & $foo($x)").evaluate({"x": 1}, random=source(0))
    assert 7 <= raised.value.position <= 12


def test_reads(compiler):
    """The variables an expression reads, not those it sets, nor functions."""
    assert compiler("($y := $x; $sum($y) + $states.input.a + $uuid())").reads == {"x", "states"}
    assert compiler("$map($list, function($v) { $v + $rate })").reads == {"list", "rate"}


def test_seeds(run):
    """The same seed returns the same values; within one run the values differ."""
    assert run("$uuid()") == run("$uuid()")
    assert run("$uuid()") != run("$uuid()", seed=2)
    assert run("$random() = $random()") is False


def test_endless_recursion_ends(monkeypatch):
    """An expression that never ends is an error."""
    monkeypatch.setattr(jsonata_scope, "MAX_CALLS", 10_000)
    with pytest.raises(JSONataError):
        compile_expression("($f := function($x) { $f($x + 1) }; $f(1))").evaluate({}, random=source(0))


def test_deep_recursion_beside_other_threads():
    """Evaluations share the recursion limit of the process: one that ends does not lower it for one that goes on."""
    code = """
import random, sys, threading
from generator.asl.jsonata import compile_expression

deep = compile_expression("($f := function($n) { $n = 0 ? 0 : 1 + $f($n - 1) }; $f(600))")
failed = []

def evaluate():
    for _ in range(40):
        try:
            deep.evaluate({}, random=random.Random(0))
        except Exception as error:
            failed.append(error)

threads = [threading.Thread(target=evaluate) for _ in range(3)]
before = sys.getrecursionlimit()
sys.setswitchinterval(0.0005)
[each.start() for each in threads]
[each.join() for each in threads]
print(len(failed), sys.getrecursionlimit() - before)
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "0 0\n"


@pytest.mark.parametrize(
    ("text", "expected"), [("{% 1 %}", "1"), ("{%1%}", "1"), ("{%%}", ""), (" {% 1 %}", None), ("{% 1", None), ("{%}", None)]
)
def test_delimiters(text, expected):
    """Only a string that starts and ends with the delimiters is an expression."""
    assert strip_delimiters(text) == expected


def test_import_is_cheap():
    """Nothing heavy is imported before an expression is compiled."""
    code = "import sys; from generator.asl import intrinsics, jsonata, jsonpath; print({'jlens', 'jsonata', 'jsonpath'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "set()"
