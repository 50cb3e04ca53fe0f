"""A given policy beside what a role needs: what the policy lacks, and what it allows beyond.

What is returned as lacking is certain: no statement can allow the call. The policy or the definition may leave something open:
placeholders, values that only the execution knows, conditions that the definition does not decide. Then the policy is assumed
to be right.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from generator.asl.placeholders import has_placeholder
from generator.catalog import index

if TYPE_CHECKING:
    from generator.diagnostics.model import Pointer
    from generator.iam.requirements import Requirement

_ARN_PARTS: Final = 6


@dataclass(frozen=True, slots=True)
class Lack:
    """An action that a requirement needs and the policy does not allow.

    Attributes:
        requirement: the requirement.
        action: the IAM action.
        resources: the resources on which the policy does not allow it.
    """

    requirement: Requirement
    action: str
    resources: tuple[str, ...]


class Beyond(Enum):
    """How a part of a policy allows more than the requirements need."""

    NOT_ACTION = auto()
    """``NotAction`` allows all other actions."""
    NOT_RESOURCE = auto()
    """``NotResource`` allows the actions on all other resources."""
    UNKNOWN_ACTION = auto()
    """There is no such IAM action."""
    UNUSED_ACTION = auto()
    """No requirement has the action."""
    WIDE_ACTION = auto()
    """A pattern covers more actions than the requirements have."""
    UNUSED_RESOURCE = auto()
    """No requirement uses the resource with the actions of the statement."""
    WIDE_RESOURCE = auto()
    """A pattern covers more resources than the requirements use."""


@dataclass(frozen=True, slots=True)
class Excess:
    """A part of a policy that allows more than the requirements need.

    Attributes:
        how: how it allows more.
        at: the place in the policy.
        pattern: the pattern of actions or resources; empty for a whole statement.
        needed: what the requirements need of what it covers, sorted.
    """

    how: Beyond
    at: Pointer
    pattern: str = ""
    needed: tuple[str, ...] = ()


def is_policy(policy: Any) -> bool:
    """Tell whether JSON has the form of an IAM policy.

    >>> is_policy({"Statement": []}), is_policy({"Statements": []})
    (True, False)
    """
    return isinstance(policy, dict) and isinstance(policy.get("Statement"), list | dict)


def lacks(policy: Any, requirements: Iterable[Requirement]) -> Iterator[Lack]:
    """Yield what no statement of a policy allows.

    Args:
        policy: the policy as JSON.
        requirements: what the role needs. Those that are only assumed are left out.
    """
    statements = list(policy_statements(policy))
    for requirement in requirements:
        if requirement.grant.assumed:
            continue
        for action in requirement.grant.actions:
            resources = tuple(one for one in requirement.grant.resources if not _allowed(statements, action, one, requirement))
            if resources:
                yield Lack(requirement, action, resources)


def excesses(policy: Any, requirements: Iterable[Requirement]) -> Iterator[Excess]:
    """Yield what a policy allows beyond the requirements.

    Args:
        policy: the policy as JSON.
        requirements: what the role needs.
    """
    pairs = [(action, one) for need in requirements for action in need.grant.actions for one in need.grant.resources]
    for statement in policy_statements(policy):
        if not statement.allows:
            continue
        if statement.inverted_actions:
            yield Excess(Beyond.NOT_ACTION, statement.at)
        elif statement.inverted_resources:
            yield Excess(Beyond.NOT_RESOURCE, statement.at)
        else:
            yield from _excesses_of(statement, pairs)


def _excesses_of(statement: PolicyStatement, pairs: list[tuple[str, str]]) -> Iterator[Excess]:
    used_resources: set[str] = set()
    for at, pattern in statement.actions:
        hits = [(action, resource) for action, resource in pairs if _matches(action.lower(), pattern.lower())]
        used_resources |= {resource for _, resource in hits}
        if not _is_known(pattern):
            yield Excess(Beyond.UNKNOWN_ACTION, at, pattern)
        elif not hits:
            yield Excess(Beyond.UNUSED_ACTION, at, pattern)
        elif "*" in pattern or "?" in pattern:
            yield Excess(Beyond.WIDE_ACTION, at, pattern, tuple(sorted({action for action, _ in hits})))
    if not used_resources:
        return
    for at, pattern in statement.resources:
        touched = tuple(sorted(resource for resource in used_resources if may_be_same(resource, pattern)))
        if not touched:
            yield Excess(Beyond.UNUSED_RESOURCE, at, pattern)
        elif _is_broader(pattern, touched):
            yield Excess(Beyond.WIDE_RESOURCE, at, pattern, touched)


# -- the statements of a policy ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PolicyStatement:
    """A statement of a given policy.

    Attributes:
        at: the place in the policy.
        actions: the patterns of actions with their places.
        resources: the patterns of resources with their places.
        conditions: the conditions.
        allows: whether it allows; otherwise it denies.
        inverted_actions: whether the actions are those of NotAction.
        inverted_resources: whether the resources are those of NotResource.
    """

    at: Pointer
    actions: tuple[tuple[Pointer, str], ...]
    resources: tuple[tuple[Pointer, str], ...]
    conditions: dict[str, Any]
    allows: bool
    inverted_actions: bool
    inverted_resources: bool

    def covers_action(self, action: str) -> bool:
        """Return whether the statement is about an action."""
        hit = any(_matches(action.lower(), pattern.lower()) for _, pattern in self.actions)
        return hit is not self.inverted_actions

    def covers_resource(self, resource: str) -> bool:
        """Return whether the statement may be about a resource."""
        hit = any(may_be_same(resource, pattern) for _, pattern in self.resources)
        return self.inverted_resources or hit

    def denies(self, action: str, resource: str) -> bool:
        """Tell whether the statement denies the action on the resource whatever the conditions of the call are."""
        if self.allows or self.conditions or self.inverted_resources or not self.covers_action(action):
            return False
        return any(_matches(resource, pattern) for _, pattern in self.resources)


def policy_statements(policy: Any) -> Iterator[PolicyStatement]:
    """Yield the statements of a policy. What does not have the form of one is left out."""
    listed = policy.get("Statement") if isinstance(policy, dict) else None
    for number, entry in enumerate(listed if isinstance(listed, list) else [listed]):
        if not isinstance(entry, dict):
            continue
        at: Pointer = ("Statement", number) if isinstance(listed, list) else ("Statement",)
        action_field = "NotAction" if "NotAction" in entry else "Action"
        resource_field = "NotResource" if "NotResource" in entry else "Resource"
        condition = entry.get("Condition")
        yield PolicyStatement(
            at,
            tuple(_texts(entry.get(action_field), (*at, action_field))),
            tuple(_texts(entry.get(resource_field), (*at, resource_field))),
            condition if isinstance(condition, dict) else {},
            entry.get("Effect") == "Allow",
            action_field == "NotAction",
            resource_field == "NotResource",
        )


def _texts(value: Any, at: Pointer) -> Iterator[tuple[Pointer, str]]:
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, list):
        yield from (((*at, number), item) for number, item in enumerate(value) if isinstance(item, str))


# -- what a statement covers ---------------------------------------------------------------------------------------------


def _allowed(statements: Sequence[PolicyStatement], action: str, resource: str, requirement: Requirement) -> bool:
    if any(one.denies(action, resource) for one in statements):
        return False
    return any(
        one.allows and one.covers_action(action) and one.covers_resource(resource) and _conditions_may_hold(one, requirement)
        for one in statements
    )


def _conditions_may_hold(statement: PolicyStatement, requirement: Requirement) -> bool:
    """Tell whether the conditions of a statement can hold for the call. Only those that the definition decides can fail."""
    given = {key.lower(): values for _, key, values in requirement.grant.conditions}
    for operator, keys in statement.conditions.items():
        if not isinstance(keys, dict) or operator not in {"StringEquals", "StringLike"}:
            continue
        for key, wanted in keys.items():
            values = given.get(str(key).lower())
            texts = [str(value) for value in (wanted if isinstance(wanted, list) else [wanted])]
            if values and not any(may_be_same(value, text) for value in values for text in texts):
                return False
    return True


def may_be_same(resource: str, pattern: str) -> bool:
    """Tell whether a resource that the definition names and one that a policy names may be the same.

    >>> may_be_same("arn:aws:dynamodb:*:*:table/orders", "arn:aws:dynamodb:us-east-1:111122223333:table/orders")
    True
    >>> may_be_same("${orders_arn}", "arn:aws:sqs:us-east-1:111122223333:orders")
    True
    >>> may_be_same("arn:aws:sqs:*:*:a", "arn:aws:sqs:*:*:b")
    False
    """
    if _matches(resource, pattern) or _matches(pattern, resource):
        return True
    ours, theirs = resource.split(":", _ARN_PARTS - 1), pattern.split(":", _ARN_PARTS - 1)
    if len(ours) < _ARN_PARTS or len(theirs) < _ARN_PARTS:
        return has_placeholder(resource) or has_placeholder(pattern)
    return all(
        _matches(one, other) or _matches(other, one) or has_placeholder(one) or has_placeholder(other)
        for one, other in zip(ours, theirs, strict=True)
    )


def _is_broader(pattern: str, touched: Iterable[str]) -> bool:
    """Tell whether a pattern covers more than the resources, as far as both can be read."""
    if "*" not in pattern or has_placeholder(pattern):
        return False
    ends = {resource.split(":", _ARN_PARTS - 1)[-1] for resource in touched}
    own = pattern.split(":", _ARN_PARTS - 1)[-1] if pattern.startswith("arn:") else pattern
    return "*" in own and own not in ends and not any(_matches(own, end) for end in ends if "*" in end)


def _is_known(pattern: str) -> bool:
    """Tell whether a pattern covers an action of the service authorization reference."""
    prefix, _, name = pattern.lower().partition(":")
    if pattern == "*" or "*" in prefix or "?" in prefix:
        return True
    names = index.iam_actions(prefix)
    return any(_matches(one, name) for one in names) if "*" in name or "?" in name else name in names


def _matches(text: str, pattern: str) -> bool:
    if "*" not in pattern and "?" not in pattern:
        return text == pattern
    return fnmatchcase(text, pattern.replace("[", "[[]"))
