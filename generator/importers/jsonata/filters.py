"""Filters of JSONPath (``[?(@.price < 10)]``) as tests of JSONata."""

from __future__ import annotations

import re
from typing import Any, Final

from generator.asl.jsonpath import Part, PathSyntaxError, compile_path
from generator.importers.jsonata.terms import AND, ATOM, CONDITION, EQUAL, OR, Written, literal, ref, wrapped
from generator.importers.jsonata.values import NotConvertibleError

_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<path>@(?:\.[A-Za-z_]\w*|\['[^']*'\]|\["[^"]*"\]|\[-?\d+\])*)
      | (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*") | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
      | (?P<word>true|false|null)\b | (?P<sign>==|!=|<=|>=|<|>|&&|\|\||!|\(|\)))""",
    re.VERBOSE,
)
_EQUAL: Final = {"==": "=", "!=": "!="}
_ORDER: Final = frozenset({"<", "<=", ">", ">="})


def write_filter(text: str, item: str) -> str:
    """Write the test of a filter.

    Args:
        text: the filter, with or without its parentheses.
        item: the name of the variable that holds the item.

    Raises:
        NotConvertibleError: it has more than comparisons of members with constants, ``&&``, ``||`` and ``!``.

    >>> write_filter("(@.price < 10)", "$v")
    '$type($v.price) = "number" ? $v.price < 10 : false'
    """
    parser = _Filter(text, item)
    written = parser.either()
    if parser.tokens:
        raise parser.fail()
    return written[0]


class _Filter:
    def __init__(self, text: str, item: str) -> None:
        self.text = text
        self.item = item
        self.tokens: list[tuple[str, str]] = []
        at = 0
        while text[at:].strip():
            found = _TOKEN.match(text, at)
            if found is None:
                raise self.fail()
            kind = str(found.lastgroup)
            self.tokens.append((kind, found[kind]))
            at = found.end()

    def fail(self) -> NotConvertibleError:
        return NotConvertibleError(f"the filter [?{self.text}] has no exact form in JSONata")

    def take(self, *values: str) -> str:
        if self.tokens and self.tokens[0][0] == "sign" and self.tokens[0][1] in values:
            return self.tokens.pop(0)[1]
        return ""

    def either(self) -> Written:
        return self._joined("||", "or", OR, self.both)

    def both(self) -> Written:
        return self._joined("&&", "and", AND, self.single)

    def _joined(self, sign: str, word: str, power: int, inner: Any) -> Written:
        parts = [inner()]
        while self.take(sign):
            parts.append(inner())
        return parts[0] if len(parts) == 1 else (f" {word} ".join(wrapped(part, power) for part in parts), power)

    def single(self) -> Written:
        if self.take("!"):
            return f"$not({self.single()[0]})", ATOM
        if self.take("("):
            inner = self.either()
            if not self.take(")"):
                raise self.fail()
            return inner
        return self.comparison()

    def comparison(self) -> Written:
        if not self.tokens or self.tokens[0][0] != "path":
            raise self.fail()
        path, certain = self._path(self.tokens.pop(0)[1])
        sign = self.take("==", "!=", "<", "<=", ">", ">=")
        if not sign:
            return self._guarded(certain, f"$exists({path})")
        if not self.tokens or self.tokens[0][0] not in ("text", "number", "word"):
            raise self.fail()
        kind, shown = self.tokens.pop(0)
        if kind == "text":
            shown = literal(re.sub(r"\\(.)", r"\1", shown[1:-1]))
        if sign in _EQUAL and kind == "text" and re.fullmatch(r'"-?(0|[1-9]\d*)(\.\d+)?"', shown):
            raise self.fail()  # a number equals the text with its digits
        if sign == "==":
            return self._guarded(certain, f"{path} = {shown}")
        if sign == "!=":
            same = self._guarded(certain, f"{path} = {shown}")
            return f"$not({same[0]})", ATOM
        if kind == "word":
            raise self.fail()
        wanted = "string" if kind == "text" else "number"
        test = " and ".join([*certain, f'$type({path}) = "{wanted}"'])
        return f"{test} ? {path} {sign} {shown} : false", CONDITION

    def _guarded(self, certain: list[str], test: str) -> Written:
        return (" and ".join([*certain, test]), AND) if certain else (test, EQUAL)

    def _path(self, text: str) -> tuple[str, list[str]]:
        """Return a path of the item, and tests that no array is on the way."""
        try:
            parts: tuple[Part, ...] = compile_path("$" + text[1:]).parts
        except PathSyntaxError:
            raise self.fail() from None
        keys = [part.value for part in parts]
        tests = [
            f'$type({ref(self.item, keys[:number])}) = "{"array" if isinstance(key, int) else "object"}"'
            for number, key in enumerate(keys)
            if number or isinstance(key, int)
        ]
        return ref(self.item, keys), tests
