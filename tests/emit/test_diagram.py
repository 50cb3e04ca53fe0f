"""The pictures: what they show, that text stays text in them, and that size does not matter."""

import html
import os
import re
import subprocess
import sys
from itertools import combinations, pairwise, product
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.asl.model import (
    Branch,
    Catcher,
    Choice,
    ChoiceRule,
    Comparison,
    Fail,
    ItemProcessor,
    Junction,
    Map,
    Parallel,
    Pass,
    Retrier,
    StateMachine,
    Succeed,
    Task,
    UnknownState,
    Wait,
)
from generator.asl.walk import walk
from generator.emit.graph import END, START, groups
from generator.emit.layout import LABEL_LINE, LABEL_SIZE, MOST_STATES, WIDEST, Wire, arrange, measure
from generator.emit.mermaid import drawable, mermaid
from generator.emit.svg import svg
from generator.emit.words import visible

GOLDEN = Path(__file__).parent / "golden"
SVG = "{http://www.w3.org/2000/svg}"


def call(name, **fields):
    """A Task that invokes a function."""
    return Task(resource="arn:aws:states:::lambda:invoke", arguments={"FunctionName": f"${{{name}_arn}}"}, **fields)


def caught(errors, target):
    """A catcher."""
    return Catcher(error_equals=errors, next=target)


EVERYTHING = StateMachine(
    comment="Every kind of state.",
    start_at="Submit",
    states={
        "Submit": call(
            "submit",
            next="Pause",
            retry=(Retrier(error_equals=("States.TaskFailed",)),),
            catch=(caught(("States.Timeout", "Busy"), "Pause"), caught(("States.ALL",), "Broken")),
        ),
        "Pause": Wait(seconds=90, next="Ready?"),
        "Ready?": Choice(
            choices=(
                ChoiceRule(condition='{% $states.input.job.state = "DONE" %}', next="Each order"),
                ChoiceRule(
                    test=Junction(operator="Not", tests=(Comparison(variable="$.n", operator="IsPresent", value=True),)), next="Broken"
                ),
            ),
            default="Pause",
        ),
        "Each order": Map(
            items="{% $states.input.orders %}",
            item_processor=ItemProcessor(
                start_at="Both",
                states={
                    "Both": Parallel(
                        branches=(
                            Branch(start_at="Charge", states={"Charge": call("charge", next="Charged"), "Charged": Succeed()}),
                            Branch(start_at="Pack", states={"Pack": Pass(end=True)}),
                        ),
                        end=True,
                    )
                },
            ),
            next="Done",
        ),
        "Done": Succeed(),
        "Broken": Fail(error="JobBroken", cause="It did not work."),
    },
)


def chain(count):
    """So many states one after the other."""
    states = {f"S{i}": Pass(next=f"S{i + 1}") for i in range(count - 1)}
    return StateMachine(start_at="S0", states={**states, f"S{count - 1}": Succeed()})


def fan(count):
    """A choice among so many states."""
    rules = tuple(ChoiceRule(condition=f"{{% $n = {i} %}}", next=f"S{i}") for i in range(count))
    return StateMachine(
        start_at="Which?",
        states={"Which?": Choice(choices=rules, default="Done"), **{f"S{i}": Pass(next="Done") for i in range(count)}, "Done": Succeed()},
    )


def drawn(machine):
    """The picture as XML, and the groups of its states."""
    root = ET.fromstring(svg(walk(machine)))  # noqa: S314  our own output
    return root, [group for group in root.iter(f"{SVG}g") if re.fullmatch(r"s\d+", group.get("id", ""))]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("everything.mmd", mermaid(walk(EVERYTHING))),
        ("everything.svg", svg(walk(EVERYTHING), title="everything")),
    ],
)
def test_pictures_are_as_reviewed(name, text):
    """Golden files, which a person looked at; `UPDATE_GOLDEN=1` writes them anew."""
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8", newline="\n")
    assert text == path.read_text(encoding="utf-8")


def test_labels_say_why_a_way_is_taken():
    """Conditions, defaults and errors are labels of the lines. Several of one kind share a line."""
    links = {(link.source, link.target, link.kind): link.labels for link in groups(walk(EVERYTHING))[0].links}
    assert links["s3", "s4", "choice"] == ('job.state = "DONE"',)
    assert links["s3", "s6", "choice"] == ("not ($.n is present)",)
    assert links["s3", "s2", "default"] == ("default",)
    assert links["s1", "s2", "catch"] == ("States.Timeout, Busy",)
    assert links["s1", "s2", "next"] == ()


