"""``run``: execute a workflow of the project, or any definition, on this machine."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from shlex import quote
from shutil import get_terminal_size
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final, TextIO

from generator.asl.definition import Definition, read_definition
from generator.asl.read import STANDARD_INPUT, YAML_SUFFIXES
from generator.asl.walk import STANDARD, WorkflowType
from generator.catalog.resources import ARN
from generator.checks.validate import problems
from generator.commands.given import (
    MOCKS,
    InvalidInputError,
    check_writable,
    fill_buckets,
    is_file,
    not_written,
    problem,
    read_input,
    read_mocks,
    read_values,
)
from generator.commands.opened import open_page
from generator.commands.report import FAILED, MISUSED, PASSED, colored, show
from generator.diagnostics.model import Severity, did_you_mean, failed
from generator.diagnostics.render import visible
from generator.diagnostics.suppress import unsuppressed
from generator.engine import DefinitionError, Engine, Execution, InputError, MockError, RealClock, VirtualClock, text_view
from generator.engine.failure import NOT_AVAILABLE
from generator.engine.summary import WIDTH, summary
from generator.loader import load
from generator.local.laptop import attributes, laptop
from generator.lower import CompiledWorkflow, compile_workflow
from generator.settings import read_project

if TYPE_CHECKING:
    from generator.asl.placeholders import Placeholder
    from generator.engine.frame import Run

_DEFINITION_SUFFIXES: Final = (".json", *YAML_SUFFIXES)
_RENEWED_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What to run, and how.

    Attributes:
        target: the name of a workflow, or a file with a definition; ``-`` is standard input. Or a definition that was read.
        root: the project's folder.
        document: the input: JSON, or the name of a file with JSON; ``-`` is standard input.
        mock: a file with answers for tasks that cannot run here, ours or that of Step Functions Local; or its content, as JSON
            text or as a value.
        test_case: the test case of the mock file; ``MACHINE#CASE`` names the state machine too.
        history: the file to write the events to.
        real_time: whether waits take their time.
        workflow_type: the type of a file's state machine; a workflow has its own.
        seed: the seed of all randomness.
        details: whether to show each state with its data, instead of the path.
        view: whether to write the execution as a page, and to open it in a browser.
        values: values of placeholders, as text, by name.
        objects: folders whose files are put into buckets, by the name of the bucket.
        any_input: whether an input that does not match the declared type is accepted.
    """

    target: str | Definition
    root: Path = Path()
    document: str | None = None
    mock: Path | str | Mapping[str, Any] | None = None
    test_case: str | None = None
    history: Path | None = None
    real_time: bool = False
    workflow_type: WorkflowType = STANDARD
    seed: int = 0
    details: bool = False
    view: bool = False
    values: Mapping[str, str] = field(default_factory=dict)
    objects: Mapping[str, Path] = field(default_factory=dict)
    any_input: bool = False


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A definition with all that its tasks can call here.

    Attributes:
        workflow: the workflow, or the definition of a file.
        name: the name of the state machine; None for that of the workflow.
        functions: the handlers.
        clients: returns a boto3 client for the name of a service.
        workflows: returns the workflow of the project that has an ARN; None for a definition.
        values: values of placeholders by name.
        schema: the JSON Schema of the input.
    """

    workflow: CompiledWorkflow | Definition
    name: str | None = None
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    clients: Callable[[str], Any] | None = None
    workflows: Callable[[str], CompiledWorkflow | None] | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    schema: Mapping[str, Any] | None = None


class UnknownTargetError(Exception):
    """There is no such workflow and no such file. The text of the error is a message for the user."""


def run(options: RunOptions, *, out: TextIO | None = None, err: TextIO | None = None) -> int:
    """Run a workflow by its name, with its handlers and moto in place of AWS; or a file, with mocks alone.

    Args:
        options: what to run, and how.
        out: where the output goes; standard output by default.
        err: where the path, the progress and problems go; standard error by default.

    Returns:
        the exit code: 0 if the execution succeeded, 1 if it did not or if an input is invalid, 2 if there is no such target.
    """
    stdout, stderr = out or sys.stdout, err or sys.stderr
    progress = _Progress(stderr)
    try:
        if options.history is not None:
            check_writable(options.history)
        with executed(options, watch=progress if stderr.isatty() else None) as execution:
            progress.clear()
            if options.history is not None:
                _write_history(options.history, execution)
            _tell(execution, options, stdout, stderr)
            if options.view:
                stdout.flush()
                stderr.write(f"{open_page(execution, options.target, options.root, terminal=stderr.isatty())}\n")
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

    Executions that it started without waiting for them have ended too.

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
            mocks=read_mocks(options.mock, options.test_case),
            watch=watch,
            workflows=prepared.workflows,
            substitutions=prepared.values,
        )
        engine.mock_option = mock_option
        document = read_input(options.document, None if options.any_input else prepared.schema)
        try:
            execution = engine.start(prepared.workflow, document, state_machine=prepared.name)
            execution.finish().run_children(patient=False)
        except DefinitionError as error:
            raise InvalidInputError(error.diagnostics, _texts(prepared)) from None
        except InputError as error:
            raise problem("SFN001", f"the input is invalid: {error}", options.document or "input") from None
        except MockError as error:
            raise problem(
                "SFN012", f"the mocks are invalid: {error}", str(options.mock) if isinstance(options.mock, Path) else MOCKS
            ) from None
        yield execution


def mock_option(state: str, answer: str) -> str:
    r"""Return the option that mocks a task, for the cause of a failure.

    >>> mock_option("Pay", '{"paid":true}')
    '--mock \'{"Pay": {"return": {"paid": true}}}\''
    """
    return f"--mock {quote(json.dumps({state: {'return': json.loads(answer)}}))}"


def _texts(prepared: _Prepared) -> dict[str, str]:
    document = prepared.workflow.document if isinstance(prepared.workflow, Definition) else None
    return {} if document is None else {document.name: document.text}


@contextmanager
def _prepared(options: RunOptions) -> Iterator[_Prepared]:
    target = options.target
    if isinstance(target, Definition) or is_file(target) or target.endswith(_DEFINITION_SUFFIXES):
        with _prepared_file(options, target if isinstance(target, Definition) else read_definition(target, options.workflow_type)) as made:
            yield made
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
    compiled = compile_workflow(workflow, loaded.placeholders)

    def others() -> dict[str, Placeholder]:
        every = (compile_workflow(each, loaded.placeholders).placeholders for each in workflows.values())
        return {**loaded.placeholders, **{name: each for one in every for name, each in one.items()}}

    values = read_values(options.values, compiled.placeholders, others)
    by_arn = {attributes(each)[ARN]: each for each in workflows.values()}

    def deployed(arn: str) -> CompiledWorkflow | None:
        return compile_workflow(by_arn[arn], loaded.placeholders) if arn in by_arn else None

    prepared = _Prepared(compiled, workflows=deployed, values=values, schema=compiled.input_schema)
    if find_spec("moto") is None:
        if options.objects:
            raise problem("SFN004", "the buckets cannot be filled without the extra 'local' (moto)", "--s3")
        sys.stderr.write("warning: without the extra 'local' (moto), only what is mocked can be called\n")
        yield prepared
        return
    with laptop(loaded.resources, root) as here:
        here.values.update(values)
        if options.objects:
            fill_buckets(here.clients("s3"), options.objects, loaded.placeholders.values())
        yield replace(prepared, functions=here.functions(), clients=here.clients)


@contextmanager
def _prepared_file(options: RunOptions, definition: Definition) -> Iterator[_Prepared]:
    errors = [each for each in problems(definition) if each.severity is Severity.ERROR]
    if errors or definition.walk is None:
        raise InvalidInputError(errors, {definition.document.name: definition.document.text})
    placeholders = definition.walk.placeholders
    name = "stdin" if options.target == STANDARD_INPUT else Path(definition.document.name).name.split(".", 1)[0]
    prepared = _Prepared(definition, name, values=read_values(options.values, placeholders, dict))
    if not options.objects:
        yield prepared
    elif find_spec("moto") is None:
        raise problem("SFN004", "the buckets cannot be filled without the extra 'local' (moto)", "--s3")
    else:
        with laptop({}, options.root.resolve()) as made:
            fill_buckets(made.clients("s3"), options.objects, placeholders.values())
            yield replace(prepared, clients=made.clients)


def _write_history(file: Path, execution: Execution) -> None:
    shown = json.dumps(execution.history, indent=2, ensure_ascii=False, default=lambda moment: moment.isoformat(timespec="milliseconds"))
    try:
        file.write_text(shown + "\n", encoding="utf-8", errors="backslashreplace")  # JSON escapes lone surrogates this way too
    except (OSError, ValueError) as error:
        raise not_written(file, error) from None


def _tell(execution: Execution, options: RunOptions, out: TextIO, err: TextIO) -> None:
    terminal = err.isatty()
    if options.details:
        err.write(text_view(execution))
    else:
        width = get_terminal_size().columns if terminal else WIDTH
        err.writelines(f"{line}\n" for line in _warnings(execution, width))
        err.write(summary(execution, width=width, color=colored(err)))
    err.writelines(f"{line}\n" for line in _advice(execution, options))
    if execution.status == "SUCCEEDED":
        out.write(json.dumps(execution.output, indent=2, ensure_ascii=False) + "\n")
    elif execution.error or execution.cause:
        out.write(json.dumps({"Error": execution.error, "Cause": execution.cause}, ensure_ascii=False) + "\n")


def _warnings(execution: Execution, width: int) -> Iterator[str]:
    """Yield the warnings. What the advice at the end says better is left out."""
    for warning in dict.fromkeys(execution.warnings):
        if not any(name in warning for name in _patterns(execution)):
            yield from wrap(f"warning: {visible(warning)}", width, subsequent_indent="  ", break_on_hyphens=False)
    for name in execution.unfilled:
        yield f"warning: the placeholder ${{{visible(name)}}} has no value: --set {visible(name)}=VALUE"


def _patterns(execution: Execution) -> Iterator[str]:
    yield from (f"State '{name}' calls the function " for name in execution.to_mock)
    yield from (f"The placeholder ${{{name}}} has no value" for name in execution.unfilled)


def _advice(execution: Execution, options: RunOptions) -> Iterator[str]:
    """Yield what to add to the command for tasks that could not be performed."""
    if execution.error != NOT_AVAILABLE or not execution.to_mock:
        return
    answers = {name: {"return": answer} for name, answer in execution.to_mock.items()}
    text = json.dumps(answers, ensure_ascii=True)
    yield ""
    if isinstance(options.mock, Path) or (options.mock and not isinstance(options.mock, Mapping)):
        given = str(options.mock)
        if is_file(given):
            yield f"A task cannot run here. Add its answer to {visible(given)}:"
            yield f"  {text[1:-1]}"
            return
        text = json.dumps({**json.loads(given), **answers}, ensure_ascii=True)
    yield "A task cannot run here. Give its answer, in place or in a file:"
    yield f"  --mock {quote(text)}"


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
