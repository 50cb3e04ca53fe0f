"""Locating findings: from a finding in a definition to a diagnostic in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from generator.diagnostics.codes import severity_of
from generator.diagnostics.model import Diagnostic, Finding, Pointer, Span, pointer_text

Locator = Callable[[Pointer], Span]
"""A function that returns the place in the source file for a pointer into the definition."""


def locate(findings: Iterable[Finding], locator: Locator) -> list[Diagnostic]:
    """Return the findings as diagnostics, with severities and places in a file, in a stable order.

    >>> found = Finding("SFN101", ("States", "A", "Next"), "the transition from 'A' leads to 'B', which does not exist")
    >>> [str(d.span) + " " + d.code for d in locate([found], lambda pointer: Span("a.json", 4, 7))]
    ['a.json:4:7 SFN101']
    """

    def located(f: Finding) -> Diagnostic:
        also = tuple(locator(at) for at in f.also)
        return Diagnostic(f.code, severity_of(f.code), f.message, locator(f.at), pointer_text(f.at), f.found, f.expected, f.hint, also)

    return sorted(map(located, findings), key=lambda d: d.sort_key)


def read_source(file: str) -> str | None:
    """Return the text of a file, with its line ends, or None if it cannot be read.

    >>> read_source("no such file") is None
    True
    """
    try:
        with Path(file).open(encoding="utf-8", newline="") as stream:
            return stream.read()
    except (OSError, ValueError):
        return None
