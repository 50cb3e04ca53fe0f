"""AWS facts: service integrations and their patterns, API actions, IAM actions and the permissions that a task needs.

>>> from generator import catalog
>>> catalog.find_action("dynamodb", "updateItem").input.required
('TableName', 'Key')
>>> catalog.find_integration("arn:aws:states:::sqs:sendMessage.waitForTaskToken").source
'https://docs.aws.amazon.com/step-functions/latest/dg/connect-sqs.html'
"""

from generator.catalog.execution_role import Requirement, requirements
from generator.catalog.grants import Grant
from generator.catalog.index import (
    Action,
    Service,
    Shape,
    action_exists,
    find_action,
    find_service,
    service_names,
    similar_actions,
    similar_services,
)
from generator.catalog.integrations import Integration, Resource, parse_resource, resource_arn
from generator.catalog.optimised import INTEGRATIONS, find_integration, similar_integrations
from generator.catalog.patterns import TEMPLATED, UNKNOWN, Deployment, Parameters

__all__ = [
    "INTEGRATIONS",
    "TEMPLATED",
    "UNKNOWN",
    "Action",
    "Deployment",
    "Grant",
    "Integration",
    "Parameters",
    "Requirement",
    "Resource",
    "Service",
    "Shape",
    "action_exists",
    "find_action",
    "find_integration",
    "find_service",
    "parse_resource",
    "requirements",
    "resource_arn",
    "service_names",
    "similar_actions",
    "similar_integrations",
    "similar_services",
]
