"""The numbers on the dashboard are true: what the functions write, aggregated as CloudWatch does it, is what happened to the orders."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.dofs import ORDER

if TYPE_CHECKING:
    from tests.support.dofs import Dofs

HERE = (("environment", "local"),)


class CloudWatch:
    """The metrics that lines in the embedded metric format make. A metric is its namespace, its name and all its dimensions.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """

    def __init__(self, lines: str) -> None:
        """Read every line that is a document with metrics."""
        self.values: dict[tuple[str, str, tuple[tuple[str, str], ...]], list[float]] = defaultdict(list)
        for line in lines.splitlines():
            document: dict[str, Any] = json.loads(line) if line.startswith("{") else {}
            for directive in document.get("_aws", {}).get("CloudWatchMetrics", []):
                for names in directive["Dimensions"]:
                    dimensions = tuple(sorted((name, document[name]) for name in names))
                    for metric in directive["Metrics"]:
                        value = document[metric["Name"]]
                        self.values[directive["Namespace"], metric["Name"], dimensions] += value if isinstance(value, list) else [value]

    def of(self, name: str) -> list[float]:
        """Return the values that an alarm or a widget of DOFS sees."""
        return self.values["dofs", name, HERE]


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_success_rate_is_the_share_of_fulfilled_orders(
    dofs: Dofs, seed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also beside refused orders, which are counted apart, and messages that nobody can read, which are no orders."""
    monkeypatch.setenv("RANDOM_SEED", seed)
    monkeypatch.setenv("SUCCESS_RATE", "0.4")
    for _ in range(20):
        dofs.place(ORDER)
    for quantity in (101, 102, 103):
        dofs.place(ORDER | {"items": [{"product_id": "P-1", "quantity": quantity}, {"product_id": "P-1", "quantity": quantity}]})
    dofs.admin("sqs").send_message(QueueUrl=dofs.queues["order-queue"], MessageBody="{poison")
    dofs.work()
    metrics = CloudWatch(capsys.readouterr().out)
    ends = [row["status"] for row in dofs.rows("orders").values()]
    assert set(ends) == {"FULFILLED", "FAILED"}
    rate = metrics.of("OrderSuccessRate")
    assert (len(rate), sum(rate) / len(rate)) == (20, pytest.approx(100 * ends.count("FULFILLED") / 20))
    assert (sum(metrics.of("OrdersRejected")), len(metrics.of("OrdersRejected"))) == (3, 23)
    assert sum(metrics.of("BusinessRuleViolations")) == 3 * 3
    assert len(metrics.of("OrderProcessingLatency")) == ends.count("FULFILLED")
    assert min(metrics.of("OrderProcessingLatency")) >= 0
    assert {name for namespace, name, dimensions in metrics.values} == {
        "OrderSuccessRate", "OrdersRejected", "BusinessRuleViolations", "OrderProcessingLatency",
    }, "nothing is written under other dimensions"  # fmt: skip
    assert {dimensions for _, _, dimensions in metrics.values} == {HERE}
