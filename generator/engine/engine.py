"""The engine: what an AWS account is to Step Functions, on a laptop.

It knows functions, service clients, activities, state machines and task tokens, and runs executions on one clock.
"""

from __future__ import annotations

import re
from collections import deque
from random import Random
from typing import TYPE_CHECKING, Any, Literal

from generator.asl.intrinsics import make_uuid
from generator.engine.clock import Future, Scheduler, VirtualClock
from generator.engine.core import Run, too_large
from generator.engine.dataflow import StateFailure, iso
from generator.engine.execution import Execution
from generator.engine.machine import Machine, compile_definition
from generator.engine.tasks import TOKEN_PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.engine.clock import Clock
    from generator.engine.mocks import Mocks

Kind = Literal["STANDARD", "EXPRESS"]


class TaskTokenError(ValueError):
    """A task token that no task waits for, or whose task has ended."""


class InputError(ValueError):
    """An execution's input that is no JSON or too large."""


class Token:
    """What the engine knows of a task that waits for an answer."""

    __slots__ = ("beat", "execution", "future", "heartbeat", "started", "state")

    def __init__(self, execution: str, state: str) -> None:
        """Remember who waits."""
        self.execution = execution
        self.state = state
        self.future = Future(external=True)
        self.heartbeat: float | None = None
        self.beat: Future | None = None
        self.started: Callable[[str | None], None] | None = None


class StateMachine:
    """A state machine that the engine knows by ARN."""

    __slots__ = ("arn", "express", "machine", "name", "role")

    def __init__(self, name: str, arn: str, machine: Machine, role: str, *, express: bool) -> None:
        """Describe it."""
        self.name = name
        self.arn = arn
        self.machine = machine
        self.role = role
        self.express = express


