"""Distributed Map states: a child execution for each item or batch.

Items are read, run and counted as a stream, so that memory does not grow with their number.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
"""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from generator.asl import error_names
from generator.asl.intrinsic_functions import make_uuid
from generator.asl.model import ABSENT
from generator.engine.clock import CancelledError, Future
from generator.engine.failure import LOCAL_ERRORS, InputError, StateError, StoppedError
from generator.engine.fields.compiled import Fields
from generator.engine.frame import MAX_PAYLOAD, Item, StateMachine
from generator.engine.history import json_text, text_bytes
from generator.engine.states.branches import MapInput, MapState
from generator.engine.states.item_files import ItemReader, ResultWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from generator.asl import model
    from generator.asl.model import QueryLanguage
    from generator.asl.walk import StateAt
    from generator.diagnostics.model import Pointer
    from generator.engine.clock import Branch
    from generator.engine.compile import Machine
    from generator.engine.execution import Execution
    from generator.engine.frame import Frame, Probe
    from generator.engine.states.item_files import Writing

Input = tuple[Any, Item, int]
"""The input of a child execution, its first item, and the number of its items."""
MAX_PERCENTAGE: Final = 100
MAX_CONCURRENCY: Final = 10_000
"""The largest number of concurrent child executions."""
KEPT_CHILDREN: Final = 1_000
"""The number of child executions that a map run keeps, so that memory does not grow with their number."""
THRESHOLD_CAUSE: Final = "The specified tolerated failure threshold was exceeded"


class MapRun:
    """The child executions of one attempt of a Distributed Map state.

    Attributes:
        arn: its ARN.
        started: the time of its start, in seconds since 1970.
        stopped: the time of its end, or None.
        max_concurrency: the largest number of child executions at a time; 0 for no limit.
        tolerance: how many items can fail.
        status: ``RUNNING``, ``SUCCEEDED``, ``FAILED`` or ``ABORTED``.
        running: the number of child executions that run.
        changed: called when the limits were changed.
        succeeded: the number of child executions that succeeded.
        failed: the number of child executions that failed.
        aborted: the number of child executions that were stopped.
        aborted_items: the number of items whose child execution was stopped.
        items: the number of items.
        failed_items: the number of items whose child execution failed.
        succeeded_items: the number of items whose child execution succeeded.
        children: the first child executions.
        redriven: how often it was redriven.
        redriven_at: the time of its last redrive, or None.
        error: the error that it failed with.
        cause: the cause of the error.
    """

    def __init__(self, arn: str, started: float, max_concurrency: int, tolerance: Tolerance) -> None:
        """Start without child executions."""
        self.arn = arn
        self.started = started
        self.stopped: float | None = None
        self.max_concurrency = max_concurrency
        self.tolerance = tolerance
        self.running = 0
        self.running_items = 0
        self.changed: Callable[[], None] | None = None
        self.status = "RUNNING"
        self.succeeded = 0
        self.failed = 0
        self.aborted = 0
        self.aborted_items = 0
        self.items = 0
        self.failed_items = 0
        self.succeeded_items = 0
        self.children: list[Execution] = []
        self.redriven = 0
        self.redriven_at: float | None = None
        self.error: str | None = None
        self.cause: str | None = None

    def describe(self) -> dict[str, Any]:
        """Return it as DescribeMapRun does: https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeMapRun.html."""

        def counts(running: int, succeeded: int, failed: int, aborted: int, total: int) -> dict[str, int]:
            ended = {"succeeded": succeeded, "failed": failed, "timedOut": 0, "aborted": aborted, "resultsWritten": 0}
            pending = max(0, total - running - succeeded - failed - aborted)
            return {"pending": pending, "running": running, **ended, "total": total, "failuresNotRedrivable": 0, "pendingRedrive": 0}

        begun = self.running + self.succeeded + self.failed + self.aborted
        shown: dict[str, Any] = {
            "mapRunArn": self.arn,
            "status": self.status,
            "startDate": datetime.fromtimestamp(self.started, UTC),
            "maxConcurrency": self.max_concurrency,
            "toleratedFailurePercentage": float(self.tolerance.percentage or 0),
            "toleratedFailureCount": int(self.tolerance.count or 0),
            "executionCounts": counts(self.running, self.succeeded, self.failed, self.aborted, begun),
            "itemCounts": counts(self.running_items, self.succeeded_items, self.failed_items, self.aborted_items, self.items),
            "redriveCount": self.redriven,
        }
        if self.redriven_at is not None:
            shown["redriveDate"] = datetime.fromtimestamp(self.redriven_at, UTC)
        if self.stopped is not None:
            shown["stopDate"] = datetime.fromtimestamp(self.stopped, UTC)
        return shown

    def redrive(self, moment: float) -> None:
        """Begin anew with the child executions that have not succeeded."""
        self.status, self.error, self.cause, self.stopped = "RUNNING", None, None, None
        self.redriven += 1
        self.redriven_at = moment
        self.failed = self.failed_items = self.aborted = self.aborted_items = 0

    def update(self, max_concurrency: int | None, count: int | None, percentage: float | None) -> None:
        """Change the limits of child executions that have not started, as UpdateMapRun does. None keeps a limit."""
        if max_concurrency is not None:
            self.max_concurrency = max_concurrency
        old = self.tolerance
        self.tolerance = Tolerance(old.count if count is None else count, old.percentage if percentage is None else percentage)
        if self.changed is not None:
            self.changed()

    @property
    def limit(self) -> int:
        """The largest number of child executions at a time."""
        return min(self.max_concurrency or MAX_CONCURRENCY, MAX_CONCURRENCY)


