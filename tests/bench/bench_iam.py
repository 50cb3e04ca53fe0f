"""How fast permissions are derived, as ratios within one run: ``make bench`` prints the tables.

A definition with several kinds of tasks is parsed into the model, and its execution role is derived from the walk over it. A
process that looks one action up is started beside one that only imports json.
"""

from __future__ import annotations

import gc
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from generator.asl.parse import parse
from generator.asl.walk import walk
from generator.iam.role import execution_role

SIZES = (100, 1_000, 10_000)
CALLS: tuple[Callable[[int], tuple[str, dict[str, Any]]], ...] = (
    lambda n: ("lambda:invoke", {"FunctionName": f"${{function{n % 50}_arn}}", "Payload.$": "$"}),
    lambda n: ("sqs:sendMessage", {"QueueUrl": f"${{queue{n % 20}_url}}", "MessageBody.$": "$"}),
    lambda n: ("aws-sdk:dynamodb:updateItem", {"TableName": f"${{table{n % 10}_name}}", "Key": {"id": {"S.$": "$.id"}}}),
    lambda n: ("aws-sdk:s3:getObject", {"Bucket": f"bucket-{n}", "Key.$": "States.Format('in/{}.json', $.id)"}),
    lambda n: ("ecs:runTask.sync", {"Cluster": "main", "TaskDefinition": f"task-{n}"}),
)


def definition(size: int) -> dict[str, Any]:
    """Return a machine of so many tasks."""
    states: dict[str, Any] = {}
    for number in range(size):
        call, parameters = CALLS[number % len(CALLS)](number)
        after = {"Next": f"S{number + 1}"} if number < size - 1 else {"End": True}
        states[f"S{number}"] = {"Type": "Task", "Resource": f"arn:aws:states:::{call}", "Parameters": parameters, **after}
    return {"StartAt": "S0", "States": states}


def seconds(function: Callable[[], Any], times: int = 5) -> float:
    """Return the median time of some calls."""
    taken = []
    for _ in range(times):
        gc.collect()
        start = time.perf_counter()
        function()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def process(code: str) -> float:
    """Return the median time of a process that runs some code."""
    return seconds(lambda: subprocess.run([sys.executable, "-c", code], check=True), 7)


def main() -> None:
    """Print both tables."""
    print("states   parsing    derivation  ratio  state by state")
    for size in SIZES:
        text = json.dumps(definition(size))
        parsing = seconds(lambda one=text: parse(json.loads(one)))
        machine, _ = parse(json.loads(text))
        walked = walk(machine)
        deriving = seconds(lambda one=walked: execution_role(one).policy)
        print(
            f"{size:>6}  {parsing * 1e3:>7.1f} ms  {deriving * 1e3:>8.1f} ms  {deriving / parsing:>5.2f}  {deriving / size * 1e6:>7.1f} µs"
        )
    base = process("import json")
    lookup = process("from generator.catalog.index import find_action; find_action('ec2', 'runInstances').input.required")
    print(f"\nlooking one action up, cold: {lookup * 1e3:.0f} ms, beside {base * 1e3:.0f} ms for importing json")


if __name__ == "__main__":
    main()
