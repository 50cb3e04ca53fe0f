"""How long a retrier waits.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-retrying-after-an-error
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from generator.asl.model import Retrier

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFAULT_INTERVAL: Final = 1
DEFAULT_ATTEMPTS: Final = 3
DEFAULT_BACKOFF: Final = 2.0
_LONGEST: Final = 1e12


def attempts(retrier: Retrier) -> int:
    """Return how often a retrier repeats a state at most.

    >>> attempts(Retrier()), attempts(Retrier(max_attempts=0)), attempts(Retrier(max_attempts="${n}"))
    (3, 0, 3)
    """
    return int(_number(retrier.max_attempts, DEFAULT_ATTEMPTS))


def _number(value: object, default: float) -> float:
    """Return a number of a retrier; the default without one, and for a placeholder, whose value is not known."""
    return value if isinstance(value, int | float) else default


def delays(retrier: Retrier) -> Iterator[float]:
    """Yield the seconds before each retry: the interval, multiplied by the backoff rate each time, up to the maximum delay.

    >>> list(delays(Retrier(interval_seconds=1, max_attempts=3, backoff_rate=2, max_delay_seconds=3)))
    [1, 2, 3]
    """
    wait = _number(retrier.interval_seconds, DEFAULT_INTERVAL)
    most = _number(retrier.max_delay_seconds, math.inf)
    # The bounds keep the numbers finite. AWS accepts no delay that comes near them.
    rate = min(_number(retrier.backoff_rate, DEFAULT_BACKOFF), 1e9)
    for _ in range(attempts(retrier)):
        yield min(wait, most)
        wait = min(wait * rate, _LONGEST)


def whole_delay(retrier: Retrier) -> float:
    """Return the seconds that a retrier waits in all, if each of its retries is made and no jitter shortens a delay.

    >>> whole_delay(Retrier(interval_seconds=1, max_attempts=4, backoff_rate=2, max_delay_seconds=3))
    9
    >>> whole_delay(Retrier(interval_seconds=2, max_attempts=99_999_999, backoff_rate=1))
    199999998
    """
    total: float = 0
    before: float = -1
    for made, wait in enumerate(delays(retrier)):
        if wait == before or total > _LONGEST:  # it grows no more
            return total + wait * (attempts(retrier) - made)
        total += wait
        before = wait
    return total
