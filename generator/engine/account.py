"""What an AWS account has for Step Functions, on a laptop: functions, clients, state machines, activities, task tokens."""

from __future__ import annotations

import re
from collections import deque
from random import Random
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias

from generator.dsl.declarations import Resource
from generator.engine.calls.nested import TOKEN_PREFIX
from generator.engine.clock import Future, Scheduler, VirtualClock
from generator.engine.compile import DefinitionError
from generator.engine.definitions import ACCOUNT, REGION, UNNAMED, read
from generator.engine.failure import StateError
from generator.engine.frame import StateMachine
from generator.lower import CompiledWorkflow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.engine.calls.call import Call
    from generator.engine.calls.functions import Handler
    from generator.engine.calls.mocks import Mocks
    from generator.engine.clock import Branch, Clock
    from generator.engine.definitions import Child, Runnable, Source
    from generator.engine.execution import Execution
    from generator.engine.frame import Run

_ARN_PARTS: Final = 7
"""The parts of the ARN of a state machine: ``arn:aws:states:region:account:stateMachine:name``."""
Kind: TypeAlias = Literal["STANDARD", "EXPRESS"]
Functions: TypeAlias = "Mapping[Any, Handler]"
"""Python functions by the :class:`~generator.Function`, its name or its ARN. (A type checker joins such keys to ``object``.)"""


def named(key: str | Resource, what: str) -> str:
    """Return the name of a declared resource, or the name itself.

    Raises:
        TypeError: it is neither.

    >>> named("validator", "a function")
    'validator'
    """
    if not isinstance(key, str | Resource):
        raise TypeError(f"{what} must be given by its name or its declared resource; found {key!r}")
    return key.name if isinstance(key, Resource) else key


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
        started: called when a worker takes the task of an activity; None if none has to take it, or one has taken it.
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


