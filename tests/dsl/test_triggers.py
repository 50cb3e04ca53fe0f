"""Triggers: what AWS refuses is refused where it is written, and what it accepts is accepted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from generator import Bucket, EventBus, EventRule, Queue, Schedule, Succeed, Table, Workflow, fn, jsonpath, states
from generator.catalog.event_patterns import pattern_problem
from generator.catalog.schedules import expression_problem
from generator.dsl.expressions import operand
from generator.dsl.source import AuthoringError
from generator.dsl.triggers import event_path
from generator.pipeline import Run, run_pipeline

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# From https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html and
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
VALID = [
    *("rate(1 minute)", "rate(5 minutes)", "rate(1 hour)", "rate(12 hours)", "rate(1 day)", "rate(365 days)"),
    *("cron(15 10 ? * 6L 2022-2023)", "cron(0/5 8-17 ? * MON-FRI *)", "cron(0 18 ? * MON-FRI *)", "cron(0 8 1 * ? *)"),
    *("cron(0/15 * * * ? *)", "cron(0 9 ? * 2#1 *)", "cron(*/10 * ? * mon,wed *)", "cron(0 0 L * ? *)", "cron(0 0 15W JAN-MAR ? 2027)"),
    "at(2022-11-20T13:00:00)",
]
INVALID = {
    "every day": "rate(5 minutes)",
    "rate(0 minutes)": "a whole number",
    "rate(5min)": "a unit",
    "rate(1.5 hours)": "a whole number",
    "rate(2 weeks)": "rate(7 days)",
    "cron(0 2 * * *)": "a cron of Unix has no year",
    "cron(0 2 * * * *)": "'?' in exactly one",
    "cron(0 2 ? * ? *)": "'?' in exactly one",
    "cron(60 2 * * ? *)": "0-59",
    "cron(0 24 * * ? *)": "0-23",
    "cron(0 2 0 * ? *)": "1-31",
    "cron(0 2 * 13 ? *)": "1-12 or JAN-DEC",
    "cron(0 2 ? * 0 *)": "1-7 or SUN-SAT",
    "cron(0 2 ? * MON#6 *)": "1-7 or SUN-SAT",
    "cron(0 2 * * ? 1969)": "1970-2199",
    "cron(0/0 2 * * ? *)": "0-59",
    "cron(1,,2 2 * * ? *)": "0-59",
    "cron(\u0661 2 * * ? *)": "0-59",
    "at(2027-02-30T12:00:00)": "at(2027-01-31T12:00:00)",
    "at(2027-01-31T12:00:00Z)": "without a zone",
    "at(2027-01-31)": "at(2027-01-31T12:00:00)",
}


@pytest.mark.parametrize("expression", VALID)
def test_expressions_that_aws_accepts(expression: str) -> None:
    """Those of its documentation, each form and each kind of field."""
    assert expression_problem(expression) is None


@pytest.mark.parametrize("expression", INVALID)
def test_expressions_that_aws_refuses(expression: str) -> None:
    """With what belongs there."""
    problem = expression_problem(expression)
    assert problem is not None
    assert INVALID[expression] in problem.expected


# From https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
PATTERNS: list[Any] = [
    {"source": ["aws.ec2", "aws.fargate"], "account": ["123456789012"]},
    {"detail": {"state": [{"anything-but": "initializing"}]}},
    {"detail": {"state": [{"anything-but": ["stopped", "overloaded"]}], "x": [{"anything-but": [100, 200]}]}},
    {"detail": {"state": [{"anything-but": {"prefix": "init"}}], "f": [{"anything-but": {"wildcard": "*/lib/*"}}]}},
    {"detail": {"c": [{"numeric": [">", 0, "<=", 5]}], "d": [{"numeric": ["=", 3.018e2]}], "e": [{"exists": True}]}},
    {"detail": {"ip": [{"cidr": "10.0.0.0/24"}], "name": [{"equals-ignore-case": "alice"}], "w": [{"wildcard": "dir/*.png"}]}},
    {"detail": {"service": [{"prefix": {"equals-ignore-case": "EventB"}}], "eventName": [{"suffix": ".png"}], "n": [None, "", True, 1]}},
    {"detail": {"$or": [{"c-count": [{"numeric": [">", 0]}]}, {"x-limit": [{"exists": False}], "d": ["a"]}]}},
]
WRONG_PATTERNS: dict[str, tuple[Any, str]] = {
    "nothing": ({}, "a field or more"),
    "a list": (["aws.s3"], "a field or more"),
    "a leaf": ({"source": "aws.s3"}, "a list of values"),
    "a deep leaf": ({"detail": {"object": {"size": 5}}}, "a list of values"),
    "an operator without a list": ({"detail": {"key": {"prefix": "in/"}}}, "a list of values"),
    "an empty list": ({"source": []}, "a value or more"),
    "an empty object": ({"detail": {}}, "fields, or"),
    "a list in a list": ({"source": [["aws.s3"]]}, "an operator"),
    "two operators": ({"k": [{"prefix": "a", "suffix": "b"}]}, "one operator in each dict"),
    "an unknown operator": ({"k": [{"contains": "a"}]}, "one of anything-but"),
    "exists": ({"k": [{"exists": "true"}]}, "True or False"),
    "numeric": ({"k": [{"numeric": ["!=", 5]}]}, "one or two comparisons"),
    "a large number": ({"k": [{"numeric": [">", 1e10]}]}, "-5e9 to 5e9"),
    "a prefix": ({"k": [{"prefix": 5}]}, "text"),
    "one alternative": ({"$or": [{"a": ["b"]}]}, "two patterns or more"),
    "an alternative": ({"$or": [{"a": ["b"]}, {"a": "b"}]}, "a list of values"),
    "a key": ({5: ["a"]}, "the name of a field"),
}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_patterns_that_aws_accepts(pattern: Any) -> None:
    """Each operator of its documentation."""
    assert pattern_problem(pattern) is None
    assert EventRule(pattern).pattern == pattern


@pytest.mark.parametrize("case", WRONG_PATTERNS)
def test_patterns_that_aws_refuses(case: str) -> None:
    """With the place in the pattern and what belongs there."""
    pattern, expected = WRONG_PATTERNS[case]
    with pytest.raises(AuthoringError) as caught:
        EventRule(pattern)
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.span.file.rpartition("/")[2]) == ("SFN831", "test_triggers.py")
    assert expected in diagnostic.expected


NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)
imports = Bucket("imports", event_bridge=True)


@pytest.mark.parametrize(
    ("mistake", "code", "way_out"),
    [
        (lambda: Schedule("rate(5 min)"), "SFN830", "rate(5 minutes)"),
        (lambda: Schedule("rate(5 minutes)", time_zone="Europe/Berln"), "SFN830", "did you mean 'Europe/Berlin'"),
        (lambda: Schedule("rate(5 minutes)", window_minutes=0), "SFN830", "1 to 1440"),
        (lambda: Schedule("rate(5 minutes)", window_minutes=1441), "SFN830", "1 to 1440"),
        (lambda: Schedule("rate(5 minutes)", maximum_retry_attempts=186), "SFN830", "0 to 185"),
        (lambda: Schedule("rate(5 minutes)", maximum_event_age_seconds=59), "SFN830", "60 to 86400"),
        (lambda: Schedule("rate(5 minutes)", name="Nightly"), "SFN830", "lower case words"),
        (lambda: Schedule("rate(5 minutes)", description="x" * 513), "SFN830", "at most 512"),
        (lambda: Schedule("rate(5 minutes)", start=datetime(2027, 1, 1)), "SFN830", "tzinfo=UTC"),  # noqa: DTZ001  the mistake
        (lambda: Schedule("rate(5 minutes)", start=NOON, end=NOON), "SFN830", "a start before the end"),
        (lambda: Schedule("rate(5 minutes)", input={"a": [states.input.x]}), "SFN830", "known at deployment"),
        (lambda: Schedule("rate(5 minutes)", dead_letter=Queue("q", fifo=True)), "SFN830", "a standard queue"),
        (lambda: Schedule("rate(5 minutes)", dead_letter="q"), "SFN830", "a Queue"),  # type: ignore[arg-type]
        (lambda: Schedule("rate(5 minutes)", window_minutes="5"), "SFN806", "a whole number"),  # type: ignore[arg-type]
        (lambda: Schedule("rate(5 minutes)", start="today"), "SFN806", "a datetime"),  # type: ignore[arg-type]
        (lambda: EventRule({"source": ["a"]}, bus="default"), "SFN831", "an EventBus"),  # type: ignore[arg-type]
        (lambda: EventRule({"source": [states.input.x]}), "SFN831", "orders.arn"),
        (lambda: EventRule({"source": ["a"]}, input={"a": states.input.x + 1}), "SFN831", "first step of the workflow"),
        (lambda: EventRule({"source": ["a"]}, input={"a": states.context.Execution.Id}), "SFN831", "first step of the workflow"),
        (lambda: EventRule({"source": ["a"]}, input={"a": jsonpath("$..b")}), "SFN831", "first step of the workflow"),
        (lambda: imports.on("Object Craeted"), "SFN831", "did you mean 'Object Created'"),
        (lambda: Bucket("files").on_created(), "SFN831", "event_bridge=True"),
        (lambda: Workflow("w", steps=[Succeed("S")], triggers=Schedule("rate(1 day)")), "SFN806", "[Schedule"),  # type: ignore[arg-type]
        (lambda: Workflow("w", steps=[Succeed("S")], triggers=["rate(1 day)"]), "SFN806", "Schedule(…)"),  # type: ignore[list-item]
        (lambda: Workflow("w", steps=[Succeed("S")], triggers=[imports.on_created(), imports.on_created()]), "SFN832", "name=…"),
    ],
)
def test_the_error_has_a_way_out(mistake: Callable[[], Any], code: str, way_out: str) -> None:
    """The error has its code, the author's line, and what to write instead."""
    with pytest.raises(AuthoringError) as caught:
        mistake()
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == code
    assert diagnostic.span.file.endswith("test_triggers.py")
    assert way_out in f"{diagnostic.message} {diagnostic.expected} {diagnostic.hint}"


