"""Running a recorded execution against a definition, and finding where it goes another way.

The input and the answer of each call are those of the history; time is virtual and starts when the execution did. States are compared
place by place, in the order in which the recorded execution entered them. What differs by chance is not a difference: task tokens,
UUIDs, and moments that are close to each other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from generator.asl.model import ABSENT, Task
from generator.diff.matching import match
from generator.diff.recorded import Place, Recorded, RecordedAnswers, RecordedCall, lane_of, read_recorded
from generator.diff.report import bind
from generator.engine import Engine, VirtualClock
from generator.engine.definitions import ACCOUNT, REGION
from generator.engine.failure import MOCK_EXHAUSTED
from generator.engine.history import parse
from generator.engine.visits import Trace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.asl.walk import Walk
    from generator.engine import Execution, Mocks
    from generator.engine.definitions import Runnable
    from generator.engine.frame import RawEvent
    from generator.engine.visits import StateVisit

_CLOSE_SECONDS: Final = 60.0
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)")
_ENDS: Final = {
    "ExecutionSucceeded": "SUCCEEDED",
    "ExecutionFailed": "FAILED",
    "ExecutionTimedOut": "TIMED_OUT",
    "ExecutionAborted": "ABORTED",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where an execution goes another way than the recorded one.

    Attributes:
        state: the state, by its name in the definition that ran.
        iteration: the iterations around it, such as ``Each[3]``; empty outside of Map states.
        what: what differs: ``state``, ``input``, ``parameters``, ``outcome``, ``output``, ``not recorded`` or ``end``.
        recorded: what the history has.
        now: what the definition does.
    """

    state: str
    iteration: str
    what: str
    recorded: Any
    now: Any


@dataclass(slots=True)
class Replayed:
    """A replayed execution beside the recorded one.

    Attributes:
        recorded: the history.
        execution: the execution of the definition.
        names: the name in the definition of each state of the history that it has.
        differences: where they differ, in the order of the recorded execution.
        calls: how many calls were answered from the history.
        status: how the recorded execution ended.
        stopped: whether the replay stopped because the history has no answer.
        own: the ARNs and names of the execution now that the recorded one does not say.
    """

    recorded: Recorded
    execution: Execution
    names: Mapping[str, str]
    differences: list[Difference] = field(default_factory=list)
    calls: int = 0
    status: str = "RUNNING"
    stopped: bool = False
    own: frozenset[str] = frozenset()

    @property
    def first(self) -> Difference | None:
        """The first difference; None if both go the same way."""
        return self.differences[0] if self.differences else None


def replay(
    history: Sequence[Mapping[str, Any]],
    definition: Runnable,
    walk: Walk,
    *,
    old: Walk | None = None,
    description: Mapping[str, Any] | None = None,
    mocks: Mocks | None = None,
    values: Mapping[str, Any] | None = None,
) -> Replayed:
    """Run a recorded execution against a definition.

    Args:
        history: the events, in the shape of ``get-execution-history``.
        definition: the definition to run.
        walk: the walk over it.
        old: the walk over the definition that the history ran, which finds renamed states; None if it is not known.
        description: what ``describe-execution`` returned.
        mocks: answers to calls that the history does not have.
        values: values of placeholders by name; the others are found in the calls of the history.

    Raises:
        ValueError: it is not a history, or it does not have the start of the execution.
        DefinitionError: the definition has errors.
    """
    events = [event for _, event in parse(history)]
    if not any(event.type == "ExecutionStarted" for event in events):
        raise ValueError("it does not have the start of the execution; fetch it without --reverse-order, and all pages of it")
    if not all("input" in event.details for event in events if event.type == "ExecutionStarted"):
        raise ValueError("it does not have the data of the execution; fetch it with --include-execution-data")
    recorded = read_recorded(events)
    names = match(old, walk).names if old is not None else {}
    answers = RecordedAnswers(recorded, walk, names, mocks)
    known = description or {}
    start = next(event for event in events if event.type == "ExecutionStarted")
    engine = Engine(clock=VirtualClock(recorded.started), mocks=answers, region=_region(events, known), account=_account(start, known))
    machine = str(known.get("stateMachineArn", "")).partition(":stateMachine:")[2].partition(":")[0]
    context = {"Execution": {"Id": known["executionArn"]}} if known.get("executionArn") else None
    execution = engine.start(
        definition,
        recorded.input,
        type="EXPRESS" if ":express:" in str(known.get("executionArn", "")) else None,
        name=str(known["name"]) if known.get("name") else None,
        state_machine=machine or None,
        role=start.details.get("roleArn"),
        context=context,
        substitutions={**_values(walk, recorded, names), **(values or {})},
    )
    status = _ENDS.get(events[-1].type, "RUNNING")
    # What waits at the end of the history waits here as well, for an unknown time.
    ended = status not in {"RUNNING", "ABORTED"}
    execution.finish() if ended else execution.run()
    for _ in range(recorded.redrives):
        if execution.status in {"RUNNING", "SUCCEEDED"}:
            break
        execution.redrive()
        execution.finish() if ended else execution.run()
    found = Replayed(recorded, execution, names, calls=len(answers.used), status=status)
    if not known.get("executionArn"):
        found.own = frozenset({execution.arn, execution.name, execution.machine.arn, execution.machine.name})
    found.stopped = bool(answers.missing) or execution.error == MOCK_EXHAUSTED
    found.differences = _differences(found, answers)
    return found


