"""The README says what is true."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from generator.asl.write import to_json
from generator.cli import commands_of, parser
from generator.lower import compile_workflow
from workflows.order_processing import order_processing

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_example_is_the_workflow(tmp_path: Path) -> None:
    """The code shown compiles to the states that are deployed."""
    block = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert block
    (tmp_path / "shown.py").write_text(block[1], encoding="utf-8")
    shown = runpy.run_path(str(tmp_path / "shown.py"))
    assert (
        to_json(compile_workflow(shown["order_processing"]).machine)["States"]
        == to_json(compile_workflow(order_processing).machine)["States"]
    )


def test_its_python_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each block of Python can be copied into a file of the project, and runs as it is."""
    monkeypatch.chdir(ROOT)
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(blocks) >= 2
    for block in blocks:
        exec(compile(block, "README.md", "exec"), {"__name__": "README"})  # noqa: S102  our own README


def test_every_link_leads_somewhere() -> None:
    """Files and folders the README links to are there."""
    targets = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_every_make_target_it_names_is_there() -> None:
    """``make x`` in the README is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^ {4}(?:\$ )?|`)make ([a-z-]+)", README, re.MULTILINE))
    assert {"generate", "test", "check", "run", "plan"} <= named <= targets


def test_it_names_the_commands_that_there_are() -> None:
    """Each command of the command line has a row, and each row is a command."""
    named = re.findall(r"^\| `sfn-generator ([a-z-]+)", README, re.MULTILINE)
    assert sorted(named) == list(commands_of(parser()))
