"""Files of Distributed Map states in S3: items to read, results to write.

Sources:
    https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
    https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
"""

from __future__ import annotations

import gzip
import io
import json
import tempfile
import weakref
from itertools import count, islice
from typing import TYPE_CHECKING, Any, Final

from generator.asl import error_names
from generator.asl.model import ABSENT, ReaderConfig, WriterConfig
from generator.asl.walk import each, parameters_of
from generator.diagnostics.model import parse_pointer
from generator.engine.clock import EPOCH, iso
from generator.engine.failure import NOT_AVAILABLE, StateError
from generator.engine.fields.compiled import Fields
from generator.engine.frame import Item
from generator.engine.history import json_text, text_bytes
from generator.engine.states.csv_rows import rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.asl import model
    from generator.asl.model import QueryLanguage
    from generator.diagnostics.model import Pointer
    from generator.engine.execution import Execution
    from generator.engine.frame import Frame
    from generator.engine.states.distributed import MapRun

_DELIMITERS: Final = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}


class ItemReader:
    """The ``ItemReader`` of a Distributed Map.

    Attributes:
        config: its ``ReaderConfig``, without fields if it is missing.
    """

    def __init__(self, reader: model.ItemReader, at: Pointer, language: QueryLanguage) -> None:
        """Compile the fields.

        Raises:
            FieldError: a field holds a placeholder whose value is needed.
        """
        config = ReaderConfig() if reader.reader_config is ABSENT else reader.reader_config
        fields, inner = Fields(at, language), Fields((*at, "ReaderConfig"), language)
        self.config = config
        self.lists = isinstance(reader.resource, str) and reader.resource.endswith(":listObjectsV2")
        self.parameters = fields.members(*parameters_of(reader, language))
        self.max_items = inner.number("MaxItems", config.max_items, config.max_items_path)
        delimiter = "COMMA" if config.csv_delimiter is ABSENT else config.csv_delimiter
        if delimiter not in _DELIMITERS:
            raise inner.error("CSVDelimiter", "does not name a delimiter", delimiter)
        self.delimiter = _DELIMITERS[delimiter]

    def items(self, frame: Frame, document: Any) -> Iterator[Item]:
        """Read the items one after the other.

        Raises:
            StateError: ``States.ItemReaderFailed``.
        """
        parameters = self.parameters(frame, document) if self.parameters is not None else {}
        most = None if self.max_items is None else int(self.max_items(frame, document))
        engine = frame.run.engine
        if engine.clients is None:
            hint = "Pass clients=..." if engine.mock_option is None else "Fill the bucket with --s3 BUCKET=FOLDER"
            cause = f"State '{frame.state}' reads items from S3, which is not available here. {hint}."
            raise StateError(NOT_AVAILABLE, cause, fatal=True)
        client = engine.client("s3")
        try:
            found = self._listed if self.lists else self._parsed
            read = found(client, parameters)
            yield from map(_numbered, count(), islice(read, most) if most else read)
        except StateError:
            raise
        except Exception as error:
            where = f"[Bucket: {parameters.get('Bucket')}, Key: {parameters.get('Key')}]"
            raise _unreadable(f"Attempting to read S3 object {where} failed: {error}") from error

    def parse_text(self, text: str) -> list[Item]:
        """Return the items in the content of a file.

        Raises:
            StateError: ``States.ItemReaderFailed``.
        """
        try:
            return list(map(_numbered, count(), self._read(io.BufferedReader(io.BytesIO(text_bytes(text))), "")))
        except ValueError as error:
            raise _unreadable(f"Attempting to read the given data failed: {error}") from None

    def _parsed(self, client: Any, parameters: dict[str, Any]) -> Iterator[_Read]:
        manifest = self.config.manifest_type
        if manifest == "ATHENA_DATA":
            yield from self._athena(client, parameters)
        elif manifest == "S3_INVENTORY" or self.config.input_type == "MANIFEST":
            yield from self._inventory(client, parameters)
        else:
            yield from self._read(_open(client, parameters), _address(parameters))

    def _read(self, body: Any, source: str) -> Iterator[_Read]:
        kind = self.config.input_type
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
        pointer = "" if self.config.items_pointer is ABSENT else self.config.items_pointer
        for part in filter(None, parse_pointer(pointer if pointer.startswith("/") else f"/{pointer}")):
            value = _member(value, part, pointer)
        if isinstance(value, dict):
            for key, item in value.items():
                yield {"Key": key, "Value": item}, key
        elif isinstance(value, list):
            for item in value:
                yield item, None
        else:
            raise _unreadable("Attempting to map over non-iterable node.")

    def _csv(self, body: Any) -> Iterator[dict[str, str]]:
        found = rows(body, self.delimiter)
        headers = list(each(self.config.csv_headers)) if self.config.csv_header_location == "GIVEN" else next(found, [])
        for row in found:
            yield {header: row[index] if index < len(row) else "" for index, header in enumerate(headers)}

    def _athena(self, client: Any, parameters: dict[str, Any]) -> Iterator[_Read]:
        """Read the items in the files of an UNLOAD query. Its manifest has one file per line."""
        for row in rows(_open(client, parameters), ","):
            if row[0].strip():
                bucket, _, key = row[0].strip().partition("://")[2].partition("/")
                file = {"Bucket": bucket, "Key": key}
                yield from self._read(_open(client, file), _address(file))

    def _inventory(self, client: Any, parameters: dict[str, Any]) -> Iterator[_Read]:
        manifest = json.loads(_open(client, parameters).read())
        headers = [name.strip() for name in manifest["fileSchema"].split(",")]
        bucket = manifest["sourceBucket"] if "destinationBucket" not in manifest else manifest["destinationBucket"].rsplit(":", 1)[-1]
        for file in manifest["files"]:
            body = _open(client, {"Bucket": bucket, "Key": file["key"]})
            for row in rows(body, self.delimiter):
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
                if self.config.transformation == "LOAD_AND_FLATTEN":
                    yield from self._parsed(client, {"Bucket": parameters["Bucket"], "Key": entry["Key"]})
                else:
                    yield item, f"S3://{parameters['Bucket']}", None
            if not page.get("IsTruncated"):
                return
            token = {"ContinuationToken": page["NextContinuationToken"]}