class Tolerance:
    """How many items can fail before the state fails.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html#maprun-fail-threshold
    """

    def __init__(self, count: int | None, percentage: float | None) -> None:
        """Create it from the limits. Without any limit, no item can fail.

        A limit of 0 counts as absent, so that it does not forbid what the other one allows: iwamot/sfnx, 2026-09-18.
        """
        self.count = count
        self.percentage = percentage

    def exceeded(self, failed: int, total: int | None) -> bool:
        """Return whether too many items failed. If the total is not known yet, only the count is compared."""
        if not self.count and not self.percentage:
            return failed > 0
        if self.count and failed > self.count:
            return True
        return bool(self.percentage and total and failed * 100 / total > self.percentage)


class DistributedMapState(MapState):
    """A state that runs its processor for each item or batch, in child executions."""

    takes_objects = True

    def __init__(self, at: StateAt, processor: Machine) -> None:
        """Compile the state around its processor."""
        super().__init__(at, processor)
        state, fields = self.model, self.fields
        self.tolerated_count = fields.number("ToleratedFailureCount", state.tolerated_failure_count, state.tolerated_failure_count_path)
        self.tolerated_percentage = fields.number(
            "ToleratedFailurePercentage",
            state.tolerated_failure_percentage,
            state.tolerated_failure_percentage_path,
            whole=False,
            most=MAX_PERCENTAGE,
        )
        config = state.processor.processor_config
        self.child_express = config is not ABSENT and config.execution_type == "EXPRESS"
        self.label = self.name if state.label is ABSENT else state.label
        self.reader = None if state.item_reader is ABSENT else ItemReader(state.item_reader, (*at.at, "ItemReader"), at.language)
        self.batcher = None if state.item_batcher is ABSENT else Batcher(state.item_batcher, (*at.at, "ItemBatcher"), at.language)
        self.writer = None if state.result_writer is ABSENT else ResultWriter(state.result_writer, (*at.at, "ResultWriter"), at.language)

    def tolerance(self, frame: Frame, document: Any) -> Tolerance:
        """Return how many items can fail in this run."""
        return Tolerance(
            None if self.tolerated_count is None else self.tolerated_count(frame, document),
            None if self.tolerated_percentage is None else self.tolerated_percentage(frame, document),
        )

    def listed(self, frame: Frame, document: Any) -> Iterator[Item]:
        """Return the items in the input of the state: the elements of an array, or the members of an object."""
        value = self.values(frame, document)
        if isinstance(value, dict):
            return (Item(index, {"Key": key, "Value": item}, key=key) for index, (key, item) in enumerate(value.items()))
        return map(Item, count(), value)

    def inputs(self, frame: Frame, document: Any, items: Iterator[Item], map_run: MapRun) -> Iterator[Input]:
        """Return the inputs of the child executions."""
        selected = self._selected(frame, document, items, map_run)
        if self.batcher is None:
            return ((given, item, 1) for item, given in selected)
        return self.batcher.batches(frame, document, selected)

    def _selected(self, frame: Frame, document: Any, items: Iterator[Item], map_run: MapRun) -> Iterator[tuple[Item, Any]]:
        for item in items:
            map_run.items += 1
            yield item, self.select(frame, document, item)

    def prepare(self, frame: Frame, value: Any) -> MapInput:
        """Return the items, the limit and the tolerance."""
        document = self.document(frame, value)
        items = list(self.listed(frame, document)) if self.reader is None else None
        prepared = MapInput(document, items, self._limit(frame, document), self.tolerance(frame, document))
        if frame.probe is not None:
            self.report(frame, frame.probe, prepared)
        return prepared

    def report(self, frame: Frame, probe: Probe, prepared: MapInput) -> None:
        """Report items, batches and limits to a probe, which has the content of the file that a reader would read."""
        items = prepared.items
        if self.reader is not None:
            items = self.reader.parse_text(probe.reader_data or "") if probe.reader_data is not None else []
            if self.reader.config.items_pointer is not ABSENT:
                probe.saw("afterItemsPointer", [item.value for item in items])
        elif not self.jsonata:
            probe.saw("afterItemsPath", [item.value for item in items or ()])
        selected = [self.select(frame, prepared.document, item) for item in items or ()]
        if self.selector is not None:
            probe.saw("afterItemSelector", selected)
        probe.saw("maxConcurrency", prepared.concurrency)
        if prepared.tolerance.count is not None:
            probe.saw("toleratedFailureCount", int(prepared.tolerance.count))
        if prepared.tolerance.percentage is not None:
            probe.saw("toleratedFailurePercentage", float(prepared.tolerance.percentage))
        if self.batcher is not None:
            batches = self.batcher.batches(frame, prepared.document, zip(items or (), selected, strict=True))
            probe.saw("afterItemBatcher", [batch for batch, _, _ in batches])

    def perform(self, frame: Frame, prepared: MapInput) -> Branch:
        """Run the child executions."""
        run = frame.run
        before = run.resumed.pop(frame.entered, None)
        if isinstance(before, Children):
            children = before
            children.again(frame)
        else:
            children = self._begin(frame, prepared)
        map_run = children.map_run
        try:
            if run.mocks is not None and run.mocks.map_runs is not None:
                output = run.mocks.map_runs(frame)
            else:
                if children.inputs is None:
                    children.open(frame, prepared)
                yield from children.run()
                output = children.output()
        except StateError as failure:
            stopped = isinstance(failure, StoppedError)
            map_run.status = "ABORTED" if stopped else "FAILED"
            map_run.error, map_run.cause, map_run.stopped = failure.error, failure.cause, run.clock.now()
            if stopped or failure.error == error_names.EXCEED_TOLERATED_FAILURE_THRESHOLD:
                run.kept[frame.entered] = children
            else:
                children.close()  # a redrive starts another map run
            if not run.full:
                frame.previous = run.record("MapRunFailed", frame.previous, failure.details())
            raise
        except CancelledError:
            map_run.status, map_run.stopped = "ABORTED", run.clock.now()
            run.kept[frame.entered] = children
            raise
        map_run.status, map_run.stopped = "SUCCEEDED", run.clock.now()
        run.kept.pop(frame.entered, None)
        children.close()
        frame.previous = run.record("MapRunSucceeded", frame.previous, {})
        run.record("MapStateSucceeded", frame.previous, {})
        return output

    def _begin(self, frame: Frame, prepared: MapInput) -> Children:
        """Return the child executions of a new map run, after recording its start."""
        run = frame.run
        frame.previous = run.record("MapStateStarted", frame.previous, {"length": len(prepared.items or ())})
        machine_name = run.context.get("StateMachine", {}).get("Name", "workflow")
        arn = run.engine.arn("states", f"mapRun:{machine_name}/{self.label}:{make_uuid(run.random)}")
        map_run = MapRun(arn, run.clock.now(), prepared.concurrency, prepared.tolerance)
        run.map_runs.append(map_run)
        frame.previous = run.record("MapRunStarted", frame.previous, {"mapRunArn": map_run.arn})
        return Children(self, frame, map_run)


