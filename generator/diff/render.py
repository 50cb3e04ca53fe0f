"""A report as text, as Markdown for a pull request, and as JSON."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from typing import Any, Final

from generator.diff.model import SECTIONS, SIGNS, Change, Report, WorkflowReport

_STATES_SHOWN: Final = 4
_LONGEST_COMMENT: Final = 65_000
"""The most characters of a comment on GitHub is 65,536.

Source: https://docs.github.com/en/rest/issues/comments
"""


def to_json(report: Report) -> str:
    """Write a report as JSON: all of it, for other programs."""
    return json.dumps(_values(report), indent=2, ensure_ascii=False) + "\n"


def _values(report: Report) -> dict[str, Any]:
    document = dataclasses.asdict(report)
    document["dangerous"] = sum(len(workflow.dangers) for workflow in report.workflows)
    return document


def counted(report: Report) -> str:
    """Return how much changed, as one sentence without a full stop.

    >>> counted(Report("a", "b", (), 2))
    'no difference in 2 workflows'
    """
    number = sum(1 for _ in report.changes)
    if not report.workflows:
        return f"no difference in {_many(report.compared, 'workflow')}"
    dangers = sum(len(workflow.dangers) for workflow in report.workflows)
    widened = sum(1 for change in report.changes if change.how in {"widened", "added"} and change.section == "permissions")
    parts = [_many(number, "change")]
    parts.append(f"{dangers} dangerous" if dangers else "none dangerous")
    if widened:
        parts.append(f"{_many(widened, 'permission')} more or wider")
    return ", ".join(parts)


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


# -- text ----------------------------------------------------------------------------------------------------------------

_PLAIN, _RED, _GREEN, _YELLOW, _BOLD, _DIM = "\033[0m", "\033[31m", "\033[32m", "\033[33m", "\033[1m", "\033[2m"
_COLORS: Final = {"+": _GREEN, "-": _RED, "!": _RED, "~": _YELLOW, ">": _YELLOW}


def to_text(report: Report, *, color: bool = False) -> str:
    """Write a report for a terminal."""
    lines: list[str] = []
    for workflow in report.workflows:
        lines += [*_workflow_lines(workflow, color=color), ""]
    lines.append(f"{report.old} -> {report.new}: {counted(report)}.")
    return "\n".join(lines) + "\n"


def _workflow_lines(workflow: WorkflowReport, *, color: bool) -> Iterator[str]:
    paint = _painter(color=color)
    how = "" if workflow.how == "changed" else f" ({'new' if workflow.how == 'added' else 'removed'})"
    yield paint(_BOLD, workflow.name + how)
    for section, heading in SECTIONS.items():
        changes = workflow.of(section)
        if changes:
            yield f"  {heading}"
        for change in changes:
            sign = SIGNS[change.how]
            yield "    " + paint(_COLORS[sign], f"{sign} {_line(change)}")
            if change.danger:
                yield "      " + paint(_RED, f"danger: {_visible(change.danger)}")
    if workflow.costs:
        yield "  Cost"
        for route in workflow.costs:
            old, new = (f"{part[0]} ({part[1]})" if part else "no route" for part in (route.old, route.new))
            yield f"    ~ transitions to {_visible(route.end)}: {old} -> {new}"
        yield "      " + paint(_DIM, workflow.price)
    if workflow.notes:
        yield "  Executions in flight"
        for note in workflow.notes:
            yield f"    {note.text}"
            yield "      " + paint(_DIM, note.source)


def _painter(*, color: bool) -> Any:
    return (lambda code, text: f"{code}{text}{_PLAIN}") if color else (lambda _, text: text)


def _line(change: Change, *, verb: bool = True) -> str:
    """Return a change as one line: the verb, the subject, and what there is to say."""
    text = (
        f" {change.text}" if change.section == "transitions" and change.text.startswith("->") else f": {change.text}" if change.text else ""
    )
    by = f" ({_states(change.states)})" if change.states else ""
    said = f"{change.how}: " if verb and change.how in {"widened", "narrowed", "renamed", "moved"} else ""
    if change.how in {"widened", "narrowed"}:
        return _visible(f"{said}{change.subject}{by}{', ' + change.text if change.text else ''}")
    return _visible(f"{said}{change.subject}{text}{by}")


def _states(states: tuple[str, ...]) -> str:
    shown = states if len(states) <= _STATES_SHOWN else (*states[:_STATES_SHOWN], f"{len(states) - _STATES_SHOWN} more")
    return ", ".join(shown)


def _visible(text: str) -> str:
    """Write characters that move the cursor or change the direction of text as escapes: names are data."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


