"""The outline of a JSONata expression: its calls, its variables and its paths into ``$states``, read in one pass over the text.

Checks need the names in an expression, not its syntax tree, which takes a hundred times as long to build. The text must be valid JSONata
(:func:`generator.asl.jsonata.compile_expression`): the outline looks at tokens and brackets only.

Source: https://docs.jsonata.org/programming
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function by its name.

    Attributes:
        name: the name, without ``$``.
        arguments: the number of arguments, with the one in front of ``~>``.
        partial: whether an argument is ``?``, so that the call returns a function.
    """

    name: str
    arguments: int
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """A path that an expression reads.

    Attributes:
        root: ``states``, or the name of a variable.
        names: the names of the members, as far as the path consists of names.
        tested: whether the expression works if nothing is there.
    """

    root: str
    names: tuple[str, ...]
    tested: bool


@dataclass(frozen=True, slots=True)
class Outline:
    """The names in an expression.

    Attributes:
        calls: the calls of functions that the expression does not define itself.
        variables: the variables that it reads, without ``$`` and without those that it sets itself, in the order written. The
            value is whether the expression works without the variable: it is tested, or given to a function that accepts nothing.
        paths: the paths that begin with ``$states`` or with a variable.
        ensured: the variables that exist where the expression is true.
        excluded: the variables that exist where the expression is false.
        members: the paths below ``$states``, such as ``("input", "order")``.
    """

    calls: tuple[Call, ...] = ()
    variables: dict[str, bool] | None = None
    paths: tuple[Read, ...] = ()
    ensured: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    members: tuple[tuple[str, ...], ...] = ()


