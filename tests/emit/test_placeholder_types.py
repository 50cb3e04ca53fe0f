"""Placeholders that are numbers, booleans, lists and maps: from the vocabulary to what Terraform renders, and in the checks."""

from __future__ import annotations

import json
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator import NEXT, Choice, Pass, Succeed, Task, Wait, Workflow, fn, integration, placeholder, states, variables, when
from generator.asl.definition import INDEX_FILE, definition_of, read_definition
from generator.asl.placeholders import fill, read_index
from generator.asl.read import read_text
from generator.checks import check
from generator.checks.validate import problems
from generator.dsl.source import AuthoringError
from generator.emit import artifacts
from generator.engine import execute
from generator.lower import CompiledWorkflow, compile_workflow
from tests.support.hostile import HOSTILE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.terraform.offline import Offline

x = states.input
network = {"AwsvpcConfiguration": {"Subnets": placeholder("subnets", list), "SecurityGroups": ["${group}", placeholder("group")]}}
run = {"TaskDefinition": placeholder("task"), "Count": placeholder("amount", int), "EnableECSManagedTags": placeholder("flag", bool)}
WORKFLOW = Workflow(
    "typed",
    steps=[
        Task("Run", integration("ecs:runTask", {**run, "NetworkConfiguration": network}), timeout_seconds=placeholder("limit", int)),
        Pass(
            "Say",
            output={
                "sum": x.n + placeholder("amount", int),
                "text": fn.format("{} of {}", placeholder("amount", int), placeholder("task")),
                "alone": fn.format("{}", placeholder("amount", int)),
                "flag": placeholder("flag", bool),
                "labels": placeholder("labels", dict),
                "ports": [placeholder("ports", list[int])],
                "nested": placeholder("nested", dict[str, list[str]]),
            },
            assign={"subnets": placeholder("subnets", list)},
        ),
        Choice("Check", when((fn.length(variables.subnets) > 0) & (x.n < placeholder("amount", int)), NEXT), otherwise="Done"),
        Succeed("Done"),
    ],
)
TYPES = {
    "amount": "number",
    "flag": "bool",
    "group": "string",
    "labels": "map(string)",
    "limit": "number",
    "nested": "map(list(string))",
    "ports": "list(number)",
    "subnets": "list(string)",
    "task": "string",
}
VALUES: dict[str, Any] = {
    "amount": 3,
    "flag": False,
    "group": "sg-1",
    "labels": {text: text for text in HOSTILE if text.isascii() and "\0" not in text},
    "limit": 60,
    "nested": {"a": ["b", '"'], "c": []},
    "ports": [80, 443.5],
    "subnets": [text for text in HOSTILE if "\0" not in text],
    "task": "worker:3",
}


def normal(value: Any) -> Any:
    """Return a value as Terraform has it: text is in Unicode's normal form C."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {normal(key): normal(item) for key, item in value.items()}
    return [normal(item) for item in value] if isinstance(value, list) else value


@cache
def compiled() -> CompiledWorkflow:
    """Compile the workflow, which has no problem."""
    made = compile_workflow(WORKFLOW)
    assert made.diagnostics == ()
    assert [*made.findings, *check(made.walk)] == []
    return made


def expected_arguments(values: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of the task with the values in place of the placeholders."""
    return {
        "TaskDefinition": values["task"],
        "Count": values["amount"],
        "EnableECSManagedTags": values["flag"],
        "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": values["subnets"], "SecurityGroups": [values["group"]] * 2}},
    }


def assert_filled(text: str, values: dict[str, Any]) -> None:
    """Check the shape of a definition in which all values are filled in."""
    filled = json.loads(text)["States"]
    assert filled["Run"]["Arguments"] == expected_arguments(values)
    assert filled["Run"]["TimeoutSeconds"] == values["limit"]
    output = filled["Say"]["Output"]
    assert output["labels"] == values["labels"]
    assert output["ports"] == [values["ports"]]
    assert output["nested"] == values["nested"]
    assert output["flag"] is values["flag"]
    assert filled["Say"]["Assign"] == {"subnets": values["subnets"]}


def test_types_are_those_of_the_module_and_of_the_index() -> None:
    """The variables of the module, and the index beside the definition, have the type that Python has."""
    assert {name: each.type for name, each in compiled().placeholders.items()} == TYPES
    files = artifacts(compiled())
    variables_file = files["variables.tf"].decode()
    for name, type_ in TYPES.items():
        assert f'variable "{name}" {{' in variables_file
        assert f"  type        = {type_}\n" in variables_file.partition(f'variable "{name}" {{')[2].partition("}\n")[0]
    assert {name: each.type for name, each in read_index(files[INDEX_FILE].decode()).items()} == TYPES


