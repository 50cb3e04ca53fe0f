"""Executions of many kinds, to look at: what the tests of the execution view and its benchmark show."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from generator.engine import Engine, Execution, Fails, Sequence, Waits, execute, start
from workflows.order_processing import order_processing

ORDER = {
    "order_id": "7d3f0b8e-5b1c-4f0e-9d38-8b2f8f0a1c11",
    "customer_id": "C-1",
    "items": [{"product_id": "P-1", "quantity": 2}],
    "timestamp": "2026-11-25T10:00:00Z",
    "source": "api",
}
_FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:"
_BIDI = "\u202egnp.exe"
HOSTILE = {
    "script": "</script><script>document.title='broken'</script>",
    "image": "<img src=x onerror=\"document.title='broken'\">",
    "comment": "<!-- <script>",
    "bidi": f"invoice{_BIDI}",
    "nul": "a\u0000b\u2028c",
    "half": "\ud83d",
    "proto": {"__proto__": {"a": 1}, "constructor": "x"},
}
"""A payload in which every text would break a page that reads it as HTML, as script or as layout."""


def dofs(*, valid: bool = True) -> Execution:
    """An order that is queued, or one that the validator rejects."""
    passed = {"status": "PASSED", "reasons": []} if valid else {"status": "FAILED", "reasons": [{"rule": "format", "field": "order_id"}]}
    message = "The order was accepted." if valid else "The order was rejected. order_id: Input should be a UUID in lower case"
    answer = {**ORDER, "order": ORDER, "validation": {**passed, "message": message}}
    return execute(
        order_processing,
        {"order": ORDER},
        mocks={
            "ValidateOrder": {"Payload": answer},
            "StoreOrder": Sequence(
                Fails("Lambda.TooManyRequestsException", "Rate exceeded"), {"Payload": {**answer, "storage": {"status": "SUCCESS"}}}
            ),
            "SendToQueue": {"MessageId": "m-1"},
        },
    )


def task(name: str, **fields: Any) -> dict[str, Any]:
    """A Task state that calls a function."""
    return {"Type": "Task", "Resource": _FUNCTION + name, **fields}


def mapped(items: int = 1000, *, failing: frozenset[int] = frozenset()) -> Execution:
    """A Map with a caught failure in each failing item."""
    catch = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "NoteFailure"}]
    each = {
        "StartAt": "Price",
        "States": {
            "Price": task("price", Retry=[{"ErrorEquals": ["Busy"], "IntervalSeconds": 2}], Catch=catch, ResultPath="$.price", End=True),
            "NoteFailure": {"Type": "Pass", "End": True},
        },
    }
    machine = {
        "StartAt": "PriceItems",
        "States": {
            "PriceItems": {
                "Type": "Map",
                "ItemsPath": "$.items",
                "MaxConcurrency": 10,
                "ItemProcessor": each,
                "ResultPath": "$.prices",
                "Next": "Done",
            },
            "Done": {"Type": "Succeed"},
        },
    }

    def price(event: dict[str, Any]) -> Any:
        if event["n"] in failing:
            raise ValueError(f"item {event['n']} has no price")
        return {"cents": event["n"] * 10}

    return execute(machine, {"items": [{"n": n} for n in range(items)]}, functions={"price": price})


def nested() -> Execution:
    """A Map in a Map, which fails in the inner one."""
    inner = {
        "StartAt": "Pack",
        "States": {
            "Pack": task("pack", Retry=[{"ErrorEquals": ["Slow"], "IntervalSeconds": 3, "MaxAttempts": 2}], Next="Rest"),
            "Rest": {"Type": "Wait", "Seconds": 4, "End": True},
        },
    }
    outer = {
        "StartAt": "PackBox",
        "States": {"PackBox": {"Type": "Map", "ItemsPath": "$.parts", "MaxConcurrency": 1, "ItemProcessor": inner, "End": True}},
    }
    both = [
        {"StartAt": "Weigh", "States": {"Weigh": {"Type": "Pass", "Result": 3, "ResultPath": "$.weight", "End": True}}},
        {
            "StartAt": "PackBoxes",
            "States": {"PackBoxes": {"Type": "Map", "ItemsPath": "$.boxes", "MaxConcurrency": 1, "ItemProcessor": outer, "End": True}},
        },
    ]
    machine = {"StartAt": "Prepare", "States": {"Prepare": {"Type": "Parallel", "Branches": both, "End": True}}}
    attempts: dict[str, int] = {}

    def pack(event: str) -> str:
        attempts[event] = attempts.get(event, 0) + 1
        if event == "b1" and attempts[event] == 1:
            raise type("Slow", (Exception,), {})("the robot is slow")
        if event == "b2":
            raise RuntimeError("the box is torn")
        return event.upper()

    return execute(machine, {"boxes": [{"parts": ["a1", "a2"]}, {"parts": ["b1", "b2", "b3"]}]}, functions={"pack": pack})


def distributed() -> Execution:
    """A Distributed Map that tolerates a failed child execution."""
    each = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Import",
        "States": {"Import": task("import", End=True)},
    }
    state = {"Type": "Map", "ItemProcessor": each, "ToleratedFailureCount": 2, "End": True}
    return execute(
        {"StartAt": "ImportAll", "States": {"ImportAll": state}},
        [{"n": n} for n in range(6)],
        functions={"import": lambda event: 10 // (event["n"] - 3)},
    )


def callback() -> Execution:
    """A task that waits for its token."""
    parameters = {
        "QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/q",
        "MessageBody": {"token.$": "$$.Task.Token", "order.$": "$"},
    }
    ask = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": parameters,
        "TimeoutSeconds": 600,
        "End": True,
    }
    return start({"StartAt": "AskPerson", "States": {"AskPerson": ask}}, {"id": 1}, mocks={"AskPerson": Waits()}).advance(90)


def redriven() -> Execution:
    """A failed execution that was redriven and succeeded."""
    broken = [True]

    def charge(event: Any) -> Any:
        if broken[0]:
            raise RuntimeError("the bank is closed")
        return {"charged": True}

    machine = {
        "QueryLanguage": "JSONata",
        "StartAt": "Note",
        "States": {
            "Note": {"Type": "Pass", "Assign": {"total": "{% $states.input.total * 2 %}", "who": "Ann"}, "Next": "Charge"},
            "Charge": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Arguments": {"FunctionName": _FUNCTION + "charge", "Payload": {"total": "{% $total %}"}},
                "Assign": {"paid": "{% $states.result.Payload.charged %}"},
                "Output": "{% $states.result.Payload %}",
                "End": True,
            },
        },
    }
    execution = Engine(functions={"charge": charge}).start(machine, {"total": 4}).finish()
    broken[0] = False
    return execution.redrive().finish()


def hostile() -> Execution:
    """An execution whose names and payloads are attacks on the page, with a text of a megabyte."""
    name = "<img src=x onerror=alert(1)>"
    machine = {
        "Comment": "</script>",
        "StartAt": name,
        "States": {name: {"Type": "Pass", "Next": "Break"}, "Break": {"Type": "Fail", "Error": "</script>", "Cause": json.dumps(HOSTILE)}},
    }
    return execute(machine, HOSTILE)


def long_history(events: int = 25_000) -> list[dict[str, Any]]:
    """A history of so many events, as the AWS CLI writes it: a loop, with an event of a type that nobody knows."""
    moment = 1_764_000_000.0
    made: list[dict[str, Any]] = []

    def add(kind: str, place: str, details: dict[str, Any]) -> None:
        at = datetime.fromtimestamp(moment + len(made) / 50, UTC).isoformat()
        number = len(made) + 1
        made.append({"timestamp": at, "type": kind, "id": number, "previousEventId": number - 1, f"{place}EventDetails": details})

    def data(n: int) -> str:
        return json.dumps({"round": n, "order": {"id": f"o-{n:06d}", "customer": {"name": f"Customer {n % 97}"}, "lines": [n, n + 1]}})

    add("ExecutionStarted", "executionStarted", {"input": data(0), "roleArn": "arn:aws:iam::123456789012:role/r"})
    add("SomethingNewHappened", "somethingNewHappened", {"what": "the-needle", "count": 7})
    n = 0
    while len(made) < events - 8:
        n += 1
        add("TaskStateEntered", "stateEntered", {"name": "Work", "input": data(n)})
        call = {"resourceType": "lambda", "resource": "invoke"}
        add(
            "TaskScheduled",
            "taskScheduled",
            {**call, "region": "us-east-1", "parameters": json.dumps({"FunctionName": "work", "Payload": n})},
        )
        add("TaskStarted", "taskStarted", call)
        add("TaskSucceeded", "taskSucceeded", {**call, "output": data(n + 1)})
        add("TaskStateExited", "stateExited", {"name": "Work", "output": data(n + 1)})
        add("ChoiceStateEntered", "stateEntered", {"name": "Again", "input": data(n + 1)})
        add("ChoiceStateExited", "stateExited", {"name": "Again", "output": data(n + 1)})
    add("SucceedStateEntered", "stateEntered", {"name": "Done", "input": data(n)})
    add("SucceedStateExited", "stateExited", {"name": "Done", "output": data(n)})
    add("ExecutionSucceeded", "executionSucceeded", {"output": data(n)})
    return made


LONG_MACHINE = {
    "StartAt": "Work",
    "States": {
        "Work": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "work", "Payload.$": "$.round"},
            "Next": "Again",
        },
        "Again": {"Type": "Choice", "Choices": [{"Variable": "$.round", "NumericLessThan": 9000, "Next": "Work"}], "Default": "Done"},
        "Done": {"Type": "Succeed"},
    },
}
"""The definition of :func:`long_history`."""

RECORDED = Path(__file__).parent / "recorded_execution.json"
"""A history in the shape that ``aws stepfunctions get-execution-history`` writes, with a failure, retries and a caught error."""
