"""Every operation of botocore's model: its answer has the shape of the model, and each error that can be provoked is provoked.

The table of errors is complete: an operation or an error of a new botocore fails :func:`test_every_error_is_provoked_or_explained`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from generator.local.stepfunctions import machines, tasks
from generator.local.stepfunctions.model import ServiceError, error_codes, operation_names, service_model
from generator.local.stepfunctions.service import StepFunctions
from tests.support.stepfunctions import ARN, FAILS, ROLE, SUCCEEDS, Account, distributed


@pytest.fixture
def account() -> Iterator[Account]:
    with StepFunctions(pace="virtual", seed=1, poll_seconds=0.05) as service:
        made = Account(service)
        yield made
        made.close()


# --- answers --------------------------------------------------------------------------------------------------------


def misfits(shape: Any, value: Any, at: str = "") -> Iterator[str]:
    """Yield what an answer has that its shape does not allow."""
    kinds: dict[str, Any] = {
        "string": str, "timestamp": datetime, "boolean": bool, "integer": int, "long": int, "float": (int, float),
        "double": (int, float), "structure": dict, "list": list, "map": dict,
    }  # fmt: skip
    if not isinstance(value, kinds[shape.type_name]) or (isinstance(value, bool) and shape.type_name != "boolean"):
        yield f"{at}: {value!r} is not of type {shape.type_name}"
    elif shape.type_name == "structure":
        yield from (f"{at}: has the member {name!r}" for name in value.keys() - shape.members.keys())
        yield from (f"{at}: lacks the member {name!r}" for name in shape.required_members if name not in value)
        for name in value.keys() & shape.members.keys():
            yield from misfits(shape.members[name], value[name], f"{at}.{name}")
    elif shape.type_name == "list":
        for number, item in enumerate(value):
            yield from misfits(shape.member, item, f"{at}[{number}]")
    elif shape.type_name == "map":
        for key, item in value.items():
            yield from misfits(shape.value, item, f"{at}[{key}]")
    elif shape.type_name == "string" and shape.enum and value not in shape.enum:
        yield f"{at}: {value!r} is not one of {shape.enum}"


Make = Callable[[Account], dict[str, Any]]
SUCCESSES: dict[str, Make] = {
    "CreateActivity": lambda a: {"name": "paint", "tags": [{"key": "k", "value": "v"}]},
    "CreateStateMachine": lambda a: {"name": "m", "definition": SUCCEEDS, "roleArn": ROLE, "publish": True, "versionDescription": "first"},
    "CreateStateMachineAlias": lambda a: {
        "name": "live",
        "routingConfiguration": [{"stateMachineVersionArn": a.version(a.machine()), "weight": 100}],
    },
    "DeleteActivity": lambda a: {"activityArn": a.activity()},
    "DeleteStateMachine": lambda a: {"stateMachineArn": a.machine()},
    "DeleteStateMachineAlias": lambda a: {"stateMachineAliasArn": a.alias(a.version(a.machine()))},
    "DeleteStateMachineVersion": lambda a: {"stateMachineVersionArn": a.version(a.machine())},
    "DescribeActivity": lambda a: {"activityArn": a.activity()},
    "DescribeExecution": lambda a: {"executionArn": a.run(a.alias(a.version(a.machine())))},
    "DescribeMapRun": lambda a: {"mapRunArn": a.map_run()[1]},
    "DescribeStateMachine": lambda a: {"stateMachineArn": a.machine()},
    "DescribeStateMachineAlias": lambda a: {"stateMachineAliasArn": a.alias(a.version(a.machine()))},
    "DescribeStateMachineForExecution": lambda a: {"executionArn": a.run(a.machine())},
    "GetActivityTask": lambda a: {"activityArn": a.activity(), "workerName": "w"},
    "GetExecutionHistory": lambda a: {"executionArn": a.map_run(distributed(failing="b"))[0]},
    "ListActivities": lambda a: {} if a.activity() else {"maxResults": 1},
    "ListExecutions": lambda a: {"stateMachineArn": a.call("DescribeExecution", {"executionArn": a.run(a.machine())})["stateMachineArn"]},
    "ListMapRuns": lambda a: {"executionArn": a.map_run()[0]},
    "ListStateMachineAliases": lambda a: {"stateMachineArn": a.alias(a.version(a.machine())).rpartition(":")[0]},
    "ListStateMachineVersions": lambda a: {"stateMachineArn": a.version(a.machine()).rpartition(":")[0]},
    "ListStateMachines": lambda a: {} if a.machine() else {"maxResults": 1},
    "ListTagsForResource": lambda a: {"resourceArn": a.machine(tags=[{"key": "k", "value": "v"}])},
    "PublishStateMachineVersion": lambda a: {"stateMachineArn": a.machine(), "description": "first", "revisionId": "INITIAL"},
    "RedriveExecution": lambda a: {"executionArn": a.run(a.machine(definition=FAILS))},
    "SendTaskFailure": lambda a: {"taskToken": a.waiting()[1], "error": "E", "cause": "C"},
    "SendTaskHeartbeat": lambda a: {"taskToken": a.waiting(HeartbeatSeconds=60)[1]},
    "SendTaskSuccess": lambda a: {"taskToken": a.waiting()[1], "output": "1"},
    "StartExecution": lambda a: {"stateMachineArn": a.machine(), "name": "one", "input": "{}", "traceHeader": "Root=1"},
    "StartSyncExecution": lambda a: {"stateMachineArn": a.machine(type="EXPRESS"), "input": "[1]"},
    "StopExecution": lambda a: {"executionArn": a.waiting()[0], "error": "E", "cause": "C"},
    "TagResource": lambda a: {"resourceArn": a.activity(), "tags": [{"key": "k", "value": "v"}]},
    "TestState": lambda a: {"definition": '{"Type": "Pass", "End": true}', "input": "1", "inspectionLevel": "TRACE", "roleArn": ROLE},
    "UntagResource": lambda a: {"resourceArn": a.activity(), "tagKeys": ["k"]},
    "UpdateMapRun": lambda a: {"mapRunArn": a.map_run(distributed(failing="waits"))[1], "maxConcurrency": 2},
    "UpdateStateMachine": lambda a: {"stateMachineArn": a.machine(), "definition": FAILS, "publish": True},
    "UpdateStateMachineAlias": lambda a: {"stateMachineAliasArn": a.alias(a.version(a.machine())), "description": "new"},
    "ValidateStateMachineDefinition": lambda a: {"definition": SUCCEEDS.replace("Pass", "Fly")},
}


@pytest.mark.parametrize("operation", operation_names())
def test_answers_have_the_shape_of_the_model(account: Account, operation: str) -> None:
    answer = account.call(operation, SUCCESSES[operation](account))
    shape = service_model().operation_model(operation).output_shape
    assert list(misfits(shape, answer)) == []


@pytest.mark.parametrize("operation", operation_names())
def test_parameters_are_checked_against_the_model(account: Account, operation: str) -> None:
    shape = service_model().operation_model(operation).input_shape
    for name, member in shape.members.items():
        wrong = {"string": 1, "list": {}, "structure": [], "boolean": "yes"}.get(member.type_name, "x")
        with pytest.raises(ServiceError) as caught:
            account.call(operation, {name: wrong})
        assert caught.value.code in {"SerializationException", "ValidationException"}
    if shape.required_members:
        with pytest.raises(ServiceError) as caught:
            account.call(operation, {})
        count = len(shape.required_members)
        assert caught.value.code == "ValidationException"
        assert caught.value.message.startswith(f"{count} validation error{'s' * (count > 1)} detected: Value null at '")


# --- errors ---------------------------------------------------------------------------------------------------------

MISSING = f"{ARN}stateMachine:missing"
BAD = "arn:aws:s3:::bucket"
NO_EXECUTION = f"{ARN}execution:missing:one"
NO_MAP_RUN = f"{ARN}mapRun:missing/each:one"
NO_ACTIVITY = f"{ARN}activity:missing"
TOKEN = "AQC" + "0" * 128
TAGS = [{"key": str(number), "value": ""} for number in range(51)]
KEY = {"type": "CUSTOMER_MANAGED_KMS_KEY"}


def used(a: Account) -> dict[str, Any]:
    version = a.version(a.machine())
    a.alias(version)
    return {"stateMachineVersionArn": version}


def answered(a: Account) -> str:
    token = a.waiting()[1]
    a.call("SendTaskSuccess", {"taskToken": token, "output": "1"})
    return token


def many(a: Account, monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
    """Lower a quota to what exists."""
    monkeypatch.setattr(module, name, 1)


def create(**changed: Any) -> Make:
    return lambda a: {"name": "m", "definition": SUCCEEDS, "roleArn": ROLE, **changed}


def routing(*versions: str, weight: int = 100, **changed: Any) -> dict[str, Any]:
    return {"name": "live", "routingConfiguration": [{"stateMachineVersionArn": each, "weight": weight} for each in versions], **changed}


def other_definition(a: Account) -> dict[str, Any]:
    a.machine("m")
    return create(definition=FAILS)(a)


def other_routing(a: Account) -> dict[str, Any]:
    machine = a.machine()
    first = a.version(machine)
    a.alias(first)
    a.call("UpdateStateMachine", {"stateMachineArn": machine, "definition": FAILS})
    return routing(a.version(machine))


def published(a: Account) -> str:
    """Return a state machine with a version and a newer revision."""
    machine = a.machine()
    a.alias(a.version(machine))
    a.call("UpdateStateMachine", {"stateMachineArn": machine, "definition": FAILS})
    return machine


def two_versions(a: Account) -> dict[str, Any]:
    machine = published(a)
    return routing(a.version(machine), name="next")


def same_name(a: Account) -> dict[str, Any]:
    machine = a.machine()
    a.run(machine, name="one")
    return {"stateMachineArn": machine, "name": "one"}


def next_page(operation: str, make: Make) -> Make:
    return lambda a: {**make(a), "nextToken": "bm90IG91cnM="}


ERRORS: dict[tuple[str, str], Make] = {
    ("CreateActivity", "ActivityAlreadyExists"): lambda a: {
        "name": a.activity().rpartition(":")[2],
        "encryptionConfiguration": {**KEY, "kmsKeyId": "k"},
    },
    ("CreateActivity", "ActivityLimitExceeded"): lambda a: {"name": a.activity() and "other"},
    ("CreateActivity", "InvalidEncryptionConfiguration"): lambda a: {"name": "m", "encryptionConfiguration": KEY},
    ("CreateActivity", "InvalidName"): lambda a: {"name": "a b"},
    ("CreateActivity", "TooManyTags"): lambda a: {"name": "m", "tags": TAGS},
    ("CreateStateMachine", "InvalidArn"): create(roleArn=BAD),
    ("CreateStateMachine", "InvalidDefinition"): create(definition="{}"),
    ("CreateStateMachine", "InvalidEncryptionConfiguration"): create(encryptionConfiguration=KEY),
    ("CreateStateMachine", "InvalidLoggingConfiguration"): create(loggingConfiguration={"level": "ALL"}),
    ("CreateStateMachine", "InvalidName"): create(name="a/b"),
    ("CreateStateMachine", "InvalidTracingConfiguration"): create(tracingConfiguration={}),
    ("UpdateStateMachine", "InvalidTracingConfiguration"): lambda a: {"stateMachineArn": a.machine(), "tracingConfiguration": {}},
    ("CreateStateMachine", "StateMachineAlreadyExists"): other_definition,
    ("CreateStateMachine", "StateMachineDeleting"): lambda a: create(name=a.deleting()[0].rpartition(":")[2])(a),
    ("CreateStateMachine", "StateMachineLimitExceeded"): lambda a: create(name=a.machine() and "other")(a),
    ("CreateStateMachine", "TooManyTags"): create(tags=TAGS),
    ("CreateStateMachineAlias", "ConflictException"): other_routing,
    ("CreateStateMachineAlias", "InvalidArn"): lambda a: routing(BAD),
    ("CreateStateMachineAlias", "ResourceNotFound"): lambda a: routing(f"{MISSING}:1"),
    ("CreateStateMachineAlias", "ServiceQuotaExceededException"): two_versions,
    ("CreateStateMachineAlias", "StateMachineDeleting"): lambda a: routing(f"{a.deleting()[0]}:1"),
    ("DeleteActivity", "InvalidArn"): lambda a: {"activityArn": BAD},
    ("DeleteStateMachine", "InvalidArn"): lambda a: {"stateMachineArn": BAD},
    ("DeleteStateMachineAlias", "InvalidArn"): lambda a: {"stateMachineAliasArn": BAD},
    ("DeleteStateMachineAlias", "ResourceNotFound"): lambda a: {"stateMachineAliasArn": f"{a.machine()}:live"},
    ("DeleteStateMachineVersion", "ConflictException"): used,
    ("DeleteStateMachineVersion", "InvalidArn"): lambda a: {"stateMachineVersionArn": BAD},
    ("DescribeActivity", "ActivityDoesNotExist"): lambda a: {"activityArn": NO_ACTIVITY},
    ("DescribeActivity", "InvalidArn"): lambda a: {"activityArn": BAD},
    ("DescribeExecution", "ExecutionDoesNotExist"): lambda a: {"executionArn": NO_EXECUTION},
    ("DescribeExecution", "InvalidArn"): lambda a: {"executionArn": a.run(a.machine(type="EXPRESS"))},
    ("DescribeMapRun", "InvalidArn"): lambda a: {"mapRunArn": BAD},
    ("DescribeMapRun", "ResourceNotFound"): lambda a: {"mapRunArn": NO_MAP_RUN},
    ("DescribeStateMachine", "InvalidArn"): lambda a: {"stateMachineArn": NO_EXECUTION},
    ("DescribeStateMachine", "StateMachineDoesNotExist"): lambda a: {"stateMachineArn": f"{a.machine()}:7"},
    ("DescribeStateMachineAlias", "InvalidArn"): lambda a: {"stateMachineAliasArn": BAD},
    ("DescribeStateMachineAlias", "ResourceNotFound"): lambda a: {"stateMachineAliasArn": f"{MISSING}:live"},
    ("DescribeStateMachineForExecution", "ExecutionDoesNotExist"): lambda a: {"executionArn": NO_EXECUTION},
    ("DescribeStateMachineForExecution", "InvalidArn"): lambda a: {"executionArn": BAD},
    ("GetActivityTask", "ActivityDoesNotExist"): lambda a: {"activityArn": NO_ACTIVITY},
    ("GetActivityTask", "ActivityWorkerLimitExceeded"): lambda a: {"activityArn": a.activity()},
    ("GetActivityTask", "InvalidArn"): lambda a: {"activityArn": BAD},
    ("GetExecutionHistory", "ExecutionDoesNotExist"): lambda a: {"executionArn": NO_EXECUTION},
    ("GetExecutionHistory", "InvalidArn"): lambda a: {"executionArn": BAD},
    ("GetExecutionHistory", "InvalidToken"): next_page("GetExecutionHistory", lambda a: {"executionArn": a.run(a.machine())}),
    ("ListActivities", "InvalidToken"): next_page("ListActivities", lambda a: {}),
    ("ListExecutions", "InvalidArn"): lambda a: {"stateMachineArn": BAD},
    ("ListExecutions", "InvalidToken"): next_page("ListExecutions", lambda a: {"stateMachineArn": a.machine()}),
    ("ListExecutions", "ResourceNotFound"): lambda a: {"mapRunArn": NO_MAP_RUN},
    ("ListExecutions", "StateMachineDoesNotExist"): lambda a: {"stateMachineArn": MISSING},
    ("ListExecutions", "StateMachineTypeNotSupported"): lambda a: {"stateMachineArn": a.machine(type="EXPRESS")},
    ("ListMapRuns", "ExecutionDoesNotExist"): lambda a: {"executionArn": NO_EXECUTION},
    ("ListMapRuns", "InvalidArn"): lambda a: {"executionArn": BAD},
    ("ListMapRuns", "InvalidToken"): next_page("ListMapRuns", lambda a: {"executionArn": a.run(a.machine())}),
    ("ListStateMachineAliases", "InvalidArn"): lambda a: {"stateMachineArn": BAD},
    ("ListStateMachineAliases", "InvalidToken"): next_page("ListStateMachineAliases", lambda a: {"stateMachineArn": a.machine()}),
    ("ListStateMachineAliases", "ResourceNotFound"): lambda a: {"stateMachineArn": f"{a.machine()}:1"},
    ("ListStateMachineAliases", "StateMachineDeleting"): lambda a: {"stateMachineArn": a.deleting()[0]},
    ("ListStateMachineAliases", "StateMachineDoesNotExist"): lambda a: {"stateMachineArn": MISSING},
    ("ListStateMachineVersions", "InvalidArn"): lambda a: {"stateMachineArn": BAD},
    ("ListStateMachineVersions", "InvalidToken"): next_page("ListStateMachineVersions", lambda a: {"stateMachineArn": a.machine()}),
    ("ListStateMachines", "InvalidToken"): next_page("ListStateMachines", lambda a: {}),
    ("ListTagsForResource", "InvalidArn"): lambda a: {"resourceArn": BAD},
    ("ListTagsForResource", "ResourceNotFound"): lambda a: {"resourceArn": NO_ACTIVITY},
    ("PublishStateMachineVersion", "ConflictException"): lambda a: {"stateMachineArn": a.machine(), "revisionId": "other"},
    ("PublishStateMachineVersion", "InvalidArn"): lambda a: {"stateMachineArn": BAD},
    ("PublishStateMachineVersion", "ServiceQuotaExceededException"): lambda a: {"stateMachineArn": published(a)},
    ("PublishStateMachineVersion", "StateMachineDeleting"): lambda a: {"stateMachineArn": a.deleting()[0]},
    ("PublishStateMachineVersion", "StateMachineDoesNotExist"): lambda a: {"stateMachineArn": MISSING},
    ("RedriveExecution", "ExecutionDoesNotExist"): lambda a: {"executionArn": NO_EXECUTION},
    ("RedriveExecution", "ExecutionLimitExceeded"): lambda a: {"executionArn": redriven(a)},
    ("RedriveExecution", "ExecutionNotRedrivable"): lambda a: {"executionArn": a.run(a.machine())},
    ("RedriveExecution", "InvalidArn"): lambda a: {"executionArn": BAD},
    ("SendTaskFailure", "InvalidToken"): lambda a: {"taskToken": "x"},
    ("SendTaskFailure", "TaskTimedOut"): lambda a: {"taskToken": TOKEN},
    ("SendTaskHeartbeat", "InvalidToken"): lambda a: {"taskToken": "x"},
    ("SendTaskHeartbeat", "TaskTimedOut"): lambda a: {"taskToken": TOKEN},
    ("SendTaskSuccess", "InvalidOutput"): lambda a: {"taskToken": a.waiting()[1], "output": "{"},
    ("SendTaskSuccess", "InvalidToken"): lambda a: {"taskToken": "x", "output": "1"},
    ("SendTaskSuccess", "TaskTimedOut"): lambda a: {"taskToken": answered(a), "output": "1"},
    ("StartExecution", "ExecutionAlreadyExists"): same_name,
    ("StartExecution", "InvalidArn"): lambda a: {"stateMachineArn": BAD},
    ("StartExecution", "InvalidExecutionInput"): lambda a: {"stateMachineArn": a.machine(), "input": "{"},
    ("StartExecution", "InvalidName"): lambda a: {"stateMachineArn": a.machine(), "name": "a:b"},
    ("StartExecution", "StateMachineDeleting"): lambda a: {"stateMachineArn": a.deleting()[0]},
    ("StartExecution", "StateMachineDoesNotExist"): lambda a: {"stateMachineArn": MISSING},
    ("StartSyncExecution", "InvalidArn"): lambda a: {"stateMachineArn": BAD},
    ("StartSyncExecution", "InvalidExecutionInput"): lambda a: {"stateMachineArn": a.machine(type="EXPRESS"), "input": "NaN"},
    ("StartSyncExecution", "InvalidName"): lambda a: {"stateMachineArn": a.machine(type="EXPRESS"), "name": "?"},
    ("StartSyncExecution", "StateMachineDeleting"): lambda a: {"stateMachineArn": a.deleting()[0]},
    ("StartSyncExecution", "StateMachineDoesNotExist"): lambda a: {"stateMachineArn": MISSING},
    ("StartSyncExecution", "StateMachineTypeNotSupported"): lambda a: {"stateMachineArn": a.machine()},
    ("StopExecution", "ExecutionDoesNotExist"): lambda a: {"executionArn": NO_EXECUTION},
    ("StopExecution", "InvalidArn"): lambda a: {"executionArn": a.run(a.machine(type="EXPRESS"))},
    ("TagResource", "InvalidArn"): lambda a: {"resourceArn": BAD, "tags": []},
    ("TagResource", "ResourceNotFound"): lambda a: {"resourceArn": MISSING, "tags": []},
    ("TagResource", "TooManyTags"): lambda a: {"resourceArn": a.machine(), "tags": TAGS},
    ("TestState", "InvalidArn"): lambda a: {"definition": '{"Type": "Succeed"}', "roleArn": BAD},
    ("TestState", "InvalidDefinition"): lambda a: {"definition": '{"Type": "Fly"}'},
    ("TestState", "InvalidExecutionInput"): lambda a: {"definition": '{"Type": "Succeed"}', "input": "{"},
    ("UntagResource", "InvalidArn"): lambda a: {"resourceArn": BAD, "tagKeys": []},
    ("UntagResource", "ResourceNotFound"): lambda a: {"resourceArn": NO_ACTIVITY, "tagKeys": []},
    ("UpdateMapRun", "InvalidArn"): lambda a: {"mapRunArn": BAD, "maxConcurrency": 1},
    ("UpdateMapRun", "ResourceNotFound"): lambda a: {"mapRunArn": NO_MAP_RUN, "maxConcurrency": 1},
    ("UpdateStateMachine", "InvalidArn"): lambda a: {"stateMachineArn": BAD},
    ("UpdateStateMachine", "InvalidDefinition"): lambda a: {"stateMachineArn": a.machine(), "definition": "[]"},
    ("UpdateStateMachine", "InvalidEncryptionConfiguration"): lambda a: {"stateMachineArn": a.machine(), "encryptionConfiguration": KEY},
    ("UpdateStateMachine", "InvalidLoggingConfiguration"): lambda a: {
        "stateMachineArn": a.machine(),
        "loggingConfiguration": {"level": "ALL"},
    },
    ("UpdateStateMachine", "MissingRequiredParameter"): lambda a: {"stateMachineArn": a.machine()},
    ("UpdateStateMachine", "ServiceQuotaExceededException"): lambda a: {"stateMachineArn": published(a), "publish": True},
    ("UpdateStateMachine", "StateMachineDeleting"): lambda a: {"stateMachineArn": a.deleting()[0], "definition": SUCCEEDS},
    ("UpdateStateMachine", "StateMachineDoesNotExist"): lambda a: {"stateMachineArn": MISSING, "definition": SUCCEEDS},
    ("UpdateStateMachineAlias", "InvalidArn"): lambda a: {"stateMachineAliasArn": BAD, "description": "d"},
    ("UpdateStateMachineAlias", "ResourceNotFound"): lambda a: {"stateMachineAliasArn": f"{a.machine()}:live", "description": "d"},
    ("UpdateStateMachineAlias", "StateMachineDeleting"): lambda a: {
        "stateMachineAliasArn": f"{a.deleting()[0]}:live",
        "description": "d",
    },
}
QUOTAS = {
    ("CreateActivity", "ActivityLimitExceeded"): (tasks, "MOST_ACTIVITIES", 1),
    ("GetActivityTask", "ActivityWorkerLimitExceeded"): (tasks, "MOST_POLLERS", 0),
    ("CreateStateMachine", "StateMachineLimitExceeded"): (machines, "MOST_MACHINES", 1),
    ("CreateStateMachineAlias", "ServiceQuotaExceededException"): (machines, "MOST_ALIASES", 1),
    ("PublishStateMachineVersion", "ServiceQuotaExceededException"): (machines, "MOST_VERSIONS", 1),
    ("UpdateStateMachine", "ServiceQuotaExceededException"): (machines, "MOST_VERSIONS", 1),
}
VALIDATION: dict[str, Make] = {
    "CreateStateMachine": create(versionDescription="first"),
    "CreateStateMachineAlias": lambda a: routing(a.version(a.machine()), weight=99),
    "DeleteStateMachine": lambda a: {"stateMachineArn": f"{a.machine()}/each"},
    "DeleteStateMachineAlias": lambda a: {"stateMachineAliasArn": a.machine()},
    "DeleteStateMachineVersion": lambda a: {"stateMachineVersionArn": a.machine()},
    "DescribeStateMachineAlias": lambda a: {"stateMachineAliasArn": a.machine()},
    "ListExecutions": lambda a: {"stateMachineArn": a.machine(), "mapRunArn": NO_MAP_RUN},
    "ListStateMachineVersions": lambda a: {"stateMachineArn": a.version(a.machine())},
    "PublishStateMachineVersion": lambda a: {"stateMachineArn": a.version(a.machine())},
    "RedriveExecution": lambda a: {"executionArn": NO_EXECUTION, "clientToken": "\n"},
    "StartExecution": lambda a: {"stateMachineArn": f"{a.machine()}/each"},
    "StopExecution": lambda a: {"executionArn": a.call("ListExecutions", {"mapRunArn": a.map_run()[1]})["executions"][0]["executionArn"]},
    "TestState": lambda a: {"definition": '{"Type": "Succeed"}', "context": "{}"},
    "UpdateMapRun": lambda a: {"mapRunArn": a.map_run()[1], "maxConcurrency": 1},
    "UpdateStateMachine": lambda a: {"stateMachineArn": a.version(a.machine()), "definition": SUCCEEDS},
    "UpdateStateMachineAlias": lambda a: {"stateMachineAliasArn": a.alias(a.version(a.machine()))},
    "ValidateStateMachineDefinition": lambda a: {"definition": SUCCEEDS, "maxResults": 101},
}
"""What breaks a rule that the shapes of the model do not have, or one of the shapes."""
KMS = {"KmsAccessDeniedException", "KmsInvalidStateException", "KmsThrottlingException"}
NOT_PROVOKED = {
    **{(operation, code): "there is no KMS here" for operation in operation_names() for code in KMS},
    ("CreateStateMachine", "StateMachineTypeNotSupported"): "all types of the model are supported",
    ("CreateStateMachine", "ConflictException"): "requests are served one after the other",
    ("UpdateStateMachine", "ConflictException"): "requests are served one after the other",
    ("DeleteStateMachineAlias", "ConflictException"): "requests are served one after the other",
    ("UpdateStateMachineAlias", "ConflictException"): "requests are served one after the other",
    ("CreateStateMachineAlias", "InvalidName"): "the pattern of the model refuses such a name first",
    ("StartExecution", "ExecutionLimitExceeded"): "this machine is the limit",
    ("SendTaskFailure", "TaskDoesNotExist"): "a token of a task that is unknown here has timed out",
    ("SendTaskHeartbeat", "TaskDoesNotExist"): "a token of a task that is unknown here has timed out",
    ("SendTaskSuccess", "TaskDoesNotExist"): "a token of a task that is unknown here has timed out",
}


def redriven(a: Account) -> str:
    execution = a.run(a.machine(definition=FAILS))
    record = a.service.core.records[execution]
    record.redriven = 1000
    return execution


def test_every_error_is_provoked_or_explained() -> None:
    modelled = {(operation, code) for operation in operation_names() for code in error_codes(operation)}
    declared = {(o, c) for o, c in modelled if c != "ValidationException" or o in VALIDATION}
    known = {*ERRORS, *((operation, "ValidationException") for operation in VALIDATION), *NOT_PROVOKED}
    assert declared - known == set()
    assert {*ERRORS} - modelled == set()


@pytest.mark.parametrize(("operation", "code"), [*ERRORS, *((operation, "ValidationException") for operation in VALIDATION)])
def test_errors(account: Account, monkeypatch: pytest.MonkeyPatch, operation: str, code: str) -> None:
    make = VALIDATION[operation] if code == "ValidationException" else ERRORS[operation, code]
    request = make(account)
    if (operation, code) in QUOTAS:
        monkeypatch.setattr(*QUOTAS[operation, code])
    with pytest.raises(ServiceError) as caught:
        account.call(operation, request)
    assert (caught.value.code, bool(caught.value.message)) == (code, True)


ODD = {
    "Arn": [
        "x", "arn", "arn:aws:states", "arn:aws:lambda:us-east-1:123456789012:function:f", f"{ARN}stateMachine", f"{ARN}stateMachine:",
        f"{ARN}stateMachine:orders", f"{ARN}stateMachine:orders:1", f"{ARN}stateMachine:orders:x", f"{ARN}stateMachine:orders/each",
        f"{ARN}stateMachine:orders:1:2", f"{ARN}stateMachine:orders:²", f"{ARN}execution:orders", f"{ARN}execution:orders:x",
        f"{ARN}execution:orders/each:x", f"{ARN}express:orders:a:b", f"{ARN}mapRun:orders/each:x", f"{ARN}activity:paint",
        f"{ARN}activity:missing", "arn:aws:states:us-east-1:12:stateMachine:orders", "arn:aws:states::123456789012:stateMachine:orders",
        f"{ARN}stateMachine:orders#case", f"{ARN}stateMachine:\ud800",
    ],
    "Name": [" ", "a b", "a:1", "1", "\x00", "n" * 80],
    "SensitiveData": ["", "{", "null", "NaN", "[" * 5000, '"\\ud800"'],
    "Definition": ["x", "null", "[]", "{}", '{"StartAt": 1}', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}'],
    "TaskToken": ["x", TOKEN],
    "PageToken": ["x", "=", "é"],
}  # fmt: skip
SHAPES = {"LongArn": "Arn", "ListExecutionsPageToken": "PageToken", "CharacterRestrictedName": "Name"}


@pytest.mark.parametrize("operation", operation_names())
def test_whatever_is_sent_the_answer_is_modelled(account: Account, operation: str) -> None:
    """Each parameter has odd values beside the good ones of the others: there is an answer, or an error that the operation has."""
    good = SUCCESSES[operation](account)
    members = service_model().operation_model(operation).input_shape.members
    allowed = {*error_codes(operation), "SerializationException", None}
    output = service_model().operation_model(operation).output_shape
    for name, shape in members.items():
        for value in ODD.get(SHAPES.get(shape.name, shape.name), []):
            answer, code = answered_with(account, operation, {**good, name: value})
            assert code in allowed, (name, value)
            assert answer is None or list(misfits(output, answer)) == [], (name, value)


def answered_with(account: Account, operation: str, parameters: dict[str, Any]) -> tuple[dict[str, Any] | None, str | None]:
    """Return the answer, or the code of the error."""
    try:
        return account.call(operation, parameters), None
    except ServiceError as error:
        return None, error.code
