"""The command line. It declares options and calls one function per command, which is imported when it is used.

Exit codes, as linters have them: 0 nothing is wrong, 1 the input has errors, 2 the command was used wrongly.
"""

from __future__ import annotations

import gc
import os
import sys
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    name="generator",
    help="AWS Step Functions workflows as declarative Python: compile, check, validate, run.",
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


Root = Annotated[Path, typer.Option(help="The project's folder, which contains workflows/ and build/.", file_okay=False, exists=True)]
Definition = Annotated[Path, typer.Argument(help="A definition in JSON or YAML; - for standard input.")]
Partition = Annotated[str | None, typer.Option(help="The partition it will run in: aws, aws-cn or aws-us-gov.")]
Region = Annotated[str | None, typer.Option(help="The region it will run in.")]
Account = Annotated[str | None, typer.Option(help="The account it will run in.")]
Name = Annotated[str | None, typer.Option(help="The name of the state machine.")]
As = Annotated[Format, typer.Option("--format", help="How problems are written.")]
Deployed = Annotated[MachineType, typer.Option("--type", help="The type that a definition is deployed as.")]


@app.command()
def generate(root: Root = Path(), form: As = Format.text) -> None:
    """Compile workflows/ into build/: ASL, IAM policies, Terraform, documents."""
    _exit(_command("generate").generate(root, form.value))


@app.command()
def check(root: Root = Path(), form: As = Format.text) -> None:
    """Check the workflows, and that build/ is what they generate; write nothing."""
    _exit(_command("generate").check(root, form.value))


@app.command()
def validate(
    files: Annotated[list[Path], typer.Argument(help="Definitions in JSON or YAML; - for standard input.")],
    machine_type: Deployed = MachineType.STANDARD,
    form: As = Format.text,
) -> None:
    """Validate any definition, with or without ${Placeholders}."""
    _exit(_command("validate").validate(files, machine_type.value, form.value))


@app.command()
def explain(code: Annotated[str, typer.Argument(help="A code, such as SFN101.")]) -> None:
    """Print the page of a diagnostic: the reason, a wrong example, a right one."""
    _exit(_command("explain").explain(code))


@app.command()
def run(
    target: Annotated[str, typer.Argument(help="The name of a workflow, or a file with a definition.")],
    *,
    document: Annotated[str | None, typer.Option("--input", help="The input: JSON, or a file with JSON.")] = None,
    mock: Annotated[
        Path | None, typer.Option(help="A file with answers for tasks that cannot run here, ours or that of Step Functions Local.")
    ] = None,
    test_case: Annotated[str | None, typer.Option(help="The test case of the mock file.")] = None,
    history: Annotated[Path | None, typer.Option(help="The file to write the events to, as JSON.")] = None,
    real_time: Annotated[bool, typer.Option("--real-time", help="Let waits take their time.")] = False,
    machine_type: Deployed = MachineType.STANDARD,
    seed: Annotated[int, typer.Option(help="The seed of all randomness; the same seed gives the same run.")] = 0,
    root: Root = Path(),
) -> None:
    """Run a workflow here: in virtual time, with the real handlers, and moto in place of AWS."""
    command = _command("run")
    _exit(command.run(command.RunOptions(target, root, document, mock, test_case, history, real_time, machine_type.value, seed)))


@app.command()
def iam(
    file: Definition,
    *,
    with_reasons: Annotated[bool, typer.Option("--explain", help="Print which states need each permission, and why.")] = False,
    logging: Annotated[bool, typer.Option(help="Include what execution logs need.")] = False,
    tracing: Annotated[bool, typer.Option(help="Include what traces need.")] = False,
    kms_key_arn: Annotated[str, typer.Option(help="Include what encryption with this customer managed key needs.")] = "",
    partition: Partition = None,
    region: Region = None,
    account: Account = None,
    name: Name = None,
) -> None:
    """Print the least policy that the execution role of a definition needs."""
    command = _command("iam")
    settings = command.Settings(logging, tracing, kms_key_arn, command.Place(partition, region, account, name))
    _exit(command.iam(file, settings, with_reasons=with_reasons))


@app.command("check-policy")
def check_policy(
    file: Definition,
    policy: Annotated[Path, typer.Argument(help="The role's policy in JSON.")],
    *,
    form: As = Format.text,
    partition: Partition = None,
    region: Region = None,
    account: Account = None,
    name: Name = None,
) -> None:
    """Report what a policy lacks for a definition, and what it allows beyond."""
    place = _command("iam").Place(partition, region, account, name)
    _exit(_command("check_policy").check_policy(file, policy, place, form.value))


@app.command("list")
def list_(root: Root = Path()) -> None:
    """List the workflows with their types, numbers of states, and lines."""
    _exit(_command("list_workflows").list_workflows(root))


def _command(name: str) -> Any:
    """Import the module of a command: each command loads only what it needs."""
    return import_module(f"generator.commands.{name}")


def _exit(code: int) -> None:
    raise typer.Exit(code)


def main() -> None:
    """Run the command line; a reader that goes away early (``| head``) is no error."""
    # A command lives for a moment and keeps nearly all it makes: collecting every 700 objects is a fifth of its time.
    gc.set_threshold(50_000, 20, 20)
    try:
        app()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(FAILED) from None


FAILED = 1
