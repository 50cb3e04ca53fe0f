"""What the endpoint keeps: state machines with their versions and aliases, activities, executions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from generator.engine.frame import StateMachine
from generator.engine.history import Event, json_text, render
from generator.local.stepfunctions.model import moment

if TYPE_CHECKING:
    from generator.engine import Execution, Machine
    from generator.engine.frame import RawEvent
    from generator.engine.states.distributed import MapRun
    from generator.local.stepfunctions.arns import Arn
    from generator.local.stepfunctions.timeline import Timeline

RUNNING: Final = "RUNNING"
SUCCEEDED: Final = "SUCCEEDED"
ABORTED: Final = "ABORTED"
PENDING_REDRIVE: Final = "PENDING_REDRIVE"
STANDARD: Final = "STANDARD"
EXPRESS: Final = "EXPRESS"
ACTIVE: Final = "ACTIVE"
DELETING: Final = "DELETING"
_DATA: Final = frozenset({"input", "output", "inputDetails", "outputDetails"})


@dataclass(frozen=True, eq=False)
class Revision:
    """One state of a state machine: what an update replaces as a whole.

    Attributes:
        definition: the definition, as it was given.
        machine: the compiled definition.
        type: ``STANDARD`` or ``EXPRESS``.
        role: the ARN of the execution role.
        logging: the logging configuration.
        tracing: the tracing configuration.
        encryption: the encryption configuration.
        revision_id: its id. None before the first update.
        updated: the time of the update, or of the creation.
        title: the name as its author wrote it.
    """

    definition: str
    machine: Machine
    type: str
    role: str
    logging: dict[str, Any]
    tracing: dict[str, Any]
    encryption: dict[str, Any]
    revision_id: str | None
    updated: float
    title: str = ""


@dataclass(eq=False)
class Version:
    """A published version: its ARN, its number, its revision, its description, and when it was published."""

    arn: str
    number: int
    revision: Revision
    description: str
    created: float


@dataclass(eq=False)
class Alias:
    """An alias: its ARN, its name, its description, the versions with their weights, and when it was created and updated."""

    arn: str
    name: str
    description: str
    routing: list[tuple[str, int]]
    created: float
    updated: float
    number: int


@dataclass(eq=False)
class MachineRecord:
    """A state machine.

    Attributes:
        arn: its ARN.
        created: the time of its creation.
        number: its place among all that was created.
        revision: its current revision.
        status: ``ACTIVE`` or ``DELETING``.
        versions: the published versions by number.
        last_version: the largest number of a version so far.
        aliases: the aliases by name.
        tags: the tags by key.
        request: what a repeated creation must have in common with the first.
        running: the number of its running executions.
    """

    arn: Arn
    created: float
    number: int
    revision: Revision
    status: str = ACTIVE
    versions: dict[int, Version] = field(default_factory=dict)
    last_version: int = 0
    aliases: dict[str, Alias] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    request: tuple[Any, ...] = ()
    running: int = 0

    @property
    def name(self) -> str:
        """Its name."""
        return self.arn.name


@dataclass(eq=False)
class ActivityRecord:
    """An activity: its ARN, its name, when it was created, its place among all that was created, and its tags."""

    arn: str
    name: str
    created: float
    number: int
    encryption: dict[str, Any]
    tags: dict[str, str] = field(default_factory=dict)


class Startable(StateMachine):
    """A state machine that the engine starts, with the record, version and alias that it belongs to."""

    record: MachineRecord
    revision: Revision
    version: str | None = None
    alias: str | None = None


def startable(record: MachineRecord, revision: Revision, version: str | None = None, alias: str | None = None) -> Startable:
    """Return what the engine starts for a revision of a state machine."""
    made = Startable(record.name, str(record.arn), revision.machine, revision.role, revision.type == EXPRESS, revision.title or record.name)
    made.record, made.revision, made.version, made.alias = record, revision, version, alias
    return made


@dataclass(eq=False)
class ExecutionRecord:
    """An execution, of a state machine or of a Distributed Map.

    Attributes:
        arn: its ARN.
        name: its name.
        number: its place among all executions.
        machine: what was started.
        input: the input as it was given.
        started: the time of its start.
        execution: the execution of the engine. None after it has ended and cannot be redriven.
        timeline: the timeline that it runs on.
        status: its status.
        stopped: the time of its end.
        output: the output as JSON text.
        error: the error name.
        cause: the cause.
        trace: the trace header.
        redriven: how often it was redriven.
        redriven_at: the time of the last redrive.
        redrive_tokens: the client tokens of redrives, with their times.
        stopping: the time, error and cause of a stop that its thread has not seen yet.
        map_runs: its map runs.
        parent: the execution whose task started it.
        map_run: the ARN of the map run that it is a child of.
        items: the number of items that it processes, if it is a child of a map run.
        transitions: the number of state transitions so far.
    """

    arn: str
    name: str
    number: int
    machine: Startable
    input: str
    started: float
    execution: Execution | None
    timeline: Timeline | None
    status: str = RUNNING
    stopped: float | None = None
    output: str | None = None
    error: str | None = None
    cause: str | None = None
    trace: str | None = None
    redriven: int = 0
    redriven_at: float | None = None
    redrive_tokens: dict[str, float] = field(default_factory=dict)
    stopping: tuple[float, str | None, str | None] | None = None
    map_runs: list[MapRun] = field(default_factory=list)
    parent: str | None = None
    transitions: int = 0
    map_run: str | None = None
    items: int = 0
    _events: list[RawEvent] = field(default_factory=list)

    @property
    def express(self) -> bool:
        """Whether its type is EXPRESS."""
        return self.machine.express

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self.status != RUNNING

    @property
    def all_map_runs(self) -> list[MapRun]:
        """Its map runs so far."""
        return self.map_runs if self.execution is None else self.execution.map_runs

    @property
    def events(self) -> list[RawEvent]:
        """The events so far."""
        events = self._events if self.execution is None else self.execution.raw_events
        if self.stopping is not None:
            at, error, cause = self.stopping
            details = {key: text for key, text in (("error", error), ("cause", cause)) if text is not None}
            events = [*events, ("ExecutionAborted", at, len(events), details)]
        return events

    def history(self, first: int = 1, count: int | None = None, *, data: bool = True) -> list[dict[str, Any]]:
        """Return events as GetExecutionHistory does.

        Args:
            first: the id of the first one.
            count: how many; all by default.
            data: whether to include inputs and outputs.
        """
        end = None if count is None else first - 1 + count
        shown = render([Event(*event) for event in self.events[first - 1 : end]], first)
        if not data:
            for event in shown:
                for name, details in event.items():
                    if isinstance(details, dict):
                        event[name] = {key: value for key, value in details.items() if key not in _DATA}
        return shown

    def finish(self, *, keep: bool) -> None:
        """Take over the result of the execution, which has ended.

        Args:
            keep: whether the execution is kept, so that it can be redriven.
        """
        execution = self.execution
        if execution is None:
            return
        self.output = json_text(execution.output) if execution.status == SUCCEEDED else None
        self.error, self.cause = execution.error, execution.cause
        self.stopped = execution.stopped
        self.transitions = execution.transitions
        self.map_runs = execution.map_runs
        self.stopping = None
        if not keep:
            self._events = execution.raw_events
            self.execution = self.timeline = None
        self.status = execution.status

    def describe(self, *, data: bool = True) -> dict[str, Any]:
        """Return it as DescribeExecution does."""
        shown: dict[str, Any] = {
            "executionArn": self.arn,
            "stateMachineArn": self.machine.arn,
            "name": self.name,
            "status": self.status,
            "startDate": moment(self.started),
        }
        if self.stopped is not None and self.done:
            shown["stopDate"] = moment(self.stopped)
        if data:
            shown["input"] = self.input
            shown["inputDetails"] = {"included": True}
            if self.status == SUCCEEDED:
                shown["output"] = self.output
                shown["outputDetails"] = {"included": True}
        else:
            shown["inputDetails"] = {"included": False}
        optional = {
            "traceHeader": self.trace,
            "error": self.error if self.done else None,
            "cause": self.cause if self.done else None,
            "stateMachineVersionArn": self.machine.version,
            "stateMachineAliasArn": self.machine.alias,
        }
        shown.update({name: value for name, value in optional.items() if value is not None})
        if not self.express:
            shown["redriveCount"] = self.redriven
            shown["redriveStatus"], reason = self.redrivable()
            if reason:
                shown["redriveStatusReason"] = reason
            if self.redriven_at is not None:
                shown["redriveDate"] = moment(self.redriven_at)
        return shown

    def redrivable(self) -> tuple[str, str | None]:
        """Return the redrive status and its reason."""
        if self.status in {RUNNING, SUCCEEDED, PENDING_REDRIVE}:
            return "NOT_REDRIVABLE", f"Execution is {self.status} and cannot be redriven"
        return "REDRIVABLE", None
