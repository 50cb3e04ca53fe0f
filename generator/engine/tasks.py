"""Task states: the events around a call, its timeouts, task tokens, and who performs it.

A task is performed, in this order, by a mock, by the function or activity that the engine knows, or by a service
integration (:mod:`generator.engine.integrations`). Where none can, the execution ends with ``Local.NotAvailable``,
which nothing catches: silence would look like success.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from generator.engine.clock import Future
from generator.engine.dataflow import Frame, StateFailure
from generator.engine.states import field
from generator.engine.work import WorkingState, number_field

if TYPE_CHECKING:
    from generator.engine.clock import Branch

_LAMBDA = re.compile(r"arn:[^:]+:lambda:[^:]*:[^:]*:function:(.+)$")
_ACTIVITY = re.compile(r"arn:[^:]+:states:[^:]*:[^:]*:activity:(.+)$")
_SERVICE = re.compile(r"arn:[^:]+:states:[^:]*:[^:]*:(aws-sdk:[^:]+|[^:]+):(.+)$")
_PATTERN = re.compile(r"(.+?)(\.waitForTaskToken|\.sync(?::2)?)?$")
NOT_AVAILABLE = "Local.NotAvailable"
"""The error of a task that nothing on this machine can perform."""
TOKEN_PREFIX = "AQC"  # noqa: S105  no secret
"""How task tokens begin."""
_TIMED_OUT = object()


class Call:
    """One call of a task, as the one who performs it sees it.

    Attributes:
        frame: The branch.
        task: The state.
        parameters: What is sent.
        timeout: Seconds, or None.
        heartbeat: Seconds, or None.
        credentials: ``{"RoleArn": …}``, or None.
    """

    __slots__ = ("credentials", "frame", "heartbeat", "parameters", "task", "timeout")

    def __init__(
        self,
        frame: Frame,
        task: TaskState,
        parameters: Any,
        timeout: float | None,
        heartbeat: float | None,
        *,
        credentials: Any = None,
    ) -> None:
        """Gather what a performer needs."""
        self.credentials = credentials
        self.frame = frame
        self.task = task
        self.parameters = parameters
        self.timeout = timeout
        self.heartbeat = heartbeat

    def record(self, what: str, **details: Any) -> None:
        """Record an event of this call, such as ``Started``, with the prefix and the members of its kind."""
        task = self.task
        if task.prefix == "Task":
            details.update(resource=task.operation, resourceType=task.service)
        self.frame.previous = self.frame.run.record(task.prefix + what, self.frame.previous, details)

    def submitted(self, response: Any) -> None:
        """Record that a job was accepted, whose end is yet to come."""
        self.record("Submitted", output=response)

    def answer(self, future: Future, *, heartbeat: bool = True) -> Branch:
        """Wait for an answer from outside, not longer than the timeouts allow.

        Raises:
            StateFailure: The answer is a failure, or none came in time.
        """
        run = self.frame.run
        entry = run.engine.tokens.get(self.frame.token or "")
        timers: list[Future] = []
        if self.timeout is not None:
            timers.append(run.engine.alarm(self.timeout, future, (_TIMED_OUT, False)))
        if heartbeat and self.heartbeat is not None:
            beat = run.engine.alarm(self.heartbeat, future, (_TIMED_OUT, True))
            if entry is not None:
                entry.beat, entry.heartbeat = beat, self.heartbeat
            else:
                timers.append(beat)
        try:
            value = yield future
        finally:
            for timer in timers:
                timer.done = True
            if entry is not None:
                if entry.beat is not None:
                    entry.beat.done = True
                run.engine.tokens.pop(self.frame.token or "", None)
        if isinstance(value, tuple) and value[:1] == (_TIMED_OUT,):
            raise StateFailure("States.Timeout", None, heartbeat=value[1])
        return value


class TaskState(WorkingState):
    """Calls a Lambda function, an activity or a service.

    Attributes:
        service: ``lambda``, ``aws-sdk:s3``, …; for a function's ARN ``lambda``, for an activity ``activity``.
        operation: The action with its pattern, such as ``sendMessage.waitForTaskToken``.
        action: The action without its pattern.
        pattern: ``""``, ``.sync``, ``.sync:2`` or ``.waitForTaskToken``.
        prefix: How its events' types begin.
        target: The name or ARN of the function or activity, empty for services.
    """

    def __init__(self, name: str, definition: dict[str, Any], *, jsonata: bool) -> None:
        """Compile the task."""
        super().__init__(name, definition, jsonata=jsonata)
        self.resource: str = definition["Resource"]
        self.timeout = number_field(definition, "TimeoutSeconds", jsonata=jsonata)
        self.heartbeat = number_field(definition, "HeartbeatSeconds", jsonata=jsonata)
        self.credentials = field(definition, "Credentials", jsonata=jsonata)
        self.target = ""
        self.pattern = ""
        if found := _LAMBDA.match(self.resource):
            self.service, self.operation, self.prefix, self.target = "lambda", "", "LambdaFunction", found[1]
        elif found := _ACTIVITY.match(self.resource):
            self.service, self.operation, self.prefix, self.target = "activity", "", "Activity", self.resource
        elif found := _SERVICE.match(self.resource):
            self.service, self.operation, self.prefix = found[1], found[2], "Task"
            parts = _PATTERN.match(self.operation)
            self.pattern = (parts and parts[2]) or ""
        else:
            # A placeholder that the deployment fills, such as ${ValidateOrderArn}, names a function.
            self.service, self.operation, self.prefix, self.target = "lambda", "", "LambdaFunction", self.resource
        self.action = self.operation.removesuffix(self.pattern) if self.pattern else self.operation

    def work(self, frame: Frame, value: Any) -> Branch:
        """Call once."""
        run = frame.run
        document: Any = {"input": value} if self.jsonata else value if self.input_path is None else self.input_path(frame, value)
        if self.pattern == ".waitForTaskToken":
            frame.token = run.engine.new_token(run, self.name)
        given = value if self.jsonata else document
        parameters = self.prepared(frame, given, document)
        call = Call(
            frame,
            self,
            parameters,
            None if self.timeout is None else self.timeout(frame, document),
            None if self.heartbeat is None else self.heartbeat(frame, document),
            credentials=None if self.credentials is None else self.credentials(frame, document),
        )
        result = yield from self.perform(call)
        return result

    def perform(self, call: Call) -> Branch:
        """Make the call, with the events around it."""
        frame = call.frame
        run = frame.run
        engine = run.engine
        mock = None if run.mocks is None else run.mocks.find(self.name, self.resource, call.parameters)
        if self.prefix == "Activity" and mock is None and self.target not in engine.activities:
            raise frame.failure(f"The activity {self.target} does not exist.")
        self._scheduled(call)
        if self.prefix != "Activity":
            call.record("Started")
        if mock is not None:
            performer = mock.perform(call)
        elif self.prefix == "Activity":
            performer = _activity(call)
        elif self.service in {"lambda", "aws-sdk:lambda"} and (self.prefix == "LambdaFunction" or self.action == "invoke"):
            from generator.engine.functions import perform  # noqa: PLC0415  pure workflows need none of it

            performer = perform(call)
        else:
            from generator.engine.integrations import perform as integrate  # noqa: PLC0415  likewise

            performer = integrate(call)
        try:
            result = yield from performer
            # Services are named as in the events, functions and activities by their ARN.
            run.check_size(result, self.service if self.prefix == "Task" else self.resource)
        except StateFailure as failure:
            if failure.fatal:
                raise
            details = {key: text for key, text in (("error", failure.error), ("cause", failure.cause)) if text is not None}
            call.record("TimedOut" if failure.error == "States.Timeout" else "Failed", **details)
            raise
        call.record("Succeeded", output=result)
        return result

    def _scheduled(self, call: Call) -> None:
        details: dict[str, Any] = {}
        if self.prefix == "Task":
            details["parameters"] = call.parameters
            details["region"] = call.frame.run.engine.region
        else:
            details["input"] = call.parameters
            details["resource"] = self.resource
        if call.timeout is not None:
            details["timeoutInSeconds"] = call.timeout
        if call.heartbeat is not None:
            details["heartbeatInSeconds"] = call.heartbeat
        if isinstance(call.credentials, dict) and self.prefix != "Activity":
            details["taskCredentials"] = {"roleArn": call.credentials.get("RoleArn")}
        call.record("Scheduled", **details)


def _activity(call: Call) -> Branch:
    """Offer the task to the activity's workers and wait for their answer."""
    frame = call.frame
    engine = frame.run.engine
    frame.token = engine.new_token(frame.run, call.task.name)
    entry = engine.tokens[frame.token]

    def started(worker: str | None) -> None:
        call.record("Started", **({"workerName": worker} if worker else {}))

    entry.started = started
    engine.activities[call.task.target].append((frame.token, call.parameters))
    result = yield from call.answer(entry.future)
    return result


def unavailable(call: Call, hint: str) -> StateFailure:
    """The failure of a task that nothing here can perform."""
    cause = f"State '{call.task.name}' calls {call.task.resource}, which is not available here. {hint}"
    return StateFailure(NOT_AVAILABLE, cause, fatal=True)
