"""The author's own code, rewritten for places where Python would turn an expression into text, or evaluate it too early.

A message that says "use fn.format" is worth less than one with the very call to write. The place of the mistake is known as an
instruction of a code object, and Python keeps the columns of each instruction. So the source is parsed, the node around the
instruction is found, and the nodes that are understood are written anew. Where the source is not available, or where the code
has a form that is not understood, there is no suggestion, and the message has a general one.
"""

from __future__ import annotations

import ast
import json
import linecache
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from string import Formatter
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from generator.dsl.source import Source

_CONVERSION = re.compile(r"%(?:\((?P<name>\w+)\))?(?P<kind>[sdi%]|.)", re.DOTALL)
_SHOWN: Final = 200


def rewritten(source: Source) -> str:
    """Return what to write instead of the code at a place; empty if the code is not available, or has no known form.

    Args:
        source: the place of the instruction that failed.

    >>> from generator.dsl.source import UNKNOWN
    >>> rewritten(UNKNOWN)
    ''
    """
    try:
        found = ""
        for node in _around(source):
            is_sum = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add)
            if found and not is_sum:
                break
            found = _suggestion(node) or found
            if found and not is_sum:
                break  # of a sum, the whole is written anew
    except (SyntaxError, ValueError, RecursionError):
        return ""
    return found if len(found) <= _SHOWN else ""


def _around(source: Source) -> Iterator[ast.AST]:
    """Yield the nodes of the author's code around an instruction, the innermost one first."""
    if source.code is None:
        return
    tree = _tree(source.code.co_filename)
    line, end_line, column, end_column = source.position()
    if tree is None or line is None or end_line is None or column is None or end_column is None:
        return
    start, end = (line, column), (end_line, end_column)
    path: list[ast.AST] = []
    node: ast.AST | None = tree
    while node is not None:
        path.append(node)
        node = next((child for child in _children(node) if _contains(child, start, end)), None)
    yield from reversed(path)


@lru_cache(maxsize=16)
def _tree(file: str) -> ast.Module | None:
    lines = linecache.getlines(file)
    return ast.parse("".join(lines)) if lines else None


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes below a node that have a place; a node without one, such as a comprehension's, is passed over."""
    for child in ast.iter_child_nodes(node):
        if hasattr(child, "lineno"):
            yield child
        else:
            yield from _children(child)


def _contains(node: Any, start: tuple[int, int], end: tuple[int, int]) -> bool:
    first = (getattr(node, "decorator_list", None) or [node])[0]  # a function begins after its decorators
    return (first.lineno, first.col_offset) <= start and end <= (node.end_lineno, node.end_col_offset)


def _suggestion(node: ast.AST) -> str:
    match node:
        case ast.JoinedStr():
            return _f_string(node)
        case ast.BinOp(op=ast.Mod(), left=ast.Constant(value=str(template))):
            return _percent(template, node.right)
        case ast.BinOp(op=ast.Add()):
            return _sum(node)
        case ast.BinOp(op=ast.FloorDiv()):
            return f'fn.call("floor", {_operand(node.left)} / {_operand(node.right)})'
        case ast.BinOp(op=ast.Pow()):
            return f'fn.call("power", {ast.unparse(node.left)}, {ast.unparse(node.right)})'
        case ast.Call():
            return _call(node)
        case ast.Compare():
            return _compare(node)
        case ast.BoolOp():
            sign = " & " if isinstance(node.op, ast.And) else " | "
            return sign.join(_operand(value) for value in node.values)
        case ast.UnaryOp(op=ast.Not()):
            return f"~{_operand(node.operand)}"
        case ast.IfExp():
            return f"fn.if_({ast.unparse(node.test)}, {ast.unparse(node.body)}, {ast.unparse(node.orelse)})"
        case ast.ListComp(generators=[ast.comprehension(target=ast.Name(id=name), iter=items, ifs=[])]):
            return f"fn.map_({ast.unparse(items)}, lambda {name}: {ast.unparse(node.elt)}), or use a Map state"
        case ast.Subscript(slice=ast.Slice(lower=lower, upper=upper, step=None)):
            return _slice(ast.unparse(node.value), lower, upper)
    return ""


def _operand(node: ast.expr) -> str:
    text = ast.unparse(node)
    return text if isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call | ast.Constant) else f"({text})"


def _format(template: str, arguments: list[ast.expr]) -> str:
    if template.count("{}") != len(arguments):  # the template has braces of its own
        return ""
    return f"fn.format({', '.join([json.dumps(template, ensure_ascii=False), *map(ast.unparse, arguments)])})"


def _f_string(node: ast.JoinedStr) -> str:
    template, arguments = "", []
    for part in node.values:
        if isinstance(part, ast.Constant):
            template += str(part.value)
        elif isinstance(part, ast.FormattedValue) and part.format_spec is None:
            template += "{}"
            arguments.append(part.value)
        else:
            return ""
    return _format(template, arguments) if arguments else ""


