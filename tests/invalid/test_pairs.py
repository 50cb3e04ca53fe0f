"""Wrong definitions beside the nearest right ones, for the codes about data flow, errors and time budgets.

Each code has at least three different wrong definitions. The finding is at the given place, and it is the only one; the right definition
has none.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from generator.checks.validate import validate_text
from generator.diagnostics.codes import CODES
from generator.diagnostics.model import pointer_text
from generator.pipeline import Run, check_all, compile_all, load_all, run_pipeline

LEAST = 3


class Pair(NamedTuple):
    """A wrong definition, the place of its finding, and the nearest right definition."""

    code: str
    wrong: dict[str, Any]
    at: str
    right: dict[str, Any]
    type: Any = "STANDARD"


def jsonata(**states: Any) -> dict[str, Any]:
    """Make a definition in JSONata."""
    return {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states}


def jsonpath(**states: Any) -> dict[str, Any]:
    """Make a definition in JSONPath."""
    return {"StartAt": next(iter(states)), "States": states}


def scope(**states: Any) -> dict[str, Any]:
    """Make a branch or an item processor."""
    return {"StartAt": next(iter(states)), "States": states}


def distributed(**states: Any) -> dict[str, Any]:
    """Make an item processor of a Distributed Map."""
    return {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **scope(**states)}


def out(output: Any, **fields: Any) -> dict[str, Any]:
    """Make a last state in JSONata."""
    return {"Type": "Pass", "Output": output, "End": True, **fields}


def call(**fields: Any) -> dict[str, Any]:
    """Make a call of a function in JSONata; it is the last state unless it has a next one."""
    end = {} if "Next" in fields else {"End": True}
    return {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": {"FunctionName": "work"}, **fields, **end}


def caught(then: str, **fields: Any) -> dict[str, Any]:
    """Make a list of one catcher."""
    return {"Catch": [{"ErrorEquals": ["States.ALL"], "Next": then, **fields}]}


DONE = {"Type": "Succeed"}

VARIABLES = (
    Pair("SFN301", jsonata(A=out("{% $total %}")), "States/A/Output", jsonata(A=out("{% $states.input.total %}"))),
    Pair(
        "SFN301",
        jsonpath(A={"Type": "Pass", "Parameters": {"id.$": "States.Format('{}', $id)"}, "End": True}),
        "States/A/Parameters/id.$",
        jsonpath(A={"Type": "Pass", "Parameters": {"id.$": "States.Format('{}', $.id)"}, "End": True}),
    ),
    Pair(
        "SFN301",
        jsonata(A={"Type": "Choice", "Choices": [{"Condition": "{% $n > 3 %}", "Next": "B"}], "Default": "B"}, B=DONE),
        "States/A/Choices/0/Condition",
        jsonata(A={"Type": "Choice", "Choices": [{"Condition": "{% $exists($n) and $n > 3 %}", "Next": "B"}], "Default": "B"}, B=DONE),
    ),
    Pair(
        "SFN302",
        jsonata(A=call(Assign={"id": 1}, **caught("F")), F={"Type": "Fail", "Cause": "{% 'no ' & $id %}"}),
        "States/F/Cause",
        jsonata(A=call(**caught("F", Assign={"id": 1})), F={"Type": "Fail", "Cause": "{% 'no ' & $id %}"}),
    ),
    Pair(
        "SFN302",
        jsonata(
            A={"Type": "Choice", "Choices": [{"Condition": "{% $states.input.a %}", "Next": "B"}], "Default": "C"},
            B={"Type": "Pass", "Assign": {"x": 1}, "Next": "C"},
            C=out("{% $x %}"),
        ),
        "States/C/Output",
        jsonata(
            A={"Type": "Choice", "Choices": [{"Condition": "{% $states.input.a %}", "Next": "B"}], "Default": "C", "Assign": {"x": 0}},
            B={"Type": "Pass", "Assign": {"x": 1}, "Next": "C"},
            C=out("{% $x %}"),
        ),
    ),
    Pair("SFN302", jsonata(A=out("{% $x %}", Assign={"x": 1})), "States/A/Output", jsonata(A=out(1, Assign={"x": 1}))),
    Pair(  # the first round of a loop
        "SFN302",
        jsonata(
            A={"Type": "Wait", "Seconds": "{% $delay %}", "Next": "B"},
            B=call(Assign={"delay": 5}, Next="C"),
            C={"Type": "Choice", "Choices": [{"Condition": "{% $states.input.Payload.ready %}", "Next": "D"}], "Default": "A"},
            D=DONE,
        ),
        "States/A/Seconds",
        jsonata(
            Z={"Type": "Pass", "Assign": {"delay": 1}, "Next": "A"},
            A={"Type": "Wait", "Seconds": "{% $delay %}", "Next": "B"},
            B=call(Assign={"delay": 5}, Next="C"),
            C={"Type": "Choice", "Choices": [{"Condition": "{% $states.input.Payload.ready %}", "Next": "D"}], "Default": "A"},
            D=DONE,
        ),
    ),
    Pair(  # a branch reads what the Parallel assigns at its end
        "SFN302",
        jsonata(A={"Type": "Parallel", "Branches": [scope(B=out("{% $n %}"))], "Assign": {"n": 1}, "End": True}),
        "States/A/Branches/0/States/B/Output",
        jsonata(
            Z={"Type": "Pass", "Assign": {"n": 1}, "Next": "A"}, A={"Type": "Parallel", "Branches": [scope(B=out("{% $n %}"))], "End": True}
        ),
    ),
    Pair(  # JSONPath: only the route with the variable may read it
        "SFN302",
        jsonpath(
            A={"Type": "Choice", "Choices": [{"Variable": "$.a", "IsPresent": True, "Next": "B"}], "Default": "C"},
            B={"Type": "Pass", "Assign": {"x.$": "$.a"}, "Next": "C"},
            C={"Type": "Choice", "Choices": [{"Variable": "$x", "NumericEquals": 1, "Next": "D"}], "Default": "D"},
            D=DONE,
        ),
        "States/C/Choices/0/Variable",
        jsonpath(
            A={"Type": "Choice", "Choices": [{"Variable": "$.a", "IsPresent": True, "Next": "B"}], "Default": "C"},
            B={"Type": "Pass", "Assign": {"x.$": "$.a"}, "Next": "C"},
            C={
                "Type": "Choice",
                "Choices": [{"Variable": "$x", "IsPresent": False, "Next": "D"}, {"Variable": "$x", "NumericEquals": 1, "Next": "D"}],
                "Default": "D",
            },
            D=DONE,
        ),
    ),
    Pair(
        "SFN308",
        jsonata(A={"Type": "Map", "Items": [1], "ItemProcessor": scope(B=out(1, Assign={"x": 1})), "Next": "C"}, C=out("{% $x %}")),
        "States/C/Output",
        jsonata(
            A={"Type": "Map", "Items": [1], "ItemProcessor": scope(B=out(1)), "Assign": {"x": "{% $states.result %}"}, "Next": "C"},
            C=out("{% $x %}"),
        ),
    ),
    Pair(
        "SFN308",
        jsonata(A={"Type": "Parallel", "Branches": [scope(B=out(1, Assign={"x": 1})), scope(C=out("{% $x %}"))], "End": True}),
        "States/A/Branches/1/States/C/Output",
        jsonata(
            Z={"Type": "Pass", "Assign": {"x": 1}, "Next": "A"},
            A={"Type": "Parallel", "Branches": [scope(B=out(1)), scope(C=out("{% $x %}"))], "End": True},
        ),
    ),
    Pair(
        "SFN308",
        jsonata(
            Z={"Type": "Pass", "Assign": {"x": 1}, "Next": "A"},
            A={"Type": "Map", "Items": [1], "ItemProcessor": distributed(B=out("{% $x %}")), "End": True},
        ),
        "States/A/ItemProcessor/States/B/Output",
        jsonata(
            Z={"Type": "Pass", "Assign": {"x": 1}, "Next": "A"},
            A={
                "Type": "Map",
                "Items": [1],
                "ItemSelector": {"x": "{% $x %}"},
                "ItemProcessor": distributed(B=out("{% $states.input.x %}")),
                "End": True,
            },
        ),
    ),
)

NAMES = (
    Pair("SFN208", jsonata(A=out("{% $states.inptu.a %}")), "States/A/Output", jsonata(A=out("{% $states.input.a %}"))),
    Pair(
        "SFN208",
        jsonata(A={"Type": "Map", "Items": [1], "ItemSelector": {"i": "{% $states.item %}"}, "ItemProcessor": scope(B=DONE), "End": True}),
        "States/A/ItemSelector/i",
        jsonata(
            A={
                "Type": "Map",
                "Items": [1],
                "ItemSelector": {"i": "{% $states.context.Map.Item.Value %}"},
                "ItemProcessor": scope(B=DONE),
                "End": True,
            }
        ),
    ),
    Pair(
        "SFN208",
        jsonata(A=call(Arguments={"FunctionName": "f", "Payload": "{% $states.result.Payload %}"})),
        "States/A/Arguments/Payload",
        jsonata(A=call(Arguments={"FunctionName": "f"}, Output="{% $states.result.Payload %}")),
    ),
    Pair(
        "SFN303", jsonata(A=out("{% $states.context.Exec.Id %}")), "States/A/Output", jsonata(A=out("{% $states.context.Execution.Id %}"))
    ),
    Pair(
        "SFN303",
        jsonpath(A={"Type": "Pass", "Parameters": {"n.$": "States.Format('{}', $$.State.name)"}, "End": True}),
        "States/A/Parameters/n.$",
        jsonpath(A={"Type": "Pass", "Parameters": {"n.$": "States.Format('{}', $$.State.Name)"}, "End": True}),
    ),
    Pair(
        "SFN303",
        jsonpath(
            A={"Type": "Choice", "Choices": [{"Variable": "$$.Execution.Id.Name", "IsPresent": True, "Next": "B"}], "Default": "B"}, B=DONE
        ),
        "States/A/Choices/0/Variable",
        jsonpath(
            A={"Type": "Choice", "Choices": [{"Variable": "$$.Execution.Input.Name", "IsPresent": True, "Next": "B"}], "Default": "B"},
            B=DONE,
        ),
    ),
    Pair(
        "SFN304",
        jsonata(A=out("{% $states.context.Map.Item.Value %}")),
        "States/A/Output",
        jsonata(A={"Type": "Map", "Items": [1], "ItemProcessor": scope(B=out("{% $states.context.Map.Item.Value %}")), "End": True}),
    ),
    Pair(
        "SFN304",
        jsonata(A=call(Arguments={"FunctionName": "f", "Payload": {"token": "{% $states.context.Task.Token %}"}})),
        "States/A/Arguments/Payload/token",
        jsonata(
            A=call(
                Resource="arn:aws:states:::lambda:invoke.waitForTaskToken",
                Arguments={"FunctionName": "f", "Payload": {"token": "{% $states.context.Task.Token %}"}},
                TimeoutSeconds=60,
            )
        ),
    ),
    Pair(
        "SFN304",
        jsonpath(A={"Type": "Pass", "Parameters": {"n.$": "$$.State.RetryCount"}, "End": True}),
        "States/A/Parameters/n.$",
        jsonpath(
            A={
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": {"FunctionName": "f", "Payload": {"n.$": "$$.State.RetryCount"}},
                "End": True,
            }
        ),
    ),
    Pair(
        "SFN304",
        jsonpath(A={"Type": "Pass", "Parameters": {"n.$": "$$.Execution.RedriveCount"}, "End": True}),
        "States/A/Parameters/n.$",
        jsonpath(A={"Type": "Pass", "Parameters": {"n.$": "$$.Execution.Name"}, "End": True}),
        "EXPRESS",
    ),
    Pair("SFN305", jsonata(A=out("{% $foo() %}")), "States/A/Output", jsonata(A=out("{% $now() %}"))),
    Pair("SFN305", jsonata(A=out({"x": "{% $eval('1') %}"})), "States/A/Output/x", jsonata(A=out({"x": "{% $parse('1') %}"}))),
    Pair(
        "SFN305",
        jsonata(A=out("{% $states.input.names ~> $upper() %}")),
        "States/A/Output",
        jsonata(A=out("{% ($upper := function($t) { $uppercase($t) }; $upper($states.input.name)) %}")),
    ),
    Pair("SFN306", jsonata(A=out("{% $join() %}")), "States/A/Output", jsonata(A=out("{% $states.input.words ~> $join() %}"))),
    Pair("SFN306", jsonata(A=out("{% $uuid(4) %}")), "States/A/Output", jsonata(A=out("{% $uuid() %}"))),
    Pair(
        "SFN306", jsonata(A=out("{% $map($states.input.x) %}")), "States/A/Output", jsonata(A=out("{% $map($states.input.x, $string) %}"))
    ),
    Pair(
        "SFN307",
        jsonata(A={"Type": "Pass", "Assign": {"count": 1}, "Next": "B"}, B=out("{% $count($states.input) %}")),
        "States/B/Output",
        jsonata(A={"Type": "Pass", "Assign": {"n": 1}, "Next": "B"}, B=out("{% $count($states.input) %}")),
    ),
    Pair(
        "SFN307",
        jsonata(A=call(Assign={"max": 3}, **caught("B")), B=out("{% $max([1, 2]) %}")),
        "States/B/Output",
        jsonata(A=call(Assign={"most": 3}, **caught("B")), B=out("{% $max([1, 2]) %}")),
    ),
    Pair(
        "SFN307",
        jsonata(
            A={"Type": "Pass", "Assign": {"string": "x"}, "Next": "B"},
            B={"Type": "Map", "Items": [1], "ItemProcessor": scope(C=out("{% $string(1) %}")), "End": True},
        ),
        "States/B/ItemProcessor/States/C/Output",
        jsonata(
            A={"Type": "Pass", "Assign": {"string": "x"}, "Next": "B"},
            B={"Type": "Map", "Items": [1], "ItemProcessor": distributed(C=out("{% $string(1) %}")), "End": True},
        ),
    ),
)


def item(**fields: Any) -> dict[str, Any]:
    """Make a last task in JSONPath, which stores an item."""
    parameters = {"TableName": "orders", "Item": {"id": {"S.$": "$.id"}}, **fields.pop("Parameters", {})}
    return {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:putItem", "Parameters": parameters, **fields, "End": True}


def catching(*names: str, kind: str = "Catch") -> dict[str, Any]:
    """Make a list of one catcher, or of one retrier."""
    return {kind: [{"ErrorEquals": [*names], **({"Next": "F"} if kind == "Catch" else {})}]}


SDK_PUT = "arn:aws:states:::aws-sdk:dynamodb:putItem"
CONDITION = {"Parameters": {"ConditionExpression": "attribute_not_exists(id)"}}
FAILED = {"Type": "Fail"}


def tasks(wrong: dict[str, Any], right: dict[str, Any], code: str, at: str, make: Any = item) -> Pair:
    """Make a pair of definitions with one task each."""
    definitions = [make(**fields) for fields in (wrong, right)]
    build = jsonpath if make is item else jsonata
    one, other = (build(A=task, **({"F": FAILED} if '"Catch"' in json.dumps(task) else {})) for task in definitions)
    return Pair(code, one, at, other)


def a_map(config: dict[str, Any], reader: Any = None) -> dict[str, Any]:
    """Make a Distributed Map in JSONPath."""
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", **config}, **scope(B=DONE)}
    return jsonpath(A={"Type": "Map", **({"ItemReader": reader} if reader else {}), "ItemProcessor": processor, "End": True})


def reader(**config: Any) -> dict[str, Any]:
    """Make a reader of an object."""
    source = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"}}
    return {**source, **({"ReaderConfig": config} if config else {})}


HANDLING = (
    tasks(
        catching("DynamoDb.ConditionalCheckFailedException"),
        catching("DynamoDB.ConditionalCheckFailedException"),
        "SFN114",
        "States/A/Catch/0/ErrorEquals/0",
    ),
    tasks(
        {"Resource": SDK_PUT, **catching("DynamoDB.ConditionalCheckFailedException", kind="Retry")},
        {"Resource": SDK_PUT, **catching("DynamoDb.ConditionalCheckFailedException", kind="Retry")},
        "SFN114",
        "States/A/Retry/0/ErrorEquals/0",
    ),
    tasks(
        catching("ConditionalCheckFailedException", "States.Timeout"),
        catching("DynamoDB.ConditionalCheckFailedException", "States.Timeout"),
        "SFN114",
        "States/A/Catch/0/ErrorEquals/0",
    ),
    tasks(
        catching("Lambda.TooManyRequestsException"), catching("DynamoDB.ThrottlingException"), "SFN114", "States/A/Catch/0/ErrorEquals/0"
    ),
    tasks(catching("states.all"), catching("States.ALL"), "SFN114", "States/A/Catch/0/ErrorEquals/0", call),
    tasks(catching("LAMBDA.ServiceException"), catching("Lambda.ServiceException"), "SFN114", "States/A/Catch/0/ErrorEquals/0", call),
    tasks(catching("States.Runtime"), catching("States.DataLimitExceeded"), "SFN115", "States/A/Catch/0/ErrorEquals/0"),
    tasks(
        catching("States.HeartbeatTimeout", kind="Retry"),
        {"HeartbeatSeconds": 5, **catching("States.HeartbeatTimeout", kind="Retry")},
        "SFN115",
        "States/A/Retry/0/ErrorEquals/0",
    ),
    tasks(
        catching("States.Timeout", "States.ItemReaderFailed"),
        catching("States.Timeout", "States.Permissions"),
        "SFN115",
        "States/A/Catch/0/ErrorEquals/1",
    ),
    tasks(catching("States.IntrinsicFailure"), catching("States.QueryEvaluationError"), "SFN115", "States/A/Catch/0/ErrorEquals/0", call),
    tasks(CONDITION, {**CONDITION, **catching("States.TaskFailed")}, "SFN116", "States/A/Parameters/ConditionExpression"),
    Pair(
        "SFN116",
        jsonpath(M={"Type": "Map", "Iterator": scope(A=item(Resource=SDK_PUT, **CONDITION)), "End": True}),
        "States/M/Iterator/States/A/Parameters/ConditionExpression",
        jsonpath(
            M={"Type": "Map", "Iterator": scope(A=item(Resource=SDK_PUT, **CONDITION)), **catching("States.ALL"), "End": True}, F=FAILED
        ),
    ),
    tasks(
        {**CONDITION, **catching("DynamoDB.ThrottlingException")},
        {**CONDITION, **catching("DynamoDB.ConditionalCheckFailedException")},
        "SFN116",
        "States/A/Parameters/ConditionExpression",
    ),
    tasks(
        {"Resource": "arn:aws:states:::states:startExecution", "Arguments": {"StateMachineArn": "${M}", "Name": "nightly"}},
        {"Resource": "arn:aws:states:::states:startExecution", "Arguments": {"StateMachineArn": "${M}", "Name": "{% $uuid() %}"}},
        "SFN116",
        "States/A/Arguments/Name",
        call,
    ),
    Pair(
        "SFN117",
        jsonata(A=call(Next="B", **caught("C")), B={"Type": "Wait", "Seconds": 1, "Next": "A2"}, A2=call(Next="B"), C=DONE),
        "States/B",
        jsonata(A=call(Next="B", **caught("C")), B={"Type": "Wait", "Seconds": 1, "Next": "A2"}, A2=call(Next="B", **caught("C")), C=DONE),
    ),
    Pair(
        "SFN117",
        jsonpath(
            A={"Type": "Choice", "Choices": [{"Variable": "$.a", "IsPresent": True, "Next": "B"}], "Default": "D"},
            B={"Type": "Choice", "Choices": [{"Variable": "$.b", "IsPresent": True, "Next": "C"}], "Default": "C"},
            C={"Type": "Pass", "Next": "B"},
            D=DONE,
        ),
        "States/B",
        jsonpath(
            A={"Type": "Choice", "Choices": [{"Variable": "$.a", "IsPresent": True, "Next": "B"}], "Default": "D"},
            B={"Type": "Choice", "Choices": [{"Variable": "$.b", "IsPresent": True, "Next": "C"}], "Default": "D"},
            C={"Type": "Pass", "Next": "B"},
            D=DONE,
        ),
    ),
    Pair(
        "SFN117",
        jsonata(
            M={
                "Type": "Map",
                "Items": [{"a": True}],
                "ItemProcessor": scope(
                    A={"Type": "Choice", "Choices": [{"Condition": "{% $states.input.a %}", "Next": "B"}], "Default": "C"},
                    B={"Type": "Pass", "Next": "B"},
                    C=DONE,
                ),
                "End": True,
            }
        ),
        "States/M/ItemProcessor/States/B",
        jsonata(
            M={
                "Type": "Map",
                "Items": [{"a": True}],
                "ItemProcessor": scope(
                    A={"Type": "Choice", "Choices": [{"Condition": "{% $states.input.a %}", "Next": "B"}], "Default": "C"},
                    B={"Type": "Pass", "Next": "A"},
                    C=DONE,
                ),
                "End": True,
            }
        ),
    ),
    *(
        tasks(
            {"Retry": [{"ErrorEquals": ["States.ALL"], **wrong}]},
            {"Retry": [{"ErrorEquals": ["States.ALL"], **right}]},
            "SFN118",
            "States/A/Retry/0/MaxDelaySeconds",
        )
        for wrong, right in (
            ({"IntervalSeconds": 10, "MaxDelaySeconds": 5}, {"IntervalSeconds": 5, "MaxDelaySeconds": 10}),
            ({"IntervalSeconds": 10, "MaxDelaySeconds": 10}, {"IntervalSeconds": 10, "MaxDelaySeconds": 11}),
            ({"MaxDelaySeconds": 1}, {"MaxDelaySeconds": 2}),
        )
    ),
    *(
        tasks({"Credentials": wrong}, {"Credentials": right}, "SFN119", "States/A/Credentials", make)
        for wrong, right, make in (
            ({}, {"RoleArn": "arn:aws:iam::111122223333:role/r"}, item),
            ({"Role.$": "$.role"}, {"RoleArn.$": "$.role"}, item),
            ({"roleArn": "{% $states.input.role %}"}, {"RoleArn": "{% $states.input.role %}"}, call),
        )
    ),
    Pair("SFN121", a_map({}), "States/A/ItemProcessor/ProcessorConfig", a_map({"ExecutionType": "STANDARD"})),
    Pair(
        "SFN121",
        a_map({"ExecutionType": "STANDARD"}, reader()),
        "States/A/ItemReader",
        a_map({"ExecutionType": "STANDARD"}, reader(InputType="JSON")),
    ),
    Pair(
        "SFN121",
        a_map({"ExecutionType": "STANDARD"}, reader(InputType="CSV", CSVHeaderLocation="GIVEN")),
        "States/A/ItemReader/ReaderConfig",
        a_map({"ExecutionType": "STANDARD"}, reader(InputType="CSV", CSVHeaderLocation="GIVEN", CSVHeaders=["id"])),
    ),
)


def limited(limit: int | None = None, **fields: Any) -> dict[str, Any]:
    """Make a definition with one task, and a timeout."""
    return {**jsonpath(A=item(**fields)), **({} if limit is None else {"TimeoutSeconds": limit})}


def retried(*, attempts: int, interval: int = 1, rate: int = 1) -> dict[str, Any]:
    """Make a list of one retrier."""
    return {"Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": interval, "MaxAttempts": attempts, "BackoffRate": rate}]}


def many(items: Any, **states: Any) -> dict[str, Any]:
    """Make a definition with an inline Map."""
    return jsonata(M={"Type": "Map", "Items": items, "ItemProcessor": scope(**states), "End": True})


WAITS = {"Type": "Wait", "Seconds": 300, "End": True}
RETRY_IN_MAP = jsonpath(M={"Type": "Map", "Iterator": scope(A=item(TimeoutSeconds=40, **retried(attempts=9))), "End": True})
BUDGETS = (
    Pair("SFN501", limited(10, TimeoutSeconds=20), "States/A/TimeoutSeconds", limited(20, TimeoutSeconds=20)),
    Pair(
        "SFN501",
        limited(60, TimeoutSeconds=20, **retried(attempts=3)),
        "States/A/Retry",
        limited(90, TimeoutSeconds=20, **retried(attempts=3)),
    ),
    Pair("SFN501", limited(60, **retried(attempts=6, rate=2)), "States/A/Retry", limited(60, **retried(attempts=5, rate=2))),
    Pair(
        "SFN501",
        {**RETRY_IN_MAP, "TimeoutSeconds": 300},
        "States/M/Iterator/States/A/Retry",
        {**RETRY_IN_MAP, "TimeoutSeconds": 600},
    ),
    Pair("SFN502", jsonpath(A=WAITS), "States/A/Seconds", jsonpath(A={**WAITS, "Seconds": 299}), "EXPRESS"),
    Pair("SFN502", {**jsonpath(A=DONE), "TimeoutSeconds": 301}, "TimeoutSeconds", {**jsonpath(A=DONE), "TimeoutSeconds": 300}, "EXPRESS"),
    Pair("SFN502", limited(**retried(attempts=9, rate=2)), "States/A/Retry", limited(**retried(attempts=8, rate=2)), "EXPRESS"),
    Pair("SFN502", RETRY_IN_MAP, "States/M/Iterator/States/A/Retry", RETRY_IN_MAP | {"TimeoutSeconds": 900}, "EXPRESS")._replace(
        right=jsonpath(M={"Type": "Map", "Iterator": scope(A=item(TimeoutSeconds=20, **retried(attempts=9))), "End": True})
    ),
    Pair("SFN505", many("{% [1..5000] %}", A=call()), "States/M/Items", many("{% [1..3000] %}", A=call())),
    Pair("SFN505", many("{% $range(1, 9000, 1) %}", A=DONE), "States/M/Items", many("{% $range(1, 900, 1) %}", A=DONE)),
    Pair(
        "SFN505",
        many([*range(900)], P={"Type": "Parallel", "Branches": [scope(**{f"T{i}": call()}) for i in range(6)], "End": True}),
        "States/M/Items",
        many([*range(400)], P={"Type": "Parallel", "Branches": [scope(**{f"T{i}": call()}) for i in range(6)], "End": True}),
    ),
)


def after(first: dict[str, Any], last: dict[str, Any]) -> dict[str, Any]:
    """Make a definition of two states in JSONata."""
    return jsonata(A={**{k: v for k, v in first.items() if k != "End"}, "Next": "B"}, B=last)


def choosing(condition: str, first: Any) -> dict[str, Any]:
    """Make a definition with a Choice after a state with an output."""
    rules = {"Type": "Choice", "Choices": [{"Condition": condition, "Next": "C"}], "Default": "C"}
    return {**after(out(first), rules), "States": {**after(out(first), rules)["States"], "C": DONE}}


def sorted_out(*kinds: str, default: bool = False) -> dict[str, Any]:
    """Make a definition in JSONPath whose last Choice has rules for some kinds of three."""
    makers = {f"M{kind}": {"Type": "Pass", "Result": {"kind": kind}, "Next": "Sort"} for kind in "abc"}
    first = {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": i, "Next": name} for i, name in enumerate(makers)]}
    rules = [{"Variable": "$.kind", "StringEquals": kind, "Next": "D"} for kind in kinds]
    last = {"Type": "Choice", "Choices": rules, **({"Default": "D"} if default else {})}
    return jsonpath(First={**first, "Default": "Ma"}, **makers, Sort=last, D=DONE)


GET = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:dynamodb:getItem"}
KEY = {"TableName": "t", "Key": {"id": {"S": "1"}}}
DATA = (
    Pair(
        "SFN310", after(out({"a": 1}), out("{% $states.input.b %}")), "States/B/Output", after(out({"a": 1}), out("{% $states.input.a %}"))
    ),
    Pair(
        "SFN310",
        jsonata(A={**GET, "Arguments": KEY, "Output": "{% $states.result.Itme %}", "End": True}),
        "States/A/Output",
        jsonata(A={**GET, "Arguments": KEY, "Output": "{% $states.result.Item %}", "End": True}),
    ),
    Pair(
        "SFN310",
        jsonpath(A={**GET, "Parameters": KEY, "Next": "B"}, B={"Type": "Pass", "InputPath": "$.item", "End": True}),
        "States/B/InputPath",
        jsonpath(A={**GET, "Parameters": KEY, "Next": "B"}, B={"Type": "Pass", "InputPath": "$.Item", "End": True}),
    ),
    Pair(
        "SFN310",
        jsonata(A=call(**caught("F")), F={"Type": "Fail", "Cause": "{% $states.input.cause %}"}),
        "States/F/Cause",
        jsonata(A=call(**caught("F")), F={"Type": "Fail", "Cause": "{% $states.input.Cause %}"}),
    ),
    Pair(
        "SFN310",
        jsonata(A={"Type": "Map", "Items": [{"x": 1}], "ItemProcessor": scope(B=out("{% $states.input.y %}")), "End": True}),
        "States/A/ItemProcessor/States/B/Output",
        jsonata(A={"Type": "Map", "Items": [{"x": 1}], "ItemProcessor": scope(B=out("{% $states.input.x %}")), "End": True}),
    ),
    Pair(  # on one route only: something produces it
        "SFN310",
        choosing("{% $states.input.b = 1 %}", {"a": 1}),
        "States/B/Choices/0/Condition",
        choosing("{% $exists($states.input.b) %}", {"a": 1}),
    ),
    Pair(
        "SFN310",
        jsonata(A={"Type": "Pass", "Assign": {"v": {"a": 1}}, "Next": "B"}, B=out("{% $v.b %}")),
        "States/B/Output",
        jsonata(A={"Type": "Pass", "Assign": {"v": {"a": 1}}, "Next": "B"}, B=out("{% $v.a %}")),
    ),
    Pair(
        "SFN311",
        after(out({"a": "text"}), out("{% $states.input.a.b %}")),
        "States/B/Output",
        after(out({"a": {"b": 1}}), out("{% $states.input.a.b %}")),
    ),
    Pair(
        "SFN311",
        jsonpath(A={"Type": "Pass", "Result": {"n": 1}, "Next": "B"}, B={"Type": "Wait", "SecondsPath": "$.n.seconds", "End": True}),
        "States/B/SecondsPath",
        jsonpath(A={"Type": "Pass", "Result": {"n": 1}, "Next": "B"}, B={"Type": "Wait", "SecondsPath": "$.n", "End": True}),
    ),
    Pair(
        "SFN311",
        jsonata(A=call(**caught("F")), F={"Type": "Fail", "Cause": "{% $states.input.Cause.errorMessage %}"}),
        "States/F/Cause",
        jsonata(A=call(**caught("F")), F={"Type": "Fail", "Cause": "{% $parse($states.input.Cause).errorMessage %}"}),
    ),
    Pair(
        "SFN312",
        after(out({"n": 3}), {"Type": "Map", "Items": "{% $states.input.n %}", "ItemProcessor": scope(C=DONE), "End": True}),
        "States/B/Items",
        after(out({"n": [3]}), {"Type": "Map", "Items": "{% $states.input.n %}", "ItemProcessor": scope(C=DONE), "End": True}),
    ),
    Pair(
        "SFN312",
        after(out("{% $string(3) %}"), {"Type": "Map", "ItemProcessor": scope(C=DONE), "End": True}),
        "States/B",
        after(out("{% $split('a b', ' ') %}"), {"Type": "Map", "ItemProcessor": scope(C=DONE), "End": True}),
    ),
    Pair(
        "SFN312",
        jsonpath(
            A={"Type": "Pass", "Result": {"a": {"b": True}}, "Next": "B"},
            B={"Type": "Map", "ItemsPath": "$.a.b", "Iterator": scope(C=DONE), "End": True},
        ),
        "States/B/ItemsPath",
        jsonpath(
            A={"Type": "Pass", "Result": {"a": {"b": []}}, "Next": "B"},
            B={"Type": "Map", "ItemsPath": "$.a.b", "Iterator": scope(C=DONE), "End": True},
        ),
    ),
    Pair(
        "SFN313",
        choosing("{% $states.input.a = 'b' %}", {"a": "{% $count([1]) %}"}),
        "States/B/Choices/0/Condition",
        choosing("{% $states.input.a = 2 %}", {"a": "{% $count([1]) %}"}),
    ),
    Pair(
        "SFN313",
        choosing("{% $states.input.a = 'yes' and $states.input.b = true %}", {"a": True, "b": True}),
        "States/B/Choices/0/Condition",
        choosing("{% $states.input.a = true and $states.input.b = true %}", {"a": True, "b": True}),
    ),
    Pair("SFN313", sorted_out("a", "x", default=True), "States/Sort/Choices/1/StringEquals", sorted_out("a", "c", default=True)),
    Pair(
        "SFN313",
        jsonpath(
            A={"Type": "Pass", "Result": {"n": "1"}, "Next": "B"},
            B={"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericLessThan": 3, "Next": "C"}], "Default": "C"},
            C=DONE,
        ),
        "States/B/Choices/0/NumericLessThan",
        jsonpath(
            A={"Type": "Pass", "Result": {"n": 1}, "Next": "B"},
            B={"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericLessThan": 3, "Next": "C"}], "Default": "C"},
            C=DONE,
        ),
    ),
    Pair("SFN314", sorted_out("a", "b"), "States/Sort", sorted_out("a", "b", "c")),
    Pair("SFN314", sorted_out("c"), "States/Sort", sorted_out("c", default=True)),
    Pair("SFN314", sorted_out("c", "a"), "States/Sort", sorted_out("c", "b", "a")),
)

PAIRS = (*VARIABLES, *NAMES, *HANDLING, *BUDGETS, *DATA)
NEW = ("SFN114", "SFN115", "SFN116", "SFN117", "SFN118", "SFN119", "SFN121")
"""Codes of other themes that have pairs, too."""


class Modules(NamedTuple):
    """A wrong module of workflows, and the nearest right one: a template with both values."""

    code: str
    template: str
    wrong: str
    right: str


IMPORTS = "from generator import Function, Pass, Queue, Retry, Task, Workflow, errors\n\n"
WORK = IMPORTS + 'work = Function("work", timeout_seconds=60)\nbuild = Workflow("build", steps=[Task("Work", work.invoke(), {})])\n'
CHILD = IMPORTS + 'child = Workflow("child", {}, timeout_seconds=100, steps=[Pass("Done")])\n'
QUEUES = IMPORTS + 'dead = Queue("dead")\njobs = Queue("jobs", retention_seconds=60, {})\nwork = Function("work", timeout_seconds=10, {})\n'
TRIGGER = "triggers=[jobs.trigger({})]"


def queues(queue: str, function: str = TRIGGER.format("")) -> str:
    """Fill in the module with queues."""
    return QUEUES.format(queue, function)


def parent(kind: str, start: str) -> str:
    """Return a module with a nested workflow; the value is the timeout of the task that starts it."""
    return CHILD.format(kind) + f'up = Workflow("up", steps=[Task("Run", child.{start}(), timeout_seconds={{}})])\n'


MODULES = (
    Modules("SFN503", WORK, "timeout_seconds=59", "timeout_seconds=60"),
    Modules("SFN503", WORK.replace("work.invoke()", 'work.invoke({{"a": 1}})'), "timeout_seconds=1", "timeout_seconds=100"),
    Modules("SFN503", WORK.replace('"build",', '"build", query_language="JSONPath",'), "timeout_seconds=30", "heartbeat_seconds=30"),
    Modules("SFN504", parent('type="EXPRESS"', "run_express"), "99", "100"),
    Modules("SFN504", parent('type="STANDARD"', "run"), "30", "300"),
    Modules("SFN504", parent('type="STANDARD", query_language="JSONPath"', "run"), "1", "101"),
    Modules("SFN506", queues("visibility_timeout_seconds={}"), "59", "60"),
    Modules("SFN506", queues("visibility_timeout_seconds={}", TRIGGER.format("maximum_batching_window_seconds=5")), "60", "65"),
    Modules("SFN506", queues("{}"), "", "visibility_timeout_seconds=60"),
    Modules("SFN507", queues("visibility_timeout_seconds=60, dead_letter=dead, max_receive_count={}"), "4", "5"),
    Modules("SFN507", queues("visibility_timeout_seconds=99, dead_letter=dead, max_receive_count={}"), "1", "1000"),
    Modules("SFN507", queues("visibility_timeout_seconds=60, dead_letter=dead{}"), "", ", max_receive_count=6"),
    Modules(
        "SFN508", IMPORTS + 'a = Queue("a", retention_seconds={})\nb = Queue("b", retention_seconds=600, dead_letter=a)\n', "60", "900"
    ),
    Modules(
        "SFN508", IMPORTS + 'a = Queue("a", retention_seconds={})\nb = Queue("b", retention_seconds=600, dead_letter=a)\n', "600", "601"
    ),
    Modules("SFN508", IMPORTS + 'a = Queue("a")\nb = Queue("b", dead_letter=a{})\n', "", ", retention_seconds=345600"),
)


def problems(definition: dict[str, Any], workflow_type: Any) -> list[tuple[str, str]]:
    """Return the codes and places of the findings."""
    return [(d.code, d.pointer) for d in validate_text(json.dumps(definition), "a.asl.json", workflow_type=workflow_type)]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.code)
def test_wrong_and_right(pair: Pair) -> None:
    """The wrong definition has one finding, at its place, and the right one has none."""
    at = pointer_text(tuple(pair.at.split("/")))
    assert problems(pair.wrong, pair.type) == [(pair.code, at)]
    assert problems(pair.right, pair.type) == []


@pytest.mark.parametrize("pair", MODULES, ids=lambda pair: pair.code)
def test_wrong_and_right_modules(pair: Modules, tmp_path: Path) -> None:
    """The wrong module has one finding, on the line that declares what is wrong, and the right one has none."""
    for value, expected in ((pair.wrong, [pair.code]), (pair.right, [])):
        folder = tmp_path / f"project{len(expected)}"
        (folder / "workflows").mkdir(parents=True)
        text = pair.template.format(value)
        (folder / "workflows" / "example.py").write_text(text, encoding="utf-8")
        found = run_pipeline(Run(folder), (load_all, compile_all, check_all)).diagnostics
        assert [d.code for d in found] == expected
        for diagnostic in found:
            assert value in text.split("\n")[diagnostic.span.line - 1]


def test_every_code_has_its_pairs() -> None:
    """Each code of these themes has at least three wrong definitions."""
    known = [pair.code for pair in (*PAIRS, *MODULES)]
    counted = {code: known.count(code) for code in CODES if code[3] in {"3", "5"} or code in NEW}
    assert {code: number for code, number in counted.items() if number < LEAST} == {}
