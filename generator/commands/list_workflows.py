"""``list``: list the workflows of a project."""

from __future__ import annotations

import sys
from pathlib import Path

from generator.commands.generate import pipeline
from generator.commands.report import FAILED, MISUSED, PASSED, count, show


def list_workflows(root: Path, out: Path | None = None) -> int:
    """Print each workflow with its type, the number of its states, its line, and its folder in the output folder.

    Args:
        root: the project's folder.
        out: the output folder, if it is not the one in the settings.

    Returns:
        the exit code.
    """
    run = pipeline(root, write=False, out=out, stages=2)
    if run is None:
        return MISUSED
    rows = []
    for folder, compiled in run.compiled:
        workflow = compiled.workflow
        states = count(len(compiled.machine.states), "state")
        rows.append((workflow.name, workflow.type, states, str(workflow.source.span()), run.written(str(folder))))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        sys.stdout.write("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() + "\n")
    show(run.diagnostics)
    return FAILED if run.failed else PASSED
