"""Business rules of an order.

The workflow decides on the result, so a broken rule is an answer (``"status": "FAILED"`` with every reason), not an error.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from functions.shared.models import Order, problems
from functions.shared.observability import Metrics, observe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_lambda_powertools.utilities.typing import LambdaContext

logger, tracer = observe("validator", "validation")
metrics = Metrics("validator")

_CUSTOMER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@:+-]*")


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: Any, context: LambdaContext) -> dict[str, Any]:
    """Check an order. The event is whatever the execution was started with.

    Returns:
        The event with ``"validation": {"status": "PASSED" or "FAILED", "reasons": [{"rule", "field", "message"}], "request_id"}``.
        The request id names this validation; storage knows its own retries by it.
    """
    order = event.get("order") if isinstance(event, dict) else None
    reasons = list(broken_rules(order))
    with logger.append_context_keys(order_id=order.get("order_id") if isinstance(order, dict) else None):
        metrics.violations(len(reasons))
        if reasons:
            logger.warning("Order breaks business rules", extra={"rules": sorted({reason["rule"] for reason in reasons})})
        else:
            logger.info("Order is valid")
    validation = {"status": "FAILED" if reasons else "PASSED", "reasons": reasons, "request_id": context.aws_request_id}
    return {**(event if isinstance(event, dict) else {}), "validation": validation}


def broken_rules(order: Any) -> Iterator[dict[str, str]]:
    """Every rule that an order breaks. An order that has not even the right form is told about its form alone."""
    try:
        checked = Order.model_validate(order)
    except ValidationError as error:
        for problem in problems(error.errors(include_input=False, include_url=False)):
            yield _reason("format", problem.field, problem.message)
        return
    if not _CUSTOMER_ID.fullmatch(checked.customer_id):
        yield _reason("customer", "customer_id", "A customer id is letters, digits and . _ @ : + - and starts with a letter or digit")
    maximum = int(os.environ.get("MAX_QUANTITY", "100"))
    for index, item in enumerate(checked.items):
        if item.quantity > maximum:
            yield _reason("quantity", f"items.{index}.quantity", f"At most {maximum} of a product can be ordered")
        if not item.product_id.strip():
            yield _reason("item", f"items.{index}.product_id", "A product id is not blank")
    times = Counter(item.product_id for item in checked.items)
    for index, item in enumerate(checked.items):
        if times.pop(item.product_id, 1) > 1:
            yield _reason("item", f"items.{index}.product_id", "A product is ordered in one line")


def _reason(rule: str, field: str, message: str) -> dict[str, str]:
    return {"rule": rule, "field": field, "message": message}
