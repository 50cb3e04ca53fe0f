"""Two executions side by side: which visits belong together, and where they differ first."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    Row = tuple[int | None, int | None, str]

_MOST: Final = 4_000
"""The most visits that are aligned; beyond them visits are paired by their position."""
_SIDES: Final = 2


def compare(one: Mapping[str, Any], other: Mapping[str, Any], names: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Compare the visits of two executions.

    Args:
        one: the data of an execution, of :func:`generator.view.data.page_data`.
        other: the data of the other one.
        names: the names that states of the first execution have in the other one, if they differ.

    Returns:
        ``rows``, each with the number of a visit of the first execution, of the second (None where there is none) and what differs
        (``same`` if nothing does), and ``first``, the row with the first difference, or None.

    >>> from generator.engine import execute
    >>> from generator.view.data import page_data
    >>> from generator.view.recording import of_execution
    >>> machine = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    >>> data = [page_data(of_execution(execute(machine, {"n": n}))) for n in (1, 2)]
    >>> compare(*data)
    {'rows': [(0, 0, 'input and output')], 'first': 0}
    """
    left, right = _keys(one, names or {}), _keys(other, {})
    rows: list[Row] = []
    for tag, begin, end, start, stop in _blocks(left, right):
        if tag == "equal":
            rows += [(begin + step, start + step, _difference(one, begin + step, other, start + step)) for step in range(end - begin)]
            continue
        rows += [(number, None, "only in the first") for number in range(begin, end)]
        rows += [(None, number, "only in the second") for number in range(start, stop)]
    return {"rows": rows, "first": next((number for number, row in enumerate(rows) if row[2] != "same"), None)}


def _blocks(left: list[Any], right: list[Any]) -> list[tuple[str, int, int, int, int]]:
    if max(len(left), len(right)) <= _MOST:
        return list(SequenceMatcher(None, left, right, autojunk=False).get_opcodes())
    shared = next((number for number, pair in enumerate(zip(left, right, strict=False)) if pair[0] != pair[1]), min(len(left), len(right)))
    blocks = [("equal", 0, shared, 0, shared)]
    if max(len(left), len(right)) > shared:
        blocks.append(("replace", shared, len(left), shared, len(right)))
    return blocks


def _keys(data: Mapping[str, Any], names: Mapping[str, str]) -> list[tuple[str, int | None]]:
    """Return what makes visits alike: the state, and the iteration or branch."""
    states = data["states"]
    found = [(states[visit["s"]]["name"], visit.get("i")) for visit in data["visits"]]
    return [(names.get(name, name), iteration) for name, iteration in found]


def _difference(one: Mapping[str, Any], first: int, other: Mapping[str, Any], second: int) -> str:
    left, right = one["visits"][first], other["visits"][second]

    def differs(key: str) -> bool:
        texts = [data["texts"][visit[key]] if visit.get(key) is not None else None for data, visit in ((one, left), (other, right))]
        return len({*texts}) == _SIDES

    found = [word for word, key in (("input", "in"), ("output", "out")) if differs(key)]
    if left["st"] != right["st"]:
        found.insert(0, "status")
    elif left.get("er") != right.get("er"):
        found.insert(0, "error")
    if not found and len(left.get("at", ())) != len(right.get("at", ())):
        found.append("retries")
    return " and ".join(found) or "same"
