"""Import the modules of a project's source folder, and collect the workflows and resources that they define.

A module that cannot be imported is reported at the line that failed. The other modules are still loaded, so that one run reports
all problems. A workflow is collected if a name of a module keeps it: the workflow itself, or a list, a dict or another container
with it. One that was made and is kept by no name is reported.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import keyword
import re
import sys
import traceback
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from inspect import GEN_CREATED, getgeneratorstate
from pathlib import Path, PurePosixPath
from types import GeneratorType, ModuleType, SimpleNamespace
from typing import Any

import generator
from generator.asl.placeholders import Placeholder
from generator.diagnostics.codes import severity_of
from generator.diagnostics.model import Diagnostic, InvalidWorkflowError, Span, did_you_mean, failed
from generator.dsl.declarations import Resource, created, identifier
from generator.dsl.expressions import Expr
from generator.dsl.resources import Function, Queue, Startable
from generator.dsl.rewrite import rewritten
from generator.dsl.source import UNKNOWN, Source, import_package_from, relative
from generator.dsl.workflow import Workflow
from generator.lower.python_terms import written_in_python
from generator.settings import Project

_EXPRESSIONS: tuple[type, ...] = (Expr, *Expr.__subclasses__())
_NOT_TAKEN = re.compile(rf"\b({'|'.join(cls.__name__ for cls in _EXPRESSIONS)})\b")
_KEYWORD = re.compile(r"^([\w.]+)\(\) got an unexpected keyword argument '(\w+)'")
_POSITIONAL = re.compile(r"^([\w.]+)\(\) takes (?:from )?\d+.* positional arguments? but")


@dataclass
class Loaded:
    """The workflows and resources that the modules define.

    Attributes:
        workflows: each workflow with its folder in the output, in the order of their files.
        resources: all resources by name, workflows aside.
        declared: the resources of each folder of the output, workflows aside.
        diagnostics: invalid settings, modules that cannot be loaded, names that clash, and workflows that no name keeps.
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

    @property
    def queues(self) -> list[Queue]:
        """The queues among the resources."""
        return [one for resources in self.declared.values() for one in resources if isinstance(one, Queue)]

    @property
    def placeholders(self) -> dict[str, Placeholder]:
        """The placeholders of all attributes of the resources, by name: those that the text of any workflow may refer to."""
        resources = [*self.resources.values(), *(workflow for _, workflow in self.workflows)]
        return {placeholder.name: placeholder for resource in resources for placeholder in resource.placeholders()}


def load(project: Project) -> Loaded:
    """Import all modules of a project's source folder, and collect their workflows and resources.

    Args:
        project: the project. The folder that its modules are imported from, and then its root, come first on the import path
            during the call.

    Returns:
        the workflows and resources, and the problems.
    """
    loaded = Loaded(diagnostics=[*project.diagnostics])
    if failed(loaded.diagnostics):
        return loaded
    files = _files(project)
    if not files:
        folder = project.source_text
        loaded.diagnostics.append(
            _diagnostic(
                "SFN801",
                f"there are no workflows: {folder} contains no Python file",
                Span(folder.removesuffix("/")),
                hint=f"put a module into {folder}, name another folder with source in [tool.sfn-generator], name the project's folder with "
                "--root, or start a project with `sfn-generator init`",
            )
        )
        return loaded
    _forget_other_roots(project)
    importlib.invalidate_caches()
    import_package_from(project.package.partition(".")[0], project.import_root.relative_to(project.root).as_posix())
    with _import_path(project), created() as made:
        _claim_packages(project)
        modules = [(file, module) for file in files if (module := _import(file, project, loaded)) is not None]
        _collect(modules, project, loaded)
    if not failed(loaded.diagnostics):
        loaded.diagnostics += _lost(made, loaded, project)
    return loaded


def _files(project: Project) -> list[Path]:
    """Return the Python files of the source. The output may be inside it; hidden folders are not packages."""
    if not project.source.is_dir():
        return []
    below = ((file, file.relative_to(project.source).parts) for file in project.source.rglob("*.py"))
    return sorted(
        file
        for file, parts in below
        if "__pycache__" not in parts and not any(part.startswith(".") for part in parts) and not file.is_relative_to(project.output)
    )


