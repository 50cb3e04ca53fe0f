"""Mocks: own ones, files, and the format of AWS Step Functions Local."""

import pytest

from generator.engine import Fails, MockError, Mocks, Sequence, execute
from tests.support.machines import machine, task, types, unchecked

SEND = task("arn:aws:states:::sqs:sendMessage", Parameters={"QueueUrl": "u", "MessageBody.$": "$.m"})


@pytest.mark.parametrize(
    "key", ["Send", "sqs:sendMessage", "arn:aws:states:::sqs:sendMessage"], ids=["by state", "by integration", "by resource"]
)
def test_keys(key):
    """A mock is found by state, by integration, by resource."""
    execution = execute(machine(("Send", SEND)), {"m": "x"}, mocks={key: {"MessageId": "1"}})
    assert execution.output == {"MessageId": "1"}
    assert types(execution)[2:5] == ["TaskScheduled", "TaskStarted", "TaskSucceeded"]


@pytest.mark.parametrize("key", ["charge", "arn:aws:lambda:us-east-1:123456789012:function:charge", "Charge"])
def test_functions(key):
    """Functions are mocked by name, ARN or state, in both forms."""
    assert execute(machine(("Charge", task("charge"))), mocks={key: "ok"}).output == "ok"


def test_computed_answers():
    """A function of the parameters, which may fail."""
    mocks = {"Send": lambda parameters: Fails("Long") if len(parameters["MessageBody"]) > 3 else {"sent": parameters["MessageBody"]}}
    assert execute(machine(("Send", SEND)), {"m": "abc"}, mocks=mocks).output == {"sent": "abc"}
    assert execute(machine(("Send", SEND)), {"m": "abcd"}, mocks=mocks).error == "Long"


def test_a_sequence_counts_attempts():
    """Retries take the next answer; the last one stays."""
    send = {**SEND, "Retry": [{"ErrorEquals": ["Busy"]}]}
    mocks = Mocks({"Send": Sequence(Fails("Busy"), {"n": 1})})
    execution = execute(
        unchecked(machine(("Send", send), ("Again", {**SEND, "InputPath": None, "Parameters": {}}))), {"m": ""}, mocks=mocks
    )
    assert (execution.output_of("Send"), execution.error) == ({"n": 1}, "Local.NotAvailable")
    assert types(execution).count("TaskFailed") == 1


def test_mocked_jobs_and_callbacks():
    """A mock of .sync or .waitForTaskToken is the task's result."""
    for pattern in (".sync", ".waitForTaskToken"):
        execution = execute(
            unchecked(machine(("J", task(f"arn:aws:states:::ecs:runTask{pattern}", Parameters={})))), mocks={"ecs:runTask": {"done": 1}}
        )
        assert execution.output == {"done": 1}
        assert types(execution)[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]


def test_own_file():
    """JSON: return, throw, or a list of these."""
    file = {"Send": [{"throw": {"error": "Busy", "cause": "c"}}, {"return": [1, 2]}]}
    execution = execute(machine(("Send", {**SEND, "Retry": [{"ErrorEquals": ["Busy"]}]})), {"m": ""}, mocks=Mocks.from_json(file))
    assert execution.output == [1, 2]


LOCAL = {
    "StateMachines": {
        "orders": {
            "TestCases": {
                "Happy": {"Send": "Sent"},
                "Retried": {"Send": "BusyThenSent"},
            }
        }
    },
    "MockedResponses": {
        "Sent": {"0": {"Return": {"MessageId": "1"}}},
        "BusyThenSent": {"0-1": {"Throw": {"Error": "Busy", "Cause": "c"}}, "2": {"Return": {"MessageId": "2"}}},
    },
}


@pytest.mark.parametrize(("case", "output", "failures"), [("Happy", {"MessageId": "1"}, 0), ("Retried", {"MessageId": "2"}, 2)])
def test_step_functions_local(case, output, failures):
    """Files written for AWS Step Functions Local."""
    execution = execute(machine(("Send", {**SEND, "Retry": [{"ErrorEquals": ["Busy"]}]})), {"m": ""}, mocks=Mocks.from_json(LOCAL, case))
    assert execution.output == output
    assert types(execution).count("TaskFailed") == failures


def test_responses_run_out():
    """One invocation more than the file has responses is an error that nothing catches."""
    twice = unchecked(
        machine(
            ("Send", {**SEND, "ResultPath": None}),
            ("Choice", {"Type": "Choice", "Choices": [{"Variable": "$.m", "IsPresent": True, "Next": "Send"}]}),
        )
    )
    execution = execute(twice, {"m": ""}, mocks=Mocks.from_json(LOCAL, "Happy", "orders"))
    assert execution.error == "Local.MockExhausted"


@pytest.mark.parametrize(
    ("file", "case"),
    [
        ([], None),
        ({"Send": {"give": 1}}, None),
        (LOCAL, None),
        (LOCAL, "Other"),
        ({**LOCAL, "MockedResponses": {}}, "Happy"),
        ({**LOCAL, "MockedResponses": {"Sent": {"a": {}}}}, "Happy"),
        ({**LOCAL, "MockedResponses": {"Sent": {"1": {"Return": 1}}}}, "Happy"),
        ({**LOCAL, "MockedResponses": {"Sent": {"0": {}}}}, "Happy"),
    ],
)
def test_broken_files(file, case):
    """What cannot be used is said so."""
    with pytest.raises(MockError):
        Mocks.from_json(file, case)
