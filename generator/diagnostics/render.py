"""Diagnostics for people and for programs: text with the source line, JSON, and SARIF 2.1.0.

Messages contain text of a definition, which may come from anyone. So control characters are escaped in text for a terminal,
and JSON and SARIF are pure ASCII.
"""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final
from urllib.parse import quote

from generator.diagnostics.codes import CODES, explain
from generator.diagnostics.locate import read_source
from generator.diagnostics.model import Diagnostic, Severity, Span

Source = Callable[[str], "str | None"]
"""A function that returns the text of a file, or None if it cannot be read."""

_RED, _YELLOW, _BLUE, _CYAN, _BOLD, _RESET = "\x1b[31m", "\x1b[33m", "\x1b[34m", "\x1b[36m", "\x1b[1m", "\x1b[0m"
_WIDTH: Final = 120
_LEAD: Final = 40
_MOST_PLACES: Final = 5


# -- text ----------------------------------------------------------------------------------------------------------------


def to_text(diagnostics: Sequence[Diagnostic], *, source: Source = read_source, color: bool = False) -> str:
    """Write diagnostics for a terminal, each with its source line and a caret, and a total at the end.

    Args:
        diagnostics: in the order to show them.
        source: returns the text of a file to quote; it is called once per file.
        color: whether to use colours (ANSI escape sequences).

    Returns:
        the text, which ends with a newline.

    >>> from generator.diagnostics.model import Span
    >>> problem = Diagnostic("SFN101", Severity.ERROR, "no state 'B'", Span("a.json", 2, 10, 2, 13), hint="did you mean 'A'?")
    >>> print(to_text([problem], source=lambda file: '{' + chr(10) + ' "Next": "B"}'), end="")
    SFN101 no state 'B'
     --> a.json:2:10
      |
    2 |  "Next": "B"}
      |          ^^^
      |
    help: did you mean 'A'?
    <BLANKLINE>
    Found 1 error.
    """
    lines: dict[str, list[str]] = {}
    parts: list[str] = []
    for diagnostic in diagnostics:
        file = diagnostic.span.file
        if file not in lines:
            text = source(file)
            lines[file] = [] if text is None else _lines(text)
        parts.append(_block(diagnostic, lines[file], color=color))
    parts.append(summary(diagnostics) + "\n")
    return "\n".join(parts)


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """Return a sentence with the numbers of errors and warnings.

    >>> summary([])
    'All checks passed.'
    """
    counts = Counter(d.severity for d in diagnostics)
    parts = [f"{n} {severity}{'s' if n > 1 else ''}" for severity in (Severity.ERROR, Severity.WARNING) if (n := counts[severity])]
    return f"Found {' and '.join(parts)}." if parts else "All checks passed."


def _block(diagnostic: Diagnostic, lines: list[str], *, color: bool) -> str:
    def paint(text: str, style: str) -> str:
        return f"{style}{text}{_RESET}" if color else text

    span = diagnostic.span
    tone = _RED if diagnostic.severity is Severity.ERROR else _YELLOW
    label = diagnostic.code if diagnostic.severity is Severity.ERROR else f"{diagnostic.code} warning:"
    number = str(span.line)
    gutter = " " * len(number)
    out = [f"{paint(label, _BOLD + tone)} {visible(diagnostic.message)}"]
    place = visible(str(span)) + (f" ({visible(diagnostic.pointer)})" if diagnostic.pointer and not lines else "")
    out.append(f"{gutter}{paint('-->', _BLUE)} {place}")
    bar = paint("|", _BLUE)
    if 0 < span.line <= len(lines):
        end = span.end_column if span.end_line == span.line else None
        quoted, caret = _quote(lines[span.line - 1], span.column, end)
        out += [f"{gutter} {bar}", f"{paint(number, _BLUE)} {bar} {quoted}", f"{gutter} {bar} {paint(caret, tone)}", f"{gutter} {bar}"]
    out += [
        f"{gutter} {paint('=', _BLUE)} {name}: {visible(text)}"
        for name, text in (("found", diagnostic.found), ("expected", diagnostic.expected), ("also", _places(diagnostic.also)))
        if text
    ]
    if diagnostic.hint:
        out.append(f"{paint('help:', _CYAN)} {visible(diagnostic.hint)}")
    return "\n".join(out) + "\n"


def _places(spans: Sequence[Span]) -> str:
    more = len(spans) - _MOST_PLACES
    return ", ".join(map(str, spans[:_MOST_PLACES])) + (f" and {more} more" if more > 0 else "")


