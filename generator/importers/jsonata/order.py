"""The members of a converted definition in the order of those that they replace, so that a comparison of both files is short."""

from __future__ import annotations

from typing import Any, Final

_REPLACES: Final[dict[str, tuple[str, ...]]] = {
    "Arguments": ("Parameters", "InputPath"),
    "Output": ("ResultSelector", "ResultPath", "OutputPath", "Result", "Parameters", "InputPath"),
    "Items": ("ItemsPath", "InputPath"),
    "ItemSelector": ("Parameters",),
    "ItemProcessor": ("Iterator",),
    "Condition": ("Variable", "And", "Or", "Not"),
    "QueryLanguage": ("StartAt", "Type"),
}
"""What the members of JSONata replace; ``X`` also replaces ``XPath``."""


def in_order_of(made: Any, source: Any) -> Any:
    """Return a converted definition with its members in the order of the source.

    >>> in_order_of({"Type": "Pass", "Output": 1, "Next": "B"}, {"Next": "B", "Result": 1, "Type": "Pass"})
    {'Next': 'B', 'Output': 1, 'Type': 'Pass'}
    """
    if isinstance(made, list) and isinstance(source, list) and len(made) == len(source):
        return [in_order_of(one, other) for one, other in zip(made, source, strict=True)]
    if not isinstance(made, dict) or not isinstance(source, dict):
        return made
    places = {name: number for number, name in enumerate(source)}

    def place(name: str) -> float:
        if name in places:
            return places[name]
        before = 0.5 if name == "QueryLanguage" and "Type" in source else -0.5
        found = [places[old] for old in (*_REPLACES.get(name, ()), f"{name}Path") if old in places]
        if name == "QueryLanguage":
            return found[-1] + before if found else -1
        return found[0] + 0.1 if found else places.get("Next", places.get("End", len(places))) - 0.5

    return {
        name: in_order_of(made[name], source.get(name, source.get("Iterator") if name == "ItemProcessor" else None))
        for name in sorted(made, key=place)
    }
