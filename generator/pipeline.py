"""The pipeline: from ``workflows/`` to ``build/``, in the order below.

Each stage takes the run, reads what the stages before it left there, and leaves its own. A stage reports problems instead of
raising them; after each stage that may report errors the pipeline stops if there are any, so that nothing is emitted from
what is wrong, and all problems of a stage are shown at once. The price is a value that grows as it is passed on; in return
the order stands in one place, and each stage can be called and tested alone.

1. *load* imports the modules and collects workflows and resources. Whatever Python raises becomes a diagnostic.
2. *compile_all* turns each workflow into the model of the language. It reports what the vocabulary cannot mean.
3. *check_all* looks at the models, whoever made them: the same checks serve ``validate``.
4. *emit_all* writes artifacts into memory: text by path. Emitters know nothing of files.
5. *check_schemas* holds each definition that differs from the one on disk against the ASL JSON Schema, as a second opinion
   that shares no code with the checks. ``check`` holds all of them against it.
6. *publish_all* replaces ``build/`` whole, if anything changed at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from generator import publish
from generator.asl.definition import INDEX_FILE
from generator.asl.placeholders import index_text
from generator.checks import check, check_function, check_role
from generator.checks.limits import workflow_size
from generator.diagnostics.codes import severity_of
from generator.diagnostics.locate import locate
from generator.diagnostics.model import Diagnostic, Severity, Span
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
    """Check each definition, and what its role comes to."""
    for _, function in run.loaded.functions:
        run.diagnostics += check_function(function)
    for _, compiled in run.compiled:
        run.progress(f"checking {compiled.workflow.name}")
        found = [*compiled.findings, *check(compiled.walk), *check_role(compiled.role)]
        run.diagnostics += locate(found, compiled.locate)


def emit_all(run: Run) -> None:
    """Write all artifacts of all workflows into memory."""
    for folder, compiled in run.compiled:
        run.progress(f"emitting {compiled.workflow.name}")
        texts = emit(compiled)
        run.diagnostics += locate(workflow_size(compiled.workflow.name, texts["definition.asl.json"]), compiled.locate)
        run.artifacts |= {(folder / name).as_posix(): text.encode() for name, text in texts.items()}
    for folder in dict.fromkeys(folder for folder, _ in run.loaded.functions):
        from generator.emit import policies  # noqa: PLC0415

        texts = policies.of_functions(f for home, f in run.loaded.functions if home == folder)
        run.artifacts |= {(folder / name).as_posix(): text.encode() for name, text in texts.items()}
    run.artifacts = dict(sorted(run.artifacts.items()))


def emit(compiled: CompiledWorkflow) -> dict[str, str]:
    """Write all artifacts of one workflow: text by file name."""
    from generator.emit import asl, diagram, docs, policies, terraform  # noqa: PLC0415  loaded, with their templates, when they are used

    artifacts = {asl.FILE: asl.definition_text(compiled.document), INDEX_FILE: index_text(compiled.placeholders)}
    artifacts |= docs.emit(compiled, permissions=policies.needed_by(compiled.role))
    artifacts |= {
        "diagram.mmd": diagram.mermaid(compiled.walk),
        "diagram.svg": diagram.svg(compiled.walk, title=compiled.workflow.name),
    }
    artifacts |= policies.files(compiled.role)
    artifacts |= terraform.emit(compiled)
    return artifacts


def check_schemas(run: Run) -> None:
    """Hold definitions against the ASL JSON Schema."""
    from generator.emit.asl import FILE  # noqa: PLC0415

    for folder, compiled in run.compiled:
        path = (folder / FILE).as_posix()
        on_disk = run.build / path
        if run.everything or not on_disk.is_file() or on_disk.read_bytes() != run.artifacts[path]:
            from generator.asl.schema import schema_findings  # noqa: PLC0415  jsonschema takes a quarter of a second to load

            run.progress(f"holding {compiled.workflow.name} against the schema")
            run.diagnostics += locate(schema_findings(json.loads(run.artifacts[path])), compiled.locate)


def publish_all(run: Run) -> None:
    """Replace ``build/``, or tell what would change."""
    if run.write:
        publish.recover(run.build)
        run.changes = publish.publish(run.build, run.artifacts)
    else:
        run.changes = publish.differences(run.build, run.artifacts)
        run.diagnostics += [_drift(path, how) for path, how in run.changes]


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
