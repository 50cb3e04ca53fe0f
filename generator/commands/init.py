"""``init``: start a project that runs at once.

Its files are in ``skeleton/`` beside this module, under names that no tool takes for its own: ``dot_gitignore.in`` becomes
``.gitignore``. ``@PROJECT@`` in them is the name of the project.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from generator.commands.report import FAILED, PASSED, count, say

_SKELETON = Path(__file__).parent / "skeleton"
_SUFFIX = ".in"
_NEXT = """
Next, in {folder}:
  make setup                # once: a virtual environment in .venv
  make generate             # workflows/ to build/
  make test                 # the workflow in a test, here
  make run                  # and once more, to look at
Without make: sfn-generator generate, pytest, sfn-generator run process-order --input order.json"""


def init(folder: Path) -> int:
    """Write the files of a new project. If one of them exists, write nothing.

    Args:
        folder: the folder of the project; it need not exist.

    Returns:
        the exit code.
    """
    files = skeleton(project_name(folder.resolve().name))
    if taken := sorted(path for path in files if _taken(folder, path)):
        say(f"error: {count(len(taken), 'file')} of a new project would be replaced in {folder}; nothing is written:")
        for path in taken:
            say(f"  {path}")
        say("help: move them away, or start in another folder: sfn-generator init DIR")
        return FAILED
    made: list[Path] = []
    try:
        for path, text in files.items():
            _write(folder / path, text, made)
    except OSError as error:
        for one in reversed(made):
            with contextlib.suppress(OSError):
                one.rmdir() if one.is_dir() else one.unlink()
        say(f"error: {error.filename or folder}: {error.strerror or error}; nothing is written")
        return FAILED
    say(f"{count(len(files), 'file')} in {folder.resolve().name}/: a workflow, its resources, a function, tests, Makefile, CI.")
    say(_NEXT.format(folder=folder))
    return PASSED


def skeleton(name: str) -> dict[str, str]:
    """Return the files of a new project by their paths.

    Args:
        name: the name of the project.

    >>> [path for path in skeleton("acme") if "/" not in path]
    ['.gitignore', '.pre-commit-config.yaml', 'Makefile', 'README.md', 'order.json', 'pyproject.toml']
    """
    return dict(sorted(_files(name)))


def _files(name: str) -> Iterator[tuple[str, str]]:
    for file in _SKELETON.rglob(f"*{_SUFFIX}"):
        parts = file.relative_to(_SKELETON).as_posix().removesuffix(_SUFFIX).split("/")
        path = "/".join(re.sub("^dot_", ".", part) for part in parts)
        yield path, file.read_text(encoding="utf-8").replace("@PROJECT@", name)


def project_name(folder: str) -> str:
    """Return the name of the project in a folder, as Python packages have them.

    >>> project_name("My Orders_2"), project_name("…")
    ('my-orders-2', 'workflows')
    """
    return re.sub(r"[^a-z0-9]+", "-", folder.lower()).strip("-") or "workflows"


def _taken(folder: Path, path: str) -> bool:
    """Return whether a file cannot be written: it exists, or a parent of it is not a folder."""
    parents = [folder / parent for parent in PurePosixPath(path).parents]
    return os.path.lexists(folder / path) or any(os.path.lexists(parent) and not parent.is_dir() for parent in parents)


def _write(file: Path, text: str, made: list[Path]) -> None:
    """Write a file with its folders, and note what was made. A file that appeared in the meantime is not replaced."""
    missing = [parent for parent in file.parents if not parent.exists()]
    for parent in reversed(missing):
        parent.mkdir()
        made.append(parent)
    with file.open("x", encoding="utf-8") as stream:
        made.append(file)
        stream.write(text)
