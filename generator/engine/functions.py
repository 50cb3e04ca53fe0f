"""Lambda functions as Python callables, called the way the Lambda runtime calls them.

The event goes through JSON, so that a function cannot change the execution's data; what it returns must be JSON; what it
raises becomes the payload that the Python runtime writes.

Source: https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
"""

from __future__ import annotations

import json
import re
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from generator.asl.intrinsics import make_uuid
from generator.engine.dataflow import StateFailure
from generator.engine.history import json_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.engine.clock import Branch
    from generator.engine.tasks import Call

Handler = Callable[..., Any]


def takes(seconds: float) -> Callable[[Handler], Handler]:
    """Declare how long a function takes in virtual time, so that timeouts can be tried.

    Example:
        >>> @takes(90)
        ... def slow(event, context):
        ...     return event
    """

    def mark(handler: Handler) -> Handler:
        handler.__sfn_seconds__ = seconds  # type: ignore[attr-defined]
        return handler

    return mark


class LambdaContext:
    """The second argument of a handler.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    function_version = "$LATEST"
    memory_limit_in_mb = 128
    client_context = None
    identity = None

    def __init__(self, name: str, arn: str, request_id: str, seconds: float) -> None:
        """Describe one invocation."""
        self.function_name = name
        self.invoked_function_arn = arn
        self.aws_request_id = request_id
        self.log_group_name = f"/aws/lambda/{name}"
        self.log_stream_name = "local"
        self._seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds before the function is stopped."""
        return int(self._seconds * 1000)


class FunctionError(Exception):
    """What an invocation fails with: a handler may raise it to give the runtime's payload itself."""

    def __init__(self, payload: dict[str, Any]) -> None:
        """Keep the payload."""
        super().__init__(payload.get("errorMessage"))
        self.payload = payload


_NO_TYPE = "The cause could not be determined because Lambda did not return an error type."
# What the deployment fills in, as the compiler writes it for a function.
_PLACEHOLDER = re.compile(r"\$\{(\w+?)(?:_arn|_name|Arn|Name)?\}")


def function_name(text: str) -> str:
    """The name in a name, a partial or a whole ARN, without version and alias, or in the compiler's placeholder for it.

    Example:
        >>> function_name("arn:aws:lambda:us-east-1:123456789012:function:orders:live")
        'orders'
        >>> function_name("orders:1")
        'orders'
        >>> function_name("${orders_arn}")
        'orders'
    """
    if placeholder := _PLACEHOLDER.fullmatch(text):
        return placeholder[1]
    if ":function:" in text:
        text = text.split(":function:", 1)[1]
    return text.split(":", 1)[0]


def find(functions: Mapping[str, Handler], target: str) -> Handler | None:
    """The function registered for a name or an ARN."""
    name = function_name(target)
    for key in (target, name, name.replace("_", "-")):
        if key in functions:
            return functions[key]
    return next((handler for key, handler in functions.items() if ":function:" in key and function_name(key) == name), None)


def invoke(handler: Handler, event: Any, context: LambdaContext) -> Any:
    """Call a handler as the runtime does; JSON in, JSON out.

    Raises:
        FunctionError: The handler failed, or returned what is no JSON.
    """
    copy = json.loads(json.dumps(event))
    try:
        result = handler(copy, context) if _takes_context(handler) else handler(copy)
    except FunctionError:
        raise
    except Exception as error:
        trace = traceback.extract_tb(error.__traceback__)[1:]
        payload = {
            "errorMessage": str(error),
            "errorType": type(error).__name__,
            "requestId": context.aws_request_id,
            "stackTrace": [line for entry in trace for line in traceback.format_list([entry])],
        }
        raise FunctionError(payload) from error
    try:
        return json.loads(json.dumps(result))
    except (TypeError, ValueError) as error:
        payload = {
            "errorMessage": f"Unable to marshal response: {error}",
            "errorType": "Runtime.MarshalError",
            "requestId": context.aws_request_id,
            "stackTrace": [],
        }
        raise FunctionError(payload) from error


def _takes_context(handler: Handler) -> bool:
    known = getattr(handler, "__sfn_arguments__", None)
    if known is not None:
        return bool(known > 1)
    import inspect  # noqa: PLC0415

    try:
        kinds = [p.kind for p in inspect.signature(handler).parameters.values()]
    except (TypeError, ValueError):
        return True
    plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    count = 2 if inspect.Parameter.VAR_POSITIONAL in kinds else sum(kind in plain for kind in kinds)
    with suppress(AttributeError):
        handler.__sfn_arguments__ = count  # type: ignore[attr-defined]
    return count > 1


