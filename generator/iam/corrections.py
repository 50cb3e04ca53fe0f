"""The author's corrections of what was derived: permissions added, limited, replaced and removed.

The corrections of a state come first, in the order written, then those of the workflow. Each has an outcome, from which the checks
see whether it still corrects anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from generator.catalog.arns import covers, fits, full_arn, may_cover, types_beside, types_of
from generator.iam.grants import Grant
from generator.iam.requirements import Requirement

if TYPE_CHECKING:
    from generator.asl.corrections import Conditions, Correction
    from generator.catalog.patterns import Deployment

THE_WORKFLOW: Final = "the workflow"
"""What needs a permission that the author adds for all states."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a correction did.

    Attributes:
        correction: the correction.
        resources: its resources as ARNs.
        selected: what was derived and has one of its actions, before the correction.
        shapeless: the resources that no type of resource of the actions can have; they are left out.
        beyond: the resources and conditions of a `Narrow` that were not derived; then it changes nothing.
        changed: whether the role differs with it.
        removed: the actions that the role does not get because of it.
    """

    correction: Correction
    resources: tuple[str, ...] = ()
    selected: tuple[Requirement, ...] = ()
    shapeless: tuple[str, ...] = ()
    beyond: tuple[str, ...] = ()
    changed: bool = True
    removed: tuple[str, ...] = ()


def corrected(
    needs: Iterable[Requirement], corrections: Iterable[Correction], deployment: Deployment
) -> tuple[tuple[Requirement, ...], tuple[Outcome, ...]]:
    """Apply corrections to what was derived, and return the outcome of each, too.

    Args:
        needs: what was derived.
        corrections: the corrections.
        deployment: where the state machine will run, and what the placeholders stand for.
    """
    role = list(needs)
    outcomes = []
    for correction in sorted(corrections, key=lambda one: not one.state):  # a stable sort
        role, outcome = _APPLY[correction.verb](role, correction, deployment)
        outcomes.append(outcome)
    return tuple(role), tuple(outcomes)


# -- the four corrections ------------------------------------------------------------------------------------------------

Result = tuple[list[Requirement], Outcome]


def _allow(role: list[Requirement], correction: Correction, deployment: Deployment) -> Result:
    arns, shapeless = _arns(correction, correction.actions, deployment)
    added = _added(correction, correction.actions, arns, correction.conditions, deployment)
    there = all(any(_includes(need, one) for need in role if _in_scope(need, correction)) for one in added)
    return [*role, *added], Outcome(correction, arns, (), shapeless, changed=not there)


def _narrow(role: list[Requirement], correction: Correction, deployment: Deployment) -> Result:
    selected = _selected(role, correction)
    arns, shapeless = _arns(correction, _actions(selected, correction), deployment)
    kept: list[Requirement] = []
    inside: set[str] = set()
    wrong: list[str] = []
    changed = False
    for need in role:
        ours, others = _split(need, correction)
        limited = [arn for arn in arns if any(may_cover(own, arn, deployment) for own in need.grant.resources)]
        if not ours or (correction.resources and not limited):
            kept.append(need)
            continue
        conditions, beyond = _limited(need.grant.conditions, correction.conditions)
        wrong += beyond
        inside |= set(limited)
        if others:
            kept.append(replace(need, grant=replace(need.grant, actions=others)))
        for actions, resources in _by_resources(ours, limited or need.grant.resources, deployment):
            grant = replace(
                need.grant,
                actions=actions,
                resources=resources,
                conditions=conditions,
                widened="" if limited else need.grant.widened,
                avoidable=False,
            )
            changed |= (resources, conditions) != (need.grant.resources, need.grant.conditions)
            kept.append(replace(need, grant=grant, corrections=(*need.corrections, correction)))
    wrong += [arn for arn in arns if arn not in inside]
    if shapeless or (selected and wrong):
        return role, Outcome(correction, arns, selected, shapeless, tuple(wrong))
    return kept, Outcome(correction, arns, selected, changed=changed)


def _replace(role: list[Requirement], correction: Correction, deployment: Deployment) -> Result:
    selected = _selected(role, correction)
    names = _actions(selected, correction)
    arns, shapeless = _arns(correction, names, deployment)
    if not selected or shapeless:
        return role, Outcome(correction, arns, selected, shapeless, changed=bool(selected))
    kept = []
    for need in role:
        _, others = _split(need, correction)
        if others:
            kept.append(replace(need, grant=replace(need.grant, actions=others)) if others != need.grant.actions else need)
    for need in selected:
        ours, _ = _split(need, correction)
        for actions, resources in _by_resources(ours, arns, deployment):
            grant = replace(
                need.grant,
                actions=actions,
                resources=resources,
                conditions=correction.conditions or _passed(need.grant.conditions),
                widened="",
                avoidable=False,
            )
            kept.append(replace(need, grant=grant, corrections=(*need.corrections, correction)))
    return kept, Outcome(correction, arns, selected, shapeless)


def _without(role: list[Requirement], correction: Correction, deployment: Deployment) -> Result:
    selected = _selected(role, correction)
    arns, shapeless = _arns(correction, _actions(selected, correction), deployment)
    kept: list[Requirement] = []
    removed: set[str] = set()
    for need in role:
        ours, others = _split(need, correction)
        gone = [own for own in need.grant.resources if not arns or any(may_cover(arn, own, deployment) for arn in arns)]
        if not ours or not gone:
            kept.append(need)
            continue
        removed |= set(ours)
        if others:
            kept.append(replace(need, grant=replace(need.grant, actions=others)))
        left = tuple(own for own in need.grant.resources if own not in gone)
        if left:
            kept.append(replace(need, grant=replace(need.grant, actions=ours, resources=left), corrections=(*need.corrections, correction)))
    return kept, Outcome(correction, arns, selected, shapeless, changed=bool(removed), removed=tuple(sorted(removed)))


_APPLY: Final = {"allow": _allow, "narrow": _narrow, "replace": _replace, "without": _without}


# -- what a correction is about ------------------------------------------------------------------------------------------


def _in_scope(need: Requirement, correction: Correction) -> bool:
    return not correction.state or need.at == correction.state


def _split(need: Requirement, correction: Correction) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the actions of a requirement that a correction is about, and the others."""
    if not _in_scope(need, correction):
        return (), need.grant.actions
    patterns = [action.lower() for action in correction.actions]
    ours = tuple(one for one in need.grant.actions if any(fnmatchcase(one.lower(), pattern) for pattern in patterns))
    return ours, tuple(one for one in need.grant.actions if one not in ours)


