"""Where definitions are found: SAM, CloudFormation, ``serverless.yml``, Terraform; and a definition that is taken as it is."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

import pytest

from generator.cli import call
from generator.importers.files import find_machines
from generator.importers.sources import Machine
from generator.loader import load
from generator.lower import compile_workflow
from generator.settings import read_project


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(name: str, text: str) -> Path:
    """Write a file."""
    file = Path(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(textwrap.dedent(text), encoding="utf-8")
    return file


def found(name: str, text: str) -> Machine:
    """Return the only state machine of a file."""
    source = find_machines(written(name, text))
    assert [d.message for d in source.diagnostics] == []
    (machine,) = source.machines
    return machine


def imported(name: str) -> tuple[str, str]:
    """Import a file, and return its only module and the resources."""
    assert call(["import", name]) == 0
    assert call(["generate"]) == 0
    resources = Path("workflows/resources.py")
    (module,) = [file for file in Path("workflows").glob("*.py") if file.name != "resources.py"]
    return module.read_text(encoding="utf-8"), resources.read_text(encoding="utf-8") if resources.exists() else ""


ONE = '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "%s", "End": true}}}'


def test_sam_with_a_file_and_substitutions() -> None:
    """The file is found beside the template, and the substitutions say what its placeholders mean."""
    written("sam/flow/a.asl.json", ONE % "${CheckArn}")
    written(
        "sam/template.yaml",
        """\
        Resources:
          Flow:
            Type: AWS::Serverless::StateMachine
            Properties:
              Type: EXPRESS
              DefinitionUri: flow/a.asl.json
              DefinitionSubstitutions: {CheckArn: !GetAtt Check.Arn}
          Check:
            Type: AWS::Serverless::Function
            Properties: {Timeout: 10, MemorySize: 512, Runtime: python3.12}
        """,
    )
    module, resources = imported("sam/template.yaml")
    assert 'type="EXPRESS"' in module
    assert 'check = Function("check", timeout_seconds=10, memory_mb=512, runtime="python3.12")' in resources


def test_cloudformation_with_sub_and_a_block() -> None:
    """A definition as text has the lines of the template, and its intrinsic functions are placeholders."""
    machine = found(
        "a.yaml",
        """\
        Resources:
          Flow:
            Type: AWS::StepFunctions::StateMachine
            Properties:
              StateMachineName: flow
              DefinitionString: !Sub
                - |
                  {
                    "StartAt": "A",
                    "States": {
                      "A": {"Type": "Task", "Resource": "arn:${AWS::Partition}:${Name}:${Fn.Arn}", "TimeoutSeconds": ${Limit}, "End": true}
                    }
                  }
                - {Name: fixed}
        """,
    )
    assert machine.name == "flow"
    assert machine.definition["States"]["A"]["Resource"] == "arn:${AWS::Partition}:fixed:${Fn.Arn}"
    assert machine.bare == {"Limit"}
    assert machine.locate(("States", "A")).line == 11


def test_cloudformation_of_the_cdk() -> None:
    """The CDK joins text and references; the hash of a logical id is no part of a name."""
    text = (ONE % "|").split("|")
    template = {
        "Resources": {
            "FlowF0F3A4B7": {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {"DefinitionString": {"Fn::Join": ["", [text[0], {"Fn::GetAtt": ["Check2E01A3A5", "Arn"]}, text[1]]]}},
            },
            "Check2E01A3A5": {"Type": "AWS::Lambda::Function", "Properties": {"Timeout": 30}},
        }
    }
    written("cdk.json", json.dumps(template))
    module, resources = imported("cdk.json")
    assert "flow = Workflow(" in module
    assert 'check = Function("check", timeout_seconds=30)' in resources


def test_serverless() -> None:
    """Functions are found by the names that the plugin gives them, variables are placeholders, comments stay."""
    written("base.yml", "machine: {definition: {StartAt: B, States: {B: {Type: Succeed}}}}\n")
    written(
        "serverless.yml",
        """\
        functions:
          sayHello: {handler: a.b, timeout: 12}
        stepFunctions:
          stateMachines:
            hello:
              name: hello-${opt:stage, 'dev'}
              definition:
                StartAt: A
                States:
                  # Twice, because of the network.
                  A:
                    Type: Task
                    Resource: !GetAtt SayHelloLambdaFunction.Arn
                    Parameters: {url: "https://${self:custom.host}/", account: "#{AWS::AccountId}"}
                    End: true
        """,
    )
    module, resources = imported("serverless.yml")
    assert "# Twice, because of the network." in module
    assert 'fn.format("https://{}/", placeholder("self_custom_host"))' in module
    assert '"account": "${aws_account_id}"' in module
    assert 'say_hello = Function("say-hello", timeout_seconds=12)' in resources
    assert found("b.yml", "stepFunctions: {stateMachines: {b: '${file(base.yml):machine}'}}\n").definition["StartAt"] == "B"


TERRAFORM = """\
resource "aws_lambda_function" "check" {
  function_name = "check-order"
  timeout       = 20
  count         = var.create ? 1 : 0
  tags          = { for k, v in var.tags : k => v }
}

