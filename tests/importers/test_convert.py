"""``convert --to jsonata``: each field has its form in JSONata, both versions do the same, and what cannot be converted is said."""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator import cli
from generator.asl.parse import parse
from generator.asl.walk import walk
from generator.asl.write import to_json
from generator.engine import execute
from generator.importers.jsonata.filters import write_filter
from generator.importers.jsonata.machine import Conversion, convert
from generator.importers.jsonata.proof import Proven, converted
from generator.importers.jsonata.values import NotConvertibleError
from tests.support.conformance import executed, facts, same
from tests.support.jsonpath_machines import Machines

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"


def machine(state: dict[str, Any], **others: dict[str, Any]) -> dict[str, Any]:
    """Return a definition of a state ``A``, which ends it unless it has a transition, and of others."""
    ends = {"Next", "Choices"} & {*state} or state["Type"] in ("Succeed", "Fail")
    return {"StartAt": "A", "States": {"A": state if ends else {**state, "End": True}, **others}}


def conversion(definition: dict[str, Any]) -> Conversion:
    """Convert a definition that has no errors."""
    parsed, findings = parse(definition)
    assert parsed is not None
    assert findings == []
    return convert(parsed)


def state(definition: dict[str, Any], name: str = "A") -> dict[str, Any]:
    """Return a state after the conversion of the whole machine."""
    made = conversion(definition)
    assert made.kept == ()
    document: Any = to_json(made.machine)
    assert document["QueryLanguage"] == "JSONata"
    found: dict[str, Any] = document["States"][name]
    assert "QueryLanguage" not in found
    return found


def proven(definition: dict[str, Any], inputs: int = 12, **options: Any) -> Proven:
    """Convert and prove a definition."""
    parsed, _ = parse(definition)
    assert parsed is not None
    return converted(walk(parsed), inputs=inputs, **options)


# --- fields -------------------------------------------------------------------------------------------------------------


def test_a_task() -> None:
    """Parameters after InputPath become Arguments; ResultSelector, ResultPath and OutputPath become Output."""
    task = {
        "Type": "Task",
        "Resource": FUNCTION,
        "InputPath": "$.order",
        "Parameters": {"id.$": "$.id", "name.$": "$$.Execution.Name", "plain": "$.id", "list": [1, {"all.$": "$"}]},
        "TimeoutSecondsPath": "$.limits.seconds",
        "Credentials": {"RoleArn.$": "$.role"},
        "ResultSelector": {"total.$": "$.sum"},
        "ResultPath": "$.charged",
        "Catch": [
            {"ErrorEquals": ["Busy"], "ResultPath": "$.error", "Next": "A"},
            {"ErrorEquals": ["Lost"], "ResultPath": None, "Next": "A"},
            {"ErrorEquals": ["Other"], "Assign": {"cause.$": "$.Cause"}, "Next": "A"},
        ],
        "Assign": {"whole.$": "$", "sum.$": "$.sum"},
    }
    made = state(machine(task))
    assert made["Arguments"] == {
        "id": "{% $states.input.order.id %}",
        "name": "{% $states.context.Execution.Name %}",
        "plain": "$.id",
        "list": [1, {"all": "{% $states.input.order %}"}],
    }
    assert made["TimeoutSeconds"] == "{% $number($states.input.order.limits.seconds) %}"
    assert made["Credentials"] == {"RoleArn": "{% $states.input.order.role %}"}
    assert made["Output"] == (
        '{% ($assert($exists($states.result.sum), "sum is missing"); '
        '$merge([$states.input, {"charged": {"total": $states.result.sum}}])) %}'
    )
    assert made["Assign"] == {"whole": "{% $states.result %}", "sum": "{% $states.result.sum %}"}
    assert [each.get("Output") for each in made["Catch"]] == [
        '{% $merge([$states.input, {"error": $states.errorOutput}]) %}',
        "{% $states.input %}",
        None,
    ]
    assert made["Catch"][2]["Assign"] == {"cause": "{% $states.errorOutput.Cause %}"}


