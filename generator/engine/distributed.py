"""Distributed Map states: a child execution for each item or batch, items read from S3, results written there.

Items are read, run and counted as a stream: memory does not grow with their number.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
"""

from __future__ import annotations

from functools import partial
from itertools import count, islice
from typing import TYPE_CHECKING, Any, Self

from generator.asl.intrinsics import make_uuid
from generator.engine.branches import MapState
from generator.engine.clock import Future
from generator.engine.core import MAX_PAYLOAD
from generator.engine.dataflow import Frame, Item, StateFailure
from generator.engine.history import json_text
from generator.engine.states import field
from generator.engine.work import number_field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.engine.clock import Branch
    from generator.engine.engine import StateMachine
    from generator.engine.execution import Execution
    from generator.engine.machine import Machine

Input = tuple[Any, Item, int]
"""What a child execution gets, the first item it has, and how many it has."""
MAX_CONCURRENCY = 10_000
"""Child executions that run side by side at most."""
KEPT_CHILDREN = 100
"""Child executions that a map run remembers, so that many do not fill the memory."""
THRESHOLD_ERROR = "States.ExceedToleratedFailureThreshold"
THRESHOLD_CAUSE = "The specified tolerated failure threshold was exceeded"


class MapRun:
    """What a Distributed Map state does in one go.

    Attributes:
        arn: Its ARN.
        status: ``RUNNING``, ``SUCCEEDED``, ``FAILED`` or ``ABORTED``.
        succeeded: Child executions that succeeded.
        failed: Child executions that failed.
        items: Items in all.
        failed_items: Items whose child execution failed.
        succeeded_items: Items whose child execution succeeded.
        children: The first of the child executions.
        error: The error it failed with.
        cause: The cause.
    """

    def __init__(self, arn: str) -> None:
        """Begin."""
        self.arn = arn
        self.status = "RUNNING"
        self.succeeded = 0
        self.failed = 0
        self.items = 0
        self.failed_items = 0
        self.succeeded_items = 0
        self.children: list[Execution] = []
        self.error: str | None = None
        self.cause: str | None = None

    def describe(self) -> dict[str, Any]:
        """What DescribeMapRun tells: https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeMapRun.html."""

        def counts(succeeded: int, failed: int, total: int) -> dict[str, int]:
            return {"pending": 0, "running": 0, "succeeded": succeeded, "failed": failed, "timedOut": 0, "aborted": 0, "total": total}

        return {
            "mapRunArn": self.arn,
            "status": self.status,
            "executionCounts": counts(self.succeeded, self.failed, self.succeeded + self.failed),
            "itemCounts": counts(self.succeeded_items, self.failed_items, self.items),
        }


class Tolerance:
    """How many items may fail, each with the child execution that has it.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html#maprun-fail-threshold
    """

    def __init__(self, count: int | None, percentage: float | None) -> None:
        """Take the limits; without any, none may fail."""
        self.count = count
        self.percentage = percentage

    def exceeded(self, failed: int, total: int | None) -> bool:
        """Whether too many have failed; with the total unknown, only by count."""
        if self.count is None and self.percentage is None:
            return failed > 0
        if self.count is not None and failed > self.count:
            return True
        return self.percentage is not None and total is not None and total > 0 and failed * 100 / total > self.percentage


