"""A type of state: a class in ``generator/asl/model.py``, and a module of the engine that compiles it.

``tests/asl`` holds that it is parsed, written and in the JSON Schema, ``tests/lower/test_completeness.py`` that authors can
say each of its fields. Here: the engine runs it, in both query languages.
"""

from __future__ import annotations

from typing import Any

import pytest

from generator.asl.model import JSONATA, JSONPATH, STATE_TYPES
from generator.engine import execute

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:echo"
ONE = {"StartAt": "One", "States": {"One": {"Type": "Pass", "End": True}}}
BOTH: dict[str, dict[str, Any]] = {
    "Pass": {"End": True},
    "Task": {"Resource": FUNCTION, "End": True},
    "Wait": {"Seconds": 60, "End": True},
    "Succeed": {},
    "Fail": {"Error": "Broken", "Cause": "as planned"},
    "Parallel": {"Branches": [ONE], "End": True},
    "Map": {"ItemProcessor": ONE, "End": True},
}
SAMPLES: dict[str, dict[str, dict[str, Any]]] = {
    JSONPATH: BOTH | {"Choice": {"Choices": [{"Variable": "$[0]", "NumericEquals": 1, "Next": "Done"}]}},
    JSONATA: BOTH | {"Choice": {"Choices": [{"Condition": "{% $states.input[0] = 1 %}", "Next": "Done"}]}},
}
OUTPUT = {"Parallel": [[1, 2]], "Fail": None}


@pytest.mark.parametrize("language", [JSONPATH, JSONATA])
@pytest.mark.parametrize("kind", STATE_TYPES)
def test_the_engine_runs_it(kind: str, language: str) -> None:
    """A machine of one such state ends as its type says, and its history shows that it was entered."""
    states = {"It": {"Type": kind, **SAMPLES[language][kind]}, "Done": {"Type": "Succeed"}}
    if kind != "Choice":
        del states["Done"]
    execution = execute({"QueryLanguage": language, "StartAt": "It", "States": states}, [1, 2], functions={"echo": lambda event: event})
    assert (execution.status, execution.error) == (("FAILED", "Broken") if kind == "Fail" else ("SUCCEEDED", None))
    assert execution.output == OUTPUT.get(kind, [1, 2])
    assert f"{kind}StateEntered" in {event["type"] for event in execution.history}


def test_each_type_has_a_sample() -> None:
    """A new type of state is tried above, and no sample outlives its type."""
    assert [{*samples} for samples in SAMPLES.values()] == [{*STATE_TYPES}] * 2
