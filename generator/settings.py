"""The settings of a project: ``[tool.sfn-generator]`` in its ``pyproject.toml``.

Every path that a command reads or writes, and every message that names one, comes from a :class:`Project`::

    [tool.sfn-generator]
    source = "workflows"                      # the folder of the modules
    output = "build"                          # the folder of what is generated
    workflow-folder = "{package}/{name}"      # the folder of a workflow, in the output
    resources-folder = "{package}"            # the folder of what functions and other resources need, in the output
    import-root = "."                         # the folder that the modules are imported from

All keys are optional; these are the defaults. ``{package}`` is the folder of the module below the source, ``{module}`` the name
of the module, ``{name}`` the name of the workflow, and ``{identifier}`` that name with ``_`` in place of ``-``. The default of
``import-root`` is ``src`` for a source below ``src``. A source inside a package (a folder with ``__init__.py``) is imported from
the folder of the outermost package.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from os.path import normpath
from pathlib import Path, PurePosixPath
from string import Formatter
from typing import Any, Final

from generator.diagnostics.codes import severity_of
from generator.diagnostics.model import Diagnostic, Span, did_you_mean

FILE: Final = "pyproject.toml"
TABLE: Final = ("tool", "sfn-generator")
_HEADING: Final = f"[{'.'.join(TABLE)}]"

SOURCE: Final = "workflows"
OUTPUT: Final = "build"
WORKFLOW_FOLDER: Final = "{package}/{name}"
RESOURCES_FOLDER: Final = "{package}"
_FIELDS: Final = {
    "workflow-folder": ("package", "module", "name", "identifier"),
    "resources-folder": ("package",),
}
_KEYS: Final = ("source", "output", "import-root", *_FIELDS)


@dataclass(frozen=True)
class Project:
    """A project: its folders, and how the folders of its output are named.

    Attributes:
        root: the project's folder, absolute.
        source: the folder of the modules that define workflows.
        output: the folder of what is generated.
        import_root: the folder that the modules are imported from: ``import_root/a/b.py`` is the module ``a.b``.
        workflow_folder: the template of the folder of a workflow, relative to the output.
        resources_folder: the template of the folder of resources, relative to the output.
        diagnostics: the problems of the settings. With an error among them, the other attributes are the defaults.
    """

    root: Path
    source: Path
    output: Path
    import_root: Path
    workflow_folder: str = WORKFLOW_FOLDER
    resources_folder: str = RESOURCES_FOLDER
    diagnostics: tuple[Diagnostic, ...] = field(default=(), repr=False)

    @property
    def package(self) -> str:
        """The name that the source is imported by, such as ``workflows`` or ``acme.workflows``."""
        return ".".join(self.source.relative_to(self.import_root).parts)

    def folder_of(self, workflow: str, home: PurePosixPath, module: str) -> PurePosixPath:
        """Return the folder of a workflow, relative to the output.

        Args:
            workflow: the name of the workflow.
            home: the folder of its module, relative to the source.
            module: the name of its module, without the packages.

        >>> read_project(Path()).folder_of("take-payment", PurePosixPath("examples"), "payments")
        PurePosixPath('examples/take-payment')
        """
        values = {"package": home.as_posix(), "module": module, "name": workflow, "identifier": workflow.replace("-", "_")}
        return PurePosixPath(self.workflow_folder.format_map(values))

    def folder_of_resources(self, home: PurePosixPath) -> PurePosixPath:
        """Return the folder of the resources of a package, relative to the output.

        Args:
            home: the folder of the modules that declare them, relative to the source.
        """
        return PurePosixPath(self.resources_folder.format_map({"package": home.as_posix()}))

    def written(self, path: Path) -> str:
        """Return a path for messages: relative to the working folder if it is inside it.

        >>> read_project(Path()).written(Path("build").resolve() / "a.json")
        'build/a.json'
        """
        try:
            return path.relative_to(Path.cwd()).as_posix()
        except ValueError:
            return path.as_posix()

    @property
    def source_text(self) -> str:
        """The source folder in messages, such as ``workflows/``."""
        return self.written(self.source) + "/"

    @property
    def output_text(self) -> str:
        """The output folder in messages, such as ``build/``."""
        return self.written(self.output) + "/"


class OutputError(ValueError):
    """An output folder that was named on the command line cannot be one."""


def read_project(root: Path, out: Path | None = None) -> Project:
    """Read the settings of a project. Problems are in :attr:`Project.diagnostics`.

    Args:
        root: the project's folder.
        out: the output folder, in place of the one in the settings; relative to the working folder.

    Raises:
        OutputError: ``out`` contains the project or its source.

    >>> read_project(Path()).output.name
    'build'
    """
    root = root.resolve()
    found = _Settings(root / FILE)
    project = found.project(root)
    if out is not None:
        folder = Path(normpath(Path.cwd() / out))
        if problem := _output_problem(folder, root, project.source):
            raise OutputError(f"--out {out}: {problem}")
        project = Project(root, project.source, folder, project.import_root, project.workflow_folder, project.resources_folder)
    if found.diagnostics:
        defaults = _default(root)
        return Project(root, defaults.source, project.output, root, diagnostics=tuple(found.diagnostics))
    return project


def _default(root: Path) -> Project:
    return Project(root, root / SOURCE, root / OUTPUT, root)


def _output_problem(folder: Path, root: Path, source: Path) -> str:
    """Return why a folder cannot be the output; empty if it can."""
    real = folder.resolve()
    if root.is_relative_to(real):
        return "the output folder must not be, or contain, the project's folder"
    if source.resolve().is_relative_to(real):
        return "the output folder must not be, or contain, the folder of the workflows"
    return ""


class _Settings:
    """Reads the table of a ``pyproject.toml``, and reports each problem at its line."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.diagnostics: list[Diagnostic] = []
        self.lines: list[str] = []
        self.table: dict[str, Any] = self._read()

    def project(self, root: Path) -> Project:
        """Return the project that the table describes."""
        for key in self.table:
            if key not in _KEYS:
                self._report(key, f"{_HEADING} has no key {key!r}", expected="one of " + ", ".join(_KEYS), hint=did_you_mean(key, _KEYS))
        source = root / self._source(root)
        output = Path(normpath(root / self._text("output", OUTPUT)))
        if "output" in self.table and (problem := _output_problem(output, root, source)):
            self._report("output", problem, found=repr(self.table["output"]), value=True)
        import_root = self._import_root(root, source)
        parts = source.relative_to(import_root).parts
        if wrong := [part for part in parts if not part.isidentifier()]:
            message, expected = "the source cannot be imported", "folders whose names are letters, digits and '_'"
            self._report("source", message, found=repr(wrong[0]), expected=expected, hint="rename the folder", value=True)
        workflow_folder = self._template("workflow-folder", WORKFLOW_FOLDER)
        resources_folder = self._template("resources-folder", RESOURCES_FOLDER)
        return Project(root, source, output, import_root, workflow_folder, resources_folder)

    def _read(self) -> dict[str, Any]:
        try:
            text = self.file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as error:
            self._problem(f"the file cannot be read: {getattr(error, 'strerror', None) or error}", Span(self._name()))
            return {}
        self.lines = text.split("\n")
        try:
            table: Any = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
            line, column = (int(place[1]), int(place[2])) if place else (len(self.lines), 1)
            self._problem("the file is not valid TOML", Span(self._name(), line, column), found=str(error).partition(" (at ")[0])
            return {}
        for key in TABLE:
            table = table.get(key, {})
            if not isinstance(table, dict):
                self._report("", f"{_HEADING} must be a table", found=repr(table))
                return {}
        return dict(table)

    def _text(self, key: str, default: str) -> str:
        """Return a value that must be text."""
        value = self.table.get(key, default)
        if not isinstance(value, str) or not value.strip() or "\0" in value:
            kinds = {bool: "a boolean", int: "a number", float: "a number", list: "a list", dict: "a table"}
            found = "empty text" if isinstance(value, str) else f"{kinds.get(type(value), 'a date')}: {value}"
            self._report(key, f"{key} must be text", found=found, expected=f"text, such as {default!r}", value=True)
            return default
        return value

    def _source(self, root: Path) -> str:
        text = self._text("source", SOURCE)
        folder = Path(normpath(root / text))
        if folder == root or not folder.is_relative_to(root):
            self._report("source", "source must be a folder inside the project", found=repr(text), expected=repr(SOURCE), value=True)
            return SOURCE
        return folder.relative_to(root).as_posix()

    def _import_root(self, root: Path, source: Path) -> Path:
        if "import-root" not in self.table:
            return _import_root(root, source)
        text = self._text("import-root", ".")
        folder = Path(normpath(root / text))
        if source == folder or not source.is_relative_to(folder):
            self._report(
                "import-root", "import-root must contain the source", found=repr(text), expected="a folder above the source", value=True
            )
            return root
        return folder

    def _template(self, key: str, default: str) -> str:
        text = self._text(key, default)
        known = _FIELDS[key]
        allowed = ", ".join(f"{{{name}}}" for name in known)
        try:
            names = [name for _, name, form, conversion in Formatter().parse(text) if name is not None or form or conversion]
        except ValueError as error:
            self._report(key, f"{key} is not a valid template", found=str(error), expected=f"text with {allowed}", value=True)
            return default
        unknown = [str(name) for name in names if name not in known]
        if unknown:
            hint = did_you_mean(unknown[0], known)
            self._report(key, f"{key} has no field {{{unknown[0]}}}", expected=f"one of {allowed}", hint=hint, value=True)
            return default
        path = PurePosixPath(text)
        if path.is_absolute() or ".." in path.parts or "\\" in text:
            self._report(key, f"{key} must be inside the output folder", found=repr(text), expected=f"such as {default!r}", value=True)
            return default
        if "name" in known and not {"name", "identifier"} & set(names):
            message = f"{key} must contain {{name}} or {{identifier}}: two workflows cannot share a folder"
            self._report(key, message, found=repr(text), expected=f"such as {default!r}", value=True)
            return default
        return text

    def _report(self, key: str, message: str, *, found: str = "", expected: str = "", hint: str = "", value: bool = False) -> None:
        self._problem(message, self._span(key, value=value), found=found, expected=expected, hint=hint)

    def _problem(self, message: str, span: Span, *, found: str = "", expected: str = "", hint: str = "") -> None:
        self.diagnostics.append(Diagnostic("SFN810", severity_of("SFN810"), message, span, "", found, expected, hint))

    def _name(self) -> str:
        return _default(self.file.parent).written(self.file)

    def _span(self, key: str, *, value: bool) -> Span:
        """Return the place of a key, or of its value. Python's TOML reader has no places, so the line is searched for."""
        inside, place = False, Span(self._name())
        pattern = re.compile(rf"""\s*(?:[\w.\s"'-]*\.\s*)?(["']?{re.escape(key)}["']?)\s*=\s*(.*?)\s*$""")
        for number, line in enumerate(self.lines, 1):
            if line.lstrip().startswith("["):
                inside = "".join(line.split("#")[0].split()).replace('"', "").replace("'", "") == _HEADING
                if inside:
                    place = Span(self._name(), number, 1, number, len(line.rstrip()) + 1)
            elif TABLE[-1] in line:  # a dotted key, or an inline table
                place = Span(self._name(), number, 1, number, len(line.rstrip()) + 1)
            if key and (inside or TABLE[-1] in line) and (found := pattern.match(line)):
                group = 2 if value else 1
                return Span(self._name(), number, found.start(group) + 1, number, found.end(group) + 1)
        return place


def _import_root(root: Path, source: Path) -> Path:
    """Return the folder that a source is imported from, where the settings do not name it."""
    outermost = source
    while outermost.parent != root and (outermost.parent / "__init__.py").is_file():
        outermost = outermost.parent
    if outermost != source:
        return outermost.parent
    base = root / "src" if source.is_relative_to(root / "src") and source != root / "src" else root
    # A folder such as order-service cannot be a package, so its modules are imported from inside it.
    hyphened = [parent for parent in source.relative_to(base).parents if parent.name and not parent.name.isidentifier()]
    return base / hyphened[0] if hyphened else base
