"""Functions for expressions: ``fn.length(states.input.items) > 0``.

The functions are the same for both query languages. Each docstring names the JSONata function and, if there is one, the
intrinsic function of JSONPath (https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html) or the choice
operator that it is compiled to. A function that the query language of the state does not have is diagnostic SFN802.

Use ``generator.jsonata("$…")`` or ``fn.call("…", …)`` for any other JSONata function.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal, NoReturn, TypeAlias, cast

from generator.asl.jsonata_functions import JSONATA_FUNCTIONS
from generator.diagnostics.model import did_you_mean
from generator.dsl.expressions import Expr, Payload, operand
from generator.dsl.nodes import Call, Lambda, Operand, Raw, Root, Variable, decided, nodes
from generator.dsl.source import AuthoringError, UnknownNameError, expect

ItemFunction: TypeAlias = "Callable[[Expr], Payload] | Callable[[Expr, Expr], Payload] | Callable[[Expr, Expr, Expr], Payload]"
"""A function of an item of an array, of the item and its index, or of these two and the array."""


def _call(name: str, *arguments: Payload) -> Expr:
    return Expr(Call(name, tuple(operand(a) for a in arguments)))


def call(function: str, *arguments: Payload) -> Expr:
    """Call a JSONata function by its name: ``fn.call("substring", states.input.id, 0, 8)``."""
    expect(function, str, "the first argument of fn.call", "the name of a JSONata function")
    return Expr(Call("$" + function.removeprefix("$"), tuple(operand(a) for a in arguments)))


# -- tests ---------------------------------------------------------------------------------------------------------------


def exists(value: Payload) -> Expr:
    """Return whether the value exists: ``$exists(…)``, ``IsPresent``."""
    return _call("exists", value)


def is_null(value: Payload) -> Expr:
    """Return whether the value exists and is null: ``… = null``, ``IsNull``."""
    return _call("is_null", value)


def is_string(value: Payload) -> Expr:
    """Return whether the value is text: ``$type(…) = "string"``, ``IsString``."""
    return _call("is_string", value)


def is_number(value: Payload) -> Expr:
    """Return whether the value is a number: ``$type(…) = "number"``, ``IsNumeric``."""
    return _call("is_number", value)


def is_boolean(value: Payload) -> Expr:
    """Return whether the value is true or false: ``$type(…) = "boolean"``, ``IsBoolean``."""
    return _call("is_boolean", value)


def is_timestamp(value: Payload) -> Expr:
    """Return whether the value is an RFC 3339 timestamp: a regular expression in JSONata, ``IsTimestamp``."""
    return _call("is_timestamp", value)


def matches(value: Payload, pattern: str) -> Expr:
    """Return whether text matches a pattern in which ``*`` matches any characters: a regular expression in JSONata, ``StringMatches``.

    >>> from generator import fn, variables
    >>> fn.matches(variables.name, "log-*.txt")
    <Expr fn.matches(variables.name, 'log-*.txt')>
    """
    expect(pattern, str, "the pattern of fn.matches", "text that is known before the workflow runs")
    return _call("matches", value, pattern)


def contains(array: Payload, value: Payload) -> Expr:
    """Return whether an array contains the value, or a text the part: ``… in …`` and ``$contains``, ``States.ArrayContains`` (arrays only).

    Where only the run shows whether it is an array or a text, the JSONata tests its type.
    """
    return _call("contains", array, value)


def not_(value: Payload) -> Expr:
    """Return the negation of a boolean, as ``~`` does."""
    return _call("not", value)


def if_(condition: Expr, then: Payload, otherwise: Payload) -> Expr:
    """Return one of two values: ``condition ? then : otherwise`` (JSONata only).

    The condition should be true or false. Of other values JSONata takes 0, null, empty text, empty arrays and objects, and arrays
    whose items are all false for false.
    """
    return _call("if", condition, then, otherwise)


# -- the type of a comparison, which JSONPath requires --------------------------------------------------------------------


def as_number(value: Payload) -> Expr:
    """Use as a number: ``NumericLessThanPath`` and the like in JSONPath; in JSONata it only decides what ``+`` means."""
    return Expr(Call("as_number", (decided(operand(value), "+"),)))


def as_string(value: Payload) -> Expr:
    """Use as text: ``StringLessThanPath`` and the like in JSONPath; in JSONata it only decides what ``+`` means."""
    return Expr(Call("as_string", (decided(operand(value), "++"),)))


def as_boolean(value: Payload) -> Expr:
    """Compare as booleans: ``BooleanEqualsPath`` in JSONPath; no change in JSONata."""
    return _call("as_boolean", value)


def as_timestamp(value: Payload | datetime) -> Expr:
    """Compare as times: ``TimestampLessThan`` and the like in JSONPath, ``$toMillis(…)`` in JSONata."""
    return _call("as_timestamp", value)


# -- arrays --------------------------------------------------------------------------------------------------------------


def array(*items: Payload) -> Expr:
    """Return an array of the items: ``[…]``, ``States.Array``. An item that is an array remains an item; a missing value is left out."""
    return _call("array", *items)


def partition(array: Payload, size: Payload) -> Expr:
    """Split an array into arrays of at most ``size`` items: ``[$partition(…)[]]``, ``States.ArrayPartition``."""
    return _call("partition", array, size)


def range_(first: Payload, last: Payload, step: Payload = 1) -> Expr:
    """Return an array of numbers that includes both ends, unlike Python's ``range``: ``[$range(…)]``, ``States.ArrayRange``."""
    return _call("range", first, last, step)


