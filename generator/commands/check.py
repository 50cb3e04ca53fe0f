"""``check``: check the workflows, and report how the output folder differs from what they generate."""

from __future__ import annotations

import sys
from pathlib import Path

from generator.commands.generate import pipeline
from generator.commands.report import FAILED, MISUSED, PASSED, Format, colored, count, say, show
from generator.diff.render import to_text
from generator.diff.report import compare
from generator.diff.sides import GENERATED, SideError, of_files, of_output
from generator.pipeline import Run


def check(root: Path, form: Format = "text", *, out: Path | None = None) -> int:
    """Check the workflows and their definitions, and that the output folder is what they generate; write nothing.

    Args:
        root: the project's folder.
        form: how diagnostics are written.
        out: the output folder, if it is not the one in the settings.

    Returns:
        the exit code.
    """
    run = pipeline(root, everything=True, write=False, out=out)
    if run is None:
        return MISUSED
    show(run.diagnostics, form)
    if form == "text" and run.changes:
        sys.stdout.write(_difference(run))
    if not run.failed and form == "text":
        say(f"{count(len(run.compiled), 'workflow')}: all checks passed, and {run.project.output_text} is up to date.")
    return FAILED if run.failed else PASSED


def _difference(run: Run) -> str:
    """Return what generating would do to the workflows; empty if that cannot be said, such as without an output folder."""
    try:
        report = compare(of_output(run.project), of_files(GENERATED, run.artifacts, run.project.output_text))
    except SideError:
        return ""
    return "\n" + to_text(report, color=colored(sys.stdout))
