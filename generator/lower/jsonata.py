"""From expressions to JSONata, as Step Functions runs it.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html and https://docs.jsonata.org
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from generator.asl.placeholders import STRING, Placeholder, mark, shield
from generator.dsl.known import known_text, operands_joined, pieces_of_format
from generator.dsl.nodes import (
    ArrayOf,
    Binary,
    Call,
    Item,
    Lambda,
    Literally,
    Member,
    ObjectOf,
    Operand,
    PlaceholderNode,
    Raw,
    Root,
    Variable,
    kind_of,
    nodes,
)
from generator.lower.texts import authored

_PLAIN_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
_WORDS: Final = frozenset({"and", "or", "in", "true", "false", "null", "function"})

# The precedence of each operator; https://docs.jsonata.org/other-operators and the reference implementation's parser.
_POWER: Final = {
    "*": 60,
    "/": 60,
    "%": 60,
    "+": 50,
    "-": 50,
    "++": 50,
    "=": 40,
    "!=": 40,
    "<": 40,
    "<=": 40,
    ">": 40,
    ">=": 40,
    "in": 40,
    "and": 30,
    "or": 25,
    "+?": 20,
}
_CONDITION: Final = 20
_ATOM: Final = 100
_LEFT_TO_RIGHT: Final = frozenset({"+", "-", "++", "*", "/", "and", "or"})

_DIRECT: Final = {
    "exists": "$exists",
    "not": "$not",
    "unique": "$distinct",
    "sum": "$sum",
    "min": "$min",
    "max": "$max",
    "join": "$join",
    "parse_json": "$parse",
    "split": "$split",
    "string": "$string",
    "number": "$number",
    "lowercase": "$lowercase",
    "uppercase": "$uppercase",
    "floor": "$floor",
    "ceil": "$ceil",
    "round": "$round",
    "abs": "$abs",
    "power": "$power",
    "uuid": "$uuid",
    "hash": "$hash",
    "base64_encode": "$base64encode",
    "base64_decode": "$base64decode",
    "now": "$now",
    "millis": "$millis",
}
_TYPES: Final = {"is_string": "string", "is_number": "number", "is_boolean": "boolean", "is_null": "null"}
_TIMESTAMP: Final = r"/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/"


def to_jsonata(node: Operand) -> str:
    """Write an expression as a JSONata string with its delimiters.

    >>> from generator.dsl.expressions import operand, states
    >>> to_jsonata(operand((states.input.total - (states.input.a - 1)) * 2 > 10))
    '{% ($states.input.total - ($states.input.a - 1)) * 2 > 10 %}'
    """
    return "{% " + _write(node)[0] + " %}"


def string(text: str, *, exact: bool = False) -> str:
    r"""Write text as a JSONata string, which has the escapes of JSON.

    Args:
        text: the text.
        exact: whether ``${`` in it is never a placeholder.

    >>> string('say "hi"')
    '"say \\"hi\\""'
    """
    return json.dumps(shield(text) if exact else authored(text), ensure_ascii=False)


def name(text: str) -> str:
    """Write the name of a member, in back quotes if it is not a plain name.

    >>> name("order-id"), name("and"), name("total")
    ('`order-id`', '`and`', 'total')
    """
    return text if _PLAIN_NAME.match(text) and text not in _WORDS else f"`{authored(text)}`"


def _write(node: Operand) -> tuple[str, int]:
    """Write a node; return the text and the precedence of its outermost operator."""
    match node:
        case Root():
            return f"$states.{node.name}", _ATOM
        case Variable():
            return f"${node.name}", _ATOM
        case Member():
            if "`" in node.name or not node.name:  # back quotes inside back quotes have no escape
                return f"$lookup({_write(node.of)[0]}, {string(node.name)})", _ATOM
            return f"{_path(node.of)}.{name(node.name)}", _ATOM
        case Item():
            index = str(node.index) if isinstance(node.index, int) else _write(node.index)[0]
            return f"{_path(node.of)}[{index}]", _ATOM
        case Literally():
            return _literal(node.value, exact=node.exact), _ATOM
        case PlaceholderNode():
            text = Placeholder(node.name).text
            return (f'"{text}"' if node.type == STRING else text), _ATOM
        case Raw():
            return f"({authored(node.text)})", _ATOM
        case Binary():
            return _binary(node)
        case Call():
            return _call(node)
        case Lambda():
            parameters = ", ".join(f"${p}" for p in node.parameters)
            return f"function({parameters}) {{ {_write(node.body)[0]} }}", _ATOM
        case ObjectOf():
            return "{" + ", ".join(f"{string(k)}: {_write(v)[0]}" for k, v in node.members) + "}", _ATOM
        case ArrayOf():
            return _array(node.items)


def raw_or_written(node: Operand) -> str:
    """Write a whole expression. Raw text that is the whole expression needs no parentheses."""
    return "{% " + authored(node.text) + " %}" if isinstance(node, Raw) else to_jsonata(node)


def _path(node: Operand) -> str:
    """Write the operand before ``.`` or ``[``. All but paths and calls need parentheses."""
    text, power = _write(node)
    return text if isinstance(node, Root | Variable | Member | Item | Call | Raw) and power == _ATOM else f"({text})"


def _literal(value: Any, *, exact: bool) -> str:
    if isinstance(value, datetime):
        return string(timestamp(value))
    if isinstance(value, str):
        return string(value, exact=exact)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{string(k, exact=exact)}: {_literal(v, exact=exact)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_literal(v, exact=exact) for v in value) + "]"
    return json.dumps(value)


def timestamp(value: datetime) -> str:
    """Write a time in the format of RFC 3339. A time in UTC ends in Z.

    >>> from datetime import UTC
    >>> timestamp(datetime(2026, 1, 31, 12, tzinfo=UTC))
    '2026-01-31T12:00:00Z'
    """
    text = value.isoformat()
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def _binary(node: Binary) -> tuple[str, int]:
    if node.operator == "+?":
        return _sum_or_text(node)
    if node.operator == "%":
        return _modulo(node)
    if node.operator in ("=", "!=", "<", "<=", ">", ">=") and (_is_time(node.left) or _is_time(node.right)):
        return f"{_millis(node.left)} {node.operator} {_millis(node.right)}", _POWER[node.operator]
    if node.operator == "++":
        return _text(operands_joined(node))
    # A long sum or conjunction is nested on the left. A loop over that side avoids deep recursion.
    chain: list[tuple[str, Operand]] = []
    power = _POWER[node.operator]
    left: Operand = node
    while isinstance(left, Binary) and _POWER[left.operator] == power and (left is node or left.operator in _LEFT_TO_RIGHT):
        if left.operator not in _LEFT_TO_RIGHT and left is not node:
            break
        chain.append((left.operator, left.right))
        left = left.left
        if node.operator not in _LEFT_TO_RIGHT:
            break
    text, left_power = _write(left)
    parts = [text if left_power > power or (left_power == power and node.operator in _LEFT_TO_RIGHT) else f"({text})"]
    for operator, right in reversed(chain):
        right_text, right_power = _write(right)
        parts.append(operator)
        parts.append(right_text if right_power > power else f"({right_text})")
    return " ".join(parts), power


def _sum_or_text(node: Binary) -> tuple[str, int]:
    """Write Python's ``+`` of operands whose kinds only the execution knows: the first operand decides between ``&`` and ``+``."""
    operands: list[Operand] = []
    walk: Operand = node
    while isinstance(walk, Binary) and walk.operator == "+?":
        operands.append(walk.right)
        walk = walk.left
    first, *rest = (_paren(_write(one), _POWER["+"]) for one in [walk, *reversed(operands)])
    return f'$type({first}) = "string" ? {" & ".join([first, *rest])} : {" + ".join([first, *rest])}', _CONDITION


def _modulo(node: Binary) -> tuple[str, int]:
    """Write Python's ``%``, whose result has the sign of the right side; that of JSONata has the sign of the left side."""
    left, right = (_paren(_write(side), _POWER["%"]) for side in (node.left, node.right))
    if _not_negative(node.left) and _not_negative(node.right):
        return f"{left} % {right}", _POWER["%"]
    return f"({left} % {right} + {right}) % {right}", _POWER["%"]


def _not_negative(node: Operand) -> bool:
    if isinstance(node, Literally):
        return isinstance(node.value, int | float) and node.value >= 0
    return isinstance(node, Call) and node.name in ("length", "millis")


def _is_time(node: Operand) -> bool:
    return (isinstance(node, Call) and node.name in ("as_timestamp", "now")) or (
        isinstance(node, Literally) and isinstance(node.value, datetime)
    )


def _millis(node: Operand) -> str:
    inner = node.arguments[0] if isinstance(node, Call) and node.name == "as_timestamp" else node
    return f"$toMillis({_write(inner)[0]})"


def _call(node: Call) -> tuple[str, int]:
    if node.name.startswith("as_") and len(node.arguments) == 1:
        return _write(node.arguments[0])
    arguments = [_write(a)[0] for a in node.arguments]
    if node.name.startswith("$"):
        return f"{node.name}({', '.join(arguments)})", _ATOM
    if node.name in _DIRECT:
        return f"{_DIRECT[node.name]}({', '.join(arguments)})", _ATOM
    if node.name in _TYPES:
        return f'$type({arguments[0]}) = "{_TYPES[node.name]}"', _POWER["="]
    match node.name:
        case "is_timestamp":
            return f'$type({arguments[0]}) = "string" and $contains({arguments[0]}, {_TIMESTAMP})', _POWER["and"]
        case "matches":
            return f"$contains({arguments[0]}, {_pattern(node.arguments[1])})", _ATOM
        case "contains":
            return _contains(*node.arguments)
        case "length":
            return _by_type(node.arguments[0], text="$length({})", other="$count({})")
        case "json_string":
            # $string leaves text as it is. In an array it becomes JSON text, with the brackets around it.
            return _by_type(node.arguments[0], text='$replace($string([{}]), /^\\[|\\]$/, "")', other="$string({})")
        case "trim":  # $trim would also change the white space inside the text
            return f'$replace({arguments[0]}, /^\\s+|\\s+$/, "")', _ATOM
        case "if":
            condition = _paren(_write(node.arguments[0]), _CONDITION)
            return (
                f"{condition} ? {_paren(_write(node.arguments[1]), _CONDITION)} : {_paren(_write(node.arguments[2]), _CONDITION)}",
                _CONDITION,
            )
        case "array":
            return _array(node.arguments)
        case "item":  # in parentheses: after a path, an index would apply to each value that the last step of the path selects
            text, power = _write(node.arguments[0])
            alone = power == _ATOM and not isinstance(node.arguments[0], Member | Item)
            return f"{text if alone else f'({text})'}[{arguments[1]}]", _ATOM
        case "range":  # JSONata returns one number without an array, and nothing for none
            return f"[$range({', '.join(arguments)})]", _ATOM
        case "partition":
            return f"[$partition({', '.join(arguments)})[]]", _ATOM
        case "map" | "filter":
            return f"[${node.name}({', '.join(arguments)}){'' if _plain_items(node) else '[]'}]", _ATOM
        case "merge":
            return f"$merge([{', '.join(arguments)}])", _ATOM
        case "random":
            start, end = (_paren(_write(a), _POWER["-"]) for a in node.arguments[:2])
            seed = "".join(arguments[2:])
            return f"{start} + $floor($random({seed}) * ({end} - {start}))", _POWER["+"]
        case "format":
            return _text(pieces_of_format(node))
    raise KeyError(node.name)


def _array(items: tuple[Operand, ...]) -> tuple[str, int]:
    """Write an array. JSONata puts the items of an array inside it into the outer array, unless it is written with brackets."""
    parts = []
    for item in items:
        text, power = _write(item)
        if kind_of(item) == "list":
            parts.append(text if text.startswith("[") and power == _ATOM else f"[{text}]")
        elif kind_of(item) or isinstance(item, Lambda):
            parts.append(text)
        else:
            parts.append(_by_type(item, test="array", text="[[{}]]", other="{}")[0])
    return f"[{', '.join(parts)}]", _ATOM


def _plain_items(node: Call) -> bool:
    """Return whether the result of map or filter cannot contain arrays. If it can, a single one must keep its brackets."""
    function = node.arguments[1]
    if not isinstance(function, Lambda):
        return False
    if node.name == "map":
        return kind_of(function.body) not in (None, "list")
    first = function.parameters[0]
    return any(isinstance(n, Member) and isinstance(n.of, Variable) and n.of.bound and n.of.name == first for n in nodes(function.body))


def _contains(container: Operand, value: Operand) -> tuple[str, int]:
    """Write a test for an item of an array, or for a part of a text."""
    array, text = kind_of(container), kind_of(value)
    if array == "text":
        return f"$contains({_write(container)[0]}, {_write(value)[0]})", _ATOM
    scalars = (
        isinstance(container, Literally)
        and isinstance(container.value, list)
        and not any(kind_of(Literally(i)) in ("list", "object") for i in container.value)
    )
    if scalars or text in ("text", "number", "boolean", "null", "time"):
        item, many = _paren(_write(value), _POWER["in"]), _paren(_write(container), _POWER["in"])
        found = f"{item} in {many}"
        power = _POWER["in"]
    else:  # the operator "in" finds neither objects nor arrays
        name = free_name("item", value)
        found = f"$exists($filter({_write(container)[0]}, function(${name}) {{ ${name} = {_paren(_write(value), _POWER['='])} }}))"
        power = _ATOM
    if array or text not in (None, "text"):
        return found, power
    return _by_type(container, text=f"$contains({{}}, {_brace(_write(value)[0])})", other=_brace(found))


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


def _brace(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _by_type(node: Operand, *, text: str, other: str, test: str = "string") -> tuple[str, int]:
    """Write one of two forms: at once if the kind of the operand is known, else with a test of its type when the workflow runs."""
    written = _write(node)[0]
    kind = kind_of(node)
    if kind and test == "string":
        return (text if kind in ("text", "time") else other).format(written), _ATOM
    simple = all(isinstance(n, Root | Variable | Member) or (isinstance(n, Item) and isinstance(n.index, int)) for n in nodes(node))
    name = "" if simple else free_name("value", node)
    used = written if simple else f"${name}"
    found = f'$type({used}) = "{test}" ? {text.format(used)} : {other.format(used)}'
    return (found, _CONDITION) if simple else (f"(${name} := {written}; {found})", _ATOM)


def _paren(written: tuple[str, int], power: int) -> str:
    return written[0] if written[1] > power else f"({written[0]})"


def _pattern(node: Operand) -> str:
    r"""Convert a pattern of StringMatches (``*`` is any text, ``\`` escapes) to an anchored regular expression."""
    text = node.value if isinstance(node, Literally) else ""
    parts, characters = [], iter(text)
    for character in characters:
        if character == "*":
            parts.append("[\\s\\S]*")
        else:
            literal = next(characters, "\\") if character == "\\" else character
            # JSONata counts brackets to find the end, and takes one behind a backslash for escaped, even if that is escaped itself.
            parts.append("\\x5c" if literal == "\\" else "\\" + literal if literal in r"^$.|?*+()[]{}/" else shield(literal))
    return f"/^{''.join(parts)}$/"


def _text(parts: list[Operand]) -> tuple[str, int]:
    """Join the parts of a text. What is known at deployment is one string, as a person would write it."""
    written: list[str] = []
    for known, group in groupby(parts, key=lambda part: known_text(part) is not None):
        if known:
            text = "".join(known_text(part, mark) or "" for part in group)
            written += [json.dumps(text, ensure_ascii=False)] if text or len(parts) == 1 else []
        else:
            written += [_paren(_write(part), _POWER["++"]) for part in group]
    if len(written) > 1:
        return " & ".join(written), _POWER["++"]
    if not written:
        return '""', _ATOM
    return (written[0], _ATOM) if known_text(parts[0]) is not None else (f"$string({written[0]})", _ATOM)
