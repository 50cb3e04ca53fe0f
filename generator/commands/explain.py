"""``explain``: print the page of a diagnostic."""

from __future__ import annotations

import sys

from generator.commands.report import MISUSED, PASSED, say
from generator.diagnostics.codes import explain as page


def explain(code: str) -> int:
    """Print why a definition with this diagnostic is wrong, with a wrong and a right example.

    Args:
        code: such as ``SFN101``; case does not matter.

    Returns:
        the exit code.
    """
    try:
        text = page(code)
    except KeyError as error:
        say(f"error: {error.args[0]}")
        return MISUSED
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.markdown import Markdown

        Console().print(Markdown(text))
    else:
        sys.stdout.write(text)
    return PASSED
