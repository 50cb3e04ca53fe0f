"""One state at a time, as the TestState API answers."""

import json

import pytest

from generator.engine import test_state
from generator.engine.tools.single_state import TestStateError
from tests.support.machines import machine, task

PUT = task("arn:aws:states:::aws-sdk:dynamodb:describeTable", Parameters={"TableName.$": "$.t"}, Next="After")


def test_data_on_its_way():
    """DEBUG shows the data after each field."""
    fields = {"InputPath": "$.in", "ResultSelector": {"s.$": "$.r"}, "ResultPath": "$.out", "OutputPath": "$.out", "Next": "After"}
    state = task("f", Parameters={"p.$": "$.a"}, **fields)
    result = test_state(state, {"in": {"a": 1}}, inspection_level="DEBUG", functions={"f": lambda event: {"r": event["p"] + 1}})
    assert (result.status, result.output, result.next_state) == ("SUCCEEDED", {"s": 2}, "After")
    assert result.inspection_data == {
        "input": {"in": {"a": 1}},
        "afterInputPath": {"a": 1},
        "afterParameters": {"p": 1},
        "result": {"r": 2},
        "afterResultSelector": {"s": 2},
        "afterResultPath": {"in": {"a": 1}, "out": {"s": 2}},
    }
    shown = result.response()
    assert json.loads(shown["output"]) == {"s": 2}
    assert json.loads(shown["inspectionData"]["afterParameters"]) == {"p": 1}
    assert test_state(state, {"in": {"a": 1}}, functions={"f": lambda event: {"r": 1}}).inspection_data == {}


def test_jsonata_and_variables():
    """Arguments and variables are shown."""
    state = {**task("f", Arguments="{% $x + 1 %}", Assign={"y": "{% $states.result %}"}, End=True), "QueryLanguage": "JSONata"}
    result = test_state(state, variables={"x": 1}, inspection_level="TRACE", functions={"f": lambda event: event * 2})
    assert result.output == 4
    assert (result.inspection_data["afterArguments"], result.inspection_data["variables"]) == (2, {"x": 1, "y": 4})


def test_choice():
    """The next state is the one the rules lead to."""
    state = {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 1, "Next": "One"}], "Default": "Other"}
    assert test_state(state, {"n": 1}).next_state == "One"
    assert test_state(state, {"n": 2}).next_state == "Other"


RETRY = {
    "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 3, "MaxAttempts": 2}],
    "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "C"}],
}


@pytest.mark.parametrize(
    ("error", "retries", "status", "details"),
    [
        ("Busy", 0, "RETRIABLE", {"retryIndex": 0, "retryBackoffIntervalSeconds": 3}),
        ("Busy", 1, "RETRIABLE", {"retryIndex": 0, "retryBackoffIntervalSeconds": 6}),
        ("Busy", 2, "CAUGHT_ERROR", {"catchIndex": 0}),
        ("Else", 0, "CAUGHT_ERROR", {"catchIndex": 0}),
    ],
)
def test_mocked_errors(error, retries, status, details):
    """A mocked error meets the retriers and catchers."""
    mock = {"errorOutput": {"error": error, "cause": "why"}}
    result = test_state(
        {**PUT, **RETRY}, {"t": "x"}, mock=mock, state_configuration={"retrierRetryCount": retries}, inspection_level="DEBUG"
    )
    assert (result.status, result.inspection_data["errorDetails"]) == (status, details)
    assert result.next_state == ("C" if status == "CAUGHT_ERROR" else None)
    assert (result.error, result.cause) == (error, "why")


