"""Text inside HCL, escaped so that it never ends its string or its comment.

Syntax: https://developer.hashicorp.com/terraform/language/expressions/strings and
https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from typing import Any, Final

from generator.asl.placeholders import PLACEHOLDER, placeholder_name, plain

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
    r"""Write attributes, one after the other, with aligned equals signs as `terraform fmt` writes them.

    A value of several lines has its own space before the equals sign, and ends the group of lines that are aligned.

    Args:
        values: expressions in HCL, by name; names are ASCII.
        indent: the spaces before each line but the first, which the template indents.

    >>> print(hcl_attributes({"a": "1", "for": "var.x"}, 2))
    a     = 1
      "for" = var.x
    >>> print(hcl_attributes({"long": "1", "a": "[\n  1,\n]", "b": "2"}, 0))
    long = 1
    a = [
      1,
    ]
    b = 2
    """
    lines: list[str] = []
    for several, group in groupby(((hcl_key(name), value) for name, value in values.items()), key=lambda item: "\n" in item[1]):
        items = [*group]
        width = 0 if several else max(len(key) for key, _ in items)
        lines += [f"{key:<{width}} = {value}" for key, value in items]
    return ("\n" + " " * indent).join(lines)


def hcl_block(header: str, *parts: Mapping[str, str] | str) -> str:
    """Write a block. Its parts are groups of attributes and inner blocks, with an empty line between them.

    >>> print(hcl_block("target", {"arn": "var.arn", "role_arn": "var.role_arn"}, hcl_block("retry_policy", {"attempts": "3"})))
    target {
      arn      = var.arn
      role_arn = var.role_arn
    <BLANKLINE>
      retry_policy {
        attempts = 3
      }
    }
    """
    written = [part if isinstance(part, str) else hcl_attributes(part, 0) for part in parts if part]
    return f"{header} {{\n" + "\n\n".join(hcl_indented(part) for part in written) + "\n}"


def hcl_object(items: Mapping[str, str]) -> str:
    """Write an object of several lines, from expressions by name.

    >>> print(hcl_object({"Effect": '"Allow"', "aws:SourceArn": "local.arn"}))
    {
      Effect          = "Allow"
      "aws:SourceArn" = local.arn
    }
    """
    return "{\n" + hcl_indented(hcl_attributes(items, 0)) + "\n}"


def hcl_list(items: Iterable[str]) -> str:
    """Write a list of several lines, from expressions.

    >>> print(hcl_list(["var.a", "var.b"]))
    [
      var.a,
      var.b,
    ]
    """
    return "[\n" + "".join(hcl_indented(item) + ",\n" for item in items) + "]"


def hcl_json(value: Any, text: Callable[[str], str] = hcl_string, width: int = 100) -> str:
    """Write JSON as an expression, on one line if it fits.

    Args:
        value: JSON.
        text: the function that writes a string.
        width: the most characters of one line.

    >>> print(hcl_json({"source": ["aws.s3"], "detail": {"size": [{"numeric": [">", 0]}]}}, width=60))
    {
      source = ["aws.s3"]
      detail = { size = [{ numeric = [">", 0] }] }
    }
    """
    if isinstance(value, str):
        return text(value)
    if isinstance(value, Mapping) and value:
        items = {str(key): hcl_json(inner, text, width - 2) for key, inner in value.items()}
        line = "{ " + ", ".join(f"{hcl_key(key)} = {inner}" for key, inner in items.items()) + " }"
        return line if len(line) <= width and "\n" not in line else hcl_object(items)
    if isinstance(value, list | tuple):
        parts = [hcl_json(inner, text, width - 2) for inner in value]
        line = "[" + ", ".join(parts) + "]"
        return line if len(line) <= width and "\n" not in line else hcl_list(parts)
    return "{}" if isinstance(value, Mapping) else json.dumps(value)


def hcl_template(text: str, values: Mapping[str, str]) -> str:
    r"""Write text with placeholders as an expression.

    Args:
        text: the text, in which only placeholders start with ``${`` (:func:`generator.dsl.known.known_text`).
        values: the expression of each placeholder, by name.

    >>> print(hcl_template("s3://${imports_name}/in", {"imports_name": "var.imports_name"}))
    "s3://${var.imports_name}/in"
    >>> print(hcl_template("${imports_name}", {"imports_name": "var.imports_name"}))
    var.imports_name
    """
    if name := placeholder_name(text):
        return values[name]
    parts = PLACEHOLDER.split(text)
    written = []
    for index, part in enumerate(parts):
        if index % 2:
            written.append("${" + values[part] + "}")
        else:
            literal = hcl_string(plain(part))[1:-1]
            # A "$" or "%" just before an interpolation would make an escape of its "${".
            written.append(literal[:-1] + _unicode(literal[-1]) if literal[-1:] in ("$", "%") and index + 1 < len(parts) else literal)
    return '"' + "".join(written) + '"'


def hcl_indented(text: str) -> str:
    r"""Indent each line by two spaces.

    >>> hcl_indented("a\n\nb")
    '  a\n\n  b'
    """
    return "\n".join(f"  {line}" if line else line for line in text.split("\n"))


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
