"""Functions for expressions: ``fn.length(states.input.items) > 0``.

The functions are the same for both query languages. Each docstring names the JSONata function and, if there is one, the
intrinsic function of JSONPath (https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html) or the choice
operator that it is compiled to. A function that the query language of the state does not have is diagnostic SFN802.

Use ``generator.jsonata("$…")`` or ``fn.call("…", …)`` for any other JSONata function.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import datetime
from typing import Literal

from generator.dsl.expressions import Call, Expr, Lambda, Payload, Variable, decided, operand
from generator.dsl.source import AuthoringError, expect


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

    >>> matches(Expr(Variable("name")), "log-*.txt")
    <Expr fn.matches(variables.name, 'log-*.txt')>
    """
    expect(pattern, str, "the pattern of fn.matches", "text that is known before the workflow runs")
    return _call("matches", value, pattern)


def contains(array: Payload, value: Payload) -> Expr:
    """Return whether an array contains the value: ``… in …``, ``States.ArrayContains``."""
    return _call("contains", array, value)


def not_(value: Payload) -> Expr:
    """Return the negation of a boolean, as ``~`` does."""
    return _call("not", value)


def if_(condition: Expr, then: Payload, otherwise: Payload) -> Expr:
    """Return one of two values: ``condition ? then : otherwise`` (JSONata only)."""
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
    """Return an array of the items: ``[…]``, ``States.Array``."""
    return _call("array", *items)


def partition(array: Payload, size: Payload) -> Expr:
    """Split an array into arrays of at most ``size`` items: ``$partition``, ``States.ArrayPartition``."""
    return _call("partition", array, size)


def range_(first: Payload, last: Payload, step: Payload = 1) -> Expr:
    """Return an array of numbers that includes both ends: ``$range``, ``States.ArrayRange``."""
    return _call("range", first, last, step)


def item(array: Payload, index: Payload) -> Expr:
    """Return an item of an array; the first one has the index 0: ``…[index]``, ``States.ArrayGetItem``."""
    return _call("item", array, index)


def length(array: Payload) -> Expr:
    """Return the number of items of an array: ``$count``, ``States.ArrayLength``."""
    return _call("length", array)


len_ = length


def unique(array: Payload) -> Expr:
    """Return an array without repeated items: ``$distinct``, ``States.ArrayUnique``."""
    return _call("unique", array)


def sum_(array: Payload) -> Expr:
    """Return the sum of numbers: ``$sum`` (JSONata only)."""
    return _call("sum", array)


def min_(array: Payload) -> Expr:
    """Return the smallest number: ``$min`` (JSONata only)."""
    return _call("min", array)


def max_(array: Payload) -> Expr:
    """Return the largest number: ``$max`` (JSONata only)."""
    return _call("max", array)


def join(array: Payload, separator: str = "") -> Expr:
    """Join texts: ``$join`` (JSONata only)."""
    expect(separator, (str, Expr), "the separator of fn.join", "text, after the array")
    return _call("join", array, separator)


def map_(array: Payload, function: Callable[..., Payload]) -> Expr:
    """Apply a Python function to each item: ``[$map(…)]`` (JSONata only). The result is always an array.

    >>> map_(Expr(Variable("items")), lambda item: item.price * item.quantity)
    <Expr fn.map_(variables.items, lambda item: (item.price * item.quantity))>
    """
    return Expr(Call("map", (operand(array), _lambda(function))))


def filter_(array: Payload, function: Callable[..., Payload]) -> Expr:
    """Keep the items for which a Python function returns true: ``[$filter(…)]`` (JSONata only). The result is always an array."""
    return Expr(Call("filter", (operand(array), _lambda(function))))


def _lambda(function: Callable[..., Payload]) -> Lambda:
    names = tuple(inspect.signature(function).parameters)
    if not names:
        raise AuthoringError("the function must have a parameter", expected="a function of an item, such as lambda item: …")
    return Lambda(names, operand(function(*(Expr(Variable(n, bound=True)) for n in names))))


# -- objects and JSON ----------------------------------------------------------------------------------------------------


def merge(*objects: Payload) -> Expr:
    """Merge objects; a later object overrides the members of an earlier one: ``$merge([…])``, ``States.JsonMerge`` (shallow)."""
    return _call("merge", *objects)


def parse_json(text: Payload) -> Expr:
    """Parse JSON text: ``$parse``, ``States.StringToJson``."""
    return _call("parse_json", text)


def json_string(value: Payload) -> Expr:
    """Write a value as JSON text: ``$string``, ``States.JsonToString``."""
    return _call("json_string", value)


# -- text and numbers ----------------------------------------------------------------------------------------------------


def format(template: str, *arguments: Payload) -> Expr:  # noqa: A001  the intrinsic's own name, used as fn.format
    """Fill each ``{}`` of a template: joined text in JSONata, ``States.Format`` in JSONPath.

    Raises:
        AuthoringError: the number of ``{}`` in the template is not the number of arguments.

    >>> format("order {} of {}", Expr(Variable("id")), "eve")
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
    """Split text: ``$split``, ``States.StringSplit`` (which splits at each character of the separator)."""
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
    """Remove white space around text: ``$trim`` (JSONata only)."""
    return _call("trim", text)


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
