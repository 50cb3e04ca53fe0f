"""DOFS on a virtual clock, with what AWS would publish about it: executions, queues, functions and the API.

Nothing here is made up: each value is counted from what happens in the run. Queues have their real timeouts, and time passes in
steps of half a minute. An outage changes what a part does, never a metric.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from contextlib import redirect_stdout
from threading import Event
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from generator.engine import FunctionError
from tests.support.cloudwatch import Metrics
from tests.support.dofs import ORDER, PREFIX, PROJECT, Crash, Dofs

if TYPE_CHECKING:
    import pytest

STEP = 30
START = 1_800_000_000
_FINAL = {
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
}
_POISON_RECEIVES = 3
"""From how many receives on a message does not count for the age of the oldest one. Source: ``ApproximateAgeOfOldestMessage`` in
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html"""

DECLARED = json.loads((PROJECT / "build" / "resources.json").read_text())


class Outage(Dofs):
    """An environment that is watched for some minutes.

    Attributes:
        published: the metrics.
        crashing: functions that end in the middle of an invocation.
        throttled: functions that Lambda does not start.
        stopped: functions whose event source mappings are disabled.
        denied: who may not call what, such as ``("order-storage", "PutItem")``.
        transitions: state transitions that Step Functions makes in a step before it throttles.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Start healthy."""
        self.now = START
        self.published = Metrics()
        self.crashing: set[str] = set()
        self._crash_once = ""
        self.throttled: set[str] = set()
        self.stopped: set[str] = set()
        self.denied: set[tuple[str, str]] = set()
        self.transitions = 1_000_000
        self._seen: set[str] = set()
        self._receipts: dict[str, str] = {}
        self._queued: dict[str, tuple[int, int]] = {}
        monkeypatch.setattr("moto.sqs.models.unix_time_millis", lambda *_: self.now * 1000)
        monkeypatch.setattr("moto.sqs.models.unix_time", lambda *_: self.now)
        super().__init__(monkeypatch)
        for name, url in self.queues.items():
            seconds = str(DECLARED["queue"][name]["visibility_timeout_seconds"])
            self.admin("sqs").set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": seconds})

    # --- what is published ------------------------------------------------------------------------------------------

    def _put(self, namespace: str, name: str, value: float, **dimensions: str) -> None:
        self.published.put(namespace, name, dimensions, value, self.now)

    def client(self, caller: str, service: str) -> Any:
        """Return a client whose calls can be denied, and whose messages are counted."""
        known = (caller, service) in self._clients
        client = super().client(caller, service)
        if not known:
            client.meta.events.register_first("before-call.*.*", lambda model, **_: self._deny(caller, model.name))
            client.meta.events.register("after-call.sqs.*", self._count_messages)
        return client

    def _deny(self, caller: str, operation: str) -> None:
        if (caller, operation) in self.denied:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "not authorized"}}, operation)

    def poller(self, function: str) -> Any:
        """Return the client that polls a queue, whose messages are counted."""
        known = function in self._pollers
        client = super().poller(function)
        if not known:
            client.meta.events.register("provide-client-params.*.*", self._remember)
            client.meta.events.register("after-call.sqs.*", self._count_messages)
        return client

    def _count_messages(self, model: Any, parsed: dict[str, Any], **_: Any) -> None:
        queue = next((name for name, url in self.queues.items() if url == self._parameters.get("QueueUrl")), "")
        received = parsed.get("Messages", [])
        metric, count = {
            "SendMessage": ("NumberOfMessagesSent", 1),
            "ReceiveMessage": ("NumberOfMessagesReceived", len(received)),
            "DeleteMessage": ("NumberOfMessagesDeleted", 1),
        }.get(model.name, ("", 0))
        if queue and count:
            self._put("AWS/SQS", metric, count, QueueName=f"{PREFIX}-{queue}")
        if queue == "order-queue" and model.name == "SendMessage":
            self._queued[parsed["MessageId"]] = (self.now, 0)
        elif queue == "order-queue" and model.name == "DeleteMessage":
            self._queued.pop(self._receipts[self._parameters["ReceiptHandle"]], None)
        for message in received:
            if queue == "order-queue":
                self._receipts[message["ReceiptHandle"]] = message["MessageId"]
                sent, receives = self._queued[message["MessageId"]][0], message["Attributes"]["ApproximateReceiveCount"]
                self._queued[message["MessageId"]] = (sent, int(receives))
            else:
                self._queued.pop(message["MessageId"], None)

    def invoke(self, function: str, event: Any, context: Any) -> Any:
        """Invoke a function, or do to it what the outage does. Count it as Lambda does: a throttle is not an invocation."""
        name = f"{PREFIX}-{function}"
        if function in self.throttled:
            self._put("AWS/Lambda", "Throttles", 1, FunctionName=name)
            if function in {"validator", "order-storage"}:
                raise FunctionError({"errorType": "Lambda.TooManyRequestsException", "errorMessage": "Rate Exceeded."})
            raise Crash
        self._put("AWS/Lambda", "Invocations", 1, FunctionName=name)
        written = io.StringIO()
        try:
            with redirect_stdout(written):
                return self._run_or_crash(function, event, context)
        except BaseException:
            self._put("AWS/Lambda", "Errors", 1, FunctionName=name)
            raise
        finally:
            self.published.read(written.getvalue(), self.now)

    def _run_or_crash(self, function: str, event: Any, context: Any) -> Any:
        if function in self.crashing or function == self._crash_once:
            self._crash_once = ""
            raise Crash
        return super().invoke(function, event, context)

    def request(self, *arguments: Any, **options: Any) -> tuple[int, dict[str, Any]]:
        """Send a request, and count its answer as API Gateway does."""
        status, answer = super().request(*arguments, **options)
        api = {"ApiName": f"{PREFIX}-api", "Stage": "v1"}
        self._put("AWS/ApiGateway", "Count", 1, **api)
        self._put("AWS/ApiGateway", "5XXError", status >= 500, **api)
        self._put("AWS/ApiGateway", "4XXError", 400 <= status < 500, **api)
        return status, answer

    def _publish_executions(self) -> None:
        machine, left = self.machine.arn, self.transitions
        for arn, execution in self.engine.executions.items():
            if arn in self._seen:
                continue
            self._seen.add(arn)
            self._put("AWS/States", "ExecutionsStarted", 1, StateMachineArn=machine)
            self._put("AWS/States", _FINAL[execution.status], 1, StateMachineArn=machine)
            entered = len(execution.path)
            if entered > left:
                self._put("AWS/States", "ExecutionThrottled", entered - left, StateMachineArn=machine)
            left = max(0, left - entered)

    def _publish_queues(self) -> None:
        for name, url in self.queues.items():
            found = self.admin("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
            for metric in ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"):
                published = metric if metric.endswith("Visible") else f"{metric}Visible"
                self._put("AWS/SQS", published, int(found[metric]), QueueName=f"{PREFIX}-{name}")
        ages = [self.now - sent for sent, receives in self._queued.values() if receives < _POISON_RECEIVES]
        if ages:
            self._put("AWS/SQS", "ApproximateAgeOfOldestMessage", max(ages), QueueName=f"{PREFIX}-order-queue")

    # --- time -------------------------------------------------------------------------------------------------------

    def set(self, name: str, value: str) -> None:
        """Set a variable in the environment of the functions."""
        self._monkeypatch.setenv(name, value)

    def crash_once(self, function: str) -> None:
        """Let a function crash in its next invocation alone."""
        self._crash_once = function

    def hang(self, seconds: int) -> None:
        """Let each call of the validator take so long that the workflow's own time is up, and fail then."""
        clock = self.engine.clock
        serve = self.engine.functions[self.placeholders["validator_arn"]]

        def slow(event: Any, context: Any) -> Any:
            clock.wait_until(clock.now() + seconds, Event())
            serve(event, context)
            raise FunctionError({"errorType": "Lambda.SdkClientException", "errorMessage": "the response never came"})

        self.engine.functions[self.placeholders["validator_arn"]] = slow

    def abort(self) -> None:
        """Let an operator abort each execution while it waits for its next attempt."""
        start = self.engine.start_machine

        def started(*arguments: Any, **options: Any) -> Any:
            execution = start(*arguments, **options)
            execution.finish = lambda: execution.advance(0.5).stop()
            return execution

        self.engine.start_machine = started  # type: ignore[method-assign]

    def send_unreadable(self) -> None:
        """Put a message into the queue that is not an order."""
        sent = self.admin("sqs").send_message(QueueUrl=self.queues["order-queue"], MessageBody="{poison")
        self._queued[sent["MessageId"]] = (self.now, 0)

    def run(self, minutes: int, orders_per_minute: int, order: Any = None) -> None:
        """Let clients place orders for some minutes, and event source mappings poll for four more, so that what is under way ends.

        Args:
            minutes: how long orders come.
            orders_per_minute: one, or an even number.
            order: what each client orders.
        """
        per_step, rest = divmod(orders_per_minute, 60 // STEP)
        for step in range((minutes + 4) * 60 // STEP):
            for _ in range((per_step or rest * (step % 2)) if step < minutes * 60 // STEP else 0):
                self.request("POST", body=order or ORDER)
            self._publish_executions()
            self._poll()
            if self.now % 60 == 60 - STEP:
                self._publish_queues()
            self.now += STEP

    def _poll(self) -> None:
        """Deliver what is visible, and what that makes visible: a message moves to the dead-letter queue when it would be received."""
        consumers = [(function, each) for function, declared in DECLARED["function"].items() for each in declared["triggers"]]
        delivered = 1
        while delivered:
            delivered = sum(
                self.deliver(each["queue"], function, each["batch_size"]) for function, each in consumers if function not in self.stopped
            )

    def totals(self) -> Counter[str]:
        """Return the sum of each metric, whatever its dimensions, for messages of failed tests."""
        return Counter({name: sum(value for _, value in values) for (_, name, _), values in self.published.values.items()})
