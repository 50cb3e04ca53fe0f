"""Items of Distributed Map states from S3, and their results to S3.

Sources:
    https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
    https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from generator.engine.clock import EPOCH
from generator.engine.dataflow import Frame, Item, StateFailure, iso
from generator.engine.distributed import limited
from generator.engine.history import json_text
from generator.engine.states import field
from generator.engine.work import number_field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from generator.engine.distributed import MapRun
    from generator.engine.execution import Execution

_DELIMITERS = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}
RESULT_FILE_BYTES = 5 * 1024 * 1024 * 1024
"""The most bytes that a result file gets."""


class ItemReader:
    """Reads the items of a Distributed Map state."""

    def __init__(self, definition: dict[str, Any], *, jsonata: bool) -> None:
        """Compile ``ItemReader``."""
        self.resource: str = definition["Resource"]
        self.config: dict[str, Any] = definition.get("ReaderConfig", {})
        self.parameters = field(definition, "Arguments" if jsonata else "Parameters", jsonata=jsonata)
        self.max_items = number_field(self.config, "MaxItems", jsonata=jsonata)

    def items(self, frame: Frame, document: Any) -> Iterator[Item]:
        """Read items one after the other.

        Raises:
            StateFailure: ``States.ItemReaderFailed``.
        """
        parameters = self.parameters(frame, document) if self.parameters is not None else {}
        most = None if self.max_items is None else int(self.max_items(frame, document))
        engine = frame.run.engine
        if engine.clients is None:
            cause = f"State '{frame.state}' reads items from S3, which is not available here. Pass clients=...."
            raise StateFailure("Local.NotAvailable", cause, fatal=True)
        client = engine.client("s3")
        try:
            found = self._listed if self.resource.endswith(":listObjectsV2") else self._parsed
            yield from map(_numbered, count(), limited(found(client, parameters), most))
        except StateFailure:
            raise
        except Exception as error:
            where = f"[Bucket: {parameters.get('Bucket')}, Key: {parameters.get('Key')}]"
            raise StateFailure("States.ItemReaderFailed", f"Attempting to read S3 object {where} failed: {error}") from error

    def parse_text(self, text: str) -> Iterator[Item]:
        """The items in a file's content, given as text."""
        return map(_numbered, count(), self._read(io.BufferedReader(io.BytesIO(text.encode())), ""))

    def _parsed(self, client: Any, parameters: dict[str, Any]) -> Iterator[_Read]:
        manifest = self.config.get("ManifestType")
        if manifest == "ATHENA_DATA":
            yield from self._athena(client, parameters)
        elif manifest == "S3_INVENTORY" or self.config.get("InputType") == "MANIFEST":
            yield from self._inventory(client, parameters)
        else:
            yield from self._read(_open(client, parameters), _address(parameters))

    def _read(self, body: Any, source: str) -> Iterator[_Read]:
        kind = self.config.get("InputType", "JSON")
        if kind == "CSV":
            for row in self._csv(body):
                yield row, source, None
        elif kind == "JSONL":
            for line in body:
                if line.strip():
                    yield json.loads(line), source, None
        elif kind == "PARQUET":
            for row in _parquet(body):
                yield row, source, None
        else:
            for item, key in self._json(json.loads(body.read())):
                yield item, source, key

    def _json(self, value: Any) -> Iterator[tuple[Any, str | None]]:
        for part in filter(None, self.config.get("ItemsPointer", "").split("/")):
            name = part.replace("~1", "/").replace("~0", "~")
            value = value[int(name)] if isinstance(value, list) else value[name]
        if isinstance(value, dict):
            for key, item in value.items():
                yield {"Key": key, "Value": item}, key
        elif isinstance(value, list):
            for item in value:
                yield item, None
        else:
            raise StateFailure("States.ItemReaderFailed", "Attempting to map over non-iterable node.")

    def _csv(self, body: Any) -> Iterator[dict[str, str]]:
        rows = self._rows(body)
        headers = self.config["CSVHeaders"] if self.config.get("CSVHeaderLocation") == "GIVEN" else next(rows, [])
        for row in rows:
            if row:
                yield {header: row[index] if index < len(row) else "" for index, header in enumerate(headers)}

    def _rows(self, body: Any) -> Iterator[list[str]]:
        delimiter = _DELIMITERS[self.config.get("CSVDelimiter", "COMMA")]
        return csv.reader(io.TextIOWrapper(body, encoding="utf-8-sig", newline=""), delimiter=delimiter, escapechar="\\")

    def _athena(self, client: Any, parameters: dict[str, Any]) -> Iterator[_Read]:
        """The items in the files of an UNLOAD query, which its manifest lists one a line."""
        for row in csv.reader(io.TextIOWrapper(_open(client, parameters), encoding="utf-8", newline="")):
            if row and row[0].strip():
                bucket, _, key = row[0].strip().partition("://")[2].partition("/")
                file = {"Bucket": bucket, "Key": key}
                yield from self._read(_open(client, file), _address(file))

    def _inventory(self, client: Any, parameters: dict[str, Any]) -> Iterator[_Read]:
        manifest = json.loads(_open(client, parameters).read())
        headers = [name.strip() for name in manifest["fileSchema"].split(",")]
        bucket = manifest["sourceBucket"] if "destinationBucket" not in manifest else manifest["destinationBucket"].rsplit(":", 1)[-1]
        for file in manifest["files"]:
            body = _open(client, {"Bucket": bucket, "Key": file["key"]})
            for row in self._rows(body):
                item = {header: row[index] if index < len(row) else "" for index, header in enumerate(headers)}
                yield item, _address(parameters), None

    def _listed(self, client: Any, parameters: dict[str, Any]) -> Iterator[_Read]:
        token: dict[str, Any] = {}
        while True:
            page = client.list_objects_v2(**parameters, **token)
            for entry in page.get("Contents", ()):
                item = {
                    "Etag": entry["ETag"],
                    "Key": entry["Key"],
                    "LastModified": int(entry["LastModified"].timestamp()),
                    "Size": entry["Size"],
                    "StorageClass": entry.get("StorageClass", "STANDARD"),
                }
                if self.config.get("Transformation") == "LOAD_AND_FLATTEN":
                    yield from self._parsed(client, {"Bucket": parameters["Bucket"], "Key": entry["Key"]})
                else:
                    yield item, f"S3://{parameters['Bucket']}", None
            if not page.get("IsTruncated"):
                return
            token = {"ContinuationToken": page["NextContinuationToken"]}


