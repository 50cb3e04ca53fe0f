"""``generate`` and ``check``: compile the workflows into ``build/``, or report how it differs from what they generate."""

from __future__ import annotations

from pathlib import Path

from generator.commands.report import FAILED, MISUSED, PASSED, Format, count, progress, say, show
from generator.diagnostics.render import summary
from generator.pipeline import STAGES, Run, run_pipeline

_CHANGES = {"missing": "added", "changed": "changed", "extra": "removed"}


def generate(root: Path, form: Format = "text") -> int:
    """Compile the workflows, and write what changed.

    Args:
        root: the project's folder.
        form: how diagnostics are written.

    Returns:
        the exit code.
    """
    run = pipeline(root)
    if run is None:
        return MISUSED
    show(run.diagnostics, form)
    if form == "text":
        if run.failed:
            found = summary(run.diagnostics).removesuffix(".")
            say(f"build/ is as it was: {found[:1].lower()}{found[1:]}.")
        else:
            say(f"{count(len(run.compiled), 'workflow')} in build/: {changed(run) or 'nothing changed'}.")
    return FAILED if run.failed else PASSED


def check(root: Path, form: Format = "text") -> int:
    """Check the workflows and their definitions, and that ``build/`` is what they generate; write nothing.

    Args:
        root: the project's folder.
        form: how diagnostics are written.

    Returns:
        the exit code.
    """
    run = pipeline(root, everything=True, write=False)
    if run is None:
        return MISUSED
    show(run.diagnostics, form)
    if not run.failed and form == "text":
        say(f"{count(len(run.compiled), 'workflow')}: all checks passed, and build/ is up to date.")
    return FAILED if run.failed else PASSED


def changed(run: Run) -> str:
    """Return how many artifacts were added, changed and removed; empty if none was."""
    return ", ".join(f"{number} {word}" for how, word in _CHANGES.items() if (number := sum(1 for _, h in run.changes if h == how)))


def pipeline(root: Path, *, everything: bool = False, write: bool = True, stages: int | None = None) -> Run | None:
    """Run the pipeline; None if the disk refused, which is reported.

    Args:
        root: the project's folder.
        everything: whether to hold unchanged definitions against the schema too.
        write: whether to write ``build/``.
        stages: how many stages to run; by default all.
    """
    run = Run(root.resolve(), everything=everything, write=write)
    with progress("generating") as tell:
        run.progress = tell
        try:
            return run_pipeline(run, STAGES[:stages])
        except OSError as error:
            say(f"error: {error.filename or run.build}: {error.strerror or error}")
            return None
