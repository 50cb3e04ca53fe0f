"""The diagram as Mermaid text, which GitHub, GitLab and most wikis draw.

In an author's text, every character that has a meaning in Mermaid, Markdown or HTML is written as an entity code of Mermaid
(https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from generator.emit.graph import END, START, Box, Group, groups
from generator.emit.words import shorten, visible

if TYPE_CHECKING:
    from generator.asl.walk import Walk

MAX_TEXT: Final = 50_000
"""Characters that a renderer accepts by default (``maxTextSize``): https://mermaid.js.org/config/schema-docs/config.html#maxtextsize"""
MAX_LINKS: Final = 500
"""Links that a renderer accepts by default (``maxEdges``): https://mermaid.js.org/config/schema-docs/config.html#maxedges"""

_SPECIAL = re.compile(r"[^\w ,\u0080-\U0010ffff]|_", re.ASCII)
_ARROWS: Final = {"next": "-->", "choice": "-->", "default": "-->", "catch": "-.->"}
_SHAPES: Final = {
    "Choice": ("{{", "}}"),
    "Wait": ("[/", "/]"),
    "Succeed": ("([", "])"),
    "Fail": ("([", "])"),
}
_STYLES: Final = (
    "classDef Task stroke:#4f46e5,stroke-width:1.5px",
    "classDef Choice stroke:#b45309,stroke-width:1.5px",
    "classDef Wait stroke:#0e7490,stroke-width:1.5px",
    "classDef Succeed stroke:#15803d,stroke-width:1.5px",
    "classDef Fail stroke:#b91c1c,stroke-width:1.5px",
)


def escaped(text: str) -> str:
    """Escape text, so that Mermaid shows it unchanged.

    >>> escaped('total > "5" | #1')
    'total #62; #34;5#34; #124; #35;1'
    """
    return _SPECIAL.sub(lambda found: f"#{ord(found[0])};", visible(text))


def mermaid(walked: Walk) -> str:
    """Draw a machine as a Mermaid flowchart, as text that ends in a newline.

    Use it as ``walk.once(mermaid)``, so that it runs once for the file and the README.

    >>> from generator.asl.model import Pass, StateMachine
    >>> from generator.asl.walk import walk
    >>> print(mermaid(walk(StateMachine(start_at="A", states={"A": Pass(end=True)}))).split("classDef")[0])
    flowchart TB
      start((Start))
      s1["A<br/>Pass"]
      finish((End))
      start --> s1
      s1 --> finish
    <BLANKLINE>
    """
    root = walked.once(groups)[0]
    lines = ["flowchart TB"]
    # A stack of the items that are still to be written, instead of recursion into scopes.
    pending: list[tuple[str, Box | Group | str]] = [("  ", root)]
    types: dict[str, list[str]] = {}
    while pending:
        indent, item = pending.pop()
        if isinstance(item, str):
            lines.append(indent + item)
        elif isinstance(item, Group):
            pending.extend(reversed([(indent, part) for part in _group(item, outer=item is root)]))
        elif item.groups:
            lines.append(f'{indent}subgraph {item.key}["{escaped(f"{item.type} · {item.name}")}"]')
            lines.append(f"{indent}  direction TB")
            inner: list[tuple[str, Box | Group | str]] = []
            for group in item.groups:
                if group.title:
                    inner += [
                        (indent + "  ", f'subgraph {group.key}["{escaped(group.title)}"]'),
                        (indent + "    ", "direction TB"),
                        (indent + "    ", group),
                        (indent + "  ", "end"),
                    ]
                else:
                    inner.append((indent + "  ", group))
            pending.append((indent, "end"))
            pending.extend(reversed(inner))
        else:
            opening, closing = _SHAPES.get(item.type, ("[", "]"))
            lines.append(f'{indent}{item.key}{opening}"{_label(item)}"{closing}')
            types.setdefault(item.type, []).append(item.key)
    for style in _STYLES:
        name = style.split()[1]
        if name in types:
            lines += [f"  {style}", f"  class {','.join(types[name])} {name}"]
    return "\n".join(lines) + "\n"


def drawable(text: str) -> bool:
    """Return whether renderers with default settings draw this Mermaid text."""
    return len(text) <= MAX_TEXT and sum(len(re.findall(r" (?:-->|-\.->)", line)) for line in text.splitlines()) <= MAX_LINKS


def _group(group: Group, *, outer: bool) -> list[Box | str]:
    start = START if outer else f"{group.key}start"
    end = "finish" if outer else f"{group.key}end"
    ended = any(link.target == END for link in group.links)
    parts: list[Box | str] = [f"{start}((Start))" if outer else f'{start}((" "))', *group.boxes]
    if ended:
        parts.append(f"{end}((End))" if outer else f'{end}(((" ")))')
    for link in group.links:
        label = "<br/>".join(escaped(line) for line in link.lines)
        arrow = _ARROWS[link.kind] + (f'|"{label}"|' if label else "")
        parts.append(f"{start if link.source == START else link.source} {arrow} {end if link.target == END else link.target}")
    return parts


def _label(box: Box) -> str:
    below = f"{box.type} · {shorten(box.doing, 60)}" if box.doing else box.type
    return f"{escaped(box.name)}<br/>{escaped(below)}"
