"""Permissions: the execution role that is derived, a given policy beside it, and the actions that functions declare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from generator.asl.text import describe
from generator.diagnostics.codes import severity_of
from generator.diagnostics.model import Diagnostic, Finding, did_you_mean
from generator.iam.compare import Beyond, Excess, excesses, is_policy, lacks
from generator.iam.functions import calls
from generator.iam.policy import INLINE_LIMIT
from generator.iam.requirements import unknown_calls

if TYPE_CHECKING:
    from generator.dsl.resources import Function
    from generator.iam.role import ExecutionRole

MANAGED_POLICIES: Final = 10
"""How many managed policies a role may have unless AWS raises the quota.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

_MOST_NAMED: Final = 8
"""How many actions or resources a finding lists."""


# -- the derived role ----------------------------------------------------------------------------------------------------


def widened(role: ExecutionRole) -> Iterator[Finding]:
    """Report what the role allows beyond the need of a state (SFN701), because the definition does not say more."""
    for need in role.requirements:
        grant = need.grant
        if grant.widened or grant.assumed:
            yield Finding(
                "SFN701",
                need.at,
                f"{need.needed_by!r} gets {_and(grant.actions)} on {_and(grant.resources)}: {grant.widened or grant.assumed}",
                expected="a literal or a resource of the deployment, where one is meant" if grant.widened else "",
                hint="" if grant.widened else "let the name of the placeholder end in 'activity' or 'function', before 'arn'",
            )


def unknown_permissions(role: ExecutionRole) -> Iterator[Finding]:
    """Report the calls for which no permission is known (SFN702), so that the role does not allow them."""
    for call in unknown_calls(role.walk):
        yield Finding(
            "SFN702",
            (*call.state.at, "Resource"),
            f"no IAM action is known for {call.name}, which {call.state.name!r} calls",
            found=call.name,
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


# -- a given policy ------------------------------------------------------------------------------------------------------


def missing(policy: Any, role: ExecutionRole) -> Iterator[Finding]:
    """Report, at its place in the definition, what no statement of the policy allows (SFN710).

    >>> from generator.asl.model import StateMachine, Task
    >>> from generator.asl.walk import walk
    >>> from generator.iam.role import execution_role
    >>> call = Task(resource="arn:aws:lambda:us-east-1:111122223333:function:f", end=True)
    >>> role = execution_role(walk(StateMachine(start_at="A", states={"A": call})))
    >>> [finding.message for finding in missing({"Statement": []}, role)]
    ["'A' needs lambda:InvokeFunction on arn:aws:lambda:us-east-1:111122223333:function:f, which the policy does not allow"]
    """
    if not is_policy(policy):
        return
    for lack in lacks(policy, role.requirements):
        reason = lack.requirement.grant.reason
        yield Finding(
            "SFN710",
            lack.requirement.at,
            f"{lack.requirement.needed_by!r} needs {lack.action} on {_and(lack.resources)}, which the policy does not allow",
            expected=f"a statement that allows {lack.action}",
            hint=f"it is needed to: {reason}" if reason else "",
        )


def excess(policy: Any, role: ExecutionRole) -> Iterator[Finding]:
    """Report, at its place in the policy, what the policy allows beyond the need of the states (SFN711 to SFN714).

    >>> from generator.asl.model import StateMachine, Succeed
    >>> from generator.asl.walk import walk
    >>> from generator.iam.role import execution_role
    >>> role = execution_role(walk(StateMachine(start_at="A", states={"A": Succeed()})))
    >>> policy = {"Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}
    >>> [(finding.code, finding.message) for finding in excess(policy, role)]
    [('SFN711', "no state needs what 'sqs:*' allows")]
    """
    if not is_policy(policy):
        yield Finding("SFN714", (), "this is not an IAM policy", found=describe(policy), expected="an object with 'Statement'")
        return
    for one in excesses(policy, role.requirements):
        yield _finding(one)


def _finding(one: Excess) -> Finding:
    at, pattern, needed = one.at, repr(one.pattern), _and(repr(name) for name in one.needed[:_MOST_NAMED])
    match one.how:
        case Beyond.NOT_ACTION | Beyond.NOT_RESOURCE:
            field = "NotAction" if one.how is Beyond.NOT_ACTION else "NotResource"
            message = f"{field} allows everything else"
            return Finding("SFN711", at, message, expected="'Action' and 'Resource'", hint="name what is allowed")
        case Beyond.UNKNOWN_ACTION:
            expected = "an action of the service authorization reference"
            return Finding("SFN713", at, f"there is no IAM action {pattern}", found=pattern, expected=expected)
        case Beyond.UNUSED_ACTION:
            return Finding("SFN711", at, f"no state needs what {pattern} allows", found=pattern, hint="remove it")
        case Beyond.WIDE_ACTION:
            message = f"{pattern} allows more actions than the states need"
            return Finding("SFN711", at, message, found=pattern, expected=needed, hint="name the actions")
        case Beyond.UNUSED_RESOURCE:
            return Finding("SFN712", at, f"no state uses {pattern} with these actions", found=pattern, hint="remove it")
        case Beyond.WIDE_RESOURCE:
            message = f"{pattern} is wider than what the states use"
            return Finding("SFN712", at, message, found=pattern, expected=needed, hint="name the resources")


# -- functions -----------------------------------------------------------------------------------------------------------


def unknown_actions(function: Function) -> Iterator[Diagnostic]:
    """Report the actions that a function declares and that do not exist (SFN402): its role would allow nothing for them.

    >>> from generator.dsl.resources import Function, Table
    >>> [d.hint for d in unknown_actions(Function("keeper", uses=[Table("orders").allow("PutItm")]))]
    ["did you mean 'PutItem'?"]
    """
    for call in calls(function):
        service = call.known_service
        if service is None or call.known_action is not None:
            continue
        yield Diagnostic(
            "SFN402",
            severity_of("SFN402"),
            f"{function.name!r} is allowed {call.declared!r} on {call.use.resource.name!r}, which is not an action of {call.service!r}",
            call.use.source.span(),
            found=call.declared,
            expected=f"an API action of {service.service_id}",
            hint=did_you_mean(call.declared, (name[:1].upper() + name[1:] for name in service.action_names)),
        )


def _and(texts: Iterable[str]) -> str:
    return " and ".join(texts)
