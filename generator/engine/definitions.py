"""What can be run: a workflow, a file or a definition, with the workflows that it starts.

The placeholders of declared resources are filled in with the values that the resources have on a laptop. The workflow that a
definition starts is the object that the author refers to, or, for a file, the folder of that name in the same ``build/``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from generator.asl.definition import Definition, read_definition
from generator.asl.placeholders import fill
from generator.asl.walk import STANDARD, values
from generator.catalog.resources import KINDS, WORKFLOW
from generator.diagnostics.locate import read_source
from generator.diagnostics.model import Severity, failed, parse_pointer
from generator.dsl.resources import Queue, Topic
from generator.dsl.workflow import Workflow
from generator.engine.compile import DefinitionError, Machine, compile_definition, compile_read, substitute
from generator.engine.history import json_text
from generator.lower import CompiledWorkflow, compile_workflow

if TYPE_CHECKING:
    from generator.asl.placeholders import Placeholder
    from generator.asl.walk import WorkflowType
    from generator.diagnostics.locate import Locator

Runnable: TypeAlias = "Workflow | CompiledWorkflow | Definition | Machine | Path | str | Mapping[str, Any]"
"""What :func:`generator.engine.execute` runs: a workflow, the path of a file in JSON or YAML, or a definition as a JSON value or
as JSON text."""

REGION: Final = "us-east-1"
ACCOUNT: Final = "123456789012"
PREFIX: Final = "local"
"""A declared resource is deployed on a laptop as ``local-{name}``."""
UNNAMED: Final = "workflow"
"""The name of a state machine that has none."""
_FILES: Final = ("definition.asl.json", "definition.json", "definition.asl.yaml")
"""The names of a definition in a folder of its own, which has the name of the workflow."""
_LEVELS: Final = 3
_SYNCHRONOUS: Final = "startSyncExecution"


@dataclass(frozen=True, eq=False)
class Source:
    """A state machine that can be created.

    Attributes:
        title: the name, as its author wrote it.
        name: the name that it is deployed under.
        type: its type.
        machine: the compiled definition.
        resources: the name of each declared resource that it uses, by the ARN, name or URL that the definition has.
        children: the workflows that it starts, by ARN.
        unfilled: the placeholders of the author's own that have no value.
    """

    title: str
    name: str
    type: WorkflowType
    machine: Machine
    resources: Mapping[str, str] = field(default_factory=dict)
    children: Mapping[str, Child] = field(default_factory=dict)
    unfilled: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Child:
    """A workflow that another one starts: its name, its source, and its type if that is known."""

    name: str
    source: Workflow | Path
    type: WorkflowType | None = None


def deployed_name(name: str, *, fifo: bool = False) -> str:
    """Return the name that a declared resource has on a laptop.

    >>> deployed_name("order-queue"), deployed_name("order-queue", fifo=True)
    ('local-order-queue', 'local-order-queue.fifo')
    """
    return f"{PREFIX}-{name}" + (".fifo" if fifo else "")


def deployed_values(placeholders: Mapping[str, Placeholder]) -> dict[str, str]:
    """Return the value of each placeholder of a declared resource on a laptop, and of the placeholders for region and account.

    >>> from generator.asl.placeholders import Placeholder
    >>> deployed_values({"q_url": Placeholder("q_url", "queue", "q", "url")})["q_url"]
    'https://sqs.us-east-1.amazonaws.com/123456789012/local-q'
    """
    found = {"aws_partition": "aws", "aws_region": REGION, "aws_account_id": ACCOUNT}
    for name, placeholder in placeholders.items():
        kind = KINDS.get(placeholder.kind)
        if kind is not None and placeholder.attribute in kind.attributes:
            declared = placeholder.declared
            fifo = isinstance(declared, Queue | Topic) and declared.fifo
            every = kind.values(name=deployed_name(placeholder.resource, fifo=fifo), region=REGION, account=ACCOUNT)
            found[name] = every[placeholder.attribute]
    return found


def read(runnable: Runnable, type: WorkflowType | None = None, substitutions: Mapping[str, str] | None = None) -> Source:
    """Compile what a caller passes.

    Args:
        runnable: a workflow, the path of a file, or a definition.
        type: the type of the state machine; by default that of the workflow, or ``STANDARD``.
        substitutions: values of placeholders by name; they replace those of a laptop.

    Raises:
        DefinitionError: it has errors.
        TypeError: it is none of these.

    >>> from generator.dsl.steps import Succeed
    >>> read(Workflow("nothing-to-do", steps=[Succeed("Done")])).name
    'local-nothing-to-do'
    """
    given = substitutions or {}
    if isinstance(runnable, Workflow):
        return _compiled(compile_workflow(runnable), type, given)
    if isinstance(runnable, CompiledWorkflow):
        return _compiled(runnable, type, given)
    if isinstance(runnable, Definition):
        return _read(runnable, Path(runnable.document.name), runnable.walk.type if runnable.walk else STANDARD, given)
    if isinstance(runnable, Machine):
        return Source(UNNAMED, UNNAMED, type or STANDARD, runnable)
    if isinstance(runnable, Path) or (isinstance(runnable, str) and is_path(runnable)):
        return _file(Path(runnable), type, given)
    if isinstance(runnable, str | Mapping):
        definition = runnable if isinstance(runnable, str) else dict(runnable)
        machine = compile_definition(substitute(definition, given) if given else definition, type=type or STANDARD)
        return Source(UNNAMED, UNNAMED, type or STANDARD, machine)
    kind = runnable.__class__.__name__  # type: ignore[unreachable]
    raise TypeError(f"an object of type {kind} cannot be run: pass a Workflow, the path of a file, or a definition")


def is_path(text: str) -> bool:
    """Return whether text is the path of a file instead of JSON text.

    >>> is_path("build/orders/definition.asl.json"), is_path('{"StartAt": "A"}'), is_path("[]")
    (True, False, False)
    """
    start = text.lstrip()[:1]
    return bool(start) and start not in '{["' and "\n" not in text


def _compiled(compiled: CompiledWorkflow, type: WorkflowType | None, given: Mapping[str, str]) -> Source:
    workflow = compiled.workflow
    own = type or workflow.type
    if failed(compiled.diagnostics):
        raise DefinitionError((each for each in compiled.diagnostics if each.severity is Severity.ERROR), read_source)
    filled = {**deployed_values(compiled.placeholders), **given}
    machine = _machine(fill(compiled.text(), filled), own, compiled.placeholders, compiled.locate)
    children: dict[str, Child] = {}
    for name, placeholder in compiled.placeholders.items():
        if isinstance(placeholder.declared, Workflow) and name in filled:
            children[filled[name]] = Child(placeholder.resource, placeholder.declared)
    return Source(
        workflow.name,
        deployed_name(workflow.name),
        own,
        machine,
        _resources(compiled.placeholders, filled),
        children,
        _unfilled(compiled.placeholders, filled),
    )


def _file(path: Path, type: WorkflowType | None, given: Mapping[str, str]) -> Source:
    file = next((path / name for name in _FILES if (path / name).is_file()), path / _FILES[0]) if path.is_dir() else path
    own = type or STANDARD
    return _read(read_definition(file, own), file, own, given)


def _read(definition: Definition, file: Path, own: WorkflowType, given: Mapping[str, str]) -> Source:
    title = file.absolute().parent.name if file.name in _FILES else file.name.split(".", 1)[0]
    if definition.walk is None or failed(definition.diagnostics):
        raise DefinitionError((each for each in definition.diagnostics if each.severity is Severity.ERROR), read_source)
    placeholders = definition.walk.placeholders
    filled = {**deployed_values(placeholders), **given}
    document = definition.document
    text = document.text if file.suffix == ".json" else json_text(document.value)
    complete = fill(text, filled)
    # What is complete is compiled as it was read, and perhaps checked already.
    machine = _machine(definition if complete == text else complete, own, placeholders, document.locate)
    children = {arn: child for arn, child in _siblings(file, placeholders, filled, definition) if child is not None}
    return Source(title, title, own, machine, _resources(placeholders, filled), children, _unfilled(placeholders, filled))


def _siblings(
    file: Path, placeholders: Mapping[str, Placeholder], filled: Mapping[str, str], definition: Definition
) -> list[tuple[str, Child | None]]:
    """Return the workflows of the same ``build/`` that a definition starts, by ARN."""
    used = [(name, each) for name, each in placeholders.items() if each.kind == WORKFLOW.key and name in filled]
    if not used or definition.walk is None:
        return []
    express = _started_synchronously(definition.walk.document)
    found = []
    for name, placeholder in used:
        path = _beside(file, placeholder.resource)
        kind: WorkflowType | None = "EXPRESS" if placeholder.text in express else None
        found.append((filled[name], None if path is None else Child(placeholder.resource, path, kind)))
    return found


def _started_synchronously(document: dict[str, Any]) -> set[str]:
    """Return the state machines that are started synchronously. They are Express workflows: no other can be."""
    found = set()
    for _, item in values(document, ()):
        if isinstance(item, dict) and str(item.get("Resource", "")).endswith(_SYNCHRONOUS):
            parameters = item.get("Arguments", item.get("Parameters"))
            if isinstance(parameters, dict):
                found.add(str(parameters.get("StateMachineArn")))
    return found


def _beside(file: Path, name: str) -> Path | None:
    """Return the definition of a workflow in the same ``build/``: in a folder beside the file's, further up, or one level below."""
    for folder in file.absolute().parent.parents[:_LEVELS]:
        for candidate in (folder / name, *sorted(folder.glob(f"*/{name}"))):
            for definition in _FILES:
                if (candidate / definition).is_file():
                    return candidate / definition
        if folder.name == "build" or (folder / "pyproject.toml").exists():
            break
    return None


