"""Replace ``build/`` as a whole, or not at all.

The new folder is written beside the old one; then the two are exchanged in one step of the file system. If the process is killed
at any moment, ``build/`` is the complete old folder or the complete new one.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

_RENAME_EXCHANGE = 2  # linux/fs.h, and RENAME_SWAP of sys/stdio.h on macOS
_AT_FDCWD = -100


def read_tree(folder: Path) -> dict[str, bytes]:
    """Return the contents of all files below a folder by their relative POSIX paths, sorted; empty if the folder does not exist."""
    if not folder.is_dir():
        return {}
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


def differences(folder: Path, artifacts: Mapping[str, bytes]) -> list[tuple[str, str]]:
    """Compare a folder with its artifacts; return each difference as ``(path, "missing" | "changed" | "extra")``, sorted."""
    there = read_tree(folder)
    found = [(path, "missing") for path in artifacts if path not in there]
    found += [(path, "changed") for path in artifacts if path in there and there[path] != artifacts[path]]
    found += [(path, "extra") for path in there if path not in artifacts]
    return sorted(found)


def publish(folder: Path, artifacts: Mapping[str, bytes]) -> list[tuple[str, str]]:
    """Replace the content of a folder by the artifacts; if nothing changed, write nothing.

    Args:
        folder: usually ``build/``.
        artifacts: contents by relative POSIX path.

    Returns:
        the differences that there were, as :func:`differences` returns them.

    Raises:
        OSError: the artifacts could not be written; the folder is unchanged.
    """
    changed = differences(folder, artifacts)
    if not changed:
        return []
    folder = folder.resolve()  # a link stays one, and what it leads to is replaced
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        new = folder.with_name(f".{folder.name}.new")
        _remove(new)
        try:
            new.mkdir()
            for path, content in artifacts.items():
                target = new / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            _swap(new, folder)
        finally:
            _remove(new)  # now the old tree, or what a failure left of the new one
    return changed


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def recover(folder: Path) -> None:
    """Restore the old folder if a run was killed between the two renames of a swap."""
    aside = folder.with_name(f".{folder.name}.old")
    if aside.is_dir() and not folder.exists():
        aside.rename(folder)
    shutil.rmtree(aside, ignore_errors=True)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold a lock, so that one process at a time publishes. Without effect on systems without ``fcntl``."""
    try:
        import fcntl  # noqa: PLC0415  not on Windows
    except ImportError:
        yield
        return
    descriptor = os.open(folder.parent, os.O_RDONLY)  # the folder itself is the lock: no file of ours is left behind
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _swap(new: Path, folder: Path) -> None:
    if not folder.exists():
        new.rename(folder)
        return
    if _exchange(new, folder):
        return
    aside = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(aside, ignore_errors=True)
    folder.rename(aside)
    new.rename(folder)
    shutil.rmtree(aside, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
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
    if code in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
        return False
    raise OSError(code, os.strerror(code), str(other))
