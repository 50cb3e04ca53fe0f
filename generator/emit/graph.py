"""A definition as a graph to draw: boxes and links, scope by scope. The Mermaid text and the SVG picture are both made of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from generator.asl.model import ABSENT, Choice, Fail, Parallel, Succeed
from generator.asl.placeholders import plain
from generator.asl.walk import ScopeAt, StateAt, each
from generator.emit import words

if TYPE_CHECKING:
    from generator.asl.walk import Walk

START: Final = "start"
END: Final = "end"

LinkKind = Literal["next", "choice", "default", "catch"]

_LABEL = 44
_LABELS = 3


@dataclass(slots=True)
class Box:
    """A state.

    Attributes:
        key: its id in the picture, unique in the machine.
        name: its name.
        type: its type, as ASL spells it.
        doing: what it does, in a few words.
        retries: whether failures are retried.
        comment: its comment.
        groups: what runs inside it: the branches of a Parallel, the processor of a Map.
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
    """All transitions of one kind from one state to another; ``labels`` say when they are taken."""

    source: str
    target: str
    kind: LinkKind
    labels: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """The labels, shortened, one a line."""
        shown = self.labels if len(self.labels) <= _LABELS else (*self.labels[: _LABELS - 1], f"… {len(self.labels) - _LABELS + 1} more")
        return tuple(words.shorten(label, _LABEL) for label in shown)


@dataclass(slots=True)
class Group:
    """The states of one scope, in the order written.

    Attributes:
        key: its id in the picture.
        title: what it is, where it needs saying.
        boxes: its states.
        links: its transitions, those from the start and to the end included.
    """

    key: str
    title: str = ""
    boxes: list[Box] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)


def groups(walked: Walk) -> list[Group]:
    """Turn a machine into groups, outer before inner; the first is the machine's own.

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
            box = _box(entry, keys[entry.name])
            boxes[id(entry)] = box
            group.boxes.append(box)
        if scope.parent is not None:
            parent = boxes[id(scope.parent)]
            if isinstance(scope.parent.state, Parallel):
                group.title = f"branch {len(parent.groups) + 1}"
            parent.groups.append(group)
        group.links.extend(_links(scope, keys))
    return made


def _box(entry: StateAt, key: str) -> Box:
    state = entry.state
    comment = "" if state.comment is ABSENT else plain(state.comment)
    return Box(key, plain(entry.name), words.kind(state), words.doing(state), bool(entry.retriers), comment)


def _links(scope: ScopeAt, keys: dict[str, str]) -> Iterator[Link]:
    start = scope.scope.start_at
    if isinstance(start, str) and start in keys:
        yield Link(START, keys[start], "next")
    for entry in scope.states:
        # What goes the same way for the same kind of reason is one line with several labels.
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
