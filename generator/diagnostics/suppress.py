"""Suppressing a warning at its line: ``# sfn: ignore[SFN111]`` behind the code with the warning.

The comment can be on any line of the call that the warning points to. A warning with several places is suppressed at each of them.
``# sfn: ignore-file[SFN111] the reason`` on a line of its own suppresses a code in the whole module, which is usually one workflow; without
a reason it has no effect. Errors cannot be suppressed, since AWS rejects the definition.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from generator.diagnostics.locate import read_source
from generator.diagnostics.model import Diagnostic, Severity, Span

_WHOLE_FILE = re.compile(r"^\s*#\s*sfn:\s*ignore-file\[([^\]]*)\]\s*\S")
_COMMENT = re.compile(r"#\s*sfn:\s*ignore\[([^\]]*)\]")


def codes_ignored(line: str) -> frozenset[str]:
    """Return the codes that a line of Python suppresses.

    >>> sorted(codes_ignored('Task("A", …),  # sfn: ignore[SFN111, SFN104]'))
    ['SFN104', 'SFN111']
    """
    found = _COMMENT.search(line)
    return frozenset(code.strip() for code in found[1].split(",")) if found else frozenset()


def codes_ignored_in_file(lines: Iterable[str]) -> frozenset[str]:
    """Return the codes that a module suppresses as a whole.

    >>> sorted(codes_ignored_in_file(["# sfn: ignore-file[SFN501, SFN116] the caller retries", "# sfn: ignore-file[SFN111]"]))
    ['SFN116', 'SFN501']
    """
    found = (match[1] for line in lines if (match := _WHOLE_FILE.search(line)))
    return frozenset(code.strip() for codes in found for code in codes.split(","))


def unsuppressed(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the diagnostics without the warnings that a comment on one of their lines, or in their module, suppresses.

    Args:
        diagnostics: the diagnostics; only those in Python files can be suppressed.
    """

    @cache
    def lines(file: str) -> list[str]:
        return (read_source(file) or "").split("\n") if file.endswith(".py") else []

    @cache
    def in_file(file: str) -> frozenset[str]:
        return codes_ignored_in_file(lines(file))

    def ignored(code: str, span: Span) -> bool:
        if code in in_file(span.file):
            return True
        written = lines(span.file)[span.line - 1 : (span.end_line or span.line)]
        return any(code in codes_ignored(line) for line in written)

    def left(diagnostic: Diagnostic) -> Diagnostic | None:
        """Return a warning without the places that suppress it; None if all of its places do."""
        kept = [span for span in (diagnostic.span, *diagnostic.also) if not ignored(diagnostic.code, span)]
        return replace(diagnostic, span=kept[0], also=tuple(kept[1:])) if kept else None

    return [kept for d in diagnostics if (kept := d if d.severity is Severity.ERROR else left(d)) is not None]
