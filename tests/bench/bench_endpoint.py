"""How many executions a client starts in a second, beside moto's server in the same run: `python tests/bench/bench_endpoint.py`.

Each server runs in a process of its own; the client is boto3, alone and four at a time. Exit code 1 where the endpoint is not faster.
"""

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import boto3
from botocore.config import Config

ROOT = Path(__file__).resolve().parents[2]
ROLE = "arn:aws:iam::123456789012:role/any"
DEFINITION = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
OURS = """
import sys
from generator.local.stepfunctions.service import StepFunctions
from generator.local.stepfunctions.wire import running
with StepFunctions(pace="virtual") as service, running(service) as url:
    print(url, flush=True)
    sys.stdin.read()
"""
MOTO = """
import os, sys
os.environ["MOTO_PORT"] = "0"
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
print(f"http://{host}:{port}", flush=True)
sys.stdin.read()
server.stop()
"""
CLIENTS = 4


def client_of(url):
    """Return a client of an endpoint."""
    keys = {"region_name": "us-east-1", "aws_access_key_id": "x", "aws_secret_access_key": "y"}
    return boto3.client("stepfunctions", endpoint_url=url, config=Config(inject_host_prefix=False), **keys)


def rate(url, arn, seconds, clients):
    """Return the executions that clients start in a second."""
    counts = [0] * clients
    end = time.perf_counter() + seconds

    def work(number):
        client = client_of(url)
        while time.perf_counter() < end:
            client.start_execution(stateMachineArn=arn, input='{"n": 1}')
            counts[number] += 1

    began = time.perf_counter()
    threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - began)


def measure(program, seconds):
    """Return the rates of one client and of several."""
    server = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        url = server.stdout.readline().strip()
        arn = client_of(url).create_state_machine(name="m", definition=DEFINITION, roleArn=ROLE)["stateMachineArn"]
        rate(url, arn, min(seconds, 0.5), 1)  # warm
        return rate(url, arn, seconds, 1), rate(url, arn, seconds, CLIENTS)
    finally:
        server.stdin.close()
        server.wait(30)


def main():
    """Print the table and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    seconds = parser.parse_args().seconds
    ours, moto = measure(OURS, seconds), measure(MOTO, seconds)
    print(f"{'StartExecution by boto3, a second':<36}{'endpoint':>10}{'moto':>10}{'ratio':>8}")
    for words, mine, other in zip(("one client", f"{CLIENTS} clients"), ours, moto, strict=True):
        print(f"{words:<36}{mine:>10.0f}{other:>10.0f}{mine / other:>8.1f}")
    return 0 if all(mine > other for mine, other in zip(ours, moto, strict=True)) else 1


if __name__ == "__main__":
    raise SystemExit(main())
