"""Executions that are kept: after a kill they are where they were, and no call is made twice."""

from __future__ import annotations

import json
import time
from functools import partialmethod
from typing import TYPE_CHECKING, Any

import pytest

from generator.engine.calls import services
from generator.local.durable import DurableStepFunctions
from generator.local.stepfunctions.service import StepFunctions
from generator.local.store import Store, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

DAY = 86_400
ROLE = "arn:aws:iam::123456789012:role/r"
TASK = "arn:aws:lambda:us-east-1:123456789012:function:"
START = 1_700_000_000.0


def task(name: str, **more: Any) -> dict[str, Any]:
    """Return a state that calls a function."""
    return {"Type": "Task", "Resource": f"{TASK}{name}", **more}


def machine(*states: tuple[str, dict[str, Any]], **more: Any) -> dict[str, Any]:
    """Return a machine in JSONata whose states follow each other."""
    names = [name for name, _ in states]
    linked = {
        name: state if state["Type"] == "Fail" else {**state, **({"Next": names[i + 1]} if i + 1 < len(names) else {"End": True})}
        for i, (name, state) in enumerate(states)
    }
    return {"QueryLanguage": "JSONata", "StartAt": names[0], "States": linked, **more}


WAIT = {"Type": "Wait", "Seconds": 10 * DAY}
UUID = {"Type": "Pass", "Output": "{% {'id': $uuid(), 'in': $states.input} %}"}


