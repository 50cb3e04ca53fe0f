"""Jobs that a task waits for: every `.sync` integration is followed to its end by a client that answers as the API does."""

import functools
import json

import boto3
import botocore.session
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from generator.catalog.optimised import INTEGRATIONS, client_name
from generator.engine import execute, start
from tests.support.machines import machine, task, types, unchecked

PARAMETERS = {
    **dict.fromkeys(("ApplicationId", "ClusterName", "FargateProfileName", "Id", "JobName", "Name", "NodegroupName"), "x"),
    "Cluster": "c",
    "VirtualClusterId": "v",
    "JobRunId": "x",
    "ClusterId": "j",
    "Step": {"Name": "s"},
    **{f"{job}JobName": "x" for job in ("Training", "Transform", "HyperParameterTuning", "Labeling", "Processing")},
}
POLLED = sorted(name for name, row in INTEGRATIONS.items() if row.polling)


@functools.cache
def meta(name):
    """Return what a client knows about its service."""
    return botocore.session.get_session().create_client(name, region_name="us-east-1").meta


class Client:
    """A boto3 client with the real model; each `describe` answers with the next of the given statuses."""

    def __init__(self, name, row, statuses, changes=()):
        """Take the name of the client, the row of the integration, the statuses, and members of responses by operation."""
        self.changes = dict(changes)
        self.meta = meta(name)
        self.row, self.statuses = row, iter(statuses)
        self.calls = []

    def _make_api_call(self, operation, request):
        model = self.meta.service_model.operation_model(operation)
        unknown = set(request) - set(model.input_shape.members)
        missing = set(model.input_shape.required_members) - set(request)
        self.calls.append((operation, request))
        if operation.lower() != self.row.polling.describe.lower():
            answer = example(model.output_shape) if model.output_shape else {}
            return {**answer, **({"failures": []} if "failures" in answer else {}), **self.changes.get(operation, {})}
        assert not unknown, operation
        assert not missing, operation
        status = next(self.statuses)
        if status == self.row.polling.gone:
            raise ClientError({"Error": {"Code": status, "Message": "gone"}}, operation)
        answer = example(model.output_shape)
        description = answer
        for step in (*filter(None, self.row.polling.description.split(".")), *self.row.polling.status.split(".")[:-1]):
            description = description[int(step)] if step.isdigit() else description[spelled(description, step)]
        target = description[0] if isinstance(description, list) else description
        target[spelled(target, self.row.polling.status.split(".")[-1])] = status
        target.update(self.changes.get(operation, {}))
        return answer


def spelled(mapping, name):
    """Return the key of a response that Step Functions writes as `name`."""
    return next(key for key in mapping if key.lower() == name.lower())


def example(shape, depth=0):
    """Return a small response of a shape: texts are `x`, lists have one item."""
    kind = shape.type_name
    if kind == "structure":
        return {name: example(inner, depth + 1) for name, inner in shape.members.items()} if depth < 5 else {}
    if kind == "list":
        return [example(shape.member, depth + 1)]
    return {"string": "x", "boolean": True, "integer": 0, "long": 0, "timestamp": "2026-01-01T00:00:00Z"}.get(kind, {})


def run(name, statuses, pattern="sync", changes=(), **fields):
    """Run a task that waits for a job."""
    row = INTEGRATIONS[name]
    made = []

    def clients(client):
        made.append(Client(client, row, statuses, changes))
        return made[-1]

    execution = execute(
        unchecked(machine(("J", task(f"arn:aws:states:::{name}.{pattern}", Parameters=PARAMETERS, **fields)))), clients=clients
    )
    return execution, made[0]


@pytest.mark.parametrize("name", POLLED)
def test_success(name):
    """A job that is described as running, then as successful, ends the task after one wait."""
    polling = INTEGRATIONS[name].polling
    execution, client = run(name, ["on its way", min(polling.succeeded) if polling.succeeded else polling.gone])
    assert execution.status == "SUCCEEDED", execution.cause
    assert execution.duration == 5
    assert [operation.lower() for operation, _ in client.calls[1:]] == [polling.describe.lower()] * 2
    assert "SdkHttpMetadata" not in execution.output


