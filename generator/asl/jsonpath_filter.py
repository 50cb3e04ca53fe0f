"""The filters of JSONPath, ``[?(@.price < 10 && @.kind in ['a', 'b'])]``, with the meaning that Jayway gives them.

A number equals the text with its digits, ``null`` equals only null, a missing path equals nothing, a text and a number are
never in order, and ``=~`` must match the whole text.

Source: https://github.com/json-path/JsonPath#filter-operators, whose library Step Functions uses.
"""

from __future__ import annotations

import json
import operator
import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    Operand = Callable[[Any, Any], Any]
    Test = Callable[[Any, Any], bool]


class FilterSyntaxError(ValueError):
    """A text that is not a filter.

    Attributes:
        position: the offset of the first wrong character.
    """

    def __init__(self, message: str, position: int) -> None:
        """Create the error."""
        super().__init__(message)
        self.position = position


class _Missing:
    """The value of a path that matches nothing."""


_MISSING: Final = _Missing()


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_json(value: Any) -> bool:
    return isinstance(value, (list, dict))


def _decimal(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _equal(left: Any, right: Any) -> bool:
    if _is_number(left) and isinstance(right, str):
        number = _decimal(right)
        return number is not None and number == _decimal(left)
    if isinstance(left, str) and _is_number(right):
        return left == str(right)
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if left is _MISSING or right is _MISSING:
        return False
    return bool(left == right)


def _same(left: Any, right: Any) -> bool:
    alike = (_is_number(left) and _is_number(right)) or type(left) is type(right)
    return alike and _equal(left, right)


def _order(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def test(left: Any, right: Any) -> bool:
        if (_is_number(left) and _is_number(right)) or (isinstance(left, str) and isinstance(right, str)):
            return compare(left, right)
        return False

    return test


def _in(left: Any, right: Any) -> bool:
    return isinstance(right, list) and any(_equal(left, item) for item in right)


def _contains(left: Any, right: Any) -> bool:
    if isinstance(left, str):
        return isinstance(right, str) and right in left
    return isinstance(left, list) and any(_equal(item, right) for item in left)


def _lists(test: Callable[[list[Any], list[Any]], bool]) -> Callable[[Any, Any], bool]:
    return lambda left, right: isinstance(left, list) and isinstance(right, list) and test(left, right)


def _size(left: Any, right: Any) -> bool:
    return _is_number(right) and (isinstance(left, str) or _is_json(left)) and len(left) == int(right)


def _empty(left: Any, right: Any) -> bool:
    return isinstance(right, bool) and (isinstance(left, str) or _is_json(left)) and (not left) is right


def _matches(left: Any, right: Any) -> bool:
    pattern, value = (left, right) if isinstance(left, re.Pattern) else (right, left)
    if not isinstance(pattern, re.Pattern) or not (isinstance(value, (str, bool)) or _is_number(value)):
        return False
    text = value if isinstance(value, str) else json.dumps(value)
    return pattern.fullmatch(text) is not None


_RELATIONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "===": _same,
    "!==": lambda left, right: not _same(left, right),
    "==": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "=~": _matches,
    "<=": _order(operator.le),
    ">=": _order(operator.ge),
    "<": _order(operator.lt),
    ">": _order(operator.gt),
    "in": _in,
    "nin": lambda left, right: not _in(left, right),
    "contains": _contains,
    "all": _lists(lambda left, right: all(_in(item, left) for item in right)),
    "size": _size,
    "empty": _empty,
    "subsetof": _lists(lambda left, right: all(_in(item, right) for item in left)),
    "anyof": _lists(lambda left, right: any(_in(item, right) for item in left)),
    "noneof": _lists(lambda left, right: not any(_in(item, right) for item in left)),
}
_RELATION: Final = re.compile(r"===|!==|==|!=|=~|<=|>=|<|>|(?:in|nin|contains|all|size|empty|subsetof|anyof|noneof)\b", re.IGNORECASE)
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.])")
_WORD: Final = re.compile(r"[A-Za-z_][\w-]*")
_CONSTANTS: Final = {"true": True, "false": False, "null": None}
_FLAGS: Final = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE, "u": 0, "U": 0, "d": 0}


def compile_filter(text: str, read_path: Callable[[str], Operand]) -> Test:
    """Compile a filter, without ``?`` and brackets.

    Args:
        text: the filter.
        read_path: compiles a path to a function of the item (``@``) and the document (``$``). It raises ``ValueError`` for a text
            that is not a path; the function raises ``LookupError`` if the path matches nothing.

    Returns:
        a function of the item and the document.

    Raises:
        FilterSyntaxError: the text is not a filter.
    """
    parser = _Parser(text, read_path)
    test = parser.any_of()
    parser.blanks()
    if parser.at < len(text):
        raise parser.fail("Unexpected character")
    return test