def _percent(template: str, right: ast.expr) -> str:
    given = list(right.elts) if isinstance(right, ast.Tuple) else [right]
    pairs = zip(right.keys, right.values, strict=True) if isinstance(right, ast.Dict) else ()
    named = {key.value: value for key, value in pairs if isinstance(key, ast.Constant)}
    text, end, arguments = "", 0, []
    for found in _CONVERSION.finditer(template):
        text += template[end : found.start()]
        end = found.end()
        if found["kind"] == "%":
            text += "%"
            continue
        if found["kind"] not in {"s", "d", "i"}:
            return ""
        if found["name"]:
            if found["name"] not in named:
                return ""
            arguments.append(named[found["name"]])
        elif given:
            arguments.append(given.pop(0))
        else:
            return ""
        text += "{}"
    return _format(text + template[end:], arguments)


def _sum(node: ast.BinOp) -> str:
    """Join the operands of ``+`` if one of them is text: the texts become the template."""
    parts: list[ast.expr] = []
    walk: ast.expr = node
    while isinstance(walk, ast.BinOp) and isinstance(walk.op, ast.Add):
        parts.append(walk.right)
        walk = walk.left
    parts = [walk, *reversed(parts)]
    if not any(isinstance(part, ast.Constant) and isinstance(part.value, str) for part in parts):
        return ""
    texts = [part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else None for part in parts]
    template = "".join("{}" if text is None else text for text in texts)
    return _format(template, [part for part, text in zip(parts, texts, strict=True) if text is None])


def _str_format(template: str, node: ast.Call) -> str:
    named = {word.arg: word.value for word in node.keywords}
    text, arguments, position = "", [], 0
    for before, name, spec, conversion in Formatter().parse(template):
        text += before
        if name is None:
            continue
        if spec or conversion:
            return ""
        if name == "" or name.isdecimal():
            index = int(name) if name else position
            position += 1
            if index >= len(node.args):
                return ""
            arguments.append(node.args[index])
        elif name in named:
            arguments.append(named[name])
        else:
            return ""
        text += "{}"
    return _format(text, arguments)


def _one(function: str) -> Callable[[list[str]], str]:
    return lambda arguments: f"{function}({arguments[0]})" if len(arguments) == 1 else ""


_CALLS: Final[dict[str, Callable[[list[str]], str]]] = {
    "str": _one("fn.string"),
    "format": _one("fn.string"),
    "repr": _one("fn.string"),
    "print": lambda arguments: f"print({', '.join(f'repr({a})' for a in arguments)})",
    "int": _one("fn.number"),
    "float": _one("fn.number"),
    "len": _one("fn.length"),
    "sum": _one("fn.sum_"),
    "dumps": lambda arguments: f"fn.json_string({arguments[0]})",
    "loads": lambda arguments: f"fn.parse_json({arguments[0]})",
}
_JSONATA: Final = {
    "abs": "abs",
    "round": "round",
    "sorted": "sort",
    "reversed": "reverse",
    "floor": "floor",
    "ceil": "ceil",
    "sqrt": "sqrt",
}


def _call(node: ast.Call) -> str:
    arguments = [ast.unparse(argument) for argument in node.args]
    name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Constant) and isinstance(node.func.value.value, str):
        if name == "format":
            return _str_format(node.func.value.value, node)
        if name == "join" and len(arguments) == 1:
            return f"fn.join({arguments[0]}, {json.dumps(node.func.value.value, ensure_ascii=False)})"
        return ""
    if name in _JSONATA and arguments:
        return f'fn.call("{_JSONATA[name]}", {", ".join(arguments)})'
    if name in {"min", "max"} and arguments:
        return f"fn.{name}_({arguments[0] if len(arguments) == 1 else '[' + ', '.join(arguments) + ']'})"
    return _CALLS[name](arguments) if name in _CALLS and arguments else ""


def _compare(node: ast.Compare) -> str:
    if len(node.ops) > 1:
        sides = [node.left, *node.comparators]
        pairs = (ast.Compare(sides[i], [op], [sides[i + 1]]) for i, op in enumerate(node.ops))
        return " & ".join(f"({ast.unparse(pair)})" for pair in pairs)
    if isinstance(node.ops[0], ast.In | ast.NotIn):
        contains = f"fn.contains({ast.unparse(node.comparators[0])}, {ast.unparse(node.left)})"
        return contains if isinstance(node.ops[0], ast.In) else f"~{contains}"
    return ""


def _slice(of: str, lower: ast.expr | None, upper: ast.expr | None) -> str:
    first = 0 if lower is None else lower.value if isinstance(lower, ast.Constant) else None
    last = None if upper is None else upper.value if isinstance(upper, ast.Constant) else -1
    if not isinstance(first, int) or first < 0 or (last is not None and (not isinstance(last, int) or last < first)):
        return ""
    length = "" if last is None else f", {last - first}"
    return (
        f'fn.call("substring", {of}, {first}{length}) for text; for a list use raw JSONata, such as jsonata("$states.input.items[[0..1]]")'
    )
