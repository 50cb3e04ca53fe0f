"""Time and concurrency: a clock, and the scheduler that runs the branches of an execution.

A branch (an execution, an iteration of a Map state, a branch of a Parallel state) is a generator that yields a
:class:`Future` when it has to wait. The scheduler runs branches in a fixed order on one thread, so that an execution
is repeatable to the byte; when all of them wait, the clock moves on to the next timer. The virtual clock jumps there.
"""

from __future__ import annotations

import heapq
import threading
import time
from collections import deque
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    Branch: TypeAlias = Generator["Future", Any, Any]

EPOCH = 1_735_689_600.0
"""Where virtual time starts: 2025-01-01T00:00:00Z."""


class Clock(Protocol):
    """What the engine asks of a clock."""

    def now(self) -> float:
        """Seconds since 1970."""
        ...

    def wait_until(self, moment: float, wake: threading.Event) -> bool:
        """Let time pass until a moment, or until somebody sets the event; tells whether the moment has come."""
        ...


class VirtualClock:
    """A clock that jumps: a Wait of thirty days takes no time.

    Example:
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
        """Seconds since 1970."""
        return self._now

    def wait_until(self, moment: float, wake: threading.Event) -> bool:  # noqa: ARG002  nothing can happen in a jump
        """Jump to a moment."""
        self._now = max(self._now, moment)
        return True


class RealClock:
    """The machine's clock: a Wait of ten seconds takes ten seconds."""

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def wait_until(self, moment: float, wake: threading.Event) -> bool:
        """Sleep until a moment, or until somebody sets the event."""
        if wake.wait(max(0.0, moment - time.time())):
            wake.clear()
            return False
        return True


class Future:
    """Something that a branch waits for: it is resolved once, with a value or an error."""

    __slots__ = ("callback", "done", "error", "external", "value")

    def __init__(self, *, external: bool = False) -> None:
        """Create an unresolved future; an external one is resolved from outside (task tokens, activities)."""
        self.done = False
        self.value: Any = None
        self.error: BaseException | None = None
        self.callback: Callable[[], None] | None = None
        self.external = external

    def resolve(self, value: Any = None) -> None:
        """Give the value; later calls change nothing."""
        if not self.done:
            self.done = True
            self.value = value
            if self.callback is not None:
                self.callback()

    def fail(self, error: BaseException) -> None:
        """Give the error; later calls change nothing."""
        if not self.done:
            self.done = True
            self.error = error
            if self.callback is not None:
                self.callback()


class Running:
    """A branch that has been handed to the scheduler."""

    __slots__ = ("branch", "cancelled", "finished")

    def __init__(self, branch: Branch, finished: Callable[[Any, BaseException | None], None]) -> None:
        """Remember a branch and whom to tell when it ends."""
        self.branch = branch
        self.finished = finished
        self.cancelled = False

    def cancel(self) -> None:
        """Stop the branch where it waits; nobody is told."""
        self.cancelled = True
        self.branch.close()


class Scheduler:
    """Runs branches in turn and lets time pass when all of them wait."""

    def __init__(self, clock: Clock) -> None:
        """Create a scheduler on a clock."""
        self.clock = clock
        self._ready: deque[tuple[Running, Future | None]] = deque()
        self._timers: list[tuple[float, int, Future, bool]] = []
        self._count = 0

    @cached_property
    def wake(self) -> threading.Event:
        """Set when a future was resolved from another thread; only a real clock waits for it."""
        return threading.Event()

    def start(self, branch: Branch, finished: Callable[[Any, BaseException | None], None]) -> Running:
        """Queue a branch that has not run yet."""
        running = Running(branch, finished)
        self._ready.append((running, None))
        return running

    def adopt(self, branch: Branch, future: Future, finished: Callable[[Any, BaseException | None], None]) -> Running:
        """Take over a branch that already waits for a future."""
        running = Running(branch, finished)
        self._park(running, future)
        return running

    def timer(self, seconds: float, *, patient: bool = False) -> Future:
        """A future that resolves (with True) after some seconds.

        Args:
            seconds: How long from now.
            patient: For the timeout of something that is answered from outside: :meth:`run` does not let it pass
                unless it is told to.
        """
        future = Future()
        self.at(self.clock.now() + seconds, future, patient=patient)
        return future

    def at(self, moment: float, future: Future, *, patient: bool = False) -> None:
        """Resolve a future at a moment, unless it is resolved before."""
        self._count += 1
        heapq.heappush(self._timers, (moment, self._count, future, patient))

    def notify(self) -> None:
        """Tell a waiting real clock that a future was resolved from another thread."""
        self.wake.set()

    def run(self, *, patient: bool, until: float | None = None, finished: Callable[[], bool] | None = None) -> None:
        """Run branches until nothing is left to do.

        Args:
            patient: Also stop where only timeouts of things answered from outside would fire.
            until: Let time pass up to this moment only.
            finished: Stop as soon as this is true.
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
        except Exception as error:  # noqa: BLE001  handed to whom it concerns
            running.finished(None, error)
        else:
            self._park(running, waits)

    def _park(self, running: Running, future: Future) -> None:
        if future.done:
            self._ready.append((running, future))
        else:
            future.callback = lambda: self._ready.append((running, future))
