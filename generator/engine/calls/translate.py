"""Translation between ASL and the APIs: parameters to requests, responses to results, and the metadata of HTTP.

Parameters are found whatever their case, and objects become text if the API expects text. Results have names in Pascal case
and times as text or numbers. Results of optimised integrations have the HTTP metadata that Step Functions adds.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

from __future__ import annotations

import base64
import zlib
from datetime import date, datetime
from typing import Any, Final

from generator.catalog import naming
from generator.engine.calls.call import http_date
from generator.engine.clock import iso
from generator.engine.history import json_text, text_bytes

_LONG_TIME: Final = 1_000_000_000_000_000
"""A number as long as a time of today is in the responses of services: 1.691851605123E9."""
STATES_API: Final = {"protocol": "json", "jsonVersion": "1.0"}
"""The metadata of the API of Step Functions."""


def to_api(shape: Any, value: Any) -> Any:
    """Return a value of ASL in the form that a shape of the API expects.

    Args:
        shape: the botocore shape, or None if it is not known.
        value: the value.
    """
    if shape is None or value is None:
        return value
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        if getattr(shape, "is_document_type", False):
            return value
        members = {name.lower(): (name, member) for name, member in shape.members.items()}
        result = {}
        for key, item in value.items():
            name, member = members.get(key.lower(), (key, None))
            if item is not None:
                result[name] = to_api(member, item)
        return result
    if kind == "list" and isinstance(value, list):
        return [to_api(shape.member, item) for item in value]
    if kind == "map" and isinstance(value, dict):
        return {key: to_api(shape.value, item) for key, item in value.items()}
    if kind == "string" and not isinstance(value, str):
        return json_text(value)
    if kind == "blob":
        return text_bytes(value if isinstance(value, str) else json_text(value))
    if kind in {"integer", "long"} and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def from_api(shape: Any, value: Any, *, optimised: bool) -> Any:
    """Return a value of the API in the form that Step Functions shows.

    Args:
        shape: the botocore shape, or None if it is not known.
        value: the value.
        optimised: whether it is the result of an optimised integration. Those have the names of the API with a capital, and
            times in milliseconds since 1970. AWS SDK integrations have the names of the SDK for Java, and times as text.
    """
    if isinstance(value, dict):
        if shape is not None and shape.type_name == "structure" and not getattr(shape, "is_document_type", False):
            members = shape.members
            spell = _capital if optimised else naming.parameter
            return {spell(key): from_api(members.get(key), item, optimised=optimised) for key, item in value.items()}
        inner = shape.value if shape is not None and shape.type_name == "map" else None
        return {key: from_api(inner, item, optimised=optimised) for key, item in value.items()}
    if isinstance(value, (list, set, tuple)):
        inner = shape.member if shape is not None and shape.type_name == "list" else None
        return [from_api(inner, item, optimised=optimised) for item in value]
    if isinstance(value, datetime):
        return int(value.timestamp() * 1000) if optimised else iso(value.timestamp())
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return _text(value)
    if hasattr(value, "read"):
        return _text(value.read())
    return value


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return base64.b64encode(data).decode("ascii")


def http_metadata(
    service: dict[str, Any], metadata: dict[str, Any], operation: str, raw: Any, request_id: str, *, moment: float
) -> dict[str, Any]:
    """Return ``SdkHttpMetadata`` and ``SdkResponseMetadata`` of a response.

    Args:
        service: the metadata of the service: protocol, JSON version, XML namespace.
        metadata: the metadata of the response from boto3.
        operation: the operation of the API.
        raw: the response.
        request_id: the request id to use if the response has none.
        moment: the time of the response on the clock of the engine, in seconds since 1970.
    """
    given = metadata.get("RequestId", "")
    request = given if len(given) == len(request_id) else request_id  # moto's are not UUIDs
    known = {name.lower(): value for name, value in metadata.get("HTTPHeaders", {}).items()}
    protocol = service.get("protocol", "json")
    if protocol == "json":
        kind = f"application/x-amz-json-{service.get('jsonVersion', '1.0')}"
        length = str(len(text_bytes(json_text(_wire(raw)))))
    elif protocol == "query":
        kind = "text/xml"
        length = known.get("content-length") or str(len(_query_response(service.get("xmlNamespace", ""), operation, raw, request)))
    else:
        kind, length = known.get("content-type", "application/json"), known.get("content-length", "0")
    headers = {
        "connection": "keep-alive",
        "Content-Length": length,
        "Content-Type": kind,
        "Date": http_date(moment),
        "x-amzn-RequestId": request,
    }
    if service.get("endpointPrefix") == "dynamodb":
        headers["Connection"] = headers.pop("connection")
        headers["Server"] = "Server"
        headers["x-amz-crc32"] = str(zlib.crc32(text_bytes(json_text(_wire(raw)))))
    return {
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in headers.items()},
            "HttpHeaders": headers,
            "HttpStatusCode": metadata.get("HTTPStatusCode", 200),
        },
        "SdkResponseMetadata": {"RequestId": request},
    }


def _wire(value: Any) -> Any:
    """Return a response as it was sent, to measure its length."""
    if isinstance(value, dict):
        return {key: _wire(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_wire(item) for item in value]
    if isinstance(value, datetime):
        return _LONG_TIME
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value


def _query_response(namespace: str, operation: str, raw: Any, request: str) -> str:
    """Return a response of the query protocol as it was sent."""

    def element(name: str, value: Any, indent: str) -> str:
        if isinstance(value, dict):
            inner = "".join(element(key, item, indent + "  ") for key, item in value.items())
            return f"{indent}<{name}>\n{inner}{indent}</{name}>\n"
        return f"{indent}<{name}>{value}</{name}>\n"

    body = element(f"{operation}Result", raw, "  ") + element("ResponseMetadata", {"RequestId": request}, "  ")
    return f'<{operation}Response xmlns="{namespace}">\n{body}</{operation}Response>\n'
