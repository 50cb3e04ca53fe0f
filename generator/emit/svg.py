"""The diagram as an SVG picture: one file without scripts, fonts or external links, for light and dark pages.

The colours are plain rules with a media query for dark pages, because converters such as librsvg do not support CSS variables.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element, SubElement

from generator.asl.model import ABSENT
from generator.asl.placeholders import plain
from generator.emit.graph import END, START, groups
from generator.emit.labels import Point
from generator.emit.layout import (
    HEADER,
    ICON,
    LABEL_LINE,
    LABEL_SIZE,
    NAME_LINE,
    Drawing,
    Placed,
    Wire,
    arrange,
    measure,
)
from generator.emit.words import visible

if TYPE_CHECKING:
    from generator.asl.model import StateMachine
    from generator.asl.walk import Walk

_ROUND = 6

STYLE: Final = """
.page{fill:#fff}
text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;fill:#0f172a}
.name{font-size:14px;font-weight:600}
.type,.label,.note{font-size:11px;fill:#475569}
.mark text{font-size:12px;font-weight:600;fill:#475569;text-anchor:middle}
.box{fill:#fff;stroke:#cbd5e1}
.holds>.box{fill:#f8fafc}
.part{fill:none;stroke:#94a3b8;stroke-dasharray:2 4}
.mark rect,.mark circle{fill:#f1f5f9;stroke:#94a3b8}
.mark .dot{fill:#64748b;stroke:none}
.wire{fill:none;stroke:#64748b;stroke-width:1.5}
.catch .wire{stroke:#dc2626;stroke-dasharray:5 4}
.default .wire{stroke:#94a3b8}
.arrow{fill:#64748b}.arrow.catch{fill:#dc2626}.arrow.default{fill:#94a3b8}
.back{fill:#fff;fill-opacity:.92}
.label{text-anchor:middle}
.catch .label,.note.catch{fill:#b91c1c}
.glyph{fill:none;stroke:#fff;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.retry{fill:none;stroke:#64748b;stroke-width:1.4;stroke-linecap:round}
.icon{fill:#64748b}
.Task .icon{fill:#4f46e5}.Choice .icon{fill:#b45309}.Wait .icon{fill:#0e7490}.Succeed .icon{fill:#15803d}
.Fail .icon{fill:#b91c1c}.Parallel .icon,.Map .icon{fill:#7c3aed}
@media (prefers-color-scheme:dark){
.page{fill:#0d1117}
text{fill:#e6edf3}
.type,.label,.note,.mark text{fill:#9aa7b6}
.box{fill:#161b22;stroke:#3d4754}
.holds>.box{fill:#11161d}
.part{stroke:#56616f}
.mark rect,.mark circle{fill:#21262d;stroke:#56616f}
.mark .dot{fill:#9aa7b6}
.wire,.retry{stroke:#8b98a8}
.catch .wire{stroke:#f87171}
.default .wire{stroke:#6b7785}
.arrow{fill:#8b98a8}.arrow.catch{fill:#f87171}.arrow.default{fill:#6b7785}
.back{fill:#0d1117}
.catch .label,.note.catch{fill:#fca5a5}
}
"""
"""The style sheet of each picture."""

# Drawn in a square of 30 by 30.
_GLYPHS: Final = {
    "Task": "M17 6 9 17h5l-1 7 8-11h-5z",
    "Choice": "M15 6 24 15 15 24 6 15z",
    "Wait": "M15 7a8 8 0 1 0 .01 0M15 11v4.5l3 2",
    "Pass": "M7 15h15M17 10l5 5-5 5",
    "Succeed": "M8 15.5 13 20.5 22 10",
    "Fail": "M10 10 20 20M20 10 10 20",
    "Parallel": "M15 6v4M9 24V15q0-5 6-5t6 5v9",
    "Map": "M12 8h12v10M9 11h12v10M6 14h12v10H6z",
}


def svg(walked: Walk, *, title: str = "State machine", marked: bool = False) -> str:
    """Draw a machine as an SVG picture.

    Args:
        walked: the walk over the definition.
        title: the title of the picture, which screen readers read out.
        marked: whether each transition names the ids of the states that it leaves and leads to, in ``data-from`` and ``data-to``.

    Returns:
        the picture as text that ends in a newline. It is the same on every machine.

    >>> from generator.asl.model import StateMachine, Succeed
    >>> from generator.asl.walk import walk
    >>> picture = svg(walk(StateMachine(start_at="A", states={"A": Succeed()})))
    >>> picture.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    True
    """
    all_groups = walked.once(groups)
    drawing = arrange(all_groups)
    width, height = drawing.width + 24, drawing.height + 24
    root = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {width} {height}",
            "width": str(width),
            "height": str(height),
            "role": "img",
            "aria-labelledby": "title description",
        },
    )
    SubElement(root, "title", id="title").text = visible(title)
    SubElement(root, "desc", id="description").text = visible(_description(walked.machine, sum(len(group.boxes) for group in all_groups)))
    SubElement(root, "style").text = STYLE
    definitions = SubElement(root, "defs")
    for kind in ("next", "default", "catch"):
        marker = SubElement(
            definitions,
            "marker",
            {"id": f"arrow-{kind}", "viewBox": "0 0 8 8", "refX": "7", "refY": "4", "markerWidth": "8", "markerHeight": "8"},
        )
        marker.set("markerUnits", "userSpaceOnUse")
        marker.set("orient", "auto")
        SubElement(marker, "path", {"class": f"arrow {kind}", "d": "M0 0.5 8 4 0 7.5z"})
    used = {box.type for group in all_groups for box in group.boxes}
    for name in sorted(used & _GLYPHS.keys()):
        SubElement(definitions, "path", {"id": f"glyph-{name}", "class": "glyph", "d": _GLYPHS[name]})
    SubElement(root, "rect", {"class": "page", "width": str(width), "height": str(height), "rx": "8"})
    # Outer scopes are drawn before inner ones, which lie above them. A stack avoids recursion.
    pending = [(drawing, 12, 12)]
    while pending:
        scope, x, y = pending.pop()
        _draw(root, scope, x, y, marked=marked)
        for placed in scope.places:
            pending += [(inner, x + placed.x + left, y + placed.y + top) for left, top, inner in placed.inner]
    lines: list[str] = []
    _write(root, lines)
    return "\n".join(lines) + "\n"


def _write(element: Element, lines: list[str]) -> None:
    """Write an element, each one on a line of its own. ElementTree's writer takes four times as long for a large machine."""
    attributes = "".join([f' {name}="{_attribute(value)}"' for name, value in element.items()])
    if len(element):
        lines.append(f"<{element.tag}{attributes}>")
        for child in element:
            _write(child, lines)
        lines.append(f"</{element.tag}>")
    elif element.text:
        lines.append(f"<{element.tag}{attributes}>{element.text.translate(_TEXT)}</{element.tag}>")
    else:
        lines.append(f"<{element.tag}{attributes} />")


def _attribute(value: str) -> str:
    return value if _PLAIN.fullmatch(value) else value.translate(_QUOTED)


# Not those of xml.sax.saxutils, which imports urllib.request.
_TEXT: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_QUOTED: Final = _TEXT | str.maketrans({'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#09;"})
_PLAIN: Final = re.compile(r"[A-Za-z0-9 .#_()-]*")


def _description(machine: StateMachine, count: int) -> str:
    start = f" that starts at {plain(machine.start_at)}" if isinstance(machine.start_at, str) else ""
    comment = "" if machine.comment is ABSENT else " " + " ".join(plain(machine.comment).split())
    return f"A state machine of {count} state{'s' if count != 1 else ''}{start}.{comment}"


def _draw(root: Element, drawing: Drawing, x: int, y: int, *, marked: bool) -> None:
    for placed in drawing.places:
        _place(root, placed, x + placed.x, y + placed.y)
    for wire in drawing.wires:
        group = _wire(root, wire, x, y)
        if marked:
            group.set("data-from", wire.link.source)
            group.set("data-to", wire.link.target)
    for wire in drawing.wires:
        _label(root, wire, x, y)
    for mark, (left, top, width, height) in drawing.marks.items():
        _mark(root, mark, (x + left, y + top), width, height)


def _mark(root: Element, mark: str, at: Point, width: int, height: int) -> None:
    group = SubElement(root, "g", {"class": "mark"})
    x, y = at
    if width > height:
        SubElement(group, "rect", {"x": str(x), "y": str(y), "width": str(width), "height": str(height), "rx": str(height // 2)})
        text = SubElement(group, "text", {"x": str(x + width // 2), "y": str(y + height // 2 + 4)})
        text.text = "Start" if mark == START else "End"
        return
    centre = {"cx": str(x + width // 2), "cy": str(y + height // 2)}
    if mark == END:
        SubElement(group, "circle", {**centre, "r": str(width // 2)})
    SubElement(group, "circle", {"class": "dot", **centre, "r": str(width // 2 - (3 if mark == END else 1))})


def _place(root: Element, placed: Placed, x: int, y: int) -> None:
    box = placed.box
    known = box.type if box.type in _GLYPHS else "Unknown"
    group = SubElement(root, "g", {"id": box.key, "class": f"{known} holds" if placed.inner else known})
    SubElement(group, "title").text = "\n".join(map(visible, (box.name, *filter(None, (box.doing, box.comment)))))
    if box.type == "Map":
        behind = {"class": "box", "x": str(x + 5), "y": str(y + 5), "width": str(placed.width), "height": str(placed.height), "rx": "8"}
        SubElement(group, "rect", behind)
    SubElement(
        group, "rect", {"class": "box", "x": str(x), "y": str(y), "width": str(placed.width), "height": str(placed.height), "rx": "8"}
    )
    top = y + (HEADER + NAME_LINE * (len(placed.name) - 1) - ICON) // 2
    SubElement(group, "rect", {"class": "icon", "x": str(x + 10), "y": str(top), "width": str(ICON), "height": str(ICON), "rx": "6"})
    if known != "Unknown":
        SubElement(group, "use", {"href": f"#glyph-{known}", "x": str(x + 10), "y": str(top)})
    left = str(x + 50)
    SubElement(group, "text", {"class": "type", "x": left, "y": str(y + 19)}).text = placed.below
    for index, line in enumerate(placed.name):
        SubElement(group, "text", {"class": "name", "x": left, "y": str(y + 37 + NAME_LINE * index)}).text = line
    if box.retries:
        path = f"M{x + placed.width - 12} {y + 12}a5 5 0 1 0 1.5 4m.5-5.5-2 2.2-2.6-1.2"
        SubElement(SubElement(group, "g"), "path", {"class": "retry", "d": path})
    for index, (kind, text, target) in enumerate(placed.notes):
        at = {"class": f"note {kind}", "x": left, "y": str(y + placed.height + LABEL_LINE * (index + 1) + 2)}
        holder = SubElement(group, "a", {"href": f"#{target}"}) if target else group
        SubElement(holder, "text", at).text = text
    for inner_left, inner_top, inner in placed.inner:
        if inner.group.title:
            part = {"class": "part", "x": str(x + inner_left), "y": str(y + inner_top), "rx": "6"}
            SubElement(group, "rect", {**part, "width": str(inner.width), "height": str(inner.height)})
            caption = {"class": "type", "x": str(x + inner_left + 4), "y": str(y + inner_top - 4)}
            SubElement(group, "text", caption).text = inner.group.title


def _wire(root: Element, wire: Wire, x: int, y: int) -> Element:
    kind = wire.link.kind if wire.link.kind in ("default", "catch") else "next"
    group = SubElement(root, "g", {"class": kind})
    points = [(px + x, py + y) for px, py in wire.points]
    SubElement(group, "path", {"class": "wire", "d": _path(points), "marker-end": f"url(#arrow-{kind})"})
    return group


def _path(points: list[Point]) -> str:
    """Write a line with rounded corners."""
    path = [f"M{points[0][0]} {points[0][1]}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        room = min(_ROUND, _length(before, corner) // 2, _length(corner, after) // 2)
        (x1, y1), (x2, y2) = _towards(corner, before, room), _towards(corner, after, room)
        path.append(f"L{x1} {y1}Q{corner[0]} {corner[1]} {x2} {y2}")
    path.append(f"L{points[-1][0]} {points[-1][1]}")
    return "".join(path)


def _length(a: Point, b: Point) -> int:
    return max(abs(a[0] - b[0]), abs(a[1] - b[1]))


def _towards(a: Point, b: Point, distance: int) -> Point:
    length = _length(a, b) or 1
    return a[0] + (b[0] - a[0]) * distance // length, a[1] + (b[1] - a[1]) * distance // length


def _label(root: Element, wire: Wire, x: int, y: int) -> None:
    if wire.label is None:
        return
    group = SubElement(root, "g", {"class": wire.link.kind})
    if any("…" in line for line in wire.lines):  # the tooltip has the whole text
        SubElement(group, "title").text = "\n".join(map(visible, wire.link.labels))
    width = max(measure(line, LABEL_SIZE) for line in wire.lines) + 6
    height = LABEL_LINE * len(wire.lines) + 2
    middle_x, middle_y = wire.label[0] + x, wire.label[1] + y
    back = {"class": "back", "x": str(middle_x - width // 2), "y": str(middle_y - height // 2), "width": str(width), "height": str(height)}
    SubElement(group, "rect", {**back, "rx": "3"})
    for index, line in enumerate(wire.lines):
        baseline = middle_y - height // 2 + LABEL_LINE * index + 12
        SubElement(group, "text", {"class": "label", "x": str(middle_x), "y": str(baseline)}).text = line
