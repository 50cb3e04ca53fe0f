"""What the vocabulary has for definitions that must equal another one: raw fields, the order of states, old names, existing resources."""

from __future__ import annotations

from typing import Any

import pytest

from generator import (
    Bucket,
    Choice,
    Fail,
    Function,
    Map,
    Pass,
    Queue,
    Retry,
    Succeed,
    Table,
    Task,
    Wait,
    Workflow,
    fn,
    integration,
    literal,
    placeholder,
    states,
    when,
)
from generator.dsl.source import AuthoringError
from generator.emit.resources import emit
from generator.lower import compile_workflow

x = states.input


def compiled(*steps: Any, **settings: Any) -> Any:
    """Compile a workflow of JSONPath, which must have no problem."""
    result = compile_workflow(Workflow("as-asl", steps=list(steps), **{"query_language": "JSONPath", **settings}))
    assert [d.message for d in result.diagnostics] == []
    return result.document


def test_raw_fields_take_the_place_of_what_the_step_writes() -> None:
    """They are JSON as ASL has it, with references; transitions of their own replace those of the list."""
    raw = {"Colour": placeholder("colour"), "Result": {"a.$": "$.b"}, "Next": "Done", "Text": literal("${x}")}
    document = compiled(Pass("A", result=1, raw=raw), Pass("B"), Succeed("Done"), raw={"QueryLanguage": "JSONPath"})
    assert document["QueryLanguage"] == "JSONPath"
    state = document["States"]["A"]
    assert (state["Colour"], state["Result"], state["Next"]) == ("${colour}", {"a.$": "$.b"}, "Done")
    assert "End" not in state


def test_raw_fields_cannot_be_computed() -> None:
    """An expression is known only when the workflow runs."""
    result = compile_workflow(Workflow("computed", steps=[Pass("A", raw={"Result": x.a})]))
    assert [d.code for d in result.diagnostics] == ["SFN806"]


def test_the_order_of_states() -> None:
    """States have the order that is said, in each scope; a name that no state has is an error."""
    each = Map("Each", x.items, [Choice("Inner", when(x.a == 1), otherwise=Fail("No")), Pass("Yes")])
    document = compiled(Pass("First"), each, order=["Each", "First", "Yes", "No", "Inner"])
    assert list(document["States"]) == ["Each", "First"]
    assert list(document["States"]["Each"]["ItemProcessor"]["States"]) == ["Yes", "No", "Inner"]
    assert document["StartAt"] == "First"
    wrong = compile_workflow(Workflow("wrong", steps=[Succeed("Done")], order=["Dona"]))
    assert [(d.code, d.hint) for d in wrong.diagnostics] == [("SFN806", "did you mean 'Done'?")]


def test_a_map_with_old_names_and_one_with_its_mode() -> None:
    """Both names of a field mean the same; the mode is the default."""
    old = compiled(Map("Each", x.items, [Pass("One")], item_selector={"i": states.item}, old_names=True))["States"]["Each"]
    assert {"Iterator", "Parameters"} < old.keys()
    assert not {"ItemProcessor", "ItemSelector"} & old.keys()
    inline = compiled(Map("Each", x.items, [Pass("One")], mode="INLINE"))["States"]["Each"]
    assert inline["ItemProcessor"]["ProcessorConfig"] == {"Mode": "INLINE"}


def test_a_comparison_as_asl_has_it() -> None:
    """A rule may be a dict; a test that must be false is a comparison with False."""
    choice = Choice("If", when({"Variable": "$.a", "IsPresent": False}), when(fn.exists(x.b) == False), otherwise=None)
    rules = compiled(choice, Succeed("Done"))["States"]["If"]["Choices"]
    assert rules == [{"Variable": f"$.{name}", "IsPresent": False, "Next": "Done"} for name in "ab"]
    result = compile_workflow(Workflow("jsonata", steps=[Choice("If", when({"Variable": "$.a"}), otherwise=None), Succeed("Done")]))
    assert "SFN802" in {d.code for d in result.diagnostics}


def test_a_function_is_called_by_its_arn() -> None:
    """The result of such a task is the return value; an expression that only an execution knows is refused."""
    check = Function("check")
    document = compiled(Task("A", check.arn), Task("B", integration(check.arn, {"a": x.a})))
    assert document["States"]["A"] == {"Type": "Task", "Resource": "${check_arn}", "Next": "B"}
    assert document["States"]["B"]["Parameters"] == {"a.$": "$.a"}
    with pytest.raises(AuthoringError):
        Task("C", x.arn)


def test_a_number_of_a_retrier_may_be_a_placeholder() -> None:
    """Deployment fills it in."""
    retry = Retry("States.ALL", max_attempts=placeholder("attempts", int))
    result = compile_workflow(Workflow("retried", steps=[Task("A", "arn:aws:states:::a:b", retry=retry), Wait("W", seconds=1)]))
    assert result.document["States"]["A"]["Retry"] == [{"ErrorEquals": ["States.ALL"], "MaxAttempts": "${attempts}"}]
    assert result.placeholders["attempts"].type == "number"


@pytest.mark.parametrize(
    ("resource", "call", "parameter", "text"),
    [
        (
            Function("a", existing="arn:aws:lambda:eu-west-1:1:function:a:$LATEST"),
            "invoke",
            "FunctionName",
            "arn:aws:lambda:eu-west-1:1:function:a:$LATEST",
        ),
        (Function("a", existing="a"), "invoke", "FunctionName", "a"),
        (
            Queue("q", existing="https://sqs.eu-west-1.amazonaws.com/1/q"),
            "send_message",
            "QueueUrl",
            "https://sqs.eu-west-1.amazonaws.com/1/q",
        ),
        (Table("t", existing="orders-prod"), "get_item", "TableName", "orders-prod"),
    ],
)
def test_a_resource_that_exists_is_named_by_its_text(resource: Any, call: str, parameter: str, text: str) -> None:
    """The definition has the text, and nothing is generated to deploy the resource."""
    arguments = [{"id": {"S": "1"}}] if call == "get_item" else []
    document = compiled(Task("A", getattr(resource, call)(*arguments)))
    assert document["States"]["A"]["Parameters"][parameter] == text
    assert list(emit([resource])) == []


def test_the_attributes_of_a_resource_that_exists() -> None:
    """An ARN has the name, and a name has the ARN in the place of the deployment."""
    table = Table("t", existing="arn:aws:dynamodb:eu-west-1:111122223333:table/orders")
    bucket = Bucket("b", existing="exports")
    document = compiled(Pass("A", output={"name": table.table_name, "arn": bucket.arn}))
    assert document["States"]["A"]["Parameters"] == {"name": "orders", "arn": "arn:${aws_partition}:s3:::exports"}
