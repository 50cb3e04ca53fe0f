"""The permissions that an execution role needs: each with the state that needs it.

They are derived from the walk over a definition, with or without placeholders, in either query language, in time linear in
its size. A part of a definition that is invalid needs no permission; the checks report it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from generator.asl.model import ABSENT, Json, Map, Maybe, Task
from generator.asl.placeholders import has_placeholder, placeholder_name
from generator.asl.walk import StateAt, Walk, parameters_of, strings
from generator.catalog import sdk
from generator.catalog.index import find_action
from generator.catalog.integrations import GUIDE, PARTITIONS, Resource, parse_resource
from generator.catalog.optimised import INTEGRATIONS
from generator.catalog.patterns import TEMPLATED, Deployment, Parameters
from generator.catalog.permissions import Allow
from generator.catalog.resources import ACTIVITY
from generator.iam.grants import Grant, expand

if TYPE_CHECKING:
    from generator.diagnostics.model import Pointer


@dataclass(frozen=True, slots=True)
class Requirement:
    """A grant, and what needs it.

    Attributes:
        grant: the actions, and the resources that they are done to.
        at: the place of the state, or of the setting, that needs it.
        needed_by: the name of the state or of the setting.
    """

    grant: Grant
    at: Pointer
    needed_by: str


def requirements(walk: Walk, deployment: Deployment | None = None) -> tuple[Requirement, ...]:
    """Return every permission that the states of a definition need, in the order of the states.

    Args:
        walk: the walk over the definition.
        deployment: where it will run; by default a definition with placeholders is deployed as a template, and another one
            anywhere in the partition that its resources name.

    >>> from generator.asl.model import StateMachine
    >>> from generator.asl.walk import walk
    >>> walked = walk(StateMachine(start_at="A", states={"A": Task(resource="${check_arn}", end=True)}))
    >>> [(need.needed_by, need.grant.actions, need.grant.resources) for need in requirements(walked)]
    [('A', ('lambda:InvokeFunction',), ('${check_arn}',))]
    """
    place = replace(deployment or assumed(walk), placeholders=walk.placeholders)
    return tuple(Requirement(grant, entry.at, entry.name) for entry in walk.states for grant in state_grants(entry, place))


def assumed(walk: Walk) -> Deployment:
    """Return the deployment that a definition shows: a template's, or anywhere in the partition that its resources name."""
    if any(_mentions_placeholder(entry) for entry in walk.states):
        return TEMPLATED
    for entry in walk.states:
        partition = entry.resource.split(":", 2)[1] if entry.resource.startswith("arn:") else ""
        if partition in PARTITIONS:
            return Deployment(partition)
    return Deployment()


def _mentions_placeholder(entry: StateAt) -> bool:
    """Tell whether a state names a resource by a placeholder."""
    named: list[Json] = [entry.resource, _json(entry.parameters[1])]
    if isinstance(entry.state, Task):
        named.append(_json(entry.state.credentials))
    if isinstance(entry.state, Map):
        for holder in (entry.state.item_reader, entry.state.result_writer):
            if holder is not ABSENT:
                named += [_json(holder.resource), _json(parameters_of(holder, entry.language)[1])]
    return any(has_placeholder(text) for value in named for _, text in strings(value, ()))


def _json(value: Maybe[Any]) -> Any:
    return None if value is ABSENT else value


def state_grants(entry: StateAt, deployment: Deployment) -> Iterator[Grant]:
    """Yield the grants that one state needs."""
    if isinstance(entry.state, Task):
        yield from _task_grants(entry, entry.state, deployment)
    elif isinstance(entry.state, Map) and entry.state.distributed:
        yield from _distributed_map_grants(entry, entry.state, deployment)


def _task_grants(entry: StateAt, task: Task, deployment: Deployment) -> Iterator[Grant]:
    if task.credentials is not ABSENT or "Credentials" in task.extra:
        # The service actions belong to the role that the task assumes.
        credentials = Parameters(_json(task.credentials), entry.language, deployment)
        reason, source = "Assume the role that the task runs with", GUIDE + "concepts-access-cross-acct-resources.html"
        yield from expand(_ASSUME, credentials, deployment, reason=reason, source=source)
        return
    parsed = parse_resource(entry.resource)
    if parsed is not None:
        yield from integration_grants(parsed, Parameters(_json(entry.parameters[1]), entry.language, deployment), deployment)
    elif function := _function_arn(entry.resource, deployment):
        yield Grant(("lambda:InvokeFunction",), (function,), (), "", "Invoke the function", GUIDE + "connect-lambda.html")


def integration_grants(resource: Resource, parameters: Parameters, deployment: Deployment) -> Iterator[Grant]:
    """Yield the grants of a service integration; none for one that does not exist."""
    if resource.sdk:
        yield from call_grants(resource.service, resource.action, parameters, deployment)
        return
    integration = INTEGRATIONS.get(f"{resource.service}:{resource.action}")
    if integration is not None:
        for row in integration.rows(resource.pattern, parameters):
            yield from expand(row, parameters, deployment, reason=f"Call {integration.name}", source=integration.source)


