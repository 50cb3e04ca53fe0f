"""Variables: each one that is read is assigned, in a scope that sees it and on every route.

The values are those at the entry of a state. A state that fails assigns nothing; a catcher assigns its own variables. A branch or an
iteration sees the variables around it and loses its own at its end; a Distributed Map sees none of them.

Assigned on every route is a property of the graph of each scope, computed as a fixpoint: at the entry of a state, the variables that
all transitions to it bring. A state that reads a variable fails without it, so the states after it are not reported again.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from generator.asl.jsonata_builtins import BUILTINS
from generator.asl.model import ABSENT, JSONATA, Choice, Comparison, Construct, Junction, Map
from generator.asl.placeholders import has_placeholder
from generator.asl.text import describe
from generator.asl.walk import each
from generator.checks.uses import Use, expressions_of, uses, variable_of
from generator.diagnostics.model import Finding, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.asl.walk import ScopeAt, StateAt, Walk
    from generator.diagnostics.model import Pointer

_ROUTES: Final = 20
"""The most findings that show a route, which needs a search."""
_SHOWN: Final = 8
"""The most states of a route that are shown."""


# -- where variables are assigned ----------------------------------------------------------------------------------------


def assigned_in(entry: StateAt, construct: Construct) -> tuple[str, ...]:
    """Return the names of the variables that a construct assigns."""
    assign = getattr(construct, "assign", ABSENT)
    if not isinstance(assign, dict):
        return ()
    return tuple(assign) if entry.language == JSONATA else tuple(name.removesuffix(".$") for name in assign)


def declared(walk: Walk) -> dict[int, dict[str, StateAt]]:
    """Return the variables of each scope, by the id of the scope, with the first state that assigns each."""
    return walk.once(_declared)


def _declared(walk: Walk) -> dict[int, dict[str, StateAt]]:
    found: dict[int, dict[str, StateAt]] = {}
    for entry in walk.states:
        for _, construct in entry.constructs:
            for name in assigned_in(entry, construct):
                found.setdefault(id(entry.scope), {}).setdefault(name, entry)
    return found


def scopes_around(scope: ScopeAt) -> Iterator[ScopeAt]:
    """Yield the scopes whose variables the states of a scope see, the innermost first."""
    inner: ScopeAt | None = scope
    while inner is not None:
        yield inner
        parent = inner.parent
        inner = None if parent is None or (isinstance(parent.state, Map) and parent.state.distributed) else parent.scope


def visible(walk: Walk, entry: StateAt) -> Mapping[str, StateAt]:
    """Return the variables that a state sees, with the first state that assigns each."""
    by_scope = declared(walk)
    if not by_scope:
        return {}
    return walk.once(_visible)[id(entry.scope)]


def _visible(walk: Walk) -> dict[int, dict[str, StateAt]]:
    by_scope = declared(walk)
    seen: dict[int, dict[str, StateAt]] = {}
    for scope in walk.scopes:  # outer before inner
        own = by_scope.get(id(scope), {})
        around = next((seen[id(outer)] for outer in scopes_around(scope) if outer is not scope), {})
        seen[id(scope)] = {**around, **own} if own else around
    return seen


# -- the fixpoint --------------------------------------------------------------------------------------------------------


class _Edge(NamedTuple):
    """A transition, with the variables (as bits) that exist after it in addition to those at the entry of its state."""

    target: str
    brings: int
    how: str


@dataclass(slots=True)
class _Flow:
    """The variables at the entry of each state of a scope, as bits; a state without an entry cannot be reached."""

    entry: dict[str, int]
    edges: dict[str, list[_Edge]]


class _Analysis:
    """The flow of every scope."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.bits: dict[str, int] = {}
        for names in declared(walk).values():
            for name in names:
                self.bits.setdefault(name, 1 << len(self.bits))
        self.flows: dict[int, _Flow] = {}
        self._rules: dict[int, list[tuple[int, int]]] = {}
        for scope in walk.scopes:
            self._solve(scope)

    def mask(self, names: Iterable[str]) -> int:
        mask = 0
        for name in names:
            mask |= self.bits.get(name, 0)
        return mask

    def at_entry(self, entry: StateAt) -> int | None:
        flow = self.flows.get(id(entry.scope))
        return None if flow is None else flow.entry.get(entry.name)

    def _solve(self, scope: ScopeAt) -> None:
        start = scope.scope.start_at
        first: int | None = 0
        if scope.parent is not None and len([*scopes_around(scope)]) > 1:
            first = self.at_entry(scope.parent)
        if first is None or not isinstance(start, str) or start not in scope.scope.states or _undecided(scope):
            return
        edges = {entry.name: self._edges(entry) for entry in scope.states}
        known = {start: first}
        pending = deque([start])
        while pending:
            name = pending.popleft()
            here = known[name]
            for edge in edges[name]:
                if edge.target not in edges:
                    continue
                before = known.get(edge.target)
                after = here | edge.brings if before is None else before & (here | edge.brings)
                if after != before:
                    known[edge.target] = after
                    pending.append(edge.target)
        self.flows[id(scope)] = _Flow(known, edges)

    def _edges(self, entry: StateAt) -> list[_Edge]:
        state = entry.state
        edges: list[_Edge] = []
        own = self.mask(assigned_in(entry, state))
        if isinstance(state, Choice):
            exist = self.rules(entry)
            for i, rule in enumerate(each(state.choices)):
                if isinstance(rule.next, str):
                    edges.append(_Edge(rule.next, exist[i][1] | self.mask(assigned_in(entry, rule)), f"rule {i + 1}"))
            if isinstance(state.default, str):
                edges.append(_Edge(state.default, exist[-1][0] | own, "Default"))
            return edges
        needed = self.mask(name for use in self._of(entry) if use.field != "Catch" for name in use.needed)
        following = getattr(state, "next", ABSENT)
        if isinstance(following, str):
            edges.append(_Edge(following, own | needed, ""))
        for i, (_, catcher) in enumerate(entry.catchers):
            if isinstance(catcher.next, str):
                edges.append(_Edge(catcher.next, self.mask(assigned_in(entry, catcher)), f"catcher {i + 1}"))
        return edges

    def _of(self, entry: StateAt) -> list[Use]:
        return expressions_of(self.walk, entry) if self.bits else []

    def rules(self, entry: StateAt) -> list[tuple[int, int]]:
        """Return the variables that exist, beside those at the entry, before each rule of a Choice, and where the rule matches.

        The last pair is that of ``Default``.
        """
        known = self._rules.get(id(entry))
        if known is not None:
            return known
        state = entry.state
        rules = each(state.choices) if isinstance(state, Choice) else ()
        read = [0] * len(rules)
        ensured = [self.mask(_present(rule.test, when=True)) for rule in rules]
        excluded = [self.mask(_present(rule.test, when=False)) for rule in rules]
        for use in self._of(entry):
            place = use.at[len(entry.at) :]
            if place[:1] == ("Choices",) and isinstance(place[1], int) and place[2:3] not in {("Assign",), ("Output",)}:
                read[place[1]] |= self.mask(use.needed)
                if use.outline is not None:
                    ensured[place[1]] |= self.mask(use.outline.ensured)
                    excluded[place[1]] |= self.mask(use.outline.excluded)
        before = 0
        found = []
        for i in range(len(rules)):
            found.append((before, before | ensured[i] | read[i]))
            before |= excluded[i] | read[i]
        self._rules[id(entry)] = [*found, (before, before)]
        return self._rules[id(entry)]