def test_svg_is_one_accessible_file_without_anything_active():
    """It needs nothing from elsewhere, and says what it is to those who hear it."""
    root, _ = drawn(EVERYTHING)
    assert root.get("role") == "img"
    named = {element.get("id"): element.text for element in root if element.tag in (f"{SVG}title", f"{SVG}desc")}
    assert set(root.get("aria-labelledby").split()) == set(named)
    assert named["description"] == "A state machine of 10 states that starts at Submit. Every kind of state."
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        *("svg", "title", "desc", "style", "defs", "marker", "path", "rect", "circle", "g", "use", "text", "a"),
    }
    for element in root.iter():
        assert not any(name.lower().startswith("on") for name in element.attrib)
        assert element.get("href", "#").startswith("#")
    style = root.find(f"{SVG}style").text
    assert "prefers-color-scheme:dark" in style
    assert "url(" not in style
    assert "@import" not in style


ANY_TEXT = st.text(st.characters(), min_size=1, max_size=30)
HOSTILE = st.sampled_from(
    [
        '"]; click x "y"',
        "<script>alert(1)</script>",
        "]]>",
        "--> b",
        "a|b",
        "`x`",
        "#quot;",
        "&lt;",
        "{% x %}",
        "x\ny",
        "end",
        "%%{init}%%",
        "\ud800",
        "\x00",
        "${x}",
    ]
)


ENTITY = re.compile(r"#(\d+);")
LABEL = r'"(?:[A-Za-z0-9 ,]|#\d+;|<br/>|[^\x00-\x7f])*"'
MERMAID_LINE = re.compile(
    rf"flowchart TB|  (?:start|finish)\(\((?:Start|End)\)\)|  s\d(?:\[{LABEL}\]|\{{\{{{LABEL}\}}\}}|\(\[{LABEL}\]\))"
    rf"|  \w+ (?:-->|-\.->)(?:\|{LABEL}\|)? \w+|  classDef \w+ [\w:#,.-]+|  class [s\d,]+ \w+"
)


@settings(max_examples=40, deadline=None)
@given(st.lists(ANY_TEXT | HOSTILE, min_size=3, max_size=5, unique=True), ANY_TEXT | HOSTILE)
def test_any_text_stays_text(names, words):
    """Names, comments, errors and conditions come out as they are, and make no element and no line of their own."""
    first, second, last, *_ = names
    machine = StateMachine(
        comment=words,
        start_at=first,
        states={
            first: Task(resource=words, comment=words, catch=(caught((words,), last),), next=second),
            second: Choice(choices=(ChoiceRule(condition=f"{{% {words} %}}", next=last),), default=first),
            last: Fail(error=words, cause=words),
        },
    )
    _, boxes = drawn(machine)
    assert [box.find(f"{SVG}title").text.split("\n")[0] for box in boxes] == [visible(name) for name in (first, second, last)]
    text = mermaid(walk(machine))
    for line in text.splitlines():
        assert MERMAID_LINE.fullmatch(line), line
    shown = [html.unescape(ENTITY.sub(r"&#\1;", found)) for found in re.findall(r'^  s\d+\W+"(.*?)<br/>', text, re.MULTILINE)]
    assert shown == [visible(name) for name in (first, second, last)]


MACHINES = st.integers(2, 14).flatmap(
    lambda count: st.lists(st.lists(st.integers(0, count - 1), min_size=1, max_size=3, unique=True), min_size=count, max_size=count)
)


