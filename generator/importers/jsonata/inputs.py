"""Inputs of executions and answers of tasks, made from the paths that a machine reads and from its declared input.

Most of them have what the machine reads, in the form that it needs. The others lack a member, or have a value of another type: a
conversion must agree there too.
"""

from __future__ import annotations

import json
import re
import string
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any, Final

from generator.asl import error_names
from generator.asl.intrinsics import Intrinsic, IntrinsicSyntaxError, parse_intrinsic
from generator.asl.jsonpath import PathSyntaxError, compile_path, split_root
from generator.asl.model import ABSENT, JSONATA, Catcher, Choice, Comparison, Json, Map, Pass, Retrier
from generator.asl.timestamps import instant
from generator.asl.walk import each, values
from generator.engine import Fails, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Sequence as Documents

    from generator.asl.jsonpath import Part
    from generator.asl.model import Junction
    from generator.asl.walk import StateAt, Walk
    from generator.diagnostics.model import Pointer

_DEEPEST: Final = 4
_MOST_ITEMS: Final = 3
_WORDS: Final = ("a", "b c", "x,y", "Zoë", "", "10", '{"k": [1]}', "2026-01-31T12:00:00Z", "*", "null")
_ANYTHING: Final[tuple[Any, ...]] = (0, 1, -3, 2.5, 7, True, False, None, [], [1], ["a", "b"], [[1]], {}, {"k": "v"}, *_WORDS)
_SAMPLES: Final[dict[str, tuple[Any, ...]]] = {
    "seconds": (0, 1, 30, 3600, "10"),
    "timestamp": ("2026-01-31T12:00:00Z", "1999-12-31T23:59:59.5+01:00", "2030-01-01T00:00:00Z"),
    "count": (0, 1, 2, 5, 1000),
    "text": ("a", "b c", "Zoë", "order-17", "x,y;z", "10"),
    "number": (0, 1, 7, -3, 2, 2.5, 1_000_000),
    "whole": (0, 1, 7, -3, 2, 40),
    "printed": ("a", "b c", "Zoë", 3, -17, True, False, None),
    "json": ('{"k": [1, 2]}', "[]", "1", '"a"', "", "null"),
    "base64": ("YQ==", "aGVsbG8=", "SGk"),
    "object": ({}, {"k": "v"}, {"k": 1, "l": [2]}),
    "array": ([], [1], [1, 2, 2, 3], ["a", "b", "a"], [[1], [2]], [{"k": 1}, {"k": 1}]),
}
_OF_FUNCTION: Final[dict[str, tuple[str, ...]]] = {
    "States.Format": ("text", *("printed",) * 9),
    "States.StringToJson": ("json",),
    "States.ArrayPartition": ("array", "count"),
    "States.ArrayContains": ("array", "printed"),
    "States.ArrayRange": ("whole", "whole", "count"),
    "States.ArrayGetItem": ("array", "count"),
    "States.ArrayLength": ("array",),
    "States.ArrayUnique": ("array",),
    "States.Base64Encode": ("text",),
    "States.Base64Decode": ("base64",),
    "States.Hash": ("text", "text"),
    "States.JsonMerge": ("object", "object"),
    "States.MathAdd": ("whole", "whole"),
    "States.MathRandom": ("whole", "count"),
    "States.StringSplit": ("text", "text"),
}
_OF_FIELD: Final = {
    "seconds_path": "seconds",
    "timestamp_path": "timestamp",
    "timeout_seconds_path": "count",
    "heartbeat_seconds_path": "count",
    "max_concurrency_path": "count",
    "tolerated_failure_count_path": "count",
    "tolerated_failure_percentage_path": "count",
    "error_path": "text",
    "cause_path": "text",
}


