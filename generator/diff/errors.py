"""How error paths and retries differ, error by error: which rule of a state handles an error now, and which one did.

The first rule that matches an error handles it. So rules in another order, or one rule in place of two, are a difference only where an
error is handled in another way.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from generator.asl.error_names import ALL, DATA_LIMIT_EXCEEDED, HEARTBEAT_TIMEOUT, RUNTIME, TASK_FAILED, TIMEOUT
from generator.asl.model import Catcher, Retrier
from generator.asl.retries import attempts
from generator.asl.walk import each
from generator.asl.write import to_json
from generator.diff import canonical
from generator.diff.model import Change
from generator.emit import words

if TYPE_CHECKING:
    from generator.asl.walk import StateAt
    from generator.diff.matching import Pair

GUIDE: Final = "https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html"
_NOT_BY_ALL: Final = frozenset({RUNTIME, DATA_LIMIT_EXCEEDED})
"""Errors that States.ALL does not match."""
_NOT_FAILURES: Final = frozenset({TIMEOUT, HEARTBEAT_TIMEOUT, ALL}) | _NOT_BY_ALL
"""Errors that States.TaskFailed does not match, and the name of all errors."""

Rule = TypeVar("Rule", Catcher, Retrier)


def handles(rule: Catcher | Retrier, error: str) -> bool:
    """Return whether a rule matches an error.

    >>> handles(Retrier(error_equals=("States.TaskFailed",)), "Lambda.Unknown")
    True
    >>> handles(Retrier(error_equals=("States.TaskFailed",)), "States.Timeout")
    False
    """
    names = errors_of(rule)
    if error in names:
        return True
    if error == HEARTBEAT_TIMEOUT and TIMEOUT in names:
        return True
    return (ALL in names and error not in _NOT_BY_ALL) or (TASK_FAILED in names and error not in _NOT_FAILURES)


def errors_of(rule: Catcher | Retrier) -> tuple[str, ...]:
    """Return the error names of a rule."""
    return tuple(str(error) for error in each(rule.error_equals))


def _handler(rules: Sequence[Rule], error: str) -> Rule | None:
    return next((rule for rule in rules if handles(rule, error)), None)


def _named(*listed: Sequence[Catcher] | Sequence[Retrier]) -> list[str]:
    """Return every error that a rule names, in the order written; all others last."""
    names = dict.fromkeys(error for rules in listed for rule in rules for error in errors_of(rule))
    return sorted(names, key=lambda error: error == ALL)


# -- error paths ---------------------------------------------------------------------------------------------------------


def catcher_changes(pair: Pair, names: Mapping[str, str]) -> Iterator[Change]:
    """Yield how the error paths of a state differ.

    Args:
        pair: the state in both versions.
        names: the name in the new version of each state of the old one.
    """
    old, new = ([catcher for _, catcher in entry.catchers] for entry in (pair.old, pair.new))
    grouped: dict[tuple[str, str | None, str | None], list[str]] = {}
    for error in _named(old, new):
        before, after = _handler(old, error), _handler(new, error)
        targets = [None if rule is None else str(rule.next) for rule in (before, after)]
        one = None if targets[0] is None else names.get(targets[0], targets[0])
        if one != targets[1]:
            grouped.setdefault(("target", one, targets[1]), []).append(error)
        elif before is not None and after is not None and _data(before, pair.old) != _data(after, pair.new):
            grouped.setdefault(("data", one, targets[1]), []).append(error)
    for (what, one, other), errors in grouped.items():
        yield _path(pair.new.name, what, one, other, errors)


def _path(name: str, what: str, one: str | None, other: str | None, errors: list[str]) -> Change:
    on = ", ".join(errors)
    if what == "data":
        return Change("transitions", "changed", name, f"what {other} gets on {on}", one, other)
    if one is None:
        return Change("transitions", "added", name, f"-> {other} on {on}", None, other)
    if other is None:
        which = "the error is" if errors != [ALL] else "errors that no other catcher names are"
        danger = f"an error path is removed: {which} no longer caught, and the failure ends the scope of the state"
        return Change("transitions", "removed", name, f"-> {one} on {on}", one, None, (), danger, GUIDE)
    danger = "an error leads to another state"
    return Change("transitions", "changed", name, f"-> {other} on {on}, not {one}", one, other, (), danger, GUIDE)


def _data(catcher: Catcher, entry: StateAt) -> str:
    return canonical.same_text(canonical.fields(catcher, entry.language, frozenset({"Comment", "ErrorEquals", "Next"})))


# -- retries -------------------------------------------------------------------------------------------------------------


def retrier_changes(pair: Pair) -> Iterator[Change]:
    """Yield how the retries of a state differ."""
    old, new = ([retrier for _, retrier in entry.retriers] for entry in (pair.old, pair.new))
    grouped: dict[tuple[int, int], tuple[Retrier | None, Retrier | None, list[str]]] = {}
    for error in _named(old, new):
        before, after = (_effective(rules, error) for rules in (old, new))
        if _policy(before, pair.old) != _policy(after, pair.new):
            grouped.setdefault((id(before), id(after)), (before, after, []))[2].append(error)
    for before, after, errors in grouped.values():
        yield _retry(pair.new.name, before, after, ", ".join(errors))
    if not grouped and _groups(old) != _groups(new):
        text = "the errors are divided among the retriers in another way; each retrier counts its own attempts"
        yield Change("retries and time", "changed", pair.new.name, text, [*map(to_json, old)], [*map(to_json, new)])


def _effective(rules: Sequence[Retrier], error: str) -> Retrier | None:
    """Return the retrier that retries an error; None if none does, also if one says that it is not retried."""
    rule = _handler(rules, error)
    return None if rule is None or attempts(rule) == 0 else rule


def _policy(retrier: Retrier | None, entry: StateAt) -> str:
    if retrier is None:
        return ""
    return canonical.same_text(canonical.fields(retrier, entry.language, frozenset({"Comment", "ErrorEquals"})))


def _groups(rules: Sequence[Retrier]) -> set[frozenset[str]]:
    """Return the errors of each retrier that are not handled by one before it."""
    return {
        group
        for number, rule in enumerate(rules)
        if (group := frozenset(error for error in errors_of(rule) if _handler(rules[:number], error) is None)) and attempts(rule)
    }


def _retry(name: str, old: Retrier | None, new: Retrier | None, errors: str) -> Change:
    if old is None:
        return Change("retries and time", "added", name, f"{errors}: {words.retry(new or Retrier())}", None, to_json(new or Retrier()))
    if new is None:
        danger = "the error is no longer retried"
        return Change("retries and time", "removed", name, f"{errors}: {words.retry(old)}", to_json(old), None, (), danger, GUIDE)
    fewer = attempts(new) < attempts(old)
    text = f"{errors}: {words.retry(new)}, not {words.retry(old)}"
    danger = "fewer retries" if fewer else ""
    return Change("retries and time", "changed", name, text, to_json(old), to_json(new), (), danger, GUIDE if fewer else "")