class _Parser:
    def __init__(self, text: str, read_path: Callable[[str], Operand]) -> None:
        self.text = text
        self.at = 0
        self.read_path = read_path

    def fail(self, message: str) -> FilterSyntaxError:
        return FilterSyntaxError(message, self.at)

    def blanks(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def skip(self, symbol: str) -> bool:
        self.blanks()
        if not self.text.startswith(symbol, self.at):
            return False
        self.at += len(symbol)
        return True

    def any_of(self) -> Test:
        tests = [self.all_of()]
        while self.skip("||"):
            tests.append(self.all_of())
        return tests[0] if len(tests) == 1 else lambda item, root: any(test(item, root) for test in tests)

    def all_of(self) -> Test:
        tests = [self.one()]
        while self.skip("&&"):
            tests.append(self.one())
        return tests[0] if len(tests) == 1 else lambda item, root: all(test(item, root) for test in tests)

    def one(self) -> Test:
        self.blanks()
        if self.skip("!"):
            inverted = self.one()
            return lambda item, root: not inverted(item, root)
        if self.skip("("):
            inner = self.any_of()
            if not self.skip(")"):
                raise self.fail("Expected ')'")
            return inner
        return self.relation()

    def relation(self) -> Test:
        is_path = self.text[self.at : self.at + 1] in {"@", "$"}
        left = self.operand()
        self.blanks()
        found = _RELATION.match(self.text, self.at)
        if found is None:
            if not is_path:
                raise self.fail("Expected a comparison")
            return lambda item, root: left(item, root) is not _MISSING
        self.at = found.end()
        relation, right = _RELATIONS[found[0].lower()], self.operand()
        return lambda item, root: relation(left(item, root), right(item, root))

    def operand(self) -> Operand:
        self.blanks()
        char = self.text[self.at : self.at + 1]
        if char in {"@", "$"}:
            return self.path()
        value = self.literal(char)
        return lambda _item, _root: value

    def literal(self, char: str) -> Any:
        start = self.at
        if char in {"'", '"'}:
            self.at = self.closing(char) + 1
            return re.sub(r"\\(.)", r"\1", self.text[start + 1 : self.at - 1], flags=re.DOTALL)
        if char == "/":
            return self.pattern()
        if char in {"[", "{"}:
            return self.json()
        if number := _NUMBER.match(self.text, start):
            self.at = number.end()
            return json.loads(number[0]) if re.fullmatch(r"-?(0|[1-9]\d*)(\..*|[eE].*)?", number[0]) else float(number[0])
        if word := _WORD.match(self.text, start):
            self.at = word.end()
            return _CONSTANTS.get(word[0], word[0])  # AWS's own samples compare with a word without quotes
        raise self.fail("Expected a path, a text, a number, a list, true, false or null")

    def closing(self, char: str) -> int:
        """Return the offset of the character that closes the text or regular expression here."""
        at = self.at + 1
        while at < len(self.text) and self.text[at] != char:
            at += 2 if self.text[at] == "\\" else 1
        if at >= len(self.text):
            raise self.fail("A text is not closed")
        return at

    def pattern(self) -> re.Pattern[str]:
        start = self.at + 1
        end = self.closing("/")
        self.at = end + 1
        flags = 0
        while self.text[self.at : self.at + 1] in _FLAGS:
            flags |= _FLAGS[self.text[self.at]]
            self.at += 1
        try:
            return re.compile(self.text[start:end].replace("\\/", "/"), flags)
        except re.error as error:
            raise FilterSyntaxError(str(error), start) from None

    def json(self) -> Any:
        """Read an array or object whose texts may be in single quotes."""
        opening = self.text[self.at]
        self.at += 1
        if opening == "[":
            return [value for _, value in self.members("]", named=False)]
        return dict(self.members("}", named=True))

    def members(self, closing: str, *, named: bool) -> list[tuple[Any, Any]]:
        found: list[tuple[Any, Any]] = []
        while not self.skip(closing):
            if found and not self.skip(","):
                raise self.fail(f"Expected ',' or '{closing}'")
            self.blanks()
            name = self.literal(self.text[self.at : self.at + 1]) if named else None
            if named and not self.skip(":"):
                raise self.fail("Expected ':'")
            self.blanks()
            found.append((name, self.literal(self.text[self.at : self.at + 1])))
        return found

    def path(self) -> Operand:
        start = self.at
        depth = 0
        while self.at < len(self.text):
            char = self.text[self.at]
            if char in "'\"" and depth:
                self.at = self.closing(char)
            elif char in "[(":
                depth += 1
            elif char in "])":
                if not depth:
                    break
                depth -= 1
            elif not depth and (char.isspace() or char in "&|=!<>,"):
                break
            self.at += 1
        try:
            read = self.read_path(self.text[start : self.at])
        except ValueError as error:
            raise FilterSyntaxError(str(error), start) from None

        def value(item: Any, root: Any) -> Any:
            try:
                return read(item, root)
            except LookupError:
                return _MISSING

        return value
