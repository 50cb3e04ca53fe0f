"""Executions while they run: a timeline is one execution with those that it starts, on one scheduler of the engine.

Only the thread that works on a timeline touches its engine. Everyone else leaves a job in its inbox: an answer to a task token, a
stop, a redrive. A function that takes long delays the jobs of its own timeline only.
"""

from __future__ import annotations

import sys
import threading
import traceback
from collections import deque
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Protocol

from generator.engine import Engine, VirtualClock
from generator.engine.failure import ENGINE_ERROR, StoppedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from generator.engine import Execution
    from generator.engine.account import Token
    from generator.engine.calls.functions import Handler
    from generator.engine.clock import Clock
    from generator.engine.frame import Run, StateMachine
    from generator.local.stepfunctions.pace import Alarm, ServiceClock, Workers
    from generator.local.stepfunctions.routes import Performers


class Host(Protocol):
    """What all timelines share.

    Attributes:
        clock: the clock of the endpoint.
        workers: the threads.
        functions: Lambda functions by name or ARN.
        services: the services for which a client is asked for unknown functions.
        state_machines: what tasks can start, by ARN.
        activities: the tasks that wait for a worker, by the ARN of the activity.
        executions: the executions by ARN.
        declared: the names of declared resources, by the ARN, name or URL that they have here.
        mock_option: returns the option of a command that mocks a task; None if there is no command.
    """

    clock: ServiceClock
    workers: Workers
    functions: dict[str, Handler]
    services: frozenset[str]
    state_machines: dict[str, StateMachine]
    activities: dict[str, deque[tuple[str, Any]]]
    executions: dict[str, Execution]
    declared: dict[str, str]
    mock_option: Callable[[str, str], str] | None

    def client_of(self, service: str) -> Any:
        """Return a boto3 client.

        Raises:
            LookupError: there are no clients.
        """

    @property
    def has_clients(self) -> bool:
        """Whether there are clients."""

    def opened(self, token: str, timeline: Timeline) -> None:
        """Receive a new task token."""

    def closed(self, token: str) -> None:
        """Receive that a task token is closed: its task has ended."""

    def known(self, token: str) -> bool:
        """Return whether a task has or had this token."""

    def answer(self, token: str, job: Callable[[LocalEngine], None]) -> None:
        """Answer a task token of any timeline.

        Raises:
            TaskTokenError: no task waits for this token.
        """

    def adopted(self, execution: Execution, timeline: Timeline) -> None:
        """Receive an execution that a task started."""

    def ended(self, execution: Execution) -> None:
        """Receive that an execution has ended."""

    def entered(self, run: Run) -> None:
        """Receive that an execution enters a state."""

    def rested(self, timeline: Timeline) -> None:
        """Receive that a timeline has nothing to do."""


class _Tokens(dict[str, "Token"]):
    """The task tokens of one timeline. The host forgets those that are closed."""

    def __init__(self, host: Host) -> None:
        super().__init__()
        self._host = host

    def __delitem__(self, token: str) -> None:
        super().__delitem__(token)
        self._host.closed(token)

    def pop(self, token: str, *default: Any) -> Any:
        self._host.closed(token)
        return super().pop(token, *default)


class LocalEngine(Engine):
    """The engine of one timeline. State machines, functions and activities are those of its host."""

    def __init__(self, timeline: Timeline, *, region: str, account: str, seed: int, mocks: Performers | None) -> None:
        """Create it for a timeline."""
        self._timeline = timeline
        self._host = host = timeline.host
        self._override: Callable[[str], Any] | None = None
        super().__init__(clock=timeline.clock, seed=seed, region=region, account=account, watch=host.entered)
        self.mocks: Any = mocks
        self.mock_option = host.mock_option
        self.tokens = _Tokens(host)
        self.functions = host.functions
        self.clients = host.client_of if host.has_clients else None
        self.services = host.services
        self.state_machines = host.state_machines
        self.activities = host.activities
        self.executions = host.executions
        self.declared = host.declared

    def client(self, service: str) -> Any:
        """Return the client of a service, which all timelines share."""
        return self._host.client_of(service) if self._override is None else self._override(service)

    @contextmanager
    def replaced(self, **attributes: Any) -> Iterator[None]:
        """Have other functions, clients or state machines while the block runs."""
        before = {name: getattr(self, name) for name in (*attributes, "_override")}
        self._override = attributes.get("clients")
        for name, value in attributes.items():
            setattr(self, name, value)
        try:
            yield
        finally:
            for name, value in before.items():
                setattr(self, name, value)

    def new_token(self, run: Run, state: str) -> str:
        """Return a new task token, which every caller of the endpoint can answer."""
        token = super().new_token(run, state)
        self._host.opened(token, self._timeline)
        return token

    def start_machine(self, machine: StateMachine, document: Any, **options: Any) -> Execution:
        """Start an execution of this timeline."""
        execution = super().start_machine(machine, document, **options)
        self._timeline.add(execution)
        return execution

    def knows_token(self, token: str) -> bool:
        """Return whether a task of any timeline has or had this token."""
        return token in self.tokens or self._host.known(token)

    def send_task_success(self, token: str, output: Any) -> None:
        """Answer a waiting task of any timeline with its output."""
        if token in self.tokens:
            super().send_task_success(token, output)
        else:
            self._host.answer(token, lambda engine: engine.send_task_success(token, output))

    def send_task_failure(self, token: str, error: str | None = None, cause: str | None = None) -> None:
        """Answer a waiting task of any timeline with a failure."""
        if token in self.tokens:
            super().send_task_failure(token, error, cause)
        else:
            self._host.answer(token, lambda engine: engine.send_task_failure(token, error, cause))

    def send_task_heartbeat(self, token: str) -> None:
        """Report that a waiting task of any timeline is still in progress."""
        if token in self.tokens:
            super().send_task_heartbeat(token)
        else:
            self._host.answer(token, lambda engine: engine.send_task_heartbeat(token))


