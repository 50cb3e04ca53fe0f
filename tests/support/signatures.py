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


def functions(package: ModuleType, *, takes: str, returns: str) -> Iterator[Callable[..., Any]]:
    """Yield the public functions in the modules of a package that take one argument and return a collection.

    Args:
        package: the package; its own ``__init__`` is left out.
        takes: the name in the annotation of the only parameter without a default.
        returns: the name in the annotation of the result, such as ``Finding`` in ``Iterator[Finding]``.

    >>> import generator.checks
    >>> sorted(found.__name__ for found in functions(generator.checks, takes="Walk", returns="Finding"))[:2]
    ['all_placement', 'dead_policies']
    """
    for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(info.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ != info.name or name.startswith("_"):
                continue
            signature = inspect.signature(function)
            needed = [each for each in signature.parameters.values() if each.default is each.empty]
            result = str(signature.return_annotation)
            if len(needed) == 1 and _names(takes, str(needed[0].annotation)) and _names(returns, result) and "[" in result:
                yield function


def _names(word: str, annotation: str) -> bool:
    return re.search(rf"\b{word}\b", annotation) is not None
