"""A summary of an execution for a terminal: the path that it took, state by state, and the failing state with its data.

What runs many times (iterations, loops, child executions) is one line with totals, so that a long execution fits on a screen.
:mod:`generator.engine.as_text` has the view with the data of every state.
"""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from generator.diagnostics.render import visible
from generator.engine.as_text import path_text, seconds_text, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from generator.engine.execution import Execution
    from generator.engine.states.distributed import MapRun
    from generator.engine.visits import StateVisit

WIDTH: Final = 80
_LONGEST_PATH: Final = 40
"""The most lines of a path; a longer one is shown without its middle."""
_INSIDE: Final = 12
"""The most lines of the states inside a Map, a Parallel or a child execution."""
_DATA: Final = 12
"""The most lines of the input and of the cause of the failing state."""
_NAME: Final = 36
_LENGTH_OF_TOTALS: Final = 45
_LOOP: Final = 12
_REPEATED: Final = 3
_BRANCHING: Final = frozenset({"Map", "Parallel"})
_GREEN, _RED, _YELLOW, _DIM, _BOLD, _RESET = "\x1b[32m", "\x1b[31m", "\x1b[33m", "\x1b[2m", "\x1b[1m", "\x1b[0m"
_MARKS: Final = {"✓": _GREEN, "✗": _RED, "!": _YELLOW, "-": _DIM, "→": ""}
_STATUS: Final = {"SUCCEEDED": _GREEN, "RUNNING": _YELLOW}
_VERBS: Final = {"TIMED_OUT": "Timed out in", "ABORTED": "Stopped in"}


def summary(execution: Execution, *, width: int = WIDTH, color: bool = False) -> str:
    """Return the summary of an execution.

    Args:
        execution: the execution.
        width: the most columns of a line.
        color: whether to use colours (ANSI escape sequences).

    >>> from generator.engine import execute
    >>> inner = {"StartAt": "Price", "States": {"Price": {"Type": "Pass", "End": True}}}
    >>> states = {"Each": {"Type": "Map", "ItemProcessor": inner, "Next": "Stop"}, "Stop": {"Type": "Fail", "Error": "Bad"}}
    >>> print(summary(execute({"StartAt": "Each", "States": states}, [1, 2, 3])), end="")
    workflow FAILED after 0 s, 5 state transitions
      ✓ Each        Map   0 s  3 items: 3 succeeded
        ✓ Price x3  Pass  0 s
      ✗ Stop        Fail       failed: Bad
    <BLANKLINE>
    Failed in Stop (Fail)
      error: Bad
      input: [1,2,3]
    """
    paper = _Paper(width, color=color)
    number = execution.transitions
    status = paper.paint(execution.status, _BOLD + _STATUS.get(execution.status, _RED))
    plural = "" if number == 1 else "s"
    name = shortened(visible(execution.machine.title or execution.machine.name), max(width - _LENGTH_OF_TOTALS, 8))
    lines = [f"{name} {status} after {seconds_text(execution.duration)}, {number:,} state transition{plural}"]
    story = _Story()
    rows = [*_elided(list(_path(story.add(execution), story, 0)), _LONGEST_PATH)]
    lines += paper.table(rows)
    if execution.status not in {"SUCCEEDED", "RUNNING"}:
        lines += ["", *_failure(execution, story, paper)]
    return "\n".join(lines) + "\n"


@dataclass(slots=True)
class _Row:
    """One line of the path."""

    depth: int
    mark: str
    name: str
    kind: str = ""
    seconds: float | None = None
    notes: list[str] = field(default_factory=list)


