"""Placing findings: a pointer into a definition becomes a line in a file, a code gets its severity."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from generator.diagnostics.codes import severity_of
from generator.diagnostics.model import Diagnostic, Finding, Pointer, Span, pointer_text

Locator = Callable[[Pointer], Span]
"""Tells where in its source file a place of the definition was written."""


def locate(findings: Iterable[Finding], locator: Locator) -> list[Diagnostic]:
    """Give each finding its severity and its place in a file, in a stable order.

    >>> found = Finding("SFN101", ("States", "A", "Next"), "state 'A' goes on to 'B', which does not exist")
    >>> [str(d.span) + " " + d.code for d in locate([found], lambda pointer: Span("a.json", 4, 7))]
    ['a.json:4:7 SFN101']
    """
    diagnostics = [
        Diagnostic(f.code, severity_of(f.code), f.message, locator(f.at), pointer_text(f.at), f.found, f.expected, f.hint) for f in findings
    ]
    return sorted(diagnostics, key=lambda d: d.sort_key)
