"""Service integrations against moto: spelling of requests, responses and errors."""

import json

import boto3
import pytest
from moto import mock_aws

from generator.catalog.optimised import client_name
from generator.engine import Waits, execute, start
from tests.support.machines import machine, task, types, unchecked


@pytest.fixture
def aws(monkeypatch):
    """An AWS account in this process."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield boto3.client


def call(resource, parameters, clients, document=None, **fields):
    """Run one task."""
    definition = machine(("C", task(f"arn:aws:states:::{resource}", Parameters=parameters, **fields)))
    return execute(unchecked(definition), document, clients=clients)


def test_sqs(aws):
    """An object as message body is sent as JSON text; the response has the metadata Step Functions adds."""
    url = aws("sqs").create_queue(QueueName="q")["QueueUrl"]
    execution = call("sqs:sendMessage", {"QueueUrl": url, "MessageBody": {"a.$": "$.a"}}, aws, {"a": 1})
    assert execution.status == "SUCCEEDED", execution.cause
    assert set(execution.output) == {"MD5OfMessageBody", "MessageId", "SdkHttpMetadata", "SdkResponseMetadata"}
    assert execution.output["SdkHttpMetadata"]["HttpHeaders"]["Content-Length"] == "106"
    assert execution.output["SdkHttpMetadata"]["HttpHeaders"]["Content-Type"] == "application/x-amz-json-1.0"
    assert json.loads(aws("sqs").receive_message(QueueUrl=url)["Messages"][0]["Body"]) == {"a": 1}
    assert execution.history[2]["taskScheduledEventDetails"]["resource"] == "sendMessage"


def test_messages_without_text(aws):
    """SQS refuses them."""
    url = aws("sqs").create_queue(QueueName="q")["QueueUrl"]
    for body in ("", None):
        execution = call("sqs:sendMessage", {"QueueUrl": url, "MessageBody.$": "$.body"}, aws, {"body": body})
        assert execution.error == "SQS.AmazonSQSException"
        assert execution.cause.startswith(
            "The request must contain the parameter MessageBody. (Service: AmazonSQS; Status Code: 400; Error Code: MissingParameter; "
        )


def test_errors_of_json_services(aws):
    """Their status is 400, and the ids of requests are those of the execution: two runs are equal."""
    first, second = (call("aws-sdk:secretsmanager:getSecretValue", {"SecretId": "none"}, aws) for _ in range(2))
    assert first.error == "SecretsManager.ResourceNotFoundException"
    assert "(Service: SecretsManager, Status Code: 400, Request ID: " in first.cause
    assert first.cause == second.cause


def test_dynamodb(aws):
    """Optimised and AWS SDK integration differ in metadata and in the names of errors."""
    keys = [{"AttributeName": "id", "KeyType": "HASH"}]
    attributes = [{"AttributeName": "id", "AttributeType": "S"}]
    aws("dynamodb").create_table(TableName="t", KeySchema=keys, AttributeDefinitions=attributes, BillingMode="PAY_PER_REQUEST")
    put = {"TableName": "t", "Item": {"id": {"S": "1"}, "n": {"N.$": "States.Format('{}', $.n)"}}}
    headers = call("dynamodb:putItem", put, aws, {"n": 5}).output["SdkHttpMetadata"]["HttpHeaders"]
    assert (headers["Connection"], headers["Server"], headers["x-amz-crc32"]) == ("keep-alive", "Server", "2745614147")
    get = {"TableName": "t", "Key": {"id": {"S": "1"}}}
    assert call("aws-sdk:dynamodb:getItem", get, aws).output == {"Item": {"id": {"S": "1"}, "n": {"N": "5"}}}
    once = {**put, "ConditionExpression": "attribute_not_exists(id)"}
    optimised = call("dynamodb:putItem", once, aws, {"n": 5})
    assert optimised.error == "DynamoDB.ConditionalCheckFailedException"
    assert "(Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ConditionalCheckFailedException; Request ID: " in optimised.cause
    sdk = call("aws-sdk:dynamodb:putItem", once, aws, {"n": 5})
    assert sdk.error == "DynamoDb.ConditionalCheckFailedException"
    assert sdk.cause.startswith("The conditional request failed (Service: DynamoDb, Status Code: 400, Request ID: ")
    assert types(sdk)[-2:] == ["TaskFailed", "ExecutionFailed"]


def test_s3(aws):
    """Bodies are texts, times are texts, errors that the model has not are called after the service."""
    aws("s3").create_bucket(Bucket="bucket-b")
    assert call("aws-sdk:s3:putObject", {"Bucket": "bucket-b", "Key": "k", "Body": {"x": 1}}, aws).status == "SUCCEEDED"
    got = call("aws-sdk:s3:getObject", {"Bucket": "bucket-b", "Key": "k"}, aws).output
    assert (got["Body"], got["LastModified"][-1]) == ('{"x":1}', "Z")
    assert call("aws-sdk:s3:getObject", {"Bucket": "bucket-b", "Key": "none"}, aws).error == "S3.NoSuchKeyException"


def test_events(aws):
    """A refused event fails the task with the entries as cause."""
    entry = {"Source": "s", "DetailType": "d"}
    good = call("events:putEvents", {"Entries": [{**entry, "Detail": {"a": 1}}]}, aws)
    assert good.output["FailedEntryCount"] == 0
    bad = call("events:putEvents", {"Entries": [{**entry, "Detail": {"a": 1}}, {**entry, "Detail": "text"}]}, aws)
    assert bad.error == "EventBridge.FailedEntry"
    assert json.loads(bad.cause)["Entries"][1] == {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}


def test_parameters_in_pascal_case(aws):
    """Members are spelled in Pascal case whatever the API's own case."""
    role = "arn:aws:iam::123456789012:role/r"
    definition = json.dumps(machine(("P", {"Type": "Pass"})))
    made = call("aws-sdk:sfn:createStateMachine", {"Name": "m", "Definition": definition, "RoleArn": role}, aws)
    assert made.output["StateMachineArn"] == "arn:aws:states:us-east-1:123456789012:stateMachine:m"


