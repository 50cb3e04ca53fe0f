"""``sfn-generator import``: files in, modules out; all of them or none, and nothing of others is replaced."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator.cli import call

DEFINITION = {
    "Comment": "Checks an order.",
    "StartAt": "Check",
    "States": {
        "Check": {
            "Type": "Task",
            "Resource": "arn:aws:lambda:eu-west-1:111122223333:function:check-order",
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}],
            "End": True,
        },
        "Failed": {"Type": "Fail", "Error": "Failed"},
    },
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(name: str, value: Any) -> str:
    """Write a file."""
    Path(name).write_text(value if isinstance(value, str) else json.dumps(value, indent=2), encoding="utf-8")
    return name


def test_it_compiles_to_the_same_definition(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was imported is generated again, with its states in order."""
    assert call(["import", written("order.asl.json", DEFINITION)]) == 0
    assert "imported order into workflows/order.py: 2 states, 1 resource" in capsys.readouterr().err
    assert call(["generate"]) == 0
    generated = json.loads((folder / "build/order/definition.asl.json").read_text(encoding="utf-8"))
    assert generated == DEFINITION
    assert list(generated["States"]) == list(DEFINITION["States"])


def test_the_module_reads_well(folder: Path) -> None:
    """The happy path is the list, the failure has a name, the function is declared once."""
    assert call(["import", written("order.asl.json", DEFINITION)]) == 0
    assert (folder / "workflows/order.py").read_text(encoding="utf-8") == (
        '''"""Checks an order."""

from generator import Catch, Fail, Task, Workflow, errors

from workflows.resources import check_order

failed = Fail("Failed", error="Failed")

order = Workflow(
    "order",
    comment=__doc__,
    query_language="JSONPath",
    steps=[Task("Check", check_order.arn, catch=Catch(errors.ALL, failed))],
)
'''
    )
    assert 'existing="arn:aws:lambda:eu-west-1:111122223333:function:check-order"' in (folder / "workflows/resources.py").read_text(
        encoding="utf-8"
    )


