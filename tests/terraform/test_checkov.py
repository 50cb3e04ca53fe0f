"""checkov finds nothing in what is planned, nor in the sources.

It pins its own boto3, so it lives in an environment of its own, in the user's cache.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.terraform.offline import PROJECT
from tests.support.terraform.provider_schema import UnavailableError, cache_directory, fetching

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.terraform.environments import Environment
    from tests.support.terraform.offline import Offline

CHECKOV = (PROJECT / "tests" / "terraform" / "checkov.in").read_text().strip()
LOCK = PROJECT / "tests" / "terraform" / "checkov.lock"
"""CHECKOV and all that it needs, with hashes: ``make lock`` writes it."""
CONFIGURATION = PROJECT / "tests" / "terraform" / "checkov.yaml"


@pytest.fixture(scope="session")
def checkov() -> Path:
    """The command; installed once, which takes a minute and 290 MB."""
    folder = cache_directory() / CHECKOV.replace("==", "-")
    command = folder / "bin" / "checkov"
    with fetching():
        if not (folder / "installed").exists():
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
            install = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            install += ["--require-hashes", "--requirement", str(LOCK)]
            done = subprocess.run(install, capture_output=True, text=True, check=False)
            if done.returncode:
                msg = f"{CHECKOV} could not be installed, and this test needs it once:\n{done.stderr}"
                raise UnavailableError(msg)
            (folder / "installed").touch()
    return command


def run(checkov: Path, *arguments: Path | str) -> list[dict[str, Any]]:
    """What checkov has to say."""
    command = [checkov, *arguments, "--config-file", CONFIGURATION, "--output", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    assert report["summary"]["passed"] > 50, done.stdout
    assert report["summary"]["parsing_errors"] == 0
    failed: list[dict[str, Any]] = report["results"]["failed_checks"]
    return failed


def findings(checkov: Path, plans: list[Path]) -> dict[str, set[str]]:
    """What it has to say about each plan."""
    found: dict[str, set[str]] = {plan.name: set() for plan in plans}
    for each in run(checkov, *(part for plan in plans for part in ("--file", plan))):
        found[each["file_path"].rpartition("/")[2]].add(f"{each['check_id']} {each['resource']}: {each['check_name']}")
    return found


def test_no_finding(checkov: Path, terraform_offline: Offline, environments: Callable[[str], Environment], tmp_path: Path) -> None:
    """Neither in production's plan nor in the account's; in a plan that was spoiled there is."""
    terraform = PROJECT / "terraform"
    production = json.dumps(environments("prod").plan)
    account = terraform_offline.plan(terraform / "global", {"repository": "example/dofs"}, root=terraform)
    spoiled = production.replace('"sqs_managed_sse_enabled": true', '"sqs_managed_sse_enabled": false')
    spoiled = re.sub(r'"kms_master_key_id": {"references": [^}]*}', '"kms_master_key_id": {}', spoiled)  # checkov takes it for a key
    spoiled = spoiled.replace('"block_public_acls": true', '"block_public_acls": false')
    plans = {"production.json": production, "account.json": json.dumps(account), "spoiled.json": spoiled}
    for name, text in plans.items():
        (tmp_path / name).write_text(text)
    found = findings(checkov, [tmp_path / name for name in plans])
    assert {finding.split()[0] for finding in found.pop("spoiled.json")} == {"CKV_AWS_27", "CKV_AWS_53", "CKV2_AWS_6"}
    assert found == {"production.json": set(), "account.json": set()}


def test_no_finding_in_the_sources(checkov: Path, tmp_path: Path) -> None:
    """Neither in what is written by hand nor in what is generated, as an editor runs it; in a spoiled copy there is."""
    for name in ("terraform", "build/order-processing"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    spoiled = tmp_path / "terraform" / "modules" / "spoiled"
    shutil.copytree(PROJECT / "terraform" / "modules" / "queues", spoiled)
    main = spoiled / "main.tf"
    main.write_text(re.sub(r"(sqs_managed_sse_enabled +=) .*\n.*kms_master_key_id.*", r"\1 false", main.read_text()))
    found = {
        (each["check_id"], Path(each["file_path"]).parent.name)
        for each in run(checkov, "--directory", tmp_path, "--framework", "terraform")
    }
    assert found == {("CKV_AWS_27", "spoiled")}
