"""The intrinsic functions of JSONPath states: ``States.Format('Hello {}', $.name)`` and the seventeen others.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html

Facts that the documentation leaves out were measured on the service (tests/conformance has them with source and date):

- A wrong argument fails with ``States.Runtime``, not with ``States.IntrinsicFailure`` as the documentation says:
  ``There was an error while evaluating the intrinsic function: <call>. Invalid arguments in <function>`` (2026).
- ``States.MathAdd`` rounds each argument half up and adds 32-bit integers. ``States.ArrayPartition``, ``ArrayRange`` and
  ``ArrayGetItem`` drop the fraction of a number, although the documentation says that they round.
- ``States.StringSplit`` splits at each character of its second argument and drops empty parts.
- ``States.Format`` writes objects as Java does (``{Arg1=1, Arg2=[]}``). Braces in its template must be in pairs or escaped.
- ``States.Base64Decode`` ignores characters that are not Base64, and ends at the first ``=``.
- ``States.StringToJson('')`` is null.
"""

from __future__ import annotations

import base64
import json
import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from generator.asl.error_names import RUNTIME
from generator.asl.java_random import JavaRandom
from generator.asl.json_reader import JsonReadError, read_json
from generator.asl.jsonpath import PastEndError, PathNotFoundError, PathSyntaxError, Root, compile_path, path_end, split_root
from generator.asl.placeholders import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from random import Random

MAX_NESTING = 10
"""How deeply intrinsic functions may be nested."""
MAX_RANGE = 1000
"""The most items that ``States.ArrayRange`` returns."""
MAX_TEXT = 10_000
"""The most characters that ``States.Base64Encode``, ``Base64Decode`` and ``Hash`` accept."""


class IntrinsicSyntaxError(ValueError):
    """A text that is not a call of an intrinsic function.

    Attributes:
        message: the problem.
        position: the offset of the first wrong character.
    """

    def __init__(self, message: str, position: int) -> None:
        """Create the error."""
        super().__init__(f"{message} (at offset {position})")
        self.message = message
        self.position = position


class IntrinsicError(RuntimeError):
    """A call that failed.

    Attributes:
        error: the error name that the state fails with.
    """

    error = RUNTIME


class _Function(NamedTuple):
    """An intrinsic function.

    Attributes:
        least: the smallest number of arguments.
        most: the largest number of arguments; None if there is no limit.
        call: the implementation.
        takes_random: whether the first argument of ``call`` is the source of randomness.
    """

    least: int
    most: int | None
    call: Callable[..., Any]
    takes_random: bool = False


class _Scope:
    """The values that a call can read."""

    __slots__ = ("context", "input", "variables")

    def __init__(self, document: Any, context: Any, variables: Mapping[str, Any]) -> None:
        self.input = document
        self.context = context
        self.variables = variables


@dataclass(frozen=True, slots=True)
class _Literal:
    value: Any
    raw: str


@dataclass(frozen=True, slots=True)
class _PathArgument:
    text: str
    root: Root

    def evaluate(self, scope: _Scope) -> Any:
        root = self.root
        if root.kind == "variable":
            if root.name not in scope.variables:
                raise _MissingError(f"The variable '{root.name}' has not been assigned")
            document = scope.variables[root.name]
        else:
            document = scope.context if root.kind == "context" else scope.input
        try:
            return compile_path(root.path).evaluate(document)
        except PastEndError:
            return None
        except PathNotFoundError:
            shown = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
            message = f"The JsonPath argument for the field '{self.text}' could not be found in the input '{shown}'"
            raise _MissingError(message) from None


