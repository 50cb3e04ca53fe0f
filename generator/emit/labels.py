"""The places of labels: on their line or just beside it, and clear of states, of other labels and, if possible, of other lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

Point = tuple[int, int]
Size = tuple[int, int]
Rect = tuple[int, int, int, int]
"""The left, top, right and bottom edge."""

_BESIDE = 4
_FRACTIONS: Final = (0.5, 0.3, 0.7, 0.15, 0.85)
_ARROW = 14
_COVERS, _CROSSES, _LEAVES, _EARLIER, _IS_BESIDE = 1000, 40, 25, 8, 6


def place_labels(lines: Sequence[Sequence[Point]], sizes: Sequence[Size | None], boxes: Sequence[Rect]) -> list[Point | None]:
    """Return the middle of each label.

    Args:
        lines: the points of each line.
        sizes: the width and height of the label of each line; None for a line without one.
        boxes: the states.

    >>> place_labels([[(0, 0), (0, 100)], [(0, 0), (80, 0), (80, 100)]], [(30, 16), None], [])
    [(0, 78), None]
    """
    segments = [[_bounds(a, b) for a, b in pairwise(line)] for line in lines]
    placed: list[Point | None] = [None] * len(lines)

    def place(index: int) -> float:
        """Place a label at the best of its possible places, and return what is against it."""
        line, size = lines[index], sizes[index] or (0, 0)
        xs, ys = [x for x, _ in line], [y for _, y in line]
        near = min(xs) - size[0], min(ys) - size[1], max(xs) + size[0], max(ys) + size[1]
        labels = [
            _around(middle, other) for middle, other in zip(placed, sizes, strict=True) if middle and other and middle != placed[index]
        ]
        covered = [rect for rect in (*boxes, *labels) if _meet(rect, near)]
        crossed = [rect for other, parts in enumerate(segments) if other != index for rect in parts if _meet(rect, near)]
        best, least = _middle(line), float("inf")
        for own, middle in sorted(_candidates(line, size)):
            if own >= least:
                break
            rect = _around(middle, size)
            cost = own + _COVERS * sum(_meet(rect, other) for other in covered)
            if cost < least:
                cost += _CROSSES * sum(_meet(rect, other) for other in crossed)
            if cost < least:
                best, least = middle, cost
        placed[index] = best
        return least

    # Lines that lead far away first: a straight one finds a place beside them.
    labelled = sorted((index for index, size in enumerate(sizes) if size), key=lambda index: -abs(lines[index][0][0] - lines[index][-1][0]))
    for index in [index for index in labelled if place(index) >= _CROSSES]:
        place(index)  # again, now that the others have their places
    return placed


def _candidates(line: Sequence[Point], size: Size) -> Iterator[tuple[float, Point]]:
    """Yield the possible middles of a label, each with what is against it. The best ones are before the arrow."""
    width, height = size
    ends = [*pairwise(line)]
    for number, ((x1, y1), (x2, y2)) in enumerate(reversed(ends)):
        vertical = abs(y2 - y1) > abs(x2 - x1)
        length = max(abs(y2 - y1), abs(x2 - x1)) or 1
        along = height if vertical else width
        # On a short segment a label would hide the bends at its ends.
        against = _EARLIER * number + (_LEAVES if length < along + _ARROW else 0)
        for rank, fraction in enumerate((max(0.0, 1 - (along / 2 + _ARROW) / length), *_FRACTIONS)):
            x, y = round(x1 + (x2 - x1) * fraction), round(y1 + (y2 - y1) * fraction)
            yield against + rank, (x, y)
            aside = width // 2 + _BESIDE if vertical else 0
            above = 0 if vertical else height // 2 + _BESIDE
            for sign in (1, -1):
                yield against / 2 + rank + _IS_BESIDE, (x + sign * aside, y - sign * above)


def _middle(line: Sequence[Point]) -> Point:
    """Return the middle of the longest segment of a line."""
    (x1, y1), (x2, y2) = max(pairwise(line), key=lambda ends: abs(ends[0][0] - ends[1][0]) + abs(ends[0][1] - ends[1][1]))
    return (x1 + x2) // 2, (y1 + y2) // 2


def _bounds(a: Point, b: Point) -> Rect:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])


def _around(middle: Point, size: Size) -> Rect:
    return middle[0] - size[0] // 2, middle[1] - size[1] // 2, middle[0] + size[0] // 2, middle[1] + size[1] // 2


def _meet(one: Rect, other: Rect) -> bool:
    return one[0] < other[2] + 1 and other[0] - 1 < one[2] and one[1] < other[3] + 1 and other[1] - 1 < one[3]
