"""The rules of the API beyond its shapes: names, idempotency, pages, versions and aliases, stops, redrives, callbacks, map runs."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from generator.engine import Fails, MockError, Mocks
from generator.local.stack import task_option
from generator.local.stepfunctions.model import ServiceError
from generator.local.stepfunctions.routes import Choices
from generator.local.stepfunctions.service import StepFunctions
from generator.local.stepfunctions.wire import running
from tests.support.stepfunctions import ACTIVITY, ARN, DAY, FAILS, ROLE, SUCCEEDS, Account, distributed, task

LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:"
Make = Callable[..., Account]


@pytest.fixture
def make() -> Iterator[Make]:
    """Return a function that makes a service."""
    made: list[Account] = []

    def new(**options: Any) -> Account:
        account = Account(StepFunctions(**{"pace": "virtual", "seed": 1, "poll_seconds": 0.05, **options}))
        made.append(account)
        return account

    yield new
    for account in made:
        account.close()
        account.service.close()


def chain(*states: dict[str, Any]) -> str:
    names = [f"S{number}" for number in range(len(states))]
    following = [{"Next": name} for name in names[1:]] + [{"End": True}]
    return json.dumps({"StartAt": "S0", "States": {n: {**s, **f} for n, s, f in zip(names, states, following, strict=True)}})


def call(function: str, **fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": LAMBDA + function, **fields}


def refused(account: Account, operation: str, **parameters: Any) -> tuple[str, str]:
    """Return the code and the message of a refusal."""
    with pytest.raises(ServiceError) as caught:
        account.call(operation, parameters)
    return caught.value.code, caught.value.message


def shown(account: Account, execution: str) -> dict[str, Any]:
    assert account.service.settle(30)
    return account.call("DescribeExecution", {"executionArn": execution})


def types(account: Account, execution: str) -> list[str]:
    return [event["type"] for event in account.call("GetExecutionHistory", {"executionArn": execution})["events"]]


# --- names and idempotency ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("character", ' <>{}[]?*"#%\\^|~`$&,;:/\t\n\x00\x1f\x7f\x9f\ufffe\uffff\ud800\udfff\U0010ffff')
def test_characters_that_names_cannot_have(make: Make, character: str) -> None:
    """Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html."""
    account = make()
    name = f"a{character}b"
    machine = account.machine()
    assert refused(account, "CreateStateMachine", name=name, definition=SUCCEEDS, roleArn=ROLE) == (
        "InvalidName",
        f"Invalid Name: '{name}'",
    )
    assert refused(account, "CreateActivity", name=name)[0] == "InvalidName"
    assert refused(account, "StartExecution", stateMachineArn=machine, name=name)[0] == "InvalidName"


def test_lengths_of_names(make: Make) -> None:
    account = make()
    assert account.machine("n" * 80) == f"{ARN}stateMachine:{'n' * 80}"
    code, message = refused(account, "CreateStateMachine", name="n" * 81, definition=SUCCEEDS, roleArn=ROLE)
    constraint = "failed to satisfy constraint: Member must have length less than or equal to 80"
    assert (code, message) == ("ValidationException", f"1 validation error detected: Value '{'n' * 81}' at 'name' {constraint}")


def test_a_secret_value_is_not_in_the_message(make: Make) -> None:
    account = make()
    _, message = refused(account, "StartExecution", stateMachineArn=account.machine(), input="x" * 262_145)
    assert message == (
        "1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to 262144"
    )


def test_a_repeated_creation_returns_the_first(make: Make) -> None:
    """Another role or other tags are ignored; another definition is refused."""
    account = make()
    request = {"name": "orders", "definition": SUCCEEDS, "roleArn": ROLE}
    first = account.call("CreateStateMachine", request)
    account.service.advance(60)
    assert account.call("CreateStateMachine", {**request, "roleArn": f"{ROLE}2", "tags": [{"key": "a", "value": "b"}]}) == first
    assert account.call("DescribeStateMachine", {"stateMachineArn": first["stateMachineArn"]})["roleArn"] == ROLE
    assert account.call("ListTagsForResource", {"resourceArn": first["stateMachineArn"]}) == {"tags": []}
    code, message = refused(account, "CreateStateMachine", **{**request, "type": "EXPRESS"})
    assert (code, message) == ("StateMachineAlreadyExists", f"State Machine Already Exists: '{first['stateMachineArn']}'")


def test_names_of_executions(make: Make) -> None:
    """A running execution is returned again for its name and input; the name of one that ended is free after 90 days."""
    account = make()
    account.activity()
    machine = account.machine(definition=task())
    start = {"stateMachineArn": machine, "name": "one", "input": "[1]"}
    first = account.call("StartExecution", start)
    assert account.call("StartExecution", start) == first
    assert refused(account, "StartExecution", **{**start, "input": "[2]"}) == (
        "ExecutionAlreadyExists",
        f"Execution Already Exists: '{ARN}execution:orders:one'",
    )
    account.call("StopExecution", {"executionArn": first["executionArn"]})
    account.service.settle()
    assert refused(account, "StartExecution", **start)[0] == "ExecutionAlreadyExists"
    account.service.advance(91 * DAY)
    assert refused(account, "DescribeExecution", executionArn=first["executionArn"])[0] == "ExecutionDoesNotExist"
    assert account.call("StartExecution", start)["executionArn"] == first["executionArn"]


def test_express_names_are_free_at_once(make: Make) -> None:
    account = make()
    machine = account.machine(type="EXPRESS")
    first, second = (account.run(machine, name="one") for _ in range(2))
    assert first != second
    assert first.startswith(f"{ARN}express:orders:one:")


def test_regions_are_apart(make: Make) -> None:
    account = make()
    account.machine()
    there = account.call("CreateStateMachine", {"name": "orders", "definition": FAILS, "roleArn": ROLE}, region="cn-north-1")
    assert there["stateMachineArn"] == "arn:aws-cn:states:cn-north-1:123456789012:stateMachine:orders"
    listed = account.call("ListStateMachines", {}, region="cn-north-1")["stateMachines"]
    assert [each["stateMachineArn"] for each in listed] == [there["stateMachineArn"]]


# --- pages ----------------------------------------------------------------------------------------------------------


def pages(account: Account, operation: str, member: str, **parameters: Any) -> list[list[Any]]:
    """Return the items of all pages."""
    found, token = [], None
    while True:
        answer = account.call(operation, {**parameters, **({"nextToken": token} if token else {})})
        found.append(answer[member])
        token = answer.get("nextToken")
        if token is None:
            return found


def test_every_list_has_pages(make: Make) -> None:
    account = make()
    machine = account.machine("m0")
    for number in range(1, 5):
        account.machine(f"m{number}")
        account.call("CreateActivity", {"name": f"a{number}"})
        account.run(machine, name=f"e{number}")
        account.call("UpdateStateMachine", {"stateMachineArn": machine, "definition": FAILS.replace("it is", str(number))})
        account.alias(account.version(machine), name=f"l{number}")
    execution = f"{ARN}execution:m0:e1"
    lists: dict[str, tuple[str, str, dict[str, Any], list[str]]] = {
        "ListStateMachines": ("stateMachines", "name", {}, ["m0", "m1", "m2", "m3", "m4"]),
        "ListActivities": ("activities", "name", {}, ["a1", "a2", "a3", "a4"]),
        "ListExecutions": ("executions", "name", {"stateMachineArn": machine}, ["e4", "e3", "e2", "e1"]),
        "ListStateMachineVersions": (
            "stateMachineVersions",
            "stateMachineVersionArn",
            {"stateMachineArn": machine},
            [f"{machine}:{n}" for n in (4, 3, 2, 1)],
        ),
        "ListStateMachineAliases": (
            "stateMachineAliases",
            "stateMachineAliasArn",
            {"stateMachineArn": machine},
            [f"{machine}:l{n}" for n in (4, 3, 2, 1)],
        ),
        "GetExecutionHistory": ("events", "id", {"executionArn": execution}, [1, 2, 3, 4]),
    }
    for operation, (member, key, parameters, expected) in lists.items():
        found = pages(account, operation, member, maxResults=2, **parameters)
        assert [item[key] for page in found for item in page] == expected, operation
        assert {len(page) for page in found[:-1]} == {2}, operation
        token = account.call(operation, {**parameters, "maxResults": 2})["nextToken"]
        assert account.call(operation, {**parameters, "maxResults": 0})[member]
        if operation != "ListActivities":  # a token belongs to its operation and its arguments
            assert refused(account, "ListActivities", nextToken=token) == ("InvalidToken", "Invalid Token: 'Invalid token'")
        assert refused(account, operation, **parameters, nextToken=token[:-2] + "xx")[0] == "InvalidToken"


def test_history_backwards_and_without_data(make: Make) -> None:
    account = make()
    execution = account.run(account.machine(), input='{"secret": 1}')
    backwards = pages(account, "GetExecutionHistory", "events", executionArn=execution, reverseOrder=True, maxResults=3)
    assert [event["id"] for page in backwards for event in page] == [4, 3, 2, 1]
    bare = account.call("GetExecutionHistory", {"executionArn": execution, "includeExecutionData": False})
    assert "secret" not in str(bare)
    assert bare["events"][1]["stateEnteredEventDetails"] == {"name": "A"}


def test_filters_of_executions(make: Make) -> None:
    account = make()
    account.activity()
    machine = account.machine(definition=chain({"Type": "Pass"}, {"Type": "Task", "Resource": ACTIVITY}))
    stopped, running, again = (account.run(machine, name=name) for name in ("stopped", "running", "again"))
    for execution in (stopped, again):
        account.call("StopExecution", {"executionArn": execution})
    account.service.settle()
    account.call("RedriveExecution", {"executionArn": again})
    account.service.settle()

    def names(**filters: str) -> set[str]:
        return {each["name"] for each in account.call("ListExecutions", {"stateMachineArn": machine, **filters})["executions"]}

    assert names() == {"stopped", "running", "again"}
    assert names(statusFilter="RUNNING") == {"running", "again"}
    assert names(statusFilter="ABORTED") == {"stopped"}
    assert names(redriveFilter="REDRIVEN") == {"again"}
    assert names(redriveFilter="NOT_REDRIVEN", statusFilter="RUNNING") == {"running"}
    assert running.endswith(":running")


# --- versions, aliases, deletion ------------------------------------------------------------------------------------


def test_an_execution_keeps_the_revision_that_it_started_with(make: Make) -> None:
    account = make()
    account.activity()
    machine = account.machine(definition=task())
    execution = account.run(machine)
    updated = account.call("UpdateStateMachine", {"stateMachineArn": machine, "definition": SUCCEEDS, "roleArn": f"{ROLE}2"})
    before = account.call("DescribeStateMachineForExecution", {"executionArn": execution})
    after = account.call("DescribeStateMachine", {"stateMachineArn": machine})
    assert (before["definition"], before["roleArn"], before.get("revisionId")) == (task(), ROLE, None)
    assert (after["definition"], after["roleArn"], after["revisionId"]) == (SUCCEEDS, f"{ROLE}2", updated["revisionId"])


def test_versions_are_published_once_for_each_revision(make: Make) -> None:
    account = make()
    machine = account.machine()
    assert account.version(machine) == account.version(machine) == f"{machine}:1"
    account.call("UpdateStateMachine", {"stateMachineArn": machine, "definition": FAILS})
    assert account.version(machine) == f"{machine}:2"
    account.call("DeleteStateMachineVersion", {"stateMachineVersionArn": f"{machine}:2"})
    account.call("DeleteStateMachineVersion", {"stateMachineVersionArn": f"{machine}:2"})
    assert account.version(machine) == f"{machine}:3"  # a number is not used twice
    described = account.call("DescribeStateMachine", {"stateMachineArn": f"{machine}:1"})
    assert (described["stateMachineArn"], described["definition"]) == (f"{machine}:1", SUCCEEDS)


def test_an_alias_routes_by_weight(make: Make) -> None:
    account = make()
    machine = account.machine(definition=SUCCEEDS)
    first = account.version(machine)
    account.call("UpdateStateMachine", {"stateMachineArn": machine, "definition": FAILS})
    alias = account.alias(first, account.version(machine))
    for number in range(50):
        account.run(alias, name=str(number))
    found = account.call("ListExecutions", {"stateMachineArn": alias})["executions"]
    by_version = {each["stateMachineVersionArn"]: each["status"] for each in found}
    assert by_version == {f"{machine}:1": "SUCCEEDED", f"{machine}:2": "FAILED"}
    assert {each["stateMachineAliasArn"] for each in found} == {alias}
    count = sum(each["status"] == "SUCCEEDED" for each in found)
    assert 15 < count < 45  # 60 % of 50; the seed is fixed
    only = account.call("ListExecutions", {"stateMachineArn": first})["executions"]
    assert len(only) == count


def test_deletion_ends_executions(make: Make) -> None:
    """A state machine is gone with its last execution; until then its status is DELETING."""
    account = make()
    execution, _ = account.waiting()
    machine = f"{ARN}stateMachine:waits"
    account.call("DeleteStateMachine", {"stateMachineArn": machine})
    account.service.settle()
    assert refused(account, "DescribeExecution", executionArn=execution)[0] == "ExecutionDoesNotExist"
    assert refused(account, "DescribeStateMachine", stateMachineArn=machine)[0] == "StateMachineDoesNotExist"
    account.call("DeleteStateMachine", {"stateMachineArn": machine})
    busy, release = account.deleting()
    assert account.call("DescribeStateMachine", {"stateMachineArn": busy})["status"] == "DELETING"
    release.set()
    account.service.settle()
    assert refused(account, "DescribeStateMachine", stateMachineArn=busy)[0] == "StateMachineDoesNotExist"


# --- executions that run --------------------------------------------------------------------------------------------


def test_a_slow_function_delays_its_own_execution_only(make: Make) -> None:
    """It can be described and stopped while the function runs, and nothing that the function returns is recorded."""
    account = make(pace=1.0)
    entered, release = threading.Event(), threading.Event()
    account.releases.append(release)

    def slow(event: Any) -> Any:
        entered.set()
        release.wait(30)
        return event

    account.service.functions["slow"] = slow
    machine = account.machine("slow", chain(call("slow"), {"Type": "Pass"}))
    execution = account.call("StartExecution", {"stateMachineArn": machine})["executionArn"]
    assert entered.wait(30)
    other = account.call("StartSyncExecution", {"stateMachineArn": account.machine("fast", type="EXPRESS")})
    assert other["status"] == "SUCCEEDED"
    assert account.call("DescribeExecution", {"executionArn": execution})["status"] == "RUNNING"
    before = types(account, execution)
    account.call("StopExecution", {"executionArn": execution, "error": "Enough"})
    described = account.call("DescribeExecution", {"executionArn": execution})
    assert (described["status"], described["error"]) == ("ABORTED", "Enough")
    assert types(account, execution) == [*before, "ExecutionAborted"]
    release.set()
    assert shown(account, execution)["status"] == "ABORTED"
    assert types(account, execution) == [*before, "ExecutionAborted"]
    account.call("RedriveExecution", {"executionArn": execution})
    assert shown(account, execution)["status"] == "SUCCEEDED"


def test_functions_that_call_the_service_back(make: Make) -> None:
    """Many executions wait in their functions for others: no thread is missing."""
    account = make(pace=1.0)
    inner = account.machine("inner", type="EXPRESS")
    account.service.functions["outer"] = lambda event: account.call("StartSyncExecution", {"stateMachineArn": inner})["status"]
    machine = account.machine("outer", chain(call("outer")))
    executions = [account.call("StartExecution", {"stateMachineArn": machine})["executionArn"] for _ in range(12)]
    assert {shown(account, each).get("output") for each in executions} == {'"SUCCEEDED"'}


def test_a_callback_continues_in_virtual_time(make: Make) -> None:
    """The execution waits however long the others take, until the callback comes or the control call lets its timeout pass."""
    account = make()
    execution, token = account.waiting(TimeoutSeconds=60)
    account.run(account.machine("month", chain({"Type": "Wait", "Seconds": 30 * DAY})))
    assert shown(account, execution)["status"] == "RUNNING"
    account.call("SendTaskSuccess", {"taskToken": token, "output": '{"ok": true}'})
    assert shown(account, execution)["output"] == '{"ok":true}'
    late = account.run(f"{ARN}stateMachine:waits")
    account.service.advance(59)
    assert shown(account, late)["status"] == "RUNNING"
    account.service.advance(1)
    assert (shown(account, late)["status"], shown(account, late)["error"]) == ("FAILED", "States.Timeout")


def test_heartbeats(make: Make) -> None:
    account = make(pace="held")
    execution, token = account.waiting(HeartbeatSeconds=60)
    for _ in range(3):
        account.service.advance(50)
        account.call("SendTaskHeartbeat", {"taskToken": token})
        account.service.settle()
    assert shown(account, execution)["status"] == "RUNNING"
    account.service.advance(61)
    assert shown(account, execution)["status"] == "FAILED"
    assert types(account, execution)[-2:] == ["ActivityTimedOut", "ExecutionFailed"]


def test_held_time_passes_in_order(make: Make) -> None:
    """A jump over several timers lets each fire at its moment, also where one follows from another."""
    account = make(pace="held", start=0)
    first = account.run(account.machine("a", chain({"Type": "Wait", "Seconds": 10}, {"Type": "Wait", "Seconds": 20})))
    second = account.run(account.machine("b", chain({"Type": "Wait", "Seconds": 15})))
    account.service.advance(100)
    assert [shown(account, each)["stopDate"].timestamp() for each in (first, second)] == [30, 15]
    assert account.service.core.clock.now() == 100


def test_an_activity_gives_its_tasks_in_order(make: Make) -> None:
    account = make()
    account.activity()
    machine = account.machine(definition=task())
    executions = [account.run(machine, input=str(number)) for number in range(3)]
    account.call("StopExecution", {"executionArn": executions[1]})
    account.service.settle()
    tasks = [account.call("GetActivityTask", {"activityArn": ACTIVITY, "workerName": "w"}) for _ in range(3)]
    assert [each.get("input") for each in tasks] == ["0", "2", None]  # a task whose execution has ended is not given away
    account.call("SendTaskFailure", {"taskToken": tasks[0]["taskToken"], "error": "E", "cause": "C"})
    described = shown(account, executions[0])
    assert (described["status"], described["error"], described["cause"]) == ("FAILED", "E", "C")
    events = account.call("GetExecutionHistory", {"executionArn": executions[0]})["events"]
    assert events[3]["activityStartedEventDetails"] == {"workerName": "w"}


def test_a_worker_that_waits_gets_the_task(make: Make) -> None:
    account = make(poll_seconds=30)
    account.activity()
    machine = account.machine(definition=task())
    found: list[Any] = []
    worker = threading.Thread(target=lambda: found.append(account.call("GetActivityTask", {"activityArn": ACTIVITY})))
    worker.start()
    account.call("StartExecution", {"stateMachineArn": machine, "input": "7"})
    worker.join(30)
    assert found[0]["input"] == "7"


def test_redrive_continues_where_it_failed(make: Make) -> None:
    account = make()
    attempts: list[Any] = []

    def flaky(event: Any) -> Any:
        attempts.append(event)
        if len(attempts) == 1:
            raise RuntimeError("down")
        return "up"

    account.service.functions["flaky"] = flaky
    execution = account.run(account.machine(definition=chain({"Type": "Pass", "Result": 1}, call("flaky"))))
    assert shown(account, execution)["redriveStatus"] == "REDRIVABLE"
    first = account.call("RedriveExecution", {"executionArn": execution, "clientToken": "t"})
    described = shown(account, execution)
    assert (described["status"], described["output"], described["redriveCount"]) == ("SUCCEEDED", '"up"', 1)
    assert described["redriveDate"] == first["redriveDate"]
    assert account.call("RedriveExecution", {"executionArn": execution, "clientToken": "t"}) == first
    code, message = refused(account, "RedriveExecution", executionArn=execution)
    assert code == "ExecutionNotRedrivable"
    assert "Execution is SUCCEEDED and cannot be redriven" in message
    assert types(account, execution).count("PassStateEntered") == 1


def test_redrive_has_a_period(make: Make) -> None:
    account = make()
    execution = account.run(account.machine(definition=FAILS))
    account.service.advance(15 * DAY)
    described = shown(account, execution)
    assert (described["redriveStatus"], described["redriveStatusReason"]) == (
        "NOT_REDRIVABLE",
        "Execution redrivable period exceeded",
    )
    assert refused(account, "RedriveExecution", executionArn=execution)[0] == "ExecutionNotRedrivable"


def test_executions_that_tasks_start_are_executions(make: Make) -> None:
    """Also of a version and of an alias, and a task of one can answer the token of another."""
    account = make()
    child = account.machine("child", chain({"Type": "Wait", "Seconds": 60}))
    alias = account.alias(account.version(child))
    for target in (child, f"{child}:1", alias):
        arguments = {"StateMachineArn": target, "Input": {"n": 1}}
        state = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "Parameters": arguments}
        parent = account.run(account.machine(f"p{len(target)}", chain(state)))
        described = shown(account, parent)
        assert (described["status"], json.loads(described["output"])["Output"]) == ("SUCCEEDED", {"n": 1})
        inner = json.loads(described["output"])["ExecutionArn"]
        assert shown(account, inner)["status"] == "SUCCEEDED"
        assert shown(account, inner)["stateMachineArn"] == child
    assert len(account.call("ListExecutions", {"stateMachineArn": child})["executions"]) == 3
    execution, token = account.waiting()
    answer = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess", "Parameters": {"TaskToken": token, "Output": "5"}}
    assert shown(account, account.run(account.machine("answers", chain(answer))))["status"] == "SUCCEEDED"
    assert shown(account, execution)["output"] == "5"


def test_an_execution_outlives_the_one_that_started_it(make: Make) -> None:
    account = make(pace="held")
    child = account.machine("child", chain({"Type": "Wait", "Seconds": 60}))
    state = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "Parameters": {"StateMachineArn": child, "Name": "c"}}
    parent = account.run(account.machine("parent", chain(state)))
    assert shown(account, parent)["status"] == "SUCCEEDED"
    inner = f"{ARN}execution:child:c"
    assert shown(account, inner)["status"] == "RUNNING"
    account.service.advance(60)
    assert shown(account, inner)["status"] == "SUCCEEDED"


# --- map runs -------------------------------------------------------------------------------------------------------


def test_map_runs(make: Make) -> None:
    account = make()
    execution, run = account.map_run(distributed(failing="b"))
    described = account.call("DescribeMapRun", {"mapRunArn": run})
    assert (described["status"], described["executionArn"], described["maxConcurrency"]) == ("SUCCEEDED", execution, 1)
    assert described["itemCounts"]["failed"] == 1
    assert described["itemCounts"]["total"] == described["executionCounts"]["total"] == 3
    children = account.call("ListExecutions", {"mapRunArn": run})["executions"]
    assert sorted(each["status"] for each in children) == ["FAILED", "SUCCEEDED", "SUCCEEDED"]
    failed = account.call("ListExecutions", {"mapRunArn": run, "statusFilter": "FAILED"})["executions"][0]
    child = account.call("DescribeExecution", {"executionArn": failed["executionArn"]})
    assert (child["mapRunArn"], child["input"], child["error"]) == (run, '"b"', "Bad")
    assert account.call("GetExecutionHistory", {"executionArn": failed["executionArn"]})["events"][-1]["type"] == "ExecutionFailed"
    machine = account.call("DescribeStateMachineForExecution", {"executionArn": failed["executionArn"]})
    assert (machine["mapRunArn"], machine["label"]) == (run, "each")


def test_the_limits_of_a_map_run_change_while_it_runs(make: Make) -> None:
    account = make()
    execution, run = account.map_run(distributed(failing="waits"))
    assert account.call("DescribeMapRun", {"mapRunArn": run})["itemCounts"]["running"] == 1
    account.call("UpdateMapRun", {"mapRunArn": run, "maxConcurrency": 3})
    account.service.settle()
    assert account.call("DescribeMapRun", {"mapRunArn": run})["itemCounts"]["running"] == 3
    for _ in range(3):
        token = account.call("GetActivityTask", {"activityArn": ACTIVITY})["taskToken"]
        account.call("SendTaskSuccess", {"taskToken": token, "output": "1"})
    assert shown(account, execution)["output"] == "[1,1,1]"


def test_a_stop_ends_the_map_run(make: Make) -> None:
    account = make()
    execution, run = account.map_run(distributed(failing="waits"))
    account.call("StopExecution", {"executionArn": execution})
    account.service.settle()
    assert account.call("DescribeMapRun", {"mapRunArn": run})["status"] == "ABORTED"


# --- mocks ----------------------------------------------------------------------------------------------------------


def test_test_cases_of_step_functions_local(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Source: https://docs.aws.amazon.com/step-functions/latest/dg/sfn-local-test-sm-exec.html."""
    responses = {
        "Fine": {"0": {"Return": {"ok": True}}},
        "Busy": {"0-1": {"Throw": {"Error": "Busy", "Cause": "c"}}, "2": {"Return": "late"}},
    }
    cases = {"Happy": {"S0": "Fine"}, "Retried": {"S0": "Busy"}}
    file = tmp_path / "MockConfigFile.json"
    file.write_text(json.dumps({"StateMachines": {"orders": {"TestCases": cases}}, "MockedResponses": responses}))
    monkeypatch.setenv("SFN_MOCK_CONFIG", str(file))
    account = make()
    machine = account.machine(definition=chain(call("real", Retry=[{"ErrorEquals": ["Busy"]}])))
    assert shown(account, account.run(f"{machine}#Happy"))["output"] == '{"ok":true}'
    retried = account.run(f"{machine}#Retried")
    assert shown(account, retried)["output"] == '"late"'
    assert types(account, retried).count("LambdaFunctionFailed") == 2
    assert refused(account, "StartExecution", stateMachineArn=f"{machine}#Other")[0] == "ValidationException"
    real = shown(account, account.run(machine))
    assert (real["status"], real["error"]) == ("FAILED", "Local.NotAvailable")