@dataclass(frozen=True, slots=True)
class Intrinsic:
    """A parsed call.

    Attributes:
        text: the call as written.
        name: the name of the function, such as ``States.Format``.
        arguments: the literals, paths and calls between the parentheses.
    """

    text: str
    name: str
    arguments: tuple[Any, ...]
    _function: _Function

    def evaluate(self, input: Any, context: Any, variables: Mapping[str, Any], random: Random) -> Any:
        """Return the value of the call.

        Args:
            input: the value of ``$``.
            context: the value of ``$$``, the Context object.
            variables: the workflow's variables by name.
            random: the source of ``States.UUID`` and of ``States.MathRandom`` without a seed.

        Raises:
            IntrinsicError: an argument is missing, of the wrong type or out of range.

        >>> from random import Random
        >>> parse_intrinsic("States.MathAdd($.n, 1)").evaluate({"n": 2}, {}, {}, Random(0))
        3
        """
        scope = _Scope(input, context, variables)

        def value(argument: Any) -> Any:
            if isinstance(argument, _Literal):
                return argument.value
            return call(argument) if isinstance(argument, Intrinsic) else argument.evaluate(scope)

        def call(intrinsic: Intrinsic) -> Any:
            values = [value(argument) for argument in intrinsic.arguments]
            if intrinsic.name == "States.Format" and isinstance(intrinsic.arguments[0], _Literal):
                values[0] = intrinsic.arguments[0].raw
            function = intrinsic._function
            try:
                return function.call(random, *values) if function.takes_random else function.call(*values)
            except _ArgumentError as error:
                reason = str(error) or f"Invalid arguments in {intrinsic.name}"
                message = f"There was an error while evaluating the intrinsic function: {self.text}. {reason}"
                raise IntrinsicError(message) from None

        try:
            return call(self)
        except _MissingError as error:
            raise IntrinsicError(f"The function '{self.text}' had the following error: {error}") from None

    def paths(self) -> tuple[str, ...]:
        """Return the paths that the call reads, in the order written."""
        found: list[str] = []
        for argument in self.arguments:
            if isinstance(argument, Intrinsic):
                found.extend(argument.paths())
            elif isinstance(argument, _PathArgument):
                found.append(argument.text)
        return tuple(found)

    def problems(self) -> Iterator[str]:
        """Yield why the calls fail whatever their input is: a text of ``States.Format`` without the grammar of templates.

        >>> list(parse_intrinsic("States.Format('{} {}', $.a)").problems())
        ["the template of States.Format has '{}' twice, but 1 value follows"]
        """
        for argument in self.arguments:
            if isinstance(argument, Intrinsic):
                yield from argument.problems()
        if self.name != "States.Format" or not isinstance(self.arguments[0], _Literal):
            return
        template, values = self.arguments[0], len(self.arguments) - 1
        if not isinstance(template.value, str):
            yield f"the template of States.Format must be a text, not {template.raw}"
            return
        try:
            places = _template_parts(template.raw).count(None)
        except _ArgumentError as error:
            yield str(error).replace("Invalid template in States.Format", "the template of States.Format is invalid").rstrip(".")
            return
        if places != values:
            times = {0: "no '{}'", 1: "'{}' once", 2: "'{}' twice"}.get(places, f"'{{}}' {places} times")
            follow = "no value follows" if not values else "1 value follows" if values == 1 else f"{values} values follow"
            yield f"the template of States.Format has {times}, but {follow}"


@lru_cache(4096)
def parse_intrinsic(text: str) -> Intrinsic:
    """Parse a call of an intrinsic function.

    Raises:
        IntrinsicSyntaxError: the text is not a call, the function is unknown, the number of arguments is wrong, or calls are
            nested too deeply.

    >>> parse_intrinsic("States.Array($.a, States.UUID())").paths()
    ('$.a',)
    """
    parser = _Parser(text)
    parser.blanks()
    invocation = parser.invocation(1)
    parser.blanks()
    if parser.at != len(text):
        raise parser.fail("The closing parenthesis must be the last character")
    return invocation


