"""Event source mappings: which messages a function gets."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from moto import mock_aws

from generator import Queue
from generator.dsl.source import AuthoringError
from generator.local.queues import EventSourceMapping, is_wanted


def test_a_function_gets_the_messages_that_match_and_lambda_deletes_the_others() -> None:
    """A message of another kind is gone without an invocation; one that fails is still there."""
    seen: list[str] = []

    def invoke(_: str, event: dict[str, Any]) -> dict[str, Any]:
        seen.extend(record["body"] for record in event["Records"])
        return {"batchItemFailures": [{"itemIdentifier": each["messageId"]} for each in event["Records"] if "keep" in each["body"]]}

    with mock_aws():
        sqs = boto3.client("sqs", region_name="us-east-1")
        url = sqs.create_queue(QueueName="jobs")["QueueUrl"]
        for body in ({"kind": "order"}, {"kind": "refund"}, {"kind": "order", "keep": True}):
            sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body))
        trigger = Queue("jobs").trigger(filters=[{"body": {"kind": ["order"]}}])
        mapping = EventSourceMapping(trigger, "worker", (url, "arn:aws:sqs:us-east-1:123456789012:jobs"), sqs=sqs, invoke=invoke)
        mapping.hide(mapping.process(mapping.receive(10)), 0)
        assert seen == ['{"kind": "order"}', '{"kind": "order", "keep": true}']
        (left,) = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
        assert left["Body"] == '{"kind": "order", "keep": true}'


@pytest.mark.parametrize(
    ("body", "pattern", "wanted"),
    [
        ('{"total": 250}', {"body": {"total": [{"numeric": [">", 100]}]}}, True),
        ('{"total": 50}', {"body": {"total": [{"numeric": [">", 100]}]}}, False),
        ("go", {"body": ["go", "stop"]}, True),
        ("walk", {"body": ["go", "stop"]}, False),
        ('{"kind": "go"}', {"body": ["go"]}, False),
        ("go", {"body": {"kind": ["go"]}}, False),
        ("[1]", {"body": {"kind": ["go"]}}, False),
    ],
)
def test_a_filter_is_for_json_or_for_text(body: str, pattern: dict[str, Any], wanted: bool) -> None:
    """Source: the table of https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html."""
    assert is_wanted(body, [pattern]) is wanted
    assert is_wanted(body, [])
    assert is_wanted(body, [pattern, {"body": ["go"]}]) is (wanted or body == "go")


def test_a_filter_that_lambda_refuses_is_refused_where_it_is_written() -> None:
    """A value that is not in a list, and more filters than Lambda takes."""
    with pytest.raises(AuthoringError, match="filter of a trigger"):
        Queue("jobs").trigger(filters=[{"body": {"kind": "order"}}])
    with pytest.raises(AuthoringError, match="number of filters"):
        Queue("jobs").trigger(filters=[{"body": {"kind": ["order"]}}] * 11)