@contextlib.contextmanager
def _import_path(project: Project) -> Iterator[None]:
    """Put the folders of a project first on the import path while the block runs."""
    folders = [*dict.fromkeys((str(project.import_root), str(project.root)))]
    sys.path[:0] = folders
    try:
        yield
    finally:
        for folder in folders:
            if folder in sys.path:
                sys.path.remove(folder)


def _forget_other_roots(project: Project) -> None:
    """Remove the modules of another project's source that the process has imported before, as a test run does."""
    package = project.package
    for name in [n for n in sys.modules if n == package or n.startswith(package + ".")]:
        module = sys.modules[name]
        origin = getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", [])), "")
        if not Path(origin).resolve().is_relative_to(project.source.resolve()):
            del sys.modules[name]


def _claim_packages(project: Project) -> None:
    """Let the packages of the source lead to its folders, whatever else has their names."""
    parts = project.package.split(".")
    for depth in range(1, len(parts) + 1):
        claim_package(".".join(parts[:depth]), project.import_root.joinpath(*parts[:depth]))


def claim_package(name: str, folder: Path) -> None:
    """Let a package name lead to a folder, if Python would not find it there.

    A folder without ``__init__.py`` loses to a module or a package of its name that comes later on the import path, such as
    ``functions.py`` beside ``functions/``. Such a module keeps its content, and becomes the package of the folder, too.

    Args:
        name: the dotted name.
        folder: the folder of its modules.
    """
    module = sys.modules.get(name)
    if module is None and (folder / "__init__.py").is_file():
        return
    if module is None:
        module = ModuleType(name)
        module.__path__ = [] if "." in name else _namespace(name)
        sys.modules[name] = module
        parent, _, last = name.rpartition(".")
        if parent in sys.modules:
            setattr(sys.modules[parent], last, module)
    path = [*getattr(module, "__path__", [])]
    if str(folder) not in path:
        module.__path__ = [str(folder), *path]


def _namespace(name: str) -> list[str]:
    """Return the folders of a namespace package, of which installed packages may have parts."""
    spec = find_spec(name)
    return [*(spec.submodule_search_locations or [])] if spec is not None and spec.origin is None else []


def _import(file: Path, project: Project, loaded: Loaded) -> ModuleType | None:
    parts = file.relative_to(project.import_root).with_suffix("").parts
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
        message, hint = f"the module is not valid Python: {error.msg}", _keyword_of_python(error.text or "")
        problem = _diagnostic("SFN801", message, span, expected="valid Python", hint=hint)
        if problem not in loaded.diagnostics:
            loaded.diagnostics.append(problem)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  an author's module may raise anything
        problem = _import_failed(name, file, project, error)
        if all((problem.span, problem.found) != (other.span, other.found) for other in loaded.diagnostics):
            loaded.diagnostics.append(problem)
    return None


def _import_failed(name: str, file: Path, project: Project, error: BaseException) -> Diagnostic:
    """Return the diagnostic of an exception that a module raised, at the innermost line of the author's code."""
    span = Span(relative(str(file)))
    for frame in traceback.extract_tb(error.__traceback__):
        if Path(frame.filename).resolve().is_relative_to(project.source.resolve()):
            end = None if frame.end_colno is None else frame.end_colno + 1
            span = Span(relative(frame.filename), frame.lineno or 1, (frame.colno or 0) + 1, frame.end_lineno, end)
    hint = expected = ""
    if isinstance(error, TypeError) and _NOT_TAKEN.search(str(error)):
        instead = rewritten(_source(error, project))
        hint = f"write {instead}" if instead else "use a function of fn, such as fn.format(…), fn.join(…) or fn.json_string(…)"
        message = "an expression has no value before the workflow runs"
        return _diagnostic("SFN806", message, span, found=_said(error), expected="an expression of the vocabulary", hint=hint)
    if isinstance(error, NameError | AttributeError | ImportError):
        hint = _suggestion(error, project)
    elif isinstance(error, TypeError) and (unknown := _KEYWORD.search(str(error))):
        known = _parameters(unknown[1])
        hint, expected = _keyword_meant(unknown[2], known), "one of " + ", ".join(known)
        if unknown[2] in _parameters(unknown[1], several=True):  # Choice("C", *rules), Parallel("P", *branches)
            hint = f"write {unknown[1].partition('.')[0]}(…, *{unknown[2]})"
    elif isinstance(error, TypeError) and (positional := _POSITIONAL.search(str(error))):
        known = _parameters(positional[1])
        hint, expected = "name the argument: " + ", ".join(f"{name}=…" for name in known), ""
    message = f"the module {name!r} cannot be imported"
    return _diagnostic("SFN801", message, span, found=_said(error), expected=expected, hint=hint)


