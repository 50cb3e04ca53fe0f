"""What all tests share: hypothesis profiles, and projects in a temporary folder."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from tests.support.terraform.offline import Offline

settings.register_profile("dev", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci" if os.environ.get("CI") else "dev")

Project = Callable[..., Path]


def _loaded() -> dict[str, ModuleType]:
    """Return the imported modules of workflows: of this project, and of those that tests write."""
    packages = {"acme", "flows", "services", "workflows"}
    return {name: module for name, module in sys.modules.items() if name.partition(".")[0] in packages}


@pytest.fixture
def imports_of_the_test() -> Iterator[None]:
    """Forget the modules of projects that a test imports, so that the next one finds its own."""
    before = _loaded()
    yield
    for name in _loaded():
        del sys.modules[name]
    sys.modules.update(before)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, imports_of_the_test: None) -> Project:
    """Make a project of workflow modules: ``project(orders="from generator import …")`` changes to its folder and returns it."""

    def make(**modules: str) -> Path:
        for name, text in modules.items():
            path = tmp_path / "workflows" / (name.replace("__", "/") + ".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text), encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        for name in _loaded():
            del sys.modules[name]
        return tmp_path

    return make


@pytest.fixture(scope="session")
def terraform_offline() -> Offline:
    """Return the real Terraform with the AWS provider's schema; it needs no network and no credentials."""
    from tests.support.terraform.offline import Offline  # noqa: PLC0415  most tests do not need gRPC

    return Offline()
