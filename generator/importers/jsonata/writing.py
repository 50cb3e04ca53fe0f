"""Values written as JSONata.

JSONPath fails where a path names nothing. JSONata fails only where the whole expression has no value: a missing member of an object, of
an array or of a text is left out. An expression that would go on with less asserts first that its paths name something.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from generator.asl.jsonata import strip_delimiters
from generator.importers.jsonata.filters import write_filter
from generator.importers.jsonata.intrinsics import write_call
from generator.importers.jsonata.terms import ATOM, CONDITION, Written, kind_of, literal, ref
from generator.importers.jsonata.values import Arr, Call, Const, Many, NotConvertibleError, Obj, Placed, Ref

if TYPE_CHECKING:
    from generator.asl.jsonpath import Part
    from generator.importers.jsonata.values import Value

_FUNCTION: Final = re.compile(r"\$([a-z]\w*)\(")


class Writer:
    """Write one expression.

    Attributes:
        notes: in what data the result differs from that of JSONPath.
        inner: whether the call that is being written would go on without one of its arguments.
    """

    def __init__(self, variables: frozenset[str] = frozenset()) -> None:
        """Start an expression.

        Args:
            variables: the names of the variables of the workflow.
        """
        self.variables = variables
        self.notes: list[str] = []
        self.inner = True
        self._before: list[str] = []
        self._names: set[str] = set()

    def expression(self, written: Written) -> str:
        """Return a whole expression with its delimiters.

        Raises:
            NotConvertibleError: a variable of the workflow hides a function that the expression calls.
        """
        text = written[0]
        if self._before:
            text = f"({'; '.join([*self._before, text])})"
        if hidden := sorted({*_FUNCTION.findall(text)} & self.variables):
            raise NotConvertibleError(f"the variable ${hidden[0]} hides the function ${hidden[0]}(), which the expression needs")
        return "{% " + text + " %}"

    @property
    def plain(self) -> bool:
        """Whether the expression needs no statements before it."""
        return not self._before

    def free(self, base: str) -> str:
        """Return the name of a new variable, with its ``$``."""
        found = base
        while found in self.variables or found in self._names:
            found += "_"
        self._names.add(found)
        return f"${found}"

    def bind(self, base: str, text: str) -> str:
        """Give a text a name, so that it is evaluated once. Return the name."""
        found = self.free(base)
        self._before.append(f"{found} := {text}")
        return found

    def there(self, value: Ref) -> None:
        """Assert that a value is there."""
        keys = value.keys[:-1] if value.keys and isinstance(value.keys[-1], int) else value.keys
        if keys and not value.certain:
            self.assert_exists(ref(value.root, keys), ref("", keys).removeprefix("."))

    def assert_exists(self, text: str, said: str) -> None:
        """Assert that a path names something, before the expression goes on."""
        test = f"$assert($exists({text}), {literal(said + ' is missing')})"
        if test not in self._before:
            self._before.append(test)

    def write(self, value: Value, *, part: bool = True) -> Written:
        """Write a value.

        Args:
            value: the value.
            part: whether what is around it would go on without it.
        """
        match value:
            case Const():
                return literal(value.value), ATOM
            case Ref():
                if part:
                    self.there(value)
                return self._ref(value)
            case Obj():
                return "{" + ", ".join(f"{literal(key)}: {self.write(item)[0]}" for key, item in value.members.items()) + "}", ATOM
            case Arr():
                return f"[{', '.join(self.item(item) for item in value.items)}]", ATOM
            case Placed():
                return self._placed(value), ATOM
            case Many():
                return self._many(value, part=part)
            case Call():
                return write_call(self, value, part=part)

    def item(self, value: Value) -> str:
        """Write an item of an array. JSONata would take the items of an array in its place, unless it is written with brackets."""
        written = self.write(value)
        kind = kind_of(value)
        if kind == "array":
            return written[0] if written[0].startswith("[") else f"[{written[0]}]"
        if kind:
            return written[0]
        text = written[0] if isinstance(value, Ref) and written[1] == ATOM else self.bind("item", written[0])
        return f'$type({text}) = "array" ? [[{text}]] : {text}'

    def _ref(self, value: Ref) -> Written:
        text = ref(value.root, value.keys)
        if value.keys and isinstance(value.keys[-1], int):
            # JSONPath reads null behind the end of an array.
            of, index = ref(value.root, value.keys[:-1]), value.keys[-1]
            if index in (0, -1):
                return f"{of} = [] ? null : {text}", CONDITION
            least = index + 1 if index > 0 else -index
            return f'$type({of}) = "array" and $count({of}) < {least} ? null : {text}', CONDITION
        return text, ATOM

    def _placed(self, value: Placed) -> str:
        base = value.base
        of = ref(base.root, base.keys) if isinstance(base, Ref) else self.write(base)[0]
        key, *rest = value.keys
        if not rest:
            inner = self.write(value.value)[0]
        else:
            below = Ref(base.root, (*base.keys, key)) if isinstance(base, Ref) else None
            if below is None:
                raise NotConvertibleError("ResultPath leads into a value that Parameters make")
            inner = self._placed(Placed(below, tuple(rest), value.value))
        return f"$merge([{of}, {{{literal(key)}: {inner}}}])"

    # -- indefinite paths ------------------------------------------------------------------------------------------------

    def _many(self, value: Many, *, part: bool) -> Written:
        of, parts = value.of, value.parts
        text = ref(of.root, of.keys) if isinstance(of, Ref) else self.bind("value", self.write(of)[0])
        if parts[-1].kind == "function":
            return self._function(text, parts, of)
        definite = all(each.kind in ("member", "index") for each in parts)
        if definite:
            found = ref(text, [each.value for each in parts])
            if part:
                self.assert_exists(found, ref("", [each.value for each in parts]).removeprefix("."))
            return found, ATOM
        return self.selected(text, parts), ATOM

    def _function(self, text: str, parts: tuple[Part, ...], of: Value) -> Written:
        if len(parts) > 1:
            return f"$count({self.selected(text, parts[:-1])})", ATOM
        known = isinstance(of, Ref) and of.certain
        kinds = f'$type({text}) = "array" ? $count({text}) : $type({text}) = "object" ? $count($keys({text}))'
        return f"{kinds} : null" if known else f"{kinds} : $exists({text}) ? null : 0", CONDITION

    def selected(self, text: str, parts: tuple[Part, ...]) -> str:
        """Write the array of the values that parts of a path select.

        Args:
            text: what they are applied to, which may be missing.
            parts: the parts.
        """
        at = next((number for number, part in enumerate(parts) if part.kind not in ("member", "index")), None)
        if at is None:
            found = self._guarded(text, parts)
            return f"[$map([1], function() {{ {found} }})[]]"
        text = ref(text, [part.value for part in parts[:at]])
        part, rest = parts[at], parts[at + 1 :]
        items = self._items(text, part)
        if not rest:
            return items
        one = self.free("v")
        if all(each.kind in ("member", "index") for each in rest):
            return f"[$map({items}, function({one}) {{ {self._guarded(one, rest)} }})[]]"
        return f"$reduce([$map({items}, function({one}) {{ {self.selected(one, rest)} }})[]], $append, [])"

    def _guarded(self, text: str, parts: tuple[Part, ...]) -> str:
        """Write members and items of a value, so that a member of an array's items is not taken for a member of the array."""
        tests = []
        for number, part in enumerate(parts):
            kind = "object" if part.kind == "member" else "array"
            tests.append(f'$type({ref(text, [each.value for each in parts[:number]])}) = "{kind}"')
        return f"{' and '.join(tests)} ? {ref(text, [each.value for each in parts])}"

    def _items(self, text: str, part: Part) -> str:
        one, at = self.free("v"), self.free("i")
        array = f'$type({text}) = "array"'
        if part.kind == "children":
            return f'({array} ? {text} : $type({text}) = "object" ? [$each({text}, function({one}) {{ {one} }})[]] : [])'
        if part.kind == "indices":
            wanted = literal(list(part.value))
            item = f"$exists({text}[{at}]) ? {text}[{at}] : null"  # past the end is null
            return f"({array} ? [$map({wanted}, function({at}) {{ {item} }})[]] : [])"
        if part.kind == "slice":
            start, stop = part.value
            if start is not None and stop is not None:
                if start < 0 <= stop:
                    raise NotConvertibleError("a part of an array from its end to its start has no exact form in JSONata")
                if start >= 0 > stop:
                    return "[]"  # as Jayway reads it: the last index does not count from the end beside a first one
            tests = [f"{at} >= {_bound(start, text)}"] if start not in (None, 0) else []
            tests += [f"{at} < {_bound(stop, text)}"] if stop is not None else []
            if not tests:
                return f"({array} ? {text} : [])"
            return f"({array} ? [$filter({text}, function({one}, {at}) {{ {' and '.join(tests)} }})[]] : [])"
        if part.kind == "filter":
            test = write_filter(part.value, one)
            return f'($type({text}) in ["array", "object"] ? [$filter({text}, function({one}) {{ {test} }})[]] : [])'
        raise NotConvertibleError("'..' in a path has no exact form in JSONata")


