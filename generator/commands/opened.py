"""The page of an execution that has just run: written to a temporary folder, and opened in a browser."""

from __future__ import annotations

import os
import re
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Final

from generator.asl.definition import Definition, read_definition
from generator.commands.given import is_file, not_written
from generator.loader import load
from generator.settings import read_project
from generator.view.data import page_data
from generator.view.find import Workflows
from generator.view.page import page
from generator.view.recording import of_execution

if TYPE_CHECKING:
    from generator.engine import Execution

_NO_WINDOWS: Final = os.name == "posix" and os.uname().sysname == "Linux"


def open_page(execution: Execution, target: str | Definition, root: Path, *, terminal: bool) -> str:
    """Write the page of an execution, and open it if a person with a browser waits for it.

    Args:
        execution: the execution.
        target: what ran: a definition, the name of its file, or the name of a workflow.
        root: the project's folder.
        terminal: whether a person waits for it.

    Returns:
        a message for the user, with the path of the page.

    Raises:
        InvalidInputError: the page cannot be written.
    """
    if isinstance(target, Definition) or is_file(target):
        locate, workflows = (target if isinstance(target, Definition) else read_definition(target)).document.locate, Workflows(None)
    else:
        locate, workflows = None, Workflows(load(read_project(root.resolve())))
    data = page_data(of_execution(execution, locate, workflows.locators()))
    title = f"{data['title']}: {data['status'].lower().replace('_', ' ')}"
    return write_page(data["title"], page("execution", {"execution": data}, title=title), terminal=terminal)


def write_page(title: str, text: str, *, terminal: bool) -> str:
    """Write a page into a temporary folder, and open it if a person with a browser waits for it.

    Args:
        title: the name of the file, without its suffix.
        text: the page.
        terminal: whether a person waits for it.

    Returns:
        a message for the user, with the path of the page.

    Raises:
        InvalidInputError: the page cannot be written.
    """
    name = re.sub(r"[^\w.-]", "-", title)
    try:
        file = Path(mkdtemp(prefix="sfn-generator-")) / f"{name}.html"
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise not_written(Path(name + ".html"), error) from None
    if terminal and _has_browser():
        import webbrowser  # noqa: PLC0415  loaded only when a page is opened

        if webbrowser.open(file.as_uri()):
            return f"opened {file}"
    return f"wrote {file}: open it in a browser"


def _has_browser() -> bool:
    """Return whether there is a desktop; without one, Python would start a browser in the terminal."""
    return not _NO_WINDOWS or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
