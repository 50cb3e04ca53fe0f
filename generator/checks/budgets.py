"""Time budgets of a definition: how long its tasks and their retries can take, and how many events it has.

What a workflow in Python declares of its functions and nested workflows is known through its placeholders; of a definition in a file only
its own numbers are.

Sources: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html,
https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html and
https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, Final

from generator.asl.model import ABSENT, Fail, Map, Parallel, Task, Wait
from generator.asl.placeholders import placeholder_name
from generator.asl.retries import attempts, whole_delay
from generator.asl.walk import each
from generator.catalog.integrations import REQUEST_RESPONSE, WAIT_FOR_TASK_TOKEN, parse_resource
from generator.diagnostics.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.asl.walk import ScopeAt, StateAt, Walk

EXPRESS_SECONDS: Final = 300
"""The longest duration of an Express execution: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html."""
MAX_EVENTS: Final = 25_000
"""The most events of a Standard execution, from the same page."""


@dataclass(frozen=True, slots=True)
class TaskBudget:
    """The longest time that a task and its retries can take.

    Attributes:
        entry: the task.
        attempts: how often it is tried at most.
        refused: how many of the attempts end at once, because the service refuses the call.
        attempt_seconds: the longest duration of one attempt; None if nothing limits it.
        limited_by: what limits an attempt, in words.
        waiting: the seconds between the attempts, in all.
    """

    entry: StateAt
    attempts: int
    refused: int
    attempt_seconds: int | None
    limited_by: str
    waiting: float

    @property
    def longest(self) -> float:
        """The seconds in all; of an attempt that nothing limits, nothing is counted."""
        return self.waiting + (self.attempts - self.refused) * (self.attempt_seconds or 0)


def task_budgets(walk: Walk) -> list[TaskBudget]:
    """Return the budget of every task, in the order of the definition.

    >>> from generator.asl.parse import parse
    >>> from generator.asl.walk import walk
    >>> task = {"Type": "Task", "Resource": "${f}", "TimeoutSeconds": 10, "Retry": [{"ErrorEquals": ["States.ALL"]}], "End": True}
    >>> machine, _ = parse({"StartAt": "A", "States": {"A": task}})
    >>> [(budget.attempts, budget.waiting, budget.longest) for budget in task_budgets(walk(machine))]
    [(4, 7.0, 47.0)]
    """
    return walk.once(_task_budgets)


def _task_budgets(walk: Walk) -> list[TaskBudget]:
    found = []
    for entry in walk.states:
        state = entry.state
        if not isinstance(state, Task):
            continue
        limits: list[tuple[int, str]] = []
        if isinstance(state.timeout_seconds, int):
            limits.append((state.timeout_seconds, "TimeoutSeconds"))
        function = _deployed_function(walk, entry)
        if function is not None:
            limits.append((function.timeout_seconds, f"the timeout of the function {function.name!r}"))
        seconds, by = min(limits, default=(None, "")) if limits else (None, "")
        retriers = [retrier for _, retrier in entry.retriers]
        tries = 1 + sum(map(attempts, retriers))
        refused = sum(attempts(retrier) for retrier in retriers if _refused(each(retrier.error_equals)))
        found.append(TaskBudget(entry, tries, refused, seconds, by, float(sum(map(whole_delay, retriers)))))
    return found


_REFUSALS: Final = re.compile(r".*\.(TooManyRequests|ServiceException|AWSLambdaException|SdkClientException)|.*(Throttl|LimitExceeded)")


def _refused(names: tuple[str, ...]) -> bool:
    """Return whether all errors are those of a service that refuses a call, which takes no time."""
    return bool(names) and all(_REFUSALS.match(name) for name in names)


def function_of(walk: Walk, entry: StateAt) -> Any:
    """Return the declared function that a task calls and waits for; None if it is not known, or if the task does not wait for it."""
    parsed = parse_resource(entry.resource)
    _, given = entry.parameters
    target: object = entry.resource
    if parsed is not None:
        if parsed.name != "lambda:invoke" or parsed.pattern != REQUEST_RESPONSE or not isinstance(given, dict):
            return None
        if given.get("InvocationType") not in {None, "RequestResponse"}:
            return None
        target = given.get("FunctionName")
    return _declared(walk, target, "function")


def _deployed_function(walk: Walk, entry: StateAt) -> Any:
    """Return the function that a task waits for, if this project deploys it: the timeout of another one is not known here."""
    function = function_of(walk, entry)
    return function if function is not None and function.existing is None else None


def _declared(walk: Walk, text: object, kind: str) -> Any:
    """Return the resource behind a placeholder, if the author declared one of a kind."""
    placeholder = walk.placeholders.get(placeholder_name(text)) if isinstance(text, str) else None
    return placeholder.declared if placeholder is not None and placeholder.kind == kind else None


def _limit(walk: Walk, scope: ScopeAt) -> tuple[int, str] | None:
    """Return the seconds after which the execution that a scope runs in ends, and what limits them."""
    outer = scope
    while outer.parent is not None:
        parent = outer.parent
        if isinstance(parent.state, Map) and parent.state.distributed:
            return (EXPRESS_SECONDS, "an Express execution") if scope.type == "EXPRESS" else None
        outer = parent.scope
    limit = walk.machine.timeout_seconds
    if scope.type == "EXPRESS" and (not isinstance(limit, int) or limit > EXPRESS_SECONDS):
        return EXPRESS_SECONDS, "an Express execution"
    return (limit, "the state machine") if isinstance(limit, int) else None


# -- tasks and their retries ---------------------------------------------------------------------------------------------


def retries_in_time(walk: Walk) -> Iterator[Finding]:
    """Check that a task and its retries fit into the timeout of the execution (SFN501), also an Express one (SFN502)."""
    limits = {id(scope): _limit(walk, scope) for scope in walk.scopes}
    if not any(limits.values()):
        return
    for budget in task_budgets(walk):
        entry = budget.entry
        limit = limits[id(entry.scope)]
        if limit is None or budget.longest <= limit[0]:
            continue
        seconds, of = limit
        code = "SFN502" if of.startswith("an") else "SFN501"
        if budget.attempts == 1:
            at = (*entry.at, "TimeoutSeconds") if budget.limited_by == "TimeoutSeconds" else entry.at
            message = f"{entry.name!r} can take longer than {of} as a whole"
            found = f"{_seconds(budget.attempt_seconds or 0)}: {budget.limited_by}"
        else:
            at = (*entry.at, "Retry")
            message = f"{entry.name!r} and its retries can take longer than {of} as a whole"
            each_attempt = f" of {_seconds(budget.attempt_seconds)}" if budget.attempt_seconds is not None else ""
            tried = budget.attempts - budget.refused
            found = (
                f"{_seconds(budget.longest)}: {tried} attempt{'s' * (tried > 1)}{each_attempt}, and {_seconds(budget.waiting)} of delays"
            )
        yield Finding(
            code, at, message, found, f"at most {_seconds(seconds)}", "lower the timeout or the number of retries, or let it take longer"
        )


def express_waits(walk: Walk) -> Iterator[Finding]:
    """Check that an Express workflow neither waits nor may run for longer than five minutes (SFN502)."""
    limit = walk.machine.timeout_seconds
    expected = f"at most {EXPRESS_SECONDS} s, the longest duration of an Express execution"
    if walk.type == "EXPRESS" and isinstance(limit, int) and limit > EXPRESS_SECONDS:
        yield Finding("SFN502", ("TimeoutSeconds",), "the timeout of the Express workflow is never reached", f"{limit} s", expected)
    for entry in walk.states:
        state = entry.state
        if (
            entry.scope.type == "EXPRESS"
            and isinstance(state, Wait)
            and isinstance(state.seconds, int)
            and state.seconds >= EXPRESS_SECONDS
        ):
            message = f"{entry.name!r} waits for longer than an Express execution lasts"
            yield Finding("SFN502", (*entry.at, "Seconds"), message, f"{state.seconds} s", expected, "make the workflow STANDARD")


def function_timeouts(walk: Walk) -> Iterator[Finding]:
    """Check that a function does not run on after its task has timed out (SFN503)."""
    for entry in walk.states:
        limit = getattr(entry.state, "timeout_seconds", ABSENT)
        function = _deployed_function(walk, entry) if isinstance(limit, int) else None
        if function is not None and function.timeout_seconds > limit:
            yield Finding(
                "SFN503",
                (*entry.at, "TimeoutSeconds"),
                f"{entry.name!r} times out while the function {function.name!r} may still run, also during a retry",
                found=f"TimeoutSeconds {limit}, the function's timeout {function.timeout_seconds} s",
                expected=f"TimeoutSeconds of {function.timeout_seconds} or more, or a shorter timeout of the function",
            )


_NESTED: Final = {"states:startExecution": ("sync", "sync:2"), "sfn:startSyncExecution": (REQUEST_RESPONSE,)}


def nested_timeouts(walk: Walk) -> Iterator[Finding]:
    """Check that a task waits as long for a nested workflow as that may take (SFN504)."""
    for entry in walk.states:
        limit = getattr(entry.state, "timeout_seconds", ABSENT)
        parsed = parse_resource(entry.resource) if isinstance(limit, int) else None
        _, given = entry.parameters
        if parsed is None or not isinstance(given, dict) or parsed.pattern not in _NESTED.get(parsed.name, ()):
            continue
        child = _declared(walk, given.get("StateMachineArn"), "workflow")
        seconds = getattr(child, "timeout_seconds", None)
        if isinstance(seconds, int) and isinstance(limit, int) and limit < seconds:
            yield Finding(
                "SFN504",
                (*entry.at, "TimeoutSeconds"),
                f"{entry.name!r} gives up before the workflow {child.name!r} that it waits for times out",
                found=f"TimeoutSeconds {limit}, the workflow's timeout {seconds} s",
                expected=f"TimeoutSeconds of {seconds} or more, or a shorter timeout of the workflow",
            )


# -- events --------------------------------------------------------------------------------------------------------------

_FEW: Final = 100
"""So few items do not fill a history: a state has at most six events of its own, and a scope has rarely more than forty states."""
_RANGE: Final = re.compile(r"\[\s*(-?\d+)\s*\.\.\s*(-?\d+)\s*\]|\$range\(\s*(-?\d+)\s*,\s*(-?\d+)\s*,\s*1\s*\)")


def history_events(walk: Walk) -> Iterator[Finding]:
    """Check that an inline Map over a known number of items stays below the limit of events of a Standard execution (SFN505)."""
    counted = {id(entry): items_known(entry.state) for entry in walk.states if isinstance(entry.state, Map)}
    if sum(counted.values()) < _FEW:
        return
    inside: dict[int, list[ScopeAt]] = {}
    for scope in walk.scopes:
        inside.setdefault(id(scope.parent), []).append(scope)
    needed: dict[int, int] = {}
    for scope in reversed(walk.scopes):  # inner before outer
        needed[id(scope)] = _least_events(scope, inside, needed)
    for entry in walk.states:
        state = entry.state
        if not isinstance(state, Map) or state.distributed or entry.scope.type == "EXPRESS":
            continue
        items, inner = counted[id(entry)], inside.get(id(entry), [])
        if items and inner and (events := items * (needed[id(inner[0])] + 2)) > MAX_EVENTS:
            yield Finding(
                "SFN505",
                (*entry.at, "Items"),
                f"the history of the execution is full before {entry.name!r} ends",
                found=f"{items} items with at least {needed[id(inner[0])] + 2} events each: {events} events",
                expected=f"at most {MAX_EVENTS} events",
                hint="use a Distributed Map, whose child executions have histories of their own",
            )


def items_known(state: Map) -> int:
    """Return the number of items of a Map if the definition has it; otherwise 0.

    >>> items_known(Map(items="{% [1..500] %}")), items_known(Map(items=[1, 2])), items_known(Map(items_path="$.items"))
    (500, 2, 0)
    """
    items = state.items
    if isinstance(items, list | dict):
        return len(items)
    found = _RANGE.fullmatch(items[2:-2].strip()) if isinstance(items, str) and items.startswith("{%") else None
    if found is None:
        return 0
    first, last = (int(found[1]), int(found[2])) if found[1] is not None else (int(found[3]), int(found[4]))
    return max(0, last - first + 1)


def _least_events(scope: ScopeAt, inside: dict[int, list[ScopeAt]], needed: dict[int, int]) -> int:
    """Return the fewest events of a run through a scope that ends; 0 if it has no end."""
    states = {entry.name: entry for entry in scope.states}
    start = scope.scope.start_at
    pending: list[tuple[int, str]] = [(0, start)] if isinstance(start, str) and start in states else []
    seen: set[str] = set()
    while pending:
        events, name = heappop(pending)
        if name in seen:
            continue
        seen.add(name)
        entry = states[name]
        events += _own_events(entry)
        if isinstance(entry.state, Parallel):
            events += sum(needed[id(branch)] for branch in inside.get(id(entry), []))
        if not entry.transitions or getattr(entry.state, "end", ABSENT) is True:
            return events
        for transition in entry.transitions:
            if transition.target in states:
                heappush(pending, (events, transition.target))
    return 0


def _own_events(entry: StateAt) -> int:
    """Return the fewest events of one visit: entered and exited, and those of its work."""
    state = entry.state
    if isinstance(state, Fail):
        return 1
    if isinstance(state, Task):
        return 5 if WAIT_FOR_TASK_TOKEN not in entry.resource else 6
    return 4 if isinstance(state, Map | Parallel) else 2


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f}".rstrip("0").rstrip(".") + " s"


def limit_of(walk: Walk) -> tuple[int, str] | None:
    """Return the longest duration of an execution, and what limits it; None if nothing does."""
    return _limit(walk, walk.scopes[0])
