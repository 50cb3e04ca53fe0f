"""HTTP endpoints that ``http:invoke`` and ``apigateway:invoke`` tasks call, through the client of the standard library.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode, urlsplit

from generator.asl import error_names
from generator.engine.calls.connections import Additions, additions
from generator.engine.failure import StateError
from generator.engine.history import json_text, text_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.engine.calls.call import Call
    from generator.engine.clock import Branch

_SECONDS: Final = 60
"""Seconds after which a request fails with States.Http.Socket."""
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_RANGE: Final = "bytes=0-262144"
_BINARY: Final = ("application/octet-stream", "image/", "video/", "audio/")
_FORM: Final = "application/x-www-form-urlencoded"


def perform(call: Call) -> Any:
    """Make the request and return the response.

    Raises:
        StateError: ``States.Http.StatusCode.…`` for an error status, with the body of the response as the cause, as API Gateway's
            integration documents it; here it is a guess. ``States.Http.Socket`` if there is no connection or no answer,
            ``Events.ConnectionResource.…`` if the EventBridge connection cannot be used, ``States.Runtime`` for a response that is
            not text.
    """
    parameters = call.parameters if isinstance(call.parameters, dict) else {}
    url = str(parameters.get("ApiEndpoint", ""))
    if urlsplit(url).scheme not in {"http", "https"}:
        raise StateError(error_names.HTTP_SOCKET, f"Invalid API endpoint: {url}")
    _reachable(call, urlsplit(url).hostname)
    added = _additions(call, parameters)
    if query := {**(parameters.get("QueryParameters") or {}), **added.query}:
        url += ("&" if "?" in url else "?") + urlencode(query, doseq=True)
    data, kind = _body(call, parameters, added)
    headers = _headers(call, parameters, added, kind)
    return _exchanged(call, url, headers, data, prefix=error_names.HTTP_STATUS_PREFIX, broken=error_names.HTTP_SOCKET)


def invoke_api(call: Call) -> Branch:
    """Call an API of API Gateway, and return the response.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-api-gateway.html

    Raises:
        StateError: ``ApiGateway.`` with the status for an error status.
    """
    parameters = call.parameters if isinstance(call.parameters, dict) else {}
    endpoint = str(parameters.get("ApiEndpoint", ""))
    host = urlsplit(f"//{endpoint}").hostname
    _reachable(call, host)
    parts = [str(parameters[name]).strip("/") for name in ("Stage", "Path") if parameters.get(name)]
    url = "/".join([f"{'http' if host in _LOCAL else 'https'}://{endpoint}", *parts])
    if query := parameters.get("QueryParameters"):
        url += "?" + urlencode(query, doseq=True)
    data, kind = _body(call, parameters, Additions())
    headers = _headers(call, parameters, Additions(), kind)
    del headers["Range"]
    if parameters.get("AuthType") == "IAM_ROLE" and call.frame.run.engine.clients is not None:
        headers = _signed(call, url, headers, data)
    response = _exchanged(call, url, headers, data, prefix="ApiGateway.", broken="ApiGateway.SdkClientException")
    if call.task.pattern != ".waitForTaskToken":
        return response
    call.submitted(response)
    result = yield from call.token_answer()
    return result


def _reachable(call: Call, host: str | None) -> None:
    if call.frame.run.engine.clients is None and host not in _LOCAL:
        raise call.unavailable(call.mock_hint("Endpoints of other machines are called only with clients=..."))


def _exchanged(call: Call, url: str, headers: dict[str, str], data: bytes | None, *, prefix: str, broken: str) -> dict[str, Any]:
    """Make a request and return the response.

    Args:
        call: the call of the task.
        url: the address.
        headers: the headers.
        data: the body, if any.
        prefix: what the name of an error status begins with.
        broken: the name of the error without a response.
    """
    from urllib import error as errors  # noqa: PLC0415  with ssl and email, as slow to import as the whole engine
    from urllib import request as client  # noqa: PLC0415

    request = client.Request(url, data, headers, method=str(call.parameters.get("Method", "GET")))  # noqa: S310  http or https
    most = min(call.timeout or _SECONDS, _SECONDS)
    try:
        with client.urlopen(request, timeout=most) as answer:  # noqa: S310  http or https
            return _response(call, answer.status, answer.reason, answer.headers, answer.read())
    except errors.HTTPError as error:
        raise StateError(f"{prefix}{error.code}", error.read().decode(errors="replace")) from None
    except OSError as error:
        late = isinstance(error, TimeoutError) or isinstance(getattr(error, "reason", None), TimeoutError)
        if late and call.timeout is not None and call.timeout <= most:
            raise StateError(error_names.TIMEOUT, None) from None
        raise StateError(broken, str(error)) from None


def _signed(call: Call, url: str, headers: dict[str, str], data: bytes | None) -> dict[str, str]:
    """Return headers that sign a request as the caller."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest

    sts = call.frame.run.engine.client("sts")
    request = AWSRequest(method=str(call.parameters.get("Method", "GET")), url=url, data=data, headers=headers)
    credentials = sts._request_signer._credentials  # noqa: SLF001  the client does not show them in another way
    SigV4Auth(credentials, "execute-api", sts.meta.region_name).add_auth(request)
    return dict(request.headers.items())


