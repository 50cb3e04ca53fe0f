"""Python code as syntax trees: how the importers make it, and the texts of its literals.

No code is put together from texts. A name, a comment or a value of a definition is always a constant of the tree, and
:func:`text_literal` is the only way in which a constant becomes source, so nothing in a definition can be executed.
"""

from __future__ import annotations

import ast
import builtins
import keyword
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Final

_ESCAPES: Final = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_TAKEN: Final = frozenset({*keyword.kwlist, *keyword.softkwlist, *dir(builtins)})
_WORDS: Final = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z][a-z0-9]*|[A-Z][A-Z0-9]*|[0-9][a-z0-9]*")


def name(identifier: str) -> ast.expr:
    """Return a name, with the attributes behind its dots.

    >>> ast.unparse(name("errors.ALL"))
    'errors.ALL'
    """
    first, *rest = identifier.split(".")
    node: ast.expr = ast.Name(first)
    for part in rest:
        node = ast.Attribute(node, part)
    return node


def call(function: ast.expr | str, *arguments: ast.expr, **keywords: ast.expr | None) -> ast.Call:
    """Return a call. A keyword argument that is None is left out."""
    made = [ast.keyword(key, value) for key, value in keywords.items() if value is not None]
    return ast.Call(name(function) if isinstance(function, str) else function, list(arguments), made)


def method(of: ast.expr, called: str, *arguments: ast.expr, **keywords: ast.expr | None) -> ast.Call:
    """Return a call of a method."""
    return call(ast.Attribute(of, called), *arguments, **keywords)


def listed(items: Iterable[ast.expr]) -> ast.List:
    """Return a list."""
    return ast.List(list(items))


def mapping(members: Mapping[str, ast.expr]) -> ast.Dict:
    """Return a dict with texts as keys."""
    return ast.Dict([ast.Constant(key) for key in members], list(members.values()))


def constant(value: Any) -> ast.expr:
    """Return a JSON value as Python.

    >>> ast.unparse(constant({"a": [1, None, -2.5]}))
    "{'a': [1, None, -2.5]}"
    """
    if isinstance(value, Mapping):
        return mapping({key: constant(item) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return listed(constant(item) for item in value)
    if isinstance(value, int | float) and not isinstance(value, bool) and (value < 0 or str(value).startswith("-")):
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)


_HOUR: Final = 60 * 60
_DAY: Final = 24 * _HOUR


def in_hours(seconds: ast.expr) -> ast.expr:
    """Return a number of seconds as a product, if it is one of hours or days.

    >>> ast.unparse(in_hours(constant(172800))), ast.unparse(in_hours(constant(7200))), ast.unparse(in_hours(constant(90)))
    ('2 * 24 * 60 * 60', '2 * 60 * 60', '90')
    """
    value = seconds.value if isinstance(seconds, ast.Constant) else None
    if not isinstance(value, int) or isinstance(value, bool) or value < _HOUR or value % _HOUR:
        return seconds
    factors = [value // _DAY, 24, 60, 60] if value % _DAY == 0 else [value // _HOUR, 60, 60]
    factors = factors[1:] if factors[0] == 1 else factors
    made: ast.expr = ast.Constant(factors[0])
    for factor in factors[1:]:
        made = ast.BinOp(made, ast.Mult(), ast.Constant(factor))
    return made


def text_literal(text: str) -> str:
    r"""Write a text as a Python literal on one line, with the quotation marks that ruff prefers.

    >>> print(text_literal('say "hi"\n'), text_literal("it's"))
    'say "hi"\n' "it's"
    """
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + "".join(_character(each, quote) for each in text) + quote


def _character(each: str, quote: str) -> str:
    if each == quote:
        return "\\" + each
    if each in _ESCAPES:
        return _ESCAPES[each]
    # What nobody can see, or what changes the direction of the text around it, is written as an escape.
    if each.isprintable() or each == " ":
        return each
    code = ord(each)
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004  the sizes of escapes


def words_of(text: str) -> list[str]:
    """Return the words of a name, in lower case and without accents.

    >>> words_of("ProcessHTTPRequest-2 (größer)")
    ['process', 'http', 'request', '2', 'grosser']
    """
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("'", ""))
    return [word.lower() for word in _WORDS.findall("".join(each for each in plain if not unicodedata.combining(each)))]


def snake(text: str, otherwise: str) -> str:
    """Return a name as a Python identifier in snake case.

    >>> snake("Validate order", "step"), snake("2nd try", "step"), snake("…", "step")
    ('validate_order', 'step_2nd_try', 'step')
    """
    made = "_".join(words_of(text))
    if made[:1].isdigit():
        made = f"{otherwise}_{made}"
    return made or otherwise


class Names:
    """The names of a module. Each is used once, and none is a keyword or a builtin of Python."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        """Start with names that are taken."""
        self.taken = set(taken)
        self._next: dict[str, int] = {}

    def unique(self, wanted: str, otherwise: str = "") -> str:
        """Return a name like the wanted one that nothing has, and take it.

        >>> names = Names()
        >>> names.unique("order"), names.unique("order"), names.unique("list", "list_step")
        ('order', 'order_2', 'list_step')
        """
        made = wanted
        if made in _TAKEN or made in self.taken:
            made = otherwise or made
        number = self._next.get(made, 2)
        base = made
        while made in _TAKEN or made in self.taken:
            made = f"{base}_{number}"
            number += 1
        self._next[base] = number
        self.taken.add(made)
        return made
