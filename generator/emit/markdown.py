"""Text of authors inside Markdown, escaped so that it is never markup.

In CommonMark, an entity or an escaped character is never markup
(https://spec.commonmark.org/0.31.2/#entity-and-numeric-character-references). GitHub splits the cells of a table at ``|``
before it reads escapes, so ``|`` is an entity too.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from generator.emit.words import visible

if TYPE_CHECKING:
    from collections.abc import Iterable


class Markdown(str):
    """Text that is Markdown, and must not be escaped again."""

    __slots__ = ()


# The markup of CommonMark and GitHub: code, emphasis, links, strike-through, HTML, cells, mathematics, mentions, :emoji:, and
# the characters that begin a block at the start of a line.
_SPECIAL: Final = re.compile(r"(?P<escape>[`*_\[\]~]|^(?:[-+=#]|\d{1,9}(?=[.)])))|(?P<entity>[<>&|\\$@]|:(?=[\w+-]+:))")
_PLAIN_CODE: Final = re.compile(r"[^`|\\\x00-\x1f\x7f-\x9f]+")


def text(words: str) -> Markdown:
    r"""Escape text, and write it on one line.

    >>> print(text("a|b *c* <d>"))
    a&#124;b \*c\* &#60;d&#62;
    """
    return Markdown(_SPECIAL.sub(_harmless, " ".join(visible(words).split())))


def _harmless(found: re.Match[str]) -> str:
    if found["entity"]:
        return f"&#{ord(found[0])};"
    # A number at the start of a line would begin a list. An entity for its first digit prevents this.
    return f"&#{ord(found[0][0])};{found[0][1:]}" if found[0].isdigit() else f"\\{found[0]}"


@lru_cache(maxsize=1024)
def code(words: str) -> Markdown:
    """Write text as code: in backticks if possible, otherwise in an HTML element.

    >>> code("States.ALL"), code("a|b")
    ('`States.ALL`', '<code>a&#124;b</code>')
    """
    line = " ".join(visible(words).split())
    if not line:
        return Markdown("")
    if _PLAIN_CODE.fullmatch(line):
        return Markdown(f"`{line}`")
    return Markdown("<code>" + re.sub(r"[^\w ,.]|_", lambda found: f"&#{ord(found[0])};", line, flags=re.ASCII) + "</code>")


def paragraphs(words: str) -> Markdown:
    r"""Write text as paragraphs, which are separated by blank lines.

    >>> paragraphs("One" + chr(10) + "and more." + chr(10) * 2 + "Two.")
    'One and more.\n\nTwo.'
    """
    return Markdown("\n\n".join(filter(None, (text(part) for part in re.split(r"\n[ \t]*\n", words)))))


def lines(cells: Iterable[str]) -> Markdown:
    """Write the lines of one cell of a table. Empty lines are left out."""
    return Markdown("<br>".join(filter(None, cells)))


def joined(*parts: str) -> Markdown:
    """Join parts with blanks. Empty parts are left out, and text that is not Markdown is escaped."""
    return Markdown(" ".join(part if isinstance(part, Markdown) else text(part) for part in parts if part))


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> Markdown:
    """Write a table. Columns without content are left out.

    >>> print(table(["A", "B", "C"], [["1", "", "2"]]))
    | A | C |
    | --- | --- |
    | 1 | 2 |
    """
    head = list(heads)
    body = [[cell if isinstance(cell, Markdown) else text(cell) for cell in row] for row in rows]
    kept = [index for index in range(len(head)) if any(row[index] for row in body)]
    written: list[list[str]] = [[head[index] for index in kept], ["---"] * len(kept)]
    written += [[row[index] for index in kept] for row in body]
    return Markdown("\n".join(f"| {' | '.join(row)} |" for row in written))
