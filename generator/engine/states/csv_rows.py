"""The CSV dialect of Distributed Map's item reader.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/example-csv-parse-dist-map.html
"""

from __future__ import annotations

import io
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_QUOTE: Final = '"'
_ESCAPE: Final = "\\"


def rows(file: IO[bytes], delimiter: str) -> Iterator[list[str]]:
    r"""Return the rows of a file one after the other, without empty lines.

    The rules of AWS: quotation marks around a field are optional, and between them delimiters and newlines are data. Two
    quotation marks are one, inside quotation marks and in a field without them. A backslash makes data of a backslash, of a
    quotation mark and of the delimiter; before any other character it is removed.

    Three rules are guesses, because AWS says nothing about them: empty lines are left out, a single quotation mark inside a
    field without quotation marks is data, and quotation marks that are still open at the end of the file are closed there.

    Args:
        file: the file, in UTF-8 with or without a byte order mark. Lines end with a newline, a carriage return, or both.
        delimiter: the character between fields.

    >>> list(rows(io.BytesIO(b'a,"b, c"\n{""k"":1},d\\,e\\f'), ","))
    [['a', 'b, c'], ['{"k":1}', 'd,ef']]
    """
    row: list[str] = []
    field: list[str] = []
    quoted = False  # inside quotation marks
    for line in io.TextIOWrapper(file, encoding="utf-8-sig", newline=None):
        if not quoted and _QUOTE not in line and _ESCAPE not in line:  # most lines, and much faster
            if text := line.removesuffix("\n"):
                yield text.split(delimiter)
            continue
        at, end = 0, len(line)
        while at < end:
            char, following = line[at], line[at + 1 : at + 2]
            at += 1
            if char == _ESCAPE:
                if following and following in (_ESCAPE, _QUOTE, delimiter):
                    field.append(following)
                    at += 1
            elif char == _QUOTE:
                if following == _QUOTE and (quoted or field):
                    field.append(_QUOTE)
                    at += 1
                elif quoted or not field:
                    quoted = not quoted
                else:
                    field.append(_QUOTE)
            elif quoted or char not in (delimiter, "\n"):
                field.append(char)
            else:
                row.append("".join(field))
                field.clear()
                if char == "\n":
                    if row != [""]:
                        yield row
                    row = []
    if row or field:
        yield [*row, "".join(field)]
