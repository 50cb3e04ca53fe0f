"""``run``: execute a workflow of the project, or any definition, on this machine."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

from generator.asl.definition import Definition, read_definition
from generator.asl.read import STANDARD_INPUT, YAML_SUFFIXES, Document, read_file, read_text
from generator.asl.walk import STANDARD, WorkflowType
from generator.checks.validate import problems
from generator.commands.report import FAILED, MISUSED, PASSED, count, show
from generator.diagnostics.locate import locate
from generator.diagnostics.model import Diagnostic, Finding, Severity, Span, did_you_mean, failed
from generator.diagnostics.render import visible
from generator.diagnostics.suppress import unsuppressed
from generator.dsl.workflow import Workflow
from generator.engine import DefinitionError, Engine, Execution, InputError, MockError, Mocks, RealClock, VirtualClock, text_view
from generator.engine.as_text import seconds_text
from generator.loader import load
from generator.local.laptop import laptop
from generator.settings import read_project

if TYPE_CHECKING:
    from generator.engine.frame import Run

_DEFINITION_SUFFIXES: Final = (".json", *YAML_SUFFIXES)
_RENEWED_SECONDS: Final = 0.2
_MOCKS: Final = "<mocks>"
"""The name of mocks that are not in a file, in the places of diagnostics."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What to run, and how.

    Attributes:
        target: the name of a workflow, or a file with a definition; ``-`` is standard input. Or a definition that was read.
        root: the project's folder.
        document: the input: JSON, or the name of a file with JSON; ``-`` is standard input.
        mock: a file with answers for tasks that cannot run here, ours or that of Step Functions Local; or its content.
        test_case: the test case of the mock file; ``MACHINE#CASE`` names the state machine too.
        history: the file to write the events to.
        real_time: whether waits take their time.
        workflow_type: the type of a file's state machine; a workflow has its own.
        seed: the seed of all randomness.
        view: whether to show each state with its data.
    """

    target: str | Definition
    root: Path = Path()
    document: str | None = None
    mock: Path | Mapping[str, Any] | None = None
    test_case: str | None = None
    history: Path | None = None
    real_time: bool = False
    workflow_type: WorkflowType = STANDARD
    seed: int = 0
    view: bool = False


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A definition with all that its tasks can call here.

    Attributes:
        workflow: the workflow, or the definition of a file.
        name: the name of the state machine; None for that of the workflow.
        functions: the handlers.
        clients: returns a boto3 client for the name of a service.
    """

    workflow: Workflow | Definition
    name: str | None = None
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    clients: Callable[[str], Any] | None = None


