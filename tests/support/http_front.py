"""A small HTTP server in front of the API handler. It does what API Gateway's Lambda proxy integration does with a request."""

from __future__ import annotations

import base64
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ORDER = re.compile(r"^/order/(?P<order_id>[^/]+)$")


class _Front(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    handler: Callable[[dict[str, Any], Any], dict[str, Any]]
    context: Any

    def answer(self) -> None:
        """Pass the request on and write what comes back."""
        answer = type(self).handler(self._event(), type(self).context)
        body = answer["body"].encode()
        self.send_response(int(answer["statusCode"]))
        for name, values in answer["multiValueHeaders"].items():
            for value in values:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_TRACE = do_QUERY = answer  # noqa: N815  http.server's names

    def _event(self) -> dict[str, Any]:
        url = urlsplit(self.path)
        query = parse_qs(url.query, keep_blank_values=True)
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        order = _ORDER.match(url.path)
        headers: dict[str, list[str]] = {}
        for name, value in self.headers.items():
            headers.setdefault(name, []).append(value)
        try:
            body, encoded = raw.decode() or None, False
        except UnicodeDecodeError:
            body, encoded = base64.b64encode(raw).decode(), True
        resource = "/order/{order_id}" if order else url.path
        return {
            "resource": resource,
            "path": url.path,
            "httpMethod": self.command,
            "headers": {name: values[-1] for name, values in headers.items()},
            "multiValueHeaders": headers,
            "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
            "multiValueQueryStringParameters": query or None,
            "pathParameters": {"order_id": unquote(order["order_id"])} if order else None,
            "stageVariables": None,
            "requestContext": {
                "resourcePath": resource,
                "path": url.path,
                "httpMethod": self.command,
                "requestId": "local",
                "stage": "local",
                "identity": {},
            },
            "body": body,
            "isBase64Encoded": encoded,
        }

    def log_message(self, *_: Any) -> None:
        """Log nothing, since the handler logs."""


@contextmanager
def serve(handler: Callable[[dict[str, Any], Any], dict[str, Any]], context: Any) -> Iterator[str]:
    """Serve a handler on a free loopback port. Yield the base URL."""
    front = type("Front", (_Front,), {"handler": staticmethod(handler), "context": context})
    with ThreadingHTTPServer(("127.0.0.1", 0), front) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
