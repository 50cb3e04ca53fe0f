"""What a JSONata expression refers to outside itself, read from its syntax tree.

Step Functions evaluates an expression without a context: ``$states`` and variables are all there is. A name that would be
looked up in the context, and ``$$``, are refused when a state machine is created (UNSUPPORTED_JSONATA_EXPRESSION: Reference to
'x' at the top level is not supported), and so is ``$states.errorOutput`` outside a catcher. What AWS says of a bare ``$`` is not
known; it passes.

Source: answers of AWS's ValidateStateMachineDefinition that people quote in bug reports,
https://github.com/floci-io/floci/issues/2670 and https://github.com/floci-io/floci/issues/2745
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from generator.asl.jsonata import python_library


@dataclass(frozen=True, slots=True)
class References:
    """What an expression reads that Step Functions may not give it."""

    unqualified: tuple[str, ...] = ()
    error_output: bool = False


_STRINGS: Final = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|/\*.*?\*/""", re.DOTALL)
# Where an operand may stand: a name, a quoted name or `$`. What follows a dot, a `$` or a word is no operand.
_SUSPECT: Final = re.compile(
    r"""(?<![\w.$`])(?!(?:and|or|in|true|false|null|function)\b)(?:[A-Za-z_]|`)
    | \$(?![A-Za-z_])
    | errorOutput
    """,
    re.VERBOSE,
)
_SAME_CONTEXT: Final = ("lhs", "rhs", "expression", "expressions", "procedure", "arguments", "condition", "then", "_else", "lhs_object")
_OWN_CONTEXT: Final = ("rhs_object", "group", "predicate", "stages", "expr", "terms", "pattern", "update", "delete", "focus")


@lru_cache(4096)
def references(expression: str) -> References:
    """Find what an expression, given without its delimiters, reads without having it.

    >>> references("$states.input.total > 5 and $limit < 3").unqualified
    ()
    >>> references("total > 5").unqualified
    ('total',)
    >>> references("$states.input.items[price > 5].name").unqualified
    ()
    >>> references("$map($states.input.items, function($v) { $v.name })").unqualified
    ()
    >>> references("$$.order").unqualified
    ('$$',)
    >>> references("$states.errorOutput.Cause").error_output
    True
    """
    if not _SUSPECT.search(_STRINGS.sub("''", expression)):  # most expressions: no tree is needed
        return References()
    try:
        tree = python_library().Jsonata(expression).ast  # slow to import, and most definitions never need it
    except Exception:  # noqa: BLE001  the one that runs it has taken it; nothing is known about it here
        return References()
    found: dict[str, None] = {}
    error_output = _visit(tree, found)
    return References(tuple(sorted(found)), error_output)


def _visit(tree: Any, found: dict[str, None]) -> bool:
    """Collect names looked up where there is no context; tell whether $states.errorOutput is read."""
    error_output = False
    pending: list[tuple[Any, bool]] = [(tree, False)]  # the node, and whether it has a context
    while pending:
        node, context = pending.pop()
        if isinstance(node, list | tuple):
            pending.extend((part, context) for part in node)
            continue
        kind = getattr(node, "type", None)
        if kind is None:
            continue
        if kind == "path":
            steps = list(node.steps or ())
            if len(steps) > 1 and _is_variable(steps[0], "states") and getattr(steps[1], "value", None) == "errorOutput":
                error_output = True
            for i, step in enumerate(steps):
                pending.append((step, context or i > 0))
        elif kind == "name" and not context:
            found[str(node.value)] = None
        elif kind == "variable" and node.value == "$":
            found["$$"] = None
        elif kind == "lambda":
            # What the service says about names inside a function is not known: whatever is there passes.
            pending.append((getattr(node, "body", None), True))
            continue
        pending.extend((getattr(node, attribute, None), context) for attribute in _SAME_CONTEXT)
        pending.extend((getattr(node, attribute, None), True) for attribute in _OWN_CONTEXT)
    return error_output


def _is_variable(node: Any, name: str) -> bool:
    return getattr(node, "type", None) == "variable" and node.value == name
