"""Artifacts: the files that a compiled workflow becomes.

Each emitter is one function in one module, and has one row in :data:`EMITTERS`. The pipeline knows no other list of files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.emit import diagram, docs, resources
from generator.emit.artifact import Artifact, Emitter
from generator.emit.terraform import definition, module, policies

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.dsl.declarations import Resource
    from generator.lower.compiled import CompiledWorkflow

__all__ = ["EMITTERS", "Artifact", "Emitter", "artifacts", "resource_artifacts"]

EMITTERS: Final[tuple[Emitter, ...]] = (definition.emit, policies.emit, module.emit, docs.emit, diagram.emit)
"""Every emitter."""


def artifacts(compiled: CompiledWorkflow, emitters: tuple[Emitter, ...] = EMITTERS) -> dict[str, bytes]:
    """Run the emitters of a workflow.

    Args:
        compiled: the workflow, without errors.
        emitters: the emitters to run.

    Returns:
        the content of each artifact by its path, sorted by path.

    Raises:
        ValueError: two emitters write the same path.

    >>> from generator.dsl.steps import Succeed
    >>> from generator.dsl.workflow import Workflow
    >>> from generator.lower.compile import compile_workflow
    >>> files = artifacts(compile_workflow(Workflow("nothing-to-do", steps=[Succeed("Done")])))
    >>> [path for path in files if path.startswith("d")]
    ['definition.asl.json', 'diagram.mmd', 'diagram.svg']
    """
    return _collected(artifact for emitter in emitters for artifact in emitter(compiled))


def resource_artifacts(declared: Iterable[Resource]) -> dict[str, bytes]:
    """Return the content of each artifact of the resources of one folder by its path, sorted by path."""
    return _collected(resources.emit(declared))


def _collected(made: Iterable[Artifact]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for artifact in made:
        if artifact.path in found:
            raise ValueError(f"two emitters write {artifact.path!r}")
        found[artifact.path] = artifact.content
    return dict(sorted(found.items()))
