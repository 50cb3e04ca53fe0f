"""The HTTP API of a function, as a REST API of API Gateway with Lambda's proxy integration answers it.

The contract is the OpenAPI document ``openapi.json`` in the folder of the function: its paths are the routes, its schemas validate
requests, and its extensions are API Gateway's own: ``x-amazon-apigateway-any-method`` for every other method of a path, and
``x-amazon-apigateway-gateway-responses`` for what API Gateway answers without asking the function.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

from __future__ import annotations

import base64
import json
import re
import time
import uuid
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, unquote

from generator.engine import FunctionError
from generator.engine.definitions import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

CONTRACT: Final = "openapi.json"
"""The name of the document in the folder of a function."""
STAGE: Final = "v1"
_ANY: Final = "x-amazon-apigateway-any-method"
_RESPONSES: Final = "x-amazon-apigateway-gateway-responses"
_METHODS: Final = ("get", "post", "put", "patch", "delete", "head", "options")
_LARGEST_BODY: Final = 10 * 1024 * 1024
_JSON: Final = "application/json"

# https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
_GATEWAY: Final[Mapping[str, tuple[int, str, str]]] = {
    "MISSING_AUTHENTICATION_TOKEN": (403, "Missing Authentication Token", "MissingAuthenticationTokenException"),
    "BAD_REQUEST_BODY": (400, "Invalid request body", "BadRequestException"),
    "BAD_REQUEST_PARAMETERS": (400, "Invalid request parameters", "BadRequestException"),
    "REQUEST_TOO_LARGE": (413, "Request Too Long", "RequestTooLargeException"),
    "API_CONFIGURATION_ERROR": (502, "Internal server error", "InternalServerErrorException"),
    "INTEGRATION_FAILURE": (502, "Internal server error", "InternalServerErrorException"),
    "INTEGRATION_TIMEOUT": (504, "Endpoint request timed out", "InternalServerErrorException"),
}
"""Status, message and error type of the answers that API Gateway gives itself."""
_ALLOWED_TO_FALL_BACK: Final = {4: "DEFAULT_4XX", 5: "DEFAULT_5XX"}


@dataclass(frozen=True)
class HttpRequest:
    """A request as it came over HTTP.

    Attributes:
        method: the method.
        path: the path, not decoded.
        query: the text after the question mark.
        headers: names and values in their order.
        body: the content.
        client: the address of the client.
    """

    method: str
    path: str
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    client: str = "127.0.0.1"

    def header(self, name: str) -> str | None:
        """Return the last value of a header, or None."""
        return next((value for each, value in reversed(self.headers) if each.lower() == name), None)


@dataclass(frozen=True)
class HttpAnswer:
    """An answer: its status, its headers and its content."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True)
class _Route:
    path: str
    pattern: re.Pattern[str]
    operations: Mapping[str, Mapping[str, Any]]
    any_method: bool


class _RefusedError(Exception):
    """API Gateway answers itself.

    Attributes:
        type: the type of the gateway response.
        detail: why a body is invalid.
        message: the message, if it is not that of the type.
    """

    def __init__(self, type: str, *, detail: str = "", message: str = "") -> None:
        super().__init__(type)
        self.type = type
        self.detail = detail
        self.message = message


