"""The README of each module in terraform/modules is as its files are, and its example can be copied."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import hcl2
import pytest

from tests.support.terraform.offline import PROJECT
from tests.support.terraform.readmes import MODULES, readme

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.terraform.offline import Offline


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_the_readme_is_fresh(module: Path) -> None:
    """It has every input and every output; `make modules` writes it anew."""
    written = (module / "README.md").read_text()
    assert written == readme(module), "run `make modules`"
    for kind, heading in (("variable", "Inputs"), ("output", "Outputs")):
        section = written[written.index(f"## {heading}") :].partition("\n\n## ")[0]
        listed = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
        files = [hcl2.loads(path.read_text()) for path in module.glob("*.tf")]
        declared = [name.strip('"') for file in files for block in file.get(kind, []) for name in block]
        assert sorted(listed) == sorted(declared)


def test_every_module_has_one() -> None:
    """A new module is not forgotten; none needs more of this project than its README says."""
    assert [path.parent for path in sorted((PROJECT / "terraform" / "modules").glob("*/README.md"))] == MODULES
    assert {path for path in (PROJECT / "terraform" / "modules").iterdir() if path.is_dir()} == set(MODULES)


def test_each_example_can_be_copied(terraform_offline: Offline, tmp_path: Path) -> None:
    """All of them in one plan: each module is there with what its README says that it needs, and without the rest of the project."""
    calls, wanted = [], set()
    for module in MODULES:
        text = (module / "README.md").read_text()
        (call,) = re.findall(r"^```hcl\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        calls.append(call)
        wanted |= {module.name, *re.findall(r"`\.\./(\w+)`", text)}
    for name in wanted:
        shutil.copytree(PROJECT / "terraform" / "modules" / name, tmp_path / "modules" / name)
    (tmp_path / "main.tf").write_text("\n".join(calls))
    terraform_offline.fmt(tmp_path / "main.tf")
    plan = terraform_offline.plan(tmp_path)
    planned = {each["module_address"].partition(".")[2].partition(".")[0].partition("[")[0] for each in plan["resource_changes"]}
    assert planned == {module.name for module in MODULES} - {"names"}, "names only checks"


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_a_module_reaches_only_what_its_readme_names(module: Path) -> None:
    """Modules beside it by name, and no other file of the project."""
    named = set(re.findall(r"`(\.\./\w+)`", (module / "README.md").read_text()))
    reached = {found for file in module.glob("*.tf") for found in re.findall(r'"[^"\n]*?(\.\./[\w./-]*)', file.read_text())}
    assert reached == named