class _Story:
    """The visits of an execution and of those that it started, with what belongs to each."""

    def __init__(self) -> None:
        self.inner: dict[int, list[StateVisit]] = {}
        self.started: dict[int, list[Execution]] = {}
        self.map_runs: dict[int, MapRun] = {}
        self.owners: dict[int, Execution] = {}

    def add(self, execution: Execution) -> list[StateVisit]:
        """Add the visits of an execution. Return those that are not inside another state."""
        children = {child.started_by: child for child in execution.children}
        map_runs = {each.arn: each for each in execution.map_runs}
        top = []
        for visit in execution.own_visits():
            self.owners[id(visit)] = execution
            if visit.parent is None:
                top.append(visit)
            else:
                self.inner.setdefault(id(visit.parent), []).append(visit)
            found = [children[call.began] for call in visit.attempts if call.began in children]
            if found:
                self.started[id(visit)] = found
            if visit.map_run in map_runs:
                self.map_runs[id(visit)] = map_runs[visit.map_run]
        return top

    def inside(self, group: Iterable[StateVisit]) -> list[StateVisit]:
        """Return the visits inside the Maps and Parallels of a group, child executions of Distributed Maps included."""
        found: list[StateVisit] = []
        for visit in group:
            found += self.inner.get(id(visit), ())
            if id(visit) in self.map_runs:
                for child in self.map_runs[id(visit)].children:
                    found += self.add(child)
        return found

    def failed(self, visit: StateVisit) -> bool:
        """Return whether the execution ended in this visit."""
        return not visit.exited and (visit.failed or self.owners[id(visit)].status not in {"SUCCEEDED", "RUNNING"})


def _path(visits: Sequence[StateVisit], story: _Story, depth: int) -> Iterator[_Row]:
    """Yield the lines of visits in their order; loops that ran at least three times are shown once."""
    names = [visit.name for visit in visits]
    at = 0
    while at < len(visits):
        length, times = _loop(names, at)
        for offset in range(length):
            yield from _rows(visits[at + offset : at + length * times : length], story, depth)
        at += length * times


def _loop(names: Sequence[str], at: int) -> tuple[int, int]:
    """Return the length and the number of the repetitions that start at a position; (1, 1) if there are none.

    >>> _loop("abcbcbcd", 1), _loop("abc", 0)
    ((2, 3), (1, 1))
    """
    best = (1, 1)
    for length in range(1, min(_LOOP, len(names) - at) + 1):
        times = 1
        while names[at + times * length : at + (times + 1) * length] == names[at : at + length]:
            times += 1
        if times >= _REPEATED and length * times > best[0] * best[1]:
            best = (length, times)
    return best


def _by_name(visits: Iterable[StateVisit]) -> list[list[StateVisit]]:
    groups: dict[str, list[StateVisit]] = {}
    for visit in visits:
        groups.setdefault(visit.name, []).append(visit)
    return list(groups.values())


def _rows(group: Sequence[StateVisit], story: _Story, depth: int) -> Iterator[_Row]:
    """Yield the line of some visits to one state, and below it those of the states inside and of the executions it started."""
    first = group[0]
    took = [visit.left - visit.entered for visit in group if visit.left is not None]
    name = first.name if len(group) == 1 else f"{first.name} x{len(group):,}"
    ended = {"Succeed", "Fail"}
    bad = [visit for visit in group if story.failed(visit) and (visit.failed or visit.type not in ended)]
    notes = [*_notes(group, bad, story)]
    mark = "✗" if any(visit.failed for visit in bad) else "-" if bad else "!" if notes and _troubled(group) else "✓"
    yield _Row(depth, mark, name, first.type, sum(took) if took else None, notes)
    rows: list[_Row] = []
    for each in _by_name(story.inside(group)):
        rows += _rows(each, story, depth + 1)
    rows += _children([child for visit in group for child in story.started.get(id(visit), ())], story, depth + 1)
    yield from _elided(rows, _INSIDE, depth + 1)


def _troubled(group: Sequence[StateVisit]) -> bool:
    return any(visit.failed or visit.iterations["Failed"] or len(visit.attempts) > 1 for visit in group)


def _notes(group: Sequence[StateVisit], bad: Sequence[StateVisit], story: _Story) -> Iterator[str]:
    yield from _items(group, story)
    retried = Counter(call.error or "without an error name" for visit in group for call in visit.attempts[:-1])
    if number := retried.total():
        yield f"{number:,} retr{'y' if number == 1 else 'ies'}: {_counted(retried)}"
    caught = [visit for visit in group if visit.caught]
    if caught:
        cause = f": {_short_cause(caught[0].cause)}" if len(caught) == 1 and caught[0].cause else ""
        yield f"caught {_counted(Counter(_error(visit, story) for visit in caught))}{cause}"
    failed = [visit for visit in bad if visit.failed]
    if failed:
        named = [visit.error for visit in failed if visit.error]
        yield f"failed: {_counted(Counter(named))}" if named else "failed"
    if len(bad) > len(failed):
        yield "not finished" if len(bad) - len(failed) == 1 else f"{len(bad) - len(failed):,} not finished"


