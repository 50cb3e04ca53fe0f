"""What publishing would change in the output folder, and what is in its way. Planning only reads."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from generator.publish import manifest
from generator.publish.manifest import Manifest

How = Literal["missing", "changed", "extra"]
Kind = Literal["foreign", "folder", "file", "link", "edited", "edited-extra"]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something in the output folder that is not ours, where a generated file must be written or removed.

    Attributes:
        path: the path of the generated file.
        kind: ``foreign``: another file, which we did not write. ``folder``: a folder. ``file``: one of the file's folders is a
            file, or a link. ``link``: a link, a socket or the like. ``edited``: our file, edited by hand since. ``edited-extra``:
            likewise, and no workflow generates it any more.
        blocker: the path of what is in the way.
    """

    path: str
    kind: Kind
    blocker: str

    @property
    def replaceable(self) -> bool:
        """Whether the user may choose to have it replaced. A folder is never removed for a file, nor a file for a folder."""
        return self.kind not in {"folder", "file"}


@dataclass(frozen=True, slots=True)
class Plan:
    """The changes of the output folder.

    Attributes:
        changes: each path with how the folder differs from what is generated: it is ``missing``, it is ``changed``, or it is
            ``extra``. Sorted by path.
        conflicts: what is in the way. If there is anything, nothing is written.
        writes: the content of each file to write.
        replaces: the digest of the content of each file to replace or to remove, as it is now.
    """

    changes: list[tuple[str, How]] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    writes: dict[str, bytes] = field(default_factory=dict)
    replaces: dict[str, str] = field(default_factory=dict)


LINK: Final = "link"
"""In place of a digest, for a link."""


def plan(folder: Path, artifacts: Mapping[str, bytes], *, overwrite: bool = False) -> Plan:
    """Compare an output folder with what is generated.

    Args:
        folder: the folder; it need not exist.
        artifacts: contents by relative POSIX path, without the manifest.
        overwrite: whether to replace files that are in the way, or that were edited by hand.

    Raises:
        ManifestError: the manifest cannot be used.
        OSError: the folder cannot be read.
    """
    return _Planner(folder.resolve(), overwrite=overwrite).plan(artifacts)


class _Planner:
    def __init__(self, folder: Path, *, overwrite: bool) -> None:
        self.folder = folder
        self.overwrite = overwrite
        self.made = Plan()

    def plan(self, artifacts: Mapping[str, bytes]) -> Plan:
        if os.path.lexists(self.folder) and not self.folder.is_dir():
            self.made.conflicts.append(Conflict("", "file", ""))
            return self.made
        own, there = self._look(manifest.NAME)
        known = manifest.read(there) if own == "file" and there is not None else Manifest()
        for path, content in {**artifacts, manifest.NAME: manifest.write(artifacts)}.items():
            self._wanted(path, content, known)
        for path in known.digests.keys() - artifacts.keys():
            self._unwanted(path, known)
        self.made.changes.sort()
        self.made.conflicts.sort(key=lambda conflict: conflict.path)
        return self.made

    def _wanted(self, path: str, content: bytes, known: Manifest) -> None:
        kind, there = self._look(path)
        if kind == "missing":
            self._write(path, content, "missing", "")
        elif kind == "file" and there is not None:
            if there == content:
                return
            if path == manifest.NAME or known.wrote(path, there) or self.overwrite:
                self._write(path, content, "changed", manifest.digest(there))
            else:
                self.made.conflicts.append(Conflict(path, "edited" if path in known.digests else "foreign", path))
        elif kind == "link" and self.overwrite:
            self._write(path, content, "changed", LINK)
        elif kind == "blocked":
            self.made.conflicts.append(Conflict(path, "file", self._blocker(path)))
        else:
            self.made.conflicts.append(Conflict(path, "folder" if kind == "folder" else "link", path))

    def _unwanted(self, path: str, known: Manifest) -> None:
        kind, there = self._look(path)
        if kind != "file" or there is None:
            return  # it is gone, or something else has taken its place, which is not ours
        if known.wrote(path, there) or self.overwrite:
            self.made.changes.append((path, "extra"))
            self.made.replaces[path] = manifest.digest(there)
        else:
            self.made.conflicts.append(Conflict(path, "edited-extra", path))

    def _write(self, path: str, content: bytes, how: How, replaced: str) -> None:
        self.made.changes.append((path, how))
        self.made.writes[path] = content
        if replaced:
            self.made.replaces[path] = replaced

    def _look(self, path: str) -> tuple[str, bytes | None]:
        """Return what is at a path: missing, blocked (by a parent that is not a folder), folder, link, or file with its content.

        A link is never followed: what it leads to is outside the folder.
        """
        blocker = self._blocker(path)
        if blocker:
            return "blocked", None
        target = self.folder / path
        try:
            mode = os.lstat(target).st_mode
        except (FileNotFoundError, NotADirectoryError):
            return "missing", None
        if stat.S_ISDIR(mode):
            return "folder", None
        if not stat.S_ISREG(mode):
            return "link", None
        return "file", target.read_bytes()

    def _blocker(self, path: str) -> str:
        """Return the first parent of a path that exists and is not a folder; empty if there is none."""
        parts = path.split("/")[:-1]
        for length in range(1, len(parts) + 1):
            parent = "/".join(parts[:length])
            try:
                mode = os.lstat(self.folder / parent).st_mode
            except FileNotFoundError:
                return ""
            if not stat.S_ISDIR(mode):
                return parent
        return ""
