"""The intrinsic functions of JSONPath states: ``States.Format('Hello {}', $.name)`` and the seventeen others.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html

Facts that the documentation leaves out were measured on the service: ``States.MathAdd`` rounds each argument half up
before it adds, ``States.StringSplit`` takes its second argument as a set of characters and drops empty parts,
``States.Format`` shows objects as Java does (``{Arg1=1, Arg2=[]}``).
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from generator.asl.error_names import INTRINSIC_FAILURE, RUNTIME
from generator.asl.jsonpath import PathNotFoundError, PathSyntaxError, Root, compile_path, split_root

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

MAX_NESTING = 10
"""How deep intrinsic functions may stand in each other."""
MAX_RANGE = 1000
"""The most items that ``States.ArrayRange`` gives."""
MAX_TEXT = 10_000
"""The most characters that ``States.Base64Encode``, ``Base64Decode`` and ``Hash`` take."""


class IntrinsicSyntaxError(ValueError):
    """A text that is not an invocation of an intrinsic function.

    Attributes:
        message: What is wrong.
        position: Offset of the offending character.
    """

    def __init__(self, message: str, position: int) -> None:
        """Create the error."""
        super().__init__(f"{message} (at offset {position})")
        self.message = message
        self.position = position


class IntrinsicError(RuntimeError):
    """An invocation that failed.

    Attributes:
        error: The error name that the state fails with.
    """

    def __init__(self, message: str, error: str = INTRINSIC_FAILURE) -> None:
        """Create the error."""
        super().__init__(message)
        self.error = error


class _Scope:
    """What an invocation can see while it is evaluated."""

    __slots__ = ("context", "input", "random", "variables")

    def __init__(self, document: Any, context: Any, variables: Mapping[str, Any], random: Random) -> None:
        self.input = document
        self.context = context
        self.variables = variables
        self.random = random


@dataclass(frozen=True, slots=True)
class _Literal:
    value: Any
    raw: str

    def evaluate(self, scope: _Scope) -> Any:  # noqa: ARG002  the same wherever it stands
        return self.value


@dataclass(frozen=True, slots=True)
class _PathArgument:
    text: str
    root: Root

    def evaluate(self, scope: _Scope) -> Any:
        root = self.root
        if root.kind == "variable":
            if root.name not in scope.variables:
                raise IntrinsicError(f"The variable '{root.name}' has not been assigned", RUNTIME)
            document = scope.variables[root.name]
        else:
            document = scope.context if root.kind == "context" else scope.input
        try:
            return compile_path(root.path).evaluate(document)
        except PathNotFoundError:
            shown = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
            message = f"The JsonPath argument for the field '{self.text}' could not be found in the input '{shown}'"
            raise IntrinsicError(message, RUNTIME) from None


@dataclass(frozen=True, slots=True)
class Intrinsic:
    """A parsed invocation.

    Attributes:
        text: The invocation as written.
        name: The function, such as ``States.Format``.
        arguments: What it is given.
    """

    text: str
    name: str
    arguments: tuple[Any, ...]
    _call: Callable[[tuple[Any, ...], _Scope], Any]

    def evaluate(self, input: Any, context: Any, variables: Mapping[str, Any], random: Random) -> Any:
        """Compute the invocation's value.

        Args:
            input: What ``$`` stands for.
            context: What ``$$`` stands for.
            variables: The workflow's variables.
            random: The source of ``States.UUID`` and of ``States.MathRandom`` without a seed.

        Raises:
            IntrinsicError: An argument is missing, of the wrong type or out of range.

        Example:
            >>> from random import Random
            >>> parse_intrinsic("States.MathAdd($.n, 1)").evaluate({"n": 2}, {}, {}, Random(0))
            3
        """
        return self._evaluate(_Scope(input, context, variables, random))

    def _evaluate(self, scope: _Scope) -> Any:
        try:
            values = tuple(a._evaluate(scope) if isinstance(a, Intrinsic) else a.evaluate(scope) for a in self.arguments)  # noqa: SLF001  own class
            if self.name == "States.Format" and isinstance(self.arguments[0], _Literal):
                values = (self.arguments[0].raw, *values[1:])
            return self._call(values, scope)
        except _ArgumentError as error:
            raise IntrinsicError(f"The function '{self.text}' had the following error: {error}") from None
        except IntrinsicError as error:
            if str(error).startswith("The function '"):
                raise
            raise IntrinsicError(f"The function '{self.text}' had the following error: {error}", error.error) from None

    def paths(self) -> tuple[str, ...]:
        """The paths that the invocation reads, in the order they stand."""
        found: list[str] = []
        for argument in self.arguments:
            if isinstance(argument, Intrinsic):
                found.extend(argument.paths())
            elif isinstance(argument, _PathArgument):
                found.append(argument.text)
        return tuple(found)


@lru_cache(4096)
def parse_intrinsic(text: str) -> Intrinsic:
    """Parse an invocation.

    Raises:
        IntrinsicSyntaxError: Unknown function, wrong number of arguments, nested too deep, or no invocation at all.

    Example:
        >>> parse_intrinsic("States.Array($.a, States.UUID())").paths()
        ('$.a',)
    """
    parser = _Parser(text)
    parser.blanks()
    invocation = parser.invocation(1)
    parser.blanks()
    if parser.at != len(text):
        raise parser.fail("Nothing can follow the closing parenthesis")
    return invocation


_NAME = re.compile(r"States\.([A-Za-z0-9]+)\s*\(")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?(?![\w.])")
_WORDS = {"null": None, "true": True, "false": False}


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def fail(self, message: str, at: int | None = None) -> IntrinsicSyntaxError:
        return IntrinsicSyntaxError(message, self.at if at is None else at)

    def blanks(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def invocation(self, depth: int) -> Intrinsic:
        start = self.at
        found = _NAME.match(self.text, start)
        if not found:
            raise self.fail("Expected an intrinsic function such as States.Format(...)")
        if found[1] not in _FUNCTIONS:
            raise self.fail(f"There is no intrinsic function States.{found[1]}")
        if depth > MAX_NESTING:
            raise self.fail(f"Intrinsic functions may be nested {MAX_NESTING} deep")
        least, most, call = _FUNCTIONS[found[1]]
        self.at = found.end()
        arguments: list[Any] = []
        self.blanks()
        while self.at >= len(self.text) or self.text[self.at] != ")":
            arguments.append(self.argument(depth))
            self.blanks()
            if self.at < len(self.text) and self.text[self.at] == ",":
                self.at += 1
                self.blanks()
                if self.at < len(self.text) and self.text[self.at] == ")":
                    raise self.fail("Expected an argument after ','")
            elif self.at >= len(self.text) or self.text[self.at] != ")":
                raise self.fail("Expected ',' or ')'")
        self.at += 1
        if len(arguments) < least or (most is not None and len(arguments) > most):
            wanted = str(least) if least == most else f"at least {least}" if most is None else f"{least} to {most}"
            raise self.fail(f"States.{found[1]} takes {wanted} arguments, not {len(arguments)}", start)
        return Intrinsic(self.text[start : self.at], f"States.{found[1]}", tuple(arguments), call)

    def argument(self, depth: int) -> Any:
        text = self.text
        if self.at >= len(text):
            raise self.fail("Expected an argument")
        char = text[self.at]
        if char == "'":
            return self.string()
        if char == "$":
            return self.path()
        if text.startswith("States.", self.at):
            return self.invocation(depth + 1)
        if found := _NUMBER.match(text, self.at):
            self.at = found.end()
            number: int | float = float(found[0]) if found[1] or found[2] else int(found[0])
            return _Literal(number, found[0])
        for word, value in _WORDS.items():
            if re.compile(rf"{word}(?!\w)").match(text, self.at):
                self.at += len(word)
                return _Literal(value, word)
        raise self.fail("Expected a path, a number, a text in single quotes, true, false, null or an intrinsic function")

    def string(self) -> _Literal:
        start = self.at
        text = self.text
        self.at += 1
        while self.at < len(text) and text[self.at] != "'":
            self.at += 2 if text[self.at] == "\\" else 1
        if self.at >= len(text):
            raise self.fail("A text is not closed", start)
        raw = text[start + 1 : self.at]
        self.at += 1
        return _Literal(re.sub(r"\\(['\\{}])", r"\1", raw), raw)

    def path(self) -> _PathArgument:
        start = self.at
        text = self.text
        depth = 0
        while self.at < len(text):
            char = text[self.at]
            if char in "'\"" and depth:
                end = text.find(char, self.at + 1)
                if end < 0:
                    break
                self.at = end
            elif char in "[(":
                depth += 1
            elif char in "])":
                if depth == 0:
                    break
                depth -= 1
            elif (char == "," or char.isspace()) and depth == 0:
                break
            self.at += 1
        path = text[start : self.at]
        root = split_root(path)
        try:
            compile_path(root.path)
        except PathSyntaxError as error:
            at = start + len(path) - len(root.path) + error.position
            raise self.fail(error.message, min(at, len(text))) from None
        return _PathArgument(path, root)


class _ArgumentError(Exception):
    """An argument that a function does not take."""


def _round(value: Any, position: str) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _ArgumentError(f"The {position} argument must be a number")
    return value if isinstance(value, int) else math.floor(value + 0.5)


def _array(value: Any, position: str = "first") -> list[Any]:
    if not isinstance(value, list):
        raise _ArgumentError(f"The {position} argument must be an array")
    return value


def _text(value: Any, position: str = "first") -> str:
    if not isinstance(value, str):
        raise _ArgumentError(f"The {position} argument must be a string")
    return value


def _short_text(value: Any) -> str:
    text = _text(value)
    if len(text) > MAX_TEXT:
        raise _ArgumentError(f"The first argument must have at most {MAX_TEXT} characters")
    return text


def compact_json(value: Any) -> str:
    """JSON text without blanks, as Step Functions writes it.

    Example:
        >>> compact_json({"a": [1, None]})
        '{"a":[1,null]}'
    """
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _java(value: Any) -> str:
    """A value as Java's toString shows it."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_java(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_java, value)) + "]"
    return _java_float(value) if isinstance(value, float) else json.dumps(value)


