"""The pipeline: from the source folder (``workflows/``) to the output folder (``build/``), in the stages below.

Each stage takes the run, reads the results of the stages before it, and adds its own. A stage reports problems and raises no
exception for them. After a stage that reported an error the pipeline stops: nothing is emitted from a wrong workflow, and all
problems of a stage are shown together. :data:`STAGES` has the order, and each stage can be called and tested alone.

1. *load_all* imports the modules and collects workflows and resources. An exception of a module becomes a diagnostic.
2. *compile_all* compiles each workflow to its definition, and reports mistakes in the use of the vocabulary.
3. *check_all* checks each definition, its size and its role. ``validate`` uses the same checks.
4. *emit_all* runs the emitters (:data:`generator.emit.EMITTERS`), which write artifacts into memory, and compares these with
   the output folder. A file of somebody else that is in the way is an error.
5. *check_schemas* checks each definition with a changed artifact against the ASL JSON Schema, as a second opinion that shares
   no code with the checks. ``check`` checks all definitions.
6. *publish_all* writes all changes into the output folder, or none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from generator import publish
from generator.asl.schema import schema_findings
from generator.asl.text import read_json
from generator.checks import check, check_function, check_queue, check_role
from generator.checks.limits import workflow_size
from generator.diagnostics.codes import severity_of
from generator.diagnostics.model import Diagnostic, Severity, Span
from generator.diagnostics.suppress import unsuppressed
from generator.emit import artifacts, resource_artifacts
from generator.loader import Loaded, load
from generator.lower import CompiledWorkflow, compile_workflow
from generator.settings import Project, read_project


@dataclass
class Run:
    """One run of the pipeline.

    Attributes:
        root: the folder of the project.
        out: the output folder, if it is not the one in the settings.
        overwrite: whether to replace files that are in the way, or that were edited by hand.
        everything: whether to check unchanged definitions against the schema, too.
        write: whether to publish the artifacts.
        progress: a function that receives a short text about each step, to be shown while people wait.
        loaded: the workflows, resources and functions.
        project: the settings of the project.
        compiled: each workflow with its folder in the output folder.
        artifacts: the content of each artifact, by its path in the output folder.
        paths: the path of each artifact by its form without case.
        changes: the path of each artifact that differs from the output folder, and how.
        diagnostics: the problems.
    """

    root: Path
    out: Path | None = None
    overwrite: bool = False
    everything: bool = False
    write: bool = True
    progress: Callable[[str], None] = lambda _: None
    loaded: Loaded = field(default_factory=Loaded)
    compiled: list[tuple[PurePosixPath, CompiledWorkflow]] = field(default_factory=list)
    artifacts: dict[str, bytes] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict, repr=False)
    changes: list[tuple[str, str]] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    project: Project = field(init=False)

    def __post_init__(self) -> None:
        """Read the settings of the project."""
        self.project = read_project(self.root, self.out)

    def written(self, path: str) -> str:
        """Return an artifact's path for messages."""
        return self.project.written(self.project.output / path)

    @property
    def failed(self) -> bool:
        """Whether there is an error among the problems."""
        return any(d.severity is Severity.ERROR for d in self.diagnostics)


def load_all(run: Run) -> None:
    """Import the workflows, if the settings are valid."""
    run.loaded = load(run.project)
    run.diagnostics += run.loaded.diagnostics


def compile_all(run: Run) -> None:
    """Compile each workflow to its definition."""
    declared = run.loaded.placeholders
    for folder, workflow in run.loaded.workflows:
        run.progress(f"compiling {workflow.name}")
        compiled = compile_workflow(workflow, declared)
        run.diagnostics += compiled.diagnostics
        run.compiled.append((folder, compiled))


def check_all(run: Run) -> None:
    """Check each function and each queue, and each definition with its size and its role."""
    for function in run.loaded.functions:
        run.diagnostics += check_function(function)
    for queue in run.loaded.queues:
        run.diagnostics += check_queue(queue)
    for _, compiled in run.compiled:
        run.progress(f"checking {compiled.workflow.name}")
        found = [*compiled.findings, *check(compiled.walk), *check_role(compiled.role)]
        found += workflow_size(compiled.workflow.name, compiled.text())
        run.diagnostics += compiled.diagnose(found)


