"""The report: executions in flight, cost, and names that are data."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from markdown_it import MarkdownIt

from generator.asl.definition import definition_of
from generator.asl.read import read_text
from generator.diff.cost import routes
from generator.diff.model import Report
from generator.diff.picture import picture
from generator.diff.render import to_markdown, to_text
from generator.diff.report import compare
from generator.diff.sides import Side, Version

LAMBDA = "arn:aws:states:::lambda:invoke"


def version(definition: dict[str, Any], kind: Any = "STANDARD", name: str = "pay") -> Version:
    """Return a version of a workflow."""
    return Version(name, definition_of(read_text(json.dumps(definition), "a.asl.json"), kind), kind)


def between(old: dict[str, Any], new: dict[str, Any], kinds: tuple[Any, Any] = ("STANDARD", "STANDARD")) -> Report:
    """Compare two definitions."""
    sides = [Side(label, {".": version(each, kind)}, single=True) for label, each, kind in zip("ab", (old, new), kinds, strict=True)]
    return compare(*sides)


def line(**states: Any) -> dict[str, Any]:
    """Return a definition that starts at its first state."""
    return {"StartAt": next(iter(states)), "States": states}


def notes(report: Report) -> list[str]:
    """Return what is said about executions in flight, each sentence with its source."""
    found = [note for workflow in report.workflows for note in workflow.notes]
    assert all(note.source.startswith("https://docs.aws.amazon.com/") for note in found)
    return [note.text for note in found]


def test_executions_in_flight_of_a_changed_definition() -> None:
    """They keep the old definition, and so does a redrive."""
    old, new = (line(A={"Type": "Pass", "Result": n, "End": True}) for n in (1, 2))
    running, redrive = notes(between(old, new))
    assert running.startswith("Running executions continue with the old definition.")
    assert redrive.startswith("A redrive uses the old definition")
    assert len(notes(between(old, new, ("EXPRESS", "EXPRESS")))) == 1  # Express workflows have no redrives
    assert notes(between(old, old)) == []


def test_executions_in_flight_of_a_changed_role() -> None:
    """The policy applies to them at once: a permission that they need and that goes is dangerous."""
    old, new = (line(A={"Type": "Task", "Resource": f"${{{name}_arn}}", "End": True}) for name in ("one", "other"))
    report = between(old, new)
    assert notes(report)[-1].startswith("The new policy of the role applies to running executions")
    (lost,) = [change for change in report.changes if change.section == "permissions" and change.how == "removed"]
    assert "running executions keep the old definition" in lost.danger
    assert lost.states == ("A",)


def test_executions_in_flight_of_another_type() -> None:
    """The state machine is replaced, so nothing goes on."""
    (note,) = notes(between(line(A={"Type": "Succeed"}), line(A={"Type": "Succeed"}), ("STANDARD", "EXPRESS")))
    assert note.startswith("The state machine is replaced")


def test_every_source_is_a_page_of_documentation() -> None:
    """A danger that AWS documents says where."""
    old = line(
        A={"Type": "Task", "Resource": "${a_arn}", "TimeoutSeconds": 60, "Catch": [{"ErrorEquals": ["X"], "Next": "B"}], "Next": "B"}
    )
    old["States"]["B"] = {"Type": "Succeed"}
    new = line(A={"Type": "Task", "Resource": "${a_arn}", "TimeoutSeconds": 6, "Next": "B"}, B={"Type": "Succeed"})
    dangers = [change for change in between(old, new).changes if change.danger]
    assert {change.subject for change in dangers} == {"A"}
    assert all(re.match(r"https://docs\.aws\.amazon\.com/\S+$", change.source) for change in dangers)


# -- cost ----------------------------------------------------------------------------------------------------------------

STEP = {"Type": "Pass"}


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        (line(A={**STEP, "Next": "B"}, B={**STEP, "End": True}), {"B": ("2", "2")}),
        (line(A={**STEP, "Next": "B"}, B={**STEP, "Next": "A"}), {}),
        (
            line(
                A={"Type": "Choice", "Choices": [{"Variable": "$.n", "IsPresent": True, "Next": "C"}], "Default": "B"},
                B={**STEP, "Next": "C"},
                C={**STEP, "End": True},
            ),
            {"C": ("2", "3")},
        ),
        (
            line(
                A={
                    "Type": "Parallel",
                    "Branches": [line(B={**STEP, "End": True}), line(C={**STEP, "Next": "D"}, D={**STEP, "End": True})],
                    "End": True,
                }
            ),
            {"A": ("4", "4")},
        ),
        (
            line(A={"Type": "Map", "ItemProcessor": line(B={**STEP, "Next": "C"}, C={**STEP, "End": True}), "End": True}),
            {"A": ("1 + 2 per item",) * 2},
        ),
        (
            line(
                A={
                    "Type": "Map",
                    "ItemProcessor": {
                        **line(B={**STEP, "End": True}),
                        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
                    },
                    "End": True,
                }
            ),
            {"A": ("1", "1")},
        ),
        (
            line(A={"Type": "Task", "Resource": "${a}", "Catch": [{"ErrorEquals": ["X"], "Next": "F"}], "End": True}, F={"Type": "Fail"}),
            {"A": ("1", "1"), "F": ("2", "2")},
        ),
    ],
)
def test_transitions_of_routes(definition: dict[str, Any], expected: dict[str, tuple[str, str]]) -> None:
    """Each state that is entered is one; a loop counts once."""
    walk = version(definition).definition.walk
    assert walk is not None
    assert {route.end: (str(route.fewest), str(route.most)) for route in routes(walk)} == expected


def test_an_express_workflow_has_no_price_for_transitions() -> None:
    """Requests and duration are paid."""
    old, new = line(A={**STEP, "End": True}), line(A={**STEP, "Next": "B"}, B={**STEP, "End": True})
    assert "transitions to A: 1 ($0.000025) -> no route" in to_text(between(old, new))
    assert "Cost" not in to_text(between(old, new, ("EXPRESS", "EXPRESS")))


# -- names are data ------------------------------------------------------------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script>",
    "a|b|c",
    "`code`",
    "[x](javascript:1)",
    "@octocat #1",
    "new\nline",
    "\x1b[31mred",
    "**bold**",
    "a\u202eb",
    "${x}",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_stay_names(name: str) -> None:
    """No name becomes markup, a mention, a row of its own, or an escape sequence of a terminal."""
    old = line(A={"Type": "Succeed"})
    new = line(A={"Type": "Task", "Resource": "${f_arn}", "Comment": name, "Retry": [{"ErrorEquals": [name]}], "Next": name})
    new["States"][name] = {"Type": "Fail", "Error": name, "Cause": name}
    report = between(old, new)
    text = to_text(report)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert len(text.splitlines()) == len(
        to_text(between(old, json.loads(json.dumps(new).replace(json.dumps(name)[1:-1], "plain")))).splitlines()
    )
    html = MarkdownIt("gfm-like", {"linkify": False}).render(to_markdown(report))
    assert not re.search(r"<script|<a href=\"javascript|<strong>bold|\x1b|\u202e", html)
    assert not re.search(r"(?<!\u200b)@octocat", html.replace("@\u200b", ""))
    rows = [row.count("<td>") for row in re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL) if "<td>" in row]
    assert set(rows) <= {3}
    assert "<script>" not in picture(version(old), version(new), (name, name))


def test_a_definition_alone_has_the_type_of_the_other_version() -> None:
    """It is not taken for a Standard workflow beside an Express one."""
    old, new = line(A={**STEP, "End": True}), line(A={**STEP, "Next": "B"}, B={**STEP, "End": True})
    alone = Version("pay", definition_of(read_text(json.dumps(old), "a.asl.json")), typed=False)
    report = compare(Side("a", {".": alone}, single=True), Side("b", {".": version(new, "EXPRESS")}, single=True))
    assert "Cost" not in to_text(report)
    assert "type:" not in to_text(report)
