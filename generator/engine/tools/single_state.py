"""One state at a time, with the answer of the TestState API: the result, and the data after each step.

The state runs as in an execution. A probe observes its data, and replaces the work of a task by a mock.

Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_TestState.html
"""

# ruff: noqa: PT028  test_state is the API's name, not a test

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from generator.asl import error_names
from generator.asl.definition import Definition, definition_of
from generator.asl.model import StateMachine, Succeed
from generator.asl.parse import parse_state
from generator.asl.read import YAML_SUFFIXES, Document, read_text
from generator.asl.walk import walk
from generator.catalog.index import find_action
from generator.catalog.integrations import SYNC_2
from generator.catalog.optimised import INTEGRATIONS
from generator.diagnostics.locate import locate
from generator.diagnostics.model import Span
from generator.dsl.workflow import Workflow
from generator.engine.calls.mocks import Fails
from generator.engine.compile import FILE, DefinitionError, Machine, compile_read
from generator.engine.definitions import read
from generator.engine.failure import StateError
from generator.engine.frame import Frame, Item
from generator.engine.history import json_text
from generator.engine.starting import Engine
from generator.engine.states.branches import MapState, ParallelState
from generator.engine.states.distributed import THRESHOLD_CAUSE, DistributedMapState
from generator.engine.states.state import Working
from generator.engine.states.task import TaskState
from generator.lower import CompiledWorkflow

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.engine.account import Functions
    from generator.engine.clock import Branch
    from generator.engine.definitions import Runnable
    from generator.engine.states.state import State

Level = Literal["INFO", "DEBUG", "TRACE"]


class TestStateError(ValueError):
    """A request that the API refuses.

    Attributes:
        code: ``ValidationException`` or ``InvalidDefinition``.
        message: the message, in the words of AWS where they are known.
    """

    __test__ = False  # for pytest

    def __init__(self, code: str, message: str) -> None:
        """Create the error."""
        super().__init__(f"An error occurred ({code}) when calling the TestState operation: {message}")
        self.code = code
        self.message = message


@dataclass
class StateResult:
    """The result of a state.

    Attributes:
        status: ``SUCCEEDED``, ``FAILED``, ``RETRIABLE`` or ``CAUGHT_ERROR``.
        output: the output of the state, a JSON value.
        error: the error name.
        cause: the cause.
        next_state: the name of the next state.
        inspection_data: the data after each step, as JSON values. Empty at level INFO.
    """

    status: str
    output: Any = None
    error: str | None = None
    cause: str | None = None
    next_state: str | None = None
    inspection_data: dict[str, Any] = field(default_factory=dict)

    def response(self) -> dict[str, Any]:
        """Return the response of the API: names in camel case, JSON values as texts."""
        shown: dict[str, Any] = {"status": self.status}
        if self.status in {"SUCCEEDED", "CAUGHT_ERROR"}:
            shown["output"] = json_text(self.output)
        texts = {"error": self.error, "cause": self.cause, "nextState": self.next_state}
        shown.update({key: value for key, value in texts.items() if value is not None})
        if self.inspection_data:
            plain = {"errorDetails", "maxConcurrency", "toleratedFailureCount", "toleratedFailurePercentage"}
            shown["inspectionData"] = {key: value if key in plain else json_text(value) for key, value in self.inspection_data.items()}
        return shown


