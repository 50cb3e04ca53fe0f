"""The module of a workflow: its statements in the order in which they need each other, its imports, its docstring."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any, Final

import generator
from generator.asl.model import JSONATA, JSONPATH
from generator.diagnostics.model import Finding, InvalidWorkflowError, Pointer
from generator.importers.code import Names, call, constant, in_hours, name, snake, words_of
from generator.importers.interpret import NotImportedSourceError, interpret
from generator.importers.layout import Layout
from generator.importers.options import CannotImportError, Imported, Options
from generator.importers.payloads import Payloads
from generator.importers.resources import CLASSES, Resources
from generator.importers.scopes import Body
from generator.importers.states import States

_COMMENT_INDENT: Final = 24
_SHORTEST: Final = 40
_DOCSTRING: Final = re.compile(r'[A-Z][^"\\\n\r\t{}]*[.?!]')


class Writer:
    """The writer of one module."""

    def __init__(self, definition: Mapping[str, Any], options: Options, raw: Mapping[Pointer, frozenset[str]], order: list[str]) -> None:
        """Prepare to write a definition.

        Args:
            definition: the definition.
            options: what the import was told.
            raw: the fields that have to stay ASL, by the place of their state.
            order: the names of the states whose order has to be said.
        """
        self.options = options
        self.raw = raw
        self.order = order
        names = Names({*generator.__all__, *options.reserved})
        self.identifier = names.unique(snake(options.workflow, "workflow"))
        own = options.workflow.replace("-", "_")
        self.resources = Resources(names, options.hints, options.reserved | {own})
        self.document = self.resources.prepare(definition)
        machine = self.document.get("QueryLanguage", JSONPATH)
        states = States(Payloads(self.resources, options.bare), machine if isinstance(machine, str) else JSONPATH)
        self.layout = Layout(options.width)
        comments = {state: list(_comment_lines(lines, options.width)) for state, lines in options.comments.items()}
        self.body = Body(states, names, raw, comments)

    def imported(self) -> Imported:
        """Return the module, and the workflow that it describes."""
        workflow = self._workflow()
        self._lift_retriers(workflow)
        source = self._source(workflow)
        resources = self._resources_source()
        try:
            declared = interpret(resources) if resources else {}
            made = interpret(source, {self.options.resources_module: declared})[self.identifier]
        except (NotImportedSourceError, InvalidWorkflowError, ValueError, TypeError) as error:
            raise CannotImportError([Finding("SFN851", (), f"the definition cannot be imported: {error}")]) from None
        found = tuple(self.resources.found.values())
        originals = {new: old for new, old in self.resources.originals.items() if new != old}
        return Imported(source, resources, made, self.identifier, found, originals, tuple(self.body.findings))

    # -- the workflow ----------------------------------------------------------------------------------------------------

    def _workflow(self) -> ast.Call:
        document = self.document
        comment = document.get("Comment")
        keywords: dict[str, ast.expr] = {}
        if isinstance(comment, str):
            keywords["comment"] = name("__doc__") if self._docstring() == comment else constant(comment)
        if self.options.type != "STANDARD":
            keywords["type"] = constant(self.options.type)
        if document.get("QueryLanguage") != JSONATA:
            keywords["query_language"] = constant(JSONPATH)
        for key, keyword in (("Version", "version"), ("TimeoutSeconds", "timeout_seconds")):
            if isinstance(document.get(key), int if key == "TimeoutSeconds" else str) and key not in self.raw.get((), ()):
                keywords[keyword] = in_hours(constant(document[key]))
        keywords |= self.options.settings
        keywords["steps"] = self.body.scope(document, ())
        if self.order:
            keywords["order"] = constant(self.order)
        raw = {key: document[key] for key in self.raw.get((), ()) if key in document}
        if raw:
            keywords["raw"] = self.body.states.payloads.raw(raw)
            self.body.stays((), raw)
        return call("Workflow", constant(self.options.workflow), **keywords)

    # -- source ----------------------------------------------------------------------------------------------------------

    def _docstring(self) -> str:
        comment = self.document.get("Comment")
        text = self.options.title
        if isinstance(comment, str) and comment.strip():
            text = comment if _DOCSTRING.fullmatch(comment) else comment.strip().rstrip(".") + "."
        if not (_DOCSTRING.fullmatch(text) and text.isprintable() and len(text) + len('""""""') <= self.options.width):
            text = f"The workflow {self.options.workflow}."
        return text

    def _source(self, workflow: ast.Call) -> str:
        statements = [*self.body.statements, (self.identifier, workflow)]
        used = {node.id for _, value in statements for node in ast.walk(value) if isinstance(node, ast.Name)}
        vocabulary = sort_names({each for each in used if each in generator.__all__})
        mine = {found.identifier for found in self.resources.found.values()}
        lines = [f'"""{self._docstring()}"""\n\n', imported_names("generator", vocabulary, self.options.width)]
        if wanted := sort_names(used & mine):
            lines += ["\n"] * self.options.separated
            lines.append(imported_names(self.options.resources_module, wanted, self.options.width))
        lines.append("\n")
        previous = ""
        for target, value in statements:
            text = self.layout.assignment(target, value)
            group = "constant" if target.isupper() else "step"
            if previous and (group != previous or target == self.identifier):
                lines.append("\n")
            lines.append(text)
            previous = group
        return "".join(lines)

    def _resources_source(self) -> str:
        found = list(self.resources.found.values())
        if not found:
            return ""
        used = sort_names(
            {CLASSES[one.kind.key] for one in found}
            | {each for one in found for value in one.options.values() for each in names_in(value)} & {*generator.__all__}
        )
        lines = ['"""What the workflows use."""\n\n', imported_names("generator", used, self.options.width), "\n"]
        lines += [self.layout.assignment(one.identifier, one.declaration) for one in found]
        return "".join(lines)

    # -- values that are used several times ----------------------------------------------------------------------------------

    def _lift_retriers(self, workflow: ast.Call) -> None:
        """Give each retrier that several steps have a name."""
        counts: dict[int, tuple[ast.Call, int]] = {}
        for root in (*(value for _, value in self.body.statements), workflow):
            for node in _every(root):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Retry":
                    counts[id(node)] = (node, counts.get(id(node), (node, 0))[1] + 1)
        lifted = {}
        for key, (node, count) in counts.items():
            if count > 1:
                target = self.body.names.unique(_retrier_name(node))
                lifted[key] = ast.Name(target)
                self.body.statements.insert(len(lifted) - 1, (target, node))
        if lifted:
            self.body.statements = [
                (target, value if id(value) in lifted else _replaced(value, lifted)) for target, value in self.body.statements
            ]
            _replace_in(workflow, lifted)


def _comment_lines(comments: list[str], width: int) -> Iterator[str]:
    """Yield the lines of comments, which are text of a file: without what nobody can see, and no longer than a line."""
    for comment in comments:
        visible = "".join(each for each in comment if each.isprintable())
        yield from textwrap.wrap(visible, max(width - _COMMENT_INDENT, _SHORTEST))


def names_in(node: ast.expr) -> set[str]:
    """Return the names that code uses."""
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _every(root: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and all nodes inside it, one that is used twice twice."""
    pending: list[ast.AST] = [root]
    while pending:
        node = pending.pop()
        yield node
        pending += list(ast.iter_child_nodes(node))


