"""Expressions: Python operators and attribute access that are compiled to JSONata or JSONPath.

An :class:`Expr` has no public attribute of its own, so every attribute is a field of the data: ``states.input.order.items``
is the field ``items`` of the order, not a method. Everything but operators is a function in :mod:`generator.dsl.fn`. A name that
is not a Python identifier is written as an index: ``states.input["order-id"]``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from math import isfinite
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, Literal, NoReturn, TypeAlias

from generator.asl.jsonata_functions import JSONATA_FUNCTIONS
from generator.diagnostics.model import close_names, did_you_mean
from generator.dsl.source import AuthoringError, Source, UnknownNameError, here

Payload: TypeAlias = "bool | int | float | str | datetime | Expr | Sequence[Payload] | Mapping[str, Payload] | None"
"""A value of a field that ASL evaluates: a literal, an expression, or a list or dict of them."""


# -- the nodes of an expression -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Root:
    """The start of a path: the state's input, its result, its error output, or the Context object."""

    name: Literal["input", "result", "errorOutput", "context"]


@dataclass(frozen=True, slots=True, eq=False)
class Variable:
    """A workflow variable, or (``bound``) the parameter of a function for map, filter or reduce."""

    name: str
    bound: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """A member of an object."""

    of: Operand
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """An item of an array; a negative index counts from the end."""

    of: Operand
    index: int | Operand


@dataclass(frozen=True, slots=True, eq=False)
class Literally:
    """A literal value."""

    value: Any


@dataclass(frozen=True, slots=True, eq=False)
class PlaceholderNode:
    """A value that deployment fills in: ``${name}`` in the definition, a variable in Terraform."""

    name: str
    resource: Any = None
    attribute: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Raw:
    """An expression in the author's own JSONata or JSONPath."""

    text: str
    language: Literal["JSONata", "JSONPath"]