@pytest.mark.parametrize(
    ("part", "path"),
    [
        (states.input, "$"),
        (states.input.detail["object"].key, "$.detail.object.key"),
        (states.input["detail-type"], "$.detail-type"),
        (states.input.resources[0], "$.resources[0]"),
        (jsonpath("$.detail.items[*].id"), "$.detail.items[*].id"),
        (states.input["a b"], None),
        (states.input.items[-1], None),
        (fn.length(states.input.items), None),
    ],
)
def test_parts_of_an_event(part: Any, path: str | None) -> None:
    """A path in Python is one of EventBridge, if EventBridge has it."""
    assert event_path(operand(part)) == path


def test_what_a_trigger_names_is_declared(project: Callable[..., Path]) -> None:
    """Queues, buses and buckets of triggers are resources of the project, wherever they are written."""
    text = """
        from generator import Bucket, EventBus, EventRule, Queue, Schedule, Succeed, Table, Workflow
        made = Workflow("made", steps=[Succeed("Done")], triggers=[
            Schedule("rate(1 day)", dead_letter=Queue("lost")),
            EventRule({"source": ["x"]}, bus=EventBus("shop"), input={"table": Table("rows").arn}),
            Bucket("files", event_bridge=True).on_created(),
        ])
    """
    run = run_pipeline(Run(project(flow=text)))
    assert run.diagnostics == []
    assert {"lost", "shop", "rows", "files"} == {*run.loaded.resources}
    assert b'"event_bridge": true' in run.artifacts["resources.json"]


def test_references_in_triggers_are_known() -> None:
    """A value may be a reference, or text with one."""
    Schedule("rate(1 day)", input={"where": fn.format("s3://{}/in", imports.bucket_name), "table": Table("t").table_name})
    EventRule({"source": ["x"], "detail": {"bus": [EventBus("b").arn]}}, input=[imports.arn, states.input])
