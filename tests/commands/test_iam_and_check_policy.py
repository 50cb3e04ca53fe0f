"""The commands `iam` and `check-policy`: what they read, derive and report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from generator.asl.definition import INDEX_FILE, read_definition
from generator.asl.read import read_file
from generator.catalog.patterns import Deployment
from generator.commands.check_policy import compare
from generator.commands.iam import Place, Settings, derive, reasons
from generator.emit.terraform.template import policy_template
from generator.pipeline import Run, run_pipeline
from tests.support.definitions import policy_of, role_of

FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:check"
MACHINE: dict[str, Any] = {
    "StartAt": "Check",
    "States": {
        "Check": {"Type": "Task", "Resource": FUNCTION, "Next": "Send"},
        "Send": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Parameters": {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/111122223333/orders", "MessageBody": "x"},
            "End": True,
        },
    },
}


def found(file: Path, policy: Path) -> list[str]:
    """Return the codes that `check-policy` finds."""
    return [problem.code for problem in compare(read_definition(file), read_file(policy), Place())]


def test_commands(tmp_path: Path) -> None:
    """Files that are missing, broken or of another kind give diagnostics; good ones give text."""
    good, policy, bad = (tmp_path / f"{name}.json" for name in ("good", "policy", "bad"))
    good.write_text(json.dumps(MACHINE), encoding="utf-8")
    policy.write_text(policy_template(policy_of(MACHINE).document()), encoding="utf-8")
    assert found(good, policy) == []
    role, problems = derive(read_definition(good), Settings())
    assert role is not None
    assert role.policy.document() == policy_of(MACHINE).document()
    assert problems == []
    assert "for Send (/States/Send): Call sqs:sendMessage" in reasons(role)
    for content, code, code_of_policy in (
        (b"{", "SFN001", "SFN001"),
        (b"\xff", "SFN001", "SFN001"),
        (b"[]", "SFN003", "SFN714"),
        (None, "SFN004", "SFN004"),
    ):
        bad.unlink(missing_ok=True)
        if content is not None:
            bad.write_bytes(content)
        role, problems = derive(read_definition(bad), Settings())
        assert (role, [problem.code for problem in problems]) == (None, [code])
        assert (found(bad, policy), found(good, bad)) == ([code], [code_of_policy])


def test_a_placeholder_that_stands_for_a_number(tmp_path: Path) -> None:
    """A template that becomes JSON only when it is filled is read, too."""
    file = tmp_path / "template.json"
    file.write_text(
        '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${f_arn}", "TimeoutSeconds": ${t}, "End": true}}}', encoding="utf-8"
    )
    role, problems = derive(read_definition(file), Settings())
    assert role is not None
    assert problems == []
    assert role.policy.statements[0].resources == ("${f_arn}",)


def test_reasons() -> None:
    """The table behind a policy names states, places, reasons and sources, and what is not certain."""
    call = "arn:aws:states:::lambda:invoke"
    states = {
        "A": {"Type": "Task", "Resource": call, "Parameters": {"FunctionName": "f"}, "Next": "B"},
        "B": {"Type": "Task", "Resource": call, "Parameters": {"FunctionName.$": "$.f"}, "Next": "C"},
        "C": {"Type": "Task", "Resource": "${ActivityLogArn}", "End": True},
    }
    here = Deployment("aws", "us-east-1", "111122223333", "orders")
    text = reasons(role_of({"StartAt": "A", "States": states}, here))
    assert "    for A (/States/A): Call lambda:invoke\n" in text
    assert "        wider than its use: FunctionName known only at run time\n" in text
    assert "        may not be needed: the placeholder may be that of an activity, which needs no permission\n" in text
    assert reasons(role_of({})) == "The role needs no permissions.\n"


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
    (root / "empty.json").write_text('{"Version": "2012-10-17", "Statement": []}', encoding="utf-8")
    assert found(built / "definition.asl.json", root / "empty.json") == []


def test_another_file_of_the_name_of_the_index_is_ignored(tmp_path: Path) -> None:
    """It may belong to another tool."""
    file = tmp_path / "machine.json"
    file.write_text(json.dumps({"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${check_arn}", "End": True}}}))
    for content in ("{", "[]", '{"check_arn": "x"}', '{"check_arn": {"kind": 1}}', '{"check_arn": {"colour": "red"}}', "{}"):
        (tmp_path / INDEX_FILE).write_text(content)
        role, problems = derive(read_definition(file), Settings())
        assert role is not None
        assert problems == []
        assert role.policy.placeholders == ("check_arn",)
