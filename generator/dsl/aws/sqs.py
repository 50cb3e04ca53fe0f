"""Amazon SQS: calls with types. Written by :mod:`generator.catalog.typed`; do not edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from generator.dsl.aws.call import call, unknown
from generator.dsl.expressions import Expr, Payload
from generator.dsl.integrations import Integration

__all__ = [
    "delete_message",
    "receive_message",
    "send_message",
    "send_message_batch",
]


def delete_message(
    *,
    QueueUrl: str | Expr,
    ReceiptHandle: str | Expr,
) -> Integration:
    """Delete the specified message from the specified queue.

    Resource: ``aws-sdk:sqs:deleteMessage``.

    Args:
        QueueUrl: the URL of the Amazon SQS queue from which messages are deleted.
        ReceiptHandle: the receipt handle associated with the message to delete.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/sqs/client/delete_message.html
    """
    return call("aws-sdk:sqs:deleteMessage", locals())


def receive_message(
    *,
    QueueUrl: str | Expr,
    AttributeNames: Sequence[Literal[
        "All", "Policy", "VisibilityTimeout", "MaximumMessageSize", "MessageRetentionPeriod", "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible", "CreatedTimestamp", "LastModifiedTimestamp", "QueueArn",
        "ApproximateNumberOfMessagesDelayed", "DelaySeconds", "ReceiveMessageWaitTimeSeconds", "RedrivePolicy", "FifoQueue",
        "ContentBasedDeduplication", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "DeduplicationScope", "FifoThroughputLimit",
        "RedriveAllowPolicy", "SqsManagedSseEnabled"
    ] | Expr] | Expr | None = None,
    MessageSystemAttributeNames: Sequence[Literal[
        "All", "SenderId", "SentTimestamp", "ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp", "SequenceNumber",
        "MessageDeduplicationId", "MessageGroupId", "AWSTraceHeader", "DeadLetterQueueSourceArn"
    ] | Expr] | Expr | None = None,
    MessageAttributeNames: Sequence[str | Expr] | Expr | None = None,
    MaxNumberOfMessages: int | Expr | None = None,
    VisibilityTimeout: int | Expr | None = None,
    WaitTimeSeconds: int | Expr | None = None,
    ReceiveRequestAttemptId: str | Expr | None = None,
) -> Integration:
    """Retrieve one or more messages (up to 10), from the specified queue.

    Resource: ``aws-sdk:sqs:receiveMessage``.
    Result: ``Messages``.

    Args:
        QueueUrl: the URL of the Amazon SQS queue from which messages are received.
        AttributeNames: this parameter has been discontinued but will be supported for backward compatibility.
        MessageSystemAttributeNames: a list of attributes that need to be returned along with each message.
        MessageAttributeNames: the name of the message attribute, where N is the index.
        MaxNumberOfMessages: the maximum number of messages to return.
        VisibilityTimeout: the duration (in seconds) that the received messages are hidden from subsequent retrieve requests after …
        WaitTimeSeconds: the duration (in seconds) for which the call waits for a message to arrive in the queue before returning.
        ReceiveRequestAttemptId: this parameter applies only to FIFO (first-in-first-out) queues.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/sqs/client/receive_message.html
    """
    return call("aws-sdk:sqs:receiveMessage", locals())


def send_message(
    *,
    QueueUrl: str | Expr,
    MessageBody: Payload,
    DelaySeconds: int | Expr | None = None,
    MessageAttributes: Mapping[str, Mapping[str, Payload] | Expr] | Expr | None = None,
    MessageSystemAttributes: Mapping[str, Mapping[str, Payload] | Expr] | Expr | None = None,
    MessageDeduplicationId: str | Expr | None = None,
    MessageGroupId: str | Expr | None = None,
) -> Integration:
    """Deliver a message to the specified queue.

    Resource: ``sqs:sendMessage``, also with ``.wait_for_task_token()``.
    Result: ``Md5OfMessageBody``, ``Md5OfMessageAttributes``, ``Md5OfMessageSystemAttributes``, ``MessageId``, ``SequenceNumber``.

    Args:
        QueueUrl: the URL of the Amazon SQS queue to which a message is sent.
        MessageBody: the message to send.
        DelaySeconds: the length of time, in seconds, for which to delay a specific message.
        MessageAttributes: each message attribute consists of a ``Name``, ``Type``, and ``Value``.
        MessageSystemAttributes: the message system attribute to send.
        MessageDeduplicationId: this parameter applies only to FIFO (first-in-first-out) queues.
        MessageGroupId: ``MessageGroupId`` is an attribute used in Amazon SQS FIFO (First-In-First-Out) and standard queues.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-sqs.html
    """
    return call("sqs:sendMessage", locals(), "sqs:sendMessage")


def send_message_batch(
    *,
    QueueUrl: str | Expr,
    Entries: Sequence[Mapping[str, Payload] | Expr] | Expr,
) -> Integration:
    """Send up to 10 messages to a queue.

    Resource: ``aws-sdk:sqs:sendMessageBatch``.
    Result: ``Successful``, ``Failed``.

    Args:
        QueueUrl: the URL of the Amazon SQS queue to which batched messages are sent.
        Entries: a list of `` SendMessageBatchRequestEntry `` items.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/sqs/client/send_message_batch.html
    """
    return call("aws-sdk:sqs:sendMessageBatch", locals())


if not TYPE_CHECKING:  # type checkers report the name themselves
    __getattr__ = unknown(__name__, __all__)
