"""An expression never turns into text without a word: it compiles to what Python would have meant, or is refused at its line."""

from __future__ import annotations

import copy
import dataclasses
import enum
import json
import pickle
import string
import urllib.parse
from collections.abc import Callable
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import Fail, Function, Pass, Retry, Task, Workflow, fn, integration, literal, placeholder, sdk, states, variables
from generator.asl.jsonata import strip_delimiters
from generator.checks import check
from generator.diagnostics.model import InvalidWorkflowError
from generator.dsl.expressions import Expr
from generator.dsl.source import AuthoringError
from generator.engine import execute
from generator.lower import compile_workflow
from generator.pipeline import Run, check_all, compile_all, load_all, run_pipeline

x = states.input
order = Function("order")


@dataclasses.dataclass
class Payment:
    """A dataclass of an author."""

    id: Any


def lambda_of(value: Any) -> Any:
    """Return a function, whose text has an address."""
    return lambda: value


@pytest.mark.parametrize(
    ("turn", "instead"),
    [
        (lambda: str(x.id), "write fn.string(x.id)"),
        (lambda: f"order-{x.id}", 'write fn.format("order-{}", x.id)'),
        (lambda: f"{x.a}/{x['b-c']}!", "write fn.format(\"{}/{}!\", x.a, x['b-c'])"),
        (lambda: f"{x.total:.2f}", "use fn.format("),
        (lambda: "order-%s" % x.id, 'write fn.format("order-{}", x.id)'),
        (lambda: "%s of %s: 100%%" % (x.a, x.b), 'write fn.format("{} of {}: 100%", x.a, x.b)'),
        (lambda: "%(a)s!" % {"a": x.a}, 'write fn.format("{}!", x.a)'),
        (lambda: "order-{}".format(x.id), 'write fn.format("order-{}", x.id)'),
        (lambda: "{1} {0}".format(x.a, x.b), 'write fn.format("{} {}", x.b, x.a)'),
        (lambda: "{id}".format(id=x.id), 'write fn.format("{}", x.id)'),
        (lambda: "{0.id}".format(x), "use fn.format("),
        (lambda: format(x.id), "write fn.string(x.id)"),
        (lambda: print(x.id), "write print(repr(x.id))"),
        (lambda: string.Template("$a").substitute(a=x.id), "use fn.format("),
        (lambda: urllib.parse.urlencode({"a": x.id}), "use fn.format("),
        (lambda: json.dumps({"a": x.id}, default=str), "write fn.json_string({'a': x.id})"),
        (lambda: {x.id: 1}, "a key must be text"),
        (lambda: {x.id}, "a key must be text"),
        (lambda: {"a": 1}.get(x.id), "literal(prices)[states.input.kind]"),
        (lambda: bool(x.id), "write (a < b)"),
        (lambda: x.a == 1 or x.b == 2, "write (x.a == 1) | (x.b == 2)"),
        (lambda: not x.a, "write ~x.a"),
        (lambda: 1 if x.a else 2, "write fn.if_(x.a, 1, 2)"),
        (lambda: "a" in x.names, "write fn.contains(x.names, 'a')"),
        (lambda: x.a in ["a", "b"], "write fn.contains(['a', 'b'], x.a)"),
        (lambda: len(x.items), "write fn.length(x.items)"),
        (lambda: list(x.items), "Map state"),
        (lambda: [i.price for i in x.items], "write fn.map_(x.items, lambda i: i.price)"),
        (lambda: int(x.id), "write fn.number(x.id)"),
        (lambda: float(x.id), "write fn.number(x.id)"),
        (lambda: min(x.a, 3), "write fn.min_([x.a, 3])"),
        (lambda: max(x.a, x.b), "write fn.max_([x.a, x.b])"),
        (lambda: sum(x.prices), "write fn.sum_(x.prices)"),
        (lambda: sorted(x.names), 'write fn.call("sort", x.names)'),
        (lambda: list(reversed(x.names)), 'write fn.call("reverse", x.names)'),
        (lambda: [1, 2][x.n], "fn.item"),
        (lambda: range(x.n), "fn.range_"),
        (lambda: "ab" * x.n, "fn.format"),
        (lambda: fn.string(x.a) * 3, "another function of fn"),
        (lambda: x.a % "b", "fn.format"),
        (lambda: x.a % ("b",), "fn.format"),
        (lambda: x.name[1:3], 'fn.call("substring", x.name, 1, 2)'),
        (lambda: "n: " + fn.length(x.a), 'write fn.format("n: {}", fn.length(x.a))'),
        (lambda: "n: " + (x.a * 2) + "!", 'write fn.format("n: {}!", x.a * 2)'),
        (lambda: [1] + x.items, 'fn.call("append"'),
        (lambda: {"a": 1} | x.b, "fn."),
        (lambda: x.a + None, "fn.format"),
        (lambda: x.a & 3, "need parentheses"),
        (lambda: x.name.upper(), "fn.uppercase"),
        (lambda: dict(**x.a), "fn.merge"),
        (lambda: fn.format(x.template, 1), "text that is known before"),
        (lambda: fn.matches(x.name, x.pattern), "text that is known before"),
        (lambda: fn.string({1: x.a}), "the keys of an object must be text"),
        (lambda: x.a == Payment(x.b), "dataclasses.asdict"),
        (lambda: x.a == {1, 2}, "sorted(…)"),
        (lambda: x.a == order, "such as .arn"),
        (lambda: x.at < datetime(2026, 1, 1), "tzinfo=UTC"),  # noqa: DTZ001
        (lambda: fn.join(",", [x.a]), "the separator"),  # type: ignore[arg-type]
        (lambda: literal([x.a]), "without literal"),
        (lambda: PurePosixPath("a") / x.id, "str(…)"),
        (lambda: enum.Enum("E", {"A": x.a, "B": x.b}), "truth value"),
        (lambda: Workflow(x.name), "must be text"),
        (lambda: Task(x.name), "must be text"),
        (lambda: Retry(x.name), "error name"),
        (lambda: Pass("P", comment=x.name), "comment of 'P' must be text"),
        (lambda: Pass("P", query_language=x.name), "JSONata or JSONPath"),
        (lambda: integration(x.name), "text such as"),
        (lambda: placeholder(x.name), "must be text"),
        (lambda: f"{order}", "one of its attributes"),
        (lambda: str(sdk.s3.get_object), "one of its attributes"),
        (lambda: f"{order.invoke()}", "one of its attributes"),
        (lambda: f"{states}", "one of its attributes"),
        (lambda: f"{Pass('P')}", "one of its attributes"),
    ],
)
def test_refused_at_its_line_with_the_way_to_say_it(turn: Any, instead: str) -> None:
    """The place is the author's line, and the hint is the author's own code, written anew."""
    with pytest.raises(AuthoringError) as caught:
        turn()
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "SFN806"
    assert instead in f"{diagnostic.message} {diagnostic.expected} {diagnostic.hint}"
    line = turn.__code__.co_firstlineno
    assert (Path(diagnostic.span.file).name, diagnostic.span.line) == ("test_text.py", line)