class Children:
    """The child executions of one map run.

    A redrive runs those that failed or were stopped, from where they ended, and those that had not begun. Express executions
    cannot be redriven; they start again. Those whose history is too long for a redrive stay failed.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/redrive-map-run.html
    """

    def __init__(self, state: DistributedMapState, frame: Frame, map_run: MapRun) -> None:
        """Prepare to run child executions, within the limits of the map run."""
        self.frame = frame
        self.map_run = map_run
        self.state = state
        run = frame.run
        known = run.context.get("StateMachine", {})
        self.child_name = f"{known.get('Name', 'workflow')}/{state.label}"
        role = run.context.get("Execution", {}).get("RoleArn", "")
        arn = f"{known.get('Id', '')}/{state.label}"
        self.machine = StateMachine(self.child_name, arn, state.processor, role, express=state.child_express)
        self.active: dict[int, tuple[Execution, int]] = {}
        self.unsuccessful: dict[int, tuple[Execution, int]] = {}
        self.waiting: deque[tuple[int, Execution, int]] = deque()  # what a redrive runs again
        self.wake = Future()
        map_run.changed = self._limits_changed
        self.unavailable: StateError | None = None  # a child called what this machine does not have
        self.inputs: Iterator[Input] | None = None
        self.results = Results(None)
        self.started = 0
        self.exhausted = False

    def open(self, frame: Frame, prepared: MapInput) -> None:
        """Open the items and the results.

        Raises:
            StateError: a parameter of the ItemReader or the ResultWriter cannot be computed.
        """
        state, document = self.state, prepared.document
        items = iter(prepared.items or ()) if state.reader is None else state.reader.items(frame, document)
        if state.writer is not None:
            self.results = Results(state.writer.open(frame, document, self.map_run))
        self.inputs = state.inputs(frame, document, items, self.map_run)

    def close(self) -> None:
        """Delete the local files with results."""
        self.results.close()

    def output(self) -> Any:
        """Return the result of the state."""
        return self.results.output(self.state.name)

    def again(self, frame: Frame) -> None:
        """Prepare a redrive: the child executions that have not succeeded run again."""
        run = frame.run
        self.frame, self.wake, self.unavailable = frame, Future(), None
        self.map_run.redrive(run.clock.now())
        self.unsuccessful, before = {}, sorted(self.unsuccessful.items())
        again = []
        for number, (child, items) in before:
            if child.full and not child.express:
                self.unsuccessful[number] = child, items
                self.map_run.failed += 1
                self.map_run.failed_items += items
            else:
                again.append((number, (child, items)))
        self.results.forget(number for number, _ in again)
        self.waiting = deque((number, child, items) for number, (child, items) in again)
        details = {"mapRunArn": self.map_run.arn, "redriveCount": self.map_run.redriven}
        frame.previous = run.record("MapRunRedriven", frame.previous, details)

    def run(self) -> Branch:
        """Run a child execution for each input.

        Raises:
            StateError: more items failed than tolerated, or the items could not be read.
        """
        try:
            while True:
                while len(self.active) < self.map_run.limit:
                    following = self._following()
                    if following is None:
                        break
                    number, child, items = following
                    self.map_run.running += 1
                    self.map_run.running_items += items
                    child.begin()
                    if child.done:
                        self._ended(number, child, items)
                    else:
                        self.active[number] = child, items
                        child.ended.callback = partial(self._woken, number, child, items)
                    if self.unavailable is not None:
                        raise self.unavailable
                    if self.map_run.tolerance.exceeded(self.map_run.failed_items, None):
                        raise StateError(error_names.EXCEED_TOLERATED_FAILURE_THRESHOLD, THRESHOLD_CAUSE)
                if self.unavailable is not None:
                    raise self.unavailable
                ended = self.exhausted and not self.waiting
                if self.map_run.tolerance.exceeded(self.map_run.failed_items, self.map_run.items if ended else None):
                    raise StateError(error_names.EXCEED_TOLERATED_FAILURE_THRESHOLD, THRESHOLD_CAUSE)
                if ended and not self.active:
                    return
                self.wake = Future()
                yield self.wake
        finally:
            for number, (child, items) in self.active.items():
                child.ended.callback = None
                child.stop()
                self.unsuccessful[number] = child, items
                self.map_run.running -= 1
                self.map_run.running_items -= items
                self.map_run.aborted += 1
                self.map_run.aborted_items += items
            self.active.clear()
            self.unsuccessful.update((number, (child, items)) for number, child, items in self.waiting)

    def _following(self) -> tuple[int, Execution, int] | None:
        """Return the next child execution, its number and the number of its items. None if all have begun."""
        if self.waiting:
            number, before, items = self.waiting.popleft()
            return number, self._new(before.input, before.item) if before.express else before.redrive(), items
        following = None if self.exhausted or self.inputs is None else next(self.inputs, None)
        if following is None:
            self.exhausted = True
            return None
        document, item, items = following
        number, self.started = self.started, self.started + 1
        return number, self._new(document, item), items

    def _new(self, document: Any, item: Item | None) -> Execution:
        child = self._start(document)
        del self.frame.run.engine.executions[child.arn]
        if item is not None:
            child.in_map(item)
        if len(self.map_run.children) < KEPT_CHILDREN:
            self.map_run.children.append(child)
        return child

    def _limits_changed(self) -> None:
        self.wake.resolve()

    def _start(self, document: Any) -> Execution:
        run = self.frame.run
        arn = run.engine.arn("states", f"execution:{self.child_name}:{make_uuid(run.random)}")
        try:
            return run.engine.start_machine(self.machine, document, arn=arn, mocks=run.mocks)
        except InputError as error:
            raise StateError(error_names.DATA_LIMIT_EXCEEDED, str(error)) from None

    def _woken(self, number: int, child: Execution, items: int) -> None:
        del self.active[number]
        self._ended(number, child, items)
        self.wake.resolve()

    def _ended(self, number: int, child: Execution, items: int) -> None:
        self.map_run.running -= 1
        self.map_run.running_items -= items
        if child.status == "SUCCEEDED":
            self.map_run.succeeded += 1
            self.map_run.succeeded_items += items
        else:
            if child.error in LOCAL_ERRORS:
                self.unavailable = StateError(child.error, child.cause, fatal=True)
            self.map_run.failed += 1
            self.map_run.failed_items += items
            self.unsuccessful[number] = child, items
        self.results.add(number, child)


