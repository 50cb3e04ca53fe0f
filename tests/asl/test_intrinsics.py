"""Intrinsic functions: results, failures and syntax errors."""

import itertools
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.asl.intrinsic_functions import FUNCTION_NAMES
from generator.asl.intrinsics import IntrinsicError, IntrinsicSyntaxError, parse_intrinsic


def source(seed):
    """A seeded source of randomness."""
    return random.Random(seed)


def run(text, document=None, context=None, variables=None):
    """Evaluate one invocation."""
    return parse_intrinsic(text).evaluate(document, context, variables or {}, source(1))


@pytest.mark.parametrize(
    ("text", "document", "expected"),
    [
        ("States.Format('Hi {}, {} {}', $.n, 1.5, null)", {"n": "Ann"}, "Hi Ann, 1.5 null"),
        (
            "States.Format('{}', $)",
            {"Arg1": 1, "Arg2": [], "c": {"d": True, "e": [None, "x"]}},
            "{Arg1=1, Arg2=[], c={d=true, e=[null, x]}}",
        ),
        (r"States.Format('\{\} \'{}\' \\', 1)", None, "{} '1' \\"),
        ("States.Format($.t, 2)", {"t": "n={}"}, "n=2"),
        ("States.Format('{} {} {}', 0.001, 1234567.5, $.n)", {"n": 1.0}, "0.001 1234567.5 1.0"),
        ("States.Format('{} {} {}', 0.00012, -12345678.9, $.n)", {"n": 1e20}, "1.2E-4 -1.23456789E7 1.0E20"),
        ("States.StringToJson($)", '{"a": [1, null]}', {"a": [1, None]}),
        ("States.JsonToString($)", {"a": [1, "ü"]}, '{"a":[1,"ü"]}'),
        ("States.Array()", None, []),
        ("States.Array($, 'x', true, States.Array(1))", 7, [7, "x", True, [1]]),
        ("States.ArrayPartition($, 2)", [1, 2, 3], [[1, 2], [3]]),
        ("States.ArrayPartition($, 1.5)", [1, 2, 3], [[1], [2], [3]]),
        ("States.ArrayContains($, 1)", [2, 1.0], False),
        ("States.Array($['x\\'y'], $[\"p)q\"], $['b,c'])", {"x'y": 1, "p)q": 2, "b,c": 3}, [1, 2, 3]),
        ("States.Array($[?(@.v =~ /a'\\)/)].v)", [{"v": "a')"}], [["a')"]]),
        ("States.MathAdd(1e10, 0)", None, 1410065408),
        ("States.MathAdd(1e309, 1)", None, 0),
        ("States.StringToJson('[1e400, 2]')", None, ["Infinity", 2]),
        ("States.Array(-1e400, 0.5)", None, ["-Infinity", 0.5]),
        ("States.ArrayContains($, true)", [1], False),
        ("States.ArrayContains($.l, $.o)", {"l": [{"a": 1, "b": 2}], "o": {"b": 2, "a": 1}}, True),
        ("States.ArrayRange(1, 9, 2)", None, [1, 3, 5, 7, 9]),
        ("States.ArrayRange(3, 0, -2)", None, [3, 1]),
        ("States.ArrayRange(1, 1000, 1)", None, list(range(1, 1001))),
        ("States.ArrayGetItem($, 1)", [1, 2], 2),
        ("States.ArrayLength($)", [1, 2], 2),
        ("States.ArrayUnique($)", [3, 1, 3, True, 1.0, [1], [1]], [3, 1, True, 1.0, [1]]),
        ("States.Base64Encode('Data to encode')", None, "RGF0YSB0byBlbmNvZGU="),
        ("States.Base64Decode('RGF0YSB0byBlbmNvZGU=')", None, "Data to encode"),
        ("States.Base64Decode('')", None, ""),
        ("States.Hash('input data', 'SHA-1')", None, "aaff4a450a104cd177d28d18d74485e8cae074b7"),
        ("States.JsonMerge($.a, $.b, false)", {"a": {"x": {"k": 1}, "y": 1}, "b": {"x": {"l": 2}}}, {"x": {"l": 2}, "y": 1}),
        ("States.MathAdd(111, -1)", None, 110),
        ("States.MathAdd(-0.5, 0.5)", None, 1),
        ("States.MathAdd(1.5, 2.5)", None, 5),
        ("States.StringSplit($, ',;')", "a,,b;c", ["a", "b", "c"]),
        ("States.StringSplit('a.b', '.')", None, ["a", "b"]),
        ("States.StringSplit('Hello\nWorld', '\n')", None, ["Hello", "World"]),
        ("States.MathRandom(1, 2)", None, 1),
        ("States.ArrayLength($.items[?(@.a == 'x, y)')])", {"items": [{"a": "x, y)"}]}, 1),
    ],
)
def test_values(text, document, expected):
    """Each function returns the value that AWS documents, or that was measured."""
    result = run(text, document)
    assert result == expected
    assert [type(x) for x in result] == [type(x) for x in expected] if isinstance(expected, list) else type(result) is type(expected)


