"""The run command: what it prints, writes and returns."""

import io
import json

import pytest
from machines import machine, task

from generator.engine.run_command import run


@pytest.fixture
def command(tmp_path):
    """Run the command on a machine: exit code, output, messages."""

    def call(definition, **options):
        file = tmp_path / "flow.asl.json"
        file.write_text(definition if isinstance(definition, str) else json.dumps(definition))
        out, err = io.StringIO(), io.StringIO()
        return run(str(file), out=out, err=err, **options), out.getvalue(), err.getvalue()

    return call


def test_success(command, tmp_path):
    """The output is printed, the history written."""
    history = tmp_path / "history.json"
    definition = machine(("W", {"Type": "Wait", "Seconds": 3661}))
    code, out, err = command(definition, input='{"a": "ü"}', history=str(history))
    assert (code, json.loads(out), err) == (0, {"a": "ü"}, "SUCCEEDED after 1 h 1 min 1 s, 1 state transitions\n")
    events = json.loads(history.read_text())
    assert events[0]["timestamp"] == "2025-01-01T00:00:00.000+00:00"
    assert [event["type"] for event in events][-1] == "ExecutionSucceeded"


def test_failure(command):
    """An execution that fails is exit code 1, with error and cause."""
    code, out, err = command(machine(("F", {"Type": "Fail", "Error": "E", "Cause": "c"})))
    assert (code, json.loads(out)) == (1, {"Error": "E", "Cause": "c"})
    assert err.startswith("FAILED")


def test_files(command, tmp_path):
    """Input and mocks come from files."""
    (tmp_path / "in.json").write_text('{"n": 1}')
    (tmp_path / "mock.json").write_text('{"f": {"return": {"n": 2}}}')
    code, out, _ = command(machine(("F", task("f"))), input=str(tmp_path / "in.json"), mock=str(tmp_path / "mock.json"))
    assert (code, json.loads(out)) == (0, {"n": 2})


def test_names():
    """A name is looked up."""
    out = io.StringIO()
    asl = json.dumps(machine(("P", {"Type": "Pass", "Result": 1})))
    assert run("orders", definition_of={"orders": asl}.get, out=out, err=io.StringIO()) == 0
    assert out.getvalue() == "1\n"


@pytest.mark.parametrize(
    ("definition", "options", "message"),
    [
        (machine(("P", {"Type": "Pass"})), {"input": "{"}, "the input is not JSON"),
        (machine(("P", {"Type": "Pass"})), {"mock": "nowhere.json"}, "no mock file"),
        (machine(("P", {"Type": "Pass"})), {"history": "/nowhere/at/all.json"}, "cannot be written"),
    ],
)
def test_bad_input(command, definition, options, message):
    """Whatever is wrong is told in a line, with exit code 2."""
    code, out, err = command(definition, **options)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(("definition", "place"), [("{", "flow.asl.json:1:2"), ('{"StartAt": "A",\n "States": {}}', "flow.asl.json:")])
def test_bad_definitions(command, definition, place):
    """What AWS would not accept is shown with its place, and does not run."""
    code, out, err = command(definition)
    assert (code, out) == (2, "")
    assert place in err


def test_placeholders():
    """Placeholders name functions; others are filled in from outside."""
    call = task("arn:aws:states:::lambda:invoke", Parameters={"FunctionName": "${validator_arn}", "Payload": {"url": "${queue_url}"}})
    out = io.StringIO()
    options = {"functions": {"validator": lambda event: event["url"]}, "substitutions": {"queue_url": 'a"b'}}
    assert run("flow", definition_of=lambda _: json.dumps(machine(("C", call))), out=out, err=io.StringIO(), **options) == 0
    assert json.loads(out.getvalue())["Payload"] == 'a"b'


def test_unknown_target():
    """Neither a file nor a workflow."""
    err = io.StringIO()
    assert run("nothing", err=err) == 2
    assert err.getvalue() == "error: 'nothing' is neither a file nor a workflow\n"


def test_progress():
    """On a terminal a line shows where a long run stands, and is gone at the end."""

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    err = Terminal()
    states = {f"S{n}": {"Type": "Pass", "Next": f"S{n + 1}"} for n in range(3)}
    asl = json.dumps({"StartAt": "S0", "States": {**states, "S3": {"Type": "Succeed"}}})
    assert run("x", definition_of=lambda _: asl, out=io.StringIO(), err=err) == 0
    assert "state transitions, now in S0" in err.getvalue()
    assert err.getvalue().split("\x1b[2K")[-1].startswith("SUCCEEDED")
