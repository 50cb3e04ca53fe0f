"""An execution as its user sees it: what came of it, and the means to go on with one that waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from generator.engine.clock import Future
from generator.engine.core import EXPRESS_SECONDS, STANDARD_SECONDS, Run, TimedOut, drive
from generator.engine.dataflow import Frame, Item, StateFailure, iso
from generator.engine.history import Event, render

if TYPE_CHECKING:
    from generator.engine.clock import Running
    from generator.engine.distributed import MapRun
    from generator.engine.engine import StateMachine

Status = Literal["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]


class StateVisit:
    """One stay in a state.

    Attributes:
        name: The state.
        type: Its type.
        input: What it got.
        output: What it gave; None if it did not end.
        exited: Whether it ended with an output.
        assigned: The variables it assigned.
    """

    __slots__ = ("assigned", "exited", "input", "name", "output", "type")

    def __init__(self, name: str, kind: str, document: Any) -> None:
        """Begin a stay."""
        self.name = name
        self.type = kind
        self.input = document
        self.output: Any = None
        self.exited = False
        self.assigned: dict[str, Any] = {}

    def __repr__(self) -> str:
        """Show name and output."""
        return f"StateVisit({self.name!r}, output={self.output!r})"


class Execution:
    """One execution of a state machine.

    Attributes:
        arn: Its ARN.
        name: Its name.
        input: Its input.
        status: ``RUNNING``, ``SUCCEEDED``, ``FAILED``, ``TIMED_OUT`` or ``ABORTED``.
        output: The output, if it succeeded.
        error: The error name, if it failed.
        cause: The cause, if it failed.
        started: When it started, in seconds since 1970.
        stopped: When it ended, or None.
        machine: What it is an execution of.
    """

    def __init__(self, run: Run, machine: StateMachine, document: Any, variables: dict[str, Any]) -> None:
        """Begin the history; nothing runs yet."""
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
        """Whether it has ended."""
        return self.status != "RUNNING"

    @property
    def duration(self) -> float:
        """Seconds from start to end, or until now."""
        return (self._run.clock.now() if self.stopped is None else self.stopped) - self.started

    @property
    def transitions(self) -> int:
        """State transitions, as AWS counts them for the bill: states entered and retries."""
        return self._run.transitions

    @property
    def warnings(self) -> list[str]:
        """What the engine wants to tell about the run, such as functions it was not given."""
        return self._run.warnings

    @property
    def history(self) -> list[dict[str, Any]]:
        """The events as boto3's ``get_execution_history`` gives them."""
        return render(self.events)

    @property
    def map_runs(self) -> list[MapRun]:
        """What its Distributed Map states did."""
        return self._run.map_runs

    @property
    def events(self) -> list[Event]:
        """The events with JSON values instead of texts."""
        return [Event(*event) for event in self._run.events]

    @property
    def waiting(self) -> dict[str, str]:
        """The task tokens that this execution waits for, each with its state's name."""
        tokens = self._run.engine.tokens
        return {token: entry.state for token, entry in tokens.items() if entry.execution == self.arn and not entry.future.done}

    @property
    def path(self) -> list[str]:
        """The names of the states that ran, in the order they were entered."""
        return [details["name"] for kind, _, _, details in self._run.events if kind.endswith("StateEntered")]

    def input_of(self, state: str) -> Any:
        """What a state got when it was entered for the first time.

        Raises:
            LookupError: It did not run.
        """
        return self._visit(state).input

    def output_of(self, state: str) -> Any:
        """What a state gave when it was left for the first time.

        Raises:
            LookupError: It did not run, or was not left.
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
        """The stays in states, in the order they began.

        Args:
            state: Only those in this state.
        """
        found: list[StateVisit] = []
        last: dict[int, StateVisit] = {}
        for number, (kind, _, previous, details) in enumerate(self._run.events, 1):
            if kind.endswith("StateEntered"):
                last[number] = visit = StateVisit(details["name"], kind.removesuffix("StateEntered"), details["input"])
                found.append(visit)
            elif kind.endswith("StateExited"):
                stays = [visit for visit in found if visit.name == details["name"] and not visit.exited]
                stay = last.get(previous) or (stays[0] if stays else None)
                if stay is not None:
                    stay.output, stay.exited = details["output"], True
                    stay.assigned = details.get("assignedVariables") or {}
        return [visit for visit in found if state is None or visit.name == state]

    def run(self) -> Execution:
        """Run until it ends or waits for an answer from outside; timeouts of such answers do not fire."""
        if not self._begun:
            self._begin()
        if not self.done:
            self._run.scheduler.run(patient=True, finished=lambda: self.done)
        self._raise()
        return self

    def finish(self) -> Execution:
        """Run to the end: where nobody answers a task token, its timeout fires."""
        if not self._begun:
            self._begin()
        if not self.done:
            self._run.scheduler.run(patient=False, finished=lambda: self.done)
        self._raise()
        return self

    def advance(self, seconds: float) -> Execution:
        """Run, letting this much time pass; timeouts within it fire."""
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
        """Answer one of its waiting tasks; :meth:`run` goes on."""
        self._run.engine.send_task_success(token, output)

    def send_task_failure(self, token: str, error: str | None = None, cause: str | None = None) -> None:
        """Let one of its waiting tasks fail; :meth:`run` goes on."""
        self._run.engine.send_task_failure(token, error, cause)

    def send_task_heartbeat(self, token: str) -> None:
        """Tell that one of its waiting tasks is still being worked on."""
        self._run.engine.send_task_heartbeat(token)

    def stop(self, error: str | None = None, cause: str | None = None) -> Execution:
        """Abort it."""
        if not self.done:
            if self._running is not None:
                self._running.cancel()
            self.error, self.cause = error, cause
            details = {key: value for key, value in (("error", error), ("cause", cause)) if value is not None}
            self._end("ABORTED", "ExecutionAborted", details)
        return self

    def redrive(self) -> Execution:
        """Go on with a failed, timed out or aborted standard execution at the state where it ended.

        Branches and iterations that had succeeded are not run again; those that had not start anew.

        Raises:
            ValueError: It cannot be redriven.
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
        """Put the item of the Distributed Map state that starts this execution into its Context object."""
        self._frame.item = item

    def begin(self) -> None:
        """Run up to the first wait, without letting time pass; for those who run the scheduler themselves."""
        if not self._begun:
            self._begin()

    def _begin(self) -> None:
        self._begun = True
        run = self._run
        try:
            future = next(self._branch)
        except StopIteration as end:
            self._finished(end.value, None)
        except Exception as error:  # noqa: BLE001  told to who asks
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
        elif isinstance(error, StateFailure):
            self.error, self.cause = error.error, error.cause
            details = {key: text for key, text in (("error", error.error), ("cause", error.cause)) if text is not None}
            self._end("FAILED", "ExecutionFailed", details)
        elif isinstance(error, TimedOut):
            self._end("TIMED_OUT", "ExecutionTimedOut", {})
        else:
            self._crash = error
            self.error, self.cause = "Local.EngineError", repr(error)
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
