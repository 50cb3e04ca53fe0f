"""Definitions that cannot run: the diagnostics, placeholders without a value, mutated definitions."""

import json

import pytest

from generator.asl.placeholders import Placeholder
from generator.checks.validate import validate_text
from generator.diagnostics.model import Severity
from generator.engine import DefinitionError, Engine, compile_definition, execute
from tests.support.machines import machine, task
from tests.support.mutate import PYTHON_TEXT, judge, run, seeds


@pytest.mark.parametrize("number", range(len(seeds())))
def test_the_seeds_of_the_mutations_run(number):
    """A mutation shows something only if its definition runs without it."""
    outcome, faults = judge(json.dumps(seeds()[number]))
    assert outcome in {"SUCCEEDED", "FAILED"}
    assert faults == []


def test_mutated_definitions():
    """A mutated definition is refused with the diagnostics of `validate`, or it runs; no message has the words of Python."""
    outcomes, faults = run(400, seed=1)
    assert faults == []
    assert min(outcomes["refused"], outcomes["FAILED"] + outcomes["SUCCEEDED"]) > 20


def test_faults_are_found():
    """The words of Python are recognised in messages, and a difference between `validate` and the engine is a fault."""
    assert PYTHON_TEXT.search("'str' object has no attribute 'get'")
    assert PYTHON_TEXT.search("unhashable type: 'dict'")
    text = json.dumps(machine(("A", {"Type": "Pass", "Next": "B"})))
    assert judge(text) == ("refused", [])


@pytest.mark.parametrize(
    "definition",
    [
        "{",
        "[]",
        "{}",
        '{"StartAt": "A", "States": {"A": "Pass"}}',
        '{"StartAt": ["A"], "States": {"A": {"Type": "Pass", "End": true}}}',
        '{"StartAt": "A", "States": {"A": {"Type": {"x": 1}, "Next": {}}}}',
        '{"StartAt": "A", "States": {"A": {"Type": "Choice", "Choices": [1]}}}',
        '{"StartAt": "A", "States": {"A": {"Type": "Map", "ItemProcessor": "x", "End": true}}}',
    ],
)
def test_the_diagnostics_are_those_of_validate(definition):
    """The error has every error that `validate` reports, with code, place, pointer and message; its text has the first one."""
    expected = [found for found in validate_text(definition, "definition.asl.json") if found.severity is Severity.ERROR]
    with pytest.raises(DefinitionError) as raised:
        compile_definition(definition)
    assert list(raised.value.diagnostics) == expected
    assert expected[0].code in str(raised.value)
    assert expected[0].message in str(raised.value)


def test_the_type_of_the_workflow_counts():
    """What an Express workflow cannot do is refused for an Express workflow only."""
    wait = task("arn:aws:states:::sqs:sendMessage.waitForTaskToken", Parameters={"QueueUrl": "u", "MessageBody.$": "$$.Task.Token"})
    definition = machine(("Ask", wait))
    assert compile_definition(definition).start.pattern == ".waitForTaskToken"
    with pytest.raises(DefinitionError) as raised:
        Engine().start(definition, type="EXPRESS")
    assert [found.code for found in raised.value.diagnostics] == ["SFN120"]


def test_values_that_are_not_json():
    """A Python value that is not JSON is refused without the words of Python."""
    circle = {}
    circle["StartAt"] = circle
    for definition in ({"StartAt": object()}, {"StartAt": {1, 2}}, circle):
        with pytest.raises(DefinitionError) as raised:
            execute(definition)
        assert not PYTHON_TEXT.search(str(raised.value))


MAP = {"Type": "Map", "ItemProcessor": machine(("P", {"Type": "Pass"})), "End": True}
DISTRIBUTED = {**MAP, "ItemProcessor": {**MAP["ItemProcessor"], "ProcessorConfig": {"Mode": "DISTRIBUTED"}}}
READER = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"}}


@pytest.mark.parametrize(
    ("state", "pointer"),
    [
        (task("f", TimeoutSeconds="${t}", End=True), "/TimeoutSeconds"),
        (task("f", Retry="${r}", End=True), "/Retry"),
        (task("f", Retry=[{"ErrorEquals": ["E"], "MaxAttempts": "${n}"}], End=True), "/Retry/0/MaxAttempts"),
        (task("f", Assign="${a}", End=True), "/Assign"),
        ({"Type": "Wait", "Seconds": "${s}", "End": True}, "/Seconds"),
        ({"Type": "Wait", "Timestamp": "${s}", "End": True}, "/Timestamp"),
        ({"Type": "Pass", "InputPath": "$.${p}", "End": True}, "/InputPath"),
        ({"Type": "Pass", "Parameters": {"a": {"b.$": "${p}"}}, "End": True}, "/Parameters"),
        ({"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% ${p} %}", "End": True}, "/Output"),
        ({"Type": "Choice", "Choices": [{"Variable": "$.a", "NumericEquals": "${n}", "Next": "B"}]}, "/Choices/0/NumericEquals"),
        ({"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": "${n}", "Next": "B"}]}, "/Choices/0/IsNull"),
        ({"Type": "Pass", "Next": "${next}"}, "/Next"),
        ({**MAP, "ItemProcessor": "${p}"}, "/ItemProcessor"),
        ({**DISTRIBUTED, "ItemReader": {**READER, "ReaderConfig": {"CSVDelimiter": "${d}"}}}, "/ItemReader/ReaderConfig/CSVDelimiter"),
        ({**DISTRIBUTED, "ItemReader": {**READER, "Parameters": "${p}"}}, "/ItemReader/Parameters"),
    ],
)
def test_placeholders_whose_value_is_needed(state, pointer):
    """A placeholder in place of a number, a path or a part of the definition is reported at its place."""
    end = {} if "End" in state else {"B": {"Type": "Succeed"}}
    definition = {"StartAt": "A", "States": {"A": state, **end}}
    with pytest.raises(DefinitionError) as raised:
        compile_definition(definition)
    assert f"/States/A{pointer}" in [found.pointer for found in raised.value.diagnostics]
    assert "fill in ${" in raised.value.diagnostics[0].hint


def test_placeholders_that_run():
    """A placeholder in text, and one that names a function, need no value."""
    definition = machine(
        ("F", task("${validator_arn}", Parameters={"url": "${queue_url}", "m.$": "States.Format('${stage}-{}', $.n)"})),
        ("Q", {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% '${stage}' & $states.input.url %}"}),
    )
    execution = execute(definition, {"n": 1}, functions={"validator": lambda event: event})
    assert execution.input_of("Q") == {"url": "${queue_url}", "m": "${stage}-1"}
    assert execution.output == "${stage}${queue_url}"


def test_placeholders_that_are_known():
    """What is known of a placeholder goes before its name."""
    known = Placeholder("x_arn", kind="function", resource="check-orders", attribute="arn")
    compiled = compile_definition(machine(("F", task("${x_arn}"))), placeholders={"x_arn": known})
    assert execute(compiled, 1, functions={"check-orders": lambda event: event + 1, "x": lambda event: 0}).output == 2
