"""The way into the library ``generator`` for the command and for pytest.

Authors write ``from generator import …``. A project may have a ``generator.py`` or a ``generator/`` of its own, which comes first on
the import path in many ways of starting Python. So the command and the pytest plugin start in this package, whose name no project
has, and it imports the library from the folder beside it.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
"""The folder that this package and the library are installed in."""

LIBRARY = "generator"


class HiddenLibraryError(ImportError):
    """Another module has the name of the library."""


def load_library() -> None:
    """Import the library, whatever comes first on the import path.

    Raises:
        HiddenLibraryError: another module of its name has been imported.
    """
    if LIBRARY not in sys.modules:
        sys.path.insert(0, str(HOME))
        try:
            import_module(LIBRARY)
        finally:
            sys.path.remove(str(HOME))
    if hidden := hidden_by():
        raise HiddenLibraryError(advice(hidden))


def hidden_by() -> str:
    """Return the file of the module that has been imported in place of the library; empty if there is none.

    >>> hidden_by()
    ''
    """
    module = sys.modules.get(LIBRARY)
    if module is None:
        return ""
    places = [getattr(module, "__file__", None), *getattr(module, "__path__", [])]
    found = [Path(place).resolve() for place in places if place]
    ours = HOME / LIBRARY
    return "" if any(path in {ours, ours / "__init__.py"} for path in found) else str(found[0] if found else module)


def advice(file: str) -> str:
    """Return the message about a module that hides the library."""
    return f"{file} hides the library {LIBRARY!r} of sfn-generator, which workflows import: rename it"


def main() -> None:
    """Run the command ``sfn-generator``."""
    try:
        load_library()
    except HiddenLibraryError as error:
        sys.stderr.write(f"error: {error}\n")
        raise SystemExit(2) from None
    import_module(f"{LIBRARY}.cli").main()
