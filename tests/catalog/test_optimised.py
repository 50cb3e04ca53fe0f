"""The rows of the optimised integrations: complete, and in agreement with botocore's models."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.session import get_session

from generator.catalog import index
from generator.catalog.integrations import SYNC, SYNC_2, WAIT_FOR_TASK_TOKEN
from generator.catalog.optimised import INTEGRATIONS, SERVICES, client_name, error_prefix
from generator.catalog.optimised.model import Integration, Polling, Sources, arguments, collect

SYNCHRONOUS = sorted(name for name, integration in INTEGRATIONS.items() if SYNC in integration.patterns)
POLLED = sorted(name for name in SYNCHRONOUS if INTEGRATIONS[name].polling)


@cache
def model(integration: str) -> Any:
    """Return botocore's model of the service that an integration calls."""
    row = INTEGRATIONS[integration]
    return get_session().get_service_model(client_name(row.service, row.action))


def operation(integration: str, action: str) -> Any:
    """Return botocore's model of an API action."""
    return model(integration).operation_model(action[0].upper() + action[1:])


def polling(name: str) -> Polling:
    """Return the row's polling, which it has."""
    found = INTEGRATIONS[name].polling
    assert found is not None
    return found


def member(shape: Any, path: str) -> Any:
    """Follow a path of member names, in any case, and list positions."""
    for step in path.split(".") if path else ():
        if step.isdigit():
            assert shape.type_name == "list", path
            shape = shape.member
        else:
            shape = {name.lower(): found for name, found in shape.members.items()}[step.lower()]
    return shape


def description(name: str) -> Any:
    """Return the shape of the description of a job."""
    row = polling(name)
    shape = member(operation(name, row.describe).output_shape, row.description)
    if row.select:
        assert shape.type_name == "list"
        return shape.member
    return shape


def check_sources(integration: Integration, sources: Sources) -> None:
    """Each source is a text, a parameter of the task, or a member of the response to its call."""
    assert integration.api is not None
    call = operation(integration.name, integration.api[1])
    for source in sources.values():
        where, _, path = source.partition(".")
        if source.startswith("="):
            continue
        assert where in {"request", "response"}, source
        own = integration.own if where == "request" else set(integration.response)
        if path.partition(".")[0] not in own:
            assert member(call.input_shape if where == "request" else call.output_shape, path) is not None


@pytest.mark.parametrize("name", sorted(INTEGRATIONS))
def test_a_row_is_complete(name: str) -> None:
    """A new integration must say all that the checks, the policies and the engine ask of it."""
    row = INTEGRATIONS[name]
    assert row.patterns[0] == ""
    assert row.source.endswith(".html")
    assert (SYNC in row.patterns) == bool(row.polling or row.not_polled), "polling, or the reason why it is not polled"
    assert not (row.polling and row.not_polled)
    assert bool(row.sync or row.not_polled) == (SYNC in row.patterns), "permissions to follow the job"
    assert row.needs <= row.own
    if row.api is None:
        assert row.needs, "an integration that calls no API action must name its own parameters"
        return
    action = index.find_action(*row.api)
    assert action is not None
    assert not action.not_callable
    for path in row.any_json:
        assert path.partition(".")[0] in action.input.members
    assert row.parsed <= action.output.members.keys()
    shape = operation(name, row.api[1])
    for parameter in row.request:
        member(shape.input_shape, parameter)
    check_sources(row, row.request)
    for source in row.response.values():
        where, _, path = source.partition(".")
        if where == "response":
            member(shape.output_shape, path)


def test_each_service_has_one_row() -> None:
    """Its integrations share its page, its error names and its client."""
    for integration in INTEGRATIONS.values():
        assert SERVICES[integration.service] is integration.owner
        assert integration.owner.error_prefix.isalnum() or not integration.owner.sdk


def test_only_kubernetes_jobs_are_not_polled() -> None:
    """All other `.sync` integrations can be followed."""
    assert len(SYNCHRONOUS) == 34
    assert [name for name in SYNCHRONOUS if name not in POLLED] == ["eks:runJob"]
    assert all(SYNC in row.patterns for row in INTEGRATIONS.values() if SYNC_2 in row.patterns)


