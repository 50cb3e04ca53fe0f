"""The functions of a project, each in processes of its own, as Lambda has its sandboxes.

A process has the declared environment of its function, prints what the handler prints, and is started anew after the edit of a file
that it imported. It can be stopped in the middle of a call, and it can crash: neither harms another function. So a timeout, an exit
and a killed process are reported as Lambda reports them, which is not possible in the process of the local stack itself.

Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
import uuid
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import generator
from generator.catalog.resources import ARN
from generator.engine import FunctionError
from generator.engine.definitions import REGION
from generator.local.laptop import attributes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.dsl.resources import Function
    from generator.local.log import Log

_INIT_SECONDS: Final = 30.0
"""How long a module may take to be imported; Lambda's limit of 10 seconds is for faster machines than a busy laptop."""
_MOST_PROCESSES: Final = 4
"""The most processes of a function without reserved concurrency: Lambda starts one for each request at the same time."""
_LIBRARY: Final = str(Path(generator.__file__).resolve().parents[1])
_START: Final = (
    f"import sys; sys.path.insert(0, {_LIBRARY!r}); import generator; sys.path.remove({_LIBRARY!r}); "
    "from generator.local.sandbox import main; main()"
)
"""A project may have a module ``generator`` of its own, so the library is imported before the project's folder is on the path."""
_RUNTIME: Final = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "POWERTOOLS_TRACE_DISABLED": "true",  # there is no X-Ray daemon
    "PYTHONUNBUFFERED": "1",
    "NO_PROXY": "127.0.0.1,localhost",
}
"""The environment of every function, which nothing of the user's own AWS configuration reaches."""


class Functions:
    """The functions of a project that have a folder."""

    def __init__(self, declared: Mapping[str, Function], environments: Mapping[str, Mapping[str, str]], root: Path, log: Log) -> None:
        """Create them. No process starts before a function is called.

        Args:
            declared: the functions by name.
            environments: the environment of each, with its values filled in.
            root: the folder of the project.
            log: where output and invocations are written.
        """
        self.endpoint = ""
        self._log = log
        self._pools = {name: _Pool(one, root, log, partial(self._environment, one, environments[name])) for name, one in declared.items()}
        self.by_arn: dict[str, Callable[..., Any]] = {attributes(each)[ARN]: self._callable(name) for name, each in declared.items()}

    def _environment(self, function: Function, declared: Mapping[str, str]) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON", "POWERTOOLS_"))}
        module, _, _ = function.handler.rpartition(".")
        lambda_ = {
            "AWS_LAMBDA_FUNCTION_NAME": attributes(function)[ARN].rpartition(":")[2],
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",  # StartSyncExecution would go to the host sync-127.0.0.1
            "_HANDLER": f"{module}.{function.handler.rpartition('.')[2]}",
        }
        return own | _RUNTIME | lambda_ | dict(declared)

    def _callable(self, name: str) -> Callable[..., Any]:
        def call(event: Any, context: Any) -> Any:
            return self.invoke(name, event, getattr(context, "aws_request_id", ""))

        return call

    def __contains__(self, name: object) -> bool:
        """Return whether there is a function of this name."""
        return name in self._pools

    def named(self, given: str) -> str | None:
        """Return the declared name of a function, for its ARN or its name in AWS; None if there is none."""
        arn = given.rpartition(":function:")[2].partition(":")[0]
        return next((name for name, own in zip(self._pools, self.by_arn, strict=True) if arn in {name, own.rpartition(":")[2]}), None)

    def invoke(self, name: str, event: Any, request_id: str = "") -> Any:
        """Call a function, and return its result.

        Raises:
            FunctionError: it failed, timed out or crashed; with the payload that Lambda returns.
            KeyError: there is no such function.
        """
        began = time.monotonic()
        try:
            result = self._pools[name].invoke(event, request_id or str(uuid.uuid4()))
        except FunctionError as error:
            kind, why = error.payload.get("errorType", ""), error.payload.get("errorMessage", "")
            self._log.event(name, f"failed after {_milliseconds(began)} ms: {kind}: {why}", failed=True, error=error.payload)
            raise
        self._log.event(name, f"invoked, {_milliseconds(began)} ms", milliseconds=_milliseconds(began))
        return result

    def warm(self) -> None:
        """Start a process of each function, so that the first call is fast and a module that cannot be imported is seen at once."""
        for name, pool in self._pools.items():
            try:
                pool.warm()
            except FunctionError as error:
                self._log.event(name, f"cannot be loaded: {error.payload.get('errorMessage')}", failed=True, error=error.payload)

    def close(self) -> None:
        """End all processes."""
        for pool in self._pools.values():
            pool.close()