class Results:
    """The results of the child executions, in the output of the state or in S3."""

    def __init__(self, written: Writing | None) -> None:
        """Start without results.

        Args:
            written: the open files of a ResultWriter, if there is one.
        """
        self.outputs: dict[int, Any] = {}
        self.size = 0
        self.written = written
        # A writer without a bucket only shapes the output of the state.
        self.files = None if written is None or written.bucket is None else written

    def close(self) -> None:
        """Close the files."""
        if self.written is not None:
            self.written.close()

    def forget(self, numbers: Iterable[int]) -> None:
        """Forget the results of child executions that run again."""
        for number in numbers:
            if number in self.outputs:
                self.size -= len(json_text(self.outputs.pop(number))) + 1
        if self.files is not None:
            self.files.forget_failures()

    def add(self, number: int, child: Execution) -> None:
        """Add the result of a child execution."""
        if self.files is not None:
            self.files.add(child)
            return
        if self.size > MAX_PAYLOAD:
            return
        if child.status == "SUCCEEDED":
            output = child.output if self.written is None else self.written.shape(child)
        elif self.written is None:
            # A tolerated failure keeps its place in the result: iwamot/sfnx, 2026-09-18.
            output = {"Status": child.status, "Error": child.error or "", "Cause": child.cause or ""}
        else:
            return
        self.size += len(json_text(output)) + 1
        if self.size > MAX_PAYLOAD:
            # Too much for an output: the state fails at the end, so that no result needs to be kept.
            self.outputs.clear()
            return
        self.outputs[number] = output

    def output(self, name: str) -> Any:
        """Return the result of the state with this name.

        Raises:
            StateError: it is larger than a payload can be, or it could not be written.
        """
        if self.files is not None:
            return self.files.finish()
        if self.size > MAX_PAYLOAD:
            cause = f"The state/task '{name}' returned a result with a size exceeding the maximum number of bytes service limit."
            raise StateError(error_names.DATA_LIMIT_EXCEEDED, cause)
        ordered = [self.outputs[number] for number in sorted(self.outputs)]
        if self.written is not None and self.written.flatten:
            return [item for output in ordered for item in (output if isinstance(output, list) else [output])]
        return ordered


