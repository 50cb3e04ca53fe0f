"""The types of the data that flows through a workflow, to each path that reads it.

At the entry of a state the type is the union of what the states before it produce. A path is reported only if no route produces it: the
objects that it goes through are known, and none of them has the name. Unknown data stays unknown: the result of a function without a
declared model, an expression that is more than a path or a template, and everything made of these.

Sources: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-input-output-filtering.html and
https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from generator.asl.jsonpath import PathSyntaxError, compile_path, split_root
from generator.asl.model import ABSENT, JSONATA, Choice, Comparison, Fail, Map, Parallel, Pass, Task
from generator.asl.text import describe, is_expression
from generator.asl.walk import each
from generator.catalog.index import find_action
from generator.catalog.integrations import REQUEST_RESPONSE, SYNC, parse_resource
from generator.catalog.optimised import INTEGRATIONS
from generator.checks.assignment import assigned_in, scopes_around
from generator.checks.budgets import function_of
from generator.checks.types import (
    ARRAY,
    BOOLEAN,
    NULL,
    NUMBER,
    OBJECT,
    STRING,
    UNKNOWN,
    Lost,
    Type,
    an_array,
    an_object,
    follow,
    of_schema,
    of_shape,
    of_value,
    put,
    scalar,
    union,
)
from generator.checks.uses import comparisons, leading_names, uses
from generator.diagnostics.model import Finding, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.asl.walk import ScopeAt, StateAt, Walk
    from generator.checks.uses import Use

_ROUNDS: Final = 4
"""How often a state is visited before its data counts as unknown: types in a loop can grow."""
_ERROR: Final = an_object({"Error": scalar(STRING), "Cause": scalar(STRING)}, source="the error output")
_PATH: Final = re.compile(r"\$(?P<root>[^\W\d]\w*)(?P<names>(?:\.[^\W\d]\w*)*)")
_CALL: Final = re.compile(r"\$(\w+)\(")
_KIND_OF_CALL: Final = {
    **dict.fromkeys(("string", "uuid", "now", "fromMillis", "join", "uppercase", "lowercase", "substring", "trim", "hash"), STRING),
    **dict.fromkeys(("count", "sum", "length", "number", "millis", "toMillis", "floor", "ceil", "round", "abs", "random"), NUMBER),
    **dict.fromkeys(("exists", "contains"), BOOLEAN),
}


@dataclass(slots=True)
class _Data:
    """The data that the fields of a state can read."""

    input: Type
    result: Type = UNKNOWN
    item: Type = UNKNOWN
    error: Type = field(default_factory=lambda: _ERROR)


class _Flow:
    """The analysis of one definition."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.inner: dict[int, list[ScopeAt]] = {}
        for scope in walk.scopes:
            self.inner.setdefault(id(scope.parent), []).append(scope)
        self.entry: dict[int, Type] = {}
        self.data: dict[int, _Data] = {}
        self.variables: dict[tuple[int, str], Type] = {}
        self.tasks: dict[int, Type] = {}
        schema = walk.input_schema
        self.given = UNKNOWN if schema is None else of_schema(schema, schema, "the input model")
        for _ in range(_ROUNDS):
            before = dict(self.variables)
            self.entry.clear()
            self.run(walk.scopes[0], self.given)
            if self.variables == before:
                return
        self.variables = dict.fromkeys(self.variables, UNKNOWN)
        self.entry.clear()
        self.run(walk.scopes[0], self.given)

    def run(self, scope: ScopeAt, given: Type) -> Type:
        """Compute the types in a scope; return the type of its output."""
        states = {entry.name: entry for entry in scope.states}
        visits: dict[str, int] = {}
        start = scope.scope.start_at
        output: Type | None = None
        known: dict[str, Type] = {}
        pending: list[str] = []

        def enter(name: object, value: Type) -> None:
            if not isinstance(name, str) or name not in states:
                return
            before = known.get(name)
            after = union(before, value)
            if before is None or after != before:
                visits[name] = visits.get(name, 0) + 1
                known[name] = after if visits[name] <= _ROUNDS else UNKNOWN
                if known[name] != before:
                    pending.append(name)

        enter(start, given)
        while pending:
            entry = states[pending.pop()]
            value = known[entry.name]
            self.entry[id(entry)] = value
            for target, produced in self.step(entry, value):
                if target is None:
                    output = union(output, produced)
                else:
                    enter(target, produced)
        return output if output is not None else UNKNOWN

    # -- one state ---------------------------------------------------------------------------------------------------

    def step(self, entry: StateAt, given: Type) -> Iterator[tuple[str | None, Type]]:
        """Yield what a state produces, with the state that gets it; None for the output of the scope."""
        produce = self.in_jsonata if entry.language == JSONATA else self.in_jsonpath
        yield from produce(entry, given)

    def assign(self, entry: StateAt, construct: Any, data: _Data) -> None:
        assign = getattr(construct, "assign", ABSENT)
        if not isinstance(assign, dict):
            return
        evaluate = self.template if entry.language == JSONATA else self.payload
        for name, value in zip(assigned_in(entry, construct), assign.items(), strict=True):
            made = evaluate(entry, value[1] if entry.language == JSONATA else {value[0]: value[1]}, data)
            if entry.language != JSONATA:
                made = made.members.get(name, UNKNOWN)
            key = (id(entry.scope), name)
            self.variables[key] = union(self.variables.get(key), made)

    def in_jsonata(self, entry: StateAt, given: Type) -> Iterator[tuple[str | None, Type]]:
        state = entry.state
        data = _Data(given)
        self.data[id(entry)] = data
        data.result = self.result(entry, given, data)
        self.assign(entry, state, data)
        works = isinstance(state, Task | Map | Parallel)
        output = getattr(state, "output", ABSENT)
        own = (data.result if works else given) if output is ABSENT else self.template(entry, output, data)
        own = _named(own, f"the output of {entry.name!r}") if works or output is not ABSENT else own
        if isinstance(state, Choice):
            for rule in each(state.choices):
                self.assign(entry, rule, data)
                if isinstance(rule.next, str):
                    yield rule.next, own if rule.output is ABSENT else self.template(entry, rule.output, data)
            if isinstance(state.default, str):
                yield state.default, own
            return
        if not isinstance(state, Fail):
            following = getattr(state, "next", ABSENT)
            yield (following if isinstance(following, str) else None), own
        for _, catcher in entry.catchers:
            self.assign(entry, catcher, data)
            if isinstance(catcher.next, str):
                yield catcher.next, _ERROR if catcher.output is ABSENT else self.template(entry, catcher.output, data)

    def in_jsonpath(self, entry: StateAt, given: Type) -> Iterator[tuple[str | None, Type]]:
        state = entry.state
        effective = self.path(entry, getattr(state, "input_path", ABSENT), given, given)
        data = _Data(effective)
        self.data[id(entry)] = data
        raw = self.result(entry, effective, data)
        selector = getattr(state, "result_selector", ABSENT)
        data.result = raw
        selected = raw if selector is ABSENT else self.payload(entry, selector, _Data(raw, raw))
        works = isinstance(state, Task | Map | Parallel)
        self.assign(entry, state, _Data(selected, selected) if works or isinstance(state, Pass) else data)
        written = (
            self.write(getattr(state, "result_path", ABSENT), given, selected, entry) if works or isinstance(state, Pass) else effective
        )
        output = self.path(entry, getattr(state, "output_path", ABSENT), written, written)
        if works or isinstance(state, Pass):
            output = _named(output, f"the output of {entry.name!r}")
        if isinstance(state, Choice):
            for transition in entry.transitions:
                yield transition.target, output
            for rule in each(state.choices):
                self.assign(entry, rule, data)
            return
        if not isinstance(state, Fail):
            following = getattr(state, "next", ABSENT)
            yield (following if isinstance(following, str) else None), output
        for _, catcher in entry.catchers:
            self.assign(entry, catcher, _Data(_ERROR, _ERROR))
            if isinstance(catcher.next, str):
                yield catcher.next, self.write(catcher.result_path, given, _ERROR, entry)

    def write(self, result_path: object, given: Type, value: Type, entry: StateAt) -> Type:
        """Return the state's input with a value where ResultPath writes it. The value replaces the whole input by default."""
        del entry
        if result_path is ABSENT or result_path == "$":
            return value
        if result_path is None:
            return given
        names = _definite(result_path)
        return UNKNOWN if names is None else put(given, names, value)

    def result(self, entry: StateAt, given: Type, data: _Data) -> Type:
        """Return the type of what a state's work returns."""
        state = entry.state
        field_name, arguments = entry.parameters
        del field_name
        if isinstance(state, Task):
            known = self.tasks.get(id(entry))
            if known is None:
                known = self.tasks[id(entry)] = self.of_task(entry)
            return known
        evaluate = self.template if entry.language == JSONATA else self.payload
        if isinstance(state, Pass):
            if entry.language == JSONATA:
                return given
            if state.result is not ABSENT:
                return of_value(state.result)
            return given if arguments is ABSENT else evaluate(entry, arguments, data)
        scopes = self.inner.get(id(entry), [])
        if isinstance(state, Parallel):
            branch_input = given if arguments is ABSENT else evaluate(entry, arguments, data)
            item: Type | None = None
            for scope in scopes:
                item = union(item, self.run(scope, branch_input))
            return an_array(item)
        if isinstance(state, Map):
            data.item = self.items(entry, given, data)
            selector = state.item_selector if state.item_selector is not ABSENT else state.parameters
            inside = data.item if selector is ABSENT else evaluate(entry, selector, data)
            if state.item_batcher is not ABSENT or state.item_reader is not ABSENT:
                inside = UNKNOWN if selector is ABSENT or state.item_batcher is not ABSENT else inside
            item = None
            for scope in scopes:
                item = union(item, self.run(scope, inside))
            return UNKNOWN if state.distributed else an_array(item)
        return given

    def items(self, entry: StateAt, given: Type, data: _Data) -> Type:
        """Return the type of an item of a Map."""
        state = entry.state
        if not isinstance(state, Map) or state.item_reader is not ABSENT:
            return UNKNOWN
        if entry.language == JSONATA:
            whole = given if state.items is ABSENT else self.template(entry, state.items, data)
        else:
            whole = self.path(entry, state.items_path, given, given)
        return whole.item if whole.kinds == {ARRAY} and whole.item is not None else UNKNOWN

    def of_task(self, entry: StateAt) -> Type:
        """Return the type of the result of a task."""
        source = f"the result of {entry.name!r}"
        parsed = parse_resource(entry.resource)
        function = function_of(self.walk, entry)
        schema = _result_schema(function)
        payload = of_schema(schema, schema, source) if isinstance(schema, dict) else UNKNOWN
        if parsed is None:
            return payload
        if parsed.name == "lambda:invoke" and not parsed.sdk and parsed.pattern == REQUEST_RESPONSE:
            names = ("ExecutedVersion", "FunctionError", "LogResult")
            known = {**dict.fromkeys(names, scalar(STRING)), "StatusCode": scalar(NUMBER), "Payload": payload}
            return an_object({**known, **_METADATA}, source=source)
        if parsed.sdk:
            action = find_action(parsed.service, parsed.action) if parsed.pattern == REQUEST_RESPONSE else None
            return UNKNOWN if action is None else _of_action(action, source)
        if parsed.name == "states:startExecution" and parsed.pattern == SYNC:
            return an_object(
                {"Output": scalar(STRING), "Input": scalar(STRING), "ExecutionArn": scalar(STRING)}, closed=False, source=source
            )
        integration = INTEGRATIONS.get(parsed.name)
        api = integration.result_api("") if integration is not None and parsed.pattern == REQUEST_RESPONSE else None
        if parsed.service == "dynamodb" and api is not None and (action := find_action(*api)) is not None:
            shape = _of_action(action, source)
            return an_object({**shape.members, **_METADATA}, source=source)
        return UNKNOWN

    # -- expressions and paths -----------------------------------------------------------------------------------------

    def template(self, entry: StateAt, value: Any, data: _Data) -> Type:
        """Return the type of a JSONata template."""
        if isinstance(value, dict):
            return an_object({name: self.template(entry, part, data) for name, part in value.items()})
        if isinstance(value, list):
            item: Type | None = None
            for part in value:
                item = union(item, self.template(entry, part, data))
            return an_array(item)
        if is_expression(value):
            return self.expression(entry, value[2:-2].strip(), data)
        return UNKNOWN if isinstance(value, str) and "${" in value else of_value(value)

    def expression(self, entry: StateAt, text: str, data: _Data) -> Type:
        """Return the type of a JSONata expression."""
        if (path := _PATH.fullmatch(text)) is not None:
            names = tuple(path["names"].split(".")[1:])
            start, rest = self.root(entry, path["root"], names, data)
            found = follow(start, rest, through_arrays=True)
            return UNKNOWN if isinstance(found, Lost) else found
        if len(text) > 1 and text[0] in "'\"" and text.find(text[0], 1) == len(text) - 1 and "\\" not in text:
            return scalar(STRING, frozenset((text[1:-1],)))
        if text in {"true", "false"}:
            return scalar(BOOLEAN)
        if re.fullmatch(r"-?\d+(\.\d+)?", text):
            return scalar(NUMBER)
        call = _CALL.match(text)
        if call is not None and call[1] in _KIND_OF_CALL and _closes_at_end(text, call.end() - 1):
            return scalar(_KIND_OF_CALL[call[1]])
        return UNKNOWN

    def root(self, entry: StateAt, name: str, names: tuple[str, ...], data: _Data) -> tuple[Type, tuple[str, ...]]:
        """Return the type at the root of a path, and the names from there."""
        if name == "states":
            first = names[0] if names else ""
            if first == "context":
                return self.in_context(names[1:], data.item)
            known = {"input": data.input, "result": data.result, "errorOutput": data.error}
            return known.get(first, UNKNOWN), names[1:]
        return self.variable(entry, name), names

    def variable(self, entry: StateAt, name: str) -> Type:
        for scope in scopes_around(entry.scope):
            found = self.variables.get((id(scope), name))
            if found is not None:
                return found
        return UNKNOWN

    def payload(self, entry: StateAt, value: Any, data: _Data) -> Type:
        """Return the type of a payload template in JSONPath."""
        if isinstance(value, dict):
            members = {}
            for name, part in value.items():
                if name.endswith(".$"):
                    members[name[:-2]] = self.path(entry, part, data.input, UNKNOWN, data.item)
                else:
                    members[name] = self.payload(entry, part, data)
            return an_object(members)
        if isinstance(value, list):
            item: Type | None = None
            for part in value:
                item = union(item, self.payload(entry, part, data))
            return an_array(item)
        return UNKNOWN if isinstance(value, str) and "${" in value else of_value(value)

    def path(self, entry: StateAt, text: object, given: Type, absent: Type, item: Type = UNKNOWN) -> Type:
        """Return the type of a path in JSONPath."""
        if text is ABSENT:
            return absent
        if text is None:
            return an_object({})
        if not isinstance(text, str) or (parts := _parts(text)) is None:
            return UNKNOWN
        kind, name, names, whole = parts
        start, rest = given, names
        if kind == "variable":
            start = self.variable(entry, name)
        elif kind == "context":
            start, rest = self.in_context(names, item)
        found = follow(start, rest)
        return found if whole and not isinstance(found, Lost) else UNKNOWN

    def in_context(self, names: tuple[str, ...], item: Type) -> tuple[Type, tuple[str, ...]]:
        """Return the type at the root of a path into the Context object, and the names from there."""
        if names[:3] == ("Map", "Item", "Value"):
            return item, names[3:]
        if names[:2] == ("Execution", "Input"):
            return self.given, names[2:]
        return UNKNOWN, names


