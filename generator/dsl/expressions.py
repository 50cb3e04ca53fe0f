"""Expressions: Python operators and attribute access that are compiled to JSONata or JSONPath.

An :class:`Expr` has no public attribute of its own, so every attribute is a field of the data: ``states.input.order.items``
is the ``items`` of the order, not a method. What is not an operator is a function in :mod:`generator.dsl.fn`. A name that is
no Python identifier is written as an index: ``states.input["order-id"]``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypeAlias

from generator.dsl.source import AuthoringError, Source, here

Payload: TypeAlias = "bool | int | float | str | datetime | Expr | Sequence[Payload] | Mapping[str, Payload] | None"
"""What stands where ASL evaluates JSON: literals, expressions, and lists and dicts of them."""


# -- nodes: what an expression says --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Root:
    """Where a path starts: the state's input, its result, its error, the Context object, or the item of an inner function."""

    name: Literal["input", "result", "errorOutput", "context"]


@dataclass(frozen=True, slots=True, eq=False)
class Variable:
    """A workflow variable, or the parameter of an inner function."""

    name: str
    bound: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """A member of an object."""

    of: Operand
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """An item of an array, by position; negative counts from the end."""

    of: Operand
    index: int | Operand


@dataclass(frozen=True, slots=True, eq=False)
class Literally:
    """A value that stands for itself."""

    value: Any


@dataclass(frozen=True, slots=True, eq=False)
class PlaceholderNode:
    """A value that deployment fills in: ``${name}`` in the artifacts, a variable in Terraform."""

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
    """Two operands and an operator, spelled as JSONata does; ``++`` joins text."""

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
    """A function given to map, filter or reduce."""

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
    """Take any payload value as an operand.

    >>> operand([1, states.input.a]).__class__.__name__
    'ArrayOf'
    """
    if isinstance(value, Expr):
        return value._node  # noqa: SLF001
    if isinstance(value, Mapping):
        return ObjectOf(tuple((str(k), operand(v)) for k, v in value.items())) if contains_expression(value) else Literally(value)
    if isinstance(value, list | tuple):
        return ArrayOf(tuple(operand(v) for v in value)) if contains_expression(value) else Literally(list(value))
    if value is None or isinstance(value, bool | int | str | datetime) or (isinstance(value, float) and isfinite(value)):
        return Literally(value)
    message = f"a value of type {type(value).__name__} cannot stand in an expression"
    raise AuthoringError(
        message, found=repr(value)[:60], expected="an expression, or a JSON value: text, a finite number, bool, None, list, dict"
    )


def source_of(expression: Expr) -> Source:
    """Give the place where an expression was written."""
    return expression._source  # noqa: SLF001


def contains_expression(value: Any) -> bool:
    """Tell whether anything inside a payload is computed."""
    if isinstance(value, Expr):
        return True
    if isinstance(value, Mapping):
        return any(contains_expression(v) for v in value.values())
    if isinstance(value, list | tuple):
        return any(contains_expression(v) for v in value)
    return False


# -- what authors hold ---------------------------------------------------------------------------------------------------


class Expr:
    """A value known only when the workflow runs.

    Supported: attribute access and indexing, ``==  !=  <  <=  >  >=``, ``+  -  *  /  %``, ``&  |  ~`` (and, or, not).

    >>> total = states.input.order.total
    >>> (total > 100) & ~(states.input.order.paid == True)
    <Expr ((states.input.order.total > 100) & fn.not_((states.input.order.paid == True)))>
    >>> "order-" + states.input.order["order-id"]
    <Expr ('order-' + states.input.order['order-id'])>
    """

    __slots__ = ("_node", "_source")

    def __init__(self, node: Operand, source: Source | None = None) -> None:
        """Wrap a node; authors start from ``states``, ``variables`` or a function of ``fn``."""
        object.__setattr__(self, "_node", node)
        object.__setattr__(self, "_source", source or here())

    if TYPE_CHECKING:
        _node: Operand
        _source: Source

    def __getattr__(self, name: str) -> Expr:
        if name.startswith(("__", "_repr_", "_ipython_")):  # copy, pickle, inspection and notebooks ask for these
            raise AttributeError(name)
        return Expr(Member(self._node, name))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AuthoringError(f"an expression cannot be assigned to: '.{name} = …'", hint="workflows keep values with assign={…}")

    def __getitem__(self, key: str | int | Expr) -> Expr:
        if isinstance(key, bool) or not isinstance(key, str | int | Expr):
            raise AuthoringError(
                "an expression is indexed by a name, a position or an expression",
                found=repr(key),
                hint="for a slice or a filter see fn.filter, or raw JSONata",
            )
        if isinstance(key, str):
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

    def __neg__(self) -> Expr:
        return _binary("-", 0, self)

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

    # what Python would do behind the author's back
    def __bool__(self) -> NoReturn:
        raise AuthoringError(
            "an expression has no truth value while the workflow is being written",
            found="and, or, not, if, in, or a chained comparison",
            expected="& for and, | for or, ~ for not, fn.contains for in",
            hint="write (a < b) & (b < c); comparisons beside & and | need parentheses",
        )

    def __iter__(self) -> Iterator[Expr]:
        raise AuthoringError(
            "an expression cannot be looped over while the workflow is being written", hint="use a Map state, or fn.map for data"
        )

    def __len__(self) -> NoReturn:
        raise AuthoringError("the length of an expression is known only when the workflow runs", hint="use fn.length(…)")

    def __contains__(self, item: object) -> NoReturn:
        raise AuthoringError("'in' is decided only when the workflow runs", hint="use fn.contains(array, value)")

    def __format__(self, spec: str) -> NoReturn:
        raise AuthoringError(
            "an expression cannot stand in an f-string", hint='use fn.format("order {}", states.input.id), or "order " + states.input.id'
        )

    def __call__(self, *_: object, **__: object) -> NoReturn:
        """Refuse: fields are no functions."""
        name = self._node.name if isinstance(self._node, Member) else "it"
        raise AuthoringError(f"{name!r} is a field of the data, not a function", hint=f"functions stand in fn: fn.{name}(…)")

    def __repr__(self) -> str:
        return f"<Expr {as_python(self._node)}>"

    def __copy__(self) -> Expr:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Expr:
        return self


