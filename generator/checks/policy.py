"""A role's policy against what the definition needs: permissions that it lacks, and those that no state needs.

Every finding about a lack is certain: no statement could allow the call. Where the policy or the definition leaves open
what is meant (placeholders, values known only at run time, conditions that the definition says nothing about), the policy
gets the benefit of the doubt.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from generator.asl.placeholders import has_placeholder
from generator.asl.text import describe
from generator.catalog import index, sdk
from generator.catalog.execution_role import walk
from generator.catalog.integrations import parse_resource
from generator.catalog.patterns import Parameters
from generator.diagnostics.model import Finding, Pointer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from generator.catalog.execution_role import Requirement

MANAGED_POLICIES: Final = 10
"""How many managed policies a role may have unless AWS raises the quota.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""


@dataclass(frozen=True, slots=True)
class _Statement:
    at: Pointer
    actions: tuple[tuple[Pointer, str], ...]
    resources: tuple[tuple[Pointer, str], ...]
    conditions: dict[str, Any]
    allows: bool
    inverted_actions: bool
    inverted_resources: bool

    def covers_action(self, action: str) -> bool:
        hit = any(_glob(action.lower(), pattern.lower()) for _, pattern in self.actions)
        return hit is not self.inverted_actions

    def covers_resource(self, resource: str) -> bool:
        hit = any(may_be_same(resource, pattern) for _, pattern in self.resources)
        return self.inverted_resources or hit


def missing(policy: Any, needs: Sequence[Requirement]) -> Iterator[Finding]:
    """Yield a finding, placed in the definition, for each permission that no statement of `policy` gives (SFN710).

    >>> from generator.catalog.execution_role import requirements
    >>> needs = requirements({"States": {"A": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111122223333:function:f"}}})
    >>> [finding.message for finding in missing({"Statement": []}, needs)]
    ["'A' needs lambda:InvokeFunction on arn:aws:lambda:us-east-1:111122223333:function:f, which the policy does not allow"]
    """
    statements = list(_statements(policy))
    for need in needs:
        for action in need.grant.actions:
            lacking = [resource for resource in need.grant.resources if not _allowed(statements, action, resource, need)]
            if lacking:
                yield Finding(
                    "SFN710",
                    _pointer(need.pointer),
                    f"{_who(need)} needs {action} on {' and '.join(lacking)}, which the policy does not allow",
                    expected=f"a statement that allows {action}",
                    hint=f"it is needed to: {need.grant.reason}" if need.grant.reason else "",
                )


def excess(policy: Any, needs: Sequence[Requirement]) -> Iterator[Finding]:
    """Yield findings, placed in `policy`, for what it allows beyond `needs` (SFN711 to SFN714).

    >>> policy = {"Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}
    >>> [(finding.code, finding.message) for finding in excess(policy, [])]
    [('SFN711', "no state needs what 'sqs:*' allows")]
    """
    if not isinstance(policy, dict) or not isinstance(policy.get("Statement"), list | dict):
        yield Finding("SFN714", (), "this is no IAM policy", found=describe(policy), expected="an object with 'Statement'")
        return
    pairs = [(action, resource, need) for need in needs for action in need.grant.actions for resource in need.grant.resources]
    for statement in _statements(policy):
        if not statement.allows:
            continue
        if statement.inverted_actions or statement.inverted_resources:
            field = "NotAction" if statement.inverted_actions else "NotResource"
            yield Finding(
                "SFN711", statement.at, f"{field} allows everything else", expected="'Action' and 'Resource'", hint="name what is allowed"
            )
            continue
        yield from _excess_of(statement, pairs)


def _excess_of(statement: _Statement, pairs: list[tuple[str, str, Requirement]]) -> Iterator[Finding]:
    used_resources: set[str] = set()
    any_action_used = False
    for at, pattern in statement.actions:
        hits = [(action, resource) for action, resource, _ in pairs if _glob(action.lower(), pattern.lower())]
        wanted = sorted({action for action, _ in hits})
        if not _known(pattern):
            yield Finding(
                "SFN713",
                at,
                f"IAM knows no action {pattern!r}",
                found=repr(pattern),
                expected="an action of the service authorization reference",
            )
        elif not hits:
            yield Finding("SFN711", at, f"no state needs what {pattern!r} allows", found=repr(pattern), hint="take it out")
        elif "*" in pattern or "?" in pattern:
            yield Finding(
                "SFN711",
                at,
                f"{pattern!r} allows more actions than the states need",
                found=repr(pattern),
                expected=" and ".join(repr(action) for action in wanted[:8]),
                hint="name the actions",
            )
        any_action_used = any_action_used or bool(hits)
        used_resources |= {resource for _, resource in hits}
    if not any_action_used:
        return
    for at, pattern in statement.resources:
        touched = sorted(resource for resource in used_resources if may_be_same(resource, pattern))
        if not touched:
            yield Finding("SFN712", at, f"no state uses {pattern!r} with these actions", found=repr(pattern), hint="take it out")
        elif _broader(pattern, touched):
            yield Finding(
                "SFN712",
                at,
                f"{pattern!r} is wider than what the states use",
                found=repr(pattern),
                expected=" and ".join(repr(resource) for resource in touched[:8]),
                hint="name the resources",
            )


