"""What an execution did, read from its history: the visits to states, and the calls of tasks with their attempts."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from generator.asl import error_names
from generator.engine.calls.targets import integrations, key_of, names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.dsl.declarations import Resource
    from generator.engine.frame import RawEvent

_CALLS: Final = ("Task", "LambdaFunction", "Activity")
_SCHEDULED: Final = frozenset(f"{kind}Scheduled" for kind in _CALLS)
_SUCCEEDED: Final = frozenset(f"{kind}Succeeded" for kind in _CALLS)
_FAILED: Final = frozenset(f"{kind}{how}" for kind in _CALLS for how in ("Failed", "SubmitFailed", "TimedOut"))
_STARTED: Final = frozenset(f"{kind}Started" for kind in _CALLS)
_ITERATION: Final = "MapIteration"
_RESTARTED: Final = frozenset({"ParallelStateStarted", "MapStateStarted"})
_BRANCHES_FAILED: Final = frozenset({"ParallelStateFailed", "MapStateFailed", "MapRunFailed"})
_ENDED: Final = frozenset({"ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"})


class TaskCall:
    """One attempt of a task: a call of a function, a service, an activity or a state machine.

    Attributes:
        state: the name of the state.
        integration: the integration with its pattern, such as ``sqs:sendMessage``; the ARN of a function or an activity.
        resource: the name of the resource that it called, as it was declared if it was; empty if it named none.
        parameters: the parameters of the call; for a function by its ARN and for an activity, its input.
        result: the result. None if it failed or has not ended.
        error: the error name, if it failed.
        cause: the cause, if it failed.
        attempt: the number of the attempt in its visit, from 1.
        status: ``RUNNING``, ``SUCCEEDED`` or ``FAILED``.
        began: the id of the event that started it; 0 if it has none.
        scheduled: when it was scheduled, in seconds since 1970.
        ended: when it ended; None if it has not.
    """

    __slots__ = (
        "_names",
        "attempt",
        "began",
        "cause",
        "ended",
        "error",
        "integration",
        "parameters",
        "resource",
        "result",
        "scheduled",
        "state",
        "status",
    )

    def __init__(
        self, state: str, resource: str, parameters: Any, attempt: int, declared: Mapping[str, str], *, scheduled: float = 0.0
    ) -> None:
        """Create it for the Resource and the parameters of a task."""
        found = list(dict.fromkeys(names(state, resource, parameters, declared)))
        short = list(integrations(resource))
        self._names = frozenset(key_of(name) for name in found)
        self.state = state
        self.integration = short[0] if short else resource
        self.resource = next((name for name in found if name not in {state, *short} and ":" not in name), "")
        self.parameters = parameters
        self.result: Any = None
        self.error: str | None = None
        self.cause: str | None = None
        self.attempt = attempt
        self.status = "RUNNING"
        self.began = 0
        self.scheduled = scheduled
        self.ended: float | None = None

    def is_of(self, what: str | Resource) -> bool:
        """Return whether this is a call of a resource, of an integration, or of the task of a state.

        Args:
            what: a declared resource or its name, a name or an ARN in AWS, an integration such as ``sqs:sendMessage``, or the
                name of a state.
        """
        return key_of(what) in self._names

    def __repr__(self) -> str:
        """Return the call with its outcome."""
        outcome = self.status if self.error is None else f"{self.status}: {self.error}"
        return f"<TaskCall {self.state}: {self.integration} {self.resource} {outcome}>"


class StateVisit:
    """One visit of an execution to a state.

    Attributes:
        name: the name of the state.
        type: its type.
        input: its input.
        output: its output. None if the state was not left.
        exited: whether the state was left with an output, also through a catcher.
        assigned: the variables that it assigned.
        attempts: the calls of a Task state, the first one and those of its retriers.
        failed: whether its last attempt failed, also if a catcher caught the failure.
        error: the error name of that failure, if the history has it.
        cause: the cause of that failure, if the history has it.
        depth: 0 in the state machine, 1 in a branch or an iteration of one of its states, and so on.
        entered: when it was entered, in seconds since 1970.
        left: when it was left; None if it was not.
        items: of a Map state, the number of its items; of a Distributed Map, of the items of its map run.
        iterations: of a Map state, how many iterations ended with each outcome, such as ``Succeeded``.
        map_run: of a Distributed Map state, the ARN of its last map run.
        parent: the visit to the Map or Parallel state that it is a part of; None at the top.
        iteration: the index of the iteration of that Map state; None in a branch, and outside.
        starts: when its branches or iterations were started, once for each attempt, in a Map or Parallel state.
        cancelled: whether it was stopped because another branch or iteration failed.
    """

    __slots__ = (
        "assigned",
        "attempts",
        "cancelled",
        "cause",
        "depth",
        "entered",
        "error",
        "exited",
        "failed",
        "input",
        "items",
        "iteration",
        "iterations",
        "left",
        "map_run",
        "name",
        "output",
        "parent",
        "starts",
        "type",
    )

    def __init__(
        self, name: str, kind: str, document: Any, entered: float, parent: StateVisit | None, *, iteration: int | None = None
    ) -> None:
        """Start a visit."""
        self.name = name
        self.type = kind
        self.input = document
        self.output: Any = None
        self.exited = False
        self.assigned: dict[str, Any] = {}
        self.attempts: list[TaskCall] = []
        self.failed = False
        self.error: str | None = None
        self.cause: str | None = None
        self.entered = entered
        self.left: float | None = None
        self.items: int | None = None
        self.iterations: Counter[str] = Counter()
        self.map_run = ""
        self.parent = parent
        self.iteration = iteration
        self.starts: list[float] = []
        self.cancelled = False
        self.depth: int = 0 if parent is None else parent.depth + 1

    @property
    def caught(self) -> bool:
        """Whether the state failed and a catcher caught the failure."""
        return self.exited and self.failed

    def __repr__(self) -> str:
        """Return the name and the outcome."""
        outcome = f"output={self.output!r}" if self.exited else "not left"
        failure = f", {'caught' if self.exited else 'failed with'} {self.error}" if self.failed else ""
        return f"StateVisit({self.name!r}, {outcome}{failure})"


class Iteration:
    """One iteration of a Map state, in one attempt of it.

    Attributes:
        visit: the visit of the Map state.
        index: the index of the item.
        started: when it started, in seconds since 1970.
        ended: when it ended; None if it has not.
        status: ``RUNNING``, ``SUCCEEDED``, ``FAILED`` or ``ABORTED``.
    """

    __slots__ = ("ended", "index", "started", "status", "visit")

    def __init__(self, visit: StateVisit, index: int, started: float) -> None:
        """Start an iteration."""
        self.visit = visit
        self.index = index
        self.started = started
        self.ended: float | None = None
        self.status = "RUNNING"


class Trace:
    """A history, read once.

    Attributes:
        visits: the visits to states, in the order in which the states were entered.
        owners: for each event the visit that it belongs to; None for an event of the execution itself.
        iterations: the iterations of Map states, in the order in which they started.
    """

    def __init__(self, events: Sequence[RawEvent], resources: Mapping[str, str], declared: Mapping[str, str]) -> None:
        """Read a history.

        Args:
            events: the events of an execution.
            resources: the Resource of each Task state by its name.
            declared: the names of declared resources, by their ARNs, names and URLs.
        """
        self.visits: list[StateVisit] = []
        self.owners: list[StateVisit | None] = []
        self.iterations: list[Iteration] = []
        self._resources = resources
        self._declared = declared
        self._ended: set[int] = set()  # the Map and Parallel states whose last attempt failed
        self._read(events)

    def _read(self, events: Sequence[RawEvent]) -> None:
        # The visit that an event belongs to is that of the event before it in its branch, unless the event enters or leaves a state.
        # "following" has the visit and the iteration that the next event of the branch belongs to.
        following: list[tuple[StateVisit | None, int | None]] = [(None, None)]
        latest: dict[str, StateVisit] = {}
        running: dict[tuple[int, int], Iteration] = {}
        outermost: StateVisit | None = None
        for kind, moment, previous, details in events:
            owner, lane = following[previous]
            then: tuple[StateVisit | None, int | None]
            if kind.endswith("StateEntered"):
                name = str(details.get("name", ""))
                owner = StateVisit(name, kind.removesuffix("StateEntered"), details.get("input"), moment, owner, iteration=lane)
                owner.failed = owner.type == "Fail"
                latest[owner.name] = owner
                outermost = owner if owner.parent is None else outermost
                self.visits.append(owner)
                then = owner, None
            elif kind.endswith("StateExited"):
                left = _inside(owner, str(details.get("name", "")))
                then = owner, lane
                if left is not None:
                    left.output, left.exited, left.left, left.cancelled = details.get("output"), True, moment, False
                    left.assigned = details.get("assignedVariables") or {}
                    owner, then = left, (left.parent, left.iteration)
            elif kind.startswith(_ITERATION):
                owner, then = self._iteration(owner, kind, moment, details, running)
            elif kind == "EvaluationFailed":
                owner = latest.get(str(details.get("state", "")), owner)  # its event follows the one before the state was entered
                _fail(owner, details)
                then = owner, None
            elif kind == "ExecutionRedriven":
                then = outermost, None
                self._ended.clear()
                if outermost is not None:
                    outermost.failed, outermost.error, outermost.cause = False, None, None
            elif kind == "ExecutionTimedOut" and outermost is not None:  # its event follows no other
                owner = self._note(outermost, kind, moment, details)
                then = owner, None
            elif owner is not None:
                owner = self._note(owner, kind, moment, details)
                if kind in _STARTED and owner.attempts:
                    owner.attempts[-1].began = len(following)
                then = owner, None
            else:
                then = None, None
            self.owners.append(owner)
            following.append(then)

    def _iteration(
        self,
        owner: StateVisit | None,
        kind: str,
        moment: float,
        details: Mapping[str, Any],
        running: dict[tuple[int, int], Iteration],
    ) -> tuple[StateVisit | None, tuple[StateVisit | None, int | None]]:
        """Note an event of an iteration. Return the visit of its Map state, and what the next event belongs to."""
        visit = _inside(owner, str(details.get("name", "")))
        if visit is None:
            return owner, (owner, None)
        index = int(details.get("index", 0))
        visit.iterations[kind.removeprefix(_ITERATION)] += 1
        if kind == "MapIterationStarted":
            running[id(visit), index] = begun = Iteration(visit, index, moment)
            self.iterations.append(begun)
            return visit, (visit, index)
        entry = running.get((id(visit), index))
        if entry is not None:
            entry.status, entry.ended = kind.removeprefix(_ITERATION).upper(), moment
        return visit, (visit, None)

    def _note(self, visit: StateVisit, kind: str, moment: float, details: dict[str, Any]) -> StateVisit:
        """Note an event of a visit. Return the visit that the next event belongs to."""
        call = visit.attempts[-1] if visit.attempts else None
        if kind in _SCHEDULED:
            parameters = details.get("parameters", details.get("input"))
            resource = self._resources.get(visit.name, str(details.get("resource", "")))
            visit.attempts.append(TaskCall(visit.name, resource, parameters, len(visit.attempts) + 1, self._declared, scheduled=moment))
            visit.failed, visit.error, visit.cause = False, None, None
        elif kind in _SUCCEEDED and call is not None:
            call.status, call.result, call.ended = "SUCCEEDED", details.get("output"), moment
        elif kind in _FAILED and call is not None:
            failure = {"error": error_names.TIMEOUT, **details} if kind.endswith("TimedOut") else details
            call.status, call.error, call.cause, call.ended = "FAILED", failure.get("error"), failure.get("cause"), moment
            _fail(visit, failure)
        elif kind in _RESTARTED:
            visit = self._holder(visit, kind.removesuffix("StateStarted"))
            visit.failed, visit.error, visit.cause = False, None, None
            visit.starts.append(moment)
            visit.items, visit.iterations = details.get("length"), Counter()
        elif kind in {"MapRunStarted", "MapRunRedriven"}:
            visit.map_run = str(details.get("mapRunArn", ""))
        elif kind in _BRANCHES_FAILED:
            visit = self._holder(visit, "Parallel" if kind.startswith("Parallel") else "Map")
            if kind.endswith("StateFailed"):
                self._ended.add(id(visit))
            _fail(visit, details)
        elif kind.endswith("StateAborted"):
            visit.cancelled = True
        elif kind in _ENDED:
            _fail(visit, details)
            # The events of a Fail state and of the states around it name no error. That of the execution does.
            last = self.visits[-1]
            if last.type == "Fail" and last is not visit:
                _fail(last, details)
        return visit

    def _holder(self, visit: StateVisit, kind: str) -> StateVisit:
        """Return the Map or Parallel state that an event of branches is about: a visit itself, or one that it is part of."""
        found: StateVisit | None = visit
        while found is not None and (found.type != kind or found.exited or id(found) in self._ended):
            found = found.parent
        return found or visit


def visits(events: Sequence[RawEvent], resources: Mapping[str, str], declared: Mapping[str, str]) -> list[StateVisit]:
    """Return the visits to states, in the order in which the states were entered. The arguments are those of :class:`Trace`."""
    return Trace(events, resources, declared).visits


def _inside(visit: StateVisit | None, name: str) -> StateVisit | None:
    """Return the visit with this name: a visit itself, or one that it is part of."""
    while visit is not None and (visit.name != name or visit.exited):
        visit = visit.parent
    return visit


def _fail(visit: StateVisit | None, details: Mapping[str, Any]) -> None:
    if visit is not None:
        visit.failed = True
        visit.error, visit.cause = details.get("error", visit.error), details.get("cause", visit.cause)
