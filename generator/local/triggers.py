"""What starts workflows by itself: schedules, and rules for the events of buses and buckets.

Sources: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns-content-based-filtering.html and
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

import calendar
import ipaddress
import json
import re
import threading
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from generator.catalog.schedules import CRON
from generator.dsl.expressions import Expr, operand
from generator.dsl.known import known_text
from generator.dsl.triggers import EventRule, Schedule, event_path
from generator.engine.clock import iso
from generator.engine.definitions import ACCOUNT, REGION
from generator.local.laptop import attributes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.dsl.triggers import WorkflowTrigger
    from generator.dsl.workflow import Workflow
    from generator.local.aws import AwsCall
    from generator.local.laptop import Laptop

    Start = Callable[[Workflow, WorkflowTrigger, Any], None]

_UNITS: Final = {"minute": 60, "hour": 3600, "day": 86_400}
_MISSING: Final = object()
_COMPARE: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "=": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def matches(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Return whether an event matches a pattern of EventBridge.

    >>> matches({"detail": {"total": [{"numeric": [">", 100]}]}}, {"detail": {"total": 250}})
    True
    >>> matches({"source": [{"anything-but": ["shop"]}]}, {"source": "shop"})
    False
    """
    for name, wanted in pattern.items():
        if name == "$or":
            if not any(matches(each, event) for each in wanted):
                return False
        elif isinstance(wanted, Mapping):
            inner = event.get(name)
            if not matches(wanted, inner if isinstance(inner, Mapping) else {}):
                return False
        else:
            found = event.get(name, _MISSING)
            values = found if isinstance(found, list) and found else [found]
            if not any(_one(rule, value) for rule in wanted for value in values):
                return False
    return True


def _one(rule: Any, value: Any) -> bool:
    if not isinstance(rule, Mapping):
        return value is not _MISSING and type(rule) is type(value) and bool(rule == value)
    ((operator, wanted),) = rule.items()
    if operator == "exists":
        return (value is not _MISSING) is wanted
    if value is _MISSING:
        return False
    if operator == "anything-but":
        if isinstance(wanted, Mapping):
            ((inner, texts),) = wanted.items()
            return not any(_one({inner: text}, value) for text in (texts if isinstance(texts, list) else [texts]))
        return value not in (wanted if isinstance(wanted, list) else [wanted])
    if operator == "numeric":
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and all(_COMPARE[sign](value, limit) for sign, limit in zip(wanted[::2], wanted[1::2], strict=True))
    return isinstance(value, str) and _text(operator, wanted, value)


def _text(operator: str, wanted: Any, value: str) -> bool:
    if isinstance(wanted, Mapping):  # {"prefix": {"equals-ignore-case": "a"}}
        wanted, value = str(next(iter(wanted.values()))).lower(), value.lower()
    match operator:
        case "prefix":
            return value.startswith(wanted)
        case "suffix":
            return value.endswith(wanted)
        case "equals-ignore-case":
            return value.lower() == str(wanted).lower()
        case "wildcard":
            return re.fullmatch(".*".join(map(re.escape, wanted.split("*"))), value, re.DOTALL) is not None
        case "cidr":
            try:
                return ipaddress.ip_address(value) in ipaddress.ip_network(wanted, strict=False)
            except ValueError:
                return False
        case _:
            return False


def is_due(expression: str, moment: datetime) -> bool:
    """Return whether a ``cron(…)`` expression names a minute, in the time zone of the moment.

    >>> is_due("cron(0 2 ? * MON-FRI *)", datetime(2026, 11, 25, 2, 0)), is_due("cron(0 2 L * ? *)", datetime(2026, 11, 29, 2, 0))
    (True, False)
    """
    minutes, hours, day, month, weekday, year = expression.removeprefix("cron(").removesuffix(")").split()
    simple = ((minutes, moment.minute, 0), (hours, moment.hour, 1), (month, moment.month, 3), (year, moment.year, 5))
    return (
        all(_in_field(text, number, CRON[index].words, CRON[index].least) for text, number, index in simple)
        and _in_days(day, moment)
        and _in_weekdays(weekday, moment)
    )


