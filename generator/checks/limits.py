"""Limits of the service for definitions.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from generator.asl.model import MAX_STATE_NAME
from generator.diagnostics.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.asl.walk import Walk

MAX_DEFINITION: Final = 1_048_576


def state_names(walk: Walk) -> Iterator[Finding]:
    """Check that the name of a state has 1 to 80 characters (SFN601)."""
    for entry in walk.states:
        if "${" not in entry.name and not 1 <= len(entry.name) <= MAX_STATE_NAME:
            message = f"the name of the state has {len(entry.name)} characters" if entry.name else "the name of the state is empty"
            yield Finding("SFN601", entry.at, message, expected=f"1 to {MAX_STATE_NAME} characters")


def workflow_size(name: str, text: str) -> Iterator[Finding]:
    """Check that the definition of a workflow is small enough to be deployed (SFN603)."""
    for finding in definition_size(text):
        hint = "move states into nested workflows, or use a Map"
        yield replace(finding, code="SFN603", message=f"the definition of {name!r} is too large for AWS", hint=hint)


def definition_size(text: str) -> Iterator[Finding]:
    """Check that a definition has at most 1 MiB (SFN602)."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_DEFINITION:
        message = "the definition is too large"
        hint = "write it without indentation, or move states into nested workflows"
        yield Finding("SFN602", (), message, found=f"{size} bytes", expected=f"at most {MAX_DEFINITION} bytes", hint=hint)