class DistributedMapState(MapState):
    """Runs a machine for each item, in executions of its own."""

    takes_objects = True

    def __init__(self, name: str, definition: dict[str, Any], machine: Machine, *, jsonata: bool) -> None:
        """Compile the state around its item processor."""
        super().__init__(name, definition, machine, jsonata=jsonata)
        self.tolerated_count = number_field(definition, "ToleratedFailureCount", jsonata=jsonata)
        self.tolerated_percentage = number_field(definition, "ToleratedFailurePercentage", jsonata=jsonata, whole=False)
        processor = definition.get("ItemProcessor") or definition["Iterator"]
        self.child_express = processor.get("ProcessorConfig", {}).get("ExecutionType") == "EXPRESS"
        self.reader = self.batcher = self.writer = None
        if "ItemReader" in definition:
            from generator.engine.readers import ItemReader  # noqa: PLC0415  only where items come from S3

            self.reader = ItemReader(definition["ItemReader"], jsonata=jsonata)
        if "ItemBatcher" in definition:
            self.batcher = Batcher(definition["ItemBatcher"], jsonata=jsonata)
        if "ResultWriter" in definition:
            from generator.engine.readers import ResultWriter  # noqa: PLC0415  only where results go to S3

            self.writer = ResultWriter(definition["ResultWriter"], jsonata=jsonata)

    def tolerance(self, frame: Frame, document: Any) -> Tolerance:
        """The limits for this run."""
        return Tolerance(
            None if self.tolerated_count is None else self.tolerated_count(frame, document),
            None if self.tolerated_percentage is None else self.tolerated_percentage(frame, document),
        )

    def listed(self, frame: Frame, document: Any) -> Iterator[Item]:
        """The items in the state's input: the elements of an array, or the members of an object."""
        value = self.items(frame, document)
        if isinstance(value, dict):
            return (Item(index, {"Key": key, "Value": item}, key=key) for index, (key, item) in enumerate(value.items()))
        return map(Item, count(), value)

    def inputs(self, frame: Frame, document: Any, items: Iterator[Item], map_run: MapRun) -> Iterator[Input]:
        """The child executions' inputs."""
        selected = self._selected(frame, document, items, map_run)
        if self.batcher is None:
            return ((given, item, 1) for item, given in selected)
        return self.batcher.batches(frame, document, selected)

    def _selected(self, frame: Frame, document: Any, items: Iterator[Item], map_run: MapRun) -> Iterator[tuple[Item, Any]]:
        for item in items:
            map_run.items += 1
            yield item, self.select(frame, document, item)

    def work(self, frame: Frame, value: Any) -> Branch:
        """Run the child executions."""
        document: Any = {"input": value} if self.jsonata else value if self.input_path is None else self.input_path(frame, value)
        run = frame.run
        length = 0
        listed: list[Item] = []
        if self.reader is None:
            listed = list(self.listed(frame, document))
            length = len(listed)
        concurrency = int(self.concurrency(frame, document)) if self.concurrency is not None else 0
        tolerance = self.tolerance(frame, document)
        frame.previous = run.record("MapStateStarted", frame.previous, {"length": length})
        label = self.definition.get("Label") or self.name
        machine_name = run.context.get("StateMachine", {}).get("Name", "workflow")
        map_run = MapRun(run.engine.arn("states", f"mapRun:{machine_name}/{label}:{make_uuid(run.random)}"))
        run.map_runs.append(map_run)
        frame.previous = run.record("MapRunStarted", frame.previous, {"mapRunArn": map_run.arn})
        try:
            items = iter(listed) if self.reader is None else self.reader.items(frame, document)
            children = Children(self, frame, map_run, tolerance, min(concurrency or MAX_CONCURRENCY, MAX_CONCURRENCY))
            with Results(self.writer, frame, document, map_run) as results:
                yield from children.run(self.inputs(frame, document, items, map_run), results)
                output = results.output()
        except StateFailure as failure:
            map_run.status, map_run.error, map_run.cause = "FAILED", failure.error, failure.cause
            if not run.full:
                details = {key: text for key, text in (("error", failure.error), ("cause", failure.cause)) if text is not None}
                frame.previous = run.record("MapRunFailed", frame.previous, details)
            raise
        map_run.status = "SUCCEEDED"
        frame.previous = run.record("MapRunSucceeded", frame.previous, {})
        run.record("MapStateSucceeded", frame.previous, {})
        return output


class Children:
    """Runs the child executions of one map run."""

    def __init__(self, state: DistributedMapState, frame: Frame, map_run: MapRun, tolerance: Tolerance, limit: int) -> None:
        """Prepare."""
        from generator.engine.engine import StateMachine  # noqa: PLC0415  the engine imports the states

        self.frame = frame
        self.map_run = map_run
        self.tolerance = tolerance
        self.limit = limit
        run = frame.run
        known = run.context.get("StateMachine", {})
        label = state.definition.get("Label") or state.name
        self.child_name = f"{known.get('Name', 'workflow')}/{label}"
        role = run.context.get("Execution", {}).get("RoleArn", "")
        arn = f"{known.get('Id', '')}/{label}"
        self.machine: StateMachine = StateMachine(self.child_name, arn, state.machine, role, express=state.child_express)
        self.active: dict[int, Execution] = {}
        self.wake = Future()
        self.results: Results | None = None

    def run(self, inputs: Iterator[Input], results: Results) -> Branch:
        """Run a child for each input.

        Raises:
            StateFailure: More failed than tolerated, or the items could not be read.
        """
        self.results = results
        engine = self.frame.run.engine
        started = 0
        exhausted = False
        try:
            while True:
                while not exhausted and len(self.active) < self.limit:
                    following = next(inputs, None)
                    if following is None:
                        exhausted = True
                        break
                    document, item, items = following
                    child = self._start(document)
                    del engine.executions[child.arn]
                    child.in_map(item)
                    if len(self.map_run.children) < KEPT_CHILDREN:
                        self.map_run.children.append(child)
                    number, started = started, started + 1
                    child.begin()
                    if child.done:
                        self._ended(number, child, items)
                    else:
                        self.active[number] = child
                        child.ended.callback = partial(self._woken, number, child, items)
                    if self.tolerance.exceeded(self.map_run.failed_items, None):
                        raise StateFailure(THRESHOLD_ERROR, THRESHOLD_CAUSE)
                if self.tolerance.exceeded(self.map_run.failed_items, self.map_run.items if exhausted else None):
                    raise StateFailure(THRESHOLD_ERROR, THRESHOLD_CAUSE)
                if exhausted and not self.active:
                    return
                self.wake = Future()
                yield self.wake
        finally:
            for child in self.active.values():
                child.ended.callback = None
                child.stop()

    def _start(self, document: Any) -> Execution:
        from generator.engine.engine import InputError  # noqa: PLC0415  the engine imports the states

        run = self.frame.run
        arn = run.engine.arn("states", f"execution:{self.child_name}:{make_uuid(run.random)}")
        try:
            return run.engine.start_machine(self.machine, document, arn=arn, mocks=run.mocks)
        except InputError as error:
            raise StateFailure("States.DataLimitExceeded", str(error)) from None

    def _woken(self, number: int, child: Execution, items: int) -> None:
        del self.active[number]
        self._ended(number, child, items)
        self.wake.resolve()

    def _ended(self, number: int, child: Execution, items: int) -> None:
        if child.status == "SUCCEEDED":
            self.map_run.succeeded += 1
            self.map_run.succeeded_items += items
        else:
            self.map_run.failed += 1
            self.map_run.failed_items += items
        assert self.results is not None  # noqa: S101  for the type checker
        self.results.add(number, child)


