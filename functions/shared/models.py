"""The shapes of an order: as a client sends it, as the workflow carries it, as the API answers.

The API's JSON Schema and OpenAPI document are generated from these models. They never repeat their input in an error: a
traceback or a log line must not carry customer data.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_ITEMS = 100
MAX_IDENTIFIER_LENGTH = 128
MAX_REQUEST_QUANTITY = 1_000_000
"""What the API takes for a number at all. How much one may order is a business rule, and the validator's."""

MAX_BODY_BYTES = 64 * 1024
"""The largest body of a request. The largest valid order, 100 lines with the longest names, has about 30 KB."""

UUID_PATTERN = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
IDENTIFIER_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._@:+/#-]*$"
"""Names of customers and products. Without spaces, control characters and look-alikes, two names that look the same are the same."""
TIMESTAMP_PATTERN = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})$"

UNKNOWN_REASON = "The order could not be processed."
"""Why an order failed if nothing was recorded that is written for clients."""

_MESSAGES = {
    UUID_PATTERN: "Input should be a UUID in lower case",
    IDENTIFIER_PATTERN: "Input should be letters, digits and . _ @ : + / # -, and start with a letter or digit",
    TIMESTAMP_PATTERN: "Input should be a time such as 2026-01-31T12:00:00Z",
}
"""What a client reads in place of a pattern."""


def _whole(value: Any) -> Any:
    """JSON has one kind of number, and JSON Schema takes 2.0 for an integer."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _on_the_calendar(value: str) -> str:
    """Refuse the 30th of February."""
    try:
        datetime.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError("timestamp", "Input should be a time that exists") from None
    return value


Identifier = Annotated[str, Field(min_length=1, max_length=MAX_IDENTIFIER_LENGTH, pattern=IDENTIFIER_PATTERN)]
Timestamp = Annotated[str, Field(pattern=TIMESTAMP_PATTERN), AfterValidator(_on_the_calendar)]
OrderId = Annotated[str, Field(pattern=UUID_PATTERN, description="UUID of the order.")]
Status = Literal["PROCESSING", "FULFILLED", "FAILED"]


class Item(BaseModel):
    """One line of an order."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)

    product_id: Identifier
    quantity: Annotated[int, Field(ge=1, le=MAX_REQUEST_QUANTITY), BeforeValidator(_whole)]


class OrderRequest(BaseModel):
    """The body of POST /order."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)

    customer_id: Identifier
    items: Annotated[list[Item], Field(min_length=1, max_length=MAX_ITEMS)]


class Order(OrderRequest):
    """An order as the workflow starts with it."""

    order_id: OrderId
    timestamp: Timestamp


class OrderMessage(BaseModel):
    """The input of the workflow. What its states add beside the order is kept."""

    model_config = ConfigDict(extra="allow", hide_input_in_errors=True)

    order: Order
    timestamp: Timestamp
    source: Identifier


class QueuedItem(BaseModel):
    """One line of a queued order."""

    product_id: str
    quantity: Annotated[int, Field(ge=1, le=MAX_REQUEST_QUANTITY)]


class QueuedOrder(BaseModel):
    """The part of a queued order that its consumers read.

    They take every order that was stored, also one that was accepted under other rules, before a deployment.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    order_id: OrderId
    customer_id: str
    items: Annotated[list[QueuedItem], Field(min_length=1)]
    timestamp: Timestamp


class QueueMessage(BaseModel):
    """A message of the order queue."""

    model_config = ConfigDict(hide_input_in_errors=True)

    order: QueuedOrder


class Accepted(BaseModel):
    """The answer to an accepted order."""

    order_id: OrderId
    status: Literal["PROCESSING"] = "PROCESSING"


class OrderStatus(BaseModel):
    """The answer of GET /order/{order_id}."""

    order_id: OrderId
    status: Status
    created_at: str | None = None
    updated_at: str | None = None
    fulfilled_at: str | None = None
    failed_at: str | None = None
    reason: Annotated[str | None, Field(description="Why the order failed.")] = None


class FieldError(BaseModel):
    """What is wrong with one field of a request."""

    field: Annotated[str, Field(description="Where, such as items.0.quantity; empty for the whole body.")]
    message: str


class ErrorResponse(BaseModel):
    """The body of every answer that is not a success."""

    message: str
    errors: list[FieldError] = []


def problems(errors: Sequence[Any], *, skip: int = 0) -> list[FieldError]:
    """Say what is wrong, in terms of the input's fields and without repeating what they hold.

    Args:
        errors: `ValidationError.errors()`.
        skip: How many leading parts of each location are not the caller's (``body``).
    """
    return [FieldError(field=".".join(map(str, error["loc"][skip:]))[:_LONGEST_FIELD], message=_message(error)) for error in errors]


_LONGEST_FIELD = 200
"""Characters of a field's path that are repeated: the name of an unknown field is the caller's own text."""


def _message(error: Any) -> str:
    pattern = error.get("ctx", {}).get("pattern")
    return str(_MESSAGES.get(pattern, error["msg"]))
