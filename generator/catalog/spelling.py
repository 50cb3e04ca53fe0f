"""Other spellings of the names of services, actions and parameters: those of boto3, in which most authors know them.

Step Functions has the names of the AWS SDK for Java 2 (:mod:`generator.catalog.naming`). Without regard to case and to
underscores each name of boto3 has one counterpart, which a test holds for every operation and member of botocore.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from generator.catalog import index
from generator.catalog.index import Action, Service, Shape

CLIENT_HELPERS: Final = {
    "get_paginator": "Step Functions calls one page: pass NextToken back in a loop with a Choice, or read S3 objects with s3_objects(…)",
    "paginate": "Step Functions calls one page: pass NextToken back in a loop with a Choice, or read S3 objects with s3_objects(…)",
    "can_paginate": "Step Functions calls one page: pass NextToken back in a loop with a Choice",
    "get_waiter": "wait for a job with .sync() where the integration has it, otherwise poll in a loop of a Wait and a Choice",
    "waiter_names": "wait for a job with .sync() where the integration has it, otherwise poll in a loop of a Wait and a Choice",
    "wait_until": "wait for a job with .sync() where the integration has it, otherwise poll in a loop of a Wait and a Choice",
    "upload_file": "use sdk.s3.put_object(Bucket=…, Key=…, Body=…); the workflow has no files",
    "upload_fileobj": "use sdk.s3.put_object(Bucket=…, Key=…, Body=…); the workflow has no files",
    "download_file": "use sdk.s3.get_object(Bucket=…, Key=…); the workflow has no files",
    "download_fileobj": "use sdk.s3.get_object(Bucket=…, Key=…); the workflow has no files",
    "copy": "use sdk.s3.copy_object(Bucket=…, Key=…, CopySource=…)",
    "generate_presigned_url": "boto3 signs the URL itself, without a call of AWS: do it in a Lambda function",
    "generate_presigned_post": "boto3 signs the URL itself, without a call of AWS: do it in a Lambda function",
    "table": 'use an action of DynamoDB, such as sdk.dynamodb.get_item(TableName=…, Key=…), or Table("orders").get_item(…)',
    "batch_writer": "use sdk.dynamodb.batch_write_item(RequestItems=…)",
    "exceptions": 'name the error in Retry or Catch, such as "DynamoDb.ConditionalCheckFailedException"',
    "meta": "the region and the account of the execution are in the ARN states.context.Execution.Id",
    "close": "a workflow has no client to close",
}
"""What boto3's clients and resources have beside the actions of a service, and what a workflow has in its place."""


def plain(name: str) -> str:
    """Return a name without case, underscores and hyphens.

    >>> plain("describe_db_instances") == plain("describeDBInstances"), plain("lambda_")
    (True, 'lambda')
    """
    return "".join(char for char in name if char.isalnum()).lower()


@cache
def _services() -> dict[str, str]:
    """Return the service by each of its plain names: of the client, in the model, and in IAM where no other service has it."""
    services = [service for name in index.service_names() if (service := index.find_service(name)) is not None]
    prefixes = Counter(service.iam_prefix for service in services)
    found = {plain(service.iam_prefix): service.name for service in services if prefixes[service.iam_prefix] == 1}
    found |= {plain(service.service_id): service.name for service in services}
    found |= {plain(service.client): service.name for service in services}
    return found | {service.name: service.name for service in services}


def service_of(name: str) -> Service | None:
    """Return the service with this name, in Step Functions, in boto3 or in IAM.

    >>> [service_of(name).name for name in ("lambda_", "stepfunctions", "cognito_idp", "events", "logs", "states")]
    ['lambda', 'sfn', 'cognitoidentityprovider', 'eventbridge', 'cloudwatchlogs', 'sfn']
    """
    return index.find_service(_services().get(plain(name), ""))


def client_names() -> list[str]:
    """Return the names of all boto3 clients as Python identifiers."""
    services = (index.find_service(name) for name in index.service_names())
    return sorted({identifier(service.client) for service in services if service is not None})


def identifier(client: str) -> str:
    """Return the name of a boto3 client as a Python identifier.

    >>> identifier("cognito-idp"), identifier("lambda")
    ('cognito_idp', 'lambda_')
    """
    name = client.replace("-", "_")
    return f"{name}_" if name == "lambda" else name


@cache
def _actions(service: str) -> dict[str, str]:
    found = index.find_service(service)
    return {} if found is None else {plain(name): name for name in found.action_names}


def action_of(service: Service, name: str) -> Action | None:
    """Return the action with this name, in snake, camel or Pascal case.

    >>> rds = service_of("rds")
    >>> [action_of(rds, name).name for name in ("describe_db_instances", "DescribeDBInstances", "describeDbInstances")]
    ['describeDBInstances', 'describeDBInstances', 'describeDBInstances']
    """
    return service.action(_actions(service.name).get(plain(name), ""))


def snake(action: str) -> str:
    """Return the name of an action as boto3 writes it.

    >>> [snake(name) for name in ("describeDBInstances", "getObject", "listObjectsV2", "describeVPCs")]
    ['describe_db_instances', 'get_object', 'list_objects_v2', 'describe_vpcs']
    """
    name = _PLURAL.sub(lambda found: f"_{found[0].lower()}", action)  # the same steps as botocore.xform_name
    return _CAPITAL.sub(r"\1_\2", _WORD.sub(r"\1_\2", name)).lower().replace("__", "_")


_PLURAL: Final = re.compile(r"[A-Z]{2,}s$")
_WORD: Final = re.compile(r"(.)([A-Z][a-z]+)")
_CAPITAL: Final = re.compile(r"([a-z0-9])([A-Z])")


def arguments_of(shape: Shape, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters with the names that Step Functions has for them, in the structures inside them, too.

    A name that the call does not have remains, for the checks to report. The names in a map, such as those of DynamoDB's
    attributes, are data and remain.

    >>> from generator.catalog.index import find_action
    >>> arguments_of(find_action("sfn", "startExecution").input, {"stateMachineArn": "arn", "traceheader": "t"})
    {'StateMachineArn': 'arn', 'TraceHeader': 't'}
    """
    renamed: dict[str, Any] = _renamed(shape, given)
    return renamed


def _renamed(shape: Shape, given: Any) -> Any:
    if isinstance(given, Mapping) and shape.kind == "structure":
        members = shape.members
        by_plain = {plain(name): name for name in members}
        result = {}
        for key, value in given.items():
            suffix = ".$" if str(key).endswith(".$") else ""
            bare = str(key).removesuffix(".$")
            name = bare if bare in members else by_plain.get(plain(bare), bare)
            result[name + suffix] = _renamed(members[name], value) if name in members else value
        return result
    if isinstance(given, Mapping) and shape.kind == "map" and shape.item is not None:
        return {key: _renamed(shape.item, value) for key, value in given.items()}
    if isinstance(given, list | tuple) and shape.kind == "list" and shape.item is not None:
        return [_renamed(shape.item, value) for value in given]
    return given
