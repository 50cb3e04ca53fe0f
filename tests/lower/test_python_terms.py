"""Messages about a workflow in Python say what to write in Python, whichever check they come from."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from generator import (
    Choice,
    DistributedMap,
    Function,
    Map,
    Parallel,
    Pass,
    Retry,
    Succeed,
    Task,
    Wait,
    Workflow,
    integration,
    jsonata,
    sdk,
    states,
    when,
)
from generator.checks import check
from generator.diagnostics.model import Diagnostic, Finding
from generator.loader import load
from generator.lower import compile_workflow
from generator.lower.python_terms import fields, in_python
from generator.settings import read_project

x = states.input
f = Function("f")
JSONPATH: dict[str, Any] = {"query_language": "JSONPath"}
ROW = Pass("Row")


def found(steps: Any, options: dict[str, Any]) -> list[Diagnostic]:
    """Return what the compiler and the checks report."""
    compiled = compile_workflow(Workflow("w", steps=steps, **options))
    return [*compiled.diagnostics, *compiled.diagnose([*compiled.findings, *check(compiled.walk)])]


CASES: list[tuple[Any, dict[str, Any], str, str]] = [
    (Pass("A", next="A"), {}, "SFN108", "next=END"),
    (Task("A", f.invoke(), result_path="$.x"), {}, "SFN016", "output=… or assign=…"),
    (Task("A", f.invoke(), input_path="$.x"), {}, "SFN016", "the arguments of the call or output=…"),
    (Pass("A", query_language="JSONPath"), {}, "SFN017", 'set query_language="JSONPath" on the Workflow'),
    (Task("A", f.invoke(), timeout_seconds=0), {}, "SFN013", "timeout_seconds must be"),
    (Task("A", f.invoke(), timeout_seconds=5, heartbeat_seconds=9), {}, "SFN022", "heartbeat_seconds below 5"),
    (Wait("A"), {}, "SFN018", "one of seconds, until"),
    (Wait("A", seconds=1, until=datetime(2026, 1, 1, tzinfo=UTC)), {}, "SFN018", "seconds and until exclude each other"),
    (Wait("A", until="tomorrow"), {}, "SFN019", "until must be"),
    (Task("A", "not an arn"), {}, "SFN021", "function.invoke(…), sdk.service.action(…)"),
    (Task("A", f.invoke(), retry=Retry("X", backoff_rate=0.5)), {}, "SFN013", "backoff_rate must be"),
    (Map("M", x.i, ROW, max_concurrency=-1), {}, "SFN013", "max_concurrency must be"),
    (
        DistributedMap("M", x.i, ROW),
        {"type": "EXPRESS"},
        "SFN120",
        'type="STANDARD" on the Workflow, or use Map in place of DistributedMap',
    ),
    (Task("A", integration("glue:startJobRun.sync", {"JobName": "j"})), {"type": "EXPRESS"}, "SFN120", "remove .sync()"),
    (Task("A", sdk.glue.start_job_run(JobName="j").sync()), {}, "SFN403", 'integration("glue:startJobRun", …)'),
    (Task("A", integration("sqs:receiveMessage", {})), {}, "SFN402", "sdk.sqs.receive_message(…)"),
    (Task("A", sdk.s3.get_object(Bucket="b")), {}, "SFN405", "add Key to the arguments of the call"),
    (Task("A", sdk.s3.get_object(Bucket="b")), JSONPATH, "SFN405", "add Key to the arguments of the call"),
    (Task("A", f.invoke({"a": 1}).wait_for_task_token()), {}, "SFN410", '"TaskToken": states.context.Task.Token'),
    (Task("A", f.invoke({"a": 1}).wait_for_task_token()), JSONPATH, "SFN410", '"TaskToken": states.context.Task.Token'),
    (
        Task("A", integration("states:startExecution", {"StateMachineArn": "a", "Input": {"a": 1}})),
        {},
        "SFN409",
        '"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": states.context.Execution.Id',
    ),
    (Parallel("P", ROW, ROW), {}, "SFN103", "or copy the steps with prefixed(…)"),
    (Pass("A", output=states.error_output), {}, "SFN208", "states.error_output in output=… or assign=… of a Catch"),
    (Pass("A", output="$.a"), {}, "SFN213", "states.input.order"),
    (Pass("A", output="x {% 1 %}"), {}, "SFN205", 'jsonata("…")'),
    ([Choice("C", when("a")), Pass("B")], {}, "SFN205", "the condition of when(…)"),
    (Pass("A", result={"a": "$.b"}), JSONPATH, "SFN211", "output=…"),
    (Pass("A", result_path="$v.b"), JSONPATH, "SFN202", "assign=…"),
    (Pass("A", output=jsonata("total")), {}, "SFN207", "$states.input.total"),
    (Task("A", "arn:aws:states:::x:y", credentials="x"), {}, "SFN012", "credentials must be"),
]


@pytest.mark.parametrize(("steps", "options", "code", "words"), CASES, ids=[f"{case[2]}-{i}" for i, case in enumerate(CASES)])
def test_messages_have_the_words_of_the_vocabulary(steps: Any, options: dict[str, Any], code: str, words: str) -> None:
    """What to write is Python; nothing has the form of a member of a JSON object, or the name of a field of ASL."""
    problems = [d for d in found(steps, options) if d.code == code]
    assert problems
    told = " | ".join(text for d in problems for text in (d.message, d.expected, d.hint))
    assert words in told
    advice = " ".join(text for d in problems for text in (d.expected, d.hint))
    assert not re.search(r'"[A-Z]\w+": (?!states\.)|\.\$|\{%', advice)
    if code != "SFN207":  # what is raw JSONata remains raw JSONata
        assert not [name for name in fields() if re.search(rf"['\"]{name}['\"]", advice)]
    assert all(d.span.file.endswith("test_python_terms.py") for d in problems)


def test_names_of_the_author_stay() -> None:
    """A state may have the name of a field, and so may a suggestion."""
    problems = found([Pass("Nextt", next="Defaul"), Pass("Default", next="End"), Succeed("End")], {})
    (dangling,) = [d for d in problems if d.code == "SFN101"]
    assert dangling.message == "the transition from 'Nextt' leads to 'Defaul', which does not exist"
    assert dangling.hint == "did you mean 'Default'?"
    branch = found(Parallel("P", [Pass("Output", next="Output")]), {})
    assert [d.message for d in branch] == ["the branch of 'P' has no end state"]


def test_a_definition_in_json_keeps_the_terms_of_asl() -> None:
    """The terms are put in where the finding is about a workflow in Python, and only there."""
    finding = Finding("SFN106", ("States", "A"), "'A' has neither Next nor End", expected='"Next" with the name of a state, or "End": true')
    assert in_python(finding).expected == "next=… with a step, or next=END"
    assert '"End": true' in finding.expected


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("Task('A', validator.invok())", "did you mean 'invoke'?"),
        ("errors.TIMEOUTS", "did you mean 'TIMEOUT'?"),
        ("fn.lenght(states.input.a)", "did you mean 'length'?"),
        ("fn.len(states.input.a)", "write fn.len_(…)"),
        ("fn.replace(states.input.a)", 'write fn.call("replace", …), which calls the JSONata function'),
        ("fn.is_Null(states.input.a)", "write fn.is_null(…)"),
        ("states.inptu", "did you mean 'input'?"),
        ("states.error.Cause", "write states.error_output"),
        ("states.task_token", "write states.context.Task.Token"),
        ("states.context.execution.Id", "did you mean 'Execution'?"),
        ("states.context['Execution'].id", "did you mean 'Id'?"),
        ("sdk.s3.get_objekt(Bucket='b')", "did you mean 'get_object' or 'get_object_acl' or 'put_object'?"),
        ("sdk.dynamdb.query()", "did you mean 'dynamodb'?"),
        ("sdk.s3.upload_file()", "use sdk.s3.put_object(Bucket=…, Key=…, Body=…); the workflow has no files"),
        ("sdk.lambda.invoke()", "'lambda' is a keyword of Python: write 'lambda_'"),
        ("sdk.s3.get_object(from='b')", "'from' is a keyword of Python: write 'from_'"),
        ("from generator import Tassk", "did you mean 'Task'?"),
        ("Tassk('A')", "did you mean 'Task'?"),
        ("Task('A', validator.invoke(), retries=3)", "did you mean 'retry'?"),
        ("Pass('A', end=True)", "write next=END"),
        ("Choice('C', Default='A')", "write otherwise=…"),
        ("Task('A', validator.invoke(), TimeoutSeconds=3)", "write timeout_seconds=…"),
        ("validator.invoke(payloads={})", "did you mean 'payload'?"),
        ("states.input.name.upper()", "use fn.uppercase(…)"),
        ("states.input.name.lenght()", "use fn.length(…)"),
        ("states.input.name.substring(1)", 'use fn.call("substring", …)'),
    ],
)
def test_unknown_names_have_a_suggestion_at_their_line(line: str, hint: str, tmp_path: Path) -> None:
    """Attributes, actions, keywords and imports alike."""
    (tmp_path / "workflows").mkdir()
    head = "from generator import *\nvalidator = Function('validator')\n"
    (tmp_path / "workflows" / "example.py").write_text(f"{head}{line}\n", encoding="utf-8")
    (problem,) = load(read_project(tmp_path)).diagnostics
    assert (problem.hint, problem.span.line) == (hint, 3)


def test_asking_for_a_name_raises_no_other_error() -> None:
    """``hasattr`` and tools that look around need an AttributeError."""
    assert not hasattr(sdk, "nosuch")
    assert not hasattr(sdk.s3, "nosuch")
    assert not hasattr(states, "nosuch")
    assert {"s3", "lambda_", "cognito_idp"} <= {*dir(sdk)}
    assert {"get_object", "list_objects_v2"} <= {*dir(sdk.s3)}
