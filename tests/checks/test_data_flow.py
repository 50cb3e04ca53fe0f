"""Types: sound against what AWS ran, and against executions of random definitions in our engine."""

from __future__ import annotations

import json
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from generator import Choice, Function, Map, Pass, Task, Workflow, states, when
from generator.checks import check
from generator.checks.types import Lost, Type, follow, of_schema, of_value, union
from generator.checks.validate import validate_text
from generator.diagnostics.codes import CODES
from generator.engine import DefinitionError, execute
from generator.lower import compile_workflow
from tests.support.conformance import facts
from tests.support.random_definitions import sample

INPUTS: tuple[dict[str, Any], ...] = ({}, {"order": {"items": [{"price": 1}]}, "items": [{"price": 2}], "b": 1, "first": "x"})


def data_flow(definition: Any) -> list[Any]:
    """Return the findings about data flow."""
    return [d for d in validate_text(json.dumps(definition), "a.json") if CODES[d.code].theme == "data flow"]


def test_what_succeeded_on_aws_raises_nothing() -> None:
    """No definition that AWS ran to success reads what is not there."""
    ran = [
        fact for fact in facts() if fact.get("definition") and fact["kind"] == "execution" and fact["expected"].get("status") == "SUCCEEDED"
    ]
    assert len(ran) > 20
    assert [(fact["id"], d.message) for fact in ran for d in data_flow(fact["definition"])] == []


@pytest.mark.parametrize("definition", sample(40, 11), ids=lambda _: "")
def test_a_state_that_reads_nothing_does_not_succeed(definition: dict[str, Any]) -> None:
    """An execution does not leave a state that reads what nothing produces, unless it catches the error or never evaluates the field."""
    text = json.dumps(definition)
    found = [d for d in data_flow(definition) if "[*]" not in d.found]
    if '"Catch"' in text or '"Choice"' in text or not found:
        return
    for document in INPUTS:
        try:
            execution = execute(definition, document)
        except DefinitionError:
            return
        left = {event["stateExitedEventDetails"]["name"] for event in execution.history if "stateExitedEventDetails" in event}
        read = {
            part for d in found for part in [d.pointer.rpartition("/States/")[2].partition("/")[0].replace("~1", "/").replace("~0", "~")]
        }
        assert not left & read


class Line(BaseModel):
    """A line of an order."""

    sku: str
    quantity: int


class Order(BaseModel):
    """The input."""

    status: Literal["NEW", "PAID"]
    lines: list[Line]
    note: str | None = None


class Priced(BaseModel):
    """The result of a function."""

    total: float


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (Pass("A", output=states.input.staus), [("SFN310", "A")]),
        (Pass("A", output=states.input.note.text), [("SFN311", "A")]),
        (Map("A", states.input.lines, [Pass("B", output=states.input.sku)]), []),
        (Map("A", states.input.lines, [Pass("B", output=states.input.skew)]), [("SFN310", "B")]),
        (Map("A", states.input.status, [Pass("B")]), [("SFN312", "A")]),
        (Choice("A", when(states.input.status == "NEW", "End"), otherwise="End"), []),
        (Choice("A", when(states.input.status == "OLD", "End"), otherwise="End"), [("SFN313", "A")]),
        (Task("A", Function("f", result=Priced).invoke(), output=states.result.Payload.total), []),
        (Task("A", Function("f", result=Priced).invoke(), output=states.result.Payload.totl), [("SFN310", "A")]),
        (Task("A", Function("f").invoke(), output=states.result.Payload.anything), []),
    ],
)
def test_models(step: Any, expected: list[tuple[str, str]]) -> None:
    """Paths are checked against the models of the input and of results."""
    workflow = Workflow("w", input=Order, steps=[step, Pass("End")])
    found = [f for f in check(compile_workflow(workflow).walk) if CODES[f.code].theme == "data flow"]
    assert [(f.code, [part for part in f.at if part in {"A", "B"}][-1]) for f in found] == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


def contains(made: Type, value: Any) -> bool:
    """Return whether a type contains a value."""
    if not made.known:
        return True
    (kind,) = of_value(value).kinds
    if kind not in made.kinds:
        return False
    if isinstance(value, str):
        return made.values is None or value in made.values
    if isinstance(value, list):
        return made.item is None or all(contains(made.item, part) for part in value)
    if isinstance(value, dict):
        known = all(contains(made.members[name], part) for name, part in value.items() if name in made.members)
        return known and (not made.closed or value.keys() <= made.members.keys())
    return True


@given(JSON, JSON)
def test_a_union_contains_both(one: Any, other: Any) -> None:
    """A union loses no value, and a path that exists in one of them is not lost."""
    made = union(of_value(one), of_value(other))
    for value in (one, other):
        assert contains(made, value)
        if isinstance(value, dict):
            assert not any(isinstance(follow(made, (name,)), Lost) for name in value)


def test_a_schema_that_contains_itself() -> None:
    """A recursive model ends somewhere, and is unknown from there."""
    schema = {"$ref": "#/$defs/Node", "$defs": {"Node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}}}}}
    made = of_schema(schema, schema)
    assert isinstance(follow(made, ("previous",)), Lost)
    assert not isinstance(follow(made, ("next",) * 40), Lost)


def test_types_in_a_loop_end() -> None:
    """Data that grows in a loop becomes unknown."""
    states_: dict[str, Any] = {
        "A": {"Type": "Pass", "Output": {"inner": "{% $states.input %}"}, "Next": "B"},
        "B": {"Type": "Choice", "Choices": [{"Condition": "{% $states.input.inner.inner.inner.x = 1 %}", "Next": "C"}], "Default": "A"},
        "C": {"Type": "Succeed"},
    }
    assert data_flow({"QueryLanguage": "JSONata", "StartAt": "A", "States": states_}) == []
