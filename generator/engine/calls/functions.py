"""Lambda functions as Python callables, called as the Lambda runtime calls them.

The event goes through JSON, so that a function cannot change the data of the execution. The result must be JSON. An exception
becomes the payload that the Python runtime writes.

Source: https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
"""

from __future__ import annotations

import base64
import contextvars
import inspect
import json
import math
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from generator.asl import error_names
from generator.asl.intrinsic_functions import make_uuid
from generator.asl.json_reader import JsonReadError, read_json
from generator.engine.calls import services
from generator.engine.calls.call import http_date
from generator.engine.calls.targets import function_name
from generator.engine.clock import RealClock
from generator.engine.failure import StateError
from generator.engine.history import json_text, text_bytes

if TYPE_CHECKING:
    from generator.engine.calls.call import Call
    from generator.engine.clock import Branch

Handler = Callable[..., Any]

_NO_TYPE: Final = "The cause could not be determined because Lambda did not return an error type."
_ACCEPTED: Final = 202
_DEFAULT_SECONDS: Final = 900
_MOST_BYTES: Final = 6_291_556
"""Bytes of a response: 6 MB, and some more. Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
_COLONS: Final = 6
"""Colons in the ARN of a function without a version or alias: ``arn:aws:lambda:region:account:function:name``."""


def takes(seconds: float) -> Callable[[Handler], Handler]:
    """Declare how long a function takes in virtual time, to test timeouts.

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
        self._began = time.monotonic()

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds before the function is stopped. The first second counts when it is over, so that runs are equal."""
        elapsed = time.monotonic() - self._began
        return max(0, int((self._seconds - (elapsed if elapsed >= 1 else 0)) * 1000))


class FunctionError(Exception):
    """The failure of an invocation. A handler can raise it to set the payload of the runtime itself.

    Attributes:
        payload: the payload, such as ``{"errorType": "Busy", "errorMessage": "try later"}``. It is an object, unless a custom
            runtime wrote something else.
    """

    def __init__(self, payload: Any) -> None:
        """Create the error."""
        super().__init__(payload.get("errorMessage") if isinstance(payload, dict) else payload)
        self.payload = payload

    def as_failure(self) -> StateError:
        """Return the failure of the task: it is named after the ``errorType`` of the payload, and the payload is the cause."""
        kind = self.payload.get("errorType") if isinstance(self.payload, dict) else None
        text = self.payload if isinstance(self.payload, str) else json_text(self.payload)
        if not isinstance(kind, str) or not kind:
            return StateError("Lambda.Unknown", f"{_NO_TYPE} Returned payload: {text}")
        return StateError(kind, text)


def declared_name(call: Call, target: str) -> str:
    """Return the name of a function as it was declared, or the name that it has in AWS if it was not declared."""
    return call.frame.run.engine.declared.get(target) or function_name(target, call.task.placeholders)


def find(functions: Mapping[str, Handler], target: str, name: str) -> Handler | None:
    """Return the function that is registered for an ARN or a placeholder, or for the name of the function. None if there is none."""
    for key in (target, name, name.replace("_", "-"), name.replace("-", "_"), function_name(target)):
        if key in functions:
            return functions[key]
    return next((handler for key, handler in functions.items() if ":function:" in key and function_name(key) == name), None)


def invoke(handler: Handler, event: Any, context: LambdaContext) -> Any:
    """Call a handler as the runtime for Python does, with JSON in and JSON out.

    Source: https://github.com/aws/aws-lambda-python-runtime-interface-client (``awslambdaric``)

    Raises:
        FunctionError: the handler failed, or its result is not JSON.
    """
    copy = json.loads(json.dumps(event))
    try:
        result = handler(copy, context) if _takes_context(handler) else handler(copy)
    except FunctionError:
        raise
    except Exception as error:
        trace = traceback.extract_tb(error.__traceback__)[1:]
        lines = [line for entry in trace for line in traceback.format_list([entry])]
        raise _failed(context, type(error).__name__, str(error), lines) from error
    return _parsed_result(_marshalled(result, context))


def _exited(end: SystemExit, context: LambdaContext) -> FunctionError:
    """Return the failure of a handler that ended its process: https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html."""
    status = end.code if isinstance(end.code, int) else int(end.code is not None)
    how = f"exited with error: exit status {status}" if status else "exited without providing a reason"
    message = f"RequestId: {context.aws_request_id} Error: Runtime {how}"
    return FunctionError({"errorType": "Runtime.ExitError", "errorMessage": message})


def _failed(context: LambdaContext, kind: str, message: str, trace: list[str]) -> FunctionError:
    return FunctionError({"errorMessage": message, "errorType": kind, "requestId": context.aws_request_id, "stackTrace": trace})


def _marshalled(result: Any, context: LambdaContext) -> bytes:
    """Return the payload of a result. Bytes are the payload themselves, and a ``Decimal`` is a number.

    Raises:
        FunctionError: the result is not JSON, or larger than Lambda allows.
    """
    if isinstance(result, bytes):
        data = result
    else:
        try:
            data = json.dumps(result, default=_number).encode()
        except (TypeError, ValueError, RecursionError) as error:
            raise _failed(context, "Runtime.MarshalError", f"Unable to marshal response: {error}", []) from error
    if len(data) > _MOST_BYTES:
        message = f"Response payload size exceeded maximum allowed payload size ({_MOST_BYTES} bytes)."
        raise FunctionError({"errorType": "Function.ResponseSizeTooLarge", "errorMessage": message})
    return data


def _number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value.is_finite() and value == value.to_integral_value() else float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _parsed_result(data: bytes) -> Any:
    """Return the JSON value of a payload; None for an empty one.

    That a payload which is not JSON fails the task as ``Lambda.Unknown`` is a guess: no source says what Step Functions does.

    Raises:
        FunctionError: the payload is not JSON in UTF-8.
    """
    try:
        return read_json(data.decode()) if data else None
    except (JsonReadError, UnicodeDecodeError):
        raise FunctionError(data.decode(errors="replace")) from None


def _takes_context(handler: Handler) -> bool:
    known = getattr(handler, "__sfn_arguments__", None)
    if known is not None:
        return bool(known > 1)
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
    """Perform a call of a function: by its ARN, through ``lambda:invoke`` or through ``aws-sdk:lambda:invoke``."""
    task = call.task
    run = call.frame.run
    engine = run.engine
    service_form = task.prefix == "Task"
    sdk = task.service == "aws-sdk:lambda"
    parameters = call.parameters if isinstance(call.parameters, dict) else {}
    target = str(parameters.get("FunctionName", "")) if service_form else task.called
    name = declared_name(call, target)
    handler = find(engine.functions, target, name)
    if handler is None:
        if engine.clients is not None and "lambda" in engine.services:
            result = yield from _through_client(call, target)
            return result
        raise _missing(call, target, sdk=sdk)
    request_id = make_uuid(run.random)
    arn = engine.arn("lambda", f"function:{function_name(target, task.placeholders)}")
    event = parameters.get("Payload") if service_form else call.parameters
    if service_form and isinstance(event, str):
        event = _parsed(event, request_id)
    if service_form and event is None:
        event = {}
    if parameters.get("InvocationType") == "Event" and task.pattern != ".waitForTaskToken":
        _send(handler, event, LambdaContext(name, arn, request_id, _DEFAULT_SECONDS), wait=not isinstance(run.clock, RealClock))
        return {"StatusCode": _ACCEPTED} if sdk else response(None, request_id, run.clock.now(), _ACCEPTED)
    log = {"LogResult": _log(request_id)} if service_form and parameters.get("LogType") == "Tail" else {}
    try:
        payload = yield from _invoked(call, handler, event, LambdaContext(name, arn, request_id, call.timeout or _DEFAULT_SECONDS))
    except FunctionError as error:
        if sdk:
            # The API call itself succeeded: the error is in its response.
            failed = {"FunctionError": "Unhandled", **log, "Payload": json_text(error.payload), "StatusCode": 200}
            return {"ExecutedVersion": "$LATEST", **failed}
        raise error.as_failure() from None
    if sdk and not task.pattern:
        return {"ExecutedVersion": "$LATEST", **log, "Payload": json_text(payload), "StatusCode": 200}
    if task.pattern == ".waitForTaskToken":
        call.submitted(response(payload, request_id, run.clock.now(), log=log))
        result = yield from call.token_answer()
        return result
    return response(payload, request_id, run.clock.now(), log=log) if service_form else payload


def _through_client(call: Call, target: str) -> Branch:
    """Invoke a function through the boto3 client of Lambda, and return the result of the task."""
    task = call.task
    service_form = task.prefix == "Task"
    parameters = call.parameters if service_form else {"FunctionName": target, "Payload": call.parameters}
    answer = services.make_request(call, task.service, "invoke", parameters)
    if task.service == "aws-sdk:lambda":
        return answer
    try:
        payload = _parsed_result(text_bytes(answer.pop("Payload", "")))
    except FunctionError as error:
        raise error.as_failure() from None
    if answer.get("FunctionError"):
        raise FunctionError(payload).as_failure()
    if not service_form:
        return payload
    result = answer if answer.get("StatusCode") == _ACCEPTED else {**answer, "Payload": payload}
    if task.pattern != ".waitForTaskToken":
        return result
    call.submitted(result)
    result = yield from call.token_answer()
    return result


def _send(handler: Handler, event: Any, context: LambdaContext, *, wait: bool) -> None:
    """Invoke a function asynchronously: what it returns or raises is lost. In virtual time it runs before the task ends."""

    def work() -> None:
        with suppress(FunctionError, SystemExit):
            invoke(handler, event, context)

    if wait:
        work()
    else:
        threading.Thread(target=contextvars.copy_context().run, args=(work,), daemon=True).start()


def _parsed(payload: str, request_id: str) -> Any:
    """Return the event of a payload that is text: Step Functions sends it as it is, and Lambda reads it as JSON.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html (InvalidRequestContentException)
    """
    try:
        return read_json(payload)
    except JsonReadError as error:
        problem = f"Could not parse request body into json: Could not parse payload into json: {error}"
        where = f"Service: AWSLambda; Status Code: 400; Error Code: InvalidRequestContentException; Request ID: {request_id}; Proxy: null"
        raise StateError("Lambda.InvalidRequestContentException", f"{problem} ({where})") from None


def _log(request_id: str) -> str:
    """Return the end of a function's log in Base64, as ``LogType: Tail`` asks for it. Handlers here write to no log."""
    lines = (f"START RequestId: {request_id} Version: $LATEST", f"END RequestId: {request_id}", f"REPORT RequestId: {request_id}")
    return base64.b64encode("\n".join((*lines, "")).encode()).decode("ascii")


