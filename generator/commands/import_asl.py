"""``import``: from definitions, alone or inside templates, to Python. What it writes is proven to compile to the same definitions."""

from __future__ import annotations

import contextlib
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from generator.commands.report import MISUSED, PASSED, Format, count, say, show
from generator.diagnostics.codes import severity_of
from generator.diagnostics.model import Diagnostic, Span, failed
from generator.importers.additions import CannotAddError, added, declared_names
from generator.importers.code import snake
from generator.importers.files import find_machines
from generator.importers.options import RESOURCES_MODULE, WIDTH, CannotImportError, Imported, Options
from generator.importers.python import to_python, workflow_name
from generator.importers.resources import CLASSES
from generator.importers.sdk import find_sdk_workflow
from generator.importers.sources import Machine, Source
from generator.settings import Project, read_project

_RESOURCES: Final = "resources.py"
_SECOND: Final = 2
_RUFF_FILES: Final = (".ruff.toml", "ruff.toml")
_LEAST_WIDTH, _MOST_WIDTH = 40, 320


@dataclass(frozen=True)
class ImportOptions:
    """The options of the command.

    Attributes:
        files: the files.
        root: the project's folder.
        out: the file to write, or the folder; ``-`` is standard output.
        name: the name of the workflow.
        overwrite: whether to replace files that exist.
        form: how diagnostics are written.
        sdk: workflows of the AWS Data Science SDK, as ``module:attribute``.
    """

    files: Sequence[Path]
    root: Path = Path()
    out: str | None = None
    name: str | None = None
    overwrite: bool = False
    form: Format = "text"
    sdk: Sequence[str] = ()


@dataclass
class Plan:
    """What an import writes, and what it says.

    Attributes:
        project: the project.
        files: the content of each file.
        diagnostics: the problems, in the order of their places. With an error among them nothing is written.
        texts: the texts of the files that were read.
        lines: what is said about each workflow that was imported.
        workflows: the names of the workflows of each module of the project.
        resources: the names of the resources of the project.
    """

    project: Project
    files: dict[Path, str] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    workflows: dict[Path, set[str]] = field(default_factory=dict)
    resources: set[str] = field(default_factory=set)

    def problem(self, code: str, span: Span, message: str, *, found: str = "", hint: str = "") -> None:
        """Report a problem."""
        self.diagnostics.append(Diagnostic(code, severity_of(code), message, span, "", found, "", hint))


def import_asl(options: ImportOptions) -> int:
    """Write the state machines of files as Python: all of them, or none.

    Returns:
        the exit code.
    """
    if not options.files and not options.sdk:
        say("error: nothing to import: name a file, or a workflow with --sdk MODULE:ATTRIBUTE")
        return MISUSED
    plan = planned(options)
    code = show(plan.diagnostics, options.form, texts=plan.texts)
    if code != PASSED:
        return code
    if options.out == "-":
        for text in plan.files.values():
            print(text, end="")  # noqa: T201  the source is the output
        return PASSED
    problem = publish(plan.files)
    if problem is not None:
        return show([problem], options.form)
    for line in plan.lines:
        say(line)
    return PASSED


def planned(options: ImportOptions) -> Plan:
    """Import the state machines of files, and return what would be written."""
    project = read_project(options.root)
    plan = Plan(project, diagnostics=[*project.diagnostics])
    machines = _machines(options, plan)
    for module in sorted(project.source.rglob("*.py")) if machines else ():
        source = _read(module)
        plan.workflows[module.resolve()] = declared_names(source, ["Workflow"])
        plan.resources |= declared_names(source, CLASSES.values())
    if machines and not failed(plan.diagnostics):
        _write_all(machines, options, project, plan)
    plan.diagnostics.sort(key=lambda one: one.sort_key)
    return plan


def _machines(options: ImportOptions, plan: Plan) -> list[Machine]:
    """Find the state machines of all files and modules."""
    machines: list[Machine] = []
    for source in (*map(_found_in, options.files), *(find_sdk_workflow(target, plan.project.import_root) for target in options.sdk)):
        plan.diagnostics += source.diagnostics
        plan.texts |= source.texts
        machines += source.machines
    for machine in machines:
        plan.diagnostics += machine.notes
    return machines


def _found_in(file: Path) -> Source:
    try:
        return find_machines(file)
    except Exception as error:  # noqa: BLE001  a file may contain anything, and the user has a right to a message
        source = Source()
        source.problem("SFN852", Span(str(file)), "the file cannot be read as a template", found=f"{type(error).__name__}: {error}"[:80])
        return source


def _write_all(machines: list[Machine], options: ImportOptions, project: Project, plan: Plan) -> None:
    taken: dict[Path, str] = {}
    for machine in machines:
        wanted = workflow_name(options.name if options.name and len(machines) == 1 else machine.name)
        file = _file(wanted, options, project, alone=len(machines) == 1)
        known = plan.resources | {name for other, names in plan.workflows.items() if other != file.resolve() for name in names}
        name, tried = wanted, 1
        while name in known:
            tried += 1
            name = f"{wanted}-workflow" if tried == _SECOND else f"{wanted}-workflow-{tried - 1}"
        if name != wanted:
            file = _file(name, options, project, alone=len(machines) == 1)
        number = 2
        while file in taken:
            file = file.with_name(f"{snake(name, 'workflow')}_{number}.py")
            number += 1
        taken[file] = name
        plan.workflows[file.resolve()] = {name}
        _write(machine, name, file, options, plan)


