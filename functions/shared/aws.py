"""AWS clients: made once per process, and never waiting longer than the function that uses them may run.

An attempt that is begun can be finished: none starts when less time is left than it may take. So a handler always ends by itself, with
an answer, a log line and its metrics; Lambda ends no invocation in the middle, however many calls it makes.
"""

from __future__ import annotations

import functools
import os
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_lambda_powertools.utilities.typing import LambdaContext

CONNECT_SECONDS = 0.5
READ_SECONDS = 1.0
ATTEMPTS = 2
BACKOFF_SECONDS = 1.0
"""The longest wait before the second attempt: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html"""
CLOSING_SECONDS = 0.25
"""What a handler needs after its last call, to answer and to write its logs and metrics."""

_CONFIG = Config(connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, retries={"mode": "standard", "total_max_attempts": ATTEMPTS})
_NEEDED_SECONDS = CONNECT_SECONDS + READ_SECONDS + BACKOFF_SECONDS + CLOSING_SECONDS
_context: ContextVar[LambdaContext | None] = ContextVar("lambda_context", default=None)


class OutOfTimeError(BotoCoreError):  # type: ignore[misc]  # botocore has no types
    """The function has too little time left for another call."""

    fmt = "Too little time is left for another call."


@cache
def client(service: str) -> Any:
    """Return the client of a service."""
    made = boto3.client(service, config=_CONFIG)
    made.meta.events.register_first("before-send", _begin_only_what_can_be_finished)
    made.meta.events.register_first("needs-retry", _wait_only_while_there_is_time)
    return made


def prepare(service: str) -> None:
    """Make a client while Lambda initialises the function, before the first event: it takes longer than a call.

    Anywhere else it is made when it is used, since importing a handler must need neither a region nor credentials. Source:
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
    """
    if "AWS_LAMBDA_INITIALIZATION_TYPE" in os.environ:
        client(service)


def within_time(handler: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Let a handler's calls to AWS know how much time is left."""

    @functools.wraps(handler)
    def bounded(event: Any, context: LambdaContext) -> Any:
        token = _context.set(context)
        try:
            return handler(event, context)
        finally:
            _context.reset(token)

    return bounded


def _begin_only_what_can_be_finished(**_: Any) -> None:
    if _seconds_left() < _NEEDED_SECONDS:
        raise OutOfTimeError


def _wait_only_while_there_is_time(response: tuple[Any, Any] | None, **_: Any) -> None:
    """AWS can ask for a longer wait than botocore would choose."""
    asked = response[0].headers.get("x-amz-retry-after", "") if response else ""
    if asked.isdecimal() and int(asked) / 1000 + _NEEDED_SECONDS > _seconds_left():
        raise OutOfTimeError


def _seconds_left() -> float:
    context = _context.get()
    return context.get_remaining_time_in_millis() / 1000 if context else float("inf")
