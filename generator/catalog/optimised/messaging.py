"""Integrations that call functions, queues, topics, tables, other workflows, models and HTTP endpoints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from generator.catalog import sdk
from generator.catalog.integrations import GUIDE, REQUEST_RESPONSE, SYNC, SYNC_2, WAIT_FOR_TASK_TOKEN
from generator.catalog.optimised.model import NEW_ID, RS, RT, Integration, OptimisedService, Polling, R
from generator.catalog.patterns import Parameters
from generator.catalog.permissions import Allow

LAMBDA = OptimisedService("lambda", "connect-lambda.html", "lambda", label="AWSLambda")
SQS = OptimisedService("sqs", "connect-sqs.html", "sqs", label="AmazonSQS")
SNS = OptimisedService("sns", "connect-sns.html", "sns", label="AmazonSNS")
DYNAMODB = OptimisedService("dynamodb", "connect-ddb.html", "dynamodb", label="AmazonDynamoDBv2")
EVENTS = OptimisedService("events", "connect-eventbridge.html", "eventbridge", label="AmazonEventBridge")
STATES = OptimisedService("states", "connect-stepfunctions.html", "sfn", errors="StepFunctions", label="AWSStepFunctions")
BEDROCK = OptimisedService("bedrock", "connect-bedrock.html", "bedrock")
AGENT_CORE = OptimisedService("bedrockagentcore", "connect-bedrock-agentcore.html", "bedrockagentcore")
API_GATEWAY = OptimisedService("apigateway", "connect-api-gateway.html", errors="ApiGateway")
HTTP = OptimisedService("http", "call-https-apis.html")


_HARNESS_NEEDS = frozenset({"HarnessArn", "RuntimeSessionId", "Messages"})
_HARNESS_TAKES = frozenset({
    "Qualifier", "RuntimeUserId", "TraceParent", "TraceState", "TraceId", "Baggage", "Model", "SystemPrompt", "Tools", "Skills",
    "AllowedTools", "MaxIterations", "MaxTokens", "TimeoutSeconds", "ActorId",
})  # fmt: skip
"""The parameters of InvokeHarness in botocore: https://docs.aws.amazon.com/bedrock-agentcore/latest/APIReference/API_InvokeHarness.html."""


def rows() -> Iterator[Integration]:
    """Yield the rows of this module."""
    yield Integration(
        LAMBDA,
        "invoke",
        RT,
        rule=sdk.lambda_function("lambda:InvokeFunction"),
        own=frozenset({"Payload"}),
        any_json=frozenset({"Payload"}),
        parsed=frozenset({"Payload"}),
    )
    yield Integration(
        SQS,
        "sendMessage",
        RT,
        (Allow("sqs:SendMessage", "sqs:{QueueUrl|queue}"),),
        any_json=frozenset({"MessageBody"}),
    )
    yield Integration(SNS, "publish", RT, sdk.PUBLISH, any_json=frozenset({"Message"}))
    for action in ("getItem", "putItem", "updateItem", "deleteItem"):
        name = action[0].upper() + action[1:]
        yield Integration(DYNAMODB, action, R, (Allow(f"dynamodb:{name}", "dynamodb:table/{TableName}"),))
    yield Integration(
        EVENTS,
        "putEvents",
        RT,
        (Allow("events:PutEvents", "events:event-bus/{Entries[].EventBusName=default}"),),
        any_json=frozenset({"Entries.Detail"}),
    )
    yield Integration(
        STATES,
        "startExecution",
        (REQUEST_RESPONSE, SYNC, SYNC_2, WAIT_FOR_TASK_TOKEN),
        sdk.start_execution("states:StartExecution"),
        (
            Allow(
                "states:DescribeExecution states:StopExecution", "{StateMachineArn|execution}", note="Follow and stop the nested execution"
            ),
        ),
        "StepFunctionsGetEventsForStepFunctionsExecutionRule",
        any_json=frozenset({"Input"}),
        polling=Polling(
            "describeExecution",
            {"ExecutionArn": "response.ExecutionArn"},
            "Status",
            frozenset({"SUCCEEDED"}),
            frozenset({"FAILED", "TIMED_OUT", "ABORTED"}),
            parsed=frozenset({"Input", "Output"}),
            stop="stopExecution",
            stop_with={"ExecutionArn": "response.ExecutionArn"},
        ),
    )
    yield from _bedrock()
    # Since June 2026: request-response, 15 minutes at most. The integration collects the stream that the API returns.
    yield Integration(
        AGENT_CORE,
        "invokeHarness",
        R,
        (Allow("bedrock-agentcore:InvokeHarness", "bedrock-agentcore:harness/{HarnessArn|arn}"),),
        calls=None,
        own=_HARNESS_NEEDS | _HARNESS_TAKES,
        needs=_HARNESS_NEEDS,
    )
    yield from _endpoints()