def test_the_module_renders_the_definition(terraform_offline: Offline, tmp_path: Path) -> None:
    """The real Terraform plans the module with hostile values: the definition is JSON of the right shape."""
    for path, content in artifacts(compiled()).items():
        (tmp_path / path).write_bytes(content)
    terraform_offline.fmt(tmp_path)
    plan = terraform_offline.plan(tmp_path, variables={"name": "typed", **VALUES})
    (machine,) = (r for r in plan["planned_values"]["root_module"]["resources"] if r["type"] == "aws_sfn_state_machine")
    assert_filled(machine["values"]["definition"], normal(VALUES))


CASES = st.fixed_dictionaries(
    {
        "amount": st.integers(-(2**53), 2**53),
        "flag": st.booleans(),
        "group": st.text(alphabet="ab ${}%<&é/:", max_size=8),
        "labels": st.dictionaries(st.text(max_size=4), st.text(max_size=8), max_size=3),
        "limit": st.integers(1, 99),
        "nested": st.dictionaries(st.text(max_size=4), st.lists(st.text(max_size=4), max_size=2), max_size=2),
        "ports": st.lists(st.integers(0, 65535), max_size=3),
        "subnets": st.lists(st.text(max_size=8) | st.sampled_from(VALUES["subnets"]), max_size=4),
        "task": st.text(alphabet="ab ${}%<&é/:", max_size=8),
    }
)
RENDER = """
variable "cases" {
  type = list(object({ %s }))
}
output "definitions" {
  value = [for case in var.cases : templatefile("${path.module}/definition.asl.json", { %s })]
}
"""


@settings(max_examples=2)
@given(st.lists(CASES.map(normal), min_size=15, max_size=30))
def test_any_values_render_to_json(terraform_offline: Offline, tmp_path_factory: pytest.TempPathFactory, cases: list[Any]) -> None:
    """Terraform's own templatefile and jsonencode, for any text in lists and maps; many cases in one plan."""
    folder = tmp_path_factory.mktemp("render")
    (folder / "definition.asl.json").write_bytes(artifacts(compiled())["definition.asl.json"])
    encoded = ", ".join(f"{name} = " + (f"case.{name}" if kind == "string" else f"jsonencode(case.{name})") for name, kind in TYPES.items())
    types = ", ".join(f"{name} = {kind}" for name, kind in TYPES.items())
    (folder / "main.tf").write_text(RENDER % (types, encoded))
    definitions = terraform_offline.plan(folder, variables={"cases": cases})["planned_values"]["outputs"]["definitions"]["value"]
    for case, text in zip(cases, definitions, strict=True):
        assert_filled(text, case)


@given(CASES)
def test_any_values_are_filled_in_locally(values: dict[str, Any]) -> None:
    """What a local run fills in is what Terraform renders."""
    assert_filled(fill(compiled().text(), values), values)
    assert_filled(fill(json.dumps(compiled().document), values), values)


def test_a_definition_with_them_runs_locally() -> None:
    """In values, in text, in arithmetic and in conditions."""
    execution = execute(compiled().text(), {"n": 1}, substitutions=VALUES, mocks={"Run": {"n": 1}})
    assert execution.status == "SUCCEEDED", execution.error
    assert execution.output["sum"] == 4
    assert execution.output["text"] == "3 of worker:3"
    assert execution.output["alone"] == "3"


def test_a_file_with_them_is_read_and_checked(tmp_path: Path) -> None:
    """The definition is not JSON before it is filled in; every command reads it, with the types beside it."""
    for path, content in artifacts(compiled()).items():
        (tmp_path / path).write_bytes(content)
    assert problems(read_definition(tmp_path / "definition.asl.json")) == []
    (tmp_path / INDEX_FILE).write_text(json.dumps({name: {} for name in TYPES}))
    assert {d.code for d in problems(read_definition(tmp_path / "definition.asl.json"))} == {"SFN012", "SFN407"}


