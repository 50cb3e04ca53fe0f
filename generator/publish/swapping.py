"""Change a folder as a whole, or not at all.

A copy of the folder is made beside it, with the changes. Files that do not change are hard links in the copy: the same files, with
their permissions and times. Then the two folders are exchanged in one step of the file system, and what the folder was before is
removed. If the process is killed at any moment, the folder is the complete old one or the complete new one; the next run removes
what is left beside it (:func:`recover`).

Only what the plan names is ever lost: before anything is removed, every other file is known to be in the new folder.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import os
import shutil
import stat
import sys
from collections.abc import Container, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

from generator.publish.manifest import digest
from generator.publish.planning import LINK, Plan

_RENAME_EXCHANGE = 2  # linux/fs.h, and RENAME_SWAP of sys/stdio.h on macOS
_AT_FDCWD = -100
_NEW: Final = "new"  # the copy; after the exchange, the old folder
_OLD: Final = "old"  # the old folder, where the file system cannot exchange folders
_NOTE: Final = "note.json"
_NOTE_PART: Final = "note.part"

Tree = dict[str, tuple[int, ...]]
"""What a folder contains: for each path its type and inode, and for a file that was not linked its size and time."""


def stage_of(folder: Path) -> Path:
    """Return the folder beside an output folder in which the copy is made.

    >>> stage_of(Path("build")).as_posix()
    '.build.sfn-generator'
    """
    return folder.with_name(f".{folder.name}.sfn-generator")


class CannotCopyError(OSError):
    """A folder that cannot be exchanged with a copy: the folder is unchanged."""


def swap(folder: Path, plan: Plan) -> None:
    """Make the changes of a plan. The caller holds :func:`locked`, and has called :func:`recover`.

    Args:
        folder: the folder; if it does not exist, it is created.
        plan: the changes, without conflicts.

    Raises:
        CannotCopyError: parts of the folder belong to others or are elsewhere; it must be changed in place.
        OSError: the changes could not be made; the folder is unchanged.
    """
    stage = stage_of(folder)
    try:
        stage.mkdir()
    except PermissionError as error:
        raise CannotCopyError(*error.args, str(stage)) from None
    new = stage / _NEW
    try:
        new.mkdir()
        inode, linked = new.stat().st_ino, dict[str, int]()
        _write_note(stage, inode, plan, linked)
        before = _copy(folder, new, plan, linked) if folder.is_dir() else {}
        _write_note(stage, inode, plan, linked)
        _apply(folder, new, plan)
        if not folder.is_dir():
            new.rename(folder)
            return
        unchanged = all(_was(folder / path, known) for path, known in plan.replaces.items())
        if unchanged:
            _exchange(folder, stage)
            unchanged = _tree(_left(stage), linked) == before
            if not unchanged:
                _exchange(folder, stage)
        if not unchanged:
            raise OSError(errno.EBUSY, "another program changed the folder at the same time: run the command again", str(folder))
        _discard(_left(stage), folder, plan.replaces, linked)
    finally:
        if _left(stage).is_dir() and not _is_old(stage):
            _remove(_left(stage))  # the copy, of which the folder still has everything
        with contextlib.suppress(OSError):
            _close(stage)


def recover(folder: Path) -> None:
    """Remove what a killed run left beside a folder; restore the folder if the run was killed between two renames.

    Args:
        folder: the output folder, not a link.

    Raises:
        OSError: what is left contains files that are nowhere else, or is not ours.
    """
    stage = stage_of(folder)
    if not os.path.lexists(stage):
        return
    there = {entry.name for entry in os.scandir(stage)} if stage.is_dir() and not stage.is_symlink() else {""}
    if not there <= {_NEW, _OLD, _NOTE, _NOTE_PART}:
        raise FileExistsError(errno.EEXIST, "it is in the way of sfn-generator, which did not make it: move it away", str(stage))
    if (stage / _OLD).is_dir() and not folder.exists():
        (stage / _OLD).rename(folder)
    left = _left(stage)
    if left.is_dir():
        note = _note(stage)
        if _is_old(stage):
            _discard(left, folder, note.get("replaced", {}), note.get("linked", {}))
        elif note or not any(left.iterdir()):
            _remove(left)
    _close(stage)


def _close(stage: Path) -> None:
    """Remove the empty stage."""
    if not _left(stage).exists():
        (stage / _NOTE_PART).unlink(missing_ok=True)
        (stage / _NOTE).unlink(missing_ok=True)
    stage.rmdir()


def _left(stage: Path) -> Path:
    return stage / _OLD if (stage / _OLD).is_dir() else stage / _NEW


def _write_note(stage: Path, inode: int, plan: Plan, linked: Mapping[str, int]) -> None:
    """Write what the next run needs to know if this one is killed: which folder is the copy, and what it has of the old one."""
    (stage / _NOTE_PART).write_text(json.dumps({"inode": inode, "replaced": plan.replaces, "linked": linked}), encoding="utf-8")
    (stage / _NOTE_PART).replace(stage / _NOTE)


def _note(stage: Path) -> dict[str, Any]:
    try:
        found = json.loads((stage / _NOTE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_old(stage: Path) -> bool:
    """Return whether the folder in the stage is the old one: the exchange has taken place."""
    left = _left(stage)
    note = _note(stage)
    return left.name == _OLD or (bool(note) and left.is_dir() and left.stat().st_ino != note.get("inode"))


# -- the copy ------------------------------------------------------------------------------------------------------------


def _tree(folder: Path, linked: Container[str] = ()) -> Tree:
    """Return what a folder contains. Links are not followed. The content of a file that was linked may change: it is shared."""
    found: Tree = {}
    waiting = [(folder, "")]
    while waiting:
        below, prefix = waiting.pop()
        for entry in os.scandir(below):
            path, known = prefix + entry.name, entry.stat(follow_symlinks=False)
            kind = stat.S_IFMT(known.st_mode)
            shared = stat.S_ISDIR(kind) or path in linked
            found[path] = (kind, known.st_ino) if shared else (kind, known.st_ino, known.st_size, known.st_mtime_ns)
            if entry.is_dir(follow_symlinks=False):
                waiting.append((Path(entry.path), f"{prefix}{entry.name}/"))
    return found


def _copy(folder: Path, new: Path, plan: Plan, linked: dict[str, int]) -> Tree:
    """Copy a folder without the files that the plan replaces; note what was linked, and return what the folder contains."""
    tree = _tree(folder)
    device = folder.stat().st_dev
    _expect_own(folder, device)
    for path, (kind, *_) in sorted(tree.items()):
        source, target = folder / path, new / path
        if stat.S_ISDIR(kind):
            _expect_own(source, device)
            target.mkdir()
        elif path not in plan.replaces and _link(source, target):
            linked[path] = tree[path][1]
    return {path: signature[:2] if path in linked else signature for path, signature in tree.items()}


def _expect_own(folder: Path, device: int) -> None:
    """Check that this user can make a folder with the same owner, in the same file system.

    Raises:
        CannotCopyError: the folder belongs to another user, or another file system is mounted there.
    """
    found = folder.stat()
    if found.st_dev != device or os.geteuid() not in {0, found.st_uid}:
        raise CannotCopyError(errno.EXDEV, "it belongs to another user, or to another file system", str(folder))


def _link(source: Path, target: Path) -> bool:
    """Make a hard link, or a copy where the file system has no hard links. Return whether it is a link."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        owner = source.lstat().st_uid
        if error.errno not in {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS}:
            raise
        if owner != os.geteuid():
            raise CannotCopyError(errno.EPERM, "it belongs to another user", str(source)) from None
        shutil.copy2(source, target, follow_symlinks=False)
        return False
    return True


