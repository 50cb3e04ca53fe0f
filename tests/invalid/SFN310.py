from dataclasses import dataclass

from generator import Pass, Workflow, states


@dataclass
class Order:
    order_id: str
    total: float


report = Workflow("report", input=Order, steps=[Pass("Report", output={"id": states.input.id})])
