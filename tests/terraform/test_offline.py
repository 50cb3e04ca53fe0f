"""The offline Terraform refuses what the real one refuses, and leaves nothing behind."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.support.terraform.offline import TerraformError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.terraform.offline import Offline

HEAD = """
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
  backend "s3" {}
}
provider "aws" {
  region = "us-east-1"
  default_tags {
    tags = { Project = "dofs" }
  }
}
variable "name" { type = string }
"""
QUEUE = 'resource "aws_sqs_queue" "orders" {\n  name = "${terraform.workspace}-${var.name}"\n  tags = { Kind = "queue" }\n}\n'


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """A module with a backend, a variable and one queue."""
    (tmp_path / "main.tf").write_text(HEAD + QUEUE)
    return tmp_path


def test_plan_has_names_tags_and_references(terraform_offline: Offline, module: Path) -> None:
    """Variables, the workspace and the provider's default tags are in the plan; what AWS decides is unknown."""
    with (module / "main.tf").open("a") as file:
        file.write('output "arn" { value = aws_sqs_queue.orders.arn }\n')
    plan = terraform_offline.plan(module, {"name": "order-queue"}, workspace="dev")
    (change,) = plan["resource_changes"]
    assert change["change"]["after"]["name"] == "dev-order-queue"
    assert change["change"]["after"]["tags_all"] == {"Project": "dofs", "Kind": "queue"}
    assert change["change"]["after_unknown"]["arn"] is True
    assert plan["configuration"]["root_module"]["outputs"]["arn"]["expression"]["references"] == [
        "aws_sqs_queue.orders.arn",
        "aws_sqs_queue.orders",
    ]


def test_the_module_is_left_as_it_was(terraform_offline: Offline, module: Path) -> None:
    """Lock file, state and plugins stay in the temporary copy."""
    terraform_offline.plan(module, {"name": "q"})
    assert [path.name for path in module.iterdir()] == ["main.tf"]


WRONG = {
    "attribute": ('resource "aws_sqs_queue" "x" { visibility = 30 }', "Unsupported argument"),
    "type": ('resource "aws_sqs_queue" "x" { delay_seconds = "soon" }', "a number is required"),
    "required": ('resource "aws_sfn_state_machine" "x" { definition = "{}" }', "Missing required argument"),
    "block": ('resource "aws_sqs_queue" "x" {\n  rules {}\n}', "Unsupported block type"),
    "second block": (
        'resource "aws_lambda_function" "x" {\n  role = "r"\n  tracing_config { mode = "A" }\n  tracing_config { mode = "A" }\n}',
        "Too many tracing_config blocks",
    ),
    "resource type": ('resource "aws_sqs_queues" "x" {}', "Invalid resource type"),
    "reference": ('output "x" { value = aws_sqs_queue.order.arn }', "Reference to undeclared resource"),
    "attribute reference": ('output "x" { value = aws_sqs_queue.orders.arns }', "Unsupported attribute"),
    "variable": ('output "x" { value = var.nome }', "Reference to undeclared input variable"),
    "decided by the provider": ('resource "aws_sqs_queue" "x" { arn = "a" }', "decided by the provider"),
    "value": ('resource "aws_sfn_state_machine" "x" {\n  role_arn = "r"\n  definition = "{}"\n  type = "FAST"\n}', "expected type"),
    "JSON": ('resource "aws_sqs_queue" "x" { policy = "{" }', "invalid JSON"),
    "retention": ('resource "aws_cloudwatch_log_group" "x" { retention_in_days = 29 }', "retention_in_days"),
    "names": ('resource "aws_sqs_queue" "x" {\n  name = "a"\n  name_prefix = "b"\n}', "conflicts with name_prefix"),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_validate_refuses(terraform_offline: Offline, module: Path, mistake: str) -> None:
    """Each mistake is found, with Terraform's own words."""
    text, message = WRONG[mistake]
    with (module / "main.tf").open("a") as file:
        file.write(text + "\n")
    with pytest.raises(TerraformError, match=re.escape(message)):
        terraform_offline.validate(module)


def test_fmt_shows_the_difference(terraform_offline: Offline, module: Path) -> None:
    """Bad format is an error that shows what to change."""
    (module / "main.tf").write_text('variable "a" {\n type = string\n}\n')
    with pytest.raises(TerraformError, match=r"\+  type = string"):
        terraform_offline.fmt(module)


def test_terraform_test_applies(terraform_offline: Offline, module: Path) -> None:
    """`terraform test` can apply: values that AWS would decide are made up."""
    (module / "a.tftest.hcl").write_text(
        'run "arn" {\n  variables { name = "q" }\n  assert {\n    condition = endswith(aws_sqs_queue.orders.arn, "q")\n'
        '    error_message = "no ARN"\n  }\n}\n',
    )
    assert "1 passed, 0 failed" in terraform_offline.test(module)
