"""The permissions that an execution role needs, each with the state that needs it.

They are derived from the walk over a definition, with or without placeholders, in either query language. The time is linear
in the size of the definition. An invalid part of a definition needs no permission; the checks report it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeVar

from generator.asl.model import ABSENT, JSONPATH, ItemReader, Json, Map, Maybe, ResultWriter, Task
from generator.asl.placeholders import has_placeholder, placeholder_name
from generator.asl.walk import StateAt, Walk, parameters_of, strings
from generator.catalog import sdk
from generator.catalog.index import find_action
from generator.catalog.integrations import GUIDE, PARTITIONS, Resource, parse_resource
from generator.catalog.optimised import INTEGRATIONS
from generator.catalog.patterns import TEMPLATED, Assignments, Deployment, Parameters
from generator.catalog.permissions import Allow
from generator.catalog.resources import ACTIVITY, ARN, FUNCTION, NAME
from generator.iam.grants import Grant, expand
from generator.iam.keys import Keys

if TYPE_CHECKING:
    from generator.asl.corrections import Correction
    from generator.diagnostics.model import Pointer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Requirement:
    """A grant, and what needs it.

    Attributes:
        grant: the actions, and the resources that they are done to.
        at: the place in the definition, or the setting, that needs it.
        needed_by: the name of the state or of the setting.
        corrections: the author's corrections that made it what it is.
    """

    grant: Grant
    at: Pointer
    needed_by: str
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True, slots=True)
class UnknownCall:
    """A call of a state for which no IAM action is known, so that no permission is derived.

    Attributes:
        state: the state.
        name: the call, as `service:action`.
    """

    state: StateAt
    name: str


def requirements(walk: Walk, deployment: Deployment | None = None) -> tuple[Requirement, ...]:
    """Return every permission that the states of a definition need, in the order of the states.

    Args:
        walk: the walk over the definition.
        deployment: where it will run; by default what :func:`assumed_deployment` returns.

    >>> from generator.asl.model import StateMachine
    >>> from generator.asl.walk import walk
    >>> walked = walk(StateMachine(start_at="A", states={"A": Task(resource="${check_arn}", end=True)}))
    >>> [(need.needed_by, need.grant.actions, need.grant.resources) for need in requirements(walked)]
    [('A', ('lambda:InvokeFunction',), ('${check_arn}',))]
    """
    place = replace(deployment or assumed_deployment(walk), placeholders=walk.placeholders, variables=walk.once(assignments))
    keys = Keys(place)
    return tuple(Requirement(grant, entry.at, entry.name) for entry in walk.states for grant in keys.used_by(_state_grants(entry, place)))


def assignments(walk: Walk) -> Assignments:
    """Return everything that a definition assigns to each of its variables, wherever it does.

    >>> from generator.asl.model import Pass, StateMachine
    >>> from generator.asl.walk import walk
    >>> assignments(walk(StateMachine(start_at="A", states={"A": Pass(assign={"table": "orders"}, end=True)})))
    {'table': (('orders', 'JSONPath', False),)}
    """
    found: dict[str, list[tuple[Json, str, bool]]] = {}
    for entry in walk.states:
        for _, construct in entry.constructs:
            assigned = getattr(construct, "assign", ABSENT)
            for name, value in assigned.items() if isinstance(assigned, dict) else ():
                # In JSONPath the name of a computed variable ends in `.$`, as any member of a payload template does.
                computed = entry.language == JSONPATH and name.endswith(".$")
                found.setdefault(name.removesuffix(".$") if computed else name, []).append((value, entry.language, computed))
    return {name: tuple(values) for name, values in found.items()}


def unknown_calls(walk: Walk) -> Iterator[UnknownCall]:
    """Yield the calls for which no IAM action is known."""
    for entry in walk.states:
        if not isinstance(entry.state, Task) or entry.has("Credentials", "credentials"):
            continue
        called = parse_resource(entry.resource)
        action = find_action(called.service, called.action) if called is not None and called.sdk else None
        if action is not None and not sdk.rows(action.service.name, action.name, action.allows, _parameters(entry, Deployment())):
            yield UnknownCall(entry, f"{action.service.name}:{action.name}")


def assumed_deployment(walk: Walk) -> Deployment:
    """Return where a definition will run, as far as it shows it.

    A definition that was compiled, or that names resources by placeholders, is deployed as a template. Another one will run
    anywhere in the partition that its resources name.
    """
    if walk.template or any(_names_resources_by_placeholders(entry) for entry in walk.states):
        return TEMPLATED
    for entry in walk.states:
        partition = entry.resource.split(":", 2)[1] if entry.resource.startswith("arn:") else ""
        if partition in PARTITIONS:
            return Deployment(partition)
    return Deployment()


def _names_resources_by_placeholders(entry: StateAt) -> bool:
    state = entry.state
    named: list[Json] = [entry.resource, _or_none(entry.parameters[1])]
    if isinstance(state, Task):
        named.append(_or_none(state.credentials))
    elif isinstance(state, Map):
        for part in (state.item_reader, state.result_writer):
            if part is not ABSENT:
                named += [_or_none(part.resource), _or_none(parameters_of(part, entry.language)[1])]
    return any(has_placeholder(text) for value in named for _, text in strings(value, ()))


# -- tasks ---------------------------------------------------------------------------------------------------------------


def _state_grants(entry: StateAt, deployment: Deployment) -> Iterator[Grant]:
    if isinstance(entry.state, Task):
        return _task_grants(entry, entry.state, deployment)
    if isinstance(entry.state, Map) and entry.state.distributed:
        return _distributed_map_grants(entry, entry.state, deployment)
    return iter(())


def _task_grants(entry: StateAt, task: Task, deployment: Deployment) -> Iterator[Grant]:
    if entry.has("Credentials", "credentials"):
        # The permission for the call itself belongs to the role that the task assumes.
        credentials = Parameters(_or_none(task.credentials), entry.language, deployment)
        reason, source = "Assume the role that the task runs with", GUIDE + "concepts-access-cross-acct-resources.html"
        return expand((_ASSUME,), credentials, deployment, reason=reason, source=source)
    called = parse_resource(entry.resource)
    if called is None:
        return _function_grants(entry.resource, deployment)
    return integration_grants(called, _parameters(entry, deployment), deployment)


def integration_grants(resource: Resource, parameters: Parameters, deployment: Deployment) -> Iterator[Grant]:
    """Return the grants of a service integration; none for one that does not exist.

    Args:
        resource: the integration.
        parameters: the parameters of the call.
        deployment: where the state machine will run.
    """
    if resource.sdk:
        return call_grants(resource.service, resource.action, parameters, deployment)
    integration = INTEGRATIONS.get(f"{resource.service}:{resource.action}")
    if integration is None:
        return iter(())
    rows = integration.rows(resource.pattern, parameters)
    return expand(rows, parameters, deployment, reason=f"Call {integration.name}", source=integration.source)


def call_grants(service: str, action: str, parameters: Parameters, deployment: Deployment) -> Iterator[Grant]:
    """Return the grants of a call of an API action; none for an action that does not exist.

    Args:
        service: the service, as in an SDK integration.
        action: the action, as in an SDK integration.
        parameters: the parameters of the call.
        deployment: where the caller will run.

    >>> orders = Parameters({"TableName": "orders"}, "JSONata")
    >>> [grant.actions for grant in call_grants("dynamodb", "putItem", orders, Deployment())]
    [('dynamodb:PutItem',)]
    """
    known = find_action(service, action)
    if known is None:
        return iter(())
    rows = sdk.rows(service, action, known.allows, parameters)
    return expand(rows, parameters, deployment, reason=f"Call {service}:{action}", source=known.service.source)


_ASSUME: Final = Allow("sts:AssumeRole", "iam::role/{RoleArn|anywhere}")


# -- functions as the Resource of a Task ---------------------------------------------------------------------------------

_ARN_PARTS: Final = 7
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")
_ATTRIBUTES: Final = frozenset({ARN, NAME, "id", "ref"})
_FUNCTION_WORDS: Final = frozenset({FUNCTION.key, "lambda", "fn"})
_AMBIGUOUS: Final = "the placeholder may be that of an activity, which needs no permission"


def _function_grants(resource: str, deployment: Deployment) -> Iterator[Grant]:
    """Yield the grant for a Lambda function that the Resource of a Task names; an activity needs no permission."""
    kind, assumed = "", ""
    if resource.startswith("arn:"):
        parts = resource.split(":", _ARN_PARTS - 1)
        if len(parts) == _ARN_PARTS and parts[2] == "lambda" and parts[5] == "function":
            kind = FUNCTION.key
    elif name := placeholder_name(resource):
        kind, assumed = _kind_of_placeholder(name, deployment)
    if kind == FUNCTION.key:
        function = (deployment.arn_of(resource) or resource,)
        source = GUIDE + "connect-lambda.html"
        yield Grant(("lambda:InvokeFunction",), function, reason="Invoke the function", source=source, assumed=assumed)


def _kind_of_placeholder(name: str, deployment: Deployment) -> tuple[str, str]:
    """Return the kind of the resource that a placeholder names as the Resource of a Task, and why it may be another kind.

    It is a function or an activity. Of a compiled workflow it is known which. Of another definition, the last word of the name
    decides, without the attribute at the end, as in `PackActivityArn`. A name without these words is taken for a function's,
    as nearly all are.
    """
    known = deployment.placeholders.get(name)
    if known is not None and known.kind:
        return known.kind, ""
    words = [word.lower() for word in _WORD.findall(name)]
    while words and words[-1] in _ATTRIBUTES:
        words.pop()
    if words and words[-1] == ACTIVITY.key:
        return ACTIVITY.key, ""
    return FUNCTION.key, _AMBIGUOUS if ACTIVITY.key in words and words[-1] not in _FUNCTION_WORDS else ""


# -- Distributed Maps ----------------------------------------------------------------------------------------------------

UNNAMED: Final = "the state machine's name is not known"
"""Why the permissions of a Distributed Map are wide if its own state machine cannot be named."""
_MAP_PAGE: Final = GUIDE + "iam-policies-eg-dist-map.html"
_READERS: Final = {
    "getObject": (
        Allow("s3:GetObject", "s3:::{Bucket}/{Key}", note="Read the items"),
        Allow("s3:GetObjectVersion", "s3:::{Bucket}/{Key}", when="VersionId", note="Read the items"),
    ),
    "listObjectsV2": (
        Allow("s3:ListBucket", "s3:::{Bucket}", conditions=(("StringLike", "s3:prefix", ("{Prefix|text}",)),), note="List the items"),
    ),
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
    unnamed = "" if deployment.name != "*" else UNNAMED
    follow = ("states:DescribeExecution", "states:StopExecution")
    for actions, resources, reason in (
        (("states:StartExecution",), (deployment.self_arn,), "Start the child executions"),
        (follow, executions, "Follow and stop the child executions"),
        (("states:RedriveExecution",), children, "Redrive the child executions"),
    ):
        yield Grant(actions, resources, (), unnamed, avoidable=bool(unnamed), reason=reason, source=_MAP_PAGE)
    if state.item_reader is not ABSENT:
        yield from _reader_grants(entry, state.item_reader, deployment)
    if state.result_writer is not ABSENT and state.result_writer.resource is not ABSENT:
        parameters = _parameters_of(entry, state.result_writer, deployment)
        below = "s3:::{Bucket}/{Prefix|text}/*" if parameters.present("Prefix") else "s3:::{Bucket}/*"
        yield from expand((Allow(_WRITER, below),), parameters, deployment, reason="Write the results", source=_MAP_PAGE)


def _reader_grants(entry: StateAt, reader: ItemReader, deployment: Deployment) -> Iterator[Grant]:
    called = parse_resource(reader.resource) if isinstance(reader.resource, str) else None
    rows = list(_READERS.get(called.action, ())) if called is not None and called.service == "s3" else []
    config = reader.reader_config
    if config is not ABSENT and config.input_type == "MANIFEST":
        rows.append(_MANIFEST)
    if config is not ABSENT and config.transformation == "LOAD_AND_FLATTEN":
        rows.append(_FLATTEN)
    yield from expand(rows, _parameters_of(entry, reader, deployment), deployment, reason="Read the items", source=_MAP_PAGE)


# -- parameters ----------------------------------------------------------------------------------------------------------


def _parameters(entry: StateAt, deployment: Deployment) -> Parameters:
    return Parameters(_or_none(entry.parameters[1]), entry.language, deployment)


def _parameters_of(entry: StateAt, part: ItemReader | ResultWriter, deployment: Deployment) -> Parameters:
    return Parameters(_or_none(parameters_of(part, entry.language)[1]), entry.language, deployment)


def _or_none(value: Maybe[T]) -> T | None:
    return None if value is ABSENT else value
