"""A check: a function in a module of ``generator/checks``, and a line in the tuple.

``tests/diagnostics/test_codes.py`` holds that its code has a row and a page, ``tests/invalid`` that the code has an invalid
example with the expected output and that the examples of its page are right, ``tests/test_architecture.py`` that a module
reports it.
"""

from __future__ import annotations

import inspect

import generator.checks
from generator.checks import CHECKS
from tests.support.signatures import functions

READERS = {"generator.checks.validate.problems"}
"""Functions that run the checks."""


def test_every_check_is_in_the_tuple() -> None:
    """A function that yields findings is never called if no tuple names it. Only the checks of a size take a text."""
    found = {*functions(generator.checks, returns="Finding|Diagnostic")}
    checks = {one for one in found if "text" not in inspect.signature(one).parameters}
    assert len(checks) > 20
    assert {f"{one.__module__}.{one.__name__}" for one in checks - {*CHECKS}} - READERS == set()


def test_no_check_runs_twice() -> None:
    """Each problem is reported once."""
    assert len({*CHECKS}) == len(CHECKS)