def item(array: Payload, index: Payload) -> Expr:
    """Return an item of an array; the first one has the index 0: ``(…)[index]``, ``States.ArrayGetItem``.

    A negative index counts from the end (JSONata only). Text has no items: ``fn.call("substring", text, 0, 1)`` is a character.
    """
    return _call("item", array, index)


def length(value: Payload) -> Expr:
    """Return the number of items of an array, or of characters of a text: ``$count`` and ``$length``, ``States.ArrayLength`` (arrays only).

    Where only the run shows whether it is an array or a text, the JSONata tests its type; ``fn.call("count", …)`` and
    ``fn.call("length", …)`` are the functions for one of the two. A missing value has the length 0, and any other value has 1: the
    members of an object are ``fn.length(fn.call("keys", …))``.

    >>> from generator import fn, variables
    >>> fn.length(variables.items) > 0
    <Expr (fn.length(variables.items) > 0)>
    """
    return _call("length", value)


len_ = length


def unique(array: Payload) -> Expr:
    """Return an array without repeated items: ``$distinct``, ``States.ArrayUnique``."""
    return _call("unique", array)


def sum_(array: Payload) -> Expr:
    """Return the sum of numbers, 0 for an empty array: ``$sum`` (JSONata only)."""
    return _call("sum", array)


def min_(array: Payload) -> Expr:
    """Return the smallest number: ``$min`` (JSONata only). An empty array has none, and the state fails."""
    return _call("min", array)


def max_(array: Payload) -> Expr:
    """Return the largest number: ``$max`` (JSONata only). An empty array has none, and the state fails."""
    return _call("max", array)


def join(array: Payload, separator: str = "") -> Expr:
    """Join an array of texts: ``$join`` (JSONata only). The state fails if an item is not text, as in Python."""
    expect(separator, (str, Expr), "the separator of fn.join", "text, after the array")
    return _call("join", array, separator)


def map_(array: Payload, function: ItemFunction) -> Expr:
    """Apply a Python function to each item: ``[$map(…)]`` (JSONata only).

    The result is always an array; for a missing array it is empty, and an item for which the function returns a missing value is
    left out.

    Args:
        array: the array.
        function: a function of the item, of the item and its index, or of these two and the array.

    >>> from generator import fn, variables
    >>> fn.map_(variables.items, lambda item: item.price * item.quantity)
    <Expr fn.map_(variables.items, lambda item: (item.price * item.quantity))>
    """
    return Expr(Call("map", (operand(array), _lambda(function))))