@pytest.mark.parametrize("name", [name for name in POLLED if INTEGRATIONS[name].polling.failed])
def test_failure(name):
    """Each status of failure ends the task with the description as cause."""
    for status in sorted(INTEGRATIONS[name].polling.failed):
        execution, _ = run(name, [status])
        assert (execution.status, execution.error) == ("FAILED", "States.TaskFailed")
        assert status in execution.cause
        json.loads(execution.cause)


@pytest.mark.parametrize("name", POLLED)
def test_a_job_is_stopped_when_the_task_times_out(name):
    """As Step Functions does, where the developer guide does not say that it leaves the resource alone."""
    polling = INTEGRATIONS[name].polling
    execution, client = run(name, ["on its way"] * 3, TimeoutSeconds=6)
    assert (execution.error, execution.duration) == ("States.Timeout", 6)
    stops = [operation for operation, _ in client.calls if operation.lower() == polling.stop.lower()]
    assert len(stops) == (1 if polling.stop else 0)


@pytest.mark.parametrize("name", POLLED)
def test_a_job_is_stopped_with_its_execution(name):
    """https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-sync: a stopped task cancels its job."""
    row, made = INTEGRATIONS[name], []

    def clients(client):
        made.append(Client(client, row, ["on its way"] * 9))
        return made[-1]

    definition = unchecked(machine(("J", task(f"arn:aws:states:::{name}.sync", Parameters=PARAMETERS))))
    execution = start(definition, clients=clients)
    execution.advance(7)
    execution.stop()
    stops = [operation for operation, _ in made[0].calls if operation.lower() == row.polling.stop.lower()]
    assert (execution.status, len(stops)) == ("ABORTED", 1 if row.polling.stop else 0)


def test_a_job_is_stopped_with_its_branch():
    """When another branch fails."""
    client = Client("glue", INTEGRATIONS["glue:startJobRun"], ["on its way"] * 9)
    job = machine(("J", task("arn:aws:states:::glue:startJobRun.sync", Parameters={"JobName": "x"})))
    failing = machine(("W", {"Type": "Wait", "Seconds": 7}), ("F", {"Type": "Fail", "Error": "E"}))
    execution = execute(machine(("P", {"Type": "Parallel", "Branches": [job, failing]})), clients=lambda _: client)
    assert (execution.error, client.calls[-1][0]) == ("E", "BatchStopJobRun")