def test_a_file_is_not_replaced_without_overwrite(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An existing module stays, and no other file is written either."""
    (folder / "workflows").mkdir()
    module = folder / "workflows/order.py"
    module.write_text("# mine\n", encoding="utf-8")
    assert call(["import", written("order.asl.json", DEFINITION)]) == 1
    assert "SFN854" in capsys.readouterr().out
    assert module.read_text(encoding="utf-8") == "# mine\n"
    assert not (folder / "workflows/resources.py").exists()
    assert call(["import", "order.asl.json", "--overwrite"]) == 0
    assert "Workflow(" in module.read_text(encoding="utf-8")


def test_declarations_are_added_to_the_resources_that_there_are(folder: Path) -> None:
    """The module of resources keeps what it has; a resource that it declares is used."""
    (folder / "workflows").mkdir()
    resources = folder / "workflows/resources.py"
    mine = '"""Mine."""\n\nfrom generator import Queue\n\noutbox = Queue("outbox")  # kept\n'
    resources.write_text(mine, encoding="utf-8")
    assert call(["import", written("order.asl.json", DEFINITION)]) == 0
    text = resources.read_text(encoding="utf-8")
    assert text.startswith('"""Mine."""\n\nfrom generator import Function, Queue\n\noutbox = Queue("outbox")  # kept\n\ncheck_order = ')
    assert call(["import", "order.asl.json", "-o", "workflows/again.py"]) == 0
    assert resources.read_text(encoding="utf-8") == text


def test_a_name_that_the_resources_use_otherwise_is_not_taken(folder: Path) -> None:
    """A function that the project calls check_order is not the resource; the resource gets another name."""
    (folder / "workflows").mkdir()
    (folder / "workflows/resources.py").write_text("def check_order() -> None:\n    pass\n", encoding="utf-8")
    assert call(["import", written("order.asl.json", DEFINITION)]) == 0
    assert "check_order_function = Function(" in (folder / "workflows/resources.py").read_text(encoding="utf-8")
    assert call(["generate"]) == 0


def test_imports_of_one_project_share_no_name(folder: Path) -> None:
    """A function and a workflow of one name, and two functions of one name, are told apart; what is the same is declared once."""

    def task(resource: str) -> dict[str, Any]:
        return {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": resource, "End": True}}}

    arn = "arn:aws:lambda:eu-west-1:111122223333:function:hello"
    for number, resource in enumerate([arn, f"{arn}:live", "${HelloArn}", arn]):
        assert call(["import", written(f"hello{number or ''}.asl.json", task(resource))]) == 0
    assert call(["import", written("hello-function.asl.json", task(arn))]) == 0
    assert call(["generate"]) == 0
    assert (folder / "workflows/resources.py").read_text(encoding="utf-8").count("Function(") == 3
    assert "hello = Workflow(" in (folder / "workflows/hello.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("missing.json", None, "SFN004"),
        ("empty.json", "", "SFN001"),
        ("broken.json", '{"StartAt": ', "SFN001"),
        ("list.json", "[1, 2]", "SFN852"),
        ("text.yaml", "hello", "SFN852"),
        ("tabs.yaml", "a:\n\t- b", "SFN001"),
        ("package.json", '{"name": "x"}', "SFN852"),
        ("none.json", '{"StartAt": "A", "States": {}}', "SFN851"),
        ("start.json", '{"StartAt": 7, "States": {"A": {"Type": "Succeed"}}}', "SFN851"),
        ("states.json", '{"StartAt": "A", "States": [1]}', "SFN851"),
        ("state.json", '{"StartAt": "A", "States": {"A": null}}', "SFN851"),
        ("broken.tf", 'resource "aws_sfn_state_machine" "a" {', "SFN852"),
        ("computed.tf", 'resource "aws_sfn_state_machine" "a" {\n  definition = module.x.y\n}\n', "SFN852"),
        ("other.tf", 'variable "a" {}\n', "SFN852"),
        ("gone.tf", 'resource "aws_sfn_state_machine" "a" {\n  definition = file("gone.json")\n}\n', "SFN004"),
        (
            "bucket.yaml",
            "Resources:\n  A:\n    Type: AWS::StepFunctions::StateMachine\n    Properties: {DefinitionUri: s3://a/b}\n",
            "SFN852",
        ),
        ("nothing.yaml", "Resources:\n  A:\n    Type: AWS::Serverless::StateMachine\n", "SFN852"),
        ("sls.yml", "stepFunctions:\n  stateMachines:\n    a: ${file(gone.yml)}\n", "SFN004"),
        ("odd.yml", "stepFunctions:\n  stateMachines: [1]\n", "SFN852"),
    ],
)
def test_bad_input_is_a_diagnostic(name: str, text: str | None, code: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever the file contains, there is a message with a place and the exit code 1, and nothing is written."""
    if text is not None:
        written(name, text)
    before = sorted(folder.rglob("*"))
    assert call(["import", name]) == 1
    shown = capsys.readouterr().out
    assert code in shown
    assert name.split(".", maxsplit=1)[0] in shown
    assert sorted(folder.rglob("*")) == before


def test_standard_output(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With ``-o -`` the sources are printed, and nothing is written."""
    written("order.asl.json", DEFINITION)
    before = sorted(folder.rglob("*"))
    assert call(["import", "order.asl.json", "-o", "-"]) == 0
    assert 'order = Workflow(\n    "order",' in capsys.readouterr().out
    assert sorted(folder.rglob("*")) == before


def test_placeholders_keep_their_names(folder: Path) -> None:
    """What is generated has the placeholders of the file, and the role those of the resources that they stand for."""
    definition = {
        "StartAt": "Check",
        "States": {
            "Check": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": {"FunctionName": "${CheckOrderFunctionArn}", "Payload.$": "$"},
                "Next": "Charge",
            },
            "Charge": {"Type": "Task", "Resource": "${ChargeFunction}", "Next": "Store"},
            "Store": {
                "Type": "Task",
                "Resource": "arn:aws:states:::dynamodb:putItem",
                "Parameters": {"TableName": "${OrdersTable}", "Item": {"id": {"S.$": "$.id"}}},
                "Next": "Again",
            },
            "Again": {
                "Type": "Task",
                "Resource": "arn:aws:states:::dynamodb:getItem",
                "Parameters": {"TableName": "${OrdersTableName}", "Key": {"id": {"S.$": "$.id"}}},
                "Next": "Tell",
            },
            "Tell": {
                "Type": "Task",
                "Resource": "arn:aws:states:::sns:publish",
                "Parameters": {"TopicArn": "${NotifyTopic}", "Message": "stored in ${Stage}"},
                "End": True,
            },
        },
    }
    (folder / "order.asl.json").write_text(json.dumps(definition), encoding="utf-8")
    assert call(["import", "order.asl.json"]) == 0
    assert 'existing="${CheckOrderFunctionArn}"' in (folder / "workflows" / "resources.py").read_text(encoding="utf-8")
    assert call(["generate"]) == 0
    made = json.loads((folder / "build" / "order" / "definition.asl.json").read_text(encoding="utf-8"))
    assert (made, [*made["States"]]) == (definition, [*definition["States"]])
    role = json.loads((folder / "build" / "order" / "execution-role.policy.json").read_text(encoding="utf-8"))
    allowed = {statement["Sid"]: statement["Resource"] for statement in role["Statement"]}
    assert allowed["LambdaInvokeFunction"] == ["${ChargeFunction}", "${CheckOrderFunctionArn}"]
    assert allowed["SnsPublish"] == "${NotifyTopic}"
    variables = (folder / "build" / "order" / "variables.tf").read_text(encoding="utf-8")
    assert all(f'variable "{name}"' in variables for name in ("ChargeFunction", "OrdersTable", "OrdersTableName", "Stage"))
