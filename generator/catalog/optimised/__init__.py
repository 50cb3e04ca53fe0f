"""The table of optimised integrations: one row each, in the modules by theme.

Sources: the overview https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html lists the patterns; the
page of each service, named in its row, lists the API actions and the IAM policies. Where AWS's examples grant more than the
call uses (`Resource: *` although the call names the resource), the rows are narrower.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from generator.catalog import index
from generator.catalog.integrations import parse_resource
from generator.catalog.optimised import clusters, data, messaging
from generator.catalog.optimised.model import Integration, OptimisedService

INTEGRATIONS: Final[dict[str, Integration]] = {
    integration.name: integration for module in (messaging, data, clusters) for integration in module.rows()
}
"""Every optimised integration by `service:action`."""

SERVICES: Final[dict[str, OptimisedService]] = {integration.service: integration.owner for integration in INTEGRATIONS.values()}
"""Every service with optimised integrations by its name in the Resource of a Task."""


def find_integration(resource: str) -> Integration | None:
    """Return the optimised integration of a Task's Resource, in any partition and pattern.

    >>> find_integration("arn:aws:states:::sqs:sendMessage.waitForTaskToken").name
    'sqs:sendMessage'
    """
    parsed = parse_resource(resource)
    return None if parsed is None or parsed.sdk else INTEGRATIONS.get(parsed.name)


def similar_integrations(name: str) -> list[str]:
    """Return the optimised integrations with a name similar to `service:action`, the most similar first.

    >>> similar_integrations("sqs:sendMesage")
    ['sqs:sendMessage']
    """
    return index.similar(name, tuple(INTEGRATIONS), cutoff=0.75)


@lru_cache(maxsize=256)
def client_name(service: str, action: str = "") -> str:
    """Return the name of the boto3 client for a service in the Resource of a Task.

    Args:
        service: the service, such as `states` or `aws-sdk:sfn`.
        action: the action; only needed for a service whose actions belong to several APIs.

    Raises:
        LookupError: the service does not exist, or has no API of its own.

    >>> client_name("sqs"), client_name("states"), client_name("aws-sdk:cloudwatchlogs"), client_name("bedrock", "invokeModel")
    ('sqs', 'stepfunctions', 'logs', 'bedrock-runtime')
    """
    if service.startswith("aws-sdk:"):
        name = service.removeprefix("aws-sdk:")
    else:
        integration = INTEGRATIONS.get(f"{service}:{action}")
        name = integration.api[0] if integration and integration.api else SERVICES[service].sdk if service in SERVICES else ""
    known = index.find_service(name)
    if known is None:
        raise LookupError(f"There is no API for the service {service!r} in the Resource of a Task")
    return known.client


def error_prefix(service: str) -> str:
    """Return the part before the dot in the error names of a service in the Resource of a Task.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html

    >>> error_prefix("dynamodb"), error_prefix("aws-sdk:dynamodb"), error_prefix("states")
    ('DynamoDB', 'DynamoDb', 'StepFunctions')
    """
    if service.startswith("aws-sdk:"):
        known = index.find_service(service.removeprefix("aws-sdk:"))
        return known.error_prefix if known else service
    return SERVICES[service].error_prefix if service in SERVICES else service
