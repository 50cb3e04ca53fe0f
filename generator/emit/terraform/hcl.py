"""Text inside HCL, escaped so that it never ends its string or its comment.

Syntax: https://developer.hashicorp.com/terraform/language/expressions/strings and
https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
_NOT_A_KEY: Final = frozenset({"for", "true", "false", "null"})
_ESCAPED: Final = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
_INTRODUCER = re.compile(r"([$%])(?=\{)")
_LAST_SHORT: Final = 0xFFFF
_SURROGATES: Final = range(0xD800, 0xE000)


def hcl_string(text: str) -> str:
    r"""Write text as a quoted string, which Terraform reads as this text in Unicode's normal form C.

    The ``$`` of ``${`` and the ``%`` of ``%{`` are Unicode escapes, not ``$${`` and ``%%{``, which have another meaning after
    one more ``$`` or ``%``. Characters that do not print, or that change the direction of the text, are escaped too. Half of
    a surrogate pair is not a character, and becomes U+FFFD.

    >>> print(hcl_string('say "hi" to ${all} 100%{x}'))
    "say \"hi\" to \u0024{all} 100\u0025{x}"
    """
    text = "".join(_escaped(character) for character in text)
    return f'"{_INTRODUCER.sub(lambda found: _unicode(found[1]), text)}"'


def hcl_comment(text: str) -> str:
    r"""Write text as comments, one for each line.

    >>> print(hcl_comment("Stores an order.\n}\x0bresource {"))
    # Stores an order.
    # }
    # resource {
    """
    lines = ("".join(c if c.isprintable() else _unicode(c) for c in line.rstrip()) for line in text.splitlines())
    return "\n".join(f"# {line}".rstrip() for line in lines)


def hcl_attributes(values: Mapping[str, str], indent: int) -> str:
    """Write attributes, one per line, with aligned equals signs as `terraform fmt` writes them.

    Args:
        values: expressions in HCL, by name; names are ASCII.
        indent: the spaces before each line but the first, which the template indents.

    >>> print(hcl_attributes({"a": "1", "for": "var.x"}, 2))
    a     = 1
      "for" = var.x
    """
    keys = {hcl_key(name): value for name, value in values.items()}
    width = max((len(key) for key in keys), default=0)
    return ("\n" + " " * indent).join(f"{key:<{width}} = {value}" for key, value in keys.items())


def hcl_key(name: str) -> str:
    """Write a name as a key of an object, in quotes if HCL would otherwise read something else.

    >>> hcl_key("order_arn"), hcl_key("null")
    ('order_arn', '"null"')
    """
    return name if _IDENTIFIER.match(name) and name not in _NOT_A_KEY else hcl_string(name)


def _escaped(character: str) -> str:
    if character in _ESCAPED:
        return _ESCAPED[character]
    return character if character.isprintable() else _unicode(character)


def _unicode(character: str) -> str:
    number = ord(character)
    if number in _SURROGATES:
        return "\ufffd"
    return f"\\u{number:04x}" if number <= _LAST_SHORT else f"\\U{number:08x}"
