"""The environments of DOFS and the resources that Terraform makes in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ENVIRONMENTS = ("dev", "staging", "prod")


def resources(module: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the resources of a module in a state or a plan, those of its child modules included."""
    yield from (resource for resource in module.get("resources", []) if resource["mode"] == "managed")
    for child in module.get("child_modules", []):
        yield from resources(child)


class Environment:
    """One environment, planned and applied to the stub."""

    def __init__(self, name: str, plan: dict[str, Any], state: dict[str, Any]) -> None:
        """Look up the resources of the state."""
        self.name, self.plan, self.state = name, plan, state
        self.resources = {resource["address"]: resource for resource in resources(state["values"]["root_module"])}

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the values of all resources of a type, by address."""
        return {address: resource["values"] for address, resource in self.resources.items() if resource["type"] == kind}
