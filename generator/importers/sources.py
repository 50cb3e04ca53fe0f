"""The state machines in a file: a definition alone, or inside a template. Nothing is executed to find them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from generator.asl.placeholders import NAME, with_names
from generator.asl.read import Document, read_file, read_text
from generator.asl.walk import STANDARD, WorkflowType
from generator.diagnostics.codes import severity_of
from generator.diagnostics.model import Diagnostic, Pointer, Span, failed
from generator.importers.python import bare_placeholders
from generator.importers.resources import Found

_SUFFIXES: Final = re.compile(r"(\.(asl|tpl|tftpl|template|tmpl))*(\.(json|ya?ml|asl|tf|tpl|tftpl|template|hcl|tmpl))+\Z")
_GENERAL: Final = frozenset({"definition", "statemachine", "template", "asl", "workflow", "stepfunction", "stepfunctions", "main"})
_PSEUDO: Final = re.compile(r"#\{(AWS::\w+)\}")


@dataclass
class Machine:
    """A state machine that was found.

    Attributes:
        name: its name, or the name of what it was found in.
        definition: the definition as JSON, with placeholders in place of what deployment fills in.
        document: the file with the definition, and how to find the lines in it.
        at: the place of the definition in the document.
        type: the type of the state machine.
        bare: the placeholders that the definition has without quotation marks.
        hints: what placeholders stand for.
        notes: what could not be known.
        comments: the comments of the file, by the names of the states behind them.
    """

    name: str
    definition: Any
    document: Document
    at: Pointer = ()
    type: WorkflowType = STANDARD
    bare: frozenset[str] = frozenset()
    hints: dict[str, Found] = field(default_factory=dict)
    notes: list[Diagnostic] = field(default_factory=list)
    comments: dict[str, list[str]] = field(default_factory=dict)

    def locate(self, pointer: Pointer) -> Span:
        """Return the lines of a place of the definition."""
        return self.document.locate((*self.at, *pointer))

    def note(self, pointer: Pointer, message: str, found: str = "", hint: str = "") -> None:
        """Note something that could not be known."""
        self.notes.append(Diagnostic("SFN853", severity_of("SFN853"), message, self.document.locate(pointer), "", found, "", hint))


@dataclass
class Source:
    """A file that was read for its state machines.

    Attributes:
        machines: the state machines.
        diagnostics: the problems of the file. With an error among them, it has no state machine that can be imported.
        texts: the texts of the files that were read, by their names in the diagnostics.
    """

    machines: list[Machine] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)

    def problem(self, code: str, span: Span, message: str, *, found: str = "", expected: str = "", hint: str = "") -> None:
        """Report a problem of the file."""
        self.diagnostics.append(Diagnostic(code, severity_of(code), message, span, "", found, expected, hint))


def own_name(file: Path) -> str:
    """Return the name of a definition from the name of its file; that of the folder, if every definition is called so.

    >>> own_name(Path("order.asl.json")), own_name(Path("checkout/definition.asl.json"))
    ('order', 'checkout')
    """
    stem = _SUFFIXES.sub("", file.name) or file.name
    folder = file.resolve().parent.name
    return folder if re.sub("[-_]", "", stem.lower()) in _GENERAL and folder else stem


def is_definition(value: object) -> bool:
    """Return whether a value looks like a definition."""
    return isinstance(value, Mapping) and "States" in value and "StartAt" in value


def plain_placeholders(value: Any, notes: Machine | None = None, at: Pointer = ()) -> Any:
    """Return a definition whose placeholders are all names: ``${opt:stage, 'dev'}`` is ``${opt.stage}``.

    >>> plain_placeholders({"Resource": "arn:aws:lambda:#{AWS::Region}:1:function:${opt:stage, 'dev'}-a"})
    {'Resource': 'arn:aws:lambda:${AWS::Region}:1:function:${opt:stage}-a'}
    """
    if isinstance(value, Mapping):
        return {key: plain_placeholders(inner, notes, (*at, key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain_placeholders(inner, notes, (*at, index)) for index, inner in enumerate(value)]
    if not isinstance(value, str) or ("${" not in value and "#{" not in value):
        return value
    text = _PSEUDO.sub(r"${\1}", value)
    return with_names(text, _name)


def _name(text: str) -> str:
    """Return what is between the braces of a placeholder as a name."""
    if re.fullmatch(NAME, text):
        return text
    first = text.split(",", 1)[0].strip()
    return re.sub(r"[^A-Za-z0-9_.:]+", "_", first).strip("_.:") or "value"


def of_document(document: Document, name: str, type_: WorkflowType = STANDARD) -> Machine:
    """Return the state machine of a document that is a definition."""
    return Machine(name, document.value, document, type=type_, bare=bare_placeholders(document.text))


def read_definition_text(source: Source, text: str, around: Span, name: str) -> Document | None:
    """Read a definition that is text inside another file: JSON, or else YAML. Its lines are those of the file."""
    suffix = ".json" if text.lstrip().startswith(("{", "[")) else ".yaml"
    document = read_text(text, f"{name}{suffix}", template=True)
    shift = around.line - 1

    def moved(span: Span) -> Span:
        end = None if span.end_line is None else span.end_line + shift
        return replace(span, file=around.file, line=span.line + shift, end_line=end)

    source.diagnostics += [replace(one, span=moved(one.span)) for one in document.diagnostics]
    if not document.readable:
        return None
    return replace(document, name=around.file, diagnostics=[], locate=lambda pointer: moved(document.locate(pointer)))


def read_beside(source: Source, file: Path, around: Span) -> Document | None:
    """Read the file of a definition that a template names."""
    document = read_file(file, template=True)
    source.texts[document.name] = document.text
    if not document.readable:
        source.diagnostics += [replace(one, span=around if one.code == "SFN004" else one.span) for one in document.diagnostics]
        return None
    source.diagnostics += [one for one in document.diagnostics if not failed([one])]
    return document


def yaml_comments(text: str) -> dict[str, list[str]]:
    r"""Return the comments of YAML text by the keys behind them.

    >>> yaml_comments("# Twice.\n# At least.\nCheck:\n  Type: Task\n")
    {'Check': ['Twice.', 'At least.']}
    """
    found: dict[str, list[str]] = {}
    held: list[str] = []
    for line in text.splitlines():
        stripped = line.strip()
        if stripped.startswith("#"):
            comment = stripped.lstrip("#").strip()
            held += [comment] if comment else []
        elif stripped:
            key = re.match(r"""(?:"([^"]+)"|'([^']+)'|([^\s"'#:][^:]*)):(?:\s|$)""", stripped)
            if held and key:
                found.setdefault(key[1] or key[2] or key[3], held)
            held = []
    return found


def pairs(value: object) -> Iterator[tuple[str, Any]]:
    """Yield the members of a value, if it is an object."""
    if isinstance(value, Mapping):
        yield from value.items()
