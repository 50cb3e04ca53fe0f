"""The layout of the source: lines that are no longer than the project's, broken where ``ruff format`` breaks them.

A call is on one line, or its arguments are on one line of their own, or each has a line. A list or a dict is on one line, or each
item has a line. Long text is divided into pieces inside parentheses, and a long condition is broken before its operators.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from typing import Final

from generator.importers.code import text_literal

INDENT: Final = 4
_SHORTEST: Final = 20
_OPERATORS: Final[dict[type[ast.AST], tuple[str, int]]] = {
    ast.Eq: ("==", 1),
    ast.NotEq: ("!=", 1),
    ast.Lt: ("<", 1),
    ast.LtE: ("<=", 1),
    ast.Gt: (">", 1),
    ast.GtE: (">=", 1),
    ast.BitOr: ("|", 2),
    ast.BitAnd: ("&", 3),
    ast.Add: ("+", 4),
    ast.Sub: ("-", 4),
    ast.Mult: ("*", 5),
    ast.Div: ("/", 5),
    ast.FloorDiv: ("//", 5),
    ast.Mod: ("%", 5),
}
_UNARY: Final = 6
_ATOM: Final = 9
_BREAKS: Final = re.compile(r".*?(?:\n|[ ,;]+|\Z)", re.DOTALL)


def columns(text: str) -> int:
    """Return the columns that a text takes: two for each wide character, none for a combining one.

    >>> columns("order"), columns("中a")
    (5, 3)
    """
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(each) in "WF" for each in text)
    return len(text) + wide - sum(unicodedata.combining(each) > 0 for each in text)


def power(node: ast.expr) -> int:
    """Return how strongly the outermost operator of an expression binds."""
    match node:
        case ast.Compare():
            return 1
        case ast.BinOp():
            return _OPERATORS[type(node.op)][1]
        case ast.UnaryOp():
            return _UNARY
        case ast.Lambda():
            return 0
        case _:
            return _ATOM


def flat(node: ast.expr) -> str:
    """Write an expression on one line.

    >>> flat(ast.parse("when((x.a == 1) & ~(x.b < 2), then=[a, 'b'])", mode="eval").body)
    'when((x.a == 1) & ~(x.b < 2), then=[a, "b"])'
    """
    match node:
        case ast.Constant(value=str() as text):
            return text_literal(text)
        case ast.Constant():
            return repr(node.value).replace("e+", "e")
        case ast.Name():
            return node.id
        case ast.Attribute():
            return f"{_operand(node.value, _ATOM)}.{node.attr}"
        case ast.Subscript():
            return f"{_operand(node.value, _ATOM)}[{flat(node.slice)}]"
        case ast.Call():
            return f"{_operand(node.func, _ATOM)}({', '.join(_arguments(node))})"
        case ast.List():
            return f"[{', '.join(flat(item) for item in node.elts)}]"
        case ast.Tuple():
            return f"({', '.join(flat(item) for item in node.elts)}{',' * (len(node.elts) == 1)})"
        case ast.Dict():
            return "{" + ", ".join(f"{flat(key)}: {flat(value)}" for key, value in _members(node)) + "}"
        case ast.UnaryOp():
            return ("~" if isinstance(node.op, ast.Invert) else "-") + _operand(node.operand, _UNARY)
        case ast.BinOp() | ast.Compare():
            return " ".join(_parts(node))
        case ast.Lambda():
            return f"lambda {', '.join(one.arg for one in node.args.args)}: {flat(node.body)}"
    raise TypeError(type(node).__name__)


def _operand(node: ast.expr, at_least: int) -> str:
    if isinstance(node, ast.Constant) and at_least == _ATOM and isinstance(node.value, int | float):
        return f"({flat(node)})"
    return flat(node) if power(node) >= at_least else f"({flat(node)})"


def _arguments(node: ast.Call) -> list[str]:
    return [*(flat(one) for one in node.args), *(f"{one.arg}={flat(one.value)}" for one in node.keywords)]


def _members(node: ast.Dict) -> list[tuple[ast.expr, ast.expr]]:
    return [(key, value) for key, value in zip(node.keys, node.values, strict=True) if key is not None]


def _chain(node: ast.BinOp | ast.Compare) -> tuple[list[ast.expr], list[str], int]:
    """Return the operands and the operators of a chain of one precedence, without recursion into its left side."""
    if isinstance(node, ast.Compare):
        return [node.left, *node.comparators], [_OPERATORS[type(op)][0] for op in node.ops], 2
    level = _OPERATORS[type(node.op)][1]
    operands: list[ast.expr] = []
    operators: list[str] = []
    walk: ast.expr = node
    while isinstance(walk, ast.BinOp) and _OPERATORS[type(walk.op)][1] == level:
        operands.append(walk.right)
        operators.append(_OPERATORS[type(walk.op)][0])
        walk = walk.left
    return [walk, *reversed(operands)], operators[::-1], level + 1


def _parts(node: ast.BinOp | ast.Compare) -> list[str]:
    operands, operators, level = _chain(node)
    parts = [_operand(operands[0], level)]
    for operator, operand in zip(operators, operands[1:], strict=True):
        parts += [operator, _operand(operand, level)]
    return parts


_COMMENTS: Final = "comments"


def with_comments(node: ast.expr, comments: list[str]) -> ast.expr:
    """Put comments before an item of a list, or before the statement of a value."""
    if comments:
        setattr(node, _COMMENTS, comments)
    return node


def comments_of(node: ast.expr) -> list[str]:
    """Return the comments before an item of a list, or before the statement of a value."""
    return getattr(node, _COMMENTS, [])


class Layout:
    """The writer of expressions and statements for one length of lines."""

    def __init__(self, width: int) -> None:
        """Prepare for lines of a length."""
        self.width = width
        self._flat: dict[int, tuple[ast.expr, str]] = {}

    def fits(self, node: ast.expr, column: int, behind: int) -> str | None:
        """Return an expression on one line, if it fits there."""
        known = self._flat.get(id(node))
        if known is None:
            known = self._flat[id(node)] = (node, self._short(node))  # with the node, so that its id is not that of a later one
        text = known[1]
        return text if text and column + columns(text) + behind <= self.width else None

    def _short(self, node: ast.expr) -> str:
        """Return an expression on one line; nothing if it is surely longer than a line, so that no long text is made at each level."""
        if comments_of(node):
            return ""
        match node:
            case ast.List() | ast.Tuple():
                inner = [self.fits(item, 0, 0) for item in node.elts]
            case ast.Dict():
                inner = [self.fits(item, 0, 0) for item in node.values]
            case ast.Call():
                inner = [self.fits(node.func, 0, 0), *(self.fits(one, 0, 0) for one in (*node.args, *(k.value for k in node.keywords)))]
            case _:
                inner = []
        if any(one is None for one in inner):
            return ""
        text = flat(node)
        return text if columns(text) <= self.width else ""

    def assignment(self, target: str, value: ast.expr) -> str:
        """Write an assignment."""
        comments = "".join(f"# {one}\n" for one in comments_of(value))
        return f"{comments}{target} = {self.written(value, 0, columns(target) + 3, 0)}\n"

    def written(self, node: ast.expr, indent: int, column: int, behind: int) -> str:
        """Write an expression.

        Args:
            node: the expression.
            indent: the indentation of its line.
            column: the column at which it begins.
            behind: the characters that follow it on its last line.
        """
        text = self.fits(node, column, behind)
        if text is not None:
            return text
        match node:
            case ast.Call():
                return self._call(node, indent, column, behind)
            case ast.List(elts=items) if items:
                return self._bracketed("[", items, "]", indent)
            case ast.Tuple(elts=items) if items:
                return self._bracketed("(", items, ")", indent)
            case ast.Dict() if node.keys:
                return self._dict(node, indent)
            case ast.Constant(value=str() as value):
                return self._text(value, indent)
            case ast.BinOp() | ast.Compare():
                return self._operation(node, indent)
            case ast.UnaryOp(op=ast.Invert(), operand=ast.BinOp() | ast.Compare() as operand):
                return "~" + self._operation(operand, indent)
            case ast.Attribute(value=ast.Call() as called):
                return self.written(called, indent, column, behind + columns(node.attr) + 1) + f".{node.attr}"
            case ast.Subscript(value=ast.Call() as called):
                tail = f"[{flat(node.slice)}]"
                return self.written(called, indent, column, behind + columns(tail)) + tail
            case _:
                return flat(node)

    def _call(self, node: ast.Call, indent: int, column: int, behind: int) -> str:
        if not node.args and not node.keywords:
            return self.written(node.func, indent, column, behind + 2) + "()"
        function = self.written(node.func, indent, column, 1)
        inner = indent + INDENT
        arguments = [self.fits(one, 0, 0) for one in (*node.args, *(k.value for k in node.keywords))]
        if None not in arguments:
            line = ", ".join(_arguments(node))
            if inner + columns(line) <= self.width and len(arguments) > 1:
                return f"{function}(\n{' ' * inner}{line}\n{' ' * indent})"
        lines = [self._positional(one, inner) for one in node.args]
        lines += [f"{one.arg}={self._value(one.value, inner, inner + columns(str(one.arg)) + 1)}" for one in node.keywords]
        operands = len(node.args) == 1 and isinstance(node.args[0], ast.BinOp | ast.Compare | ast.Constant)
        if len(lines) == 1 and (operands or ("\n" not in lines[0] and inner + columns(lines[0]) <= self.width)):
            return f"{function}(\n{' ' * inner}{lines[0]}\n{' ' * indent})"
        return self._lines(f"{function}(", lines, ")", indent)

    def _positional(self, node: ast.expr, indent: int) -> str:
        """Write an argument on lines of its own. Its operands and the pieces of its text need no parentheses there."""
        if self.fits(node, indent, 1) is not None:
            return self.written(node, indent, indent, 1)
        lines: list[str] = []
        if isinstance(node, ast.BinOp | ast.Compare):
            lines = self._operands(node, indent)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            lines = [text_literal(piece) for piece in self._pieces(node.value, indent)]
        return ("\n" + " " * indent).join(lines) if lines else self.written(node, indent, indent, 1)

    def _bracketed(self, opening: str, items: list[ast.expr], closing: str, indent: int) -> str:
        inner = indent + INDENT
        lines = ["".join(f"# {one}\n{' ' * inner}" for one in comments_of(item)) + self.written(item, inner, inner, 1) for item in items]
        return self._lines(opening, lines, closing, indent)

    def _dict(self, node: ast.Dict, indent: int) -> str:
        inner = indent + INDENT
        lines = []
        for key, value in _members(node):
            before = flat(key) + ": "
            lines.append(before + self._value(value, inner, inner + columns(before)))
        return self._lines("{", lines, "}", indent)

    def _value(self, node: ast.expr, indent: int, column: int) -> str:
        """Write the value of a member or of a keyword argument; in parentheses below, if it cannot be broken and is shorter there."""
        text = self.written(node, indent, column, 1)
        inner = indent + INDENT
        if "\n" not in text and column + columns(text) + 1 > self.width and inner < column and not text.startswith(("(", '"', "'")):
            return f"(\n{' ' * inner}{text}\n{' ' * indent})"
        return text

    def _lines(self, opening: str, lines: list[str], closing: str, indent: int) -> str:
        inner = " " * (indent + INDENT)
        return f"{opening}\n{''.join(f'{inner}{line},{chr(10)}' for line in lines)}{' ' * indent}{closing}"

    def _operands(self, node: ast.BinOp | ast.Compare, indent: int) -> list[str]:
        """Return a line for each operand of a condition or a sum, the operator before it."""
        operands, operators, level = _chain(node)
        lines = []
        for operator, operand in zip(["", *operators], operands, strict=True):
            before = f"{operator} " if operator else ""
            if power(operand) >= level:
                lines.append(before + self.written(operand, indent, indent + columns(before), 1))
            elif (text := self.fits(operand, indent + columns(before) + 1, 2)) is not None:
                lines.append(f"{before}({text})")
            elif isinstance(operand, ast.BinOp | ast.Compare):
                lines.append(before + self._operation(operand, indent))
            else:
                lines.append(f"{before}({flat(operand)})")
        return lines

    def _operation(self, node: ast.BinOp | ast.Compare, indent: int) -> str:
        """Write a condition or a sum in parentheses, on a line of its own, or with a line for each operand."""
        inner = indent + INDENT
        pad = " " * inner
        whole = self.fits(node, inner, 0)
        lines = [whole] if whole is not None else self._operands(node, inner)
        return "(\n" + "".join(f"{pad}{line}\n" for line in lines) + " " * indent + ")"

    def _pieces(self, text: str, indent: int) -> list[str]:
        """Divide a long text into pieces, which end behind a word or a line."""
        room = max(self.width - indent, _SHORTEST)
        pieces: list[str] = []
        held = ""
        for part in _BREAKS.findall(text):
            rest = part
            if held and (held.endswith("\n") or columns(text_literal(held + rest)) > room):
                pieces.append(held)
                held = ""
            while columns(text_literal(held + rest)) > room:  # one word that is longer than a line
                cut = _cut(rest, room)
                pieces.append(rest[:cut])
                rest = rest[cut:]
            held += rest
        return pieces + ([held] if held else [])

    def _text(self, text: str, indent: int) -> str:
        """Write a long text in pieces, in parentheses."""
        inner = indent + INDENT
        lines = "".join(f"{' ' * inner}{text_literal(piece)}\n" for piece in self._pieces(text, inner))
        return f"(\n{lines}{' ' * indent})"


def _cut(text: str, room: int) -> int:
    """Return how many characters of a word fit into a literal of a length."""
    low, high = 1, min(len(text), room)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if columns(text_literal(text[:middle])) <= room else (low, middle - 1)
    return low
