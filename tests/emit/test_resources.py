"""What resources declare, as Terraform reads it: every field, every kind, and text that stays text."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING

import pytest

from generator import Activity, Bucket, EventBus, Function, Key, Queue, StateMachine, Table, Topic, fn, literal, placeholder
from generator.asl.placeholders import fill
from generator.catalog.resources import KINDS, WORKFLOW
from generator.dsl.declarations import Resource
from generator.emit import resource_artifacts
from generator.emit.resources import settings
from generator.pipeline import Run, run_pipeline
from tests.support.hostile import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.terraform.offline import Offline

dead = Queue("dead", fifo=True, retention_seconds=60)
jobs = Queue("jobs", dead_letter=dead, max_receive_count=5, visibility_timeout_seconds=90)
rows = Table("rows", key=Key("number", "N"), sort_key="at", ttl_attribute="until")
ORDERS = {"body": {"kind": ["order"], "total": [{"numeric": [">", 0.5]}]}}
EVERY_KIND: list[Resource] = [
    Activity("clerk"),
    Bucket("files"),
    EventBus("bus"),
    Function(
        "worker",
        triggers=[jobs.trigger(batch_size=2, report_batch_item_failures=False, filters=[ORDERS])],
        environment={"ROWS": rows.table_name},
    ),
    StateMachine("flow"),
    Topic("news", fifo=True),
    dead,
    jobs,
    rows,
]


def written(*resources: Resource) -> dict[str, str]:
    """Return the artifacts of resources as text."""
    return {path: content.decode() for path, content in resource_artifacts(resources).items()}


def test_every_kind_has_its_place() -> None:
    """A kind without resources is there too, so that Terraform needs no default; what is deployed elsewhere is not."""
    files = written(*EVERY_KIND)
    assert [*files] == ["functions/worker.environment.json", "functions/worker.policy.json", "resources.json"]
    document = json.loads(files["resources.json"])
    assert document.keys() == KINDS.keys() - {WORKFLOW.key}
    assert {name for items in document.values() for name in items} == {one.name for one in EVERY_KIND} - {"flow"}
    assert json.loads(written(Topic("news"))["resources.json"])["queue"] == {}
    assert written(StateMachine("flow")) == {}
    aliased = json.loads(written(StateMachine("flow", alias="live"))["resources.json"])
    assert aliased["state-machine"] == {"flow": {"alias": "live"}}


def test_every_field_is_there() -> None:
    """Every field that an author can set is a setting, or is written elsewhere."""
    elsewhere = {"name", "source", "existing", "uses", "environment", "result"}
    for one in EVERY_KIND:
        assert settings(one).keys() == {field.name for field in fields(one)} - elsewhere
    assert settings(rows) == {"key": {"name": "number", "type": "N"}, "sort_key": {"name": "at", "type": "S"}, "ttl_attribute": "until"}
    assert settings(jobs)["dead_letter"] == "dead"
    assert settings(EVERY_KIND[3])["triggers"] == [
        {"queue": "jobs", "batch_size": 2, "maximum_batching_window_seconds": 0, "report_batch_item_failures": False, "filters": [ORDERS]}
    ]


def test_the_order_of_declaration_does_not_matter() -> None:
    """Neither that of resources nor that of variables."""
    assert written(*EVERY_KIND) == written(*EVERY_KIND[::-1])
    one, other = {"AA": "1", "BB": "2"}, {"BB": "2", "AA": "1"}
    assert written(Function("f", environment=one)) == written(Function("f", environment=other))


def test_the_environment_is_a_template() -> None:
    """References are placeholders, also inside fn.format; an author's own text is text, whatever it looks like."""
    environment = {"TABLE": rows.table_name, "WHERE": fn.format("s3://{}/{}/", Bucket("files").bucket_name, 3), "FREE": placeholder("free")}
    texts = {f"TEXT_{index}": text for index, text in enumerate(HOSTILE)} | {"PLAIN": "${rows_name} %{x}"}
    template = written(Function("f", environment=environment | {k: literal(v) for k, v in texts.items()}))["functions/f.environment.json"]
    values = json.loads(fill(template, {"rows_name": "p-rows", "files_name": "p-files", "free": "yes"}))
    assert values == {"TABLE": "p-rows", "WHERE": "s3://p-files/3/", "FREE": "yes"} | texts


def test_terraform_reads_the_same(terraform_offline: Offline, tmp_path: Path) -> None:
    """The real functions of Terraform return what was declared, hostile text included."""
    text = "".join(HOSTILE)[:200] + " ${rows_name} %{ if x }"
    function = Function("f", description=text, environment={"AB": literal(text), "CD": fn.format("{}/{}", rows.table_name, text)})
    for path, content in written(function).items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(content)
    (tmp_path / "main.tf").write_text("""
output "declared" {
  value = jsondecode(file("${path.module}/resources.json")).function.f.description
}
output "environment" {
  value = jsondecode(templatefile("${path.module}/functions/f.environment.json", { rows_name = "p-rows" }))
}
""")
    outputs = terraform_offline.plan(tmp_path)["planned_values"]["outputs"]
    assert outputs["declared"]["value"] == text
    assert outputs["environment"]["value"] == {"AB": text, "CD": f"p-rows/{text}"}


def test_a_resource_that_only_another_one_names(project: Callable[..., Path]) -> None:
    """A dead-letter queue, the queue of a trigger, and a table that a function refers to are declared, too."""
    text = """
        from generator import Function, Queue, Table
        worker = Function("worker", triggers=[Queue("jobs", dead_letter=Queue("dead")).trigger()],
                          environment={"LOG": Table("log").arn}, uses=[Table("rows").allow("GetItem")])
    """
    run = run_pipeline(Run(project(flow=text)))
    assert {d.code for d in run.diagnostics} == {"SFN506", "SFN507", "SFN508"}  # the defaults of queues are not those that AWS advises
    document = json.loads(run.artifacts["resources.json"])
    assert {kind: [*items] for kind, items in document.items() if items} == {
        "function": ["worker"],
        "queue": ["dead", "jobs"],
        "table": ["log", "rows"],
    }


@pytest.mark.parametrize("runtime", ["python3.13", "provided.al2023"])
def test_runtimes_that_exist(runtime: str, project: Callable[..., Path]) -> None:
    """Only a runtime that Lambda's model does not have is a warning."""
    text = f"from generator import Function\nworker = Function('worker', runtime={runtime!r})\n"
    assert run_pipeline(Run(project(flow=text))).diagnostics == []
    (warning,) = run_pipeline(Run(project(flow=text.replace(runtime, "python3.1")))).diagnostics
    assert (warning.code, warning.span.line) == ("SFN408", 2)
