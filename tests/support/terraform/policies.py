"""The IAM policies in a plan or a state of Terraform."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

# The actions that take no resource: https://docs.aws.amazon.com/service-authorization/latest/reference/
WITHOUT_RESOURCE = re.compile(
    r"xray:|logs:(\w+LogDelivery|ListLogDeliveries|\w+ResourcePolic\w+|DescribeLogGroups)$|lambda:CreateEventSourceMapping$|states:ValidateStateMachineDefinition$"
)


def statements(resources: dict[str, dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each Allow statement of each permission policy, with the address of the policy."""
    for address, resource in resources.items():
        if resource["type"] in {"aws_iam_role_policy", "aws_iam_policy"}:
            for statement in json.loads(resource["values"]["policy"])["Statement"]:
                if statement["Effect"] == "Allow":
                    yield address, statement


def listed(value: str | list[str]) -> list[str]:
    """Return an element of a policy as a list; a policy may write one value as a string."""
    return [value] if isinstance(value, str) else value


def assert_least_privilege(resources: dict[str, dict[str, Any]]) -> None:
    """Assert that no action has a wildcard, and that only actions without resource types are allowed on ``*``."""
    for address, statement in statements(resources):
        for action in listed(statement["Action"]):
            assert "*" not in action, f"{address}: {action}"
            if "*" in listed(statement["Resource"]):
                assert WITHOUT_RESOURCE.match(action), f"{address}: {action} on *"
