"""The diagrams of a state machine: Mermaid text for wikis that draw it, and an SVG picture for everything that shows images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.emit.artifact import Artifact
from generator.emit.mermaid import mermaid
from generator.emit.svg import svg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.lower.compiled import CompiledWorkflow

MERMAID_FILE: Final = "diagram.mmd"
SVG_FILE: Final = "diagram.svg"


def emit(compiled: CompiledWorkflow) -> Iterator[Artifact]:
    """Write ``diagram.mmd`` and ``diagram.svg``.

    >>> from generator.dsl.steps import Succeed
    >>> from generator.dsl.workflow import Workflow
    >>> from generator.lower.compile import compile_workflow
    >>> [artifact.path for artifact in emit(compile_workflow(Workflow("nothing-to-do", steps=[Succeed("Done")])))]
    ['diagram.mmd', 'diagram.svg']
    """
    yield Artifact.of_text(MERMAID_FILE, compiled.walk.once(mermaid))
    yield Artifact.of_text(SVG_FILE, svg(compiled.walk, title=compiled.workflow.name))