def _present(test: object, *, when: bool) -> tuple[str, ...]:
    """Return the variables that exist where a condition in JSONPath is true, or where it is false."""
    if isinstance(test, Comparison):
        name = variable_of(test.variable)
        return (name,) if name and test.operator == "IsPresent" and test.value is when else ()
    if isinstance(test, Junction):
        if test.operator == "Not":
            return _present(test.tests[0], when=not when)
        if test.operator == ("And" if when else "Or"):
            return tuple(name for part in test.tests for name in _present(part, when=when))
    return ()


def _undecided(scope: ScopeAt) -> bool:
    """Return whether a transition or a variable of a scope is not known, because it has a placeholder or is invalid."""
    return any(
        not entry.state.TYPE
        or any(has_placeholder(transition.target) for transition in entry.transitions)
        or any("Assign" in part.extra or any(has_placeholder(name) for name in assigned_in(entry, part)) for _, part in entry.constructs)
        for entry in scope.states
    )


# -- the findings --------------------------------------------------------------------------------------------------------


def variables(walk: Walk) -> Iterator[Finding]:
    """Check that variables are assigned (SFN301), in a scope that the state sees (SFN308), on every route to it (SFN302)."""
    if not any(use.variables for use in uses(walk)):
        return
    analysis = walk.once(_Analysis)
    routes = _ROUTES
    for entry in walk.states:
        seen = visible(walk, entry)
        first: dict[tuple[str, str], tuple[Use, list[Pointer]]] = {}
        for use in expressions_of(walk, entry):
            for name, tolerated in use.variables.items():
                code = "" if tolerated else _problem(analysis, entry, use, name, seen)
                if code:
                    first.setdefault((code, name), (use, []))[1].append(use.at)
        for (code, name), (use, places) in first.items():
            if code == "SFN302":
                routes -= 1
                yield _on_a_route(analysis, use, name, tuple(places[1:]), show=routes >= 0)
            else:
                yield _not_assigned(walk, code, use, name, tuple(places[1:]))


