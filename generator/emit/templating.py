"""The templates of the emitters, which are in the folder ``templates``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jinja2 import Environment


def environment(
    *, finalize: Callable[[object], object] | None = None, filters: Mapping[str, Callable[..., str]] | None = None
) -> Environment:
    """Return a jinja2 environment that reads the templates.

    It does not escape for HTML, because no template is HTML. Each emitter escapes for its own format.

    Args:
        finalize: the function that each value goes through before it is written.
        filters: the filters of the templates, by name.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=False,  # noqa: S701  see above
        finalize=finalize,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= filters or {}
    return made
