"""Service integrations through boto3 clients, spelled as Step Functions does: optimised ones and AWS SDK ones.

Requests are matched to the API by name whatever their case, objects become texts where the API wants a text; responses
get Pascal case, times become texts, and optimised integrations carry the HTTP metadata that Step Functions adds.

Sources:
    https://docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html
    https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from datetime import date, datetime
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.asl.intrinsics import make_uuid
from generator.catalog import naming
from generator.catalog.optimised import INTEGRATIONS, SERVICES, client_name, error_prefix
from generator.catalog.optimised.model import arguments, collect
from generator.engine.dataflow import StateFailure, iso
from generator.engine.history import json_text
from generator.engine.tasks import unavailable

if TYPE_CHECKING:
    from generator.engine.clock import Branch
    from generator.engine.tasks import Call

_BAD_REQUEST = 400


def perform(call: Call) -> Branch:
    """Run a task that calls a service."""
    task = call.task
    engine = call.frame.run.engine
    if task.service in {"states", "aws-sdk:sfn"}:
        from generator.engine.nested import perform as start_nested  # noqa: PLC0415  only workflows that start others

        handled = start_nested(call)
        if handled is not None:
            result = yield from handled
            return result
    if task.service == "http":
        from generator.engine.http import perform as request  # noqa: PLC0415  only workflows that call endpoints

        return request(call)
    if engine.clients is None:
        raise unavailable(call, f"Pass clients=boto3.client (or moto's), or mocks={{'{task.name}': ...}}.")
    response = _request(call)
    if task.service == "events" and response.get("FailedEntryCount"):
        cause = {"Entries": response["Entries"], "FailedEntryCount": response["FailedEntryCount"]}
        raise StateFailure("EventBridge.FailedEntry", json_text(cause))
    if task.pattern == ".waitForTaskToken":
        call.submitted(response)
        result = yield from call.answer(engine.tokens[call.frame.token or ""].future)
        return result
    if task.pattern:
        from generator.engine.jobs import follow  # noqa: PLC0415  only tasks that wait for a job

        call.submitted(response)
        result = yield from follow(call, response)
        return result
    return response


def _request(call: Call) -> Any:
    """Make the request, and return the response as Step Functions does.

    The integrations of Amazon EMR and EMR Serverless have other names and forms of parameters and members than the API.
    """
    task = call.task
    integration = INTEGRATIONS.get(f"{task.service}:{task.action}")
    if integration is None:
        return make_request(call, task.service, task.action, call.parameters)
    if integration.api is None:
        reason = integration.not_polled or "it does not call a single action of an API of AWS"
        raise unavailable(call, f"{integration.name} is not simulated: {reason}. Pass mocks={{'{task.name}': ...}}.")
    request = arguments(integration.api, integration.request, call.parameters) if integration.request else call.parameters
    response = make_request(call, task.service, integration.api[1], request)
    if not integration.response:
        return response
    metadata = {name: response[name] for name in ("SdkHttpMetadata", "SdkResponseMetadata")}
    return {**collect(integration.response, call.parameters, response), **metadata}


def make_request(call: Call, service: str, action: str, parameters: Any) -> Any:
    """Call an API action.

    Args:
        call: The task's call, for its engine.
        service: ``sqs`` or ``aws-sdk:sqs``.
        action: Such as ``sendMessage``.
        parameters: Spelled as in ASL.

    Raises:
        StateFailure: The service refused, or there is no such action.
    """
    from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

    engine = call.frame.run.engine
    sdk = service.startswith("aws-sdk:")
    try:
        client = engine.client(client_name(service, call.task.action))
    except Exception as error:
        raise unavailable(call, f"The client could not be made: {error}") from error
    model = client.meta.service_model
    operation_name = next((name for name in model.operation_names if name.lower() == action.lower()), None)
    if operation_name is None:
        raise unavailable(call, f"{model.service_name} has no action {action}.")
    operation = model.operation_model(operation_name)
    request = to_api(operation.input_shape, parameters if isinstance(parameters, dict) else {})
    try:
        if service == "events" and operation_name == "PutEvents":
            raw = _put_events(call, client, request)
        else:
            raw = client._make_api_call(operation_name, request)  # noqa: SLF001  the way for an action known by name
    except ClientError as error:
        raise _refused(call, service, model, error) from None
    except BotoCoreError as error:
        if isinstance(error, ParamValidationError) and (missing := _MISSING.findall(str(error))):
            raise _refused(call, service, model, _as_refused(missing)) from None
        raise StateFailure(f"{error_prefix(service)}.SdkClientException", str(error)) from None
    metadata = raw.pop("ResponseMetadata", {})
    if "ReturnConsumedCapacity" not in request:
        raw.pop("ConsumedCapacity", None)  # moto answers it unasked
    response = from_api(operation.output_shape, raw, optimised=not sdk)
    if not sdk:
        run = call.frame.run
        response.update(http_metadata(model.metadata, metadata, operation_name, raw, make_uuid(run.random), moment=run.clock.now()))
    return response


_MISSING = re.compile(r'^Missing required parameter in input: "(\w+)"$', re.MULTILINE)


class _Refusal(NamedTuple):
    """What a service answers, where boto3 does not even ask it."""

    response: dict[str, Any]


def _as_refused(missing: list[str]) -> _Refusal:
    """The answer to a request that lacks parameters, in the words of the services' own validation.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
    """
    found = [f"Value null at '{name[:1].lower()}{name[1:]}' failed to satisfy constraint: Member must not be null" for name in missing]
    message = f"{len(found)} validation error{'s' * (len(found) > 1)} detected: {'; '.join(found)}"
    return _Refusal({"Error": {"Code": "ValidationException", "Message": message}})


def _put_events(call: Call, client: Any, request: dict[str, Any]) -> Any:
    """Send events with the execution among their resources; a detail that is no object is refused as EventBridge does."""
    run = call.frame.run
    origin = [run.arn, run.context.get("StateMachine", {}).get("Id", "")]
    entries = request.get("Entries", [])
    good = [number for number, entry in enumerate(entries) if _is_object(entry.get("Detail"))]
    sent = [{**entries[number], "Resources": [*entries[number].get("Resources", []), *origin]} for number in good]
    raw = client.put_events(**{**request, "Entries": sent}) if sent else {"Entries": []}
    answers = dict(zip(good, raw["Entries"], strict=True))
    refused = {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
    raw["Entries"] = [answers.get(number, refused) for number in range(len(entries))]
    raw["FailedEntryCount"] = sum("ErrorCode" in entry for entry in raw["Entries"])
    return raw


def _is_object(text: Any) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (TypeError, ValueError):
        return False


def to_api(shape: Any, value: Any) -> Any:
    """A value of ASL as the API's shape wants it.

    Members are found whatever their case; objects and numbers become texts where a text is wanted.
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
        return value.encode() if isinstance(value, str) else json_text(value).encode()
    if kind in {"integer", "long"} and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def from_api(shape: Any, value: Any, *, optimised: bool) -> Any:
    """A value of the API as Step Functions shows it.

    Args:
        shape: The API's shape, or None.
        value: The value.
        optimised: As optimised integrations have it: names as in the API, but with a capital, times in milliseconds since
            1970; AWS SDK integrations have the names of the SDK for Java and times as texts.
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


def _refused(call: Call, service: str, model: Any, error: Any) -> StateFailure:
    """A refusal with the error name and the text that the SDK behind Step Functions writes.

    An error that the API's model knows has its own name; any other is named after the service as a whole.
    """
    details = error.response.get("Error", {})
    metadata = error.response.get("ResponseMetadata", {})
    code, message = details.get("Code", "Unknown"), details.get("Message", str(error))
    status = metadata.get("HTTPStatusCode", _BAD_REQUEST)
    request = metadata.get("RequestId") or make_uuid(call.frame.run.random)
    known = {str(code).rsplit("#", 1)[-1], str(details.get("QueryErrorCode", ""))}
    shape = next((s.name for s in model.error_shapes if s.name in known or (s.metadata.get("error") or {}).get("code") in known), None)
    name = None if shape is None else shape if shape.endswith("Exception") else f"{shape}Exception"
    prefix = error_prefix(service)
    if not service.startswith("aws-sdk:"):
        label = SERVICES[service].error_label
        text = f"{message} (Service: {label}; Status Code: {status}; Error Code: {code}; Request ID: {request}; Proxy: null)"
        return StateFailure(f"{prefix}.{name or label.removesuffix('v2') + 'Exception'}", text)
    extended = f", Extended Request ID: {metadata.get('HostId') or request}" if prefix == "S3" else ""
    text = f"{message} (Service: {prefix}, Status Code: {status}, Request ID: {request}{extended})"
    return StateFailure(f"{prefix}.{name or prefix + 'Exception'}", text)


def http_metadata(
    service: dict[str, Any], metadata: dict[str, Any], operation: str, raw: Any, request_id: str, *, moment: float
) -> dict[str, Any]:
    """``SdkHttpMetadata`` and ``SdkResponseMetadata`` of a response.

    Args:
        service: The service's metadata: protocol, JSON version, XML namespace.
        metadata: What boto3 says of the response.
        operation: The API's operation.
        raw: The response.
        request_id: Used where the response has none.
        moment: When it came, in seconds since 1970 on the engine's clock.
    """
    given = metadata.get("RequestId", "")
    request = given if len(given) == len(request_id) else request_id  # moto's are no UUIDs
    known = {name.lower(): value for name, value in metadata.get("HTTPHeaders", {}).items()}
    protocol = service.get("protocol", "json")
    if protocol == "json":
        kind = f"application/x-amz-json-{service.get('jsonVersion', '1.0')}"
        length = str(len(json_text(_wire(raw)).encode()))
    elif protocol == "query":
        kind = "text/xml"
        length = known.get("content-length") or str(len(_query_response(service.get("xmlNamespace", ""), operation, raw, request)))
    else:
        kind, length = known.get("content-type", "application/json"), known.get("content-length", "0")
    headers = {
        "connection": "keep-alive",
        "Content-Length": length,
        "Content-Type": kind,
        "Date": formatdate(moment, usegmt=True),
        "x-amzn-RequestId": request,
    }
    if service.get("endpointPrefix") == "dynamodb":
        headers["Connection"] = headers.pop("connection")
        headers["Server"] = "Server"
        headers["x-amz-crc32"] = str(zlib.crc32(json_text(_wire(raw)).encode()))
    return {
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in headers.items()},
            "HttpHeaders": headers,
            "HttpStatusCode": metadata.get("HTTPStatusCode", 200),
        },
        "SdkResponseMetadata": {"RequestId": request},
    }


# As long as the services write a time of today: 1.691851605123E9.
_LONG_TIME = 1_000_000_000_000_000


def _wire(value: Any) -> Any:
    """A response as it went over the wire, to know its length."""
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
    """A response of the query protocol as it went over the wire."""

    def element(name: str, value: Any, indent: str) -> str:
        if isinstance(value, dict):
            inner = "".join(element(key, item, indent + "  ") for key, item in value.items())
            return f"{indent}<{name}>\n{inner}{indent}</{name}>\n"
        return f"{indent}<{name}>{value}</{name}>\n"

    body = element(f"{operation}Result", raw, "  ") + element("ResponseMetadata", {"RequestId": request}, "  ")
    return f'<{operation}Response xmlns="{namespace}">\n{body}</{operation}Response>\n'
