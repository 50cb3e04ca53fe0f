"""A compiled workflow: everything that the stages after the compiler use."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from generator.asl.placeholders import unshielded_json, without_quotes
from generator.diagnostics.locate import locate
from generator.diagnostics.model import Diagnostic, Finding, Pointer, Span
from generator.iam.role import templated_role
from generator.lower.python_terms import in_python

if TYPE_CHECKING:
    from generator.asl.model import StateMachine
    from generator.asl.placeholders import Placeholder
    from generator.asl.walk import Walk
    from generator.dsl.source import Source
    from generator.dsl.workflow import Workflow
    from generator.iam.role import ExecutionRole


@dataclass(frozen=True, slots=True)
class CompiledWorkflow:
    """A workflow and the definition that it was compiled to.

    The definition is written, read and walked once. Checks, IAM and emitters share the walk.

    Attributes:
        workflow: the workflow as its author wrote it.
        walk: the walk over the definition; it has the machine, its JSON and its placeholders.
        sources: where each state, rule, retrier and catcher was written, by its pointer.
        diagnostics: the problems that the compiler found; with an error among them, the definition must not be used.
        findings: the problems that reading the definition found, such as a field of the other query language.
        input_schema: the JSON Schema of the input, if the workflow declares one.
    """

    workflow: Workflow
    walk: Walk
    sources: Mapping[Pointer, Source] = field(repr=False)
    diagnostics: tuple[Diagnostic, ...] = ()
    findings: tuple[Finding, ...] = ()
    input_schema: Mapping[str, Any] | None = None

    @property
    def machine(self) -> StateMachine:
        """The definition."""
        return self.walk.machine

    @property
    def document(self) -> dict[str, Any]:
        """The definition as JSON, with placeholders; an author's own ``${`` is shielded (:mod:`generator.asl.placeholders`)."""
        return self.walk.document

    @property
    def placeholders(self) -> Mapping[str, Placeholder]:
        """The values that the definition leaves to deployment, by name, sorted."""
        return self.walk.placeholders

    @property
    def role(self) -> ExecutionRole:
        """The execution role of the definition as it is deployed; it is derived once."""
        return self.walk.once(templated_role)

    def text(self, indent: int | None = None) -> str:
        """Return the definition as JSON text. Only placeholders start with ``${`` in it: an author's own is a JSON escape.

        A placeholder whose value is not text has no quotes around it, so the text is JSON only when it is filled in.
        :func:`generator.asl.text.read_json` reads it.

        Args:
            indent: the spaces of each level; None for one line without spaces.
        """
        separators = (",", ":") if indent is None else None
        text = unshielded_json(json.dumps(self.document, indent=indent, separators=separators, ensure_ascii=False))
        return without_quotes(text, [name for name, each in self.placeholders.items() if not each.is_text])

    def diagnose(self, findings: Iterable[Finding]) -> list[Diagnostic]:
        """Return findings in the terms of the vocabulary, at the lines that wrote what they are about."""
        return locate(findings if self.workflow.definition is not None else map(in_python, findings), self.locate)

    def locate(self, pointer: Pointer) -> Span:
        """Return the line that wrote the innermost construct at or around a place of the definition."""
        if self.workflow.definition is not None:
            return self.workflow.definition.locate(pointer)
        for length in range(len(pointer), -1, -1):
            source = self.sources.get(pointer[:length])
            if source is not None:
                return source.span()
        return self.workflow.source.span()