def _parameters(called: str, *, several: bool = False) -> list[str]:
    """Return the names of the parameters of a function or a class of the vocabulary, by the name in Python's own message.

    Args:
        called: the name, such as ``Task.__init__``.
        several: whether to return those that take several arguments, such as ``*rules``, and not all others.
    """
    owner, _, method = called.removesuffix(".__init__").partition(".")
    for name in [n for n in sys.modules if n.startswith("generator.dsl.")]:
        found: Any = getattr(sys.modules[name], owner, None)
        function = getattr(found, method, None) if method else found
        if callable(function) and getattr(found, "__module__", "") == name:
            taken = inspect.signature(function).parameters.items()
            return [n for n, p in taken if n != "self" and (p.kind is p.VAR_POSITIONAL) is several]
    return []


def _keyword_meant(wrong: str, known: list[str]) -> str:
    """Return the hint for an unknown keyword: a field of ASL, a similar name, or the one name that begins alike.

    >>> _keyword_meant("Default", ["otherwise"]), _keyword_meant("retries", ["retry", "catch"])
    ('write otherwise=…', "did you mean 'retry'?")
    """
    alike = [name for name in known if name.startswith(wrong[:_ALIKE])]
    hint = written_in_python(wrong, known) or did_you_mean(wrong, known)
    return hint or (f"did you mean {alike[0]!r}?" if len(alike) == 1 else "")


_ALIKE = 4

_KEYWORDS_IN_CODE = re.compile(rf"\.({'|'.join(keyword.kwlist)})\b|\b({'|'.join(keyword.kwlist)})\s*=(?!=)")


def _keyword_of_python(line: str) -> str:
    """Return the hint for a line that uses a keyword of Python as a name.

    >>> _keyword_of_python("sdk.lambda.invoke()"), _keyword_of_python("x = 1 +")
    ("'lambda' is a keyword of Python: write 'lambda_'", '')
    """
    found = _KEYWORDS_IN_CODE.search(line)
    word = found[1] or found[2] if found else ""
    return f"{word!r} is a keyword of Python: write '{word}_'" if word else ""


def _source(error: BaseException, project: Project) -> Source:
    """Return the innermost line of the author's code that an exception went through."""
    source, trace = UNKNOWN, error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if Path(code.co_filename).resolve().is_relative_to(project.source.resolve()):
            source = Source(code, trace.tb_lasti, trace.tb_lineno, trace.tb_frame.f_globals.get("__name__", ""))
        trace = trace.tb_next
    return source


def _said(error: BaseException) -> str:
    """Return an exception as one line. Its ``__str__`` may be the author's, and fail."""
    try:
        return f"{type(error).__name__}: {error}".removesuffix(": ")
    except Exception:  # noqa: BLE001  whatever its __str__ raises
        return type(error).__name__


def _suggestion(error: NameError | AttributeError | ImportError, project: Project) -> str:
    """Return a hint with names that are similar to the missing one; empty if there are none."""
    wrong = str(error.name or "")
    candidates: list[str] = []
    if isinstance(error, ImportError) and wrong.partition(".")[0] == generator.__name__ and (own := own_generator(project.root)):
        return f"'generator' is the library here, which hides {own} of this project: rename that one"
    if isinstance(error, ModuleNotFoundError):
        return did_you_mean(wrong, (".".join(f.relative_to(project.import_root).with_suffix("").parts) for f in _files(project)))
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


def own_generator(root: Path) -> str:
    """Return the file or the folder of a project that has the name of this library; empty if there is none."""
    library = Path(generator.__file__ or "").resolve().parent
    found = (root / "generator.py", root / "generator" / "__init__.py")
    return next((relative(str(path)) for path in found if path.is_file() and path.resolve().parent != library), "")


