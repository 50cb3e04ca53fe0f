"""The values of a JSONata evaluation on the JVM: undefined, sequences, functions, numbers and texts, and its failures.

JSON null is None. The undefined value is :data:`UNDEFINED`. A sequence is a :class:`Sequence`: it becomes its only item where
an expression ends, and an empty one becomes undefined; an array of JSON stays as it is.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MAX_MEMORY: Final = 10_485_760
"""Bytes that an evaluation may use. ``[1..873782]`` is accepted, one more is not: measured by floci-io/floci#2737 in 2026."""
MAX_TEXT: Final = 5_242_880
"""The longest text that an evaluation builds. A guess: 4,194,304 characters are accepted (floci-io/floci#2737, 2026)."""
RANGE_ITEM: Final = 12
"""Bytes of an item of a range, which make the bound above."""
_RANGE_BASE: Final = 376
_LONG: Final = 2**63
_INT: Final = 2**31 - 1
EXACT: Final = 2**53
"""Integers up to here are exact as floats."""


class JSONataError(RuntimeError):
    """An evaluation that failed.

    Attributes:
        message: the code and text of JSONata, such as ``T1006: Attempted to invoke a non-function``.
        position: the offset in the expression, if it is known.
        said: what AWS says after the name of the field.
    """

    def __init__(self, message: str, position: int | None = None, *, said: str | None = None) -> None:
        """Create the error."""
        super().__init__(message)
        self.message = message
        self.position = position
        self.said = f"threw an error during evaluation. {message}" if said is None else said


class Undefined:
    """The type of JSONata's "nothing", which JSON does not have. Its only value is :data:`UNDEFINED`."""

    def __repr__(self) -> str:
        """Return the name of the constant."""
        return "UNDEFINED"

    def __bool__(self) -> bool:
        """Return false."""
        return False


UNDEFINED: Final = Undefined()
"""The result of an expression that has no value."""


class Sequence(list[Any]):
    """A sequence of values.

    Attributes:
        keep: whether a single item stays in its array (``[]`` after a path).
        tuples: whether the items are tuples: values with the variables that ``@``, ``#`` and ``%`` bind.
    """

    __slots__ = ("keep", "tuples")

    def __init__(self, items: Iterable[Any] = (), *, tuples: bool = False) -> None:
        """Create a sequence."""
        super().__init__(items)
        self.keep = False
        self.tuples = tuples


class Constructed(list[Any]):
    """An array that a constructor at the end of a path made: a path does not flatten it."""

    __slots__ = ()


class Function:
    """A function of JSONata or of Step Functions.

    Attributes:
        name: the name, without ``$``.
        call: the implementation: the run, then the arguments, of which missing ones are undefined.
        signature: the types of the arguments.
        arity: how many arguments a higher-order function passes.
    """

    __slots__ = ("arity", "call", "name", "signature")

    def __init__(self, name: str, call: Callable[..., Any], signature: Any, arity: int) -> None:
        """Create a function."""
        self.name = name
        self.call = call
        self.signature = signature
        self.arity = arity


class Code:
    """The code of a function of an expression.

    Attributes:
        parameters: the names of the parameters.
        body: the function that evaluates the body.
        signature: the types of the arguments, or None.
    """

    __slots__ = ("_made", "_node", "body", "parameters", "signature")

    def __init__(self, parameters: tuple[str, ...], body: Callable[[Any, Any], Any], signature: Any, node: Any) -> None:
        """Create the code from its parts; the node is the syntax tree of the body."""
        self.parameters = parameters
        self.body = body
        self.signature = signature
        self._node = node
        self._made: dict[Any, Any] = {}

    def made(self, make: Callable[[Any, tuple[str, ...]], Any]) -> Any:
        """Return what a function makes of the syntax tree and the parameters, once. It is None with a signature or no parameters."""
        if make not in self._made:
            simple = self.signature is None and self.parameters and len(set(self.parameters)) == len(self.parameters)
            self._made[make] = make(self._node, self.parameters) if simple else None
        return self._made[make]


class Lambda:
    """A function of an expression: its code, and the environment and the context in which it was made."""

    __slots__ = ("arity", "code", "environment", "given")

    def __init__(self, code: Code, environment: Any, given: Any) -> None:
        """Create a function."""
        self.code = code
        self.arity = len(code.parameters)
        self.environment = environment
        self.given = given


