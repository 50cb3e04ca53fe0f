"""Reading a version: a git revision, a folder of generated files, a definition, a deployed state machine, or what is generated now.

Each of them becomes the same thing: files by their paths. A file that is not there is not compared.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from generator.asl import corrections
from generator.asl.definition import INDEX_FILE, Definition, definition_of
from generator.asl.placeholders import Placeholder, read_index
from generator.asl.read import STANDARD_INPUT, YAML_SUFFIXES, Document, read_bytes, read_file, read_text
from generator.asl.walk import EXPRESS, STANDARD, WorkflowType
from generator.diagnostics.model import Diagnostic, Severity, Span, did_you_mean
from generator.pipeline import STAGES, Run, run_pipeline

if TYPE_CHECKING:
    from generator.settings import Project

DEFINITION: Final = "definition.asl.json"
MAIN: Final = "main.tf"
POLICY: Final = ".policy.json"
RESOURCES: Final = "resources.json"
GENERATED: Final = "what the workflows generate"

_TYPE: Final = re.compile(r'^\s*type\s*=\s*"(STANDARD|EXPRESS)"', re.MULTILINE)
_LARGEST: Final = 16 * 2**20
_GIT_SECONDS: Final = 60


class SideError(Exception):
    """A version cannot be read.

    Attributes:
        diagnostics: the problems.
        texts: the texts of files that cannot be read again, by the name in the diagnostics.
        misused: whether the command was used wrongly: there is no such version.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic], texts: Mapping[str, str] | None = None, *, misused: bool = False) -> None:
        """Create the error."""
        self.diagnostics = list(diagnostics)
        self.texts = dict(texts or {})
        self.misused = misused
        super().__init__(self.diagnostics[0].message if self.diagnostics else "")


