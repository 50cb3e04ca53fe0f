"""The expressions of EventBridge Scheduler: ``rate(…)``, ``cron(…)`` and ``at(…)``.

Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

_FORM = re.compile(r"(rate|cron|at)\((.*)\)", re.DOTALL)
_RATE = re.compile(r"([0-9]+) (minutes?|hours?|days?)")
_AT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}")
_FIELDS: Final = 6
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


class Problem(NamedTuple):
    """What is wrong with an expression or a pattern: the place in it, and what belongs there."""

    found: str
    expected: str


@dataclass(frozen=True, slots=True)
class CronField:
    """A field of a cron expression.

    Attributes:
        name: the name in the documentation.
        least: the least number.
        most: the greatest number.
        words: the names of the numbers, from ``least`` on.
        special: further forms that the field has, as a regular expression.
    """

    name: str
    least: int
    most: int
    words: tuple[str, ...] = ()
    special: str = ""

    def problem(self, text: str) -> Problem | None:
        """Return what is wrong with the text of the field."""
        if self.special and re.fullmatch(self.special, text):
            return None
        if text and all(self._part(part) for part in text.split(",")):
            return None
        words = f" or {self.words[0]}-{self.words[-1]}" if self.words else ""
        marks = ", - * /" + (" ?" if "\\?" in self.special else "")
        return Problem(f"{text!r} as {self.name}", f"{self.least}-{self.most}{words}, with {marks}")

    def _part(self, part: str) -> bool:
        """Return whether one part of a list is valid: ``*``, a value, a range, each with a step."""
        span, slash, step = part.partition("/")
        if slash and not (step.isascii() and step.isdigit() and int(step) >= 1):
            return False
        if span == "*":
            return True
        first, dash, last = span.partition("-")
        return self._value(first) and (not dash or self._value(last))

    def _value(self, text: str) -> bool:
        if text.upper() in self.words:
            return True
        return text.isascii() and text.isdigit() and self.least <= int(text) <= self.most


CRON: Final = (
    CronField("minutes", 0, 59),
    CronField("hours", 0, 23),
    CronField("day of the month", 1, 31, special=r"\?|L(-\d{1,2})?|(0?[1-9]|[12]\d|3[01])W|LW"),
    CronField("month", 1, 12, _MONTHS),
    CronField("day of the week", 1, 7, _DAYS, special=r"\?|L|([1-7]|(?i:SUN|MON|TUE|WED|THU|FRI|SAT))(L|#[1-5])"),
    CronField("year", 1970, 2199),
)


def expression_problem(text: str) -> Problem | None:
    """Return what is wrong with the expression of a schedule; None if Scheduler accepts it.

    >>> expression_problem("cron(0 2 * * ? *)") is None
    True
    >>> expression_problem("rate(5 min)")
    Problem(found='5 min', expected='a whole number and a unit: rate(5 minutes), rate(1 hour), rate(7 days)')
    """
    form = _FORM.fullmatch(text)
    if form is None:
        return Problem(text, "rate(5 minutes), cron(0 2 * * ? *) or at(2027-01-31T12:00:00)")
    check = {"rate": _rate, "cron": _cron, "at": _at}[form[1]]
    return check(form[2])


def is_recurring(text: str) -> bool:
    """Return whether a schedule runs more than once.

    >>> is_recurring("at(2027-01-31T12:00:00)")
    False
    """
    return not text.startswith("at(")


def _rate(text: str) -> Problem | None:
    rate = _RATE.fullmatch(text)
    if rate is None or int(rate[1]) < 1:
        return Problem(text, "a whole number and a unit: rate(5 minutes), rate(1 hour), rate(7 days)")
    return None


def _cron(text: str) -> Problem | None:
    parts = text.split()
    if len(parts) != _FIELDS:
        unix = " (a cron of Unix has no year)" if len(parts) == _FIELDS - 1 else ""
        return Problem(f"{len(parts)} fields: {text}", f"six fields: {', '.join(one.name for one in CRON)}{unix}")
    for one, part in zip(CRON, parts, strict=True):
        if (problem := one.problem(part)) is not None:
            return problem
    if (parts[2] == "?") == (parts[4] == "?"):
        return Problem(f"{parts[2]} as day of the month and {parts[4]} as day of the week", "'?' in exactly one of these two fields")
    return None


def _at(text: str) -> Problem | None:
    try:
        valid = _AT.fullmatch(text) is not None and datetime.fromisoformat(text) is not None
    except ValueError:
        valid = False
    return None if valid else Problem(text, "a date and a time without a zone: at(2027-01-31T12:00:00), and time_zone= for the zone")
