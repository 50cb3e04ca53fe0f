"""What is certain about the value of a JSONata expression before the workflow runs: its shape, and its constant texts.

The syntax tree is evaluated over *values as far as they are known*: texts with unknown parts, objects and arrays. An expression has
a tuple of such values, of which its real value is one, for example those of both branches of a condition. Whatever is not handled
here is unknown, so the result never claims too much.

>>> from generator.catalog.constants import Evaluator
>>> Evaluator().values('$n > 1 ? {"Put": "many"} : {"Put": "one"}')
(Object(members=(('Put', (Text(text='many'),)),), open=False), Object(members=(('Put', (Text(text='one'),)),), open=False))

Source of the language: https://docs.jsonata.org
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product, takewhile
from typing import Any, Final, TypeAlias

from generator.asl.jsonata import python_library

UNKNOWN_TEXT: Final = "\0"
"""Replaces, in a text, a part that only the execution knows."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value of which nothing is known."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """No value: what JSONata calls undefined, such as a member that an object does not have."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text, a number or a truth value, written as text; parts of it may be unknown."""

    text: str


@dataclass(frozen=True, slots=True)
class Object:
    """An object.

    Attributes:
        members: the known members, each with its possible values.
        open: whether it may have other members.
    """

    members: tuple[tuple[str, Values], ...]
    open: bool = False

    def get(self, name: str) -> Values:
        """Return the possible values of a member."""
        return next((values for known, values in self.members if known == name), (UNKNOWN,) if self.open else (NOTHING,))


@dataclass(frozen=True, slots=True)
class Array:
    """An array.

    Attributes:
        items: the possible values of its items.
        in_order: its items as they are written, if it is written item by item.
    """

    items: Values
    in_order: tuple[Values, ...] | None = field(default=None, compare=False)


Value: TypeAlias = "Unknown | Nothing | Text | Object | Array"
Values: TypeAlias = "tuple[Value, ...]"
"""The possible values of an expression."""

UNKNOWN: Final = Unknown()
NOTHING: Final = Nothing()
_ANYTHING: Final[Values] = (UNKNOWN,)
_MOST_VALUES: Final = 64
_MOST_NODES: Final = 20_000
_MOST_CALLS: Final = 32
_MOST_ROUNDS: Final = 4


@dataclass(frozen=True)
class _Function:
    parameters: tuple[str, ...]
    body: Any
    scope: Mapping[str, Any]


