"""What is imported compiles to the same definition: random definitions, hostile texts, and the odd corners of the language."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from generator.importers.payloads import equal
from generator.importers.python import CannotImportError, Imported, Options, to_python
from generator.loader import load
from generator.lower import compile_workflow
from generator.settings import read_project
from tests.support.hostile import HOSTILE
from tests.support.random_definitions import definitions


def same(definition: Any, imported: Imported) -> bool:
    """Return whether a workflow is compiled to a definition that has no placeholders."""
    compiled = json.loads(compile_workflow(imported.workflow).text())
    return equal(definition, compiled) and order_of(definition) == order_of(compiled)


def order_of(value: Any) -> list[list[str]]:
    """Return the names of the states of each scope, in order."""
    found: list[list[str]] = []
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            if isinstance(item.get("States"), dict) and "StartAt" in item:
                found.append(list(item["States"]))
            pending += item.values()
        elif isinstance(item, list):
            pending += item
    return sorted(found)


@settings(max_examples=40)
@given(definitions())
def test_a_random_definition_comes_back(definition: dict[str, Any]) -> None:
    """Both query languages, every type of state, Map, Parallel and Distributed Map inside each other."""
    imported = to_python(definition, Options("random"))
    assert same(definition, imported)
    ast.parse(imported.source)


def run(root: Path, imported: Imported, name: str) -> Any:
    """Let Python execute what was imported, and return the workflow."""
    folder = root / "workflows"
    folder.mkdir()
    (folder / "resources.py").write_text(imported.resources or '"""None."""\n', encoding="utf-8")
    (folder / "imported.py").write_text(imported.source, encoding="utf-8")
    loaded = load(read_project(root))
    assert [d.message for d in loaded.diagnostics] == []
    ((_, workflow),) = loaded.workflows
    assert workflow.name == name
    return workflow


WORDS = [
    "class",
    "def",
    "None",
    "True",
    "print",
    "list",
    "Task",
    "Workflow",
    "states",
    "errors",
    "__import__",
    "workflows",
    "retry",
    "x",
    "X",
]


def test_hostile_texts_are_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Names, comments and values with quotes, line ends, triple quotes, bidi characters and code execute nothing."""
    texts = [
        *HOSTILE,
        '"""\nimport os\nos.abort()\n"""',
        "''' + exit() + '''",
        "\\",
        '\\"',
        "a\nb",
        "\u202e\u2066",
        "${",
        "{}",
        "{% %}",
        "#",
        *WORDS,
    ]
    names = [text[:60].replace("${", "$ {") + f" {number}" for number, text in enumerate(texts)]
    following = [*names[1:], None]
    states: dict[str, Any] = {}
    for name, text, onward in zip(names, texts, following, strict=True):
        state: dict[str, Any] = {"Type": "Pass", "Comment": text, "Result": {text: [text], "a": text}}
        states[name] = {**state, "Next": onward} if onward else {**state, "End": True}
    definition = {"Comment": "\n".join(texts), "StartAt": names[0], "States": states}
    imported = to_python(definition, Options("hostile", type="STANDARD"))
    assert "\u202e" not in imported.source
    workflow = run(tmp_path, imported, "hostile")
    compiled = json.loads(compile_workflow(workflow).text())
    assert list(compiled["States"]) == names
    assert equal(compiled, definition)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("word", WORDS)
def test_a_state_may_have_any_name(word: str, tmp_path: Path) -> None:
    """A keyword, a builtin or a name of the vocabulary is no name of a variable."""
    catch = [{"ErrorEquals": ["States.ALL"], "Next": word}]
    task = {"Type": "Task", "Resource": f"arn:aws:lambda:eu-west-1:111122223333:function:{word}", "Catch": catch, "End": True}
    definition = {"StartAt": "First", "States": {"First": task, word: {"Type": "Fail"}}}
    imported = to_python(definition, Options("named"))
    assert equal(json.loads(compile_workflow(run(tmp_path, imported, "named")).text()), definition)


