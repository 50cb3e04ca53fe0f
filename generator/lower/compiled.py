"""A compiled workflow: all that the stages after the compiler look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from generator.diagnostics.model import Diagnostic, Pointer, Span

if TYPE_CHECKING:
    from generator.asl.model import StateMachine
    from generator.dsl.resources import Resource
    from generator.dsl.source import Source
    from generator.dsl.workflow import Workflow


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A value that deployment fills in.

    Attributes:
        name: as it stands in the ASL, ``${name}``, and as the Terraform variable is called.
        resource: what it belongs to; None for one made by :func:`generator.placeholder`.
        attribute: which of the resource's attributes: ``arn``, ``url``, ``name``.
    """

    name: str
    resource: Resource | None = None
    attribute: str = ""


@dataclass(frozen=True, slots=True)
class CompiledWorkflow:
    """What a workflow became.

    Attributes:
        workflow: as its author wrote it.
        machine: the definition.
        placeholders: what it leaves to deployment, by name, sorted.
        sources: where each state, rule, retrier and catcher was written, by its pointer.
        diagnostics: what went wrong on the way; if any is an error, ``machine`` is not to be used.
        input_schema: the JSON Schema of the input, if the workflow declares one.
    """

    workflow: Workflow
    machine: StateMachine
    placeholders: Mapping[str, Placeholder]
    sources: Mapping[Pointer, Source] = field(repr=False)
    diagnostics: tuple[Diagnostic, ...] = ()
    input_schema: Mapping[str, Any] | None = None

    def locate(self, pointer: Pointer) -> Span:
        """Find the line that made a place of the definition: that of the innermost construct around it."""
        for length in range(len(pointer), -1, -1):
            source = self.sources.get(pointer[:length])
            if source is not None:
                return source.span()
        return self.workflow.source.span()
