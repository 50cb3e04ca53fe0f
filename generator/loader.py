"""Import the modules below ``workflows/``, and collect the workflows and resources that they define.

A module that cannot be imported is reported at the line that failed. The other modules are still loaded, so that one run reports
all problems.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import re
import sys
import traceback
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any

import generator
from generator.diagnostics.codes import severity_of
from generator.diagnostics.model import Diagnostic, InvalidWorkflowError, Span, did_you_mean
from generator.dsl.resources import Function, Resource, Startable, identifier
from generator.dsl.source import relative
from generator.dsl.workflow import Workflow

PACKAGE = "workflows"

_KEYWORD = re.compile(r"^([\w.]+)\(\) got an unexpected keyword argument '(\w+)'")


@dataclass
class Loaded:
    """The workflows and resources that the modules define.

    Attributes:
        workflows: each workflow with the folder of ``build/`` it belongs to, in the order of their files.
        resources: all resources by name, workflows aside.
        declared: the resources of each folder of ``build/``, workflows aside.
        diagnostics: modules that cannot be loaded, and names that clash.
        seen: the identities of the workflows and resources collected so far.
    """

    workflows: list[tuple[PurePosixPath, Workflow]] = field(default_factory=list)
    resources: dict[str, Resource] = field(default_factory=dict)
    declared: dict[PurePosixPath, list[Resource]] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    seen: set[int] = field(default_factory=set, repr=False)

    @property
    def functions(self) -> list[Function]:
        """The functions among the resources."""
        return [one for resources in self.declared.values() for one in resources if isinstance(one, Function)]


def load(root: Path) -> Loaded:
    """Import all modules below ``root/workflows`` and collect their workflows and resources.

    Args:
        root: the project's folder; it is the first entry of the import path during the call.

    Returns:
        the workflows and resources, and the problems.
    """
    loaded = Loaded()
    folder = root / PACKAGE
    files = sorted(f for f in folder.rglob("*.py") if "__pycache__" not in f.parts) if folder.is_dir() else []
    if not files:
        message = f"there are no workflows: {PACKAGE}/ contains no Python file"
        loaded.diagnostics.append(
            _diagnostic("SFN801", message, Span(PACKAGE), hint=f"put a module into {PACKAGE}/, or name the project's folder with --root")
        )
        return loaded
    _forget_other_roots(folder)
    _claim_package(folder)
    importlib.invalidate_caches()
    sys.path.insert(0, str(root))
    try:
        modules = [(file, module) for file in files if (module := _import(file, root, loaded)) is not None]
    finally:
        sys.path.remove(str(root))
    _collect(modules, folder, loaded)
    return loaded


def _forget_other_roots(folder: Path) -> None:
    """Remove the modules of another project's ``workflows`` that the process has imported before, as a test run does."""
    for name in [n for n in sys.modules if n == PACKAGE or n.startswith(PACKAGE + ".")]:
        module = sys.modules[name]
        origin = getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", [])), "")
        if not Path(origin).resolve().is_relative_to(folder.resolve()):
            del sys.modules[name]


def _claim_package(folder: Path) -> None:
    """Bind ``workflows`` to this folder. If it has no ``__init__.py``, Python would prefer a package of this name elsewhere."""
    if PACKAGE not in sys.modules and not (folder / "__init__.py").is_file():
        package = ModuleType(PACKAGE)
        package.__path__ = [str(folder)]
        sys.modules[PACKAGE] = package


def _import(file: Path, root: Path, loaded: Loaded) -> ModuleType | None:
    parts = file.relative_to(root).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    if not all(part.isidentifier() for part in parts):
        loaded.diagnostics.append(
            _diagnostic(
                "SFN801",
                f"{file.name!r} cannot be imported under this name",
                Span(relative(str(file))),
                found=name,
                expected="letters, digits and '_'",
                hint="rename the file",
            )
        )
        return None
    try:
        with contextlib.redirect_stdout(sys.stderr):  # standard output may be JSON
            return importlib.import_module(name)
    except InvalidWorkflowError as error:
        loaded.diagnostics.extend(d for d in error.diagnostics if d not in loaded.diagnostics)
    except SyntaxError as error:
        span = Span(relative(error.filename or str(file)), error.lineno or 1, error.offset or 1, error.end_lineno, error.end_offset)
        problem = _diagnostic("SFN801", f"the module is not valid Python: {error.msg}", span, expected="valid Python")
        if problem not in loaded.diagnostics:
            loaded.diagnostics.append(problem)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  an author's module may raise anything
        problem = _import_failed(name, file, root, error)
        if all((problem.span, problem.found) != (other.span, other.found) for other in loaded.diagnostics):
            loaded.diagnostics.append(problem)
    return None


