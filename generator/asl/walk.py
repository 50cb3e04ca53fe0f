"""The walk over a definition: every scope and every state, with its place and its query language.

A definition is walked once. Checks, IAM, emitters and the engine share the walk, and keep what they derive from it with
:meth:`Walk.once`. Walking takes time linear in the size of the definition. Its recursion is as deep as the constructs are
nested, which the parser limits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

from generator.asl.corrections import Correction
from generator.asl.model import (
    ABSENT,
    JSONATA,
    Catcher,
    Choice,
    Construct,
    Json,
    ListOf,
    Map,
    Maybe,
    Node,
    Parallel,
    ProcessorConfig,
    QueryLanguage,
    Retrier,
    RuleTest,
    Scope,
    State,
    StateMachine,
    Task,
    state_language,
    table,
)
from generator.asl.placeholders import Placeholder
from generator.asl.write import to_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from functools import cached_property as kept

    from generator.diagnostics.model import Pointer
else:

    class kept:  # noqa: N801  it stands in for functools.cached_property, which takes a lock in Python 3.11: a third of the time of a walk
        """A property that is computed once."""

        def __init__(self, compute: Callable[[Any], Any]) -> None:
            """Keep the function."""
            self.compute = compute
            self.name = compute.__name__
            self.__doc__ = compute.__doc__

        def __get__(self, instance: Any, owner: Any = None) -> Any:
            """Compute the value, and keep it in the object in place of the property."""
            if instance is None:
                return self
            value = instance.__dict__[self.name] = self.compute(instance)
            return value


WorkflowType = Literal["STANDARD", "EXPRESS"]
STANDARD: Final = "STANDARD"
EXPRESS: Final = "EXPRESS"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Transition:
    """A transition from one state to another."""

    target: str
    at: Pointer


@dataclass(frozen=True, eq=False)
class StateAt:
    """A state with its place and the query language that it uses."""

    name: str
    state: State
    at: Pointer
    language: QueryLanguage
    scope: ScopeAt

    @property
    def parameters(self) -> tuple[str, Maybe[Json]]:
        """The name and the value of the field with the parameters of the state: Arguments in JSONata, Parameters in JSONPath."""
        return parameters_of(self.state, self.language)

    @kept
    def transitions(self) -> tuple[Transition, ...]:
        """The transitions of the state, in the order written."""
        return tuple(_transitions(self.state, self.at))

    @property
    def resource(self) -> str:
        """The Resource of a Task state; empty for other states, and if it is missing or not a string."""
        resource = getattr(self.state, "resource", ABSENT) if isinstance(self.state, Task) else ABSENT
        return resource if isinstance(resource, str) else ""

    @kept
    def retriers(self) -> tuple[tuple[Pointer, Retrier], ...]:
        """The state's retriers with their places."""
        return tuple(((*self.at, "Retry", i), r) for i, r in enumerate(each(getattr(self.state, "retry", ABSENT))))

    @kept
    def catchers(self) -> tuple[tuple[Pointer, Catcher], ...]:
        """The state's catchers with their places."""
        return tuple(((*self.at, "Catch", i), c) for i, c in enumerate(each(getattr(self.state, "catch", ABSENT))))

    @kept
    def constructs(self) -> tuple[tuple[Pointer, Construct], ...]:
        """The state and the constructs that belong to it alone (retriers, rules, readers, …), not the scopes inside it."""
        return tuple(_constructs(self.state, self.at))

    def has(self, field_name: str, attribute: str) -> bool:
        """Return whether the definition has a field, even if its value is invalid."""
        return getattr(self.state, attribute, ABSENT) is not ABSENT or field_name in self.state.extra


