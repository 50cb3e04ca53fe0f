"""The import graph of ``generator/``, read from the source without importing it.

An import inside a function counts like one at the top of its module. An import under ``if TYPE_CHECKING:`` is kept apart.
"""

from __future__ import annotations

import ast
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

PACKAGE = "generator"
ROOT = Path(__file__).resolve().parents[2]

STAGES = (
    "diagnostics",
    "asl",
    "catalog",
    "dsl",
    "vocabulary",
    "generator",
    "iam",
    "lower",
    "settings",
    "loader",
    "checks",
    "emit",
    "publish",
    "pipeline",
    "engine",
    "local",
    "view",
    "importers",
    "diff",
    "commands",
    "cli",
)
"""The order of imports: a module imports from its own stage and from the stages before it.

A stage is a folder of ``generator/`` or a module beside the folders. ``generator`` is ``generator/__init__.py``, which
loads the vocabulary of authors; ``__main__`` belongs to ``cli``.
"""


@dataclass(frozen=True, order=True)
class Import:
    """One module imports another one.

    Attributes:
        importer: the module with the import, such as ``generator.lower.flow``.
        imported: the module that it imports.
        line: the line of the import.
        for_types: whether only the type checker sees it.
    """

    importer: str
    imported: str
    line: int = field(compare=False)
    for_types: bool = False

    def __str__(self) -> str:
        """Return the import as a failing test shows it."""
        return f"{self.importer}:{self.line} imports {self.imported}" + (" (TYPE_CHECKING)" if self.for_types else "")


def module_name(file: Path, root: Path) -> str:
    """Return the dotted name of a file.

    >>> module_name(Path("generator/asl/__init__.py"), Path())
    'generator.asl'
    """
    parts = file.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def stage_of(module: str) -> str:
    """Return the stage of a module.

    >>> stage_of("generator.asl.walk"), stage_of("generator"), stage_of("generator.__main__")
    ('asl', 'generator', 'cli')
    """
    parts = module.split(".")
    if len(parts) == 1:
        return PACKAGE
    return "cli" if parts[1] == "__main__" else parts[1]


def imports_of(module: str, text: str, modules: frozenset[str], *, is_package: bool = False) -> set[Import]:
    """Return the imports in one module's source.

    Args:
        module: the name of the module.
        text: its source.
        modules: the names of all modules; a name of a package that is among them is a submodule.
        is_package: whether the source is an ``__init__.py``, from which relative imports count.
    """
    return set(_Reader(module, modules, is_package=is_package).read(ast.parse(text)))


class _Reader:
    """Reads the imports of one module."""

    def __init__(self, module: str, modules: frozenset[str], *, is_package: bool) -> None:
        self.module = module
        self.modules = modules
        self.package = module if is_package else module.rpartition(".")[0]

    def read(self, node: ast.AST, *, for_types: bool = False) -> list[Import]:
        found: list[Import] = []
        if isinstance(node, ast.If) and ast.unparse(node.test).rpartition(".")[2] == "TYPE_CHECKING":
            for child in node.body:
                found += self.read(child, for_types=True)
            for child in node.orelse:
                found += self.read(child, for_types=for_types)
            return found
        for name in self._names(node):
            if name in self.modules and name != self.module:
                found.append(Import(self.module, name, getattr(node, "lineno", 0), for_types))
        for child in ast.iter_child_nodes(node):
            found += self.read(child, for_types=for_types)
        return found

    def _names(self, node: ast.AST) -> list[str]:
        """Return the modules that a statement or a call imports, whether or not there are such modules."""
        match node:
            case ast.Import(names=aliases):
                return [alias.name for alias in aliases]
            case ast.ImportFrom(module=origin, names=aliases, level=level):
                base = origin or ""
                if level:
                    above = self.package.split(".")[: len(self.package.split(".")) - level + 1]
                    base = ".".join([*above, *([origin] if origin else [])])
                submodules = {f"{base}.{alias.name}" for alias in aliases} & self.modules
                others = len(submodules) < len(aliases)
                return [*submodules, *([base] if others else [])]
            case ast.Call(args=[argument, *_]) if ast.unparse(node.func).rpartition(".")[2] in {"import_module", "__import__"}:
                return [self._written(argument)]
            case _:
                return []

    def _written(self, argument: ast.expr) -> str:
        """Return the module that a string names; of an f-string, the package that its first part names."""
        match argument:
            case ast.Constant(value=str(name)):
                return name
            case ast.JoinedStr(values=[ast.Constant(value=str(name)), *_]):
                return name.rpartition(".")[0]
            case _:
                return ""


@cache
def read_imports(root: Path = ROOT) -> frozenset[Import]:
    """Return every import of one module of ``generator/`` by another one."""
    files = {module_name(file, root): file for file in sorted((root / PACKAGE).rglob("*.py"))}
    modules = frozenset(files)
    return frozenset(
        found
        for module, file in files.items()
        for found in imports_of(module, file.read_text(encoding="utf-8"), modules, is_package=file.name == "__init__.py")
    )


def against_the_order(imports: AbstractSet[Import], stages: tuple[str, ...] = STAGES) -> list[Import]:
    """Return the imports from a later stage, those for the type checker included; a stage that is not listed is the last one."""
    position = {stage: number for number, stage in enumerate(stages)}
    last = len(stages)
    return sorted(one for one in imports if position.get(stage_of(one.imported), last) > position.get(stage_of(one.importer), last))


def cycles(imports: AbstractSet[Import]) -> list[list[str]]:
    """Return the cycles between modules: each strongly connected group of more than one module, sorted.

    Imports for the type checker do not count.
    """
    graph: dict[str, set[str]] = {}
    for one in imports:
        graph.setdefault(one.importer, set())
        graph.setdefault(one.imported, set())
        if not one.for_types:
            graph[one.importer].add(one.imported)
    reached = {module: _reachable(graph, module) for module in graph}
    groups = {tuple(sorted(other for other in reached[module] if module in reached[other])) for module in graph}
    return sorted([*group] for group in groups if len(group) > 1)


def _reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for module in graph[waiting.pop()]:
            if module not in seen:
                seen.add(module)
                waiting.append(module)
    return seen


def stage_graph(imports: AbstractSet[Import]) -> dict[str, set[str]]:
    """Return the stages that each stage imports, in the order of the stages. Imports for the type checker count."""
    graph: dict[str, set[str]] = {stage: set() for stage in STAGES}
    for one in imports:
        importer, imported = stage_of(one.importer), stage_of(one.imported)
        if importer != imported:
            graph.setdefault(importer, set()).add(imported)
    return graph


def reduced(graph: dict[str, set[str]]) -> dict[str, set[str]]:
    """Leave out each arrow that a longer way through other arrows replaces, so that a person can read the picture.

    >>> reduced({"a": set(), "b": {"a"}, "c": {"a", "b"}})
    {'a': set(), 'b': {'a'}, 'c': {'b'}}
    """
    return {
        stage: {target for target in targets if not any(target in _reachable(graph, other) for other in targets - {target})}
        for stage, targets in graph.items()
    }


def mermaid(graph: dict[str, set[str]]) -> str:
    """Draw the stages as a Mermaid flowchart; an arrow goes from a stage to one that it imports."""
    arrows = [f"    {stage} --> {target}" for stage, targets in reduced(graph).items() for target in sorted(targets, key=list(graph).index)]
    return "\n".join(["```mermaid", "flowchart LR", *arrows, "```"])
