"""Error handling: which errors retriers and catchers name, and in what order.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.asl.error_names import ALL, RESERVED, RESERVED_PREFIX, TASK_FAILED
from generator.asl.model import Catcher, Retrier, Task
from generator.asl.placeholders import has_placeholder
from generator.asl.walk import StateAt, Walk, each
from generator.diagnostics.model import Finding, Pointer, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator


def all_placement(walk: Walk) -> Iterator[Finding]:
    """States.ALL stands alone (SFN109), in the last retrier or catcher (SFN110)."""
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
                        f"{ALL} stands beside other errors in a {kind} of {entry.name!r}",
                        found=", ".join(names),
                        expected=f"{ALL} alone, or the errors without it",
                    )
                if i + 1 < len(policies):
                    yield Finding(
                        "SFN110",
                        place,
                        f"{ALL} stands in {kind} {i + 1} of {len(policies)} of {entry.name!r}",
                        expected=f"{ALL} in the last {kind}",
                        hint=f"what comes after it could never act; move this {kind} to the end",
                    )


def dead_policies(walk: Walk) -> Iterator[Finding]:
    """Earlier retriers or catchers leave something to each (SFN111)."""
    for entry in walk.states:
        for kind, policies in _policies(entry):
            taken: dict[str, int] = {}
            for i, (at, policy) in enumerate(policies):
                names = each(policy.error_equals)
                if names and ALL not in taken and all(_taken(name, taken, entry) for name in names):
                    yield Finding(
                        "SFN111",
                        (*at, "ErrorEquals"),
                        f"{kind} {i + 1} of {entry.name!r} can never act: earlier ones take all its errors",
                        found=", ".join(names),
                        hint=f"the first {kind} that names an error takes it; put the special before the general",
                    )
                for name in names:
                    taken.setdefault(name, i)


def _taken(name: str, taken: dict[str, int], entry: StateAt) -> bool:
    # States.TaskFailed stands for every error of a task but States.Timeout; the other reserved names are left out here,
    # because not all of them come from the task.
    return name in taken or (TASK_FAILED in taken and isinstance(entry.state, Task) and not name.startswith(RESERVED_PREFIX))


def reserved_names(walk: Walk) -> Iterator[Finding]:
    """Names that begin with "States." are those that Step Functions gives (SFN112)."""
    for entry in walk.states:
        for kind, policies in _policies(entry):
            for at, policy in policies:
                for i, name in enumerate(each(policy.error_equals)):
                    if name.startswith(RESERVED_PREFIX) and name not in RESERVED and not has_placeholder(name):
                        yield Finding(
                            "SFN112",
                            (*at, "ErrorEquals", i),
                            f"a {kind} of {entry.name!r} names {name!r}, which Step Functions never gives",
                            found=repr(name),
                            expected="an error name of Step Functions, or one that does not begin with 'States.'",
                            hint=did_you_mean(name, RESERVED),
                        )


def _policies(entry: StateAt) -> tuple[tuple[str, tuple[tuple[Pointer, Retrier | Catcher], ...]], ...]:
    return ("retrier", entry.retriers), ("catcher", entry.catchers)
