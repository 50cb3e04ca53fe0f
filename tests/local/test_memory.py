"""Executions that have ended are not in memory as objects, and are all there when someone asks: without and with a store."""

from __future__ import annotations

import gc
import json
from typing import TYPE_CHECKING, Any

import pytest

from generator.engine import Execution
from generator.engine.frame import Run
from generator.local import durable
from generator.local.durable import DurableStepFunctions
from generator.local.stepfunctions import core
from generator.local.stepfunctions.archive import CHUNK, Archive
from generator.local.stepfunctions.model import ServiceError
from generator.local.stepfunctions.service import StepFunctions
from generator.local.stepfunctions.timeline import LocalEngine, Timeline
from generator.local.store import Store
from tests.support.stepfunctions import ROLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:"
FLAKY = {"Type": "Task", "Resource": f"{LAMBDA}flaky"}
COUNT = {"Type": "Task", "Resource": f"{LAMBDA}count"}


class Bench:
    """A service with functions that can fail, and what it was asked."""

    def __init__(self, folder: Path | None) -> None:
        """Start it, with a store if there is a folder for it."""
        self.folder = folder
        self.broken = True
        self.counted = 0
        self.store: Store | None = None
        self.options: dict[str, Any] = {}
        self.begin()

    def begin(self) -> None:
        """Start a life."""
        functions: dict[str, Callable[[Any], Any]] = {f"{LAMBDA}flaky": self._flaky, f"{LAMBDA}count": self._count}
        options = {"functions": functions, "pace": "held", "start": 1_700_000_000.0, **self.options}
        if self.folder is None:
            self.service: StepFunctions = StepFunctions(**options)
        else:
            self.store = Store(self.folder)
            made = DurableStepFunctions(self.store, **options)
            made.restore()
            self.service = made
        self.service.settle(10)

    def again(self) -> None:
        """Start anew, if there is a store."""
        if self.folder is not None:
            self.end()
            self.begin()

    def end(self) -> None:
        """End it."""
        if self.store is not None:
            self.store.close()
        self.service.close()

    def _flaky(self, event: Any) -> Any:
        if self.broken:
            raise RuntimeError("busy")
        return event

    def _count(self, _: Any) -> Any:
        self.counted += 1
        return self.counted

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """Perform an operation."""
        return self.service.call(operation, parameters)

    def machine(self, name: str, states: dict[str, Any], **more: Any) -> str:
        """Create a machine, which begins with its first state."""
        definition = json.dumps({"StartAt": next(iter(states)), "States": states, "QueryLanguage": "JSONata", **more})
        return str(self.call("CreateStateMachine", name=name, definition=definition, roleArn=ROLE)["stateMachineArn"])

    def run(self, machine: str, document: Any = None) -> str:
        """Run an execution until it waits or ends."""
        arn = self.call("StartExecution", stateMachineArn=machine, input=json.dumps(document or {}))["executionArn"]
        self.service.settle(10)
        return str(arn)

    def redrive(self, arn: str) -> dict[str, Any]:
        """Redrive an execution, and describe it."""
        self.call("RedriveExecution", executionArn=arn)
        self.service.settle(10)
        return self.describe(arn)

    def describe(self, arn: str) -> dict[str, Any]:
        """Describe an execution."""
        return self.call("DescribeExecution", executionArn=arn)

    def history(self, arn: str, **more: Any) -> list[Any]:
        """Return the events of an execution, page by page."""
        found: list[Any] = []
        while True:
            page = self.call("GetExecutionHistory", executionArn=arn, **more)
            found += page["events"]
            if "nextToken" not in page:
                return found
            more["nextToken"] = page["nextToken"]


