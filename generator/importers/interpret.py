"""The values that imported source describes, found without executing it.

Imported modules consist of assignments of calls of the vocabulary, and nothing else. This module reads such source and makes the
steps, resources and workflows that Python would make. What it does not know, it refuses; so a module that was read here is known
to do nothing else when Python executes it.
"""

from __future__ import annotations

import ast
import inspect
import operator
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, Final

import generator
from generator.dsl.expressions import Expr

_OPERATORS: Final[dict[type[ast.AST], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
VOCABULARY: Final = "generator"
TYPES: Final[dict[str, Any]] = {one.__name__: one for one in (bool, dict, float, int, list, str)}
"""The types that a placeholder can have."""


class NotImportedSourceError(ValueError):
    """Source that an importer does not write."""


def interpret(source: str, modules: Mapping[str, Mapping[str, Any]] | None = None) -> dict[str, Any]:
    r"""Return the names that a module defines, with their values.

    Args:
        source: the source of the module.
        modules: the names of other modules that it may import, by the name of the module.

    Raises:
        NotImportedSourceError: the source contains something that no importer writes.
        AuthoringError: the vocabulary refuses a value.

    >>> sorted(interpret('from generator import Queue\norders = Queue("orders")\n'))
    ['Queue', 'orders']
    >>> interpret("import os")
    Traceback (most recent call last):
        ...
    generator.importers.interpret.NotImportedSourceError: line 1: Import
    """
    known = {VOCABULARY: {each: getattr(generator, each) for each in generator.__all__}, **(modules or {})}
    names: dict[str, Any] = {}
    for statement in ast.parse(source).body:
        match statement:
            case ast.Expr(value=ast.Constant(value=str() as text)):
                names.setdefault("__doc__", text)
            case ast.ImportFrom(module=str() as module, level=0) if module in known:
                for alias in statement.names:
                    if alias.asname or alias.name not in known[module]:
                        raise NotImportedSourceError(f"line {statement.lineno}: {module}.{alias.name}")
                    names[alias.name] = known[module][alias.name]
            case ast.Assign(targets=[ast.Name(id=target)]):
                names[target] = value_of(statement.value, names)
            case ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value):
                names[target] = value_of(value, names)
            case _:
                raise NotImportedSourceError(f"line {statement.lineno}: {type(statement).__name__}")
    return names


def value_of(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """Return the value of an expression.

    Args:
        node: the expression.
        names: the values of the names in it.

    >>> value_of(ast.parse("[1, -x]", mode="eval").body, {"x": 2})
    [1, -2]
    """
    match node:
        case ast.Constant():
            return node.value
        case ast.Name():
            if node.id not in names and node.id not in TYPES:
                raise NotImportedSourceError(f"the name {node.id!r}")
            return names[node.id] if node.id in names else TYPES[node.id]
        case ast.Attribute():
            return _attribute(value_of(node.value, names), node.attr)
        case ast.Subscript():
            of = value_of(node.value, names)
            if not isinstance(of, Expr):
                raise NotImportedSourceError("an index of a value that is not an expression")
            return of[value_of(node.slice, names)]
        case ast.Call():
            return _called(node, names)
        case ast.List():
            return [value_of(item, names) for item in node.elts]
        case ast.Dict():
            return {
                value_of(key, names): value_of(value, names) for key, value in zip(node.keys, node.values, strict=True) if key is not None
            }
        case ast.UnaryOp(op=ast.Invert()):
            return ~_expression(value_of(node.operand, names))
        case ast.UnaryOp(op=ast.USub()):
            return -value_of(node.operand, names)
        case ast.BinOp():
            return _operated(node, names)
        case ast.Compare(ops=[op], comparators=[right]) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](value_of(node.left, names), value_of(right, names))
        case ast.Lambda():
            return _function(node, names)
    raise NotImportedSourceError(type(node).__name__)


def _operated(node: ast.BinOp, names: Mapping[str, Any]) -> Any:
    """Return the value of a chain of operators, without recursion into its left side, which may be long."""
    pending: list[tuple[type[ast.AST], ast.expr]] = []
    walk: ast.expr = node
    while isinstance(walk, ast.BinOp) and type(walk.op) in _OPERATORS:
        pending.append((type(walk.op), walk.right))
        walk = walk.left
    value = value_of(walk, names)
    for op, right in reversed(pending):
        value = _OPERATORS[op](value, value_of(right, names))
    return value


def _expression(value: Any) -> Any:
    if not isinstance(value, Expr):
        raise NotImportedSourceError("an operator of a value that is not an expression")
    return value


def _attribute(of: Any, name: str) -> Any:
    home = of.__name__ if isinstance(of, ModuleType) else type(of).__module__
    if name.startswith("__") or not home.startswith(VOCABULARY + "."):
        raise NotImportedSourceError(f"the attribute {name!r}")
    return getattr(of, name)


def _called(node: ast.Call, names: Mapping[str, Any]) -> Any:
    function = value_of(node.func, names)
    keywords = {one.arg: value_of(one.value, names) for one in node.keywords if one.arg is not None}
    if len(keywords) != len(node.keywords):
        raise NotImportedSourceError("**")
    return function(*(value_of(one, names) for one in node.args), **keywords)


def _function(node: ast.Lambda, names: Mapping[str, Any]) -> Callable[..., Any]:
    parameters = [one.arg for one in node.args.args]

    def function(*arguments: Any) -> Any:
        return value_of(node.body, {**names, **dict(zip(parameters, arguments, strict=True))})

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    function.__signature__ = inspect.Signature([inspect.Parameter(each, kind) for each in parameters])  # type: ignore[attr-defined]
    return function
