"""What the page knows of an execution: statuses, lanes, attempts, variables, steps of the data."""

from __future__ import annotations

import json
from typing import Any

import pytest

from generator.engine import Engine, Execution, Fails, Sequence, execute, start
from generator.engine.history import parse, render
from generator.view.data import page_data
from generator.view.recording import of_execution, of_history
from tests.support.executions import dofs, nested, redriven, task


def data_of(execution: Execution) -> dict[str, Any]:
    """Return the data of an execution."""
    return page_data(of_execution(execution))


def visits(data: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return the visits: the state, the status, the visit around it, the iteration or branch."""
    return [(data["states"][one["s"]]["name"], one["st"], one.get("p"), one.get("i")) for one in data["visits"]]


def test_a_retried_map() -> None:
    """The states of the second attempt are inside the Map, not inside the state that failed in the first one."""
    each = {"StartAt": "Try", "States": {"Try": task("try", Next="Then"), "Then": {"Type": "Pass", "End": True}}}
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 5}]
    state = {"Type": "Map", "ItemsPath": "$", "MaxConcurrency": 1, "ItemProcessor": each, "Retry": retry, "End": True}
    execution = execute({"StartAt": "All", "States": {"All": state}}, ["a", "b"], mocks={"Try": Sequence(1, Fails("Bad"), 1, 2)})
    data = data_of(execution)
    assert visits(data) == [
        ("All", "succeeded", None, None),
        ("Try", "succeeded", 0, 0),
        ("Then", "succeeded", 0, 0),
        ("Try", "failed", 0, 1),
        ("Try", "succeeded", 0, 0),
        ("Then", "succeeded", 0, 0),
        ("Try", "succeeded", 0, 1),
        ("Then", "succeeded", 0, 1),
    ]
    assert [(one["t"], one["st"]) for one in data["visits"][0]["at"]] == [(0, "FAILED"), (5000, "SUCCEEDED")]
    assert data["failing"] is None
    assert data["visits"][0]["x"]["result"] is not None


def test_branches_are_cancelled_with_a_failure() -> None:
    """The other branch of a Parallel is cancelled, and the failing state is the inner one."""
    branches = [
        {"StartAt": "Slow", "States": {"Slow": {"Type": "Wait", "Seconds": 60, "End": True}}},
        {"StartAt": "Quick", "States": {"Quick": {"Type": "Wait", "Seconds": 1, "Next": "No"}, "No": {"Type": "Fail", "Error": "E"}}},
    ]
    data = data_of(execute({"StartAt": "Both", "States": {"Both": {"Type": "Parallel", "Branches": branches, "End": True}}}))
    assert visits(data) == [
        ("Both", "failed", None, None),
        ("Slow", "cancelled", 0, 0),
        ("Quick", "succeeded", 0, 1),
        ("No", "failed", 0, 1),
    ]
    assert data["failing"] == 3
    assert data["visits"][3]["er"] == "E"


@pytest.mark.parametrize(
    ("end", "status"),
    [(lambda one: one.stop("Why", "because"), "cancelled"), (lambda one: one.finish(), "timed_out"), (lambda one: one, "running")],
)
def test_what_has_not_ended(end: Any, status: str) -> None:
    """A stopped execution, one that ran out of time, and one that still runs."""
    machine = {"TimeoutSeconds": 50, "StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}}
    data = data_of(end(start(machine).advance(10)))
    assert visits(data) == [("Wait", status, None, None)]


def test_variables_follow_the_lanes() -> None:
    """A branch reads the variables from outside, and what it assigns stays inside."""
    inner = {
        "StartAt": "Set",
        "States": {"Set": {"Type": "Pass", "Assign": {"own": 2}, "Next": "Read"}, "Read": {"Type": "Pass", "End": True}},
    }
    machine = {
        "StartAt": "First",
        "States": {
            "First": {"Type": "Pass", "Assign": {"shared": 1}, "Next": "Split"},
            "Split": {"Type": "Parallel", "Branches": [inner], "Next": "Last"},
            "Last": {"Type": "Succeed"},
        },
    }
    data = data_of(execute(machine))
    found = {data["states"][one["s"]]["name"]: json.loads(data["texts"][one["v"]]) for one in data["visits"]}
    assert found == {"First": {}, "Split": {"shared": 1}, "Set": {"shared": 1}, "Read": {"shared": 1, "own": 2}, "Last": {"shared": 1}}


def test_steps_that_do_not_follow_from_the_history_are_left_out() -> None:
    """A random number cannot be computed again; a step that could be wrong is not shown."""
    random = {"Type": "Pass", "Parameters": {"id.$": "States.UUID()"}, "End": True}
    certain = {"Type": "Pass", "Parameters": {"id.$": "$.id"}, "ResultPath": "$.kept", "End": True}
    assert "x" not in data_of(execute({"StartAt": "A", "States": {"A": random}}, {"id": 1}, seed=5))["visits"][0]
    data = data_of(execute({"StartAt": "A", "States": {"A": certain}}, {"id": 1}))
    steps = {name: data["texts"][index] for name, index in data["visits"][0]["x"].items()}
    assert (steps["afterParameters"], steps["afterResultPath"]) == ('{"id":1}', '{"id":1,"kept":{"id":1}}')


def test_a_redriven_map_goes_on() -> None:
    """The iterations that failed start again, and count as they ended."""
    broken = [True]

    def work(event: int) -> int:
        if event == 1 and broken[0]:
            raise ValueError("broken")
        return event

    each = {"StartAt": "Work", "States": {"Work": task("work", End=True)}}
    state = {"Type": "Map", "ItemsPath": "$", "MaxConcurrency": 1, "ItemProcessor": each, "End": True}
    execution = Engine(functions={"work": work}).start({"StartAt": "All", "States": {"All": state}}, [0, 1, 2]).finish()
    broken[0] = False
    data = data_of(execution.redrive().finish())
    assert data["status"] == "SUCCEEDED"
    assert [one[:3] for one in data["iterations"]] == [[0, 0, "SUCCEEDED"], [0, 1, "FAILED"], [0, 1, "SUCCEEDED"], [0, 2, "SUCCEEDED"]]
    assert visits(data)[-1] == ("Work", "succeeded", 0, 2)


def test_a_history_reads_as_the_execution_that_wrote_it() -> None:
    """Nothing is lost between the engine, the JSON of the API and the page."""
    for made in (dofs(), nested(), redriven()):
        history = json.loads(json.dumps(made.history, default=lambda moment: moment.isoformat()))
        again = page_data(of_history(history, title="x", walk=made.machine.machine.walk, machine=made.machine.machine))
        direct = data_of(made)
        assert visits(again) == visits(direct)
        assert [one[:5] for one in again["events"]] == [one[:5] for one in direct["events"]]
        assert again["iterations"] == direct["iterations"]


def test_a_part_of_a_history_keeps_its_ids() -> None:
    """The newest events first, as ``--reverse-order`` writes them, and only some of them."""
    whole = dofs().history
    part = [*reversed(whole[10:])]
    data = page_data(of_history(part))
    assert [row[0] for row in data["events"]] == [event["id"] for event in whole[10:]]
    assert [event for _, event in parse(render(dofs().events))] == dofs().events