def perform(call: Call) -> Branch:
    """Run a task that calls a function, in any of its forms."""
    task = call.task
    run = call.frame.run
    engine = run.engine
    service_form = task.prefix == "Task"
    sdk = task.service == "aws-sdk:lambda"
    parameters = call.parameters if isinstance(call.parameters, dict) else {}
    target = str(parameters.get("FunctionName", "")) if service_form else task.target
    handler = find(engine.functions, target)
    if handler is None:
        if engine.clients is not None and "lambda" in engine.services:
            from generator.engine.integrations import perform as integrate  # noqa: PLC0415

            result = yield from integrate(call)
            return result
        known = ", ".join(sorted(engine.functions)) or "none"
        run.warnings.append(f"State '{task.name}' calls the function '{function_name(target)}', which is not among functions: {known}")
        if not engine.functions:
            from generator.engine.tasks import unavailable  # noqa: PLC0415

            raise unavailable(call, f"Pass functions={{'{function_name(target)}': handler}}, clients=... or mocks=....")
        raise StateFailure("Lambda.ResourceNotFoundException", _not_found(call, target, sdk=sdk))
    request_id = make_uuid(run.random)
    arn = engine.arn("lambda", f"function:{function_name(target)}")
    event = parameters.get("Payload") if service_form else call.parameters
    if sdk and isinstance(event, str):
        with suppress(ValueError):
            event = json.loads(event)
    if service_form and event is None:
        event = {}
    seconds = getattr(handler, "__sfn_seconds__", 0)
    if seconds:
        allowed = min(call.timeout or seconds, seconds)
        yield run.scheduler.timer(allowed)
        if allowed < seconds:
            raise StateFailure("States.Timeout", None)
    if parameters.get("InvocationType") == "Event" and task.pattern != ".waitForTaskToken":
        _invoke_quietly(handler, event, LambdaContext(function_name(target), arn, request_id, 900))
        return response(None, request_id, run.clock.now(), 202)
    try:
        payload = invoke(handler, event, LambdaContext(function_name(target), arn, request_id, call.timeout or 900))
    except FunctionError as error:
        if sdk:
            # The API call itself succeeded: the error is in its response.
            return {"ExecutedVersion": "$LATEST", "FunctionError": "Unhandled", "Payload": json_text(error.payload), "StatusCode": 200}
        if "errorType" not in error.payload:
            raise StateFailure("Lambda.Unknown", f"{_NO_TYPE} Returned payload: {json_text(error.payload)}") from None
        raise StateFailure(str(error.payload["errorType"]), json_text(error.payload)) from None
    if sdk and not task.pattern:
        return {"ExecutedVersion": "$LATEST", "Payload": json_text(payload), "StatusCode": 200}
    if task.pattern == ".waitForTaskToken":
        call.submitted(response(payload, request_id, run.clock.now()))
        result = yield from call.answer(engine.tokens[call.frame.token or ""].future)
        return result
    return response(payload, request_id, run.clock.now()) if service_form else payload


def _invoke_quietly(handler: Handler, event: Any, context: LambdaContext) -> None:
    try:
        invoke(handler, event, context)
    except FunctionError:
        return


def _not_found(call: Call, target: str, *, sdk: bool) -> str:
    engine = call.frame.run.engine
    arn = target if target.startswith("arn:") else engine.arn("lambda", f"function:{target}")
    qualified = arn if arn.count(":") > 6 else f"{arn}:$LATEST"  # noqa: PLR2004  arn:aws:lambda:region:account:function:name
    request = make_uuid(call.frame.run.random)
    if sdk:
        return f"Function not found: {qualified} (Service: Lambda, Status Code: 404, Request ID: {request})"
    where = f"Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: {request}; Proxy: null"
    return f"Function not found: {qualified} ({where})"


def response(payload: Any, request_id: str, moment: float, status: int = 200) -> dict[str, Any]:
    """What ``lambda:invoke`` gives for a payload, with the metadata that Step Functions adds."""
    from email.utils import formatdate  # noqa: PLC0415  slow to import

    length = "0" if status == 202 else str(len(json.dumps(payload)))  # noqa: PLR2004  accepted, no payload
    headers = {
        "Connection": "keep-alive",
        "Content-Length": length,
        "Content-Type": "application/json",
        "Date": formatdate(moment, usegmt=True),
        "X-Amz-Executed-Version": "$LATEST",
        "x-amzn-Remapped-Content-Length": "0",
        "x-amzn-RequestId": request_id,
        "X-Amzn-Trace-Id": f"root=1-67748580-{request_id.replace('-', '')[:24]};sampled=0",
    }
    result: dict[str, Any] = {"ExecutedVersion": "$LATEST"}
    if status != 202:  # noqa: PLR2004
        result["Payload"] = payload
    result["SdkHttpMetadata"] = {
        "AllHttpHeaders": {name: [value] for name, value in headers.items()},
        "HttpHeaders": headers,
        "HttpStatusCode": status,
    }
    result["SdkResponseMetadata"] = {"RequestId": request_id}
    result["StatusCode"] = status
    return result