def test_mocks_for_all_executions(make: Make) -> None:
    account = make(choices=Choices({}, Mocks({"real": Fails("Down")})))
    machine = account.machine(definition=chain(call("real")))
    assert [shown(account, account.run(machine))["error"] for _ in range(2)] == ["Down", "Down"]


# --- other folders --------------------------------------------------------------------------------------------------


def test_any_folder_of_definitions_is_served(make: Make, tmp_path: Path) -> None:
    (tmp_path / "orders").mkdir()
    (tmp_path / "orders" / "definition.asl.json").write_text(SUCCEEDS)
    (tmp_path / "refund.express.asl.yaml").write_text("StartAt: A\nStates:\n  A:\n    Type: Succeed\n")
    (tmp_path / "broken.asl.json").write_text("{")
    (tmp_path / "package.json").write_text("{}")
    account = make()
    arns, wrong = account.service.load(tmp_path)
    assert arns == [f"{ARN}stateMachine:orders", f"{ARN}stateMachine:refund"]
    assert list(wrong) == [tmp_path / "broken.asl.json"]
    assert account.call("StartSyncExecution", {"stateMachineArn": arns[1]})["status"] == "SUCCEEDED"
    (tmp_path / "orders" / "definition.asl.json").write_text(FAILS)
    account.service.load(tmp_path)
    assert shown(account, account.run(arns[0]))["status"] == "FAILED"