@dataclass(frozen=True, eq=False)
class ScopeAt:
    """A scope with its place and its states.

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
        """The scope in the words of messages."""
        if self.parent is None:
            return "the state machine"
        kind = "branch" if isinstance(self.parent.state, Parallel) else "item processor"
        return f"the {kind} of {self.parent.name!r}"


@dataclass(frozen=True, eq=False)
class Walk:
    """All scopes and states of a machine, outer before inner, in the order written.

    Attributes:
        machine: the definition.
        type: the workflow type that it is deployed as.
        scopes: the machine, then the branches and item processors in it.
        placeholders: the known placeholders by name: all of them for a compiled workflow, not all for a definition that was
            read.
        source: the JSON that the machine was read from, if it was.
        corrections: the author's corrections of the execution role.
        template: whether the definition is known to be deployed as a template, such as one that was compiled.
        input_schema: the JSON Schema of the input, if it is known.
    """

    machine: StateMachine
    type: WorkflowType
    scopes: tuple[ScopeAt, ...]
    placeholders: Mapping[str, Placeholder] = field(default_factory=dict)
    source: dict[str, Json] | None = field(default=None, repr=False)
    corrections: tuple[Correction, ...] = ()
    template: bool = False
    input_schema: Mapping[str, Any] | None = field(default=None, repr=False)
    _made: dict[Callable[[Walk], Any], Any] = field(default_factory=dict, repr=False)

    @kept
    def states(self) -> tuple[StateAt, ...]:
        """Every state of every scope."""
        return tuple(entry for scope in self.scopes for entry in scope.states)

    @kept
    def document(self) -> dict[str, Json]:
        """The definition as JSON."""
        return to_json(self.machine) if self.source is None else self.source

    def once(self, make: Callable[[Walk], T]) -> T:
        """Return what a function makes of this walk. The function is called the first time only.

        >>> from generator.asl.model import Succeed, StateMachine
        >>> walked = walk(StateMachine(start_at="A", states={"A": Succeed()}))
        >>> walked.once(lambda w: sum(1 for _ in w.states))
        1
        """
        if make not in self._made:
            self._made[make] = make(self)
        return self._made[make]  # type: ignore[no-any-return]


def walk(
    machine: StateMachine,
    workflow_type: WorkflowType = STANDARD,
    placeholders: Mapping[str, Placeholder] | None = None,
    source: dict[str, Json] | None = None,
    corrections: tuple[Correction, ...] = (),
    *,
    input_schema: Mapping[str, Any] | None = None,
) -> Walk:
    """Walk a machine.

    Args:
        machine: the definition.
        workflow_type: the type that it is deployed as.
        placeholders: the known placeholders by name, of a definition that is deployed as a template; None if it is not known whether
            it is one.
        source: the JSON that the machine was read from, so that it is not written again.
        corrections: the author's corrections of the execution role.
        input_schema: the JSON Schema of the input, if it is known.

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
            language = state_language(machine.query_language, state.query_language)
            entry = StateAt(name, state, (*scope.at, "States", name), language, scope)
            scope.states.append(entry)
            inner += _inner(entry)
        pending.extend(reversed(inner))
    return Walk(machine, workflow_type, tuple(scopes), placeholders or {}, source, corrections, placeholders is not None, input_schema)


def parameters_of(construct: Construct, language: QueryLanguage) -> tuple[str, Maybe[Json]]:
    """Return the name and the value of a construct's field with parameters: Arguments in JSONata, Parameters in JSONPath."""
    if language == JSONATA:
        return "Arguments", getattr(construct, "arguments", ABSENT)
    return "Parameters", getattr(construct, "parameters", ABSENT)


def each(listed: Maybe[tuple[T, ...]]) -> tuple[T, ...]:
    """Return the members of a list field; none if it is absent."""
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
    """Yield every string inside a JSON value with its place, in the order written.

    >>> list(strings({"a": ["x", 1, {"b": "y"}]}, ()))
    [(('a', 0), 'x'), (('a', 2, 'b'), 'y')]
    """
    for place, item in values(value, at):
        if isinstance(item, str):
            yield place, item


def values(value: Json, at: Pointer) -> Iterator[tuple[Pointer, Json]]:
    """Yield a JSON value and every value inside it with its place, outer before inner.

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


def _constructs(state: State, at: Pointer) -> Iterator[tuple[Pointer, Construct]]:
    pending: list[tuple[Pointer, Construct]] = [(at, state)]
    while pending:
        place, construct = pending.pop()
        yield place, construct
        for attribute, name in _nested(type(construct)):
            value = getattr(construct, attribute)
            if value is ABSENT:
                continue
            inside = (*place, name) if name else place
            if isinstance(value, tuple):
                pending.extend(((*inside, i), v) for i, v in enumerate(value) if isinstance(v, Construct) and not isinstance(v, Scope))
            elif isinstance(value, Construct) and not isinstance(value, Scope):
                pending.append((inside, value))


_NESTED: dict[type[Construct], tuple[tuple[str, str], ...]] = {}


def _nested(cls: type[Construct]) -> tuple[tuple[str, str], ...]:
    """Return the attributes of a construct that may hold constructs, with the names of their fields."""
    nested = _NESTED.get(cls)
    if nested is None:
        nested = tuple((attribute, info.name) for attribute, info in table(cls) if isinstance(info.kind, ListOf | Node | RuleTest))
        _NESTED[cls] = nested
    return nested
