"""The JSON Schema, the checks and the engine agree on what a definition is."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.asl.read import read_text
from generator.asl.schema import schema_findings
from generator.checks.validate import validate_text
from generator.diagnostics.codes import CODES
from generator.diagnostics.model import Severity
from tests.support.fuzz import BEYOND_THE_SCHEMA, PARTLY, judge, run, smallest
from tests.support.mutations import mutate
from tests.support.random_definitions import definition, sample

INVALID = Path(__file__).parents[1] / "invalid"
VALID = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}


@given(st.randoms(use_true_random=False))
def test_they_agree_on_a_changed_definition(rng: Random) -> None:
    """Whatever is changed in whatever definition, none of the three is alone."""
    assert judge(mutate(definition(rng), rng))[1] == []


def test_they_agree_on_many() -> None:
    """The same for definitions that hypothesis would not think of. Both outcomes are among them."""
    outcomes, faults = run(400, 5)
    assert faults == {}
    assert min(outcomes["valid"], outcomes["invalid"]) > 80


def test_they_accept_what_is_valid() -> None:
    """Without a change every definition is valid for all of them."""
    assert [one for one in sample(150, 3) if judge(one) != ("valid", [])] == []


@pytest.mark.parametrize(
    "retrier",
    [
        {"MaxDelaySeconds": "${n}"},
        {"IntervalSeconds": "${n}", "MaxDelaySeconds": 5},
        {"MaxAttempts": "${n}"},
        {"BackoffRate": "${n}"},
        {"MaxAttempts": 5.0},
    ],
)
def test_what_a_fuzz_has_found(retrier: dict[str, Any]) -> None:
    """Definitions that raised an exception."""
    task = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:listBuckets", "Parameters": {}, "End": True}
    policies = {"Retry": [{"ErrorEquals": ["States.Timeout"], **retrier}]}
    limits = {"TimeoutSeconds": 900}
    assert judge({"StartAt": "T", "States": {"T": {**task, **policies, **limits}}, **limits}) == ("valid", [])


@pytest.mark.parametrize("code", [code for code, row in CODES.items() if row.severity is Severity.ERROR])
def test_the_reasons_are_true(code: str) -> None:
    """The schema accepts the invalid example of a code that it cannot express, and refuses that of every other one."""
    for file in INVALID.glob(f"{code}.asl.json"):
        text = file.read_text(encoding="utf-8")
        document = read_text(text, file.name)
        errors = {found.code for found in validate_text(text, file.name) if found.severity is Severity.ERROR}
        if code not in PARTLY and document.readable and errors == {code}:
            assert (schema_findings(document.value) == []) == (code in BEYOND_THE_SCHEMA), code


def test_every_reason_is_about_an_error() -> None:
    """The tables name codes of errors only."""
    assert {code for code in {**BEYOND_THE_SCHEMA, **PARTLY} if CODES[code].severity is not Severity.ERROR} == set()


@pytest.mark.parametrize(
    ("what", "broken", "rule"),
    [
        ("schema_findings", lambda _: [], "the schema accepts SFN011 at /"),
        ("problems", lambda _: [], "only the schema refuses /"),
    ],
)
def test_a_disagreement_is_found(monkeypatch: pytest.MonkeyPatch, what: str, broken: object, rule: str) -> None:
    """If one of them forgets a rule, the other two show it."""
    invalid = {"States": VALID["States"]}
    assert judge(invalid) == ("invalid", [])
    monkeypatch.setattr(f"tests.support.fuzz.{what}", broken)
    assert rule in [one.rule for one in judge(invalid)[1]]


def test_a_disagreement_of_the_engine_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that takes what the checks refuse is a disagreement, and so is an exception."""
    monkeypatch.setattr("tests.support.fuzz.compile_read", lambda _: None)
    assert [one.rule for one in judge({"States": VALID["States"]})[1]] == ["the engine takes SFN011"]
    monkeypatch.setattr("tests.support.fuzz.compile_read", lambda _: {}["x"])
    assert judge(VALID)[0] == "raised"


def test_a_disagreement_is_made_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is printed is the smallest definition that shows it."""
    monkeypatch.setattr("tests.support.fuzz.schema_findings", lambda _: [])
    large = sample(1, 1)[0]
    del large["StartAt"]
    small = smallest(large, "STANDARD", "the schema accepts SFN011 at /")
    assert len(json.dumps(small)) < 40 < len(json.dumps(large))
