"""The command line: what is printed where, and the exit codes of linters."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commands import call

ROOT = Path(__file__).resolve().parents[2]
GOOD = '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${check_arn}", "End": true}}}'
BAD = '{\n  "StartAt": "A",\n  "States": {\n    "A": {"Type": "Pass", "Next": "Bee"},\n    "B": {"Type": "Succeed"}\n  }\n}\n'


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with a right and a wrong definition."""
    (tmp_path / "good.asl.json").write_text(GOOD)
    (tmp_path / "bad.asl.json").write_text(BAD)
    return tmp_path


def test_generate_says_what_changed(project) -> None:
    """0 and a line on standard error; standard output stays empty for pipes."""
    project(flow='from generator import Succeed, Workflow\nmade = Workflow("made", steps=[Succeed("Done")])\n')
    first, second = call("generate"), call("generate")
    assert (first.exit_code, first.stdout) == (0, "")
    assert "1 workflow in build/: " in first.stderr
    assert "added" in first.stderr
    assert second.stderr == "1 workflow in build/: nothing changed.\n"
    assert call("check").exit_code == 0
    assert call("list").stdout == "made  STANDARD  1 state  workflows/flow.py:2:8  build/made\n"


def test_errors_exit_with_one_and_show_the_line(project) -> None:
    """The diagnostic quotes the author's line; nothing is written."""
    root = project(flow='from generator import Pass, Workflow\nmade = Workflow("made", steps=[Pass("A", next="B")])\n')
    result = call("generate")
    assert result.exit_code == 1
    assert "workflows/flow.py:2:32" in result.stdout
    assert 'steps=[Pass("A", next="B")]' in result.stdout
    assert "^^^^" in result.stdout
    assert not (root / "build").exists()


def test_validate_takes_many_files(files: Path) -> None:
    """Text for people, and 1 if any file has an error."""
    result = call("validate", str(files / "good.asl.json"), str(files / "bad.asl.json"))
    assert result.exit_code == 1
    assert "bad.asl.json:4:27" in result.stdout
    assert "good.asl.json" not in result.stdout
    assert call("validate", str(files / "good.asl.json")).exit_code == 0


def test_validate_as_json(files: Path) -> None:
    """A list of diagnostics with all their members, and nothing else on standard output."""
    result = call("validate", "--format", "json", str(files / "bad.asl.json"))
    found = json.loads(result.stdout)
    assert {"code", "severity", "message", "file", "line", "column", "pointer", "hint"} <= set(found[0])
    assert ("SFN101", 4, "/States/A/Next") in {(d["code"], d["line"], d["pointer"]) for d in found}
    assert json.loads(call("validate", "--format", "json", str(files / "good.asl.json")).stdout) == []


def test_validate_as_sarif(files: Path) -> None:
    """What code scanning services read."""
    log = json.loads(call("validate", "--format", "sarif", str(files / "bad.asl.json")).stdout)
    assert log["version"] == "2.1.0"
    results = log["runs"][0]["results"]
    assert {r["ruleId"] for r in results} == {"SFN101", "SFN104"}
    (wrong,) = [r["locations"][0]["physicalLocation"] for r in results if r["ruleId"] == "SFN101"]
    assert wrong["artifactLocation"]["uri"].endswith("bad.asl.json")
    assert wrong["region"]["startLine"] == 4