def _region(events: Sequence[RawEvent], known: Mapping[str, Any]) -> str:
    region, _ = _owner(str(known.get("executionArn", "")))
    return region or next((str(details["region"]) for _, _, _, details in events if details.get("region")), REGION)


def _account(start: Any, known: Mapping[str, Any]) -> str:
    _, account = _owner(str(known.get("executionArn") or start.details.get("roleArn") or ""))
    return account or ACCOUNT


def _owner(arn: str) -> tuple[str, str]:
    """Return the region and the account of an ARN; empty if it does not have them."""
    _, _, _, region, account, *_ = [*arn.split(":"), "", "", "", "", ""]
    return region, account


def _values(walk: Walk, recorded: Recorded, names: Mapping[str, str]) -> dict[str, Any]:
    """Return the values that placeholders had: those at their places in the recorded calls."""
    by_state: dict[str, RecordedCall] = {}
    for (state, _, _), calls in recorded.calls.items():
        by_state.setdefault(names.get(state, state), calls[0])
    resources: dict[str, str] = {}
    for (kind, _, _, details), visit in zip(recorded.events, recorded.trace.owners, strict=True):
        if visit is not None and kind in {"LambdaFunctionScheduled", "ActivityScheduled"} and details.get("resource"):
            resources.setdefault(names.get(visit.name, visit.name), str(details["resource"]))
    pairs = []
    for entry in walk.states:
        if isinstance(entry.state, Task) and entry.name in by_state:
            pairs.append((entry.parameters[1] or None, by_state[entry.name].parameters))
        if entry.name in resources:
            pairs.append((entry.resource, resources[entry.name]))
    return bind(pairs)


# -- where they differ ---------------------------------------------------------------------------------------------------


def _differences(found: Replayed, answers: RecordedAnswers) -> list[Difference]:
    recorded, execution = found.recorded, found.execution
    events = execution.raw_events
    trace = Trace(events, {}, {})
    now = dict(_places(trace.visits, {}))
    before = dict(_places(recorded.trace.visits, found.names))
    calls = {id(call): (parameters, token) for call, parameters, token in answers.used}
    tokens = frozenset(token for _, token in calls.values() if token) | found.own
    found_at: list[tuple[int, Difference]] = []
    entered, left = _moments(recorded)
    missing = {(state, lane): why for state, lane, why in answers.missing}
    followed = _followers(trace.visits), _followers(recorded.trace.visits)
    starts = [next((place[0] for place in places), "the end") for places in (before, now)]
    if starts[0] != starts[1]:
        found_at.append((0, Difference(starts[1], "", "state", starts[0], starts[1])))
    for place, visit in before.items():
        other = now.get(place)
        where = place[0], _lane_text(place[1])
        begin, end = entered[id(visit)], left[id(visit)]
        if other is None:
            continue  # where the other one went instead is reported at the state before
        if not alike(visit.input, other.input, tokens):
            found_at.append((begin, Difference(*where, "input", visit.input, other.input)))
        for call in recorded.calls.get(recorded.places[id(visit)], []):
            used = calls.get(id(call))
            if used is not None and not alike(call.parameters, used[0], tokens):
                found_at.append((begin, Difference(*where, "parameters", call.parameters, used[0])))
        why = missing.get((place[0], place[1]))
        if why is not None:
            found_at.append((end, Difference(*where, "not recorded", _outcome(visit), why)))
            continue
        if _outcome(visit) != _outcome(other):
            found_at.append((end, Difference(*where, "outcome", _outcome(visit), _outcome(other))))
        elif not alike(visit.output, other.output, tokens):
            found_at.append((end, Difference(*where, "output", visit.output, other.output)))
        then, after = (following.get(id(each)) for following, each in ((followed[1], visit), (followed[0], other)))
        old, new = (None if each is None else each.name for each in (then, after))
        if (None if old is None else found.names.get(old, old)) != new and not (new is None and found.stopped):
            found_at.append((end, Difference(*where, "state", old or "the end", new or "the end")))
    # In the order of the events: what differs in an iteration comes before the output of its Map state.
    differences = [difference for _, difference in sorted(found_at, key=lambda each: each[0])]
    for (state, lane), why in missing.items():
        if not any(place[0] == state and place[1] == lane for place in before):
            differences.append(Difference(state, _lane_text(lane), "not recorded", None, why))
    stopped_by_hand = found.status == "ABORTED" and execution.status == "RUNNING"
    if not (found.stopped or stopped_by_hand):
        ended = _ended(found.status, recorded.events), _ended(execution.status, events)
        if ended[0] != ended[1]:
            differences.append(Difference("", "", "end", *ended))
    return differences


