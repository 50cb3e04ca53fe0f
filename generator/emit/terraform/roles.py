"""The policies of an execution role as files, each with the setting that makes it needed.

What the states need is one policy. Logging, tracing and encryption are settings of the deployment, so each has a policy of
its own, which the module attaches where the setting is on. All are templates that `templatefile` fills.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from generator.catalog.resources import ACTIVITY

if TYPE_CHECKING:
    from generator.emit.iam import PolicyDocument, Statement
    from generator.lower.compiled import CompiledWorkflow

Setting = Literal["", "encryption", "log-encryption", "logging", "tracing"]

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
        statements: what it was written from.
    """

    name: str
    text: str
    setting: Setting = ""
    managed: bool = False
    statements: tuple[Statement, ...] = ()

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
    from generator.emit.iam import INLINE_LIMIT  # noqa: PLC0415

    settings = _settings()
    states = _states(compiled, compiled.document if definition is None else definition)
    # All inline policies of a role share one limit.
    room = INLINE_LIMIT - sum(policy.size for policy in settings.values())
    parts = states.split(room) if states.statements else ()
    managed = len(parts) > 1 or states.size > room
    return (
        *(
            RolePolicy(
                f"execution-role-{number:02}" if managed else "execution-role", part.json(), managed=managed, statements=part.statements
            )
            for number, part in enumerate(parts, 1)
        ),
        *(RolePolicy(setting, policy.json(), setting, statements=policy.statements) for setting, policy in settings.items()),
    )


def _states(compiled: CompiledWorkflow, definition: Any) -> PolicyDocument:
    """What the states need. A definition can't tell an activity's placeholder from a function's; the workflow can."""
    from generator.catalog.execution_role import requirements  # noqa: PLC0415  loads the catalogue
    from generator.catalog.patterns import TEMPLATED  # noqa: PLC0415
    from generator.emit.iam import merge  # noqa: PLC0415

    activities = {(f"${{{name}}}",) for name, each in compiled.placeholders.items() if each.kind == ACTIVITY.key}
    needs = requirements(definition, TEMPLATED)
    return merge(need for need in needs if need.grant.resources not in activities)


def _settings() -> dict[Setting, PolicyDocument]:
    """What each setting of a deployment needs, by its name: a definition without states needs nothing else."""
    from generator.catalog.execution_role import requirements  # noqa: PLC0415
    from generator.catalog.patterns import TEMPLATED  # noqa: PLC0415
    from generator.emit.iam import merge  # noqa: PLC0415

    key = f"${{{KMS_KEY}}}"
    logging = requirements({}, TEMPLATED, logging=True)
    encryption = requirements({}, TEMPLATED, kms_key_arn=key)
    alone = [need.grant for need in (*logging, *encryption)]
    both = [need for need in requirements({}, TEMPLATED, logging=True, kms_key_arn=key) if need.grant not in alone]
    return {
        "encryption": merge(encryption),
        "log-encryption": merge(both),
        "logging": merge(logging),
        "tracing": merge(requirements({}, TEMPLATED, tracing=True)),
    }


def policy_files(policies: Sequence[RolePolicy]) -> dict[str, str]:
    """Give the policies, and the trust policy, as file name and text, sorted."""
    from generator.emit.iam import policy_json, trust_policy  # noqa: PLC0415

    return dict(sorted([(TRUST_FILE, policy_json(trust_policy())), *((policy.file, policy.text) for policy in policies)]))


def needed_by(policies: Sequence[RolePolicy]) -> dict[str, list[str]]:
    """Give which states need each permission, for the reader of the workflow's page; settings stand for what no state needs."""
    needs: dict[str, list[str]] = {}
    for policy in policies:
        for statement in policy.statements:
            names = dict.fromkeys(need.state or f"({policy.setting})" for need in statement.needed_by)
            for action in statement.actions:
                known = needs.setdefault(action, [])
                known += [name for name in names if name not in known]
    return needs
