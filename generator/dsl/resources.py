"""The resources of workflows: functions, queues, tables, topics, buckets, event buses, activities and state machines.

A resource is declared once, in ``workflows/resources.py``, with the permissions of the functions that use it. A declaration does
not contain ARNs: ``orders.arn`` becomes the placeholder ``${orders_arn}`` in the definition, which Terraform fills in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from generator.asl.placeholders import has_placeholder
from generator.catalog import resources as kinds
from generator.catalog.event_patterns import pattern_problem
from generator.diagnostics.model import did_you_mean
from generator.dsl import fn
from generator.dsl.declarations import Deployed, Grant, Resource, expect_key, identifier, within
from generator.dsl.expressions import Expr, Payload, operand
from generator.dsl.integrations import Integration, with_parent_execution
from generator.dsl.known import known_text
from generator.dsl.nodes import Root
from generator.dsl.refusals import NoText
from generator.dsl.source import AuthoringError, expect, expect_fields
from generator.dsl.triggers import EventRule

if TYPE_CHECKING:
    from typing import Unpack

    from generator.dsl.triggers import RuleOptions

_LONGEST_DESCRIPTION = 256  # https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
_ALIAS = re.compile(r"(?![0-9]+\Z)[A-Za-z0-9_-]{1,80}")
"""What both Lambda (1 to 128 characters) and Step Functions (1 to 80, and further characters) accept.

