"""Timestamps: the one grammar for definitions and for data.

A timestamp is a date and time of RFC 3339 with an uppercase ``T`` and ``Z``. In data the seconds may be missing: at run
time, Step Functions reads "ISO-8601 extended offset date-time" texts. A leap second (``23:59:60``) is the second after it.

Sources: https://states-language.net/spec.html#timestamps and https://www.rfc-editor.org/rfc/rfc3339#section-5.6
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

_TIMESTAMP: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_LEAP_SECOND: Final = "60"


def instant(text: object) -> float | None:
    """Return the seconds since 1970 of a timestamp, or None if the value is not a timestamp.

    >>> instant("1970-01-01T01:00:00+01:00"), instant("1970-01-01T00:01Z"), instant("1970-01-01")
    (0.0, 60.0, None)
    >>> instant("2016-12-31T23:59:60Z") == instant("2017-01-01T00:00:00Z")
    True
    """
    found = _TIMESTAMP.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    minutes, seconds, fraction, zone = found.groups()
    leap = seconds == _LEAP_SECOND
    try:
        moment = datetime.fromisoformat(f"{minutes}:{'59' if leap else seconds or '00'}{fraction or ''}{zone}").timestamp()
    except (ValueError, OverflowError):
        return None
    return moment + leap


def is_timestamp(text: str) -> bool:
    """Return whether a text is a timestamp that a definition may contain, that is, one with seconds.

    >>> is_timestamp("2026-01-31T12:00:00Z"), is_timestamp("2026-02-29T12:00:00+01:00"), is_timestamp("2026-01-31T12:00Z")
    (True, False, False)
    """
    found = _TIMESTAMP.fullmatch(text)
    return found is not None and found[2] is not None and instant(text) is not None
