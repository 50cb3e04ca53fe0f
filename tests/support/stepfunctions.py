"""A Step Functions service for tests, with short names for what they do with it."""

from __future__ import annotations

import json
import threading
from typing import Any

from generator.local.stepfunctions.service import StepFunctions

ROLE = "arn:aws:iam::123456789012:role/orders"
ARN = "arn:aws:states:us-east-1:123456789012:"
SUCCEEDS = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}'
FAILS = '{"StartAt": "A", "States": {"A": {"Type": "Fail", "Error": "Broken", "Cause": "it is"}}}'
DAY = 86_400
ACTIVITY = f"{ARN}activity:paint"


def task(**fields: Any) -> str:
    """Return a state machine whose only state waits for an activity."""
    return json.dumps({"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": ACTIVITY, "End": True, **fields}}})


def distributed(kind: str = "STANDARD", failing: str = "") -> str:
    """Return a Distributed Map over the input, with children that fail for one item, or that wait for an activity."""
    inner: dict[str, Any] = {"B": {"Type": "Pass", "End": True}}
    start = "B"
    if failing == "waits":
        inner = {"B": {"Type": "Task", "Resource": ACTIVITY, "End": True}}
    elif failing:
        choice = {"Type": "Choice", "Choices": [{"Variable": "$", "StringEquals": failing, "Next": "F"}], "Default": "B"}
        inner, start = {"C": choice, "F": {"Type": "Fail", "Error": "Bad"}, **inner}, "C"
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": kind}, "StartAt": start, "States": inner}
    state = {"Type": "Map", "Label": "each", "ItemProcessor": processor, "MaxConcurrency": 1, "ToleratedFailureCount": 1, "End": True}
    return json.dumps({"StartAt": "M", "States": {"M": state}})


class Account:
    """A service, and short names for what tests do with it."""

    def __init__(self, service: StepFunctions) -> None:
        """Use a service."""
        self.service = service
        self.call = service.call
        self.releases: list[threading.Event] = []

    def machine(self, name: str = "orders", definition: str = SUCCEEDS, **options: Any) -> str:
        """Create a state machine and return its ARN."""
        given = {"name": name, "definition": definition, "roleArn": ROLE, **options}
        return self.call("CreateStateMachine", given)["stateMachineArn"]

    def run(self, machine: str, **options: Any) -> str:
        """Start an execution, wait until it ends or waits, and return its ARN."""
        arn = self.call("StartExecution", {"stateMachineArn": machine, **options})["executionArn"]
        assert self.service.settle(30)
        return arn

    def version(self, machine: str) -> str:
        """Publish a version and return its ARN."""
        return self.call("PublishStateMachineVersion", {"stateMachineArn": machine})["stateMachineVersionArn"]

    def alias(self, *versions: str, name: str = "live") -> str:
        """Create an alias for one or two versions and return its ARN."""
        weights = [100] if len(versions) == 1 else [60, 40]
        routing = [{"stateMachineVersionArn": version, "weight": weight} for version, weight in zip(versions, weights, strict=True)]
        return self.call("CreateStateMachineAlias", {"name": name, "routingConfiguration": routing})["stateMachineAliasArn"]

    def activity(self) -> str:
        """Create an activity and return its ARN."""
        return self.call("CreateActivity", {"name": "paint"})["activityArn"]

    def waiting(self, **fields: Any) -> tuple[str, str]:
        """Return an execution that waits for an activity, and its task token."""
        self.activity()
        execution = self.run(self.machine("waits", task(**fields)))
        return execution, self.call("GetActivityTask", {"activityArn": ACTIVITY})["taskToken"]

    def map_run(self, definition: str | None = None) -> tuple[str, str]:
        """Return an execution with a map run, and the ARN of the map run."""
        self.activity()
        execution = self.run(self.machine("maps", definition or distributed()), input='["a", "b", "c"]')
        (run,) = self.call("ListMapRuns", {"executionArn": execution})["mapRuns"]
        return execution, run["mapRunArn"]

    def deleting(self) -> tuple[str, threading.Event]:
        """Return a state machine that is being deleted while a function of its execution runs, and what lets the function end."""
        entered, release = threading.Event(), threading.Event()

        def slow(event: Any) -> Any:
            entered.set()
            release.wait(30)
            return event

        self.service.functions["slow"] = slow
        resource = "arn:aws:lambda:us-east-1:123456789012:function:slow"
        definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": resource, "End": True}}})
        machine = self.machine("slow", definition, publish=True)
        self.call("StartExecution", {"stateMachineArn": machine})
        assert entered.wait(30)
        self.alias(f"{machine}:1")
        self.call("DeleteStateMachine", {"stateMachineArn": machine})
        self.releases.append(release)
        return machine, release

    def close(self) -> None:
        """Let all functions end."""
        for release in self.releases:
            release.set()