@dataclass(frozen=True, eq=False)
class Version:
    """One version of a workflow.

    Attributes:
        name: the name of the workflow.
        definition: the definition.
        type: the type that it is deployed as.
        files: the other generated files of the workflow, by name.
        deployed: what AWS says about the state machine, if it was read from a deployed one.
        arn: the ARN of the state machine, if it is known.
    """

    name: str
    definition: Definition
    type: WorkflowType = STANDARD
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    deployed: Mapping[str, Any] | None = None
    typed: bool = True

    def json(self, name: str) -> Any:
        """Return the JSON of one of the files; None if there is none, or if it is not JSON."""
        try:
            return json.loads(self.files[name]) if name in self.files else None
        except ValueError:
            return None

    def text(self, name: str) -> str | None:
        """Return the text of one of the files; None if there is none."""
        return self.files[name].decode("utf-8", "replace") if name in self.files else None


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two versions.

    Attributes:
        label: the version, as the user named it.
        workflows: the workflows by their folders; one alone has the folder ``.``.
        shared: the files beside the workflows, such as those of functions and resources, by path.
        single: whether it is one definition, and not a folder.
    """

    label: str
    workflows: Mapping[str, Version]
    shared: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    single: bool = False

    @cached_property
    def by_name(self) -> dict[str, str]:
        """The folder of each workflow by its name."""
        return {version.name: folder for folder, version in self.workflows.items()}


def read_side(given: str, root: Path, project: Project) -> Side:
    """Read a version that the user named.

    Args:
        given: a folder, a file, or a git revision, in this order.
        root: the project's folder.
        project: the settings of the project.

    Raises:
        SideError: there is no such version, or it cannot be read.
    """
    path = Path(given)
    if given and _is(path, "is_dir"):
        return of_files(given, _folder(path), given)
    if given == STANDARD_INPUT or (given and _is(path, "exists")):  # also a pipe, such as <(aws stepfunctions …)
        return _of_file(given)
    return of_revision(given, root, project)


def generated(root: Path) -> Side:
    """Return what the workflows of a project generate now.

    Raises:
        SideError: the workflows have errors.
    """
    run = run_pipeline(Run(root.resolve(), write=False), STAGES[:3])
    if not run.failed:
        STAGES[3](run)
        # What is in the way of generated files in the output folder does not matter here.
        run.diagnostics = [each for each in run.diagnostics if each.code not in {"SFN811", "SFN812", "SFN813"}]
    if run.failed:
        raise SideError(run.diagnostics)
    return of_files(GENERATED, run.artifacts, run.project.output_text)


def of_output(project: Project) -> Side:
    """Return what the output folder of a project has.

    Raises:
        SideError: there is no such folder.
    """
    if not project.output.is_dir():
        raise _problem(
            "SFN004", f"the folder {project.output_text} does not exist", project.output_text, "name the version to compare with"
        )
    return of_files(project.output_text, _folder(project.output), project.output_text)


def of_files(label: str, files: Mapping[str, bytes], where: str) -> Side:
    """Return the version that generated files are.

    Args:
        label: the version, as the user named it.
        files: the files by their paths.
        where: what to put before the paths in messages.

    Raises:
        SideError: there is no definition among the files, or one is invalid.
    """
    folders = sorted(PurePosixPath(path).parent.as_posix() for path in files if PurePosixPath(path).name == DEFINITION)
    # Beside generated definitions, other ones are examples and tests.
    loose = [] if folders else sorted(path for path in files if path.endswith((".asl.json", ".asl.yaml", ".asl.yml")))
    if not folders and not loose:
        raise _problem("SFN004", f"there is no {DEFINITION} and no *.asl.json in it", where, misused=True)
    workflows = {folder: _version(folder, files, where) for folder in folders}
    for path in loose:
        workflows[path] = _loose(path, files[path], where)
    shared = {
        path: content for path, content in files.items() if path not in loose and not any(_inside(path, folder) for folder in folders)
    }
    return Side(label, workflows, shared)


def _inside(path: str, folder: str) -> bool:
    return PurePosixPath(path).parent.as_posix() == folder


def _version(folder: str, files: Mapping[str, bytes], where: str) -> Version:
    own = {PurePosixPath(path).name: content for path, content in files.items() if _inside(path, folder)}
    name = PurePosixPath(folder).name or PurePosixPath(where.rstrip("/")).name
    found = _TYPE.search(own[MAIN].decode("utf-8", "replace")) if MAIN in own else None
    kind: WorkflowType = EXPRESS if found and found[1] == EXPRESS else STANDARD
    path = f"{where.rstrip('/')}/{folder}/{DEFINITION}".replace("/./", "/")
    document = read_bytes(own[DEFINITION], path)
    definition = checked(definition_of(document, kind, _index(own), _corrections(own)))
    return Version(name, definition, kind, own, typed=found is not None)


def _loose(path: str, content: bytes, where: str) -> Version:
    definition = checked(definition_of(read_bytes(content, f"{where.rstrip('/')}/{path}")))
    return Version(PurePosixPath(path).name.partition(".")[0], definition, typed=False)


def _index(own: Mapping[str, bytes]) -> dict[str, Placeholder] | None:
    try:
        return read_index(own[INDEX_FILE].decode("utf-8")) if INDEX_FILE in own else None
    except ValueError:
        return None


def _corrections(own: Mapping[str, bytes]) -> tuple[corrections.Correction, ...]:
    try:
        return corrections.read_index(own[corrections.FILE].decode("utf-8")) if corrections.FILE in own else ()
    except ValueError:
        return ()


def checked(definition: Definition) -> Definition:
    """Return a definition that can be compared.

    Raises:
        SideError: it is not JSON, or not a definition.
    """
    document = definition.document
    if definition.walk is None or not definition.walk.machine.states:
        found = [each for each in definition.diagnostics if each.severity is Severity.ERROR]
        missing = Diagnostic("SFN003", Severity.ERROR, "the file has no states: it is not a definition", Span(document.name))
        raise SideError(found or [missing], {document.name: document.text})
    return definition


# -- files ---------------------------------------------------------------------------------------------------------------


def _is(path: Path, what: str) -> bool:
    try:
        return bool(getattr(path, what)())
    except (OSError, ValueError):
        return False


def _folder(folder: Path) -> dict[str, bytes]:
    files = {}
    try:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix in {".json", ".tf", ".yaml", ".yml"} and path.stat().st_size <= _LARGEST:
                relative = path.relative_to(folder).as_posix()
                if not any(part.startswith(".") for part in relative.split("/")):
                    files[relative] = path.read_bytes()
    except OSError as error:
        raise _problem("SFN004", f"the file cannot be read: {error.strerror}", str(error.filename or folder)) from None
    return files


def _of_file(given: str) -> Side:
    document = read_file(given)
    if not document.readable:
        raise SideError(document.diagnostics, {document.name: document.text})
    value = document.value
    if isinstance(value, dict) and isinstance(value.get("definition"), str) and "States" not in value:
        return Side(given, {".": _deployed(value, document)}, single=True)
    beside = _beside(Path(given)) if given != STANDARD_INPUT else {}
    name = Path(given).parent.resolve().name if Path(given).name == DEFINITION else Path(given).name.partition(".")[0]
    found = _TYPE.search(beside[MAIN].decode("utf-8", "replace")) if MAIN in beside else None
    kind: WorkflowType = EXPRESS if found and found[1] == EXPRESS else STANDARD
    definition = checked(definition_of(document, kind, _index(beside), _corrections(beside)))
    return Side(given, {".": Version(name, definition, kind, beside, typed=found is not None)}, single=True)


def _beside(file: Path) -> dict[str, bytes]:
    """Return the generated files beside a generated definition; none of another file."""
    if file.name != DEFINITION:
        return {}
    return {path: content for path, content in _folder(file.parent).items() if "/" not in path}


def _deployed(value: Mapping[str, Any], document: Document) -> Version:
    """Return the version of a state machine, as DescribeStateMachine and DescribeStateMachineForExecution print it.

    Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachine.html
    """
    arn = str(value.get("stateMachineArn", ""))
    kind: WorkflowType = EXPRESS if value.get("type") == EXPRESS else STANDARD
    name = str(value.get("name") or arn.rpartition(":")[2] or Path(document.name).stem)
    inner = read_text(value["definition"], f"{document.name}: definition")
    if not inner.readable:
        raise SideError(inner.diagnostics, {inner.name: inner.text})
    return Version(name, checked(definition_of(inner, kind)), kind, {}, value, typed="type" in value)


# -- git -----------------------------------------------------------------------------------------------------------------


def merge_base(root: Path, base: str, head: str) -> str:
    """Return the commit that two commits have in common; the first one if there is none, or if it was not fetched."""
    found = _git(root, "merge-base", "--end-of-options", base, head)
    return base if found is None else found.decode().strip()


def of_revision(given: str, root: Path, project: Project, label: str = "") -> Side:
    """Read the output folder that is committed in a git revision.

    Args:
        given: the revision.
        root: the project's folder.
        project: the settings of the project.
        label: how to name the version in the report; by default as it was given.

    Raises:
        SideError: there is no such revision, or it has no output folder.
    """
    revision = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{given}^{{commit}}")
    if revision is None:
        names = [
            name for name in (_git(root, "for-each-ref", "--format=%(refname:short)") or b"").decode("utf-8", "replace").split("\n") if name
        ]
        hint = did_you_mean(given, names) or "name a git revision, a folder with generated files, or a file with a definition"
        raise _problem("SFN860", f"there is no file, no folder and no git revision {given!r}", "<version>", hint, misused=True)
    top = (_git(root, "rev-parse", "--show-toplevel") or b"").decode("utf-8", "replace").strip()
    try:
        folder = project.output.resolve().relative_to(Path(top).resolve()).as_posix()
    except ValueError:
        raise _problem("SFN860", f"{project.output_text} is outside the git repository", "<version>") from None
    archive = _git(Path(top), "archive", "--format=tar", revision.decode().strip(), "--", folder)
    if archive is None:
        hint = "commit the output folder; or check the revision out elsewhere, generate it there, and name its output folder"
        raise _problem("SFN860", f"the revision {given!r} has no {folder}/", "<version>", hint)
    files = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        for member in opened:
            path = PurePosixPath(member.name)
            if member.isfile() and member.size <= _LARGEST and path.suffix in {".json", ".tf", *YAML_SUFFIXES}:
                content = opened.extractfile(member)
                files[path.relative_to(folder).as_posix()] = content.read() if content is not None else b""
    return of_files(label or given, files, f"{given}:{folder}")


def _git(folder: Path, *arguments: str) -> bytes | None:
    """Return the output of git; None if it fails, or if there is no git."""
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=False, timeout=_GIT_SECONDS)  # noqa: S603, S607  no shell; the user's git
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _problem(code: str, message: str, where: str, hint: str = "", *, misused: bool = False) -> SideError:
    return SideError([Diagnostic(code, Severity.ERROR, message, Span(where), hint=hint)], misused=misused)
