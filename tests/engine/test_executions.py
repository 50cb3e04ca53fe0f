"""Tasks that ask about executions of the same engine through the AWS SDK integration, and children that nobody waits for."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from generator import Choice, Fail, Pass, Succeed, Task, Wait, Workflow, sdk, states, when
from generator.engine import Engine, execute
from generator.engine.tools.pytest_plugin import WorkflowRunner


def child(seconds: int = 10, *then: Any) -> Workflow:
    """Return a workflow that waits."""
    return Workflow("child", steps=[Wait("Sleep", seconds=seconds), *(then or [Succeed("Done", output={"slept": seconds})])])


def asked(action: str, **more: Any) -> Task:
    """Return a task that asks about the execution whose ARN is its input."""
    return Task(action, getattr(sdk.sfn, action)(ExecutionArn=states.input.ExecutionArn, **more))


def test_a_loop_that_polls_a_child():
    """Start, wait, describe, decide: the usual way to follow an execution that was only started."""
    describe = Task("Describe", sdk.sfn.describe_execution(ExecutionArn=states.input.ExecutionArn))
    poll = Wait("Poll", seconds=4)
    parent = Workflow(
        "parent",
        steps=[
            Task("Start", child().start_execution({})),
            poll,
            describe,
            Choice("Ended", when(states.input.Status == "SUCCEEDED", then=Succeed("Fine")), otherwise=poll),
        ],
    )
    execution = execute(parent)
    assert execution.status == "SUCCEEDED"
    assert execution.output["Output"] == '{"slept":10}'
    assert execution.path.count("Describe") == 3
    assert execution.output["StopDate"] == "2025-01-01T00:00:10Z"


def test_stop_and_list_and_history():
    """A child is stopped, is listed as aborted, and its history ends with the abort."""
    parent = Workflow(
        "parent",
        steps=[
            Task("Start", child(1000).start_execution({})),
            Task("Stop", sdk.sfn.stop_execution(ExecutionArn=states.input.ExecutionArn, Error="Enough"), output=states.input),
            Task("History", sdk.sfn.get_execution_history(ExecutionArn=states.input.ExecutionArn, ReverseOrder=True, MaxResults=1)),
        ],
    )
    execution = execute(parent)
    assert execution.status == "SUCCEEDED", execution.text()
    (event,) = execution.output["Events"]
    assert (event["Type"], event["ExecutionAbortedEventDetails"]) == ("ExecutionAborted", {"Error": "Enough"})
    assert execution.output["NextToken"] == "1"
    (ended,) = execution.children
    assert (ended.status, ended.error, ended.duration) == ("ABORTED", "Enough", 0)


def test_an_execution_stops_itself():
    """The branch that asks for it is the one that ends."""
    stop = Task("Stop", sdk.sfn.stop_execution(ExecutionArn=states.context.Execution.Id))
    execution = execute(Workflow("self", steps=[stop, Succeed("Never")]))
    assert (execution.status, execution.path) == ("ABORTED", ["Stop"])


def test_redrive():
    """A failed child runs again from the state that failed."""
    parent = Workflow(
        "parent",
        steps=[
            Task("Start", child(1, Fail("Broken", error="Broken")).start_execution({})),
            Wait("A moment", seconds=2),
            Task("Redrive", sdk.sfn.redrive_execution(ExecutionArn=states.input.ExecutionArn), output=states.input),
            Wait("Another", seconds=2),
            asked("describeExecution"),
        ],
    )
    output = execute(parent).raise_for_status().output
    assert (output["Status"], output["RedriveCount"], output["Error"]) == ("FAILED", 1, "Broken")


@pytest.mark.parametrize("action", ["describeExecution", "stopExecution", "getExecutionHistory", "redriveExecution"])
def test_an_execution_that_does_not_exist(action: str):
    """The refusal has the error name and the words of the integration."""
    execution = execute(Workflow("w", steps=[asked(action)]), {"ExecutionArn": "arn:aws:states:us-east-1:123456789012:execution:no:such"})
    assert execution.error == "Sfn.ExecutionDoesNotExistException"
    assert "Execution Does Not Exist: 'arn:aws" in (execution.cause or "")


def test_a_child_that_nobody_waits_for_runs_to_its_end():
    """It goes on after its parent's end, as in AWS, and so do its own children."""
    grandchild = Workflow("grandchild", steps=[Wait("Later", seconds=60), Succeed("End")])
    middle = Workflow("middle", steps=[Task("StartOne", grandchild.start_execution({})), Pass("Left")])
    execution = execute(Workflow("parent", steps=[Task("Start", middle.start_execution({})), Pass("Gone")]))
    (first,) = execution.children
    (second,) = first.children
    assert (execution.duration, first.status, second.status, second.duration) == (0, "SUCCEEDED", "SUCCEEDED", 60)


def test_the_workflows_of_a_project_are_found_by_their_arn():
    """A state machine that only its ARN names, also one that is computed, with an alias, is compiled when it is started."""
    arn = "arn:aws:states:us-east-1:123456789012:stateMachine:local-"
    asked_for: list[str] = []

    def workflows(name: str) -> Workflow | None:
        asked_for.append(name)
        return child() if name == arn + "child" else None

    start = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "Arguments": {"Input": {}}, "End": True}
    start["Arguments"] |= {"StateMachineArn": "{% $states.input %}"}  # type: ignore[operator]
    machine = {"QueryLanguage": "JSONata", "StartAt": "Run", "States": {"Run": start}}
    engine = Engine(workflows=workflows, clients=pytest.fail)
    assert engine.start(machine, arn + "child:live").finish().output["Output"] == {"slept": 10}
    assert asked_for == [arn + "child"]
    missing = engine.start(machine, arn + "chlid").finish()
    assert missing.error == "Local.NotAvailable"
    assert "No workflow of this project is deployed as 'local-chlid'" in (missing.cause or "")
    assert "mocks={'Run': {'Output': {}, 'Status': 'SUCCEEDED'}}" in (missing.cause or "")


def test_a_project_that_a_test_belongs_to(tmp_path: Path):
    """The pytest plugin finds workflows that only their ARN names, with the placeholders of their project."""
    (tmp_path / "workflows").mkdir()
    text = 'from generator import Queue, Succeed, Workflow\nq = Queue("jobs")\n'
    text += 'w = Workflow("late", steps=[Succeed("Done", output={"queue": "${jobs_name}"})])\n'
    (tmp_path / "workflows" / "late.py").write_text(text)
    arn = "arn:aws:states:us-east-1:123456789012:stateMachine:local-late"
    call = {"Resource": "arn:aws:states:::states:startExecution.sync:2", "Parameters": {"StateMachineArn": arn}}
    machine = {"StartAt": "Run", "States": {"Run": {"Type": "Task", **call, "OutputPath": "$.Output", "End": True}}}
    runner = WorkflowRunner(SimpleNamespace(rootpath=tmp_path, stash={}))  # type: ignore[arg-type]
    assert runner(machine).output_or_raise() == {"queue": "local-jobs"}
