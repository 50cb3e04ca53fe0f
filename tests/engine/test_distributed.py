"""Distributed Map states: child executions, readers, batches, tolerated failures, results."""

import gzip
import io
import json
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from generator.engine import execute
from tests.support.machines import machine, task, types

PASS = machine(("Item", {"Type": "Pass"}))


class S3:
    """An S3 client on a dict."""

    def __init__(self, **files):
        """Hold files by key."""
        self.files = {key: value if isinstance(value, bytes) else value.encode() for key, value in files.items()}

    def get_object(self, *, Bucket, Key):  # noqa: N803  boto3's names
        """Read a file."""
        return {"Body": io.BytesIO(self.files[Key])}

    def put_object(self, *, Bucket, Key, Body):  # noqa: N803
        """Write a file."""
        self.files[Key] = Body if isinstance(Body, bytes) else Body.read()

    def list_objects_v2(self, *, Bucket, Prefix="", ContinuationToken=None):  # noqa: N803
        """List files, one a page."""
        keys = sorted(key for key in self.files if key.startswith(Prefix))
        at = int(ContinuationToken or 0)
        entry = {"Key": keys[at], "ETag": '"e"', "LastModified": datetime(2024, 1, 1, tzinfo=UTC), "Size": len(self.files[keys[at]])}
        more = {"IsTruncated": True, "NextContinuationToken": str(at + 1)} if at + 1 < len(keys) else {}
        return {"Contents": [entry], **more}


def distributed(processor=PASS, **fields):
    """A machine with one Distributed Map state."""
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    return machine(("M", {"Type": "Map", "ItemProcessor": {**processor, "ProcessorConfig": config}, **fields}))


def reader(key="f", resource="getObject", **config):
    """An ItemReader."""
    parameters = {"Bucket": "b", **({"Key": key} if resource == "getObject" else {"Prefix": key})}
    return {"ItemReader": {"Resource": f"arn:aws:states:::s3:{resource}", "ReaderConfig": config, "Parameters": parameters}}


def test_items_from_the_input():
    """Each item is a child execution; the parent's history has the map run only."""
    execution = execute(distributed(MaxConcurrency=1), [1, 2])
    assert execution.output == [1, 2]
    expected = ["MapStateEntered", "MapStateStarted", "MapRunStarted", "MapRunSucceeded", "MapStateSucceeded", "MapStateExited"]
    assert types(execution)[1:-1] == expected
    run = execution.map_runs[0]
    assert (run.status, run.succeeded, run.items) == ("SUCCEEDED", 2, 2)
    assert run.describe()["itemCounts"]["total"] == 2
    assert [child.path for child in run.children] == [["Item"], ["Item"]]
    assert run.arn.startswith("arn:aws:states:us-east-1:123456789012:mapRun:workflow/M:")


@pytest.mark.parametrize(
    ("content", "config", "items"),
    [
        ('[{"a": 1}, 2]', {"InputType": "JSON"}, [{"a": 1}, 2]),
        ('{"x": 1, "y": 2}', {"InputType": "JSON"}, [{"Key": "x", "Value": 1}, {"Key": "y", "Value": 2}]),
        ('{"data": {"list": [1, 2, 3]}}', {"InputType": "JSON", "ItemsPointer": "/data/list", "MaxItems": 2}, [1, 2]),
        ('{"a": 1}\n\n{"a": 2}\n', {"InputType": "JSONL"}, [{"a": 1}, {"a": 2}]),
        ("A,B\n1,\n3,4,5\n", {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}, [{"A": "1", "B": ""}, {"A": "3", "B": "4"}]),
        ("\ufeffA;B\n1;2\n", {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "CSVDelimiter": "SEMICOLON"}, [{"A": "1", "B": "2"}]),
        (
            '"x, y",2\n',
            {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["A", "B", "C"]},
            [{"A": "x, y", "B": "2", "C": ""}],
        ),
        ("A\n1\n2\n3\n", {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "MaxItems": 0}, [{"A": "1"}, {"A": "2"}, {"A": "3"}]),
    ],
)
def test_readers(content, config, items):
    """Formats of the files that items come from."""
    execution = execute(distributed(**reader(**config)), clients=lambda _: S3(f=content))
    assert execution.status == "SUCCEEDED", execution.cause
    assert execution.output == items
    assert execution.history[2]["mapStateStartedEventDetails"] == {"length": 0}


GUIDE = """abc,123,"This string contains commas, a double quotation marks (""), and a newline (
)",{""MyKey"":""MyValue""},"[1,2,3]"
"""
"""The example of https://docs.aws.amazon.com/step-functions/latest/dg/example-csv-parse-dist-map.html."""