def _error(visit: StateVisit, story: _Story) -> str:
    """Return the error name of a visit that failed; the history has that of a Map or a Parallel in a state inside."""
    inside = (each.error for each in story.inner.get(id(visit), ()) if each.failed and not each.exited and each.error)
    return visit.error or next(inside, "a failure")


def _items(group: Sequence[StateVisit], story: _Story) -> Iterator[str]:
    outcomes: Counter[str] = Counter()
    items, executions = 0, 0
    for visit in group:
        map_run = story.map_runs.get(id(visit))
        if map_run is not None:
            items += map_run.items
            executions += map_run.succeeded + map_run.failed
            outcomes.update(Succeeded=map_run.succeeded_items, Failed=map_run.failed_items)
        else:
            items += visit.items or 0
            outcomes.update(visit.iterations)
    if any(visit.type == "Map" for visit in group):
        totals = [f"{outcomes[name]:,} {name.lower()}" for name in ("Succeeded", "Failed", "Aborted") if outcomes[name]]
        where = f" in {executions:,} child execution{'' if executions == 1 else 's'}" if executions else ""
        yield f"{items:,} item{'' if items == 1 else 's'}{where}{': ' if totals else ''}{', '.join(totals)}"


def _children(children: Sequence[Execution], story: _Story, depth: int) -> Iterator[_Row]:
    """Yield the lines of executions that a task started: the path of a single one, totals of several."""
    if len(children) == 1:
        (child,) = children
        mark = "✓" if child.status == "SUCCEEDED" else "-" if child.status == "RUNNING" else "✗"
        failure = [] if mark == "✓" else [str(child.error or child.status)]
        yield _Row(depth, mark, f"→ {child.machine.title or child.machine.name}", "child", child.duration, failure)
        yield from _elided(list(_path(story.add(child), story, depth + 1)), _INSIDE, depth + 1)
        return
    for title in dict.fromkeys(child.machine.title or child.machine.name for child in children):
        same = [child for child in children if (child.machine.title or child.machine.name) == title]
        totals = Counter(child.status for child in same)
        mark = "✓" if set(totals) == {"SUCCEEDED"} else "!"
        notes = [", ".join(f"{number:,} {status}" for status, number in totals.items())]
        yield _Row(depth, mark, f"→ {title} x{len(same):,}", "child", sum(child.duration for child in same), notes)


def _elided(rows: Sequence[_Row], most: int, depth: int = 0) -> Iterator[_Row]:
    """Yield lines without their middle if there are too many."""
    if len(rows) <= most:
        yield from rows
        return
    half = most // 2
    yield from rows[:half]
    yield _Row(depth, "-", f"({len(rows) - 2 * half:,} more lines)")
    yield from rows[-half:]


def _counted(errors: Counter[str]) -> str:
    return ", ".join(name if number == 1 else f"{name} x{number:,}" for name, number in errors.most_common())


def _short_cause(cause: str) -> str:
    value = _parsed(cause)
    text = value.get("errorMessage", cause) if isinstance(value, dict) else cause
    return shortened(str(text), WIDTH)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


# -- the failing state ---------------------------------------------------------------------------------------------------


def _failure(execution: Execution, story: _Story, paper: _Paper) -> Iterator[str]:
    """Yield the failing state with its error, cause and input."""
    where, visit = _failing(execution, story)
    verb = _VERBS.get(execution.status, "Failed in")
    error, cause = execution.error, execution.cause
    if visit is not None:
        if visit.failed and len(where) > 1:  # the innermost failure says more than what became of it
            error, cause = visit.error or error, visit.cause or cause
        title = textwrap.wrap(f"{verb} {visible(path_text(where))} ({visit.type})", paper.width, subsequent_indent="  ")
        yield from (paper.paint(line, _BOLD) for line in title)
    else:
        yield paper.paint(f"{verb.removesuffix(' in')} before a state was entered", _BOLD)
    if error:
        yield from paper.block("error", [error])
    if cause:
        yield from paper.block("cause", _cause_lines(cause))
    if visit is not None:
        yield from paper.block("input", _json_lines(visit.input, paper.width - 9))


