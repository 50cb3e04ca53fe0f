"""The vocabulary of permissions: what a grant is, and how a row of the tables becomes one for a given task.

A table row is an `Allow`: actions and *resource templates*. A template is an ARN in short form whose holes name
parameters of the task: `dynamodb:table/{TableName}` (regional), `iam::role/{Role}` (no region), `s3:::{Bucket}/{Key}`
(neither region nor account), `*`. A parameter whose value is an ARN already replaces everything up to and including its
hole; one that only the execution knows widens the ARN at its place. `{Name|how}` passes the value through one of the
named derivations below; `{Name=default}` says what AWS takes when the parameter is absent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from generator.catalog.patterns import UNKNOWN, Deployment, Parameters, arn_of, has_placeholder, placeholder

Conditions = tuple[tuple[str, str, tuple[str, ...]], ...]
"""(operator, key, values), sorted."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Permission to do `actions` on `resources` under `conditions`.

    Args:
        actions: IAM actions, `service:Action`.
        resources: ARNs, with `*` where the text is not certain.
        conditions: What else must hold, as (operator, key, values).
        widened: Why the resources are wider than what the task touches; empty when they are certain.
        reason: What the permission is for, in a reviewer's words.
        source: URL of the documentation that says so.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Conditions = ()
    widened: str = ""
    reason: str = ""
    source: str = ""

    @property
    def certain(self) -> bool:
        """Whether the resources are exactly those that the task touches."""
        return not self.widened


@dataclass(frozen=True, slots=True)
class Allow:
    """A row of the permission tables: a grant whose resources depend on the task's parameters.

    Args:
        actions: IAM actions, separated by spaces.
        resources: Resource templates; every one of them is granted.
        when: Dotted path of a parameter; without it in the task, the row does not apply.
        equals: The value that parameter must have (or may have) for the row to apply.
        passed_to: For `iam:PassRole`, the service that receives the role.
        conditions: Further conditions; their values are templates of parameters.
        note: What the permission is for, when it is not the call itself.
        broad: Why `*` is all that can be said, when the call's real resource stands outside the definition.
    """

    actions: str
    resources: tuple[str, ...] | str = "*"
    when: str = ""
    equals: str = ""
    passed_to: str = ""
    conditions: Conditions = ()
    note: str = ""
    broad: str = ""

    def templates(self) -> tuple[str, ...]:
        """Return the resource templates."""
        return (self.resources,) if isinstance(self.resources, str) else self.resources


@dataclass(slots=True)
class _Expansion:
    """The texts that one template stands for, and the parameters that made it wider than the call."""

    texts: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


_HOLE = re.compile(r"(?<!\$)\{([A-Za-z][A-Za-z0-9_.\[\]]*)(?:\|([a-z_]+))?(?:=([^}]*))?\}")
_MAX_COMBINATIONS: Final = 200


def expand(allow: Allow, parameters: Parameters, deployment: Deployment, *, reason: str, source: str) -> Iterator[Grant]:
    """Yield the grant that `allow` means for one task, or nothing when it does not apply.

    >>> row = Allow("dynamodb:PutItem", "dynamodb:table/{TableName}")
    >>> place = Deployment(region="us-east-1", account="111122223333")
    >>> next(expand(row, Parameters({"TableName": "orders"}, "JSONPath"), place, reason="", source="")).resources
    ('arn:aws:dynamodb:us-east-1:111122223333:table/orders',)
    """
    if allow.when and not _applies(allow, parameters):
        return
    texts: list[str] = []
    unknown: list[str] = []
    for template in allow.templates():
        expansion = resources_of(template, parameters, deployment)
        texts += expansion.texts
        unknown += expansion.unknown
    if not texts:
        return
    conditions = list(_conditions(allow, parameters, deployment))
    if allow.passed_to:
        service = allow.passed_to + (
            ".amazonaws.com.cn" if deployment.partition == "aws-cn" and "ec2" in allow.passed_to else ".amazonaws.com"
        )
        conditions.append(("StringEquals", "iam:PassedToService", (service,)))
    widened = allow.broad
    if not widened and unknown:
        widened = f"{', '.join(dict.fromkeys(unknown))} known only at run time"
    yield Grant(
        tuple(sorted(allow.actions.split())),
        tuple(sorted({text.replace(UNKNOWN, "*") for text in texts})),
        tuple(sorted(conditions)),
        widened,
        allow.note or reason,
        source,
    )


