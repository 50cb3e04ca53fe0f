"""The whole of DOFS on a laptop: the API handler, the workflow in our engine, SQS and DynamoDB in moto, the consumers of both queues.

The handlers are the deployed ones, with real boto3, and the resources are those that the project declares. moto keeps the list of
executions and our engine runs them. API, queues and resources are those of the local stack; only the faults are written here.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ClientError, ReadTimeoutError

from generator.asl.placeholders import fill
from generator.dsl.declarations import Resource
from generator.dsl.resources import Function, Queue
from generator.engine import Engine, FunctionError
from generator.engine.definitions import ACCOUNT, PREFIX, REGION
from generator.local.api import HttpRequest, RestApi
from generator.local.laptop import Laptop, attributes
from generator.local.queues import EventSourceMapping
from workflows import resources

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

PROJECT = Path(__file__).resolve().parents[2]
RESOURCES = {each.name: each for each in vars(resources).values() if isinstance(each, Resource)}
FUNCTIONS = tuple(each.name for each in RESOURCES.values() if isinstance(each, Function))
ORDER = {"customer_id": "C-1", "items": [{"product_id": "P-1", "quantity": 2}, {"product_id": "P-2", "quantity": 1}]}

_SESSION = boto3.session.Session()
_ANYONE = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}


class Crash(BaseException):
    """The end of a sandbox in the middle of a call. No handler can catch it, and no cleanup runs."""


@dataclass
class Faults:
    """Random faults at every AWS call of handlers and workflow, the same in every run with the same seed."""

    seed: int = 0
    rate: float = 0.0
    injected: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Start the sequence."""
        self.random = random.Random(self.seed)

    def watch(self, client: Any, *, crashes: bool) -> None:
        """Let a client's calls fail. AWS's own services, such as Step Functions, do not crash in the middle of a call."""
        kinds = ["error", "crash"] if crashes else ["error"]

        def before(model: Any, **_: Any) -> None:
            """Refuse a request, or crash before it is sent."""
            match self.pick(kinds):
                case "error":
                    raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}, model.name)
                case "crash":
                    raise Crash

        def after(model: Any, **_: Any) -> None:
            """Lose a response, or crash before it is read: the service has done what was asked."""
            match self.pick(kinds):
                case "error":
                    raise ReadTimeoutError(endpoint_url=f"https://{model.service_model.endpoint_prefix}")
                case "crash":
                    raise Crash

        client.meta.events.register("before-call.*.*", before)
        client.meta.events.register_last("after-call.*.*", after)

    def pick(self, kinds: list[str]) -> str:
        """Choose a fault for this call; mostly none."""
        chosen = "" if self.random.random() >= self.rate else self.random.choice(kinds)
        self.injected[chosen] += bool(chosen)
        return chosen


class LambdaContext:
    """Lambda's context object, of an invocation that has no time left to lock anything for."""

    memory_limit_in_mb = 256
    aws_request_id = "00000000-0000-4000-8000-000000000000"

    def __init__(self, function: str) -> None:
        """Name the function."""
        self.function_name = f"{PREFIX}-{function}"
        self.invoked_function_arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """Return a time below zero: a record that a crashed invocation left in progress has expired when the next delivery comes."""
        return -1000


