"""JSONata as Step Functions evaluates it: with its additional functions, and without the features that it rejects.

Step Functions adds ``$partition``, ``$range``, ``$hash``, ``$random`` with a seed, ``$uuid`` and ``$parse`` to JSONata.
``$eval`` is accepted in a definition, but it is not a function when the expression runs (floci-io/floci#2737, 2026). An
expression reads its values from variables only (``$states`` and the workflow's variables).

Source: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html

Two parsers and one evaluator: jlens (Rust) checks the syntax of every expression of a definition, because it is fast; where it
has no wheel, jsonata-python does. An expression that runs is parsed by jsonata-python and evaluated by
:mod:`generator.asl.jsonata_run`. Neither library is imported before the first expression is compiled.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from generator.asl.jsonata_library import python_library, syntax_tree
from generator.asl.jsonata_run import compile_tree, evaluate
from generator.asl.jsonata_values import UNDEFINED, JSONataError, Undefined

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

__all__ = [
    "UNDEFINED",
    "Expression",
    "JSONataError",
    "JSONataSyntaxError",
    "Undefined",
    "compile_expression",
    "python_library",
    "strip_delimiters",
]


class JSONataSyntaxError(JSONataError, ValueError):
    """A text that is not a JSONata expression, or that Step Functions rejects."""


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
    return _Compiled(text, _jlens_reads(text) if _jlens_available() else _python_reads(text))


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
    | (?P<refused> \?\? | \?: )
    """,
    re.VERBOSE | re.DOTALL,
)


def _refuse(text: str) -> None:
    if "??" not in text and "?:" not in text:
        return
    for token in _TOKENS.finditer(text):
        if token["refused"]:
            raise JSONataSyntaxError(f"S0201: The operator {token['refused']} is not supported", token.start())


_OWN = re.compile(r"\$(partition|range|hash|random|uuid|parse|eval)\b")


def _jlens_reads(text: str) -> frozenset[str]:
    """Check the syntax with jlens, and return the variables that an expression reads."""
    import jlens

    try:
        return frozenset(jlens.Expression(text).reads()["bindings"]) - frozenset(_OWN.findall(text))
    except jlens.JlensError as error:
        raise JSONataSyntaxError(f"{error.code}: {error}", _bounded(error.position, text)) from None


def _python_reads(text: str) -> frozenset[str]:
    """Check the syntax with jsonata-python, and return the variables that an expression reads."""
    return frozenset(_free_variables(_tree(text))) - frozenset(_OWN.findall(text))


def _tree(text: str) -> Any:
    library = python_library()
    try:
        return syntax_tree(text)
    except library.JException as error:
        raise JSONataSyntaxError(f"{error.error}: {error}", _bounded(error.location, text)) from None
    except (IndexError, KeyError, RuntimeError, TypeError, AttributeError, ValueError, re.error) as error:
        raise JSONataSyntaxError(f"S0201: {error}", 0) from None


class _Compiled:
    """An expression. It is parsed for evaluation when it runs for the first time."""

    __slots__ = ("_program", "reads", "text")

    def __init__(self, text: str, reads: frozenset[str]) -> None:
        self.text = text
        self.reads = reads
        self._program: Callable[..., Any] | None = None

    def evaluate(self, bindings: Mapping[str, Any], *, random: Random, now: float | None = None) -> Any:
        if self._program is None:
            self._program = compile_tree(_tree(self.text))
        return evaluate(self._program, bindings, random, now)


def _bounded(position: int | None, text: str) -> int:
    return 0 if position is None else max(0, min(position, len(text)))


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
