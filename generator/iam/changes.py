"""Two policies beside each other: what the new one allows that the old one does not, and the other way round.

A permission counts as covered only where that is certain, so a widened one is never left out: wildcards are compared as patterns, a
condition that is gone widens, and so does a statement that denied something. Where two patterns may be equal in another spelling, both
are reported.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from generator.iam.compare import PolicyStatement, policy_statements

Conditions = tuple[tuple[str, str, tuple[str, ...]], ...]

_ANYONE: Final = "*"


@dataclass(frozen=True, slots=True)
class Permission:
    """One action on one resource, allowed or denied.

    Attributes:
        action: the pattern of the action.
        resource: the pattern of the resource.
        conditions: what else must hold, as (operator, key, values), sorted.
        allows: whether it allows; otherwise it denies.
        inverted: which of the two patterns names what is left out, because the statement has NotAction or NotResource.
        principal: who it is for, as JSON; empty in a policy of a role.
    """

    action: str
    resource: str
    conditions: Conditions = ()
    allows: bool = True
    inverted: tuple[str, ...] = ()
    principal: str = ""

    @property
    def text(self) -> str:
        """The permission for people.

        >>> Permission("sqs:SendMessage", "arn:aws:sqs:*:*:a", (("StringEquals", "aws:SourceAccount", ("1",)),)).text
        'sqs:SendMessage on arn:aws:sqs:*:*:a if aws:SourceAccount StringEquals 1'
        """
        action = f"everything but {self.action}" if "Action" in self.inverted else self.action
        resource = f"everything but {self.resource}" if "Resource" in self.inverted else self.resource
        held = " and ".join(f"{key} {operator} {' or '.join(values)}" for operator, key, values in self.conditions)
        text = f"{'' if self.allows else 'deny '}{action}{f' on {resource}' if resource else ''}"
        return text + (f" for {self.principal}" if self.principal else "") + (f" if {held}" if held else "")


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """A difference between two policies.

    Attributes:
        how: ``added``, ``removed``, ``widened`` or ``narrowed``.
        old: the permission of the old policy; None if it has none of this kind.
        new: the permission of the new policy; None if it has none of this kind.
    """

    how: str
    old: Permission | None
    new: Permission | None


def policy_changes(old: Iterable[Any], new: Iterable[Any]) -> list[PolicyChange]:
    """Compare policies; several policies of one role count as one.

    Args:
        old: the policies of the old version as JSON.
        new: the policies of the new version.

    >>> before = {"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/x"}}
    >>> after = {"Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::a/*"}}
    >>> [(change.how, change.new.text) for change in policy_changes([before], [after])]
    [('widened', 's3:Get* on arn:aws:s3:::a/*')]
    >>> policy_changes([after], [after])
    []
    """
    before, after = [*_permissions(old)], [*_permissions(new)]
    come, gone = _beyond(after, before), _beyond(before, after)
    changes = []
    for one in come:
        narrower = next((other for other in gone if _covers(one, other)), None) or next(
            (other for other in before if other.allows and _covers(one, other)), None
        )
        related = narrower or next((other for other in gone if _related(one, other)), None)
        if related is None:
            changes.append(PolicyChange("added", None, one))
        else:
            changes.append(PolicyChange("widened", related, one))
            gone = [other for other in gone if not _covers(one, other) and other != related]
    for one in gone:
        rest = next((other for other in after if other.allows and _covers(one, other)), None)
        changes.append(PolicyChange("removed" if rest is None else "narrowed", one, rest))
    denied_before, denied_after = ([each for each in listed if not each.allows] for listed in (before, after))
    changes += [PolicyChange("widened", one, None) for one in denied_before if not any(_covers(other, one) for other in denied_after)]
    changes += [PolicyChange("narrowed", None, one) for one in denied_after if not any(_covers(other, one) for other in denied_before)]
    return changes


def _beyond(some: list[Permission], others: list[Permission]) -> list[Permission]:
    """Return what some permissions allow and the others do not cover."""
    known = {one for one in others if one.allows}
    # A pattern is compared with all; a permission without one covers only its like, in whatever case its action is.
    patterns = [one for one in known if one.inverted or "*" in one.action + one.resource or "?" in one.action + one.resource]
    plain: dict[tuple[str, str], list[Permission]] = {}
    for one in known:
        plain.setdefault((one.action.lower(), one.resource), []).append(one)

    def is_covered(one: Permission) -> bool:
        if one in known or any(_covers(other, one) for other in plain.get((one.action.lower(), one.resource), ())):
            return True
        return any(_covers(pattern, one) for pattern in patterns)

    return [one for one in some if one.allows and not is_covered(one)]


def _permissions(policies: Iterable[Any]) -> Iterator[Permission]:
    seen: set[Permission] = set()
    for policy in policies:
        listed = policy.get("Statement") if isinstance(policy, dict) else None
        for statement in policy_statements(policy):
            entry = listed[int(statement.at[-1])] if isinstance(listed, list) else listed
            for permission in _of_statement(statement, entry):
                if permission not in seen:
                    seen.add(permission)
                    yield permission


def _of_statement(statement: PolicyStatement, entry: Any) -> Iterator[Permission]:
    inverted = tuple(name for name, on in (("Action", statement.inverted_actions), ("Resource", statement.inverted_resources)) if on)
    who = {name: entry[name] for name in ("Principal", "NotPrincipal") if name in entry} if isinstance(entry, dict) else {}
    principal = json.dumps(who, sort_keys=True, ensure_ascii=False) if who else ""
    base = Permission("", "", _conditions(statement.conditions), statement.allows, inverted, principal)
    actions = [pattern for _, pattern in statement.actions]
    resources = [pattern for _, pattern in statement.resources] or [""]
    # What is left out is one set: a permission that leaves out two actions is not two permissions.
    for action in [", ".join(sorted(actions))] if statement.inverted_actions else actions:
        for resource in [", ".join(sorted(resources))] if statement.inverted_resources else resources:
            yield replace(base, action=action, resource=resource)


def _conditions(given: dict[str, Any]) -> Conditions:
    found = []
    for operator, keys in given.items():
        for key, values in keys.items() if isinstance(keys, dict) else ():
            texts = sorted(str(value) for value in (values if isinstance(values, list) else [values]))
            found.append((operator, str(key), tuple(texts)))
    return tuple(sorted(found))


def _covers(one: Permission, other: Permission) -> bool:
    """Return whether one permission certainly includes another one."""
    if one.principal != other.principal or one.allows != other.allows:
        return False
    if not _condition_covers(one.conditions, other.conditions):
        return False
    if one.inverted or other.inverted:
        return (one.inverted, one.action, one.resource) == (other.inverted, other.action, other.resource) or _everything(one)
    return covers(one.action.lower(), other.action.lower()) and covers(one.resource, other.resource)


def _everything(one: Permission) -> bool:
    return not one.inverted and one.action == one.resource == _ANYONE


def _condition_covers(weak: Conditions, strong: Conditions) -> bool:
    """Return whether the first conditions certainly hold where the second ones do.

    All conditions must hold, so more of them allow less. Of the operators that compare with one of several values, fewer values allow
    less; other operators are compared as they are.
    """
    for operator, key, values in weak:
        if not any(
            operator == other
            and key.lower() == name.lower()
            and (set(values) == set(listed) or (_is_positive(operator) and set(values) >= set(listed)))
            for other, name, listed in strong
        ):
            return False
    return True


def _is_positive(operator: str) -> bool:
    return operator in {"StringEquals", "StringLike", "ArnLike", "ArnEquals", "Bool", "NumericEquals", "IpAddress"}


def _related(one: Permission, other: Permission) -> bool:
    """Return whether a new permission is a wider form of an old one in one respect, without covering it in the others."""
    if one.principal != other.principal or one.inverted != other.inverted:
        return False
    actions = covers(one.action.lower(), other.action.lower()) or covers(other.action.lower(), one.action.lower())
    resources = covers(one.resource, other.resource) or covers(other.resource, one.resource)
    return actions and resources


@lru_cache(65536)
def covers(pattern: str, other: str) -> bool:
    """Return whether each text that the second pattern matches is certainly matched by the first one.

    >>> covers("s3:Get*", "s3:GetObject"), covers("s3:Get?", "s3:Get*"), covers("*", "a?c*"), covers("a*c", "ab*bc")
    (True, False, True, True)
    """
    if "*" not in pattern and "?" not in pattern:
        return pattern == other
    reached = _past_stars(pattern, {0})
    for char in other:
        reached = _past_stars(pattern, {at + (pattern[at] != "*") for at in reached if at < len(pattern) and _takes(pattern[at], char)})
        if not reached:
            return False
    return len(pattern) in reached


def _takes(part: str, char: str) -> bool:
    """Return whether one character of a pattern matches whatever one character of the other pattern matches."""
    return part == "*" or (char != "*" and part in {"?", char})


def _past_stars(pattern: str, reached: set[int]) -> set[int]:
    """Add the positions after the stars at the positions reached: a star may match nothing."""
    past = set(reached)
    for start in reached:
        stars = len(pattern) - start - len(pattern[start:].lstrip("*"))
        past.update(range(start, start + stars + 1))
    return past
