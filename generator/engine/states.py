"""The states that do no work of their own: Pass, Wait, Choice, Succeed and Fail.

A state is compiled once and shared by all executions. ``execute`` takes the branch's frame and the state's input and
gives the output and the next state; where ``plain`` is false it is a generator that may wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.asl.jsonpath import PathNotFoundError
from generator.asl.timestamps import instant
from generator.engine.choice import compile_condition, compile_rule
from generator.engine.dataflow import (
    StateFailure,
    compile_filter,
    compile_query,
    compile_result_path,
    compile_source,
    compile_template,
    expect,
)
from generator.engine.history import json_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.engine.clock import Branch
    from generator.engine.dataflow import Field, Frame

MAX_WAIT_SECONDS = 2_147_483_647
"""The longest Wait in seconds."""
ABSENT = object()
"""A field that a state does not have, where null means something."""


def field(definition: dict[str, Any], name: str, *, jsonata: bool) -> Callable[[Frame, Any], Any] | None:
    """A template field of either query language as a function; None where the state lacks it."""
    if name not in definition:
        return None
    if name == "Assign" and not isinstance(definition[name], dict):
        raise ValueError("Assign must be an object")
    constant, compiled = compile_query(definition[name], name) if jsonata else compile_template(definition[name])
    if constant:
        return lambda frame, document: compiled
    return compiled  # type: ignore[no-any-return]


class State:
    """What all states have in common.

    Attributes:
        name: The state's name.
        kind: Its ``Type``.
        plain: ``execute`` is an ordinary function; it never waits.
        next: The state after it, None where it ends its branch. Filled in when all states are compiled.
    """

    plain = True

    def __init__(self, name: str, definition: dict[str, Any], *, jsonata: bool) -> None:
        """Compile what every state may have."""
        self.name = name
        self.kind: str = definition["Type"]
        self.definition = definition
        self.jsonata = jsonata
        self.entered_type = f"{self.kind}StateEntered"
        self.exited_type = f"{self.kind}StateExited"
        self.next: State | None = None
        self.assign = field(definition, "Assign", jsonata=jsonata)
        if jsonata:
            self.output = field(definition, "Output", jsonata=True)
            self.input_path = self.output_path = None
        else:
            self.output = None
            self.input_path = compile_filter(definition.get("InputPath", "$"))
            self.output_path = compile_filter(definition.get("OutputPath", "$"))

    def link(self, states: dict[str, State]) -> None:
        """Replace names of states by the states."""
        if "Next" in self.definition:
            self.next = states[self.definition["Next"]]

    def execute(self, frame: Frame, value: Any) -> Any:
        """Run the state: its output and the next state, or a generator that ends with these."""
        raise NotImplementedError

    def leave(self, frame: Frame, value: Any, result: Any, assigned: dict[str, Any] | None) -> Any:
        """Apply OutputPath, check the size and record the exit."""
        if self.output_path is not None:
            result = self.output_path(frame, result)
        if result is not value:
            frame.run.check_size(result, self.name)
        frame.run.exit(frame, self, result, assigned)
        return result


class PassState(State):
    """Passes its input on, changed by its fields."""

    def __init__(self, name: str, definition: dict[str, Any], *, jsonata: bool) -> None:
        """Compile the state."""
        super().__init__(name, definition, jsonata=jsonata)
        self.result = definition.get("Result", ABSENT)
        self.parameters = None if jsonata else field(definition, "Parameters", jsonata=False)
        self.result_path = None if jsonata else compile_result_path(definition.get("ResultPath", "$"))

    def execute(self, frame: Frame, value: Any) -> Any:
        """Compute the output."""
        if self.jsonata:
            states = {"input": value}
            result = value if self.output is None else self.output(frame, states)
            assigned = None if self.assign is None else self.assign(frame, states)
            return self.leave(frame, value, result, assigned), self.next
        result = value if self.input_path is None else self.input_path(frame, value)
        if self.parameters is not None:
            result = self.parameters(frame, result)
            frame.run.check_size(result, self.name)
        if self.result is not ABSENT:
            result = self.result
        assigned = None if self.assign is None else self.assign(frame, result)
        if self.result_path is not None:
            result = self.result_path(frame, value, result)
        return self.leave(frame, value, result, assigned), self.next


class SucceedState(State):
    """Ends its branch well."""

    def execute(self, frame: Frame, value: Any) -> Any:
        """Compute the output."""
        result = value if self.input_path is None else self.input_path(frame, value)
        if self.output is not None:
            result = self.output(frame, {"input": value})
        return self.leave(frame, value, result, None), None


class FailState(State):
    """Ends its branch with an error."""

    def __init__(self, name: str, definition: dict[str, Any], *, jsonata: bool) -> None:
        """Compile the state."""
        super().__init__(name, definition, jsonata=jsonata)
        self.error = self._text("Error")
        self.cause = self._text("Cause")

    def _text(self, name: str) -> Field | None:
        definition = self.definition
        if f"{name}Path" in definition and not self.jsonata:
            path = definition[f"{name}Path"]
            _, read = compile_template({f"{name}Path.$": path})

            def value(frame: Frame, document: Any) -> Any:
                found = read(frame, document)[f"{name}Path"]
                if not isinstance(found, str):
                    raise frame.failure(f"The {name}Path parameter does not reference a string: {path} == {json_text(found)}")
                return found

            return value
        if name not in definition:
            return None
        if self.jsonata:
            constant, compiled = compile_query(definition[name], name)
            if not constant:
                return lambda frame, states: expect(frame, compiled(frame, states), "string", definition[name], name)
        if not isinstance(definition[name], str):
            raise ValueError(f"{name} must be a text, not {json_text(definition[name])}")  # noqa: TRY004  the definition's mistake
        return lambda frame, document: definition[name]

    def execute(self, frame: Frame, value: Any) -> Any:
        """Raise the failure."""
        document: Any = {"input": value} if self.jsonata else value if self.input_path is None else self.input_path(frame, value)
        error = None if self.error is None else self.error(frame, document)
        cause = None if self.cause is None else self.cause(frame, document)
        raise StateFailure(error, cause)


def _check_seconds(value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= MAX_WAIT_SECONDS:
        raise ValueError(f"Seconds must be a number from 0 to {MAX_WAIT_SECONDS}, not {json_text(value)}")


def _check_timestamp(value: Any) -> float:
    moment = instant(value)
    if moment is None:
        raise ValueError(f"Timestamp must be an RFC 3339 time with a zone, not {json_text(value)}")
    return moment


class WaitState(State):
    """Lets time pass."""

    plain = False

    def __init__(self, name: str, definition: dict[str, Any], *, jsonata: bool) -> None:
        """Compile the state."""
        super().__init__(name, definition, jsonata=jsonata)
        self.until = self._seconds() if "Seconds" in definition or "SecondsPath" in definition else self._timestamp()

    def _seconds(self) -> Field:
        definition = self.definition
        if self.jsonata:
            constant, compiled = compile_query(definition["Seconds"], "Seconds")
            if constant:
                _check_seconds(compiled)
                return lambda frame, states: frame.run.clock.now() + compiled

            def evaluated(frame: Frame, states: Any) -> float:
                seconds = expect(frame, compiled(frame, states), "number", definition["Seconds"], "Seconds")
                if seconds < 0 or seconds > MAX_WAIT_SECONDS or seconds != int(seconds):
                    text = definition["Seconds"][2:-2].strip()
                    message = (
                        f"The JSONata expression '{text}' specified for the field 'Seconds' returned an invalid value: {json_text(seconds)}"
                    )
                    raise frame.query_failure(message, "Seconds")
                return frame.run.clock.now() + float(seconds)

            return evaluated
        if "Seconds" in definition:
            _check_seconds(definition["Seconds"])
            return lambda frame, document: frame.run.clock.now() + definition["Seconds"]
        path = definition["SecondsPath"]
        source = compile_source(path)

        def read(frame: Frame, document: Any) -> float:
            try:
                seconds = source(frame, document)
            except PathNotFoundError:
                raise frame.failure(f"The SecondsPath parameter does not reference an input value: {path}") from None
            if isinstance(seconds, str) and seconds.isascii() and seconds.isdigit():
                seconds = int(seconds)
            if not isinstance(seconds, int) or isinstance(seconds, bool):
                raise frame.failure(f"The SecondsPath parameter cannot be parsed as a long value: {path} == {json_text(seconds)}")
            if seconds < 0:
                raise frame.failure(f"The SecondsPath parameter references a negative value: {path} == {seconds}")
            if seconds > MAX_WAIT_SECONDS:
                raise frame.failure(f"The SecondsPath parameter references a value that is too large: {path} == {seconds}")
            return frame.run.clock.now() + seconds

        return read

    def _timestamp(self) -> Field:
        definition = self.definition
        if self.jsonata:
            constant, compiled = compile_query(definition.get("Timestamp"), "Timestamp")
            if constant:
                moment = _check_timestamp(compiled)
                return lambda frame, states: moment

            def evaluated(frame: Frame, states: Any) -> float:
                text = expect(frame, compiled(frame, states), "string", definition["Timestamp"], "Timestamp")
                found = instant(text)
                if found is None:
                    shown = definition["Timestamp"][2:-2].strip()
                    message = (
                        f"The JSONata expression '{shown}' specified for the field 'Timestamp' returned an invalid value: "
                        f"{json_text(text)}. "
                        "Expected a valid ISO-8601 extended offset date-time format string."
                    )
                    raise frame.query_failure(message, "Timestamp")
                return found

            return evaluated
        if "TimestampPath" not in definition:
            moment = _check_timestamp(definition.get("Timestamp"))
            return lambda frame, document: moment
        path = definition["TimestampPath"]
        source = compile_source(path)

        def read(frame: Frame, document: Any) -> float:
            try:
                text = source(frame, document)
            except PathNotFoundError:
                raise frame.failure(f"The TimestampPath parameter does not reference an input value: {path}") from None
            moment = instant(text)
            if moment is None:
                shown = text if isinstance(text, str) else json_text(text)
                message = "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: "
                raise frame.failure(f"{message}{path} == {shown}")
            return moment

        return read

    def execute(self, frame: Frame, value: Any) -> Branch:
        """Wait."""
        document: Any = {"input": value} if self.jsonata else value if self.input_path is None else self.input_path(frame, value)
        moment = self.until(frame, document)
        run = frame.run
        if moment > run.clock.now():
            yield run.scheduler.timer(moment - run.clock.now())
        result = value if self.jsonata else document
        if self.output is not None:
            result = self.output(frame, document)
        assigned = None if self.assign is None else self.assign(frame, document)
        return self.leave(frame, value, result, assigned), self.next


class ChoiceState(State):
    """Goes on where its input says."""

    def __init__(self, name: str, definition: dict[str, Any], *, jsonata: bool) -> None:
        """Compile the rules."""
        super().__init__(name, definition, jsonata=jsonata)
        self.rules: list[tuple[Field, Field | None, Field | None]] = []
        self.targets: list[State] = []
        for rule in definition["Choices"]:
            condition = compile_condition(rule["Condition"]) if jsonata else compile_rule(rule)
            output = field(rule, "Output", jsonata=True) if jsonata else None
            self.rules.append((condition, field(rule, "Assign", jsonata=jsonata), output))

    def link(self, states: dict[str, State]) -> None:
        """Replace names of states by the states."""
        self.targets = [states[rule["Next"]] for rule in self.definition["Choices"]]
        if "Default" in self.definition:
            self.next = states[self.definition["Default"]]

    def execute(self, frame: Frame, value: Any) -> Any:
        """Find the first rule that holds."""
        document: Any = {"input": value} if self.jsonata else value if self.input_path is None else self.input_path(frame, value)
        assign, output, target = self.assign, self.output, self.next
        for number, (condition, rule_assign, rule_output) in enumerate(self.rules):
            if condition(frame, document):
                assign, output, target = rule_assign, rule_output, self.targets[number]
                break
        if target is None:
            message = "Failed to transition out of the state. The state does not point to a next state."
            raise frame.failure(message, "States.NoChoiceMatched", fatal=False)
        result = value if self.jsonata else document
        if output is not None:
            result = output(frame, document)
        assigned = None if assign is None else assign(frame, document)
        return self.leave(frame, value, result, assigned), target