@pytest.mark.parametrize(
    ("fields", "output"),
    [
        ({}, None),
        ({"InputPath": "$.a"}, "{% $states.input.a %}"),
        ({"InputPath": None}, {}),
        ({"OutputPath": None}, {}),
        ({"Result": {"a": 1, "b.$": "$.b"}}, {"a": 1, "b.$": "$.b"}),
        ({"Result": 1, "ResultPath": "$.n"}, '{% $merge([$states.input, {"n": 1}]) %}'),
        ({"Result": 1, "ResultPath": "$.a.n"}, '{% $merge([$states.input, {"a": $merge([$states.input.a, {"n": 1}])}]) %}'),
        ({"Result": 1, "ResultPath": None}, None),
        ({"Result": {"x": 1}, "ResultPath": "$.r", "OutputPath": "$.r.x"}, 1),
        ({"Result": 1, "ResultPath": "$.r", "OutputPath": "$.order.id"}, "{% $states.input.order.id %}"),
        ({"Parameters": {"a.$": "$.b"}, "OutputPath": "$.a"}, "{% $states.input.b %}"),
        ({"Parameters": {"a.$": "$.list[0]"}}, {"a": "{% $states.input.list = [] ? null : $states.input.list[0] %}"}),
        ({"Parameters": {"a.$": "$['order-id'].b"}}, {"a": "{% $states.input.`order-id`.b %}"}),
        ({"Parameters": {"a": "{% not an expression %}"}}, {"a": '{% "{% not an expression %}" %}'}),
        ({"Parameters": {"a.$": "States.Array($.b, 1)"}}, {"a": ["{% $states.input.b %}", 1]}),
    ],
)
def test_the_output_of_a_pass_state(fields: dict[str, Any], output: Any) -> None:
    """The steps of JSONPath are one value in JSONata."""
    assert state(machine({"Type": "Pass", **fields})).get("Output") == output


@pytest.mark.parametrize(
    ("rule", "condition"),
    [
        ({"Variable": "$.s", "IsPresent": True}, "$exists($states.input.s)"),
        ({"Variable": "$.s", "IsPresent": False}, "$not($exists($states.input.s))"),
        (
            {"Variable": "$.s", "StringEquals": "x"},
            '($assert($exists($states.input.s), "s is missing"); $states.input.s = "x")',
        ),
        (
            {"And": [{"Variable": "$.n", "IsPresent": True}, {"Variable": "$.n", "NumericGreaterThan": 3}]},
            '$exists($states.input.n) and ($type($states.input.n) = "number" ? $states.input.n > 3 : false)',
        ),
        (
            {"Or": [{"Not": {"Variable": "$.n", "IsPresent": True}}, {"Variable": "$.n", "IsNull": True}]},
            "$not($exists($states.input.n)) or $states.input.n = null",
        ),
        (
            {"Variable": "$$.Execution.Name", "StringMatches": "nightly-*"},
            '$type($states.context.Execution.Name) = "string" ? $contains($states.context.Execution.Name, /^nightly-[\\s\\S]*$/) : false',
        ),
    ],
)
def test_a_rule(rule: dict[str, Any], condition: str) -> None:
    """A comparison asserts that its path names something, unless that is known."""
    choice = {"Type": "Choice", "Choices": [{**rule, "Next": "B"}], "Default": "B"}
    assert state(machine(choice, B={"Type": "Succeed"}))["Choices"] == [{"Condition": "{% " + condition + " %}", "Next": "B"}]


def test_only_the_first_rule_asserts() -> None:
    """A later rule is evaluated only after the first one has found its path."""
    rules = [{"Variable": "$.s", "StringEquals": text, "Next": "B"} for text in ("x", "y")]
    choice = {"Type": "Choice", "InputPath": "$.order", "Choices": rules, "Default": "B"}
    made = state(machine(choice, B={"Type": "Succeed"}))
    assert made["Choices"][1]["Condition"] == '{% $states.input.order.s = "y" %}'
    assert [each["Output"] for each in (*made["Choices"], made)] == ["{% $states.input.order %}"] * 3


