"""What the role of a state machine must be allowed to do: each permission with the state that needs it.

Reads a definition as JSON, with or without placeholders, in either query language, and in time linear in its size. What
is malformed needs no permission: saying so is the business of the checks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from generator.asl.placeholders import placeholder_name
from generator.catalog import sdk
from generator.catalog.grants import Allow, Grant, expand
from generator.catalog.index import find_action
from generator.catalog.integrations import GUIDE, PARTITIONS, Resource, parse_resource
from generator.catalog.optimised import INTEGRATIONS
from generator.catalog.patterns import TEMPLATED, Deployment, Parameters, arn_of


@dataclass(frozen=True, slots=True)
class Requirement:
    """A grant and where it comes from.

    Args:
        grant: What must be allowed.
        pointer: JSON pointer of the state, or of the machine's setting, that needs it.
        state: The state's name; empty for a setting of the machine.
    """

    grant: Grant
    pointer: str
    state: str = ""


LOG_DELIVERY: Final = Allow(
    "logs:CreateLogDelivery logs:GetLogDelivery logs:UpdateLogDelivery logs:DeleteLogDelivery logs:ListLogDeliveries "
    "logs:PutResourcePolicy logs:DescribeResourcePolicies logs:DescribeLogGroups",
)
TRACING: Final = Allow(
    "xray:PutTraceSegments xray:PutTelemetryRecords xray:GetSamplingRules xray:GetSamplingTargets",
)


def requirements(
    definition: Any, deployment: Deployment | None = None, *, logging: bool = False, tracing: bool = False, kms_key_arn: str = ""
) -> list[Requirement]:
    """Return every permission that the execution role of `definition` needs, in the order of its states.

    Args:
        definition: The state machine as JSON.
        deployment: Where it will run; without it, a definition with placeholders gets placeholders and one without gets `*`.
        logging: Whether the machine writes execution logs to CloudWatch Logs.
        tracing: Whether the machine sends traces to X-Ray.
        kms_key_arn: The customer managed key that encrypts the machine, if any.

    >>> machine = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${check_arn}", "End": True}}}
    >>> [(need.state, need.grant.actions, need.grant.resources) for need in requirements(machine)]
    [('A', ('lambda:InvokeFunction',), ('${check_arn}',))]
    """
    states = list(walk(definition))
    place = deployment or _assumed(states)
    found: list[Requirement] = []
    for pointer, name, state, language in states:
        found += (Requirement(grant, pointer, name) for grant in state_grants(state, language, place))
    settings = Parameters({}, "JSONata", place)
    if logging:
        row, source = LOG_DELIVERY, GUIDE + "cw-logs.html#cloudwatch-iam-policy"
        found += (
            Requirement(grant, "/loggingConfiguration")
            for grant in expand(row, settings, place, reason="Deliver execution logs to CloudWatch Logs", source=source)
        )
    if tracing:
        source = GUIDE + "xray-iam.html"
        found += (
            Requirement(grant, "/tracingConfiguration")
            for grant in expand(TRACING, settings, place, reason="Send traces to X-Ray", source=source)
        )
    if kms_key_arn:
        found += (Requirement(grant, "/encryptionConfiguration") for grant in _encryption(kms_key_arn, place, logging=logging))
    return found


def _assumed(states: list[tuple[str, str, dict[str, Any], str]]) -> Deployment:
    """Guess nothing: a template is deployed as one, and anything else somewhere in the partition that its resources name."""
    if any(_mentions_placeholder(state) for _, _, state, _ in states):
        return TEMPLATED
    for _, _, state, _ in states:
        resource = state.get("Resource")
        partition = resource.split(":", 2)[1] if isinstance(resource, str) and resource.startswith("arn:") else ""
        if partition in PARTITIONS:
            return Deployment(partition)
    return Deployment()


def walk(definition: Any) -> Iterator[tuple[str, str, dict[str, Any], str]]:
    """Yield (JSON pointer, name, state, query language) of each state, nested ones after the one that holds them."""
    if not isinstance(definition, dict):
        return
    default = _language(definition, "JSONPath")
    pending: list[tuple[str, Any, str]] = [("", definition, default)]
    while pending:
        pointer, machine, inherited = pending.pop()
        states = machine.get("States") if isinstance(machine, dict) else None
        if not isinstance(states, dict):
            continue
        inner: list[tuple[str, Any, str]] = []
        for name, state in states.items():
            if not isinstance(state, dict):
                continue
            here = f"{pointer}/States/{str(name).replace('~', '~0').replace('/', '~1')}"
            language = _language(state, inherited)
            yield here, str(name), state, language
            branches = state.get("Branches")
            if isinstance(branches, list):
                inner += ((f"{here}/Branches/{index}", branch, language) for index, branch in enumerate(branches))
            for key in ("ItemProcessor", "Iterator"):
                if key in state:
                    inner.append((f"{here}/{key}", state[key], language))
        pending += reversed(inner)


def state_grants(state: dict[str, Any], language: str, deployment: Deployment) -> Iterator[Grant]:
    """Yield the grants that one state needs."""
    if state.get("Type") == "Task":
        yield from task_grants(state, language, deployment)
    elif state.get("Type") == "Map" and is_distributed(state):
        yield from _distributed_map_grants(state, language, deployment)


def task_grants(task: dict[str, Any], language: str, deployment: Deployment) -> Iterator[Grant]:
    """Yield the grants that a Task needs.

    >>> task = {"Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {"QueueUrl": "${orders_url}"}}
    >>> [(grant.actions, grant.resources) for grant in task_grants(task, "JSONPath", Deployment())]
    [(('sqs:SendMessage',), ('${orders_arn}',))]
    """
    resource = task.get("Resource")
    if not isinstance(resource, str):
        return
    if "Credentials" in task:
        # The service actions belong to the role that the task assumes.
        credentials = Parameters(task["Credentials"], language, deployment)
        yield from expand(
            _ASSUME,
            credentials,
            deployment,
            reason="Assume the role that the task runs with",
            source=GUIDE + "concepts-access-cross-acct-resources.html",
        )
        return
    parsed = parse_resource(resource)
    if parsed is None:
        function = _function_arn(resource)
        if function:
            yield Grant(("lambda:InvokeFunction",), (function,), (), "", "Invoke the function", GUIDE + "connect-lambda.html")
        return
    parameters = Parameters(task.get("Arguments" if language == "JSONata" else "Parameters"), language, deployment)
    yield from integration_grants(parsed, parameters, deployment)


def integration_grants(resource: Resource, parameters: Parameters, deployment: Deployment) -> Iterator[Grant]:
    """Yield the grants of a service integration; none for one that does not exist."""
    if resource.sdk:
        action = find_action(resource.service, resource.action)
        if action is not None:
            for row in sdk.rows(resource.service, resource.action, action.allows, parameters):
                yield from expand(
                    row, parameters, deployment, reason=f"Call {resource.service}:{resource.action}", source=action.service.source
                )
        return
    integration = INTEGRATIONS.get(f"{resource.service}:{resource.action}")
    if integration is not None:
        for row in integration.rows(resource.pattern, parameters):
            yield from expand(row, parameters, deployment, reason=f"Call {integration.name}", source=integration.source)


def is_distributed(state: dict[str, Any]) -> bool:
    """Say whether a Map runs its iterations as child executions."""
    processor = state.get("ItemProcessor")
    config = processor.get("ProcessorConfig") if isinstance(processor, dict) else None
    return isinstance(config, dict) and config.get("Mode") == "DISTRIBUTED"


_ASSUME: Final = Allow("sts:AssumeRole", "iam::role/{RoleArn|arn}")
_MAP_PAGE: Final = GUIDE + "iam-policies-eg-dist-map.html"
_READERS: Final = {
    "getObject": (
        Allow("s3:GetObject", "s3:::{Bucket}/{Key}", note="Read the items"),
        Allow("s3:GetObjectVersion", "s3:::{Bucket}/{Key}", when="VersionId", note="Read the items"),
    ),
    "listObjectsV2": (Allow("s3:ListBucket", "s3:::{Bucket}", note="List the items"),),
}
_MANIFEST: Final = Allow(
    "s3:GetObject", "s3:::{Bucket}/*", note="Read the files that the manifest names", broad="the manifest names the files"
)
_FLATTEN: Final = Allow("s3:GetObject", "s3:::{Bucket}/{Prefix|text=}*", note="Read the objects that are listed")
_WRITER: Final = "s3:PutObject s3:GetObject s3:ListMultipartUploadParts s3:AbortMultipartUpload"


def _distributed_map_grants(state: dict[str, Any], language: str, deployment: Deployment) -> Iterator[Grant]:
    """Child executions are executions of the machine itself; items come from S3 and results go there.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
    """
    place = f"arn:{deployment.partition}:states:{deployment.region}:{deployment.account}"
    label = state.get("Label")
    children = f"{place}:execution:{deployment.name}/{label if isinstance(label, str) else '*'}:*"
    own_name = "" if deployment.name != "*" else "the state machine's name is not known"
    yield Grant(("states:StartExecution",), (deployment.self_arn,), (), own_name, "Start the child executions", _MAP_PAGE)
    executions = (f"{place}:execution:{deployment.name}:*",)
    yield Grant(
        ("states:DescribeExecution", "states:StopExecution"), executions, (), own_name, "Follow and stop the child executions", _MAP_PAGE
    )
    yield Grant(("states:RedriveExecution",), (children,), (), own_name, "Redrive the child executions", _MAP_PAGE)
    reader, key = state.get("ItemReader"), "Arguments" if language == "JSONata" else "Parameters"
    if isinstance(reader, dict):
        parameters = Parameters(reader.get(key), language, deployment)
        found = parse_resource(str(reader.get("Resource")))
        rows = list(_READERS.get(found.action, ())) if found is not None and found.service == "s3" else []
        config = reader.get("ReaderConfig")
        if isinstance(config, dict) and config.get("InputType") == "MANIFEST":
            rows.append(_MANIFEST)
        if isinstance(config, dict) and config.get("Transformation") == "LOAD_AND_FLATTEN":
            rows.append(_FLATTEN)
        for row in rows:
            yield from expand(row, parameters, deployment, reason="Read the items", source=_MAP_PAGE)
    writer = state.get("ResultWriter")
    if isinstance(writer, dict) and "Resource" in writer:
        parameters = Parameters(writer.get(key), language, deployment)
        below = "s3:::{Bucket}/{Prefix|text}/*" if parameters.present("Prefix") else "s3:::{Bucket}/*"
        yield from expand(Allow(_WRITER, below), parameters, deployment, reason="Write the results", source=_MAP_PAGE)


def _function_arn(resource: str) -> str:
    """Return the Lambda function that a task names directly; a whole placeholder can be nothing else that needs a grant."""
    if resource.startswith("arn:"):
        parts = resource.split(":", 6)
        return resource if len(parts) > 6 and parts[2] == "lambda" and parts[5] == "function" else ""  # noqa: PLR2004 - an ARN's parts
    name = placeholder_name(resource)
    return (arn_of(resource) or resource) if name and "activity" not in name.lower() else ""


def _encryption(key_arn: str, deployment: Deployment, *, logging: bool) -> Iterator[Grant]:
    """Yield what a customer managed key asks for; its encryption context names the machine, and the log group's deliveries.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
    """
    source = GUIDE + "encryption-at-rest.html"
    like = "StringLike" if "*" in deployment.self_arn else "StringEquals"
    context = ((like, "kms:EncryptionContext:aws:states:stateMachineArn", (deployment.self_arn,)),)
    yield Grant(("kms:Decrypt", "kms:GenerateDataKey"), (key_arn,), context, "", "Encrypt and decrypt the machine's data", source)
    if logging:
        logs = f"arn:{deployment.partition}:logs:{deployment.region}:{deployment.account}:*"
        context = (("StringLike", "kms:EncryptionContext:SourceArn", (logs,)),)
        yield Grant(("kms:GenerateDataKey",), (key_arn,), context, "", "Encrypt the execution logs", source)


def _language(holder: dict[str, Any], inherited: str) -> str:
    return "JSONata" if "JSONata" in (holder.get("QueryLanguage"), inherited) else "JSONPath"


def _mentions_placeholder(state: dict[str, Any]) -> bool:
    """Look for `${` in what a state says of resources; nested states are looked at on their own."""
    pending: list[Any] = [state.get(key) for key in ("Resource", "Parameters", "Arguments", "ItemReader", "ResultWriter", "Credentials")]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            if "${" in value:
                return True
        elif isinstance(value, dict):
            pending += value.values()
        elif isinstance(value, list):
            pending += value
    return False
