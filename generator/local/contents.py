"""What tables, queues and buckets contain, kept in the store and put back into moto.

After a call that changed something, what it touched is read from moto and written to the store, before the caller has the answer. So
the store has the contents and not the calls: it does not grow with time, and nothing is done again when it is read.

Resources that were not declared but made by a call, and the settings of all of them, are kept by those calls, which are made again.
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
from generator.local.aws import addressed, signed
from generator.local.laptop import attributes
from generator.local.setup_calls import BUCKET, QUEUE, TABLE, given, operation_of, removes, resource_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.dsl.declarations import Resource
    from generator.local.aws import Aws, AwsCall
    from generator.local.store import Store

ITEM: Final = "item"
MESSAGE: Final = "message"
OBJECT: Final = "object"
SETUP: Final = "setup"
SENDERS: Final = frozenset({"sqs", "sns", "events"})
"""The services whose calls can change what a queue has."""
_CALL_HEADERS: Final = frozenset({"content-type", "x-amz-target"})
"""The headers of a call that are kept, apart from the name of the service in its signature: the signature itself is nobody's business."""
_KEPT_HEADERS: Final = ("content-type", "content-encoding", "content-disposition", "content-language", "cache-control")


class Contents:
    """The contents of the declared tables, queues and buckets."""

    def __init__(self, store: Store, aws: Aws, resources: Mapping[str, Resource]) -> None:
        """Create it. Nothing is read yet."""
        self._store = store
        self._aws = aws
        declared = list(resources.values())
        tables = {attributes(each)[NAME]: each for each in declared if isinstance(each, Table)}
        self._tables = {name: [each.name for each in (one.key, one.sort_key) if isinstance(each, Key)] for name, one in tables.items()}
        self._queues = {attributes(each)[ARN].rpartition(":")[2] for each in declared if isinstance(each, Queue)}
        self._buckets = {attributes(each)[NAME] for each in declared if isinstance(each, Bucket)}
        self._declared = {TABLE: {*self._tables}, QUEUE: {*self._queues}, BUCKET: {*self._buckets}}
        self._seen: dict[str, dict[str, tuple[Any, ...]]] = {name: {} for name in self._queues}
        self._calls: dict[str, str] = {}
        self._next = 0

    # --- write ---

    def saw(self, call: AwsCall) -> None:
        """Keep what a call has changed."""
        if call.seed is not None:
            self._store.write(self._set_up(call))
        elif call.service == "dynamodb":
            self._store.write(list(self._items(call)))
        elif call.service in SENDERS:
            self._store.write(list(self._messages()))
        elif call.service == "s3":
            self._store.write(list(self._objects(call)))

    def _set_up(self, call: AwsCall) -> list[tuple[str, tuple[Any, ...]]]:
        """Return the statements that keep a call which made, changed or removed a resource."""
        service, request = call.service, call.request
        name = resource_of(service, request)
        self._arranged(service, request)
        if removes(service, request):  # what it was made of needs not be done again; a declared one is made at each start
            gone = [("DELETE FROM content WHERE kind = ? AND resource = ?", (SETUP, f"{service} {name}"))]
            self._calls.clear()  # a call is kept twice at most
            kinds = {TABLE: ITEM, QUEUE: MESSAGE, BUCKET: OBJECT}
            return [*gone, ("DELETE FROM content WHERE kind = ? AND resource = ?", (kinds.get(service, ""), name))]
        body = base64.b64encode(request.body).decode()
        headers = [[name.lower(), value] for name, value in request.headers if name.lower() in _CALL_HEADERS]
        headers.append(["authorization", signed(*addressed(request))])
        kept = {"method": request.method, "path": request.path, "query": request.query, "headers": headers, "body": body}
        same = _text(kept)
        if (before := self._calls.get(same)) is not None:
            if operation_of(request).startswith("Create") or (service == BUCKET and not request.query):
                return []  # it was there already
            gone = [("DELETE FROM content WHERE kind = ? AND key = ?", (SETUP, before))]
        else:
            gone = []
        self._next += 1
        self._calls[same] = key = f"{self._next:09}"
        return [*gone, self._store.put(SETUP, f"{service} {name}", key, {**kept, "seed": call.seed})]

    def _arranged(self, service: str, request: HttpRequest) -> None:
        """Know a table, a queue or a bucket that was made, and forget one that was removed."""
        if addressed(request)[1] != REGION:
            return  # its contents are not kept
        name = resource_of(service, request)
        if removes(service, request):
            if name not in self._declared.get(service, ()):
                self._tables.pop(name, None) if service == TABLE else None
                (self._queues if service == QUEUE else self._buckets if service == BUCKET else set()).discard(name)
            return
        operation = operation_of(request)
        if operation == "CreateTable":
            roles = {each["KeyType"]: each["AttributeName"] for each in given(request).get("KeySchema", [])}
            self._tables[name] = [roles[role] for role in ("HASH", "RANGE") if role in roles]
        elif service == QUEUE and operation == "CreateQueue":
            self._queues.add(name)
            self._seen.setdefault(name, {})
        elif service == BUCKET and request.method == "PUT" and not request.query and name:
            self._buckets.add(name)

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
        return {name: item[name] for name in self._tables[table]}

    def _dynamodb(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        return self._aws.direct("dynamodb", f"DynamoDB_20120810.{operation}", parameters)

    def _messages(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        for name in [each for each in self._queues if _has_queue(each)]:
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
        counts = {SETUP: 0, ITEM: 0, MESSAGE: 0, OBJECT: 0}
        late = []
        for _, key, kept in sorted(self._store.contents(SETUP), key=lambda each: each[1]):
            seed = kept.pop("seed")
            headers = tuple((name, value) for name, value in kept["headers"])
            request = HttpRequest(kept["method"], kept["path"], kept["query"], headers, base64.b64decode(kept["body"]))
            if self._aws.repeat(request, seed).status >= 400:  # noqa: PLR2004  it may be about an object, which comes below
                late.append((request, seed))
            self._arranged(addressed(request)[0], request)
            self._calls[_text(kept)] = key
            self._next = int(key)
            counts[SETUP] += 1
        for table, _, item in self._store.contents(ITEM):
            if table in self._tables:
                self._dynamodb("PutItem", {"TableName": table, "Item": item})
                counts[ITEM] += 1
        found = [each for each in self._store.contents(MESSAGE) if each[0] in self._queues and _has_queue(each[0])]
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
        for request, seed in late:
            self._aws.repeat(request, seed)
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


def _has_queue(name: str) -> bool:
    from moto.sqs.models import sqs_backends

    return name in sqs_backends[ACCOUNT][REGION].queues


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
