"""What holds for every workflow."""

import copy
import itertools
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.engine import DefinitionError, RealClock, execute
from tests.support.machines import machine, task, unchecked

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False, allow_infinity=False, width=16) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
PATH = st.sampled_from(["$", "$.a", "$.a.b", "$.a[0]", "$..b", "$.a[*]", "$$.State.Name", "$$.Map.Item.Value", "$x", "$.l"])
TEMPLATE = st.recursive(
    JSON | st.builds(lambda path: {"v.$": path}, PATH) | st.just({"v.$": "States.MathAdd($.a, 1)"}) | st.just({"u.$": "States.UUID()"}),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
    max_leaves=3,
)
QUERY = st.sampled_from(
    ["{% $states.input %}", "{% $states.input.a %}", "{% $x %}", "{% $states.input.a + 1 %}", "{% $range(1, 3, 1) %}", "{% $random() %}"]
)
ERRORS = st.lists(
    st.sampled_from(["Boom", "States.TaskFailed", "States.Timeout", "States.Runtime"]), min_size=1, max_size=2, unique=True
) | st.just(["States.ALL"])
RETRIER = st.fixed_dictionaries(
    {"ErrorEquals": ERRORS},
    optional={
        "MaxAttempts": st.integers(0, 3),
        "IntervalSeconds": st.integers(1, 5),
        "BackoffRate": st.floats(1, 3),
        "JitterStrategy": st.sampled_from(["FULL", "NONE"]),
    },
)
RETRY = st.lists(RETRIER, max_size=2)


@st.composite
def states(draw, names, depth, jsonata):
    """One state, with transitions to any of the names."""
    kinds = ["Pass", "Pass", "Task", "Wait", "Choice", "Succeed", "Fail"] + (["Map", "Parallel"] if depth else [])
    kind = draw(st.sampled_from(kinds))
    state = {"Type": kind}
    if kind == "Fail":
        return {**state, "Error": draw(st.sampled_from(["Boom", "Other"]))}
    if kind == "Choice":
        target = draw(st.sampled_from(names))
        condition = {"Condition": draw(st.sampled_from(["{% true %}", "{% $states.input.a = 1 %}", "{% $x %}"]))}
        rule = (
            condition
            if jsonata
            else {"Variable": draw(PATH), draw(st.sampled_from(["IsPresent", "IsNull", "IsString"])): draw(st.booleans())}
        )
        return {
            **state,
            "Choices": [{**rule, "Next": target}],
            **({"Default": draw(st.sampled_from(names))} if draw(st.booleans()) else {}),
        }
    if kind != "Succeed":
        if draw(st.booleans()):
            state["Next"] = draw(st.sampled_from(names))
        else:
            state["End"] = True
        if draw(st.integers(0, 3)) == 0:
            state["Assign"] = {"x": draw(QUERY)} if jsonata else {"x.$": draw(PATH)}
    if jsonata:
        if draw(st.booleans()):
            state["Output"] = draw(QUERY | JSON)
    else:
        for field in ("InputPath", "OutputPath"):
            if draw(st.integers(0, 4)) == 0:
                state[field] = draw(PATH | st.none())
    if kind == "Wait":
        state["Seconds"] = draw(st.integers(0, 10_000))
    if kind == "Pass" and not jsonata and draw(st.booleans()):
        state["Parameters"] = draw(st.dictionaries(st.sampled_from("abl"), TEMPLATE, max_size=2))
    if kind in {"Pass", "Task", "Map", "Parallel"} and not jsonata and draw(st.booleans()):
        state["ResultPath"] = draw(st.sampled_from(["$", "$.a", "$.r.s", None]))
    if kind == "Task":
        state["Resource"] = task(draw(st.sampled_from(["echo", "boom"])))["Resource"]
    if kind == "Map":
        state["ItemProcessor"] = draw(machines(depth - 1, jsonata))
        state["MaxConcurrency"] = draw(st.integers(0, 3))
        state["Items" if jsonata else "ItemsPath"] = draw(QUERY) if jsonata else draw(st.sampled_from(["$", "$.l", "$.a[*]"]))
    if kind == "Parallel":
        state["Branches"] = [draw(machines(depth - 1, jsonata)) for _ in range(draw(st.integers(1, 2)))]
    if kind in {"Task", "Map", "Parallel"}:
        state["Retry"] = draw(RETRY)
        if draw(st.booleans()):
            state["Catch"] = [{"ErrorEquals": draw(ERRORS), "Next": draw(st.sampled_from(names))}]
    return state


