"""The journal: what was accepted survives a kill. A kill is a copy of the journal at that moment, and a new service on the copy."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from generator.local.stepfunctions.journal import FileJournal
from generator.local.stepfunctions.service import StepFunctions
from tests.support.stepfunctions import ACTIVITY, ARN, FAILS, Account, distributed, task

LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:"
Open = Callable[..., Account]


class Laptop:
    """A folder with a journal, and the services that use it one after the other."""

    def __init__(self, folder: Path) -> None:
        """Use a folder."""
        self.folder = folder
        self.number = 0
        self.made: list[Account] = []

    def start(self, **options: Any) -> Account:
        """Start a service."""
        account = Account(StepFunctions(**{"pace": "virtual", "poll_seconds": 0.05, "journal": FileJournal(self.data), **options}))
        self.made.append(account)
        return account

    def kill(self, **options: Any) -> Account:
        """Start a service on what is on the disk now."""
        before = self.data
        self.number += 1
        shutil.copytree(before, self.data)
        return self.start(**options)

    @property
    def data(self) -> Path:
        """The folder of the service that runs."""
        return self.folder / str(self.number)


@pytest.fixture
def laptop(tmp_path: Path) -> Iterator[Laptop]:
    made = Laptop(tmp_path)
    yield made
    for account in made.made:
        account.close()
        account.service.close()


def chain(*states: dict[str, Any]) -> str:
    names = [f"S{number}" for number in range(len(states))]
    following = [{"Next": name} for name in names[1:]] + [{"End": True}]
    return json.dumps({"StartAt": "S0", "States": {n: {**s, **f} for n, s, f in zip(names, states, following, strict=True)}})


def call(function: str, **fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": LAMBDA + function, **fields}


def shown(account: Account, execution: str) -> dict[str, Any]:
    assert account.service.settle(30)
    return account.call("DescribeExecution", {"executionArn": execution})


def history(account: Account, execution: str) -> list[dict[str, Any]]:
    return account.call("GetExecutionHistory", {"executionArn": execution, "maxResults": 1000})["events"]


def test_everything_that_was_created_is_there(laptop: Laptop) -> None:
    account = laptop.start()
    machine = account.machine(tags=[{"key": "k", "value": "v"}])
    alias = account.alias(account.version(machine))
    account.call("UpdateStateMachine", {"stateMachineArn": machine, "definition": FAILS})
    gone = account.machine("gone")
    account.call("DeleteStateMachine", {"stateMachineArn": gone})
    account.activity()
    failed, succeeded = account.run(machine, name="failed"), account.run(alias, name="succeeded", input="[1]")
    asked = [
        ("DescribeStateMachine", {"stateMachineArn": machine}),
        ("DescribeStateMachineAlias", {"stateMachineAliasArn": alias}),
        ("ListTagsForResource", {"resourceArn": machine}),
        ("ListStateMachines", {}),
        ("ListActivities", {}),
        ("ListExecutions", {"stateMachineArn": machine}),
        *[("DescribeExecution", {"executionArn": each}) for each in (failed, succeeded)],
        *[("GetExecutionHistory", {"executionArn": each}) for each in (failed, succeeded)],
        ("DescribeStateMachineForExecution", {"executionArn": succeeded}),
    ]
    before = [account.call(*each) for each in asked]
    for _ in range(2):  # the second time from the journal that the first one has written anew
        account = laptop.kill()
        assert [account.call(*each) for each in asked] == before
    account.call("RedriveExecution", {"executionArn": failed})
    assert shown(account, failed)["redriveCount"] == 1
    assert shown(laptop.kill(), failed)["redriveCount"] == 1


def test_a_call_that_was_made_is_not_made_again(laptop: Laptop) -> None:
    """An execution goes on after its last result; the call that the kill cut off is made again."""
    calls: list[str] = []
    release = threading.Event()
    entered = threading.Event()

    def second(event: Any) -> Any:
        calls.append("second")
        entered.set()
        release.wait(30)
        return [*event, "second"]

    functions = {"first": lambda event: calls.append("first") or ["first"], "second": second}
    account = laptop.start(functions=functions, pace=1.0)
    account.releases.append(release)
    machine = account.machine(definition=chain(call("first"), call("second"), {"Type": "Wait", "Seconds": 0}))
    execution = account.call("StartExecution", {"stateMachineArn": machine})["executionArn"]
    assert entered.wait(30)
    before = account.call("GetExecutionHistory", {"executionArn": execution})["events"]
    restored = laptop.kill(functions=functions, pace=1.0)
    assert restored.call("DescribeExecution", {"executionArn": execution})["status"] == "RUNNING"
    release.set()
    assert shown(restored, execution)["output"] == '["first","second"]'
    assert calls == ["first", "second", "second"]
    assert [each["type"] for each in history(restored, execution)][: len(before)] == [each["type"] for each in before]
    assert shown(laptop.kill(functions=functions, pace=1.0), execution)["output"] == '["first","second"]'
    assert len(calls) == 3


def test_task_tokens_stay_valid(laptop: Laptop) -> None:
    """A worker that took a task, and a callback, answer the restored service."""
    account = laptop.start(functions={"ask": lambda event: TOKENS.append(event["token"])})
    execution, token = account.waiting()
    parameters = {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token"}}
    state = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "Parameters": parameters}
    asked = account.run(account.machine("asks", chain(state)))
    untaken = account.run(f"{ARN}stateMachine:waits", input="7")
    account = laptop.kill()
    assert {shown(account, each)["status"] for each in (execution, asked, untaken)} == {"RUNNING"}
    assert account.call("GetActivityTask", {"activityArn": ACTIVITY})["input"] == "7"
    assert account.call("GetActivityTask", {"activityArn": ACTIVITY}) == {}
    account.call("SendTaskSuccess", {"taskToken": token, "output": "1"})
    account.call("SendTaskSuccess", {"taskToken": TOKENS.pop(), "output": "2"})
    account = laptop.kill()
    assert (shown(account, execution)["output"], shown(account, asked)["output"]) == ("1", "2")
    assert not TOKENS  # the function was not called again


TOKENS: list[str] = []


def test_time_goes_on_while_the_service_is_away(laptop: Laptop) -> None:
    """In held time it does not. In real time, what was due in between is done at its moment."""
    start = time.time() - 1000
    account = laptop.start(pace="held", start=start)
    execution = account.run(account.machine(definition=chain({"Type": "Wait", "Seconds": 100})))
    account.service.advance(60)
    account = laptop.kill(pace="held")
    assert (shown(account, execution)["status"], account.service.core.clock.now()) == ("RUNNING", pytest.approx(start + 60))
    real = laptop.kill(pace=1.0)  # which is 1,000 seconds later
    assert shown(real, execution)["stopDate"].timestamp() == pytest.approx(start + 100, abs=0.01)


def test_children_survive(laptop: Laptop) -> None:
    """Those that a task started, also where the execution of that task has ended, and those of a map run."""
    account = laptop.start(pace="held", start=0)
    child = account.machine("child", chain({"Type": "Wait", "Seconds": 60}))
    state = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "Parameters": {"StateMachineArn": child, "Name": "c"}}
    parent = account.run(account.machine("parent", chain(state)))
    synchronous = {**state, "Resource": "arn:aws:states:::states:startExecution.sync:2", "Parameters": {"StateMachineArn": child}}
    waits = account.run(account.machine("waits-for-it", chain(synchronous)))
    mapped, run = account.map_run(distributed(failing="b"))
    account = laptop.kill(pace="held")
    assert [shown(account, each)["status"] for each in (parent, f"{ARN}execution:child:c", waits)] == ["SUCCEEDED", "RUNNING", "RUNNING"]
    assert len(account.call("ListExecutions", {"stateMachineArn": child})["executions"]) == 2
    assert account.call("DescribeMapRun", {"mapRunArn": run})["executionArn"] == mapped
    account.service.advance(60)
    assert {each["status"] for each in account.call("ListExecutions", {"stateMachineArn": child})["executions"]} == {"SUCCEEDED"}
    assert shown(account, waits)["status"] == "SUCCEEDED"


def test_stops_and_failures_survive(laptop: Laptop) -> None:
    account = laptop.start(functions={"down": lambda event: 1 / 0})
    account.activity()
    stopped = account.run(account.machine("waits", task()))
    account.call("StopExecution", {"executionArn": stopped, "error": "E", "cause": "C"})
    failed = account.run(account.machine("fails", chain(call("down"))))
    before = [shown(account, each) for each in (stopped, failed)]
    account = laptop.kill(functions={"down": lambda event: "up"})
    assert [shown(account, each) for each in (stopped, failed)] == before
    account.call("RedriveExecution", {"executionArn": failed})
    assert shown(account, failed)["output"] == '"up"'


def test_a_torn_line_is_dropped(laptop: Laptop) -> None:
    account = laptop.start()
    account.machine()
    path = laptop.data / "stepfunctions.jsonl"
    path.write_bytes(path.read_bytes() + b'{"kind": "call", "oper')
    account = laptop.kill()
    account.machine("next")
    assert [each["name"] for each in laptop.kill().call("ListStateMachines")["stateMachines"]] == ["orders", "next"]


def test_the_journal_forgets_what_nobody_asks_for(laptop: Laptop) -> None:
    account = laptop.start(functions={"double": lambda event: event * 2})
    machine = account.machine(definition=chain(call("double")))
    for number in range(20):
        account.run(machine, input=str(number))
    laptop.kill(keep=5)
    kinds = [json.loads(line)["kind"] for line in (laptop.data / "stepfunctions.jsonl").read_text().splitlines()]
    assert kinds == ["call", *["call", "ended"] * 5]
