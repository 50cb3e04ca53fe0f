"""``run``: execute a workflow of the project, or any definition, on this machine."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

from generator.asl.definition import Definition, definition_of, read_definition
from generator.asl.placeholders import fill
from generator.asl.read import STANDARD_INPUT, YAML_SUFFIXES, Document, read_file, read_text
from generator.asl.walk import STANDARD, WorkflowType
from generator.checks.validate import problems
from generator.commands.report import FAILED, MISUSED, PASSED, count, show
from generator.diagnostics.locate import locate
from generator.diagnostics.model import Diagnostic, Finding, Severity, Span, did_you_mean
from generator.engine import DefinitionError, Engine, Execution, InputError, MockError, Mocks, RealClock, VirtualClock
from generator.engine.compile import compile_walk
from generator.loader import load
from generator.local.laptop import laptop
from generator.lower import compile_workflow

if TYPE_CHECKING:
    from generator.engine.frame import Run

_DEFINITION_SUFFIXES: Final = (".json", *YAML_SUFFIXES)
_RENEWED_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What to run, and how.

    Attributes:
        target: the name of a workflow, or a file with a definition; ``-`` is standard input.
        root: the project's folder.
        document: the input: JSON, or the name of a file with JSON; ``-`` is standard input.
        mock: a file with answers for tasks that cannot run here, ours or that of Step Functions Local.
        test_case: the test case of the mock file; ``MACHINE#CASE`` names the state machine too.
        history: the file to write the events to.
        real_time: whether waits take their time.
        workflow_type: the type of a file's state machine; a workflow has its own.
        seed: the seed of all randomness.
    """

    target: str
    root: Path = Path()
    document: str | None = None
    mock: Path | None = None
    test_case: str | None = None
    history: Path | None = None
    real_time: bool = False
    workflow_type: WorkflowType = STANDARD
    seed: int = 0


@dataclass(frozen=True, slots=True)
class _Runnable:
    """A definition with all that its tasks can call here."""

    definition: Definition
    name: str
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    clients: Callable[[str], Any] | None = None


class _InvalidInputError(Exception):
    """The input of the command is invalid; carries the diagnostics."""

    def __init__(self, diagnostics: list[Diagnostic], texts: Mapping[str, str] | None = None) -> None:
        super().__init__(diagnostics)
        self.diagnostics = diagnostics
        self.texts = texts or {}


def run(options: RunOptions, *, out: TextIO | None = None, err: TextIO | None = None) -> int:
    """Run a workflow by its name, with its handlers and moto in place of AWS; or a file, with mocks alone.

    Args:
        options: what to run, and how.
        out: where the output goes; standard output by default.
        err: where progress and problems go; standard error by default.

    Returns:
        the exit code: 0 if the execution succeeded, 1 if it did not or if an input is invalid, 2 if there is no such target.
    """
    stdout, stderr = out or sys.stdout, err or sys.stderr
    try:
        if _is_file(options.target) or options.target.endswith(_DEFINITION_SUFFIXES):
            definition = read_definition(options.target, options.workflow_type)
            name = "stdin" if options.target == STANDARD_INPUT else Path(options.target).name.split(".", 1)[0]
            return _execute(_Runnable(definition, name), options, stdout, stderr)
        with _workflow(options, stderr) as runnable:
            return MISUSED if runnable is None else _execute(runnable, options, stdout, stderr)
    except _InvalidInputError as error:
        return show(error.diagnostics, texts=error.texts, out=stderr)
    except KeyboardInterrupt:
        stderr.write("\ninterrupted\n")
        return FAILED


@contextmanager
def _workflow(options: RunOptions, err: TextIO) -> Iterator[_Runnable | None]:
    root = options.root.resolve()
    loaded = load(root)
    if loaded.diagnostics:
        raise _InvalidInputError(loaded.diagnostics)
    workflows = {workflow.name: workflow for _, workflow in loaded.workflows}
    workflow = workflows.get(options.target)
    if workflow is None:
        hint = did_you_mean(options.target, workflows) or "the workflows are: " + ", ".join(sorted(workflows))
        err.write(f"error: {options.target!r} is neither a file nor a workflow; {hint}\n")
        yield None
        return
    compiled = compile_workflow(workflow, loaded.placeholders)
    if any(problem.severity is Severity.ERROR for problem in compiled.diagnostics):
        raise _InvalidInputError(list(compiled.diagnostics))
    text = compiled.text()
    if find_spec("moto") is None:
        err.write("warning: without the extra 'local' (moto), only what is mocked can be called\n")
        yield _Runnable(_read(text, workflow.name, workflow.type), workflow.name)
        return
    with laptop(loaded.resources, root) as made:
        definition = _read(fill(text, made.values), workflow.name, workflow.type)
        yield _Runnable(definition, workflow.name, made.functions(), made.clients)


