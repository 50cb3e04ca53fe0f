"""The event history of an execution, in the shape that ``get_execution_history`` of boto3 returns.

Events are kept as small tuples with JSON values. They are rendered as JSON texts only on request.

Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MAX_EVENTS = 25_000
"""Events after which a standard execution fails: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"""

MAX_REDRIVEN_EVENTS = 24_999
"""Events from which an execution cannot be redriven: https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html"""


class Event(NamedTuple):
    """One event of a history.

    Attributes:
        type: the event type, such as ``TaskStateEntered``.
        time: seconds since 1970.
        previous: the id of the event before it in the same branch.
        details: the details of the event, with JSON values instead of texts.
    """

    type: str
    time: float
    previous: int
    details: dict[str, Any]


_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False).encode


def json_text(value: Any) -> str:
    """Return JSON text without spaces, as Step Functions writes it."""
    return _encode(value)


def text_bytes(text: str) -> bytes:
    """Return text as UTF-8. Half of a surrogate pair, which JSON texts can have, becomes three bytes as in Java.

    >>> len(text_bytes("é")), len(text_bytes(chr(0xD83D)))
    (2, 3)
    """
    return text.encode("utf-8", "surrogatepass")


_AS_TEXT = frozenset({"input", "output", "parameters"})
_KEYS = {
    "ExecutionStarted": "executionStartedEventDetails",
    "ExecutionSucceeded": "executionSucceededEventDetails",
    "ExecutionFailed": "executionFailedEventDetails",
    "ExecutionAborted": "executionAbortedEventDetails",
    "ExecutionTimedOut": "executionTimedOutEventDetails",
    "ExecutionRedriven": "executionRedrivenEventDetails",
}


def _details_key(kind: str) -> str:
    if kind.endswith("StateEntered"):
        return "stateEnteredEventDetails"
    if kind.endswith("StateExited"):
        return "stateExitedEventDetails"
    return _KEYS.get(kind) or kind[0].lower() + kind[1:] + "EventDetails"


def render(events: Iterable[Event], first: int = 1) -> list[dict[str, Any]]:
    """Return events as boto3's ``get_execution_history`` does.

    Args:
        events: the events.
        first: the id of the first one.

    >>> render([Event("PassStateEntered", 0.0, 0, {"name": "A", "input": {}})])[0]["stateEnteredEventDetails"]
    {'name': 'A', 'input': '{}', 'inputDetails': {'truncated': False}}
    """
    return [_render_one(number, event) for number, event in enumerate(events, first)]


def _render_one(number: int, event: Event) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "timestamp": datetime.fromtimestamp(event.time, UTC),
        "type": event.type,
        "id": number,
        "previousEventId": event.previous,
    }
    details: dict[str, Any] = {}
    for key, value in event.details.items():
        if key == "assignedVariables":
            details[key] = {name: json_text(item) for name, item in value.items()}
            details["assignedVariablesDetails"] = {"truncated": False}
        elif key in _AS_TEXT:
            details[key] = json_text(value)
            if key != "parameters":
                details[f"{key}Details"] = {"truncated": False}
        elif value is not None:
            details[key] = value
    if details or event.type in _KEYS:
        shown[_details_key(event.type)] = details
    return shown


_EPOCH_MILLISECONDS: Final = 1e11
"""Numbers from here on are milliseconds since 1970: as seconds they are later than the year 5000."""


def parse(history: Iterable[Mapping[str, Any]]) -> list[tuple[int, Event]]:
    """Return the events of a history that :func:`render`, boto3 or the AWS CLI wrote, each with its id.

    They are sorted by their ids. ``previous`` is the position of the event before in this list, counted from 1; 0 if the list does
    not have it, as in a part of a history.

    Args:
        history: the events with JSON texts. Timestamps are ``datetime`` objects, ISO 8601 texts, or seconds since 1970.

    Raises:
        ValueError: an event is not an event: it is not an object, it lacks its type, its id or its timestamp, or it comes after
            an event that is not before it.

    >>> parse(render([Event("PassStateEntered", 0.0, 0, {"name": "A", "input": {"n": 1}})]))
    [(1, Event(type='PassStateEntered', time=0.0, previous=0, details={'name': 'A', 'input': {'n': 1}}))]
    """
    found: list[tuple[int, int, Event]] = []
    for number, event in enumerate(history, 1):
        try:
            kind, own = str(event["type"]), int(event["id"])
            details = next((value for key, value in event.items() if key.endswith("EventDetails") and isinstance(value, dict)), {})
            previous = int(event.get("previousEventId") or 0)
            found.append((own, previous, Event(kind, _seconds(event["timestamp"]), 0, _values(details))))
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise ValueError(f"event {number} of the history is invalid: {type(error).__name__}: {error}") from None
    found.sort(key=lambda entry: entry[0])
    position = {own: index for index, (own, _, _) in enumerate(found, 1)}
    for index, (own, previous, _) in enumerate(found, 1):
        if position.get(previous, 0) >= index:
            raise ValueError(f"the event with the id {own} comes after the event {previous}, which is not before it")
    return [(own, event._replace(previous=position.get(previous, 0))) for own, previous, event in found]


def _seconds(moment: Any) -> float:
    if isinstance(moment, datetime):
        return moment.timestamp()
    if isinstance(moment, str):
        return datetime.fromisoformat(moment).timestamp()
    seconds = float(moment)
    return seconds / 1000 if seconds >= _EPOCH_MILLISECONDS else seconds


def _values(details: Mapping[str, Any]) -> dict[str, Any]:
    """Return details with JSON values instead of JSON texts. A text that was cut stays a text."""
    values: dict[str, Any] = {}
    for key, value in details.items():
        if key == "assignedVariables" and isinstance(value, dict):
            values[key] = {name: _json_value(item) for name, item in value.items()}
        elif key in _AS_TEXT:
            values[key] = _json_value(value)
        elif not (key.endswith("Details") and isinstance(value, dict) and not value.get("truncated", True)):
            values[key] = value
    return values


def _json_value(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
