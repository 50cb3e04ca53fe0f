"""Problems of a definition in the words of AWS: the codes of ValidateStateMachineDefinition, and the message of ``InvalidDefinition``.

Sources:
    https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinitionDiagnostic.html (codes)
    Answers of AWS, published 2019-08 to 2026-09, for the codes of JSONata expressions, the messages and the form of places.
"""

from __future__ import annotations

import re
from collections.abc import Callable
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
_PARENT: Final = frozenset({"SFN010", "SFN011", "SFN015", "SFN016", "SFN017", "SFN204"})
"""Codes whose place is a field for us and the object that has it for AWS."""
_NOWHERE: Final = frozenset({"SFN003", "SFN108"})
"""Codes without a place."""
_SOURCE_SHOWN: Final = 500
"""The characters of the definition that the place of a syntax error shows."""
_LAST_LABEL: Final = "has the same label as"
_ORDER: Final = ("States", "StartAt")
"""Required fields in the order in which AWS was seen to write them."""


def _jsonata(message: str) -> str:
    return re.sub(r"^'.*' is not valid JSONata: (?:[A-Z]\d{4}: )?", "", message)


def _bound(diagnostic: Diagnostic) -> str | None:
    """Return the bound that a number breaks. A percentage is a number with a fraction for AWS."""
    bounds = re.search(r"number (?:of (?P<least>\d+) or more|from (?P<low>\d+) to (?P<high>\d+))$", diagnostic.message)
    if bounds is None or not re.fullmatch(r"-?\d+(\.\d+)?", diagnostic.found):
        return None
    suffix = "" if "whole" in diagnostic.message else ".0"
    low, high = bounds["least"] or bounds["low"], bounds["high"]
    if float(diagnostic.found) < float(low):
        return f"Minimum value is {low}{suffix}"
    return f"Maximum value is {high}{suffix}" if high and float(diagnostic.found) > float(high) else None


def _language(diagnostic: Diagnostic) -> str:
    own, other = ("JSONPath", "JSONata") if "is a field of JSONata" in diagnostic.message else ("JSONata", "JSONPath")
    return f"The QueryLanguage is set to '{own}', but field '{_last(diagnostic)}' is only supported for the '{other}' QueryLanguage"


def _reference(diagnostic: Diagnostic) -> str | None:
    named = re.search(r"refers to '([^']+)'", diagnostic.message)
    return None if named is None else f"Reference to '{named[1]}' at the top level is not supported."


def _target(diagnostic: Diagnostic) -> str | None:
    """Return the message about a missing target: with the word Next for every field."""
    named = re.search(r"(?:leads to|is) '([^']*)'", diagnostic.message)
    return None if named is None else f"Missing 'Next' target: {named[1]}"


_WORDS: Final[dict[str, Callable[[Diagnostic], str | None]]] = {
    "SFN003": lambda _: "Definition must be a valid JSON object",
    "SFN010": lambda one: f"Field '{_last(one)}' is not supported",
    "SFN013": _bound,
    "SFN015": lambda one: f"Field '{_last(one)}' is not supported",
    "SFN016": _language,
    "SFN017": lambda _: "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
    "SFN019": lambda _: "String does not match RFC3339 timestamp",
    "SFN101": _target,
    "SFN102": _target,
    "SFN105": _target,
    "SFN104": lambda one: f'State "{_last(one)}" is not reachable.',
    "SFN108": lambda _: "Workflow has no terminal state",
    "SFN109": lambda _: "States.ALL must appear alone and at end of list",
    "SFN110": lambda _: "States.ALL must appear alone and at end of list",
    "SFN202": lambda _: "Value is not a Reference Path",
    "SFN204": lambda one: f"The value for the field '{_last(one)}' must be a valid JSONPath or a valid intrinsic function call",
    "SFN206": lambda one: _jsonata(one.message),
    "SFN207": _reference,
}
"""The messages that AWS is known to write for a code of ours; None where ours is used."""


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
    return "DUPLICATE_LABEL_NAME" if _LAST_LABEL in diagnostic.message else code or SCHEMA


