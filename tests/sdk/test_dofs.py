"""DOFS's workflow, written with the AWS Data Science SDK, equals ours state by state.

The SDK writes JSONPath, ours is JSONata, so its definition is converted first. What must differ is listed here, and nothing else differs:

- a comparison of JSONPath fails on missing data, so the converted condition asserts that the data is there;
- the SDK's Retry has neither ``max_delay_seconds`` nor jitter;
- JSONPath has no loop over a list, no join of texts and no current time, so three expressions have another form.
"""

from __future__ import annotations

import copy
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from generator import Workflow
from generator.asl.read import read_file
from generator.asl.write import to_json
from generator.importers.jsonata.machine import convert
from generator.lower import compile_workflow
from tests.sdk.dofs import order_processing

OURS = Path(__file__).resolve().parents[2] / "build" / "order-processing" / "definition.asl.json"
"""Our definition: the workflow itself needs pydantic, which is not in the environment of the SDK."""
_ASSERTED = re.compile(r"\{% \(\$assert\([^;]*\); (.*)\) %\}", re.DOTALL)
NOW = "{% $now() %}"
ENTERED = "{% $states.context.State.EnteredTime %}"


def definition(workflow: Workflow) -> dict[str, Any]:
    """Compile a workflow to JSONata."""
    compiled = compile_workflow(workflow)
    assert compiled.diagnostics == ()
    made = convert(compiled.walk.machine)
    assert made.kept == ()
    document: Any = to_json(made.machine)
    return document


@pytest.fixture(scope="module")
def sdk() -> dict[str, Any]:
    """Return the definition of the SDK's workflow in JSONata."""
    client = SimpleNamespace(_client_config=SimpleNamespace(user_agent=""))
    return definition(Workflow.from_sdk(order_processing(client)))


def recording(state: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a state that records a failure which must differ, and take them out."""
    put, update = (item[kind] for item, kind in zip(state["Arguments"]["TransactItems"], ("Put", "Update"), strict=True))
    item, values = put["Item"], update["ExpressionAttributeValues"]
    times = {item.pop("failed_at")["S"], item.pop("updated_at")["S"], values.pop(":at")["S"]}
    limits = [(retrier.pop("MaxDelaySeconds", None), retrier.pop("JitterStrategy", None)) for retrier in state["Retry"]]
    return {"times": times, "items": item.pop("items")["L"], "limits": limits}


def test_all_states_are_equal(sdk: dict[str, Any]) -> None:
    """Every state has the same fields with the same values, but for what the module lists."""
    mine: Any = read_file(OURS).value
    theirs = copy.deepcopy(sdk)
    assert {key: value for key, value in mine.items() if key != "States"} == {
        key: value for key, value in theirs.items() if key != "States"
    }
    assert {*mine["States"]} == {*theirs["States"]}
    for name, state in theirs["States"].items():
        for rule in state.get("Choices", ()):
            asserted = _ASSERTED.fullmatch(rule["Condition"])
            assert asserted
            rule["Condition"] = f"{{% {asserted[1]} %}}"
        own = mine["States"][name]
        if name.startswith("Record"):
            different = recording(own), recording(state)
            assert [each["times"] for each in different] == [{NOW}, {ENTERED}]
            assert [each["limits"] for each in different] == [[(None, None), (60, "FULL")], [(None, None), (None, None)]]
            assert "$map($states.input.order.items" in different[0]["items"]
            assert different[1]["items"] == "{% $states.input.order.items %}"
        if name == "ValidationFailed":
            assert "$join(" in own.pop("Cause")
            assert state.pop("Cause") == "The order was rejected."
        assert state == own, name


def test_the_definition_is_that_of_the_sdk() -> None:
    """``from_sdk`` changes nothing."""
    client = SimpleNamespace(_client_config=SimpleNamespace(user_agent=""))
    workflow = order_processing(client)
    assert compile_workflow(Workflow.from_sdk(workflow)).document == workflow.definition.to_dict()
