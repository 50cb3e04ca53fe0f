"""The pipeline: from ``workflows/`` to ``build/``, in the stages below.

Each stage takes the run, reads the results of the stages before it, and adds its own. A stage reports problems and raises no
exception for them. After a stage that reported an error the pipeline stops: nothing is emitted from a wrong workflow, and all
problems of a stage are shown together. :data:`STAGES` has the order, and each stage can be called and tested alone.

1. *load_all* imports the modules and collects workflows and resources. An exception of a module becomes a diagnostic.
2. *compile_all* compiles each workflow to its definition, and reports mistakes in the use of the vocabulary.
3. *check_all* checks each definition, its size and its role. ``validate`` uses the same checks.
4. *emit_all* runs the emitters (:data:`generator.emit.EMITTERS`), which write artifacts into memory, and compares these with
   ``build/``.
5. *check_schemas* checks each definition with a changed artifact against the ASL JSON Schema, as a second opinion that shares
   no code with the checks. ``check`` checks all definitions.
6. *publish_all* replaces ``build/`` as a whole, if there are changes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from generator import publish
from generator.asl.schema import schema_findings
from generator.checks import check, check_function, check_role
from generator.checks.limits import workflow_size
from generator.diagnostics.codes import severity_of
from generator.diagnostics.locate import locate
from generator.diagnostics.model import Diagnostic, Severity, Span
from generator.diagnostics.suppress import unsuppressed
from generator.emit import artifacts, resource_artifacts
from generator.loader import Loaded, load
from generator.lower import CompiledWorkflow, compile_workflow


@dataclass
class Run:
    """One run of the pipeline.

    Attributes:
        root: the folder of the project.
        everything: whether to check unchanged definitions against the schema, too.
        write: whether to publish the artifacts.
        progress: a function that receives a short text about each step, to be shown while people wait.
        loaded: the workflows, resources and functions.
        compiled: each workflow with its folder in ``build/``.
        artifacts: the content of each artifact, by its path in ``build/``.
        changes: the path of each artifact that differs from ``build/``, and how.
        diagnostics: the problems.
    """

    root: Path
    everything: bool = False
    write: bool = True
    progress: Callable[[str], None] = lambda _: None
    loaded: Loaded = field(default_factory=Loaded)
    compiled: list[tuple[PurePosixPath, CompiledWorkflow]] = field(default_factory=list)
    artifacts: dict[str, bytes] = field(default_factory=dict)
    changes: list[tuple[str, str]] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    @property
    def build(self) -> Path:
        """The folder of the artifacts."""
        return self.root / "build"

    @property
    def failed(self) -> bool:
        """Whether there is an error among the problems."""
        return any(d.severity is Severity.ERROR for d in self.diagnostics)


def load_all(run: Run) -> None:
    """Import the workflows."""
    run.loaded = load(run.root)
    run.diagnostics += run.loaded.diagnostics


def compile_all(run: Run) -> None:
    """Compile each workflow to its definition."""
    for folder, workflow in run.loaded.workflows:
        run.progress(f"compiling {workflow.name}")
        compiled = compile_workflow(workflow)
        run.diagnostics += compiled.diagnostics
        run.compiled.append((folder, compiled))


def check_all(run: Run) -> None:
    """Check each function, and each definition with its size and its role."""
    for function in run.loaded.functions:
        run.diagnostics += check_function(function)
    for _, compiled in run.compiled:
        run.progress(f"checking {compiled.workflow.name}")
        found = [*compiled.findings, *check(compiled.walk), *check_role(compiled.role)]
        found += workflow_size(compiled.workflow.name, compiled.text())
        run.diagnostics += locate(found, compiled.locate)


def emit_all(run: Run) -> None:
    """Write all artifacts of all workflows and resources into memory, and compare them with ``build/``."""
    for folder, compiled in run.compiled:
        run.progress(f"emitting {compiled.workflow.name}")
        run.artifacts |= {(folder / path).as_posix(): content for path, content in artifacts(compiled).items()}
    for folder, resources in run.loaded.declared.items():
        run.artifacts |= {(folder / path).as_posix(): content for path, content in resource_artifacts(resources).items()}
    run.artifacts = dict(sorted(run.artifacts.items()))
    if run.write:
        publish.recover(run.build)
    run.changes = publish.differences(run.build, run.artifacts)


def check_schemas(run: Run) -> None:
    """Check definitions against the ASL JSON Schema."""
    changed = {PurePosixPath(path).parent for path, _ in run.changes}
    for folder, compiled in run.compiled:
        if run.everything or folder in changed:
            run.progress(f"checking {compiled.workflow.name} against the schema")
            run.diagnostics += locate(schema_findings(json.loads(compiled.text())), compiled.locate)


def publish_all(run: Run) -> None:
    """Replace ``build/``, or report what would change."""
    if not run.write:
        run.diagnostics += [_drift(path, how) for path, how in run.changes]
    elif run.changes:
        run.changes = publish.publish(run.build, run.artifacts)


def _drift(path: str, how: str) -> Diagnostic:
    how_it_differs = {
        "missing": "is missing",
        "changed": "is not what the workflows generate",
        "extra": "is not generated by any workflow",
    }[how]
    return Diagnostic(
        "SFN808",
        severity_of("SFN808"),
        f"build/{path} {how_it_differs}",
        Span(f"build/{path}"),
        hint="run `make generate` and commit build/",
    )


STAGES: Final[tuple[Callable[[Run], None], ...]] = (load_all, compile_all, check_all, emit_all, check_schemas, publish_all)


def run_pipeline(run: Run, stages: tuple[Callable[[Run], None], ...] = STAGES) -> Run:
    """Run the stages in order, until one of them reports an error.

    Args:
        run: the run; the stages add their results to it.
        stages: the stages. Commands that need no artifacts pass only the first ones.

    Returns:
        the same run. Its diagnostics are sorted by place, without the warnings that comments switch off.
    """
    for stage in stages:
        stage(run)
        if run.failed:
            break
    run.diagnostics = sorted(unsuppressed(run.diagnostics), key=lambda d: d.sort_key)
    return run
