"""What a route through a Standard workflow costs: its state transitions, and their price.

A transition is counted each time a state is entered. A retry counts as one more; how many there are is not known before an
execution. An Express workflow has no price for transitions: requests, duration and memory are paid.

Source: https://aws.amazon.com/step-functions/pricing/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from generator.asl.model import ABSENT, Fail, Map, Parallel, Succeed

if TYPE_CHECKING:
    from generator.asl.walk import ScopeAt, StateAt, Walk

PRICE_PER_TRANSITION: Final = 0.000_025
"""US dollars for one state transition of a Standard workflow in us-east-1: 0.025 for 1,000. Other regions have other prices."""
PRICE_REGION: Final = "us-east-1"
PRICE_READ: Final = "2026-11-25"
"""The day on which the page with the price was read (a stored copy of it)."""
PRICE_SOURCE: Final = "https://aws.amazon.com/step-functions/pricing/"


@dataclass(frozen=True, slots=True, order=True)
class Count:
    """A number of transitions: a fixed part, and a part for each item of Map states.

    Attributes:
        items: the transitions for each item.
        fixed: the transitions whatever the number of items is.
    """

    items: int = 0
    fixed: int = 0

    def __add__(self, other: Count) -> Count:
        """Return the transitions of both."""
        return Count(self.items + other.items, self.fixed + other.fixed)

    def __str__(self) -> str:
        """Return the number for people.

        >>> str(Count(0, 4)), str(Count(3, 2))
        ('4', '2 + 3 per item')
        """
        return f"{self.fixed} + {self.items} per item" if self.items else str(self.fixed)

    @property
    def price(self) -> str:
        """The price in US dollars."""
        fixed = f"${self.fixed * PRICE_PER_TRANSITION:.6f}"
        return f"{fixed} + ${self.items * PRICE_PER_TRANSITION:.6f} per item" if self.items else fixed


@dataclass(frozen=True, slots=True)
class Route:
    """The routes to one end of a workflow, each loop taken at most once.

    Attributes:
        end: the state that ends them.
        fewest: the fewest transitions.
        most: the most transitions.
    """

    end: str
    fewest: Count
    most: Count


def routes(walk: Walk) -> list[Route]:
    """Return the transitions of the routes through a machine, one entry for each state that ends it.

    A transition back to a state before is left out, so a loop counts once. Branches of a Parallel state count together. An inline Map
    state counts its iterations; child executions of a Distributed Map count too if they are Standard ones.

    >>> from generator.asl.model import Pass, StateMachine
    >>> from generator.asl.walk import walk
    >>> [route.fewest.fixed for route in routes(walk(StateMachine(start_at="A", states={"A": Pass(next="B"), "B": Succeed()})))]
    [2]
    """
    inner: dict[int, list[ScopeAt]] = {}
    for scope in walk.scopes:
        if scope.parent is not None:
            inner.setdefault(id(scope.parent), []).append(scope)
    known: dict[int, tuple[Count, Count]] = {}
    for scope in reversed(walk.scopes):  # inner ones first
        known[id(scope)] = _bounds(_ends(scope, inner, known))
    ends = _ends(walk.scopes[0], inner, known)
    return [Route(name, low, high) for name, (low, high) in ends.items()]


Bounds = tuple[Count, Count]


def _bounds(ends: dict[str, Bounds]) -> Bounds:
    if not ends:
        return Count(), Count()
    return min(low for low, _ in ends.values()), max(high for _, high in ends.values())


def _ends(scope: ScopeAt, inner: dict[int, list[ScopeAt]], known: dict[int, Bounds]) -> dict[str, Bounds]:
    """Return the fewest and the most transitions from the start of a scope to each of its ends."""
    states = {entry.name: entry for entry in scope.states}
    start = scope.scope.start_at
    if not isinstance(start, str) or start not in states:
        return {}
    reached: dict[str, Bounds] = {}
    ends: dict[str, Bounds] = {}
    order, back = _in_order(start, states)
    for name in order:
        entry = states[name]
        low, high = reached.get(name, (Count(), Count()))
        own_low, own_high = _own(entry, inner, known)
        low, high = low + own_low, high + own_high
        if isinstance(entry.state, Succeed | Fail) or getattr(entry.state, "end", ABSENT) is True:
            ends[name] = (low, high)
        for transition in entry.transitions:
            target = transition.target
            if target in states and (name, target) not in back:
                before = reached.get(target)
                reached[target] = (low, high) if before is None else (min(before[0], low), max(before[1], high))
    return ends


def _own(entry: StateAt, inner: dict[int, list[ScopeAt]], known: dict[int, Bounds]) -> Bounds:
    one = Count(0, 1)
    bounds = [known[id(scope)] for scope in inner.get(id(entry), []) if scope.type == "STANDARD"]
    if isinstance(entry.state, Parallel):
        return _sum(one, [low for low, _ in bounds]), _sum(one, [high for _, high in bounds])
    if isinstance(entry.state, Map):
        low, high = (bounds or [(Count(), Count())])[0]
        return one + Count(low.items + low.fixed), one + Count(high.items + high.fixed)
    return one, one


def _sum(start: Count, counts: list[Count]) -> Count:
    for count in counts:
        start = start + count
    return start


def _in_order(start: str, states: dict[str, StateAt]) -> tuple[list[str], set[tuple[str, str]]]:
    """Return the states that can be reached, each one after those that lead to it, and the transitions back, which do not count."""
    done: list[str] = []
    open_: set[str] = {start}
    seen: set[str] = {start}
    back: set[tuple[str, str]] = set()
    stack = [(start, iter(states[start].transitions))]
    while stack:
        name, left = stack[-1]
        transition = next(left, None)
        if transition is None:
            stack.pop()
            open_.discard(name)
            done.append(name)
        elif transition.target in open_:
            back.add((name, transition.target))
        elif transition.target in states and transition.target not in seen:
            seen.add(transition.target)
            open_.add(transition.target)
            stack.append((transition.target, iter(states[transition.target].transitions)))
    return done[::-1], back