@dataclass
class Shape:
    """What is read of a value.

    Attributes:
        members: the members that are read.
        least: how many items are read by their index; -1 if none are.
        items: whether its items are read as a whole.
        samples: values that it is compared with, or that a function takes.
        excluded: the types that it never has, because the conversion says that its result differs for them.
    """

    members: dict[str, Shape] = field(default_factory=dict)
    least: int = -1
    items: bool = False
    samples: list[Any] = field(default_factory=list)
    excluded: tuple[type, ...] = ()

    def below(self, parts: tuple[Part, ...]) -> Shape:
        """Return the shape of what a path names."""
        shape = self
        for part in parts:
            if part.kind == "member":
                shape = shape.members.setdefault(part.value, Shape())
            elif part.kind == "members":
                for name in part.value:
                    shape.members.setdefault(name, Shape())
            elif part.kind == "index":
                shape.least = max(shape.least, part.value if part.value >= 0 else -part.value - 1)
                shape = shape.members.setdefault("\N{BULLET}", Shape())
            elif part.kind in ("children", "slice", "indices", "filter"):
                shape.items = True
                if part.kind == "filter":
                    _of_filter(part.value, shape)
                shape = shape.members.setdefault("\N{BULLET}", Shape())
        return shape

    def take(self, other: Shape) -> None:
        """Add what another shape has."""
        if other is self:
            return
        self.least = max(self.least, other.least)
        self.items = self.items or other.items
        self.samples += other.samples
        self.excluded += other.excluded
        for name, inner in [*other.members.items()]:
            self.members.setdefault(name, Shape()).take(inner)


_ITEM: Final = "\N{BULLET}"
"""The member of a shape that has the shape of its items."""


def _of_filter(text: str, shape: Shape) -> None:
    item = shape.members.setdefault(_ITEM, Shape())
    for found in re.finditer(r"@\.([\w.]+)\s*(?:[=!<>]=?|<=|>=)?\s*(?:'([^']*)'|(-?\d+(?:\.\d+)?))?", text):
        name = item
        for part in found[1].split("."):
            name = name.members.setdefault(part, Shape())
        if found[2] is not None:
            name.samples += [found[2], "other"]
        elif found[3] is not None:
            name.samples += [float(found[3]) if "." in found[3] else int(found[3]), 10**6, -1]


def shapes_of(walk: Walk) -> dict[Pointer, Shape]:
    """Return the shape of the data that the states of each scope read, by the place of the scope.

    What one state reads is in the input of its scope and in the result of each task in it: the states between may pass it on. The items
    of a Map state have what the states inside it read.
    """
    shapes: dict[Pointer, Shape] = {}
    for scope in walk.scopes:
        shape = shapes[scope.at] = Shape()
        for entry in scope.states:
            _read_by(entry, shape)
    for scope in reversed(walk.scopes):
        for entry in reversed(scope.states):
            _made_by(entry, shapes[scope.at])
        if scope.parent is not None:
            _given(scope.parent, shapes[scope.at], shapes[scope.parent.scope.at])
    return shapes


def _made_by(entry: StateAt, shape: Shape) -> None:
    """Add what later states read of the result of a state to what the result is made from."""
    state: Any = entry.state
    path = getattr(state, "result_path", ABSENT)
    parts = () if path is ABSENT else _parts(path) if isinstance(path, str) else None
    if parts is None or any(part.kind != "member" for part in parts):
        return
    read = Shape()
    read.take(shape.below(parts))
    selector = getattr(state, "result_selector", ABSENT)
    if selector is ABSENT and isinstance(state, Pass):
        selector = state.parameters
    if selector is ABSENT:
        if parts:
            shape.take(read)
        return
    for name, value in selector.items() if isinstance(selector, dict) else ():
        if name.endswith(".$") and isinstance(value, str) and name[:-2] in read.members and (of := _parts(value)):
            shape.below(of).take(read.members[name[:-2]])


def _given(entry: StateAt, inner: Shape, outer: Shape) -> None:
    """Add what the states inside a state read to what the state is given."""
    state: Any = entry.state
    selector = getattr(state, "item_selector", ABSENT)
    template = selector if selector is not ABSENT else state.parameters
    prefix = _prefix(entry)
    given = outer.below(prefix)
    item = given
    if isinstance(state, Map):
        parts = _parts(state.items_path) if isinstance(state.items_path, str) else ()
        given = outer.below((*prefix, *(parts or ())))
        given.items = True
        item = given.members.setdefault(_ITEM, Shape())
    if template is ABSENT:
        item.take(inner)
        return
    for name, value in template.items() if isinstance(template, dict) else ():
        if not (name.endswith(".$") and isinstance(value, str) and name[:-2] in inner.members):
            continue
        if value.startswith("$$.Map.Item.Value"):
            item.below(compile_path("$" + value.removeprefix("$$.Map.Item.Value")).parts).take(inner.members[name[:-2]])
        elif value.startswith("$") and (parts := _parts(value)) is not None:
            outer.below((*prefix, *parts)).take(inner.members[name[:-2]])


