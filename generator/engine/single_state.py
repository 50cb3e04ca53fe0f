"""One state at a time, answered as the TestState API does, with what the data looked like on its way.

Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_TestState.html
"""

# ruff: noqa: PT028  test_state is the API's name, not a test

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, Literal

from generator.catalog.index import find_action
from generator.catalog.integrations import SYNC_2
from generator.catalog.optimised import INTEGRATIONS
from generator.engine.branches import MapState, ParallelState
from generator.engine.clock import VirtualClock
from generator.engine.dataflow import Frame, Item, StateFailure
from generator.engine.distributed import THRESHOLD_CAUSE, THRESHOLD_ERROR, DistributedMapState
from generator.engine.engine import Engine
from generator.engine.history import json_text
from generator.engine.machine import DefinitionError, Machine
from generator.engine.states import ABSENT, PassState
from generator.engine.tasks import Call, TaskState
from generator.engine.work import WorkingState, matches

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.engine.states import State

Level = Literal["INFO", "DEBUG", "TRACE"]


class TestStateError(ValueError):
    """A request that the API would refuse.

    Attributes:
        code: ``ValidationException`` or ``InvalidDefinition``.
        message: AWS's words where they are known.
    """

    __test__ = False  # for pytest

    def __init__(self, code: str, message: str) -> None:
        """Create the error."""
        super().__init__(f"An error occurred ({code}) when calling the TestState operation: {message}")
        self.code = code
        self.message = message


@dataclass
class StateResult:
    """What came of a state.

    Attributes:
        status: ``SUCCEEDED``, ``FAILED``, ``RETRIABLE`` or ``CAUGHT_ERROR``.
        output: The state's output, a JSON value.
        error: The error name.
        cause: The cause.
        next_state: Where it goes on.
        inspection_data: What the data looked like on its way, JSON values; empty at level INFO.
    """

    status: str
    output: Any = None
    error: str | None = None
    cause: str | None = None
    next_state: str | None = None
    inspection_data: dict[str, Any] = field(default_factory=dict)

    def response(self) -> dict[str, Any]:
        """The API's response: names in camel case, JSON values as texts."""
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
    definition: dict[str, Any] | str,
    input: Any = None,
    *,
    inspection_level: Level = "INFO",
    state_name: str | None = None,
    mock: Mapping[str, Any] | None = None,
    context: Mapping[str, Any] | str | None = None,
    variables: Mapping[str, Any] | None = None,
    state_configuration: Mapping[str, Any] | None = None,
    role: str | None = None,
    functions: Mapping[str, Callable[..., Any]] | None = None,
    clients: Callable[[str], Any] | None = None,
    seed: int = 0,
) -> StateResult:
    """Run one state.

    Args:
        definition: The state, or with ``state_name`` the state machine that has it.
        input: Its input, a JSON value.
        inspection_level: ``INFO`` for the output only, ``DEBUG`` and ``TRACE`` for the data on its way.
        state_name: The state in a state machine, also one inside a Map or Parallel state.
        mock: ``{"result": …}`` or ``{"errorOutput": {"error": …, "cause": …}}``, and ``fieldValidationMode``.
        context: The Context object, parsed or as JSON text; only with a mock.
        variables: Values of variables.
        state_configuration: ``retrierRetryCount``, ``errorCausedByState``, ``mapIterationFailureCount``, ``mapItemReaderData``.
        role: The execution role.
        functions: Lambda functions by name or ARN.
        clients: Gives a boto3 client for a service's name.
        seed: Of all randomness.

    Raises:
        TestStateError: The API would refuse the request.

    Example:
        >>> state = {"Type": "Pass", "Parameters": {"total.$": "States.MathAdd($.a, $.b)"}, "Next": "Pay"}
        >>> result = test_state(state, {"a": 1, "b": 2}, inspection_level="DEBUG")
        >>> result.status, result.output, result.next_state
        ('SUCCEEDED', {'total': 3}, 'Pay')
        >>> result.inspection_data["afterParameters"]
        {'total': 3}
    """
    if isinstance(definition, str):
        try:
            definition = json.loads(definition)
        except ValueError as error:
            raise TestStateError("InvalidDefinition", f"Invalid State Machine Definition: 'INVALID_JSON_DESCRIPTION: {error}'") from None
    if not isinstance(definition, dict):
        raise TestStateError(
            "InvalidDefinition", "Invalid State Machine Definition: 'INVALID_JSON_DESCRIPTION: Definition must be a JSON object'"
        )
    known = _known_context(context, mocked=mock is not None)
    state, in_map = _state(definition, state_name)
    mocked = _Mock(state, mock) if mock is not None else None
    account = role.split(":")[4] if role and role.count(":") > 4 else "123456789012"  # noqa: PLR2004  arn:aws:iam::account:role/…
    engine = Engine(functions=functions, clients=clients, clock=VirtualClock(), seed=seed, account=account)
    document = {} if input is None else input
    execution = engine.start(
        Machine({"StartAt": "S", "States": {"S": {"Type": "Succeed"}}}), document, type="EXPRESS", state_machine="TestState", role=role
    )
    run = execution._run  # noqa: SLF001  one state of an execution that is not run
    frame = Frame(run, dict(variables or {}), 1, Item(0, document) if in_map else None)
    frame.fixed = known
    run.enter(frame, state, document)
    if isinstance(state, TaskState) and state.pattern == ".waitForTaskToken":
        frame.token = engine.new_token(run, state.name)
    frame.retries = int((state_configuration or {}).get("retrierRetryCount") or 0)
    probe = _Probe(frame, state, document, mocked, dict(state_configuration or {}))
    result = probe.run()
    result.inspection_data = {key: probe.seen[key] for key in sorted(probe.seen)} if inspection_level != "INFO" else {}
    return result