@pytest.mark.parametrize(
    ("content", "fields"),
    [
        (
            GUIDE,
            [
                "abc",
                "123",
                'This string contains commas, a double quotation marks ("), and a newline (\n)',
                '{"MyKey":"MyValue"}',
                "[1,2,3]",
            ],
        ),
        ("C:\\\\Program Files\\\\MyApp.exe,6534512", ["C:\\Program Files\\MyApp.exe", "6534512"]),
        ('a\\,b,\\x,"c\\"d"', ["a,b", "x", 'c"d']),
        ('"",a""b,""""', ["", 'a"b', '"']),
        ("'a','b", ["'a'", "'b"]),
        ('"a\r\nb",c\r\n', ["a\nb", "c"]),
    ],
)
def test_dialect_of_csv(content, fields):
    """Quotation marks and backslashes as the developer guide describes them."""
    names = [f"c{number}" for number in range(len(fields))]
    given = reader(InputType="CSV", CSVHeaderLocation="GIVEN", CSVHeaders=names)
    execution = execute(distributed(**given), clients=lambda _: S3(f=content))
    assert execution.output == [dict(zip(names, fields, strict=True))]


def test_compressed_files():
    """A file that ends in .gz is unpacked as it is read."""
    client = S3(**{"f.gz": gzip.compress(b"[1, 2]")})
    assert execute(distributed(**reader("f.gz", InputType="JSON")), clients=lambda _: client).output == [1, 2]


def test_listing():
    """The objects of a bucket, page by page; or the items in them."""
    client = S3(**{"in/1": "[1]", "in/2": "[2, 3]", "other": ""})
    listed = execute(distributed(**reader("in/", "listObjectsV2")), clients=lambda _: client).output
    assert listed[1] == {"Etag": '"e"', "Key": "in/2", "LastModified": 1704067200, "Size": 6, "StorageClass": "STANDARD"}
    flat = reader("in/", "listObjectsV2", InputType="JSON", Transformation="LOAD_AND_FLATTEN")
    assert execute(distributed(**flat), clients=lambda _: client).output == [1, 2, 3]


def test_manifest():
    """An S3 inventory leads to the files with the items."""
    manifest = {"sourceBucket": "b", "fileSchema": "Bucket, Key", "files": [{"key": "part.gz"}]}
    client = S3(f=json.dumps(manifest), **{"part.gz": gzip.compress(b'"b","k1"\n"b","k2"\n')})
    execution = execute(distributed(**reader(InputType="MANIFEST")), clients=lambda _: client)
    assert execution.output == [{"Bucket": "b", "Key": "k1"}, {"Bucket": "b", "Key": "k2"}]


@pytest.mark.parametrize(("content", "key"), [("{", "f"), ("7", "f"), ("[]", "absent")])
def test_unreadable_items(content, key):
    """What cannot be read is States.ItemReaderFailed."""
    execution = execute(distributed(**reader(key, InputType="JSON")), clients=lambda _: S3(f=content))
    assert execution.error == "States.ItemReaderFailed"
    assert types(execution)[-3:] == ["MapRunFailed", "MapStateFailed", "ExecutionFailed"]


def test_no_bucket_here():
    """Without clients the reader says what is missing."""
    assert execute(distributed(**reader(InputType="JSON"))).error == "Local.NotAvailable"


def test_batches():
    """Items in batches by number and by size, with what they share."""
    batcher = {"MaxItemsPerBatch": 2, "BatchInput": {"t.$": "$.tag"}}
    output = execute(distributed(ItemsPath="$.l", ItemBatcher=batcher), {"l": [1, 2, 3], "tag": "x"}).output
    assert output == [{"BatchInput": {"t": "x"}, "Items": [1, 2]}, {"BatchInput": {"t": "x"}, "Items": [3]}]
    by_size = distributed(ItemsPath="$.l", ItemBatcher={"MaxInputBytesPerBatchPath": "$.n"})
    assert execute(by_size, {"l": ["aaaa"] * 3, "n": 30}).output == [{"Items": ["aaaa", "aaaa"]}, {"Items": ["aaaa"]}]


def test_selector():
    """The selector sees the state's input and the item."""
    selector = {"v.$": "$$.Map.Item.Value", "all.$": "$"}
    assert execute(distributed(ItemSelector=selector), [1]).output == [{"v": 1, "all": [1]}]


FLAKY = machine(("F", task("f")))


