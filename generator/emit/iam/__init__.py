"""IAM: the policies of a state machine's execution role, what each statement is for, and the commands that show it."""

from generator.emit.iam.policy import (
    INLINE_LIMIT,
    MANAGED_LIMIT,
    PolicyDocument,
    Statement,
    execution_role_policy,
    merge,
    policy_json,
    trust_policy,
)

__all__ = [
    "INLINE_LIMIT",
    "MANAGED_LIMIT",
    "PolicyDocument",
    "Statement",
    "execution_role_policy",
    "merge",
    "policy_json",
    "trust_policy",
]
