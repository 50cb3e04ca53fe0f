"""The pipeline: from ``workflows/`` to ``build/``, in the order below.

Each stage takes the run, reads what the stages before it left there, and leaves its own. A stage reports problems instead of
raising them; after each stage that may report errors the pipeline stops if there are any, so that nothing is emitted from
what is wrong, and all problems of a stage are shown at once. The price is a value that grows as it is passed on; in return
the order stands in one place, and each stage can be called and tested alone.

1. *load* imports the modules and collects workflows and resources. Whatever Python raises becomes a diagnostic.
2. *compile_all* turns each workflow into the model of the language. It reports what the vocabulary cannot mean.
3. *check_all* looks at the models, whoever made them: the same checks serve ``validate``.
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
from generator.checks import check, check_function, check_role
from generator.checks.limits import workflow_size
from generator.diagnostics.codes import severity_of
from generator.diagnostics.locate import locate
from generator.diagnostics.model import Diagnostic, Severity, Span
from generator.emit import artifacts, function_artifacts
from generator.loader import Loaded, load
from generator.lower import CompiledWorkflow, compile_workflow


@dataclass
class Run:
    """One run of the pipeline.

    Attributes:
        root: the project's folder.
        everything: whether to hold also unchanged definitions against the schema.
        write: whether to publish; otherwise ``changes`` tells what would change.
        progress: is told what is being done, for people who wait.
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
        """Whether any problem is an error."""
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
    for _, function in run.loaded.functions:
        run.diagnostics += check_function(function)
    for _, compiled in run.compiled:
        run.progress(f"checking {compiled.workflow.name}")
        found = [*compiled.findings, *check(compiled.walk), *check_role(compiled.role)]
        found += workflow_size(compiled.workflow.name, compiled.text())
        run.diagnostics += locate(found, compiled.locate)


def emit_all(run: Run) -> None:
    """Write all artifacts of all workflows and functions into memory, and compare them with ``build/``."""
    for folder, compiled in run.compiled:
        run.progress(f"emitting {compiled.workflow.name}")
        run.artifacts |= {(folder / path).as_posix(): content for path, content in artifacts(compiled).items()}
    for folder in dict.fromkeys(folder for folder, _ in run.loaded.functions):
        functions = [function for home, function in run.loaded.functions if home == folder]
        run.artifacts |= {(folder / path).as_posix(): content for path, content in function_artifacts(functions).items()}
    run.artifacts = dict(sorted(run.artifacts.items()))
    if run.write:
        publish.recover(run.build)
    run.changes = publish.differences(run.build, run.artifacts)


def check_schemas(run: Run) -> None:
    """Check definitions against the ASL JSON Schema."""
    changed = {PurePosixPath(path).parent for path, _ in run.changes}
    for folder, compiled in run.compiled:
        if run.everything or folder in changed:
            from generator.asl.schema import schema_findings  # noqa: PLC0415  jsonschema takes a quarter of a second to load

            run.progress(f"checking {compiled.workflow.name} against the schema")
            run.diagnostics += locate(schema_findings(json.loads(compiled.text())), compiled.locate)


def publish_all(run: Run) -> None:
    """Replace ``build/``, or report what would change."""
    if not run.write:
        run.diagnostics += [_drift(path, how) for path, how in run.changes]
    elif run.changes:
        run.changes = publish.publish(run.build, run.artifacts)


def _drift(path: str, how: str) -> Diagnostic:
    said = {"missing": "is missing", "changed": "is not what the workflows generate", "extra": "is not generated by any workflow"}[how]
    return Diagnostic(
        "SFN808", severity_of("SFN808"), f"build/{path} {said}", Span(f"build/{path}"), hint="run `make generate` and commit build/"
    )


STAGES: Final[tuple[Callable[[Run], None], ...]] = (load_all, compile_all, check_all, emit_all, check_schemas, publish_all)


def run_pipeline(run: Run, stages: tuple[Callable[[Run], None], ...] = STAGES) -> Run:
    """Run the stages in order, until one of them finds errors.

    Args:
        run: where from and how; it is filled on the way.
        stages: which; a first part of all, for commands that need no artifacts.

    Returns:
        the same run; ``run.diagnostics`` holds all problems in the order of their places, warnings that a comment
        switches off left out.
    """
    from generator.diagnostics.suppress import unsuppressed  # noqa: PLC0415

    for stage in stages:
        stage(run)
        if run.failed:
            break
    run.diagnostics = sorted(unsuppressed(run.diagnostics), key=lambda d: d.sort_key)
    return run
