"""The page: one HTML file with its data, its style sheet and its scripts, which loads nothing.

The scripts in ``static/`` are ES modules. A page has them in one script element, each module in a function of its own, so that no
server and no tool is needed to read it. The policy in the page allows this script and this style sheet by their hashes, and nothing
else: no request, no other script, no form, no frame.

The data is JSON, compressed with gzip and written in base64, so no text in it can end the element that holds it.
"""

from __future__ import annotations

import base64
import gzip
import html
import re
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, Literal

from generator.view.data import compact

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["execution", "compare", "coverage", "live"]

MODULES: Final = (
    "dom",
    "data",
    "json",
    "virtual",
    "selection",
    "timeline",
    "graph",
    "table",
    "events",
    "panel",
    "header",
    "execution",
    "compare",
    "coverage",
    "live",
    "app",
)
"""The modules, each after those that it imports."""

_IMPORT: Final = re.compile(r'^import \{ ([^}]+) \} from "\./(\w+)\.js";$', re.MULTILINE)
_EXPORT: Final = re.compile(r"^export ((?:async )?(?:function|class|const) (\w+))", re.MULTILINE)
_COMMENT: Final = re.compile(r"^\s*(?:// .*\n|/\*\*(?:[^*]|\*(?!/))*\*/\n)", re.MULTILINE)

_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<div id="bar"><span class="brand">Step Functions execution view</span></div>
<main id="app"><p class="quiet empty">Reading the execution …</p></main>
<div id="said" class="unseen" role="status"></div>
<noscript>This page needs JavaScript, which is in this file: it loads nothing.</noscript>
<script type="text/plain" id="data">{data}</script>
<script>{script}</script>
</body>
</html>
"""


def page(kind: Kind, data: Mapping[str, Any], *, title: str = "Execution") -> str:
    """Return a page as HTML.

    Args:
        kind: what it shows.
        data: its data, as :mod:`generator.view.data` prepares it: ``execution``, ``comparison`` or ``coverage``.
        title: the title of the window.

    >>> text = page("coverage", {"coverage": []}, title="<Coverage>")
    >>> "&lt;Coverage&gt;" in text, "default-src &#x27;none&#x27;" in text
    (True, True)
    """
    packed = base64.b64encode(gzip.compress(compact({"page": kind, **data}).encode(), 6, mtime=0)).decode()
    return _PAGE.format(
        policy=html.escape(policy(live=kind == "live")), title=html.escape(title), style=style(), data=packed, script=script()
    )


def policy(*, live: bool = False) -> str:
    """Return the Content-Security-Policy of a page.

    Args:
        live: whether a server serves the page, which then may ask that server.
    """
    sources = {
        "default-src": "'none'",
        "script-src": f"'sha256-{_hash(script())}'",
        "style-src": f"'sha256-{_hash(style())}'",
        "img-src": "blob:",  # the picture that is saved as PNG
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    if live:
        sources["connect-src"] = "'self'"
    return "; ".join(f"{name} {value}" for name, value in sources.items())


@cache
def script() -> str:
    """Return the modules as one script.

    Raises:
        ValueError: a module imports from one that is not before it, or it is written in a way that is not understood.
    """
    exported: dict[str, frozenset[str]] = {}
    parts = ['"use strict";']
    for name in MODULES:
        text = source(f"{name}.js")
        for names, origin in _IMPORT.findall(text):
            unknown = {each.strip() for each in names.split(",")} - exported.get(origin, frozenset())
            if unknown:
                raise ValueError(f"{name}.js imports {', '.join(sorted(unknown))}, which {origin}.js does not export before it")
        exported[name] = frozenset(found for _, found in _EXPORT.findall(text))
        body = _EXPORT.sub(r"\1", _IMPORT.sub(r"const { \1 } = m_\2;", _COMMENT.sub("", text)))
        if re.search(r"^(?:import|export)\b", body, re.MULTILINE) or "</" in body:
            raise ValueError(f"{name}.js has an import, an export or a closing tag that cannot be put into a page")
        lines = "\n".join(line.strip() for line in body.splitlines() if line.strip())
        parts.append(f"const m_{name} = (() => {{\n{lines}\nreturn {{ {', '.join(sorted(exported[name]))} }};\n}})();")
    return "\n".join(parts)


@cache
def style() -> str:
    """Return the style sheet."""
    return "\n".join(line.strip() for line in source("page.css").splitlines() if line.strip())


def source(name: str) -> str:
    """Return the text of a file of ``static/``."""
    return (files("generator.view") / "static" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return base64.b64encode(sha256(text.encode()).digest()).decode()
