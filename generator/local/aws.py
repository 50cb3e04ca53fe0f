"""The AWS endpoint of the local stack: one place that all calls go through, those over HTTP and those of clients in this process.

moto answers them. Step Functions and Lambda are the exceptions: they are answered by this project's engine and by the functions of
the project. Whoever must know what a call has done, such as the pollers of queues and the journal, is told here.
"""

from __future__ import annotations

import contextlib
import json
import re
import secrets
import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from generator.engine import FunctionError
from generator.engine.definitions import REGION
from generator.local.api import HttpAnswer, HttpRequest
from generator.local.setup_calls import sets_up

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.local.functions import Functions

    Answerer = Callable[[HttpRequest], HttpAnswer]

_CREDENTIAL: Final = re.compile(r"Credential=[^/,\s]+/\d{8}/([a-z0-9-]+)/([a-z0-9.-]+)/aws4_request")
_TARGETS: Final = {"AmazonSQS": "sqs", "DynamoDB": "dynamodb", "AWSStepFunctions": "states", "AWSEvents": "events", "AmazonSNS": "sns"}
_HOSTS: Final = {"s3": "s3.amazonaws.com", "iam": "iam.amazonaws.com", "sts": "sts.amazonaws.com"}
"""The hosts of services that have one for all regions; any other is ``service.region.amazonaws.com``."""
_INVOCATION: Final = re.compile(r"/2015-03-31/functions/([^/]+)/invocations")
_READS: Final = ("Get", "List", "Describe", "Query", "Scan", "BatchGet", "Head", "Select")
_JSON_1_0: Final = "application/x-amz-json-1.0"
_LOOK_AGAIN_SECONDS: Final = 0.1


