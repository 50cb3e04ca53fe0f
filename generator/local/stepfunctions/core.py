"""The state of the endpoint, which all operations share: state machines, activities, executions, clock, threads.

One lock guards it. It is never held while a function runs or while an operation waits.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any, Final

from generator.asl.intrinsic_functions import make_uuid
from generator.engine import TaskTokenError
from generator.engine.failure import ENGINE_ERROR
from generator.engine.history import json_text
from generator.local.stepfunctions import arns
from generator.local.stepfunctions.archive import TEXTS, Archive
from generator.local.stepfunctions.model import ServiceError
from generator.local.stepfunctions.pace import ServiceClock, Workers
from generator.local.stepfunctions.paging import Pages
from generator.local.stepfunctions.records import (
    ABORTED,
    DELETING,
    RUNNING,
    SUCCEEDED,
    ActivityRecord,
    ExecutionRecord,
    MachineRecord,
    Startable,
    child_record,
)
from generator.local.stepfunctions.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.engine import Execution
    from generator.engine.account import Token
    from generator.engine.calls.functions import Handler
    from generator.engine.frame import RawEvent, Run, StateMachine
    from generator.local.stepfunctions.answers import Answers
    from generator.local.stepfunctions.pace import Pace
    from generator.local.stepfunctions.timeline import LocalEngine

DAY: Final = 86_400.0
RETENTION: Final = 90 * DAY
"""Closed executions are kept this long, and their names cannot be reused:
https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"""


MOST_HELD: Final = 100
"""The most ended executions that stay in memory, because a redrive goes on with a map run. With older ones it starts a new map run."""


class Core:
    """The state of the endpoint.

    Attributes:
        lock: guards everything; it is notified when an execution has ended or a timeline rests.
        machines: the state machines by ARN.
        activities_known: the activities by ARN.
        records: the executions by ARN, oldest first.
        tokens: the timeline of each task token that is not closed.
        answered: the task tokens that were answered, and whose task has not seen it yet.
        watch: called when an execution starts, enters a state or ends.
        keep: the number of ended executions that are kept.
        archive: what is kept of them.
        mock_option: returns the option of a command that mocks a task; None if there is no command.
        holding: whether ended executions stay in memory, until :meth:`release`.
        closed_down: whether the endpoint ends: nothing waits any more.
    """

    def __init__(
        self,
        *,
        functions: Mapping[str, Handler] | None,
        clients: Callable[[str], Any] | None,
        services: frozenset[str],
        pace: Pace,
        start: float | None,
        seed: int | None,
        keep: int,
        archive: Archive | None,
        answers: Answers,
        watch: Callable[[str, Any], None] | None,
    ) -> None:
        """Create an empty state."""
        self.lock = threading.Condition(threading.RLock())
        self.clock = ServiceClock(pace, start)
        self.workers = Workers(self.clock)
        self.pages = Pages()
        self.random = Random(seed)  # noqa: S311  repeatable if a seed is given
        self.answers = answers
        self.watch = watch
        self.keep = keep
        self.archive = Archive() if archive is None else archive
        self.machines: dict[str, MachineRecord] = {}
        self.activities_known: dict[str, ActivityRecord] = {}
        self.records: dict[str, ExecutionRecord] = {}
        self.tokens: dict[str, Timeline] = {}
        self.answered: set[str] = set()
        self.timelines: set[Timeline] = set()
        self.functions: dict[str, Handler] = dict(functions or {})
        self.services = services
        self.state_machines: dict[str, StateMachine] = {}
        self.activities: dict[str, deque[tuple[str, Any]]] = {}
        self.executions: dict[str, Execution] = _Known(self)
        self.declared: dict[str, str] = {}
        self.mock_option: Callable[[str, str], str] | None = None
        self._clients = clients
        self._made: dict[str, Any] = {}
        self._making = threading.Lock()
        self.closed_down = False
        self.holding = False
        self._number = 0
        self._ended: dict[str, None] = {}  # by ARN, in the order of their ends
        self._held: dict[str, None] = {}  # those of them that stay in memory, oldest first
        self._closed: dict[Timeline, list[ExecutionRecord]] = {}  # what has ended on timelines that others run on

    def number(self) -> int:
        """Return the next number of what is created."""
        with self.lock:
            self._number += 1
            return self._number

    def uuid(self) -> str:
        """Return a new id."""
        with self.lock:
            return make_uuid(self.random)

    # --- what timelines ask for ---

    @property
    def has_clients(self) -> bool:
        """Whether there are clients."""
        return self._clients is not None

    def client_of(self, service: str) -> Any:
        """Return a boto3 client. It is created once.

        Raises:
            LookupError: there are no clients.
        """
        if self._clients is None:
            raise LookupError(f"There is no client for {service}: pass clients=...")
        with self._making:
            if service not in self._made:
                self._made[service] = self._clients(service)
            return self._made[service]

    def opened(self, token: str, timeline: Timeline) -> None:
        """Keep the timeline of a new task token."""
        self.tokens[token] = timeline

    def closed(self, token: str) -> None:
        """Forget a task token."""
        self.tokens.pop(token, None)
        self.answered.discard(token)

    def known(self, token: str) -> bool:
        """Return whether a task has or had this token."""
        return token in self.tokens

    def waiting(self, token: str) -> tuple[Timeline, Token] | None:
        """Return the timeline of a task that waits for a token, and the task."""
        timeline = self.tokens.get(token)
        entry = None if timeline is None else timeline.engine.tokens.get(token)
        return None if timeline is None or entry is None or entry.future.done else (timeline, entry)

    def answer(self, token: str, job: Callable[[LocalEngine], None]) -> None:
        """Let the timeline of a task do a job.

        Raises:
            TaskTokenError: no task waits for this token.
        """
        found = self.waiting(token)
        if found is None:
            raise TaskTokenError("Task Timed Out: 'Provided task does not exist anymore'")
        timeline = found[0]

        def act() -> None:
            if self.waiting(token) is not None:
                job(timeline.engine)

        timeline.post(act)

    def adopted(self, execution: Execution, timeline: Timeline) -> None:
        """Keep an execution that a task started."""
        machine = execution.machine
        if isinstance(machine, Startable):
            self.add(
                ExecutionRecord(
                    execution.arn,
                    execution.name,
                    self.number(),
                    machine,
                    json_text(execution.input),
                    execution.started,
                    execution,
                    timeline,
                )
            )

    def add(self, record: ExecutionRecord) -> None:
        """Keep an execution that was started."""
        with self.lock:
            self.records[record.arn] = record
            record.machine.record.running += 1
            if record.timeline is not None:
                self.timelines.add(record.timeline)
        self.tell("started", record)

    def remember(self, record: ExecutionRecord) -> None:
        """Keep an execution that ended in an earlier process."""
        with self.lock:
            self.records[record.arn] = record
            self._ended[record.arn] = None

    def in_order(self) -> None:
        """Put the executions that were remembered into their order."""
        with self.lock:
            self.records = dict(sorted(self.records.items(), key=lambda each: each[1].number))
            self._ended = dict(sorted(self._ended.items(), key=lambda each: self.records[each[0]].number))

    def reserve(self, number: int) -> None:
        """Let the next number be larger than this one."""
        with self.lock:
            self._number = max(self._number, number)

    def ended(self, execution: Execution) -> None:
        """Take over the result of an execution."""
        record = self.records.get(execution.arn)
        if record is None or record.execution is not execution:
            return
        if execution.error == ENGINE_ERROR:
            self.tell("crashed", record)
        with self.lock:
            record.finish()
            record.closing = True
            machine = record.machine.record
            machine.running -= 1
            if machine.status == DELETING and not machine.running:
                self.forget(machine)
            if record.arn in self.records:
                self._ended[record.arn] = None
            self.lock.notify_all()
        self.tell("ended", record)
        with self.lock:
            record.closing = False
            timeline = record.timeline
            if timeline is not None:
                self._closed.setdefault(timeline, []).append(record)
                self._retire(timeline)
            self._trim()
            self.lock.notify_all()

    def _retire(self, timeline: Timeline) -> None:
        """Let the executions of a timeline leave memory together: while one of them runs, all are run again after a kill."""
        closed = self._closed.get(timeline, [])
        if self.holding or timeline.executions or any(not each.done or each.closing for each in closed):
            return
        for record in self._closed.pop(timeline, []):
            if record.timeline is timeline and record.arn in self.records and record.execution is not None:
                if record.execution.can_rest:
                    self._leave(record)
                else:
                    self._held[record.arn] = None
        while len(self._held) > MOST_HELD:
            self._leave(self.records[next(iter(self._held))])

    def _leave(self, record: ExecutionRecord) -> None:
        record.retire(self.archive)
        self.executions.pop(record.arn, None)
        self._held.pop(record.arn, None)

    def release(self) -> None:
        """Let ended executions leave memory again."""
        with self.lock:
            self.holding = False
            for timeline in list(self._closed):
                self._retire(timeline)

    def entered(self, run: Run) -> None:
        """Report that an execution enters a state."""
        if self.watch is not None:
            self.watch("entered", run)

    def rested(self, timeline: Timeline) -> None:
        """Wake who waits for a timeline to rest. One without executions is forgotten, after all was told about them."""
        with self.lock:
            if timeline.resting and not timeline.executions:
                self.timelines.discard(timeline)
            self.lock.notify_all()

    def wake(self) -> None:
        """Let all that waits look again."""
        with self.lock:
            self.lock.notify_all()

    def tell(self, what: str, record: ExecutionRecord) -> None:
        """Report what happened to an execution."""
        if self.watch is not None:
            self.watch(what, record)

    # --- state machines and executions ---

    def machine(self, arn: arns.Arn) -> MachineRecord:
        """Return a state machine that exists.

        Raises:
            ServiceError: ``StateMachineDoesNotExist``.
        """
        record = self.machines.get(arn.state_machine) if arn.label is None else None
        if record is None:
            raise ServiceError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
        return record

    def active(self, arn: arns.Arn) -> MachineRecord:
        """Return a state machine that is not being deleted.

        Raises:
            ServiceError: ``StateMachineDoesNotExist`` or ``StateMachineDeleting``.
        """
        record = self.machine(arn)
        if record.status == DELETING:
            raise ServiceError("StateMachineDeleting", f"State Machine is being deleted: '{arn}'")
        return record

    def forget(self, machine: MachineRecord) -> None:
        """Remove a state machine with its executions."""
        arn = str(machine.arn)
        self.machines.pop(arn, None)
        for each in [key for key in self.state_machines if key == arn or key.startswith(f"{arn}:")]:
            del self.state_machines[each]
        for record in [each for each in self.records.values() if each.machine.record is machine]:
            self.drop(record)

    def drop(self, record: ExecutionRecord) -> None:
        """Remove an execution that has ended."""
        self.records.pop(record.arn, None)
        self.executions.pop(record.arn, None)
        self._ended.pop(record.arn, None)
        self._held.pop(record.arn, None)
        self.archive.drop(record.arn)

    def execution(self, arn: str, *kinds: str) -> ExecutionRecord:
        """Return an execution that exists.

        Raises:
            ServiceError: ``InvalidArn`` or ``ExecutionDoesNotExist``.
        """
        arns.parse(arn, *kinds or (arns.EXECUTION,))
        record = self.find(arn)
        if record is None:
            raise ServiceError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")
        return record

    def find(self, arn: str) -> ExecutionRecord | None:
        """Return an execution, or the child execution of a Distributed Map. Those that ended long ago are gone."""
        with self.lock:
            record = self.records.get(arn)
            if record is not None and record.done and (record.stopped or 0) + RETENTION < self.clock.now():
                self.drop(record)
                return None
            return self._child(arn) if record is None and "/" in arn else record

    def _child(self, arn: str) -> ExecutionRecord | None:
        """Return a child execution of a Distributed Map."""
        for record in self.records.values():
            for run in [] if record.execution is None else record.execution.map_runs:
                for number, child in enumerate(list(run.children), 1):
                    if child.arn == arn:
                        return child_record(record, run, child, number)
        owner = self.records.get(self.archive.owner(arn) or "")
        return None if owner is None or owner.archive is None else owner.kept_child(self.archive.get(arn, TEXTS)["child"])

    def redrive(self, record: ExecutionRecord, client_token: str | None) -> float:
        """Continue an execution that has ended without success. Return the time of that."""
        with self.lock:
            self._held.pop(record.arn, None)
            if record.execution is None:
                self._revive(record)
            execution, timeline = record.execution, record.timeline
            if execution is None or timeline is None:
                raise ServiceError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{record.arn}'")
            at = max(self.clock.now(), timeline.clock.now())
            self.reopen(record, timeline, at, client_token)
            self.tell("redriven", record)

            def again() -> None:
                timeline.executions.append(execution)
                execution.redrive()
                execution.begin()

            timeline.post(again)
        return at

    def _revive(self, record: ExecutionRecord) -> None:
        """Bring an execution that has left memory back, on a timeline of its own."""
        parsed = arns.parse(record.arn, arns.EXECUTION)
        answers = record.performers or self.answers.performers(record.machine.name, record.machine.title, None)
        timeline = Timeline(self, region=parsed.region, account=parsed.account, seed=self.random.getrandbits(64), mocks=answers)
        timeline.begin_at(record.stopped or record.started)
        self.put_back(record, timeline, record.rest(), record.events())

    def put_back(self, record: ExecutionRecord, timeline: Timeline, rest: dict[str, Any], events: list[RawEvent]) -> Execution:
        """Let an execution that has left memory have the state that it had at its end, on a timeline."""
        record.input, record.output, record.cause = record.texts()
        document = json.loads(record.input)
        record.execution = timeline.engine.revive(record.machine, document, arn=record.arn, rest=rest, events=events)
        record.timeline = timeline
        return record.execution

    def reopen(self, record: ExecutionRecord, timeline: Timeline, at: float, client_token: str | None) -> None:
        """Let an execution that has ended run again."""
        record.status, record.stopped, record.error, record.cause = RUNNING, None, None, None
        record.redriven += 1
        record.redriven_at = at
        if client_token is not None:
            record.redrive_tokens[client_token] = at
        record.machine.record.running += 1
        self._ended.pop(record.arn, None)
        self.timelines.add(timeline)

    def stop(self, record: ExecutionRecord, error: str | None, cause: str | None) -> float:
        """Abort an execution. Return the time of its end."""
        with self.lock:
            if record.done:
                return record.stopped or record.started
            execution, timeline = record.execution, record.timeline
            if execution is None or timeline is None:
                return record.started
            at = max(timeline.clock.now(), record.started)
            record.stopping = (at, error, cause)
            record.status, record.stopped, record.error, record.cause = ABORTED, at, error, cause
        execution.interrupt(error, cause)
        timeline.post(partial(_stop, execution, error, cause))
        return at

    def _trim(self) -> None:
        while len(self._ended) > self.keep or (self._ended and self.archive.size > self.archive.most):
            self.drop(self.records[next(iter(self._ended))])

    # --- time ---

    def settle(self, seconds: float | None = None) -> bool:
        """Wait until no execution has anything to do now. Return whether that was reached in so many seconds on the wall."""
        with self.lock:
            return self.lock.wait_for(lambda: all(each.resting for each in list(self.timelines)), seconds)

    def advance(self, seconds: float) -> None:
        """Let time pass: timers and timeouts in that time fire, in their order."""
        if self.clock.virtual:
            self.settle()
            self.clock.skip(seconds)
            for timeline in list(self.timelines):
                timeline.post(lambda timeline=timeline: timeline.advance(seconds))  # type: ignore[misc]
            self.settle()
            return
        until = self.clock.now() + seconds
        while True:
            self.settle()
            due = [(each.due, each) for each in list(self.timelines)]
            moment = min((at for at, _ in due if at is not None), default=until)
            if moment >= until:
                break
            self.clock.skip(max(0.0, moment - self.clock.now()))
            for at, timeline in due:
                if at is not None and at <= moment:
                    timeline.wake()
        self.clock.skip(max(0.0, until - self.clock.now()))
        for timeline in list(self.timelines):
            timeline.wake()
        self.workers.skipped()
        self.settle()

    def close(self) -> None:
        """End the threads, and the operations that wait."""
        self.workers.close()
        with self.lock:
            self.closed_down = True
            self.lock.notify_all()


def _stop(execution: Execution, error: str | None, cause: str | None) -> None:
    execution.stop(error, cause)


class _Known(dict[str, Any]):
    """The executions as tasks see them: those of the engine, and those that have left memory."""

    def __init__(self, core: Core) -> None:
        super().__init__()
        self._core = core

    def get(self, arn: str, default: Any = None) -> Any:
        found = super().get(arn)
        if found is not None:
            return found
        record = self._core.records.get(arn)
        return default if record is None or not record.done else Ended(self._core, record)

    def values(self) -> Any:
        return [found for arn in list(self._core.records) if (found := self.get(arn)) is not None]


class Ended:
    """An execution that has left memory, with the attributes of an :class:`~generator.engine.Execution` that tasks use."""

    done = True

    def __init__(self, core: Core, record: ExecutionRecord) -> None:
        """Create it for a record."""
        self._core = core
        self._record = record
        self.arn, self.name, self.machine = record.arn, record.name, record.machine
        self.status, self.error, self.redriven = record.status, record.error, record.redriven
        self.started, self.stopped, self.express = record.started, record.stopped, record.express

    @property
    def input(self) -> Any:
        """Its input."""
        return json.loads(self._record.texts()[0])

    @property
    def output(self) -> Any:
        """Its output."""
        output = self._record.texts()[1]
        return None if output is None else json.loads(output)

    @property
    def cause(self) -> str | None:
        """The cause of its failure."""
        return self._record.texts()[2]

    @property
    def history(self) -> list[dict[str, Any]]:
        """Its events."""
        return self._record.history()

    def stop(self, error: str | None = None, cause: str | None = None) -> None:
        """Do nothing: it has ended."""

    def redrive(self) -> None:
        """Continue it.

        Raises:
            ValueError: it cannot be redriven.
        """
        with self._core.lock:
            if self.status in {RUNNING, SUCCEEDED} or self.express or self._record.status != self.status:
                raise ValueError(f"Execution is {self._record.status} and cannot be redriven")
            self._core.redrive(self._record, None)

    def begin(self) -> None:
        """Do nothing: it runs on a timeline of its own."""
