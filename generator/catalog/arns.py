"""ARNs in policies: their full form, the type of their resource, and which of two patterns covers the other.

Source of the formats: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from generator.asl.placeholders import PLACEHOLDER, has_placeholder, is_placeholder
from generator.catalog.constants import UNKNOWN_TEXT
from generator.catalog.index import ResourceType, iam_service
from generator.catalog.resources import ARN, KINDS, NAME

if TYPE_CHECKING:
    from generator.catalog.patterns import Deployment

PARTS: Final = 6
"""How many parts an ARN has: `arn`, partition, service, region, account, resource."""


_FUNCTION: Final = "arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}"
_QUALIFIED: Final = (ResourceType("function alias", f"{_FUNCTION}:${{Alias}}"),)
"""A function can also be named with a version or an alias, which the authorization data has for few actions.

Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html
"""


def types_of(actions: Iterable[str]) -> tuple[ResourceType, ...]:
    """Return the types of the resources of IAM actions, without repetitions; none if they have none.

    >>> [one.name for one in types_of(["s3:ListBucket", "s3:PutBucketTagging"])]
    ['bucket']
    """
    found: dict[ResourceType, None] = {}
    for action in actions:
        service = iam_service(action.partition(":")[0].lower())
        for one in expanded(action) if service is not None else ():
            types = service.resource_types(one.partition(":")[2]) if service is not None else ()
            found |= dict.fromkeys(types) | dict.fromkeys(_QUALIFIED if any(each.name == "function" for each in types) else ())
    return _with_arns(found)


def types_beside(actions: Iterable[str]) -> tuple[ResourceType, ...]:
    """Return all types of resources of the services of IAM actions, without repetitions."""
    services = (iam_service(prefix) for prefix in dict.fromkeys(action.partition(":")[0].lower() for action in actions))
    return _with_arns(dict.fromkeys(one for service in services if service is not None for one in service.types))


def _with_arns(types: Iterable[ResourceType]) -> tuple[ResourceType, ...]:
    return tuple(one for one in types if one.arn != "*" and not one.name.startswith("accesspoint"))


def expanded(pattern: str) -> list[str]:
    """Return the IAM actions that a pattern covers, as they are written; none if there are none.

    >>> expanded("sqs:send*"), expanded("sqs:SendMesage")
    (['sqs:SendMessage'], [])
    """
    prefix, _, name = pattern.partition(":")
    service = iam_service(prefix.lower())
    if service is None:
        return []
    if "*" not in name and "?" not in name:
        return [f"{prefix}:{service.actions[name.lower()]}"] if name.lower() in service.actions else []
    return [f"{prefix}:{known}" for low, known in service.actions.items() if fnmatchcase(low, name.lower())]


_DOCUMENTS: Final = ("document", "automation-definition")
_RESERVED: Final = re.compile(r"aws|amazon|amzn", re.IGNORECASE)
_PUBLIC_PARAMETERS: Final = "parameter/aws/service/"


def with_owner(arn: str) -> tuple[str, ...]:
    """Return the ARNs of a resource of Systems Manager that a call names: those that AWS owns have no account.

    AWS owns the documents and parameters whose names begin with reserved words. An author's own can have no such name. A
    document that only the execution knows may be one of AWS's. The reference has the runbooks of AWS with an account and the
    documents without one, hence both for runbooks.

    Sources: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateDocument.html (reserved names),
    https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters.html and
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html

    >>> with_owner("arn:aws:ssm:us-east-1:111122223333:document/AWS-RunShellScript")
    ('arn:aws:ssm:us-east-1::document/AWS-RunShellScript',)
    >>> with_owner("arn:aws:ssm:us-east-1:111122223333:document/Restart")
    ('arn:aws:ssm:us-east-1:111122223333:document/Restart',)
    """
    parts = arn.split(":", PARTS - 1)
    if len(parts) < PARTS or parts[2] != "ssm":
        return (arn,)
    kind, _, name = parts[5].partition("/")
    owned = ":".join((*parts[:4], "", parts[5]))
    if kind in _DOCUMENTS and _RESERVED.match(name):
        return (owned,) if kind == "document" else (arn, owned)
    if kind in _DOCUMENTS and name.startswith(UNKNOWN_TEXT):
        return (arn, owned)
    return (owned,) if parts[5].startswith(_PUBLIC_PARAMETERS) else (arn,)


def full_arn(text: str, types: Iterable[ResourceType], deployment: Deployment) -> str:
    """Return the ARN of a resource that an author named: an ARN, a placeholder of one, or the part of an ARN after the account.

    Args:
        text: what the author wrote.
        types: the types of the resources that it can be.
        deployment: where the workflow will run.

    Returns:
        the ARN; an empty string if no type has ARNs of this form.

    >>> from generator.catalog.patterns import Deployment
    >>> full_arn("table/orders", types_of(["dynamodb:GetItem"]), Deployment(region="eu-west-1", account="111122223333"))
    'arn:aws:dynamodb:eu-west-1:111122223333:table/orders'
    """
    if text == "*" or text.startswith("arn:"):
        return text
    first = PLACEHOLDER.match(text)
    if first is not None:
        known = deployment.placeholders.get(first[1])
        if known is None or not known.kind or known.attribute == ARN:
            return text
        if is_placeholder(text) and known.attribute != NAME:
            return deployment.arn_of(text)
    fitting = [one for one in types if _fits(text, one.arn.split(":", PARTS - 1)[-1])]
    if not fitting:
        return deployment.arn_of(text) if first is not None and is_placeholder(text) else ""
    head = max(fitting, key=lambda one: len(PLACEHOLDER.sub("", one.arn))).arn.split(":", PARTS - 1)
    region, account = ("" if not part else known for part, known in ((head[3], deployment.region), (head[4], deployment.account)))
    return ":".join(("arn", deployment.partition, head[2], region, account, text))


def fits(arn: str, action_type: ResourceType, others: Iterable[ResourceType], deployment: Deployment) -> bool:
    """Return whether a pattern of ARNs can cover resources of a type. What a placeholder stands for may be unknown; then it can.

    Args:
        arn: the pattern.
        action_type: the type.
        others: the other types of the service; without wildcards a resource is only of those whose format is the most similar.
        deployment: what the placeholders stand for.

    >>> from generator.catalog.patterns import Deployment
    >>> bucket, object_ = (types_of([action])[0] for action in ("s3:ListBucket", "s3:GetObject"))
    >>> [fits("arn:aws:s3:::data/in/*", one, (bucket, object_), Deployment()) for one in (bucket, object_)]
    [False, True]
    """
    arn = plain_arn(arn, deployment)
    own = arn.split(":", PARTS - 1)
    if len(own) < PARTS or own[5] == "*":
        return True
    # A placeholder usually stands for one name, and a wildcard at the end for the rest of one. Both may stand for more.
    as_name = PLACEHOLDER.sub("x", own[5])
    kinds = (action_type, *others)
    return any(
        action_type in _most_similar([*own[:5], text], kinds) for text in dict.fromkeys((re.sub(r"\*+\Z", "x", as_name), as_name, own[5]))
    )


def _most_similar(own: list[str], kinds: Iterable[ResourceType]) -> list[ResourceType]:
    """Return the types whose format has the most text in common with a resource."""
    fitting = [(len(PLACEHOLDER.sub("", one.arn.split(":", PARTS - 1)[-1])), one) for one in kinds if _matching(own, one)]
    most = max((length for length, _ in fitting), default=0)
    return [one for length, one in fitting if length == most]


def _matching(own: list[str], kind: ResourceType) -> bool:
    theirs = kind.arn.split(":", PARTS - 1)
    return (own[2] == theirs[2] or "*" in own[2] or has_placeholder(own[2])) and _fits(own[5], theirs[5])


@lru_cache(maxsize=4096)
def _fits(resource: str, form: str) -> bool:
    """Return whether a resource, perhaps with wildcards and placeholders, can have the form of a type of resource."""
    return overlap(PLACEHOLDER.sub("*", resource), PLACEHOLDER.sub("*", form))


def plain_arn(arn: str, deployment: Deployment) -> str:
    """Return an ARN that begins with the placeholder of a declared resource, with the text that its kind has there.

    >>> from generator.asl.placeholders import Placeholder
    >>> from generator.catalog.patterns import Deployment
    >>> known = {"data_arn": Placeholder("data_arn", "bucket", "data", "arn")}
    >>> plain_arn("${data_arn}/in/*", Deployment(placeholders=known))
    'arn:aws:s3:::${data_name}/in/*'
    """
    first = PLACEHOLDER.match(arn)
    known = None if first is None else deployment.placeholders.get(first[1])
    if first is None or known is None or not known.kind or known.attribute != ARN:
        return arn
    name = "${" + known.sibling(NAME) + "}"
    place = {"partition": deployment.partition, "region": deployment.region, "account": deployment.account}
    return KINDS[known.kind].arn.format(**place, name=name) + arn[first.end() :]


def may_cover(pattern: str, arn: str, deployment: Deployment) -> bool:
    """Return whether a pattern of ARNs covers another one, or may cover it where placeholders leave that open.

    >>> from generator.catalog.patterns import Deployment
    >>> [may_cover("arn:aws:s3:::data/*", f"arn:aws:s3:::{key}", Deployment()) for key in ("data/in/*", "other/*", "*")]
    [True, False, False]
    """
    if pattern in ("*", arn):
        return True
    if arn == "*":
        return False
    pattern, arn = plain_arn(pattern, deployment), plain_arn(arn, deployment)
    wide, narrow = pattern.split(":", PARTS - 1), arn.split(":", PARTS - 1)
    if len(narrow) < PARTS:
        # The author says that an ARN, of which nothing is known here, is among those that were derived.
        return has_placeholder(arn) and ("*" in pattern or pattern == arn)
    if len(wide) < PARTS:
        return pattern == arn
    for one, other in zip(wide[:-1], narrow[:-1], strict=True):
        if one != other and not has_placeholder(one) and not has_placeholder(other) and not covers(one, other):
            return False
    if covers(wide[5], narrow[5]):
        return True
    return "*" in wide[5] and has_placeholder(narrow[5]) and _fits(*_apart(narrow[5], wide[5], deployment))


def _apart(one: str, other: str, deployment: Deployment) -> tuple[str, str]:
    """Replace the names of declared resources, where both texts have one: two resources do not have the same name.

    >>> from generator.asl.placeholders import Placeholder
    >>> from generator.catalog.patterns import Deployment
    >>> known = {name: Placeholder(name, "bucket", name[0], "name") for name in ("a_name", "b_name")}
    >>> [part.isprintable() for part in _apart("${a_name}/x", "${b_name}/*", Deployment(placeholders=known))]
    [False, False]
    """
    declared = {known.sibling(NAME) for known in deployment.placeholders.values() if known.kind}

    def fixed(text: str) -> str:
        return PLACEHOLDER.sub(lambda found: f"\0{found[1]}\0" if found[1] in declared else found[0], text)

    both = fixed(one), fixed(other)
    return both if all("\0" in text for text in both) else (one, other)


def covers(pattern: str, text: str) -> bool:
    """Return whether everything that a text with wildcards matches is matched by a pattern, too.

    >>> covers("table/*", "table/or*"), covers("table/or*", "table/*")
    (True, False)
    """
    if pattern == text:
        return True
    if "*" not in pattern and "?" not in pattern:
        return False
    # A wildcard of the text is taken for a character that only a wildcard of the pattern matches.
    return fnmatchcase(text.replace("*", "\0*").replace("?", "\0"), pattern.replace("[", "[[]"))


@lru_cache(maxsize=4096)
def overlap(one: str, other: str) -> bool:
    """Return whether there is a text that two patterns match.

    >>> overlap("table/*", "*/orders"), overlap("table/*", "index/*")
    (True, False)
    """
    reached = {0}
    for character in one:
        reached = _closed(reached, other)
        if character == "*":
            reached = set(range(min(reached), len(other) + 1)) if reached else reached
        else:
            reached = {
                at if other[at] == "*" else at + 1
                for at in reached
                if at < len(other) and (other[at] in ("*", "?", character) or character == "?")
            }
    return len(other) in _closed(reached, other)


def _closed(reached: set[int], pattern: str) -> set[int]:
    """Add the positions behind wildcards, which may match nothing."""
    out = set(reached)
    for at in sorted(reached):
        while at < len(pattern) and pattern[at] == "*":
            at += 1  # noqa: PLW2901 - the wildcards in a row
            out.add(at)
    return out
