"""One port for everything: SDKs, the API, the data of the view; and who may not connect."""

from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import urllib3
from botocore.config import Config
from botocore.exceptions import ClientError

from generator import Bucket, EventRule, Function, Pass, Queue, Table, Task, Workflow, states
from generator.loader import Loaded
from generator.local.log import Log
from generator.local.server import application
from generator.local.serving import served
from generator.local.stack import Stack, StackOptions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HANDLER = """
import json, boto3
def handler(event, context):
    if event.get("httpMethod"):
        return {"statusCode": 200, "body": json.dumps({"id": (event["pathParameters"] or {}).get("id")})}
    if event.get("machine"):
        client = boto3.client("stepfunctions")
        return client.start_sync_execution(stateMachineArn=event["machine"], input='"from a handler"')["output"]
    if event.get("fail"):
        raise ValueError("as asked")
    return {"got": event}
"""
CONTRACT = {"paths": {"/things/{id}": {"get": {}}}}

rows, jobs, files = Table("rows"), Queue("jobs"), Bucket("files", event_bridge=True)
worker = Function("worker", folder="parts_of_a_server/worker")
short = Workflow("short", type="EXPRESS", steps=[Pass("Keep", output=states.input)])
flow = Workflow("flow", steps=[Task("Work", worker.invoke(states.input))], triggers=[EventRule({"source": ["x"]}, name="event")])


class Server:
    """A running stack, and clients for it.

    Attributes:
        url: where it is.
        stack: the stack.
    """

    def __init__(self, stack: Stack, url: str) -> None:
        """Serve a stack at a URL."""
        self.stack, self.url = stack, url

    def client(self, service: str) -> Any:
        """Return a boto3 client that goes over HTTP."""
        config = Config(inject_host_prefix=False, retries={"total_max_attempts": 1})
        return boto3.client(service, endpoint_url=self.url, region_name="us-east-1", config=config)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Send a request, and return the status and the JSON of the answer."""
        content = None if body is None else json.dumps(body)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = urllib3.request(method, self.url + path, body=content, headers=given, retries=False, timeout=60)
        return answer.status, answer.json() if answer.data else None


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Serve a small project."""
    root: Path = tmp_path_factory.mktemp("project")
    folder = root / "parts_of_a_server" / "worker"
    folder.mkdir(parents=True)
    (folder / "handler.py").write_text(HANDLER)
    (folder / "openapi.json").write_text(json.dumps(CONTRACT))
    loaded = Loaded(resources={each.name: each for each in (rows, jobs, files, worker)})
    loaded.workflows += [(root, short), (root, flow)]  # type: ignore[list-item]
    stack = Stack(loaded, StackOptions(root, "virtual"), Log(io.StringIO(), form="json"))
    with ThreadPoolExecutor(8) as pool, served(application(stack, pool)) as url:
        stack.start(url)
        try:
            yield Server(stack, url)
        finally:
            stack.close()


def test_sdks_reach_the_same_services(server: Server) -> None:
    """Tables, queues and buckets; content that is sent in chunks; what a client in the stack has written."""
    server.stack.aws.client("dynamodb").put_item(TableName="local-rows", Item={"id": {"S": "a"}})
    assert server.client("dynamodb").get_item(TableName="local-rows", Key={"id": {"S": "a"}})["Item"] == {"id": {"S": "a"}}
    s3 = server.client("s3")
    s3.put_object(Bucket="local-files", Key="in/ä 1", Body=b"content")
    assert s3.get_object(Bucket="local-files", Key="in/ä 1")["Body"].read() == b"content"
    sqs = server.client("sqs")
    url = sqs.get_queue_url(QueueName="local-jobs")["QueueUrl"]
    assert url == server.stack.laptop.values["jobs_url"]
    sqs.send_message(QueueUrl=url, MessageBody="hello")
    (message,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
    assert message["Body"] == "hello"
    assert "Messages" not in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1)
    assert server.client("sts").get_caller_identity()["Account"] == "123456789012"


def test_step_functions_and_the_functions(server: Server) -> None:
    """An execution calls the function in its process; a handler starts a synchronous one; Lambda's own API."""
    client = server.client("stepfunctions")
    arn = client.start_execution(stateMachineArn=server.stack.machines["flow"], input='{"a": 1}')["executionArn"]
    server.stack.step_functions.settle(60)
    assert json.loads(client.describe_execution(executionArn=arn)["output"]) == {"got": {"a": 1}}
    lambda_ = server.client("lambda")
    answer = lambda_.invoke(FunctionName="local-worker", Payload=json.dumps({"machine": server.stack.machines["short"]}))
    assert json.loads(answer["Payload"].read()) == '"from a handler"'
    failed = lambda_.invoke(FunctionName="arn:aws:lambda:us-east-1:123456789012:function:local-worker:live", Payload=b'{"fail": 1}')
    assert (failed["FunctionError"], json.loads(failed["Payload"].read())["errorType"]) == ("Unhandled", "ValueError")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        lambda_.invoke(FunctionName="nothing")


def test_the_api_and_the_data_of_the_stack(server: Server) -> None:
    """The route of the contract, an unknown one, an execution with its history, and a trigger by hand."""
    assert server.ask("GET", "/things/7") == (200, {"id": "7"})
    assert server.ask("GET", "/nothing") == (403, {"message": "Missing Authentication Token"})
    json_type = {"Content_Type": "application/json"}
    assert server.ask("POST", "/_local/triggers/flow/event", {"by": "hand"}, **json_type)[0] == 200
    server.stack.step_functions.settle(60)
    _, listed = server.ask("GET", "/_local/executions?limit=1")
    arn = listed["executions"][0]["executionArn"]
    status, shown = server.ask("GET", f"/_local/executions/{arn}")
    assert (status, json.loads(shown["execution"]["output"])) == (200, {"got": {"by": "hand"}})
    assert shown["events"][0]["type"] == "ExecutionStarted"
    assert server.ask("POST", "/_local/call/DescribeExecution", {"executionArn": arn}, **json_type)[1]["status"] == "SUCCEEDED"
    assert server.ask("POST", "/_local/call/DescribeExecution", {"executionArn": "x"}, **json_type)[1]["error"] == "InvalidArn"
    assert server.ask("GET", "/_local/nothing")[0] == 404
    assert "GET /things/{id}" in server.ask("GET", "/_local/overview")[1]["routes"]


def test_pages_of_other_sites_are_refused(server: Server) -> None:
    """A name that leads to this machine is not enough, and a form cannot change anything."""
    assert server.ask("GET", "/_local/executions", Host="evil.example")[0] == 403
    assert server.ask("POST", "/_local/triggers/flow/event", {}, Content_Type="text/plain")[0] == 415
