"""Executions that are kept: after a kill they are where they were, and no call is made twice."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from functools import partialmethod
from typing import TYPE_CHECKING, Any

import pytest

from generator.engine.calls import services
from generator.local.durable import DurableStepFunctions
from generator.local.stepfunctions.archive import packed, unpacked
from generator.local.stepfunctions.model import ServiceError
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
        metadata = {"SdkHttpMetadata": {}, "SdkResponseMetadata": {}}
        return {"JobRunId": "j1", **metadata} if action == "startJobRun" else {"JobRun": {"Id": "j1", "JobRunState": world.state}}

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


class KilledError(Exception):
    """The process was killed in this moment."""


class Scenario:
    """What clients do, and what was accepted of it.

    Attributes:
        world: the service.
        accepted: what was answered: the name of each execution with what must be true of it after a kill.
    """

    def __init__(self, world: World) -> None:
        """Prepare the machines, which every life has."""
        self.world = world
        self.accepted: dict[str, dict[str, Any]] = {}
        activity = "arn:aws:states:us-east-1:123456789012:activity:ask"
        ask = {"Type": "Task", "Resource": activity}
        child = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2"}
        name = "arn:aws:states:us-east-1:123456789012:stateMachine:"
        world.machines = {
            "child": machine(("A", task("a")), ("Wait", {"Type": "Wait", "Seconds": 10})),
            "plain": machine(("A", task("a")), ("B", task("b"))),
            "fails": machine(("A", task("a")), ("Broken", task("broken")), ("B", task("b"))),
            "waits": machine(("A", task("a")), ("Wait", WAIT), ("B", task("b"))),
            "asks": machine(("Ask", ask), ("B", task("b"))),
            "parent": machine(("Child", {**child, "Arguments": {"StateMachineArn": f"{name}child"}}), ("B", task("b"))),
        }
        world.broken = True

    def ask(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """Perform an operation, unless the process is killed before it answers."""
        answer = None
        with suppress(ServiceError):
            answer = self.world.service.call(operation, parameters)
        if answer is None or self.world.store.closed:
            assert self.world.store.closed
            raise KilledError
        return answer

    def start(self, name: str) -> str:
        """Start an execution."""
        machine_arn = f"arn:aws:states:us-east-1:123456789012:stateMachine:{name}"
        arn = str(self.ask("StartExecution", stateMachineArn=machine_arn, name=f"{name}-{len(self.accepted)}")["executionArn"])
        self.accepted[arn] = {"redriveCount": 0}
        self.world.service.settle(10)
        return arn

    def play(self) -> None:
        """Do everything once, in an order in which much is open at the same time."""
        world = self.world
        self.ask("CreateActivity", name="ask")
        started = {name: self.start(name) for name in ("plain", "fails", "waits", "asks", "parent")}
        self.start("fails")
        worker = self.ask("GetActivityTask", activityArn="arn:aws:states:us-east-1:123456789012:activity:ask")
        self.ask("SendTaskSuccess", taskToken=worker["taskToken"], output="1")
        self.accepted[started["asks"]]["answered"] = True
        for number in (1, 2):
            self.ask("RedriveExecution", executionArn=started["fails"])
            self.accepted[started["fails"]]["redriveCount"] = number
            world.service.settle(10)
        self.ask("StopExecution", executionArn=started["waits"], error="Enough")
        self.accepted[started["waits"]]["status"] = "ABORTED"
        world.service.advance(5)
        self.ask("RedriveExecution", executionArn=started["waits"])
        self.accepted[started["waits"]] = {"redriveCount": 1}
        world.service.advance(5)
        self.ask("DescribeExecution", executionArn=started["parent"])

    def check(self) -> None:
        """Say that what was accepted is there, and comes to its end."""
        world = self.world
        for arn, known in self.accepted.items():
            shown = world.describe(arn)
            assert shown["redriveCount"] >= known["redriveCount"], arn
            assert known.get("status") in {None, shown["status"]}, arn
            if known.get("answered"):
                assert "TaskTimedOut" not in {event["type"] for event in world.history(arn)}
                assert shown["status"] == "SUCCEEDED"
        world.broken = False
        for arn in self.accepted:
            if world.describe(arn)["status"] in {"FAILED", "ABORTED"}:
                world.service.call("RedriveExecution", {"executionArn": arn})
        world.service.settle(10)
        world.service.advance(11 * DAY)
        for arn, known in self.accepted.items():
            waits = ":asks:" in arn and not known.get("answered")  # the kill may have come after the answer was kept
            assert world.describe(arn)["status"] in {"SUCCEEDED", *(["RUNNING"] if waits else [])}, arn
            assert [event["id"] for event in world.history(arn)] == [*range(1, len(world.history(arn)) + 1)]


def killed_at(world: World, number: int) -> bool:
    """Kill the process at a write to the store: nothing from it on is kept. Return whether there were as many writes."""
    write, left = world.store.write, number

    def count(statements: Any) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            world.store.close()
        write(statements)

    world.store.write = count  # type: ignore[method-assign]
    scenario = Scenario(world)
    for name, definition in world.machines.items():
        world.service.add(definition, name=name)
    with suppress(KilledError):
        scenario.play()
    was = world.store.closed
    world.kill()
    scenario.check()
    return was


def test_a_kill_at_any_write_loses_nothing(tmp_path: Path) -> None:
    """The state of the store changes by whole transactions only, so a kill before each of them is a kill at any moment."""
    number, was = 0, True
    while was:
        world = World(tmp_path / str(number))
        try:
            was = killed_at(world, number)
        except AssertionError as error:
            raise AssertionError(f"killed at write {number}: {error}") from error
        finally:
            world.service.close()
            world.store.close()
        number += 1
    assert number > 30


def test_a_redriven_execution_goes_on_after_kills(world: World) -> None:
    """It is run again from where it was redriven: nothing before that is called again, however many redrives and kills there are."""
    world.broken = True
    arn = world.start(machine(("A", task("a")), ("Broken", task("broken")), ("Wait", WAIT), ("B", task("b")), ("Last", task("broken"))))
    for number in range(1, 4):
        world.kill()
        world.service.call("RedriveExecution", {"executionArn": arn})
        world.service.settle(10)
        assert (world.describe(arn)["status"], world.describe(arn)["redriveCount"]) == ("FAILED", number)
    world.broken = False
    world.service.call("RedriveExecution", {"executionArn": arn})
    world.service.settle(10)
    for _ in range(2):
        before = world.history(arn)
        world.kill()
        assert world.history(arn) == before
        assert (world.describe(arn)["status"], world.describe(arn)["redriveCount"]) == ("RUNNING", 4)
    world.broken = True
    world.service.advance(10 * DAY)
    assert world.describe(arn)["status"] == "FAILED"
    world.kill()
    world.broken = False
    world.service.call("RedriveExecution", {"executionArn": arn})
    world.service.settle(10)
    assert world.describe(arn)["status"] == "SUCCEEDED"
    assert world.calls == ["a", *["broken"] * 5, "b", "broken", "broken"]
    assert list(world.store.read("SELECT COUNT(*) FROM step WHERE root <> ''")) == [(0,)]


def test_the_folder_of_an_earlier_version(world: World) -> None:
    """The histories that were in the rows of executions are read."""
    arn = world.start(machine(("A", task("a")), ("U", UUID)))
    shown, events = world.describe(arn), world.history(arn)
    record = world.service.core.records[arn]
    ((data,),) = world.store.read("SELECT value FROM execution WHERE arn = ?", arn)
    kept = unpacked(data)
    given, output, cause = record.texts()
    raw = [list(event) for event in record.events()]
    old = {**{name: kept[name] for name in kept if name not in {"count", "runs"}}, "input": given, "output": output, "cause": cause}
    world.store.write([("UPDATE execution SET value = ?", (packed({**old, "events": raw}),)), ("DELETE FROM part", ())])
    for _ in range(2):
        world.kill()
        assert (world.describe(arn), world.history(arn)) == (shown, events)
