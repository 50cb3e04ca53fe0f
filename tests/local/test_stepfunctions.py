"""The Step Functions endpoint as boto3 sees it: create, start, poll, in real, held and virtual time."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
import urllib3
from botocore.config import Config
from botocore.exceptions import ClientError

from generator.local.stepfunctions.service import StepFunctions
from generator.local.stepfunctions.wire import running

ROLE = "arn:aws:iam::123456789012:role/orders"
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
