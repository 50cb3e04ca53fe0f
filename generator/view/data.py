"""The data of the page: an execution as JSON that the page's scripts read.

``static/data.js`` has the types of this JSON. Each text, such as an input, is in the list ``texts`` once, and everything else refers
to it by its index: a history repeats each output as the next input. Times are milliseconds since the start of the execution.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from generator.asl import error_names
from generator.asl.placeholders import plain
from generator.asl.text import is_expression
from generator.engine.clock import iso
from generator.engine.frame import Item
from generator.engine.history import json_text
from generator.engine.tools.data_flow import DataFlow
from generator.engine.visits import Iteration, StateVisit, Trace
from generator.view.drawing import drawn

if TYPE_CHECKING:
    from generator.engine.frame import RawEvent
    from generator.view.recording import Recording

MOST_FLOWS: Final = 5_000
"""The most visits whose data is computed step by step."""
_AS_TEXT: Final = frozenset({"input", "output", "parameters", "assignedVariables", "cause"})
_FAIL: Final = "Fail"


class Texts:
    """The texts of the page, each one once.

    >>> texts = Texts()
    >>> [texts.of({"a": 1}), texts.of([]), texts.of({"a": 1})], texts.found
    ([0, 1, 0], ['{"a":1}', '[]'])
    """

    def __init__(self) -> None:
        """Start without texts."""
        self.found: list[str] = []
        self.bytes = 0
        self._known: dict[str, int] = {}

    def of(self, value: Any) -> int:
        """Return the index of the JSON text of a value."""
        return self.text(json_text(value))

    def text(self, text: str) -> int:
        """Return the index of a text."""
        known = self._known.get(text)
        if known is None:
            known = self._known[text] = len(self.found)
            self.found.append(text)
            self.bytes += len(text)
        return known


def page_data(recording: Recording) -> dict[str, Any]:
    """Return the data of an execution, with those of the executions that it started.

    >>> from generator.engine import execute
    >>> from generator.view.recording import of_execution
    >>> data = page_data(of_execution(execute({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}, {"n": 1})))
    >>> data["status"], data["visits"][0]["st"], data["texts"][data["input"]]
    ('SUCCEEDED', 'succeeded', '{"n":1}')
    """
    return _Writer(recording).written()


class _Writer:
    """Writes the data of one execution."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.texts = Texts()
        self.start = recording.started
        self.walk, self.drawing = drawn(recording)
        self.states = {state["name"]: number for number, state in enumerate(self.drawing["states"])}
        self.machine_states = {} if self.walk is None else {plain(at.name): at for at in self.walk.states}
        self.types: dict[str, int] = {}
        self.events: list[list[Any]] = []
        self.visits: list[dict[str, Any]] = []
        self.iterations: list[list[Any]] = []
        self.runs: list[dict[str, Any]] = []
        self.flows = 0

    def written(self) -> dict[str, Any]:
        recording = self.recording
        self._add(recording, None)
        first = recording.events[0][3] if recording.events else {}
        last = recording.events[-1] if recording.events else None
        failure = last[3] if last is not None and recording.status not in {"RUNNING", "SUCCEEDED"} else {}
        redriven = [moment for kind, moment, _, _ in recording.events if kind == "ExecutionRedriven"]
        return {
            "title": recording.title,
            "name": recording.name,
            "arn": recording.arn,
            "machine": recording.machine_arn,
            "kind": recording.kind,
            "status": recording.status,
            "started": round(self.start * 1000, 3),
            "stopped": self._at(recording.stopped),
            "input": self._value(first, "input"),
            "output": self._value(last[3] if last is not None and recording.status == "SUCCEEDED" else {}, "output"),
            "error": failure.get("error") or (error_names.TIMEOUT if recording.status == "TIMED_OUT" else None),
            "cause": failure.get("cause"),
            "failing": self._failing(),
            "transitions": len(self.visits) + sum(max(0, len(visit.get("at", ())) - 1) for visit in self.visits),
            "redrives": [self._at(moment) for moment in redriven],
            "facts": recording.facts,
            "warnings": recording.warnings,
            "definition": None if self.walk is None else self.texts.of(self.walk.document),
            **self.drawing,
            "types": [*self.types],
            "events": self.events,
            "visits": self.visits,
            "iterations": self.iterations,
            "runs": self.runs,
            "mapRuns": recording.map_runs,
            "linked": [page_data(each) for each in recording.linked],
            "texts": self.texts.found,
        }

    def _at(self, moment: float | None) -> float | None:
        return None if moment is None else round((moment - self.start) * 1000, 3)

    def _value(self, details: Mapping[str, Any], key: str) -> int | None:
        return self.texts.of(details[key]) if key in details else None

    # -- one history: that of the execution, or of a child execution of a Distributed Map ------------------------------------

    def _add(self, recording: Recording, within: tuple[int, int] | None) -> None:
        """Add the events and the visits of a history.

        Args:
            recording: the history.
            within: the visit of the Distributed Map state and the index, for a child execution.
        """
        trace = Trace(recording.events, self._resources(), recording.declared)
        run = len(self.runs)
        self.runs.append({"arn": recording.arn, "name": recording.name, "status": recording.status, "first": len(self.events)})
        base = len(self.visits)
        position = {id(visit): base + number for number, visit in enumerate(trace.visits)}
        statuses = Statuses(trace.visits, recording.status)
        lanes = _Lanes(trace, self._branch)
        flow = self._flow(recording)
        tokens = _tokens(recording.events, trace)
        for number, visit in enumerate(trace.visits):
            written = self._visit(visit, statuses.of(visit), position)
            if within is not None:
                written["r"] = run
                if visit.parent is None:
                    written["p"], written["i"] = within
            lane = lanes.of(visit)
            written["v"] = self.texts.of(lanes.variables[number])
            if visit.assigned:
                written["w"] = self.texts.of({**lanes.variables[number], **visit.assigned})
            if flow is not None and self.flows < MOST_FLOWS:
                self.flows += 1
                results = lanes.results(visit) if visit.starts else None
                token = tokens.get(id(visit))
                steps = flow.steps(visit, lanes.variables[number], item=lanes.item(lane), token=token, results=results)
                if steps:
                    written["x"] = {name: self.texts.of(value) for name, value in steps.items()}
            self.visits.append(written)
        for entry in trace.iterations:
            self.iterations.append(self._iteration(entry, position, recording.status))
        self._events(recording, trace, position, run)
        if within is None:
            self._children(recording, trace, position)

    def _resources(self) -> dict[str, str]:
        return {} if self.walk is None else {at.name: at.resource for at in self.walk.states if at.resource}

    def _branch(self, name: str) -> int | None:
        """Return the number of the branch of a Parallel state that a state is in."""
        number = self.states.get(name)
        return None if number is None else self.drawing["states"][number].get("branch")

    def _flow(self, recording: Recording) -> DataFlow | None:
        machine = recording.machine
        if machine is None:
            return None
        document = recording.events[0][3].get("input") if recording.events else None
        execution = {"Id": recording.arn, "Input": document, "StartTime": iso(recording.started), "Name": recording.name}
        role = recording.events[0][3].get("roleArn") if recording.events else None
        context = {
            "Execution": {**execution, "RoleArn": role or ""},
            "StateMachine": {"Id": recording.machine_arn, "Name": recording.machine_arn.rpartition(":")[2]},
        }
        return DataFlow(machine, context)

    def _visit(self, visit: StateVisit, status: str, position: Mapping[int, int]) -> dict[str, Any]:
        written: dict[str, Any] = {"s": self._state(visit), "st": status, "e": self._at(visit.entered), "in": self.texts.of(visit.input)}
        if visit.parent is not None:
            written["p"] = position[id(visit.parent)]
            lane = visit.iteration if visit.iteration is not None else self._branch(visit.name)
            if lane is not None:
                written["i"] = lane
        if visit.left is not None:
            written["l"] = self._at(visit.left)
        if visit.exited:
            written["out"] = self.texts.of(visit.output)
        if visit.assigned:
            written["as"] = self.texts.of(visit.assigned)
        if visit.type == _FAIL and visit.error is None:
            self._failure(visit)
        if visit.failed:
            written["er"], written["ca"] = visit.error, None if visit.cause is None else self.texts.text(str(visit.cause))
        if visit.attempts:
            written["at"] = [
                {
                    "t": self._at(call.scheduled),
                    "e": self._at(call.ended),
                    "st": call.status,
                    "re": call.integration,
                    "of": call.resource,
                    "pa": self.texts.of(call.parameters),
                    **({"out": self.texts.of(call.result)} if call.status == "SUCCEEDED" else {}),
                    **({"er": call.error, "ca": None if call.cause is None else self.texts.text(str(call.cause))} if call.error else {}),
                }
                for call in visit.attempts
            ]
        elif visit.starts:
            ends = [*visit.starts[1:], visit.left]
            last = len(visit.starts) - 1
            written["at"] = [
                {"t": self._at(begun), "e": self._at(end), "st": "FAILED" if number < last else _ATTEMPT.get(status, "FAILED")}
                for number, (begun, end) in enumerate(zip(visit.starts, ends, strict=True))
            ]
        return written

    def _failure(self, visit: StateVisit) -> None:
        """Take the failure of a Fail state in a branch, which no event has, from its definition."""
        at = self.machine_states.get(visit.name)
        for name in ("error", "cause"):
            text = getattr(None if at is None else at.state, name, None)
            if isinstance(text, str) and not is_expression(text):
                setattr(visit, name, plain(text))
                visit.failed = True

    def _state(self, visit: StateVisit) -> int:
        """Return the number of the state of a visit. A state that the definition does not have is added without a drawing."""
        number = self.states.get(visit.name)
        if number is None:
            number = self.states[visit.name] = len(self.drawing["states"])
            self.drawing["states"].append({"name": visit.name, "type": visit.type})
        return number

    def _iteration(self, entry: Iteration, position: Mapping[int, int], status: str) -> list[Any]:
        known = entry.status
        if known == "RUNNING" and status != "RUNNING":
            known = "ABORTED"
        return [position[id(entry.visit)], entry.index, known, self._at(entry.started), self._at(entry.ended)]

    def _events(self, recording: Recording, trace: Trace, position: Mapping[int, int], run: int) -> None:
        numbers = recording.numbers
        for index, (kind, moment, previous, details) in enumerate(recording.events):
            owner = trace.owners[index]
            shown = {key: self._text(key, value) if key in _AS_TEXT else value for key, value in details.items() if value is not None}
            before = (numbers[previous - 1] if previous else 0) if numbers else previous
            row: list[Any] = [
                numbers[index] if numbers else index + 1,
                self.types.setdefault(kind, len(self.types)),
                self._at(moment),
                before,
                -1 if owner is None else position[id(owner)],
                shown,
            ]
            if run:
                row.append(run)
            self.events.append(row)

    def _text(self, key: str, value: Any) -> int:
        return self.texts.text(str(value)) if key == "cause" else self.texts.of(value)

    def _children(self, recording: Recording, trace: Trace, position: Mapping[int, int]) -> None:
        """Add the child executions of Distributed Maps as iterations of their states."""
        starts = [owner for event, owner in zip(recording.events, trace.owners, strict=True) if event[0] == "MapRunStarted"]
        for owner, children in zip(starts, recording.children, strict=False):
            if owner is None:
                continue
            parent = position[id(owner)]
            for place, child in enumerate(children):
                index = place if child.index is None else child.index
                status = "ABORTED" if child.status == "RUNNING" and recording.status != "RUNNING" else child.status
                self.iterations.append([parent, index, status, self._at(child.started), self._at(child.stopped), len(self.runs)])
                self._add(child, (parent, index))

    def _failing(self) -> int | None:
        """Return the visit that the execution failed at: the innermost failed one in the last failed one."""
        inner: dict[int, int] = {}
        for number, visit in enumerate(self.visits):
            if visit["st"] in {"failed", "timed_out"}:
                inner[visit.get("p", -1)] = number
        found = inner.get(-1)
        while found is not None and found in inner:
            found = inner[found]
        return found


