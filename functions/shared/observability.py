"""Logs, metrics and traces, the same in every function.

Log lines have the fields ``timestamp``, ``level`` (INFO, WARN, ERROR), ``message``, ``order_id``, ``function`` and ``stage``.
They identify an order by its id alone: who ordered and what is never logged at INFO or above.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

if TYPE_CHECKING:
    from aws_lambda_powertools.logging.types import LogRecord

Stage = Literal["validation", "storage", "fulfillment"]

BUSINESS_RULE_VIOLATIONS = "BusinessRuleViolations"
ORDERS_REJECTED = "OrdersRejected"
"""1 for an order that breaks a business rule and 0 for one that does not. Its executions fail, which is not a fault of the system."""
ORDER_SUCCESS_RATE = "OrderSuccessRate"
"""100 for an order that was fulfilled and 0 for one that was not: its average is the success rate in percent."""
ORDER_PROCESSING_LATENCY = "OrderProcessingLatency"

_FIELDS = ("timestamp", "level", "message", "order_id", "function", "stage")
_LEVELS = {"WARNING": "WARN", "CRITICAL": "ERROR"}


class _Formatter(LambdaPowertoolsFormatter):
    """Powertools' JSON lines with the names that DOFS uses."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(log_record_order=list(_FIELDS), utc=True, use_rfc3339=True, stage=stage)

    def serialize(self, log: LogRecord) -> str:
        fields: dict[str, Any] = dict(log)
        fields["function"] = fields.pop("service", None)
        fields["level"] = _LEVELS.get(fields["level"], fields["level"])
        first = {name: fields.pop(name) for name in _FIELDS if fields.get(name) is not None}
        return super().serialize(first | {name: value for name, value in fields.items() if value is not None})


class Metrics(EphemeralMetrics):
    """Metrics of one function, in CloudWatch's embedded format.

    Their one dimension is the environment. CloudWatch does not aggregate over dimensions: with the function as a second one,
    the successes of one function and the failures of another would be two metrics, and neither would be a rate. Source:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#Dimension

    Not the shared kind: on a laptop all five functions live in one process.
    """

    def __init__(self) -> None:
        """Count under this project and environment."""
        super().__init__(namespace=os.environ.get("PROJECT_NAME", "dofs"))
        self.set_default_dimensions(environment=os.environ.get("ENVIRONMENT", "local"))

    def flush_metrics(self, raise_on_empty_metrics: bool = False) -> None:  # noqa: FBT001, FBT002  the signature is Powertools'
        """Write what was counted, if anything was; Powertools would warn of every invocation that counts nothing."""
        if self.metric_set:
            super().flush_metrics(raise_on_empty_metrics)

    def checked(self, violations: int) -> None:
        """An order was checked and broke so many business rules."""
        self.add_metric(BUSINESS_RULE_VIOLATIONS, MetricUnit.Count, violations)
        self.add_metric(ORDERS_REJECTED, MetricUnit.Count, int(violations > 0))

    def succeeded(self, milliseconds: float) -> None:
        """An order was fulfilled, so long after it was placed."""
        self.add_metric(ORDER_SUCCESS_RATE, MetricUnit.Percent, 100)
        self.add_metric(ORDER_PROCESSING_LATENCY, MetricUnit.Milliseconds, milliseconds)

    def failed(self) -> None:
        """An order is given up."""
        self.add_metric(ORDER_SUCCESS_RATE, MetricUnit.Percent, 0)


def observe(function: str, stage: Stage) -> tuple[Logger, Tracer]:
    """The logger and the tracer of one function.

    Args:
        function: Its name without project and environment, such as ``order-storage``.
        stage: The part of the order's way that it serves.
    """
    return Logger(service=function, logger_formatter=_Formatter(stage)), Tracer(service=function)
