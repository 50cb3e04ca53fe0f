"""A view of an execution as text: its path, each state with its status, data and attempts, and the failure.

``run --details``, the Model Context Protocol and the messages of failing tests show it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.diagnostics.render import visible
from generator.engine.history import json_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.engine.execution import Execution
    from generator.engine.visits import StateVisit, TaskCall

SHOWN_STATES: Final = 200
"""The number of visits that a view shows: the first ones, and the last ones."""
_WIDTH: Final = 160
_PATH: Final = 12


def path_text(path: list[str], most: int = _PATH) -> str:
    """Return a path in one line, without its middle if it is long.

    >>> path_text(["A", "B"]), path_text(list("ABCDEF"), most=4)
    ('A → B', 'A → B → (2 more) → E → F')
    """
    if len(path) <= most + 1:
        return " → ".join(path)
    half = most // 2
    return " → ".join([*path[:half], f"({len(path) - 2 * half} more)", *path[-half:]])


def shortened(text: str, width: int) -> str:
    """Return text in one line of at most so many characters.

    >>> shortened("a long text", 6), shortened("short", 6)
    ('a lon…', 'short')
    """
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1] + "…"


def seconds_text(seconds: float) -> str:
    """Write a time span for people.

    >>> seconds_text(90061.5), seconds_text(0)
    ('1 d 1 h 1 min 1.5 s', '0 s')
    """
    parts = []
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        whole, seconds = divmod(seconds, size)
        if whole:
            parts.append(f"{whole:.0f} {unit}")
    if seconds or not parts:
        parts.append(f"{round(seconds, 3):g} s")
    return " ".join(parts)


def text_view(execution: Execution, *, width: int = _WIDTH) -> str:
    """Return the view of an execution.

    Args:
        execution: the execution.
        width: the most characters of a JSON value or a cause; longer ones are cut.

    >>> from generator.engine import execute
    >>> states = {"Check": {"Type": "Pass", "Next": "Stop"}, "Stop": {"Type": "Fail", "Error": "Bad", "Cause": "no id"}}
    >>> print(text_view(execute({"StartAt": "Check", "States": states}, {"n": 1})), end="")
    workflow FAILED after 0 s, 2 state transitions
    error: Bad
    cause: no id
    path: Check → Stop
    <BLANKLINE>
    Check (Pass) succeeded
      input: {"n":1}
      output: {"n":1}
    Stop (Fail) failed: Bad
      input: {"n":1}
      cause: no id
    """
    return "\n".join(visible(line) for line in _lines(execution, width)) + "\n"


def _lines(execution: Execution, width: int) -> Iterator[str]:
    number = execution.transitions
    yield (
        f"{execution.machine.title or execution.machine.name} {execution.status} after {seconds_text(execution.duration)}, "
        f"{number} state transition{'' if number == 1 else 's'}"
    )
    for name, text in (("error", execution.error), ("cause", execution.cause)):
        if text:
            yield f"{name}: {shortened(text, 4 * width)}"
    yield from (f"warning: {warning}" for warning in execution.warnings)
    if execution.waiting:
        yield f"waiting: {', '.join(sorted(set(execution.waiting.values())))}"
    yield f"path: {path_text(execution.path) or 'no state was entered'}"
    yield ""
    visits = execution.own_visits()
    half = SHOWN_STATES // 2
    for number, visit in enumerate(visits):
        if len(visits) > SHOWN_STATES and number == half:
            yield f"({len(visits) - SHOWN_STATES} more visits)"
        if len(visits) <= SHOWN_STATES or number < half or number >= len(visits) - half:
            yield from _visit(visit, execution, width)
    for child in (*execution.map_children, *execution.children)[:_PATH]:
        yield ""
        yield from (f"  {line}".rstrip() for line in _lines(child, width))


def _visit(visit: StateVisit, execution: Execution, width: int) -> Iterator[str]:
    indent = "  " * visit.depth
    if visit.caught:
        status = f"caught {visit.error or 'a failure'}"
    elif visit.exited or (visit.type == "Succeed" and execution.status == "SUCCEEDED"):
        status = "succeeded"
    elif visit.failed:
        status = f"failed: {visit.error}" if visit.error else "failed"
    else:
        status = "waits" if not execution.done else "ended without output"
    took = "" if visit.left is None or visit.left == visit.entered else f" after {seconds_text(visit.left - visit.entered)}"
    yield f"{indent}{visit.name} ({visit.type}) {status}{took}"
    yield f"{indent}  input: {_json(visit.input, width)}"
    for call in visit.attempts:
        yield from (f"{indent}  {line}" for line in _call(call, len(visit.attempts), width))
    if visit.cause and not visit.attempts:
        yield f"{indent}  cause: {shortened(visit.cause, width)}"
    if visit.exited:
        yield f"{indent}  output: {_json(visit.output, width)}"
    if visit.assigned:
        yield f"{indent}  variables: {_json(visit.assigned, width)}"


def _call(call: TaskCall, attempts: int, width: int) -> Iterator[str]:
    number = f"attempt {call.attempt}: " if attempts > 1 else ""
    yield f"{number}calls {call.integration}{f' of {call.resource}' if call.resource else ''} with {_json(call.parameters, width)}"
    if call.status == "SUCCEEDED":
        yield f"{number}result: {_json(call.result, width)}"
    elif call.status == "FAILED":
        yield f"{number}error: {call.error}{f': {shortened(call.cause, width)}' if call.cause else ''}"


def _json(value: Any, width: int) -> str:
    return shortened(json_text(value), width)