@pytest.mark.parametrize(
    "text",
    [
        lambda: repr(x.id),
        lambda: f"order-{x.id!r}",
        lambda: f"{x.id=}",
        lambda: f"{x.id!a}",
        lambda: "order-%r" % x.id,
        lambda: f"{[x.id]}",
        lambda: "%s" % {"a": x.id},
        lambda: str(Payment(x.id)),
        lambda: repr(x.id).upper(),
        lambda: repr(x.id).strip("<>"),
        lambda: ",".join(map(repr, [x.a, x.b])),
        lambda: repr(x.id)[:12],
        lambda: json.dumps([x.id], default=repr),
        lambda: f"{object()}",
        lambda: f"{lambda_of(1)}",
    ],
)
@pytest.mark.parametrize("place", range(9))
def test_what_repr_made_never_reaches_a_definition(text: Any, place: int) -> None:
    """``repr`` is for debuggers; where its text ends in a definition, it is found, in every place that has text."""
    step = [
        lambda t: Pass("P", output={"a": [t]}),
        lambda t: Pass("P", output={t: 1}),
        lambda t: Pass(name=t),
        lambda t: Pass("P", comment=t),
        lambda t: Fail("F", cause=t),
        lambda t: Task("T", "arn:t", retry=Retry(t)),
        lambda t: Pass("P", output=fn.format("{}" + t.replace("{}", ""), x.a)),
        lambda t: Pass("P", query_language="JSONPath", output={"a": "b-" + t}),
        lambda t: Pass("P", output=literal({"a": t})),
    ][place](text())
    assert "SFN806" in [d.code for d in compile_workflow(Workflow("w", steps=[step])).diagnostics]


def test_what_repr_made_never_reaches_a_resource() -> None:
    """Descriptions and environments are texts, too."""
    for make in (
        lambda text: Function("f", description=text),
        lambda text: Function("f", environment={"NAME": text}),
        lambda text: Workflow("w", comment=text),
    ):
        with pytest.raises(AuthoringError):
            make(f"of {x.order_id!r}")


def test_the_line_of_a_repr_is_known() -> None:
    """The error is where ``repr`` was called, not where its text was used."""
    text = f"{x.order_id!r}"
    line = test_the_line_of_a_repr_is_known.__code__.co_firstlineno + 2
    (found,) = compile_workflow(Workflow("w", steps=[Pass("P", output=text)])).diagnostics
    assert found.span.line == line