def fail(code: str, **inserts: Any) -> JSONataError:
    """Return the failure with a code, its text filled in as JSONata does: each value as JSON.

    >>> fail("T2001", token="+").message
    'T2001: The left side of the "+" operator must evaluate to a number'
    """
    text = TEXTS.get(code, "")
    for name, insert in inserts.items():
        value = number(insert) if isinstance(insert, float) else insert
        shown = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=lambda _: "")
        text = text.replace("{{{" + name + "}}}", str(value)).replace("{{" + name + "}}", shown)
    return JSONataError(f"{code}: {text}")


def out_of_memory() -> JSONataError:
    """Return the failure of an evaluation that needs too much memory."""
    reason = "Expression evaluation memory limit exceeded: Check for excessive memory usage"
    return JSONataError(reason, said=f"threw an error during evaluation: {reason}")


def out_of_time() -> JSONataError:
    """Return the failure of an evaluation that takes too long."""
    reason = "Expression evaluation timeout: Check for infinite loop"
    return JSONataError(reason, said=f"threw an error during evaluation: {reason}")


def internal() -> JSONataError:
    """Return the failure of an evaluation in which AWS's code fails: its cause has no reason."""
    return JSONataError("D3137: internal error", said="threw an internal error during evaluation.")


def check_range(size: int) -> None:
    """Refuse a range that does not fit in memory."""
    if size * RANGE_ITEM + _RANGE_BASE > MAX_MEMORY:
        raise out_of_memory()


def number(value: Any) -> Any:
    """Return a number as the JVM keeps it: a whole number that fits in 64 bits is an integer.

    >>> number(2.0), number(0.5), number(1e19)
    (2, 0.5, 1e+19)
    """
    if value.__class__ is int:
        return value
    if -_LONG < value < _LONG and value == math.floor(value):
        return int(value)
    return value


def whole(value: Any) -> int:
    """Return a number without its fraction, as Java casts it to an integer: infinite numbers become the largest, NaN becomes 0.

    >>> whole(-1.7), whole(math.inf), whole(math.nan)
    (-1, 2147483647, 0)
    """
    if value.__class__ is float and not math.isfinite(value):
        return 0 if math.isnan(value) else _INT if value > 0 else -_INT - 1
    return int(value)


_MAX_PLACES: Final = 400
"""More places than a number has before or behind its decimal point."""
_PRECISE: Final = Context(prec=3 * _MAX_PLACES)


def rounded(value: Any, places: Any) -> Any:
    """Return a number rounded half to even, as its decimal digits are written."""
    if value.__class__ is float and not math.isfinite(value):
        return value
    digits = 0 if places is UNDEFINED else whole(places)
    if digits >= 0 and abs(value) >= 2**53:
        return value  # a whole number
    if digits > _MAX_PLACES:
        return value
    made = Decimal(repr(value) if value.__class__ is float else value)
    return number(float(made.quantize(Decimal(1).scaleb(max(-digits, -_MAX_PLACES)), ROUND_HALF_EVEN, _PRECISE)))


def is_number(value: Any) -> bool:
    """Return whether a value is a number."""
    kind = value.__class__
    return kind is int or kind is float


def is_function(value: Any) -> bool:
    """Return whether a value is a function or a regular expression."""
    return isinstance(value, (Lambda, Function, re.Pattern))


def truth(value: Any) -> bool:
    """Return a value as a boolean, as ``$boolean`` does; undefined is false."""
    kind = value.__class__
    if kind is bool:
        return bool(value)
    if kind is str or kind is dict:
        return bool(value)
    if kind is int or kind is float:
        return bool(value != 0)
    if isinstance(value, list):
        return truth(value[0]) if len(value) == 1 else any(truth(item) for item in value)
    return False


def equal(left: Any, right: Any) -> bool:
    """Return whether two values are the same JSON.

    >>> equal({"a": [1]}, {"a": [1.0]}), equal(1, True)
    (True, False)
    """
    if isinstance(left, list):
        return isinstance(right, list) and len(left) == len(right) and all(map(equal, left, right))
    if left.__class__ is dict:
        return right.__class__ is dict and left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    if (left.__class__ is bool) is not (right.__class__ is bool):
        return False
    return bool(left == right)


def utf16(text: str) -> Any:
    """Return a text as Java compares it: by UTF-16 units."""
    return text.encode("utf-16-be", "surrogatepass")


def less(left: Any, right: Any) -> bool:
    """Return whether a number or text comes before another of the same type."""
    if left.__class__ is str and not (left.isascii() and right.isascii()):
        return bool(utf16(left) < utf16(right))
    return bool(left < right)


