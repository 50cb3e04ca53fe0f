"""Definitions of every kind: writing is the inverse of parsing, valid definitions have no findings, and nothing raises."""

from __future__ import annotations

import copy
import json
import re
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from generator.asl.definition import definition_of
from generator.asl.model import ABSENT, STATE_TYPES, Construct, Map, Parallel, table
from generator.asl.parse import parse, parse_state
from generator.asl.read import read_bytes
from generator.asl.schema import schema, schema_findings, text
from generator.asl.walk import walk
from generator.asl.write import to_json
from generator.checks import check
from generator.checks.validate import problems, validate_text
from generator.diagnostics.codes import severity_of
from tests.support.random_definitions import definitions, sample


def ordered(value: Any, *, of_states: bool = False) -> Any:
    """Make the order of states visible to comparison; a state may itself be named "States"."""
    if isinstance(value, dict):
        inner = {k: ordered(v, of_states=k == "States" and not of_states) for k, v in value.items()}
        return list(inner.items()) if of_states else inner
    return [ordered(v) for v in value] if isinstance(value, list) else value


@given(definitions())
def test_a_valid_definition_passes_and_comes_back(definition: dict[str, Any]) -> None:
    """Writing a parsed definition returns the same JSON, with states in order; parser, checks and schema find no error."""
    machine, findings = parse(definition)
    assert machine is not None
    assert findings == []
    assert ordered(to_json(machine)) == ordered(definition)
    assert [f for f in check(walk(machine)) if severity_of(f.code) == "error"] == []
    assert schema_findings(definition) == []


ODD = st.sampled_from(
    [None, True, 0, -1, 1e400, 10**400, 2.5, "", "$", "{%", "%}", "{% %}", "\x00", "\ud800", "${x}", [], {}, [[]], {"": {}}]
)


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """Make definitions with one to three places replaced, taken out, renamed or added."""
    definition = copy.deepcopy(draw(definitions()))
    for _ in range(draw(st.integers(1, 3))):
        places: list[tuple[Any, Any]] = []
        pending: list[Any] = [definition]
        while pending:
            item = pending.pop()
            members = list(item.items()) if isinstance(item, dict) else list(enumerate(item))
            places += [(item, key) for key, _ in members]
            pending += [value for _, value in members if isinstance(value, dict | list)]
        if not places:
            return definition
        holder, key = draw(st.sampled_from(places))
        how = draw(st.sampled_from(["replace", "remove", "rename", "add"]))
        if how == "remove":
            del holder[key]
        elif how == "rename" and isinstance(holder, dict):
            holder[draw(st.sampled_from(["Next", "End", "Type", "States", "Choices", "Not", "Label", "x", ""]))] = holder.pop(key)
        elif how == "add" and isinstance(holder, dict):
            holder[draw(st.sampled_from(["Catch", "And", "Iterator", "QueryLanguage", "Assign", "x.$"]))] = draw(ODD)
        else:
            holder[key] = draw(ODD)
    return definition


@given(damaged())
def test_a_damaged_definition_is_reported_and_never_lost(definition: Any) -> None:
    """A damaged definition raises no exception, and is written again unchanged."""
    machine, _ = parse(definition)
    if machine is not None:
        assert ordered(to_json(machine)) == ordered(definition)
    written = json.dumps(definition)
    for diagnostic in validate_text(written, "damaged.json"):
        assert diagnostic.span.line == 1
        assert 1 <= diagnostic.span.column <= len(written) + 1


@settings(max_examples=25)
@given(definitions(), st.data())
def test_cut_text_is_reported(definition: dict[str, Any], data: st.DataObject) -> None:
    """A file that ends early is not JSON; the place is its end, or before."""
    whole = json.dumps(definition, indent=1)
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    [diagnostic] = validate_text(cut, "cut.json")
    assert diagnostic.code == "SFN001"
    assert diagnostic.span.line <= cut.count("\n") + 1


@given(st.binary(max_size=60))
def test_any_bytes_give_diagnostics(data: bytes) -> None:
    """No file raises."""
    assert problems(definition_of(read_bytes(data, "any.json")))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=6,
    )
)
def test_any_json_gives_diagnostics(value: Any) -> None:
    """No JSON raises, and only a definition passes."""
    assert validate_text(json.dumps(value), "any.json")


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "SFN001"),
        ("\ufeff{}", "SFN001"),
        ("{} {}", "SFN001"),
        ('{"TimeoutSeconds": NaN}', "SFN001"),
        ('{"TimeoutSeconds": ' + "9" * 5000 + "}", "SFN001"),
        ("[" * 100_000, "SFN005"),
        ('{"a":' * 100_000, "SFN005"),
        ("null", "SFN003"),
        ('"not a definition"', "SFN003"),
    ],
)
def test_not_a_definition(written: str, code: str) -> None:
    """Text that cannot be a definition has one problem."""
    assert [d.code for d in validate_text(written, "x.json")] == [code]


