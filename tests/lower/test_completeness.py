"""The vocabulary can say all of ASL: every field of every construct, in both query languages, is reached from Python."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from generator import (
    END,
    Bucket,
    Catch,
    Choice,
    Commented,
    DistributedMap,
    Fail,
    ItemBatcher,
    ItemReader,
    Map,
    Parallel,
    Pass,
    ResultWriter,
    Retry,
    Succeed,
    Task,
    Wait,
    Workflow,
    csv_items,
    errors,
    fn,
    integration,
    json_items,
    manifest_items,
    s3_objects,
    states,
    when,
)
from generator.asl import model as asl
from generator.asl.write import to_json
from generator.checks import check
from generator.diagnostics import Severity
from generator.diagnostics.codes import severity_of
from generator.lower import compile_workflow

x = states.input
files = Bucket("files")
RETRY = Retry(errors.TIMEOUT, interval_seconds=1, max_attempts=2, backoff_rate=1.5, max_delay_seconds=9, jitter=True, comment="patience")
PUT = integration("dynamodb:putItem", {"TableName": "t", "Item": {"id": {"S": "1"}}})
EACH = Commented([Pass("Row")], comment="One row.")


def jsonata() -> list[Any]:
    """All fields that JSONata has."""
    catch = Catch(errors.ALL, "Failed", output={"e": states.error_output}, assign={"c": 1}, comment="caught")
    common: dict[str, Any] = {"comment": "c", "query_language": "JSONata", "output": x.a, "assign": {"v": 1}}
    failing = {**common, "retry": RETRY, "catch": catch}
    limits = {"tolerated_failure_count": x.n, "tolerated_failure_percentage": 5, "max_concurrency": x.c}
    writer = ResultWriter(files, "out", output_type="JSON", transformation="NONE")
    batch = ItemBatcher(max_items=x.n, max_input_bytes=1024, batch_input={"b": x.b})
    ends = [
        Task("EndTask", PUT, next=END),
        Pass("EndPass", next=END),
        Wait("EndWait", seconds=1, next=END),
        Parallel("EndParallel", Pass("EndBranch"), next=END),
        Map("EndMap", x.items, Pass("EndItem"), next=END),
    ]
    headers = csv_items(files, "k", headers=["a"], delimiter="TAB", max_items=5)
    return [
        Task("Work", PUT, timeout_seconds=x.t, heartbeat_seconds=10, credentials={"RoleArn": x.role}, **failing),
        Pass("Make", **common),
        Choice(
            "If", when(x.a == 1, comment="r", output=1, assign={"w": 2}), *(when(x.a == 2, e) for e in ends), otherwise="Later", **common
        ),
        Wait("Later", until=datetime(2030, 1, 1, tzinfo=UTC), **common),
        Wait("Soon", seconds=x.s),
        Parallel("Both", Commented([Pass("Left")], comment="left"), [Pass("Right")], arguments={"p": x.p}, **failing),
        Map("Each", x.items, Commented([Pass("One")], comment="One item."), item_selector={"i": states.item}, **failing),
        DistributedMap(
            "Rows", headers, EACH, batch=batch, result_writer=writer, label="rows", item_selector={"i": states.item}, **limits, **failing
        ),
        DistributedMap("Manifest", manifest_items(files, "k"), Pass("M"), result_writer=ResultWriter(transformation="COMPACT")),
        DistributedMap("Listed", s3_objects(files, "in/", load=True), Pass("L")),
        DistributedMap("Nested", json_items(files, "k", pointer="/rows"), Pass("N")),
        Succeed("Done", comment="c", query_language="JSONata", output=x.a),
        Fail("Failed", error="E", cause=fn.format("no {}", x.a), comment="c", query_language="JSONata"),
    ]


def jsonpath() -> list[Any]:
    """All fields that JSONPath has."""
    catch = Catch(errors.ALL, "Failed", result_path="$.error", assign={"c": 1}, comment="caught")
    paths: dict[str, Any] = {"comment": "c", "query_language": "JSONPath", "input_path": "$.in", "output_path": None, "assign": {"v": 1}}
    failing = {**paths, "result_selector": {"r": states.result.r}, "result_path": "$.r", "retry": RETRY, "catch": catch}
    limits = {"tolerated_failure_count": x.n, "tolerated_failure_percentage": x.p, "max_concurrency": x.c}
    reader = ItemReader(
        "arn:aws:states:::s3:getObject", {"Bucket": files.bucket_name, "Key": x.key}, {"InputType": "CSV", "MaxItems": x.max}
    )
    batch = ItemBatcher(max_items=x.n, max_input_bytes=x.bytes, batch_input={"b": x.b})
    return [
        Task("Work", PUT, timeout_seconds=x.t, heartbeat_seconds=x.h, credentials={"RoleArn": x.role}, **failing),
        Pass("Literal", result={"a": 1}, result_path="$.p", **paths),
        Pass("Make", output={"a": x.a}),
        Choice("If", when((x.a == 1) | ~fn.exists(x.b), comment="r", assign={"w": 2}), otherwise="Later", **paths),
        Wait("Later", until=x.at, **paths),
        Wait("Soon", seconds=x.s),
        Wait("Fixed", until="2030-01-01T00:00:00Z"),
        Wait("Short", seconds=3),
        Parallel("Both", [Pass("Left")], [Pass("Right")], arguments={"p": x.p}, **failing),
        Map("Each", x.items, [Pass("One")], item_selector={"i": states.item}, **failing),
        DistributedMap("Rows", reader, EACH, batch=batch, result_writer=ResultWriter(files, "out"), label="rows", **limits),
        Succeed("Done", comment="c", input_path=None, output_path="$.x"),
        Fail("Failed", error=x.code, cause="$.why", comment="c"),
    ]


LEGACY = {("Map", "Iterator"), ("Map", "Parameters")}  # older names of ItemProcessor and ItemSelector


def collect(value: Any, found: set[tuple[str, str]]) -> None:
    """Note which field of which construct is there."""
    if isinstance(value, asl.Construct):
        for attribute, info in asl.table(type(value)):
            inner = getattr(value, attribute)
            if inner is not asl.ABSENT and inner != {}:
                found.add((type(value).__name__, info.name))
                collect(inner, found)
    elif isinstance(value, tuple):
        for item in value:
            collect(item, found)
    elif isinstance(value, dict):
        for item in value.values():
            collect(item, found)


def test_every_field_can_be_said() -> None:
    """Two workflows, one in each language, hold every field of the language's table, and are right."""
    found: set[tuple[str, str]] = set()
    for language, steps in (("JSONata", jsonata()), ("JSONPath", jsonpath())):
        made = Workflow("all", steps=steps, query_language=language, comment="c", version="1.0", timeout_seconds=9)  # type: ignore[arg-type]
        compiled = compile_workflow(made)
        assert compiled.diagnostics == ()
        assert [f for f in (*compiled.findings, *check(compiled.walk)) if severity_of(f.code) is Severity.ERROR] == [], to_json(
            compiled.machine
        )
        collect(compiled.machine, found)
    constructs = [c for c in vars(asl).values() if isinstance(c, type) and issubclass(c, asl.Construct) and not c.__name__.startswith("_")]
    rows = {(c.__name__, info.name) for c in constructs for _, info in asl.table(c)}
    concrete = {name for name, _ in found}
    assert sorted({row for row in rows if row[0] in concrete} - found - LEGACY) == []
    assert {c.__name__ for c in constructs} - concrete == {"Construct", "Scope", "State", "UnknownState", "Comparison", "Junction"}
