"""Where something was written: the file, line and column of the call that made it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import CodeType

from generator.diagnostics.model import Span

_PACKAGE = str(Path(__file__).resolve().parents[1])


@dataclass(frozen=True, slots=True)
class Source:
    """A place in an author's code, kept cheap: the column is worked out only when a diagnostic is shown.

    Attributes:
        code: the code object that was running.
        instruction: which of its instructions (``f_lasti``).
        line: the line, counted from 1.
    """

    code: CodeType | None
    instruction: int
    line: int

    def span(self) -> Span:
        """Give the file, the line and the columns of the call."""
        if self.code is None:
            return Span("<unknown>")
        for index, position in enumerate(self.code.co_positions()):
            if index == self.instruction // 2:
                line, end_line, column, end_column = position
                return Span(
                    relative(self.code.co_filename),
                    line or self.line,
                    (column or 0) + 1,
                    end_line,
                    None if end_column is None else end_column + 1,
                )
        return Span(relative(self.code.co_filename), self.line)


UNKNOWN = Source(None, 0, 1)


@lru_cache(maxsize=256)
def relative(file: str) -> str:
    """Write a path relative to the working directory where it lies below it, so that output is the same on every machine."""
    path = Path(file)
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


def here() -> Source:
    """Find the author's code that called into this package: the first frame outside it.

    >>> here().line > 0
    True
    """
    frame = sys._getframe(1)  # noqa: SLF001  the documented way to a frame without building a traceback
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    return Source(frame.f_code, frame.f_lasti, frame.f_lineno)