def _additions(call: Call, parameters: dict[str, Any]) -> Additions:
    """Return what the connection of the task adds to the request: nothing if there is no client that knows connections."""
    named = parameters.get("Authentication") or parameters.get("InvocationConfig")
    arn = named.get("ConnectionArn") if isinstance(named, dict) else None
    return Additions() if call.frame.run.engine.clients is None or not isinstance(arn, str) else additions(call, arn)


def _headers(call: Call, parameters: dict[str, Any], added: Additions, kind: str | None) -> dict[str, str]:
    """Return the headers: those of the task, overridden by those of the connection, and those that Step Functions adds."""
    headers = {
        "User-Agent": f"Amazon|StepFunctions|HttpInvoke|{call.frame.run.engine.region}",
        "Range": _RANGE,
        **({} if kind is None else {"Content-Type": kind}),
    }
    given = {
        str(name): value if isinstance(value, str) else ",".join(map(str, value))
        for name, value in (parameters.get("Headers") or {}).items()
    }
    for name, value in (*given.items(), *added.headers.items()):
        same = next((known for known in headers if known.lower() == name.lower()), name)
        headers.pop(same, None)
        headers[name] = value
    return headers


def _body(call: Call, parameters: dict[str, Any], added: Additions) -> tuple[bytes | None, str | None]:
    """Return the body of the request and its content type. The members that the connection adds override those of the task.

    Raises:
        StateError: ``States.Runtime``: the connection has body parameters, and the body of the task is text.
    """
    body = parameters.get("RequestBody")
    if added.body:
        if isinstance(body, str):
            message = "The request body is a string, so that the body parameters of the connection cannot be merged with it."
            raise call.frame.failure(message)
        body = {**(body if isinstance(body, dict) else {}), **added.body}
    if body is None:
        return None, None
    transform = parameters.get("Transform") or {}
    if transform.get("RequestBodyEncoding") == "URL_ENCODED" and not isinstance(body, str):
        options = transform.get("RequestEncodingOptions") or {}
        pairs = _pairs("", body, str(options.get("ArrayFormat", "INDICES")))
        return "&".join(f"{name}={value}" for name, value in pairs).encode(), _FORM
    return text_bytes(body if isinstance(body, str) else json_text(body)), "application/json"


def _pairs(name: str, value: Any, arrays: str) -> Iterator[tuple[str, str]]:
    """Return the names and values of a body in URL encoding. Members of inner objects are named ``outer[inner]``, which is a guess."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _pairs(f"{name}[{quote(str(key), safe='')}]" if name else quote(str(key), safe=""), item, arrays)
    elif isinstance(value, list) and arrays == "COMMAS":
        yield name, ",".join(_encoded(item) for item in value)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            mark = {"INDICES": f"[{index}]", "BRACKETS": "[]"}.get(arrays, "")
            yield from _pairs(name + mark, item, arrays)
    else:
        yield name, _encoded(value)


def _encoded(value: Any) -> str:
    return quote(value if isinstance(value, str) else json_text(value), safe="")


def _response(call: Call, status: int, reason: str, headers: Any, data: bytes) -> dict[str, Any]:
    kind = (headers.get("Content-Type") or "").lower()
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = None
    if text is None or (data and kind.startswith(_BINARY)):
        raise call.frame.failure(f"The response of the HTTP endpoint is not text. Its content type is '{kind}'.")
    body: Any = text
    if "json" in kind:
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
