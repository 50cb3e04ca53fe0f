"""The vocabulary of permission rows: actions and the resources that they are done to, as functions of a task's parameters.

A row is an `Allow`: actions and *resource templates*. A template is an ARN in short form whose holes name parameters of the
task: `dynamodb:table/{TableName}` (regional), `iam::role/{Role}` (no region), `s3:::{Bucket}/{Key}` (neither region nor
account), `*`. A parameter whose value is an ARN already replaces everything up to and including its hole; one that only the
execution knows widens the ARN at its place. `{Name|how}` passes the value through one of the derivations in
:mod:`generator.iam.grants`; `{Name=default}` is what AWS assumes when the parameter is absent.
"""

from __future__ import annotations

from dataclasses import dataclass

Conditions = tuple[tuple[str, str, tuple[str, ...]], ...]
"""(operator, key, values), sorted."""


@dataclass(frozen=True, slots=True)
class Allow:
    """A row of the permission tables: a grant whose resources depend on the task's parameters.

    Args:
        actions: IAM actions, separated by spaces.
        resources: Resource templates; every one of them is granted.
        when: Dotted path of a parameter; without it in the task, the row does not apply. `!path`: with it, it does not.
        equals: The value that parameter must have (or may have) for the row to apply.
        passed_to: For `iam:PassRole`, the service that receives the role.
        conditions: Further conditions; their values are templates of parameters.
        note: What the permission is for, when it is not the call itself.
        broad: Why `*` is all that can be said, when the call's real resource stands outside the definition.
        source: URL of the documentation that says so, when it is not the integration's own page.
    """

    actions: str
    resources: tuple[str, ...] | str = "*"
    when: str = ""
    equals: str = ""
    passed_to: str = ""
    conditions: Conditions = ()
    note: str = ""
    broad: str = ""
    source: str = ""

    def templates(self) -> tuple[str, ...]:
        """Return the resource templates."""
        return (self.resources,) if isinstance(self.resources, str) else self.resources
