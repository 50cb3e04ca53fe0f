"""How the states of two versions differ: fields, transitions, retries and time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from generator.asl.model import ABSENT, Choice, Construct, ItemProcessor, Json, Map, Parallel, Task, table
from generator.asl.walk import StateAt, each
from generator.asl.write import to_json
from generator.catalog.integrations import parse_resource
from generator.checks.budgets import TaskBudget, task_budgets
from generator.diff import canonical
from generator.diff.errors import GUIDE as ERRORS_GUIDE
from generator.diff.errors import catcher_changes, retrier_changes
from generator.diff.matching import Matching, Pair, match
from generator.diff.model import Change, How
from generator.emit import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.asl.model import QueryLanguage
    from generator.asl.walk import Walk

TASK_GUIDE: Final = "https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html"
MAP_GUIDE: Final = "https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html"
TRANSITIONS_GUIDE: Final = "https://docs.aws.amazon.com/step-functions/latest/dg/concepts-states.html"
PARALLEL_GUIDE: Final = "https://docs.aws.amazon.com/step-functions/latest/dg/state-parallel.html"
LANGUAGE_GUIDE: Final = "https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html"
PATTERN_GUIDE: Final = "https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html"
HISTORY_GUIDE: Final = "https://docs.aws.amazon.com/step-functions/latest/apireference/API_StateEnteredEventDetails.html"

_ELSEWHERE: Final = frozenset({
    "Comment", "Next", "End", "Choices", "Default", "Catch", "Retry", "QueryLanguage", "Branches",
    "TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath",
    "Seconds", "SecondsPath", "Timestamp", "TimestampPath",
})  # fmt: skip
"""The fields of states that have a section of their own, or a line of their own."""
_TIMES: Final = ("TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath")
_WAITS: Final = ("Seconds", "SecondsPath", "Timestamp", "TimestampPath")
_OLD_NAMES: Final = {"Iterator": "ItemProcessor", "Parameters": "ItemSelector"}
_END: Final = "the end"

_LONGEST: Final = 60


def state_changes(old: Walk, new: Walk) -> tuple[list[Change], Matching]:
    """Return how the states of two versions of a machine differ, and which state is which."""
    matching = match(old, new)
    budgets = {id(budget.entry): budget for walk in (old, new) for budget in task_budgets(walk)}
    found = list(_machine(old, new))
    found += _existence(matching)
    # A state that is written as it was can lead to another state only if a name now belongs to another state.
    moved_targets = {entry.name for entry in matching.removed} | {old for old, new in matching.names.items() if old != new}
    for pair in matching.pairs:
        if _is_written_alike(pair):
            found += _transitions(pair, matching.names) if moved_targets & {each.target for each in pair.old.transitions} else ()
            continue
        found += _fields(pair)
        found += _transitions(pair, matching.names)
        found += retrier_changes(pair)
        found += _times(pair, budgets)
    found += _scopes(matching)
    return found, matching


def _is_written_alike(pair: Pair) -> bool:
    if pair.old.language != pair.new.language:
        return False
    return canonical.same_text(to_json(pair.old.state)) == canonical.same_text(to_json(pair.new.state))


def shown(value: Any) -> str:
    """Write a value for people, on one line, shortened.

    >>> shown({"a": 1}), shown("{% $x %}")
    ('{"a": 1}', '{% $x %}')
    """
    text = "none" if value is ABSENT else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return words.shorten(" ".join(text.split()), _LONGEST) if text else '""'


def _machine(old: Walk, new: Walk) -> Iterator[Change]:
    before, after = old.machine, new.machine
    if (before.timeout_seconds or None) != (after.timeout_seconds or None):
        yield _time("the state machine", "TimeoutSeconds", _or_none(before.timeout_seconds), _or_none(after.timeout_seconds))
    for name in sorted(before.extra.keys() | after.extra.keys()):
        one, other = before.extra.get(name, ABSENT), after.extra.get(name, ABSENT)
        if canonical.same_text(one) != canonical.same_text(other):
            yield Change(
                "states", "changed", "the state machine", f"{name}: {shown(one)} -> {shown(other)}", _or_none(one), _or_none(other)
            )
    if _text(before.comment) != _text(after.comment):
        yield Change("states", "changed", "the state machine", "Comment", _or_none(before.comment), _or_none(after.comment))


def _or_none(value: Any) -> Json:
    return None if value is ABSENT else value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


# -- which states there are ----------------------------------------------------------------------------------------------


def _existence(matching: Matching) -> Iterator[Change]:
    for entry in matching.added:
        yield Change("states", "added", entry.name, f"{_kind(entry)}{_inside(entry)}", None, to_json(entry.state))
    for entry in matching.removed:
        yield Change("states", "removed", entry.name, f"{_kind(entry)}{_inside(entry)}", to_json(entry.state), None)
    for pair in matching.pairs:
        if pair.renamed:
            danger = "log queries, metric filters and dashboards that use the old name no longer match"
            yield Change(
                "states", "renamed", pair.new.name, f"was {pair.old.name}", pair.old.name, pair.new.name, (), danger, HISTORY_GUIDE
            )
        if pair.moved:
            text = f"from {pair.old.scope.what} to {pair.new.scope.what}"
            yield Change("states", "moved", pair.new.name, text, pair.old.scope.what, pair.new.scope.what)


def _kind(entry: StateAt) -> str:
    doing = words.doing(entry.state, {})
    return f"{words.kind(entry.state)}{': ' + doing if doing else ''}"


def _inside(entry: StateAt) -> str:
    return f", in {entry.scope.what}" if entry.scope.parent is not None else ""


# -- fields --------------------------------------------------------------------------------------------------------------


def _fields(pair: Pair) -> Iterator[Change]:
    old, new = pair.old, pair.new
    if old.language != new.language and (_is_computed(old) or _is_computed(new)):
        danger = "each path and expression of the state is written anew: check the state with its real input"
        yield Change(
            "states",
            "changed",
            new.name,
            f"QueryLanguage: {old.language} -> {new.language}",
            old.language,
            new.language,
            (),
            danger,
            LANGUAGE_GUIDE,
        )
    if old.state.TYPE != new.state.TYPE:
        danger = "the state does something else"
        text = f"Type: {old.state.TYPE} -> {new.state.TYPE}"
        yield Change("states", "changed", new.name, text, old.state.TYPE, new.state.TYPE, (), danger)
        return
    before, after = _of(old), _of(new)
    written = _written(old), _written(new)
    for name in dict.fromkeys((*before, *after)):
        # null is a value: it discards what the default keeps
        if canonical.same_text(before.get(name, ABSENT)) != canonical.same_text(after.get(name, ABSENT)):
            yield from _field(new, name, written[0].get(name, ABSENT), written[1].get(name, ABSENT))
    if _text(old.state.comment) != _text(new.state.comment):
        yield Change("states", "changed", new.name, "Comment", _or_none(old.state.comment), _or_none(new.state.comment))


_COMPUTED: Final = re.compile(r"\{%|\$(?!\{)")


def _is_computed(entry: StateAt) -> bool:
    """Return whether a state has a path, an expression or a field of one query language, about which its query language decides."""
    if any(info.language and getattr(entry.state, attribute) is not ABSENT for attribute, info in table(type(entry.state))):
        return True
    return _COMPUTED.search(json.dumps(to_json(entry.state), default=str)) is not None


def _of(entry: StateAt) -> dict[str, Any]:
    """Return the fields of a state by name, in canonical form; those of its item processor too."""
    is_map = isinstance(entry.state, Map)
    found = {_name(name, is_map=is_map): form for name, form in canonical.fields(entry.state, entry.language, _ELSEWHERE).items()}
    processor = entry.state.processor if isinstance(entry.state, Map) else ABSENT
    if isinstance(processor, ItemProcessor) and isinstance(processor.processor_config, Construct):
        form = canonical.fields(processor.processor_config, entry.language)
        if form:
            found["ProcessorConfig"] = form
    return found


def _written(entry: StateAt) -> dict[str, Any]:
    """Return the fields of a state by name, as they are written."""
    is_map = isinstance(entry.state, Map)
    written = {_name(name, is_map=is_map): value for name, value in to_json(entry.state).items()}
    processor = written.get("ItemProcessor")
    if is_map and isinstance(processor, dict) and "ProcessorConfig" in processor:
        written["ProcessorConfig"] = processor["ProcessorConfig"]
    return written


def _name(name: str, *, is_map: bool) -> str:
    return _OLD_NAMES.get(name, name) if is_map else name


def _field(entry: StateAt, name: str, old: Any, new: Any) -> Iterator[Change]:
    """Yield a change of a field; of an object, the members that differ."""
    danger, source = _danger(name, old, new)
    for place, one, other in _differences(name, old, new, entry.language):
        if one is ABSENT:
            text = f"{place}: {shown(other)} added"
        elif other is ABSENT:
            text = f"{place}: {shown(one)} removed"
        else:
            text = f"{place}: {shown(one)} -> {shown(other)}"
        yield Change("states", "changed", entry.name, text, _or_none(one), _or_none(other), (), danger, source)
        danger = source = ""  # said once


def _differences(place: str, old: Any, new: Any, language: QueryLanguage) -> Iterator[tuple[str, Any, Any]]:
    """Yield the innermost members that differ, with their places."""
    pending = [(place, old, new)]
    while pending:
        at, one, other = pending.pop()
        if isinstance(one, dict) and isinstance(other, dict) and (one or other):
            keys = dict.fromkeys((*one, *other))
            inner = [(key, one.get(key, ABSENT), other.get(key, ABSENT)) for key in keys]
            differ = [(f"{at}.{key}", here, there) for key, here, there in inner if not _equal(key, here, there, language)]
            pending.extend(reversed(differ))
        elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other) and one:
            differ = [
                (f"{at}[{index}]", *both) for index, both in enumerate(zip(one, other, strict=True)) if not _equal("", *both, language)
            ]
            pending.extend(reversed(differ))
        else:
            yield at, one, other


def _equal(key: str, one: Any, other: Any, language: QueryLanguage) -> bool:
    if one is ABSENT or other is ABSENT:
        return one is other
    one, other = (canonical.member(key, value, language) for value in (one, other))
    return canonical.same_text(one) == canonical.same_text(other)


def _danger(name: str, old: Any, new: Any) -> tuple[str, str]:
    if name == "Resource":
        before, after = parse_resource(_text(old)), parse_resource(_text(new))
        if before and after and before.name == after.name and before.pattern != after.pattern:
            return "the state waits for something else: the response, the end of the job, or a task token", PATTERN_GUIDE
        return "the state calls something else", ""
    if name == "MaxConcurrency":
        return _raised(old, new, 0, "more iterations run at the same time: what they call gets more load")
    if name.startswith("ToleratedFailure"):
        danger, source = _raised(old, new, None, "more items may fail before the Map state fails")
        return danger, source and MAP_GUIDE
    if name == "Error":
        return "catchers, alarms and rules that name the old error no longer match", ERRORS_GUIDE
    if name == "Credentials":
        return (
            "the state uses another role",
            "https://docs.aws.amazon.com/step-functions/latest/dg/concepts-access-cross-acct-resources.html",
        )
    if name == "ProcessorConfig":
        return "the iterations run as other executions: in this one, in Standard ones or in Express ones", MAP_GUIDE
    if name == "ResultWriter":
        return "the results of the items are at another place, or in another form", MAP_GUIDE
    return "", ""


def _raised(old: Any, new: Any, unlimited: float | None, danger: str) -> tuple[str, str]:
    numbers = []
    for value in (old, new):
        number = 0.0 if value is ABSENT else float(value) if isinstance(value, int | float) else float("inf")
        numbers.append(float("inf") if number == unlimited else number)
    return (danger, MAP_GUIDE) if numbers[1] > numbers[0] or numbers[0] == numbers[1] == float("inf") else ("", "")


# -- transitions ---------------------------------------------------------------------------------------------------------


def _scopes(matching: Matching) -> Iterator[Change]:
    for before, after in matching.scopes:
        one, other = _text(before.scope.start_at), _text(after.scope.start_at)
        if matching.names.get(one, one) != other:
            yield Change("transitions", "changed", after.what, f"starts at {other}, not at {one}", one, other)
    places: dict[int, list[tuple[int, int]]] = {}
    for before, after in matching.scopes[1:]:
        here, there = before.at[-1], after.at[-1]
        if before.parent is not None and isinstance(here, int) and isinstance(there, int):
            places.setdefault(id(before.parent), []).append((here, there))
    for pair in matching.pairs:
        if isinstance(pair.old.state, Parallel) and isinstance(pair.new.state, Parallel):
            both = places.get(id(pair.old), [])
            moved = [f"{one + 1} -> {other + 1}" for one, other in sorted(both) if one != other]
            if moved:
                danger = "the results of the branches have other places in the output of the state"
                text = f"the branches have other places: {', '.join(moved)}"
                yield Change("transitions", "changed", pair.new.name, text, None, None, (), danger, PARALLEL_GUIDE)


def _transitions(pair: Pair, names: Mapping[str, str]) -> Iterator[Change]:
    yield from _next(pair, names)
    if isinstance(pair.old.state, Choice) and isinstance(pair.new.state, Choice):
        yield from _rules(pair, names)
    yield from catcher_changes(pair, names)
    if isinstance(pair.old.state, Parallel) and isinstance(pair.new.state, Parallel):
        one, other = len(each(pair.old.state.branches)), len(each(pair.new.state.branches))
        if one != other:
            how: How = "added" if other > one else "removed"
            yield Change("transitions", how, pair.new.name, f"{one} -> {other} branches", one, other)


def _next(pair: Pair, names: Mapping[str, str]) -> Iterator[Change]:
    old, new = _target(pair.old), _target(pair.new)
    old = names.get(old, old)
    if old == new or pair.old.state.TYPE != pair.new.state.TYPE:
        return
    if not (old and new):
        danger = "a state that neither ends nor has a next state is invalid" if old else ""
        how: How = "removed" if old else "added"
        yield Change(
            "transitions", how, pair.new.name, f"-> {old or new}", old or None, new or None, (), danger, TRANSITIONS_GUIDE if danger else ""
        )
        return
    yield Change("transitions", "changed", pair.new.name, f"-> {new}, not {old}", old, new)


def _target(entry: StateAt) -> str:
    following = getattr(entry.state, "next", ABSENT)
    if isinstance(following, str):
        return following
    return _END if getattr(entry.state, "end", ABSENT) is True else ""


def _rules(pair: Pair, names: Mapping[str, str]) -> Iterator[Change]:
    old, new = (
        [_rule(rule, entry) for rule in each(entry.state.choices)] for entry in (pair.old, pair.new) if isinstance(entry.state, Choice)
    )
    old = [(condition, names.get(target, target), other, text) for condition, target, other, text in old]
    name = pair.new.name
    kept_old = [rule for rule in old if any(rule[0] == other[0] for other in new)]
    kept_new = [rule for rule in new if any(rule[0] == other[0] for other in old)]
    gone = [rule for rule in old if rule not in kept_old]
    come = [rule for rule in new if rule not in kept_new]
    for rule in [*gone]:
        # The rule for the same target whose condition differs now is the same rule.
        same = next((other for other in come if other[1] == rule[1]), None)
        if same is not None:
            gone.remove(rule)
            come.remove(same)
            yield Change("transitions", "changed", name, f"-> {same[1]} if {same[3]}, not if {rule[3]}", rule[3], same[3])
    for rule in come:
        yield Change("transitions", "added", name, f"-> {rule[1]} if {rule[3]}", None, rule[3])
    for rule in gone:
        yield Change("transitions", "removed", name, f"-> {rule[1]} if {rule[3]}", rule[3], None)
    if [rule[0] for rule in kept_old] != [rule[0] for rule in kept_new]:
        danger = "the first rule that is true decides"
        yield Change(
            "transitions", "changed", name, "the rules are in another order", [r[3] for r in kept_old], [r[3] for r in kept_new], (), danger
        )
    targets = {rule[0]: rule for rule in kept_new}
    for rule in kept_old:
        other = targets[rule[0]]
        if rule[1] != other[1]:
            yield Change("transitions", "changed", name, f"-> {other[1]}, not {rule[1]}, if {rule[3]}", rule[1], other[1])
        if rule[2] != other[2]:
            yield Change("transitions", "changed", name, f"what the rule assigns or returns if {rule[3]}", rule[2], other[2])
    yield from _default(pair, names)


def _rule(rule: Any, entry: StateAt) -> tuple[str, str, str, str]:
    """Return the condition in its canonical form, the target, what else the rule does, and the condition for people."""
    form = canonical.fields(rule, entry.language)
    condition = canonical.same_text([form.pop("Condition", None), form.pop("Test", None)])
    target = str(form.pop("Next", ""))
    return condition, target, canonical.same_text(form), words.shorten(words.condition(rule), _LONGEST)


def _default(pair: Pair, names: Mapping[str, str]) -> Iterator[Change]:
    old, new = (_text(getattr(entry.state, "default", ABSENT)) for entry in (pair.old, pair.new))
    old = names.get(old, old)
    if old == new:
        return
    if not new:
        danger = "an input that no rule matches fails with States.NoChoiceMatched"
        yield Change("transitions", "removed", pair.new.name, f"-> {old} by default", old, None, (), danger, ERRORS_GUIDE)
    elif not old:
        yield Change("transitions", "added", pair.new.name, f"-> {new} by default", None, new)
    else:
        yield Change("transitions", "changed", pair.new.name, f"-> {new} by default, not {old}", old, new)


# -- retries and time ----------------------------------------------------------------------------------------------------


def _times(pair: Pair, budgets: Mapping[int, TaskBudget]) -> Iterator[Change]:
    names = _TIMES if isinstance(pair.new.state, Task) else _WAITS
    forms = [canonical.fields(entry.state, entry.language) for entry in (pair.old, pair.new)]
    written = [to_json(entry.state) for entry in (pair.old, pair.new)]
    for name in names:
        if canonical.same_text(forms[0].get(name)) != canonical.same_text(forms[1].get(name)):
            yield _time(pair.new.name, name, written[0].get(name), written[1].get(name))
    before, after = budgets.get(id(pair.old)), budgets.get(id(pair.new))
    if before is None or after is None or before.attempt_seconds is None or after.attempt_seconds is None:
        return
    if before.longest != after.longest and (pair.old.retriers or pair.new.retriers):
        text = f"with its retries at most {_span(after.longest)}, not {_span(before.longest)}"
        yield Change("retries and time", "changed", pair.new.name, text, before.longest, after.longest)


def _time(subject: str, name: str, old: Json, new: Json) -> Change:
    danger = ""
    if name.startswith(("Timeout", "Heartbeat")):
        if new is None:
            danger = "without a timeout it may run for a year" if name.startswith("Timeout") else "a worker that hangs is detected later"
        elif old is None or (isinstance(old, int) and isinstance(new, int) and new < old):
            danger = "a run that takes longer now fails"
        elif not (isinstance(old, int) and isinstance(new, int)):
            danger = "the limit is not a number that can be compared"
    how: How
    if old is None:
        how, text = "added", f"{name}: {_span(new)}"
    elif new is None:
        how, text = "removed", f"{name}: {_span(old)}"
    else:
        how, text = "changed", f"{name}: {_span(old)} -> {_span(new)}"
    return Change("retries and time", how, subject, text, old, new, (), danger, TASK_GUIDE if danger else "")


def _span(value: Any) -> str:
    return words.duration(value) if isinstance(value, int | float) and not isinstance(value, bool) else shown(value)