_TOKEN: Final = re.compile(
    r"""
      (?P<text> "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | `[^`]*` )
    | (?P<skip> \s+ | /\*.*?\*/ )
    | (?P<variable> \$[\w$]* )
    | (?P<word> [^\W\d]\w* )
    | (?P<number> \d+(?:\.\d+)?(?:[eE][-+]?\d+)? )
    | (?P<sign> := | ~> | != | <= | >= | \*\* | \.\. | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_PATTERN: Final = re.compile(r"/(?:[^/\\\n]|\\.)+/[im]*")
_OPERATORS: Final = frozenset(("and", "or", "in"))
# Functions whose result does not depend on the existence of an argument; the others return nothing for it.
_TOLERANT: Final = frozenset(("append", "count", "exists"))
_OPEN: Final = {"(": ")", "[": "]", "{": "}"}


class _Frame:
    """A pair of brackets that is open."""

    __slots__ = ("arguments", "call", "empty", "parameters", "partial", "piped")

    def __init__(self, call: str = "", *, parameters: bool = False, piped: bool = False) -> None:
        self.call = call
        self.parameters = parameters
        self.piped = piped
        self.arguments = 1
        self.empty = True
        self.partial = False


@lru_cache(8192)
def outline(text: str) -> Outline:
    """Return the outline of an expression, without its delimiters.

    >>> outline("$sum($states.input.prices) * $rate").calls
    (Call(name='sum', arguments=1, partial=False),)
    >>> outline("$sum($states.input.prices) * $rate").variables
    {'rate': False}
    >>> outline("$exists($n) ? $n : 0").variables
    {'n': True}
    >>> outline("($f := function($v) { $v + 1 }; $f($states.context.Map.Item.Index))").members
    (('context', 'Map', 'Item', 'Index'),)
    >>> outline("$exists($order.total) or $order.paid").paths[0]
    Read(root='order', names=('total',), tested=True)
    """
    if "$" not in text:
        return _NOTHING
    symbols = _symbols(text)
    calls: list[tuple[str, int, bool]] = []
    read: dict[str, bool] = {}
    own: set[str] = set()
    paths: list[Read] = []
    frames: list[_Frame] = [_Frame()]
    count = len(symbols)
    at = 0
    while at < count:
        kind, symbol = symbols[at]
        frame = frames[-1]
        if kind == "variable":
            after = symbols[at + 1][1] if at + 1 < count else ""
            frame.empty = False
            if after == ":=" or frame.parameters:
                own.add(symbol[1:])
            elif after == "(" and len(symbol) > 1 and symbol != "$$":
                frames.append(_Frame(symbol[1:], piped=at > 0 and symbols[at - 1][1] == "~>"))
                at += 1
            elif len(symbol) > 1 and symbol != "$$":
                name = symbol[1:]
                names, end = _path(symbols, at)
                tested = _tolerated(symbols, at, end - 1, frames)
                paths.append(Read(name, names, tested))
                if name != "states":
                    read[name] = read.get(name, False) or (tested and (not names or any(frame.call == "exists" for frame in frames)))
                at = end
                continue
        elif kind == "word" and symbol in {"function", "λ"} and at + 1 < count and symbols[at + 1][1] == "(":
            frames.append(_Frame(parameters=True))
            at += 1
        elif symbol in _OPEN and kind == "sign":
            frame.empty = False
            frames.append(_Frame())
        elif symbol in {")", "]", "}"} and kind == "sign":
            if len(frames) > 1:
                frames.pop()
                if frame.call:
                    given = (0 if frame.empty else frame.arguments) + frame.piped
                    calls.append((frame.call, given, frame.partial))
        elif kind == "sign" and symbol == ",":
            frame.arguments += 1
        else:
            frame.empty = False
            frame.partial = frame.partial or _is_placeholder(symbols, at)
        at += 1
    ensured, excluded = _tested(symbols) if "exists" in text else ((), ())
    return Outline(
        tuple(Call(*call) for call in calls if call[0] not in own),
        {name: tolerated for name, tolerated in read.items() if name not in own},
        tuple(path for path in paths if path.root not in own),
        ensured,
        excluded,
        tuple(path.names for path in paths if path.root == "states"),
    )


_NOTHING: Final = Outline(variables={})


def _symbols(text: str) -> list[tuple[str, str]]:
    """Return the tokens of an expression with their kinds, without spaces, comments and regular expressions."""
    found: list[tuple[str, str]] = []
    at, end = 0, len(text)
    while at < end:
        if text[at] == "/" and text[at : at + 2] != "/*" and not _is_operand(found) and (pattern := _PATTERN.match(text, at)):
            found.append(("text", ""))
            at = pattern.end()
            continue
        match = _TOKEN.match(text, at)
        if match is None:  # a quote that is not closed
            break
        kind = match.lastgroup or ""
        if kind != "skip":
            found.append((kind, match[0]))
        at = match.end()
    return found


def _is_operand(found: list[tuple[str, str]]) -> bool:
    """Return whether the last token ends an operand, so that a slash divides."""
    if not found:
        return False
    kind, symbol = found[-1]
    return symbol in {")", "]", "}"} if kind == "sign" else not (kind == "word" and symbol in _OPERATORS)


def _path(symbols: list[tuple[str, str]], at: int) -> tuple[tuple[str, ...], int]:
    """Return the names behind a variable and the index of the token after them."""
    names: list[str] = []
    at += 1
    while at + 1 < len(symbols) and symbols[at] == ("sign", ".") and symbols[at + 1][0] in {"word", "text"}:
        kind, symbol = symbols[at + 1]
        names.append(symbol[1:-1] if kind == "text" else symbol)
        at += 2
    return tuple(names), at


def _is_placeholder(symbols: list[tuple[str, str]], at: int) -> bool:
    """Return whether the token at an index is the argument ``?`` of a partial application."""
    around = symbols[at - 1 : at + 2]
    return symbols[at][1] == "?" and len(around) == len("(?)") and around[0][1] in {"(", ","} and around[2][1] in {")", ","}


def _tolerated(symbols: list[tuple[str, str]], first: int, last: int, frames: list[_Frame]) -> bool:
    """Return whether an expression works if there is nothing at the path between two indices."""
    if any(frame.call == "exists" for frame in frames):
        return True
    after = symbols[last + 1][1] if last + 1 < len(symbols) else ""
    before = symbols[first - 1] if first else ("", "")
    alone = before[1] in {"(", ",", "["} and after in {")", ",", "]"}
    if alone and (frames[-1].call in _TOLERANT or any(frame.call == "merge" for frame in frames[-2:])):
        return True
    return after in {"?", "and", "or"} or (before[0] == "word" and before[1] in {"and", "or"})


def _tested(symbols: list[tuple[str, str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the variables that exist where an expression is true, and those that exist where it is false."""
    words = [symbol for _, symbol in symbols]
    if words[:2] == ["$not", "("] and words[2:4] == ["$exists", "("] and words[5:] == [")", ")"]:
        return (), _names(words[4])
    depth = 0
    found: list[str] = []
    for i, word in enumerate(words):
        if depth == 0 and word in {"or", "?"}:
            return (), ()
        if depth == 0 and word == "$exists" and (i == 0 or words[i - 1] == "and") and i + 2 < len(words):
            found.extend(_names(words[i + 2]))
        depth += (word in _OPEN) - (word in {")", "]", "}"})
    return tuple(found), ()


def _names(word: str) -> tuple[str, ...]:
    return (word[1:],) if word.startswith("$") and len(word) > 1 and word not in {"$states", "$$"} else ()
