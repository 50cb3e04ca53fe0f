"""From the corrections of the execution role, as authors write them, to those that the role is derived with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from generator.asl.corrections import Correction
from generator.asl.placeholders import Placeholder, has_placeholder
from generator.dsl.expressions import Binary, Call, Expr, Literally, Operand, PlaceholderNode, as_python, operand, source_of
from generator.dsl.permissions import Correction as Written
from generator.dsl.permissions import Permissions
from generator.dsl.resources import Resource
from generator.dsl.source import Source, listed

if TYPE_CHECKING:
    from generator.diagnostics.model import Pointer
    from generator.lower.states import Values

_FORMS: Final = 'orders.arn, orders.arn + "/index/*", placeholder("role_arn"), an ARN, or a part of one such as "table/orders"'


def corrections_of(permissions: Permissions, at: Pointer, values: Values) -> Iterator[tuple[Correction, Source]]:
    """Yield the corrections of a step, or of the workflow, each with the place where it was written.

    Args:
        permissions: the corrections as written.
        at: the place of the state; empty for the workflow.
        values: the writer of the values, which collects the placeholders and reports what is not known before the workflow runs.
    """
    for number, written in enumerate(listed(permissions)):
        assert isinstance(written, Written)  # noqa: S101  the step has checked it
        actions = tuple(str(action) for action in listed(written.actions))
        resources = tuple(filter(None, (_text(one, written, values) for one in listed(written.resources))))
        conditions = tuple(
            (str(operator), str(key), tuple(sorted(filter(None, (_text(one, written, values) for one in listed(wanted))))))
            for operator, keys in sorted((written.conditions or {}).items())
            for key, wanted in sorted(keys.items())
        )
        reason = " ".join(written.reason.split())
        yield Correction(written.VERB, actions, resources, conditions, reason, at, number, written.source.file), written.source


def _text(value: object, written: Written, values: Values) -> str:
    """Return a resource or the value of a condition as text with placeholders; an empty string if it is not known before the run."""
    if isinstance(value, Resource):
        value = value.arn
    if isinstance(value, Expr):
        node = values.noted(operand(value))
        text = _of_node(node)
        if text is None:
            _report(values, source_of(value), "a permission is fixed before the workflow runs, so it cannot depend on its data", node)
        return text or ""
    text = str(value)
    if has_placeholder(text):
        message = "a '${…}' in the text of a permission is not a placeholder"
        values.report(
            "SFN806", written.source, message, found=repr(text), expected='placeholder("name") + "…", or the attribute of a resource'
        )
        return ""
    return text


def _report(values: Values, source: Source, message: str, node: Operand) -> None:
    values.report("SFN806", source, message, found=as_python(node), expected=_FORMS)


def _of_node(node: Operand) -> str | None:
    """Return the text of an expression that consists of text and placeholders only; None for any other."""
    match node:
        case PlaceholderNode():
            return Placeholder(node.name).text
        case Literally(value=str() as text) if not has_placeholder(text):
            return text
        case Binary(operator="++", left=left, right=right):
            return _joined([_of_node(left), _of_node(right)])
        case Call(name="format", arguments=(Literally(value=str() as template), *arguments)) if not has_placeholder(template):
            pieces: list[str | None] = [*template.split("{}")]
            texts = [_of_node(argument) for argument in arguments]
            if len(pieces) != len(texts) + 1:
                return None
            return _joined([pieces[0], *(part for pair in zip(texts, pieces[1:], strict=True) for part in pair)])
        case _:
            return None


def _joined(parts: list[str | None]) -> str | None:
    texts = [part for part in parts if part is not None]
    return "".join(texts) if len(texts) == len(parts) else None