_METADATA: Final = {"SdkHttpMetadata": UNKNOWN, "SdkResponseMetadata": UNKNOWN}


def _result_schema(function: Any) -> dict[str, Any] | None:
    """Return the schema of a function's result; None if it has no model, or an invalid one, which another check reports."""
    try:
        return None if function is None else function.result_schema
    except Exception:  # noqa: BLE001  an author's model can raise any exception
        return None


@lru_cache(512)
def _of_action(action: Any, source: str) -> Type:
    return of_shape(action.output, source)


def _named(made: Type, source: str) -> Type:
    return made if made.source or not made.known else Type(made.kinds, made.members, made.closed, made.item, made.values, source)


def _closes_at_end(text: str, at: int) -> bool:
    """Return whether the bracket at a place is closed by the last character, without texts between that could hide one."""
    depth = 0
    for index in range(at, len(text)):
        if text[index] in "'\"`/":
            return False
        depth += (text[index] == "(") - (text[index] == ")")
        if depth == 0:
            return index == len(text) - 1
    return False


@lru_cache(4096)
def _parts(text: str) -> tuple[str, str, tuple[str, ...], bool] | None:
    """Return the root of a path, its variable, its leading names, and whether it consists of them; None if it is not a definite path."""
    if not text.startswith("$") or "${" in text:
        return None
    try:
        root = split_root(text)
        path = compile_path(root.path)
    except PathSyntaxError:
        return None
    names = leading_names(root.path)
    return root.kind, root.name, names, path.keys == names


