"""CloudWatch: calls with types. Written by :mod:`generator.catalog.typed`; do not edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from generator.dsl.aws.call import call, unknown
from generator.dsl.expressions import Expr, Payload
from generator.dsl.integrations import Integration

__all__ = [
    "put_metric_data",
]


def put_metric_data(
    *,
    Namespace: str | Expr,
    MetricData: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    EntityMetricData: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    StrictEntityValidation: bool | Expr | None = None,
) -> Integration:
    """Publish metric data to Amazon CloudWatch.

    Resource: ``aws-sdk:cloudwatch:putMetricData``.

    Args:
        Namespace: the namespace for the metric data.
        MetricData: the data for the metrics.
        EntityMetricData: data for metrics that contain associated entity information.
        StrictEntityValidation: whether to accept valid metric data when an invalid entity is sent.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/cloudwatch/client/put_metric_data.html
    """
    return call("aws-sdk:cloudwatch:putMetricData", locals())


if not TYPE_CHECKING:  # type checkers report the name themselves
    __getattr__ = unknown(__name__, __all__)
