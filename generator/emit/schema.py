"""The fields of a JSON Schema as rows for people to read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from generator.diagnostics.model import parse_pointer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# What a range is of, by its two keywords.
_RANGES: Final = (
    ("minLength", "maxLength", " characters"),
    ("minimum", "maximum", ""),
    ("exclusiveMinimum", "exclusiveMaximum", " (exclusive)"),
    ("minItems", "maxItems", " items"),
)
_NAMES: Final = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the input: where it is, what it may hold; ``pattern`` is a regular expression."""

    path: str
    type: str
    required: bool
    description: str = ""
    limits: str = ""
    pattern: str = ""


def fields(document: Mapping[str, Any]) -> Iterator[Field]:
    """Give every field that a JSON Schema describes, outer before inner; items of arrays have ``[]`` in their path.

    >>> schema = {"properties": {"ids": {"type": "array", "items": {"type": "integer", "minimum": 1}}}, "required": ["ids"]}
    >>> [(f.path, f.type, f.required, f.limits) for f in fields(schema)]
    [('ids', 'array of integer', True, 'at least 1')]
    """
    pending: list[tuple[str, Any, bool, frozenset[str]]] = [("", document, True, frozenset())]
    while pending:
        path, given, required, above = pending.pop()
        node, refs = _unwrapped(given, document)
        seen = above | refs
        suffix, held = "", node
        limits = [_limits(node)]
        while held.get("type") == "array" and isinstance(held.get("items"), dict):
            held, more = _unwrapped(held["items"], document)
            suffix += "[]"
            # A schema that holds itself is described once.
            if more & seen:
                held = {"type": "object"}
            seen |= more
            limits.append(_limits(held))
        if path:
            told, pattern = node.get("description"), held.get("pattern")
            yield Field(
                path,
                _type(given, document),
                required,
                told if isinstance(told, str) else "",
                ", ".join(filter(None, limits)),
                pattern if isinstance(pattern, str) else "",
            )
        if above & refs:
            continue
        properties, needed = held.get("properties"), held.get("required")
        if isinstance(properties, dict):
            base = f"{path}{suffix}." if path else ""
            needed = needed if isinstance(needed, list) else []
            pending.extend((f"{base}{name}", inner, name in needed, seen) for name, inner in reversed(properties.items()))


def _resolved(node: Any, document: Mapping[str, Any]) -> tuple[dict[str, Any], frozenset[str]]:
    """Follow references inside the document; what stands beside a reference goes before what it refers to."""
    found: dict[str, Any] = dict(node) if isinstance(node, dict) else {}
    refs: set[str] = set()
    while isinstance(ref := found.pop("$ref", None), str) and ref.startswith("#/") and ref not in refs:
        refs.add(ref)
        place: Any = document
        for part in parse_pointer(ref[1:]):
            place = place.get(part) if isinstance(place, dict) else None
        found = {**(place if isinstance(place, dict) else {}), **found}
    return found, frozenset(refs)


def _unwrapped(node: Any, document: Mapping[str, Any]) -> tuple[dict[str, Any], frozenset[str]]:
    """Follow references, and take an optional value (``anyOf`` it and null) for the value."""
    found, refs = _resolved(node, document)
    choices = found.get("anyOf", found.get("oneOf"))
    if isinstance(choices, list):
        values = [choice for choice in choices if choice != {"type": "null"}]
        if len(values) == 1:
            value, more = _resolved(values[0], document)
            return {**value, **found}, refs | more
    return found, refs


def _type(node: Any, document: Mapping[str, Any], depth: int = 4) -> str:
    node, _ = _resolved(node, document)
    kind = node.get("type")
    choices = node.get("anyOf", node.get("oneOf"))
    if isinstance(kind, list):
        return " or ".join(map(str, kind))
    if kind == "array" and depth and "items" in node:
        return f"array of {_type(node['items'], document, depth - 1)}"
    if isinstance(kind, str):
        return kind
    if isinstance(choices, list) and depth:
        return " or ".join(dict.fromkeys(_type(choice, document, depth - 1) for choice in choices))
    values = [node["const"]] if "const" in node else node.get("enum")
    if isinstance(values, list) and values:
        return " or ".join(dict.fromkeys(_NAMES.get(type(value), "any") for value in values))
    return "any"


def _limits(node: Mapping[str, Any]) -> str:
    told = []
    if isinstance(node.get("enum"), list):
        told.append("one of " + ", ".join(_json(value) for value in node["enum"]))
    if "const" in node:
        told.append(f"always {_json(node['const'])}")
    if isinstance(node.get("format"), str):
        told.append(node["format"])
    for least, most, unit in _RANGES:
        low, high = (_json(node[key]) if key in node else "" for key in (least, most))
        if low or high:
            words = f"{low} to {high}" if low and high else f"at least {low}" if low else f"at most {high}"
            told.append(words + (unit.removesuffix("s") if (high or low) == "1" else unit))
    if "default" in node:
        told.append(f"by default {_json(node['default'])}")
    return ", ".join(told)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
