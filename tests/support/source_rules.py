"""Strings in the source of ``generator/``, read with :mod:`ast`, for the rules about where a fact may be written."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.support.import_graph import PACKAGE, ROOT

PLACEHOLDER_PATTERN = re.compile(r"(?:\\\$|\[\$\])(?:\\\{|\{|\[\{\])|\$(?:\\\{|\[\{\])")
"""A regular expression that matches ``${``: a dollar sign and a brace of which one at least is escaped."""


def strings(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the value of each string in a module's source, docstrings left out.

    >>> [value for _, value in strings('"a docstring"; x = "one" "two"; f"three {x}"')]
    ['onetwo', 'three ']
    """
    tree = ast.parse(text)
    docstrings = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings:
            yield node.lineno, node.value


@cache
def modules(root: Path = ROOT) -> dict[str, str]:
    """Return the source of each module of ``generator/`` by its path, such as ``generator/asl/walk.py``."""
    return {file.relative_to(root).as_posix(): file.read_text(encoding="utf-8") for file in sorted((root / PACKAGE).rglob("*.py"))}


def placeholder_patterns(text: str) -> list[int]:
    r"""Return the lines of the strings that are regular expressions for ``${``.

    >>> placeholder_patterns(r'''
    ... re.compile(r"\$\{(\w+)\}")
    ... pattern = "[$]{"
    ... fine = "${name}"
    ... ''')
    [2, 3]
    """
    return sorted(line for line, value in strings(text) if PLACEHOLDER_PATTERN.search(value))
