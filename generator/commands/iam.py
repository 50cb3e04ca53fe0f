"""``iam``: print the least policy that the execution role of a definition needs."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from generator.asl.definition import Definition, read_definition
from generator.catalog.patterns import Deployment
from generator.checks import check_role
from generator.commands.report import show
from generator.diagnostics.locate import locate
from generator.diagnostics.model import Diagnostic, failed, pointer_text
from generator.emit.terraform.template import policy_template
from generator.iam.corrections import THE_WORKFLOW
from generator.iam.requirements import assumed_deployment
from generator.iam.role import ExecutionRole, execution_role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.asl.corrections import Correction
    from generator.asl.walk import Walk
    from generator.iam.requirements import Requirement


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

    def deployment(self, walk: Walk) -> Deployment:
        """Return the deployment of a definition: what the user has said, and otherwise what the definition shows."""
        given: dict[str, Any] = {"partition": self.partition, "region": self.region, "account": self.account, "name": self.name}
        return replace(assumed_deployment(walk), **{key: value for key, value in given.items() if value is not None})


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
        sys.stdout.write(reasons(role))
    elif role is not None:
        sys.stdout.writelines(policy_template(part.document()) for part in role.policy.split())
    return show(problems, texts={definition.document.name: definition.document.text}, out=sys.stderr)


def derive(definition: Definition, settings: Settings) -> tuple[ExecutionRole | None, list[Diagnostic]]:
    """Derive the execution role of a definition, and check it; no role if the definition cannot be read."""
    if definition.walk is None or failed(definition.diagnostics):
        return None, definition.diagnostics
    walked = definition.walk
    role = execution_role(
        walked, settings.place.deployment(walked), logs=settings.logs, traces=settings.traces, kms_key_arn=settings.kms_key_arn
    )
    return role, [*definition.diagnostics, *locate(check_role(role), definition.document.locate)]


def reasons(role: ExecutionRole) -> str:
    """Write the statements of a role with what needs them, and what its author removed, for a terminal."""
    out: list[str] = []
    for statement in role.policy.statements:
        out.append(statement.sid)
        out += (f"    {action}" for action in statement.actions)
        out += (f"      on {resource}" for resource in statement.resources)
        out += (f"      if {key} {operator} {', '.join(values)}" for operator, key, values in statement.conditions)
        for need in statement.needed_by:
            out += _reasons_of(need)
        out.append("")
    for outcome in role.outcomes:
        if outcome.removed:
            out.append("Not allowed, although derived")
            out += (f"    {action}" for action in outcome.removed)
            out += (f"      on {resource}" for resource in outcome.resources)
            out.append(f"    for {outcome.correction.for_state or THE_WORKFLOW}: {outcome.correction.reason}")
            out += [f"        {_written('removed', outcome.correction)}", ""]
    return "\n".join(out) + "\n" if out else "The role needs no permissions.\n"


_DONE: Final = {"allow": "added", "narrow": "narrowed", "replace": "replaced", "without": "limited"}


def _reasons_of(need: Requirement) -> Iterator[str]:
    yield f"    for {need.needed_by} ({pointer_text(need.at)}): {need.grant.reason}"
    for correction in need.corrections:
        how = _written(_DONE[correction.verb], correction)
        yield f"        {how}" if correction.verb == "allow" else f"        {how}: {correction.reason}"
    if need.grant.widened:
        yield f"        wider than its use: {need.grant.widened}"
    if need.grant.assumed:
        yield f"        may not be needed: {need.grant.assumed}"
    if need.grant.source:
        yield f"        {need.grant.source}"


def _written(how: str, correction: Correction) -> str:
    return f"{how} by the author" + (f" in {correction.written}" if correction.written else "")
