"""Types of JSON values: what is known about the data of a workflow. What is not known is never reported.

A type comes from the JSON Schema of an input or of a function's result, from the shape of an API's result, or from a template.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from generator.catalog.index import Shape

STRING, NUMBER, BOOLEAN, NULL, ARRAY, OBJECT = "string", "number", "boolean", "null", "array", "object"
EVERYTHING: Final = frozenset((STRING, NUMBER, BOOLEAN, NULL, ARRAY, OBJECT))
_DEPTH: Final = 12
"""How deeply a type is known; recursive schemas end there."""


@dataclass(frozen=True, slots=True)
class Type:
    """A set of JSON values.

    Attributes:
        kinds: the kinds of JSON values that it contains.
        members: the members of its objects, as far as they are known.
        closed: whether its objects have no other members.
        item: the type of the items of its arrays; None if it is not known.
        values: its strings, if they are known one by one.
        source: what produces it, in words.
    """

    kinds: frozenset[str] = EVERYTHING
    members: Mapping[str, Type] = field(default_factory=dict)
    closed: bool = False
    item: Type | None = None
    values: frozenset[str] | None = None
    source: str = ""

    @property
    def known(self) -> bool:
        """Whether anything is known about it."""
        return self.kinds != EVERYTHING


UNKNOWN: Final = Type()


def scalar(kind: str, values: frozenset[str] | None = None) -> Type:
    """Return a type of one kind without parts."""
    return Type(frozenset((kind,)), values=values)


def an_object(members: Mapping[str, Type], *, closed: bool = True, source: str = "") -> Type:
    """Return a type of objects."""
    return Type(frozenset((OBJECT,)), members, closed, source=source)


def an_array(item: Type | None, source: str = "") -> Type:
    """Return a type of arrays."""
    return Type(frozenset((ARRAY,)), item=item, source=source)


def union(one: Type | None, other: Type, depth: int = 0) -> Type:
    """Return the type of the values of two types; the first may be None, the type without values.

    >>> union(an_object({"a": scalar(STRING)}), an_object({"b": scalar(NUMBER)})).members.keys() == {"a", "b"}
    True
    >>> union(scalar(STRING), UNKNOWN).known
    False
    """
    if one is None or one is other:
        return other
    if one is UNKNOWN or other is UNKNOWN or not (one.known and other.known) or depth > _DEPTH:
        return UNKNOWN
    if one == other:
        return one
    have, have_too = OBJECT in one.kinds, OBJECT in other.kinds
    members = dict(one.members)
    for name, member in other.members.items():
        members[name] = union(members.get(name), member, depth + 1)
    item = one.item
    if ARRAY in other.kinds:
        item = other.item if ARRAY not in one.kinds else None if item is None or other.item is None else union(item, other.item, depth + 1)
    strings = [part.values for part in (one, other) if STRING in part.kinds]
    values = frozenset().union(*(found for found in strings if found is not None)) if strings and None not in strings else None
    return Type(
        one.kinds | other.kinds,
        members,
        (one.closed or not have) and (other.closed or not have_too) and (have or have_too),
        item,
        values,
        one.source if one.source == other.source else one.source or other.source,
    )


@dataclass(frozen=True, slots=True)
class Lost:
    """Where a path leaves a type: the names up to there, the name that does not exist, and the type that does not have it."""

    before: tuple[str, ...]
    name: str
    of: Type


def follow(start: Type, names: tuple[str, ...], *, through_arrays: bool = False) -> Type | Lost:
    """Return the type at the end of a path, or where the path is lost because no value has the name.

    Args:
        start: the type at the beginning.
        names: the names of the members.
        through_arrays: whether a name on an array is that of its items, as in JSONata.

    >>> follow(an_object({"a": scalar(STRING)}), ("b",)).name
    'b'
    >>> follow(UNKNOWN, ("a", "b")).known
    False
    """
    here = start
    spread = False
    for index, name in enumerate(names):
        if through_arrays and here.kinds == {ARRAY}:
            spread = True
            here = here.item or UNKNOWN
        if not here.known or (ARRAY in here.kinds and through_arrays):
            return UNKNOWN
        if OBJECT not in here.kinds:
            return UNKNOWN if here.kinds == {NULL} else Lost(names[:index], name, here)
        member = here.members.get(name)
        if member is None:
            return Lost(names[:index], name, here) if here.closed else UNKNOWN
        here = member
    return UNKNOWN if spread else here


def put(document: Type, names: tuple[str, ...], value: Type) -> Type:
    """Return a type with a value at a path, as ResultPath writes it."""
    if not names:
        return value
    if not document.known or document.kinds != {OBJECT}:
        return UNKNOWN
    inner = document.members.get(names[0])
    base = inner if inner is not None and inner.kinds == {OBJECT} else an_object({})
    if inner is not None and not inner.known:
        base = UNKNOWN if len(names) > 1 else base
    return Type(document.kinds, {**document.members, names[0]: put(base, names[1:], value)}, document.closed, source=document.source)


# -- sources -------------------------------------------------------------------------------------------------------------

_KINDS: Final = {"integer": NUMBER, "number": NUMBER, "string": STRING, "boolean": BOOLEAN, "null": NULL, "array": ARRAY, "object": OBJECT}


def of_schema(schema: object, root: Mapping[str, Any], source: str = "", depth: int = 0) -> Type:
    """Return the type that a JSON Schema describes. Its objects are closed unless it says that they have other members.

    >>> model = {"properties": {"id": {"type": "string"}}, "type": "object"}
    >>> of_schema(model, model).closed
    True
    """
    if not isinstance(schema, Mapping) or depth > _DEPTH:
        return UNKNOWN
    reference = schema.get("$ref")
    if isinstance(reference, str):
        target: Any = root
        for part in reference.removeprefix("#/").split("/") if reference.startswith("#/") else ():
            target = target.get(part) if isinstance(target, Mapping) else None
        return of_schema(target, root, source, depth + 1) if target is not root else UNKNOWN
    if "const" in schema:
        return of_value(schema["const"])
    if "enum" in schema:
        made: Type | None = None
        for value in schema["enum"]:
            made = union(made, of_value(value))
        return made or UNKNOWN
    for word in ("anyOf", "oneOf"):
        if word in schema:
            found: Type | None = None
            for part in schema[word]:
                found = union(found, of_schema(part, root, source, depth + 1))
            return found or UNKNOWN
    if {"allOf", "not", "if", "patternProperties"} & schema.keys():
        return UNKNOWN
    named = schema.get("type")
    names = [named] if isinstance(named, str) else named if isinstance(named, list) else []
    kinds = frozenset(_KINDS[name] for name in names if name in _KINDS)
    if not kinds:
        return UNKNOWN
    members: dict[str, Type] = {}
    closed = False
    if OBJECT in kinds:
        properties = schema.get("properties")
        if isinstance(properties, Mapping):
            members = {name: of_schema(part, root, source, depth + 1) for name, part in properties.items()}
            closed = schema.get("additionalProperties", False) is False
    item = of_schema(schema["items"], root, source, depth + 1) if ARRAY in kinds and "items" in schema else None
    return Type(kinds, members, closed, item, source=source)


def of_value(value: object) -> Type:
    """Return the type of one JSON value."""
    if value is None:
        return scalar(NULL)
    if isinstance(value, bool):
        return scalar(BOOLEAN)
    if isinstance(value, int | float):
        return scalar(NUMBER)
    if isinstance(value, str):
        return scalar(STRING, frozenset((value,)))
    if isinstance(value, list):
        item: Type | None = None
        for part in value:
            item = union(item, of_value(part))
        return an_array(item)
    if isinstance(value, Mapping):
        return an_object({name: of_value(part) for name, part in value.items()})
    return UNKNOWN


_OF_SHAPES: Final = {"string": STRING, "integer": NUMBER, "number": NUMBER, "boolean": BOOLEAN, "timestamp": STRING, "blob": STRING}


def of_shape(shape: Shape, source: str = "", depth: int = 0) -> Type:
    """Return the type of a result with the shape of an API. Its names are those of Step Functions."""
    if depth > _DEPTH // 3:
        return UNKNOWN
    if shape.kind == "structure":
        return an_object({name: of_shape(member, source, depth + 1) for name, member in shape.members.items()}, source=source)
    if shape.kind == "list":
        return an_array(None if shape.item is None else of_shape(shape.item, source, depth + 1), source)
    if shape.kind == "map":
        return an_object({}, closed=False)
    kind = _OF_SHAPES.get(shape.kind)
    return UNKNOWN if kind is None else scalar(kind)
