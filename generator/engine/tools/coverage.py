"""The states and transitions of a state machine that some executions covered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from generator.asl.walk import Walk
    from generator.engine.execution import Execution

Transition: TypeAlias = tuple[str, str]
_PARTS: Final = ("all_states", "all_transitions", "states", "transitions")


def transitions(walk: Walk) -> set[Transition]:
    """Return all transitions that a definition allows.

    >>> from generator.engine import compile_definition
    >>> call = {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B"}]}
    >>> call = {**call, "Parameters": {"TopicArn": "arn:aws:sns:us-east-1:123456789012:t", "Message": "m"}, "Next": "B"}
    >>> transitions(compile_definition({"StartAt": "A", "States": {"A": call, "B": {"Type": "Succeed"}}}).walk)
    {('A', 'B')}
    """
    return {(entry.name, transition.target) for entry in walk.states for transition in entry.transitions}


class Coverage:
    """The states and transitions of some executions.

    >>> from generator.engine import execute
    >>> machine = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Succeed"}}}
    >>> coverage = Coverage()
    >>> coverage.add("demo", execute(machine))
    >>> coverage.report()["demo"].percent
    100.0
    """

    def __init__(self) -> None:
        """Start without executions."""
        self._found: dict[str, MachineCoverage] = {}

    def add(self, name: str, execution: Execution) -> None:
        """Add an execution, and those that it started: the children of its Distributed Maps, and other workflows by their names.

        Args:
            name: the name of the state machine.
            execution: the execution.
        """
        entry = self._found.setdefault(name, MachineCoverage())
        walk = execution.machine.machine.walk
        entry.definition = walk.document
        entry.all_states |= {at.name for at in walk.states}
        entry.all_transitions |= transitions(walk)
        events = execution.events
        for event in events:
            if event.type.endswith("StateEntered"):
                entry.states.add(event.details["name"])
                before = events[event.previous - 1] if event.previous else None
                if before is not None and before.type.endswith("StateExited"):
                    entry.transitions.add((before.details["name"], event.details["name"]))
        for child in execution.map_children:
            self.add(name, child)
        for child in execution.children:
            self.add(child.machine.title or child.machine.name, child)

    def report(self) -> dict[str, MachineCoverage]:
        """Return the coverage of each state machine by its name."""
        return dict(sorted(self._found.items()))

    def dump(self) -> dict[str, dict[str, list[Any]]]:
        """Return the coverage as JSON, to be merged with that of other processes."""
        return {
            name: {**{part: sorted(getattr(entry, part)) for part in _PARTS}, "definition": [entry.definition]}
            for name, entry in self._found.items()
        }

    def merge(self, dumped: dict[str, dict[str, list[Any]]]) -> None:
        """Add what :meth:`dump` returned in another process.

        >>> coverage = Coverage()
        >>> coverage.merge({"demo": {"all_states": ["A", "B"], "all_transitions": [["A", "B"]], "states": ["A"], "transitions": []}})
        >>> coverage.report()["demo"].lines("demo")[0]
        'demo: 1 of 2 states, 0 of 1 transitions (33%)'
        """
        for name, parts in dumped.items():
            entry = self._found.setdefault(name, MachineCoverage())
            entry.definition = next(iter(parts.get("definition", ())), None) or entry.definition
            for part in _PARTS:
                getattr(entry, part).update(tuple(each) if isinstance(each, list) else each for each in parts[part])


class MachineCoverage:
    """The coverage of one state machine.

    Attributes:
        all_states: the names of its states.
        all_transitions: its transitions.
        states: the states that ran.
        transitions: the transitions that were taken.
        definition: the definition, as JSON; None if it is not known.
    """

    def __init__(self) -> None:
        """Start without states."""
        self.all_states: set[str] = set()
        self.all_transitions: set[Transition] = set()
        self.states: set[str] = set()
        self.transitions: set[Transition] = set()
        self.definition: dict[str, Any] | None = None

    @property
    def percent(self) -> float:
        """The share of its states and transitions that were covered."""
        total = len(self.all_states) + len(self.all_transitions)
        return 100.0 * (len(self.states) + len(self.transitions & self.all_transitions)) / total

    def lines(self, name: str) -> list[str]:
        """Return a line with numbers, and lines with the states and transitions that are missing."""
        taken = len(self.transitions & self.all_transitions)
        states = f"{len(self.states)} of {len(self.all_states)} states"
        shown = [f"{name}: {states}, {taken} of {len(self.all_transitions)} transitions ({self.percent:.0f}%)"]
        if missing := sorted(self.all_states - self.states):
            shown.append(f"  states not run: {', '.join(missing)}")
        if untaken := sorted(self.all_transitions - self.transitions):
            shown.append(f"  transitions not taken: {', '.join(f'{a} -> {b}' for a, b in untaken)}")
        return shown
