"""The operations on activities and task tokens."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from generator.engine import TaskTokenError
from generator.engine.calls.nested import TOKEN_PREFIX
from generator.engine.history import json_text
from generator.local.stepfunctions import arns
from generator.local.stepfunctions.executions import read_json
from generator.local.stepfunctions.machines import encryption, read_tags
from generator.local.stepfunctions.model import ServiceError, moment
from generator.local.stepfunctions.records import ActivityRecord

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.local.stepfunctions.core import Core
    from generator.local.stepfunctions.machines import Parameters
    from generator.local.stepfunctions.service import Caller
    from generator.local.stepfunctions.timeline import LocalEngine

POLL_SECONDS: Final = 60.0
MOST_ACTIVITIES: Final = 100_000
MOST_POLLERS: Final = 1000
"""Quotas: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"""


class Tasks:
    """The operations on activities and task tokens."""

    def __init__(self, core: Core, poll_seconds: float) -> None:
        """Use the state of the endpoint.

        Args:
            core: the state.
            poll_seconds: how long GetActivityTask waits for a task, on the wall.
        """
        self.core = core
        self.poll_seconds = poll_seconds
        self._pollers: dict[str, int] = {}

    # --- activities ---

    def create_activity(self, p: Parameters, caller: Caller) -> Parameters:
        """Create an activity. One that exists is returned."""
        core = self.core
        arns.check_name(p["name"])
        tags, settings = read_tags(p.get("tags", [])), encryption(p)
        arn = arns.new(arns.ACTIVITY, caller.region, caller.account, p["name"])
        with core.lock:
            known = core.activities_known.get(arn)
            if known is None:
                if len(core.activities_known) >= MOST_ACTIVITIES:
                    raise ServiceError("ActivityLimitExceeded", "Activity Limit Exceeded")
                known = ActivityRecord(arn, p["name"], core.clock.now(), core.number(), settings, tags)
                core.activities_known[arn] = known
                core.activities[arn] = deque()
            elif known.encryption != settings:
                raise ServiceError("ActivityAlreadyExists", f"Activity already exists: '{arn}'")
            return {"activityArn": arn, "creationDate": moment(known.created)}

    def describe_activity(self, p: Parameters, _caller: Caller) -> Parameters:
        """Describe an activity."""
        known = self._activity(p["activityArn"])
        return {
            "activityArn": known.arn,
            "name": known.name,
            "creationDate": moment(known.created),
            "encryptionConfiguration": known.encryption,
        }

    def list_activities(self, p: Parameters, caller: Caller) -> Parameters:
        """List the activities of the region, oldest first."""
        core = self.core
        prefix = arns.new(arns.ACTIVITY, caller.region, caller.account, "")
        found = [each for each in list(core.activities_known.values()) if each.arn.startswith(prefix)]
        page, token = core.pages.page("ListActivities", p, found, lambda each: each.number)
        shown = [{"activityArn": each.arn, "name": each.name, "creationDate": moment(each.created)} for each in page]
        return {"activities": shown, "nextToken": token}

    def delete_activity(self, p: Parameters, _caller: Caller) -> Parameters:
        """Delete an activity. Its tasks wait until they time out."""
        core = self.core
        arn = str(arns.parse(p["activityArn"], arns.ACTIVITY))
        with core.lock:
            core.activities_known.pop(arn, None)
            core.activities.pop(arn, None)
            core.lock.notify_all()
        return {}

    def get_activity_task(self, p: Parameters, _caller: Caller, gone: threading.Event | None = None) -> Parameters:
        """Wait for a task of an activity, and return it. Without one, the answer has no token.

        Args:
            p: the parameters.
            gone: set when the worker no longer waits for the answer; :meth:`wake` lets the wait see it.
        """
        core = self.core
        known = self._activity(p["activityArn"])
        with core.lock:
            if self._pollers.get(known.arn, 0) >= MOST_POLLERS:
                raise ServiceError("ActivityWorkerLimitExceeded", f"Activity Worker Limit Exceeded: '{known.arn}'")
            self._pollers[known.arn] = self._pollers.get(known.arn, 0) + 1
            try:
                found: list[tuple[str, Any]] = []

                def ready() -> bool:
                    if core.closed_down or (gone is not None and gone.is_set()) or known.arn not in core.activities_known:
                        return True
                    task = self._next(known.arn)
                    if task is not None:
                        found.append(task)
                    return task is not None

                core.lock.wait_for(ready, self.poll_seconds)
            finally:
                self._pollers[known.arn] -= 1
        if not found:
            return {}
        token, document = found[0]
        worker = p.get("workerName")

        def started(engine: LocalEngine) -> None:
            entry = engine.tokens[token]
            if entry.started is not None:
                entry.started(worker)

        self._answer(token, started)
        return {"taskToken": token, "input": json_text(document)}

    def _next(self, arn: str) -> tuple[str, Any] | None:
        """Take the next task that still waits."""
        queue = self.core.activities.get(arn)
        while queue:
            token, document = queue.popleft()
            if self.core.waiting(token) is not None:
                return token, document
        return None

    def _activity(self, text: str) -> ActivityRecord:
        arn = str(arns.parse(text, arns.ACTIVITY))
        known = self.core.activities_known.get(arn)
        if known is None:
            raise ServiceError("ActivityDoesNotExist", f"Activity Does Not Exist: '{arn}'")
        return known

    # --- task tokens ---

    def send_task_success(self, p: Parameters, _caller: Caller) -> Parameters:
        """Answer a waiting task with its output."""
        token = self._token(p)
        output = read_json(p["output"], "InvalidOutput", "Invalid Output")
        self._answer(token, lambda engine: engine.send_task_success(token, output), ends=True)
        return {}

    def send_task_failure(self, p: Parameters, _caller: Caller) -> Parameters:
        """Answer a waiting task with a failure."""
        token = self._token(p)
        error, cause = p.get("error"), p.get("cause")
        self._answer(token, lambda engine: engine.send_task_failure(token, error, cause), ends=True)
        return {}

    def send_task_heartbeat(self, p: Parameters, _caller: Caller) -> Parameters:
        """Report that a waiting task is still in progress."""
        token = self._token(p)
        self._answer(token, lambda engine: engine.send_task_heartbeat(token))
        return {}

    def _token(self, p: Parameters) -> str:
        token: str = p["taskToken"]
        if not token.startswith(TOKEN_PREFIX):
            raise ServiceError("InvalidToken", "Invalid Token: 'Invalid token'")
        return token

    def _answer(self, token: str, job: Callable[[LocalEngine], None], *, ends: bool = False) -> None:
        core = self.core
        with core.lock:
            try:
                if token in core.answered:
                    raise TaskTokenError  # noqa: TRY301  the same refusal as that of the engine
                core.answer(token, job)
            except TaskTokenError:
                raise ServiceError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'") from None
            if ends:
                core.answered.add(token)
