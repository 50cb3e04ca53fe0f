"""A deployment on a laptop: the declared resources in moto, the real handlers as functions, and a value for every placeholder.

It needs the extra ``local``. No call leaves the machine: moto answers every boto3 client, those of the handlers included, and
the credentials are not real.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from generator.asl.placeholders import fill, unshielded_json
from generator.catalog.index import find_service
from generator.catalog.resources import ARN, BUCKET, EVENT_BUS, KINDS, QUEUE, TABLE, TOPIC
from generator.dsl.declarations import Resource
from generator.dsl.expressions import Expr, operand
from generator.dsl.known import known_text
from generator.dsl.resources import Bucket, EventBus, Function, Key, Queue, Table, Topic
from generator.engine.definitions import ACCOUNT, PREFIX, REGION, deployed_name
from generator.local.handlers import import_handler
from generator.local.lean import lean


class Laptop:
    """The resources of a project on this machine. :func:`laptop` makes one.

    Attributes:
        resources: the declared resources, by name.
        root: the folder of the project.
        values: the value of each placeholder, by name.
        clients: returns a boto3 client for the name of a service.
    """

    def __init__(self, resources: Mapping[str, Resource], root: Path, *, clients: Callable[[str], Any] | None = None) -> None:
        """Give every placeholder its value. :meth:`create` creates the resources.

        Args:
            resources: the declared resources, by name.
            root: the folder of the project.
            clients: returns a boto3 client, which moto answers; by default one that is made once for each service.
        """
        self.clients = clients or _client
        self.resources = resources
        self.root = root
        self.values: dict[str, str] = {"aws_partition": "aws", "aws_region": REGION, "aws_account_id": ACCOUNT}
        for resource in resources.values():
            self.values |= {resource.placeholder(attribute).name: value for attribute, value in attributes(resource).items()}

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return the handlers of the functions whose folder exists, by ARN. A module is imported at its first call."""
        return {attributes(function)[ARN]: self._handler(function) for function in self.declared_functions()}

    def declared_functions(self) -> list[Function]:
        """Return the functions whose folder exists."""
        return [each for each in self.resources.values() if isinstance(each, Function) and (self.root / each.folder).is_dir()]

    def _handler(self, function: Function) -> Callable[..., Any]:
        load = cache(partial(import_handler, self.root, function.folder, function.handler))

        def call(event: Any, context: Any) -> Any:
            # In AWS the output of a handler goes to CloudWatch. Here it must not mix with the output of the execution.
            with _environment(self.environment(function)), redirect_stdout(sys.stderr):
                return load()(event, context)

        return call

    def environment(self, function: Function) -> dict[str, str]:
        """Return the declared environment of a function, with its references filled in."""
        return {name: self.value(value) for name, value in function.environment.items()}

    def value(self, value: str | Expr) -> str:
        """Return text with its references filled in."""
        template = unshielded_json(json.dumps(known_text(operand(value)), ensure_ascii=False))
        return json.loads(fill(template, self.values))  # type: ignore[no-any-return]

    def create(self) -> None:
        """Create the resources in moto, a dead-letter queue before the queues that use it.

        Raises:
            LookupError: a resource is of a kind that has no row in the catalogue, or no entry in :data:`PARAMETERS`.
        """
        for resource in sorted(self.resources.values(), key=_depth):
            self._create(resource)

    def _create(self, resource: Resource) -> None:
        kind = KINDS.get(resource.KIND.key)
        if kind is None:
            raise LookupError(f"the catalogue has no resources of kind {resource.KIND.key!r}")
        if not kind.create:
            return  # the engine stands in for it
        service = find_service(kind.service)
        if service is None or kind.key not in PARAMETERS:
            raise LookupError(f"a laptop cannot create {kind.with_article}")
        client = self.clients(service.client)
        operation = kind.create[0].upper() + kind.create[1:]
        (method,) = (name for name, operation_name in client.meta.method_to_api_mapping.items() if operation_name == operation)
        getattr(client, method)(**PARAMETERS[kind.key](resource))


def attributes(resource: Resource) -> dict[str, str]:
    """Return the values of a resource's attributes (ARN, name, URL), as deployment would fill them in."""
    return resource.KIND.values(name=_name(resource), region=REGION, account=ACCOUNT)


@contextmanager
def laptop(resources: Mapping[str, Resource], root: Path, *, clients: Callable[[str], Any] | None = None) -> Iterator[Laptop]:
    """Answer calls to AWS on this machine while the block runs.

    Args:
        resources: the declared resources, by name.
        root: the folder of the project, with the handlers below it.
        clients: returns a boto3 client; by default one that is made once for each service.

    Raises:
        ImportError: the extra ``local`` is not installed.
    """
    from moto import mock_aws

    made = Laptop(resources, root, clients=clients)
    settings = {
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "POWERTOOLS_TRACE_DISABLED": "true",  # there is no X-Ray daemon
        "POWERTOOLS_METRICS_NAMESPACE": PREFIX,
        "POWERTOOLS_LOG_LEVEL": "ERROR",
    }
    with _environment(settings), mock_aws(), lean():
        _client.cache_clear()
        made.create()
        yield made
    _client.cache_clear()


@cache
def _client(service: str) -> Any:
    import boto3

    return boto3.client(service, region_name=REGION)


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _name(resource: Resource) -> str:
    return deployed_name(resource.name, fifo=isinstance(resource, Queue | Topic) and resource.fifo)


def _depth(resource: Resource) -> int:
    """Return the length of the chain of dead-letter queues behind a resource."""
    return 0 if not isinstance(resource, Queue) or resource.dead_letter is None else 1 + _depth(resource.dead_letter)


def _bucket(bucket: Bucket) -> dict[str, Any]:
    return {"Bucket": _name(bucket)}


def _event_bus(bus: EventBus) -> dict[str, Any]:
    return {"Name": _name(bus)}


def _queue(queue: Queue) -> dict[str, Any]:
    settings = {"VisibilityTimeout": str(queue.visibility_timeout_seconds), "MessageRetentionPeriod": str(queue.retention_seconds)}
    if queue.fifo:
        settings["FifoQueue"] = "true"
    if queue.dead_letter is not None:
        target = {"deadLetterTargetArn": attributes(queue.dead_letter)[ARN], "maxReceiveCount": queue.max_receive_count}
        settings["RedrivePolicy"] = json.dumps(target)
    return {"QueueName": _name(queue), "Attributes": settings}


def _table(table: Table) -> dict[str, Any]:
    typed = [(key, role) for key, role in ((table.key, "HASH"), (table.sort_key, "RANGE")) if isinstance(key, Key)]
    return {
        "TableName": _name(table),
        "KeySchema": [{"AttributeName": key.name, "KeyType": role} for key, role in typed],
        "AttributeDefinitions": [{"AttributeName": key.name, "AttributeType": key.type} for key, _ in typed],
        "BillingMode": "PAY_PER_REQUEST",
    }


def _topic(topic: Topic) -> dict[str, Any]:
    return {"Name": _name(topic), "Attributes": {"FifoTopic": "true"} if topic.fifo else {}}


PARAMETERS: Final[Mapping[str, Callable[[Any], dict[str, Any]]]] = {
    BUCKET.key: _bucket,
    EVENT_BUS.key: _event_bus,
    QUEUE.key: _queue,
    TABLE.key: _table,
    TOPIC.key: _topic,
}
"""The parameters of the operation that creates a resource (:attr:`ResourceKind.create`), by the key of its kind."""
