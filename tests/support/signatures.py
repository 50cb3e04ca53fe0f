"""The functions of a package, found by what their annotations say: to see whether a table lists all of them."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType


def functions(package: ModuleType, *, returns: str, takes: str = "") -> Iterator[Callable[..., Any]]:
    """Yield the public functions in the modules of a package that return a collection.

    Args:
        package: the package; its own ``__init__`` is left out.
        returns: the annotation of an item of the result, as a regular expression, such as ``Finding`` for ``Iterator[Finding]``.
        takes: the name in the annotation of the first parameter; by default any.

    >>> import generator.checks
    >>> sorted(found.__name__ for found in functions(generator.checks, returns="Finding", takes="Walk"))[:1]
    ['all_placement']
    """
    for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(info.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ != info.name or name.startswith("_"):
                continue
            signature = inspect.signature(function)
            first = next((str(each.annotation) for each in signature.parameters.values()), "")
            if re.fullmatch(rf"(Iterator|Iterable|list|tuple)\[({returns})\b.*\]", str(signature.return_annotation)) and takes in first:
                yield function
