"""DOFS, planned and applied in each environment."""

from __future__ import annotations

import fcntl
import json
import os
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.terraform.environments import ENVIRONMENTS, Environment
from tests.support.terraform.offline import PROJECT, Offline
from tests.support.terraform.plan import stand_ins

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write files in place of the packages that `make package` builds."""
    return stand_ins(tmp_path_factory.mktemp("dist"))


def run(name: str, terraform: Offline, packages: Path) -> dict[str, Any]:
    """Plan and apply an environment."""
    given = {"package_directory": str(packages)}, f"environments/{name}.tfvars"
    with terraform.session(PROJECT / "terraform", workspace=name, root=PROJECT) as run:
        return {"plan": run.plan(*given), "state": run.apply(*given)}


@pytest.fixture(scope="session")
def environments(terraform_offline: Offline, packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Environment]:
    """Return a function that makes an environment. The first test process that needs it runs Terraform for all processes."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    @cache
    def environment(name: str) -> Environment:
        made = shared / f"{name}.json"
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.exists():
                made.write_text(json.dumps(run(name, terraform_offline, packages)))
        return Environment(name, **json.loads(made.read_text()))

    return environment


@pytest.fixture(params=ENVIRONMENTS)
def environment(request: pytest.FixtureRequest, environments: Callable[[str], Environment]) -> Environment:
    """Return each environment in turn."""
    return environments(request.param)
