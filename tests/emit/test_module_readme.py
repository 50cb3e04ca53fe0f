"""What a workflow's README says about its module is true: the call can be copied, and every variable is listed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import hcl2
import pytest

if TYPE_CHECKING:
    from tests.support.terraform.offline import Offline

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(path.parent for path in (ROOT / "build").glob("**/variables.tf"))
TERRAFORM = sorted([*(ROOT / "build").glob("**/*.tf"), *(ROOT / "terraform").glob("**/*.tf")])


def named(module: Path) -> str:
    """The path of a module, as the name of a test."""
    return module.relative_to(ROOT / "build").as_posix()


@pytest.mark.parametrize("module", MODULES, ids=named)
def test_every_variable_is_listed(module: Path) -> None:
    """With its default, or as required."""
    readme = (module / "README.md").read_text()
    for block in hcl2.loads((module / "variables.tf").read_text())["variable"]:
        ((name, variable),) = block.items()
        (row,) = re.findall(rf"^\| `{name.strip(chr(34))}` \| .*$", readme, re.MULTILINE)
        assert (" | required | " in row) == ("default" not in variable), name


def test_the_call_can_be_copied(terraform_offline: Offline, tmp_path: Path) -> None:
    """The block of each README is valid, and Terraform plans it: all modules in one plan."""
    calls = []
    for module in MODULES:
        (call,) = re.findall(r"^```hcl\n(.*?)^```$", (module / "README.md").read_text(), re.MULTILINE | re.DOTALL)
        calls.append(call)
        (tmp_path / module.name).symlink_to(module)
    (tmp_path / "main.tf").write_text("\n".join(calls))
    terraform_offline.fmt(tmp_path / "main.tf")
    plan = terraform_offline.plan(tmp_path)
    machines = [each["change"]["after"]["name"] for each in plan["resource_changes"] if each["type"] == "aws_sfn_state_machine"]
    assert sorted(machines) == sorted(module.name for module in MODULES)
    assert "aws_scheduler_schedule" in json.dumps(plan["resource_changes"])


@pytest.mark.parametrize("file", TERRAFORM, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_other_parsers_read_the_terraform(file: Path) -> None:
    """python-hcl2, with which tools in Python read modules, parses every file."""
    assert hcl2.loads(file.read_text())
