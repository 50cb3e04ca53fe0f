"""What survives a kill: a journal of what was accepted, from which the endpoint is restored.

An execution is a function of its input, its seed, the results of its calls and the answers from outside. So the journal has

- ``call``: a request that changed something, with its time and the seed of its random values,
- ``advance``: a control call that moved the clock,
- ``taken``: a task that a worker of an activity took,
- ``result``: the result of a call of a task, with its time,
- ``child``: an execution that a task started,
- ``ended``: an execution that ended, with its history,

in the order in which they happened. The endpoint is restored by doing the same again: an execution that succeeded is taken from its
``ended``; any other runs again, and its calls get the recorded results instead of being made. A call without a result was cut off by
the kill; it is made again, so a function can run twice, as after a retry. A request is answered only after its entry is on the disk.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections import defaultdict, deque
from typing import TYPE_CHECKING, Any, Final, Protocol

from generator.engine.calls import functions, services
from generator.engine.clock import Future
from generator.engine.failure import StateError
from generator.engine.history import json_text, text_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from generator.engine.calls.call import Call
    from generator.engine.clock import Branch
    from generator.local.stepfunctions.routes import Performer

Entry = dict[str, Any]
_NAME: Final = "stepfunctions.jsonl"
_FUNCTIONS: Final = frozenset({"lambda", "aws-sdk:lambda"})
_NESTED: Final = frozenset({"states", "aws-sdk:sfn"})
_WAITS: Final = ".waitForTaskToken"


class Journal(Protocol):
    """Where entries are kept."""

    def entries(self) -> Iterator[Entry]:
        """Yield the entries in the order in which they were appended."""

    def append(self, entry: Entry) -> None:
        """Add an entry. It is safe when :meth:`sync` returns."""

    def sync(self) -> None:
        """Wait until all that was appended before is safe."""

    def rewrite(self, entries: Iterable[Entry]) -> None:
        """Replace all entries, as a whole or not at all."""

    def close(self) -> None:
        """End the use of the journal."""


class FileJournal:
    """A journal in a folder, as one JSON value a line. The last line may be torn by a kill: it was not answered."""

    def __init__(self, folder: Path) -> None:
        """Open the journal of a folder, which is made if it does not exist.

        Raises:
            OSError: the folder cannot be used.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / _NAME
        self._lock = threading.Lock()
        self._flushing = threading.Lock()
        self._written = self._synced = 0
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)

    def entries(self) -> Iterator[Entry]:
        """Yield the entries. A torn line at the end is removed."""
        whole = 0
        with self.path.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                try:
                    entry = json.loads(line)
                except ValueError:
                    break
                whole += len(line)
                yield entry
        os.ftruncate(self._file, whole)

    def append(self, entry: Entry) -> None:
        """Write an entry."""
        line = text_bytes(json.dumps(entry, separators=(",", ":"))) + b"\n"
        with self._lock:
            while line:
                line = line[os.write(self._file, line) :]
            self._written += 1

    def sync(self) -> None:
        """Wait until what was written is on the disk. Threads that wait at the same time share one wait."""
        with self._lock:
            wanted = self._written
        with self._flushing:
            if self._synced >= wanted:
                return
            with self._lock:
                reached = self._written
            os.fsync(self._file)
            self._synced = reached

    def rewrite(self, entries: Iterable[Entry]) -> None:
        """Replace the file."""
        fresh = self.path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            for entry in entries:
                file.write(json.dumps(entry, separators=(",", ":")) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with self._lock:
            fresh.replace(self.path)
            os.close(self._file)
            self._file = os.open(self.path, os.O_RDWR | os.O_APPEND)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


class Results:
    """The results of calls: those that were recorded, and the record of new ones."""

    def __init__(self, append: Callable[[Entry], None]) -> None:
        """Start without results."""
        self._append = append
        self._known: dict[str, deque[Entry]] = defaultdict(deque)
        self._parked: list[tuple[Any, Future]] | None = None

    def park(self, call: Call) -> Branch:
        """Wait until the past was repeated, if it is being repeated."""
        if self._parked is not None:
            engine: Any = call.frame.run.engine  # one of a timeline
            future = Future()
            engine.timeline.parked += 1
            self._parked.append((engine.timeline, future))
            yield future
            engine.timeline.parked -= 1

    def load(self, entry: Entry) -> None:
        """Take a recorded result."""
        self._known[entry["key"]].append(entry)

    def around(self, performer: Performer | None) -> Recorded:
        """Return what performs a call and records its result."""
        return Recorded(self, performer)

    def next(self, key: str) -> Entry | None:
        """Return the next recorded result of a call."""
        queue = self._known.get(key)
        if not queue:
            return None
        entry = queue.popleft()
        if not queue:
            del self._known[key]
        return entry

    def add(self, call: Call, key: str, **result: Any) -> None:
        """Record a result."""
        engine: Any = call.frame.run.engine  # one of a timeline
        self._append({"kind": "result", "root": engine.root, "key": key, "at": engine.clock.now(), **result})

    def hold(self) -> None:
        """Let calls without a recorded result wait for :meth:`release`."""
        self._parked = []

    def release(self) -> None:
        """Drop the results that no call asked for, and let the calls be made that have none."""
        self._known.clear()
        parked, self._parked = self._parked or [], None
        for timeline, future in parked:
            timeline.post(future.resolve)


class Recorded:
    """What performs one call: the recorded result, or the call itself."""

    def __init__(self, results: Results, performer: Performer | None) -> None:
        """Create it around what performs the call; None for the engine."""
        self._results = results
        self._performer = performer

    def perform(self, call: Call) -> Branch:
        """Perform a call, or return its recorded result at its time.

        Raises:
            StateError: the call failed.
        """
        task, run = call.task, call.frame.run
        if task.service in _NESTED and self._performer is None:
            return (yield from self._made(call))  # the execution that it starts is recorded itself
        text = json_text([run.arn, task.name, task.resource, call.parameters])
        key = hashlib.sha256(text_bytes(text)).hexdigest()
        known = self._results.next(key)
        if task.pattern == _WAITS:
            return (yield from self._waits(call, key, known))
        if known is not None:
            yield from _until(call, known["at"])
            if task.prefix == "Activity":
                call.record("Started")
            if "error" in known:
                raise StateError(known["error"], known["cause"], fatal=known["fatal"])
            if known.get("submitted") is not None:
                call.submitted(known["submitted"])
            call.close()
            return known["value"]
        yield from self._results.park(call)
        before = len(run.events)
        try:
            value = yield from self._made(call)
        except StateError as failure:
            if run.stopped is None:
                self._results.add(call, key, error=failure.error, cause=failure.cause, fatal=failure.fatal)
            raise
        self._results.add(call, key, value=value, submitted=_submitted(call, before))
        return value

    def _waits(self, call: Call, key: str, known: Entry | None) -> Branch:
        """Perform a call that is answered from outside: only the response to the request is a result."""
        if known is not None:
            yield from _until(call, known["at"])
            if "error" in known:
                raise StateError(known["error"], known["cause"], fatal=known["fatal"])
            call.submitted(known["submitted"])
            return (yield from call.token_answer())
        yield from self._results.park(call)
        before = len(call.frame.run.events)
        steps = self._made(call)
        try:
            future = next(steps)
        except StateError as failure:
            self._results.add(call, key, error=failure.error, cause=failure.cause, fatal=failure.fatal)
            raise
        except StopIteration as end:
            self._results.add(call, key, value=end.value)
            return end.value
        self._results.add(call, key, submitted=_submitted(call, before))
        return (yield from _resumed(steps, future))

    def _made(self, call: Call) -> Branch:
        if self._performer is not None:
            return self._performer.perform(call)
        task = call.task
        if task.service in _FUNCTIONS and (task.prefix == "LambdaFunction" or task.action == "invoke"):
            return functions.perform(call)
        return services.perform(call)


def _until(call: Call, moment: float) -> Branch:
    """Wait until the moment of a recorded result."""
    run = call.frame.run
    if moment > run.clock.now():
        yield run.scheduler.timer(moment - run.clock.now())


def _submitted(call: Call, before: int) -> Any:
    """Return the response to the request of a call that is answered later. None if there is none."""
    found = (details for kind, _, _, details in call.frame.run.events[before:] if kind.endswith("Submitted"))
    return next((details["output"] for details in found), None)


def _resumed(steps: Branch, future: Any) -> Branch:
    """Go on with steps that wait for a future."""
    try:
        while True:
            try:
                value = yield future
            except StateError as failure:
                future = steps.throw(failure)
            else:
                future = steps.send(value)
    except StopIteration as end:
        return end.value
    finally:
        steps.close()