_NAME = re.compile(r"States\.([A-Za-z0-9]+)\s*\(")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?(?![\w.])")
_WORDS = {"null": None, "true": True, "false": False}
_WRONG_ESCAPE = re.compile(r"(?:[^\\]|\\['{}\\])*(\\(?!['{}\\]))", re.DOTALL)


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
            raise self.fail(f"Intrinsic functions must be nested at most {MAX_NESTING} levels deep")
        function = _FUNCTIONS[found[1]]
        least, most = function.least, function.most
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
            raise self.fail(f"States.{found[1]} must have {wanted} arguments, not {len(arguments)}", start)
        return Intrinsic(self.text[start : self.at], f"States.{found[1]}", tuple(arguments), function)

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
        raise self.fail("Expected a path, a number, a string in single quotes, true, false, null or an intrinsic function")

    def string(self) -> _Literal:
        start = self.at
        text = self.text
        self.at += 1
        while self.at < len(text) and text[self.at] != "'":
            self.at += 2 if text[self.at] == "\\" else 1
        if self.at >= len(text):
            raise self.fail("A string is not closed", start)
        raw = text[start + 1 : self.at]
        if wrong := _WRONG_ESCAPE.match(raw):
            raise self.fail("A backslash must be followed by ', {, } or another backslash", start + 1 + wrong.start(1))
        self.at += 1
        return _Literal(re.sub(r"\\(['\\{}])", r"\1", raw), raw)

    def path(self) -> _PathArgument:
        start = self.at
        self.at = path_end(self.text, start)
        path = self.text[start : self.at]
        root = split_root(path)
        try:
            compile_path(root.path)
        except PathSyntaxError as error:
            at = start + len(path) - len(root.path) + error.position
            raise self.fail(error.message, min(at, len(self.text))) from None
        return _PathArgument(path, root)


class _ArgumentError(Exception):
    """An argument that a function does not accept. Without a text, AWS only says that the arguments are invalid."""


class _MissingError(Exception):
    """A path in the arguments that matches nothing."""


_INT_MIN, _INT_MAX = -(2**31), 2**31 - 1


def _integer(value: Any) -> int:
    """Return a number as a 32-bit integer, without its fraction."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not _INT_MIN <= value <= _INT_MAX:
        raise _ArgumentError
    return math.trunc(value)


def _rounded(value: Any) -> int:
    """Return a number as a 32-bit integer, rounded half up.

    A number with a fraction or an exponent is cast as Java's ``(int) Math.round(value)``, which has no bound: ``1e309`` is a
    number (measured), which one is a guess. A whole number must fit in 32 bits.
    """
    if isinstance(value, float):
        rounded = 2**63 if value == math.inf else -(2**63) if value == -math.inf else math.floor(value + 0.5)
        low = max(-(2**63), min(2**63 - 1, rounded)) & 0xFFFFFFFF
        return low - 2**32 if low > _INT_MAX else low
    if isinstance(value, bool) or not isinstance(value, int) or not _INT_MIN <= value <= _INT_MAX:
        raise _ArgumentError
    return value


def _array(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _ArgumentError
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _ArgumentError
    return value


def _short_text(value: Any) -> str:
    text = _text(value)
    if len(text) > MAX_TEXT:
        raise _ArgumentError
    return text


def compact_json(value: Any) -> str:
    """Return a value as JSON text without white space, as Step Functions writes it.

    >>> compact_json({"a": [1, None]})
    '{"a":[1,null]}'
    """
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _json_to_string(value: Any) -> str:
    """Return JSON text in which numbers are as Java writes them."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{compact_json(key)}:{_json_to_string(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json_to_string, value)) + "]"
    return _java_float(value) if isinstance(value, float) else compact_json(value)


