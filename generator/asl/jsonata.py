"""JSONata as Step Functions evaluates it: with its additional functions, and without the features that it rejects.

Step Functions adds ``$partition``, ``$range``, ``$hash``, ``$random`` with a seed, ``$uuid`` and ``$parse`` to JSONata,
and rejects ``$eval``. An expression reads its values from variables only (``$states`` and the workflow's variables).

Source: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html

Expressions run in jlens (Rust); where it has no wheel, in jsonata-python. Neither is imported before the first
expression is compiled.
"""

from __future__ import annotations

import importlib
import json
import math
import re
import sys
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Protocol

from generator.asl.intrinsics import hash_text, make_uuid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random
    from types import ModuleType

MAX_STEPS = 20_000_000
"""The most steps of an evaluation, so that an endless recursion ends."""


class JSONataError(RuntimeError):
    """An evaluation that failed.

    Attributes:
        message: the code and text of JSONata, such as ``T1006: Attempted to invoke a non-function``.
        position: the offset in the expression, if it is known.
    """

    def __init__(self, message: str, position: int | None = None) -> None:
        """Create the error."""
        super().__init__(message)
        self.message = message
        self.position = position


class JSONataSyntaxError(JSONataError, ValueError):
    """A text that is not a JSONata expression, or that Step Functions rejects."""


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


class Expression(Protocol):
    """A compiled expression.

    Attributes:
        text: the expression as written.
        reads: the names of the variables that it reads, such as ``states``, without those that it sets itself.
    """

    text: str
    reads: frozenset[str]

    def evaluate(self, bindings: Mapping[str, Any], *, random: Random, now: float | None = None) -> Any:
        """Return the value of the expression, or :data:`UNDEFINED`.

        Args:
            bindings: the variables by name, without ``$``; only those in ``reads`` are used.
            random: the source of ``$random()`` and ``$uuid()``.
            now: the time for ``$now()`` and ``$millis()``, in seconds since 1970; the real time by default.

        Raises:
            JSONataError: the evaluation fails.
        """
        ...


def strip_delimiters(text: str) -> str | None:
    """Return the expression between ``{%`` and ``%}``, or None if the text is not an expression.

    >>> strip_delimiters("{% $states.input.total > 5 %}")
    '$states.input.total > 5'
    >>> strip_delimiters("plain") is None
    True
    """
    if text.startswith("{%") and text.endswith("%}") and len(text) >= len("{%%}"):
        return text[2:-2].strip()
    return None


@lru_cache(8192)
def compile_expression(text: str) -> Expression:
    """Compile an expression, without its delimiters ``{% %}``.

    Raises:
        JSONataSyntaxError: the text is not an expression, or Step Functions rejects it.

    >>> from random import Random
    >>> expression = compile_expression("$sum($states.input.prices) * $rate")
    >>> sorted(expression.reads)
    ['rate', 'states']
    >>> expression.evaluate({"states": {"input": {"prices": [1, 2]}}, "rate": 2}, random=Random(0))
    6
    """
    _refuse(text)
    if _jlens_available():
        return _JlensExpression(text)
    return _PythonExpression(text)


@lru_cache(1)
def _jlens_available() -> bool:
    try:
        import jlens  # noqa: F401  the import shows whether there is a wheel
    except ImportError:
        return False
    return True


# A string, a quoted name, a comment, a regular expression in the place of an operand, or a rejected feature.
_TOKENS = re.compile(
    r"""
      (?P<skip> "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | `[^`]*` | /\*.*?\*/ | (?<![\w)\]}"'`\s$%])\s*/(?:[^/\\\n]|\\.)+/[im]* )
    | (?P<refused> \$eval\b | \?\? | \?: )
    """,
    re.VERBOSE | re.DOTALL,
)
_REFUSED = {
    "$eval": "$eval is not supported, use $parse to read JSON",
    "??": "The operator ?? is not supported",
    "?:": "The operator ?: is not supported",
}


def _refuse(text: str) -> None:
    if not any(word in text for word in _REFUSED):
        return
    for token in _TOKENS.finditer(text):
        if token["refused"]:
            raise JSONataSyntaxError(f"S0201: {_REFUSED[token['refused']]}", token.start())


_OWN = re.compile(r"\$(partition|range|hash|random|uuid|parse)\b")


