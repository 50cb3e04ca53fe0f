"""The comment of a pull request, from a recorded event and without a network."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.cli import parser
from generator.diff.event import MARKER
from tests.support.commands import call
from tests.support.import_graph import ROOT

EVENT = Path(__file__).parent / "pull_request.json"
WORKFLOW = ROOT / ".github" / "workflows" / "diff.yml"
TEXT = WORKFLOW.read_text(encoding="utf-8")
JOB: dict[str, Any] = yaml.safe_load(TEXT)["jobs"]["comment"]
DEFINITION = '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${check_arn}", "TimeoutSeconds": 60, "End": true}}}'


def git(folder: Path, *arguments: str) -> str:
    """Run git as somebody."""
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def event(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a branch that changes a timeout, while the main branch goes on; and the event of its pull request."""
    monkeypatch.chdir(tmp_path)
    definition = tmp_path / "build" / "pay" / "definition.asl.json"
    definition.parent.mkdir(parents=True)
    git(tmp_path, "init", "-q", "-b", "main")

    def commit(text: str) -> str:
        definition.write_text(text)
        git(tmp_path, "add", "build")
        git(tmp_path, "commit", "-qm", "change")
        return git(tmp_path, "rev-parse", "HEAD")

    commit(DEFINITION)
    git(tmp_path, "checkout", "-qb", "faster")
    head = commit(DEFINITION.replace("60", "10"))
    git(tmp_path, "checkout", "-q", "main")
    base = commit(DEFINITION.replace("check_arn", "other_arn"))
    file = tmp_path / "event.json"
    file.write_text(EVENT.read_text(encoding="utf-8").replace("HEAD_SHA", head).replace("BASE_SHA", base))
    return file


def test_the_comment_is_what_the_branch_changes(event: Path) -> None:
    """What the main branch changed meanwhile is not in it."""
    result = call("diff", "--event", str(event))
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("<!-- sfn-generator diff -->\n## Workflows: 1 change, 1 dangerous\n\n`main` → `faster`\n")
    assert "TimeoutSeconds: 1 min → 10 s" in result.stdout
    assert "other" not in result.stdout


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", '{"pull_request": {"base": {"sha": "--output=x"}, "head": {"sha": "HEAD"}}}', '{"push": 1}']
)
def test_another_event_is_refused(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a diagnostic; a commit is never an option of git."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "event.json").write_text(text)
    result = call("diff", "--event", "event.json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "SFN860" in result.stderr or "SFN001" in result.stderr


def test_a_commit_that_was_not_fetched(event: Path) -> None:
    """It is said, with what to do."""
    event.write_text(re.sub(r"[0-9a-f]{40}", "0" * 40, event.read_text()))
    result = call("diff", "--event", str(event))
    assert result.exit_code == 2
    assert "SFN860" in result.stderr


def test_the_example_calls_the_command_that_is_tested() -> None:
    """Its options are those of this version, and what it writes is what is posted."""
    (command,) = [step["run"] for step in JOB["steps"] if "sfn-generator diff --event" in step.get("run", "")]
    words, _, file = command.partition(" > ")
    program, *arguments = shlex.split(words)
    assert program.endswith("sfn-generator")
    assert parser().parse_args(arguments).event == Path("$GITHUB_EVENT_PATH")
    assert f"body=@{file}" in JOB["steps"][-1]["run"]
    assert MARKER in JOB["steps"][-1]["run"]


@pytest.mark.parametrize(
    ("there", "called"),
    [
        ("", "api --method POST repos/octo-org/shop/issues/7/comments --field body=@comment.md"),
        ("41\n42\n", "api --method PATCH repos/octo-org/shop/issues/comments/41 --field body=@comment.md"),
    ],
)
def test_the_comment_is_posted_once_and_then_kept_up_to_date(there: str, called: str, tmp_path: Path) -> None:
    """The step as it is, with a stand-in for gh: it finds the comment of an earlier run, or it posts a new one."""
    gh = tmp_path / "gh"
    gh.write_text('#!/bin/sh\necho "$*" >> "$CALLS"\ncase "$*" in *--paginate*) printf "%s" "$THERE";; esac\n')
    gh.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "CALLS": str(tmp_path / "calls"), "THERE": there}
    environment |= {"GITHUB_REPOSITORY": "octo-org/shop", "NUMBER": "7"}
    script = JOB["steps"][-1]["run"]
    # GitHub runs a step like this: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
    subprocess.run(["bash", "-e", "-o", "pipefail", "-c", script], check=True, env=environment, cwd=tmp_path)
    assert (tmp_path / "calls").read_text().splitlines()[1:] == [called]


def test_the_example_may_write_comments_and_nothing_else() -> None:
    """No code of a fork gets a token that writes; actions are pinned; nothing of the event is pasted into a shell."""
    document = yaml.safe_load(TEXT)
    assert document["permissions"] == {"contents": "read"}
    assert JOB["permissions"] == {"contents": "read", "pull-requests": "write"}
    assert "head.repo.full_name == github.repository" in JOB["if"]
    uses = [step["uses"] for step in JOB["steps"] if "uses" in step]
    assert uses
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action) for action in uses)
    assert not [step for step in JOB["steps"] if "${{" in step.get("run", "")]


def test_the_guide_shows_the_example() -> None:
    """All of it, so that it can be copied."""
    assert TEXT in (ROOT / "docs" / "review.md").read_text(encoding="utf-8")