def test_debuggers_can_look_at_an_expression() -> None:
    """``repr``, ``copy`` and ``is`` work; a text that looks alike is an author's."""
    assert repr([x.looked.at]) == "[<Expr states.input.looked.at>]"
    assert copy.deepcopy({"a": x})["a"] is not None
    made = compile_workflow(Workflow("w", steps=[Pass("P", output="the <Expr tag> of XML, at 0x10")]))
    assert made.diagnostics == ()
    with pytest.raises(TypeError):
        pickle.dumps(x.a)


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ('", ".join([states.input.a])', 'write fn.join([states.input.a], ", ")'),
        ("json.dumps({'a': states.input.a})", "write fn.json_string({'a': states.input.a})"),
        ("'order-%d' % states.input.a", 'write fn.format("order-{}", states.input.a)'),
        ("'a' in states.input.a or states.input.a in 'abc'", "write fn.contains("),
        ("datetime.timedelta(seconds=states.input.a)", "fn.format"),
        ("pathlib.Path(states.input.a)", "fn.format"),
        ("b'%s' % states.input.a", "fn.format"),
        ("f'{states.context.Execution.Id}'", 'write fn.format("{}", states.context.Execution.Id)'),
    ],
)
def test_what_python_itself_refuses_has_a_way_out(project: Callable[..., Path], code: str, hint: str) -> None:
    """Python's own TypeError about an Expr is reported like ours: at the author's line, with what to write."""
    module = f"import datetime, json, pathlib\nfrom generator import *\n\nwrong = {code}\n"
    (found,) = run_pipeline(Run(project(a=module), write=False), (load_all, compile_all, check_all)).diagnostics
    assert (found.code, found.span.line) == ("SFN806", 4)
    assert hint in found.hint


def test_keywords_that_are_positional_have_a_way_out(project: Callable[..., Path]) -> None:
    """``Choice(rules=…)`` and ``Parallel(branches=…)`` name the form with a star."""
    module = "from generator import *\n\nboth = Parallel('P', branches=[[Pass('A')], [Pass('B')]])\n"
    (found,) = run_pipeline(Run(project(a=module), write=False), (load_all,)).diagnostics
    assert found.hint == "write Parallel(…, *branches)"


# -- the property -----------------------------------------------------------------------------------------------------------

TEXTS = st.text(alphabet="ab é{}%$\"'\\<>&/:-", max_size=6)
VALUES = st.fixed_dictionaries({"t": TEXTS, "u": TEXTS, "n": st.integers(-99, 99), "m": st.integers(1, 99)})
NAMES = ("t", "u", "n", "m")


def say(node: Any, data: Any) -> Any:
    """Do what a tree says in Python, with the fields of the data; data is the input, or real values."""
    kind, *rest = node
    if kind == "field":
        return data[rest[0]]
    if kind == "const":
        return rest[0]
    parts = [say(part, data) for part in rest if isinstance(part, tuple)]
    return OPERATIONS[kind](*parts, *[part for part in rest if not isinstance(part, tuple)])


def whole(value: Any) -> Any:
    """Return a value; stop at the text of a ``repr``, of which nothing could be found after it is cut into pieces or counted."""
    if isinstance(value, str) and "<Expr" in value:
        raise TypeError("a repr is not cut into pieces here")
    return value


def format_of(*values: Any) -> Any:
    """Return ``fn.format`` for expressions, and Python's for values. They write objects and lists differently, as JSON and as Python."""
    if not all(isinstance(value, Expr | str | int) for value in values):
        raise TypeError("only texts and numbers are compared")
    return fn.format if any(isinstance(value, Expr) for value in values) else str.format