Sources: https://docs.aws.amazon.com/lambda/latest/api/API_CreateAlias.html and
https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachineAlias.html
"""
_VARIABLE = re.compile(r"[a-zA-Z][a-zA-Z0-9_]+")  # https://docs.aws.amazon.com/lambda/latest/api/API_Environment.html


@dataclass(frozen=True, eq=False)
class Trigger(NoText):
    """An event source mapping: a function that consumes a queue.

    Attributes:
        queue: the source of the messages.
        batch_size: the most messages of one invocation, 1 to 10,000.
        maximum_batching_window_seconds: the longest wait for a full batch, 0 to 300 seconds.
        report_batch_item_failures: whether the handler returns the messages that failed.
        filters: patterns of the messages that the function gets, such as ``{"body": {"kind": ["order"]}}``; Lambda deletes a
            message that matches none. All messages, if there is none.
    """

    queue: Queue
    batch_size: int = 10
    maximum_batching_window_seconds: int = 0
    report_batch_item_failures: bool = True
    filters: Sequence[Mapping[str, Any]] = ()

    def __post_init__(self) -> None:
        """Check the limits of Lambda: https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html."""
        expect(self.queue, Queue, "the queue of a trigger", "a Queue")
        expect_fields(self)
        within(self.batch_size, 1, 10_000, "batch_size of a trigger")
        within(self.maximum_batching_window_seconds, 0, 300, "maximum_batching_window_seconds of a trigger")
        # https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html: five, and more on request
        within(len(self.filters), 0, 10, "the number of filters of a trigger")
        for pattern in self.filters:
            problem = pattern_problem(pattern)
            if problem is not None:
                raise AuthoringError("a filter of a trigger is invalid", found=problem.found, expected=problem.expected)


def _check_alias(alias: str | None, name: str) -> None:
    if alias is not None and not _ALIAS.fullmatch(alias):
        raise AuthoringError(
            f"the alias of {name!r} is invalid", found=repr(alias), expected="1 to 80 letters, digits, '-' and '_', and not digits alone"
        )


@dataclass(frozen=True, eq=False)
class Function(Deployed):
    """A Lambda function.

    Args:
        folder: the folder of its ``handler.py``; by default ``functions/<name with _>``.
        handler: module and function in that folder.
        runtime: the identifier of the runtime, such as ``python3.13``.
        architecture: the instruction set: arm64, or x86_64.
        timeout_seconds: the longest duration of an invocation, 1 to 900 seconds.
        memory_mb: the memory, 128 to 10240 MB.
        environment: variables; a value may be a reference such as ``orders.table_name``, or ``fn.format`` of references.
        uses: its permissions for other resources.
        triggers: the queues that it consumes.
        reserved_concurrency: the most invocations at the same time; None for no own limit.
        log_retention_days: how long CloudWatch keeps the log; 0 for ever.
        alias: the alias that callers use, which deployment creates, such as ``live``; None to call the latest code. The roles of
            callers allow this alias and nothing else.
        description: the purpose of the function, up to 256 characters.
        result: the model of its result: a pydantic model, a dataclass, a TypedDict or another type. Paths into the result are checked
            against it; nothing is generated from it.

    >>> validator = Function("validator", timeout_seconds=10)
    >>> validator.invoke({"order": 1}).resource
    'arn:aws:states:::lambda:invoke'
    """

    KIND: ClassVar = kinds.FUNCTION

    folder: str = field(default="", kw_only=True)
    handler: str = field(default="handler.handler", kw_only=True)
    runtime: str = field(default="python3.13", kw_only=True)
    architecture: Literal["arm64", "x86_64"] = field(default="arm64", kw_only=True)
    timeout_seconds: int = field(default=30, kw_only=True)
    memory_mb: int = field(default=256, kw_only=True)
    environment: Mapping[str, str | Expr] = field(default_factory=dict, kw_only=True)
    uses: Sequence[Grant] = field(default=(), kw_only=True)
    triggers: Sequence[Trigger] = field(default=(), kw_only=True)
    reserved_concurrency: int | None = field(default=None, kw_only=True)
    log_retention_days: int = field(default=30, kw_only=True)
    alias: str | None = field(default=None, kw_only=True)
    description: str = field(default="", kw_only=True)
    result: Any = field(default=None, kw_only=True)

    @cached_property
    def result_schema(self) -> dict[str, Any] | None:
        """The JSON Schema of the result as it is serialized; None if no model is declared.

        Raises:
            Exception: the model has no JSON Schema; a model can raise any exception.
        """
        from pydantic import TypeAdapter

        return None if self.result is None else TypeAdapter(self.result).json_schema(mode="serialization")

    def __post_init__(self) -> None:
        """Check the limits of Lambda, and set the default folder.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
        """
        super().__post_init__()
        expect(self.uses, (list, tuple), f"uses of {self.name!r}", '[table.allow("GetItem", …)]')
        expect(self.triggers, (list, tuple), f"triggers of {self.name!r}", "[queue.trigger(…)]")
        for use in self.uses:
            expect(use, Grant, f"uses of {self.name!r}", 'table.allow("GetItem", …)')
        for trigger in self.triggers:
            expect(trigger, Trigger, f"triggers of {self.name!r}", "queue.trigger(…)")
            # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-queueconfig
            if self.timeout_seconds > trigger.queue.visibility_timeout_seconds:
                raise AuthoringError(
                    f"the timeout of {self.name!r} is longer than the visibility timeout of the queue {trigger.queue.name!r}",
                    found=f"{self.timeout_seconds} and {trigger.queue.visibility_timeout_seconds} seconds",
                    expected="at most the visibility timeout; AWS advises a sixth of it",
                )
        expect(self.environment, Mapping, f"environment of {self.name!r}", '{"NAME": value}')
        for name, value in self.environment.items():
            if not _VARIABLE.fullmatch(str(name)):
                raise AuthoringError(
                    f"environment of {self.name!r} has an invalid name",
                    found=repr(name),
                    expected="a letter, then letters, digits and '_', two characters or more",
                )
            expect(value, (str, Expr), f"{name} in the environment of {self.name!r}", "text, or a reference such as orders.table_name")
            if isinstance(value, str) and has_placeholder(value):
                raise AuthoringError(
                    f"${{…}} in the environment of {self.name!r} is not a reference",
                    found=f"{name}: {value!r}"[:80],
                    expected="a reference such as orders.table_name, or fn.format(…) with references",
                    hint=f'for this very text write literal("{value}")'[:80],
                    code="SFN821",
                )
            if known_text(operand(value)) is None:
                raise AuthoringError(
                    f"{name} in the environment of {self.name!r} must be known at deployment",
                    found=repr(value)[:80],
                    expected="text, a reference such as orders.table_name, or fn.format(…) of these",
                )
        if self.log_retention_days not in kinds.RETENTION_DAYS:
            raise AuthoringError(
                f"CloudWatch Logs does not have the log_retention_days of {self.name!r}",
                found=f"{self.log_retention_days} days",
                expected=f"one of {', '.join(map(str, kinds.RETENTION_DAYS))}; 0 for ever",
            )
        _check_alias(self.alias, self.name)
        if self.reserved_concurrency is not None and self.reserved_concurrency < 0:
            raise AuthoringError(f"reserved_concurrency of {self.name!r} must be 0 or more", found=str(self.reserved_concurrency))
        if len(self.description) > _LONGEST_DESCRIPTION:
            raise AuthoringError(
                f"description of {self.name!r} is too long for Lambda",
                found=f"{len(self.description)} characters",
                expected=f"at most {_LONGEST_DESCRIPTION}",
            )
        within(self.timeout_seconds, 1, 900, f"timeout_seconds of {self.name!r}", " seconds")
        within(self.memory_mb, 128, 10_240, f"memory_mb of {self.name!r}", " MB")
        if not self.folder:
            object.__setattr__(self, "folder", f"functions/{identifier(self.name)}")

    def related(self) -> Iterator[Resource]:
        """Yield what the environment and the permissions name, and the queues that it consumes."""
        yield from super().related()
        yield from (trigger.queue for trigger in self.triggers)

    def invoke(self, payload: Payload = None, *, qualifier: str | None = None, asynchronous: bool = False) -> Integration:
        """Call the function; the step's output is its return value (``$states.result.Payload``).

        In JSONPath, a step with ``result_path`` stores the return value there, too. Since the result of ``lambda:invoke`` also has
        the status of the call, the ``Resource`` of such a step is the ARN of the function, whose result is the return value.

        Args:
            payload: the event; by default the state's input.
            qualifier: a version or alias; by default the declared alias.
            asynchronous: do not wait for the result (``InvocationType: Event``).

        Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
        """
        arguments: dict[str, Payload] = {"FunctionName": self.named, "Payload": Expr(Root("input")) if payload is None else payload}
        qualifier = self.alias if qualifier is None else qualifier
        if qualifier is not None:
            arguments["Qualifier"] = qualifier
        if asynchronous:
            arguments["InvocationType"] = "Event"
            return Integration("arn:aws:states:::lambda:invoke", arguments)
        alone = Integration(self._aliased(qualifier), payload)
        return Integration("arn:aws:states:::lambda:invoke", arguments, Expr(Root("result")).Payload, alone)


@dataclass(frozen=True, eq=False)
class Queue(Deployed):
    """An SQS queue.

    Args:
        visibility_timeout_seconds: how long a received message is hidden, 0 to 43200 seconds; AWS advises six times the timeout
            of the consumer.
        retention_seconds: how long messages are kept, 60 to 1209600 seconds (14 days).
        dead_letter: the queue for messages that failed too often.
        max_receive_count: how often a message is received before it is moved to ``dead_letter``, 1 to 1000; by default 3 times.
        fifo: whether it is a FIFO queue.
        key: the KMS key that encrypts it: an ARN, an alias such as ``alias/orders``, or a placeholder of an ARN. Roles that
            read or write it may use the key, too. By default the key is one of AWS, which needs no permission.
    """

    KIND: ClassVar = kinds.QUEUE

    visibility_timeout_seconds: int = field(default=30, kw_only=True)
    retention_seconds: int = field(default=1_209_600, kw_only=True)
    dead_letter: Queue | None = field(default=None, kw_only=True)
    max_receive_count: int | None = field(default=None, kw_only=True)
    fifo: bool = field(default=False, kw_only=True)
    key: Expr | str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Check the limits of SQS: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html."""
        super().__post_init__()
        expect(self.dead_letter, (Queue, type(None)), f"dead_letter of {self.name!r}", "a Queue")
        within(self.visibility_timeout_seconds, 0, 43_200, f"visibility_timeout_seconds of {self.name!r}")
        within(self.retention_seconds, 60, 1_209_600, f"retention_seconds of {self.name!r}")
        if self.dead_letter is not None and self.max_receive_count is None:
            object.__setattr__(self, "max_receive_count", 3)
        if self.max_receive_count is not None:
            within(self.max_receive_count, 1, 1000, f"max_receive_count of {self.name!r}")
            if self.dead_letter is None:
                raise AuthoringError(
                    f"max_receive_count of {self.name!r} has no effect",
                    found=f"max_receive_count={self.max_receive_count} without dead_letter",
                    expected="dead_letter=…, the queue that messages are moved to",
                )
        expect_key(self.key, self.name)

    @property
    def encryption(self) -> Expr | str | None:
        """The KMS key that encrypts it; None if the key is one of AWS."""
        return self.key

    @property
    def url(self) -> Expr:
        """The URL."""
        return self.attribute(kinds.URL)

    def trigger(
        self,
        *,
        batch_size: int = 10,
        maximum_batching_window_seconds: int = 0,
        report_batch_item_failures: bool = True,
        filters: Sequence[Mapping[str, Any]] = (),
    ) -> Trigger:
        """Return a trigger, with which a function consumes the queue: ``triggers=[order_queue.trigger(batch_size=1)]``.

        Args:
            batch_size: the most messages of one invocation, 1 to 10,000.
            maximum_batching_window_seconds: the longest wait for a full batch, 0 to 300 seconds.
            report_batch_item_failures: whether the handler returns the messages that failed.
            filters: patterns of the messages that the function gets, of which one must match. Lambda deletes the other messages.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html

        >>> Queue("jobs").trigger(filters=[{"body": {"kind": ["order"]}}]).filters
        [{'body': {'kind': ['order']}}]
        """
        return Trigger(self, batch_size, maximum_batching_window_seconds, report_batch_item_failures, filters)

    def send_message(
        self,
        body: Payload = None,
        *,
        group_id: Payload = None,
        deduplication_id: Payload = None,
        delay_seconds: int | None = None,
        attributes: Payload = None,
    ) -> Integration:
        """Send a message; Step Functions converts an object to JSON text.

        Args:
            body: the message; by default the state's input.
            group_id: the message group (FIFO queues).
            deduplication_id: the deduplication id (FIFO queues).
            delay_seconds: how long the message is hidden at first.
            attributes: the message attributes, in the format of SQS.

        Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-sqs.html
        """
        arguments: dict[str, Payload] = {"QueueUrl": self.named, "MessageBody": Expr(Root("input")) if body is None else body}
        optional = {
            "MessageGroupId": group_id,
            "MessageDeduplicationId": deduplication_id,
            "DelaySeconds": delay_seconds,
            "MessageAttributes": attributes,
        }
        return Integration("arn:aws:states:::sqs:sendMessage", arguments | {k: v for k, v in optional.items() if v is not None})