def _milliseconds(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


class _Pool:
    """The processes of one function: one for each call at the same time, up to its concurrency."""

    def __init__(self, function: Function, root: Path, log: Log, environment: Callable[[], dict[str, str]]) -> None:
        self._function = function
        self._root = root
        self._log = log
        self._environment = environment
        self._idle: list[_Process] = []
        self._all: set[_Process] = set()
        reserved = function.reserved_concurrency
        self._most = _MOST_PROCESSES if reserved is None else reserved
        self._changed = threading.Condition()
        self._busy = 0
        self._closed = False

    def invoke(self, event: Any, request_id: str) -> Any:
        process = self._take(request_id)
        try:
            return process.invoke(event, request_id)
        finally:
            self._release(process)

    def warm(self) -> None:
        if self._most and not self._closed:
            process = self._take("init")
            self._release(process)

    def _release(self, process: _Process) -> None:
        with self._changed:
            self._busy -= 1
            if process.alive and not self._closed:
                self._idle.append(process)
            else:
                self._all.discard(process)
            self._changed.notify()

    def _take(self, request_id: str) -> _Process:
        if self._closed:
            raise FunctionError({"errorType": "ServiceException", "errorMessage": "The local stack ends"})
        if self._most == 0:
            raise FunctionError({"errorType": "TooManyRequestsException", "errorMessage": "Rate Exceeded."})
        with self._changed:
            while self._busy >= self._most:
                self._changed.wait()
            self._busy += 1
            process = self._idle.pop() if self._idle else None
        try:
            if process is not None and not process.is_current():
                process.end()
                with self._changed:
                    self._all.discard(process)
                self._log.event(self._function.name, "its files have changed: loaded anew")
                process = None
            if process is None:
                process = _Process(self._function, self._root, self._environment(), self._log)
                with self._changed:
                    self._all.add(process)
                process.wait_until_ready(request_id)
        except BaseException:
            with self._changed:
                self._busy -= 1
                if process is not None:
                    process.end()
                    self._all.discard(process)
                self._changed.notify()
            raise
        return process

    def close(self) -> None:
        with self._changed:
            self._closed = True
            every = list(self._all)
        for process in every:
            process.end()


class _Process:
    """A running process of a function."""

    def __init__(self, function: Function, root: Path, environment: Mapping[str, str], log: Log) -> None:
        self._function = function
        self._files: dict[str, tuple[int, int]] = {}
        answers, theirs = os.pipe()
        setup = {"root": str(root), "folder": function.folder, "handler": function.handler, "answers": theirs}
        try:
            self._process = subprocess.Popen(  # noqa: S603  it runs this library
                [sys.executable, "-P", "-c", _START, json.dumps(setup)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=root,
                env=dict(environment),
                pass_fds=(theirs,),
                start_new_session=True,  # Ctrl-C is for the local stack, which ends its processes itself
            )
        except BaseException:
            os.close(answers)
            raise
        finally:
            os.close(theirs)
        self._answers = os.fdopen(answers, "rb")
        threading.Thread(target=self._copy_output, args=(log,), daemon=True).start()

    def _copy_output(self, log: Log) -> None:
        if self._process.stdout is not None:
            with self._process.stdout as output:
                for line in output:
                    log.output(self._function.name, line.decode(errors="replace").rstrip("\r\n"))

    @property
    def alive(self) -> bool:
        """Whether it can take another call."""
        return self._process.poll() is None and not self._answers.closed

    def is_current(self) -> bool:
        """Return whether it lives and no file that it imported has changed since."""
        return self.alive and all(_stamp(file) == stamp for file, stamp in self._files.items())

    def wait_until_ready(self, request_id: str) -> None:
        """Wait until the module is imported.

        Raises:
            FunctionError: it cannot be imported.
        """
        answer = self._answer(_INIT_SECONDS, request_id)
        if not answer["ready"]:
            self.end()
            raise FunctionError({**answer["error"], "requestId": request_id})

    def invoke(self, event: Any, request_id: str) -> Any:
        """Call the handler.

        Raises:
            FunctionError: it failed, timed out or crashed.
        """
        seconds = self._function.timeout_seconds
        arn = attributes(self._function)[ARN]
        asked = {
            "event": event,
            "name": arn.rpartition(":")[2],
            "arn": arn,
            "request_id": request_id,
            "seconds": seconds,
            "memory_mb": self._function.memory_mb,
        }
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):  # then it has crashed, as the missing answer shows
                self._process.stdin.write(json.dumps(asked).encode() + b"\n")
                self._process.stdin.flush()
        answer = self._answer(seconds, request_id)
        if "error" in answer:
            raise FunctionError(answer["error"])
        return answer["payload"]

    def _answer(self, seconds: float, request_id: str) -> dict[str, Any]:
        try:
            return self._next_answer(seconds, request_id)
        except (OSError, ValueError):  # the pipe was closed: the stack ends
            raise FunctionError({"errorType": "ServiceException", "errorMessage": "The local stack ends"}) from None

    def _next_answer(self, seconds: float, request_id: str) -> dict[str, Any]:
        ready, _, _ = select.select([self._answers], [], [], seconds)
        if not ready:
            self.end()
            message = f"RequestId: {request_id} Error: Task timed out after {seconds:.2f} seconds"
            raise FunctionError({"errorType": "Sandbox.Timedout", "errorMessage": message})
        line = self._answers.readline()
        if not line.endswith(b"\n"):
            code = self._exit_code()
            how = f"exit status {code}" if code >= 0 else f"signal: {signal.strsignal(-code) or -code}".lower()
            self.end()
            message = f"RequestId: {request_id} Error: Runtime exited with error: {how}"
            raise FunctionError({"errorType": "Runtime.ExitError", "errorMessage": message})
        answer: dict[str, Any] = json.loads(line)
        for file in answer.pop("files"):
            self._files.setdefault(file, _stamp(file))
        return answer

    def _exit_code(self) -> int:
        try:
            return self._process.wait(1)
        except subprocess.TimeoutExpired:
            return 1

    def end(self) -> None:
        """End the process and those that it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        self._answers.close()


def _stamp(file: str) -> tuple[int, int]:
    try:
        found = os.stat(file)  # noqa: PTH116  many files before each call
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)
