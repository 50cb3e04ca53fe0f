"""The contract of emitters: a compiled workflow in, artifacts out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TypeAlias

    from generator.lower.compiled import CompiledWorkflow


@dataclass(frozen=True, slots=True)
class Artifact:
    """A generated file.

    Attributes:
        path: the path relative to the workflow's folder in ``build/``, with ``/`` between its parts.
        content: the bytes of the file.
    """

    path: str
    content: bytes

    @classmethod
    def of_text(cls, path: str, text: str) -> Artifact:
        """Return the artifact of a text, in UTF-8.

        >>> Artifact.of_text("README.md", "# orders")
        Artifact(path='README.md', content=b'# orders')
        """
        return cls(path, text.encode())


Emitter: TypeAlias = "Callable[[CompiledWorkflow], Iterable[Artifact]]"
"""Writes some of a workflow's artifacts. It gets nothing but the compiled workflow, and touches no file itself.

What several emitters derive from the definition is computed once, with :meth:`generator.asl.walk.Walk.once`.
"""