def _read(text: str, name: str, workflow_type: WorkflowType) -> Definition:
    return definition_of(read_text(text, name), workflow_type)


def _execute(runnable: _Runnable, options: RunOptions, out: TextIO, err: TextIO) -> int:
    document = runnable.definition.document
    errors = [problem for problem in problems(runnable.definition) if problem.severity is Severity.ERROR]
    walked = runnable.definition.walk
    if errors or walked is None:
        raise _InvalidInputError(errors, {document.name: document.text})
    try:
        machine = compile_walk(walked, document.locate)
    except DefinitionError as error:
        raise _InvalidInputError(list(error.diagnostics), {document.name: document.text}) from None
    progress = _Progress(err)
    engine = Engine(
        functions=runnable.functions,
        clients=runnable.clients,
        clock=RealClock() if options.real_time else VirtualClock(),
        seed=options.seed,
        mocks=_mocks(options),
        watch=progress if err.isatty() else None,
    )
    try:
        execution = engine.start(machine, _input(options), type=walked.type, state_machine=runnable.name).finish()
    except InputError as error:
        raise _InvalidInputError([_diagnostic("SFN001", f"the input is invalid: {error}", options.document or "input")]) from None
    finally:
        progress.clear()
    _tell(execution, out, err)
    if options.history is not None:
        _write_history(options.history, execution)
    return PASSED if execution.status == "SUCCEEDED" else FAILED


def _is_file(text: str) -> bool:
    """Tell whether a text names a file, or standard input; it may be anything, also a name that no system accepts."""
    try:
        return text == STANDARD_INPUT or Path(text).is_file()
    except (OSError, ValueError):
        return False


def _input(options: RunOptions) -> Any:
    """Return the input, given in place or as a file."""
    if options.document is None:
        return {}
    return _value(read_file(options.document) if _is_file(options.document) else read_text(options.document, "<input>"))


def _mocks(options: RunOptions) -> Mocks | None:
    if options.mock is None:
        return None
    machine, _, case = (options.test_case or "").rpartition("#")
    document = read_file(options.mock)
    try:
        return Mocks.from_json(_value(document), case or None, machine or None)
    except MockError as error:
        problem = locate([Finding("SFN012", (), f"the mock file is invalid: {error}")], document.locate)
        raise _InvalidInputError(problem, {document.name: document.text}) from None


def _value(document: Document) -> Any:
    if not document.readable:
        raise _InvalidInputError(document.diagnostics, {document.name: document.text})
    return document.value


def _write_history(file: Path, execution: Execution) -> None:
    shown = json.dumps(execution.history, indent=2, ensure_ascii=False, default=lambda moment: moment.isoformat(timespec="milliseconds"))
    try:
        file.write_text(shown + "\n", encoding="utf-8", errors="backslashreplace")  # JSON escapes lone surrogates this way too
    except (OSError, ValueError) as error:
        message = f"the file cannot be written: {getattr(error, 'strerror', None) or error}"
        raise _InvalidInputError([_diagnostic("SFN004", message, str(file))]) from None


def _diagnostic(code: str, message: str, file: str) -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, message, Span(file))


def _tell(execution: Execution, out: TextIO, err: TextIO) -> None:
    err.writelines(f"warning: {warning}\n" for warning in execution.warnings)
    err.write(f"{execution.status} after {duration(execution.duration)}, {count(execution.transitions, 'state transition')}\n")
    if execution.status == "SUCCEEDED":
        out.write(json.dumps(execution.output, indent=2, ensure_ascii=False) + "\n")
    elif execution.error or execution.cause:
        out.write(json.dumps({"Error": execution.error, "Cause": execution.cause}, ensure_ascii=False) + "\n")


def duration(seconds: float) -> str:
    """Write a time span for people.

    >>> duration(90061.5), duration(0)
    ('1 d 1 h 1 min 1.5 s', '0 s')
    """
    parts = []
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        whole, seconds = divmod(seconds, size)
        if whole:
            parts.append(f"{whole:.0f} {unit}")
    if seconds or not parts:
        parts.append(f"{round(seconds, 3):g} s")
    return " ".join(parts)


class _Progress:
    """A line that shows where the execution is, renewed a few times a second."""

    def __init__(self, err: TextIO) -> None:
        self.err = err
        self.shown = 0.0
        self.used = False

    def __call__(self, run: Run) -> None:
        now = time.monotonic()
        if now - self.shown < _RENEWED_SECONDS:
            return
        self.shown = now
        self.used = True
        where = next((event[3]["name"] for event in reversed(run.events) if "name" in event[3]), "")
        self.err.write(f"\r\x1b[2K{f'{run.transitions:,} state transitions, now in {where}'[:100]}")
        self.err.flush()

    def clear(self) -> None:
        """Remove the line."""
        if self.used:
            self.used = False
            self.err.write("\r\x1b[2K")
