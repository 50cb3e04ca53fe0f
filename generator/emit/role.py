"""The policies of a workflow's execution role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.emit.iam import PolicyDocument
from generator.emit.terraform import roles

if TYPE_CHECKING:
    from generator.asl.walk import Walk


@dataclass(frozen=True, slots=True)
class RolePolicy:
    """One permissions policy of an execution role."""

    name: str
    document: PolicyDocument
    setting: str = ""
    managed: bool = False

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names of the values that deployment fills in, sorted."""
        return self.document.placeholders


def role_policies(walk: Walk) -> tuple[RolePolicy, ...]:
    """Derive the policies of the execution role of a definition that is deployed as a template."""
    template: Any = walk
    return tuple(RolePolicy(p.name, PolicyDocument(p.statements), p.setting, p.managed) for p in roles.role_policies(template))
