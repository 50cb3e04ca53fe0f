"""Functions for expressions: ``fn.length(states.input.items) > 0``.

One vocabulary for both query languages. Each function says what it becomes: a JSONata function, and, where ASL has one, a
JSONPath intrinsic function (https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html) or a choice
operator. A function that the query language in force cannot say is diagnostic SFN802, with the way out.

What is missing here can always be said with ``generator.jsonata("$…")`` or ``fn.call("…", …)``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import datetime
from typing import Literal

from generator.dsl.expressions import Call, Expr, Lambda, Payload, Variable, operand
from generator.dsl.source import AuthoringError


def _call(name: str, *arguments: Payload) -> Expr:
    return Expr(Call(name, tuple(operand(a) for a in arguments)))


def call(function: str, *arguments: Payload) -> Expr:
    """Call any JSONata function by its name: ``fn.call("substring", states.input.id, 0, 8)``."""
    return Expr(Call("$" + function.removeprefix("$"), tuple(operand(a) for a in arguments)))


# -- tests ---------------------------------------------------------------------------------------------------------------


def exists(value: Payload) -> Expr:
    """Whether the value is there: ``$exists(…)``, ``IsPresent``."""
    return _call("exists", value)


def is_null(value: Payload) -> Expr:
    """Whether the value is there and null: ``… = null``, ``IsNull``."""
    return _call("is_null", value)


def is_string(value: Payload) -> Expr:
    """Whether the value is text: ``$type(…) = "string"``, ``IsString``."""
    return _call("is_string", value)


def is_number(value: Payload) -> Expr:
    """Whether the value is a number: ``$type(…) = "number"``, ``IsNumeric``."""
    return _call("is_number", value)


def is_boolean(value: Payload) -> Expr:
    """Whether the value is true or false: ``$type(…) = "boolean"``, ``IsBoolean``."""
    return _call("is_boolean", value)


def is_timestamp(value: Payload) -> Expr:
    """Whether the value is an RFC 3339 timestamp: a match in JSONata, ``IsTimestamp``."""
    return _call("is_timestamp", value)


def matches(value: Payload, pattern: str) -> Expr:
    """Whether text fits a pattern in which ``*`` stands for any characters: ``StringMatches``, a regular expression in JSONata.

    >>> matches(Expr(Variable("name")), "log-*.txt")
    <Expr fn.matches(variables.name, 'log-*.txt')>
    """
    return _call("matches", value, pattern)


def contains(array: Payload, value: Payload) -> Expr:
    """Whether an array has the value: ``… in …``, ``States.ArrayContains``."""
    return _call("contains", array, value)


def not_(value: Payload) -> Expr:
    """Negate, as ``~`` does."""
    return _call("not", value)


def if_(condition: Expr, then: Payload, otherwise: Payload) -> Expr:
    """Choose between two values: ``condition ? then : otherwise`` (JSONata only)."""
    return _call("if", condition, then, otherwise)


# -- the type of both sides, which JSONPath's comparisons must name -------------------------------------------------------


def as_number(value: Payload) -> Expr:
    """Compare as numbers: ``NumericLessThanPath`` and the like; nothing changes in JSONata, which looks at the values."""
    return _call("as_number", value)


def as_string(value: Payload) -> Expr:
    """Compare as text: ``StringLessThanPath`` and the like; nothing changes in JSONata, which looks at the values."""
    return _call("as_string", value)


def as_boolean(value: Payload) -> Expr:
    """Compare as booleans: ``BooleanEqualsPath``; nothing changes in JSONata, which looks at the values."""
    return _call("as_boolean", value)


def as_timestamp(value: Payload | datetime) -> Expr:
    """Compare as times: ``TimestampLessThan`` and the like in JSONPath, ``$toMillis(…)`` in JSONata."""
    return _call("as_timestamp", value)


# -- arrays --------------------------------------------------------------------------------------------------------------


def array(*items: Payload) -> Expr:
    """Make an array: ``[…]``, ``States.Array``."""
    return _call("array", *items)


def partition(array: Payload, size: Payload) -> Expr:
    """Split an array into arrays of at most ``size`` items: ``$partition``, ``States.ArrayPartition``."""
    return _call("partition", array, size)


def range_(first: Payload, last: Payload, step: Payload = 1) -> Expr:
    """Make an array of numbers, both ends included: ``$range``, ``States.ArrayRange``."""
    return _call("range", first, last, step)


def item(array: Payload, index: Payload) -> Expr:
    """Take an item of an array, counted from 0: ``…[index]``, ``States.ArrayGetItem``."""
    return _call("item", array, index)


def length(array: Payload) -> Expr:
    """Count the items of an array: ``$count``, ``States.ArrayLength``."""
    return _call("length", array)


len_ = length


def unique(array: Payload) -> Expr:
    """Drop repeated items: ``$distinct``, ``States.ArrayUnique``."""
    return _call("unique", array)


def sum_(array: Payload) -> Expr:
    """Add up numbers: ``$sum`` (JSONata only)."""
    return _call("sum", array)


def min_(array: Payload) -> Expr:
    """The smallest number: ``$min`` (JSONata only)."""
    return _call("min", array)


def max_(array: Payload) -> Expr:
    """The largest number: ``$max`` (JSONata only)."""
    return _call("max", array)


def join(array: Payload, separator: str = "") -> Expr:
    """Join texts: ``$join`` (JSONata only)."""
    return _call("join", array, separator)


def map_(array: Payload, function: Callable[..., Payload]) -> Expr:
    """Apply a Python function to each item: ``[$map(…)]`` (JSONata only). The result is always an array.

    >>> map_(Expr(Variable("items")), lambda item: item.price * item.quantity)
    <Expr fn.map_(variables.items, lambda item: (item.price * item.quantity))>
    """
    return Expr(Call("map", (operand(array), _lambda(function))))


def filter_(array: Payload, function: Callable[..., Payload]) -> Expr:
    """Keep the items for which a Python function gives true: ``[$filter(…)]`` (JSONata only). The result is always an array."""
    return Expr(Call("filter", (operand(array), _lambda(function))))


def _lambda(function: Callable[..., Payload]) -> Lambda:
    names = tuple(inspect.signature(function).parameters)
    if not names:
        raise AuthoringError("the function takes no item", expected="one parameter, such as lambda item: …")
    return Lambda(names, operand(function(*(Expr(Variable(n, bound=True)) for n in names))))


# -- objects and JSON ----------------------------------------------------------------------------------------------------


def merge(*objects: Payload) -> Expr:
    """Merge objects, later members first served: ``$merge([…])``, ``States.JsonMerge`` (shallow)."""
    return _call("merge", *objects)


def parse_json(text: Payload) -> Expr:
    """Read JSON text: ``$parse``, ``States.StringToJson``."""
    return _call("parse_json", text)


def json_string(value: Payload) -> Expr:
    """Write a value as JSON text: ``$string``, ``States.JsonToString``."""
    return _call("json_string", value)


# -- text and numbers ----------------------------------------------------------------------------------------------------


def format(template: str, *arguments: Payload) -> Expr:  # noqa: A001  the intrinsic's own name, used as fn.format
    """Fill each ``{}`` of a template: joined text in JSONata, ``States.Format`` in JSONPath.

    Raises:
        AuthoringError: the template has not as many ``{}`` as there are arguments.

    >>> format("order {} of {}", Expr(Variable("id")), "eve")
    <Expr fn.format('order {} of {}', variables.id, 'eve')>
    """
    if template.count("{}") != len(arguments):
        raise AuthoringError(
            "the template and the arguments do not fit",
            found=f"{template.count('{}')} times {{}} and {len(arguments)} arguments",
            expected="one {} for each argument",
        )
    return _call("format", template, *arguments)


def split(text: Payload, separator: str) -> Expr:
    """Split text: ``$split``, ``States.StringSplit`` (which takes each character of the separator as one)."""
    return _call("split", text, separator)


def string(value: Payload) -> Expr:
    """Make text of a value: ``$string`` (JSONata), ``States.Format('{}', …)``."""
    return _call("string", value)


def number(value: Payload) -> Expr:
    """Make a number of text: ``$number``, ``States.StringToJson``."""
    return _call("number", value)


def lowercase(text: Payload) -> Expr:
    """``$lowercase`` (JSONata only)."""
    return _call("lowercase", text)


def uppercase(text: Payload) -> Expr:
    """``$uppercase`` (JSONata only)."""
    return _call("uppercase", text)


def trim(text: Payload) -> Expr:
    """Drop white space around text: ``$trim`` (JSONata only)."""
    return _call("trim", text)


def random(start: Payload, end: Payload, seed: Payload | None = None) -> Expr:
    """A whole number from ``start`` up to, not including, ``end``: ``$random``, ``States.MathRandom``."""
    return _call("random", start, end, *(() if seed is None else (seed,)))


def uuid() -> Expr:
    """A random UUID (version 4): ``$uuid()``, ``States.UUID()``."""
    return _call("uuid")


def hash_(value: Payload, algorithm: Literal["MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"] = "SHA-256") -> Expr:
    """Hash a value, in hexadecimal: ``$hash``, ``States.Hash``."""
    return _call("hash", value, algorithm)


def base64_encode(text: Payload) -> Expr:
    """``$base64encode``, ``States.Base64Encode``."""
    return _call("base64_encode", text)


def base64_decode(text: Payload) -> Expr:
    """``$base64decode``, ``States.Base64Decode``."""
    return _call("base64_decode", text)


def now() -> Expr:
    """The time of evaluation, as an ISO 8601 timestamp in UTC: ``$now()``; the time the state was entered in JSONPath."""
    return _call("now")


def millis() -> Expr:
    """The time of evaluation in milliseconds since 1970: ``$millis()`` (JSONata only)."""
    return _call("millis")
