"""The command behind `make plan`."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest

from tests.support.terraform import plan, provider_schema

if TYPE_CHECKING:
    from pathlib import Path


def test_it_prints_the_plan(capsys: pytest.CaptureFixture[str]) -> None:
    """All of it, with Terraform's own summary; the first and the last line say that no account was asked."""
    assert plan.main(["dev"]) == 0
    printed = capsys.readouterr().out
    lines = printed.strip().splitlines()
    assert lines[0] == lines[-1]
    assert lines[0].startswith("OFFLINE PLAN of dev: no account was asked.")
    assert 'name                              = "dofs-dev-order-queue"' in printed
    assert re.search(r"Plan: \d+ to add, 0 to change, 0 to destroy\.", printed)


def test_it_plans_what_exists_once_per_account(capsys: pytest.CaptureFixture[str]) -> None:
    """The fourth root."""
    assert plan.main(["global"]) == 0
    printed = capsys.readouterr().out
    assert "dofs-prod-pipeline" in printed
    assert printed.startswith("OFFLINE PLAN of global")


@pytest.mark.parametrize("arguments", [[], ["test"], ["dev", "prod"]])
def test_it_asks_which_environment(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """There are three, and global."""
    assert plan.main(arguments) == 2
    assert "ENV=<dev|global|prod|staging>" in capsys.readouterr().err


def test_it_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """On a machine without the bindings and without an index, the requirement and pip's own words."""
    for name, value in (("XDG_CACHE_HOME", str(tmp_path)), ("PIP_NO_INDEX", "1"), ("PIP_FIND_LINKS", ""), ("PIP_CONFIG_FILE", os.devnull)):
        monkeypatch.setenv(name, value)
    assert plan.main(["dev"]) == 2
    assert f"{provider_schema.BINDINGS} could not be downloaded" in capsys.readouterr().err
