"""A check: a function in a module of ``generator/checks``, and a line in the tuple.

``tests/diagnostics/test_codes.py`` holds that its code has a row and a page, ``tests/invalid`` that the code has an invalid
example with the expected output and that the examples of its page are right, ``tests/test_architecture.py`` that a module
reports it.
"""

from __future__ import annotations

import generator.checks
from generator.checks import CHECKS
from tests.support.signatures import functions


def test_every_check_is_in_the_tuple() -> None:
    """A function from a walk to findings that the tuple does not name is never called."""
    found = {*functions(generator.checks, takes="Walk", returns="Finding")}
    assert len(found) > 20
    assert {f"{one.__module__}.{one.__name__}" for one in found - {*CHECKS}} == set()


def test_no_check_runs_twice() -> None:
    """Each problem is reported once."""
    assert len({*CHECKS}) == len(CHECKS)
