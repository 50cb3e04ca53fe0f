"""The policies of roles as templates that Terraform fills in: those of the execution role, and its trust policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.emit.artifact import Artifact
from generator.emit.terraform.template import policy_template
from generator.iam.policy import trust_policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.lower.compiled import CompiledWorkflow

TRUST_FILE: Final = "trust.policy.json"


def policy_file(name: str) -> str:
    """Return the name of the file of a policy.

    >>> policy_file("execution-role")
    'execution-role.policy.json'
    """
    return f"{name}.policy.json"


def emit(compiled: CompiledWorkflow) -> Iterator[Artifact]:
    """Write the policies of a workflow's execution role.

    >>> from generator.dsl.steps import Succeed
    >>> from generator.dsl.workflow import Workflow
    >>> from generator.lower.compile import compile_workflow
    >>> compiled = compile_workflow(Workflow("nothing-to-do", steps=[Succeed("Done")]))
    >>> [artifact.path for artifact in emit(compiled)][-1]
    'trust.policy.json'
    """
    for policy in compiled.role.policies:
        yield Artifact.of_text(policy_file(policy.name), policy_template(policy.document.document()))
    yield Artifact.of_text(TRUST_FILE, policy_template(trust_policy()))