STATES: dict[str, dict[str, Any]] = {
    "an unknown field": {"Type": "Pass", "Colour": "red", "End": True},
    "a comment in a nested comparison": {
        "Type": "Choice",
        "Choices": [
            {"And": [{"Variable": "$.a", "IsPresent": False, "Comment": "why"}, {"Variable": "$.b", "IsNull": True}], "Next": "Done"}
        ],
    },
    "a test that is false": {"Type": "Choice", "Choices": [{"Variable": "$.a", "IsString": False, "Next": "Done"}], "Default": "Done"},
    "an And of one": {"Type": "Choice", "Choices": [{"And": [{"Variable": "$.a", "NumericEquals": 1.5}], "Next": "Done"}]},
    "a path in a place for text": {"Type": "Pass", "Result": {"a": "$.not.a.path", "b": ["$", "States.UUID()"]}, "Next": "Done"},
    "two fields of one name": {"Type": "Pass", "Parameters": {"a": 1, "a.$": "$.a"}, "Next": "Done"},
    "both transitions": {"Type": "Pass", "Next": "Done", "End": True},
    "End that is false": {"Type": "Pass", "Next": "Done", "End": False},
    "a state that does not exist": {"Type": "Pass", "Next": "Nowhere"},
    "an unknown type": {"Type": "Loop", "Next": "Done"},
    "a type that is no text": {"Type": ["Pass"], "Next": "Done"},
    "a rule that is no object": {"Type": "Choice", "Choices": ["Done"], "Default": "Done"},
    "a map with old names": {
        "Type": "Map",
        "Iterator": {"StartAt": "In", "States": {"In": {"Type": "Succeed"}}},
        "Parameters": {"a.$": "$$.Map.Item.Value"},
        "Next": "Done",
    },
    "a map with one old name": {
        "Type": "Map",
        "ItemProcessor": {"StartAt": "In", "States": {"In": {"Type": "Succeed"}}},
        "Parameters": {"a.$": "$$.Map.Item.Value"},
        "Next": "Done",
    },
    "a processor with further fields": {
        "Type": "Map",
        "ItemProcessor": {
            "Color": 1,
            "ProcessorConfig": {"Mode": "INLINE", "ExecutionType": "STANDARD"},
            "StartAt": "In",
            "States": {"In": {"Type": "Fail"}},
        },
        "Next": "Done",
    },
    "branches": {
        "Type": "Parallel",
        "Branches": [{"Comment": "c", "StartAt": "In", "States": {"In": {"Type": "Fail"}}}, 7],
        "Next": "Done",
    },
    "empty lists": {"Type": "Task", "Resource": "arn:aws:states:::a:b", "Retry": [], "Catch": [], "Parameters": {}, "Next": "Done"},
    "a resource that is no text": {"Type": "Task", "Resource": 7, "Next": "Done"},
    "a field of null": {"Type": "Task", "Resource": "arn:aws:states:::a:b", "Parameters": None, "InputPath": None, "Next": "Done"},
    "a wait for nothing": {"Type": "Wait", "Next": "Done"},
    "numbers": {"Type": "Pass", "Result": [1e300, -0.0, -7, 1.0, 10**30, True, None], "Next": "Done"},
}


@pytest.mark.parametrize("what", STATES)
def test_an_odd_state_comes_back(what: str) -> None:
    """What the vocabulary has no other way to say stays ASL; the definition is the same, and the state is named if there is a finding."""
    definition = {"StartAt": "Odd", "States": {"Odd": STATES[what], "Done": {"Type": "Succeed"}}}
    imported = to_python(definition, Options("odd"))
    assert same(definition, imported)
    assert all("'Odd'" in finding.message for finding in imported.findings)


def test_the_first_state_need_not_be_the_first(tmp_path: Path) -> None:
    """The order of states is kept, whatever the order of the steps is."""
    end = {"Type": "Pass", "End": True}
    definition = {"StartAt": "C", "States": {"A": end, "B": {"Type": "Pass", "Next": "A"}, "C": {"Type": "Pass", "Next": "B"}}}
    imported = to_python(definition, Options("order"))
    assert 'order=["A", "B", "C"]' in imported.source
    assert same(definition, imported)


@pytest.mark.parametrize(
    "states",
    [
        {"${stage}": {"Type": "Succeed"}},  # the name would differ in each deployment
        {"A": {"Type": "Pass"}},  # AWS refuses a state without Next and End
        {"A": {"Type": "Map", "End": True}},
    ],
)
def test_what_cannot_be_expressed_is_refused(states: dict[str, Any]) -> None:
    """It is said which state is the reason, and nothing is written."""
    definition = {"StartAt": next(iter(states)), "States": states}
    with pytest.raises(CannotImportError) as caught:
        to_python(definition, Options("staged"))
    (finding,) = caught.value.findings
    assert finding.code == "SFN851"
    assert finding.at[:2] in {(), ("States", *states)}