class InvalidInputError(Exception):
    """The input of the command is invalid.

    Attributes:
        diagnostics: the problems.
        texts: the texts of files that cannot be read again, by the name in the diagnostics.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic], texts: Mapping[str, str] | None = None) -> None:
        """Create the error."""
        super().__init__(diagnostics)
        self.diagnostics = list(diagnostics)
        self.texts = texts or {}


class UnknownTargetError(Exception):
    """There is no such workflow and no such file. The text of the error is a message for the user."""


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
    progress = _Progress(stderr)
    try:
        with executed(options, watch=progress if stderr.isatty() else None) as execution:
            progress.clear()
            _tell(execution, options, stdout, stderr)
            if options.history is not None:
                _write_history(options.history, execution)
    except InvalidInputError as error:
        progress.clear()
        return show(error.diagnostics, texts=error.texts, out=stderr)
    except UnknownTargetError as error:
        stderr.write(f"error: {error}\n")
        return MISUSED
    except KeyboardInterrupt:
        progress.clear()
        stderr.write("\ninterrupted\n")
        return FAILED
    return PASSED if execution.status == "SUCCEEDED" else FAILED


@contextmanager
def executed(options: RunOptions, watch: Callable[[Run], None] | None = None) -> Iterator[Execution]:
    """Run what the options name, and yield the execution, which has ended. The services of the laptop exist until the block ends.

    Args:
        options: what to run, and how.
        watch: called whenever the execution enters a state.

    Raises:
        InvalidInputError: a file or the workflow has errors.
        UnknownTargetError: there is no such target.
    """
    with _prepared(options) as prepared:
        engine = Engine(
            functions=prepared.functions,
            clients=prepared.clients,
            clock=RealClock() if options.real_time else VirtualClock(),
            seed=options.seed,
            mocks=_mocks(options),
            watch=watch,
        )
        document = _input(options)
        try:
            execution = engine.start(prepared.workflow, document, state_machine=prepared.name)
        except DefinitionError as error:
            raise InvalidInputError(error.diagnostics, _texts(prepared)) from None
        except InputError as error:
            raise InvalidInputError([_diagnostic("SFN001", f"the input is invalid: {error}", options.document or "input")]) from None
        except MockError as error:
            file = str(options.mock) if isinstance(options.mock, Path) else _MOCKS
            raise InvalidInputError([_diagnostic("SFN012", f"the mocks are invalid: {error}", file)]) from None
        yield execution.finish()


def _texts(prepared: _Prepared) -> dict[str, str]:
    document = prepared.workflow.document if isinstance(prepared.workflow, Definition) else None
    return {} if document is None else {document.name: document.text}


@contextmanager
def _prepared(options: RunOptions) -> Iterator[_Prepared]:
    target = options.target
    if isinstance(target, Definition) or _is_file(target) or target.endswith(_DEFINITION_SUFFIXES):
        definition = target if isinstance(target, Definition) else read_definition(target, options.workflow_type)
        errors = [problem for problem in problems(definition) if problem.severity is Severity.ERROR]
        if errors:
            raise InvalidInputError(errors, {definition.document.name: definition.document.text})
        yield _Prepared(definition, "stdin" if target == STANDARD_INPUT else Path(definition.document.name).name.split(".", 1)[0])
        return
    root = options.root.resolve()
    loaded = load(read_project(root))
    if failed(loaded.diagnostics):
        raise InvalidInputError(loaded.diagnostics)
    if warnings := unsuppressed(loaded.diagnostics):
        show(warnings, out=sys.stderr)
    workflows = {workflow.name: workflow for _, workflow in loaded.workflows}
    workflow = workflows.get(target)
    if workflow is None:
        hint = did_you_mean(target, workflows) or "the workflows are: " + (", ".join(sorted(workflows)) or "none")
        raise UnknownTargetError(f"{target!r} is neither a file nor a workflow; {hint}")
    if find_spec("moto") is None:
        sys.stderr.write("warning: without the extra 'local' (moto), only what is mocked can be called\n")
        yield _Prepared(workflow)
        return
    with laptop(loaded.resources, root) as made:
        yield _Prepared(workflow, None, made.functions(), made.clients)


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
    document = read_file(options.mock) if isinstance(options.mock, Path) else read_text(json.dumps(options.mock), _MOCKS)
    try:
        return Mocks.from_json(_value(document), case or None, machine or None)
    except MockError as error:
        problem = locate([Finding("SFN012", (), f"the mock file is invalid: {error}")], document.locate)
        raise InvalidInputError(problem, {document.name: document.text}) from None


def _value(document: Document) -> Any:
    if not document.readable:
        raise InvalidInputError(document.diagnostics, {document.name: document.text})
    return document.value


def _write_history(file: Path, execution: Execution) -> None:
    shown = json.dumps(execution.history, indent=2, ensure_ascii=False, default=lambda moment: moment.isoformat(timespec="milliseconds"))
    try:
        file.write_text(shown + "\n", encoding="utf-8", errors="backslashreplace")  # JSON escapes lone surrogates this way too
    except (OSError, ValueError) as error:
        message = f"the file cannot be written: {getattr(error, 'strerror', None) or error}"
        raise InvalidInputError([_diagnostic("SFN004", message, str(file))]) from None


def _diagnostic(code: str, message: str, file: str) -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, message, Span(file))


def _tell(execution: Execution, options: RunOptions, out: TextIO, err: TextIO) -> None:
    if options.view:
        err.write(text_view(execution))
    else:
        err.writelines(f"warning: {visible(warning)}\n" for warning in execution.warnings)
        err.write(f"{execution.status} after {seconds_text(execution.duration)}, {count(execution.transitions, 'state transition')}\n")
    if execution.status == "SUCCEEDED":
        out.write(json.dumps(execution.output, indent=2, ensure_ascii=False) + "\n")
    elif execution.error or execution.cause:
        out.write(json.dumps({"Error": execution.error, "Cause": execution.cause}, ensure_ascii=False) + "\n")


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