def flaky(event):
    """Fails for odd numbers."""
    if event % 2:
        raise ValueError
    return event


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, "FAILED"),
        ({"ToleratedFailureCount": 1}, "FAILED"),
        ({"ToleratedFailureCount": 2}, "SUCCEEDED"),
        ({"ToleratedFailurePercentage": 49}, "FAILED"),
        ({"ToleratedFailurePercentage": 50}, "SUCCEEDED"),
        ({"ItemsPath": "$", "ToleratedFailureCountPath": "$[0]"}, "FAILED"),
    ],
)
def test_tolerated_failures(fields, status):
    """Up to the limits child executions may fail."""
    execution = execute(distributed(FLAKY, **fields), [1, 2, 3, 4], functions={"f": flaky})
    assert execution.status == status
    if status == "FAILED":
        assert (execution.error, execution.cause) == (
            "States.ExceedToleratedFailureThreshold",
            "The specified tolerated failure threshold was exceeded",
        )
        assert "MapRunFailed" in types(execution)
    else:
        assert [item for item in execution.output if isinstance(item, int)] == [2, 4]
        failed = [item for item in execution.output if not isinstance(item, int)]  # a tolerated failure keeps its place
        assert [(item["Status"], item["Error"]) for item in failed] == [("FAILED", "ValueError")] * 2
        assert execution.map_runs[0].failed == 2


def test_result_writer():
    """Results go to files, the output names the manifest."""
    client = S3()
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b", "Prefix": "out"}}
    execution = execute(
        distributed(FLAKY, ToleratedFailureCount=9, ResultWriter=writer), [1, 2], functions={"f": flaky}, clients=lambda _: client
    )
    details = execution.output["ResultWriterDetails"]
    manifest = json.loads(client.files[details["Key"]])
    assert manifest["MapRunArn"] == execution.output["MapRunArn"] == execution.map_runs[0].arn
    succeeded = json.loads(client.files[manifest["ResultFiles"]["SUCCEEDED"][0]["Key"]])
    assert [(entry["Input"], entry["Output"], entry["Status"]) for entry in succeeded] == [("2", "2", "SUCCEEDED")]
    failed = json.loads(client.files[manifest["ResultFiles"]["FAILED"][0]["Key"]])
    assert failed[0]["Error"] == "ValueError"


@pytest.mark.parametrize(("transformation", "output"), [("COMPACT", [[1, 2], [3]]), ("FLATTEN", [1, 2, 3])])
def test_shaped_results(transformation, output):
    """Without a bucket the writer shapes the state's output."""
    writer = {"WriterConfig": {"Transformation": transformation, "OutputType": "JSON"}}
    assert execute(distributed(ResultWriter=writer), [[1, 2], [3]]).output == output


def test_too_many_results():
    """More than a payload may hold fails the state instead of filling the memory."""
    shared = distributed(machine(("Big", {"Type": "Pass", "Result": "x" * 1000})))
    assert execute(shared, [0] * 300).error == "States.DataLimitExceeded"


def test_an_item_that_is_too_large():
    """A child execution cannot be given more than a payload may hold."""
    client = S3(f=json.dumps(["x" * 300_000]))
    assert execute(distributed(**reader(InputType="JSON")), clients=lambda _: client).error == "States.DataLimitExceeded"


def test_children_wait_side_by_side():
    """Concurrency is limited by MaxConcurrency."""
    waiting = machine(("W", {"Type": "Wait", "Seconds": 10}))
    assert execute(distributed(waiting), [1] * 5).duration == 10
    assert execute(distributed(waiting, MaxConcurrency=2), [1] * 5).duration == 30


def test_child_context():
    """A child execution has an identity and an input of its own, and no variables from outside."""
    inner = machine(
        (
            "P",
            {"Type": "Pass", "Parameters": {"id.$": "$$.Execution.Id", "in.$": "$$.Execution.Input", "machine.$": "$$.StateMachine.Name"}},
        )
    )
    (child,) = execute(distributed(inner, Label="lab"), [7]).output
    assert child["id"].startswith("arn:aws:states:us-east-1:123456789012:execution:workflow/lab:")
    assert (child["in"], child["machine"]) == (7, "workflow/lab")
    reading = machine(("P", {"Type": "Pass", "Parameters": {"x.$": "$x"}}))
    outer = distributed(reading)
    outer["States"]["V"] = {"Type": "Pass", "Assign": {"x": 1}, "Next": "M"}
    assert execute({**outer, "StartAt": "V"}, [1]).status == "FAILED"


def test_members_of_an_object():
    """A Distributed Map goes through an object too, an inline one does not."""
    expected = [{"Key": "x", "Value": 1}, {"Key": "y", "Value": 2}]
    assert execute(distributed(), {"x": 1, "y": 2}).output == expected
    assert execute(distributed(QueryLanguage="JSONata", Items="{% $states.input %}"), {"x": 1, "y": 2}).output == expected
    assert execute(machine(("M", {"Type": "Map", "ItemProcessor": PASS})), {"x": 1}).error == "States.Runtime"


