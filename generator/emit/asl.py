"""The definition as a file: JSON that is a Terraform template at the same time."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

from generator.asl.placeholders import unshielded_json
from generator.checks.limits import MAX_DEFINITION

FILE = "definition.asl.json"

_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_HALF_A_PAIR = re.compile(r"[\ud800-\udfff]")


def template_text(text: str) -> str:
    r"""Make JSON text safe as a Terraform template, in which only placeholders start with ``${``.

    An author's ``${`` and every ``%{`` get their first character as a JSON escape: Terraform's ``templatefile`` reads no JSON
    escapes, and whoever reads the JSON gets the author's text back. Terraform also puts text into Unicode's normal form C, which
    makes another key of an S3 object's key that is not in that form; JSON escapes keep it from that too.

    >>> template_text('{"a": "%{ if }", "b": "${arn}"}')
    '{"a": "\\u0025{ if }", "b": "${arn}"}'
    """
    text = unshielded_json(text).replace("%{", "\\u0025{")
    if not unicodedata.is_normalized("NFC", text) or _HALF_A_PAIR.search(text):
        return _NOT_ASCII.sub(lambda found: json.dumps(found[0])[1:-1], text)
    return text


def definition_text(document: dict[str, Any]) -> str:
    r"""Write a compiled definition as ``definition.asl.json``; one that is larger than AWS takes, without indentation.

    >>> print(definition_text({"StartAt": "A", "States": {"A": {"Type": "Pass", "Comment": "50%{x}", "End": True}}}), end="")
    {
      "StartAt": "A",
      "States": {
        "A": {
          "Type": "Pass",
          "Comment": "50\u0025{x}",
          "End": true
        }
      }
    }
    """
    text = template_text(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"
    if len(text.encode()) <= MAX_DEFINITION:
        return text
    return template_text(json.dumps(document, separators=(",", ":"), ensure_ascii=False)) + "\n"