def test_validate_standard_input_and_types(files: Path) -> None:
    """``-`` is standard input; Express has fewer patterns."""
    task = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": True}
    task["Parameters"] = {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/123456789012/q", "MessageBody": {"t.$": "$$.Task.Token"}}
    waits = json.dumps({"StartAt": "A", "States": {"A": task}})
    assert call("validate", "-", text=waits).exit_code == 0
    assert call("validate", "--type", "EXPRESS", "-", text=waits).exit_code == 1


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"{", b"[]", b"null", b'{"StartAt": NaN}', b"[" * 100_000, b'{"a": "\\ud800"}', b"\x00"]
)
def test_bad_input_is_a_diagnostic(tmp_path: Path, content: bytes) -> None:
    """Any bytes end with exit code 1 and a code, without a traceback."""
    file = tmp_path / "x.json"
    file.write_bytes(content)
    result = call("validate", "--format", "json", str(file))
    assert result.exit_code == 1
    assert json.loads(result.stdout)[0]["code"].startswith("SFN0")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """The others are still validated, in every format; the code has its page."""
    result = call("validate", "--format", "json", str(tmp_path / "none.json"), str(tmp_path))
    assert result.exit_code == 1
    assert [d["code"] for d in json.loads(result.stdout)] == ["SFN004", "SFN004"]
    sarif = call("validate", str(tmp_path / "none.json"), "--format", "sarif")
    assert (sarif.exit_code, json.loads(sarif.stdout)["runs"][0]["results"][0]["ruleId"]) == (1, "SFN004")
    assert call("explain", "SFN004").exit_code == 0


def test_explain() -> None:
    """A page for each code; an unknown one is wrong usage, with what was meant."""
    assert call("explain", "sfn101").stdout.startswith("# SFN101")
    wrong = call("explain", "SFN1O1")
    assert wrong.exit_code == 2
    assert "did you mean" in wrong.stderr


@pytest.mark.parametrize(
    "arguments", [[], ["no-such-command"], ["validate"], ["validate", "--type", "FAST", "x"], ["generate", "--root", "/no/such/folder"]]
)
def test_wrong_usage_exits_with_two(arguments: list[str]) -> None:
    """As linters do."""
    assert call(*arguments).exit_code == 2


def test_iam_and_check_policy(files: Path) -> None:
    """The least policy for a file, why, and what a hand-written one lacks or exceeds."""
    asl = str(files / "good.asl.json")
    result = call("iam", asl)
    policy = json.loads(result.stdout)
    assert policy["Statement"][0]["Action"] == "lambda:InvokeFunction"
    assert "/States/A" in call("iam", "--explain", asl).stdout
    (files / "policy.json").write_text(result.stdout)
    assert call("check-policy", asl, str(files / "policy.json")).exit_code == 0
    policy["Statement"][0]["Action"] = "s3:GetObject"
    (files / "policy.json").write_text(json.dumps(policy))
    assert call("check-policy", asl, str(files / "policy.json")).exit_code == 1


def test_run_a_file(tmp_path: Path) -> None:
    """The output on standard output; 0 only if it succeeded."""
    file = tmp_path / "wait.asl.json"
    states = {"W": {"Type": "Wait", "Seconds": 86400, "Next": "P"}, "P": {"Type": "Pass", "Result": {"ok": 1}, "End": True}}
    file.write_text(json.dumps({"StartAt": "W", "States": states}))
    result = call("run", str(file), "--history", str(tmp_path / "history.json"))
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {"ok": 1}
    assert json.loads((tmp_path / "history.json").read_text())[0]["type"] == "ExecutionStarted"
    file.write_text('{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E"}}}')
    assert call("run", str(file)).exit_code == 1
    assert call("run", "no-such-workflow").exit_code == 2
    missing = call("run", str(tmp_path / "none.asl.json"))
    assert missing.exit_code == 1
    assert "SFN004" in missing.stderr


def test_a_reader_that_leaves_early_sees_no_traceback() -> None:
    """As with ``| head -1``: nobody reads the pipe any more when the command writes to it."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "generator", "explain", "SFN101"]
    try:
        done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False, cwd=ROOT)
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")


def test_the_columns_of_list_are_aligned(project) -> None:
    """Also when the output is piped: each column starts at the same place in all lines."""
    text = "from generator import Pass, Succeed, Workflow\n"
    text += 'a = Workflow("a", steps=[Succeed("Done")])\n'
    text += 'b = Workflow("much-longer", type="EXPRESS", steps=[Pass("One"), Succeed("Two")])\n'
    listed = call("list", "--root", str(project(flows=text)))
    assert listed.exit_code == 0
    first, second = listed.stdout.splitlines()
    assert first.index("workflows/") == second.index("workflows/")
    assert first.index("1 state") == second.index("2 states")
    assert (first[-7:], second[-17:]) == ("build/a", "build/much-longer")