def test_state(
    definition: Runnable,
    input: Any = None,
    *,
    inspection_level: Level = "INFO",
    state_name: str | None = None,
    mock: Mapping[str, Any] | Fails | None = None,
    context: Mapping[str, Any] | str | None = None,
    variables: Mapping[str, Any] | None = None,
    state_configuration: Mapping[str, Any] | None = None,
    role: str | None = None,
    functions: Functions | None = None,
    clients: Callable[[str], Any] | None = None,
    seed: int = 0,
) -> StateResult:
    """Run one state.

    Args:
        definition: the state as JSON; with ``state_name``, the state machine that has it: a workflow, the path of a file, or a
            definition.
        input: its input, a JSON value.
        inspection_level: ``INFO`` for the output only, ``DEBUG`` and ``TRACE`` for the data after each step too.
        state_name: the name of the state in a state machine, also in a Map or Parallel state.
        mock: ``{"result": …}`` or ``{"errorOutput": {"error": …, "cause": …}}``, and ``fieldValidationMode``;
            ``Fails("Error", "cause")`` is the second one.
        context: the Context object, as a JSON value or as JSON text. It needs a mock.
        variables: the values of variables by name.
        state_configuration: ``retrierRetryCount``, ``errorCausedByState``, ``mapIterationFailureCount``, ``mapItemReaderData``.
        role: the ARN of the execution role.
        functions: Python functions by the Lambda function, its name or its ARN.
        clients: a function that returns a boto3 client for the name of a service.
        seed: the seed of all random values.

    Raises:
        TestStateError: the API refuses the request.

    >>> state = {"Type": "Pass", "Parameters": {"total.$": "States.MathAdd($.a, $.b)"}, "Next": "Pay"}
    >>> result = test_state(state, {"a": 1, "b": 2}, inspection_level="DEBUG")
    >>> result.status, result.output, result.next_state
    ('SUCCEEDED', {'total': 3}, 'Pay')
    >>> result.inspection_data["afterParameters"]
    {'total': 3}
    """
    probe_mock: _Mock | None = None
    known = _known_context(context, mocked=mock is not None)
    if isinstance(mock, Fails):
        mock = {"errorOutput": {"error": mock.error, "cause": mock.cause}}
    made, declared = _machine(definition, state_name)
    state, in_map = _find(made, state_name or _NAME)
    if mock is not None:
        probe_mock = _Mock(state, mock)
    found = _ACCOUNT.match(role or "")
    account = found[1] if found else "123456789012"
    engine = Engine(functions=functions, clients=clients, seed=seed, account=account)
    engine.declared.update(declared)
    document = {} if input is None else input
    execution = engine.start(_HOLDER, document, type="EXPRESS", state_machine="TestState", role=role)
    run = execution._run  # noqa: SLF001  one state of an execution that does not run
    frame = Frame(run, dict(variables or {}), 1, Item(0, document) if in_map else None)
    frame.fixed = known
    frame.probe = probe = _Probe(document, probe_mock, state_configuration or {})
    run.enter(frame, state, document)
    frame.retries = probe.retries
    result = _result(frame, state, document, probe)
    result.inspection_data = {key: probe.seen[key] for key in sorted(probe.seen)} if inspection_level != "INFO" else {}
    return result


test_state.__test__ = False  # type: ignore[attr-defined]  # for pytest


_NAME: Final = "StateName"
"""The name of a state that is tested without a state machine, as AWS calls it."""
_HOLDER: Final = json_text({"StartAt": "S", "States": {"S": {"Type": "Succeed"}}})
"""The state machine of the execution that the tested state runs in."""
_ACCOUNT: Final = re.compile(r"arn:[^:]*:iam:[^:]*:([^:]+):")


def _machine(definition: Runnable, name: str | None) -> tuple[Machine, Mapping[str, str]]:
    """Compile the state machine that has the state: the given one, or one around the given state.

    Returns:
        the machine, and the names of the declared resources that it uses by their ARNs, names and URLs.

    Raises:
        TestStateError: CreateStateMachine refuses it.
        DefinitionError: a workflow or a file has errors.
    """
    if isinstance(definition, Workflow | CompiledWorkflow | Machine | Path) or str(definition).endswith(_FILE_NAMES):
        source = read(definition)
        if name is None:
            names = ", ".join(at.name for at in source.machine.walk.states)
            raise TestStateError("ValidationException", f"state_name must name the state to test, one of {names}")
        return source.machine, source.resources
    document = read_text(definition if isinstance(definition, str) else json_text(definition), FILE)
    if not document.readable:
        raise _invalid(f"INVALID_JSON_DESCRIPTION: {document.diagnostics[0].message}")
    if not isinstance(document.value, dict):
        raise _invalid("INVALID_JSON_DESCRIPTION: Definition must be a JSON object")
    found = definition_of(document) if name is not None else _around(document)
    try:
        return compile_read(found), {}
    except DefinitionError as error:
        first = error.diagnostics[0]
        # In the words of AWS where they are known.
        message = "Value cannot be empty" if first.found in _EMPTY else first.message
        raise _invalid(f"SCHEMA_VALIDATION_FAILED: {message} at {first.pointer}") from None


