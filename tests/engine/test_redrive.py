"""Redrives: each branch goes on where it ended.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html and redrive-map-run.html
"""

import io
import itertools
import json
import zlib
from collections import Counter
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.engine import Engine, start
from tests.support.machines import machine, task, types

WAIT = {"Type": "Wait", "Seconds": 100}


class Broken:
    """A function that fails for some events until it is mended, and notes its calls."""

    def __init__(self, *events):
        """Take the events that fail."""
        self.events = events
        self.calls = []

    def __call__(self, event):
        """Handle an event."""
        self.calls.append(event)
        if event in self.events:
            raise ValueError(event)
        return event


def step(*states):
    """A machine whose states are steps that call functions of their names, unless a state is given."""
    return machine(*((name, task(name)) if isinstance(name, str) else name for name in states))


def parallel(*branches, **fields):
    """A Parallel state."""
    return {"Type": "Parallel", "Branches": list(branches), **fields}


def test_a_branch_goes_on_at_its_failed_state():
    """What succeeded in the failed branch is not done again either."""
    functions = {name: Broken(*"x" * (name == "b")) for name in "abcd"}
    execution = start(machine(("P", parallel(step("a", "b", "c"), step("d")))), "x", functions=functions).finish()
    assert execution.status == "FAILED"
    functions["b"].events = ()
    assert execution.redrive().finish().output == ["x", "x"]
    assert {name: len(each.calls) for name, each in functions.items()} == {"a": 1, "b": 2, "c": 1, "d": 1}
    assert types(execution).count("ParallelStateEntered") == 1
    assert [len(visit.attempts) for visit in execution.visits("b")] == [2]


def test_variables_and_nested_states_of_a_branch():
    """A branch has its variables again, and a Map inside it goes on too, with an empty result kept."""
    each = machine(("Get", task("get")), ("Put", task("put")))
    noted = {"Type": "Pass", "Assign": {"n": 5}}
    show = {"Type": "Pass", "Parameters": {"n.$": "$n", "all.$": "$"}}
    inner = machine(("Note", noted), ("M", {"Type": "Map", "ItemProcessor": each}), ("Show", show))
    put = Broken(2)
    functions = {"get": Broken(), "put": lambda event: put(event) and None}
    execution = start(machine(("P", parallel(inner))), [1, 2, 3], functions=functions).finish()
    put.events = ()
    assert execution.redrive().finish().output == [{"n": 5, "all": [None, None, None]}]
    assert (functions["get"].calls, put.calls) == ([1, 2, 3], [1, 2, 2, 3])


@pytest.mark.parametrize("end", ["stop", "time out"])
def test_stopped_branches_go_on(end):
    """Branches that were stopped with the execution, or because another one failed, wait again."""
    done = Broken()
    definition = machine(("P", parallel(step("a", ("W", WAIT)), step("b"))))
    if end == "time out":
        definition["TimeoutSeconds"] = 50
    execution = start(definition, "x", functions={"a": done, "b": done})
    if end == "stop":
        execution.advance(10)
        execution.stop()
    execution.finish()
    assert execution.status == ("ABORTED" if end == "stop" else "TIMED_OUT")
    execution.redrive()
    execution.advance(20)
    assert done.calls == ["x", "x"]
    if end == "stop":
        assert execution.finish().output == ["x", "x"]


def test_a_branch_that_was_stopped_because_of_another():
    """It was aborted, so it goes on."""
    function, waited = Broken("x"), Broken()
    slow = machine(("Early", task("waited")), ("W", WAIT))
    failing = machine(("V", {"Type": "Wait", "Seconds": 1}), ("F", task("function")))
    execution = start(machine(("P", parallel(slow, failing))), "x", functions={"function": function, "waited": waited}).finish()
    assert "WaitStateAborted" in types(execution)
    function.events = ()
    assert execution.redrive().finish().status == "SUCCEEDED"
    assert (len(waited.calls), execution.duration) == (1, 101)


