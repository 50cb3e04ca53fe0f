"""The intrinsic functions of JSONPath states: ``States.Format('Hello {}', $.name)`` and the seventeen others.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from generator.asl.error_names import RUNTIME
from generator.asl.intrinsic_functions import FUNCTIONS, ArgumentError, IntrinsicFunction, template_parts
from generator.asl.jsonpath import PastEndError, PathNotFoundError, PathSyntaxError, Root, compile_path, path_end, split_root

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from random import Random

MAX_NESTING = 10
"""How deeply intrinsic functions may be nested."""


class IntrinsicSyntaxError(ValueError):
    """A text that is not a call of an intrinsic function.

    Attributes:
        message: the problem.
        position: the offset of the first wrong character.
    """

    def __init__(self, message: str, position: int) -> None:
        """Create the error."""
        super().__init__(f"{message} (at offset {position})")
        self.message = message
        self.position = position


class IntrinsicError(RuntimeError):
    """A call that failed.

    Attributes:
        error: the error name that the state fails with.
    """

    error = RUNTIME


class _Scope:
    """The values that a call can read."""

    __slots__ = ("context", "input", "variables")

    def __init__(self, document: Any, context: Any, variables: Mapping[str, Any]) -> None:
        self.input = document
        self.context = context
        self.variables = variables


@dataclass(frozen=True, slots=True)
class _Literal:
    value: Any
    raw: str


@dataclass(frozen=True, slots=True)
class _PathArgument:
    text: str
    root: Root

    def evaluate(self, scope: _Scope) -> Any:
        root = self.root
        if root.kind == "variable":
            if root.name not in scope.variables:
                raise _MissingError(f"The variable '{root.name}' has not been assigned")
            document = scope.variables[root.name]
        else:
            document = scope.context if root.kind == "context" else scope.input
        try:
            return compile_path(root.path).evaluate(document)
        except PastEndError:
            return None
        except PathNotFoundError:
            shown = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
            message = f"The JsonPath argument for the field '{self.text}' could not be found in the input '{shown}'"
            raise _MissingError(message) from None


@dataclass(frozen=True, slots=True)
class Intrinsic:
    """A parsed call.

    Attributes:
        text: the call as written.
        name: the name of the function, such as ``States.Format``.
        arguments: the literals, paths and calls between the parentheses.
    """

    text: str
    name: str
    arguments: tuple[Any, ...]
    _function: IntrinsicFunction

    def evaluate(self, input: Any, context: Any, variables: Mapping[str, Any], random: Random) -> Any:
        """Return the value of the call.

        Args:
            input: the value of ``$``.
            context: the value of ``$$``, the Context object.
            variables: the workflow's variables by name.
            random: the source of ``States.UUID`` and of ``States.MathRandom`` without a seed.

        Raises:
            IntrinsicError: an argument is missing, of the wrong type or out of range.

        >>> from random import Random
        >>> parse_intrinsic("States.MathAdd($.n, 1)").evaluate({"n": 2}, {}, {}, Random(0))
        3
        """
        scope = _Scope(input, context, variables)

        def value(argument: Any) -> Any:
            if isinstance(argument, _Literal):
                return argument.value
            return call(argument) if isinstance(argument, Intrinsic) else argument.evaluate(scope)

        def call(intrinsic: Intrinsic) -> Any:
            values = [value(argument) for argument in intrinsic.arguments]
            if intrinsic.name == "States.Format" and isinstance(intrinsic.arguments[0], _Literal):
                values[0] = intrinsic.arguments[0].raw
            function = intrinsic._function
            try:
                return function.call(random, *values) if function.takes_random else function.call(*values)
            except ArgumentError as error:
                reason = str(error) or f"Invalid arguments in {intrinsic.name}"
                message = f"There was an error while evaluating the intrinsic function: {self.text}. {reason}"
                raise IntrinsicError(message) from None

        try:
            return call(self)
        except _MissingError as error:
            raise IntrinsicError(f"The function '{self.text}' had the following error: {error}") from None

    def paths(self) -> tuple[str, ...]:
        """Return the paths that the call reads, in the order written."""
        found: list[str] = []
        for argument in self.arguments:
            if isinstance(argument, Intrinsic):
                found.extend(argument.paths())
            elif isinstance(argument, _PathArgument):
                found.append(argument.text)
        return tuple(found)

    def problems(self) -> Iterator[str]:
        """Yield why the calls fail whatever their input is: a text of ``States.Format`` without the grammar of templates.

        >>> list(parse_intrinsic("States.Format('{} {}', $.a)").problems())
        ["the template of States.Format has '{}' twice, but 1 value follows"]
        """
        for argument in self.arguments:
            if isinstance(argument, Intrinsic):
                yield from argument.problems()
        if self.name != "States.Format" or not isinstance(self.arguments[0], _Literal):
            return
        template, values = self.arguments[0], len(self.arguments) - 1
        if not isinstance(template.value, str):
            yield f"the template of States.Format must be a text, not {template.raw}"
            return
        try:
            places = template_parts(template.raw).count(None)
        except ArgumentError as error:
            yield str(error).replace("Invalid template in States.Format", "the template of States.Format is invalid").rstrip(".")
            return
        if places != values:
            times = {0: "no '{}'", 1: "'{}' once", 2: "'{}' twice"}.get(places, f"'{{}}' {places} times")
            follow = "no value follows" if not values else "1 value follows" if values == 1 else f"{values} values follow"
            yield f"the template of States.Format has {times}, but {follow}"


@lru_cache(4096)
def parse_intrinsic(text: str) -> Intrinsic:
    """Parse a call of an intrinsic function.

    Raises:
        IntrinsicSyntaxError: the text is not a call, the function is unknown, the number of arguments is wrong, or calls are
            nested too deeply.

    >>> parse_intrinsic("States.Array($.a, States.UUID())").paths()
    ('$.a',)
    """
    parser = _Parser(text)
    parser.blanks()
    invocation = parser.invocation(1)
    parser.blanks()
    if parser.at != len(text):
        raise parser.fail("The closing parenthesis must be the last character")
    return invocation


_NAME = re.compile(r"States\.([A-Za-z0-9]+)\s*\(")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?(?![\w.])")
_WORDS = {"null": None, "true": True, "false": False}
_WRONG_ESCAPE = re.compile(r"(?:[^\\]|\\['{}\\])*(\\(?!['{}\\]))", re.DOTALL)


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def fail(self, message: str, at: int | None = None) -> IntrinsicSyntaxError:
        return IntrinsicSyntaxError(message, self.at if at is None else at)

    def blanks(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def invocation(self, depth: int) -> Intrinsic:
        start = self.at
        found = _NAME.match(self.text, start)
        if not found:
            raise self.fail("Expected an intrinsic function such as States.Format(...)")
        if found[1] not in FUNCTIONS:
            raise self.fail(f"There is no intrinsic function States.{found[1]}")
        if depth > MAX_NESTING:
            raise self.fail(f"Intrinsic functions must be nested at most {MAX_NESTING} levels deep")
        function = FUNCTIONS[found[1]]
        least, most = function.least, function.most
        self.at = found.end()
        arguments: list[Any] = []
        self.blanks()
        while self.at >= len(self.text) or self.text[self.at] != ")":
            arguments.append(self.argument(depth))
            self.blanks()
            if self.at < len(self.text) and self.text[self.at] == ",":
                self.at += 1
                self.blanks()
                if self.at < len(self.text) and self.text[self.at] == ")":
                    raise self.fail("Expected an argument after ','")
            elif self.at >= len(self.text) or self.text[self.at] != ")":
                raise self.fail("Expected ',' or ')'")
        self.at += 1
        if len(arguments) < least or (most is not None and len(arguments) > most):
            wanted = str(least) if least == most else f"at least {least}" if most is None else f"{least} to {most}"
            raise self.fail(f"States.{found[1]} must have {wanted} arguments, not {len(arguments)}", start)
        return Intrinsic(self.text[start : self.at], f"States.{found[1]}", tuple(arguments), function)

    def argument(self, depth: int) -> Any:
        text = self.text
        if self.at >= len(text):
            raise self.fail("Expected an argument")
        char = text[self.at]
        if char == "'":
            return self.string()
        if char == "$":
            return self.path()
        if text.startswith("States.", self.at):
            return self.invocation(depth + 1)
        if found := _NUMBER.match(text, self.at):
            self.at = found.end()
            number: int | float = float(found[0]) if found[1] or found[2] else int(found[0])
            return _Literal(number, found[0])
        for word, value in _WORDS.items():
            if re.compile(rf"{word}(?!\w)").match(text, self.at):
                self.at += len(word)
                return _Literal(value, word)
        raise self.fail("Expected a path, a number, a string in single quotes, true, false, null or an intrinsic function")

    def string(self) -> _Literal:
        start = self.at
        text = self.text
        self.at += 1
        while self.at < len(text) and text[self.at] != "'":
            self.at += 2 if text[self.at] == "\\" else 1
        if self.at >= len(text):
            raise self.fail("A string is not closed", start)
        raw = text[start + 1 : self.at]
        if wrong := _WRONG_ESCAPE.match(raw):
            raise self.fail("A backslash must be followed by ', {, } or another backslash", start + 1 + wrong.start(1))
        self.at += 1
        return _Literal(re.sub(r"\\(['\\{}])", r"\1", raw), raw)

    def path(self) -> _PathArgument:
        start = self.at
        self.at = path_end(self.text, start)
        path = self.text[start : self.at]
        root = split_root(path)
        try:
            compile_path(root.path)
        except PathSyntaxError as error:
            at = start + len(path) - len(root.path) + error.position
            raise self.fail(error.message, min(at, len(self.text))) from None
        return _PathArgument(path, root)


class _MissingError(Exception):
    """A path in the arguments that matches nothing."""
