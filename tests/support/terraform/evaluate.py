"""A written evaluation of IAM policies: what would AWS answer to a request?

Identity policies and a permissions boundary, by the evaluation logic that AWS documents: an explicit Deny wins; otherwise an Allow is
needed, in the policies and, where there is one, in the boundary. An operator that this module does not know is an error, so that a
condition is never silently ignored.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
and https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

Policy = Mapping[str, Any]
Context = Mapping[str, str]


@dataclass(frozen=True)
class Request:
    """A call to AWS, as IAM sees it.

    Attributes:
        action: such as ``iam:CreateRole``.
        resource: the ARN; ``*`` for an action that takes none.
        context: the condition keys that AWS fills in.
    """

    action: str
    resource: str = "*"
    context: Context = field(default_factory=dict)


def allows(policies: Iterable[Policy], request: Request, boundary: Policy | None = None) -> bool:
    """Return whether a role with these policies, and with this boundary, may make the request.

    >>> own = {"Statement": {"Effect": "Allow", "Action": "sqs:*", "Resource": "arn:aws:sqs:*:*:a-*"}}
    >>> allows([own], Request("sqs:SendMessage", "arn:aws:sqs:us-east-1:123456789012:a-queue"))
    True
    >>> allows([own], Request("sqs:SendMessage", "arn:aws:sqs:us-east-1:123456789012:b-queue"))
    False
    """
    effects = {effect for policy in policies for effect in _effects(policy, request)}
    if "Deny" in effects or "Allow" not in effects:
        return False
    return boundary is None or set(_effects(boundary, request)) == {"Allow"}


def _effects(policy: Policy, request: Request) -> Iterable[str]:
    for statement in _listed(policy["Statement"]):
        if _concerns(statement, request) and _holds(statement.get("Condition", {}), request.context):
            yield statement["Effect"]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _concerns(statement: Mapping[str, Any], request: Request) -> bool:
    def named(element: str, value: str, flags: int = 0) -> bool:
        if f"Not{element}" in statement:
            return not any(_like(pattern, value, flags) for pattern in _listed(statement[f"Not{element}"]))
        return any(_like(pattern, value, flags) for pattern in _listed(statement[element]))

    return named("Action", request.action, re.IGNORECASE) and named("Resource", request.resource)


@cache
def _pattern(pattern: str, flags: int = 0) -> re.Pattern[str]:
    if "${" in pattern:
        msg = f"policy variables are not evaluated here: {pattern}"
        raise ValueError(msg)
    return re.compile("".join({"*": ".*", "?": "."}.get(part, re.escape(part)) for part in re.split(r"([*?])", pattern)), flags | re.DOTALL)


def _like(pattern: str, value: str, flags: int = 0) -> bool:
    return _pattern(pattern, flags).fullmatch(value) is not None


def _arn_like(pattern: str, value: str) -> bool:
    """Compare the six parts of two ARNs one by one: a wildcard does not reach across a colon, but in the last part."""
    patterns, values = pattern.split(":", 5), value.split(":", 5)
    return len(patterns) == len(values) and all(_like(one, other) for one, other in zip(patterns, values, strict=True))


_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda expected, actual: expected == actual,
    "StringEqualsIgnoreCase": lambda expected, actual: expected.lower() == actual.lower(),
    "StringLike": _like,
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    "Bool": lambda expected, actual: expected.lower() == actual.lower(),
}
_NEGATED = {"StringNotEquals": "StringEquals", "StringNotLike": "StringLike", "ArnNotEquals": "ArnEquals", "ArnNotLike": "ArnLike"}


def _holds(conditions: Mapping[str, Mapping[str, Any]], context: Context) -> bool:
    """Return whether all conditions hold; several values of one key are alternatives. Keys are case insensitive."""
    known = {key.lower(): value for key, value in context.items()}
    for operator, keys in conditions.items():
        for key, expected in keys.items():
            if not _one(operator, [str(each) for each in _listed(expected)], known.get(key.lower())):
                return False
    return True


def _one(operator: str, expected: list[str], actual: str | None) -> bool:
    if operator == "Null":
        return (actual is None) == (expected[0].lower() == "true")
    plain = operator.removesuffix("IfExists")
    negated = plain in _NEGATED
    test = _OPERATORS.get(_NEGATED.get(plain, plain))
    if test is None:
        msg = f"the operator {operator} is not evaluated here"
        raise ValueError(msg)
    if actual is None:
        return negated or plain != operator
    return any(test(each, actual) for each in expected) != negated
