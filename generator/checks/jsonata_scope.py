"""The references of a JSONata expression, read from its syntax tree.

Step Functions evaluates an expression without a context: an expression can refer to ``$states`` and to variables only. AWS
rejects a state machine with a name that refers to the context, or with ``$$`` (UNSUPPORTED_JSONATA_EXPRESSION: Reference to 'x'
at the top level is not supported), or with ``$states.errorOutput`` outside a catcher, or with ``$states.result`` where there
is no result (Field '$states.result' does not exist.). A bare ``$`` at the top level is rejected too.

Sources: answers of AWS's ValidateStateMachineDefinition in bug reports,
https://github.com/floci-io/floci/issues/2670 and https://github.com/floci-io/floci/issues/2745; for ``$states.result`` the AWS
snapshot Feature.JSONataValidation-002 of gabrielmoreira/tiny-asl-machine (2026); for ``$`` aws/agent-toolkit-for-aws (2026-08)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from generator.asl.jsonata import python_library


@dataclass(frozen=True, slots=True)
class References:
    """The references of an expression that Step Functions may reject.

    Attributes:
        unqualified: names that refer to the context, and ``$$``.
        error_output: whether it refers to ``$states.errorOutput``.
        result: whether it refers to ``$states.result``.
    """

    unqualified: tuple[str, ...] = ()
    error_output: bool = False
    result: bool = False


_STRINGS: Final = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|/\*.*?\*/""", re.DOTALL)
# A name, a quoted name or `$` in the place of an operand, that is, not behind a dot, a `$` or a word.
_SUSPECT: Final = re.compile(
    r"""(?<![\w.$`])(?!(?:and|or|in|true|false|null|function)\b)(?:[A-Za-z_]|`)
    | \$(?![A-Za-z_])
    | errorOutput
    """,
    re.VERBOSE,
)
_RESULT: Final = re.compile(r"\$states\s*\.\s*result\b")
_SAME_CONTEXT: Final = ("lhs", "rhs", "expression", "expressions", "procedure", "arguments", "condition", "then", "_else", "lhs_object")
_OWN_CONTEXT: Final = ("rhs_object", "group", "predicate", "stages", "expr", "terms", "pattern", "update", "delete", "focus")


@lru_cache(4096)
def references(expression: str) -> References:
    """Return the references of an expression, without its delimiters, that Step Functions may reject.

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
    code = _STRINGS.sub("''", expression)
    if not _SUSPECT.search(code):  # most expressions need no tree
        return References(result=_RESULT.search(code) is not None)
    try:
        tree = python_library().Jsonata(expression).ast  # slow to import, and most definitions do not need it
    except Exception:  # noqa: BLE001  jlens has compiled the text; this parser may raise any exception
        return References()
    found: dict[str, None] = {}
    parts = _visit(tree, found)
    return References(tuple(sorted(found)), "errorOutput" in parts, "result" in parts)


def _visit(tree: Any, found: dict[str, None]) -> set[str]:
    """Collect the names that refer to the context; return the members of ``$states`` that are used."""
    parts: set[str] = set()
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
            if len(steps) > 1 and _is_variable(steps[0], "states"):
                parts.add(str(getattr(steps[1], "value", "")))
            for i, step in enumerate(steps):
                pending.append((step, context or i > 0))
        elif kind == "name" and not context:
            found[str(node.value)] = None
        elif kind == "variable" and node.value == "$":
            found["$$"] = None
        elif kind == "variable" and node.value == "" and not context:
            found["$"] = None
        elif kind == "lambda":
            # It is not known which names AWS accepts inside a function: all are accepted here.
            pending.append((getattr(node, "body", None), True))
            continue
        pending.extend((getattr(node, attribute, None), context) for attribute in _SAME_CONTEXT)
        pending.extend((getattr(node, attribute, None), True) for attribute in _OWN_CONTEXT)
    return parts


def _is_variable(node: Any, name: str) -> bool:
    return getattr(node, "type", None) == "variable" and node.value == name