def widened(needs: Iterable[Requirement]) -> Iterator[Finding]:
    """Yield what a derived role allows beyond a state's use, because only the execution knows the resource (SFN701)."""
    for need in needs:
        if need.grant.widened:
            yield Finding(
                "SFN701",
                _pointer(need.pointer),
                f"{_who(need)} gets {' and '.join(need.grant.actions)} on {' and '.join(need.grant.resources)}: {need.grant.widened}",
                expected="a literal or a resource of the deployment, where one is meant",
            )


def unknown_permissions(definition: Any) -> Iterator[Finding]:
    """Yield the calls of which no permission is known, so that the derived role does not allow them (SFN702)."""
    for pointer, name, state, language in walk(definition):
        parsed = parse_resource(str(state.get("Resource"))) if state.get("Type") == "Task" else None
        if parsed is None or not parsed.sdk or "Credentials" in state:
            continue
        action = index.find_action(parsed.service, parsed.action)
        given = Parameters(state.get("Arguments" if language == "JSONata" else "Parameters"), language)
        if action is not None and not sdk.rows(parsed.service, parsed.action, action.allows, given):
            yield Finding(
                "SFN702",
                (*_pointer(pointer), "Resource"),
                f"no IAM action is known for {parsed.service}:{parsed.action}, which {name!r} calls",
                found=f"{parsed.service}:{parsed.action}",
                expected="a call that the authorization data knows",
                hint="give the role this permission by hand",
            )


def _allowed(statements: Sequence[_Statement], action: str, resource: str, need: Requirement) -> bool:
    if any(not one.allows and not one.conditions and one.covers_action(action) and _denies(one, resource) for one in statements):
        return False
    return any(
        one.allows and one.covers_action(action) and one.covers_resource(resource) and _conditions_may_hold(one, need) for one in statements
    )


def _denies(statement: _Statement, resource: str) -> bool:
    return not statement.inverted_resources and any(_glob(resource, pattern) for _, pattern in statement.resources)


def _conditions_may_hold(statement: _Statement, need: Requirement) -> bool:
    """Say whether the statement's conditions can hold for the call; only those that the definition decides can fail."""
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
    """Say whether a resource that the definition names and one that a policy names may be the same.

    >>> may_be_same("arn:aws:dynamodb:*:*:table/orders", "arn:aws:dynamodb:us-east-1:111122223333:table/orders")
    True
    >>> may_be_same("${orders_arn}", "arn:aws:sqs:us-east-1:111122223333:orders")
    True
    >>> may_be_same("arn:aws:sqs:*:*:a", "arn:aws:sqs:*:*:b")
    False
    """
    if _glob(resource, pattern) or _glob(pattern, resource):
        return True
    ours, theirs = resource.split(":", 5), pattern.split(":", 5)
    if len(ours) < 6 or len(theirs) < 6:  # noqa: PLR2004 - an ARN's parts; without them a placeholder hides all
        return has_placeholder(resource) or has_placeholder(pattern)
    return all(
        _glob(one, other) or _glob(other, one) or has_placeholder(one) or has_placeholder(other)
        for one, other in zip(ours, theirs, strict=True)
    )


def _broader(pattern: str, touched: Iterable[str]) -> bool:
    """Say whether a pattern reaches further than the resources under it, as far as both can be read."""
    if "*" not in pattern or has_placeholder(pattern):
        return False
    ends = {resource.split(":", 5)[-1] for resource in touched}
    own = pattern.split(":", 5)[-1] if pattern.startswith("arn:") else pattern
    return "*" in own and own not in ends and not any(_glob(own, end) for end in ends if "*" in end)


def _known(pattern: str) -> bool:
    prefix, _, name = pattern.lower().partition(":")
    if pattern == "*" or "*" in prefix or "?" in prefix:
        return True
    names = index.iam_actions(prefix)
    return any(_glob(one, name) for one in names) if "*" in name or "?" in name else name in names


def _glob(text: str, pattern: str) -> bool:
    if "*" not in pattern and "?" not in pattern:
        return text == pattern
    return fnmatchcase(text, pattern.replace("[", "[[]"))


def _statements(policy: Any) -> Iterator[_Statement]:
    listed = policy.get("Statement") if isinstance(policy, dict) else None
    for number, entry in enumerate(listed if isinstance(listed, list) else [listed]):
        if not isinstance(entry, dict):
            continue
        at: Pointer = ("Statement", number) if isinstance(listed, list) else ("Statement",)
        action_field = "NotAction" if "NotAction" in entry else "Action"
        resource_field = "NotResource" if "NotResource" in entry else "Resource"
        condition = entry.get("Condition")
        yield _Statement(
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


def _who(need: Requirement) -> str:
    return repr(need.state) if need.state else need.pointer.strip("/")


def _pointer(text: str) -> Pointer:
    tokens = [token.replace("~1", "/").replace("~0", "~") for token in text.split("/")[1:]]
    # Branches are lists; every other step of a state's place is a name.
    return tuple(
        int(token) if index and tokens[index - 1] == "Branches" and token.isdecimal() else token for index, token in enumerate(tokens)
    )
