"""Facts that several parts need are the same for all of them: query languages, and what placeholders stand for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator.asl.definition import read_definition
from generator.checks.permissions import missing
from generator.commands.iam import Settings, derive
from generator.pipeline import Run, run_pipeline
from tests.support.definitions import policy_of, role_of

SEND = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sqs:sendMessage",
    "Parameters": {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/111122223333/orders", "MessageBody.$": "$"},
    "End": True,
}


def test_a_state_inside_a_jsonata_map_uses_the_query_language_of_the_machine() -> None:
    """A JSONPath task inside a JSONata Map is read by its Parameters, as the checks read it."""
    each = {"Type": "Map", "QueryLanguage": "JSONata", "Items": "{% $states.input %}", "End": True}
    definition = {"StartAt": "Each", "States": {"Each": {**each, "ItemProcessor": {"StartAt": "Send", "States": {"Send": SEND}}}}}
    assert policy_of(definition).statements[0].resources == ("arn:aws:sqs:us-east-1:111122223333:orders",)


@pytest.mark.parametrize(
    ("resource", "actions"),
    [
        ("${ActivityLoggerFunctionArn}", {"lambda:InvokeFunction"}),
        ("${activity_logger_arn}", {"lambda:InvokeFunction"}),
        ("${PackActivityArn}", set()),
        ("${pack_activity_arn}", set()),
    ],
)
def test_the_name_of_an_unknown_placeholder_is_read_by_its_words(resource: str, actions: set[str]) -> None:
    """Only a name that ends with the word "activity" means one."""
    task: dict[str, Any] = {"Type": "Task", "Resource": resource, "End": True}
    role = role_of({"StartAt": "A", "States": {"A": task}})
    assert {action for need in role.requirements for action in need.grant.actions} == actions


def test_a_generated_definition_says_what_its_placeholders_stand_for(project) -> None:
    """The build, `iam` and `check-policy` agree that an activity needs no permission, whatever its name."""
    root: Path = project(
        packing="""
            from generator import Activity, Task, Workflow

            pack = Activity("pack")
            packing = Workflow("packing", steps=[Task("Pack", pack.perform(), heartbeat_seconds=60, timeout_seconds=3600)])
        """
    )
    assert run_pipeline(Run(root)).diagnostics == []
    built = root / "build" / "packing"
    assert not (built / "execution-role.policy.json").exists()
    assert json.loads((built / "placeholders.json").read_text())["pack_arn"]["kind"] == "activity"
    role, problems = derive(read_definition(built / "definition.asl.json"), Settings())
    assert role is not None
    assert problems == []
    assert role.requirements == ()
    assert list(missing({"Statement": []}, role)) == []
