"""Some minutes of load on the local stack with ``--data``: orders, stops, redrives and kills. Nothing accepted may be lost.

``make load SECONDS=600``. It prints what was done, and the memory of the process every 30 seconds. Its exit code is 1 if something was
lost, 2 if memory grew in the second half, and 3 if orders were still in progress when the time for the rest was over.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import urllib3

from generator.local.stepfunctions.service import KEPT

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = 4
BETWEEN_KILLS = (25.0, 45.0)
PREFIX = "arn:aws:states:us-east-1:123456789012:execution:local-order-processing:"
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:local-order-processing"
TABLE = "local-orders"
QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/local-order-queue"
AWS_JSON = {"Content-Type": "application/x-amz-json-1.0"}
"""The content type of calls in JSON, without which moto refuses them."""
MOST_WAITING = 30
PATIENCE_SECONDS = 60
REST_SECONDS = 240
"""The time that what was accepted has to end, after the last order."""
WINDOW_SECONDS = 30
GROWTH = 0.1
"""How much of the memory at half-time may be added in the second half: rows of tables are kept in memory, as moto has them."""
FINAL = {"FULFILLED", "FAILED"}


class Stack:
    """The process, which is killed and started again."""

    def __init__(self, data: Path, log: Path) -> None:
        """Start it."""
        self.data, self.log = data, log
        self.http = urllib3.PoolManager(maxsize=CLIENTS * 2, retries=False, timeout=60)
        self.memory: list[tuple[float, int]] = []
        self.kills = 0
        self.begun = time.monotonic()
        self.port = 0
        self.start()

    def start(self) -> None:
        """Start the process, and wait until it is ready. It has the same port each time."""
        command = [sys.executable, "-m", "generator", "local", "--data", str(self.data), "--clock", "x60", "--log", "json"]
        with self.log.open("a") as log:
            offset = log.tell()
            self.process = subprocess.Popen([*command, "--port", str(self.port)], cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
        while True:
            if self.process.poll() is not None:
                raise SystemExit(f"the stack ended: {self.log.read_text()[-2000:]}")
            with self.log.open("rb") as log:
                log.seek(offset)
                ready = next((json.loads(line) for line in log if b'"ready": true' in line and line.endswith(b"\n")), None)
            if ready:
                self.port = int(ready["url"].rpartition(":")[2])
                return
            time.sleep(0.1)

    def close(self) -> None:
        """End the process, whatever has happened."""
        self.process.kill()
        self.process.wait()

    def kill(self) -> None:
        """Kill it as the system does, and start it again."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.kills += 1
        self.start()

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        """Send a request; the status is 0 if there was no answer."""
        given = {"Content-Type": "application/json", **(headers or {})}
        content = None if body is None else json.dumps(body).encode()
        try:
            answer = self.http.request(method, f"http://127.0.0.1:{self.port}{path}", body=content, headers=given)
            return answer.status, json.loads(answer.data or b"{}")
        except (urllib3.exceptions.HTTPError, ValueError):
            return 0, {}

    def operation(self, name: str, **parameters: Any) -> tuple[int, Any]:
        """Perform an operation of Step Functions."""
        return self.ask("POST", f"/_local/call/{name}", parameters)

    def read(self, path: str, body: Any, headers: dict[str, str] | None = None) -> Any:
        """Return the answer to a request that changes nothing. It is sent again if the connection was closed in this moment."""
        for _ in range(3):
            status, answer = self.ask("POST", path, body, headers)
            if status == 200:
                return answer
        raise SystemExit(f"{path}: {status} {answer}")

    def backlog(self) -> int:
        """Return the number of messages in the queue of orders."""
        target = {"X-Amz-Target": "AmazonSQS.GetQueueAttributes", **AWS_JSON}
        status, answer = self.ask("POST", "/", {"QueueUrl": QUEUE, "AttributeNames": ["All"]}, target)
        if status not in {0, 200}:
            raise SystemExit(f"GetQueueAttributes: {status} {answer}")
        return int(answer.get("Attributes", {}).get("ApproximateNumberOfMessages", 0))

    def executions(self) -> dict[str, Any]:
        """Return all executions of the workflow of orders that there are, by the id of the order."""
        found: dict[str, Any] = {}
        given: dict[str, Any] = {"stateMachineArn": MACHINE, "maxResults": 1000}
        while True:
            page = self.read("/_local/call/ListExecutions", given)
            found |= {each["name"]: each for each in page["executions"]}
            if "nextToken" not in page:
                return found
            given["nextToken"] = page["nextToken"]

    def orders(self) -> dict[str, str]:
        """Return the statuses of all orders in the table."""
        found: dict[str, str] = {}
        given: dict[str, Any] = {"TableName": TABLE, "ProjectionExpression": "order_id, #s", "ExpressionAttributeNames": {"#s": "status"}}
        while True:
            page = self.read("/", given, {"X-Amz-Target": "DynamoDB_20120810.Scan", **AWS_JSON})
            found |= {each["order_id"]["S"]: each["status"]["S"] for each in page["Items"]}
            if "LastEvaluatedKey" not in page:
                return found
            given["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def weigh(self) -> None:
        """Write down the memory of the process, in MB."""
        found = subprocess.run(["ps", "-o", "rss=", "-p", str(self.process.pid)], capture_output=True, text=True, check=False).stdout
        if found.strip():
            self.memory.append((time.monotonic() - self.begun, int(found) // 1024))


class Client:
    """Someone who places orders, repeats some, stops some, and redrives what has failed."""

    def __init__(self, stack: Stack, number: int, until: float) -> None:
        """Create it."""
        self.stack, self.number, self.until = stack, number, until
        self.choose = random.Random(number)
        self.accepted: list[str] = []
        self.stopped: set[str] = set()
        self.redriven: Counter[str] = Counter()
        self.did: Counter[str] = Counter()

    def run(self) -> None:
        """Work until the time is over."""
        count = 0
        while time.monotonic() < self.until:
            if self.stack.backlog() > MOST_WAITING:  # a busy machine: orders would come faster than they can be fulfilled
                time.sleep(0.2)
                continue
            count += 1
            self._place(f"{self.number}-{count}")
            if self.accepted and self.choose.random() < 0.15:
                self._stop(self.accepted[-1])
            if self.accepted and self.choose.random() < 0.15:
                self._redrive(self.choose.choice(self.accepted))

    def _place(self, key: str) -> None:
        order = {"customer_id": f"C-{key}", "items": [{"product_id": "P-1", "quantity": self.choose.choice([1, 2, 101])}]}
        while time.monotonic() < self.until + PATIENCE_SECONDS:
            status, answer = self.stack.ask("POST", "/order", order, {"Idempotency-Key": key})
            if status in {200, 202}:
                self.accepted.append(answer["order_id"])
                self.did["orders"] += 1
                return
            self.did[f"no answer or {status}" if status else "no answer"] += 1
            time.sleep(0.2)

    def _stop(self, order_id: str) -> None:
        status, _ = self.stack.operation("StopExecution", executionArn=PREFIX + order_id, error="Stopped", cause="by the load")
        if status == 200:
            self.stopped.add(order_id)
            self.did["stops"] += 1

    def _redrive(self, order_id: str) -> None:
        status, _ = self.stack.operation("RedriveExecution", executionArn=PREFIX + order_id)
        if status == 200:
            self.redriven[order_id] += 1
            self.did["redrives"] += 1


def settle(stack: Stack, clients: list[Client]) -> tuple[list[str], list[str]]:
    """Wait until all that was accepted has ended, for some time. Return what is lost, and what is still in progress.

    All executions and all orders are read at once, so that the check costs little beside the work that is left.
    """
    accepted = [order_id for client in clients for order_id in client.accepted]
    redrives = sum((client.redriven for client in clients), Counter())
    end = time.monotonic() + REST_SECONDS
    while True:
        executions, orders = stack.executions(), stack.orders()
        running = {each for each in accepted if executions.get(each, {}).get("status") == "RUNNING"}
        # The workflow of others ended before it stored the order or sent its message: their status is in the answer of the API only.
        fates = {each: fate(stack, each) for each in accepted if each not in running and orders.get(each) not in FINAL}
        problems = [f"order {each} is lost" for each, status in fates.items() if status == 404]
        open_ones = [*running, *(each for each, status in fates.items() if status != 200)]
        print(f"  {len(open_ones)} of {len(accepted)} orders in progress, {stack.backlog()} messages in the queue", flush=True)
        gone = [each for each in accepted if each not in executions]
        if len(gone) > max(0, len(accepted) - KEPT):  # the oldest of more are not kept
            problems += [f"execution {each} is lost" for each in gone]
        problems += [
            f"a redrive of {each} is lost: {executions[each]['redriveCount']} of {count}"
            for each, count in redrives.items()
            if each in executions and executions[each]["redriveCount"] < count
        ]
        if problems or not open_ones or time.monotonic() > end:
            return problems, [f"order {each} is {orders.get(each)}, its execution {executions.get(each)}" for each in open_ones]
        time.sleep(5)


def fate(stack: Stack, order_id: str) -> int:
    """Return the status of an answer of the API about an order: 200 if it has ended, 202 if it is in progress."""
    status, order = stack.ask("GET", f"/order/{order_id}")
    return 202 if status == 200 and order["status"] not in FINAL else status


def growth(memory: list[tuple[float, int]], seconds: float) -> tuple[float, float]:
    """Return the memory at half-time, and what was added in the second half, in MB, by a straight line through the samples."""
    late = [(at, size) for at, size in memory if seconds / 2 <= at <= seconds]
    line = statistics.linear_regression([at for at, _ in late], [size for _, size in late])
    return line.intercept + line.slope * seconds / 2, line.slope * seconds / 2


def windows(memory: list[tuple[float, int]]) -> str:
    """Return the largest memory of every half minute, as text."""
    found: dict[int, int] = {}
    for at, size in memory:
        window = int(at // WINDOW_SECONDS)
        found[window] = max(found.get(window, 0), size)
    return ", ".join(f"{window * WINDOW_SECONDS}s {size}" for window, size in found.items())


def main() -> int:
    """Run the load, and report."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=600)
    seconds = options.parse_args().seconds
    with tempfile.TemporaryDirectory() as folder, closing(Stack(Path(folder) / "data", Path(folder) / "log")) as stack:
        until = time.monotonic() + seconds
        clients = [Client(stack, number, until) for number in range(CLIENTS)]
        choose = random.Random(0)
        next_kill = time.monotonic() + choose.uniform(*BETWEEN_KILLS)
        with ThreadPoolExecutor(CLIENTS) as pool:
            working = [pool.submit(client.run) for client in clients]
            while time.monotonic() < until:
                time.sleep(5)
                stack.weigh()
                if time.monotonic() > next_kill:
                    stack.kill()
                    next_kill = time.monotonic() + choose.uniform(*BETWEEN_KILLS)
            for each in working:
                each.result()
        stack.weigh()
        loaded = time.monotonic() - stack.begun
        print(f"the load is over after {loaded:.0f} s; load of the machine: {os.getloadavg()}", flush=True)
        problems, in_progress = settle(stack, clients)
        stack.weigh()
        taken = time.monotonic() - until
        total = sum((client.did for client in clients), Counter())
        print(f"{seconds:.0f} s, {CLIENTS} clients, {stack.kills} kills: {dict(total)}")
        print(f"memory in MB, the largest of every {WINDOW_SECONDS} s: {windows(stack.memory)}")
        half, added = growth(stack.memory, loaded)
        print(f"memory at half-time {half:.0f} MB, added in the second half {added:+.1f} MB")
        size = sum(file.stat().st_size for file in stack.data.iterdir())
        print(f"data: {size // 1024} KB for {total['orders']} orders; threads here: {threading.active_count()}")
        stack.process.send_signal(signal.SIGINT)
        print(f"exit code after SIGINT: {stack.process.wait(30)}")
        print(f"the check ended {taken:.0f} s after the load; {len(in_progress)} orders were still in progress")
        for line in [*problems[:20], *in_progress[:5]]:
            print(line)
        print("nothing accepted is lost" if not problems else f"{len(problems)} lost")
        if problems or in_progress:
            keep = Path(tempfile.gettempdir()) / "load_local.log"
            keep.write_text(stack.log.read_text())
            print(f"the log is in {keep}")
        return 1 if problems else 2 if added > GROWTH * half else 3 if in_progress else 0


if __name__ == "__main__":
    sys.exit(main())