class Batcher:
    """The ``ItemBatcher`` of a Distributed Map: it groups items into the input of one child execution."""

    def __init__(self, batcher: model.ItemBatcher, at: Pointer, language: QueryLanguage) -> None:
        """Compile the fields."""
        fields = Fields(at, language)
        self.most_items = fields.number("MaxItemsPerBatch", batcher.max_items_per_batch, batcher.max_items_per_batch_path)
        self.most_bytes = fields.number("MaxInputBytesPerBatch", batcher.max_input_bytes_per_batch, batcher.max_input_bytes_per_batch_path)
        self.shared = fields.template("BatchInput", batcher.batch_input)

    def batches(self, frame: Frame, document: Any, items: Iterator[tuple[Item, Any]]) -> Iterator[Input]:
        """Return the inputs of child executions: ``{"BatchInput": …, "Items": […]}``."""
        most_items = None if self.most_items is None else int(self.most_items(frame, document))
        most_bytes = MAX_PAYLOAD if self.most_bytes is None else min(int(self.most_bytes(frame, document)), MAX_PAYLOAD)
        base: dict[str, Any] = {} if self.shared is None else {"BatchInput": self.shared(frame, document)}
        empty = len(json_text({**base, "Items": []}))
        batch: list[Any] = []
        first: Item | None = None
        size = empty
        for item, given in items:
            length = len(text_bytes(json_text(given))) + 1
            if first is not None and ((most_items and len(batch) >= most_items) or size + length > most_bytes):
                yield {**base, "Items": batch}, first, len(batch)
                batch, size, first = [], empty, None
            if first is None:
                first = item
            batch.append(given)
            size += length
        if first is not None:
            yield {**base, "Items": batch}, first, len(batch)
