"""The patterns of EventBridge rules: which events a rule matches.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from generator.catalog.schedules import Problem

OR: Final = "$or"
_SCALARS: Final = (str, int, float, bool, type(None))
_NUMBER_LIMIT: Final = 5_000_000_000
_LEAST_ALTERNATIVES: Final = 2
_COMPARISONS: Final = frozenset({"=", "<", "<=", ">", ">="})
_LIST: Final = 'a list of values: ["aws.s3"]'


def pattern_problem(pattern: Any) -> Problem | None:
    """Return what is wrong with a pattern; None if EventBridge accepts it.

    Args:
        pattern: the pattern; text that is only known at deployment is text.

    >>> pattern_problem({"source": ["aws.s3"], "detail": {"object": {"size": [{"numeric": [">", 0]}]}}}) is None
    True
    >>> pattern_problem({"source": "aws.s3"})
    Problem(found="'aws.s3' in source", expected='a list of values: ["aws.s3"]')
    """
    if not isinstance(pattern, Mapping) or not pattern:
        return Problem(repr(pattern), 'a dict with a field or more: {"source": ["aws.s3"]}')
    return _fields(pattern, "")


def _fields(pattern: Mapping[Any, Any], at: str) -> Problem | None:
    for key, value in pattern.items():
        where = f"{at}.{key}" if at else str(key)
        if not isinstance(key, str) or not key:
            return Problem(f"the key {key!r}" + (f" in {at}" if at else ""), "the name of a field, as text")
        if key == OR:
            problem = _alternatives(value, where)
        elif isinstance(value, Mapping):
            problem = _fields(value, where) if value else Problem(f"{{}} in {where}", "fields, or " + _LIST)
        elif isinstance(value, list | tuple):
            problem = _values(value, where)
        else:
            problem = Problem(f"{value!r} in {where}", _LIST)
        if problem is not None:
            return problem
    return None


def _alternatives(value: Any, at: str) -> Problem | None:
    if not isinstance(value, list | tuple) or len(value) < _LEAST_ALTERNATIVES:
        return Problem(f"{value!r} in {at}", "a list of two patterns or more")
    for index, one in enumerate(value):
        if not isinstance(one, Mapping) or not one:
            return Problem(f"{one!r} in {at}[{index}]", "a dict with a field or more")
        if (problem := _fields(one, f"{at}[{index}]")) is not None:
            return problem
    return None


def _values(values: list[Any] | tuple[Any, ...], at: str) -> Problem | None:
    if not values:
        return Problem(f"[] in {at}", "a value or more: an empty list matches nothing")
    for value in values:
        if isinstance(value, Mapping):
            if (problem := _operator(value, at)) is not None:
                return problem
        elif not isinstance(value, _SCALARS):
            return Problem(f"{value!r} in {at}", 'text, a number, True, False, None, or an operator such as {"prefix": "in/"}')
    return None


def _operator(operator: Mapping[Any, Any], at: str) -> Problem | None:
    if len(operator) != 1:
        return Problem(f"{dict(operator)!r} in {at}", 'one operator in each dict: [{"prefix": "in/"}, {"suffix": ".csv"}]')
    ((name, value),) = operator.items()
    if name not in _OPERATORS:
        return Problem(f"{name!r} in {at}", "one of " + ", ".join(_OPERATORS))
    valid, expected = _OPERATORS[name]
    return None if valid(value) else Problem(f"{value!r} for {name} in {at}", expected)


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _text_or_ignoring_case(value: Any) -> bool:
    return _text(value) or (isinstance(value, Mapping) and value.keys() == {"equals-ignore-case"} and _text(value["equals-ignore-case"]))


def _texts(value: Any) -> bool:
    return _text(value) or (isinstance(value, list | tuple) and bool(value) and all(map(_text, value)))


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -_NUMBER_LIMIT <= value <= _NUMBER_LIMIT


def _numeric(value: Any) -> bool:
    if not isinstance(value, list | tuple) or len(value) not in (2, 4):
        return False
    return all(isinstance(one, str) and one in _COMPARISONS for one in value[::2]) and all(map(_number, value[1::2]))


def _anything_but(value: Any) -> bool:
    if isinstance(value, Mapping):
        return len(value) == 1 and all(
            name in {"prefix", "suffix", "equals-ignore-case", "wildcard"} and _texts(inner) for name, inner in value.items()
        )
    values = value if isinstance(value, list | tuple) else [value]
    return bool(values) and (all(map(_text, values)) or all(map(_number, values)))


_OPERATORS: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "anything-but": (_anything_but, 'text or numbers, one or a list, or {"prefix": …}, {"suffix": …}, {"wildcard": …}'),
    "cidr": (_text, 'a range of addresses: "10.0.0.0/24"'),
    "equals-ignore-case": (_text, "text"),
    "exists": (lambda value: isinstance(value, bool), "True or False"),
    "numeric": (_numeric, 'one or two comparisons: [">", 0] or [">", 0, "<=", 5], with numbers from -5e9 to 5e9'),
    "prefix": (_text_or_ignoring_case, 'text, or {"equals-ignore-case": "…"}'),
    "suffix": (_text_or_ignoring_case, 'text, or {"equals-ignore-case": "…"}'),
    "wildcard": (_text, 'text with *: "dir/*.csv"'),
}
