"""An execution as the view needs it, from the engine or from a history that was saved or fetched."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from generator.engine.history import parse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.asl.walk import Walk
    from generator.diagnostics.locate import Locator
    from generator.engine.compile import Machine
    from generator.engine.execution import Execution
    from generator.engine.frame import RawEvent

MOST_CHILDREN: Final = 1_000
"""The most child executions of a Distributed Map that a page has."""

_NAMED: Final = {"Alias": "stateMachineAliasArn", "Version": "stateMachineVersionArn", "Map Run": "mapRunArn", "Trace": "traceHeader"}
"""The facts of a description in the header, by their labels."""
_STATUS: Final = {
    "ExecutionSucceeded": "SUCCEEDED",
    "ExecutionFailed": "FAILED",
    "ExecutionTimedOut": "TIMED_OUT",
    "ExecutionAborted": "ABORTED",
}


@dataclass
class Recording:
    """An execution with its history and the definition that it ran.

    Attributes:
        title: the name of the workflow.
        events: the events with JSON values.
        numbers: the id of each event; empty if they are numbered from 1.
        walk: the walk over the definition; None if there is none.
        machine: the compiled definition, which computes the data after each step; None if that is not possible.
        locate: returns the place that a part of the definition was written at; None if it is not known.
        arn: the ARN of the execution.
        name: the name of the execution.
        machine_arn: the ARN of the state machine.
        kind: ``STANDARD`` or ``EXPRESS``; empty if it is not known.
        status: the status of the execution.
        started: when it started, in seconds since 1970.
        stopped: when it ended; None if it has not.
        declared: the names of declared resources, by their ARNs, names and URLs.
        map_runs: the map runs of its Distributed Map states, in the order of their start: ARN, status, counts.
        children: for each map run its child executions.
        index: the number of a child execution among those of its map run, from 0; None if it is its place in ``children``.
        linked: the executions that its tasks started and that are in the page, too.
        facts: further facts for the header, by their labels.
        warnings: warnings about the run.
    """

    title: str
    events: Sequence[RawEvent]
    walk: Walk | None = None
    machine: Machine | None = None
    locate: Locator | None = None
    numbers: list[int] = field(default_factory=list)
    arn: str = ""
    name: str = ""
    machine_arn: str = ""
    kind: str = ""
    status: str = ""
    started: float = 0.0
    stopped: float | None = None
    declared: Mapping[str, str] = field(default_factory=dict)
    map_runs: list[dict[str, Any]] = field(default_factory=list)
    children: list[list[Recording]] = field(default_factory=list)
    index: int | None = None
    linked: list[Recording] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Take what is not given from the history."""
        last = self.events[-1] if self.events else None
        self.status = self.status or ("RUNNING" if last is None else _STATUS.get(last[0], "RUNNING"))
        if self.events and not self.started:
            self.started = self.events[0][1]
        if last is not None and self.stopped is None and self.status != "RUNNING":
            self.stopped = last[1]
        self.name = self.name or self.arn.rpartition(":")[2]
        self.title = self.title or self.name or "execution"


def of_execution(
    execution: Execution, locate: Locator | None = None, locators: Mapping[str, Locator] | None = None, *, depth: int = 5
) -> Recording:
    """Return the recording of an execution of the engine, with those that it started.

    Args:
        execution: the execution.
        locate: returns the place that a part of its definition was written at.
        locators: the same for each workflow, by its name.
        depth: how many levels of executions that were started by others are included.

    >>> from generator.engine import execute
    >>> recording = of_execution(execute({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}))
    >>> recording.status, len(recording.events)
    ('SUCCEEDED', 4)
    """
    machine = execution.machine
    locate = locate or (locators or {}).get(machine.title)
    run = execution._run  # noqa: SLF001  the events as they are, of which "events" makes copies
    map_runs = execution.map_runs
    return Recording(
        machine.title or machine.name,
        run.events,
        walk=machine.machine.walk,
        machine=machine.machine,
        locate=locate,
        arn=execution.arn,
        name=execution.name,
        machine_arn=machine.arn,
        kind="EXPRESS" if machine.express else "STANDARD",
        status=execution.status,
        started=execution.started,
        stopped=execution.stopped,
        declared=run.engine.declared,
        map_runs=[plain_answer(each.describe()) for each in map_runs],
        children=[[of_execution(child, locate, locators, depth=depth) for child in each.children[:MOST_CHILDREN]] for each in map_runs],
        linked=[of_execution(child, None, locators, depth=depth - 1) for child in execution.children] if depth else [],
        facts={"Role": machine.role.rpartition(":")[2]} if machine.role else {},
        warnings=list(execution.warnings),
    )


