"""Inline Map and Parallel states."""

import pytest

from generator.engine import execute
from tests.support.machines import failing, machine, task, types


def inline(processor, **fields):
    """A Map state around a machine."""
    return {"Type": "Map", "ItemProcessor": processor, **fields}


PASS = machine(("Item", {"Type": "Pass"}))


@pytest.mark.parametrize(
    ("fields", "document", "output"),
    [
        ({}, [1, 2, 3], [1, 2, 3]),
        ({}, [], []),
        ({"ItemsPath": "$.l"}, {"l": ["a"]}, ["a"]),
        ({"InputPath": "$.x", "ItemsPath": "$.l", "ResultPath": "$.r"}, {"x": {"l": [1]}}, {"x": {"l": [1]}, "r": [1]}),
        (
            {"ItemsPath": "$.l", "ItemSelector": {"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value.k", "o.$": "$.o"}},
            {"l": [{"k": 5}], "o": "x"},
            [{"i": 0, "v": 5, "o": "x"}],
        ),
        ({"Parameters": {"v.$": "$$.Map.Item.Value"}}, [1], [{"v": 1}]),
        ({"ResultSelector": {"n.$": "States.ArrayLength($)"}}, [1, 2], {"n": 2}),
    ],
)
def test_map_in_jsonpath(fields, document, output):
    """Items, selection and results go their way."""
    execution = execute(machine(("M", inline(PASS, **fields))), document)
    assert execution.status == "SUCCEEDED", execution.cause
    assert execution.output == output


def test_map_in_jsonata():
    """Items and selector are expressions, the result is in $states.result."""
    processor = machine(("Item", {"Type": "Pass", "Output": "{% $states.input.v * $factor %}"}))
    fields = {
        "Items": "{% $states.input.l %}",
        "ItemSelector": {"v": "{% $states.context.Map.Item.Value %}"},
        "Output": "{% $sum($states.result) %}",
    }
    definition = machine(("A", {"Type": "Pass", "Assign": {"factor": 10}}), ("M", inline(processor, **fields)), QueryLanguage="JSONata")
    assert execute(definition, {"l": [1, 2]}).output == 30


@pytest.mark.parametrize(
    ("items", "error", "cause"),
    [
        ({"ItemsPath": "$.l"}, "States.Runtime", 'Reference path "$.l" must point to array.'),
        (
            {"QueryLanguage": "JSONata", "Items": "{% $states.input.l %}"},
            "States.QueryEvaluationError",
            "returned an unexpected result type. Expected 'array', but was 'number' for value: 1",
        ),
    ],
)
def test_items_must_be_an_array(items, error, cause):
    """Anything else fails the state."""
    execution = execute(machine(("M", inline(PASS, **items))), {"l": 1})
    assert execution.error == error
    assert execution.cause.endswith(cause)
    assert types(execution)[-2:] == ["MapStateFailed", "ExecutionFailed"]


def test_events_of_a_map():
    """Iterations follow each other with concurrency 1; the events point to those before them."""
    execution = execute(machine(("M", inline(PASS, MaxConcurrency=1))), ["a", "b"])
    shown = [(event["type"], event["previousEventId"]) for event in execution.history]
    assert shown == [
        ("ExecutionStarted", 0),
        ("MapStateEntered", 0),
        ("MapStateStarted", 2),
        ("MapIterationStarted", 3),
        ("PassStateEntered", 4),
        ("PassStateExited", 5),
        ("MapIterationSucceeded", 6),
        ("MapIterationStarted", 6),
        ("PassStateEntered", 8),
        ("PassStateExited", 9),
        ("MapIterationSucceeded", 10),
        ("MapStateSucceeded", 11),
        ("MapStateExited", 11),
        ("ExecutionSucceeded", 13),
    ]


@pytest.mark.parametrize(("concurrency", "seconds"), [(1, 60), (2, 40), (3, 30), (0, 30)])
def test_concurrency(concurrency, seconds):
    """Iterations wait side by side, as many as allowed."""
    processor = machine(("W", {"Type": "Wait", "SecondsPath": "$"}))
    execution = execute(machine(("M", inline(processor, MaxConcurrency=concurrency))), [10, 20, 30])
    assert (execution.duration, execution.output) == (seconds, [10, 20, 30])


def test_concurrency_from_the_input():
    """MaxConcurrencyPath and its JSONata form."""
    processor = machine(("W", {"Type": "Wait", "Seconds": 10}))
    by_path = machine(("M", inline(processor, ItemsPath="$.l", MaxConcurrencyPath="$.n")))
    assert execute(by_path, {"l": [1, 2], "n": 1}).duration == 20
    by_query = machine(("M", inline(processor, Items=[1, 2], MaxConcurrency="{% $states.input.n %}")), QueryLanguage="JSONata")
    assert execute(by_query, {"n": 2}).duration == 10


def test_a_failing_iteration_stops_the_others():
    """The map fails with the iteration's error; those that wait are aborted."""
    choice = {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 2, "Next": "Bad"}], "Default": "Slow"}
    processor = machine(
        ("C", choice), ("Slow", {"Type": "Wait", "Seconds": 99, "End": True}), ("Bad", {"Type": "Fail", "Error": "E", "Cause": "two"})
    )
    catch = [{"ErrorEquals": ["E"], "Next": "Caught"}]
    execution = execute(machine(("M", inline(processor, Catch=catch)), ("Caught", {"Type": "Pass"})), [1, 2, 3])
    assert execution.output == {"Error": "E", "Cause": "two"}
    assert execution.duration == 0
    assert [kind for kind in types(execution) if kind.endswith("Aborted")] == ["WaitStateAborted", "MapIterationAborted"]
    assert types(execution).count("MapIterationStarted") == 2


