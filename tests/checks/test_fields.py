"""Fields, errors, expressions and workflow types: the rules and their limits."""

from __future__ import annotations

import json
from typing import Any

import pytest

from generator.checks.fields import is_timestamp
from generator.checks.jsonata_scope import references
from generator.checks.validate import validate_text
from generator.diagnostics.codes import CODES

RESOURCE = "arn:aws:lambda:us-east-1:123456789012:function:f"


def codes(state: dict[str, Any], *, language: str = "JSONPath", workflow_type: Any = "STANDARD") -> list[str]:
    """Validate a machine with one state, and a Fail state if the first one refers to it; return the codes.

    Data flow has tests of its own: the fields here read variables that nothing assigns.
    """
    states = {"A": state if state["Type"] in ("Succeed", "Fail", "Choice") else {**state, "End": True}}
    if '"F"' in json.dumps(state):
        states["F"] = {"Type": "Fail"}
    text = json.dumps({"QueryLanguage": language, "StartAt": "A", "States": states})
    return [d.code for d in validate_text(text, "x.json", workflow_type=workflow_type) if CODES[d.code].theme != "data flow"]


def task(**fields: Any) -> dict[str, Any]:
    """Make a task."""
    return {"Type": "Task", "Resource": RESOURCE, **fields}


def inline(**fields: Any) -> dict[str, Any]:
    """Make an inline Map."""
    return {"Type": "Map", "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Succeed"}}}, **fields}


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("2026-01-31T12:00:00Z", True),
        ("2026-01-31T12:00:00.000000001Z", True),
        ("2026-01-31T12:00:00+05:30", True),
        ("2024-02-29T00:00:00Z", True),
        ("2100-02-29T00:00:00Z", False),
        ("2026-01-31t12:00:00z", False),
        ("2026-01-31T12:00:00", False),
        ("2026-01-31T12:00Z", False),
        ("2026-01-31T24:00:00Z", False),
        ("2026-00-31T12:00:00Z", False),
        ("2026-01-31T12:00:00+24:00", False),
        ("2026-01-31T12:00:00Z\n", False),
        ("٢٠٢٦-01-31T12:00:00Z", False),
        ("0000-01-01T00:00:00Z", False),
        ("", False),
    ],
)
def test_timestamps(text: str, *, valid: bool) -> None:
    """RFC 3339 as the language has it, and dates that exist."""
    assert is_timestamp(text) is valid


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        # Timestamps in Wait and in rules
        ({"Type": "Wait", "Timestamp": "tomorrow"}, ["SFN019"]),
        ({"Type": "Wait", "Timestamp": "{% $now() %}"}, ["SFN019"]),
        ({"Type": "Choice", "Choices": [{"Not": {"And": [{"Variable": "$.t", "TimestampEquals": "1"}]}, "Next": "F"}]}, ["SFN019"]),
        # One way to wait
        ({"Type": "Wait"}, ["SFN018"]),
        ({"Type": "Wait", "Seconds": 1, "Timestamp": "2026-01-31T12:00:00Z"}, ["SFN018"]),
        ({"Type": "Wait", "Seconds": 0}, []),
        ({"Type": "Wait", "Seconds": -1}, ["SFN013"]),
        ({"Type": "Wait", "Seconds": 1.5}, ["SFN012"]),
        ({"Type": "Wait", "Seconds": 99_999_999}, []),
        ({"Type": "Wait", "Seconds": 100_000_000}, ["SFN013"]),
        # Errors
        (task(Retry=[{"ErrorEquals": []}]), ["SFN013"]),
        (task(Retry=[{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["States.ALL"]}]), ["SFN110"]),
        (task(Retry=[{"ErrorEquals": ["X"]}, {"ErrorEquals": ["X", "Y"]}]), []),
        (task(Retry=[{"ErrorEquals": ["X", "Y"]}, {"ErrorEquals": ["Y"]}]), ["SFN111"]),
        (task(Retry=[{"ErrorEquals": ["States.TaskFailed"]}, {"ErrorEquals": ["States.Timeout"]}]), []),
        (task(Retry=[{"ErrorEquals": ["X"], "MaxAttempts": 0}]), []),
        (task(Retry=[{"ErrorEquals": ["X"], "IntervalSeconds": 0}]), ["SFN013"]),
        (task(Catch=[{"ErrorEquals": ["States.Nothing"], "Next": "F"}]), ["SFN112"]),
        (task(Catch=[{"ErrorEquals": ["X"]}]), ["SFN011"]),
        # Timeouts
        (task(TimeoutSeconds=10, HeartbeatSeconds=10), ["SFN022"]),
        (task(HeartbeatSeconds=10), []),
        (task(TimeoutSeconds=10, TimeoutSecondsPath="$.t"), ["SFN018"]),
        # Paths
        ({"Type": "Pass", "InputPath": None, "OutputPath": "$$.Map.Item.Index"}, []),
        ({"Type": "Pass", "InputPath": "$.a[?(@.b > 3)].c"}, []),
        ({"Type": "Pass", "InputPath": "$orders[0]"}, []),
        ({"Type": "Pass", "InputPath": "$.a["}, ["SFN201"]),
        ({"Type": "Pass", "InputPath": "States.UUID()"}, ["SFN201"]),
        ({"Type": "Pass", "ResultPath": "$.a.b[1]"}, []),
        ({"Type": "Pass", "ResultPath": "$..a"}, ["SFN202"]),
        ({"Type": "Pass", "ResultPath": "$$.a"}, ["SFN202"]),
        ({"Type": "Pass", "ResultPath": "$a"}, ["SFN202"]),
        ({"Type": "Choice", "Choices": [{"Variable": "x", "IsNull": True, "Next": "F"}]}, ["SFN201"]),
        ({"Type": "Choice", "Choices": [{"Variable": "$.x", "StringEqualsPath": "y", "Next": "F"}]}, ["SFN201"]),
        ({"Type": "Fail", "ErrorPath": "States.Format('{}', $.e)", "CausePath": "$.c"}, []),
        ({"Type": "Fail", "ErrorPath": "States.Format("}, ["SFN203"]),
        ({"Type": "Fail", "Error": "$.e"}, ["SFN212"]),
        # Payload templates
        ({"Type": "Pass", "Parameters": {"a": [{"b.$": 5}]}}, ["SFN204"]),
        ({"Type": "Pass", "Parameters": {"a.$": "States.Nothing(1)"}}, ["SFN203"]),
        ({"Type": "Pass", "Parameters": {"a.$": "text"}}, ["SFN204"]),
        ({"Type": "Pass", "Parameters": {"price": "$5"}}, []),
        ({"Type": "Pass", "Parameters": {"a": ["$.b"]}}, ["SFN210"]),
        ({"Type": "Pass", "Parameters": "$.b"}, []),
        ({"Type": "Pass", "Result": {"a.$": "$.b", "b": "$.c"}}, ["SFN211"]),
        # Variables
        ({"Type": "Pass", "Assign": {"a.$": "$.b", "größe": 1, "_": 1}}, []),
        ({"Type": "Pass", "Assign": {"$a": 1}}, ["SFN209"]),
        ({"Type": "Pass", "Assign": {"states": 1}}, ["SFN209"]),
        ({"Type": "Pass", "Assign": {"a" * 81: 1}}, ["SFN209"]),
        ({"Type": "Pass", "Assign": {"": 1}}, ["SFN209"]),
        # Resources
        ({"Type": "Task", "Resource": "$.arn"}, ["SFN021"]),
        ({"Type": "Task", "Resource": "arn:aws-cn:lambda:cn-north-1:123456789012:function:f"}, []),
        # Maps
        (inline(MaxConcurrencyPath="$.limit", ItemsPath="$$.Execution.Input.items"), []),
        (inline(MaxConcurrencyPath="$$.Execution.Input.limit"), ["SFN202"]),
        (inline(MaxConcurrency=5, MaxConcurrencyPath="$.limit"), ["SFN018"]),
        (inline(ResultWriter={"Resource": "arn:aws:states:::s3:putObject"}), ["SFN023"]),
        ({"Type": "Map"}, ["SFN018"]),
    ],
)
def test_jsonpath_states(state: dict[str, Any], expected: list[str]) -> None:
    """Fields of JSONPath states."""
    assert codes(state) == expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"Type": "Wait", "Timestamp": "{% $now() %}"}, []),
        ({"Type": "Wait", "Seconds": "10"}, ["SFN012"]),
        ({"Type": "Wait", "SecondsPath": "$.s", "Seconds": 1}, ["SFN016"]),
        (task(TimeoutSeconds="{% $t %}", HeartbeatSeconds="{% $h %}"), []),
        (task(Arguments="{% $states.input %}"), []),
        ({"Type": "Choice", "Choices": [{"Condition": True, "Next": "F"}]}, []),
        ({"Type": "Choice", "Choices": [{"Condition": "yes", "Next": "F"}]}, ["SFN205"]),
        ({"Type": "Choice", "Choices": [{"Variable": "$.x", "IsNull": True, "Next": "F"}]}, ["SFN011", "SFN016", "SFN016"]),
        ({"Type": "Pass", "Output": [{"a": "{% 1"}]}, ["SFN205"]),
        ({"Type": "Pass", "Output": " {% 1 %}"}, []),
        ({"Type": "Pass", "Output": "{%%}"}, ["SFN206"]),
        ({"Type": "Pass", "Output": "{% $eval('1') %}"}, []),
        ({"Type": "Pass", "Output": "{% a %}", "Assign": {"x": "{% $$.b %}"}}, ["SFN207", "SFN207"]),
        ({"Type": "Pass", "Output": {"a.$": "$.b"}}, ["SFN213"]),
        ({"Type": "Fail", "Error": "{% $states.errorOutput.Error %}"}, ["SFN208"]),
        (task(Catch=[{"ErrorEquals": ["X"], "Assign": {"e": "{% $states.errorOutput %}"}, "Next": "F"}]), []),
        ({"Type": "Map", "Items": "$.a", "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Succeed"}}}}, ["SFN012"]),
    ],
)
def test_jsonata_states(state: dict[str, Any], expected: list[str]) -> None:
    """Fields of JSONata states."""
    assert sorted(codes(state, language="JSONata")) == sorted(expected)


