"""Problems of a definition in the words of AWS: the codes of ValidateStateMachineDefinition, and the message of ``InvalidDefinition``.

Sources:
    https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinitionDiagnostic.html (codes)
    Answers of AWS, published 2024-11 to 2026-09, for the codes of JSONata expressions and for the form of the message.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from generator.diagnostics.model import Diagnostic, Severity, parse_pointer
from generator.local.stepfunctions.model import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterable

SCHEMA: Final = "SCHEMA_VALIDATION_FAILED"
TARGET: Final = "MISSING_TRANSITION_TARGET"
JSON: Final = "INVALID_JSON_DESCRIPTION"
AWS_CODES: Final = {
    "SFN001": JSON,
    "SFN005": "TOO_DEEPLY_NESTED",
    "SFN020": "INVALID_LABEL_NAME",
    "SFN021": "INVALID_RESOURCE",
    "SFN101": TARGET,
    "SFN102": TARGET,
    "SFN103": "DUPLICATE_STATE_NAME",
    "SFN104": TARGET,
    "SFN105": TARGET,
    "SFN108": "MISSING_END_STATE",
    "SFN205": "INVALID_JSONATA_EXPRESSION",
    "SFN206": "INVALID_JSONATA_EXPRESSION",
    "SFN207": "UNSUPPORTED_JSONATA_EXPRESSION",
    "SFN208": "UNSUPPORTED_JSONATA_EXPRESSION",
    "SFN210": "NO_PATH",
    "SFN211": "PASS_RESULT_IS_STATIC",
    "SFN212": "NO_PATH",
    "SFN213": "NO_DOLLAR",
    "SFN401": "INVALID_RESOURCE",
    "SFN402": "INVALID_RESOURCE",
    "SFN403": "INVALID_RESOURCE",
    "SFN404": "INVALID_RESOURCE",
    "SFN601": "INVALID_STATE_NAME",
}
"""The code that AWS has for one of ours. All others are :data:`SCHEMA`. One that AWS does not warn of is not in the answer."""
_LABELS: Final = re.compile(r"\blabel\b", re.IGNORECASE)
_WORDS: Final = {
    "SFN003": "Definition must be a valid JSON object",
    "SFN019": "String does not match RFC3339 timestamp",
    "SFN108": "Workflow has no terminal state",
}
"""The messages that AWS is known to write for a code of ours."""
_PARENT: Final = frozenset({"SFN010", "SFN015", "SFN016"})
"""Codes whose place is a field for us and the object that has it for AWS."""
_UNREACHABLE: Final = "SFN104"
_ROOT: Final = "SFN108"


def aws_code(diagnostic: Diagnostic) -> str | None:
    """Return the code that AWS has for a problem. None for a warning that AWS does not make.

    >>> from generator.checks.validate import validate_text
    >>> text = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}}'
    >>> [aws_code(each) for each in validate_text(text, "a.json")]
    ['MISSING_END_STATE']
    """
    code = AWS_CODES.get(diagnostic.code)
    if code is None and diagnostic.severity is Severity.WARNING:
        return None
    if diagnostic.code == "SFN103" and _LABELS.search(diagnostic.message):
        return "DUPLICATE_LABEL_NAME"
    return code or SCHEMA


def described(diagnostic: Diagnostic) -> dict[str, str] | None:
    """Return a problem as ValidateStateMachineDefinition does. None for a warning that AWS does not make."""
    code = aws_code(diagnostic)
    if code is None:
        return None
    shown = {"severity": diagnostic.severity.name, "code": code, "message": _message(diagnostic)}
    location = _location(diagnostic)
    if location is not None:
        shown["location"] = location
    return shown


def definition_error(diagnostics: Iterable[Diagnostic]) -> ServiceError:
    """Return the refusal of a definition, with all its errors."""
    found = [each for each in map(described, diagnostics) if each is not None and each["severity"] == "ERROR"]
    texts = [f"{each['code']}: {each['message']}" + (f" at {each['location']}" if "location" in each else "") for each in found]
    return ServiceError("InvalidDefinition", f"Invalid State Machine Definition: '{', '.join(texts)}'")


def _message(diagnostic: Diagnostic) -> str:
    if diagnostic.code in _WORDS:
        return _WORDS[diagnostic.code]
    if diagnostic.code == _UNREACHABLE:
        return f'State "{_last(diagnostic.pointer)}" is not reachable.'
    if diagnostic.code in {"SFN010", "SFN015"}:
        return f"Field '{_last(diagnostic.pointer)}' is not supported"
    return diagnostic.message


def _location(diagnostic: Diagnostic) -> str | None:
    if diagnostic.code == "SFN001":
        return f"[Source: (String); line: {diagnostic.span.line}, column: {diagnostic.span.column}]"
    if diagnostic.code in {"SFN003", _ROOT}:
        return None
    if diagnostic.code in _PARENT:
        return diagnostic.pointer.rpartition("/")[0] or "/"
    return diagnostic.pointer or "/"


def _last(pointer: str) -> str:
    return (parse_pointer(pointer) or ("",))[-1]


def answer(diagnostics: Iterable[Diagnostic], severity: str, most: int) -> dict[str, Any]:
    """Return the answer of ValidateStateMachineDefinition.

    Args:
        diagnostics: the problems.
        severity: ``WARNING`` to have warnings in the answer too.
        most: the largest number of problems in the answer.
    """
    found = [each for each in map(described, diagnostics) if each is not None]
    failed = any(each["severity"] == "ERROR" for each in found)
    shown = [each for each in found if severity == "WARNING" or each["severity"] == "ERROR"]
    return {"result": "FAIL" if failed else "OK", "diagnostics": shown[:most], "truncated": len(shown) > most}
