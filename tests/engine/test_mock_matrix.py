"""Every kind of mock on every kind of task."""

from __future__ import annotations

from typing import Any

import pytest

from generator.engine import Fails, Sequence, Waits, start
from tests.support.machines import machine, task, unchecked

TASKS: dict[str, dict[str, Any]] = {
    "function": task("charge"),
    "placeholder": task("${charge_arn}"),
    "activity": task("arn:aws:states:us-east-1:123456789012:activity:review"),
    "lambda": task("arn:aws:states:::lambda:invoke", Parameters={"FunctionName": "charge", "Payload.$": "$"}),
    "lambda callback": task(
        "arn:aws:states:::lambda:invoke.waitForTaskToken",
        Parameters={"FunctionName": "charge", "Payload": {"token.$": "$$.Task.Token"}},
    ),
    "optimised": task("arn:aws:states:::sqs:sendMessage", Parameters={"QueueUrl": "u", "MessageBody.$": "$"}),
    "callback": task("arn:aws:states:::sqs:sendMessage.waitForTaskToken", Parameters={"QueueUrl": "u", "MessageBody.$": "$$.Task.Token"}),
    "job": task("arn:aws:states:::glue:startJobRun.sync", Parameters={"JobName": "j"}),
    "sdk": task("arn:aws:states:::aws-sdk:s3:getObject", Parameters={"Bucket": "b", "Key": "k"}),
    "sdk callback": task("arn:aws:states:::aws-sdk:sqs:sendMessage.waitForTaskToken", Parameters={"MessageBody.$": "$$.Task.Token"}),
    "http": task("arn:aws:states:::http:invoke", Parameters={"ApiEndpoint": "https://example.com", "Method": "GET"}),
    "start": task("arn:aws:states:::states:startExecution", Parameters={"StateMachineArn": "m"}),
    "nested": task("arn:aws:states:::states:startExecution.sync:2", Parameters={"StateMachineArn": "m"}),
    "nested callback": task(
        "arn:aws:states:::states:startExecution.waitForTaskToken",
        Parameters={"StateMachineArn": "m", "Input": {"token.$": "$$.Task.Token"}},
    ),
    "express": task("arn:aws:states:::aws-sdk:sfn:startSyncExecution", Parameters={"StateMachineArn": "m"}),
}
PLACES = ("plain", "Map", "Distributed Map", "Parallel")
RESULT = {"Payload": {"done": True}}
RETRY = [{"ErrorEquals": ["Busy"], "IntervalSeconds": 1}]


def started(kind: str, place: str, mock: Any):
    """Start a machine whose task ``T`` is of a kind, alone or in another state."""
    inner = machine(("T", {**TASKS[kind], "Retry": RETRY}))
    if place == "plain":
        definition = inner
    elif place == "Parallel":
        definition = machine(("P", {"Type": "Parallel", "Branches": [inner]}))
    else:
        mode = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"} if place == "Distributed Map" else {"Mode": "INLINE"}
        definition = machine(("M", {"Type": "Map", "ItemProcessor": {**inner, "ProcessorConfig": mode}}))
    return start(unchecked(definition), [{}], mocks={"T": mock})


def wrapped(place: str, output: Any) -> Any:
    """Return the output of the whole machine for that of its task."""
    return output if place == "plain" else [output]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", TASKS)
def test_values(kind: str, place: str) -> None:
    """A value, and a function of the parameters, are the result of the task."""
    for mock in (RESULT, lambda parameters: RESULT):
        execution = started(kind, place, mock).finish().raise_for_status()
        assert execution.output == wrapped(place, RESULT)
        assert [call.result for call in execution.calls("T")] == [RESULT]
        assert execution.warnings == []


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", TASKS)
def test_failures(kind: str, place: str) -> None:
    """A failure, also one that a function returns, fails the task with its error and its cause."""
    for mock in (Fails("Gone", "why"), lambda parameters: Fails("Gone", "why")):
        execution = started(kind, place, mock).finish()
        assert execution.status == "FAILED"
        assert [(call.error, call.cause) for call in execution.calls("T")] == [("Gone", "why")]
        if place in {"plain", "Parallel", "Map"}:
            assert (execution.error, execution.cause) == ("Gone", "why")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", TASKS)
def test_attempts(kind: str, place: str) -> None:
    """A sequence answers each attempt, also with a function; the calls show all of them."""
    execution = started(kind, place, Sequence(Fails("Busy"), lambda parameters: Fails("Busy"), RESULT)).finish().raise_for_status()
    assert execution.output == wrapped(place, RESULT)
    (visit,) = execution.visits("T")
    assert [(call.attempt, call.error) for call in visit.attempts] == [(1, "Busy"), (2, "Busy"), (3, None)]


def waiting(execution: Any) -> Any:
    """Return the execution whose task waits: the execution itself, or the child of a Distributed Map."""
    return execution.map_children[0] if execution.map_children else execution


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", TASKS)
def test_waiting(kind: str, place: str) -> None:
    """A task that waits is answered by the test: with a failure that is retried, then with its output."""
    execution = started(kind, place, Sequence(Waits(), Waits())).run()
    assert execution.status == "RUNNING"
    waiting(execution).send_task_failure("T", "Busy", "later")
    execution.run()
    waiting(execution).send_task_success("T", RESULT)
    assert execution.run().raise_for_status().output == wrapped(place, RESULT)
    assert [call.error for call in execution.calls("T")] == ["Busy", None]


@pytest.mark.parametrize("kind", TASKS)
def test_timeouts(kind: str) -> None:
    """A task that waits for nothing times out."""
    definition = unchecked(machine(("T", {**TASKS[kind], "TimeoutSeconds": 60})))
    execution = start(definition, {}, mocks={"T": Waits()}).run().advance(59)
    assert execution.status == "RUNNING"
    assert execution.advance(2).error == "States.Timeout"


def test_a_worker_takes_a_mocked_activity() -> None:
    """The history of an activity has a worker, whoever answers: the test, or a worker that polls."""
    activity = unchecked(machine(("T", TASKS["activity"])))
    events = ["ActivityScheduled", "ActivityStarted", "ActivitySucceeded"]
    polled = start(activity, {"n": 1}, mocks={"T": Waits()}).run()
    token, document = polled._run.engine.get_activity_task("arn:aws:states:us-east-1:123456789012:activity:review", "ann")
    polled.send_task_success(token, document)
    answered = start(activity, {"n": 1}, mocks={"T": Waits()}).run()
    answered.send_task_success("T", {"n": 1})
    returned = start(activity, {"n": 1}, mocks={"T": {"n": 1}})
    for execution in (polled, answered, returned):
        assert execution.run().output == {"n": 1}
        assert [event["type"] for event in execution.history if event["type"].startswith("Activity")] == events
