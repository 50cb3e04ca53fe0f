"""The states of a machine for the page: their drawing, which is that of the documents, their definitions and the lines of their code."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from generator.asl.model import Parallel
from generator.asl.placeholders import plain
from generator.asl.walk import Walk
from generator.diagnostics.locate import read_source
from generator.emit import words
from generator.emit.graph import groups
from generator.emit.svg import svg
from generator.engine.history import json_text
from generator.view.inferred import inferred

if TYPE_CHECKING:
    from generator.asl.walk import StateAt
    from generator.diagnostics.model import Span
    from generator.view.recording import Recording

MOST_LINES: Final = 40
"""The most lines of code that are shown for a state."""


def drawn(recording: Recording) -> tuple[Walk | None, dict[str, Any]]:
    """Return the walk over the definition, and the states and the drawing for the page.

    If there is no definition, a drawing of what the history shows takes its place; the walk is None then.

    >>> from generator.engine import execute
    >>> from generator.view.recording import of_execution
    >>> _, made = drawn(of_execution(execute({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})))
    >>> made["states"][0]["name"], made["svg"][:4]
    ('A', '<svg')
    """
    walk = recording.walk
    shown = walk if walk is not None else inferred(recording.events)
    if shown is None:
        return None, {"states": [], "svg": "", "inferred": True}
    made = _states(shown, recording)
    picture = svg(shown, title=recording.title, marked=True)
    return walk, {"states": made, "svg": picture, "inferred": walk is None}


def _states(walk: Walk, recording: Recording) -> list[dict[str, Any]]:
    number = {id(at): index for index, at in enumerate(walk.states)}
    boxes = [box for group in walk.once(groups) for box in group.boxes]
    branches = {id(scope): branch for scope, branch in _branches(walk)}
    made: list[dict[str, Any]] = []
    for at, box in zip(walk.states, boxes, strict=True):
        state: dict[str, Any] = {"name": plain(at.name), "type": box.type, "key": box.key}
        if box.doing:
            state["doing"] = box.doing
        if box.comment:
            state["comment"] = box.comment
        if at.resource:
            state["resource"] = plain(at.resource)
        if at.scope.parent is not None:
            state["parent"] = number[id(at.scope.parent)]
        if (branch := branches.get(id(at.scope))) is not None:
            state["branch"] = branch
        if recording.walk is not None:
            state |= {"definition": json_text(_definition(walk, at)), "language": at.language}
            if catchers := [", ".join(_errors(catcher.error_equals)) for _, catcher in at.catchers]:
                state["catches"] = catchers
            if retriers := [f"{', '.join(_errors(retrier.error_equals))}: {words.retry(retrier)}" for _, retrier in at.retriers]:
                state["retries"] = retriers
            if recording.locate is not None and (code := _code(recording.locate(at.at))):
                state["code"] = code
        made.append(state)
    return made


def _errors(names: Any) -> list[str]:
    return [str(name) for name in names] if isinstance(names, tuple | list) else []


def _branches(walk: Walk) -> list[tuple[Any, int]]:
    """Return the scopes that are branches of a Parallel state, each with its number."""
    counts: dict[int, int] = {}
    found = []
    for scope in walk.scopes:
        if scope.parent is not None and isinstance(scope.parent.state, Parallel):
            number = counts.get(id(scope.parent), 0)
            counts[id(scope.parent)] = number + 1
            found.append((scope, number))
    return found


def _definition(walk: Walk, at: StateAt) -> Any:
    """Return the JSON of a state, without the scopes inside it, which are states of their own."""
    value: Any = walk.document
    for token in at.at:
        value = value[token]
    if not isinstance(value, dict):
        return value
    shown = dict(value)
    if "Branches" in shown:
        shown["Branches"] = [_outline(branch) for branch in shown["Branches"]]
    for name in ("ItemProcessor", "Iterator"):
        if name in shown:
            shown[name] = _outline(shown[name])
    return shown


def _outline(scope: Any) -> Any:
    """Return a scope with the names of its states in place of their definitions."""
    if not isinstance(scope, dict) or not isinstance(scope.get("States"), dict):
        return scope
    return {**scope, "States": [*scope["States"]]}


def _code(span: Span) -> dict[str, Any]:
    lines = _lines(span.file)
    if lines is None or not 0 < span.line <= len(lines):
        return {"file": span.file, "line": span.line}
    last = min(span.end_line or span.line, span.line + MOST_LINES - 1, len(lines))
    return {"file": span.file, "line": span.line, "text": "\n".join(lines[span.line - 1 : last])}


@lru_cache(maxsize=64)
def _lines(file: str) -> list[str] | None:
    text = read_source(file) if Path(file).suffix else None
    return None if text is None else text.splitlines()
