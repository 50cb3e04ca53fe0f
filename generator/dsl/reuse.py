"""Reuse: copies of steps in the same workflow, with other names."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from generator.dsl.maps import DistributedMap, Map
from generator.dsl.source import expect
from generator.dsl.steps import Catch, Choice, Commented, FailingStep, Parallel, Step, Steps, When, expect_steps


def prefixed(prefix: str, steps: Steps) -> list[Any]:
    """Copy steps and put a prefix before each name, so that a group of steps can be used more than once.

    Transitions inside the group lead to the copies; steps outside the group, such as a shared ``Fail``, are not copied. Lists
    of steps in rules, catchers, branches and maps belong to the group. A single step that a rule or a catcher refers to belongs
    to the group only if it is also in one of its lists.

    Args:
        prefix: the text before each name.
        steps: the group; it is not changed.

    Raises:
        AuthoringError: the prefix is not text, or the group contains something that is not a step.

    >>> from generator.dsl.steps import Succeed, Wait
    >>> [s.name for s in prefixed("Evening", [Wait("Pause", seconds=1), Succeed("Done")])]
    ['EveningPause', 'EveningDone']
    """
    expect(prefix, str, "the prefix", "text")
    expect_steps(steps, "the group of steps")
    return _Copy(prefix).path([steps] if isinstance(steps, Step) else steps)


class _Copy:
    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.copies: dict[int, Step] = {}
        self.names: set[str] = set()

    def path(self, steps: Any) -> list[Any]:
        self._collect(steps)
        return self._copied(steps)

    def _collect(self, steps: Any) -> None:
        if isinstance(steps, Commented):
            steps = steps.steps
        for step in [steps] if isinstance(steps, Step) else steps:
            if not isinstance(step, Step):
                self._collect(step)
            elif id(step) not in self.copies:
                made = copy.copy(step)
                object.__setattr__(made, "name", self.prefix + step.name)
                self.copies[id(step)] = made
                self.names.add(step.name)
                for inner in _inner(step):
                    self._collect(inner)

    def _copied(self, steps: Any) -> list[Any]:
        return [self._step(s) if isinstance(s, Step) else self._copied(s) for s in ([steps] if isinstance(steps, Step) else steps)]

    def _step(self, step: Step) -> Step:
        made = self.copies[id(step)]
        _set(made, next=self._target(step.next))
        if isinstance(step, Choice):
            _set(made, rules=tuple(self._rule(r) for r in step.rules), otherwise=self._target(step.otherwise))
        if isinstance(step, FailingStep):
            catches = (step.catch,) if isinstance(step.catch, Catch) else tuple(step.catch)
            _set(made, catch=tuple(self._catch(c) for c in catches))
        if isinstance(step, Parallel):
            _set(made, branches=tuple(self._scope(b) for b in step.branches))
        if isinstance(step, Map | DistributedMap):
            _set(made, steps=self._scope(step.steps))
        return made

    def _scope(self, steps: Any) -> Any:
        return Commented(self._copied(steps.steps), steps.comment) if isinstance(steps, Commented) else self._copied(steps)

    def _rule(self, rule: When) -> When:
        made = copy.copy(rule)
        object.__setattr__(made, "then", self._target(rule.then))
        return made

    def _catch(self, catch: Catch) -> Catch:
        made = copy.copy(catch)
        object.__setattr__(made, "then", self._target(catch.then))
        return made

    def _target(self, target: Any) -> Any:
        if isinstance(target, Step):
            return self.copies.get(id(target), target)
        if isinstance(target, str):
            return self.prefix + target if target in self.names else target
        return self._copied(target) if isinstance(target, Sequence) else target


def _inner(step: Step) -> list[Any]:
    """Return the lists of steps that belong to a step."""
    targets: list[Any] = []
    if isinstance(step, Choice):
        targets += [rule.then for rule in step.rules] + [step.otherwise]
    if isinstance(step, FailingStep):
        targets += [c.then for c in ((step.catch,) if isinstance(step.catch, Catch) else step.catch)]
    inner: list[Any] = [t for t in targets if isinstance(t, Sequence) and not isinstance(t, str)]
    if isinstance(step, Parallel):
        inner += step.branches
    if isinstance(step, Map | DistributedMap):
        inner.append(step.steps)
    return inner


def _set(step: Step, **fields: Any) -> None:
    for name, value in fields.items():
        object.__setattr__(step, name, value)
