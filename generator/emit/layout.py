"""The layout of a picture: the place of every state, transition and label.

Each scope is laid out alone, inner ones first. A Parallel or a Map is then a box as large as its content. The layered
(Sugiyama) layout with orthogonal lines is that of graphlay: of the libraries in the package index it is the only one that
takes sizes of boxes and labels, routes lines around boxes, returns the same coordinates on every machine, and has a suitable
licence (MIT or Apache-2.0). Also examined: grandalf (GPL or EPL 1.0, no release since 2023, no label sizes), fast-sugiyama
(points without sizes), graph-layout (needs numpy, points without sizes), graphviz-pure (a 6 MB command, slower, curves) and
igraph (GPL).

A layered layout of very many states is slow and hard to read. Above :data:`MOST_STATES`, :data:`MOST_LINKS` or
:data:`MOST_CROSSINGS` a scope is drawn as a list: the states in the order written, in columns, with the transitions of each
state below its name. This takes linear time. At the limits, the layered layout of a scope took half a second (random graphs of
60 and 80 states); that of a usual scope takes a few milliseconds.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from math import isqrt
from typing import TYPE_CHECKING, Any, Final, Literal

from generator.emit.graph import END, START, Box, Group, Link
from generator.emit.labels import Point, place_labels
from generator.emit.words import shorten, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_STATES: Final = 80
"""The most states of a scope that is laid out in layers."""
MOST_LINKS: Final = 60
"""The most transitions of a scope that is laid out in layers. A scope with many states may have three for each state."""
MOST_CROSSINGS: Final = 500
"""The most layers that the lines of a scope cross in total."""

WIDEST: Final = 1_600
"""The greatest width in pixels. A wider scope is laid out from left to right, if that is narrower."""

ICON: Final = 30
HEADER: Final = 50
_PAD = 12
_GAP = 24
_TEXT_LEFT = _PAD + ICON + 10
_NAME_SIZE, _TYPE_SIZE, LABEL_SIZE = 14, 11, 11
NAME_LINE, LABEL_LINE = 18, 14
_NAME_WIDTH, _TYPE_WIDTH = 260, 300
_LEAST_WIDTH = 150
_LEAST_ROWS = 50
_SIDES = 2  # of a line, for a label beside it

Direction = Literal["topbottom", "leftright"]


@dataclass(frozen=True, slots=True)
class Placed:
    """A state with its place.

    Attributes:
        box: the state.
        width: the width in pixels, like all lengths here.
        height: the height.
        name: the lines of the name.
        below: the line with the type.
        inner: the drawings inside the box, each with its left and top edge.
        notes: the notes below a box of a list, each with its kind, its text, and the key of the state that it links to.
        x: the left edge.
        y: the top edge.
    """

    box: Box
    width: int
    height: int
    name: tuple[str, ...]
    below: str
    inner: tuple[tuple[int, int, Drawing], ...] = ()
    notes: tuple[tuple[str, str, str], ...] = ()
    x: int = 0
    y: int = 0


@dataclass(frozen=True, slots=True)
class Wire:
    """A transition as a line.

    Attributes:
        link: the transition.
        points: the ends and bends of the line.
        lines: the lines of the label.
        label: the middle of the label; None if there is no label.
    """

    link: Link
    points: tuple[Point, ...]
    lines: tuple[str, ...] = ()
    label: Point | None = None


@dataclass(slots=True)
class Drawing:
    """A scope with the places of its states and transitions, relative to its upper left corner.

    Attributes:
        group: the scope.
        width: the width.
        height: the height.
        places: the states with their places.
        wires: the transitions as lines.
        marks: the start and the end, each with its left edge, top edge, width and height.
    """

    group: Group
    width: int = 0
    height: int = 0
    places: list[Placed] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)
    marks: dict[str, tuple[int, int, int, int]] = field(default_factory=dict)


def arrange(groups: Sequence[Group]) -> Drawing:
    """Lay out all groups of a machine, given outer before inner, and return the drawing of the first."""
    drawings: dict[str, Drawing] = {}
    for index in range(len(groups) - 1, -1, -1):
        group = groups[index]
        places = [_sized(box, [drawings.pop(inner.key) for inner in box.groups]) for box in group.boxes]
        drawings[group.key] = _layered(group, places, outer=index == 0) or _listed(group, places)
    return drawings[groups[0].key]


def _sized(box: Box, inner: list[Drawing]) -> Placed:
    name = wrap(visible(box.name), _NAME_SIZE, _NAME_WIDTH)
    below = fit(" · ".join(filter(None, (box.type, shorten(box.doing, 60)))), _TYPE_SIZE, _TYPE_WIDTH)
    text = max(*(measure(line, _NAME_SIZE, bold=True) for line in name), measure(below, _TYPE_SIZE) + (20 if box.retries else 0))
    width = max(_LEAST_WIDTH, _TEXT_LEFT + text + _PAD)
    height = HEADER + NAME_LINE * (len(name) - 1)
    if not inner:
        return Placed(box, width, height, name, below)
    total = sum(drawing.width for drawing in inner) + _GAP * len(inner)
    left = _GAP // 2 + max(0, width - total) // 2
    top = height + (14 if inner[0].group.title else 0)
    held: list[tuple[int, int, Drawing]] = []
    for drawing in inner:
        held.append((left, top, drawing))
        left += drawing.width + _GAP
    tallest = max(drawing.height for drawing in inner)
    return Placed(box, max(width, total), top + tallest + _GAP // 2, name, below, tuple(held))


# -- layered -------------------------------------------------------------------------------------------------------------


def _layered(group: Group, places: list[Placed], *, outer: bool) -> Drawing | None:
    if len(places) > MOST_STATES or len(group.links) > max(MOST_LINKS, 3 * len(places)):
        return None
    down = _directed(group, places, "topbottom", outer=outer)
    if down is None or down.width <= WIDEST:
        return down
    beside = _directed(group, places, "leftright", outer=outer)
    return beside if beside is not None and beside.width < down.width else down


def _directed(group: Group, places: list[Placed], direction: Direction, *, outer: bool) -> Drawing | None:
    import graphlay

    keys = [placed.box.key for placed in places]
    nodes: list[dict[str, Any]] = [{"size": {"width": placed.width, "height": placed.height}} for placed in places]
    for mark, rank in ((START, "first"), (END, "last")):
        if any(mark in (link.source, link.target) for link in group.links):
            keys.append(mark)
            width, height = (64, 30) if outer else (14, 14)
            nodes.append({"size": {"width": width, "height": height}, "rank": rank})
    position = {key: index for index, key in enumerate(keys)}
    down = direction == "topbottom"
    mixed = _mixed(group.links)
    edges: list[dict[str, Any]] = []
    for link in group.links:
        edge: dict[str, Any] = {
            "source": position[link.source],
            "target": position[link.target],
            "weight": 1 if link.kind == "catch" else 3,
        }
        # Lines with a fixed port are not merged with others, so that solid and dashed lines stay apart.
        if link.target in mixed:
            edge["target_port"] = {"side": "top" if down else "left"}
        if link.kind == "catch":
            edge["source_port"] = {"side": "bottom" if down else "right"}
        edges.append(edge)
    widest = max((_label_width(link) for link in group.links if link.lines), default=0)
    tallest = max((_label_height(link) for link in group.links if link.lines), default=0)
    # The labels are placed afterwards (generator.emit.labels). There must be room for one on each line, or beside it.
    fan = max(Counter(link.source for link in group.links if link.lines).values(), default=0)
    beside = min(max(40, widest * 3 // 2 - _LEAST_WIDTH + 16), 110) if fan > _SIDES else 40
    options = {
        "direction": direction,
        "spacing": {
            "layer_gap": 36 + tallest + min(6 * fan, 48) if down else widest + 64,
            "node_gap": beside if down else max(20, tallest),
        },
        "routing": {"merge_edges": "joins" if down else "both"},
        "limits": {"max_dummies": MOST_CROSSINGS},
    }
    try:
        found = graphlay.layout({"nodes": nodes, "edges": edges}, options=options)
    except graphlay.GraphlayError:
        return None
    return _drawing(group, places, keys, found)


def _mixed(links: Sequence[Link]) -> set[str]:
    """Return the keys of the states that transitions of several kinds lead to."""
    kinds: dict[str, set[str]] = {}
    for link in links:
        kinds.setdefault(link.target, set()).add("" if link.kind == "choice" else link.kind)
    return {target for target, found in kinds.items() if len(found) > 1}


def _label_width(link: Link) -> int:
    return max(measure(line, LABEL_SIZE) for line in link.lines) + 8


def _label_height(link: Link) -> int:
    return LABEL_LINE * len(link.lines) + 2


def _drawing(group: Group, places: list[Placed], keys: list[str], found: Any) -> Drawing:
    boxes = []
    for node in found.nodes:
        (x, y), width, height = _point(node["center"]), round(node["size"]["width"]), round(node["size"]["height"])
        boxes.append((x - width // 2, y - height // 2, x - width // 2 + width, y - height // 2 + height))
    lines = [tuple(map(_point, edge["points"])) for edge in found.edges]
    sizes = [(_label_width(link), _label_height(link)) if link.lines else None for link in group.links]
    labels = place_labels(lines, sizes, boxes)
    drawn = [*(boxes or [(0, 0, 0, 0)]), *((x, y, x, y) for line in lines for x, y in line)]
    for middle, size in zip(labels, sizes, strict=True):
        if middle and size:
            (x, y), (width, height) = middle, size
            drawn.append((x - width // 2, y - height // 2, x + width // 2, y + height // 2))
    left, top = min(box[0] for box in drawn) - _GAP // 2, min(box[1] for box in drawn) - _GAP // 2
    right, bottom = max(box[2] for box in drawn) + _GAP // 2, max(box[3] for box in drawn) + _GAP // 2

    drawing = Drawing(group, right - left, bottom - top)
    for index, box in enumerate(boxes):
        x, y = box[0] - left, box[1] - top
        if index < len(places):
            drawing.places.append(replace(places[index], x=x, y=y))
        else:
            drawing.marks[keys[index]] = (x, y, box[2] - box[0], box[3] - box[1])
    for link, line, middle in zip(group.links, lines, labels, strict=True):
        points = tuple((x - left, y - top) for x, y in line)
        drawing.wires.append(Wire(link, points, link.lines, None if middle is None else (middle[0] - left, middle[1] - top)))
    return drawing


def _point(at: dict[str, float]) -> Point:
    return round(at["x"]), round(at["y"])


# -- listed --------------------------------------------------------------------------------------------------------------

_NOTES_SHOWN = 12
_VERBS: Final = {"next": "→", "choice": "→", "default": "→", "catch": "⤳"}


def _listed(group: Group, places: list[Placed]) -> Drawing:
    drawing = Drawing(group)
    names = {placed.box.key: visible(placed.box.name) for placed in places}
    ways: dict[str, list[Link]] = {}
    started = ""
    for link in group.links:
        ways.setdefault(link.source, []).append(link)
        if link.source == START:
            started = link.target
    width = max((placed.width for placed in places), default=0)
    rows = max(_LEAST_ROWS, isqrt(4 * len(places)))  # about as wide as high
    x, y, tallest, widest = _GAP // 2, _GAP // 2, 0, 0
    for index, placed in enumerate(places):
        following = places[index + 1].box.key if index + 1 < len(places) and (index + 1) % rows else ""
        notes = [("start", "starts here", "")] if placed.box.key == started else []
        straight = None
        for link in ways.get(placed.box.key, ()):
            if link.target == following and not link.lines:
                straight = link
            elif link.target == END:
                notes.append(("next", "→ end", ""))
            else:
                why = f"{shorten(', '.join(link.lines), 34)} " if link.lines else ""
                notes.append((link.kind, fit(f"{why}{_VERBS[link.kind]} {names[link.target]}", LABEL_SIZE, 340), link.target))
        if len(notes) > _NOTES_SHOWN:
            notes = [*notes[:_NOTES_SHOWN], ("next", f"… and {len(notes) - _NOTES_SHOWN} more", "")]
        widest = max(widest, placed.width, *(measure(text, LABEL_SIZE) + _TEXT_LEFT for _, text, _ in notes))
        drawing.places.append(replace(placed, x=x, y=y, notes=tuple(notes)))
        bottom = y + placed.height
        y = bottom + LABEL_LINE * len(notes) + (_GAP if notes else _GAP + 8)
        if straight is not None:
            middle = x + 10 + ICON // 2
            drawing.wires.append(Wire(straight, ((middle, bottom), (middle, y))))
        tallest = max(tallest, y)
        if (index + 1) % rows == 0:
            x, y, widest = x + max(widest, width) + _GAP * 2, _GAP // 2, 0
    drawing.width, drawing.height = x + max(widest, width) + _GAP // 2, tallest
    return drawing


# -- text ----------------------------------------------------------------------------------------------------------------

# The widths of U+0020 to U+007E in Helvetica, in thousandths of the size. The reserve of measure() leaves room for wider fonts.
# Source: https://github.com/adobe-type-tools/Adobe-Core-14-AFM (Helvetica.afm)
_WIDTHS: Final = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556,
    556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
_OTHER_WIDTH: Final = 620
_ASCII_WIDTHS: Final = (*[_OTHER_WIDTH] * 0x20, *_WIDTHS, _OTHER_WIDTH)
_RESERVE, _BOLD_RESERVE = 1.14, 1.36
# A table, because the data of unicodedata depend on the version of Python.
_WIDE = re.compile(
    "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6"
    "\U0001f000-\U0001faff\U00020000-\U0003fffd]"
)
_WIDTHLESS = re.compile("[\u0300-\u036f\u200b-\u200f\ufe00-\ufe0f]")


def measure(text: str, size: int, *, bold: bool = False) -> int:
    """Estimate the width of a text in pixels, with some reserve.

    >>> measure("ValidateOrder", 14) > measure("StoreOrder", 14) > 60
    True
    """
    ascii_text = text.encode("ascii", "ignore")
    total = sum(map(_ASCII_WIDTHS.__getitem__, ascii_text))
    if others := len(text) - len(ascii_text):
        total += _OTHER_WIDTH * others + 380 * len(_WIDE.findall(text)) - _OTHER_WIDTH * len(_WIDTHLESS.findall(text))
    return round(total * size * (_BOLD_RESERVE if bold else _RESERVE) / 1000)


def fit(text: str, size: int, width: int, *, bold: bool = False) -> str:
    """Return a text, cut to at most a width in pixels."""
    if measure(text, size, bold=bold) <= width:
        return text
    while text and measure(text + "…", size, bold=bold) > width:
        text = text[:-1]
    return text + "…"


_WORDS = re.compile(r"[A-Z]?[^A-Z\s_.:/-]*[\s_.:/-]*")


def wrap(text: str, size: int, width: int) -> tuple[str, ...]:
    """Break a name into at most two lines, between words or parts of camel case.

    >>> wrap("ReserveInventoryInTheNearestWarehouseOrFail", 14, 230)
    ('ReserveInventoryInThe', 'NearestWarehouseOrFail')
    """
    lines: list[str] = [""]
    for word in _WORDS.findall(text):
        for part in (word,) if measure(word, size, bold=True) <= width else word:
            if len(lines) == 1 and lines[0] and measure(lines[0] + part.rstrip(), size, bold=True) > width:
                lines.append("")
            lines[-1] += part
    return tuple(fit(line.strip(), size, width, bold=True) for line in lines)