def _replaced(node: ast.expr, by: Mapping[int, ast.expr]) -> ast.expr:
    if id(node) in by:
        return by[id(node)]
    _replace_in(node, by)
    return node


def _replace_in(root: ast.AST, by: Mapping[int, ast.expr]) -> None:
    """Replace nodes inside another one."""
    pending: list[ast.AST] = [root]
    seen: set[int] = set()
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        for field_, value in ast.iter_fields(node):
            if isinstance(value, list):
                for index, item in enumerate(value):
                    if id(item) in by:
                        value[index] = by[id(item)]
                    elif isinstance(item, ast.AST):
                        pending.append(item)
            elif id(value) in by:
                setattr(node, field_, by[id(value)])
            elif isinstance(value, ast.AST):
                pending.append(value)


_RETRIERS: Final = {
    "errors.LAMBDA_TRANSIENT": "TRANSIENT",
    "errors.ALL": "RETRY",
    "errors.TASK_FAILED": "RETRY_FAILED",
    "errors.TIMEOUT": "RETRY_TIMEOUT",
}


def _retrier_name(node: ast.Call) -> str:
    """Return the name of a retrier from its errors."""
    text = ast.unparse(node.args[0])
    if text in _RETRIERS:
        return _RETRIERS[text]
    if "Lambda." in text:
        return "THROTTLED" if text.count(",") == 0 and "TooManyRequests" in text else "TRANSIENT"
    if "Throttl" in text or "TooManyRequests" in text:
        return "THROTTLED"
    first = node.args[0].elts[0] if isinstance(node.args[0], ast.List) and node.args[0].elts else node.args[0]
    held = str(first.value) if isinstance(first, ast.Constant) else ast.unparse(first)
    return "RETRY_" + "_".join(words_of(held.rpartition(".")[2])).upper()[:30].strip("_") if words_of(held) else "RETRY"


def sort_names(names: set[str]) -> list[str]:
    """Sort names as isort does: constants, classes, then the rest."""
    return sorted(names, key=lambda each: (0 if each.isupper() and len(each) > 1 else 1 if each[:1].isupper() else 2, each))


def imported_names(module: str, names: list[str], width: int) -> str:
    r"""Write an import of names.

    >>> imported_names("generator", ["Task", "Workflow"], 88)
    'from generator import Task, Workflow\n'
    """
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= width:
        return line + "\n"
    return f"from {module} import (\n" + "".join(f"    {each},\n" for each in names) + ")\n"
