"""``generate``: compile the workflows into the output folder."""

from __future__ import annotations

from pathlib import Path

from generator.commands.report import FAILED, MISUSED, PASSED, Format, count, progress, say, show
from generator.diagnostics.render import summary
from generator.pipeline import STAGES, Run, run_pipeline
from generator.settings import OutputError

_CHANGES = {"missing": "added", "changed": "changed", "extra": "removed"}


def generate(root: Path, form: Format = "text", *, out: Path | None = None, overwrite: bool = False) -> int:
    """Compile the workflows, and write what changed.

    Args:
        root: the project's folder.
        form: how diagnostics are written.
        out: the output folder, if it is not the one in the settings.
        overwrite: whether to replace files that are in the way, or that were edited by hand.

    Returns:
        the exit code.
    """
    run = pipeline(root, out=out, overwrite=overwrite)
    if run is None:
        return MISUSED
    show(run.diagnostics, form)
    if form == "text":
        folder = run.project.output_text
        if run.failed:
            found = summary(run.diagnostics).removesuffix(".")
            say(f"{folder} is as it was: {found[:1].lower()}{found[1:]}.")
        else:
            say(f"{count(len(run.compiled), 'workflow')} in {folder}: {changed(run) or 'nothing changed'}.")
    return FAILED if run.failed else PASSED


def changed(run: Run) -> str:
    """Return how many artifacts were added, changed and removed; empty if none was."""
    return ", ".join(f"{number} {word}" for how, word in _CHANGES.items() if (number := sum(1 for _, h in run.changes if h == how)))


def pipeline(
    root: Path,
    *,
    everything: bool = False,
    write: bool = True,
    out: Path | None = None,
    overwrite: bool = False,
    stages: int | None = None,
) -> Run | None:
    """Run the pipeline; None if the disk refused or the output folder cannot be one, which is reported.

    Args:
        root: the project's folder.
        everything: whether to hold unchanged definitions against the schema too.
        write: whether to write the output folder.
        out: the output folder, if it is not the one in the settings.
        overwrite: whether to replace files that are in the way, or that were edited by hand.
        stages: how many stages to run; by default all.
    """
    try:
        run = Run(root.resolve(), out=out, overwrite=overwrite, everything=everything, write=write)
    except OutputError as error:
        say(f"error: {error}")
        return None
    with progress("generating") as tell:
        run.progress = tell
        try:
            return run_pipeline(run, STAGES[:stages])
        except OSError as error:
            say(f"error: {error.filename or run.project.output}: {error.strerror or error}")
            return None