class Evaluator:
    """An evaluation. It gives up, with an unknown value, on an expression that is too large."""

    def __init__(
        self, literal: Callable[[str], str] = str, variable: Callable[[str, tuple[str, ...]], Values | None] | None = None
    ) -> None:
        """Prepare an evaluation.

        Args:
            literal: writes literal text as it is needed.
            variable: returns the possible values of a variable of the workflow, or of a path below `states`, whose names are the
                second argument; None if they are not known.
        """
        self._literal = literal
        self._known = variable or (lambda name, path: None)
        self._left = _MOST_NODES
        self._calls = 0

    def values(self, expression: str) -> Values:
        """Return the possible values of an expression; an invalid one is unknown."""
        tree = _tree(expression)
        if tree is None:
            return _ANYTHING
        try:
            return self._of(tree, {})
        except (RecursionError, AttributeError, TypeError):  # the tree of a construct that is not expected here
            return _ANYTHING

    def _of(self, node: Any, scope: Mapping[str, Any]) -> Values:
        self._left -= 1
        while node.type == "lambda" and node.thunk:  # a call at the end of a function, which the parser wraps
            node = node.body
        if self._left < 0 or getattr(node, "group", None) is not None:
            return _ANYTHING
        handlers: dict[str, Callable[[Any, Mapping[str, Any]], Values]] = {
            "apply": self._apply,
            "binary": self._binary,
            "block": self._block,
            "condition": self._condition,
            "function": self._function,
            "name": self._name,
            "number": self._number,
            "path": self._path,
            "string": self._string,
            "unary": self._unary,
            "value": self._value,
            "variable": self._variable,
        }
        handle = handlers.get(node.type)  # what is not here, such as a regular expression, is unknown
        return _capped(handle(node, scope)) if handle is not None else _ANYTHING

    # -- literals --------------------------------------------------------------------------------------------------------

    def _string(self, node: Any, _: Mapping[str, Any]) -> Values:
        return (Text(self._literal(node.value)),)

    def _number(self, node: Any, _: Mapping[str, Any]) -> Values:
        return (Text(str(node.value)),)

    def _value(self, node: Any, _: Mapping[str, Any]) -> Values:
        return (Text(str(node.value).lower()),) if isinstance(node.value, bool) else _ANYTHING

    def _unary(self, node: Any, scope: Mapping[str, Any]) -> Values:
        if node.value == "{":
            return (self._object(node, scope),)
        if node.value != "[":
            return _ANYTHING
        items = tuple(_ANYTHING if item.type == "binary" and item.value == ".." else self._of(item, scope) for item in node.expressions)
        return (Array(_unique(_flat(value for each in items for value in each)), items),)

    def _object(self, node: Any, scope: Mapping[str, Any]) -> Object:
        members: dict[str, Values] = {}
        is_open = False
        for key, value in node.lhs_object:
            names = self._of(key, scope)
            values = self._of(value, scope)
            if len(names) == 1 and isinstance(names[0], Text) and UNKNOWN_TEXT not in names[0].text:
                members[names[0].text] = values
            else:
                is_open = True
        return Object(tuple(members.items()), is_open)

    # -- operators -------------------------------------------------------------------------------------------------------

    def _binary(self, node: Any, scope: Mapping[str, Any]) -> Values:
        if node.value != "&":
            return _ANYTHING
        return _joined((_texts(self._of(node.lhs, scope)), _texts(self._of(node.rhs, scope))))

    def _condition(self, node: Any, scope: Mapping[str, Any]) -> Values:
        otherwise = getattr(node, "_else", None)
        return (*self._of(node.then, scope), *((NOTHING,) if otherwise is None else self._of(otherwise, scope)))

    def _block(self, node: Any, scope: Mapping[str, Any]) -> Values:
        inner = dict(scope)
        result: Values = (NOTHING,)
        for expression in node.expressions:
            if expression.type == "bind":
                inner[str(expression.lhs.value)] = self._bound(expression.rhs, inner)
                result = _ANYTHING
            else:
                result = self._of(expression, inner)
        return result

    def _bound(self, node: Any, scope: dict[str, Any]) -> Any:
        if node.type != "lambda":
            return self._of(node, scope)
        return _Function(tuple(str(one.value) for one in node.arguments or ()), node.body, scope)

    # -- paths -----------------------------------------------------------------------------------------------------------

    def _variable(self, node: Any, scope: Mapping[str, Any]) -> Values:
        name = str(node.value)
        if name in scope:
            return scope[name] if isinstance(scope[name], tuple) else _ANYTHING
        found = self._known(name, ())
        return _ANYTHING if found is None else found

    def _name(self, node: Any, scope: Mapping[str, Any]) -> Values:
        return _members(scope.get("", _ANYTHING), str(node.value))

    def _path(self, node: Any, scope: Mapping[str, Any]) -> Values:
        first, *rest = node.steps
        if first.type == "variable" and first.value == "states" and "states" not in scope:
            names = tuple(str(step.value) for step in takewhile(lambda step: step.type == "name", rest))
            values, rest = self._known("states", names) or _ANYTHING, rest[len(names) :]
        else:
            values = self._of(first, scope)
        for step in rest:
            if getattr(step, "group", None) is not None:
                return _ANYTHING
            if step.type == "name":
                values = _members(values, str(step.value))
            elif step.type == "sort":
                continue
            else:
                items = _items(values)
                if not items:
                    return (NOTHING,)
                # The result of each item; a single one is not in an array.
                found = _unique(self._of(step, {**scope, "": items}))
                many = any(not isinstance(value, Object | Text | Nothing) for value in values)
                found += (NOTHING,) if len(items) < len(values) or any(isinstance(value, Array) for value in values) else ()
                values = (Array(_unique(_flat(found))), *found) if many else found
        return values

    # -- functions -------------------------------------------------------------------------------------------------------

    def _apply(self, node: Any, scope: Mapping[str, Any]) -> Values:
        if node.rhs.type == "function":
            return self._call(node.rhs.procedure, [node.lhs, *node.rhs.arguments], scope)
        return self._call(node.rhs, [node.lhs], scope)

    def _function(self, node: Any, scope: Mapping[str, Any]) -> Values:
        return self._call(node.procedure, list(node.arguments), scope)

    def _call(self, procedure: Any, arguments: list[Any], scope: Mapping[str, Any]) -> Values:
        own = self._as_function(procedure, scope)
        if own is not None:
            return self._called(own, [self._of(argument, scope) for argument in arguments])
        name = str(procedure.value) if procedure.type == "variable" else ""
        if name in {"map", "each", "reduce", "filter", "sift", "single"} and arguments:
            return self._higher(name, arguments, scope)
        return _BUILT_IN[name]([self._of(argument, scope) for argument in arguments]) if name in _BUILT_IN and arguments else _ANYTHING

    def _as_function(self, node: Any, scope: Mapping[str, Any]) -> _Function | None:
        if node.type == "lambda":
            return _Function(tuple(str(one.value) for one in node.arguments or ()), node.body, scope)
        known = scope.get(str(node.value)) if node.type == "variable" else None
        return known if isinstance(known, _Function) else None

    def _called(self, function: _Function, arguments: list[Values]) -> Values:
        if self._calls >= _MOST_CALLS:
            return _ANYTHING
        self._calls += 1
        given = {name: arguments[at] if at < len(arguments) else _ANYTHING for at, name in enumerate(function.parameters)}
        result = self._of(function.body, {**function.scope, **given})
        self._calls -= 1
        return result

    def _higher(self, name: str, arguments: list[Any], scope: Mapping[str, Any]) -> Values:
        given = self._of(arguments[0], scope)
        if name in {"filter", "sift"}:
            return given
        items = _items(given)
        if name == "single":
            return items
        function = self._as_function(arguments[1], scope) if len(arguments) > 1 else None
        if function is None:
            return (Array(_ANYTHING),)
        if name == "reduce":
            return self._reduced(function, items, self._of(arguments[2], scope) if len(arguments) > 2 else items)  # noqa: PLR2004
        values = items if name == "map" else _unique(value for one in items for value in _all_members(one))
        return (Array(_unique(_flat(self._called(function, [values])))),)

    def _reduced(self, function: _Function, items: Values, first: Values) -> Values:
        reached = first
        for _ in range(_MOST_ROUNDS):
            following = _capped((*reached, *self._called(function, [reached, items])))
            if set(following) == set(reached):
                return reached
            reached = following
        return _ANYTHING


