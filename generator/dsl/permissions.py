"""Corrections of the execution role, as authors write them.

The role of a workflow is derived from its definition. What a definition does not say, an author can say: on the step that needs
the permission, or on the workflow for all of its steps. Each correction has a reason, which the README of the workflow and
``sfn-generator iam --explain`` show.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final, TypeAlias

from generator.asl.corrections import Verb
from generator.dsl.declarations import Resource
from generator.dsl.expressions import Expr
from generator.dsl.source import AuthoringError, Source, expect, here, listed

OneResource: TypeAlias = "str | Expr | Resource"
Resources: TypeAlias = "OneResource | Sequence[OneResource]"
"""The resources of a correction: a declared resource, an expression such as ``bucket.arn + "/in/*"``, an ARN, or the part of an
ARN after the account, such as ``"table/orders"``, to which partition, region and account are added. ``"*"`` is every resource."""
Conditions: TypeAlias = "Mapping[str, Mapping[str, str | Expr | Sequence[str | Expr]]]"
"""Conditions as in a policy: ``{"StringEquals": {"dynamodb:LeadingKeys": "eu"}}``."""

_ACTION: Final = re.compile(r"[a-z0-9-]+:[A-Za-z0-9*?]+")
_OPERATORS: Final = (
    "String(Not)?(Equals|EqualsIgnoreCase|Like)|Numeric(Not)?Equals|Numeric(Less|Greater)Than(Equals)?"
    "|Date(Not)?Equals|Date(Less|Greater)Than(Equals)?|Bool|BinaryEquals|(Not)?IpAddress|Arn(Not)?(Equals|Like)"
)
_OPERATOR: Final = re.compile(rf"(?:For(?:AnyValue|AllValues):)?(?:{_OPERATORS})(?:IfExists)?|Null")
"""Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"""


@dataclass(frozen=True, eq=False)
class Correction:
    """A correction of the permissions that are derived. Use one of its subclasses.

    Args:
        actions: IAM actions such as ``"s3:GetObject"``, one or several. In all but ``Allow``, a name with ``*`` selects the derived
            actions that it matches.
        resources: the resources; see :data:`Resources`. Each action gets those of the resources that it can be limited to.
        conditions: the conditions, as in a policy.
        reason: why the derived permissions are not right; at least a few words.
    """

    VERB: ClassVar[Verb]
    actions: str | Sequence[str]
    resources: Resources = ()
    conditions: Conditions | None = field(default=None, kw_only=True)
    reason: str = field(kw_only=True)
    source: Source = field(default_factory=here, init=False, repr=False)

    def __post_init__(self) -> None:
        """Check the types, the form of the actions and the reason.

        Raises:
            AuthoringError: one of them is invalid.
        """
        name = type(self).__name__
        expect(self.actions, (str, list, tuple), f"the actions of {name}", '"service:Action", or a list of them')
        if not listed(self.actions):
            raise AuthoringError(f"{name} needs an action", expected='"service:Action", or a list of them')
        for action in listed(self.actions):
            if not _ACTION.fullmatch(str(action)):
                raise AuthoringError(
                    f"an action of {name} is invalid", found=repr(action)[:60], expected='"service:Action", such as "s3:GetObject"'
                )
        for resource in listed(self.resources):
            expect(resource, (str, Expr, Resource), f"a resource of {name}", "a declared resource, an expression of its ARN, or text")
            if isinstance(resource, str) and not resource:
                raise AuthoringError(f"a resource of {name} is empty", expected='an ARN, a part of one such as "table/orders", or "*"')
        expect(self.reason, str, f"the reason of {name}", "text")
        if not self.reason.strip():
            raise AuthoringError(f"{name} needs a reason", expected='reason="why the role must differ from what is derived"')
        self._check_conditions(name)
        self._check_form(name)

    def _check_conditions(self, name: str) -> None:
        expect(self.conditions, (Mapping, type(None)), f"conditions of {name}", '{"StringEquals": {"aws:ResourceTag/team": "orders"}}')
        for operator, keys in (self.conditions or {}).items():
            if not _OPERATOR.fullmatch(str(operator)):
                expected = "an operator of IAM, such as StringEquals"
                raise AuthoringError(f"an operator in the conditions of {name} is invalid", found=repr(operator), expected=expected)
            expect(keys, Mapping, f"{operator} in the conditions of {name}", '{"service:Key": value}')
            for key, values in keys.items():
                for value in listed(values):
                    expect(value, (str, Expr), f"{key} in the conditions of {name}", "text, or an expression of a declared resource")

    def _check_form(self, name: str) -> None:
        """Check that the correction has what its kind needs."""
        if not listed(self.resources):
            raise AuthoringError(f"{name} needs resources", expected='a declared resource, an expression of its ARN, text, or "*"')


@dataclass(frozen=True, eq=False)
class Allow(Correction):
    """A permission that is not derived, in addition to those that are.

    >>> Allow("kms:Decrypt", "key/*", conditions={"StringEquals": {"kms:RequestAlias": "alias/orders"}}, reason="Encrypted").VERB
    'allow'
    """

    VERB = "allow"


@dataclass(frozen=True, eq=False)
class Narrow(Correction):
    """Fewer resources, or further conditions, for derived permissions. It never allows more than was derived.

    >>> Narrow("s3:GetObject", "data/in/*", reason="The input only has keys below in/").VERB
    'narrow'
    """

    VERB = "narrow"

    def _check_form(self, name: str) -> None:
        if not listed(self.resources) and not self.conditions:
            raise AuthoringError(f"{name} needs resources or conditions", expected="the resources that the permission is limited to")


@dataclass(frozen=True, eq=False)
class Replace(Correction):
    """Other resources and conditions in place of those that were derived for the actions; they may allow more.

    >>> Replace("sqs:SendMessage", "orders-*", reason="One queue for each region, named in the input").VERB
    'replace'
    """

    VERB = "replace"


@dataclass(frozen=True, eq=False)
class Without(Correction):
    """Derived permissions that the role does not get; with resources, only on those.

    >>> Without("s3:PutObjectAcl", reason="The bucket has no access control lists").VERB
    'without'
    """

    VERB = "without"

    def _check_form(self, name: str) -> None:
        if self.conditions:
            raise AuthoringError(f"{name} has no conditions", hint="use Narrow(…, conditions=…) to limit a permission")


Permissions: TypeAlias = "Correction | Sequence[Correction]"
"""The corrections of a step or of a workflow: one, or a list of them."""


def expect_permissions(permissions: object, what: str) -> None:
    """Check the types of the corrections of a step or of a workflow."""
    for one in listed(permissions):
        expect(one, Correction, f"permissions of {what}", "Allow(…), Narrow(…), Replace(…), Without(…), or a list of them")
