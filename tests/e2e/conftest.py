"""A new DOFS for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from moto import mock_aws

from tests.support.dofs import Dofs

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def dofs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Dofs]:
    """Make the system, without faults."""
    with mock_aws():
        yield Dofs(monkeypatch)
