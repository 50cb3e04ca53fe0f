"""Choice rules compiled into functions of the branch and its input.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html; what a comparison of different types gives
(never a match, and ``IsNumeric: false`` a match) was measured on the service.
"""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, Any

from generator.asl.jsonpath import PathNotFoundError
from generator.asl.timestamps import instant
from generator.engine.dataflow import compile_jsonata, compile_source, expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.engine.dataflow import Field, Frame


def _number(value: Any) -> Any:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _string(value: Any) -> Any:
    # Java compares UTF-16 units, which differ from code points beyond the basic plane only.
    return (
        value
        if value.__class__ is str and value.isascii()
        else value.encode("utf-16-be", "surrogatepass")
        if value.__class__ is str
        else None
    )


def _comparable(value: Any, other: Any) -> tuple[Any, Any]:
    """Two texts in one form."""
    if isinstance(value, bytes) != isinstance(other, bytes):
        return (
            value if isinstance(value, bytes) else value.encode("utf-16-be"),
            other if isinstance(other, bytes) else other.encode("utf-16-be"),
        )
    return value, other


def _boolean(value: Any) -> Any:
    return value if isinstance(value, bool) else None


_KINDS: dict[str, Callable[[Any], Any]] = {"String": _string, "Numeric": _number, "Boolean": _boolean, "Timestamp": instant}
_RELATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "GreaterThan": operator.gt,
    "LessThanEquals": operator.le,
    "GreaterThanEquals": operator.ge,
}
_COMPARISON = re.compile(r"(String|Numeric|Boolean|Timestamp)(Equals|LessThanEquals|GreaterThanEquals|LessThan|GreaterThan)(Path)?$")
_TESTS: dict[str, Callable[[Any], bool]] = {
    "IsNull": lambda value: value is None,
    "IsBoolean": lambda value: isinstance(value, bool),
    "IsNumeric": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "IsString": lambda value: isinstance(value, str),
    "IsTimestamp": lambda value: instant(value) is not None,
}


def string_pattern(pattern: str) -> re.Pattern[str]:
    r"""The regular expression of a ``StringMatches`` pattern: ``*`` is anything, ``\*`` and ``\\`` are plain.

    Example:
        >>> bool(string_pattern("log-*.txt").fullmatch("log-x.txt"))
        True
    """
    parts = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\" and at + 1 < len(pattern):
            at += 1
            parts.append(re.escape(pattern[at]))
        else:
            parts.append(".*" if char == "*" else re.escape(char))
        at += 1
    return re.compile("".join(parts), re.DOTALL)


def compile_rule(rule: dict[str, Any]) -> Field:
    """A rule of JSONPath, with And, Or and Not inside.

    Raises:
        ValueError: There is no operator that Step Functions knows.
    """
    if "And" in rule or "Or" in rule:
        rules = [compile_rule(inner) for inner in rule["And" if "And" in rule else "Or"]]
        combine = all if "And" in rule else any
        return lambda frame, document: combine(inner(frame, document) for inner in rules)
    if "Not" in rule:
        inverted = compile_rule(rule["Not"])
        return lambda frame, document: not inverted(frame, document)
    variable = rule.get("Variable")
    if not isinstance(variable, str):
        raise ValueError("A choice rule needs a Variable")  # noqa: TRY004  the definition's mistake, not a wrong Python type
    read = _reader(variable)
    for name, operand in rule.items():
        if name == "IsPresent":
            return _presence(variable, wanted=bool(operand))
        if name in _TESTS:
            return _test(read, _TESTS[name], wanted=bool(operand))
        if name == "StringMatches":
            return _matches(read, string_pattern(operand))
        if found := _COMPARISON.match(name):
            return _comparison(read, found[1], found[2], operand, path=bool(found[3]))
    raise ValueError("A choice rule needs a comparison")


def _reader(path: str) -> Field:
    source = compile_source(path)

    def read(frame: Frame, document: Any) -> Any:
        try:
            return source(frame, document)
        except PathNotFoundError:
            raise frame.failure(f"Invalid path '{path}': The choice state's condition path references an invalid value.") from None

    return read


def _presence(path: str, *, wanted: bool) -> Field:
    source = compile_source(path)

    def present(frame: Frame, document: Any) -> bool:
        try:
            source(frame, document)
        except PathNotFoundError:
            return not wanted
        return wanted

    return present


def _test(read: Field, test: Callable[[Any], bool], *, wanted: bool) -> Field:
    return lambda frame, document: test(read(frame, document)) == wanted


def _matches(read: Field, pattern: re.Pattern[str]) -> Field:
    def matches(frame: Frame, document: Any) -> bool:
        value = read(frame, document)
        return isinstance(value, str) and pattern.fullmatch(value) is not None

    return matches


def _comparison(read: Field, kind: str, relation: str, operand: Any, *, path: bool) -> Field:
    convert = _KINDS[kind]
    compare = _RELATIONS[relation]
    if path:
        read_operand = _reader(operand)
    else:
        constant = convert(operand)

    def holds(frame: Frame, document: Any) -> bool:
        value = convert(read(frame, document))
        other = convert(read_operand(frame, document)) if path else constant
        if value is None or other is None:
            return False
        if kind == "String":
            value, other = _comparable(value, other)
        return bool(compare(value, other))

    return holds


def compile_condition(text: str) -> Field:
    """A rule of JSONata: an expression that gives a boolean."""
    from generator.asl.jsonata import strip_delimiters  # noqa: PLC0415

    expression = strip_delimiters(text)
    evaluate = compile_jsonata(text if expression is None else expression, "Condition")
    return lambda frame, states: expect(frame, evaluate(frame, states), "boolean", text, "Condition")
