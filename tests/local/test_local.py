"""The local stack as a process: the lines of the README, a kill, a busy port, and its end."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import urllib3

from generator.cli import call

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ORDER = {"customer_id": "C-2", "items": [{"product_id": "P-2", "quantity": 1}]}
FINAL = {"FULFILLED", "FAILED"}


class Running:
    """A local stack in a process of its own.

    Attributes:
        url: where it is.
        process: the process.
    """

    def __init__(self, data: Path, port: int = 0) -> None:
        """Start it, and wait until it is ready."""
        command = [sys.executable, "-m", "generator", "local", "--port", str(port), "--data", str(data), "--clock", "x60", "--log", "json"]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        self.lines: list[dict[str, Any]] = []
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(json.loads(line))
            if self.lines[-1].get("ready"):
                break
        self.url = self.lines[-1]["url"]

    def curl(self, line: str) -> Any:
        """Do what a line with curl does, at this stack. Return the JSON of the answer."""
        words = shlex.split(line)
        assert words[0] == "curl"
        options = list(pairwise(words))
        headers = dict(value.split(": ", 1) for option, value in options if option == "-H")
        body = next((value.encode() for option, value in options if option == "-d"), None)
        url = next(word for word in words if word.startswith("http://"))
        answer = urllib3.request("GET" if body is None else "POST", self.url + urlsplit(url).path, body=body, headers=headers, timeout=60)
        assert answer.status < 300, (answer.status, answer.data)
        return answer.json()

    def read_until_final(self, order_id: str) -> str:
        """Read an order until its status is final."""
        end = time.monotonic() + 120
        while time.monotonic() < end:
            status = self.curl(f"curl http://local/order/{order_id}")["status"]
            if status in FINAL:
                return str(status)
            time.sleep(0.2)
        raise AssertionError(f"{order_id} is {status}")

    def children(self) -> set[int]:
        """Return the processes that it has started."""
        listed = subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        return {int(pid) for pid, parent in map(str.split, listed.splitlines()) if int(parent) == self.process.pid}

    def end(self, how: signal.Signals) -> int:
        """Send a signal, and return the exit code."""
        self.process.send_signal(how)
        if self.process.stdout is not None:
            self.process.stdout.read()
        return self.process.wait(30)


@contextmanager
def running(data: Path) -> Iterator[Running]:
    """Run a stack; it is killed if the test fails."""
    stack = Running(data)
    try:
        yield stack
    finally:
        stack.process.kill()
        stack.process.wait()


def alive(pids: set[int]) -> set[int]:
    """Return the processes that there still are, after a moment in which they can end."""
    end = time.monotonic() + 10
    while pids and time.monotonic() < end:
        pids = {pid for pid in pids if _exists(pid)}
        time.sleep(0.05)
    return pids


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def readme_lines() -> list[str]:
    """Return the lines with curl in the README."""
    return re.findall(r"^curl .*$", README, re.MULTILINE)


def test_the_lines_of_the_readme_and_a_kill(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An order is accepted, its execution is there, it ends; a second one outlives a kill; nothing is left at the end."""
    data = tmp_path / "data"
    place, look, read = readme_lines()
    with running(data) as stack:
        port = urlsplit(stack.url).port
        assert port is not None
        order_id = stack.curl(place)["order_id"]
        assert read.endswith(f"/order/{order_id}")
        (execution,) = stack.curl(look)["executions"]
        assert execution["name"] == order_id
        assert stack.read_until_final(order_id) in FINAL
        assert urllib3.request("GET", stack.url, timeout=60).headers["Content-Type"].startswith("text/html")

        assert call(["local", "--root", str(ROOT), "--port", str(port)]) == 1  # the port is busy
        assert "SFN007" in capsys.readouterr().err

        second = stack.curl(f"curl http://x/order -H 'Content-Type: application/json' -d '{json.dumps(ORDER)}'")["order_id"]
        children = stack.children()
        stack.end(signal.SIGKILL)
        assert children
        assert alive(children) == set()
    with running(data) as stack:
        assert {each["name"] for each in stack.curl(look)["executions"]} == {order_id, second}
        assert stack.read_until_final(second) in FINAL
        children = stack.children()
        assert stack.end(signal.SIGINT) == 0
        assert alive(children) == set()
        with pytest.raises(urllib3.exceptions.MaxRetryError):
            urllib3.request("GET", stack.url, retries=0)
