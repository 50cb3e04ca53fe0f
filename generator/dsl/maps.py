"""Map states: the same steps for each item, inline or in child executions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from generator.dsl.expressions import Expr, Payload
from generator.dsl.permissions import Permissions, expect_permissions
from generator.dsl.refusals import NoText
from generator.dsl.resources import Bucket
from generator.dsl.source import expect
from generator.dsl.steps import FailingStep, Steps, expect_steps


@dataclass(frozen=True, eq=False)
class ItemReader(NoText):
    """The source of the items of a Distributed Map; :func:`csv_items` and the functions like it return one.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
    """

    resource: str
    arguments: Payload
    config: Mapping[str, Payload] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _Map(FailingStep):
    items: Payload | ItemReader = None
    steps: Steps = ()
    item_selector: Payload = field(default=None, kw_only=True)
    max_concurrency: int | Expr | str | None = field(default=None, kw_only=True)
    old_names: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        """Check the type of the steps."""
        super().__post_init__()
        expect_steps(self.steps, f"the steps of {self.name!r}")


@dataclass(frozen=True, eq=False)
class Map(_Map):
    """A state that runs steps for each item of a list, inside this execution. Its result is the list of the outputs.

    Args:
        items: the list: an expression, or a literal list (``ItemsPath`` in JSONPath); by default the step's input.
        steps: the steps for each item; the item is the input of the first one.
        item_selector: the input of the first step instead; ``states.item`` is the item.
        max_concurrency: how many items at the same time; 0 or None for no limit (AWS runs about 40).
        mode: INLINE to write the mode, which is the default of ASL, into the definition.
        old_names: whether the definition has ``Iterator`` and ``Parameters``, the names before 2022, in place of ``ItemProcessor``
            and ``ItemSelector``. Both mean the same.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html
    """

    mode: Literal["INLINE"] | None = field(default=None, kw_only=True)


def _get_object(bucket: Bucket | Payload, key: Payload, config: Mapping[str, Payload], max_items: Payload) -> ItemReader:
    return ItemReader(
        "arn:aws:states:::s3:getObject",
        {"Bucket": bucket.bucket_name if isinstance(bucket, Bucket) else bucket, "Key": key},
        {k: v for k, v in {**config, "MaxItems": max_items}.items() if v is not None},
    )


def csv_items(
    bucket: Bucket | Payload,
    key: Payload,
    *,
    headers: Sequence[str] | None = None,
    delimiter: Literal["COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"] | None = None,
    max_items: int | Expr | str | None = None,
) -> ItemReader:
    """Read the rows of a CSV file; without ``headers``, its first row contains the names of the columns.

    Raises:
        AuthoringError: the headers are not a list; the order of a set differs from run to run.
    """
    expect(headers, (list, tuple, type(None)), "headers of csv_items", "a list of the names of the columns")
    location: dict[str, Payload] = (
        {"CSVHeaderLocation": "FIRST_ROW"} if headers is None else {"CSVHeaderLocation": "GIVEN", "CSVHeaders": list(headers)}
    )
    return _get_object(bucket, key, {"InputType": "CSV", **location, "CSVDelimiter": delimiter}, max_items)


def json_items(
    bucket: Bucket | Payload, key: Payload, *, pointer: str | None = None, max_items: int | Expr | str | None = None
) -> ItemReader:
    """Read the items of a JSON array.

    Args:
        bucket: the bucket.
        key: the key of the file.
        pointer: the JSON Pointer of the array inside the file; by default the file is the array.
        max_items: the largest number of items to read; by default all.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
    """
    return _get_object(bucket, key, {"InputType": "JSON", "ItemsPointer": pointer}, max_items)


def jsonl_items(bucket: Bucket | Payload, key: Payload, *, max_items: int | Expr | str | None = None) -> ItemReader:
    """Read the lines of a file in the format JSON Lines.

    Args:
        bucket: the bucket.
        key: the key of the file.
        max_items: the largest number of items to read; by default all.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
    """
    return _get_object(bucket, key, {"InputType": "JSONL"}, max_items)


def parquet_items(bucket: Bucket | Payload, key: Payload, *, max_items: int | Expr | str | None = None) -> ItemReader:
    """Read the rows of an Apache Parquet file.

    Args:
        bucket: the bucket.
        key: the key of the file.
        max_items: the largest number of items to read; by default all.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
    """
    return _get_object(bucket, key, {"InputType": "PARQUET"}, max_items)


def manifest_items(
    bucket: Bucket | Payload,
    key: Payload,
    *,
    manifest: Literal["S3_INVENTORY", "ATHENA_DATA"] = "S3_INVENTORY",
    max_items: int | Expr | str | None = None,
) -> ItemReader:
    """Read the objects that a manifest lists.

    Args:
        bucket: the bucket of the manifest.
        key: the key of the manifest.
        manifest: the kind: an S3 Inventory, or the data that Athena's UNLOAD writes.
        max_items: the largest number of items to read; by default all.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
    """
    return _get_object(bucket, key, {"InputType": "MANIFEST", "ManifestType": manifest}, max_items)


def s3_objects(
    bucket: Bucket | Payload, prefix: Payload = None, *, load: bool = False, max_items: int | Expr | str | None = None
) -> ItemReader:
    """List the objects of a bucket. Each item is the metadata of an object: ``Key``, ``Size``, ``LastModified``.

    Args:
        bucket: the bucket.
        prefix: the beginning of the keys; by default all objects are listed.
        load: whether the items are the contents of the objects instead (``LOAD_AND_FLATTEN``).
        max_items: the largest number of items to read; by default all.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
    """
    arguments: dict[str, Payload] = {"Bucket": bucket.bucket_name if isinstance(bucket, Bucket) else bucket}
    if prefix is not None:
        arguments["Prefix"] = prefix
    config: dict[str, Payload] = {"Transformation": "LOAD_AND_FLATTEN"} if load else {}
    return ItemReader("arn:aws:states:::s3:listObjectsV2", arguments, config if max_items is None else {**config, "MaxItems": max_items})


@dataclass(frozen=True, eq=False)
class ItemBatcher:
    """The rule that groups items into batches. Each batch is the input of one child execution.

    Args:
        max_items: the most items of a batch.
        max_input_bytes: the largest size of a batch in bytes, at most 262144 (256 KiB).
        batch_input: data that every batch has in addition to its items.
    """

    max_items: int | Expr | str | None = None
    max_input_bytes: int | Expr | str | None = None
    batch_input: Payload = None


@dataclass(frozen=True, eq=False)
class ResultWriter:
    """The S3 destination of the results of the child executions, which are not returned then.

    Args:
        bucket: the bucket; None to change only the format of the results in the output.
        prefix: the beginning of the keys.
        output_type: a JSON array or JSON Lines.
        transformation: NONE for all data of a child execution, COMPACT for its output, FLATTEN to join outputs that are lists.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
    """

    bucket: Bucket | Payload = None
    prefix: Payload = None
    output_type: Literal["JSON", "JSONL"] | None = field(default=None, kw_only=True)
    transformation: Literal["NONE", "COMPACT", "FLATTEN"] | None = field(default=None, kw_only=True)


@dataclass(frozen=True, eq=False)
class DistributedMap(_Map):
    """A state that runs steps in a child execution for each item of a large list.

    Args:
        items: a list, as for :class:`Map`, or the source of the items, such as ``csv_items(bucket, key)``.
        steps: the steps for each item, or for each batch.
        batch: the rule that groups the items.
        result_writer: the destination of the results.
        execution_type: the type of the child executions, STANDARD or EXPRESS; None if the definition must not say it.
        label: the label of the Map Run, which becomes part of its ARN; at most 40 characters.
        tolerated_failure_percentage: the share of failed items, 0 to 100, above which the Map fails (ASL's default: 0).
        tolerated_failure_count: the number of failed items above which the Map fails.
        max_concurrency: how many child executions at the same time; 0 or None for up to 10,000.
        old_names: whether the definition has ``Iterator`` and ``Parameters``, as for :class:`Map`.
        permissions: corrections of what the execution role gets for this step: ``Allow``, ``Narrow``, ``Replace``, ``Without``.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
    """

    batch: ItemBatcher | None = field(default=None, kw_only=True)
    result_writer: ResultWriter | None = field(default=None, kw_only=True)
    execution_type: Literal["STANDARD", "EXPRESS"] | None = field(default="STANDARD", kw_only=True)
    label: str | None = field(default=None, kw_only=True)
    tolerated_failure_percentage: float | Expr | str | None = field(default=None, kw_only=True)
    tolerated_failure_count: int | Expr | str | None = field(default=None, kw_only=True)
    permissions: Permissions = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        """Check the types of the fields that only a Distributed Map has."""
        super().__post_init__()
        expect(self.batch, (ItemBatcher, type(None)), f"batch of {self.name!r}", "ItemBatcher(…)")
        expect(self.result_writer, (ResultWriter, type(None)), f"result_writer of {self.name!r}", "ResultWriter(bucket, …)")
        expect_permissions(self.permissions, repr(self.name))
