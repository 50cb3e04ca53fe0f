"""The project's workflows on a laptop, by name: the real handlers run, and moto answers in place of AWS."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest

from generator import Activity, Bucket, EventBus, Function, Queue, StateMachine, Table, Topic, fn, literal
from generator.catalog.index import find_action
from generator.catalog.resources import KINDS, TABLE
from generator.commands.run import RunOptions, run
from generator.dsl.declarations import Resource
from generator.local.laptop import PARAMETERS, Laptop, laptop

ROOT = Path(__file__).resolve().parents[2]
ORDER: dict[str, Any] = {
    "order": {
        "order_id": "0b9a7f5e-8f0e-4d5b-9d3e-1a2b3c4d5e6f",
        "customer_id": "c-1",
        "items": [{"product_id": "p", "quantity": 2}],
        "timestamp": "2026-11-22T10:00:00Z",
    },
    "timestamp": "2026-11-22T10:00:00Z",
    "source": "api-gateway",
}


def test_a_good_order_is_queued(capsys: pytest.CaptureFixture[str]) -> None:
    """DOFS's workflow, by name: its output is what SQS answered, and nothing else is on standard output."""
    assert run(RunOptions("order-processing", ROOT, json.dumps(ORDER))) == 0
    printed = capsys.readouterr()
    assert "MessageId" in json.loads(printed.out)
    assert "SUCCEEDED" in printed.err


def test_a_bad_order_fails_as_it_must(capsys: pytest.CaptureFixture[str]) -> None:
    """A quantity above the limit ends at ValidationFailed."""
    order = json.loads(json.dumps(ORDER))
    order["order"]["items"][0]["quantity"] = 101
    assert run(RunOptions("order-processing", ROOT, json.dumps(order))) == 1
    assert json.loads(capsys.readouterr().out)["Error"] == "ValidationFailed"


def test_resources_are_as_declared() -> None:
    """Tables, queues with their dead-letter queues, topics and buckets. Afterwards the environment is as it was."""
    before = dict(os.environ)
    dead = Queue("dead", dead_letter=Queue("buried"))
    resources = [
        Table("rows", key="id", sort_key="at"),
        Queue("jobs", dead_letter=dead),
        dead,
        dead.dead_letter,
        Topic("news"),
        Bucket("files"),
        Function("none"),
    ]
    with laptop({r.name: r for r in resources}, ROOT) as made:
        assert made.clients("dynamodb").describe_table(TableName="local-rows")["Table"]["KeySchema"][1]["AttributeName"] == "at"
        url = made.values["jobs_url"]
        policy = made.clients("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])["Attributes"]["RedrivePolicy"]
        assert json.loads(policy)["deadLetterTargetArn"] == made.values["dead_arn"]
        assert made.clients("sns").list_topics()["Topics"][0]["TopicArn"] == made.values["news_arn"]
        assert made.clients("s3").list_buckets()["Buckets"][0]["Name"] == "local-files"
        assert made.functions() == {}
        assert boto3.client("sts").get_caller_identity()["Account"] == "123456789012"
    assert dict(os.environ) == before


def test_the_environment_of_a_function_is_filled_in(tmp_path: Path) -> None:
    """References, text around them, and an author's own text that looks like a reference."""
    (tmp_path / "handlers_of_a_test" / "tells").mkdir(parents=True)
    (tmp_path / "handlers_of_a_test" / "tells" / "handler.py").write_text(
        "import os\ndef handler(event, context):\n    return {name: os.environ[name] for name in event}\n"
    )
    rows = Table("rows")
    environment = {
        "PLAIN": literal("${rows_name}"),
        "ROWS": rows.table_name,
        "WHERE": fn.format("s3://{}/in/{}", Bucket("files").bucket_name, 7),
    }
    function = Function("tells", folder="handlers_of_a_test/tells", environment=environment)
    with laptop({"rows": rows, "files": Bucket("files"), "tells": function}, tmp_path) as here:
        (call,) = here.functions().values()
        assert call([*environment], None) == {"PLAIN": "${rows_name}", "ROWS": "local-rows", "WHERE": "s3://local-files/in/7"}


def test_every_kind_that_is_created_has_its_parameters() -> None:
    """A kind with an operation to create it has an entry here, and no other kind; each operation is one of its service."""
    assert PARAMETERS.keys() == {kind.key for kind in KINDS.values() if kind.create}
    assert [kind.key for kind in KINDS.values() if kind.create and find_action(kind.service, kind.create) is None] == []


def test_a_resource_of_every_kind_is_there() -> None:
    """Each declared class finds its row, and what is created has the ARN that deployment would fill in."""
    made = [Activity("a"), Bucket("b"), EventBus("e"), Function("f"), Queue("q", fifo=True), StateMachine("s"), Table("t"), Topic("n")]
    assert {resource.KIND.key for resource in made} == KINDS.keys() - {"workflow"}
    with laptop({resource.name: resource for resource in made}, ROOT) as here:
        queue = here.clients("sqs").get_queue_attributes(QueueUrl=here.values["q_url"], AttributeNames=["QueueArn"])
        assert queue["Attributes"]["QueueArn"] == here.values["q_arn"]
        assert here.clients("dynamodb").describe_table(TableName=here.values["t_name"])["Table"]["TableArn"] == here.values["t_arn"]
        assert here.clients("events").describe_event_bus(Name=here.values["e_name"])["Arn"] == here.values["e_arn"]
        assert here.clients("s3").head_bucket(Bucket=here.values["b_name"])["ResponseMetadata"]["HTTPStatusCode"] == 200


class Stream(Resource):
    """A resource of a kind that the catalogue does not have."""

    KIND = replace(TABLE, key="no-such-kind", label="Kinesis stream", service="kinesis", create="createStream")


def test_an_unknown_kind_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not left out in silence, and neither is a kind that has an operation but no parameters."""
    with pytest.raises(LookupError, match="no resources of kind 'no-such-kind'"):
        Laptop({"clicks": Stream("clicks")}, ROOT).create()
    monkeypatch.setattr("generator.local.laptop.PARAMETERS", {})
    with pytest.raises(LookupError, match="cannot create a DynamoDB table"):
        Laptop({"rows": Table("rows")}, ROOT).create()
