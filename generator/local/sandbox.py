"""The process in which a function runs: ``python -m generator.local.sandbox``, started by :mod:`generator.local.functions`.

It imports the handler once and then answers one event after another, as Lambda's runtime does. Each line on standard input is an
invocation; each line on the pipe for answers is its outcome. Standard output and standard error are those of the handler. When
standard input ends, because the parent has ended in any way, so does the process.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.engine.calls.functions import FunctionError, LambdaContext, invoke
from generator.local.handlers import import_handler, project_files

if TYPE_CHECKING:
    from generator.engine.calls.functions import Handler


class _Context(LambdaContext):
    """The context of one invocation, whose remaining time goes down."""

    def __init__(self, name: str, arn: str, request_id: str, seconds: float, memory_mb: int) -> None:
        super().__init__(name, arn, request_id, seconds)
        self.memory_limit_in_mb = memory_mb
        self._deadline = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds before the function is stopped."""
        return max(0, int((self._deadline - time.monotonic()) * 1000))


def initialized(root: Path, folder: str, handler: str) -> tuple[Handler | None, dict[str, Any]]:
    """Import a handler, and return it, or None and the error that Lambda's runtime reports for it.

    Source: https://github.com/aws/aws-lambda-python-runtime-interface-client/blob/main/awslambdaric/bootstrap.py
    """
    module, _, name = handler.rpartition(".")
    try:
        return import_handler(root, folder, handler), {}
    except AttributeError as error:
        if error.name != name:
            return None, _failure(type(error).__name__, str(error), error)
        return None, _failure("Runtime.HandlerNotFound", f"Handler '{name}' missing on module '{module}'")
    except ImportError as error:
        return None, _failure("Runtime.ImportModuleError", f"Unable to import module '{module}': {error}")
    except SyntaxError as error:
        where = f"({Path(error.filename or module).name}, line {error.lineno})"
        return None, _failure("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module}': {error.msg} {where}")
    except Exception as error:  # noqa: BLE001  a module of the author may raise anything
        return None, _failure(type(error).__name__, str(error), error)


def _failure(kind: str, message: str, error: Exception | None = None) -> dict[str, Any]:
    trace = [] if error is None else [line.rstrip() for line in traceback.format_tb(error.__traceback__)]
    return {"errorMessage": message, "errorType": kind, "requestId": "", "stackTrace": trace}


def outcome(handler: Handler, asked: dict[str, Any]) -> dict[str, Any]:
    """Return the outcome of an invocation: ``{"payload": …}`` or ``{"error": …}``."""
    context = _Context(asked["name"], asked["arn"], asked["request_id"], asked["seconds"], asked["memory_mb"])
    try:
        return {"payload": invoke(handler, asked["event"], context)}
    except FunctionError as error:
        return {"error": error.payload}


def resolve_prefixes() -> None:
    """Let names such as ``sync-127.0.0.1`` lead to this machine: SDKs put the prefix of some operations before any host."""
    resolve = socket.getaddrinfo

    def found(host: Any, *rest: Any, **options: Any) -> Any:
        prefixed = isinstance(host, str) and host.endswith(("-127.0.0.1", ".127.0.0.1"))
        return resolve("127.0.0.1" if prefixed else host, *rest, **options)

    socket.getaddrinfo = found


def main() -> None:
    """Answer invocations until standard input ends."""
    setup = json.loads(sys.argv[1])
    root = Path(setup["root"])
    answers = os.fdopen(setup["answers"], "w", encoding="utf-8")
    questions = os.fdopen(os.dup(0), encoding="utf-8")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)  # a handler that reads standard input must not read invocations
    os.close(null)
    sys.path.insert(0, str(root))
    resolve_prefixes()
    waiting: list[dict[str, Any]] = []
    ready = threading.Condition()

    def read() -> None:
        for line in questions:
            with ready:
                waiting.append(json.loads(line))
                ready.notify()
        os._exit(0)  # the parent has ended: nobody reads what the handler still does

    threading.Thread(target=read, daemon=True).start()
    handler, failure = initialized(root, setup["folder"], setup["handler"])
    known = len(sys.modules)
    answers.write(json.dumps({"ready": not failure, "error": failure, "files": project_files(root)}) + "\n")
    answers.flush()
    while handler is not None:
        with ready:
            while not waiting:
                ready.wait()
            asked = waiting.pop(0)
        answer = outcome(handler, asked)
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        new = len(sys.modules) != known  # imported by the call
        known = len(sys.modules)
        answers.write(json.dumps(answer | {"files": project_files(root) if new else []}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
