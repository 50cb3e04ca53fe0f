"""The fields of the Context object, and where they exist.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

CONTEXT_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "": ("Execution", "Map", "State", "StateMachine", "Task"),
    "Execution": ("Id", "Input", "Name", "RedriveCount", "RedriveTime", "RoleArn", "StartTime"),
    "State": ("EnteredTime", "Name", "RetryCount"),
    "StateMachine": ("Id", "Name"),
    "Task": ("Token",),
    "Map": ("Item",),
    "Map.Item": ("Index", "Key", "Source", "Value"),
}
"""The fields by the path of the object that they belong to."""

LEAVES: Final = frozenset(
    f"{parent}.{name}" for parent, names in CONTEXT_FIELDS.items() if parent for name in names if f"{parent}.{name}" not in CONTEXT_FIELDS
) - {"Execution.Input", "Map.Item.Value"}
"""The fields whose values are text or numbers, which have no fields."""


def unknown_field(path: tuple[str, ...]) -> tuple[str, str, tuple[str, ...]] | None:
    """Return where a path leaves the Context object: the object, the name that it does not have, and its names; None if nowhere.

    >>> unknown_field(("Exec", "Id"))
    ('', 'Exec', ('Execution', 'Map', 'State', 'StateMachine', 'Task'))
    >>> unknown_field(("Execution", "Input", "anything")) is None
    True
    >>> unknown_field(("State", "Name", "first"))
    ('State.Name', 'first', ())
    """
    parent = ""
    for name in path:
        known = CONTEXT_FIELDS.get(parent)
        if known is None:
            return (parent, name, ()) if parent in LEAVES else None
        if name not in known:
            return parent, name, known
        parent = f"{parent}.{name}" if parent else name
    return None