# --- choices --------------------------------------------------------------------------------------------------------


def test_a_function_performs_a_task_of_a_service(make: Make) -> None:
    """It gets the event of a Lambda function, or the parameters of the call of another service."""
    sqs = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {"QueueUrl": "q", "MessageBody.$": "$"}}
    invoke = {"FunctionName": "real", "Payload": {"n": 1}}
    invoked = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": invoke, "OutputPath": "$.Payload"}
    choices = Choices.read({"S0": {"function": "fake"}, "sqs:sendMessage": {"function": "fake"}})
    account = make(choices=choices, functions={"fake": lambda event: {"got": event}})
    output = shown(account, account.run(account.machine(definition=chain(invoked, sqs))))["output"]
    assert json.loads(output) == {"got": {"QueueUrl": "q", "MessageBody": {"got": {"n": 1}}}}
    missing = make(choices=Choices.parse(["S0=function:nobody"]))
    assert shown(missing, missing.run(missing.machine(definition=chain(invoked))))["error"] == "Local.NotAvailable"


def test_another_endpoint_performs_a_task(make: Make) -> None:
    """Also a task that the machine itself could perform, and one that is followed to its end."""
    there = make(pace=1.0)
    there.machine("child", FAILS)
    with running(there.service) as url:
        here = make(pace=1.0, choices=Choices.parse([f"S0=endpoint:{url}"]))
        here.machine("child", SUCCEEDS)
        parameters = {"StateMachineArn": f"{ARN}stateMachine:child", "Name": "one"}
        state = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:startExecution", "Parameters": parameters}
        execution = here.run(here.machine(definition=chain(state)))
        assert json.loads(shown(here, execution)["output"])["ExecutionArn"] == f"{ARN}execution:child:one"
        assert shown(there, f"{ARN}execution:child:one")["status"] == "FAILED"
        again = here.run(here.machine(definition=chain(state)))
        assert shown(here, again)["error"] == "Sfn.ExecutionAlreadyExistsException"


