"""The paths of JSONata: steps over the items of a sequence, and tuples, which carry the variables that ``@``, ``#`` and ``%`` bind.

Source: https://docs.jsonata.org/path-operators and https://docs.jsonata.org/processing
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.asl.jsonata_builtins import BUILTINS, lookup
from generator.asl.jsonata_columns import LEAST, column_of, evaluated, types_of
from generator.asl.jsonata_nodes import compile_node
from generator.asl.jsonata_selection import compile_filter, compile_group, compile_sort
from generator.asl.jsonata_values import UNDEFINED, Constructed, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.asl.jsonata_scope import Node, Scope


def _variable(node: Any) -> Node:
    name = node.value
    if not name:
        return lambda given, _scope: given
    if name == "$":
        return lambda _given, _scope: UNDEFINED
    builtin = BUILTINS.get(name, UNDEFINED)

    def find(_given: Any, scope: Scope | None) -> Any:
        while scope is not None:
            if name in scope.variables:
                return scope.variables[name]
            scope = scope.outer
        return builtin

    return find


def _name(node: Any) -> Node:
    key = str(node.value)
    return lambda given, _scope: lookup(given, key)


def _path(node: Any) -> Node:
    steps = node.steps
    first = steps[0]
    general = _general_path(node)
    named = first.type == "name"
    names = [str(step.value) for step in (steps if named else steps[1:])]
    simple = (
        (named or (first.type == "variable" and first.value not in {"", "$"}))
        and all(step.type == "name" for step in steps[1:])
        and not any(step.stages or step.tuple or step.predicate or step.group or step.keep_array for step in steps)
        and node.group is None
        and not node.keep_singleton_array
    )
    if not simple:
        return general
    start: Node = (lambda given, _scope: given) if named else compile_node(first)
    if named and len(names) == 1:
        only = names[0]
        return lambda given, scope: given.get(only, UNDEFINED) if given.__class__ is dict else general(given, scope)

    def read(given: Any, scope: Scope) -> Any:
        value = start(given, scope)
        for name in names:
            if value.__class__ is not dict:
                return UNDEFINED if value is UNDEFINED else general(given, scope)
            value = value.get(name, UNDEFINED)
        return value

    return read


def _general_path(node: Any) -> Node:
    steps = [_step(step, last=number == len(node.steps) - 1) for number, step in enumerate(node.steps)]
    shapes = [(bool(step.tuple), bool(step.consarray), step.focus is not None) for step in node.steps]
    first = compile_node(node.steps[0]) if node.steps[0].consarray else None
    tuple_steps = [_tuple_step(step) for step in node.steps] if any(tupled for tupled, _, _ in shapes) or node.tuple else []
    group = compile_group(node.group) if node.group is not None else None
    keep = bool(node.keep_singleton_array)
    from_variable = node.steps[0].type == "variable"
    keeps_tuples = bool(node.tuple)

    def run(given: Any, scope: Scope) -> Any:
        values: Any = given if isinstance(given, list) and not from_variable else [given]
        result: Any = UNDEFINED
        tuples: Any = None
        tupled = False
        for position, step in enumerate(steps):
            tupled = tupled or shapes[position][0]
            if position == 0 and first is not None:
                result = first(given, scope) if not isinstance(given, list) else first(values, scope)
            elif tupled:
                tuples = tuple_steps[position](values, tuples, scope)
            else:
                result = step(values, scope)
            if not tupled and (result is UNDEFINED or result == []):
                break
            if not shapes[position][2]:
                values = result if isinstance(result, list) else [result]
        if tupled:
            result = tuples if keeps_tuples else Sequence(item["@"] for item in tuples)
        if keep:
            if result.__class__ is Constructed:
                result = Sequence([result])
            if result.__class__ is Sequence:
                result.keep = True
        if group is not None:
            result = group(tuples if tupled else result, scope)
        return result

    return run


def _stages(node: Any) -> list[tuple[Any, str | None]]:
    """Return the filters and index bindings of a step."""
    return [(None, str(stage.value)) if stage.type == "index" else (compile_filter(stage.expr), None) for stage in node.stages or ()]


def _staged(stages: list[tuple[Any, str | None]], result: Any, scope: Scope) -> Any:
    for predicate, name in stages:
        if predicate is not None:
            result = predicate(result, scope)
        else:
            for index, item in enumerate(result):
                item[name] = index
    return result


_LISTS = frozenset({list, Sequence, Constructed})


def _flattened(results: list[Any], *, last: bool) -> Any:
    """Return the results of a step as one sequence; the last step keeps an array that is its only result."""
    if last and len(results) == 1 and isinstance(results[0], list) and results[0].__class__ is not Sequence:
        return results[0]
    if len(results) >= LEAST and _LISTS.isdisjoint(types_of(results)):
        return Sequence(results)
    found = Sequence()
    for result in results:
        if isinstance(result, list) and result.__class__ is not Constructed:
            found.extend(result)
        else:
            found.append(result)
    return found


def _defined(values: list[Any]) -> list[Any]:
    return [value for value in values if value is not UNDEFINED]


def _step(node: Any, *, last: bool) -> Callable[[Any, Scope], Any]:
    stages = _stages(node)
    if node.type == "sort":
        order = compile_sort(node)
        return lambda values, scope: _staged(stages, order(values, scope), scope)
    made = compile_node(node)
    filters = [predicate for predicate, _ in stages if predicate is not None]
    key = str(node.value) if node.type == "name" and not node.predicate and node.group is None and not node.keep_array else None
    if not filters:
        if key is not None:
            return _named_step(key, made, last=last)
        column = column_of(node)

        def each(values: Any, scope: Scope) -> Any:
            results = evaluated(column, values, scope)
            if results is None:
                results = [made(value, scope) for value in values]
            return _flattened(_defined(results), last=last)

        return each

    def run(values: Any, scope: Scope) -> Any:
        results = []
        for value in values:
            result = value.get(key, UNDEFINED) if key is not None and value.__class__ is dict else made(value, scope)
            for predicate in filters:
                result = predicate(result, scope)
                if result.__class__ is Sequence and not result:
                    result = UNDEFINED
            if result is not UNDEFINED:
                results.append(result)
        return _flattened(results, last=last)

    return run


def _named_step(key: str, made: Node, *, last: bool) -> Callable[[Any, Scope], Any]:
    def run(values: Any, scope: Scope) -> Any:
        try:
            results = [value[key] for value in values]
        except (LookupError, TypeError):
            results = _defined([value.get(key, UNDEFINED) if value.__class__ is dict else made(value, scope) for value in values])
        return _flattened(results, last=last)

    return run


def _tuple_step(node: Any) -> Callable[[Any, Any, Scope], Any]:
    stages = _stages(node)
    focus, index = node.focus, node.index
    ancestor = node.ancestor.label if node.ancestor is not None else None
    if node.type == "sort":
        order = compile_sort(node)

        def arrange(values: Any, tuples: Any, scope: Scope) -> Any:
            if tuples is not None:
                result = order(tuples, scope)
            else:
                items = ({"@": item} if index is None else {"@": item, index: at} for at, item in enumerate(order(values, scope)))
                result = Sequence(items, tuples=True)
            return _staged(stages, result, scope)

        return arrange
    made = compile_node(node)

    def run(values: Any, tuples: Any, scope: Scope) -> Any:
        found = Sequence(tuples=True)
        for item in [{"@": value} for value in values] if tuples is None else tuples:
            result = made(item["@"], scope.inner(item))
            if result is UNDEFINED:
                continue
            streamed = result.__class__ is Sequence and result.tuples
            for at, value in enumerate(result if isinstance(result, list) else [result]):
                extended = dict(item)
                if streamed:
                    extended.update(value)
                else:
                    if focus is not None:
                        extended[focus] = value
                    else:
                        extended["@"] = value
                    if index is not None:
                        extended[index] = at
                    if ancestor is not None:
                        extended[ancestor] = item["@"]
                found.append(extended)
        return _staged(stages, found, scope)

    return run


def _wildcard(_node: Any) -> Node:
    def run(given: Any, _scope: Scope) -> Any:
        values = given.values() if given.__class__ is dict else given if isinstance(given, list) else ()
        found = Sequence()
        for value in values:
            if isinstance(value, list):
                found.extend(_flat(value))
            else:
                found.append(value)
        return found

    return run


def _flat(value: list[Any]) -> list[Any]:
    items: list[Any] = []
    for item in value:
        if isinstance(item, list):
            items.extend(_flat(item))
        else:
            items.append(item)
    return items


def _descendant(_node: Any) -> Node:
    def collect(value: Any, found: Sequence) -> None:
        if not isinstance(value, list):
            found.append(value)
        for item in value if isinstance(value, list) else value.values() if value.__class__ is dict else ():
            collect(item, found)

    def run(given: Any, _scope: Scope) -> Any:
        found = Sequence()
        if given is not UNDEFINED:
            collect(given, found)
        return found

    return run


def _parent(node: Any) -> Node:
    label = node.slot.label
    return lambda _given, scope: scope.find(label)


PATH_COMPILERS: Final[dict[str, Callable[[Any], Node]]] = {
    "variable": _variable,
    "name": _name,
    "path": _path,
    "wildcard": _wildcard,
    "descendant": _descendant,
    "parent": _parent,
}
"""The compilers of the nodes of paths."""
