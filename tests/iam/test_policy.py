"""Merging requirements into a policy, and splitting one that is too large."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from generator.catalog.patterns import Deployment
from generator.checks import check_role
from generator.iam.grants import Grant
from generator.iam.policy import INLINE_LIMIT, MANAGED_LIMIT, merge
from generator.iam.requirements import Requirement
from tests.support.definitions import role_of

HERE = Deployment("aws", "us-east-1", "111122223333", "orders")


def invoking(*names: str) -> dict[str, Any]:
    """Make a machine with a state for each function."""
    call = "arn:aws:states:::lambda:invoke"
    states = {name: {"Type": "Task", "Resource": call, "Parameters": {"FunctionName": name}, "End": True} for name in names}
    return {"StartAt": names[0], "States": states}


def test_each_statement_knows_its_states() -> None:
    """A statement has the requirements that it was merged from, with their places."""
    (statement,) = role_of(invoking("f", "g"), deployment=HERE).policy.statements
    assert [(need.needed_by, need.at) for need in statement.needed_by] == [("f", ("States", "f")), ("g", ("States", "g"))]
    assert all(need.grant.source.startswith("https://docs.aws.amazon.com/") for need in statement.needed_by)


def test_same_definition_same_bytes() -> None:
    """The order of states does not matter to the policy."""
    forward, backward = role_of(invoking(*"abcdef")), role_of(invoking(*"fedcba"))
    assert forward.policy.document() == backward.policy.document()


def test_large_roles_are_split() -> None:
    """Every part is within the limit of a managed policy, all parts together allow the same, and a finding says so."""
    role = role_of(invoking(*(f"function-{n:04}" for n in range(500))), deployment=HERE)
    policy, parts = role.policy, role.policy.split()
    assert policy.size > INLINE_LIMIT
    assert len(parts) > 1
    assert all(part.size <= MANAGED_LIMIT for part in parts)
    assert {resource for part in parts for one in part.statements for resource in one.resources} == set(policy.statements[0].resources)
    assert [finding.code for finding in check_role(role)] == ["SFN703"]


ARNS = st.lists(st.sampled_from(["a", "b", "*", "a*", "ab", "b/*", "b/c", "*c", "**"]), min_size=1, max_size=4)
GRANTS = st.builds(
    lambda actions, resources, wanted: Grant(tuple(sorted(set(actions))), tuple(sorted(set(resources))), wanted),
    st.lists(st.sampled_from(["s3:Get", "s3:Put", "sqs:Send"]), min_size=1, max_size=2),
    ARNS,
    st.sampled_from([(), (("StringEquals", "k", ("v",)),)]),
)


def covers(holders: list[Any], resource: str) -> bool:
    """Tell whether any of the grants or statements covers a resource."""
    return any(fnmatchcase(resource, one) for holder in holders for one in holder.resources)


@given(st.lists(GRANTS, max_size=8))
def test_merging_neither_adds_nor_takes_away(grants: list[Grant]) -> None:
    """For every action, resource and condition: allowed after merging exactly when it was before."""
    needs = [Requirement(grant, ("States", "A"), "A") for grant in grants]
    statements = merge(needs).statements
    for action in ("s3:Get", "s3:Put", "sqs:Send"):
        for resource in ("a", "b", "ab", "b/c", "b/x", "c", "zc", "*", "**"):
            for conditions in ((), (("StringEquals", "k", ("v",)),)):
                before = [grant for grant in grants if action in grant.actions and grant.conditions == conditions]
                after = [one for one in statements if action in one.actions and one.conditions == conditions]
                assert covers(before, resource) == covers(after, resource)
    assert len({one.sid for one in statements}) == len(statements)