class _HostError(Exception):
    """A failure in one of the additional functions of Step Functions, with a code as JSONata's errors have."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def _whole(value: float) -> int:
    return math.floor(value + 0.5)


def _sequence(items: list[Any]) -> Any:
    """Return a list as a JSONata sequence: one item becomes the item itself, an empty list becomes nothing."""
    return items if len(items) > 1 else items[0] if items else None


def _partition(array: Any = None, size: Any = None, *_: Any) -> Any:
    if array is None:
        return None
    if not isinstance(size, (int, float)) or isinstance(size, bool) or size < 1:
        raise _HostError("D3137", "$partition: the second argument must be a positive number")
    items = array if isinstance(array, list) else [array]
    step = _whole(size)
    # One chunk stays an array in an array, and an empty array returns nothing: measured by floci-io/floci#2676 on 2026-08-28.
    return [items[at : at + step] for at in range(0, len(items), step)] or None


def _range(first: Any = None, last: Any = None, step: Any = None, *_: Any) -> Any:
    if any(not isinstance(value, (int, float)) or isinstance(value, bool) for value in (first, last, step)):
        raise _HostError("T0410", 'Argument 1 of function "range" does not match function signature')
    if step == 0:
        raise _HostError("D3137", "$range: the third argument must not be zero")
    start, stop, stride = _whole(first), _whole(last), _whole(step)
    return _sequence(list(range(start, stop + (1 if stride > 0 else -1), stride)))


def _hash(value: Any = None, algorithm: Any = None, *_: Any) -> Any:
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    result = hash_text(text, algorithm) if isinstance(algorithm, str) else None
    if result is None:
        raise _HostError("D3137", "$hash: the algorithm must be one of MD5, SHA-1, SHA-256, SHA-384, SHA-512")
    return result


def _parse(text: Any = None, *_: Any) -> Any:
    """Return the parsed value inside an object, since a plain None would mean undefined."""
    if text is None:
        return None
    if not isinstance(text, str):
        raise _HostError("T0410", 'Argument 1 of function "parse" does not match function signature')
    try:
        return {"v": json.loads(text)}
    except ValueError:
        raise _HostError("D3137", f"$parse: the argument is not valid JSON: {text}") from None


def _random(random: Random) -> Callable[..., float]:
    def call(seed: Any = None, *_: Any) -> float:
        return random.random() if seed is None else type(random)(str(seed)).random()

    return call


def _uuid(random: Random) -> Callable[..., str]:
    return lambda *_: make_uuid(random)


_PURE: dict[str, Callable[..., Any]] = {"partition": _partition, "range": _range, "hash": _hash}
_PARSE_PRELUDE = '$parse:=function($x){$lookup($__parse($x),"v")};'


class _JlensExpression:
    """An expression in jlens. It is wrapped, so that only the needed part of a variable is read, and null differs from nothing."""

    __slots__ = ("_names", "_now", "_offset", "_own", "_program", "reads", "text")

    def __init__(self, text: str) -> None:
        import jlens

        self.text = text
        self._own = frozenset(_OWN.findall(text))
        try:
            plain = jlens.Expression(text)
        except jlens.JlensError as error:
            raise JSONataSyntaxError(f"{error.code}: {error}", _bounded(error.position, text)) from None
        names = frozenset(plain.reads()["bindings"]) - self._own
        # Variables are members of the input document, of which jlens reads only the parts that the expression uses.
        assigned = "".join(f"${name}:=`{name}`;" for name in sorted(names))
        prelude = "(" + (_PARSE_PRELUDE if "parse" in self._own else "") + assigned + '{"r":('
        try:
            self._program = jlens.Expression(f"{prelude}{text}\n)}})")
        except jlens.JlensError as error:
            position = None if error.position is None else error.position - len(prelude)
            raise JSONataSyntaxError(f"{error.code}: {error}", _bounded(position, text)) from None
        for name, function in _PURE.items():
            if name in self._own:
                self._program.register_function(name, function)
        if "parse" in self._own:
            self._program.register_function("__parse", _parse)
        self._offset = len(prelude)
        self._names = tuple(sorted(names))
        self._now = "$now" in text or "$millis" in text
        self.reads = names

    def evaluate(self, bindings: Mapping[str, Any], *, random: Random, now: float | None = None) -> Any:
        document = {name: bindings[name] for name in self._names if name in bindings}
        functions: dict[str, Any] | None = None
        if self._own:
            functions = {}
            if "random" in self._own:
                functions["random"] = _random(random)
            if "uuid" in self._own:
                functions["uuid"] = _uuid(random)
        try:
            if self._now and now is not None:
                result = self._program.evaluate(document, functions, max_steps=MAX_STEPS, now=datetime.fromtimestamp(now, UTC))
            else:
                result = self._program.evaluate(document, functions, max_steps=MAX_STEPS)
        except Exception as error:  # noqa: BLE001  the additional functions may raise any exception
            raise self._translate(error) from None
        return result.get("r", UNDEFINED)

    def _translate(self, error: Exception) -> JSONataError:
        position = getattr(error, "position", None)
        code = getattr(error, "code", None)
        text = f"{code}: {error}" if code else f"D3137: {error}"
        return JSONataError(text, None if position is None else _bounded(position - self._offset, self.text))


def _bounded(position: int | None, text: str) -> int:
    return 0 if position is None else max(0, min(position, len(text)))


def python_library() -> ModuleType:
    """Import jsonata-python, and restore the recursion limit of the process, which the import raises to 10,000."""
    limit = sys.getrecursionlimit()
    try:
        return importlib.import_module("jsonata")
    finally:
        sys.setrecursionlimit(limit)


class _PythonExpression:
    """An expression in jsonata-python, for platforms without a jlens wheel."""

    def __init__(self, text: str) -> None:
        jsonata = python_library()
        self.text = text
        self._own = frozenset(_OWN.findall(text))
        try:
            self._tree = jsonata.Jsonata(text + "\n")  # the parser refuses a comment at the end
        except jsonata.JException as error:
            raise JSONataSyntaxError(f"{error.error}: {error}", _bounded(error.location, text)) from None
        except (IndexError, KeyError, RuntimeError, TypeError, AttributeError, ValueError, RecursionError) as error:
            raise JSONataSyntaxError(f"S0201: {error}", 0) from None
        self.reads = frozenset(_free_variables(self._tree.ast)) - self._own

    def evaluate(self, bindings: Mapping[str, Any], *, random: Random, now: float | None = None) -> Any:
        jsonata = python_library()
        tree = jsonata.Jsonata(f'{{"r":({self.text}\n)}}')
        functions = {**_PURE, "random": _random(random), "uuid": _uuid(random)}
        for name in self._own:
            function = functions.get(name) or (lambda text=None: _unbox(_parse(text)))
            tree.register_lambda(name, function)
        if now is not None:
            tree.register_lambda("millis", lambda: int(now * 1000))
            tree.register_lambda("now", lambda *_: _timestamp(now))
        frame = tree.create_frame()
        for name in self.reads:
            if name in bindings:
                frame.bind(name, _to_python_null(bindings[name]))
        try:
            result = tree.evaluate(None, frame)
        except _HostError as error:
            raise JSONataError(f"{error.code}: {error}") from None
        except jsonata.JException as error:
            raise JSONataError(f"{error.error}: {error}", _bounded(error.location - len('{"r":('), self.text)) from None
        except RecursionError:
            raise JSONataError("U1001: Stack overflow error") from None
        return result.get("r", UNDEFINED)


def _timestamp(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _unbox(box: Any) -> Any:
    return box if box is None else _to_python_null(box["v"])


def _to_python_null(value: Any) -> Any:
    """Return a copy with jsonata-python's own null, which differs from its undefined."""
    from jsonata import utils  # type: ignore[import-untyped,unused-ignore]

    if value is None:
        return utils.Utils.NULL_VALUE
    if isinstance(value, list):
        return [_to_python_null(item) for item in value]
    if isinstance(value, dict):
        return {key: _to_python_null(item) for key, item in value.items()}
    return value


def _free_variables(tree: Any) -> set[str]:
    """Return the variables that a syntax tree of jsonata-python reads and does not set itself."""
    read: set[str] = set()
    bound: set[str] = set()
    called: set[int] = set()
    stack = [tree]
    seen: set[int] = set()
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, (list, tuple)):
            stack.extend(node)
            continue
        if not hasattr(node, "type"):
            continue
        if node.type in {"function", "partial"} and getattr(node, "procedure", None) is not None:
            called.add(id(node.procedure))
        if node.type == "bind":
            bound.add(str(node.lhs.value))
        if node.type == "lambda":
            bound.update(str(argument.value) for argument in node.arguments or ())
        if node.type == "variable" and node.value and id(node) not in called:
            read.add(str(node.value))
        stack.extend(value for value in vars(node).values() if isinstance(value, (list, tuple)) or hasattr(value, "type"))
    return read - bound