def test_a_map_with_the_old_names() -> None:
    """Iterator and Parameters become ItemProcessor and ItemSelector."""
    inner = {"StartAt": "B", "States": {"B": {"Type": "Pass", "OutputPath": "$.x", "End": True}}}
    old = {
        "Type": "Map",
        "ItemsPath": "$.items",
        "Parameters": {"x.$": "$$.Map.Item.Value", "of.$": "$.id"},
        "MaxConcurrencyPath": "$.most",
        "Iterator": inner,
        "ResultPath": "$.done",
    }
    made = state(machine(old))
    assert made["Items"] == "{% $states.input.items %}"
    assert made["ItemSelector"] == {"x": "{% $states.context.Map.Item.Value %}", "of": "{% $states.input.id %}"}
    assert made["MaxConcurrency"] == "{% $number($states.input.most) %}"
    assert made["ItemProcessor"]["States"]["B"]["Output"] == "{% $states.input.x %}"
    assert made["Output"] == '{% $merge([$states.input, {"done": $states.result}]) %}'


def test_a_distributed_map() -> None:
    """Reader, batcher and writer have their parameters in JSONata; it runs on items that a bucket holds."""
    read = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSON", "MaxItemsPath": "$.most"},
        "Parameters": {"Bucket.$": "$.bucket", "Key": "items.json"},
    }
    distributed = {
        "Type": "Map",
        "ItemReader": read,
        "ItemBatcher": {"MaxItemsPerBatchPath": "$.batch", "BatchInput": {"of.$": "$.bucket"}},
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "B",
            "States": {"B": {"Type": "Pass", "End": True}},
        },
        "ToleratedFailureCountPath": "$.failing",
        "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket.$": "$.bucket", "Prefix": "done"}},
        "ResultPath": "$.written",
    }
    made = state(machine(distributed))
    assert made["ItemReader"]["Arguments"] == {"Bucket": "{% $states.input.bucket %}", "Key": "items.json"}
    assert made["ItemReader"]["ReaderConfig"]["MaxItems"] == "{% $number($states.input.most) %}"
    assert made["ItemBatcher"]["BatchInput"] == {"of": "{% $states.input.bucket %}"}
    assert made["ResultWriter"]["Arguments"] == {"Bucket": "{% $states.input.bucket %}", "Prefix": "done"}
    proof = proven(machine(distributed)).proof
    assert (proof.inputs, proof.agreed + len(proof.beyond), proof.differing) == (12, 12, [])
    assert proof.agreed > 6


def test_fail_and_wait() -> None:
    """Their Path fields lose their names."""
    fail = state(machine({"Type": "Fail", "ErrorPath": "$.e", "CausePath": "States.Format('{}!', $.c)"}))
    assert (fail["Error"], "ErrorPath" in fail, "CausePath" in fail) == ("{% $states.input.e %}", False, False)
    assert state(machine({"Type": "Wait", "TimestampPath": "$.at"}))["Timestamp"] == "{% $states.input.at %}"


def test_filters() -> None:
    """Comparisons of members with constants have a form, other filters are refused."""
    assert write_filter("(@.a == 'x' && !(@.n >= 2.5))", "$v") == '$v.a = "x" and $not($type($v.n) = "number" ? $v.n >= 2.5 : false)'
    with pytest.raises(NotConvertibleError, match="no exact form"):
        write_filter("@.a =~ /x/", "$v")


