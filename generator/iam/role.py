"""The execution role of a state machine: what it needs, and the policies that allow it.

What the states need is one policy. Logging, tracing and encryption are settings of the deployment, so each has a policy of its
own, which the deployment attaches if the setting is on.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final, Literal

from generator.catalog.patterns import TEMPLATED, Deployment
from generator.iam import settings
from generator.iam.corrections import Outcome, corrected
from generator.iam.policy import INLINE_LIMIT, PolicyDocument, merge
from generator.iam.requirements import Requirement, assumed_deployment, requirements

if TYPE_CHECKING:
    from generator.asl.walk import Walk

Setting = Literal["", "encryption", "log-encryption", "logging", "tracing"]

KMS_KEY: Final = "encryption_kms_key_arn"
"""The placeholder of the customer managed key that encrypts the state machine."""


@dataclass(frozen=True, slots=True)
class RolePolicy:
    """One permissions policy of an execution role.

    Attributes:
        name: the name of the inline policy.
        document: the policy.
        setting: the setting of the deployment that needs it; empty for what the states need.
        managed: whether it must be a managed policy, because it does not fit beside the others inline.
    """

    name: str
    document: PolicyDocument
    setting: Setting = ""
    managed: bool = False


@dataclass(frozen=True)
class ExecutionRole:
    """What the states of a definition need, and the policies that allow it.

    Attributes:
        walk: the walk over the definition.
        requirements: what its states need, with the author's corrections, and what the chosen settings need.
        outcomes: what each correction did.
        derived: what was derived for the states, without the corrections.
        known: where it will run, and what the placeholders of the definition stand for.
    """

    walk: Walk
    requirements: tuple[Requirement, ...]
    outcomes: tuple[Outcome, ...] = ()
    derived: tuple[Requirement, ...] = ()
    known: Deployment = field(default_factory=Deployment)

    @cached_property
    def policy(self) -> PolicyDocument:
        """The policy that allows the requirements, and nothing else."""
        return merge(self.requirements)

    @cached_property
    def policies(self) -> tuple[RolePolicy, ...]:
        """The policies to deploy: what the requirements need, and one policy for each setting of the deployment."""
        of_settings = _policies_of_settings()
        # All inline policies of a role share one limit.
        room = INLINE_LIMIT - sum(policy.document.size for policy in of_settings)
        parts = self.policy.split(room) if self.policy.statements else ()
        managed = len(parts) > 1 or self.policy.size > room
        names = [f"execution-role-{number:02}" if managed else "execution-role" for number in range(1, len(parts) + 1)]
        return (*(RolePolicy(name, part, managed=managed) for name, part in zip(names, parts, strict=True)), *of_settings)


def execution_role(
    walk: Walk, deployment: Deployment | None = None, *, logs: bool = False, traces: bool = False, kms_key_arn: str = ""
) -> ExecutionRole:
    """Derive the execution role of a definition.

    Args:
        walk: the walk over the definition.
        deployment: where it will run; by default, as far as the definition shows it.
        logs: whether the machine writes execution logs to CloudWatch Logs.
        traces: whether it sends traces to X-Ray.
        kms_key_arn: the ARN of the customer managed key that encrypts it, if any.

    >>> from generator.asl.model import StateMachine, Task
    >>> from generator.asl.walk import walk
    >>> machine = StateMachine(start_at="A", states={"A": Task(resource="${check_arn}", end=True)})
    >>> execution_role(walk(machine)).policy.statements[0].sid
    'LambdaInvokeFunction'
    """
    place = assumed_deployment(walk) if deployment is None else deployment
    chosen = settings.requirements_of_settings(place, logs=logs, traces=traces, kms_key_arn=kms_key_arn)
    known = replace(place, placeholders=walk.placeholders)
    derived = requirements(walk, place)
    needed, outcomes = corrected(derived, walk.corrections, known)
    return ExecutionRole(walk, (*needed, *chosen), outcomes, derived, known)


def templated_role(walk: Walk) -> ExecutionRole:
    """Derive the execution role of a definition that is deployed as a template.

    Use it as ``walk.once(templated_role)``, so that the role of a definition is derived once.
    """
    return execution_role(walk, TEMPLATED)


@lru_cache(maxsize=1)
def _policies_of_settings() -> tuple[RolePolicy, ...]:
    key = f"${{{KMS_KEY}}}"
    needs: dict[Setting, list[Requirement]] = {
        "encryption": settings.for_encryption(key, TEMPLATED),
        "log-encryption": settings.for_log_encryption(key, TEMPLATED),
        "logging": settings.for_logging(TEMPLATED),
        "tracing": settings.for_tracing(TEMPLATED),
    }
    return tuple(RolePolicy(setting, merge(needed), setting) for setting, needed in needs.items())
