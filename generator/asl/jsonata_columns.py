"""Expressions over many items at once: one list of values for each part of the expression, instead of one evaluation for each item.

``items[price > 50]`` over ten thousand items reads all prices, compares them, and selects the items. This is only done where every
item has values of the same simple types, so that the result is the same as item by item; anything else raises
:class:`NotUniformError`, and the caller goes through the items. An expression has no side effects, so that nothing is lost.
"""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any, Final

from generator.asl.jsonata_operators import operation
from generator.asl.jsonata_values import EXACT, MAX_TEXT, UNDEFINED, Function, JSONataError, Undefined, number, text_of, utf16

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.asl.jsonata_scope import Scope

    Column = Callable[[list[Any], Scope], list[Any]]

LEAST: Final = 16
"""The fewest items for which columns are made: fewer are as fast one by one."""


class NotUniformError(Exception):
    """Items with values of several types, or a part of an expression that is not computed by columns."""


def column_of(node: Any, parameters: tuple[str, ...] = ("",)) -> Column | None:
    """Return the function that evaluates a node for all items, or None if the node is not of the simple kinds.

    Args:
        node: the node.
        parameters: the names of the variables that hold the item, and for a function its index. The empty name is the context,
            which names of members refer to.
    """
    try:
        return _column(node, parameters)
    except NotUniformError:
        return None


def evaluated(column: Column | None, items: list[Any], scope: Scope) -> list[Any] | None:
    """Return the values of a column, or None if there are few items or they are not uniform."""
    if column is None or len(items) < LEAST:
        return None
    try:
        return column(items, scope)
    except (NotUniformError, JSONataError, LookupError, TypeError, ArithmeticError, ValueError):
        return None


def _whole_body(node: Any) -> Any:
    """Return the body of a function without the blocks and the tail call around it."""
    while node.predicate is None and node.group is None and not node.keep_array:
        if node.type == "block" and len(node.expressions) == 1:
            node = node.expressions[0]
        elif node.type == "lambda" and node.thunk:
            node = node.body
        else:
            break
    return node


def fold_of(node: Any, parameters: tuple[str, ...]) -> tuple[Callable[[Any, Any], Any], Column] | None:
    """Return the operation and the operands of a function such as ``function($sum, $item) { $sum + $item.price }``, or None."""
    node = _whole_body(node)
    if len(parameters) != 2 or node.type != "binary" or str(node.value) not in "+-*&" or node.predicate or node.group:  # noqa: PLR2004
        return None
    left = node.lhs
    if left.type != "variable" or left.value != parameters[0] or left.predicate or left.group or left.keep_array:
        return None
    column = None if _mentions(node.rhs, parameters[0]) else column_of(node.rhs, parameters[1:])
    return None if column is None else (operation(str(node.value)), column)


def comparison_of(node: Any, parameters: tuple[str, ...]) -> tuple[Callable[[Any, Any], bool], Column, Column] | None:
    """Return the parts of a function such as ``function($one, $two) { $one.price > $two.price }``, or None."""
    node = _whole_body(node)
    compare = _ORDERS.get(str(node.value)) if node.type == "binary" and not node.predicate and not node.group else None
    if compare is None or len(parameters) != 2 or _mentions(node.lhs, parameters[1]) or _mentions(node.rhs, parameters[0]):  # noqa: PLR2004
        return None
    left, right = column_of(node.lhs, parameters[:1]), column_of(node.rhs, parameters[1:])
    return None if left is None or right is None else (compare, left, right)


def _mentions(node: Any, name: str) -> bool:
    """Return whether a variable is mentioned in a part of an expression that has a column."""
    if isinstance(node, (list, tuple)):
        return any(_mentions(item, name) for item in node)
    if not hasattr(node, "type"):
        return False
    return (node.type == "variable" and node.value == name) or any(_mentions(item, name) for item in vars(node).values())


_ORDERS: Final = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def is_ordered(left: list[Any], right: list[Any]) -> bool:
    """Return whether Python compares values as JSONata does."""
    types = types_of(left) | types_of(right)
    if types == {int}:
        return _is_exact(left) or _is_exact(right)
    return types <= NUMBERS or (types == _TEXT and is_ascii(left) and is_ascii(right))


def ordered_keys(values: list[Any]) -> list[Any] | None:
    """Return values that Python orders as JSONata does, or None if there are values of several types."""
    types = types_of(values)
    if types <= NUMBERS:
        return None if any(map(math.isnan, values)) else values
    if types == {str}:
        return values if is_ascii(values) else [utf16(value) for value in values]
    return None


def types_of(values: list[Any]) -> set[type]:
    """Return the types of some values."""
    return set(map(type, values))


NUMBERS: Final = frozenset({int, float})
_TEXT: Final = frozenset({str})
_SCALARS: Final[frozenset[type]] = frozenset({str, int, float, bool, type(None)})
_OBJECT: Final[frozenset[type]] = frozenset({dict})
_JSON: Final[frozenset[type]] = _SCALARS | {dict, list}


