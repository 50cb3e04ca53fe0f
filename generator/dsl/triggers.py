"""Triggers: what starts executions of a workflow, on a schedule or for an event.

    Workflow("nightly-import", steps=[…], triggers=[
        Schedule("cron(0 2 * * ? *)", time_zone="Europe/Berlin", window_minutes=15, input={"full": True}),
        EventRule({"source": ["shop.orders"]}, bus=shop, dead_letter=lost_events),
        imports.on_created(prefix="in/"),
    ])

The module of the workflow creates the schedules and rules, with a role that may start this workflow and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypedDict
from zoneinfo import available_timezones

from generator.catalog import resources as kinds
from generator.catalog.event_patterns import pattern_problem
from generator.catalog.schedules import Problem, expression_problem
from generator.diagnostics.model import did_you_mean
from generator.dsl.expressions import Expr, Payload, operand
from generator.dsl.known import known_text, placeholders_in
from generator.dsl.nodes import Item, Member, Operand, Raw, Root
from generator.dsl.source import AuthoringError, Source, expect, expect_fields, here
from generator.dsl.written import as_python

if TYPE_CHECKING:
    from generator.dsl.declarations import Resource
    from generator.dsl.resources import EventBus, Queue

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST_NAME: Final = 40
_LONGEST_DESCRIPTION: Final = 512
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
_PATH_PART = re.compile(r"[A-Za-z0-9_-]+")
_PATH = re.compile(r"\$(\.[A-Za-z0-9_-]+|\[([0-9]+|\*)\]|\.\*)*")


@dataclass(frozen=True, eq=False, kw_only=True)
class WorkflowTrigger:
    """What starts executions of a workflow: a :class:`Schedule` or an :class:`EventRule`.

    Attributes:
        input: the input of the execution.
        name: lower case words joined by ``-``, unique in the workflow.
        description: the purpose.
        enabled: whether it starts executions; a deployment can set otherwise.
        dead_letter: the queue for what could not be delivered.
        maximum_event_age_seconds: how long AWS tries to start the execution; None for a day.
        maximum_retry_attempts: how often AWS tries again; None for 185 times.
        source: the place in the author's code.
    """

    CODE: ClassVar[str]
    DEFAULT_NAME: ClassVar[str]

    input: Payload = None
    name: str = ""
    description: str = ""
    enabled: bool = True
    dead_letter: Queue | None = None
    maximum_event_age_seconds: int | None = None
    maximum_retry_attempts: int | None = None
    source: Source = field(default_factory=here, init=False, repr=False)

    def __post_init__(self) -> None:
        """Check what all triggers have.

        Sources: https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html and
        https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RetryPolicy.html
        """
        expect_fields(self)
        if not self.name:
            object.__setattr__(self, "name", self.DEFAULT_NAME)
        if not _NAME.fullmatch(self.name) or len(self.name) > _LONGEST_NAME:
            expected = f"lower case words joined by '-', such as 'nightly', of at most {_LONGEST_NAME} characters"
            self._refuse("the name of a trigger is invalid", repr(self.name), expected)
        if len(self.description) > _LONGEST_DESCRIPTION:
            self._refuse(
                "the description of a trigger is too long", f"{len(self.description)} characters", f"at most {_LONGEST_DESCRIPTION}"
            )
        self._within("maximum_event_age_seconds", self.maximum_event_age_seconds, 60, 86_400)
        self._within("maximum_retry_attempts", self.maximum_retry_attempts, 0, 185)
        if self.dead_letter is not None:
            if getattr(self.dead_letter, "KIND", None) is not kinds.QUEUE:
                self._refuse("dead_letter of a trigger must be a Queue", repr(self.dead_letter), "a Queue")
            if self.dead_letter.fifo:
                self._refuse("dead_letter of a trigger must be a standard queue", f"the FIFO queue {self.dead_letter.name!r}")

    def related(self) -> Iterator[Resource]:
        """Yield the resources that the trigger names."""
        if self.dead_letter is not None:
            yield self.dead_letter

    def _refuse(self, message: str, found: str, expected: str = "", hint: str = "") -> None:
        raise AuthoringError(message, found=found[:160], expected=expected, hint=hint, code=self.CODE)

    def _refuse_problem(self, message: str, problem: Problem | None, hint: str = "") -> None:
        if problem is not None:
            self._refuse(message, problem.found, problem.expected, hint)

    def _within(self, name: str, number: int | None, least: int, most: int) -> None:
        if number is not None and not least <= number <= most:
            self._refuse(f"{name} of the trigger {self.name!r} must be {least} to {most}", str(number))


@dataclass(frozen=True, eq=False)
class Schedule(WorkflowTrigger):
    """A schedule of EventBridge Scheduler.

    Args:
        expression: ``rate(5 minutes)``, ``cron(0 2 * * ? *)`` or ``at(2027-01-31T12:00:00)``.
        time_zone: the time zone of ``cron`` and ``at``, with its name in the IANA database.
        window_minutes: how long after its time the execution may start, 1 to 1440 minutes; None for at its time.
        input: the input of the execution, as JSON. A value may be a reference such as ``orders.table_name``, and text may contain
            ``<aws.scheduler.scheduled-time>``, ``<aws.scheduler.execution-id>`` and the other keywords of Scheduler.
        start: when the schedule begins, with a time zone.
        end: when the schedule ends, with a time zone.
        name: lower case words joined by ``-``; needed if the workflow has several schedules.
        description: the purpose, up to 512 characters.
        enabled: whether it starts executions; a deployment can set otherwise.
        dead_letter: the standard queue for executions that could not be started.
        maximum_event_age_seconds: how long Scheduler tries to start the execution, 60 to 86400 seconds; None for a day.
        maximum_retry_attempts: how often it tries again, 0 to 185; None for 185 times.

    Raises:
        AuthoringError: AWS would refuse the schedule (SFN830).

    >>> Schedule("rate(5 minutes)").name
    'schedule'

    Source: https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
    """

    CODE: ClassVar = "SFN830"
    DEFAULT_NAME: ClassVar = "schedule"

    expression: str
    time_zone: str = field(default="UTC", kw_only=True)
    window_minutes: int | None = field(default=None, kw_only=True)
    start: datetime | None = field(default=None, kw_only=True)
    end: datetime | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Check the expression, the time zone, the window and the input."""
        super().__post_init__()
        self._refuse_problem("the expression of a schedule is invalid", expression_problem(self.expression))
        zones = _time_zones()
        if zones and self.time_zone not in zones:
            self._refuse(
                "a schedule has an unknown time zone",
                repr(self.time_zone),
                "a name of the IANA database, such as Europe/Berlin",
                did_you_mean(self.time_zone, zones),
            )
        self._within("window_minutes", self.window_minutes, 1, 1440)
        for name, moment in (("start", self.start), ("end", self.end)):
            expect(moment, (datetime, type(None)), f"{name} of a schedule", "a datetime with tzinfo")
            if moment is not None and moment.tzinfo is None:
                self._refuse(
                    f"{name} of a schedule has no time zone", repr(moment), "a datetime with tzinfo, such as datetime(…, tzinfo=UTC)"
                )
        if self.start is not None and self.end is not None and self.start >= self.end:
            self._refuse("a schedule ends before it begins", f"{self.start} and {self.end}", "a start before the end")
        for value in json_leaves(self.input):
            if isinstance(value, Expr) and known_text(operand(value)) is None:
                self._refuse(
                    "the input of a schedule must be known at deployment",
                    as_python(operand(value)),
                    "JSON, and references such as orders.table_name",
                    "there is no event that it could be taken from",
                )


