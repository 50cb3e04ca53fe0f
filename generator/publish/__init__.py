"""Writing the output folder: only our files, as a whole or not at all.

``manifest`` lists the files that we wrote, and ``planning`` compares the folder with what is generated. ``swapping`` makes the changes in
one step, and ``journal`` does where that is not possible.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from generator.publish import journal
from generator.publish.manifest import NAME as MANIFEST
from generator.publish.manifest import ManifestError
from generator.publish.planning import Conflict, Plan, plan
from generator.publish.swapping import CannotCopyError, locked, recover, swap

__all__ = ["MANIFEST", "Conflict", "ManifestError", "Plan", "plan", "publish", "recover"]


def publish(folder: Path, artifacts: Mapping[str, bytes], *, overwrite: bool = False) -> Plan:
    """Write artifacts and their manifest into a folder, and remove those of an earlier run that are no longer generated.

    Nothing else in the folder is changed or removed. If something is in the way, or if nothing changed, nothing is written.

    Args:
        folder: the output folder. If it is a link, it stays one.
        artifacts: contents by relative POSIX path.
        overwrite: whether to replace files that are in the way, or that were edited by hand.

    Returns:
        what was changed, or what is in the way.

    Raises:
        ManifestError: the manifest in the folder cannot be used.
        OSError: the artifacts could not be written; the folder is unchanged.
    """
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with locked(folder.parent):
        recover(folder)
        journal.resume(folder)
        made = plan(folder, artifacts, overwrite=overwrite)
        if made.changes and not made.conflicts:
            try:
                swap(folder, made)
            except CannotCopyError:
                journal.change(folder, made)
    return made
