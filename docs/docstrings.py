"""An extension of griffe: docstrings as they are written in this project, as Markdown.

Examples are bare ``>>>`` lines, which Markdown would take for quotations, and references have Sphinx's roles.
"""

from __future__ import annotations

import re
from typing import Any

from griffe import Attribute, Class, Extension, Object

# A doctest: lines from ">>> " to the next empty line.
_EXAMPLE = re.compile(r"^>>> .*(?:\n(?!\n).+)*", re.MULTILINE)
_BETWEEN = re.compile(r"\n```\n+```pycon\n")
# Several parameters with one text.
_TOGETHER = re.compile(r"^( +)(\w+(?:, \w+)+)(: .*)$", re.MULTILINE)
_ROLE = re.compile(r":(?:mod|class|func|meth|attr|data):`~?([^`]+)`")
_OURS = re.compile(r"^generator\.(?:dsl\.\w+\.|asl\.(?=error_names)|engine\.(?:execution|compile)\.|vocabulary\.)(?=\w)")


class Docstrings(Extension):
    """Write doctests as code blocks, and roles as code."""

    def on_object(self, *, obj: Object, **_: Any) -> None:
        """Change the docstring of an object that griffe has read."""
        if obj.docstring is not None:
            obj.docstring.value = as_markdown(obj.docstring.value)

    def on_class(self, *, cls: Class, **_: Any) -> None:
        """Remove class variables, which griffe takes for parameters of a dataclass."""
        constants = [name for name, one in cls.members.items() if isinstance(one, Attribute) and str(one.annotation).startswith("ClassVar")]
        for name in constants:
            cls.del_member(name)


def as_markdown(text: str) -> str:
    """Return a docstring as Markdown."""
    text = _TOGETHER.sub(lambda entry: "\n".join(f"{entry[1]}{name}{entry[3]}" for name in entry[2].split(", ")), text)
    fenced = _EXAMPLE.sub(lambda example: f"```pycon\n{example[0]}\n```", text)
    return _ROLE.sub(lambda role: f"`{_OURS.sub('', role[1])}`", _BETWEEN.sub("\n", fenced))
