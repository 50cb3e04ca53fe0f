"""The definition as a template that the Terraform module fills in, and the index of its placeholders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.asl.definition import INDEX_FILE
from generator.asl.placeholders import index_text
from generator.checks.limits import MAX_DEFINITION
from generator.emit.artifact import Artifact
from generator.emit.terraform.template import definition_template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.lower.compiled import CompiledWorkflow

FILE: Final = "definition.asl.json"


def emit(compiled: CompiledWorkflow) -> Iterator[Artifact]:
    r"""Write ``definition.asl.json`` and ``placeholders.json``.

    The definition is indented for people who read it, unless it would then be larger than AWS accepts.

    >>> from generator.dsl.steps import Succeed
    >>> from generator.dsl.workflow import Workflow
    >>> from generator.lower.compile import compile_workflow
    >>> artifact, _ = emit(compile_workflow(Workflow("half", steps=[Succeed("Done", comment="50%{x} for ${y}")])))
    >>> print(artifact.content.decode().splitlines()[6])
          "Comment": "50\u0025{x} for \u0024{y}"
    """
    content = definition_template(compiled.text()).encode()  # without a newline, which would count
    if len(content) <= MAX_DEFINITION:
        indented = (definition_template(compiled.text(indent=2)) + "\n").encode()
        content = indented if len(indented) <= MAX_DEFINITION else content
    yield Artifact(FILE, content)
    yield Artifact.of_text(INDEX_FILE, index_text(compiled.placeholders))
