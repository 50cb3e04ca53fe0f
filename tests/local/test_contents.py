"""What tables, queues and buckets contain is there after a new start."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

from generator import Bucket, Key, Queue, Table, Topic
from generator.loader import Loaded
from generator.local.contents import SETUP
from generator.local.log import Log
from generator.local.stack import Stack, StackOptions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

rows = Table("rows", key="id", sort_key=Key("at", "N"))
buried = Queue("buried")
jobs = Queue("jobs", dead_letter=buried, max_receive_count=1)
files = Bucket("files")
news = Topic("news")
NAME = "local-rows"


class Lives:
    """A stack that is started again and again with one folder."""

    def __init__(self, root: Path) -> None:
        """Start it."""
        self.root = root
        self.start()

    def start(self) -> None:
        """Start it with what the folder has."""
        loaded = Loaded(resources={each.name: each for each in (rows, buried, jobs, files, news)})
        self.stack = Stack(loaded, StackOptions(self.root, data=self.root / "data"), Log(io.StringIO()))
        self.stack.start("http://127.0.0.1:9")

    def again(self) -> None:
        """End it, and start it anew. Ending writes nothing: a kill leaves the same."""
        self.stack.close()
        self.start()

    def client(self, service: str) -> Any:
        """Return a client."""
        return self.stack.aws.client(service)

    def items(self) -> dict[str, Any]:
        """Return the items of the table, by their keys."""
        found = self.client("dynamodb").scan(TableName=NAME)["Items"]
        return {f"{item['id']['S']}/{item['at']['N']}": item for item in found}


@pytest.fixture
def lives(tmp_path: Path) -> Iterator[Lives]:
    """Make the stack of a project that only has data."""
    made = Lives(tmp_path)
    yield made
    made.stack.close()


def item(name: str, **more: Any) -> dict[str, Any]:
    """Return an item."""
    return {"id": {"S": name}, "at": {"N": "1"}, **more}


def test_tables(lives: Lives) -> None:
    """Every way to write an item, and to remove one."""
    dynamodb = lives.client("dynamodb")
    dynamodb.put_item(
        TableName=NAME, Item=item("put", value={"B": b"\x00\xff"}, many={"L": [{"NULL": True}, {"M": {"a": {"BOOL": False}}}]})
    )
    dynamodb.update_item(TableName=NAME, Key=item("updated"), UpdateExpression="SET n = :n", ExpressionAttributeValues={":n": {"N": "7"}})
    dynamodb.batch_write_item(RequestItems={NAME: [{"PutRequest": {"Item": item(f"batch{n}")}} for n in range(3)]})
    dynamodb.transact_write_items(
        TransactItems=[
            {"Put": {"TableName": NAME, "Item": item("transacted")}},
            {"Delete": {"TableName": NAME, "Key": item("batch0")}},
            {
                "Update": {
                    "TableName": NAME,
                    "Key": item("batch1"),
                    "UpdateExpression": "SET m = :m",
                    "ExpressionAttributeValues": {":m": {"S": "x"}},
                }
            },
        ]
    )
    dynamodb.execute_statement(Statement=f"INSERT INTO \"{NAME}\" VALUE {{'id': 'partiql', 'at': 1}}")
    dynamodb.put_item(TableName=NAME, Item=item("gone"))
    dynamodb.delete_item(TableName=NAME, Key=item("gone"))
    before = lives.items()
    assert before.keys() == {"put/1", "updated/1", "batch1/1", "batch2/1", "transacted/1", "partiql/1"}
    lives.again()
    assert lives.items() == before


def test_queues(lives: Lives) -> None:
    """Messages with their attributes and counts, those that are being processed and those of the dead-letter queue too."""
    sqs, url, dead = lives.client("sqs"), lives.stack.laptop.values["jobs_url"], lives.stack.laptop.values["buried_url"]
    attributes = {"kind": {"DataType": "String", "StringValue": "k"}, "raw": {"DataType": "Binary", "BinaryValue": b"\x00\x01"}}
    for body in ("done", "fails", "waits"):
        sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=attributes)
    first, second = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=2)["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
    lives.again()
    sqs = lives.client("sqs")
    (waits,) = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], AttributeNames=["All"])["Messages"]
    assert (waits["Body"], waits["MessageAttributes"]["raw"]["BinaryValue"]) == ("waits", b"\x00\x01")
    assert waits["Attributes"]["ApproximateReceiveCount"] == "1"
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=second["ReceiptHandle"], VisibilityTimeout=0)  # its handle is still valid
    sqs.delete_message(QueueUrl=url, ReceiptHandle=waits["ReceiptHandle"])
    assert "Messages" not in sqs.receive_message(QueueUrl=url)  # this was its last time
    lives.again()
    (failed,) = lives.client("sqs").receive_message(QueueUrl=dead)["Messages"]
    assert failed["Body"] == "fails"


def test_a_topic_fills_a_queue(lives: Lives) -> None:
    """A message that comes by another service is kept like one that was sent."""
    values = lives.stack.laptop.values
    lives.client("sns").subscribe(TopicArn=values["news_arn"], Protocol="sqs", Endpoint=values["jobs_arn"])
    lives.client("sns").publish(TopicArn=values["news_arn"], Message="hello")
    lives.again()
    (message,) = lives.client("sqs").receive_message(QueueUrl=values["jobs_url"])["Messages"]
    assert "hello" in message["Body"]


def test_buckets(lives: Lives) -> None:
    """Objects with their metadata, copies, parts; those that were removed are not there."""
    s3, name = lives.client("s3"), lives.stack.laptop.values["files_name"]
    s3.put_object(Bucket=name, Key="a b/ü.bin", Body=b"\x00\xff", ContentType="x/y", Metadata={"by": "me"})
    s3.copy_object(Bucket=name, Key="copy", CopySource={"Bucket": name, "Key": "a b/ü.bin"})
    upload = s3.create_multipart_upload(Bucket=name, Key="parts")["UploadId"]
    etag = s3.upload_part(Bucket=name, Key="parts", UploadId=upload, PartNumber=1, Body=b"part")["ETag"]
    s3.complete_multipart_upload(Bucket=name, Key="parts", UploadId=upload, MultipartUpload={"Parts": [{"ETag": etag, "PartNumber": 1}]})
    for key in ("gone", "gone & 2", "gone3"):
        s3.put_object(Bucket=name, Key=key, Body=b"x")
    s3.delete_object(Bucket=name, Key="gone")
    s3.delete_objects(Bucket=name, Delete={"Objects": [{"Key": "gone & 2"}, {"Key": "gone3"}]})
    lives.again()
    s3 = lives.client("s3")
    assert {each["Key"] for each in s3.list_objects_v2(Bucket=name)["Contents"]} == {"a b/ü.bin", "copy", "parts"}
    found = s3.get_object(Bucket=name, Key="a b/ü.bin")
    assert (found["Body"].read(), found["ContentType"], found["Metadata"]) == (b"\x00\xff", "x/y", {"by": "me"})
    assert s3.get_object(Bucket=name, Key="copy")["Body"].read() == b"\x00\xff"
    assert s3.get_object(Bucket=name, Key="parts")["Body"].read() == b"part"


def test_resources_that_a_client_has_made(lives: Lives) -> None:
    """They have their settings, their ids and their contents, also after a second start; those that were removed are not there."""
    dynamodb, sqs, sns, s3, ssm = (lives.client(service) for service in ("dynamodb", "sqs", "sns", "s3", "ssm"))
    table = {
        "TableName": "mine",
        "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    for name in ("mine", "gone"):
        dynamodb.create_table(**{**table, "TableName": name})
        dynamodb.put_item(TableName=name, Item={"k": {"S": "a"}, "v": {"N": "1"}})
    dynamodb.delete_table(TableName="gone")
    url = sqs.create_queue(QueueName="mine")["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "77"})
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = sns.create_topic(Name="mine")["TopicArn"]
    subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)["SubscriptionArn"]
    s3.create_bucket(Bucket="mine-too")
    s3.put_bucket_versioning(Bucket="mine-too", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="mine-too", Key="k", Body=b"v")
    s3.put_object_tagging(Bucket="mine-too", Key="k", Tagging={"TagSet": [{"Key": "t", "Value": "1"}]})
    ssm.put_parameter(Name="limit", Value="7", Type="String")
    for life in range(2):
        lives.client("sns").publish(TopicArn=topic, Message=f"in life {life}")
        lives.again()
        dynamodb, sqs, sns, s3, ssm = (lives.client(service) for service in ("dynamodb", "sqs", "sns", "s3", "ssm"))
        assert set(dynamodb.list_tables()["TableNames"]) == {NAME, "mine"}
        assert dynamodb.scan(TableName="mine")["Items"] == [{"k": {"S": "a"}, "v": {"N": "1"}}]
        assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]["VisibilityTimeout"] == "77"
        assert [each["SubscriptionArn"] for each in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]] == [subscription]
        assert s3.get_object(Bucket="mine-too", Key="k")["Body"].read() == b"v"
        assert s3.get_bucket_versioning(Bucket="mine-too")["Status"] == "Enabled"
        assert s3.get_object_tagging(Bucket="mine-too", Key="k")["TagSet"] == [{"Key": "t", "Value": "1"}]
        assert ssm.get_parameter(Name="limit")["Parameter"]["Value"] == "7"
    received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert len({message["MessageId"] for message in received}) == 2


def test_a_client_that_makes_its_resources_at_each_start(lives: Lives) -> None:
    """The folder does not grow, and a setting is the last one."""
    for _ in range(3):
        sqs = lives.client("sqs")
        url = sqs.create_queue(QueueName="mine")["QueueUrl"]
        for seconds in ("5", "6", "5"):
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": seconds})
        lives.again()
    found = lives.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert found["VisibilityTimeout"] == "5"
    store = lives.stack._store
    assert store is not None
    kept = list(store.contents(SETUP))
    assert len(kept) == 3
    assert "Signature=0" in str(kept)
    lives.client("sqs").delete_queue(QueueUrl=url)
    lives.again()
    assert list(lives.stack._store.contents(SETUP)) == []  # type: ignore[union-attr]
    assert "mine" not in str(lives.client("sqs").list_queues())
