"""Amazon SNS: calls with types. Written by :mod:`generator.catalog.typed`; do not edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from generator.dsl.aws.call import call, unknown
from generator.dsl.expressions import Expr, Payload
from generator.dsl.integrations import Integration

__all__ = [
    "publish",
    "publish_batch",
]


def publish(
    *,
    Message: Payload,
    TopicArn: str | Expr | None = None,
    TargetArn: str | Expr | None = None,
    PhoneNumber: str | Expr | None = None,
    Subject: str | Expr | None = None,
    MessageStructure: str | Expr | None = None,
    MessageAttributes: Mapping[str, Mapping[str, Payload] | Expr] | Expr | None = None,
    MessageDeduplicationId: str | Expr | None = None,
    MessageGroupId: str | Expr | None = None,
) -> Integration:
    """Publish a message to a topic, or send a text message to a phone number.

    Resource: ``sns:publish``, also with ``.wait_for_task_token()``.
    Result: ``MessageId``, ``SequenceNumber``.

    Args:
        Message: the message you want to send.
        TopicArn: the topic you want to publish to.
        TargetArn: if you don't specify a value for the ``TargetArn`` parameter, you must specify a value for the …
        PhoneNumber: the phone number to which you want to deliver an SMS message.
        Subject: optional parameter to be used as the "Subject" line when the message is delivered to email endpoints.
        MessageStructure: set ``MessageStructure`` to ``json`` if you want to send a different message for each protocol.
        MessageAttributes: message attributes for Publish action.
        MessageDeduplicationId: this parameter applies only to FIFO (first-in-first-out) topics.
        MessageGroupId: the ``MessageGroupId`` can contain up to 128 alphanumeric characters ``(a-z, A-Z, 0-9)`` and punctuation …

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-sns.html
    """
    return call("sns:publish", locals(), "sns:publish")


def publish_batch(
    *,
    TopicArn: str | Expr,
    PublishBatchRequestEntries: Sequence[Mapping[str, Payload] | Expr] | Expr,
) -> Integration:
    """Publish up to 10 messages to the specified topic in a single batch.

    Resource: ``aws-sdk:sns:publishBatch``.
    Result: ``Successful``, ``Failed``.

    Args:
        TopicArn: the Amazon resource name (ARN) of the topic you want to batch publish to.
        PublishBatchRequestEntries: a list of ``PublishBatch`` request entries to be sent to the SNS topic.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/sns/client/publish_batch.html
    """
    return call("aws-sdk:sns:publishBatch", locals())


if not TYPE_CHECKING:  # type checkers report the name themselves
    __getattr__ = unknown(__name__, __all__)
