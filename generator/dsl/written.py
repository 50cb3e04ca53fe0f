"""Expressions as the Python code that an author writes, for messages and debuggers."""

from __future__ import annotations

from typing import Final

from generator.asl.placeholders import STRING
from generator.dsl.nodes import (
    ArrayOf,
    Binary,
    Call,
    Item,
    Lambda,
    Literally,
    Member,
    ObjectOf,
    Operand,
    PlaceholderNode,
    Raw,
    Root,
    Variable,
)
from generator.dsl.placeholder_types import type_in_python

LONGEST: Final = 160
"""The most characters of Python code in a message."""
PYTHON_OPERATORS: Final = {"=": "==", "and": "&", "or": "|", "++": "+", "+?": "+"}
"""How Python spells the operators that it spells otherwise."""
_ROOTS = {"input": "states.input", "result": "states.result", "errorOutput": "states.error_output", "context": "states.context"}


def as_python(node: Operand) -> str:
    """Return the Python code of an expression, for messages and debuggers."""
    match node:
        case Root():
            return _ROOTS[node.name]
        case Variable():
            return node.name if node.bound else f"variables.{node.name}"
        case Member():
            return as_python(node.of) + (f".{node.name}" if node.name.isidentifier() else f"[{node.name!r}]")
        case Item():
            return f"{as_python(node.of)}[{node.index if isinstance(node.index, int) else as_python(node.index)}]"
        case Literally():
            return repr(node.value)
        case PlaceholderNode():
            if node.resource is not None:
                return f"{node.resource.name}.{node.attribute}"
            return f"placeholder({node.name!r})" if node.type == STRING else f"placeholder({node.name!r}, {type_in_python(node.type)})"
        case Raw():
            return f"{node.language.lower()}({node.text!r})"
        case Binary():
            return f"({as_python(node.left)} {PYTHON_OPERATORS.get(node.operator, node.operator)} {as_python(node.right)})"
        case Call():
            name = (
                node.name + "_"
                if node.name in ("not", "if", "sum", "min", "max", "map", "filter", "range", "hash", "round", "abs")
                else node.name
            )
            return f"fn.{name}({', '.join(as_python(a) for a in node.arguments)})"
        case Lambda():
            return f"lambda {', '.join(node.parameters)}: {as_python(node.body)}"
        case ObjectOf():
            return "{" + ", ".join(f"{k!r}: {as_python(v)}" for k, v in node.members) + "}"
        case ArrayOf():
            return "[" + ", ".join(as_python(i) for i in node.items) + "]"


def python_of(operator: str, left: Operand, right: Operand) -> str:
    """Return the Python code of an operator and its operands, cut where it is too long for a message."""
    return f"{as_python(left)} {PYTHON_OPERATORS.get(operator, operator)} {as_python(right)}"[:LONGEST]
