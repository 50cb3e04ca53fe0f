"""What all tests share: hypothesis profiles, and projects in a temporary folder."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from generator.emit.artifact import Artifact
from tests.support.markers import internal_markers

if TYPE_CHECKING:
    from tests.support.terraform.offline import Offline

settings.register_profile("dev", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", max_examples=5000, deadline=None, suppress_health_check=[HealthCheck.too_slow])  # --hypothesis-profile
settings.load_profile("ci" if os.environ.get("CI") else "dev")

Project = Callable[..., Path]
collect_ignore_glob = [] if find_spec("stepfunctions") else ["support/sdk_*.py"]
"""The samples of the AWS Data Science SDK need its packages, which ``make test-sdk`` installs."""


def _loaded() -> dict[str, ModuleType]:
    """Return the imported modules of workflows: of this project, and of those that tests write."""
    packages = {"acme", "flows", "services", "workflows"}
    return {name: module for name, module in sys.modules.items() if name.partition(".")[0] in packages}


@pytest.fixture(autouse=True, scope="session")
def _no_internal_marker_in_any_artifact() -> Iterator[None]:
    """Look for internal markers in all artifacts that any test makes."""
    make = Artifact.__init__

    def checked(self: Artifact, path: str, content: bytes) -> None:
        make(self, path, content)
        assert internal_markers(content.decode("utf-8")) == [], path

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Artifact, "__init__", checked)
        yield


@pytest.fixture(autouse=True)
def imports_of_the_test() -> Iterator[None]:
    """Forget the modules of projects that a test imports, so that the next one finds its own, whichever tests a worker runs."""
    before = _loaded()
    folders = {name: [*module.__path__] for name, module in before.items() if hasattr(module, "__path__")}
    yield
    for name in _loaded():
        del sys.modules[name]
    sys.modules.update(before)
    for name, folder in folders.items():
        before[name].__path__ = folder


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
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
