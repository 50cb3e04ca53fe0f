"""No command raises, whatever the files hold: a diagnostic in the format that was asked for, and exit code 1."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.commands import call

ROOT = Path(__file__).resolve().parents[2]

GOOD = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}'
TASK = '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", "End": true}}}'
POLICY = '{"Version": "2012-10-17", "Statement": []}'

BROKEN = {
    "empty.json": b"",
    "bom.json": b"\xef\xbb\xbf" + GOOD.encode(),
    "utf16.json": GOOD.encode("utf-16"),
    "latin.json": b'{"StartAt": "\xe4"}',
    "brace.json": b"{",
    "list.json": b"[]",
    "null.json": b"null",
    "nan.json": b'{"StartAt": NaN}',
    "infinite.json": b'{"StartAt": "A", "TimeoutSeconds": 1e999, "States": {}}',
    "deep.json": b"[" * 100_000,
    "deep-objects.json": b'{"a":' * 100_000,
    "nul.json": b"\x00",
    "digits.json": b'{"StartAt": "A", "TimeoutSeconds": ' + b"9" * 5000 + b', "States": {}}',
    "surrogates.json": b'{"StartAt": "\\ud800", "States": {"\\ud800": {"Type": "Nope"}}}',
    "terminal.json": b'{"StartAt": "\\u001b[31m"}',
    "placeholder.json": b"${x}",
    "empty.yaml": b"",
    "bracket.yaml": b"a: [",
    "tab.yml": b"\tx",
    "two.yaml": b"a: 1\n---\nb: 2\n",
    "merge.yaml": b"x: &x {Type: Pass}\nStates:\n  A:\n    <<: *x\n",
    "tag.asl.yml": b"a: !!binary aGk=\n",
    "itself.yaml": b"a: &a [*a]",
    "alias.yaml": b"*a",
    "deep.yaml": b"[" * 100_000,
    "deep-blocks.yaml": b"- " * 20_000,
    "version.yaml": b"%YAML 3.0\n---\na: 1\n",
    "digits.yaml": b"a: " + b"9" * 5000,
    "lines.yaml": "a: '\x85\u2028'\nb: [\n".encode(),
}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with one good file of each kind."""
    for name, text in (("good.json", GOOD), ("task.json", TASK), ("policy.json", POLICY)):
        (tmp_path / name).write_text(text)
    return tmp_path


def commands(file: str, good: Path) -> Iterator[list[str]]:
    """Return every command that reads a file, with the file in every place where it takes one."""
    for form in ("text", "json", "sarif"):
        yield ["validate", file, "--format", form]
        yield ["check-policy", file, str(good / "policy.json"), "--format", form]
        yield ["check-policy", str(good / "good.json"), file, "--format", form]
    yield ["validate", "--type", "EXPRESS", file]
    yield ["iam", file]
    yield ["iam", "--explain", file]
    yield ["run", file]
    yield ["run", str(good / "task.json"), "--mock", file]


def expect_diagnostics(arguments: list[str], text: str | None = None) -> None:
    """Run a command that must find an error, and show it in its format."""
    result = call(*arguments, text=text)
    shown = result.stdout + result.stderr
    assert result.exit_code == 1, arguments
    assert "Traceback" not in shown
    if "json" in arguments:
        assert json.loads(result.stdout), arguments
    elif "sarif" in arguments:
        assert json.loads(result.stdout)["runs"][0]["results"], arguments
    else:
        assert "SFN" in shown, arguments
        assert "\x1b" not in shown


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files(files: Path, name: str) -> None:
    """As a definition, as a policy and as mocks."""
    (files / name).write_bytes(BROKEN[name])
    for arguments in commands(str(files / name), files):
        if name == "surrogates.json" and "--mock" in arguments:
            continue  # an odd mock file, but not a wrong one
        expect_diagnostics(arguments)


def test_files_that_cannot_be_read(files: Path) -> None:
    """A folder, a link to itself, no file, and names that no file can have."""
    (files / "folder.json").mkdir()
    (files / "loop.json").symlink_to("loop.json")
    for name in ("folder.json", "loop.json", "missing.json", "missing.yaml", "a\0b.json", "x" * 300 + ".json"):
        for arguments in commands(str(files / name), files):
            expect_diagnostics(arguments)


def test_standard_input(files: Path) -> None:
    """``-`` is read by all commands, also as an input; a broken one is placed in it."""
    good = str(files / "good.json")
    for arguments in (["validate", "-"], ["iam", "-"], ["run", "-"], ["check-policy", "-", str(files / "policy.json")]):
        assert call(*arguments, text=GOOD).exit_code == 0
        expect_diagnostics(arguments, text="{")
    assert json.loads(call("run", good, "--input", "-", text='{"n": 1}').stdout) == {"n": 1}
    expect_diagnostics(["run", good, "--input", "-"], text="{")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damaged_files(files: Path, data: st.DataObject) -> None:
    """A good file with some bytes changed, cut out or doubled: every command ends with an exit code of its own."""
    source = data.draw(st.sampled_from([GOOD, TASK, POLICY, "StartAt: A\nStates:\n  A: &a {Type: Pass, End: true}\n"])).encode()
    for _ in range(data.draw(st.integers(1, 3))):
        at, length = data.draw(st.integers(0, len(source))), data.draw(st.integers(0, 4))
        source = (
            source[:at]
            + data.draw(st.binary(max_size=3) | st.sampled_from([b'"', b"{", b"]", b"${", b"{%", b"\n", b"null"]))
            + source[at + length :]
        )
    file = files / data.draw(st.sampled_from(["damaged.json", "damaged.asl.yaml"]))
    file.write_bytes(source)
    for arguments in commands(str(file), files):
        result = call(*arguments)
        assert result.exit_code in {0, 1}
        if "json" in arguments or "sarif" in arguments:
            json.loads(result.stdout)


@pytest.mark.parametrize(("document", "encoding"), [('{"n": "\\ud800"}', "utf-8"), ('{"n": "ü"}', "ascii")])
def test_output_is_json_in_utf_8(files: Path, document: str, encoding: str) -> None:
    """Whatever the encoding of the system; lone surrogates are escaped, in the output and in the history."""
    history = files / "history.json"
    done = subprocess.run(
        [sys.executable, "-m", "generator", "run", str(files / "good.json"), "--input", "-", "--history", str(history)],
        input=document.encode(),
        capture_output=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )
    assert json.loads(done.stdout) == json.loads(document)
    events = json.loads(history.read_bytes())
    assert json.loads(events[0]["executionStartedEventDetails"]["input"]) == json.loads(document)