@st.composite
def machines(draw, depth=1, jsonata=None):
    """A whole machine."""
    if jsonata is None:
        jsonata = draw(st.booleans())
        top = {"QueryLanguage": "JSONata"} if jsonata else {}
    else:
        top = {}
    names = [f"S{n}" for n in range(draw(st.integers(1, 4)))]
    return {"StartAt": "S0", "States": {name: draw(states(names, depth, jsonata)) for name in names}, **top}


def boom(event):
    """Always fail."""
    raise type("Boom", (Exception,), {})


FUNCTIONS = {"echo": lambda event: event, "boom": boom}
SHORT = 1_000  # a short history, so that workflows that go in circles end soon
ENDS = {"ExecutionSucceeded": "SUCCEEDED", "ExecutionFailed": "FAILED", "ExecutionTimedOut": "TIMED_OUT"}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(machines(), JSON)
def test_any_workflow_ends(definition, document):
    """Any workflow terminates, the same way each time; its history is well formed; nothing it was given is changed."""
    with mock.patch("generator.engine.frame.MAX_EVENTS", SHORT):
        check(definition, document)


def check(definition, document):
    """Run a workflow twice and look at what came of it."""
    before = copy.deepcopy((definition, document))
    execution = execute(unchecked(definition), document, functions=FUNCTIONS)
    assert (definition, document) == before
    history = execution.history
    assert len(history) <= SHORT
    assert [event["id"] for event in history] == list(range(1, len(history) + 1))
    assert all(event["previousEventId"] < event["id"] for event in history)
    assert ENDS[history[-1]["type"]] == execution.status
    assert all(a["timestamp"] <= b["timestamp"] for a, b in itertools.pairwise(history))
    entered = sum(event["type"].endswith("StateEntered") for event in history)
    left = sum(event["type"].endswith("StateExited") for event in history)
    assert left <= entered
    if execution.status == "SUCCEEDED":
        assert entered == left or any(event["type"].endswith(("Failed", "Aborted")) for event in history)
    again = execute(unchecked(definition), document, functions=FUNCTIONS)
    assert (again.history, again.output, again.error, again.cause) == (history, execution.output, execution.error, execution.cause)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 50), max_size=8), st.integers(0, 4), st.booleans())
def test_concurrency_changes_only_time(seconds, concurrency, distributed):
    """The output of a Map does not depend on MaxConcurrency."""
    processor = machine(("W", {"Type": "Wait", "SecondsPath": "$"}), ("F", task("echo")))
    if distributed:
        processor["ProcessorConfig"] = {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}
    state = {"Type": "Map", "ItemProcessor": processor, "MaxConcurrency": concurrency}
    execution = execute(machine(("M", state)), seconds, functions=FUNCTIONS)
    assert execution.output == seconds
    assert max(seconds, default=0) <= execution.duration <= sum(seconds)


@settings(max_examples=50, deadline=None)
@given(st.lists(RETRIER, min_size=1, max_size=2))
def test_a_retry_never_exceeds_its_attempts(retry):
    """A task runs once and then as often as its retriers allow."""
    execution = execute(unchecked(machine(("F", task("boom", Retry=retry)))), functions=FUNCTIONS)
    attempts = sum(event["type"] == "LambdaFunctionScheduled" for event in execution.history)
    first = next((r for r in retry if {"Boom", "States.ALL", "States.TaskFailed"} & set(r["ErrorEquals"])), None)
    assert attempts == 1 + (first.get("MaxAttempts", 3) if first else 0)


