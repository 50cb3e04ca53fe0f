"""The policies of an execution role as files, each with the setting that makes it needed.

What the states need is one policy. Logging, tracing and encryption are settings of the deployment, so each has a policy of
its own, which the module attaches where the setting is on. All are templates that `templatefile` fills.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from generator.emit.iam import PolicyDocument
    from generator.lower.compiled import CompiledWorkflow

Setting = Literal["", "logging", "tracing", "encryption"]

TRUST_FILE: Final = "trust.policy.json"
KMS_KEY: Final = "encryption_kms_key_arn"
"""The placeholder of the customer managed key: filled from the module's ``encryption_configuration``."""

_PLACEHOLDER = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class RolePolicy:
    """A permissions policy of the execution role.

    Attributes:
        name: of the inline policy, and of its file, ``{name}.policy.json``.
        text: the policy, a template for ``templatefile``.
        setting: the setting of the module that makes it needed; empty where it always is.
        managed: whether it is a managed policy, since it does not fit beside the others inline.
    """

    name: str
    text: str
    setting: Setting = ""
    managed: bool = False

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{self.name}.policy.json"

    @property
    def placeholders(self) -> frozenset[str]:
        """What the deployment must fill in."""
        return frozenset(_PLACEHOLDER.findall(self.text))


def role_policies(compiled: CompiledWorkflow, definition: Any = None) -> tuple[RolePolicy, ...]:
    """Derive the policies of a workflow's execution role.

    Args:
        compiled: the workflow, without errors.
        definition: its definition as JSON, where the caller has it already.
    """
    from generator.asl.write import to_json  # noqa: PLC0415
    from generator.catalog.patterns import TEMPLATED  # noqa: PLC0415
    from generator.emit.iam import INLINE_LIMIT, execution_role_policy  # noqa: PLC0415  loads the catalogue

    # A definition without states needs what its settings need.
    settings: list[tuple[Setting, PolicyDocument]] = [
        ("encryption", execution_role_policy({}, kms_key_arn=f"${{{KMS_KEY}}}", deployment=TEMPLATED)),
        ("logging", execution_role_policy({}, logging=True, deployment=TEMPLATED)),
        ("tracing", execution_role_policy({}, tracing=True, deployment=TEMPLATED)),
    ]
    states = execution_role_policy(
        to_json(compiled.machine) if definition is None else definition, workflow_type=compiled.workflow.type, deployment=TEMPLATED
    )
    room = INLINE_LIMIT - sum(policy.size for _, policy in settings)
    parts = states.split(room) if states.statements else ()
    managed = len(parts) > 1 or states.size > room
    return (
        *(
            RolePolicy(f"execution-role-{number:02}" if managed else "execution-role", part.json(), managed=managed)
            for number, part in enumerate(parts, 1)
        ),
        *(RolePolicy(setting, policy.json(), setting) for setting, policy in settings),
    )


def policy_files(policies: Sequence[RolePolicy]) -> dict[str, str]:
    """Give the policies, and the trust policy, as file name and text, sorted."""
    from generator.emit.iam import policy_json, trust_policy  # noqa: PLC0415

    return dict(sorted([(TRUST_FILE, policy_json(trust_policy())), *((policy.file, policy.text) for policy in policies)]))
