"""Checks of service integrations: the service, the action and the pattern exist, the parameters are those of the API call.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html and, for parameters, the API models in
the catalogue. AWS reports an unknown resource as "is not a valid resource ARN, or the resource is not available in this
region", an unknown parameter as "is not supported by Step Functions", a missing one as "is required but was missing".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.asl.model import ABSENT, JSONPATH, Task
from generator.asl.placeholders import STRING, has_placeholder, is_placeholder, placeholder_name
from generator.asl.text import describe, is_expression
from generator.catalog import index
from generator.catalog.integrations import (
    PARENT_EXECUTION,
    PARTITIONS,
    SDK_PATTERNS,
    SYNC,
    SYNC_2,
    WAIT_FOR_TASK_TOKEN,
    Resource,
    parse_resource,
)
from generator.catalog.optimised import INTEGRATIONS, similar_integrations
from generator.catalog.sdk_list import ENDED, NEVER, Listing, date_of_list, listing
from generator.diagnostics.model import Finding, Pointer, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.asl.placeholders import Placeholder
    from generator.asl.walk import StateAt, Walk
    from generator.catalog.index import Shape
    from generator.catalog.optimised.model import Integration

_PARENT_JSONPATH: Final = f'"{PARENT_EXECUTION}.$": "$$.Execution.Id"'
_PARENT_JSONATA: Final = f'"{PARENT_EXECUTION}": "{{% $states.context.Execution.Id %}}"'


def resources(walk: Walk) -> Iterator[Finding]:
    """Check that the service, the action and the pattern of each Task exist (SFN401 to SFN404, SFN411 to SFN413)."""
    for entry, resource in walk.once(_integrations):
        at = (*entry.at, "Resource")
        if resource.partition not in PARTITIONS and not has_placeholder(resource.partition):
            yield Finding(
                "SFN401",
                at,
                f"{entry.name!r} names the partition {resource.partition!r}, which does not exist",
                found=resource.partition,
                expected=f"one of {', '.join(PARTITIONS)}",
                hint=did_you_mean(resource.partition, PARTITIONS),
            )
        if resource.place:
            yield Finding(
                "SFN411",
                at,
                f"{entry.name!r} names a region or an account in the Resource of a service integration",
                found=resource.place,
                expected="no region and no account: integrations run in those of the state machine",
                hint="write 'arn:aws:states:::'",
            )
        yield from _sdk(entry, resource, at) if resource.sdk else _optimised(entry, resource, at)


def _sdk(entry: StateAt, resource: Resource, at: Pointer) -> Iterator[Finding]:
    service = index.find_service(resource.service)
    if not has_placeholder(resource.service):
        yield from _listed(entry, resource, at, known=service is not None)
    if service is None:
        return
    action = service.action(resource.action)
    if action is None:
        if not has_placeholder(resource.action):
            yield Finding(
                "SFN402",
                at,
                f"{entry.name!r} calls {resource.action!r}, which is not an action of {service.name!r}",
                found=resource.action,
                expected=f"an API action of {service.service_id}, in camel case",
                hint=_meant(index.similar(resource.action, service.action_names)),
            )
    elif action.not_callable:
        yield Finding(
            "SFN404",
            at,
            f"{entry.name!r} calls {service.name}:{action.name}, which Step Functions cannot call: {action.not_callable}",
            found=f"{service.name}:{action.name}",
            expected="an action that Step Functions supports",
            hint="call it from a Lambda function",
        )
    if resource.pattern not in SDK_PATTERNS:
        optimised = INTEGRATIONS.get(resource.name)
        yield _wrong_pattern(entry, resource, at, SDK_PATTERNS, f"use the optimised integration {optimised.name}" if optimised else "")


def _listed(entry: StateAt, resource: Resource, at: Pointer, *, known: bool) -> Iterator[Finding]:
    """Check that AWS's list of SDK integrations has a service."""
    name, listed = resource.service, listing(resource.service)
    if listed is None and not known:
        yield Finding(
            "SFN401",
            at,
            f"{entry.name!r} calls the service {name!r}, which does not exist",
            found=name,
            expected="the name of an AWS service as Step Functions writes it",
            hint=_meant(index.similar_services(name)),
        )
    elif (reason := _outside(listed, known=known)) is not None:
        message, hint = reason
        yield Finding("SFN413", at, f"{entry.name!r} calls the service {name!r}, {message}", found=name, hint=hint)


