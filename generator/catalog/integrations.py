"""The ``Resource`` of a Task: its parts, the integration patterns, the partitions.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from generator.asl.placeholders import PLACEHOLDER

GUIDE: Final = "https://docs.aws.amazon.com/step-functions/latest/dg/"

REQUEST_RESPONSE: Final = ""
SYNC: Final = "sync"
SYNC_2: Final = "sync:2"
WAIT_FOR_TASK_TOKEN: Final = "waitForTaskToken"  # noqa: S105 - the name of a pattern

SDK_PATTERNS: Final = (REQUEST_RESPONSE, WAIT_FOR_TASK_TOKEN)
"""The patterns of AWS SDK integrations; those of an optimised integration are in its row."""

PARTITIONS: Final = ("aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f")
"""The partitions of AWS. Source: ``partitions.json`` of botocore; a test compares them."""

PARENT_EXECUTION: Final = "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"
"""The member of an execution's input that names the parent execution.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-nested-workflows.html#nested-execution-startid
"""


def resource_arn(name: str, pattern: str = REQUEST_RESPONSE, partition: str = "aws") -> str:
    """Return the Resource of a Task.

    >>> resource_arn("sqs:sendMessage", "waitForTaskToken")
    'arn:aws:states:::sqs:sendMessage.waitForTaskToken'
    """
    return f"arn:{partition}:states:::{name}" + (f".{pattern}" if pattern else "")


@dataclass(frozen=True, slots=True)
class Resource:
    """The parts of a Task's Resource.

    Attributes:
        partition: the partition as written, possibly a placeholder.
        sdk: whether it is an AWS SDK integration.
        service: the service.
        action: the action.
        pattern: the integration pattern after the dot; empty for request-response.
        place: the region and the account, if they are given; both must be empty.
    """

    partition: str
    sdk: bool
    service: str
    action: str
    pattern: str
    place: str = ""

    @property
    def name(self) -> str:
        """`service:action`."""
        return f"{self.service}:{self.action}"

    @property
    def call(self) -> str:
        """The part after `arn:aws:states:::`."""
        return resource_arn(f"{'aws-sdk:' if self.sdk else ''}{self.name}", self.pattern).rpartition(":::")[2]


_RESOURCE = re.compile(r"arn:([^:]*):states:([^:]*):([^:]*):(aws-sdk:)?([^:.]+):([^:.]+)(?:\.(.*))?\Z")


def _without_colons(placeholder: re.Match[str]) -> str:
    """Write `${AWS::Partition}` without the colons, which separate the parts of an ARN."""
    return "${" + placeholder[1].rpartition(":")[2] + "}"


@lru_cache(maxsize=1024)
def parse_resource(resource: str) -> Resource | None:
    """Split the Resource of a Task; return None if it is not a service integration but a function, an activity or something else.

    >>> parse_resource("arn:aws-cn:states:::aws-sdk:s3:listBuckets")
    Resource(partition='aws-cn', sdk=True, service='s3', action='listBuckets', pattern='', place='')
    >>> parse_resource("arn:aws:states:us-east-1:111122223333:activity:pack") is None
    True
    """
    found = _RESOURCE.match(PLACEHOLDER.sub(_without_colons, resource))
    if found is None or found[5] in {"activity", "stateMachine", "execution", "express", "mapRun"}:
        return None
    return Resource(found[1], found[4] is not None, found[5], found[6], found[7] or "", f"{found[2]}:{found[3]}".strip(":"))


def is_activity(resource: str) -> bool:
    """Return whether the Resource of a Task is the ARN of an activity.

    >>> is_activity("arn:aws:states:us-east-1:111122223333:activity:pack"), is_activity("${ActivityLoggerFunctionArn}")
    (True, False)
    """
    found = _RESOURCE.match(PLACEHOLDER.sub(_without_colons, resource))
    return found is not None and found[5] == "activity"
