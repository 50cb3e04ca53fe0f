"""From a definition to states that can run: read, check, compile, link.

A definition is read with the parser and checked with the checks of ``validate``. A definition with errors cannot run. The model
is then compiled into linked states, once per definition: what was compiled before is reused.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from generator.asl import model
from generator.asl.definition import definition_of
from generator.asl.model import ABSENT, table
from generator.asl.placeholders import Placeholder, fill, names
from generator.asl.read import read_text
from generator.asl.text import MAX_DEPTH, describe, file_locator
from generator.checks import check
from generator.diagnostics.locate import locate
from generator.diagnostics.model import Diagnostic, Finding, Severity
from generator.diagnostics.render import to_text
from generator.engine.fields.compiled import NOT_A_VALUE, FieldError, Fields
from generator.engine.history import json_text
from generator.engine.states.branches import MapState, ParallelState
from generator.engine.states.distributed import DistributedMapState
from generator.engine.states.plain import ChoiceState, FailState, PassState, SucceedState, WaitState
from generator.engine.states.task import TaskState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from generator.asl.definition import Definition
    from generator.asl.walk import ScopeAt, StateAt, Walk, WorkflowType
    from generator.diagnostics.locate import Locator
    from generator.engine.states.state import State

FILE: Final = "definition.asl.json"
"""The name of a definition without a file, in the places of diagnostics."""
_TOO_DEEP: Final = Finding("SFN005", (), "the definition is nested too deeply", expected=f"at most {MAX_DEPTH} levels")
_UNREAD: Final = "does not hold the value that it needs"
_PLAIN: Final[Mapping[type[model.State], type[State]]] = {
    model.Pass: PassState,
    model.Wait: WaitState,
    model.Choice: ChoiceState,
    model.Succeed: SucceedState,
    model.Fail: FailState,
}


class DefinitionError(ValueError):
    """A definition that cannot run.

    Attributes:
        diagnostics: the errors, as ``validate`` reports them: code, pointer, message, severity, place.

    >>> try:
    ...     compile_definition({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}})
    ... except DefinitionError as error:
    ...     print(error)
    The definition has 2 errors. The first is SFN108 at /States: the state machine has no end state
    """

    def __init__(self, diagnostics: Iterable[Diagnostic], source: Callable[[str], str | None] | None = None) -> None:
        """Create the error.

        Args:
            diagnostics: the errors.
            source: returns the text of a file, if the errors are in files: the message then shows each error with its line.
        """
        self.diagnostics = tuple(diagnostics)
        first = self.diagnostics[0]
        count = f"{len(self.diagnostics)} errors. The first is" if len(self.diagnostics) > 1 else "an error:"
        shown = "" if source is None else "\n\n" + to_text(self.diagnostics, source=source).rstrip()
        super().__init__(f"The definition has {count} {first.code} at {first.pointer or '/'}: {first.message}{shown}")


class Machine:
    """A compiled state machine, or a compiled branch or processor of a state.

    Attributes:
        walk: the walk over the whole definition.
        states: the states of this scope by name.
        start: the first state.
        timeout: ``TimeoutSeconds``, or None.
    """

    __slots__ = ("start", "states", "timeout", "walk")

    def __init__(self, walked: Walk, states: dict[str, State], start: State, timeout: float | None) -> None:
        """Create it from compiled states."""
        self.walk = walked
        self.states = states
        self.start = start
        self.timeout = timeout


def substitute(definition: dict[str, Any] | str, values: Mapping[str, Any]) -> str:
    """Fill in the placeholders of a definition, as the deployment does. A placeholder without a value stays as it is.

    Args:
        definition: the definition as JSON text or as a JSON value.
        values: the values of the placeholders by name: text, or any JSON value for a placeholder of another type.

    >>> substitute('{"Resource": "${f_arn}"}', {"f_arn": "arn:aws:lambda:…"})
    '{"Resource": "arn:aws:lambda:…"}'
    """
    text = definition if isinstance(definition, str) else json_text(definition)
    return fill(text, values)


def compile_definition(
    definition: dict[str, Any] | str | Machine,
    *,
    type: WorkflowType = "STANDARD",
    placeholders: Mapping[str, Placeholder] | None = None,
) -> Machine:
    """Compile a definition. A definition that was compiled before is not compiled again.

    Args:
        definition: the definition as JSON text, as a JSON value, or already compiled.
        type: the type of the workflow, ``STANDARD`` or ``EXPRESS``.
        placeholders: what its placeholders stand for, by name, as far as it is known.

    Raises:
        DefinitionError: the definition has errors.

    >>> machine = compile_definition({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
    >>> machine.start.kind
    'Succeed'
    """
    if isinstance(definition, Machine):
        return definition
    return _compiled(_text(definition), type, tuple((placeholders or {}).values()))


def compile_read(definition: Definition) -> Machine:
    """Compile a definition that was read.

    Raises:
        DefinitionError: the definition has errors.
    """
    found = definition.diagnostics
    if definition.walk is not None:
        found = [*found, *locate(definition.walk.once(check), definition.document.locate)]
    errors = sorted((problem for problem in found if problem.severity is Severity.ERROR), key=lambda problem: problem.sort_key)
    if errors or definition.walk is None:
        raise DefinitionError(errors)
    return compile_walk(definition.walk, definition.document.locate)


def compile_walk(walked: Walk, locator: Locator | None = None) -> Machine:
    """Compile a definition that has no errors.

    Args:
        walked: the walk over the definition.
        locator: returns the place of a pointer in the file of the definition, if there is one.

    Raises:
        DefinitionError: a placeholder is in a place where its value is needed to run the definition.
    """
    try:
        machine, findings = _linked(walked)
    except RecursionError:
        machine, findings = None, [_TOO_DEEP]
    if machine is None or findings:
        raise DefinitionError(locate(findings, locator or file_locator(FILE, json_text(walked.document))))
    return machine


def _text(definition: Any) -> str:
    """Return a definition as text."""
    if isinstance(definition, str):
        return definition
    try:
        return json_text(definition)
    except RecursionError:
        finding = _TOO_DEEP
    except (TypeError, ValueError):
        finding = Finding("SFN001", (), "the definition is not JSON", expected="an object of JSON values")
    raise DefinitionError(locate([finding], file_locator(FILE, "")))


@lru_cache(256)
def _compiled(text: str, workflow_type: WorkflowType, placeholders: tuple[Placeholder, ...]) -> Machine:
    known = {placeholder.name: placeholder for placeholder in placeholders}
    return compile_read(definition_of(read_text(text, FILE), workflow_type, known))


def _linked(walked: Walk) -> tuple[Machine | None, list[Finding]]:
    """Compile all scopes, the inner ones first, and link their states.

    Returns:
        the machine (None if it cannot run), and the reasons why it cannot run.
    """
    findings = list(_unread(walked))
    inside: dict[int, list[tuple[ScopeAt, Machine | None]]] = {}
    machine: Machine | None = None
    for scope in reversed(walked.scopes):
        states: dict[str, State] = {}
        for at in scope.states:
            inner = [(within, compiled) for within, compiled in inside.get(id(at), [])[::-1] if compiled is not None]
            if len(inner) < len(inside.get(id(at), ())):
                continue  # the reason is inside of it
            try:
                states[at.name] = _state(at, inner, walked)
            except FieldError as error:
                findings.append(_finding(error))
        machine = _scope(walked, scope, states, findings)
        if scope.parent is not None:
            inside.setdefault(id(scope.parent), []).append((scope, machine))
    return machine, list(dict.fromkeys(findings))


def _scope(walked: Walk, scope: ScopeAt, states: dict[str, State], findings: list[Finding]) -> Machine | None:
    """Link the states of a scope. The result is None if that is not possible."""
    if len(states) < len(scope.states):
        return None
    fields = Fields(scope.at, model.JSONPATH)
    try:
        for state in states.values():
            state.link(states)
        if scope.scope.start_at not in states:
            raise fields.error("StartAt", "does not name a state", scope.scope.start_at)
        timeout = fields.constant("TimeoutSeconds", getattr(scope.scope, "timeout_seconds", ABSENT), None)
    except FieldError as error:
        findings.append(_finding(error))
        return None
    return Machine(walked, states, states[str(scope.scope.start_at)], timeout)


def _state(at: StateAt, inner: list[tuple[ScopeAt, Machine]], walked: Walk) -> State:
    state = at.state
    plain = _PLAIN.get(type(state))
    if plain is not None:
        return plain(at)
    if isinstance(state, model.Task):
        return TaskState(at, walked.placeholders)
    if isinstance(state, model.Parallel) and state.branches is not ABSENT and len(inner) == len(state.branches):
        return ParallelState(at, [machine for _, machine in inner])
    if isinstance(state, model.Map):
        for scope, processor in inner:
            if scope.scope is state.processor:
                return (DistributedMapState if state.distributed else MapState)(at, processor)
    unread = next(name for name in ("Branches", "ItemProcessor", "Iterator", "Type") if name in state.extra or name == "Type")
    raise Fields(at.at, at.language).error(unread, _UNREAD, state.extra.get(unread))


def _unread(walked: Walk) -> Iterator[Finding]:
    """Find the fields that the parser could not read because they hold a placeholder."""
    for scope in walked.scopes:
        yield from _unread_fields(scope.at, scope.scope)
        for at in scope.states:
            for place, construct in at.constructs:
                yield from _unread_fields(place, construct)


def _unread_fields(at: tuple[str | int, ...], construct: model.Construct) -> Iterator[Finding]:
    if construct.extra:
        known = {info.name for _, info in table(type(construct))}
        for name in known & construct.extra.keys():
            error = Fields(at, model.JSONPATH).error(name, _UNREAD, construct.extra[name])
            yield _finding(error)


def _finding(error: FieldError) -> Finding:
    """Return the finding of a field that cannot be compiled. In a checked definition, a placeholder is the reason."""
    holes = names(json_text(error.value))
    hint = (
        f"fill in {', '.join(Placeholder(hole).text for hole in holes)}: in Python with 'substitutions', in `run` with --set NAME=VALUE"
        if holes
        else ""
    )
    message = f"{error.message}, because the value of a placeholder is missing" if holes and error.code == NOT_A_VALUE else error.message
    return Finding(error.code, error.at, message, describe(error.value), hint=hint)