def _read_by(entry: StateAt, shape: Shape) -> None:
    if entry.language != JSONATA:
        for prefix, text, kind in _paths(entry):
            _add(shape, prefix, text, kind)
        if isinstance(entry.state, Choice):
            prefix = _prefix(entry)
            for rule in each(entry.state.choices):
                if rule.test is not ABSENT:
                    for comparison in _comparisons(rule.test):
                        _compared(shape, prefix, comparison)


def _prefix(entry: StateAt) -> tuple[Part, ...]:
    path = getattr(entry.state, "input_path", ABSENT)
    return _parts(path) or () if isinstance(path, str) else ()


def _parts(text: str) -> tuple[Part, ...] | None:
    """Return the parts of a path into the data; None for other paths."""
    try:
        root = split_root(text)
        parts = compile_path(root.path).parts
    except PathSyntaxError:
        return None
    if root.kind == "variable":
        return None
    if root.kind == "context":
        names = [part.value for part in parts]
        return parts[2:] if names[:2] == ["Execution", "Input"] else parts[3:] if names[:3] == ["Map", "Item", "Value"] else None
    return parts


def _add(shape: Shape, prefix: tuple[Part, ...], text: str, kind: str) -> None:
    if not text.startswith("$"):
        try:
            _of_call(shape, prefix, parse_intrinsic(text))
        except IntrinsicSyntaxError:
            return
        return
    parts = _parts(text)
    if parts is None:
        return
    found = shape.below((*prefix, *parts))
    if kind == "items":
        found.items = True
    elif kind:
        found.samples += _SAMPLES[kind]


_EXCLUDED: Final[dict[str, tuple[type, ...]]] = {
    "States.Format": (dict, list, float),
    "States.MathAdd": (float,),
    "States.Base64Decode": (str,),
}
"""The types whose values the notes of a conversion except."""


def _of_call(shape: Shape, prefix: tuple[Part, ...], call: Intrinsic) -> None:
    kinds = _OF_FUNCTION.get(call.name, ())
    for number, argument in enumerate(call.arguments):
        if isinstance(argument, Intrinsic):
            _of_call(shape, prefix, argument)
        elif hasattr(argument, "root"):
            _add(shape, prefix, argument.text, kinds[min(number, len(kinds) - 1)] if kinds else "")
            if call.name in _EXCLUDED and (parts := _parts(argument.text)) is not None:
                shape.below((*prefix, *parts)).excluded += _EXCLUDED[call.name]


def _paths(entry: StateAt) -> Iterator[tuple[tuple[Part, ...], str, str]]:
    """Yield the paths and calls of a state: the path that they start from, the text, and the kind of value they need."""
    state: Any = entry.state
    prefix = _prefix(entry)
    for attribute in ("input_path", "output_path"):
        if isinstance(getattr(state, attribute, ABSENT), str):
            yield (), getattr(state, attribute), ""
    for attribute, kind in _OF_FIELD.items():
        if isinstance(getattr(state, attribute, ABSENT), str):
            yield prefix, getattr(state, attribute), kind
    if isinstance(state, Map):
        yield prefix, state.items_path if isinstance(state.items_path, str) else "$", "items"
    for _, construct in entry.constructs:
        for name in ("parameters", "credentials", "item_selector", "batch_input", "result_selector", "assign"):
            template = getattr(construct, name, ABSENT)
            if template is ABSENT:
                continue
            start = () if name in ("result_selector", "assign") or isinstance(construct, Catcher) else prefix
            for at, value in values(template, ()):
                if at and isinstance(at[-1], str) and at[-1].endswith(".$") and isinstance(value, str):
                    yield start, value, ""
        for name in ("max_items_path", "max_items_per_batch_path", "max_input_bytes_per_batch_path"):
            if isinstance(getattr(construct, name, ABSENT), str):
                yield prefix, getattr(construct, name), "count"


def _comparisons(test: Comparison | Junction) -> Iterator[Comparison]:
    if isinstance(test, Comparison):
        yield test
    else:
        for inner in test.tests:
            yield from _comparisons(inner)