def _in_field(text: str, number: int, words: tuple[str, ...], least: int) -> bool:
    def value(one: str) -> int:
        return least + words.index(one.upper()) if one.upper() in words else int(one)

    for part in text.split(","):
        span, _, step = part.partition("/")
        first, dash, last = span.partition("-")
        low = least if span == "*" else value(first)
        high = value(last) if dash else 9999 if span == "*" or step else low
        inside = low <= number <= high if low <= high else number >= low or number <= high
        if inside and (number - low) % int(step or 1) == 0:
            return True
    return False


def _in_days(text: str, moment: datetime) -> bool:
    last = calendar.monthrange(moment.year, moment.month)[1]
    if text == "?":
        return True
    if text.startswith("L") and text != "LW":
        return moment.day == last - int(text[2:] or 0)
    if text.endswith("W"):
        nearest = last if text == "LW" else min(int(text[:-1]), last)
        weekday = calendar.weekday(moment.year, moment.month, nearest)
        shift = {5: -1 if nearest > 1 else 2, 6: 1 if nearest < last else -2}.get(weekday, 0)
        return moment.day == nearest + shift
    return _in_field(text, moment.day, (), 1)


def _in_weekdays(text: str, moment: datetime) -> bool:
    words, own = CRON[4].words, moment.isoweekday() % 7 + 1
    if text == "?":
        return True
    day, mark, week = text.partition("#")
    if mark:
        return _in_field(day, own, words, 1) and (moment.day - 1) // 7 + 1 == int(week)
    if text == "L":
        return own == 7  # noqa: PLR2004  Saturday
    if text.endswith("L") and text != "L":
        last = calendar.monthrange(moment.year, moment.month)[1]
        return _in_field(text[:-1], own, words, 1) and moment.day + 7 > last
    return _in_field(text, own, words, 1)


class Triggers:
    """The triggers of the workflows of a project."""

    def __init__(self, workflows: Iterable[Workflow], laptop: Laptop, start: Start) -> None:
        """Create them.

        Args:
            workflows: the workflows.
            laptop: the values of references.
            start: starts an execution for a trigger, with its input.
        """
        self._laptop = laptop
        self._start = start
        self.all = {(workflow.name, trigger.name): (workflow, trigger) for workflow in workflows for trigger in workflow.triggers}
        rules = [(workflow, trigger) for workflow, trigger in self.all.values() if isinstance(trigger, EventRule) and trigger.enabled]
        self._rules = [(workflow, rule, self._filled(rule.pattern, None), _bus(rule)) for workflow, rule in rules]
        self._sending = {attributes(each)["name"] for each in laptop.resources.values() if getattr(each, "event_bridge", False)}

    def fire(self, workflow: str, trigger: str, event: Mapping[str, Any] | None = None) -> None:
        """Start the execution of a trigger now.

        Raises:
            KeyError: there is no such trigger.
        """
        owner, one = self.all[workflow, trigger]
        self._start(owner, one, self._filled(one.input, event) if one.input is not None else dict(event or {}))

    def saw(self, call: AwsCall) -> None:
        """Receive a call to AWS that may have made an event."""
        if call.service == "events" and call.operation == "PutEvents":
            for entry in call.parameters().get("Entries", []):
                bus = str(entry.get("EventBusName") or "default").rpartition("/")[2]
                detail = json.loads(entry.get("Detail") or "{}")
                self.happened(bus, _event(entry.get("Source", ""), entry.get("DetailType", ""), detail, entry.get("Resources")))
        elif call.service == "s3":
            bucket, _, key = call.request.path.lstrip("/").partition("/")
            if key and bucket in self._sending and (kind := _kind(call)):
                self.happened("default", _object_event(kind, bucket, unquote(key), call))

    def happened(self, bus: str, event: Mapping[str, Any]) -> None:
        """Start the executions of the rules that an event matches."""
        for workflow, rule, pattern, own in self._rules:
            if own == bus and matches(pattern, event):
                self.fire(workflow.name, rule.name, event)

    def _filled(self, value: Any, event: Mapping[str, Any] | None) -> Any:
        """Return JSON with the references and the parts of the event filled in."""
        if isinstance(value, Expr):
            path = event_path(operand(value)) if event is not None and known_text(operand(value)) is None else None
            return self._laptop.value(value) if path is None else _part(event or {}, path)
        if isinstance(value, Mapping):
            return {name: self._filled(each, event) for name, each in value.items()}
        return [self._filled(each, event) for each in value] if isinstance(value, list | tuple) else value


