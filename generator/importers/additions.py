"""Add declarations to the module of resources of a project. What is in it stays as it is."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

import generator
from generator.importers.layout import Layout
from generator.importers.module import imported_names, names_in, sort_names
from generator.importers.resources import CLASSES, Found

_VOCABULARY = "generator"


class CannotAddError(ValueError):
    """The module uses a name for something else, or it is not Python.

    Attributes:
        line: the line of the module.
    """

    def __init__(self, message: str, line: int = 1) -> None:
        """Describe the problem."""
        super().__init__(message)
        self.line = line


@dataclass
class Addition:
    """The module with its new declarations.

    Attributes:
        text: the source.
        renamed: the names that the module uses for something else.
    """

    text: str
    renamed: list[str] = field(default_factory=list)


def added(existing: str, found: Iterable[Found], width: int) -> Addition:
    """Return the source of a module with the declarations that it does not have.

    Args:
        existing: the source of the module.
        found: the resources that it must declare.
        width: the length of lines.

    Raises:
        CannotAddError: the module is not Python, or its imports cannot be extended.
    """
    try:
        module = ast.parse(existing)
    except (SyntaxError, ValueError) as error:
        raise CannotAddError("the declarations cannot be added: the module is not Python", getattr(error, "lineno", 1) or 1) from None
    declared = _declared(module)
    taken = {node.id for node in ast.walk(module) if isinstance(node, ast.Name)} | _bound(module)
    addition = Addition(existing)
    missing: list[Found] = []
    for one in found:
        known = declared.get(one.identifier)
        if known is not None and _same(known, one):
            continue
        if one.identifier in taken:
            addition.renamed.append(one.identifier)
        else:
            missing.append(one)
    if not missing or addition.renamed:
        return addition
    used = {CLASSES[one.kind.key] for one in missing} | {
        name for one in missing for value in one.options.values() for name in names_in(value) if name in generator.__all__
    }
    text = _with_imports(existing, module, used, width)
    layout = Layout(width)
    lines = "".join(layout.assignment(one.identifier, one.declaration) for one in missing)
    addition.text = text.rstrip("\n") + "\n\n" + lines
    return addition


def declared_names(source: str, classes: Iterable[str]) -> set[str]:
    """Return the names of what a module makes of some classes: the first argument of each call, if it is text.

    >>> declared_names('order = Workflow("order", steps=[Task("A")])', ["Workflow"])
    {'order'}
    """
    try:
        module = ast.parse(source)
    except (SyntaxError, ValueError):
        return set()
    wanted = frozenset(classes)
    return {
        node.args[0].value
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in wanted
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def _declared(module: ast.Module) -> dict[str, ast.Call]:
    """Return the calls that names are assigned to."""
    return {
        statement.targets[0].id: statement.value
        for statement in module.body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.targets[0], ast.Name)
        and len(statement.targets) == 1
        and isinstance(statement.value, ast.Call)
    }


def _bound(module: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
    return found


def _same(known: ast.Call, found: Found) -> bool:
    """Return whether a declaration declares the resource that was found; its other settings may differ."""
    if ast.unparse(known.func) != CLASSES[found.kind.key] or not known.args or not isinstance(known.args[0], ast.Constant):
        return False
    existing = next((one.value for one in known.keywords if one.arg == "existing"), None)
    held = existing.value if isinstance(existing, ast.Constant) else ""
    return known.args[0].value == found.name and held == found.existing


def _with_imports(existing: str, module: ast.Module, names: set[str], width: int) -> str:
    """Return the source with an import of further names of the vocabulary."""
    lines = existing.splitlines(keepends=True)
    for statement in module.body:
        if isinstance(statement, ast.ImportFrom) and statement.module == _VOCABULARY and not any(alias.asname for alias in statement.names):
            every = names | {alias.name for alias in statement.names}
            end = statement.end_lineno or statement.lineno
            if every != {alias.name for alias in statement.names}:
                lines[statement.lineno - 1 : end] = [imported_names(_VOCABULARY, sort_names(every), width)]
            return "".join(lines)
    at = 0
    for statement in module.body:
        docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        if not (docstring or future):
            break
        at = statement.end_lineno or statement.lineno
    gap = ["\n"] if at else []
    lines[at:at] = [*gap, imported_names(_VOCABULARY, sort_names(names), width)]
    return "".join(lines)
