"""A definition that was read from a file: the model, the walk, and the placeholders."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from generator.asl import corrections
from generator.asl.corrections import Correction
from generator.asl.parse import parse
from generator.asl.placeholders import Placeholder, read_index
from generator.asl.read import Document, read_file
from generator.asl.walk import STANDARD, Walk, WorkflowType, walk
from generator.diagnostics.locate import locate
from generator.diagnostics.model import Diagnostic

INDEX_FILE = "placeholders.json"
"""The file beside a generated definition that lists its placeholders with their resources."""


@dataclass(frozen=True, eq=False)
class Definition:
    """A definition that was read from a file.

    Attributes:
        document: the file.
        walk: the walk over the definition; None if the file has no definition.
        diagnostics: the problems that reading found, in the order of their places.
    """

    document: Document
    walk: Walk | None
    diagnostics: list[Diagnostic]


def read_definition(file: str | Path, workflow_type: WorkflowType = STANDARD) -> Definition:
    """Read a definition, in JSON or YAML; ``-`` is standard input.

    Args:
        file: the path of the file.
        workflow_type: the type that the definition is deployed as.

    >>> read_definition("no/such/file.json").walk is None
    True
    """
    return definition_of(read_file(file), workflow_type, _placeholders_beside(file), _corrections_beside(file))


def definition_of(
    document: Document,
    workflow_type: WorkflowType = STANDARD,
    placeholders: dict[str, Placeholder] | None = None,
    corrected: tuple[Correction, ...] = (),
) -> Definition:
    """Parse and walk a document that was read."""
    if not document.readable:
        return Definition(document, None, document.diagnostics)
    machine, findings = parse(document.value, placeholders)
    diagnostics = sorted([*document.diagnostics, *locate(findings, document.locate)], key=lambda d: d.sort_key)
    walked = None if machine is None else walk(machine, workflow_type, placeholders, document.value, corrected)
    return Definition(document, walked, diagnostics)


def _placeholders_beside(file: str | Path) -> dict[str, Placeholder] | None:
    """Read the index that the compiler writes beside a definition; None if there is none, and for standard input."""
    try:
        return None if str(file) == "-" else read_index(_text_beside(file, INDEX_FILE))
    except (OSError, ValueError):
        return None


def _corrections_beside(file: str | Path) -> tuple[Correction, ...]:
    """Read the corrections of the role that the compiler writes beside a definition; none for standard input."""
    try:
        return () if str(file) == "-" else corrections.read_index(_text_beside(file, corrections.FILE))
    except (OSError, ValueError):
        return ()


def _text_beside(file: str | Path, name: str) -> str:
    return Path(file).with_name(name).read_text(encoding="utf-8")
