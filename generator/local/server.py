"""One port for everything: the API of the project, the AWS endpoint and the execution view.

A request belongs to AWS if it is signed or has the header ``X-Amz-Target``, as every SDK sends it. ``/`` and ``/_local/…`` are the
view and its data. Every other path is the API of the project, as it is deployed.

Only this machine can connect, and a page of another site cannot use a browser to reach the endpoint: the header Host must name this
machine, and what changes something needs a header that no form can send.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final

from generator.local.api import HttpAnswer, HttpRequest
from generator.local.aws import addressed
from generator.local.serving import request_of, send_answer
from generator.local.stepfunctions.model import ServiceError, to_wire
from generator.local.stepfunctions.wire import CLOCK
from generator.local.stepfunctions.wire import application as endpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import ThreadPoolExecutor

    from generator.local.serving import Application
    from generator.local.stack import Stack

    Page = Callable[[HttpRequest], HttpAnswer | None]

LOCAL: Final = "/_local/"
_NAMES: Final = frozenset({"127.0.0.1", "localhost", "sync-localhost", "sync-127.0.0.1", "[::1]"})
_STEP_FUNCTIONS: Final = "states"


def application(stack: Stack, pool: ThreadPoolExecutor, page: Page | None = None) -> Application:
    """Return the ASGI application of a stack.

    Args:
        stack: the stack.
        pool: the threads that requests are answered on.
        page: answers requests for the view: ``/`` and what is below ``/_local/view``; None for a request that is not one of its own.
    """
    step_functions = endpoint(stack.step_functions)

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        path, method = scope["path"], scope["method"]
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if _name(headers.get("host", "")) not in _NAMES:
            await send_answer(_json({"message": "The local stack answers requests for this machine only"}, 403), method, send)
            return
        shell = HttpRequest(method, path, scope["query_string"].decode("latin-1"), tuple(headers.items()))
        service, _ = addressed(shell)
        if service == _STEP_FUNCTIONS or path == CLOCK:
            await step_functions(scope, receive, send)
            return
        request = await request_of(scope, receive)
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(pool, _respond, stack, request, service, page)
        await send_answer(found, method, send)

    return answer


def _name(host: str) -> str:
    return host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host


def _respond(stack: Stack, request: HttpRequest, service: str, page: Page | None) -> HttpAnswer:
    if service:
        return stack.aws.answer(request)
    if page is not None and (request.path == "/" or request.path.startswith(LOCAL)) and (made := page(request)) is not None:
        return made
    if request.path.startswith(LOCAL):
        return _local(stack, request)
    if request.path == "/" and request.method in {"GET", "HEAD"}:
        return _json(overview(stack), 200)
    return stack.request(request) or _json({"message": "The project has no HTTP API: no folder of a function has an openapi.json"}, 404)


def overview(stack: Stack) -> dict[str, Any]:
    """Return what is here: the state machines, the functions, the routes and the resources."""
    return {
        "clock": str(stack.step_functions.core.clock.pace),
        "state_machines": stack.machines,
        "functions": sorted(stack.functions.by_arn),
        "routes": [f"{method} {path}" for api in stack.apis.values() for method, path in api.routes()],
        "triggers": [f"{workflow}/{trigger}" for workflow, trigger in stack.triggers.all],
        "values": stack.laptop.values,
    }


def _local(stack: Stack, request: HttpRequest) -> HttpAnswer:
    """Answer a request for data of the stack, or to let something happen.

    - ``GET /_local/overview``
    - ``GET /_local/executions``: newest first; ``?limit=100``
    - ``GET /_local/executions/ARN``: description, definition and history
    - ``POST /_local/triggers/WORKFLOW/TRIGGER``: start the execution of a schedule or a rule now; the content is the event
    - ``POST /_local/call/OPERATION``: an operation of Step Functions; the content is its parameters
    """
    what, _, rest = request.path.removeprefix(LOCAL).partition("/")
    if request.method == "POST" and (request.header("content-type") or "").partition(";")[0].strip() != "application/json":
        return _json({"message": "send JSON with the header Content-Type: application/json"}, 415)
    try:
        body = json.loads(request.body or b"{}") if request.method == "POST" else {}
    except ValueError as error:
        return _json({"message": f"the content is not JSON: {error}"}, 400)
    try:
        match request.method, what, rest:
            case "GET", "overview", "":
                return _json(overview(stack), 200)
            case "GET", "executions", "":
                return _json({"executions": _listed(stack, request)}, 200)
            case "GET", "executions", arn:
                return _json(execution(stack, arn), 200)
            case "POST", "call", operation:
                return _json(to_wire(stack.step_functions.call(operation, body)), 200)
            case "POST", "triggers", names:
                workflow, _, trigger = names.partition("/")
                stack.triggers.fire(workflow, trigger, body)
                return _json({}, 200)
    except ServiceError as error:
        return _json({"error": error.code, "message": error.message}, error.status)
    except KeyError as error:
        return _json({"message": f"there is no {error}"}, 404)
    return _json({"message": f"there is no {request.method} {request.path}"}, 404)


def _listed(stack: Stack, request: HttpRequest) -> list[Any]:
    limit = next((part.partition("=")[2] for part in request.query.split("&") if part.startswith("limit=")), "100")
    most = int(limit) if limit.isdigit() else 100
    return [to_wire(record.describe(data=False, cause=False)) for record in reversed(stack.step_functions.executions[-most:])]


def execution(stack: Stack, arn: str) -> dict[str, Any]:
    """Return an execution with its definition and its history, each as Step Functions' API has it.

    Raises:
        ServiceError: there is no such execution.
    """
    call = stack.step_functions.call
    events: list[Any] = []
    token: Mapping[str, Any] = {}
    while True:
        page = call("GetExecutionHistory", {"executionArn": arn, "maxResults": 1000, **token})
        events += page["events"]
        if "nextToken" not in page:
            break
        token = {"nextToken": page["nextToken"]}
    described = call("DescribeExecution", {"executionArn": arn})
    machine = call("DescribeStateMachineForExecution", {"executionArn": arn})
    return {"execution": to_wire(described), "stateMachine": to_wire(machine), "events": to_wire(events)}


def _json(value: Any, status: int) -> HttpAnswer:
    return HttpAnswer(status, [("Content-Type", "application/json"), ("Cache-Control", "no-store")], json.dumps(value).encode())