def _places(visits: Sequence[StateVisit], names: Mapping[str, str]) -> list[tuple[Place, StateVisit]]:
    numbers: dict[Any, int] = {}
    found = []
    for visit in visits:
        lane = tuple((names.get(name, name), index) for name, index in lane_of(visit))
        key = names.get(visit.name, visit.name), lane
        found.append(((*key, numbers.get(key, 0)), visit))
        numbers[key] = numbers.get(key, 0) + 1
    return found


def _moments(recorded: Recorded) -> tuple[dict[int, int], dict[int, int]]:
    """Return the number of the event that entered each visit, and of its last event."""
    entered: dict[int, int] = {}
    left: dict[int, int] = {}
    for number, owner in enumerate(recorded.trace.owners):
        if owner is not None:
            entered.setdefault(id(owner), number)
            left[id(owner)] = number
    return entered, left


def innermost(difference: Difference) -> tuple[str, Any, Any]:
    """Return the first place in two values that differs, as a path, with both values there.

    >>> innermost(Difference("A", "", "output", {"order": {"n": 1, "m": 2}}, {"order": {"n": 1, "m": 3}}))
    ('$.order.m', 2, 3)
    """
    place, one, other = "$", difference.recorded, difference.now
    while True:
        inner: list[tuple[str, Any, Any]] = []
        if isinstance(one, dict) and isinstance(other, dict):
            inner = [(f".{key}", one.get(key, ABSENT), other.get(key, ABSENT)) for key in dict.fromkeys((*one, *other))]
        elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
            inner = [(f"[{number}]", here, there) for number, (here, there) in enumerate(zip(one, other, strict=True))]
        step = next((each for each in inner if each[1] is ABSENT or each[2] is ABSENT or not alike(each[1], each[2])), None)
        if step is None:
            return place, one, other
        place, one, other = place + step[0], step[1], step[2]


def _followers(visits: Sequence[StateVisit]) -> dict[int, StateVisit]:
    """Return the visit that comes after each one in the same branch: the next one that was entered when it had been left."""
    found: dict[int, StateVisit] = {}
    latest: dict[Any, list[StateVisit]] = {}
    for visit in visits:
        key = id(visit.parent), visit.iteration
        waiting = latest.setdefault(key, [])
        if len(waiting) == 1:
            found[id(waiting[0])] = visit
            waiting.clear()
        # Branches of a Parallel state have one parent: their states are not in one order.
        if visit.parent is None or visit.parent.type == "Map":
            waiting.append(visit)
    return found


def _outcome(visit: StateVisit) -> str:
    if visit.failed:
        return f"{'caught' if visit.exited else 'failed with'} {visit.error or 'an error'}"
    return "left" if visit.exited else "entered"


def _end(events: Sequence[RawEvent]) -> Any:
    return next((details for kind, _, _, details in reversed(events) if kind in _ENDS), None)


def _ended(status: str, events: Sequence[RawEvent]) -> str:
    details = _end(events) or {}
    return f"{status}: {details['error']}" if details.get("error") else status


def _lane_text(lane: Any) -> str:
    return " ".join(f"{name}[{index}]" for name, index in lane)


def alike(one: Any, other: Any, tokens: frozenset[str] = frozenset()) -> bool:
    """Return whether two values are equal but for what differs by chance.

    >>> alike({"at": "2026-01-01T00:00:00Z", "n": 1}, {"at": "2026-01-01T00:00:01.5Z", "n": 1.0}), alike({"n": 1}, {"n": True})
    (True, False)
    """
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key], tokens) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(alike(left, right, tokens) for left, right in zip(one, other, strict=True))
    if isinstance(one, str) and isinstance(other, str):
        return one == other or _by_chance(one, other, tokens)
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def _by_chance(one: str, other: str, tokens: frozenset[str]) -> bool:
    if other in tokens:
        return True
    if _MOMENT.fullmatch(one) and _MOMENT.fullmatch(other):
        moments = [datetime.fromisoformat(text) for text in (one, other)]
        return abs((moments[0] - moments[1]).total_seconds()) <= _CLOSE_SECONDS
    return bool(_UUID.search(one) and _UUID.sub("", one) == _UUID.sub("", other))