def filter_(array: Payload, function: ItemFunction) -> Expr:
    """Keep the items for which a Python function returns true: ``[$filter(…)]`` (JSONata only).

    The result is always an array; for a missing array it is empty.

    Args:
        array: the array.
        function: a function of the item, of the item and its index, or of these two and the array.

    >>> from generator import fn, variables
    >>> fn.filter_(variables.items, lambda item: item.price > 3)
    <Expr fn.filter_(variables.items, lambda item: (item.price > 3))>
    """
    return Expr(Call("filter", (operand(array), _lambda(function))))


_MOST_PARAMETERS: Final = 3


def _lambda(function: ItemFunction) -> Lambda:
    """Return a Python function as one of JSONata, by calling it with its parameters as expressions.

    A parameter with a default value keeps it, as in ``lambda item, factor=factor: …``.
    """
    if not callable(function):
        raise AuthoringError(
            "the function must be a function", found=repr(function)[:60], expected="a function of an item, such as lambda item: …"
        )
    try:
        given = [p for p in inspect.signature(function).parameters.values() if p.default is p.empty]
    except ValueError:  # some of Python's own functions have no signature
        given = [inspect.Parameter("item", inspect.Parameter.POSITIONAL_ONLY)]
    names = [p.name for p in given]
    if not names or len(names) > _MOST_PARAMETERS or any(p.kind not in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in given):
        raise AuthoringError(
            "the function must have one to three parameters: the item, its index, and the array",
            found=", ".join(str(p) for p in given) or "no parameter",
            expected="a function of an item, such as lambda item: …",
        )
    called = cast("Callable[..., Any]", function)
    while True:
        parameters = [Variable(name, bound=True) for name in names]
        body = operand(called(*(Expr(p) for p in parameters)))
        taken = _taken(body, parameters)
        if not taken.intersection(names):
            return Lambda(tuple(names), body)
        names = [f"{name}_" if name in taken else name for name in names]


def _taken(body: Operand, parameters: list[Variable]) -> frozenset[str]:
    """Return the names that mean something else in the body of a function: other variables, and functions of JSONata."""
    found = set()
    for node in nodes(body):
        if isinstance(node, Variable) and all(node is not p for p in parameters):
            found.add(node.name)
        elif isinstance(node, Root):
            found.add("states")
        elif isinstance(node, Raw):
            found.update(_NAMES.findall(node.text))
    return JSONATA_FUNCTIONS | found


_NAMES: Final = re.compile(r"\$(\w+)")


# -- objects and JSON ----------------------------------------------------------------------------------------------------


def merge(*objects: Payload) -> Expr:
    """Merge objects; a later object overrides the members of an earlier one: ``$merge([…])``, ``States.JsonMerge`` (shallow)."""
    return _call("merge", *objects)


def parse_json(text: Payload) -> Expr:
    """Parse JSON text: ``$parse``, ``States.StringToJson``."""
    return _call("parse_json", text)


def json_string(value: Payload) -> Expr:
    """Write a value as JSON text: ``$string``, ``States.JsonToString``. A text gets quotation marks, as from Python's ``json.dumps``."""
    return _call("json_string", value)


# -- text and numbers ----------------------------------------------------------------------------------------------------


def format(template: str, *arguments: Payload) -> Expr:  # noqa: A001  the intrinsic's own name, used as fn.format
    """Fill each ``{}`` of a template: joined text in JSONata, ``States.Format`` in JSONPath.

    Raises:
        AuthoringError: the number of ``{}`` in the template is not the number of arguments.

    >>> from generator import fn, variables
    >>> fn.format("order {} of {}", variables.id, "eve")
    <Expr fn.format('order {} of {}', variables.id, 'eve')>
    """
    expect(template, str, "the template of fn.format", "text that is known before the workflow runs")
    if template.count("{}") != len(arguments):
        raise AuthoringError(
            "the template must have as many {} as there are arguments",
            found=f"{template.count('{}')} times {{}} and {len(arguments)} arguments",
            expected="one {} for each argument",
        )
    return _call("format", template, *arguments)


