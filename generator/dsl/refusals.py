"""What an expression cannot mean, and what to write instead: text, methods of Python, indexes, members of the Context object.

An expression never turns into text. Its ``repr`` is remembered, so that the compiler finds it where it ends in a definition.
"""

from __future__ import annotations

import re
from typing import Final, NoReturn

from generator.asl.context_object import CONTEXT_FIELDS
from generator.asl.jsonata_functions import JSONATA_FUNCTIONS
from generator.diagnostics.model import close_names, did_you_mean
from generator.dsl.nodes import Member, Operand, Root
from generator.dsl.rewrite import rewritten
from generator.dsl.source import AuthoringError, Source, here

_REPRESENTATION: Final = "expr "
_COMPARED: Final = 10
"""How much of a representation is compared after its ``<``."""
_COMPARED_ALONE: Final = 14
"""How much is compared where the ``<`` was stripped; an author's own text is less likely to hold that."""
_represented: dict[str, Source] = {}
_ADDRESS = re.compile(r" at 0x[0-9a-f]{6,}>", re.IGNORECASE)
_METHODS: Final = {
    "append": 'fn.call("append", …)',
    "casefold": "fn.lowercase(text)",
    "count": "fn.length(…)",
    "dumps": "fn.json_string(value)",
    "encode": "fn.base64_encode(text)",
    "endswith": 'fn.matches(…, "*text")',
    "extend": 'fn.call("append", …)',
    "find": "fn.contains(text, part)",
    "format": "fn.format(…), whose template must be known",
    "get": 'an index, such as states.input["name"]',
    "hexdigest": "fn.hash_(value)",
    "index": "fn.contains(array, value)",
    "isdigit": "fn.is_number(value)",
    "isoformat": "fn.now(), or the text itself",
    "items": 'a Map state, or fn.call("each", …)',
    "join": "fn.join(…)",
    "keys": 'fn.call("keys", …), or fn.merge(…) for {**a, **b}',
    "len": "fn.length(value)",
    "loads": "fn.parse_json(text)",
    "lower": "fn.lowercase(…)",
    "lstrip": "fn.trim(text)",
    "replace": 'fn.call("replace", …)',
    "rstrip": "fn.trim(text)",
    "size": "fn.length(value)",
    "sort": 'fn.call("sort", …)',
    "split": "fn.split(…)",
    "startswith": 'fn.matches(…, "text*")',
    "strip": "fn.trim(…)",
    "update": "fn.merge(…)",
    "upper": "fn.uppercase(…)",
    "values": 'a Map state, or fn.call("each", …)',
}
"""What to write in place of a method of Python's text, lists and dicts."""
_OWN_FUNCTIONS: Final = frozenset({
    "base64_decode", "base64_encode", "ceil", "contains", "exists", "floor", "format", "join", "json_string", "length", "lowercase",
    "matches", "merge", "millis", "now", "number", "parse_json", "partition", "random", "split", "string", "trim", "unique",
    "uppercase", "uuid",
})  # fmt: skip
"""Functions of fn with the name that a method would have."""


def remember(text: str, source: Source) -> None:
    """Remember the ``repr`` of an expression, and where it was made, for :func:`came_from`."""
    _represented[text[1 : 1 + _COMPARED_ALONE].lower()] = source


def came_from(text: str) -> Source | None:
    """Return where the ``repr`` of an expression in a text was made; None if there is none.

    Upper and lower case are the same, and the text may hold only the beginning.

    >>> from generator.dsl.expressions import states
    >>> came_from("order-" + repr(states.input.order_number)) is None
    False
    >>> came_from("<Expr x>") is None
    True
    """
    lowered = text.lower() if _represented else ""
    at = lowered.find(_REPRESENTATION)
    while at >= 0:
        most = _COMPARED if lowered[at - 1 : at] == "<" else _COMPARED_ALONE
        part = lowered[at : at + most]
        for known, source in _represented.items():
            if part == known[:most] or part.startswith(known) or (at + most > len(lowered) and known.startswith(part.rstrip(" "))):
                return source
        at = lowered.find(_REPRESENTATION, at + 1)
    return None


def has_address(text: str) -> bool:
    """Return whether a text has the address of a Python object, which differs from run to run.

    >>> has_address(str(object())), has_address("at noon")
    (True, False)
    """
    return " at 0x" in text and _ADDRESS.search(text) is not None


class NoText:
    """The base of what must not turn into text; ``repr`` is for debuggers."""

    def __str__(self) -> NoReturn:
        raise _text_refusal(type(self).__name__)

    def __format__(self, spec: str) -> NoReturn:
        raise _text_refusal(type(self).__name__)


def _text_refusal(what: str) -> AuthoringError:
    return AuthoringError(
        f"a value of type {what.lstrip('_')} cannot become text",
        found="str(…), print(…), %, .format(…) or an f-string",
        expected="one of its attributes, such as .name",
        hint="use repr(…) to look at it",
    )


def instead(method: str) -> str:
    """Return the function to use in place of a method.

    >>> instead("upper"), instead("substrng")
    ('use fn.uppercase(…)', 'use fn.call("substring", …)')
    """
    if method in _METHODS:
        return f"use {_METHODS[method]}"
    if method in _OWN_FUNCTIONS:
        return f"use fn.{method}(…)"
    by_plain = {name.lower(): name for name in (*_OWN_FUNCTIONS, *JSONATA_FUNCTIONS)}
    near = by_plain.get(method.replace("_", "").lower()) or next(iter(close_names(method, by_plain.values())), "")
    if near in _OWN_FUNCTIONS:
        return f"use fn.{near}(…)"
    return f'use fn.call("{near}", …)' if near else 'use a function of fn; fn.call("name", …) calls any function of JSONata'


def refusal(message: str, *, found: str = "", expected: str = "", hint: str, rewrite: bool = True) -> AuthoringError:
    """Return the error for the author's line; the hint is the author's own code, rewritten, where that is possible."""
    instead = rewritten(here()) if rewrite else ""
    return AuthoringError(message, found=found, expected=expected, hint=f"write {instead}" if instead else hint)


def expect_in_context(of: Operand, name: str) -> None:
    """Refuse a misspelt member of the Context object. A member that resembles none may be a new one."""
    inner = of.name if isinstance(of, Member) and isinstance(of.of, Root) and of.of.name == "context" else ""
    at_top = isinstance(of, Root) and of.name == "context"
    known = CONTEXT_FIELDS.get(inner, ()) if inner or at_top else ()
    if known and name not in known and (hint := did_you_mean(name, known)):
        path = "states.context" + (f".{inner}" if inner else "")
        raise AuthoringError(f"{path} has no {name!r}", found=name, expected="one of " + ", ".join(known), hint=hint)


def instead_of_an_index(key: object) -> str:
    """Return what to write in place of an index that an expression does not have."""
    instead = rewritten(here()) if isinstance(key, slice) else ""
    return f"write {instead}" if instead else "for a slice or a filter use fn.filter_, or raw JSONata"
