"""A given policy beside what a definition needs: which statements allow what.

Where the policy or the definition leaves open what is meant (placeholders, values known only at run time, conditions that
the definition says nothing about), the policy gets the benefit of the doubt. So what is reported as missing is certain.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from generator.asl.placeholders import has_placeholder
from generator.catalog import index

if TYPE_CHECKING:
    from generator.diagnostics.model import Pointer
    from generator.iam.requirements import Requirement


_ARN_PARTS: Final = 6


@dataclass(frozen=True, slots=True)
class GivenStatement:
    """A statement of a given policy.

    Attributes:
        at: its place in the policy.
        actions: its action patterns with their places.
        resources: its resource patterns with their places.
        conditions: its conditions.
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
        """Tell whether the statement is about an action."""
        hit = any(matches(action.lower(), pattern.lower()) for _, pattern in self.actions)
        return hit is not self.inverted_actions

    def covers_resource(self, resource: str) -> bool:
        """Tell whether the statement may be about a resource."""
        hit = any(may_be_same(resource, pattern) for _, pattern in self.resources)
        return self.inverted_resources or hit


def given_statements(policy: Any) -> Iterator[GivenStatement]:
    """Yield the statements of a policy, given as JSON; what is not a statement is left out."""
    listed = policy.get("Statement") if isinstance(policy, dict) else None
    for number, entry in enumerate(listed if isinstance(listed, list) else [listed]):
        if not isinstance(entry, dict):
            continue
        at: Pointer = ("Statement", number) if isinstance(listed, list) else ("Statement",)
        action_field = "NotAction" if "NotAction" in entry else "Action"
        resource_field = "NotResource" if "NotResource" in entry else "Resource"
        condition = entry.get("Condition")
        yield GivenStatement(
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


def is_allowed(statements: Sequence[GivenStatement], action: str, resource: str, need: Requirement) -> bool:
    """Tell whether the statements may allow an action on a resource under the conditions of a requirement."""
    if any(not one.allows and not one.conditions and one.covers_action(action) and _denies(one, resource) for one in statements):
        return False
    return any(
        one.allows and one.covers_action(action) and one.covers_resource(resource) and _conditions_may_hold(one, need) for one in statements
    )


def _denies(statement: GivenStatement, resource: str) -> bool:
    return not statement.inverted_resources and any(matches(resource, pattern) for _, pattern in statement.resources)


def _conditions_may_hold(statement: GivenStatement, need: Requirement) -> bool:
    """Tell whether the statement's conditions can hold for the call; only those that the definition decides can fail."""
    given = {key.lower(): values for _, key, values in need.grant.conditions}
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
    if matches(resource, pattern) or matches(pattern, resource):
        return True
    ours, theirs = resource.split(":", 5), pattern.split(":", 5)
    if len(ours) < _ARN_PARTS or len(theirs) < _ARN_PARTS:
        return has_placeholder(resource) or has_placeholder(pattern)
    return all(
        matches(one, other) or matches(other, one) or has_placeholder(one) or has_placeholder(other)
        for one, other in zip(ours, theirs, strict=True)
    )


def is_broader(pattern: str, touched: Iterable[str]) -> bool:
    """Tell whether a pattern reaches further than the resources under it, as far as both can be read."""
    if "*" not in pattern or has_placeholder(pattern):
        return False
    ends = {resource.split(":", 5)[-1] for resource in touched}
    own = pattern.split(":", 5)[-1] if pattern.startswith("arn:") else pattern
    return "*" in own and own not in ends and not any(matches(own, end) for end in ends if "*" in end)


def is_known_action(pattern: str) -> bool:
    """Tell whether a pattern names at least one action of the service authorization reference."""
    prefix, _, name = pattern.lower().partition(":")
    if pattern == "*" or "*" in prefix or "?" in prefix:
        return True
    names = index.iam_actions(prefix)
    return any(matches(one, name) for one in names) if "*" in name or "?" in name else name in names


def matches(text: str, pattern: str) -> bool:
    """Tell whether a text matches a pattern with the wildcards of IAM."""
    if "*" not in pattern and "?" not in pattern:
        return text == pattern
    return fnmatchcase(text, pattern.replace("[", "[[]"))