_PYTHON_OPERATORS = {"=": "==", "and": "&", "or": "|", "++": "+"}
_ROOTS = {"input": "states.input", "result": "states.result", "errorOutput": "states.error_output", "context": "states.context"}


def as_python(node: Operand) -> str:
    """Write an expression as the Python that makes it, for messages and debuggers."""
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
            name = node.name + "_" if node.name in ("not", "if", "sum", "min", "max", "map", "filter", "range", "hash") else node.name
            return f"fn.{name}({', '.join(as_python(a) for a in node.arguments)})"
        case Lambda():
            return f"lambda {', '.join(node.parameters)}: {as_python(node.body)}"
        case ObjectOf():
            return "{" + ", ".join(f"{k!r}: {as_python(v)}" for k, v in node.members) + "}"
        case ArrayOf():
            return "[" + ", ".join(as_python(i) for i in node.items) + "]"


def _is_text(value: object) -> bool:
    if isinstance(value, Expr):
        node = value._node  # noqa: SLF001
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


def _binary(operator: str, left: object, right: object) -> Expr:
    return Expr(Binary(operator, operand(left), operand(right)))


def literal(value: Payload) -> Expr:
    """Say that text is text, even where it looks like an expression.

    >>> literal("$.50 off").__class__.__name__
    'Expr'
    """
    return Expr(Literally(value))


def jsonata(text: str) -> Expr:
    """Use raw JSONata, without the ``{% %}``, as part of a larger expression.

    >>> jsonata("$sum($states.input.items.price)") > 100
    <Expr (jsonata('$sum($states.input.items.price)') > 100)>
    """
    return Expr(Raw(text.strip(), "JSONata"))


def jsonpath(text: str) -> Expr:
    """Use a raw JSONPath or intrinsic function as part of a larger expression.

    >>> jsonpath("$.items[?(@.price > 3)]")
    <Expr jsonpath('$.items[?(@.price > 3)]')>
    """
    return Expr(Raw(text.strip(), "JSONPath"))


def placeholder(name: str) -> Expr:
    """Leave a value to deployment: ``${name}`` in the ASL, a variable without default in the Terraform module.

    Args:
        name: lower case letters, digits and ``_``, as Terraform names variables.

    Raises:
        AuthoringError: the name is not of that form.

    >>> placeholder("callback_url")
    <Expr placeholder('callback_url')>
    """
    if not name.isidentifier() or name != name.lower() or not name.isascii() or name in ("true", "false", "null"):
        raise AuthoringError(
            "a placeholder is named as a Terraform variable", found=repr(name), expected="lower case letters, digits and '_'"
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
    """The reserved variable ``$states``: what a state knows while it runs."""

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
        """The error in a catcher: ``Error`` and ``Cause``."""
        return Expr(Root("errorOutput"))

    @property
    def context(self) -> Context:
        """The Context object: execution, state, task token, map item."""
        return Context(Root("context"))

    @property
    def item(self) -> Expr:
        """The current item, in the item selector of a Map."""
        return Expr(Member(Member(Member(Root("context"), "Map"), "Item"), "Value"))


states = States()


class Variables:
    """The workflow's variables by name: ``variables.order_id`` reads what ``assign={"order_id": …}`` set."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Expr:
        if name.startswith("__"):
            raise AttributeError(name)
        return Expr(Variable(name))


variables = Variables()