@dataclass(frozen=True)
class AwsCall:
    """A call that was answered.

    Attributes:
        service: the signing name of the service, such as ``sqs``.
        operation: the operation of a service that names it in the request; else empty.
        request: the request.
        answer: the answer.
        seed: what the ids were made of that it returned, if it set up a resource.
    """

    service: str
    operation: str
    request: HttpRequest
    answer: HttpAnswer
    seed: int | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the service did what was asked."""
        return self.answer.status < 300  # noqa: PLR2004  the range of success

    @property
    def changes(self) -> bool:
        """Whether it may have changed something."""
        return self.succeeded and (
            not self.operation.startswith(_READS) if self.operation else self.request.method not in {"GET", "HEAD", "OPTIONS"}
        )

    def parameters(self) -> dict[str, Any]:
        """Return the parameters of a call in JSON; none of another call."""
        return _json(self.request.body)

    def result(self) -> dict[str, Any]:
        """Return the result of a call in JSON."""
        return _json(self.answer.body)


def _json(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


class Aws:
    """The endpoint.

    Attributes:
        watchers: called after each call that may have changed something, while no other call runs.
        lock: held while moto runs.
        closed: set when the stack ends: no call waits for messages any longer.
    """

    def __init__(self) -> None:
        """Create it; :attr:`step_functions` and :attr:`functions` are set before the first call."""
        self.step_functions: Answerer | None = None
        self.functions: Functions | None = None
        self.watchers: list[Callable[[AwsCall], None]] = []
        self.lock = threading.RLock()
        self.closed = False
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """Return a boto3 client whose calls are answered here, without HTTP."""
        import boto3
        from botocore.config import Config
        from moto.core.models import botocore_stubber

        with self.lock:
            if service not in self._clients:
                # The credentials are those of the environment, which are not real. Paths have the names of buckets, as over HTTP.
                made = boto3.client(service, region_name=REGION, config=Config(s3={"addressing_style": "path"}))
                made.meta.events.unregister("before-send", botocore_stubber)  # botocore calls every handler: moto would do all of it twice
                made.meta.events.register("before-send", self._before_send)
                self._clients[service] = made
            return self._clients[service]

    def _before_send(self, request: Any, **_: Any) -> Any:
        from botocore.awsrequest import AWSResponse
        from moto.core.botocore_stubber import MockRawResponse

        url = urlsplit(request.url)
        given: Any = request.body
        body = given.read() if hasattr(given, "read") else given.encode() if isinstance(given, str) else bytes(given or b"")
        headers = tuple((name, value.decode() if isinstance(value, bytes) else str(value)) for name, value in request.headers.items())
        answer = self.answer(HttpRequest(request.method, url.path or "/", url.query, headers, body), f"{url.scheme}://{url.netloc}")
        return AWSResponse(request.url, answer.status, dict(answer.headers), MockRawResponse(answer.body))

    def answer(self, request: HttpRequest, origin: str = "") -> HttpAnswer:
        """Answer a call.

        Args:
            request: the request.
            origin: the scheme and the host that the service has in AWS, if the caller knows it.
        """
        service, region = addressed(request)
        if service == "states" and self.step_functions is not None:
            return self.step_functions(request)
        if service == "lambda" and (found := _INVOCATION.fullmatch(request.path)) and self.functions is not None:
            return invoked(self.functions, found[1], request)
        operation = (request.header("x-amz-target") or "").rpartition(".")[2]
        if operation == "ReceiveMessage":
            return self._received(request, origin or _origin(service, region))
        return self._call(service, operation, request, origin or _origin(service, region))

    def _call(self, service: str, operation: str, request: HttpRequest, origin: str) -> HttpAnswer:
        with self.lock:
            seed = secrets.randbits(62) if sets_up(service, request) else None
            answer = _by_moto(request, origin) if seed is None else _seeded(request, origin, seed)
            call = AwsCall(service, operation, request, answer, seed)
            if call.changes:
                for watch in self.watchers:
                    watch(call)
            return answer

    def direct(self, service: str, target: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return the result of a call in JSON that no watcher sees."""
        request = HttpRequest(
            "POST", "/", headers=(("X-Amz-Target", target), ("Content-Type", _JSON_1_0)), body=json.dumps(parameters).encode()
        )
        with self.lock:
            return _json(_by_moto(request, _origin(service, REGION)).body)

    def repeat(self, request: HttpRequest, seed: int) -> HttpAnswer:
        """Return the answer to a call of an earlier process, which no watcher sees. The ids that moto makes up are those of then."""
        service, region = addressed(request)
        with self.lock:
            return _seeded(request, _origin(service, region), seed)

    def s3(self, request: HttpRequest) -> HttpAnswer:
        """Return the answer to a request for S3 that no watcher sees."""
        own = replace(request, headers=(*request.headers, ("Authorization", signed("s3", REGION))))
        with self.lock:
            return _by_moto(own, _origin("s3", REGION))

    def _received(self, request: HttpRequest, origin: str) -> HttpAnswer:
        """Answer ReceiveMessage, and wait for messages as long as the caller asks without holding other calls."""
        parameters = _json(request.body)
        end = time.monotonic() + float(parameters.pop("WaitTimeSeconds", 0) or 0)
        asked = HttpRequest(
            request.method, request.path, request.query, request.headers, json.dumps({**parameters, "WaitTimeSeconds": 0}).encode()
        )
        while True:
            answer = self._call("sqs", "ReceiveMessage", asked, origin)
            if self.closed or time.monotonic() >= end or answer.status != 200 or _json(answer.body).get("Messages"):  # noqa: PLR2004  OK
                return answer
            time.sleep(_LOOK_AGAIN_SECONDS)


def addressed(request: HttpRequest) -> tuple[str, str]:
    """Return the service and the region that a request is for; the service is empty if it is not a call to AWS.

    >>> addressed(HttpRequest("POST", "/", headers=(("X-Amz-Target", "AmazonSQS.SendMessage"),)))
    ('sqs', 'us-east-1')
    >>> addressed(HttpRequest("POST", "/order"))
    ('', 'us-east-1')
    """
    found = _CREDENTIAL.search(request.header("authorization") or "")
    if found is None and "X-Amz-Credential=" in request.query:
        scope = re.search(r"X-Amz-Credential=[^&]*?(?:%2F|/)\d{8}(?:%2F|/)([a-z0-9-]+)(?:%2F|/)([a-z0-9.-]+)", request.query)
        if scope:
            return scope[2], scope[1]
    if found is not None:
        return ("", found[1]) if found[2] == "execute-api" else (found[2], found[1])
    target = (request.header("x-amz-target") or "").partition(".")[0]
    return next((service for prefix, service in _TARGETS.items() if target.startswith(prefix)), ""), REGION


