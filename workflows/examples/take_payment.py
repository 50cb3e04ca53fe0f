"""Nested workflow: a Standard workflow takes a payment once, and leaves the short work to an Express workflow."""

from generator import Catch, Fail, Retry, Succeed, Task, Workflow, errors, fn, states, variables
from workflows.examples.resources import charge_card, payments

charge = Workflow(
    "charge",
    comment="Charge a card and record the payment; runs for seconds, thousands of times a minute.",
    type="EXPRESS",
    steps=[
        Task(
            "ChargeCard",
            charge_card.invoke({"payment_id": states.input.payment_id, "amount": states.input.amount, "card": states.input.card}),
            output={"payment_id": states.input.payment_id, "charge_id": states.result.Payload.charge_id},
            retry=Retry(errors.LAMBDA_TRANSIENT, interval_seconds=1, max_attempts=3, backoff_rate=2),
        ),
        Task(
            "RecordPayment",
            payments.put_item(
                {"payment_id": {"S": states.input.payment_id}, "charge_id": {"S": states.input.charge_id}, "at": {"S": fn.now()}},
            ),
            output=states.input,
        ),
    ],
)

take_payment = Workflow(
    "take-payment",
    comment=__doc__,
    steps=[
        Task(
            "Charge",
            charge.run_express(states.input),
            timeout_seconds=300,
            catch=Catch(
                errors.ALL,
                Fail("NotCharged", error="NotCharged", cause=fn.format("Payment {} failed.", variables.payment_id)),
                assign={"payment_id": states.input.payment_id},
            ),
        ),
        Succeed("Charged"),
    ],
)
