"""What a failing test of a workflow leaves behind, and the coverage as a page."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.pages import data_of

ROOT = Path(__file__).resolve().parents[2]
TEST = """
MACHINE = {"StartAt": "A", "States": {
    "A": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 1, "Next": "B"}], "Default": "C"},
    "B": {"Type": "Pass", "End": True}, "C": {"Type": "Fail", "Error": "Other"}}}

def test_it(run_workflow):
    assert run_workflow(MACHINE, {"n": 2}).status == "SUCCEEDED"

def test_well(run_workflow):
    assert run_workflow(MACHINE, {"n": 1}).status == "SUCCEEDED"
"""


@pytest.fixture
def ran(tmp_path: Path) -> str:
    """The output of a test run with a failing test."""
    (tmp_path / "test_flow.py").write_text(TEST)
    command = [sys.executable, "-m", "pytest", "-p", "generator.engine.tools.pytest_plugin", "-p", "generator.view.pytest_plugin"]
    options = ["--rootdir", str(tmp_path), "--workflow-coverage-html", str(tmp_path / "out" / "coverage.html"), str(tmp_path)]
    found = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, check=False)
    return found.stdout + found.stderr


def test_pages_of_a_test_run(ran: str, tmp_path: Path) -> None:
    """The failing test names its page; the passing one has none; the coverage has the machine with both transitions."""
    pages = [*tmp_path.glob(".pytest_cache/d/workflow-views/*.html")]
    assert len(pages) == 1, ran
    assert f"workflow FAILED: {pages[0]}" in ran
    data = data_of(pages[0].read_text())["execution"]
    assert (data["status"], data["error"]) == ("FAILED", "Other")
    (machine,) = data_of((tmp_path / "out" / "coverage.html").read_text())["coverage"]
    assert machine["percent"] == 100
    assert {state["name"]: state["ran"] for state in machine["states"]} == {"A": True, "B": True, "C": True}
    assert all(taken for _, _, taken in machine["transitions"])
    assert machine["svg"].startswith("<svg")