def _invoked(call: Call, handler: Handler, event: Any, context: LambdaContext) -> Branch:
    """Call a handler, and let its duration count: a timeout or a missing heartbeat ends the state.

    In virtual time a handler runs on the thread of the execution. A duration of less than a second, which cannot exceed a
    timeout, takes no virtual time, so that two runs are equal. In real time it runs on a thread of its own, so that it does not
    hold up other branches; one that takes too long is abandoned.

    Raises:
        FunctionError: the handler failed.
        StateError: it took too long.
    """
    run = call.frame.run
    limits = [(limit, beat) for limit, beat in ((call.timeout, False), (call.heartbeat, True)) if limit]
    # A task with a token gets its heartbeats from outside, and its timeout covers the answer.
    most, beat = min(limits) if limits and call.task.pattern != ".waitForTaskToken" else (None, False)
    outcome: list[Any] = []

    def work() -> None:
        try:
            outcome[:] = [invoke(handler, event, context), None]
        except SystemExit as end:
            outcome[:] = [None, _exited(end, context)]
        except BaseException as error:  # noqa: BLE001  raised again where the state is
            outcome[:] = [None, error]

    spent = float(getattr(handler, "__sfn_seconds__", 0))
    began, before = time.perf_counter(), run.clock.now()
    if isinstance(run.clock, RealClock):
        yield from _on_thread(call, work, most, began)
    elif most is None or spent <= most:
        work()
        elapsed = time.perf_counter() - began
        spent = max(spent, math.floor(elapsed * 10) / 10 if elapsed >= 1 else 0)
    passed = run.clock.now() - before  # on a clock that moves by itself
    if spent > passed:
        yield run.scheduler.timer((spent if most is None else min(spent, most)) - passed)
    if not outcome or (most is not None and spent > most):
        raise StateError(error_names.TIMEOUT, None, heartbeat=beat)
    payload, error = outcome
    if error is not None:
        raise error
    return payload