def _outside(listed: Listing | None, *, known: bool) -> tuple[str, str] | None:
    """Return why a service is outside AWS's list, and a hint; None if it is in the list."""
    if listed is None:
        message = f"which is newer than AWS's list of SDK integrations of {date_of_list()}"
        return message, "try it before you rely on it: AWS adds services after their SDKs"
    if listed.removed == ENDED or (not known and not listed.added and not listed.removed):
        return "whose API is no longer in AWS's SDKs", ""
    if listed.removed:
        return f"which AWS removed from its list of SDK integrations on {listed.removed}", ""
    if listed.added == NEVER:
        return f"which is not in AWS's list of SDK integrations of {date_of_list()}", "call it from a Lambda function"
    return None


def _optimised(entry: StateAt, resource: Resource, at: Pointer) -> Iterator[Finding]:
    name = resource.name
    integration = INTEGRATIONS.get(name)
    if integration is not None:
        if resource.pattern == WAIT_FOR_TASK_TOKEN and WAIT_FOR_TASK_TOKEN not in integration.patterns:
            yield Finding(
                "SFN412",
                at,
                f"{entry.name!r} waits for a task token with {name}, for which AWS documents no callback",
                found=f".{resource.pattern}",
                expected=_patterns(integration.patterns),
            )
        elif resource.pattern not in integration.patterns:
            hint = ""
            if resource.pattern == SYNC_2 and SYNC in integration.patterns:
                hint = "write .sync"
            yield _wrong_pattern(entry, resource, at, integration.patterns, hint)
    elif not has_placeholder(name):
        sdk = _sdk_name(resource)
        hint = _meant(similar_integrations(name))
        yield Finding(
            "SFN402",
            at,
            f"{entry.name!r} names {name!r}, which is not an optimised integration",
            found=name,
            expected="an optimised integration, or one of the AWS SDK: 'aws-sdk:service:action'",
            hint=f"write 'arn:{resource.partition}:states:::aws-sdk:{sdk}'" if sdk and not hint else hint,
        )


def _wrong_pattern(entry: StateAt, resource: Resource, at: Pointer, patterns: tuple[str, ...], hint: str) -> Finding:
    written = f".{resource.pattern}"
    return Finding(
        "SFN403",
        at,
        f"{entry.name!r} uses {resource.name} with {written}, which it does not support",
        found=written,
        expected=_patterns(patterns),
        hint=hint or did_you_mean(resource.pattern, [pattern for pattern in patterns if pattern]),
    )


def _patterns(patterns: tuple[str, ...]) -> str:
    return " or ".join(f"'.{pattern}'" if pattern else "no suffix (request-response)" for pattern in patterns)


def _sdk_name(resource: Resource) -> str:
    """Return the AWS SDK integration with the same name; empty if there is none."""
    for service in (resource.service, *index.similar_services(resource.service)):
        action = index.find_action(index.plain_name(service), resource.action)
        if action is not None:
            return f"{action.service.name}:{action.name}"
    return ""


