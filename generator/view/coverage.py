"""The coverage of a test run as a page: the states that ran and the transitions that were taken, on the graph of each machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.asl.parse import parse
from generator.asl.walk import walk
from generator.view.drawing import drawn
from generator.view.page import page
from generator.view.recording import Recording

if TYPE_CHECKING:
    from generator.engine.tools.coverage import Coverage, MachineCoverage


def coverage_page(coverage: Coverage) -> str:
    """Return the page as HTML.

    >>> from generator.engine import execute
    >>> from generator.engine.tools.coverage import Coverage
    >>> coverage = Coverage()
    >>> coverage.add("demo", execute({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}))
    >>> "<title>Workflow coverage" in coverage_page(coverage)
    True
    """
    machines = [_machine(name, entry) for name, entry in coverage.report().items()]
    return page("coverage", {"coverage": machines}, title="Workflow coverage")


def _machine(name: str, entry: MachineCoverage) -> dict[str, Any]:
    parsed = parse(entry.definition)[0] if entry.definition is not None else None
    states: list[dict[str, Any]] = []
    picture = ""
    if parsed is not None:
        _, made = drawn(Recording(name, [], walk=walk(parsed)))
        states = [{"name": state["name"], "type": state["type"], "key": state["key"]} for state in made["states"]]
        picture = made["svg"]
    known = {state["name"]: state["key"] for state in states}
    states += [{"name": each, "type": "", "key": each} for each in sorted(entry.all_states - known.keys())]
    for state in states:
        state["ran"] = state["name"] in entry.states
    return {
        "title": name,
        "svg": picture,
        "states": states,
        "transitions": [[known.get(a, a), known.get(b, b), (a, b) in entry.transitions] for a, b in sorted(entry.all_transitions)],
        "percent": entry.percent,
        "summary": entry.lines(name)[0].removeprefix(f"{name}: "),
    }