class Dofs:
    """One environment. Use it inside moto's `mock_aws`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, faults: Faults | None = None) -> None:
        """Make tables, queues and the state machine, and set the environment as Terraform does."""
        self.faults = faults or Faults()
        self.audit: Counter[tuple[str, str]] = Counter()
        self._pollers: dict[str, Any] = {}
        self._clients: dict[tuple[str, str], Any] = {}
        self._monkeypatch = monkeypatch
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "test")
        monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
        monkeypatch.setenv("RANDOM_SEED", str(self.faults.seed))
        self.admin = cache(lambda service: _SESSION.client(service, REGION, **_ANYONE))
        laptop = Laptop(RESOURCES, PROJECT, clients=self.admin)
        laptop.create()
        self.placeholders = laptop.values
        declared = laptop.declared_functions()
        for function in declared:
            for name, value in laptop.environment(function).items():
                monkeypatch.setenv(name, value)
        self.queues = {each.name: attributes(each)["url"] for each in RESOURCES.values() if isinstance(each, Queue)}
        for url in self.queues.values():
            # Failed messages come back at once: what is tried here is not SQS's clock.
            self.admin("sqs").set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "0"})
        self.mappings = {
            (trigger.queue.name, function.name): EventSourceMapping(
                trigger,
                function.name,
                (attributes(trigger.queue)["url"], attributes(trigger.queue)["arn"]),
                sqs=_Poller(self, function.name),
                invoke=self._invoke,
                deleted=lambda: not self.faults.pick(["error"]),
            )
            for function in declared
            for trigger in function.triggers
        }
        contract = json.loads((PROJECT / "functions" / "api_handler" / "openapi.json").read_text())
        self.api = RestApi(contract, lambda event: self._invoke("api-handler", event), validates=False)
        self.roles: dict[str, dict[str, str]] = {}
        self.handlers = {name: import_module(f"functions.{name.replace('-', '_')}.handler") for name in FUNCTIONS}
        self.engine = Engine(
            functions={attributes(function)["arn"]: partial(self._invoke, function.name) for function in declared},
            clients=lambda service: self.client("order-processing", service),
            seed=self.faults.seed,
        )
        assert laptop.values["order_processing_arn"].endswith(f":{PREFIX}-order-processing")
        definition = self.fill((PROJECT / "build" / "order-processing" / "definition.asl.json").read_text())
        machine = self.engine.create_state_machine(f"{PREFIX}-order-processing", definition)
        self.machine = self.engine.state_machines[machine]
        self.admin("stepfunctions").create_state_machine(name=self.machine.name, definition=definition, roleArn=self.machine.role)
        monkeypatch.setenv("STEP_FUNCTION_ARN", machine)  # moto's state machines have no aliases
        self._running = "api-handler"
        for module in (import_module("functions.shared.repository"), self.handlers["api-handler"], self.handlers["fulfill-order"]):
            monkeypatch.setattr(module, "client", lambda service: self.client(self._running, service))
        self.handlers["fulfill-order"]._persistence.cache_clear()
        self.handlers["fulfill-order"]._chance.cache_clear()

    def fill(self, template: str) -> str:
        """Fill the placeholders of a definition or a policy, as Terraform does."""
        return fill(template, self.placeholders.__getitem__)

    def client(self, caller: str, service: str) -> Any:
        """Return a client under a caller's role. Its calls fail now and then; what they do is counted before they can fail."""
        if (caller, service) not in self._clients:
            client = _SESSION.client(service, REGION, **self.roles.get(caller, _ANYONE))
            client.meta.events.register("provide-client-params.*.*", self._remember)
            client.meta.events.register("after-call.*.*", self._write_down)
            client.meta.events.register("after-call.*.*", self._run_executions)
            self.faults.watch(client, crashes=caller != "order-processing")
            self._clients[caller, service] = client
        return self._clients[caller, service]

    def _remember(self, params: dict[str, Any], **_: Any) -> None:
        self._parameters = params

    def _write_down(self, model: Any, http_response: Any, **_: Any) -> None:
        """Count what the service did to orders, even if the response is lost afterwards."""
        if http_response.status_code != 200:
            return
        order = self._parameters.get("Key", {}).get("order_id", {}).get("S")
        if model.name == "UpdateItem" and ":fulfilled" in self._parameters.get("ExpressionAttributeValues", {}):
            self.audit["FULFILLED", order] += 1

    def _run_executions(self, model: Any, http_response: Any, parsed: dict[str, Any], **_: Any) -> None:
        """Run an execution that moto has accepted, and report its status."""
        if http_response.status_code != 200:
            return
        if model.name == "StartExecution" and parsed["executionArn"] not in self.engine.executions:
            given = self._parameters
            caller, self._running = self._running, ""
            self.engine.start_machine(self.machine, json.loads(given["input"]), name=given["name"], arn=parsed["executionArn"]).finish()
            self._running = caller
        elif model.name == "DescribeExecution":
            execution = self.engine.executions[parsed["executionArn"]]
            parsed |= {"status": execution.status} | ({"error": execution.error, "cause": execution.cause} if execution.error else {})

    def _invoke(self, function: str, event: Any, context: Any = None) -> Any:
        """Call a function as Lambda runs it: a crash becomes Lambda's own error."""
        try:
            return self.invoke(function, event, context or LambdaContext(function))
        except Crash:
            raise FunctionError({"errorType": "Runtime.ExitError", "errorMessage": "Runtime exited"}) from None

    def invoke(self, function: str, event: Any, context: Any) -> Any:
        """Call a handler with the clients of its own role."""
        self._running = function
        return self.handlers[function].handler(event, context)

    # --- what clients do --------------------------------------------------------------------------------------------

    def request(self, method: str, order_id: str = "", body: Any = None, key: str | None = None) -> tuple[int, dict[str, Any]]:
        """Send a request to the API; 502 is what API Gateway answers when the function crashes."""
        headers = (("Content-Type", "application/json"), *((("Idempotency-Key", key),) if key else ()))
        path = f"/order/{order_id}" if order_id else "/order"
        answer = self.api(HttpRequest(method, path, headers=headers, body=b"" if body is None else json.dumps(body).encode()))
        return answer.status, json.loads(answer.body)

    def place(self, order: Any, key: str | None = None) -> str:
        """Place an order as a patient client does, and return its id."""
        for _ in range(50):
            status, answer = self.request("POST", body=order, key=key)
            if status < 500:
                assert status == 202 or (status == 200 and key), (status, answer)
                return answer["order_id"]
        raise AssertionError("50 attempts failed")

    # --- Lambda's event source mappings -----------------------------------------------------------------------------

    def poller(self, function: str) -> Any:
        """Return the client that polls a queue for a function, under the role of this function and without faults."""
        if function not in self._pollers:
            self._pollers[function] = _SESSION.client("sqs", REGION, **self.roles.get(function, _ANYONE))
        return self._pollers[function]

    def deliver(self, queue: str, function: str, batch_size: int) -> int:
        """Deliver one batch. Messages that were not processed stay in the queue.

        Returns:
            the number of messages in the batch.
        """
        mapping = self.mappings[queue, function]
        messages = mapping.receive(batch_size)
        if messages:
            mapping.process(messages)
        return len(messages)

    def work(self) -> None:
        """Deliver until both queues are empty."""
        while self.deliver("order-queue", "fulfill-order", 1) or self.deliver("order-dlq", "dlq-handler", 10):
            pass

    # --- what there is to see ---------------------------------------------------------------------------------------

    def rows(self, table: str) -> dict[str, dict[str, Any]]:
        """Return all rows of a table by order id."""
        deserialize = TypeDeserializer().deserialize
        pages = self.admin("dynamodb").get_paginator("scan").paginate(TableName=f"{PREFIX}-{table}")
        items = [{name: deserialize(value) for name, value in item.items()} for page in pages for item in page["Items"]]
        return {item.get("order_id", item.get("id")): item for item in items}

    def waiting(self, queue: str) -> int:
        """Return the number of messages in a queue."""
        attributes = self.admin("sqs").get_queue_attributes(QueueUrl=self.queues[queue], AttributeNames=["All"])["Attributes"]
        return int(attributes["ApproximateNumberOfMessages"]) + int(attributes["ApproximateNumberOfMessagesNotVisible"])

    def execution(self, order_id: str) -> Any:
        """Return the execution of an order."""
        return next(execution for execution in self.engine.executions.values() if execution.name == order_id)


class _Poller:
    """The client of a poller, which is made when it is used: a test sets the role of its function before that."""

    def __init__(self, dofs: Dofs, function: str) -> None:
        self._dofs = dofs
        self._function = function

    def __getattr__(self, name: str) -> Any:
        return getattr(self._dofs.poller(self._function), name)


@contextmanager
def broken(client: Any, operation: str) -> Iterator[list[str]]:
    """Let every call of one operation fail. Yield the list of calls."""
    calls: list[str] = []

    def refuse(model: Any, **_: Any) -> None:
        calls.append(model.name)
        raise ClientError(
            {"Error": {"Code": "ServiceUnavailable", "Message": "down"}, "ResponseMetadata": {"HTTPStatusCode": 503}}, operation
        )

    service = client.meta.service_model.service_id.hyphenize()
    client.meta.events.register_first(f"before-call.{service}.{operation}", refuse)
    try:
        yield calls
    finally:
        client.meta.events.unregister(f"before-call.{service}.{operation}", refuse)