def _java_float(value: float) -> str:
    """A number with a fraction as Java's Double.toString shows it.

    Source: https://docs.oracle.com/javase/8/docs/api/java/lang/Double.html#toString-double-
    """
    if value == 0 or 1e-3 <= abs(value) < 1e7:  # noqa: PLR2004  where Java changes to the scientific notation
        return repr(value)
    digits, _, exponent = f"{value!r}e0".partition("e")
    whole, _, fraction = digits.lstrip("-").partition(".")
    digits = (whole + fraction).lstrip("0")
    power = int(exponent.removesuffix("e0")) + (len(whole) - 1 if whole != "0" else len(digits) - len(fraction) - 1)
    return f"{'-' if value < 0 else ''}{digits[0]}.{digits[1:].rstrip('0') or '0'}E{power}"


def _key(value: Any) -> str:
    """Equal for values that are equal in JSON: numbers by value, objects whatever their order."""
    return json.dumps(_plain(value), sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _format(values: tuple[Any, ...], scope: _Scope) -> str:  # noqa: ARG001  every function has this form
    template = _text(values[0])
    rest = iter(values[1:])
    parts: list[str] = []
    at = 0
    while at < len(template):
        char = template[at]
        if char == "\\" and template[at + 1 : at + 2] in {"\\", "'", "{", "}"}:
            parts.append(template[at + 1])
            at += 2
        elif template.startswith("{}", at):
            try:
                parts.append(_java(next(rest)))
            except StopIteration:
                raise _ArgumentError("The number of arguments does not match the occurrences of {}") from None
            at += 2
        else:
            parts.append(char)
            at += 1
    if next(rest, _FORMAT_END) is not _FORMAT_END:
        raise _ArgumentError("The number of arguments does not match the occurrences of {}")
    return "".join(parts)


_FORMAT_END = object()


def _string_to_json(values: tuple[Any, ...], scope: _Scope) -> Any:  # noqa: ARG001
    try:
        return json.loads(_text(values[0]))
    except ValueError:
        raise _ArgumentError("The first argument is not valid JSON") from None


def _array_partition(values: tuple[Any, ...], scope: _Scope) -> list[list[Any]]:  # noqa: ARG001
    array, size = _array(values[0]), _round(values[1], "second")
    if size <= 0:
        raise _ArgumentError("The second argument must be a positive integer")
    return [array[at : at + size] for at in range(0, len(array), size)]


def _array_range(values: tuple[Any, ...], scope: _Scope) -> list[int]:  # noqa: ARG001
    first, last, step = (_round(v, p) for v, p in zip(values, ("first", "second", "third"), strict=True))
    if step == 0:
        raise _ArgumentError("The third argument must not be zero")
    numbers = range(first, last + (1 if step > 0 else -1), step)
    if len(numbers) > MAX_RANGE:
        raise _ArgumentError(f"The array would have more than {MAX_RANGE} items")
    return list(numbers)


def _array_get_item(values: tuple[Any, ...], scope: _Scope) -> Any:  # noqa: ARG001
    array, index = _array(values[0]), _round(values[1], "second")
    if not 0 <= index < len(array):
        raise _ArgumentError(f"Index {index} is out of bounds for length {len(array)}")
    return array[index]


def _array_unique(values: tuple[Any, ...], scope: _Scope) -> list[Any]:  # noqa: ARG001
    seen: dict[str, Any] = {}
    for item in _array(values[0]):
        seen.setdefault(_key(item), item)
    return list(seen.values())


def _base64_encode(values: tuple[Any, ...], scope: _Scope) -> str:  # noqa: ARG001
    import base64  # noqa: PLC0415

    return base64.b64encode(_short_text(values[0]).encode()).decode("ascii")


def _base64_decode(values: tuple[Any, ...], scope: _Scope) -> str:  # noqa: ARG001
    import base64  # noqa: PLC0415

    text = _short_text(values[0])
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode("utf-8", "replace")
    except ValueError:
        raise _ArgumentError("The first argument is not valid Base64") from None


_ALGORITHMS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


def hash_text(text: str, algorithm: str) -> str | None:
    """The hash of a text in hexadecimal; None for an algorithm that Step Functions does not have.

    Example:
        >>> hash_text("input data", "SHA-1")
        'aaff4a450a104cd177d28d18d74485e8cae074b7'
    """
    import hashlib  # noqa: PLC0415

    if algorithm not in _ALGORITHMS:
        return None
    return hashlib.new(_ALGORITHMS[algorithm], text.encode(), usedforsecurity=False).hexdigest()


def _hash(values: tuple[Any, ...], scope: _Scope) -> str:  # noqa: ARG001
    data = values[0] if isinstance(values[0], str) else compact_json(values[0])
    result = hash_text(_short_text(data), _text(values[1], "second"))
    if result is None:
        raise _ArgumentError(f"The second argument must be one of {', '.join(_ALGORITHMS)}")
    return result


def _json_merge(values: tuple[Any, ...], scope: _Scope) -> dict[str, Any]:  # noqa: ARG001
    first, second, deep = values
    if not isinstance(first, dict) or not isinstance(second, dict):
        raise _ArgumentError("The first and the second argument must be objects")
    if deep is not False:
        raise _ArgumentError("Deep merging is not supported: the third argument must be false")
    return {**first, **second}


def random_integer(start: int, end: int, random: Random) -> int:
    """A whole number from start (inclusive) to end (exclusive)."""
    return start + int(random.random() * (end - start))


def _math_random(values: tuple[Any, ...], scope: _Scope) -> int:
    start, end = _round(values[0], "first"), _round(values[1], "second")
    if start >= end:
        raise _ArgumentError("The first argument must be less than the second")
    if len(values) > 2:  # noqa: PLR2004  the optional seed
        from random import Random  # noqa: PLC0415

        return random_integer(start, end, Random(_round(values[2], "third")))  # noqa: S311  simulates, protects nothing
    return random_integer(start, end, scope.random)


def _math_add(values: tuple[Any, ...], scope: _Scope) -> int:  # noqa: ARG001
    return _round(values[0], "first") + _round(values[1], "second")


def _string_split(values: tuple[Any, ...], scope: _Scope) -> list[str]:  # noqa: ARG001
    text, delimiters = _text(values[0]), _text(values[1], "second")
    if not delimiters:
        return [text] if text else []
    return [part for part in re.split(f"[{re.escape(delimiters)}]", text) if part]


def make_uuid(random: Random) -> str:
    """A version 4 UUID from the run's source of randomness.

    Example:
        >>> from random import Random
        >>> make_uuid(Random(0)) == make_uuid(Random(0))
        True
    """
    bits = random.getrandbits(128) & ~(0xF << 76) | (4 << 76)
    digits = f"{bits & ~(0x3 << 62) | (0x2 << 62):032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


_FUNCTIONS: dict[str, tuple[int, int | None, Callable[[tuple[Any, ...], _Scope], Any]]] = {
    "Format": (1, None, _format),
    "StringToJson": (1, 1, _string_to_json),
    "JsonToString": (1, 1, lambda values, _: compact_json(values[0])),
    "Array": (0, None, lambda values, _: list(values)),
    "ArrayPartition": (2, 2, _array_partition),
    "ArrayContains": (2, 2, lambda values, _: _key(values[1]) in {_key(item) for item in _array(values[0])}),
    "ArrayRange": (3, 3, _array_range),
    "ArrayGetItem": (2, 2, _array_get_item),
    "ArrayLength": (1, 1, lambda values, _: len(_array(values[0]))),
    "ArrayUnique": (1, 1, _array_unique),
    "Base64Encode": (1, 1, _base64_encode),
    "Base64Decode": (1, 1, _base64_decode),
    "Hash": (2, 2, _hash),
    "JsonMerge": (3, 3, _json_merge),
    "MathRandom": (2, 3, _math_random),
    "MathAdd": (2, 2, _math_add),
    "StringSplit": (2, 2, _string_split),
    "UUID": (0, 0, lambda _, scope: make_uuid(scope.random)),
}
FUNCTION_NAMES = tuple(sorted(f"States.{name}" for name in _FUNCTIONS))
"""All intrinsic functions."""
