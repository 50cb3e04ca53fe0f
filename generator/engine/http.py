"""HTTP endpoints called by ``http:invoke`` tasks, with the standard library's client.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from generator.engine.dataflow import StateFailure
from generator.engine.history import json_text
from generator.engine.tasks import unavailable

if TYPE_CHECKING:
    from generator.engine.tasks import Call

_SECONDS = 60


def perform(call: Call) -> Any:
    """Make the request.

    Raises:
        StateFailure: ``States.Http.StatusCode.…`` for an error status, ``States.Http.Socket`` without connection.
    """
    import urllib.error  # noqa: PLC0415  heavy
    import urllib.request  # noqa: PLC0415

    parameters = call.parameters if isinstance(call.parameters, dict) else {}
    url = str(parameters.get("ApiEndpoint", ""))
    host = urlsplit(url).hostname
    if urlsplit(url).scheme not in {"http", "https"}:
        raise StateFailure("States.Http.Socket", f"Invalid API endpoint: {url}")
    if call.frame.run.engine.clients is None and host not in {"localhost", "127.0.0.1", "::1"}:
        raise unavailable(
            call, f"Endpoints other than this machine's are called only with clients=...; or pass mocks={{'{call.task.name}': ...}}."
        )
    if query := parameters.get("QueryParameters"):
        url += ("&" if "?" in url else "?") + urlencode(query, doseq=True)
    headers = {
        str(name): value if isinstance(value, str) else ",".join(map(str, value))
        for name, value in (parameters.get("Headers") or {}).items()
    }
    body = parameters.get("RequestBody")
    data = None if body is None else (body if isinstance(body, str) else json_text(body)).encode()
    if data is not None and not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = "application/json"
    request = urllib.request.Request(url, data, headers, method=str(parameters.get("Method", "GET")))  # noqa: S310  scheme checked above
    try:
        with urllib.request.urlopen(request, timeout=call.timeout or _SECONDS) as answer:  # noqa: S310  scheme checked above
            return _response(answer.status, answer.reason, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        shown = _response(error.code, error.reason, error.headers, error.read())
        raise StateFailure(f"States.Http.StatusCode.{error.code}", json_text(shown)) from None
    except OSError as error:
        raise StateFailure("States.Http.Socket", str(error)) from None


def _response(status: int, reason: str, headers: Any, data: bytes) -> dict[str, Any]:
    text = data.decode("utf-8", "replace")
    body: Any = text
    if "json" in (headers.get("Content-Type") or ""):
        try:
            body = json.loads(text)
        except ValueError:
            body = text
    names = dict.fromkeys(name.lower() for name in headers)
    return {
        "Headers": {name: headers.get_all(name) for name in names},
        "ResponseBody": body,
        "StatusCode": status,
        "StatusText": reason,
    }
