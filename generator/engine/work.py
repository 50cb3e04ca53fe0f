"""What Task, Map and Parallel states have in common: retriers, catchers, and the way of a result to the output.

Sources:
    https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
    https://docs.aws.amazon.com/step-functions/latest/dg/input-output-inputpath-params.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.asl.jsonata import strip_delimiters
from generator.asl.jsonpath import PathNotFoundError
from generator.engine.dataflow import Frame, StateFailure, compile_jsonata, compile_result_path, compile_source, expect
from generator.engine.history import json_text
from generator.engine.states import State, field

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from generator.engine.clock import Branch


def matches(names: list[str], failure: StateFailure) -> bool:
    """Whether an ``ErrorEquals`` names a failure.

    Example:
        >>> matches(["States.TaskFailed"], StateFailure("MyError", None))
        True
        >>> matches(["States.TaskFailed"], StateFailure("States.Timeout", None))
        False
    """
    for name in names:
        if name in {"States.ALL", failure.error}:
            return True
        if name == "States.TaskFailed" and failure.error != "States.Timeout":
            return True
        if name == "States.HeartbeatTimeout" and failure.heartbeat:
            return True
    return False


def constant_number(definition: dict[str, Any], name: str, default: Any) -> Any:
    """A number in a definition, that may not be negative.

    Raises:
        ValueError: It is something else.
    """
    value = definition.get(name, default)
    if name in definition and (isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0):
        raise ValueError(f"{name} must be a number of at least 0, not {json_text(value)}")
    return value


def error_names(definition: dict[str, Any]) -> list[str]:
    """``ErrorEquals`` of a retrier or catcher.

    Raises:
        ValueError: It is no array of texts.
    """
    names = definition["ErrorEquals"]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"ErrorEquals must be an array of error names, not {json_text(names)}")
    return names


class Retrier:
    """One entry of ``Retry``."""

    def __init__(self, definition: dict[str, Any]) -> None:
        """Read the policy with its defaults."""
        self.errors = error_names(definition)
        self.interval: float = constant_number(definition, "IntervalSeconds", 1)
        self.attempts: float = constant_number(definition, "MaxAttempts", 3)
        self.rate: float = constant_number(definition, "BackoffRate", 2.0)
        self.most: float | None = constant_number(definition, "MaxDelaySeconds", None)
        self.jitter = definition.get("JitterStrategy") == "FULL"

    def delay(self, used: int, random: Random) -> float:
        """Seconds before the next attempt, after ``used`` retries."""
        try:
            seconds = self.interval * self.rate**used
        except OverflowError:
            seconds = float("inf")
        if self.most is not None:
            seconds = min(seconds, self.most)
        seconds = min(seconds, 31_536_000.0)
        return seconds * random.random() if self.jitter else seconds


class Catcher:
    """One entry of ``Catch``."""

    def __init__(self, definition: dict[str, Any], *, jsonata: bool) -> None:
        """Compile the catcher."""
        self.definition = definition
        self.errors = error_names(definition)
        self.result_path = None if jsonata else compile_result_path(definition.get("ResultPath", "$"))
        self.output = field(definition, "Output", jsonata=True) if jsonata else None
        self.assign = field(definition, "Assign", jsonata=jsonata)
        self.next: State | None = None


class WorkingState(State):
    """A state whose work can fail, be tried again and be caught."""

    plain = False

    def __init__(self, name: str, definition: dict[str, Any], *, jsonata: bool) -> None:
        """Compile the fields around the work."""
        super().__init__(name, definition, jsonata=jsonata)
        self.retriers = [Retrier(retrier) for retrier in definition.get("Retry", ())]
        self.catchers = [Catcher(catcher, jsonata=jsonata) for catcher in definition.get("Catch", ())]
        self.parameters = field(definition, "Arguments" if jsonata else "Parameters", jsonata=jsonata)
        self.result_selector = None if jsonata else field(definition, "ResultSelector", jsonata=False)
        self.result_path = None if jsonata else compile_result_path(definition.get("ResultPath", "$"))

    def link(self, states: dict[str, State]) -> None:
        """Replace names of states by the states."""
        super().link(states)
        for catcher in self.catchers:
            catcher.next = states[catcher.definition["Next"]]

    def prepared(self, frame: Frame, given: Any, document: Any) -> Any:
        """What the work gets: the input, or what Parameters or Arguments make of it.

        Source of the limit: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
        """
        if self.parameters is None:
            return given
        parameters = self.parameters(frame, document)
        frame.run.check_size(parameters, self.name)
        return parameters

    def work(self, frame: Frame, value: Any) -> Branch:
        """Do the state's work once and give its result; a StateFailure where it fails."""
        raise NotImplementedError

    def failed(self, frame: Frame) -> None:
        """Record that the state as a whole has failed, after its last attempt."""

    def execute(self, frame: Frame, value: Any) -> Branch:
        """Work until it is done, or no retrier and no catcher applies."""
        used = [0] * len(self.retriers)
        run = frame.run
        while True:
            try:
                result = yield from self.work(frame, value)
                return self.leave(frame, value, *self.finish(frame, value, result)), self.next
            except StateFailure as failure:
                if failure.fatal or run.full:
                    self.failed(frame)
                    raise
                delay = self._retry(failure, used, run.random)
                if delay is None:
                    self.failed(frame)
                    return self.caught(frame, value, failure)
            frame.retries += 1
            run.transitions += 1
            if delay > 0:
                yield run.scheduler.timer(delay)

    def finish(self, frame: Frame, value: Any, result: Any) -> tuple[Any, dict[str, Any] | None]:
        """From the work's result to what stands before OutputPath, and the assigned variables."""
        if self.jsonata:
            states = {"input": value, "result": result}
            output = result if self.output is None else self.output(frame, states)
            return output, None if self.assign is None else self.assign(frame, states)
        # In Assign, "$" is what the API or the inner workflow gave, before ResultSelector:
        # https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
        assigned = None if self.assign is None else self.assign(frame, result)
        if self.result_selector is not None:
            result = self.result_selector(frame, result)
        if self.result_path is not None:
            result = self.result_path(frame, value, result)
        return result, assigned

    def _retry(self, failure: StateFailure, used: list[int], random: Random) -> float | None:
        for number, retrier in enumerate(self.retriers):
            if matches(retrier.errors, failure):
                if used[number] >= retrier.attempts:
                    return None
                used[number] += 1
                return retrier.delay(used[number] - 1, random)
        return None

    def caught(self, frame: Frame, value: Any, failure: StateFailure) -> tuple[Any, State | None]:
        """Let a catcher take a failure: its output and where it leads.

        Raises:
            StateFailure: No catcher applies.
        """
        for catcher in self.catchers:
            if not matches(catcher.errors, failure):
                continue
            error = failure.output()
            if self.jsonata:
                states = {"input": value, "errorOutput": error}
                output = error if catcher.output is None else catcher.output(frame, states)
                assigned = None if catcher.assign is None else catcher.assign(frame, states)
            else:
                assigned = None if catcher.assign is None else catcher.assign(frame, error)
                output = error if catcher.result_path is None else catcher.result_path(frame, value, error)
            frame.run.check_size(output, self.name)
            frame.run.exit(frame, self, output, assigned)
            return output, catcher.next
        raise failure


