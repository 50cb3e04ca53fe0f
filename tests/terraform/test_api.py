"""The deployed API answers what the function would answer, also where API Gateway answers itself."""

from __future__ import annotations

import itertools
import json
import re
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import boto3
import pytest

from functions import contract
from functions.api_handler import handler as api
from functions.shared.models import ErrorResponse
from tests.support.handlers import LambdaContext
from tests.support.http_front import serve
from tests.support.terraform.gateway import STATUS, Answer, Gateway
from tests.support.terraform.offline import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.terraform.environments import Environment

ORDER_ID = "0b5ee8a9-4b4e-4c0c-a5a5-2d6b0f5f3c11"
PATHS = ("/order", f"/order/{ORDER_ID}", "/", "/orders", "/order/a/b", "/admin", "/.env")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""The methods of a REST API: https://docs.aws.amazon.com/apigateway/latest/api/API_Method.html."""
PLACED = {("POST", "/order"), ("GET", f"/order/{ORDER_ID}")}
"""What needs AWS to be answered."""
INTERNAL = "User: arn:aws:iam::123456789012:user/x is not authorized to perform: execute-api:Invoke"
"""API Gateway's own words about a caller that IAM refuses."""


@pytest.fixture(scope="module")
def gateway(environments: Callable[[str], Environment]) -> Gateway:
    """The API of one environment; nothing of it differs between them."""
    return Gateway(environments("dev"))


@pytest.fixture(scope="module")
def local() -> Iterator[str]:
    """The URL of the function, behind the API of the local stack."""
    with serve(api.handler, LambdaContext(), contract.FOLDER) as url:
        yield url


def ask(url: str, method: str) -> Answer:
    """Send a request."""
    request = urllib.request.Request(url, method=method, headers={"Origin": "https://shop.example"})  # noqa: S310  a loopback address
    try:
        with urllib.request.urlopen(request) as done:  # noqa: S310
            return Answer(done.status, done.read().decode(), {name.lower(): value for name, value in done.headers.items()})
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.read().decode(), {name.lower(): value for name, value in error.headers.items()})


@pytest.mark.parametrize(("method", "path"), [pair for pair in itertools.product(METHODS, PATHS) if pair not in PLACED])
def test_unknown_routes_and_methods_are_answered_as_locally(gateway: Gateway, local: str, method: str, path: str) -> None:
    """404 for a path that is not there, 405 with the methods that there are for a method that is not."""
    expected = ask(local + path, method)
    known = path in PATHS[:2]
    assert expected.status == (404 if not known else 204 if method == "OPTIONS" else 405)
    if expected.status == 405:
        assert re.fullmatch(r"(GET|POST), OPTIONS", expected.headers["allow"])
    if gateway.reaches_the_function(method, path):
        return  # it is the same function
    found = gateway.response("MISSING_AUTHENTICATION_TOKEN", {"messageString": '"Missing Authentication Token"'})
    assert found.status == expected.status
    assert method == "HEAD" or json.loads(found.body) == json.loads(expected.body)
    assert found.headers["access-control-allow-origin"] == expected.headers["access-control-allow-origin"]


def test_the_table_of_gateway_responses_is_whole() -> None:
    """It has every type that API Gateway's own model has."""
    shape = boto3.client("apigateway", region_name="us-east-1").meta.service_model.shape_for("GatewayResponseType")
    assert STATUS.keys() | {"DEFAULT_4XX", "DEFAULT_5XX"} == set(shape.enum)


@pytest.mark.parametrize("kind", STATUS)
def test_each_gateway_response_is_an_error_of_the_api(gateway: Gateway, kind: str) -> None:
    """The body of each is one that the contract has; it can be read by pages, says when to try again, and has nothing internal."""
    context = {"messageString": json.dumps(INTERNAL if kind == "ACCESS_DENIED" else "Words"), "validationErrorString": "[not an order]"}
    answer = gateway.response(kind, context)
    body = ErrorResponse.model_validate_json(answer.body, strict=True)
    assert body.message
    assert "arn:" not in answer.body
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-expose-headers"] == "Retry-After"
    assert (answer.headers.get("retry-after") == "1") == (answer.status == 429)
    assert answer.status == (404 if kind == "MISSING_AUTHENTICATION_TOKEN" else STATUS[kind])
    if answer.status >= 500:
        assert body.message == "Internal server error"


def test_the_access_log_has_what_the_documentation_says(environments: Callable[[str], Environment]) -> None:
    """Field by field: a caller's address is personal data, and nobody finds it in a log by surprise."""
    (stage,) = environments("dev").of_type("aws_api_gateway_stage").values()
    logged = json.loads(stage["access_log_settings"][0]["format"])
    text = (PROJECT / "terraform" / "README.md").read_text()
    section = text[text.index("## What is known of a caller") :]
    fields = re.findall(r"^\| `(\w+)` \| `([$\w.]+)` \|", section, re.MULTILINE)
    assert dict(fields) == logged
    assert {value for value in logged.values() if "identity" in value} == {"$context.identity.sourceIp"}
    assert logged["path"] == "$context.resourcePath", "the route, not the path: that has the order's id"