def _file(name: str, options: ImportOptions, project: Project, *, alone: bool) -> Path:
    """Return the file of a workflow."""
    module = f"{snake(name, 'workflow')}.py"
    if options.out is None or options.out == "-":
        return project.source / module
    out = Path(options.out)
    return out if out.suffix == ".py" and alone else (out.parent if out.suffix == ".py" else out) / module


def _write(machine: Machine, name: str, file: Path, options: ImportOptions, plan: Plan) -> None:
    """Import one state machine, and plan its files."""
    project = plan.project
    module = _resources_module(file, project)
    settings = Options(
        name,
        type=machine.type,
        width=line_length(project.root),
        resources_module=module,
        hints=machine.hints,
        bare=machine.bare,
        comments=machine.comments,
        reserved=frozenset(each.replace("-", "_") for names in plan.workflows.values() for each in names if each != name),
        separated=not (project.root / "generator" / "__init__.py").is_file(),
    )
    try:
        imported = to_python(machine.definition, settings)
        resources = file.with_name(_RESOURCES)
        text, imported = _with_resources(imported, machine, settings, plan.files.get(resources) or _read(resources), options)
    except CannotImportError as error:
        for finding in error.findings:
            plan.problem(finding.code, machine.locate(finding.at), finding.message, found=finding.found, hint=finding.hint)
        return
    except CannotAddError as error:
        hint = "rename it there, or import into another folder with -o"
        plan.problem("SFN854", Span(project.written(resources), error.line), str(error), hint=hint)
        return
    except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:  # a definition may contain anything
        message, what = "the definition cannot be imported", f"{type(error).__name__}: {error}"[:80]
        plan.problem("SFN851", machine.locate(()), message, found=what, hint="use it as it is: Workflow.from_asl(file)")
        return
    for finding in imported.findings:
        span = machine.locate(finding.at)
        plan.problem(finding.code, span, finding.message, found=finding.found, hint=finding.hint)
    if options.out != "-" and file.exists() and not options.overwrite:
        message = f"{project.written(file)} is in the way: an import replaces no file"
        plan.problem("SFN854", Span(project.written(file)), message, hint="write to another file with -o, or replace it with --overwrite")
        return
    if text:
        plan.files[resources] = text
    plan.files[file] = imported.source
    plan.lines.append(_said(name, file, imported, machine, project))
    for new, old in imported.originals.items():
        plan.lines.append(f"  ${{{old}}} is now ${{{new}}}")


def _with_resources(imported: Imported, machine: Machine, settings: Options, existing: str, options: ImportOptions) -> tuple[str, Imported]:
    """Return the text of the file of resources, with the declarations that it does not have yet."""
    del options
    if not existing or not imported.resources:
        return imported.resources, imported
    addition = added(existing, imported.found, settings.width)
    while addition.renamed:  # a name of the file means something else, so the workflow must use other names
        settings = replace(settings, reserved=frozenset(addition.renamed) | settings.reserved)
        imported = to_python(machine.definition, settings)
        addition = added(existing, imported.found, settings.width)
    return addition.text, imported


def _said(name: str, file: Path, imported: Imported, machine: Machine, project: Project) -> str:
    states = count(_states(machine.definition), "state")
    resources = f", {count(len(imported.found), 'resource')}" if imported.found else ""
    return f"imported {name} into {project.written(file.resolve())}: {states}{resources}; it compiles to the same definition"


def _states(definition: Any) -> int:
    """Return the number of states of a definition, with those of inner scopes."""
    if isinstance(definition, dict):
        own = len(definition["States"]) if isinstance(definition.get("States"), dict) and "StartAt" in definition else 0
        return own + sum(_states(value) for value in definition.values())
    return sum(_states(item) for item in definition) if isinstance(definition, list) else 0


def _resources_module(file: Path, project: Project) -> str:
    """Return the name of the module with the resources, which is beside the workflow."""
    try:
        parts = file.resolve().parent.relative_to(project.import_root).parts
    except ValueError:
        return RESOURCES_MODULE
    return ".".join([*parts, "resources"]) if all(part.isidentifier() for part in parts) else RESOURCES_MODULE


def line_length(root: Path) -> int:
    """Return the length of lines that the project has set for ruff.

    >>> line_length(Path("no/such/folder"))
    88
    """
    for name in (*_RUFF_FILES, "pyproject.toml"):
        try:
            settings = tomllib.loads((root / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if name == "pyproject.toml":
            tool = settings.get("tool")
            ruff = tool.get("ruff") if isinstance(tool, dict) else None
            settings = ruff if isinstance(ruff, dict) else {}
        width = settings.get("line-length")
        if isinstance(width, int) and _LEAST_WIDTH <= width <= _MOST_WIDTH:
            return width
    return WIDTH


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def publish(files: dict[Path, str]) -> Diagnostic | None:
    """Write files: all of them, or none.

    Returns:
        the problem; None if the files are written.
    """
    before: dict[Path, bytes | None] = {}
    made: list[Path] = []
    try:
        for file, text in files.items():
            for parent in reversed([one for one in file.parents if not one.exists()]):
                parent.mkdir()
                made.append(parent)
            before[file] = file.read_bytes() if file.exists() else None
            file.write_bytes(text.encode())
    except (OSError, UnicodeEncodeError) as error:
        for file, content in before.items():
            with contextlib.suppress(OSError):
                file.unlink() if content is None else file.write_bytes(content)
        for parent in reversed(made):
            with contextlib.suppress(OSError):
                parent.rmdir()
        name = str(getattr(error, "filename", None) or next(iter(files), ""))
        message = f"the file cannot be written: {getattr(error, 'strerror', None) or error}; nothing is written"
        return Diagnostic("SFN004", severity_of("SFN004"), message, Span(name))
    return None
