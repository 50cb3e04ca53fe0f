"""Checks of service integrations: findings for each mistake, and none for what is right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator.asl.parse import parse
from generator.asl.walk import walk
from generator.catalog.index import find_service, service_names
from generator.catalog.integrations import resource_arn
from generator.catalog.optimised import INTEGRATIONS
from generator.checks import integrations
from generator.diagnostics.model import Finding, pointer_text

CHECKS = (integrations.resources, integrations.parameters, integrations.nested_executions, integrations.task_tokens)
SAMPLES: dict[str, dict[str, Any]] = json.loads((Path(__file__).parents[1] / "iam" / "iam_samples.json").read_text(encoding="utf-8"))
A = "arn:aws:states:::"


def findings(resource: str, parameters: Any = None, *, language: str = "JSONPath") -> list[Finding]:
    """Check a machine of one task."""
    task: dict[str, Any] = {"Type": "Task", "Resource": resource, "End": True}
    if parameters is not None:
        task["Parameters" if language == "JSONPath" else "Arguments"] = parameters
    machine, _ = parse({"QueryLanguage": language, "StartAt": "Task", "States": {"Task": task}})
    assert machine is not None
    walked = walk(machine)
    return [finding for check in CHECKS for finding in check(walked)]


def codes(resource: str, parameters: Any = None, *, language: str = "JSONPath") -> list[str]:
    """Return the codes of what is found."""
    return [finding.code for finding in findings(resource, parameters, language=language)]


@pytest.mark.parametrize(
    ("resource", "code", "hint"),
    [
        (A + "aws-sdk:dynamdb:putItem", "SFN401", "did you mean 'dynamodb'?"),
        (A + "aws-sdk:cognito-idp:adminGetUser", "SFN401", "did you mean 'cognitoidentityprovider'?"),
        (A + "aws-sdk:states:startExecution", "SFN401", "did you mean 'sfn'?"),
        (A + "aws-sdk:dynamodb:PutItem", "SFN402", "did you mean 'putItem'?"),
        (A + "aws-sdk:dynamodb:putItems", "SFN402", "did you mean 'putItem'"),
        (A + "sqs:receiveMessage", "SFN402", "write 'arn:aws:states:::aws-sdk:sqs:receiveMessage'"),
        ("arn:aws-cn:states:::s3:listBuckets", "SFN402", "write 'arn:aws-cn:states:::aws-sdk:s3:listBuckets'"),
        (A + "lambda:Invoke", "SFN402", "did you mean 'lambda:invoke'?"),
        (A + "sqs:sendMessage.sync", "SFN403", ""),
        (A + "sqs:sendMessage.waitForToken", "SFN403", "did you mean 'waitForTaskToken'?"),
        (A + "glue:startJobRun.sync:2", "SFN403", "write .sync"),
        (A + "aws-sdk:ecs:runTask.sync", "SFN403", "use the optimised integration ecs:runTask"),
        (A + "aws-sdk:kinesis:subscribeToShard", "SFN404", "call it from a Lambda function"),
        ("arn:awz:states:::sqs:sendMessage", "SFN401", ""),
        ("arn:aws:states:eu-west-1::sqs:sendMessage", "SFN411", "write 'arn:aws:states:::'"),
        (A + "batch:submitJob.waitForTaskToken", "SFN412", ""),
    ],
)
def test_resources(resource: str, code: str, hint: str) -> None:
    """Each mistake has its code and its way out."""
    (found,) = [finding for finding in findings(resource) if finding.code != "SFN410"]
    assert (found.code, pointer_text(found.at)) == (code, "/States/Task/Resource")
    assert hint in found.hint


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov", "${partition}", "${AWS::Partition}"])
def test_every_partition(partition: str) -> None:
    """Integrations are the same in each, and a placeholder may stand for it."""
    assert codes(f"arn:{partition}:states:::aws-sdk:s3:listBuckets", {}) == []
    assert codes(f"arn:{partition}:states:::aws-sdk:s3:listBucket", {}) == ["SFN402"]


@pytest.mark.parametrize(
    "resource", ["${task_arn}", "arn:aws:states:us-east-1:111122223333:activity:pack", "arn:aws:lambda:us-east-1:111122223333:function:f"]
)
def test_what_is_no_integration(resource: str) -> None:
    """Functions, activities and placeholders are none of these checks' business."""
    assert codes(resource, {"any": "thing"}) == []