@pytest.fixture(params=["memory", "store"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """Return a service without and with a store."""
    made = Bench(tmp_path / "data" if request.param == "store" else None)
    yield made
    made.end()


def living() -> dict[str, int]:
    """Return the number of objects that only a running execution needs."""
    gc.collect()
    kinds = (Execution, Run, LocalEngine, Timeline)
    found = [type(each) for each in gc.get_objects()]
    return {kind.__name__: found.count(kind) for kind in kinds}


def test_nothing_of_an_ended_execution_stays(bench: Bench) -> None:
    """Neither of one that succeeded nor of one that can be redriven, of a child or of a map run."""
    child = bench.machine("child", {"A": {**FLAKY, "End": True}})
    nested = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "Arguments": {"StateMachineArn": child}}
    machines = [
        bench.machine("ends", {"A": {"Type": "Pass", "Output": {"text": "x" * 2000}, "Next": "B"}, "B": {"Type": "Succeed"}}),
        bench.machine("fails", {"A": {**FLAKY, "End": True}}),
        bench.machine("parent", {"A": {**nested, "End": True}}),
        bench.machine("map", {"Each": each({"C": {**COUNT, "End": True}})}),
    ]
    before = living()
    arns = [bench.run(machine) for _ in range(5) for machine in machines]
    statuses = {bench.describe(arn)["status"] for arn in arns}
    assert statuses == {"SUCCEEDED", "FAILED"}
    for _ in range(20):  # the thread that ran the last one may hold it for a moment
        bench.service.settle(10)
        if living() == before:
            break
        bench.run(machines[0])
    assert living() == before
    assert len(bench.service.executions) >= 25


def each(states: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a Distributed Map over the items of the input."""
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    processor = {"ProcessorConfig": config, "StartAt": next(iter(states)), "States": states}
    return {"Type": "Map", "Label": "each", "Items": "{% [1, 2, 3] %}", "ItemProcessor": processor, "End": True, **more}


def test_what_the_api_shows_of_it(bench: Bench) -> None:
    """Texts, events in both directions and in pages over several parts, without data, and after a new start."""
    loop = {
        "A": {"Type": "Pass", "Assign": {"n": "{% $states.input.n %}"}, "Next": "B"},
        "B": {"Type": "Pass", "Assign": {"n": "{% $n - 1 %}"}, "Next": "C"},
        "C": {"Type": "Choice", "Choices": [{"Condition": "{% $n > 0 %}", "Next": "B"}], "Default": "D"},
        "D": {"Type": "Fail", "Error": "Enough", "Cause": "of " + "it" * 500},
    }
    arn = bench.run(bench.machine("loop", loop), {"n": CHUNK // 3})
    assert bench.service.core.records[arn].execution is None
    shown = bench.describe(arn)
    assert (shown["status"], json.loads(shown["input"]), shown["error"]) == ("FAILED", {"n": CHUNK // 3}, "Enough")
    assert shown["cause"].startswith("of itit")
    events = bench.history(arn)
    assert [event["id"] for event in events] == [*range(1, len(events) + 1)]
    assert len(events) > CHUNK
    bench.again()
    assert bench.describe(arn) == shown
    assert bench.history(arn) == bench.history(arn, maxResults=7) == events
    assert bench.history(arn, reverseOrder=True, maxResults=150) == events[::-1]
    assert "input" not in bench.history(arn, includeExecutionData=False)[0]["executionStartedEventDetails"]
    ok = bench.run(bench.machine("ok", {"A": {"Type": "Pass", "Output": "out", "End": True}}))
    bench.again()
    assert bench.describe(ok)["output"] == '"out"'


def test_a_redrive_brings_it_back(bench: Bench) -> None:
    """Branches that had succeeded are not run again, and variables, input and history go on."""
    branches = [{"StartAt": "C", "States": {"C": {**COUNT, "End": True}}}, {"StartAt": "F", "States": {"F": {**FLAKY, "End": True}}}]
    states = {
        "Set": {"Type": "Pass", "Assign": {"before": "{% $states.input.x %}"}, "Next": "Both"},
        "Both": {"Type": "Parallel", "Branches": branches, "Next": "Show"},
        "Show": {
            "Type": "Pass",
            "Output": "{% [$before, $states.input[0], $states.context.Execution] %}",
            "End": True,
        },
    }
    arn = bench.run(bench.machine("both", states), {"x": 7})
    first = bench.history(arn)
    assert (bench.describe(arn)["status"], bench.counted) == ("FAILED", 1)
    for number in (1, 2):
        bench.again()
        shown = bench.redrive(arn)
        assert (shown["status"], shown["redriveCount"], bench.counted) == ("FAILED", number, 1)
    bench.broken = False
    bench.again()
    shown = bench.redrive(arn)
    before, counted, context = json.loads(shown["output"])
    assert (shown["status"], shown["redriveCount"], bench.counted) == ("SUCCEEDED", 3, 1)
    assert (before, counted, context["RedriveCount"], context["Input"]) == (7, 1, 3, {"x": 7})
    assert bench.history(arn)[: len(first)] == first
    assert [event["type"] for event in bench.history(arn)].count("ExecutionRedriven") == 3
    bench.again()
    assert bench.describe(arn) == shown
    with pytest.raises(ServiceError, match="SUCCEEDED and cannot be redriven"):
        bench.redrive(arn)


def test_map_runs_and_their_children(bench: Bench) -> None:
    """A redrive goes on with the map run: what has succeeded is not called again."""
    check = [{"Condition": "{% $states.input = 2 %}", "Next": "F"}]
    states = {
        "Count": {**COUNT, "Output": "{% $states.input %}", "Next": "Check"},
        "Check": {"Type": "Choice", "Choices": check, "Default": "Ok"},
        "F": {**FLAKY, "End": True},
        "Ok": {"Type": "Succeed"},
    }
    arn = bench.run(bench.machine("map", {"Each": each(states, MaxConcurrency=1)}))
    (run,) = bench.call("ListMapRuns", executionArn=arn)["mapRuns"]
    for _ in range(2):
        described = bench.call("DescribeMapRun", mapRunArn=run["mapRunArn"])
        assert (described["status"], described["itemCounts"]["failed"], described["executionArn"]) == ("FAILED", 1, arn)
        children = bench.call("ListExecutions", mapRunArn=run["mapRunArn"])["executions"]
        assert sorted(child["status"] for child in children) == ["FAILED", "SUCCEEDED"]
        children.sort(key=lambda child: child["status"])
        child = bench.describe(children[0]["executionArn"])
        assert (child["mapRunArn"], json.loads(child["input"]), child["error"]) == (run["mapRunArn"], 2, "RuntimeError")
        assert bench.history(children[0]["executionArn"])[-1]["type"] == "ExecutionFailed"
        found = bench.call("DescribeStateMachineForExecution", executionArn=children[0]["executionArn"])
        assert (found["label"], found["name"]) == ("each", "map/each")
        bench.again()
    assert bench.redrive(arn)["status"] == "FAILED"
    bench.broken = False
    bench.again()
    assert (bench.redrive(arn)["status"], bench.counted) == ("SUCCEEDED", 3)
    (run,) = bench.call("ListMapRuns", executionArn=arn)["mapRuns"]
    described = bench.call("DescribeMapRun", mapRunArn=run["mapRunArn"])
    assert (described["status"], described["redriveCount"]) == ("SUCCEEDED", 2)
    bench.again()
    assert bench.call("DescribeMapRun", mapRunArn=run["mapRunArn"]) == described
    assert len(bench.call("ListExecutions", mapRunArn=run["mapRunArn"])["executions"]) == 3


def test_of_failed_map_runs_the_last_ones_stay(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that memory has a limit; with an older one, a redrive starts a new map run."""
    monkeypatch.setattr(core, "MOST_HELD", 2)
    monkeypatch.setattr(durable, "MOST_HELD", 2)
    machine = bench.machine("map", {"Each": each({"F": {**FLAKY, "End": True}})})
    arns = [bench.run(machine) for _ in range(4)]
    for _ in range(2):
        assert [bench.service.core.records[arn].execution is not None for arn in arns] == [False, False, True, True]
        assert [bench.describe(arn)["status"] for arn in arns] == ["FAILED"] * 4
        bench.again()
    bench.broken = False
    assert {bench.redrive(arn)["status"] for arn in arns} == {"SUCCEEDED"}
    bench.again()
    assert [len(bench.call("ListMapRuns", executionArn=arn)["mapRuns"]) for arn in arns] == [2, 2, 1, 1]
    assert not any(record.execution for record in bench.service.executions)


def test_memory_has_a_limit() -> None:
    """Without a store the oldest go when all are too large together."""
    with StepFunctions(pace="virtual", archive=Archive(most=40_000)) as service:
        definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
        arn = service.call("CreateStateMachine", {"name": "m", "definition": definition, "roleArn": ROLE})["stateMachineArn"]
        started = []
        for _ in range(60):
            started.append(service.call("StartExecution", {"stateMachineArn": arn})["executionArn"])
            service.settle(10)
        kept = [record.arn for record in service.executions]
        assert 0 < len(kept) < 60
        assert kept == started[-len(kept) :]
        assert 0 < service.core.archive.size <= 40_000
        with pytest.raises(ServiceError, match="Execution Does Not Exist"):
            service.call("GetExecutionHistory", {"executionArn": started[0]})
        service.call("DeleteStateMachine", {"stateMachineArn": arn})
        assert service.core.archive.size == 0


def test_tasks_see_it(bench: Bench) -> None:
    """A task can describe, list, read and redrive an execution that has ended before."""
    one = bench.run(bench.machine("one", {"A": {**FLAKY, "End": True}}), {"x": 1})
    sdk = "arn:aws:states:::aws-sdk:sfn:"
    states = {
        "Describe": {"Type": "Task", "Resource": f"{sdk}describeExecution", "Assign": {"d": "{% $states.result %}"}, "Next": "List"},
        "List": {"Type": "Task", "Resource": f"{sdk}listExecutions", "Assign": {"l": "{% $states.result.Executions %}"}, "Next": "Read"},
        "Read": {"Type": "Task", "Resource": f"{sdk}getExecutionHistory", "Assign": {"h": "{% $states.result.Events %}"}, "Next": "Go"},
        "Go": {"Type": "Task", "Resource": f"{sdk}redriveExecution", "Output": "{% [$d.Input, $d.Error, $count($l), $count($h)] %}"},
    }
    for state in states.values():
        state["Arguments"] = {"ExecutionArn": one}
    states["List"]["Arguments"] = {"StateMachineArn": bench.describe(one)["stateMachineArn"]}
    states["Go"]["End"] = True
    events = bench.history(one)
    bench.broken = False
    shown = bench.describe(bench.run(bench.machine("asks", states)))
    assert json.loads(shown.get("output", "null")) == ['{"x":1}', "RuntimeError", 1, len(events)], shown
    assert bench.describe(one)["status"] == "SUCCEEDED"
