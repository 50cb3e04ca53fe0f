"""The speed of the compiler: `make bench` prints its figures, and the parts of the large one.

Cold runs are whole processes, one after the other with a process that only imports json, so that a busy machine slows all of them.
The large workflow is compiled in this process, beside `json.dumps` of its definition. Ratios are comparable between machines.
"""

from __future__ import annotations

import gc
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from generator import Catch, Choice, Fail, Function, Queue, Retry, Task, Workflow, errors, states, when
from generator.asl.schema import schema_findings
from generator.checks import check
from generator.emit import artifacts
from generator.importers.python import Options, to_python
from generator.lower import compile_workflow

ROOT = Path(__file__).resolve().parents[2]
STATES = 10_000
IMPORTED = 1_000
GENERATE = ("-m", "generator", "generate")
VALIDATE = ("-m", "generator", "validate", "build/order-processing/definition.asl.json")
# Runs a process, and prints the seconds that it took and its peak memory in MB. It is small: a child inherits the peak of its parent.
MEASURE = """
import os, sys, time
start = time.perf_counter()
_, status, usage = os.wait4(os.posix_spawn(sys.executable, [sys.executable, *sys.argv[1:]], os.environ), 0)
print(time.perf_counter() - start, usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024), os.waitstatus_to_exitcode(status))
"""


def cold(*arguments: str) -> tuple[float, float]:
    """Return the seconds and the peak MB of one process."""
    # As on a user's machine, modules are compiled once and not at each run.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", MEASURE, *arguments]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, env=environment)
    taken, peak, code = done.stdout.split()[-3:]
    if code != "0":
        sys.exit(f"exit code {code}: python {' '.join(arguments)}\n{done.stdout}{done.stderr}")
    return float(taken), float(peak)


def cold_runs(times: int = 9) -> None:
    """Print the figures of the cold commands."""
    commands = {"base": ("-c", "import json"), "generate": GENERATE, "validate": VALIDATE}
    for arguments in commands.values():
        cold(*arguments)  # the first run compiles the modules
    rounds = [{name: cold(*arguments) for name, arguments in commands.items()} for _ in range(times)]
    seconds = {name: statistics.median(one[name][0] for one in rounds) for name in commands}
    peak = max(one["generate"][1] for one in rounds)
    print(f"Cold processes, median of {times}; python -c 'import json' takes {seconds['base'] * 1000:.0f} ms")
    for name, what, limit in (("generate", "generate, nothing changed", 12), ("validate", "validate one file", 10)):
        print(f"{what:<40} {seconds[name]:>7.3f} s {seconds[name] / seconds['base']:>6.1f}x   (at most {limit}x)")
    print(f"{'peak memory of generate':<40} {peak:>7.1f} MB            (less than 45 MB)")


def workflow(size: int) -> Any:
    """Return a workflow of so many states: tasks with retriers and catchers, choices, and one Fail."""
    worker, jobs = Function("worker"), Queue("jobs")
    policy = Retry(errors.TASK_FAILED, interval_seconds=1, max_attempts=3, backoff_rate=2)
    failed = Fail("Failed", error="Failed", cause="It failed.")
    steps: list[Any] = []
    while len(steps) < size - 1:
        number = len(steps)
        if number % 3 == 2:
            steps.append(Choice(f"Check{number}", when(states.input.status == "OK"), otherwise=failed))
        else:
            call = worker.invoke({"order": states.input.order, "step": number}) if number % 3 else jobs.send_message(states.input)
            steps.append(Task(f"Work{number}", call, retry=policy, catch=Catch(errors.ALL, failed)))
    if isinstance(steps[-1], Choice):
        steps[-1] = Task("Last", worker.invoke())
    return Workflow("bench", steps=steps)


def large_workflow(times: int = 5) -> None:
    """Print the figure of the large workflow: the median of its rounds, each from the Python objects to the last artifact."""

    def timed(parts: dict[str, float], name: str, function: Callable[[], Any]) -> Any:
        gc.collect()
        start = time.perf_counter()
        result = function()
        parts[name] = time.perf_counter() - start
        return result

    schema_findings({})  # the schema is loaded once per process
    rounds: list[dict[str, float]] = []
    for _ in range(times):
        parts: dict[str, float] = {}
        made = timed(parts, "write", lambda: workflow(STATES))
        compiled = timed(parts, "compile", lambda made=made: compile_workflow(made))
        findings = timed(parts, "check", lambda compiled=compiled: check(compiled.walk))
        timed(parts, "emit", lambda compiled=compiled: artifacts(compiled))
        timed(parts, "schema", lambda compiled=compiled: schema_findings(compiled.document))
        timed(parts, "json.dumps", lambda compiled=compiled: json.dumps(compiled.document, indent=2))
        if findings or compiled.diagnostics:
            sys.exit(f"the workflow of the benchmark has problems: {[*findings, *compiled.diagnostics][:3]}")
        rounds.append(parts)
    median = {name: statistics.median(parts[name] for parts in rounds) for name in rounds[0]}
    dumps = median.pop("json.dumps")
    total = sum(median.values())
    print(f"\n{STATES:,} states, median of {times}; json.dumps of the definition takes {dumps * 1000:.0f} ms")
    print(f"{'all checks, emitters and the schema':<40} {total:>7.3f} s {total / dumps:>6.1f}x   (at most 12x)")
    for name, taken in median.items():
        print(f"    {name:<36} {taken:>7.3f} s {taken / dumps:>6.1f}x")


def imports(times: int = 3) -> None:
    """Print how long the import of a definition takes, per state: it must not grow with the number of states."""
    print("\nImport of a definition, with its proof")
    for size in (250, IMPORTED):
        definition = compile_workflow(workflow(size)).document
        seconds = []
        for _ in range(times):
            gc.collect()
            start = time.perf_counter()
            to_python(definition, Options("bench"))
            seconds.append(time.perf_counter() - start)
        taken = statistics.median(seconds)
        print(f"    {f'{size:,} states':<36} {taken:>7.3f} s {taken / size * 1000:>6.2f} ms a state   (1,000 at most 1.3x of 250)")


if __name__ == "__main__":
    gc.set_threshold(200_000, 20, 20)  # as the command line sets it
    cold_runs()
    large_workflow()
    imports()
