"""States without work of their own, and how data flows through them."""

import boto3
import pytest
from botocore.loaders import Loader

from generator.engine import DefinitionError, InputError, Machine, execute
from tests.support.machines import machine, types, unchecked


def run(definition, document=None, **options):
    """Run a single state, or a machine."""
    whole = definition if isinstance(definition, Machine) or "StartAt" in definition else machine(("S", definition))
    return execute(whole, document, **options)


@pytest.mark.parametrize(
    ("state", "document", "output"),
    [
        ({"Type": "Pass"}, {"a": 1}, {"a": 1}),
        ({"Type": "Pass", "Result": None}, {"a": 1}, None),
        ({"Type": "Pass", "Result": {"x.$": "$.a"}}, {"a": 1}, {"x.$": "$.a"}),
        ({"Type": "Pass", "InputPath": "$.a"}, {"a": 1}, 1),
        ({"Type": "Pass", "InputPath": None}, {"a": 1}, {}),
        ({"Type": "Pass", "Parameters": {"x.$": "$.a", "y": [{"z.$": "States.Array($.a)"}, 2]}}, {"a": 1}, {"x": 1, "y": [{"z": [1]}, 2]}),
        ({"Type": "Pass", "Result": 2, "ResultPath": "$.b.c"}, {"a": 1}, {"a": 1, "b": {"c": 2}}),
        ({"Type": "Pass", "Result": 2, "ResultPath": None}, {"a": 1}, {"a": 1}),
        ({"Type": "Pass", "InputPath": "$.a", "ResultPath": "$.b"}, {"a": 1}, {"a": 1, "b": 1}),
        ({"Type": "Pass", "OutputPath": "$.a"}, {"a": 1}, 1),
        ({"Type": "Pass", "OutputPath": None}, {"a": 1}, {}),
        ({"Type": "Pass", "Parameters": {"x.$": "$.a[*].b"}}, {"a": [{}]}, {"x": []}),
        ({"Type": "Pass", "Parameters": {"n.$": "$$.State.Name", "i.$": "$$.Execution.Input"}}, {"a": 1}, {"n": "S", "i": {"a": 1}}),
        (
            {"Type": "Pass", "QueryLanguage": "JSONata", "Output": {"x": "{% $states.input.a + 1 %}", "y": [1, "z"]}},
            {"a": 1},
            {"x": 2, "y": [1, "z"]},
        ),
        ({"Type": "Pass", "QueryLanguage": "JSONata"}, {"a": 1}, {"a": 1}),
        ({"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $states.context.State.Name %}"}, {}, "S"),
        ({"Type": "Succeed", "InputPath": "$.a", "OutputPath": "$.b"}, {"a": {"b": 2}}, 2),
        ({"Type": "Succeed", "QueryLanguage": "JSONata", "Output": "{% $states.input.a %}"}, {"a": 3}, 3),
    ],
)
def test_data_flow(state, document, output):
    """Each field takes its place in the way from input to output."""
    execution = run(state, document)
    assert execution.status == "SUCCEEDED", execution.cause
    assert execution.output == output


UNEXPECTED = "The JSONata expression ''soon'' specified for the field 'Seconds' returned an unexpected result type. "
ENTERED = "An error occurred while executing the state 'S' (entered at the event id #2). "