OPERATIONS: dict[str, Any] = {
    "+": lambda a, b: a + b,
    "%": lambda a, b: whole(a) % b,
    "*": lambda a, b: whole(a) * whole(b),
    "-": lambda a, b: a - b,
    "%s": lambda a, t: (t + "%s") % a,
    "%s%s": lambda a, b, t: ("%s" + t + "%s") % (a, b),
    "%r": lambda a, t: t + "%r" % a,
    "f": lambda a, b, t: f"{t}{a}{t}{b}",
    "f!r": lambda a, t: f"{t}{a!r}",
    "format": lambda a, b, t: t.replace("{", "{{").replace("}", "}}").join(["{}", "{}"]).format(a, b),
    "join": lambda a, b, t: t.join([a, b]),
    "str": str,
    "list": lambda a: str([a]),
    "key": lambda a: {a: 1},
    "get": lambda a: {"a": 1}.get(whole(a), "none"),
    "upper": lambda a: a.upper(),
    "or": lambda a, b: whole(a) or b,
    "len": lambda a: len(whole(a)),
    "slice": lambda a: whole(a)[1:],
    "fn.format": lambda a, b, t: format_of(a, b)(t.replace("{", "").replace("}", "") + "{}-{}", a, b),
    "obj": lambda a, t: {"k": [a, t]},
}
LEAVES = st.sampled_from([("field", name) for name in NAMES]) | (TEXTS | st.integers(0, 9)).map(lambda value: ("const", value))
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.tuples(st.sampled_from(["+", "+", "+", "%", "*", "-", "or"]), inner, inner)
        | st.tuples(st.sampled_from(["%s", "%r", "f!r", "obj"]), inner, TEXTS)
        | st.tuples(st.sampled_from(["%s%s", "f", "format", "join", "fn.format"]), inner, inner, TEXTS)
        | st.tuples(st.sampled_from(["str", "list", "key", "get", "upper", "len", "slice"]), inner)
    ),
    max_leaves=6,
)


@given(TREES, VALUES)
def test_an_expression_means_what_python_means_or_is_refused(tree: Any, values: dict[str, Any]) -> None:
    """Run what is compiled in the engine, and compare it with Python on the same values, in which no expression is."""
    try:
        output = say(tree, x)
        made = compile_workflow(Workflow("w", steps=[Pass("P", output={"v": literal(output) if isinstance(output, str) else output})]))
    except (InvalidWorkflowError, TypeError, AttributeError, ValueError, IndexError, ZeroDivisionError):
        return  # refused by us, or by Python
    if any(d.code in ("SFN806", "SFN821") for d in made.diagnostics):
        return
    assert made.diagnostics == ()
    assert "<Expr" not in made.text()
    wrong = {found.code for found in check(made.walk)}
    assert wrong <= {"SFN205", "SFN206"}
    if wrong:  # a text of the tree begins or ends as raw JSONata does, which the checks refuse
        assert "{%" in made.text() or "%}" in made.text()
        return
    try:
        expected = say(tree, values)
    except (TypeError, AttributeError, ValueError, IndexError, ZeroDivisionError):
        return  # Python has no meaning for these values
    execution = execute(made.text(), values)
    if execution.status == "FAILED":  # * and - are for numbers: a text there fails aloud, and never becomes another text
        assert execution.error == "States.QueryEvaluationError"
        assert "*" in repr(tree) or "%" in repr(tree)
        return
    assert execution.output == {"v": expected}


def test_compiled_text_is_what_a_person_would_write() -> None:
    """The known kind of one side decides; where none is known, the execution decides."""

    def written(expression: Expr) -> str:
        made = compile_workflow(Workflow("w", steps=[Pass("P", output=expression)]))
        assert made.diagnostics == ()
        return strip_delimiters(made.document["States"]["P"]["Output"])

    assert written("order-" + x.id) == '"order-" & $states.input.id'
    assert written(x.first + " " + x.last) == '$states.input.first & " " & $states.input.last'
    assert written(x.a + x.b + "!") == '$states.input.a & $states.input.b & "!"'
    assert written(x.a + x.b * 2) == "$states.input.a + $states.input.b * 2"
    assert written((x.a + x.b) * 2) == "($states.input.a + $states.input.b) * 2"
    assert written(x.a + x.b > 3) == "$states.input.a + $states.input.b > 3"
    assert written(fn.as_number(x.a) + x.b) == "$states.input.a + $states.input.b"
    assert written(x.a + x.b) == (
        '$type($states.input.a) = "string" ? $states.input.a & $states.input.b : $states.input.a + $states.input.b'
    )
    assert written(x.n % 3) == "($states.input.n % 3 + 3) % 3"
    assert written(fn.length(fn.unique(x.a)) % 3) == "$count($distinct($states.input.a)) % 3"
    assert written(sum([x.a, x.b])) == "0 + $states.input.a + $states.input.b"
    assert written("at " + states.context.Execution.StartTime) == '"at " & $states.context.Execution.StartTime'
    assert written(x.total + variables.tax + 1) == "$states.input.total + $tax + 1"


def test_json_path_must_know_what_plus_means() -> None:
    """JSONPath has one function for numbers and another for text, and the first one rounds."""

    def codes(value: Expr) -> list[str]:
        made = compile_workflow(Workflow("w", query_language="JSONPath", steps=[Pass("P", output={"v": value})]))
        return [d.code for d in made.diagnostics]

    assert codes(x.a + x.b) == ["SFN802"]
    assert codes(x.a + 1.5) == ["SFN802"]
    assert codes(fn.as_number(x.a) + x.b) == []
    assert codes(x.a + "-" + x.b) == []
