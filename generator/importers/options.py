"""What an import is told, and what it returns."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from generator.diagnostics.model import Finding
from generator.dsl.workflow import Workflow
from generator.importers.resources import Found

WIDTH: Final = 88
"""The length of lines if the project does not say it; this is ruff's default."""
RESOURCES_MODULE: Final = "workflows.resources"


@dataclass(frozen=True)
class Options:
    """What an import can be told.

    Attributes:
        workflow: the name of the workflow, in lower case words joined by ``-``.
        type: the type of the state machine.
        width: the length of lines.
        resources_module: the module that declares the resources.
        hints: what placeholders stand for, as the template around the definition says it.
        settings: further arguments of the workflow.
        bare: the placeholders that the definition has without quotation marks.
        title: the first line of the module, if the definition has no comment.
        comments: comments of the file, by the names of the states behind them.
        reserved: names that the module must not use.
        separated: whether a line separates the imports of the project's modules from those of the vocabulary, as ruff has it where the
            vocabulary is an installed package.
    """

    workflow: str
    type: str = "STANDARD"
    width: int = WIDTH
    resources_module: str = RESOURCES_MODULE
    hints: Mapping[str, Found] = field(default_factory=dict)
    settings: Mapping[str, ast.expr] = field(default_factory=dict)
    bare: frozenset[str] = frozenset()
    title: str = ""
    comments: Mapping[str, list[str]] = field(default_factory=dict)
    reserved: frozenset[str] = frozenset()
    separated: bool = True


@dataclass(frozen=True)
class Imported:
    """A workflow as Python.

    Attributes:
        source: the module of the workflow.
        resources: the module that declares its resources; empty if it has none.
        workflow: the workflow that the source describes.
        identifier: the name that keeps the workflow.
        found: the resources.
        originals: the placeholder of the definition for each one of the compiled definition that has another name.
        findings: what stays ASL, and what could not be told.
    """

    source: str
    resources: str
    workflow: Workflow
    identifier: str
    found: tuple[Found, ...]
    originals: Mapping[str, str]
    findings: tuple[Finding, ...] = ()


class CannotImportError(ValueError):
    """A definition that cannot be expressed in Python.

    Attributes:
        findings: the reasons.
    """

    def __init__(self, findings: list[Finding]) -> None:
        """Describe the reasons."""
        super().__init__(findings[0].message if findings else "the definition cannot be imported")
        self.findings = findings
