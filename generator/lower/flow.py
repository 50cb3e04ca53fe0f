"""From lists of steps to states with transitions.

Each scope (the workflow, a branch, the steps of a map) is processed with a worklist, not by recursion over its states, so that
the number of steps is not limited by the depth of recursion. The states of lists come first, in the order written. Steps that
only a transition refers to follow in the order of the first reference.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from generator.dsl.steps import END, NEXT, UNSET, Catch, Choice, Commented, EndingStep, FailingStep, Step

if TYPE_CHECKING:
    from generator.dsl.source import Source
    from generator.dsl.steps import Steps

_Paths: TypeAlias = "deque[tuple[list[Step], Any, Step | None]]"
"""Lists of steps that are not placed yet: the steps, the target after the last one, and the step that leads to a side path."""
_Alone: TypeAlias = "deque[tuple[Step, Any, Step]]"
"""Steps that are not placed yet: the step, the target after it, and the step that leads to it."""

Report: TypeAlias = Callable[..., None]
"""Reports a problem. It takes a code, a source, a message, and found, expected and hint by name."""


@dataclass(slots=True)
class Placed:
    """A step with its place in the flow.

    Attributes:
        step: the step.
        after: the target of ``NEXT``: the step below, ``END``, or the target of the enclosing path.
        listed: whether the step is in a list, and not only the target of a transition.
        container: the step whose rule or catcher leads to the side path that ends with this step; None for any other step.
    """

    step: Step
    after: Any
    listed: bool
    container: Step | None = None


def flatten(steps: Steps) -> list[Step]:
    """Return the steps of a path in order. The steps of an inner list take the place of the list.

    Raises:
        NotAStepError: the path contains something else, or lists in lists without end.

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
"""The most levels of lists in lists. Without a limit, a list that contains itself would never end."""


class NotAStepError(TypeError):
    """A path contains something that is not a step."""

    def __init__(self, item: object) -> None:
        """Describe the item."""
        super().__init__(repr(item)[:60])


