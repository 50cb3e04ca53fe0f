"""Change the files of a folder one by one, where it cannot be exchanged as a whole.

That is so if parts of the folder belong to other users, as after a run of Terraform in a container, if another file system is
mounted in it, or if its parent folder is closed. All new files are written first, and a journal of the changes last. Then the files
are renamed to their places, which takes no space. If the process is killed in between, the next run goes on (:func:`resume`).
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
from pathlib import Path
from typing import Any, Final

from generator.publish import manifest
from generator.publish.manifest import digest
from generator.publish.planning import LINK, Plan

STAGE: Final = ".sfn-generator.new"
"""The folder of the new files, in the output folder: the same file system."""

_JOURNAL: Final = "journal.json"


def change(folder: Path, plan: Plan) -> None:
    """Make the changes of a plan. The caller holds the lock, and has called :func:`resume`.

    Args:
        folder: the folder.
        plan: the changes, without conflicts.

    Raises:
        OSError: the changes could not be made; the folder is unchanged.
    """
    for path in {*plan.writes, *plan.replaces}:
        parent = next(parent for parent in (folder / path).parents if parent.is_dir())
        if not os.access(parent, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "files cannot be changed in this folder", str(parent))
    stage = folder / STAGE
    stage.mkdir()
    try:
        # The manifest is the last one: until then, the files are those of the journal.
        order = sorted(plan.writes, key=lambda path: (path == manifest.NAME, path))
        for number, path in enumerate(order):
            new = stage / str(number)
            new.write_bytes(plan.writes[path])
            if plan.replaces.get(path, LINK) != LINK:
                new.chmod(stat.S_IMODE((folder / path).stat().st_mode))
        journal = {"writes": order, "replaces": plan.replaces}
        partial = stage / "journal"
        partial.write_text(json.dumps(journal), encoding="utf-8")
        partial.rename(stage / _JOURNAL)
    except OSError:
        _close(stage)
        raise
    resume(folder)


def resume(folder: Path) -> None:
    """Finish the changes of a run that was killed, or remove what it had prepared.

    Args:
        folder: the output folder.

    Raises:
        OSError: the changes could not be made, or the folder of new files is not ours.
    """
    stage = folder / STAGE
    if not os.path.lexists(stage):
        return
    if stage.is_symlink() or not stage.is_dir() or not all(_ours(one.name) for one in stage.iterdir()):
        raise FileExistsError(errno.EEXIST, "it is in the way of sfn-generator, which did not make it: move it away", str(stage))
    if (stage / _JOURNAL).is_file():
        _apply(folder, stage, json.loads((stage / _JOURNAL).read_text(encoding="utf-8")))
        (stage / _JOURNAL).unlink()
    _close(stage)


def _ours(name: str) -> bool:
    return name.isdecimal() or name in {_JOURNAL, "journal"}


def _apply(folder: Path, stage: Path, journal: dict[str, Any]) -> None:
    replaces = journal["replaces"]
    for path in sorted(replaces.keys() - set(journal["writes"])):
        target = folder / path
        if _is(target, replaces[path]):
            target.unlink()
        for parent in Path(path).parents:
            if parent.name:
                with contextlib.suppress(OSError):  # it is not empty
                    (folder / parent).rmdir()
    for number, path in enumerate(journal["writes"]):
        new, target = stage / str(number), folder / path
        if new.is_file() and (not os.path.lexists(target) or _is(target, replaces.get(path, ""))):
            target.parent.mkdir(parents=True, exist_ok=True)
            new.replace(target)


def _is(file: Path, replaced: str) -> bool:
    """Return whether a file is the one that the plan replaces. Somebody may have changed it since."""
    try:
        mode = file.lstat().st_mode
    except OSError:
        return False
    return replaced == (digest(file.read_bytes()) if stat.S_ISREG(mode) else LINK if not stat.S_ISDIR(mode) else "folder")


def _close(stage: Path) -> None:
    for one in stage.iterdir():
        one.unlink()
    stage.rmdir()
