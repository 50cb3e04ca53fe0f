"""Functions in processes of their own: what Lambda reports for each way in which a call can end."""

from __future__ import annotations

import io
import os
import time
from typing import TYPE_CHECKING, Any

import pytest

from generator import Function
from generator.engine import FunctionError
from generator.local.functions import Functions
from generator.local.log import Log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HANDLER = """
import os, sys, time
calls = 0
def handler(event, context):
    global calls
    calls += 1
    match event.get("do"):
        case "raise": raise KeyError("order")
        case "sleep": time.sleep(30)
        case "exit": sys.exit(3)
        case "leave": os._exit(4)
        case "print": print("hello from", context.function_name)
        case "bad": return {1, 2}
    return {"calls": calls, "own": os.environ["OWN"], "left": context.get_remaining_time_in_millis(), "id": context.aws_request_id}
"""


class Bench:
    """Functions of a project in a temporary folder, and what they print."""

    def __init__(self, root: Path) -> None:
        """Create a function."""
        self.file = root / "parts_of_a_test" / "worker" / "handler.py"
        self.file.parent.mkdir(parents=True)
        self.file.write_text(HANDLER)
        self.out = io.StringIO()
        worker = Function("worker", folder="parts_of_a_test/worker", timeout_seconds=2)
        self.functions = Functions({"worker": worker}, {"worker": {"OWN": "value"}}, root, Log(self.out))

    def call(self, do: str = "") -> Any:
        """Invoke it."""
        return self.functions.invoke("worker", {"do": do}, "r-1")

    def failure(self, do: str) -> dict[str, Any]:
        """Invoke it, and return the payload of its failure."""
        with pytest.raises(FunctionError) as raised:
            self.call(do)
        return raised.value.payload


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Make the functions, and end their processes."""
    made = Bench(tmp_path)
    yield made
    made.functions.close()


def test_a_function_in_its_process(bench: Bench) -> None:
    """Environment, context, state between calls, output, an edit, and each kind of failure."""
    first = bench.call()
    assert (first["calls"], first["own"], first["id"]) == (1, "value", "r-1")
    assert 0 < first["left"] <= 2000
    assert bench.call("print")["calls"] == 2
    assert "OWN" not in os.environ

    error = bench.failure("raise")
    assert (error["errorType"], error["errorMessage"]) == ("KeyError", "'order'")
    assert "handler.py" in error["stackTrace"][-1]
    assert bench.failure("bad")["errorType"] == "Runtime.MarshalError"
    assert bench.call()["calls"] == 5  # neither has ended the process

    assert bench.failure("exit") == {
        "errorType": "Runtime.ExitError",
        "errorMessage": "RequestId: r-1 Error: Runtime exited with error: exit status 3",
    }
    assert bench.call()["calls"] == 1  # a new process

    bench.file.write_text(HANDLER.replace('"calls": calls', '"calls": "edited"'))
    assert bench.call()["calls"] == "edited"
    assert "hello from local-worker" in bench.out.getvalue()


def test_a_timeout_stops_the_call(bench: Bench) -> None:
    """The process is ended, and the next call has a new one."""
    assert bench.failure("sleep") == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": "RequestId: r-1 Error: Task timed out after 2.00 seconds",
    }
    assert bench.call()["calls"] == 1


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("import nothing_like_this", "Runtime.ImportModuleError", "Unable to import module 'handler': No module named 'nothing_like_this'"),
        ("def handler(:", "Runtime.UserCodeSyntaxError", "Syntax error in module 'handler': invalid syntax (handler.py, line 1)"),
        ("x = 1", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'handler'"),
    ],
)
def test_a_module_that_cannot_be_loaded(bench: Bench, text: str, kind: str, message: str) -> None:
    """The error is that of Lambda's runtime; after a correction the function works."""
    bench.file.write_text(text)
    error = bench.failure("")
    assert (error["errorType"], error["errorMessage"], error["requestId"]) == (kind, message, "r-1")


def test_nothing_is_left(bench: Bench) -> None:
    """The processes end with the stack."""
    bench.call()
    (process,) = bench.functions._pools["worker"]._all
    pid = process._process.pid
    bench.functions.close()
    time.sleep(0.05)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
