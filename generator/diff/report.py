"""Comparing two versions: every workflow of both, what they share, and what it means for executions in flight."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from generator.asl.definition import definition_of
from generator.asl.placeholders import PLACEHOLDER, fill, has_placeholder
from generator.asl.read import read_text
from generator.asl.write import to_json
from generator.diagnostics.model import Diagnostic, Severity, Span
from generator.diff import cost
from generator.diff.deployment import deployment_changes, shared_changes, type_change
from generator.diff.matching import match
from generator.diff.model import SECTIONS, Change, Note, Report, RouteCost, WorkflowReport
from generator.diff.permissions import function_changes, permission_changes
from generator.diff.sides import Side, SideError, Version
from generator.diff.states import state_changes

if TYPE_CHECKING:
    from generator.asl.walk import Walk

EVALUATION: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html"
UPDATE: Final = "https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateStateMachine.html"
REDRIVE: Final = "https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html"
DELETE: Final = "https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachine.html"


def compare(old: Side, new: Side, workflow: str | None = None) -> Report:
    """Compare two versions.

    Args:
        old: the old version.
        new: the new version.
        workflow: the name of the only workflow to compare; None for all.

    Raises:
        SideError: there is no such workflow, or it is not clear which workflow a single definition is.
    """
    reports = []
    pairs = pairs_of(old, new, workflow)
    for before, after in pairs:
        report = compare_workflows(before, after)
        if report.changes or report.how != "changed":
            reports.append(report)
    if not (old.single or new.single or workflow):
        reports += _shared(old, new)
    return Report(old.label, new.label, tuple(reports), len(pairs))


def compare_workflows(old: Version | None, new: Version | None) -> WorkflowReport:
    """Compare two versions of one workflow; one of them may be missing."""
    if old is None or new is None:
        return _one_sided(old, new)
    old, new = _typed(old, new), _typed(new, old)
    before, after = walks(old, new)
    changes, matching = state_changes(before, after)
    changes += permission_changes(old, new, (before, after))
    changes += deployment_changes(old, new)
    changes.sort(key=lambda change: [*SECTIONS].index(change.section))
    costs = _costs(old, new, before, after, matching.names)
    return WorkflowReport(new.name, "changed", tuple(changes), costs, _price() if costs else "", tuple(_notes(old, new, changes)))


def _typed(version: Version, other: Version) -> Version:
    """Return a version of which the type is not known, such as a single definition, as one of the type of the other version."""
    if version.typed or version.type == other.type:
        return version
    before = _walk(version)
    definition = definition_of(
        version.definition.document, other.type, dict(before.placeholders) if before.template else None, before.corrections
    )
    return replace(version, definition=definition, type=other.type)


def _one_sided(old: Version | None, new: Version | None) -> WorkflowReport:
    """Return the report of a workflow that is new or gone: the whole of its permissions and states."""
    version = new or old
    assert version is not None  # noqa: S101  for the type checker: one of both is there
    empty = replace(version, definition=_EMPTY, files={})
    before, after = (empty, version) if new is not None else (version, empty)
    one, other = (_walk(each) for each in (before, after))
    changes = permission_changes(before, after, (one, other))
    changes += [change for change in state_changes(one, other)[0] if change.section == "states" and change.how in {"added", "removed"}]
    notes = []
    how: Any = "added" if new is not None else "removed"
    if new is None:
        text = "The state machine is deleted: its executions end at their next transition, and its versions and aliases are deleted."
        notes.append(Note(text, DELETE))
        gone = "callers, schedules and event rules that start it fail"
        changes.insert(0, Change("deployment", "removed", version.name, "the state machine", version.name, None, (), gone, DELETE))
    return WorkflowReport(
        version.name, how, tuple(sorted(changes, key=lambda change: [*SECTIONS].index(change.section))), notes=tuple(notes)
    )


_EMPTY: Final = definition_of(read_text('{"StartAt": "", "States": {}}', "nothing"))


def _walk(version: Version) -> Walk:
    walked = version.definition.walk
    assert walked is not None  # noqa: S101  for the type checker: reading a version holds it
    return walked


# -- which workflow is which ---------------------------------------------------------------------------------------------


def pairs_of(old: Side, new: Side, workflow: str | None = None) -> list[tuple[Version | None, Version | None]]:
    """Return which workflow of one version is which of the other one; one of both may be missing.

    Raises:
        SideError: there is no such workflow, or it is not clear which workflow a single definition is.
    """
    if old.single or new.single:
        return [_single(old, new, workflow)]
    folders = [*dict.fromkeys((*old.workflows, *new.workflows))]
    if len(old.workflows) == len(new.workflows) == 1 and workflow is None:
        # two folders of one workflow each
        return [(next(iter(old.workflows.values())), next(iter(new.workflows.values())))]
    moved = {
        name: folder for name, folder in old.by_name.items() if folder not in new.workflows and new.by_name.get(name) not in old.workflows
    }
    pairs: list[tuple[Version | None, Version | None]] = []
    for folder in sorted(folders):
        after = new.workflows.get(folder)
        if after is not None:
            before = old.workflows.get(folder) or old.workflows.get(moved.get(after.name, ""))
            pairs.append((before, after))
        elif not (old.workflows[folder].name in new.by_name and moved.get(old.workflows[folder].name) == folder):
            pairs.append((old.workflows[folder], None))
    if workflow is None:
        return pairs
    chosen = [pair for pair in pairs if any(version is not None and version.name == workflow for version in pair)]
    if not chosen:
        known = sorted({version.name for pair in pairs for version in pair if version is not None})
        raise _unknown(f"there is no workflow {workflow!r} in either version", f"the workflows are {', '.join(known)}")
    return chosen


def _single(old: Side, new: Side, workflow: str | None) -> tuple[Version, Version]:
    """Return the two versions to compare if one of both is a single definition."""
    if old.single and new.single:
        return next(iter(old.workflows.values())), next(iter(new.workflows.values()))
    one, many = (old, new) if old.single else (new, old)
    version = next(iter(one.workflows.values()))
    names = sorted(many.by_name)
    if workflow is not None:
        found = [name for name in names if name == workflow]
    elif version.name in many.by_name:
        found = [version.name]
    elif len(names) == 1:
        found = names
    else:  # deployed under a name with the project and the environment before it
        longest = max((len(name) for name in names if _ends_with(version.name, name)), default=0)
        found = [name for name in names if _ends_with(version.name, name) and len(name) == longest]
    if len(found) != 1:
        hint = f"choose it with --workflow: {', '.join(names)}"
        raise _unknown(f"it is not clear which workflow of {many.label} is compared with {one.label}", hint)
    other = many.workflows[many.by_name[found[0]]]
    return (version, other) if old.single else (other, version)


def _ends_with(deployed: str, name: str) -> bool:
    return deployed.endswith((f"-{name}", f"_{name}"))


def _unknown(message: str, hint: str) -> SideError:
    return SideError([Diagnostic("SFN861", Severity.ERROR, message, Span("--workflow"), hint=hint)], misused=True)


# -- a template beside what was deployed from it -------------------------------------------------------------------------


def walks(old: Version, new: Version) -> tuple[Walk, Walk]:
    """Return the walks over both definitions, so that a placeholder of one equals the value of the other that it was deployed with.

    A placeholder is filled in with the value at the same place of the same state, if all its places agree.
    """
    before, after = _walk(old), _walk(new)
    templates = [has_placeholder(json.dumps(walk.document, ensure_ascii=False)) for walk in (before, after)]
    if templates[0] == templates[1]:
        return before, after
    template, concrete = (before, after) if templates[0] else (after, before)
    values = _deployed_values(template, concrete)
    filled = fill(json.dumps(template.document, ensure_ascii=False), values)
    version = old if templates[0] else new
    read = definition_of(read_text(filled, version.definition.document.name), version.type)
    if read.walk is None:
        return before, after
    return (read.walk, after) if templates[0] else (before, read.walk)


def _deployed_values(template: Walk, concrete: Walk) -> dict[str, Any]:
    return bind((_content(pair.old), _content(pair.new)) for pair in match(template, concrete).pairs)


def bind(pairs: Iterable[tuple[Any, Any]]) -> dict[str, Any]:
    """Return the value of each placeholder of templates that all its places agree on.

    Args:
        pairs: a template as JSON, and the same with its placeholders filled in.

    >>> bind([({"FunctionName": "${check_arn}", "Qualifier": "live"}, {"FunctionName": "arn:aws:lambda:::check", "Qualifier": "live"})])
    {'check_arn': 'arn:aws:lambda:::check'}
    """
    found: dict[str, Any] = {}
    for template, concrete in pairs:
        _bind(template, concrete, found)
    return {name: value for name, value in found.items() if value is not _AMBIGUOUS}


def _content(entry: Any) -> Any:
    written = to_json(entry.state)
    return {key: value for key, value in written.items() if key not in {"Branches", "ItemProcessor", "Iterator"}}


_AMBIGUOUS: Final = object()


def _bind(template: Any, concrete: Any, found: dict[str, Any]) -> None:
    """Note the value of each placeholder, where both have the same form."""
    pending = [(template, concrete)]
    while pending:
        one, other = pending.pop()
        if isinstance(one, dict) and isinstance(other, dict):
            pending += [(one[key], other[key]) for key in one if key in other]
        elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
            pending += zip(one, other, strict=True)
        elif isinstance(one, str) and has_placeholder(one):
            _bind_text(one, other, found)


def _bind_text(one: str, other: Any, found: dict[str, Any]) -> None:
    whole = PLACEHOLDER.fullmatch(one)
    if whole is not None:
        values = {whole[1]: other}
    elif isinstance(other, str):
        names: list[str] = []
        pattern, at = "", 0
        for hole in PLACEHOLDER.finditer(one):
            pattern += re.escape(one[at : hole.start()])
            pattern += f"(?P=p{names.index(hole[1])})" if hole[1] in names else f"(?P<p{len(names)}>.*?)"
            names += [hole[1]] if hole[1] not in names else []
            at = hole.end()
        held = re.fullmatch(pattern + re.escape(one[at:]), other, re.DOTALL)
        if held is None:
            return
        values = {name: held[f"p{index}"] for index, name in enumerate(names)}
    else:
        return
    for name, value in values.items():
        if name in found and found[name] != value:
            found[name] = _AMBIGUOUS
        else:
            found[name] = value


# -- cost, and executions in flight --------------------------------------------------------------------------------------


def _costs(old: Version, new: Version, before: Walk, after: Walk, names: Mapping[str, str]) -> tuple[RouteCost, ...]:
    if "EXPRESS" in {old.type, new.type}:
        return ()
    ends: dict[str, list[cost.Route | None]] = {}
    for route in cost.routes(after):
        ends[route.end] = [None, route]
    for route in cost.routes(before):
        ends.setdefault(names.get(route.end, route.end), [None, None])[0] = route
    return tuple(
        RouteCost(end, _written(one), _written(other))
        for end, (one, other) in ends.items()
        if (one and (one.fewest, one.most)) != (other and (other.fewest, other.most))
    )


def _written(route: cost.Route | None) -> tuple[str, str] | None:
    """Return the transitions and their price."""
    if route is None:
        return None
    if route.fewest == route.most:
        return str(route.fewest), route.fewest.price
    return f"{route.fewest} to {route.most}", f"{route.fewest.price} to {route.most.price}"


def _price() -> str:
    thousand = cost.PRICE_PER_TRANSITION * 1000
    read = f"{cost.PRICE_SOURCE}, {cost.PRICE_READ}"
    return f"1,000 state transitions cost ${thousand:.3f} in {cost.PRICE_REGION} ({read}); each retry is one more"


def _notes(old: Version, new: Version, changes: list[Change]) -> list[Note]:
    if not changes:
        return []
    if type_change(old, new) is not None:
        text = "The state machine is replaced: its executions end at their next transition, and its versions and aliases are deleted."
        return [Note(text, DELETE)]
    definition = [change for change in changes if change.section in {"states", "transitions", "retries and time"}]
    notes = []
    if definition:
        notes.append(
            Note(
                "Running executions continue with the old definition. Executions that start within seconds of the update may also use it.",
                UPDATE,
            )
        )
        if new.type == "STANDARD":
            text = "A redrive uses the old definition: to use the new one, start a new execution."
            notes.append(Note(text, REDRIVE))
    if any(change.section == "permissions" for change in changes):
        text = "The new policy of the role applies to running executions: IAM evaluates it at each call."
        notes.append(Note(text, EVALUATION))
    return notes


# -- what workflows share ------------------------------------------------------------------------------------------------


def _shared(old: Side, new: Side) -> list[WorkflowReport]:
    """Return what changed in the files beside the workflows: functions and resources, folder by folder."""
    changes = [*function_changes(old.shared, new.shared), *shared_changes(old.shared, new.shared)]
    changes.sort(key=lambda change: [*SECTIONS].index(change.section))
    return [WorkflowReport("functions and resources", "changed", tuple(changes))] if changes else []
