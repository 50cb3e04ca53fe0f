"""The optimised integrations: what each is called, which patterns it has, in which workflow types, what it needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from generator.catalog.grants import Allow

GUIDE: Final = "https://docs.aws.amazon.com/step-functions/latest/dg/"

REQUEST_RESPONSE: Final = ""
SYNC: Final = "sync"
SYNC_2: Final = "sync:2"
WAIT_FOR_TASK_TOKEN: Final = "waitForTaskToken"  # noqa: S105 - the name of a pattern

_RESOURCE = re.compile(r"arn:(aws|aws-cn|aws-us-gov|\$\{\w+\}):states:([^:]*):([^:]*):([A-Za-z0-9-]+):([A-Za-z0-9-]+)(?:\.(.*))?\Z")


@dataclass(frozen=True, slots=True)
class Integration:
    """One optimised integration in one pattern."""

    service: str
    action: str
    pattern: str
    allows: tuple[Allow, ...]
    reason: str
    source: str


@lru_cache(maxsize=512)
def find_integration(resource: str) -> Integration | None:
    """Return the optimised integration that a task's Resource names, None when it names none."""
    found = _RESOURCE.match(resource)
    if found is None:
        return None
    service, action, pattern = found[4], found[5], found[6] or ""
    rows = _ALLOWS.get(f"{service}:{action}")
    if rows is None:
        return None
    return Integration(service, action, pattern, rows, f"{service}:{action}", GUIDE)


_ALLOWS: dict[str, tuple[Allow, ...]] = {
    "lambda:invoke": (Allow("lambda:InvokeFunction", "lambda:function:{FunctionName|function}"),),
    "sqs:sendMessage": (Allow("sqs:SendMessage", "sqs:{QueueUrl|queue}"),),
}