# Required parameters that no permission depends on, so that the samples do without them.
LEFT_OUT = {
    "emr-containers:createVirtualCluster": {"Id", "Type"},
    "sagemaker:createEndpointConfig": {"ProductionVariants"},
    "sagemaker:createHyperParameterTuningJob": {
        "AlgorithmSpecification",
        "HyperParameterTuningJobConfig",
        "OutputDataConfig",
        "StoppingCondition",
    },
    "sagemaker:createLabelingJob": {"HumanTaskConfig", "InputConfig", "LabelAttributeName", "OutputConfig"},
    "sagemaker:createProcessingJob": {"AppSpecification", "ProcessingResources"},
    "sagemaker:createTrainingJob": {"OutputDataConfig"},
    "sagemaker:createTransformJob": {"TransformInput", "TransformOutput", "TransformResources"},
}


@pytest.mark.parametrize("name", sorted(INTEGRATIONS))
def test_the_samples_are_right(name: str) -> None:
    """Every optimised integration, in every pattern: nothing is missing but what the sample leaves out, and nothing is wrong."""
    for pattern in INTEGRATIONS[name].patterns:
        found = findings(resource_arn(name, pattern), SAMPLES[name])
        missing = {finding.message.split("'")[3] for finding in found if finding.code == "SFN405"}
        assert missing == LEFT_OUT.get(name, set())
        assert {finding.code for finding in found} <= {"SFN405", "SFN409", "SFN410"}


