"""Time and concurrency: a clock, and the scheduler that runs the branches of an execution.

A branch (an execution, an iteration of a Map state, a branch of a Parallel state) is a generator that yields a
:class:`Future` when it has to wait. The scheduler runs branches in a fixed order on one thread, so that two runs of an
execution are equal to the byte. When all branches wait, the clock moves on to the next timer. The virtual clock jumps there.
"""

from __future__ import annotations

import heapq
import threading
import time
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    Branch: TypeAlias = Generator["Future", Any, Any]

EPOCH = 1_735_689_600.0
"""The start of virtual time: 2025-01-01T00:00:00Z."""


def iso(moment: float) -> str:
    """Return a time as Step Functions writes it: with milliseconds, or without a fraction on the full second.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html ("Timestamp format with
    fractional seconds")

    >>> iso(0.5), iso(1)
    ('1970-01-01T00:00:00.500Z', '1970-01-01T00:00:01Z')
    """
    text = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    return text[:19] + ("Z" if text[20:23] == "000" else f"{text[19:23]}Z")


class Clock(Protocol):
    """The clock that an engine runs on."""

    def now(self) -> float:
        """Return the seconds since 1970."""

    def wait_until(self, moment: float, wake: threading.Event) -> bool:
        """Let time pass until a moment, or until another thread sets the event. Return whether the moment has come."""


class VirtualClock:
    """A clock that jumps: a Wait of thirty days takes no time.

    >>> clock = VirtualClock(start=0)
    >>> clock.wait_until(30 * 86400, threading.Event())
    True
    >>> clock.now()
    2592000
    """

    def __init__(self, start: float = EPOCH) -> None:
        """Start at a moment, in seconds since 1970."""
        self._now = start

    def now(self) -> float:
        """Return the seconds since 1970."""
        return self._now

    def wait_until(self, moment: float, wake: threading.Event) -> bool:  # noqa: ARG002  nothing can happen in a jump
        """Jump to a moment. Return True."""
        self._now = max(self._now, moment)
        return True


class RealClock:
    """The machine's clock: a Wait of ten seconds takes ten seconds."""

    def now(self) -> float:
        """Return the seconds since 1970."""
        return time.time()

    def wait_until(self, moment: float, wake: threading.Event) -> bool:
        """Sleep until a moment, or until another thread sets the event. Return whether the moment has come."""
        if wake.wait(max(0.0, moment - time.time())):
            wake.clear()
            return False
        return True


class Future:
    """A value that a branch waits for. It is resolved once, with the value or with an error."""

    __slots__ = ("callback", "done", "error", "external", "value")

    def __init__(self, *, external: bool = False) -> None:
        """Create an unresolved future. An external one is resolved from outside the execution (task tokens, activities)."""
        self.done = False
        self.value: Any = None
        self.error: BaseException | None = None
        self.callback: Callable[[], None] | None = None
        self.external = external

    def resolve(self, value: Any = None) -> None:
        """Resolve the future with a value. Later calls change nothing."""
        if not self.done:
            self.done = True
            self.value = value
            if self.callback is not None:
                self.callback()

    def fail(self, error: BaseException) -> None:
        """Resolve the future with an error. Later calls change nothing."""
        if not self.done:
            self.done = True
            self.error = error
            if self.callback is not None:
                self.callback()


class CancelledError(BaseException):
    """Ends a branch that is stopped: it is thrown into the branch where that waits, so that the branch can stop what it started."""


class Running:
    """A branch that the scheduler runs."""

    __slots__ = ("branch", "cancelled", "finished")

    def __init__(self, branch: Branch, finished: Callable[[Any, BaseException | None], None]) -> None:
        """Create it with the function to call when the branch ends."""
        self.branch = branch
        self.finished = finished
        self.cancelled = False

    def cancel(self) -> None:
        """Stop the branch at the point where it waits. ``finished`` is not called."""
        self.cancelled = True
        with suppress(CancelledError, StopIteration):
            self.branch.throw(CancelledError())


class Scheduler:
    """Run branches in turn, and let time pass when all of them wait."""

    def __init__(self, clock: Clock) -> None:
        """Create a scheduler that uses a clock."""
        self.clock = clock
        self._ready: deque[tuple[Running, Future | None]] = deque()
        self._timers: list[tuple[float, int, Future, bool]] = []
        self._count = 0

    @cached_property
    def wake(self) -> threading.Event:
        """The event that is set when another thread resolved a future. Only a real clock waits for it."""
        return threading.Event()

    def start(self, branch: Branch, finished: Callable[[Any, BaseException | None], None]) -> Running:
        """Queue a branch that has not run yet, and return it as a running one."""
        running = Running(branch, finished)
        self._ready.append((running, None))
        return running

    def adopt(self, branch: Branch, future: Future, finished: Callable[[Any, BaseException | None], None]) -> Running:
        """Take over a branch that waits for a future, and return it as a running one."""
        running = Running(branch, finished)
        self._park(running, future)
        return running

    def timer(self, seconds: float, *, patient: bool = False) -> Future:
        """Return a future that resolves (with True) after some seconds.

        Args:
            seconds: the time from now.
            patient: whether this is the timeout of a request that is answered from outside. :meth:`run` does not let such
                a time pass if it is called with ``patient``.
        """
        future = Future()
        self.at(self.clock.now() + seconds, future, patient=patient)
        return future

    def at(self, moment: float, future: Future, *, patient: bool = False) -> None:
        """Resolve a future at a moment, unless it was resolved before."""
        self._count += 1
        heapq.heappush(self._timers, (moment, self._count, future, patient))

    @property
    def next_timer(self) -> tuple[float, bool] | None:
        """The moment of the next timer, and whether it is patient. None if no timer runs."""
        while self._timers and self._timers[0][2].done:
            heapq.heappop(self._timers)
        return (self._timers[0][0], self._timers[0][3]) if self._timers else None

    def notify(self) -> None:
        """Wake a waiting real clock, after another thread resolved a future."""
        self.wake.set()

    def run(self, *, patient: bool, until: float | None = None, finished: Callable[[], bool] | None = None) -> None:
        """Run branches until nothing is left to do.

        Args:
            patient: stop also if the next timer is the timeout of a request that is answered from outside.
            until: let time pass up to this moment only.
            finished: a function; stop as soon as it returns True.
        """
        while True:
            while self._ready:
                running, future = self._ready.popleft()
                if not running.cancelled:
                    self._step(running, future)
            if finished is not None and finished():
                return
            while self._timers and self._timers[0][2].done:
                heapq.heappop(self._timers)
            if not self._timers or (patient and self._timers[0][3]):
                return
            moment = self._timers[0][0]
            if until is not None and moment > until:
                self.clock.wait_until(until, self.wake)
                return
            if self.clock.wait_until(moment, self.wake):
                heapq.heappop(self._timers)[2].resolve(True)  # noqa: FBT003  the value of a timer

    def _step(self, running: Running, future: Future | None) -> None:
        try:
            if future is None:
                waits = next(running.branch)
            elif future.error is not None:
                waits = running.branch.throw(future.error)
            else:
                waits = running.branch.send(future.value)
        except StopIteration as end:
            running.finished(end.value, None)
        except Exception as error:  # noqa: BLE001  the branch's owner gets it
            running.finished(None, error)
        else:
            self._park(running, waits)

    def _park(self, running: Running, future: Future) -> None:
        if future.done:
            self._ready.append((running, future))
        else:
            future.callback = lambda: self._ready.append((running, future))