def test_express_reaches_into_distributed_maps() -> None:
    """The children of a Distributed Map are workflows of their own type."""

    def machine(child: str) -> dict[str, Any]:
        waiting = {"Type": "Task", "Resource": "arn:aws:states:us-east-1:123456789012:activity:a", "End": True}
        config = {"Mode": "DISTRIBUTED", "ExecutionType": child}
        return {"Type": "Map", "ItemProcessor": {"ProcessorConfig": config, "StartAt": "I", "States": {"I": waiting}}}

    assert codes(machine("STANDARD")) == []
    assert codes(machine("EXPRESS")) == ["SFN120"]
    assert codes(machine("STANDARD"), workflow_type="EXPRESS") == ["SFN120"]


@pytest.mark.parametrize(
    ("expression", "unqualified"),
    [
        ("$states.input.items^(>price)", ()),
        ("$states.input.items{category: $sum(price)}", ()),
        ("$states.input.items.{ 'name': name, 'all': $states.input }", ()),
        ("$states.input ~> | items | {'price': price * 2} |", ()),
        ("$states.input.*", ()),
        ("($a := 1; $a + b)", ("b",)),
        ("{ 'x': y }", ("y",)),
        ("[a, `b c`]", ("a", "b c")),
        ("x ? y : 'z'", ("x", "y")),
        ("$match('a b', /b$/)", ()),
        ("'a.b $ c'", ()),
        ("/* a */ 1", ()),
        ("$sum($)", ("$",)),
    ],
)
def test_references_without_context(expression: str, unqualified: tuple[str, ...]) -> None:
    """A name behind a dot or in a predicate has a context; other names do not."""
    assert references(expression).unqualified == unqualified


