"""Places in the author's code: the file, line and column of the call that made a value."""

from __future__ import annotations

import sys
import sysconfig
from ast import literal_eval
from dataclasses import dataclass, fields
from functools import cache, lru_cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from generator.diagnostics.codes import severity_of
from generator.diagnostics.model import Diagnostic, InvalidWorkflowError, Span


@dataclass(frozen=True, slots=True)
class Source:
    """A place in an author's code. The column is computed only when a diagnostic is shown.

    Attributes:
        code: the code object that was running; None where the place is unknown.
        instruction: the offset of its instruction (``f_lasti``).
        line: the line, counted from 1.
        module: the name of the module.
    """

    code: CodeType | None
    instruction: int
    line: int
    module: str

    @property
    def file(self) -> str:
        """The path of the file, relative to the project's folder; it is the same on every machine.

        >>> UNKNOWN.file
        ''
        """
        return "" if self.code is None else _module_file(self.code.co_filename, self.module)

    def position(self) -> tuple[int | None, int | None, int | None, int | None]:
        """Return the first and the last line of the instruction, and its columns in bytes, as far as Python knows them."""
        return (None,) * 4 if self.code is None else _positions(self.code)[self.instruction // 2]

    def span(self) -> Span:
        """Return the file, the line and the columns of the call."""
        if self.code is None:
            return Span("<unknown>")
        line, end_line, column, end_column = self.position()
        end = None if end_column is None else end_column + 1
        return Span(relative(self.code.co_filename), line or self.line, (column or 0) + 1, end_line, end)


@lru_cache(maxsize=256)
def _module_file(filename: str, module: str) -> str:
    if module == "__main__" or filename.startswith("<"):
        return ""
    package = "/__init__" if Path(filename).stem == "__init__" else ""
    return _prefixes.get(module.partition(".")[0], "") + module.replace(".", "/") + package + ".py"


_prefixes: dict[str, str] = {}


def import_package_from(package: str, folder: str) -> None:
    """Note the folder that a package is imported from, so that paths of its files are relative to the project's folder.

    Args:
        package: the outermost package, such as ``acme``.
        folder: the folder relative to the project's folder, such as ``src``; ``.`` is the project's folder.

    >>> import_package_from("acme", "src")
    >>> _module_file("/home/a/src/acme/orders.py", "acme.orders")
    'src/acme/orders.py'
    """
    _prefixes[package] = "" if folder == "." else folder + "/"
    _module_file.cache_clear()


@lru_cache(maxsize=64)
def _positions(code: CodeType) -> list[tuple[int | None, int | None, int | None, int | None]]:
    """Return the places of all instructions. Python can only read them from the first one on, so they are read once per module."""
    return list(code.co_positions())


UNKNOWN = Source(None, 0, 1, "")


@lru_cache(maxsize=256)
def relative(file: str) -> str:
    """Return a path relative to the working directory if it is inside it, so that output is the same on every machine.

    >>> relative("workflows/order_processing.py")
    'workflows/order_processing.py'
    """
    path = Path(file)
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


def here() -> Source:
    """Return the place in the author's code that called the vocabulary: the first frame outside this package.

    The frames of Python's standard library are passed over: ``dataclasses.replace`` makes steps, and ``json`` and ``string`` turn
    values into text, for the author who calls them.

    >>> here().line > 0
    True
    """
    frame = _caller()
    while frame.f_back is not None and frame.f_globals.get("__name__") in _COPYING:
        frame = frame.f_back
    return Source(frame.f_code, frame.f_lasti, frame.f_lineno, frame.f_globals.get("__name__", ""))


def _caller() -> FrameType:
    """Return the first frame outside this package."""
    frame = sys._getframe(1)  # noqa: SLF001  documented, and faster than a traceback
    while frame.f_back is not None and (
        frame.f_globals.get("__name__", "").startswith("generator.dsl") or _in_standard_library(frame.f_code.co_filename)
    ):
        frame = frame.f_back
    return frame


_COPYING = frozenset({"dataclasses", "copy"})
"""The modules with ``dataclasses.replace`` and ``copy.replace``."""


def original() -> object:
    """Return the object that ``dataclasses.replace`` or ``copy.replace`` is copying; None if neither calls the vocabulary."""
    frame = sys._getframe(1)  # noqa: SLF001  documented, and faster than a traceback
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("generator.dsl"):
        frame = frame.f_back
    if frame.f_globals.get("__name__") not in _COPYING:
        return None
    return frame.f_locals.get("obj", frame.f_locals.get("self"))


_LIBRARY = tuple(f"{sysconfig.get_path(name)}/" for name in ("stdlib", "platstdlib"))


@lru_cache(maxsize=1024)
def _in_standard_library(file: str) -> bool:
    return file.startswith(_LIBRARY) and not file.endswith("/doctest.py") and "/site-packages/" not in file


def listed(value: object) -> tuple[object, ...]:
    """Return one value, or a list of values, as a tuple.

    >>> listed([1, 2]), listed(3)
    ((1, 2), (3,))
    """
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def expect(value: object, kinds: type | tuple[type, ...], what: str, expected: str, *, hint: str = "") -> None:
    """Check the type of a value at the place where it is written.

    Raises:
        AuthoringError: the value has none of the types.
    """
    if not isinstance(value, kinds):
        raise AuthoringError(f"{what} must be {expected}", found=shown(value), hint=hint)


def shown(value: object) -> str:
    """Return a wrong value with its type, for ``found`` in a diagnostic.

    >>> shown([1, 2])
    'list: [1, 2]'
    """
    try:
        return f"{type(value).__name__}: {value!r}"[:80]
    except Exception:  # noqa: BLE001  an author's __repr__ can raise any exception
        return type(value).__name__


def expect_fields(value: Any) -> None:
    """Check the types of the fields of a dataclass that are text, numbers, booleans or literals.

    Steps do not need this: the values of their fields are in the definition, which the checks validate.

    Raises:
        AuthoringError: a field has a value of another type.
    """
    for name, takes, expected in _plain_fields(value.__class__):
        held = getattr(value, name)
        if not any(held == one if isinstance(one, str) else type(held) is one for one in takes):
            named = getattr(value, "name", None)
            called = type(value).__name__ + (f" {named!r}" if isinstance(named, str) else "")
            raise AuthoringError(f"{name} of the {called} must be {expected}", found=shown(held))


_PLAIN = {"str": (str, "text"), "int": (int, "a whole number"), "bool": (bool, "True or False"), "None": (type(None), "None")}


@cache
def _plain_fields(cls: Any) -> list[tuple[str, list[type | str], str]]:
    """Return the fields with a simple annotation: the name, the allowed types or literals, and the description of them."""
    found = []
    for field in fields(cls):
        takes: list[type | str] = []
        words: list[str] = []
        for part in str(field.type).split(" | "):
            if part.startswith("Literal["):
                literals = literal_eval(f"({part.removeprefix('Literal[').removesuffix(']')},)")
                takes += literals
                words += literals
            elif part in _PLAIN:
                takes.append(_PLAIN[part][0])
                words.append(_PLAIN[part][1])
            else:
                break
        else:
            found.append((field.name, takes, " or ".join(words)))
    return found


class AuthoringError(InvalidWorkflowError, TypeError):
    """A mistake in the author's code, such as ``and`` between expressions, with its place."""

    def __init__(self, message: str, *, found: str = "", expected: str = "", hint: str = "", code: str = "SFN806") -> None:
        """Make the diagnostic with the place in the author's code."""
        super().__init__([Diagnostic(code, severity_of(code), message, here().span(), "", found, expected, hint)])


class UnknownNameError(AuthoringError, AttributeError):
    """A name that the vocabulary does not have. It is an ``AttributeError``, too, since Python asks with ``hasattr`` and ``getattr``."""
