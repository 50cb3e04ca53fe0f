"""Executions as their user sees them, and the engine that starts them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from generator.asl import error_names
from generator.diagnostics.model import did_you_mean
from generator.engine.account import TaskTokenError
from generator.engine.as_text import path_text, shortened, text_view
from generator.engine.calls.targets import known
from generator.engine.clock import Future, iso
from generator.engine.failure import ENGINE_ERROR, ExecutionTimeoutError, StateError, StoppedError
from generator.engine.frame import Frame, Item, Run
from generator.engine.history import MAX_REDRIVEN_EVENTS, Event, render
from generator.engine.states.branches import Unfinished
from generator.engine.states.state import drive, resume
from generator.engine.visits import visits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.asl.walk import Walk
    from generator.dsl.declarations import Resource
    from generator.engine.clock import Running
    from generator.engine.frame import Item, RawEvent, StateMachine
    from generator.engine.states.distributed import MapRun
    from generator.engine.visits import StateVisit, TaskCall

STANDARD_SECONDS: Final = 365 * 86_400
"""The longest time of a standard execution."""
EXPRESS_SECONDS: Final = 5 * 60
"""The longest time of an express execution."""
_RESTING: Final = ("variables", "previous", "last", "state", "state_kind", "entered", "entered_at", "retries")
"""The fields of the frame of an execution that has ended, which a redrive uses."""
_CAUSE: Final = 60
_PATH: Final = 6
Status: TypeAlias = Literal["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]


class ExecutionFailedError(Exception):
    """An execution that has not succeeded. Its message is the text view of the execution.

    Attributes:
        execution: the execution.
        error: the error name.
        cause: the cause.
    """

    def __init__(self, execution: Execution) -> None:
        """Create the error."""
        super().__init__("\n" + text_view(execution).rstrip())
        self.execution = execution
        self.error = execution.error
        self.cause = execution.cause


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
        started_by: for an execution that a task started, the id of the event of that task's start; else 0.
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
        self.started_by = 0
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
    def redriven(self) -> int:
        """How often it was redriven."""
        return self._run.redriven

    @property
    def express(self) -> bool:
        """Whether it is an express execution."""
        return self._run.express

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
    def raw_events(self) -> list[RawEvent]:
        """A copy of the events as the engine keeps them."""
        return list(self._run.events)

    @property
    def event_count(self) -> int:
        """The number of its events."""
        return len(self._run.events)

    @property
    def full(self) -> bool:
        """Whether its history has no room for a redrive."""
        return len(self._run.events) >= MAX_REDRIVEN_EVENTS

    @property
    def waiting(self) -> dict[str, str]:
        """The task tokens that this execution waits for, with the names of their states."""
        tokens = self._run.engine.tokens
        return {token: entry.state for token, entry in tokens.items() if entry.execution == self.arn and not entry.future.done}

    @property
    def path(self) -> list[str]:
        """The names of the states in the order in which they were entered."""
        return [details["name"] for kind, _, _, details in self._run.events if kind.endswith("StateEntered")]

    @property
    def map_children(self) -> list[Execution]:
        """The child executions of its Distributed Maps: of each map run the first 1,000."""
        return [child for map_run in self._run.map_runs for child in map_run.children]

    @property
    def children(self) -> list[Execution]:
        """The executions of other workflows that its tasks started and that ran here."""
        return list(self._run.children)

    @property
    def unused_mocks(self) -> list[str]:
        """The names of the mocks that have answered no call so far."""
        return [] if self._run.mocks is None else list(self._run.mocks.unused)

    @property
    def to_mock(self) -> dict[str, Any]:
        """An example of a result for each task that nothing here could perform, by the name of its state."""
        return dict(self._run.engine.to_mock)

    @property
    def unfilled(self) -> list[str]:
        """The placeholders that have no value, of its definition and of those that it starts."""
        return list(self._run.engine.unfilled)

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
            failure = f": {visit.error}" if visit.error else ""
            raise LookupError(f"state {state!r} was entered but not left{failure}")
        return visit.output

    def _visit(self, state: str) -> StateVisit:
        found = self.visits(state)
        if not found:
            raise LookupError(f"state {state!r} did not run; these did: {', '.join(dict.fromkeys(self.path)) or 'none'}")
        return found[0]

    def visits(self, state: str | None = None) -> list[StateVisit]:
        """Return the visits to states in the order in which they were entered, those of Distributed Maps' children at the end.

        Args:
            state: the name of a state, to return its visits only.

        Raises:
            LookupError: the state machine has no state of this name.

        >>> from generator.engine import execute
        >>> machine = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": 1, "End": True}}}
        >>> execute(machine).visits("A")
        [StateVisit('A', output=1)]
        """
        if state is not None:
            names = {at.name for at in self.machine.machine.walk.states}
            if state not in names:
                hint = did_you_mean(state, names) or f"it has {', '.join(sorted(names))}"
                raise LookupError(f"the state machine has no state {state!r}; {hint}")
        found = self.own_visits()
        for child in self.map_children:
            found += child.visits()
        return [visit for visit in found if state is None or visit.name == state]

    def own_visits(self) -> list[StateVisit]:
        """Return the visits without those of child executions."""
        resources = self.machine.machine.walk.once(_resources)
        return visits(self._run.events, resources, self._run.engine.declared)

    def calls(self, what: str | Resource | None = None) -> list[TaskCall]:
        """Return the calls of tasks, one for each attempt, those of all child executions at the end.

        Args:
            what: a resource, its name or its ARN; an integration such as ``sqs:sendMessage``; or the name of a state. By default
                all calls.

        Raises:
            LookupError: no task can make such a call: the name is misspelt.

        >>> from generator.engine import execute
        >>> call = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:greet", "End": True}
        >>> execution = execute({"StartAt": "Greet", "States": {"Greet": call}}, {"name": "Ann"}, mocks={"greet": "Hi"})
        >>> [(call.parameters, call.result) for call in execution.calls("greet")]
        [({'name': 'Ann'}, 'Hi')]
        """
        found = [call for visit in self.own_visits() for call in visit.attempts]
        for child in (*self.map_children, *self.children):
            found += child.calls()
        if what is None:
            return found
        chosen = [call for call in found if call.is_of(what)]
        if not chosen and isinstance(what, str):
            names = known(self._walks(), self._run.engine.declared)
            if not names.has(what) and not names.computed:
                raise LookupError(f"no task has the name {what!r} or calls {what!r}; {names.hint(what)}")
        return chosen

    def _walks(self) -> Iterator[Walk]:
        yield self.machine.machine.walk
        yield from (each.machine.walk for each in self._run.engine.state_machines.values())

    def raise_for_status(self) -> Execution:
        """Return the execution if it succeeded.

        Raises:
            ExecutionFailedError: it has not succeeded. The message shows what it did.
        """
        if self.status != "SUCCEEDED":
            raise ExecutionFailedError(self)
        return self

    def output_or_raise(self) -> Any:
        """Return the output if the execution succeeded.

        Raises:
            ExecutionFailedError: it has not succeeded. The message shows what it did.
        """
        return self.raise_for_status().output

    def text(self) -> str:
        """Return a view of the execution as text: its path, its states with their data, and the failure."""
        return text_view(self)

    def __repr__(self) -> str:
        """Return the status, the failure and the path, short enough for the messages of pytest."""
        name = self.machine.title or self.machine.name
        failure = "" if self.error is None else f" {self.error}: {shortened(self.cause or '', _CAUSE)}".rstrip(": ")
        waits = f" waits in {', '.join(sorted(set(self.waiting.values())))}" if self.waiting else ""
        return f"<Execution {name} {self.status}{failure}{waits}, path: {path_text(self.path, _PATH)}>"

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

    def run_children(self, *, patient: bool = True) -> Execution:
        """Run the executions that its tasks started without waiting for their end, and those that these start.

        Args:
            patient: whether an execution that waits for an answer from outside is left waiting. Otherwise its timeout fires.
        """
        for child in self.map_children:
            child.run_children(patient=patient)
        for child in self.children:
            (child.run() if patient else child.finish()).run_children(patient=patient)
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
        """Answer one of its waiting tasks. Call :meth:`run` to continue.

        Args:
            token: the task token, or the name of a state that waits.
            output: the output, a JSON value.

        Raises:
            TaskTokenError: no task waits for this token, or several visits to the state wait.
        """
        self._run.engine.send_task_success(self._token(token), output)

    def send_task_failure(self, token: str, error: str | None = None, cause: str | None = None) -> None:
        """Answer one of its waiting tasks with a failure. Call :meth:`run` to continue.

        Args:
            token: the task token, or the name of a state that waits.
            error: the error name.
            cause: the cause.

        Raises:
            TaskTokenError: no task waits for this token, or several visits to the state wait.
        """
        self._run.engine.send_task_failure(self._token(token), error, cause)

    def send_task_heartbeat(self, token: str) -> None:
        """Report that one of its waiting tasks is still in progress.

        Args:
            token: the task token, or the name of a state that waits.

        Raises:
            TaskTokenError: no task waits for this token, or several visits to the state wait.
        """
        self._run.engine.send_task_heartbeat(self._token(token))

    def _token(self, token: str) -> str:
        waiting = self.waiting
        found = [each for each, state in waiting.items() if state == token]
        if len(found) > 1:
            raise TaskTokenError(f"{len(found)} visits to {token!r} wait: answer each by its token, one of execution.waiting")
        states = {at.name for at in self.machine.machine.walk.states}
        if not found and token in states:
            raise TaskTokenError(f"state {token!r} does not wait; {', '.join(sorted(set(waiting.values()))) or 'no state'} waits")
        return found[0] if found else token

    def stop(self, error: str | None = None, cause: str | None = None) -> Execution:
        """Abort the execution."""
        if not self.done:
            if self._running is not None:
                self._running.cancel()
            self.error, self.cause = error, cause
            self._end("ABORTED", "ExecutionAborted", StateError(error, cause).details())
        return self

    def interrupt(self, error: str | None = None, cause: str | None = None) -> None:
        """Abort the execution while another thread runs it: it ends at its next event. Its history gets no event before that.

        The child executions of its Distributed Maps and the executions that it waits for end too.
        """
        run = self._run
        if self.done or run.stopped is not None:
            return
        run.stopped = StoppedError(error, cause)
        for child in (*self.map_children, *self.children):
            child.interrupt(error, cause)

    def redrive(self) -> Execution:
        """Continue a failed, timed out or aborted standard execution at the state where it ended.

        Branches, iterations and child executions that had succeeded are not run again. The others go on where they ended.

        Source: https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html

        Raises:
            ValueError: the execution cannot be redriven.
        """
        run = self._run
        if self.status in {"RUNNING", "SUCCEEDED"} or run.express:
            raise ValueError(f"Execution is {self.status} and cannot be redriven")
        if self.full:
            raise ValueError("Execution history event limit exceeded")
        run.full = False
        run.stopped = None
        run.redriven += 1
        run.context["Execution"] = {**run.context["Execution"], "RedriveCount": run.redriven, "RedriveTime": iso(run.clock.now())}
        self.status, self.error, self.cause, self.stopped = "RUNNING", None, None, None
        self.ended = Future()
        frame = self._frame
        frame.previous = run.record("ExecutionRedriven", len(run.events), {"redriveCount": run.redriven})
        run.resumed |= run.kept
        run.kept = {}
        machine = self.machine.machine
        self._branch = resume(frame, machine.states) if frame.entered else drive(frame, machine.start, self.input)
        self._begun = False
        return self

    @property
    def can_rest(self) -> bool:
        """Whether :meth:`rest` has all that a redrive needs: not after a map run, whose child executions go on where they ended."""
        return all(isinstance(kept, Unfinished) for kept in self._run.kept.values())

    def rest(self) -> dict[str, Any]:
        """Return as JSON what a redrive needs beside the input and the history, for :meth:`Engine.revive`."""
        run, frame = self._run, self._frame
        execution = {name: value for name, value in run.context["Execution"].items() if name != "Input"}
        return {
            "context": {**run.context, "Execution": execution},
            "frame": _rest_of(frame),
            "kept": [
                [entered, list(kept.results.items()), [[number, _rest_of(branch)] for number, branch in kept.frames.items()]]
                for entered, kept in run.kept.items()
                if isinstance(kept, Unfinished)
            ],
            "run": {name: getattr(run, name) for name in ("transitions", "redriven", "warnings", "full")},
            "execution": {name: getattr(self, name) for name in ("started", "stopped", "status", "error", "cause")},
        }

    def put_back(self, rest: Mapping[str, Any], events: Iterable[RawEvent]) -> None:
        """Take over the state of :meth:`rest`, with the history."""
        run = self._run
        run.events[:] = events
        run.kept = {
            entered: Unfinished(dict(results), {number: _put_back(Frame(run, {}, 0), fields) for number, fields in frames})
            for entered, results, frames in rest["kept"]
        }
        _put_back(self._frame, rest["frame"])
        for owner, name in ((run, "run"), (self, "execution")):
            for key, value in rest[name].items():
                setattr(owner, key, value)
        self._begun = True
        self.ended.resolve(self)

    def reseed(self, seed: int) -> None:
        """Set the seed of all random values, before the execution begins."""
        self._run.random.seed(seed)

    @property
    def item(self) -> Item | None:
        """The item in the Context object of a child execution of a Distributed Map; None for any other."""
        return self._frame.item

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
            self._time_up()

    def _time_up(self) -> None:
        """End with a timeout. Its error is in the event only, which follows no other: measured 2026-08, floci-io/floci#2733."""
        self._frame.previous = 0
        self._end("TIMED_OUT", "ExecutionTimedOut", {"error": error_names.TIMEOUT})

    def _finished(self, value: Any, error: BaseException | None) -> None:
        if error is None:
            self.output = value
            self._end("SUCCEEDED", "ExecutionSucceeded", {"output": value})
        elif isinstance(error, StoppedError):
            self.error, self.cause = error.error, error.cause
            self._end("ABORTED", "ExecutionAborted", error.details())
        elif isinstance(error, StateError):
            self.error, self.cause = error.error, error.cause
            self._end("FAILED", "ExecutionFailed", error.details())
        elif isinstance(error, ExecutionTimeoutError):
            self._time_up()
        else:
            self._crash = error
            self.error, self.cause = ENGINE_ERROR, f"{type(error).__name__}: {error}"
            self._end("FAILED", "ExecutionFailed", {"error": self.error, "cause": self.cause})

    def _end(self, status: Status, event: str, details: dict[str, Any]) -> None:
        run = self._run
        run.events.append((event, run.clock.now(), self._frame.previous, details))
        self.status = status
        self.stopped = run.clock.now()
        run.kept, run.resumed = {**run.resumed, **run.kept}, {}
        if self._limit is not None:
            self._limit.done = True
        for token in self.waiting:
            del run.engine.tokens[token]
        self.ended.resolve(self)

    def _raise(self) -> None:
        if self._crash is not None:
            crash, self._crash = self._crash, None
            raise crash


def _rest_of(frame: Frame) -> dict[str, Any]:
    return {**{name: getattr(frame, name) for name in _RESTING}, "item": frame.item}


def _put_back(frame: Frame, fields: Mapping[str, Any]) -> Frame:
    for name in _RESTING:
        setattr(frame, name, fields[name])
    frame.item = None if fields["item"] is None else Item(*fields["item"])
    return frame


def _resources(walk: Walk) -> dict[str, str]:
    return {at.name: at.resource for at in walk.states if at.resource}