INNER = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
CONFIG = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **INNER}
NESTED = {"Variable": "$.a", "IsNull": True, "Assign": {"x": 1}, "Comment": "c"}


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Map", "ItemProcessor": INNER, "ItemSelector": 5, "End": True},
        {"Type": "Map", "ItemProcessor": INNER, "ItemSelector": ["a"], "End": True},
        {"Type": "Map", "Iterator": INNER, "Parameters": "text", "End": True},
        {"Type": "Map", "ItemProcessor": CONFIG, "ItemBatcher": {"MaxItemsPerBatch": 2, "BatchInput": [1]}, "End": True},
        {"Type": "Choice", "Choices": [{"And": [NESTED], "Next": "B"}]},
        {"Type": "Fail", "ErrorPath": "a${x}b"},
        {"Type": "Task", "Resource": "arn:aws-eusc:states:::lambda:invoke", "Parameters": {"FunctionName": "f"}, "End": True},
    ],
)
def test_what_no_source_says_that_aws_refuses(state: dict[str, Any]) -> None:
    """AWS's language service has these, or a placeholder may make them valid: they are no errors, for the schema neither."""
    definition = {"StartAt": "A", "States": {"A": state, **({"B": {"Type": "Succeed"}} if "Choices" in state else {})}}
    assert [found.code for found in validate_text(json.dumps(definition), "a.json") if found.severity == "error"] == []


@pytest.mark.parametrize(("field", "resource"), [("ItemReader", "s3:getObject"), ("ResultWriter", "$.arn")])
def test_the_resource_of_a_reader_or_writer_is_an_arn(field: str, resource: str) -> None:
    """What is not an ARN is refused there, as in a Task."""
    state = {"Type": "Map", "ItemProcessor": CONFIG, field: {"Resource": resource}, "End": True}
    found = validate_text(json.dumps({"StartAt": "A", "States": {"A": state}}), "a.json")
    assert [(one.code, one.pointer) for one in found if one.severity == "error"] == [("SFN021", f"/States/A/{field}/Resource")]