@settings(max_examples=40, deadline=None)
@given(MACHINES)
def test_boxes_do_not_overlap_and_lines_reach_them(ways):
    """In any graph, also with loops, no boxes overlap, all are inside the picture, and every transition is a line between its boxes."""
    machine = StateMachine(
        start_at="S0",
        states={
            f"S{i}": Choice(choices=tuple(ChoiceRule(condition=f"{{% $a = {j}{' and $b = 1' * j} %}}", next=f"S{j}") for j in targets))
            for i, targets in enumerate(ways)
        },
    )
    drawing = arrange(groups(walk(machine)))
    boxes = {placed.box.key: (placed.x, placed.y, placed.x + placed.width, placed.y + placed.height) for placed in drawing.places}
    boxes |= {mark: (x, y, x + width, y + height) for mark, (x, y, width, height) in drawing.marks.items()}
    for left, top, right, bottom in boxes.values():
        assert 0 <= left < right <= drawing.width
        assert 0 <= top < bottom <= drawing.height
    for (l1, t1, r1, b1), (l2, t2, r2, b2) in combinations(boxes.values(), 2):
        assert r1 <= l2 or r2 <= l1 or b1 <= t2 or b2 <= t1
    links = [link for group in groups(walk(machine)) for link in group.links]
    assert [(wire.link.source, wire.link.target) for wire in drawing.wires] == [(link.source, link.target) for link in links]
    for wire in drawing.wires:
        for key, (x, y) in ((wire.link.source, wire.points[0]), (wire.link.target, wire.points[-1])):
            left, top, right, bottom = boxes[key]
            assert left - 1 <= x <= right + 1
            assert top - 1 <= y <= bottom + 1
        if wire.lines:
            assert beside(wire), "a label is on its line, or just beside it"
            assert all(0 <= at <= most for at, most in zip(wire.label, (drawing.width, drawing.height), strict=True))


def beside(wire: Wire) -> bool:
    """Return whether a label touches its line, or is at most four pixels beside it."""
    (left, top), (right, bottom) = corners(wire)
    return any(
        left - 5 <= max(x1, x2) and min(x1, x2) <= right + 5 and top - 5 <= max(y1, y2) and min(y1, y2) <= bottom + 5
        for (x1, y1), (x2, y2) in pairwise(wire.points)
    )


