"""Jobs that a task waits for (``.sync``): described again and again until they end.

How a job is described, and what its statuses mean, is in the row of the integration: :class:`generator.catalog.optimised.model.Polling`.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-sync
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from generator.asl import error_names
from generator.catalog.optimised import INTEGRATIONS, error_prefix
from generator.catalog.optimised.model import Polling, Sources, arguments, collect
from generator.engine.clock import CancelledError
from generator.engine.failure import StateError
from generator.engine.history import json_text

if TYPE_CHECKING:
    from generator.engine.calls.call import Call
    from generator.engine.clock import Branch

POLL_SECONDS: Final = 5.0
"""Virtual seconds between two descriptions of a job."""

Request = Callable[["Call", str, str, Any], Any]
"""Calls an action of an API: the call of the task, the service, the action, the parameters."""

_METADATA: Final = frozenset({"SdkHttpMetadata", "SdkResponseMetadata"})


def follow(call: Call, response: Any, request: Request) -> Branch:
    """Wait until the job ends, and return the result of the task.

    Args:
        call: the call of the task.
        response: the response to the API call that started the job.
        request: calls an action of an API.

    Raises:
        StateError: the job failed, it could not be described, or the task timed out. A job that is still running is then stopped,
            and also if the execution is stopped or another branch fails.
    """
    task = call.task
    integration = INTEGRATIONS.get(f"{task.service}:{task.action}")
    if integration is None or integration.api is None or integration.polling is None:
        raise call.unavailable(f"Waiting for {task.service}:{task.action} is not simulated. {call.mock_hint()}")
    polling, service, run = integration.polling, integration.api[0], call.frame.run

    def ask(action: str, sources: Sources) -> Any:
        return request(call, task.service, action, arguments((service, action), sources, call.parameters, response))

    def stop() -> None:
        if polling.stop:
            with contextlib.suppress(StateError):  # the task has ended, whether the job can be stopped or not
                ask(polling.stop, polling.stop_with)

    description: Any = None
    ends = None if call.timeout is None else run.clock.now() + call.timeout
    while True:
        try:
            description = polling.find(ask(polling.describe, polling.identify), response)
        except StateError as failure:
            if polling.gone and failure.error == f"{error_prefix(task.service)}.{polling.gone}":
                return _result(call, polling, response, description)
            raise
        outcome = polling.outcome(description)
        if outcome is not None:
            if outcome:
                return _result(call, polling, response, description)
            raise StateError(error_names.TASK_FAILED, json_text(description))
        if ends is not None and run.clock.now() >= ends:
            stop()
            raise StateError(error_names.TIMEOUT, None)
        try:
            yield run.scheduler.timer(POLL_SECONDS if ends is None else min(POLL_SECONDS, ends - run.clock.now()))
        except CancelledError:
            stop()
            raise


def _result(call: Call, polling: Polling, response: Any, description: Any) -> Any:
    """Return the result of the task from the last description of the job.

    A deleted resource may be gone at once: the result is then the response to the call that deleted it.
    """
    found = {key: value for key, value in (response if description is None else description).items() if key not in _METADATA}
    if call.task.pattern == ".sync:2":
        found = {key: json.loads(value) if key in polling.parsed else value for key, value in found.items()}
    if polling.result_name:
        return {polling.result_name: found}
    return {**collect(polling.result, call.parameters, response), **found}