def emit_all(run: Run) -> None:
    """Write all artifacts of all workflows and resources into memory, and compare them with the output folder."""
    for folder, compiled in run.compiled:
        run.progress(f"emitting {compiled.workflow.name}")
        _emit(run, folder, artifacts(compiled), compiled.workflow.source.span())
    for folder, resources in run.loaded.declared.items():
        _emit(run, folder, resource_artifacts(resources), resources[0].source.span())
    run.artifacts = dict(sorted(run.artifacts.items()))
    if not run.failed:
        _compare(run, publish.plan, run.project.output)


def _emit(run: Run, folder: PurePosixPath, made: Mapping[str, bytes], span: Span) -> None:
    """Add artifacts to those of the run. Two of them must not have one path, in any file system."""
    for path, content in made.items():
        whole = (folder / path).as_posix()
        known = run.paths.setdefault(whole.casefold(), whole)
        if known in run.artifacts:
            problem = f"two workflows or resources generate {run.written(whole)}"
            other = "" if known == whole else f"{run.written(known)}, which is the same file where case does not count"
            hint = "rename one, or put its module into another folder"
            run.diagnostics.append(Diagnostic("SFN815", severity_of("SFN815"), problem, span, "", other, "one path for each file", hint))
            return
        run.artifacts[whole] = content


def _compare(run: Run, compare: Callable[..., publish.Plan], folder: Path) -> None:
    """Compare or publish the artifacts; note the changes, and report what is in the way."""
    try:
        plan = compare(folder, run.artifacts, overwrite=run.overwrite)
    except publish.ManifestError as error:
        span = Span(run.written(publish.MANIFEST), error.line)
        run.diagnostics.append(Diagnostic("SFN813", severity_of("SFN813"), str(error), span, "", error.found, "", error.hint))
        return
    run.changes = [*plan.changes]
    run.diagnostics += [_in_the_way(run, conflict) for conflict in plan.conflicts]


def check_schemas(run: Run) -> None:
    """Check definitions against the ASL JSON Schema."""
    changed = {PurePosixPath(path).parent for path, _ in run.changes}
    for folder, compiled in run.compiled:
        if run.everything or folder in changed:
            run.progress(f"checking {compiled.workflow.name} against the schema")
            run.diagnostics += compiled.diagnose(schema_findings(read_json(compiled.text())[0]))


def publish_all(run: Run) -> None:
    """Write the output folder, or report what would change."""
    if not run.write:
        run.diagnostics += [_drift(run, path, how) for path, how in run.changes]
    elif run.changes:
        _compare(run, publish.publish, run.project.output)


def _drift(run: Run, path: str, how: str) -> Diagnostic:
    how_it_differs = {
        "missing": "is missing",
        "changed": "is not what the workflows generate now",
        "extra": "is not generated by any workflow now",
    }[how]
    hint = f"run `sfn-generator generate`, and commit {run.project.output_text}"
    return Diagnostic("SFN808", severity_of("SFN808"), f"{run.written(path)} {how_it_differs}", Span(run.written(path)), hint=hint)


def _in_the_way(run: Run, conflict: publish.Conflict) -> Diagnostic:
    """Return the diagnostic of a file that generating would lose."""
    path, blocker = run.written(conflict.path), run.written(conflict.blocker)
    replace = "run `sfn-generator generate --overwrite` to replace it"
    if conflict.kind in {"edited", "edited-extra"}:
        now = "" if conflict.kind == "edited" else ", and no workflow generates it now"
        hint = f"put the change into the workflows (after a merge there is nothing to do), then {replace}"
        return Diagnostic("SFN812", severity_of("SFN812"), f"{path} was edited by hand{now}", Span(path), hint=hint)
    what = {
        "foreign": f"{path} is in the way: sfn-generator did not write it",
        "link": f"{path} is in the way: it is a link, or another special file",
        "folder": f"{path} is in the way: it is a folder, and a file of this name is generated",
        "file": f"{blocker} is in the way: it is not a folder, and generated files belong into one of this name",
    }[conflict.kind]
    hint = "move it away, or choose another output folder" + (f"; or {replace}" if conflict.replaceable else "")
    return Diagnostic("SFN811", severity_of("SFN811"), what, Span(blocker), hint=hint)


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