class Journal(Protocol):
    """Keeps the results of calls, so that an execution can go on in another process."""

    def kept(self, call: Call, performer: Branch) -> Branch:
        """Return the result of a call that was kept, or perform the call and keep its result.

        Args:
            call: the call.
            performer: performs it.

        Raises:
            StateError: the call failed, now or when it was kept.
        """


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
        declared: the names of declared resources, by the ARN, name or URL that they have here.
        unfilled: the placeholders without a value, in the order in which they were found.
        workflows: returns the workflow of the project that is deployed under an ARN, or None. None if there is no project.
        substitutions: values of placeholders by name, for every definition.
        to_mock: an example of a result for each task that could not be performed, by the name of its state.
        journal: keeps the results of calls; None if nothing does.
        mock_option: returns the option with which a command takes a mock, from the name of a state and its result as JSON text. None
            if the engine is called from Python, so that hints are in Python.
    """

    def __init__(
        self,
        *,
        functions: Functions | None = None,
        clients: Callable[[str], Any] | None = None,
        services: frozenset[str] = frozenset(),
        clock: Clock | None = None,
        seed: int = 0,
        mocks: Mocks | None = None,
        region: str = REGION,
        account: str = ACCOUNT,
        watch: Callable[[Run], None] | None = None,
        workflows: Callable[[str], Runnable | None] | None = None,
        substitutions: Mapping[str, Any] | None = None,
    ) -> None:
        """Create an account.

        Args:
            functions: Python functions by the Lambda function, its name or its ARN. Each takes the event, or the event and the context.
            clients: a function that returns a boto3 client for the name of a service.
            services: ``{"lambda"}`` to invoke unknown functions through the client.
            clock: the clock, by default a virtual one.
            seed: the seed of all random values: identifiers, jitter, ``$random()``.
            mocks: results of tasks that cannot run here.
            region: the region in ARNs and histories.
            account: the account id in ARNs.
            watch: called whenever an execution enters a state, to show progress.
            workflows: returns the workflow of the project that is deployed under an ARN, or None. It is asked when a task
                starts a state machine that is not registered.
            substitutions: values of placeholders by name, for every definition.
        """
        self.functions: dict[str, Callable[..., Any]] = {named(key, "a function"): each for key, each in (functions or {}).items()}
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
        self.declared: dict[str, str] = {}
        self.unfilled: dict[str, None] = {}
        self.workflows = workflows
        self.substitutions = dict(substitutions or {})
        self.to_mock: dict[str, Any] = {}
        self.journal: Journal | None = None
        self.mock_option: Callable[[str, str], str] | None = None
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

    def state_machine(
        self,
        definition: Runnable,
        *,
        name: str | None = None,
        type: Kind | None = None,
        role: str | None = None,
        substitutions: Mapping[str, str] | None = None,
    ) -> StateMachine:
        """Return a state machine of this account, after registering the workflows that it starts. It is not registered itself.

        Args:
            definition: a workflow, the path of a file, or a definition.
            name: the name, by default that of the workflow or of the file's folder.
            type: ``STANDARD`` or ``EXPRESS``, by default that of the workflow, or ``STANDARD``.
            role: the ARN of the execution role.
            substitutions: values of placeholders by name.

        Raises:
            DefinitionError: the definition has errors.
        """
        values = {**self.substitutions, **(substitutions or {})}
        source = read(definition, type, values)
        self.declared.update(source.resources)
        self.unfilled.update(dict.fromkeys(source.unfilled))
        own = name or source.name
        pending = [*source.children.items()]
        while pending:
            arn, child = pending.pop()
            if arn not in self.state_machines and self.arn("states", f"stateMachine:{child.name}") not in self.state_machines:
                inner = self._read(arn, child, values)
                self.declared.update(inner.resources)
                self.unfilled.update(dict.fromkeys(inner.unfilled))
                self.state_machines[arn] = self._of(inner, arn.rsplit(":", 1)[-1], arn, None)
                pending += inner.children.items()
        return self._of(source, own, self.arn("states", f"stateMachine:{own}"), role)

    def _read(self, arn: str, child: Child, values: Mapping[str, Any]) -> Source:
        """Return a workflow that another one starts. The texts of one may refer to resources that only its project knows."""
        try:
            return read(child.source, child.type, values)
        except DefinitionError:
            found = self._workflow(arn)
            if not isinstance(found, CompiledWorkflow) or found.workflow is not child.source:
                raise
            return read(found, child.type, values)

    def find_state_machine(self, arn: str) -> StateMachine | None:
        """Return the state machine with an ARN, also the one of a version or an alias. A workflow of the project is registered.

        Returns:
            the state machine; None if there is none.

        Raises:
            DefinitionError: the definition of the workflow has errors.
        """
        plain = ":".join(arn.split(":")[:_ARN_PARTS])  # without a version or an alias
        if plain not in self.state_machines and (found := self._workflow(plain)) is not None:
            self.state_machines[plain] = self.state_machine(found, name=plain.rsplit(":", 1)[-1])
        return self.state_machines.get(plain)

    def _workflow(self, arn: str) -> Runnable | None:
        return None if self.workflows is None else self.workflows(arn)

    def _of(self, source: Source, name: str, arn: str, role: str | None) -> StateMachine:
        role = role or f"arn:aws:iam::{self.account}:role/{re.sub(r'[^A-Za-z0-9_+=,.@-]', '-', name)}"
        title = name if source.title == UNNAMED else source.title
        return StateMachine(name, arn, source.machine, role, source.type == "EXPRESS", title)

    def create_state_machine(
        self,
        name: str,
        definition: Runnable,
        *,
        type: Kind | None = None,
        role: str = "",
        substitutions: Mapping[str, str] | None = None,
    ) -> str:
        """Register a state machine, so that others can start it.

        Args:
            name: its name.
            definition: a workflow, the path of a file, or a definition.
            type: ``STANDARD`` or ``EXPRESS``, by default that of the workflow, or ``STANDARD``.
            role: the ARN of the execution role.
            substitutions: values of placeholders by name.

        Returns:
            its ARN.

        Raises:
            DefinitionError: the definition has errors.
        """
        made = self.state_machine(definition, name=name, type=type, role=role, substitutions=substitutions)
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

    def offer(self, call: Call) -> None:
        """Offer a task of an activity to its workers. The activity is registered if it is not."""
        entry = self.tokens[call.own_token]

        def started(worker: str | None) -> None:
            entry.started = None
            call.record("Started", **({"workerName": worker} if worker else {}))
            call.taken()

        entry.started = started
        self.activities.setdefault(call.task.called, deque()).append((call.own_token, call.parameters))

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

    def knows_token(self, token: str) -> bool:
        """Return whether a task has or had this token."""
        return token in self.tokens

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
