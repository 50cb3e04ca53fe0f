"""Parallel states and inline Map states: concurrent branches, and their results in order.

Sources:
    https://docs.aws.amazon.com/step-functions/latest/dg/state-parallel.html
    https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from generator.asl import error_names
from generator.asl.jsonpath import PathNotFoundError
from generator.asl.model import ABSENT
from generator.engine.clock import Future, Running
from generator.engine.failure import StateError
from generator.engine.fields.queries import expect
from generator.engine.frame import Frame, Item
from generator.engine.states.state import Working, drive, resume

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.asl.walk import StateAt
    from generator.engine.clock import Branch
    from generator.engine.compile import Machine
    from generator.engine.frame import Probe

MAX_INLINE_CONCURRENCY: Final = 40
"""The largest number of concurrent iterations of an inline Map."""
_ABORTED_KINDS: Final = frozenset({"Task", "Wait", "Map", "Parallel"})


class Unfinished(NamedTuple):
    """The branches of a state that failed or was stopped, as far as they came.

    Attributes:
        results: the results of the branches that succeeded.
        frames: the branches that failed or were stopped.
    """

    results: dict[int, Any]
    frames: dict[int, Frame]


class Branches:
    """The concurrent branches of one state, and their results in order.

    A redrive runs only the branches that failed, were stopped or had not begun, the first two from the state where they ended.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
    """

    def __init__(self, frame: Frame, count: int, limit: int) -> None:
        """Prepare for ``count`` branches, at most ``limit`` of them at a time."""
        self.frame = frame
        self.count = count
        self.limit = limit
        self.results: list[Any] = [None] * count
        self.active: dict[int, tuple[Running, Frame]] = {}
        self.ended_well: set[int] = set()
        self.failed: dict[int, Frame] = {}
        self.error: BaseException | None = None
        self.wake = Future()

    def run(
        self,
        make: Callable[[int, Frame | None], tuple[Frame, Branch]],
        ended: Callable[[int, Frame, StateError | None], None],
        aborted: Callable[[int, Frame], None] | None = None,
    ) -> Branch:
        """Run all branches and return their results.

        Args:
            make: a function that starts a branch, or takes one on that a redrive came back to: it returns the frame and the
                generator.
            ended: called for each branch that ends, with its failure if it failed.
            aborted: called for each branch that is stopped because another one failed.

        Raises:
            StateError: a branch failed. The others are stopped.
        """
        self.ended = ended
        run = self.frame.run
        before = run.resumed.pop(self.frame.entered, None)
        done, frames = before if isinstance(before, Unfinished) else Unfinished({}, {})
        following = 0
        complete = False
        try:
            while True:
                while following < self.count and len(self.active) < self.limit and self.error is None:
                    number, following = following, following + 1
                    if number in done:
                        self._succeeded(number, done[number])
                        continue
                    child, branch = make(number, frames.get(number))
                    try:
                        future = next(branch)
                    except StopIteration as end:
                        self._succeeded(number, end.value)
                        ended(number, child, None)
                    except StateError as failure:
                        self.error = failure
                        self.failed[number] = child
                        ended(number, child, failure)
                    else:
                        running = run.scheduler.adopt(branch, future, partial(self._finished, number, child))
                        self.active[number] = (running, child)
                if self.error is not None:
                    raise self.error
                if not self.active:
                    complete = True
                    run.kept.pop(self.frame.entered, None)
                    return self.results
                self.wake = Future()
                yield self.wake
        finally:
            if not complete:
                self._keep(done, frames)
            for number, (running, child) in self.active.items():
                running.cancel()
                if isinstance(self.error, StateError) and not self.error.fatal and not child.run.full:
                    self._abort(child)
                    if aborted is not None:
                        aborted(number, child)

    def _succeeded(self, number: int, result: Any) -> None:
        self.results[number] = result
        self.ended_well.add(number)

    def _finished(self, number: int, child: Frame, value: Any, error: BaseException | None) -> None:
        del self.active[number]
        if error is None:
            self._succeeded(number, value)
            self.ended(number, child, None)
        else:
            self.failed[number] = child
            self.error = self.error or error
            if isinstance(error, StateError):
                self.ended(number, child, error)
        self.wake.resolve()

    def _keep(self, done: dict[int, Any], frames: dict[int, Frame]) -> None:
        """Keep what a redrive needs, but not after States.DataLimitExceeded: AWS then runs all branches again."""
        run = self.frame.run
        if isinstance(self.error, StateError) and self.error.error == error_names.DATA_LIMIT_EXCEEDED:
            run.kept.pop(self.frame.entered, None)
            return
        results = {**done, **{number: self.results[number] for number in self.ended_well}}
        stopped = {number: child for number, (_, child) in self.active.items()}
        ended = {number: child for number, child in {**frames, **self.failed, **stopped}.items() if number not in results}
        run.kept[self.frame.entered] = Unfinished(results, {number: child for number, child in ended.items() if child.entered})

    @staticmethod
    def _abort(child: Frame) -> None:
        # As measured, no event follows this one: floci-io/floci#3167.
        if child.state_kind in _ABORTED_KINDS:
            child.run.record(f"{child.state_kind}StateAborted", child.previous, {})


class ParallelState(Working):
    """A state that runs several scopes on the same input."""

    def __init__(self, at: StateAt, branches: list[Machine]) -> None:
        """Compile the state around its branches."""
        super().__init__(at)
        self.branches = branches

    def prepare(self, frame: Frame, value: Any) -> Any:
        """Return the input of the branches."""
        return self.given(frame, value, self.document(frame, value))

    def perform(self, frame: Frame, prepared: Any) -> Branch:
        """Run the branches."""
        run = frame.run
        started = run.record("ParallelStateStarted", frame.previous, {})
        frame.previous = started

        def make(number: int, unfinished: Frame | None) -> tuple[Frame, Branch]:
            if unfinished is not None:
                return unfinished, resume(unfinished, self.branches[number].states)
            child = Frame(run, frame.variables, started, frame.item)
            return child, drive(child, self.branches[number].start, prepared)

        def ended(_number: int, child: Frame, _failure: StateError | None) -> None:
            frame.previous = child.previous

        results = yield from Branches(frame, len(self.branches), len(self.branches)).run(make, ended)
        run.record("ParallelStateSucceeded", frame.previous, {})
        return results

    def failed(self, frame: Frame) -> None:
        """Record that the state failed."""
        if not frame.run.full:
            frame.previous = frame.run.record("ParallelStateFailed", frame.previous, {})


class MapInput(NamedTuple):
    """The input of one attempt of a Map state.

    Attributes:
        document: the value of ``$`` or of ``$states``.
        items: the items. None if an ItemReader reads them.
        concurrency: the largest number of iterations at a time; 0 for no limit.
        tolerance: how many items can fail, in a Distributed Map.
    """

    document: Any
    items: list[Item] | None
    concurrency: int
    tolerance: Any = None


class MapState(Working):
    """A state that runs its processor for each item, within this execution.

    Attributes:
        takes_objects: whether the members of an object can be the items.
    """

    takes_objects = False

    def __init__(self, at: StateAt, processor: Machine) -> None:
        """Compile the state around its processor."""
        super().__init__(at)
        state, fields = self.model, self.fields
        self.processor = processor
        self.selector = fields.template("ItemSelector", state.item_selector) or self.parameters
        self.concurrency = fields.number("MaxConcurrency", state.max_concurrency, state.max_concurrency_path)
        self._items_path = "$" if state.items_path is ABSENT else state.items_path
        self._read_items = fields.source("ItemsPath", self._items_path)
        self._query_items = fields.template("Items", state.items)

    def values(self, frame: Frame, document: Any) -> Any:
        """Return the array that has the items, or the object.

        Raises:
            StateError: it is missing, or it is not an array.
        """
        if self.jsonata:
            value = document["input"] if self._query_items is None else self._query_items(frame, document)
            if self.takes_objects and isinstance(value, dict):
                return value
            return expect(frame, value, "array", "$states.input" if self._query_items is None else self.model.items, "Items")
        try:
            value = self._read_items(frame, document)
        except PathNotFoundError as error:
            raise frame.failure(f"Invalid path '{self._items_path}' : {error}") from None
        if not isinstance(value, list) and not (self.takes_objects and isinstance(value, dict)):
            raise frame.failure(f'Reference path "{self._items_path}" must point to array.')
        return value

    def select(self, frame: Frame, document: Any, item: Item) -> Any:
        """Return the input of the iteration for an item."""
        if self.selector is None:
            return item.value
        outer = frame.item
        frame.item = item
        try:
            selected = self.selector(frame, document)
        finally:
            frame.item = outer
        frame.run.check_size(selected, self.name)
        return selected

    def _limit(self, frame: Frame, document: Any) -> int:
        return 0 if self.concurrency is None else int(self.concurrency(frame, document))

    def prepare(self, frame: Frame, value: Any) -> MapInput:
        """Return the items and the limit."""
        document = self.document(frame, value)
        items = [Item(number, item) for number, item in enumerate(self.values(frame, document))]
        prepared = MapInput(document, items, self._limit(frame, document))
        if frame.probe is not None:
            self.report(frame, frame.probe, prepared)
        return prepared

    def report(self, frame: Frame, probe: Probe, prepared: MapInput) -> None:
        """Report the items and the limit to a probe."""
        if not self.jsonata and prepared.items is not None:
            probe.saw("afterItemsPath", [item.value for item in prepared.items])
        if self.selector is not None:
            probe.saw("afterItemSelector", [self.select(frame, prepared.document, item) for item in prepared.items or ()])
        probe.saw("maxConcurrency", prepared.concurrency)

    def perform(self, frame: Frame, prepared: MapInput) -> Branch:
        """Run the iterations."""
        items = prepared.items or []
        run = frame.run
        started = run.record("MapStateStarted", frame.previous, {"length": len(items)})
        frame.previous = started
        before = started

        def make(number: int, unfinished: Frame | None) -> tuple[Frame, Branch]:
            if unfinished is not None:
                run.record("MapIterationStarted", before, {"name": self.name, "index": number})
                return unfinished, resume(unfinished, self.processor.states)
            item = items[number]
            given = item.value if self.selector is None else self.select(frame, prepared.document, item)
            begun = run.record("MapIterationStarted", before, {"name": self.name, "index": number})
            child = Frame(run, frame.variables, begun, item)
            return child, drive(child, self.processor.start, given)

        def ended(number: int, child: Frame, failure: StateError | None) -> None:
            nonlocal before
            before = child.previous
            if failure is None:
                frame.previous = run.record("MapIterationSucceeded", child.previous, {"name": self.name, "index": number})
                return
            if not run.full and not failure.fatal:
                run.record("MapIterationFailed", child.previous, {"name": self.name, "index": number})
            frame.previous = child.previous

        def aborted(number: int, child: Frame) -> None:
            if not run.full:
                run.record("MapIterationAborted", child.previous, {"name": self.name, "index": number})

        branches = Branches(frame, len(items), min(prepared.concurrency or MAX_INLINE_CONCURRENCY, MAX_INLINE_CONCURRENCY))
        results = yield from branches.run(make, ended, aborted)
        run.record("MapStateSucceeded", frame.previous, {})
        return results

    def failed(self, frame: Frame) -> None:
        """Record that the state failed."""
        if not frame.run.full:
            frame.previous = frame.run.record("MapStateFailed", frame.previous, {})
