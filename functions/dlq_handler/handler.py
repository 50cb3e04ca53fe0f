"""Records orders that could not be fulfilled: each message of the dead-letter queue becomes a row of failed_orders.

Nothing comes after this queue, so no message may be refused for what it holds: one that nobody can read is recorded as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from pydantic import ValidationError

from functions.shared import repository
from functions.shared.aws import within_time
from functions.shared.models import UNKNOWN_REASON, QueueMessage
from functions.shared.observability import Metrics, observe
from functions.shared.times import now

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from functions.shared.models import QueuedOrder

logger, tracer = observe("dlq-handler", "fulfillment")
metrics = Metrics()

MAX_BODY_KEPT = 100_000
"""Characters of an unreadable message that are kept; a DynamoDB item holds 400 KB."""


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@within_time
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Record the failed orders of a batch.

    Returns:
        ``{"batchItemFailures": [{"itemIdentifier": …}]}``: the messages that could not be recorded now and come again.
    """
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event=event, record_handler=_process, processor=processor, context=context)


def _process(record: SQSRecord) -> None:
    order = _order(record)
    with logger.append_context_keys(order_id=order.order_id if order else f"message-{record.message_id}"):
        try:
            failed_order = _failed_order(order) if order else _unreadable(record)
            if repository.give_up(failed_order):
                if order:  # a message that nobody can read is not an order
                    metrics.failed()
                logger.error("Order failed", extra={"retry_count": failed_order["retry_count"]})
            else:
                logger.info("Nothing to record: the order was recorded before, or fulfilled after all")
        except Exception as error:
            logger.warning("Failed order not recorded yet", extra={"error": type(error).__name__})
            raise


def _order(record: SQSRecord) -> QueuedOrder | None:
    """The order in a message; None if it has none."""
    try:
        return QueueMessage.model_validate_json(record.body).order
    except ValidationError:
        return None


def _unreadable(record: SQSRecord) -> dict[str, Any]:
    """The row of failed_orders for a message without an order."""
    order_id, at = f"message-{record.message_id}", now()
    return {
        "order_id": order_id,
        "original_order_id": order_id,
        "failure_reason": "The message is not an order",
        "failed_at": at,
        "retry_count": 0,
        "created_at": at,
        "updated_at": at,
        "body": record.body[:MAX_BODY_KEPT],
    }


def _failed_order(order: QueuedOrder) -> dict[str, Any]:
    """The row of failed_orders for an order."""
    row, at = repository.get(order.order_id) or {}, now()
    return {
        "order_id": order.order_id,
        "original_order_id": order.order_id,
        "customer_id": order.customer_id,
        "items": [item.model_dump() for item in order.items],
        "failure_reason": row.get("failure_reason", UNKNOWN_REASON),
        "failed_at": row.get("failed_at", at),
        "retry_count": row.get("retry_count", 0),
        "created_at": row.get("created_at", order.timestamp),
        "updated_at": at,
    }