def of_history(
    history: Sequence[Mapping[str, Any]],
    *,
    title: str = "",
    walk: Walk | None = None,
    machine: Machine | None = None,
    locate: Locator | None = None,
    description: Mapping[str, Any] | None = None,
    declared: Mapping[str, str] | None = None,
) -> Recording:
    """Return the recording of a history in the shape of ``get-execution-history``.

    Args:
        history: the events, in any order.
        title: the name of the workflow.
        walk: the walk over the definition.
        machine: the compiled definition.
        locate: returns the place that a part of the definition was written at.
        description: what ``describe-execution`` returned.
        declared: the names of declared resources, by their ARNs, names and URLs.

    Raises:
        ValueError: it is not a history.
    """
    parsed = parse(history)
    numbers = [number for number, _ in parsed]
    known = description or {}
    times = parse([{"type": "", "id": 1, "timestamp": known[key]} for key in ("startDate",) if key in known])
    started = times[0][1].time if times else 0.0
    events = [event for _, event in parsed]
    if not title:
        title = str(known.get("stateMachineArn", "")).rpartition(":")[2]
    facts = {label: str(known[key]).rpartition(":")[2] for label, key in _NAMED.items() if known.get(key)}
    if known.get("status") not in {"SUCCEEDED", "RUNNING"} and known.get("redriveStatus"):
        facts["Redrive"] = ": ".join(filter(None, (str(known["redriveStatus"]), str(known.get("redriveStatusReason") or ""))))
    return Recording(
        title,
        events,
        walk=walk,
        machine=machine,
        locate=locate,
        numbers=[] if numbers == [*range(1, len(numbers) + 1)] else numbers,
        arn=str(known.get("executionArn", "")),
        name=str(known.get("name", "")),
        machine_arn=str(known.get("stateMachineArn", "")),
        status=str(known.get("status", "")),
        started=started,
        declared=declared or {},
        facts=facts,
    )


def saved(text: str) -> tuple[list[Mapping[str, Any]], Mapping[str, Any], Any]:
    """Read a saved history.

    Args:
        text: JSON: a list of events, or an object with ``events`` as the AWS CLI writes it. The object may also have ``execution``,
            what ``describe-execution`` returned, and ``definition``, the definition as JSON or as JSON text.

    Returns:
        the events, the description and the definition; the last two may be empty.

    Raises:
        ValueError: it is not a history.

    >>> saved('{"events": [], "definition": {"StartAt": "A"}}')
    ([], {}, {'StartAt': 'A'})
    """
    value = json.loads(text)
    events, description, definition = value, None, None
    if isinstance(value, dict):
        events, description, definition = value.get("events"), value.get("execution"), value.get("definition")
    if not isinstance(events, list) or not all(isinstance(event, dict) and "type" in event for event in events):
        raise ValueError("it is neither a list of events nor an object with the member 'events'")
    if isinstance(definition, str):
        definition = json.loads(definition)
    return events, description if isinstance(description, dict) else {}, definition


def plain_answer(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer of the API without what boto3 adds, and with its moments as text.

    >>> from datetime import UTC, datetime
    >>> plain_answer({"startDate": datetime(2026, 1, 1, tzinfo=UTC), "ResponseMetadata": {}})
    {'startDate': '2026-01-01T00:00:00+00:00'}
    """
    return {key: value.isoformat() if hasattr(value, "isoformat") else value for key, value in answer.items() if key != "ResponseMetadata"}
