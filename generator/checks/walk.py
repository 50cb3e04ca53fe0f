"""Walking a definition: every scope and every state with its place and what holds there.

The checks share one walk, made once for a machine: it costs as much as the machine is large, and it recurses only over
nesting, of which the parser admits little.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeVar

from generator.asl.model import (
    ABSENT,
    JSONATA,
    JSONPATH,
    Catcher,
    Choice,
    Construct,
    Json,
    Map,
    Maybe,
    Parallel,
    ProcessorConfig,
    QueryLanguage,
    Retrier,
    Scope,
    State,
    StateMachine,
    table,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.diagnostics.model import Pointer

WorkflowType = Literal["STANDARD", "EXPRESS"]


@dataclass(frozen=True, slots=True)
class Transition:
    """A way from one state to another."""

    target: str
    at: Pointer


@dataclass(frozen=True, eq=False)
class StateAt:
    """A state, where it stands, and the query language that it uses."""

    name: str
    state: State
    at: Pointer
    language: QueryLanguage
    scope: ScopeAt

    @cached_property
    def transitions(self) -> tuple[Transition, ...]:
        """Every way out of the state, in the order written."""
        return tuple(_transitions(self.state, self.at))

    @cached_property
    def retriers(self) -> tuple[tuple[Pointer, Retrier], ...]:
        """The state's retriers with their places."""
        return tuple(((*self.at, "Retry", i), r) for i, r in enumerate(each(getattr(self.state, "retry", ABSENT))))

    @cached_property
    def catchers(self) -> tuple[tuple[Pointer, Catcher], ...]:
        """The state's catchers with their places."""
        return tuple(((*self.at, "Catch", i), c) for i, c in enumerate(each(getattr(self.state, "catch", ABSENT))))

    def has(self, field_name: str, attribute: str) -> bool:
        """Tell whether the definition has a field, also where its value was refused."""
        return getattr(self.state, attribute, ABSENT) is not ABSENT or field_name in self.state.extra


@dataclass(frozen=True, eq=False)
class ScopeAt:
    """A scope, where it stands, and how it is run.

    Attributes:
        type: the workflow type of the execution that its states run in: that of the machine, or of a Distributed Map.
    """

    scope: Scope
    at: Pointer
    type: WorkflowType
    parent: StateAt | None = None
    states: list[StateAt] = field(default_factory=list)

    @property
    def what(self) -> str:
        """Name the scope for messages."""
        if self.parent is None:
            return "the state machine"
        kind = "branch" if isinstance(self.parent.state, Parallel) else "item processor"
        return f"the {kind} of {self.parent.name!r}"


@dataclass(frozen=True, eq=False)
class Walk:
    """All scopes and states of a machine, outer before inner, in the order written."""

    machine: StateMachine
    type: WorkflowType
    scopes: tuple[ScopeAt, ...]

    @property
    def states(self) -> Iterator[StateAt]:
        """Every state of every scope."""
        for scope in self.scopes:
            yield from scope.states


def walk(machine: StateMachine, workflow_type: WorkflowType = "STANDARD") -> Walk:
    """Walk a machine.

    >>> from generator.asl.parse import parse
    >>> machine, _ = parse({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    >>> [(s.name, s.at, s.language) for s in walk(machine).states]
    [('A', ('States', 'A'), 'JSONPath')]
    """
    scopes: list[ScopeAt] = []
    pending = [ScopeAt(machine, (), workflow_type)]
    while pending:
        scope = pending.pop()
        scopes.append(scope)
        inner: list[ScopeAt] = []
        for name, state in scope.scope.states.items():
            # A state that says nothing uses the language of the machine, also inside a Map or Parallel that uses another.
            language: QueryLanguage = JSONATA if JSONATA in (machine.query_language, state.query_language) else JSONPATH
            entry = StateAt(name, state, (*scope.at, "States", name), language, scope)
            scope.states.append(entry)
            inner += _inner(entry)
        pending.extend(reversed(inner))
    return Walk(machine, workflow_type, tuple(scopes))


T = TypeVar("T")


def each(listed: Maybe[tuple[T, ...]]) -> tuple[T, ...]:
    """Give the members of a list field; none where it is absent."""
    return () if listed is ABSENT else listed


def _inner(entry: StateAt) -> Iterator[ScopeAt]:
    state, at = entry.state, entry.at
    if isinstance(state, Parallel):
        for i, branch in enumerate(each(state.branches)):
            yield ScopeAt(branch, (*at, "Branches", i), entry.scope.type, entry)
    elif isinstance(state, Map):
        for name, processor in (("ItemProcessor", state.item_processor), ("Iterator", state.iterator)):
            if processor is not ABSENT:
                config = processor.processor_config
                kind = entry.scope.type
                if isinstance(config, ProcessorConfig) and config.mode == "DISTRIBUTED":
                    kind = "EXPRESS" if config.execution_type == "EXPRESS" else "STANDARD"
                yield ScopeAt(processor, (*at, name), kind, entry)


def _transitions(state: State, at: Pointer) -> Iterator[Transition]:
    following = getattr(state, "next", ABSENT)
    if isinstance(following, str):
        yield Transition(following, (*at, "Next"))
    if isinstance(state, Choice):
        for i, rule in enumerate(each(state.choices)):
            if isinstance(rule.next, str):
                yield Transition(rule.next, (*at, "Choices", i, "Next"))
        if isinstance(state.default, str):
            yield Transition(state.default, (*at, "Default"))
    for i, catcher in enumerate(each(getattr(state, "catch", ABSENT))):
        if isinstance(catcher.next, str):
            yield Transition(catcher.next, (*at, "Catch", i, "Next"))


def strings(value: Json, at: Pointer) -> Iterator[tuple[Pointer, str]]:
    """Give every string inside a JSON value with its place, in the order written.

    >>> list(strings({"a": ["x", 1, {"b": "y"}]}, ()))
    [(('a', 0), 'x'), (('a', 2, 'b'), 'y')]
    """
    for place, item in values(value, at):
        if isinstance(item, str):
            yield place, item


def values(value: Json, at: Pointer) -> Iterator[tuple[Pointer, Json]]:
    """Give a JSON value and all that is inside it, with their places, outer before inner.

    >>> [place for place, _ in values({"a": [1, {"b": 2}]}, ())]
    [(), ('a',), ('a', 0), ('a', 1), ('a', 1, 'b')]
    """
    pending: list[tuple[Pointer, Json]] = [(at, value)]
    while pending:
        place, item = pending.pop()
        yield place, item
        if isinstance(item, dict):
            pending.extend(((*place, k), v) for k, v in reversed(item.items()))
        elif isinstance(item, list):
            pending.extend(((*place, i), item[i]) for i in range(len(item) - 1, -1, -1))


def constructs(entry: StateAt) -> Iterator[tuple[Pointer, Construct]]:
    """Give a state and the constructs that belong to it alone (retriers, rules, readers, …), not the scopes inside it."""
    pending: list[tuple[Pointer, Construct]] = [(entry.at, entry.state)]
    while pending:
        at, construct = pending.pop()
        yield at, construct
        for attribute, info in table(type(construct)):
            value = getattr(construct, attribute)
            place = (*at, info.name) if info.name else at
            if isinstance(value, Construct) and not isinstance(value, Scope):
                pending.append((place, value))
            elif isinstance(value, tuple):
                pending.extend(((*place, i), v) for i, v in enumerate(value) if isinstance(v, Construct) and not isinstance(v, Scope))
