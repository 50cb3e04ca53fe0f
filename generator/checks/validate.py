"""Validation of ASL text, as ``validate`` does it: read, parse, check, locate."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from generator.asl.parse import parse
from generator.asl.schema import schema_findings
from generator.asl.text import file_locator, read_json
from generator.asl.walk import walk
from generator.checks import check
from generator.checks.limits import definition_size
from generator.diagnostics.codes import severity_of
from generator.diagnostics.locate import locate
from generator.diagnostics.model import Diagnostic, Finding, Severity

if TYPE_CHECKING:
    from generator.asl.walk import WorkflowType


def validate_text(text: str, file: str, *, workflow_type: WorkflowType = "STANDARD") -> list[Diagnostic]:
    """Find everything that is wrong with a definition in JSON; placeholders such as ``${Arn}`` may stand anywhere.

    Args:
        text: the definition.
        file: its name, for the places in the diagnostics.
        workflow_type: the type it will be deployed as.

    Returns:
        the diagnostics in the order of their places; nothing that is an error if AWS accepts the definition.

    >>> [(d.code, str(d.span)) for d in validate_text('{"StartAt": "A", "States": {"A": {"Type": "Pass"}}}', "a.json")]
    [('SFN106', 'a.json:1:29')]
    """
    document, findings, stopped = read_json(text)
    if stopped is not None:
        return locate(findings, lambda _: replace(stopped, file=file))
    findings += definition_size(text)
    machine, parsed = parse(document)
    findings += parsed
    if machine is not None:
        findings += check(walk(machine, workflow_type))
    if not any(severity_of(f.code) is Severity.ERROR for f in findings):
        findings += schema_findings(document)  # a net below the checks: it finds nothing unless they forgot something
    return locate(findings, file_locator(file, text))


def validate_bytes(data: bytes, file: str, *, workflow_type: WorkflowType = "STANDARD") -> list[Diagnostic]:
    """Validate the content of a file, which has to be UTF-8 (RFC 8259, section 8.1).

    >>> validate_bytes(bytes([255, 254]), "a.json")[0].message
    'this is not UTF-8 text'
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        line_start = before.rfind("\n") + 1
        finding = Finding("SFN001", (), "this is not UTF-8 text", found=f"the byte 0x{data[error.start]:02x}", expected="JSON in UTF-8")
        place = replace(file_locator(file, "")(()), line=before.count("\n") + 1, column=len(before) - line_start + 1)
        return locate([finding], lambda _: place)
    return validate_text(text, file, workflow_type=workflow_type)


def failed(diagnostics: list[Diagnostic]) -> bool:
    """Tell whether any of the diagnostics is an error."""
    return any(d.severity is Severity.ERROR for d in diagnostics)
