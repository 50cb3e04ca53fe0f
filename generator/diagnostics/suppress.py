"""Switching a warning off at its line: ``# sfn: ignore[SFN111]`` behind the code that it is about.

Errors cannot be switched off: what AWS rejects stays rejected.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from generator.diagnostics.model import Diagnostic, Severity

_COMMENT = re.compile(r"#\s*sfn:\s*ignore\[([^\]]*)\]")


def codes_ignored(line: str) -> frozenset[str]:
    """Give the codes that a line of Python switches off.

    >>> sorted(codes_ignored('Task("A", …),  # sfn: ignore[SFN111, SFN104]'))
    ['SFN104', 'SFN111']
    """
    found = _COMMENT.search(line)
    return frozenset(code.strip() for code in found[1].split(",")) if found else frozenset()


def unsuppressed(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Leave out the warnings that a comment on one of their lines switches off.

    Args:
        diagnostics: with places in Python files; in ASL files there are no comments.
    """
    from generator.diagnostics.render import read_source  # noqa: PLC0415  files are read only where there are warnings

    @cache
    def lines(file: str) -> list[str]:
        return (read_source(file) or "").split("\n") if file.endswith(".py") else []

    def ignored(diagnostic: Diagnostic) -> bool:
        span = diagnostic.span
        written = lines(span.file)[span.line - 1 : (span.end_line or span.line)]
        return any(diagnostic.code in codes_ignored(line) for line in written)

    return [d for d in diagnostics if d.severity is Severity.ERROR or not ignored(d)]
