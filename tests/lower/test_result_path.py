"""In JSONPath, ``result_path`` stores what the step would return: the return value of a function, not the envelope of the call."""

from __future__ import annotations

import json
from typing import Any

import pytest

from generator import Catch, Fail, Function, StateMachine, Succeed, Task, Workflow, errors, fn, states
from generator.checks import check as check_all
from generator.engine import execute
from generator.lower import compile_workflow

check = Function("check")
child = StateMachine("child")
x = states.input
INVOKE = "arn:aws:states:::lambda:invoke"


def state(task: Task, **options: Any) -> dict[str, Any]:
    """Compile a valid task, and return its state."""
    made = compile_workflow(Workflow("w", steps=[task], query_language="JSONPath", **options))
    assert (made.diagnostics, made.findings, check_all(made.walk)) == ((), (), [])
    return made.document["States"]["T"]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("call", "fields"),
    [
        (check.invoke(), {"Resource": "${check_arn}"}),
        (check.invoke(x), {"Resource": "${check_arn}"}),
        (check.invoke(x.order), {"Resource": "${check_arn}", "InputPath": "$.order"}),
        (check.invoke({"id": x.id}), {"Resource": "${check_arn}", "Parameters": {"id.$": "$.id"}}),
        (check.invoke(qualifier="prod"), {"Resource": "${check_arn}:prod"}),
        (
            check.invoke(asynchronous=True),
            {
                "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": {"FunctionName": "${check_arn}", "Payload.$": "$", "InvocationType": "Event"},
            },
        ),
    ],
)
def test_the_resource_is_the_function(call: Any, fields: dict[str, Any]) -> None:
    """Its result is the return value alone."""
    assert state(Task("T", call, result_path="$.check")) == {"Type": "Task", "ResultPath": "$.check", "End": True, **fields}


def test_the_return_value_is_stored_when_it_runs() -> None:
    """The next states read ``$.check.status``; a token, a discarded result and a selected one are as the author says."""
    workflow = Workflow("w", steps=[Task("T", check.invoke(x.order), result_path="$.check")], query_language="JSONPath")
    compiled = compile_workflow(workflow)
    ran = execute(compiled.document, {"order": {"id": 7}}, mocks={"T": lambda event: {"status": "OK", "seen": event}})
    assert ran.output == {"order": {"id": 7}, "check": {"status": "OK", "seen": {"id": 7}}}
    assert [s.get("Resource") for s in (state(Task("T", check.invoke(), result_path=None)),)] == ["arn:aws:states:::lambda:invoke"]
    chosen = state(Task("T", check.invoke(), result_path="$.c", result_selector={"s": states.result.StatusCode}))
    assert (chosen["Resource"], chosen["ResultSelector"]) == ("arn:aws:states:::lambda:invoke", {"s.$": "$.StatusCode"})
    assert "InputPath" not in state(Task("T", check.invoke({"t": states.context.Task.Token}).wait_for_task_token(), result_path="$.c"))


def test_the_role_is_the_same() -> None:
    """Invoking the function needs one permission in either form."""
    texts = []
    for path in ("$.check", None):
        task = Task("T", check.invoke(), result_path=path, catch=Catch(errors.ALL, Fail("F")))
        compiled = compile_workflow(Workflow("w", steps=[task, Succeed("S")], query_language="JSONPath"))
        texts.append(json.dumps(compiled.role.policy.document()))
    assert "lambda:InvokeFunction" in texts[0]
    assert texts[0] == texts[1]


def test_of_an_execution_the_output_alone_is_stored() -> None:
    """In an object, since ResultSelector makes one."""
    stored = state(Task("T", child.run(), result_path="$.child"))
    assert (stored["ResultSelector"], stored["ResultPath"]) == ({"Output.$": "$.Output"}, "$.child")
    assert "OutputPath" not in stored
    parsed = state(Task("T", child.run_express(), result_path="$.child"))
    assert parsed["ResultSelector"] == {"Output.$": "States.StringToJson($.Output)"}


@pytest.mark.parametrize(
    "task",
    [
        Task("T", check.invoke(fn.merge(x.a, x.b)), result_path="$.c"),
        Task("T", check.invoke([1, 2]), result_path="$.c"),
        Task("T", check.invoke(x.a), result_path="$.c", input_path="$.b"),
        Task("T", check.invoke(), result_path="$.c", output=states.result.Payload.id),
    ],
)
def test_what_cannot_be_stored_alone_is_refused(task: Task) -> None:
    """With the form that JSONPath has for it."""
    made = compile_workflow(Workflow("w", steps=[task], query_language="JSONPath"))
    assert [d.code for d in made.diagnostics] == ["SFN802"]
    assert "result_selector=" in made.diagnostics[0].hint