def number_field(definition: dict[str, Any], name: str, *, jsonata: bool, whole: bool = True) -> Callable[[Frame, Any], Any] | None:
    """A numeric field, its ``Path`` twin or its JSONata expression; None where the state has none.

    Args:
        definition: The object that has the field.
        name: The field, such as ``TimeoutSeconds``.
        jsonata: The state's query language is JSONata.
        whole: Only whole numbers will do.
    """
    text = definition.get(name)
    expression = strip_delimiters(text) if jsonata and isinstance(text, str) else None
    if expression is not None:
        query = compile_jsonata(expression, name)

        def evaluate(frame: Frame, states: Any) -> Any:
            value = expect(frame, query(frame, states), "number", text, name)
            if value < 0 or (whole and value != int(value)):
                message = f"The JSONata expression '{expression}' specified for the field '{name}' returned an invalid value: "
                raise frame.query_failure(message + json_text(value), name)
            return value

        return evaluate
    if name in definition:
        number = constant_number(definition, name, None)
        return lambda frame, document: number
    path = definition.get(f"{name}Path")
    if path is None:
        return None
    source = compile_source(path)

    def read(frame: Frame, document: Any) -> Any:
        try:
            value = source(frame, document)
        except PathNotFoundError:
            raise frame.failure(f"The {name}Path parameter does not reference an input value: {path}") from None
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
            kind = "long" if whole else "float"
            raise frame.failure(f"The {name}Path parameter cannot be parsed as a {kind} value: {path} == {json_text(value)}")
        if value < 0:
            raise frame.failure(f"The {name}Path parameter references a negative value: {path} == {json_text(value)}")
        return value

    return read
