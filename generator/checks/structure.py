"""Structure: names, transitions and ends. AWS reports these as MISSING_TRANSITION_TARGET, DUPLICATE_STATE_NAME, MISSING_END_STATE.

Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinitionDiagnostic.html
and https://states-language.net/spec.html#transitions
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.asl.model import ABSENT, Fail, Succeed
from generator.asl.placeholders import has_placeholder
from generator.asl.walk import each
from generator.diagnostics.model import Finding, Pointer, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.asl.walk import ScopeAt, StateAt, Walk

_EXPECTED = "the name of a state in the same scope"
_HINTS = 20
"""The most findings of one scope that get a "did you mean" hint, which needs a comparison with every name."""


def start_at(walk: Walk) -> Iterator[Finding]:
    """Check that StartAt is the name of a state in its scope (SFN102)."""
    for scope in walk.scopes:
        name = scope.scope.start_at
        if isinstance(name, str) and scope.states and name not in scope.scope.states and not has_placeholder(name):
            yield Finding(
                "SFN102",
                (*scope.at, "StartAt"),
                f"'StartAt' of {scope.what} is {name!r}, which does not exist",
                expected=_EXPECTED,
                hint=did_you_mean(name, scope.scope.states),
            )


def targets(walk: Walk) -> Iterator[Finding]:
    """Check that every transition leads to a state of the same scope (SFN101, SFN105)."""
    everywhere: dict[str, ScopeAt] = {}
    for entry in walk.states:
        everywhere.setdefault(entry.name, entry.scope)
    for scope in walk.scopes:
        wrong = 0
        for entry in scope.states:
            for transition in entry.transitions:
                if transition.target in scope.scope.states or has_placeholder(transition.target):
                    continue
                wrong += 1
                yield _dangling(entry, transition.target, transition.at, everywhere, hint=wrong <= _HINTS)


def _dangling(entry: StateAt, target: str, at: Pointer, everywhere: dict[str, ScopeAt], *, hint: bool) -> Finding:
    origin = "the default transition from" if at[-1] == "Default" else "the transition from"
    if len(at) >= len(entry.at) + 3 and at[len(entry.at)] == "Catch":
        origin = "a catcher of"
    elsewhere = everywhere.get(target)
    if elsewhere is not None:
        return Finding(
            "SFN105",
            at,
            f"{origin} {entry.name!r} leads to {target!r}, which is a state of {elsewhere.what}, not of {entry.scope.what}",
            expected=_EXPECTED,
            hint="end the branch or item processor, and transition from its Parallel or Map state" if elsewhere.parent is None else "",
        )
    return Finding(
        "SFN101",
        at,
        f"{origin} {entry.name!r} leads to {target!r}, which does not exist",
        expected=_EXPECTED,
        hint=did_you_mean(target, entry.scope.scope.states) if hint else "",
    )


def unique_names(walk: Walk) -> Iterator[Finding]:
    """Check that names of states are unique in the whole machine, including branches and item processors (SFN103)."""
    first: dict[str, StateAt] = {}
    for entry in walk.states:
        earlier = first.setdefault(entry.name, entry)
        if earlier is not entry:
            yield Finding(
                "SFN103",
                entry.at,
                f"two states have the name {entry.name!r}",
                found=f"the other state in {earlier.scope.what}",
                expected="a unique name in the whole state machine, including branches and item processors",
                hint="rename one of them",
            )


def reachable(walk: Walk) -> Iterator[Finding]:
    """Check that every state can be reached from StartAt (SFN104)."""
    for scope in walk.scopes:
        start = scope.scope.start_at
        if not isinstance(start, str) or start not in scope.scope.states or _undecided(scope):
            continue
        by_name = {entry.name: entry for entry in scope.states}
        reached = {start}
        pending = [start]
        while pending:
            for transition in by_name[pending.pop()].transitions:
                if transition.target in by_name and transition.target not in reached:
                    reached.add(transition.target)
                    pending.append(transition.target)
        for entry in scope.states:
            if entry.name not in reached:
                yield Finding(
                    "SFN104",
                    entry.at,
                    f"the state {entry.name!r} cannot be reached from {start!r}, the first state",
                    hint="add a transition to it, or remove it",
                )


def _undecided(scope: ScopeAt) -> bool:
    """Return whether the transitions in a scope are not all known: a target has a placeholder, or a field is invalid."""
    return any(
        any(has_placeholder(t.target) for t in entry.transitions)
        or not entry.state.TYPE
        or any(name in entry.state.extra for name in ("Next", "Default", "Choices", "Catch"))
        or any("Next" in rule.extra for rule in each(getattr(entry.state, "choices", ABSENT)))
        or any("Next" in catcher.extra for _, catcher in entry.catchers)
        for entry in scope.states
    )


def ends(walk: Walk) -> Iterator[Finding]:
    """Check that every state except Choice, Succeed and Fail has exactly one of Next and End (SFN106, SFN107)."""
    for entry in walk.states:
        if not hasattr(entry.state, "end"):
            continue
        following, end = entry.has("Next", "next"), entry.state.end
        if entry.has("End", "end") and following:
            yield Finding("SFN107", (*entry.at, "End"), f"{entry.name!r} has both Next and End", expected="one of them")
        elif not following and not entry.has("End", "end"):
            yield Finding(
                "SFN106",
                entry.at,
                f"{entry.name!r} has neither Next nor End",
                expected='"Next" with the name of a state, or "End": true',
            )
        elif not following and end is False:
            yield Finding(
                "SFN106",
                (*entry.at, "End"),
                f"{entry.name!r} has no Next, but its End is false",
                expected='"Next" with the name of a state, or "End": true',
            )


def terminal(walk: Walk) -> Iterator[Finding]:
    """Check that the workflow has a state that ends it (SFN108), and each scope inside it too (SFN113).

    AWS accepts a branch and an item processor without an end: measured with ValidateStateMachineDefinition in 2026.
    """
    for scope in walk.scopes:
        if scope.states and not any(_may_end(entry) for entry in scope.states):
            yield Finding(
                "SFN108" if scope.parent is None else "SFN113",
                (*scope.at, "States"),
                f"{scope.what} has no end state",
                expected='a Succeed or Fail state, or a state with "End": true',
            )


def _may_end(entry: StateAt) -> bool:
    state = entry.state
    if isinstance(state, Succeed | Fail) or not state.TYPE:
        return True
    # A state without Next and End is reported as such (SFN106); it may become the end state.
    return getattr(state, "end", ABSENT) is True or "End" in state.extra or (hasattr(state, "end") and not entry.has("Next", "next"))
