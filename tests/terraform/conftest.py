"""Terraform for the tests: one instance for the session, and DOFS planned and applied in each environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.terraform.offline import PROJECT, Offline
from tests.terraform.plan import stand_ins

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENVIRONMENTS = ("dev", "staging", "prod")


@pytest.fixture(scope="session")
def terraform_offline() -> Offline:
    """The real Terraform with the AWS provider's schema; no network, no credentials."""
    return Offline()


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Something in place of what `make package` builds."""
    return stand_ins(tmp_path_factory.mktemp("dist"))


def resources(module: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All resources of a state's or a plan's module and of those in it."""
    yield from (resource for resource in module.get("resources", []) if resource["mode"] == "managed")
    for child in module.get("child_modules", []):
        yield from resources(child)


class Environment:
    """One environment, planned and applied to the stub."""

    def __init__(self, name: str, terraform: Offline, packages: Path) -> None:
        """Run Terraform."""
        self.name = name
        arguments: dict[str, Any] = {"var_file": f"environments/{name}.tfvars", "workspace": name, "root": PROJECT}
        self.plan = terraform.plan(PROJECT / "terraform", {"package_directory": str(packages)}, **arguments)
        self.state = terraform.apply(PROJECT / "terraform", {"package_directory": str(packages)}, **arguments)
        self.resources = {resource["address"]: resource for resource in resources(self.state["values"]["root_module"])}

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """The values of all resources of a type, by address."""
        return {address: resource["values"] for address, resource in self.resources.items() if resource["type"] == kind}


_environments: dict[str, Environment] = {}


@pytest.fixture(params=ENVIRONMENTS)
def environment(request: pytest.FixtureRequest, terraform_offline: Offline, packages: Path) -> Environment:
    """Each environment in turn."""
    if request.param not in _environments:
        _environments[request.param] = Environment(request.param, terraform_offline, packages)
    return _environments[request.param]