@dataclass
class RestApi:
    """A REST API in front of one function.

    Attributes:
        document: the OpenAPI document.
        invoke: calls the function with an event; raises FunctionError.
        validates: whether requests are validated before the function is called.
    """

    document: Mapping[str, Any]
    invoke: Callable[[Any], Any]
    validates: bool = True
    _routes: list[_Route] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Read the routes; a path without parameters comes before one with them."""
        made = [_route(path, item) for path, item in self.document.get("paths", {}).items()]
        self._routes = sorted(made, key=lambda route: (route.path.count("{"), route.path))

    def routes(self) -> Iterator[tuple[str, str]]:
        """Yield the method and the path of each route."""
        for route in self._routes:
            for method in route.operations:
                yield method, route.path

    def has(self, path: str) -> bool:
        """Return whether a path is one of its routes."""
        return any(route.pattern.fullmatch(path) for route in self._routes)

    def __call__(self, request: HttpRequest) -> HttpAnswer:
        """Answer a request."""
        request_id = str(uuid.uuid4())
        try:
            route, operation, parameters = self._find(request)
            self._validate(request, operation or {})
            answer = self._invoke(proxy_event(request, route.path, parameters, request_id))
        except _RefusedError as refused:
            answer = self._own(refused, request_id)
        answer.headers.append(("x-amzn-RequestId", request_id))
        return answer

    def _find(self, request: HttpRequest) -> tuple[_Route, Mapping[str, Any] | None, dict[str, str] | None]:
        for route in self._routes:
            if found := route.pattern.fullmatch(request.path):
                operation = route.operations.get(request.method)
                if operation is None and not route.any_method:
                    break
                return route, operation, {name: unquote(value) for name, value in found.groupdict().items()} or None
        raise _RefusedError("MISSING_AUTHENTICATION_TOKEN")

    def _validate(self, request: HttpRequest, operation: Mapping[str, Any]) -> None:
        if len(request.body) > _LARGEST_BODY:
            raise _RefusedError("REQUEST_TOO_LARGE")
        if not self.validates:
            return
        given = {("header", name.lower()) for name, _ in request.headers} | {("query", name) for name, _ in _query(request)}
        missing = [
            one["name"]
            for one in operation.get("parameters", [])
            if one.get("required") and one["in"] in {"header", "query"} and (one["in"], _key(one)) not in given
        ]
        if missing:
            raise _RefusedError("BAD_REQUEST_PARAMETERS", message=f"Missing required request parameters: [{', '.join(missing)}]")
        media = (request.header("content-type") or _JSON).partition(";")[0].strip().lower()
        schema = operation.get("requestBody", {}).get("content", {}).get(_JSON, {}).get("schema")
        if schema is None or media != _JSON:  # a model is for one media type: any other body is not validated
            return
        if problem := body_problem(request.body, {**schema, "components": self.document.get("components", {})}):
            raise _RefusedError("BAD_REQUEST_BODY", detail=problem)

    def _invoke(self, event: dict[str, Any]) -> HttpAnswer:
        try:
            result = self.invoke(event)
        except FunctionError as error:
            timed_out = error.payload.get("errorType") == "Sandbox.Timedout"
            raise _RefusedError("INTEGRATION_TIMEOUT" if timed_out else "API_CONFIGURATION_ERROR") from None
        return _answer(result)

    def _own(self, refused: _RefusedError, request_id: str) -> HttpAnswer:
        """Return what API Gateway answers itself, in the form that the document declares for it."""
        status, message, error = _GATEWAY[refused.type]
        message = refused.message or message
        declared = self.document.get(_RESPONSES, {})
        own = declared.get(refused.type) or declared.get(_ALLOWED_TO_FALL_BACK[status // 100]) or {}
        values = {
            "$context.error.messageString": json.dumps(message),
            "$context.error.message": message,
            "$context.error.validationErrorString": json.dumps(refused.detail)[1:-1],
            "$context.error.responseType": refused.type,
            "$context.requestId": request_id,
        }
        text = own.get("responseTemplates", {}).get(_JSON, '{"message":$context.error.messageString}')
        body = re.sub(r"\$context(?:\.\w+)+", lambda found: values.get(found[0], ""), text)
        headers = [("Content-Type", _JSON), ("x-amzn-ErrorType", error)]
        headers += [(name.rpartition(".")[2], value.strip("'")) for name, value in own.get("responseParameters", {}).items()]
        return HttpAnswer(int(own.get("statusCode", status)), headers, body.encode())


def _route(path: str, item: Mapping[str, Any]) -> _Route:
    parts = re.split(r"(\{[^}]+\})", path)
    pattern = "".join(
        (f"(?P<{part[1:-1].rstrip('+')}>{'.+' if part.endswith('+}') else '[^/]+'})" if part.startswith("{") else re.escape(part))
        for part in parts
    )
    operations = {method.upper(): item[method] for method in _METHODS if method in item}
    return _Route(path, re.compile(pattern + "/?"), operations, _ANY in item)


def _key(parameter: Mapping[str, Any]) -> str:
    return str(parameter["name"]).lower() if parameter["in"] == "header" else str(parameter["name"])


def _query(request: HttpRequest) -> list[tuple[str, str]]:
    return parse_qsl(request.query, keep_blank_values=True)


def proxy_event(request: HttpRequest, resource: str, parameters: Mapping[str, str] | None, request_id: str) -> dict[str, Any]:
    """Return the event of Lambda's proxy integration.

    HTTP does not keep the case of the names of headers; here they are written as curl and browsers write them.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
    """
    headers: dict[str, list[str]] = {}
    for name, value in request.headers:
        headers.setdefault("-".join(part.capitalize() for part in name.split("-")), []).append(value)
    query: dict[str, list[str]] = {}
    for name, value in _query(request):
        query.setdefault(name, []).append(value)
    try:
        body, encoded = request.body.decode() or None, False
    except UnicodeDecodeError:
        body, encoded = base64.b64encode(request.body).decode(), True
    moment = time.time()
    return {
        "resource": resource,
        "path": request.path,
        "httpMethod": request.method,
        "headers": {name: values[-1] for name, values in headers.items()},
        "multiValueHeaders": headers,
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": dict(parameters) if parameters else None,
        "stageVariables": None,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "local",
            "domainName": "127.0.0.1",
            "extendedRequestId": request_id,
            "httpMethod": request.method,
            "identity": {"sourceIp": request.client, "userAgent": headers.get("User-Agent", [None])[-1]},
            "path": f"/{STAGE}{request.path}",
            "protocol": "HTTP/1.1",
            "requestId": request_id,
            "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(moment)),
            "requestTimeEpoch": int(moment * 1000),
            "resourceId": "local",
            "resourcePath": resource,
            "stage": STAGE,
        },
        "body": body,
        "isBase64Encoded": encoded,
    }


def _answer(result: Any) -> HttpAnswer:
    """Return the answer that a function's result stands for; a malformed one is an error of the API's configuration."""
    known = {"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"}
    if not isinstance(result, dict) or result.keys() - known or not isinstance(result.get("body", ""), str | None):
        raise _RefusedError("API_CONFIGURATION_ERROR")
    try:
        status = HTTPStatus(int(result.get("statusCode", 200)))
        text = result.get("body") or ""
        body = base64.b64decode(text) if result.get("isBase64Encoded") else text.encode()
        several = {name: [str(each) for each in values] for name, values in (result.get("multiValueHeaders") or {}).items()}
        single = {name: [str(value)] for name, value in (result.get("headers") or {}).items() if name not in several}
    except (ValueError, TypeError, AttributeError):
        raise _RefusedError("API_CONFIGURATION_ERROR") from None
    headers = [(name, value) for name, values in {**single, **several}.items() for value in values]
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", _JSON))
    return HttpAnswer(int(status), headers, body)


def body_problem(body: bytes, schema: Mapping[str, Any]) -> str:
    """Return why a body does not satisfy a schema, in the words of API Gateway's validator; empty if it does.

    >>> body_problem(b"{}", {"type": "object", "required": ["name"]})
    '[object has missing required properties (["name"])]'

    Source: https://github.com/java-json-tools/json-schema-validator (``com/github/fge/jsonschema/validator/validation.properties``)
    """
    import jsonschema

    try:
        value = json.loads(body) if body else None
    except (ValueError, RecursionError):
        return "[Unable to parse the request body as JSON]"
    errors = sorted(jsonschema.Draft202012Validator(schema).iter_errors(value), key=lambda error: [str(part) for part in error.path])
    missing = sorted({name for error in errors if error.validator == "required" for name in _missing(error)})
    said = [f"object has missing required properties ({_list(missing)})"] if missing else []
    said += [_said(error) for error in errors if error.validator != "required"]
    return f"[{', '.join(dict.fromkeys(said))}]" if said else ""


def _missing(error: Any) -> list[str]:
    return [name for name in error.validator_value if name not in error.instance]


def _list(values: Any) -> str:
    return json.dumps(values, separators=(",", ":"), ensure_ascii=False)


def _said(error: Any) -> str:
    found, limit = error.instance, error.validator_value
    match error.validator:
        case "type":
            allowed = limit if isinstance(limit, list) else [limit]
            return f"instance type ({_type(found)}) does not match any allowed primitive type (allowed: {_list(sorted(allowed))})"
        case "additionalProperties":
            extra = sorted(name for name in found if name not in error.schema.get("properties", {}))
            return f"object instance has properties which are not allowed by the schema: {_list(extra)}"
        case "minItems":
            return f"array is too short: must have at least {limit} elements but instance has {len(found)} elements"
        case "maxItems":
            return f"array is too long: must have at most {limit} elements but instance has {len(found)} elements"
        case "minimum":
            return f"numeric instance is lower than the required minimum (minimum: {limit}, found: {found})"
        case "maximum":
            return f"numeric instance is greater than the required maximum (maximum: {limit}, found: {found})"
        case "minLength":
            return f"string {_list(found)} is too short (length: {len(found)}, required minimum: {limit})"
        case "maxLength":
            return f"string {_list(found)} is too long (length: {len(found)}, maximum allowed: {limit})"
        case "pattern":
            return f"ECMA 262 regex {_list(limit)} does not match input string {_list(found)}"
        case "enum":
            return f"instance value ({_list(found)}) not found in enum (possible values: {_list(limit)})"
        case _:
            return str(error.message)


def _type(value: Any) -> str:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return kinds.get(type(value), "null")
