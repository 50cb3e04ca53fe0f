"""From the corrections of the execution role, as authors write them, to those that the role is derived with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from generator.asl.corrections import Correction
from generator.asl.placeholders import has_placeholder, plain
from generator.dsl.declarations import Resource
from generator.dsl.expressions import Expr, operand, source_of
from generator.dsl.known import known_text
from generator.dsl.permissions import Correction as Written
from generator.dsl.permissions import Permissions
from generator.dsl.source import Source, listed
from generator.dsl.written import as_python

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
        text = known_text(node)
        if text is None:
            message = "a permission is fixed before the workflow runs, so it cannot depend on its data"
            values.report("SFN806", source_of(value), message, found=as_python(node), expected=_FORMS)
            return ""
        if plain(text) == text:
            return text
        text = plain(text)
    else:
        text = str(value)
    if not has_placeholder(text):
        return text
    message = "a '${…}' in the text of a permission is not a placeholder"
    values.report("SFN806", written.source, message, found=repr(text), expected='placeholder("name") + "…", or the attribute of a resource')
    return ""