def _invalid(message: str) -> TestStateError:
    return TestStateError("InvalidDefinition", f"Invalid State Machine Definition: '{message}'")


_FILE_NAMES: Final = (".json", *YAML_SUFFIXES)
_EMPTY: Final = frozenset({"an empty list", "an empty object"})
"""How diagnostics describe empty values."""


def _around(document: Document) -> Definition:
    """Return a state machine of one state and the states that it leads to."""
    state, findings = parse_state(_NAME, document.value)
    alone = StateMachine(start_at=_NAME, states={} if state is None else {_NAME: state})
    targets = {way.target for at in walk(alone).scopes[0].states for way in at.transitions}
    machine = replace(alone, states={**dict.fromkeys(sorted(targets), Succeed()), **alone.states})
    # The places of a state without a state machine are not places of the text.
    return Definition(document, walk(machine), locate(findings, lambda _: Span(FILE)))


def _find(machine: Machine, name: str) -> tuple[State, bool]:
    """Return a state of a machine, at any depth, and whether it is in a Map state.

    Raises:
        TestStateError: there is no such state.
    """
    scopes = [(machine, False)]
    for scope, in_map in scopes:  # it grows while inner scopes are found
        if name in scope.states:
            return scope.states[name], in_map
        for state in scope.states.values():
            if isinstance(state, ParallelState):
                scopes += [(branch, in_map) for branch in state.branches]
            elif isinstance(state, MapState):
                scopes.append((state.processor, True))
    raise TestStateError("ValidationException", f"State not found: {name}")


# The fields of a mocked Context object and their types.
_CONTEXT: dict[str, dict[str, type | tuple[type, ...]]] = {
    "Execution": {"Id": str, "Input": object, "StartTime": str, "Name": str, "RoleArn": str, "RedriveCount": int, "RedriveTime": str},
    "StateMachine": {"Id": str, "Name": str},
    "State": {"Name": str, "EnteredTime": str, "RetryCount": int},
    "Task": {"Token": str},
}
_TYPE_NAMES = {str: "a string", int: "a number"}


def _known_context(context: Mapping[str, Any] | str | None, *, mocked: bool) -> dict[str, Any] | None:
    """Return the given Context object.

    Raises:
        TestStateError: it is not a Context object.
    """
    if context is None:
        return None
    if not mocked:
        raise TestStateError("ValidationException", "Context object can only be specified when a mock is specified")
    prefix = "Invalid Context object provided: "
    if isinstance(context, str):
        try:
            context = json.loads(context)
        except ValueError:
            raise TestStateError("ValidationException", f"{prefix}it is not valid JSON") from None
    if not isinstance(context, dict):
        raise TestStateError("ValidationException", f"{prefix}it must be an object")
    for section, members in context.items():
        if section == "Map":
            raise TestStateError("ValidationException", f"{prefix}'Map' field is not supported when mocking a Context object")
        if section not in _CONTEXT:
            raise TestStateError("ValidationException", f"{prefix}Field '{section}' is not allowed")
        if not isinstance(members, dict):
            raise TestStateError("ValidationException", f"{prefix}{section} must be an object")
        for name, value in members.items():
            wanted = _CONTEXT[section].get(name)
            if wanted is None:
                raise TestStateError("ValidationException", f"{prefix}Field '{name}' is not allowed")
            if wanted is not object and (not isinstance(value, wanted) or isinstance(value, bool)):
                raise TestStateError("ValidationException", f"{prefix}{section}.{name} must be {_TYPE_NAMES[wanted]}")  # type: ignore[index]
    return context


