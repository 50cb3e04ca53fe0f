"""Task states: the events around a call, its timeouts, its task token, and the performer of the call.

A call is performed by the first of these that can: a mock; a function or an activity of the engine; a service integration
(:mod:`generator.engine.calls.services`). If none can, the execution ends with ``Local.NotAvailable``, which no catcher matches,
because an execution that goes on would look like a success.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from generator.asl import error_names
from generator.catalog.integrations import parse_resource
from generator.engine.calls import functions, services
from generator.engine.calls.call import Call
from generator.engine.calls.starting import problems
from generator.engine.failure import StateError
from generator.engine.history import json_text
from generator.engine.states.state import Working

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.asl.placeholders import Placeholder
    from generator.asl.walk import StateAt
    from generator.engine.clock import Branch
    from generator.engine.frame import Frame

_LAMBDA: Final = re.compile(r"arn:[^:]+:lambda:[^:]*:[^:]*:function:(.+)$")
_ACTIVITY: Final = re.compile(r"arn:[^:]+:states:[^:]*:[^:]*:activity:(.+)$")
_INVOKED: Final = frozenset({"lambda", "aws-sdk:lambda"})


class TaskState(Working):
    """A state that calls a Lambda function, an activity or a service.

    The attributes of the call are those of :class:`~generator.engine.calls.call.Target`.
    """

    def __init__(self, at: StateAt, placeholders: Mapping[str, Placeholder]) -> None:
        """Compile the task.

        Args:
            at: the state.
            placeholders: what placeholders stand for, by name.
        """
        super().__init__(at)
        state, fields = self.model, self.fields
        self.resource = at.resource
        self.placeholders = placeholders
        self.timeout = fields.number("TimeoutSeconds", state.timeout_seconds, state.timeout_seconds_path)
        self.heartbeat = fields.number("HeartbeatSeconds", state.heartbeat_seconds, state.heartbeat_seconds_path)
        self.credentials = fields.template("Credentials", state.credentials)
        self.operation = self.action = self.called = self.pattern = ""
        if found := _LAMBDA.match(self.resource):
            self.service, self.prefix, self.called = "lambda", "LambdaFunction", found[1]
        elif _ACTIVITY.match(self.resource):
            self.service, self.prefix, self.called = "activity", "Activity", self.resource
        elif (parsed := parse_resource(self.resource)) is not None:
            self.service, self.prefix = f"aws-sdk:{parsed.service}" if parsed.sdk else parsed.service, "Task"
            self.action = parsed.action
            self.pattern = f".{parsed.pattern}" if parsed.pattern else ""
            self.operation = self.action + self.pattern
        else:
            # A placeholder that the deployment fills in, such as ${ValidateOrderArn}, names a function.
            self.service, self.prefix, self.called = "lambda", "LambdaFunction", self.resource

    def prepare(self, frame: Frame, value: Any) -> Call:
        """Return the call."""
        if self.pattern == ".waitForTaskToken":
            frame.token = frame.run.engine.new_token(frame.run, self.name)
        document = self.document(frame, value)
        return Call(
            frame,
            self,
            self.given(frame, value, document),
            None if self.timeout is None else self.timeout(frame, document),
            None if self.heartbeat is None else self.heartbeat(frame, document),
            credentials=None if self.credentials is None else self.credentials(frame, document),
        )

    def perform(self, frame: Frame, prepared: Call) -> Branch:
        """Make the call, with the events around it."""
        call, run = prepared, frame.run
        mock = None if run.mocks is None else run.mocks.find(self.name, self.resource, call.parameters, run.engine.declared)
        if self.prefix == "Activity" and mock is None and self.called not in run.engine.activities:
            raise frame.failure(f"The activity {self.called} does not exist.")
        if self.prefix == "Task" and (found := problems(self, call.parameters)):
            field = "Arguments" if self.jsonata else "Parameters"
            shown = json_text(call.parameters)
            raise frame.failure(f"The {field} '{shown}' could not be used to start the Task: [{', '.join(found)}]")
        self._scheduled(call)
        if self.prefix != "Activity":
            call.record("Started")
        if mock is not None:
            performer = mock.perform(call)
        elif self.prefix == "Activity":
            performer = _activity(call)
        elif self.service in _INVOKED and (self.prefix == "LambdaFunction" or self.action == "invoke"):
            performer = functions.perform(call)
        else:
            performer = services.perform(call)
        if run.engine.journal is not None:
            performer = run.engine.journal.kept(call, performer)
        try:
            result = yield from performer
            # Services are named as in the events, functions and activities by their ARN.
            run.check_size(result, self.service if self.prefix == "Task" else self.resource)
        except StateError as failure:
            if not failure.fatal:
                # A request that a service refused: ASFHyP3/hyp3#805 for .sync; for .waitForTaskToken it is a guess. A mock stands for
                # the job, not for the request.
                refused = bool(self.pattern) and not call.accepted and mock is None
                how = "TimedOut" if failure.error == error_names.TIMEOUT else "SubmitFailed" if refused else "Failed"
                call.record(how, **failure.details())
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
    """Offer the task to the workers of an activity, and return their answer."""
    engine = call.frame.run.engine
    call.frame.token = engine.new_token(call.frame.run, call.task.name)
    engine.offer(call)
    return call.token_answer()