def call_grants(service: str, action: str, parameters: Parameters, deployment: Deployment) -> Iterator[Grant]:
    """Yield the grants of a call of an API action, spelled as in an SDK integration; none for an action that does not exist.

    >>> orders = Parameters({"TableName": "orders"}, "JSONata")
    >>> [grant.actions for grant in call_grants("dynamodb", "putItem", orders, Deployment())]
    [('dynamodb:PutItem',)]
    """
    known = find_action(service, action)
    if known is not None:
        for row in sdk.rows(service, action, known.allows, parameters):
            yield from expand(row, parameters, deployment, reason=f"Call {service}:{action}", source=known.service.source)


def calls_without_permission(walk: Walk) -> Iterator[tuple[StateAt, str]]:
    """Yield the SDK calls for which no IAM action is known, as ``service:action``: the derived role does not allow them."""
    for entry in walk.states:
        parsed = parse_resource(entry.resource) if isinstance(entry.state, Task) else None
        if parsed is None or not parsed.sdk or entry.has("Credentials", "credentials"):
            continue
        action = find_action(parsed.service, parsed.action)
        given = Parameters(_json(entry.parameters[1]), entry.language)
        if action is not None and not sdk.rows(parsed.service, parsed.action, action.allows, given):
            yield entry, f"{parsed.service}:{parsed.action}"


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


def _distributed_map_grants(entry: StateAt, state: Map, deployment: Deployment) -> Iterator[Grant]:
    """Yield the grants of a Distributed Map: its child executions, the items in S3 and the results there.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
    """
    place = f"arn:{deployment.partition}:states:{deployment.region}:{deployment.account}"
    label = state.label if isinstance(state.label, str) else "*"
    children = (f"{place}:execution:{deployment.name}/{label}:*",)
    executions = (f"{place}:execution:{deployment.name}:*",)
    unnamed = "" if deployment.name != "*" else "the state machine's name is not known"
    follow = ("states:DescribeExecution", "states:StopExecution")
    yield Grant(("states:StartExecution",), (deployment.self_arn,), (), unnamed, "Start the child executions", _MAP_PAGE)
    yield Grant(follow, executions, (), unnamed, "Follow and stop the child executions", _MAP_PAGE)
    yield Grant(("states:RedriveExecution",), children, (), unnamed, "Redrive the child executions", _MAP_PAGE)
    if state.item_reader is not ABSENT:
        reader = state.item_reader
        parameters = Parameters(_json(parameters_of(reader, entry.language)[1]), entry.language, deployment)
        found = parse_resource(reader.resource) if isinstance(reader.resource, str) else None
        rows = list(_READERS.get(found.action, ())) if found is not None and found.service == "s3" else []
        config = reader.reader_config
        if config is not ABSENT and config.input_type == "MANIFEST":
            rows.append(_MANIFEST)
        if config is not ABSENT and config.transformation == "LOAD_AND_FLATTEN":
            rows.append(_FLATTEN)
        for row in rows:
            yield from expand(row, parameters, deployment, reason="Read the items", source=_MAP_PAGE)
    writer = state.result_writer
    if writer is not ABSENT and writer.resource is not ABSENT:
        parameters = Parameters(_json(parameters_of(writer, entry.language)[1]), entry.language, deployment)
        below = "s3:::{Bucket}/{Prefix|text}/*" if parameters.present("Prefix") else "s3:::{Bucket}/*"
        yield from expand(Allow(_WRITER, below), parameters, deployment, reason="Write the results", source=_MAP_PAGE)


_ARN_PARTS: Final = 7
_WORD: Final = re.compile(r"[A-Z]*[a-z0-9]+|[A-Z]+")


def _function_arn(resource: str, deployment: Deployment) -> str:
    """Return the Lambda function that the Resource of a Task names directly; an activity needs no permission."""
    if resource.startswith("arn:"):
        parts = resource.split(":", _ARN_PARTS - 1)
        return resource if len(parts) == _ARN_PARTS and parts[2] == "lambda" and parts[5] == "function" else ""
    name = placeholder_name(resource)
    known = deployment.placeholders.get(name)
    is_activity = _names_activity(name) if known is None or not known.kind else known.kind == ACTIVITY.key
    return "" if not name or is_activity else deployment.arn_of(resource) or resource


def _names_activity(name: str) -> bool:
    """Tell whether the name of a placeholder, without the attribute at its end, ends with the word "activity".

    >>> _names_activity("PackActivityArn"), _names_activity("pack_activity_arn"), _names_activity("ActivityLoggerFunctionArn")
    (True, True, False)
    """
    words = _WORD.findall(name)
    if words and words[-1].lower() in {"arn", "name"}:
        words.pop()
    return bool(words) and words[-1].lower() == ACTIVITY.key
