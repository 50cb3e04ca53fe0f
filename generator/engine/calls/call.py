"""One call of a Task state: its parameters, its events, and waiting for an answer from outside."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final, Protocol

from generator.asl import error_names
from generator.engine.calls.examples import example
from generator.engine.failure import NOT_AVAILABLE, StateError
from generator.engine.history import json_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.asl.placeholders import Placeholder
    from generator.engine.clock import Branch, Future
    from generator.engine.frame import Frame

_TIMED_OUT: Final = object()
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Target(Protocol):
    """The Task state that makes a call, as far as a call needs it.

    Attributes:
        name: the name of the state.
        resource: its Resource.
        service: ``lambda``, ``aws-sdk:s3``, …; ``lambda`` for the ARN of a function, ``activity`` for an activity.
        operation: the action with its pattern, such as ``sendMessage.waitForTaskToken``.
        action: the action without its pattern.
        pattern: ``""``, ``.sync``, ``.sync:2`` or ``.waitForTaskToken``.
        prefix: the beginning of the types of its events: ``Task``, ``LambdaFunction`` or ``Activity``.
        called: the name or ARN of the function or activity; empty for services.
        placeholders: what placeholders stand for, by name, as far as it is known.
        model: the state as it was read.
        jsonata: whether it uses JSONata.
        next: the state after it; None if it ends its branch.
    """

    name: str
    resource: str
    service: str
    operation: str
    action: str
    pattern: str
    prefix: str
    called: str
    placeholders: Mapping[str, Placeholder]
    model: Any
    jsonata: bool
    next: Any


class Call:
    """One call of a task.

    Attributes:
        frame: the branch.
        task: the state.
        parameters: the parameters of the call.
        timeout: seconds, or None.
        heartbeat: seconds, or None.
        credentials: ``{"RoleArn": …}``, or None.
        accepted: whether the request of a call that waits for its result was accepted.
        token: the task token of a call whose parameters do not contain it, such as that of an activity; None if it has none.
    """

    __slots__ = ("accepted", "credentials", "frame", "heartbeat", "parameters", "task", "timeout", "timers", "token")

    def __init__(
        self,
        frame: Frame,
        task: Target,
        parameters: Any,
        timeout: float | None,
        heartbeat: float | None,
        *,
        credentials: Any = None,
    ) -> None:
        """Create a call that is not made yet."""
        self.credentials = credentials
        self.frame = frame
        self.task = task
        self.parameters = parameters
        self.timeout = timeout
        self.heartbeat = heartbeat
        self.token: str | None = None
        self.accepted = False
        self.timers: list[Future] = []

    def record(self, what: str, **details: Any) -> None:
        """Record an event of this call, such as ``Started``, with the prefix and the details of its kind."""
        task = self.task
        if task.prefix == "Task":
            details.update(resource=task.operation, resourceType=task.service)
        self.frame.previous = self.frame.run.record(task.prefix + what, self.frame.previous, details)

    def submitted(self, response: Any) -> None:
        """Record that the request was accepted, and that its result is still to come."""
        self.accepted = True
        self.record("Submitted", output=response)

    def answer(self, future: Future, *, heartbeat: bool = True) -> Branch:
        """Wait for an answer from outside, not longer than the timeouts allow, and return it.

        Args:
            future: the answer.
            heartbeat: whether the heartbeat timeout applies.

        Raises:
            StateError: the answer is a failure, or it did not come in time.
        """
        run = self.frame.run
        entry = run.engine.tokens.get(self.own_token)
        timers = self.timers = []
        if self.timeout is not None:
            timers.append(run.engine.alarm(self.timeout, future, (_TIMED_OUT, False)))
        if heartbeat and self.heartbeat is not None:
            if entry is None:
                timers.append(run.engine.alarm(self.heartbeat, future, (_TIMED_OUT, True)))
            elif entry.started is None:
                self.expect_heartbeats()
        try:
            value = yield future
        finally:
            for timer in timers:
                timer.done = True
            if entry is not None:
                if entry.beat is not None:
                    entry.beat.done = True
                self.close()
        if isinstance(value, tuple) and value[:1] == (_TIMED_OUT,):
            raise StateError(error_names.TIMEOUT, None, heartbeat=value[1])
        return value

    def expect_heartbeats(self) -> None:
        """Let the time to the first heartbeat begin."""
        engine = self.frame.run.engine
        entry = engine.tokens.get(self.own_token)
        if self.heartbeat is not None and entry is not None and not entry.future.done:
            entry.beat, entry.heartbeat = engine.alarm(self.heartbeat, entry.future, (_TIMED_OUT, True)), self.heartbeat

    def taken(self) -> None:
        """Let the times of an activity's task begin anew, because a worker takes it.

        A task that no worker takes times out after the same seconds, which is a guess: the guide says only when they are counted.

        Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html (TimeoutSeconds, HeartbeatSeconds)
        """
        engine = self.frame.run.engine
        entry = engine.tokens.get(self.own_token)
        if self.timeout is not None and entry is not None:
            for timer in self.timers:
                timer.done = True
            self.timers.append(engine.alarm(self.timeout, entry.future, (_TIMED_OUT, False)))
        self.expect_heartbeats()

    def open_end(self, response: Any) -> Branch:
        """Wait for the answer of a test, as a callback, a worker or a job would answer, and return it.

        Args:
            response: the response of the service to the request, for a task that has one before its result.

        Raises:
            StateError: the answer is a failure, or it did not come in time.
        """
        engine = self.frame.run.engine
        if self.task.pattern:
            self.submitted(response)
        if self.task.pattern != ".waitForTaskToken":
            self.token = engine.new_token(self.frame.run, self.task.name)
        entry = engine.tokens[self.own_token]
        if self.task.prefix == "Activity":
            engine.offer(self)
        try:
            result = yield from self.answer(entry.future)
        except StateError as failure:
            if entry.started is not None and failure.error != error_names.TIMEOUT:
                entry.started(None)
            raise
        if entry.started is not None:
            entry.started(None)  # the test answered for a worker
        return result

    def close(self) -> None:
        """Forget the task token: the task has its result."""
        self.frame.run.engine.tokens.pop(self.own_token, None)

    @property
    def own_token(self) -> str:
        """The task token of this call; empty if it has none."""
        return self.token or self.frame.token or ""

    def token_answer(self) -> Branch:
        """Wait until the task token of this call is answered, and return the answer.

        Raises:
            StateError: the answer is a failure, or it did not come in time.
        """
        return self.answer(self.frame.run.engine.tokens[self.own_token].future)

    def mock_hint(self, python: str = "") -> str:
        """Return how to mock this call, with an example that has the members of the result that the state reads.

        The example is kept in :attr:`Account.to_mock`, too.

        Args:
            python: what a caller in Python can do instead, as a sentence without its end.
        """
        engine = self.frame.run.engine
        answer = engine.to_mock[self.task.name] = example(self.task)
        if engine.mock_option is not None:
            return f"Mock the task: {engine.mock_option(self.task.name, json_text(answer))}"
        hint = f"mock the task: mocks={{{self.task.name!r}: {answer!r}}}"
        return f"{python}, or {hint}" if python else hint

    def unavailable(self, hint: str) -> StateError:
        """Return the failure of a call that nothing on this machine can perform."""
        cause = f"State '{self.task.name}' calls {self.task.resource}, which is not available here. {hint}"
        return StateError(NOT_AVAILABLE, cause, fatal=True)


def http_date(moment: float) -> str:
    """Return a time as the Date header of HTTP has it, in English whatever the locale.

    >>> http_date(0)
    'Thu, 01 Jan 1970 00:00:00 GMT'
    """
    at = time.gmtime(moment)
    day, month = _DAYS[at.tm_wday], _MONTHS[at.tm_mon - 1]
    return f"{day}, {at.tm_mday:02} {month} {at.tm_year:04} {at.tm_hour:02}:{at.tm_min:02}:{at.tm_sec:02} GMT"
