"""The functions of JSONata as AWS's JVM has them, and those that Step Functions adds.

What differs from https://docs.jsonata.org was measured on AWS in 2026; the facts are in tests/conformance with their sources.
Numbers lose their fraction where Java expects an integer, texts split and sort by UTF-16 units, Base64 is UTF-8.

jlens formats numbers, integers and times by their pictures; where it has no wheel, jsonata-python does.
"""

from __future__ import annotations

import base64
import functools
import itertools
import math
import re
import time
import urllib.parse
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any, Final, NoReturn

from generator.asl.intrinsics import hash_text, make_uuid
from generator.asl.json_reader import JsonReadError, read_json
from generator.asl.jsonata_columns import column_of, comparison_of, evaluated, fold_of, is_ordered, ordered_keys
from generator.asl.jsonata_library import python_library
from generator.asl.jsonata_signature import read_signature
from generator.asl.jsonata_values import (
    MAX_TEXT,
    UNDEFINED,
    Function,
    JSONataError,
    Lambda,
    Sequence,
    check_range,
    checked_text,
    fail,
    internal,
    is_function,
    is_number,
    number,
    out_of_memory,
    plain,
    text_of,
    truth,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.asl.jsonata_scope import Run


def append(first: Any, second: Any) -> Any:
    """Return two values as one array; an undefined one is left out."""
    if first is UNDEFINED:
        return second
    if second is UNDEFINED:
        return first
    left = first if isinstance(first, list) else [first]
    return [*left, *second] if isinstance(second, list) else [*left, second]


def lookup(value: Any, key: str) -> Any:
    """Return the member of an object, or of each object of an array."""
    if value.__class__ is dict:
        return value.get(key, UNDEFINED)
    if isinstance(value, list):
        found = Sequence()
        for item in value:
            member = lookup(item, key)
            if isinstance(member, list):
                found.extend(member)
            elif member is not UNDEFINED:
                found.append(member)
        return found
    return UNDEFINED


def _sum(_: Run, values: Any) -> Any:
    return UNDEFINED if values is UNDEFINED else number(math.fsum(values) if _finite(values) else sum(values, 0.0))


def _finite(values: list[Any]) -> bool:
    return all(map(math.isfinite, values))


def _average(_: Run, values: Any) -> Any:
    return number(float(_sum(_, values)) / len(values)) if values else UNDEFINED


def _string(_: Run, value: Any, pretty: Any) -> Any:
    return UNDEFINED if value is UNDEFINED else text_of(value, pretty=pretty is True)


def _substring(_: Run, text: Any, start: Any, length: Any) -> Any:
    if text is UNDEFINED:
        return UNDEFINED
    begin = 0 if start is UNDEFINED else math.trunc(start)
    if begin < 0:
        begin = max(0, len(text) + begin)
    if length is UNDEFINED:
        return text[begin:]
    return text[begin : begin + max(0, math.trunc(length))]


def _substring_before(_: Run, text: Any, chars: Any) -> Any:
    return text if text is UNDEFINED or chars is UNDEFINED else text.partition(chars)[0] if chars else ""


def _substring_after(_: Run, text: Any, chars: Any) -> Any:
    if text is UNDEFINED or chars is UNDEFINED or chars not in text:
        return text
    return text.partition(chars)[2] if chars else text


def _of_text(function: Callable[[str], Any]) -> Callable[..., Any]:
    return lambda _, text: UNDEFINED if text is UNDEFINED else function(text)


def _trim(text: str) -> str:
    return re.sub("[ \t\n\r]+", " ", text).strip(" ")


def _pad(_: Run, text: Any, width: Any, chars: Any) -> Any:
    if text is UNDEFINED or width is UNDEFINED:
        return text
    pad = " " if chars is UNDEFINED or not chars else chars
    missing = abs(math.trunc(width)) - len(text)
    if missing <= 0:
        return text
    if missing > MAX_TEXT:
        raise out_of_memory()
    padding = (pad * (missing // len(pad) + 1))[:missing]
    return padding + text if width < 0 else text + padding


def _matches(run: Run, pattern: Any, text: str) -> Any:
    """Yield the matches of a regular expression, or of a function that finds them: text, start, end, groups."""
    if isinstance(pattern, re.Pattern):
        for match in pattern.finditer(text):
            yield match.group(), match.start(), match.end(), [UNDEFINED if group is None else group for group in match.groups()]
        return
    found: Any = run.call(pattern, [text])
    while found.__class__ is dict:
        yield found.get("match", ""), found.get("start", 0), found.get("end", 0), found.get("groups", [])
        found = run.call(found["next"], []) if is_function(found.get("next")) else UNDEFINED


def _match(run: Run, text: Any, pattern: Any, limit: Any) -> Any:
    if text is UNDEFINED:
        return UNDEFINED
    if limit is not UNDEFINED and limit < 0:
        raise fail("D3040", index=3)
    found = Sequence()
    for match, start, _, groups in _matches(run, pattern, text):
        if limit is not UNDEFINED and len(found) >= limit:
            break
        found.append({"match": match, "index": start, "groups": ["" if group is UNDEFINED else group for group in groups]})
    return found


def _contains(run: Run, text: Any, pattern: Any) -> Any:
    if text is UNDEFINED or pattern is UNDEFINED:
        return UNDEFINED
    if isinstance(pattern, str):
        return pattern in text
    return next(_matches(run, pattern, text), None) is not None


def _replacement(template: str, match: str, groups: list[Any]) -> str:
    """Fill in ``$0``, ``$1``, … in a replacement; ``$$`` is a dollar sign."""
    parts: list[Any] = []
    at = 0
    while (dollar := template.find("$", at)) >= 0:
        parts.append(template[at:dollar])
        at = dollar + 1
        following = template[at : at + 1]
        if following == "$":
            parts.append("$")
            at += 1
        elif following == "0":
            parts.append(match)
            at += 1
        else:
            most = len(str(len(groups))) if groups else 1
            digits = re.match(r"\d*", template[at : at + most], re.ASCII)
            index = digits[0] if digits else ""
            while len(index) > 1 and int(index) > len(groups):
                index = index[:-1]
            if not index:
                parts.append("$")
                continue
            group = groups[int(index) - 1] if 0 < int(index) <= len(groups) else UNDEFINED
            parts.append("" if group is UNDEFINED else group)
            at += len(index)
    return "".join(parts) + template[at:]


def _replace(run: Run, text: Any, pattern: Any, replacement: Any, limit: Any) -> Any:
    if text is UNDEFINED or pattern is UNDEFINED or replacement is UNDEFINED:
        return UNDEFINED
    if pattern == "":
        raise fail("D3010")
    if limit is not UNDEFINED and limit < 0:
        raise fail("D3011")
    left = math.inf if limit is UNDEFINED else math.trunc(limit)
    if isinstance(pattern, str) and isinstance(replacement, str):
        return checked_text(text.replace(pattern, replacement, -1 if left == math.inf else int(left)))
    found = _matches(run, re.compile(re.escape(pattern)) if isinstance(pattern, str) else pattern, text)
    parts: list[Any] = []
    at = 0
    for match, start, end, groups in found:
        if left <= 0:
            break
        left -= 1
        if isinstance(replacement, str):
            filled = _replacement(replacement, match, groups)
        else:
            filled = run.call(replacement, [{"match": match, "start": start, "end": end, "groups": groups}])
            if not isinstance(filled, str):
                raise fail("D3012", value=filled)
        parts += text[at:start], filled
        at = end
    return checked_text("".join(parts) + text[at:])


def _split(run: Run, text: Any, separator: Any, limit: Any) -> Any:
    if text is UNDEFINED:
        return UNDEFINED
    if limit is not UNDEFINED and limit < 0:
        raise fail("D3020", index=3)
    if separator is UNDEFINED:
        parts = [text]
    elif separator == "":
        units = text.encode("utf-16-le", "surrogatepass")
        parts = (
            list(text) if text.isascii() else [units[at : at + 2].decode("utf-16-le", "surrogatepass") for at in range(0, len(units), 2)]
        )
    elif isinstance(separator, str):
        parts = text.split(separator)
    else:
        parts, at = [], 0
        for _, start, end, _ in _matches(run, separator, text):
            parts.append(text[at:start])
            at = end
        parts.append(text[at:])
    return parts if limit is UNDEFINED else parts[: math.trunc(limit)]


def _join(_: Run, texts: Any, separator: Any) -> Any:
    return UNDEFINED if texts is UNDEFINED else checked_text(("" if separator is UNDEFINED else separator).join(texts))


def _picture(name: str, value: Any, *options: Any) -> Any:
    """Call a function that formats or reads by a picture: in jlens, or where it has no wheel in jsonata-python.

    jlens has the error codes of AWS (D3086 for ``$formatNumber(1, "x")``: floci-io/floci#2737), jsonata-python has others.
    """
    if value is UNDEFINED:
        return UNDEFINED
    if value.__class__ is float and not math.isfinite(value):
        return plain(value)
    given = list(options)
    while given and given[-1] is UNDEFINED:
        given.pop()
    arguments = [value, *(None if option is UNDEFINED else option for option in given)]
    program, failures = _picture_program(name, len(arguments))
    try:
        result = program({chr(97 + position): argument for position, argument in enumerate(arguments)})
    except failures as error:
        code = getattr(error, "code", None) or getattr(error, "error", None)
        if code is None:
            raise internal() from None
        raise JSONataError(f"{code}: {error}") from None
    return UNDEFINED if result is None else result


@functools.lru_cache(32)
def _picture_program(name: str, count: int) -> tuple[Callable[[dict[str, Any]], Any], Any]:
    """Return a function that calls a built-in function of a library with the members a, b, … and how it fails."""
    text = f"${name}({', '.join('abc'[:count])})"
    try:
        import jlens
    except ImportError:
        return python_library().Jsonata(text).evaluate, Exception
    return jlens.Expression(text).evaluate, jlens.JlensError


def _by_picture(name: str) -> Callable[..., Any]:
    return lambda _, value, *options: _picture(name, value, *options)


_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


def _format_base(_: Run, value: Any, radix: Any) -> Any:
    if value is UNDEFINED:
        return UNDEFINED
    base = 10 if radix is UNDEFINED else math.trunc(radix)
    if not 2 <= base <= len(_DIGITS):  # noqa: PLR2004  a radix is at least 2
        raise fail("D3100", value=radix)
    rest = abs(whole := int(_rounded(value, 0)))
    digits = ""
    while True:
        rest, digit = divmod(rest, base)
        digits = _DIGITS[digit] + digits
        if not rest:
            return f"-{digits}" if whole < 0 else digits


_DECIMAL: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?([Ee][-+]?[0-9]+)?")
_RADIX: Final = re.compile(r"0[xX]([0-9a-fA-F]+)|0[oO]([0-7]+)|0[bB]([01]+)")


def _number(_: Run, value: Any) -> Any:
    if value is UNDEFINED or is_number(value):
        return value
    if isinstance(value, bool):
        return int(value)
    if _DECIMAL.fullmatch(value):
        if re.fullmatch(r"-?[0-9]{1,18}", value):
            return int(value)
        made = float(value)
        if math.isfinite(made):
            return number(made)
    elif found := _RADIX.fullmatch(value):
        return int(value, 16 if found[1] else 8 if found[2] else 2)
    raise fail("D3030", value=value)


def _of_number(function: Callable[[Any], Any]) -> Callable[..., Any]:
    def call(_: Run, value: Any) -> Any:
        if value is UNDEFINED or (value.__class__ is float and not math.isfinite(value)):
            return value
        return number(function(value))

    return call


def _rounded(value: Any, places: Any) -> Any:
    if value.__class__ is float and not math.isfinite(value):
        return value
    digits = 0 if places is UNDEFINED else math.trunc(places)
    if digits >= 0 and abs(value) >= 2**53:
        return value  # a whole number
    made = Decimal(repr(value) if value.__class__ is float else value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)
    return number(float(made))


def _round(_: Run, value: Any, places: Any) -> Any:
    return UNDEFINED if value is UNDEFINED else _rounded(value, places)


def _sqrt(_: Run, value: Any) -> Any:
    if value is UNDEFINED:
        return UNDEFINED
    if value < 0:
        raise fail("D3060", value=value)
    return number(math.sqrt(value))


def _power(_: Run, base: Any, exponent: Any) -> Any:
    if base is UNDEFINED or exponent is UNDEFINED:
        return UNDEFINED
    try:
        made = float(base) ** float(exponent)
    except (OverflowError, ZeroDivisionError):
        made = math.inf
    if isinstance(made, complex) or not math.isfinite(made):
        raise fail("D3061", value=base, exp=exponent)
    return number(made)


def _not(_: Run, value: Any) -> Any:
    return UNDEFINED if value is UNDEFINED else not truth(value)


def _boolean(_: Run, value: Any) -> Any:
    return UNDEFINED if value is UNDEFINED else truth(value)


def _by_column(run: Run, function: Any, values: list[Any]) -> list[Any] | None:
    """Return the results of a function for all items at once, or None if they are not uniform."""
    if function.__class__ is not Lambda:
        return None
    results = evaluated(function.code.made(column_of), values, function.environment)
    if results is not None:
        run.called(len(values))
    return results


def _map(run: Run, values: Any, function: Any) -> Any:
    if values is UNDEFINED:
        return UNDEFINED
    results = _by_column(run, function, values)
    if results is None:
        call = run.caller(function, 3)
        results = [call(value, index, values) for index, value in enumerate(values)]
    return Sequence(result for result in results if result is not UNDEFINED)


def _filter(run: Run, values: Any, function: Any) -> Any:
    if values is UNDEFINED:
        return UNDEFINED
    results = _by_column(run, function, values)
    if results is None:
        call = run.caller(function, 3)
        results = [call(value, index, values) for index, value in enumerate(values)]
    return Sequence(itertools.compress(values, map(truth, results)))


def _single(run: Run, values: Any, function: Any) -> Any:
    if values is UNDEFINED:
        return UNDEFINED
    found: list[Any] = []
    call = None if function is UNDEFINED else run.caller(function, 3)
    for index, value in enumerate(values):
        if call is None or truth(call(value, index, values)):
            if found:
                raise fail("D3138", index=index)
            found.append(value)
    if not found:
        raise fail("D3139")
    return found[0]


def _reduce(run: Run, values: Any, function: Any, start: Any) -> Any:
    if values is UNDEFINED:
        return UNDEFINED
    arity = run.arity(function)
    if arity < 2:  # noqa: PLR2004  the result so far and an item
        raise fail("D3050", index=1)
    first = 1 if start is UNDEFINED and values else 0
    if first:
        start = values[0]
    items = values[first:] if first else values
    fold = function.code.made(fold_of) if function.__class__ is Lambda else None
    if fold is not None and (operands := evaluated(fold[1], items, function.environment)) is not None:
        run.called(len(items))
        return functools.reduce(fold[0], operands, start)
    call = run.caller(function, 4)
    for index, value in enumerate(items, first):
        start = call(start, value, index, values)
    return start


def _zip(_: Run, *arrays: Any) -> Any:
    if any(array is UNDEFINED for array in arrays):
        return []
    return [list(items) for items in zip(*(array if isinstance(array, list) else [array] for array in arrays), strict=False)]


def _keys(_: Run, value: Any) -> Any:
    if isinstance(value, list):
        return Sequence(dict.fromkeys(key for item in value for key in _keys(_, item)))
    return Sequence(value) if value.__class__ is dict else Sequence()


def _lookup(_: Run, value: Any, key: Any) -> Any:
    return UNDEFINED if key is UNDEFINED else lookup(value, key)


def _spread(_: Run, value: Any) -> Any:
    if isinstance(value, list):
        return [part for item in value for part in _as_list(_spread(_, item))] or Sequence()
    if value.__class__ is dict:
        return Sequence({key: item} for key, item in value.items())
    return value


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is UNDEFINED else [value]


def _merge(_: Run, values: Any) -> Any:
    """Merge objects. Arrays inside the array are merged too (iwamot/sfnx, 2026)."""
    if values is UNDEFINED:
        return UNDEFINED
    made: dict[str, Any] = {}
    for value in values if isinstance(values, list) else [values]:
        if isinstance(value, list):
            made |= _merge(_, value)
        elif value.__class__ is dict:
            made |= value
        else:
            raise fail("T0412", index=1, token="merge", type="objects")  # noqa: S106  the name of a function
    return made


def _each(run: Run, value: Any, function: Any) -> Any:
    if value is UNDEFINED:
        return UNDEFINED
    call = run.caller(function, 3)
    made = (call(item, key, value) for key, item in value.items())
    return Sequence(result for result in made if result is not UNDEFINED)


def _sift(run: Run, value: Any, function: Any) -> Any:
    if value is UNDEFINED:
        return UNDEFINED
    call = run.caller(function, 3)
    return {key: item for key, item in value.items() if truth(call(item, key, value))} or UNDEFINED


def _error(_: Run, message: Any) -> NoReturn:
    raise fail("D3137", message="$error() function evaluated" if message is UNDEFINED else message)


def _assert(_: Run, condition: Any, message: Any) -> Any:
    if not truth(condition):
        raise fail("D3141", message="$assert() statement failed" if message is UNDEFINED else message)
    return UNDEFINED


_TYPES: Final = {str: "string", bool: "boolean", int: "number", float: "number", dict: "object", type(None): "null"}


def _type(_: Run, value: Any) -> Any:
    if value is UNDEFINED:
        return UNDEFINED
    return _TYPES.get(value.__class__) or ("array" if isinstance(value, list) else "function")


def _sort(run: Run, values: Any, function: Any) -> Any:
    if values is UNDEFINED or len(values) <= 1:
        return values
    if function is UNDEFINED:
        keys = ordered_keys(values) if all(map(is_number, values)) or all(isinstance(value, str) for value in values) else None
        if keys is None:
            raise fail("D3070")
        return [values[position] for position in sorted(range(len(values)), key=keys.__getitem__)]
    # The JVM's comparator has no "equal": where the function is false, the first argument counts as the smaller one.
    compared = function.code.made(comparison_of) if function.__class__ is Lambda and function.arity == 2 else None  # noqa: PLR2004
    if compared is not None:
        left, right = (evaluated(column, values, function.environment) for column in compared[1:])
        if left is not None and right is not None and is_ordered(left, right):
            swapped = compared[0]
            run.called(len(values))

            def compare(one: int, two: int) -> int:
                return 1 if swapped(left[one], right[two]) else -1

            return [values[position] for position in sorted(range(len(values)), key=functools.cmp_to_key(compare))]
    call = run.caller(function, 2)
    return sorted(values, key=functools.cmp_to_key(lambda one, two: 1 if truth(call(one, two)) else -1))


def _shuffle(run: Run, values: Any) -> Any:
    if values is UNDEFINED:
        return UNDEFINED
    made = list(values)
    run.random.shuffle(made)
    return made


def _distinct(_: Run, values: Any) -> Any:
    if not isinstance(values, list) or len(values) <= 1:
        return values
    made: dict[Any, Any] = {}
    for value in values:
        made.setdefault(_identity(value), value)
    return Sequence(made.values()) if isinstance(values, Sequence) else list(made.values())


def _identity(value: Any) -> Any:
    """Return the same hashable value for equal values of JSON, and for no others."""
    kind = value.__class__
    if kind is dict:
        return dict, frozenset((key, _identity(item)) for key, item in value.items())
    if isinstance(value, list):
        return list, tuple(map(_identity, value))
    return (bool, value) if kind is bool else value


def _base64encode(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "replace")).decode("ascii")


_BASE64: Final = re.compile("[A-Za-z0-9+/]*={0,2}")


def _base64decode(text: str) -> str:
    """Decode as ``java.util.Base64``: an invalid text is an internal error, missing padding is accepted."""
    body = text.rstrip("=")
    if not _BASE64.fullmatch(text) or len(body) % 4 == 1 or (body != text and len(text) % 4):
        raise internal()
    return base64.b64decode(body + "=" * (-len(body) % 4)).decode("utf-8", "replace")


def _encoder(name: str, safe: str) -> Callable[[str], str]:
    def encode(text: str) -> str:
        try:
            return urllib.parse.quote(text, safe=safe)
        except UnicodeEncodeError:
            raise fail("D3140", functionName=name, value=text) from None

    return encode


def _decoder(name: str) -> Callable[[str], str]:
    """Decode as ``java.net.URLDecoder``: ``+`` is a space, bytes that are not UTF-8 become replacement characters."""

    def decode(text: str) -> str:
        if re.search("%(?![0-9a-fA-F]{2})", text):
            raise fail("D3140", functionName=name, value=text)
        return urllib.parse.unquote_plus(text, errors="replace")

    return decode


_ISO: Final = re.compile(
    r"(\d{4})(?:-([01]\d)(?:-([0-3]\d))?)?(?:T([0-2]\d):([0-5]\d)(?::([0-5]\d))?)?(?:\.(\d+))?([+-][0-2]\d:?[0-5]\d|Z)?", re.ASCII
)


def _to_millis(_: Run, text: Any, picture: Any) -> Any:
    if text is UNDEFINED:
        return UNDEFINED
    if picture is not UNDEFINED:
        return _picture("toMillis", text, picture)
    found = _ISO.fullmatch(text)
    if found is None:
        raise fail("D3110", value=text)
    year, month, day, hour, minute, second = (
        int(part) if part else base for part, base in zip(found.groups()[:6], (1, 1, 1, 0, 0, 0), strict=True)
    )
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        raise fail("D3110", value=text) from None
    offset = (found[8] or "Z").replace(":", "")
    shift = 0 if offset == "Z" else int(f"{offset[0]}1") * (int(offset[1:3]) * 60 + int(offset[3:5]))
    millis = int((found[7] or "").ljust(3, "0")[:3])
    return (moment - datetime(1970, 1, 1, tzinfo=UTC) - timedelta(minutes=shift)) // timedelta(milliseconds=1) + millis


def _from_millis(_: Run, millis: Any, picture: Any, zone: Any) -> Any:
    if millis is UNDEFINED:
        return UNDEFINED
    if picture is UNDEFINED and zone is UNDEFINED:
        try:
            moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=math.trunc(millis))
        except (OverflowError, ValueError):
            raise internal() from None
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return _picture(
        "fromMillis", math.trunc(millis), "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]" if picture is UNDEFINED else picture, zone
    )


def _millis(run: Run) -> int:
    return int((time.time() if run.now is None else run.now) * 1000)


def _now(run: Run, picture: Any, zone: Any) -> Any:
    return _from_millis(run, _millis(run), picture, zone)


def _partition(_: Run, array: Any, size: Any) -> Any:
    """Split an array into parts. A size below 1 returns nothing, no size returns one part (floci-io/floci#2676, 2026)."""
    if array is UNDEFINED:
        return UNDEFINED
    if not isinstance(array, list):
        raise fail("T0412", index=1, token="partition", type="x")  # noqa: S106  the name of a function
    step = len(array) if size is UNDEFINED else math.trunc(size)
    if step < 1 or not array:
        return UNDEFINED
    return [array[at : at + step] for at in range(0, len(array), step)]


def _range(_: Run, first: Any, last: Any, step: Any) -> Any:
    """Return numbers from first to last. Fractions are dropped; without a step or with step 0 there is nothing."""
    if first is UNDEFINED or last is UNDEFINED or step is UNDEFINED:
        return UNDEFINED
    start, end, stride = math.trunc(first), math.trunc(last), math.trunc(step)
    if stride == 0:
        return UNDEFINED
    numbers = range(start, end + (1 if stride > 0 else -1), stride)
    check_range(len(numbers))
    return Sequence(numbers)


def _hash(_: Run, text: Any, algorithm: Any) -> Any:
    if text is UNDEFINED or algorithm is UNDEFINED:
        return UNDEFINED
    made = hash_text(text, algorithm)
    if made is None:
        raise fail("D3137", message=f"Unsupported hash algorithm: {algorithm}")
    return made


def _parse(_: Run, text: Any) -> Any:
    """Read JSON as AWS's parser: texts in single quotes are accepted, repeated members and anything after the value are not."""
    if text is UNDEFINED:
        return UNDEFINED
    try:
        return _numbers(read_json(text, single_quotes=True, unique_keys=True))
    except JsonReadError as error:
        raise fail("D3137", message=f"Invalid JSON: {error}") from None


def _numbers(value: Any) -> Any:
    """Return JSON with the numbers that the JVM reads: integers beyond 64 bits are floats."""
    kind = value.__class__
    if kind is int and not -(2**63) <= value < 2**63:
        return float(value)
    if kind is list:
        return [_numbers(item) for item in value]
    return {key: _numbers(item) for key, item in value.items()} if kind is dict else value


_MASK: Final = (1 << 48) - 1


def java_random(seed: int) -> float:
    """Return the first ``nextDouble`` of ``java.util.Random``: what AWS's ``$random`` with a seed returns (floci-io/floci#2676).

    >>> java_random(7)
    0.7306990420600421
    """
    state = (seed ^ 0x5DEECE66D) & _MASK
    state = (state * 0x5DEECE66D + 0xB) & _MASK
    high = state >> 22
    state = (state * 0x5DEECE66D + 0xB) & _MASK
    return float((high << 27) + (state >> 21)) * 2.0**-53


def _random(run: Run, seed: Any) -> float:
    return run.random.random() if seed is UNDEFINED else java_random(math.trunc(seed))


_TABLE: Final[dict[str, tuple[str, Callable[..., Any]]]] = {
    "sum": ("<a<n>:n>", _sum),
    "count": ("<a:n>", lambda _, values: 0 if values is UNDEFINED else len(values)),
    "max": ("<a<n>:n>", lambda _, values: max(values) if values else UNDEFINED),
    "min": ("<a<n>:n>", lambda _, values: min(values) if values else UNDEFINED),
    "average": ("<a<n>:n>", _average),
    "string": ("<x-b?:s>", _string),
    "substring": ("<s-nn?:s>", _substring),
    "substringBefore": ("<s-s:s>", _substring_before),
    "substringAfter": ("<s-s:s>", _substring_after),
    "lowercase": ("<s-:s>", _of_text(str.lower)),
    "uppercase": ("<s-:s>", _of_text(str.upper)),
    "length": ("<s-:n>", _of_text(len)),
    "trim": ("<s-:s>", _of_text(_trim)),
    "pad": ("<s-ns?:s>", _pad),
    "match": ("<s-f<s:o>n?:a<o>>", _match),
    "contains": ("<s-(sf):b>", _contains),
    "replace": ("<s-(sf)(sf)n?:s>", _replace),
    "split": ("<s-(sf)n?:a<s>>", _split),
    "join": ("<a<s>s?:s>", _join),
    "formatNumber": ("<n-so?:s>", _by_picture("formatNumber")),
    "formatBase": ("<n-n?:s>", _format_base),
    "formatInteger": ("<n-s:s>", _by_picture("formatInteger")),
    "parseInteger": ("<s-s:n>", _by_picture("parseInteger")),
    "number": ("<(nsb)-:n>", _number),
    "floor": ("<n-:n>", _of_number(math.floor)),
    "ceil": ("<n-:n>", _of_number(math.ceil)),
    "round": ("<n-n?:n>", _round),
    "abs": ("<n-:n>", lambda _, value: UNDEFINED if value is UNDEFINED else abs(value)),
    "sqrt": ("<n-:n>", _sqrt),
    "power": ("<n-n:n>", _power),
    "boolean": ("<x-:b>", _boolean),
    "not": ("<x-:b>", _not),
    "map": ("<af>", _map),
    "zip": ("<a+>", _zip),
    "filter": ("<af>", _filter),
    "single": ("<af?>", _single),
    "reduce": ("<afj?:j>", _reduce),
    "sift": ("<o-f?:o>", _sift),
    "keys": ("<x-:a<s>>", _keys),
    "lookup": ("<x-s:x>", _lookup),
    "append": ("<xx:a>", lambda _, first, second: append(first, second)),
    "exists": ("<x:b>", lambda _, value: value is not UNDEFINED),
    "spread": ("<x-:a<o>>", _spread),
    "merge": ("<a:o>", _merge),
    "reverse": ("<a:a>", lambda _, values: values[::-1] if isinstance(values, list) and len(values) > 1 else values),
    "each": ("<o-f:a>", _each),
    "error": ("<s?:x>", _error),
    "assert": ("<bs?:x>", _assert),
    "type": ("<x:s>", _type),
    "sort": ("<af?:a>", _sort),
    "shuffle": ("<a:a>", _shuffle),
    "distinct": ("<x:x>", _distinct),
    "base64encode": ("<s-:s>", _of_text(_base64encode)),
    "base64decode": ("<s-:s>", _of_text(_base64decode)),
    "encodeUrlComponent": ("<s-:s>", _of_text(_encoder("encodeUrlComponent", "~()*!.'"))),
    "encodeUrl": ("<s-:s>", _of_text(_encoder("encodeUrl", "~@#$&()*!+=:;,.?/'"))),
    "decodeUrlComponent": ("<s-:s>", _of_text(_decoder("decodeUrlComponent"))),
    "decodeUrl": ("<s-:s>", _of_text(_decoder("decodeUrl"))),
    "toMillis": ("<s-s?:n>", _to_millis),
    "fromMillis": ("<n-s?s?:s>", _from_millis),
    "now": ("<s?s?:s>", _now),
    "millis": ("<:n>", _millis),
    "partition": ("<xn?:a>", _partition),
    "range": ("<nnn?:a>", _range),
    "hash": ("<ss?:s>", _hash),
    "parse": ("<s:x>", _parse),
    "random": ("<n?:n>", _random),
    "uuid": ("<:s>", lambda run: make_uuid(run.random)),
}


def _functions() -> dict[str, Function]:
    made = {}
    for name, (text, call) in _TABLE.items():
        signature = read_signature(text)
        made[name] = Function(name, call, signature, signature.arity)
    return made


BUILTINS: Final = _functions()
"""The functions by name, without ``$``. ``eval`` is not one of them: AWS says that it is not a function."""