def _selected(role: Iterable[Requirement], correction: Correction) -> tuple[Requirement, ...]:
    return tuple(need for need in role if _split(need, correction)[0])


def _actions(selected: Iterable[Requirement], correction: Correction) -> tuple[str, ...]:
    """Return the derived actions that a correction is about; its own ones if there are none."""
    return tuple(dict.fromkeys(one for need in selected for one in _split(need, correction)[0])) or correction.actions


def _arns(correction: Correction, actions: Iterable[str], deployment: Deployment) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the resources of a correction as ARNs, and those that are no form of an ARN of the actions."""
    types = types_of(actions)
    found = {text: full_arn(text, types, deployment) for text in correction.resources}
    return tuple(dict.fromkeys(arn for arn in found.values() if arn)), tuple(text for text, arn in found.items() if not arn)


def _by_resources(actions: Iterable[str], arns: Iterable[str], deployment: Deployment) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Group actions by those of the resources that each can be limited to; all of them for an action that fits none."""
    actions, arns = tuple(actions), tuple(arns)
    types, every = {action: types_of([action]) for action in actions}, types_beside(actions)
    groups: dict[tuple[str, ...], list[str]] = {}
    for action in actions:
        own = tuple(sorted(arn for arn in arns if any(fits(arn, kind, every, deployment) for kind in types[action])))
        groups.setdefault(own or tuple(sorted(arns)), []).append(action)
    return [(tuple(sorted(names)), own) for own, names in groups.items()]


def _added(
    correction: Correction, actions: Iterable[str], arns: tuple[str, ...], conditions: Conditions, deployment: Deployment
) -> list[Requirement]:
    if not arns:
        return []
    needed_by = correction.for_state or THE_WORKFLOW
    return [
        Requirement(Grant(names, own, conditions, reason=correction.reason), correction.state or correction.at, needed_by, (correction,))
        for names, own in _by_resources(actions, arns, deployment)
    ]


def _includes(need: Requirement, added: Requirement) -> bool:
    """Return whether a requirement allows everything that an added one does."""
    if need.grant.conditions and need.grant.conditions != added.grant.conditions:
        return False
    return set(added.grant.actions) <= set(need.grant.actions) and all(
        any(covers(own, arn) for own in need.grant.resources) for arn in added.grant.resources
    )


def _passed(conditions: Conditions) -> Conditions:
    """Return the condition on the service that a role is passed to; it holds whatever the role is."""
    return tuple(one for one in conditions if one[1] == "iam:PassedToService")


def _limited(derived: Conditions, further: Conditions) -> tuple[Conditions, list[str]]:
    """Add conditions to derived ones, and return those that would allow other values than the derived ones."""
    found = {(operator, key): values for operator, key, values in derived}
    wrong = []
    for operator, key, values in further:
        before = found.get((operator, key))
        if before is not None and not all(any(covers(own, value) for own in before) for value in values):
            wrong.append(f"{key} {operator} {', '.join(values)}")
        found[operator, key] = values
    return tuple(sorted((operator, key, values) for (operator, key), values in found.items())), wrong
