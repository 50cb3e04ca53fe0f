"""State machines in Terraform: ``definition`` with ``jsonencode``, a heredoc, ``file`` or ``templatefile``, also through a local value."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from generator.asl.placeholders import PLACEHOLDER, Placeholder, is_placeholder, placeholder_name
from generator.asl.read import Document, read_text
from generator.catalog.resources import KINDS
from generator.diagnostics.model import Span
from generator.importers.code import constant, words_of
from generator.importers.hcl import Block, Call, HclError, Reference, Template, Unknown, read, walk
from generator.importers.python import bare_placeholders
from generator.importers.resources import Found
from generator.importers.sources import Machine, Source, is_definition, plain_placeholders, read_definition_text

_RESOURCE: Final = "aws_sfn_state_machine"
_KINDS: Final = {
    "aws_lambda_function": ("function", "function_name"),
    "aws_lambda_alias": ("function", "function_name"),
    "aws_dynamodb_table": ("table", "name"),
    "aws_sqs_queue": ("queue", "name"),
    "aws_sns_topic": ("topic", "name"),
    "aws_s3_bucket": ("bucket", "bucket"),
    "aws_cloudwatch_event_bus": ("event-bus", "name"),
    "aws_sfn_state_machine": ("state-machine", "name"),
    "aws_sfn_activity": ("activity", "name"),
}
_DEEPEST: Final = 20


class _NotFoundError(Exception):
    """A definition that cannot be found without executing something."""


def of_terraform(source: Source, file: Path) -> None:
    """Find the state machines of a file in Terraform. Local values are read from all files of its folder."""
    text = _text_of(source, file)
    if text is None:
        return
    top = _blocks(source, str(file), text)
    if top is None:
        return
    folder = _Folder(source, file, top)
    for block in top.blocks:
        is_machine = block.kind == "resource" and block.labels[:1] == [_RESOURCE]
        if (is_machine or block.kind == "module") and "definition" in block.attributes:
            folder.machine(block)
    if not source.machines and not source.diagnostics:
        source.problem(
            "SFN852", Span(str(file)), "the file has no state machine that can be imported", expected=f'definition = … of an "{_RESOURCE}"'
        )


def _text_of(source: Source, file: Path) -> str | None:
    document = read_text("{}", str(file))
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        source.problem("SFN001", Span(str(file)), "the text is not UTF-8", expected="text in UTF-8")
        return None
    except (OSError, ValueError) as error:
        source.problem("SFN004", Span(str(file)), f"the file cannot be read: {getattr(error, 'strerror', None) or error}")
        return None
    source.texts[document.name] = text
    return text


def _blocks(source: Source, name: str, text: str) -> Block | None:
    try:
        return read(text)
    except HclError as error:
        line = text.count("\n", 0, error.position) + 1
        column = error.position - (text.rfind("\n", 0, error.position) + 1) + 1
        source.problem("SFN852", Span(name, line, column), f"the text is not Terraform: {error}")
    except RecursionError:
        source.problem("SFN852", Span(name), "the text is not Terraform: it is nested too deeply")
    return None


class _Folder:
    """The file with the state machines, and what the other files of its folder define."""

    def __init__(self, source: Source, file: Path, top: Block) -> None:
        self.source = source
        self.file = file
        self.locals: dict[str, Any] = {}
        self.resources: dict[tuple[str, str], Block] = {}
        self.data: dict[tuple[str, str], Block] = {}
        tops = [top]
        for other in sorted(file.parent.glob("*.tf")):
            if other != file and other.is_file():
                try:
                    tops.append(read(other.read_text(encoding="utf-8")))
                except (HclError, OSError, ValueError, RecursionError):
                    continue  # a file that is not imported may be wrong
        for block in (one for each in tops for one in walk(each)):
            if block.kind == "locals":
                self.locals |= {name: value for name, (value, _) in block.attributes.items()}
            elif block.kind in ("resource", "data") and len(block.labels) > 1:
                (self.resources if block.kind == "resource" else self.data)[block.labels[0], block.labels[1]] = block

    def machine(self, block: Block) -> None:
        value, line = block.attributes["definition"]
        span = Span(str(self.file), line)
        name = block.attributes.get("name", (None, 0))[0]
        label = block.labels[-1] if block.labels else "workflow"
        machine = Machine(name if isinstance(name, str) else label, None, Document(str(self.file), locate=lambda _: span))
        kind = block.attributes.get("type", (None, 0))[0]
        machine.type = "EXPRESS" if isinstance(kind, str) and kind.upper() == "EXPRESS" else "STANDARD"
        try:
            if not self._definition(machine, value, span):
                return
        except _NotFoundError as error:
            hint = "import the file with the definition itself"
            self.source.problem(
                "SFN852", span, f"the definition of {label!r} can be found only by executing Terraform", found=str(error)[:80], hint=hint
            )
            return
        machine.definition = plain_placeholders(machine.definition)
        if not is_definition(machine.definition):
            self.source.problem("SFN852", span, f"{label!r} has no definition", expected='an object with "StartAt" and "States"')
            return
        machine.hints |= self._hints(machine.definition)
        self.source.machines.append(machine)

    def _definition(self, machine: Machine, value: Any, span: Span, depth: int = 0) -> bool:
        """Take the definition from the value of an attribute; return whether there is one."""
        if depth > _DEEPEST:
            raise _NotFoundError("a reference to itself")
        match value:
            case Template(parts=(only,)):
                return self._definition(machine, only, span, depth + 1)
            case Call(name="jsonencode" | "yamlencode", arguments=(argument,)):
                machine.definition = self._json(argument, machine)
                return True
            case Call(name="file", arguments=(path,)):
                return self._from_file(machine, self._path(path), span, {})
            case Call(name="templatefile", arguments=(path, variables)):
                return self._from_file(machine, self._path(path), span, variables if isinstance(variables, Mapping) else {})
            case Call(name="trimspace" | "chomp", arguments=(argument,)):
                return self._definition(machine, argument, span, depth + 1)
            case Call(name="jsonencode", arguments=()):
                raise _NotFoundError(value.text)
            case Reference(text=text) if text.startswith("local.") and text[6:] in self.locals:
                return self._definition(machine, self.locals[text[6:]], span, depth + 1)
            case Reference(text=text) if found := re.fullmatch(r"data\.template_file\.([\w-]+)\.rendered", text):
                block = self.data.get(("template_file", found[1]))
                if block is None or "template" not in block.attributes:
                    raise _NotFoundError(text)
                inner = block.attributes["template"][0]
                if isinstance(inner, Call) and inner.name == "file":
                    given = block.attributes.get("vars", ({}, 0))[0]
                    return self._from_file(machine, self._path(inner.arguments[0]), span, given if isinstance(given, Mapping) else {})
                return self._definition(machine, inner, span, depth + 1)
            case str() | Template():
                text = self._text(value, machine)
                heredoc = "\n" in text
                begin = Span(span.file, span.line + 1) if heredoc else span
                return self._read(machine, read_definition_text(self.source, text, begin, str(self.file)))
        raise _NotFoundError(getattr(value, "text", type(value).__name__))

    def _read(self, machine: Machine, document: Document | None) -> bool:
        if document is None:
            return False
        machine.document, machine.definition, machine.bare = document, document.value, bare_placeholders(document.text)
        return True

    def _from_file(self, machine: Machine, path: str, span: Span, variables: Mapping[str, Any]) -> bool:
        file = self.file.parent / path
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            self.source.problem("SFN004", span, f"the file {path} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}")
            return False
        suffix = ".yaml" if text.lstrip()[:1] not in ("{", "[") else ".json"
        document = read_text(text, f"{file}{'' if file.name.endswith(suffix) else suffix}", template=True)
        self.source.texts[document.name] = text
        self.source.diagnostics += document.diagnostics
        if not document.readable:
            return False
        for name, value in variables.items():
            meant = value.text if isinstance(value, Reference) else ""
            if (found := self._hint(meant)) is not None:
                machine.hints[name] = found
        return self._read(machine, document)

    def _path(self, path: Any) -> str:
        text = self._text(path, None)
        for place in ("module", "root", "cwd"):
            text = text.removeprefix(Placeholder(f"path.{place}").text + "/")
        return text.removeprefix("./")

    # -- values --------------------------------------------------------------------------------------------------------------

    def _text(self, value: Any, machine: Machine | None) -> str:
        if isinstance(value, Template):
            return "".join(part if isinstance(part, str) else self._text(part, machine) for part in value.parts)
        if isinstance(value, str):
            return value
        if isinstance(value, Call) and value.name == "jsonencode" and len(value.arguments) == 1:
            inner = self._json(value.arguments[0], machine)
            return inner if is_placeholder(inner) else json.dumps(inner)  # JSON of a type that is not known here
        made = self._json(value, machine)
        return made if isinstance(made, str) else json.dumps(made)

    def _json(self, value: Any, machine: Machine | None, depth: int = 0) -> Any:
        """Return a value of Terraform as JSON, with placeholders for references."""
        if depth > _DEEPEST * 4:
            raise _NotFoundError("a reference to itself")
        match value:
            case Reference(text=text) if text.startswith("local.") and text[6:] in self.locals and depth < _DEEPEST:
                return self._json(self.locals[text[6:]], machine, depth + 1)
            case Reference(text=text):
                return "${" + re.sub(r"^(var|local)\.", "", text.replace("[0]", "")) + "}"
            case Template(parts=(only,)) if not isinstance(only, str):
                return self._json(only, machine, depth + 1)
            case Template():
                return self._text(value, machine)
            case Call(name="jsonencode", arguments=(argument,)):
                return json.dumps(self._json(argument, machine, depth + 1))
            case Call() | Unknown():
                name = "_".join(words_of(value.text)[:6]) or "value"
                if machine is not None:
                    message = f"the value of an expression is known only to Terraform; it is the placeholder ${{{name}}}"
                    machine.note((), message, found=value.text[:80])
                return "${" + name + "}"
            case Mapping():
                return {key: self._json(inner, machine, depth + 1) for key, inner in value.items()}
            case list():
                return [self._json(inner, machine, depth + 1) for inner in value]
        return value

    # -- resources -----------------------------------------------------------------------------------------------------------

    def _hint(self, reference: str) -> Found | None:
        """Return the resource that a reference means, such as ``aws_lambda_function.check.arn``."""
        parts = re.sub(r"\[[^\]]*\]", "", reference).split(".")
        if parts[0] == "data":
            parts = parts[1:]
        if len(parts) < 2 or parts[0] not in _KINDS:  # noqa: PLR2004  the type and the name
            return None
        kind, attribute = _KINDS[parts[0]]
        block = self.resources.get((parts[0], parts[1]))
        written = block.attributes.get(attribute, ("", 0))[0] if block is not None else ""
        name = "-".join(words_of(written if isinstance(written, str) and written else parts[1]))
        if not (name[:1].isalpha() and name.isascii()):
            return None
        options = {}
        if block is not None and kind == "function":
            for key, keyword in (("timeout", "timeout_seconds"), ("memory_size", "memory_mb")):
                given = block.attributes.get(key, (None, 0))[0]
                if isinstance(given, int) and not isinstance(given, bool) and 1 <= given <= (900 if key == "timeout" else 10_240):
                    options[keyword] = constant(given)
        return Found(KINDS[kind], name, "", options=options)

    def _hints(self, definition: Any) -> dict[str, Found]:
        """Return what the placeholders of a definition stand for."""
        names = set(PLACEHOLDER.findall(json.dumps(definition, ensure_ascii=False)))
        found = {name: hint for name in names if (hint := self._hint(placeholder_name("${" + name + "}"))) is not None}
        return {name: found[name] for name in sorted(found)}
