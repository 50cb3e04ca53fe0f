"""What the tests of the emitters share."""

from tests.terraform.conftest import terraform_offline

__all__ = ["terraform_offline"]
