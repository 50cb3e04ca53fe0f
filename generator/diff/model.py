"""A change and a report: what is compared, how it differs, and what is dangerous about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from generator.asl.model import Json

Section = Literal["permissions", "states", "transitions", "retries and time", "deployment"]
How = Literal["added", "removed", "widened", "narrowed", "renamed", "moved", "changed"]

SECTIONS: Final[dict[Section, str]] = {
    "permissions": "Permissions",
    "states": "States",
    "transitions": "Transitions",
    "retries and time": "Retries and time",
    "deployment": "Deployment",
}
"""The sections of a report in their order, with their headings. What a reviewer must see first is first."""

SIGNS: Final[dict[How, str]] = {
    "added": "+",
    "removed": "-",
    "widened": "!",
    "narrowed": "~",
    "renamed": ">",
    "moved": ">",
    "changed": "~",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        section: the part of the report that shows it.
        how: the way it differs.
        subject: the state, permission, variable or resource.
        text: one line about it, without the subject.
        old: the old value; None if there is none.
        new: the new value; None if there is none.
        states: the states that need a permission.
        danger: why it can break something that runs; empty if it is not dangerous.
        source: the address of the documentation that says so.
    """

    section: Section
    how: How
    subject: str
    text: str
    old: Json = None
    new: Json = None
    states: tuple[str, ...] = ()
    danger: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence about executions in flight, with its source."""

    text: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class RouteCost:
    """The state transitions of the routes to one end.

    Attributes:
        end: the state that ends the routes.
        old: the fewest and the most transitions; None if there is no such end.
        new: the same of the new version.
    """

    end: str
    old: tuple[str, str] | None
    new: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class WorkflowReport:
    """What changed in one workflow, or in what the workflows share.

    Attributes:
        name: the name of the workflow; of shared resources, their folder.
        how: whether it is new, gone, or changed.
        changes: the differences, in the order of the sections.
        costs: the routes whose transitions changed.
        price: the words about the price of transitions; empty if no route changed.
        notes: what happens to executions in flight.
    """

    name: str
    how: How
    changes: tuple[Change, ...] = ()
    costs: tuple[RouteCost, ...] = ()
    price: str = ""
    notes: tuple[Note, ...] = ()

    @property
    def dangers(self) -> tuple[Change, ...]:
        """The dangerous changes, in order."""
        return tuple(change for change in self.changes if change.danger)

    def of(self, section: Section) -> tuple[Change, ...]:
        """Return the changes of one section."""
        return tuple(change for change in self.changes if change.section == section)


@dataclass(frozen=True, slots=True)
class Report:
    """All differences between two versions.

    Attributes:
        old: the old version, as the user named it.
        new: the new version.
        workflows: what changed, workflow by workflow; those without a difference are left out.
        compared: how many workflows were compared.
    """

    old: str
    new: str
    workflows: tuple[WorkflowReport, ...] = field(default=())
    compared: int = 0

    @property
    def changes(self) -> Iterator[Change]:
        """Every difference of every workflow."""
        for workflow in self.workflows:
            yield from workflow.changes
