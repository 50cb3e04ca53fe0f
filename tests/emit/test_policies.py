"""Policies as text: for Terraform's `templatefile`, and for people."""

from __future__ import annotations

import json
import re
from typing import Any

from generator import Table, Task, Workflow
from generator.dsl.integrations import Integration
from generator.emit import artifacts
from generator.emit.docs import needed_by
from generator.emit.terraform import policies
from generator.emit.terraform.template import policy_template
from generator.lower import compile_workflow
from tests.support.definitions import policy_of


def machine(**states: dict[str, Any]) -> dict[str, Any]:
    """Make a machine of states, whatever their order."""
    return {"StartAt": next(iter(states)), "States": states}


def task(resource: str, **parameters: Any) -> dict[str, Any]:
    """Make a JSONPath task."""
    return {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True}


def test_text_is_data() -> None:
    """Text that only looks like a template is escaped, so that Terraform reads it as text; placeholders stay."""
    definition = machine(A=task("arn:aws:states:::dynamodb:getItem", TableName="a%{b}", Key={}), B=task("${f_arn}"))
    text = policy_template(policy_of(definition).document())
    assert "%{" not in text
    assert set(re.findall(r"\$\{(\w+)\}", text)) == {"f_arn", "aws_partition", "aws_region", "aws_account_id"}
    assert "table/a%{b}" in json.dumps(json.loads(text))
    assert json.loads(policy_template({"x": "${*} ${} $${ %{"})) == {"x": "${*} ${} $${ %{"}


def test_text_of_an_author_is_not_a_variable_of_the_policy() -> None:
    """A key with `${…}` is that key: IAM and Terraform read it as text."""
    arguments = {"Bucket": "b", "Key": "in/${x}"}
    step = Task("Read", Integration("arn:aws:states:::aws-sdk:s3:getObject", arguments))
    role = compile_workflow(Workflow("reader", steps=[step])).role
    assert role.policy.placeholders == ("aws_partition",)
    assert "arn:${aws_partition}:s3:::b/in/${$}{x}" in json.loads(policy_template(role.policy.document()))["Statement"][0]["Resource"]


def test_files_and_the_page_of_a_workflow() -> None:
    """Each policy is a file, the trust policy too; the page names states, and settings in parentheses."""
    table = Table("orders", key="id")
    compiled = compile_workflow(Workflow("reader", steps=[Task("Read", table.get_item({"id": {"S": "1"}}))]))
    assert list(artifacts(compiled, (policies.emit,))) == [
        f"{name}.policy.json" for name in ("encryption", "execution-role", "log-encryption", "logging", "tracing", "trust")
    ]
    needs = needed_by(compiled.role.policies)
    assert needs["dynamodb:GetItem"] == ["Read"]
    assert needs["kms:GenerateDataKey"] == ["(encryption)", "(log-encryption)"]
