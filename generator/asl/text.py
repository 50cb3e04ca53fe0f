"""ASL as text: reading JSON with its mistakes, and finding the line of a place.

The files may be templates: a ``${Placeholder}`` may be inside a string or in place of a value.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left, bisect_right
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from generator.asl.placeholders import PATTERN, STRING_OR_PLACEHOLDER
from generator.diagnostics.model import Finding, Pointer, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from generator.asl.model import Json

MAX_DEPTH: Final = 64
"""How deeply constructs may be nested. No real definition is nested so deeply, and Python can still read it by recursion."""
_SHORT = 60


def is_expression(value: object) -> bool:
    """Return whether a value is a JSONata expression in its delimiters.

    >>> is_expression("{% $states.input %}"), is_expression("$.order")
    (True, False)
    """
    return isinstance(value, str) and value.startswith("{%") and value.endswith("%}") and len(value) >= len("{%%}")


def describe(value: object) -> str:
    """Describe a JSON value in a few words, for ``found`` in a diagnostic.

    >>> describe("a" * 100), describe([1]), describe(None), describe(True)
    ("'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…'", 'a list', 'null', 'true')
    """
    if isinstance(value, str):
        return repr(value) if len(value) <= _SHORT else repr(value[: _SHORT - 3] + "…")
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    text = json.dumps(value)
    return text if len(text) <= _SHORT else text[: _SHORT - 3] + "…"


# -- reading -------------------------------------------------------------------------------------------------------------


class _WithDuplicates(dict[str, Any]):
    """An object whose text has several members of one name."""

    names: tuple[str, ...] = ()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    seen: set[str] = set()
    twice = _WithDuplicates(members)
    twice.names = tuple(dict.fromkeys(k for k, _ in pairs if k in seen or seen.add(k)))  # type: ignore[func-returns-value]
    return twice


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")


def read_json(text: str) -> tuple[Json, list[Finding], Span | None]:
    """Read JSON text; report invalid JSON, and members that an object has more than once.

    A placeholder in place of a value is read as a string.

    Returns:
        the value, the findings, and, if the text is not JSON, the place at which reading stopped.

    >>> read_json('{"StartAt": }')[1][0].code
    'SFN001'
    >>> read_json('{"A": 1, "A": 2}')[1][0].message
    "the object has the member 'A' more than once"
    >>> read_json('{"TimeoutSeconds": ${timeout}}')[0]
    {'TimeoutSeconds': '${timeout}'}
    """
    try:
        value = _loads(text)
    except json.JSONDecodeError as error:
        if text[error.pos : error.pos + 2] == "${":
            quoted, back = _quote_placeholders(text)
            if quoted != text:
                value, findings, stopped = read_json(quoted)
                return value, findings, None if stopped is None else back(stopped)
        if text.startswith("\ufeff"):
            finding = Finding(
                "SFN001", (), "the text is not JSON: it begins with a byte order mark", found="U+FEFF", expected="UTF-8 without it"
            )
            return None, [finding], Span("")
        found = repr(text[error.pos]) if error.pos < len(text) else "the end of the text"
        message = f"the text is not JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        return None, [Finding("SFN001", (), message, found=found, expected="valid JSON (RFC 8259)")], Span("", error.lineno, error.colno)
    except RecursionError:
        return None, [Finding("SFN005", (), "the JSON is nested too deeply to be read", expected=f"at most {MAX_DEPTH} levels")], Span("")
    except ValueError as error:  # NaN, Infinity, or a number of more digits than Python reads
        detail = str(error).split(":", maxsplit=1)[0].split(";", maxsplit=1)[0]
        return None, [Finding("SFN001", (), f"the text is not JSON: {detail}", expected="valid JSON (RFC 8259)")], Span("")
    return value, list(_duplicates(value)), None


def _loads(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)


DUPLICATE_HINT: Final = "only the last one counts; rename or remove the others"


def duplicate_message(what: str, name: str) -> str:
    """Write the message about a member, or a state, that an object has more than once."""
    return f"the object has the {what} {name!r} more than once"


def _duplicates(value: Json) -> Iterator[Finding]:
    stack: list[Any] = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, _WithDuplicates):
            break
        stack.extend(item.values() if isinstance(item, dict) else item if isinstance(item, list) else ())
    else:
        return
    places: list[tuple[Pointer, Any]] = [((), value)]
    while places:
        at, item = places.pop()
        if isinstance(item, _WithDuplicates):
            what, code = ("state", "SFN103") if at and at[-1] == "States" else ("member", "SFN002")
            for name in item.names:
                yield Finding(code, (*at, name), duplicate_message(what, name), hint=DUPLICATE_HINT)
        if isinstance(item, dict):
            places.extend(((*at, k), v) for k, v in item.items())
        elif isinstance(item, list):
            places.extend(((*at, i), v) for i, v in enumerate(item))


# -- places --------------------------------------------------------------------------------------------------------------

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|' + PATTERN + r'|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


def file_locator(file: str, text: str) -> Callable[[Pointer], Span]:
    """Return a locator for a JSON file. The text is searched when the first place is asked for.

    The place of a member is its name, since its value may be a whole object; the place of an item of a list is its beginning.

    >>> locator = file_locator("a.json", '{"StartAt": "A",' + chr(10) + ' "States": {}}')
    >>> str(locator(("States",)))
    'a.json:2:2'
    """
    return places_locator(file, text, lambda: _places(text))


def places_locator(
    file: str, text: str, places: dict[Pointer, tuple[int, int]] | Callable[[], dict[Pointer, tuple[int, int]]]
) -> Callable[[Pointer], Span]:
    """Return a locator from the offsets of the values in a text, or from a function that returns them when they are needed."""

    @cache
    def known_places() -> dict[Pointer, tuple[int, int]]:
        return places if isinstance(places, dict) else places()

    @cache
    def line_starts() -> list[int]:
        return [0, *(m.end() for m in re.finditer("\n", text))]

    def span(pointer: Pointer) -> Span:
        known = known_places()
        for length in range(len(pointer), -1, -1):
            place = known.get(pointer[:length])
            if place is not None:
                starts = line_starts()
                line = bisect_right(starts, place[0])
                before = starts[line - 1] - 1
                return Span(file, line, place[0] - before, line, place[1] - before)
        return Span(file)

    return span


def _places(text: str) -> dict[Pointer, tuple[int, int]]:
    """Return the offsets of the places in a JSON text, in one pass without recursion. Stop at the first error in the text."""
    places: dict[Pointer, tuple[int, int]] = {}
    frames: list[tuple[Pointer, bool, int]] = []
    around: Pointer = ()
    here: Pointer = ()  # the place of the next value
    in_object = at_name = False
    index = 0
    for token in _TOKEN.finditer(text):
        first = token[0][0]
        if first == '"' and at_name:
            here = (*around, _name(token[0]))
            places[here] = token.span()
            at_name = False
        elif first in "}]":
            if not frames:
                break
            around, in_object, index = frames.pop()
            at_name = False
        elif first == ",":
            at_name = in_object
            index += 1
            here = here if in_object else (*around, index)
        elif first != ":":
            if not in_object:
                places[here] = (token.start(), token.start() + 1 if first in "{[" else token.end())
            if first in "{[":
                frames.append((around, in_object, index))
                around, in_object, index = here, first == "{", 0
                at_name = in_object
                here = here if in_object else (*around, 0)
    return places


def _name(token: str) -> str:
    if "\\" not in token:
        return token[1:-1]
    try:
        return str(json.loads(token))
    except ValueError:
        return token[1:-1]


def _quote_placeholders(text: str) -> tuple[str, Callable[[Span], Span]]:
    """Put quotes around the placeholders that are in place of values.

    Returns:
        the text with the quotes, and a function from a place in it to the same place in the original text.
    """
    if "${" not in text:
        return text, lambda span: span
    starts = [0, *(m.end() for m in re.finditer("\n", text))]
    quotes: dict[int, list[int]] = {}

    def quote(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0]
        line = bisect_right(starts, match.start())
        column = match.start() - starts[line - 1] + 1
        on_line = quotes.setdefault(line, [])
        on_line.append(column + len(on_line))
        on_line.append(column + len(match[0]) + len(on_line))
        return f'"{match[0]}"'

    quoted = STRING_OR_PLACEHOLDER.sub(quote, text)

    def column_back(line: int, column: int) -> int:
        return column - bisect_left(quotes.get(line, ()), column)

    def back(span: Span) -> Span:
        end = None if span.end_line is None or span.end_column is None else column_back(span.end_line, span.end_column)
        return replace(span, column=column_back(span.line, span.column), end_column=end)

    return quoted, back