@pytest.mark.parametrize(
    ("state", "document", "error", "cause"),
    [
        ({"Type": "Pass", "InputPath": "$.x"}, {}, "States.Runtime", "Invalid path '$.x' : No results for path: $['x']"),
        ({"Type": "Pass", "OutputPath": "$.x.y"}, {}, "States.Runtime", "Invalid path '$.x.y' : Missing property in path $['x']"),
        (
            {"Type": "Pass", "Parameters": {"a.$": "$.x"}},
            {"b": 1},
            "States.Runtime",
            "The JSONPath '$.x' specified for the field 'a.$' could not be found in the input '{\"b\":1}'",
        ),
        (
            {"Type": "Pass", "Result": 1, "ResultPath": "$.a.b"},
            {"a": 1},
            "States.ResultPathMatchFailure",
            'Unable to apply step "b" to input 1',
        ),
        (
            {"Type": "Choice", "Choices": [{"Variable": "$.x", "NumericEquals": 1, "Next": "S"}]},
            {},
            "States.Runtime",
            "Invalid path '$.x': The choice state's condition path references an invalid value.",
        ),
        (
            {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "S"}]},
            {},
            "States.Runtime",
            "Failed to transition out of the state. The state does not point to a next state.",
        ),
        (
            {"Type": "Wait", "SecondsPath": "$.s"},
            {"s": 1.5},
            "States.Runtime",
            "The SecondsPath parameter cannot be parsed as a long value: $.s == 1.5",
        ),
        ({"Type": "Wait", "SecondsPath": "$.s"}, {}, "States.Runtime", "The SecondsPath parameter does not reference an input value: $.s"),
        (
            {"Type": "Pass", "QueryLanguage": "JSONata", "Output": {"a": "{% $states.input.x %}"}},
            {},
            "States.QueryEvaluationError",
            "The JSONata expression '$states.input.x' specified for the field 'Output/a' returned nothing (undefined).",
        ),
        (
            {"Type": "Wait", "QueryLanguage": "JSONata", "Seconds": "{% 'soon' %}"},
            {},
            "States.QueryEvaluationError",
            UNEXPECTED + "Expected 'number', but was 'string' for value: \"soon\"",
        ),
    ],
)
def test_failures(state, document, error, cause):
    """What goes wrong in a state ends the execution with AWS's error and cause."""
    execution = run(unchecked(machine(("S", state))), document)
    assert (execution.status, execution.error, execution.cause) == ("FAILED", error, ENTERED + cause)


@pytest.mark.parametrize(
    ("fields", "document", "error", "cause"),
    [
        ({}, {}, None, None),
        ({"Error": "E", "Cause": "c"}, {}, "E", "c"),
        ({"ErrorPath": "$.e", "CausePath": "States.Format('no {}', $.n)"}, {"e": "E", "n": 1}, "E", "no 1"),
        ({"QueryLanguage": "JSONata", "Error": "{% 'E' & $states.input.n %}", "Cause": "c"}, {"n": 1}, "E1", "c"),
    ],
)
def test_fail(fields, document, error, cause):
    """A Fail state gives its error and cause, computed if need be."""
    execution = run({"Type": "Fail", **fields}, document)
    assert (execution.status, execution.error, execution.cause) == ("FAILED", error, cause)
    assert types(execution) == ["ExecutionStarted", "FailStateEntered", "ExecutionFailed"]


