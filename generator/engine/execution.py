"""Executions as their user sees them, and the engine that starts them."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any, Final, Literal

from generator.asl.intrinsics import make_uuid
from generator.engine.account import Account
from generator.engine.calls.mocks import Mocks
from generator.engine.clock import Future, iso
from generator.engine.compile import Machine, substitute
from generator.engine.failure import ENGINE_ERROR, ExecutionTimeoutError, InputError, StateError
from generator.engine.frame import Frame, Run, too_large
from generator.engine.history import Event, render
from generator.engine.states.state import drive

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.engine.account import Kind
    from generator.engine.clock import Clock, Running
    from generator.engine.frame import Item, StateMachine
    from generator.engine.states.distributed import MapRun

STANDARD_SECONDS: Final = 365 * 86_400
"""The longest time of a standard execution."""
EXPRESS_SECONDS: Final = 5 * 60
"""The longest time of an express execution."""
Status = Literal["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]


class StateVisit:
    """One visit of an execution to a state.

    Attributes:
        name: the name of the state.
        type: its type.
        input: its input.
        output: its output. None if the state was not left.
        exited: whether the state was left with an output.
        assigned: the variables that it assigned.
    """

    __slots__ = ("assigned", "exited", "input", "name", "output", "type")

    def __init__(self, name: str, kind: str, document: Any) -> None:
        """Start a visit."""
        self.name = name
        self.type = kind
        self.input = document
        self.output: Any = None
        self.exited = False
        self.assigned: dict[str, Any] = {}

    def __repr__(self) -> str:
        """Return the name and the output."""
        return f"StateVisit({self.name!r}, output={self.output!r})"


class Execution:
    """One execution of a state machine.

    Attributes:
        arn: its ARN.
        name: its name.
        input: its input.
        status: ``RUNNING``, ``SUCCEEDED``, ``FAILED``, ``TIMED_OUT`` or ``ABORTED``.
        output: the output, if it succeeded.
        error: the error name, if it failed.
        cause: the cause, if it failed.
        started: the time of its start, in seconds since 1970.
        stopped: the time of its end, or None.
        ended: a future that is resolved at its end.
        machine: its state machine.
    """

    def __init__(self, run: Run, machine: StateMachine, document: Any, variables: dict[str, Any]) -> None:
        """Start the history. No state runs yet."""
        self._run = run
        self.machine = machine
        self.arn = run.arn
        self.name = run.context["Execution"]["Name"]
        self.input = document
        self.status: Status = "RUNNING"
        self.output: Any = None
        self.error: str | None = None
        self.cause: str | None = None
        self.started = run.clock.now()
        self.stopped: float | None = None
        self.ended = Future()
        self._crash: BaseException | None = None
        self._running: Running | None = None
        self._limit: Future | None = None
        self._begun = False
        run.record("ExecutionStarted", 0, {"input": document, "roleArn": run.context["Execution"].get("RoleArn")})
        self._frame = Frame(run, variables, 0)
        self._branch = drive(self._frame, machine.machine.start, document)

    @property
    def done(self) -> bool:
        """Whether the execution has ended."""
        return self.status != "RUNNING"

    @property
    def duration(self) -> float:
        """The seconds from the start to the end, or until now."""
        return (self._run.clock.now() if self.stopped is None else self.stopped) - self.started

    @property
    def transitions(self) -> int:
        """The number of state transitions that AWS bills: states entered and retries."""
        return self._run.transitions

    @property
    def warnings(self) -> list[str]:
        """Warnings of the engine about the run, such as functions that are not registered."""
        return self._run.warnings

    @property
    def history(self) -> list[dict[str, Any]]:
        """The events as boto3's ``get_execution_history`` returns them."""
        return render(self.events)

    @property
    def map_runs(self) -> list[MapRun]:
        """The map runs of its Distributed Map states."""
        return self._run.map_runs

    @property
    def events(self) -> list[Event]:
        """The events with JSON values instead of JSON texts."""
        return [Event(*event) for event in self._run.events]

    @property
    def waiting(self) -> dict[str, str]:
        """The task tokens that this execution waits for, with the names of their states."""
        tokens = self._run.engine.tokens
        return {token: entry.state for token, entry in tokens.items() if entry.execution == self.arn and not entry.future.done}

    @property
    def path(self) -> list[str]:
        """The names of the states in the order in which they were entered."""
        return [details["name"] for kind, _, _, details in self._run.events if kind.endswith("StateEntered")]

    def input_of(self, state: str) -> Any:
        """Return the input of a state at its first visit.

        Raises:
            LookupError: the state did not run.
        """
        return self._visit(state).input

    def output_of(self, state: str) -> Any:
        """Return the output of a state at its first visit.

        Raises:
            LookupError: the state did not run, or it was not left.
        """
        visit = self._visit(state)
        if not visit.exited:
            raise LookupError(f"State '{state}' was entered but not left")
        return visit.output

    def _visit(self, state: str) -> StateVisit:
        visits = self.visits(state)
        if not visits:
            raise LookupError(f"State '{state}' did not run; these did: {', '.join(dict.fromkeys(self.path)) or 'none'}")
        return visits[0]

    def visits(self, state: str | None = None) -> list[StateVisit]:
        """Return the visits to states in their order.

        Args:
            state: the name of a state, to return its visits only.
        """
        found: list[StateVisit] = []
        last: dict[int, StateVisit] = {}
        for number, (kind, _, previous, details) in enumerate(self._run.events, 1):
            if kind.endswith("StateEntered"):
                last[number] = visit = StateVisit(details["name"], kind.removesuffix("StateEntered"), details["input"])
                found.append(visit)
            elif kind.endswith("StateExited"):
                open_visits = [visit for visit in found if visit.name == details["name"] and not visit.exited]
                left = last.get(previous) or (open_visits[0] if open_visits else None)
                if left is not None:
                    left.output, left.exited = details["output"], True
                    left.assigned = details.get("assignedVariables") or {}
        return [visit for visit in found if state is None or visit.name == state]

    def run(self) -> Execution:
        """Run until it ends or waits for an answer from outside. The timeouts of such answers do not fire."""
        if not self._begun:
            self._begin()
        if not self.done:
            self._run.scheduler.run(patient=True, finished=lambda: self.done)
        self._raise()
        return self

    def finish(self) -> Execution:
        """Run to the end. If a task token is not answered, its timeout fires."""
        if not self._begun:
            self._begin()
        if not self.done:
            self._run.scheduler.run(patient=False, finished=lambda: self.done)
        self._raise()
        return self

    def advance(self, seconds: float) -> Execution:
        """Run and let so many seconds pass. Timeouts in that time fire."""
        if not self._begun:
            self._begin()
        until = self._run.clock.now() + seconds
        if not self.done:
            self._run.scheduler.run(patient=False, until=until, finished=lambda: self.done)
        if not self.done and self._run.clock.now() < until:
            self._run.clock.wait_until(until, self._run.scheduler.wake)
        self._raise()
        return self

    def send_task_success(self, token: str, output: Any) -> None:
        """Answer one of its waiting tasks. Call :meth:`run` to continue."""
        self._run.engine.send_task_success(token, output)

    def send_task_failure(self, token: str, error: str | None = None, cause: str | None = None) -> None:
        """Answer one of its waiting tasks with a failure. Call :meth:`run` to continue."""
        self._run.engine.send_task_failure(token, error, cause)

    def send_task_heartbeat(self, token: str) -> None:
        """Report that one of its waiting tasks is still in progress."""
        self._run.engine.send_task_heartbeat(token)

    def stop(self, error: str | None = None, cause: str | None = None) -> Execution:
        """Abort the execution."""
        if not self.done:
            if self._running is not None:
                self._running.cancel()
            self.error, self.cause = error, cause
            self._end("ABORTED", "ExecutionAborted", StateError(error, cause).details())
        return self

    def redrive(self) -> Execution:
        """Continue a failed, timed out or aborted standard execution at the state where it ended.

        Branches and iterations that had succeeded are not run again. The others start again.

        Raises:
            ValueError: the execution cannot be redriven.
        """
        run = self._run
        if self.status in {"RUNNING", "SUCCEEDED"} or run.express:
            raise ValueError(f"Execution is {self.status} and cannot be redriven")
        run.full = False
        run.redriven += 1
        run.context["Execution"] = {**run.context["Execution"], "RedriveCount": run.redriven, "RedriveTime": iso(run.clock.now())}
        self.status, self.error, self.cause, self.stopped = "RUNNING", None, None, None
        self.ended = Future()
        frame = self._frame
        frame.previous = run.record("ExecutionRedriven", len(run.events), {"redriveCount": run.redriven})
        visit = self.machine.machine.states[frame.state] if frame.state else self.machine.machine.start
        document = run.events[frame.entered - 1][3]["input"] if frame.entered else self.input
        self._branch = drive(frame, visit, document, entered=bool(frame.entered))
        self._begun = False
        return self

    def in_map(self, item: Item) -> None:
        """Set the item in the Context object of a child execution of a Distributed Map."""
        self._frame.item = item

    def begin(self) -> None:
        """Run up to the first wait without letting time pass, for callers that run the scheduler themselves."""
        if not self._begun:
            self._begin()

    def _begin(self) -> None:
        self._begun = True
        run = self._run
        try:
            future = next(self._branch)
        except StopIteration as end:
            self._finished(end.value, None)
        except Exception as error:  # noqa: BLE001  raised again by run() and finish()
            self._finished(None, error)
        else:
            self._running = run.scheduler.adopt(self._branch, future, self._finished)
            own = self.machine.machine.timeout
            most = EXPRESS_SECONDS if run.express else STANDARD_SECONDS
            self._limit = run.scheduler.timer(min(own, most) if own is not None else most, patient=True)
            self._limit.callback = self._time_out

    def _time_out(self) -> None:
        if not self.done:
            if self._running is not None:
                self._running.cancel()
            self._end("TIMED_OUT", "ExecutionTimedOut", {})

    def _finished(self, value: Any, error: BaseException | None) -> None:
        if error is None:
            self.output = value
            self._end("SUCCEEDED", "ExecutionSucceeded", {"output": value})
        elif isinstance(error, StateError):
            self.error, self.cause = error.error, error.cause
            self._end("FAILED", "ExecutionFailed", error.details())
        elif isinstance(error, ExecutionTimeoutError):
            self._end("TIMED_OUT", "ExecutionTimedOut", {})
        else:
            self._crash = error
            self.error, self.cause = ENGINE_ERROR, repr(error)
            self._end("FAILED", "ExecutionFailed", {"error": self.error, "cause": self.cause})

    def _end(self, status: Status, event: str, details: dict[str, Any]) -> None:
        run = self._run
        run.events.append((event, run.clock.now(), self._frame.previous, details))
        self.status = status
        self.stopped = run.clock.now()
        if self._limit is not None:
            self._limit.done = True
        for token in self.waiting:
            del run.engine.tokens[token]
        self.ended.resolve(self)

    def _raise(self) -> None:
        if self._crash is not None:
            crash, self._crash = self._crash, None
            raise crash


