"""Writes a new order to the orders table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.parser import parse

from functions.shared import repository
from functions.shared.aws import within_time
from functions.shared.models import OrderMessage
from functions.shared.observability import observe
from functions.shared.times import now

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger, tracer = observe("order-storage", "storage")


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@within_time
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Store an order that passed validation.

    Returns:
        The event; its order has ``status``, ``created_at``, ``updated_at``, ``retry_count`` and ``total_quantity`` too, and
        beside it stands ``"storage": {"status": "SUCCESS"}``.

    Raises:
        DuplicateOrderError: Another execution has stored an order with this id. Retrying does not help.
    """
    message = parse(event=event, model=OrderMessage)
    at = now()
    order = message.order.model_dump() | {
        "status": "PROCESSING",
        "created_at": at,
        "updated_at": at,
        "retry_count": 0,
        "total_quantity": sum(item.quantity for item in message.order.items),
    }
    attempt = event.get("validation", {}).get("request_id") or context.aws_request_id
    with logger.append_context_keys(order_id=message.order.order_id):
        try:
            stored = repository.create(order, attempt)
        except Exception as error:
            logger.warning("Order not stored", extra={"error": type(error).__name__})
            raise
        logger.info("Order stored")
    return {**event, "order": stored, "storage": {"status": "SUCCESS"}}