def corners(wire: Wire) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the upper left and the lower right corner of a label."""
    width, height = max(measure(line, LABEL_SIZE) for line in wire.lines) + 8, LABEL_LINE * len(wire.lines) + 2
    x, y = wire.label or (0, 0)
    return (x - width // 2, y - height // 2), (x + width // 2, y + height // 2)


LONG = "{% $total > 1000 and $country = 'Germany' and $verified = false %}"


def decision(ways: int) -> StateMachine:
    """Make a state machine with long conditions, an error and a way back."""
    rules = tuple(ChoiceRule(condition=LONG.replace("1000", str(n)), next=f"Way{n}") for n in range(ways))
    states = {
        "Fetch": Task(resource="arn:aws:states:::lambda:invoke", catch=(caught(("Some.Long.Name.OfAnError",), "Gone"),), next="Decide"),
        "Decide": Choice(choices=(*rules, ChoiceRule(condition=LONG.replace("1000", "again"), next="Fetch")), default="Gone"),
        **{f"Way{n}": Pass(next="Done") for n in range(ways)},
        "Done": Succeed(),
        "Gone": Fail(),
    }
    return StateMachine(start_at="Fetch", states=states)


@pytest.mark.parametrize("ways", [1, 2, 3, 5, 9])
def test_labels_cover_neither_states_nor_each_other(ways: int) -> None:
    """Long conditions too: they are on two lines, shortened, and each is beside its own line."""
    drawing = arrange(groups(walk(decision(ways))))
    wires = [wire for wire in drawing.wires if wire.lines]
    assert len(wires) == ways + 3
    assert all(beside(wire) for wire in wires)
    boxes = [((p.x, p.y), (p.x + p.width, p.y + p.height)) for p in drawing.places]
    labels = [corners(wire) for wire in wires]
    for one, other in [*combinations(labels, 2), *product(labels, boxes)]:
        ((l1, t1), (r1, b1)), ((l2, t2), (r2, b2)) = one, other
        assert r1 <= l2 or r2 <= l1 or b1 <= t2 or b2 <= t1
    assert max(len(line) for wire in wires for line in wire.lines) <= 30


def test_a_shortened_label_has_its_whole_text_as_a_tooltip() -> None:
    """A label that is whole needs none."""
    root, _ = drawn(decision(2))
    tooltips = {
        title.text for group in root.iter(f"{SVG}g") if group.get("class") in ("choice", "catch") for title in group.findall(f"{SVG}title")
    }
    assert "$total > 1 and $country = 'Germany' and $verified = false" in tooltips
    plain, _ = drawn(fan(2))
    assert not [group for group in plain.iter(f"{SVG}g") if group.get("class") == "choice" and group.find(f"{SVG}title") is not None]


def test_what_is_inside_a_container_is_drawn_inside_it():
    """Maps and Parallels hold the drawings of their scopes."""
    outer = next(placed for placed in arrange(groups(walk(EVERYTHING))).places if placed.box.name == "Each order")
    ((left, top, inner),) = outer.inner
    assert left + inner.width <= outer.width
    assert top + inner.height <= outer.height
    (both,) = inner.places
    (l1, _, first), (l2, _, _) = both.inner
    assert l1 + first.width <= l2


def test_a_wide_choice_is_drawn_from_left_to_right():
    """Forty ways side by side would be far wider than a page."""
    drawing = arrange(groups(walk(fan(40))))
    assert drawing.height > drawing.width
    assert all(wire.label for wire in drawing.wires if wire.lines)
    assert arrange(groups(walk(fan(4)))).width < WIDEST


def test_a_loop_goes_back_up():
    """Poll until done: the way back is drawn as such, not by turning the picture round."""
    drawing = arrange(groups(walk(EVERYTHING)))
    tops = {placed.box.name: placed.y for placed in drawing.places}
    assert tops["Submit"] < tops["Pause"] < tops["Ready?"] < tops["Each order"]


def test_many_states_become_a_list_that_names_every_transition():
    """Above the limit, each way that is not simply the next box is written under its state, with a link to where it leads."""
    states = {
        f"S{i}": Task(resource="arn:aws:states:::lambda:invoke", catch=(caught(("Oops",), "F"),), next=f"S{i + 1}")
        for i in range(MOST_STATES)
    }
    machine = StateMachine(start_at="S0", states={**states, f"S{MOST_STATES}": Succeed(), "F": Fail()})
    root, boxes = drawn(machine)
    assert len(boxes) == MOST_STATES + 2
    links = [(link.get("href"), link[0].text) for link in root.iter(f"{SVG}a")]
    target = next(box.get("id") for box in boxes if box.find(f"{SVG}title").text == "F")
    assert links.count((f"#{target}", "Oops ⤳ F")) == MOST_STATES


@pytest.mark.parametrize("machine", [chain(10_000), fan(10_000)], ids=["chain", "fan"])
def test_ten_thousand_states(machine):
    """No recursion over the number of states, and every state is there."""
    assert svg(walk(machine)).count('class="name"') == len(machine.states)
    text = mermaid(walk(machine))
    assert text.count("<br/>") == len(machine.states)
    assert not drawable(text)


def test_deep_nesting():
    """Containers are laid out from the inside out, however deep."""
    states = {"X": Pass(end=True)}
    for depth in range(60):
        states = {f"P{depth}": Parallel(branches=(Branch(start_at=next(iter(states)), states=states),), end=True)}
    root, boxes = drawn(StateMachine(start_at="P59", states=states))
    assert len(boxes) == 61
    assert int(root.get("height")) < 20_000


@pytest.mark.parametrize(
    "machine",
    [
        StateMachine(),
        StateMachine(start_at="nowhere", states={"A": Pass(next="gone")}),
        StateMachine(start_at="A", states={"A": UnknownState(extra={"Type": "Loop <b>"})}),
        StateMachine(start_at="A", states={"A": Pass(next="A")}),
        StateMachine(start_at="A", states={"A": Map(end=True), "B": Parallel(branches=(), end=True)}),
        StateMachine(start_at="A", states={"A": Choice(), "": Pass()}),
        StateMachine(start_at="A", states={"A": Parallel(branches=(Branch(),), end=True)}),
    ],
    ids=["empty", "dangling", "unknown type", "itself", "no scopes", "no rules", "empty branch"],
)
def test_unfinished_machines_are_drawn_too(machine):
    """What is wrong with a definition, the checks say; a picture of it never fails."""
    _, boxes = drawn(machine)
    assert len(boxes) == sum(len(group.boxes) for group in groups(walk(machine)))
    assert mermaid(walk(machine)).startswith("flowchart TB\n")


def test_the_same_bytes_whatever_the_hash_seed():
    """Nothing depends on the order of sets."""
    script = (
        "import sys, runpy; g = runpy.run_path(sys.argv[1]); svg, mermaid, walk = g['svg'], g['mermaid'], g['walk'];"
        "sys.stdout.buffer.write((svg(walk(g['EVERYTHING'])) + mermaid(walk(g['fan'](30))) + svg(walk(g['fan'](30)))).encode())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script, __file__], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("0", "1", "77")
    }
    assert len(outputs) == 1
    assert outputs.pop().startswith(b"<svg")


def test_start_and_end_are_marked():
    """Start above everything, end below."""
    drawing = arrange(groups(walk(EVERYTHING)))
    ys = [placed.y for placed in drawing.places]
    assert drawing.marks[START][1] < min(ys)
    assert drawing.marks[END][1] > max(ys)
