"""A reader of Terraform's language: blocks, attributes and expressions, without evaluating anything.

Source: https://developer.hashicorp.com/terraform/language/syntax/configuration
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final


@dataclass(frozen=True)
class Reference:
    """A reference such as ``aws_lambda_function.check.arn``."""

    text: str


@dataclass(frozen=True)
class Template:
    """Text with interpolations."""

    parts: tuple[Any, ...]


@dataclass(frozen=True)
class Call:
    """A call of a function."""

    name: str
    arguments: tuple[Any, ...]
    text: str


@dataclass(frozen=True)
class Unknown:
    """An expression that is not read further: an operator, a condition, a loop."""

    text: str


@dataclass
class Block:
    """A block.

    Attributes:
        kind: its type, such as ``resource``.
        labels: its labels.
        attributes: its attributes, with the lines on which their values begin.
        blocks: the blocks in it.
        line: the line on which it begins.
    """

    kind: str
    labels: list[str]
    attributes: dict[str, tuple[Any, int]] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    line: int = 1


class HclError(ValueError):
    """A text that is not Terraform.

    Attributes:
        position: the place at which reading stopped.
    """

    def __init__(self, message: str, position: int) -> None:
        """Describe the problem."""
        super().__init__(message)
        self.position = position


_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_SPACE: Final = re.compile(r"(?:[ \t\r]|/\*.*?\*/)+", re.DOTALL)
_COMMENT: Final = re.compile(r"(?:#|//)[^\n]*")
_NUMBER: Final = re.compile(r"\d+(\.\d+)?([eE][+-]?\d+)?")
_HEREDOC: Final = re.compile(r"<<(-?)([A-Za-z_][A-Za-z0-9_-]*)[ \t]*\r?\n")
_OPERATOR: Final = re.compile(r"==|!=|<=|>=|&&|\|\||[-+*/%<>?]")
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_WORDS: Final = {"true": True, "false": False, "null": None}
_DEEPEST: Final = 100


def read(text: str) -> Block:
    r"""Return a file as a block without a type.

    Raises:
        HclError: the text is not Terraform.

    >>> read('resource "a" "b" {\n  c = [1, d.e]\n}\n').blocks[0].attributes["c"]
    ([1, Reference(text='d.e')], 2)
    """
    reader = _Reader(text)
    top = Block("", [])
    reader.body(top, end="")
    return top


def read_expression(text: str) -> Any:
    """Return one expression.

    >>> read_expression('"a-${b.c}"')
    Template(parts=('a-', Reference(text='b.c')))
    """
    return _Reader(text).expression()


def template_of(text: str) -> Any:
    """Return text with interpolations, which is not in quotation marks."""
    return _Reader(text, whole=True).template(lambda _: False, unescape=False)


class _Reader:
    def __init__(self, text: str, *, whole: bool = False) -> None:
        self.text = text
        self.at = 0
        self.depth = 0
        self.whole = whole  # whether the text is a template that ends where the text does

    def fail(self, message: str) -> HclError:
        return HclError(message, self.at)

    def line(self, at: int) -> int:
        return self.text.count("\n", 0, at) + 1

    def skip(self, *, newlines: bool) -> None:
        """Skip blanks and comments, and where they have no meaning the ends of lines."""
        while self.at < len(self.text):
            found = _SPACE.match(self.text, self.at) or _COMMENT.match(self.text, self.at)
            if found:
                self.at = found.end()
            elif newlines and self.text[self.at] == "\n":
                self.at += 1
            else:
                return

    def peek(self, wanted: str) -> bool:
        return self.text.startswith(wanted, self.at)

    def take(self, wanted: str) -> bool:
        if self.peek(wanted):
            self.at += len(wanted)
            return True
        return False

    def expect(self, wanted: str) -> None:
        if not self.take(wanted):
            raise self.fail(f"expected {wanted!r}")

    def body(self, block: Block, end: str) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.fail("the blocks are nested too deeply")
        while True:
            self.skip(newlines=True)
            if self.at >= len(self.text):
                if end:
                    raise self.fail("a block is not closed")
                break
            if end and self.take(end):
                break
            self.item(block)
        self.depth -= 1

    def item(self, block: Block) -> None:
        start = self.at
        found = _NAME.match(self.text, self.at)
        if not found:
            raise self.fail("expected an attribute or a block")
        self.at = found.end()
        self.skip(newlines=False)
        if self.peek("=") and not self.peek("=="):
            self.at += 1
            self.skip(newlines=False)
            line = self.line(self.at)
            block.attributes[found[0]] = (self.expression(), line)
            return
        labels = []
        while not self.peek("{"):
            label = _NAME.match(self.text, self.at)
            if label:
                labels.append(label[0])
                self.at = label.end()
            elif self.take('"'):
                value = self.template(lambda at: self.text[at] == '"', unescape=True)
                self.at += 1
                labels.append(value if isinstance(value, str) else "")
            else:
                raise self.fail("expected a block")
            self.skip(newlines=False)
        self.expect("{")
        inner = Block(found[0], labels, line=self.line(start))
        self.body(inner, "}")
        block.blocks.append(inner)

    # -- expressions -------------------------------------------------------------------------------------------------------

    def expression(self, *, newlines: bool = False) -> Any:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.fail("the expressions are nested too deeply")
        start = self.at
        value = self.operand(newlines=newlines)
        unknown = False
        while True:
            before = self.at
            self.skip(newlines=newlines)
            found = _OPERATOR.match(self.text, self.at)
            if not found:
                self.at = before
                break
            unknown = True
            self.at = found.end()
            self.skip(newlines=True)
            if found[0] == "?":
                self.expression(newlines=True)
                self.skip(newlines=True)
                self.expect(":")
                self.skip(newlines=True)
            self.expression(newlines=newlines)
        self.depth -= 1
        return Unknown(self.text[start : self.at].strip()) if unknown else value

    def operand(self, *, newlines: bool) -> Any:
        start = self.at
        self.skip(newlines=newlines)
        if self.take("!") or (self.peek("-") and not _NUMBER.match(self.text, self.at + 1) and self.take("-")):
            self.operand(newlines=newlines)
            return Unknown(self.text[start : self.at].strip())
        value = self.primary()
        while self.at < len(self.text):
            if self.peek("[") or (self.peek(".") and not self.peek("...")):
                value = self.access(value, start)
            else:
                break
        return value

    def access(self, value: Any, start: int) -> Any:
        if self.take("["):
            self.skip(newlines=True)
            if not self.take("*"):
                self.expression(newlines=True)
            self.skip(newlines=True)
            self.expect("]")
        else:
            self.at += 1
            found = _NAME.match(self.text, self.at) or re.compile(r"\d+|\*").match(self.text, self.at)
            if not found:
                raise self.fail("expected the name of an attribute")
            self.at = found.end()
        text = self.text[start : self.at].strip()
        return Reference(text) if isinstance(value, Reference) else Unknown(text)

    def primary(self) -> Any:
        text = self.text
        if heredoc := _HEREDOC.match(text, self.at):
            return self.heredoc(heredoc)
        if self.take('"'):
            value = self.template(lambda at: text[at] == '"', unescape=True)
            self.at += 1
            return value
        if self.peek("{"):
            return self.mapping()
        if self.peek("["):
            return self.sequence()
        if self.take("("):
            value = self.expression(newlines=True)
            self.skip(newlines=True)
            self.expect(")")
            return value
        negative = self.take("-")
        if number := _NUMBER.match(text, self.at):
            self.at = number.end()
            made = float(number[0]) if number[1] or number[2] else int(number[0])
            return -made if negative else made
        return self.word()

    def word(self) -> Any:
        start = self.at
        found = _NAME.match(self.text, self.at)
        if not found:
            raise self.fail("expected a value")
        self.at = found.end()
        while self.take("::"):  # functions of providers
            found = _NAME.match(self.text, self.at)
            if not found:
                raise self.fail("expected the name of a function")
            self.at = found.end()
        name = self.text[start : self.at]
        if self.take("("):
            return self.call(name, start)
        return _WORDS[name] if name in _WORDS else Reference(name)

    def call(self, name: str, start: int) -> Call:
        arguments = []
        while True:
            self.skip(newlines=True)
            if self.take(")"):
                break
            arguments.append(self.expression(newlines=True))
            self.skip(newlines=True)
            self.take("...")
            self.skip(newlines=True)
            if not self.take(","):
                self.skip(newlines=True)
                self.expect(")")
                break
        return Call(name, tuple(arguments), self.text[start : self.at])

    def comprehension(self, start: int, closing: str) -> Unknown | None:
        """Skip ``for … in …``, which only Terraform can evaluate."""
        before = self.at
        self.skip(newlines=True)
        if not re.compile(r"for\b").match(self.text, self.at):
            self.at = before
            return None
        level = 1
        while level and self.at < len(self.text):
            if self.take('"'):
                self.template(lambda at: self.text[at] == '"', unescape=True)
                self.at += 1
                continue
            level += (self.text[self.at] in "{[(") - (self.text[self.at] in "}])")
            self.at += 1
        if level:
            raise self.fail(f"expected {closing!r}")
        return Unknown(self.text[start : self.at])

    def mapping(self) -> Any:
        start = self.at
        self.at += 1
        if (loop := self.comprehension(start, "}")) is not None:
            return loop
        members: dict[str, Any] = {}
        while True:
            self.skip(newlines=True)
            if self.take("}"):
                return members
            key = self.key()
            self.skip(newlines=True)
            if not (self.take("=") or self.take(":")):
                raise self.fail("expected '=' or ':'")
            self.skip(newlines=True)
            members[key] = self.expression()
            self.skip(newlines=False)
            self.take(",")

    def key(self) -> str:
        if self.take('"'):
            value = self.template(lambda at: self.text[at] == '"', unescape=True)
            self.at += 1
            return _key_text(value)
        if self.take("("):
            value = self.expression(newlines=True)
            self.skip(newlines=True)
            self.expect(")")
            return _key_text(value)
        found = _NAME.match(self.text, self.at) or _NUMBER.match(self.text, self.at)
        if not found:
            raise self.fail("expected a key")
        self.at = found.end()
        return found[0]

    def sequence(self) -> Any:
        start = self.at
        self.at += 1
        if (loop := self.comprehension(start, "]")) is not None:
            return loop
        items: list[Any] = []
        while True:
            self.skip(newlines=True)
            if self.take("]"):
                return items
            items.append(self.expression(newlines=True))
            self.skip(newlines=True)
            if not self.take(","):
                self.skip(newlines=True)
                self.expect("]")
                return items

    # -- text ----------------------------------------------------------------------------------------------------------------

    def heredoc(self, found: re.Match[str]) -> Any:
        end = re.compile(rf"^[ \t]*{re.escape(found[2])}[ \t]*\r?$", re.MULTILINE).search(self.text, found.end())
        if not end:
            raise self.fail("a heredoc is not closed")
        text = self.text[found.end() : end.start()]
        self.at = end.end()
        return template_of(textwrap.dedent(text) if found[1] else text)

    def template(self, ends: Callable[[int], bool], *, unescape: bool) -> Any:
        """Read text until its end, which is not taken."""
        parts: list[Any] = []
        held: list[str] = []
        while not self._at_end(ends):
            if self.peek("$${") or self.peek("%%{"):
                held.append(self.text[self.at + 1 : self.at + 3])
                self.at += 3
            elif self.take("${"):
                if held:
                    parts.append("".join(held))
                    held = []
                self.take("~")
                parts.append(self.expression(newlines=True))
                self.skip(newlines=True)
                self.take("~")
                self.expect("}")
            elif unescape and self.peek("\\"):
                held.append(self.escape())
            else:
                held.append(self.text[self.at])
                self.at += 1
        if held:
            parts.append("".join(held))
        if not parts:
            return ""
        return parts[0] if len(parts) == 1 and isinstance(parts[0], str) else Template(tuple(parts))

    def _at_end(self, ends: Callable[[int], bool]) -> bool:
        if self.at < len(self.text):
            return ends(self.at)
        if self.whole:
            return True
        raise self.fail("text is not closed")

    def escape(self) -> str:
        char = self.text[self.at + 1 : self.at + 2]
        size = {"u": 4, "U": 8}.get(char)
        if size is not None:
            digits = self.text[self.at + 2 : self.at + 2 + size]
            self.at += 2 + size
            try:
                return chr(int(digits, 16))
            except (ValueError, OverflowError):
                raise self.fail("an invalid escape") from None
        self.at += 2
        return _ESCAPES.get(char, char)


def _key_text(value: Any) -> str:
    if isinstance(value, Reference | Unknown):
        return value.text
    return value if isinstance(value, str) else "".join(part if isinstance(part, str) else "?" for part in getattr(value, "parts", ()))


def walk(block: Block) -> Iterator[Block]:
    """Yield a block and all blocks in it."""
    yield block
    for one in block.blocks:
        yield from walk(one)