SOURCE = {"ItemSelector": {"source.$": "$$.Map.Item.Source", "value.$": "$$.Map.Item.Value"}}


def test_sources_of_items():
    """The Context object tells where an item comes from, and its name in an object."""
    client = S3(**{"in/1": "[1]", "in/2": '{"k": 2}'})

    def sources(**fields):
        return [item["source"] for item in execute(distributed(**SOURCE, **fields), [5], clients=lambda _: client).output]

    assert sources() == ["STATE_DATA"]
    assert sources(**reader("in/1", InputType="JSON")) == ["S3://b/in/1"]
    assert sources(**reader("in/", "listObjectsV2")) == ["S3://b", "S3://b"]
    flat = reader("in/", "listObjectsV2", InputType="JSON", Transformation="LOAD_AND_FLATTEN")
    assert sources(**flat) == ["S3://b/in/1", "S3://b/in/2"]
    named = distributed(ItemSelector={"k.$": "$$.Map.Item.Key"}, **reader("in/2", InputType="JSON"))
    assert execute(named, clients=lambda _: client).output == [{"k": "k"}]
    inline = machine(("M", {"Type": "Map", "ItemSelector": {"item.$": "$$.Map.Item"}, "ItemProcessor": PASS}))
    assert execute(inline, ["a"]).output == [{"item": {"Index": 0, "Value": "a", "Source": "STATE_DATA"}}]


def test_athena_manifest():
    """The manifest of an UNLOAD query lists the files that have the items."""
    manifest = "s3://b/part1.gz\ns3://b/part2.gz\n"
    client = S3(f=manifest, **{"part1.gz": gzip.compress(b'{"a": 1}\n'), "part2.gz": gzip.compress(b'{"a": 2}\n{"a": 3}\n')})
    execution = execute(distributed(**SOURCE, **reader(ManifestType="ATHENA_DATA", InputType="JSONL")), clients=lambda _: client)
    assert [item["value"]["a"] for item in execution.output] == [1, 2, 3]
    assert [item["source"] for item in execution.output] == ["S3://b/part1.gz", "S3://b/part2.gz", "S3://b/part2.gz"]


def test_inventory_without_input_type():
    """With ManifestType the input type of an inventory is not given."""
    client = S3(f=json.dumps({"sourceBucket": "b", "fileSchema": "Bucket, Key", "files": [{"key": "part"}]}), part='"b","k1"\n')
    execution = execute(distributed(**reader(ManifestType="S3_INVENTORY")), clients=lambda _: client)
    assert execution.output == [{"Bucket": "b", "Key": "k1"}]


def test_backslashes_in_delimited_text():
    """A backslash keeps another one, a quote or the delimiter, and vanishes before anything else."""
    text = 'path,size\nC:\\\\Program Files\\\\App.exe,6\\,5\n\\x,"say ""hi"""\n'
    config = {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}
    rows = execute(distributed(**reader(**config)), clients=lambda _: S3(f=text)).output
    assert rows == [{"path": "C:\\Program Files\\App.exe", "size": "6,5"}, {"path": "x", "size": 'say "hi"'}]


def test_failed_batches_count_their_items():
    """Limits are about items: a failed batch has as many failures as items."""
    batches = {"ItemBatcher": {"MaxItemsPerBatch": 2}}
    odd = {"f": lambda event: flaky(event["Items"][0])}
    assert execute(distributed(FLAKY, **batches, ToleratedFailureCount=1), [1, 1, 2, 2], functions=odd).status == "FAILED"
    execution = execute(distributed(FLAKY, **batches, ToleratedFailurePercentage=50), [1, 1, 2, 2], functions=odd)
    counts = execution.map_runs[0].describe()
    assert execution.status == "SUCCEEDED"
    assert [counts["itemCounts"][key] for key in ("succeeded", "failed", "total")] == [2, 2, 4]
    assert [counts["executionCounts"][key] for key in ("succeeded", "failed", "total")] == [1, 1, 2]


@pytest.mark.parametrize(("kind", "text"), [("JSONL", '{"a": 1}\n{"a": 2}\n'), ("JSON", '[{"a": 1}, {"a": 2}]')])
def test_zstandard_files(kind, text):
    """A file whose name ends in .zst or .zstd is unpacked too."""
    client = S3(**{"f.zstd": pa.compress(text.encode(), codec="zstd", asbytes=True)})
    assert execute(distributed(**reader("f.zstd", InputType=kind)), clients=lambda _: client).output == [{"a": 1}, {"a": 2}]
