"""The placeholders of a definition that is a file: their names in Terraform, and what they stand for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from generator.asl.placeholders import PLACEHOLDER, STRING_OR_PLACEHOLDER, Placeholder, placeholder_name
from generator.asl.read import Document
from generator.lower.texts import OWN, PSEUDO

_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NOT_TEXTS: Final = frozenset({"Comment", "Next", "Default", "StartAt"})


def with_placeholders(document: Document, declared: Mapping[str, Placeholder]) -> tuple[Any, dict[str, Placeholder]]:
    """Return the value of a document, with placeholders that Terraform accepts, and what they stand for.

    A name that Terraform does not accept for a variable gets one that it does: ``${AWS::Region}`` is ``${aws_region}``, and
    ``${Check.Arn}`` is ``${Check_Arn}``. A placeholder without quotation marks is a number.

    Args:
        document: the document.
        declared: the attributes of the resources of the project, by the names of their placeholders.

    >>> from generator.asl.read import read_text
    >>> value, found = with_placeholders(read_text('{"Resource": "${AWS::Region}", "Seconds": ${pause}}', "a.json"), {})
    >>> value, found["pause"].type
    ({'Resource': '${aws_region}', 'Seconds': '${pause}'}, 'number')
    """
    text = document.text
    bare = {placeholder_name(one[1]) for one in STRING_OR_PLACEHOLDER.finditer(text) if one[1] is not None} if "${" in text else set()
    found: dict[str, Placeholder] = {}

    def renamed(text: str) -> str:
        return PLACEHOLDER.sub(lambda one: _placeholder(one[1], declared, bare, found).text, text) if "${" in text else text

    def walked(value: Any, key: str = "") -> Any:
        if isinstance(value, Mapping):
            return {(each if key == "States" else renamed(each)): walked(inner, each) for each, inner in value.items()}
        if isinstance(value, list):
            return [walked(inner, key) for inner in value]
        return renamed(value) if isinstance(value, str) and key not in _NOT_TEXTS else value

    value = walked(document.value)
    return value, dict(sorted(found.items()))


def _placeholder(name: str, declared: Mapping[str, Placeholder], bare: set[str], found: dict[str, Placeholder]) -> Placeholder:
    new = PSEUDO.get(name) or (name if _IDENTIFIER.fullmatch(name) else "_".join(re.findall(r"[A-Za-z0-9_]+", name)))
    known = declared.get(new) or OWN.get(new) or found.get(new)
    if known is None:
        known = Placeholder(new if _IDENTIFIER.fullmatch(new) else f"value_{new}", type="number" if name in bare else "string")
    return found.setdefault(known.name, known)
