"""The command line; thin: each command reads its options, calls one function, and says how it went.

Exit codes, as linters have them: 0 nothing wrong, 1 problems in the input, 2 the command itself was used wrongly.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.catalog.patterns import Deployment
    from generator.diagnostics import Diagnostic
    from generator.pipeline import Run

app = typer.Typer(
    name="generator",
    help="AWS Step Functions workflows as declarative Python: compile, check, validate.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class Format(StrEnum):
    """How diagnostics are written."""

    text = "text"
    json = "json"
    sarif = "sarif"


class MachineType(StrEnum):
    """The two types of workflows."""

    STANDARD = "STANDARD"
    EXPRESS = "EXPRESS"


Root = Annotated[Path, typer.Option(help="The project's folder, which holds workflows/ and build/.", file_okay=False, exists=True)]
Partition = Annotated[str | None, typer.Option(help="Where it will run: aws, aws-cn or aws-us-gov.")]
Region = Annotated[str | None, typer.Option(help="The region it will run in.")]
Account = Annotated[str | None, typer.Option(help="The account it will run in.")]
Name = Annotated[str | None, typer.Option(help="The state machine's name.")]
As = Annotated[Format, typer.Option("--format", help="How problems are written.")]


@app.command()
def generate(root: Root = Path(), form: As = Format.text) -> None:
    """Compile workflows/ into build/: ASL, IAM policies, Terraform, documents."""
    run = _run(root)
    _show(run.diagnostics, form)
    if run.failed:
        if form is Format.text:
            _say(f"build/ is as it was: {_count(run.diagnostics)}.")
        raise typer.Exit(1)
    if form is Format.text:
        _say(f"{_workflows(run)} in build/: " + (_changed(run.changes) if run.changes else "nothing changed") + ".")


@app.command()
def check(root: Root = Path(), form: As = Format.text) -> None:
    """Check workflows/ and the definitions, and that build/ is what they generate; write nothing."""
    run = _run(root, everything=True, write=False)
    _show(run.diagnostics, form)
    if run.failed:
        raise typer.Exit(1)
    if form is Format.text:
        _say(f"{_workflows(run)}: all checks passed, and build/ is up to date.")


@app.command()
def validate(
    files: Annotated[list[Path], typer.Argument(help="ASL definitions in JSON; - for standard input.")],
    machine_type: Annotated[MachineType, typer.Option("--type", help="The type the definitions are deployed as.")] = MachineType.STANDARD,
    form: As = Format.text,
) -> None:
    """Validate any ASL definition, with or without ${Placeholders}."""
    from generator.checks.validate import failed, validate_bytes  # noqa: PLC0415  each command loads what it needs
    from generator.diagnostics import Diagnostic, Severity, Span  # noqa: PLC0415

    found: list[Diagnostic] = []
    contents: dict[str, str] = {}
    with _progress("validating", len(files) > _MANY_FILES) as progress:
        for file in files:
            progress(str(file))
            try:
                data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
            except OSError as error:
                found.append(Diagnostic("SFN004", Severity.ERROR, f"the file cannot be read: {error.strerror}", Span(str(file))))
                continue
            name = "<stdin>" if str(file) == "-" else str(file)
            contents[name] = data.decode("utf-8", "replace") if str(file) == "-" else ""
            found += validate_bytes(data, name, workflow_type=machine_type.value)
    _show(found, form, contents)
    if form is Format.text and not found:
        _say(f"{len(files)} definition{'s' if len(files) > 1 else ''}: all checks passed.")
    if failed(found):
        raise typer.Exit(1)


_MANY_FILES = 50


@app.command()
def explain(code: Annotated[str, typer.Argument(help="A code, such as SFN101.")]) -> None:
    """Print the page of a diagnostic: why it is wrong, a wrong example, a right one."""
    from generator.diagnostics.codes import explain as page  # noqa: PLC0415

    try:
        text = page(code)
    except KeyError as error:
        _say(f"error: {error.args[0]}")
        raise typer.Exit(2) from None
    if sys.stdout.isatty():
        from rich.console import Console  # noqa: PLC0415
        from rich.markdown import Markdown  # noqa: PLC0415

        Console().print(Markdown(text))
    else:
        sys.stdout.write(text)


@app.command()
def run(  # noqa: PLR0917  typer gives them by name
    target: Annotated[str, typer.Argument(help="A workflow's name, or an ASL file.")],
    document: Annotated[str | None, typer.Option("--input", help="The input: JSON, or a file with JSON.")] = None,
    mock: Annotated[
        Path | None, typer.Option(help="Answers for what cannot run here; Step Functions Local's MockConfigFile is one.")
    ] = None,
    test_case: Annotated[str | None, typer.Option(help="Which test case of the mock file.")] = None,
    history: Annotated[Path | None, typer.Option(help="Where to write the events, as JSON.")] = None,
    real_time: Annotated[bool, typer.Option("--real-time", help="Let waits take their time.")] = False,  # noqa: FBT002  typer's form
    machine_type: Annotated[MachineType, typer.Option("--type", help="The type of a file's state machine.")] = MachineType.STANDARD,
    seed: Annotated[int, typer.Option(help="Of all randomness; the same seed gives the same run.")] = 0,
    root: Root = Path(),
) -> None:
    """Run a workflow on this machine: in virtual time, with the real handlers, and moto in place of AWS."""
    from generator.local.command import run_command  # noqa: PLC0415

    code = run_command(
        target,
        root,
        document=document,
        mock=mock,
        test_case=test_case,
        history=history,
        real_time=real_time,
        machine_type=machine_type.value,
        seed=seed,
    )
    raise typer.Exit(code)


@app.command()
def iam(  # noqa: PLR0917  typer gives them by name
    file: Annotated[Path, typer.Argument(help="An ASL definition in JSON; - for standard input.")],
    with_reasons: Annotated[bool, typer.Option("--explain", help="Say for each permission which state needs it, and why.")] = False,  # noqa: FBT002  typer's form
    logging: Annotated[bool, typer.Option(help="With what delivering execution logs needs.")] = False,  # noqa: FBT002  typer's form
    tracing: Annotated[bool, typer.Option(help="With what tracing needs.")] = False,  # noqa: FBT002  typer's form
    kms_key_arn: Annotated[str, typer.Option(help="The customer managed key that encrypts the state machine.")] = "",
    partition: Partition = None,
    region: Region = None,
    account: Account = None,
    name: Name = None,
) -> None:
    """Print the least policy that the execution role of any ASL definition needs."""
    from generator.checks.validate import failed  # noqa: PLC0415
    from generator.diagnostics.render import to_text  # noqa: PLC0415
    from generator.emit.iam.report import iam_command  # noqa: PLC0415

    place = _deployment(partition, region, account, name)
    text, problems = iam_command(
        file, with_reasons=with_reasons, logging=logging, tracing=tracing, kms_key_arn=kms_key_arn, deployment=place
    )
    typer.echo(text, nl=False)
    if problems:
        typer.echo(to_text(problems, color=_colored(sys.stderr)), nl=False, err=True)
    if failed(problems):
        raise typer.Exit(1)


@app.command("check-policy")
def check_policy(  # noqa: PLR0917  typer gives them by name
    file: Annotated[Path, typer.Argument(help="An ASL definition in JSON.")],
    policy: Annotated[Path, typer.Argument(help="The policy of its execution role, in JSON.")],
    form: As = Format.text,
    partition: Partition = None,
    region: Region = None,
    account: Account = None,
    name: Name = None,
) -> None:
    """Say what a hand-written policy lacks for a definition, and what it allows beyond."""
    from generator.checks.validate import failed  # noqa: PLC0415
    from generator.emit.iam.report import check_policy_command  # noqa: PLC0415

    problems = check_policy_command(file, policy, deployment=_deployment(partition, region, account, name))
    _show(problems, form)
    if form is Format.text and not problems:
        _say("The policy allows what the definition needs, and nothing else.")
    if failed(problems):
        raise typer.Exit(1)


@app.command("list")
def list_(root: Root = Path()) -> None:
    """List the workflows with their types, numbers of states, and where they are defined."""
    run = _run(root, write=False, stages=2)
    for folder, compiled in run.compiled:
        workflow = compiled.workflow
        states = len(compiled.machine.states)
        typer.echo(
            f"{workflow.name}  {workflow.type}  {states} state{'s' if states != 1 else ''}  {workflow.source.span()}  build/{folder}"
        )
    _show(run.diagnostics, Format.text)
    if run.failed:
        raise typer.Exit(1)


# -- what the commands share ---------------------------------------------------------------------------------------------


def _deployment(partition: str | None, region: str | None, account: str | None, name: str | None) -> Deployment | None:
    """Say where a definition will run, as far as the user has; None leaves it to what the definition shows."""
    from generator.catalog.patterns import Deployment  # noqa: PLC0415

    given = {"partition": partition, "region": region, "account": account, "name": name}
    known = {key: value for key, value in given.items() if value is not None}
    return Deployment(**known) if known else None


def _run(root: Path, *, everything: bool = False, write: bool = True, stages: int | None = None) -> Run:
    from generator.pipeline import STAGES, Run, run_pipeline  # noqa: PLC0415  `validate` and `explain` do without

    run = Run(root.resolve(), everything=everything, write=write)
    with _progress("generating") as progress:
        run.progress = progress
        try:
            return run_pipeline(run, STAGES[:stages])
        except OSError as error:
            _say(f"error: {error.filename or run.build}: {error.strerror or error}")
            raise typer.Exit(2) from None


def _show(diagnostics: list[Diagnostic], form: Format, contents: dict[str, str] | None = None) -> None:
    from generator.diagnostics import render  # noqa: PLC0415

    if form is Format.json:
        typer.echo(render.to_json(diagnostics), nl=False)
    elif form is Format.sarif:
        typer.echo(render.to_sarif(diagnostics), nl=False)
    elif diagnostics:
        source = {name: text for name, text in (contents or {}).items() if text}
        typer.echo(
            render.to_text(diagnostics, source=lambda file: source.get(file) or render.read_source(file), color=_colored()),
            nl=False,
            err=False,
        )


def _colored(stream: TextIO | None = None) -> bool:
    import os  # noqa: PLC0415

    return (stream or sys.stdout).isatty() and not os.environ.get("NO_COLOR")


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _count(diagnostics: Iterable[Diagnostic]) -> str:
    from generator.diagnostics.render import summary  # noqa: PLC0415

    text = summary(diagnostics).removesuffix(".")
    return text[:1].lower() + text[1:]


def _workflows(run: Run) -> str:
    count = len(run.compiled)
    return f"{count} workflow{'s' if count != 1 else ''}"


def _changed(changes: list[tuple[str, str]]) -> str:
    words = {"missing": "added", "changed": "changed", "extra": "removed"}
    return ", ".join(f"{n} {word}" for how, word in words.items() if (n := sum(1 for _, h in changes if h == how)))


@contextmanager
def _progress(title: str, wanted: bool = True) -> Iterator[Callable[[str], None]]:  # noqa: FBT001, FBT002  a condition, not a mode
    """Show what is being done, if a person waits at a terminal for longer than a moment."""
    if not (wanted and sys.stderr.isatty()):
        yield lambda _: None
        return
    import time  # noqa: PLC0415

    started = time.monotonic()
    status: Any = None

    def tell(text: str) -> None:
        nonlocal status
        if status is None and time.monotonic() - started > _PATIENCE_SECONDS:
            from rich.console import Console  # noqa: PLC0415

            status = Console(stderr=True).status(title)
            status.start()
        if status is not None:
            status.update(f"{title}: {text}")

    try:
        yield tell
    finally:
        if status is not None:
            status.stop()


_PATIENCE_SECONDS = 0.5


def main() -> None:
    """Run the command line; a reader that goes away early (``| head``) is no error."""
    # A command lives for a moment and keeps nearly all it makes: collecting every 700 objects is a fifth of its time.
    gc.set_threshold(50_000, 20, 20)
    try:
        app()
    except BrokenPipeError:
        import os  # noqa: PLC0415

        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