@lru_cache(maxsize=4096)
def _tree(expression: str) -> Any:
    """Return the syntax tree of an expression; None if it is invalid."""
    jsonata = python_library()
    try:
        return jsonata.Jsonata(expression + "\n").ast  # the parser refuses a comment at the end
    except (jsonata.JException, IndexError, KeyError, RuntimeError, TypeError, AttributeError, ValueError):
        return None


# -- the built-in functions whose result follows from their arguments ------------------------------------------------------


def _merged(arguments: list[Values]) -> Values:
    """Return the object of `$merge`: of members with one name, the last one counts."""
    members: dict[str, Values] = {}
    is_open = False
    for array in arguments[0]:
        if not isinstance(array, Array) or array.in_order is None:
            return _ANYTHING
        for values in array.in_order:
            objects = [value for value in values if isinstance(value, Object)]
            unknown = len(objects) < len(values)
            for name in dict.fromkeys([*members, *(name for one in objects for name, _ in one.members)]):
                found = [one.get(name) if name in dict(one.members) else () for one in objects]
                given = _unique(value for each in found for value in each)
                certain = not unknown and objects and all(found) and NOTHING not in given
                before = () if certain else members.get(name, _ANYTHING if is_open else ())
                other = _ANYTHING if unknown or any(one.open and name not in dict(one.members) for one in objects) else ()
                members[name] = _unique((*before, *given, *other))
            is_open |= unknown or any(one.open for one in objects)
    return (Object(tuple(members.items()), is_open),)


