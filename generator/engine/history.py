"""The event history of an execution, in the shape that ``get_execution_history`` of boto3 returns.

Events are kept as small tuples with JSON values. They are rendered as JSON texts only on request.

Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_EVENTS = 25_000
"""Events after which a standard execution fails: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"""


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