def test_every_state_type_and_field_is_generated() -> None:
    """The random definitions know the language: each field of each construct is in some of them, in each query language that has it."""
    seen: dict[type[Construct], set[str]] = {}
    for definition in sample(1000, 2):
        machine, _ = parse(definition)
        assert machine is not None
        walked = walk(machine)
        found: list[Construct] = [scope.scope for scope in walked.scopes]
        found += [scope.processor_config for scope in found if isinstance(getattr(scope, "processor_config", None), Construct)]
        found += [construct for entry in walked.states for _, construct in entry.constructs]
        for construct in found:
            here = seen.setdefault(type(construct), set())
            here |= {info.name for attribute, info in table(type(construct)) if getattr(construct, attribute) is not ABSENT}
    assert set(STATE_TYPES.values()) <= set(seen)
    named = {name.partition("-")[0] for name in schema()["$defs"]} - {"State", "States", "Comparison"}
    assert {construct.__name__ for construct in seen} >= named
    for construct_type, names in seen.items():
        assert {info.name for _, info in table(construct_type)} == names, construct_type.__name__


def test_the_published_schema_is_the_generated_one() -> None:
    """asl.schema.json is what ``python -m generator.asl.schema`` writes."""
    assert (files("generator.asl") / "asl.schema.json").read_text(encoding="utf-8") == text()


def test_the_published_schema_is_a_schema() -> None:
    """It is valid draft 2020-12."""
    Draft202012Validator.check_schema(schema())


BY_JSONSCHEMA = Draft202012Validator(schema())


@given(damaged())
def test_two_implementations_of_json_schema_agree(definition: Any) -> None:
    """What the schema says does not depend on who reads it: jsonschema accepts exactly what jsonschema-rs accepts."""
    assume(not re.search("[\ud800-\udfff]", json.dumps(definition, ensure_ascii=False)))
    assert BY_JSONSCHEMA.is_valid(definition) == (schema_findings(definition) == [])


def test_states_inside_use_the_language_of_the_machine() -> None:
    """The query language of a Map does not apply to the states inside it, as in AWS."""
    inner = {"StartAt": "In", "States": {"In": {"Type": "Pass", "Parameters": {"a.$": "$.a"}, "End": True}}}
    state = {"Type": "Map", "QueryLanguage": "JSONata", "Items": "{% $states.input %}", "ItemProcessor": inner, "End": True}
    machine, findings = parse({"StartAt": "Out", "States": {"Out": state}})
    assert machine is not None
    assert findings == []
    _, findings = parse({"QueryLanguage": "JSONata", "StartAt": "Out", "States": {"Out": state}})
    assert [(f.code, f.at[-1]) for f in findings] == [("SFN016", "Parameters")]


def test_null_and_absent_differ() -> None:
    """``"InputPath": null`` discards the input; no InputPath takes all of it."""
    with_null, _ = parse_state("A", {"Type": "Pass", "InputPath": None, "End": True})
    without, _ = parse_state("A", {"Type": "Pass", "End": True})
    assert with_null is not None
    assert with_null.input_path is None  # type: ignore[attr-defined]
    assert without is not None
    assert without.input_path is ABSENT  # type: ignore[attr-defined]


def test_placeholders_are_allowed_anywhere() -> None:
    """A template is valid before deployment fills it in, also in place of a value that is not a string."""
    template = """{
      "StartAt": "${First}", "TimeoutSeconds": ${Timeout}, "States": {
        "A": {"Type": "Task", "Resource": "${FunctionArn}", "TimeoutSeconds": "${T}", "Retry": "${Retry}", "Next": "B-${Env}"},
        "B": {"Type": "Choice", "Choices": ["${Rule}", {"Variable": "$.${Field}", "NumericEquals": "${N}", "Next": "C"}], "Default": "C"},
        "C": {"Type": "Map", "Label": "run-${Env}", "ItemsPath": "$.${Items}", "MaxConcurrency": "${M}",
              "ItemProcessor": {"ProcessorConfig": "${Config}", "StartAt": "D", "States": {"D": {"Type": "Wait", "Timestamp": "${Until}",
              "End": ${End}}}}, "Next": "E"},
        "E": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% ${Expression} %}", "Assign": {"${Variable}": 1}, "End": true},
        "F": {"Type": "${Type}"}, "G": ${State}
      }}"""
    assert validate_text(template, "template.asl.json") == []


def test_a_map_knows_its_processor() -> None:
    """A Map returns its processor under both names, and whether it is distributed."""
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
        "StartAt": "A",
        "States": {"A": {"Type": "Succeed"}},
    }
    for name in ("ItemProcessor", "Iterator"):
        state, findings = parse_state("M", {"Type": "Map", name: processor, "End": True})
        assert findings == []
        assert isinstance(state, Map)
        assert state.distributed
        assert state.processor is not ABSENT
    plain, _ = parse_state("P", {"Type": "Parallel", "Branches": [{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}], "End": True})
    assert isinstance(plain, Parallel)
