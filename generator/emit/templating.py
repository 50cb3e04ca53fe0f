"""The environment of the emitters' templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from jinja2 import Environment


def environment(
    folder: Path, *, finalize: Callable[[object], object] | None = None, filters: Mapping[str, Callable[..., str]] | None = None
) -> Environment:
    """Return a jinja2 environment that reads the templates of a folder.

    It does not escape for HTML, because no template is HTML. Each emitter escapes for its own format.

    Args:
        folder: the folder.
        finalize: the function that each value goes through before it is written.
        filters: the filters of the templates, by name.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(folder),
        autoescape=False,  # noqa: S701  no template is HTML
        finalize=finalize,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= filters or {}
    return made
