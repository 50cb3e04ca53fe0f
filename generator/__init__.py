"""AWS Step Functions workflows as declarative Python, compiled to ASL, IAM policies, Terraform and documents.

Everything that a file in ``workflows/`` needs is imported from here; :mod:`generator.vocabulary` lists it. The vocabulary is
loaded when a name of it is used, so that commands which need none of it start quickly.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from generator.vocabulary import *  # noqa: F403  the one list is there
    from generator.vocabulary import __all__ as __all__


def __getattr__(name: str) -> Any:
    if name.startswith("__") and name != "__all__":  # what Python and tools ask every package for
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    vocabulary = import_module("generator.vocabulary")
    if name == "__all__":
        return vocabulary.__all__
    if name not in vocabulary.__all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name, obj=vocabulary)
    return getattr(vocabulary, name)


def __dir__() -> list[str]:
    return [*globals(), *import_module("generator.vocabulary").__all__]
