"""``view``: what it takes, what it writes, and what it says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.engine import execute
from tests.support.commands import call
from tests.support.pages import data_of

MACHINE = {
    "StartAt": "Double",
    "States": {
        "Double": {
            "Type": "Task",
            "Resource": "arn:aws:lambda:us-east-1:123456789012:function:double",
            "ResultPath": "$.twice",
            "Next": "Done",
        },
        "Done": {"Type": "Succeed"},
    },
}


@pytest.fixture
def saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a history as the AWS CLI writes it, and the definition."""
    monkeypatch.chdir(tmp_path)
    history = execute(MACHINE, {"n": 2}, functions={"double": lambda event: event["n"] * 2}).history
    text = json.dumps({"events": history}, default=lambda moment: moment.isoformat())
    (tmp_path / "run.json").write_text(text)
    (tmp_path / "machine.asl.json").write_text(json.dumps(MACHINE, indent=2))
    return tmp_path


def test_a_history_with_its_definition(saved: Path) -> None:
    """The page has the data of each step, and the line of the definition."""
    result = call("view", "run.json", "--definition", "machine.asl.json", "-o", "run.html")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "wrote run.html" in result.stderr
    found = data_of((saved / "run.html").read_text())["execution"]
    double = found["visits"][0]
    assert found["texts"][double["x"]["result"]] == "4"
    assert found["texts"][double["x"]["afterResultPath"]] == '{"n":2,"twice":4}'
    assert found["states"][0]["code"]["file"] == "machine.asl.json"
    assert found["states"][0]["code"]["line"] == 4


def test_a_history_alone(saved: Path) -> None:
    """Without a definition, the graph has what the history shows."""
    result = call("view", "run.json", "-o", "-")
    found = data_of(result.stdout)["execution"]
    assert result.exit_code == 0
    assert found["inferred"]
    assert [state["name"] for state in found["states"]] == ["Double", "Done"]


def test_a_definition_is_run(saved: Path) -> None:
    """What ``run`` runs can be viewed; a failure is a page, too."""
    (saved / "mock.json").write_text('{"double": {"throw": {"error": "Broken", "cause": "no"}}}')
    result = call("view", "machine.asl.json", "--input", '{"n": 1}', "--mock", "mock.json", "-o", "-")
    found = data_of(result.stdout)["execution"]
    assert (found["status"], found["failing"], found["visits"][0]["st"]) == ("FAILED", 0, "failed")


def test_two_executions(saved: Path) -> None:
    """The first difference is marked."""
    text = (saved / "run.json").read_text()
    (saved / "other.json").write_text(text.replace('\\"twice\\":4', '\\"twice\\":5'))
    page = data_of(call("view", "run.json", "--compare", "other.json", "-o", "-").stdout)
    assert page["page"] == "compare"
    assert page["comparison"] == {"rows": [[0, 0, "output"], [1, 1, "input and output"]], "first": 0}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"events": 1}', "neither a list of events"),
        ('[{"id": 1}]', "neither a list of events"),
        ('[{"type": "X", "id": 1}]', "event 1 of the history is invalid"),
    ],
)
def test_what_is_not_a_history(saved: Path, text: str, message: str) -> None:
    """The message names the file and what is wrong."""
    (saved / "bad.json").write_text(text)
    result = call("view", "bad.json")
    assert result.exit_code == 1
    assert "error: bad.json is not a history: " in result.stderr
    assert message in result.stderr


def test_an_unknown_name(saved: Path) -> None:
    """It is a misuse of the command."""
    result = call("view", "no-such-workflow")
    assert result.exit_code == 2 or "no workflows" in result.stderr


def test_a_run_with_placeholders_and_buckets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``--set`` and ``--s3`` are those of ``run``."""
    monkeypatch.chdir(tmp_path)
    reader = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "mine", "Key": "items.json"}}
    inner = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, "StartAt": "P", "States": {"P": {"Type": "Succeed"}}}
    each = {"Type": "Map", "ItemReader": {**reader, "ReaderConfig": {"InputType": "JSON"}}, "ItemProcessor": inner, "End": True}
    (tmp_path / "m.asl.json").write_text(json.dumps({"StartAt": "Each", "States": {"Each": each}}))
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "items.json").write_text("[1, 2, 3]")
    result = call("view", "m.asl.json", "--s3", "mine=files", "-o", "-")
    assert result.exit_code == 0, result.stderr
    found = data_of(result.stdout)["execution"]
    assert (found["status"], len(found["iterations"])) == ("SUCCEEDED", 3)
    refused = call("view", "m.asl.json", "--set", "bukket=mine", "-o", "-")
    assert refused.exit_code == 1
    assert "SFN841 there is no placeholder ${bukket}" in refused.stderr
