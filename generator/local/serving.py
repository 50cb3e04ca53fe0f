"""Serving on a loopback port with uvicorn, and requests of HTTP as the local stack's parts take them."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from generator.local.api import HttpAnswer, HttpRequest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    Application: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]

HOST: Final = "127.0.0.1"


class PortError(OSError):
    """The port cannot be used: another process listens there, or it needs rights."""


def listening(port: int) -> socket.socket:
    """Return a socket that listens on a loopback port; 0 is any free one.

    Raises:
        PortError: the port cannot be used.
    """
    # asyncio switches Nagle's algorithm off only where the protocol is named: 40 ms for each request otherwise.
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((HOST, port))
        found.listen(2048)
    except (OSError, OverflowError) as error:
        found.close()
        raise PortError(getattr(error, "strerror", None) or str(error)) from None
    return found


def server(application: Application) -> Any:
    """Return uvicorn's server of an application. It logs nothing."""
    import uvicorn

    return uvicorn.Server(
        uvicorn.Config(application, log_level="critical", access_log=False, lifespan="off", ws="none", timeout_graceful_shutdown=2)
    )


@contextmanager
def served(application: Application, port: int = 0) -> Iterator[str]:
    """Serve an application in a thread while the block runs. Yield the base URL.

    Raises:
        PortError: the port cannot be used.
    """
    found = listening(port)
    serving = server(application)
    thread = threading.Thread(target=serving.run, kwargs={"sockets": [found]}, daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{found.getsockname()[1]}"
    finally:
        serving.should_exit = True
        thread.join()
        found.close()


def http_application(respond: Callable[[HttpRequest], HttpAnswer]) -> Application:
    """Return an ASGI application that answers requests by a function, each in a thread."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        request = await request_of(scope, receive)
        await send_answer(await asyncio.to_thread(respond, request), request.method, send)

    return application


async def request_of(scope: Any, receive: Any) -> HttpRequest:
    """Return a request, after reading its content."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return HttpRequest(
        scope["method"],
        scope["raw_path"].decode("latin-1").partition("?")[0],
        scope["query_string"].decode("latin-1"),
        tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]),
        body,
        scope["client"][0] if scope.get("client") else HOST,
    )


async def send_answer(answer: HttpAnswer, method: str, send: Any) -> None:
    """Send an answer; HEAD has its headers only."""
    headers = [(name.encode("latin-1", "replace"), value.encode("latin-1", "replace")) for name, value in answer.headers]
    headers = [(name, value) for name, value in headers if name.lower() != b"content-length"]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else answer.body})