def described(diagnostics: Iterable[Diagnostic], text: str) -> list[dict[str, str]]:
    """Return problems as ValidateStateMachineDefinition does, without the warnings that AWS does not make.

    Args:
        diagnostics: the problems.
        text: the definition.
    """
    found: list[dict[str, str]] = []
    required: dict[str, dict[str, str]] = {}
    for diagnostic in sorted(diagnostics, key=lambda each: each.code in _NOWHERE):
        code = aws_code(diagnostic)
        if code is None:
            continue
        shown = {"severity": diagnostic.severity.name, "code": code, "message": diagnostic.message}
        missing = re.search(r" has no '([^']+)'$", diagnostic.message) if diagnostic.code == "SFN011" else None
        if missing is not None and diagnostic.pointer in required:  # AWS names all of an object at once
            _require(required[diagnostic.pointer], missing[1])
            continue
        if diagnostic.code == "SFN001":
            shown |= _syntax(diagnostic, text)
        else:
            words = _WORDS.get(diagnostic.code)
            shown["message"] = (words and words(diagnostic)) or diagnostic.message
            if diagnostic.code not in _NOWHERE:
                shown["location"] = _location(diagnostic, field=missing is None)
        if missing is not None:
            required[diagnostic.pointer] = shown
            shown["message"] = f"These fields are required: [{missing[1]}]"
        found.append(shown)
    return found


def _require(shown: dict[str, str], name: str) -> None:
    names = [*shown["message"].partition("[")[2].rstrip("]").split(", "), name]
    names.sort(key=lambda each: _ORDER.index(each) if each in _ORDER else len(_ORDER))
    shown["message"] = f"These fields are required: [{', '.join(names)}]"


def _syntax(diagnostic: Diagnostic, text: str) -> dict[str, str]:
    """Return message and place of a syntax error: those of a JSON parser for Java, as AWS answers them."""
    if not text.strip():
        return {"code": SCHEMA, "message": "Definition must be a valid JSON object"}
    line, column = diagnostic.span.line, diagnostic.span.column
    lines = text.split("\n")
    rest = lines[line - 1][column - 1 :] if line <= len(lines) else ""
    word = re.match(r"[A-Za-z_$][\w$]*", rest)
    message = diagnostic.message
    if word is not None:
        column += len(word[0])
        message = f"Unrecognized token '{word[0]}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
    cut = f'"[truncated {len(text) - _SOURCE_SHOWN} chars]' if len(text) > _SOURCE_SHOWN else '"'
    place = f'[Source: (String)"{text[:_SOURCE_SHOWN]}{cut}; line: {line}, column: {column}]'
    return {"message": f"{message}\n at {place}", "location": place}


def _location(diagnostic: Diagnostic, *, field: bool) -> str:
    """Return the place as AWS writes it: ``/States/A/Catch[0]/Next``."""
    tokens = diagnostic.pointer.split("/")
    if field and diagnostic.code in _PARENT:
        del tokens[-1]
    place = ""
    for before, token in zip(["", *tokens], tokens, strict=False):
        place += f"[{token}]" if token.isdigit() and before != "States" else f"/{token}"
    return place[1:] or "/"


def _last(diagnostic: Diagnostic) -> str:
    return (parse_pointer(diagnostic.pointer) or ("",))[-1]


def definition_error(diagnostics: Iterable[Diagnostic], text: str) -> ServiceError:
    """Return the refusal of a definition, with all its errors."""
    found = [each for each in described(diagnostics, text) if each["severity"] == "ERROR"]
    texts = [f"{each['code']}: {each['message']}" + (f" at {each['location']}" if "location" in each else "") for each in found]
    return ServiceError("InvalidDefinition", f"Invalid State Machine Definition: '{', '.join(texts)}'")


def answer(diagnostics: Iterable[Diagnostic], text: str, severity: str, most: int) -> dict[str, Any]:
    """Return the answer of ValidateStateMachineDefinition.

    Args:
        diagnostics: the problems.
        text: the definition.
        severity: ``WARNING`` to have warnings in the answer too.
        most: the largest number of problems in the answer.
    """
    found = described(diagnostics, text)
    failed = any(each["severity"] == "ERROR" for each in found)
    shown = [each for each in found if severity == "WARNING" or each["severity"] == "ERROR"]
    return {"result": "FAIL" if failed else "OK", "diagnostics": shown[:most], "truncated": len(shown) > most}