_PLAIN_ABOVE: Final = -7
_PLAIN_BELOW: Final = 21
"""Powers of ten outside these bounds are written with an exponent."""
_SMALL: Final = 1e-4
_LARGE: Final = 1e15
_TIE: Final = 17
"""The shortest text of a number with 16 digits."""
_FIFTEEN: Final = Context(prec=15, rounding=ROUND_HALF_UP)


def number_text(value: Any) -> str:
    """Return a number as ``$string`` writes it: integers exact, others with at most 15 digits.

    Measured by floci-io/floci#2683 in 2026.

    >>> number_text(1 / 3), number_text(1e20), number_text(1e21), number_text(2**63 - 1), number_text(1e-7)
    ('0.333333333333333', '100000000000000000000', '1e+21', '9223372036854775807', '1e-7')
    """
    if value.__class__ is int:
        if -_LONG <= value < _LONG:
            return str(value)
        value = float(value)
    if value != math.floor(value):
        text = repr(value)
        if _SMALL < abs(value) < _LARGE and not (len(text) >= _TIE and text[-1] == "5"):
            return f"{value:.15g}"  # as below, but for a tie between two texts
        value = float(_FIFTEEN.create_decimal_from_float(value))
    text = repr(value)
    digits, _, power = text.partition("e")
    if power:
        exponent = int(power)
        if _PLAIN_ABOVE < exponent < _PLAIN_BELOW:
            text = format(_FIFTEEN.create_decimal(text), "f") if exponent < 0 else _shifted(digits, exponent)
        else:
            text = f"{digits.removesuffix('.0')}e{exponent:+d}".replace("e-0", "e-")
    return text.removesuffix(".0")


def _shifted(digits: str, exponent: int) -> str:
    whole, _, fraction = digits.partition(".")
    return whole + fraction.ljust(exponent, "0")


def text_of(value: Any, *, pretty: bool = False) -> str:
    """Return a value as ``$string`` does."""
    if value.__class__ is str:
        return str(value)
    if value.__class__ is float and not math.isfinite(value):
        raise fail("D3001")
    if is_function(value):
        return ""
    return _json(value, "\n" if pretty else "")


def _json(value: Any, line: str) -> str:
    """Return a value as JSON text; ``line`` is the line break before the value with its indentation, empty for one line."""
    kind = value.__class__
    if kind is int or kind is float:
        return number_text(value) if math.isfinite(value) else "null"
    if kind is dict or isinstance(value, list):
        inner = line and line + "  "
        if kind is dict:
            colon = ": " if line else ":"
            parts = [f"{json.dumps(key, ensure_ascii=False)}{colon}{_json(item, inner)}" for key, item in value.items()]
        else:
            parts = [_json(item, inner) for item in value]
        opening, closing = "{}" if kind is dict else "[]"
        return f"{opening}{inner}{(',' + inner).join(parts)}{line}{closing}" if parts else opening + closing
    if is_function(value):
        return '""'
    return json.dumps(value, ensure_ascii=False)


_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_PLAIN: Final = frozenset({int, bool, type(None), str, float, dict, list})


def whole_text(text: str) -> str:
    """Return a text whose halves of surrogate pairs are joined, as they are in Java's texts."""
    if text.isascii() or not _SURROGATES.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def checked_text(text: str) -> str:
    """Return a text that an evaluation built, if it fits in memory."""
    if len(text) > MAX_TEXT:
        raise out_of_memory()
    return text if text.isascii() else whole_text(text)


def plain(value: Any) -> Any:
    """Return the result of an evaluation as JSON.

    A number that is not finite is a text: measured by floci-io/floci#2783. An integer beyond 64 bits is rounded to a double: measured
    by iwamot/sfnx.
    """
    if value.__class__ is int:
        return value if -_LONG <= value < _LONG else float(value)
    if value.__class__ is Sequence:
        value = list(value)
    return value if _is_plain(value) else _made_plain(value)


def _is_plain(value: Any) -> bool:
    """Return whether a value is JSON as it is."""
    kind = value.__class__
    if kind is int or kind is bool or value is None:
        return True
    if kind is str:
        return value.isascii() or not _SURROGATES.search(value)
    if kind is float:
        return math.isfinite(value)
    if kind is dict:
        return all(map(_is_plain, value.values()))
    if kind is list:
        return all(map(_is_plain, value)) if len(value) < _MANY else _are_plain(value)
    return False


_MANY: Final = 16
"""The shortest array whose values are looked at together."""