def _on_thread(call: Call, work: Callable[[], None], most: float | None, began: float) -> Branch:
    """Run a handler on a thread, until it ends or its time is up. Other branches go on."""
    worker = threading.Thread(target=contextvars.copy_context().run, args=(work,), daemon=True)
    worker.start()
    pause = _FIRST_LOOK
    worker.join(pause)
    while worker.is_alive() and (most is None or time.perf_counter() - began < most):
        left = pause if most is None else min(pause, most - (time.perf_counter() - began))
        yield call.frame.run.scheduler.timer(max(left, 0))
        pause = min(pause * 2, _LAST_LOOK)


_FIRST_LOOK: Final = 0.002
_LAST_LOOK: Final = 0.05
"""Seconds between two looks at a handler that runs on a thread: the first and the longest."""


def _missing(call: Call, target: str, *, sdk: bool) -> StateError:
    """Return the failure of a call of a function that is not registered, after adding a warning."""
    engine = call.frame.run.engine
    name = declared_name(call, target)
    known = ", ".join(sorted(map(function_name, engine.functions))) or "none"
    call.frame.run.warnings.append(f"State '{call.task.name}' calls the function '{name}', which is not among functions: {known}")
    if not engine.functions or target in engine.declared:
        return call.unavailable(call.mock_hint(f"Pass functions={{'{name}': handler}}"))
    arn = target if target.startswith("arn:") else engine.arn("lambda", f"function:{target}")
    qualified = arn if arn.count(":") > _COLONS else f"{arn}:$LATEST"
    request = make_uuid(call.frame.run.random)
    if sdk:
        where = f"Service: Lambda, Status Code: 404, Request ID: {request}"
    else:
        where = f"Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: {request}; Proxy: null"
    return StateError("Lambda.ResourceNotFoundException", f"Function not found: {qualified} ({where})")


def response(payload: Any, request_id: str, moment: float, status: int = 200, *, log: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the result of ``lambda:invoke`` for a payload, with the metadata that Step Functions adds, and the end of the log."""
    accepted = status == _ACCEPTED
    headers = {
        "Connection": "keep-alive",
        "Content-Length": "0" if accepted else str(len(json.dumps(payload))),
        "Content-Type": "application/json",
        "Date": http_date(moment),
        "X-Amz-Executed-Version": "$LATEST",
        "x-amzn-Remapped-Content-Length": "0",
        "x-amzn-RequestId": request_id,
        "X-Amzn-Trace-Id": f"root=1-67748580-{request_id.replace('-', '')[:24]};sampled=0",
    }
    result: dict[str, Any] = {"ExecutedVersion": "$LATEST", **(log or {})}
    if not accepted:
        result["Payload"] = payload
    result["SdkHttpMetadata"] = {
        "AllHttpHeaders": {name: [value] for name, value in headers.items()},
        "HttpHeaders": headers,
        "HttpStatusCode": status,
    }
    result["SdkResponseMetadata"] = {"RequestId": request_id}
    result["StatusCode"] = status
    return result
