"""The operators of JSONata on two values, and the order of values in an order-by clause, as on AWS's JVM.

Source: https://docs.jsonata.org/numeric-operators and the pages beside it; tests/conformance has what AWS was measured to do.
"""

from __future__ import annotations

import math
from operator import ge, gt, le, lt
from typing import TYPE_CHECKING, Any, Final

from generator.asl.jsonata_values import (
    EXACT,
    UNDEFINED,
    Sequence,
    check_range,
    checked_text,
    equal,
    fail,
    is_number,
    less,
    number,
    text_of,
    utf16,
)

if TYPE_CHECKING:
    from collections.abc import Callable


_MAX_RANGE: Final = 10_000_000
"""The longest range of JSONata itself. That AWS refuses a longer one before it counts the memory is a guess."""


def operation(operator: str) -> Callable[[Any, Any], Any]:
    """Return what an operator does with the values on its two sides; not for ``and`` and ``or``, which may need only one.

    >>> operation("+")(1, 2), operation("in")(2, [1, 2]), operation("&")("a", 1)
    (3, True, 'a1')
    """
    work = _OPERATORS.get(operator)
    if work is not None:
        return work
    return _comparison(operator) if operator in _ORDERS else _arithmetic(operator)


def _arithmetic(operator: str) -> Callable[[Any, Any], Any]:
    calculate = _CALCULATIONS[operator]
    whole = operator in "+-*"

    def run(left: Any, right: Any) -> Any:
        if left.__class__ is int and right.__class__ is int and whole:
            result = calculate(left, right)
            if -EXACT <= result <= EXACT and -EXACT <= left <= EXACT and -EXACT <= right <= EXACT:
                return result
        if left is not UNDEFINED and not is_number(left):
            raise fail("T2001", token=operator, value=left)
        if right is not UNDEFINED and not is_number(right):
            raise fail("T2002", token=operator, value=right)
        if left is UNDEFINED or right is UNDEFINED:
            return UNDEFINED
        return number(calculate(float(left), float(right)))

    return run


def _divide(left: float, right: float) -> float:
    if right:
        return left / right
    if not left or math.isnan(left):
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1, right)


def _remainder(left: float, right: float) -> float:
    return math.fmod(left, right) if right and math.isfinite(left) else math.nan


_CALCULATIONS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": _divide,
    "%": _remainder,
}
_ORDERS: Final = {"<": lt, "<=": le, ">": gt, ">=": ge}


def _comparison(operator: str) -> Callable[[Any, Any], Any]:
    compare = _ORDERS[operator]

    def run(left: Any, right: Any) -> Any:
        one, two = left.__class__, right.__class__
        if (one is int or one is float) and (two is int or two is float):
            if -EXACT < left < EXACT or -EXACT < right < EXACT:
                return compare(left, right)
            return compare(float(left), float(right))  # as on the JVM, where integers beyond 2**53 are rounded
        if one is str and two is str:
            return compare(left, right) if left.isascii() and right.isascii() else compare(utf16(left), utf16(right))
        for value in (left, right):
            if value is not UNDEFINED and not is_number(value) and not isinstance(value, str):
                raise fail("T2010", token=operator, value=value)
        if left is UNDEFINED or right is UNDEFINED:
            return UNDEFINED
        raise fail("T2009", token=operator, value=left, value2=right)

    return run


def _equals(left: Any, right: Any) -> bool:
    if is_number(left) and is_number(right):
        return float(left) == float(right)  # as on the JVM, where integers beyond 2**53 are rounded
    return left is not UNDEFINED and right is not UNDEFINED and equal(left, right)


def _differs(left: Any, right: Any) -> bool:
    return left is not UNDEFINED and right is not UNDEFINED and not _equals(left, right)


def _concatenate(left: Any, right: Any) -> str:
    one = "" if left is UNDEFINED else text_of(left)
    return checked_text(one + ("" if right is UNDEFINED else text_of(right)))


def _contains(left: Any, right: Any) -> bool:
    if left is UNDEFINED or right is UNDEFINED:
        return False
    return any(equal(left, item) for item in (right if isinstance(right, list) else [right]))


def _range(left: Any, right: Any) -> Any:
    for value, code in ((left, "T2003"), (right, "T2004")):
        if value is not UNDEFINED and value.__class__ is not int:
            raise fail(code, value=value)
    if left is UNDEFINED or right is UNDEFINED or left > right:
        return UNDEFINED
    if right - left + 1 > _MAX_RANGE:
        raise fail("D2014", value=right - left + 1)
    check_range(right - left + 1)
    return Sequence(range(left, right + 1))


_OPERATORS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "=": _equals,
    "!=": _differs,
    "&": _concatenate,
    "in": _contains,
    "..": _range,
}


def in_order(left: Any, right: Any) -> int:
    """Compare two values of an order-by clause: undefined comes last."""
    if left is UNDEFINED or right is UNDEFINED:
        return 0 if left is right else 1 if left is UNDEFINED else -1
    for value in (left, right):
        if not is_number(value) and not isinstance(value, str):
            raise fail("T2008", value=value)
    if isinstance(left, str) is not isinstance(right, str):
        raise fail("T2007", value=left, value2=right)
    return -1 if less(left, right) else 1 if less(right, left) else 0
