"""boto3's names of services, actions and parameters lead to those of Step Functions: all of botocore."""

from __future__ import annotations

import keyword
from typing import Any

import pytest
from botocore import xform_name
from botocore.loaders import Loader

from generator.catalog import index, naming
from generator.catalog.index import Service, Shape
from generator.catalog.spelling import CLIENT_HELPERS, action_of, arguments_of, client_names, identifier, plain, service_of, snake

CLIENTS = ["ec2", "iam", "rds", "s3", "stepfunctions", "events", "logs", "cognito-idp", "lambda", "dynamodb", "ses", "ecs", "sagemaker"]


def service(name: str) -> Service:
    """Return a service that exists."""
    found = service_of(name)
    assert found is not None, name
    return found


def test_every_client_is_a_service() -> None:
    """By the name of the client, with underscores or hyphens, and by the name in Step Functions, in any case."""
    for client in Loader().list_available_services("service-2"):
        found = service(identifier(client))
        assert service(client) is service(found.name) is service(found.name.upper()) is found
    assert all(name.isidentifier() and not keyword.iskeyword(name) for name in client_names())


@pytest.mark.parametrize("client", CLIENTS)
def test_every_method_and_every_parameter(client: str) -> None:
    """Of the models of these services, by the names of botocore itself, of the API and of Step Functions."""
    model = Loader().load_service_model(client, "service-2")
    for operation, entry in model["operations"].items():
        name = naming.action(operation)
        found = [action_of(service(client), spelt) for spelt in (xform_name(operation), operation, name, snake(name))]
        assert [action.name for action in found if action] == [name] * 4
        members = model["shapes"][entry["input"]["shape"]]["members"] if "input" in entry else {}
        assert found[0] is not None
        assert list(arguments_of(found[0].input, dict.fromkeys(members))) == [naming.parameter(member) for member in members]


def test_no_two_names_are_the_same_without_case() -> None:
    """Else one of them would be taken for the other: actions of a service, and members of a structure."""
    for name in index.service_names():
        found = service(name)
        assert len({plain(action) for action in found.action_names}) == len(found.action_names)
    for name in CLIENTS:
        found = service(name)
        for key in range(len(found._record["shapes"])):
            members = found.shape(key).members
            assert len({plain(member) for member in members}) == len(members), (name, key)


def test_snake_case_is_that_of_boto3() -> None:
    """For nearly all; the others are accepted, too, since underscores do not count."""
    names = [action for name in CLIENTS for action in service(name).action_names]
    assert len(names) > 2000
    assert [name for name in names if snake(name) != xform_name(name[:1].upper() + name[1:])] == []


def test_names_in_a_map_are_data() -> None:
    """Attributes of DynamoDB and keys of a payload keep their case; structures inside lists and maps are renamed."""
    put, run = index.find_action("dynamodb", "putItem"), index.find_action("ecs", "runTask")
    assert put is not None
    assert run is not None
    given: dict[str, Any] = {"tableName": "t", "item": {"orderId": {"s": "1"}}}
    assert arguments_of(put.input, given) == {"TableName": "t", "Item": {"orderId": {"S": "1"}}}
    container = {"name": "c", "environment": [{"name": "A", "value.$": "$.a"}]}
    given = {"overrides": {"containerOverrides": [container]}, "task_definition": "d", "colour": 1}
    assert arguments_of(run.input, given) == {
        "Overrides": {"ContainerOverrides": [{"Name": "c", "Environment": [{"Name": "A", "Value.$": "$.a"}]}]},
        "TaskDefinition": "d",
        "colour": 1,
    }
    assert arguments_of(Shape("structure"), {"x": 1}) == {"x": 1}


def test_helpers_of_clients_are_not_actions() -> None:
    """What is answered in their place can therefore never hide an action."""
    helpers = {plain(helper) for helper in CLIENT_HELPERS}
    assert [(name, action) for name in index.service_names() for action in service(name).action_names if plain(action) in helpers] == []