class Results:
    """Collects what child executions give, in the state's output or in S3."""

    def __init__(self, writer: Any, frame: Frame, document: Any, map_run: MapRun) -> None:
        """Open."""
        self.map_run = map_run
        self.outputs: dict[int, Any] = {}
        self.size = 0
        self.written: Any = None if writer is None else writer.open(frame, document, map_run)
        # A writer without a bucket only shapes the output, which then stays in the state.
        self.exported = self.written is not None and self.written.bucket is not None

    def __enter__(self) -> Self:
        """Collect."""
        return self

    def __exit__(self, *_: object) -> None:
        """Release files."""
        if self.written is not None:
            self.written.close()

    def add(self, number: int, child: Execution) -> None:
        """Take what a child execution gave."""
        if self.exported:
            self.written.add(child)
            return
        if child.status != "SUCCEEDED" or self.size > MAX_PAYLOAD:
            return
        output = child.output if self.written is None else self.written.shape(child)
        self.size += len(json_text(output)) + 1
        if self.size > MAX_PAYLOAD:
            # Too much for an output: what comes last fails the state, so that nothing needs to be kept.
            self.outputs.clear()
            return
        self.outputs[number] = output

    def output(self) -> Any:
        """The state's result.

        Raises:
            StateFailure: It is larger than a payload may be, or could not be written.
        """
        if self.exported:
            return self.written.finish()
        if self.size > MAX_PAYLOAD:
            cause = "The state/task 'Map' returned a result with a size exceeding the maximum number of bytes service limit."
            raise StateFailure("States.DataLimitExceeded", cause)
        ordered = [self.outputs[number] for number in sorted(self.outputs)]
        if self.written is not None and self.written.flatten:
            return [item for output in ordered for item in (output if isinstance(output, list) else [output])]
        return ordered


class Batcher:
    """Puts items together."""

    def __init__(self, definition: dict[str, Any], *, jsonata: bool) -> None:
        """Compile ``ItemBatcher``."""
        self.most_items = number_field(definition, "MaxItemsPerBatch", jsonata=jsonata)
        self.most_bytes = number_field(definition, "MaxInputBytesPerBatch", jsonata=jsonata)
        self.shared = field(definition, "BatchInput", jsonata=jsonata)

    def batches(self, frame: Frame, document: Any, items: Iterator[tuple[Item, Any]]) -> Iterator[Input]:
        """Inputs of child executions: ``{"BatchInput": …, "Items": […]}``."""
        most_items = None if self.most_items is None else int(self.most_items(frame, document))
        most_bytes = MAX_PAYLOAD if self.most_bytes is None else min(int(self.most_bytes(frame, document)), MAX_PAYLOAD)
        base: dict[str, Any] = {} if self.shared is None else {"BatchInput": self.shared(frame, document)}
        empty = len(json_text({**base, "Items": []}))
        batch: list[Any] = []
        first: Item | None = None
        size = empty
        for item, given in items:
            length = len(json_text(given).encode()) + 1
            if batch and ((most_items and len(batch) >= most_items) or size + length > most_bytes):
                assert first is not None  # noqa: S101  for the type checker
                yield {**base, "Items": batch}, first, len(batch)
                batch, size, first = [], empty, None
            if first is None:
                first = item
            batch.append(given)
            size += length
        if batch and first is not None:
            yield {**base, "Items": batch}, first, len(batch)


def limited(items: Iterator[Any], most: int | None) -> Iterator[Any]:
    """The first items, or all where the limit is 0 or missing."""
    return islice(items, most) if most else items