test_state.__test__ = False  # type: ignore[attr-defined]  # for pytest


def _state(definition: dict[str, Any], name: str | None) -> tuple[State, bool]:
    """The state to be tested, in a machine that has it, and whether it stands inside a Map state."""
    if name is None:
        name = "StateName"
        targets = _targets(definition)
        machine = {"StartAt": name, "States": {name: definition, **{target: {"Type": "Succeed"} for target in targets if target != name}}}
    else:
        machine = definition
    _check_definition(machine)
    try:
        scopes = [(Machine(machine), False)]
    except DefinitionError as error:
        message = f"Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: {error} at /States/{name}'"
        raise TestStateError("InvalidDefinition", message) from None
    for scope, in_map in scopes:  # grows as inner ones are found
        if name in scope.states:
            return scope.states[name], in_map
        for state in scope.states.values():
            if isinstance(state, ParallelState):
                scopes += [(branch, in_map) for branch in state.machines]
            elif isinstance(state, MapState):
                scopes.append((state.machine, True))
    raise TestStateError("ValidationException", f"State not found: {name}")


def _targets(definition: dict[str, Any]) -> list[str]:
    found = [definition.get("Next"), definition.get("Default")]
    found += [entry.get("Next") for key in ("Catch", "Choices") for entry in definition.get(key) or () if isinstance(entry, dict)]
    return sorted({name for name in found if isinstance(name, str)})


_NOT_EMPTY = frozenset({"Branches", "Choices", "ErrorEquals", "States"})


def _check_definition(machine: dict[str, Any]) -> None:
    """Refuse what CreateStateMachine would refuse, in its words where they are known."""
    stack: list[tuple[str, Any]] = [("", machine)]
    while stack:
        at, value = stack.pop()
        if not isinstance(value, (dict, list)):
            continue
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            if key in _NOT_EMPTY and item in ([], {}):
                message = f"Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Value cannot be empty at {at}/{key}'"
                raise TestStateError("InvalidDefinition", message)
            stack.append((f"{at}/{key}", item))
    from generator.asl.parse import parse  # noqa: PLC0415  the checks are needed here only
    from generator.asl.walk import walk  # noqa: PLC0415
    from generator.checks import check  # noqa: PLC0415
    from generator.diagnostics.codes import severity_of  # noqa: PLC0415
    from generator.diagnostics.model import Severity  # noqa: PLC0415

    parsed, findings = parse(machine)
    if parsed is not None:
        findings = [*findings, *check(walk(parsed))]
    for finding in findings:
        if severity_of(finding.code) is Severity.ERROR:
            place = "".join(f"/{part}" for part in finding.at)
            raise TestStateError(
                "InvalidDefinition", f"Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: {finding.message} at {place}'"
            )


