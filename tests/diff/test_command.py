"""The command: what it compares by default, the formats, exit codes, and bad input."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from threading import Thread
from xml.etree.ElementTree import fromstring

import pytest

from tests.support.commands import call

FLOW = """\
    from generator import Function, Succeed, Task, Workflow

    check = Function("check")
    made = Workflow("made", steps=[Task("Check", check.invoke({}), timeout_seconds=60), Succeed("Done")])
    """
CHANGED = FLOW.replace("timeout_seconds=60", "timeout_seconds=10")
DEFINITION = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": 1, "End": true}}}'


def git(folder: Path, *arguments: str) -> None:
    """Run git as somebody."""
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def test_by_default_the_output_folder_and_what_is_generated(project) -> None:
    """Nothing is written; a difference is the exit code only if that is wanted."""
    root = project(flow=FLOW)
    call("generate")
    assert call("diff", "--exit-code").stdout == "build/ -> what the workflows generate: no difference in 1 workflow.\n"
    assert call("diff", "--exit-code").exit_code == 0
    project(flow=CHANGED)
    before = (root / "build" / "made" / "definition.asl.json").read_bytes()
    result = call("diff")
    assert "~ Check: TimeoutSeconds: 1 min -> 10 s\n" in result.stdout
    assert (result.exit_code, result.stderr) == (0, "")
    assert call("diff", "--exit-code").exit_code == 1
    assert (root / "build" / "made" / "definition.asl.json").read_bytes() == before


def test_revisions_of_git(project) -> None:
    """A revision has the output folder that is committed in it, whatever is in the working tree."""
    root = project(flow=FLOW)
    call("generate")
    git(root, "init", "-q")
    git(root, "add", "build")
    git(root, "commit", "-qm", "one")
    git(root, "tag", "v1")
    project(flow=CHANGED)
    call("generate")
    git(root, "commit", "-qam", "two")
    for versions in (("v1", "HEAD"), ("HEAD~1",), ("v1", "build")):
        result = call("diff", *versions)
        assert "~ Check: TimeoutSeconds: 1 min -> 10 s\n" in result.stdout
    assert "no difference" in call("diff", "HEAD").stdout
    misspelt = call("diff", "v2")
    assert (misspelt.exit_code, misspelt.stdout) == (2, "")
    assert "SFN860 there is no file, no folder and no git revision 'v2'" in misspelt.stderr
    git(root, "rm", "-rqf", "build")
    git(root, "commit", "-qm", "three")
    result = call("diff", "v1", "HEAD")
    assert result.exit_code == 1
    assert "the revision 'HEAD' has no build/" in result.stderr


def test_a_revision_is_never_an_option_of_git(project) -> None:
    """A name that starts with a dash is only a name."""
    project(flow=FLOW)
    assert call("diff", "--", "--output=x", "HEAD").exit_code == 2


def test_formats(tmp_path: Path) -> None:
    """JSON for programs, Markdown for a pull request."""
    (tmp_path / "a.asl.json").write_text(DEFINITION)
    (tmp_path / "b.asl.json").write_text(DEFINITION.replace('"Result": 1', '"Result": 2'))
    versions = str(tmp_path / "a.asl.json"), str(tmp_path / "b.asl.json")
    document = json.loads(call("diff", *versions, "--format", "json").stdout)
    (workflow,) = document["workflows"]
    assert [(change["how"], change["subject"], change["old"], change["new"]) for change in workflow["changes"]] == [("changed", "A", 1, 2)]
    assert document["dangerous"] == 0
    markdown = call("diff", *versions, "--format", "markdown").stdout
    assert "| changed | A | Result: 1 → 2 |" in markdown


def test_both_graphs_in_one_picture(tmp_path: Path) -> None:
    """The states that differ are marked, and no id is there twice."""
    (tmp_path / "a.asl.json").write_text('{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Succeed"}}}')
    (tmp_path / "b.asl.json").write_text('{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "<C>"}, "<C>": {"Type": "Fail"}}}')
    result = call("diff", str(tmp_path / "a.asl.json"), str(tmp_path / "b.asl.json"), "--svg", str(tmp_path / "both.svg"))
    assert result.stderr == f"wrote {tmp_path / 'both.svg'}\n"
    picture = fromstring((tmp_path / "both.svg").read_text(encoding="utf-8"))  # noqa: S314  our own picture
    ids = [element.get("id") for element in picture.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    classes = {element.get("id"): element.get("class") for element in picture.iter()}
    assert (classes["old-s2"], classes["new-s2"], classes["old-s1"]) == ("Succeed removed", "Fail added", "Pass changed")
    links = {value.strip("#)").removeprefix("url(#") for element in picture.iter() for value in element.attrib.values() if "#" in value[:5]}
    assert links <= set(ids)
    refused = call("diff", str(tmp_path / "a.asl.json"), str(tmp_path / "b.asl.json"), "--svg", str(tmp_path))
    assert refused.exit_code == 1
    assert "SFN004" in refused.stderr


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("{", 1, "SFN001"),
        ("[]", 1, "SFN003"),
        ("{}", 1, "SFN011"),
        ('{"StartAt": "A", "States": {}}', 1, "SFN"),
        ('{"definition": "{", "stateMachineArn": "arn:aws:states:us-east-1:1:stateMachine:a"}', 1, "SFN001"),
        ('{"definition": "[]"}', 1, "SFN003"),
        ("\x00", 1, "SFN001"),
        (None, 2, "SFN860"),
    ],
)
def test_bad_input_is_a_diagnostic(tmp_path: Path, text: str | None, code: int, said: str) -> None:
    """With a code and an exit code, and without a traceback."""
    (tmp_path / "good.asl.json").write_text(DEFINITION)
    if text is not None:
        (tmp_path / "bad.json").write_text(text)
    for versions in (("good.asl.json", "bad.json"), ("bad.json", "good.asl.json")):
        result = call("diff", *(str(tmp_path / version) for version in versions))
        assert (result.exit_code, result.stdout) == (code, "")
        assert said in result.stderr


def test_workflows_with_errors_cannot_be_compared(project) -> None:
    """The problems are those of generate."""
    project(flow='from generator import Pass, Workflow\nmade = Workflow("made", steps=[Pass("A", next="B")])\n')
    (Path("build/made")).mkdir(parents=True)
    (Path("build/made/definition.asl.json")).write_text(DEFINITION)
    result = call("diff")
    assert result.exit_code == 1
    assert "workflows/flow.py:2:32" in result.stderr


def test_there_is_nothing_to_compare_with(project, tmp_path: Path) -> None:
    """No output folder yet; an empty folder."""
    project(flow=FLOW)
    assert "the folder build/ does not exist" in call("diff").stderr
    (tmp_path / "empty").mkdir()
    assert call("diff", "empty").exit_code == 2


def test_a_pipe_is_a_file(tmp_path: Path) -> None:
    """A shell makes one of ``<(aws stepfunctions describe-state-machine …)``."""
    (tmp_path / "a.asl.json").write_text(DEFINITION)
    os.mkfifo(tmp_path / "pipe")
    Thread(target=lambda: (tmp_path / "pipe").write_text(DEFINITION), daemon=True).start()
    assert "no difference" in call("diff", str(tmp_path / "pipe"), str(tmp_path / "a.asl.json")).stdout
    assert call("diff", "", str(tmp_path / "a.asl.json")).exit_code == 2


def test_a_deployed_definition_is_compared_with_its_workflow(project) -> None:
    """By the end of its name; the ARNs of the deployment are the placeholders of the template."""
    root = project(flow=FLOW.rstrip() + '\n    other = Workflow("other", steps=[Succeed("Done")])\n')
    call("generate")
    text = (root / "build" / "made" / "definition.asl.json").read_text()
    deployed = {
        "stateMachineArn": "arn:aws:states:us-east-1:111122223333:stateMachine:shop-prod-made",
        "name": "shop-prod-made",
        "type": "STANDARD",
        "definition": text.replace("${check_arn}", "arn:aws:lambda:us-east-1:111122223333:function:check"),
    }
    (root / "deployed.json").write_text(json.dumps(deployed))
    assert call("diff", "deployed.json").stdout.endswith("no difference in 1 workflow.\n")
    assert call("diff", "deployed.json", "--workflow", "other").stdout.startswith("other\n")
    (root / "deployed.json").write_text(json.dumps(deployed | {"type": "EXPRESS", "name": "else"}))
    assert call("diff", "deployed.json").exit_code == 2
    result = call("diff", "deployed.json", "--workflow", "made")
    assert "type: EXPRESS -> STANDARD" in result.stdout
    assert "The state machine is replaced" in result.stdout


def test_check_says_what_generating_would_do(project) -> None:
    """Below the files that differ; nothing without an output folder, and nothing for programs."""
    project(flow=FLOW)
    assert "-> what" not in call("check").stdout
    call("generate")
    project(flow=CHANGED)
    result = call("check")
    assert result.exit_code == 1
    assert "SFN808" in result.stdout
    assert "~ Check: TimeoutSeconds: 1 min -> 10 s\n" in result.stdout
    assert result.stdout.endswith("build/ -> what the workflows generate: 1 change, 1 dangerous.\n")
    json.loads(call("check", "--format", "json").stdout)
