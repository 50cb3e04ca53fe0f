"""The workflows of the project that a test belongs to, for state machines that a task names by their ARN alone."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from generator.catalog.resources import ARN
from generator.diagnostics.model import failed
from generator.engine.definitions import ACCOUNT, REGION, deployed_name
from generator.loader import load
from generator.lower import compile_workflow
from generator.settings import read_project

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from generator.asl.placeholders import Placeholder
    from generator.dsl.workflow import Workflow
    from generator.lower import CompiledWorkflow


@cache
def deployed_workflows(root: Path) -> Callable[[str], CompiledWorkflow | None]:
    """Return a function that returns the workflow that is deployed under an ARN on a laptop; None if there is none.

    The project is loaded when the function is called for the first time. One that has errors has no workflows.

    Args:
        root: the folder of the project.
    """

    @cache
    def loaded() -> tuple[Mapping[str, Workflow], Mapping[str, Placeholder]]:
        project = read_project(root)
        found = load(project) if project.source.is_dir() else None
        if found is None or failed(found.diagnostics):
            return {}, {}
        workflows = (workflow for _, workflow in found.workflows)
        names = {each.KIND.values(name=deployed_name(each.name), region=REGION, account=ACCOUNT)[ARN]: each for each in workflows}
        return names, found.placeholders

    def find(arn: str) -> CompiledWorkflow | None:
        workflows, placeholders = loaded()
        return compile_workflow(workflows[arn], placeholders) if arn in workflows else None

    return find
