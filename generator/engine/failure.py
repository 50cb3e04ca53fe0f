"""How a state and an execution fail, and which error names match a failure.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.asl import error_names

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_CAUSE: Final = 32_768
"""Characters of a cause: https://docs.aws.amazon.com/step-functions/latest/apireference/API_ExecutionFailedEventDetails.html"""

NOT_AVAILABLE: Final = "Local.NotAvailable"
"""The error of a task that nothing on this machine can perform. No retrier and no catcher matches it."""
MOCK_EXHAUSTED: Final = "Local.MockExhausted"
"""The error of a task that was called more often than its mock has responses."""
LOCAL_ERRORS: Final = frozenset({NOT_AVAILABLE, MOCK_EXHAUSTED})
"""The errors of this machine, which AWS does not have: an execution that caught one would look like a success."""
ENGINE_ERROR: Final = "Local.EngineError"
"""The error of an execution that ended because of a defect in the engine."""


class StateError(Exception):
    """The failure of a state.

    Attributes:
        error: the error name. None if a Fail state has none.
        cause: the cause, if any. It is cut at :data:`MAX_CAUSE` characters.
        fatal: whether retriers and catchers are ignored, as AWS does for ``States.Runtime``.
        heartbeat: whether it is a timeout because of a missing heartbeat. ``States.HeartbeatTimeout`` matches it too.
    """

    def __init__(self, error: str | None, cause: str | None, *, fatal: bool = False, heartbeat: bool = False) -> None:
        """Create the failure."""
        super().__init__(error, cause)
        self.error = error
        self.cause = cause if cause is None or len(cause) <= MAX_CAUSE else cause[:MAX_CAUSE]
        self.fatal = fatal
        self.heartbeat = heartbeat

    def output(self) -> dict[str, Any]:
        """Return the error output that a catcher receives."""
        return {"Error": self.error or "", "Cause": self.cause or ""}

    def details(self) -> dict[str, Any]:
        """Return error and cause as the details of an event have them.

        >>> StateError("Busy", None).details()
        {'error': 'Busy'}
        """
        return {key: text for key, text in (("error", self.error), ("cause", self.cause)) if text is not None}


class StoppedError(StateError):
    """The end of an execution that was stopped while it ran. No retrier and no catcher matches it."""

    def __init__(self, error: str | None, cause: str | None) -> None:
        """Create it with the error and the cause of the stop."""
        super().__init__(error, cause, fatal=True)


class InputError(ValueError):
    """An input of an execution that is not JSON or too large."""


class ExecutionTimeoutError(Exception):
    """The execution used up its time."""


def matches(error_equals: Iterable[str], failure: StateError) -> bool:
    """Return whether the error names of a retrier or catcher match a failure.

    >>> matches(["States.TaskFailed"], StateError("MyError", None))
    True
    >>> matches(["States.TaskFailed"], StateError("States.Timeout", None))
    False
    """
    for name in error_equals:
        if name in {error_names.ALL, failure.error}:
            return True
        if name == error_names.TASK_FAILED and failure.error != error_names.TIMEOUT:
            return True
        if name == error_names.HEARTBEAT_TIMEOUT and failure.heartbeat:
            return True
    return False
