"""Two policies beside each other: a permission that is new or wider is never left out."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.iam.changes import covers, policy_changes

PATTERNS = st.text("ab*?", max_size=5)
TEXTS = st.text("ab", max_size=5)


@given(PATTERNS, PATTERNS, TEXTS)
def test_covering_is_certain(pattern: str, other: str, text: str) -> None:
    """No text matches the covered pattern without matching the one that covers it."""
    if covers(pattern, other) and fnmatchcase(text, other):
        assert fnmatchcase(text, pattern)


@given(PATTERNS, TEXTS)
def test_covering_a_plain_text_is_matching(pattern: str, text: str) -> None:
    """Without wildcards on the other side nothing is uncertain."""
    assert covers(pattern, text) == fnmatchcase(text, pattern)


CONDITIONS = st.sampled_from([{}, {"StringEquals": {"aws:k": "1"}}, {"StringEquals": {"aws:k": ["1", "2"]}}, {"Bool": {"aws:b": "true"}}])
STATEMENTS = st.builds(
    lambda effect, action, resource, condition: {
        "Effect": effect,
        "Action": action,
        "Resource": resource,
        **({"Condition": condition} if condition else {}),
    },
    st.sampled_from(["Allow", "Allow", "Deny"]),
    st.lists(st.sampled_from(["s:A", "s:B", "s:*", "*"]), min_size=1, max_size=2),
    st.lists(st.sampled_from(["a", "b", "a*", "*"]), min_size=1, max_size=2),
    CONDITIONS,
)
POLICIES = st.builds(lambda statements: {"Statement": statements}, st.lists(STATEMENTS, max_size=4))
CALLS = [
    (action, resource, k, b) for action in ("s:A", "s:B", "t:C") for resource in ("a", "ab", "b") for k in "012" for b in ("true", "false")
]


def allowed(policy: dict[str, Any], call: tuple[str, str, str, str]) -> bool:
    """Evaluate a policy as IAM does: a denial wins."""
    action, resource, k, b = call

    def holds(statement: dict[str, Any]) -> bool:
        context = {"aws:k": k, "aws:b": b}
        conditions = [(key, want) for keys in statement.get("Condition", {}).values() for key, want in keys.items()]
        return (
            any(fnmatchcase(action, pattern) for pattern in statement["Action"])
            and any(fnmatchcase(resource, pattern) for pattern in statement["Resource"])
            and all(context[key] in (want if isinstance(want, list) else [want]) for key, want in conditions)
        )

    effects = {statement["Effect"] for statement in policy["Statement"] if holds(statement)}
    return effects == {"Allow"}


@given(POLICIES, POLICIES)
def test_no_call_is_allowed_anew_without_a_report(old: dict[str, Any], new: dict[str, Any]) -> None:
    """A policy that allows a call which the old one does not has a permission that is added or widened."""
    hows = {change.how for change in policy_changes([old], [new])}
    calls = [(allowed(old, call), allowed(new, call)) for call in CALLS]
    if (False, True) in calls:
        assert hows & {"added", "widened"}
    if (True, False) in calls:
        assert hows  # narrowed, removed, or a pattern in another form


@given(POLICIES)
def test_a_policy_does_not_differ_from_itself(policy: dict[str, Any]) -> None:
    """Nor from itself in another order, or split into two policies."""
    other = {"Statement": [*reversed(policy["Statement"])]}
    assert policy_changes([policy], [policy]) == []
    assert policy_changes([policy], [other]) == []
    assert policy_changes([policy], [{"Statement": [one]} for one in policy["Statement"]]) == []


@pytest.mark.parametrize("field", ["NotAction", "NotResource", "NotPrincipal"])
def test_what_is_inverted_is_compared_as_a_whole(field: str) -> None:
    """One action less in NotAction allows one more."""
    base = {"Effect": "Allow", "Action": "s3:*", "Resource": "*", field: ["a:b", "c:d"]}
    base.pop({"NotAction": "Action", "NotResource": "Resource"}.get(field, ""), None)
    fewer = json.loads(json.dumps(base))
    fewer[field] = ["a:b"]
    assert [change.how for change in policy_changes([{"Statement": base}], [{"Statement": base}])] == []
    assert "added" in [change.how for change in policy_changes([{"Statement": base}], [{"Statement": fewer}])]


@pytest.mark.parametrize("policy", [None, 1, [], {}, {"Statement": 1}, {"Statement": [1]}, {"Statement": {"Action": 1}}])
def test_what_is_not_a_policy_allows_nothing(policy: Any) -> None:
    """And it is no error: check-policy reports it."""
    assert policy_changes([policy], [policy]) == []
