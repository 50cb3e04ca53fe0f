"""Delivery budgets: queues, the functions that consume them, and dead-letter queues, as AWS advises.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html and
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from generator.diagnostics.codes import severity_of
from generator.diagnostics.model import Diagnostic

if TYPE_CHECKING:
    from generator.dsl.resources import Function, Queue

FACTOR: Final = 6
"""How many times the timeout of its consumer the visibility timeout of a queue should be."""
LEAST_RECEIVES: Final = 5


def visibility(function: Function) -> Iterator[Diagnostic]:
    """Report a visibility timeout below six times the timeout of the function that consumes the queue (SFN506).

    >>> from generator.dsl.resources import Function, Queue
    >>> jobs = Queue("jobs", visibility_timeout_seconds=60)
    >>> [d.code for d in visibility(Function("work", timeout_seconds=30, triggers=[jobs.trigger()]))]
    ['SFN506']
    """
    for trigger in function.triggers:
        wanted = FACTOR * function.timeout_seconds + trigger.maximum_batching_window_seconds
        given = trigger.queue.visibility_timeout_seconds
        if given < wanted:
            window = " and the batching window" if trigger.maximum_batching_window_seconds else ""
            yield _warning(
                "SFN506",
                trigger.queue,
                f"the visibility timeout of {trigger.queue.name!r} is short for its consumer {function.name!r}: "
                "a message can be received again while it is processed",
                found=f"{given} s; the function's timeout is {function.timeout_seconds} s",
                expected=f"{wanted} s or more: six times the timeout of the function{window}",
            )


def receives(function: Function) -> Iterator[Diagnostic]:
    """Report a dead-letter queue that gets messages after fewer than five receives by a function (SFN507).

    >>> from generator.dsl.resources import Function, Queue
    >>> jobs = Queue("jobs", visibility_timeout_seconds=180, dead_letter=Queue("dead"), max_receive_count=2)
    >>> [d.found for d in receives(Function("work", timeout_seconds=30, triggers=[jobs.trigger()]))]
    ['max_receive_count 2']
    """
    for trigger in function.triggers:
        queue = trigger.queue
        count = queue.max_receive_count
        if queue.dead_letter is not None and count is not None and count < LEAST_RECEIVES:
            yield _warning(
                "SFN507",
                queue,
                f"{queue.name!r} gives up on a message early: throttling of {function.name!r} counts as a receive, too",
                found=f"max_receive_count {count}",
                expected=f"{LEAST_RECEIVES} or more",
            )


def retention(queue: Queue) -> Iterator[Diagnostic]:
    """Report a dead-letter queue that does not keep messages for longer than the queue that they come from (SFN508).

    >>> from generator.dsl.resources import Queue
    >>> dead = Queue("dead", retention_seconds=86_400)
    >>> [d.found for d in retention(Queue("jobs", retention_seconds=345_600, dead_letter=dead))]
    ["'dead' keeps messages for 1 d, 'jobs' for 4 d"]
    """
    dead = queue.dead_letter
    if dead is not None and not queue.fifo and dead.retention_seconds <= queue.retention_seconds:
        yield _warning(
            "SFN508",
            queue,
            f"{dead.name!r} does not keep messages for longer than {queue.name!r}, and their age counts from the first queue",
            found=f"{dead.name!r} keeps messages for {_time(dead.retention_seconds)}, {queue.name!r} for {_time(queue.retention_seconds)}",
            expected="a dead-letter queue with a longer retention_seconds than its source",
        )


def _warning(code: str, queue: Queue, message: str, *, found: str, expected: str) -> Diagnostic:
    return Diagnostic(code, severity_of(code), message, queue.source.span(), found=found, expected=expected)


def _time(seconds: int) -> str:
    days, rest = divmod(seconds, 86_400)
    return f"{days} d" if not rest else f"{seconds} s"