def test_roots():
    """Arguments can come from the Context object and from variables."""
    assert run("States.Array($.a, $$.b, $v.c[0])", {"a": 1}, {"b": 2}, {"v": {"c": [3]}}) == [1, 2, 3]


def test_uuid_and_random_follow_the_seed():
    """The same source of randomness returns the same values, and so does the same seed."""
    assert run("States.UUID()") == run("States.UUID()")
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", run("States.UUID()"))
    first = parse_intrinsic("States.MathRandom(0, 1000000, 5)").evaluate(None, None, {}, source(1))
    assert first == parse_intrinsic("States.MathRandom(0, 1000000, 5)").evaluate(None, None, {}, source(2))


@pytest.mark.parametrize(
    ("text", "document", "error"),
    [
        ("States.Format('{} {}', 1)", None, "States.Runtime"),
        ("States.Format('{}', 1, 2)", None, "States.Runtime"),
        ("States.StringToJson('{')", None, "States.Runtime"),
        ("States.ArrayPartition($, 0)", [1], "States.Runtime"),
        ("States.ArrayRange(0, 9, 0)", None, "States.Runtime"),
        ("States.ArrayRange(0, 1000, 1)", None, "States.Runtime"),
        ("States.ArrayGetItem($, 3)", [1], "States.Runtime"),
        ("States.ArrayLength($)", {}, "States.Runtime"),
        ("States.Hash('a', 'CRC')", None, "States.Runtime"),
        ("States.JsonMerge($, $, true)", {}, "States.Runtime"),
        ("States.MathAdd('1', 1)", None, "States.Runtime"),
        ("States.MathAdd(true, 1)", None, "States.Runtime"),
        ("States.MathRandom(2, 2)", None, "States.Runtime"),
        ("States.Array($.missing)", {}, "States.Runtime"),
        ("States.Array($unassigned)", {}, "States.Runtime"),
        ("States.Array(States.MathAdd(null, 1))", {}, "States.Runtime"),
    ],
)
def test_failures(text, document, error):
    """A wrong argument fails the state with the function in the text."""
    with pytest.raises(IntrinsicError) as raised:
        run(text, document)
    assert raised.value.error == error
    wrong = f"There was an error while evaluating the intrinsic function: {text}. "
    assert str(raised.value).startswith((wrong, f"The function '{text}' had the following error: "))


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ("Format('x')", 0),
        ("States.Nothing()", 0),
        ("States.UUID(1)", 0),
        ("States.Array(1,)", 15),
        ("States.Array(1", 14),
        ("States.Array('x)", 13),
        ("States.Array(x)", 13),
        ("States.Array(01)", 13),
        ("States.Array($.)", 15),
        ("States.UUID() x", 14),
        ("States.Array(" * 11 + ")" * 11, 130),
    ],
)
def test_syntax_errors(text, position):
    """An invalid call is an error with a position."""
    with pytest.raises(IntrinsicSyntaxError) as raised:
        parse_intrinsic(text)
    assert raised.value.position == position


def test_there_are_eighteen():
    """The whole set of the documentation."""
    assert len(FUNCTION_NAMES) == 18


@given(st.text(max_size=30), st.sampled_from(["a", ",", "ab", ".|"]))
def test_split_keeps_everything_but_delimiters(text, delimiters):
    """Joined again, the parts are the text without its delimiters."""
    parts = run("States.StringSplit($.t, $.d)", {"t": text, "d": delimiters})
    assert "".join(parts) == "".join(c for c in text if c not in delimiters)
    assert all(parts)


