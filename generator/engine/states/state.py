"""What states have in common: the flow of data around their work, retriers and catchers, and the way from state to state.

Sources:
    https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
    https://docs.aws.amazon.com/step-functions/latest/dg/input-output-inputpath-params.html
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Final

from generator.asl.model import ABSENT
from generator.asl.walk import each, parameters_of
from generator.engine.failure import StateError, matches
from generator.engine.fields.compiled import Fields

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from generator.asl import model
    from generator.asl.model import Maybe
    from generator.asl.walk import StateAt
    from generator.engine.clock import Branch
    from generator.engine.frame import Frame

MAX_RETRY_SECONDS: Final = 31_536_000.0
"""The longest time before a retry: one year."""


def find_target(fields: Fields, states: Mapping[str, State], name: str, target: Maybe[str]) -> State | None:
    """Return the state that a field names. None if the field is absent.

    Raises:
        FieldError: there is no such state.
    """
    if target is ABSENT:
        return None
    if target not in states:
        raise fields.error(name, "does not name a state", target)
    return states[target]


class State(ABC):
    """A compiled state.

    Attributes:
        name: its name.
        kind: its ``Type``.
        plain: whether ``execute`` is an ordinary function, because the state never waits.
        next: the state after it. None if it ends its branch. It is set when all states of the scope are compiled.
        jsonata: whether it uses JSONata.
    """

    plain = True

    def __init__(self, at: StateAt) -> None:
        """Compile the fields that all states can have."""
        state: Any = at.state
        self.name = at.name
        self.kind = state.TYPE
        self.entered_type = f"{self.kind}StateEntered"
        self.exited_type = f"{self.kind}StateExited"
        self.next: State | None = None
        self.fields = fields = Fields(at.at, at.language)
        self.jsonata = fields.jsonata
        self.model = state
        self.assign = fields.members("Assign", getattr(state, "assign", ABSENT))
        self.output = fields.template("Output", getattr(state, "output", ABSENT))
        self.input_path = fields.filter("InputPath", getattr(state, "input_path", ABSENT))
        self.output_path = fields.filter("OutputPath", getattr(state, "output_path", ABSENT))

    def link(self, states: Mapping[str, State]) -> None:
        """Replace the names of states by the states.

        Raises:
            FieldError: a field names a state that does not exist.
        """
        self.next = find_target(self.fields, states, "Next", getattr(self.model, "next", ABSENT))

    @abstractmethod
    def execute(self, frame: Frame, value: Any) -> Any:
        """Run the state. Return the output and the next state, or a generator that returns them."""

    def document(self, frame: Frame, value: Any) -> Any:
        """Return the value of ``$`` after InputPath, or in JSONata the value of ``$states``."""
        if self.jsonata:
            return {"input": value}
        if self.input_path is not None:
            value = self.input_path(frame, value)
        if frame.probe is not None:
            frame.probe.saw("afterInputPath", value)
        return value

    def leave(self, frame: Frame, value: Any, result: Any, assigned: dict[str, Any] | None) -> Any:
        """Apply OutputPath, check the size and record the exit. Return the output.

        Args:
            frame: the branch.
            value: the input of the state.
            result: the result before OutputPath.
            assigned: the variables that the state assigned.
        """
        if self.output_path is not None:
            result = self.output_path(frame, result)
        if result is not value:
            frame.run.check_size(result, self.name)
        frame.run.exit(frame, self, result, assigned)
        return result


class Retrier:
    """One entry of ``Retry``, with its defaults."""

    def __init__(self, retrier: model.Retrier, fields: Fields) -> None:
        """Compile the retrier."""
        self.errors = each(retrier.error_equals)
        self.interval: float = fields.constant("IntervalSeconds", retrier.interval_seconds, 1)
        self.attempts: float = fields.constant("MaxAttempts", retrier.max_attempts, 3)
        self.rate: float = fields.constant("BackoffRate", retrier.backoff_rate, 2.0)
        self.most: float = fields.constant("MaxDelaySeconds", retrier.max_delay_seconds, MAX_RETRY_SECONDS)
        self.jitter = retrier.jitter_strategy == "FULL"

    def delay(self, used: int, random: Random) -> float:
        """Return the seconds before the next attempt, after so many retries."""
        try:
            seconds = float(self.interval * self.rate**used)
        except OverflowError:
            seconds = float("inf")
        seconds = min(seconds, self.most, MAX_RETRY_SECONDS)
        return seconds * random.random() if self.jitter else seconds


class Catcher:
    """One entry of ``Catch``."""

    def __init__(self, catcher: model.Catcher, fields: Fields) -> None:
        """Compile the catcher."""
        self.errors = each(catcher.error_equals)
        self.result_path = fields.result_path(catcher.result_path)
        self.output = fields.template("Output", catcher.output)
        self.assign = fields.members("Assign", catcher.assign)
        self.fields = fields
        self.target = catcher.next
        self.next: State | None = None

    def link(self, states: Mapping[str, State]) -> None:
        """Replace the name of the next state by the state."""
        self.next = find_target(self.fields, states, "Next", self.target)


class Working(State):
    """A Task, Map or Parallel state: its work can fail, be retried and be caught."""

    plain = False

    def __init__(self, at: StateAt) -> None:
        """Compile the fields around the work."""
        super().__init__(at)
        state = self.model
        self.retriers = [Retrier(retrier, Fields(place, at.language)) for place, retrier in at.retriers]
        self.catchers = [Catcher(catcher, Fields(place, at.language)) for place, catcher in at.catchers]
        self.parameters = self.fields.template(*parameters_of(state, at.language))
        self.result_selector = self.fields.template("ResultSelector", state.result_selector)
        self.result_path = self.fields.result_path(state.result_path)

    def link(self, states: Mapping[str, State]) -> None:
        """Replace the names of states by the states."""
        super().link(states)
        for catcher in self.catchers:
            catcher.link(states)

    def given(self, frame: Frame, value: Any, document: Any) -> Any:
        """Return the input of the work: the effective input, or the value of Parameters or Arguments.

        Source of the limit: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
        """
        given = value if self.jsonata else document
        if self.parameters is not None:
            given = self.parameters(frame, document)
            frame.run.check_size(given, self.name)
        if frame.probe is not None and (self.parameters is not None or (self.kind == "Task" and not self.jsonata)):
            frame.probe.saw("afterArguments" if self.jsonata else "afterParameters", given)
        return given

    @abstractmethod
    def prepare(self, frame: Frame, value: Any) -> Any:
        """Return what the work needs. Called before each attempt.

        Raises:
            StateError: a field failed.
        """

    @abstractmethod
    def perform(self, frame: Frame, prepared: Any) -> Branch:
        """Do the work once and return its result.

        Args:
            frame: the branch.
            prepared: the value of :meth:`prepare`.

        Raises:
            StateError: the work failed.
        """

    def failed(self, frame: Frame) -> None:
        """Record that the state failed, after its last attempt."""

    def execute(self, frame: Frame, value: Any) -> Branch:
        """Work until an attempt succeeds, a catcher catches the failure or the state fails."""
        run, probe = frame.run, frame.probe
        used = [0 if probe is None else probe.retries] * len(self.retriers)
        while True:
            performing = False
            try:
                prepared = self.prepare(frame, value)
                performing = True
                result = yield from (self.perform(frame, prepared) if probe is None else probe.perform(self, frame, prepared))
                return self.leave(frame, value, *self.finish(frame, value, result)), self.next
            except StateError as failure:
                if failure.fatal or run.full:
                    # A branch that fails so ends the execution: no event of the states around follows, floci-io/floci#2868.
                    if not performing:
                        self.failed(frame)
                    raise
                number = self._retrier(failure, used)
                if number is None:
                    self.failed(frame)
                    caught = self.caught(frame, value, failure)
                    run.kept.pop(frame.entered, None)  # a redrive does not come back to it
                    return caught
                delay = self.retriers[number].delay(used[number], run.random)
                used[number] += 1
                if probe is not None:
                    probe.retried(number, delay, failure)
            frame.retries += 1
            run.transitions += 1
            if delay > 0:
                yield run.scheduler.timer(delay)

    def finish(self, frame: Frame, value: Any, result: Any) -> tuple[Any, dict[str, Any] | None]:
        """Return the result before OutputPath, and the assigned variables.

        Args:
            frame: the branch.
            value: the input of the state.
            result: the result of the work.
        """
        probe = frame.probe
        if probe is not None and not (self.jsonata and self.kind == "Map"):
            probe.saw("result", result)
        if self.jsonata:
            states = {"input": value, "result": result}
            output = result if self.output is None else self.output(frame, states)
            return output, None if self.assign is None else self.assign(frame, states)
        # In Assign, "$" is the result of the API or the inner states, before ResultSelector:
        # https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
        assigned = None if self.assign is None else self.assign(frame, result)
        if self.result_selector is not None:
            result = self.result_selector(frame, result)
        if probe is not None and (self.result_selector is not None or self.kind == "Task"):
            probe.saw("afterResultSelector", result)
        if self.result_path is not None:
            result = self.result_path(frame, value, result)
        if probe is not None:
            probe.saw("afterResultPath", result)
        return result, assigned

    def _retrier(self, failure: StateError, used: list[int]) -> int | None:
        """Return the number of the retrier that retries a failure."""
        for number, retrier in enumerate(self.retriers):
            if matches(retrier.errors, failure):
                return number if used[number] < retrier.attempts else None
        return None

    def caught(self, frame: Frame, value: Any, failure: StateError) -> tuple[Any, State | None]:
        """Let a catcher catch a failure. Return its output and its next state.

        Raises:
            StateError: no catcher matches.
        """
        for number, catcher in enumerate(self.catchers):
            if not matches(catcher.errors, failure):
                continue
            if frame.probe is not None:
                frame.probe.caught(number, failure)
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


def drive(frame: Frame, state: State | None, value: Any, *, entered: bool = False) -> Branch:
    """Take a branch from state to state until one ends it. Return the output of the last state.

    Args:
        frame: the branch.
        state: its first state.
        value: the input of that state.
        entered: whether the history has the entry into the state already.
    """
    run = frame.run
    while state is not None:
        if not entered:
            run.enter(frame, state, value)
        entered = False
        if state.plain:
            value, state = state.execute(frame, value)
        else:
            value, state = yield from state.execute(frame, value)
    return value


def resume(frame: Frame, states: Mapping[str, State]) -> Branch:
    """Take a branch on from the state in which it failed or was stopped, as a redrive does. Its retriers start anew.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html

    Args:
        frame: the branch, which has entered a state.
        states: the states of its scope by name.
    """
    frame.retries = 0
    return drive(frame, states[frame.state], frame.run.events[frame.entered - 1][3]["input"], entered=True)