def test_retriers_run_all_branches():
    """Only a redrive keeps what succeeded: an attempt of a retrier runs all branches, also after a redrive, with new attempts."""
    good, bad = Broken(), Broken("x")
    retry = [{"ErrorEquals": ["ValueError"], "MaxAttempts": 1}]
    execution = start(machine(("P", parallel(step("good"), step("bad"), Retry=retry))), "x", functions={"good": good, "bad": bad}).finish()
    assert (len(good.calls), len(bad.calls)) == (2, 2)
    execution.redrive().finish()
    assert (len(good.calls), len(bad.calls)) == (3, 4)


def test_large_results_run_all_branches():
    """After States.DataLimitExceeded AWS runs the successful branches again."""
    good = Broken()
    execution = start(
        machine(("P", parallel(step("good"), step("big")))), "x", functions={"good": good, "big": lambda event: "x" * 300_000}
    )
    assert execution.finish().error == "States.DataLimitExceeded"
    execution.redrive().finish()
    assert len(good.calls) == 2


def distributed(*states, kind="STANDARD", **fields):
    """A machine with a Distributed Map."""
    config = {"Mode": "DISTRIBUTED", "ExecutionType": kind}
    return machine(("M", {"Type": "Map", "ItemProcessor": {**step(*states), "ProcessorConfig": config}, **fields}))


@pytest.mark.parametrize(("kind", "first"), [("STANDARD", [1, 2, 3, 4]), ("EXPRESS", [1, 2, 2, 3, 4])])
def test_children_of_a_distributed_map(kind, first):
    """Standard child executions go on, Express ones start again; those that had not begun begin."""
    a, b = Broken(), Broken(2)
    execution = start(distributed("a", "b", kind=kind, MaxConcurrency=1), [1, 2, 3, 4], functions={"a": a, "b": b}).finish()
    assert execution.error == "States.ExceedToleratedFailureThreshold"
    b.events = ()
    assert execution.redrive().finish().output == [1, 2, 3, 4]
    assert (sorted(a.calls), b.calls) == (first, [1, 2, 2, 3, 4])
    (run,) = execution.map_runs
    shown = run.describe()
    assert (shown["redriveCount"], shown["status"], shown["itemCounts"]["succeeded"], shown["itemCounts"]["failed"]) == (
        1,
        "SUCCEEDED",
        4,
        0,
    )
    redriven = types(execution).index("MapRunRedriven")
    assert types(execution)[redriven - 1] == "ExecutionRedriven"
    assert execution.history[redriven]["mapRunRedrivenEventDetails"] == {"mapRunArn": run.arn, "redriveCount": 1}


def test_full_histories():
    """An execution whose history has no room cannot be redriven; a child execution stays failed.

    Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html
    """
    broken = Broken(1)
    states = [(f"P{n}", {"Type": "Pass"}) for n in range(10)]
    functions = {"a": broken}
    alone = start(step(*states, "a"), 1, functions=functions).finish()
    parent = start(distributed(*states, "a"), [1, 2], functions=functions).finish()
    broken.events = ()
    with mock.patch("generator.engine.execution.MAX_REDRIVEN_EVENTS", len(alone.history)):
        with pytest.raises(ValueError, match="Execution history event limit exceeded"):
            alone.redrive()
        assert parent.redrive().finish().error == "States.ExceedToleratedFailureThreshold"
    assert parent.redrive().finish().output == [1, 2]
    assert alone.redrive().finish().output == 1


def test_tolerated_failures_run_again():
    """A redrive after a stop runs what failed, what was stopped and what had not begun."""
    f = Broken(1)
    definition = distributed("f", ("W", WAIT), MaxConcurrency=2, ToleratedFailureCount=1)
    execution = start(definition, [1, 2, 3, 4], functions={"f": f})
    execution.advance(50)
    execution.stop()
    (run,) = execution.map_runs
    counts = run.describe()["itemCounts"]
    assert (run.status, counts["failed"], counts["aborted"], counts["running"]) == ("ABORTED", 1, 2, 0)
    f.events = ()
    assert execution.redrive().finish().output == [1, 2, 3, 4]
    assert f.calls == [1, 2, 3, 1, 4]