class _Mock:
    """A mocked result, or a mocked error."""

    def __init__(self, state: State, mock: Mapping[str, Any]) -> None:
        if not isinstance(state, Working):
            message = f"State type '{state.kind}' is not supported when a mock is specified"
            raise TestStateError("ValidationException", message)
        if ("result" in mock) == ("errorOutput" in mock):
            raise TestStateError("ValidationException", "A test mock should have only one of the following fields: [result, errorOutput].")
        self.error: Mapping[str, Any] | None = mock.get("errorOutput")
        self.result: Any = None
        if self.error is None:
            self.result = self._parsed(mock["result"])
            if isinstance(state, (MapState, ParallelState)) and not isinstance(self.result, list):
                if not (isinstance(state, DistributedMapState) and state.writer is not None):
                    raise TestStateError("ValidationException", "Mocked result must be an array.")
            elif isinstance(state, TaskState):
                _check_result(state, self.result, mock.get("fieldValidationMode", "STRICT"))

    def outcome(self, state: Working, given: Any, failed: Any, items: int | None) -> Any:
        """Return the mocked result.

        Args:
            state: the state.
            given: its prepared input.
            failed: the number of iterations of a Map state that failed, if it is known.
            items: the number of its items, if it is known.

        Raises:
            StateError: the error is mocked.
        """
        if self.error is None:
            return self.result
        if isinstance(state, DistributedMapState) and failed is not None:
            tolerance = given.tolerance
            limited = tolerance.count is not None or tolerance.percentage is not None
            if limited and tolerance.exceeded(int(failed), items):
                raise StateError(error_names.EXCEED_TOLERATED_FAILURE_THRESHOLD, THRESHOLD_CAUSE)
        raise StateError(self.error.get("error"), self.error.get("cause"))

    @staticmethod
    def _parsed(result: Any) -> Any:
        if not isinstance(result, str):
            return result
        try:
            return json.loads(result)
        except ValueError:
            raise TestStateError("ValidationException", "Mocked result must be valid JSON") from None


def _check_result(state: TaskState, result: Any, mode: str) -> None:
    """Compare a mocked result with the output of the API action that returns it, for ``.sync`` of the one that describes the job.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/test-state-isolation.html
    """
    if mode == "NONE" or state.prefix != "Task":
        return
    pattern, parsed = state.pattern.removeprefix("."), frozenset[str]()
    if state.service.startswith("aws-sdk:"):
        api = None if pattern else (state.service.removeprefix("aws-sdk:"), state.action)
    else:
        integration = INTEGRATIONS.get(f"{state.service}:{state.action}")
        api = integration.result_api(pattern) if integration else None
        if integration and integration.polling and pattern == SYNC_2:
            parsed = integration.polling.parsed
        elif integration:
            parsed = integration.parsed
    action = find_action(*api) if api else None
    if action is None:
        return
    if isinstance(result, dict):
        result = {key: item for key, item in result.items() if key not in parsed}
    _check_shape(action.output, result, strict=mode == "STRICT")


_MISFITS: dict[str, tuple[tuple[type, ...], str]] = {
    "structure": ((dict,), "an object"),
    "map": ((dict,), "an object"),
    "list": ((list,), "an array"),
    "string": ((str,), "a string"),
    "timestamp": ((str,), "a string"),
    "blob": ((str,), "a string"),
    "integer": ((int, float), "a number"),
    "number": ((int, float), "a number"),
    "boolean": ((bool,), "a boolean"),
}