@pytest.mark.parametrize("seed", [0, 1])
def test_clocks_agree(seed):
    """Virtual and real clock give the same events and the same output."""
    waits = {
        "Type": "Map",
        "ItemProcessor": machine(("W", {"Type": "Wait", "Timestamp": "2020-01-01T00:00:00Z"}), ("F", task("echo"))),
        "MaxConcurrency": 2,
    }
    definition = machine(("M", waits), ("P", {"Type": "Pass", "Parameters": {"id.$": "States.UUID()", "m.$": "$"}}))
    virtual = execute(definition, [1, 2, 3], functions=FUNCTIONS, seed=seed)
    real = execute(definition, [1, 2, 3], functions=FUNCTIONS, seed=seed, clock=RealClock())
    assert real.output == virtual.output
    assert [event["type"] for event in real.history] == [event["type"] for event in virtual.history]


WHOLE = {
    "StartAt": "A",
    "TimeoutSeconds": 99,
    "States": {
        "A": {
            **task("echo", TimeoutSeconds=5, ResultPath="$.r"),
            "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}],
            "Next": "B",
        },
        "B": {"Type": "Choice", "Choices": [{"And": [{"Variable": "$.a", "IsPresent": True}], "Next": "C"}], "Default": "C"},
        "C": {"Type": "Wait", "Seconds": 3, "Next": "D"},
        "D": {
            "Type": "Map",
            "ItemsPath": "$.l",
            "MaxConcurrencyPath": "$.a",
            "ItemSelector": {"v.$": "$$.Map.Item.Value"},
            "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, **machine(("P", {"Type": "Pass", "Assign": {"z.$": "$.v"}}))},
            "ItemBatcher": {"MaxItemsPerBatch": 2},
            "ToleratedFailureCount": 1,
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "E"}],
            "Next": "E",
        },
        "E": {"Type": "Fail", "Error": "x", "Cause": "y"},
    },
}
ODD = JSON | st.sampled_from(
    ["$", "$.a", "$$", "{% 1 %}", "{% -1 %}", "{% 'a' %}", "States.UUID()", "${x}", "Pass", "Map", "JSONata", 1e300]
)


def places(value):
    """Every member of a JSON value, as container and key."""
    stack = [value]
    while stack:
        container = stack.pop()
        for key in container if isinstance(container, dict) else range(len(container)):
            yield container, key
            if isinstance(container[key], (dict, list)):
                stack.append(container[key])


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_mangled_definition_is_refused_or_runs(data):
    """Whatever is put in place of a part of a definition, the engine refuses it or runs it to an end."""
    definition = copy.deepcopy(WHOLE)
    for _ in range(data.draw(st.integers(1, 2))):
        found = list(places(definition))
        container, key = found[data.draw(st.integers(0, len(found) - 1))]
        container[key] = data.draw(ODD)
        if not definition.get("States"):
            break
    with mock.patch("generator.engine.frame.MAX_EVENTS", SHORT):
        try:
            execution = execute(definition, {"a": 1, "l": [1, 2, 3]}, functions=FUNCTIONS)
        except DefinitionError:
            return
    assert execution.status in {"SUCCEEDED", "FAILED", "TIMED_OUT"}
    assert execution.error != "Local.EngineError"


def test_deep_nesting():
    """Data and definitions that are nested without end are refused."""
    circle = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Parameters": {"a.$": "$"}, "Next": "A"}}}
    assert execute(unchecked(circle), {}).error == "States.DataLimitExceeded"
    inner = machine(("P", {"Type": "Pass"}))
    for depth in range(300):
        inner = machine((f"P{depth}", {"Type": "Parallel", "Branches": [inner]}))
    with pytest.raises(DefinitionError):
        execute(inner)
