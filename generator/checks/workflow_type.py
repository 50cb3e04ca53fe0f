"""Checks of Express workflows: the features that only Standard workflows have.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.asl.model import Map, Task
from generator.catalog.integrations import SYNC, SYNC_2, WAIT_FOR_TASK_TOKEN, is_activity, parse_resource
from generator.diagnostics.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.asl.walk import ScopeAt, StateAt, Walk

_JOB: Final = ("waits for a job to end (.sync)", "remove .sync and do not wait for the job")
_STANDARD_ONLY: Final = {
    SYNC: _JOB,
    SYNC_2: _JOB,
    WAIT_FOR_TASK_TOKEN: ("waits for a task token", "call the service without waiting for the callback"),
}
_ACTIVITY: Final = ("uses an activity", "call a function instead")


def express(walk: Walk) -> Iterator[Finding]:
    """Check that Express workflows do not wait for jobs, callbacks or activities, and have no Distributed Map (SFN120)."""
    for scope in walk.scopes:
        if scope.type == "EXPRESS":
            for entry in scope.states:
                yield from _standard_only(entry, scope)


def _standard_only(entry: StateAt, scope: ScopeAt) -> Iterator[Finding]:
    state = entry.state
    if isinstance(state, Task) and isinstance(state.resource, str):
        parsed = parse_resource(state.resource)
        reason = _ACTIVITY if is_activity(state.resource) else _STANDARD_ONLY.get(parsed.pattern) if parsed else None
        if reason is not None:
            what, hint = reason
            yield Finding(
                "SFN120",
                (*entry.at, "Resource"),
                f"{entry.name!r} {what}, which Express workflows do not support",
                found=state.resource,
                expected="a request-response integration",
                hint=f"make the workflow STANDARD, or {hint}" if scope.parent is None else hint,
            )
    if isinstance(state, Map) and state.distributed:
        yield Finding(
            "SFN120",
            entry.at,
            f"{entry.name!r} is a Distributed Map, which Express workflows do not support",
            expected="an inline Map",
            hint="make the workflow STANDARD, or the Map inline",
        )
