"""The Terraform module of a workflow."""

from generator.emit.terraform.module import emit

__all__ = ["emit"]
