"""AWS as the handlers of DOFS meet it: tables, a state machine, and the Lambda context."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any

REGION = "us-east-1"
TABLES = {
    "ORDERS_TABLE": ("dofs-test-orders", "order_id"),
    "FAILED_ORDERS_TABLE": ("dofs-test-failed-orders", "order_id"),
    "IDEMPOTENCY_TABLE": ("dofs-test-idempotency", "id"),
}


@dataclass
class LambdaContext:
    """The part of Lambda's context object that the handlers read."""

    aws_request_id: str = "11111111-2222-4333-8444-555555555555"
    function_name: str = "dofs-test-function"
    memory_limit_in_mb: int = 256
    invoked_function_arn: str = f"arn:aws:lambda:{REGION}:123456789012:function:dofs-test-function"

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda ends the invocation."""
        return 5000


@dataclass
class Aws:
    """The services that the handlers use."""

    dynamodb: Any
    stepfunctions: Any
    context: LambdaContext = field(default_factory=LambdaContext)

    def rows(self, variable: str) -> list[dict[str, Any]]:
        """Return every item of a table, which its environment variable names."""
        return self.dynamodb.Table(TABLES[variable][0]).scan()["Items"]

    def order(self, order_id: str) -> dict[str, Any]:
        """Return the row of an order."""
        return self.dynamodb.Table(TABLES["ORDERS_TABLE"][0]).get_item(Key={"order_id": order_id})["Item"]


class CurrentStdout:
    """Standard output as it is when something is written, not as it was when the logger was made."""

    def write(self, text: str) -> None:
        """Write to the standard output of this moment."""
        sys.stdout.write(text)

    def flush(self) -> None:
        """Do nothing: every write is passed on at once."""
