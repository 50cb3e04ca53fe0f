"""Expressions: Python operators and attribute access that are compiled to JSONata or JSONPath.

An expression never turns into text. Python calls ``__str__`` and ``__format__`` for ``str(…)``, ``%``, f-strings and ``print``;
both are errors at the author's line, with what to write instead. ``repr`` serves debuggers and test reports. It is remembered,
so that the compiler finds it where it ends in a definition.

An :class:`Expr` has no public attribute of its own, so every attribute is a field of the data: ``states.input.order.items``
is the field ``items`` of the order, not a method. Everything but operators is a function in :mod:`generator.dsl.fn`. A name that
is not a Python identifier is written as an index: ``states.input["order-id"]``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from math import isfinite
from operator import attrgetter
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias
from uuid import UUID

from generator.diagnostics.model import did_you_mean
from generator.dsl.kinds import CALLED
from generator.dsl.nodes import (
    ArrayOf,
    Binary,
    Call,
    Item,
    Literally,
    Member,
    ObjectOf,
    Operand,
    PlaceholderNode,
    Raw,
    Root,
    Variable,
    decided,
    kind_of,
)
from generator.dsl.placeholder_types import is_placeholder_name, type_in_terraform
from generator.dsl.refusals import NoText, expect_in_context, instead, instead_of_an_index, refusal, remember
from generator.dsl.source import AuthoringError, Source, UnknownNameError, expect, here, shown
from generator.dsl.written import LONGEST, PYTHON_OPERATORS, as_python, python_of

Payload: TypeAlias = "bool | int | float | str | datetime | Expr | Sequence[Payload] | Mapping[str, Payload] | None"
"""A value of a field that ASL evaluates: a literal, an expression, or a list or dict of them."""


def operand(value: Any) -> Operand:
    """Return any payload value as an operand.

    Raises:
        AuthoringError: the value is neither an expression nor a JSON value.

    >>> operand([1, states.input.a]).__class__.__name__
    'ArrayOf'
    """
    if isinstance(value, Expr):
        return node_of(value)
    if isinstance(value, Mapping):
        members = tuple((_key(k), operand(v)) for k, v in value.items())
        return ObjectOf(members) if contains_expression(value) else Literally(dict(value))
    if isinstance(value, list | tuple):
        items = tuple(operand(v) for v in value)
        return ArrayOf(items) if contains_expression(value) else Literally(list(value))
    if isinstance(value, datetime):
        expect_time_zone(value)
    if value is None or isinstance(value, bool | int | str | datetime) or (isinstance(value, float) and isfinite(value)):
        return Literally(value)
    raise AuthoringError(
        f"an expression cannot contain a value of type {type(value).__name__}",
        found=shown(value),
        expected="an expression, or a JSON value: text, a finite number, bool, None, list, dict",
        hint=way_to_json(value),
    )


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise AuthoringError("the keys of an object must be text", found=shown(key), expected='text, such as "id"')
    return key


def expect_time_zone(value: datetime) -> None:
    """Check that a point in time has a time zone.

    Raises:
        AuthoringError: it has none, so that nobody knows when it is.
    """
    if value.tzinfo is None:
        raise AuthoringError(
            "a point in time has no time zone", found=repr(value), expected="a datetime with tzinfo, such as datetime(…, tzinfo=UTC)"
        )


def way_to_json(value: object) -> str:
    """Return how an author makes a JSON value of a value that is not one; empty if it is unknown.

    >>> way_to_json({1, 2})
    'write sorted(…): a set has no order'
    """
    if isinstance(value, NoText):
        return "write one of its attributes, such as .arn"
    if isinstance(value, set | frozenset):
        return "write sorted(…): a set has no order"
    if isinstance(value, Iterator):
        return "write list(…)"
    if is_dataclass(value):
        return "write dataclasses.asdict(…)" if not isinstance(value, type) else ""
    if callable(getattr(value, "model_dump", None)):
        return "write ….model_dump()"
    if isinstance(value, date):
        return "write ….isoformat()"
    return "write str(…), or the JSON value that you mean" if isinstance(value, Enum | Decimal | UUID | PurePath) else ""


def node_of(expression: Expr) -> Operand:
    """Return the node of an expression."""
    return _NODE(expression)  # type: ignore[no-any-return]


def source_of(expression: Expr) -> Source:
    """Return the place where an expression was written."""
    return _SOURCE(expression)  # type: ignore[no-any-return]


# An expression has no public attributes.
_NODE: Final = attrgetter("_node")
_SOURCE: Final = attrgetter("_source")


def contains_expression(value: Any) -> bool:
    """Return whether a payload contains an expression."""
    if isinstance(value, Expr):
        return True
    if isinstance(value, Mapping):
        return any(contains_expression(v) for v in value.values())
    if isinstance(value, list | tuple):
        return any(contains_expression(v) for v in value)
    return False


class Expr:
    """A value that is known only when the workflow runs.

    Supported: attribute access and indexing, ``==  !=  <  <=  >  >=``, ``+  -  *  /  //  %  **``, ``abs``, ``round``, ``math.floor``,
    ``math.ceil``, and ``&  |  ~`` (and, or, not).

    Where the query languages differ from Python: a missing field is neither equal nor unequal to anything, so that both ``==`` and
    ``!=`` are false; ``fn.exists`` tests for it. A field of a list is the list of that
    field of all items, and an index behind it applies to each item: ``fn.item(states.input.lines.price, 0)`` is the first price.

    ``+`` adds numbers or joins texts, as in Python. If one side is certainly text or a number, that decides; otherwise the
    execution decides (JSONata only). Say which with ``fn.as_number(a) + b`` or ``fn.format("{}{}", a, b)``. The other operators
    of arithmetic are for numbers, and ``%`` has the sign of its right side, as in Python.

    >>> total = states.input.order.total
    >>> (total > 100) & ~(states.input.order.paid == True)
    <Expr ((states.input.order.total > 100) & fn.not_((states.input.order.paid == True)))>
    >>> "order-" + states.input.order["order-id"]
    <Expr ('order-' + states.input.order['order-id'])>
    """

    __slots__ = ("_node", "_source")

    def __init__(self, node: Operand, source: Source | None = None) -> None:
        """Wrap a node. Authors use ``states``, ``variables`` and the functions of ``fn`` instead."""
        object.__setattr__(self, "_node", node)
        object.__setattr__(self, "_source", source or here())

    if TYPE_CHECKING:
        _node: Operand
        _source: Source

    def __getattr__(self, name: str) -> Expr:
        if name.startswith(("__", "_repr_", "_ipython_")):  # copy, pickle, inspect and notebooks read these
            raise AttributeError(name)
        expect_in_context(self._node, name)
        return Expr(Member(self._node, name))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AuthoringError(f"the attribute {name!r} of an expression cannot be set", hint="set a workflow variable with assign={…}")

    def __getitem__(self, key: str | int | Expr) -> Expr:
        if isinstance(key, bool) or not isinstance(key, str | int | Expr):
            raise AuthoringError(
                "the index of an expression must be a name, a position or an expression",
                found=repr(key),
                hint=instead_of_an_index(key),
            )
        if isinstance(key, Expr) and _is_condition(key):
            raise AuthoringError(
                "a condition is not an index",
                found=as_python(node_of(key)),
                hint="to select items use fn.filter_(items, lambda item: …)",
            )
        if isinstance(key, str):
            expect_in_context(self._node, key)
            return Expr(Member(self._node, key))
        return Expr(Item(self._node, key if isinstance(key, int) else operand(key)))

    # comparisons
    def __eq__(self, other: object) -> Expr:  # type: ignore[override]
        return _binary("=", self, other)

    def __ne__(self, other: object) -> Expr:  # type: ignore[override]
        return _binary("!=", self, other)

    def __lt__(self, other: Payload) -> Expr:
        return _binary("<", self, other)

    def __le__(self, other: Payload) -> Expr:
        return _binary("<=", self, other)

    def __gt__(self, other: Payload) -> Expr:
        return _binary(">", self, other)

    def __ge__(self, other: Payload) -> Expr:
        return _binary(">=", self, other)

    def __hash__(self) -> NoReturn:
        raise refusal(
            "an expression cannot be a key of a dict or an item of a set: its value is known only when the workflow runs",
            hint="a key must be text; to look a value up, use literal(…)[…], such as literal(prices)[states.input.kind]",
            rewrite=False,
        )

    # arithmetic and text
    def __add__(self, other: Payload) -> Expr:
        return _add(self, other)

    def __radd__(self, other: Payload) -> Expr:
        return _add(other, self)

    def __sub__(self, other: Payload) -> Expr:
        return _arithmetic("-", self, other)

    def __rsub__(self, other: Payload) -> Expr:
        return _arithmetic("-", other, self)

    def __mul__(self, other: Payload) -> Expr:
        return _arithmetic("*", self, other)

    def __rmul__(self, other: Payload) -> Expr:
        return _arithmetic("*", other, self)

    def __truediv__(self, other: Payload) -> Expr:
        return _arithmetic("/", self, other)

    def __rtruediv__(self, other: Payload) -> Expr:
        return _arithmetic("/", other, self)

    def __mod__(self, other: Payload) -> Expr:
        return _arithmetic("%", self, other)

    def __rmod__(self, other: Payload) -> Expr:
        return _arithmetic("%", other, self)

    def __floordiv__(self, other: Payload) -> Expr:
        return Expr(Call("floor", (_arithmetic("/", self, other)._node,)))

    def __rfloordiv__(self, other: Payload) -> Expr:
        return Expr(Call("floor", (_arithmetic("/", other, self)._node,)))

    def __pow__(self, other: Payload) -> Expr:
        return Expr(Call("power", (self._node, operand(other))))

    def __rpow__(self, other: Payload) -> Expr:
        return Expr(Call("power", (operand(other), self._node)))

    def __neg__(self) -> Expr:
        return _arithmetic("-", 0, self)

    def __pos__(self) -> Expr:
        return self

    def __abs__(self) -> Expr:
        return Expr(Call("abs", (self._node,)))

    def __round__(self, digits: int = 0) -> Expr:
        return Expr(Call("round", (self._node, Literally(digits)) if digits else (self._node,)))

    def __floor__(self) -> Expr:
        return Expr(Call("floor", (self._node,)))

    def __ceil__(self) -> Expr:
        return Expr(Call("ceil", (self._node,)))

    # logic
    def __and__(self, other: Expr | bool) -> Expr:
        return _logic("and", self, other)

    def __rand__(self, other: Expr | bool) -> Expr:
        return _logic("and", other, self)

    def __or__(self, other: Expr | bool) -> Expr:
        return _logic("or", self, other)

    def __ror__(self, other: Expr | bool) -> Expr:
        return _logic("or", other, self)

    def __invert__(self) -> Expr:
        return Expr(Call("not", (self._node,)))

    # operations of Python that would be evaluated too early
    def __bool__(self) -> NoReturn:
        raise refusal(
            "an expression has no truth value before the workflow runs",
            found="and, or, not, if, in, ==, min, max, sorted, or a chained comparison",
            expected="& for and, | for or, ~ for not, fn.contains for in, fn.if_ for if",
            hint="write (a < b) & (b < c); comparisons beside & and | need parentheses",
        )

    def __iter__(self) -> Iterator[Expr]:
        raise refusal("Python cannot iterate over an expression before the workflow runs", hint="use a Map state, or fn.map_ for data")

    def __reversed__(self) -> NoReturn:
        raise refusal("Python cannot iterate over an expression before the workflow runs", hint='use fn.call("reverse", …)')

    def __len__(self) -> NoReturn:
        raise refusal("an expression has no length before the workflow runs", hint="use fn.length(…)")

    def __contains__(self, item: object) -> NoReturn:
        raise refusal("'in' cannot be evaluated before the workflow runs", hint="use fn.contains(array, value)")

    def __int__(self) -> NoReturn:
        raise refusal("an expression has no value before the workflow runs", hint="use fn.number(…) to convert text to a number")

    __float__ = __int__
    __complex__ = __int__

    def __index__(self) -> NoReturn:
        raise refusal(
            "an expression has no value before the workflow runs",
            hint="use literal(…)[…] or fn.item(…, …) to take an item of a list, fn.range_(…, …) for numbers",
        )

    def __str__(self) -> NoReturn:
        shown_as = as_python(self._node)
        raise refusal(
            "an expression cannot become text before the workflow runs",
            found=f"str(…), print(…) or % with {shown_as}"[:LONGEST],
            hint=f'use fn.format("… {{}} …", {shown_as}), or "…" + {shown_as}'[:LONGEST],
        )

    def __format__(self, spec: str) -> NoReturn:
        shown_as = as_python(self._node)
        raise refusal(
            "an f-string or a format cannot contain an expression",
            found=f"{{{shown_as}{':' * bool(spec)}{spec}}}"[:LONGEST],
            hint=f'use fn.format("… {{}} …", {shown_as}), or "…" + {shown_as}'[:LONGEST],
        )

    def __call__(self, *_: object, **__: object) -> NoReturn:
        """Raise an error, since a field is not a function."""
        if isinstance(self._node, Member):
            name = self._node.name
            raise AuthoringError(f"{name!r} is a field of the data, not a function", hint=instead(name))
        raise AuthoringError("an expression is not a function", hint="use a function of fn, such as fn.length(…)")

    def __repr__(self) -> str:
        text = f"<Expr {as_python(self._node)}>"
        remember(text, here())
        return text

    def __copy__(self) -> Expr:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Expr:
        return self


_CONDITIONS = frozenset({"=", "!=", "<", "<=", ">", ">=", "and", "or"})


def _is_condition(expression: Expr) -> bool:
    node = node_of(expression)
    return (isinstance(node, Binary) and node.operator in _CONDITIONS) or (isinstance(node, Call) and node.name in ("not", "contains"))


def _binary(operator: str, left: object, right: object) -> Expr:
    sides = operand(left), operand(right)
    known = {kind_of(side) for side in sides} & {"number", "text"}
    if len(known) == 1:
        sides = decided(sides[0], "+" if "number" in known else "++"), decided(sides[1], "+" if "number" in known else "++")
    return Expr(Binary(operator, *sides))


def _add(left: object, right: object) -> Expr:
    """Compile ``+``. A side whose kind is known decides; two unknown sides are decided when the workflow runs."""
    sides = operand(left), operand(right)
    kinds = kind_of(sides[0]), kind_of(sides[1])
    if {None} == set(kinds):
        return Expr(Binary("+?", *sides))
    for kind, operator in (("text", "++"), ("number", "+")):
        if set(kinds) <= {kind, None}:
            return Expr(Binary(operator, decided(sides[0], operator), decided(sides[1], operator)))
    called = " and ".join("a value" if kind is None else CALLED[kind] for kind in kinds)
    ways = {"list": 'fn.call("append", first, second)', "object": "fn.merge(first, second)", "time": "an expression of JSONata"}
    way = next((ways[kind] for kind in kinds if kind in ways), 'fn.format("… {} …", …)')
    raise refusal(f"+ cannot join {called}", found=python_of("+", *sides), expected="two texts, or two numbers", hint=f"use {way}")


def _arithmetic(operator: str, left: object, right: object) -> Expr:
    sides = operand(left), operand(right)
    for side in sides:
        kind = kind_of(side)
        if kind not in (None, "number"):
            text = (
                'fn.format("… {} …", …) to fill in a template'
                if operator == "%"
                else "fn.format(…), fn.join(…) or another function of fn for texts and lists"
            )
            raise refusal(
                f"{operator} is for numbers, and one side is {CALLED[kind]}",
                found=python_of(operator, *sides),
                expected="two numbers",
                hint=f"use {text}",
            )
    return Expr(Binary(operator, decided(sides[0], "+"), decided(sides[1], "+")))


def _logic(operator: str, left: object, right: object) -> Expr:
    sides = operand(left), operand(right)
    for side in sides:
        kind = kind_of(side)
        if kind not in (None, "boolean"):
            sign = PYTHON_OPERATORS[operator]
            raise refusal(
                f"{sign} is for conditions, and one side is {CALLED[kind]}",
                found=python_of(operator, *sides),
                expected="two conditions",
                hint="use fn.merge(…) to join objects"
                if kind == "object"
                else f"comparisons beside {sign} need parentheses: (a == 1) {sign} (b == 2)",
                rewrite=False,
            )
    return Expr(Binary(operator, *sides))


def literal(value: Payload) -> Expr:
    """Return a literal whose texts are exactly these, even if one looks like an expression or a placeholder.

    Args:
        value: a JSON value. In a list or dict, it holds for all texts inside.

    Raises:
        AuthoringError: the value contains an expression, or is not a JSON value.

    >>> literal("$.50 off"), literal("${HOME}"), literal({"a": "{% not JSONata %}"})
    (<Expr '$.50 off'>, <Expr '${HOME}'>, <Expr {'a': '{% not JSONata %}'}>)
    """
    if contains_expression(value):
        raise AuthoringError("a literal cannot contain an expression", found=shown(value), hint="write the expression without literal(…)")
    node = operand(value)
    return Expr(Literally(node.value, exact=True) if isinstance(node, Literally) else node)


def jsonata(text: str) -> Expr:
    """Return raw JSONata, written without ``{% %}``, as an expression.

    >>> jsonata("$sum($states.input.items.price)") > 100
    <Expr (jsonata('$sum($states.input.items.price)') > 100)>
    """
    return Expr(Raw(text.strip(), "JSONata"))


def jsonpath(text: str) -> Expr:
    """Return a raw JSONPath or intrinsic function as an expression.

    >>> jsonpath("$.items[?(@.price > 3)]")
    <Expr jsonpath('$.items[?(@.price > 3)]')>
    """
    return Expr(Raw(text.strip(), "JSONPath"))


def placeholder(name: str, type: Any = str) -> Expr:
    """Return a value that deployment fills in: ``${name}`` in the definition, a variable without default in the Terraform module.

    This declares the name in the workflow: ``${name}`` in any text of the workflow is then the same placeholder. The attributes
    of the project's resources are declared too (``${orders_arn}``), and so are ``aws_partition``, ``aws_region``,
    ``aws_account_id`` and ``state_machine_name``, which the module fills in by itself. Any other ``${name}`` in text is an
    error; the text itself is ``literal("${name}")``. Comments and the names of states are never placeholders.

    Args:
        name: letters, digits and ``_``, as Terraform names variables; lower case by convention.
        type: the type of the value: ``str``, ``int``, ``float``, ``bool``, ``list`` (of texts) or ``dict`` (of texts), or with
            the type of the items, such as ``list[int]`` or ``dict[str, list[str]]``. The variable of the module has it, too. A list
            or dict is a value of its own: to use it in an expression, set a variable with ``assign=``.

    Raises:
        AuthoringError: the name or the type is another one.

    >>> placeholder("callback_url"), placeholder("subnets", list)
    (<Expr placeholder('callback_url')>, <Expr placeholder('subnets', list[str])>)
    """
    expect(name, str, "the name of a placeholder", "text")
    if not is_placeholder_name(name):
        raise AuthoringError(
            "a placeholder must have the name of a Terraform variable", found=repr(name), expected="letters, digits and '_'"
        )
    return Expr(PlaceholderNode(name, type=type_in_terraform(type)))


class ExecutionContext(Expr):
    """``states.context.Execution``; source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html."""

    if TYPE_CHECKING:
        Id: Expr
        Input: Expr
        Name: Expr
        RoleArn: Expr
        StartTime: Expr
        RedriveCount: Expr
        RedriveTime: Expr


class StateContext(Expr):
    """``states.context.State``."""

    if TYPE_CHECKING:
        EnteredTime: Expr
        Name: Expr
        RetryCount: Expr


class TaskContext(Expr):
    """``states.context.Task``: the task token, inside a task that waits for a callback."""

    if TYPE_CHECKING:
        Token: Expr


class Context(Expr):
    """The Context object."""

    if TYPE_CHECKING:
        Execution: ExecutionContext
        State: StateContext
        StateMachine: Expr
        Task: TaskContext
        Map: Expr


class States(NoText):
    """The reserved variable ``$states``: the data of the state that runs."""

    __slots__ = ()

    @property
    def input(self) -> Expr:
        """The input of the state."""
        return Expr(Root("input"))

    @property
    def result(self) -> Expr:
        """The result of a Task, Parallel or Map state."""
        return Expr(Root("result"))

    @property
    def error_output(self) -> Expr:
        """The error output in a catcher: ``Error`` and ``Cause``."""
        return Expr(Root("errorOutput"))

    @property
    def context(self) -> Context:
        """The Context object: execution, state, task token, map item."""
        return Context(Root("context"))

    @property
    def item(self) -> Expr:
        """The current item, in the item selector of a Map state."""
        return Expr(Member(Member(Member(Root("context"), "Map"), "Item"), "Value"))

    def __repr__(self) -> str:
        return "<the data of a state: input, result, error_output, context, item>"

    if not TYPE_CHECKING:  # type checkers report the name themselves

        def __getattr__(self, name: str) -> NoReturn:
            if name.startswith("_"):
                raise AttributeError(name)
            meant = _STATES.get(name.lower(), "")
            hint = f"write {meant}" if meant else did_you_mean(name, ("input", "result", "error_output", "context", "item"))
            expected = "states.input, states.result, states.error_output, states.context or states.item"
            raise UnknownNameError(f"states has no {name!r}", found=name, expected=expected, hint=hint, code="SFN801")


_STATES: Final = {
    "error": "states.error_output",
    "erroroutput": "states.error_output",
    "output": "states.result",
    "payload": "states.input",
    "execution": "states.context.Execution",
    "execution_id": "states.context.Execution.Id",
    "executionid": "states.context.Execution.Id",
    "task": "states.context.Task",
    "token": "states.context.Task.Token",
    "task_token": "states.context.Task.Token",
    "tasktoken": "states.context.Task.Token",
    "map": "states.context.Map",
    "index": "states.context.Map.Item.Index",
    "value": "states.item",
    "variables": "variables",
}
"""What to write in place of a name that others use for the data of a state."""


states = States()


class Variables(NoText):
    """The workflow's variables by name: ``variables.order_id`` is the variable that ``assign={"order_id": …}`` sets."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Expr:
        if name.startswith("__"):
            raise AttributeError(name)
        return Expr(Variable(name))

    def __repr__(self) -> str:
        return "<the variables of the workflow>"


variables = Variables()