def resources_of(template: str, parameters: Parameters, deployment: Deployment) -> _Expansion:
    """Expand one resource template; no texts when a parameter without default is absent.

    >>> resources_of("sqs:{QueueUrl|queue}", Parameters({"QueueUrl": "${orders_url}"}, "JSONPath"), Deployment()).texts
    ['${orders_arn}']
    """
    out = _Expansion()
    if template == "*":
        out.texts.append("*")
        return out
    partial = [_prefix(template, deployment)]
    rest = template.partition(":")[2] if not template.startswith("{") else template
    rest = rest.lstrip(":")
    position = 0
    for hole in _HOLE.finditer(rest):
        values = parameters.texts(hole[1])
        if not values:
            if hole[3] is None:
                return _Expansion()
            values = [hole[3]]
        derived = [_derive(hole[2], value, deployment) for value in dict.fromkeys(values)]
        if any(UNKNOWN in value for value in derived) and not all(has_placeholder(value) for value in derived if UNKNOWN in value):
            out.unknown.append(hole[1].replace("[]", ""))
        between = rest[position : hole.start()]
        partial = [arn_of(value) or (prefix + between + value) for prefix in partial for value in derived][:_MAX_COMBINATIONS]
        position = hole.end()
    out.texts = [text + rest[position:] if text != "*" else text for text in partial]
    return out


def _prefix(template: str, deployment: Deployment) -> str:
    """Return the ARN's head for a short-form template: one colon regional, two without region, three without either."""
    if template.startswith("{"):
        return ""
    service, _, rest = template.partition(":")
    colons = len(rest) - len(rest.lstrip(":"))
    region = deployment.region if colons == 0 else ""
    account = deployment.account if colons < 2 else ""  # noqa: PLR2004 - the third colon drops the account
    return f"arn:{deployment.partition}:{service}:{region}:{account}:"


def _applies(allow: Allow, parameters: Parameters) -> bool:
    if not allow.equals:
        return parameters.present(allow.when)
    return any(UNKNOWN in text or has_placeholder(text) or text == allow.equals for text in parameters.texts(allow.when))


def _conditions(allow: Allow, parameters: Parameters, deployment: Deployment) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for operator, key, templates in allow.conditions:
        values: list[str] = []
        for template in templates:
            expansion = resources_of(template, parameters, deployment) if "{" in template else _Expansion([template])
            values += expansion.texts
        # A condition on a value that is not known would deny the call; the resources still bound it.
        if values and not any(UNKNOWN in value and operator in {"StringEquals", "ArnEquals"} for value in values):
            yield operator, key, tuple(sorted({value.replace(UNKNOWN, "*") for value in values}))


# Derivations: from a parameter's value to the text that the ARN has in its place, or to a whole ARN.


def _queue(value: str, deployment: Deployment) -> str:
    """https://sqs.us-east-1.amazonaws.com/111122223333/orders, and the older us-east-1.queue.amazonaws.com form."""
    found = re.match(r"https?://(?:sqs\.([a-z0-9-]+)|([a-z0-9-]+)\.queue|queue)\.(amazonaws\.com(?:\.cn)?)/([^/]+)/(.+)\Z", value)
    if found:
        partition = "aws-cn" if found[3].endswith(".cn") else deployment.partition
        if "gov" in (found[1] or found[2] or ""):
            partition = "aws-us-gov"
        return f"arn:{partition}:sqs:{found[1] or found[2] or 'us-east-1'}:{found[4]}:{found[5]}"
    found = re.match(r"https?://[^/]+/([^/]+)/(.+)\Z", value)
    if found:
        return f"arn:{deployment.partition}:sqs:{deployment.region}:{found[1]}:{found[2]}"
    # A bare placeholder in the place of a URL can only be what deploys the queue; its ARN is not derivable from it.
    return UNKNOWN if placeholder(value) and not arn_of(value) else value


def _function(value: str, deployment: Deployment) -> str:
    """Function names come plain, as `account:function:name` and as a full ARN, each with or without a qualifier."""
    found = re.match(r"(\d{12}|\$\{\w+\}):function:(.+)\Z", value)
    return f"arn:{deployment.partition}:lambda:{deployment.region}:{found[1]}:function:{found[2]}" if found else value


def _execution(value: str, deployment: Deployment) -> str:
    """Executions of a state machine; a version or alias qualifier is not part of their ARN."""
    found = re.match(r"(arn:[^:]*:states:[^:]*:[^:]*:)stateMachine:([^:]+)", value)
    if found:
        return f"{found[1]}execution:{found[2]}:*"
    name = placeholder(arn_of(value))
    if name.endswith("_arn"):
        name = name.removesuffix("arn") + "name"
    elif name.endswith("Arn"):
        name = name.removesuffix("Arn") + "Name"
    else:
        name = ""
    text = "${" + name + "}" if name else UNKNOWN
    return f"arn:{deployment.partition}:states:{deployment.region}:{deployment.account}:execution:{text}:*"


_DERIVATIONS: dict[str, Callable[[str, Deployment], str]] = {"queue": _queue, "function": _function, "execution": _execution}


def _derive(how: str | None, value: str, deployment: Deployment) -> str:
    return _DERIVATIONS[how](value, deployment) if how else value
