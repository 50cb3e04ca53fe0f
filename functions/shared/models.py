"""The shapes of an order: as a client sends it, as the workflow carries it, as the API answers.

The API's JSON Schema and OpenAPI document are generated from these models. They never repeat their input in an error: a
traceback or a log line must not carry customer data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_ITEMS = 100
MAX_IDENTIFIER_LENGTH = 128
MAX_REQUEST_QUANTITY = 1_000_000
"""What the API takes for a number at all. How much one may order is a business rule, and the validator's."""

UUID_PATTERN = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"


def _whole(value: Any) -> Any:
    """JSON has one kind of number, and JSON Schema takes 2.0 for an integer."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Identifier = Annotated[str, Field(min_length=1, max_length=MAX_IDENTIFIER_LENGTH)]
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


class Order(BaseModel):
    """An order inside the workflow. Fields added on the way (status, created_at …) are kept."""

    model_config = ConfigDict(extra="allow", hide_input_in_errors=True)

    order_id: OrderId
    customer_id: Identifier
    items: Annotated[list[Item], Field(min_length=1)]
    timestamp: str


class OrderMessage(BaseModel):
    """What the workflow passes from state to state, and in the end to the queue."""

    model_config = ConfigDict(extra="allow", hide_input_in_errors=True)

    order: Order
    timestamp: str
    source: str


class Accepted(BaseModel):
    """The answer to an accepted order."""

    order_id: OrderId
    execution_arn: Annotated[str, Field(description="The execution of the order's workflow.")]
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
    return [FieldError(field=".".join(str(part) for part in error["loc"][skip:]), message=error["msg"]) for error in errors]