def _machine(filled: str | Definition, type: WorkflowType, placeholders: Mapping[str, Placeholder], locate: Locator) -> Machine:
    """Compile a filled definition. Errors have the places of the original."""
    try:
        if isinstance(filled, Definition):
            return compile_read(filled)
        return compile_definition(filled, type=type, placeholders=placeholders)
    except DefinitionError as error:
        found = [replace(each, span=locate(_tokens(each.pointer))) for each in error.diagnostics]
        raise DefinitionError(sorted(found, key=lambda each: each.sort_key), read_source) from None


def _tokens(pointer: str) -> tuple[str | int, ...]:
    return tuple(int(token) if token.isdigit() else token for token in parse_pointer(pointer))


def _unfilled(placeholders: Mapping[str, Placeholder], filled: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(name for name, each in placeholders.items() if not each.kind and name not in filled)


def _resources(placeholders: Mapping[str, Placeholder], filled: Mapping[str, str]) -> dict[str, str]:
    found = {filled[name]: each.resource for name, each in placeholders.items() if each.resource and name in filled}
    for each in placeholders.values():
        kind = KINDS.get(each.kind)
        if kind is not None:
            declared = each.declared
            name = deployed_name(each.resource, fifo=isinstance(declared, Queue | Topic) and declared.fifo)
            found |= dict.fromkeys(kind.values(name=name, region=REGION, account=ACCOUNT).values(), each.resource)
    return found
