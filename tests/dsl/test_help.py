"""``help(generator)`` is a page: the vocabulary by topic, a line each, and where to read on."""

from __future__ import annotations

import ast
import doctest
import pydoc
import re
import textwrap

import generator
from generator.asl import error_names
from generator.dsl import aws, fn

LONGEST = 140
"""The most lines of the page. Before, pydoc wrote every class with all its methods: 2,646 lines."""


def test_it_is_a_page() -> None:
    """Pydoc writes the text of the package, and none of the classes in full."""
    lines = pydoc.render_doc(generator, renderer=pydoc.plaintext).splitlines()
    assert len(lines) < LONGEST
    assert not [line for line in lines if "Method resolution order" in line or line.strip().startswith("class ")]
    assert max(map(len, lines)) <= 140


def test_every_name_has_its_line() -> None:
    """A new name is explained, and no line explains a name that is gone."""
    rows = re.findall(r"^    ((?:\w+)(?:, \w+)*)  +\S", generator.__doc__ or "", re.MULTILINE)
    names = [name for row in rows for name in row.split(", ")]
    assert sorted(names) == sorted(generator.__all__)


def test_the_example_in_it_compiles() -> None:
    """It is complete: it can be pasted into a file."""
    text = generator.__doc__ or ""
    example = textwrap.dedent("\n".join(line for line in text[text.index("    from generator") :].split("\n\nEverything")[0].splitlines()))
    scope: dict[str, object] = {}
    exec(compile(ast.parse(example), "example", "exec"), scope)  # noqa: S102  our own text
    assert isinstance(scope["order"], generator.Workflow)


def test_dir_is_the_vocabulary() -> None:
    """Nothing that the package only needs for itself."""
    assert [name for name in dir(generator) if not name.startswith("__")] == sorted(generator.__all__)
    assert "TYPE_CHECKING" not in dir(generator)


def test_a_star_imports_the_vocabulary() -> None:
    """As it did before: only pydoc does not see the list."""
    scope: dict[str, object] = {}
    exec("from generator import *", scope)  # noqa: S102
    assert {*generator.__all__} <= {*scope}


def test_the_pages_that_it_names_are_readable() -> None:
    """The modules with functions have pages of their own, without what they import."""
    for module in (fn, error_names, aws, aws.glue):
        text = pydoc.render_doc(module, renderer=pydoc.plaintext)
        assert "Method resolution order" not in text
        assert len(text.splitlines()) < 420, module.__name__
    assert doctest.testmod(fn).failed == 0