# --- what cannot be converted -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"Parameters": {"a.$": "$..b"}}, "'..' in a path"),
        ({"Parameters": {"a.$": "States.Format($.t, 1)"}}, "the template of States.Format is computed"),
        ({"Parameters": {"a.$": "States.StringSplit($.t, $.by)"}}, "the delimiters of States.StringSplit are computed"),
        ({"Parameters": {"a.$": "States.MathRandom(1, 9, $.seed)"}}, "a seed of States.MathRandom"),
        ({"Parameters": {"a.$": "$.${Key}"}}, "has a placeholder"),
        ({"Result": 1, "ResultPath": "$.list[0]"}, "replaces an item of an array"),
        ({"Result": {"a": 1}, "OutputPath": "$.b"}, "always fails"),
        ({"Parameters": {"a.$": "States.UUID()"}, "Assign": {"id.$": "$.a"}}, "a random value is used in several fields"),
    ],
)
def test_a_state_that_stays(fields: dict[str, Any], reason: str) -> None:
    """It keeps JSONPath, with the reason and its place; the others get JSONata, and the machine stays one with JSONPath."""
    definition = machine({"Type": "Pass", **fields, "Next": "B"}, B={"Type": "Pass", "OutputPath": "$.x", "End": True})
    made = conversion(definition)
    (kept,) = made.kept
    assert reason in kept.text
    assert kept.at[:2] == ("States", "A")
    document: Any = to_json(made.machine)
    assert "QueryLanguage" not in document
    assert document["States"]["A"] == definition["States"]["A"]
    assert document["States"]["B"] == {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $states.input.x %}", "End": True}


def test_a_variable_that_hides_a_function() -> None:
    """An expression never calls what a variable of the workflow hides."""
    first = {"Type": "Pass", "Assign": {"merge": 1}, "Next": "B"}
    made = conversion(machine(first, B={"Type": "Pass", "Result": 1, "ResultPath": "$.x", "End": True}))
    assert [each.text for each in made.kept] == ["the variable $merge hides the function $merge(), which the expression needs"]


def test_a_state_in_which_both_versions_differ_stays() -> None:
    """An error of a conversion would be found by running it: here a member that the machine adds by the text of an object."""
    shown = {"Type": "Pass", "Parameters": {"o": {"k": 1}, "n": 2}, "Next": "B"}
    text = {"Type": "Pass", "Parameters": {"t.$": "States.Format('{}', $.o)"}, "End": True}
    found = proven(machine(shown, B=text))
    assert [each.state for each in found.conversion.kept] == ["B"]
    assert "JSONPath leads to" in found.conversion.kept[0].text
    assert found.proof.differing == []


