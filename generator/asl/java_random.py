"""The random numbers of ``java.util.Random``, which AWS makes from a seed.

Source: https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/util/Random.html, which defines the algorithm.
"""

from __future__ import annotations

from typing import Final

_MASK: Final = (1 << 48) - 1
_MULTIPLIER: Final = 0x5DEECE66D
_INT: Final = 2**31
_LONG: Final = 2**63


class JavaRandom:
    """A generator with a seed, which is cast to 64 bits.

    >>> JavaRandom(7).next_double()
    0.7306990420600421
    """

    def __init__(self, seed: int) -> None:
        """Create a generator."""
        self._state = (max(-_LONG, min(_LONG - 1, seed)) ^ _MULTIPLIER) & _MASK

    def _next(self, bits: int) -> int:
        self._state = (self._state * _MULTIPLIER + 0xB) & _MASK
        return self._state >> (48 - bits)

    def next_double(self) -> float:
        """Return the next number from 0 (inclusive) to 1 (exclusive)."""
        return float((self._next(26) << 27) + self._next(27)) * 2.0**-53

    def next_int(self, bound: int) -> int:
        """Return the next whole number from 0 (inclusive) to the bound (exclusive).

        >>> [JavaRandom(42).next_int(bound) for bound in (10, 64, 2**31 - 1)]
        [0, 46, 1562431130]
        """
        if bound & -bound == bound:
            return (bound * self._next(31)) >> 31
        while True:
            bits = self._next(31)
            value = bits % bound
            if bits - value + bound - 1 < _INT:
                return value
