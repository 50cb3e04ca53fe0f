"""What tables, queues and buckets contain, kept in the store and put back into moto.

After a call that changed something, what it touched is read from moto and written to the store, before the caller has the answer. So
the store has the contents and not the calls: it does not grow with time, and nothing is done again when it is read.
"""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote

from generator.catalog.resources import ARN, NAME
from generator.dsl.resources import Bucket, Key, Queue, Table
from generator.engine.definitions import ACCOUNT, REGION
from generator.local.api import HttpRequest
from generator.local.laptop import attributes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.dsl.declarations import Resource
    from generator.local.aws import Aws, AwsCall
    from generator.local.store import Store

ITEM: Final = "item"
MESSAGE: Final = "message"
OBJECT: Final = "object"
SENDERS: Final = frozenset({"sqs", "sns", "events"})
"""The services whose calls can change what a queue has."""
_KEPT_HEADERS: Final = ("content-type", "content-encoding", "content-disposition", "content-language", "cache-control")


class Contents:
    """The contents of the declared tables, queues and buckets."""

    def __init__(self, store: Store, aws: Aws, resources: Mapping[str, Resource]) -> None:
        """Create it. Nothing is read yet."""
        self._store = store
        self._aws = aws
        declared = list(resources.values())
        self._tables = {attributes(each)[NAME]: each for each in declared if isinstance(each, Table)}
        self._queues = {attributes(each)[ARN].rpartition(":")[2] for each in declared if isinstance(each, Queue)}
        self._buckets = {attributes(each)[NAME] for each in declared if isinstance(each, Bucket)}
        self._seen: dict[str, dict[str, tuple[Any, ...]]] = {name: {} for name in self._queues}

    # --- write ---

    def saw(self, call: AwsCall) -> None:
        """Keep what a call has changed."""
        if call.service == "dynamodb":
            self._store.write(list(self._items(call)))
        elif call.service in SENDERS:
            self._store.write(list(self._messages()))
        elif call.service == "s3":
            self._store.write(list(self._objects(call)))

    def _items(self, call: AwsCall) -> Iterator[tuple[str, tuple[Any, ...]]]:
        touched = list(_touched(call.operation, call.parameters()))
        if not touched:  # PartiQL, or an operation that nobody knows: compare everything
            for table in self._tables:
                yield from self._whole_table(table)
        for name, key in touched:
            table = name.rpartition("/")[2]
            if table in self._tables:
                own = self._key(table, key)
                item = self._dynamodb("GetItem", {"TableName": table, "Key": own, "ConsistentRead": True}).get("Item")
                text = _text(own)
                yield self._store.remove(ITEM, table, text) if item is None else self._store.put(ITEM, table, text, item)

    def _whole_table(self, table: str) -> Iterator[tuple[str, tuple[Any, ...]]]:
        found: dict[str, Any] = {}
        start: dict[str, Any] = {}
        while True:
            page = self._dynamodb("Scan", {"TableName": table, "ConsistentRead": True, **start})
            found |= {_text(self._key(table, item)): item for item in page.get("Items", [])}
            if "LastEvaluatedKey" not in page:
                break
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
        yield "DELETE FROM content WHERE kind = ? AND resource = ?", (ITEM, table)
        yield from (self._store.put(ITEM, table, key, item) for key, item in found.items())

    def _key(self, table: str, item: Mapping[str, Any]) -> dict[str, Any]:
        declared = self._tables[table]
        return {each.name: item[each.name] for each in (declared.key, declared.sort_key) if isinstance(each, Key)}

    def _dynamodb(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        return self._aws.direct("dynamodb", f"DynamoDB_20120810.{operation}", parameters)

    def _messages(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        for name in self._queues:
            before, now = self._seen[name], {}
            for message in _queue(name)._messages:  # noqa: SLF001  moto's API hides messages that are being processed
                mark = (message.approximate_receive_count, message.visible_at, message.receipt_handle)
                now[message.id] = mark
                if before.get(message.id) != mark:
                    yield self._store.put(MESSAGE, name, message.id, _plain(vars(message)))
            for gone in before.keys() - now.keys():
                yield self._store.remove(MESSAGE, name, gone)
            self._seen[name] = now

    def _objects(self, call: AwsCall) -> Iterator[tuple[str, tuple[Any, ...]]]:
        bucket, _, key = call.request.path.lstrip("/").partition("/")
        if bucket not in self._buckets:
            return
        keys = [unquote(key)] if key else [unquote(_xml(found)) for found in re.findall(r"<Key>(.*?)</Key>", call.request.body.decode())]
        for each in keys:
            answer = self._aws.s3(HttpRequest("GET", f"/{bucket}/{quote(each)}"))
            if answer.status != 200:  # noqa: PLR2004  OK
                yield self._store.remove(OBJECT, bucket, each)
                continue
            headers = {
                name.lower(): value
                for name, value in answer.headers
                if name.lower() in _KEPT_HEADERS or name.lower().startswith("x-amz-meta-")
            }
            yield self._store.put(OBJECT, bucket, each, {"headers": headers, "body": base64.b64encode(answer.body).decode()})

    # --- read ---

    def restore(self) -> dict[str, int]:
        """Put the contents into moto, and return how many there are of each kind."""
        counts = {ITEM: 0, MESSAGE: 0, OBJECT: 0}
        for table, _, item in self._store.contents(ITEM):
            if table in self._tables:
                self._dynamodb("PutItem", {"TableName": table, "Item": item})
                counts[ITEM] += 1
        found = [each for each in self._store.contents(MESSAGE) if each[0] in self._queues]
        for name, key, value in sorted(found, key=lambda each: each[2].get("sent_timestamp") or 0):
            message = _message(value)
            _queue(name)._messages.append(message)  # noqa: SLF001  sending it would make it a new message
            if not message.visible:
                _queue(name).pending_messages.add(message)
            self._seen[name][key] = (message.approximate_receive_count, message.visible_at, message.receipt_handle)
            counts[MESSAGE] += 1
        for bucket, key, value in self._store.contents(OBJECT):
            if bucket in self._buckets:
                headers = tuple(value["headers"].items())
                self._aws.s3(HttpRequest("PUT", f"/{bucket}/{quote(key)}", headers=headers, body=base64.b64decode(value["body"])))
                counts[OBJECT] += 1
        return counts


def _touched(operation: str, parameters: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the table and the key, or the whole item, of each item that a call of DynamoDB may have changed."""
    match operation:
        case "PutItem":
            yield parameters["TableName"], parameters["Item"]
        case "UpdateItem" | "DeleteItem":
            yield parameters["TableName"], parameters["Key"]
        case "BatchWriteItem":
            for table, requests in parameters["RequestItems"].items():
                for request in requests:
                    yield table, request["PutRequest"]["Item"] if "PutRequest" in request else request["DeleteRequest"]["Key"]
        case "TransactWriteItems":
            for entry in parameters["TransactItems"]:
                ((kind, given),) = entry.items()
                yield given["TableName"], given["Item" if kind == "Put" else "Key"]


def _text(key: Mapping[str, Any]) -> str:
    return json.dumps(key, sort_keys=True, separators=(",", ":"))


def has_visible(name: str) -> bool:
    """Return whether a queue has a message that can be received now, without a call."""
    return any(message.visible and not message.delayed for message in list(_queue(name)._messages))  # noqa: SLF001  as above


def _queue(name: str) -> Any:
    from moto.sqs.models import sqs_backends

    return sqs_backends[ACCOUNT][REGION].queues[name]


def _plain(value: Any) -> Any:
    """Return values as JSON, bytes included."""
    if isinstance(value, bytes):
        return {"_bytes": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple | set) else value


def _back(value: Any) -> Any:
    if isinstance(value, dict):
        return base64.b64decode(value["_bytes"]) if value.keys() == {"_bytes"} else {name: _back(each) for name, each in value.items()}
    return [_back(each) for each in value] if isinstance(value, list) else value


def _message(fields: Any) -> Any:
    from moto.sqs.models import Message

    made = Message(fields["id"], fields["body"])
    vars(made).update(_back(fields))
    return made


def _xml(text: str) -> str:
    for name, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(name, character)
    return text
