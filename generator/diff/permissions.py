"""How permissions differ: of the execution role, of its settings, of whoever may assume it, and of functions.

A policy that was generated is compared as it is; for a definition alone the policy is derived that its states need. What a state
needs is told by the requirements that are derived from the definition.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from generator.catalog.index import action_exists, iam_service
from generator.diff.model import Change
from generator.iam.changes import Permission, PolicyChange, covers, policy_changes
from generator.iam.compare import may_be_same
from generator.iam.role import execution_role, templated_role

if TYPE_CHECKING:
    from generator.asl.walk import Walk
    from generator.diff.sides import Version
    from generator.iam.requirements import Requirement
    from generator.iam.role import ExecutionRole

SUFFIX: Final = ".policy.json"
_OF_STATES: Final = "execution-role"
_TRUST: Final = "trust"
LEAST_PRIVILEGE: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege"
ROLE_GUIDE: Final = "https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html"
_LOST: Final = "running executions keep the old definition: their calls that need this permission fail"


def permission_changes(old: Version, new: Version, walks: tuple[Walk, Walk]) -> list[Change]:
    """Return how the permissions of two versions of a workflow differ.

    Args:
        old: the old version.
        new: the new version.
        walks: the walks over both definitions, with the same placeholders filled in.
    """
    given = [_groups(version.files) for version in (old, new)]
    roles = [role_of(walk) for walk in walks]
    found: list[Change] = []
    both = all(given)  # both were generated: one without permissions has no policy for its states, but the others
    policies = [groups.get(_OF_STATES, []) if both else [role.policy.document()] for groups, role in zip(given, roles, strict=True)]
    found += [_change(change, roles[0], roles[1]) for change in _widened(policy_changes(*policies), roles)]
    if both:
        for group in sorted((given[0].keys() | given[1].keys()) - {_OF_STATES}):
            what = "who may assume the execution role" if group == _TRUST else f"the execution role, for {group.replace('-', ' ')}"
            found += [_plain(change, what) for change in policy_changes(given[0].get(group, []), given[1].get(group, []))]
    return _sorted(found)


def function_changes(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> list[Change]:
    """Return how the policies of functions differ, given by their paths."""
    found = []
    for path in sorted(path for path in old.keys() | new.keys() if path.endswith(SUFFIX)):
        what = f"the function {PurePosixPath(path).name.removesuffix(SUFFIX)}"
        before, after = ([policy] if (policy := _json(files.get(path))) is not None else [] for files in (old, new))
        found += [_plain(change, what) for change in policy_changes(before, after)]
    return _sorted(found)


def role_of(walk: Walk) -> ExecutionRole:
    """Return the execution role of a definition, derived once."""
    return walk.once(templated_role) if walk.template else walk.once(execution_role)


def _groups(files: Mapping[str, bytes]) -> dict[str, list[Any]]:
    """Return the generated policies by what they are for; a policy of states that was split counts as one."""
    found: dict[str, list[Any]] = {}
    for name in sorted(files):
        policy = _json(files[name]) if name.endswith(SUFFIX) else None
        if policy is not None:
            purpose = name.removesuffix(SUFFIX)
            found.setdefault(_OF_STATES if purpose.startswith(_OF_STATES) else purpose, []).append(policy)
    return found


def _json(content: bytes | None) -> Any:
    try:
        return None if content is None else json.loads(content)
    except ValueError:
        return None


def _change(change: PolicyChange, old: ExecutionRole, new: ExecutionRole) -> Change:
    gone = change.how in {"removed", "narrowed"}
    permission = change.old if gone and change.old is not None else change.new or change.old
    if permission is None:
        return _written(change, (), "", "")
    states = _needed_by(permission, old if gone else new)
    made = _written(change, states, "", _LOST if gone and states else "")
    more = "" if gone else _more_than_used(permission, new)
    if not more:
        return made
    return replace(made, danger=f"{made.danger}; {more}" if made.danger else more, source=made.source or LEAST_PRIVILEGE)


def _widened(changes: list[PolicyChange], roles: list[ExecutionRole]) -> list[PolicyChange]:
    """Join a new permission for a pattern of resources with the lost one for one of them, if the same state needs both.

    A pattern and a placeholder cannot be compared as text.
    """
    kept = list(changes)
    for come in changes:
        if come.how != "added" or come.new is None or "*" not in come.new.resource:
            continue
        states = set(_needed_by(come.new, roles[1]))
        lost = [
            each
            for each in kept
            if each.how == "removed"
            and each.old is not None
            and each.old.action == come.new.action
            and states & {*_needed_by(each.old, roles[0])}
        ]
        if lost:
            kept[kept.index(come)] = PolicyChange("widened", lost[0].old, come.new)
            kept = [each for each in kept if each not in lost]
    return kept


def _plain(change: PolicyChange, what: str) -> Change:
    return _written(change, (), f"{what}: ", "")


def _written(change: PolicyChange, states: tuple[str, ...], what: str, lost: str) -> Change:
    old, new = (None if one is None else one.text for one in (change.old, change.new))
    if change.how == "widened":
        text = f"was {old}" if new is not None else "no longer denied"
        danger, source = _wide(change), LEAST_PRIVILEGE
    elif change.how == "narrowed":
        text, danger, source = (f"now {new}" if old is not None else "denied now"), lost, ROLE_GUIDE if lost else ""
    elif change.how == "added":
        text, danger, source = "", _broad(change.new), LEAST_PRIVILEGE
    else:
        text, danger, source = "", lost, ROLE_GUIDE if lost else ""
    subject = (new if change.how in {"added", "widened"} and new is not None else old) or new or ""
    how: Any = change.how
    return Change("permissions", how, what + subject, text, old, new, states, danger, source if danger else "")


def _wide(change: PolicyChange) -> str:
    reasons = []
    if change.new is None or change.old is None:
        return "the role may do what was denied"
    if change.new.action != change.old.action:
        reasons.append("more actions")
    if change.new.resource != change.old.resource:
        reasons.append("more resources")
    if change.new.conditions != change.old.conditions:
        reasons.append("other conditions")
    return f"the permission is wider: {' and '.join(reasons) or 'another form'}"


def _broad(permission: Permission | None) -> str:
    if permission is None:
        return ""
    if permission.inverted:
        return "it allows everything that it does not name"
    if permission.principal:
        return "another principal may assume the role"
    prefix, _, name = permission.action.partition(":")
    if permission.action.lower() in _OTHER_ROLES:
        return "it lets the role use another role"
    wild = ["actions"] if "*" in {permission.action, name} else []
    if permission.resource == "*" and (not action_exists(permission.action) or _can_be_limited(prefix, name)):
        wild.append("resources")
    return f"it covers all {' and all '.join(wild)}" if wild else ""


_OTHER_ROLES: Final = frozenset({"iam:passrole", "sts:assumerole"})


def _can_be_limited(prefix: str, name: str) -> bool:
    """Return whether IAM can limit an action to resources."""
    service = iam_service(prefix.lower())
    return service is not None and bool(service.resource_types(name))


def _needs(permission: Permission, role: ExecutionRole) -> list[Requirement]:
    """Return the requirements that a permission serves, in the order of the states; those that need exactly it, if there are."""
    exact, near = [], []
    for need in role.requirements:
        if any(covers(permission.action.lower(), action.lower()) for action in need.grant.actions):
            if permission.resource in need.grant.resources:
                exact.append(need)
            elif "*" in permission.resource and any(may_be_same(one, permission.resource) for one in need.grant.resources):
                near.append(need)
    return exact or near


def _needed_by(permission: Permission, role: ExecutionRole) -> tuple[str, ...]:
    return tuple(dict.fromkeys(need.needed_by for need in _needs(permission, role)))


def _more_than_used(permission: Permission, role: ExecutionRole) -> str:
    """Return why a permission covers more than its calls use, although its author can name the resources; empty if it does not."""
    for need in _needs(permission, role):
        if need.grant.avoidable and need.grant.widened and permission.resource in need.grant.resources:
            return f"it covers more than the call uses: {need.grant.widened}"
    return ""


_ORDER: Final = ("widened", "added", "narrowed", "removed")


def _sorted(changes: Iterator[Change] | list[Change]) -> list[Change]:
    return sorted(changes, key=lambda change: (_ORDER.index(change.how), change.subject))
