"""Business rules of an order.

The workflow decides on the result, so a broken rule is an answer (``"status": "FAILED"`` with every reason), not an error.
"""

from __future__ import annotations

import os
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from functions.shared.models import OrderMessage, problems
from functions.shared.observability import Metrics, observe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_lambda_powertools.utilities.typing import LambdaContext

logger, tracer = observe("validator", "validation")
metrics = Metrics()

MAX_REASONS = 100
"""The most reasons that are reported. An order can have any number of unknown fields, and a state's output is limited."""

_NAMES = {"customer_id": "customer", "product_id": "item"}
"""The rule that a name with wrong characters breaks."""


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
    reasons = list(islice(broken_rules(event), MAX_REASONS))
    with logger.append_context_keys(order_id=order.get("order_id") if isinstance(order, dict) else None):
        metrics.checked(violations=len(reasons))
        if reasons:
            logger.warning("Order breaks business rules", extra={"rules": sorted({reason["rule"] for reason in reasons})})
        else:
            logger.info("Order is valid")
    validation = {"status": "FAILED" if reasons else "PASSED", "reasons": reasons, "request_id": context.aws_request_id}
    return {**(event if isinstance(event, dict) else {}), "validation": validation}


def broken_rules(event: Any) -> Iterator[dict[str, str]]:
    """Yield every rule that an order breaks. For an order that does not have the right form, only its form is reported."""
    try:
        order = OrderMessage.model_validate(event).order
    except ValidationError as error:
        for each in error.errors(include_input=False, include_url=False):
            path = each["loc"]
            (problem,) = problems([each], skip=1 if path[:1] == ("order",) and len(path) > 1 else 0)
            rule = _NAMES.get(str(path[-1]), "format") if each["type"] == "string_pattern_mismatch" else "format"
            yield _reason(rule, problem.field, problem.message)
        return
    maximum = int(os.environ.get("MAX_QUANTITY", "100"))
    for index, item in enumerate(order.items):
        if item.quantity > maximum:
            yield _reason("quantity", f"items.{index}.quantity", f"At most {maximum} of a product can be ordered")
    times = Counter(item.product_id for item in order.items)
    for index, item in enumerate(order.items):
        if times.pop(item.product_id, 1) > 1:
            yield _reason("item", f"items.{index}.product_id", "A product is ordered in one line")


def _reason(rule: str, field: str, message: str) -> dict[str, str]:
    return {"rule": rule, "field": field, "message": message}
