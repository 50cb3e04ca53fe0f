"""The workflow of GitHub Actions: the Pythons that the package promises, the commands of a laptop, and no more rights than it needs."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
import yaml

from tests.support.import_graph import ROOT

TEXT = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
CI: dict[str, Any] = yaml.safe_load(TEXT)
STEPS: list[dict[str, Any]] = [step for job in CI["jobs"].values() for step in job["steps"]]


def test_it_runs_on_every_python_that_the_package_promises() -> None:
    """The matrix, the classifiers and ``requires-python`` agree."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    promised = [found[1] for line in project["classifiers"] if (found := re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", line))]
    assert CI["jobs"]["test"]["strategy"]["matrix"]["python"] == promised
    assert project["requires-python"] == f">={promised[0]}"


def test_it_runs_the_make_targets_of_a_laptop() -> None:
    """What passes here passes there: no step does anything of its own."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    commands = [step["run"] for step in STEPS if "run" in step]
    assert [command for command in commands if not re.fullmatch(r"make( \w+=\w+)* [a-z-]+", command)] == []
    named = [command.split()[-1] for command in commands]
    assert named == ["setup", "test", "check", "docs"]
    assert {*named} <= targets


@pytest.mark.parametrize("action", [step["uses"] for step in STEPS if "uses" in step])
def test_actions_are_pinned_to_a_commit(action: str) -> None:
    """A tag can be moved; a commit cannot. The comment beside it says which version it is."""
    assert re.search(rf"uses: {re.escape(action)} # v\d+\.\d+\.\d+$", TEXT, re.MULTILINE)
    assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action)


def test_it_may_read_the_code_and_nothing_else() -> None:
    """No job asks for more, no step sees a secret, and the checkout keeps no token."""
    assert CI["permissions"] == {"contents": "read"}
    assert all("permissions" not in job for job in CI["jobs"].values())
    assert "secrets." not in TEXT
    checkouts = [step for step in STEPS if step.get("uses", "").startswith("actions/checkout@")]
    assert [step["with"]["persist-credentials"] for step in checkouts] == [False] * len(CI["jobs"])
