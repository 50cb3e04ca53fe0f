"""moto in a long-running process: nothing that has gone is kept, and what a client sees is as before."""

from __future__ import annotations

import gc
import tracemalloc
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core.common_models import BaseModel
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import Table
from moto.sqs.models import Message

from generator.local.lean import lean

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYS = {"single": ["id"], "pair": ["id", "part"]}


@pytest.fixture
def dynamodb() -> Iterator[Any]:
    """Return a client, with a table that has one key and a table that has two."""
    with mock_aws(), lean():
        client = boto3.client("dynamodb", region_name="us-east-1")
        for name, keys in KEYS.items():
            client.create_table(
                TableName=name,
                KeySchema=[{"AttributeName": key, "KeyType": role} for key, role in zip(keys, ("HASH", "RANGE"), strict=False)],
                AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
                BillingMode="PAY_PER_REQUEST",
            )
        yield client


def item(table: str, **more: str) -> dict[str, Any]:
    """Return an item, or its key."""
    return {name: {"S": value} for name, value in {**dict.fromkeys(KEYS[table], "a"), **more}.items()}


def update(table: str, value: str) -> dict[str, Any]:
    """Return the parameters of an update that sets a value."""
    values = {":v": {"S": value}}
    return {"TableName": table, "Key": item(table), "UpdateExpression": "SET v = :v", "ExpressionAttributeValues": values}


def living(kind: type) -> int:
    """Return the number of objects of a type."""
    gc.collect()
    return sum(type(each) is kind for each in gc.get_objects())


@pytest.mark.parametrize("table", KEYS)
def test_what_has_gone_is_not_kept(dynamodb: Any, table: str) -> None:
    """Neither the earlier states of an item nor the copies that a transaction made."""
    for number in range(30):
        dynamodb.put_item(TableName=table, Item=item(table, v=str(number)))
        dynamodb.update_item(**update(table, "x"))
        dynamodb.transact_write_items(TransactItems=[{"Update": update(table, str(number))}])
        assert dynamodb.get_item(TableName=table, Key=item(table))["Item"] == item(table, v=str(number))
    assert living(Item) == 1
    assert len(list(Item.instances_tracked)) == 1


@pytest.mark.parametrize("table", KEYS)
def test_a_cancelled_transaction_changes_nothing(dynamodb: Any, table: str) -> None:
    """Puts, updates, new items and deletions before the failed condition are taken back."""
    other = item(table, id="b")
    for each in (item(table, v="before"), other):
        dynamodb.put_item(TableName=table, Item=each)
    absent = {"TableName": table, "Key": item(table, id="c"), "ConditionExpression": "attribute_exists(id)"}
    done = [
        {"Update": update(table, "after")},
        {"Delete": {"TableName": table, "Key": other}},
        {"Put": {"TableName": table, "Item": item(table, id="d")}},
        {"ConditionCheck": absent},
    ]
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        dynamodb.transact_write_items(TransactItems=done)
    found = dynamodb.scan(TableName=table)["Items"]
    assert sorted(found, key=lambda each: each["id"]["S"]) == [item(table, v="before"), other]
    dynamodb.transact_write_items(TransactItems=done[:3])
    found = dynamodb.scan(TableName=table)["Items"]
    assert sorted(found, key=lambda each: each["id"]["S"]) == [item(table, v="after"), item(table, id="d")]


def test_a_transaction_does_not_copy_the_table(dynamodb: Any) -> None:
    """Its memory does not depend on the number of items."""
    for number in range(300):
        dynamodb.put_item(TableName="single", Item=item("single", id=str(number), v="x" * 20))
    dynamodb.put_item(TableName="single", Item=item("single"))
    tracemalloc.start()
    dynamodb.transact_write_items(TransactItems=[{"Update": update("single", "y")}])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 300 * 1000


def test_messages_and_notifications() -> None:
    """Deleted messages go; a message can be deleted twice, as in AWS."""
    with mock_aws(), lean():
        sqs, sns = (boto3.client(service, region_name="us-east-1") for service in ("sqs", "sns"))
        url = sqs.create_queue(QueueName="q")["QueueUrl"]
        topic = sns.create_topic(Name="t")["TopicArn"]
        for number in range(20):
            sqs.send_message(QueueUrl=url, MessageBody=str(number))
            (one,) = sqs.receive_message(QueueUrl=url)["Messages"]
            for _ in range(2):
                sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
            sns.publish(TopicArn=topic, Message="m")
        assert living(Message) == 0


def test_objects_of_a_bucket() -> None:
    """An object that was replaced is closed, and the last one is read."""
    with mock_aws(), lean():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="objects")
        for number in range(3):
            s3.put_object(Bucket="objects", Key="k", Body=str(number))
        assert s3.get_object(Bucket="objects", Key="k")["Body"].read() == b"2"


def test_moto_is_as_before_after_it() -> None:
    """Nothing is left in a process that goes on."""
    before = BaseModel.__new__
    with mock_aws(), lean():
        assert BaseModel.__new__ is not before
    assert BaseModel.__new__ is before
    assert "__deepcopy__" not in vars(Table)
