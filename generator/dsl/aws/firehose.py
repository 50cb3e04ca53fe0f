"""Amazon Data Firehose: calls with types. Written by :mod:`generator.catalog.typed`; do not edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from generator.dsl.aws.call import call, unknown
from generator.dsl.expressions import Expr, Payload
from generator.dsl.integrations import Integration

__all__ = [
    "put_record",
    "put_record_batch",
]


def put_record(
    *,
    DeliveryStreamName: str | Expr,
    Record: Mapping[str, Payload] | Expr,
) -> Integration:
    """Write a single data record into an Firehose stream.

    Resource: ``aws-sdk:firehose:putRecord``.
    Result: ``RecordId``, ``Encrypted``.

    Args:
        DeliveryStreamName: the name of the Firehose stream.
        Record: the record.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/firehose/client/put_record.html
    """
    return call("aws-sdk:firehose:putRecord", locals())


def put_record_batch(
    *,
    DeliveryStreamName: str | Expr,
    Records: Sequence[Mapping[str, Payload] | Expr] | Expr,
) -> Integration:
    """Write multiple data records into a Firehose stream in a single call, which can achieve higher throughput …

    Resource: ``aws-sdk:firehose:putRecordBatch``.
    Result: ``FailedPutCount``, ``Encrypted``, ``RequestResponses``.

    Args:
        DeliveryStreamName: the name of the Firehose stream.
        Records: one or more records.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/firehose/client/put_record_batch.html
    """
    return call("aws-sdk:firehose:putRecordBatch", locals())


if not TYPE_CHECKING:  # type checkers report the name themselves
    __getattr__ = unknown(__name__, __all__)
