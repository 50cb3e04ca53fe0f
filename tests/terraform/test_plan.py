"""The command behind `make plan`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.terraform import plan, provider_schema

if TYPE_CHECKING:
    from pathlib import Path


def test_it_prints_the_plan(capsys: pytest.CaptureFixture[str]) -> None:
    """All of it, ending in Terraform's own summary."""
    assert plan.main(["dev"]) == 0
    printed = capsys.readouterr().out
    assert 'name                              = "dofs-dev-order-queue"' in printed
    assert re.search(r"Plan: \d+ to add, 0 to change, 0 to destroy\.", printed)


@pytest.mark.parametrize("arguments", [[], ["test"], ["dev", "prod"]])
def test_it_asks_which_environment(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """There are three."""
    assert plan.main(arguments) == 2
    assert "ENV=<dev|prod|staging>" in capsys.readouterr().err


def test_it_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """On a machine without the bindings and without an index, the requirement and pip's own words."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(provider_schema, "BINDINGS", "cdktn-provider-aws==0.0.0.dev0")
    assert plan.main(["dev"]) == 2
    assert "cdktn-provider-aws==0.0.0.dev0 could not be downloaded" in capsys.readouterr().err