@pytest.fixture
def aws(monkeypatch):
    """An AWS account in this process."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield boto3.client


KEPT = {"InstanceCount": 1, "MasterInstanceType": "m5.xlarge", "KeepJobFlowAliveWhenNoSteps": True}
ROLE = "arn:aws:iam::123456789012:role/r"
BUILD = {"type": "LINUX_CONTAINER", "image": "i", "computeType": "BUILD_GENERAL1_SMALL"}
PROJECT = {"source": {"type": "S3", "location": "b/p"}, "artifacts": {"type": "NO_ARTIFACTS"}, "environment": BUILD, "serviceRole": ROLE}


@pytest.mark.parametrize(
    ("name", "setup", "parameters", "result"),
    [
        ("glue:startJobRun", {"create_job": {"Name": "j", "Role": ROLE, "Command": {"Name": "c"}}}, {"JobName": "j"}, "JobRunState"),
        ("athena:startQueryExecution", {}, {"QueryString": "SELECT 1"}, "QueryExecution"),
        ("codebuild:startBuild", {"create_project": {"name": "p-roject", **PROJECT}}, {"ProjectName": "p-roject"}, "Build"),
        ("elasticmapreduce:createCluster", {}, {"Name": "c", "JobFlowRole": "x", "ServiceRole": "y", "Instances": KEPT}, "ClusterId"),
        ("emr-serverless:createApplication", {}, {"Type": "SPARK", "ReleaseLabel": "emr-6.6.0", "ClientToken": "t"}, "ApplicationId"),
        ("eks:createCluster", {}, {"Name": "c", "RoleArn": ROLE, "ResourcesVpcConfig": {}}, "Cluster"),
    ],
)
def test_jobs_of_moto(name, setup, parameters, result, aws):
    """The same against the services of moto, as far as it has them and lets jobs end."""
    client = aws(client_name(name.split(":")[0], name.split(":")[1]))
    for method, given in setup.items():
        getattr(client, method)(**given)
    call = task(f"arn:aws:states:::{name}.sync", Parameters=parameters, TimeoutSeconds=60)
    execution = execute(unchecked(machine(("J", call))), clients=aws)
    assert execution.status == "SUCCEEDED", execution.cause
    assert result in execution.output


@pytest.mark.parametrize(
    ("codes", "status"), [([0, 0], "SUCCEEDED"), ([0, 137], "FAILED"), ([1], "FAILED"), ([None], "FAILED"), ([], "SUCCEEDED")]
)
def test_exit_codes_of_containers(codes, status):
    """A task of ECS that stopped has failed if any of its containers ended with another exit code than 0, or did not start."""
    containers = [{"name": "c", **({} if code is None else {"exitCode": code})} for code in codes]
    execution, _ = run("ecs:runTask", ["STOPPED"], changes={"DescribeTasks": {"containers": containers}})
    assert execution.status == status
    if status == "FAILED":
        assert execution.error == "States.TaskFailed"
        assert [container.get("ExitCode") for container in json.loads(execution.cause)["Containers"]] == codes


@pytest.mark.parametrize(("pattern", "error"), [("sync", "AmazonECS.Unknown"), ("waitForTaskToken", "AmazonECS.Unknown"), ("", None)])
def test_tasks_of_ecs_that_cannot_be_placed(pattern, error):
    """A response with Failures fails the patterns that wait: https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html."""
    failures = [{"arn": "a", "reason": "RESOURCE:MEMORY"}]
    client = Client("ecs", INTEGRATIONS["ecs:runTask"], [], {"RunTask": {"failures": failures, "tasks": []}})
    resource = f"arn:aws:states:::ecs:runTask{'.' * bool(pattern)}{pattern}"
    parameters = {"TaskDefinition": "t", "Group.$": "$$.Task.Token" if pattern == "waitForTaskToken" else "$$.Execution.Name"}
    execution = execute(unchecked(machine(("J", task(resource, Parameters=parameters)))), clients=lambda _: client)
    assert execution.error == error
    if error:
        assert json.loads(execution.cause) == {"Failures": [{"Arn": "a", "Reason": "RESOURCE:MEMORY"}], "Tasks": []}


class Refusing(Client):
    """A client that refuses every request."""

    def _make_api_call(self, operation, request):
        error = {"Error": {"Code": "ServerException", "Message": "Failed"}, "ResponseMetadata": {"HTTPStatusCode": 500}}
        raise ClientError(error, operation)


@pytest.mark.parametrize(("pattern", "event"), [(".sync", "TaskSubmitFailed"), ("", "TaskFailed")])
def test_a_refused_request(pattern, event):
    """A request that should start a job has an event of its own: ASFHyP3/hyp3#805."""
    client = Refusing("batch", INTEGRATIONS["batch:submitJob"], [])
    call = task(f"arn:aws:states:::batch:submitJob{pattern}", Parameters={"JobName": "j", "JobDefinition": "d", "JobQueue": "q"})
    execution = execute(machine(("J", call)), clients=lambda _: client)
    assert types(execution)[-2:] == [event, "ExecutionFailed"]
    details = execution.history[-2][event[0].lower() + event[1:] + "EventDetails"]
    assert (details["error"], details["resourceType"], details["resource"]) == ("Batch.ServerException", "batch", f"submitJob{pattern}")
    assert details["cause"].startswith("Failed (Service: AWSBatch; Status Code: 500; Error Code: ServerException; Request ID: ")
    (call,) = execution.calls("J")
    assert (call.status, call.error) == ("FAILED", "Batch.ServerException")


