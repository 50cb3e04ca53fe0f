"""Map states: the same steps for each item, inline or as child executions over very many items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from generator.dsl.expressions import Expr, Payload
from generator.dsl.resources import Bucket
from generator.dsl.source import expect
from generator.dsl.steps import FailingStep, Steps, expect_steps


@dataclass(frozen=True, eq=False)
class ItemReader:
    """Where a Distributed Map reads its items from; made by :func:`csv_items` and its siblings, or given as in ASL.

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

    def __post_init__(self) -> None:
        """Check that the steps are steps."""
        super().__post_init__()
        expect_steps(self.steps, f"what {self.name!r} does with an item")


@dataclass(frozen=True, eq=False)
class Map(_Map):
    """Runs steps for each item of a list, inside this execution; its result is the list of their outputs.

    Args:
        items: the list: an expression, or a literal list (``ItemsPath`` in JSONPath); by default the step's input.
        steps: what is done with an item; the item is the input of the first step.
        item_selector: the input of the first step instead; ``states.item`` is the item.
        max_concurrency: how many items at once; 0 or None for as many as possible (AWS runs about 40).

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html
    """


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
    max_items: int | Expr | None = None,
) -> ItemReader:
    """Read the rows of a CSV file; without ``headers`` its first row names the columns."""
    location: dict[str, Payload] = (
        {"CSVHeaderLocation": "FIRST_ROW"} if headers is None else {"CSVHeaderLocation": "GIVEN", "CSVHeaders": list(headers)}
    )
    return _get_object(bucket, key, {"InputType": "CSV", **location, "CSVDelimiter": delimiter}, max_items)


def json_items(bucket: Bucket | Payload, key: Payload, *, pointer: str | None = None, max_items: int | Expr | None = None) -> ItemReader:
    """Read a JSON array; ``pointer`` is a JSON Pointer to it inside the file."""
    return _get_object(bucket, key, {"InputType": "JSON", "ItemsPointer": pointer}, max_items)


def jsonl_items(bucket: Bucket | Payload, key: Payload, *, max_items: int | Expr | None = None) -> ItemReader:
    """Read JSON Lines."""
    return _get_object(bucket, key, {"InputType": "JSONL"}, max_items)


def parquet_items(bucket: Bucket | Payload, key: Payload, *, max_items: int | Expr | None = None) -> ItemReader:
    """Read the rows of an Apache Parquet file."""
    return _get_object(bucket, key, {"InputType": "PARQUET"}, max_items)


def manifest_items(
    bucket: Bucket | Payload,
    key: Payload,
    *,
    manifest: Literal["S3_INVENTORY", "ATHENA_DATA"] = "S3_INVENTORY",
    max_items: int | Expr | None = None,
) -> ItemReader:
    """Read what an S3 Inventory or Athena manifest lists."""
    return _get_object(bucket, key, {"InputType": "MANIFEST", "ManifestType": manifest}, max_items)


def s3_objects(bucket: Bucket | Payload, prefix: Payload = None, *, load: bool = False, max_items: int | Expr | None = None) -> ItemReader:
    """List the objects of a bucket; ``load`` reads each one too (``LOAD_AND_FLATTEN``)."""
    arguments: dict[str, Payload] = {"Bucket": bucket.bucket_name if isinstance(bucket, Bucket) else bucket}
    if prefix is not None:
        arguments["Prefix"] = prefix
    config: dict[str, Payload] = {"Transformation": "LOAD_AND_FLATTEN"} if load else {}
    return ItemReader("arn:aws:states:::s3:listObjectsV2", arguments, config if max_items is None else {**config, "MaxItems": max_items})


@dataclass(frozen=True, eq=False)
class ItemBatcher:
    """Groups items into batches, each the input of one child execution.

    Args:
        max_items: items in a batch at most.
        max_input_bytes: size of a batch at most, in bytes, up to 262144 (256 KiB).
        batch_input: what every batch gets besides its items.
    """

    max_items: int | Expr | None = None
    max_input_bytes: int | Expr | None = None
    batch_input: Payload = None


@dataclass(frozen=True, eq=False)
class ResultWriter:
    """Writes the results of the child executions to S3 instead of returning them.

    Args:
        bucket: where to; None for nowhere, where only their shape in the output is to be said.
        prefix: the keys' beginning.
        output_type: a JSON array or JSON Lines.
        transformation: NONE for all of a child's data, COMPACT for its output, FLATTEN for outputs that are lists.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
    """

    bucket: Bucket | Payload = None
    prefix: Payload = None
    output_type: Literal["JSON", "JSONL"] | None = field(default=None, kw_only=True)
    transformation: Literal["NONE", "COMPACT", "FLATTEN"] | None = field(default=None, kw_only=True)


@dataclass(frozen=True, eq=False)
class DistributedMap(_Map):
    """Runs steps for each of very many items, as child executions.

    Args:
        items: a list, as for :class:`Map`, or where to read it from: ``csv_items(bucket, key)`` and its siblings.
        steps: what is done with an item, or with a batch.
        batch: groups the items.
        result_writer: where to write the results to.
        execution_type: STANDARD or EXPRESS child executions.
        label: names the Map Run; at most 40 characters.
        tolerated_failure_percentage: the share of failed items, 0 to 100, above which the Map fails (ASL's default: 0).
        tolerated_failure_count: the same as a number of items.
        max_concurrency: how many child executions at once; 0 or None for up to 10,000.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
    """

    batch: ItemBatcher | None = field(default=None, kw_only=True)
    result_writer: ResultWriter | None = field(default=None, kw_only=True)
    execution_type: Literal["STANDARD", "EXPRESS"] = field(default="STANDARD", kw_only=True)
    label: str | None = field(default=None, kw_only=True)
    tolerated_failure_percentage: float | Expr | str | None = field(default=None, kw_only=True)
    tolerated_failure_count: int | Expr | str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Check what only a Distributed Map has."""
        super().__post_init__()
        expect(self.batch, (ItemBatcher, type(None)), f"batch of {self.name!r}", "ItemBatcher(…)")
        expect(self.result_writer, (ResultWriter, type(None)), f"result_writer of {self.name!r}", "ResultWriter(bucket, …)")
