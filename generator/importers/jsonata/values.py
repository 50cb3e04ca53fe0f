"""The data of a state as a value that is not known yet: what a path, a template or a ResultPath makes of other values.

JSONPath changes data in steps: InputPath, Parameters, ResultSelector, ResultPath, OutputPath. Each step is applied to the value of the
step before it, so that one value is left for each field of JSONata.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from generator.asl.intrinsics import Intrinsic, IntrinsicSyntaxError, parse_intrinsic
from generator.asl.jsonpath import Part, PathNotFoundError, PathSyntaxError, compile_path, compile_reference_path, split_root
from generator.asl.placeholders import has_placeholder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class NotConvertibleError(Exception):
    """A field that has no exact form in JSONata.

    Attributes:
        reason: why.
        at: the place of the field, from its state.
    """

    def __init__(self, reason: str, at: tuple[str | int, ...] = ()) -> None:
        """Create the error."""
        super().__init__(reason)
        self.reason = reason
        self.at = at


@dataclass(frozen=True, slots=True)
class Const:
    """A JSON value."""

    value: Any


@dataclass(frozen=True, slots=True)
class Ref:
    """A value of JSONata, and members and items of it.

    Attributes:
        root: ``$states.input``, ``$states.result``, ``$states.errorOutput``, ``$states.context`` or a variable.
        keys: the names and indices that lead from there to the value.
        certain: whether the value is always there.
    """

    root: str
    keys: tuple[str | int, ...] = ()
    certain: bool = False


@dataclass(frozen=True, slots=True)
class Obj:
    """An object of values."""

    members: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Arr:
    """An array of values."""

    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """A value at a place in another one, as ResultPath puts it.

    Attributes:
        base: the other value, which may be missing.
        keys: the names that lead to the place.
        value: the value.
    """

    base: Value
    keys: tuple[str, ...]
    value: Value


@dataclass(frozen=True, slots=True)
class Many:
    """The values that an indefinite path selects, or the value of a function at the end of a path.

    Attributes:
        of: the value that the first part of the path is applied to, which may be missing.
        parts: the parts, the first of which is not a member or an index.
    """

    of: Value
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A call of an intrinsic function.

    Attributes:
        intrinsic: the call as it is written.
        arguments: the values of its arguments.
    """

    intrinsic: Intrinsic
    arguments: tuple[Value, ...]


Value: TypeAlias = "Const | Ref | Obj | Arr | Placed | Many | Call"

INPUT: Final = Ref("$states.input")
RESULT: Final = Ref("$states.result")
ERROR: Final = Ref("$states.errorOutput")
COUNTS: Final = ("length", "size")
"""The functions at the end of a path that have a form in JSONata."""
CONTEXT: Final = "$states.context"
_CERTAIN: Final = frozenset(
    {
        (),
        ("Execution",),
        *(("Execution", name) for name in ("Id", "Input", "Name", "RoleArn", "StartTime")),
        ("StateMachine",),
        *(("StateMachine", name) for name in ("Id", "Name")),
        ("State",),
        *(("State", name) for name in ("Name", "EnteredTime")),
    }
)
"""What the Context object always has: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html"""
_OF_ITEM: Final = frozenset({("Map",), ("Map", "Item"), ("Map", "Item", "Index"), ("Map", "Item", "Value")})
TEXTS: Final = frozenset(keys for keys in _CERTAIN if len(keys) > 1 and keys[-1] != "Input")
"""Those of them that are texts."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What the paths of a field are applied to.

    Attributes:
        document: the value of ``$``.
        item: whether the Context object has an item of a Map state.
    """

    document: Value
    item: bool = False

    def path(self, text: str) -> Value:
        """Return the value of a path, which is missing where the path names nothing.

        Raises:
            NotConvertibleError: the path has no exact form in JSONata.
        """
        if has_placeholder(text):
            raise NotConvertibleError(f"the path {text} has a placeholder")
        try:
            root = split_root(text)
            path = compile_path(root.path)
        except PathSyntaxError as error:
            raise NotConvertibleError(f"{text!r} is not a JSONPath: {error.message}") from None
        for part in path.parts:
            if part.kind == "descendants":
                raise NotConvertibleError("'..' in a path has no exact form in JSONata")
            if part.kind == "members":
                raise NotConvertibleError("a path with several names in brackets has no exact form in JSONata")
            if part.kind == "function" and any(each.kind not in ("member", "index") for each in path.parts[:-1]):
                raise NotConvertibleError(f"the function {part.value}() of each of several values has no exact form in JSONata")
            if part.kind == "function" and part.value not in COUNTS:
                raise NotConvertibleError(f"the function {part.value}() at the end of a path has no exact form in JSONata")
        if root.kind == "context":
            return select(Ref(CONTEXT), path.parts, self._certain(path.keys))
        if root.kind == "variable":
            return select(Ref(f"${root.name}", certain=True), path.parts)
        return select(self.document, path.parts)

    def _certain(self, keys: tuple[str | int, ...] | None) -> bool:
        return keys in _CERTAIN or (self.item and keys in _OF_ITEM)

    def dynamic(self, text: Any) -> Value:
        """Return the value of a field that ends in ``.$``: a path or a call of an intrinsic function.

        Raises:
            NotConvertibleError: it has no exact form in JSONata.
        """
        if not isinstance(text, str):
            raise NotConvertibleError(f"{text!r} is neither a path nor an intrinsic function")
        if text.startswith("$"):
            return self.path(text)
        try:
            return self.call(parse_intrinsic(text))
        except IntrinsicSyntaxError as error:
            raise NotConvertibleError(f"{text!r} is not an intrinsic function: {error.message}") from None

    def call(self, intrinsic: Intrinsic) -> Call:
        """Return the value of a call of an intrinsic function."""
        arguments = [self._argument(argument) for argument in intrinsic.arguments]
        if intrinsic.name == "States.Format" and isinstance(arguments[0], Const):  # its template has escapes of its own
            arguments[0] = Const(getattr(intrinsic.arguments[0], "raw", arguments[0].value))
        return Call(intrinsic, tuple(arguments))

    def _argument(self, argument: Any) -> Value:
        if isinstance(argument, Intrinsic):
            return self.call(argument)
        return self.path(argument.text) if hasattr(argument, "root") else Const(argument.value)

    def template(self, template: Any) -> Value:
        """Return the value of a payload template.

        Raises:
            NotConvertibleError: a path or a call in it has no exact form in JSONata.
        """
        if isinstance(template, dict):
            members = {}
            for key, value in sorted(template.items(), key=lambda member: member[0].endswith(".$")):  # "a.$" replaces "a"
                try:
                    if key.endswith(".$"):
                        members[key[:-2]] = self.dynamic(value)
                    else:
                        members[key] = self.template(value)
                except NotConvertibleError as error:
                    raise NotConvertibleError(error.reason, (key, *error.at)) from None
            constant = all(isinstance(value, Const) for value in members.values())
            return Const({key: value.value for key, value in members.items() if isinstance(value, Const)}) if constant else Obj(members)
        if isinstance(template, list):
            items = tuple(map(self.template, template))
            return Const(template) if all(isinstance(item, Const) for item in items) else Arr(items)
        return Const(template)