@given(st.text(alphabet="States.Array($,)'\\1x[]{} ", max_size=30))
def test_any_text_is_an_invocation_or_a_syntax_error(text):
    """Every text is a call, or a syntax error with a position in the text."""
    try:
        position = text.index(parse_intrinsic(text).text)
    except IntrinsicSyntaxError as error:
        position = error.position
    assert 0 <= position <= len(text)


ARGUMENTS = ("1", "-2.5", "0.4", "3000000000", "'a'", "''", "'{}'", "true", "null", "$.list", "$.object", "$.nested", "$.missing[7]")
DOCUMENT = {"list": [3, "a", None], "object": {"k": 1}, "nested": [[1], {}], "missing": []}


def failure(text):
    """Return the failure of a call with the arguments above, or None."""
    try:
        run(text, DOCUMENT)
    except IntrinsicError as error:
        return error
    return None


@pytest.mark.parametrize("name", FUNCTION_NAMES)
def test_every_function_with_every_kind_of_argument(name):
    """A call returns a value or fails with States.Runtime and AWS's cause, whatever its arguments are."""
    lists = [*itertools.product(ARGUMENTS, repeat=1), *itertools.product(ARGUMENTS, repeat=2)]
    lists += zip(ARGUMENTS, ARGUMENTS[3:], ARGUMENTS[6:], strict=False)
    for arguments in lists:
        text = f"{name}({', '.join(arguments)})"
        try:
            parse_intrinsic(text)
        except IntrinsicSyntaxError:
            continue  # the wrong number of arguments
        failed = failure(text)
        if failed is not None:
            assert failed.error == "States.Runtime"
            reasons = ("Invalid arguments in ", "Invalid template in ", "Cannot convert String to Json in ")
            start = f"There was an error while evaluating the intrinsic function: {text}. "
            assert str(failed).startswith(tuple(f"{start}{reason}{name}" for reason in reasons))


@pytest.mark.parametrize(
    ("text", "document", "expected"),
    [
        ("States.Base64Decode($)", "YW Jj*ZA==rest", "abcd"),
        ("States.StringToJson($)", " ", None),
        ("States.JsonToString($)", [1.0, 1e20, 0.1], "[1.0,1.0E20,0.1]"),
        ("States.ArrayGetItem($, 1.9)", [1, 2], 2),
        ("States.ArrayRange(0.9, 3.9, 1.9)", None, [0, 1, 2, 3]),
        ("States.JsonMerge($, $, null)", {"a": 1}, {"a": 1}),
        ("States.Array($[5])", [1], [None]),
    ],
)
def test_values_of_odd_arguments(text, document, expected):
    """Fractions, malformed Base64 and flags that are not booleans, as AWS takes them (tests/conformance)."""
    assert run(text, document) == expected


def test_placeholders_in_a_template_are_text():
    """A placeholder is filled in when the definition is deployed, so its braces are not those of the template."""
    assert run("States.Format('${stage}-{}', 1)") == "${stage}-1"


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        ("States.Format('{} {}', $.a)", "the template of States.Format has '{}' twice, but 1 value follows"),
        ("States.Format('{}')", "the template of States.Format has '{}' once, but no value follows"),
        ("States.Format('a', 1, 2)", "the template of States.Format has no '{}', but 2 values follow"),
        ("States.Format('{ {}', $.a)", "the template of States.Format is invalid: matching '}' not found for '{'"),
        ("States.Format('{0}', $.a)", "the template of States.Format is invalid: matching '}' not found for '{'"),
        ("States.Format('{}}', $.a)", "the template of States.Format is invalid: matching '{' not found for '}'"),
        ("States.Array(States.Format(1, $.a))", "the template of States.Format must be a text, not 1"),
    ],
)
def test_problems_of_templates(call, problem):
    """A template that is written in the call is checked before it runs; each problem is one at run time too."""
    assert list(parse_intrinsic(call).problems()) == [problem]
    with pytest.raises(IntrinsicError):
        parse_intrinsic(call).evaluate({"a": 1}, {}, {}, random.Random(0))


@pytest.mark.parametrize(
    "call",
    [r"States.Format('\{ {} \}', $.a)", "States.Format($.t, 1)", "States.Format('it\\'s')", "States.Format('')", "States.Array('{')"],
)
def test_templates_without_problems(call):
    """Escaped braces, a template from the input, and texts of other functions are fine."""
    assert list(parse_intrinsic(call).problems()) == []