def test_a_mocked_map():
    """Items, selection, batches and limits are shown; the mock is the result."""
    config = {"ItemProcessor": {**machine(("P", {"Type": "Pass"})), "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}}}
    fields = {"ItemsPath": "$.l", "ItemSelector": {"v.$": "$$.Map.Item.Value"}, "ItemBatcher": {"MaxItemsPerBatch": 2}, "MaxConcurrency": 3}
    state = {"Type": "Map", **config, **fields, "ToleratedFailureCount": 1, "End": True}
    result = test_state(state, {"l": [1, 2, 3]}, mock={"result": "[7]"}, inspection_level="DEBUG")
    data = result.inspection_data
    assert (result.output, data["afterItemsPath"], data["maxConcurrency"], data["toleratedFailureCount"]) == ([7], [1, 2, 3], 3, 1)
    assert data["afterItemSelector"] == [{"v": 1}, {"v": 2}, {"v": 3}]
    assert data["afterItemBatcher"] == [{"Items": [{"v": 1}, {"v": 2}]}, {"Items": [{"v": 3}]}]
    failed = {"errorOutput": {"error": "E", "cause": "c"}}
    within = test_state(state, {"l": []}, mock=failed, state_configuration={"mapIterationFailureCount": 2})
    assert within.error == "States.ExceedToleratedFailureThreshold"


def test_a_state_of_a_machine():
    """With a name the definition is the whole machine."""
    definition = machine(("A", {"Type": "Pass"}), ("B", {"Type": "Pass", "Output": "{% $states.input.x %}"}), QueryLanguage="JSONata")
    assert test_state(json.dumps(definition), {"x": 5}, state_name="B").output == 5


def test_failures_of_the_state():
    """A failing path is a result, not an exception."""
    result = test_state({"Type": "Pass", "InputPath": "$.x", "End": True}, {})
    assert (result.status, result.error) == ("FAILED", "States.Runtime")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ({"definition": "{"}, "InvalidDefinition", "Invalid State Machine Definition"),
        (
            {"definition": {"Type": "Parallel", "Branches": [], "End": True}},
            "InvalidDefinition",
            "Value cannot be empty at /States/StateName/Branches",
        ),
        ({"definition": {"Type": "Pass"}}, "InvalidDefinition", "/States/StateName"),
        ({"definition": machine(("A", {"Type": "Pass"})), "state_name": "B"}, "ValidationException", "State not found"),
        ({"context": {"Execution": {"Id": 1}}, "mock": {"result": "{}"}}, "ValidationException", "Execution.Id must be a string"),
        ({"context": {"Map": {}}, "mock": {"result": "{}"}}, "ValidationException", "'Map' field is not supported"),
        ({"context": {"Other": {}}, "mock": {"result": "{}"}}, "ValidationException", "Field 'Other' is not allowed"),
        ({"context": {}}, "ValidationException", "Context object"),
        ({"mock": {"result": "{}", "errorOutput": {}}}, "ValidationException", "only one of the following fields"),
        ({"mock": {"result": '{"Table": {"TableSizeBytes": "1"}}'}}, "ValidationException", "Field 'TableSizeBytes' must be a number"),
        ({"mock": {"result": '{"Table": {"TableStatus": "GONE"}}'}}, "ValidationException", "Field 'TableStatus' is not an expected value"),
        ({"mock": {"result": '{"Table": []}'}}, "ValidationException", "Field 'Table' must be an object"),
        ({"definition": {"Type": "Pass", "End": True}, "mock": {"result": "1"}}, "ValidationException", "State type 'Pass'"),
        ({"definition": task("arn:aws:states:us-east-1:123456789012:activity:a", End=True)}, "ValidationException", "mock is specified"),
    ],
)
def test_refusals(arguments, code, message):
    """What the API refuses."""
    with pytest.raises(TestStateError) as raised:
        test_state(arguments.pop("definition", PUT), {"t": "x"}, **arguments)
    assert raised.value.code == code
    assert message in raised.value.message


def test_validation_can_be_switched_off():
    """Mode NONE takes any result."""
    mock = {"result": {"Table": []}, "fieldValidationMode": "NONE"}
    assert test_state(PUT, {"t": "x"}, mock=mock).output == {"Table": []}


