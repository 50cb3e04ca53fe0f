"""The page that compares JSONata and JSONPath: each row of its tables is compiled, and both languages have the same result."""

from __future__ import annotations

import json
import os
import re
from typing import Any

import pytest

from generator import Choice, Expr, Pass, Succeed, Workflow, fn, states, variables, when
from generator.asl.write import to_json
from generator.engine import execute
from generator.lower import compile_workflow
from tests.support.guide import DOCS

PAGE = DOCS / "query-languages.md"
ROW = re.compile(r"^\| `(?P<python>(?:[^`|]|\\\|)+)` \|(?P<jsonata>.*)\|(?P<jsonpath>.*)\|$")
LANGUAGES = ("JSONata", "JSONPath")
SAMPLE = {
    "order": {"total": 120, "rate": 1.5},
    "order-id": "o-1",
    "id": "o-1",
    "name": "Ann",
    "total": 120,
    "text": "12",
    "items": [{"price": 4}, {"price": 2}],
    "tags": ["new", "red", "new"],
    "numbers": [1, 2],
    "csv": "a,b",
    "address": {"city": "Bonn"},
    "json": '{"a": 1}',
    "coded": "QW5u",
    "status": "PASSED",
    "paid": True,
    "nothing": None,
    "date": "2026-11-25T10:00:00Z",
    "file": "a.csv",
}
DIFFERENT = ("random", "uuid", "now", "unique")  # random values; and AWS does not promise an order of unique items
NAMES = {"fn": fn, "states": states, "variables": variables}


def rows() -> list[tuple[str, str]]:
    """Return the kind (``Python`` or ``Condition``) and the code of each row."""
    kind, found = "", []
    for line in PAGE.read_text(encoding="utf-8").split("\n"):
        if line.startswith(("| Python |", "| Condition |")):
            kind = line.split()[1]
        elif row := ROW.match(line):
            found += [(kind, row["python"])] if kind else []
        elif not line.startswith("|"):
            kind = ""
    return found


def definition(kind: str, code: str, language: Any) -> dict[str, Any] | None:
    """Compile the code in a Pass or a Choice; None if the language cannot express it."""
    expression: Expr = eval(code.replace("\\|", "|"), {**NAMES})  # noqa: S307  the page's code is what is tested
    if kind == "Condition":
        steps: list[Any] = [Choice("C", when(expression, Succeed("Yes", output="yes"))), Succeed("No", output="no")]
        if language == "JSONPath":
            steps = [Choice("C", when(expression, Pass("Yes", result="yes", next="End"))), Pass("No", result="no"), Succeed("End")]
    else:
        steps = [Pass("P", output={"value": expression})]
    start = Pass("Start", assign={"customer": "Eve"})
    compiled = compile_workflow(Workflow("row", query_language=language, steps=[start, *steps]))
    if compiled.diagnostics:
        assert {problem.code for problem in compiled.diagnostics} == {"SFN802"}, compiled.diagnostics
        return None
    return to_json(compiled.machine)


def cell(kind: str, compiled: dict[str, Any] | None) -> str:
    """Return what the table shows of a definition."""
    if compiled is None:
        return "—"
    if kind == "Condition":
        (rule,) = compiled["States"]["C"]["Choices"]
        shown = rule["Condition"] if "Condition" in rule else json.dumps({k: v for k, v in rule.items() if k != "Next"})
    else:
        state = compiled["States"]["P"]
        (shown,) = (state.get("Output") or state["Parameters"]).values()
    text = str(shown).removeprefix("{% ").removesuffix(" %}").replace("|", "\\|")
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def test_the_tables_are_what_is_compiled() -> None:
    """Each cell is the text in the definition; ``UPDATE_GOLDEN=1`` writes them."""
    text = PAGE.read_text(encoding="utf-8")
    for kind, code in rows():
        cells = [cell(kind, definition(kind, code, language)) for language in LANGUAGES]
        line = re.compile(rf"^\| `{re.escape(code)}` \|.*$", re.MULTILINE)
        wanted = f"| `{code}` | {cells[0]} | {cells[1]} |"
        if os.environ.get("UPDATE_GOLDEN"):
            text = line.sub(lambda _, row=wanted: row, text)
        assert wanted in text, f"run this test with UPDATE_GOLDEN=1: {wanted}"
    if os.environ.get("UPDATE_GOLDEN"):
        PAGE.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(("kind", "code"), rows(), ids=lambda value: value)
def test_both_languages_have_the_same_result(kind: str, code: str) -> None:
    """An expression means the same in both languages."""
    compiled = [definition(kind, code, language) for language in LANGUAGES]
    assert compiled[0] is not None
    results = [execute(machine, SAMPLE) for machine in compiled if machine is not None]
    assert {execution.status for execution in results} == {"SUCCEEDED"}, [execution.cause for execution in results]
    if not any(f"fn.{name}" in code for name in DIFFERENT):
        assert all(execution.output == results[0].output for execution in results), [execution.output for execution in results]
