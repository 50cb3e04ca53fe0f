"""Parallel states and inline Map states: branches side by side, results in order.

Sources:
    https://docs.aws.amazon.com/step-functions/latest/dg/state-parallel.html
    https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from generator.asl.jsonpath import PathNotFoundError
from generator.engine.clock import Future, Running
from generator.engine.core import drive
from generator.engine.dataflow import Frame, Item, StateFailure, compile_query, compile_source, expect
from generator.engine.states import field
from generator.engine.work import WorkingState, number_field

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.engine.clock import Branch
    from generator.engine.machine import Machine

MAX_INLINE_CONCURRENCY = 40
"""Iterations of an inline Map that run side by side at most."""


class Branches:
    """Runs the branches of one state side by side and keeps their results in order."""

    def __init__(self, frame: Frame, count: int, limit: int) -> None:
        """Prepare for some branches, so many of them at a time."""
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
        ended: Callable[[int, Frame, StateFailure | None], None],
        aborted: Callable[[int, Frame], None] | None = None,
    ) -> Branch:
        """Run them all.

        Args:
            make: Begins a branch: its frame and its generator.
            ended: Is told of each branch that ends, and whether it failed.
            aborted: Is told of each branch that is stopped because another failed.

        Raises:
            StateFailure: A branch failed; the others are stopped.
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
                    except StateFailure as failure:
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
                if isinstance(self.error, StateFailure) and not child.run.full:
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
            if isinstance(error, StateFailure):
                self.ended(number, child, error)
        self.wake.resolve()

    def _keep(self, begun: int) -> None:
        """Remember what was done, so that a redrive does only the rest."""
        failed = {number for number, result in enumerate(self.results[:begun]) if result is None}
        done = {number: self.results[number] for number in range(begun) if number not in failed and number not in self.active}
        self.frame.run.kept[self.frame.entered] = done

    @staticmethod
    def _abort(child: Frame) -> None:
        if child.state_kind in {"Task", "Wait", "Map", "Parallel"}:
            child.previous = child.run.record(f"{child.state_kind}StateAborted", child.previous, {})


class ParallelState(WorkingState):
    """Runs several machines on the same input."""

    def __init__(self, name: str, definition: dict[str, Any], machines: list[Machine], *, jsonata: bool) -> None:
        """Compile the state around its branches."""
        super().__init__(name, definition, jsonata=jsonata)
        self.machines = machines

    def work(self, frame: Frame, value: Any) -> Branch:
        """Run the branches."""
        document: Any = {"input": value} if self.jsonata else value if self.input_path is None else self.input_path(frame, value)
        given = self.prepared(frame, value if self.jsonata else document, document)
        run = frame.run
        started = run.record("ParallelStateStarted", frame.previous, {})
        frame.previous = started

        def make(number: int) -> tuple[Frame, Branch]:
            child = Frame(run, frame.variables, started, frame.item)
            return child, drive(child, self.machines[number].start, given)

        def ended(number: int, child: Frame, failure: StateFailure | None) -> None:  # noqa: ARG001
            frame.previous = child.previous

        results = yield from Branches(frame, len(self.machines), len(self.machines)).run(make, ended)
        run.record("ParallelStateSucceeded", frame.previous, {})
        return results

    def failed(self, frame: Frame) -> None:
        """Record that the state failed."""
        if not frame.run.full:
            frame.previous = frame.run.record("ParallelStateFailed", frame.previous, {})


class MapState(WorkingState):
    """Runs a machine for each item, within this execution.

    Attributes:
        takes_objects: It goes through the members of an object too.
    """

    takes_objects = False

    def __init__(self, name: str, definition: dict[str, Any], machine: Machine, *, jsonata: bool) -> None:
        """Compile the state around its item processor."""
        super().__init__(name, definition, jsonata=jsonata)
        self.machine = machine
        self.selector = field(definition, "ItemSelector", jsonata=jsonata) or self.parameters
        self.concurrency = number_field(definition, "MaxConcurrency", jsonata=jsonata)
        self._items_path = definition.get("ItemsPath", "$")
        self._read_items = None if jsonata else compile_source(self._items_path)
        self._query_items = compile_query(definition["Items"], "Items") if jsonata and "Items" in definition else None

    def items(self, frame: Frame, document: Any) -> Any:
        """The array to go through, or the object.

        Raises:
            StateFailure: It is missing or no array.
        """
        if self.jsonata:
            if self._query_items is None:
                constant, found, template = True, document["input"], "$states.input"
            else:
                constant, found = self._query_items
                template = self.definition["Items"]
            value = found if constant else found(frame, document)
            if self.takes_objects and isinstance(value, dict):
                return value
            return expect(frame, value, "array", template, "Items")
        assert self._read_items is not None  # noqa: S101  for the type checker
        try:
            value = self._read_items(frame, document)
        except PathNotFoundError as error:
            raise frame.failure(f"Invalid path '{self._items_path}' : {error}") from None
        if not isinstance(value, list) and not (self.takes_objects and isinstance(value, dict)):
            raise frame.failure(f'Reference path "{self._items_path}" must point to array.')
        return value

    def select(self, frame: Frame, document: Any, item: Item) -> Any:
        """What an iteration gets for an item."""
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

    def work(self, frame: Frame, value: Any) -> Branch:
        """Run the iterations."""
        document: Any = {"input": value} if self.jsonata else value if self.input_path is None else self.input_path(frame, value)
        items = self.items(frame, document)
        limit = int(self.concurrency(frame, document)) if self.concurrency is not None else 0
        run = frame.run
        started = run.record("MapStateStarted", frame.previous, {"length": len(items)})
        frame.previous = started
        before = started

        def make(number: int) -> tuple[Frame, Branch]:
            item = Item(number, items[number])
            given = item.value if self.selector is None else self.select(frame, document, item)
            begun = run.record("MapIterationStarted", before, {"name": self.name, "index": number})
            child = Frame(run, frame.variables, begun, item)
            return child, drive(child, self.machine.start, given)

        def ended(number: int, child: Frame, failure: StateFailure | None) -> None:
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

        branches = Branches(frame, len(items), min(limit or MAX_INLINE_CONCURRENCY, MAX_INLINE_CONCURRENCY))
        results = yield from branches.run(make, ended, aborted)
        run.record("MapStateSucceeded", frame.previous, {})
        return results

    def failed(self, frame: Frame) -> None:
        """Record that the state failed."""
        if not frame.run.full:
            frame.previous = frame.run.record("MapStateFailed", frame.previous, {})
