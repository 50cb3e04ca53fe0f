"""The names that the fields of a definition use: variables, fields of the Context object and members of ``$states``.

The checks of names, scopes and data flow share this list. Fields that are not evaluated, texts with a placeholder, and texts that are
not valid expressions or paths are left out: other checks report these.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from generator.asl.intrinsics import IntrinsicSyntaxError, parse_intrinsic
from generator.asl.jsonata import JSONataSyntaxError, compile_expression
from generator.asl.jsonata_outline import Outline, outline
from generator.asl.jsonpath import PathSyntaxError, compile_path, split_root
from generator.asl.model import (
    ABSENT,
    COMPARISONS,
    JSONATA,
    Comparison,
    Construct,
    Junction,
    Kind,
    Number,
    Template,
    Text,
    table,
)
from generator.asl.walk import values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.asl.walk import StateAt, Walk
    from generator.diagnostics.model import Pointer


@dataclass(frozen=True, slots=True)
class Use:
    """A value that is evaluated, with the names in it.

    Attributes:
        entry: the state.
        at: the place of the value.
        text: the expression without its delimiters, the path, or the call of an intrinsic function.
        variables: the variables that it reads, and whether it works without them.
        context: the paths into the Context object, without ``$$``.
        outline: the outline of a JSONata expression; None in JSONPath.
        paths: the paths in JSONPath.
        tested: whether a condition in JSONPath tests the presence of what the path reads.
    """

    entry: StateAt
    at: Pointer
    text: str
    variables: dict[str, bool]
    context: tuple[tuple[str, ...], ...]
    outline: Outline | None = None
    paths: tuple[str, ...] = ()
    tested: bool = False

    @property
    def needed(self) -> Iterator[str]:
        """The variables that it does not work without."""
        return (name for name, tolerated in self.variables.items() if not tolerated)

    @property
    def field(self) -> str:
        """The field of the state that the value is in."""
        return str(self.at[len(self.entry.at)])


def uses(walk: Walk) -> list[Use]:
    """Return every value that is evaluated, in the order of the states and fields.

    >>> from generator.asl.parse import parse
    >>> from generator.asl.walk import walk
    >>> state = {"Type": "Pass", "Parameters": {"id.$": "$$.Execution.Id", "n.$": "States.MathAdd($n, 1)"}, "End": True}
    >>> machine, _ = parse({"StartAt": "A", "States": {"A": state}})
    >>> [(use.field, use.variables, use.context) for use in uses(walk(machine))]
    [('Parameters', {}, (('Execution', 'Id'),)), ('Parameters', {'n': False}, ())]
    """
    return walk.once(_collect)


def _collect(walk: Walk) -> list[Use]:
    found: list[Use] = []
    in_jsonata = walk.once(jsonata_strings)
    for entry in walk.states:
        if entry.language == JSONATA:
            for at, text, _ in in_jsonata.get(id(entry), ()):
                if text.startswith("{%") and at[-1] != "Resource" and (use := _expression(entry, at, text)) is not None:
                    found.append(use)
        else:
            for at, construct in entry.constructs:
                found.extend(_jsonpath(entry, at, construct))
    return found


def expressions_of(walk: Walk, entry: StateAt) -> list[Use]:
    """Return the values of one state."""
    return walk.once(_by_state).get(id(entry), [])


def _by_state(walk: Walk) -> dict[int, list[Use]]:
    grouped: dict[int, list[Use]] = {}
    for use in uses(walk):
        grouped.setdefault(id(use.entry), []).append(use)
    return grouped


# -- JSONata -------------------------------------------------------------------------------------------------------------

_NEVER_EVALUATED: Final = frozenset(("Comment", "QueryLanguage", "Next", "Default", "Type", "Label", "JitterStrategy"))
_EVALUATED: dict[tuple[type[Construct], str], tuple[tuple[str, str, Kind], ...]] = {}


def _evaluated(cls: type[Construct], language: str) -> tuple[tuple[str, str, Kind], ...]:
    """Return the attributes of a construct that may be evaluated: attribute, field, kind."""
    known = _EVALUATED.get((cls, language))
    if known is not None:
        return known
    rows: list[tuple[str, str, Kind]] = []
    for attribute, info in table(cls):
        if not info.name or info.name in _NEVER_EVALUATED:
            continue
        if language == JSONATA:
            taken = isinstance(info.kind, Template | Number | Text)
        else:
            taken = isinstance(info.kind, Template) or (isinstance(info.kind, Text) and info.kind.form in {"path", "reference-path"})
        if taken and (language == JSONATA or info.language in {None, language}):
            rows.append((attribute, info.name, info.kind))
    _EVALUATED[cls, language] = tuple(rows)
    return _EVALUATED[cls, language]


def jsonata_strings(walk: Walk) -> dict[int, list[tuple[Pointer, str, str]]]:
    """Return the strings of each state in JSONata that may be expressions, by the id of the state.

    Returns:
        for each string its place, its text, and what its field expects; empty for a part of a template.
    """
    found: dict[int, list[tuple[Pointer, str, str]]] = {}
    for entry in walk.states:
        if entry.language != JSONATA:
            continue
        strings: list[tuple[Pointer, str, str]] = []
        for at, construct in entry.constructs:
            for attribute, name, kind in _evaluated(type(construct), JSONATA):
                value = getattr(construct, attribute)
                if isinstance(value, str):
                    strings.append(((*at, name), value, "" if isinstance(kind, Template) else kind.expected))
                elif isinstance(value, dict | list):
                    strings.extend((place, text, "") for place, text in values(value, (*at, name)) if isinstance(text, str))
        if strings:
            found[id(entry)] = strings
    return found


def _expression(entry: StateAt, at: Pointer, text: str) -> Use | None:
    if not text.endswith("%}") or "${" in text:
        return None
    body = text[2:-2].strip()
    found = _outline(body)
    if found is None:
        return None
    context = tuple(path[1:] for path in found.members if path[:1] == ("context",))
    return Use(entry, at, body, found.variables or {}, context, found)


@lru_cache(8192)
def _outline(text: str) -> Outline | None:
    """Return the outline of an expression; None if it is not valid."""
    try:
        compile_expression(text)
    except (JSONataSyntaxError, UnicodeEncodeError):
        return None
    return outline(text)


# -- JSONPath ------------------------------------------------------------------------------------------------------------


def _jsonpath(entry: StateAt, at: Pointer, construct: Construct) -> Iterator[Use]:
    for attribute, name, kind in _evaluated(type(construct), "JSONPath"):
        value = getattr(construct, attribute)
        if value is ABSENT or value is None or name == "ResultPath":
            continue
        if isinstance(kind, Template):
            if isinstance(value, dict | list):
                yield from _template(entry, (*at, name), value)
        elif isinstance(value, str) and (use := _path(entry, (*at, name), value)) is not None:
            yield use
    test = getattr(construct, "test", ABSENT)
    if isinstance(test, Comparison | Junction):
        yield from _tests(entry, test, at)


def _template(entry: StateAt, at: Pointer, template: Any) -> Iterator[Use]:
    for place, value in values(template, at):
        if isinstance(value, str) and isinstance(place[-1], str) and place[-1].endswith(".$"):
            use = _path(entry, place, value)
            if use is not None:
                yield use


def _path(entry: StateAt, at: Pointer, text: str) -> Use | None:
    names = None if "${" in text else _names(text)
    return None if names is None else Use(entry, at, text, dict.fromkeys(names[0], False), names[1], None, names[2])


@lru_cache(8192)
def _names(text: str) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...], tuple[str, ...]] | None:
    """Return the variables in a path or an intrinsic call, its paths into the Context object, and all paths; None if it is not valid."""
    try:
        paths = (text,) if text.startswith("$") else parse_intrinsic(text).paths()
        roots = [split_root(path) for path in paths]
        for root in roots:
            compile_path(root.path)
    except (PathSyntaxError, IntrinsicSyntaxError):
        return None
    variables = tuple(dict.fromkeys(root.name for root in roots if root.kind == "variable"))
    return variables, tuple(leading_names(root.path) for root in roots if root.kind == "context"), paths


_LEADING: Final = re.compile(r"""\.([^\W\d][\w-]*)(?![\w(*-])|\['([^'\\]*)'\]|\["([^"\\]*)"\]""")


