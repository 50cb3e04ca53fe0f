"""HTTP endpoints that ``http:invoke`` tasks call, through the client of the standard library.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode, urlsplit

from generator.asl import error_names
from generator.engine.failure import StateError
from generator.engine.history import json_text, text_bytes

if TYPE_CHECKING:
    from generator.engine.calls.call import Call

_SECONDS: Final = 60
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def perform(call: Call) -> Any:
    """Make the request and return the response.

    Raises:
        StateError: ``States.Http.StatusCode.…`` for an error status, ``States.Http.Socket`` if there is no connection.
    """
    from urllib import error as errors  # noqa: PLC0415  with ssl and email, as slow to import as the whole engine
    from urllib import request as client  # noqa: PLC0415

    parameters = call.parameters if isinstance(call.parameters, dict) else {}
    url = str(parameters.get("ApiEndpoint", ""))
    host = urlsplit(url).hostname
    if urlsplit(url).scheme not in {"http", "https"}:
        raise StateError(error_names.HTTP_SOCKET, f"Invalid API endpoint: {url}")
    if call.frame.run.engine.clients is None and host not in _LOCAL:
        raise call.unavailable(call.mock_hint("Endpoints of other machines are called only with clients=..."))
    if query := parameters.get("QueryParameters"):
        url += ("&" if "?" in url else "?") + urlencode(query, doseq=True)
    headers = {
        str(name): value if isinstance(value, str) else ",".join(map(str, value))
        for name, value in (parameters.get("Headers") or {}).items()
    }
    body = parameters.get("RequestBody")
    data = None if body is None else text_bytes(body if isinstance(body, str) else json_text(body))
    if data is not None and not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = "application/json"
    request = client.Request(url, data, headers, method=str(parameters.get("Method", "GET")))  # noqa: S310  scheme checked above
    try:
        with client.urlopen(request, timeout=call.timeout or _SECONDS) as answer:  # noqa: S310  scheme checked above
            return _response(answer.status, answer.reason, answer.headers, answer.read())
    except errors.HTTPError as error:
        shown = _response(error.code, error.reason, error.headers, error.read())
        raise StateError(f"States.Http.StatusCode.{error.code}", json_text(shown)) from None
    except OSError as error:
        raise StateError(error_names.HTTP_SOCKET, str(error)) from None


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
