"""From JSONata to Python, where the compiler turns it back into the very same text. Anything else stays JSONata."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import Any, Final

from generator.asl.jsonata import strip_delimiters
from generator.asl.jsonata_library import syntax_tree
from generator.importers.code import call, constant, listed, mapping, name
from generator.importers.paths import context, exact, field
from generator.lower.jsonata import to_jsonata

_ROOTS: Final = {"input": "states.input", "result": "states.result", "errorOutput": "states.error_output"}
_LONGEST: Final = 1_000
"""A longer expression is a program, which reads better as JSONata."""
_COMPARISONS: Final[dict[str, type[ast.cmpop]]] = {
    "=": ast.Eq, "!=": ast.NotEq, "<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE,
}  # fmt: skip
_OPERATORS: Final[dict[str, type[ast.operator]]] = {
    "+": ast.Add, "-": ast.Sub, "*": ast.Mult, "/": ast.Div, "%": ast.Mod, "and": ast.BitAnd, "or": ast.BitOr,
}  # fmt: skip
_FUNCTIONS: Final = {
    "exists": "exists",
    "distinct": "unique",
    "sum": "sum_",
    "min": "min_",
    "max": "max_",
    "join": "join",
    "parse": "parse_json",
    "split": "split",
    "string": "string",
    "number": "number",
    "lowercase": "lowercase",
    "uppercase": "uppercase",
    "floor": "floor",
    "ceil": "ceil",
    "round": "round_",
    "abs": "abs_",
    "uuid": "uuid",
    "hash": "hash_",
    "base64encode": "base64_encode",
    "base64decode": "base64_decode",
    "now": "now",
    "millis": "millis",
}
_TYPES: Final = {"string": "is_string", "number": "is_number", "boolean": "is_boolean", "null": "is_null"}


class _UnknownError(Exception):
    """Something in an expression has no counterpart in Python."""


@lru_cache(4096)
def query(text: str) -> ast.expr | None:
    """Return the code of an expression ``{% … %}``; None if there is none that is compiled to this text.

    >>> ast.unparse(query('{% $states.input.total > 100 and $exists($states.input.id) %}'))
    '(states.input.total > 100) & fn.exists(states.input.id)'
    >>> query("{% $states.input.items[price > 3] %}") is None
    True
    """
    inner = strip_delimiters(text)
    if not inner or len(inner) > _LONGEST:
        return None
    try:
        node = _code(syntax_tree(inner), frozenset())
    except Exception:  # noqa: BLE001  the parser raises several types; a wrong expression is reported by the checks
        return None
    return exact(node, to_jsonata, text)


def _code(node: Any, bound: frozenset[str]) -> ast.expr:
    made = _plain_code(node, bound)
    for one in getattr(node, "predicate", None) or ():
        made = ast.Subscript(made, _index(one))
    return made


def _index(stage: Any) -> ast.expr:
    inner = getattr(stage, "expr", None)
    if stage.type != "filter" or inner is None or inner.type != "number" or isinstance(inner.value, bool):
        raise _UnknownError
    return constant(int(inner.value))


def _plain_code(node: Any, bound: frozenset[str]) -> ast.expr:
    if getattr(node, "keep_array", False):
        raise _UnknownError
    match node.type:
        case "string" | "value":
            return ast.Constant(node.value)
        case "number":
            return constant(node.value)
        case "variable":
            return _variable(node, bound)
        case "path":
            return _path(node, bound)
        case "binary":
            return _binary(node, bound)
        case "condition" if getattr(node, "_else", None) is not None:
            return call("fn.if_", _code(node.condition, bound), _code(node.then, bound), _code(node._else, bound))  # noqa: SLF001  its name
        case "function":
            return _function(node, bound)
        case "block" if len(node.expressions) == 1:
            return _code(node.expressions[0], bound)
        case "unary" if node.value == "[":
            return _array(node, bound)
        case "unary" if node.value == "{":
            return mapping({_key(key): _code(value, bound) for key, value in node.lhs_object})
    raise _UnknownError


def _key(node: Any) -> str:
    if node.type != "string":
        raise _UnknownError
    return str(node.value)


def _variable(node: Any, bound: frozenset[str]) -> ast.expr:
    if not node.value or node.value == "states" or not str(node.value).isidentifier() or str(node.value).startswith("__"):
        raise _UnknownError
    return ast.Name(node.value) if node.value in bound else ast.Attribute(name("variables"), node.value)


def _path(node: Any, bound: frozenset[str]) -> ast.expr:
    first, *steps = node.steps
    if first.type == "variable" and first.value == "states" and steps and steps[0].type == "name" and not getattr(steps[0], "stages", None):
        if steps[0].value == "context":
            names = [step.value for step in steps[1:] if step.type == "name" and not getattr(step, "stages", None)]
            if len(names) != len(steps) - 1:
                raise _UnknownError
            return context(names)
        if steps[0].value not in _ROOTS:
            raise _UnknownError
        made, steps = name(_ROOTS[steps[0].value]), steps[1:]
    elif first.type == "variable" and first.value == "states":
        if len(steps) == 0 or steps[0].type != "name" or steps[0].value not in _ROOTS:
            raise _UnknownError
        made = name(_ROOTS[steps[0].value])
        for stage in steps[0].stages:
            made = ast.Subscript(made, _index(stage))
        steps = steps[1:]
    else:
        made = _code(first, bound)
    for step in steps:
        if step.type != "name" or getattr(step, "keep_array", False):
            raise _UnknownError
        made = field(made, step.value)
        for stage in getattr(step, "stages", None) or ():
            made = ast.Subscript(made, _index(stage))
    return made


def _binary(node: Any, bound: frozenset[str]) -> ast.expr:
    if node.value == "&":
        return _text(node, bound)
    left, right = _code(node.lhs, bound), _code(node.rhs, bound)
    if node.value == "in":
        return call("fn.contains", right, left)
    if node.value in _COMPARISONS:
        if node.value == "=" and _is_call(node.lhs, "type") and isinstance(right, ast.Constant) and right.value in _TYPES:
            return call(f"fn.{_TYPES[right.value]}", _code(node.lhs.arguments[0], bound))
        return ast.Compare(left, [_COMPARISONS[node.value]()], [right])
    if node.value in _OPERATORS:
        return ast.BinOp(left, _OPERATORS[node.value](), right)
    raise _UnknownError


def _text(node: Any, bound: frozenset[str]) -> ast.expr:
    """Return text that is joined with ``&`` as a template."""
    parts: list[Any] = []
    walk = node
    while walk.type == "binary" and walk.value == "&":
        parts.append(walk.rhs)
        walk = walk.lhs
    template, arguments = "", []
    for part in [walk, *reversed(parts)]:
        if part.type == "string" and "{}" not in part.value:
            template += part.value
        else:
            template += "{}"
            arguments.append(_code(part, bound))
    return call("fn.format", ast.Constant(template), *arguments)


def _is_call(node: Any, function: str) -> bool:
    return bool(node.type == "function" and node.procedure.type == "variable" and node.procedure.value == function)


def _function(node: Any, bound: frozenset[str]) -> ast.expr:
    if node.procedure.type != "variable" or node.value != "(":
        raise _UnknownError
    called = node.procedure.value
    if called == "not" and len(node.arguments) == 1:
        return ast.UnaryOp(ast.Invert(), _code(node.arguments[0], bound))
    if called == "merge" and len(node.arguments) == 1 and node.arguments[0].type == "unary" and node.arguments[0].value == "[":
        return call("fn.merge", *(_code(one, bound) for one in node.arguments[0].expressions))
    arguments = [_code(one, bound) for one in node.arguments]
    if called in _FUNCTIONS and (arguments or called in ("uuid", "now", "millis")):
        return call(f"fn.{_FUNCTIONS[called]}", *arguments)
    return call("fn.call", ast.Constant(called), *arguments)


def _array(node: Any, bound: frozenset[str]) -> ast.expr:
    if len(node.expressions) == 1:
        (only,) = node.expressions
        if only.type == "function" and only.procedure.value in ("map", "filter") and [one.type for one in only.arguments[1:]] == ["lambda"]:
            function = only.arguments[1]
            parameters = [str(one.value) for one in function.arguments]
            body = _code(function.body, bound | set(parameters))
            made = ast.Lambda(ast.arguments([], [ast.arg(each) for each in parameters], None, [], [], None, []), body)
            return call(f"fn.{only.procedure.value}_", _code(only.arguments[0], bound), made)
    return listed(_code(one, bound) for one in node.expressions)
