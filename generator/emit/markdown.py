"""Text of authors inside Markdown: it comes out as the text it is, never as markup.

CommonMark says that an entity or an escaped character is never markup itself
(https://spec.commonmark.org/0.31.2/#entity-and-numeric-character-references); GitHub's tables split cells at ``|`` before
they look at anything else, hence an entity there as well.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from generator.emit.words import visible

if TYPE_CHECKING:
    from collections.abc import Iterable
from functools import lru_cache


class Markdown(str):
    """Text that is Markdown already."""

    __slots__ = ()


# Markup of CommonMark and GitHub: code, emphasis, links, strike-through, HTML, cells, mathematics, mentions, :emoji:, and what
# begins a block at the start of a line.
_SPECIAL: Final = re.compile(r"(?P<escape>[`*_\[\]~]|^(?:[-+=#]|\d{1,9}(?=[.)])))|(?P<entity>[<>&|\\$@]|:(?=[\w+-]+:))")
_PLAIN_CODE: Final = re.compile(r"[^`|\\\x00-\x1f\x7f-\x9f]+")


def text(words: str) -> Markdown:
    r"""Write text on one line.

    >>> print(text("a|b *c* <d>"))
    a&#124;b \*c\* &#60;d&#62;
    """
    return Markdown(_SPECIAL.sub(_harmless, " ".join(visible(words).split())))


def _harmless(found: re.Match[str]) -> str:
    if found["entity"]:
        return f"&#{ord(found[0])};"
    # A number that would begin a list is harmless by its first digit's entity.
    return f"&#{ord(found[0][0])};{found[0][1:]}" if found[0].isdigit() else f"\\{found[0]}"


@lru_cache(maxsize=1024)
def code(words: str) -> Markdown:
    """Write text as code, in backticks where they can hold it.

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
    r"""Write text as paragraphs, which blank lines part.

    >>> paragraphs("One" + chr(10) + "and more." + chr(10) * 2 + "Two.")
    'One and more.\n\nTwo.'
    """
    return Markdown("\n\n".join(filter(None, (text(part) for part in re.split(r"\n[ \t]*\n", words)))))


def lines(cells: Iterable[str]) -> Markdown:
    """Put several things into one cell of a table, one below the other."""
    return Markdown("<br>".join(filter(None, cells)))


def joined(*parts: str) -> Markdown:
    """Put parts one after the other; those that are no Markdown yet are text."""
    return Markdown(" ".join(part if isinstance(part, Markdown) else text(part) for part in parts if part))


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> Markdown:
    """Write a table; columns without any content are left out.

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
