"""HTTP endpoints: requests, responses, errors, and the credentials of EventBridge connections (moto's)."""

import http.server
import json
import threading
import time

import boto3
import pytest
from moto import mock_aws

from generator.engine import execute
from tests.support.machines import machine, task, unchecked


class Handler(http.server.BaseHTTPRequestHandler):
    """An endpoint that answers with the request, and with a token at ``/token``."""

    def answer(self):
        """Answer a request of any method."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if self.path == "/slow":
            time.sleep(1.2)
        shown = {"method": self.command, "path": self.path, "headers": {k.lower(): v for k, v in self.headers.items()}, "body": body}
        answer = {"access_token": f"token for {body}", "token_type": "bearer"} if self.path.startswith("/token") else shown
        kinds = {"/image": ("image/png", b"x"), "/bytes": ("text/plain", b"\xff"), "/text": ("text/plain", b"hello")}
        kind, data = kinds.get(self.path, ("application/json", json.dumps(answer).encode()))
        self.send_response(404 if "missing" in self.path else 200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = answer  # noqa: N815  the names of the standard library

    def log_message(self, *_):
        """Write no log."""


@pytest.fixture(scope="module")
def endpoint():
    """An HTTP endpoint on this machine."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def aws(monkeypatch):
    """An AWS account in this process."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield boto3.client


def call(url, clients=None, fields=None, **parameters):
    """Run a task that calls an endpoint."""
    state = task("arn:aws:states:::http:invoke", Parameters={"ApiEndpoint": url, "Method": "POST", **parameters}, **(fields or {}))
    return execute(unchecked(machine(("C", state))), clients=clients)


def seen(*args, **parameters):
    """Return the request that an endpoint saw."""
    execution = call(*args, **parameters)
    assert execution.status == "SUCCEEDED", execution.cause
    return execution.output["ResponseBody"]


def connection(aws, kind, **parameters):
    """Create a connection and return its field of the task."""
    made = aws("events").create_connection(Name="c", AuthorizationType=kind, AuthParameters=parameters)
    return {"ConnectionArn": made["ConnectionArn"]}


def test_requests_and_responses(endpoint):
    """An endpoint gets the request; an error status is an error name."""
    output = call(endpoint + "/x", QueryParameters={"q": "1"}, RequestBody={"a": 1}).output
    assert (output["StatusCode"], output["ResponseBody"]["path"], output["ResponseBody"]["body"]) == (200, "/x?q=1", '{"a":1}')
    headers = output["ResponseBody"]["headers"]
    assert headers["user-agent"] == "Amazon|StepFunctions|HttpInvoke|us-east-1"
    assert headers["content-type"] == "application/json"
    failed = call(endpoint + "/missing")
    assert failed.error == "States.Http.StatusCode.404"
    assert json.loads(failed.cause)["path"] == "/missing"
    assert call("https://example.org").error == "Local.NotAvailable"
    assert call(endpoint + "/text").output["ResponseBody"] == "hello"
    assert call("http://127.0.0.1:1/").error == "States.Http.Socket"


@pytest.mark.parametrize("path", ["/image", "/bytes"])
def test_responses_that_are_not_text(path, endpoint):
    """AWS does not support them."""
    assert call(endpoint + path).error == "States.Runtime"


def test_timeout(endpoint):
    """A response after TimeoutSeconds is a timeout of the state."""
    assert call(endpoint + "/slow", fields={"TimeoutSeconds": 1}).error == "States.Timeout"


@pytest.mark.parametrize(
    ("arrays", "body"),
    [
        (None, "a[0]=1&a[1]=x%20y&b=c%26d&e[f]=true"),
        ("REPEAT", "a=1&a=x%20y&b=c%26d&e[f]=true"),
        ("COMMAS", "a=1,x%20y&b=c%26d&e[f]=true"),
        ("BRACKETS", "a[]=1&a[]=x%20y&b=c%26d&e[f]=true"),
    ],
)
def test_url_encoding_of_the_body(arrays, body, endpoint):
    """Each format of arrays."""
    options = {"RequestEncodingOptions": {"ArrayFormat": arrays}} if arrays else {}
    transform = {"RequestBodyEncoding": "URL_ENCODED", **options}
    request = seen(endpoint, RequestBody={"a": [1, "x y"], "b": "c&d", "e": {"f": True}}, Transform=transform)
    assert (request["body"], request["headers"]["content-type"]) == (body, "application/x-www-form-urlencoded")


def test_api_key(aws, endpoint):
    """The key is a header; the parameters of the connection override those of the task."""
    pairs = {
        "HeaderParameters": [{"Key": "x-team", "Value": "a"}],
        "QueryStringParameters": [{"Key": "q", "Value": "c"}],
        "BodyParameters": [{"Key": "b", "Value": "c"}],
    }
    authentication = connection(
        aws, "API_KEY", ApiKeyAuthParameters={"ApiKeyName": "X-Key", "ApiKeyValue": "s3cret"}, InvocationHttpParameters=pairs
    )
    given = {"Headers": {"X-Team": "task", "Other": "1"}, "QueryParameters": {"q": "task", "p": "1"}, "RequestBody": {"b": "task", "d": 2}}
    execution = call(endpoint + "/x", aws, Authentication=authentication, **given)
    request = execution.output["ResponseBody"]
    assert {name: request["headers"][name] for name in ("x-key", "x-team", "other")} == {"x-key": "s3cret", "x-team": "a", "other": "1"}
    assert (request["path"], json.loads(request["body"])) == ("/x?q=c&p=1", {"b": "c", "d": 2})
    scheduled = execution.history[2]["taskScheduledEventDetails"]
    assert "s3cret" not in json.dumps(scheduled)
    text = call(endpoint, aws, Authentication=authentication, RequestBody="text")
    assert text.error == "States.Runtime"


def test_basic(aws, endpoint):
    """User and password."""
    authentication = connection(aws, "BASIC", BasicAuthParameters={"Username": "u", "Password": "p"})
    assert seen(endpoint, aws, Authentication=authentication)["headers"]["authorization"] == "Basic dTpw"


def test_oauth(aws, endpoint):
    """The token comes from the authorization endpoint."""
    client = {"ClientID": "i", "ClientSecret": "s"}
    oauth = {"ClientParameters": client, "AuthorizationEndpoint": endpoint + "/token", "HttpMethod": "POST"}
    oauth["OAuthHttpParameters"] = {"BodyParameters": [{"Key": "scope", "Value": "all"}]}
    authentication = connection(aws, "OAUTH_CLIENT_CREDENTIALS", OAuthParameters=oauth)
    request = seen(endpoint, aws, Authentication=authentication)
    expected = "Bearer token for grant_type=client_credentials&client_id=i&client_secret=s&scope=all"
    assert request["headers"]["authorization"] == expected


def gateway(endpoint, clients=None, pattern="", **parameters):
    """Run a task that calls an API of API Gateway."""
    given = {"ApiEndpoint": endpoint.removeprefix("http://"), "Method": "POST", "Stage": "prod", **parameters}
    return execute(unchecked(machine(("C", task(f"arn:aws:states:::apigateway:invoke{pattern}", Parameters=given)))), clients=clients)


def test_api_gateway(aws, endpoint):
    """Stage, path, query, headers and body; the cause of an error is the body of the response."""
    parameters = {"Path": "/bills/add", "QueryParameters": {"id": ["1", "2"]}, "Headers": {"key": ["a", "b"]}, "RequestBody": {"x": 1}}
    output = gateway(endpoint, **parameters).output
    request = output["ResponseBody"]
    assert (request["path"], request["headers"]["key"], request["body"]) == ("/prod/bills/add?id=1&id=2", "a,b", '{"x":1}')
    assert set(output) == {"Headers", "ResponseBody", "StatusCode", "StatusText"}
    failed = gateway(endpoint, Path="missing")
    assert (failed.error, json.loads(failed.cause)["path"]) == ("ApiGateway.404", "/prod/missing")
    signed = gateway(endpoint, aws, AuthType="IAM_ROLE").output["ResponseBody"]["headers"]["authorization"]
    assert signed.startswith("AWS4-HMAC-SHA256 Credential=")
    assert gateway("api.execute-api.us-east-1.amazonaws.com").error == "Local.NotAvailable"


def test_a_missing_connection(aws, endpoint):
    """It fails in a way that can be caught."""
    arn = "arn:aws:events:us-east-1:123456789012:connection/none/11111111-1111-1111-1111-111111111111"
    catch = [{"ErrorEquals": ["Events.ConnectionResource.ResourceNotFound"], "Next": "D"}]
    state = task(
        "arn:aws:states:::http:invoke",
        Parameters={"ApiEndpoint": endpoint, "Method": "GET", "Authentication": {"ConnectionArn": arn}},
        Catch=catch,
    )
    definition = machine(("C", state), ("D", {"Type": "Pass", "Result": "caught"}))
    assert execute(unchecked(definition), clients=aws).output == "caught"
