"""The states that do no work of their own: Pass, Wait, Choice, Succeed and Fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.asl.model import ABSENT
from generator.asl.walk import each
from generator.engine.failure import StateError
from generator.engine.fields.compiled import Fields
from generator.engine.fields.rules import compile_condition, compile_test
from generator.engine.states.state import State, find_target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.asl import model
    from generator.asl.walk import StateAt
    from generator.engine.clock import Branch
    from generator.engine.fields.paths import Field
    from generator.engine.frame import Frame

MAX_WAIT_SECONDS: Final = 2_147_483_647
"""The longest Wait in seconds that is computed."""


class PassState(State):
    """A state that passes its input on, changed by its fields."""

    def __init__(self, at: StateAt) -> None:
        """Compile the state."""
        super().__init__(at)
        self.result = self.model.result
        self.parameters = self.fields.template("Parameters", self.model.parameters)
        self.result_path = self.fields.result_path(self.model.result_path)

    def execute(self, frame: Frame, value: Any) -> Any:
        """Compute the output."""
        if self.jsonata:
            states = {"input": value}
            result = value if self.output is None else self.output(frame, states)
            assigned = None if self.assign is None else self.assign(frame, states)
            return self.leave(frame, value, result, assigned), self.next
        probe = frame.probe
        result = value if self.input_path is None and probe is None else self.document(frame, value)
        if self.parameters is not None:
            result = self.parameters(frame, result)
            frame.run.check_size(result, self.name)
        if probe is not None:
            probe.saw("afterParameters", result)
        if self.result is not ABSENT:
            result = self.result
        if probe is not None:
            probe.saw("afterResultSelector", result)
        assigned = None if self.assign is None else self.assign(frame, result)
        if self.result_path is not None:
            result = self.result_path(frame, value, result)
        if probe is not None:
            probe.saw("afterResultPath", result)
        return self.leave(frame, value, result, assigned), self.next


class SucceedState(State):
    """A state that ends its branch with success."""

    def execute(self, frame: Frame, value: Any) -> Any:
        """Compute the output."""
        document = self.document(frame, value)
        result = value if self.jsonata else document
        if self.output is not None:
            result = self.output(frame, document)
        return self.leave(frame, value, result, None), None


class FailState(State):
    """A state that ends its branch with an error."""

    def __init__(self, at: StateAt) -> None:
        """Compile the state."""
        super().__init__(at)
        self.error = self.fields.text("Error", self.model.error, self.model.error_path)
        self.cause = self.fields.text("Cause", self.model.cause, self.model.cause_path)

    def execute(self, frame: Frame, value: Any) -> Any:
        """Raise the failure."""
        document = self.document(frame, value)
        error = None if self.error is None else self.error(frame, document)
        cause = None if self.cause is None else self.cause(frame, document)
        raise StateError(error, cause)


class WaitState(State):
    """A state that lets time pass."""

    plain = False

    def __init__(self, at: StateAt) -> None:
        """Compile the state."""
        super().__init__(at)
        state, fields = self.model, self.fields
        self.seconds = fields.number("Seconds", state.seconds, state.seconds_path, most=MAX_WAIT_SECONDS)
        self.until = None if self.seconds is not None else fields.moment("Timestamp", state.timestamp, state.timestamp_path)

    def execute(self, frame: Frame, value: Any) -> Branch:
        """Wait."""
        document = self.document(frame, value)
        run = frame.run
        now = run.clock.now()
        moment = self.until(frame, document) if self.until is not None else now
        if self.seconds is not None:
            moment = now + self.seconds(frame, document)
        if moment > now:
            yield run.scheduler.timer(moment - now)
        result = value if self.jsonata else document
        if self.output is not None:
            result = self.output(frame, document)
        assigned = None if self.assign is None else self.assign(frame, document)
        return self.leave(frame, value, result, assigned), self.next


class ChoiceRule:
    """One rule of a Choice state."""

    def __init__(self, rule: model.ChoiceRule, fields: Fields) -> None:
        """Compile the rule."""
        if fields.jsonata:
            self.holds: Field = compile_condition(fields, rule)
        else:
            if rule.test is ABSENT:
                raise fields.error("Variable", "is missing", None)
            self.holds = compile_test(fields, rule.test)
        self.assign = fields.members("Assign", rule.assign)
        self.output = fields.template("Output", rule.output)
        self.fields = fields
        self.target = rule.next
        self.next: State | None = None


class ChoiceState(State):
    """A state that continues with the state of the first rule that holds."""

    def __init__(self, at: StateAt) -> None:
        """Compile the rules."""
        super().__init__(at)
        self.rules = [
            ChoiceRule(rule, Fields((*at.at, "Choices", number), at.language)) for number, rule in enumerate(each(self.model.choices))
        ]

    def link(self, states: Mapping[str, State]) -> None:
        """Replace the names of states by the states."""
        for rule in self.rules:
            rule.next = find_target(rule.fields, states, "Next", rule.target)
        self.next = find_target(self.fields, states, "Default", self.model.default)

    def execute(self, frame: Frame, value: Any) -> Any:
        """Find the first rule that holds."""
        document = self.document(frame, value)
        assign, output, target = self.assign, self.output, self.next
        for rule in self.rules:
            if rule.holds(frame, document):
                assign, output, target = rule.assign, rule.output, rule.next
                break
        if target is None:
            message = "Failed to transition out of the state. The state does not point to a next state."
            # AWS fails with States.Runtime, not with States.NoChoiceMatched as it documents. Measured in 2026, see
            # floci-io/floci#3167 and the Choice cases of gabrielmoreira/tiny-asl-machine.
            raise frame.failure(message)
        result = value if self.jsonata else document
        if output is not None:
            result = output(frame, document)
        assigned = None if assign is None else assign(frame, document)
        return self.leave(frame, value, result, assigned), target
