"""The definition that a history ran: a file, or the workflow of the project whose states the history has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.asl.definition import Definition
from generator.diagnostics.model import failed
from generator.engine import DefinitionError
from generator.engine.compile import compile_read
from generator.engine.definitions import read
from generator.lower import CompiledWorkflow, compile_workflow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.asl.walk import Walk
    from generator.diagnostics.locate import Locator
    from generator.engine.compile import Machine
    from generator.loader import Loaded


class Workflows:
    """The workflows of a project, compiled when they are needed."""

    def __init__(self, loaded: Loaded | None) -> None:
        """Create it for what was loaded; None for no project."""
        usable = loaded is not None and not failed(loaded.diagnostics)
        self._workflows = {workflow.name: workflow for _, workflow in loaded.workflows} if usable and loaded is not None else {}
        self._placeholders = loaded.placeholders if usable and loaded is not None else {}
        self._compiled: dict[str, CompiledWorkflow] = {}

    def compiled(self, name: str) -> CompiledWorkflow | None:
        """Return a compiled workflow by its name; None if there is none."""
        if name in self._workflows and name not in self._compiled:
            self._compiled[name] = compile_workflow(self._workflows[name], self._placeholders)
        return self._compiled.get(name)

    def locator(self, name: str) -> Locator | None:
        """Return what locates the lines of a workflow, by its name or by the name that it is deployed under."""
        found = self.compiled(name) or next((self.compiled(each) for each in self._workflows if name.endswith(f"-{each}")), None)
        return None if found is None else found.locate

    def locators(self) -> dict[str, Locator]:
        """Return what locates the lines of each workflow, by its name."""
        return {name: found.locate for name in self._workflows if (found := self.compiled(name)) is not None}

    def of(self, history: Sequence[Mapping[str, Any]]) -> CompiledWorkflow | None:
        """Return the one workflow that has all states of a history; None if there is none, or several."""
        names = {
            event["stateEnteredEventDetails"]["name"]
            for event in history
            if isinstance(event.get("stateEnteredEventDetails"), dict) and "name" in event["stateEnteredEventDetails"]
        }
        fitting = []
        for name in self._workflows:
            found = self.compiled(name)
            if found is not None and names and names <= {at.name for at in found.walk.states}:
                fitting.append(found)
        return fitting[0] if len(fitting) == 1 else None


def machine_of(definition: CompiledWorkflow | Definition) -> tuple[Walk | None, Machine | None, Mapping[str, str]]:
    """Return the walk over a definition, the machine that computes its data if it compiles, and the names of its resources.

    >>> from generator.asl.definition import read_definition
    >>> machine_of(read_definition("no/such/file.json"))
    (None, None, {})
    """
    try:
        if isinstance(definition, CompiledWorkflow):
            source = read(definition)
            return source.machine.walk, source.machine, source.resources
        return definition.walk, compile_read(definition) if definition.walk is not None else None, {}
    except DefinitionError:
        return definition.walk, None, {}
