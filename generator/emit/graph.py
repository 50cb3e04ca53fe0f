"""A definition as a graph of boxes and links, scope by scope. The Mermaid text and the SVG picture both draw it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from generator.asl.model import ABSENT, Choice, Fail, Parallel, Succeed
from generator.asl.placeholders import Placeholder, plain
from generator.asl.walk import ScopeAt, StateAt, each
from generator.emit import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.asl.walk import Walk

START: Final = "start"
END: Final = "end"

LinkKind = Literal["next", "choice", "default", "catch"]

_LABEL = 30
_LABELS = 3


@dataclass(slots=True)
class Box:
    """A state.

    Attributes:
        key: the id in the picture, unique in the machine.
        name: the name of the state.
        type: the type, as ASL spells it.
        doing: a few words about what the state does.
        retries: whether failures are retried.
        comment: the comment of the state.
        groups: the branches of a Parallel, or the processor of a Map.
    """

    key: str
    name: str
    type: str
    doing: str = ""
    retries: bool = False
    comment: str = ""
    groups: list[Group] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Link:
    """All transitions of one kind from one state to another.

    Attributes:
        source: the key of the box that the transitions leave, or :data:`START`.
        target: the key of the box that they lead to, or :data:`END`.
        kind: the reason of the transitions.
        labels: the condition or the errors of each transition.
    """

    source: str
    target: str
    kind: LinkKind
    labels: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """The labels, shortened: one of them on two lines, several on one line each."""
        if len(self.labels) == 1:
            return words.wrapped(self.labels[0], _LABEL)
        shown = self.labels if len(self.labels) <= _LABELS else (*self.labels[: _LABELS - 1], f"… {len(self.labels) - _LABELS + 1} more")
        return tuple(words.shorten(label, _LABEL) for label in shown)


@dataclass(slots=True)
class Group:
    """The states of one scope, in the order written.

    Attributes:
        key: the id in the picture.
        title: the title, such as ``branch 1``; empty for a scope that needs none.
        boxes: the states.
        links: the transitions, including those from the start and to the end.
    """

    key: str
    title: str = ""
    boxes: list[Box] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)


def groups(walked: Walk) -> list[Group]:
    """Return the scopes of a machine as groups, outer before inner. The first one is the machine itself.

    Use it as ``walk.once(groups)``, so that it runs once for all pictures.

    >>> from generator.asl.model import Pass, StateMachine, Succeed
    >>> from generator.asl.walk import walk
    >>> root, = groups(walk(StateMachine(start_at="A", states={"A": Pass(next="B"), "B": Succeed()})))
    >>> [(link.source, link.target) for link in root.links]
    [('start', 's1'), ('s1', 's2'), ('s2', 'end')]
    """
    made: list[Group] = []
    boxes: dict[int, Box] = {}
    count = 0
    for scope in walked.scopes:
        group = Group(f"g{len(made)}")
        made.append(group)
        keys: dict[str, str] = {}
        for entry in scope.states:
            count += 1
            keys[entry.name] = f"s{count}"
            box = _box(entry, keys[entry.name], walked.placeholders)
            boxes[id(entry)] = box
            group.boxes.append(box)
        if scope.parent is not None:
            parent = boxes[id(scope.parent)]
            if isinstance(scope.parent.state, Parallel):
                group.title = f"branch {len(parent.groups) + 1}"
            parent.groups.append(group)
        group.links.extend(_links(scope, keys))
    return made


def _box(entry: StateAt, key: str, placeholders: Mapping[str, Placeholder]) -> Box:
    state = entry.state
    comment = "" if state.comment is ABSENT else plain(state.comment)
    return Box(key, plain(entry.name), words.kind(state), words.doing(state, placeholders), bool(entry.retriers), comment)


def _links(scope: ScopeAt, keys: dict[str, str]) -> Iterator[Link]:
    start = scope.scope.start_at
    if isinstance(start, str) and start in keys:
        yield Link(START, keys[start], "next")
    for entry in scope.states:
        # Transitions of one kind between the same states are one link with several labels.
        merged: dict[tuple[str, LinkKind], list[str]] = {}
        for target, kind, label in _ways(entry):
            if target in keys:
                merged.setdefault((keys[target], kind), []).append(label)
        for (target, kind), labels in merged.items():
            yield Link(keys[entry.name], target, kind, tuple(filter(None, labels)))
        if isinstance(entry.state, Succeed | Fail) or getattr(entry.state, "end", ABSENT) is True:
            yield Link(keys[entry.name], END, "next")


def _ways(entry: StateAt) -> Iterator[tuple[str, LinkKind, str]]:
    state = entry.state
    following = getattr(state, "next", ABSENT)
    if isinstance(following, str):
        yield following, "next", ""
    if isinstance(state, Choice):
        for rule in each(state.choices):
            if isinstance(rule.next, str):
                yield rule.next, "choice", words.condition(rule)
        if isinstance(state.default, str):
            yield state.default, "default", "default"
    for _, catcher in entry.catchers:
        if isinstance(catcher.next, str):
            yield catcher.next, "catch", words.errors(catcher.error_equals)
