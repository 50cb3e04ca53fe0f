"""An integration: a row in a module of ``generator/catalog/optimised``.

``tests/checks/test_integrations.py`` and the tests of IAM fail if it has no sample of its parameters, and show its permissions
in every pattern. Here: the checks accept it, the role may call it, and the engine runs it, in each pattern of its row.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from generator.asl.parse import parse
from generator.asl.walk import walk
from generator.catalog.index import find_action
from generator.catalog.optimised import INTEGRATIONS
from generator.checks import check
from generator.diagnostics.codes import severity_of
from generator.engine import Waits, start

if TYPE_CHECKING:
    from generator.catalog.index import Shape
    from generator.catalog.optimised.model import Integration

CASES = [(name, resource) for name, row in sorted(INTEGRATIONS.items()) for resource in row.resources]
PLAIN = {"string": "value", "integer": 1, "number": 1.5, "boolean": True, "timestamp": "2026-01-01T00:00:00Z", "blob": "", "document": {}}


def least(shape: Shape) -> Any:
    """Return the smallest value that a parameter takes."""
    if shape.enum:
        return shape.enum[0]
    if shape.kind == "structure":
        return {name: least(shape.members[name]) for name in shape.required}
    if shape.kind == "list":
        return [least(shape.item)] if shape.item else []
    return {} if shape.kind == "map" else PLAIN[shape.kind]


def parameters(row: Integration) -> dict[str, Any]:
    """Return the parameters that a call cannot do without."""
    action = find_action(*row.api) if row.api and row.takes_api_parameters else None
    return (least(action.input) if action else {}) | dict.fromkeys(row.needs, "value")


def machine(name: str, resource: str) -> dict[str, Any]:
    """Return a state machine of one task."""
    task = {"Type": "Task", "Resource": resource, "Parameters": parameters(INTEGRATIONS[name]), "End": True}
    return {"StartAt": "Call", "States": {"Call": task}}


@pytest.mark.parametrize(("name", "resource"), CASES, ids=[resource.rpartition(":::")[2] for _, resource in CASES])
def test_the_checks_accept_it(name: str, resource: str) -> None:
    """A call with all required parameters has no error."""
    model, findings = parse(machine(name, resource))
    assert model is not None
    found = [*findings, *check(walk(model))]
    assert [(one.code, one.message) for one in found if severity_of(one.code).value == "error"] == []


@pytest.mark.parametrize(("name", "resource"), CASES, ids=[resource.rpartition(":::")[2] for _, resource in CASES])
def test_the_engine_runs_it(name: str, resource: str) -> None:
    """With a mock as its answer, or a token that is answered."""
    waits = resource.endswith(".waitForTaskToken")
    execution = start(machine(name, resource), mocks={"Call": Waits() if waits else {"answer": 1}}).run()
    if waits:
        (token,) = execution.waiting
        execution.send_task_success(token, {"answer": 1})
        execution.run()
    assert (execution.status, execution.output) == ("SUCCEEDED", {"answer": 1})


@pytest.mark.parametrize("name", sorted(name for name, row in INTEGRATIONS.items() if any(p.startswith("sync") for p in row.patterns)))
def test_the_engine_can_follow_its_job(name: str) -> None:
    """A row with ``.sync`` says how to find out that the job has ended, or why nobody can."""
    row = INTEGRATIONS[name]
    assert (row.polling is None) == bool(row.not_polled)


@pytest.mark.parametrize("name", sorted(INTEGRATIONS))
def test_it_names_its_source(name: str) -> None:
    """The page of AWS's guide that the row was read from."""
    assert re.fullmatch(r"https://docs\.aws\.amazon\.com/step-functions/latest/dg/[a-z-]+\.html", INTEGRATIONS[name].source)
