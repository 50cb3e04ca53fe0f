"""The typed functions of ``aws``: generated from the catalogue, right for Step Functions, loaded only when they are used."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from generator import Integration, Task, Workflow, aws, states
from generator.catalog import typed
from generator.checks import check
from generator.diagnostics.codes import severity_of
from generator.diagnostics.model import Severity
from generator.dsl.source import AuthoringError
from generator.lower import compile_workflow

FUNCTIONS: dict[str, Callable[..., Integration]] = {
    f"{service}.{name}": getattr(getattr(aws, service), name) for service in typed.SERVICES for name in getattr(aws, service).__all__
}


TWELVE = [
    "batch_get_item",
    "batch_write_item",
    "delete_item",
    "describe_table",
    "execute_statement",
    "get_item",
    "put_item",
    "query",
    "scan",
    "transact_get_items",
    "transact_write_items",
    "update_item",
]


def test_they_are_fresh() -> None:
    """`python -m generator.catalog.typed` would change nothing."""
    assert typed.stale() == []
    assert sorted(typed.SERVICES) == dir(aws)


def test_the_calls_people_use_most_are_there() -> None:
    """DynamoDB's twelve, and the main ones of the other services."""
    assert len(FUNCTIONS) > 120
    assert {*TWELVE} <= {*aws.dynamodb.__all__}
    others = "glue.start_job_run athena.start_query_execution ecs.run_task sagemaker.create_training_job batch.submit_job "
    others += "bedrock.invoke_model events.put_events s3.get_object s3.put_object codebuild.start_build emr_serverless.start_job_run"
    assert {*others.split()} <= {*FUNCTIONS}
    assert aws.eventbridge is aws.events
    assert aws.bedrock_runtime is aws.bedrock
    assert aws.sfn is aws.stepfunctions


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_call_is_what_step_functions_accepts(name: str) -> None:
    """With the required parameters, and with all of them, the checks find no unknown action, parameter or value."""
    function = FUNCTIONS[name]
    parameters = inspect.signature(function).parameters
    assert all(p.kind is p.KEYWORD_ONLY for p in parameters.values())
    required = {n: states.input.a for n, p in parameters.items() if p.default is p.empty}
    for given in (required, dict.fromkeys(parameters, states.input.a)):
        for language in ("JSONata", "JSONPath"):
            task = Task("T", function(**given), query_language=language if language == "JSONata" else None)  # type: ignore[arg-type]
            compiled = compile_workflow(Workflow("w", steps=[task], query_language="JSONPath"))
            found = [*compiled.diagnostics, *compiled.diagnose([*compiled.findings, *check(compiled.walk)])]
            assert [d for d in found if severity_of(d.code) is Severity.ERROR] == []
    if required:
        with pytest.raises(TypeError, match="required keyword-only"):
            function()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_it_is_documented(name: str) -> None:
    """A line on what it does, each parameter, the resource, and the source; types that can be read when it runs."""
    function = FUNCTIONS[name]
    text = inspect.getdoc(function) or ""
    assert text.partition("\n")[0].endswith((".", "…"))
    assert "Resource: ``" in text
    assert "Source: https://" in text
    for parameter, value in inspect.signature(function).parameters.items():
        assert f"    {parameter}: " in text
        assert "Expr" in value.annotation or "Payload" in value.annotation


def test_the_optimised_integration_is_used() -> None:
    """Only it can wait for a job; what has none is an AWS SDK integration. Members inside may have boto3's names."""
    assert aws.glue.start_job_run(JobName="nightly").sync().resource == "arn:aws:states:::glue:startJobRun.sync"
    assert aws.dynamodb.query(TableName="t").resource == "arn:aws:states:::aws-sdk:dynamodb:query"
    assert aws.dynamodb.get_item(TableName="t", Key={"id": {"S": states.input.id}}).resource == "arn:aws:states:::dynamodb:getItem"
    task = aws.ecs.run_task(TaskDefinition="d", NetworkConfiguration={"awsvpcConfiguration": {"subnets": ["s"]}})
    assert task.arguments == {"TaskDefinition": "d", "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["s"]}}}
    assert aws.events.put_events(Entries=[{"Detail": {"any": "JSON"}}]).arguments == {"Entries": [{"Detail": {"any": "JSON"}}]}


@pytest.mark.parametrize(
    ("use", "hint"),
    [
        (lambda: aws.glu, "did you mean 'glue'?"),
        (lambda: aws.rekognition, "sdk.rekognition has all actions of a service, without types"),
        (lambda: aws.glue.start_job_runs, "did you mean 'start_job_run'"),
        (lambda: aws.glue.startJobRun, "write start_job_run"),
        (lambda: aws.s3.upload_file, "use sdk.s3.put_object"),
        (lambda: aws.glue.get_databases, "sdk.glue.get_databases(…) calls it"),
    ],
)
def test_other_names_have_a_way_out(use: Callable[[], Any], hint: str) -> None:
    """A similar name, or the same call without types."""
    with pytest.raises(AuthoringError) as caught:
        use()
    assert hint in caught.value.diagnostics[0].hint


def test_services_are_loaded_when_they_are_used() -> None:
    """Neither the vocabulary nor a command loads them; one service does not load another."""
    code = (
        "import sys\nfrom generator import Task, aws\nimport generator.cli, generator.commands.validate\n"
        "def loaded(): return sorted(n for n in sys.modules if n.startswith('generator.dsl.aws.'))\n"
        "before = loaded()\naws.glue.start_job_run(JobName='j')\nprint(before, loaded())"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[] ['generator.dsl.aws.call', 'generator.dsl.aws.glue']"