def _bound(number: int, text: str) -> str:
    return str(number) if number >= 0 else f"$count({text}) - {-number}"


def leaf(value: Value, writer: Writer) -> Any:
    """Return a value as the JSON of a field: objects and arrays with expressions inside, where that is possible.

    >>> leaf(Obj({"id": Ref("$states.input", ("id",)), "n": Const(1)}), Writer())
    {'id': '{% $states.input.id %}', 'n': 1}
    >>> leaf(Placed(Ref("$states.input"), ("r",), Ref("$states.result")), Writer())
    '{% $merge([$states.input, {"r": $states.result}]) %}'
    """
    match value:
        case Const():
            return shown(value.value)
        case Obj():
            return {key: leaf(item, _like(writer)) for key, item in value.members.items()}
        case Arr():
            return [leaf(item, _like(writer)) for item in value.items]
        case Call() if value.intrinsic.name == "States.Array":
            return [leaf(item, _like(writer)) for item in value.arguments]
    return writer.expression(writer.write(value, part=False))


def _like(writer: Writer) -> Writer:
    """Return a writer of another expression of the same field."""
    other = Writer(writer.variables)
    other.notes = writer.notes
    return other


def shown(value: Any) -> Any:
    """Return a JSON value so that no text in it is an expression of JSONata.

    >>> shown(["a", "{% b %}"])
    ['a', '{% "{% b %}" %}']
    """
    if isinstance(value, str):
        return value if strip_delimiters(value) is None else "{% " + literal(value) + " %}"
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items()}
    return [shown(item) for item in value] if isinstance(value, list) else value
