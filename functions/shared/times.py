"""Points in time as ISO 8601 text in UTC, which sorts as it reads."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> str:
    """The time now: ``2026-01-31T12:00:00.000000Z``."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def milliseconds_between(earlier: str, later: str) -> float:
    """How much time lies between two such points.

    >>> milliseconds_between("2026-01-31T12:00:00Z", "2026-01-31T12:00:01.500000Z")
    1500.0
    """
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds() * 1000
