"""Corrections of an execution role: what the author of a workflow adds to the permissions that are derived, or changes in them.

A definition in the Amazon States Language has no place for corrections. A compiled workflow has them beside its definition, in
the file :data:`FILE`, so that the role can be derived again from the files alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from generator.asl.placeholders import plain

if TYPE_CHECKING:
    from generator.diagnostics.model import Pointer

FILE: Final = "corrections.json"
"""The file beside a generated definition that lists the corrections of its role."""

Verb = Literal["allow", "narrow", "replace", "without"]
Conditions = tuple[tuple[str, str, tuple[str, ...]], ...]
"""Conditions of a policy as (operator, key, values), sorted."""

_VERBS: Final = ("allow", "narrow", "replace", "without")


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction of the role.

    Attributes:
        verb: what it does with the permissions: adds, limits, replaces or removes them.
        actions: the IAM actions, which may have wildcards.
        resources: ARNs, or the parts of ARNs after the account, with placeholders; empty if it does not name resources.
        conditions: the conditions; empty if it has none.
        reason: why, in the author's words.
        state: the place of the state whose permissions it corrects; empty for those of all states.
        number: its position among the corrections of the same state, from 0.
        written: the file in which the author wrote it.
    """

    verb: Verb
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Conditions
    reason: str
    state: Pointer = ()
    number: int = 0
    written: str = ""

    @property
    def at(self) -> Pointer:
        """The place of the correction. No definition has such a place; the compiler knows the line for it."""
        return (*self.state, "permissions", self.number)

    @property
    def for_state(self) -> str:
        """The name of the state; empty for all states.

        >>> Correction("allow", ("s3:GetObject",), ("*",), (), "why", ("States", "Read")).for_state
        'Read'
        """
        return str(self.state[-1]) if self.state else ""


def index_text(corrections: Iterable[Correction]) -> str:
    """Write corrections as JSON text.

    >>> one = Correction("narrow", ("s3:GetObject",), ("data/in/*",), (("StringEquals", "a:b", ("c",)),), "why", ("States", "Read"))
    >>> read_index(index_text([one])) == (one,)
    True
    """
    index = [
        {
            "correction": each.verb,
            "state": [plain(token) if isinstance(token, str) else token for token in each.state],
            "actions": list(each.actions),
            "resources": list(each.resources),
            "conditions": [[operator, key, list(values)] for operator, key, values in each.conditions],
            "reason": each.reason,
            "written": each.written,
        }
        for each in corrections
    ]
    return json.dumps(index, indent=2, ensure_ascii=False) + "\n"


def read_index(text: str) -> tuple[Correction, ...]:
    """Read what :func:`index_text` wrote.

    Raises:
        ValueError: the text is not such an index.
    """
    rows = json.loads(text)
    numbers: dict[Pointer, int] = {}
    try:
        return tuple(_correction(row, numbers) for row in rows)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("the text is not an index of corrections") from error


def _correction(row: Any, numbers: dict[Pointer, int]) -> Correction:
    if row["correction"] not in _VERBS:
        raise KeyError(row["correction"])
    state = tuple(token if isinstance(token, int) else str(token) for token in row["state"])
    number = numbers[state] = numbers.get(state, -1) + 1
    conditions = tuple((str(operator), str(key), tuple(map(str, values))) for operator, key, values in row["conditions"])
    actions, resources = (tuple(map(str, row[name])) for name in ("actions", "resources"))
    return Correction(row["correction"], actions, resources, conditions, str(row["reason"]), state, number, str(row["written"]))
