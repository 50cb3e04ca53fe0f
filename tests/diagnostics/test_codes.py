"""The catalogue: codes, themes, and a page for each, whose examples do what they say."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

from generator.asl.schema import schema_findings
from generator.checks.validate import validate_text
from generator.diagnostics import codes
from generator.diagnostics.codes import CODES, THEMES, explain
from generator.pipeline import Run, check_all, compile_all, load_all, run_pipeline

FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def found_in(kind: str, detail: str, text: str, root: Path) -> list[str]:
    """Give the codes that an example yields."""
    if kind == "python":
        (root / "workflows").mkdir(exist_ok=True)
        (root / "workflows" / "example.py").write_text(text, encoding="utf-8")
        return [d.code for d in run_pipeline(Run(root, write=False), (load_all, compile_all, check_all)).diagnostics]
    if "schema" in detail:
        return [f.code for f in schema_findings(json.loads(text))]
    return [d.code for d in validate_text(text, "page.json", workflow_type="EXPRESS" if "express" in detail else "STANDARD")]


def test_codes_are_unique_and_have_a_theme() -> None:
    """A code stands once, has the form SFNnnn, and its first digit is a theme."""
    rows = codes._CATALOGUE
    assert len({row.code for row in rows}) == len(rows)
    assert len({row.title for row in rows}) == len(rows)
    for row in rows:
        assert re.fullmatch(r"SFN\d{3}", row.code)
        assert row.code[3] in THEMES
    assert [row.code for row in rows] == sorted(row.code for row in rows)


def test_there_is_a_page_for_each_code_and_no_other() -> None:
    """Pages and catalogue agree, title for title."""
    pages = {p.name.removesuffix(".md") for p in (files("generator.diagnostics") / "pages").iterdir() if p.name.endswith(".md")}
    assert pages == set(CODES)
    for row in CODES.values():
        assert explain(row.code).splitlines()[0] == f"# {row.code}: {row.title}"


@pytest.mark.parametrize("code", CODES)
def test_examples_of_the_page(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wrong example yields exactly the page's code, the right one nothing."""
    monkeypatch.chdir(tmp_path)
    before, after = explain(code).split("\n## Right\n")
    assert "\n## Wrong\n" in before
    for wrong in FENCE.findall(before):
        (tmp_path / "wrong").mkdir()
        assert found_in(*wrong, tmp_path / "wrong") == [code]
    for right in FENCE.findall(after):
        (tmp_path / "right").mkdir()
        assert found_in(*right, tmp_path / "right") == []


def test_pages_about_aws_name_their_source() -> None:
    """What AWS does is not a matter of opinion."""
    for code in CODES:
        if not code.startswith("SFN8"):
            assert re.search(r"^Source: <https://\S+>$", explain(code), re.MULTILINE), code


def test_explain_suggests_a_code() -> None:
    """A code that does not exist is an error that helps."""
    with pytest.raises(KeyError, match="did you mean"):
        explain("SFN1O1")