# The fields of a mocked Context object and their types.
_CONTEXT: dict[str, dict[str, type | tuple[type, ...]]] = {
    "Execution": {"Id": str, "Input": object, "StartTime": str, "Name": str, "RoleArn": str, "RedriveCount": int, "RedriveTime": str},
    "StateMachine": {"Id": str, "Name": str},
    "State": {"Name": str, "EnteredTime": str, "RetryCount": int},
    "Task": {"Token": str},
}
_TYPE_NAMES = {str: "a string", int: "a number"}


def _known_context(context: Mapping[str, Any] | str | None, *, mocked: bool) -> dict[str, Any] | None:
    """The given Context object, if it is one."""
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
    """A mocked result or error."""

    def __init__(self, state: State, mock: Mapping[str, Any]) -> None:
        if not isinstance(state, WorkingState):
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
    """Takes one state apart and looks at the data between its fields."""

    def __init__(self, frame: Frame, state: State, document: Any, mock: _Mock | None, configuration: dict[str, Any]) -> None:
        self.frame = frame
        self.state = state
        self.input = document
        self.mock = mock
        self.configuration = configuration
        self.seen: dict[str, Any] = {"input": document}

    def run(self) -> StateResult:
        state = self.state
        try:
            if isinstance(state, WorkingState):
                return self._work(state)
            return self._plain(state)
        except StateFailure as failure:
            return self._failed(failure)

    def _failed(self, failure: StateFailure) -> StateResult:
        return StateResult("FAILED", error=failure.error, cause=failure.cause)

    def _plain(self, state: State) -> StateResult:
        if not state.jsonata:
            self.seen["afterInputPath"] = self.input if state.input_path is None else state.input_path(self.frame, self.input)
        if isinstance(state, PassState) and not state.jsonata:
            output, following = self._pass(state), state.next
        elif state.plain:
            output, following = state.execute(self.frame, self.input)
        else:
            branch = state.execute(self.frame, self.input)
            output, following = self._finish(branch)
        if self.frame.variables:
            self.seen["variables"] = self.frame.variables
        return StateResult("SUCCEEDED", output, next_state=None if following is None else following.name)

    def _pass(self, state: PassState) -> Any:
        """What a Pass state does, looked at after each field."""
        frame, seen = self.frame, self.seen
        given = seen["afterInputPath"]
        result = seen["afterParameters"] = given if state.parameters is None else state.parameters(frame, given)
        result = seen["afterResultSelector"] = result if state.result is ABSENT else state.result
        assigned = None if state.assign is None else state.assign(frame, result)
        if state.result_path is not None:
            result = state.result_path(frame, self.input, result)
        seen["afterResultPath"] = result
        return state.leave(frame, self.input, result, assigned)

    def _finish(self, branch: Any) -> Any:
        """Run a branch to its end."""
        ended: list[tuple[Any, BaseException | None]] = []
        scheduler = self.frame.run.scheduler
        scheduler.start(branch, lambda value, error: ended.append((value, error)))
        scheduler.run(patient=False, finished=lambda: bool(ended))
        value, error = ended[0]
        if error is not None:
            raise error
        return value

    def _work(self, state: WorkingState) -> StateResult:
        try:
            result = self._result(state)
            output, assigned = self._after(state, result)
        except StateFailure as failure:
            return self._handled(state, failure)
        variables = {**self.frame.variables, **(assigned or {})}
        if variables:
            self.seen["variables"] = variables
        return StateResult("SUCCEEDED", output, next_state=None if state.next is None else state.next.name)

    def _result(self, state: WorkingState) -> Any:
        frame, mock = self.frame, self.mock
        document: Any = {"input": self.input} if state.jsonata else self.input
        if not state.jsonata:
            document = self.input if state.input_path is None else state.input_path(frame, self.input)
            self.seen["afterInputPath"] = document
        given = self.input if state.jsonata else document
        if isinstance(state, MapState):
            self._map(state, document)
        else:
            if state.parameters is not None:
                given = state.parameters(frame, document)
            if state.parameters is not None or (isinstance(state, TaskState) and not state.jsonata):
                self.seen["afterArguments" if state.jsonata else "afterParameters"] = given
        if mock is None:
            if not isinstance(state, TaskState) or state.pattern or state.prefix == "Activity":
                what = f"State type '{state.kind}'" if not isinstance(state, TaskState) else f"Resource {state.resource}"
                raise TestStateError("ValidationException", f"{what} is only supported when a mock is specified")
            timeout = None if state.timeout is None else state.timeout(frame, document)
            result = self._finish(state.perform(Call(frame, state, given, timeout, None)))
        else:
            if mock.error is not None:
                self._mocked_failure(state, document)
            result = mock.result
        if not (state.jsonata and isinstance(state, MapState)):
            self.seen["result"] = result
        return result

    def _map(self, state: MapState, document: Any) -> None:
        frame, seen = self.frame, self.seen
        reader_data = self.configuration.get("mapItemReaderData")
        if isinstance(state, DistributedMapState) and state.reader is not None:
            try:
                items = list(state.reader.parse_text(reader_data)) if isinstance(reader_data, str) else []
            except (ValueError, LookupError, TypeError, csv.Error) as error:
                raise StateFailure("States.ItemReaderFailed", f"Attempting to read the given data failed: {error}") from None
            if "ItemsPointer" in state.reader.config:
                seen["afterItemsPointer"] = [item.value for item in items]
        else:
            items = list(
                state.listed(frame, document)
                if isinstance(state, DistributedMapState)
                else map(Item, count(), state.items(frame, document))
            )
            if not state.jsonata:
                seen["afterItemsPath"] = [item.value for item in items]
        if state.selector is not None:
            seen["afterItemSelector"] = [state.select(frame, document, item) for item in items]
        seen["maxConcurrency"] = 0 if state.concurrency is None else int(state.concurrency(frame, document))
        if isinstance(state, DistributedMapState):
            tolerance = state.tolerance(frame, document)
            if tolerance.count is not None:
                seen["toleratedFailureCount"] = int(tolerance.count)
            if tolerance.percentage is not None:
                seen["toleratedFailurePercentage"] = float(tolerance.percentage)
            if state.batcher is not None:
                selected = seen.get("afterItemSelector") or [item.value for item in items]
                batches = state.batcher.batches(frame, document, zip(items, selected, strict=True))
                seen["afterItemBatcher"] = [batch for batch, _, _ in batches]

    def _mocked_failure(self, state: WorkingState, document: Any) -> None:
        assert self.mock is not None  # noqa: S101  for the type checker
        assert self.mock.error is not None  # noqa: S101
        failed = self.configuration.get("mapIterationFailureCount")
        if isinstance(state, DistributedMapState) and failed is not None:
            tolerance = state.tolerance(self.frame, document)
            limited = tolerance.count is not None or tolerance.percentage is not None
            if limited and tolerance.exceeded(int(failed), len(self.seen.get("afterItemsPath", ())) or None):
                raise StateFailure(THRESHOLD_ERROR, THRESHOLD_CAUSE)
        raise StateFailure(self.mock.error.get("error"), self.mock.error.get("cause"))

    def _after(self, state: WorkingState, result: Any) -> tuple[Any, dict[str, Any] | None]:
        frame = self.frame
        if state.jsonata:
            return state.finish(frame, self.input, result)
        assigned = None if state.assign is None else state.assign(frame, result)
        if state.result_selector is not None:
            result = state.result_selector(frame, result)
        if state.result_selector is not None or isinstance(state, TaskState):
            self.seen["afterResultSelector"] = result
        if state.result_path is not None:
            result = state.result_path(frame, self.input, result)
        self.seen["afterResultPath"] = result
        if state.output_path is not None:
            result = state.output_path(frame, result)
        return result, assigned

    def _handled(self, state: WorkingState, failure: StateFailure) -> StateResult:
        """Say which retrier or catcher a failure meets."""
        if failure.fatal:
            return self._failed(failure)
        used = int(self.configuration.get("retrierRetryCount") or 0)
        for index, retrier in enumerate(state.retriers):
            if matches(retrier.errors, failure):
                if used < retrier.attempts:
                    delay = retrier.delay(used, self.frame.run.random)
                    self.seen["errorDetails"] = {"retryIndex": index, "retryBackoffIntervalSeconds": int(delay)}
                    return StateResult("RETRIABLE", error=failure.error, cause=failure.cause)
                break
        for index, catcher in enumerate(state.catchers):
            if matches(catcher.errors, failure):
                self.seen["errorDetails"] = {"catchIndex": index}
                output, following = state.caught(self.frame, self.input, failure)
                if self.frame.variables:
                    self.seen["variables"] = self.frame.variables
                name = None if following is None else following.name
                return StateResult("CAUGHT_ERROR", output, failure.error, failure.cause, name)
        return self._failed(failure)