@pytest.mark.parametrize("name", POLLED)
def test_polling_agrees_with_the_api(name: str) -> None:
    """Each action, parameter, path and status of the row exists in botocore's model."""
    integration, row = INTEGRATIONS[name], polling(name)
    for action, sources in ((row.describe, row.identify), (row.stop, row.stop_with)):
        assert bool(action) == bool(sources)
        if action:
            shape = operation(name, action).input_shape
            assert set(sources) <= set(_spelled(shape)), action
            assert {required[0].upper() + required[1:] for required in shape.required_members} <= set(sources), action
            check_sources(integration, sources)
    check_sources(integration, row.result)
    described = description(name)
    status = member(described, row.status)
    assert status.type_name == "string"
    assert row.succeeded or row.gone
    assert not row.succeeded & row.failed
    if status.enum:
        assert row.succeeded | row.failed <= set(status.enum)
    if row.select:
        assert member(described, row.select) is not None
    if row.gone:
        assert row.gone in {error.name for error in operation(name, row.describe).error_shapes}
    assert row.parsed <= {found[0].upper() + found[1:] for found in described.members}


def _spelled(shape: Any) -> list[str]:
    return [found[0].upper() + found[1:] for found in shape.members]


@pytest.mark.parametrize("name", POLLED)
def test_the_role_may_follow_the_job(name: str) -> None:
    """The actions that follow and stop the job are among the permissions of `.sync`, or of the call itself."""
    integration, row = INTEGRATIONS[name], polling(name)
    allowed = {action.partition(":")[2] for allow in (*integration.allows, *integration.sync) for action in allow.actions.split()}
    assert {action[0].upper() + action[1:] for action in (row.describe, row.stop) if action} <= allowed


WAITERS = {
    "eks:createCluster": "ClusterActive",
    "eks:deleteCluster": "ClusterDeleted",
    "eks:createNodegroup": "NodegroupActive",
    "eks:deleteNodegroup": "NodegroupDeleted",
    "eks:createFargateProfile": "FargateProfileActive",
    "eks:deleteFargateProfile": "FargateProfileDeleted",
    "elasticmapreduce:addStep": "StepComplete",
    "ecs:runTask": "TasksStopped",
}


@pytest.mark.parametrize("name", WAITERS)
def test_statuses_mean_what_botocore_waits_for(name: str) -> None:
    """Where botocore has a waiter for the same end, success is the same, and no failure of the row is a success of the waiter."""
    row = polling(name)
    waiter = Loader().load_service_model(model(name).service_name, "waiters-2")["waiters"][WAITERS[name]]
    assert waiter["operation"] == row.describe[0].upper() + row.describe[1:]
    acceptors = waiter["acceptors"]
    assert {accepted["expected"] for accepted in acceptors if accepted["state"] == "success"} == row.succeeded | {row.gone} - {""}
    assert {accepted["expected"] for accepted in acceptors if accepted["state"] == "failure"} & row.succeeded == set()


@pytest.mark.parametrize("name", POLLED)
def test_a_status_is_either_an_end_or_on_the_way(name: str) -> None:
    """No status that ends a job is forgotten: the others are those that botocore's models name for jobs on their way."""
    row = polling(name)
    status = member(description(name), row.status)
    rest = set(status.enum or ()) - row.succeeded - row.failed
    assert rest <= ON_THE_WAY | ELSEWHERE.get(name, set()), name