class Timeline:
    """One execution with those that it starts.

    Attributes:
        host: what all timelines share.
        clock: the clock of its executions.
        engine: the engine that runs them.
        executions: those that have not ended.
        due: the moment of the next timer, while it rests.
    """

    def __init__(self, host: Host, *, region: str, account: str, seed: int, mocks: Performers | None = None) -> None:
        """Create a timeline without executions, which begins now."""
        self.host = host
        self.clock: Clock = VirtualClock(host.clock.now()) if host.clock.virtual else host.clock
        self.engine = LocalEngine(self, region=region, account=account, seed=seed, mocks=mocks)
        self.executions: list[Execution] = []
        self._inbox: deque[Callable[[], None]] = deque()
        self._lock = threading.Lock()
        self._busy = False
        self.due: float | None = None
        self._alarm: Alarm | None = None
        self._starting = False

    def follow(self, clock: Clock) -> None:
        """Use another clock, before the first execution starts."""
        self.clock = self.engine.clock = self.engine.scheduler.clock = clock

    def begin_at(self, moment: float) -> None:
        """Let a time of its own be not before a moment."""
        if self.host.clock.virtual:
            self.clock.wait_until(moment, threading.Event())

    def add(self, execution: Execution) -> None:
        """Take an execution that was started. Child executions of Distributed Maps belong to their map run."""
        if "/" in execution.machine.name:
            return
        self.executions.append(execution)
        if not self._starting:
            self.host.adopted(execution, self)

    def start(self, machine: StateMachine, document: Any, **options: Any) -> Execution:
        """Return the first execution. It runs when :meth:`post` is called.

        Raises:
            InputError: the input is too large.
        """
        self._starting = True
        try:
            return self.engine.start_machine(machine, document, **options)
        finally:
            self._starting = False

    def post(self, job: Callable[[], None]) -> None:
        """Do a job on the thread of this timeline, and go on with its executions."""
        with self._lock:
            self._inbox.append(job)
            if self._busy:
                return
            self._busy = True
        self.host.workers.submit(self._work)

    @property
    def resting(self) -> bool:
        """Whether nothing is to be done now."""
        return not self._busy

    def advance(self, seconds: float) -> None:
        """Let time pass in a timeline with a time of its own. Timeouts in that time fire."""
        clock = self.clock
        until = clock.now() + seconds
        self.engine.scheduler.run(patient=False, until=until, finished=lambda: all(each.done for each in self.executions))
        if clock.now() < until and self.executions and not all(each.done for each in self.executions):
            clock.wait_until(until, threading.Event())

    def _work(self) -> None:
        while True:
            try:
                while self._inbox:
                    with suppress(StoppedError):  # a stop came before the job, and its own job ends the execution
                        self._inbox.popleft()()
                self._run()
            except BaseException as error:  # noqa: BLE001  such as SystemExit of a handler: the thread goes on with other executions
                traceback.print_exc(file=sys.stderr)
                for execution in self.executions:
                    execution.stop(ENGINE_ERROR, f"{type(error).__name__}: {error}")
            self.hand_over()
            with self._lock:
                if self._inbox:
                    continue
                self._busy = False
                self._set_alarm()
            self.host.rested(self)
            return

    def hand_over(self) -> None:
        """Report the executions that have ended to the host."""
        for execution in [each for each in self.executions if each.done]:
            self.executions.remove(execution)
            self.host.ended(execution)

    def _run(self) -> None:
        scheduler = self.engine.scheduler
        if self.host.clock.virtual:
            scheduler.run(patient=False, finished=self._waits)
            return
        while True:
            now = self.clock.now()
            scheduler.run(patient=False, until=now)
            following = scheduler.next_timer
            if following is None or following[0] > self.clock.now():
                return

    def _waits(self) -> bool:
        """Return whether virtual time must not go on: an answer from outside is due before the next timer, or all has ended."""
        if all(each.done for each in self.executions):
            return True
        following = self.engine.scheduler.next_timer
        return following is not None and following[1] and any(not each.future.done for each in self.engine.tokens.values())

    def _set_alarm(self) -> None:
        found = self.engine.scheduler.next_timer if self.executions else None
        self.due = moment = None if found is None else found[0]
        if self._alarm is not None:
            if self._alarm.moment == moment and self._alarm.work is not None:
                return
            self._alarm.cancel()
        self._alarm = None if moment is None else self.host.workers.at(moment, self.wake)

    def wake(self) -> None:
        """Go on with the executions: time has passed."""
        self.post(lambda: None)
