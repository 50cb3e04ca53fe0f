"""Handlers of functions, imported from the folder of a project."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from generator.loader import claim_package

if TYPE_CHECKING:
    from generator.engine.calls.functions import Handler


def import_handler(root: Path, folder: str, handler: str) -> Handler:
    """Return the handler in a folder of a project, after importing its module.

    Args:
        root: the folder of the project.
        folder: the folder of the function below it, such as ``functions/validator``.
        handler: the module and the function in it, such as ``handler.handler``.

    Raises:
        Exception: whatever the module raises; AttributeError if it has no such function.
    """
    module, _, name = handler.rpartition(".")
    parts = Path(folder).parts
    sys.path.insert(0, str(root))
    try:
        for depth in range(1, len(parts) + 1):
            claim_package(".".join(parts[:depth]), root.joinpath(*parts[:depth]))
        loaded = importlib.import_module(".".join([*parts, module]))
    finally:
        sys.path.remove(str(root))
    return getattr(loaded, name)  # type: ignore[no-any-return]


def project_files(root: Path) -> list[str]:
    """Return the files below a folder of which this process has imported modules, without those of a virtual environment."""
    below = f"{root}{os.sep}"
    files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    return sorted(file for file in files if file and file.startswith(below) and "site-packages" not in file)