def _failing(execution: Execution, story: _Story) -> tuple[list[str], StateVisit | None]:
    """Return the innermost state that failed, and the names of the states and workflows on the way to it."""
    names: list[str] = []
    found: StateVisit | None = None
    level = [visit for visit in story.add(execution) if not visit.exited][-1:]
    while level:
        found = next((visit for visit in level if visit.failed), level[0])
        names.append(found.name)
        child = next((each for each in story.started.get(id(found), ())[-1:] if each.status != "SUCCEEDED"), None)
        map_run = story.map_runs.get(id(found))
        if child is None and map_run is not None:
            child = next((each for each in map_run.children if each.status not in {"SUCCEEDED", "RUNNING"}), None)
        if child is not None:
            names += [] if map_run is not None else [child.machine.title or child.machine.name]
            level = [visit for visit in story.add(child) if not visit.exited][-1:]
        else:
            inner = [visit for visit in story.inner.get(id(found), ()) if not visit.exited]
            # What no catcher can catch ends the execution in the middle of a state: its cause names the state.
            named = [visit for visit in inner if f"'{visit.name}'" in (found.cause or execution.cause or "")]
            level = [visit for visit in inner if visit.failed] or named[:1]
    return names, found


def _cause_lines(cause: str) -> list[str]:
    """Return a cause for people: the message and the trace of a Python function, JSON with indents, or the text."""
    value = _parsed(cause)
    if isinstance(value, dict) and isinstance(value.get("stackTrace"), list) and "errorMessage" in value:
        trace = "".join(str(line) for line in value["stackTrace"]).splitlines()
        return [f"{value.get('errorType', 'Error')}: {value['errorMessage']}", *trace[-(_DATA - 2) :]]
    if isinstance(value, dict | list):
        return json.dumps(value, indent=2, ensure_ascii=False).splitlines()
    return cause.splitlines()


def _json_lines(value: Any, width: int) -> list[str]:
    line = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return [line] if len(line) <= width else json.dumps(value, indent=2, ensure_ascii=False).splitlines()


class _Paper:
    """Lines of a width, with or without colours."""

    def __init__(self, width: int, *, color: bool) -> None:
        self.width = max(width, 40)
        self.color = color

    def paint(self, text: str, style: str) -> str:
        return f"{style}{text}{_RESET}" if self.color and style else text

    def table(self, rows: Sequence[_Row]) -> Iterator[str]:
        """Yield the lines of a table; notes that do not fit go on below the note column."""
        names = [shortened(visible(row.name), _NAME) for row in rows]
        longest = max((2 * row.depth + len(name) for row, name in zip(rows, names, strict=True)), default=0)
        first = min(longest, self.width // 2)
        kind = max((len(row.kind) for row in rows), default=0)
        times = ["" if row.seconds is None else seconds_text(row.seconds) for row in rows]
        time = max((len(each) for each in times), default=0)
        lead = 4 + first + 2 + kind + 2 + time + 2
        for row, name, took in zip(rows, names, times, strict=True):
            indent = "  " * min(row.depth, first // 4)
            own = shortened(name, max(first - len(indent), 1))
            notes = visible("; ".join(row.notes))
            room = self.width - lead
            wrapped = textwrap.wrap(notes, room) if room >= WIDTH // 4 else []
            head = f"  {indent}{self.paint(row.mark, _MARKS[row.mark])} {own:<{max(first - len(indent), 0)}}  {row.kind:<{kind}}  "
            head += self.paint(f"{took:>{time}}", _DIM)
            yield f"{head}  {wrapped[0]}".rstrip() if wrapped else head.rstrip()
            indented = " " * lead
            if not wrapped and notes:
                indented = "      " + indent
                wrapped = ["", *textwrap.wrap(notes, self.width - len(indented))]
            yield from (f"{indented}{line}" for line in wrapped[1:])

    def block(self, title: str, lines: Sequence[str]) -> Iterator[str]:
        """Yield a title with text of some lines, cut where it is too long."""
        indent = " " * (len(title) + 4)
        wrapped: list[str] = []
        for line in lines:
            text = visible(line).rstrip()
            lead = text[: len(text) - len(text.lstrip())]
            room = self.width - len(indent)
            wrapped += textwrap.wrap(text.strip(), room, initial_indent=lead, subsequent_indent=lead, break_on_hyphens=False) or [""]
        if len(wrapped) > _DATA:
            wrapped = [*wrapped[: _DATA - 1], f"… ({len(wrapped) - _DATA + 1} more lines)"]
        for number, line in enumerate(wrapped):
            lead = f"  {self.paint(title + ':', _BOLD)} " if number == 0 else indent
            yield f"{lead}{line}".rstrip()
