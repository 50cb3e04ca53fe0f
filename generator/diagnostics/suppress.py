"""Suppressing a warning at its line: ``# sfn: ignore[SFN111]`` behind the code with the warning.

Errors cannot be suppressed, since AWS rejects the definition.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from generator.diagnostics.locate import read_source
from generator.diagnostics.model import Diagnostic, Severity

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

    def ignored(diagnostic: Diagnostic) -> bool:
        span = diagnostic.span
        written = lines(span.file)[span.line - 1 : (span.end_line or span.line)]
        return any(diagnostic.code in codes_ignored(line) for line in written)

    return [d for d in diagnostics if d.severity is Severity.ERROR or not ignored(d)]
