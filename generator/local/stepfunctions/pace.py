"""Time and threads of the endpoint: its clock, and the threads that executions run on.

An execution is run by one thread at a time, and needs none while it waits. A function that takes long keeps its thread; the others
go on, because a new thread is started where all are busy and work has waited for a moment.
"""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

Pace: TypeAlias = "float | Literal['virtual', 'held']"
"""How time passes: a factor (1 is real time, 60 makes a minute of a second), ``virtual`` or ``held``. See :class:`ServiceClock`."""
VIRTUAL: Final = "virtual"
HELD: Final = "held"
_BY_NAME: Final[dict[str, Pace]] = {VIRTUAL: VIRTUAL, HELD: HELD, "real": 1.0}
_USUAL_THREADS: Final = 4
_MOST_THREADS: Final = 1000
_STALLED_SECONDS: Final = 0.02
_IDLE_SECONDS: Final = 5.0
_COMPACTED: Final = 1000
"""The number of alarms above which cancelled ones are removed."""


def read_pace(text: str) -> Pace:
    """Read a pace as the command line has it.

    Raises:
        ValueError: it is not a pace.

    >>> read_pace("virtual"), read_pace("real"), read_pace("x60"), read_pace("x2.5")
    ('virtual', 1.0, 60.0, 2.5)
    """
    if text in _BY_NAME:
        return _BY_NAME[text]
    try:
        factor = float(text.lstrip("x\N{MULTIPLICATION SIGN}"))
    except ValueError:
        factor = 0.0
    if not 0 < factor < float("inf"):
        raise ValueError(f"{text!r} must be virtual, held, real or a factor such as x60")
    return factor


class ServiceClock:
    """The time that the endpoint shows.

    - A factor: time passes, as fast as on the wall or faster. Executions wait for their timers.
    - ``virtual``: an execution never waits for a timer; it has a time of its own, which jumps. The time of the endpoint moves only
      by :meth:`skip`.
    - ``held``: time moves only by :meth:`skip`, and executions wait for it.

    >>> clock = ServiceClock("held", start=0.0)
    >>> clock.skip(2592000)
    >>> clock.now()
    2592000.0
    """

    def __init__(self, pace: Pace = 1.0, start: float | None = None) -> None:
        """Start the clock.

        Args:
            pace: how time passes.
            start: the first moment, in seconds since 1970; by default now.
        """
        self.pace: Pace = pace
        self._factor = 0.0 if isinstance(pace, str) else float(pace)
        self._start = time.time() if start is None else start
        self._begun = time.monotonic()
        self._skipped = 0.0

    @property
    def virtual(self) -> bool:
        """Whether each execution has a time of its own."""
        return self.pace == VIRTUAL

    @property
    def runs(self) -> bool:
        """Whether time passes by itself."""
        return self._factor > 0

    def now(self) -> float:
        """Return the seconds since 1970."""
        passed = (time.monotonic() - self._begun) * self._factor if self._factor else 0
        return self._start + self._skipped + passed

    def skip(self, seconds: float) -> None:
        """Move the clock on."""
        self._skipped += seconds

    def wall_seconds(self, moment: float) -> float | None:
        """Return the seconds on the wall until a moment. None if time does not pass by itself."""
        return max(0.0, moment - self.now()) / self._factor if self._factor else None

    def wait_until(self, moment: float, wake: threading.Event) -> bool:  # noqa: ARG002  it never sleeps
        """Return whether a moment has come. An engine on this clock is run until now only."""
        return moment <= self.now()


class Alarm:
    """Work that is due at a moment.

    Attributes:
        moment: the moment, in seconds since 1970.
        work: the work. None after it was queued or cancelled.
    """

    __slots__ = ("moment", "work")

    def __init__(self, moment: float, work: Callable[[], None]) -> None:
        """Create it."""
        self.moment = moment
        self.work: Callable[[], None] | None = work

    def cancel(self) -> None:
        """Forget the work."""
        self.work = None


class Workers:
    """Threads that run work in the order of its arrival, some of it at a moment. They end when the process does, or by :meth:`close`."""

    def __init__(self, clock: ServiceClock) -> None:
        """Create it without threads."""
        self._clock = clock
        self._changed = threading.Condition()
        self._queue: deque[tuple[float, Callable[[], None]]] = deque()
        self._later: list[tuple[float, int, Alarm]] = []
        self._compact_at = _COMPACTED
        self._numbers = itertools.count()
        self._threads = 0
        self._idle = 0
        self._closed = False
        self._watcher: threading.Thread | None = None

    def submit(self, work: Callable[[], None]) -> None:
        """Run work soon."""
        with self._changed:
            self._queue.append((time.monotonic(), work))
            if self._idle < len(self._queue) and self._threads < _USUAL_THREADS:
                self._start()
            self._watch()
            self._changed.notify_all()

    def at(self, moment: float, work: Callable[[], None]) -> Alarm | None:
        """Run work at a moment of the clock, if time passes by itself."""
        if not self._clock.runs:
            return None
        alarm = Alarm(moment, work)
        with self._changed:
            heapq.heappush(self._later, (moment, next(self._numbers), alarm))
            if len(self._later) > self._compact_at:
                self._later = [each for each in self._later if each[2].work is not None]
                heapq.heapify(self._later)
                self._compact_at = max(_COMPACTED, 2 * len(self._later))
            self._watch()
            if self._later[0][2] is alarm:
                self._changed.notify_all()
        return alarm

    def skipped(self) -> None:
        """Look at the clock again: it was moved."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """End the threads that are idle. Those that run something end when it does."""
        with self._changed:
            self._closed = True
            self._queue.clear()
            self._later.clear()
            self._changed.notify_all()

    def _watch(self) -> None:
        if self._watcher is None and not self._closed:
            self._watcher = threading.Thread(target=self._oversee, name="sfn-clock", daemon=True)
            self._watcher.start()

    def _start(self) -> None:
        if self._threads < _MOST_THREADS and not self._closed:
            self._threads += 1
            threading.Thread(target=self._serve, name="sfn-worker", daemon=True).start()

    def _serve(self) -> None:
        while True:
            with self._changed:
                self._idle += 1
                found = self._changed.wait_for(lambda: self._queue or self._closed, _IDLE_SECONDS)
                self._idle -= 1
                if not found or self._closed:
                    self._threads -= 1
                    return
                _, work = self._queue.popleft()
            work()
            del work  # an idle thread must not keep a timeline in memory

    def _oversee(self) -> None:
        """Queue the work whose moment has come, and start a thread where work has waited although none is free."""
        with self._changed:
            while not self._closed:
                while self._later and self._later[0][0] <= self._clock.now():
                    alarm = heapq.heappop(self._later)[2]
                    if alarm.work is not None:
                        self._queue.append((time.monotonic(), alarm.work))
                        alarm.work = None
                waits = [] if not self._later else [self._clock.wall_seconds(self._later[0][0])]
                if self._queue:
                    if not self._threads or (not self._idle and time.monotonic() - self._queue[0][0] >= _STALLED_SECONDS):
                        self._start()
                    self._changed.notify_all()
                    waits.append(_STALLED_SECONDS)
                self._changed.wait(min((each for each in waits if each is not None), default=None))
