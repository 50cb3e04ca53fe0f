"""The catalogue: codes, themes, and a page for each. ``tests/invalid`` tests the examples of the pages."""

from __future__ import annotations

import json
import re
from importlib.resources import files

import pytest

from generator.checks.validate import validate_text
from generator.diagnostics import codes
from generator.diagnostics.codes import CODES, THEMES, explain
from generator.diagnostics.model import Severity
from tests.support.conformance import facts


def test_codes_are_unique_and_have_a_theme() -> None:
    """A code is unique, has the form SFNnnn, and its first digit is a theme."""
    rows = codes._CATALOGUE
    assert len({row.code for row in rows}) == len(rows)
    assert len({row.title for row in rows}) == len(rows)
    for row in rows:
        assert re.fullmatch(r"SFN\d{3}", row.code)
        assert row.code[3] in THEMES
    assert [row.code for row in rows] == sorted(row.code for row in rows)


def test_there_is_a_page_for_each_code_and_no_other() -> None:
    """Pages and catalogue agree, title for title."""
    pages = {p.name.removesuffix(".md") for p in (files("generator.diagnostics") / "pages").iterdir() if p.name.endswith(".md")}
    assert pages == set(CODES)
    for row in CODES.values():
        assert explain(row.code).splitlines()[0] == f"# {row.code}: {row.title}"


def test_pages_about_aws_name_their_source() -> None:
    """A page about the behaviour of AWS has a source."""
    for code in CODES:
        if not code.startswith("SFN8") and code not in {"SFN004", "SFN007"}:  # about Python, files and ports
            assert re.search(r"^Source: <https://\S+>$", explain(code), re.MULTILINE), code


def test_explain_suggests_a_code() -> None:
    """A code that does not exist is an error that helps."""
    with pytest.raises(KeyError, match="did you mean"):
        explain("SFN1O1")


REFUSES = re.compile(
    r"^(AWS refuses it: (measured|documented|specified), .+?\(<https://\S+?>\)\.|Only this project refuses it: .+?\.)$",
    re.MULTILINE | re.DOTALL,
)
ABOUT_DEFINITIONS = [code for code, row in CODES.items() if row.severity is Severity.ERROR and code[3] < "7"]


@pytest.mark.parametrize("code", ABOUT_DEFINITIONS)
def test_every_error_says_who_refuses_the_definition(code: str) -> None:
    """An error is certain: its page says how it is known that AWS refuses such a definition, and where. Without that it is a warning."""
    found = [paragraph for paragraph in explain(code).split("\n\n") if "refuses it:" in paragraph]
    assert len(found) == 1, code
    assert REFUSES.fullmatch(found[0]), found


RECORDED = {"SFN001", "SFN019"}
"""What AWS's recorded validations refuse. They are not among the facts."""


def test_what_is_said_to_be_measured_was_measured() -> None:
    """A code whose page says that AWS's answer was measured is the one that we have for a fact that AWS refuses."""
    said = {code for code in ABOUT_DEFINITIONS if "AWS refuses it: measured" in explain(code)}
    seen = set()
    for fact in facts():
        if fact["kind"] == "validation" and fact["expected"]["verdict"] == "FAIL":
            seen |= {found.code for found in validate_text(json.dumps(fact["definition"]), "fact.json", workflow_type=fact["type"])}
    assert said - RECORDED <= seen
