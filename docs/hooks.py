"""Hooks of MkDocs.

The pages about diagnostics are made from the catalogue, and that about commands from the parser of the command line, so that each
fact is in one place. The build fails if a page would load anything from another host.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

from generator.cli import commands_of, parser
from generator.diagnostics.codes import CODES, THEMES, explain

FOLDER = "diagnostics"
"""The folder of the pages about diagnostics, one for each code."""
# The word after the language says how a test checks the example.
_INFO = re.compile(r"^```(\w+) (\w+)$", re.MULTILINE)
# What a browser loads by itself: scripts, pictures, style sheets, fonts.
_LOADED = re.compile(
    r"""(?:\bsrc|\bsrcset|<link[^>]*\bhref)\s*=\s*["']?(?:https?:)?//[^"'>\s]+|(?:url\(|@import)\s*["']?(?:https?:)?//[^"')]+"""
)


def on_files(files: Files, config: Any) -> Files:
    """Add a page for each diagnostic code."""
    for code in CODES:
        files.append(File.generated(config, f"{FOLDER}/{code}.md", content=page(code)))
    return files


def page(code: str) -> str:
    """Return the page of a code."""
    severity = str(CODES[code].severity.value)
    heading, _, rest = _INFO.sub(r"```\1", explain(code)).partition("\n")
    return f"{heading}\n\n*{severity}, {CODES[code].theme}*\n{rest}\n[All diagnostics](index.md)\n"


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Replace the marks of the pages that are written by hand."""
    for name, mark, text in ((f"{FOLDER}/index.md", "<!-- codes -->", codes), ("reference/commands.md", "<!-- commands -->", commands)):
        if page.file.src_uri == name:
            markdown = markdown.replace(mark, text())
    return markdown


def commands() -> str:
    """Return the help of each command."""
    os.environ["COLUMNS"] = "92"  # argparse fills lines of this width
    return "\n\n".join(f"## {name}\n\n```text\n{command.format_help()}```" for name, command in commands_of(parser()).items())


def codes() -> str:
    """Return a table of codes for each theme."""
    tables = []
    for digit, theme in THEMES.items():
        rows = [f"| [{c.code}]({c.code}.md) | {c.severity.value} | {_cell(c.title)} |" for c in CODES.values() if c.code[3] == digit]
        if rows:
            tables.append(
                f"## {theme[0].upper()}{theme[1:]}\n\n| Code | Severity | What it reports |\n| --- | --- | --- |\n" + "\n".join(rows)
            )
    return "\n\n".join(tables)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def on_post_build(config: Any) -> None:
    """Fail if a file of the site loads something from another host."""
    found = [
        f"{file.name}: {loaded[0][:100]}"
        for file in sorted(Path(config.site_dir).rglob("*"))
        if file.suffix in {".html", ".css"}
        for loaded in _LOADED.finditer(file.read_text(encoding="utf-8"))
    ]
    if found:
        raise PluginError("pages must not load from other hosts:\n" + "\n".join(found))