_ATTEMPT: Final = {"succeeded": "SUCCEEDED", "running": "RUNNING", "cancelled": "ABORTED"}


class Statuses:
    """The status of each visit: ``succeeded``, ``failed``, ``caught``, ``running``, ``cancelled`` or ``timed_out``."""

    def __init__(self, visits: Iterable[StateVisit], status: str) -> None:
        """Derive what depends on other visits.

        Args:
            visits: the visits of one history.
            status: the status of the execution.
        """
        self.status = status
        self.failed: set[int] = set()  # the visits with a failed visit inside
        for visit in visits:
            above = visit.parent
            while (visit.failed or visit.type == _FAIL) and not visit.exited and above is not None and id(above) not in self.failed:
                self.failed.add(id(above))
                above = above.parent

    def of(self, visit: StateVisit) -> str:
        """Return the status of a visit."""
        if visit.exited:
            return "caught" if visit.failed else "succeeded"
        if visit.cancelled or self.status == "ABORTED":
            return "cancelled"
        if self.status == "RUNNING":
            return "running"
        if visit.failed or visit.type == _FAIL:
            timed_out = visit.error == error_names.TIMEOUT or (self.status == "TIMED_OUT" and visit.error is None)
            return "timed_out" if timed_out else "failed"
        if self.status == "TIMED_OUT":
            return "timed_out"
        return "failed" if id(visit) in self.failed and self.status == "FAILED" else "cancelled"