def _column(node: Any, parameters: tuple[str, ...]) -> Column:
    if node.type == "path":
        return _path(node, parameters)
    if node.predicate or node.group is not None or node.keep_array:
        raise NotUniformError
    make = _KINDS.get(node.type)
    if make is None:
        raise NotUniformError
    return make(node, parameters)


def _literal(node: Any, _: tuple[str, ...]) -> Column:
    value = number(float(node.value)) if node.type == "number" else node.value
    return lambda items, _scope: [value] * len(items)


def _variable(node: Any, parameters: tuple[str, ...]) -> Column:
    name = str(node.value or "")
    if name == parameters[0]:
        return lambda items, _scope: items
    if name in parameters[1:2]:
        return lambda items, _scope: list(range(len(items)))
    if not name or name == "$" or name in parameters:
        raise NotUniformError

    def constant(items: list[Any], scope: Scope) -> list[Any]:
        value = scope.find(name)
        if type(value) not in _JSON:
            raise NotUniformError
        return [value] * len(items)

    return constant


def _path(node: Any, parameters: tuple[str, ...]) -> Column:
    first, *rest = node.steps
    if any(step.stages or step.tuple or step.predicate or step.group or step.keep_array for step in node.steps):
        raise NotUniformError
    if node.group is not None or node.keep_singleton_array or any(step.type != "name" for step in rest):
        raise NotUniformError
    if first.type == "variable":
        base = _variable(first, parameters)
    elif first.type == "name" and not parameters[0]:
        base, rest = _items, node.steps
    else:
        raise NotUniformError
    keys = [str(step.value) for step in rest]

    def read(items: list[Any], scope: Scope) -> list[Any]:
        values = base(items, scope)
        for key in keys:
            values = members(values, key)
        return values

    return read


def _items(items: list[Any], _: Scope) -> list[Any]:
    return items


def members(values: list[Any], key: str) -> list[Any]:
    """Return a member of each object.

    Raises:
        NotUniformError: a value is not an object.
    """
    try:
        return [value[key] for value in values]
    except KeyError:
        if types_of(values) != {dict}:
            raise NotUniformError from None
        return [value.get(key, UNDEFINED) for value in values]
    except TypeError:
        raise NotUniformError from None


def _binary(node: Any, parameters: tuple[str, ...]) -> Column:
    work = _OPERATORS.get(str(node.value))
    if work is None:
        raise NotUniformError
    left, right = _column(node.lhs, parameters), _column(node.rhs, parameters)
    return lambda items, scope: work(left(items, scope), right(items, scope))


def _arithmetic(whole: Callable[[Any, Any], Any] | None, calculate: Callable[[Any, Any], Any]) -> Callable[..., list[Any]]:
    def run(left: list[Any], right: list[Any]) -> list[Any]:
        types = types_of(left) | types_of(right)
        if whole is not None and types == {int}:
            made = list(map(whole, left, right))
            if _is_exact(made) and _is_exact(left) and _is_exact(right):
                return made
            raise NotUniformError
        if not types <= NUMBERS or (whole is None and not all(right)):
            raise NotUniformError
        return [value if value % 1 else number(value) for value in map(calculate, map(float, left), map(float, right))]

    return run


def _is_exact(numbers: list[int]) -> bool:
    return max(numbers) <= EXACT and min(numbers) >= -EXACT


def is_ascii(texts: list[Any]) -> bool:
    """Return whether texts have ASCII characters only: then they compare as Python's."""
    return all(map(str.isascii, texts))


def _comparison(compare: Callable[[Any, Any], bool]) -> Callable[..., list[Any]]:
    def run(left: list[Any], right: list[Any]) -> list[Any]:
        if not is_ordered(left, right):
            raise NotUniformError
        return list(map(compare, left, right))

    return run


def _equality(compare: Callable[[Any, Any], bool]) -> Callable[..., list[Any]]:
    def run(left: list[Any], right: list[Any]) -> list[Any]:
        one, two = types_of(left), types_of(right)
        if one | two <= NUMBERS:
            return list(map(compare, map(float, left), map(float, right)))
        if (one == _TEXT and two <= _SCALARS) or (two == _TEXT and one <= _SCALARS) or one | two == {bool}:
            return list(map(compare, left, right))
        if compare is operator.eq and ((one == _TEXT and two <= _OPTIONAL) or (two == _TEXT and one <= _OPTIONAL)):
            return list(map(compare, left, right))  # a text is never equal to a missing value
        raise NotUniformError

    return run


_OPTIONAL: Final = _SCALARS | {Undefined}


def _logical(combine: Callable[[Any, Any], Any]) -> Callable[..., list[Any]]:
    def run(left: list[Any], right: list[Any]) -> list[Any]:
        if types_of(left) | types_of(right) != {bool}:
            raise NotUniformError
        return list(map(combine, left, right))

    return run