@pytest.mark.parametrize(
    ("fields", "given", "problems"),
    [
        (
            {"Parameters": {"JobName": "j", "JobQueue": "q", "JobDefinition": "d", "Parameters": {"n.$": "$.n"}}},
            """Parameters '{"JobName":"j","JobQueue":"q","JobDefinition":"d","Parameters":{"n":5}}'""",
            "[The value for the field 'n' must be a STRING]",
        ),
        (
            {"QueryLanguage": "JSONata", "Arguments": "{% {'JobName': 'j', 'JobQueue': 'q', 'Other': 1} %}"},
            """Arguments '{"JobName":"j","JobQueue":"q","Other":1}'""",
            '[The field "JobDefinition" is required but was missing, The field "Other" is not supported by Step Functions]',
        ),
    ],
)
def test_parameters_that_cannot_start_a_task(fields, given, problems):
    """They fail the state before the task is scheduled, and cannot be caught: ASFHyP3/hyp3#2585."""
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "D"}]
    definition = machine(("J", task("arn:aws:states:::batch:submitJob.sync", Catch=catch, **fields)), ("D", {"Type": "Pass"}))
    execution = execute(definition, {"n": 5}, mocks={"J": {}})
    assert (execution.error, types(execution)[1:]) == ("States.Runtime", ["TaskStateEntered", "ExecutionFailed"])
    where = "An error occurred while executing the state 'J' (entered at the event id #2)."
    assert execution.cause == f"{where} The {given} could not be used to start the Task: {problems}"


def test_members_that_look_like_paths():
    """A payload with a member that ends in .$ is read as a template once more."""
    call = task("arn:aws:states:::lambda:invoke", Parameters={"FunctionName": "f", "Payload.$": "$"})
    execution = execute(machine(("J", call)), {"token.$": "AQ"}, functions={"f": lambda event: event})
    wanted = "[The value for the field 'token.$' must be a valid JSONPath or a valid intrinsic function call]"
    assert (execution.error, execution.cause.endswith(wanted)) == ("States.Runtime", True)


def test_the_name_of_a_glue_job():
    """It is added to the response: https://docs.aws.amazon.com/step-functions/latest/dg/connect-glue.html."""
    call = task("arn:aws:states:::glue:startJobRun", Parameters={"JobName": "j"})
    client = Client("glue", INTEGRATIONS["glue:startJobRun"], [])
    output = execute(machine(("J", call)), clients=lambda _: client).output
    assert (output["JobName"], output["JobRunId"]) == ("j", "x")


def test_results():
    """The form of the result: the description, one member of it, or the whole response."""
    assert run("glue:startJobRun", ["SUCCEEDED"])[0].output["JobRunState"] == "SUCCEEDED"
    assert run("databrew:startJobRun", ["SUCCEEDED"])[0].output["State"] == "SUCCEEDED"
    assert run("mediaconvert:createJob", ["COMPLETE"])[0].output["Job"]["Status"] == "COMPLETE"
    assert run("eks:createCluster", ["ACTIVE"])[0].output["Cluster"]["Status"] == "ACTIVE"
    assert set(run("codebuild:startBuildBatch", ["SUCCEEDED"])[0].output) == {"BuildBatch"}
    assert run("codebuild:startBuild", ["SUCCEEDED"])[0].output["Build"]["BuildStatus"] == "SUCCEEDED"
    cluster = run("elasticmapreduce:createCluster", ["WAITING"])[0].output
    assert (cluster["ClusterId"], cluster["Cluster"]["Status"]["State"]) == ("x", "WAITING")


def test_a_resource_that_is_gone():
    """The result is the last description, or the response to the deletion where there was none."""
    seen, _ = run("eks:deleteNodegroup", ["DELETING", "ResourceNotFoundException"])
    assert seen.output["Nodegroup"]["Status"] == "DELETING"
    gone, _ = run("eks:deleteNodegroup", ["ResourceNotFoundException"])
    assert set(gone.output) == {"Nodegroup"}


def test_versions_of_nested_executions():
    """`.sync` returns the output as JSON text, `.sync:2` as JSON."""
    row = INTEGRATIONS["states:startExecution"]

    class StepFunctions(Client):
        def _make_api_call(self, operation, request):
            answer = super()._make_api_call(operation, request)
            return {**answer, "input": "{}", "output": '{"a": 1}'} if operation == "DescribeExecution" else answer

    for pattern, output in (("sync", '{"a": 1}'), ("sync:2", {"a": 1})):
        call = task(f"arn:aws:states:::states:startExecution.{pattern}", Parameters={"StateMachineArn": "m"})
        execution = execute(machine(("J", call)), clients=lambda name: StepFunctions(name, row, ["SUCCEEDED"]))
        assert execution.status == "SUCCEEDED", execution.cause
        assert execution.output["Output"] == output