def _definite(path: object) -> tuple[str, ...] | None:
    parts = _parts(path) if isinstance(path, str) else None
    return parts[2] if parts is not None and parts[3] and parts[0] == "input" else None


# -- the findings --------------------------------------------------------------------------------------------------------


def paths(walk: Walk) -> Iterator[Finding]:
    """Check that something produces what paths read (SFN310), and that its values have parts (SFN311)."""
    flow = walk.once(_Flow)
    for use in uses(walk):
        data = flow.data.get(id(use.entry))
        if data is None:
            continue
        for root, names in _read_by(use):
            start, rest = _start(flow, use, root, names, data)
            if start is UNKNOWN or not rest:
                continue
            lost = follow(start, rest, through_arrays=use.outline is not None)
            if isinstance(lost, Lost):
                yield _lost(use, lost)


def _read_by(use: Use) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the paths of a value: the root (``states``, a variable, ``$`` or ``$$``) and the names."""
    if use.outline is not None:
        for path in use.outline.paths:
            if not path.tested:
                yield path.root, path.names
    elif not use.tested:
        for text in use.paths:
            parts = _parts(text)
            if parts is not None:
                yield {"input": "$", "context": "$$"}.get(parts[0], parts[1]), parts[2]


def _start(flow: _Flow, use: Use, root: str, names: tuple[str, ...], data: _Data) -> tuple[Type, tuple[str, ...]]:
    entry = use.entry
    if use.outline is not None:
        return flow.root(entry, root, names, data)
    if root == "$$":
        return flow.in_context(names, data.item)
    if root != "$":
        return flow.variable(entry, root), names
    given = flow.entry.get(id(entry), UNKNOWN)
    place = use.at[len(entry.at) :]
    if place[0] == "Catch":
        return (_ERROR if place[2:3] == ("Assign",) else UNKNOWN), names
    if place[0] == "InputPath":
        return given, names
    if place[0] == "OutputPath":
        return UNKNOWN, names
    if place[0] == "ResultSelector":
        return data.result, names
    if place[0] == "Assign":
        return UNKNOWN if isinstance(entry.state, Task | Map | Parallel | Pass) else data.input, names
    return data.input, names


def _lost(use: Use, lost: Lost) -> Finding:
    of = lost.of.source or "the data"
    where = ".".join(lost.before)
    if OBJECT not in lost.of.kinds:
        kinds = " or ".join(sorted(lost.of.kinds))
        hint = "use startExecution.sync:2, whose Output is JSON, or parse it" if lost.before[-1:] == ("Output",) else ""
        message = f"{use.at[-1]!r} of {use.entry.name!r} reads {lost.name!r} of {where or 'a value'}, which is of type {kinds}"
        return Finding("SFN311", use.at, message, found=describe(use.text), expected="an object", hint=hint)
    known = sorted(lost.of.members)
    message = f"{use.at[-1]!r} of {use.entry.name!r} reads {lost.name!r}, which {of}{' in ' + where if where else ''} does not have"
    shown = ", ".join(known[:12]) + (", …" if len(known) > 12 else "")  # noqa: PLR2004 - one line
    return Finding(
        "SFN310",
        use.at,
        message,
        found=describe(use.text),
        expected=f"one of {shown}" if known else "",
        hint=did_you_mean(lost.name, known),
    )


def mapped(walk: Walk) -> Iterator[Finding]:
    """Check that a Map gets an array or an object (SFN312)."""
    flow = walk.once(_Flow)
    for entry in walk.states:
        state = entry.state
        data = flow.data.get(id(entry))
        if not isinstance(state, Map) or data is None or state.item_reader is not ABSENT:
            continue
        if entry.language == JSONATA:
            name, value = "Items", state.items
            whole = data.input if value is ABSENT else flow.template(entry, value, data)
        else:
            name, value = "ItemsPath", state.items_path
            whole = flow.path(entry, value, data.input, data.input)
        if whole.known and not whole.kinds & {ARRAY, OBJECT}:
            kinds = " or ".join(sorted(whole.kinds))
            yield Finding(
                "SFN312",
                entry.at if value is ABSENT else (*entry.at, name),
                f"{entry.name!r} maps over a value of type {kinds}",
                found="the state's input" if value is ABSENT else describe(value),
                expected="an array, or an object",
            )


_COMPARED: Final = (("String", STRING), ("Numeric", NUMBER), ("Boolean", BOOLEAN), ("Timestamp", STRING))
_EQUALS: Final = re.compile(r"\$states\.input((?:\.[^\W\d]\w*)+)\s*=\s*('[^'\\]*'|\"[^\"\\]*\"|-?\d+(?:\.\d+)?|true|false)")


def conditions(walk: Walk) -> Iterator[Finding]:
    """Check that comparisons can hold (SFN313), and that rules without Default cover the values that are known (SFN314)."""
    flow = walk.once(_Flow)
    for entry in walk.states:
        state = entry.state
        data = flow.data.get(id(entry))
        if not isinstance(state, Choice) or data is None:
            continue
        covered: dict[tuple[str, ...], set[str]] = {}
        plain = True
        for i, rule in enumerate(each(state.choices)):
            found = [*_equalities(entry, rule, (*entry.at, "Choices", i))]
            plain = plain and len(found) == 1 and found[0][3] and isinstance(found[0][2], str)
            for at, names, value, _ in found:
                here = follow(data.input, names, through_arrays=entry.language == JSONATA)
                if isinstance(here, Lost) or not here.known:
                    continue
                kind, shown = value if isinstance(value, tuple) else (next(iter(of_value(value).kinds)), describe(value))
                if kind not in here.kinds or (
                    isinstance(value, str) and here.values is not None and here.kinds <= {STRING, NULL} and value not in here.values
                ):
                    expected = " or ".join(sorted(map(repr, here.values)) if here.values and kind in here.kinds else sorted(here.kinds))
                    message = f"rule {i + 1} of {entry.name!r} compares {'.'.join(names)} with what it never is"
                    yield Finding("SFN313", at, message, found=shown, expected=expected)
                elif isinstance(value, str):
                    covered.setdefault(names, set()).add(value)
        if plain and state.default is ABSENT and "Default" not in state.extra and len(covered) == 1:
            names, seen = next(iter(covered.items()))
            here = follow(data.input, names)
            missing = sorted(here.values - seen) if isinstance(here, Type) and here.values is not None and here.kinds == {STRING} else []
            if missing:
                message = f"no rule of {entry.name!r} matches {'.'.join(names)} of {', '.join(map(repr, missing))}, and it has no Default"
                yield Finding("SFN314", entry.at, message, expected="a rule for each value, or 'Default'")


def _equalities(entry: StateAt, rule: Any, at: tuple[str | int, ...]) -> Iterator[tuple[Any, tuple[str, ...], Any, bool]]:
    """Yield the comparisons of a rule: place, path in the input, value or (kind, shown), and whether the rule is this comparison alone."""
    if entry.language == JSONATA:
        text = rule.condition
        body = text[2:-2].strip() if is_expression(text) else ""
        parts = [part.strip() for part in re.split(r"\sand\s", body)]
        for part in parts:
            found = _EQUALS.fullmatch(part)
            if found is not None:
                literal = found[2]
                value: Any = (
                    literal[1:-1] if literal[0] in "'\"" else literal == "true" if literal in {"true", "false"} else json.loads(literal)
                )
                yield (*at, "Condition"), tuple(found[1].split(".")[1:]), value, len(parts) == 1
        return
    test = rule.test
    alone = isinstance(test, Comparison)
    if not alone and not (test is not ABSENT and getattr(test, "operator", "") == "And"):
        return
    for place, item in comparisons(test, at):
        if "Not" in place[len(at) :] or "Or" in place[len(at) :] or not isinstance(item.variable, str):
            continue
        names = _definite(item.variable)
        kind = next((kind for word, kind in _COMPARED if item.operator.startswith(word)), "")
        if names and kind:
            exact = item.operator == "StringEquals" and isinstance(item.value, str)
            yield (
                (*place, item.operator),
                names,
                item.value if exact else (kind, f"{item.operator} {describe(item.value)}"),
                alone and exact,
            )
