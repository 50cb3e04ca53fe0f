"""A laptop as a deployment: the declared resources in moto, the real handlers as functions, every placeholder filled.

Needs the extra ``local``. No call leaves the machine: moto answers every boto3 client, those of the handlers included, and
the credentials are made up.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any, Final

from generator.asl.placeholders import fill
from generator.dsl.expressions import Expr, PlaceholderNode, operand
from generator.dsl.resources import Bucket, EventBus, Function, Key, Queue, Resource, Table, Topic, identifier

REGION: Final = "us-east-1"
ACCOUNT: Final = "123456789012"
PREFIX: Final = "local"


class Laptop:
    """The resources of a project as they stand on this machine; made by :func:`laptop`."""

    def __init__(self, resources: Mapping[str, Resource], root: Path) -> None:
        """Describe the resources; :meth:`create` makes them."""
        self.resources = resources
        self.root = root
        self.values: dict[str, str] = {"aws_partition": "aws", "aws_region": REGION, "aws_account_id": ACCOUNT}
        for resource in resources.values():
            self.values |= {f"{identifier(resource.name)}_{attribute}": text for attribute, text in attributes(resource).items()}

    def fill(self, definition: str) -> str:
        """Fill the placeholders of a definition; one that nothing here fills stays as it is.

        >>> Laptop({"worker": Function("worker")}, Path()).fill('"${worker_arn} ${other}"')
        '"arn:aws:lambda:us-east-1:123456789012:function:local-worker ${other}"'
        """
        return fill(definition, self.values)

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Give the handlers of the functions whose folder is there, by ARN; a module is imported when it is first called."""
        found = (r for r in self.resources.values() if isinstance(r, Function) and (self.root / r.folder).is_dir())
        return {self.values[f"{identifier(function.name)}_arn"]: self._handler(function) for function in found}

    def clients(self, service: str) -> Any:
        """Give a boto3 client, which moto answers."""
        return _client(service)

    def _handler(self, function: Function) -> Callable[..., Any]:
        @cache
        def load() -> Callable[..., Any]:
            module, _, name = function.handler.rpartition(".")
            sys.path.insert(0, str(self.root))
            try:
                loaded = importlib.import_module(".".join([*Path(function.folder).parts, module]))
            finally:
                sys.path.remove(str(self.root))
            return getattr(loaded, name)  # type: ignore[no-any-return]

        def call(event: Any, context: Any) -> Any:
            # What handlers print goes to CloudWatch in AWS; here it must not mix with the execution's output.
            with _environment({n: self._value(v) for n, v in function.environment.items()}), redirect_stdout(sys.stderr):
                return load()(event, context)

        return call

    def _value(self, value: str | Expr) -> str:
        node = operand(value)
        return self.values[node.name] if isinstance(node, PlaceholderNode) else str(value)

    def create(self) -> None:
        """Make the resources in moto, dead-letter queues before the queues that use them."""
        queues = [r for r in self.resources.values() if isinstance(r, Queue)]
        for queue in sorted(queues, key=lambda q: q.dead_letter is not None):
            _create_queue(queue)
        for resource in self.resources.values():
            match resource:
                case Table():
                    _create_table(resource)
                case Topic():
                    _client("sns").create_topic(Name=_name(resource), Attributes={"FifoTopic": "true"} if resource.fifo else {})
                case Bucket():
                    _client("s3").create_bucket(Bucket=_name(resource))
                case EventBus():
                    _client("events").create_event_bus(Name=_name(resource))
                case _:
                    pass


def attributes(resource: Resource) -> dict[str, str]:
    """Give the attributes that deployment would fill in: ``arn``, ``name``, and a queue's ``url``."""
    return resource.KIND.values(name=_name(resource), region=REGION, account=ACCOUNT)


@contextmanager
def laptop(resources: Mapping[str, Resource], root: Path) -> Iterator[Laptop]:
    """Stand in for AWS while the block runs.

    Args:
        resources: what the project declares, by name.
        root: the project's folder, below which the handlers are.

    Raises:
        ImportError: the extra ``local`` is not installed.
    """
    from moto import mock_aws

    made = Laptop(resources, root)
    settings = {
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "POWERTOOLS_TRACE_DISABLED": "true",  # there is no X-Ray daemon
        "POWERTOOLS_METRICS_NAMESPACE": PREFIX,
        "POWERTOOLS_LOG_LEVEL": "ERROR",
    }
    with _environment(settings), mock_aws():
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
    return f"{PREFIX}-{resource.name}" + (".fifo" if isinstance(resource, Queue | Topic) and resource.fifo else "")


def _create_queue(queue: Queue) -> None:
    settings = {"VisibilityTimeout": str(queue.visibility_timeout_seconds), "MessageRetentionPeriod": str(queue.retention_seconds)}
    if queue.fifo:
        settings["FifoQueue"] = "true"
    if queue.dead_letter is not None:
        target = {"deadLetterTargetArn": attributes(queue.dead_letter)["arn"], "maxReceiveCount": queue.max_receive_count}
        settings["RedrivePolicy"] = json.dumps(target)
    _client("sqs").create_queue(QueueName=_name(queue), Attributes=settings)


def _create_table(table: Table) -> None:
    keys = [(table.key, "HASH")] + ([(table.sort_key, "RANGE")] if table.sort_key is not None else [])
    typed = [(key if isinstance(key, Key) else Key(key), role) for key, role in keys]
    _client("dynamodb").create_table(
        TableName=_name(table),
        KeySchema=[{"AttributeName": key.name, "KeyType": role} for key, role in typed],
        AttributeDefinitions=[{"AttributeName": key.name, "AttributeType": key.type} for key, _ in typed],
        BillingMode="PAY_PER_REQUEST",
    )