@dataclass(frozen=True, eq=False)
class EventRule(WorkflowTrigger):
    """A rule of EventBridge: each event that matches its pattern starts an execution.

    Args:
        pattern: the pattern. Each field has a list of values, or of operators such as ``{"prefix": "in/"}``; a value may be a
            reference such as ``imports.bucket_name``.
        bus: the event bus; None for the default one, which has the events of AWS services.
        input: the input of the execution; None for the whole event. In it ``states.input`` is the event:
            ``{"key": states.input.detail.object.key, "kind": "import"}``.
        name: lower case words joined by ``-``; needed if the workflow has several rules.
        description: the purpose, up to 512 characters.
        enabled: whether it starts executions; a deployment can set otherwise.
        dead_letter: the standard queue for events that could not be delivered. Its policy must allow this: see the output
            ``dead_letter_policies`` of the module.
        maximum_event_age_seconds: how long EventBridge tries to start the execution, 60 to 86400 seconds; None for a day.
        maximum_retry_attempts: how often it tries again, 0 to 185; None for 185 times.

    Raises:
        AuthoringError: AWS would refuse the rule (SFN831).

    >>> EventRule({"source": ["shop.orders"], "detail": {"total": [{"numeric": [">", 100]}]}}).name
    'event'

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rules.html
    """

    CODE: ClassVar = "SFN831"
    DEFAULT_NAME: ClassVar = "event"

    pattern: Mapping[str, Any]
    bus: EventBus | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Check the pattern, the bus and the input."""
        super().__post_init__()
        for value in json_leaves(self.pattern):
            if isinstance(value, Expr) and known_text(operand(value)) is None:
                self._refuse(
                    "an event pattern must be known at deployment", as_python(operand(value)), "text, or a reference such as orders.arn"
                )
        self._refuse_problem("an event pattern is invalid", pattern_problem(_plain(self.pattern)))
        if self.bus is not None and getattr(self.bus, "KIND", None) is not kinds.EVENT_BUS:
            self._refuse("bus of a rule must be an EventBus", repr(self.bus), "an EventBus, or None for the default bus")
        for value in json_leaves(self.input):
            if isinstance(value, Expr) and known_text(operand(value)) is None and event_path(operand(value)) is None:
                self._refuse(
                    "the input of a rule must be made of parts of the event",
                    as_python(operand(value)),
                    "JSON with paths such as states.input.detail.object.key, and references such as orders.table_name",
                    "compute other values in the first step of the workflow",
                )

    def related(self) -> Iterator[Resource]:
        """Yield the resources that the rule names."""
        yield from super().related()
        if self.bus is not None:
            yield self.bus
        for value in (*json_leaves(self.pattern), *json_leaves(self.input)):
            if isinstance(value, Expr):
                yield from (one.resource for one in placeholders_in(operand(value)) if one.resource is not None)


class RuleOptions(TypedDict, total=False):
    """The options of an :class:`EventRule` beside its pattern."""

    input: Payload
    name: str
    description: str
    enabled: bool
    dead_letter: Queue | None
    maximum_event_age_seconds: int | None
    maximum_retry_attempts: int | None


def event_path(node: Operand) -> str | None:
    """Return the path of a part of the event, as EventBridge writes it; None if it is another expression.

    >>> from generator.dsl.expressions import states
    >>> event_path(operand(states.input["detail-type"]))
    '$.detail-type'
    """
    if isinstance(node, Raw):
        return node.text if node.language == "JSONPath" and _PATH.fullmatch(node.text) else None
    steps: list[str] = []
    while isinstance(node, Member | Item):
        if isinstance(node, Member) and _PATH_PART.fullmatch(node.name):
            steps.append(f".{node.name}")
        elif isinstance(node, Item) and isinstance(node.index, int) and node.index >= 0:
            steps.append(f"[{node.index}]")
        else:
            return None
        node = node.of
    return "$" + "".join(reversed(steps)) if isinstance(node, Root) and node.name == "input" else None


def utc(moment: datetime) -> str:
    """Return a time as Scheduler takes it.

    >>> utc(datetime(2027, 1, 31, 12, tzinfo=UTC))
    '2027-01-31T12:00:00Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@cache
def _time_zones() -> frozenset[str]:
    """Return the names of time zones; none on a machine without the database."""
    return frozenset(available_timezones())


def json_leaves(value: Any) -> Iterator[Any]:
    """Yield the values in JSON that are neither objects nor lists, in their order."""
    if isinstance(value, Mapping | list | tuple):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from json_leaves(inner)
    else:
        yield value


def _plain(value: Any) -> Any:
    """Return JSON with the text of its expressions."""
    if isinstance(value, Expr):
        return known_text(operand(value))
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value
