"""How a deployment differs: the type, Terraform's inputs, outputs and resources, the input's schema, and what workflows share."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from generator.diff.canonical import same_text
from generator.diff.model import Change, How
from generator.emit import words

if TYPE_CHECKING:
    from generator.diff.sides import Version

TYPE_GUIDE: Final = "https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html"
VARIABLES_GUIDE: Final = "https://developer.hashicorp.com/terraform/language/values/variables"
SCHEMA: Final = "input.schema.json"
ENVIRONMENT: Final = ".environment.json"
RESOURCES: Final = "resources.json"
_LONGEST: Final = 60

_BLOCK: Final = re.compile(r'^(variable|output|resource|data|module)((?: +"[^"\n]*")+) *\{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
_ONE_LINE: Final = re.compile(r'^(variable|output|resource|data|module)((?: +"[^"\n]*")+) *\{ *\}', re.MULTILINE)
_COMMENT: Final = re.compile(r"^\s*#.*\n", re.MULTILINE)

REPLACED: Final[Mapping[tuple[str, str], str]] = {
    ("table", "key"): "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html",
    ("table", "sort_key"): "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html",
    ("queue", "fifo"): "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queue.html",
    ("topic", "fifo"): "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topic.html",
}
"""The fields of resources whose change replaces the resource, with the page that says so."""
_SHORTER: Final = ("timeout_seconds", "visibility_timeout_seconds", "retention_seconds", "log_retention_days", "message_retention_seconds")
"""The fields of resources that are a time or a number of days; less of it can lose something."""


def type_change(old: Version, new: Version) -> Change | None:
    """Return the change between a Standard and an Express workflow; None if both versions have one type, or if it is not known."""
    if old.type == new.type or not (old.typed and new.typed):
        return None
    danger = "the state machine is replaced: its running executions end, and Express workflows have neither redrives nor a history to fetch"
    return Change(
        "deployment", "changed", "the state machine", f"type: {old.type} -> {new.type}", old.type, new.type, (), danger, TYPE_GUIDE
    )


def deployment_changes(old: Version, new: Version) -> list[Change]:
    """Return how the deployment of a workflow differs, as far as both versions show it."""
    found = [change] if (change := type_change(old, new)) is not None else []
    if old.files and new.files:
        found += _terraform(old, new)
        found += _schema(old.json(SCHEMA), new.json(SCHEMA))
    if old.deployed is not None and new.deployed is not None:
        found += _settings(old.deployed, new.deployed)
    return found


# -- Terraform -----------------------------------------------------------------------------------------------------------


def _blocks(version: Version) -> dict[tuple[str, str], str]:
    """Return the blocks of the generated Terraform by their kind and address. They are formatted, so a block ends at the margin."""
    found = {}
    for name in sorted(version.files):
        if name.endswith(".tf"):
            text = _COMMENT.sub("", version.text(name) or "")
            for kind, labels, body in _BLOCK.findall(text):
                found[(kind, ".".join(re.findall(r'"([^"]*)"', labels)))] = body
            for kind, labels in _ONE_LINE.findall(text):
                found[(kind, ".".join(re.findall(r'"([^"]*)"', labels)))] = ""
    return found


def _terraform(old: Version, new: Version) -> Iterator[Change]:
    before, after = _blocks(old), _blocks(new)
    if not before or not after:
        return
    for key in sorted(before.keys() | after.keys(), key=lambda each: (_KINDS.index(each[0]), each[1])):
        one, other = before.get(key), after.get(key)
        if one == other:
            continue
        kind, name = key
        if kind == "variable":
            yield from _variable(name, one, other)
        elif one is None:
            yield Change("deployment", "added", name, _WORDS[kind], None, name)
        elif other is None:
            danger, source = _GONE.get(kind, ("", ""))
            yield Change("deployment", "removed", name, _WORDS[kind], name, None, (), danger, source)
        elif kind != "output" or _argument(one, "value") != _argument(other, "value"):
            yield from _arguments(kind, name, one, other)


_KINDS: Final = ("variable", "output", "resource", "module", "data")
_WORDS: Final = {
    "output": "Terraform output",
    "resource": "Terraform resource",
    "module": "Terraform module",
    "data": "Terraform data source",
}
_GONE: Final = {
    "output": ("configurations that read the output fail to plan", "https://developer.hashicorp.com/terraform/language/values/outputs"),
    "resource": ("the resource is destroyed", "https://developer.hashicorp.com/terraform/cli/commands/plan"),
    "module": ("what the module has is destroyed", "https://developer.hashicorp.com/terraform/cli/commands/plan"),
}


def _variable(name: str, old: str | None, new: str | None) -> Iterator[Change]:
    if old is None and new is not None:
        needed = _argument(new, "default") is None
        text = (
            f"Terraform variable of type {_argument(new, 'type')}, {'required' if needed else 'default ' + str(_argument(new, 'default'))}"
        )
        danger = "a configuration that does not set it fails to plan" if needed else ""
        yield Change("deployment", "added", name, text, None, name, (), danger, VARIABLES_GUIDE if needed else "")
    elif new is None:
        danger = "a configuration that sets it fails to plan"
        yield Change("deployment", "removed", name, "Terraform variable", name, None, (), danger, VARIABLES_GUIDE)
    elif old is not None:
        for argument in ("type", "default", "nullable", "sensitive"):
            one, other = _argument(old, argument), _argument(new, argument)
            if one != other:
                needed = argument == "default" and other is None
                danger = (
                    "a configuration that does not set it fails to plan"
                    if needed
                    else "its value may be refused"
                    if argument == "type"
                    else ""
                )
                text = f"Terraform variable, {argument}: {_short(one)} -> {_short(other)}"
                yield Change("deployment", "changed", name, text, one, other, (), danger, VARIABLES_GUIDE if danger else "")
        if _argument(old, "validation") != _argument(new, "validation"):
            yield Change(
                "deployment",
                "changed",
                name,
                "Terraform variable, what it accepts",
                _argument(old, "validation"),
                _argument(new, "validation"),
            )


def _arguments(kind: str, name: str, old: str, new: str) -> Iterator[Change]:
    before, after = _all_arguments(old), _all_arguments(new)
    for argument in dict.fromkeys((*before, *after)):
        one, other = before.get(argument), after.get(argument)
        if one != other and not (kind == "resource" and name == "aws_sfn_state_machine.this" and argument in {"type", "definition"}):
            text = f"{_WORDS[kind]}, {argument}: {_short(one)} -> {_short(other)}"
            yield Change("deployment", "changed", name, text, one, other)


def _all_arguments(body: str) -> dict[str, str]:
    """Return the arguments and blocks of a block by name, as text without indentation."""
    found: dict[str, list[str]] = {}
    current = ""
    for line in body.splitlines():
        if re.match(r"  [\w\"]", line):
            name, _, value = line.strip().partition(" ")
            current = name.strip('"')
            found.setdefault(current, []).append(value.removeprefix("=").strip() if "=" in line else value.strip())
        elif current and line.strip():
            found[current].append(line.strip())
    return {name: " ".join(" ".join(parts).removeprefix("= ").split()) for name, parts in found.items()}


def _argument(body: str, name: str) -> str | None:
    return _all_arguments(body).get(name)


def _short(value: Any) -> str:
    return "none" if value is None else words.shorten(str(value), _LONGEST)


# -- the input -----------------------------------------------------------------------------------------------------------


def _schema(old: Any, new: Any) -> Iterator[Change]:
    if old is None and new is None:
        return
    subject = "the input"
    if old is None:
        danger = "callers whose input does not match it are refused here, and fail in the workflow"
        yield Change("deployment", "added", subject, "the workflow declares its type", None, new, (), danger, _OBJECTS)
    elif new is None:
        yield Change("deployment", "removed", subject, "the workflow no longer declares its type", old, None)
    else:
        yield from _Schemas(old, new).members(old, new)


_DEEPEST: Final = 12
_OBJECTS: Final = "https://json-schema.org/understanding-json-schema/reference/object"


@dataclass(frozen=True, slots=True)
class _Schemas:
    """The whole schemas, which references in them lead into."""

    old: Any
    new: Any

    def members(self, old: Any, new: Any, at: str = "$", depth: int = 0) -> Iterator[Change]:
        """Yield how the members of an object differ, with those of objects and lists inside it."""
        one, other = _resolved(old, self.old), _resolved(new, self.new)
        before, after = one.get("properties", {}), other.get("properties", {})
        required = set(one.get("required", [])), set(other.get("required", []))
        for name in dict.fromkeys((*before, *after)):
            place = f"{at}.{name}"
            needed = name in required[0], name in required[1]
            if name not in before:
                danger = "inputs without it are refused" if needed[1] else ""
                text = f"{place} added, {'required' if needed[1] else 'optional'}"
                yield Change("deployment", "added", "the input", text, None, after[name], (), danger, _OBJECTS if danger else "")
            elif name not in after:
                yield Change("deployment", "removed", "the input", f"{place} removed", before[name], None)
            else:
                if needed[0] != needed[1]:
                    danger = "inputs without it are refused" if needed[1] else ""
                    text = f"{place} is {'required' if needed[1] else 'optional'} now"
                    yield Change("deployment", "changed", "the input", text, needed[0], needed[1], (), danger, _OBJECTS if danger else "")
                yield from self.value(before[name], after[name], place, depth)

    def value(self, old: Any, new: Any, at: str, depth: int) -> Iterator[Change]:
        """Yield how what one member accepts differs."""
        one, other = _resolved(old, self.old), _resolved(new, self.new)
        bare = _bare(one), _bare(other)
        if same_text(bare[0]) != same_text(bare[1]):
            danger = "inputs that were accepted may be refused"
            text = f"{at}: {_short(json.dumps(bare[0]))} -> {_short(json.dumps(bare[1]))}"
            yield Change("deployment", "changed", "the input", text, bare[0], bare[1], (), danger, _OBJECTS)
        if depth < _DEEPEST:
            yield from self.members(one, other, at, depth + 1)
            if isinstance(one.get("items"), dict) and isinstance(other.get("items"), dict):
                yield from self.value(one["items"], other["items"], f"{at}[]", depth + 1)


def _resolved(schema: Any, root: Any) -> dict[str, Any]:
    """Return a schema in place of a reference to it."""
    for _ in range(_DEEPEST):
        reference = schema.get("$ref") if isinstance(schema, dict) else None
        if not isinstance(reference, str) or not reference.startswith("#/"):
            break
        schema = root
        for part in reference[2:].split("/"):
            schema = schema.get(part) if isinstance(schema, dict) else None
    return schema if isinstance(schema, dict) else {}


def _bare(schema: dict[str, Any]) -> dict[str, Any]:
    """Return what a schema says about the value itself: without its members, and without words for people."""
    without = {"properties", "required", "title", "description", "$defs", "default", "examples", "items", "$schema", "$id"}
    return {key: value for key, value in schema.items() if key not in without}


# -- deployed state machines ---------------------------------------------------------------------------------------------

_SETTINGS: Final = {
    "roleArn": ("the execution role", "the state machine runs with another role"),
    "loggingConfiguration": ("execution logs", ""),
    "tracingConfiguration": ("traces", ""),
    "encryptionConfiguration": ("encryption", ""),
}


def _settings(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for key, (subject, danger) in _SETTINGS.items():
        one, other = old.get(key), new.get(key)
        if same_text(one) != same_text(other):
            text = f"{_short(json.dumps(one))} -> {_short(json.dumps(other))}"
            source = "https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateStateMachine.html" if danger else ""
            yield Change("deployment", "changed", subject, text, one, other, (), danger, source)


# -- what workflows share ------------------------------------------------------------------------------------------------


def shared_changes(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> list[Change]:
    """Return how declared resources and the environments of functions differ; the files are given by their paths."""
    found: list[Change] = []
    if not all(any(PurePosixPath(path).name == RESOURCES for path in files) for files in (old, new)):
        return found  # one version does not say what it declares
    for path in sorted(path for path in old.keys() | new.keys() if PurePosixPath(path).name == RESOURCES):
        found += _resources(_json(old.get(path)), _json(new.get(path)))
    for path in sorted(path for path in old.keys() | new.keys() if path.endswith(ENVIRONMENT)):
        function = f"function {PurePosixPath(path).name.removesuffix(ENVIRONMENT)}"
        before, after = _json(old.get(path)), _json(new.get(path))
        for name in dict.fromkeys((*before, *after)):
            if same_text(before.get(name)) != same_text(after.get(name)):
                how: How = "added" if name not in before else "removed" if name not in after else "changed"
                text = f"environment variable {name}: {_short(before.get(name))} -> {_short(after.get(name))}"
                danger = "the handler fails if it reads it" if how == "removed" and path in new else ""
                yielded = Change("deployment", how, function, text, before.get(name), after.get(name), (), danger)
                found.append(yielded)
    return found


def _json(content: bytes | None) -> dict[str, Any]:
    try:
        value = {} if content is None else json.loads(content)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _resources(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    for kind in dict.fromkeys((*old, *new)):
        before, after = (each if isinstance(each := side.get(kind, {}), dict) else {} for side in (old, new))
        for name in dict.fromkeys((*before, *after)):
            subject = f"{kind} {name}"
            if name not in before:
                yield Change("deployment", "added", subject, "", None, after[name])
            elif name not in after:
                danger = "the resource is destroyed with its content; its users fail"
                yield Change("deployment", "removed", subject, "", before[name], None, (), danger)
            else:
                yield from _resource(kind, subject, before[name], after[name])


def _resource(kind: str, subject: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    for field in dict.fromkeys((*old, *new)):
        one, other = old.get(field), new.get(field)
        if field == "description" or same_text(one) == same_text(other):
            continue
        danger, source = "", ""
        if (kind, field) in REPLACED:
            danger, source = "the resource is replaced by a new, empty one", REPLACED[(kind, field)]
        elif field in _SHORTER and isinstance(one, int) and isinstance(other, int) and other < one:
            danger = "a shorter time: longer calls fail, or data is lost earlier"
        elif field in {"dead_letter", "alias"} and other is None:
            danger = "failed messages are lost" if field == "dead_letter" else "callers that name the alias fail"
        elif field == "reserved_concurrency" and isinstance(other, int) and (one is None or other < one):
            danger = "more calls are throttled"
        elif field == "triggers" and isinstance(one, list) and isinstance(other, list) and len(other) < len(one):
            danger = "the function is no longer called by this trigger"
        text = f"{field}: {_short(_plain(one))} -> {_short(_plain(other))}"
        yield Change("deployment", "changed", subject, text, one, other, (), danger, source)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
