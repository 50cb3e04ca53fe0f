"""Validation: everything that is wrong with a definition that was read, as ``validate`` reports it and the engine refuses it."""

from __future__ import annotations

from generator.asl.definition import Definition, definition_of
from generator.asl.read import read_text
from generator.asl.schema import schema_findings
from generator.asl.walk import STANDARD, WorkflowType
from generator.checks import check
from generator.checks.limits import definition_size
from generator.diagnostics.locate import locate
from generator.diagnostics.model import Diagnostic, failed


def problems(definition: Definition) -> list[Diagnostic]:
    """Return everything that is wrong with a definition, in the order of the places; no error if AWS accepts it."""
    document = definition.document
    if not document.readable:
        return document.diagnostics
    findings = [*definition_size(document.text)]
    if definition.walk is not None:
        findings += definition.walk.once(check)
    found = [*definition.diagnostics, *locate(findings, document.locate)]
    if not failed(found):
        # A net below the checks: it finds nothing unless they forgot something.
        found += locate(schema_findings(document.value), document.locate)
    return sorted(found, key=lambda diagnostic: diagnostic.sort_key)


def validate_text(text: str, file: str, *, workflow_type: WorkflowType = STANDARD) -> list[Diagnostic]:
    """Return everything that is wrong with a definition, given as JSON text, or as YAML text by the name of its file.

    Args:
        text: the definition; placeholders such as ``${Arn}`` may be anywhere in it.
        file: its name, for the places in the diagnostics.
        workflow_type: the type that it is deployed as.

    >>> [(d.code, str(d.span)) for d in validate_text('{"StartAt": "A", "States": {"A": {"Type": "Pass"}}}', "a.json")]
    [('SFN106', 'a.json:1:29')]
    """
    return problems(definition_of(read_text(text, file), workflow_type))
