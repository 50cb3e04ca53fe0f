"""The two tables of orders. Every write carries the condition that makes it safe to repeat, in any order, after any crash.

An order's row goes PROCESSING → FULFILLED or PROCESSING → FAILED, once. A failed order has exactly one row in
``failed_orders``, written in one transaction with its status.
"""

from __future__ import annotations

import os
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from functions.shared.aws import client, prepare

prepare("dynamodb")

_CONDITION_FAILED = "ConditionalCheckFailedException"
_TRANSACTION_CANCELED = "TransactionCanceledException"


class DuplicateOrderError(Exception):
    """Another execution has stored an order with this id."""


class OrderNotFoundError(Exception):
    """The orders table has no such order."""


class OrderFailedError(Exception):
    """The order has failed for good; only its record in failed_orders may still be missing."""


def get(order_id: str) -> dict[str, Any] | None:
    """Read an order."""
    found = client("dynamodb").get_item(TableName=os.environ["ORDERS_TABLE"], Key=_dump({"order_id": order_id}), ConsistentRead=True)
    return _load(found["Item"]) if "Item" in found else None


def create(order: dict[str, Any], stored_by: str) -> dict[str, Any]:
    """Write a new order; never over another one.

    Args:
        order: The row.
        stored_by: Identifies the attempt across its retries. A retry whose predecessor had written the row before it failed
            gets that row back; anyone else gets an error.

    Raises:
        DuplicateOrderError: The id is taken.
    """
    try:
        client("dynamodb").put_item(
            TableName=os.environ["ORDERS_TABLE"],
            Item=_dump({**order, "stored_by": stored_by}),
            ConditionExpression="attribute_not_exists(order_id)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except ClientError as error:
        existing = _existing(error)
        if existing.pop("stored_by", None) != stored_by:
            raise DuplicateOrderError(order["order_id"]) from None
        return existing
    return order


def fulfill(order_id: str, at: str) -> bool:
    """Set an order FULFILLED.

    Returns:
        Whether this call did it; False if it was fulfilled before.

    Raises:
        OrderNotFoundError: There is no such order.
        OrderFailedError: It has failed for good.
    """
    return _advance(order_id, "SET #status = :fulfilled, fulfilled_at = :at, updated_at = :at", {":fulfilled": "FULFILLED", ":at": at})


def record_failed_attempt(order_id: str, attempts: int, reason: str, at: str, *, final: bool) -> bool:
    """Note that an attempt to fulfil failed, and set the order FAILED if it was the last one.

    Returns:
        Whether the order is still open; False if it was fulfilled before.

    Raises:
        OrderNotFoundError: There is no such order.
        OrderFailedError: It has failed for good.
    """
    update = "SET retry_count = :attempts, failure_reason = :reason, updated_at = :at"
    values = {":attempts": attempts, ":reason": reason, ":at": at}
    if final:
        update += ", #status = :failed, failed_at = :at"
        values |= {":failed": "FAILED"}
    return _advance(order_id, update, values)


def give_up(failed_order: dict[str, Any]) -> bool:
    """Record a failed order and set its row in the orders table FAILED with the same reason, both or neither.

    Args:
        failed_order: The row of failed_orders. Its order may be missing from the orders table (a message nobody can read).

    Returns:
        Whether this call did it; False if it was recorded before, or if the order was fulfilled after all.
    """
    order_id, at, reason = failed_order["order_id"], failed_order["failed_at"], failed_order["failure_reason"]
    put = {
        "TableName": os.environ["FAILED_ORDERS_TABLE"],
        "Item": _dump(failed_order),
        "ConditionExpression": "attribute_not_exists(order_id)",
    }
    update = {
        "TableName": os.environ["ORDERS_TABLE"],
        "Key": _dump({"order_id": order_id}),
        "UpdateExpression": "SET #status = :failed, failure_reason = :reason, failed_at = :at, updated_at = :at",
        "ConditionExpression": "attribute_exists(order_id) AND #status <> :fulfilled",
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": _dump({":failed": "FAILED", ":fulfilled": "FULFILLED", ":reason": reason, ":at": at}),
    }
    try:
        client("dynamodb").transact_write_items(TransactItems=[{"Put": put}, {"Update": update}])
    except ClientError as error:
        codes = [reason.get("Code") for reason in error.response.get("CancellationReasons", [])]
        if error.response["Error"]["Code"] != _TRANSACTION_CANCELED or "ConditionalCheckFailed" not in codes:
            raise
        recorded, closed = (code == "ConditionalCheckFailed" for code in codes)
        if recorded or (closed and get(order_id) is not None):
            return False
        return _put_new(put)
    return True


def _put_new(put: dict[str, Any]) -> bool:
    try:
        client("dynamodb").put_item(**put)
    except ClientError as error:
        if error.response["Error"]["Code"] != _CONDITION_FAILED:
            raise
        return False
    return True


def _advance(order_id: str, update: str, values: dict[str, Any]) -> bool:
    """Update an order that is PROCESSING; of any other one, say why not."""
    try:
        client("dynamodb").update_item(
            TableName=os.environ["ORDERS_TABLE"],
            Key=_dump({"order_id": order_id}),
            UpdateExpression=update,
            ConditionExpression="#status = :processing",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues=_dump({**values, ":processing": "PROCESSING"}),
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except ClientError as error:
        status = _existing(error).get("status")
        if status == "FULFILLED":
            return False
        raise (OrderFailedError if status else OrderNotFoundError)(order_id) from None
    return True


def _existing(error: ClientError) -> dict[str, Any]:
    """The row that a condition failed on; any other error goes on."""
    if error.response["Error"]["Code"] != _CONDITION_FAILED:
        raise error
    return _load(error.response.get("Item", {}))


def _dump(row: dict[str, Any]) -> dict[str, Any]:
    serialize = TypeSerializer().serialize
    return {name: serialize(value) for name, value in row.items()}


def _load(row: dict[str, Any]) -> dict[str, Any]:
    deserialize = TypeDeserializer().deserialize
    return {name: _plain(deserialize(value)) for name, value in row.items()}


def _plain(value: Any) -> Any:
    """DynamoDB's numbers as JSON's."""
    match value:
        case list():
            return [_plain(each) for each in value]
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case None | str() | bool() | bytes():
            return value
        case number:
            return int(number) if number == int(number) else float(number)
