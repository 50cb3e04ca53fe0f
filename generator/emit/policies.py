r"""The policies of a workflow's execution role as files, and those of the functions' roles."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from generator.asl.placeholders import NAME
from generator.iam.functions import role_policy
from generator.iam.policy import trust_policy

if TYPE_CHECKING:
    from generator.dsl.resources import Function
    from generator.iam.role import ExecutionRole

TRUST_FILE: Final = "trust.policy.json"

_NOT_A_PLACEHOLDER: Final = re.compile(r"\$\{(?!" + NAME + r"\})")


def policy_file(name: str) -> str:
    """Return the name of a policy's file.

    >>> policy_file("execution-role")
    'execution-role.policy.json'
    """
    return f"{name}.policy.json"


def policy_text(document: Mapping[str, Any]) -> str:
    r"""Write a policy deterministically; text that only looks like a template is escaped so that Terraform reads it as text.

    >>> policy_text({"Resource": "${orders_arn}", "Sid": "${*}"})
    '{\n  "Resource": "${orders_arn}",\n  "Sid": "\\u0024{*}"\n}\n'
    """
    text = json.dumps(document, indent=2, ensure_ascii=True)
    return _NOT_A_PLACEHOLDER.sub(lambda _: "\\u0024{", text).replace("%{", "\\u0025{") + "\n"


def files(role: ExecutionRole) -> dict[str, str]:
    """Return the policies of an execution role, and its trust policy, as file name and text, sorted."""
    texts = {policy_file(policy.name): policy_text(policy.document.document()) for policy in role.policies}
    return dict(sorted((texts | {TRUST_FILE: policy_text(trust_policy())}).items()))


def of_functions(functions: Iterable[Function]) -> dict[str, str]:
    """Return the role policy of each function as file name and text, sorted."""
    ordered = sorted(functions, key=lambda function: function.name)
    return {policy_file(function.name): policy_text(role_policy(function).document()) for function in ordered}


def needed_by(role: ExecutionRole) -> dict[str, list[str]]:
    """Return which states need each permission; the name of a setting, in parentheses, is listed where no state needs it."""
    needs: dict[str, list[str]] = {}
    for policy in role.policies:
        for statement in policy.document.statements:
            names = dict.fromkeys(f"({policy.setting})" if policy.setting else need.needed_by for need in statement.needed_by)
            for action in statement.actions:
                known = needs.setdefault(action, [])
                known += [name for name in names if name not in known]
    return needs