def parameters(walk: Walk) -> Iterator[Finding]:
    """Check that the parameters of each Task are those of the API call (SFN405 to SFN408)."""
    for entry, resource in walk.once(_integrations):
        field, given = _given(entry)
        if given is None and resource.sdk and entry.language != JSONPATH:
            # Measured for aws-sdk:s3:listBuckets, which needs none: iwamot/sfnx, 2026-09-18
            message = f"{entry.name!r} has no Arguments, which an AWS SDK integration requires"
            yield Finding("SFN405", entry.at, message, expected="'Arguments'", hint='add "Arguments": {}')
            continue
        if not isinstance(given, dict):
            continue
        at = (*entry.at, field)
        if resource.name == "lambda:invoke" and isinstance(given.get("Payload"), bool):
            # Measured: iwamot/sfnx, 2026-09-18
            message = f"the Payload of {entry.name!r} must not be a boolean"
            yield Finding("SFN012", (*at, "Payload"), message, found=describe(given["Payload"]), expected="an object or a string")
        if resource.sdk:
            action = index.find_action(resource.service, resource.action)
            if action is not None:
                yield from _arguments(entry, at, given, action.input, walk.placeholders)
            continue
        integration = INTEGRATIONS.get(resource.name)
        if integration is not None:
            yield from _of_integration(entry, at, given, integration, walk.placeholders)


def _of_integration(
    entry: StateAt, at: Pointer, given: dict[str, Any], integration: Integration, placeholders: Mapping[str, Placeholder]
) -> Iterator[Finding]:
    if integration.api is not None and integration.takes_api_parameters:
        action = index.find_action(*integration.api)
        if action is not None:
            own = {key: value for key, value in given.items() if _bare(entry, key) not in integration.own}
            yield from _arguments(entry, at, own, action.input, placeholders, integration=integration)
        return
    names = {_bare(entry, key) for key in given}
    for name in sorted(integration.needs - names):
        yield _missing(entry, at, name, integration.name)
    for key in given:
        if _bare(entry, key) not in integration.own:
            yield _unknown(entry, (*at, key), _bare(entry, key), sorted(integration.own))


def _arguments(
    entry: StateAt,
    at: Pointer,
    given: dict[str, Any],
    shape: Shape,
    placeholders: Mapping[str, Placeholder],
    *,
    integration: Integration | None = None,
) -> Iterator[Finding]:
    """Compare the parameters with the structure of an API call, without recursion.

    The names of AWS SDK integrations are those of the SDK for Java. Optimised integrations have the names of the API (``BOOL``,
    ``SS`` in an item of DynamoDB: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html), and
    definitions with the other spelling run too: there the case of a name does not count.
    """
    any_json = integration.any_json if integration else frozenset()
    own = integration.own if integration else frozenset()
    pending: list[tuple[Pointer, str, Any, Shape]] = [(at, "", given, shape)]
    while pending:
        place, path, value, wanted = pending.pop()
        if path in any_json or is_expression(value):
            continue
        if isinstance(value, str) and has_placeholder(value):
            yield from _filled_in(entry, place, value, wanted, placeholders)
            continue
        if wanted.kind == "structure" and isinstance(value, dict):
            members = wanted.members
            as_written = {name.lower(): name for name in members} if integration else {}
            names = {as_written.get(name.lower(), name) for name in (_bare(entry, key) for key in value)}
            for name in wanted.required:
                if name not in names and name not in own:
                    yield _missing(entry, place, name, path or "the call")
            inner: list[tuple[Pointer, str, Any, Shape]] = []
            for key, item in value.items():
                bare = _bare(entry, key)
                name = as_written.get(bare.lower(), bare)
                if name not in members:
                    yield _unknown(entry, (*place, key), bare, list(members))
                elif bare == key:
                    inner.append(((*place, key), f"{path}.{name}".lstrip("."), item, members[name]))
            pending += reversed(inner)
        elif wanted.kind == "list" and isinstance(value, list) and wanted.item is not None:
            pending += ((((*place, i), path, item, wanted.item)) for i, item in reversed(list(enumerate(value))))
        elif wanted.kind == "map" and isinstance(value, dict) and wanted.item is not None:
            item_shape = wanted.item
            pending += (((*place, key), f"{path}.*", item, item_shape) for key, item in reversed(value.items()) if _bare(entry, key) == key)
        else:
            yield from _scalar(entry, place, value, wanted)


