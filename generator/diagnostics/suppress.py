"""Suppressing a warning at its line: ``# sfn: ignore[SFN111]`` behind the code with the warning.

The comment can be on any line of the call that the warning points to. A warning with several places is suppressed at each of them.
Errors cannot be suppressed, since AWS rejects the definition.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from generator.diagnostics.locate import read_source
from generator.diagnostics.model import Diagnostic, Severity, Span

_COMMENT = re.compile(r"#\s*sfn:\s*ignore\[([^\]]*)\]")


def codes_ignored(line: str) -> frozenset[str]:
    """Return the codes that a line of Python suppresses.

    >>> sorted(codes_ignored('Task("A", …),  # sfn: ignore[SFN111, SFN104]'))
    ['SFN104', 'SFN111']
    """
    found = _COMMENT.search(line)
    return frozenset(code.strip() for code in found[1].split(",")) if found else frozenset()


def unsuppressed(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the diagnostics without the warnings that a comment on one of their lines suppresses.

    Args:
        diagnostics: the diagnostics; only those in Python files can be suppressed.
    """

    @cache
    def lines(file: str) -> list[str]:
        return (read_source(file) or "").split("\n") if file.endswith(".py") else []

    def ignored(code: str, span: Span) -> bool:
        written = lines(span.file)[span.line - 1 : (span.end_line or span.line)]
        return any(code in codes_ignored(line) for line in written)

    def left(diagnostic: Diagnostic) -> Diagnostic | None:
        """Return a warning without the places that suppress it; None if all of its places do."""
        kept = [span for span in (diagnostic.span, *diagnostic.also) if not ignored(diagnostic.code, span)]
        return replace(diagnostic, span=kept[0], also=tuple(kept[1:])) if kept else None

    return [kept for d in diagnostics if (kept := d if d.severity is Severity.ERROR else left(d)) is not None]
