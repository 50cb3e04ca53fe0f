"""What the DOFS workflows and functions use, each declared once; deployed as ``{project}-{env}-{name}``."""

from generator import Function, Queue, StateMachine, Table

LIVE = "live"  # what callers use: a deployment and a rollback move it, for all functions and the state machine together

orders = Table("orders", key="order_id")
failed_orders = Table("failed-orders", key="order_id")
idempotency = Table("idempotency", key="id", ttl_attribute="expiration")

order_dlq = Queue("order-dlq", visibility_timeout_seconds=60)  # six times the timeout of dlq-handler
# AWS advises five receives or more, and a longer retention in the dead-letter queue. The architecture of DOFS has three, and 14 days,
# which is the most, for both queues.
order_queue = Queue("order-queue", visibility_timeout_seconds=30, dead_letter=order_dlq, max_receive_count=3)  # sfn: ignore[SFN507, SFN508]

order_machine = StateMachine("order-processing", alias=LIVE)

api_handler = Function(
    "api-handler",
    alias=LIVE,
    description="Accepts orders over HTTP and starts their workflow.",
    timeout_seconds=10,
    memory_mb=512,  # importing Powertools and pydantic is most of a cold start, and memory buys processor time
    environment={"STEP_FUNCTION_ARN": order_machine.start_arn, "ORDERS_TABLE": orders.table_name},
    uses=[order_machine.allow("StartExecution", "DescribeExecution"), orders.allow("GetItem")],
)
validator = Function(
    "validator",
    alias=LIVE,
    description="Checks an order against the business rules.",
    timeout_seconds=10,
    environment={"MAX_QUANTITY": "100"},
)
order_storage = Function(
    "order-storage",
    alias=LIVE,
    description="Stores an order, once.",
    timeout_seconds=10,
    environment={"ORDERS_TABLE": orders.table_name},
    uses=[orders.allow("PutItem")],
)
fulfill_order = Function(
    "fulfill-order",
    alias=LIVE,
    description="Fulfils the orders of the queue.",
    timeout_seconds=5,  # a sixth of the queue's visibility timeout, as AWS advises
    environment={
        "ORDERS_TABLE": orders.table_name,
        "IDEMPOTENCY_TABLE": idempotency.table_name,
        "MAX_RECEIVE_COUNT": str(order_queue.max_receive_count),
        "SUCCESS_RATE": "0.7",
    },
    uses=[orders.allow("UpdateItem"), idempotency.allow("GetItem", "PutItem", "UpdateItem", "DeleteItem")],
    triggers=[order_queue.trigger(batch_size=1)],
)
dlq_handler = Function(
    "dlq-handler",
    alias=LIVE,
    description="Records the orders that could not be fulfilled.",
    timeout_seconds=10,
    environment={"ORDERS_TABLE": orders.table_name, "FAILED_ORDERS_TABLE": failed_orders.table_name},
    uses=[orders.allow("GetItem", "UpdateItem"), failed_orders.allow("PutItem")],
    triggers=[order_dlq.trigger(batch_size=10)],
)
