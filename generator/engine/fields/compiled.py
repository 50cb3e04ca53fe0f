"""The fields of one construct (a state, a catcher, a reader, …), compiled in the query language of its state."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from generator.asl.intrinsics import IntrinsicSyntaxError
from generator.asl.jsonata import JSONataSyntaxError, strip_delimiters
from generator.asl.jsonpath import PathNotFoundError, PathSyntaxError
from generator.asl.model import ABSENT, JSONATA
from generator.asl.timestamps import instant
from generator.engine.fields.paths import compile_dynamic, compile_filter, compile_result_path, compile_source, compile_template
from generator.engine.fields.queries import compile_jsonata, compile_query, expect
from generator.engine.history import json_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.asl.model import Json, Maybe, QueryLanguage
    from generator.diagnostics.model import Pointer
    from generator.engine.fields.paths import Field, ResultPath
    from generator.engine.frame import Frame

_LONG_DIGITS: Final = 19
"""Digits of the largest number that Java reads as a long."""
_DECIMAL: Final = re.compile(r"-?\d{1,18}(\.\d{1,18})?", re.ASCII)
NOT_A_VALUE: Final = "SFN012"
NOT_A_PATH: Final = "SFN201"
NOT_AN_INTRINSIC: Final = "SFN203"
NOT_JSONATA: Final = "SFN206"


class FieldError(ValueError):
    """A field that cannot be compiled.

    Attributes:
        code: the code of the diagnostic.
        at: the place of the field.
        message: the reason.
        value: the value of the field.
    """

    def __init__(self, code: str, at: Pointer, message: str, value: Any) -> None:
        """Create the error."""
        super().__init__(message)
        self.code = code
        self.at = at
        self.message = message
        self.value = value


def _inside_state(at: Pointer) -> str:
    """Return the path from a state to one of its parts, as AWS writes it before the name of a field in a cause.

    >>> _inside_state(("States", "Check", "Choices", 0))
    'Choices[0]/'
    >>> _inside_state(("States", "Both", "Branches", 1, "States", "States"))
    ''
    """
    start = position = 0
    while position < len(at) and at[position] in _SCOPES:
        position += _SCOPES[at[position]]
        if at[position - 2 : position - 1] == ("States",):
            start = position
    parts = (f"[{part}]" if isinstance(part, int) else f"/{part}" for part in at[start:])
    text = "".join(parts).removeprefix("/")
    return f"{text}/" if text else ""


_SCOPES: Final[dict[str | int, int]] = {"States": 2, "Branches": 2, "ItemProcessor": 1, "Iterator": 1}
"""The members that lead from a definition to its states, and how many parts of a pointer each takes."""


class Fields:
    """Compile the fields of a construct.

    Attributes:
        at: the place of the construct.
        jsonata: whether its state uses JSONata.
    """

    def __init__(self, at: Pointer, language: QueryLanguage) -> None:
        """Create a compiler for the construct at a place."""
        self.at = at
        self.jsonata = language == JSONATA
        self._prefix = _inside_state(at)

    def error(self, name: str, message: str, value: Any) -> FieldError:
        """Return the error of a field that holds a value of the wrong kind."""
        return FieldError(NOT_A_VALUE, (*self.at, name), f"{name!r} {message}", value)

    def place(self, name: str) -> str:
        """Return a field as AWS names it in a cause: with the way to it from the state, such as ``Choices[0]/Condition``."""
        return self._prefix + name

    def compiled(self, name: str, value: Any, make: Callable[[Any], Any]) -> Any:
        """Return what a function makes of the value of a field.

        Raises:
            FieldError: the value is not an expression of the language.
        """
        try:
            return make(value)
        except PathSyntaxError as error:
            raise FieldError(NOT_A_PATH, (*self.at, name), f"{name!r} does not hold a JSONPath: {error.message}", value) from None
        except IntrinsicSyntaxError as error:
            message = f"{name!r} does not hold a valid intrinsic function: {error.message}"
            raise FieldError(NOT_AN_INTRINSIC, (*self.at, name), message, value) from None
        except JSONataSyntaxError as error:
            message = f"{name!r} does not hold a valid JSONata expression: {error.message}"
            raise FieldError(NOT_JSONATA, (*self.at, name), message, value) from None

    def _parsed(self, name: str, value: Any) -> tuple[bool, Any]:
        """Compile a template: whether it is constant, and the constant or a function."""
        if self.jsonata:
            constant, made = self.compiled(name, value, lambda template: compile_query(template, self.place(name)))
        else:
            constant, made = self.compiled(name, value, compile_template)
        return constant, made

    def template(self, name: str, value: Maybe[Json]) -> Field | None:
        """Compile a payload template, or a JSON value with JSONata expressions. The result is None if the field is absent."""
        if value is ABSENT:
            return None
        constant, made = self._parsed(name, value)
        return (lambda _frame, _document: made) if constant else made

    def members(self, name: str, value: Maybe[Json]) -> Field | None:
        """Compile a template that must result in an object."""
        made = self.template(name, value)
        if made is None or isinstance(value, dict):
            return made
        if not self.jsonata or strip_delimiters(str(value)) is None:
            raise self.error(name, "does not hold an object", value)
        field = made
        return lambda frame, states: expect(frame, field(frame, states), "object", value, self.place(name))

    def filter(self, name: str, value: Maybe[str | None]) -> Field | None:
        """Compile an InputPath or OutputPath. The result is None if the document passes unchanged."""
        made: Field | None = None if value is ABSENT else self.compiled(name, value, compile_filter)
        return made

    def result_path(self, value: Maybe[str | None]) -> ResultPath | None:
        """Compile a ResultPath. The result is None if the result replaces the input."""
        made: ResultPath | None = None if value is ABSENT else self.compiled("ResultPath", value, compile_result_path)
        return made

    def source(self, name: str, value: str) -> Field:
        """Compile a path; the function raises ``PathNotFoundError``."""
        made: Field = self.compiled(name, value, compile_source)
        return made

    def constant(self, name: str, value: Maybe[Any], default: Any) -> Any:
        """Return a number, or the default if the field is absent."""
        if value is ABSENT:
            return default
        if isinstance(value, str):
            raise self.error(name, "does not hold a number", value)
        return value

    def number(
        self,
        name: str,
        value: Maybe[float | str],
        path: Maybe[str] = ABSENT,
        *,
        whole: bool = True,
        most: float | None = None,
    ) -> Field | None:
        """Compile a numeric field, its ``Path`` twin or its JSONata expression. The result is None if both are absent.

        Args:
            name: the field, such as ``TimeoutSeconds``.
            value: its value.
            path: the value of its twin, such as ``TimeoutSecondsPath``.
            whole: whether only whole numbers are valid.
            most: the largest valid number.
        """
        expression = strip_delimiters(value) if self.jsonata and isinstance(value, str) else None
        if expression is not None:
            return self._computed_number(name, expression, value, whole=whole, most=most)
        if value is not ABSENT:
            number = self.constant(name, value, None)
            return lambda _frame, _document: number
        if path is ABSENT:
            return None
        return self._number_at(name, path, whole=whole, most=most)

    def _computed_number(self, name: str, expression: str, template: Any, *, whole: bool, most: float | None) -> Field:
        place = self.place(name)
        query: Field = self.compiled(name, expression, lambda text: compile_jsonata(text, place))

        def evaluate(frame: Frame, states: Any) -> Any:
            value = expect(frame, query(frame, states), "number", template, place)
            if value < 0 or (most is not None and value > most) or (whole and value != int(value)):
                message = f"The JSONata expression '{expression}' specified for the field '{place}' returned an invalid value: "
                raise frame.query_failure(message + json_text(value), place)
            return value

        return evaluate

    def _number_at(self, name: str, path: str, *, whole: bool, most: float | None) -> Field:
        source = self.source(f"{name}Path", path)
        kinds = int if whole else (int, float)

        def read(frame: Frame, document: Any) -> Any:
            try:
                value = source(frame, document)
            except PathNotFoundError:
                raise frame.failure(f"The {name}Path parameter does not reference an input value: {path}") from None
            if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < _LONG_DIGITS:
                value = int(value)
            elif not whole and isinstance(value, str) and _DECIMAL.fullmatch(value):
                value = float(value)
            if isinstance(value, bool) or not isinstance(value, kinds):
                kind = "long" if whole else "float"
                raise frame.failure(f"The {name}Path parameter cannot be parsed as a {kind} value: {path} == {json_text(value)}")
            if value < 0:
                raise frame.failure(f"The {name}Path parameter references a negative value: {path} == {json_text(value)}")
            if most is not None and value > most:
                raise frame.failure(f"The {name}Path parameter references a value that is too large: {path} == {value}")
            return value

        return read

    def moment(self, name: str, value: Maybe[str], path: Maybe[str]) -> Field:
        """Compile a timestamp, its ``Path`` twin or its JSONata expression to a function that returns seconds since 1970."""
        expression = strip_delimiters(value) if self.jsonata and isinstance(value, str) else None
        if expression is not None:
            return self._computed_moment(name, expression, value)
        if value is not ABSENT:
            moment = instant(value)
            if moment is None:
                raise self.error(name, "does not hold a timestamp", value)
            return lambda _frame, _document: moment
        source = self.source(f"{name}Path", str(path))

        def read(frame: Frame, document: Any) -> float:
            try:
                text = source(frame, document)
            except PathNotFoundError:
                raise frame.failure(f"The {name}Path parameter does not reference an input value: {path}") from None
            moment = instant(text)
            if moment is None:
                shown = text if isinstance(text, str) else json_text(text)
                message = f"The {name}Path parameter does not reference a valid ISO-8601 extended offset date-time format string: "
                raise frame.failure(f"{message}{path} == {shown}")
            return moment

        return read

    def _computed_moment(self, name: str, expression: str, template: Any) -> Field:
        place = self.place(name)
        query: Field = self.compiled(name, expression, lambda text: compile_jsonata(text, place))

        def evaluate(frame: Frame, states: Any) -> float:
            text = expect(frame, query(frame, states), "string", template, place)
            found = instant(text)
            if found is None:
                problem = f"returned an invalid value: {json_text(text)}. "
                message = (
                    f"The JSONata expression '{expression}' specified for the field '{place}' {problem}"
                    "Expected a valid ISO-8601 extended offset date-time format string."
                )
                raise frame.query_failure(message, place)
            return found

        return evaluate

    def text(self, name: str, value: Maybe[str], path: Maybe[str]) -> Field | None:
        """Compile a text, its ``Path`` twin or its JSONata expression. The result is None if both are absent."""
        if path is not ABSENT:
            read: Field = self.compiled(f"{name}Path", path, lambda text: compile_dynamic(f"{name}Path", text))

            def found(frame: Frame, document: Any) -> Any:
                value = read(frame, document)
                if not isinstance(value, str):
                    raise frame.failure(f"The {name}Path parameter does not reference a string: {path} == {json_text(value)}")
                return value

            return found
        if value is ABSENT:
            return None
        constant, made = self._parsed(name, value)
        if constant:
            return lambda _frame, _document: value
        return lambda frame, states: expect(frame, made(frame, states), "string", value, self.place(name))
