"""From expressions to JSONPath: reference paths, intrinsic functions and choice rules.

Sources: https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html,
https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html and
https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from generator.asl.model import Comparison, Junction
from generator.asl.placeholders import STRING, Placeholder, shield
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
)
from generator.dsl.written import as_python
from generator.lower.jsonata import timestamp
from generator.lower.texts import authored, escaped_but_marked

Place: TypeAlias = Literal["input", "result", "errorOutput"]
"""The value of ``$`` in an expression."""

_PLAIN_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
_CALLED: Final = {"input": "states.input", "result": "states.result", "errorOutput": "states.error_output"}


class CannotExpressError(Exception):
    """The query language of the state cannot express something.

    Attributes:
        found: the expression, as Python.
        hint: a way to write it differently.
    """

    def __init__(self, message: str, node: Operand | None = None, hint: str = "") -> None:
        """Describe the expression."""
        super().__init__(message)
        self.found = "" if node is None else as_python(node)
        self.hint = hint


# The intrinsic function, and the least and the greatest number of its arguments.
_INTRINSICS: Final[dict[str, tuple[str, int, int]]] = {
    "array": ("States.Array", 0, 10_000),
    "partition": ("States.ArrayPartition", 2, 2),
    "contains": ("States.ArrayContains", 2, 2),
    "range": ("States.ArrayRange", 3, 3),
    "item": ("States.ArrayGetItem", 2, 2),
    "length": ("States.ArrayLength", 1, 1),
    "unique": ("States.ArrayUnique", 1, 1),
    "base64_encode": ("States.Base64Encode", 1, 1),
    "base64_decode": ("States.Base64Decode", 1, 1),
    "hash": ("States.Hash", 2, 2),
    "parse_json": ("States.StringToJson", 1, 1),
    "number": ("States.StringToJson", 1, 1),
    "json_string": ("States.JsonToString", 1, 1),
    "random": ("States.MathRandom", 2, 3),
    "split": ("States.StringSplit", 2, 2),
    "uuid": ("States.UUID", 0, 0),
    "format": ("States.Format", 1, 10_000),
}


def to_path(node: Operand, place: Place) -> str:
    """Write an expression as a path or an intrinsic function, for the value of a ``….$`` key.

    Raises:
        CannotExpressError: JSONPath cannot express it.

    >>> from generator.dsl.expressions import operand, states
    >>> to_path(operand(states.input.order["order-id"]), "input")
    "$.order['order-id']"
    >>> to_path(operand("order " + states.input.id), "input")
    "States.Format('order {}', $.id)"
    """
    match node:
        case Root() | Variable() | Member() | Item():
            return _path(node, place)
        case Raw():
            if node.language != "JSONPath":
                raise CannotExpressError("a JSONPath state has raw JSONata", node, 'set query_language="JSONata" on the step')
            return authored(node.text)
        case Binary():
            return _arithmetic(node, place)
        case Call():
            return _intrinsic(node, place)
        case ArrayOf():
            return f"States.Array({', '.join(_argument(i, place) for i in node.items)})"
        case _:
            raise CannotExpressError("JSONPath cannot compute this", node, 'set query_language="JSONata" on the step')


def _path(node: Operand, place: Place) -> str:
    steps: list[str] = []
    while isinstance(node, Member | Item):
        if isinstance(node, Member):
            steps.append(
                f".{node.name}"
                if _PLAIN_NAME.match(node.name)
                else "['" + authored(node.name).replace("\\", "\\\\").replace("'", "\\'") + "']"
            )
        elif isinstance(node.index, int):
            steps.append(f"[{node.index}]")
        else:
            raise CannotExpressError(
                "a JSONPath cannot have a computed index", node, "use fn.item(array, index), which is States.ArrayGetItem"
            )
        node = node.of
    rest = "".join(reversed(steps))
    match node:
        case Root(name="context"):
            return "$$" + rest
        case Root():
            if node.name != place:
                raise CannotExpressError(
                    f"{_CALLED[node.name]} is not available here in JSONPath",
                    node,
                    f"here $ is {_CALLED[place]}; keep the value in a variable with assign=",
                )
            return "$" + rest
        case Variable(bound=False):
            return f"${node.name}{rest}"
        case Raw() if node.language == "JSONPath":
            return authored(node.text) + rest
    raise CannotExpressError(
        "a JSONPath can only start from the input, the result, the context or a variable", node, "compute the value in a Pass state first"
    )


def _argument(node: Operand, place: Place) -> str:
    match node:
        case Literally():
            return _literal(node.value, exact=node.exact)
        case PlaceholderNode():
            return f"'{Placeholder(node.name).text}'" if node.type == STRING else Placeholder(node.name).text
        case ObjectOf():
            return _object(node, place)
        case Lambda():
            hint = 'use a Map state, or query_language="JSONata" on the step'
            raise CannotExpressError("a function of JSONPath cannot take a function", node, hint)
        case _:
            return to_path(node, place)


def _object(node: ObjectOf, place: Place) -> str:
    """Write an object with computed members. No intrinsic function makes one, so it is made as JSON text, which is parsed."""
    parts, arguments = [], []
    for name, value in node.members:
        if isinstance(value, Literally):
            held = timestamp(value.value) if isinstance(value.value, datetime) else value.value
            text = _escaped(json.dumps(held, ensure_ascii=False), exact=value.exact)
        else:
            text = "{}"
            arguments.append(f"States.JsonToString({_argument(value, place)})")
        parts.append(f"{_escaped(json.dumps(name, ensure_ascii=False), exact=False)}:{text}")
    template = "'\\{" + ",".join(parts) + "\\}'"
    return f"States.StringToJson(States.Format({', '.join([template, *arguments])}))"


def _literal(value: Any, *, exact: bool) -> str:
    if isinstance(value, datetime):
        value = timestamp(value)
    if isinstance(value, str):
        return "'" + _escaped(value, exact=exact) + "'"
    if isinstance(value, dict):
        # Only this function makes an object from a literal.
        return f"States.StringToJson('{_escaped(json.dumps(value, ensure_ascii=False), exact=exact)}')"
    if isinstance(value, list):
        return f"States.Array({', '.join(_literal(v, exact=exact) for v in value)})"
    return json.dumps(value)


def _escaped(text: str, *, exact: bool) -> str:
    return shield(_with_backslashes(text)) if exact else escaped_but_marked(text, _with_backslashes)


def _with_backslashes(text: str) -> str:
    for character in ("\\", "'", "{", "}"):
        text = text.replace(character, "\\" + character)
    return text


def _arithmetic(node: Binary, place: Place) -> str:
    if node.operator == "++":
        parts: list[Operand] = []
        walk: Operand = node
        while isinstance(walk, Binary) and walk.operator == "++":
            parts.append(walk.right)
            walk = walk.left
        parts.append(walk)
        return _joined(list(reversed(parts)), place)
    if node.operator == "+?":
        raise CannotExpressError(
            "JSONPath must know whether + adds numbers or joins texts",
            node,
            'write fn.as_number(a) + b, or fn.format("{}{}", a, b)',
        )
    if node.operator in "+-" and any(isinstance(side, Literally) and isinstance(side.value, float) for side in (node.left, node.right)):
        raise CannotExpressError(
            "States.MathAdd rounds its arguments to whole numbers", node, 'set query_language="JSONata" on the step, or scale the numbers'
        )
    if node.operator == "+":
        return f"States.MathAdd({_argument(node.left, place)}, {_argument(node.right, place)})"
    if node.operator == "-" and isinstance(node.right, Literally) and isinstance(node.right.value, int):
        return f"States.MathAdd({_argument(node.left, place)}, {-node.right.value})"
    hint = 'JSONPath can only add; use fn.… for other functions, or query_language="JSONata" on the step'
    raise CannotExpressError(f"JSONPath has no operator {node.operator!r} for data", node, hint)


def _joined(parts: list[Operand], place: Place) -> str:
    template, arguments = "", []
    for part in parts:
        if isinstance(part, Literally) and isinstance(part.value, str):
            template += _escaped(part.value, exact=part.exact)
        else:
            template += "{}"
            arguments.append(_argument(part, place))
    return "States.Format(" + ", ".join(["'" + template + "'", *arguments]) + ")"


def _intrinsic(node: Call, place: Place) -> str:
    if node.name.startswith("as_"):
        return to_path(node.arguments[0], place)
    if node.name == "now":
        return "$$.State.EnteredTime"
    if node.name == "string":
        return f"States.Format('{{}}', {_argument(node.arguments[0], place)})"
    if node.name == "merge":
        merged = _argument(node.arguments[0], place)
        for other in node.arguments[1:]:
            # States.JsonMerge takes two objects. Its third argument must be false: AWS does not offer a deep merge.
            merged = f"States.JsonMerge({merged}, {_argument(other, place)}, false)"
        return merged
    if node.name == "format":
        template, *arguments = node.arguments
        pieces = template.value.split("{}") if isinstance(template, Literally) else [""]
        for argument in arguments:
            if isinstance(argument, ObjectOf):
                raise CannotExpressError("States.Format cannot take an object", argument, "use fn.json_string(…) for its JSON text")
        exact = isinstance(template, Literally) and template.exact
        text = "{}".join(_escaped(piece, exact=exact) for piece in pieces)
        return "States.Format(" + ", ".join(["'" + text + "'", *(_argument(a, place) for a in arguments)]) + ")"
    _refuse_other_meaning(node)
    known = _INTRINSICS.get(node.name)
    if known is None:
        raise CannotExpressError(
            f"JSONPath has no function for fn.{node.name.lstrip('$')}", node, 'set query_language="JSONata" on the step'
        )
    return f"{known[0]}({', '.join(_argument(a, place) for a in node.arguments)})"


def _refuse_other_meaning(node: Call) -> None:
    """Refuse a call that an intrinsic function would accept, but with another meaning than in JSONata and Python.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
    """
    hint = 'use query_language="JSONata" on the step'
    if node.name in ("length", "contains") and kind_of(node.arguments[0]) == "text":
        raise CannotExpressError(f"fn.{node.name} of JSONPath takes an array, not text", node, hint)
    index = node.arguments[1] if node.name == "item" else None
    if isinstance(index, Literally) and isinstance(index.value, int) and index.value < 0:
        raise CannotExpressError("States.ArrayGetItem has no negative index", node, f"use the index of the path: …[{index.value}]")
    separator = node.arguments[1] if node.name == "split" else None
    if isinstance(separator, Literally) and isinstance(separator.value, str) and len(separator.value) != 1:
        raise CannotExpressError("States.StringSplit splits at each character of the separator", node, hint)


# -- choice rules --------------------------------------------------------------------------------------------------------

_ORDER: Final = {"=": "Equals", "<": "LessThan", ">": "GreaterThan", "<=": "LessThanEquals", ">=": "GreaterThanEquals"}
_FLIPPED: Final = {"=": "=", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_TESTS: Final = {
    "exists": "IsPresent",
    "is_null": "IsNull",
    "is_string": "IsString",
    "is_number": "IsNumeric",
    "is_boolean": "IsBoolean",
    "is_timestamp": "IsTimestamp",
}
_COMPARED: Final = {STRING: "String", "number": "Numeric", "bool": "Boolean"}
_TYPED: Final = {"as_number": "Numeric", "as_string": "String", "as_boolean": "Boolean", "as_timestamp": "Timestamp", "now": "Timestamp"}


def to_test(node: Operand) -> Comparison | Junction:
    """Write a condition as a choice rule.

    Raises:
        CannotExpressError: JSONPath cannot express it.

    >>> from generator.dsl.expressions import operand, states
    >>> from generator.asl.write import to_json
    >>> to_json(to_test(operand((states.input.total > 100) & ~(states.input.paid == True))))
    {'And': [{'Variable': '$.total', 'NumericGreaterThan': 100}, {'Not': {'Variable': '$.paid', 'BooleanEquals': True}}]}
    """
    match node:
        case Binary(operator="and" | "or"):
            parts: list[Operand] = []
            walk: Operand = node
            while isinstance(walk, Binary) and walk.operator == node.operator:
                parts.append(walk.right)
                walk = walk.left
            parts.append(walk)
            return Junction(operator="And" if node.operator == "and" else "Or", tests=tuple(to_test(p) for p in reversed(parts)))
        case Binary(operator="!="):
            return Junction(operator="Not", tests=(to_test(Binary("=", node.left, node.right)),))
        case Binary(operator="=", left=Call() as test, right=Literally(value=bool() as wanted)) if test.name in _TESTS:
            return Comparison(variable=_path(test.arguments[0], "input"), operator=_TESTS[test.name], value=wanted)
        case Binary() if node.operator in _ORDER:
            return _comparison(node)
        case Call(name="not"):
            return Junction(operator="Not", tests=(to_test(node.arguments[0]),))
        case Call() if node.name in _TESTS:
            return Comparison(variable=_path(node.arguments[0], "input"), operator=_TESTS[node.name], value=True)
        case Call(name="matches"):
            pattern = node.arguments[1]
            return Comparison(
                variable=_path(node.arguments[0], "input"),
                operator="StringMatches",
                value=authored(pattern.value) if isinstance(pattern, Literally) else "",
            )
        case Root() | Variable() | Member() | Item():
            return Comparison(variable=_path(node, "input"), operator="BooleanEquals", value=True)
        case Raw():
            raise CannotExpressError("a raw JSONPath alone is not a condition", node, 'compare it: jsonpath("$.a") == 1')
    raise CannotExpressError("JSONPath has no choice rule for this", node, "compute the value in a Pass state first, then compare it")


def _comparison(node: Binary) -> Comparison:
    left, right, operator = node.left, node.right, node.operator
    if isinstance(left, Literally) or (isinstance(left, Call) and left.name == "now"):
        left, right, operator = right, left, _FLIPPED[operator]
    kinds = {_TYPED[side.name] for side in (left, right) if isinstance(side, Call) and side.name in _TYPED}
    variable = _path(_untyped(left), "input")
    target = _untyped(right)
    if isinstance(target, Literally):
        return _with_literal(variable, operator, target, kinds)
    if isinstance(target, PlaceholderNode):
        kind = _COMPARED.get(target.type)
        if kind is None:
            raise CannotExpressError("JSONPath compares with text, numbers, booleans and times only", target)
        return Comparison(variable=variable, operator=_operator(kind, operator, node), value=Placeholder(target.name).text)
    if len(kinds) != 1:
        hint = "name the type of one: fn.as_number(a) < b, or as_string, as_timestamp, as_boolean"
        raise CannotExpressError("JSONPath compares two values only if their type is given", node, hint)
    kind = kinds.pop()
    path = "$$.State.EnteredTime" if isinstance(target, Call) and target.name == "now" else _path(target, "input")
    return Comparison(variable=variable, operator=_operator(kind, operator, node) + "Path", value=path)


def _untyped(node: Operand) -> Operand:
    return node.arguments[0] if isinstance(node, Call) and node.name.startswith("as_") else node


def _with_literal(variable: str, operator: str, literal: Literally, kinds: set[str]) -> Comparison:
    value = literal.value
    if value is None:
        if operator != "=":
            raise CannotExpressError("nothing is smaller or greater than null", literal)
        return Comparison(variable=variable, operator="IsNull", value=True)
    if isinstance(value, bool):
        kind = "Boolean"
    elif isinstance(value, int | float):
        kind = "Numeric"
    elif isinstance(value, datetime):
        kind, value = "Timestamp", timestamp(value)
    elif isinstance(value, str):
        kind, value = ("Timestamp" if "Timestamp" in kinds else "String"), shield(value) if literal.exact else authored(value)
    else:
        raise CannotExpressError("JSONPath compares with text, numbers, booleans and times only", literal)
    return Comparison(variable=variable, operator=_operator(kind, operator, literal), value=value)


def _operator(kind: str, operator: str, node: Operand) -> str:
    if kind == "Boolean" and operator != "=":
        raise CannotExpressError("booleans can only be compared with == and !=", node)
    return kind + _ORDER[operator]
