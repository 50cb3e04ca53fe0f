"""Workflows of the AWS Data Science SDK: every class of step compiles as it is, and is imported into Python that compiles to the same."""

from __future__ import annotations

import ast
import inspect
import itertools
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stepfunctions import steps
from stepfunctions.inputs import ExecutionInput
from stepfunctions.steps import ChoiceRule
from stepfunctions.steps.states import FrozenGraph, Graph, State
from stepfunctions.workflow import Workflow as SdkWorkflow

from generator import Workflow, cli
from generator.asl.definition import definition_of
from generator.asl.read import read_text
from generator.checks.validate import problems
from generator.diagnostics.model import Severity
from generator.dsl.data_science_sdk import sdk_definition
from generator.dsl.source import AuthoringError
from generator.importers.options import Options
from generator.importers.python import to_python
from generator.lower import compile_workflow
from tests.sdk.samples import JOB, STEPS

CLASSES = {
    name: cls
    for name, cls in inspect.getmembers(steps, inspect.isclass)
    if issubclass(cls, State) and cls.__module__.startswith("stepfunctions")
}


def compiled(value: Any, name: str = "sdk") -> dict[str, Any]:
    """Compile an object of the SDK, and return the definition, which has no errors."""
    made = compile_workflow(Workflow.from_sdk(value, name=name))
    assert (made.diagnostics, made.findings) == ((), ())
    document: dict[str, Any] = made.walk.document  # type: ignore[assignment]
    return document


def test_every_class_of_step_has_a_sample() -> None:
    """A class of the package without a sample would not be tested."""
    assert {*CLASSES} == {*STEPS}


@pytest.mark.parametrize("name", STEPS)
def test_a_step_compiles_as_it_is(name: str) -> None:
    """The definition is that of the SDK, and the checks find no error in it."""
    step = STEPS[name]()
    assert type(step) is CLASSES[name]
    written = json.loads(Graph(step).to_json())
    assert compiled(step) == written
    definition = definition_of(read_text(json.dumps(written), "sdk.json"))
    assert [each.message for each in problems(definition) if each.severity is Severity.ERROR] == []


def imported(definition: dict[str, Any]) -> str:
    """Import a definition. The import raises an error unless what it writes compiles to the same definition."""
    source = to_python(definition, Options("sdk")).source
    ast.parse(source)
    return source


def test_every_step_becomes_python() -> None:
    """One chain of all steps that have a next one; it is imported at once, which is faster than each alone."""
    alone = {"Choice", "Fail", "Succeed"}
    names = [name for name in STEPS if name not in alone]
    states = {name: sdk_definition(STEPS[name]())["States"]["S"] for name in names}
    for name, following in itertools.pairwise(names):
        states[name] = {**{key: value for key, value in states[name].items() if key != "End"}, "Next": following}
    source = imported({"StartAt": names[0], "States": states})
    assert [name for name in names if f'"{name}"' not in source] == []
    assert "raw=" not in source
    for name in alone:
        assert f"{name}(" in imported(sdk_definition(STEPS[name]()))


