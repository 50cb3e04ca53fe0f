"""Journaling of requests, and the repetition of the past from a journal: see :mod:`generator.local.stepfunctions.journal`."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from generator.local.stepfunctions import arns
from generator.local.stepfunctions.journal import Results
from generator.local.stepfunctions.model import ServiceError
from generator.local.stepfunctions.records import SUCCEEDED, ExecutionRecord, Startable
from generator.local.stepfunctions.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.local.stepfunctions.core import Core
    from generator.local.stepfunctions.journal import Entry, Journal

    Operation = Callable[[dict[str, Any], str, str], dict[str, Any]]
    """Performs an operation for parameters, a region and an account."""

CHANGING: Final = frozenset({
    "CreateActivity", "CreateStateMachine", "CreateStateMachineAlias", "DeleteActivity", "DeleteStateMachine", "DeleteStateMachineAlias",
    "DeleteStateMachineVersion", "PublishStateMachineVersion", "RedriveExecution", "SendTaskFailure", "SendTaskHeartbeat",
    "SendTaskSuccess", "StartExecution", "StopExecution", "TagResource", "UntagResource", "UpdateMapRun", "UpdateStateMachine",
    "UpdateStateMachineAlias",
})  # fmt: skip
"""The operations that are in the journal. The caller of StartSyncExecution is gone after a kill; a taken task has an entry of its own."""
_SEED_BITS: Final = 64


class Past:
    """The journal of a service: what is written into it, and what is restored from it."""

    def __init__(self, core: Core, journal: Journal) -> None:
        """Use a journal."""
        self.core = core
        self.journal = journal
        self.results = Results(core.write)
        core.answers.around = self.results.around

    def call(self, operation: str, perform: Operation, parameters: dict[str, Any], region: str, account: str) -> dict[str, Any]:
        """Perform an operation, and return its answer when its entry is safe."""
        core = self.core
        with core.lock:
            seed = core.random.getrandbits(_SEED_BITS)
            core.random.seed(seed)
            root = self._root(parameters)
            at = core.clock.now()
            answer = perform(parameters, region, account)
            started = answer.get("startDate")
            entry: Entry = {
                "kind": "call",
                "operation": operation,
                "parameters": parameters,
                "region": region,
                "account": account,
                "at": at if started is None else max(at, started.timestamp()),
                "seed": seed,
                "root": answer.get("executionArn", root),
            }
            core.write(entry)
        self.journal.sync()
        return answer

    def _root(self, parameters: dict[str, Any]) -> str | None:
        """Return the first execution of the timeline that a request is about."""
        core = self.core
        record = core.records.get(parameters.get("executionArn", ""))
        timeline = core.tokens.get(parameters.get("taskToken", "")) if record is None else record.timeline
        return None if timeline is None else timeline.engine.root

    def advance(self, seconds: float) -> None:
        """Keep that the clock was moved."""
        self.core.write({"kind": "advance", "seconds": seconds, "at": self.core.clock.now()})
        self.journal.sync()

    def taken(self, token: str, worker: str | None) -> None:
        """Keep that a worker took a task."""
        timeline = self.core.tokens.get(token)
        root = None if timeline is None else timeline.engine.root
        self.core.write({"kind": "taken", "token": token, "worker": worker, "at": self.core.clock.now(), "root": root})
        self.journal.sync()

    def restore(self, operations: dict[str, Operation]) -> None:
        """Repeat the past, then let the time since then pass."""
        core = self.core
        entries = list(self.journal.entries())
        if not entries:
            return
        for entry in entries:
            if entry["kind"] == "ended":
                core.history[entry["arn"]] = entry
            elif entry["kind"] == "result":
                self.results.load(entry)
        core.restoring = True
        self.results.hold()
        core.clock.hold(min(entry["at"] for entry in entries if "at" in entry))
        for entry in entries:
            if entry["kind"] in {"call", "advance", "taken", "child"}:
                self._repeat(entry, operations)
        core.settle()
        for arn, entry in core.history.items():
            record = core.records.get(arn)
            if record is not None and record.status != entry["status"]:
                self._override(record, entry)
        self.journal.rewrite(self._needed(entries))
        core.history.clear()
        core.restoring = False
        self._catch_up()
        self.results.release()

    def _repeat(self, entry: Entry, operations: dict[str, Operation]) -> None:
        core = self.core
        if not core.clock.virtual and entry["at"] > core.clock.now():
            core.advance(entry["at"] - core.clock.now())
        core.settle()
        if entry["kind"] == "advance":
            core.advance(entry["seconds"])
        elif entry["kind"] == "taken":
            self._take(entry)
        elif entry["kind"] == "child":
            self._start_child(entry)
        else:
            core.random.seed(entry["seed"])
            with suppress(ServiceError):  # such as an answer to a task of an execution that has ended
                operations[entry["operation"]](entry["parameters"], entry["region"], entry["account"])

    def _take(self, entry: Entry) -> None:
        core = self.core
        token, worker = entry["token"], entry["worker"]
        found = core.waiting(token)
        if found is None:
            return
        for queue in core.activities.values():
            for task in [each for each in queue if each[0] == token]:
                queue.remove(task)
        if found[1].started is not None:
            started = found[1].started
            found[0].post(lambda: started(worker))

    def _start_child(self, entry: Entry) -> None:
        """Start an execution that a task started, if the execution of that task does not run again."""
        core = self.core
        machine = core.state_machines.get(entry["machine"])
        if entry["arn"] in core.records or not isinstance(machine, Startable):
            return
        parent = core.records.get(entry["root"])
        if parent is not None and not parent.done:
            return
        arn = arns.parse(entry["arn"], arns.EXECUTION, arns.EXPRESS)
        performers = core.answers.performers(machine.name, machine.title, None)
        timeline = Timeline(core, region=arn.region, account=arn.account, seed=entry["seed"], mocks=performers)
        execution = timeline.start(machine, json.loads(entry["input"]), name=arn.names[1], arn=entry["arn"])
        record = ExecutionRecord(entry["arn"], arn.names[1], core.number(), machine, entry["input"], execution.started, execution, timeline)
        core.add(record)
        if not core.restored(record):
            timeline.post(execution.begin)

    def _override(self, record: ExecutionRecord, entry: Entry) -> None:
        """Keep the result that the journal has, where the repetition had another."""
        core = self.core
        running = not record.done
        if record.execution is not None and running:
            record.execution.interrupt()
        record.restore(entry)
        core.executions.pop(record.arn, None)
        if running:
            record.machine.record.running -= 1

    def _needed(self, entries: list[Entry]) -> list[Entry]:
        """Return the entries without those of executions that are forgotten, and without results that nothing asks for again."""
        records = self.core.records
        done = {arn for arn, record in records.items() if record.status == SUCCEEDED and record.execution is None}
        kept = []
        for entry in entries:
            root = entry.get("root") or entry.get("arn")
            if root is not None and root.startswith("arn:") and root not in records:
                continue
            if entry["kind"] == "result" and root in done:
                continue
            kept.append(entry)
        return kept

    def _catch_up(self) -> None:
        """Let the time pass that has passed since the kill."""
        core = self.core
        if core.clock.pace == 1 and time.time() > core.clock.now():
            core.advance(time.time() - core.clock.now())
        core.clock.release()
        for timeline in list(core.timelines):
            timeline.wake()