locals {
  tries = 3
  flow  = <<-EOF
    {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${aws_lambda_function.check[0].arn}", "End": true}}}
  EOF
}

resource "aws_sfn_state_machine" "flow" {
  type       = "EXPRESS"
  definition = %s
}
"""


@pytest.mark.parametrize(
    ("definition", "resource"),
    [
        (
            'jsonencode({ StartAt = "A", States = { A = { Type = "Task", Resource = aws_lambda_function.check.arn, End = true } } })',
            "check_order.arn",
        ),
        ("local.flow", "check_order.arn"),
        ('templatefile("${path.module}/a.asl.json", { arn = aws_lambda_function.check.arn })', "check_order.arn"),
        ('file("./b.asl.json")', "check_order.arn"),
    ],
)
def test_terraform(definition: str, resource: str) -> None:
    """``jsonencode``, a heredoc, ``templatefile`` and ``file`` are read; nothing is executed."""
    written("a.asl.json", ONE % "${arn}")
    written("b.asl.json", ONE % "arn:aws:lambda:eu-west-1:111122223333:function:check-order")
    written("main.tf", TERRAFORM % definition)
    module, _ = imported("main.tf")
    assert resource in module
    assert 'type="EXPRESS"' in module


def test_what_only_a_deployment_knows_is_a_placeholder() -> None:
    """A condition in a definition is reported with its line, and a number without quotation marks is one."""
    machine = found("c.json", '{"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": ${pause}, "End": true}}}')
    assert machine.bare == {"pause"}
    source = find_machines(
        written(
            "d.yaml",
            """\
            Resources:
              A:
                Type: AWS::Serverless::StateMachine
                Properties:
                  Definition:
                    StartAt: A
                    States:
                      A: {Type: Wait, Seconds: !If [IsProd, 10, 1], End: true}
            """,
        )
    )
    ((note,),) = [machine.notes for machine in source.machines]
    assert (note.code, note.span.line) == ("SFN853", 8)


# -- a definition as it is ------------------------------------------------------------------------------------------------------


def project(definition: Any, module: str) -> Any:
    """Make a project with a definition, and load it."""
    written("workflows/order.asl.json", definition if isinstance(definition, str) else json.dumps(definition, indent=2))
    written("workflows/order.py", module)
    return load(read_project(Path()))


MODULE = (
    'from generator import Function, Workflow\n\ncheck = Function("check")\norder = Workflow.from_asl("order.asl.json", type="EXPRESS")\n'
)


def test_from_asl_compiles_to_the_file() -> None:
    """The definition is the file, its placeholders are attributes of resources or variables, and the build has all parts."""
    text = '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${check_arn}", "TimeoutSeconds": ${limit}, "End": true}}}'
    loaded = project(text, MODULE)
    ((_, workflow),) = loaded.workflows
    compiled = compile_workflow(workflow, loaded.placeholders)
    assert compiled.diagnostics == compiled.findings == ()
    assert compiled.text().replace(" ", "") == text.replace(" ", "")
    assert {name: (each.kind, each.type) for name, each in compiled.placeholders.items()} == {
        "check_arn": ("function", "string"),
        "limit": ("", "number"),
    }
    assert call(["generate"]) == 0
    assert {"definition.asl.json", "main.tf", "README.md", "diagram.svg"} <= {file.name for file in Path("build/order").iterdir()}


def test_problems_are_shown_at_the_lines_of_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    """In the words of ASL, since there is no Python."""
    project({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}}, MODULE)
    assert call(["check"]) == 1
    shown = capsys.readouterr().out
    assert "workflows/order.asl.json:6" in shown
    assert "SFN101" in shown


@pytest.mark.parametrize(("text", "code"), [("[]", "SFN806"), ('{"StartAt"', "SFN001")])
def test_a_file_without_a_definition_is_a_problem(text: str, code: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It is not a traceback."""
    project(text, MODULE)
    assert call(["check"]) == 1
    assert code in capsys.readouterr().out
