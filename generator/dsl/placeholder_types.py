"""The names and the types of placeholders: Python's types, and how Terraform spells them."""

from __future__ import annotations

from typing import Any, Final, get_args, get_origin

from generator.asl.placeholders import STRING
from generator.dsl.source import AuthoringError, shown

_SCALARS: Final[dict[Any, str]] = {str: STRING, int: "number", float: "number", bool: "bool"}


def is_placeholder_name(name: str) -> bool:
    """Return whether :func:`placeholder` accepts a name.

    >>> is_placeholder_name("my_table"), is_placeholder_name("MyTable"), is_placeholder_name("my-table")
    (True, True, False)
    """
    return name.isidentifier() and name.isascii() and name not in ("true", "false", "null")


def type_in_terraform(type_: Any) -> str:
    """Return a type of Python as Terraform spells it: https://developer.hashicorp.com/terraform/language/expressions/type-constraints."""
    if isinstance(type_, type) and type_ in _SCALARS:
        return _SCALARS[type_]
    container, items = get_origin(type_) or type_, get_args(type_)
    if container is list and len(items) <= 1:
        return f"list({type_in_terraform(items[0] if items else str)})"
    if container is dict and (not items or items[0] is str):
        return f"map({type_in_terraform(items[1] if items else str)})"
    raise AuthoringError(
        "the type of a placeholder is not one that deployment can fill in",
        found=shown(type_),
        expected="str, int, float, bool, list, dict, or a list or dict of these, such as list[int] or dict[str, str]",
    )


def type_in_python(text: str) -> str:
    """Return a type of Terraform as Python spells it.

    >>> type_in_python("map(list(number))")
    'dict[str, list[float]]'
    """
    if text.startswith("list("):
        return f"list[{type_in_python(text[len('list(') : -1])}]"
    if text.startswith("map("):
        return f"dict[str, {type_in_python(text[len('map(') : -1])}]"
    return {"string": "str", "number": "float"}.get(text, text)