@pytest.mark.parametrize(
    ("resource", "parameters", "expected"),
    [
        ("aws-sdk:dynamodb:getItem", {"TableName": "t", "Key": {"id": {"S": "1"}}}, []),
        ("aws-sdk:dynamodb:getItem", {"TableName": "t", "Key": {"id": {"S.$": "$.id"}}}, []),
        ("aws-sdk:dynamodb:getItem", {"TableName.$": "$.t", "Key.$": "$.key"}, []),
        ("aws-sdk:dynamodb:getItem", {"TableName": "t"}, [("SFN405", "")]),
        ("aws-sdk:dynamodb:getItem", {"TableName": "t", "Key": {"id": {"Str": "1"}}}, [("SFN406", "/Key/id/Str")]),
        ("aws-sdk:dynamodb:query", {"TableName": "t", "Limit": "10"}, [("SFN407", "/Limit")]),
        ("aws-sdk:dynamodb:query", {"TableName": "t", "Limit": "${limit}"}, []),
        ("aws-sdk:dynamodb:query", {"TableName": "t", "Limit": True}, [("SFN407", "/Limit")]),
        ("aws-sdk:dynamodb:query", {"TableName": "t", "Select": "ALL"}, [("SFN408", "/Select")]),
        ("aws-sdk:dynamodb:query", {"TableName": ["t"]}, [("SFN407", "/TableName")]),
        ("aws-sdk:dynamodb:query", {"tableName": "t"}, [("SFN405", ""), ("SFN406", "/tableName")]),
        ("aws-sdk:ec2:startInstances", {"InstanceIds": ["i", 1]}, [("SFN407", "/InstanceIds/1")]),
        ("aws-sdk:rds:startDBInstance", {"DBInstanceIdentifier": "d"}, [("SFN405", ""), ("SFN406", "/DBInstanceIdentifier")]),
        ("aws-sdk:sfn:startExecution", {"StateMachineArn": "a"}, []),
        ("sqs:sendMessage", {"QueueUrl": "q", "MessageBody": {"any": ["json"]}}, []),
        ("lambda:invoke", {"FunctionName": "f", "Payload": {"any": "json"}}, []),
        ("events:putEvents", {"Entries": [{"Detail": {"any": 1}, "Source": "s", "DetailType": "t"}]}, []),
        ("ecs:runTask", {"TaskDefinition": "t", "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["s"]}}}, []),
        (
            "ecs:runTask",
            {"TaskDefinition": "t", "NetworkConfiguration": {"AwsvpcConfiguration": {"SubnetIds": ["s"]}}},
            [(code, f"/NetworkConfiguration/AwsvpcConfiguration{end}") for code, end in (("SFN405", ""), ("SFN406", "/SubnetIds"))],
        ),
        ("http:invoke", {"ApiEndpoint": "https://e", "Method": "GET", "Url": "x"}, [("SFN406", "/Url")]),
        ("apigateway:invoke", {"Method": "GET"}, [("SFN405", "")]),
        ("elasticmapreduce:addStep", {"ClusterId": "j"}, [("SFN405", "")]),
    ],
)
def test_parameters(resource: str, parameters: Any, expected: list[tuple[str, str]]) -> None:
    """Names, types, values, at any depth; what is known only at run time passes."""
    found = [
        (finding.code, pointer_text(finding.at).removeprefix("/States/Task/Parameters")) for finding in findings(A + resource, parameters)
    ]
    assert found == expected


def test_jsonata_arguments() -> None:
    """Expressions stand for anything; literals are looked at as in JSONPath."""
    call = A + "aws-sdk:dynamodb:query"
    assert codes(call, "{% $states.input %}", language="JSONata") == []
    assert codes(call, {"TableName": "{% $t %}", "Limit": "{% 10 %}"}, language="JSONata") == []
    assert codes(call, {"TableName": "t", "Limit": "10"}, language="JSONata") == ["SFN407"]
    assert codes(call, {"TableName.$": "t"}, language="JSONata") == ["SFN405", "SFN406"]


@pytest.mark.parametrize(
    ("parameters", "language", "handed"),
    [
        ({"MessageBody.$": "$"}, "JSONPath", False),
        ({"MessageBody": {"token.$": "$$.Task.Token"}}, "JSONPath", True),
        ({"MessageBody": {"all.$": "$$"}}, "JSONPath", True),
        ({"MessageBody": {"all.$": "States.JsonMerge($, $$, false)"}}, "JSONPath", True),
        ({"MessageBody": {"t.$": "States.Format('{}', $$.Task.Token)"}}, "JSONPath", True),
        ({"MessageBody.$": "$token"}, "JSONPath", True),
        ({"MessageBody": "${body}"}, "JSONPath", True),
        ({"QueueUrl": "${queue_url}", "MessageBody": "go"}, "JSONPath", False),
        ({"MessageBody": "{% $states.input %}"}, "JSONata", False),
        ({"MessageBody": "{% {'t': $states.context.Task.Token} %}"}, "JSONata", True),
        ({"MessageBody": [{"t": "{% $states.context %}"}]}, "JSONata", True),
    ],
)
def test_task_tokens(parameters: Any, language: str, handed: bool) -> None:
    """The token may go by itself, inside the context, in a variable or through a function."""
    found = codes(A + "sqs:sendMessage.waitForTaskToken", {"QueueUrl": "q", **parameters}, language=language)
    assert ("SFN410" not in found) is handed


def test_nested_executions() -> None:
    """Only an input that is written out can be seen to lack the parent's id."""
    call = A + "states:startExecution"
    assert codes(call, {"StateMachineArn": "a", "Input": {"x": 1}}) == ["SFN409"]
    assert codes(call, {"StateMachineArn": "a", "Input": {"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$": "$$.Execution.Id"}}) == []
    assert codes(call, {"StateMachineArn": "a", "Input.$": "$"}) == []
    assert codes(call, {"StateMachineArn": "a"}) == []


def test_no_action_of_any_service_is_taken_for_a_mistake() -> None:
    """Whatever the catalogue lists may be written, unless it cannot be called."""
    for name in service_names()[::6]:
        service = find_service(name)
        assert service is not None
        for action in service.action_names[::4]:
            found = service.action(action)
            assert found is not None
            assert codes(found.resource) == (["SFN404"] if found.not_callable else [])
