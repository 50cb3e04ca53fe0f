"""The kind of value that an expression returns, as far as that is known before the workflow runs.

Several functions of JSONata treat text and arrays differently. With the kind, the compiler selects the right function; without it,
the expression must test the type when it runs.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from generator.dsl.expressions import ArrayOf, Binary, Call, Lambda, Literally, ObjectOf, Operand, PlaceholderNode, Variable, nodes

Kind: TypeAlias = Literal["text", "number", "boolean", "null", "array", "object", ""]
"""A kind of value; empty if it is not known."""

_TEXT: Final = (
    "format string join lowercase uppercase trim uuid hash base64_encode base64_decode now json_string "
    "$substring $substringBefore $substringAfter $replace $pad $formatNumber $formatBase $fromMillis $encodeUrl $encodeUrlComponent "
    "$decodeUrl $decodeUrlComponent $string $lowercase $uppercase $trim $join $type $now $uuid $hash $base64encode $base64decode"
)
_NUMBER: Final = (
    "length sum min max number random millis floor ceil round abs power "
    "$count $sum $max $min $average $length $floor $ceil $round $abs $power $sqrt $number $millis $toMillis $random"
)
_BOOLEAN: Final = (
    "exists is_null is_string is_number is_boolean is_timestamp matches contains not $exists $not $boolean $contains as_boolean"
)
_ARRAY: Final = "array partition range unique split map filter"
_BY_CALL: Final[dict[str, Kind]] = {
    **dict.fromkeys(_TEXT.split(), "text"),
    **dict.fromkeys(_NUMBER.split(), "number"),
    **dict.fromkeys(_BOOLEAN.split(), "boolean"),
    **dict.fromkeys(_ARRAY.split(), "array"),
    "merge": "object",
    "$merge": "object",
}


def kind_of(node: Operand) -> Kind:
    """Return the kind of value that an expression returns.

    >>> from generator.dsl.expressions import operand, states
    >>> kind_of(operand("order " + states.input.id)), kind_of(operand(states.input.items))
    ('text', '')
    """
    match node:
        case Literally():
            return _literal_kind(node.value)
        case Binary():
            return "text" if node.operator == "++" else "number" if node.operator in ("+", "-", "*", "/", "%") else "boolean"
        case Call(name="if"):
            then, otherwise = kind_of(node.arguments[1]), kind_of(node.arguments[2])
            return then if then == otherwise else ""
        case Call():
            return _BY_CALL.get(node.name, "")
        case ObjectOf():
            return "object"
        case ArrayOf():
            return "array"
        case PlaceholderNode():
            return "text"
        case _:
            return ""


def _literal_kind(value: Any) -> Kind:
    if value is None:
        return "null"
    if isinstance(value, str | datetime):
        return "text"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "array" if isinstance(value, list | tuple) else "object"


def free_name(base: str, *expressions: Operand) -> str:
    """Return a name for a variable that no expression uses.

    >>> from generator.dsl.expressions import operand, variables
    >>> free_name("item", operand(variables.item)), free_name("item", operand(variables.order))
    ('item_', 'item')
    """
    used = {found.name for one in expressions for found in nodes(one) if isinstance(found, Variable)}
    used |= {name for one in expressions for found in nodes(one) if isinstance(found, Lambda) for name in found.parameters}
    while base in used:
        base += "_"
    return base
