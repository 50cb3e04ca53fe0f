"""The guide is true: the blocks of each page run, in order, in a project of their own."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.guide import DOCS, NOT_RUN, PAGES, PROJECT_PACKAGES, Guide, blocks
from tests.support.terraform.offline import Offline

ROOT = DOCS.parent
HOW_TO = sorted((DOCS / "how-to").glob("*.md"))
# Plugins that a user's project has not, and that take time.
_WITHOUT = [arg for name in ("cacheprovider", "xdist", "benchmark", "hypothesispytest", "schemathesis") for arg in ("-p", f"no:{name}")]
ACCEPTED_WILDCARDS = {
    # IAM cannot limit these actions to resources.
    ("batch:DescribeJobs", "*"),
    ("lakeformation:GetDataAccess", "*"),
    ("sagemaker:ListTags", "*"),
    # What the call starts gets its id only then.
    ("batch:SubmitJob", "job/*"),
    ("batch:TerminateJob", "job/*"),
    ("ecs:DescribeTasks", "task/*"),
    ("ecs:StopTask", "task/*"),
}
"""The actions that the roles of the how-to pages allow on all resources of a kind; a careful person accepts these."""
PYPROJECT = '[tool.pytest.ini_options]\npythonpath = ["."]\n'


@pytest.fixture
def guide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Guide]:
    """Make an empty project in the working directory, and leave none of its modules behind."""

    def loaded() -> set[str]:
        return {name for name in sys.modules if name.split(".")[0] in PROJECT_PACKAGES}

    before = {name: sys.modules.pop(name) for name in loaded() if not name.startswith("tests")}
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # a page may change a file within a second
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    made = Guide(tmp_path, _run_pytest)
    yield made
    made.forget()
    sys.modules.update(before)


def _run_pytest(arguments: list[str]) -> tuple[int, str]:
    """Run pytest in this process. Unlike pytester it keeps modules such as moto, which cannot be imported twice."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        code = pytest.main([*_WITHOUT, "--rootdir=.", "--color=no", "--capture=sys", *arguments])
    return int(code), printed.getvalue()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_page(guide: Guide, page: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> None:
    """The blocks of the page run, its workflows compile without a warning, and Terraform accepts its configurations."""
    found = list(blocks(page))
    if not any("$ sfn-generator init" in block.text for block in found):
        (guide.root / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    for block in found:
        guide.run(block)
    if any(block.title.startswith("workflows/") for block in found):
        guide.generate()
        code, printed = guide.command("sfn-generator check")
        assert code == 0, printed
        assert "warning" not in printed, printed
    if page in HOW_TO:
        assert wildcards(guide.root) <= ACCEPTED_WILDCARDS
    for folder in {(guide.root / block.title).parent for block in found if block.title.endswith(".tf")}:
        terraform: Offline = request.getfixturevalue("terraform_offline")
        terraform.fmt(folder)
        terraform.validate(folder, root=guide.root)
    for shown in re.findall(r"!\[[^\]]*\]\(([^)]*diagrams/[^)]+\.svg)\)", page.read_text(encoding="utf-8")):
        (drawn,) = guide.root.glob(f"build/**/{Path(shown).stem}/diagram.svg")
        golden(page.parent / shown, drawn.read_text(encoding="utf-8"))
    capsys.readouterr()


def wildcards(root: Path) -> set[tuple[str, str]]:
    """Return the actions that a role may take on all resources of a kind, with that part of the ARN."""
    found = set()
    for policy in root.glob("build/**/execution-role.policy.json"):
        for statement in json.loads(policy.read_text(encoding="utf-8"))["Statement"]:
            actions, resources = ([value] if isinstance(value, str) else value for value in (statement["Action"], statement["Resource"]))
            whole = [
                match[1]
                for resource in resources
                if (match := re.fullmatch(r"(?:arn:[^:]*:[^:]*:[^:]*:[^:]*:)?((?:[\w-]+[/:])?\*)", resource))
            ]
            found |= {(action, resource) for action in actions for resource in whole}
    return found


@pytest.mark.parametrize("page", HOW_TO, ids=lambda page: page.stem)
def test_how_to_pages_are_whole(page: Path) -> None:
    """A how-to page has a workflow, a test that the page runs, and its diagram."""
    found = list(blocks(page))
    if page.stem == "index":
        return
    titles = [block.title for block in found]
    assert any(title.startswith("workflows/") for title in titles)
    assert any(title.startswith("tests/test_") for title in titles)
    assert any("$ pytest" in block.text for block in found if block.language == "console")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_what_is_not_run_is_foreign(page: Path) -> None:
    """Only code of other tools, and commands that need a network or AWS, are not run; and they say so."""
    for block in blocks(page):
        if block.skipped:
            assert re.match(rf"{NOT_RUN}: \w", block.title), f"{block.place}: the title must say why"
            assert "from generator" not in block.text, f"{block.place}: our code must run"
        elif block.language in ("", "bash", "sh", "shell"):
            pytest.fail(f"{block.place}: use console for commands, text for anything else")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_code_fits_the_page(page: Path) -> None:
    """Python has at most 92 columns, so that readers need not scroll."""
    wide = [
        f"{block.place}: {line}"
        for block in blocks(page)
        if block.language == "python"
        for line in block.text.split("\n")
        if len(line) > 92
    ]
    assert wide == []


def golden(file: Path, text: str) -> None:
    """Compare a file of the guide with what is generated; ``UPDATE_GOLDEN=1`` writes it."""
    if os.environ.get("UPDATE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert file.is_file(), f"{file.name} is missing: run the test with UPDATE_GOLDEN=1"
    assert file.read_text(encoding="utf-8") == text, f"{file.name} has changed: run the test with UPDATE_GOLDEN=1"


def test_relative_links_lead_somewhere() -> None:
    """Links between pages, and from the README to the guide, have targets. MkDocs checks the anchors."""
    missing = [
        f"{page.name}: {target}"
        for page in [*PAGES, ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
        for target in _links(page)
        if not (page.parent / target).exists()
        and not (page.parent / target).resolve().is_relative_to(DOCS / "diagnostics")  # the build makes these
    ]
    assert missing == []


def _links(page: Path) -> list[str]:
    text = re.sub(r"^ *```.*?^ *```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text)