def test_a_map_is_tried_again_as_a_whole():
    """A retrier on the map starts all iterations anew."""
    calls = []

    def handler(event, context):
        calls.append(event)
        if len(calls) < 3:
            raise ValueError
        return event

    retry = [{"ErrorEquals": ["ValueError"], "MaxAttempts": 5}]
    execution = execute(machine(("M", inline(machine(("F", task("f"))), MaxConcurrency=1, Retry=retry))), [7, 8], functions={"f": handler})
    assert (execution.output, calls) == ([7, 8], [7, 7, 7, 8])
    assert types(execution).count("MapStateStarted") == 3


def test_variables_stay_inside():
    """Iterations see the variables outside; what they assign ends with them."""
    inner = machine(("A", {"Type": "Pass", "Assign": {"mine.$": "$x"}}), ("B", {"Type": "Pass", "Parameters": {"m.$": "$mine"}}))
    definition = machine(
        ("S", {"Type": "Pass", "Assign": {"x": 5}}),
        ("M", inline(inner)),
        ("E", {"Type": "Pass", "Parameters": {"x.$": "$x", "m.$": "$mine"}}),
    )
    execution = execute(definition, [1])
    assert execution.output_of("M") == [{"m": 5}]
    assert execution.error == "States.Runtime"


def test_maps_in_maps():
    """The innermost item is the one in the Context object."""
    inner = inline(machine(("P", {"Type": "Pass", "Parameters": {"i.$": "$$.Map.Item.Index"}})))
    assert execute(machine(("M", inline(machine(("N", inner))))), [[1, 2], [3]]).output == [[{"i": 0}, {"i": 1}], [{"i": 0}]]


def test_parallel():
    """Branches get the same input and give their outputs in order; they wait side by side."""
    branches = [
        machine(("A", {"Type": "Wait", "Seconds": 30})),
        machine(("B", {"Type": "Wait", "Seconds": 20}), ("B2", {"Type": "Pass", "Result": 2})),
    ]
    parallel = {"Type": "Parallel", "Branches": branches, "Parameters": {"n.$": "$.a"}, "ResultPath": "$.r"}
    execution = execute(machine(("P", parallel)), {"a": 1})
    assert (execution.output, execution.duration) == ({"a": 1, "r": [{"n": 1}, 2]}, 30)
    assert types(execution)[1:3] == ["ParallelStateEntered", "ParallelStateStarted"]
    assert types(execution)[-3:] == ["ParallelStateSucceeded", "ParallelStateExited", "ExecutionSucceeded"]


def test_parallel_in_jsonata():
    """Arguments in, $states.result out."""
    parallel = {
        "Type": "Parallel",
        "Branches": [machine((name, {"Type": "Pass", "Output": "{% $states.input.n + $n %}"})) for name in "AB"],
        "Arguments": {"n": "{% $states.input.a %}"},
        "Output": "{% $sum($states.result) %}",
    }
    definition = machine(("V", {"Type": "Pass", "Assign": {"n": 10}}), ("P", parallel), QueryLanguage="JSONata")
    assert execute(definition, {"a": 1}).output == 22


def test_a_failing_branch_fails_the_parallel():
    """The other branches are stopped where they wait."""
    branches = [machine(("A", {"Type": "Wait", "Seconds": 30})), machine(("B", task("f")))]
    execution = execute(machine(("P", {"Type": "Parallel", "Branches": branches})), functions={"f": failing()})
    assert (execution.error, execution.duration) == ("Broken", 0)
    assert types(execution)[-3:] == ["WaitStateAborted", "ParallelStateFailed", "ExecutionFailed"]


def test_a_full_history_ends_a_map():
    """A map with more events than a history holds fails, and says why."""
    execution = execute(machine(("M", inline(PASS))), [0] * 7000)
    assert (execution.status, execution.error) == ("FAILED", "States.Runtime")
    assert execution.cause == "The execution reached the maximum number of history events (25000)."
    assert len(execution.history) == 25_000


@pytest.mark.parametrize("kind", ["Parallel", "Map"])
def test_a_runtime_error_in_a_branch_ends_the_execution(kind):
    """Its history has no event of the states around the branch: measured in floci-io/floci#2868."""
    inner = machine(("Fast", {"Type": "Pass", "Parameters": {"m.$": "$.nope"}}))
    waiting = machine(("Slow", {"Type": "Wait", "Seconds": 9}))
    state = {"Type": "Parallel", "Branches": [waiting, inner]} if kind == "Parallel" else inline(inner)
    execution = execute(machine(("P", state)), [{}] if kind == "Map" else {"x": "a"})
    begun = ["WaitStateEntered"] if kind == "Parallel" else ["MapIterationStarted"]
    assert types(execution)[2:] == [f"{kind}StateStarted", *begun, "PassStateEntered", "ExecutionFailed"]
    assert "executing the state 'Fast' (entered at the event id #" in execution.cause


def test_no_event_follows_an_aborted_state():
    """As AWS chains them: floci-io/floci#3167."""
    item = machine(("W", {"Type": "Wait", "SecondsPath": "$"}), ("F", {"Type": "Fail", "Error": "E"}))
    history = execute(machine(("M", inline(item))), [1, 5]).history
    aborted = next(event for event in history if event["type"] == "WaitStateAborted")
    iteration = next(event for event in history if event["type"] == "MapIterationAborted")
    assert iteration["previousEventId"] == aborted["previousEventId"]
