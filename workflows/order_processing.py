"""Order processing: validate an order, store it, queue it for fulfilment."""

from functions.shared.models import OrderMessage
from generator import Catch, Choice, Fail, Logging, Retry, Succeed, Task, Workflow, errors, states, when
from workflows.failures import reasons, recorded
from workflows.resources import order_queue, order_storage, validator

TRANSIENT = Retry(errors.TASK_FAILED, interval_seconds=1, max_attempts=3, backoff_rate=2)

validation_failed = Fail("ValidationFailed", error="ValidationFailed", cause=reasons(states.input.validation))
storage_failed = Fail("StorageFailed", error="StorageFailed", cause="The order could not be stored.")
queue_failed = Fail("QueueFailed", error="QueueFailed", cause="The order could not be queued for fulfilment.")
not_stored = recorded("RecordStorageFailure", storage_failed)
not_queued = recorded("RecordQueueFailure", queue_failed)

order_processing = Workflow(
    "order-processing",
    comment=__doc__,
    input=OrderMessage,
    logging=Logging("ALL"),  # without inputs and outputs, which hold customer data
    timeout_seconds=1800,
    steps=[
        Task("ValidateOrder", validator.invoke(states.input), retry=TRANSIENT, catch=Catch(errors.TASK_FAILED, validation_failed)),
        Choice("CheckValidation", when(states.input.validation.status == "PASSED"), otherwise=validation_failed),
        Task(
            "StoreOrder",
            order_storage.invoke(states.input),
            retry=TRANSIENT,
            catch=Catch(errors.TASK_FAILED, not_stored, output=states.input),
        ),
        Choice("CheckStorage", when(states.input.storage.status == "SUCCESS"), otherwise=not_stored),
        Task(
            "SendToQueue", order_queue.send_message(states.input), retry=TRANSIENT, catch=Catch(errors.ALL, not_queued, output=states.input)
        ),
        Succeed("QueueSent"),
    ],
)
