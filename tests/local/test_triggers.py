"""Queues, rules, buckets and schedules of a project, on a running stack without its server."""

from __future__ import annotations

import io
import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from generator import Bucket, EventBus, EventRule, Function, Pass, Queue, Schedule, Workflow, states
from generator.loader import Loaded
from generator.local.log import Log
from generator.local.stack import Stack, StackOptions
from generator.local.triggers import is_due, matches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CONSUMER = """
import json
def handler(event, context):
    print("batch", len(event["Records"]), [r["attributes"]["ApproximateReceiveCount"] for r in event["Records"]])
    if any(r["body"] == "crash" for r in event["Records"]):
        raise ValueError("crash")
    return {"batchItemFailures": [{"itemIdentifier": r["messageId"]} for r in event["Records"] if r["body"] == "bad"]}
"""

dead = Queue("dead")
jobs = Queue("jobs", visibility_timeout_seconds=30, dead_letter=dead, max_receive_count=2)
imports = Bucket("imports", event_bridge=True)
shop = EventBus("shop")
consumer = Function(
    "consumer", folder="parts_of_a_stack/consumer", triggers=[jobs.trigger(batch_size=5, maximum_batching_window_seconds=1)]
)
flow = Workflow(
    "flow",
    steps=[Pass("Keep", output=states.input)],
    triggers=[
        imports.on_created(prefix="in/", name="import", input={"key": states.input.detail.object.key, "kind": "import"}),
        EventRule({"source": ["shop"], "detail": {"total": [{"numeric": [">", 10]}]}}, bus=shop, name="large"),
        Schedule("rate(5 minutes)", name="often", input={"bucket": imports.bucket_name}),
    ],
)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """Run the stack of a small project in virtual time."""
    (tmp_path / "parts_of_a_stack" / "consumer").mkdir(parents=True)
    (tmp_path / "parts_of_a_stack" / "consumer" / "handler.py").write_text(CONSUMER)
    loaded = Loaded(resources={each.name: each for each in (dead, jobs, imports, shop, consumer)})
    loaded.workflows.append((tmp_path, flow))  # type: ignore[arg-type]
    made = Stack(loaded, StackOptions(tmp_path, "virtual"), Log(io.StringIO()))
    made.start("http://127.0.0.1:9")
    yield made
    made.close()


def inputs(stack: Stack, number: int) -> list[Any]:
    """Return the inputs of the executions, when there are so many."""
    wait_for(stack, lambda: len(stack.step_functions.executions) >= number)
    return [json.loads(each.texts()[0]) for each in stack.step_functions.executions]


def wait_for(stack: Stack, condition: Callable[[], bool]) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, stack.log._stream.getvalue()
        time.sleep(0.02)


def waiting(stack: Stack, queue: str) -> int:
    """Return the number of messages in a queue."""
    url = stack.laptop.values[f"{queue}_url"]
    found = stack.aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return sum(int(found[f"ApproximateNumberOfMessages{kind}"]) for kind in ("", "NotVisible", "Delayed"))


def test_a_queue_is_consumed(stack: Stack) -> None:
    """In a full batch; what failed comes again alone, and goes to the dead-letter queue after its last time."""
    sqs, url = stack.aws.client("sqs"), stack.laptop.values["jobs_url"]
    entries = [{"Id": str(number), "MessageBody": "bad" if number == 3 else "good"} for number in range(5)]
    sqs.send_message_batch(QueueUrl=url, Entries=entries)
    wait_for(stack, lambda: waiting(stack, "jobs") == 0)
    assert waiting(stack, "dead") == 1
    printed = stack.log._stream.getvalue()
    assert "batch 5 ['1', '1', '1', '1', '1']" in printed
    assert "batch 1 ['2']" in printed
    sqs.send_message(QueueUrl=url, MessageBody="crash")
    wait_for(stack, lambda: waiting(stack, "dead") == 2)
    assert waiting(stack, "jobs") == 0


