"""Pictures of a state machine: :func:`mermaid` for wikis that draw text, :func:`svg` for everything that shows images."""

from __future__ import annotations

from generator.emit.mermaid import drawable, mermaid
from generator.emit.svg import svg

MERMAID_FILE = "diagram.mmd"
SVG_FILE = "diagram.svg"

__all__ = ["MERMAID_FILE", "SVG_FILE", "drawable", "mermaid", "svg"]
