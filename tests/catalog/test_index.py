"""The index: fresh, small, deterministic, and right about services, actions and types."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import pytest

from generator.catalog import build, naming
from generator.catalog.index import (
    INDEX,
    Shape,
    action_exists,
    built_from,
    find_action,
    find_service,
    service_names,
    similar,
    similar_services,
)


def test_the_index_is_made_from_the_installed_packages() -> None:
    """After an update of botocore, cfn-lint or policy_sentry, ``make catalog`` is due."""
    assert built_from() == build.versions(), "stale: run make catalog"


def test_the_same_packages_give_the_same_bytes() -> None:
    """A rebuild in a process with another hash seed gives the committed file."""
    code = "import hashlib, sys; from generator.catalog.build import build; sys.stdout.write(hashlib.sha256(build()).hexdigest())"
    environment = {**os.environ, "PYTHONHASHSEED": "4711"}
    rebuilt = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True).stdout
    assert rebuilt == hashlib.sha256(INDEX.read_bytes()).hexdigest(), "stale: run make catalog"


def test_it_is_small() -> None:
    """It is committed and shipped; 5 MB are the limit that we set."""
    assert INDEX.stat().st_size < 5_000_000


def loaded(code: str) -> set[str]:
    """Return the modules that a new process has loaded after it ran `code`."""
    printing = f"import sys; {code}; sys.stdout.write(' '.join(sys.modules))"
    return set(subprocess.run([sys.executable, "-c", printing], capture_output=True, text=True, check=True).stdout.split())


def test_a_lookup_reads_no_api_models() -> None:
    """Looking up an action loads neither botocore nor the packages that the index is made from."""
    modules = loaded("from generator.catalog.index import find_action; find_action('dynamodb', 'updateItem').input.required")
    assert not modules & {"botocore", "boto3", "cfnlint", "policy_sentry"}


def test_the_package_loads_no_tables() -> None:
    """The definition of a workflow needs the kinds of resources, but neither the index nor the tables of permissions."""
    modules = loaded("import generator.catalog.resources")
    heavy = {"generator.catalog.index", "generator.catalog.optimised", "generator.catalog.sdk", "generator.catalog.permissions"}
    assert not modules & heavy


@pytest.mark.parametrize(
    ("service_id", "name"),
    [
        ("DynamoDB", "dynamodb"),
        ("SFN", "sfn"),
        ("CloudWatch Logs", "cloudwatchlogs"),
        ("Cost Explorer", "costexplorer"),
        ("Directory Service", "directory"),
        ("Database Migration Service", "databasemigration"),
        ("Lex Model Building Service", "lexmodelbuilding"),
        ("Config Service", "config"),
        ("Elastic Load Balancing v2", "elasticloadbalancingv2"),
        ("Application Discovery Service", "applicationdiscovery"),
        ("ACM PCA", "acmpca"),
        ("Migration Hub", "migrationhub"),
        ("Marketplace Entitlement Service", "marketplaceentitlement"),
    ],
)
def test_service_names(service_id: str, name: str) -> None:
    """As the table of the developer guide has them (supported-services-awssdk.html)."""
    assert naming.service(service_id) == name
    service = find_service(name)
    assert service is not None
    assert service.service_id == service_id


@pytest.mark.parametrize(
    ("service", "prefix"),
    [
        ("acmpca", "AcmPca"),
        ("dynamodb", "DynamoDb"),
        ("s3", "S3"),
        ("ecs", "Ecs"),
        ("cloudhsm", "CloudHsm"),
        ("apigatewayv2", "ApiGatewayV2"),
        ("sfn", "Sfn"),
    ],
)
def test_error_prefixes(service: str, prefix: str) -> None:
    """As the exception prefixes of that table."""
    found = find_service(service)
    assert found is not None
    assert found.error_prefix == prefix


def walk(shape: Shape | None, path: str) -> Shape:
    """Follow dots through members and `*` through items."""
    for step in path.split("."):
        assert shape is not None
        shape = shape.item if step == "*" else shape.members[step]
    assert shape is not None
    return shape


@pytest.mark.parametrize(
    ("service", "action", "path", "kind"),
    [
        ("dynamodb", "putItem", "Item.*", "structure"),
        ("dynamodb", "putItem", "Item.*.L.*.S", "string"),
        ("ecs", "runTask", "NetworkConfiguration.AwsvpcConfiguration.Subnets.*", "string"),
        ("sqs", "sendMessage", "DelaySeconds", "integer"),
        ("s3", "putObject", "Body", "blob"),
        ("lambda", "invoke", "Payload", "blob"),
        ("cloudwatch", "putMetricData", "MetricData.*.Timestamp", "timestamp"),
        ("cloudwatch", "putMetricData", "MetricData.*.Value", "number"),
        ("rds", "startDBInstance", "DbInstanceIdentifier", "string"),
        ("ec2", "runInstances", "EbsOptimized", "boolean"),
    ],
)
def test_types(service: str, action: str, path: str, kind: str) -> None:
    """Types follow the API models, members spelled as Step Functions does."""
    found = find_action(service, action)
    assert found is not None
    assert walk(found.input, path).kind == kind


def test_what_a_call_says_of_itself() -> None:
    """Required members, enumerations, results, errors, permissions."""
    action = find_action("dynamodb", "putItem")
    assert action is not None
    assert action.input.required == ("TableName", "Item")
    assert "ALL_OLD" in action.input.members["ReturnValues"].enum
    assert "Attributes" in action.output.members
    assert "ConditionalCheckFailedException" in action.errors
    assert [row.actions for row in action.allows] == ["dynamodb:PutItem"]
    assert action.not_callable == ""


def test_idempotency_tokens_are_not_required() -> None:
    """The SDK fills them in."""
    action = find_action("ssmincidents", "createReplicationSet")
    assert action is not None
    assert "ClientToken" not in action.input.required


def test_what_cannot_be_called() -> None:
    """Streams, and what AWS lists."""
    calls = [
        ("kinesis", "subscribeToShard"),
        ("transcribestreaming", "startStreamTranscription"),
        ("sts", "assumeRole"),
        ("s3", "selectObjectContent"),
    ]
    for service, name in calls:
        action = find_action(service, name)
        assert action is None or action.not_callable, name
    assert sum(find_action(*call) is not None for call in calls) >= 3


def test_suggestions() -> None:
    """A slip, the name of the command line, the name of the API, and nothing at all."""
    assert similar_services("dynamdb") == ["dynamodb"]
    assert similar_services("states")[0] == "sfn"
    assert "cognitoidentityprovider" in similar_services("cognito-idp")
    dynamodb = find_service("dynamodb")
    assert dynamodb is not None
    assert similar("PutItem", dynamodb.action_names) == ["putItem"]
    assert similar("xyz", dynamodb.action_names) == []


def test_iam_actions_in_any_case() -> None:
    """IAM does not mind."""
    assert action_exists("S3:listbucket")
    assert not action_exists("s3:Nothing")
    assert not action_exists("nothing")


def test_every_service_can_be_read() -> None:
    """No record is broken, and names are sorted."""
    assert list(service_names()) == sorted(service_names())
    assert len(service_names()) > 430
    assert all(service.action_names for name in service_names() if (service := find_service(name)))