@dataclass(frozen=True, slots=True, eq=False)
class Binary:
    """Two operands and an operator of JSONata; ``++`` joins text."""

    operator: str
    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A function of :mod:`generator.dsl.fn`."""

    name: str
    arguments: tuple[Operand, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Lambda:
    """A function for map, filter or reduce."""

    parameters: tuple[str, ...]
    body: Operand


@dataclass(frozen=True, slots=True, eq=False)
class ObjectOf:
    """An object with computed members."""

    members: tuple[tuple[str, Operand], ...]


@dataclass(frozen=True, slots=True, eq=False)
class ArrayOf:
    """An array with computed items."""

    items: tuple[Operand, ...]


Operand: TypeAlias = "Root | Variable | Member | Item | Literally | PlaceholderNode | Raw | Binary | Call | Lambda | ObjectOf | ArrayOf"


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
        return ObjectOf(tuple((str(k), operand(v)) for k, v in value.items())) if contains_expression(value) else Literally(value)
    if isinstance(value, list | tuple):
        return ArrayOf(tuple(operand(v) for v in value)) if contains_expression(value) else Literally(list(value))
    if value is None or isinstance(value, bool | int | str | datetime) or (isinstance(value, float) and isfinite(value)):
        return Literally(value)
    message = f"an expression cannot contain a value of type {type(value).__name__}"
    raise AuthoringError(
        message, found=repr(value)[:60], expected="an expression, or a JSON value: text, a finite number, bool, None, list, dict"
    )


def nodes(node: Operand) -> Iterator[Any]:
    """Yield an expression and all expressions inside it."""
    pending: list[Any] = [node]
    while pending:
        item = pending.pop()
        if isinstance(item, tuple):
            pending.extend(item)
        elif is_dataclass(item):
            yield item
            if not isinstance(item, Literally | PlaceholderNode):
                pending.extend(getattr(item, part.name) for part in fields(item))


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


# -- expressions ---------------------------------------------------------------------------------------------------------


class Expr:
    """A value that is known only when the workflow runs.

    Supported: attribute access and indexing, ``==  !=  <  <=  >  >=``, ``+  -  *  /  //  %  **``, ``abs``, ``round``, ``math.floor``,
    ``math.ceil``, and ``&  |  ~`` (and, or, not).

    Where the query languages differ from Python: a missing field is neither equal nor unequal to anything, so that both ``==`` and
    ``!=`` are false; ``fn.exists`` tests for it. ``%`` has the sign of the left operand. A field of a list is the list of that
    field of all items, and an index behind it applies to each item: ``fn.item(states.input.lines.price, 0)`` is the first price.

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
        _expect_in_context(self._node, name)
        return Expr(Member(self._node, name))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AuthoringError(f"the attribute {name!r} of an expression cannot be set", hint="set a workflow variable with assign={…}")

    def __getitem__(self, key: str | int | Expr) -> Expr:
        if isinstance(key, bool) or not isinstance(key, str | int | Expr):
            raise AuthoringError(
                "the index of an expression must be a name, a position or an expression",
                found=repr(key),
                hint="for a slice or a filter use fn.filter_, or raw JSONata",
            )
        if isinstance(key, Expr) and _is_condition(key):
            raise AuthoringError(
                "a condition is not an index",
                found=as_python(node_of(key)),
                hint="to select items use fn.filter_(items, lambda item: …)",
            )
        if isinstance(key, str):
            _expect_in_context(self._node, key)
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

    __hash__ = object.__hash__

    # arithmetic and text
    def __add__(self, other: Payload) -> Expr:
        return _binary("++" if _is_text(other) or _is_text(self) else "+", self, other)

    def __radd__(self, other: Payload) -> Expr:
        return _binary("++" if _is_text(other) or _is_text(self) else "+", other, self)

    def __sub__(self, other: Payload) -> Expr:
        return _binary("-", self, other)

    def __rsub__(self, other: Payload) -> Expr:
        return _binary("-", other, self)

    def __mul__(self, other: Payload) -> Expr:
        return _binary("*", self, other)

    def __rmul__(self, other: Payload) -> Expr:
        return _binary("*", other, self)

    def __truediv__(self, other: Payload) -> Expr:
        return _binary("/", self, other)

    def __rtruediv__(self, other: Payload) -> Expr:
        return _binary("/", other, self)

    def __mod__(self, other: Payload) -> Expr:
        return _binary("%", self, other)

    def __floordiv__(self, other: Payload) -> Expr:
        return Expr(Call("floor", (Binary("/", self._node, operand(other)),)))

    def __rfloordiv__(self, other: Payload) -> Expr:
        return Expr(Call("floor", (Binary("/", operand(other), self._node),)))

    def __pow__(self, other: Payload) -> Expr:
        return Expr(Call("power", (self._node, operand(other))))

    def __rpow__(self, other: Payload) -> Expr:
        return Expr(Call("power", (operand(other), self._node)))

    def __neg__(self) -> Expr:
        return _binary("-", 0, self)

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
        return _binary("and", self, other)

    def __rand__(self, other: Expr | bool) -> Expr:
        return _binary("and", other, self)

    def __or__(self, other: Expr | bool) -> Expr:
        return _binary("or", self, other)

    def __ror__(self, other: Expr | bool) -> Expr:
        return _binary("or", other, self)

    def __invert__(self) -> Expr:
        return Expr(Call("not", (self._node,)))

    # operations of Python that would be evaluated too early
    def __bool__(self) -> NoReturn:
        raise AuthoringError(
            "an expression has no truth value before the workflow runs",
            found="and, or, not, if, in, or a chained comparison",
            expected="& for and, | for or, ~ for not, fn.contains for in",
            hint="write (a < b) & (b < c); comparisons beside & and | need parentheses",
        )

    def __iter__(self) -> Iterator[Expr]:
        raise AuthoringError(
            "Python cannot iterate over an expression before the workflow runs", hint="use a Map state, or fn.map_ for data"
        )

    def __len__(self) -> NoReturn:
        raise AuthoringError("an expression has no length before the workflow runs", hint="use fn.length(…)")

    def __int__(self) -> NoReturn:
        raise AuthoringError("an expression has no number before the workflow runs", hint="use fn.number(…), or fn.floor(…)")

    def __float__(self) -> NoReturn:
        raise AuthoringError("an expression has no number before the workflow runs", hint="use fn.number(…)")

    def __index__(self) -> NoReturn:
        raise AuthoringError(
            "an expression has no number before the workflow runs",
            found="an expression where Python needs a whole number, such as in range(…) or as the index of a list",
            hint="use fn.range_(…), or fn.item(list, index)",
        )

    def __contains__(self, item: object) -> NoReturn:
        raise AuthoringError("'in' cannot be evaluated before the workflow runs", hint="use fn.contains(array, value)")

    def __format__(self, spec: str) -> NoReturn:
        raise AuthoringError(
            "an f-string cannot contain an expression", hint='use fn.format("order {}", states.input.id), or "order " + states.input.id'
        )

    def __call__(self, *_: object, **__: object) -> NoReturn:
        """Raise an error, since a field is not a function."""
        if isinstance(self._node, Member):
            name = self._node.name
            raise AuthoringError(f"{name!r} is a field of the data, not a function", hint=_instead(name))
        raise AuthoringError("an expression is not a function", hint="use a function of fn, such as fn.length(…)")

    def __repr__(self) -> str:
        return f"<Expr {as_python(self._node)}>"

    def __copy__(self) -> Expr:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Expr:
        return self


