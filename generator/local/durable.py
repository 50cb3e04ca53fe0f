"""Executions that go on after the process was killed.

The store has what started an execution, the result of each of its calls with the time it came, and what was asked of it from outside.
After a kill the engine runs the execution again from its start, on a clock that shows the times of then. Results that were kept are
used and no call is made a second time, so the execution comes to the point where it was. A call that had begun and had no result is
made again, as AWS delivers at least once. From there on the clock is the one of the endpoint.

What has ended is kept in parts, without its steps: its texts, its events, and what a redrive needs. They are read when someone asks
for them, so that memory does not grow with the number of executions. An execution that was redriven is run again from that state.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
import time
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from generator.engine import DefinitionError, TaskTokenError, compile_definition
from generator.engine.calls import jobs, services
from generator.engine.clock import Future
from generator.engine.failure import StateError, StoppedError
from generator.local.stepfunctions import arns
from generator.local.stepfunctions.archive import CHUNK, TEXTS, Archive, chunk, packed, unpacked
from generator.local.stepfunctions.core import MOST_HELD
from generator.local.stepfunctions.model import ServiceError
from generator.local.stepfunctions.records import ExecutionRecord, startable
from generator.local.stepfunctions.service import StepFunctions
from generator.local.stepfunctions.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from generator.engine import Execution
    from generator.engine.calls.call import Call
    from generator.engine.clock import Branch
    from generator.engine.frame import RawEvent
    from generator.local.stepfunctions.pace import ServiceClock
    from generator.local.stepfunctions.records import MachineRecord, Revision, Startable
    from generator.local.store import Store

CONTROL: Final = ""
"""The root of steps that belong to no execution: what was asked of the service itself."""
DEFINITION: Final = "definition"
_SETUP: Final = frozenset(
    {
        "CreateStateMachine", "UpdateStateMachine", "DeleteStateMachine", "PublishStateMachineVersion", "DeleteStateMachineVersion",
        "CreateStateMachineAlias", "UpdateStateMachineAlias", "DeleteStateMachineAlias", "CreateActivity", "DeleteActivity",
        "TagResource", "UntagResource",
    }
)  # fmt: skip
"""The operations that change what the service has beside executions."""
_ANSWERS: Final = frozenset({"SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat"})
_OF_EXECUTIONS: Final = frozenset({"StopExecution"})  # a redrive is kept with the execution that it starts
_HELD: Final = 2
"""What ``ended`` is in the row of an execution that has ended, and whose steps stay: it is run again at a start, to be redriven."""
_WAITS: Final = ".waitForTaskToken"
_ASKED: Final = "?"
"""What follows the key of a call whose request was made, and whose answer is awaited."""
_NESTED: Final = frozenset({"startExecution", "startSyncExecution"})
_TRIMMED_AFTER: Final = 200
_BASE: Final = "base"
"""The part with the state from which an execution is run again: that before its last redrive. Without, it is run from its start."""


class ReplayClock:
    """The clock of an execution that is run again: it shows the times of then, until it is :attr:`live`."""

    def __init__(self, clock: ServiceClock, moment: float) -> None:
        """Start at a moment."""
        self.live = False
        self._clock = clock
        self._moment = moment

    def now(self) -> float:
        """Return the seconds since 1970."""
        return self._clock.now() if self.live and not self._clock.virtual else self._moment

    def wait_until(self, moment: float, wake: threading.Event) -> bool:
        """Jump to a moment; on the live clock see whether it has come."""
        if self.live and not self._clock.virtual:
            return self._clock.wait_until(moment, wake)
        self._moment = max(self._moment, moment)
        return True


class Recorder:
    """Keeps the results of the calls of one timeline, and recalls them."""

    def __init__(self, store: Store, root: str, seed: int, clock: ReplayClock | None = None) -> None:
        """Create it for a timeline, by the ARN of its first execution."""
        self.store = store
        self.root = root
        self.seed = seed
        self.clock = clock
        self.recalled: dict[str, dict[str, Any]] = {}
        self._parked: list[Future] = []

    def go_live(self) -> None:
        """Let the calls that had no result be made."""
        if self.clock is not None:
            self.clock.live = True
        parked, self._parked = self._parked, []
        for future in parked:
            future.resolve()

    def kept(self, call: Call, performer: Branch) -> Branch:
        """Return the result of a call that was kept, or perform the call and keep its result.

        Raises:
            StateError: the call failed, now or when it was kept.
        """
        run = call.frame.run
        if call.task.action in _NESTED:  # the execution that it starts belongs to this timeline, and is run again too
            result = yield from performer
            return result
        first = call.frame.previous
        key = f"{run.arn}#{first}"
        known = self.recalled.pop(key, None)
        if known is not None:
            performer.close()
            result = yield from self._recall(call, known)
            run.random.seed(f"{self.seed}:{key}")
            if "failure" in known:
                raise _failure(known["failure"])
            return result
        asked = self.recalled.pop(key + _ASKED, None)
        if asked is not None:
            performer.close()
            yield from self._recall_events(call, asked)
            run.random.seed(f"{self.seed}:{key}{_ASKED}")
            performer = _answer(call)
        elif self.clock is not None and not self.clock.live:
            parked = Future(external=True)
            self._parked.append(parked)
            yield parked
        outcome: dict[str, Any] = {"waited": asked is not None}
        try:
            result = yield from _watched(performer, outcome, partial(self._asked, call, key, first))
            outcome["result"] = result
        except StoppedError:
            raise
        except StateError as failure:
            outcome["failure"] = [failure.error, failure.cause, failure.fatal, failure.heartbeat]
            self._keep(call, key, first, outcome)
            raise
        self._keep(call, key, first, outcome)
        return result

    def _asked(self, call: Call, key: str, first: int) -> None:
        """Keep that the request was made whose answer comes later: it must not be made again while the answer is awaited."""
        if call.task.pattern and (call.task.pattern == _WAITS or not call.own_token):
            self._keep(call, key, first, {"waited": False}, _ASKED)

    def _keep(self, call: Call, key: str, first: int, outcome: dict[str, Any], part: str = "") -> None:
        run = call.frame.run
        key += part
        run.random.seed(f"{self.seed}:{key}")  # how many random numbers the call has used is not known when it is recalled
        events: list[Any] = []
        at = call.frame.previous
        while at != first:
            kind, moment, previous, details = run.events[at - 1]
            events.append([kind, moment, details])
            at = previous
        outcome |= {"key": key, "at": run.clock.now(), "events": events[::-1]}
        self.store.write([step(self.root, outcome)])

    def _recall(self, call: Call, known: Mapping[str, Any]) -> Branch:
        self.recalled.pop(known["key"] + _ASKED, None)
        yield from self._recall_events(call, known)
        if call.own_token:
            call.close()
        return known.get("result")

    def _recall_events(self, call: Call, known: Mapping[str, Any]) -> Branch:
        run, frame = call.frame.run, call.frame
        for kind, moment, details in known["events"]:
            yield from self._until(call, moment, waited=known["waited"])
            frame.previous = run.record(kind, frame.previous, details)
        yield from self._until(call, known["at"], waited=known["waited"])

    def _until(self, call: Call, moment: float, *, waited: bool) -> Branch:
        """Let the time of then pass: other branches went on only while the call waited."""
        run = call.frame.run
        if moment > run.clock.now():
            if waited:
                yield run.scheduler.timer(moment - run.clock.now())
            elif self.clock is not None:
                self.clock.wait_until(moment, threading.Event())


def _answer(call: Call) -> Branch:
    """Wait for the answer to a request that was made before the kill."""
    if call.task.pattern == _WAITS:
        return call.token_answer()
    events = call.frame.run.events
    return jobs.follow(call, events[call.frame.previous - 1][3]["output"], services.make_request)


def _watched(performer: Branch, outcome: dict[str, Any], waits: Callable[[], None]) -> Branch:
    """Run a performer, and write down whether it waited. ``waits`` is called when it waits for the first time."""
    advance: Any = performer.send
    value: Any = None
    while True:
        try:
            future = advance(value)
        except StopIteration as end:
            return end.value
        if not outcome["waited"]:
            waits()
        outcome["waited"] = True
        try:
            value = yield future
            advance = performer.send
        except GeneratorExit:
            performer.close()
            raise
        except BaseException as error:  # noqa: BLE001  it is the performer's
            advance, value = performer.throw, error


def _failure(given: list[Any]) -> StateError:
    error, cause, fatal, heartbeat = given
    return StateError(error, cause, fatal=fatal, heartbeat=heartbeat)


def step(root: str, value: Any) -> tuple[str, tuple[Any, ...]]:
    """Return the statement that keeps a step of an execution."""
    return "INSERT INTO step (root, value) VALUES (?, ?)", (root, packed(value))


class StoreArchive(Archive):
    """The parts of ended executions, in the store. They are written with the end of the execution, in one transaction."""

    def __init__(self, store: Store) -> None:
        """Use a store."""
        super().__init__()
        self._store = store
        self._dropped: list[str] = []

    def keep(self, record: ExecutionRecord) -> None:
        """Do nothing: the parts are there."""

    @staticmethod
    def statements(owner: str, parts: Mapping[tuple[str, str], Any]) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """Yield the statements that keep parts of an execution."""
        for (arn, part), value in parts.items():
            yield "INSERT OR REPLACE INTO part (arn, part, owner, value) VALUES (?, ?, ?, ?)", (arn, part, owner, packed(value))

    def put(self, owner: str, parts: Mapping[tuple[str, str], Any]) -> None:
        """Keep parts of an execution."""
        self._store.write(self.statements(owner, parts))

    def get(self, arn: str, part: str) -> Any:
        """Return a part.

        Raises:
            LookupError: there is none.
        """
        for (value,) in self._store.read("SELECT value FROM part WHERE arn = ? AND part = ?", arn, part):
            return unpacked(value)
        raise LookupError(arn)

    def owner(self, arn: str) -> str | None:
        """Return the ARN of the execution that a child execution or a map run belongs to. None if it is not here."""
        found = self._store.read("SELECT owner FROM part WHERE arn = ? AND owner <> arn LIMIT 1", arn)
        return next((str(owner) for (owner,) in found), None)

    def drop(self, owner: str) -> None:
        """Forget an execution with its map runs and their children."""
        self._dropped.append(owner)

    def forgotten(self) -> list[tuple[str, tuple[Any, ...]]]:
        """Return the statements that remove what was dropped since the last call."""
        dropped, self._dropped = self._dropped, []
        return [
            (f"DELETE FROM {table} WHERE {column} = ?", (arn,))  # noqa: S608  no text of a user
            for arn in dropped
            for table, column in (("execution", "arn"), ("part", "owner"))
        ]


class DurableStepFunctions(StepFunctions):
    """The service, with everything that it accepted in a store."""

    def __init__(self, store: Store, **options: Any) -> None:
        """Create a service without state machines. :meth:`restore` reads the store.

        Args:
            store: the store.
            options: those of the service.
        """
        self._store = store
        self._restoring = False
        self._ended = 0
        self._definitions: set[str] = set()
        self._recorders: dict[str, Recorder] = {}
        self._late: list[ExecutionRecord] = []
        self._archive = StoreArchive(store)
        self._tell = options.pop("watch", None)
        # A fast clock is ahead of the wall, and time does not go back.
        start = max(time.time() if options.get("start") is None else options["start"], store.last_moment() or 0)
        super().__init__(**{**options, "start": start}, watch=self._watched, archive=self._archive)
        store.now = self.core.clock.now

    # --- write ---

    def call(self, operation: str, parameters: Mapping[str, Any] | None = None, **options: Any) -> dict[str, Any]:
        """Perform an operation, and keep what it changes before its answer is returned."""
        given = dict(parameters or {})
        root = self._root_of(operation, given)
        answer = super().call(operation, given, **options)
        if root is not None and not self._restoring:
            where = {name: options[name] for name in ("region", "account") if name in options}
            asked = {"operation": operation, "parameters": given, "options": where, "at": self.core.clock.now()}
            self._store.write([step(root, asked), *self._archive.forgotten()])
        return answer

    def advance(self, seconds: float) -> float:
        """Let time pass, and keep the time. Return it, in seconds since 1970."""
        now = super().advance(seconds)
        self._store.write([])
        return now

    def _root_of(self, operation: str, given: Mapping[str, Any]) -> str | None:
        """Return the root that an operation is a step of, before it is done; None if it changes nothing."""
        if operation in _SETUP:
            return CONTROL
        timeline: Timeline | None = None
        if operation in _ANSWERS:
            timeline = self.core.tokens.get(str(given.get("taskToken")))
        elif operation in _OF_EXECUTIONS:
            record = self.core.records.get(str(given.get("executionArn")))
            timeline = None if record is None else record.timeline
        recorder = None if timeline is None else timeline.engine.journal
        return recorder.root if isinstance(recorder, Recorder) else None

    def _watched(self, what: str, record: Any) -> None:
        if self._restoring:
            if what == "ended":
                self._late.append(record)
        elif what == "started":
            self._started(record)
        elif what == "redriven":
            self._redriven(record)
        elif what == "ended":
            self._over(record)
        if self._tell is not None and not (self._restoring and what in {"started", "ended"}):
            self._tell(what, record)

    def _started(self, record: ExecutionRecord, *statements: tuple[str, tuple[Any, ...]]) -> None:
        if record.timeline is None or record.execution is None:
            return
        engine = record.timeline.engine
        if engine.journal is None:
            seed = secrets.randbits(62)
            engine.journal = Recorder(self._store, record.arn, seed)
            engine.random.seed(seed)
            record.execution.reseed(seed + 1)
        recorder = engine.journal
        if isinstance(recorder, Recorder):
            self._recorders[record.arn] = recorder
            self._store.write([*self._definition(record), self._row(recorder, record, ended=False), *statements])

    def _redriven(self, record: ExecutionRecord) -> None:
        """Keep a redrive, and the state that it begins with if the steps before it are not kept any more."""
        if record.timeline is None:
            return
        begins: list[tuple[str, tuple[Any, ...]]] = []
        if record.timeline.engine.journal is None:
            state = {
                "rest": record.rest(), "events": record.kept_events, "runs": record.kept_runs, "redriven": record.redriven - 1,
                "transitions": record.transitions,
            }  # fmt: skip
            begins += [
                ("DELETE FROM step WHERE root = ?", (record.arn,)),
                *self._archive.statements(record.arn, {(record.arn, _BASE): state}),
            ]
        token = next((token for token, at in record.redrive_tokens.items() if at == record.redriven_at), None)
        given = {"executionArn": record.arn, **({} if token is None else {"clientToken": token})}
        asked = {"operation": "RedriveExecution", "parameters": given, "options": {}, "at": record.redriven_at}
        recorder = record.timeline.engine.journal
        root = recorder.root if isinstance(recorder, Recorder) else record.arn
        self._started(record, *begins, step(root, asked))

    def _definition(self, record: ExecutionRecord) -> list[tuple[str, tuple[Any, ...]]]:
        """Return the statement that keeps the definition of an execution: a later one may be another."""
        revision = record.machine.revision
        key = hash_of(revision.definition)
        if key in self._definitions:
            return []
        self._definitions.add(key)
        return [self._store.put(DEFINITION, "", key, revision.definition)]

    def _row(self, recorder: Recorder, record: ExecutionRecord, *, ended: bool) -> tuple[str, tuple[Any, ...]]:
        machine = record.machine
        kept: dict[str, Any] = {
            "name": record.name, "machine": str(machine.record.arn), "definition": hash_of(machine.revision.definition),
            "version": machine.version, "alias": machine.alias, "started": record.started, "seed": recorder.seed, "trace": record.trace,
        }  # fmt: skip
        if ended and record.execution is not None:
            runs = [*record.kept_runs, *(run.arn for run in record.execution.map_runs)]
            kept |= {
                "status": record.status, "error": record.error, "stopped": record.stopped, "transitions": record.transitions,
                "redriven": record.redriven, "redriven_at": record.redriven_at, "count": record.execution.event_count, "runs": runs,
            }  # fmt: skip
        else:
            kept["input"] = record.input
        held = ended and record.execution is not None and not record.execution.can_rest
        values = (record.arn, recorder.root, record.number, _HELD if held else int(ended), packed(kept))
        return "INSERT OR REPLACE INTO execution VALUES (?, ?, ?, ?, ?)", values

    def _over(self, record: ExecutionRecord) -> None:
        recorder = self._recorders.pop(record.arn, None) or (record.timeline.engine.journal if record.timeline is not None else None)
        if not isinstance(recorder, Recorder):
            return
        root = recorder.root
        statements = [self._row(recorder, record, ended=True), *self._archive.statements(record.arn, record.parts())]
        statements.append(
            ("DELETE FROM step WHERE root = ? AND NOT EXISTS (SELECT 1 FROM execution WHERE root = ? AND ended <> 1)", (root, root))
        )
        statements += self._archive.forgotten()
        self._ended += 1
        if self._ended % _TRIMMED_AFTER == 0:
            statements.append(("DELETE FROM step WHERE root <> '' AND root NOT IN (SELECT root FROM execution)", ()))
        self._store.write(statements)

    # --- read ---

    def restore(self) -> dict[str, int]:
        """Read the store: what was set up, what has ended, and what runs. Call it when all workflows are added.

        Returns:
            the numbers of executions that run again, and of those that have ended.
        """
        self._restoring = self.core.holding = True
        try:
            for (value,) in self._store.read("SELECT value FROM step WHERE root = '' ORDER BY number"):
                asked = unpacked(value)
                with suppress(ServiceError):
                    super().call(asked["operation"], asked["parameters"], **asked["options"])
            definitions = {key: text for _, key, text in self._store.contents(DEFINITION)}
            self._definitions = {*definitions}
            compiled: dict[tuple[str, str], Revision] = {}
            rows = [(*row, unpacked(value)) for *row, value in self._store.read("SELECT * FROM execution ORDER BY number")]
            open_ones = {arn: root for arn, root, _, ended, _ in rows if not ended}
            running = set(open_ones.values())
            held = [root for arn, root, _, ended, _ in rows if ended == _HELD and arn == root]
            again = running | set(held[-MOST_HELD:])
            self.core.reserve(max((row[2] for row in rows), default=0))
            resumed = []
            for arn, root, number, _, kept in rows:
                machine = self._machine(kept, definitions, compiled) if arn == root and root in again else None
                if machine is not None:
                    resumed.append(self._run_again(arn, number, machine, kept))
            for arn, _, number, ended, kept in rows:
                machine = self._machine(kept, definitions, compiled) if ended and arn not in self.core.records else None
                if machine is not None:
                    self._remember(arn, number, machine, kept)
            self.core.in_order()
        finally:
            self._restoring = False
        for record in list(self.core.records.values()):
            recorder = record.timeline.engine.journal if record.timeline is not None else None
            if isinstance(recorder, Recorder) and not record.done:
                if record.arn not in open_ones:  # the kill came before the execution that a task had started was kept
                    self._started(record)
                self._recorders[record.arn] = recorder
        for record in dict.fromkeys(self._late):
            if record.done and open_ones.get(record.arn) == _root(record):  # the kill came before its end was kept
                self._over(record)
        self._late.clear()
        self.core.release()
        for timeline in resumed:
            timeline.wake()
        return {"running": len(running), "ended": len(rows) - len(running)}

    def _machine(
        self, kept: Mapping[str, Any], definitions: Mapping[str, str], compiled: dict[tuple[str, str], Revision]
    ) -> Startable | None:
        """Return what an execution runs. ``compiled`` has the revisions that were made of earlier definitions."""
        record: MachineRecord | None = self.core.machines.get(kept["machine"])
        text = definitions.get(kept["definition"])
        if record is None or text is None:
            return None
        revision = record.revision
        if revision.definition != text:
            key = (kept["machine"], kept["definition"])
            if key not in compiled:
                try:
                    machine = compile_definition(text, type="EXPRESS" if revision.type == "EXPRESS" else "STANDARD")
                except DefinitionError:
                    return None
                compiled[key] = replace(revision, definition=text, machine=machine)
            revision = compiled[key]
        return startable(record, revision, kept["version"], kept["alias"])

    def _remember(self, arn: str, number: int, machine: Startable, kept: Mapping[str, Any]) -> None:
        if "events" in kept:  # of version 1
            texts = {name: kept[name] for name in ("input", "output", "cause")}
            events: list[RawEvent] = kept["events"]
            chunks = {(arn, chunk(at // CHUNK)): events[at : at + CHUNK] for at in range(0, len(events), CHUNK)}
            kept = {**{name: kept[name] for name in kept if name not in {*texts, "events"}}, "count": len(events), "runs": []}
            update = ("UPDATE execution SET value = ? WHERE arn = ?", (packed(kept), arn))
            self._store.write([update, *self._archive.statements(arn, {(arn, TEXTS): texts, **chunks})])
        record = ExecutionRecord(arn, kept["name"], number, machine, "", kept["started"], None, None)
        record.trace, record.error = kept["trace"], kept["error"]
        record.stopped, record.transitions = kept["stopped"], kept["transitions"]
        record.redriven, record.redriven_at = kept["redriven"], kept["redriven_at"]
        record.archived(self._archive, kept["count"], tuple(kept["runs"]))
        record.status = kept["status"]
        self.core.remember(record)

    def _run_again(self, arn: str, number: int, machine: Startable, kept: Mapping[str, Any]) -> Timeline:
        core = self.core
        parsed = arns.parse(arn, arns.EXECUTION, arns.EXPRESS)
        timeline = Timeline(core, region=parsed.region, account=parsed.account, seed=kept["seed"])
        clock = ReplayClock(core.clock, kept["started"])
        recorder = Recorder(self._store, arn, kept["seed"], clock)
        timeline.follow(clock)
        timeline.engine.journal = recorder
        given = kept["input"] if "input" in kept else self._archive.get(arn, TEXTS)["input"]  # ended, and another of its timeline runs
        record = ExecutionRecord(arn, kept["name"], number, machine, given, kept["started"], None, None)
        record.trace = kept["trace"]
        base = next((unpacked(value) for (value,) in self._store.read(*_PART, arn, _BASE)), None)
        if base is None:
            execution = timeline.start(machine, json.loads(given), name=kept["name"], arn=arn)
            record.execution, record.timeline = execution, timeline
        else:
            execution = self._as_before(record, timeline, base, clock)
        timeline.engine.random.seed(kept["seed"])
        execution.reseed(kept["seed"] + 1)
        if base is None:
            core.add(record)
        else:
            core.remember(record)
        operations = []
        last = clock.now()
        for (value,) in self._store.read("SELECT value FROM step WHERE root = ? ORDER BY number", arn):
            one = unpacked(value)
            last = max(last, one["at"])
            if "key" in one:
                recorder.recalled[one["key"]] = one
            else:
                operations.append(one)
        if kept.get("stopped"):
            last = max(last, kept["stopped"])
        scheduler = timeline.engine.scheduler
        execution.begin()
        for asked in operations:
            scheduler.run(patient=False, until=asked["at"])
            clock.wait_until(asked["at"], threading.Event())
            timeline.hand_over()
            with suppress(ServiceError, TaskTokenError):
                self._again(asked, timeline)
        scheduler.run(patient=False, until=last)
        timeline.hand_over()
        recorder.go_live()
        return timeline

    def _as_before(self, record: ExecutionRecord, timeline: Timeline, base: Mapping[str, Any], clock: ReplayClock) -> Execution:
        """Let an execution have the state that it had before its last redrive."""
        record.archived(self._archive, base["events"], tuple(base["runs"]))
        record.redriven, record.transitions = base["redriven"], base["transitions"]
        state = base["rest"]["execution"]
        record.status, record.stopped, record.error = state["status"], state["stopped"], state["error"]
        clock.wait_until(state["stopped"], threading.Event())
        return self.core.put_back(record, timeline, base["rest"], record.events())

    def _again(self, asked: Mapping[str, Any], timeline: Timeline) -> None:
        """Do what was asked of an execution while it is run again, on this thread."""
        operation, given = asked["operation"], asked["parameters"]
        engine = timeline.engine
        match operation:
            case "SendTaskSuccess":
                engine.send_task_success(given["taskToken"], json.loads(given["output"]))
            case "SendTaskFailure":
                engine.send_task_failure(given["taskToken"], given.get("error"), given.get("cause"))
            case "SendTaskHeartbeat":
                engine.send_task_heartbeat(given["taskToken"])
            case "StopExecution":
                record = self.core.records[given["executionArn"]]
                if record.execution is not None:
                    record.execution.stop(given.get("error"), given.get("cause"))
            case "RedriveExecution":
                record = self.core.records[given["executionArn"]]
                if record.execution is not None:
                    self.core.reopen(record, timeline, asked["at"], given.get("clientToken"))
                    timeline.executions.append(record.execution)
                    record.execution.redrive()
                    record.execution.begin()


_PART: Final = ("SELECT value FROM part WHERE arn = ? AND part = ?",)


def _root(record: ExecutionRecord) -> str | None:
    """Return the execution with whose steps an execution is run again."""
    recorder = None if record.timeline is None else record.timeline.engine.journal
    return recorder.root if isinstance(recorder, Recorder) else None


def hash_of(text: str) -> str:
    """Return a short name of a definition."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]