def _problem(analysis: _Analysis, entry: StateAt, use: Use, name: str, seen: Mapping[str, StateAt]) -> str:
    """Return the code of the problem with the variable of an expression; empty if there is none."""
    walk = analysis.walk
    if name not in seen:
        if (use.outline is not None and name in BUILTINS) or any(_undecided(scope) for scope in scopes_around(entry.scope)):
            return ""
        return "SFN308" if any(name in names for names in declared(walk).values()) else "SFN301"
    at_entry = analysis.at_entry(entry)
    if at_entry is None:
        return ""
    rule = use.at[len(entry.at) + 1] if use.field == "Choices" else None
    if isinstance(rule, int):
        at_entry |= analysis.rules(entry)[rule][use.at[len(entry.at) + 2] in {"Assign", "Output"}]
    elif isinstance(entry.state, Choice):
        at_entry |= analysis.rules(entry)[-1][0]
    return "" if at_entry & analysis.bits[name] else "SFN302"


def _not_assigned(walk: Walk, code: str, use: Use, name: str, also: tuple[Pointer, ...]) -> Finding:
    entry = use.entry
    message = f"{use.at[-1]!r} of {entry.name!r} reads ${name}"
    if code == "SFN301":
        known = visible(walk, entry)
        hint = did_you_mean(name, known)
        if not hint and name in {"input", "result", "errorOutput", "context"}:
            hint = f"did you mean '$states.{name}'?"
        expected = "a variable of an 'Assign' field" if known else "a variable of an 'Assign' field; there is none"
        return Finding("SFN301", use.at, f"{message}, a variable that no state assigns", describe(use.text), expected, hint, also)
    other = next(names[name] for names in declared(walk).values() if name in names)
    outside = [*_all_around(entry.scope)]
    if other.scope in outside:
        message += f", a variable of {other.scope.what}, which a Distributed Map does not see"
        hint = "pass the value to the items, with 'ItemSelector' or 'ItemBatcher'"
    else:
        message += f", a variable of {other.scope.what}, which exists only there"
        hint = "pass the value out in the output of the Map or Parallel state"
    return Finding("SFN308", use.at, message, describe(use.text), "a variable of this scope or of one around it", hint, also)


def _all_around(scope: ScopeAt) -> Iterator[ScopeAt]:
    parent = scope.parent
    while parent is not None:
        yield parent.scope
        parent = parent.scope.parent


def _on_a_route(analysis: _Analysis, use: Use, name: str, also: tuple[Pointer, ...], *, show: bool) -> Finding:
    entry = use.entry
    home, inside = entry, ""  # the state in the scope of the variable
    while name not in declared(analysis.walk).get(id(home.scope), {}) and home.scope.parent is not None:
        home = home.scope.parent
        inside = entry.name
    route, last = _route(analysis, home, analysis.bits[name]) if show else ([], "")
    by = declared(analysis.walk)[id(home.scope)][name]
    message = f"{use.at[-1]!r} of {entry.name!r} reads ${name}, which is not assigned on every route to it"
    hint = f"{by.name!r} assigns it"
    if by is home:
        hint += " at its end, after it is read"
    elif last.startswith("catcher") and by.name == route[-2][0]:
        hint += " only if it succeeds: assign it in the catcher, too"
    else:
        hint += "; assign it before the routes part"
    return Finding("SFN302", use.at, message, _written(route, inside), "a variable that is assigned on every route", hint, also)


def _route(analysis: _Analysis, entry: StateAt, bit: int) -> tuple[list[tuple[str, str]], str]:
    """Return a shortest route to a state on which a variable is not assigned: states with the way out of each; and the last way."""
    flow = analysis.flows[id(entry.scope)]
    start = str(entry.scope.scope.start_at)
    came: dict[str, tuple[str, str]] = {start: ("", "")}
    pending = deque([start])
    while pending and entry.name not in came:
        name = pending.popleft()
        for edge in flow.edges[name]:
            if not edge.brings & bit and edge.target in flow.entry and edge.target not in came:
                came[edge.target] = (name, edge.how)
                pending.append(edge.target)
    route = [(entry.name, "")]
    while (before := came.get(route[-1][0], ("", "")))[0]:
        route.append(before)
    route.reverse()
    return route, came.get(entry.name, ("", ""))[1]


def _written(route: list[tuple[str, str]], inside: str) -> str:
    if not route:
        return ""
    if len(route) > _SHOWN:
        route = [*route[: _SHOWN // 2], ("…", ""), *route[-_SHOWN // 2 :]]
    names = [f"{name} ({how})" if how else name for name, how in route]
    if inside:
        names.append(inside)
    return "the route " + " → ".join(names)
