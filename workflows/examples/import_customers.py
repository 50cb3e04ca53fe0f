"""Distributed Map: import the customers of each new CSV file in S3, fifty at a time; up to five per cent may fail."""

from generator import (
    DistributedMap,
    ItemBatcher,
    ResultWriter,
    Retry,
    Task,
    Workflow,
    csv_items,
    errors,
    states,
)
from workflows.examples.resources import import_customer, imports

THROTTLED = Retry("Lambda.TooManyRequestsException", interval_seconds=2, max_attempts=8, backoff_rate=2, max_delay_seconds=60, jitter=True)
TRANSIENT = Retry(errors.TASK_FAILED, interval_seconds=1, max_attempts=2)

import_customers = Workflow(
    "import-customers",
    comment=__doc__,
    triggers=[imports.on_created(prefix="in/", suffix=".csv", input={"key": states.input.detail.object.key})],
    steps=[
        DistributedMap(  # sfn: ignore[SFN701]  any file of the bucket may be imported
            "ImportCustomers",
            csv_items(imports, states.input.key),
            [Task("ImportBatch", import_customer.invoke(states.input), retry=[THROTTLED, TRANSIENT])],
            batch=ItemBatcher(max_items=50),
            max_concurrency=20,
            tolerated_failure_percentage=5,
            execution_type="EXPRESS",
            label="ImportCustomers",
            result_writer=ResultWriter(imports, prefix="results", output_type="JSONL", transformation="COMPACT"),
        ),
    ],
)
