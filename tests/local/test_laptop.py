"""The project's workflows on a laptop, by name: the real handlers run, and moto answers in place of AWS."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import boto3
import pytest

from generator import Bucket, Function, Queue, Table, Topic
from generator.commands.run import RunOptions, run
from generator.local.laptop import laptop

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
    dead = Queue("dead")
    resources = [
        Table("rows", key="id", sort_key="at"),
        dead,
        Queue("jobs", dead_letter=dead),
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
