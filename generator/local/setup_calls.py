"""Calls to AWS that make, change or remove resources, apart from those that fill them or read them.

Such a call is kept whole, and made again after a new start. Contents (items, messages, objects) are kept by themselves.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from generator.local.api import HttpRequest

TABLE: Final = "dynamodb"
QUEUE: Final = "sqs"
BUCKET: Final = "s3"
TOPIC: Final = "sns"
_SETS_UP: Final = re.compile(
    r"(?:Create|Delete|Update|Set|Tag|Untag|Attach|Detach|Add|Remove|Subscribe|Unsubscribe|Register|Deregister|Enable|Disable|Modify"
    r"|Associate|Disassociate|Put|Import|Restore|Change|Confirm|Schedule|Cancel|Replicate|Allow|Upload)(?![a-z])"
)
_FILLS: Final = re.compile(
    r"(?:PutItem|UpdateItem|DeleteItem|PutEvents|PutLogEvents|PutMetricData|PutRecords?|PutRecordBatch|PutTraceSegments"
    r"|PutTelemetryRecords|DeleteMessage|DeleteMessageBatch|ChangeMessageVisibility|ChangeMessageVisibilityBatch|PutTargetRecords)$"
)
_IGNORED: Final = frozenset({"lambda", "states", "sts", "execute-api"})
_NAMES: Final = {TABLE: "TableName", QUEUE: "QueueName", TOPIC: "Name"}
_REFERENCES: Final = {TABLE: "TableName", QUEUE: "QueueUrl", TOPIC: "TopicArn"}


def operation_of(request: HttpRequest) -> str:
    """Return the operation that a request names, in a header or in its form; empty in the services whose paths say it.

    >>> from generator.local.api import HttpRequest
    >>> operation_of(HttpRequest("POST", "/", body=b"Action=CreateTopic&Name=news"))
    'CreateTopic'
    """
    target = (request.header("x-amz-target") or "").rpartition(".")[2]
    if target or not (request.header("content-type") or "application/x-www-form-urlencoded").startswith("application/x-www-form"):
        return target
    return _form(request).get("Action", "")


def _form(request: HttpRequest) -> dict[str, str]:
    try:
        return dict(parse_qsl(request.body.decode()))
    except UnicodeDecodeError:
        return {}


def given(request: HttpRequest) -> dict[str, Any]:
    """Return the parameters of a request in JSON or in a form."""
    if request.header("x-amz-target"):
        try:
            value = json.loads(request.body or b"{}")
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}
    return _form(request)


def sets_up(service: str, request: HttpRequest) -> bool:
    """Return whether a call makes, changes or removes a resource.

    >>> from generator.local.api import HttpRequest
    >>> def of(operation):
    ...     return HttpRequest("POST", "/", headers=(("X-Amz-Target", f"DynamoDB_20120810.{operation}"),))
    >>> sets_up("dynamodb", of("CreateTable")), sets_up("dynamodb", of("PutItem")), sets_up("dynamodb", of("DescribeTable"))
    (True, False, False)
    """
    if service in _IGNORED or not service:
        return False
    if service == BUCKET:
        _, _, key = request.path.lstrip("/").partition("/")
        return request.method in {"PUT", "DELETE"} and (not key or _subresource(request))
    operation = operation_of(request)
    if not operation:
        return request.method in {"POST", "PUT", "PATCH", "DELETE"}
    return _SETS_UP.match(operation) is not None and _FILLS.match(operation) is None


def _subresource(request: HttpRequest) -> bool:
    """Return whether a request for an object is for its tags, its lock or its ACL, which are not part of its content."""
    return bool({"tagging", "acl", "retention", "legal-hold"} & {name for name, _ in parse_qsl(request.query, keep_blank_values=True)})


def resource_of(service: str, request: HttpRequest) -> str:
    """Return the name of the table, queue, topic or bucket that a call is for; empty for anything else."""
    if service == BUCKET:
        return request.path.lstrip("/").partition("/")[0]
    parameters = given(request)
    if service in _NAMES:
        found = str(parameters.get(_NAMES[service]) or parameters.get(_REFERENCES[service]) or "")
        return re.split("[/:]", found)[-1]
    return ""


def removes(service: str, request: HttpRequest) -> bool:
    """Return whether a call removes a table, a queue, a topic or a bucket as a whole."""
    if service == BUCKET:
        return request.method == "DELETE" and not request.query and "/" not in request.path.strip("/")
    return operation_of(request) in {"DeleteTable", "DeleteQueue", "DeleteTopic"}
