"""Permissions: the execution role that is derived, a given policy beside it, and the actions that functions declare."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from generator.asl.text import describe
from generator.catalog.arns import PARTS
from generator.catalog.resources import KINDS, STARTABLE
from generator.diagnostics.codes import severity_of
from generator.diagnostics.model import Diagnostic, Finding, did_you_mean
from generator.iam.compare import Beyond, Excess, excesses, is_policy, lacks
from generator.iam.functions import calls
from generator.iam.grants import AT_RUN_TIME
from generator.iam.policy import INLINE_LIMIT
from generator.iam.requirements import UNNAMED, unknown_calls

if TYPE_CHECKING:
    from generator.dsl.resources import Function
    from generator.iam.requirements import Requirement
    from generator.iam.role import ExecutionRole

MANAGED_POLICIES: Final = 10
"""How many managed policies a role may have unless AWS raises the quota.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

_MOST_NAMED: Final = 8
"""How many actions or resources a finding about a given policy lists."""

_FEW: Final = 3
"""How many actions, resources or states a finding about the derived role lists."""


# -- the derived role ----------------------------------------------------------------------------------------------------


def widened(role: ExecutionRole) -> Iterator[Finding]:
    """Report wildcards in the role that the author can avoid (SFN701), once for each cause, with what to write.

    A wildcard that nobody can avoid is not reported: the id of what a call creates, or an action without resources. Neither is
    one inside a resource that the definition names, such as any object of a bucket.
    """
    causes: dict[tuple[str, frozenset[str]], list[Requirement]] = {}
    for need in role.requirements:
        grant = need.grant
        if grant.assumed:
            yield Finding(
                "SFN701",
                need.at,
                f"{need.needed_by!r} gets {_and(grant.actions)} on {_and(grant.resources)}: {grant.assumed}",
                hint="let the name of the placeholder end in 'activity' or 'function', before 'arn'",
            )
        elif grant.avoidable:
            services = frozenset(action.partition(":")[0] for action in grant.actions)
            causes.setdefault((grant.widened, services if grant.widened.endswith(AT_RUN_TIME) else frozenset()), []).append(need)
    for (cause, _), needs in causes.items():
        yield _wide(cause, needs, compiled=role.walk.template)


def _wide(cause: str, needs: list[Requirement], *, compiled: bool) -> Finding:
    """Make the finding for all requirements with the same cause; only the author of a compiled definition can correct its role."""
    states = dict.fromkeys((need.at, need.needed_by) for need in needs)
    resources_of: dict[str, dict[str, None]] = {}
    every: dict[str, dict[str, None]] = {}
    for need in needs:
        for action in need.grant.actions:
            open_ones = [one for one in need.grant.resources if "*" in one]
            resources_of.setdefault(action, {}).update(dict.fromkeys(open_ones or need.grant.resources))
            every.setdefault(action, {}).update(dict.fromkeys(need.grant.resources))
    by_service: dict[str, list[str]] = {}
    for action in resources_of:
        by_service.setdefault(action.partition(":")[0], []).append(action)
    actions = [
        each for service, names in by_service.items() for each in (names if len(names) <= _FEW else [f"{len(names)} actions of {service}"])
    ]
    resources = [*dict.fromkeys(one for found in resources_of.values() for one in found)]
    names = [*dict.fromkeys(repr(name) for _, name in states)]
    kind = next((kind for kind in KINDS.values() if kind.service in by_service and kind.key not in STARTABLE), None)
    declared = f", or a declared {kind.label}" if kind else ""
    narrows = [_narrow(service, names, every) for service, names in by_service.items()]
    if cause == UNNAMED:
        hint = "give the name of the state machine with --name"
    elif compiled:
        hint = f"say what it uses with permissions=[{', '.join(narrows)}]"
    else:
        hint = "name the resource in the definition, or limit this permission in the policy by hand"
    return Finding(
        "SFN701",
        needs[0].at,
        f"{_few(names)} {'gets' if len(names) == 1 else 'get'} {_few(actions)} on {_few([_short(one) for one in resources])}: {cause}",
        expected=f"a literal{declared}, where one resource is meant" if cause.endswith(AT_RUN_TIME) else "",
        hint=hint,
        also=tuple(at for at, _ in states if at != needs[0].at),
    )


def _few(texts: list[str]) -> str:
    shown = texts if len(texts) <= _FEW else [*texts[: _FEW - 1], f"{len(texts) - _FEW + 1} more"]
    return ", ".join(shown[:-1]) + (" and " if len(shown) > 1 else "") + shown[-1]


def _short(arn: str) -> str:
    """Return the part of an ARN that says which resource is meant; the whole ARN if that is any."""
    end = arn.split(":", PARTS - 1)[-1]
    return arn if end == "*" else end


def _narrow(service: str, actions: list[str], resources_of: dict[str, dict[str, None]]) -> str:
    """Write the correction that names the resources, with dots for what the author knows.

    It replaces all resources of its actions, so those that are known already are in it, too, such as the catalog of a table.
    """
    found = dict.fromkeys(one for action in actions for one in resources_of[action])
    ends = dict.fromkeys(one.split(":", PARTS - 1)[-1].replace("*", "…") for one in found)
    texts = [json.dumps(end, ensure_ascii=False) for end in ends] if any("…" in end for end in ends) else ['"…"']
    named = json.dumps(actions[0] if len(actions) == 1 else f"{service}:*")
    listed = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    return f'Narrow({named}, {listed}, reason="…")'


def unknown_permissions(role: ExecutionRole) -> Iterator[Finding]:
    """Report the calls for which no permission is known (SFN702), so that the role allows them only if the author says how."""
    given = [one for one in role.walk.corrections if one.verb == "allow"]
    for call in unknown_calls(role.walk):
        if any(one.state == call.state.at or call.name.lower() in map(str.lower, one.actions) for one in given):
            continue  # the author has said it
        yield Finding(
            "SFN702",
            (*call.state.at, "Resource"),
            f"no IAM action is known for {call.name}, which {call.state.name!r} calls",
            found=call.name,
            expected="a call that the authorization data knows",
            hint='give the role this permission: permissions=Allow("service:Action", …, reason="…")',
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
