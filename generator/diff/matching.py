"""Which state of one version is which state of the other one, renamed states included.

States of one name are the same state, wherever they are: the names are unique in a machine. Among the others of one type, the
states that do the same between the same neighbours are one renamed state. A state that does nothing in particular, such as a
Succeed state, is only found by its neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, Final

from generator.asl.model import Parallel, Scope
from generator.asl.placeholders import is_placeholder
from generator.asl.walk import strings
from generator.diff import canonical

if TYPE_CHECKING:
    from generator.asl.walk import ScopeAt, StateAt, Walk

TRANSITIONS: Final = frozenset({"Comment", "Next", "End", "Choices", "Default", "Catch", "QueryLanguage"})
"""The fields that do not count as what a state does: its transitions, and its comment."""

_START: Final = "(start)"
_ENOUGH: Final = 3.0
_HALF: Final = 0.5
_MOST_PAIRS: Final = 40_000
"""The most pairs of unmatched states that are compared field by field; of more, only those that are equal."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A state in both versions.

    Attributes:
        old: the state in the old version.
        new: the state in the new version.
        moved: whether it is in another scope now: another branch, Map or Parallel state.
    """

    old: StateAt
    new: StateAt
    moved: bool = False

    @property
    def renamed(self) -> bool:
        """Whether the name differs."""
        return self.old.name != self.new.name


@dataclass(frozen=True, slots=True)
class Matching:
    """The states of two versions beside each other.

    Attributes:
        pairs: the states that both have, in the order of the new version.
        added: the states of the new version alone.
        removed: the states of the old version alone.
        names: the name in the new version of each state of the old one that is still there.
    """

    pairs: tuple[Pair, ...]
    added: tuple[StateAt, ...]
    removed: tuple[StateAt, ...]
    names: Mapping[str, str] = field(default_factory=dict)


def match(old: Walk, new: Walk) -> Matching:
    """Match the states of two versions of a machine.

    >>> from generator.asl.model import Pass, StateMachine
    >>> from generator.asl.walk import walk
    >>> before = walk(StateMachine(start_at="A", states={"A": Pass(result=1, end=True)}))
    >>> after = walk(StateMachine(start_at="B", states={"B": Pass(result=1, end=True)}))
    >>> match(before, after).names
    {'A': 'B'}
    """
    before, after = {entry.name: entry for entry in old.states}, {entry.name: entry for entry in new.states}
    names = {name: name for name in before if name in after}
    left = [entry for name, entry in before.items() if name not in names]
    right = [entry for name, entry in after.items() if name not in names]
    if left and right:
        names.update(_renamed(left, right, names, (_neighbours(old), _neighbours(new))))
    back = {there: here for here, there in names.items()}
    found = [(before[back[entry.name]], entry) for entry in after.values() if entry.name in back]
    scopes = _same_scopes(found)
    return Matching(
        tuple(Pair(one, other, _moved(one, other, names, scopes)) for one, other in found),
        tuple(entry for entry in after.values() if entry.name not in back),
        tuple(entry for entry in before.values() if entry.name not in names),
        names,
    )


# -- renamed states ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Neighbours:
    """The states that lead to each state, and those that it leads to."""

    before: dict[str, set[str]] = field(default_factory=dict)
    after: dict[str, set[str]] = field(default_factory=dict)


def _neighbours(walk: Walk) -> _Neighbours:
    found = _Neighbours()
    for scope in walk.scopes:
        if isinstance(scope.scope.start_at, str):
            above = "" if scope.parent is None else scope.parent.name
            found.before.setdefault(scope.scope.start_at, set()).add(_START + above)
        for entry in scope.states:
            for transition in entry.transitions:
                found.before.setdefault(transition.target, set()).add(entry.name)
                found.after.setdefault(entry.name, set()).add(transition.target)
            if not entry.transitions:
                found.after.setdefault(entry.name, set()).add("(end)")
    return found


def _renamed(left: list[StateAt], right: list[StateAt], names: Mapping[str, str], sides: tuple[_Neighbours, _Neighbours]) -> dict[str, str]:
    """Return the new name of each state that was renamed. Each one found is a neighbour by which others are found."""
    known, found = dict(names), dict[str, str]()
    content = {id(entry): _content(entry) for entry in (*left, *right)}
    whole = {key: canonical.same_text(value) for key, value in content.items()}
    near = len(left) * len(right) <= _MOST_PAIRS
    candidates = [
        (one, other, _likeness(content[id(one)], content[id(other)], same=whole[id(one)] == whole[id(other)]))
        for one in left
        for other in right
        if one.state.TYPE == other.state.TYPE and (near or whole[id(one)] == whole[id(other)])
    ]
    candidates = [candidate for candidate in candidates if candidate[2] > 0]
    while candidates:
        scored = [(_score(*candidate, known, sides), number) for number, candidate in enumerate(candidates)]
        best, number = max(scored, key=lambda each: (each[0], -each[1]))
        if best < _ENOUGH:
            break
        one, other, _ = candidates[number]
        known[one.name] = found[one.name] = other.name
        candidates = [each for each in candidates if each[0] is not one and each[1] is not other]
    return found


def _content(entry: StateAt) -> dict[str, Any]:
    """Return what a state does: its fields without its transitions, and the types of the states inside it."""
    content = canonical.fields(entry.state, entry.language, TRANSITIONS)
    for attribute in ("branches", "item_processor", "iterator"):
        inner = getattr(entry.state, attribute, None)
        scopes = inner if isinstance(inner, tuple) else (inner,)
        inside = [sorted(scope.states) for scope in scopes if isinstance(scope, Scope)]
        if inside:
            content["inside"] = inside
    return content


def _likeness(one: dict[str, Any], other: dict[str, Any], *, same: bool) -> float:
    """Return how much two states do the same, from 0 to 4."""
    if same:
        return 4.0 if one else 1.0
    if one.get("Resource") != other.get("Resource") or _resources(one) != _resources(other):
        return 0.0  # a call of something else is another state
    keys = one.keys() | other.keys()
    equal = sum(1 for key in keys if key in one and key in other and canonical.same_text(one[key]) == canonical.same_text(other[key]))
    share = equal / len(keys)
    return 2 * share if share >= _HALF else 0.0


def _resources(content: dict[str, Any]) -> set[str]:
    """Return the resources that a call names: placeholders, ARNs and addresses."""
    named = (text for _, text in strings(content.get("Arguments", content.get("Parameters")), ()))
    return {text for text in named if is_placeholder(text) or text.startswith(("arn:", "https://"))}


def _score(one: StateAt, other: StateAt, likeness: float, known: Mapping[str, str], sides: tuple[_Neighbours, _Neighbours]) -> float:
    score = likeness
    old, new = sides
    for before, after in ((old.before, new.before), (old.after, new.after)):
        score += _agreement(before.get(one.name, set()), after.get(other.name, set()), known)
    return score + SequenceMatcher(None, one.name.lower(), other.name.lower(), autojunk=False).ratio()


def _agreement(old: set[str], new: set[str], known: Mapping[str, str]) -> float:
    """Return from -1 to 1 how much the neighbours on one side are the same; unmatched ones may be the same."""
    mapped = {_mapped(name, known) for name in old}
    certain = {name for name in mapped if name}
    matched = set(known.values())
    there = {name for name in new if name in matched or name.startswith("(")}
    if not certain and not there:
        return 0.0
    both = certain & there
    return (2 * len(both) - len(certain ^ there)) / len(certain | there) if both else -1.0


def _mapped(name: str, known: Mapping[str, str]) -> str:
    if name.startswith(_START):
        above = name.removeprefix(_START)
        return _START + known.get(above, above)
    return name if name.startswith("(") else known.get(name, "")


# -- moved states --------------------------------------------------------------------------------------------------------


def _same_scopes(found: list[tuple[StateAt, StateAt]]) -> dict[int, int]:
    """Return for each branch the branch of the other version that has most of its states."""
    votes: dict[int, dict[int, int]] = {}
    for one, other in found:
        counted = votes.setdefault(id(one.scope), {})
        counted[id(other.scope)] = counted.get(id(other.scope), 0) + 1
    return {scope: max(counted, key=lambda key: counted[key]) for scope, counted in votes.items()}


def _moved(old: StateAt, new: StateAt, names: Mapping[str, str], scopes: Mapping[int, int]) -> bool:
    here, there = _above(old.scope), _above(new.scope)
    if names.get(here, here) != there:
        return True
    in_branch = old.scope.parent is not None and isinstance(old.scope.parent.state, Parallel)
    return in_branch and scopes.get(id(old.scope)) != id(new.scope)


def _above(scope: ScopeAt) -> str:
    return "" if scope.parent is None else scope.parent.name
