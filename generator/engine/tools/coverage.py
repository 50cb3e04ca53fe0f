"""The states and transitions of a state machine that some executions covered."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.asl.walk import Walk
    from generator.engine.execution import Execution

Transition = tuple[str, str]


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
        """Add an execution, and the child executions of its Distributed Map states.

        Args:
            name: the name of the state machine.
            execution: the execution.
        """
        entry = self._found.setdefault(name, MachineCoverage(execution.machine.machine.walk))
        stack = [execution]
        while stack:
            current = stack.pop()
            stack.extend(child for map_run in current.map_runs for child in map_run.children)
            events = current.events
            for event in events:
                if event.type.endswith("StateEntered"):
                    entry.states.add(event.details["name"])
                    before = events[event.previous - 1] if event.previous else None
                    if before is not None and before.type.endswith("StateExited"):
                        entry.transitions.add((before.details["name"], event.details["name"]))

    def report(self) -> dict[str, MachineCoverage]:
        """Return the coverage of each state machine by its name."""
        return dict(sorted(self._found.items()))


class MachineCoverage:
    """The coverage of one state machine.

    Attributes:
        all_states: the names of its states.
        all_transitions: its transitions.
        states: the states that ran.
        transitions: the transitions that were taken.
    """

    def __init__(self, walk: Walk) -> None:
        """Start without executions."""
        self.all_states = {entry.name for entry in walk.states}
        self.all_transitions = transitions(walk)
        self.states: set[str] = set()
        self.transitions: set[Transition] = set()

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
