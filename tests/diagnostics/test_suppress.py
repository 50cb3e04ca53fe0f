"""Warnings are suppressed at their line; errors are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from generator.diagnostics.codes import CODES, explain
from generator.diagnostics.model import Diagnostic, Severity, Span
from generator.diagnostics.suppress import codes_ignored, unsuppressed

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = """\
order = Workflow("order")
Task("A", call())  # sfn: ignore[SFN111]
Task(
    "B",
    call(),  # sfn: ignore[SFN210, SFN111]
)
Task("C", call())
"""


@pytest.mark.parametrize(
    ("code", "severity", "line", "end_line", "kept"),
    [
        ("SFN111", Severity.WARNING, 2, 2, False),
        ("SFN210", Severity.WARNING, 2, 2, True),
        ("SFN101", Severity.ERROR, 2, 2, True),
        ("SFN111", Severity.WARNING, 3, 6, False),
        ("SFN111", Severity.WARNING, 7, 7, True),
        ("SFN111", Severity.WARNING, 99, None, True),
    ],
)
def test_a_comment_switches_its_codes_off(
    code: str, severity: Severity, line: int, end_line: int | None, *, kept: bool, tmp_path: Path
) -> None:
    """On any line of the call, for the codes it names, and for warnings only."""
    module = tmp_path / "order.py"
    module.write_text(SOURCE, encoding="utf-8")
    diagnostic = Diagnostic(code, severity, "m", Span(str(module), line, 1, end_line, 1))
    assert unsuppressed([diagnostic]) == [diagnostic] * kept


@pytest.mark.parametrize(
    ("comment", "severity", "kept"),
    [
        ("# sfn: ignore-file[SFN111] the caller handles it", Severity.WARNING, False),
        ("    # sfn: ignore-file[SFN210, SFN111] both are meant", Severity.WARNING, False),
        ("# sfn: ignore-file[SFN111]", Severity.WARNING, True),
        ("# sfn: ignore-file[SFN210] another code", Severity.WARNING, True),
        ("text = '# sfn: ignore-file[SFN111] in a text'", Severity.WARNING, True),
        ("# sfn: ignore-file[SFN101] an error", Severity.ERROR, True),
    ],
)
def test_a_comment_for_the_whole_module(comment: str, severity: Severity, *, kept: bool, tmp_path: Path) -> None:
    """On a line of its own, with a reason, for warnings only."""
    module = tmp_path / "order.py"
    module.write_text(comment + '\norder = Workflow("order")\n', encoding="utf-8")
    diagnostic = Diagnostic("SFN111" if severity is Severity.WARNING else "SFN101", severity, "m", Span(str(module), 2))
    assert unsuppressed([diagnostic]) == [diagnostic] * kept


def test_definitions_have_no_comments(tmp_path: Path) -> None:
    """Text in a JSON file suppresses nothing, and neither does a missing file."""
    file = tmp_path / "a.json"
    file.write_text('{"Comment": "# sfn: ignore[SFN111]"}', encoding="utf-8")
    for name in (str(file), "gone.py"):
        diagnostic = Diagnostic("SFN111", Severity.WARNING, "m", Span(name))
        assert unsuppressed([diagnostic]) == [diagnostic]


def test_a_warning_with_several_places_is_suppressed_at_each(tmp_path: Path) -> None:
    """What is left has the places without a comment, and none is left if all have one."""
    module = tmp_path / "order.py"
    module.write_text(SOURCE, encoding="utf-8")
    second, third, seventh = (Span(str(module), line, 1, end, 1) for line, end in ((2, 2), (3, 6), (7, 7)))
    everywhere = Diagnostic("SFN111", Severity.WARNING, "m", second, also=(third, seventh))
    assert unsuppressed([everywhere]) == [Diagnostic("SFN111", Severity.WARNING, "m", seventh)]
    assert unsuppressed([Diagnostic("SFN111", Severity.WARNING, "m", second, also=(third,))]) == []


@pytest.mark.parametrize("code", CODES)
def test_each_page_says_how(code: str) -> None:
    """With the comment itself, which works as it is written there."""
    page = explain(code)
    comment = f"# sfn: ignore[{code}]"
    assert comment in page
    assert code in codes_ignored(f"call()  {comment}")
    assert ("cannot be suppressed" in page) is (CODES[code].severity is Severity.ERROR)
