"""Structure: transitions and end states."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.asl.parse import parse
from generator.asl.walk import walk
from generator.checks import CHECKS, check, structure


def findings(states: dict[str, Any], start: str = "A") -> list[tuple[str, str]]:
    """Return the codes and places of the problems in the structure of some states."""
    machine, _ = parse({"StartAt": start, "States": states})
    assert machine is not None
    walked = walk(machine)
    checks = [one for one in CHECKS if one.__module__ == structure.__name__]
    return [(f.code, "/".join(map(str, f.at))) for one in checks for f in one(walked)]


END = {"Type": "Pass", "End": True}


def to(target: str) -> dict[str, Any]:
    """Make a state with a transition."""
    return {"Type": "Pass", "Next": target}


def scope(**states: Any) -> dict[str, Any]:
    """Make a branch."""
    return {"StartAt": next(iter(states)), "States": states}


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ({"A": to("B"), "B": END}, []),
        ({"A": to("a"), "B": END}, [("SFN101", "States/A/Next"), ("SFN104", "States/B")]),
        ({"A": {"Type": "Choice", "Choices": [], "Default": "X"}, "B": END}, [("SFN101", "States/A/Default"), ("SFN104", "States/B")]),
        # An island is not reached, although its states lead to each other.
        ({"A": END, "B": to("C"), "C": to("B")}, [("SFN104", "States/B"), ("SFN104", "States/C")]),
        ({"A": to("A")}, [("SFN108", "States")]),
        ({"A": {"Type": "Pass"}}, [("SFN106", "States/A")]),
        ({"A": {"Type": "Pass", "End": False}}, [("SFN106", "States/A/End")]),
        ({"A": {"Type": "Pass", "Next": "B", "End": True}, "B": END}, [("SFN107", "States/A/End")]),
        ({"A": {"Type": "Pass", "Next": 5, "End": True}}, [("SFN107", "States/A/End")]),
        # What could not be read may lead anywhere.
        ({"A": {"Type": "Pass", "Next": 5}, "B": END}, []),
        ({"A": {"Type": "Choice", "Choices": 5}, "B": END}, []),
        ({"A": {"Type": "Nothing"}, "B": END}, []),
        # Both names of a Map's processor, and scopes in scopes.
        (
            {"A": {"Type": "Map", "Iterator": scope(I=to("J"), J=to("A")), "End": True}},
            [("SFN105", "States/A/Iterator/States/J/Next"), ("SFN113", "States/A/Iterator/States")],
        ),
        (
            {"A": {"Type": "Parallel", "Branches": [scope(X=END), scope(Y=to("X"), Z=END)], "End": True}},
            [("SFN105", "States/A/Branches/1/States/Y/Next"), ("SFN104", "States/A/Branches/1/States/Z")],
        ),
        (
            {"A": {"Type": "Map", "ItemProcessor": scope(B={"Type": "Parallel", "Branches": [scope(A=END)], "End": True}), "End": True}},
            [("SFN103", "States/A/ItemProcessor/States/B/Branches/0/States/A")],
        ),
    ],
)
def test_structure(states: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """Each mistake is found where it is, and only there."""
    assert findings(states) == expected


def test_start() -> None:
    """StartAt is a state beside it."""
    assert findings({"A": END}, start="B") == [("SFN102", "StartAt")]


@given(st.lists(st.lists(st.integers(0, 11), min_size=1, max_size=3), min_size=1, max_size=12))
def test_reachability_is_that_of_the_graph(edges: list[list[int]]) -> None:
    """A state is reported exactly if no way leads to it from the start."""
    names = [f"S{i}" for i in range(len(edges))]
    states: dict[str, Any] = {}
    for i, targets in enumerate(edges):
        rules = [{"Variable": "$.x", "IsPresent": True, "Next": names[t % len(names)]} for t in targets]
        states[names[i]] = {"Type": "Choice", "Choices": rules}
    reached, before = {0}, set()
    while reached != before:
        before = set(reached)
        reached |= {t % len(names) for i in before for t in edges[i]}
    found = {place.removeprefix("States/") for code, place in findings(states, "S0") if code == "SFN104"}
    assert found == {name for i, name in enumerate(names) if i not in reached}


def test_ten_thousand_states_in_a_row() -> None:
    """No check recurses over states."""
    count = 10_000
    states = {f"S{i}": to(f"S{i + 1}") for i in range(count)} | {f"S{count}": END}
    machine, problems = parse({"StartAt": "S0", "States": states})
    assert machine is not None
    assert problems == []
    assert check(walk(machine)) == []