_METHODS: Final = {
    "lower": "fn.lowercase(text)",
    "upper": "fn.uppercase(text)",
    "casefold": "fn.lowercase(text)",
    "strip": "fn.trim(text)",
    "lstrip": "fn.trim(text)",
    "rstrip": "fn.trim(text)",
    "startswith": 'fn.matches(text, "start*")',
    "endswith": 'fn.matches(text, "*end")',
    "find": "fn.contains(text, part)",
    "isdigit": "fn.is_number(value)",
    "format": 'fn.format("{}", value)',
    "encode": "fn.base64_encode(text)",
    "get": 'states.input["name"], with fn.exists(…) to test for it',
    "items": 'fn.call("each", object, …), or a Map state',
    "values": 'fn.call("lookup", object, "*"), or a Map state',
    "update": "fn.merge(one, other)",
    "append": 'fn.call("append", one, other)',
    "extend": 'fn.call("append", one, other)',
    "index": "fn.contains(array, value)",
    "isoformat": "fn.now(), or the text itself",
    "size": "fn.length(value)",
    "len": "fn.length(value)",
    "hexdigest": "fn.hash_(value)",
    "loads": "fn.parse_json(text)",
    "dumps": "fn.json_string(value)",
}
"""What to write in place of a method of Python's text, lists and dicts."""


def _instead(method: str) -> str:
    """Return the function to use in place of a method.

    >>> _instead("upper"), _instead("substrng")
    ('use fn.uppercase(text)', 'use fn.call("substring", …)')
    """
    if method in _METHODS:
        return f"use {_METHODS[method]}"
    if method in _OWN_FUNCTIONS:
        return f"use fn.{method}(…)"
    by_plain = {name.lower(): name for name in (*_OWN_FUNCTIONS, *JSONATA_FUNCTIONS)}
    near = by_plain.get(method.replace("_", "").lower()) or next(iter(close_names(method, by_plain.values())), "")
    if near in _OWN_FUNCTIONS:
        return f"use fn.{near}(…)"
    return f'use fn.call("{near}", …)' if near else 'use a function of fn; fn.call("name", …) calls any function of JSONata'


_OWN_FUNCTIONS: Final = frozenset({
    "base64_decode", "base64_encode", "ceil", "contains", "exists", "floor", "format", "join", "json_string", "length", "lowercase",
    "matches", "merge", "millis", "now", "number", "parse_json", "partition", "random", "split", "string", "trim", "unique",
    "uppercase", "uuid",
})  # fmt: skip
"""Functions of fn with the name that a method would have."""

_PYTHON_OPERATORS = {"=": "==", "and": "&", "or": "|", "++": "+"}
_ROOTS = {"input": "states.input", "result": "states.result", "errorOutput": "states.error_output", "context": "states.context"}


def as_python(node: Operand) -> str:
    """Return the Python code of an expression, for messages and debuggers."""
    match node:
        case Root():
            return _ROOTS[node.name]
        case Variable():
            return node.name if node.bound else f"variables.{node.name}"
        case Member():
            return as_python(node.of) + (f".{node.name}" if node.name.isidentifier() else f"[{node.name!r}]")
        case Item():
            return f"{as_python(node.of)}[{node.index if isinstance(node.index, int) else as_python(node.index)}]"
        case Literally():
            return repr(node.value)
        case PlaceholderNode():
            return f"{node.resource.name}.{node.attribute}" if node.resource is not None else f"placeholder({node.name!r})"
        case Raw():
            return f"{node.language.lower()}({node.text!r})"
        case Binary():
            return f"({as_python(node.left)} {_PYTHON_OPERATORS.get(node.operator, node.operator)} {as_python(node.right)})"
        case Call():
            name = (
                node.name + "_"
                if node.name in ("not", "if", "sum", "min", "max", "map", "filter", "range", "hash", "round", "abs")
                else node.name
            )
            return f"fn.{name}({', '.join(as_python(a) for a in node.arguments)})"
        case Lambda():
            return f"lambda {', '.join(node.parameters)}: {as_python(node.body)}"
        case ObjectOf():
            return "{" + ", ".join(f"{k!r}: {as_python(v)}" for k, v in node.members) + "}"
        case ArrayOf():
            return "[" + ", ".join(as_python(i) for i in node.items) + "]"