def test_a_job(aws):
    """`.sync` follows a job to its end."""
    queries = iter([{"State": "RUNNING"}, {"State": "RUNNING"}, {"State": "SUCCEEDED"}])

    class Athena:
        meta = aws("athena").meta

        def _make_api_call(self, operation, request):
            if operation == "StartQueryExecution":
                return {"QueryExecutionId": "q1"}
            assert request == {"QueryExecutionId": "q1"}
            return {"QueryExecution": {"Status": next(queries)}}

    execution = call("athena:startQueryExecution.sync", {"QueryString": "SELECT 1"}, lambda _: Athena())
    assert (execution.duration, execution.output) == (10, {"QueryExecution": {"Status": {"State": "SUCCEEDED"}}})
    assert types(execution)[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]


@pytest.mark.parametrize(
    ("service", "client"),
    [
        ("states", "stepfunctions"),
        ("aws-sdk:sfn", "stepfunctions"),
        ("aws-sdk:cloudwatchlogs", "logs"),
        ("aws-sdk:cognitoidentityprovider", "cognito-idp"),
        ("aws-sdk:eventbridge", "events"),
        ("aws-sdk:elasticloadbalancingv2", "elbv2"),
    ],
)
def test_clients(service, client):
    """Step Functions' names of services lead to boto3's."""
    assert client_name(service) == client


def test_unknown_action(aws):
    """An action that the service lacks is not available, and not caught."""
    assert call("aws-sdk:s3:dance", {}, aws).error == "Local.NotAvailable"
    assert call("aws-sdk:nothing:dance", {}, aws).error == "Local.NotAvailable"


def test_a_callback_through_a_queue(aws):
    """The message carries the token; whoever reads it answers."""
    url = aws("sqs").create_queue(QueueName="q")["QueueUrl"]
    parameters = {"QueueUrl": url, "MessageBody": {"token.$": "$$.Task.Token"}}
    execution = start(machine(("C", task("arn:aws:states:::sqs:sendMessage.waitForTaskToken", Parameters=parameters))), clients=aws).run()
    token = json.loads(aws("sqs").receive_message(QueueUrl=url)["Messages"][0]["Body"])["token"]
    execution.send_task_success(token, 42)
    assert execution.run().output == 42


def test_mocked_callback_needs_no_client():
    """A mock stands in for the service."""
    execution = execute(
        unchecked(machine(("C", task("arn:aws:states:::sns:publish.waitForTaskToken", Parameters={}, TimeoutSeconds=1)))),
        mocks={"sns:publish": Waits()},
    )
    assert execution.error == "States.Timeout"


def test_missing_parameters(aws):
    """What boto3 would not send is refused as the service does."""
    sdk = call("aws-sdk:dynamodb:getItem", {"TableName": "t"}, aws)
    assert sdk.error == "DynamoDb.DynamoDbException"
    expected = "1 validation error detected: Value null at 'key' failed to satisfy constraint: Member must not be null (Service: DynamoDb, "
    assert sdk.cause.startswith(expected)
    optimised = call("dynamodb:getItem", {}, aws)
    assert optimised.error == "DynamoDB.AmazonDynamoDBException"
    assert optimised.cause.startswith("2 validation errors detected: Value null at 'tableName' failed to satisfy constraint: ")
