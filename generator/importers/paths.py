"""From JSONPath to Python: reference paths, intrinsic functions, and the comparisons of choice rules.

Each function returns code only if the compiler turns it back into the very same text; the caller keeps anything else as it is.
"""

from __future__ import annotations

import ast
import json
import keyword
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import generator
from generator.asl.intrinsics import Intrinsic, IntrinsicSyntaxError, parse_intrinsic
from generator.asl.placeholders import plain, settle
from generator.asl.write import to_json
from generator.diagnostics.model import InvalidWorkflowError
from generator.dsl.expressions import Expr, operand
from generator.importers.code import call, constant, name
from generator.importers.interpret import NotImportedSourceError, value_of
from generator.lower.jsonpath import CannotExpressError, Place, to_path, to_test

NAMES: Final = {
    each: getattr(generator, each) for each in ("errors", "fn", "jsonata", "jsonpath", "literal", "placeholder", "states", "variables")
}
"""The names that expressions consist of."""

ROOTS: Final[dict[Place, str]] = {"input": "states.input", "result": "states.result", "errorOutput": "states.error_output"}
_STEP: Final = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\['((?:[^'\\]|\\.)*)'\]|\[(-?\d+)\]", re.DOTALL)
_VARIABLE: Final = re.compile(r"\$([^\W\d]\w*)")
_FUNCTIONS: Final = {
    "Array": "array",
    "ArrayPartition": "partition",
    "ArrayContains": "contains",
    "ArrayRange": "range_",
    "ArrayGetItem": "item",
    "ArrayLength": "length",
    "ArrayUnique": "unique",
    "Base64Encode": "base64_encode",
    "Base64Decode": "base64_decode",
    "Hash": "hash_",
    "StringToJson": "parse_json",
    "JsonToString": "json_string",
    "MathRandom": "random",
    "StringSplit": "split",
    "UUID": "uuid",
}
_ITEM: Final = ("Map", "Item", "Value")


def unmarked(text: str) -> str:
    """Return a text that was compiled as it will be in the definition."""
    return plain(settle(text, lambda each: "${" + each + "}"))


def field(of: ast.expr, member: str) -> ast.expr:
    """Return a field of an expression: an attribute, or an index where the name is not an identifier."""
    attribute = member.isidentifier() and member.isascii() and not member.startswith("_") and not keyword.iskeyword(member)
    return ast.Attribute(of, member) if attribute else ast.Subscript(of, ast.Constant(member))


def context(members: list[str]) -> ast.expr:
    """Return a value of the Context object; ``states.item`` for the item of a Map."""
    node = name("states.context")
    if tuple(members[: len(_ITEM)]) == _ITEM:
        node, members = name("states.item"), members[len(_ITEM) :]
    for each in members:
        node = field(node, each)
    return node


def exact(node: ast.expr | None, written: Callable[[Any], str], wanted: str) -> ast.expr | None:
    """Return code if its value is an expression that is compiled to the wanted text."""
    if node is None:
        return None
    try:
        value = value_of(node, NAMES)
        return node if isinstance(value, Expr) and unmarked(written(operand(value))) == wanted else None
    except (
        CannotExpressError,
        InvalidWorkflowError,
        NotImportedSourceError,
        AttributeError,
        KeyError,
        TypeError,
        ValueError,
        RecursionError,
    ):
        return None


def path(text: str, place: Place) -> ast.expr | None:
    """Return the code of a path or of an intrinsic function; None if there is none that is compiled to this text.

    Args:
        text: the path.
        place: what ``$`` is.

    >>> ast.unparse(path("$.order['order-id']", "input")), ast.unparse(path("States.Format('{} x', $.a)", "input"))
    ("states.input.order['order-id']", "fn.format('{} x', states.input.a)")
    >>> path("$..a", "input") is None
    True
    """
    if text.startswith("States."):
        try:
            node = _intrinsic(parse_intrinsic(text), place)
        except IntrinsicSyntaxError:
            return None
    else:
        node = _path(text, place)
    return exact(node, lambda written: to_path(written, place), text)


def path_or_raw(text: str, place: Place = "input") -> ast.expr:
    """Return the code of a path, as raw JSONPath where it has no other."""
    return path(text, place) or raw(text) or ast.Constant(text)


def raw(text: str) -> ast.expr | None:
    """Return a path as raw JSONPath, where the vocabulary keeps it unchanged."""
    return call("jsonpath", ast.Constant(text)) if text == text.strip() and text else None


def _path(text: str, place: Place) -> ast.expr | None:
    at = 0
    steps: list[str | int] = []
    node: ast.expr | None
    if text.startswith("$$"):
        node, at = None, 2
    elif found := _VARIABLE.match(text):
        if found[1].startswith("__") or not found[1].isidentifier() or keyword.iskeyword(found[1]):
            return None
        node, at = ast.Attribute(name("variables"), found[1]), found.end()
    elif text.startswith("$"):
        node, at = name(ROOTS[place]), 1
    else:
        return None
    while at < len(text):
        found = _STEP.match(text, at)
        if not found:
            return None
        at = found.end()
        steps.append(int(found[3]) if found[3] is not None else found[1] or re.sub(r"\\(.)", r"\1", found[2], flags=re.DOTALL))
    if node is None:
        members = [each for each in steps if isinstance(each, str)]
        return context(members) if len(members) == len(steps) else None
    for step in steps:
        node = field(node, step) if isinstance(step, str) else ast.Subscript(node, constant(step))
    return node