@pytest.mark.parametrize(
    ("value", "code", "hint"),
    [
        ({"Subnets": placeholder("p")}, "SFN407", 'placeholder("p", list)'),
        ({"Subnets": "a-${p}", "AssignPublicIp": placeholder("p")}, "SFN407", ""),
        ({"Subnets": placeholder("p", list[int])}, "SFN407", 'placeholder("p", list)'),
        ({"Subnets": placeholder("p", dict)}, "SFN407", 'placeholder("p", list)'),
        ({"Subnets": [placeholder("p", int)]}, "SFN407", 'placeholder("p", str)'),
        ({"Subnets": [placeholder("p", list)]}, "SFN407", 'placeholder("p", str)'),
        (placeholder("p"), "SFN407", 'placeholder("p", dict)'),
    ],
)
def test_a_placeholder_of_another_type_is_what_a_literal_of_it_is(value: Any, code: str, hint: str) -> None:
    """A text where the call takes a list was an error as a literal, and passed as a placeholder."""
    arguments = {"TaskDefinition": "t", "NetworkConfiguration": {"AwsvpcConfiguration": value}}
    made = compile_workflow(Workflow("w", steps=[Task("T", integration("ecs:runTask", arguments))]))
    found = [*made.findings, *check(made.walk)]
    assert {f.code for f in found} == {code}
    assert hint in found[0].hint


@pytest.mark.parametrize(
    "step",
    [
        Wait("W", seconds=placeholder("p")),
        Task("T", integration("aws-sdk:s3:listBuckets", {}), timeout_seconds=placeholder("p")),
        Pass("P", output=placeholder("p"), next="Q"),
    ],
)
def test_fields_have_types_too(step: Any) -> None:
    """A number of seconds is not a text; any JSON value is accepted where ASL accepts one."""
    made = compile_workflow(Workflow("w", steps=[step, Succeed("Q")]))
    assert [f.code for f in made.findings] == ([] if isinstance(step, Pass) else ["SFN012"])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: placeholder("p", set), "list[int]"),
        (lambda: placeholder("p", dict[int, str]), "list[int]"),
        (lambda: placeholder("p", "list"), "list[int]"),
        (lambda: "a" + placeholder("p", list), "+ cannot join"),
        (lambda: "a" + placeholder("p", int), "fn.format"),
        (lambda: placeholder("p", list) + 1, "+ cannot join"),
    ],
)
def test_types_that_deployment_cannot_fill_in(make: Any, message: str) -> None:
    """The error is at the author's line."""
    with pytest.raises(AuthoringError) as caught:
        make()
    (found,) = caught.value.diagnostics
    assert message in f"{found.message} {found.expected} {found.hint}"


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ([Pass("P", output=fn.length(placeholder("p", list)))], "SFN806"),
        ([Pass("P", output=fn.format("{}", placeholder("p", dict)))], "SFN806"),
        ([Pass("P", output={"a": "x-${p}", "b": placeholder("p", list)})], "SFN806"),
        ([Pass("P", output={"a": placeholder("p"), "b": placeholder("p", list)})], "SFN807"),
    ],
)
def test_a_list_is_a_value_of_its_own(steps: Any, code: str) -> None:
    """It is neither part of a text nor of an expression, and one name has one type."""
    assert code in [d.code for d in compile_workflow(Workflow("w", steps=steps)).diagnostics]


def test_json_path_has_them_too() -> None:
    """In values, in comparisons and in fields."""
    steps = [
        Pass("P", output={"n": placeholder("n", int), "l": placeholder("l", list), "m": fn.as_number(x.a) + placeholder("n", int)}),
        Choice("C", when(x.n == placeholder("n", int), "W"), when(x.n == placeholder("b", bool), "W"), otherwise="W"),
        Wait("W", seconds=placeholder("n", int)),
    ]
    made = compile_workflow(Workflow("w", query_language="JSONPath", steps=steps))
    assert made.diagnostics == ()
    assert [*made.findings, *check(made.walk)] == []
    filled = json.loads(fill(made.text(), {"n": 2, "l": ["a"], "b": True}))["States"]
    assert filled["P"]["Parameters"] == {"n": 2, "l": ["a"], "m.$": "States.MathAdd($.a, 2)"}
    assert [rule.get("NumericEquals", rule.get("BooleanEquals")) for rule in filled["C"]["Choices"]] == [2, True]
    assert filled["W"]["Seconds"] == 2


def test_the_role_does_not_guess_the_items_of_a_list() -> None:
    """A policy names no part of a list that only the deployment knows; the permission is wider, and the role says so."""
    call = integration("aws-sdk:dynamodb:batchGetItem", {"RequestItems": placeholder("requests", dict)})
    made = compile_workflow(Workflow("w", steps=[Task("T", call)]))
    assert made.diagnostics == ()
    assert "${requests}" not in json.dumps(made.role.policy.document())
    read = definition_of(read_text(made.text(), "d.asl.json"), placeholders=dict(made.placeholders))
    assert read.diagnostics == []
