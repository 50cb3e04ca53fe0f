"""Where something was written: the file, line and column of the call that made it."""

from __future__ import annotations

import sys
from ast import literal_eval
from dataclasses import dataclass, fields
from functools import cache, lru_cache
from pathlib import Path
from types import CodeType
from typing import Any

from generator.diagnostics.model import Diagnostic, InvalidWorkflowError, Span


@dataclass(frozen=True, slots=True)
class Source:
    """A place in an author's code, kept cheap: the column is worked out only when a diagnostic is shown.

    Attributes:
        code: the code object that was running; None where the place is unknown.
        instruction: the offset of its instruction (``f_lasti``).
        line: the line, counted from 1.
        module: the name of the module.
    """

    code: CodeType | None
    instruction: int
    line: int
    module: str

    @property
    def file(self) -> str:
        """The file as seen from the folder it is imported from: the same on every machine, wherever the command runs.

        >>> UNKNOWN.file
        ''
        """
        return "" if self.code is None else _module_file(self.code.co_filename, self.module)

    def span(self) -> Span:
        """Give the file, the line and the columns of the call."""
        if self.code is None:
            return Span("<unknown>")
        line, end_line, column, end_column = _positions(self.code)[self.instruction // 2]
        end = None if end_column is None else end_column + 1
        return Span(relative(self.code.co_filename), line or self.line, (column or 0) + 1, end_line, end)


@lru_cache(maxsize=256)
def _module_file(filename: str, module: str) -> str:
    if module == "__main__" or filename.startswith("<"):
        return ""
    package = "/__init__" if Path(filename).stem == "__init__" else ""
    return module.replace(".", "/") + package + ".py"


@lru_cache(maxsize=64)
def _positions(code: CodeType) -> list[tuple[int | None, int | None, int | None, int | None]]:
    """Give the places of all instructions: they can only be read from the first one on, so a module's are read once."""
    return list(code.co_positions())


UNKNOWN = Source(None, 0, 1, "")


@lru_cache(maxsize=256)
def relative(file: str) -> str:
    """Write a path relative to the working directory where it lies below it, so that output is the same on every machine.

    >>> relative("workflows/order_processing.py")
    'workflows/order_processing.py'
    """
    path = Path(file)
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


def here() -> Source:
    """Find the author's code that called into the vocabulary: the first frame outside this package.

    >>> here().line > 0
    True
    """
    frame = sys._getframe(1)  # noqa: SLF001  the documented way to a frame without building a traceback
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("generator.dsl"):
        frame = frame.f_back
    return Source(frame.f_code, frame.f_lasti, frame.f_lineno, frame.f_globals.get("__name__", ""))


def expect(value: object, kinds: type | tuple[type, ...], what: str, expected: str) -> None:
    """Refuse a value of the wrong kind where it is written, not somewhere deep in the compiler.

    Raises:
        AuthoringError: the value is of none of the kinds.
    """
    if not isinstance(value, kinds):
        raise AuthoringError(
            f"{what} is something else than it must be", found=f"{type(value).__name__}: {value!r}"[:80], expected=expected
        )


def expect_fields(value: Any) -> None:
    """Hold the fields of a dataclass that are text, numbers, switches or one of some words against their types.

    Steps do without: what their fields hold stands in the definition, which the checks look at.

    Raises:
        AuthoringError: a field holds a value of another type.
    """
    for name, takes, expected in _plain_fields(value.__class__):
        held = getattr(value, name)
        if not any(held == one if isinstance(one, str) else type(held) is one for one in takes):
            named = getattr(value, "name", None)
            called = type(value).__name__ + (f" {named!r}" if isinstance(named, str) else "")
            raise AuthoringError(
                f"{name} of the {called} is something else than it must be",
                found=f"{type(held).__name__}: {held!r}"[:80],
                expected=expected,
            )


_PLAIN = {"str": (str, "text"), "int": (int, "a whole number"), "bool": (bool, "True or False"), "None": (type(None), "None")}


@cache
def _plain_fields(cls: Any) -> list[tuple[str, list[type | str], str]]:
    """Give the fields whose annotation is plain: name, the types or words it takes, and these in words."""
    found = []
    for field in fields(cls):
        takes: list[type | str] = []
        words: list[str] = []
        for part in str(field.type).split(" | "):
            if part.startswith("Literal["):
                literals = literal_eval(f"({part.removeprefix('Literal[').removesuffix(']')},)")
                takes += literals
                words += literals
            elif part in _PLAIN:
                takes.append(_PLAIN[part][0])
                words.append(_PLAIN[part][1])
            else:
                break
        else:
            found.append((field.name, takes, " or ".join(words)))
    return found


class AuthoringError(InvalidWorkflowError, TypeError):
    """Raised at once where Python would otherwise silently do something else, such as ``and`` between expressions."""

    def __init__(self, message: str, *, found: str = "", expected: str = "", hint: str = "", code: str = "SFN806") -> None:
        """Place the error at the author's line."""
        from generator.diagnostics.codes import severity_of  # noqa: PLC0415

        super().__init__([Diagnostic(code, severity_of(code), message, here().span(), "", found, expected, hint)])
