"""The rules of Choice states, compiled into functions of the branch and its document.

Values of different types never match. ``IsNumeric: false`` matches every value that is not a number. Both were measured on
the service.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html
"""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, Any, Final

from generator.asl.jsonata import strip_delimiters
from generator.asl.jsonpath import PathNotFoundError, split_root
from generator.asl.model import ABSENT, Comparison
from generator.asl.placeholders import names
from generator.asl.timestamps import instant
from generator.engine.fields.queries import compile_jsonata, expect
from generator.engine.history import json_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.asl.model import ChoiceRule, Junction
    from generator.engine.fields.compiled import Fields
    from generator.engine.fields.paths import Field
    from generator.engine.frame import Frame


def _number(value: Any) -> Any:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _string(value: Any) -> Any:
    # Java compares UTF-16 units. They differ from code points beyond the basic plane only.
    if value.__class__ is not str:
        return None
    return value if value.isascii() else value.encode("utf-16-be", "surrogatepass")


def _comparable(value: Any, other: Any) -> tuple[Any, Any]:
    """Return two texts in one form: both as characters, or both as UTF-16 units."""
    if isinstance(value, bytes) == isinstance(other, bytes):
        return value, other
    # One of them is plain ASCII: the other would be characters too if it were.
    return (value if isinstance(value, bytes) else value.encode("utf-16-be")), (
        other if isinstance(other, bytes) else other.encode("utf-16-be")
    )


def _boolean(value: Any) -> Any:
    return value if isinstance(value, bool) else None


_KINDS: Final[dict[str, Callable[[Any], Any]]] = {"String": _string, "Numeric": _number, "Boolean": _boolean, "Timestamp": instant}
_RELATIONS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "GreaterThan": operator.gt,
    "LessThanEquals": operator.le,
    "GreaterThanEquals": operator.ge,
}
_COMPARISON: Final = re.compile(r"(String|Numeric|Boolean|Timestamp)(Equals|LessThanEquals|GreaterThanEquals|LessThan|GreaterThan)(Path)?$")
_TESTS: Final[dict[str, Callable[[Any], bool]]] = {
    "IsNull": lambda value: value is None,
    "IsBoolean": lambda value: isinstance(value, bool),
    "IsNumeric": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "IsString": lambda value: isinstance(value, str),
    "IsTimestamp": lambda value: instant(value) is not None,
}


_NULL_INPUT: Final = "Unable to apply Path transformation to null or empty input."
"""Why a Choice state whose input is null fails: reported in awslabs/states-language#29 (2022)."""


def string_pattern(pattern: str) -> re.Pattern[str]:
    r"""Return the regular expression of a ``StringMatches`` pattern: ``*`` matches anything, ``\*`` and ``\\`` are literal.

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


def compile_test(fields: Fields, test: Comparison | Junction) -> Field:
    """Compile the test of a JSONPath rule, with And, Or and Not inside.

    Args:
        fields: the fields of the rule.
        test: the test.

    Raises:
        FieldError: the test holds a placeholder whose value is needed.
    """
    if not isinstance(test, Comparison):
        rules = [compile_test(fields, inner) for inner in test.tests]
        if test.operator == "Not":
            inverted = rules[0]
            return lambda frame, document: not inverted(frame, document)
        combine = all if test.operator == "And" else any
        return lambda frame, document: combine(rule(frame, document) for rule in rules)
    name, operand = test.operator, test.value
    if not name or not isinstance(test.variable, str):
        unread = next((member for member, value in test.extra.items() if names(json_text(value))), "Variable")
        raise fields.error(unread, "does not hold a comparison", test.extra.get(unread))
    if name == "IsPresent":
        return _presence(fields, test.variable, wanted=bool(operand))
    read = _reader(fields, "Variable", test.variable)
    if name in _TESTS:
        kind, wanted = _TESTS[name], bool(operand)
        return lambda frame, document: kind(read(frame, document)) == wanted
    if name == "StringMatches":
        return _matches(read, string_pattern(str(operand)))
    found = _COMPARISON.match(name)
    if found is None:
        raise fields.error(name, "is not a comparison operator", operand)
    return _comparison(fields, read, found, operand)


def _reader(fields: Fields, name: str, path: str) -> Field:
    source = fields.source(name, path)
    of_input = split_root(path).kind == "input"

    def read(frame: Frame, document: Any) -> Any:
        if document is None and of_input:
            raise frame.failure(_NULL_INPUT)
        try:
            return source(frame, document)
        except PathNotFoundError:
            raise frame.failure(f"Invalid path '{path}': The choice state's condition path references an invalid value.") from None

    return read


def _presence(fields: Fields, path: str, *, wanted: bool) -> Field:
    source = fields.source("Variable", path)
    of_input = split_root(path).kind == "input"

    def present(frame: Frame, document: Any) -> bool:
        if document is None and of_input:
            raise frame.failure(_NULL_INPUT)
        try:
            source(frame, document)
        except PathNotFoundError:
            return not wanted
        return wanted

    return present


def _matches(read: Field, pattern: re.Pattern[str]) -> Field:
    def matches(frame: Frame, document: Any) -> bool:
        value = read(frame, document)
        return isinstance(value, str) and pattern.fullmatch(value) is not None

    return matches


def _comparison(fields: Fields, read: Field, found: re.Match[str], operand: Any) -> Field:
    kind, relation, path = found[1], found[2], bool(found[3])
    convert = _KINDS[kind]
    compare = _RELATIONS[relation]
    if path:
        read_operand = _reader(fields, found[0], operand)
    else:
        constant = convert(operand)
        if constant is None:
            raise fields.error(found[0], "does not hold a value of the right type", operand)

    def holds(frame: Frame, document: Any) -> bool:
        value = convert(read(frame, document))
        other = convert(read_operand(frame, document)) if path else constant
        if value is None or other is None:
            return False
        if kind == "String":
            value, other = _comparable(value, other)
        return bool(compare(value, other))

    return holds


def compile_condition(fields: Fields, rule: ChoiceRule) -> Field:
    """Compile the condition of a JSONata rule: an expression whose value is a boolean, or a boolean.

    Raises:
        FieldError: the condition is missing, or it is not a JSONata expression.
    """
    condition = rule.condition
    if condition is ABSENT:
        raise fields.error("Condition", "is missing", None)
    if isinstance(condition, bool):
        return lambda _frame, _states: condition
    expression = strip_delimiters(condition)
    text = condition if expression is None else expression
    place = fields.place("Condition")
    evaluate: Field = fields.compiled("Condition", text, lambda source: compile_jsonata(source, place))
    return lambda frame, states: expect(frame, evaluate(frame, states), "boolean", condition, place)
