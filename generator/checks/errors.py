"""Error handling: the error names of retriers and catchers, and their order.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.asl.error_names import ALL, HTTP_STATUS_PREFIX, RESERVED, RESERVED_PREFIX, TASK_FAILED
from generator.asl.model import Catcher, Retrier, Task
from generator.asl.placeholders import has_placeholder
from generator.asl.walk import StateAt, Walk, each
from generator.diagnostics.model import Finding, Pointer, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator


def all_placement(walk: Walk) -> Iterator[Finding]:
    """Check that States.ALL is the only error (SFN109) of the last retrier or catcher (SFN110)."""
    for entry in walk.states:
        for kind, policies in _policies(entry):
            for i, (at, policy) in enumerate(policies):
                names = each(policy.error_equals)
                if ALL not in names:
                    continue
                place = (*at, "ErrorEquals")
                if len(names) > 1:
                    yield Finding(
                        "SFN109",
                        place,
                        f"a {kind} of {entry.name!r} combines {ALL} with other errors",
                        found=", ".join(names),
                        expected=f"{ALL} alone, or the other errors without it",
                    )
                if i + 1 < len(policies):
                    yield Finding(
                        "SFN110",
                        place,
                        f"{kind} {i + 1} of {entry.name!r} has {ALL}, but is not the last {kind}",
                        hint=f"move it to the end: a {kind} after it is never used",
                    )


def dead_policies(walk: Walk) -> Iterator[Finding]:
    """Check that earlier retriers or catchers do not handle all errors of a later one (SFN111)."""
    for entry in walk.states:
        for kind, policies in _policies(entry):
            taken: dict[str, int] = {}
            for i, (at, policy) in enumerate(policies):
                names = each(policy.error_equals)
                if names and ALL not in taken and all(_taken(name, taken, entry) for name in names):
                    yield Finding(
                        "SFN111",
                        (*at, "ErrorEquals"),
                        f"{kind} {i + 1} of {entry.name!r} is never used, because an earlier {kind} handles its errors",
                        found=", ".join(names),
                        hint=f"the first {kind} that matches an error handles it; put specific errors before general ones",
                    )
                for name in names:
                    taken.setdefault(name, i)


def _taken(name: str, taken: dict[str, int], entry: StateAt) -> bool:
    # States.TaskFailed matches every error of a task except States.Timeout. The other reserved names do not count,
    # because not all of these errors come from the task.
    return name in taken or (TASK_FAILED in taken and isinstance(entry.state, Task) and not name.startswith(RESERVED_PREFIX))


def reserved_names(walk: Walk) -> Iterator[Finding]:
    """Check that names that begin with ``States.`` are error names of Step Functions (SFN112)."""
    for entry in walk.states:
        for kind, policies in _policies(entry):
            for at, policy in policies:
                for i, name in enumerate(each(policy.error_equals)):
                    if name.startswith(HTTP_STATUS_PREFIX) and name.removeprefix(HTTP_STATUS_PREFIX).isdigit():
                        continue
                    if name.startswith(RESERVED_PREFIX) and name not in RESERVED and not has_placeholder(name):
                        yield Finding(
                            "SFN112",
                            (*at, "ErrorEquals", i),
                            f"a {kind} of {entry.name!r} has {name!r}, which is not an error name of Step Functions",
                            expected="an error name of Step Functions, or a name that does not begin with 'States.'",
                            hint=did_you_mean(name, RESERVED),
                        )


def _policies(entry: StateAt) -> tuple[tuple[str, tuple[tuple[Pointer, Retrier | Catcher], ...]], ...]:
    return ("retrier", entry.retriers), ("catcher", entry.catchers)