@pytest.mark.parametrize(
    ("rule", "document", "holds"),
    [
        ({"Variable": "$.v", "StringEquals": "a"}, {"v": "a"}, True),
        ({"Variable": "$.v", "StringLessThan": "b"}, {"v": "B"}, True),
        ({"Variable": "$.v", "StringGreaterThan": "\ufb01"}, {"v": "\U0001f600"}, False),
        ({"Variable": "$.v", "StringMatches": r"a*\*"}, {"v": "abc*"}, True),
        ({"Variable": "$.v", "StringMatches": "a*c"}, {"v": "ab"}, False),
        ({"Variable": "$.v", "NumericLessThanEqualsPath": "$.w"}, {"v": 1, "w": 1.0}, True),
        ({"Variable": "$.v", "NumericEquals": 1}, {"v": True}, False),
        ({"Variable": "$.v", "BooleanEquals": True}, {"v": True}, True),
        ({"Variable": "$.v", "BooleanEqualsPath": "$.w"}, {"v": False, "w": 0}, False),
        ({"Variable": "$.v", "TimestampLessThan": "2024-01-01T00:00:00Z"}, {"v": "2024-01-01T00:30:00+01:00"}, True),
        ({"Variable": "$.v", "TimestampEquals": "2024-01-01T00:00:00Z"}, {"v": "2024-01-01"}, False),
        ({"Variable": "$.v", "IsNull": True}, {"v": None}, True),
        ({"Variable": "$.v", "IsNull": False}, {"v": 0}, True),
        ({"Variable": "$.v", "IsString": False}, {"v": 0}, True),
        ({"Variable": "$.v", "IsBoolean": False}, {"v": "true"}, True),
        ({"Variable": "$.v", "IsNumeric": True}, {"v": True}, False),
        ({"Variable": "$.v", "IsTimestamp": True}, {"v": "2024-01-01T00:00:00.123456Z"}, True),
        ({"Variable": "$.v", "IsPresent": False}, {}, True),
        ({"Not": {"Variable": "$.v", "IsPresent": True}}, {}, True),
        ({"And": [{"Variable": "$.v", "IsPresent": True}, {"Variable": "$.v", "NumericEquals": 1}]}, {}, False),
        ({"Or": [{"Variable": "$.v", "NumericEquals": 2}, {"Variable": "$$.State.Name", "StringEquals": "S"}]}, {"v": 1}, True),
    ],
)
def test_choice_rules(rule, document, holds):
    """Comparisons as AWS makes them; values of another type never compare."""
    states = {
        "S": {"Type": "Choice", "Choices": [{**rule, "Next": "Yes"}], "Default": "No"},
        "Yes": {"Type": "Succeed"},
        "No": {"Type": "Succeed"},
    }
    assert run({"StartAt": "S", "States": states}, document).path == ["S", "Yes" if holds else "No"]


def test_choice_in_jsonata():
    """A rule's own output and variables, or the state's where no rule holds."""
    choice = {
        "Type": "Choice",
        "Choices": [
            {"Condition": "{% $states.input.n > 5 %}", "Output": {"big": "{% $states.input.n %}"}, "Assign": {"x": 1}, "Next": "End"}
        ],
        "Default": "End",
        "Output": "small",
        "Assign": {"x": 0},
    }
    definition = machine(
        ("S", choice), ("End", {"Type": "Pass", "Output": {"in": "{% $states.input %}", "x": "{% $x %}"}}), QueryLanguage="JSONata"
    )
    assert run(definition, {"n": 6}).output == {"in": {"big": 6}, "x": 1}
    assert run(definition, {"n": 5}).output == {"in": "small", "x": 0}
    assert (
        "Expected 'boolean', but was 'number' for value: 6"
        in run(
            unchecked(machine(("S", {"Type": "Choice", "Choices": [{"Condition": "{% 6 %}", "Next": "S"}]}), QueryLanguage="JSONata"))
        ).cause
    )


@pytest.mark.parametrize(
    ("fields", "document", "seconds"),
    [
        ({"Seconds": 2592000}, {}, 2592000),
        ({"SecondsPath": "$.s"}, {"s": 0}, 0),
        ({"SecondsPath": "$.s"}, {"s": 90}, 90),
        ({"Timestamp": "2025-01-01T00:01:00Z"}, {}, 60),
        ({"TimestampPath": "$.t"}, {"t": "2024-01-01T00:00:00Z"}, 0),
        ({"QueryLanguage": "JSONata", "Seconds": "{% $states.input.s * 2 %}"}, {"s": 5}, 10),
        ({"QueryLanguage": "JSONata", "Timestamp": "{% '2025-01-01T00:00:10Z' %}"}, {}, 10),
    ],
)
def test_wait(fields, document, seconds):
    """Time passes virtually; a moment in the past is no wait."""
    execution = run({"Type": "Wait", **fields}, document)
    assert (execution.status, execution.duration, execution.output) == ("SUCCEEDED", seconds, document)


