"""One file for each kind of change: why it matters, both versions, and the report that is expected.

``UPDATE_GOLDEN=1 pytest tests/diff/test_cases.py`` writes the reports again; read their difference. A case in which nothing changes
says so: ``no difference``. What is said about executions in flight depends on the sections alone, and is tested in ``test_report.py``.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from generator.diff.render import to_json, to_markdown, to_text
from generator.diff.report import compare
from generator.diff.sides import read_side
from generator.settings import read_project

CASES = sorted((Path(__file__).parent / "cases").glob("*.txt"))
PART = re.compile(r"^-- (.+) --\n", re.MULTILINE)
NOTES = re.compile(r"^  Executions in flight\n(?:    .*\n)*", re.MULTILINE)
PRICE = re.compile(r"^      1,000 state transitions .*\n", re.MULTILINE)


def parts_of(case: Path) -> tuple[str, dict[str, str], str]:
    """Return the reason of a case, its files, and the report."""
    why, *rest = PART.split(case.read_text(encoding="utf-8"))
    files = dict(zip(rest[::2], rest[1::2], strict=True))
    return why, files, files.pop("report")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_the_report_is_the_expected_one(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The text for a terminal; the other two forms can be written too."""
    why, files, expected = parts_of(case)
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    names = [next(name for name in dict.fromkeys(n.partition("/")[0] for n in files) if name.startswith(which)) for which in ("old", "new")]
    old, new = (read_side(name, tmp_path, read_project(tmp_path)) for name in names)
    report = compare(old, new)
    shown = PRICE.sub("", NOTES.sub("", to_text(report)))
    if os.environ.get("UPDATE_GOLDEN"):
        before = case.read_text(encoding="utf-8").partition("-- report --\n")[0]
        case.write_text(f"{before}-- report --\n{shown}", encoding="utf-8")
        expected = shown
    assert shown == expected
    assert ("no difference" in shown) == ("nothing changes" in why)
    assert to_markdown(report).startswith("## Workflows: ")
    assert '"workflows": [' in to_json(report)


def test_there_are_forty_kinds() -> None:
    """The table is long enough to be worth reading, and each file is one kind."""
    assert len(CASES) >= 40
    assert len({case.stem.partition("-")[2] for case in CASES}) == len(CASES)