@dataclass(frozen=True, eq=False)
class Key:
    """An attribute of the key of a table: its name and type (S, N or B)."""

    name: str
    type: Literal["S", "N", "B"] = "S"

    def __post_init__(self) -> None:
        """Check the type of the key."""
        expect_fields(self)


@dataclass(frozen=True, eq=False)
class Table(Deployed):
    """A DynamoDB table.

    Args:
        key: the partition key, or its name if it is a string.
        sort_key: the sort key, if there is one.
        ttl_attribute: the attribute with the time to live, if there is one.
    """

    KIND: ClassVar = kinds.TABLE

    key: Key | str = field(default="id", kw_only=True)
    sort_key: Key | str | None = field(default=None, kw_only=True)
    ttl_attribute: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Check the types of the keys. A key that is given by its name is a string."""
        super().__post_init__()
        expect(self.key, (Key, str), f"key of {self.name!r}", 'the name of an attribute, or Key("number", "N")')
        expect(self.sort_key, (Key, str, type(None)), f"sort_key of {self.name!r}", 'the name of an attribute, or Key("number", "N")')
        for name, key in (("key", self.key), ("sort_key", self.sort_key)):
            if isinstance(key, str):
                object.__setattr__(self, name, Key(key))

    @property
    def table_name(self) -> Expr:
        """The full name of the table."""
        return self.attribute(kinds.NAME)

    def get_item(self, key: Payload, *, consistent_read: bool | None = None) -> Integration:
        """Read an item; the result is ``{"Item": …}`` in DynamoDB JSON.

        Args:
            key: the key in DynamoDB JSON, such as ``{"order_id": {"S": states.input.order_id}}``.
            consistent_read: whether earlier writes are certain to be seen.
        """
        return self._item("getItem", Key=key, ConsistentRead=consistent_read)

    def put_item(self, item: Payload, *, condition: str | None = None, values: Payload = None, names: Payload = None) -> Integration:
        """Write an item, which replaces one with the same key.

        Args:
            item: the item in DynamoDB JSON.
            condition: a condition expression; if it is false, the call fails with ``DynamoDB.ConditionalCheckFailedException``.
            values: the values of placeholders such as ``:total`` in expressions.
            names: the names of placeholders such as ``#status`` in expressions.
        """
        return self._item(
            "putItem", Item=item, ConditionExpression=condition, ExpressionAttributeValues=values, ExpressionAttributeNames=names
        )

    def update_item(
        self, key: Payload, update: str, *, values: Payload = None, names: Payload = None, condition: str | None = None
    ) -> Integration:
        """Update an item, or create it.

        Args:
            key: the key in DynamoDB JSON.
            update: the update expression, such as ``SET paid = :paid``.
            values: the values of placeholders such as ``:paid`` in expressions.
            names: the names of placeholders such as ``#status`` in expressions.
            condition: a condition expression; if it is false, the call fails with ``DynamoDB.ConditionalCheckFailedException``.
        """
        return self._item(
            "updateItem",
            Key=key,
            UpdateExpression=update,
            ExpressionAttributeValues=values,
            ExpressionAttributeNames=names,
            ConditionExpression=condition,
        )

    def delete_item(self, key: Payload, *, condition: str | None = None, values: Payload = None) -> Integration:
        """Delete an item.

        Args:
            key: the key in DynamoDB JSON.
            condition: a condition expression; if it is false, the call fails with ``DynamoDB.ConditionalCheckFailedException``.
            values: the values of placeholders such as ``:total`` in the expression.
        """
        return self._item("deleteItem", Key=key, ConditionExpression=condition, ExpressionAttributeValues=values)

    def _item(self, action: str, **arguments: Payload) -> Integration:
        """Call one of the four optimised actions: https://docs.aws.amazon.com/step-functions/latest/dg/connect-ddb.html."""
        given = {k: v for k, v in arguments.items() if v is not None}
        return Integration(f"arn:aws:states:::dynamodb:{action}", {"TableName": self.named, **given})


