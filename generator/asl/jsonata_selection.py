"""The parts of a path that choose, order and group its items: predicates in brackets, order-by clauses and grouping objects.

Source: https://docs.jsonata.org/predicate and https://docs.jsonata.org/sorting-grouping
"""

from __future__ import annotations

import functools
import itertools
import math
from typing import TYPE_CHECKING, Any, Final

from generator.asl.jsonata_builtins import append
from generator.asl.jsonata_columns import column_of, evaluated, ordered_keys, types_of
from generator.asl.jsonata_nodes import FILTER, GROUP, compile_node
from generator.asl.jsonata_operators import in_order
from generator.asl.jsonata_values import UNDEFINED, Sequence, fail, is_number, truth

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.asl.jsonata_scope import Node, Scope


def compile_filter(node: Any) -> Node:
    """Compile a predicate in brackets: an index, or a condition for each item."""
    if node.type == "number":
        index = math.trunc(node.value)

        def at(value: Any, _scope: Scope) -> Any:
            items = value if isinstance(value, list) else [] if value is UNDEFINED else [value]
            position = index + len(items) if index < 0 else index
            if not 0 <= position < len(items):
                return Sequence()
            item = items[position]
            return item if isinstance(item, list) else Sequence([item], tuples=items.__class__ is Sequence and items.tuples)

        return at
    made = compile_node(node)
    column = column_of(node)

    def run(value: Any, scope: Scope) -> Any:
        items = value if isinstance(value, list) else [] if value is UNDEFINED else [value]
        tuples = items.__class__ is Sequence and items.tuples
        if not tuples:
            marks = evaluated(column, items, scope)
            if marks is not None and types_of(marks) == {bool}:
                return Sequence(itertools.compress(items, marks))
        found = Sequence(tuples=tuples)
        for position, item in enumerate(items):
            result = made(item["@"], scope.inner(item)) if tuples else made(item, scope)
            if result.__class__ is bool:
                chosen = result
            elif is_number(result):
                chosen = math.trunc(result) % len(items) == position if -len(items) <= result < len(items) else False
            elif isinstance(result, list) and result and all(map(is_number, result)):
                chosen = any((math.trunc(one) + len(items) if one < 0 else math.trunc(one)) == position for one in result)
            else:
                chosen = truth(result)
            if chosen:
                found.append(item)
        return found

    return run


def compile_group(node: Any) -> Node:
    """Compile an object constructor, which groups the items of its input by the keys."""
    pairs = [(compile_node(key), compile_node(value)) for key, value in node.lhs_object]
    key_column = column_of(node.lhs_object[0][0]) if len(pairs) == 1 else None

    def single(given: Any, scope: Scope) -> Any:
        made: dict[str, Any] = {}
        chosen: dict[str, Any] = {}
        for key, value in pairs:
            name = key(given, scope)
            if name is UNDEFINED:
                continue
            if not isinstance(name, str):
                raise fail("T1003", value=name)
            if name in chosen:
                raise fail("D1009", value=name)
            chosen[name] = value
        for name, value in chosen.items():
            result = value(given, scope)
            if result is not UNDEFINED:
                made[name] = result
        return made

    def grouped(items: list[Any], scope: Scope, *, tuples: bool) -> dict[str, tuple[int, list[Any]]]:
        """Return for each key the pair that made it, and its items."""
        groups: dict[str, tuple[int, list[Any]]] = {}
        names = None if tuples else evaluated(key_column, items, scope)
        if names is not None and types_of(names) == {str}:
            for name, item in zip(names, items, strict=True):
                groups.setdefault(name, (0, []))[1].append(item)
            return groups
        for item in items:
            inner = scope.inner(item) if tuples else scope
            for number_of, (key, _) in enumerate(pairs):
                name = key(item["@"] if tuples else item, inner)
                if name is UNDEFINED:
                    continue
                if not isinstance(name, str):
                    raise fail("T1003", value=name)
                made_by, members = groups.setdefault(name, (number_of, []))
                if made_by != number_of:
                    raise fail("D1009", value=name)
                members.append(item)
        return groups

    def many(given: Any, scope: Scope) -> Any:
        if not isinstance(given, list):
            return single(given, scope)
        if not given:
            return single(UNDEFINED, scope)
        tuples = given.__class__ is Sequence and given.tuples
        made: dict[str, Any] = {}
        for name, (number_of, members) in grouped(given, scope, tuples=tuples).items():
            if tuples:
                merged = _merged(members)
                context = merged.pop("@")
                result = pairs[number_of][1](context, scope.inner(merged))
            else:
                result = pairs[number_of][1](_together(members), scope)
            if result is not UNDEFINED:
                made[name] = result
        return made

    return many


def _together(members: list[Any]) -> Any:
    """Return the items of a group as the input of its value: a single one as it is, arrays joined."""
    if len(members) == 1:
        return members[0]
    together: list[Any] = []
    for member in members:
        if isinstance(member, list):
            together.extend(member)
        else:
            together.append(member)
    return together


def _merged(tuples: list[dict[str, Any]]) -> dict[str, Any]:
    """Return tuples as one, whose values are arrays of their values."""
    merged = dict(tuples[0])
    for item in tuples[1:]:
        for key, value in item.items():
            merged[key] = append(merged[key], value)
    return merged


def compile_sort(node: Any) -> Callable[[Any, Scope], Any]:
    """Compile an order-by clause."""
    terms = [(compile_node(term.expression), column_of(term.expression), bool(term.descending)) for term in node.terms]

    def run(values: Any, scope: Scope) -> Any:
        tuples = values.__class__ is Sequence and values.tuples
        scopes = [scope.inner(item) for item in values] if tuples else []
        columns = []
        for made, column, _ in terms:
            found = None if tuples else evaluated(column, values, scope)
            if found is None and tuples:
                found = [made(item["@"], inner) for item, inner in zip(values, scopes, strict=True)]
            columns.append([made(item, scope) for item in values] if found is None else found)
        keys = [ordered_keys(column) for column in columns]
        order = list(range(len(values)))
        whole = [key for key in keys if key is not None]
        if len(whole) == len(terms):
            for key, (_, _, descending) in reversed(list(zip(whole, terms, strict=True))):
                order.sort(key=key.__getitem__, reverse=descending)
        else:
            order.sort(key=functools.cmp_to_key(functools.partial(_compared, columns, [descending for _, _, descending in terms])))
        return Sequence((values[position] for position in order), tuples=tuples)

    return run


def _compared(columns: list[list[Any]], descending: list[bool], one: int, two: int) -> int:
    for column, reverse in zip(columns, descending, strict=True):
        left, right = column[one], column[two]
        order = in_order(left, right)
        if order:
            return order if left is UNDEFINED or right is UNDEFINED or not reverse else -order
    return 0


SELECTION_COMPILERS: Final[dict[str, Callable[[Any], Node]]] = {
    FILTER: compile_filter,
    GROUP: compile_group,
}
"""The compilers of the parts of paths."""
