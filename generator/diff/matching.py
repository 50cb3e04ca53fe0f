"""Which state of one version is which state of the other one, renamed states included.

States of one name are the same state, wherever they are: the names are unique in a machine. Among the others of one type, the
states that do the same between the same neighbours are one renamed state. A state that does nothing in particular, such as a
Succeed state, is only found by its neighbours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, Final

from generator.asl.model import Parallel, Scope
from generator.asl.placeholders import is_placeholder
from generator.asl.walk import strings
from generator.asl.write import to_json
from generator.diff import canonical

if TYPE_CHECKING:
    from generator.asl.walk import ScopeAt, StateAt, Walk

TRANSITIONS: Final = frozenset({"Comment", "Next", "End", "Choices", "Default", "Catch", "QueryLanguage"})
"""The fields that do not count as what a state does: its transitions, and its comment."""

_START: Final = "(start)"
_ENOUGH: Final = 3.0
_SAME: Final = 4.0
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
        scopes: the scopes that both have: the machine, and each branch and item processor with states of it.
    """

    pairs: tuple[Pair, ...]
    added: tuple[StateAt, ...]
    removed: tuple[StateAt, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    scopes: tuple[tuple[ScopeAt, ScopeAt], ...] = ()


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
        _scopes(old, new, scopes),
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
    """Return the new name of each state that was renamed. Each one found is a neighbour by which others are found.

    A round takes all pairs that are the best ones of both states; then their neighbours are known, and another round follows.
    """
    known, found = dict(names), dict[str, str]()
    # First those that are written alike: their expressions need not be parsed.
    for alike in (True, False):
        here = [entry for entry in left if entry.name not in found]
        there = [entry for entry in right if entry.name not in {*found.values()}]
        found.update(_rounds(list(_candidates(here, there, alike=alike)), known, sides))
        known.update(found)
    return found


def _rounds(
    candidates: list[tuple[float, StateAt, StateAt]], names: Mapping[str, str], sides: tuple[_Neighbours, _Neighbours]
) -> dict[str, str]:
    known, found = dict(names), dict[str, str]()
    while candidates:
        matched = set(known.values())
        scored = [(base + _near(one, other, known, matched, sides), one, other) for base, one, other in candidates]
        taken = _best_of_both(scored) or _alone(candidates)
        if not taken:
            break
        for one, other in taken:
            known[one.name] = found[one.name] = other.name
        gone = {id(entry) for pair in taken for entry in pair}
        candidates = [each for each in candidates if id(each[1]) not in gone and id(each[2]) not in gone]
    return found


def _candidates(left: list[StateAt], right: list[StateAt], *, alike: bool) -> Iterator[tuple[float, StateAt, StateAt]]:
    """Yield the pairs that may be one state, each with how much they do the same and how similar their names are.

    Args:
        left: the states of the old version.
        right: the states of the new version.
        alike: whether only pairs that are written alike count.
    """
    content = {id(entry): _written(entry) if alike else _content(entry) for entry in (*left, *right)}
    by_content: dict[str, list[StateAt]] = {}
    for entry in right:
        by_content.setdefault(_whole(entry, content), []).append(entry)
    near = not alike and len(left) * len(right) <= _MOST_PAIRS
    for one in left:
        same = by_content.get(_whole(one, content), [])
        if alike and not content[id(one)]:
            continue
        for other in right if near else same[: max(1, _MOST_PAIRS // len(left))]:
            if one.state.TYPE == other.state.TYPE:
                likeness = _likeness(content[id(one)], content[id(other)], same=other in same)
                if likeness > 0:
                    yield likeness + SequenceMatcher(None, one.name.lower(), other.name.lower(), autojunk=False).ratio(), one, other


def _whole(entry: StateAt, content: Mapping[int, dict[str, Any]]) -> str:
    return entry.state.TYPE + canonical.same_text(content[id(entry)])


def _best_of_both(scored: list[tuple[float, StateAt, StateAt]]) -> list[tuple[StateAt, StateAt]]:
    """Return the pairs whose score is the best of both states, and no other pair of theirs has it; or the best one of all."""
    enough = [each for each in scored if each[0] >= _ENOUGH]
    best: dict[int, list[float]] = {}
    for score, one, other in enough:
        for entry in (one, other):
            best.setdefault(id(entry), []).append(score)
    top = {key: (max(scores), scores.count(max(scores))) for key, scores in best.items()}
    certain = [(one, other) for score, one, other in enough if top[id(one)] == top[id(other)] == (score, 1)]
    return certain or [max(enough, key=lambda each: each[0])[1:]] if enough else []


def _written(entry: StateAt) -> dict[str, Any]:
    """Return what a state does as it is written, for states that have more to say than their type."""
    written = {name: value for name, value in to_json(entry.state).items() if name not in TRANSITIONS}
    return {} if len(written) == 1 else {**written, "language": entry.language}


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
        return _SAME if one else 1.0
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


def _alone(candidates: list[tuple[float, StateAt, StateAt]]) -> list[tuple[StateAt, StateAt]]:
    """Return the pairs that do the same, and that no other state does: such a state was also moved."""
    count = Counter(id(entry) for _, *pair in candidates for entry in pair)
    return [(one, other) for base, one, other in candidates if base >= _SAME and count[id(one)] == count[id(other)] == 1]


def _near(one: StateAt, other: StateAt, known: Mapping[str, str], matched: set[str], sides: tuple[_Neighbours, _Neighbours]) -> float:
    """Return from -2 to 2 how much the neighbours of two states agree."""
    old, new = sides
    before = _agreement(old.before.get(one.name, set()), new.before.get(other.name, set()), known, matched)
    return before + _agreement(old.after.get(one.name, set()), new.after.get(other.name, set()), known, matched)


def _agreement(old: set[str], new: set[str], known: Mapping[str, str], matched: set[str]) -> float:
    """Return from -1 to 1 how much the neighbours on one side are the same; unmatched ones may be the same."""
    mapped = {_mapped(name, known) for name in old}
    certain = {name for name in mapped if name}
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


def _scopes(old: Walk, new: Walk, scopes: Mapping[int, int]) -> tuple[tuple[ScopeAt, ScopeAt], ...]:
    there = {id(scope): scope for scope in new.scopes}
    inner = [(scope, there[scopes[id(scope)]]) for scope in old.scopes[1:] if id(scope) in scopes]
    return ((old.scopes[0], new.scopes[0]), *((one, other) for one, other in inner if other.parent is not None))


def _moved(old: StateAt, new: StateAt, names: Mapping[str, str], scopes: Mapping[int, int]) -> bool:
    here, there = _above(old.scope), _above(new.scope)
    if names.get(here, here) != there:
        return True
    in_branch = old.scope.parent is not None and isinstance(old.scope.parent.state, Parallel)
    return in_branch and scopes.get(id(old.scope)) != id(new.scope)


def _above(scope: ScopeAt) -> str:
    return "" if scope.parent is None else scope.parent.name