def _argument(argument: Any, place: Place) -> ast.expr | None:
    if isinstance(argument, Intrinsic):
        return _intrinsic(argument, place)
    if hasattr(argument, "root"):
        return _path(argument.text, place) or raw(argument.text)
    return constant(argument.value)


def _intrinsic(intrinsic: Intrinsic, place: Place) -> ast.expr | None:
    called = intrinsic.name.removeprefix("States.")
    arguments = [made for each in intrinsic.arguments if (made := _argument(each, place)) is not None]
    if len(arguments) != len(intrinsic.arguments):
        return None
    if called == "Format":
        return call("fn.format", *arguments)
    if called == "MathAdd":
        first, second = arguments
        if not any(isinstance(one, ast.Constant | ast.UnaryOp) for one in arguments):
            first = call("fn.as_number", first)
        if isinstance(second, ast.UnaryOp):
            return ast.BinOp(first, ast.Sub(), second.operand)
        return ast.BinOp(first, ast.Add(), second)
    if called == "JsonMerge":
        return call("fn.merge", *arguments[:2])
    if called == "Array" and len(arguments) > 0 and all(isinstance(one, ast.Constant) for one in arguments):
        return call("fn.array", *arguments)
    function = _FUNCTIONS.get(called)
    return None if function is None else call(f"fn.{function}", *arguments)


# -- choice rules --------------------------------------------------------------------------------------------------------

_COMPARED: Final[Mapping[str, type[ast.cmpop]]] = {
    "Equals": ast.Eq,
    "LessThan": ast.Lt,
    "LessThanEquals": ast.LtE,
    "GreaterThan": ast.Gt,
    "GreaterThanEquals": ast.GtE,
}
_TYPES: Final = {"String": "as_string", "Numeric": "as_number", "Boolean": "as_boolean", "Timestamp": "as_timestamp"}
_TESTS: Final = {
    "IsPresent": "exists",
    "IsNull": "is_null",
    "IsString": "is_string",
    "IsNumeric": "is_number",
    "IsBoolean": "is_boolean",
    "IsTimestamp": "is_timestamp",
}
_OPERATOR: Final = re.compile(r"(String|Numeric|Boolean|Timestamp)(Equals|LessThanEquals|LessThan|GreaterThanEquals|GreaterThan)(Path)?")


def comparison(test: Mapping[str, Any]) -> ast.expr | None:
    """Return the code of a comparison, or of And, Or and Not; None if there is none that is compiled to the same JSON.

    >>> ast.unparse(comparison({"And": [{"Variable": "$.a", "NumericLessThan": 3}, {"Not": {"Variable": "$.b", "IsPresent": True}}]}))
    '(states.input.a < 3) & ~fn.exists(states.input.b)'
    >>> comparison({"Variable": "$.a", "IsPresent": True, "Comment": "?"}) is None
    True
    """

    def written(node: Any) -> str:
        return json.dumps(to_json(to_test(node)), sort_keys=True, ensure_ascii=False)

    return exact(_test(test), written, json.dumps(test, sort_keys=True, ensure_ascii=False))


def _test(test: Any) -> ast.expr | None:
    if not isinstance(test, Mapping):
        return None
    match dict(test):
        case {"Not": inner, **rest} if not rest:
            made = _test(inner)
            if isinstance(made, ast.Compare) and isinstance(made.ops[0], ast.Eq):
                return ast.Compare(made.left, [ast.NotEq()], made.comparators)
            return None if made is None else ast.UnaryOp(ast.Invert(), made)
        case {"And": [*parts], **rest} if not rest and len(parts) > 1:
            return _junction(ast.BitAnd(), parts)
        case {"Or": [*parts], **rest} if not rest and len(parts) > 1:
            return _junction(ast.BitOr(), parts)
        case {"Variable": str() as variable, **rest} if len(rest) == 1:
            of = _path(variable, "input") or raw(variable)
            ((operator, value),) = rest.items()
            return None if of is None else _compared(of, operator, value)
    return None


def _junction(operator: ast.operator, parts: list[Any]) -> ast.expr | None:
    made = [node for part in parts if (node := _test(part)) is not None]
    if len(made) != len(parts):
        return None
    joined = made[0]
    for part in made[1:]:
        joined = ast.BinOp(joined, operator, part)
    return joined


def _compared(of: ast.expr, operator: str, value: Any) -> ast.expr | None:
    if operator in _TESTS:
        test = call(f"fn.{_TESTS[operator]}", of)
        return test if value is True else ast.Compare(test, [ast.Eq()], [ast.Constant(value)])
    if operator == "StringMatches":
        return call("fn.matches", of, ast.Constant(value))
    found = _OPERATOR.fullmatch(operator)
    if not found or isinstance(value, dict | list):
        return None
    kind, how, by_path = found.groups()
    right: ast.expr | None = constant(value)
    if by_path:
        right = (_path(value, "input") or raw(value)) if isinstance(value, str) else None
    if right is None:
        return None
    if by_path or kind == "Timestamp":
        of = call(f"fn.{_TYPES[kind]}", of)
    return ast.Compare(of, [_COMPARED[how]()], [right])
