"""The Step Functions endpoint as boto3 sees it: create, start, poll, in real, held and virtual time."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import boto3
import pytest
import urllib3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from generator.local.stepfunctions.service import StepFunctions
from generator.local.stepfunctions.wire import running
from tests.support.stepfunctions import ROLE, SUCCEEDS

MONTH = 30 * 86_400
LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:"
PATIENCE = 30.0
KEYS = {"region_name": "us-east-1", "aws_access_key_id": "x", "aws_secret_access_key": "y"}


def machine(*states: dict[str, Any]) -> str:
    """Return the definition of a chain of states."""
    names = [chr(ord("A") + number) for number in range(len(states))]
    chained = {
        name: {**state, **({"Next": following} if following else {"End": True})}
        for name, following, state in zip(names, [*names[1:], None], states, strict=True)
    }
    return json.dumps({"StartAt": "A", "States": chained})


def wait(seconds: float) -> dict[str, Any]:
    return {"Type": "Wait", "Seconds": seconds}


def call(function: str, **fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": LAMBDA + function, **fields}


Connect = Callable[..., Any]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Return a function that starts an endpoint and returns a client for it. The client has the service and the URL."""
    open_blocks: list[Any] = []

    def start(**options: Any) -> Any:
        service = StepFunctions(**options)
        block = running(service)
        url = block.__enter__()
        open_blocks.append(block)
        settings = Config(inject_host_prefix=False, retries={"max_attempts": 0})
        client = boto3.client("stepfunctions", endpoint_url=url, config=settings, **KEYS)
        client.service, client.url = service, url
        return client

    yield start
    for block in open_blocks:
        block.__exit__(None, None, None)


def create(client: Any, definition: str, name: str = "orders", **options: Any) -> str:
    return client.create_state_machine(name=name, definition=definition, roleArn=ROLE, **options)["stateMachineArn"]