def _appended(arguments: list[Values]) -> Values:
    return (Array(_unique(item for values in arguments for item in _items(values))),)


def _looked_up(arguments: list[Values]) -> Values:
    names = [value.text for value in arguments[1] if isinstance(value, Text)] if len(arguments) > 1 else []
    if not names or any(UNKNOWN_TEXT in name for name in names):
        return _ANYTHING
    return _unique(value for name in names for value in _members(arguments[0], name))


def _as_text(arguments: list[Values]) -> Values:
    return _unique(value if isinstance(value, Text | Nothing) else UNKNOWN for value in arguments[0])


def _join(arguments: list[Values]) -> Values:
    separators = _texts(arguments[1]) if len(arguments) > 1 else [""]
    found: list[Value] = []
    for array in arguments[0]:
        if not isinstance(array, Array) or array.in_order is None:
            return _ANYTHING
        for separator in separators:
            parts = [part for values in array.in_order for part in ([separator], _texts(values))][1:]
            found += _joined(tuple(parts)) if parts else (Text(""),)
    return _unique(found)


def _in_case(change: Callable[[str], str]) -> Callable[[list[Values]], Values]:
    def call(arguments: list[Values]) -> Values:
        texts = _texts(arguments[0])
        return _ANYTHING if any(UNKNOWN_TEXT in text or "$" in text for text in texts) else _unique(Text(change(text)) for text in texts)

    return call


def _parts(arguments: list[Values]) -> Values:
    return (Array((Array(_items(arguments[0])),)),)


def _same(arguments: list[Values]) -> Values:
    return arguments[0]


_BUILT_IN: Final[Mapping[str, Callable[[list[Values]], Values]]] = {
    "append": _appended,
    "distinct": _same,
    "join": _join,
    "lookup": _looked_up,
    "lowercase": _in_case(str.lower),
    "merge": _merged,
    "partition": _parts,
    "reverse": _same,
    "shuffle": _same,
    "sort": _same,
    "string": _as_text,
    "trim": _in_case(str.strip),
    "uppercase": _in_case(str.upper),
}


# -- values --------------------------------------------------------------------------------------------------------------


def _unique(values: Iterable[Value]) -> Values:
    return _capped(tuple(dict.fromkeys(values)))


def _capped(values: Values) -> Values:
    return values if len(values) <= _MOST_VALUES else _ANYTHING


def _flat(values: Iterable[Value]) -> Iterable[Value]:
    """Yield the items of arrays in place of the arrays, since JSONata flattens the results of steps and functions."""
    for value in values:
        if isinstance(value, Array):
            yield from value.items
        elif not isinstance(value, Nothing):
            yield value


def _items(values: Values) -> Values:
    """Return the possible items of values; a value that is not an array is its own only item."""
    return _unique(_flat(values))


def _members(values: Values, name: str) -> Values:
    """Return the possible values of a member. That of an array is the array of the members of its items."""
    found: list[Value] = []
    for value in values:
        if isinstance(value, Object):
            found += value.get(name)
        elif isinstance(value, Array):
            inner = _members(value.items, name)
            found += (Array(_unique(_flat(inner))), *inner, NOTHING)
        else:
            found.append(UNKNOWN if isinstance(value, Unknown) else NOTHING)
    return _unique(found)


def _all_members(value: Value) -> Values:
    if isinstance(value, Object):
        return (*(each for _, values in value.members for each in values), *(_ANYTHING if value.open else ()))
    return _ANYTHING


def _texts(values: Values) -> list[str]:
    """Return the possible texts of values; what is not a text is an unknown one."""
    texts = (value.text if isinstance(value, Text) else "" if isinstance(value, Nothing) else UNKNOWN_TEXT for value in values)
    return list(dict.fromkeys(texts))


def _joined(parts: tuple[Iterable[str], ...]) -> Values:
    found: dict[Value, None] = {}
    for number, texts in enumerate(product(*parts)):
        if number >= _MOST_VALUES:
            return _ANYTHING
        found[Text("".join(texts))] = None
    return tuple(found)
