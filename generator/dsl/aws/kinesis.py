"""Kinesis Data Streams: calls with types. Written by :mod:`generator.catalog.typed`; do not edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from generator.dsl.aws.call import call, unknown
from generator.dsl.expressions import Expr, Payload
from generator.dsl.integrations import Integration

__all__ = [
    "put_record",
    "put_records",
]


def put_record(
    *,
    Data: Payload,
    StreamName: str | Expr | None = None,
    PartitionKey: str | Expr | None = None,
    ExplicitHashKey: str | Expr | None = None,
    SequenceNumberForOrdering: str | Expr | None = None,
    StreamARN: str | Expr | None = None,
    StreamId: str | Expr | None = None,
    DryRun: bool | Expr | None = None,
) -> Integration:
    """Write a single data record into an Amazon Kinesis data stream.

    Resource: ``aws-sdk:kinesis:putRecord``.
    Result: ``ShardId``, ``SequenceNumber``, ``EncryptionType``.

    Args:
        Data: the data blob to put into the record, which is base64-encoded when the blob is serialized.
        StreamName: the name of the stream to put the data record into.
        PartitionKey: determines which shard in the stream the data record is assigned to.
        ExplicitHashKey: the hash value used to explicitly determine the shard the data record is assigned to by overriding the …
        SequenceNumberForOrdering: guarantees strictly increasing sequence numbers, for puts from the same client and to the same partition key.
        StreamARN: the ARN of the stream.
        StreamId: not Implemented.
        DryRun: checks if your request will succeed.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/kinesis/client/put_record.html
    """
    return call("aws-sdk:kinesis:putRecord", locals())


def put_records(
    *,
    Records: Sequence[Mapping[str, Payload] | Expr] | Expr,
    StreamName: str | Expr | None = None,
    StreamARN: str | Expr | None = None,
    StreamId: str | Expr | None = None,
    DryRun: bool | Expr | None = None,
) -> Integration:
    """Write multiple data records into a Kinesis data stream in a single call (also referred to as a …

    Resource: ``aws-sdk:kinesis:putRecords``.
    Result: ``FailedRecordCount``, ``Records``, ``EncryptionType``.

    Args:
        Records: the records associated with the request.
        StreamName: the stream name associated with the request.
        StreamARN: the ARN of the stream.
        StreamId: not Implemented.
        DryRun: checks if your request will succeed.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/kinesis/client/put_records.html
    """
    return call("aws-sdk:kinesis:putRecords", locals())


if not TYPE_CHECKING:  # type checkers report the name themselves
    __getattr__ = unknown(__name__, __all__)
