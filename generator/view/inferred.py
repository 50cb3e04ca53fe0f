"""A machine made of a history alone, to draw a graph where the definition is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.asl.parse import parse
from generator.asl.walk import Walk, walk
from generator.engine.visits import StateVisit, Trace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.engine.frame import RawEvent

_ENDS: Final = frozenset({"Succeed", "Fail"})


def inferred(events: Sequence[RawEvent]) -> Walk | None:
    """Return a machine with the states that a history entered, and the transitions that it took.

    A state with several transitions becomes a Choice state in the machine; the first one after a failure is a catcher's. What was
    not taken is unknown.

    >>> entered = [("PassStateEntered", 0.0, 0, {"name": "A", "input": {}}), ("PassStateExited", 0.0, 1, {"name": "A", "output": {}})]
    >>> walked = inferred([*entered, ("SucceedStateEntered", 0.0, 2, {"name": "B", "input": {}})])
    >>> [(at.name, [each.target for each in at.transitions]) for at in walked.states]
    [('A', ['B']), ('B', [])]
    """
    visits = Trace(events, {}, {}).visits
    if not visits:
        return None
    children: dict[str, list[StateVisit]] = {}
    for visit in visits:
        children.setdefault("" if visit.parent is None else visit.parent.name, []).append(visit)
    machine, _ = parse(_scope(children[""], children, {""}))
    return None if machine is None else walk(machine)


def _scope(visits: list[StateVisit], children: dict[str, list[StateVisit]], seen: set[str]) -> dict[str, Any]:
    states: dict[str, dict[str, Any]] = {}
    last: dict[Any, StateVisit] = {}
    for visit in visits:
        state = states.setdefault(visit.name, {"Type": visit.type, "next": {}, "catch": {}})
        if visit.type == "Parallel":
            state.setdefault("Branches", [])
        lane = id(visit.parent), visit.iteration
        before = last.get(lane)
        if before is not None and before.exited:
            states[before.name]["catch" if before.caught else "next"].setdefault(visit.name)
        last[lane] = visit
        if visit.name in children and visit.name not in seen:
            inner = _scope(children[visit.name], children, seen | {visit.name})
            if visit.type == "Map":
                state["ItemProcessor"] = inner
            else:
                state["Branches"] = [inner]
    return {"StartAt": visits[0].name, "States": {name: _state(state) for name, state in states.items()}}


def _state(state: dict[str, Any]) -> dict[str, Any]:
    following, caught = [*state.pop("next")], [*state.pop("catch")]
    if state["Type"] == "Choice":
        state["Choices"] = [{"Next": name} for name in following]
    elif following:
        state["Next"] = following[0]
        caught += following[1:]
    elif state["Type"] not in _ENDS:
        state["End"] = True
    if caught:
        state["Catch"] = [{"ErrorEquals": [], "Next": name} for name in caught]
    return state
