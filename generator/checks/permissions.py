"""Permissions: what an execution role gets, what a given policy lacks or allows beyond, what functions are allowed.

Each check takes what it looks at: an execution role, a given policy beside one, or a function.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from generator.asl.text import describe
from generator.catalog.index import find_action, find_service
from generator.diagnostics.codes import severity_of
from generator.diagnostics.model import Diagnostic, Finding, did_you_mean
from generator.iam.compare import GivenStatement, given_statements, is_allowed, is_broader, is_known_action, matches, may_be_same
from generator.iam.functions import call
from generator.iam.policy import INLINE_LIMIT
from generator.iam.requirements import calls_without_permission

if TYPE_CHECKING:
    from generator.dsl.resources import Function
    from generator.iam.requirements import Requirement
    from generator.iam.role import ExecutionRole

MANAGED_POLICIES: Final = 10
"""How many managed policies a role may have unless AWS raises the quota.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

_NAMED = 8


# -- the derived role ----------------------------------------------------------------------------------------------------


def widened(role: ExecutionRole) -> Iterator[Finding]:
    """Report what a derived role allows beyond a state's use, because only the execution knows the resource (SFN701)."""
    for need in role.requirements:
        if need.grant.widened:
            yield Finding(
                "SFN701",
                need.at,
                f"{need.needed_by!r} gets {' and '.join(need.grant.actions)} on {' and '.join(need.grant.resources)}: {need.grant.widened}",
                expected="a literal or a resource of the deployment, where one is meant",
            )


def unknown_permissions(role: ExecutionRole) -> Iterator[Finding]:
    """Report the calls for which no permission is known, so that the derived role does not allow them (SFN702)."""
    for entry, called in calls_without_permission(role.walk):
        yield Finding(
            "SFN702",
            (*entry.at, "Resource"),
            f"no IAM action is known for {called}, which {entry.name!r} calls",
            found=called,
            expected="a call that the authorization data knows",
            hint="give the role this permission by hand",
        )


def policy_size(role: ExecutionRole) -> Iterator[Finding]:
    """Report a policy that is too large for an inline policy (SFN703)."""
    policy = role.policy
    if policy.size > INLINE_LIMIT:
        parts = len(policy.split())
        too_many = parts > MANAGED_POLICIES
        yield Finding(
            "SFN703",
            (),
            f"the role's policy has {policy.size:,} characters, and is split into {parts} managed policies",
            found=f"{policy.size:,} characters",
            expected=f"at most {INLINE_LIMIT:,} characters for an inline policy",
            hint=f"a role takes {MANAGED_POLICIES} managed policies; split the workflow, or ask AWS for a higher quota" if too_many else "",
        )


# -- functions -----------------------------------------------------------------------------------------------------------


def unknown_actions(function: Function) -> Iterator[Diagnostic]:
    """Report what a function is allowed that is not an action of the resource's service (SFN402): nothing would be granted.

    >>> from generator.dsl.resources import Function, Table
    >>> [d.hint for d in unknown_actions(Function("keeper", uses=[Table("orders").allow("PutItm")]))]
    ["did you mean 'PutItem'?"]
    """
    for use in function.uses:
        for action in use.actions:
            service, name, _ = call(use, action)
            known = find_service(service)
            if known is None or find_action(service, name) is not None:
                continue
            yield Diagnostic(
                "SFN402",
                severity_of("SFN402"),
                f"{function.name!r} is allowed {action!r} on {use.resource.name!r}, which is no action of {service!r}",
                use.source.span(),
                found=action,
                expected=f"an API action of {known.service_id}",
                hint=did_you_mean(action, (a[:1].upper() + a[1:] for a in known.action_names)),
            )


# -- a given policy ------------------------------------------------------------------------------------------------------


def missing(policy: Any, role: ExecutionRole) -> Iterator[Finding]:
    """Report, at its place in the definition, each permission that no statement of a policy gives (SFN710).

    >>> from generator.asl.model import StateMachine, Task
    >>> from generator.asl.walk import walk
    >>> from generator.iam.role import execution_role
    >>> call = Task(resource="arn:aws:lambda:us-east-1:111122223333:function:f", end=True)
    >>> role = execution_role(walk(StateMachine(start_at="A", states={"A": call})))
    >>> [finding.message for finding in missing({"Statement": []}, role)]
    ["'A' needs lambda:InvokeFunction on arn:aws:lambda:us-east-1:111122223333:function:f, which the policy does not allow"]
    """
    statements = list(given_statements(policy))
    for need in role.requirements:
        for action in need.grant.actions:
            lacking = [resource for resource in need.grant.resources if not is_allowed(statements, action, resource, need)]
            if lacking:
                yield Finding(
                    "SFN710",
                    need.at,
                    f"{need.needed_by!r} needs {action} on {' and '.join(lacking)}, which the policy does not allow",
                    expected=f"a statement that allows {action}",
                    hint=f"it is needed to: {need.grant.reason}" if need.grant.reason else "",
                )


def excess(policy: Any, role: ExecutionRole) -> Iterator[Finding]:
    """Report, at its place in the policy, what a policy allows beyond a role's needs (SFN711 to SFN714).

    >>> from generator.asl.model import StateMachine, Succeed
    >>> from generator.asl.walk import walk
    >>> from generator.iam.role import execution_role
    >>> role = execution_role(walk(StateMachine(start_at="A", states={"A": Succeed()})))
    >>> policy = {"Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}
    >>> [(finding.code, finding.message) for finding in excess(policy, role)]
    [('SFN711', "no state needs what 'sqs:*' allows")]
    """
    if not isinstance(policy, dict) or not isinstance(policy.get("Statement"), list | dict):
        yield Finding("SFN714", (), "this is no IAM policy", found=describe(policy), expected="an object with 'Statement'")
        return
    pairs = [(action, resource, need) for need in role.requirements for action in need.grant.actions for resource in need.grant.resources]
    for statement in given_statements(policy):
        if not statement.allows:
            continue
        if statement.inverted_actions or statement.inverted_resources:
            field = "NotAction" if statement.inverted_actions else "NotResource"
            yield Finding(
                "SFN711", statement.at, f"{field} allows everything else", expected="'Action' and 'Resource'", hint="name what is allowed"
            )
            continue
        yield from _excess_of(statement, pairs)


def _excess_of(statement: GivenStatement, pairs: list[tuple[str, str, Requirement]]) -> Iterator[Finding]:
    used_resources: set[str] = set()
    any_action_used = False
    for at, pattern in statement.actions:
        hits = [(action, resource) for action, resource, _ in pairs if matches(action.lower(), pattern.lower())]
        wanted = sorted({action for action, _ in hits})
        if not is_known_action(pattern):
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
                expected=" and ".join(repr(action) for action in wanted[:_NAMED]),
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
        elif is_broader(pattern, touched):
            yield Finding(
                "SFN712",
                at,
                f"{pattern!r} is wider than what the states use",
                found=repr(pattern),
                expected=" and ".join(repr(resource) for resource in touched[:_NAMED]),
                hint="name the resources",
            )
