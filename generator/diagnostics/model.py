"""Problems: a code, a place, a message, and the values that were found and expected.

A check does not read files. It yields a :class:`Finding`, whose place is a JSON Pointer into the definition. A *locator* returns
the :class:`Span` in a file for the pointer; with it the finding becomes a :class:`Diagnostic`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from os.path import commonprefix

Pointer = tuple[str | int, ...]
"""A JSON Pointer (RFC 6901) as its unescaped tokens; the empty tuple is the whole document."""


def pointer_text(pointer: Pointer) -> str:
    """Write a pointer as RFC 6901 has it.

    >>> pointer_text(("States", "a/b", "Retry", 0))
    '/States/a~1b/Retry/0'
    """
    return "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in pointer)


def parse_pointer(text: str) -> tuple[str, ...]:
    """Return the tokens of a pointer that is written as in RFC 6901; positions in lists stay text.

    >>> parse_pointer("/States/a~1b/Retry/0")
    ('States', 'a/b', 'Retry', '0')
    """
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in text.split("/")[1:])


class Severity(StrEnum):
    """The severity of a problem. An error is certain and stops generation; a warning can be suppressed at its line."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a source file; lines and columns count from 1, in characters.

    >>> str(Span("workflows/order.py", 12, 9))
    'workflows/order.py:12:9'
    """

    file: str
    line: int = 1
    column: int = 1
    end_line: int | None = None
    end_column: int | None = None

    def __str__(self) -> str:
        """Return the place in the format of editors and terminals."""
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem in a definition, without its place in a file.

    Attributes:
        code: the stable code, such as ``SFN101``; the catalogue has its severity, and its page.
        at: the place in the definition.
        message: one sentence without a full stop, with the names of the states, fields and values.
        found: a short description of the value that was found; empty if the message has it.
        expected: a description of the values that are valid; empty if the message has it.
        hint: how to solve the problem, often "did you mean …?".
        also: other places with the same problem, which need no finding of their own.
    """

    code: str
    at: Pointer
    message: str
    found: str = ""
    expected: str = ""
    hint: str = ""
    also: tuple[Pointer, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A finding with its severity and its place in a file, and the other places with the same problem."""

    code: str
    severity: Severity
    message: str
    span: Span
    pointer: str = ""
    found: str = ""
    expected: str = ""
    hint: str = ""
    also: tuple[Span, ...] = ()

    @property
    def sort_key(self) -> tuple[str, int, int, str, str, str]:
        """The key of the order by place and code: the same problems always have the same order."""
        return (self.span.file, self.span.line, self.span.column, self.code, self.pointer, self.message)


def failed(diagnostics: Iterable[Diagnostic]) -> bool:
    """Return whether any of the diagnostics is an error."""
    return any(diagnostic.severity is Severity.ERROR for diagnostic in diagnostics)


class InvalidWorkflowError(Exception):
    """The input has errors, so that there is no result.

    Attributes:
        diagnostics: all problems, in order.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Create the error."""
        self.diagnostics = tuple(diagnostics)
        first = self.diagnostics[0] if self.diagnostics else None
        detail = f"; the first: {first.span}: {first.message}" if first else ""
        super().__init__(f"invalid for {len(self.diagnostics)} reason(s){detail}")


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """Return the hint for a misspelt name; empty if no candidate is similar.

    >>> did_you_mean("ValidatOrder", ["ValidateOrder", "StoreOrder"])
    "did you mean 'ValidateOrder'?"
    >>> did_you_mean("Zebra", ["ValidateOrder"])
    ''
    """
    close = close_names(name, candidates)
    return "did you mean " + " or ".join(repr(c) for c in close) + "?" if close else ""


def close_names(name: str, candidates: Iterable[str]) -> list[str]:
    """Return at most three candidates that are similar to a name, the most similar first; one that differs in case only, alone.

    >>> close_names("validateorder", ["ValidateOrder", "ValidateOrders"])
    ['ValidateOrder']
    """
    from difflib import get_close_matches  # noqa: PLC0415  only for hints
    from heapq import nlargest  # noqa: PLC0415

    known = list(dict.fromkeys(candidates))
    if len(known) > _MANY_NAMES:  # difflib compares each name: too slow in a huge definition
        known = nlargest(_NEAREST, (k for k in known if abs(len(k) - len(name)) <= _SLIPS), key=lambda k: _shared(k, name))
    by_lower = {k.lower(): k for k in known}
    return [by_lower[name.lower()]] if name.lower() in by_lower else get_close_matches(name, known, n=3, cutoff=0.7)


_MANY_NAMES = 2000
_NEAREST = 50
_SLIPS = 2


def _shared(one: str, other: str) -> int:
    """Return the number of characters that two names share at their beginnings and at their ends."""
    forward, backward = ((one, other), (one[::-1], other[::-1]))
    return sum(len(commonprefix(pair)) for pair in (forward, backward))  # noqa: RUF071  common prefixes of names, not of paths
