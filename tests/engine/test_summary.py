"""The summary of an execution: what it shows, that it is short, and that it fits into its width."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest

from generator.engine import Fails, Sequence, execute
from generator.engine.summary import summary

CALL = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:work", "End": True}
RETRIED = {**CALL, "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 2}]}


def machine(**states: Any) -> dict[str, Any]:
    """Return a state machine that starts with the first state."""
    return {"StartAt": next(iter(states)), "States": states}


def row(text: str, name: str) -> str:
    """Return the line of a state."""
    (line,) = [line for line in text.splitlines() if re.match(rf"\s*[✓✗!-] {re.escape(name)}(\s|$)", line)]
    return re.sub(r"\s+", " ", line.strip())


def test_retries_caught_errors_and_the_failing_state():
    """Each state has its duration, its retries with their errors, what was caught; the failing state its input and cause."""
    states = machine(
        Charge={**RETRIED, "Next": "Refund"},
        Refund={**CALL, "Catch": [{"ErrorEquals": ["Lost"], "Next": "Stop"}]},
        Stop={"Type": "Fail", "Error": "Unpaid", "Cause": "The card was refused. " * 10},
    )
    del states["States"]["Charge"]["End"]
    mocks = {"Charge": Sequence(Fails("Busy"), Fails("Busy"), 1), "Refund": Fails("Lost", "the card is gone")}
    text = summary(execute(states, {"id": 7}, mocks=mocks))
    assert text.startswith("workflow FAILED after 6 s, 5 state transitions\n")
    assert row(text, "Charge") == "! Charge Task 6 s 2 retries: Busy x2"
    assert row(text, "Refund") == "! Refund Task 0 s caught Lost: the card is gone"
    assert row(text, "Stop") == "✗ Stop Fail failed: Unpaid"
    assert "\nFailed in Stop (Fail)\n  error: Unpaid\n  cause: The card was refused." in text
    assert '\n  input: {"Error":"Lost","Cause":"the card is gone"}\n' in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_map_of_a_thousand_items_is_a_few_lines():
    """The totals of the items and of the states inside; the failing state is one of the inside."""
    items = list(range(1000))
    inner = machine(Check={"Type": "Pass", "Next": "Call"}, Call=CALL)
    fails = {"work": lambda number: 1 / (number - 700)}
    text = summary(execute(machine(Each={"Type": "Map", "ItemProcessor": inner, "End": True}), items, functions=fails))
    assert len(text.splitlines()) < 25
    assert "1,000 items: 700 succeeded, 1 failed" in row(text, "Each")
    assert "Failed in Each → Call (Task)\n  error: ZeroDivisionError\n  cause: ZeroDivisionError: division by zero\n" in text
    assert "\n  input: 700\n" in text


def test_a_distributed_map():
    """The items of the map run, its child executions, and the first failing one."""
    inner = {**machine(Call=CALL), "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    fails = {"work": lambda number: 1 / (number - 3)}
    each = {"Type": "Map", "ItemProcessor": inner, "ToleratedFailureCount": 5, "End": True}
    text = summary(execute(machine(Each=each), [1, 2, 3, 4], functions=fails))
    assert "4 items in 4 child executions: 3 succeeded, 1 failed" in row(text, "Each")
    assert row(text, "Call x4") == "✗ Call x4 Task 0 s failed: ZeroDivisionError"


def test_a_loop_is_shown_once():
    """What ran again and again is one line for each state."""
    again = [{"Variable": "$$.State.EnteredTime", "StringGreaterThan": "2025-01-01T00:10", "Next": "Done"}]
    states = machine(
        Wait={"Type": "Wait", "Seconds": 5, "Next": "Enough"},
        Enough={"Type": "Choice", "Choices": again, "Default": "Wait"},
        Done={"Type": "Succeed"},
    )
    text = summary(execute(states))
    assert row(text, "Wait x120") == "✓ Wait x120 Wait 10 min"
    assert row(text, "Enough x120") == "✓ Enough x120 Choice 0 s"
    assert row(text, "Done") == "✓ Done Succeed 0 s"


def test_a_long_path_loses_its_middle():
    """A path of a thousand states fits on a screen."""
    names = [f"S{number}" for number in range(1000)]
    states = {one: {"Type": "Pass", "Next": other} for one, other in pairwise(names)}
    text = summary(execute(machine(**states, S999={"Type": "Succeed"})))
    assert len(text.splitlines()) == 42
    assert "(960 more lines)" in text


def test_a_parallel_that_catches():
    """A Parallel has the error of the branch that failed."""
    branches = [machine(Left=CALL), machine(Right={"Type": "Wait", "Seconds": 9, "End": True})]
    caught = [{"ErrorEquals": ["Sad"], "Next": "End"}]
    states = machine(Both={"Type": "Parallel", "Branches": branches, "Catch": caught, "End": True}, End={"Type": "Succeed"})
    text = summary(execute(states, mocks={"Left": Fails("Sad")}))
    assert row(text, "Both") == "! Both Parallel 0 s caught Sad"
    assert row(text, "Left") == "✗ Left Task failed: Sad"


def test_a_timeout():
    """An execution that timed out names the state where it was."""
    states = {**machine(Long={"Type": "Wait", "Seconds": 90, "End": True}), "TimeoutSeconds": 30}
    text = summary(execute(states))
    assert text.startswith("workflow TIMED_OUT after 30 s")
    assert "Timed out in Long (Wait)\n  input: {}\n" in text


@pytest.mark.parametrize("width", [60, 80, 200])
def test_text_is_data_and_fits(width: int):
    """Control characters are escaped, long names and long values are cut or wrapped."""
    name = "N" * 70 + "\x1b[2J"
    states = machine(**{name: {"Type": "Pass", "Next": "F"}, "F": {"Type": "Fail", "Error": "E\x1b[31m", "Cause": "x" * 500}})
    text = summary(execute(states, {"k": "\u202e" + "y" * 500}), width=width)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert max(map(len, text.splitlines())) <= width


def test_colours():
    """On a terminal marks have colours; without them the text is the same."""
    execution = execute(machine(F={"Type": "Fail", "Error": "E"}))
    colored = summary(execution, color=True)
    assert "\x1b[31m✗\x1b[0m F" in colored
    assert re.sub(r"\x1b\[\d+m", "", colored) == summary(execution)
