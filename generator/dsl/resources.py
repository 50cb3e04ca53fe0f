"""What workflows use: functions, queues, tables, topics, buckets, event buses, activities, machines that exist already.

A resource is declared once, in ``workflows/resources.py``, with what may be done to it and by whom. Nothing here holds an
ARN: ``orders.arn`` becomes the placeholder ``${orders_arn}`` in the artifacts, and the generated Terraform fills it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from generator.asl.placeholders import Placeholder
from generator.catalog import resources as kinds
from generator.dsl.expressions import Expr, Payload, PlaceholderNode, Root
from generator.dsl.integrations import Integration, with_parent_execution
from generator.dsl.source import AuthoringError, Source, expect, expect_fields, here

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_VARIABLE = re.compile(r"[a-zA-Z][a-zA-Z0-9_]+")  # https://docs.aws.amazon.com/lambda/latest/api/API_Environment.html


def identifier(name: str) -> str:
    """Write a resource's name as Terraform names things.

    >>> identifier("order-queue")
    'order_queue'
    """
    return name.replace("-", "_")


@dataclass(frozen=True, eq=False)
class Resource:
    """Anything with an ARN. ``name`` is its short name; ``{project}-{env}-`` is put before it when it is deployed.

    Raises:
        AuthoringError: the name is not lower case words joined by ``-``.
    """

    KIND: ClassVar[kinds.ResourceKind]
    longest: ClassVar[int] = 80
    name: str
    source: Source = field(default_factory=here, init=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse a name that AWS or Terraform would refuse later."""
        expect(self.name, str, f"the name of a {type(self).__name__}", "text")
        if not _NAME.fullmatch(self.name):
            raise AuthoringError(
                "a resource has a bad name", found=repr(self.name), expected="lower case words joined by '-', such as 'order-queue'"
            )
        if len(self.name) > self.longest:
            raise AuthoringError(
                f"the name of a {type(self).__name__} is longer than AWS takes",
                found=f"{len(self.name)} characters",
                expected=f"at most {self.longest}, with the project and the environment before it",
            )
        expect_fields(self)

    def placeholder(self, attribute: str) -> Placeholder:
        """Return the placeholder of an attribute that deployment fills in.

        >>> Queue("order-queue").placeholder("url").text
        '${order_queue_url}'
        """
        name = f"{identifier(self.name)}_{attribute}"
        return Placeholder(name, self.KIND.key, self.name, attribute, " ".join(getattr(self, "description", "").split()))

    def attribute(self, attribute: str) -> Expr:
        """Refer to an attribute that deployment fills in."""
        return Expr(PlaceholderNode(self.placeholder(attribute).name, self, attribute))

    @property
    def arn(self) -> Expr:
        """The ARN."""
        return self.attribute(kinds.ARN)

    def allow(self, *actions: str) -> Grant:
        """Say that a function may do these actions to this resource: ``uses=[orders.allow("PutItem", "GetItem")]``."""
        return Grant(self, actions)


