"""The manifest: the list of the files that ``generate`` wrote, in the output folder itself.

It is committed with them. A file that it does not list belongs to somebody else, and is never changed or removed. The digests
show which files were edited by hand since they were written. A folder has no entry: one that loses its last file goes with it.
One file a line, sorted, so that a review shows what came and went, and so that two branches rarely conflict in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import takewhile
from pathlib import PurePosixPath
from typing import Any, Final

NAME: Final = ".sfn-generator.json"
"""The name of the manifest in the output folder."""

VERSION: Final = 1
_ABOUT: Final = "The files that sfn-generator wrote here, with their SHA-256. It changes and removes no other file. Do not edit."
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class ManifestError(ValueError):
    """A manifest that cannot be used.

    Attributes:
        line: the line of the problem, counted from 1.
        found: the value that was found.
        hint: how to go on.
    """

    def __init__(self, message: str, *, line: int = 1, found: str = "", hint: str = "") -> None:
        """Create the error."""
        super().__init__(message)
        self.line = line
        self.found = found
        self.hint = hint or "restore the file from version control; or remove it: then files that are as generated count as ours again"


@dataclass(frozen=True, slots=True)
class Manifest:
    """The files that were written.

    Attributes:
        digests: the SHA-256 of each file, by its path. A path has two if an unresolved merge changed the file on both sides.
    """

    digests: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def wrote(self, path: str, content: bytes) -> bool:
        """Return whether a file is as it was written. What a merge made of two versions counts as written."""
        known = self.digests.get(path, frozenset())
        return len(known) > 1 or digest(content) in known


def digest(content: bytes) -> str:
    """Return the SHA-256 of a content, in hexadecimal."""
    return sha256(content).hexdigest()


def write(files: Mapping[str, bytes]) -> bytes:
    """Write the manifest of files, given by their paths.

    >>> print(write({"a/b.tf": b""}).decode(), end="")  # doctest: +ELLIPSIS
    {
      "about": "The files that sfn-generator wrote here, with their SHA-256. It changes and removes no other file. Do not edit.",
      "version": 1,
      "files": {
        "a/b.tf": "e3b0c442...b855"
      }
    }
    """
    listed = {path: digest(content) for path, content in sorted(files.items())}
    return (json.dumps({"about": _ABOUT, "version": VERSION, "files": listed}, indent=2, ensure_ascii=False) + "\n").encode()


def read(content: bytes) -> Manifest:
    """Read a manifest. One with the marks of an unresolved merge is both of its sides.

    Raises:
        ManifestError: it is damaged, it was written by a newer version, or one of its paths leads out of the folder.

    >>> sorted(read(write({"a": b"1", "b": b"2"})).digests)
    ['a', 'b']
    """
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise ManifestError("the manifest is not UTF-8", found=str(error)) from None
    digests: dict[str, set[str]] = {}
    for side in _sides(text):
        for path, value in _files(side, text):
            digests.setdefault(path, set()).add(value)
    return Manifest({path: frozenset(values) for path, values in digests.items()})


def _sides(text: str) -> list[str]:
    """Return the two versions of a file with the marks of an unresolved merge; without marks, the file."""
    lines = text.splitlines(keepends=True)
    if not any(line.startswith("<<<<<<< ") for line in lines):
        return [text]
    sides: tuple[list[str], list[str]] = ([], [])
    into: tuple[list[str], ...] = sides
    for line in lines:
        mark = line[:7]
        if mark == "<" * 7:
            into = sides[:1]
        elif mark == "|" * 7:  # the common ancestor, which git shows with merge.conflictStyle=diff3
            into = ()
        elif mark == "=" * 7:
            into = sides[1:]
        elif mark == ">" * 7:
            into = sides
        else:
            for side in into:
                side.append(line)
    return ["".join(side) for side in sides]


def _files(side: str, text: str) -> Iterator[tuple[str, str]]:
    try:
        document = json.loads(side, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise ManifestError("the manifest is not valid JSON", line=line, found=str(getattr(error, "msg", error))) from None
    version = document.get("version") if isinstance(document, dict) else None
    if isinstance(version, int) and not isinstance(version, bool) and version > VERSION:
        raise ManifestError(
            "the manifest was written by a newer version of sfn-generator",
            line=_line(text, '"version"'),
            found=f"version {version}",
            hint="update sfn-generator; this version would not know what the other one wrote",
        )
    files: Any = document.get("files") if isinstance(document, dict) else None
    if version != VERSION or not isinstance(files, dict):
        raise ManifestError("the manifest is damaged", found=f"version {version!r} and {type(files).__name__} for files")
    for path, value in files.items():
        if not _inside(path):
            raise ManifestError("a path in the manifest is not inside the folder", line=_line(text, json.dumps(path)), found=repr(path))
        if not isinstance(value, str) or not _DIGEST.fullmatch(value):
            raise ManifestError(
                f"the manifest has no SHA-256 for {path!r}", line=_line(text, json.dumps(path, ensure_ascii=False)), found=repr(value)[:80]
            )
        yield path, value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object.

    Raises:
        ValueError: it has two members of one name.
    """
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"two members are named {next(name for name in names if names.count(name) > 1)!r}")
    return made


def _inside(path: str) -> bool:
    r"""Return whether a path is the plain relative path of a file below the folder.

    >>> [_inside(path) for path in ("a/b.tf", "../a", "/a", "a/../../b", "a//b", "./a", "", "a\\b", ".sfn-generator.json")]
    [True, False, False, False, False, False, False, False, False]
    """
    plain = PurePosixPath(path)
    parts = path.split("/")
    return not plain.is_absolute() and not {"", ".", ".."} & set(parts) and "\\" not in path and "\0" not in path and path != NAME


def _line(text: str, part: str) -> int:
    """Return the number of the first line that contains a text; 1 if there is none."""
    before = list(takewhile(lambda line: part not in line, text.splitlines()))
    return len(before) + 1 if part in text else 1
