"""The endpoint: AWS JSON 1.0 over HTTP, as boto3, the AWS CLI and Terraform speak it.

A request is ``POST /`` with the header ``X-Amz-Target: AWSStepFunctions.Operation``. Signatures are not checked; the region is
that of the signature. Beside the API of AWS there is one control call, so that a test in any language can let time pass:

    curl -X POST http://127.0.0.1:PORT/_local/clock -d '{"advance": 2592000}'

Source: https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
"""

from __future__ import annotations

import json
import re
import socket
import threading
import uuid
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from generator.engine.definitions import ACCOUNT, REGION
from generator.local.stepfunctions.model import SERIALIZATION, ServiceError, to_wire
from generator.local.stepfunctions.service import POLLED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anyio import CapacityLimiter
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    from generator.local.stepfunctions.service import StepFunctions

CONTENT_TYPE: Final = "application/x-amz-json-1.0"
CLOCK: Final = "/_local/clock"
LOCALHOST: Final = "127.0.0.1"
_TARGET: Final = "AWSStepFunctions."
_SCOPE: Final = re.compile(r"Credential=[^/]*/\d{8}/([^/]+)/")
_THREADS: Final = 2000
"""The number of requests that can wait at a time: long polls, and synchronous executions."""
_START_SECONDS: Final = 10.0


def routes(service: StepFunctions) -> list[Route]:
    """Return the routes of the endpoint, for an application that has others too."""
    from starlette.routing import Route

    endpoint = _Endpoint(service)
    return [Route("/", endpoint.operation, methods=["POST"]), Route(CLOCK, endpoint.clock, methods=["GET", "POST"])]


def application(service: StepFunctions) -> Starlette:
    """Return the endpoint as an ASGI application."""
    from starlette.applications import Starlette

    return Starlette(routes=routes(service))


@contextmanager
def running(service: StepFunctions, port: int = 0) -> Iterator[str]:
    """Run the endpoint in a thread while the block runs, on this machine only, and yield its URL.

    Args:
        service: the service.
        port: the port; 0 for a free one.

    Raises:
        OSError: the port is in use.
        ImportError: the extra ``local`` is not installed.
    """
    import uvicorn

    # asyncio switches Nagle's algorithm off only where the protocol is named: 40 ms for each request otherwise.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOCALHOST, port))
    except OSError:
        listener.close()
        raise
    config = uvicorn.Config(application(service), log_level="error", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="sfn-endpoint", daemon=True)
    listener.listen()  # from here on a client can connect: its request is answered when the server runs
    thread.start()
    try:
        yield f"http://{LOCALHOST}:{listener.getsockname()[1]}"
    finally:
        service.close()
        server.should_exit = True
        thread.join(_START_SECONDS)
        listener.close()


class _Endpoint:
    """Takes requests apart and puts answers together."""

    def __init__(self, service: StepFunctions) -> None:
        self.service = service
        self._limiter: CapacityLimiter | None = None

    async def operation(self, request: Request) -> Response:
        """Answer a request for an operation."""
        target = request.headers.get("x-amz-target", "")
        if not target.startswith(_TARGET):
            return _answer({"__type": "UnknownOperationException", "message": f"The header X-Amz-Target must begin with {_TARGET}"}, 400)
        try:
            parameters = json.loads(await request.body() or b"{}")
        except (ValueError, RecursionError) as error:
            return _answer({"__type": SERIALIZATION, "message": str(error)}, 400)
        if not isinstance(parameters, dict):
            return _answer({"__type": SERIALIZATION, "message": "The body must be a JSON object"}, 400)
        scope = _SCOPE.search(request.headers.get("authorization", ""))
        options: dict[str, Any] = {"region": scope[1] if scope else REGION, "account": ACCOUNT}
        name = target.removeprefix(_TARGET)
        try:
            if name == POLLED:
                answer = await self._poll(request, name, parameters, options)
            else:
                answer = await self._run(partial(self.service.call, name, parameters, **options))
        except ServiceError as error:
            return _answer({"__type": error.code, "message": error.message, **error.members}, error.status)
        return _answer(to_wire(answer), 200)

    async def clock(self, request: Request) -> Response:
        """Show the time, after letting some pass: ``{"advance": seconds}``."""
        service = self.service
        if request.method == "POST":
            try:
                body = json.loads(await request.body() or b"{}")
                seconds = body.get("advance", 0)
            except (ValueError, AttributeError):
                seconds = None
            if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < float("inf"):
                return _answer({"message": 'send {"advance": seconds}, with a number that is not negative'}, 400)
            await self._run(partial(service.advance, seconds))
        return _answer({"now": service.core.clock.now(), "clock": str(service.core.clock.pace)}, 200)

    async def _run(self, work: Any) -> Any:
        """Do work on a thread. Those that wait do not keep others from theirs."""
        import anyio

        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(_THREADS)
        return await anyio.to_thread.run_sync(work, limiter=self._limiter, abandon_on_cancel=True)

    async def _poll(self, request: Request, name: str, parameters: dict[str, Any], options: dict[str, Any]) -> Any:
        """Wait for a task of an activity. A worker that goes away takes no task with it."""
        import anyio

        gone = threading.Event()

        async def watch() -> None:
            while (await request.receive())["type"] != "http.disconnect":
                pass
            gone.set()
            self.service.wake()

        async with anyio.create_task_group() as group:
            group.start_soon(watch)
            try:
                return await self._run(partial(self.service.call, name, parameters, gone=gone, **options))
            finally:
                group.cancel_scope.cancel()


def _answer(body: dict[str, Any], status: int) -> Response:
    from starlette.responses import Response

    headers = {"x-amzn-RequestId": str(uuid.uuid4())}
    return Response(json.dumps(body), status, headers, CONTENT_TYPE)