def test_a_pass_state_on_its_way():
    """A Pass state shows the data after each field, its result as that of a selector."""
    fields = {"InputPath": "$.payload", "Parameters": {"id.$": "States.UUID()"}, "ResultPath": "$.result", "OutputPath": "$.result.id"}
    result = test_state({"Type": "Pass", **fields, "Next": "After"}, {"payload": {"foo": "bar"}}, inspection_level="DEBUG")
    made = {"id": result.output}
    assert result.inspection_data == {
        "input": {"payload": {"foo": "bar"}},
        "afterInputPath": {"foo": "bar"},
        "afterParameters": made,
        "afterResultSelector": made,
        "afterResultPath": {"payload": {"foo": "bar"}, "result": made},
    }


NESTED = machine(
    (
        "Outer",
        {
            "Type": "Parallel",
            "Branches": [
                machine(
                    (
                        "Each",
                        {
                            "Type": "Map",
                            "ItemProcessor": machine(("Inner", {"Type": "Pass", "Parameters": {"item.$": "$$.Map.Item"}})),
                        },
                    )
                )
            ],
        },
    )
)


def test_a_state_inside_of_others():
    """A state inside of a Map is found, and its Context object has the first item."""
    assert test_state(NESTED, "x", state_name="Inner").output == {"item": {"Index": 0, "Value": "x", "Source": "STATE_DATA"}}


def test_task_tokens_and_context_texts():
    """A mocked callback has a token; a Context object may be given as JSON text."""
    state = task("arn:aws:states:::sqs:sendMessage.waitForTaskToken", End=True)
    state["Parameters"] = {"QueueUrl": "q", "MessageBody": {"t.$": "$$.Task.Token"}}
    mock = {"result": "{}"}
    assert test_state(state, mock=mock, inspection_level="DEBUG").inspection_data["afterParameters"]["MessageBody"]["t"]
    known = test_state(state, mock=mock, context='{"Task": {"Token": "T"}}', inspection_level="DEBUG")
    assert known.inspection_data["afterParameters"]["MessageBody"] == {"t": "T"}
    for text in ("[]", "{"):
        with pytest.raises(TestStateError, match="Invalid Context object"):
            test_state(state, mock=mock, context=text)


READER = {
    "Type": "Map",
    "ItemProcessor": {**machine(("P", {"Type": "Pass"})), "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}},
    "ItemReader": {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSON", "ItemsPointer": "/a"},
        "Parameters": {"Bucket": "b", "Key": "k"},
    },
    "End": True,
}


def test_items_behind_a_pointer():
    """The items that a pointer selects are shown; data that cannot be read fails the state."""
    mock = {"result": "[]"}
    data = test_state(READER, mock=mock, state_configuration={"mapItemReaderData": '{"a": [1, 2]}'}, inspection_level="DEBUG")
    assert data.inspection_data["afterItemsPointer"] == [1, 2]
    failed = test_state(READER, mock=mock, state_configuration={"mapItemReaderData": "{"})
    assert (failed.status, failed.error) == ("FAILED", "States.ItemReaderFailed")


@pytest.mark.parametrize(
    ("resource", "parameters", "result", "message"),
    [
        ("lambda:invoke", {"FunctionName": "f"}, {"Payload": {"any": 1}}, None),
        ("lambda:invoke", {"FunctionName": "f"}, {"Payload": 1, "StatusCode": "200"}, "Field 'StatusCode' must be a number"),
        ("states:startExecution.sync:2", {"StateMachineArn": "a"}, {}, "Required field"),
        (
            "states:startExecution.sync:2",
            {"StateMachineArn": "a"},
            {"ExecutionArn": "e", "StateMachineArn": "s", "Status": "SUCCEEDED", "StartDate": "now"},
            None,
        ),
    ],
)
def test_mocks_and_their_models(resource, parameters, result, message):
    """A function's response has a model too; .sync has that of the API that is asked for the end."""
    state = task(f"arn:aws:states:::{resource}", Parameters=parameters, End=True)
    if message is None:
        assert test_state(state, mock={"result": result}).output == result
    else:
        with pytest.raises(TestStateError, match=message):
            test_state(state, mock={"result": result})
