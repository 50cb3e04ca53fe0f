"""State machines in templates of CloudFormation and SAM, and in ``serverless.yml``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from generator.asl.placeholders import PLACEHOLDER, placeholder_name
from generator.asl.read import Document
from generator.catalog.resources import KINDS
from generator.diagnostics.model import Pointer
from generator.dsl.resources import Function, Queue
from generator.importers.code import constant, words_of
from generator.importers.intrinsics import resolved
from generator.importers.python import bare_placeholders
from generator.importers.resources import Found
from generator.importers.sources import (
    Machine,
    Source,
    is_definition,
    pairs,
    plain_placeholders,
    read_beside,
    read_definition_text,
    yaml_comments,
)

_MACHINES: Final = frozenset({"AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine"})
_KINDS: Final = {
    "AWS::Lambda::Function": "function",
    "AWS::Serverless::Function": "function",
    "AWS::DynamoDB::Table": "table",
    "AWS::Serverless::SimpleTable": "table",
    "AWS::SQS::Queue": "queue",
    "AWS::SNS::Topic": "topic",
    "AWS::S3::Bucket": "bucket",
    "AWS::Events::EventBus": "event-bus",
    "AWS::StepFunctions::StateMachine": "state-machine",
    "AWS::Serverless::StateMachine": "state-machine",
    "AWS::StepFunctions::Activity": "activity",
}
_NAMES: Final = ("FunctionName", "TableName", "QueueName", "TopicName", "BucketName", "StateMachineName", "Name")
_LEFT_OUT: Final = {"Events": "triggers", "Logging": "logging", "LoggingConfiguration": "logging"}
_EXPRESS: Final = "EXPRESS"
_FILE: Final = re.compile(r".{2}file\(([^)]+)\)(?::([\w.-]+))?\}")
"""What names another file: ``${file(name.yml):key}``."""


def of_template(source: Source, document: Document, folder: Path) -> None:
    """Find the state machines of a template of CloudFormation or SAM."""
    resources = document.value.get("Resources")
    declared = {name: found for name, one in pairs(resources) if (found := _declared(name, one)) is not None}
    for name, one in pairs(resources):
        if isinstance(one, Mapping) and one.get("Type") in _MACHINES:
            machine = _machine(source, document, folder, name, one.get("Properties"))
            if machine is not None:
                machine.hints |= _hints(one.get("Properties"), declared)
                source.machines.append(machine)


def _machine(source: Source, document: Document, folder: Path, name: str, properties: Any) -> Machine | None:
    at: Pointer = ("Resources", name, "Properties")
    if not isinstance(properties, Mapping):
        source.problem("SFN852", document.locate(("Resources", name)), f"the state machine {name!r} has no properties")
        return None
    machine = Machine(_name_of(properties, "StateMachineName", "Name") or without_hash(name), None, document)
    kind = properties.get("Type", properties.get("StateMachineType"))
    machine.type = "EXPRESS" if kind == _EXPRESS else "STANDARD"
    for key, what in _LEFT_OUT.items():
        if properties.get(key):
            machine.note((*at, key), f"{key} of {name!r} is not imported", hint=f"set {what}=… on the Workflow")
    for key in ("Definition", "DefinitionString"):
        if key in properties:
            return _with_definition(source, machine, properties[key], (*at, key))
    place = properties.get("DefinitionUri", properties.get("DefinitionS3Location"))
    key = "DefinitionUri" if "DefinitionUri" in properties else "DefinitionS3Location"
    if isinstance(place, str) and not place.startswith("s3://"):
        found = read_beside(source, folder / place, document.locate((*at, key)))
        if found is None:
            return None
        machine.document, machine.definition, machine.bare = found, found.value, bare_placeholders(found.text)
        machine.comments = _comments(found)
        return _readable(source, machine)
    source.problem(
        "SFN852",
        document.locate((*at, key) if key in properties else at),
        f"the definition of the state machine {name!r} is not in a local file",
        expected="Definition, DefinitionString, or a path in DefinitionUri",
    )
    return None


def _with_definition(source: Source, machine: Machine, value: Any, at: Pointer) -> Machine | None:
    """Take the definition of a property: an object, or text."""
    document = machine.document
    made = resolved(value, machine, at)
    if isinstance(made, str):
        span = document.locate(at)
        is_block = isinstance(value, str) or (isinstance(value, Mapping) and "Fn::Sub" in value)
        read = read_definition_text(source, made, span if not is_block else _block(document, at, span), document.name)
        if read is None:
            return None
        machine.document, made = read, read.value
        machine.bare = bare_placeholders(read.text)
    else:
        machine.at = at
        machine.comments = _comments(document)
    machine.definition = made
    return _readable(source, machine)


def _block(document: Document, at: Pointer, span: Any) -> Any:
    """Return the place of the first line of a text; that of a block scalar is below its key."""
    value: Any = document.value
    for key in at:
        value = value[key]
    text = value if isinstance(value, str) else value.get("Fn::Sub")
    text = text[0] if isinstance(text, list) else text
    lines = document.text.splitlines()
    first = next((line.strip() for line in str(text).splitlines() if line.strip()), "")
    for number in range(span.line - 1, min(span.line + 5, len(lines))):
        if first and lines[number].strip() == first:
            return replace(span, line=number + 1)
    return span


def _readable(source: Source, machine: Machine) -> Machine | None:
    machine.definition = plain_placeholders(resolved(machine.definition, machine, machine.at))
    if is_definition(machine.definition):
        return machine
    source.problem("SFN852", machine.locate(()), f"{machine.name!r} has no definition", expected='an object with "StartAt" and "States"')
    return None


def _comments(document: Document) -> dict[str, list[str]]:
    return yaml_comments(document.text) if document.name.endswith((".yaml", ".yml")) else {}


# -- the resources of a template -----------------------------------------------------------------------------------------------


def _name_of(properties: Mapping[str, Any], *keys: str) -> str:
    return next((value for key in keys if isinstance(value := properties.get(key), str) and "${" not in value), "")


def without_hash(name: str) -> str:
    """Return a logical id without the hash that the CDK puts behind it.

    >>> without_hash("SubmitLambdaF0F3A4B7"), without_hash("Orders")
    ('SubmitLambda', 'Orders')
    """
    return re.sub(r"(?<=[a-z])[0-9A-F]{8}\Z", "", name) or name


def _declared(name: str, resource: Any) -> Found | None:
    """Return the declaration of a resource of a template."""
    kind = _KINDS.get(str(resource.get("Type"))) if isinstance(resource, Mapping) else None
    if kind is None:
        return None
    properties = resource.get("Properties")
    properties = properties if isinstance(properties, Mapping) else {}
    written = _name_of(properties, *_NAMES) or without_hash(name)
    words = words_of(written)
    if words[-1:] == [kind] and len(words) > 1:
        words.pop()
    plain = "-".join(words)
    if not (plain[:1].isalpha() and plain.isascii()):
        return None
    return Found(KINDS[kind], plain, "", options=dict(_options(kind, properties)))


def _options(kind: str, properties: Mapping[str, Any]) -> Iterator[tuple[str, ast.expr]]:
    """Yield the arguments of a declaration that a template says."""
    if kind == "function":
        yield from _plain(properties, Function, {"Timeout": "timeout_seconds", "MemorySize": "memory_mb", "Description": "description"})
        runtime = properties.get("Runtime")
        if isinstance(runtime, str) and runtime != "python3.13" and "${" not in runtime:
            yield "runtime", constant(runtime)
    if kind == "queue":
        yield from _plain(
            properties, Queue, {"VisibilityTimeout": "visibility_timeout_seconds", "MessageRetentionPeriod": "retention_seconds"}
        )
        if properties.get("FifoQueue") is True:
            yield "fifo", constant(value=True)
    if kind == "table":
        for entry in properties.get("KeySchema") or ():
            attribute = entry.get("AttributeName") if isinstance(entry, Mapping) else None
            if isinstance(attribute, str):
                yield ("key" if entry.get("KeyType") == "HASH" else "sort_key"), constant(attribute)
        primary = properties.get("PrimaryKey")
        if isinstance(primary, Mapping) and isinstance(primary.get("Name"), str):
            yield "key", constant(primary["Name"])


def _plain(properties: Mapping[str, Any], cls: Any, names: Mapping[str, str]) -> Iterator[tuple[str, ast.expr]]:
    """Yield the properties that are literals, and that the class accepts."""
    for key, keyword in names.items():
        value = properties.get(key)
        if isinstance(value, bool) or not isinstance(value, int | str) or (isinstance(value, str) and ("${" in value or not value)):
            continue
        try:
            cls("x", **{keyword: value})
        except TypeError:
            continue
        yield keyword, constant(value)


def _hints(properties: Any, declared: Mapping[str, Found]) -> dict[str, Found]:
    """Return what the placeholders of a definition stand for: the resources themselves, and the substitutions that name them."""
    hints: dict[str, Found] = {}
    for name, found in declared.items():
        hints |= {name: found, f"{name}.Arn": found, f"{name}.TopicArn": found, f"{name}.QueueUrl": found}
    substitutions = properties.get("DefinitionSubstitutions") if isinstance(properties, Mapping) else None
    scratch = Machine("", None, Document(""))
    for name, value in pairs(substitutions):
        text = resolved(value, scratch)
        meant = placeholder_name(text) if isinstance(text, str) else ""
        if not meant and isinstance(text, str) and (inside := PLACEHOLDER.findall(text)):
            meant = inside[-1] if len([one for one in inside if not one.startswith("AWS::")]) == 1 else ""
        if meant in hints:
            hints[name] = hints[meant]
    return hints


# -- serverless.yml ------------------------------------------------------------------------------------------------------------


def of_serverless(source: Source, document: Document, folder: Path) -> None:
    """Find the state machines of a ``serverless.yml``."""
    at: Pointer = ("stepFunctions", "stateMachines")
    machines = document.value["stepFunctions"].get("stateMachines")
    hints = _functions(document.value.get("functions"))
    resources = document.value.get("resources")
    for each in resources if isinstance(resources, list) else [resources]:
        inner = each.get("Resources") if isinstance(each, Mapping) else None
        hints |= _hints(None, {name: made for name, one in pairs(inner) if (made := _declared(name, one)) is not None})
    for name, one in pairs(machines):
        place: Pointer = (*at, name)
        if isinstance(one, str):
            one = _included(source, one, folder, document, place)  # noqa: PLW2901  the file takes the place of its name
            one = one.value if isinstance(one, Document) else one  # noqa: PLW2901
        if not isinstance(one, Mapping) or "definition" not in one:
            source.problem("SFN852", document.locate(place), f"the state machine {name!r} has no definition that can be read")
            continue
        machine = Machine(_name_of(one, "name") or name, one["definition"], document, at=(*place, "definition"))
        machine.type = "EXPRESS" if one.get("type") == _EXPRESS else "STANDARD"
        machine.hints = hints
        machine.comments = _comments(document)
        if one.get("events"):
            machine.note((*place, "events"), f"events of {name!r} are not imported", hint="set triggers=… on the Workflow")
        if isinstance(machine.definition, str):
            read = _included(source, machine.definition, folder, document, machine.at)
            if read is None:
                continue
            machine.document, machine.definition, machine.at, machine.bare = read, read.value, (), bare_placeholders(read.text)
        if (ready := _readable(source, machine)) is not None:
            source.machines.append(ready)


def _included(source: Source, text: str, folder: Path, document: Document, at: Pointer) -> Document | None:
    """Read the file that ``${file(…)}`` names."""
    found = _FILE.fullmatch(text.strip()) if text.strip().startswith("${") else None
    if not found:
        source.problem("SFN852", document.locate(at), "a definition that only serverless can find", found=text[:80])
        return None
    read = read_beside(source, folder / found[1].strip(), document.locate(at))
    if read is None or not found[2]:
        return read
    value = read.value
    for key in found[2].split("."):
        value = value.get(key) if isinstance(value, Mapping) else None

    keys = tuple(found[2].split("."))
    return replace(read, value=value, locate=lambda pointer: read.locate((*keys, *pointer)))


def _functions(functions: Any) -> dict[str, Found]:
    """Return the functions by the names that serverless gives their resources."""
    hints: dict[str, Found] = {}
    for one in functions if isinstance(functions, list) else [functions]:
        for name, function in pairs(one):
            properties = function if isinstance(function, Mapping) else {}
            renamed = {
                "Timeout": properties.get("timeout"),
                "MemorySize": properties.get("memorySize"),
                "Description": properties.get("description"),
                "Runtime": properties.get("runtime"),
            }
            plain = "-".join(words_of(name))
            if not (plain[:1].isalpha() and plain.isascii()):
                continue
            found = Found(KINDS["function"], plain, "", options=dict(_options("function", renamed)))
            logical = name[:1].upper() + name[1:].replace("-", "Dash").replace("_", "Underscore") + "LambdaFunction"
            hints |= {f"{logical}.Arn": found, logical: found, f"{name}.Arn": found, name: found}
    return hints