def _compared(shape: Shape, prefix: tuple[Part, ...], test: Comparison) -> None:
    if not isinstance(test.variable, str) or (parts := _parts(test.variable)) is None:
        return
    found = shape.below((*prefix, *parts))
    operator, operand = test.operator, test.value
    if operator.endswith("Path") and isinstance(operand, str):
        if (others := _parts(operand)) is not None:
            kind = {"N": "number", "T": "timestamp", "B": "printed"}.get(operator[0], "text")
            found.samples += _SAMPLES[kind]
            shape.below((*prefix, *others)).samples += _SAMPLES[kind]
    elif operator == "StringMatches":
        found.samples += [str(operand).replace("\\*", "\0").replace("*", "some").replace("\0", "*").replace("\\\\", "\\"), "other"]
    elif operator.startswith("String"):
        found.samples += [operand, f"{operand}x", "A"]
    elif operator.startswith("Numeric") and isinstance(operand, int | float):
        found.samples += [operand, operand + 1, operand - 1]
    elif operator.startswith("Boolean"):
        found.samples += [True, False]
    elif operator.startswith("Timestamp") and instant(operand) is not None:
        found.samples += [operand, "2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z"]
    elif operator in ("IsNumeric", "IsString", "IsBoolean", "IsNull", "IsTimestamp"):
        found.samples += [1, "a", True, None, "2026-01-31T12:00:00Z"]


class Maker:
    """Make inputs and answers for one machine.

    Attributes:
        shape: what the machine reads.
        schema: the JSON Schema of its declared input; None if it declares none.
        documents: inputs that come before those that are made.
        type: the workflow type of the machine.
    """

    def __init__(self, walk: Walk, schema: Mapping[str, Any] | None = None, documents: Documents[Json] = ()) -> None:
        """Read what a machine reads."""
        self.documents = documents
        self.type = walk.type
        shapes = shapes_of(walk)
        self.shape = shapes[()]
        self.schema = schema
        self.tasks = [(entry.name, _errors(entry), shapes[entry.scope.at]) for entry in walk.states if entry.resource]

    def input(self, number: int) -> Json:
        """Return an input; the same number returns the same input. Every third one has faults."""
        if number < len(self.documents):
            given: Json = self.documents[number]
            return given
        random = Random(f"input {number}")
        faults = (0.0, 0.0, 0.15)[number % 3]
        read: Json = self.value(self.shape, random, faults)
        if self.schema is None:
            return read
        declared = _Schema(self.schema, random).value(self.schema)
        return {**read, **declared} if number % 3 and isinstance(read, dict) and isinstance(declared, dict) else declared

    def mocks(self, number: int) -> dict[str, Any]:
        """Return the answers of all tasks for an input."""
        made = {}
        for name, errors, shape in self.tasks:
            random = Random(f"task {name} {number}")
            answers: list[Any] = []
            failing = random.random() < 0.35  # noqa: PLR2004  a third of the tasks fail at first
            while failing and errors and len(answers) < _DEEPEST and random.random() < 0.8:  # noqa: PLR2004  mostly more than once
                answers.append(Fails(random.choice(errors), random.choice(("it broke", '{"errorMessage": "it broke"}'))))
            answers.append(self.value(shape, random, (0.0, 0.05, 0.1)[number % 3]))
            made[name] = Sequence(*answers)
        return made

    def value(self, shape: Shape, random: Random, faults: float, depth: int = 0) -> Any:
        """Return a value of a shape.

        Args:
            shape: the shape.
            random: the source of randomness.
            faults: how probable it is that a part of it is missing or has another type.
            depth: how deep it is.
        """
        if faults and depth and random.random() < faults:
            return random.choice([value for value in _ANYTHING if not isinstance(value, shape.excluded)])
        members = {name: inner for name, inner in shape.members.items() if name != _ITEM}
        if (shape.least >= 0 or shape.items) and (not members or random.random() < 0.3):  # noqa: PLR2004  mostly what has names
            return self._items(shape, random, faults, depth)
        if members and not (shape.samples and random.random() < 0.2):  # noqa: PLR2004  now and then a plain value
            made = {
                name: self.value(inner, random, faults, depth + 1)
                for name, inner in members.items()
                if not faults or random.random() >= faults
            }
            return {**made, "other": random.choice(_ANYTHING)} if random.random() < 0.3 else made  # noqa: PLR2004  some have more
        if shape.samples:
            return random.choice(
                [value for value in shape.samples if str not in shape.excluded and not isinstance(value, shape.excluded)] or ["YQ=="]
            )
        return random.choice(_ANYTHING) if depth else {"any": random.choice(_ANYTHING)}

    def _items(self, shape: Shape, random: Random, faults: float, depth: int) -> list[Any]:
        least = shape.least + 1 if shape.least >= 0 and random.random() >= faults else 0
        count = max(least, random.randrange(_MOST_ITEMS + 1))
        item = shape.members.get(_ITEM)
        plain = random.random()
        made = []
        for _ in range(count):
            if item is not None and (item.members or item.samples or item.items):
                made.append(self.value(item, random, faults, depth + 1))
            elif plain < 0.5:  # noqa: PLR2004  some arrays hold plain values
                made.append(random.choice(_ANYTHING))
            else:
                made.append({"n": random.randrange(9)})
        return made


