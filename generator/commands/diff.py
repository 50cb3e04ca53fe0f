"""``diff``: report what a change does to the workflows: permissions first, then states, transitions, time, deployment and cost."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from generator.asl.read import read_file
from generator.commands.given import InvalidInputError, not_written
from generator.commands.report import FAILED, MISUSED, PASSED, colored, say, show
from generator.diagnostics.model import Diagnostic, Severity, Span
from generator.diff import render
from generator.diff.event import comment, read_event
from generator.diff.model import Report
from generator.diff.picture import picture
from generator.diff.report import compare, compare_workflows, pairs_of
from generator.diff.sides import Side, SideError, generated, merge_base, of_output, of_revision, read_side
from generator.settings import read_project

DiffFormat = Literal["text", "markdown", "json"]


@dataclass(frozen=True, slots=True)
class DiffOptions:
    """What to compare, and how to show it.

    Attributes:
        old: the old version: a git revision, a folder, a definition or a deployed one; by default the output folder.
        new: the new version; by default what the workflows generate now.
        root: the project's folder.
        workflow: the only workflow to compare.
        form: how the report is written.
        exit_code: whether a difference is the exit code 1.
        svg: the file to draw both graphs into.
        event: the file with the event of a pull request on GitHub, whose versions are compared; the report is the body of a comment.
    """

    old: str | None = None
    new: str | None = None
    root: Path = Path()
    workflow: str | None = None
    form: DiffFormat = "text"
    exit_code: bool = False
    svg: Path | None = None
    event: Path | None = None


def diff(options: DiffOptions) -> int:
    """Compare two versions, and print the report.

    Returns:
        the exit code: 0, or 1 if ``exit_code`` is set and there is a difference; 1 if a version is invalid; 2 if there is no such version.
    """
    try:
        old, new = sides(options)
        report = compare(old, new, options.workflow)
        if options.svg is not None:
            _draw(options.svg, old, new, options.workflow)
    except SideError as error:
        show(error.diagnostics, texts=error.texts, out=sys.stderr)
        return MISUSED if error.misused else FAILED
    except InvalidInputError as error:
        return show(error.diagnostics, out=sys.stderr)
    sys.stdout.write(comment(report) if options.event is not None else written(report, options.form))
    return FAILED if options.exit_code and report.workflows else PASSED


def sides(options: DiffOptions) -> tuple[Side, Side]:
    """Read both versions.

    Raises:
        SideError: one of them cannot be read.
    """
    root = options.root.resolve()
    project = read_project(root)
    if options.event is not None:
        pull = read_event(read_file(options.event))
        base = merge_base(root, pull.base, pull.head)
        return of_revision(base, root, project, pull.base_name), of_revision(pull.head, root, project, pull.head_name)
    old = of_output(project) if options.old is None else read_side(options.old, root, project)
    new = generated(root) if options.new is None else read_side(options.new, root, project)
    return old, new


def _draw(file: Path, old: Side, new: Side, workflow: str | None) -> None:
    """Draw the workflow that was chosen, or the only one that differs.

    Raises:
        SideError: several workflows differ.
        InvalidInputError: the file cannot be written.
    """
    pairs = [(before, after) for before, after in pairs_of(old, new, workflow) if before is not None and after is not None]
    if len(pairs) > 1:
        differing = [(before, after) for before, after in pairs if compare_workflows(before, after).changes]
        pairs = differing or pairs[:1]
    if len(pairs) != 1:
        names = ", ".join(after.name for _, after in pairs) or "none is in both versions"
        problem = "a picture shows one workflow"
        raise SideError(
            [Diagnostic("SFN861", Severity.ERROR, problem, Span("--svg"), hint=f"choose it with --workflow: {names}")], misused=True
        )
    before, after = pairs[0]
    try:
        file.write_text(picture(before, after, (old.label, new.label)), encoding="utf-8")
    except (OSError, ValueError) as error:
        raise not_written(file, error) from None
    say(f"wrote {file}")


def written(report: Report, form: DiffFormat) -> str:
    """Return the report in a format."""
    if form == "json":
        return render.to_json(report)
    if form == "markdown":
        return render.to_markdown(report)
    return render.to_text(report, color=colored(sys.stdout))
