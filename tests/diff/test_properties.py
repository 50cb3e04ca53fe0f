"""What holds for every definition: it does not differ from itself in another spelling, and a renamed state is only that."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from generator.asl.definition import definition_of
from generator.asl.read import read_file, read_text
from generator.diff.model import Report
from generator.diff.report import compare
from generator.diff.sides import Side, Version
from tests.support.import_graph import ROOT

DEFINITIONS = sorted((ROOT / "build").rglob("definition.asl.json"))


def difference(old: Any, new: Any) -> Report:
    """Compare two definitions."""
    versions = [Version("a", definition_of(read_text(json.dumps(each), "a.asl.json"))) for each in (old, new)]
    return compare(*(Side("a", {".": version}, single=True) for version in versions))


def shuffled(value: Any, random: Random) -> Any:
    """Return JSON with the keys of each object in another order."""
    if isinstance(value, dict):
        return {key: shuffled(value[key], random) for key in random.sample([*value], len(value))}
    return [shuffled(item, random) for item in value] if isinstance(value, list) else value


def renamed(value: Any, old: str, new: str) -> Any:
    """Return a definition in which a state has another name, wherever it is named."""
    if isinstance(value, list):
        return [renamed(item, old, new) for item in value]
    if not isinstance(value, dict):
        return value
    made = {}
    for key, item in value.items():
        if key == "States":
            made[key] = {new if name == old else name: renamed(state, old, new) for name, state in item.items()}
        else:
            made[key] = new if key in {"Next", "Default", "StartAt"} and item == old else renamed(item, old, new)
    return made


@pytest.mark.parametrize("file", DEFINITIONS, ids=lambda file: file.parent.name)
def test_a_definition_does_not_differ_from_itself(file: Path) -> None:
    """Whatever the order of its keys is."""
    document = read_file(file).value
    assert difference(document, document).workflows == ()
    assert difference(document, shuffled(document, Random(1))).workflows == ()


@pytest.mark.parametrize("file", DEFINITIONS, ids=lambda file: file.parent.name)
def test_a_renamed_state_is_one_change(file: Path) -> None:
    """It is found by what it does and by its neighbours, and each transition to it is followed."""
    document = read_file(file).value
    walk = definition_of(read_text(json.dumps(document), "a.asl.json")).walk
    assert walk is not None
    for entry in Random(1).sample([*walk.states], min(4, len([*walk.states]))):
        (change,) = difference(document, renamed(document, entry.name, "Something else")).changes
        assert (change.section, change.how, change.old, change.new) == ("states", "renamed", entry.name, "Something else")


@pytest.mark.parametrize("field", ["InputPath", "OutputPath", "ResultPath"])
def test_null_is_not_the_default(field: str) -> None:
    """It discards what the default keeps."""
    old = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${a_arn}", "End": True}}}
    new = json.loads(json.dumps(old))
    new["States"]["A"][field] = None
    (change,) = difference(old, new).changes
    assert change.text == f"{field}: null added"
    new["States"]["A"][field] = "$"
    assert difference(old, new).workflows == ()


@pytest.mark.parametrize(("old", "new"), [(0, False), (1, True), (1, 1.0), (None, False), ("1", 1), ([], {}), ("", None)])
def test_values_of_payloads_that_are_not_equal(old: Any, new: Any) -> None:
    """Python takes some of them for equal."""
    machines = [
        {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${a}", "Parameters": {"n": value}, "End": True}}}
        for value in (old, new)
    ]
    assert len([*difference(*machines).changes]) == 1