def leading_names(path: str) -> tuple[str, ...]:
    """Return the member names at the beginning of a path, up to the first index, wildcard, filter or function.

    >>> leading_names("$.Map.Item['Value'].items[0].price")
    ('Map', 'Item', 'Value', 'items')
    >>> leading_names("$.a.length()")
    ('a',)
    """
    names: list[str] = []
    at = 1
    while match := _LEADING.match(path, at):
        names.append(next(name for name in match.groups() if name is not None))
        at = match.end()
    return tuple(names)


def _tests(entry: StateAt, test: Comparison | Junction, at: Pointer) -> Iterator[Use]:
    """Yield the paths of a condition. A variable whose presence the condition tests may be missing."""
    compared = list(comparisons(test, at))
    present = {item.variable for _, item in compared if item.operator == "IsPresent" and isinstance(item.variable, str)}
    tested = {variable_of(path) for path in present}
    for place, item in compared:
        candidates: list[tuple[str, object]] = [("Variable", item.variable)]
        if isinstance(COMPARISONS.get(item.operator), Text) and item.operator.endswith("Path"):
            candidates.append((item.operator, item.value))
        for name, text in candidates:
            use = _path(entry, (*place, name), text) if isinstance(text, str) else None
            if use is not None:
                variables = {variable: variable in tested for variable in use.variables}
                is_tested = any(use.text.startswith(path) for path in present)
                yield Use(entry, use.at, use.text, variables, use.context, None, use.paths, is_tested)


def comparisons(test: Comparison | Junction, at: Pointer) -> Iterator[tuple[Pointer, Comparison]]:
    """Yield the comparisons of a condition with their places."""
    pending: list[tuple[Pointer, Comparison | Junction]] = [(at, test)]
    while pending:
        place, item = pending.pop()
        if isinstance(item, Junction):
            inner = (*place, item.operator)
            parts = [(inner if item.operator == "Not" else (*inner, i), part) for i, part in enumerate(item.tests)]
            pending.extend(reversed(parts))
        else:
            yield place, item


def variable_of(path: object) -> str:
    """Return the variable that a path begins with; empty if it is another path.

    >>> variable_of("$order.items"), variable_of("$.order")
    ('order', '')
    """
    try:
        root = split_root(path) if isinstance(path, str) else None
    except PathSyntaxError:
        return ""
    return root.name if root is not None else ""
