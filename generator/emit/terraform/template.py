r"""JSON as a template that Terraform's ``templatefile`` fills in: only placeholders start with ``${``, and nothing with ``%{``.

Terraform reads no JSON escapes. So a ``$`` or ``%`` that must stay text is written as a JSON escape, and every JSON reader
returns the author's text.

Source: https://developer.hashicorp.com/terraform/language/functions/templatefile
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

from generator.asl.placeholders import PLACEHOLDER, Placeholder

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")


def definition_template(text: str) -> str:
    r"""Write the JSON text of a definition as a template.

    Terraform converts text to Unicode's normal form C. That would change, for example, the key of an S3 object that is not in
    this form. In a text that Terraform would change, all characters outside ASCII are JSON escapes.

    Args:
        text: JSON text in which only placeholders start with ``${``.

    >>> definition_template('{"a": "%{ if }", "b": "${arn}"}')
    '{"a": "\\u0025{ if }", "b": "${arn}"}'
    """
    text = text.replace("%{", "\\u0025{")
    changes = not text.isascii() and (not unicodedata.is_normalized("NFC", text) or _SURROGATE.search(text))
    return _NOT_ASCII.sub(lambda found: json.dumps(found[0])[1:-1], text) if changes else text


def policy_template(document: Mapping[str, Any]) -> str:
    r"""Write an IAM policy as a template, in ASCII: IAM accepts no character above U+00FF.

    Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html

    >>> print(policy_template({"Resource": "${orders_arn}/ü%{x}${*}"}), end="")
    {
      "Resource": "${orders_arn}/\u00fc\u0025{x}\u0024{*}"
    }
    """
    parts = PLACEHOLDER.split(json.dumps(document, indent=2))
    # Every second part is the name of a placeholder.
    text = "".join(Placeholder(part).text if index % 2 else part.replace("${", "\\u0024{") for index, part in enumerate(parts))
    return text.replace("%{", "\\u0025{") + "\n"
