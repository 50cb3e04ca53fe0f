"""``validate``: check any definition, in JSON or YAML, with or without placeholders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from generator.asl.definition import read_definition
from generator.asl.walk import STANDARD, WorkflowType
from generator.checks.validate import problems
from generator.commands.report import Format, count, progress, show
from generator.diagnostics.model import Diagnostic

_MANY_FILES = 50


def validate(files: Sequence[Path], workflow_type: WorkflowType = STANDARD, form: Format = "text") -> int:
    """Check definitions, and show what is wrong with them.

    Args:
        files: the definitions; ``-`` is standard input.
        workflow_type: the type that they are deployed as.
        form: how diagnostics are written.

    Returns:
        the exit code.
    """
    found: list[Diagnostic] = []
    texts: dict[str, str] = {}
    with progress("validating", wanted=len(files) > _MANY_FILES) as tell:
        for file in files:
            tell(str(file))
            definition = read_definition(file, workflow_type)
            texts[definition.document.name] = definition.document.text
            found += problems(definition)
    return show(found, form, texts=texts, success=f"{count(len(files), 'definition')}: all checks passed.")
