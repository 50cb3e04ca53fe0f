"""The contract of emitters: a new one needs nothing but the compiled workflow. Proved by one for CloudFormation, written here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint

from generator import Activity, Function, Logging, Pass, Queue, StateMachine, Task, Workflow, literal, placeholder, states
from generator.asl.placeholders import Placeholder, fill, names
from generator.catalog.resources import ARN
from generator.emit import Artifact, artifacts
from generator.emit.deployment import deployment_placeholders
from generator.iam.policy import trust_policy
from generator.loader import load
from generator.lower import CompiledWorkflow, compile_workflow
from generator.settings import read_project
from tests.support.source_rules import modules

ROOT = Path(__file__).resolve().parents[2]
PSEUDO_PARAMETERS = {"aws_account_id": "AWS::AccountId", "aws_partition": "AWS::Partition", "aws_region": "AWS::Region"}


def cloudformation(compiled: CompiledWorkflow) -> Iterator[Artifact]:
    """Write a CloudFormation template of the state machine and its role; each placeholder is a parameter."""
    workflow = compiled.workflow
    logged = workflow.logging.level != "OFF"
    chosen = {"": True, "logging": logged, "tracing": workflow.tracing}
    policies = [policy for policy in compiled.role.policies if chosen.get(policy.setting)]
    wanted = {name for policy in policies for name in policy.document.placeholders} | {*compiled.placeholders, "state_machine_name"}
    known = compiled.walk.once(deployment_placeholders)
    parameters = {name: known.get(name, Placeholder(name)) for name in sorted(wanted - PSEUDO_PARAMETERS.keys())}
    references = {name: logical_id(name) for name in parameters} | PSEUDO_PARAMETERS
    inline = [policy for policy in policies if not policy.managed]
    machine = {
        "StateMachineName": {"Ref": references["state_machine_name"]},
        "StateMachineType": workflow.type,
        "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
        "DefinitionString": compiled.text(),
        "TracingConfiguration": {"Enabled": workflow.tracing},
    }
    if compiled.placeholders:
        machine["DefinitionSubstitutions"] = {name: {"Ref": references[name]} for name in compiled.placeholders}
    resources: dict[str, Any] = {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": substituted(trust_policy(), references),
                "Policies": [
                    {"PolicyName": policy.name, "PolicyDocument": substituted(policy.document.document(), references)} for policy in inline
                ],
            },
        },
        "StateMachine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": machine},
    }
    for policy in policies:
        if policy.managed:
            resources[logical_id(policy.name.replace("-", "_"))] = {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {"PolicyDocument": substituted(policy.document.document(), references), "Roles": [{"Ref": "Role"}]},
            }
    if logged:
        resources["Logs"] = {
            "Type": "AWS::Logs::LogGroup",
            "Properties": {"RetentionInDays": workflow.logging.retention_days},
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
        }
        machine["LoggingConfiguration"] = {
            "Level": workflow.logging.level,
            "IncludeExecutionData": workflow.logging.include_execution_data,
            "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": ["Logs", "Arn"]}}}],
        }
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Parameters": {references[name]: parameter(each) for name, each in parameters.items()},
        "Resources": resources,
    }
    yield Artifact.of_text("template.json", json.dumps(template, indent=2) + "\n")


def logical_id(name: str) -> str:
    """Write a name as CloudFormation names parameters and resources."""
    return "".join(part.capitalize() for part in name.split("_"))


def parameter(known: Placeholder) -> dict[str, Any]:
    """Describe a placeholder by the kind, the resource and the attribute that it stands for."""
    described: dict[str, Any] = {"Type": "String"}
    if known.kind:
        described["Description"] = f"The {known.attribute} of the {known.kind} {known.resource}"
    if known.attribute == ARN:
        described["AllowedPattern"] = "arn:.+"
    return described


def substituted(value: Any, references: dict[str, str]) -> Any:
    """Write JSON with placeholders as JSON in which CloudFormation substitutes them."""
    if isinstance(value, dict):
        return {key: substituted(inner, references) for key, inner in value.items()}
    if isinstance(value, list):
        return [substituted(inner, references) for inner in value]
    if isinstance(value, str) and names(value):
        return {"Fn::Sub": fill(value, lambda name: "${" + references[name] + "}")}
    return value


_A_LIST = "[] is not of type 'string', 'object'"


def problems(template: dict[str, Any]) -> list[str]:
    """Return the errors and warnings of cfn-lint.

    The definition is given as an object: cfn-lint 1.58 checks a DefinitionString against its schema for JSONPath even if the
    definition is in JSONata, and checks an object against the right one. There it refuses an Output that is a list, which
    Step Functions accepts: https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html
    """
    properties = template["Resources"]["StateMachine"]["Properties"]
    properties["Definition"] = json.loads(properties.pop("DefinitionString"))
    found = [(match.rule.id, [*match.path][-1:], match.message) for match in lint(json.dumps(template))]
    return [f"{rule} {at}: {said}" for rule, at, said in found if (rule, at, said) != ("E3601", ["Output"], _A_LIST)]


@cache
def project() -> dict[str, Workflow]:
    """Load the workflows of the project."""
    loaded = load(read_project(ROOT))
    assert loaded.diagnostics == []
    return {workflow.name: workflow for _, workflow in loaded.workflows}


def test_the_project_has_its_workflows() -> None:
    """The parameters below are all workflows of ``workflows/``, whose names are known before they are loaded."""
    assert set(project()) == {path.parent.name for path in (ROOT / "build").rglob("definition.asl.json")}


OTHERS = {
    "free-placeholder": Workflow("greet", steps=[Pass("Greet", output={"text": placeholder("greeting")})], tracing=False),
    "author's-own": Workflow(
        "text", steps=[Pass("Say", output=literal({"text": "${aws_region} %{if} costs ${5}"}))], logging=Logging("OFF")
    ),
    "activity": Workflow("work", steps=[Task("Work", Activity("clerk").perform())]),
    "nested": Workflow("parent", steps=[Task("Child", StateMachine("child").run())]),
    "managed-policies": Workflow("large", steps=[Task(f"Call{n}", Function(f"worker-{n}").invoke()) for n in range(90)]),
}


@pytest.mark.parametrize("name", sorted({path.parent.name for path in (ROOT / "build").rglob("definition.asl.json")} | OTHERS.keys()))
def test_cfn_lint_accepts_what_an_emitter_makes_of_a_compiled_workflow(name: str) -> None:
    """Every workflow of the project, and the odd ones, without an error or a warning."""
    compiled = compile_workflow(OTHERS[name] if name in OTHERS else project()[name])
    assert compiled.diagnostics == ()
    assert problems(json.loads(artifacts(compiled, (cloudformation,))["template.json"])) == []


def test_cfn_lint_would_find_what_is_missing() -> None:
    """It looks at references and at the definition: a missing parameter and a broken state are found."""
    compiled = compile_workflow(Workflow("send", steps=[Task("Send", Queue("jobs").send_message(states.input))]))
    template = json.loads(artifacts(compiled, (cloudformation,))["template.json"])
    del template["Parameters"]["JobsUrl"]
    properties = template["Resources"]["StateMachine"]["Properties"]
    properties["DefinitionString"] = properties["DefinitionString"].replace('"Type":"Task"', '"Type":"Tusk"')
    found = {problem.partition(" ")[0] for problem in problems(template)}
    assert {"E1020", "E3601"} <= found


def test_two_emitters_cannot_write_one_file() -> None:
    """The second one would replace what the first one wrote."""
    with pytest.raises(ValueError, match=r"two emitters write 'template\.json'"):
        artifacts(compile_workflow(OTHERS["nested"]), (cloudformation, cloudformation))


def test_the_escapes_of_terraform_are_in_its_folder() -> None:
    """No other module knows the directives of Terraform's templates, but for the one that reads Terraform."""
    found = {path for path, text in modules().items() if "%{" in text}
    assert found
    assert [path for path in found if not path.startswith(("generator/emit/terraform/", "generator/importers/hcl.py"))] == []


def test_the_neutral_definition_knows_no_target() -> None:
    """It has no escape of Terraform's; an author's own ``${`` is a JSON escape, which every reader of JSON turns back."""
    compiled = compile_workflow(OTHERS["author's-own"])
    assert compiled.placeholders == {}
    assert "%{if}" in compiled.text()
    assert names(compiled.text()) == []
    assert json.loads(compiled.text())["States"]["Say"]["Output"]["text"] == "${aws_region} %{if} costs ${5}"
