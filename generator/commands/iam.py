"""``iam``: print the least policy that the execution role of a definition needs."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from generator.asl.definition import Definition, read_definition
from generator.catalog.patterns import Deployment
from generator.checks import check_role
from generator.commands.report import show
from generator.diagnostics.locate import locate
from generator.diagnostics.model import Diagnostic, failed, pointer_text
from generator.emit.terraform.template import policy_template
from generator.iam.policy import PolicyDocument
from generator.iam.role import ExecutionRole, execution_role


@dataclass(frozen=True, slots=True)
class Place:
    """Where a definition will run, as far as the user has said so.

    Attributes:
        partition: ``aws``, ``aws-cn`` or ``aws-us-gov``.
        region: the code of the region.
        account: the 12 digits of the account.
        name: the name of the state machine.
    """

    partition: str | None = None
    region: str | None = None
    account: str | None = None
    name: str | None = None

    @property
    def deployment(self) -> Deployment | None:
        """The deployment, or None if nothing is known."""
        given: dict[str, Any] = {"partition": self.partition, "region": self.region, "account": self.account, "name": self.name}
        known = {key: value for key, value in given.items() if value is not None}
        return replace(Deployment(), **known) if known else None


@dataclass(frozen=True, slots=True)
class Settings:
    """What the policy is for, beside the states.

    Attributes:
        logs: whether the machine writes execution logs to CloudWatch Logs.
        traces: whether it sends traces to X-Ray.
        kms_key_arn: the customer managed key that encrypts it; empty if there is none.
        place: where it will run.
    """

    logs: bool = False
    traces: bool = False
    kms_key_arn: str = ""
    place: Place = field(default_factory=Place)


def iam(file: Path, settings: Settings | None = None, *, with_reasons: bool = False) -> int:
    """Print the policy on standard output, and problems on standard error.

    Args:
        file: the definition; ``-`` is standard input.
        settings: what the policy is for.
        with_reasons: print what each permission is for instead of the policy.

    Returns:
        the exit code.
    """
    definition = read_definition(file)
    role, problems = derive(definition, settings or Settings())
    if role is not None and with_reasons:
        sys.stdout.write(reasons(role.policy))
    elif role is not None:
        sys.stdout.writelines(policy_template(part.document()) for part in role.policy.split())
    return show(problems, texts={definition.document.name: definition.document.text}, out=sys.stderr)


def derive(definition: Definition, settings: Settings) -> tuple[ExecutionRole | None, list[Diagnostic]]:
    """Derive the execution role of a definition, and check it; no role if the definition cannot be read."""
    if definition.walk is None or failed(definition.diagnostics):
        return None, definition.diagnostics
    role = execution_role(
        definition.walk, settings.place.deployment, logs=settings.logs, traces=settings.traces, kms_key_arn=settings.kms_key_arn
    )
    return role, [*definition.diagnostics, *locate(check_role(role), definition.document.locate)]


def reasons(policy: PolicyDocument) -> str:
    """Write the statements of a policy with what needs them, for a terminal."""
    out: list[str] = []
    for statement in policy.statements:
        out.append(statement.sid)
        out += (f"    {action}" for action in statement.actions)
        out += (f"      on {resource}" for resource in statement.resources)
        out += (f"      if {key} {operator} {', '.join(values)}" for operator, key, values in statement.conditions)
        for need in statement.needed_by:
            out.append(f"    for {need.needed_by} ({pointer_text(need.at)}): {need.grant.reason}")
            if need.grant.widened:
                out.append(f"        wider than its use: {need.grant.widened}")
            if need.grant.assumed:
                out.append(f"        may not be needed: {need.grant.assumed}")
            out.append(f"        {need.grant.source}")
        out.append("")
    return "\n".join(out) + "\n" if out else "The role needs no permissions.\n"