class Engine(Account):
    """An account that starts executions.

    >>> engine = Engine(functions={"double": lambda event: event * 2})
    >>> task = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:double", "End": True}
    >>> engine.start({"StartAt": "Double", "States": {"Double": task}}, 21).finish().output
    42
    """

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
        """Start an execution. Its states run when :meth:`Execution.run` or :meth:`Execution.finish` is called.

        Args:
            definition: the definition as JSON text, as a JSON value, or compiled.
            input: the input, by default ``{}``.
            type: ``STANDARD`` or ``EXPRESS``.
            name: the name of the execution, by default a random one.
            state_machine: the name of the state machine in the Context object.
            role: the ARN of the execution role in the Context object.
            context: members to replace in the Context object, such as ``{"Execution": {"Name": "x"}}``.
            mocks: mocks to use instead of those of the engine.
            variables: values of variables at the start.

        Raises:
            DefinitionError: the definition has errors.
            InputError: the input is not JSON or larger than 256 KiB.
        """
        known = self.state_machine(state_machine, definition, type, role)
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
        """Start an execution of a state machine. See :meth:`start`.

        Args:
            known: the state machine.
            document: the input.
            name: the name of the execution, by default a random one.
            context: members to replace in the Context object.
            mocks: mocks to use instead of those of the engine.
            variables: values of variables at the start.
            arn: the ARN of the execution, by default one made of the names.

        Raises:
            InputError: the input is not JSON or larger than 256 KiB.
        """
        try:
            large = too_large(document)
        except (TypeError, ValueError):
            raise InputError("The input is not JSON") from None
        if large:
            raise InputError("The input is larger than 262144 bytes")
        random = Random(self.random.getrandbits(64))  # noqa: S311  repeatable by design
        name = name or make_uuid(random)
        if arn is None:
            arn = self.arn(
                "states", f"express:{known.name}:{name}:{make_uuid(random)}" if known.express else f"execution:{known.name}:{name}"
            )
        started = iso(self.clock.now())
        full: dict[str, Any] = {
            "Execution": {"Id": arn, "Input": document, "StartTime": started, "Name": name, "RoleArn": known.role, "RedriveCount": 0},
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


def execute(
    definition: dict[str, Any] | str | Machine,
    input: Any = None,
    *,
    functions: Mapping[str, Callable[..., Any]] | None = None,
    type: Kind = "STANDARD",
    clock: Clock | None = None,
    seed: int = 0,
    context: Mapping[str, Any] | None = None,
    clients: Callable[[str], Any] | None = None,
    mocks: Mocks | Mapping[str, Any] | None = None,
    substitutions: Mapping[str, Any] | None = None,
) -> Execution:
    """Run a state machine to its end.

    Args:
        definition: the definition as JSON text, as a JSON value, or compiled by :func:`compile_definition`.
        input: the input, a JSON value, by default ``{}``.
        functions: Lambda functions by name or ARN. Each takes the event, or the event and the context.
        type: ``STANDARD`` or ``EXPRESS``.
        clock: the clock, by default a virtual one.
        seed: the seed of all random values: identifiers, jitter, ``$random()``.
        context: members to replace in the Context object, such as ``{"Execution": {"Name": "x"}}``.
        clients: a function that returns a boto3 client for the name of a service, such as ``boto3.client``.
        mocks: results of tasks that cannot run here. A mapping is read as ``Mocks(mapping)``.
        substitutions: the values that the deployment fills in for placeholders such as ``${order_queue_url}``, by name.
            Placeholders of functions need none: ``${validator_arn}`` calls the function ``validator``.

    Raises:
        DefinitionError: the definition has errors.
        InputError: the input is not JSON or larger than 256 KiB.
    """
    return start(
        definition,
        input,
        functions=functions,
        type=type,
        clock=clock,
        seed=seed,
        context=context,
        clients=clients,
        mocks=mocks,
        substitutions=substitutions,
    ).finish()


def start(
    definition: dict[str, Any] | str | Machine,
    input: Any = None,
    *,
    functions: Mapping[str, Callable[..., Any]] | None = None,
    type: Kind = "STANDARD",
    clock: Clock | None = None,
    seed: int = 0,
    context: Mapping[str, Any] | None = None,
    clients: Callable[[str], Any] | None = None,
    mocks: Mocks | Mapping[str, Any] | None = None,
    substitutions: Mapping[str, Any] | None = None,
) -> Execution:
    """Start an execution and return it, to answer task tokens, stop or redrive it. The arguments are those of :func:`execute`.

    >>> from generator.engine import Waits
    >>> url = "https://sqs.us-east-1.amazonaws.com/123456789012/orders"
    >>> parameters = {"QueueUrl": url, "MessageBody": {"token.$": "$$.Task.Token"}}
    >>> ask = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": parameters, "End": True}
    >>> execution = start({"StartAt": "Ask", "States": {"Ask": ask}}, mocks={"Ask": Waits()}).run()
    >>> (token, state), = execution.waiting.items()
    >>> execution.send_task_success(token, {"approved": True})
    >>> execution.run().output
    {'approved': True}
    """
    answers = mocks if mocks is None or isinstance(mocks, Mocks) else Mocks(mocks)
    if substitutions and not isinstance(definition, Machine):
        definition = substitute(definition, substitutions)
    engine = Engine(functions=functions, clients=clients, clock=clock, seed=seed, mocks=answers)
    return engine.start(definition, input, type=type, context=context)