def test_variables():
    """Variables are read as they were when the state began, and live on in later states."""
    definition = machine(
        ("A", {"Type": "Pass", "Assign": {"x": 1, "y.$": "$.in"}}),
        ("B", {"Type": "Pass", "Assign": {"x": 2, "old.$": "$x"}, "OutputPath": "$x"}),
        ("C", {"Type": "Pass", "Parameters": {"x.$": "$x", "old.$": "$old", "y.$": "States.Format('{}!', $y)"}}),
    )
    execution = run(definition, {"in": "hey"})
    assert execution.output_of("B") == 1
    assert execution.output == {"x": 2, "old": 1, "y": "hey!"}
    assert execution.history[4]["stateExitedEventDetails"]["assignedVariables"] == {"x": "2", "old": "1"}
    assert execution.visits("B")[0].assigned == {"x": 2, "old": 1}


def test_history_has_the_shape_of_boto3():
    """Types, ids, texts and times are those of get_execution_history."""
    execution = run({"Type": "Pass", "Result": {"ü": 1}}, {"a": 1})
    started, entered, exited, succeeded = execution.history
    assert [event["id"] for event in execution.history] == [1, 2, 3, 4]
    assert [event["previousEventId"] for event in execution.history] == [0, 0, 2, 3]
    assert entered["stateEnteredEventDetails"] == {"name": "S", "input": '{"a":1}', "inputDetails": {"truncated": False}}
    assert exited["stateExitedEventDetails"]["output"] == succeeded["executionSucceededEventDetails"]["output"] == '{"ü":1}'
    assert started["timestamp"].isoformat() == "2025-01-01T00:00:00+00:00"
    model = Loader(extra_search_paths=[boto3.__path__[0]]).load_service_model("stepfunctions", "service-2")
    known = model["shapes"]["HistoryEvent"]["members"]
    assert all(set(event) <= set(known) for event in execution.history)


@pytest.mark.parametrize(
    "definition",
    [
        "{",
        "[]",
        {},
        {"StartAt": "A", "States": {}},
        {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}},
        {"StartAt": "A", "States": {"A": {"Type": "Nap"}}},
        {"StartAt": "A", "States": {"A": {"Type": "Task"}}},
        {"StartAt": "A", "States": {"A": {"Type": "Pass", "InputPath": "a"}}},
        {"StartAt": "A", "States": {"A": {"Type": "Pass", "Parameters": {"x.$": "States.Nothing()"}}}},
        {"StartAt": "A", "States": {"A": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% 1 + %}"}}},
        {"StartAt": "A", "States": {"A": {"Type": "Choice", "Choices": [{"Variable": "$.a", "Next": "A"}]}}},
        {"StartAt": "A", "States": {"A": {"Type": "Map", "ItemProcessor": {"StartAt": "X", "States": {}}}}},
        {"StartAt": "A", "States": {"A": 1}},
    ],
)
def test_broken_definitions(definition):
    """What cannot be run is said so before anything runs."""
    with pytest.raises(DefinitionError):
        execute(definition)


def test_input_limit():
    """An input is JSON of at most 256 KiB."""
    with pytest.raises(InputError):
        run({"Type": "Pass"}, "x" * 262_143)
    with pytest.raises(InputError):
        run({"Type": "Pass"}, {"a": object()})
    assert run({"Type": "Pass"}, "x" * 262_142).status == "SUCCEEDED"


def test_output_limit():
    """A state's output is limited as the input is, in bytes of UTF-8."""
    definition = {"Type": "Pass", "Parameters": {"a.$": "$", "b.$": "$"}}
    assert run(definition, "x" * 140_000).error == "States.DataLimitExceeded"
    assert run(definition, "ü" * 60_000).status == "SUCCEEDED"
    assert run(definition, "ü" * 70_000).error == "States.DataLimitExceeded"


def test_history_limit():
    """A machine that never ends fails when its history is full; an express one when its time is up."""
    endless = unchecked({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "A"}}})
    execution = run(endless)
    assert (execution.status, execution.error) == ("FAILED", "States.Runtime")
    assert len(execution.history) == 25_000
    assert run(endless, type="EXPRESS").status == "TIMED_OUT"