def poll(client: Any, execution: str) -> dict[str, Any]:
    """Ask until the execution has ended."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        shown = client.describe_execution(executionArn=execution)
        if shown["status"] != "RUNNING":
            return shown
        time.sleep(0.01)
    raise AssertionError(f"{execution} runs after {PATIENCE} s")


@pytest.mark.parametrize("pace", ["virtual", 1.0, 50.0])
def test_create_start_poll(connect: Connect, pace: Any) -> None:
    """The way of the public test suites works whatever the clock."""
    client = connect(pace=pace, functions={"double": lambda event: event["n"] * 2})
    arn = create(client, machine(wait(1), call("double")))
    started = client.start_execution(stateMachineArn=arn, input='{"n": 21}', name="one")
    shown = poll(client, started["executionArn"])
    assert (shown["status"], shown["output"], shown["input"]) == ("SUCCEEDED", "42", '{"n": 21}')
    events = client.get_execution_history(executionArn=started["executionArn"])["events"]
    assert [event["type"] for event in events][-3:] == ["LambdaFunctionSucceeded", "TaskStateExited", "ExecutionSucceeded"]


def test_held_time_moves_by_the_control_call(connect: Connect) -> None:
    """Any SDK can test a wait of thirty days."""
    client = connect(pace="held")
    execution = client.start_execution(stateMachineArn=create(client, machine(wait(MONTH))))["executionArn"]
    assert client.describe_execution(executionArn=execution)["status"] == "RUNNING"

    def advance(seconds: float) -> None:
        assert urllib3.request("POST", f"{client.url}/_local/clock", json={"advance": seconds}, timeout=PATIENCE).status == 200

    advance(MONTH - 1)
    assert client.describe_execution(executionArn=execution)["status"] == "RUNNING"
    advance(1)
    shown = client.describe_execution(executionArn=execution)
    assert (shown["status"], (shown["stopDate"] - shown["startDate"]).days) == ("SUCCEEDED", 30)


def test_what_aws_refuses_is_refused(connect: Connect) -> None:
    client = connect(pace="virtual")
    with pytest.raises(ClientError) as caught:
        create(client, '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}}')
    assert caught.value.response["Error"] == {
        "Code": "InvalidDefinition",
        "Message": "Invalid State Machine Definition: 'MISSING_END_STATE: Workflow has no terminal state'",
    }


# --- the wire -------------------------------------------------------------------------------------------------------


def post(client: Any, target: str, body: bytes) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Return the status, the body and the headers of an answer."""
    headers = {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.0"}
    answer = urllib3.request("POST", client.url, body=body, headers=headers, timeout=PATIENCE)
    return answer.status, answer.json(), dict(answer.headers)


def test_answers_are_aws_json(connect: Connect) -> None:
    client = connect(pace="virtual", start=0)
    create(client, SUCCEEDS)
    status, body, headers = post(client, "AWSStepFunctions.ListStateMachines", b"{}")
    assert (status, headers["content-type"]) == (200, "application/x-amz-json-1.0")
    assert body["stateMachines"][0]["creationDate"] == 0
    assert re.fullmatch(r"[0-9a-f-]{36}", headers["x-amzn-requestid"])


@pytest.mark.parametrize(
    ("target", "body", "expected"),
    [
        ("AWSStepFunctions.DescribeExecution", b'{"executionArn": "x"}', "InvalidArn"),
        ("AWSStepFunctions.DescribeExecution", b"{", "SerializationException"),
        ("AWSStepFunctions.DescribeExecution", b"[]", "SerializationException"),
        ("AWSStepFunctions.DescribeExecution", b'{"executionArn": 1}', "SerializationException"),
        ("AWSStepFunctions.DescribeExecution", b'{"executionArn": "' + b"\xff" + b'"}', "SerializationException"),
        ("AWSStepFunctions.DescribeExecution", b"{}", "ValidationException"),
        ("AWSStepFunctions.Fly", b"{}", "UnknownOperationException"),
        ("DynamoDB_20120810.ListTables", b"{}", "UnknownOperationException"),
        ("", b"{}", "UnknownOperationException"),
    ],
)
def test_errors_on_the_wire(connect: Connect, target: str, body: bytes, expected: str) -> None:
    status, answer, _ = post(connect(), target, body)
    assert (status, answer["__type"], bool(answer["message"])) == (400, expected, True)


def test_errors_have_their_status(connect: Connect) -> None:
    client = connect()
    arn = create(client, SUCCEEDS, publish=True)
    routing = [{"stateMachineVersionArn": f"{arn}:1", "weight": 100}]
    client.create_state_machine_alias(name="live", routingConfiguration=routing)
    with pytest.raises(client.exceptions.ConflictException) as caught:
        client.delete_state_machine_version(stateMachineVersionArn=f"{arn}:1")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409


@pytest.mark.parametrize("advance", [-1, "1", True, None])
def test_the_control_call_checks_its_body(connect: Connect, advance: Any) -> None:
    client = connect(pace="held", start=5)
    answer = urllib3.request("POST", f"{client.url}/_local/clock", json={"advance": advance}, timeout=PATIENCE)
    assert answer.status == 400
    assert urllib3.request("GET", f"{client.url}/_local/clock", timeout=PATIENCE).json() == {"now": 5, "clock": "held"}


def test_a_worker_that_goes_away_takes_no_task(connect: Connect) -> None:
    client = connect(pace=1.0)
    activity = client.create_activity(name="paint")["activityArn"]
    machine_arn = create(client, machine({"Type": "Task", "Resource": activity}))
    body = json.dumps({"activityArn": activity})
    head = f"POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AWSStepFunctions.GetActivityTask\r\nContent-Length: {len(body)}\r\n\r\n"
    address = urllib3.util.parse_url(client.url)
    with socket.create_connection((address.host, address.port)) as connection:
        connection.sendall((head + body).encode())
        until(lambda: pollers(client, activity) == 1)
    until(lambda: pollers(client, activity) == 0)
    execution = client.start_execution(stateMachineArn=machine_arn, input="7")["executionArn"]
    task = client.get_activity_task(activityArn=activity)
    client.send_task_success(taskToken=task["taskToken"], output=task["input"])
    assert poll(client, execution)["output"] == "7"


def test_a_server_with_long_polls_stops(connect: Connect) -> None:
    """Polls of workers do not keep the process alive."""
    client = connect(pace=1.0)
    activity = client.create_activity(name="paint")["activityArn"]
    threads = [threading.Thread(target=quietly, args=(client.get_activity_task, activity)) for _ in range(3)]
    for thread in threads:
        thread.start()
    until(lambda: pollers(client, activity) == 3)
    client.service.close()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads)


def quietly(call: Callable[..., Any], activity: str) -> None:
    with suppress(BotoCoreError, ClientError):
        call(activityArn=activity)


def pollers(client: Any, activity: str) -> int:
    return client.service._tasks._pollers.get(activity, 0)


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_port_in_use_is_an_error(connect: Connect) -> None:
    client = connect()
    port = urllib3.util.parse_url(client.url).port
    with pytest.raises(OSError, match="in use"), running(StepFunctions(), port):
        pass


# --- clients --------------------------------------------------------------------------------------------------------


