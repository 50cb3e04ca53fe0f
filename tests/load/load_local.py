"""Some minutes of load on the local stack with ``--data``: orders, stops, redrives and kills. Nothing accepted may be lost.

``make load SECONDS=600``. It prints what was done, and the memory of the process over time; its exit code is 1 if something was lost.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import urllib3

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = 4
BETWEEN_KILLS = (25.0, 45.0)
PREFIX = "arn:aws:states:us-east-1:123456789012:execution:local-order-processing:"
QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/local-order-queue"
MOST_WAITING = 30
PATIENCE_SECONDS = 300
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
            lines = self.log.read_text()[offset:].splitlines()
            ready = next((json.loads(line) for line in lines if '"ready": true' in line), None)
            if ready:
                self.port = int(ready["url"].rpartition(":")[2])
                return
            time.sleep(0.1)

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

    def backlog(self) -> int:
        """Return the number of messages in the queue of orders."""
        target = {"X-Amz-Target": "AmazonSQS.GetQueueAttributes"}
        _, answer = self.ask("POST", "/", {"QueueUrl": QUEUE, "AttributeNames": ["All"]}, target)
        return int(answer.get("Attributes", {}).get("ApproximateNumberOfMessages", 0))

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


def lost(stack: Stack, clients: list[Client]) -> list[str]:
    """Return what was accepted and is not there, after everything has ended."""
    accepted = {order_id: client.redriven[order_id] for client in clients for order_id in client.accepted}
    end = time.monotonic() + PATIENCE_SECONDS
    with ThreadPoolExecutor(CLIENTS) as pool:
        found = pool.map(lambda order: fate(stack, *order, end), accepted.items())
        return [problem for problem in found if problem]


def fate(stack: Stack, order_id: str, redrives: int, end: float) -> str:
    """Return what is wrong with an order that was accepted, when it and its execution have ended; empty if nothing is."""
    order: Any = {}
    execution: Any = {}
    while time.monotonic() < end:
        status, execution = stack.operation("DescribeExecution", executionArn=PREFIX + order_id)
        if status and "status" not in execution:
            return f"execution {order_id} is lost: {execution}"
        if execution.get("redriveCount", 0) < redrives:
            return f"a redrive of {order_id} is lost: {execution.get('redriveCount')} of {redrives}"
        status, order = stack.ask("GET", f"/order/{order_id}")
        if status == 404:
            return f"order {order_id} is lost"
        if status == 200 and order["status"] in FINAL and execution["status"] != "RUNNING":
            return ""
        time.sleep(0.5)
    return f"order {order_id} has not ended: {order}, {execution}"


def main() -> int:
    """Run the load, and report."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=600)
    seconds = options.parse_args().seconds
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder) / "data", Path(folder) / "log")
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
        problems = lost(stack, clients)
        stack.weigh()
        taken = time.monotonic() - until
        total = sum((client.did for client in clients), Counter())
        print(f"{seconds:.0f} s, {CLIENTS} clients, {stack.kills} kills: {dict(total)}")
        print("memory in MB: " + ", ".join(f"{at:.0f}s {size}" for at, size in stack.memory[:: max(1, len(stack.memory) // 24)]))
        size = sum(file.stat().st_size for file in stack.data.iterdir())
        print(f"data: {size // 1024} KB for {total['orders']} orders; threads here: {threading.active_count()}")
        stack.process.send_signal(signal.SIGINT)
        print(f"exit code after SIGINT: {stack.process.wait(30)}")
        print(f"everything had ended {taken:.0f} s later")
        for problem in problems[:20]:
            print(problem)
        print("nothing accepted is lost" if not problems else f"{len(problems)} lost")
        if problems:
            keep = Path(tempfile.gettempdir()) / "load_local.log"
            keep.write_text(stack.log.read_text())
            print(f"the log is in {keep}")
        return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