def _import_failed(name: str, file: Path, root: Path, error: BaseException) -> Diagnostic:
    """Return the diagnostic of an exception that a module raised, at the innermost line of the author's code."""
    span = Span(relative(str(file)))
    for frame in traceback.extract_tb(error.__traceback__):
        if Path(frame.filename).resolve().is_relative_to((root / PACKAGE).resolve()):
            end = None if frame.end_colno is None else frame.end_colno + 1
            span = Span(relative(frame.filename), frame.lineno or 1, (frame.colno or 0) + 1, frame.end_lineno, end)
    hint = expected = ""
    if isinstance(error, NameError | AttributeError | ImportError):
        hint = _suggestion(error, root)
    elif isinstance(error, TypeError) and (keyword := _KEYWORD.search(str(error))):
        called = getattr(generator, keyword[1].partition(".")[0], None)
        if callable(called):
            known = [n for n, p in inspect.signature(called).parameters.items() if p.kind is not p.VAR_POSITIONAL]
            hint, expected = did_you_mean(keyword[2], known), "one of " + ", ".join(known)
    message = f"the module {name!r} cannot be imported"
    return _diagnostic("SFN801", message, span, found=_said(error), expected=expected, hint=hint)


def _said(error: BaseException) -> str:
    """Return an exception as one line. Its ``__str__`` may be the author's, and fail."""
    try:
        return f"{type(error).__name__}: {error}".removesuffix(": ")
    except Exception:  # noqa: BLE001  whatever its __str__ raises
        return type(error).__name__


def _suggestion(error: NameError | AttributeError | ImportError, root: Path) -> str:
    """Return a hint with names that are similar to the missing one; empty if there are none."""
    wrong = str(error.name or "")
    candidates: list[str] = []
    if isinstance(error, ModuleNotFoundError):
        return did_you_mean(wrong, (".".join(f.relative_to(root).with_suffix("").parts) for f in sorted((root / PACKAGE).rglob("*.py"))))
    if "circular import" in str(error):
        return "the two modules import each other: put what both need into a third one"
    if isinstance(error, AttributeError):
        candidates = [n for n in dir(error.obj) if not n.startswith("_")]
    elif isinstance(error, ImportError):
        module = sys.modules.get(wrong)
        wrong = str(error).partition("cannot import name '")[2].partition("'")[0]
        candidates = list(getattr(module, "__all__", None) or dir(module)) if module else []
    else:
        candidates = list(generator.__all__)
        if wrong in candidates:
            return f"import it: from generator import {wrong}"
    return did_you_mean(wrong, candidates)


def _collect(modules: list[tuple[Path, ModuleType]], folder: Path, loaded: Loaded) -> None:
    workflows: dict[str, Resource] = {}
    homes = {str(file.resolve()): file for file, _ in modules}
    for file, module in modules:
        for value in vars(module).values():
            pending = list(value if isinstance(value, list | tuple) else value.values() if isinstance(value, dict) else (value,))
            while pending:
                item = pending.pop(0)
                if not isinstance(item, Resource):
                    continue
                home = PurePosixPath(*homes.get(_file_of(item), file).relative_to(folder).parts[:-1])
                if not _add(workflows if isinstance(item, Workflow) else loaded.resources, item, loaded):
                    continue
                if isinstance(item, Workflow):
                    loaded.workflows.append((home / item.name, item))
                else:
                    loaded.declared.setdefault(home, []).append(item)
                pending += item.related()  # a resource may be named by another one only


def _file_of(resource: Resource) -> str:
    code = resource.source.code
    return "" if code is None else str(Path(code.co_filename).resolve())


def _add(known: dict[str, Any], item: Resource, loaded: Loaded) -> bool:
    """Add a resource, and return whether it is new. Report two resources whose names are the same identifier in Terraform."""
    name = identifier(item.name)
    other = known.setdefault(name, item)
    if other is item:
        new = id(item) not in loaded.seen
        loaded.seen.add(id(item))
        return new
    if not (isinstance(item, Startable) and isinstance(other, Startable) and type(item) is not type(other)):
        # A workflow and the reference to its machine are one; anything else would share the placeholder of its ARN.
        kinds = type(other).__name__.lower(), type(item).__name__.lower()
        both = f"two {kinds[1]}s" if kinds[0] == kinds[1] else f"a {kinds[0]} and a {kinds[1]}"
        message = f"{both} are named {item.name!r}"
        found = f"the other one at {other.source.span()}"
        hint = "rename one, or import the one that exists"
        problem = _diagnostic("SFN807", message, item.source.span(), found=found, expected="one name for each", hint=hint)
        if problem not in loaded.diagnostics:
            loaded.diagnostics.append(problem)
    return False


def _diagnostic(code: str, message: str, span: Span, *, found: str = "", expected: str = "", hint: str = "") -> Diagnostic:
    return Diagnostic(code, severity_of(code), message, span, "", found, expected, hint)