@dataclass(frozen=True, eq=False)
class Topic(Deployed):
    """An SNS topic.

    Args:
        fifo: whether it is a FIFO topic.
        key: the KMS key that encrypts it: an ARN, an alias such as ``alias/orders``, or a placeholder of an ARN. Roles that
            read or write it may use the key, too. By default the key is one of AWS, which needs no permission.
    """

    KIND: ClassVar = kinds.TOPIC

    fifo: bool = field(default=False, kw_only=True)
    key: Expr | str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Check the form of the key."""
        super().__post_init__()
        expect_key(self.key, self.name)

    @property
    def encryption(self) -> Expr | str | None:
        """The KMS key that encrypts it; None if the key is one of AWS."""
        return self.key

    def publish(
        self, message: Payload = None, *, subject: Payload = None, attributes: Payload = None, group_id: Payload = None
    ) -> Integration:
        """Publish a message.

        Args:
            message: the message: text, or an object that becomes JSON text; by default the state's input.
            subject: the subject of mails.
            attributes: the message attributes, in the format of SNS.
            group_id: the message group (FIFO topics).

        Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-sns.html
        """
        arguments: dict[str, Payload] = {"TopicArn": self.named, "Message": Expr(Root("input")) if message is None else message}
        optional = {"Subject": subject, "MessageAttributes": attributes, "MessageGroupId": group_id}
        return Integration("arn:aws:states:::sns:publish", arguments | {k: v for k, v in optional.items() if v is not None})


@dataclass(frozen=True, eq=False)
class Bucket(Deployed):
    """An S3 bucket; :mod:`generator.dsl.maps` has the readers and writers of a Distributed Map.

    Args:
        event_bridge: whether S3 sends the bucket's events to EventBridge, as :meth:`on_created` needs.
        key: the KMS key that encrypts it: an ARN, an alias such as ``alias/orders``, or a placeholder of an ARN. Roles that
            read or write it may use the key, too. By default the key is one of AWS, which needs no permission.
    """

    KIND: ClassVar = kinds.BUCKET

    event_bridge: bool = field(default=False, kw_only=True)
    key: Expr | str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Check the form of the key."""
        super().__post_init__()
        expect_key(self.key, self.name)

    @property
    def encryption(self) -> Expr | str | None:
        """The KMS key that encrypts it; None if the key is one of AWS."""
        return self.key

    @property
    def bucket_name(self) -> Expr:
        """The full name of the bucket."""
        return self.attribute(kinds.NAME)

    def on_created(self, prefix: str = "", suffix: str = "", **options: Unpack[RuleOptions]) -> EventRule:
        """Return a trigger that starts a workflow for each new object: ``triggers=[imports.on_created(prefix="in/")]``.

        Args:
            prefix: the beginning of the object's key.
            suffix: the end of the object's key.
            options: ``input``, ``name``, ``dead_letter`` and the other options of :class:`EventRule`.

        >>> Bucket("imports", event_bridge=True).on_created(prefix="in/", suffix=".csv").pattern["detail"]["object"]
        {'key': [{'wildcard': 'in/*.csv'}]}
        """
        return self.on("Object Created", prefix=prefix, suffix=suffix, **options)

    def on(self, *events: str, prefix: str = "", suffix: str = "", **options: Unpack[RuleOptions]) -> EventRule:
        """Return a trigger that starts a workflow for events of the bucket: ``imports.on("Object Deleted", prefix="in/")``.

        Args:
            events: the kinds of events, as EventBridge names them; all if there is none.
            prefix: the beginning of the object's key.
            suffix: the end of the object's key.
            options: ``input``, ``name``, ``dead_letter`` and the other options of :class:`EventRule`.

        Raises:
            AuthoringError: the bucket does not send its events to EventBridge, or there is no such kind (SFN831).

        Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html
        """
        if not self.event_bridge:
            raise AuthoringError(
                f"the bucket {self.name!r} does not send its events to EventBridge",
                found=f"Bucket({self.name!r})",
                expected=f"Bucket({self.name!r}, event_bridge=True)",
                code=EventRule.CODE,
            )
        for event in events:
            if event not in kinds.BUCKET_EVENTS:
                raise AuthoringError(
                    "an unknown kind of event of a bucket",
                    found=repr(event),
                    expected="one of " + ", ".join(kinds.BUCKET_EVENTS),
                    hint=did_you_mean(str(event), kinds.BUCKET_EVENTS),
                    code=EventRule.CODE,
                )
        pattern: dict[str, Any] = {"source": ["aws.s3"], "detail-type": [*events], "detail": {"bucket": {"name": [self.bucket_name]}}}
        if not events:
            del pattern["detail-type"]
        if key := _key_filter(prefix, suffix):
            pattern["detail"]["object"] = {"key": [key]}
        options.setdefault("name", self.name)
        return EventRule(pattern, **options)


