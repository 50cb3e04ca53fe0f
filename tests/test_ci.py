"""The workflow of GitHub Actions: the Pythons that the package promises, the commands of a laptop, and no more rights than it needs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from shutil import copy
from typing import Any

import pytest
import yaml

from tests.support.import_graph import ROOT

TEXT = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
CI: dict[str, Any] = yaml.safe_load(TEXT)
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
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


@pytest.fixture
def in_action(tmp_path: Path) -> Callable[..., tuple[int, list[str]]]:
    """Return a function that runs the last step of the composite action, and returns its exit code and the codes in the SARIF file."""
    command = tmp_path / "bin" / "sfn-generator"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m generator "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    (command.parent / "python").symlink_to(sys.executable)
    step = ACTION["runs"]["steps"][-1]

    def run(files: str, **inputs: str) -> tuple[int, list[str]]:
        given = {name: row["default"] for name, row in ACTION["inputs"].items()} | {"files": files} | inputs
        assert step["env"] == {name.upper(): "${{ inputs." + name + " }}" for name in ("files", "type", "sarif")}
        environment = {**os.environ, **{name.upper(): given[name] for name in ("files", "type", "sarif")}}
        environment |= {"PATH": f"{command.parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
        script = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        done = subprocess.run(script, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        log = tmp_path / given["sarif"]
        text = log.read_text(encoding="utf-8") if log.exists() else ""
        results = json.loads(text)["runs"][0]["results"] if text else []
        return done.returncode, [result["ruleId"] for result in results]

    return run


def test_the_action_writes_sarif(in_action: Callable[..., tuple[int, list[str]]], tmp_path: Path) -> None:
    """Patterns are expanded, an error fails the step, and the findings are in the file either way."""
    (tmp_path / "a b").mkdir()
    for code in ("SFN101", "SFN302"):
        copy(ROOT / "tests" / "invalid" / f"{code}.asl.json", tmp_path / "a b")
    assert in_action("**/SFN302*\n") == (0, ["SFN302"])
    assert in_action("a b/SFN302.asl.json\n**/*.asl.json\n") == (1, ["SFN101", "SFN302"])
    assert in_action("nothing/*.json")[0] == 2
    assert in_action("a b/SFN302.asl.json", sarif="$(touch oops).sarif") == (0, ["SFN302"])
    assert not (tmp_path / "oops").exists()


def test_the_hooks_name_commands_that_exist() -> None:
    """The hooks of pre-commit call commands of this package, on files that are definitions."""
    hooks = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
    assert {hook["entry"] for hook in hooks.values()} == {"sfn-generator validate", "sfn-generator check"}
    pattern = re.compile(hooks["sfn-validate"]["files"])
    assert [bool(pattern.search(name)) for name in ("a/x.asl.json", "x.asl.yml", "x.json", "xasl.json")] == [True, True, False, False]
