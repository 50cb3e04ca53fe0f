"""DOFS's order workflow, written with the AWS Data Science SDK as its documentation would."""

from __future__ import annotations

from typing import Any

from stepfunctions.steps import (
    Catch,
    Chain,
    Choice,
    ChoiceRule,
    Fail,
    LambdaStep,
    Retry,
    SqsSendMessageStep,
    Succeed,
    Task,
)
from stepfunctions.workflow import Workflow

COMMENT = "Order processing: validate an order, store it, queue it for fulfilment."


def transient() -> Retry:
    """Return the policy of all calls."""
    return Retry(error_equals=["States.TaskFailed"], interval_seconds=1, max_attempts=3, backoff_rate=2)


def recorded(name: str, reason: str, following: Fail) -> Task:
    """Return the step that records a failure in one transaction. The SDK has no step for it, hence the plain Task."""
    order = "$.order"
    item = {
        "order_id": {"S.$": f"{order}.order_id"},
        "original_order_id": {"S.$": f"{order}.order_id"},
        "customer_id": {"S.$": f"{order}.customer_id"},
        "items": {"L.$": f"{order}.items"},  # JSONPath cannot make the list of maps that DynamoDB takes
        "failure_reason": {"S": reason},
        "failed_at": {"S.$": "$$.State.EnteredTime"},
        "retry_count": {"N": "0"},
        "created_at": {"S.$": f"{order}.timestamp"},
        "updated_at": {"S.$": "$$.State.EnteredTime"},
    }
    put = {"TableName": "${failed_orders_name}", "Item": item, "ConditionExpression": "attribute_not_exists(order_id)"}
    update = {
        "TableName": "${orders_name}",
        "Key": {"order_id": {"S.$": f"{order}.order_id"}},
        "UpdateExpression": "SET #status = :failed, failed_at = :at, updated_at = :at, failure_reason = :reason",
        "ConditionExpression": "#status = :processing AND stored_by = :execution",
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": {
            ":failed": {"S": "FAILED"},
            ":processing": {"S": "PROCESSING"},
            ":execution": {"S.$": "$.validation.request_id"},
            ":at": {"S.$": "$$.State.EnteredTime"},
            ":reason": {"S": reason},
        },
    }
    canceled = Retry(error_equals=["DynamoDb.TransactionCanceledException"], interval_seconds=1, max_attempts=2, backoff_rate=2)
    persistent = Retry(error_equals=["States.ALL"], interval_seconds=1, max_attempts=10, backoff_rate=2)
    step = Task(
        name,
        resource="arn:aws:states:::aws-sdk:dynamodb:transactWriteItems",
        parameters={"TransactItems": [{"Put": put}, {"Update": update}]},
        retry=[canceled, persistent],
        catch=Catch(error_equals=["States.ALL"], next_step=following),
    )
    step.next(following)
    return step


def function(name: str, arn: str, *, keep: bool, caught: Any) -> LambdaStep:
    """Return the step that calls a function."""
    kept = {"result_path": None} if keep else {}
    return LambdaStep(
        name,
        parameters={"FunctionName": arn, "Payload.$": "$", "Qualifier": "live"},
        output_path="$.Payload",
        retry=transient(),
        catch=Catch(error_equals=["States.TaskFailed"], next_step=caught, **kept),
    )


def order_processing(client: Any) -> Workflow:
    """Return the workflow.

    Args:
        client: what the SDK would call AWS with.
    """
    validation_failed = Fail("ValidationFailed", error="ValidationFailed", cause="The order was rejected.")
    storage_failed = Fail("StorageFailed", error="StorageFailed", cause="The order could not be stored.")
    queue_failed = Fail("QueueFailed", error="QueueFailed", cause="The order could not be queued for fulfilment.")
    not_stored = recorded("RecordStorageFailure", "The order could not be stored.", storage_failed)
    not_queued = recorded("RecordQueueFailure", "The order could not be queued for fulfilment.", queue_failed)
    validate = function("ValidateOrder", "${validator_arn}", keep=False, caught=validation_failed)
    store = function("StoreOrder", "${order_storage_arn}", keep=True, caught=not_stored)
    send = SqsSendMessageStep(
        "SendToQueue",
        parameters={"QueueUrl": "${order_queue_url}", "MessageBody.$": "$"},
        retry=transient(),
        catch=Catch(error_equals=["States.ALL"], result_path=None, next_step=not_queued),
    )
    check_storage = Choice("CheckStorage")
    check_storage.add_choice(ChoiceRule.StringEquals("$.storage.status", "SUCCESS"), send)
    check_storage.default_choice(not_stored)
    check_validation = Choice("CheckValidation")
    check_validation.add_choice(ChoiceRule.StringEquals("$.validation.status", "PASSED"), store)
    check_validation.default_choice(validation_failed)
    validate.next(check_validation)
    store.next(check_storage)
    send.next(Succeed("QueueSent"))
    return Workflow("order-processing", Chain([validate]), "role", comment=COMMENT, timeout_seconds=1800, client=client)
