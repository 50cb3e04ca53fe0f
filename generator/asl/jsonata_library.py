"""jsonata-python: the parser of the expressions that run, and the formatter of pictures. It is a port of the JVM's implementation."""

from __future__ import annotations

import importlib
import re
import sys
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from generator.asl.jsonata_depth import DEEP

if TYPE_CHECKING:
    from types import ModuleType


@lru_cache(1)
def python_library() -> ModuleType:
    """Import jsonata-python, and restore the recursion limit of the process, which the import raises to 10,000."""
    with DEEP:  # so that no other thread changes the limit meanwhile
        limit = sys.getrecursionlimit()
        try:
            library = importlib.import_module("jsonata")
            importlib.import_module("jsonata.functions")
            return library
        finally:
            sys.setrecursionlimit(limit)


def syntax_tree(text: str) -> Any:
    """Return the syntax tree of an expression.

    Raises:
        Exception: the text is not an expression; jsonata-python raises several types.
    """
    library = python_library()
    parser = importlib.import_module("jsonata.parser").Parser()
    tree = parser.parse(text + "\n", _regex)  # the parser refuses a comment at the end
    if parser.errors:
        raise library.JException("S0500", 0)
    return tree


def _regex(pattern: str, flags: Any) -> re.Pattern[str]:
    r"""Compile a regular expression as Java does: ``\s``, ``\d``, ``\w`` and the flag ``i`` are ASCII."""
    chosen = re.ASCII | (re.IGNORECASE if flags.case_insensitive else 0) | (re.MULTILINE if flags.multiline else 0)
    return re.compile(re.sub(r"\(\?<(?=[A-Za-z])", "(?P<", pattern), chosen)