def select(value: Value, parts: tuple[Part, ...], certain: bool = False) -> Value:  # noqa: FBT001, FBT002  the facts about a path
    """Return what a path selects from a value.

    Args:
        value: the value.
        parts: the parts of the path.
        certain: whether the path always names a value.

    Raises:
        NotConvertibleError: the path never names anything, so that the state always fails.

    >>> select(Obj({"a": INPUT}), compile_path("$.a.b[0]").parts)
    Ref(root='$states.input', keys=('b', 0), certain=False)
    >>> select(Placed(INPUT, ("r",), RESULT), compile_path("$.order").parts)
    Ref(root='$states.input', keys=('order',), certain=False)
    """
    for number, part in enumerate(parts):
        if part.kind not in ("member", "index"):
            rest = parts[number:]
            if isinstance(value, Const):
                return Const(_constant(value.value, rest))
            return Many(value, rest)
        value = _member(value, part.value, certain=certain)
    return value


def _constant(value: Any, parts: tuple[Part, ...]) -> Any:
    text = "$" + "".join(_spelt(part) for part in parts)
    try:
        return compile_path(text).evaluate(value)
    except (PathNotFoundError, PathSyntaxError):
        raise NotConvertibleError(f"the path {text} always fails") from None


def _spelt(part: Part) -> str:
    match part.kind:
        case "member":
            return f"[{part.value!r}]"
        case "index":
            return f"[{part.value}]"
        case "members":
            return f"[{', '.join(map(repr, part.value))}]"
        case "indices":
            return f"[{','.join(map(str, part.value))}]"
        case "slice":
            return "[" + ":".join("" if bound is None else str(bound) for bound in part.value) + "]"
        case "children":
            return "[*]"
        case "filter":
            return f"[?{part.value}]"
        case "function":
            return f".{part.value}()"
    raise NotConvertibleError("'..' in a path has no exact form in JSONata")


def _member(value: Value, key: str | int, *, certain: bool) -> Value:
    missing = NotConvertibleError(f"a path reads {key!r} of a value that never has it, so that the state always fails")
    match value:
        case Ref():
            return Ref(value.root, (*value.keys, key), certain)
        case Obj():
            if key in value.members:
                return value.members[str(key)]
            raise missing
        case Arr():
            if isinstance(key, int) and -len(value.items) <= key < len(value.items):
                return value.items[key]
            raise missing
        case Const():
            found = value.value
            if isinstance(key, str) and isinstance(found, dict) and key in found:
                return Const(found[key])
            if isinstance(key, int) and isinstance(found, list) and -len(found) <= key < len(found):
                return Const(found[key])
            raise missing
        case Placed():
            if key == value.keys[0]:
                if len(value.keys) == 1:
                    return value.value
                return Placed(_member(value.base, key, certain=False), value.keys[1:], value.value)
            return _member(value.base, key, certain=certain)
    if isinstance(value, Call):
        return Many(value, (Part("member" if isinstance(key, str) else "index", key),))
    return Many(value.of, (*value.parts, Part("member" if isinstance(key, str) else "index", key)))


def place(base: Value, text: str | None, value: Value) -> Value:
    """Return a value after ResultPath.

    Args:
        base: the input of the state.
        text: the ResultPath.
        value: the result.

    Raises:
        NotConvertibleError: the path leads into an array, or it has a placeholder.
    """
    if text is None:
        return base
    if has_placeholder(text):
        raise NotConvertibleError(f"the path {text} has a placeholder")
    try:
        keys = compile_reference_path(text).keys
    except PathSyntaxError as error:
        raise NotConvertibleError(f"{text!r} is not a reference path: {error.message}") from None
    if not keys:
        return value
    if any(isinstance(key, int) for key in keys):
        raise NotConvertibleError(f"the path {text} replaces an item of an array")
    return Placed(base, tuple(map(str, keys)), value)


def inside(value: Value) -> Iterator[Value]:
    """Yield a value and the values that it consists of."""
    yield value
    match value:
        case Obj():
            inner: tuple[Value, ...] = tuple(value.members.values())
        case Arr():
            inner = value.items
        case Placed():
            inner = (value.base, value.value)
        case Many():
            inner = (value.of,)
        case Call():
            inner = value.arguments
        case _:
            inner = ()
    for one in inner:
        yield from inside(one)
