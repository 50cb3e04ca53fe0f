"""End to end on DOFS: moto enforces the derived role; what the workflow calls succeeds, nothing else does.

moto asks the service which resource a call touches, and of those needed here only SQS answers. Lambda and DynamoDB are taught to.
The workflow's transaction needs the permissions of its parts; `tests/e2e/test_roles.py` makes the transaction itself.
"""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.awslambda.responses import LambdaResponse
from moto.core import set_initial_no_auth_action_count
from moto.dynamodb.responses import DynamoHandler
from moto.iam.access_control import IAMRequestBase

from generator.catalog.patterns import Deployment
from generator.emit.terraform.template import policy_template
from generator.iam.policy import PolicyDocument, Statement, trust_policy
from tests.support.definitions import policy_of

REGION, ACCOUNT, NAME = "us-east-1", "123456789012", "dofs-dev-order-processing"
DEFINITION = Path(__file__).parents[2] / "build" / "order-processing" / "definition.asl.json"
VALUES = {
    "validator_arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:dofs-dev-validator",
    "order_storage_arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:dofs-dev-order-storage",
    "orders_arn": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/dofs-dev-orders",
    "failed_orders_arn": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/dofs-dev-failed-orders",
    "order_queue_arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:dofs-dev-order-queue",
    "aws_partition": "aws",
    "aws_region": REGION,
    "aws_account_id": ACCOUNT,
    "state_machine_name": NAME,
}
FUNCTIONS = ("dofs-dev-validator", "dofs-dev-order-storage", "dofs-dev-other")
TABLES = ("dofs-dev-orders", "dofs-dev-failed-orders")
QUEUES = ("dofs-dev-order-queue", "dofs-dev-order-dlq")

ACTIONS = {"lambda:Invoke": "lambda:InvokeFunction", "xray:TraceSegments": "xray:PutTraceSegments"}

Call = Callable[[Any], Any]


def fill(text: str) -> str:
    """Do what Terraform's templatefile does with a policy."""
    for name, value in VALUES.items():
        text = text.replace("${" + name + "}", value)
    assert "${" not in text
    return text


def policy() -> PolicyDocument:
    """Derive the role of the compiled workflow."""
    return policy_of(json.loads(DEFINITION.read_text(encoding="utf-8")), logs=True, traces=True)


def client(session: Any, service: str) -> Any:
    """Make a client of a service."""
    return session.client(service, region_name=REGION)


def queue_url(name: str) -> str:
    """Return the address of a queue."""
    return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"


NEEDED: dict[str, tuple[str, Call]] = {
    "invoke the validator": (
        "lambda:InvokeFunction",
        lambda s: client(s, "lambda").invoke(FunctionName="dofs-dev-validator", Qualifier="live"),
    ),
    "invoke the storage": (
        "lambda:InvokeFunction",
        lambda s: client(s, "lambda").invoke(FunctionName="dofs-dev-order-storage", Qualifier="live"),
    ),
    "send to the queue": (
        "sqs:SendMessage",
        lambda s: client(s, "sqs").send_message(QueueUrl=queue_url("dofs-dev-order-queue"), MessageBody="{}"),
    ),
    "record a failed order": (
        "dynamodb:PutItem",
        lambda s: client(s, "dynamodb").put_item(TableName="dofs-dev-failed-orders", Item={"order_id": {"S": "1"}}),
    ),
    "set an order failed": (
        "dynamodb:UpdateItem",
        lambda s: client(s, "dynamodb").update_item(TableName="dofs-dev-orders", Key={"order_id": {"S": "1"}}, UpdateExpression="REMOVE x"),
    ),
    "set log delivery up": ("logs:DescribeLogGroups", lambda s: client(s, "logs").describe_log_groups()),
    "allow log delivery": (
        "logs:PutResourcePolicy",
        lambda s: client(s, "logs").put_resource_policy(policyName="p", policyDocument='{"Statement": []}'),
    ),
    "send a trace": ("xray:PutTraceSegments", lambda s: client(s, "xray").put_trace_segments(TraceSegmentDocuments=["{}"])),
}
"""Every kind of call that Step Functions makes for the workflow, with the action that it needs."""

OUTSIDE: dict[str, Call] = {
    "another function": lambda s: client(s, "lambda").invoke(FunctionName="dofs-dev-other", Qualifier="live"),
    "code that is not live": lambda s: client(s, "lambda").invoke(FunctionName="dofs-dev-validator"),
    "another queue": lambda s: client(s, "sqs").send_message(QueueUrl=queue_url("dofs-dev-order-dlq"), MessageBody="{}"),
    "reading the queue": lambda s: client(s, "sqs").receive_message(QueueUrl=queue_url("dofs-dev-order-queue")),
    "deleting a function": lambda s: client(s, "lambda").delete_function(FunctionName="dofs-dev-validator"),
    "writing an order": lambda s: client(s, "dynamodb").put_item(TableName="dofs-dev-orders", Item={"order_id": {"S": "1"}}),
    "changing a failed order": lambda s: client(s, "dynamodb").update_item(
        TableName="dofs-dev-failed-orders", Key={"order_id": {"S": "1"}}, UpdateExpression="REMOVE x"
    ),
    "a table": lambda s: client(s, "dynamodb").list_tables(),
    "a bucket": lambda s: client(s, "s3").list_buckets(),
    "its own rights": lambda s: client(s, "iam").list_roles(),
    "reading the logs": lambda s: client(s, "logs").filter_log_events(logGroupName="/aws/vendedlogs/states/x"),
}


