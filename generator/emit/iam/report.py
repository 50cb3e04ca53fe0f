"""What each statement of a role is for, as a table; and the commands `iam` and `check-policy`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.asl.text import file_locator, read_json
from generator.catalog.execution_role import requirements
from generator.catalog.patterns import Deployment
from generator.diagnostics.locate import locate
from generator.diagnostics.model import Diagnostic, Finding, Severity, Span
from generator.emit.iam.policy import INLINE_LIMIT, PolicyDocument, merge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.catalog.execution_role import Requirement


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what a state needs and why.

    Args:
        sid: The statement that gives it.
        state: The state's name, or the setting of the machine.
        pointer: Where it stands in the definition.
        actions: What it needs.
        resources: On what.
        reason: What for.
        widened: Why the resources are wider than its use; empty when they are certain.
        source: The documentation that says so.
    """

    sid: str
    state: str
    pointer: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    reason: str
    widened: str
    source: str


def rows(policy: PolicyDocument) -> Iterator[Row]:
    """Yield why each statement stands in the policy, state by state.

    >>> from generator.emit.iam import execution_role_policy
    >>> machine = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${check_arn}", "End": True}}}
    >>> [(row.sid, row.state, row.reason) for row in rows(execution_role_policy(machine))]
    [('LambdaInvokeFunction', 'A', 'Invoke the function')]
    """
    for statement in policy.statements:
        for need in statement.needed_by:
            grant = need.grant
            name = need.state or need.pointer.strip("/")
            yield Row(statement.sid, name, need.pointer, grant.actions, grant.resources, grant.reason, grant.widened, grant.source)


def explain(policy: PolicyDocument) -> str:
    """Return the policy's statements with the states that need them, as text for a terminal."""
    out: list[str] = []
    by_sid: dict[str, list[Row]] = {}
    for row in rows(policy):
        by_sid.setdefault(row.sid, []).append(row)
    for statement in policy.statements:
        out.append(statement.sid)
        out += (f"    {action}" for action in statement.actions)
        out += (f"      on {resource}" for resource in statement.resources)
        for operator, key, values in statement.conditions:
            out.append(f"      if {key} {operator} {', '.join(values)}")
        for row in by_sid.get(statement.sid, ()):
            out.append(f"    for {row.state} ({row.pointer}): {row.reason}")
            if row.widened:
                out.append(f"        wider than its use: {row.widened}")
            out.append(f"        {row.source}")
        out.append("")
    return "\n".join(out) + "\n" if out else "The role needs no permissions.\n"


def iam_command(
    file: Path,
    *,
    with_reasons: bool = False,
    logging: bool = False,
    tracing: bool = False,
    kms_key_arn: str = "",
    deployment: Deployment | None = None,
) -> tuple[str, list[Diagnostic]]:
    """Return what `iam FILE` prints, and the diagnostics to show beside it; no text when the file cannot be used.

    Args:
        file: An ASL definition, with or without placeholders, in either query language; `-` for standard input.
        with_reasons: Print what each permission is for instead of the policy.
        logging: Whether the machine logs to CloudWatch Logs.
        tracing: Whether it traces with X-Ray.
        kms_key_arn: The customer managed key that encrypts it, if any.
        deployment: Where it will run, as far as that is known.
    """
    text, definition, problems = _read(file)
    if definition is None:
        return "", problems
    needs = requirements(definition, deployment, logging=logging, tracing=tracing, kms_key_arn=kms_key_arn)
    policy = merge(needs)
    problems += locate(_role_findings(definition, needs, policy), file_locator(_name(file), text))
    if with_reasons:
        return explain(policy), problems
    return "".join(part.json() for part in policy.split()), problems


def check_policy_command(file: Path, policy_file: Path, *, deployment: Deployment | None = None) -> list[Diagnostic]:
    """Return what `check-policy FILE POLICY` finds: permissions that the policy lacks, and those that no state needs."""
    from generator.checks.policy import excess, missing  # noqa: PLC0415 - the other command does without

    text, definition, problems = _read(file)
    policy_text, policy, policy_problems = _read(policy_file)
    if definition is None or policy is None:
        return [*problems, *policy_problems]
    needs = requirements(definition, deployment)
    beyond = locate(excess(policy, needs), file_locator(_name(policy_file), policy_text))
    lacks = [] if any(problem.code == "SFN714" for problem in beyond) else locate(missing(policy, needs), file_locator(_name(file), text))
    return [*problems, *policy_problems, *lacks, *beyond]


def role_findings(definition: Any, deployment: Deployment | None = None) -> list[Finding]:
    """Return what there is to say about the role of a definition (SFN701 to SFN703), for the pipeline."""
    needs = requirements(definition, deployment)
    return list(_role_findings(definition, needs, merge(needs)))


def _role_findings(definition: Any, needs: list[Requirement], policy: PolicyDocument) -> Iterator[Finding]:
    from generator.checks.policy import MANAGED_POLICIES, unknown_permissions, widened  # noqa: PLC0415 - see above

    yield from widened(needs)
    yield from unknown_permissions(definition)
    if policy.size > INLINE_LIMIT:
        parts = len(policy.split())
        too_many = parts > MANAGED_POLICIES
        yield Finding(
            "SFN703",
            (),
            f"the role's policy has {policy.size:,} characters, and is split into {parts} managed policies",
            found=f"{policy.size:,} characters",
            expected=f"at most {INLINE_LIMIT:,} characters for an inline policy",
            hint=f"a role takes {MANAGED_POLICIES} managed policies; split the workflow, or ask AWS for a higher quota" if too_many else "",
        )


def _read(file: Path) -> tuple[str, Any, list[Diagnostic]]:
    """Read a JSON file; without a value in it, the diagnostics say why."""
    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        text = data.decode("utf-8")
    except OSError as error:
        return "", None, [Diagnostic("SFN004", Severity.ERROR, f"the file cannot be read: {error.strerror}", Span(str(file)))]
    except UnicodeDecodeError:
        return "", None, [Diagnostic("SFN001", Severity.ERROR, "this is not UTF-8 text", Span(_name(file)))]
    document, findings, stopped = read_json(text)
    if stopped is not None:
        place = Span(_name(file), stopped.line, stopped.column, stopped.end_line, stopped.end_column)
        return text, None, locate(findings, lambda _: place)
    problems = locate(findings, file_locator(_name(file), text))
    if not isinstance(document, dict):
        wrong = Finding("SFN003", (), "a definition is a JSON object")
        return text, None, [*problems, *locate([wrong], file_locator(_name(file), text))]
    return text, document, problems


def _name(file: Path) -> str:
    return "<stdin>" if str(file) == "-" else str(file)
