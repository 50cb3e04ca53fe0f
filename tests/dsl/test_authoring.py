"""Mistakes in the author's code that Python would accept are errors at the author's line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator import (
    END,
    Catch,
    Choice,
    Commented,
    DistributedMap,
    Fail,
    Function,
    Logging,
    Map,
    Parallel,
    Pass,
    Queue,
    Retry,
    Succeed,
    Table,
    Task,
    Workflow,
    csv_items,
    fn,
    placeholder,
    prefixed,
    sdk,
    states,
    when,
)
from generator.dsl.expressions import Expr
from generator.dsl.source import AuthoringError

x = states.input


def use_and() -> Any:
    return (x.a == 1) and (x.b == 2)


def chain() -> Any:
    return 1 < x.a < 3


def loop() -> Any:
    return [item for item in x.items]  # noqa: C416


def f_string() -> Any:
    return f"order {x.id}"


def length() -> Any:
    return len(x.items)


def membership() -> Any:
    return "a" in x.names


def method() -> Any:
    return x.name.lower()


def assignment() -> Any:
    x.total = 1
    return x


@pytest.mark.parametrize(
    ("mistake", "way_out"),
    [
        (use_and, "&"),
        (chain, "(1 < x.a) & (x.a < 3)"),
        (loop, "Map state"),
        (f_string, "fn.format"),
        (length, "fn.length"),
        (membership, "fn.contains"),
        (method, "fn.lower"),
        (assignment, "assign="),
        (lambda: x[1:2], 'fn.call("substring", x, 1, 1)'),
        (lambda: x[::2], "fn.filter_"),
        (lambda: x + {1}, "an expression, or a JSON value"),
        (lambda: fn.format("{} {}", x.a), "one {} for each argument"),
        (lambda: fn.map_(x.items, lambda: 1), "lambda item"),
        (lambda: placeholder("Bad-Name"), "letters, digits"),
        (lambda: Queue("Order_Queue"), "lower case words"),
        (lambda: Function("f", timeout_seconds=901), "1 to 900 seconds"),
        (lambda: Function("f", memory_mb=64), "128 to 10240 MB"),
        (lambda: Pass(x.name), 'Pass("Name", …)'),
        (lambda: Choice("C", x.a == 1), "when(condition, …)"),  # type: ignore[arg-type]
        (lambda: Task("T", "arn:x", retry=3), "Retry(…)"),  # type: ignore[arg-type]
        (lambda: Task("T", "arn:x", retry=Catch("E", "F")), "Retry(…)"),  # type: ignore[arg-type]
        (lambda: Task("T", "arn:x", catch=["E"]), "Catch(errors, then)"),  # type: ignore[list-item]
        (lambda: Task("T", 3), "an ARN"),  # type: ignore[arg-type]
        (lambda: Pass("P", assign=["a"]), '{"name": value}'),  # type: ignore[arg-type]
        (lambda: Parallel("P", 3), "a list of steps"),  # type: ignore[arg-type]
        (lambda: Parallel("P", [[Pass("X")], [Pass("Y")]]), 'Parallel("P", [Pass("X")], [Pass("Y")])'),
        (lambda: Parallel("P", [[Pass("X")], [Pass("Y")]]), 'Parallel("P", *branches)'),
        (lambda: Parallel("P", ([Pass("X")], [Pass("Y"), [Pass("Z")]])), '[Pass("X")], [Pass("Y"), [Pass("Z")]]'),
        (lambda: Parallel("P", [Pass("X")], [[Pass("Y")], [Pass("Z")]]), "[*first, *second]"),
        (lambda: Parallel("P", ([Pass(n)] for n in "XY")), "*…"),  # type: ignore[arg-type]
        (lambda: Parallel("P", [Commented([Pass("X")], "x"), [Pass("Y")]]), "a list of lists"),  # type: ignore[list-item]
        (lambda: Parallel("P", {"a": [Pass("X")]}), "a list of steps"),  # type: ignore[arg-type]
        (lambda: Parallel("P", [Pass("X"), when(x.a == 1)]), "a Choice"),  # type: ignore[list-item]
        (lambda: Map("M", x.items, None), "a list of steps"),  # type: ignore[arg-type]
        (lambda: Map("M", x.items, (Pass(n) for n in "XY")), "list(…)"),  # type: ignore[arg-type]
        (lambda: Workflow("w", steps={Pass("A"), Pass("B")}), "a list of steps"),  # type: ignore[arg-type]
        (lambda: Workflow("w", steps=[Pass("A"), "B"]), "a list of steps"),  # type: ignore[list-item]
        (lambda: Workflow("w", steps=[Pass("A"), [Pass("B"), None]]), "a list of steps"),  # type: ignore[list-item]
        (lambda: Workflow("w", steps=[Pass("A"), Catch("E", "A")]), "catch=…"),  # type: ignore[list-item]
        (lambda: Choice("C", [when(x.a == 1), when(x.a == 2)]), 'Choice("C", *rules)'),  # type: ignore[arg-type]
        (lambda: Choice("C", when(x.a == 1), otherwise=3), "the name of a state"),  # type: ignore[arg-type]
        (lambda: Choice("C", when(x.a == 1), otherwise=END), "the name of a state"),  # type: ignore[arg-type]
        (lambda: when(x.a == 1, [Pass("A"), when(x.b == 1)]), "a Choice"),  # type: ignore[list-item]
        (lambda: Catch("E", (Pass(n) for n in "XY")), "list(…)"),  # type: ignore[arg-type]
        (lambda: Catch([["E"]], "F"), "an error name"),  # type: ignore[list-item]
        (lambda: Catch([], "F"), "an error name"),
        (lambda: Retry([x.error]), "an error name"),  # type: ignore[list-item]
        (lambda: Retry({"A", "B"}), "a list of error names"),  # type: ignore[arg-type]
        (lambda: Task("T", "arn:x", retry=[[Retry("A")], Retry("B")]), "[*first, *second]"),  # type: ignore[list-item]
        (lambda: Task("T", "arn:x", catch={"E": "F"}), "Catch(errors, then)"),  # type: ignore[arg-type]
        (lambda: Task("T", "arn:x", catch=("E", Fail("F"))), "Catch(errors, then)"),  # type: ignore[arg-type]
        (lambda: csv_items("b", "k", headers={"a", "b"}), "a list of the names"),  # type: ignore[arg-type]
        (lambda: csv_items("b", "k", headers="abc"), "a list of the names"),
        (lambda: prefixed("A", {Pass("B")}), "a list of steps"),  # type: ignore[arg-type]
        (lambda: DistributedMap("D", x.items, Pass("P"), batch=3), "ItemBatcher"),  # type: ignore[arg-type]
        (lambda: Workflow("w", steps="A"), "a list of steps"),
        (lambda: Workflow("w", steps=[Pass("A")], type="FAST"), "STANDARD or EXPRESS"),  # type: ignore[arg-type]
        (lambda: Workflow("w", steps=[Pass("A")], logging=Logging(retention_days=29)), "one of 0, 1, 3"),
        (lambda: Workflow("w", steps=[Pass("A")], comment=5), "text or None"),  # type: ignore[arg-type]
        (lambda: Workflow("w", steps=[Pass("A")], logging=Logging("DEBUG")), "OFF or FATAL"),  # type: ignore[arg-type]
        (lambda: Workflow("w" * 81, steps=[Pass("A")]), "at most 80"),
        (lambda: Pass("S", next=3), "the name of a state, NEXT or END"),  # type: ignore[arg-type]
        (lambda: Pass("S", next=[Pass("T")]), "the name of a state, NEXT or END"),  # type: ignore[arg-type]
        (lambda: Pass("S", next=None), "the name of a state, NEXT or END"),  # type: ignore[arg-type]
        (lambda: Succeed("S", next="T"), "must not have next=…"),
        (lambda: Fail("S", next=Pass("T")), "must not have next=…"),
        (lambda: when(x.a == 1, 3), "the name of a state"),  # type: ignore[arg-type]
        (lambda: when(None), "an expression such as"),  # type: ignore[arg-type]
        (lambda: Catch("E", {"a": 1}), "the name of a state"),  # type: ignore[arg-type]
        (lambda: Catch(Fail("F"), "E"), "an error name"),  # type: ignore[arg-type]
        (lambda: Retry(None), "an error name"),  # type: ignore[arg-type]
        (lambda: x.a + float("inf"), "a finite number"),
        (lambda: sdk.dynamodb.get_item({"TableName": "t"}), "must be keyword arguments"),
        (lambda: Table("t", key=5), "name of an attribute"),  # type: ignore[arg-type]
        (lambda: Table("t").allow("*"), "API actions"),
        (lambda: Table("t").allow(), "API actions"),
        (lambda: Table("t").allow("get_item", "query"), 'write "GetItem", "Query"'),
        (lambda: Queue("q", dead_letter="d"), "a Queue"),  # type: ignore[arg-type]
        (lambda: Queue("q", retention_seconds=59), "60 to 1209600"),
        (lambda: Queue("q", max_receive_count=5), "dead_letter=…"),
        (lambda: Queue("q", dead_letter=Queue("d"), max_receive_count=0), "1 to 1000"),
        (lambda: Queue("q").trigger(batch_size=0), "1 to 10000"),
        (lambda: Function("f", timeout_seconds="9"), "a whole number"),  # type: ignore[arg-type]
        (lambda: Function("f", timeout_seconds=True), "a whole number"),
        (lambda: Function("f", environment={"a b": "c"}), "letters, digits"),
        (lambda: Function("f", environment={"AB": 5}), "text, or a reference"),  # type: ignore[dict-item]
        (lambda: Function("f", environment={"AB": "${HOME}/x"}), 'literal("${HOME}/x")'),
        (lambda: Function("f", environment={"AB": x.a}), "known at deployment"),
        (lambda: Function("f", environment={"AB": fn.format("{}-{}", Table("t").arn, x.a)}), "known at deployment"),
        (lambda: Function("f", log_retention_days=29), "one of 0, 1, 3"),
        (lambda: Function("f", description="x" * 257), "at most 256"),
        (lambda: Function("f", reserved_concurrency=-1), "0 or more"),
        (lambda: Function("f", architecture="arm"), "arm64 or x86_64"),  # type: ignore[arg-type]
        (lambda: Function("f", timeout_seconds=31, triggers=[Queue("q").trigger()]), "at most the visibility timeout"),
        (lambda: Function("f", uses=Table("t").allow("GetItem")), "[table.allow"),  # type: ignore[arg-type]
        (lambda: Function("f", uses=["s3:GetObject"]), "table.allow"),  # type: ignore[list-item]
        (lambda: Queue("q").send_message().sync().wait_for_task_token(), "already has an integration pattern"),
    ],
)
def test_the_error_has_a_way_out(mistake: Callable[[], Any], way_out: str) -> None:
    """The error has the file and line of the author, and the text to write instead."""
    with pytest.raises(AuthoringError) as caught:
        mistake()
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == ("SFN821" if "literal(" in way_out else "SFN806")
    assert diagnostic.span.file.endswith("test_authoring.py")
    assert way_out in f"{diagnostic.message} {diagnostic.expected} {diagnostic.hint}"


def test_fields_never_collide_with_the_vocabulary() -> None:
    """Any name is a field: an expression has no public attribute of its own."""
    assert [name for name in dir(Expr) if not name.startswith("_")] == []
    assert repr(x.items.values.keys) == "<Expr states.input.items.values.keys>"


def test_actions_of_the_sdk_are_spelled_either_way() -> None:
    """The spellings of Python and of AWS return the same resource."""
    table = Table("orders", key="order_id")
    one = sdk.dynamodb.update_item(TableName=table.table_name)
    assert one.resource == sdk.dynamodb.updateItem().resource == "arn:aws:states:::aws-sdk:dynamodb:updateItem"


def test_places_are_those_of_the_calls() -> None:
    """Each value remembers the line it was written on, also inside a helper of the author's."""
    span = when(x.a == 1).source.span()
    assert span.file.endswith("test_authoring.py")
    assert span.end_column is not None
    line = Path(__file__).read_text(encoding="utf-8").split("\n")[span.line - 1]
    assert line[span.column - 1 : span.end_column - 1] == "when(x.a == 1)"