def test_notes_say_in_which_data_they_differ() -> None:
    """States.ALL catches the failure of an expression, but not that of a path."""
    task = {"Type": "Task", "Resource": FUNCTION, "Parameters": {"a.$": "$.b"}, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B"}]}
    made = conversion(machine({**task, "End": True}, B={"Type": "Succeed"}))
    assert ["QueryEvaluationError" in each.text for each in made.notes] == [True]


# --- the proof ----------------------------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(st.integers(0, 10**9))
def test_random_machines_agree(seed: int) -> None:
    """Every state that is converted does the same, on inputs with what it reads and on inputs without."""
    definition = Machines(Random(seed)).states(4)
    parsed, findings = parse(definition)
    assert parsed is not None
    assert findings == []
    found = converted(walk(parsed), inputs=6)
    assert found.proof.not_run or found.proof.differing == []
    assert found.proof.inputs == found.proof.agreed + len(found.proof.beyond)


def test_random_machines_need_no_correction() -> None:
    """The proof finds nothing to take back, but for texts of values that a note excepts."""
    taken_back = 0
    for seed in range(60):
        parsed, _ = parse(Machines(Random(seed)).states(3))
        assert parsed is not None
        found = converted(walk(parsed), inputs=3)
        taken_back += sum("JSONPath leads to" in each.text for each in found.conversion.kept)
    assert taken_back <= 1


@pytest.mark.parametrize(
    "fact",
    [each for each in facts() if each["kind"] in ("intrinsic", "jsonpath") and "expression" in each and each["how"] != "guess"],
    ids=lambda fact: fact["id"],
)
def test_measured_facts(fact: dict[str, Any]) -> None:
    """What AWS answered for a path or a function is what the converted state answers, where it answered with a value."""
    definition = machine({"Type": "Pass", "Parameters": {"value.$": fact["expression"]}})
    parsed, _ = parse(definition)
    assert parsed is not None
    made = convert(parsed)
    before = executed({**fact, "definition": definition})
    if (
        not made.converted
        or before["status"] != "SUCCEEDED"
        or any(each.text.startswith("number") or "MathAdd" in each.text for each in made.notes)
    ):
        return
    after = executed({**fact, "definition": to_json(made.machine)})
    assert after["status"] == "SUCCEEDED"
    assert same(after["output"], before["output"])


def test_inputs_come_from_the_declared_schema() -> None:
    """A workflow that declares its input is tried on inputs that match it."""
    schema = {"type": "object", "properties": {"kind": {"enum": ["gold"]}}, "required": ["kind"]}
    rule = {"Variable": "$.kind", "StringEquals": "gold", "Next": "B"}
    definition = machine({"Type": "Choice", "Choices": [rule], "Default": "C"}, B={"Type": "Succeed"}, C={"Type": "Fail"})
    assert "C" not in proven(definition, schema=schema).proof.reached
    assert {"B", "C"} <= proven(definition).proof.reached


# --- the command --------------------------------------------------------------------------------------------------------

ORDERS = {
    "Comment": "Orders",
    "StartAt": "Charge",
    "States": {
        "Charge": {"Next": "Done", "Type": "Task", "Resource": FUNCTION, "Parameters": {"id.$": "$.id"}, "ResultPath": "$.charge"},
        "Done": {"Type": "Succeed"},
    },
}


def test_the_command_writes_beside_the_definition(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The members keep their order, the report has the figures, and a second run replaces nothing."""
    file = tmp_path / "orders.asl.json"
    file.write_text(json.dumps(ORDERS))
    assert cli.call(["convert", str(file), "--to", "jsonata", "--inputs", "9", "--input", '{"id": 1}']) == 0
    made = json.loads((tmp_path / "orders.jsonata.asl.json").read_text())
    assert [*made] == ["Comment", "QueryLanguage", "StartAt", "States"]
    assert [*made["States"]["Charge"]] == ["Next", "Type", "Resource", "Arguments", "Output"]
    said = capsys.readouterr().err
    assert "all of its 2 states were converted to JSONata." in said
    assert "Both versions ran on 10 inputs: they did the same on 10" in said
    assert execute(made, {"id": 1}, mocks={"Charge": 5}).output == {"id": 1, "charge": 5}
    assert cli.call(["convert", str(file), "--to", "jsonata"]) == 1
    assert "the file exists already" in capsys.readouterr().err
    assert cli.call(["convert", str(file), "--to", "jsonata", "--overwrite", "--inputs", "1"]) == 0


def test_the_command_keeps_yaml(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A definition in YAML becomes one in YAML; what stays is said with its line."""
    file = tmp_path / "orders.asl.yaml"
    state = '    Type: Pass\n    Parameters:\n      skus.$: "$..sku"\n    Next: B\n'
    file.write_text(f"# orders\nStartAt: A\nStates:\n  A:\n{state}  B:\n    Type: Succeed\n")
    assert cli.call(["convert", str(file), "--to", "jsonata"]) == 0
    said = capsys.readouterr().err
    assert re.search(r"orders\.asl\.yaml:7:\d+:\s+'A' stays JSONPath", said)
    assert "Comments of the YAML file are not in the new one." in said
    assert "skus.$: $..sku" in (tmp_path / "orders.jsonata.asl.yaml").read_text()


def test_the_command_reads_standard_input_and_workflows(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A workflow of the project is named; an unknown name is an error."""
    assert cli.call(["convert", "order-processing", "--to", "jsonata"]) == 0
    assert "order-processing uses JSONata already." in capsys.readouterr().err
    assert cli.call(["convert", "order-procesing", "--to", "jsonata"]) == 2
    assert "did you mean 'order-processing'?" in capsys.readouterr().err
    broken = tmp_path / "broken.asl.json"
    broken.write_text('{"StartAt": "B", "States": {"A": {"Type": "Succeed"}}}')
    assert cli.call(["convert", str(broken), "--to", "jsonata"]) == 1
    assert "SFN102" in capsys.readouterr().err