# What was read, where from, and under which name.
_Read = tuple[Any, str, str | None]


def _numbered(index: int, read: _Read) -> Item:
    return Item(index, *read)


def _address(parameters: dict[str, Any]) -> str:
    return f"S3://{parameters.get('Bucket')}/{parameters.get('Key')}"


def _open(client: Any, parameters: dict[str, Any]) -> Any:
    """The object's bytes as a file that is read as it goes."""
    response = client.get_object(**parameters)
    body = response["Body"]
    raw = io.BufferedReader(_Stream(body), 1 << 16)
    name = str(parameters.get("Key", ""))
    if response.get("ContentEncoding") == "gzip" or name.endswith(".gz"):
        return gzip.GzipFile(fileobj=raw)
    if name.endswith((".zst", ".zstd")):
        return io.BufferedReader(_arrow("files compressed with Zstandard").CompressedInputStream(raw, "zstd"))
    return raw


def _arrow(what: str) -> Any:
    try:
        import pyarrow as pa  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        raise StateFailure("Local.NotAvailable", f"Reading {what} needs the package 'pyarrow'.", fatal=True) from None
    return pa


class _Stream(io.RawIOBase):
    """botocore's streaming body as a raw file."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._body.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _parquet(body: Any) -> Iterator[Any]:
    _arrow("Parquet")
    from pyarrow import parquet  # type: ignore[import-not-found,unused-ignore]

    for batch in parquet.ParquetFile(io.BytesIO(body.read())).iter_batches():
        yield from json.loads(json.dumps(batch.to_pylist(), default=str))


class ResultWriter:
    """Writes results of child executions to S3, or shapes them."""

    def __init__(self, definition: dict[str, Any], *, jsonata: bool) -> None:
        """Compile ``ResultWriter``."""
        self.parameters = field(definition, "Arguments" if jsonata else "Parameters", jsonata=jsonata) if "Resource" in definition else None
        config = definition.get("WriterConfig", {})
        self.transformation = config.get("Transformation", "NONE" if "Resource" in definition else "COMPACT")
        self.lines = config.get("OutputType") == "JSONL"

    def open(self, frame: Frame, document: Any, map_run: MapRun) -> _Writing:
        """Begin to write."""
        parameters = self.parameters(frame, document) if self.parameters is not None else {}
        return _Writing(self, frame, parameters, map_run)


class _Writing:
    """The results of one map run."""

    def __init__(self, writer: ResultWriter, frame: Frame, parameters: dict[str, Any], map_run: MapRun) -> None:
        import tempfile  # noqa: PLC0415

        self.transformation = writer.transformation
        self.flatten = writer.transformation == "FLATTEN"
        self.lines = writer.lines
        self.bucket = parameters.get("Bucket")
        self.engine = frame.run.engine
        self.map_run = map_run
        prefix = str(parameters.get("Prefix", "")).strip("/")
        self.folder = f"{prefix}/{map_run.arn.rsplit(':', 1)[1]}" if prefix else map_run.arn.rsplit(":", 1)[1]
        self.files: dict[str, Any] = {}
        self._make: Callable[[], Any] = partial(tempfile.TemporaryFile, "w+b")

    def shape(self, child: Execution) -> Any:
        """What one child execution adds to the results."""
        return describe_child(child) if self.transformation == "NONE" else child.output

    def add(self, child: Execution) -> None:
        kind = "SUCCEEDED" if child.status == "SUCCEEDED" else "FAILED"
        file = self.files.get(kind)
        if file is None:
            file = self.files[kind] = self._make()
        shaped = self.shape(child) if kind == "SUCCEEDED" else describe_child(child)
        for item in shaped if self.flatten and isinstance(shaped, list) else [shaped]:
            if self.lines:
                file.write(json_text(item).encode() + b"\n")
            else:
                file.write((b"," if file.tell() else b"[") + json_text(item).encode())

    def finish(self) -> dict[str, Any]:
        extension = "jsonl" if self.lines else "json"
        listed: dict[str, list[dict[str, Any]]] = {"FAILED": [], "PENDING": [], "SUCCEEDED": []}
        try:
            client = self.engine.client("s3")
            for kind, file in sorted(self.files.items()):
                if not self.lines:
                    file.write(b"]")
                size = file.tell()
                file.seek(0)
                key = f"{self.folder}/{kind}_0.{extension}"
                client.put_object(Bucket=self.bucket, Key=key, Body=file)
                listed[kind].append({"Key": key, "Size": size})
            manifest = {"DestinationBucket": self.bucket, "MapRunArn": self.map_run.arn, "ResultFiles": listed}
            key = f"{self.folder}/manifest.json"
            client.put_object(Bucket=self.bucket, Key=key, Body=json_text(manifest).encode())
        except Exception as error:
            raise StateFailure("States.ResultWriterFailed", f"Failed to write the results to bucket {self.bucket}: {error}") from error
        return {"MapRunArn": self.map_run.arn, "ResultWriterDetails": {"Bucket": self.bucket, "Key": key}}

    def close(self) -> None:
        for file in self.files.values():
            file.close()


def describe_child(child: Execution) -> dict[str, Any]:
    """A child execution as result files show it."""
    shown: dict[str, Any] = {
        "ExecutionArn": child.arn,
        "Input": json_text(child.input),
        "InputDetails": {"Included": True},
        "Name": child.name,
        "StartDate": iso(child.started),
        "StateMachineArn": child.machine.arn,
        "Status": child.status,
        "StopDate": iso(child.stopped if child.stopped is not None else EPOCH),
    }
    if child.status == "SUCCEEDED":
        shown["Output"] = json_text(child.output)
        shown["OutputDetails"] = {"Included": True}
    else:
        shown["Error"], shown["Cause"] = child.error, child.cause
    return dict(sorted(shown.items()))
