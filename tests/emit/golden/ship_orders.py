"""The workflow that ship-orders.README.md is made of."""

from generator import Catch, Choice, Fail, Function, Logging, Map, Parallel, Queue, Retry, Succeed, Task, Wait, Workflow, states, when

pack = Function("pack")
charge = Function("charge-card")
shipments = Queue("shipments")
TRANSIENT = Retry("States.TaskFailed", interval_seconds=2, max_attempts=3, backoff_rate=1.5)
unpaid = Fail("Unpaid", error="NotPaid", cause="The card was refused.")

ship_orders = Workflow(
    "ship-orders",
    comment="Ship every order of a batch.\n\nOrders that are not paid stop the batch.",
    timeout_seconds=3600,
    logging=Logging("ALL", retention_days=90),
    steps=[
        Choice("AnyOrders", when(states.input.count > 0), otherwise="Nothing"),
        Map(
            "EachOrder",
            states.input.orders,
            [
                Parallel(
                    "PackAndCharge",
                    [Task("Pack", pack.invoke(), timeout_seconds=30)],
                    [Wait("CoolDown", seconds=90), Task("Charge", charge.invoke())],
                    retry=TRANSIENT,
                ),
            ],
            max_concurrency=5,
            catch=Catch("States.ALL", unpaid),
        ),
        Task("Ship", shipments.send_message(), retry=TRANSIENT, comment="One message for the whole batch."),
        Succeed("Shipped"),
        Succeed("Nothing"),
    ],
)
