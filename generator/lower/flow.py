"""Flow: lists of steps become states with transitions.

Each scope (the workflow, a branch, the steps of a map) is walked with a worklist, never by recursion over its states, so a
path of ten thousand steps is as good as one of ten. Lists come first, in the order they stand; steps that only a transition
refers to follow in the order they are first referred to.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from generator.dsl.steps import END, NEXT, Catch, Choice, Commented, EndingStep, FailingStep, Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.dsl.source import Source
    from generator.dsl.steps import Steps

    Report = Callable[..., None]

Onward = Step | str | Literal[END]  # type: ignore[valid-type]
"""Where a path goes on to: a step, a state by its name, or nowhere."""


@dataclass(slots=True)
class Placed:
    """A step with its place in the flow."""

    step: Step
    after: Any
    listed: bool


def flatten(steps: Steps) -> list[Step]:
    """Give the steps of a path in order; lists inside lists are groups that are spliced in.

    >>> from generator.dsl.steps import Succeed
    >>> [s.name for s in flatten([Succeed("A"), [Succeed("B")]])]
    ['A', 'B']
    """
    if isinstance(steps, Commented):
        return flatten(steps.steps)
    if isinstance(steps, Step):
        return [steps]
    flat: list[Step] = []
    stack: list[Iterator[Any]] = [iter(steps)]
    while stack:
        for item in stack[-1]:
            if isinstance(item, Step):
                flat.append(item)
            elif isinstance(item, Sequence) and not isinstance(item, str) and len(stack) < _DEEPEST:
                stack.append(iter(item))
                break
            else:
                raise NotAStepError(item)
        else:
            stack.pop()
    return flat


_DEEPEST = 100
"""How deeply lists may stand in lists: a list that contains itself is no path."""


class NotAStepError(TypeError):
    """Something else than a step stands in a path."""

    def __init__(self, item: object) -> None:
        """Keep what it is."""
        super().__init__(repr(item)[:60])


class Scope:
    """The steps of one scope, with where each goes on to."""

    def __init__(self, steps: Steps, report: Report, holder: Source) -> None:
        """Place all steps of the scope.

        Args:
            steps: the path the scope starts with.
            report: takes a code, a source, a message, and found, expected, hint.
            holder: where the scope was written.
        """
        self.report = report
        self.placed: dict[int, Placed] = {}
        self.names: dict[str, Step] = {}
        first = self._path(steps, holder)
        if first == []:
            report("SFN805", holder, "there are no steps here", expected="a list of at least one step")
        first = first or []
        self.start = first[0].name if first else ""
        self._place_all(first)

    def __iter__(self) -> Iterator[Placed]:
        """Go through the steps in the order they are written out."""
        return iter(self.placed.values())

    def _path(self, steps: Steps, holder: Source) -> list[Step] | None:
        """Give the steps of a path; None if it holds something else, which is reported."""
        try:
            return flatten(steps)
        except NotAStepError as error:
            self.report(
                "SFN806", holder, "something that is no step stands among the steps", found=str(error), expected="a step or a list of steps"
            )
            return None

    def _place_all(self, first: list[Step]) -> None:
        paths: deque[tuple[list[Step], Any]] = deque([(first, END)])
        alone: deque[tuple[Step, Any, Step]] = deque()
        while paths or alone:
            while paths:
                path, onward = paths.popleft()
                for index, step in enumerate(path):
                    after = path[index + 1] if index + 1 < len(path) else onward
                    if self._place(step, after, listed=True):
                        self._follow(step, after, paths, alone)
            if alone:
                step, after, holder = alone.popleft()
                known = self.placed.get(id(step))
                if known is None:
                    if self._place(step, after, listed=False):
                        self._follow(step, after, paths, alone)
                elif not known.listed and known.after is not after and self._needs_onward(step):
                    self.report(
                        "SFN803",
                        step.source,
                        f"{step.name!r} is reached from places that go on differently",
                        found=f"on to {_called(known.after)}, and from {holder.name!r} on to {_called(after)}",
                        expected="one place to go on to",
                        hint=f"say next=… on {step.name!r} (next=END ends the workflow there)",
                    )

    def _place(self, step: Step, after: Any, *, listed: bool) -> bool:
        known = self.placed.get(id(step))
        if known is not None:
            if listed and not known.listed:
                known.listed = True
                known.after = after
            elif listed:
                self.report(
                    "SFN804",
                    step.source,
                    f"the step {step.name!r} stands in two paths of one scope",
                    hint="refer to it from the second place (next=…, or the target of a when), or reuse steps with prefixed(…)",
                )
            return False
        other = self.names.get(step.name)
        if other is not None:
            self.report(
                "SFN804",
                step.source,
                f"two steps are named {step.name!r}",
                found=f"the other one at {other.source.span()}",
                expected="one name for each step",
                hint="rename one, or use prefixed(…) for steps that are used twice",
            )
            return False
        self.names[step.name] = step
        self.placed[id(step)] = Placed(step, after, listed)
        return True

    @staticmethod
    def _needs_onward(step: Step) -> bool:
        return not isinstance(step, EndingStep) and step.next is NEXT

    def _follow(self, step: Step, after: Any, paths: deque[tuple[list[Step], Any]], alone: deque[tuple[Step, Any, Step]]) -> None:
        if isinstance(step.next, Step):
            alone.append((step.next, END, step))
        for target in targets(step):
            if isinstance(target, Step):
                alone.append((target, after, step))
            elif isinstance(target, Sequence) and not isinstance(target, str):
                paths.append((self._path(target, step.source) or [], after))

    def resolve(self, target: Any, placed: Placed) -> str | None:
        """Give the name of the state a target leads to; None for the end of the scope."""
        if target is NEXT:
            target = placed.after
        elif isinstance(target, Sequence) and not isinstance(target, str):
            path = self._path(target, placed.step.source)
            target = path[0] if path else placed.after
        if target is END or target is None:
            return None
        if isinstance(target, str | Step):
            return target if isinstance(target, str) else target.name
        source, name = placed.step.source, placed.step.name
        self.report(
            "SFN806",
            source,
            f"{name!r} leads to something that is no step",
            found=repr(target)[:60],
            expected="a step, a list of steps, or the name of a state",
        )
        return None


def targets(step: Step) -> Iterator[Any]:
    """Give what a step can lead to besides its ``next``."""
    if isinstance(step, Choice):
        for rule in step.rules:
            yield rule.then
        yield step.otherwise
    if isinstance(step, FailingStep):
        for catcher in catchers(step):
            yield catcher.then


def catchers(step: FailingStep) -> tuple[Catch, ...]:
    """Give the catchers of a step, whether it has one or several."""
    return (step.catch,) if isinstance(step.catch, Catch) else tuple(step.catch)


def _called(onward: Any) -> str:
    if onward is END:
        return "the end"
    return repr(onward if isinstance(onward, str) else onward.name)