@dataclass(frozen=True, eq=False)
class Grant:
    """What a function may do to a resource; its role's policy is made of these."""

    resource: Resource
    actions: tuple[str, ...]
    source: Source = field(default_factory=here, init=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse what is no action; a wildcard is none."""
        if not self.actions or not all(str(a).isalnum() and str(a)[0].isalpha() for a in self.actions):
            raise AuthoringError(
                f"what is allowed to {self.resource.name!r} is no list of actions",
                found=", ".join(map(repr, self.actions))[:80] or "nothing",
                expected='the names of API actions, such as "GetItem", each for itself',
            )


@dataclass(frozen=True, eq=False)
class Trigger:
    """An event source mapping: a function that consumes a queue.

    Attributes:
        queue: where the messages come from.
        batch_size: how many messages one invocation gets at most.
        maximum_batching_window_seconds: how long to wait for a batch to fill.
        report_batch_item_failures: whether the handler answers which messages failed.
    """

    queue: Queue
    batch_size: int = 10
    maximum_batching_window_seconds: int = 0
    report_batch_item_failures: bool = True

    def __post_init__(self) -> None:
        """Refuse what Lambda refuses: https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html."""
        expect(self.queue, Queue, "the queue of a trigger", "a Queue")
        expect_fields(self)
        _within(self.batch_size, 1, 10_000, "batch_size of a trigger")
        _within(self.maximum_batching_window_seconds, 0, 300, "maximum_batching_window_seconds of a trigger")


def _within(number: int, least: int, most: int, what: str, unit: str = "") -> None:
    if not least <= number <= most:
        raise AuthoringError(f"{what} is out of range", found=f"{number}{unit}", expected=f"{least} to {most}{unit}")


@dataclass(frozen=True, eq=False)
class Function(Resource):
    """A Lambda function.

    Args:
        folder: the folder of its ``handler.py``; by default ``functions/<name with _>``.
        handler: module and function in that folder.
        timeout_seconds: how long one invocation may take, 1 to 900.
        memory_mb: from 128 to 10240.
        environment: variables; a value may be a reference such as ``orders.table_name``.
        uses: what it may do to other resources.
        triggers: the queues it consumes.
        reserved_concurrency: at most this many at once; None for no limit of its own.

    >>> validator = Function("validator", timeout_seconds=10)
    >>> validator.invoke({"order": 1}).resource
    'arn:aws:states:::lambda:invoke'
    """

    KIND: ClassVar = kinds.FUNCTION

    folder: str = field(default="", kw_only=True)
    handler: str = field(default="handler.handler", kw_only=True)
    timeout_seconds: int = field(default=30, kw_only=True)
    memory_mb: int = field(default=256, kw_only=True)
    environment: Mapping[str, str | Expr] = field(default_factory=dict, kw_only=True)
    uses: Sequence[Grant] = field(default=(), kw_only=True)
    triggers: Sequence[Trigger] = field(default=(), kw_only=True)
    reserved_concurrency: int | None = field(default=None, kw_only=True)
    description: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        """Check the numbers that Lambda checks, and fill in the folder."""
        super().__post_init__()
        expect(self.uses, (list, tuple), f"uses of {self.name!r}", '[table.allow("GetItem", …)]')
        expect(self.triggers, (list, tuple), f"triggers of {self.name!r}", "[queue.trigger(…)]")
        for use in self.uses:
            expect(use, Grant, f"uses of {self.name!r}", 'table.allow("GetItem", …)')
        for trigger in self.triggers:
            expect(trigger, Trigger, f"triggers of {self.name!r}", "queue.trigger(…)")
        expect(self.environment, Mapping, f"environment of {self.name!r}", '{"NAME": value}')
        for name, value in self.environment.items():
            if not _VARIABLE.fullmatch(str(name)):
                raise AuthoringError(
                    f"environment of {self.name!r} has a name that Lambda does not take",
                    found=repr(name),
                    expected="a letter, then letters, digits and '_', two characters or more",
                )
            expect(value, (str, Expr), f"{name} in the environment of {self.name!r}", "text, or a reference such as orders.table_name")
        if not 1 <= self.timeout_seconds <= 900:  # noqa: PLR2004  https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
            raise AuthoringError(
                f"function {self.name!r} has a timeout that Lambda does not take",
                found=f"{self.timeout_seconds} seconds",
                expected="1 to 900 seconds",
            )
        if not 128 <= self.memory_mb <= 10240:  # noqa: PLR2004  the same page
            raise AuthoringError(
                f"function {self.name!r} has a memory size that Lambda does not take",
                found=f"{self.memory_mb} MB",
                expected="128 to 10240 MB",
            )
        if not self.folder:
            object.__setattr__(self, "folder", f"functions/{identifier(self.name)}")

    def invoke(self, payload: Payload = None, *, qualifier: str | None = None, asynchronous: bool = False) -> Integration:
        """Call the function; the step's output is what it returns (``$states.result.Payload``).

        Args:
            payload: the event; by default the state's input.
            qualifier: a version or alias.
            asynchronous: do not wait for the result (``InvocationType: Event``).

        Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
        """
        arguments: dict[str, Payload] = {"FunctionName": self.arn, "Payload": Expr(Root("input")) if payload is None else payload}
        if qualifier is not None:
            arguments["Qualifier"] = qualifier
        if asynchronous:
            arguments["InvocationType"] = "Event"
        return Integration("arn:aws:states:::lambda:invoke", arguments, None if asynchronous else Expr(Root("result")).Payload)


@dataclass(frozen=True, eq=False)
class Queue(Resource):
    """An SQS queue.

    Args:
        visibility_timeout_seconds: how long a received message stays hidden; AWS advises six times the consumer's timeout.
        retention_seconds: how long messages are kept, 60 to 1209600 (14 days).
        dead_letter: where messages go that failed too often.
        max_receive_count: how often that is.
        fifo: whether it is a FIFO queue.
    """

    KIND: ClassVar = kinds.QUEUE

    visibility_timeout_seconds: int = field(default=30, kw_only=True)
    retention_seconds: int = field(default=1_209_600, kw_only=True)
    dead_letter: Queue | None = field(default=None, kw_only=True)
    max_receive_count: int = field(default=3, kw_only=True)
    fifo: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        """Refuse what SQS refuses: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html."""
        super().__post_init__()
        expect(self.dead_letter, (Queue, type(None)), f"dead_letter of {self.name!r}", "a Queue")
        _within(self.visibility_timeout_seconds, 0, 43_200, f"visibility_timeout_seconds of {self.name!r}")
        _within(self.retention_seconds, 60, 1_209_600, f"retention_seconds of {self.name!r}")
        _within(self.max_receive_count, 1, 1000, f"max_receive_count of {self.name!r}")

    @property
    def url(self) -> Expr:
        """The URL."""
        return self.attribute(kinds.URL)

    def trigger(self, *, batch_size: int = 10, maximum_batching_window_seconds: int = 0) -> Trigger:
        """Let a function consume the queue: ``triggers=[order_queue.trigger(batch_size=1)]``."""
        return Trigger(self, batch_size, maximum_batching_window_seconds)

    def send_message(
        self,
        body: Payload = None,
        *,
        group_id: Payload = None,
        deduplication_id: Payload = None,
        delay_seconds: int | None = None,
        attributes: Payload = None,
    ) -> Integration:
        """Send a message; Step Functions writes a body that is an object as JSON.

        Args:
            body: the message; by default the state's input.
            group_id: the message group (FIFO queues).
            deduplication_id: the deduplication id (FIFO queues).
            delay_seconds: how long the message stays hidden at first.
            attributes: the message attributes, as SQS spells them.

        Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-sqs.html
        """
        arguments: dict[str, Payload] = {"QueueUrl": self.url, "MessageBody": Expr(Root("input")) if body is None else body}
        optional = {
            "MessageGroupId": group_id,
            "MessageDeduplicationId": deduplication_id,
            "DelaySeconds": delay_seconds,
            "MessageAttributes": attributes,
        }
        return Integration("arn:aws:states:::sqs:sendMessage", arguments | {k: v for k, v in optional.items() if v is not None})


@dataclass(frozen=True, eq=False)
class Key:
    """An attribute of a table's key: its name and type (S, N or B)."""

    name: str
    type: Literal["S", "N", "B"] = "S"

    def __post_init__(self) -> None:
        """Refuse a type that a key cannot have."""
        expect_fields(self)


@dataclass(frozen=True, eq=False)
class Table(Resource):
    """A DynamoDB table.

    Args:
        key: the partition key; a name stands for a string key.
        sort_key: the sort key, if there is one.
        ttl_attribute: the attribute with the time to live, if there is one.
    """

    KIND: ClassVar = kinds.TABLE

    key: Key | str = field(default="id", kw_only=True)
    sort_key: Key | str | None = field(default=None, kw_only=True)
    ttl_attribute: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Check that keys are keys."""
        super().__post_init__()
        expect(self.key, (Key, str), f"key of {self.name!r}", 'the name of an attribute, or Key("number", "N")')
        expect(self.sort_key, (Key, str, type(None)), f"sort_key of {self.name!r}", 'the name of an attribute, or Key("number", "N")')

    @property
    def table_name(self) -> Expr:
        """The table's full name."""
        return self.attribute(kinds.NAME)

    def get_item(self, key: Payload, *, consistent_read: bool | None = None) -> Integration:
        """Read an item; the result is ``{"Item": …}`` in DynamoDB's own JSON."""
        return self._item("getItem", Key=key, ConsistentRead=consistent_read)

    def put_item(self, item: Payload, *, condition: str | None = None, values: Payload = None, names: Payload = None) -> Integration:
        """Write an item, given in DynamoDB's own JSON."""
        return self._item(
            "putItem", Item=item, ConditionExpression=condition, ExpressionAttributeValues=values, ExpressionAttributeNames=names
        )

    def update_item(
        self, key: Payload, update: str, *, values: Payload = None, names: Payload = None, condition: str | None = None
    ) -> Integration:
        """Update an item by an update expression."""
        return self._item(
            "updateItem",
            Key=key,
            UpdateExpression=update,
            ExpressionAttributeValues=values,
            ExpressionAttributeNames=names,
            ConditionExpression=condition,
        )

    def delete_item(self, key: Payload, *, condition: str | None = None, values: Payload = None) -> Integration:
        """Delete an item."""
        return self._item("deleteItem", Key=key, ConditionExpression=condition, ExpressionAttributeValues=values)

    def _item(self, action: str, **arguments: Payload) -> Integration:
        """Call one of the four optimised actions: https://docs.aws.amazon.com/step-functions/latest/dg/connect-ddb.html."""
        given = {k: v for k, v in arguments.items() if v is not None}
        return Integration(f"arn:aws:states:::dynamodb:{action}", {"TableName": self.table_name, **given})


@dataclass(frozen=True, eq=False)
class Topic(Resource):
    """An SNS topic."""

    KIND: ClassVar = kinds.TOPIC

    fifo: bool = field(default=False, kw_only=True)

    def publish(
        self, message: Payload = None, *, subject: Payload = None, attributes: Payload = None, group_id: Payload = None
    ) -> Integration:
        """Publish a message; by default the state's input. Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-sns.html."""
        arguments: dict[str, Payload] = {"TopicArn": self.arn, "Message": Expr(Root("input")) if message is None else message}
        optional = {"Subject": subject, "MessageAttributes": attributes, "MessageGroupId": group_id}
        return Integration("arn:aws:states:::sns:publish", arguments | {k: v for k, v in optional.items() if v is not None})


@dataclass(frozen=True, eq=False)
class Bucket(Resource):
    """An S3 bucket; what a Distributed Map reads from and writes to it stands in :mod:`generator.dsl.maps`."""

    KIND: ClassVar = kinds.BUCKET

    @property
    def bucket_name(self) -> Expr:
        """The bucket's full name."""
        return self.attribute(kinds.NAME)


@dataclass(frozen=True, eq=False)
class EventBus(Resource):
    """An EventBridge event bus."""

    KIND: ClassVar = kinds.EVENT_BUS

    @property
    def bus_name(self) -> Expr:
        """The event bus's full name."""
        return self.attribute(kinds.NAME)

    def put_event(self, detail_type: str, detail: Payload = None, *, source: str) -> Integration:
        """Send one event. Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html."""
        entry: dict[str, Payload] = {
            "Detail": Expr(Root("input")) if detail is None else detail,
            "DetailType": detail_type,
            "EventBusName": self.bus_name,
            "Source": source,
        }
        return Integration("arn:aws:states:::events:putEvents", {"Entries": [entry]})


@dataclass(frozen=True, eq=False)
class Activity(Resource):
    """Work that a worker polls for. Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-activities.html."""

    KIND: ClassVar = kinds.ACTIVITY

    def perform(self, payload: Payload = None) -> Integration:
        """Hand the work to a worker; by default the state's input."""
        return Integration(self.arn, payload)


@dataclass(frozen=True, eq=False)
class Startable(Resource):
    """What nested executions are started of: a workflow of this project, or a state machine that exists already."""

    KIND: ClassVar = kinds.STATE_MACHINE

    def start_execution(self, payload: Payload = None, *, name: Payload = None) -> Integration:
        """Start an execution and go on, without waiting for it to end.

        The parent's id goes along, so that the console links the two: a dict gets it as
        ``AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID``, anything else is merged with it.

        Args:
            payload: the input; by default the state's input.
            name: the execution's name, for idempotence; random by default.

        Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
        """
        return self._start("startExecution", None, payload, name)

    def run(self, payload: Payload = None, *, name: Payload = None) -> Integration:
        """Start an execution and wait for it (``.sync:2``); the step's output is the child's output.

        Args:
            payload: the input; by default the state's input.
            name: the execution's name, for idempotence; random by default.
        """
        return self._start("startExecution.sync:2", Expr(Root("result")).Output, payload, name)

    def run_express(self, payload: Payload = None) -> Integration:
        """Run an Express workflow and wait for it; the step's output is the child's output.

        It is a call of the SDK action ``sfn:startSyncExecution``, whose output is JSON text, which is read. Source:
        https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartSyncExecution.html
        """
        from generator.dsl import fn  # noqa: PLC0415  fn builds on expressions alone; here only this method needs it

        arguments = {"StateMachineArn": self.arn, "Input": with_parent_execution(payload)}
        return Integration("arn:aws:states:::aws-sdk:sfn:startSyncExecution", arguments, fn.parse_json(Expr(Root("result")).Output))

    def _start(self, action: str, output: Payload, payload: Payload, name: Payload) -> Integration:
        arguments = {"StateMachineArn": self.arn, "Input": with_parent_execution(payload)}
        return Integration(f"arn:aws:states:::states:{action}", arguments if name is None else {**arguments, "Name": name}, output)


@dataclass(frozen=True, eq=False)
class StateMachine(Startable):
    """A state machine that this project does not define."""
