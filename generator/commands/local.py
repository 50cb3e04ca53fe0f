"""``local``: the deployed system on this machine, on one port, until Ctrl-C."""

from __future__ import annotations

import gc
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, TextIO

from generator.asl.read import read_file
from generator.commands.report import FAILED, PASSED, colored, show
from generator.diagnostics.model import Diagnostic, Severity, Span, failed
from generator.diagnostics.suppress import unsuppressed
from generator.engine import DefinitionError, MockError
from generator.engine.definitions import deployed_name
from generator.loader import load
from generator.local.api import HttpAnswer
from generator.local.log import Log
from generator.local.server import application
from generator.local.serving import HOST, PortError, listening, server
from generator.local.stack import Stack, StackOptions
from generator.local.stepfunctions.pace import read_pace
from generator.local.stepfunctions.routes import Choices
from generator.local.store import StoreError
from generator.lower import compile_workflow
from generator.settings import read_project
from generator.view.live import LiveView, Operations

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from generator.loader import Loaded
    from generator.local.api import HttpRequest
    from generator.local.log import Form

DEFAULT_PORT: Final = 8333
_THREADS: Final = 64
_SWITCH_SECONDS: Final = 0.0005
"""How long a thread keeps the interpreter: many threads with little work each wait for one another otherwise."""
_USUAL_COLLECTION: Final = (700, 10, 10)
_NEEDED: Final = ("moto", "uvicorn", "starlette", "boto3")


@dataclass(frozen=True)
class LocalOptions:
    """How to run the local stack.

    Attributes:
        root: the project's folder.
        port: the port; 0 for a free one.
        data: the folder that keeps the state; None for memory only.
        clock: ``virtual``, ``real``, or a factor such as ``x60``.
        form: how lines are written.
        substitutions: values of placeholders by name.
        tasks: who performs tasks, such as ``Pay=endpoint:http://127.0.0.1:4000``.
        tasks_file: a file with the same, by the name of the task.
        folders: folders with definitions that are served too.
    """

    root: Path
    port: int = DEFAULT_PORT
    data: Path | None = None
    clock: str = "real"
    form: Form = "text"
    substitutions: Mapping[str, Any] = field(default_factory=dict)
    tasks: tuple[str, ...] = ()
    tasks_file: Path | None = None
    folders: tuple[Path, ...] = ()


def local(options: LocalOptions, *, out: TextIO | None = None) -> int:
    """Run the local stack until SIGINT or SIGTERM.

    Args:
        options: how to run.
        out: where lines are written; standard output by default.

    Returns:
        the exit code: 0 if it ran, 1 if it could not start.
    """
    stream = out or sys.stdout
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        return _refuse(f"the local stack needs {', '.join(missing)}", "pip install 'sfn-generator[local]'")
    root = options.root.resolve()
    loaded = load(read_project(root))
    if failed(loaded.diagnostics):
        return show(loaded.diagnostics, out=sys.stderr)
    if warnings := unsuppressed(loaded.diagnostics):
        show(warnings, out=sys.stderr)
    try:
        socket = listening(options.port)
    except PortError as error:
        hint = "stop the process that uses it, or choose another one with --port; --port 0 is any free one"
        return _refuse(f"the local stack cannot use port {options.port}: {error}", hint)
    log = Log(stream, form=options.form, color=colored(stream))
    try:
        with socket:
            return _run(loaded, options, root, log, socket)
    except KeyboardInterrupt:  # before it was ready
        log.event("local", "stopped")
        return FAILED


def _run(loaded: Loaded, options: LocalOptions, root: Path, log: Log, socket: Any) -> int:
    try:
        choices = _choices(options)
        pace = read_pace(options.clock)
        stack = Stack(loaded, StackOptions(root, pace, options.substitutions, options.data, choices, options.folders), log)
    except DefinitionError as error:
        return show(error.diagnostics, out=sys.stderr)
    except MockError as error:
        return _refuse(f"the choice of who performs tasks is invalid: {error}", "see sfn-generator local --help")
    except StoreError as error:
        return _refuse(str(error), "end the other one, or choose another folder with --data")
    url = f"http://{HOST}:{socket.getsockname()[1]}"
    pool = ThreadPoolExecutor(_THREADS, "request")
    serving = server(application(stack, pool, _page(loaded, stack)))
    stopped = threading.Event()

    def stop(*_: object) -> None:
        stopped.set()
        serving.should_exit = True

    before = {each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM)}
    thread = threading.Thread(target=serving.run, kwargs={"sockets": [socket]}, name="server", daemon=True)
    try:
        stack.start(url)
        thread.start()
        sys.setswitchinterval(_SWITCH_SECONDS)
        gc.set_threshold(*_USUAL_COLLECTION)  # other commands live for a moment, this one for days
        gc.collect()
        gc.freeze()  # what is loaded now stays until the end
        _welcome(stack, url, log)
        while not stopped.wait(0.5):
            pass
    finally:
        serving.should_exit = True
        thread.join(3)
        stack.close()
        pool.shutdown(wait=False, cancel_futures=True)
        for each, handler in before.items():
            signal.signal(each, handler)
    log.event("local", "stopped")
    return PASSED


def _choices(options: LocalOptions) -> Choices | None:
    """Return who performs tasks.

    Raises:
        MockError: a choice has another form, or the file cannot be used.
    """
    document: dict[str, Any] = {}
    if options.tasks_file is not None:
        read = read_file(options.tasks_file)
        if not read.readable or not isinstance(read.value, dict):
            reason = "it must be an object" if read.readable else read.diagnostics[0].message
            raise MockError(f"the file {options.tasks_file} cannot be used: {reason}")
        document = read.value
    document = {**document, **Choices.listed(options.tasks)}
    return Choices.read(document) if document else None


def _page(loaded: Loaded, stack: Stack) -> Callable[[HttpRequest], HttpAnswer | None]:
    """Return what answers the requests of the execution view."""
    locators = {deployed_name(workflow.name): compile_workflow(workflow, loaded.placeholders).locate for _, workflow in loaded.workflows}
    service = stack.step_functions
    view = LiveView(Operations(service.call), locators=locators.get, express=lambda: service.express_executions)

    def answer(request: HttpRequest) -> HttpAnswer | None:
        made = view.answer(request.method, request.path, request.query, dict(request.headers), request.body)
        return None if made is None else HttpAnswer(made.status, made.headers, made.body)

    return answer


def _welcome(stack: Stack, url: str, log: Log) -> None:
    for name, arn in stack.machines.items():
        log.event("workflow", f"{name}: {arn}", arn=arn)
    for api in stack.apis.values():
        for method, path in api.routes():
            log.event("api", f"{method} {url}{path}", method=method, path=path)
    log.event("local", f"AWS endpoint: {url} (aws --endpoint-url {url} stepfunctions list-state-machines)", url=url)
    log.event("local", f"ready: {url}  Ctrl-C ends it", url=url, ready=True)


def refusal(message: str, hint: str) -> Diagnostic:
    """Return the diagnostic of a stack that cannot start."""
    return Diagnostic("SFN007", Severity.ERROR, message, Span("local"), hint=hint)


def _refuse(message: str, hint: str) -> int:
    show([refusal(message, hint)], out=sys.stderr)
    return FAILED