_Read = tuple[Any, str, str | None]
"""An item, the object that it was read from, and its name."""


def _unreadable(cause: str) -> StateError:
    return StateError(error_names.ITEM_READER_FAILED, cause)


def _member(value: Any, name: str, pointer: str) -> Any:
    """Return a member of a JSON value that an ItemsPointer names."""
    if isinstance(value, dict) and name in value:
        return value[name]
    if isinstance(value, list) and name.isdecimal() and int(name) < len(value):
        return value[int(name)]
    raise _unreadable(f"The ItemsPointer '{pointer}' does not reference a value.")


def _numbered(index: int, read: _Read) -> Item:
    return Item(index, *read)


def _address(parameters: dict[str, Any]) -> str:
    return f"S3://{parameters.get('Bucket')}/{parameters.get('Key')}"


def _open(client: Any, parameters: dict[str, Any]) -> Any:
    """Return the bytes of an object as a file that is read as a stream."""
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
        raise StateError(NOT_AVAILABLE, f"Reading {what} needs the package 'pyarrow'.", fatal=True) from None
    return pa


class _Stream(io.RawIOBase):
    """The streaming body of botocore as a raw file."""

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
    """The ``ResultWriter`` of a Distributed Map: it writes results to S3, or only shapes them."""

    def __init__(self, writer: model.ResultWriter, at: Pointer, language: QueryLanguage) -> None:
        """Compile the fields."""
        exports = writer.resource is not ABSENT
        config = WriterConfig() if writer.writer_config is ABSENT else writer.writer_config
        self.parameters = Fields(at, language).members(*parameters_of(writer, language)) if exports else None
        self.transformation = config.transformation if config.transformation is not ABSENT else "NONE" if exports else "COMPACT"
        self.lines = config.output_type == "JSONL"

    def open(self, frame: Frame, document: Any, map_run: MapRun) -> Writing:
        """Return the open files for the results of a map run."""
        parameters = self.parameters(frame, document) if self.parameters is not None else {}
        return Writing(self, frame, parameters, map_run)


class Writing:
    """The files with the results of one map run.

    Attributes:
        bucket: the bucket, or None if the results are only shaped.
        flatten: whether arrays in the results are flattened.
    """

    def __init__(self, writer: ResultWriter, frame: Frame, parameters: dict[str, Any], map_run: MapRun) -> None:
        """Start without files."""
        self.transformation = writer.transformation
        self.flatten = writer.transformation == "FLATTEN"
        self.lines = writer.lines
        self.bucket = parameters.get("Bucket")
        self.engine = frame.run.engine
        self.map_run = map_run
        prefix = str(parameters.get("Prefix", "")).strip("/")
        self.folder = f"{prefix}/{map_run.arn.rsplit(':', 1)[1]}" if prefix else map_run.arn.rsplit(":", 1)[1]
        self.files: dict[str, Any] = {}
        weakref.finalize(self, _close, self.files)  # a map run that failed keeps them for a redrive

    def shape(self, child: Execution) -> Any:
        """Return the result of one child execution as it is written."""
        return describe_child(child) if self.transformation == "NONE" else child.output

    def add(self, child: Execution) -> None:
        """Write the result of a child execution."""
        kind = "SUCCEEDED" if child.status == "SUCCEEDED" else "FAILED"
        file = self.files.get(kind)
        if file is None:
            file = self.files[kind] = tempfile.TemporaryFile("w+b")  # noqa: SIM115  it is closed when all results are written
        shaped = self.shape(child) if kind == "SUCCEEDED" else describe_child(child)
        for item in shaped if self.flatten and isinstance(shaped, list) else [shaped]:
            if self.lines:
                file.write(text_bytes(json_text(item)) + b"\n")
            else:
                file.write((b"," if file.tell() else b"[") + text_bytes(json_text(item)))

    def finish(self) -> dict[str, Any]:
        """Upload the files and a manifest, and return the result of the state.

        Raises:
            StateError: ``States.ResultWriterFailed``.
        """
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
            client.put_object(Bucket=self.bucket, Key=key, Body=text_bytes(json_text(manifest)))
        except Exception as error:
            raise StateError(error_names.RESULT_WRITER_FAILED, f"Failed to write the results to bucket {self.bucket}: {error}") from error
        return {"MapRunArn": self.map_run.arn, "ResultWriterDetails": {"Bucket": self.bucket, "Key": key}}

    def close(self) -> None:
        """Delete the local files."""
        _close(self.files)

    def forget_failures(self) -> None:
        """Delete the file with the failures, whose child executions run again."""
        if "FAILED" in self.files:
            self.files.pop("FAILED").close()


def _close(files: dict[str, Any]) -> None:
    for file in files.values():
        file.close()


def describe_child(child: Execution) -> dict[str, Any]:
    """Return a child execution as result files have it."""
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
