"""Our engine answers as AWS was measured to: every fact, but for the explained exceptions."""

import pytest

from tests.support.conformance import answer, differences, exceptions, facts

FACTS = {fact["id"]: fact for fact in facts()}
KNOWN = exceptions()


@pytest.mark.parametrize("name", [name for name in FACTS if name not in KNOWN])
def test_fact(name):
    """Status, output, error, cause and verdict are AWS's."""
    got = answer(FACTS[name])
    assert differences(FACTS[name], got) == [], (FACTS[name]["expected"], got)


@pytest.mark.parametrize("name", KNOWN)
def test_exception(name):
    """An exception that agrees after all is taken off the list."""
    assert differences(FACTS[name], answer(FACTS[name]))


def test_every_fact_has_its_source():
    """A fact without a source is not a fact."""
    assert len(FACTS) == len(facts())
    hows = {"measured", "reported", "documented", "derived", "guess"}
    assert all(fact["source"] and fact["how"] in hows for fact in FACTS.values())
