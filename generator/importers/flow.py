"""The happy path of a scope, and what lies beside it.

A list of steps reads best if it is the way of an execution to which nothing happens: from the first state along ``Next``, and at a
Choice to the branch that leads to success. Everything else is beside the list: failures, branches, loops back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from generator.importers.code import words_of

State = Mapping[str, Any]
_UNLUCKY: Final = frozenset({
    "abort", "aborted", "bad", "cancel", "canceled", "cancelled", "compensate", "declined", "denied", "deny", "error",
    "errors", "exception", "expired", "fail", "failed", "failing", "fails", "failure", "fallback", "ignore", "invalid",
    "missing", "no", "none", "not", "reject", "rejected", "rejection", "revert", "rollback", "skip", "timeout",
    "unsuccessful",
})  # fmt: skip
"""Words in the names of states that are not on the happy path."""


@dataclass
class Plan:
    """The shape of a scope.

    Attributes:
        path: the names of the states of the list.
        states: the states of the scope.
        below: the state below each one of the list.
    """

    path: list[str]
    states: Mapping[str, State]
    below: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Note what is below each state."""
        self.below = dict(zip(self.path, self.path[1:], strict=False))


def targets(state: State) -> Iterator[str]:
    """Yield the names of the states that a state leads to, in the order in which it names them.

    >>> list(targets({"Type": "Task", "Next": "B", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "C"}]}))
    ['C', 'B']
    """
    for rules in ("Choices", "Catch"):
        for rule in state[rules] if isinstance(state.get(rules), list) else ():
            if isinstance(rule, Mapping) and isinstance(rule.get("Next"), str):
                yield rule["Next"]
    for key in ("Default", "Next"):
        if isinstance(state.get(key), str):
            yield state[key]


def plan(start: str, states: Mapping[str, State]) -> Plan:
    """Return the shape of a scope.

    >>> failed = {"Type": "Fail"}
    >>> choice = {"Type": "Choice", "Choices": [{"Next": "No"}], "Default": "Done"}
    >>> plan("Ask", {"Ask": choice, "No": failed, "Done": {"Type": "Succeed"}}).path
    ['Ask', 'Done']
    """
    succeeding = _succeeding(states)
    order = {name: index for index, name in enumerate(states)}
    path: list[str] = []
    seen: set[str] = set()
    name: str | None = start
    while name is not None and name in states and name not in seen:
        path.append(name)
        seen.add(name)
        state = states[name]
        if state.get("Type") == "Choice":
            candidates = [one for one in dict.fromkeys(targets(state)) if one in states and one not in seen]
            good = [one for one in candidates if one in succeeding]
            good = [one for one in good if not _UNLUCKY.intersection(words_of(one))] or good
            here = order[name]
            name = min(good or candidates, key=lambda one: (order[one] < here, order[one]), default=None)
        else:
            onward = state.get("Next")
            name = onward if isinstance(onward, str) else None
    # A path that ends in a failure because every way fails is still the path.
    return Plan(path, states)


def _succeeding(states: Mapping[str, State]) -> set[str]:
    """Return the states from which an end that is not a failure can be reached without an error."""
    before: dict[str, list[str]] = {}
    for name, state in states.items():
        onward = [target for target in (state.get("Next"), state.get("Default")) if isinstance(target, str)]
        onward += [rule["Next"] for rule in state.get("Choices") or () if isinstance(rule, Mapping) and isinstance(rule.get("Next"), str)]
        for target in onward:
            before.setdefault(target, []).append(name)
    pending = [name for name, state in states.items() if state.get("Type") == "Succeed" or state.get("End") is True]
    found = set(pending)
    while pending:
        for name in before.get(pending.pop(), ()):
            if name not in found:
                found.add(name)
                pending.append(name)
    return found


def reached(start: list[str], states: Mapping[str, State]) -> set[str]:
    """Return the states that can be reached from some."""
    found = {name for name in start if name in states}
    pending = list(found)
    while pending:
        for name in targets(states[pending.pop()]):
            if name in states and name not in found:
                found.add(name)
                pending.append(name)
    return found