class Engine:
    """Runs executions.

    Attributes:
        functions: Lambda functions by name or ARN.
        clients: Gives a boto3 client for a service's name, such as ``boto3.client``; None without AWS services.
        services: The services for which ``clients`` is asked for functions not in ``functions``.
        activities: Tasks that wait for a worker, by the activity's ARN.
        tokens: Tasks that wait for an answer, by token.

    Example:
        >>> engine = Engine(functions={"double": lambda event: event * 2})
        >>> task = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:double", "End": True}
        >>> engine.start({"StartAt": "Double", "States": {"Double": task}}, 21).finish().output
        42
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
        """Create an engine.

        Args:
            functions: Lambda functions by name or ARN; each takes the event, or the event and the context.
            clients: Gives a boto3 client for a service's name.
            services: ``{"lambda"}`` to invoke unknown functions through the client.
            clock: Virtual unless given.
            seed: Of all randomness: identifiers, jitter, ``$random()``.
            mocks: Answers for tasks that cannot run here.
            region: The region in ARNs and histories.
            account: The account in ARNs.
            watch: Called whenever an execution enters a state, to show progress.
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
        self.client_cache: dict[str, Any] = {}

    def arn(self, service: str, rest: str) -> str:
        """An ARN in this engine's region and account."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{rest}"

    def client(self, service: str) -> Any:
        """The boto3 client of a service, made once.

        Raises:
            LookupError: There are no clients.
        """
        if self.clients is None:
            raise LookupError(f"There is no client for {service}: pass clients=...")
        if service not in self.client_cache:
            self.client_cache[service] = self.clients(service)
        return self.client_cache[service]

    def create_state_machine(
        self,
        name: str,
        definition: dict[str, Any] | str | Machine,
        *,
        type: Kind = "STANDARD",
        role: str = "",
    ) -> str:
        """Make a state machine known, so that others can start it.

        Returns:
            Its ARN.

        Raises:
            DefinitionError: The definition cannot be run.
        """
        arn = self.arn("states", f"stateMachine:{name}")
        machine = StateMachine(name, arn, compile_definition(definition), role or self._role(name), express=type == "EXPRESS")
        self.state_machines[arn] = machine
        return arn

    def create_activity(self, name: str) -> str:
        """Make an activity known.

        Returns:
            Its ARN.
        """
        arn = self.arn("states", f"activity:{name}")
        self.activities.setdefault(arn, deque())
        return arn

    def start(
        self,
        definition: dict[str, Any] | str | Machine,
        input: Any = None,
        *,
        type: Kind = "STANDARD",
        name: str | None = None,
        state_machine: str = "workflow",
        role: str | None = None,
        context: Mapping[str, Any] | None = None,
        mocks: Mocks | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> Execution:
        """Start an execution; it runs when it is told to (:meth:`Execution.run`, :meth:`Execution.finish`).

        Args:
            definition: ASL as text or parsed, or a compiled machine.
            input: The input, ``{}`` when missing.
            type: ``STANDARD`` or ``EXPRESS``.
            name: The execution's name, made up when missing.
            state_machine: The state machine's name in the Context object.
            role: The execution role's ARN in the Context object.
            context: What to put over the Context object, such as ``{"Execution": {"Name": "x"}}``.
            mocks: Instead of the engine's.
            variables: Values of variables at the start.

        Raises:
            DefinitionError: The definition cannot be run.
            InputError: The input is no JSON or larger than 256 KiB.
        """
        express = type == "EXPRESS"
        known = StateMachine(
            state_machine,
            self.arn("states", f"stateMachine:{state_machine}"),
            compile_definition(definition),
            role or self._role(state_machine),
            express=express,
        )
        return self.start_machine(known, {} if input is None else input, name=name, context=context, mocks=mocks, variables=variables)

    def start_machine(
        self,
        known: StateMachine,
        document: Any,
        *,
        name: str | None = None,
        context: Mapping[str, Any] | None = None,
        mocks: Mocks | None = None,
        variables: Mapping[str, Any] | None = None,
        arn: str | None = None,
    ) -> Execution:
        """Start an execution of a known state machine; :meth:`start` says more."""
        try:
            if too_large(document):
                raise InputError("The input is larger than 262144 bytes")
        except (TypeError, ValueError, RecursionError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(f"The input is not JSON: {error}") from None
        random = Random(self.random.getrandbits(64))  # noqa: S311  repeatable by design
        name = name or make_uuid(random)
        if arn is None:
            arn = self.arn(
                "states", f"express:{known.name}:{name}:{make_uuid(random)}" if known.express else f"execution:{known.name}:{name}"
            )
        started = self.clock.now()
        full: dict[str, Any] = {
            "Execution": {"Id": arn, "Input": document, "StartTime": iso(started), "Name": name, "RoleArn": known.role, "RedriveCount": 0},
            "StateMachine": {"Id": known.arn, "Name": known.name},
        }
        if known.express:
            del full["Execution"]["RedriveCount"]  # an express execution cannot be redriven
        for key, value in (context or {}).items():
            full[key] = {**full.get(key, {}), **value} if isinstance(value, dict) else value
        run = Run(self, arn, full, random, express=known.express, mocks=mocks if mocks is not None else self.mocks)
        execution = Execution(run, known, document, dict(variables or {}))
        self.executions[arn] = execution
        return execution

    def _role(self, name: str) -> str:
        return f"arn:aws:iam::{self.account}:role/{re.sub(r'[^A-Za-z0-9_+=,.@-]', '-', name)}"

    def new_token(self, run: Run, state: str) -> str:
        """A task token for a task of an execution."""
        token = f"{TOKEN_PREFIX}{run.random.getrandbits(512):0128x}"
        self.tokens[token] = Token(run.arn, state)
        return token

    def alarm(self, seconds: float, future: Future, value: Any) -> Future:
        """Give a future a value after some seconds, unless it is resolved before.

        Returns:
            The timer; setting ``done`` on it switches it off.
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
            TaskTokenError: No task waits for this token.
        """
        self._token(token).future.resolve(output)
        self.scheduler.notify()

    def send_task_failure(self, token: str, error: str | None = None, cause: str | None = None) -> None:
        """Let a waiting task fail.

        Raises:
            TaskTokenError: No task waits for this token.
        """
        self._token(token).future.fail(StateFailure(error, cause))
        self.scheduler.notify()

    def send_task_heartbeat(self, token: str) -> None:
        """Tell that a waiting task is still being worked on.

        Raises:
            TaskTokenError: No task waits for this token.
        """
        entry = self._token(token)
        if entry.beat is not None and entry.heartbeat is not None:
            value_of = entry.beat.callback
            entry.beat.done = True
            entry.beat = self.scheduler.timer(entry.heartbeat, patient=True)
            entry.beat.callback = value_of

    def get_activity_task(self, arn: str, worker: str | None = None) -> tuple[str, Any] | None:
        """Give a worker the next task of an activity: its token and its input; None when nothing waits.

        Raises:
            KeyError: There is no such activity.
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
