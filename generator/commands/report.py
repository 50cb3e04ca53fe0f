"""Showing what a command found: diagnostics in three formats on standard output, everything else on standard error."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, TextIO

from generator.diagnostics import render
from generator.diagnostics.locate import read_source
from generator.diagnostics.model import Diagnostic, failed

if TYPE_CHECKING:
    from collections.abc import Callable

Format = Literal["text", "json", "sarif"]

PASSED, FAILED, MISUSED = 0, 1, 2
"""Exit codes."""

_PATIENCE_SECONDS = 0.5


def show(
    diagnostics: Sequence[Diagnostic],
    form: Format = "text",
    *,
    texts: Mapping[str, str] | None = None,
    out: TextIO | None = None,
    success: str = "",
) -> int:
    """Write diagnostics, and return the exit code.

    Args:
        diagnostics: the diagnostics in the order to show them.
        form: how they are written. JSON and SARIF are written even if there are none.
        texts: the texts of files that cannot be read again, such as standard input, by the name in the diagnostics.
        out: where to write; standard output by default.
        success: what to say on standard error if there are no diagnostics.
    """
    stream = out or sys.stdout
    if form == "json":
        stream.write(render.to_json(diagnostics))
    elif form == "sarif":
        stream.write(render.to_sarif(diagnostics))
    elif diagnostics:
        known = texts or {}
        stream.write(render.to_text(diagnostics, source=lambda file: known.get(file) or read_source(file), color=colored(stream)))
    elif success:
        say(success)
    return FAILED if failed(diagnostics) else PASSED


def say(text: str) -> None:
    """Write a line for people on standard error."""
    sys.stderr.write(text + "\n")


def colored(stream: TextIO) -> bool:
    """Tell whether a stream is a terminal that shows colours; see https://no-color.org."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def count(number: int, noun: str) -> str:
    """Write a number with its noun.

    >>> count(1, "state"), count(2, "state")
    ('1 state', '2 states')
    """
    return f"{number} {noun}{'s' if number != 1 else ''}"


@contextmanager
def progress(title: str, *, wanted: bool = True) -> Iterator[Callable[[str], None]]:
    """Show what is being done while the block runs, if a person waits at a terminal for more than half a second.

    Args:
        title: what the command does.
        wanted: whether to show anything at all.
    """
    if not (wanted and sys.stderr.isatty()):
        yield lambda _: None
        return
    started = time.monotonic()
    status: Any = None

    def tell(text: str) -> None:
        nonlocal status
        if status is None and time.monotonic() - started > _PATIENCE_SECONDS:
            from rich.console import Console

            status = Console(stderr=True).status(title)
            status.start()
        if status is not None:
            status.update(f"{title}: {text}")

    try:
        yield tell
    finally:
        if status is not None:
            status.stop()