def _errors(entry: StateAt) -> list[str]:
    """Return the errors that a task fails with: those that it handles, and another one."""
    listed: list[Retrier | Catcher] = [one for _, one in entry.retriers] + [one for _, one in entry.catchers]
    named = [name for one in listed for name in each(one.error_equals)]
    usual = [name for name in named if not name.startswith("States.") or name == error_names.TIMEOUT]
    return [*usual, "Example.Error"] if named else ["Example.Error"]


class _Schema:
    """Make values of a JSON Schema."""

    def __init__(self, root: Mapping[str, Any], random: Random) -> None:
        self.root = root
        self.random = random

    def value(self, schema: Any, depth: int = 0) -> Any:
        random = self.random
        if not isinstance(schema, dict) or depth > 2 * _DEEPEST:
            return random.choice(_ANYTHING)
        if "$ref" in schema:
            return self.value(self._resolved(schema["$ref"]), depth + 1)
        for name in ("anyOf", "oneOf", "allOf"):
            if schema.get(name):
                return self.value(random.choice(schema[name]), depth + 1)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return random.choice(schema["enum"])
        kind = schema.get("type", "object" if "properties" in schema else None)
        return self._of(random.choice(kind) if isinstance(kind, list) else kind, schema, depth)

    def _of(self, kind: Any, schema: dict[str, Any], depth: int) -> Any:
        random = self.random
        match kind:
            case "object":
                required = schema.get("required", ())
                return {
                    name: self.value(inner, depth + 1)
                    for name, inner in schema.get("properties", {}).items()
                    if name in required or random.random() < 0.6  # noqa: PLR2004  most optional members are there
                }
            case "array":
                least = schema.get("minItems", 0)
                most = min(schema.get("maxItems", least + _MOST_ITEMS), least + _MOST_ITEMS)
                return [self.value(schema.get("items", {}), depth + 1) for _ in range(random.randint(least, most))]
            case "integer" | "number":
                least = schema.get("minimum", schema.get("exclusiveMinimum", -1) + (1 if "exclusiveMinimum" in schema else 0))
                most = schema.get("maximum", least + 100)
                found = random.randint(int(least), max(int(least), int(most)))
                return found + 0.5 if kind == "number" and found < most and random.random() < 0.3 else found  # noqa: PLR2004
            case "boolean":
                return random.random() < 0.5  # noqa: PLR2004
            case "null":
                return None
            case "string":
                if schema.get("format") == "date-time":
                    return random.choice(_SAMPLES["timestamp"])
                least = max(schema.get("minLength", 1), 1)
                return "".join(random.choices(string.ascii_letters, k=min(least + 5, schema.get("maxLength", least + 5))))
        return random.choice(_ANYTHING)

    def _resolved(self, pointer: str) -> Any:
        found: Any = self.root
        for step in pointer.removeprefix("#/").split("/"):
            found = found.get(step, {}) if isinstance(found, dict) else {}
        return found


def shown(value: Json, most: int = 120) -> str:
    """Return a value as JSON, short enough for a line.

    >>> shown({"a": 1})
    '{"a": 1}'
    """
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= most else text[: most - 1] + "\N{HORIZONTAL ELLIPSIS}"
