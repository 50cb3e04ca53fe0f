"""How fast the local engine is beside moto's interpreter, in one run: `python tests/bench/bench_engine.py`.

Each machine is run again and again for a while by the engine, and by moto (`execute_state_machine`) where it can run it.
Exit code 1 where the engine is not at least 100 times faster, or where a Distributed Map does not keep its memory.
"""

import argparse
import io
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from generator.engine import Engine, compile_definition, execute

WANTED = 100
"""How many times faster than moto."""
MEMORY_MIB = 64
"""What ten times as many items may add to the memory."""


def one_pass():
    """One Pass state."""
    return {"StartAt": "Only", "States": {"Only": {"Type": "Pass", "End": True}}}, {"a": 1}


def chain(count=50):
    """Pass states one after the other."""
    states = {f"S{n}": {"Type": "Pass", "Next": f"S{n + 1}"} for n in range(count - 1)}
    return {"StartAt": "S0", "States": {**states, f"S{count - 1}": {"Type": "Pass", "End": True}}}, {"a": 1}


def inline_map(count=1000):
    """An inline Map over many items."""
    processor = {"StartAt": "Item", "States": {"Item": {"Type": "Pass", "End": True}}}
    machine = {"StartAt": "Map", "States": {"Map": {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": processor, "End": True}}}
    return machine, {"items": list(range(count))}


def paths():
    """Templates, result paths and a choice in JSONPath."""
    take = {
        "Type": "Pass",
        "Parameters": {"total.$": "States.MathAdd($.a, $.b)", "who.$": "$.order.name"},
        "ResultPath": "$.sum",
        "Next": "Big",
    }
    big = {"Type": "Choice", "Choices": [{"Variable": "$.sum.total", "NumericGreaterThan": 2, "Next": "Yes"}], "Default": "No"}
    machine = {"StartAt": "Take", "States": {"Take": take, "Big": big, "Yes": {"Type": "Succeed"}, "No": {"Type": "Fail"}}}
    return machine, {"a": 1, "b": 2, "order": {"name": "Ann"}}


def jsonata():
    """The same in JSONata."""
    take = {
        "Type": "Pass",
        "Output": {"total": "{% $states.input.a + $states.input.b %}", "who": "{% $states.input.order.name %}"},
        "Next": "Big",
    }
    big = {"Type": "Choice", "Choices": [{"Condition": "{% $states.input.total > 2 %}", "Next": "Yes"}], "Default": "No"}
    machine = {"StartAt": "Take", "States": {"Take": take, "Big": big, "Yes": {"Type": "Succeed"}, "No": {"Type": "Fail"}}}
    return {"QueryLanguage": "JSONata", **machine}, {"a": 1, "b": 2, "order": {"name": "Ann"}}


def rate(run, seconds):
    """Runs a second."""
    run()
    count, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds:
        run()
        count += 1
    return count / spent


def run_engine(definition, document):
    """A function that runs a machine once in the engine, history included."""
    text = json.dumps(definition)

    def run():
        execution = execute(text, document)
        assert execution.status == "SUCCEEDED", execution.cause
        return execution.output

    return run


def run_moto(definition, document):
    """A function that runs a machine once in moto's interpreter, or None where it cannot."""
    import boto3  # noqa: PLC0415  not while the memory is measured

    client = boto3.client("stepfunctions", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    role = "arn:aws:iam::123456789012:role/bench"
    try:
        arn = client.create_state_machine(name=f"m{time.perf_counter_ns()}", definition=json.dumps(definition), roleArn=role)[
            "stateMachineArn"
        ]
    except client.exceptions.InvalidDefinition:
        return None
    document = json.dumps(document)

    def run():
        execution = client.start_execution(stateMachineArn=arn, name=f"e{time.perf_counter_ns()}", input=document)["executionArn"]
        while (answer := client.describe_execution(executionArn=execution))["status"] == "RUNNING":
            time.sleep(0.0005)
        assert answer["status"] == "SUCCEEDED", answer.get("cause")

    try:
        run()
    except AssertionError:
        return None
    return run


class Bucket:
    """An S3 client with one file on disk."""

    def __init__(self, path):
        """Serve a file."""
        self.path = path
        self.written = 0

    def get_object(self, **_):
        """Read the file."""
        return {"Body": self.path.open("rb")}

    def put_object(self, *, Body, **_):  # noqa: N803  boto3's name
        """Count what is written."""
        self.written += len(Body) if isinstance(Body, bytes) else Body.seek(0, io.SEEK_END)


def distributed(count):
    """Run a Distributed Map over JSON Lines: items a second, peak memory in MiB."""
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSONL"},
        "Parameters": {"Bucket": "b", "Key": "items.jsonl"},
    }
    item = {"Type": "Pass", "Parameters": {"id.$": "$.id", "double.$": "States.MathAdd($.id, $.id)"}, "End": True}
    state = {
        "Type": "Map",
        "ItemReader": reader,
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
            "StartAt": "Item",
            "States": {"Item": item},
        },
        "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b", "Prefix": "out"}},
        "End": True,
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "items.jsonl"
        with path.open("w") as file:
            file.writelines(json.dumps({"id": number, "text": "x" * 50}) + "\n" for number in range(count))
        engine = Engine(clients=lambda _: Bucket(path))
        start = time.perf_counter()
        execution = engine.start(compile_definition({"StartAt": "Map", "States": {"Map": state}})).finish()
        spent = time.perf_counter() - start
    assert execution.status == "SUCCEEDED", execution.cause
    assert execution.map_runs[0].succeeded == count
    return count / spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main():
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0, help="for each measurement")
    parser.add_argument("--items", type=int, default=100_000, help="of the Distributed Map")
    seconds, items = (options := parser.parse_args()).seconds, options.items
    small = max(items // 10, 1)
    _, before = distributed(small)
    fast_rate, after = distributed(items)
    machines = {"1 Pass": one_pass(), "50 Pass": chain(), "Map, 1,000 items": inline_map(), "JSONPath": paths(), "JSONata": jsonata()}
    engine = {name: rate(run_engine(*machine), seconds) for name, machine in machines.items()}
    from moto import mock_aws  # noqa: PLC0415  not while the memory is measured

    failed = False
    print(f"{'executions a second':24} {'engine':>10} {'moto':>8} {'ratio':>8}")
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        for name, machine in machines.items():
            run = run_moto(*machine)
            if run is None:
                print(f"{name:24} {engine[name]:10,.0f} {'cannot':>8} {'':>8}")
                continue
            moto = rate(run, seconds)
            failed |= engine[name] < WANTED * moto
            print(f"{name:24} {engine[name]:10,.0f} {moto:8,.1f} {engine[name] / moto:7,.0f}x")
    memory = f"{small:,} items: {before:.0f} MiB, {items:,} items: {after:.0f} MiB"
    print(f"{'Distributed Map, items/s':24} {fast_rate:10,.0f}    {memory}")
    return 1 if failed or after - before > MEMORY_MIB else 0


if __name__ == "__main__":
    sys.exit(main())
