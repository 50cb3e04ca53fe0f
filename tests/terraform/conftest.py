"""Terraform for the tests: one instance for the session."""

from __future__ import annotations

import pytest

from tests.terraform.offline import Offline


@pytest.fixture(scope="session")
def terraform_offline() -> Offline:
    """The real Terraform with the AWS provider's schema; no network, no credentials."""
    return Offline()
