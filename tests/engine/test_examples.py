"""The examples of what to mock: the form of the result, and what the workflow reads from it."""

from __future__ import annotations

from typing import Any

import pytest

from generator.engine import execute

ARGUMENTS: dict[str, Any] = {
    "lambda:invoke": {"FunctionName": "f"},
    "sqs:sendMessage": {"QueueUrl": "https://q", "MessageBody": {}},
    "sqs:sendMessage.waitForTaskToken": {"QueueUrl": "https://q", "MessageBody": "{% $states.context.Task.Token %}"},
    "aws-sdk:dynamodb:getItem": {"TableName": "t", "Key": {}},
    "aws-sdk:sqs:getQueueAttributes": {"QueueUrl": "https://q"},
    "states:startExecution.sync": {"StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:m"},
    "states:startExecution.sync:2": {"StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:m"},
    "glue:startJobRun.sync": {"JobName": "j"},
}


def example(resource: str, following: Any = None, jsonpath: bool = False, **fields: Any) -> Any:
    """Return the example for a task that nothing can perform."""
    arguments = ARGUMENTS.get(resource)
    resource = resource if resource.startswith("arn:") else f"arn:aws:states:::{resource}"
    given = {"Parameters" if jsonpath else "Arguments": arguments or {}}
    states: dict[str, Any] = {"T": {"Type": "Task", "Resource": resource, **given, **fields, "Next": "N"}}
    states["N"] = following or {"Type": "Succeed"}
    states["End"] = (
        {"Type": "Pass", "Parameters": {"x.$": "$.deep"}, "End": True}
        if jsonpath
        else {"Type": "Pass", "Output": "{% $states.input.deep %}", "End": True}
    )
    if not (following and "Next" in following):
        del states["End"]
    execution = execute({"QueryLanguage": "JSONPath" if jsonpath else "JSONata", "StartAt": "T", "States": states})
    assert execution.error == "Local.NotAvailable"
    again = execute({"QueryLanguage": "JSONPath" if jsonpath else "JSONata", "StartAt": "T", "States": states}, mocks=execution.to_mock)
    assert again.status == "SUCCEEDED", again.text()
    return execution.to_mock["T"]


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        ({"resource": "lambda:invoke"}, {"Payload": {}}),
        ({"resource": "arn:aws:lambda:us-east-1:123456789012:function:f"}, {}),
        (
            {"resource": "lambda:invoke", "Output": "{% $states.result.Payload.a[0].b %}"},
            {"Payload": {"a": [{"b": "example"}]}},
        ),
        ({"resource": "sqs:sendMessage", "Output": "{% $states.result.MessageId %}"}, {"MessageId": "example"}),
        ({"resource": "aws-sdk:dynamodb:getItem", "Output": "{% $states.result.Item.id.S %}"}, {"Item": {"id": {"S": "example"}}}),
        ({"resource": "aws-sdk:sqs:getQueueAttributes"}, {}),
        (
            {"resource": "states:startExecution.sync:2", "Output": "{% $states.result.Output.id %}"},
            {"Output": {"id": "example"}, "Status": "SUCCEEDED"},
        ),
        (
            {"resource": "states:startExecution.sync", "Output": "{% $parse($states.result.Output).id %}"},
            {"Output": '{"id":"example"}', "Status": "SUCCEEDED"},
        ),
        ({"resource": "sqs:sendMessage.waitForTaskToken", "Output": "{% $states.result.ok %}"}, {"ok": "example"}),
        ({"resource": "glue:startJobRun.sync", "Output": "{% $states.result.Id %}"}, {"Id": "example", "JobRunState": "SUCCEEDED"}),
        (
            {
                "resource": "lambda:invoke",
                "Output": "{% $states.result.Payload %}",
                "following": {"Type": "Wait", "Seconds": 1, "Next": "End"},
            },
            {"Payload": {"deep": "example"}},
        ),
        (
            {
                "resource": "lambda:invoke",
                "jsonpath": True,
                "OutputPath": "$.Payload",
                "following": {"Type": "Wait", "Seconds": 1, "Next": "End"},
            },
            {"Payload": {"deep": "example"}},
        ),
        (
            {
                "resource": "lambda:invoke",
                "jsonpath": True,
                "ResultSelector": {"a.$": "$.Payload.b"},
                "ResultPath": "$.r",
            },
            {"Payload": {"b": "example"}},
        ),
    ],
)
def test_the_form_and_what_is_read(task: dict[str, Any], expected: Any):
    """The example has the members that are read, of the kind that the API has; with it, the workflow goes on."""
    assert example(**task) == expected
