"""The run command in a project: child workflows, placeholders, the content of buckets, the declared input, mocks to copy."""

from __future__ import annotations

import io
import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from generator.cli import call
from generator.commands.run import RunOptions, run

FLOWS = """
    from dataclasses import dataclass

    from generator import Bucket, DistributedMap, Function, Pass, Succeed, Task, Wait, Workflow, csv_items, fn, integration
    from generator import placeholder, sdk, states

    @dataclass
    class Order:
        amount: int

    ARN = "arn:aws:states:us-east-1:123456789012:stateMachine:local-"
    imports = Bucket("imports")
    greeter = Function("greeter")

    said = Succeed("Said", output={"job": "${job_name}", "to": placeholder("job_name")})
    inner = Workflow("inner", steps=[Wait("Pause", seconds=placeholder("pause", int)), said])
    middle = Workflow("middle", steps=[Task("RunInner", inner.run({}))])
    parent = Workflow(
        "parent",
        steps=[
            Task("ByName", middle.run({})),
            Task("ByArn", integration("states:startExecution.sync:2", {"StateMachineArn": ARN + "other", "Input": {}})),
            Task(
                "Computed",
                sdk.sfn.start_sync_execution(StateMachineArn=fn.format(ARN + "{}", states.input.Output.next)),
                output=fn.parse_json(states.result.Output),
            ),
        ],
    )
    other = Workflow("other", steps=[Pass("Answer", output={"next": "quick", "bucket": "${imports_name}"})])
    quick = Workflow("quick", type="EXPRESS", steps=[Task("Nested", other.start_execution({}), output={"ran": True})])
    rows = Workflow("rows", steps=[DistributedMap("Each", csv_items(imports, states.input.key), [Pass("Row")])])
    typed = Workflow("typed", input=Order, steps=[Succeed("Done")])
    greet = Workflow(
        "greet",
        steps=[
            Task("Greet", greeter.invoke({}), output=states.result.Payload.text),
            Task("Speak", sdk.athena.start_session(WorkGroup="primary", EngineConfiguration={})),
            Task("Translate", sdk.translate.translate_text(Text="x", SourceLanguageCode="en", TargetLanguageCode="de")),
        ],
    )
"""


@pytest.fixture
def command(project):
    """Run the command on a workflow of the project: exit code, output, messages."""
    root = project(flows=FLOWS)

    def ran(target: str, **options: Any) -> tuple[int, str, str]:
        out, messages = io.StringIO(), io.StringIO()
        return run(RunOptions(target, root, **options), out=out, err=messages), out.getvalue(), messages.getvalue()

    return ran


def test_child_workflows(command) -> None:
    """Children are found by a reference, by an ARN in text, and by a computed ARN, nested, with the placeholders of the project."""
    code, out, err = command("parent", values={"pause": "90", "job_name": "nightly"})
    assert (code, json.loads(out)) == (0, {"ran": True}), err
    assert err.startswith("parent SUCCEEDED after 1 min 30 s, 3 state transitions\n")
    for name in ("→ middle", "→ inner", "Pause", "→ other", "→ quick", "Nested", "Answer"):
        assert f"✓ {name}" in err
    assert max(map(len, err.splitlines())) <= 80


def test_placeholders(command) -> None:
    """Values have the types of their placeholders; one without a value is a warning that names the option."""
    code, out, err = command("inner", values={"pause": "3600", "job_name": "nightly"})
    assert (code, json.loads(out)) == (0, {"job": "nightly", "to": "nightly"})
    assert err.startswith("inner SUCCEEDED after 1 h,")
    _, out, err = command("inner", values={"pause": "1"})
    assert json.loads(out)["to"] == "${job_name}"
    assert "warning: the placeholder ${job_name} has no value: --set job_name=VALUE\n" in err


@pytest.mark.parametrize(
    ("target", "values", "told"),
    [
        ("inner", {"jobname": "x"}, ["SFN841 there is no placeholder ${jobname}", "did you mean 'job_name'?"]),
        ("typed", {"zzz": "x"}, ["SFN841 there is no placeholder ${zzz}", "the placeholders are job_name, pause"]),
        ("inner", {"pause": "soon"}, ["SFN012 the value of the placeholder ${pause} is not of the type number", "expected: a number"]),
        ("inner", {"pause": "true"}, ["SFN012 the value of the placeholder ${pause}"]),
    ],
)
def test_invalid_values(command, target: str, values: dict[str, str], told: list[str]) -> None:
    """A name that no definition has and a value of another type are diagnostics; nothing runs."""
    code, out, err = command(target, values=values)
    assert (code, out) == (1, "")
    for text in told:
        assert text in err


