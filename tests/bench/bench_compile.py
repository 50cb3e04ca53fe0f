"""How fast the compiler is, as ratios within one run: ``make bench`` prints the tables.

Cold runs are whole processes, beside a process that only imports json. The sizes are compiled in this process: all checks,
all emitters, and the JSON Schema, beside ``json.dumps`` of the same definition.
"""

from __future__ import annotations

import gc
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from generator import Catch, Choice, Fail, Function, Queue, Retry, Task, Workflow, errors, states, when
from generator.asl.schema import schema_findings
from generator.checks import check
from generator.emit import artifacts
from generator.lower import compile_workflow

ROOT = Path(__file__).resolve().parents[2]
SIZES = (100, 1_000, 10_000)
worker, jobs = Function("worker"), Queue("jobs")
POLICY = Retry(errors.TASK_FAILED, interval_seconds=1, max_attempts=3, backoff_rate=2)


def workflow(size: int) -> Workflow:
    """Make a workflow of so many states: tasks with retriers and catchers, choices, and one Fail."""
    failed = Fail("Failed", error="Failed", cause="It failed.")
    steps: list[Any] = []
    while len(steps) < size - 1:
        number = len(steps)
        if number % 3 == 2:
            steps.append(Choice(f"Check{number}", when(states.input.status == "OK"), otherwise=failed))
        else:
            call = worker.invoke({"order": states.input.order, "step": number}) if number % 3 else jobs.send_message(states.input)
            steps.append(Task(f"Work{number}", call, retry=POLICY, catch=Catch(errors.ALL, failed)))
    if isinstance(steps[-1], Choice):
        steps[-1] = Task("Last", worker.invoke())
    return Workflow("bench", steps=steps)


def seconds(function: Callable[[], Any], times: int = 3) -> tuple[float, Any]:
    """Give the median time of some calls, and what the last one returned."""
    taken, result = [], None
    for _ in range(times):
        gc.collect()
        start = time.perf_counter()
        result = function()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken), result


def cold(*arguments: str, times: int = 9) -> float:
    """Give the median wall time of a whole process."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, capture_output=True)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def sizes() -> None:
    """Print seconds for each size and stage, and the ratio to json.dumps."""
    print("\nOne workflow, all checks and emitters, median of 3 runs (seconds)")
    columns = (("states", 8), ("write", 7), ("compile", 8), ("check", 7), ("emit", 7), ("schema", 7), ("all", 7), ("us/state", 9))
    print(" ".join(f"{name:>{width}}" for name, width in (*columns, ("json.dumps", 11), ("ratio", 7))))
    for size in SIZES:
        write, made = seconds(lambda size=size: workflow(size))
        compiling, compiled = seconds(lambda made=made: compile_workflow(made))
        checking, findings = seconds(lambda compiled=compiled: check(compiled.walk))
        emitting, _ = seconds(lambda compiled=compiled: artifacts(compiled))
        document = compiled.document
        schema, _ = seconds(lambda document=document: schema_findings(document), 1)
        dumping, _ = seconds(lambda document=document: json.dumps(document, indent=2))
        if findings or compiled.diagnostics:
            sys.exit(f"the benchmark's workflow is wrong: {[*findings, *compiled.diagnostics][:3]}")
        total = write + compiling + checking + emitting + schema
        print(
            f"{size:>8} {write:>7.3f} {compiling:>8.3f} {checking:>7.3f} {emitting:>7.3f} {schema:>7.3f} {total:>7.3f}"
            f" {total / size * 1e6:>9.0f} {dumping:>11.4f} {total / dumping:>6.0f}x"
        )


def cold_runs() -> None:
    """Print the cold commands as ratios to a Python that imports json."""
    base = cold("-c", "import json")
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "one.py"
        script.write_text(
            "from workflows.order_processing import order_processing\n"
            "from generator.lower import compile_workflow\n"
            "print(compile_workflow(order_processing).text())\n"
        )
        rows = {
            "python -c 'import json'": base,
            "generate (all workflows, nothing changed)": cold("-m", "generator", "generate"),
            "validate build/order-processing/definition.asl.json": cold(
                "-m", "generator", "validate", "build/order-processing/definition.asl.json"
            ),
            "order-processing to ASL alone": cold("-c", f"import sys; sys.path.insert(0, '.'); exec(open({str(script)!r}).read())"),
        }
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print("Cold processes, median of 9")
    for name, taken in rows.items():
        print(f"{name:<55} {taken:>7.3f} s {taken / base:>6.1f}x")
    print(f"{'largest of them':<55} {peak:>6} MB")


if __name__ == "__main__":
    gc.set_threshold(50_000, 20, 20)  # as the command line does
    cold_runs()  # first: a child's peak memory counts what this process held when it was started
    sizes()
