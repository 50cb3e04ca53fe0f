"""The numbers on the dashboard are true: what the functions write, aggregated as CloudWatch does it, is what happened to the orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.cloudwatch import Metrics
from tests.support.dofs import ORDER

if TYPE_CHECKING:
    from tests.support.dofs import Dofs

HERE = (("environment", "local"),)


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
    metrics = Metrics()
    metrics.read(capsys.readouterr().out, at=0)

    def of(name: str) -> list[float]:
        """Return the values that an alarm or a widget of DOFS sees."""
        return [value for _, value in metrics.values["dofs", name, HERE]]

    ends = [row["status"] for row in dofs.rows("orders").values()]
    assert set(ends) == {"FULFILLED", "FAILED"}
    rate = of("OrderSuccessRate")
    assert (len(rate), sum(rate) / len(rate)) == (20, pytest.approx(100 * ends.count("FULFILLED") / 20))
    assert (sum(of("OrdersRejected")), len(of("OrdersRejected"))) == (3, 23)
    assert sum(of("BusinessRuleViolations")) == 3 * 3
    assert len(of("OrderProcessingLatency")) == ends.count("FULFILLED")
    assert min(of("OrderProcessingLatency")) >= 0
    assert {name for namespace, name, dimensions in metrics.values} == {
        "OrderSuccessRate", "OrdersRejected", "BusinessRuleViolations", "OrderProcessingLatency",
    }, "nothing is written under other dimensions"  # fmt: skip
    assert {dimensions for _, _, dimensions in metrics.values} == {HERE}