def _apply(folder: Path, new: Path, plan: Plan) -> None:
    """Write the new files into the copy, remove folders that have lost their last file, and give all folders their permissions."""
    for path, content in plan.writes.items():
        target = new / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        if plan.replaces.get(path, LINK) != LINK:
            shutil.copymode(folder / path, target)
    for path in sorted(plan.replaces.keys() - plan.writes.keys(), reverse=True):
        for parent in (new / path).relative_to(new).parents:
            with contextlib.suppress(OSError):  # it is not empty
                if parent.name:
                    (new / parent).rmdir()
    changed = {folder / parent for path in {*plan.writes, *plan.replaces} for parent in PurePosixPath(path).parents}
    for path, (kind, *_) in sorted(_tree(new).items(), reverse=True):
        if stat.S_ISDIR(kind):
            _like(folder / path, new / path, changed=folder / path in changed)
    _like(folder, new, changed=True)


def _like(folder: Path, copy: Path, *, changed: bool) -> None:
    """Give a folder the owner and the permissions of the one that it is a copy of; also its times, if it has the same files."""
    if folder.is_dir() and not folder.is_symlink():
        found, now = folder.stat(), copy.stat()
        if (found.st_uid, found.st_gid) != (now.st_uid, now.st_gid):
            with contextlib.suppress(OSError):
                os.chown(copy, found.st_uid, found.st_gid)
        shutil.copystat(folder, copy)
        if changed:
            os.utime(copy)


