"""checkov finds nothing in what is planned. It pins its own boto3, so it lives in an environment of its own, in the user's cache."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.terraform.offline import PROJECT
from tests.terraform.provider_schema import Unavailable, cache_directory, fetching

if TYPE_CHECKING:
    from pathlib import Path

    from tests.terraform.offline import Offline

CHECKOV = "checkov==3.3.30"
CONFIGURATION = PROJECT / "tests" / "terraform" / "checkov.yaml"


@pytest.fixture(scope="session")
def checkov() -> Path:
    """The command; installed once, which takes a minute and 290 MB."""
    folder = cache_directory() / CHECKOV.replace("==", "-")
    command = folder / "bin" / "checkov"
    with fetching():
        if not (folder / "installed").exists():
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
            install = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", CHECKOV]
            done = subprocess.run(install, capture_output=True, text=True, check=False)
            if done.returncode:
                msg = f"{CHECKOV} could not be installed, and this test needs it once:\n{done.stderr}"
                raise Unavailable(msg)
            (folder / "installed").touch()
    return command


def findings(checkov: Path, plan: Path) -> list[str]:
    """What checkov has to say about a plan."""
    command = [checkov, "--file", plan, "--config-file", CONFIGURATION, "--output", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    assert report["summary"]["passed"] > 50, done.stdout
    assert report["summary"]["parsing_errors"] == 0
    return [f"{found['check_id']} {found['resource']}: {found['check_name']}" for found in report["results"]["failed_checks"]]


def test_no_finding(checkov: Path, terraform_offline: Offline, packages: Path, tmp_path: Path) -> None:
    """In production's plan, and in the account's."""
    terraform, plan = PROJECT / "terraform", tmp_path / "plan.json"
    production = terraform_offline.plan(
        terraform, {"package_directory": str(packages)}, var_file="environments/prod.tfvars", workspace="prod", root=PROJECT
    )
    account = terraform_offline.plan(terraform / "global", {"repository": "example/dofs"}, root=terraform)
    for planned in (production, account):
        plan.write_text(json.dumps(planned))
        assert findings(checkov, plan) == []


def test_it_would_find_something(checkov: Path, terraform_offline: Offline, packages: Path, tmp_path: Path) -> None:
    """A plan without encryption, public access blocks and policies is not clean."""
    plan = tmp_path / "plan.json"
    planned = terraform_offline.plan(
        PROJECT / "terraform", {"package_directory": str(packages)}, var_file="environments/dev.tfvars", workspace="dev", root=PROJECT
    )
    text = json.dumps(planned).replace('"sqs_managed_sse_enabled": true', '"sqs_managed_sse_enabled": false')
    plan.write_text(text.replace('"block_public_acls": true', '"block_public_acls": false'))
    assert {finding.split()[0] for finding in findings(checkov, plan)} >= {"CKV_AWS_27", "CKV_AWS_53"}