def _is_text(value: object) -> bool:
    if isinstance(value, Expr):
        node = node_of(value)
        return (
            (isinstance(node, Binary) and node.operator == "++")
            or (isinstance(node, Literally) and isinstance(node.value, str))
            or isinstance(node, PlaceholderNode)
            or (isinstance(node, Call) and node.name in _TEXT_FUNCTIONS)
        )
    return isinstance(value, str)


_TEXT_FUNCTIONS = frozenset(
    {"format", "string", "uuid", "join", "lowercase", "uppercase", "trim", "base64_encode", "base64_decode", "hash", "now", "json_string"}
)


_CONTEXT: Final[dict[str, tuple[str, ...]]] = {
    "": ("Execution", "Map", "State", "StateMachine", "Task"),
    "Execution": ("Id", "Input", "Name", "RedriveCount", "RedriveTime", "RoleArn", "StartTime"),
    "State": ("EnteredTime", "Name", "RetryCount"),
    "StateMachine": ("Id", "Name"),
    "Task": ("Token",),
    "Map": ("Item",),
}
"""The members of the Context object: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html."""


def _expect_in_context(of: Operand, name: str) -> None:
    """Refuse a misspelt member of the Context object. A member that resembles none may be a new one."""
    inner = of.name if isinstance(of, Member) and isinstance(of.of, Root) and of.of.name == "context" else ""
    at_top = isinstance(of, Root) and of.name == "context"
    known = _CONTEXT.get(inner, ()) if inner or at_top else ()
    if known and name not in known and (hint := did_you_mean(name, known)):
        path = "states.context" + (f".{inner}" if inner else "")
        raise AuthoringError(f"{path} has no {name!r}", found=name, expected="one of " + ", ".join(known), hint=hint)


_CONDITIONS = frozenset({"=", "!=", "<", "<=", ">", ">=", "and", "or"})


def _is_condition(expression: Expr) -> bool:
    node = node_of(expression)
    return (isinstance(node, Binary) and node.operator in _CONDITIONS) or (isinstance(node, Call) and node.name in ("not", "contains"))


def _binary(operator: str, left: object, right: object) -> Expr:
    if operator in ("+", "-", "*", "/", "%"):
        for side in (left, right):
            if isinstance(side, list | tuple | Mapping):
                raise AuthoringError(
                    f"the operator {operator} takes numbers and text, not a {type(side).__name__}",
                    found=repr(side)[:60],
                    hint='to join lists use fn.call("append", one, other), to join objects fn.merge(one, other)',
                )
    return Expr(Binary(operator, operand(left), operand(right)))


def literal(value: Payload) -> Expr:
    """Return a literal, even if its text looks like an expression.

    >>> literal("$.50 off").__class__.__name__
    'Expr'
    """
    return Expr(Literally(value))


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


def placeholder(name: str) -> Expr:
    """Return a value that deployment fills in: ``${name}`` in the definition, a variable without default in the Terraform module.

    Args:
        name: lower case letters, digits and ``_``, as Terraform names variables.

    Raises:
        AuthoringError: the name has another form.

    >>> placeholder("callback_url")
    <Expr placeholder('callback_url')>
    """
    if not name.isidentifier() or name != name.lower() or not name.isascii() or name in ("true", "false", "null"):
        raise AuthoringError(
            "a placeholder must have the name of a Terraform variable", found=repr(name), expected="lower case letters, digits and '_'"
        )
    return Expr(PlaceholderNode(name))


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


class States:
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


class Variables:
    """The workflow's variables by name: ``variables.order_id`` is the variable that ``assign={"order_id": …}`` sets."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Expr:
        if name.startswith("__"):
            raise AttributeError(name)
        return Expr(Variable(name))

    def __repr__(self) -> str:
        return "<the variables of the workflow>"


variables = Variables()