def signed(service: str, region: str) -> str:
    """Return a signature, which moto does not check; a request to S3 without one is that of a stranger."""
    return f"AWS4-HMAC-SHA256 Credential=local/20260101/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"


def _origin(service: str, region: str) -> str:
    return f"https://{_HOSTS.get(service, f'{service}.{region}.amazonaws.com')}"


def _seeded(request: HttpRequest, origin: str, seed: int) -> HttpAnswer:
    """Return the answer of moto, whose ids are made of a seed."""
    from moto.moto_api._internal import mock_random

    mock_random.seed(seed)
    try:
        return _by_moto(request, origin)
    finally:
        mock_random.seed(secrets.randbits(62))


def _by_moto(request: HttpRequest, origin: str) -> HttpAnswer:
    from botocore.awsrequest import AWSPreparedRequest
    from botocore.compat import HTTPHeaders
    from moto.core.models import botocore_stubber

    headers = HTTPHeaders()
    for name, value in request.headers:
        if name.lower() not in {"host", "content-length", "transfer-encoding"}:
            headers[name] = value
    headers["Content-Length"] = str(len(request.body))
    url = f"{origin}{request.path}" + (f"?{request.query}" if request.query else "")
    try:
        found = botocore_stubber.process_request(AWSPreparedRequest(request.method, url, headers, request.body, stream_output=False))
    except NotImplementedError as error:
        found = (501, {}, json.dumps({"__type": "NotImplemented", "message": f"moto does not have this operation: {error}"}))
    if found is None:
        found = (404, {}, json.dumps({"__type": "UnknownOperationException", "message": "moto does not have this service"}))
    status, given, body = found
    content = body if isinstance(body, bytes) else str(body or "").encode()
    return HttpAnswer(int(status), [(str(name), str(value)) for name, value in given.items()], content)


def invoked(functions: Functions, name: str, request: HttpRequest) -> HttpAnswer:
    """Answer Lambda's Invoke.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
    """
    given = unquote(name)
    own = functions.named(given)
    if own is None:
        message = {"Type": "User", "Message": f"Function not found: {given}"}
        return HttpAnswer(404, [("Content-Type", "application/json"), ("x-amzn-ErrorType", "ResourceNotFoundException")], _bytes(message))
    try:
        event = json.loads(request.body) if request.body else {}
    except ValueError as error:
        message = {"Type": "User", "Message": f"Could not parse request body into json: {error}"}
        headers = [("Content-Type", "application/json"), ("x-amzn-ErrorType", "InvalidRequestContentException")]
        return HttpAnswer(400, headers, _bytes(message))
    kind = request.header("x-amz-invocation-type") or "RequestResponse"
    if kind == "DryRun":
        return HttpAnswer(204, [], b"")
    if kind == "Event":
        threading.Thread(target=_quietly, args=(functions, own, event), daemon=True).start()
        return HttpAnswer(202, [], b"")
    headers = [("Content-Type", "application/json"), ("X-Amz-Executed-Version", "$LATEST")]
    try:
        return HttpAnswer(200, headers, _bytes(functions.invoke(own, event)))
    except FunctionError as error:
        return HttpAnswer(200, [*headers, ("X-Amz-Function-Error", "Unhandled")], _bytes(error.payload))


def _quietly(functions: Functions, name: str, event: Any) -> None:
    """Invoke a function whose caller does not wait. Its failure is in the log."""
    with contextlib.suppress(FunctionError):
        functions.invoke(name, event)


def _bytes(value: Any) -> bytes:
    return json.dumps(value).encode()
