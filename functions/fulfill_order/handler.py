"""Fulfils queued orders, one message at a time.

An attempt succeeds with the configured probability. A failed one goes back to the queue; after the last, SQS moves the message
to the dead-letter queue. Messages come at least once and in any order, so fulfilling is idempotent by order id, twice over:
Powertools' idempotency keeps two deliveries from running at once, and the orders table lets an order be fulfilled once.
"""

from __future__ import annotations

import os
import random
from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig, idempotent_function

from functions.shared import repository
from functions.shared.aws import client, within_time
from functions.shared.models import QueueMessage
from functions.shared.observability import Metrics, observe
from functions.shared.times import milliseconds_between, now

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger, tracer = observe("fulfill-order", "fulfillment")
metrics = Metrics()

_DAY_SECONDS = 24 * 60 * 60


class FulfillmentError(Exception):
    """This attempt to fulfil an order failed; another may succeed."""


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@within_time
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Fulfil the orders of a batch.

    Returns:
        ``{"batchItemFailures": [{"itemIdentifier": …}]}``: the messages that go back to the queue.
    """
    _once_per_order.register_lambda_context(context)
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event=event, record_handler=_process, processor=processor, context=context)


def _process(record: SQSRecord) -> None:
    attempt = int(record.attributes.approximate_receive_count)
    order_id = f"message-{record.message_id}"  # as the dead-letter queue's handler calls a message without an order
    try:
        order = QueueMessage.model_validate_json(record.body).order
        order_id = order.order_id
        with logger.append_context_keys(order_id=order_id):
            idempotent = idempotent_function(
                _fulfill,
                data_keyword_argument="order_id",
                persistence_store=_persistence(),
                config=_once_per_order,
                key_prefix="fulfill-order",
            )
            idempotent(order_id=order.order_id, placed_at=order.timestamp, attempt=attempt)
    except Exception as error:
        logger.warning("Order not fulfilled", extra={"order_id": order_id, "attempt": attempt, "error": type(error).__name__})
        raise


def _fulfill(*, order_id: str, placed_at: str, attempt: int) -> dict[str, str]:
    """Try to fulfil an order. What it returns is kept, and given to later deliveries of the same order."""
    at = now()
    if _ships():
        if repository.fulfill(order_id, at):
            metrics.succeeded(milliseconds_between(placed_at, at))
            logger.info("Order fulfilled")
        return {"status": "FULFILLED"}
    reason = f"Fulfilment failed {attempt} times"
    final = attempt >= int(os.environ.get("MAX_RECEIVE_COUNT", "3"))
    if repository.record_failed_attempt(order_id, attempt, reason, at, final=final):
        raise FulfillmentError(reason)
    return {"status": "FULFILLED"}


def _ships() -> bool:
    """Whether an attempt succeeds. Stands for the warehouse, which this system has none of."""
    return _chance().random() < float(os.environ.get("SUCCESS_RATE", "0.7"))


@cache
def _chance() -> random.Random:
    """Random numbers; the same ones in every run if RANDOM_SEED is set."""
    return random.Random(os.environ.get("RANDOM_SEED"))  # noqa: S311  no secret


_once_per_order = IdempotencyConfig(expires_after_seconds=_DAY_SECONDS)


@cache
def _persistence() -> DynamoDBPersistenceLayer:
    return DynamoDBPersistenceLayer(table_name=os.environ["IDEMPOTENCY_TABLE"], boto3_client=client("dynamodb"))
