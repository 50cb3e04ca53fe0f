"""The implementations of the intrinsic functions of JSONPath states.

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
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from generator.asl.java_random import JavaRandom
from generator.asl.json_reader import JsonReadError, read_json
from generator.asl.placeholders import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

MAX_RANGE = 1000
"""The most items that ``States.ArrayRange`` returns."""
MAX_TEXT = 10_000
"""The most characters that ``States.Base64Encode``, ``Base64Decode`` and ``Hash`` accept."""


class IntrinsicFunction(NamedTuple):
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


class ArgumentError(Exception):
    """An argument that a function does not accept. Without a text, AWS only says that the arguments are invalid."""


_INT_MIN, _INT_MAX = -(2**31), 2**31 - 1


def _integer(value: Any) -> int:
    """Return a number as a 32-bit integer, without its fraction."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not _INT_MIN <= value <= _INT_MAX:
        raise ArgumentError
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
        raise ArgumentError
    return value


def _array(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ArgumentError
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ArgumentError
    return value


def _short_text(value: Any) -> str:
    text = _text(value)
    if len(text) > MAX_TEXT:
        raise ArgumentError
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


def template_parts(template: str) -> list[str | None]:
    """Return the texts of a template of ``States.Format``, and None for each ``{}`` between them.

    Raises:
        ArgumentError: a brace has no pair, or a backslash is before another character than a quote, a brace or a backslash.
    """
    parts: list[str | None] = []
    at = 0
    while at < len(template):
        char = template[at]
        if char == "\\":
            if template[at + 1 : at + 2] not in _ESCAPABLE:
                raise ArgumentError("Invalid template in States.Format: unexpected escape character '\\'.")
            parts.append(template[at + 1])
            at += 1
        elif char == "$" and (placeholder := PLACEHOLDER.match(template, at)):
            parts.append(placeholder[0])  # a text comes here when the definition is deployed
            at = placeholder.end() - 1
        elif char == "{":
            if not template.startswith("{}", at):
                raise ArgumentError("Invalid template in States.Format: matching '}' not found for '{'.")
            parts.append(None)
            at += 1
        elif char == "}":
            raise ArgumentError("Invalid template in States.Format: matching '{' not found for '}'.")
        else:
            parts.append(char)
        at += 1
    return parts


def _format(template: Any, *arguments: Any) -> str:
    parts = template_parts(_text(template))
    if parts.count(None) != len(arguments):
        raise ArgumentError
    rest = iter(arguments)
    return "".join(_java(next(rest)) if part is None else part for part in parts)


_ESCAPABLE = frozenset("\\'{}")


def _string_to_json(text: Any) -> Any:
    if not _text(text).strip(" \t\r\n"):
        return None
    try:
        return _finite(read_json(text))
    except JsonReadError as error:
        raise ArgumentError(f"Cannot convert String to Json in States.StringToJson, caused by: {error}") from None


def _finite(value: Any) -> Any:
    """Return a value whose numbers beyond a double (``1e400``) are texts, as Jackson writes them."""
    if isinstance(value, float) and math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return {key: _finite(item) for key, item in value.items()} if isinstance(value, dict) else value


def _array_partition(array: Any, size: Any) -> list[list[Any]]:
    array, size = _array(array), _integer(size)
    if size <= 0:
        raise ArgumentError
    return [array[at : at + size] for at in range(0, len(array), size)]


def _array_contains(array: Any, value: Any) -> bool:
    return _key(value) in {_key(item) for item in _array(array)}


def _array_range(first: Any, last: Any, step: Any) -> list[int]:
    first, last, step = _integer(first), _integer(last), _integer(step)
    if step == 0:
        raise ArgumentError
    numbers = range(first, last + (1 if step > 0 else -1), step)
    if len(numbers) > MAX_RANGE:
        raise ArgumentError
    return list(numbers)


def _array_get_item(array: Any, index: Any) -> Any:
    array, index = _array(array), _integer(index)
    if not 0 <= index < len(array):
        raise ArgumentError
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
        raise ArgumentError
    return result


def _json_merge(first: Any, second: Any, deep: Any) -> dict[str, Any]:
    """Merge two objects. Only a third argument that Jackson reads as true is refused, since deep merging is not supported."""
    wants_deep = deep == "true" if isinstance(deep, str) else isinstance(deep, (bool, int, float)) and bool(deep)
    if not isinstance(first, dict) or not isinstance(second, dict) or wants_deep:
        raise ArgumentError
    return {**first, **second}


def _math_random(random: Random, start: Any, end: Any, *seed: Any) -> int:
    """Return a whole number from start (inclusive) to end (exclusive).

    With a seed it is the first one of Java's generator, as in ``$random`` of JSONata, where it was measured; here it is a guess.
    """
    first, size = _rounded(start), _rounded(end) - _rounded(start)
    if size <= 0:
        raise ArgumentError
    if not seed:
        return first + int(random.random() * size)
    generator = JavaRandom(_rounded(seed[0]))
    return first + (generator.next_int(size) if size <= _INT_MAX else int(generator.next_double() * size))


def _math_add(first: Any, second: Any) -> int:
    result = _rounded(first) + _rounded(second)
    if not _INT_MIN <= result <= _INT_MAX:
        raise ArgumentError
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


FUNCTIONS: Final = {
    "Format": IntrinsicFunction(1, None, _format),
    "StringToJson": IntrinsicFunction(1, 1, _string_to_json),
    "JsonToString": IntrinsicFunction(1, 1, _json_to_string),
    "Array": IntrinsicFunction(0, None, lambda *items: [_finite(item) if isinstance(item, float) else item for item in items]),
    "ArrayPartition": IntrinsicFunction(2, 2, _array_partition),
    "ArrayContains": IntrinsicFunction(2, 2, _array_contains),
    "ArrayRange": IntrinsicFunction(3, 3, _array_range),
    "ArrayGetItem": IntrinsicFunction(2, 2, _array_get_item),
    "ArrayLength": IntrinsicFunction(1, 1, _array_length),
    "ArrayUnique": IntrinsicFunction(1, 1, _array_unique),
    "Base64Encode": IntrinsicFunction(1, 1, _base64_encode),
    "Base64Decode": IntrinsicFunction(1, 1, _base64_decode),
    "Hash": IntrinsicFunction(2, 2, _hash),
    "JsonMerge": IntrinsicFunction(3, 3, _json_merge),
    "MathRandom": IntrinsicFunction(2, 3, _math_random, takes_random=True),
    "MathAdd": IntrinsicFunction(2, 2, _math_add),
    "StringSplit": IntrinsicFunction(2, 2, _string_split),
    "UUID": IntrinsicFunction(0, 0, make_uuid, takes_random=True),
}
FUNCTION_NAMES = tuple(sorted(f"States.{name}" for name in FUNCTIONS))
"""All intrinsic functions."""
