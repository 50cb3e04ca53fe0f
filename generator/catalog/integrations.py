"""Service integrations: the Resource of a Task in its parts, and what an optimised integration is.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from generator.catalog import sdk
from generator.catalog.patterns import Parameters
from generator.catalog.permissions import Allow

GUIDE: Final = "https://docs.aws.amazon.com/step-functions/latest/dg/"

REQUEST_RESPONSE: Final = ""
SYNC: Final = "sync"
SYNC_2: Final = "sync:2"
WAIT_FOR_TASK_TOKEN: Final = "waitForTaskToken"  # noqa: S105 - the name of a pattern
PATTERNS: Final = (REQUEST_RESPONSE, SYNC, SYNC_2, WAIT_FOR_TASK_TOKEN)

PARTITIONS: Final = ("aws", "aws-cn", "aws-us-gov")


@dataclass(frozen=True, slots=True)
class Integration:
    """One optimised integration, all patterns together.

    Args:
        service: As in `arn:aws:states:::<service>:<action>`.
        action: The same.
        page: The page of the developer guide that describes it.
        patterns: Those that it has; Express workflows have only request-response.
        api: The SDK service and action that it calls, where its parameters are those of one API action.
        allows: Permissions in every pattern.
        sync: Further permissions of `.sync`.
        managed_rule: The EventBridge rule by which `.sync` learns that the job is done; empty when it polls.
        own: Parameters that it has beside, or in place of, those of the API action.
        needs: Those of its own that it requires.
        rule: Permissions that depend on the parameters in ways that rows do not say.
    """

    service: str
    action: str
    page: str
    patterns: tuple[str, ...]
    api: tuple[str, str] | None
    allows: tuple[Allow, ...] = ()
    sync: tuple[Allow, ...] = ()
    managed_rule: str = ""
    own: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    rule: sdk.Rule | None = None

    @property
    def name(self) -> str:
        """`service:action`."""
        return f"{self.service}:{self.action}"

    @property
    def source(self) -> str:
        """The URL of its documentation."""
        return GUIDE + self.page

    @property
    def resources(self) -> tuple[str, ...]:
        """The Resource of a Task for each of its patterns, in the `aws` partition."""
        return tuple(resource_arn(self.name, pattern) for pattern in self.patterns)

    def workflow_types(self, pattern: str) -> tuple[str, ...]:
        """Return the workflow types that have it in this pattern.

        Source: https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html
        """
        if pattern not in self.patterns:
            return ()
        return ("STANDARD", "EXPRESS") if pattern == REQUEST_RESPONSE else ("STANDARD",)

    def rows(self, pattern: str, parameters: Parameters) -> Iterator[Allow]:
        """Yield the permissions that it needs in `pattern`."""
        if self.rule is not None:
            yield from self.rule(parameters) if callable(self.rule) else self.rule
        yield from self.allows
        if pattern in {SYNC, SYNC_2}:
            yield from self.sync
            if self.managed_rule:
                yield Allow(
                    "events:PutTargets events:PutRule events:DescribeRule",
                    f"events:rule/{self.managed_rule}",
                    note=f"Learn through EventBridge that the job of {self.name} is done",
                )


def resource_arn(name: str, pattern: str = REQUEST_RESPONSE, partition: str = "aws") -> str:
    """Return the Resource of a Task.

    >>> resource_arn("sqs:sendMessage", "waitForTaskToken")
    'arn:aws:states:::sqs:sendMessage.waitForTaskToken'
    """
    return f"arn:{partition}:states:::{name}" + (f".{pattern}" if pattern else "")


@dataclass(frozen=True, slots=True)
class Resource:
    """A Task's Resource in its parts.

    Args:
        partition: As written, a placeholder included.
        sdk: Whether it is an AWS SDK integration.
        service: The service.
        action: The action.
        pattern: What follows the dot, "" for request-response.
        place: Region and account, where somebody wrote them; AWS wants them empty.
    """

    partition: str
    sdk: bool
    service: str
    action: str
    pattern: str
    place: str = ""


_PSEUDO = re.compile(r"\$\{AWS::(\w+)\}")
_RESOURCE = re.compile(r"arn:([^:]*):states:([^:]*):([^:]*):(aws-sdk:)?([^:.]+):([^:.]+)(?:\.(.*))?\Z")


@lru_cache(maxsize=1024)
def parse_resource(resource: str) -> Resource | None:
    """Split the Resource of a Task; None when it is no service integration (a function, an activity, something else).

    >>> parse_resource("arn:aws-cn:states:::aws-sdk:s3:listBuckets")
    Resource(partition='aws-cn', sdk=True, service='s3', action='listBuckets', pattern='', place='')
    >>> parse_resource("arn:aws:states:us-east-1:111122223333:activity:pack") is None
    True
    """
    found = _RESOURCE.match(_PSEUDO.sub(r"${\1}", resource))
    if found is None or found[5] in {"activity", "stateMachine", "execution", "express", "mapRun"}:
        return None
    return Resource(found[1], found[4] is not None, found[5], found[6], found[7] or "", f"{found[2]}:{found[3]}".strip(":"))
