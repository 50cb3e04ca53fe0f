"""The end of an order that failed: the reasons for it, and its record in failed_orders."""

from generator import Catch, Expr, Fail, Payload, Retry, Task, errors, fn, sdk, states
from workflows.resources import failed_orders, orders

CANCELED = Retry("DynamoDb.TransactionCanceledException", interval_seconds=1, max_attempts=2, backoff_rate=2)
PERSISTENT = Retry(errors.ALL, interval_seconds=1, max_attempts=10, backoff_rate=2, max_delay_seconds=60, jitter=True)


def reasons(validation: Expr) -> Expr:
    """Return the text that names every broken rule; a validator that crashed has named none."""
    named = fn.join(fn.map_(validation.reasons, lambda reason: fn.format("{}: {}", reason.field, reason.message)), "; ")
    return fn.if_(fn.exists(validation.reasons), fn.format("The order was rejected. {}", named), "The order could not be validated.")


def recorded(name: str, failure: Fail) -> Task:
    """Return a state that records a failed order before the workflow fails.

    Both rows are written or neither. The row in orders becomes FAILED only if this execution stored it and it is still
    PROCESSING: the row of another execution, or an order that was fulfilled after all, stays as it is. A cancelled transaction
    means just that, so the failure follows as it does after a record.

    Args:
        name: the name of the state that writes the record.
        failure: the state that follows; its cause is the reason in the record.
    """
    order, at = states.input.order, fn.now()
    items = fn.map_(order.items, lambda item: {"M": {"product_id": {"S": item.product_id}, "quantity": {"N": fn.string(item.quantity)}}})
    record: Payload = {
        "order_id": {"S": order.order_id},
        "original_order_id": {"S": order.order_id},
        "customer_id": {"S": order.customer_id},
        "items": {"L": items},
        "failure_reason": {"S": failure.cause},
        "failed_at": {"S": at},
        "retry_count": {"N": "0"},
        "created_at": {"S": order.timestamp},
        "updated_at": {"S": at},
    }
    update: Payload = {
        "TableName": orders.table_name,
        "Key": {"order_id": {"S": order.order_id}},
        "UpdateExpression": "SET #status = :failed, failed_at = :at, updated_at = :at, failure_reason = :reason",
        "ConditionExpression": "#status = :processing AND stored_by = :execution",
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": {
            ":failed": {"S": "FAILED"},
            ":processing": {"S": "PROCESSING"},
            ":execution": {"S": states.input.validation.request_id},
            ":at": {"S": at},
            ":reason": {"S": failure.cause},
        },
    }
    put: Payload = {"TableName": failed_orders.table_name, "Item": record, "ConditionExpression": "attribute_not_exists(order_id)"}
    write = sdk.dynamodb.transact_write_items(TransactItems=[{"Put": put}, {"Update": update}])
    return Task(name, write, retry=[CANCELED, PERSISTENT], catch=Catch(errors.ALL, failure), next=failure)
