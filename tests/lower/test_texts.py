"""``${name}`` in an author's text: the placeholder if it is declared, else an error with the way to say what is meant."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator import (
    Catch,
    Choice,
    Commented,
    DistributedMap,
    Fail,
    Parallel,
    Pass,
    Retry,
    Table,
    Task,
    Wait,
    Workflow,
    fn,
    integration,
    jsonata,
    jsonpath,
    literal,
    placeholder,
    states,
    when,
)
from generator.asl.definition import definition_of
from generator.asl.placeholders import names
from generator.asl.read import read_text
from generator.emit import artifacts
from generator.engine import execute
from generator.iam.role import execution_role
from generator.lower import CompiledWorkflow, compile_workflow
from generator.pipeline import Run, check_all, compile_all, load_all, run_pipeline
from tests.support.markers import internal_markers

ROOT = Path(__file__).resolve().parents[2]
x = states.input


def compiled(*steps: Any, **options: Any) -> CompiledWorkflow:
    """Compile steps."""
    return compile_workflow(Workflow("w", steps=list(steps), **options))


PLACES = {
    "argument": lambda t: Task("P", integration("dynamodb:getItem", {"TableName": t, "Key": {"id": {"S": "1"}}})),
    "inside": lambda t: Pass("P", output={"a": [{"b": f"x-{t}-y"}]}),
    "key": lambda t: Pass("P", output={t: 1}),
    "assign": lambda t: Pass("P", assign={"a": t}),
    "resource": lambda t: Task("P", f"arn:aws:lambda:us-east-1:123456789012:function:{t}"),
    "cause": lambda t: Fail("P", cause=t),
    "error name": lambda t: Task("P", "arn:aws:states:::aws-sdk:s3:listBuckets", retry=Retry(t)),
    "operand": lambda t: Pass("P", output="a" + x.a + t),
    "template": lambda t: Pass("P", output=fn.format("{}" + t, x.a)),
    "member": lambda t: Pass("P", output=x[t]),
    "raw": lambda t: Pass("P", output=jsonata(f"$states.input.a & '{t}'")),
    "raw inside": lambda t: Pass("P", output=jsonata(f"'{t}'") == x.a),
    "delimited": lambda t: Pass("P", output="{% '" + t + "' %}"),
    "condition": lambda t: Choice("P", when(x.a == t, Fail("E")), otherwise="Q"),
    "condition text": lambda t: Choice("P", when("{% '" + t + "' = 'a' %}", Fail("E")), otherwise="Q"),
    "seconds": lambda t: Wait("P", seconds="{% " + t + " %}"),
    "label": lambda t: DistributedMap("P", x.items, Pass("I"), label=t),
    "nested": lambda t: Parallel("P", [Pass("I", output=t)]),
    "catcher": lambda t: Task("P", "arn:aws:states:::aws-sdk:s3:listBuckets", catch=Catch("E", Fail("F"), output=t)),
    "path": lambda t: Pass("P", query_language="JSONPath", output={"a.$": f"$['{t}']"}),
    "intrinsic": lambda t: Pass("P", query_language="JSONPath", output={"a": "b{" + x.a + t}),
    "intrinsic template": lambda t: Pass("P", query_language="JSONPath", output={"a": fn.format("{}" + t, x.a)}),
    "intrinsic object": lambda t: Pass("P", query_language="JSONPath", output={"a": fn.merge(x.a, {"b": t})}),
    "raw path": lambda t: Pass("P", query_language="JSONPath", output={"a": jsonpath(f"$['{t}']")}),
    "comparison": lambda t: Choice("P", when(x.a == t, Fail("E")), otherwise="Q", query_language="JSONPath"),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_name_that_is_not_declared_is_an_error(place: str) -> None:
    """Everywhere: in values, keys, names of errors, raw expressions and ARNs; the hint has the way to say it."""
    made = compiled(PLACES[place]("${my_table}"), Fail("Q", error="E"))
    assert [d.code for d in made.diagnostics] == ["SFN821"]
    (found,) = made.diagnostics
    assert 'placeholder("my_table")' in found.hint
    assert found.span.file.endswith("test_texts.py")
    assert internal_markers(f"{found.message} {found.found} {found.hint}") == []


@pytest.mark.parametrize("place", PLACES)
def test_a_name_that_is_declared_is_the_placeholder(place: str) -> None:
    """The declaration may come later, and anywhere in the workflow."""
    made = compiled(PLACES[place]("${my_table}"), Fail("Q", error="E", cause=placeholder("my_table")))
    assert made.diagnostics == ()
    assert "${my_table}" in json.dumps(made.document["States"]["P"], ensure_ascii=False)
    assert set(names(made.text())) == {"my_table"}
    assert list(made.placeholders) == ["my_table"]


def test_what_else_is_declared() -> None:
    """The values that each module fills in, and the attributes of the resources that the workflow uses."""
    orders = Table("orders", key="id")
    text = "arn:${aws_partition}:sns:${aws_region}:${aws_account_id}:${orders_name}-${state_machine_name}"
    made = compiled(Task("Get", orders.get_item({"id": {"S": text}})))
    assert made.diagnostics == ()
    assert {name: each.kind for name, each in made.placeholders.items()} == {
        "aws_account_id": "",
        "aws_partition": "",
        "aws_region": "",
        "orders_name": "table",
        "state_machine_name": "",
    }


def test_the_resources_of_the_project_are_declared(project: Callable[..., Path]) -> None:
    """Also those that this workflow does not use otherwise."""
    module = "from generator import *\n\nq = Queue('jobs')\nw = Workflow('w', steps=[Pass('P', output='${jobs_url}')])\n"
    root = project(a=module)
    run = run_pipeline(Run(root, write=False), (load_all, compile_all, check_all))
    assert run.diagnostics == []
    assert run.compiled[0][1].placeholders["jobs_url"].kind == "queue"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("${my_table}", 'write placeholder("my_table") for a value that deployment fills in, or literal("${my_table}") for this very text'),
        ("a ${HOME} b", 'write literal("${HOME}") for this very text'),
        ("${AWS::Region}", 'write placeholder("aws_region") for a value that deployment fills in, or literal("${AWS::Region}")'),
    ],
)
def test_the_way_to_say_it(text: str, hint: str) -> None:
    """A name that cannot be a variable of Terraform is only offered as text; CloudFormation's have names of their own here."""
    (found,) = compiled(Pass("P", output=text)).diagnostics
    assert found.hint.startswith(hint)


