"""The Terraform of a workflow: a module in the style of the terraform-aws-modules collection.

``role_policies`` derives the execution role's policies, ``policy_files`` writes them, ``emit`` writes the module that uses them::

    policies = role_policies(compiled)
    files = policy_files(policies) | emit(compiled, policies)
"""

from generator.emit.terraform.module import emit
from generator.emit.terraform.roles import RolePolicy, needed_by, policy_files, role_policies

__all__ = ["RolePolicy", "emit", "needed_by", "policy_files", "role_policies"]