def test_aws_performs_a_task_only_with_a_profile(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys in the environment, such as those that moto sets, are not used for it."""
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    account = make(choices=Choices.read({"S0": {"aws": "staging"}}))
    state = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sts:getCallerIdentity", "Parameters": {}}
    described = shown(account, account.run(account.machine(definition=chain(state))))
    assert described["error"] == "Local.NotAvailable"
    assert "The config profile (staging) could not be found" in described["cause"]


@pytest.mark.parametrize("text", ["S0", "S0=lambda:f", "=aws:x", "S0=mock:{"])
def test_a_choice_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(MockError):
        Choices.parse([text])


# --- definitions that AWS refuses -----------------------------------------------------------------------------------

JACKSON = "JSON String, Number, Array, Object or token 'null', 'true' or 'false'"
PASS_ON = {"Type": "Pass", "Next": "NOPE"}


def definition(states: dict[str, Any], start: str = "A", **fields: Any) -> str:
    return json.dumps({"StartAt": start, "States": states, **fields})


FINDINGS: list[tuple[str, list[tuple[str, str, str | None]]]] = [
    ("{}", [("SCHEMA_VALIDATION_FAILED", "These fields are required: [States, StartAt]", "/")]),
    ('""', [("SCHEMA_VALIDATION_FAILED", "Definition must be a valid JSON object", None)]),
    (" ", [("SCHEMA_VALIDATION_FAILED", "Definition must be a valid JSON object", None)]),
    (
        "no JSON",
        [
            (
                "INVALID_JSON_DESCRIPTION",
                f"Unrecognized token 'no': was expecting ({JACKSON})\n at [Source: (String)\"no JSON\"; line: 1, column: 3]",
                '[Source: (String)"no JSON"; line: 1, column: 3]',
            )
        ],
    ),
    (
        definition({"A": PASS_ON}),
        [
            ("MISSING_TRANSITION_TARGET", "Missing 'Next' target: NOPE", "/States/A/Next"),
            ("MISSING_END_STATE", "Workflow has no terminal state", None),
        ],
    ),
    (
        definition({"A": {"Type": "Succeed"}, "B": {"Type": "Succeed"}}),
        [("MISSING_TRANSITION_TARGET", 'State "B" is not reachable.', "/States/B")],
    ),
    (
        definition({"A": call("f", End=True, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "NOPE"}])}),
        [("MISSING_TRANSITION_TARGET", "Missing 'Next' target: NOPE", "/States/A/Catch[0]/Next")],
    ),
    (
        definition({"A": {"Type": "Succeed", "Retry": []}}),
        [("SCHEMA_VALIDATION_FAILED", "Field 'Retry' is not supported", "/States/A")],
    ),
    (
        definition({"A": {"Type": "Pass", "Output": 1, "End": True}}),
        [
            (
                "SCHEMA_VALIDATION_FAILED",
                "The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage",
                "/States/A",
            )
        ],
    ),
    (
        definition({"A": {"Type": "Pass", "Output": "{% 1 + %}", "End": True}}, QueryLanguage="JSONata"),
        [("INVALID_JSONATA_EXPRESSION", "Unexpected end of expression", "/States/A/Output")],
    ),
]


@pytest.mark.parametrize(("text", "expected"), FINDINGS)
def test_findings_have_the_codes_places_and_words_of_aws(make: Make, text: str, expected: list[tuple[str, str, str | None]]) -> None:
    """Source: answers of AWS, published 2025-04 to 2026-09."""
    account = make()
    answer = account.call("ValidateStateMachineDefinition", {"definition": text})
    assert [(each["code"], each["message"], each.get("location")) for each in answer["diagnostics"]] == expected
    assert (answer["result"], answer["truncated"]) == ("FAIL", False)
    _, message = refused(account, "CreateStateMachine", name="m", roleArn=ROLE, definition=text)
    texts = [f"{code}: {words}" + ("" if place is None else f" at {place}") for code, words, place in expected]
    assert message == f"Invalid State Machine Definition: '{', '.join(texts)}'"


def test_warnings_are_asked_for(make: Make) -> None:
    account = make()
    text = definition({"A": {"Type": "Pass", "Result": {"x.$": "$.a"}, "End": True}})
    assert account.call("ValidateStateMachineDefinition", {"definition": text}) == {"result": "OK", "diagnostics": [], "truncated": False}
    warned = account.call("ValidateStateMachineDefinition", {"definition": text, "severity": "WARNING"})
    assert (warned["result"], [each["code"] for each in warned["diagnostics"]]) == ("OK", ["PASS_RESULT_IS_STATIC"])


def test_findings_are_truncated(make: Make) -> None:
    states = {f"S{number}": PASS_ON for number in range(5)}
    answer = make().call("ValidateStateMachineDefinition", {"definition": definition(states, "S0"), "maxResults": 2})
    assert (len(answer["diagnostics"]), answer["truncated"]) == (2, True)


def test_variables_that_states_refer_to(make: Make) -> None:
    """In both query languages, in nested scopes, and not what an expression binds itself."""
    inner = {"StartAt": "In", "States": {"In": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $outer %}", "End": True}}}
    states = {
        "Set": {"Type": "Pass", "QueryLanguage": "JSONata", "Assign": {"total": 1, "outer": "{% $states.input.x %}"}, "Next": "Sum"},
        "Sum": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% ($own := 2; $own + $total + $sum([1])) %}", "Next": "Each"},
        "Each": {"Type": "Map", "QueryLanguage": "JSONata", "Items": "{% $outer %}", "ItemProcessor": inner, "Next": "Paths"},
        "Paths": {
            "Type": "Pass",
            "QueryLanguage": "JSONPath",
            "InputPath": "$outer.list",
            "Parameters": {"a.$": "$total", "b.$": "States.Format('{} $no', $$.Execution.Name, $.x, $outer[0])", "c": "$text"},
            "End": True,
        },
    }
    definition = json.dumps({"StartAt": "Set", "States": states})
    account = make()
    arn = account.machine(definition=definition)
    found = account.call("DescribeStateMachine", {"stateMachineArn": arn})["variableReferences"]
    assert found == {"Sum": ["total"], "Each": ["outer"], "In": ["outer"], "Paths": ["outer", "total"]}
    execution = account.call("StartExecution", {"stateMachineArn": arn})["executionArn"]
    described = account.call("DescribeStateMachineForExecution", {"executionArn": execution})
    assert described["variableReferences"] == found
    assert "variableReferences" not in account.call("DescribeStateMachine", {"stateMachineArn": arn, "includedData": "METADATA_ONLY"})


UNAVAILABLE = {
    "arn:aws:lambda:us-east-1:123456789012:function:f": {},
    "arn:aws:states:::http:invoke": {
        "ApiEndpoint": "https://a.example/",
        "Method": "GET",
        "Authentication": {"ConnectionArn": "arn:aws:events:us-east-1:123456789012:connection/c/1"},
    },
    "arn:aws:states:::sqs:sendMessage": {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/q", "MessageBody": "m"},
}


@pytest.mark.parametrize("resource", UNAVAILABLE)
def test_causes_name_the_option_of_the_command(make: Make, resource: str) -> None:
    """Who uses the command is not told to pass arguments of Python."""
    states = {"Do it": {"Type": "Task", "Resource": resource, "Parameters": UNAVAILABLE[resource], "End": True}}
    account = make()
    account.service.core.mock_option = task_option
    execution = account.run(account.machine(definition=json.dumps({"StartAt": "Do it", "States": states})))
    cause = account.call("DescribeExecution", {"executionArn": execution})["cause"]
    assert "Mock the task: restart with --task 'Do it=mock:" in cause
    assert not re.search(r"mocks=|clients=|functions=|None|True|False", cause)
