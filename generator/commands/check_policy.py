"""``check-policy``: report what a given policy lacks for a definition, and what it allows beyond."""

from __future__ import annotations

from pathlib import Path

from generator.asl.definition import Definition, read_definition
from generator.asl.read import Document, read_file
from generator.checks import POLICY, POLICY_IN_DEFINITION
from generator.commands.iam import Place
from generator.commands.report import Format, show
from generator.diagnostics.locate import locate
from generator.diagnostics.model import Diagnostic, failed
from generator.iam.role import execution_role


def check_policy(file: Path, policy_file: Path, place: Place | None = None, form: Format = "text") -> int:
    """Compare a policy with the execution role that a definition needs.

    Args:
        file: the definition; ``-`` is standard input.
        policy_file: the policy.
        place: where the definition will run.
        form: how diagnostics are written.

    Returns:
        the exit code.
    """
    definition, policy = read_definition(file), read_file(policy_file)
    texts = {each.name: each.text for each in (definition.document, policy)}
    problems = compare(definition, policy, place or Place())
    return show(problems, form, texts=texts, success="The policy allows what the definition needs, and nothing else.")


def compare(definition: Definition, policy: Document, place: Place) -> list[Diagnostic]:
    """Return what a policy lacks for a definition, and what it allows beyond; each at its place in its file."""
    found = [*definition.diagnostics, *policy.diagnostics]
    if definition.walk is None or not policy.readable or failed(found):
        return found
    role = execution_role(definition.walk, place.deployment(definition.walk))
    beyond = locate([finding for check in POLICY for finding in check(policy.value, role)], policy.locate)
    if failed(beyond):  # it is not a policy
        return [*found, *beyond]
    lacking = [finding for check in POLICY_IN_DEFINITION for finding in check(policy.value, role)]
    return [*found, *locate(lacking, definition.document.locate), *beyond]
