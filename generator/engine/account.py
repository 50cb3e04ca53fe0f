"""What an AWS account has for Step Functions, on a laptop: functions, clients, state machines, activities, task tokens."""

from __future__ import annotations

import re
from collections import deque
from random import Random
from typing import TYPE_CHECKING, Any, Literal

from generator.engine.calls.nested import TOKEN_PREFIX
from generator.engine.clock import Future, Scheduler, VirtualClock
from generator.engine.compile import compile_definition
from generator.engine.failure import StateError
from generator.engine.frame import StateMachine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.engine.calls.mocks import Mocks
    from generator.engine.clock import Clock
    from generator.engine.compile import Machine
    from generator.engine.execution import Execution
    from generator.engine.frame import Run

Kind = Literal["STANDARD", "EXPRESS"]


class TaskTokenError(ValueError):
    """A task token that no task waits for, or whose task has ended."""


class Token:
    """A task that waits for an answer.

    Attributes:
        execution: the ARN of its execution.
        state: the name of its state.
        future: the answer.
        heartbeat: the seconds between heartbeats, or None.
        beat: the timer of the next heartbeat.
        started: called when a worker takes the task of an activity.
    """

    __slots__ = ("beat", "execution", "future", "heartbeat", "started", "state")

    def __init__(self, execution: str, state: str) -> None:
        """Create it for a state of an execution."""
        self.execution = execution
        self.state = state
        self.future = Future(external=True)
        self.heartbeat: float | None = None
        self.beat: Future | None = None
        self.started: Callable[[str | None], None] | None = None


class Account:
    """The functions, clients, state machines, activities and task tokens that executions use, on one clock.

    Attributes:
        functions: Lambda functions by name or ARN.
        clients: returns a boto3 client for the name of a service, such as ``boto3.client``. None without AWS services.
        services: the services for which ``clients`` is asked for functions not in ``functions``.
        activities: the tasks that wait for a worker, by the ARN of the activity.
        tokens: the tasks that wait for an answer, by task token.
        state_machines: the state machines by ARN.
        executions: the executions by ARN, without the child executions of Distributed Maps.
    """

    def __init__(
        self,
        *,
        functions: Mapping[str, Callable[..., Any]] | None = None,
        clients: Callable[[str], Any] | None = None,
        services: frozenset[str] = frozenset(),
        clock: Clock | None = None,
        seed: int = 0,
        mocks: Mocks | None = None,
        region: str = "us-east-1",
        account: str = "123456789012",
        watch: Callable[[Run], None] | None = None,
    ) -> None:
        """Create an account.

        Args:
            functions: Lambda functions by name or ARN. Each takes the event, or the event and the context.
            clients: a function that returns a boto3 client for the name of a service.
            services: ``{"lambda"}`` to invoke unknown functions through the client.
            clock: the clock, by default a virtual one.
            seed: the seed of all random values: identifiers, jitter, ``$random()``.
            mocks: results of tasks that cannot run here.
            region: the region in ARNs and histories.
            account: the account id in ARNs.
            watch: called whenever an execution enters a state, to show progress.
        """
        self.functions: dict[str, Callable[..., Any]] = dict(functions or {})
        self.clients = clients
        self.services = services
        self.clock: Clock = clock if clock is not None else VirtualClock()
        self.scheduler = Scheduler(self.clock)
        self.random = Random(seed)  # noqa: S311  repeatable by design
        self.mocks = mocks
        self.watch = watch
        self.region = region
        self.account = account
        self.activities: dict[str, deque[tuple[str, Any]]] = {}
        self.tokens: dict[str, Token] = {}
        self.state_machines: dict[str, StateMachine] = {}
        self.executions: dict[str, Execution] = {}
        self._clients: dict[str, Any] = {}

    def arn(self, service: str, rest: str) -> str:
        """Return an ARN in the region and the account."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{rest}"

    def client(self, service: str) -> Any:
        """Return the boto3 client of a service. It is created once.

        Raises:
            LookupError: there are no clients.
        """
        if self.clients is None:
            raise LookupError(f"There is no client for {service}: pass clients=...")
        if service not in self._clients:
            self._clients[service] = self.clients(service)
        return self._clients[service]

    def state_machine(self, name: str, definition: dict[str, Any] | str | Machine, kind: Kind, role: str | None) -> StateMachine:
        """Return a state machine of this account. It is not registered.

        Raises:
            DefinitionError: the definition has errors.
        """
        made = compile_definition(definition, type=kind)
        role = role or f"arn:aws:iam::{self.account}:role/{re.sub(r'[^A-Za-z0-9_+=,.@-]', '-', name)}"
        return StateMachine(name, self.arn("states", f"stateMachine:{name}"), made, role, kind == "EXPRESS")

    def create_state_machine(
        self, name: str, definition: dict[str, Any] | str | Machine, *, type: Kind = "STANDARD", role: str = ""
    ) -> str:
        """Register a state machine, so that others can start it.

        Returns:
            its ARN.

        Raises:
            DefinitionError: the definition has errors.
        """
        made = self.state_machine(name, definition, type, role)
        self.state_machines[made.arn] = made
        return made.arn

    def create_activity(self, name: str) -> str:
        """Register an activity.

        Returns:
            its ARN.
        """
        arn = self.arn("states", f"activity:{name}")
        self.activities.setdefault(arn, deque())
        return arn

    def new_token(self, run: Run, state: str) -> str:
        """Return a new task token for a state of an execution."""
        token = f"{TOKEN_PREFIX}{run.random.getrandbits(512):0128x}"
        self.tokens[token] = Token(run.arn, state)
        return token

    def alarm(self, seconds: float, future: Future, value: Any) -> Future:
        """Resolve a future after some seconds, unless it was resolved before.

        Returns:
            the timer. Set ``done`` on it to switch it off.
        """
        timer = self.scheduler.timer(seconds, patient=True)
        timer.callback = lambda: future.resolve(value)
        return timer

    def _token(self, token: str) -> Token:
        entry = self.tokens.get(token)
        if entry is None or entry.future.done:
            raise TaskTokenError("Task Timed Out: 'Provided task does not exist anymore'")
        return entry

    def send_task_success(self, token: str, output: Any) -> None:
        """Answer a waiting task with its output, a JSON value.

        Raises:
            TaskTokenError: no task waits for this token.
        """
        self._token(token).future.resolve(output)
        self.scheduler.notify()

    def send_task_failure(self, token: str, error: str | None = None, cause: str | None = None) -> None:
        """Answer a waiting task with a failure.

        Raises:
            TaskTokenError: no task waits for this token.
        """
        self._token(token).future.fail(StateError(error, cause))
        self.scheduler.notify()

    def send_task_heartbeat(self, token: str) -> None:
        """Report that a waiting task is still in progress.

        Raises:
            TaskTokenError: no task waits for this token.
        """
        entry = self._token(token)
        if entry.beat is not None and entry.heartbeat is not None:
            value_of = entry.beat.callback
            entry.beat.done = True
            entry.beat = self.scheduler.timer(entry.heartbeat, patient=True)
            entry.beat.callback = value_of

    def get_activity_task(self, arn: str, worker: str | None = None) -> tuple[str, Any] | None:
        """Return the next task of an activity for a worker: its token and its input. None if no task waits.

        Raises:
            KeyError: there is no such activity.
        """
        queue = self.activities[arn]
        while queue:
            token, document = queue.popleft()
            entry = self.tokens.get(token)
            if entry is not None and not entry.future.done:
                if entry.started is not None:
                    entry.started(worker)
                return token, document
        return None