def _are_plain(level: list[Any]) -> bool:
    """Return whether all values are JSON as they are. Those of one depth are looked at together, which is fast."""
    while level:
        types = set(map(type, level))
        if not types <= _PLAIN:
            return False
        if float in types and not all(map(math.isfinite, level if len(types) == 1 else [v for v in level if v.__class__ is float])):
            return False
        if str in types:
            text = "".join(level if len(types) == 1 else [v for v in level if v.__class__ is str])
            if not text.isascii() and _SURROGATES.search(text):
                return False
        objects = [v.values() for v in level if v.__class__ is dict] if dict in types else []
        arrays = [v for v in level if v.__class__ is list] if list in types else []
        level = list(itertools.chain(*objects, *arrays))
    return True


def _made_plain(value: Any) -> Any:
    kind = value.__class__
    if kind is str:
        return _SURROGATES.sub("?", whole_text(value))
    if kind is float:
        if math.isfinite(value):
            return value
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if kind is dict:
        return {key: _made_plain(item) for key, item in value.items() if not is_function(item)}
    if isinstance(value, list):
        return [_made_plain(item) for item in value]
    return None if is_function(value) else value


TEXTS: Final = {
    "T0410": "Argument {{index}} of function {{token}} does not match function signature",
    "T0411": "Context value is not a compatible type with argument {{index}} of function {{token}}",
    "T0412": "Argument {{index}} of function {{token}} must be an array of {{type}}",
    "D1002": "Cannot negate a non-numeric value: {{value}}",
    "T1003": "Key in object structure must evaluate to a string; got: {{value}}",
    "T1005": "Attempted to invoke a non-function. Did you mean ${{{token}}}?",
    "T1006": "Attempted to invoke a non-function",
    "T1007": "Attempted to partially apply a non-function. Did you mean ${{{token}}}?",
    "T1008": "Attempted to partially apply a non-function",
    "D1009": "Multiple key definitions evaluate to same key: {{value}}",
    "T2001": "The left side of the {{token}} operator must evaluate to a number",
    "T2002": "The right side of the {{token}} operator must evaluate to a number",
    "T2003": "The left side of the range operator (..) must evaluate to an integer",
    "T2004": "The right side of the range operator (..) must evaluate to an integer",
    "T2006": "The right side of the function application operator ~> must be a function",
    "T2007": "Type mismatch when comparing values {{value}} and {{value2}} in order-by clause",
    "T2008": "The expressions within an order-by clause must evaluate to numeric or string values",
    "T2009": "The values {{value}} and {{value2}} either side of operator {{token}} must be of the same data type",
    "T2010": "The expressions either side of operator {{token}} must evaluate to numeric or string values",
    "T2011": "The insert/update clause of the transform expression must evaluate to an object: {{value}}",
    "T2012": "The delete clause of the transform expression must evaluate to a string or array of strings: {{value}}",
    "D2014": "The size of the sequence allocated by the range operator (..) must not exceed 1e6.  Attempted to allocate {{value}}.",
    "D3001": "Attempting to invoke string function on Infinity or NaN",
    "D3010": "Second argument of replace function cannot be an empty string",
    "D3011": "Fourth argument of replace function must evaluate to a positive number",
    "D3012": "Attempted to replace a matched string with a non-string value",
    "D3020": "Third argument of split function must evaluate to a positive number",
    "D3030": "Unable to cast value to a number: {{value}}",
    "D3040": "Third argument of match function must evaluate to a positive number",
    "D3050": "The second argument of reduce function must be a function with at least two arguments",
    "D3060": "The sqrt function cannot be applied to a negative number: {{value}}",
    "D3061": ("The power function has resulted in a value that cannot be represented as a JSON number: base={{value}}, exponent={{exp}}"),
    "D3070": (
        "The single argument form of the sort function can only be applied to an array of strings or an array of numbers.  "
        "Use the second argument to specify a comparison function"
    ),
    "D3100": "The radix of the formatBase function must be between 2 and 36.  It was given {{value}}",
    "D3110": "The argument of the toMillis function must be an ISO 8601 formatted timestamp. Given {{value}}",
    "D3137": "{{{message}}}",
    "D3138": "The $single() function expected exactly 1 matching result.  Instead it matched more.",
    "D3139": "The $single() function expected exactly 1 matching result.  Instead it matched 0.",
    "D3140": "Malformed URL passed to ${{{functionName}}}(): {{value}}",
    "D3141": "{{{message}}}",
}
"""The texts of JSONata's errors by code: https://github.com/jsonata-js/jsonata (AWS has the texts of version 2.0)."""