LITERALS = ["${HOME}", "cd ${HOME} && ls", "costs ${5}", "{% ${x} %}", "$${a}", {"${k}": ["${v}", {"a": "{% $x %}"}]}]


@pytest.mark.parametrize("value", LITERALS)
@pytest.mark.parametrize("language", ["JSONata", "JSONPath"])
def test_a_literal_is_this_very_text(value: Any, language: Any) -> None:
    """Deployment, every reader of JSON and the engine get what the author wrote."""
    made = compiled(Pass("P", output={"v": literal(value)}), query_language=language)
    assert made.diagnostics == ()
    assert names(made.text()) == []
    assert made.placeholders == {}
    text = value if isinstance(value, str) else ""
    joined = compiled(Pass("P", output={"v": literal(text) + x.a}), query_language=language)
    assert joined.diagnostics == ()
    assert names(joined.text()) == []
    assert execute(joined.text(), {"a": "!"}).output == {"v": text + "!"}


@pytest.mark.parametrize("value", [text for text in LITERALS if isinstance(text, str)])
@pytest.mark.parametrize(
    "call",
    [
        lambda t: integration("dynamodb:getItem", {"TableName": t, "Key": {"id": {"S": "1"}}}),
        lambda t: integration("sns:publish", {"TopicArn": t, "Message": t}),
        lambda t: integration("aws-sdk:s3:getObject", {"Bucket": t, "Key": t}),
        lambda t: integration("states:startExecution", {"StateMachineArn": t, "Input": {}, "Name": t}),
    ],
)
def test_the_role_never_has_a_marker(value: str, call: Any) -> None:
    """What a policy names is text, in which ``${`` of an author is escaped as IAM has it."""
    made = compiled(Task("T", call(literal(value))), Task("U", call(literal("arn:aws:s3:us-east-1:123456789012:table/" + value))))
    for path, content in artifacts(made).items():
        assert internal_markers(content.decode()) == [], path
    assert internal_markers(json.dumps(execution_role(made.walk).policy.document())) == []
    read = definition_of(read_text(made.text(), "d.asl.json"))
    assert read.walk is not None
    assert internal_markers(json.dumps(execution_role(read.walk).policy.document())) == []


def test_comments_are_prose() -> None:
    """A comment is data: it names what it likes, and nothing is filled in."""
    c = "Fills ${my_table} from ${HOME}."
    made = compiled(
        Choice("C", when(x.a == 1, Fail("F", comment=c), comment=c), otherwise="P", comment=c),
        Parallel("P", Commented([Pass("I", comment=c)], c), retry=Retry("E", comment=c), catch=Catch("E", "F", comment=c)),
        comment=c,
    )
    assert made.diagnostics == ()
    assert names(made.text()) == []
    assert json.loads(made.text())["States"]["C"]["Comment"] == c
    assert json.loads(made.text())["Comment"] == c


def test_the_name_of_a_state_is_no_place_for_a_placeholder() -> None:
    """Not even for a declared one: it would differ in each deployment."""
    assert [d.code for d in compiled(Pass("In ${env}"), Pass("P", output=placeholder("env"))).diagnostics] == ["SFN821"]


@pytest.mark.parametrize("text", ["${", "${}", "${a b}", "${a:-b c}", "$ {a}", "%{a}", "${a-b}"])
def test_what_has_no_name_is_text(text: str) -> None:
    """Only ``${name}`` is ambiguous."""
    made = compiled(Pass("P", output=text))
    assert made.diagnostics == ()
    assert json.loads(made.text())["States"]["P"]["Output"] == text


@pytest.mark.parametrize("character", ["\ufdd0", "\ufdd1", "\ufdef", "$\ufdd0{a}", "$\ufdd1{a b}"])
def test_internal_characters_are_refused(character: str) -> None:
    """Unicode reserves U+FDD0 to U+FDEF for use inside a program; no text that is exchanged has one."""
    assert "SFN806" in [d.code for d in compiled(Pass("P", output="a" + character)).diagnostics]
    assert "SFN806" in [d.code for d in compiled(Pass("P", comment="a" + character)).diagnostics]


def test_no_committed_file_has_a_marker() -> None:
    """The artifacts in ``build/``, and the golden files of tests."""
    folders = [ROOT / "build", *ROOT.glob("tests/*/golden"), ROOT / "tests" / "invalid"]
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts]
    assert len(files) > 100
    assert {file.name: found for file in files if (found := internal_markers(file.read_text(encoding="utf-8")))} == {}


def test_a_value_that_is_not_json_is_reported_wherever_it_is() -> None:
    """The compiler never crashes on one."""
    for step in (
        DistributedMap("D", x.items, Pass("P"), label=x.a),  # type: ignore[arg-type]
        Pass("P", output={1: "a"}),  # type: ignore[dict-item]
        Pass("P", output={"a": {"b": {1}}}),  # type: ignore[dict-item]
    ):
        assert "SFN806" in [d.code for d in compiled(step).diagnostics]