@pytest.fixture(name="aws")
def _aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """AWS in process with DOFS's functions and queues; enforcement begins where a test says so."""
    for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(key, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)

    def resource(self: LambdaResponse) -> str:
        found = self.path.partition("/functions/")[2].partition("/")[0]
        qualifier = f":{self.querystring['Qualifier'][0]}" if "Qualifier" in self.querystring else ""
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{urllib.parse.unquote(found)}{qualifier}"

    def table(self: DynamoHandler) -> str:
        return f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{self.body.get('TableName', '')}"

    monkeypatch.setattr(LambdaResponse, "_determine_resource", resource, raising=False)
    monkeypatch.setattr(DynamoHandler, "_determine_resource", table, raising=False)
    # moto takes the name of the call for that of the IAM action.
    begin = IAMRequestBase.__init__

    def begun(self: IAMRequestBase, *args: Any, **kwargs: Any) -> None:
        begin(self, *args, **kwargs)
        self._action = ACTIONS.get(self._action, self._action)

    monkeypatch.setattr(IAMRequestBase, "__init__", begun)
    # moto signs REST calls otherwise than botocore does; who calls is known from the key, and that is enough here.
    monkeypatch.setattr(IAMRequestBase, "check_signature", lambda _: None)
    with mock_aws(config={"lambda": {"use_docker": False}, "iam": {"load_aws_managed_policies": False}}):
        iam = boto3.client("iam", region_name=REGION)
        role = iam.create_role(RoleName="function", AssumeRolePolicyDocument=json.dumps(trust_policy()))["Role"]["Arn"]
        for name in FUNCTIONS:
            boto3.client("lambda", region_name=REGION).create_function(
                FunctionName=name, Runtime="python3.13", Role=role, Handler="h.h", Code={"ZipFile": b"x"}
            )
        for name in TABLES:
            boto3.client("dynamodb", region_name=REGION).create_table(
                TableName=name,
                KeySchema=[{"AttributeName": "order_id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "order_id", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )
        for name in QUEUES:
            boto3.client("sqs", region_name=REGION).create_queue(QueueName=name)
        yield


def session_under(document: PolicyDocument) -> Any:
    """Create the execution role with a policy, assume it, and return a session of it."""
    iam = boto3.client("iam", region_name=REGION)
    role = iam.create_role(RoleName="execution", AssumeRolePolicyDocument=fill(json.dumps(trust_policy())))["Role"]["Arn"]
    if document.statements:
        iam.put_role_policy(RoleName="execution", PolicyName="execution", PolicyDocument=fill(policy_template(document.document())))
    got = boto3.client("sts", region_name=REGION).assume_role(RoleArn=role, RoleSessionName="states")["Credentials"]
    return boto3.Session(got["AccessKeyId"], got["SecretAccessKey"], got["SessionToken"])


def denied(call: Call, session: Any) -> bool:
    """Tell whether a call is refused because a permission is missing."""

    @set_initial_no_auth_action_count(0)
    def enforced() -> None:
        call(session)

    try:
        enforced()
    except ClientError as error:
        return "AccessDenied" in str(error)
    return False


def test_what_the_workflow_calls_succeeds(aws: None) -> None:
    """Under the derived role, each call of the workflow gets an answer of the service."""
    session = session_under(policy())
    for _, call in NEEDED.values():
        call_enforced = set_initial_no_auth_action_count(0)(lambda one=call: one(session))
        call_enforced()


@pytest.mark.parametrize("what", list(OUTSIDE))
def test_anything_else_is_denied(aws: None, what: str) -> None:
    """A call that the workflow does not make is refused."""
    assert denied(OUTSIDE[what], session_under(policy()))


@pytest.mark.parametrize("number", range(len(policy().statements)))
def test_every_statement_is_needed(aws: None, number: int) -> None:
    """Without one statement, exactly the calls that it is for are refused."""
    whole = policy().statements
    removed = whole[number]
    session = session_under(PolicyDocument((*whole[:number], *whole[number + 1 :])))
    refused = {what for what, (_, call) in NEEDED.items() if denied(call, session)}
    assert refused == {what for what, (action, _) in NEEDED.items() if action in removed.actions}
    assert refused


def test_every_resource_is_needed(aws: None) -> None:
    """Without the storage's function in the statement, only the call to it is refused."""
    statements = list(policy().statements)
    at = next(number for number, one in enumerate(statements) if one.actions == ("lambda:InvokeFunction",))
    one = statements[at]
    statements[at] = Statement(one.sid, one.actions, ("${validator_arn}:live",), one.conditions, one.needed_by)
    session = session_under(PolicyDocument(tuple(statements)))
    assert {what for what, (_, call) in NEEDED.items() if denied(call, session)} == {"invoke the storage"}


def test_the_trust_policy_names_one_machine() -> None:
    """Only Step Functions may assume the role, on behalf of this machine in this account."""
    (statement,) = json.loads(fill(json.dumps(trust_policy())))["Statement"]
    assert statement["Principal"] == {"Service": "states.amazonaws.com"}
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
    assert statement["Condition"]["ArnLike"]["aws:SourceArn"] == Deployment("aws", REGION, ACCOUNT, NAME).self_arn