def _collect(modules: list[tuple[Path, ModuleType]], project: Project, loaded: Loaded) -> None:
    workflows: dict[str, Resource] = {}
    homes = {str(file.resolve()): file for file, _ in modules}
    for file, module in modules:
        for name, value in list(vars(module).items()):
            if lazy := _first_of_lazy(value):
                loaded.seen.add(id(lazy))
                loaded.diagnostics.append(
                    _diagnostic(
                        "SFN814",
                        f"{name!r} is a generator: what it would make is not generated",
                        lazy.source.span(),
                        hint=f"write a list: {name} = [Workflow(…) for …]",
                    )
                )
            for item in _resources_in(value, project.package):
                written = homes.get(_file_of(item), file)
                home = PurePosixPath(*written.relative_to(project.source).parts[:-1])
                if not _add(workflows if isinstance(item, Workflow) else loaded.resources, item, loaded):
                    continue
                if isinstance(item, Workflow):
                    loaded.workflows.append((project.folder_of(item.name, home, written.stem), item))
                else:
                    loaded.declared.setdefault(project.folder_of_resources(home), []).append(item)


def _resources_in(value: object, package: str) -> list[Resource]:
    """Return the resources that a value of a module holds: in containers, and in classes and objects of the source's own classes."""
    found: list[Resource] = []
    seen: set[int] = set()
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, Resource):
            found.append(one)
            waiting += one.related()  # a resource may be named by another one only
        else:
            waiting += reversed(_held(one, package))
    return found


def _held(value: object, package: str) -> list[object]:
    if isinstance(value, Mapping):
        return [*value.values()]
    if isinstance(value, list | tuple | deque):
        return [*value]
    if isinstance(value, set | frozenset):  # in the same order in every run
        return sorted(value, key=lambda one: (one.source.line, one.name) if isinstance(one, Resource) else (0, ""))
    owner = value if isinstance(value, type) else type(value)
    if isinstance(value, SimpleNamespace) or f"{owner.__module__}.".startswith(f"{package}."):
        return [*getattr(value, "__dict__", {}).values()]
    return []


def _first_of_lazy(value: object) -> Resource | None:
    """Return the first resource of a generator that nobody has read; None if the value is anything else."""
    if isinstance(value, map | filter) or (isinstance(value, GeneratorType) and getgeneratorstate(value) == GEN_CREATED):
        with contextlib.suppress(Exception):
            first = next(iter(value))
            return first if isinstance(first, Resource) else None
    return None


def _lost(made: list[tuple[Resource, object]], loaded: Loaded, project: Project) -> Iterator[Diagnostic]:
    """Yield a warning for each resource and workflow that was made while the modules were imported, and that no name keeps.

    Not lost are the original of a copy (``dataclasses.replace``), an earlier version of what is kept under the same name, and what
    a module outside the source keeps.
    """
    originals = {id(original) for _, original in made}
    kept: dict[tuple[bool, str], Resource] = {(True, identifier(workflow.name)): workflow for _, workflow in loaded.workflows}
    kept |= {(False, name): resource for name, resource in loaded.resources.items()}
    libraries: dict[str, set[int]] = {}
    for one, _ in made:
        if id(one) in loaded.seen or id(one) in originals:
            continue
        name = identifier(one.name)
        others = [other for is_workflow in (True, False) if (other := kept.get((is_workflow, name))) is not None]
        if any(_place(other) != _place(one) for other in others):
            continue
        module = one.source.module
        if not f"{module}.".startswith(f"{project.package}."):
            if module not in libraries:
                values = vars(sys.modules[module]).values() if module in sys.modules else ()
                libraries[module] = {id(held) for value in values for held in _resources_in(value, module)}
            if id(one) in libraries[module]:
                continue
        what = type(one).__name__.lower()
        consequence = "is not generated" if isinstance(one, Workflow) else "is not part of the project"
        yield _diagnostic(
            "SFN814",
            f"the {what} {one.name!r} {consequence}: no name of a module keeps it",
            one.source.span(),
            hint=f"give it a name of its own at the top level of the module, or keep all in a list: kept = [{type(one).__name__}(…) for …]",
        )


def _place(resource: Resource) -> tuple[object, int]:
    return resource.source.code, resource.source.instruction


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
