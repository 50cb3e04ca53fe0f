"""What an evaluation of JSONata carries: the scopes of variables, the calls of functions, and the bounds on both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.asl.jsonata_builtins import BUILTINS
from generator.asl.jsonata_values import UNDEFINED, Function, Lambda, Sequence, fail, is_function, out_of_time

if TYPE_CHECKING:
    import re
    from collections.abc import Callable
    from random import Random

    Node = Callable[[Any, "Scope"], Any]

MAX_CALLS: Final = 300_000
"""The most calls of functions in an evaluation, so that an endless recursion ends. A guess: AWS bounds the time."""


class Scope:
    """Variables, and the scope around them."""

    __slots__ = ("outer", "run", "variables")

    def __init__(self, outer: Scope | None, variables: dict[str, Any], run: Run) -> None:
        """Create a scope."""
        self.outer = outer
        self.variables = variables
        self.run = run

    def find(self, name: str) -> Any:
        """Return the value of a variable, or a built-in function, or undefined."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.variables:
                return scope.variables[name]
            scope = scope.outer
        return BUILTINS.get(name, UNDEFINED)

    def inner(self, variables: dict[str, Any]) -> Scope:
        """Return a scope inside this one."""
        return Scope(self, variables, self.run)


class TailCall:
    """A call in the last position of a function, which is made after the function has returned."""

    __slots__ = ("arguments", "context", "function", "name")

    def __init__(self, function: Any, arguments: list[Any], context: Any, name: str | None) -> None:
        """Create a call."""
        self.function = function
        self.arguments = arguments
        self.context = context
        self.name = name


class Run:
    """One evaluation.

    Attributes:
        random: the source of randomness.
        now: the time in seconds since 1970; None for the real time.
        calls: how many functions were called.
    """

    __slots__ = ("calls", "now", "random")

    def __init__(self, random: Random, now: float | None) -> None:
        """Begin an evaluation."""
        self.random = random
        self.now = now
        self.calls = 0

    def arity(self, function: Any) -> int:
        """Return how many arguments a function takes."""
        return function.arity if isinstance(function, (Lambda, Function)) else 1

    def called(self, times: int) -> None:
        """Count calls.

        Raises:
            JSONataError: there were too many.
        """
        self.calls += times
        if self.calls > MAX_CALLS:
            raise out_of_time()

    def caller(self, function: Any, most: int) -> Callable[..., Any]:
        """Return what calls a function again and again, with as many of its arguments as the function takes.

        Args:
            function: the function.
            most: the number of arguments that are passed to the result.
        """
        count = max(1, min(most, self.arity(function)))
        if function.__class__ is Function and function.signature is not None and count == 1:
            return self._caller_of_one(function)
        if function.__class__ is not Lambda or function.code.signature is not None or function.arity != count:
            return lambda *arguments: self.call(function, list(arguments[:count]))
        code, given, environment = function.code, function.given, function.environment
        body, parameters = code.body, code.parameters

        def call(*arguments: Any) -> Any:
            self.calls += 1
            if self.calls > MAX_CALLS:
                raise out_of_time()
            result = body(given, Scope(environment, dict(zip(parameters, arguments, strict=False)), self))
            if result.__class__ is TailCall:
                return self.call(result.function, result.arguments, result.context, result.name)
            return result

        return call

    def _caller_of_one(self, function: Function) -> Callable[..., Any]:
        """Return what calls a built-in function with one argument. Each type of the argument is checked once."""
        missing: dict[type, int | None] = {}

        def call(argument: Any, *_: Any) -> Any:
            kind = argument.__class__
            if kind not in missing:
                missing[kind] = function.signature.single(kind)
            rest = missing[kind]
            if rest is None:
                return self.call(function, [argument])
            self.called(1)
            return function.call(self, argument, *(UNDEFINED,) * rest)

        return call

    def call(self, function: Any, arguments: list[Any], context: Any = UNDEFINED, name: str | None = None) -> Any:
        """Call a function.

        Raises:
            JSONataError: it is not a function, an argument has the wrong type, or the call fails.
        """
        while True:
            self.calls += 1
            if self.calls > MAX_CALLS:
                raise out_of_time()
            if function.__class__ is Lambda:
                code = function.code
                if code.signature is not None:
                    arguments = code.signature.check(arguments, context, name)
                variables = dict(zip(code.parameters, arguments, strict=False))
                if len(arguments) < function.arity:
                    variables.update(dict.fromkeys(code.parameters[len(arguments) :], UNDEFINED))
                result = code.body(function.given, Scope(function.environment, variables, self))
            elif function.__class__ is Function:
                if function.signature is not None:
                    arguments = function.signature.check(arguments, context, function.name)
                result = function.call(self, *arguments)
            elif is_function(function):
                result = _match_object(function, arguments)
            else:
                raise fail("T1006")
            if result.__class__ is not TailCall:
                return result
            function, arguments, context, name = result.function, result.arguments, result.context, result.name


def _match_object(pattern: re.Pattern[str], arguments: list[Any]) -> Any:
    """Call a regular expression as a function: the first match with a function for the next one."""
    if not arguments or not isinstance(arguments[0], str):
        return UNDEFINED
    matches = pattern.finditer(arguments[0])

    def following(_: Run) -> Any:
        found = next(matches, None)
        if found is None:
            return UNDEFINED
        return {
            "match": found.group(),
            "start": found.start(),
            "end": found.end(),
            "groups": list(found.groups("")),
            "next": Function("next", following, None, 0),
        }

    return following(Run.__new__(Run))


def item_or_sequence(sequence: Sequence) -> Any:
    """Return a sequence as an expression ends: its only item, nothing if it is empty, or itself."""
    if not sequence:
        return UNDEFINED
    return sequence[0] if len(sequence) == 1 and not sequence.keep else sequence