def test_many_states():
    """Ten thousand states are no problem."""
    states = {f"S{n}": {"Type": "Pass", "Next": f"S{n + 1}"} for n in range(10_000)}
    execution = run({"StartAt": "S0", "States": {**states, "S10000": {"Type": "Succeed"}}})
    assert (execution.status, execution.transitions) == ("SUCCEEDED", 10_001)


@pytest.mark.parametrize(("type_", "limit"), [("STANDARD", 365 * 86400), ("EXPRESS", 300)])
def test_execution_time_limit(type_, limit):
    """An execution that waits too long times out, without error and cause."""
    execution = run({"Type": "Wait", "Seconds": 400 * 86400}, type=type_)
    assert (execution.status, execution.error, execution.cause, execution.duration) == ("TIMED_OUT", None, None, limit)
    timed = run(machine(("S", {"Type": "Wait", "Seconds": 100}), TimeoutSeconds=10))
    assert (timed.status, timed.duration, types(timed)[-1]) == ("TIMED_OUT", 10, "ExecutionTimedOut")
    # Measured: floci-io/floci#2733 and #2782, 2026-08
    assert (timed.error, timed.cause, timed.history[-1]["previousEventId"]) == (None, None, 0)
    assert timed.history[-1]["executionTimedOutEventDetails"] == {"error": "States.Timeout"}


@pytest.mark.parametrize("value", [9007199254740993, 1.5, None, [], [1], [[]], {"b": [1]}, "x", True])
def test_plain_paths_of_jsonata(value):
    """A plain path returns the value as it is, and so does an expression: whole numbers of 64 bits are exact on AWS's JVM."""
    state = {"Type": "Pass", "QueryLanguage": "JSONata", "Output": ["{% $states.input.a %}", "{% ($states.input.a) %}"]}
    plain, evaluated = execute(machine(("P", state)), {"a": value}).output
    assert plain == value
    assert evaluated == value


def test_paths_of_jsonata_through_arrays():
    """A path through an array collects, whatever is missing is undefined, a variable is read."""
    state = {"Type": "Pass", "QueryLanguage": "JSONata", "Assign": {"v": "{% $states.input %}"}, "Output": "{% $states.input.a.b %}"}
    last = {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $v.a.b %}"}
    assert execute(machine(("P", state), ("Q", last)), {"a": [{"b": 1}, {"b": 2}]}).output == [1, 2]
    assert execute(machine(("P", state)), {"a": {}}).error == "States.QueryEvaluationError"


YEAR = 365 * 86_400


@pytest.mark.parametrize(
    ("fields", "value", "seconds"),
    [
        ({"Timestamp": "2024-12-31T23:59:59Z"}, None, 0),
        ({"Timestamp": "0001-01-01T00:00:00Z"}, None, 0),
        ({"Timestamp": "2025-01-01T00:00:01.250Z"}, None, 1.25),
        ({"TimestampPath": "$.t"}, "2025-01-01T02:00:05+02:00", 5),
        ({"TimestampPath": "$.t"}, "2024-12-31T23:00:00-01:00", 0),
        ({"TimestampPath": "$.t"}, "9999-12-31T23:59:59.999999Z", YEAR),
        ({"SecondsPath": "$.t"}, 99_999_999, YEAR),
        ({"SecondsPath": "$.t"}, "7", 7),
        ({"SecondsPath": "$.t"}, 0, 0),
    ],
)
def test_waits_near_their_limits(fields, value, seconds):
    """A moment in the past does not wait; one that is too far ends the execution after a year."""
    execution = execute(machine(("W", {"Type": "Wait", **fields})), {"t": value})
    assert (execution.status, execution.duration) == ("TIMED_OUT" if seconds == YEAR else "SUCCEEDED", seconds)


@pytest.mark.parametrize("value", [-1, 1.5, 2**31, "1.5", True, None, [], {}])
def test_seconds_that_are_none(value):
    """They fail the state before it waits."""
    execution = execute(machine(("W", {"Type": "Wait", "SecondsPath": "$.t"})), {"t": value})
    assert (execution.error, execution.duration) == ("States.Runtime", 0)
    assert "The SecondsPath parameter " in execution.cause
