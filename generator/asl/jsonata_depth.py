"""How deeply evaluations may call: the recursion limit of the process, which all threads share."""

from __future__ import annotations

import sys
from threading import Lock
from typing import Final

MAX_FRAMES: Final = 6_000
"""How deeply Python's functions may call each other in an evaluation: about 1,000 calls of a function of the expression."""


class _Deep:
    """Raises the recursion limit while a block runs. The last of several threads restores it.

    >>> before = sys.getrecursionlimit()
    >>> with DEEP, DEEP:
    ...     sys.getrecursionlimit() >= MAX_FRAMES
    True
    >>> sys.getrecursionlimit() == before
    True
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._running = 0
        self._before = 0

    def __enter__(self) -> None:
        with self._lock:
            if not self._running:
                self._before = sys.getrecursionlimit()
                sys.setrecursionlimit(max(self._before, MAX_FRAMES))
            self._running += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._running -= 1
            if not self._running:
                sys.setrecursionlimit(self._before)


DEEP: Final = _Deep()
"""Raises the recursion limit: ``with DEEP:``."""