ON_THE_WAY = {
    "InProgress", "Stopping", "Deleting", "Initializing", "SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", "STOPPING", "WAITING",
    "QUEUED", "PROGRESSING", "IN_PROGRESS", "SCHEDULED", "CANCELLING", "CANCEL_PENDING", "CREATING", "DELETING", "UPDATING",
    "PENDING_REDRIVE", "BOOTSTRAPPING", "TERMINATING",
}  # fmt: skip
ELSEWHERE = {
    # A job with this status is not one that was just started.
    "sagemaker:createHyperParameterTuningJob": {"DeleteFailed"},
    # An application keeps its status until the call takes effect.
    "emr-serverless:createApplication": {"STARTED", "STOPPED"},
    "emr-serverless:startApplication": {"CREATED", "STOPPED"},
    "emr-serverless:stopApplication": {"CREATED", "STARTED"},
    "emr-serverless:deleteApplication": {"CREATED", "STARTED", "STOPPED"},
    # The same for what is deleted; a node group with issues is still there and becomes ACTIVE or fails later.
    "eks:createNodegroup": {"DELETE_FAILED", "DEGRADED"},
    "eks:deleteCluster": {"ACTIVE"},
    "eks:deleteNodegroup": {"ACTIVE", "CREATE_FAILED", "DEGRADED"},
    "eks:createFargateProfile": {"DELETE_FAILED"},
    "eks:deleteFargateProfile": {"ACTIVE", "CREATE_FAILED"},
}


def test_mocked_results() -> None:
    """A mocked result is compared with the output of the action that reports it, if the result has its form."""
    assert INTEGRATIONS["batch:submitJob"].result_api("") == ("batch", "submitJob")
    assert INTEGRATIONS["batch:submitJob"].result_api(SYNC) == ("batch", "describeJobs")
    assert INTEGRATIONS["states:startExecution"].result_api(SYNC_2) == ("sfn", "describeExecution")
    assert INTEGRATIONS["bedrock:invokeModel"].result_api("") == ("bedrockruntime", "invokeModel")
    assert INTEGRATIONS["sqs:sendMessage"].result_api(WAIT_FOR_TASK_TOKEN) is None
    # Step Functions renames members of these.
    assert INTEGRATIONS["elasticmapreduce:createCluster"].result_api("") is None
    assert INTEGRATIONS["elasticmapreduce:createCluster"].result_api(SYNC) is None
    assert INTEGRATIONS["http:invoke"].result_api("") is None


def test_every_service_has_a_client() -> None:
    """The names of the clients are those of boto3, and the same services."""
    session = get_session()
    available = set(session.get_available_services())
    for name in index.service_names():
        service = index.find_service(name)
        assert service is not None
        assert client_name(f"aws-sdk:{name}") == service.client
        assert service.client in available
        assert session.get_service_model(service.client).service_id == service.service_id
    for integration in INTEGRATIONS.values():
        if integration.api:
            assert client_name(integration.service, integration.action) in available
    with pytest.raises(LookupError, match="no API for the service 'aws-sdk:dynamdb'"):
        client_name("aws-sdk:dynamdb")
    with pytest.raises(LookupError, match="no API for the service 'http'"):
        client_name("http", "invoke")


def test_error_names() -> None:
    """As in the developer guide; the table has only those that do not follow from the service."""
    prefixes = {name: error_prefix(name) for name in SERVICES}
    assert {name: prefixes[name] for name in ("lambda", "sqs", "sns", "dynamodb", "states", "events", "eks", "databrew")} == {
        "lambda": "Lambda",
        "sqs": "SQS",
        "sns": "SNS",
        "dynamodb": "DynamoDB",
        "states": "StepFunctions",
        "events": "EventBridge",
        "eks": "EKS",
        "databrew": "DataBrew",
    }
    assert error_prefix("elasticmapreduce") == "ElasticMapReduce"
    assert error_prefix("aws-sdk:eventbridge") == "EventBridge"


def test_requests_with_names_of_their_own() -> None:
    """Amazon EMR has a single step and a single cluster where the API has lists."""
    step = INTEGRATIONS["elasticmapreduce:addStep"]
    assert step.api is not None
    request = {"ClusterId": "j", "Step": {"Name": "s"}}
    assert arguments(step.api, step.request, request) == {"JobFlowId": "j", "Steps": [{"Name": "s"}]}
    assert collect(step.response, request, {"StepIds": ["s-1"]}) == {"StepId": "s-1"}
    assert not step.takes_api_parameters