def _bus(rule: EventRule) -> str:
    return "default" if rule.bus is None else attributes(rule.bus)["name"]


def _part(event: Any, path: str) -> Any:
    """Return the part of an event at a path such as ``$.detail.key``; None if it is missing."""
    found: Any = event
    for name, index in re.findall(r"\.([A-Za-z0-9_-]+)|\[(\d+)\]", path):
        try:
            found = found[name] if name else found[int(index)]
        except (KeyError, IndexError, TypeError):
            return None
    return found


def _event(source: str, kind: str, detail: Any, resources: list[str] | None = None) -> dict[str, Any]:
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": kind,
        "source": source,
        "account": ACCOUNT,
        "time": iso(int(datetime.now(UTC).timestamp())),
        "region": REGION,
        "resources": resources or [],
        "detail": detail,
    }


def _kind(call: AwsCall) -> str:
    if call.request.method == "DELETE" and "uploadId" not in call.request.query:
        return "Object Deleted"
    whole = call.request.method == "PUT" and call.request.query in {"", "x-id=PutObject", "x-id=CopyObject"}
    if whole or (call.request.method == "POST" and "uploadId" in call.request.query):
        return "Object Created"
    return ""


def _object_event(kind: str, bucket: str, key: str, call: AwsCall) -> dict[str, Any]:
    """Return the event of S3: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html."""
    etag = next((value.strip('"') for name, value in call.answer.headers if name.lower() == "etag"), "")
    detail = {
        "version": "0",
        "bucket": {"name": bucket},
        "object": {"key": key, "size": len(call.request.body), "etag": etag, "sequencer": uuid.uuid4().hex[:18].upper()},
        "request-id": uuid.uuid4().hex[:16].upper(),
        "requester": ACCOUNT,
        "source-ip-address": call.request.client,
        "reason": {"Object Created": "PutObject", "Object Deleted": "DeleteObject"}[kind],
    }
    return _event("aws.s3", kind, detail, [f"arn:aws:s3:::{bucket}"])


class Schedules:
    """The thread that starts executions at their times. On a clock that only jumps, no time comes by itself."""

    def __init__(self, triggers: Triggers, now: Callable[[], float], wait: Callable[[float], float | None]) -> None:
        """Create it.

        Args:
            triggers: the triggers, of which it serves the schedules.
            now: returns the time.
            wait: returns the seconds on the wall until a moment; None if it does not come by itself.
        """
        self._triggers = triggers
        self._now = now
        self._wait = wait
        self._stop = threading.Event()
        self._begun = now()
        self._enabled = [
            (workflow, trigger) for workflow, trigger in triggers.all.values() if isinstance(trigger, Schedule) and trigger.enabled
        ]

    def start(self) -> None:
        """Start the thread, if there is a schedule."""
        if self._enabled:
            threading.Thread(target=self._run, name="schedules", daemon=True).start()

    def stop(self) -> None:
        """Stop the thread."""
        self._stop.set()

    def _run(self) -> None:
        minute = int(self._now() // 60)
        while not self._stop.is_set():
            seconds = self._wait((minute + 1) * 60.0)
            if seconds is None or self._stop.wait(seconds):
                return
            while (minute + 1) * 60 <= self._now():
                minute += 1
                for workflow, schedule in self._enabled:
                    if self.due(schedule, minute * 60.0):
                        self._triggers.fire(workflow.name, schedule.name)

    def due(self, schedule: Schedule, moment: float) -> bool:
        """Return whether a schedule is due in the minute that begins at a moment."""
        at = datetime.fromtimestamp(moment, UTC)
        if (schedule.start is not None and at < schedule.start) or (schedule.end is not None and at > schedule.end):
            return False
        expression = schedule.expression
        if expression.startswith("rate("):
            number, unit = expression[5:-1].split()
            period = int(number) * _UNITS[unit.rstrip("s")]
            begun = self._begun if schedule.start is None else schedule.start.timestamp()
            passed = moment - begun // 60 * 60
            return passed > 0 and passed % period == 0
        local = at.astimezone(ZoneInfo(schedule.time_zone))
        if expression.startswith("at("):
            wanted = datetime.fromisoformat(expression[3:-1]).replace(tzinfo=local.tzinfo)
            return wanted <= local < wanted + timedelta(minutes=1)
        return is_due(expression, local)
