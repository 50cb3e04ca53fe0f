"""What is kept of executions that have ended: packed, and read again when someone asks for it.

An execution is a few kilobytes of text, and fifty times as much as objects: events, frames, an engine. So an execution that has ended
leaves memory in parts: its texts, its events in chunks, its map runs, and what a redrive needs. Each part is read alone.
"""

from __future__ import annotations

import json
import threading
import zlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.local.stepfunctions.records import ExecutionRecord

TEXTS: Final = "texts"
"""The part with input, output and cause."""
REST: Final = "rest"
"""The part with what a redrive needs beside the history."""
RUN: Final = "run"
"""The part with a map run and a line for each of its child executions."""
CHUNK: Final = 500
"""The number of events in a part of a history."""
MOST_BYTES: Final = 64 * 1024 * 1024
"""The bytes that all ended executions have together in memory; the oldest go first. With a store there is no such limit."""
_OVERHEAD: Final = 400
"""The bytes that a part needs beside its content."""


def packed(value: Any) -> bytes:
    """Return JSON in a compressed form.

    >>> unpacked(packed({"a": [1, None]}))
    {'a': [1, None]}
    """
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode(), 1)


def unpacked(data: bytes) -> Any:
    """Return the JSON value of :func:`packed`."""
    return json.loads(zlib.decompress(data))


def chunk(number: int) -> str:
    """Return the name of the part that has the events of a history from ``number * CHUNK`` on, counted from 0."""
    return f"events {number}"


class Archive:
    """The parts of ended executions, in memory.

    A part has the ARN that it describes: that of an execution, of a map run, or of a child execution of one. It belongs to the
    execution with which it is dropped.

    Attributes:
        size: the bytes that all parts need.
        most: the largest size; the oldest executions are dropped above it.
    """

    def __init__(self, most: int = MOST_BYTES) -> None:
        """Create an empty archive."""
        self.size = 0
        self.most = most
        self._lock = threading.Lock()
        self._parts: dict[str, dict[tuple[str, str], bytes]] = {}
        self._owners: dict[str, str] = {}

    def keep(self, record: ExecutionRecord) -> None:
        """Keep the parts of an execution that has ended, in addition to those that it has here."""
        self.put(record.arn, record.parts())

    def put(self, owner: str, parts: Mapping[tuple[str, str], Any]) -> None:
        """Keep parts of an execution, by ARN and name."""
        made = {key: packed(value) for key, value in parts.items()}
        with self._lock:
            known = self._parts.setdefault(owner, {})
            self.size -= _bytes(known)
            known.update(made)
            self.size += _bytes(known)
            self._owners.update((arn, owner) for arn, _ in made if arn != owner)

    def get(self, arn: str, part: str) -> Any:
        """Return a part.

        Raises:
            LookupError: there is none.
        """
        with self._lock:
            data = self._parts[self._owners.get(arn, arn)][arn, part]
        return unpacked(data)

    def owner(self, arn: str) -> str | None:
        """Return the ARN of the execution that a child execution or a map run belongs to. None if it is not here."""
        return self._owners.get(arn)

    def drop(self, owner: str) -> None:
        """Forget an execution with its map runs and their children."""
        with self._lock:
            parts = self._parts.pop(owner, {})
            self.size -= _bytes(parts)
            for arn, _ in parts:
                self._owners.pop(arn, None)


def _bytes(parts: Mapping[tuple[str, str], bytes]) -> int:
    return sum(len(data) + _OVERHEAD for data in parts.values())
