"""Expressions that are known at deployment: text, placeholders, and what ``fn.format`` makes of both.

Such a value needs no expression in the definition. It is text with placeholders, ``s3://${imports_name}/in/``, in both query
languages, in the environment of a function, and in the input of a trigger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from generator.asl.placeholders import STRING, Placeholder, shield
from generator.dsl.nodes import Binary, Call, Literally, Operand, PlaceholderNode

_EXACT: Final = 10**15
"""JSONata and JSONPath write whole numbers below it with all their digits."""


def known_text(node: Operand, write: Callable[[str], str] = shield) -> str | None:
    """Return the text of an expression as a template, in which only placeholders start with ``${``.

    Args:
        node: the expression.
        write: writes an author's text; by default, its ``${`` is shielded (:mod:`generator.asl.placeholders`). That of
            ``literal(…)`` always is.

    Returns:
        the text; None if it is not text, or only known when the workflow runs.

    >>> from generator.dsl import fn
    >>> from generator.dsl.expressions import operand, placeholder, states
    >>> known_text(operand(fn.format("s3://{}/{}", placeholder("bucket"), 7)))
    's3://${bucket}/7'
    >>> known_text(operand(fn.format("s3://{}/{}", placeholder("bucket"), states.input.key))) is None
    True
    """
    match node:
        case PlaceholderNode() if node.type == STRING:
            return Placeholder(node.name).text
        case Literally(value=str() as value):
            return shield(value) if node.exact else write(value)
        case Binary(operator="++"):
            return _joined([known_text(part, write) for part in operands_joined(node)])
        case Call(name="format"):
            return _joined([known_text(part, write) for part in pieces_of_format(node)])
        case _:
            return None


def placeholders_in(node: Operand) -> Iterator[PlaceholderNode]:
    """Yield the placeholders of an expression.

    >>> from generator.dsl import fn
    >>> from generator.dsl.expressions import operand, placeholder
    >>> [one.name for one in placeholders_in(operand(fn.format("{}/{}", placeholder("a"), placeholder("b"))))]
    ['a', 'b']
    """
    pending: list[Any] = [node]
    while pending:
        item = pending.pop()
        if isinstance(item, PlaceholderNode):
            yield item
        elif isinstance(item, tuple):
            pending.extend(reversed(item))
        elif not isinstance(item, Literally):
            pending.extend(getattr(item, name) for name in reversed(getattr(type(item), "__slots__", ())))  # the fields of a node


def operands_joined(node: Binary) -> list[Operand]:
    """Return the operands of text that is joined with ``+``, from left to right, without recursion into a long chain.

    >>> from generator.dsl.expressions import operand, states
    >>> len(operands_joined(operand("a" + states.input.b + "c")))
    3
    """
    parts: list[Operand] = []
    pending: list[Operand] = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, Binary) and part.operator == "++":
            pending += [part.left, part.right]
        else:
            parts.append(part)
    return parts[::-1]


def pieces_of_format(node: Call) -> list[Operand]:
    """Return the pieces of ``fn.format``, from left to right: the text of the template, and the arguments.

    A whole number among the arguments is text, as it is when the workflow runs.

    >>> from generator.dsl import fn
    >>> from generator.dsl.expressions import operand, states
    >>> [type(piece).__name__ for piece in pieces_of_format(operand(fn.format("no {} at {}", 1, states.input.at)))]
    ['Literally', 'Literally', 'Literally', 'Member']
    """
    template, *arguments = node.arguments
    texts = template.value.split("{}") if isinstance(template, Literally) else [""]
    pieces: list[Operand] = []
    for index, text in enumerate(texts):
        if text:
            pieces.append(Literally(text, exact=isinstance(template, Literally) and template.exact))
        if index < len(arguments):
            pieces.append(_text_of_number(arguments[index]))
    return pieces


def _text_of_number(node: Operand) -> Operand:
    value: Any = node.value if isinstance(node, Literally) else None
    return Literally(str(value)) if type(value) is int and -_EXACT < value < _EXACT else node


def _joined(parts: list[str | None]) -> str | None:
    texts = [part for part in parts if part is not None]
    return "".join(texts) if len(texts) == len(parts) else None
