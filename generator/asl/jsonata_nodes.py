"""The compilers of the nodes of a JSONata syntax tree, by the type of the node.

A compiler makes a function of the input and the scope. The compilers of all modules are registered here, so that each can compile
the nodes inside its own without importing the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.asl.jsonata_scope import item_or_sequence
from generator.asl.jsonata_values import Sequence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.asl.jsonata_scope import Node, Scope

FILTER: Final = "filter"
"""The compiler of a predicate in brackets. It is not a type of node."""
GROUP: Final = "group"
"""The compiler of an object constructor behind a path. It is not a type of node."""
_COMPILERS: Final[dict[str, Callable[[Any], Node]]] = {}


def register(*groups: Mapping[str, Callable[[Any], Node]]) -> None:
    """Add compilers by the types of their nodes."""
    for group in groups:
        _COMPILERS.update(group)


def compile_node(node: Any) -> Node:
    """Compile a node with its predicates and its group."""
    kind = node.type
    made = _COMPILERS[kind](node)
    predicates = [_COMPILERS[FILTER](item.expr) for item in node.predicate or ()]
    group = _COMPILERS[GROUP](node.group) if node.group is not None and kind != "path" else None
    keep = bool(node.keep_array)
    if not predicates and group is None and not keep:
        if kind in _NEVER_SEQUENCES and not (kind == "binary" and str(node.value) == ".."):
            return made

        def finish(given: Any, scope: Scope) -> Any:
            result = made(given, scope)
            if result.__class__ is Sequence and not result.tuples:
                return item_or_sequence(result)
            return result

        return finish

    def run(given: Any, scope: Scope) -> Any:
        result = made(given, scope)
        for predicate in predicates:
            result = predicate(result, scope)
        if group is not None:
            result = group(result, scope)
        if result.__class__ is Sequence and not result.tuples:
            if keep:
                result.keep = True
            return item_or_sequence(result)
        return result

    return run


_NEVER_SEQUENCES: Final = frozenset({
    "string", "number", "value", "regex", "lambda", "binary", "unary", "condition", "block", "bind",
})  # fmt: skip
"""Nodes whose result is not a sequence, or one that their parts have finished."""
