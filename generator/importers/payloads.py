"""From the values of a definition to Python: payload templates, expressions and literals, in both query languages."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any, Final

import generator
from generator.asl.model import JSONATA, QueryLanguage
from generator.asl.placeholders import PLACEHOLDER, Placeholder, placeholder_name
from generator.diagnostics.model import InvalidWorkflowError
from generator.dsl.source import UNKNOWN
from generator.importers.code import call, constant, listed, mapping, name
from generator.importers.interpret import NotImportedSourceError, value_of
from generator.importers.paths import path, raw, unmarked
from generator.importers.queries import query
from generator.importers.resources import Resources
from generator.lower.jsonpath import CannotExpressError, Place
from generator.lower.states import Values
from generator.lower.texts import OWN

_PATHS: Final = ("$.", "$[", "$$", "States.")
_DYNAMIC: Final = ".$"
ALL_NAMES: Final[dict[str, Any]] = {each: getattr(generator, each) for each in generator.__all__}
"""The whole vocabulary."""


class ProblemError(Exception):
    """The compiler reported a problem about a value."""


def _problem(code: str, _source: object, message: str, **_: str) -> None:
    raise ProblemError(f"{code}: {message}")


REFUSED: Final = (
    ProblemError,
    CannotExpressError,
    InvalidWorkflowError,
    NotImportedSourceError,
    AttributeError,
    KeyError,
    TypeError,
    ValueError,
    RecursionError,
)
"""What says that a value cannot be written in the way that was tried."""


def equal(one: Any, other: Any) -> bool:
    """Return whether two JSON values are equal. Numbers are compared as numbers, and a boolean is not one.

    >>> equal({"a": [1.0]}, {"a": [1]}), equal(True, 1)
    (True, False)
    """
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(equal(value, other[key]) for key, value in one.items())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(equal(*pair) for pair in zip(one, other, strict=True))
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def plain_json(value: Any) -> Any:
    """Return JSON that was compiled, with its texts as they will be in the definition."""
    if isinstance(value, Mapping):
        return {unmarked(key): plain_json(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain_json(inner) for inner in value]
    if value is not None and not isinstance(value, str | bool | int | float):
        raise TypeError(f"a value of type {type(value).__name__} in compiled JSON")
    return unmarked(value) if isinstance(value, str) else value


def values(language: QueryLanguage) -> Values:
    """Return a writer of values, which raises an exception for what the language cannot express."""
    placeholders: dict[str, Placeholder] = {}
    return Values(language, _problem, placeholders, UNKNOWN)


class Payloads:
    """The writer of the values of one definition."""

    def __init__(self, resources: Resources, bare: frozenset[str] = frozenset()) -> None:
        """Prepare to write values.

        Args:
            resources: the resources of the definition.
            bare: the placeholders that have no quotation marks in the definition.
        """
        self.resources = resources
        self.bare = bare
        self.env: dict[str, Any] = dict(ALL_NAMES)
        for found in resources.found.values():
            self.env[found.identifier] = value_of(found.declaration, ALL_NAMES)

    def value(self, payload: Any, language: QueryLanguage, place: Place = "input", parameter: str = "") -> ast.expr:
        """Return the code of a value; it need not be exact."""
        if isinstance(payload, Mapping):
            return mapping(dict(self._member(key, inner, language, place, payload) for key, inner in payload.items()))
        if isinstance(payload, list):
            return listed(self.value(item, language, place, parameter) for item in payload)
        return self.text(payload, language, parameter) if isinstance(payload, str) else constant(payload)

    def _member(self, key: str, value: Any, language: QueryLanguage, place: Place, among: Mapping[str, Any]) -> tuple[str, ast.expr]:
        if language == JSONATA or not key.endswith(_DYNAMIC) or not isinstance(value, str):
            return key, self.value(value, language, place, key)
        bare = key.removesuffix(_DYNAMIC)
        code = path(value, place) or (raw(value) if _is_path(value) else None)
        if code is None or bare in among or bare.endswith(_DYNAMIC):
            return key, ast.Constant(value)
        return bare, code

    def text(self, text: str, language: QueryLanguage, parameter: str = "") -> ast.expr:
        """Return the code of a text: an expression, a reference, a placeholder, or the text itself."""
        if language == JSONATA and text.startswith("{%"):
            return query(text) or ast.Constant(text)
        reference = self.resources.reference(parameter, text)
        if reference is not None:
            return reference
        if made := self.placeholder(text, parameter=parameter) or self.format(text):
            return made
        if (language != JSONATA and _is_path(text)) or text.startswith("{%") or text.endswith("%}"):
            return call("literal", ast.Constant(text))
        return ast.Constant(text)

    def placeholder(self, text: str, type_: str = "", parameter: str = "") -> ast.expr | None:
        """Return the code of a text that is one placeholder and nothing else.

        Without quotation marks it is not text. Where no field has a type for it, it is taken for a list if its name is a plural.
        """
        new = placeholder_name(text)
        if not new or new not in self.resources.originals:
            return None
        known = self.resources.attributes.get(text)
        if known is not None:
            return known[0].attribute(known[1])
        held = type_ or (("list" if parameter.endswith("s") else "int") if self.resources.originals[new] in self.bare else "")
        return call("placeholder", ast.Constant(new), *([name(held)] if held else []))

    def format(self, text: str) -> ast.expr | None:
        """Return the code of a text with placeholders that nothing but the text declares."""
        parts = PLACEHOLDER.split(text)  # every second part is the name of a placeholder
        free = [index for index in range(1, len(parts), 2) if self.is_free(parts[index])]
        if not free:
            return None
        pieces: list[str] = [""]
        arguments: list[ast.expr] = []
        for index, part in enumerate(parts):
            if index in free:
                arguments.append(call("placeholder", ast.Constant(part)))
                pieces.append("")
            else:
                pieces[-1] += "${" + part + "}" if index % 2 else part
        if not any("{}" in piece for piece in pieces):
            return call("fn.format", ast.Constant("{}".join(pieces)), *arguments)
        joined: ast.expr = ast.Constant(pieces[0])
        for piece, argument in zip(pieces[1:], arguments, strict=True):
            joined = ast.BinOp(joined, ast.Add(), argument)
            joined = ast.BinOp(joined, ast.Add(), ast.Constant(piece)) if piece else joined
        return joined

    def is_free(self, name: str) -> bool:
        """Return whether a placeholder is neither an attribute of a resource nor one that every module has."""
        return name in self.resources.originals and not self.resources.is_resource(name) and name not in OWN

    def raw(self, value: Any) -> ast.expr:
        """Return the code of JSON that stays ASL. Its placeholders are declared."""
        if isinstance(value, Mapping):
            return mapping({key: self.raw(inner) for key, inner in value.items()})
        if isinstance(value, list):
            return listed(self.raw(item) for item in value)
        return (self.placeholder(value) or self.format(value) or ast.Constant(value)) if isinstance(value, str) else constant(value)

    def exact(self, payload: Any, language: QueryLanguage, place: Place = "input") -> ast.expr | None:
        """Return the code of a value that is compiled to the same JSON; None if there is none."""
        for code in (self.value(payload, language, place), constant(payload), call("literal", constant(payload))):
            try:
                written = plain_json(values(language).value(value_of(code, self.env), place))
            except REFUSED:
                continue
            if equal(written, payload):
                return code
        return None


def _is_path(value: str) -> bool:
    """Return whether the compiler takes a text for a path or an intrinsic function in JSONPath."""
    return (value == "$" or value.startswith(_PATHS)) and not (value.startswith("States.") and "(" not in value)
