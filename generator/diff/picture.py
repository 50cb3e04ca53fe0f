"""Both graphs in one SVG picture, drawn as the diagrams are, with what came, went and changed marked.

Each graph keeps the ids of its own drawing; a prefix keeps the two apart. The colours have a sign beside them, so that they are not all
there is to see.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element, SubElement, fromstring, register_namespace, tostring

from generator.diff.matching import match
from generator.diff.report import walks
from generator.diff.states import state_changes
from generator.emit.graph import groups
from generator.emit.svg import STYLE, svg
from generator.emit.words import visible

if TYPE_CHECKING:
    from generator.asl.walk import Walk
    from generator.diff.sides import Version

_SVG: Final = "http://www.w3.org/2000/svg"
_GAP: Final = 32
_TITLE: Final = 44
_LEGEND: Final = 34
_SIGNS: Final = {"added": "+", "removed": "-", "renamed": "→", "changed": "~", "moved": "→"}
_MARKS: Final = """
.added>.box{stroke:#15803d;stroke-width:3}.removed>.box{stroke:#b91c1c;stroke-width:3;stroke-dasharray:6 4}
.changed>.box{stroke:#b45309;stroke-width:3}.renamed>.box,.moved>.box{stroke:#1d4ed8;stroke-width:3}
.badge circle{fill:#b45309}.badge.added circle{fill:#15803d}.badge.removed circle{fill:#b91c1c}
.badge.renamed circle,.badge.moved circle{fill:#1d4ed8}
.badge text{fill:#fff;font-size:15px;font-weight:700;text-anchor:middle}
.side{font-size:16px;font-weight:600}.legend{font-size:12px}
@media (prefers-color-scheme:dark){
.added>.box{stroke:#4ade80}.removed>.box{stroke:#f87171}.changed>.box{stroke:#fbbf24}.renamed>.box,.moved>.box{stroke:#60a5fa}
}
"""
_WORDS: Final = {"added": "added", "removed": "removed", "changed": "changed", "renamed": "renamed or moved"}


def picture(old: Version, new: Version, labels: tuple[str, str]) -> str:
    """Draw both versions of a workflow side by side.

    Args:
        old: the old version.
        new: the new version.
        labels: what to write above each of them.

    Returns:
        the picture as text that ends in a newline.
    """
    register_namespace("", _SVG)
    sides = walks(old, new)
    marks = _marks(*sides)
    drawings = [_drawing(walk, prefix, marked) for walk, prefix, marked in zip(sides, ("old-", "new-"), marks, strict=True)]
    sizes = [(int(drawing.get("width", "0")), int(drawing.get("height", "0"))) for drawing in drawings]
    width = max(sum(one for one, _ in sizes) + _GAP, 560)
    height = max(tall for _, tall in sizes) + _TITLE + _LEGEND
    root = Element(f"{{{_SVG}}}svg", {"viewBox": f"0 0 {width} {height}", "width": str(width), "height": str(height), "role": "img"})
    root.set("aria-labelledby", "title description")
    _text(root, "title", visible(f"{new.name}: {labels[0]} and {labels[1]}"), id="title")
    _text(root, "desc", _described(marks), id="description")
    _text(root, "style", STYLE + _MARKS)
    SubElement(root, f"{{{_SVG}}}rect", {"class": "page", "width": str(width), "height": str(height)})
    left = 0
    for drawing, label, (wide, _) in zip(drawings, labels, sizes, strict=True):
        _text(root, "text", visible(label), **{"class": "side", "x": str(left + 16), "y": "28"})
        drawing.set("x", str(left))
        drawing.set("y", str(_TITLE))
        root.append(drawing)
        left += wide + _GAP
    _legend(root, height - _LEGEND // 2)
    return tostring(root, encoding="unicode") + "\n"


def _marks(old: Walk, new: Walk) -> tuple[dict[str, str], dict[str, str]]:
    """Return how each state is marked, by the key of its box: in the old graph and in the new one."""
    matching = match(old, new)
    kinds: dict[str, str] = {}
    for change in state_changes(old, new)[0]:
        whole = change.section == "states" and change.how in {"renamed", "moved"}
        kinds.setdefault(change.subject, change.how if whole else "changed")
    gone = {entry.name for entry in matching.removed}
    before = {name: "removed" if name in gone else kinds.get(matching.names.get(name, ""), "") for name in _keys(old)}
    come = {entry.name for entry in matching.added}
    after = {name: "added" if name in come else kinds.get(name, "") for name in _keys(new)}
    return _by_key(old, before), _by_key(new, after)


def _keys(walk: Walk) -> dict[str, str]:
    """Return the key of the box of each state; boxes are numbered in the order of the walk."""
    walk.once(groups)
    return {entry.name: f"s{number}" for number, entry in enumerate(walk.states, 1)}


def _by_key(walk: Walk, marks: Mapping[str, str]) -> dict[str, str]:
    return {key: marks[name] for name, key in _keys(walk).items() if marks.get(name)}


def _drawing(walk: Walk, prefix: str, marks: Mapping[str, str]) -> Element:
    """Return a graph as an element of a picture, with its own ids, and a badge on each state that is marked."""
    drawing = fromstring(svg(walk))  # noqa: S314  our own picture, in which all text is escaped
    for name in ("title", "desc", "style"):
        for element in drawing.findall(f"{{{_SVG}}}{name}"):
            drawing.remove(element)
    drawing.attrib.pop("aria-labelledby", None)
    drawing.attrib.pop("role", None)
    for element in drawing.iter():
        for attribute, value in element.attrib.items():
            if attribute == "id":
                element.set(attribute, prefix + value)
            elif attribute == "href" and value.startswith("#"):
                element.set(attribute, "#" + prefix + value[1:])
            elif value.startswith("url(#"):
                element.set(attribute, value.replace("url(#", f"url(#{prefix}"))
    for element in drawing.iter(f"{{{_SVG}}}g"):
        mark = marks.get(element.get("id", "").removeprefix(prefix))
        if mark:
            element.set("class", f"{element.get('class', '')} {mark}")
            box = [each for each in element.findall(f"{{{_SVG}}}rect") if each.get("class") == "box"][-1]
            x, y = int(box.get("x", "0")) + int(box.get("width", "0")) - 4, int(box.get("y", "0")) + 4
            _badge(element, mark, x, y)
    return drawing


def _badge(parent: Element, mark: str, x: int, y: int) -> None:
    group = SubElement(parent, f"{{{_SVG}}}g", {"class": f"badge {mark}"})
    SubElement(group, f"{{{_SVG}}}circle", {"cx": str(x), "cy": str(y), "r": "10"})
    _text(group, "text", _SIGNS[mark], x=str(x), y=str(y + 5))


def _legend(root: Element, y: int) -> None:
    left = 26
    for mark, word in _WORDS.items():
        _badge(root, mark, left, y)
        _text(root, "text", word, **{"class": "legend", "x": str(left + 16), "y": str(y + 4)})
        left += 46 + 8 * len(word)


def _described(marks: tuple[dict[str, str], dict[str, str]]) -> str:
    counts = {word: sum(1 for mark in {**marks[0], **marks[1]}.values() if mark == word) for word in ("changed", "renamed", "moved")}
    counts["added"] = sum(1 for mark in marks[1].values() if mark == "added")
    counts["removed"] = sum(1 for mark in marks[0].values() if mark == "removed")
    said = ", ".join(f"{number} {word}" for word, number in counts.items() if number)
    return f"The old graph on the left, the new one on the right. States: {said or 'none differs'}."


def _text(parent: Element, name: str, text: str, **attributes: str) -> None:
    SubElement(parent, f"{{{_SVG}}}{name}", attributes).text = text
