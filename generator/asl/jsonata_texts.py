"""The functions of JSONata for texts, and for numbers and times as texts, as AWS's JVM has them.

What differs from https://docs.jsonata.org was measured on AWS in 2026; the facts are in tests/conformance with their sources.
Texts split by UTF-16 units, Base64 is UTF-8, a position loses its fraction.

jlens formats numbers, integers and times by their pictures; where it has no wheel, jsonata-python does.
"""

from __future__ import annotations

import base64
import functools
import math
import re
import time
import urllib.parse
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from generator.asl.jsonata_library import python_library
from generator.asl.jsonata_values import (
    MAX_TEXT,
    UNDEFINED,
    JSONataError,
    Sequence,
    checked_text,
    fail,
    internal,
    is_function,
    out_of_memory,
    plain,
    rounded,
    text_of,
    whole,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.asl.jsonata_scope import Run


def _string(_: Run, value: Any, pretty: Any) -> Any:
    return UNDEFINED if value is UNDEFINED else text_of(value, pretty=pretty is True)


def _substring(_: Run, text: Any, start: Any, length: Any) -> Any:
    if text is UNDEFINED:
        return UNDEFINED
    begin = 0 if start is UNDEFINED else whole(start)
    if begin < 0:
        begin = max(0, len(text) + begin)
    if length is UNDEFINED:
        return text[begin:]
    return text[begin : begin + max(0, whole(length))]


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
    missing = abs(whole(width)) - len(text)
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
        found.append({"match": match, "index": start, "groups": [None if group is UNDEFINED else group for group in groups]})
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
    left = math.inf if limit is UNDEFINED else whole(limit)
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
    return parts if limit is UNDEFINED else parts[: whole(limit)]


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
    base = 10 if radix is UNDEFINED else whole(radix)
    if not 2 <= base <= len(_DIGITS):  # noqa: PLR2004  a radix is at least 2
        raise fail("D3100", value=radix)
    rest = abs(integer := int(rounded(value, 0)))
    digits = ""
    while True:
        rest, digit = divmod(rest, base)
        digits = _DIGITS[digit] + digits
        if not rest:
            return f"-{digits}" if integer < 0 else digits


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
            moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=whole(millis))
        except (OverflowError, ValueError):
            raise internal() from None
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return _picture(
        "fromMillis", whole(millis), "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]" if picture is UNDEFINED else picture, zone
    )


def _millis(run: Run) -> int:
    return int((time.time() if run.now is None else run.now) * 1000)


def _now(run: Run, picture: Any, zone: Any) -> Any:
    return _from_millis(run, _millis(run), picture, zone)


TEXT_FUNCTIONS: Final[dict[str, tuple[str, Callable[..., Any]]]] = {
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
}
"""Signatures and functions by name, without ``$``."""
