"""The speed of the local stack: `make bench` prints orders per second, and StartExecution per second beside moto's server.

The two servers are asked in turn within one run, so that a busy machine slows both. Ratios are comparable between machines.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import urllib3
from botocore.config import Config
from moto.server import ThreadedMotoServer

ROOT = Path(__file__).resolve().parents[2]
ORDERS = 60
CLIENTS = 4
STARTS = 150
ROUNDS = 5
NOTHING = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
ROLE = "arn:aws:iam::123456789012:role/r"


@contextmanager
def stack(*options: str) -> Iterator[str]:
    """Run the local stack in a process. Yield its URL."""
    command = [sys.executable, "-m", "generator", "local", "--port", "0", "--clock", "x60", "--log", "json", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = next(json.loads(line)["url"] for line in process.stdout if '"ready": true' in line)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(process.stdout.read)  # so that the pipe is never full
            try:
                yield str(url)
            finally:
                process.send_signal(signal.SIGINT)


def orders_per_second(url: str) -> tuple[float, float]:
    """Return how many orders per second are accepted, and how many are through the workflow."""
    http = urllib3.PoolManager(maxsize=CLIENTS, timeout=60)
    body = json.dumps({"customer_id": "C", "items": [{"product_id": "P", "quantity": 1}]})

    def place(_: int) -> str:
        while True:
            answer = http.request("POST", f"{url}/order", body=body, headers={"Content-Type": "application/json"})
            if answer.status != 503:  # a busy machine: the client tries again
                assert answer.status == 202, answer.data
                return str(answer.json()["order_id"])

    def running() -> int:
        listed = http.request("GET", f"{url}/_local/executions?limit=1000").json()["executions"]
        return sum(each["status"] == "RUNNING" for each in listed)

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(place, range(CLIENTS * 3)))  # processes start
        while running():
            time.sleep(0.1)
        begun = time.perf_counter()
        list(pool.map(place, range(ORDERS)))
        accepted = time.perf_counter() - begun
        while running():
            time.sleep(0.05)
        return ORDERS / accepted, ORDERS / (time.perf_counter() - begun)


def starts_per_second(client: Any, machine: str) -> float:
    """Return how many executions per second one caller starts."""
    begun = time.perf_counter()
    for _ in range(STARTS):
        client.start_execution(stateMachineArn=machine)
    return STARTS / (time.perf_counter() - begun)


def client_of(url: str) -> tuple[Any, str]:
    """Return a client of Step Functions, and a state machine."""
    made = boto3.client("stepfunctions", endpoint_url=url, region_name="us-east-1", config=Config(retries={"total_max_attempts": 1}))
    return made, made.create_state_machine(name="nothing", definition=NOTHING, roleArn=ROLE)["stateMachineArn"]


def main() -> None:
    """Print the figures."""
    os.environ |= {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
    moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    with stack() as url:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        ours, theirs = client_of(url), client_of(f"http://{host}:{port}")
        rounds = [(starts_per_second(*ours), starts_per_second(*theirs)) for _ in range(ROUNDS)]
        accepted, through = orders_per_second(url)
    moto.stop()
    here, there = (statistics.median(column) for column in zip(*rounds, strict=True))
    ratio = statistics.median(one / other for one, other in rounds)
    print(f"The local stack, {CLIENTS} clients, {ORDERS} orders of DOFS")
    print(f"  accepted by POST /order       {accepted:8.1f} orders/s")
    print(f"  through the workflow          {through:8.1f} orders/s")
    print(f"StartExecution by boto3, one caller, median of {ROUNDS} rounds of {STARTS}")
    print(f"  here                          {here:8.0f} /s")
    print(f"  moto's server                 {there:8.0f} /s")
    print(f"  ratio                         {ratio:8.2f}")


if __name__ == "__main__":
    main()
