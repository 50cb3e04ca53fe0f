"""The pipelines deploy: the buildspecs' commands run, under the role that Terraform makes for the build, with IAM enforcement on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.terraform import pipeline
from tests.support.terraform.environments import ENVIRONMENTS
from tests.support.terraform.offline import PROJECT, Offline
from tests.support.terraform.pipeline import Account, Builds

TERRAFORM = PROJECT / "terraform"


def account(offline: Offline, **variables: str) -> Account:
    """Apply `terraform/global`."""
    return Account(offline.apply(TERRAFORM / "global", {"repository": "example/dofs"} | variables, root=TERRAFORM))


@pytest.fixture(scope="module")
def dofs(terraform_offline: Offline) -> Account:
    """The account of the seed."""
    return account(terraform_offline)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_it_deploys(terraform_offline: Offline, dofs: Account, environment: str, tmp_path: Path) -> None:
    """Plan and apply the first time, when there is neither workspace nor state; then again, and nothing changes."""
    with pipeline.aws() as url:
        builds = Builds(terraform_offline, dofs, environment, url=url, folder=tmp_path)
        planned = builds.run("plan", sources := builds.checkout("first"))
        assert planned.code == 0, planned.log
        applied = builds.run("apply", builds.hand_over(sources, "first-plan"))
        assert applied.code == 0, applied.log
        assert "Apply complete! Resources:" in applied.log
        again = builds.run("plan", builds.checkout("second"))
        assert again.code == 0, again.log
        assert "No changes." in again.log


def test_it_deploys_another_project_in_another_region(terraform_offline: Offline, tmp_path: Path) -> None:
    """Project, region and the region of the state reach the build: acme-orders in eu-west-1."""
    acme = account(terraform_offline, project="acme-orders", region="eu-west-1")
    with pipeline.aws() as url:
        builds = Builds(terraform_offline, acme, "dev", url=url, folder=tmp_path)
        planned = builds.run("plan", sources := builds.checkout("first"))
        assert planned.code == 0, planned.log
        assert "acme-orders-dev-order-queue" in planned.log
        assert "dofs-dev" not in planned.log
        applied = builds.run("apply", builds.hand_over(sources, "plan"))
        assert applied.code == 0, applied.log
        assert "arn:aws:lambda:eu-west-1:" in applied.log
        assert "us-east-1" not in applied.log


@pytest.mark.parametrize(("sid", "message"), [("DefaultState", "403"), ("State", "403")])
def test_it_needs_what_it_is_allowed(terraform_offline: Offline, dofs: Account, sid: str, message: str, tmp_path: Path) -> None:
    """Enforcement is on: without one of the statements about the state, the build ends in 403; moto does not check ListBucket."""
    with pipeline.aws() as url:
        policies = [{**p, "Statement": [s for s in p["Statement"] if s.get("Sid") != sid]} for p in dofs.policies("dev")]
        builds = Builds(terraform_offline, dofs, "dev", url=url, folder=tmp_path, policies=policies)
        done = builds.run("plan", builds.checkout("first"))
        assert done.code
        assert message in done.log


@pytest.mark.parametrize(("protected", "code"), [("true", 1), ("false", 0)])
@pytest.mark.parametrize("actions", [["delete"], ["delete", "create"], ["create", "delete"]])
def test_a_protected_environment_keeps_what_holds_data(protected: str, code: int, actions: list[str]) -> None:
    """A plan that deletes or replaces a table is refused before it is saved for approval, whatever the reason is in the configuration."""
    change = {"address": "module.tables.aws_dynamodb_table.this", "type": "aws_dynamodb_table", "change": {"actions": actions}}
    plan = json.dumps({"resource_changes": [change]})
    command = [sys.executable, str(TERRAFORM / "scripts" / "guard.py")]
    done = subprocess.run(command, input=plan, env={"PROTECTED": protected}, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert ("its items are lost" in done.stderr) == bool(code)
