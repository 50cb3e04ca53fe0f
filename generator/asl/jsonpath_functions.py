"""The functions at the end of a JSONPath, such as ``$.items.length()``, as Jayway computes them.

Source: https://github.com/json-path/JsonPath#functions, whose library Step Functions uses.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    Function = Callable[[Any, list[Any]], Any]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _aggregate(compute: Callable[[list[float]], Any]) -> Function:
    """Return a function of the numbers in an array and in the parameters. Without any number it raises ``LookupError``."""

    def call(value: Any, parameters: list[Any]) -> Any:
        items = value if isinstance(value, list) else []
        given = [item for one in parameters for item in (one if isinstance(one, list) else [one])]
        numbers = [item for item in (*items, *given) if _is_number(item)]
        if not numbers:
            raise LookupError("Aggregation function attempted to calculate value using empty array")
        return float(compute(numbers))

    return call


def _deviation(numbers: list[float]) -> float:
    mean = sum(numbers) / len(numbers)
    return math.sqrt(max(0.0, sum(number * number for number in numbers) / len(numbers) - mean * mean))


def length(value: Any, parameters: list[Any]) -> Any:
    """Return the length of an array or object; that of anything else is null."""
    counted = parameters[0] if parameters and isinstance(parameters[0], list) else value
    return len(counted) if isinstance(counted, (list, dict)) else None


def _concat(value: Any, parameters: list[Any]) -> str:
    items = value if isinstance(value, list) else []
    given = [item for one in parameters for item in (one if isinstance(one, list) else [one])]
    return "".join(item for item in (*items, *given) if isinstance(item, str))


def _append(value: Any, parameters: list[Any]) -> Any:
    return [*value, *parameters] if isinstance(value, list) else value


def _at(index: int, value: Any) -> Any:
    return value[index] if isinstance(value, list) and -len(value) <= index < len(value) else None


def _index(value: Any, parameters: list[Any]) -> Any:
    return _at(int(parameters[0]), value) if parameters and _is_number(parameters[0]) else None


FUNCTIONS: Final[dict[str, Function]] = {
    "length": length,
    "size": length,
    "min": _aggregate(min),
    "max": _aggregate(max),
    "sum": _aggregate(sum),
    "avg": _aggregate(lambda numbers: sum(numbers) / len(numbers)),
    "stddev": _aggregate(_deviation),
    "keys": lambda value, _: list(value) if isinstance(value, dict) else None,
    "first": lambda value, _: _at(0, value),
    "last": lambda value, _: _at(-1, value),
    "index": _index,
    "append": _append,
    "concat": _concat,
}
"""The functions by name: of the value before them, and their parameters."""
