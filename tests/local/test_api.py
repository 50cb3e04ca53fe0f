"""The HTTP API in front of a function, as API Gateway's REST API answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from generator.engine import FunctionError
from generator.local.api import HttpRequest, RestApi, body_problem

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "count"],
    "properties": {"name": {"type": "string", "minLength": 1}, "count": {"type": "integer", "maximum": 3}},
}
DOCUMENT: dict[str, Any] = {
    "paths": {
        "/things": {
            "post": {
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                "parameters": [{"in": "header", "name": "X-Tenant", "required": True}],
            }
        },
        "/things/{id}": {"get": {}, "x-amazon-apigateway-any-method": {}},
        "/things/mine": {"get": {}},
    },
    "components": {"schemas": {"Thing": SCHEMA}},
}
JSON = ("content-type", "application/json")
TENANT = ("x-tenant", "a")


class Behind:
    """An API, and the events that its function has received."""

    def __init__(self, result: Any = None, document: dict[str, Any] = DOCUMENT) -> None:
        """Answer every event with a result, or by raising it."""
        self.events: list[Any] = []
        self.result = {"statusCode": 200, "body": "ok"} if result is None else result
        self.api = RestApi(document, self.invoke)

    def invoke(self, event: Any) -> Any:
        """Receive an event."""
        self.events.append(event)
        if isinstance(self.result, Exception):
            raise self.result
        return self.result

    def ask(self, method: str, path: str, body: str = "", *headers: tuple[str, str], query: str = "") -> tuple[int, Any, dict[str, str]]:
        """Send a request; return status, content and headers."""
        answer = self.api(HttpRequest(method, path, query, headers, body.encode()))
        return answer.status, answer.body.decode(), dict(answer.headers)


def test_the_event_is_that_of_the_proxy_integration() -> None:
    """Path, parameters, headers of several values, query, and the path without its parameter first."""
    behind = Behind()
    behind.ask("GET", "/things/a%20b", "", ("x-one", "1"), ("x-one", "2"), query="q=1&q=2&e=")
    event = behind.events[0]
    assert (event["resource"], event["path"], event["pathParameters"]) == ("/things/{id}", "/things/a%20b", {"id": "a b"})
    assert (event["headers"]["X-One"], event["multiValueHeaders"]["X-One"]) == ("2", ["1", "2"])
    assert (event["queryStringParameters"], event["multiValueQueryStringParameters"]["q"]) == ({"q": "2", "e": ""}, ["1", "2"])
    assert (event["requestContext"]["stage"], event["requestContext"]["path"]) == ("v1", "/v1/things/a%20b")
    behind.ask("GET", "/things/mine")
    assert behind.events[1]["resource"] == "/things/mine"


@pytest.mark.parametrize(("method", "path"), [("GET", "/nothing"), ("GET", "/things"), ("DELETE", "/things/mine")])
def test_an_unknown_route_is_forbidden(method: str, path: str) -> None:
    """API Gateway says that a token is missing; the function is not asked."""
    behind = Behind()
    status, body, headers = behind.ask(method, path)
    assert (status, json.loads(body)) == (403, {"message": "Missing Authentication Token"})
    assert headers["x-amzn-ErrorType"] == "MissingAuthenticationTokenException"
    assert behind.events == []
    assert behind.ask("DELETE", "/things/1")[0] == 200  # every other method goes to the function


def test_a_request_is_validated() -> None:
    """By the parameters that must be there, and by the schema of its media type."""
    behind = Behind()
    assert json.loads(behind.ask("POST", "/things", "{}", JSON)[1]) == {"message": "Missing required request parameters: [X-Tenant]"}
    assert behind.ask("POST", "/things", "{}", JSON, TENANT)[:2] == (400, '{"message":"Invalid request body"}')
    assert behind.ask("POST", "/things", "{", JSON, TENANT)[0] == 400
    assert behind.events == []
    assert behind.ask("POST", "/things", '{"name": "n", "count": 1}', JSON, TENANT)[0] == 200
    assert behind.ask("POST", "/things", "{", ("content-type", "text/plain"), TENANT)[0] == 200


def test_the_words_of_the_validator() -> None:
    """What is wrong, as API Gateway reports it in ``$context.error.validationErrorString``."""
    assert body_problem(b'{"x": 1, "count": 4, "name": ""}', SCHEMA) == (
        '[object instance has properties which are not allowed by the schema: ["x"], '
        "numeric instance is greater than the required maximum (maximum: 3, found: 4), "
        'string "" is too short (length: 0, required minimum: 1)]'
    )
    assert body_problem(b"[]", SCHEMA).startswith('[instance type (array) does not match any allowed primitive type (allowed: ["object"])')
    assert body_problem(b'{"name": "n", "count": 3}', SCHEMA) == ""


def test_gateway_responses_have_the_declared_form() -> None:
    """Status, template with its variables, headers; a type without one has that of the default."""
    declared = {
        "BAD_REQUEST_BODY": {
            "statusCode": 422,
            "responseTemplates": {"application/json": '{"why": "$context.error.validationErrorString"}'},
            "responseParameters": {"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"},
        },
        "DEFAULT_4XX": {"responseTemplates": {"application/json": '{"said": $context.error.messageString}'}},
    }
    behind = Behind(document={**DOCUMENT, "x-amazon-apigateway-gateway-responses": declared})
    status, body, headers = behind.ask("POST", "/things", '{"name": "n"}', JSON, TENANT)
    assert (status, headers["Access-Control-Allow-Origin"]) == (422, "*")
    assert json.loads(body) == {"why": '[object has missing required properties (["count"])]'}
    assert behind.ask("GET", "/nothing")[:2] == (403, '{"said": "Missing Authentication Token"}')


@pytest.mark.parametrize(
    ("result", "status"),
    [
        ("text", 502),
        ({"statusCode": 200, "body": {"a": 1}}, 502),
        ({"statusCode": 200, "other": 1}, 502),
        ({"statusCode": "x"}, 502),
        (FunctionError({"errorType": "KeyError"}), 502),
        (FunctionError({"errorType": "Sandbox.Timedout"}), 504),
        ({"statusCode": "201"}, 201),
        ({}, 200),
    ],
)
def test_what_the_function_returns(result: Any, status: int) -> None:
    """A malformed result is an error of the gateway, and so is a failure."""
    assert Behind(result).ask("GET", "/things/mine")[0] == status


def test_headers_and_binary_content_of_the_answer() -> None:
    """Both kinds of headers, and Base64."""
    result = {"statusCode": 200, "headers": {"A": "1"}, "multiValueHeaders": {"B": ["1", "2"]}, "body": "aGk=", "isBase64Encoded": True}
    answer = Behind(result).api(HttpRequest("GET", "/things/mine"))
    assert answer.body == b"hi"
    assert [pair for pair in answer.headers if pair[0] in {"A", "B"}] == [("A", "1"), ("B", "1"), ("B", "2")]
    assert ("Content-Type", "application/json") in answer.headers