def _filled_in(entry: StateAt, at: Pointer, value: str, wanted: Shape, placeholders: Mapping[str, Placeholder]) -> Iterator[Finding]:
    """Compare the type of what a placeholder is filled with, as far as it is known. Text around a placeholder makes it text."""
    known = placeholders.get(placeholder_name(value))
    if (is_placeholder(value) and known is None) or wanted.kind == "document":
        return
    type_ = STRING if known is None else known.type
    outer, inner = type_.partition("(")[0], type_.partition("(")[2].removesuffix(")").partition("(")[0]
    item = wanted.item.kind if wanted.item is not None else ""
    if wanted.kind not in _FILLED[outer] or (inner and item and item not in (*_FILLED[inner], "document")):
        found = f"the placeholder {value}, whose value is {_DESCRIBED_TYPE[outer]}" if known is not None else describe(value)
        yield Finding(
            "SFN407",
            at,
            f"the parameter {at[-1]!r} of {entry.name!r} holds {found}",
            found=type_,
            expected=_DESCRIBED[wanted.kind] + (f" of {_PLURAL.get(item, item + 's')}" if item and wanted.kind in {"list", "map"} else ""),
            hint=f'write placeholder("{known.name}", {_PYTHON[wanted.kind]})' if known is not None and not known.kind else "",
        )


