"""A recorded history as answers: what each call of each task returned, by state, visit, attempt and iteration.

The place of a call is its state, the iterations of the Map states around it, the number of the visit to the state there, and the number
of the attempt. Branches of a Parallel state need no number: the names of states are unique in a machine. A call that the history does
not have fails with an error that no retrier and no catcher matches, because an answer that was made up would prove nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from generator.asl import error_names
from generator.asl.jsonpath import PathMatchError, PathNotFoundError, PathSyntaxError, compile_path
from generator.asl.model import ABSENT
from generator.catalog.integrations import is_activity
from generator.engine.calls.mocks import Mocks
from generator.engine.clock import Future
from generator.engine.failure import MOCK_EXHAUSTED, StateError
from generator.engine.visits import StateVisit, Trace

if TYPE_CHECKING:
    from generator.asl.walk import Walk
    from generator.engine.calls.call import Call
    from generator.engine.clock import Branch
    from generator.engine.frame import Frame, RawEvent, Run

Lane = tuple[tuple[str, int], ...]
"""The iterations around a state, outer before inner: the Map state and the index of its item."""
Place = tuple[str, Lane, int]
"""A state, the iterations around it, and the number of the visit to it there, from 0."""
Outcome = Literal["succeeded", "failed", "timed out", "open"]

_CALLS: Final = ("Task", "LambdaFunction", "Activity")
_ENDS: Final[Mapping[str, Outcome]] = {
    **{f"{call}Succeeded": "succeeded" for call in _CALLS},
    **{f"{call}{how}": "failed" for call in _CALLS for how in ("Failed", "SubmitFailed", "StartFailed", "ScheduleFailed")},
    **{f"{call}TimedOut": "timed out" for call in _CALLS},
}
_SCHEDULED: Final = frozenset(f"{call}Scheduled" for call in _CALLS)


@dataclass(slots=True)
class RecordedCall:
    """One call of a task in a history.

    Attributes:
        state: the name of the state.
        parameters: the parameters of the call, or the input of a function or an activity.
        outcome: how it ended; ``open`` if it had not ended at the end of the history.
        result: the result of a call that succeeded.
        error: the error name of a call that failed.
        cause: the cause of a call that failed.
        submitted: the response to the request of a job or a callback; None if the history has none.
        worker: the name of the worker of an activity.
        began: when it was scheduled, in seconds since 1970.
        seconds: how long it took.
        timeout: its timeout in seconds; None if it had none.
        heartbeat: the seconds between its heartbeats; None if it had none.
    """

    state: str
    parameters: Any
    began: float
    timeout: float | None = None
    heartbeat: float | None = None
    outcome: Outcome = "open"
    result: Any = None
    error: str | None = None
    cause: str | None = None
    submitted: Any = None
    worker: str | None = None
    seconds: float = 0.0

    @property
    def missed_heartbeat(self) -> bool:
        """Whether it timed out because a heartbeat was missing."""
        return self.outcome == "timed out" and self.heartbeat is not None and (self.timeout is None or self.seconds < self.timeout)


@dataclass(slots=True)
class Recorded:
    """A history, with its calls by their places.

    Attributes:
        events: the events with JSON values.
        trace: the visits to states.
        places: the place of each visit, by its identity.
        calls: the calls of each place, attempt by attempt.
        map_runs: the visits to Distributed Map states, by their places.
    """

    events: Sequence[RawEvent]
    trace: Trace
    places: dict[int, Place] = field(default_factory=dict)
    calls: dict[Place, list[RecordedCall]] = field(default_factory=dict)
    map_runs: dict[Place, list[StateVisit]] = field(default_factory=dict)

    @property
    def input(self) -> Any:
        """The input of the execution."""
        return next((details.get("input") for kind, _, _, details in self.events if kind == "ExecutionStarted"), {})

    @property
    def started(self) -> float:
        """When the execution started, in seconds since 1970."""
        return self.events[0][1] if self.events else 0.0

    @property
    def redrives(self) -> int:
        """How often the execution was redriven."""
        return sum(1 for event in self.events if event[0] == "ExecutionRedriven")


def read_recorded(events: Sequence[RawEvent]) -> Recorded:
    """Read the answers of a history.

    Args:
        events: the events with JSON values.
    """
    trace = Trace(events, {}, {})
    found = Recorded(events, trace)
    numbers: Counter[tuple[str, Lane]] = Counter()
    for visit in trace.visits:
        lane = lane_of(visit)
        place = (visit.name, lane, numbers[visit.name, lane])
        numbers[visit.name, lane] += 1
        found.places[id(visit)] = place
        if visit.map_run:
            found.map_runs.setdefault(place, []).append(visit)
    for (kind, moment, _, details), owner in zip(events, trace.owners, strict=True):
        if owner is None:
            continue
        place = found.places[id(owner)]
        calls = found.calls.get(place, [])
        if kind in _SCHEDULED:
            calls = found.calls.setdefault(place, calls)
            limits = details.get("timeoutInSeconds"), details.get("heartbeatInSeconds")
            calls.append(RecordedCall(owner.name, details.get("parameters", details.get("input")), moment, *limits))
        elif calls and kind == "TaskSubmitted":
            calls[-1].submitted = details.get("output")
        elif calls and kind == "ActivityStarted":
            calls[-1].worker = details.get("workerName")
        elif calls and kind in _ENDS:
            call = calls[-1]
            call.outcome, call.seconds = _ENDS[kind], max(0.0, moment - call.began)
            call.result, call.error, call.cause = details.get("output"), details.get("error"), details.get("cause")
    return found


def lane_of(visit: StateVisit) -> Lane:
    """Return the iterations around a visit, outer before inner."""
    lane = []
    inner: StateVisit | None = visit
    while inner is not None and inner.parent is not None:
        if inner.iteration is not None:
            lane.append((inner.parent.name, inner.iteration))
        inner = inner.parent
    return tuple(reversed(lane))


class RecordedAnswers(Mocks):
    """Mocks that answer each call as it was answered in a history, and take as long.

    Attributes:
        missing: the calls that the history does not answer: the state, its iterations, and the reason.
        used: the recorded call of each call that was answered, in order, with the parameters now.
    """

    def __init__(self, recorded: Recorded, walk: Walk, names: Mapping[str, str], further: Mocks | None = None) -> None:
        """Create it.

        Args:
            recorded: the history.
            walk: the walk over the definition that runs.
            names: the name in that definition of each state that is renamed in it.
            further: mocks for what the history does not have; they are asked first.
        """
        super().__init__({})
        self.recorded = recorded
        self.further = further
        self.missing: list[tuple[str, Lane, str]] = []
        self.used: list[tuple[RecordedCall, Any, str]] = []
        self._calls = {_renamed(place, names): calls for place, calls in recorded.calls.items()}
        self._recorded_runs = {_renamed(place, names): visits for place, visits in recorded.map_runs.items()}
        called = {place[0] for place in self._calls}
        self._never_called = {names.get(visit.name, visit.name) for visit in recorded.trace.visits} - called
        self._around = maps_around(walk)
        self._walk = {entry.name: entry.state for entry in walk.states}
        self._progress: dict[int, Progress] = {}
        self._attempts: Counter[tuple[int, int]] = Counter()
        self.map_runs = self._map_run

    def check(self, known: Any) -> None:
        """Refuse further mocks that no call can use."""
        if self.further is not None:
            self.further.check(known)

    @property
    def unused(self) -> list[str]:
        """The names of the further mocks that have answered no call."""
        return [] if self.further is None else self.further.unused

    def find(self, state: str, resource: str, parameters: Any, declared: Mapping[str, str] | None = None) -> Any:
        """Return the answer to a call: that of a further mock, or the recorded one."""
        answer = None if self.further is None else self.further.find(state, resource, parameters, declared)
        if answer is None and state in self._never_called and is_activity(resource):
            return None  # the activity did not exist: the engine has none, and fails as AWS did
        return answer or _RecordedAnswer(self)

    def _map_run(self, frame: Frame) -> Any:
        """Return what the map run of a Distributed Map state returned; its children are not in the history.

        Raises:
            StateError: it failed, or the history does not have it.
        """
        place, attempt = self.place(frame)
        visits = self._recorded_runs.get(place, [])
        if not visits:
            raise self.unknown(frame, "the history has no map run here")
        visit = visits[min(attempt, len(visits) - 1)]
        if visit.failed:
            raise StateError(visit.error, visit.cause)
        return self._raw(frame, visit)

    def _raw(self, frame: Frame, visit: StateVisit) -> Any:
        """Return the result of a map run, from the output of the state: the history has the output alone."""
        state = self._walk[frame.state]
        if any(getattr(state, attribute, ABSENT) is not ABSENT for attribute in ("result_selector", "output", "assign")):
            raise self.unknown(frame, "the state makes its output from the results of its child executions, which are not in the history")
        path = getattr(state, "result_path", ABSENT)
        if path is ABSENT or not isinstance(path, str) or not visit.exited:
            return visit.output
        try:
            return compile_path(path).evaluate(visit.output)
        except (PathSyntaxError, PathNotFoundError, PathMatchError):
            return visit.output

    def answer(self, call: Call) -> RecordedCall:
        """Return the recorded call at the place of a call.

        Raises:
            StateError: the history does not have it.
        """
        place, attempt = self.place(call.frame)
        calls = self._calls.get(place, [])
        if attempt >= len(calls):
            what = (
                "has no such call"
                if not calls
                else f"has {len(calls)} attempt{'s' if len(calls) > 1 else ''} here, and this is another one"
            )
            raise self.unknown(call.frame, f"the history {what}")
        self.used.append((calls[attempt], call.parameters, call.own_token))
        return calls[attempt]

    def place(self, frame: Frame) -> tuple[Place, int]:
        """Return the place of the current state of a branch, and the number of the attempt."""
        progress = self._progress.get(id(frame.run))
        if progress is None:
            progress = self._progress[id(frame.run)] = Progress(frame.run, self._around)
        key = id(frame.run), frame.entered
        attempt = self._attempts[key]
        self._attempts[key] += 1
        return progress.place(frame.entered), attempt

    def unknown(self, frame: Frame, why: str) -> StateError:
        """Return the failure of a call that the history does not answer, and note it."""
        place = self._progress[id(frame.run)].place(frame.entered)
        self.missing.append((frame.state, place[1], why))
        hint = f'give its answer with --mock \'{{"{frame.state}": {{"return": …}}}}\''
        return StateError(MOCK_EXHAUSTED, f"State '{frame.state}' makes a call that was not recorded: {why}; {hint}", fatal=True)


class _RecordedAnswer:
    """The recorded answer to one call."""

    def __init__(self, answers: RecordedAnswers) -> None:
        self.answers = answers

    def perform(self, call: Call) -> Branch:
        """Return the result, or fail, after as much time as the call took."""
        recorded = self.answers.answer(call)
        if call.task.prefix == "Activity":
            call.record("Started", **({} if recorded.worker is None else {"workerName": recorded.worker}))
        if call.task.pattern and recorded.submitted is not None:
            call.submitted(recorded.submitted)
        if recorded.outcome == "timed out" and _has_more_time(call, recorded):
            raise self.answers.unknown(call.frame, "it timed out, and it has more time now: what it would have returned is not known")
        seconds = _seconds(call, recorded)
        if recorded.outcome == "open" or seconds:
            ended = Future(external=recorded.outcome == "open")
            if recorded.outcome != "open":
                call.frame.run.engine.alarm(seconds, ended, None)
            yield from call.answer(ended, heartbeat=False)
        call.close()
        if recorded.outcome == "timed out":
            raise StateError(error_names.TIMEOUT, recorded.cause, heartbeat=recorded.missed_heartbeat)
        if recorded.outcome == "failed":
            raise StateError(recorded.error, recorded.cause)
        return recorded.result


def _seconds(call: Call, recorded: RecordedCall) -> float:
    """Return how long a call takes: as long as it took; a heartbeat is missed earlier if there is less time for it now."""
    if recorded.missed_heartbeat and recorded.heartbeat is not None and call.heartbeat is not None:
        return max(0.0, recorded.seconds - max(0.0, recorded.heartbeat - call.heartbeat))
    return recorded.seconds


def _has_more_time(call: Call, recorded: RecordedCall) -> bool:
    limits = (call.heartbeat, recorded.heartbeat) if recorded.missed_heartbeat else (call.timeout, recorded.timeout)
    now, before = limits
    return before is not None and (now is None or now > before)


# -- the place of a running state ----------------------------------------------------------------------------------------


class Progress:
    """The places of the states that an execution enters, kept up to date with its events."""

    def __init__(self, run: Run, around: Mapping[str, frozenset[str]]) -> None:
        """Start with an execution."""
        self._run = run
        self._around = around
        self._lanes: list[Lane] = [()]
        self._places: dict[int, Place] = {}
        self._numbers: Counter[tuple[str, Lane]] = Counter()

    def place(self, entered: int) -> Place:
        """Return the place of a state by the id of the event that entered it."""
        events = self._run.events
        for number in range(len(self._lanes), len(events) + 1):
            kind, _, previous, details = events[number - 1]
            lane = self._lanes[previous]
            name = str(details.get("name", ""))
            if kind == "MapIterationStarted":
                lane = (*_until(lane, name), (name, int(details.get("index", 0))))
            elif kind.endswith("StateEntered"):
                around = self._around.get(name)
                lane = lane if around is None else tuple(each for each in lane if each[0] in around)
                self._places[number] = (name, lane, self._numbers[name, lane])
                self._numbers[name, lane] += 1
            elif kind.startswith("MapIteration") or kind == "MapStateExited":
                lane = _until(lane, name)
            self._lanes.append(lane)
        return self._places[entered]


def _until(lane: Lane, name: str) -> Lane:
    """Return the iterations around a Map state, without its own and those inside it."""
    for number, (other, _) in enumerate(lane):
        if other == name:
            return lane[:number]
    return lane


def maps_around(walk: Walk) -> dict[str, frozenset[str]]:
    """Return the names of the states around each state."""
    found: dict[str, frozenset[str]] = {}
    for scope in walk.scopes:  # outer before inner
        above = frozenset() if scope.parent is None else found.get(scope.parent.name, frozenset()) | {scope.parent.name}
        found.update({entry.name: above for entry in scope.states})
    return found


def _renamed(place: Place, names: Mapping[str, str]) -> Place:
    state, lane, number = place
    return names.get(state, state), tuple((names.get(name, name), index) for name, index in lane), number