def test_results_in_files():
    """What failed and then succeeded is among the successes only."""
    files = {}

    class S3:
        def put_object(self, *, Bucket, Key, Body):  # noqa: N803  boto3's names
            files[Key.rsplit("/", 1)[1]] = json.loads(Body if isinstance(Body, bytes) else Body.read())

        def get_object(self, *, Bucket, Key):  # noqa: N803
            return {"Body": io.BytesIO(b"[1, 2, 3]")}

    f = Broken(2)
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b", "Prefix": "p"}}
    reader = {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSON"}, "Parameters": {"Bucket": "b", "Key": "k"}}
    engine = Engine(functions={"f": f}, clients=lambda _: S3())
    execution = engine.start(distributed("f", MaxConcurrency=1, ResultWriter=writer, ItemReader=reader)).finish()
    f.events = ()
    execution.redrive().finish()
    assert execution.status == "SUCCEEDED"
    assert sorted(files) == ["SUCCEEDED_0.json", "manifest.json"]
    assert sorted(json.loads(each["Output"]) for each in files["SUCCEEDED_0.json"]) == [1, 2, 3]


FLOWS = st.recursive(
    st.sampled_from(["task", "wait"]),
    lambda inner: st.one_of(
        st.tuples(st.just("parallel"), st.lists(st.lists(inner, min_size=1, max_size=2), min_size=1, max_size=3)),
        st.tuples(st.sampled_from(["map", "distributed"]), st.lists(inner, min_size=1, max_size=2)),
    ),
    max_leaves=5,
)


def flow(steps, numbers):
    """Return a machine of random steps, whose data is the path to an item."""
    made = []
    for one in steps:
        name = f"S{next(numbers)}"
        if one == "task":
            state = task("work", Parameters={"name": name, "path.$": "$.path"}, ResultPath=None)
        elif one == "wait":
            state = {"Type": "Wait", "Seconds": 5}
        elif one[0] == "parallel":
            state = parallel(*(flow(each, numbers) for each in one[1]), ResultPath=None)
        else:
            selected = {"path.$": "States.Format('{}/{}', $.path, $$.Map.Item.Index)", "items.$": "$.items"}
            config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"} if one[0] == "distributed" else {"Mode": "INLINE"}
            processor = {**flow(one[1], numbers), "ProcessorConfig": config}
            state = {"Type": "Map", "ItemsPath": "$.items", "ItemSelector": selected, "ItemProcessor": processor, "ResultPath": None}
        made.append((name, state))
    return machine(*made)


@settings(max_examples=40, deadline=None)
@given(st.lists(FLOWS, min_size=1, max_size=2), st.integers(0, 2), st.lists(st.integers(1, 12), max_size=3))
def test_nothing_that_succeeded_is_done_again(steps, failures, stops):
    """Whatever failed or was stopped: after enough redrives each task has succeeded once, and the output is that of one run."""
    calls, done = Counter(), Counter()

    def work(event):
        key = event["name"], event["path"]
        calls[key] += 1
        if calls[key] <= failures and zlib.crc32(repr(key).encode()) % 2:
            raise ValueError(key)
        done[key] += 1

    data = {"path": "r", "items": [1, 2]}
    execution = start(flow(steps, itertools.count()), data, functions={"work": work})
    for seconds in stops:
        execution.advance(seconds)
        if execution.done:
            break
        execution.stop()
        execution.redrive()
    for _ in range(60):
        execution.finish()
        if execution.status == "SUCCEEDED":
            break
        execution.redrive()
    assert (execution.status, execution.output) == ("SUCCEEDED", data)
    assert set(done.values()) <= {1}
    again = start(flow(steps, itertools.count()), data, functions={"work": lambda event: None}).finish()
    assert len(again.calls()) == len(done)