def _key_filter(prefix: str, suffix: str) -> dict[str, str]:
    """Return the operator for a key. In a wildcard a backslash escapes; a rule has no other operator for both ends."""
    if prefix and suffix:
        start, end = (re.sub(r"([\\*])", r"\\\1", text) for text in (prefix, suffix))
        return {"wildcard": f"{start}*{end}"}
    return {"prefix": prefix} if prefix else {"suffix": suffix} if suffix else {}


@dataclass(frozen=True, eq=False)
class EventBus(Deployed):
    """An EventBridge event bus."""

    KIND: ClassVar = kinds.EVENT_BUS

    @property
    def bus_name(self) -> Expr:
        """The full name of the event bus."""
        return self.attribute(kinds.NAME)

    def put_event(self, detail_type: str, detail: Payload = None, *, source: str) -> Integration:
        """Send one event.

        Args:
            detail_type: the type of the event, such as ``OrderPlaced``.
            detail: the data of the event; by default the state's input.
            source: the sender, such as ``shop.orders``.

        Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html
        """
        entry: dict[str, Payload] = {
            "Detail": Expr(Root("input")) if detail is None else detail,
            "DetailType": detail_type,
            "EventBusName": self.named,
            "Source": source,
        }
        return Integration("arn:aws:states:::events:putEvents", {"Entries": [entry]})