def test_synchronous_operations_and_their_host_prefix(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """SDKs put ``sync-`` before the host of StartSyncExecution and TestState. A variable of AWS switches that off for all of them."""
    client = connect(pace="virtual")
    arn = create(client, SUCCEEDS, type="EXPRESS")
    assert client.start_sync_execution(stateMachineArn=arn, input="1")["output"] == "1"
    monkeypatch.setenv("AWS_DISABLE_HOST_PREFIX_INJECTION", "true")
    unchanged = boto3.client("stepfunctions", endpoint_url=client.url, **KEYS)
    assert unchanged.start_sync_execution(stateMachineArn=arn, input="2")["output"] == "2"
    assert unchanged.test_state(definition='{"Type": "Succeed"}', input="3")["output"] == "3"


def test_what_terraform_calls(connect: Connect) -> None:
    """The calls of the AWS provider for state machines, aliases and activities, from plan to destroy."""
    client = connect(pace="virtual")
    exceptions = client.exceptions
    assert client.validate_state_machine_definition(definition=SUCCEEDS, type="STANDARD", severity="ERROR")["result"] == "OK"
    group = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/vendedlogs/states/orders:*"
    created = client.create_state_machine(
        name="orders",
        definition=SUCCEEDS,
        roleArn=ROLE,
        type="STANDARD",
        publish=True,
        tags=[{"key": "project", "value": "dofs"}],
        loggingConfiguration={
            "level": "ERROR",
            "includeExecutionData": False,
            "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}],
        },
        tracingConfiguration={"enabled": True},
        encryptionConfiguration={"type": "AWS_OWNED_KEY"},
    )
    arn, version = created["stateMachineArn"], created["stateMachineVersionArn"]
    shown = client.describe_state_machine(stateMachineArn=arn)
    assert (shown["status"], shown["loggingConfiguration"]["level"], shown["tracingConfiguration"]) == (
        "ACTIVE",
        "ERROR",
        {"enabled": True},
    )
    assert client.list_state_machine_versions(stateMachineArn=arn)["stateMachineVersions"][0]["stateMachineVersionArn"] == version
    assert client.list_state_machine_aliases(stateMachineArn=arn)["stateMachineAliases"] == []
    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "project", "value": "dofs"}]
    routing = [{"stateMachineVersionArn": version, "weight": 100}]
    alias = client.create_state_machine_alias(name="live", description="", routingConfiguration=routing)["stateMachineAliasArn"]
    assert client.describe_state_machine_alias(stateMachineAliasArn=alias)["routingConfiguration"] == routing
    changed = SUCCEEDS.replace('"A"', '"B"')
    updated = client.update_state_machine(stateMachineArn=arn, definition=changed, roleArn=ROLE, publish=True, versionDescription="two")
    assert client.describe_state_machine(stateMachineArn=arn)["definition"] == changed
    routing = [{"stateMachineVersionArn": updated["stateMachineVersionArn"], "weight": 100}]
    client.update_state_machine_alias(stateMachineAliasArn=alias, routingConfiguration=routing)
    client.tag_resource(resourceArn=arn, tags=[{"key": "env", "value": "dev"}])
    client.untag_resource(resourceArn=arn, tagKeys=["project"])
    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "env", "value": "dev"}]
    client.delete_state_machine_alias(stateMachineAliasArn=alias)
    with pytest.raises(exceptions.ResourceNotFound):
        client.describe_state_machine_alias(stateMachineAliasArn=alias)
    client.delete_state_machine(stateMachineArn=arn)
    with pytest.raises(exceptions.StateMachineDoesNotExist):
        client.describe_state_machine(stateMachineArn=arn)
    activity = client.create_activity(name="paint")["activityArn"]
    client.delete_activity(activityArn=activity)
    with pytest.raises(exceptions.ActivityDoesNotExist):
        client.describe_activity(activityArn=activity)


NO_COMMAND = 127
CLI = os.environ.get("AWS_CLI") or shutil.which("aws")


@pytest.mark.skipif(CLI is None, reason="the AWS CLI is missing: put it on the path, or its file into the variable AWS_CLI")
def test_the_aws_cli(connect: Connect, tmp_path: Path) -> None:
    client = connect(pace="virtual")
    environment = {
        **os.environ,
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "y",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_SFN": client.url,
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "AWS_PAGER": "",
    }

    def aws(*arguments: str) -> Any:
        done = subprocess.run(
            [str(CLI), "stepfunctions", *arguments, "--output", "json"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        if done.returncode == NO_COMMAND:
            pytest.skip(f"the AWS CLI is missing: {CLI} does not run")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout or "{}")

    file = tmp_path / "definition.asl.json"
    file.write_text(SUCCEEDS)
    express = create(client, SUCCEEDS, "pages", type="EXPRESS")
    assert aws("start-sync-execution", "--state-machine-arn", express, "--input", "[1]")["output"] == "[1]"
    made = aws("create-state-machine", "--name", "orders", "--role-arn", ROLE, "--definition", file.as_uri())
    execution = aws("start-execution", "--state-machine-arn", made["stateMachineArn"])["executionArn"]
    client.service.settle(PATIENCE)
    assert len(aws("get-execution-history", "--execution-arn", execution, "--page-size", "2")["events"]) == 4
