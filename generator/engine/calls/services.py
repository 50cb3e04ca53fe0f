"""Service integrations through boto3 clients: optimised ones, AWS SDK ones, and jobs that a task follows (``.sync``).

Sources:
    https://docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html
    https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

from __future__ import annotations

import contextlib
import json
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from generator.asl.intrinsic_functions import make_uuid
from generator.catalog.optimised import INTEGRATIONS, SERVICES, client_name, error_prefix
from generator.catalog.optimised.model import arguments, collect
from generator.engine.calls import http, jobs, kubernetes, nested
from generator.engine.calls.translate import from_api, http_metadata, to_api
from generator.engine.failure import StateError
from generator.engine.history import json_text

if TYPE_CHECKING:
    from generator.engine.calls.call import Call
    from generator.engine.clock import Branch

_BAD_REQUEST: Final = 400
_SERVER_ERROR: Final = 500
_NOT_IMPLEMENTED: Final = "Not yet implemented"
"""The message of moto for an action that it does not have."""
_UNKNOWN_TO_MOTO: Final = "moto does not simulate this action."
_MISSING: Final = re.compile(r'^Missing required parameter in input: "(\w+)"$', re.MULTILINE)


def perform(call: Call) -> Branch:
    """Perform a call of a service: of a state machine or an HTTP endpoint, or through a boto3 client."""
    task = call.task
    engine = call.frame.run.engine
    if task.service in {"states", "aws-sdk:sfn"}:
        handled = nested.perform(call)
        if handled is not None:
            result = yield from handled
            return result
    if task.service == "http":
        return http.perform(call)
    if task.service == "apigateway":
        result = yield from http.invoke_api(call)
        return result
    if task.service == "eks" and task.action in {"call", "runJob"}:
        result = yield from kubernetes.perform(call)
        return result
    if engine.clients is None:
        raise call.unavailable(call.mock_hint("Pass clients=boto3.client (or moto's)"))
    response = _request(call)
    if task.service == "events" and response.get("FailedEntryCount"):
        cause = {"Entries": response["Entries"], "FailedEntryCount": response["FailedEntryCount"]}
        raise StateError("EventBridge.FailedEntry", json_text(cause))
    integration = INTEGRATIONS.get(f"{task.service}:{task.action}")
    if task.pattern and integration is not None and integration.refusal and response.get("Failures"):
        raise StateError(integration.refusal, json_text({name: response[name] for name in ("Failures", "Tasks") if name in response}))
    if task.pattern == ".waitForTaskToken":
        call.submitted(response)
        result = yield from call.token_answer()
        return result
    if task.pattern:
        call.submitted(response)
        result = yield from jobs.follow(call, response, make_request)
        return result
    return response


def _request(call: Call) -> Any:
    """Make the request of a call, and return the response as Step Functions does.

    The integrations of Amazon EMR and EMR Serverless have other names and forms of parameters and members than the API.
    """
    task = call.task
    integration = INTEGRATIONS.get(f"{task.service}:{task.action}")
    if integration is None:
        return make_request(call, task.service, task.action, call.parameters)
    if integration.api is None:
        reason = integration.not_polled or "it does not call a single action of an API of AWS"
        raise call.unavailable(f"{integration.name} is not simulated: {reason}. {call.mock_hint()}")
    request = arguments(integration.api, integration.request, call.parameters) if integration.request else call.parameters
    response = make_request(call, task.service, integration.api[1], request)
    for name in integration.parsed & response.keys():
        with contextlib.suppress(ValueError, TypeError):
            response[name] = json.loads(response[name])
    if not integration.response:
        return response
    metadata = {name: response[name] for name in ("SdkHttpMetadata", "SdkResponseMetadata") if name in response}
    return {**collect(integration.response, call.parameters, response), **metadata}


def make_request(call: Call, service: str, action: str, parameters: Any) -> Any:
    """Call an action of an API and return its result.

    Args:
        call: the call of the task.
        service: ``sqs`` or ``aws-sdk:sqs``.
        action: the action, such as ``sendMessage``.
        parameters: the parameters, with the names that ASL uses.

    Raises:
        StateError: the service refused the request, or there is no such action.
    """
    from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

    engine = call.frame.run.engine
    sdk = service.startswith("aws-sdk:")
    try:
        client = engine.client(client_name(service, call.task.action))
    except Exception as error:
        raise call.unavailable(f"The client could not be made: {error}. {call.mock_hint()}") from error
    model = client.meta.service_model
    operation_name = next((name for name in model.operation_names if name.lower() == action.lower()), None)
    if operation_name is None:
        raise call.unavailable(f"{model.service_name} has no action {action}. {call.mock_hint()}")
    operation = model.operation_model(operation_name)
    request = to_api(operation.input_shape, parameters if isinstance(parameters, dict) else {})
    if operation_name == "SendMessage" and model.service_name == "sqs" and "QueueUrl" in request and not request.get("MessageBody"):
        raise _refused(call, service, model, _NO_BODY)  # moto accepts an empty one
    try:
        if service == "events" and operation_name == "PutEvents":
            raw = _put_events(call, client, request)
        else:
            raw = client._make_api_call(operation_name, request)  # noqa: SLF001  the way for an action known by name
    except NotImplementedError as error:  # moto: it knows the service, but not this action
        raise call.unavailable(f"{_UNKNOWN_TO_MOTO} {call.mock_hint()}") from error
    except ClientError as error:
        if error.response.get("Error", {}).get("Message") == _NOT_IMPLEMENTED:
            raise call.unavailable(f"{_UNKNOWN_TO_MOTO} {call.mock_hint()}") from error
        raise _refused(call, service, model, error) from None
    except BotoCoreError as error:
        if isinstance(error, ParamValidationError) and (missing := _MISSING.findall(str(error))):
            raise _refused(call, service, model, _as_refused(missing)) from None
        raise StateError(f"{error_prefix(service)}.SdkClientException", str(error)) from None
    metadata = raw.pop("ResponseMetadata", {})
    if "ReturnConsumedCapacity" not in request:
        raw.pop("ConsumedCapacity", None)  # moto answers it without being asked
    response = from_api(operation.output_shape, raw, optimised=not sdk)
    if not sdk:
        run = call.frame.run
        response.update(http_metadata(model.metadata, metadata, operation_name, raw, make_uuid(run.random), moment=run.clock.now()))
    return response


class _Refusal(NamedTuple):
    """The answer of a service to a request that boto3 does not send."""

    response: dict[str, Any]


_NO_BODY: Final = _Refusal({"Error": {"Code": "MissingParameter", "Message": "The request must contain the parameter MessageBody."}})
"""The answer of SQS to a message without text: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html.
The sentence is that of SQS in many public questions."""


def _as_refused(missing: list[str]) -> _Refusal:
    """Return the answer to a request without required parameters, with the words of the services' own validation.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
    """
    found = [f"Value null at '{name[:1].lower()}{name[1:]}' failed to satisfy constraint: Member must not be null" for name in missing]
    message = f"{len(found)} validation error{'s' * (len(found) > 1)} detected: {'; '.join(found)}"
    return _Refusal({"Error": {"Code": "ValidationException", "Message": message}})


def _put_events(call: Call, client: Any, request: dict[str, Any]) -> Any:
    """Send events with the execution among their resources. A detail that is not an object is refused as EventBridge does."""
    run = call.frame.run
    origin = [run.arn, run.context.get("StateMachine", {}).get("Id", "")]
    entries = request.get("Entries", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return client.put_events(**request)  # boto3 says what is wrong
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


def _refused(call: Call, service: str, model: Any, error: Any) -> StateError:
    """Return a refusal with the error name and the text that the SDK behind Step Functions writes.

    An error that the model of the API has keeps its own name. Any other error is named after the service.
    """
    details = error.response.get("Error", {})
    metadata = error.response.get("ResponseMetadata", {})
    code, message = details.get("Code", "Unknown"), details.get("Message", str(error))
    given, own = metadata.get("RequestId") or "", make_uuid(call.frame.run.random)
    request = given if len(given) == len(own) else own  # moto's are not UUIDs, and other ones in each run
    known = {str(code).rsplit("#", 1)[-1], str(details.get("QueryErrorCode", ""))}
    shape = next((s for s in model.error_shapes if s.name in known or (s.metadata.get("error") or {}).get("code") in known), None)
    status = metadata.get("HTTPStatusCode", _BAD_REQUEST)
    if model.metadata.get("protocol") == "json" and status < _SERVER_ERROR:
        # As Smithy's AWS JSON protocols have it, whatever moto answers: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
        status = (shape.metadata.get("error") or {}).get("httpStatusCode", _BAD_REQUEST) if shape is not None else _BAD_REQUEST
    name = None if shape is None else shape.name if shape.name.endswith("Exception") else f"{shape.name}Exception"
    prefix = error_prefix(service)
    if not service.startswith("aws-sdk:"):
        label = SERVICES[service].error_label
        text = f"{message} (Service: {label}; Status Code: {status}; Error Code: {code}; Request ID: {request}; Proxy: null)"
        return StateError(f"{prefix}.{name or label.removesuffix('v2') + 'Exception'}", text)
    extended = f", Extended Request ID: {metadata.get('HostId') or request}" if prefix == "S3" else ""
    text = f"{message} (Service: {prefix}, Status Code: {status}, Request ID: {request}{extended})"
    return StateError(f"{prefix}.{name or prefix + 'Exception'}", text)