def test_objects(command, tmp_path: Path) -> None:
    """The files of a folder are in the bucket, under their paths."""
    (tmp_path / "data" / "in").mkdir(parents=True)
    (tmp_path / "data" / "in" / "a.csv").write_text("name\nAnn\nBob\n")
    code, out, err = command("rows", document='{"key": "in/a.csv"}', objects={"imports": tmp_path / "data"})
    assert (code, json.loads(out)) == (0, [{"name": "Ann"}, {"name": "Bob"}]), err
    assert "2 items in 2 child executions: 2 succeeded" in err
    code, out, err = command("rows", objects={"import": tmp_path / "data"})
    assert (code, out) == (1, "")
    assert "SFN841 there is no bucket 'import'" in err
    assert "did you mean 'imports'?" in err
    code, out, err = command("rows", objects={"imports": tmp_path / "nowhere"})
    assert (code, out) == (1, "")
    assert "SFN004 the folder does not exist" in err


def test_objects_of_a_file(tmp_path: Path) -> None:
    """A definition in a file has S3 too when a bucket is filled."""
    (tmp_path / "a.txt").write_text("Hello")
    call_s3 = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:getObject", "Parameters": {"Bucket": "b-1", "Key": "a.txt"}}
    (tmp_path / "flow.json").write_text(json.dumps({"StartAt": "G", "States": {"G": {**call_s3, "OutputPath": "$.Body", "End": True}}}))
    out = io.StringIO()
    options = RunOptions(str(tmp_path / "flow.json"), tmp_path, objects={"b-1": tmp_path})
    assert run(options, out=out, err=io.StringIO()) == 0
    assert json.loads(out.getvalue()) == "Hello"


def test_the_declared_input(command) -> None:
    """An input of another type is a diagnostic with its place in the text and as a JSONPath."""
    code, out, err = command("typed", document='{\n "amount": "12"}')
    assert (code, out) == (1, "")
    assert 'SFN840 the input does not match the type that the workflow declares, at $.amount: "12" is not of type "integer"' in err
    assert "<input>:2:" in err
    code, _, err = command("typed")
    assert (code, "give the input with --input" in err) == (1, True)
    assert command("typed", document='{"amount": 12}')[0] == 0
    assert command("typed", document='{"amount": "12"}', any_input=True)[0] == 0


def test_a_mock_to_copy(command) -> None:
    """What cannot run here says what to add to the command; with what it says, the execution goes on."""
    code, out, err = command("greet")
    assert (code, json.loads(out)["Error"]) == (1, "Local.NotAvailable")
    option, answer = shlex.split(err.splitlines()[-1])
    assert (option, json.loads(answer)) == ("--mock", {"Greet": {"return": {"Payload": {"text": "example"}}}})
    for state in ("Speak", "Translate"):
        code, _, err = command("greet", mock=answer)
        assert (code, "moto does not simulate this action" in err.replace("\n         ", " ")) == (1, True), err
        option, answer = shlex.split(err.splitlines()[-1])
        assert state in json.loads(answer)
    code, out, err = command("greet", mock=answer)
    assert code == 0, err


def test_the_command_line(project, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The options reach the command, and standard output is the output alone."""
    root = project(flows=FLOWS)
    assert call(["run", "inner", "--root", str(root), "--set", "pause=5", "--set", "job_name=a=b", "--details"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["to"] == "a=b"
    assert "\nSaid (Succeed) succeeded\n  input: {}" in captured.err
    with pytest.raises(SystemExit):
        call(["run", "inner", "--set", "pause"])
    assert "'pause' is not of the form NAME=VALUE" in capsys.readouterr().err


def test_the_page(command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With --view the execution is written as a page; on a terminal with a desktop it is opened."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("DISPLAY", ":0")
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url) or True)
    code, out, err = command("other", view=True)
    assert (code, json.loads(out)["next"], opened) == (0, "quick", [])
    page = Path(err.splitlines()[-1].removeprefix("wrote ").partition(":")[0])
    assert page.name == "other.html"
    assert "<title>other: succeeded</title>" in page.read_text(encoding="utf-8")
    terminal = Terminal()
    assert run(RunOptions("other", view=True), out=io.StringIO(), err=terminal) == 0
    assert opened[0].endswith("/other.html")
    assert f"opened {Path(opened[0].removeprefix('file://'))}" in terminal.getvalue()