_PLURAL: Final = {"structure": "objects", "integer": "whole numbers", "document": "JSON values"}
_PYTHON: Final = {
    **dict.fromkeys(("string", "timestamp", "blob"), "str"),
    **dict.fromkeys(("structure", "map"), "dict"),
    "list": "list",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
}
_FILLED: Final[dict[str, tuple[str, ...]]] = {
    "string": ("string", "timestamp", "blob"),
    "number": ("integer", "number", "timestamp"),
    "bool": ("boolean",),
    "list": ("list",),
    "map": ("map", "structure"),
}
_DESCRIBED_TYPE: Final = {"string": "a string", "number": "a number", "bool": "true or false", "list": "a list", "map": "a map"}
_ACCEPTED: Final[dict[str, tuple[type, ...]]] = {
    "structure": (dict,),
    "list": (list,),
    "map": (dict,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "timestamp": (str, int, float),
    "blob": (str,),
}
_DESCRIBED: Final = {"structure": "an object", "list": "a list", "map": "an object", "string": "a string", "integer": "a whole number",
                  "number": "a number", "boolean": "true or false", "timestamp": "a timestamp", "blob": "a string"}  # fmt: skip


def _scalar(entry: StateAt, at: Pointer, value: Any, wanted: Shape) -> Iterator[Finding]:
    if wanted.kind == "document" or value is None:
        return
    if not isinstance(value, _ACCEPTED[wanted.kind]) or (isinstance(value, bool) and wanted.kind != "boolean"):
        yield Finding(
            "SFN407",
            at,
            f"the parameter {at[-1]!r} of {entry.name!r} holds {describe(value)}",
            found=describe(value),
            expected=_DESCRIBED[wanted.kind],
        )
    elif wanted.enum and value not in wanted.enum:
        yield Finding(
            "SFN408",
            at,
            f"the parameter {at[-1]!r} of {entry.name!r} holds {value!r}, which is not one of its values",
            found=repr(value),
            expected=" or ".join(repr(one) for one in wanted.enum[:8]) + (", …" if len(wanted.enum) > 8 else ""),  # noqa: PLR2004 - one line
            hint=did_you_mean(str(value), wanted.enum),
        )


def _missing(entry: StateAt, at: Pointer, name: str, of: str) -> Finding:
    return Finding(
        "SFN405",
        at,
        f"{entry.name!r} lacks the parameter {name!r}, which {of} requires",
        expected=repr(name),
        hint=f"add {name!r}" + (f", or '{name}.$' for a value from the input" if entry.language == JSONPATH else ""),
    )


def _unknown(entry: StateAt, at: Pointer, name: str, members: list[str]) -> Finding:
    return Finding(
        "SFN406",
        at,
        f"{entry.name!r} has the parameter {name!r}, which the call does not have",
        found=repr(name),
        expected="a parameter of the API, in Pascal case",
        hint=did_you_mean(name, members),
    )


def nested_executions(walk: Walk) -> Iterator[Finding]:
    """Check that a nested execution receives the id of its parent, so that the console links the two (SFN409).

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-nested-workflows.html#nested-execution-startid
    """
    for entry, resource in walk.once(_integrations):
        if resource.sdk or resource.name != "states:startExecution":
            continue
        field, given = _given(entry)
        value = given.get("Input") if isinstance(given, dict) else None
        if isinstance(value, dict) and not any(_bare(entry, key) == PARENT_EXECUTION for key in value):
            yield Finding(
                "SFN409",
                (*entry.at, field, "Input"),
                f"{entry.name!r} starts an execution without the id of its parent",
                expected=f"{PARENT_EXECUTION!r} in the input",
                hint="add " + (_PARENT_JSONPATH if entry.language == JSONPATH else _PARENT_JSONATA),
            )


def task_tokens(walk: Walk) -> Iterator[Finding]:
    """Check that a task that waits for its task token passes the token on (SFN410).

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-wait-token
    """
    for entry, resource in walk.once(_integrations):
        if resource.pattern != WAIT_FOR_TASK_TOKEN:
            continue
        field, given = _given(entry)
        if isinstance(given, str) and is_expression(given):
            given = {field: given}
        if isinstance(given, dict) and not _passes_token_on(entry, given):
            yield Finding(
                "SFN410",
                (*entry.at, field),
                f"{entry.name!r} waits for a task token but does not pass it on",
                expected="the task token somewhere in the parameters",
                hint='add "TaskToken.$": "$$.Task.Token"'
                if entry.language == JSONPATH
                else 'add "TaskToken": "{% $states.context.Task.Token %}"',
            )


def _passes_token_on(entry: StateAt, given: dict[str, Any]) -> bool:
    """Return whether the parameters have the token, or a value that may contain it: the Context object, a variable, a function."""
    pending: list[tuple[str, Any]] = list(given.items())
    while pending:
        key, value = pending.pop()
        if isinstance(value, dict):
            pending += value.items()
        elif isinstance(value, list):
            pending += ((key, item) for item in value)
        elif isinstance(value, str):
            path = entry.language == JSONPATH and key.endswith(".$")
            if path and ("$$.Task" in value or value.strip() in {"$$", "$$."} or "$$)" in value or "$$," in value):
                return True
            if is_expression(value) and ("Task" in value or "$states.context" in value):
                return True
            if (path and _variable(value)) or (has_placeholder(value) and not key.endswith(_NAMES_OF_RESOURCES)):
                return True
    return False


# A placeholder in a parameter that names a resource, such as FunctionName or QueueUrl, does not contain the token.
_NAMES_OF_RESOURCES: Final = ("Arn", "Id", "Name", "Url")


def _variable(path: str) -> bool:
    return path.startswith("$") and not path.startswith(("$.", "$$", "$[")) and path != "$"


def _integrations(walk: Walk) -> list[tuple[StateAt, Resource]]:
    tasks = ((entry, parse_resource(entry.resource)) for entry in walk.states if entry.resource)
    return [(entry, resource) for entry, resource in tasks if resource is not None]


def _given(entry: StateAt) -> tuple[str, Any]:
    state = entry.state
    if not isinstance(state, Task):
        return "Parameters", None
    if entry.language == JSONPATH:
        return "Parameters", None if state.parameters is ABSENT else state.parameters
    return "Arguments", None if state.arguments is ABSENT else state.arguments


def _bare(entry: StateAt, key: str) -> str:
    return key.removesuffix(".$") if entry.language == JSONPATH else key


def _meant(names: list[str]) -> str:
    return "did you mean " + " or ".join(repr(name) for name in names) + "?" if names else ""
