"""The run command: what it prints, writes and returns."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from generator.commands.run import RunOptions, run

PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}


@pytest.fixture
def command(tmp_path: Path):
    """Run the command on a definition: exit code, output, messages."""

    def call(definition: Any, err: io.StringIO | None = None, **options: Any) -> tuple[int, str, str]:
        file = tmp_path / "flow.asl.json"
        file.write_text(definition if isinstance(definition, str) else json.dumps(definition))
        out, messages = io.StringIO(), err or io.StringIO()
        return run(RunOptions(str(file), tmp_path, **options), out=out, err=messages), out.getvalue(), messages.getvalue()

    return call


def test_success(command, tmp_path: Path) -> None:
    """The output is printed, the history written."""
    history = tmp_path / "history.json"
    definition = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3661, "End": True}}}
    code, out, err = command(definition, document='{"a": "ü"}', history=history)
    assert (code, json.loads(out)) == (0, {"a": "ü"})
    assert err == "flow SUCCEEDED after 1 h 1 min 1 s, 1 state transition\n  ✓ W  Wait  1 h 1 min 1 s\n"
    events = json.loads(history.read_text())
    assert events[0]["timestamp"] == "2025-01-01T00:00:00.000+00:00"
    assert [event["type"] for event in events][-1] == "ExecutionSucceeded"


def test_failure(command) -> None:
    """An execution that fails is exit code 1, with error and cause."""
    code, out, err = command({"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E", "Cause": "c"}}})
    assert (code, json.loads(out)) == (1, {"Error": "E", "Cause": "c"})
    assert err.startswith("flow FAILED after 0 s, 1 state transition\n  ✗ F  Fail    failed: E\n")


def test_files(command, tmp_path: Path) -> None:
    """Input and mocks come from files, in JSON or YAML."""
    (tmp_path / "in.json").write_text('{"n": 1}')
    (tmp_path / "mock.yaml").write_text("f: {return: {n: 2}}")
    call = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", "End": True}
    code, out, _ = command({"StartAt": "F", "States": {"F": call}}, document=str(tmp_path / "in.json"), mock=tmp_path / "mock.yaml")
    assert (code, json.loads(out)) == (0, {"n": 2})


def test_a_yaml_definition(tmp_path: Path) -> None:
    """What `validate` accepts, `run` runs."""
    file = tmp_path / "flow.asl.yaml"
    file.write_text("StartAt: P\nStates:\n  P: {Type: Pass, Result: 1, End: true}\n")
    out = io.StringIO()
    assert run(RunOptions(str(file)), out=out, err=io.StringIO()) == 0
    assert out.getvalue() == "1\n"


@pytest.mark.parametrize(
    ("options", "code", "place"),
    [
        ({"document": "{"}, "SFN001", "<input>:1:2"),
        ({"mock": Path("nowhere.json")}, "SFN004", "nowhere.json"),
        ({"history": Path("/nowhere/at/all.json")}, "SFN004", "/nowhere/at/all.json"),
        ({"history": Path("a\0b.json")}, "SFN004", "embedded null byte"),
        ({"document": "x" * 300}, "SFN001", "<input>:1:1"),
        ({"document": json.dumps("x" * 300_000)}, "SFN001", "input is invalid"),
    ],
)
def test_bad_input(command, options: dict[str, Any], code: str, place: str) -> None:
    """Whatever is wrong is a diagnostic, with exit code 1."""
    exit_code, out, err = command(PASS, **options)
    assert (exit_code, out) == (1, "")
    assert f"{code} " in err
    assert place in err


def test_a_mock_file_of_another_form(command, tmp_path: Path) -> None:
    """A mock file that is JSON but has no mocks in it."""
    (tmp_path / "mock.json").write_text('{"StateMachines": {"Other": 3}}')
    exit_code, out, err = command(PASS, mock=tmp_path / "mock.json", test_case="Other#Case")
    assert (exit_code, out) == (1, "")
    assert "SFN012" in err
    assert "mock.json" in err


@pytest.mark.parametrize(("definition", "place"), [("{", "flow.asl.json:1:2"), ('{"StartAt": "A",\n "States": {}}', "flow.asl.json:")])
def test_bad_definitions(command, definition: str, place: str) -> None:
    """What AWS would not accept is shown with its place, and does not run."""
    code, out, err = command(definition)
    assert (code, out) == (1, "")
    assert place in err


def test_a_placeholder_whose_value_is_needed(command) -> None:
    """A placeholder in place of a number is shown with its place, although `validate` accepts it."""
    code, out, err = command({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": "${seconds}", "End": True}}})
    assert (code, out) == (1, "")
    assert "SFN012 'Seconds' does not hold a number, because the value of a placeholder is missing" in err
    assert "flow.asl.json:1:51" in err
    assert "--set NAME=VALUE" in err


def test_unknown_target(project) -> None:
    """A name that is neither a file nor a workflow is wrong usage; the hint names the workflows."""
    root = project(flow='from generator import Succeed, Workflow\nmade = Workflow("made", steps=[Succeed("Done")])\n')
    err = io.StringIO()
    assert run(RunOptions("mode", root), err=err) == 2
    assert err.getvalue() == "error: 'mode' is neither a file nor a workflow; did you mean 'made'?\n"


def test_progress(command) -> None:
    """On a terminal a line shows where a long run is, and is gone at the end."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    states = {f"S{n}": {"Type": "Pass", "Next": f"S{n + 1}"} for n in range(3)}
    _, _, err = command({"StartAt": "S0", "States": {**states, "S3": {"Type": "Succeed"}}}, Terminal())
    assert "state transitions, now in S0" in err
    assert err.split("\x1b[2K")[-1].startswith("flow \x1b[1m\x1b[32mSUCCEEDED\x1b[0m after")


def test_a_cause_names_the_option_of_the_command(command) -> None:
    """Not the arguments of a Python function."""
    task = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", "End": True}
    code, out, _ = command({"StartAt": "It's", "States": {"It's": task}})
    cause = json.loads(out)["Cause"]
    assert code == 1
    assert "Mock the task: --mock '" in cause
    assert "mocks=" not in cause
    assert "functions=" not in cause
