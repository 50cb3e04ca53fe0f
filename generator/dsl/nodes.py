"""The nodes of an expression, and the kinds of their values. :mod:`generator.dsl.expressions` makes them of what authors write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from generator.asl.placeholders import STRING
from generator.dsl.kinds import KIND_IN_CONTEXT, KIND_OF_FUNCTION, Kind


@dataclass(frozen=True, slots=True, eq=False)
class Root:
    """The start of a path: the state's input, its result, its error output, or the Context object."""

    name: Literal["input", "result", "errorOutput", "context"]


@dataclass(frozen=True, slots=True, eq=False)
class Variable:
    """A workflow variable, or (``bound``) the parameter of a function for map, filter or reduce."""

    name: str
    bound: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """A member of an object."""

    of: Operand
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """An item of an array; a negative index counts from the end."""

    of: Operand
    index: int | Operand


@dataclass(frozen=True, slots=True, eq=False)
class Literally:
    """A literal value; ``exact`` if no text in it is an expression or a placeholder, whatever it looks like."""

    value: Any
    exact: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class PlaceholderNode:
    """A value that deployment fills in: ``${name}`` in the definition, a variable in Terraform, which has the type."""

    name: str
    resource: Any = None
    attribute: str = ""
    type: str = STRING


@dataclass(frozen=True, slots=True, eq=False)
class Raw:
    """An expression in the author's own JSONata or JSONPath."""

    text: str
    language: Literal["JSONata", "JSONPath"]


@dataclass(frozen=True, slots=True, eq=False)
class Binary:
    """Two operands and an operator of JSONata; ``++`` joins text, ``+?`` is Python's ``+`` of values of unknown kinds."""

    operator: str
    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A function of :mod:`generator.dsl.fn`."""

    name: str
    arguments: tuple[Operand, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Lambda:
    """A function for map, filter or reduce."""

    parameters: tuple[str, ...]
    body: Operand


@dataclass(frozen=True, slots=True, eq=False)
class ObjectOf:
    """An object with computed members."""

    members: tuple[tuple[str, Operand], ...]


@dataclass(frozen=True, slots=True, eq=False)
class ArrayOf:
    """An array with computed items."""

    items: tuple[Operand, ...]


Operand: TypeAlias = "Root | Variable | Member | Item | Literally | PlaceholderNode | Raw | Binary | Call | Lambda | ObjectOf | ArrayOf"

_KIND_OF_TYPE: Final[dict[str, Kind]] = {"string": "text", "number": "number", "bool": "boolean", "list": "list", "map": "object"}
_KIND_OF_OPERATOR: Final[dict[str, Kind | None]] = {
    "++": "text",
    "+?": None,
    **dict.fromkeys(("+", "-", "*", "/", "%"), "number"),
    **dict.fromkeys(("=", "!=", "<", "<=", ">", ">=", "and", "or"), "boolean"),
}


def nodes(node: Operand) -> Iterator[Any]:
    """Yield an expression and all expressions inside it."""
    pending: list[Any] = [node]
    while pending:
        item = pending.pop()
        if isinstance(item, tuple):
            pending.extend(item)
        elif is_dataclass(item):
            yield item
            if not isinstance(item, Literally | PlaceholderNode):
                pending.extend(getattr(item, part.name) for part in fields(item))


def kind_of(node: Operand) -> Kind | None:
    """Return the kind of the value of an operand; None where only the execution knows it.

    >>> from generator.dsl.expressions import operand, states
    >>> kind_of(operand(states.input.a)), kind_of(operand(states.input.a * 2))
    (None, 'number')
    """
    match node:
        case Literally():
            return kind_of_value(node.value)
        case PlaceholderNode():
            return _KIND_OF_TYPE[node.type.partition("(")[0]]
        case ObjectOf() | ArrayOf():
            return "object" if isinstance(node, ObjectOf) else "list"
        case Binary():
            return _KIND_OF_OPERATOR[node.operator]
        case Call(name="if"):
            kinds = {kind_of(argument) for argument in node.arguments[1:]}
            return kinds.pop() if len(kinds) == 1 else None
        case Call():
            return KIND_OF_FUNCTION.get(node.name)
        case Member():
            return KIND_IN_CONTEXT.get(_in_context(node))
    return None


def kind_of_value(value: object) -> Kind | None:
    """Return the kind of a literal value."""
    if value is None or isinstance(value, bool | str):
        return "null" if value is None else "text" if isinstance(value, str) else "boolean"
    if isinstance(value, int | float | datetime):
        return "time" if isinstance(value, datetime) else "number"
    return "object" if isinstance(value, Mapping) else "list" if isinstance(value, list | tuple) else None


def _in_context(node: Member) -> tuple[str, ...]:
    names: list[str] = []
    walk: Operand = node
    while isinstance(walk, Member):
        names.append(walk.name)
        walk = walk.of
    return tuple(reversed(names)) if isinstance(walk, Root) and walk.name == "context" else ()


def decided(node: Operand, operator: str) -> Operand:
    """Replace each ``+?`` of a sum whose kind its surroundings decide.

    Args:
        node: an operand.
        operator: ``+`` for numbers, ``++`` for texts.

    >>> from generator.dsl.expressions import operand, states
    >>> decided(operand(states.input.a + states.input.b), "++").operator
    '++'
    """
    if not isinstance(node, Binary) or node.operator != "+?":
        return node
    return Binary(operator, decided(node.left, operator), decided(node.right, operator))
