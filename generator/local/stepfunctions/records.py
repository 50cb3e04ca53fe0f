"""What the endpoint keeps: state machines with their versions and aliases, activities, executions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from generator.engine.frame import StateMachine
from generator.engine.history import Event, json_text, render
from generator.engine.states.distributed import MapRun, Tolerance
from generator.local.stepfunctions.archive import CHUNK, REST, RUN, TEXTS, chunk
from generator.local.stepfunctions.model import ServiceError, moment

if TYPE_CHECKING:
    from generator.engine import Execution, Machine
    from generator.engine.frame import RawEvent
    from generator.local.stepfunctions.archive import Archive
    from generator.local.stepfunctions.arns import Arn
    from generator.local.stepfunctions.routes import Performers
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


@dataclass(eq=False, slots=True)
class ExecutionRecord:
    """An execution, of a state machine or of a Distributed Map.

    Attributes:
        arn: its ARN.
        name: its name.
        number: its place among all executions.
        machine: what was started.
        input: the input as it was given. Empty after its end: :meth:`texts` reads it.
        started: the time of its start.
        execution: the execution of the engine. None after it has ended, with all that runs on its timeline.
        timeline: the timeline that it runs on.
        status: its status.
        stopped: the time of its end.
        output: the output as JSON text, as ``input``.
        error: the error name.
        cause: the cause, as ``input``.
        trace: the trace header.
        redriven: how often it was redriven.
        redriven_at: the time of the last redrive.
        redrive_tokens: the client tokens of redrives, with their times.
        stopping: the time, error and cause of a stop that its thread has not seen yet.
        map_run: the ARN of the map run that it is a child of.
        items: the number of items that it processes, if it is a child of a map run.
        transitions: the number of state transitions so far.
        performers: who performs its tasks, if it runs a test case.
        closing: whether its end is being kept.
        archive: what has its texts, its events and its map runs after its end.
        kept_runs: the ARNs of the map runs that the archive has.
        kept_events: the number of events that the archive has.
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
    transitions: int = 0
    map_run: str | None = None
    items: int = 0
    performers: Performers | None = None
    closing: bool = False
    archive: Archive | None = None
    kept_runs: tuple[str, ...] = ()
    kept_events: int = 0

    @property
    def express(self) -> bool:
        """Whether its type is EXPRESS."""
        return self.machine.express

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self.status != RUNNING

    @property
    def map_runs(self) -> list[MapRun]:
        """Its map runs so far, oldest first."""
        return [self._kept_run(arn) for arn in self.kept_runs] + ([] if self.execution is None else self.execution.map_runs)

    def map_run_named(self, arn: str) -> MapRun | None:
        """Return one of its map runs. None if it is not one of them."""
        if arn in self.kept_runs:
            return self._kept_run(arn)
        return next((run for run in ([] if self.execution is None else self.execution.map_runs) if run.arn == arn), None)

    @property
    def event_count(self) -> int:
        """The number of its events so far."""
        count = self.kept_events if self.execution is None else self.execution.event_count
        return count + (self.stopping is not None)

    def events(self, first: int = 1, count: int | None = None) -> list[RawEvent]:
        """Return events.

        Args:
            first: the id of the first one.
            count: how many; all by default.
        """
        last = self.event_count if count is None else min(self.event_count, first - 1 + count)
        execution = self.execution
        if execution is None:
            found = [
                event
                for number in range((first - 1) // CHUNK, -(-last // CHUNK))
                for at, event in enumerate(self._part(chunk(number)), number * CHUNK + 1)
                if first <= at <= last
            ]
            return [(kind, at, previous, details) for kind, at, previous, details in found]
        events = execution.raw_events
        if self.stopping is not None:
            at, error, cause = self.stopping
            details = {key: text for key, text in (("error", error), ("cause", cause)) if text is not None}
            events.append(("ExecutionAborted", at, len(events), details))
        return events[first - 1 : last]

    def history(self, first: int = 1, count: int | None = None, *, data: bool = True) -> list[dict[str, Any]]:
        """Return events as GetExecutionHistory does.

        Args:
            first: the id of the first one.
            count: how many; all by default.
            data: whether to include inputs and outputs.
        """
        shown = render([Event(*event) for event in self.events(first, count)], first)
        if not data:
            for event in shown:
                for name, details in event.items():
                    if isinstance(details, dict):
                        event[name] = {key: value for key, value in details.items() if key not in _DATA}
        return shown

    def finish(self) -> None:
        """Take over the result of the execution, which has ended."""
        execution = self.execution
        if execution is None:
            return
        self.output = json_text(execution.output) if execution.status == SUCCEEDED else None
        self.error, self.cause = execution.error, execution.cause
        self.stopped = execution.stopped
        self.transitions = execution.transitions
        self.stopping = None
        self.status = execution.status

    def parts(self) -> dict[tuple[str, str], Any]:
        """Return what is kept of it after its end, by ARN and part: see :mod:`generator.local.stepfunctions.archive`."""
        execution = self.execution
        if execution is None:
            return {}
        found: dict[tuple[str, str], Any] = {(self.arn, TEXTS): {"input": self.input, "output": self.output, "cause": self.cause}}
        found |= _chunks(self.arn, execution)
        if self.status != SUCCEEDED and not self.express:
            found[self.arn, REST] = execution.rest()
        for run in execution.map_runs:
            children = [_child(run, child, number) for number, child in enumerate(run.children, 1)]
            found[run.arn, RUN] = {**_run_fields(run), "children": children}
            for child, line in zip(run.children, children, strict=True):
                output = json_text(child.output) if child.status == SUCCEEDED else None
                found[child.arn, TEXTS] = {"input": json_text(child.input), "output": output, "cause": child.cause, "child": line}
                found |= _chunks(child.arn, child)
        return found

    def retire(self, archive: Archive) -> None:
        """Leave memory: the archive keeps the parts of this execution, which has ended."""
        if self.execution is None:
            return
        archive.keep(self)
        self.archived(archive, self.execution.event_count, (*self.kept_runs, *(run.arn for run in self.execution.map_runs)))

    def archived(self, archive: Archive, events: int, runs: tuple[str, ...]) -> None:
        """Take texts, events and map runs from an archive."""
        self.archive, self.kept_events, self.kept_runs = archive, events, runs
        self.execution = self.timeline = None
        self.input, self.output, self.cause = "", None, None

    def texts(self) -> tuple[str, str | None, str | None]:
        """Return the input, the output and the cause."""
        if self.execution is not None or self.archive is None:
            return self.input, self.output, self.cause
        kept = self._part(TEXTS)
        return kept["input"], kept["output"], kept["cause"]

    def rest(self) -> dict[str, Any]:
        """Return what a redrive needs, of an execution that has left memory."""
        found: dict[str, Any] = self._part(REST)
        return found

    def _part(self, name: str, arn: str | None = None) -> Any:
        try:
            if self.archive is not None:
                return self.archive.get(arn or self.arn, name)
        except LookupError:
            pass  # it was dropped in this moment
        raise ServiceError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{self.arn}'")

    def _kept_run(self, arn: str) -> MapRun:
        kept = self._part(RUN, arn)
        made = MapRun(arn, kept["started"], kept["max_concurrency"], Tolerance(*kept["tolerance"]))
        for name in vars(made).keys() & kept.keys() - _RUN_APART:
            setattr(made, name, kept[name])
        return made

    def children(self, run: MapRun) -> list[ExecutionRecord]:
        """Return the child executions of one of its map runs: the first 1,000."""
        if run.arn in self.kept_runs:
            return [self.kept_child(line) for line in self._part(RUN, run.arn)["children"]]
        return [child_record(self, run, child, number) for number, child in enumerate(list(run.children), 1)]

    def kept_child(self, line: dict[str, Any]) -> ExecutionRecord:
        """Return a child execution that the archive has."""
        arn = line["arn"]
        name = arn.split(":")[6]
        parent = self.machine
        machine = Startable(name, f"{parent.arn}/{name.rpartition('/')[2]}", parent.machine, parent.role, line["express"])
        machine.record, machine.revision = parent.record, parent.revision
        made = ExecutionRecord(arn, line["name"], line["number"], machine, "", line["started"], None, None)
        made.map_run = line["run"]
        made.status, made.error, made.stopped, made.transitions = (line[key] for key in ("status", "error", "stopped", "transitions"))
        made.archive, made.kept_events = self.archive, line["events"]
        return made

    def describe(self, *, data: bool = True, cause: bool = True) -> dict[str, Any]:
        """Return it as DescribeExecution does.

        Args:
            data: whether to include input and output.
            cause: whether to include the cause.
        """
        given, output, why = self.texts() if data or (cause and self.error is not None) else ("", None, None)
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
            shown["input"] = given
            shown["inputDetails"] = {"included": True}
            if self.status == SUCCEEDED:
                shown["output"] = output
                shown["outputDetails"] = {"included": True}
        else:
            shown["inputDetails"] = {"included": False}
        optional = {
            "traceHeader": self.trace,
            "error": self.error if self.done else None,
            "cause": why if self.done and cause else None,
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


_RUN_APART: Final = frozenset({"arn", "children", "tolerance", "changed"})


def _run_fields(run: MapRun) -> dict[str, Any]:
    plain = {name: value for name, value in vars(run).items() if name not in _RUN_APART}
    return {**plain, "tolerance": [run.tolerance.count, run.tolerance.percentage]}


def _child(run: MapRun, child: Execution, number: int) -> dict[str, Any]:
    """Return a child execution without its texts and its events."""
    return {
        "arn": child.arn, "name": child.name, "number": number, "run": run.arn, "express": child.express, "status": child.status,
        "error": child.error, "started": child.started, "stopped": child.stopped, "transitions": child.transitions,
        "events": child.event_count,
    }  # fmt: skip


def _chunks(arn: str, execution: Execution) -> dict[tuple[str, str], Any]:
    events = execution.raw_events
    return {(arn, chunk(number)): events[at : at + CHUNK] for number, at in enumerate(range(0, len(events), CHUNK))}


def child_record(parent: ExecutionRecord, run: MapRun, child: Execution, number: int) -> ExecutionRecord:
    """Return a child execution of a Distributed Map that has not left memory."""
    machine = Startable(*child.machine)
    machine.record, machine.revision = parent.machine.record, parent.machine.revision
    made = ExecutionRecord(child.arn, child.name, number, machine, json_text(child.input), child.started, child, parent.timeline)
    made.map_run = run.arn
    if child.status != RUNNING:
        made.finish()
    return made