class Scope:
    """The steps of one scope, each with its place in the flow."""

    def __init__(self, steps: Steps, report: Report, holder: Source) -> None:
        """Place all steps of the scope.

        Args:
            steps: the path that the scope starts with.
            report: the function that reports a problem.
            holder: the place where the scope was written.
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
        for placed in self.placed.values():
            self._check_end(placed)

    def __iter__(self) -> Iterator[Placed]:
        """Iterate over the steps in the order of the definition."""
        return iter(self.placed.values())

    def _path(self, steps: Steps, holder: Source) -> list[Step] | None:
        """Return the steps of a path; None if it contains something else, which is reported."""
        try:
            return flatten(steps)
        except NotAStepError as error:
            self.report(
                "SFN806", holder, "the steps contain something that is not a step", found=str(error), expected="a step or a list of steps"
            )
            return None

    def _place_all(self, first: list[Step]) -> None:
        paths: _Paths = deque([(first, END, None)])
        alone: _Alone = deque()
        shared: list[tuple[Step, Any, str]] = []
        while paths or alone:
            while paths:
                path, onward, container = paths.popleft()
                seen: set[int] = set()
                for index, step in enumerate(path):
                    last = index + 1 == len(path)
                    placed = Placed(step, onward if last else path[index + 1], listed=True, container=container if last else None)
                    known = self.placed.get(id(step))
                    if id(step) in seen:
                        self._twice(step)
                    elif known is not None and known.listed:
                        shared.append((step, placed.after, container.name if container else ""))
                    elif self._place(placed):
                        self._follow(placed, paths, alone)
                    seen.add(id(step))
            if alone:
                step, after, source = alone.popleft()
                known = self.placed.get(id(step))
                if known is None:
                    placed = Placed(step, after, listed=False, container=source)
                    if self._place(placed):
                        self._follow(placed, paths, alone)
                elif not known.listed:
                    shared.append((step, after, source.name))
        for step, after, holder in shared:
            self._agree(step, after, holder)

    def _agree(self, step: Step, after: Any, holder: str) -> None:
        """Report a step that several lists or steps lead to, if it would continue differently from each of them."""
        known = self.placed[id(step)]
        if known.after is after or not self._goes_on(step):
            return
        known.container = None  # this is one problem, not two
        also = f"from {holder!r}" if holder else "in the outer list"
        way = f"set next=… on {step.name!r} (next=END ends the workflow there)"
        if isinstance(step, Choice):
            way = f"lead each rule and the otherwise of {step.name!r} to steps that have next=…, or that end the workflow"
        self.report(
            "SFN803",
            step.source,
            f"{step.name!r} has no next=…, and the steps that lead to it continue differently",
            found=f"next is {_called(known.after)}, but {also} it is {_called(after)}",
            expected="one next state",
            hint=way,
        )

    def _twice(self, step: Step) -> None:
        self.report(
            "SFN804",
            step.source,
            f"the step {step.name!r} is twice in one list",
            hint="refer to it from the second place (next=…, or the target of a when), or reuse steps with prefixed(…)",
        )

    def _place(self, placed: Placed) -> bool:
        step = placed.step
        known = self.placed.get(id(step))
        if known is not None:
            known.listed, known.after, known.container = True, placed.after, placed.container
            return False
        other = self.names.get(step.name)
        if other is not None:
            self.report(
                "SFN804",
                step.source,
                f"two steps are named {step.name!r}",
                found=f"the other one at {other.source.span()}",
                expected="one name for each step",
                hint="rename one, use prefixed(…) for steps that are used twice, or refer to one step from both places",
            )
            return False
        self.names[step.name] = step
        self.placed[id(step)] = placed
        return True

    def _goes_on(self, step: Step) -> bool:
        """Return whether a step, or one that it leads to, continues with what is after the step in its list."""
        pending, seen = [step], set[int]()
        while pending:
            one = pending.pop()
            if id(one) in seen:
                continue
            seen.add(id(one))
            if not isinstance(one, EndingStep | Choice) and (one.next is NEXT or one.next is UNSET):
                return True
            for target in targets(one):
                if target is NEXT or target is UNSET:
                    return True
                if isinstance(target, Step):
                    place = self.placed.get(id(target))
                    if place is not None and not place.listed:
                        pending.append(target)
                elif isinstance(target, Sequence) and not isinstance(target, str):
                    try:
                        path = flatten(target)
                    except NotAStepError:  # reported where it was placed
                        continue
                    if not path:
                        return True
                    pending.append(path[-1])
        return False

    def _follow(self, placed: Placed, paths: _Paths, alone: _Alone) -> None:
        step, after = placed.step, placed.after
        if isinstance(step.next, Step):
            alone.append((step.next, END, step))
        for target in targets(step):
            if isinstance(target, Step):
                alone.append((target, after, step))
            elif isinstance(target, Sequence) and not isinstance(target, str):
                paths.append((self._path(target, step.source) or [], after, step))

    def _check_end(self, placed: Placed) -> None:
        """Warn about the last step of a side path that goes on to another state by default."""
        step, after, container = placed.step, placed.after, placed.container
        if container is None or not isinstance(after, Step) or isinstance(step, EndingStep):
            return
        below = f"{after.name!r}, the step below {container.name!r}"
        if not isinstance(step, Choice):
            if step.next is UNSET:
                self.report(
                    "SFN820",
                    step.source,
                    f"{step.name!r} ends a side path without next=…, and goes on to {below}",
                    expected="next=NEXT, next=END, another step, or a state that ends",
                    hint=f"set next=NEXT on {step.name!r} to go on to {after.name!r}, or next=END to end there",
                )
            return
        for rule in step.rules:
            if rule.then is UNSET:
                self._check_choice(rule.source, f"a rule of the Choice {step.name!r}", "when(…, NEXT)", "when(…, Succeed(…))", below)
        if step.otherwise is UNSET:
            self._check_choice(step.source, f"the Choice {step.name!r}", "otherwise=NEXT", "otherwise=Succeed(…)", below)

    def _check_choice(self, source: Source, what: str, onward: str, end: str, below: str) -> None:
        self.report(
            "SFN820",
            source,
            f"{what} ends a side path without a target, and goes on to {below}",
            expected=f"{onward}, or a step",
            hint=f"write {onward} to go on there, or {end} to end there",
        )

    def resolve(self, target: Any, placed: Placed) -> str | None:
        """Return the name of the state that a target leads to; None for the end of the scope."""
        if target is NEXT or target is UNSET:
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
            f"{name!r} leads to something that is not a step",
            found=repr(target)[:60],
            expected="a step, a list of steps, or the name of a state",
        )
        return None


def targets(step: Step) -> Iterator[Any]:
    """Yield the targets of a step's rules and catchers, and that of ``otherwise``."""
    if isinstance(step, Choice):
        for rule in step.rules:
            yield rule.then
        yield step.otherwise
    if isinstance(step, FailingStep):
        for catcher in catchers(step):
            yield catcher.then


def catchers(step: FailingStep) -> tuple[Catch, ...]:
    """Return the catchers of a step as a tuple."""
    return (step.catch,) if isinstance(step.catch, Catch) else tuple(step.catch)


def _called(onward: Any) -> str:
    if onward is END:
        return "the end"
    return repr(onward if isinstance(onward, str) else onward.name)
