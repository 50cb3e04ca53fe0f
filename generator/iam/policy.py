"""IAM policies: statements that are merged from requirements, and split if they exceed the limits of IAM."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from generator.asl.corrections import Conditions
from generator.asl.placeholders import names
from generator.catalog.patterns import TEMPLATED, Deployment
from generator.iam.requirements import Requirement

INLINE_LIMIT: Final = 10_240
"""Characters of all inline policies of a role together, white space not counted."""
MANAGED_LIMIT: Final = 6_144
"""Characters of one managed policy, white space not counted.

Source of both: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

_EXPANDED: Final = {"aws_partition": 10, "aws_region": 14, "aws_account_id": 12, "state_machine_name": 80}
_EXPANDED_OTHERWISE: Final = 140


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that allows something, and why.

    Attributes:
        sid: the statement id, unique in its policy.
        actions: the IAM actions, all of one service, sorted.
        resources: the ARNs, sorted.
        conditions: the conditions as (operator, key, values), sorted.
        needed_by: the requirements that it was merged from.
    """

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Conditions
    needed_by: tuple[Requirement, ...]

    def document(self) -> dict[str, Any]:
        """Return the statement as JSON."""
        document: dict[str, Any] = {
            "Sid": self.sid,
            "Effect": "Allow",
            "Action": _one_or_list(self.actions),
            "Resource": _one_or_list(self.resources),
        }
        if self.conditions:
            condition: dict[str, dict[str, Any]] = {}
            for operator, key, values in self.conditions:
                condition.setdefault(operator, {})[key] = _one_or_list(values)
            document["Condition"] = condition
        return document


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """A permissions policy of a role.

    Attributes:
        statements: the statements, each with the requirements that it was merged from.
    """

    statements: tuple[Statement, ...]

    def document(self) -> dict[str, Any]:
        """Return the policy as JSON."""
        return {"Version": "2012-10-17", "Statement": [statement.document() for statement in self.statements]}

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names of the values that deployment fills in, sorted."""
        return tuple(sorted(set(names(json.dumps(self.document())))))

    @property
    def size(self) -> int:
        """The size in characters as IAM counts it, with room for the values of the placeholders."""
        compact = json.dumps(self.document(), separators=(",", ":"))
        return len(re.sub(r"\s", "", compact)) + sum(_EXPANDED.get(name, _EXPANDED_OTHERWISE) - len(name) - 3 for name in names(compact))

    def split(self, room: int = INLINE_LIMIT) -> tuple[PolicyDocument, ...]:
        """Return this policy if it fits inline, otherwise several that fit into managed policies.

        Args:
            room: the characters that the other inline policies of the role leave.
        """
        if self.size <= room:
            return (self,)
        parts: list[list[Statement]] = [[]]
        for statement in self.statements:
            for piece in _pieces(statement):
                if parts[-1] and PolicyDocument((*parts[-1], piece)).size > MANAGED_LIMIT:
                    parts.append([])
                parts[-1].append(piece)
        return tuple(PolicyDocument(tuple(part)) for part in parts)


def trust_policy(deployment: Deployment = TEMPLATED) -> dict[str, Any]:
    """Return the trust policy of the role as JSON: only Step Functions may assume it, and only for this state machine.

    Args:
        deployment: where the state machine will run.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html#prevent-cross-service-confused-deputy
    """
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "StepFunctionsAssumeRole",
                "Effect": "Allow",
                "Principal": {"Service": "states.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {
                    "ArnLike": {"aws:SourceArn": deployment.self_arn},
                    "StringEquals": {"aws:SourceAccount": deployment.account},
                },
            }
        ],
    }


def merge(needs: Iterable[Requirement]) -> PolicyDocument:
    """Merge requirements into few statements that allow the requirements and nothing else.

    First the resources of each action under the same conditions are put together, then the actions with the same resources.
    So a reviewer finds each action in one place.
    """
    by_action: dict[tuple[str, Conditions], tuple[set[str], dict[int, Requirement]]] = {}
    for need in needs:
        for action in need.grant.actions:
            resources, why = by_action.setdefault((action, need.grant.conditions), (set(), {}))
            resources.update(need.grant.resources)
            why[id(need)] = need
    by_resources: dict[tuple[str, tuple[str, ...], Conditions], tuple[list[str], dict[int, Requirement]]] = {}
    for (action, conditions), (resources, why) in by_action.items():
        key = (action.partition(":")[0], _without_covered(resources), conditions)
        actions, reasons = by_resources.setdefault(key, ([], {}))
        actions.append(action)
        reasons.update(why)
    statements = [
        Statement("", tuple(sorted(actions)), resources, conditions, tuple(why.values()))
        for (_, resources, conditions), (actions, why) in by_resources.items()
    ]
    statements.sort(key=lambda statement: (statement.actions, statement.resources, statement.conditions))
    return PolicyDocument(tuple(_numbered(statements)))


def _numbered(statements: list[Statement]) -> Iterator[Statement]:
    taken: dict[str, int] = {}
    for statement in statements:
        service, _, action = statement.actions[0].partition(":")
        base = re.sub(r"[^A-Za-z0-9]", "", service.title()) + action
        taken[base] = taken.get(base, 0) + 1
        sid = base if taken[base] == 1 else f"{base}{taken[base]}"
        yield Statement(sid, statement.actions, statement.resources, statement.conditions, statement.needed_by)


def _without_covered(resources: Iterable[str]) -> tuple[str, ...]:
    """Drop the ARNs that another one covers with its wildcards.

    A pattern only covers ARNs that start with its text before the first wildcard, so each ARN is compared with few patterns.
    """
    unique = sorted(set(resources))
    by_prefix: dict[str, list[str]] = {}
    for resource in unique:
        if "*" in resource:
            by_prefix.setdefault(resource.partition("*")[0], []).append(resource)
    if not by_prefix:
        return tuple(unique)
    lengths = sorted({len(prefix) for prefix in by_prefix})
    return tuple(resource for resource in unique if not _is_covered(resource, by_prefix, lengths))


_MOST_PATTERNS: Final = 16
"""How many patterns of one prefix are compared. An ARN that is kept although a pattern covers it does no harm."""


def _is_covered(resource: str, by_prefix: dict[str, list[str]], lengths: list[int]) -> bool:
    for length in lengths:
        if length > len(resource):
            return False
        for pattern in by_prefix.get(resource[:length], ())[:_MOST_PATTERNS]:
            if pattern != resource and _matches(resource, pattern) and not (_matches(pattern, resource) and resource < pattern):
                return True
    return False


def _matches(text: str, pattern: str) -> bool:
    return fnmatchcase(text, pattern.replace("[", "[[]"))


def _pieces(statement: Statement) -> Iterator[Statement]:
    """Divide the resources of a statement that is too large for a managed policy."""
    if PolicyDocument((statement,)).size <= MANAGED_LIMIT or len(statement.resources) == 1:
        yield statement
        return
    half = len(statement.resources) // 2
    for index, resources in enumerate((statement.resources[:half], statement.resources[half:])):
        yield from _pieces(
            Statement(f"{statement.sid}{'AB'[index]}", statement.actions, resources, statement.conditions, statement.needed_by)
        )


def _one_or_list(values: tuple[str, ...]) -> str | list[str]:
    return values[0] if len(values) == 1 else list(values)
