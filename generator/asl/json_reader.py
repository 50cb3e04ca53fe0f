"""JSON texts inside data, as the JSON library of Step Functions (Jackson) reads them: its dialect and the words of its errors.

``States.StringToJson`` and ``$parse`` read such texts. Python's ``json`` accepts ``NaN`` and has other messages.

Sources: the causes that AWS returned for ``States.StringToJson('{bad json}')`` and ``$parse`` (tests/conformance), and
https://github.com/FasterXML/jackson-core for the messages of the other errors.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

_VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
_SOURCE = "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: {}, column: {}]"
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?(?![\w.$])", re.ASCII)
_TOKEN = re.compile(r"[\w$]+")
_LEADING_ZERO = re.compile(r"-?0(?=[0-9])", re.ASCII)
_NON_NUMERIC = frozenset({"NaN", "Infinity", "INF"})
_WORDS = {"null": None, "true": True, "false": False}
_ESCAPES = {'"': '"', "'": "'", "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_BLANKS = " \t\r\n"


class JsonReadError(ValueError):
    """A text that is not JSON. Its text is the message of Jackson, with line and column."""


def read_json(text: str, *, single_quotes: bool = False, unique_keys: bool = False) -> Any:
    """Return the value of a JSON text.

    Args:
        text: the text.
        single_quotes: accept strings in single quotes.
        unique_keys: refuse an object with the same member twice; otherwise the last one counts.

    Raises:
        JsonReadError: the text is empty or not JSON.

    >>> read_json("{'a': [1, null]}", single_quotes=True)
    {'a': [1, None]}
    >>> read_json("[1, x]")
    Traceback (most recent call last):
        ...
    generator.asl.json_reader.JsonReadError: Unrecognized token 'x': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')
     at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 6]
    """  # noqa: E501  the message is one line
    try:
        return json.loads(text, parse_constant=_refuse, object_pairs_hook=_unique if unique_keys else None)
    except ValueError:
        reader = _Reader(text, single_quotes=single_quotes, unique_keys=unique_keys)
        value = reader.value(0)
        reader.blanks()
        if reader.at < len(text):
            reader.unexpected("expected end of input")
        return value
    except RecursionError:
        raise JsonReadError("Document nesting depth exceeds the maximum allowed") from None


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        raise ValueError("duplicate")
    return result


class _Reader:
    """A reader for texts that Python's ``json`` refuses: it finds the first error, or reads the dialect."""

    def __init__(self, text: str, *, single_quotes: bool, unique_keys: bool) -> None:
        self.text = text
        self.at = 0
        self.quotes = "\"'" if single_quotes else '"'
        self.unique_keys = unique_keys

    def place(self, at: int) -> str:
        line = self.text.count("\n", 0, at) + 1
        return _SOURCE.format(line, at - (self.text.rfind("\n", 0, at) + 1) + 1)

    def fail(self, message: str, at: int) -> NoReturn:
        raise JsonReadError(f"{message}\n at {self.place(at)}")

    def unexpected(self, expected: str) -> NoReturn:
        char = self.text[self.at]
        self.fail(f"Unexpected character ('{char}' (code {ord(char)})): {expected}", self.at)

    def blanks(self) -> None:
        while self.at < len(self.text) and self.text[self.at] in _BLANKS:
            self.at += 1

    def more(self, what: str, start: int) -> str:
        """Skip blanks, and return the next character."""
        self.blanks()
        if self.at >= len(self.text):
            self.fail(f"Unexpected end-of-input: expected close marker for {what} (start marker at {self.place(start)})", self.at)
        return self.text[self.at]

    def value(self, depth: int) -> Any:
        self.blanks()
        if self.at >= len(self.text):
            self.fail("No content to map due to end-of-input" if not depth else "Unexpected end-of-input", self.at)
        char = self.text[self.at]
        if char == "{":
            return self.object(depth + 1)
        if char == "[":
            return self.array(depth + 1)
        if char in self.quotes:
            return self.string()
        if number := _NUMBER.match(self.text, self.at):
            self.at = number.end()
            return float(number[0]) if number[1] or number[2] else int(number[0])
        if zero := _LEADING_ZERO.match(self.text, self.at):
            self.fail("Invalid numeric value: Leading zeroes not allowed", zero.end())
        if token := _TOKEN.match(self.text, self.at):
            self.at = token.end()
            if token[0] in _NON_NUMERIC:
                wanted = "enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow"
                self.fail(f"Non-standard token '{token[0]}': {wanted}", self.at)
            if token[0] in _WORDS:
                return _WORDS[token[0]]
            self.fail(f"Unrecognized token '{token[0]}': was expecting {_VALUES}", self.at)
        return self.unexpected(f"expected a valid value {_VALUES}")

    def array(self, depth: int) -> list[Any]:
        start = self.at
        items: list[Any] = []
        self.at += 1
        if self.more("Array", start) == "]":
            self.at += 1
            return items
        while True:
            items.append(self.value(depth))
            char = self.more("Array", start)
            if char not in ",]":
                self.unexpected("was expecting comma to separate Array entries")
            self.at += 1
            if char == "]":
                return items

    def object(self, depth: int) -> dict[str, Any]:
        start = self.at
        members: dict[str, Any] = {}
        self.at += 1
        if self.more("Object", start) == "}":
            self.at += 1
            return members
        while True:
            if self.more("Object", start) not in self.quotes:
                self.unexpected("was expecting double-quote to start field name")
            name_at = self.at
            name = self.string()
            if self.unique_keys and name in members:
                self.fail(f"Duplicate field '{name}'", name_at)
            if self.more("Object", start) != ":":
                self.unexpected("was expecting a colon to separate field name and value")
            self.at += 1
            members[name] = self.value(depth)
            char = self.more("Object", start)
            if char not in ",}":
                self.unexpected("was expecting comma to separate Object entries")
            self.at += 1
            if char == "}":
                return members

    def string(self) -> str:
        quote = self.text[self.at]
        parts: list[str] = []
        self.at += 1
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == quote:
                self.at += 1
                return _joined("".join(parts))
            if char < " ":
                self.fail(f"Illegal unquoted character ((CTRL-CHAR, code {ord(char)})): has to be escaped using backslash", self.at)
            self.at += 1
            if char == "\\":
                char = self.escape()
            parts.append(char)
        return self.fail("Unexpected end-of-input: was expecting closing quote for a string value", self.at)

    def escape(self) -> str:
        char = self.text[self.at : self.at + 1]
        self.at += 1
        if char == "u" and re.fullmatch("[0-9a-fA-F]{4}", digits := self.text[self.at : self.at + 4]):
            self.at += 4
            return chr(int(digits, 16))
        if char not in _ESCAPES or (char == "'" and "'" not in self.quotes):
            shown = f"'{char}' (code {ord(char)})" if char else "end-of-input"
            self.fail(f"Unrecognized character escape {shown}", self.at)
        return _ESCAPES[char]


def _joined(text: str) -> str:
    """Return a text whose pairs of surrogates are single characters."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