def _java(value: Any) -> str:
    """Return a value as Java's ``toString`` writes it."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_java(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_java, value)) + "]"
    return _java_float(value) if isinstance(value, float) else json.dumps(value)


_PLAIN_FROM = 1e-3
_PLAIN_BELOW = 1e7
"""Java writes a number outside these bounds in scientific notation."""


def _java_float(value: float) -> str:
    """Return a number as Java's ``Double.toString`` writes it.

    Source: https://docs.oracle.com/javase/8/docs/api/java/lang/Double.html#toString-double-
    """
    if value == 0 or _PLAIN_FROM <= abs(value) < _PLAIN_BELOW:
        return repr(value)
    digits, _, exponent = f"{value!r}e0".partition("e")
    whole, _, fraction = digits.lstrip("-").partition(".")
    digits = (whole + fraction).lstrip("0")
    power = int(exponent.removesuffix("e0")) + (len(whole) - 1 if whole != "0" else len(digits) - len(fraction) - 1)
    return f"{'-' if value < 0 else ''}{digits[0]}.{digits[1:].rstrip('0') or '0'}E{power}"


def _key(value: Any) -> str:
    """Return a text that is the same for equal JSON values: objects may have their members in another order, 1 and 1.0 differ.

    Numbers are compared as Jackson's nodes are, where a whole number and one with a fraction are of different types.
    That AWS does so is a guess; https://fasterxml.github.io/jackson-databind (``JsonNode.equals``).
    """
    return json.dumps(value, sort_keys=True)


def _template_parts(template: str) -> list[str | None]:
    """Return the texts of a template of ``States.Format``, and None for each ``{}`` between them.

    Raises:
        _ArgumentError: a brace has no pair, or a backslash is before another character than a quote, a brace or a backslash.
    """
    parts: list[str | None] = []
    at = 0
    while at < len(template):
        char = template[at]
        if char == "\\":
            if template[at + 1 : at + 2] not in _ESCAPABLE:
                raise _ArgumentError("Invalid template in States.Format: unexpected escape character '\\'.")
            parts.append(template[at + 1])
            at += 1
        elif char == "$" and (placeholder := PLACEHOLDER.match(template, at)):
            parts.append(placeholder[0])  # a text comes here when the definition is deployed
            at = placeholder.end() - 1
        elif char == "{":
            if not template.startswith("{}", at):
                raise _ArgumentError("Invalid template in States.Format: matching '}' not found for '{'.")
            parts.append(None)
            at += 1
        elif char == "}":
            raise _ArgumentError("Invalid template in States.Format: matching '{' not found for '}'.")
        else:
            parts.append(char)
        at += 1
    return parts


def _format(template: Any, *arguments: Any) -> str:
    parts = _template_parts(_text(template))
    if parts.count(None) != len(arguments):
        raise _ArgumentError
    rest = iter(arguments)
    return "".join(_java(next(rest)) if part is None else part for part in parts)


_ESCAPABLE = frozenset("\\'{}")


def _string_to_json(text: Any) -> Any:
    if not _text(text).strip(" \t\r\n"):
        return None
    try:
        return read_json(text)
    except JsonReadError as error:
        raise _ArgumentError(f"Cannot convert String to Json in States.StringToJson, caused by: {error}") from None


def _array_partition(array: Any, size: Any) -> list[list[Any]]:
    array, size = _array(array), _integer(size)
    if size <= 0:
        raise _ArgumentError
    return [array[at : at + size] for at in range(0, len(array), size)]


def _array_contains(array: Any, value: Any) -> bool:
    return _key(value) in {_key(item) for item in _array(array)}


def _array_range(first: Any, last: Any, step: Any) -> list[int]:
    first, last, step = _integer(first), _integer(last), _integer(step)
    if step == 0:
        raise _ArgumentError
    numbers = range(first, last + (1 if step > 0 else -1), step)
    if len(numbers) > MAX_RANGE:
        raise _ArgumentError
    return list(numbers)


def _array_get_item(array: Any, index: Any) -> Any:
    array, index = _array(array), _integer(index)
    if not 0 <= index < len(array):
        raise _ArgumentError
    return array[index]


def _array_length(array: Any) -> int:
    return len(_array(array))


def _array_unique(array: Any) -> list[Any]:
    seen: dict[str, Any] = {}
    for item in _array(array):
        seen.setdefault(_key(item), item)
    return list(seen.values())


def _base64_encode(text: Any) -> str:
    return base64.b64encode(_short_text(text).encode()).decode("ascii")


def _base64_decode(text: Any) -> str:
    digits = re.sub("[^A-Za-z0-9+/]", "", _short_text(text).partition("=")[0].replace("-", "+").replace("_", "/"))
    usable = digits[:-1] if len(digits) % 4 == 1 else digits
    return base64.b64decode(usable + "=" * (-len(usable) % 4)).decode("utf-8", "replace")


_ALGORITHMS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


def hash_text(text: str, algorithm: str) -> str | None:
    """Return the hash of a text in hexadecimal, or None if Step Functions does not have the algorithm.

    >>> hash_text("input data", "SHA-1")
    'aaff4a450a104cd177d28d18d74485e8cae074b7'
    """
    import hashlib  # noqa: PLC0415  loads OpenSSL

    if algorithm not in _ALGORITHMS:
        return None
    return hashlib.new(_ALGORITHMS[algorithm], text.encode(errors="replace"), usedforsecurity=False).hexdigest()


def _hash(data: Any, algorithm: Any) -> str:
    result = hash_text(_short_text(data if isinstance(data, str) else _json_to_string(data)), _text(algorithm))
    if result is None:
        raise _ArgumentError
    return result


def _json_merge(first: Any, second: Any, deep: Any) -> dict[str, Any]:
    """Merge two objects. Only a third argument that Jackson reads as true is refused, since deep merging is not supported."""
    wants_deep = deep == "true" if isinstance(deep, str) else isinstance(deep, (bool, int, float)) and bool(deep)
    if not isinstance(first, dict) or not isinstance(second, dict) or wants_deep:
        raise _ArgumentError
    return {**first, **second}


def _math_random(random: Random, start: Any, end: Any, *seed: Any) -> int:
    """Return a whole number from start (inclusive) to end (exclusive).

    With a seed it is the first one of Java's generator, as in ``$random`` of JSONata, where it was measured; here it is a guess.
    """
    first, size = _rounded(start), _rounded(end) - _rounded(start)
    if size <= 0:
        raise _ArgumentError
    if not seed:
        return first + int(random.random() * size)
    generator = JavaRandom(_rounded(seed[0]))
    return first + (generator.next_int(size) if size <= _INT_MAX else int(generator.next_double() * size))


def _math_add(first: Any, second: Any) -> int:
    result = _rounded(first) + _rounded(second)
    if not _INT_MIN <= result <= _INT_MAX:
        raise _ArgumentError
    return result


def _string_split(text: Any, delimiters: Any) -> list[str]:
    text, delimiters = _text(text), _text(delimiters)
    if not delimiters:
        return [text] if text else []
    return [part for part in re.split(f"[{re.escape(delimiters)}]", text) if part]


def make_uuid(random: Random) -> str:
    """Return a version 4 UUID from the run's source of randomness.

    >>> from random import Random
    >>> make_uuid(Random(0)) == make_uuid(Random(0))
    True
    """
    bits = random.getrandbits(128) & ~(0xF << 76) | (4 << 76)
    digits = f"{bits & ~(0x3 << 62) | (0x2 << 62):032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


_FUNCTIONS: Final = {
    "Format": _Function(1, None, _format),
    "StringToJson": _Function(1, 1, _string_to_json),
    "JsonToString": _Function(1, 1, _json_to_string),
    "Array": _Function(0, None, lambda *items: list(items)),
    "ArrayPartition": _Function(2, 2, _array_partition),
    "ArrayContains": _Function(2, 2, _array_contains),
    "ArrayRange": _Function(3, 3, _array_range),
    "ArrayGetItem": _Function(2, 2, _array_get_item),
    "ArrayLength": _Function(1, 1, _array_length),
    "ArrayUnique": _Function(1, 1, _array_unique),
    "Base64Encode": _Function(1, 1, _base64_encode),
    "Base64Decode": _Function(1, 1, _base64_decode),
    "Hash": _Function(2, 2, _hash),
    "JsonMerge": _Function(3, 3, _json_merge),
    "MathRandom": _Function(2, 3, _math_random, takes_random=True),
    "MathAdd": _Function(2, 2, _math_add),
    "StringSplit": _Function(2, 2, _string_split),
    "UUID": _Function(0, 0, make_uuid, takes_random=True),
}
FUNCTION_NAMES = tuple(sorted(f"States.{name}" for name in _FUNCTIONS))
"""All intrinsic functions."""