class World:
    """A service that can be killed. Functions count their calls over all lives.

    Attributes:
        service: the service of this life.
        calls: the names of the functions in the order of their calls.
    """

    def __init__(self, folder: Path, pace: Any = "held") -> None:
        """Start the first life."""
        self.folder, self.pace = folder, pace
        self.calls: list[str] = []
        self.broken = False
        self.state = ""
        self.machines: dict[str, dict[str, Any]] = {}
        self.live()

    def live(self) -> None:
        """Start a life, with the machines of the last one."""
        self.store = Store(self.folder)
        functions: dict[str, Callable[[Any], Any]] = {f"{TASK}{name}": self._function(name) for name in ("a", "b", "broken")}
        self.service = DurableStepFunctions(self.store, functions=functions, pace=self.pace, start=START)
        for name, definition in self.machines.items():
            self.service.add(definition, name=name)
        self.service.restore()
        self.service.settle(10)

    def _function(self, name: str) -> Callable[[Any], Any]:
        def call(event: Any) -> Any:
            self.calls.append(name)
            if name == "broken" and self.broken:
                raise RuntimeError("busy")
            return {"by": name, "calls": self.calls.count(name), "event": event}

        return call

    def kill(self) -> None:
        """Let nothing be written any more, and start again from what was written."""
        self.store.close()
        self.service.close()
        self.live()

    def start(self, definition: dict[str, Any], name: str = "m") -> str:
        """Start an execution of a machine, which every life has."""
        self.machines[name] = definition
        (arn, *_) = self.service.add(definition, name=name)
        execution = self.service.call("StartExecution", {"stateMachineArn": arn, "input": '{"x": 1}'})["executionArn"]
        self.service.settle(10)
        return str(execution)

    def describe(self, arn: str) -> dict[str, Any]:
        """Describe an execution."""
        return self.service.call("DescribeExecution", {"executionArn": arn})

    def history(self, arn: str) -> list[Any]:
        """Return the events of an execution."""
        return self.service.call("GetExecutionHistory", {"executionArn": arn})["events"]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Make a world on a clock that moves by a call only."""
    made = World(tmp_path / "data")
    yield made
    made.service.close()
    made.store.close()


def test_a_wait_goes_on_where_it_was(world: World) -> None:
    """The history is that of one execution; a random value stays; the task before the wait is not called again."""
    arn = world.start(machine(("A", task("a")), ("U", UUID), ("Wait", WAIT), ("B", task("b")), ("V", UUID)))
    before = world.history(arn)
    assert [event["type"] for event in before][-1] == "WaitStateEntered"
    world.service.advance(4 * DAY)
    world.kill()
    assert world.history(arn) == before
    assert world.describe(arn)["status"] == "RUNNING"
    world.service.advance(6 * DAY - 1)
    assert world.describe(arn)["status"] == "RUNNING"
    world.kill()
    world.service.advance(1)
    ended = world.describe(arn)
    assert (ended["status"], world.calls) == ("SUCCEEDED", ["a", "b"])
    assert (ended["stopDate"] - ended["startDate"]).total_seconds() == 10 * DAY
    assert world.history(arn)[: len(before)] == before
    world.kill()
    assert world.describe(arn) == ended
    assert len(world.history(arn)) == len(world.history(arn))
    assert world.service.call("ListExecutions", {"stateMachineArn": ended["stateMachineArn"]})["executions"][0]["status"] == "SUCCEEDED"


def test_branches_and_iterations(world: World) -> None:
    """Each branch is where it was, with the results of its own calls."""
    branches = [
        machine(("A1", task("a")), ("W1", {"Type": "Wait", "Seconds": 100}), ("B1", task("b"))),
        machine(("W2", {"Type": "Wait", "Seconds": 50}), ("A2", task("a")), ("W3", {"Type": "Wait", "Seconds": 100}), ("B2", task("b"))),
    ]
    for branch in branches:
        del branch["QueryLanguage"]
    items = {"Type": "Map", "Items": "{% [1, 2, 3] %}", "MaxConcurrency": 2, "ItemProcessor": {}}
    inner = machine(("Each", task("a")), ("Pause", {"Type": "Wait", "Seconds": 30}), ("Then", task("b")))
    del inner["QueryLanguage"]
    items["ItemProcessor"] = inner
    arn = world.start(machine(("P", {"Type": "Parallel", "Branches": branches}), ("M", items)))
    for seconds in (60, 45, 50, 20, 20, 30):
        before = world.history(arn)
        world.kill()
        assert world.history(arn) == before
        world.service.advance(seconds)
    assert world.describe(arn)["status"] == "SUCCEEDED"
    assert world.calls.count("a") == world.calls.count("b") == 5


def test_a_task_token_stays_valid(world: World) -> None:
    """An answer that was accepted is not asked for again; a token from before the kill can be answered after it."""
    activity = world.service.call("CreateActivity", {"name": "ask"})["activityArn"]
    ask = {"Type": "Task", "Resource": activity}
    arn = world.start(machine(("Ask", ask), ("Wait", WAIT), ("Again", ask)))
    first = world.service.call("GetActivityTask", {"activityArn": activity, "workerName": "w"})
    world.kill()
    world.service.call("SendTaskSuccess", {"taskToken": first["taskToken"], "output": '"yes"'})
    world.service.settle(10)
    assert world.history(arn)[-1]["type"] == "WaitStateEntered"
    before = world.history(arn)
    world.kill()
    assert world.history(arn) == before
    world.service.advance(10 * DAY)
    second = world.service.call("GetActivityTask", {"activityArn": activity})
    assert json.loads(second["input"]) == "yes"
    world.service.call("SendTaskFailure", {"taskToken": second["taskToken"], "error": "No"})
    world.service.settle(10)
    world.kill()
    assert (world.describe(arn)["status"], world.describe(arn)["error"]) == ("FAILED", "No")


def test_a_failed_execution_can_be_redriven_after_a_kill(world: World) -> None:
    """Stop and redrive are kept, too."""
    world.broken = True
    arn = world.start(machine(("A", task("a")), ("Broken", task("broken")), ("Wait", WAIT), ("B", task("b"))))
    assert world.describe(arn)["status"] == "FAILED"
    world.kill()
    world.broken = False
    world.service.advance(60)
    world.service.call("RedriveExecution", {"executionArn": arn})
    world.service.settle(10)
    world.kill()
    shown = world.describe(arn)
    assert (shown["status"], shown["redriveCount"]) == ("RUNNING", 1)
    world.service.call("StopExecution", {"executionArn": arn, "error": "Enough", "cause": "of it"})
    world.service.settle(10)
    world.kill()
    shown = world.describe(arn)
    assert (shown["status"], shown["error"], shown["cause"]) == ("ABORTED", "Enough", "of it")
    world.service.call("RedriveExecution", {"executionArn": arn})
    world.service.advance(10 * DAY)
    assert (world.describe(arn)["status"], world.describe(arn)["redriveCount"]) == ("SUCCEEDED", 2)
    assert world.calls == ["a", "broken", "broken", "b"]


def test_a_call_without_a_result_is_made_again(world: World) -> None:
    """The process was killed while a function ran: its result is not known."""
    write = world.store.write
    arn = ""

    def lose(statements: Any) -> None:
        if world.calls:
            return
        write(statements)

    world.store.write = lose  # type: ignore[method-assign]
    arn = world.start(machine(("A", task("a")), ("B", task("b"))))
    world.kill()
    assert world.describe(arn)["status"] == "SUCCEEDED"
    assert world.calls == ["a", "b", "a", "b"]


def test_an_execution_that_a_task_has_started(world: World) -> None:
    """Parent and child are both where they were."""
    child = machine(("Wait", {"Type": "Wait", "Seconds": 100}), ("A", task("a")))
    world.machines["child"] = child
    (child_arn,) = world.service.add(child, name="child")
    nested = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "Arguments": {"StateMachineArn": child_arn}}
    arn = world.start(machine(("First", task("b")), ("Nested", nested), ("Last", task("b"))))
    world.service.advance(50)
    world.kill()
    (one,) = world.service.call("ListExecutions", {"stateMachineArn": child_arn})["executions"]
    assert one["status"] == "RUNNING"
    world.service.advance(50)
    assert world.describe(arn)["status"] == world.describe(one["executionArn"])["status"] == "SUCCEEDED"
    world.kill()
    assert world.describe(arn)["status"] == world.describe(one["executionArn"])["status"] == "SUCCEEDED"
    assert world.calls == ["b", "a", "b"]


def test_a_retry_and_a_later_definition(world: World) -> None:
    """A failure is kept like a result; an execution goes on with the definition that it was started with."""
    world.broken = True
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 100, "MaxAttempts": 2}]
    arn = world.start(machine(("Broken", task("broken", Retry=retry)), ("Old", UUID)))
    world.machines["m"] = machine(("New", UUID))
    world.kill()
    world.broken = False
    world.service.advance(100)
    assert world.describe(arn)["status"] == "SUCCEEDED"
    assert world.calls == ["broken", "broken"]
    assert [event["stateExitedEventDetails"]["name"] for event in world.history(arn) if "stateExitedEventDetails" in event][-1] == "Old"


def test_what_was_set_up_is_kept(world: World) -> None:
    """State machines, versions and aliases that were created through the API."""
    definition = json.dumps(machine(("A", task("a"))))
    arn = world.service.call("CreateStateMachine", {"name": "mine", "definition": definition, "roleArn": ROLE})["stateMachineArn"]
    version = world.service.call("PublishStateMachineVersion", {"stateMachineArn": arn})["stateMachineVersionArn"]
    routing = [{"stateMachineVersionArn": version, "weight": 100}]
    world.service.call("CreateStateMachineAlias", {"name": "live", "routingConfiguration": routing})
    execution = world.service.call("StartExecution", {"stateMachineArn": f"{arn}:live"})["executionArn"]
    world.service.settle(10)
    world.kill()
    assert world.service.call("DescribeStateMachineAlias", {"stateMachineAliasArn": f"{arn}:live"})["routingConfiguration"] == routing
    assert world.describe(execution)["stateMachineAliasArn"] == f"{arn}:live"


def test_the_file_stays_small(world: World) -> None:
    """The steps of an execution that has ended are removed."""
    for _ in range(3):
        world.start(machine(("A", task("a")), ("B", task("b"))))
    end = time.monotonic() + 30
    while list(world.store.read("SELECT COUNT(*), SUM(ended) FROM execution")) != [(3, 3)]:  # an end is written just after it is seen
        assert time.monotonic() < end
        time.sleep(0.01)
    assert list(world.store.read("SELECT COUNT(*) FROM step")) == [(0,)]


def test_a_folder_has_one_stack(world: World) -> None:
    """A second one is refused."""
    with pytest.raises(StoreError, match="another local stack uses the folder"):
        Store(world.folder)


CALLBACK = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
    "Arguments": {"FunctionName": f"{TASK}a", "Payload": {"token": "{% $states.context.Task.Token %}"}},
}


def test_a_request_whose_answer_is_awaited_is_not_made_again(world: World) -> None:
    """A person gets one mail, however often the process is killed while the answer is awaited; later tokens stay as they were."""
    arn = world.start(machine(("A", CALLBACK), ("U", UUID), ("B", CALLBACK), ("V", UUID)))
    for expected in (["a"], ["a", "a"]):
        for _ in range(2):
            world.kill()
            assert (world.calls, world.describe(arn)["status"]) == (expected, "RUNNING")
        token = next(iter(world.service.core.records[arn].execution.waiting))
        world.service.call("SendTaskSuccess", {"taskToken": token, "output": "1"})
        world.service.settle(10)
    ended = world.describe(arn)
    assert (ended["status"], world.calls) == ("SUCCEEDED", ["a", "a"])
    world.kill()
    assert world.describe(arn) == ended


def test_a_job_that_runs_is_not_started_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is followed by its id, which the history has."""
    asked: list[tuple[str, Any]] = []

    def request(call: Any, service: str, action: str, parameters: Any) -> Any:
        asked.append((action, parameters))
        return {"JobRunId": "j1"} if action == "startJobRun" else {"JobRun": {"Id": "j1", "JobRunState": world.state}}

    world.state = "RUNNING"
    monkeypatch.setattr(services, "make_request", request)
    monkeypatch.setattr(StepFunctions, "__init__", partialmethod(StepFunctions.__init__, clients=lambda service: None))
    world.kill()  # from now on there are clients
    job = {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync", "Arguments": {"JobName": "j"}}
    arn = world.start(machine(("A", job)))
    world.service.advance(100)
    world.kill()
    world.service.advance(100)
    world.state = "SUCCEEDED"
    world.service.advance(100)
    assert world.describe(arn)["status"] == "SUCCEEDED"
    assert [action for action, _ in asked].count("startJobRun") == 1
    assert asked[-1] == ("getJobRun", {"JobName": "j", "RunId": "j1"})
