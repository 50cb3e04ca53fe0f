"""The form of a row of the permission tables: actions, and the resources that they are done to.

The resources depend on the parameters of the task, so a row has *resource templates*. A template is an ARN in short form with
the parameters in braces: `dynamodb:table/{TableName}` (in the region and the account of the state machine), `iam::role/{Role}`
(no region), `s3:::{Bucket}/{Key}` (neither region nor account), or `*`.

=====================  ==============================================================================================
in the template        in the permission
=====================  ==============================================================================================
``{Name}``             The value of the parameter. A value that is an ARN replaces the template up to this place. A value
                       that only the execution knows becomes a wildcard.
``{Name=default}``     The same, with the value that AWS assumes if the parameter is absent; `*` for any.
``{Name|how}``         The value after one of the derivations in :mod:`generator.iam.grants`.
``{Name,Other}``       The value of the first of these parameters that is given.
``{?Name}``            A wildcard: no parameter has this part of the ARN.
``{!Name}``            A wildcard: the call itself creates what has this name or id, so nobody can say it before.
``{self}``             The ARN of the state machine itself.
=====================  ==============================================================================================
"""

from __future__ import annotations

from dataclasses import dataclass

from generator.asl.corrections import Conditions


@dataclass(frozen=True, slots=True)
class Allow:
    """A row of the permission tables.

    Attributes:
        actions: IAM actions, separated by spaces.
        resources: resource templates; all of them are granted.
        when: the dotted path of a parameter; the row applies only if the task has it. With `!` before the path, only if not. Of
            several, separated by spaces, all must hold.
        equals: the value that this one parameter must have; the row also applies if only the execution knows the value.
        passed_to: for `iam:PassRole`, the service that receives the role.
        conditions: further conditions; their values are templates.
        note: what the permission is for, if it is not for the call itself.
        broad: why the resources are wildcards, if the definition does not name the resources of the call. The author can name them.
        inherent: why the resources are wildcards, if nobody can name the resources before the call.
        source: the URL of the documentation, if it is not the page of the integration.
    """

    actions: str
    resources: tuple[str, ...] | str = "*"
    when: str = ""
    equals: str = ""
    passed_to: str = ""
    conditions: Conditions = ()
    note: str = ""
    broad: str = ""
    inherent: str = ""
    source: str = ""

    def templates(self) -> tuple[str, ...]:
        """Return the resource templates."""
        return (self.resources,) if isinstance(self.resources, str) else self.resources