def split(text: Payload, separator: str) -> Expr:
    """Split text: ``$split``, ``States.StringSplit`` (one character only, and empty parts are left out)."""
    return _call("split", text, separator)


def string(value: Payload) -> Expr:
    """Convert a value to text: ``$string`` (JSONata), ``States.Format('{}', …)``."""
    return _call("string", value)


def number(value: Payload) -> Expr:
    """Convert text to a number: ``$number``, ``States.StringToJson``."""
    return _call("number", value)


def lowercase(text: Payload) -> Expr:
    """Convert text to lower case: ``$lowercase`` (JSONata only)."""
    return _call("lowercase", text)


def uppercase(text: Payload) -> Expr:
    """Convert text to upper case: ``$uppercase`` (JSONata only)."""
    return _call("uppercase", text)


def trim(text: Payload) -> Expr:
    """Remove white space around text: ``$replace`` with a regular expression (JSONata only)."""
    return _call("trim", text)


def floor(value: Payload) -> Expr:
    """Round down, as ``math.floor`` does: ``$floor`` (JSONata only). ``a // b`` uses it."""
    return _call("floor", value)


def ceil(value: Payload) -> Expr:
    """Round up, as ``math.ceil`` does: ``$ceil`` (JSONata only)."""
    return _call("ceil", value)


def round_(value: Payload, digits: int = 0) -> Expr:
    """Round to the nearest number, halves to the even one, as Python does: ``$round`` (JSONata only).

    With digits, the half is that of the decimal number: 0.35 becomes 0.4 (in Python 0.3, since 0.35 is a little less in binary).
    """
    return _call("round", value, digits) if digits else _call("round", value)


def abs_(value: Payload) -> Expr:
    """Return a number without its sign: ``$abs`` (JSONata only)."""
    return _call("abs", value)


def random(start: Payload, end: Payload, seed: Payload | None = None) -> Expr:
    """Return a random whole number, at least ``start`` and less than ``end``: ``$random``, ``States.MathRandom``."""
    return _call("random", start, end, *(() if seed is None else (seed,)))


def uuid() -> Expr:
    """Return a random UUID (version 4): ``$uuid()``, ``States.UUID()``."""
    return _call("uuid")


def hash_(value: Payload, algorithm: Literal["MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"] = "SHA-256") -> Expr:
    """Return the hash of a value in hexadecimal: ``$hash``, ``States.Hash``."""
    return _call("hash", value, algorithm)


def base64_encode(text: Payload) -> Expr:
    """Encode text as Base64: ``$base64encode``, ``States.Base64Encode``."""
    return _call("base64_encode", text)


def base64_decode(text: Payload) -> Expr:
    """Decode Base64: ``$base64decode``, ``States.Base64Decode``."""
    return _call("base64_decode", text)


def now() -> Expr:
    """Return the time as an ISO 8601 timestamp in UTC: ``$now()``; in JSONPath, the time when the state was entered."""
    return _call("now")


def millis() -> Expr:
    """Return the time in milliseconds since 1970: ``$millis()`` (JSONata only)."""
    return _call("millis")


if not TYPE_CHECKING:  # type checkers report the name themselves

    def __getattr__(name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        own = [known for known, value in globals().items() if callable(value) and getattr(value, "__module__", "") == __name__]
        own = [known for known in own if not known.startswith("_")]
        by_plain = {known.replace("_", "").lower(): known for known in own} | {known.lower(): known for known in JSONATA_FUNCTIONS}
        found = by_plain.get(name.replace("_", "").lower(), "")
        hint = did_you_mean(name, own)
        if found in own:
            hint = f"write fn.{found}(…)"
        elif found:
            hint = f'write fn.call("{found}", …), which calls the JSONata function'
        elif not hint:
            hint = 'fn.call("name", …) calls any function of JSONata'
        raise UnknownNameError(f"fn has no function {name!r}", found=name, hint=hint, code="SFN801")