def _texts(values: list[Any]) -> list[str]:
    types = types_of(values)
    if not types <= _SCALARS:
        raise NotUniformError
    return values if types == _TEXT else [value if value.__class__ is str else text_of(value) for value in values]


def _concatenate(left: list[Any], right: list[Any]) -> list[Any]:
    made = list(map(operator.add, _texts(left), _texts(right)))
    if max(map(len, made)) > MAX_TEXT:
        raise NotUniformError
    return made


_OPERATORS: Final[dict[str, Callable[[list[Any], list[Any]], list[Any]]]] = {
    "+": _arithmetic(operator.add, operator.add),
    "-": _arithmetic(operator.sub, operator.sub),
    "*": _arithmetic(operator.mul, operator.mul),
    "/": _arithmetic(None, operator.truediv),
    "%": _arithmetic(None, math.fmod),
    **{symbol: _comparison(compare) for symbol, compare in _ORDERS.items()},
    "=": _equality(operator.eq),
    "!=": _equality(operator.ne),
    "and": _logical(operator.and_),
    "or": _logical(operator.or_),
    "&": _concatenate,
}


def _constructor(node: Any, parameters: tuple[str, ...]) -> Column:
    operation = str(node.value)
    if operation == "[" and not node.consarray:
        parts = [_column(part, parameters) for part in node.expressions]
        return lambda items, scope: list(map(list, _rows(parts, items, scope, _SCALARS | _OBJECT)))
    pairs = node.lhs_object if operation == "{" else ()
    keys = [str(key.value) for key, _ in pairs if key.type == "string" and not key.predicate and key.group is None]
    if not keys or len(set(keys)) != len(pairs):
        raise NotUniformError
    columns = [_column(value, parameters) for _, value in pairs]
    empty = dict.fromkeys(keys)

    def make(items: list[Any], scope: Scope) -> list[Any]:
        made: list[Any] = [empty.copy() for _ in items]
        for key, values in zip(keys, _valid(columns, items, scope, _JSON), strict=True):
            for item, value in zip(made, values, strict=True):
                item[key] = value
        return made

    return make


def _valid(columns: list[Column], items: list[Any], scope: Scope, valid: frozenset[type]) -> list[list[Any]]:
    """Return the values of columns, all of which have valid types only."""
    made = [column(items, scope) for column in columns]
    if not made or any(not types_of(values) <= valid for values in made):
        raise NotUniformError
    return made


def _rows(columns: list[Column], items: list[Any], scope: Scope, valid: frozenset[type]) -> Any:
    """Return the values of columns for each item."""
    return zip(*_valid(columns, items, scope, valid), strict=True)


def _block(node: Any, parameters: tuple[str, ...]) -> Column:
    if len(node.expressions) != 1:
        raise NotUniformError
    return _column(node.expressions[0], parameters)


def _condition(node: Any, parameters: tuple[str, ...]) -> Column:
    condition, then = _column(node.condition, parameters), _column(node.then, parameters)
    unless = vars(node).get("_else")
    otherwise: Column = (lambda items, _: [UNDEFINED] * len(items)) if unless is None else _column(unless, parameters)

    def run(items: list[Any], scope: Scope) -> list[Any]:
        chosen = condition(items, scope)
        if types_of(chosen) != {bool}:
            raise NotUniformError
        return [yes if choose else no for choose, yes, no in zip(chosen, then(items, scope), otherwise(items, scope), strict=True)]

    return run


_PURE: Final = frozenset({
    "abs", "boolean", "ceil", "contains", "floor", "length", "lowercase", "not", "number", "pad", "power", "replace", "round", "sqrt",
    "string", "substring", "substringAfter", "substringBefore", "trim", "type", "uppercase",
})  # fmt: skip
"""Functions of simple values."""


def _function(node: Any, parameters: tuple[str, ...]) -> Column:
    name = str(node.procedure.value)
    if node.procedure.type != "variable" or name not in _PURE or not node.arguments:
        raise NotUniformError
    columns = [_column(argument, parameters) for argument in node.arguments]

    def run(items: list[Any], scope: Scope) -> list[Any]:
        function = scope.find(name)
        if function.__class__ is not Function or function.name != name:
            raise NotUniformError
        call = scope.run.call
        # No argument may come from the context: null is not valid for one, and the call fails.
        return [call(function, list(row), None) for row in _rows(columns, items, scope, _SCALARS)]

    return run


def _tail(node: Any, parameters: tuple[str, ...]) -> Column:
    if not node.thunk:
        raise NotUniformError
    return _column(node.body, parameters)


_KINDS: Final[dict[str, Callable[[Any, tuple[str, ...]], Column]]] = {
    "number": _literal,
    "string": _literal,
    "value": _literal,
    "variable": _variable,
    "binary": _binary,
    "unary": _constructor,
    "block": _block,
    "condition": _condition,
    "function": _function,
    "lambda": _tail,
}