# -- Markdown ------------------------------------------------------------------------------------------------------------


def to_markdown(report: Report) -> str:
    """Write a report for a pull request: the dangerous changes, then each workflow with its tables."""
    lines = [f"## Workflows: {_escaped(counted(report))}", ""]
    lines += [f"`{_code(report.old)}` → `{_code(report.new)}`", ""]
    dangers = [(workflow, change) for workflow in report.workflows for change in workflow.dangers]
    if dangers:
        lines += ["> [!WARNING]", "> **Look at these first**", ">"]
        for workflow, change in dangers:
            source = f" ([source]({change.source}))" if change.source else ""
            what = f"**{_escaped(workflow.name)}**, {change.how}: {_escaped(_line(change, verb=False))}"
            lines.append(f"> - {what}  \n>   **{_escaped(change.danger)}**{source}")
        lines.append("")
    for workflow in report.workflows:
        lines += _workflow_markdown(workflow)
    return _bounded("\n".join(lines).rstrip() + "\n")


def _workflow_markdown(workflow: WorkflowReport) -> Iterator[str]:
    how = {"added": ", new", "removed": ", removed"}.get(workflow.how, "")
    yield from (f"### {_escaped(workflow.name)}{how}", "")
    for section, heading in SECTIONS.items():
        changes = workflow.of(section)
        if not changes:
            continue
        yield from (f"**{heading}**", "")
        first = "Permission" if section == "permissions" else "What"
        last = "State" if section == "permissions" else "Change"
        yield from (f"| | {first} | {last} |", "|---|---|---|")
        for change in changes:
            mark = " ⚠️" if change.danger else ""
            if section == "permissions":
                was = f"<br>{_escaped(change.text)}" if change.text else ""
                yield f"| {change.how}{mark} | `{_code(change.subject)}`{was} | {_escaped(_states(change.states))} |"
            else:
                yield f"| {change.how}{mark} | {_escaped(change.subject)} | {_escaped(change.text)} |"
        yield ""
    if workflow.costs:
        yield from ("**Cost**", "", "| Route to | Transitions | Price |", "|---|---|---|")
        for route in workflow.costs:
            old, new = route.old or ("no route", ""), route.new or ("no route", "")
            yield f"| {_escaped(route.end)} | {old[0]} → {new[0]} | {old[1]} → {new[1]} |"
        yield from ("", f"<sub>{_escaped(workflow.price)}</sub>", "")
    if workflow.notes:
        yield from ("**Executions in flight**", "")
        yield from (f"- {_escaped(note.text)} ([source]({note.source}))" for note in workflow.notes)
        yield ""


_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#+!|~$@&])")


def _escaped(text: str) -> str:
    r"""Escape a text for a cell of a table, so that no name becomes markup, a mention or a new row.

    >>> _escaped("a|b `c`")
    'a\\|b \\`c\\`'
    """
    return (
        _SPECIAL.sub(r"\\\1", _visible(" ".join(text.split())))
        .replace("-\\>", "→")
        .replace("\\@", "@\u200b")
        .replace("\\<", "&lt;")
        .replace("\\>", "&gt;")
        .replace("\\&", "&amp;")
    )


def _code(text: str) -> str:
    """Return a text between backticks in a cell."""
    return _visible(" ".join(text.split())).replace("`", "'").replace("|", "\\|")


def _bounded(text: str) -> str:
    if len(text) <= _LONGEST_COMMENT:
        return text
    kept = text[:_LONGEST_COMMENT].rpartition("\n")[0]
    return f"{kept}\n\nThe rest is left out: a comment has room for 65,536 characters. `sfn-generator diff` prints it all.\n"
