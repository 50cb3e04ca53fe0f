"""Event source mappings: functions that consume queues, as Lambda's pollers do it.

The messages are those of the queue itself, in moto: how often one was received, when it is visible again and when it goes to
the dead-letter queue is what the queue says.

Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from __future__ import annotations

import json
import math
import threading
import time
from typing import TYPE_CHECKING, Any, Final

from generator.engine import FunctionError
from generator.engine.definitions import REGION
from generator.local.triggers import matches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from generator.dsl.resources import Trigger

_RECEIVED_AT_ONCE: Final = 10
"""The most messages that one call of ReceiveMessage returns."""
_PATIENCE_SECONDS: Final = 0.25
"""How often a poller looks for messages that have become visible without a call."""


def sqs_event(messages: Iterable[dict[str, Any]], queue_arn: str) -> dict[str, Any]:
    """Return the event of a batch, for messages as ReceiveMessage returns them.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
    """
    return {
        "Records": [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message["Attributes"],
                "messageAttributes": {name: _attribute(value) for name, value in message.get("MessageAttributes", {}).items()},
                "md5OfBody": message["MD5OfBody"],
                "eventSource": "aws:sqs",
                "eventSourceARN": queue_arn,
                "awsRegion": REGION,
            }
            for message in messages
        ]
    }


def _attribute(value: dict[str, Any]) -> dict[str, Any]:
    written = {name[0].lower() + name[1:]: each for name, each in value.items()}
    return {**written, "stringListValues": [], "binaryListValues": []}


def failed_messages(answer: Any, ids: Iterable[str], *, reports: bool) -> set[str]:
    """Return the ids of the messages that go back to the queue.

    A report that names an unknown message, or that cannot be read, fails the whole batch.

    Args:
        answer: what the handler returned.
        ids: the ids of the batch.
        reports: whether the mapping lets the handler report failures; without, an answer is a success.

    >>> failed_messages({"batchItemFailures": [{"itemIdentifier": "a"}]}, ["a", "b"], reports=True)
    {'a'}
    >>> sorted(failed_messages({"batchItemFailures": [{"itemIdentifier": ""}]}, ["a", "b"], reports=True))
    ['a', 'b']
    >>> failed_messages(None, ["a", "b"], reports=True)
    set()

    Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
    """
    every = set(ids)
    failures = answer.get("batchItemFailures") if isinstance(answer, dict) else None
    if not reports or not failures:
        return set()
    try:
        named = {failure["itemIdentifier"] for failure in failures}
    except (TypeError, KeyError):
        return every
    return named if every.issuperset(named) else every


def is_wanted(body: str, filters: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether a message matches one of the filters of a mapping, or there are none.

    A filter for JSON does not match a body that is not a JSON object, and a filter for text does not match one that is.

    >>> is_wanted('{"kind": "order"}', [{"body": {"kind": ["order"]}}]), is_wanted("order", [{"body": {"kind": ["order"]}}])
    (True, False)

    Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html
    """
    if not filters:
        return True
    try:
        parsed = json.loads(body)
    except ValueError:
        parsed = None
    content = parsed if isinstance(parsed, dict) else body
    return any(isinstance(content, str) is not isinstance(each.get("body"), dict) and matches(each, {"body": content}) for each in filters)


class EventSourceMapping:
    """One function that consumes one queue."""

    def __init__(
        self,
        trigger: Trigger,
        function: str,
        queue: tuple[str, str],
        *,
        sqs: Any,
        invoke: Callable[[str, Any], Any],
        deleted: Callable[[], bool] = lambda: True,
    ) -> None:
        """Create it.

        Args:
            trigger: what is declared.
            function: the name of the function.
            queue: the URL and the ARN of the queue.
            sqs: the boto3 client of the poller.
            invoke: calls a function by its name with an event; raises FunctionError.
            deleted: asked before a processed message is deleted, for tests in which the deletion fails.
        """
        self.trigger = trigger
        self.function = function
        self.url, self.arn = queue
        self.sqs = sqs
        self.invoke = invoke
        self.deleted = deleted

    def receive(self, batch_size: int) -> list[dict[str, Any]]:
        """Return the next messages, up to a number."""
        found: list[dict[str, Any]] = []
        while len(found) < batch_size:
            most = min(_RECEIVED_AT_ONCE, batch_size - len(found))
            answer = self.sqs.receive_message(
                QueueUrl=self.url, MaxNumberOfMessages=most, AttributeNames=["All"], MessageAttributeNames=["All"]
            )
            messages = answer.get("Messages", [])
            found += messages
            if len(messages) < most:
                break
        return found

    def process(self, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Invoke the function with a batch, and delete what was processed. Return the messages that go back to the queue.

        A message that no filter matches is deleted, too, and the function does not see it.
        """
        wanted = [message for message in messages if is_wanted(message["Body"], self.trigger.filters)]
        for message in messages if len(wanted) < len(messages) else ():
            if message not in wanted and self.deleted():
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return self._invoke(wanted) if wanted else []

    def _invoke(self, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        ids = [message["MessageId"] for message in messages]
        try:
            answer = self.invoke(self.function, sqs_event(messages, self.arn))
        except FunctionError:
            return messages
        failed = failed_messages(answer, ids, reports=self.trigger.report_batch_item_failures)
        for message in messages:
            if message["MessageId"] not in failed and self.deleted():
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return [message for message in messages if message["MessageId"] in failed]

    def hide(self, messages: Iterable[dict[str, Any]], seconds: int) -> None:
        """Let messages be visible again after some seconds."""
        for message in messages:
            self.sqs.change_message_visibility(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=seconds)


class Poller:
    """The thread that serves a mapping.

    Attributes:
        bell: to ring when a queue may have a new message.
    """

    def __init__(
        self, mapping: EventSourceMapping, *, speed: float, ready: Callable[[], bool], report: Callable[[str, int, int], None]
    ) -> None:
        """Create it; :meth:`start` starts the thread.

        Args:
            mapping: the mapping.
            speed: how much faster than real time the clock is; infinite for virtual time, in which a message that failed is
                visible again at once.
            ready: returns whether the queue has a message that can be received, to ask often and receive seldom.
            report: called after each batch with the name of the function, and the numbers of messages and failed messages.
        """
        self.mapping = mapping
        self.bell = threading.Event()
        self._speed = speed
        self._ready = ready
        self._report = report
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name=f"poller of {mapping.function}", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after the batch that is being processed; :meth:`join` waits for it."""
        self._stopped = True
        self.bell.set()

    def join(self, seconds: float) -> None:
        """Wait until the thread has ended, or some seconds have passed."""
        self._thread.join(seconds)

    def _run(self) -> None:
        trigger = self.mapping.trigger
        # A function takes its time on a fast clock, too. So the timeout is the declared one while it runs, and shorter after a failure.
        again = math.ceil(trigger.queue.visibility_timeout_seconds / self._speed)
        while not self._stopped:
            self.bell.clear()
            batch = self.mapping.receive(trigger.batch_size) if self._ready() else []
            if not batch:
                self.bell.wait(_PATIENCE_SECONDS)
                continue
            end = time.monotonic() + trigger.maximum_batching_window_seconds / self._speed
            while len(batch) < trigger.batch_size and (left := end - time.monotonic()) > 0:
                self.bell.wait(min(left, _PATIENCE_SECONDS))
                self.bell.clear()
                batch += self.mapping.receive(trigger.batch_size - len(batch))
            failed = self.mapping.process(batch)
            if failed and self._speed != 1:
                self.mapping.hide(failed, again)
            self._report(self.mapping.function, len(batch), len(failed))
