"""The signatures of JSONata's functions, such as ``<s-nn?:s>``: they check the arguments and complete them from the context.

Source: https://docs.jsonata.org/programming#function-signatures
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

from generator.asl.jsonata_values import UNDEFINED, fail, is_function

_ARRAYS = {"a": "arrays", "b": "booleans", "f": "functions", "n": "numbers", "o": "objects", "s": "strings"}


_SYMBOLS = {str: "s", bool: "b", int: "n", float: "n", type(None): "l", list: "a", dict: "o"}


def _symbol(value: Any) -> str:
    return _SYMBOLS.get(value.__class__) or ("a" if isinstance(value, list) else "f" if is_function(value) else "m")


class _Parameter(NamedTuple):
    kind: str
    pattern: str
    subtype: str
    context: bool


_PART = re.compile(r"(\([a-z]+\)|[a-z])(<[^<>]*(?:<[^<>]*>)?[^<>]*>)?([-?+]*)")


class Signature:
    """The types of a function's arguments.

    Attributes:
        arity: the number of arguments that are not optional.
    """

    def __init__(self, text: str) -> None:
        """Read a signature."""
        parameters = []
        inner = text[1:-1]
        at = 0
        while at < len(inner) and inner[at] != ":":
            part = _PART.match(inner, at)
            if part is None:
                raise ValueError(text)
            kind, subtype, marks = part[1], part[2] or "", part[3]
            if kind.startswith("("):
                pattern = f"[{kind[1:-1]}m]"
            elif kind == "f":
                pattern = "f"
            else:
                pattern = {"a": "[asnblfom]", "x": "[asnblfom]", "j": "[asnblom]"}.get(kind, f"[{kind}m]")
            pattern += "".join("?" if mark == "-" else mark for mark in marks)
            parameters.append(_Parameter(kind, pattern, subtype[1:-1], "-" in marks))
            at = part.end()
        self.parameters = tuple(parameters)
        self.arity = sum("?" not in parameter.pattern for parameter in parameters)
        self._text = "".join(f"({parameter.pattern})" for parameter in parameters)
        self._matched: dict[str, tuple[str, ...] | None] = {}
        self._takes_arrays = any(parameter.kind == "a" for parameter in parameters)

    def check(self, arguments: list[Any], context: Any, name: str) -> list[Any]:
        """Return the arguments, completed.

        Args:
            arguments: the arguments of the call.
            context: the value of ``$``, for a missing argument.
            name: the function, for the message.

        Raises:
            JSONataError: an argument has the wrong type.
        """
        given = "".join(map(_symbol, arguments))
        groups = self._groups(given)
        if groups is None:
            raise fail("T0410", index=self._wrong(given), token=name)
        if not self._takes_arrays and len(given) == len(groups) and all(groups):
            return arguments
        checked: list[Any] = []
        position = 0
        for parameter, matched in zip(self.parameters, groups, strict=True):
            if not matched:
                if parameter.context:
                    if not re.fullmatch(parameter.pattern, _symbol(context)):
                        raise fail("T0411", index=position + 1, token=name)
                    checked.append(context)
                else:
                    checked.append(UNDEFINED)
                continue
            for symbol in matched:
                value = arguments[position]
                checked.append(self._array(parameter, symbol, value, position, name) if parameter.kind == "a" else value)
                position += 1
        return checked

    def single(self, kind: type) -> int | None:
        """Return how many undefined arguments complete a single one of a type; None if it must be checked."""
        symbol = _SYMBOLS.get(kind)
        groups = self._groups(symbol) if symbol is not None and not self._takes_arrays else None
        if groups is None or groups[0] != symbol or any(groups[1:]) or any(parameter.context for parameter in self.parameters[1:]):
            return None
        return len(groups) - 1

    def _groups(self, given: str) -> tuple[str, ...] | None:
        """Return which of the given types each parameter matches, or None if they do not match."""
        if given not in self._matched:
            match = re.fullmatch(self._text, given)
            if len(given) > len(self.parameters):
                return None if match is None else match.groups()  # any number of arguments: not remembered
            self._matched[given] = None if match is None else match.groups()
        return self._matched[given]

    def _array(self, parameter: _Parameter, symbol: str, value: Any, position: int, name: str) -> Any:
        """Return the argument for an array: a single value becomes an array. Null is undefined on the JVM."""
        if symbol in "ml":
            return UNDEFINED
        wanted = parameter.subtype[:1]
        if wanted:
            if symbol == "a":
                fits = {_SYMBOLS.get(kind) for kind in set(map(type, value))} <= {wanted} or all(_symbol(item) == wanted for item in value)
            else:
                fits = symbol == wanted
            if not fits:
                raise fail("T0412", index=position + 1, token=name, type=_ARRAYS.get(wanted, wanted))
        return value if symbol == "a" else [value]

    def _wrong(self, given: str) -> int:
        """Return the number of the argument that does not match."""
        pattern, good = "", 0
        for parameter in self.parameters:
            pattern += parameter.pattern
            match = re.match(pattern, given)
            if match is None:
                return good + 1
            good = match.end()
        return good + 1


@lru_cache(256)
def read_signature(text: str) -> Signature:
    """Return a signature.

    Raises:
        ValueError: the text is not a signature.

    >>> read_signature("<s-nn?:s>").check(["a", 1], None, "substring")
    ['a', 1, UNDEFINED]
    """
    return Signature(text)
