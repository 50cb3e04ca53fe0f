"""The data of one execution while it runs.

A :class:`Run` has what all branches of the execution share: history, limits, random numbers. A :class:`Frame` has what one
branch has: its state, its variables and its place in the history.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from generator.asl import error_names
from generator.engine.clock import iso
from generator.engine.failure import ExecutionTimeoutError, StateError, StoppedError
from generator.engine.history import MAX_EVENTS, json_text, text_bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from generator.engine.clock import Branch, Clock, Scheduler
    from generator.engine.compile import Machine
    from generator.engine.execution import Execution
    from generator.engine.starting import Engine
    from generator.engine.states.branches import Unfinished
    from generator.engine.states.distributed import Children, MapRun
    from generator.engine.states.state import State, Working

MAX_PAYLOAD: Final = 262_144
"""Bytes of UTF-8 that the input, the output or the result of a state can have."""
MAX_VARIABLES: Final = 10 * 1024 * 1024
"""Bytes that all variables together can have: https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html"""
MAX_EXPRESS_TRANSITIONS: Final = 100_000
"""States after which an express execution times out. Its transitions take no virtual time, so its five minutes would never end."""

RawEvent = tuple[str, float, int, dict[str, Any]]
"""An event: type, time, the id of the event before it, details."""
_WITH_RETRY_COUNT: Final = frozenset({"Task", "Map", "Parallel"})


class Item(NamedTuple):
    """The item that an iteration of a Map state processes.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html

    Attributes:
        number: its index, from 0.
        value: its value.
        source: ``STATE_DATA``, or the object in S3 that it was read from.
        key: its name, if the items are the members of a JSON object.
    """

    number: int
    value: Any
    source: str = "STATE_DATA"
    key: str | None = None


class StateMachine(NamedTuple):
    """A state machine that executions are started of.

    Attributes:
        name: its name.
        arn: its ARN.
        machine: the compiled definition.
        role: the ARN of its execution role.
        express: whether its type is EXPRESS.
        title: the name as its author wrote it, without what the deployment adds.
    """

    name: str
    arn: str
    machine: Machine
    role: str
    express: bool
    title: str = ""


class Probe(Protocol):
    """An observer of one state: the states report their data to it, and it can replace the work of a task.

    Attributes:
        reader_data: the content of the file that an ItemReader would read. None if there is none.
        retries: how often the state was retried before.
    """

    reader_data: str | None
    retries: int

    def saw(self, name: str, value: Any) -> None:
        """Receive the data after a step, such as ``afterInputPath``."""

    def perform(self, state: Working, frame: Frame, given: Any) -> Branch:
        """Do the work of a state in its place.

        Args:
            state: the state.
            frame: the branch.
            given: the prepared input of the work.
        """

    def retried(self, number: int, seconds: float, failure: StateError) -> None:
        """Receive that the retrier with this number would retry the state after some seconds."""

    def caught(self, number: int, failure: StateError) -> None:
        """Receive that the catcher with this number catches a failure."""


class Run:
    """What the branches of one execution share.

    Attributes:
        events: the history.
        transitions: states entered and retries.
        full: whether the history is full, so that the execution fails.
        redriven: how often the execution was redriven.
        children: the executions that its tasks started here.
        stopped: the end of the execution, if it was stopped while another thread runs it.
        kept: what a redrive needs of each Map and Parallel state that failed or was stopped, by the id of the event that entered it.
        resumed: the same of the states that a redrive has not come back to yet.
    """

    __slots__ = (
        "_assigned",
        "arn",
        "children",
        "clock",
        "context",
        "engine",
        "events",
        "express",
        "full",
        "kept",
        "map_runs",
        "mocks",
        "name",
        "random",
        "redriven",
        "resumed",
        "scheduler",
        "stopped",
        "transitions",
        "warnings",
        "watch",
    )

    def __init__(self, engine: Engine, arn: str, context: dict[str, Any], random: Random, *, express: bool, mocks: Any) -> None:
        """Start with an empty history."""
        self.engine = engine
        self.arn = arn
        self.name = arn.rsplit(":", 1)[1]
        self.context = context
        self.clock: Clock = engine.clock
        self.scheduler: Scheduler = engine.scheduler
        self.random = random
        self.express = express
        self.mocks = mocks
        self.events: list[RawEvent] = []
        self.transitions = 0
        self.full = False
        self.stopped: StoppedError | None = None
        self.warnings: list[str] = []
        self.watch: Callable[[Run], None] | None = engine.watch
        self.redriven = 0
        self._assigned = 0  # bytes assigned since the variables were last measured
        self.map_runs: list[MapRun] = []
        self.children: list[Execution] = []
        self.kept: dict[int, Unfinished | Children] = {}
        self.resumed: dict[int, Unfinished | Children] = {}

    def record(self, kind: str, previous: int, details: dict[str, Any]) -> int:
        """Add an event to the history.

        Returns:
            the id of the event.

        Raises:
            StateError: the history is full, or the execution was stopped. The execution ends.
        """
        if self.stopped is not None:
            raise self.stopped
        events = self.events
        if len(events) >= MAX_EVENTS - 1 and not self.express:
            if not self.full:
                self.full = True
                cause = f"The execution reached the maximum number of history events ({MAX_EVENTS})."
                raise StateError(error_names.RUNTIME, cause, fatal=True)
            return len(events)
        events.append((kind, self.clock.now(), previous, details))
        return len(events)

    def enter(self, frame: Frame, state: State, value: Any) -> None:
        """Record that a branch enters a state.

        Raises:
            ExecutionTimeoutError: an express execution entered too many states.
        """
        frame.last = frame.previous
        frame.previous = frame.entered = self.record(state.entered_type, frame.previous, {"name": state.name, "input": value})
        frame.entered_at = self.events[-1][1]
        frame.state = state.name
        frame.state_kind = state.kind
        frame.retries = 0
        frame.token = None
        self.transitions += 1
        if self.watch is not None:
            self.watch(self)
        if self.express and self.transitions > MAX_EXPRESS_TRANSITIONS:
            raise ExecutionTimeoutError

    def exit(self, frame: Frame, state: State, output: Any, assigned: dict[str, Any] | None) -> None:
        """Record that a branch leaves a state, and set the variables that the state assigned.

        Raises:
            StateError: the variables are too large.
        """
        details: dict[str, Any] = {"name": state.name, "output": output}
        if assigned:
            self.check_size(assigned, state.name)
            details["assignedVariables"] = assigned
            frame.variables = {**frame.variables, **assigned}
            self._check_variables(frame, assigned)
        frame.previous = self.record(state.exited_type, frame.previous, details)

    def _check_variables(self, frame: Frame, assigned: dict[str, Any]) -> None:
        """Refuse variables that are too large together. They are measured only after as many bytes were assigned."""
        self._assigned += len(json_text(assigned))
        if self._assigned > MAX_VARIABLES:
            self._assigned = len(text_bytes(json_text(frame.variables)))
            if self._assigned > MAX_VARIABLES:
                cause = f"The variables have {self._assigned} bytes together, {MAX_VARIABLES} are allowed."
                raise frame.failure(cause, error_names.DATA_LIMIT_EXCEEDED, fatal=False)

    def check_size(self, value: Any, source: str) -> None:
        """Refuse a value that is larger than a payload can be.

        Raises:
            StateError: ``States.DataLimitExceeded``.
        """
        if too_large(value):
            cause = f"The state/task '{source}' returned a result with a size exceeding the maximum number of bytes service limit."
            raise StateError(error_names.DATA_LIMIT_EXCEEDED, cause)


class Frame:
    """One branch of an execution.

    Attributes:
        run: the execution.
        variables: the variables that the branch can read. Assigning replaces the dict, so that no other branch sees it.
        previous: the id of the last event of the branch.
        last: the id of the event before the current state was entered.
        item: the item that the branch processes, in a Map state.
        state: the name of the current state.
        entered: the id of the event that entered the current state.
        retries: how often the current state was retried.
        token: the task token of the current state.
        fixed: a Context object that replaces the one of the execution.
        probe: an observer of the current state. None in all executions but those of the single-state test.
    """

    __slots__ = (
        "entered",
        "entered_at",
        "fixed",
        "item",
        "last",
        "previous",
        "probe",
        "retries",
        "run",
        "state",
        "state_kind",
        "token",
        "variables",
    )

    def __init__(self, run: Run, variables: dict[str, Any], previous: int, item: Item | None = None) -> None:
        """Start a branch after the event with the id ``previous``."""
        self.run = run
        self.variables = variables
        self.previous = previous
        self.item = item
        self.state = ""
        self.state_kind = ""
        self.entered = 0
        self.entered_at = 0.0
        self.retries = 0
        self.last = previous
        self.token: str | None = None
        self.fixed: dict[str, Any] | None = None
        self.probe: Probe | None = None

    def context(self) -> dict[str, Any]:
        """Return the Context object: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html."""
        if self.fixed is not None:
            return self.fixed
        run = self.run
        state: dict[str, Any] = {"Name": self.state, "EnteredTime": iso(self.entered_at)}
        if self.state_kind in _WITH_RETRY_COUNT:
            state["RetryCount"] = self.retries
        context = dict(run.context)
        context["State"] = {**state, **context.get("State", {})} if "State" in context else state
        if self.item is not None:
            number, value, source, key = self.item
            item = {"Index": number, "Value": value, "Source": source}
            context["Map"] = {"Item": item if key is None else {**item, "Key": key}}
        if self.token is not None:
            context["Task"] = {"Token": self.token}
        return context

    def failure(self, message: str, error: str = error_names.RUNTIME, *, fatal: bool = True) -> StateError:
        """Return a failure of the current state, with the words that AWS puts before the message."""
        where = f"An error occurred while executing the state '{self.state}' (entered at the event id #{self.entered}). "
        return StateError(error, where + message, fatal=fatal)

    def query_failure(self, message: str, location: str) -> StateError:
        """Return a failure of a JSONata expression, after recording its event."""
        failure = self.failure(message, error_names.QUERY_EVALUATION_ERROR, fatal=False)
        details = {"error": failure.error, "cause": failure.cause, "location": location, "state": self.state}
        self.previous = self.run.record("EvaluationFailed", self.last, details)
        return failure


def too_large(value: Any) -> bool:
    """Return whether the JSON text of a value has more than 256 KiB.

    >>> too_large("a" * 262_144), too_large("a" * 262_142)
    (True, False)
    """
    kind = value.__class__
    if kind is int or kind is bool or kind is float or value is None:
        return False
    try:
        text = json_text(value)
    except RecursionError:
        return True  # no JSON parser reads a value that is nested so deeply
    return len(text) > MAX_PAYLOAD // 4 and len(text_bytes(text)) > MAX_PAYLOAD