def test_chains_branches_and_policies() -> None:
    """Chain, Retry, Catch, next and a Choice in a chain: the order, the transitions and the policies are those of the SDK."""
    failed = steps.Fail("Failed", error="E", cause="c")
    retry = steps.Retry(error_equals=["States.Timeout"], interval_seconds=2, max_attempts=4, backoff_rate=1.5)
    catch = steps.Catch(error_equals=["States.ALL"], result_path="$.error", next_step=failed)
    first = steps.LambdaStep("First", parameters={"FunctionName": "f", "Payload.$": "$"}, retry=retry, catch=[catch])
    choice = steps.Choice("Choose")
    choice.add_choice(ChoiceRule.StringEquals(first.output()["Payload"]["kind"], "a"), steps.Chain([steps.Pass("A1"), steps.Pass("A2")]))
    last = steps.Pass("Last", parameters={"from": first.output()["Payload"], "of": JOB["job"]})
    chain = steps.Chain([first, choice, last])
    document = compiled(SdkWorkflow("MyPipeline", chain, "role", comment="a comment", timeout_seconds=60, version="1.0"))
    assert {key: value for key, value in document.items() if key != "States"} == {
        "Comment": "a comment",
        "TimeoutSeconds": 60,
        "Version": "1.0",
        "StartAt": "First",
    }
    states = document["States"]
    assert [*states] == [*Graph(chain).to_dict()["States"]]
    assert states["First"]["Retry"] == [{"ErrorEquals": ["States.Timeout"], "IntervalSeconds": 2, "MaxAttempts": 4, "BackoffRate": 1.5}]
    assert states["First"]["Catch"] == [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Failed"}]
    assert states["Choose"]["Choices"] == [{"Variable": "$['Payload']['kind']", "StringEquals": "a", "Next": "A1"}]
    assert states["Choose"]["Default"] == "Last"
    assert states["Last"]["Parameters"] == {"from.$": "$['Payload']", "of.$": "$$.Execution.Input['job']"}


def test_every_rule_has_its_comparison() -> None:
    """Each method of ChoiceRule writes the comparison of the same name."""
    values: dict[str, Any] = {"String": "a", "Numeric": 1, "Boolean": True, "Timestamp": "2026-01-31T12:00:00Z", "Is": True}
    names = [name for name, member in inspect.getmembers(ChoiceRule, callable) if name[0].isupper() and name not in ("And", "Or", "Not")]
    assert len(names) > 35
    choice = steps.Choice("Choose")
    for name in names:
        value = "$.b" if name.endswith("Path") else next(value for kind, value in values.items() if name.startswith(kind))
        choice.add_choice(getattr(ChoiceRule, name)("$.a", value), steps.Succeed("Done"))
    rules = compiled(choice)["States"]["Choose"]["Choices"]
    assert [next(key for key in rule if key not in ("Variable", "Next")) for rule in rules] == names


def test_a_placeholder_where_the_sdk_fails() -> None:
    """The SDK accepts placeholders in paths and lists, and cannot write them; their paths are written."""
    first = steps.Pass("First")
    choice = steps.Choice("Choose")
    choice.add_choice(ChoiceRule.NumericEqualsPath(first.output()["a"], first.output()["b"]), steps.Succeed("Done"))
    last = steps.Pass("Last", parameters={"args": [JOB["job"], "it's", 1]})
    chain = steps.Chain([first, choice, last])
    with pytest.raises(TypeError):
        Graph(chain).to_json()
    states = compiled(chain)["States"]
    assert states["Choose"]["Choices"][0] == {"Variable": "$['a']", "NumericEqualsPath": "$['b']", "Next": "Done"}
    assert states["Last"]["Parameters"] == {"args.$": "States.Array($$.Execution.Input['job'], 'it\\'s', 1)"}


def test_values_of_numpy_are_numbers() -> None:
    """Data scientists have them everywhere; JSON has not."""
    assert compiled(steps.Pass("S", parameters={"n": np.int64(3), "x": np.float64(0.5)}))["States"]["S"]["Parameters"] == {"n": 3, "x": 0.5}


def test_a_deep_chain() -> None:
    """The SDK follows a chain by recursion: 1,500 states are too many for Python's limit."""
    assert len(compiled(steps.Chain([steps.Pass(f"S{number}") for number in range(1500)]))["States"]) == 1500


def test_names_and_settings() -> None:
    """The name is that of the workflow, as names are here; other settings are those of a workflow."""
    made = Workflow.from_sdk(SdkWorkflow("MyTraining_Pipeline", steps.Pass("A"), "role"), type="EXPRESS")
    assert (made.name, made.type) == ("my-training-pipeline", "EXPRESS")
    frozen = FrozenGraph({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    assert compiled(frozen)["StartAt"] == "A"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (lambda: {"StartAt": "A"}, "takes a workflow of the AWS Data Science SDK"),
        (lambda: steps.Pass("A"), "the workflow has no name"),
        (ExecutionInput, "cannot write the workflow"),
        (lambda: SdkWorkflow("w", steps.Pass("A", result=JOB["job"]), "role"), "cannot write a placeholder at /States/A/Result"),
        (lambda: SdkWorkflow("w", steps.Pass("A", result=object()), "role"), "is not JSON"),
    ],
)
def test_what_is_refused(value: Any, message: str) -> None:
    """The error names the place in the definition."""
    with pytest.raises(AuthoringError, match=message):
        Workflow.from_sdk(value())


# --- the command --------------------------------------------------------------------------------------------------------

MODULE = """
from stepfunctions import steps
from stepfunctions.inputs import ExecutionInput
from stepfunctions.workflow import Workflow

given = ExecutionInput(schema={"job": str})
job = steps.GlueStartJobRunStep("Run job", parameters={"JobName": given["job"]})
workflow = Workflow("NightlyJobs", steps.Chain([job, steps.Succeed("Done")]), "role")
"""


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """``import --sdk`` imports the module without a region, and writes the workflow; other targets are errors with a reason."""
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "jobs_of_sdk.py").write_text(MODULE)
    assert cli.call(["import", "--sdk", "jobs_of_sdk:workflow"]) == 0
    source = (tmp_path / "workflows" / "nightly_jobs.py").read_text()
    assert '"nightly-jobs"' in source
    assert "stepfunctions" not in source
    assert "states.context.Execution.Input.job" in source
    for target, said in (
        ("jobs_of_sdk:missing", "has no attribute 'missing'"),
        ("jobs_of_sdk", "MODULE:ATTRIBUTE"),
        ("jobs_of_sdk:job.fields", "dict"),
    ):
        assert cli.call(["import", "--sdk", target]) == 1
        assert said in capsys.readouterr().out
    assert cli.call(["import"]) == 2
    sys.modules.pop("jobs_of_sdk")
