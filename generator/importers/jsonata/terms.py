"""The words of JSONata: names, literals, paths, precedences, and the types of values."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from generator.importers.jsonata.values import CONTEXT, TEXTS, Arr, Const, Many, Obj, Placed, Ref

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.importers.jsonata.values import Value

ATOM: Final = 100
"""The precedence of what never needs parentheses. That of operators: https://docs.jsonata.org/other-operators"""
PRODUCT: Final = 60
SUM: Final = 50
EQUAL: Final = 40
AND: Final = 30
OR: Final = 25
CONDITION: Final = 20
_NAME: Final = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_WORDS: Final = frozenset({"and", "or", "in", "true", "false", "null", "function"})

Written = tuple[str, int]
"""A text, and the precedence of its outermost operator."""


def name(text: str) -> str:
    """Write the name of a member.

    >>> name("total"), name("order-id"), name("and")
    ('total', '`order-id`', '`and`')
    """
    return text if _NAME.fullmatch(text) and text not in _WORDS else f"`{text}`"


def literal(value: Any) -> str:
    """Write a JSON value."""
    return json.dumps(value, ensure_ascii=False)


def ref(root: str, keys: Iterable[str | int]) -> str:
    """Write a value of JSONata with the members and items that lead to another one.

    >>> ref("$states.input", ["a b", 0, "c"])
    '$states.input.`a b`[0].c'
    """
    text = root
    for key in keys:
        if isinstance(key, int):
            text += f"[{key}]"
        elif "`" in key or not key:
            text = f"$lookup({text}, {literal(key)})"
        else:
            text += f".{name(key)}"
    return text


def wrapped(written: Written, power: int) -> str:
    """Return a text, in parentheses if its outermost operator does not bind more tightly than the one around it."""
    return written[0] if written[1] > power else f"({written[0]})"


_NUMBERS: Final = frozenset({"States.MathAdd", "States.MathRandom", "States.ArrayLength"})
_TEXTS: Final = frozenset(
    {"States.Format", "States.JsonToString", "States.UUID", "States.Base64Encode", "States.Base64Decode", "States.Hash"}
)
_ARRAYS: Final = frozenset({"States.Array", "States.ArrayPartition", "States.ArrayRange", "States.ArrayUnique", "States.StringSplit"})
_KINDS: Final = {bool: "boolean", int: "number", float: "number", str: "string", list: "array", dict: "object", type(None): "null"}


def kind_of(value: Value) -> str:
    """Return the type of a value, as ``$type`` names it; empty if it is not known.

    >>> kind_of(Const([1])), kind_of(Ref("$states.input"))
    ('array', '')
    """
    match value:
        case Const():
            return _KINDS[type(value.value)]
        case Ref():
            return "string" if value.root == CONTEXT and value.keys in TEXTS else ""
        case Obj() | Placed():
            return "object"
        case Arr():
            return "array"
        case Many():
            last = value.parts[-1]
            if last.kind == "function":
                return ""
            return "" if all(part.kind in ("member", "index") for part in value.parts) else "array"
    called = value.intrinsic.name
    if called in _NUMBERS:
        return "number"
    if called in _TEXTS:
        return "string"
    if called in _ARRAYS:
        return "array"
    return {"States.ArrayContains": "boolean", "States.JsonMerge": "object"}.get(called, "")