@dataclass(frozen=True, eq=False)
class Activity(Deployed):
    """An activity: work that a worker polls for. Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-activities.html."""

    KIND: ClassVar = kinds.ACTIVITY

    def perform(self, payload: Payload = None) -> Integration:
        """Send work to a worker, and wait for its result.

        Args:
            payload: the input of the work; by default the state's input.
        """
        return Integration(self.arn, payload)


@dataclass(frozen=True, eq=False)
class Startable(Resource):
    """A state machine whose executions can be started: a workflow of this project, or an existing state machine."""

    KIND: ClassVar = kinds.STATE_MACHINE

    @property
    def start_arn(self) -> Expr:
        """The ARN by which executions are started: the ARN of the alias if one is declared, otherwise the ARN of the state machine.

        >>> from generator.dsl.expressions import operand
        >>> from generator.dsl.known import known_text
        >>> known_text(operand(StateMachine("orders", alias="live").start_arn))
        '${orders_arn}:live'
        """
        return self._aliased(getattr(self, "alias", None))

    def start_execution(self, payload: Payload = None, *, name: Payload = None) -> Integration:
        """Start an execution without waiting for its end.

        The id of the parent's execution is added to the input as ``AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID``, so that the
        console links the two executions.

        Args:
            payload: the input; by default the state's input.
            name: the execution's name, for idempotence; random by default.

        Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
        """
        return self._start("startExecution", None, payload, name)

    def run(self, payload: Payload = None, *, name: Payload = None) -> Integration:
        """Start an execution and wait for it (``.sync:2``); the step's output is the child's output.

        In JSONPath, a step with ``result_path`` stores ``{"Output": …}`` there: what it stores is the whole result, of which
        ``ResultSelector`` can leave out members, but cannot select one.

        Args:
            payload: the input; by default the state's input.
            name: the execution's name, for idempotence; random by default.
        """
        return self._start("startExecution.sync:2", Expr(Root("result")).Output, payload, name)

    def run_express(self, payload: Payload = None) -> Integration:
        """Run an Express workflow and wait for it; the step's output is the child's output.

        Args:
            payload: the input; by default the state's input.

        This is a call of the SDK action ``sfn:startSyncExecution``. Its output is JSON text, which is parsed. Source:
        https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartSyncExecution.html
        """
        arguments = {"StateMachineArn": self.start_arn, "Input": with_parent_execution(payload)}
        return Integration("arn:aws:states:::aws-sdk:sfn:startSyncExecution", arguments, fn.parse_json(Expr(Root("result")).Output))

    def _start(self, action: str, output: Payload, payload: Payload, name: Payload) -> Integration:
        arguments = {"StateMachineArn": self.start_arn, "Input": with_parent_execution(payload)}
        return Integration(f"arn:aws:states:::states:{action}", arguments if name is None else {**arguments, "Name": name}, output)


@dataclass(frozen=True, eq=False)
class StateMachine(Startable, Deployed):
    """A state machine that is named and not defined here: an existing one, or a workflow of this project.

    Args:
        alias: the alias by which executions are started, such as ``live``; None to start the latest definition. The roles of
            callers allow this alias and nothing else.

    Raises:
        AuthoringError: the alias is not a name that AWS accepts.
    """

    alias: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Check the alias."""
        super().__post_init__()
        _check_alias(self.alias, self.name)
