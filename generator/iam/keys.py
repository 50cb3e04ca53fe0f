"""The uses of the KMS keys that encrypt declared resources: who reads or writes encrypted data needs the right to the key, too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from generator.asl.placeholders import PLACEHOLDER
from generator.catalog.patterns import Deployment
from generator.catalog.resources import ARN, NAME
from generator.dsl.expressions import operand
from generator.dsl.known import known_text
from generator.iam.grants import Grant

_SQS: Final = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html"
_SNS: Final = "https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html"
_S3: Final = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html"
_ALIAS: Final = ("ForAnyValue:StringEquals", "kms:ResourceAliases")
"""Source: https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html"""

_READ: Final = ("kms:Decrypt",)
_WRITE: Final = ("kms:Decrypt", "kms:GenerateDataKey")
_USES: Final[dict[str, tuple[tuple[str, ...], str]]] = {
    "s3:GetObject": (_READ, _S3),
    "s3:GetObjectVersion": (_READ, _S3),
    "s3:PutObject": (_WRITE, _S3),
    "sns:Publish": (_WRITE, _SNS),
    "sqs:ReceiveMessage": (_READ, _SQS),
    "sqs:SendMessage": (_WRITE, _SQS),
}
"""Each action on the data of an encrypted resource: what it does with the key, and the source."""


class Keys:
    """The keys of the resources that the placeholders of a definition stand for."""

    def __init__(self, deployment: Deployment) -> None:
        """Find the resources that have a key.

        Args:
            deployment: what the placeholders stand for.
        """
        self._deployment = deployment
        self._encrypted: dict[str, Any] = {}
        for placeholder in deployment.placeholders.values():
            if getattr(placeholder.declared, "encryption", None) is not None:
                names = (placeholder.sibling(attribute) for attribute in (ARN, NAME))
                self._encrypted |= dict.fromkeys(names, placeholder.declared)

    def used_by(self, grants: Iterable[Grant]) -> Iterator[Grant]:
        """Yield grants, each followed by those on the keys of its resources."""
        for grant in grants:
            yield grant
            for resource in self._of(grant.resources) if self._encrypted else ():
                yield from (self._use(resource, *_USES[action]) for action in grant.actions if action in _USES)

    def _of(self, arns: Iterable[str]) -> Iterable[Any]:
        named = (self._encrypted.get(name) for arn in arns for name in PLACEHOLDER.findall(arn))
        return dict.fromkeys(one for one in named if one is not None)

    def _use(self, resource: Any, uses: tuple[str, ...], source: str) -> Grant:
        key = known_text(operand(resource.encryption)) or ""
        reason = f"Use the key of {resource.name}"
        if not key.startswith("alias/"):
            return Grant(uses, (key,), reason=reason, source=source)
        place = self._deployment
        keys = f"arn:{place.partition}:kms:{place.region}:{place.account}:key/*"
        return Grant(uses, (keys,), ((*_ALIAS, (key,)),), reason=reason, source=source)