def test_events_start_workflows(stack: Stack) -> None:
    """An object in the bucket, and an event of a bus, each with the declared input; what does not match starts nothing."""
    s3 = stack.aws.client("s3")
    s3.put_object(Bucket=stack.laptop.values["imports_name"], Key="out/a.csv", Body=b"1")
    s3.put_object(Bucket=stack.laptop.values["imports_name"], Key="in/a b.csv", Body=b"12")
    assert inputs(stack, 1) == [{"key": "in/a b.csv", "kind": "import"}]
    bus = stack.laptop.values["shop_name"]
    entries = [{"Source": "shop", "DetailType": "t", "Detail": json.dumps({"total": total}), "EventBusName": bus} for total in (5, 50)]
    stack.aws.client("events").put_events(Entries=entries)
    (_, event) = inputs(stack, 2)
    assert (event["source"], event["detail"], event["detail-type"]) == ("shop", {"total": 50}, "t")


def test_schedules_are_due(stack: Stack) -> None:
    """Every five minutes from the start; by hand at any time, with its references filled in."""
    schedule = next(trigger for trigger in flow.triggers if isinstance(trigger, Schedule))
    begun = stack.schedules._begun // 60 * 60
    assert [minute for minute in range(12) if stack.schedules.due(schedule, begun + minute * 60)] == [5, 10]
    stack.triggers.fire("flow", "often")
    assert inputs(stack, 1) == [{"bucket": "local-imports"}]


@pytest.mark.parametrize(
    ("expression", "moment", "due"),
    [
        ("cron(0/15 8-17 ? * MON-FRI *)", (2026, 11, 25, 9, 45), True),
        ("cron(0/15 8-17 ? * MON-FRI *)", (2026, 11, 28, 9, 45), False),
        ("cron(30 2 L * ? *)", (2027, 2, 28, 2, 30), True),
        ("cron(30 2 L-1 * ? *)", (2027, 2, 27, 2, 30), True),
        ("cron(0 9 15W * ? *)", (2026, 11, 16, 9, 0), True),
        ("cron(0 9 ? * 6L *)", (2026, 11, 27, 9, 0), True),
        ("cron(0 9 ? * TUE#3 *)", (2026, 11, 17, 9, 0), True),
        ("cron(0 9 ? JAN,NOV 4 2026/2)", (2026, 11, 25, 9, 0), True),
        ("cron(0 9 1,15 * ? 2027)", (2026, 11, 15, 9, 0), False),
    ],
)
def test_cron(expression: str, moment: tuple[int, ...], due: bool) -> None:
    """Steps, names, ranges, lists, and the special days; Sunday is the first day of the week."""
    assert is_due(expression, datetime(*moment, tzinfo=UTC)) is due  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pattern", "matched", "not_matched"),
    [
        ({"a": ["x", 1]}, [{"a": "x"}, {"a": 1}, {"a": ["y", "x"]}], [{"a": "1"}, {}, {"a": True}]),
        ({"a": [{"prefix": "in/"}]}, [{"a": "in/b"}], [{"a": "out"}, {"a": 1}]),
        ({"a": [{"prefix": {"equals-ignore-case": "IN/"}}]}, [{"a": "in/b"}], [{"a": "out"}]),
        ({"a": [{"suffix": ".csv"}, {"wildcard": "x*z"}]}, [{"a": "b.csv"}, {"a": "xyz"}], [{"a": "b.csv2"}]),
        ({"a": [{"anything-but": {"prefix": ["p", "q"]}}]}, [{"a": "x"}], [{"a": "q1"}, {}]),
        ({"a": [{"anything-but": [1, 2]}]}, [{"a": 3}], [{"a": 2}]),
        ({"a": [{"numeric": [">=", 0, "<", 5]}]}, [{"a": 0}], [{"a": 5}, {"a": "1"}, {"a": True}]),
        ({"a": [{"exists": False}]}, [{}], [{"a": 1}]),
        ({"a": [{"cidr": "10.0.0.0/8"}]}, [{"a": "10.1.2.3"}], [{"a": "11.1.2.3"}, {"a": "x"}]),
        ({"$or": [{"a": [1]}, {"b": [{"exists": True}]}]}, [{"a": 1}, {"b": 0}], [{"a": 2}]),
        ({"d": {"e": [None]}}, [{"d": {"e": None}}], [{"d": {}}, {"d": 1}]),
    ],
)
def test_patterns(pattern: Any, matched: list[Any], not_matched: list[Any]) -> None:
    """Each operator of EventBridge."""
    assert [event for event in matched if not matches(pattern, event)] == []
    assert [event for event in not_matched if matches(pattern, event)] == []
