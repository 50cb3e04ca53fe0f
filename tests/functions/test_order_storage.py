"""Storage: the row, what the workflow gets back, duplicates and retries."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from pydantic import ValidationError

from functions.order_storage.handler import handler
from functions.shared import aws
from functions.shared.repository import DuplicateOrderError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.handlers import Aws

VALIDATED = {"status": "PASSED", "reasons": [], "request_id": "validation-1"}


def test_the_row_and_the_answer(aws_services: Aws, message: Callable[..., dict[str, Any]]) -> None:
    """The row has the seed's attributes; the answer is the event with them and the storage result."""
    event = message() | {"validation": VALIDATED}
    answer = handler(event, aws_services.context)
    order = answer["order"]
    assert order == event["order"] | {
        "status": "PROCESSING",
        "created_at": order["created_at"],
        "updated_at": order["created_at"],
        "retry_count": 0,
        "total_quantity": 5,
    }
    assert answer == event | {"order": order, "storage": {"status": "SUCCESS"}}
    (row,) = aws_services.rows("ORDERS_TABLE")
    assert row == order | {"stored_by": "validation-1"}


def test_a_duplicate_is_an_error_and_overwrites_nothing(aws_services: Aws, message: Callable[..., dict[str, Any]]) -> None:
    """The same order in another execution, and another order with its id."""
    handler(message() | {"validation": VALIDATED}, aws_services.context)
    before = aws_services.rows("ORDERS_TABLE")
    for other in (message(), message(customer_id="C-2")):
        with pytest.raises(DuplicateOrderError):
            handler(other | {"validation": VALIDATED | {"request_id": "validation-2"}}, aws_services.context)
    assert aws_services.rows("ORDERS_TABLE") == before


def test_a_retry_after_a_crash_gets_the_row_it_had_written(aws_services: Aws, message: Callable[..., dict[str, Any]]) -> None:
    """Step Functions repeats the task with the same input when the answer was lost; that is not a duplicate."""
    event = message() | {"validation": VALIDATED}
    first = handler(event, aws_services.context)
    assert handler(event, replace(aws_services.context, aws_request_id="another")) == first


def test_other_errors_go_to_the_workflow(
    aws_services: Aws,
    message: Callable[..., dict[str, Any]],
    log_lines: Callable[[], list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Throttling is an error that the workflow retries, and is logged with the order; a malformed event shows nothing of itself."""
    with pytest.raises(ValidationError) as malformed:
        handler({"order": {"customer_id": "C-secret"}}, aws_services.context)
    assert "secret" not in str(malformed.value)

    def throttle(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, "PutItem")

    monkeypatch.setattr(aws.client("dynamodb"), "put_item", throttle)
    log_lines()
    with pytest.raises(ClientError, match="ThrottlingException"):
        handler(message(), aws_services.context)
    (line,) = log_lines()
    assert (line["level"], line["order_id"], line["error"]) == ("WARN", message()["order"]["order_id"], "ClientError")