def _bedrock() -> Iterator[Integration]:
    yield Integration(
        BEDROCK,
        "invokeModel",
        RT,
        calls="bedrockruntime:invokeModel",
        rule=_invoke_model,
        own=frozenset({"Body", "Input", "Output"}),
        any_json=frozenset({"Body"}),
        parsed=frozenset({"Body"}),
    )
    yield Integration(
        BEDROCK,
        "createModelCustomizationJob",
        RS,
        (
            Allow("bedrock:CreateModelCustomizationJob", ("bedrock:custom-model/*", "bedrock:model-customization-job/*"), inherent=NEW_ID),
            Allow("iam:PassRole", "iam::role/{RoleArn}", passed_to="bedrock.amazonaws.com"),
            Allow("bedrock:TagResource", ("bedrock:custom-model/*", "bedrock:model-customization-job/*"), when="CustomModelTags"),
            Allow("bedrock:TagResource", "bedrock:model-customization-job/*", when="JobTags"),
        ),
        (
            Allow(
                "bedrock:GetModelCustomizationJob bedrock:StopModelCustomizationJob",
                "bedrock:model-customization-job/*",
                note="Follow and stop the job",
                inherent=NEW_ID,
            ),
        ),
        polling=Polling(
            "getModelCustomizationJob",
            {"JobIdentifier": "response.JobArn"},
            "Status",
            frozenset({"Completed"}),
            frozenset({"Failed", "Stopped"}),
            stop="stopModelCustomizationJob",
            stop_with={"JobIdentifier": "response.JobArn"},
        ),
        rule=_base_model,
    )


def _invoke_model(parameters: Parameters) -> tuple[Allow, ...]:
    source = GUIDE + BEDROCK.page
    reads = Allow("s3:GetObject", "s3:::{Input.S3Uri|s3uri}", when="Input.S3Uri", note="Read the model's input", source=source)
    writes = Allow("s3:PutObject", "s3:::{Output.S3Uri|s3uri}", when="Output.S3Uri", note="Write the model's answer", source=source)
    rows = tuple(replace(row, source="") for row in sdk.invoke_model(parameters))
    return rows if parameters.open else (*rows, reads, writes)


def _base_model(parameters: Parameters) -> tuple[Allow, ...]:
    base = parameters.text("BaseModelIdentifier")
    return (Allow("bedrock:CreateModelCustomizationJob", sdk.model_resources(base, parameters)),) if base else ()


def _endpoints() -> Iterator[Integration]:
    gateway = "execute-api:{ApiEndpoint|api}/{Stage|text=*}/{Method|text}/{Path|text=}"
    yield Integration(
        API_GATEWAY,
        "invoke",
        RT,
        (Allow("execute-api:Invoke", gateway, when="AuthType", equals="IAM_ROLE", note="Call the API as the execution role"),),
        own=frozenset(
            {"ApiEndpoint", "Method", "Headers", "Stage", "Path", "QueryParameters", "RequestBody", "AllowNullValues", "AuthType"}
        ),
        needs=frozenset({"ApiEndpoint", "Method"}),
    )
    yield Integration(
        HTTP,
        "invoke",
        R,
        (
            Allow(
                "states:InvokeHTTPEndpoint",
                "{self}",
                conditions=(
                    ("StringEquals", "states:HTTPMethod", ("{Method|text}",)),
                    ("StringLike", "states:HTTPEndpoint", ("{ApiEndpoint|text}",)),
                ),
                note="Call the HTTP endpoint",
            ),
            *(
                Allow("events:RetrieveConnectionCredentials", "events:connection/{" + path + "|arn}", when=path, note="Authorise the call")
                for path in ("Authentication.ConnectionArn", "InvocationConfig.ConnectionArn")
            ),
            *(
                Allow(
                    "secretsmanager:GetSecretValue secretsmanager:DescribeSecret",
                    "secretsmanager:secret:events!connection/{" + path + "|connection}",
                    when=path,
                    note="Read the secret that the connection keeps its credentials in",
                )
                for path in ("Authentication.ConnectionArn", "InvocationConfig.ConnectionArn")
            ),
        ),
        own=frozenset(
            {"ApiEndpoint", "Method", "Authentication", "InvocationConfig", "Headers", "RequestBody", "QueryParameters", "Transform"}
        ),
        needs=frozenset({"ApiEndpoint", "Method"}),
    )