def _check_shape(shape: Any, value: Any, *, strict: bool, name: str = "") -> None:
    prefix = "Mock result schema validation error: "
    types: Any
    types, words = _MISFITS.get(shape.kind, ((object,), ""))
    if not isinstance(value, types) or (isinstance(value, bool) and shape.kind not in {"boolean", "document"}):
        raise TestStateError(
            "ValidationException", f"{prefix}Field '{name}' must be {words}" if name else f"{prefix}Mock result must be {words}"
        )
    if shape.kind == "structure":
        members = shape.members
        if strict:
            for required in shape.required:
                if required not in value:
                    raise TestStateError("ValidationException", f"{prefix}Required field '{required}' is missing")
        for key, item in value.items():
            if key in members and item is not None:
                _check_shape(members[key], item, strict=strict, name=key)
    elif shape.kind == "list" and shape.item is not None:
        for item in value:
            _check_shape(shape.item, item, strict=strict, name=name)
    elif shape.kind == "map" and shape.item is not None:
        for key, item in value.items():
            _check_shape(shape.item, item, strict=strict, name=key)
    elif shape.kind == "string" and shape.enum and value not in shape.enum:
        raise TestStateError("ValidationException", f"{prefix}Field '{name}' is not an expected value")


class _Probe:
    """Observes one state while it runs, and does the work of a task, with a mock in its place if there is one."""

    def __init__(self, document: Any, mock: _Mock | None, configuration: Mapping[str, Any]) -> None:
        data = configuration.get("mapItemReaderData")
        self.mock = mock
        self.failed_iterations: Any = configuration.get("mapIterationFailureCount")
        self.reader_data: str | None = data if isinstance(data, str) else None
        self.retries = int(configuration.get("retrierRetryCount") or 0)
        self.seen: dict[str, Any] = {"input": document}

    def saw(self, name: str, value: Any) -> None:
        """Keep the data after a step."""
        self.seen[name] = value

    def perform(self, state: Working, frame: Frame, given: Any) -> Branch:
        """Do the work of a state, or return the mocked result.

        Raises:
            TestStateError: the API only tests such a state with a mock.
            StateError: the mocked error.
        """
        if self.mock is not None:
            return _constant(self.mock.outcome(state, given, self.failed_iterations, len(self.seen.get("afterItemsPath", ())) or None))
        if not isinstance(state, TaskState) or state.pattern or state.prefix == "Activity":
            what = f"State type '{state.kind}'" if not isinstance(state, TaskState) else f"Resource {state.resource}"
            raise TestStateError("ValidationException", f"{what} is only supported when a mock is specified")
        return state.perform(frame, given)

    def retried(self, number: int, seconds: float, failure: StateError) -> None:
        """Stop the test: the API reports the retry and does not make it."""
        self.seen["errorDetails"] = {"retryIndex": number, "retryBackoffIntervalSeconds": int(seconds)}
        raise _RetriedError(failure)

    def caught(self, number: int, failure: StateError) -> None:
        """Keep the catcher that catches a failure."""
        self.seen["errorDetails"] = {"catchIndex": number}
        self.failure = failure

    failure: StateError | None = None


class _RetriedError(Exception):
    """The state would be retried."""

    def __init__(self, failure: StateError) -> None:
        super().__init__(failure)
        self.failure = failure


def _constant(value: Any) -> Branch:
    """Return a branch that ends at once with a value."""
    yield from ()
    return value


def _result(frame: Frame, state: State, document: Any, probe: _Probe) -> StateResult:
    """Run the state to its end, and return what came of it."""
    try:
        output, following = _finish(frame, state.execute(frame, document)) if not state.plain else state.execute(frame, document)
    except _RetriedError as retried:
        return StateResult("RETRIABLE", error=retried.failure.error, cause=retried.failure.cause)
    except StateError as failure:
        return StateResult("FAILED", error=failure.error, cause=failure.cause)
    if frame.variables:
        probe.saw("variables", frame.variables)
    name = None if following is None else following.name
    if probe.failure is not None:
        return StateResult("CAUGHT_ERROR", output, probe.failure.error, probe.failure.cause, name)
    return StateResult("SUCCEEDED", output, next_state=name)


def _finish(frame: Frame, branch: Branch) -> Any:
    """Run a branch to its end."""
    ended: list[tuple[Any, BaseException | None]] = []
    scheduler = frame.run.scheduler
    scheduler.start(branch, lambda value, error: ended.append((value, error)))
    scheduler.run(patient=False, finished=lambda: bool(ended))
    value, error = ended[0]
    if error is not None:
        raise error
    return value
