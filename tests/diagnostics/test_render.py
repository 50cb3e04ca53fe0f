"""Diagnostics as text, JSON and SARIF: places, carets, and text that stays text."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.checks.validate import validate_text
from generator.diagnostics.codes import CODES
from generator.diagnostics.locate import read_source
from generator.diagnostics.model import Diagnostic, Severity, Span, did_you_mean, pointer_text
from generator.diagnostics.render import summary, to_json, to_records, to_sarif, to_text, visible

ANY_TEXT = st.text(st.characters(), max_size=40)  # with control characters and lone surrogates


def shown(line: str, column: int, end_column: int | None = None) -> list[str]:
    """Return the source line and the caret line of a diagnostic on the only line of a file."""
    problem = Diagnostic("SFN101", Severity.ERROR, "m", Span("f", 1, column, 1, end_column))
    rows = to_text([problem], source=lambda _: line).split("\n")
    return [rows[3].removeprefix("1 | "), rows[4].removeprefix("  | ")]


@pytest.mark.parametrize(
    ("line", "column", "end_column", "marked"),
    [
        ('{"Next": "B"}', 2, 8, '"Next"'),
        ('\t\t"Next": "B"', 3, 9, '"Next"'),
        ('"日本語": "Next"', 8, 14, '"Next"'),
        ('"e\u0301": 1', 7, 8, "1"),
        ('"\x1b[31m": 1', 10, 11, "1"),
        ("{" + '"a": 1, ' * 100 + '"Next": "B"}', 802, 808, '"Next"'),
    ],
)
def test_the_caret_is_below_the_place(line: str, column: int, end_column: int, marked: str) -> None:
    """Tabs, wide characters, combining marks, control characters and long lines do not move it."""
    above, below = shown(line, column, end_column)
    widths = {"日": 2, "本": 2, "語": 2, "\u0301": 0}
    place, found = 0, ""
    start, end = below.index("^"), below.rindex("^")
    for character in above:
        if start <= place <= end:
            found += character
        place += widths.get(character, 1)
    assert found == marked
    assert "\x1b" not in above


def test_lines_end_as_in_json() -> None:
    """CRLF is one line end; U+2028 and a form feed are not line ends."""
    text = '{\r\n "A": "\u2028",\r\n "StartAt": "A"\r\n}'
    [diagnostic] = [d for d in validate_text(text, "crlf.json") if d.code == "SFN010"]
    assert (diagnostic.span.line, diagnostic.span.column) == (2, 2)
    rendered = to_text([diagnostic], source=lambda _: text)
    assert '2 |  "A": "\\u2028",\n' in rendered
    assert "\r" not in rendered


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT, st.integers(1, 50), st.integers(1, 50))
def test_what_an_author_wrote_cannot_act(message: str, line: str, file: str, column: int, end_column: int) -> None:
    """No text in a diagnostic controls a terminal or breaks JSON, wherever it points."""
    problem = Diagnostic("SFN101", Severity.ERROR, message, Span(file, 1, column, 1, end_column), message, message, message, message)
    rendered = to_text([problem], source=lambda _: line)
    assert all(c == "\n" or c.isprintable() for c in rendered)
    rendered.encode("utf-8")
    assert json.loads(to_json([problem])) == to_records([problem])
    log = to_sarif([problem])
    assert log.isascii()
    assert json.loads(log)["runs"][0]["results"][0]["message"]["text"].startswith(message)


def test_colour_is_only_there_when_asked_for() -> None:
    """Colours do not change the text."""
    problem = Diagnostic("SFN111", Severity.WARNING, "m", Span("f", 1, 1), hint="h")
    plain, colored = (to_text([problem], source=lambda _: "x", color=c) for c in (False, True))
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[\d+m", "", colored) == plain


def test_a_file_that_cannot_be_read_is_not_quoted() -> None:
    """The output has the place and the pointer only."""
    problem = Diagnostic("SFN101", Severity.ERROR, "m", Span("missing.json", 3, 4), "/States/A")
    assert to_text([problem]).split("\n")[:2] == ["SFN101 m", " --> missing.json:3:4 (/States/A)"]
    assert read_source("missing.json") is None


def test_summary_counts_by_severity() -> None:
    """Singular, plural, and both."""
    error, warning = (Diagnostic("SFN101", s, "m", Span("f")) for s in Severity)
    assert summary([error]) == "Found 1 error."
    assert summary([error, error, warning]) == "Found 2 errors and 1 warning."
    assert summary([]) == "All checks passed."


def test_sarif_has_the_published_structure() -> None:
    """The members that SARIF 2.1.0 requires are there, and refer to each other."""
    found = validate_text('{"StartAt": "B", "States": {"A": {"Type": "Pass"}}}', "a b/ä.json")
    log = json.loads(to_sarif(found, version="1.2.3"))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    [run] = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["version"] == "1.2.3"
    assert run["columnKind"] == "unicodeCodePoints"
    assert len(run["results"]) == len(found)
    for result, diagnostic in zip(run["results"], found, strict=True):
        rule = driver["rules"][result["ruleIndex"]]
        assert rule["id"] == result["ruleId"] == diagnostic.code
        assert rule["shortDescription"]["text"] == CODES[diagnostic.code].title
        assert rule["help"]["text"]
        assert result["level"] in {"error", "warning"}
        [location] = result["locations"]
        place = location["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "a%20b/%C3%A4.json"
        assert place["region"]["startLine"] == diagnostic.span.line
        assert place["region"]["startColumn"] == diagnostic.span.column
        if diagnostic.pointer:
            assert location["logicalLocations"][0]["fullyQualifiedName"] == diagnostic.pointer


def test_json_has_the_same_members_for_each() -> None:
    """Programs can rely on them."""
    records = to_records(validate_text("{}", "a.json"))
    assert {tuple(r) for r in records} == {
        ("code", "severity", "message", "file", "line", "column", "end_line", "end_column", "pointer", "hint", "found", "expected", "also")
    }


@given(st.lists(st.text() | st.integers(0, 9), max_size=4))
def test_pointers_follow_rfc_6901(pointer: list[str | int]) -> None:
    """Tokens come back when a pointer is read."""
    tokens = pointer_text(tuple(pointer)).split("/")[1:]
    assert [t.replace("~1", "/").replace("~0", "~") for t in tokens] == [str(t) for t in pointer]


def test_hints_are_cheap_for_many_names() -> None:
    """A misspelt name among very many is still found."""
    names = [f"State{i}" for i in range(50_000)]
    assert "'State49999'" in did_you_mean("Stat49999", names)


def test_visible_leaves_letters_alone() -> None:
    """Only what a terminal would act on is escaped."""
    assert visible("größer 日本 €") == "größer 日本 €"
    assert visible("a\u202eb\x00\ud800") == "a\\u202eb\\x00\\ud800"
