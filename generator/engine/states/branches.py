"""Parallel states and inline Map states: concurrent branches, and their results in order.

Sources:
    https://docs.aws.amazon.com/step-functions/latest/dg/state-parallel.html
    https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from generator.asl.jsonpath import PathNotFoundError
from generator.asl.model import ABSENT
from generator.engine.clock import Future, Running
from generator.engine.failure import StateError
from generator.engine.fields.queries import expect
from generator.engine.frame import Frame, Item
from generator.engine.states.state import Working, drive

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.asl.walk import StateAt
    from generator.engine.clock import Branch
    from generator.engine.compile import Machine
    from generator.engine.frame import Probe

MAX_INLINE_CONCURRENCY: Final = 40
"""The largest number of concurrent iterations of an inline Map."""
_ABORTED_KINDS: Final = frozenset({"Task", "Wait", "Map", "Parallel"})


class Branches:
    """The concurrent branches of one state, and their results in order."""

    def __init__(self, frame: Frame, count: int, limit: int) -> None:
        """Prepare for ``count`` branches, at most ``limit`` of them at a time."""
        self.frame = frame
        self.count = count
        self.limit = limit
        self.results: list[Any] = [None] * count
        self.active: dict[int, tuple[Running, Frame]] = {}
        self.error: BaseException | None = None
        self.wake = Future()

    def run(
        self,
        make: Callable[[int], tuple[Frame, Branch]],
        ended: Callable[[int, Frame, StateError | None], None],
        aborted: Callable[[int, Frame], None] | None = None,
    ) -> Branch:
        """Run all branches and return their results.

        Args:
            make: a function that starts a branch: it returns the frame and the generator.
            ended: called for each branch that ends, with its failure if it failed.
            aborted: called for each branch that is stopped because another one failed.

        Raises:
            StateError: a branch failed. The others are stopped.
        """
        self.ended = ended
        scheduler = self.frame.run.scheduler
        kept = self.frame.run.kept.setdefault(self.frame.entered, {}) if self.frame.run.redriven else {}
        following = 0
        try:
            while True:
                while following < self.count and len(self.active) < self.limit and self.error is None:
                    number, following = following, following + 1
                    if number in kept:
                        self.results[number] = kept[number]
                        continue
                    child, branch = make(number)
                    try:
                        future = next(branch)
                    except StopIteration as end:
                        self.results[number] = end.value
                        ended(number, child, None)
                    except StateError as failure:
                        self.error = failure
                        ended(number, child, failure)
                    else:
                        running = scheduler.adopt(branch, future, partial(self._finished, number, child))
                        self.active[number] = (running, child)
                if self.error is not None:
                    raise self.error
                if not self.active:
                    return self.results
                self.wake = Future()
                yield self.wake
        finally:
            if self.error is not None:
                self._keep(following)
            for number, (running, child) in self.active.items():
                running.cancel()
                if isinstance(self.error, StateError) and not child.run.full:
                    self._abort(child)
                    if aborted is not None:
                        aborted(number, child)

    def _finished(self, number: int, child: Frame, value: Any, error: BaseException | None) -> None:
        del self.active[number]
        if error is None:
            self.results[number] = value
            self.ended(number, child, None)
        else:
            self.error = self.error or error
            if isinstance(error, StateError):
                self.ended(number, child, error)
        self.wake.resolve()

    def _keep(self, begun: int) -> None:
        """Keep the results of the branches that succeeded, so that a redrive runs only the others."""
        failed = {number for number, result in enumerate(self.results[:begun]) if result is None}
        done = {number: self.results[number] for number in range(begun) if number not in failed and number not in self.active}
        self.frame.run.kept[self.frame.entered] = done

    @staticmethod
    def _abort(child: Frame) -> None:
        if child.state_kind in _ABORTED_KINDS:
            child.previous = child.run.record(f"{child.state_kind}StateAborted", child.previous, {})


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

        def make(number: int) -> tuple[Frame, Branch]:
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

        def make(number: int) -> tuple[Frame, Branch]:
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
            if not run.full:
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
