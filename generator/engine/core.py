"""One execution while it runs: its history, its limits, and the loop that takes it from state to state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.engine.dataflow import Frame, StateFailure
from generator.engine.history import MAX_EVENTS, json_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from generator.engine.clock import Branch, Clock, Scheduler
    from generator.engine.distributed import MapRun
    from generator.engine.engine import Engine
    from generator.engine.states import State

MAX_PAYLOAD = 262_144
"""Bytes of UTF-8 that a state's input, output or result may have."""
MAX_VARIABLES = 10 * 1024 * 1024
"""Bytes that all variables together may have: https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html"""
MAX_EXPRESS_TRANSITIONS = 100_000
"""States after which an express execution is taken to have used up its five minutes, in which no virtual time passes."""
STANDARD_SECONDS = 365 * 86_400
"""How long a standard execution may run."""
EXPRESS_SECONDS = 5 * 60
"""How long an express execution may run."""

RawEvent = tuple[str, float, int, dict[str, Any]]


class TimedOut(Exception):  # noqa: N818  a status, not a mistake
    """The execution used up its time."""


class Run:
    """What the branches of one execution share."""

    __slots__ = (
        "arn",
        "assigned",
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
        "scheduler",
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
        self.warnings: list[str] = []
        self.watch: Callable[[Run], None] | None = engine.watch
        self.redriven = 0
        # Bytes assigned since the variables were last measured.
        self.assigned = 0
        self.map_runs: list[MapRun] = []
        # Results of branches that had ended when their state failed, by the state's entered event: a redrive keeps them.
        self.kept: dict[int, dict[int, Any]] = {}

    def record(self, kind: str, previous: int, details: dict[str, Any]) -> int:
        """Add an event to the history.

        Returns:
            The event's id.

        Raises:
            StateFailure: The history is full; the execution ends.
        """
        events = self.events
        if len(events) >= MAX_EVENTS - 1 and not self.express:
            if not self.full:
                self.full = True
                raise StateFailure(
                    "States.Runtime", f"The execution reached the maximum number of history events ({MAX_EVENTS}).", fatal=True
                )
            return len(events)
        events.append((kind, self.clock.now(), previous, details))
        return len(events)

    def enter(self, frame: Frame, state: State, value: Any) -> None:
        """Record that a branch enters a state."""
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
            raise TimedOut

    def exit(self, frame: Frame, state: State, output: Any, assigned: dict[str, Any] | None) -> None:
        """Record that a branch leaves a state, and give it the variables the state assigned."""
        details: dict[str, Any] = {"name": state.name, "output": output}
        if assigned:
            self.check_size(assigned, state.name)
            details["assignedVariables"] = assigned
            frame.variables = {**frame.variables, **assigned}
            self._check_variables(frame, assigned)
        frame.previous = self.record(state.exited_type, frame.previous, details)

    def _check_variables(self, frame: Frame, assigned: dict[str, Any]) -> None:
        """Refuse variables that are too large together; all are measured only when so much has been assigned."""
        self.assigned += len(json_text(assigned))
        if self.assigned > MAX_VARIABLES:
            self.assigned = len(json_text(frame.variables).encode("utf-8", "surrogatepass"))
            if self.assigned > MAX_VARIABLES:
                cause = f"The variables have {self.assigned} bytes together, {MAX_VARIABLES} are allowed."
                raise frame.failure(cause, "States.DataLimitExceeded", fatal=False)

    def check_size(self, value: Any, source: str) -> None:
        """Refuse what is larger than a payload may be.

        Raises:
            StateFailure: ``States.DataLimitExceeded``.
        """
        if too_large(value):
            cause = f"The state/task '{source}' returned a result with a size exceeding the maximum number of bytes service limit."
            raise StateFailure("States.DataLimitExceeded", cause)


def too_large(value: Any) -> bool:
    """Whether a JSON value takes more than 256 KiB.

    Example:
        >>> too_large("a" * 262_144), too_large("a" * 262_142)
        (True, False)
    """
    kind = value.__class__
    if kind is int or kind is bool or kind is float or value is None:
        return False
    try:
        text = json_text(value)
    except RecursionError:
        return True  # nested deeper than any JSON parser goes
    return len(text) > MAX_PAYLOAD // 4 and len(text.encode("utf-8", "surrogatepass")) > MAX_PAYLOAD


def drive(frame: Frame, state: State | None, value: Any, *, entered: bool = False) -> Branch:
    """Take a branch from state to state until one ends it.

    Args:
        frame: The branch.
        state: Its first state.
        value: That state's input.
        entered: The history says already that the state was entered.
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
