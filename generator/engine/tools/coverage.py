"""Which states and transitions of a state machine a set of executions went through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.engine.execution import Execution

Transition = tuple[str, str]


def machines(definition: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The machine and those inside its Map and Parallel states."""
    stack = [definition]
    while stack:
        machine = stack.pop()
        yield machine
        for state in machine.get("States", {}).values():
            stack.extend(state.get("Branches", ()))
            stack.extend(state[key] for key in ("ItemProcessor", "Iterator") if key in state)


def transitions(definition: dict[str, Any]) -> set[Transition]:
    """All transitions that a definition allows.

    Example:
        >>> retry = {"Type": "Task", "Resource": "r", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B"}], "Next": "B"}
        >>> transitions({"StartAt": "A", "States": {"A": retry, "B": {"Type": "Succeed"}}})
        {('A', 'B')}
    """
    found: set[Transition] = set()
    for machine in machines(definition):
        for name, state in machine["States"].items():
            targets = [state.get("Next"), state.get("Default")]
            targets += [entry.get("Next") for key in ("Choices", "Catch") for entry in state.get(key, ())]
            found.update((name, target) for target in targets if target is not None)
    return found


class Coverage:
    """Collects what executions went through.

    Example:
        >>> from generator.engine import execute
        >>> machine = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Succeed"}}}
        >>> coverage = Coverage()
        >>> coverage.add("demo", execute(machine))
        >>> coverage.report()["demo"].percent
        100.0
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self._found: dict[str, MachineCoverage] = {}

    def add(self, name: str, execution: Execution) -> None:
        """Count an execution in, with the child executions of its Distributed Map states.

        Args:
            name: The state machine's.
            execution: The execution.
        """
        entry = self._found.setdefault(name, MachineCoverage(execution.machine.machine.definition))
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
        """What was found, by state machine."""
        return dict(sorted(self._found.items()))


class MachineCoverage:
    """What executions of one state machine went through.

    Attributes:
        all_states: Its states.
        all_transitions: Its transitions.
        states: Those that ran.
        transitions: Those that were taken.
    """

    def __init__(self, definition: dict[str, Any]) -> None:
        """Begin with nothing run."""
        self.all_states = {name for machine in machines(definition) for name in machine["States"]}
        self.all_transitions = transitions(definition)
        self.states: set[str] = set()
        self.transitions: set[Transition] = set()

    @property
    def percent(self) -> float:
        """States and transitions that ran, of all."""
        total = len(self.all_states) + len(self.all_transitions)
        return 100.0 * (len(self.states) + len(self.transitions & self.all_transitions)) / total

    def lines(self, name: str) -> list[str]:
        """A line of numbers, and lines of what is missing."""
        taken = len(self.transitions & self.all_transitions)
        states = f"{len(self.states)} of {len(self.all_states)} states"
        shown = [f"{name}: {states}, {taken} of {len(self.all_transitions)} transitions ({self.percent:.0f}%)"]
        if missing := sorted(self.all_states - self.states):
            shown.append(f"  states not run: {', '.join(missing)}")
        if untaken := sorted(self.all_transitions - self.transitions):
            shown.append(f"  transitions not taken: {', '.join(f'{a} -> {b}' for a, b in untaken)}")
        return shown
