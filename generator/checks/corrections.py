"""Corrections of the execution role: whether they name what exists, and still correct something. The findings are at their lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from generator.asl.placeholders import PLACEHOLDER
from generator.catalog.arns import PARTS, expanded, fits, types_beside, types_of
from generator.catalog.index import iam_prefixes, iam_service
from generator.diagnostics.model import Finding, did_you_mean

if TYPE_CHECKING:
    from generator.asl.corrections import Correction
    from generator.catalog.index import ResourceType
    from generator.iam.corrections import Outcome
    from generator.iam.role import ExecutionRole

_WORD: Final = {"allow": "Allow", "narrow": "Narrow", "replace": "Replace", "without": "Without"}
_MOST_NAMED: Final = 4
"""How many actions or forms of an ARN a finding lists."""
_NAMED_PART: Final = re.compile(r"<[^>]*>")


def unknown_actions(role: ExecutionRole) -> Iterator[Finding]:
    """Report actions that IAM does not have (SFN720): IAM Access Analyzer calls them an error, and they allow nothing."""
    for outcome in role.outcomes:
        for action in outcome.correction.actions:
            prefix, _, name = action.partition(":")
            service = iam_service(prefix.lower())
            if service is None:
                hint = did_you_mean(prefix, iam_prefixes())
                yield Finding("SFN720", outcome.correction.at, f"IAM has no actions of {prefix!r}", found=action, hint=hint)
            elif not expanded(action):
                hint = did_you_mean(name, service.actions.values()) if "*" not in name else ""
                message = f"there is no IAM action {action!r}"
                yield Finding("SFN720", outcome.correction.at, message, expected=f"an action of {prefix}", hint=hint)


def wrong_resources(role: ExecutionRole) -> Iterator[Finding]:
    """Report resources of which the actions have no ARN (SFN722), and ARNs of a type that the actions do not have (SFN721)."""
    for outcome in role.outcomes:
        correction = outcome.correction
        actions = _exact(outcome)
        if not actions:  # SFN720 or SFN724
            continue
        kinds, every = types_of(actions), types_beside(actions)
        forms = _forms(kinds) or '"*", for it has no resources'
        for text in outcome.shapeless:
            yield Finding(
                "SFN722",
                correction.at,
                f"{text!r} is not a part of an ARN of {_names(actions)}",
                found=text,
                expected=f"an ARN, or {forms}",
            )
        known = role.known
        for arn in outcome.resources:
            if arn != "*" and not any(fits(arn, kind, every, known) for kind in kinds):
                yield Finding(
                    "SFN721", correction.at, f"{_names(actions)} cannot be limited to {arn!r}, so this allows nothing", expected=forms
                )
        for action in actions if outcome.resources and len(actions) > 1 else ():
            own = types_of([action])
            if own and not any(fits(arn, kind, every, known) for arn in outcome.resources for kind in own):
                message = f"none of the resources is one of {action}, so it is not allowed"
                yield Finding("SFN721", correction.at, message, expected=_forms(own))


def widening(role: ExecutionRole) -> Iterator[Finding]:
    """Report a Narrow that would allow more than was derived (SFN723)."""
    for outcome in role.outcomes:
        for arn in outcome.beyond:
            derived = dict.fromkeys(own for need in outcome.selected for own in need.grant.resources)
            yield Finding(
                "SFN723",
                outcome.correction.at,
                f"Narrow would allow {arn!r}, which was not derived for {_names(outcome.correction.actions)}",
                expected=f"a part of {' or '.join([*derived][:_MOST_NAMED])}",
                hint="Replace(…) allows other resources, and Allow(…) further ones",
            )


def without_effect(role: ExecutionRole) -> Iterator[Finding]:
    """Report corrections that change nothing (SFN724), such as those of a call that is no longer there."""
    for outcome in role.outcomes:
        correction = outcome.correction
        if not any(expanded(action) for action in correction.actions):
            continue  # SFN720
        where = f"for {correction.for_state!r}" if correction.state else "for any state"
        if correction.verb != "allow" and not outcome.selected:
            derived = [
                action for need in role.derived if not correction.state or need.at == correction.state for action in need.grant.actions
            ]
            similar = did_you_mean(correction.actions[0], dict.fromkeys(derived))
            message = f"{_WORD[correction.verb]} changes nothing: {_names(correction.actions)} is not derived {where}"
            yield Finding("SFN724", correction.at, message, hint=similar or "remove it, or use Allow(…) to add a permission")
        elif not outcome.changed and not outcome.beyond and not outcome.shapeless:
            message = f"{_WORD[correction.verb]} changes nothing: the role {where} already is like this"
            yield Finding("SFN724", correction.at, message, hint="remove it")


def broad(role: ExecutionRole) -> Iterator[Finding]:
    """Report wildcards in a correction that allow much more than one thing (SFN725)."""
    for outcome in role.outcomes:
        correction = outcome.correction
        if correction.verb == "allow":
            for action in correction.actions:
                matched = expanded(action)
                if ("*" in action or "?" in action) and len(matched) > 1:
                    message = f"{action!r} allows {len(matched)} actions"
                    yield Finding("SFN725", correction.at, message, expected="the names of the actions that are used")
        was_broad = all("*" in need.grant.resources for need in outcome.selected) and outcome.selected
        if correction.verb in {"allow", "replace"} and "*" in outcome.resources and not was_broad and types_of(_exact(outcome)):
            message = f"{_names(correction.actions)} is allowed on every resource of every kind"
            yield Finding("SFN725", correction.at, message, found="*", expected="the resources that are used")


def unknown_condition_keys(role: ExecutionRole) -> Iterator[Finding]:
    """Report condition keys that their service does not have (SFN726): such a condition never holds, or always does."""
    for outcome in role.outcomes:
        for _, key, _ in outcome.correction.conditions:
            prefix = key.partition(":")[0]
            service = iam_service(prefix.lower())
            if service is None or not service.condition_keys:
                continue
            known = [one for one in service.condition_keys if one.startswith(f"{prefix.lower()}:")]
            forms = (".+".join(map(re.escape, _NAMED_PART.split(PLACEHOLDER.sub("<>", one)))) for one in known)
            if known and not any(re.fullmatch(form, key, re.IGNORECASE) for form in forms):
                hint = did_you_mean(key, known)
                yield Finding("SFN726", outcome.correction.at, f"{prefix} has no condition key {key!r}", found=key, hint=hint)


def _exact(outcome: Outcome) -> list[str]:
    """Return the actions that a correction is about, without wildcards."""
    correction: Correction = outcome.correction
    if correction.verb == "allow":
        return [action for pattern in correction.actions for action in expanded(pattern)]
    patterns = [action.lower() for action in correction.actions]
    derived = dict.fromkeys(action for need in outcome.selected for action in need.grant.actions)
    return [action for action in derived if any(fnmatchcase(action.lower(), pattern) for pattern in patterns)]


def _forms(types: tuple[ResourceType, ...]) -> str:
    """Write the parts after the account in the ARNs of types of resources."""
    return " or ".join(dict.fromkeys(PLACEHOLDER.sub(r"<\1>", one.arn.split(":", PARTS - 1)[-1]) for one in types[:_MOST_NAMED]))


def _names(actions: list[str] | tuple[str, ...]) -> str:
    more = len(actions) - _MOST_NAMED
    return " and ".join(actions) if more <= 0 else f"{', '.join(actions[:_MOST_NAMED])} and {more} more"