def _lines(text: str) -> list[str]:
    # The line ends of JSON and Python only: str.splitlines would also split at U+2028 and form feeds.
    return [line.removesuffix("\r") for line in text.split("\n")]


def _quote(line: str, column: int, end_column: int | None) -> tuple[str, str]:
    """Return the line and the carets below it; for a long line, only the part around the column."""
    start = max(0, min(column - 1, len(line)))
    end = max(start + 1, min(len(line), (end_column or column + 1) - 1))
    left = 0 if len(line) <= _WIDTH else max(0, min(start - _LEAD, len(line) - _WIDTH))
    right = min(len(line), left + _WIDTH)
    before, marked, after = line[left:start], line[start : min(end, right)], line[min(end, right) : right]
    head = ("…" if left else "") + visible(before, tab="    ")
    body = visible(marked, tab="    ")
    tail = visible(after, tab="    ") + ("…" if right < len(line) else "")
    return (head + body + tail).rstrip(), " " * _columns(head) + "^" * max(1, _columns(body))


def visible(text: str, *, tab: str = "\\t") -> str:
    r"""Escape the characters that a terminal does not show: control and format characters and lone surrogates.

    >>> print(visible("a" + chr(27) + "[31m" + chr(10)))
    a\x1b[31m\n
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(tab if c == "\t" else c if c == " " or c.isprintable() else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def _columns(text: str) -> int:
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


# -- JSON ----------------------------------------------------------------------------------------------------------------


def to_records(diagnostics: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    """Return diagnostics as JSON objects, which all have the same members."""
    return [
        {
            "code": d.code,
            "severity": d.severity.value,
            "message": d.message,
            "file": d.span.file,
            "line": d.span.line,
            "column": d.span.column,
            "end_line": d.span.end_line,
            "end_column": d.span.end_column,
            "pointer": d.pointer,
            "hint": d.hint,
            "found": d.found,
            "expected": d.expected,
            "also": [{"file": span.file, "line": span.line, "column": span.column} for span in d.also],
        }
        for d in diagnostics
    ]


def to_json(diagnostics: Iterable[Diagnostic]) -> str:
    """Write diagnostics as a JSON list, for programs.

    >>> from generator.diagnostics.model import Span
    >>> json.loads(to_json([Diagnostic("SFN101", Severity.ERROR, "no state 'B'", Span("a.json", 2, 10))]))[0]["line"]
    2
    """
    return json.dumps(to_records(diagnostics), indent=2) + "\n"


# -- SARIF ---------------------------------------------------------------------------------------------------------------


def to_sarif(diagnostics: Sequence[Diagnostic], *, version: str = "") -> str:
    """Write diagnostics as a SARIF 2.1.0 log. Code hosts show such a log beside the lines of code.

    Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html

    Args:
        diagnostics: in the order to list them.
        version: the version of this tool; empty to leave it out.
    """
    codes = sorted({d.code for d in diagnostics})
    driver: dict[str, Any] = {"name": "sfn-generator", "rules": [_rule(code) for code in codes]}
    if version:
        driver["version"] = version
    index = {code: i for i, code in enumerate(codes)}
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": [_result(d, index[d.code]) for d in diagnostics],
            },
        ],
    }
    return json.dumps(log, indent=2) + "\n"


def _rule(code: str) -> dict[str, Any]:
    row = CODES[code]
    page = explain(code)
    return {
        "id": code,
        "shortDescription": {"text": row.title},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": row.severity.value},
        "properties": {"tags": [row.theme]},
    }


def _result(diagnostic: Diagnostic, rule: int) -> dict[str, Any]:
    details = (("found", diagnostic.found), ("expected", diagnostic.expected), ("help", diagnostic.hint))
    text = diagnostic.message + "".join(f"; {name}: {value}" for name, value in details if value)
    location = _location(diagnostic.span)
    if diagnostic.pointer:
        location["logicalLocations"] = [{"fullyQualifiedName": diagnostic.pointer, "kind": "element"}]
    result = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": diagnostic.severity.value,
        "message": {"text": text},
        "locations": [location],
    }
    return {**result, "relatedLocations": [_location(span) for span in diagnostic.also]} if diagnostic.also else result


def _location(span: Span) -> dict[str, Any]:
    region: dict[str, int] = {"startLine": span.line, "startColumn": span.column}
    if span.end_line is not None and span.end_column is not None:
        region |= {"endLine": span.end_line, "endColumn": span.end_column}
    uri = quote(span.file.replace("\\", "/"), safe="/:", errors="replace")
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}
