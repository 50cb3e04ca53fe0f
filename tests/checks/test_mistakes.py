"""Twenty-five mistakes that people make with Step Functions: each is found, at its place.

Each case is a valid definition or module and one mistake in it. The table in :func:`test_the_table` has what other tools find of them.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from generator.asl.definition import definition_of
from generator.asl.read import read_text
from generator.checks.validate import problems
from generator.commands.check_policy import compare
from generator.commands.iam import Place
from generator.diagnostics.model import Diagnostic
from generator.pipeline import Run, check_all, compile_all, load_all, run_pipeline

NUMBER = 25

VALID: dict[str, Any] = {
    "QueryLanguage": "JSONata",
    "StartAt": "Prepare",
    "TimeoutSeconds": 900,
    "States": {
        "Prepare": {
            "Type": "Pass",
            "Assign": {"orderId": "{% $states.input.id %}"},
            "Output": {"id": "{% $states.input.id %}", "lines": "{% $states.input.lines %}", "kind": "order"},
            "Next": "Charge",
        },
        "Charge": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Arguments": {"FunctionName": "charge", "Payload": {"id": "{% $states.input.id %}"}},
            "Output": {
                "status": "{% $states.result.Payload.status %}",
                "lines": "{% $states.input.lines %}",
                "kind": "{% $states.input.kind %}",
            },
            "TimeoutSeconds": 60,
            "Retry": [{"ErrorEquals": ["Lambda.TooManyRequestsException"], "MaxAttempts": 3}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}],
            "Next": "Charged",
        },
        "Charged": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $states.input.status = 'PAID' %}", "Next": "Store"}],
            "Default": "Failed",
        },
        "Store": {
            "Type": "Task",
            "Resource": "arn:aws:states:::dynamodb:putItem",
            "Arguments": {
                "TableName": "orders",
                "Item": {"id": {"S": "{% $orderId %}"}},
                "ConditionExpression": "attribute_not_exists(id)",
            },
            "Output": "{% $states.input %}",
            "Catch": [{"ErrorEquals": ["DynamoDB.ConditionalCheckFailedException"], "Next": "Failed"}],
            "Next": "Ask",
        },
        "Ask": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Arguments": {"QueueUrl": "https://sqs/q", "MessageBody": {"token": "{% $states.context.Task.Token %}"}},
            "TimeoutSeconds": 300,
            "HeartbeatSeconds": 60,
            "Output": "{% $states.input %}",
            "Next": "Each",
        },
        "Each": {
            "Type": "Map",
            "Items": "{% $states.input.lines %}",
            "ItemSelector": {"line": "{% $states.context.Map.Item.Value %}"},
            "ItemProcessor": {"StartAt": "Pack", "States": {"Pack": {"Type": "Pass", "Output": "{% $states.input.line %}", "End": True}}},
            "Next": "Done",
        },
        "Done": {"Type": "Succeed", "Output": {"count": "{% $count($states.input) %}"}},
        "Failed": {"Type": "Fail", "Error": "NotDone", "Cause": "The order was not completed."},
    },
}


class Mistake(NamedTuple):
    """A mistake: its name, the code that finds it, the place that changes, and the new value; None removes the field."""

    name: str
    code: str
    at: str
    value: Any
    found_at: str = ""


TIMED_OUT = {"ErrorEquals": ["States.Timeout"], "Next": "Failed"}
MISTAKES = (
    Mistake("a transition to a state that does not exist", "SFN101", "Charge/Next", "Chargd"),
    Mistake("a state that nothing leads to", "SFN104", "Ask/Next", "Done", "Each"),
    Mistake("a misspelt field", "SFN010", "Charge/TimeoutSecond", 60),
    Mistake("a wrong SDK action", "SFN402", "Store/Resource", "arn:aws:states:::aws-sdk:dynamodb:putItems"),
    Mistake("a pattern that the integration does not have", "SFN403", "Store/Resource", "arn:aws:states:::dynamodb:putItem.sync"),
    Mistake("a required parameter is missing", "SFN405", "Store/Arguments/TableName", None, "Store/Arguments"),
    Mistake("a Choice on a field that nothing produces", "SFN310", "Charged/Choices/0/Condition", "{% $states.input.state = 'PAID' %}"),
    Mistake("a Choice on a value that it never has", "SFN313", "Charged/Choices/0/Condition", "{% $states.input.kind = 'x' %}"),
    Mistake("a dead catcher", "SFN111", "Charge/Catch", [TIMED_OUT, TIMED_OUT], "Charge/Catch/1/ErrorEquals"),
    Mistake("States.ALL before another catcher", "SFN110", "Charge/Catch", [
        {"ErrorEquals": ["States.ALL"], "Next": "Failed"}, {"ErrorEquals": ["States.Timeout"], "Next": "Failed"},
    ], "Charge/Catch/0/ErrorEquals"),
    Mistake("an error name of another integration", "SFN114", "Store/Catch/0/ErrorEquals/0", "DynamoDb.ConditionalCheckFailedException"),
    Mistake("an expected error that nothing handles", "SFN116", "Store/Catch", None, "Store/Arguments/ConditionExpression"),
    Mistake("retries longer than the timeout", "SFN501", "Charge/Retry", [{"ErrorEquals": ["States.Timeout"], "MaxAttempts": 20}]),
    Mistake("a variable that is read too early", "SFN302", "Prepare/Output/id", "{% $orderId %}"),
    Mistake("a variable that nothing assigns", "SFN301", "Store/Arguments/Item/id/S", "{% $orderID %}"),
    Mistake("$states.result where there is none", "SFN208", "Charge/Arguments/Payload", "{% $states.result.Payload %}"),
    Mistake("a function that JSONata does not have", "SFN305", "Done/Output/count", "{% $len($states.input) %}"),
    Mistake("JSONPath in a JSONata state", "SFN213", "Prepare/Output/id", "$.id"),
    Mistake("a bare name in JSONata", "SFN207", "Prepare/Output/id", "{% id %}"),
    Mistake("a task token that is not handed out", "SFN410", "Ask/Arguments/MessageBody", {"id": 1}, "Ask/Arguments"),
    Mistake("a heartbeat longer than the timeout", "SFN022", "Ask/HeartbeatSeconds", 600),
    Mistake("a loop without a way out", "SFN117", "Charged/Choices/0/Next", "Charged", ""),
)  # fmt: skip


def changed(mistake: Mistake) -> dict[str, Any]:
    """Return the valid definition with the mistake."""
    definition = copy.deepcopy(VALID)
    *parents, last = mistake.at.split("/")
    here: Any = definition["States"]
    for part in parents:
        here = here[int(part) if isinstance(here, list) else part]
    if mistake.value is None:
        del here[last]
    else:
        here[int(last) if isinstance(here, list) else last] = mistake.value
    return definition


def found(definition: dict[str, Any], workflow_type: Any = "STANDARD") -> list[Diagnostic]:
    """Return what is wrong with a definition."""
    return problems(definition_of(read_text(json.dumps(definition), "a.asl.json"), workflow_type))


def test_the_valid_definition() -> None:
    """Nothing is wrong before the mistakes."""
    assert found(VALID) == []


@pytest.mark.parametrize("mistake", [m for m in MISTAKES if m.code != "SFN117"], ids=lambda mistake: mistake.name)
def test_mistakes(mistake: Mistake) -> None:
    """The mistake is found where it is."""
    at = "/States/" + (mistake.found_at or mistake.at)
    assert (mistake.code, at) in [(d.code, d.pointer) for d in found(changed(mistake))]


def test_a_loop_without_a_way_out() -> None:
    """Two states lead to each other only."""
    definition = copy.deepcopy(VALID)
    definition["States"]["Wait"] = {"Type": "Wait", "Seconds": 30, "Next": "Again"}
    definition["States"]["Again"] = {"Type": "Pass", "Next": "Wait"}
    definition["States"]["Charged"]["Default"] = "Wait"
    assert ("SFN117", "/States/Wait") in [(d.code, d.pointer) for d in found(definition)]


def test_express_that_waits_for_a_job() -> None:
    """An Express workflow has neither .sync nor callbacks."""
    assert ("SFN120", "/States/Ask/Resource") in [(d.code, d.pointer) for d in found(VALID, "EXPRESS")]


def test_a_policy_that_is_too_broad(tmp_path: Path) -> None:
    """A given policy allows what no state needs."""
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:putItem",
        "Arguments": VALID["States"]["Store"]["Arguments"],
        "End": True,
    }
    definition = {"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": state}}
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}]}
    document = read_text(json.dumps(policy), "policy.json")
    codes = {d.code for d in compare(definition_of(read_text(json.dumps(definition), "a.asl.json")), document, Place())}
    assert codes & {"SFN711", "SFN712"}


PYTHON = (
    (
        "a Lambda timeout above the state's",
        "SFN503",
        'work = Function("work", timeout_seconds=90)\nw = Workflow("w", steps=[Task("Work", work.invoke(), timeout_seconds=60)])\n',
    ),
    (
        "a visibility timeout below the consumer's need",
        "SFN506",
        'jobs = Queue("jobs", visibility_timeout_seconds=30)\nwork = Function("work", timeout_seconds=30, triggers=[jobs.trigger()])\n',
    ),
)


@pytest.mark.parametrize(("name", "code", "module"), PYTHON, ids=[name for name, _, _ in PYTHON])
def test_mistakes_in_python(name: str, code: str, module: str, tmp_path: Path) -> None:
    """What a workflow and its resources say about each other is found, too."""
    del name
    (tmp_path / "workflows").mkdir()
    (tmp_path / "workflows" / "flow.py").write_text("from generator import Function, Queue, Task, Workflow\n" + module, encoding="utf-8")
    assert code in {d.code for d in run_pipeline(Run(tmp_path), (load_all, compile_all, check_all)).diagnostics}


def test_the_table() -> None:
    """There are twenty-five mistakes, the loop, Express and the policy among them, each with a name of its own."""
    names = [mistake.name for mistake in MISTAKES] + [name for name, _, _ in PYTHON] + ["Express with .sync", "a policy that is too broad"]
    assert len(set(names)) == len(names) >= NUMBER