# -- the exchange --------------------------------------------------------------------------------------------------------


def _exchange(folder: Path, stage: Path) -> None:
    """Exchange a folder with the one in the stage. Where one system call cannot do it, rename one after the other."""
    if (stage / _OLD).is_dir():  # back again
        folder.rename(stage / _NEW)
        (stage / _OLD).rename(folder)
    elif not _renamed_in_one_call(stage / _NEW, folder):
        folder.rename(stage / _OLD)
        (stage / _NEW).rename(folder)


def _renamed_in_one_call(one: Path, other: Path) -> bool:
    """Exchange two folders in one system call. Return False if the system or its file system does not support it."""
    libc = ctypes.CDLL(None, use_errno=True)
    first, second = os.fsencode(one), os.fsencode(other)
    try:
        if sys.platform == "darwin":
            result = libc.renamex_np(first, second, _RENAME_EXCHANGE)
        else:
            result = libc.renameat2(_AT_FDCWD, first, _AT_FDCWD, second, _RENAME_EXCHANGE)
    except AttributeError:
        return False
    if result == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.EBUSY, errno.EXDEV):  # something is mounted there
        raise CannotCopyError(code, os.strerror(code), str(other))
    if code in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
        return False
    raise OSError(code, os.strerror(code), str(other))


# -- the old folder ------------------------------------------------------------------------------------------------------


def _discard(old: Path, folder: Path, replaced: Mapping[str, str], linked: Mapping[str, int]) -> None:
    """Remove the old folder. A file in it that the plan did not replace was in the new folder, too; one that was not is moved there.

    Raises:
        OSError: a file in the old folder is nowhere else, and the new folder has another one in its place.
    """
    for path, (kind, inode, *_) in sorted(_tree(old).items(), reverse=True):
        here, there = old / path, folder / path
        if stat.S_ISDIR(kind):
            _writable(here)
            here.rmdir()
        elif inode == linked.get(path) or _same(here, there) or _was(here, replaced.get(path, "")):
            _writable(here.parent)
            here.unlink()
        elif not os.path.lexists(there):
            there.parent.mkdir(parents=True, exist_ok=True)
            here.rename(there)
        else:
            raise FileExistsError(errno.EEXIST, "an interrupted run left this file, of which there is now another: compare them", str(here))
    _writable(old)
    old.rmdir()


def _same(one: Path, other: Path) -> bool:
    """Return whether two files are one, or have the same content."""
    try:
        first, second = one.lstat(), other.lstat()
    except OSError:
        return False
    if (first.st_dev, first.st_ino) == (second.st_dev, second.st_ino):
        return True
    if stat.S_ISLNK(first.st_mode) and stat.S_ISLNK(second.st_mode):
        return one.readlink() == other.readlink()
    return stat.S_ISREG(first.st_mode) and stat.S_ISREG(second.st_mode) and one.read_bytes() == other.read_bytes()


def _was(file: Path, replaced: str) -> bool:
    """Return whether a file is what the plan replaced."""
    try:
        mode = file.lstat().st_mode
    except OSError:
        return False
    return replaced == (digest(file.read_bytes()) if stat.S_ISREG(mode) else LINK)


def _writable(folder: Path) -> None:
    """Let the entries of a folder be removed, which is about to be removed itself."""
    if not os.access(folder, os.W_OK | os.X_OK):
        folder.chmod(stat.S_IRWXU)


def _remove(tree: Path) -> None:
    """Remove a copy. Its folders may be read-only."""
    for below in sorted(tree.rglob("*")):
        if below.is_dir() and not below.is_symlink():
            _writable(below)
    shutil.rmtree(tree, ignore_errors=True)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a lock on a folder, so that one process at a time publishes into it. Without effect on systems without ``fcntl``."""
    try:
        import fcntl  # noqa: PLC0415  not on Windows
    except ImportError:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)  # the folder itself is the lock: no file of ours is left behind
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