Lane = tuple[int, int, int | None]
"""Where a visit is: the visit around it (0 for none), the attempt of that visit, the iteration or the branch."""


class _Lanes:
    """The variables of visits, and the results of branches: both follow the lanes in which states come one after the other."""

    def __init__(self, trace: Trace, branch: Any) -> None:
        self.variables: list[dict[str, Any]] = []
        self._branch = branch
        self._items: dict[Lane, Item] = {}
        self._last: dict[Lane, StateVisit] = {}
        scope: dict[Lane, dict[str, Any]] = {}
        before: dict[int, dict[str, Any]] = {}
        for visit in trace.visits:
            lane = self.of(visit)
            around = {} if visit.parent is None else before[id(visit.parent)]
            known = scope.get(lane, around)
            previous = self._last.get(lane)
            if previous is not None and previous.assigned:
                known = {**known, **previous.assigned}
            scope[lane] = before[id(visit)] = known
            self._last[lane] = visit
            self.variables.append(known)
            if previous is None and visit.iteration is not None:
                self._items[lane] = Item(visit.iteration, visit.input)

    def of(self, visit: StateVisit) -> Lane:
        """Return the lane of a visit."""
        parent = visit.parent
        if parent is None:
            return 0, 0, None
        attempt = sum(1 for moment in parent.starts if moment <= visit.entered)
        return id(parent), attempt, self._branch(visit.name) if visit.iteration is None else visit.iteration

    def item(self, lane: Lane) -> Item | None:
        """Return the item of the iteration that a lane is, if the history has it: as the input of its first state."""
        return self._items.get(lane)

    def results(self, visit: StateVisit) -> list[Any] | None:
        """Return the outputs of the branches or iterations of the last attempt of a visit; None if one has not ended."""
        ends = {lane[2]: last for lane, last in self._last.items() if lane[:2] == (id(visit), len(visit.starts))}
        if not all(last.exited for last in ends.values()) or {*ends} != {*range(len(ends))}:
            return None
        return [ends[number].output for number in range(len(ends))]


def _tokens(events: Iterable[RawEvent], trace: Trace) -> dict[int, str]:
    """Return the task token of each visit that passed one on, from the parameters of its call."""
    found: dict[int, str] = {}
    for (kind, _, _, details), owner in zip(events, trace.owners, strict=True):
        if kind == "TaskScheduled" and owner is not None and str(details.get("resource", "")).endswith(".waitForTaskToken"):
            token = _token(details.get("parameters"))
            if token:
                found[id(owner)] = token
    return found


def _token(value: Any) -> str:
    """Return the first member whose name is about a token."""
    pending = [value]
    for one in pending:  # it grows while inner values are found
        if isinstance(one, Mapping):
            for key, inner in one.items():
                if isinstance(inner, str) and "token" in str(key).lower():
                    return inner
                pending.append(inner)
        elif isinstance(one, list):
            pending += one
    return ""


def compact(data: Any) -> str:
    """Return data as JSON text without spaces and without lone surrogates, which UTF-8 does not have."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
