"""The command line. It declares options and calls one function per command, whose module is imported when it is used.

Exit codes, as linters have them: 0 nothing is wrong, 1 the input has errors, 2 the command was used wrongly.

It is written with argparse: a command line library that takes a tenth of a second to load would be a third of the time of
most commands.
"""

from __future__ import annotations

import gc
import os
import sys
from argparse import SUPPRESS, Action, ArgumentParser, ArgumentTypeError, Namespace, RawDescriptionHelpFormatter, _SubParsersAction
from collections.abc import Callable, Sequence
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import Any

PROGRAM = "sfn-generator"
_DESCRIPTION = "AWS Step Functions workflows as declarative Python: compile, check, validate, run."


class _Version(Action):
    """Print the version of the installed distribution. It is read only when it is asked for."""

    def __init__(self, option_strings: Sequence[str], dest: str, **options: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, default=SUPPRESS, **options)

    def __call__(self, parser: ArgumentParser, *_: object) -> None:
        from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415  takes longer to load than most commands

        try:
            number = version(PROGRAM)
        except PackageNotFoundError:
            number = "unknown: it is not installed"
        sys.stdout.write(f"{PROGRAM} {number} (Python {sys.version.split()[0]})\n")
        parser.exit()


def parser() -> ArgumentParser:
    """Return the parser of the command line."""
    top = ArgumentParser(PROGRAM, description=_DESCRIPTION, formatter_class=RawDescriptionHelpFormatter)
    top.add_argument("--version", action=_Version, help="print the version and exit")
    commands = top.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, run: Callable[[Namespace], int], summary: str) -> ArgumentParser:
        added: ArgumentParser = commands.add_parser(name, help=summary, description=summary)
        added.set_defaults(run=run)
        return added

    generate = command("generate", _generate, "Compile the workflows into the output folder: ASL, IAM policies, Terraform, documents.")
    _root(generate)
    _out(generate)
    generate.add_argument("--overwrite", action="store_true", help="replace files that are in the way, or that were edited by hand")
    _format(generate)

    check = command("check", _check, "Check the workflows, and that the output folder is what they generate; write nothing.")
    _root(check)
    _out(check)
    _format(check)

    validate = command("validate", _validate, "Validate any definition, with or without ${Placeholders}.")
    validate.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a definition in JSON or YAML; - for standard input")
    _type(validate)
    _format(validate)

    explain = command("explain", _explain, "Print the page of a diagnostic: the reason, a wrong example, a right one.")
    explain.add_argument("code", metavar="CODE", help="a code, such as SFN101")

    run = command("run", _run, "Run a workflow here: in virtual time, with the real handlers, and moto in place of AWS.")
    run.description = f"{run.description} The output goes to standard output, the path that it took to standard error."
    _run_options(run)

    _convert_options(command("convert", _convert, "Convert a definition from JSONPath to JSONata, and prove that both do the same."))

    _run_or_fetched(command("view", _view, "Write an execution as one HTML file: from a history, from AWS, or from a run here."))

    iam = command("iam", _iam, "Print the least policy that the execution role of a definition needs.")
    _definition(iam)
    iam.add_argument("--explain", action="store_true", help="print which states need each permission, and why")
    iam.add_argument("--logging", action="store_true", help="include what execution logs need")
    iam.add_argument("--tracing", action="store_true", help="include what traces need")
    iam.add_argument("--kms-key-arn", default="", metavar="ARN", help="include what encryption with this customer managed key needs")
    _place(iam)

    check_policy = command("check-policy", _check_policy, "Report what a policy lacks for a definition, and what it allows beyond.")
    _definition(check_policy)
    check_policy.add_argument("policy", type=Path, metavar="POLICY", help="the role's policy in JSON")
    _place(check_policy)
    _format(check_policy)

    _replay_options(command("replay", _replay, "Run a recorded execution against a definition, and report where it goes another way."))
    _diff_options(command("diff", _diff, "Report what a change does: permissions, states, transitions, time, deployment, cost."))

    _local_options(command("local", _local, "Run the whole system here, on one port: API, queues, functions, workflows, AWS endpoint."))
    _root(command("mcp", _mcp, "Serve the commands to agents over the Model Context Protocol, on standard input and output."))

    _out(_root(command("list", _list, "List the workflows with their types, numbers of states, and lines.")))

    _import_options(
        command(
            "import",
            _import,
            "Write definitions as Python: from ASL, SAM, CloudFormation, serverless.yml or Terraform; nothing is executed.",
        )
    )

    init = command("init", _init, "Start a project: a workflow, its resources, a test, Makefile, CI, pre-commit, pyproject.toml.")
    init.add_argument(
        "folder", nargs="?", type=Path, default=Path(), metavar="DIR", help="the folder of the project (default: this folder)"
    )
    return top


def commands_of(top: ArgumentParser) -> dict[str, ArgumentParser]:
    """Return the parser of each command by its name, sorted.

    >>> list(commands_of(parser()))[:2]
    ['check', 'check-policy']
    """
    (subparsers,) = (action for action in top._actions if isinstance(action, _SubParsersAction))  # noqa: SLF001  there is no other way
    return dict(sorted(subparsers.choices.items()))


# -- the options of `run` ------------------------------------------------------------------------------------------------


def _run_options(run: ArgumentParser) -> None:
    run.add_argument("target", metavar="TARGET", help="the name of a workflow, or a file with a definition; - for standard input")
    run.add_argument("--input", dest="document", metavar="JSON", help="the input: JSON, or a file with JSON; - for standard input")
    run.add_argument(
        "--mock",
        type=_file_or_json,
        metavar="FILE",
        help="answers for tasks that cannot run here: a file, or JSON; Step Functions Local's mock files work too",
    )
    run.add_argument("--test-case", metavar="NAME", help="the test case of the mock file")
    run.add_argument("--history", type=Path, metavar="FILE", help="the file to write the events to, as JSON")
    run.add_argument("--view", action="store_true", help="open the execution view in a browser: graph, table, events, data")
    run.add_argument("--details", action="store_true", help="show each state with its input, its calls and its output, not only the path")
    _filled(run)
    run.add_argument("--any-input", action="store_true", help="run with an input that does not match the type that the workflow declares")
    run.add_argument("--real-time", action="store_true", help="let waits take their time")
    run.add_argument("--seed", type=int, default=0, metavar="N", help="the seed of all randomness; the same seed gives the same run")
    _type(run)
    _root(run)


def _convert_options(convert: ArgumentParser) -> None:
    convert.add_argument("target", metavar="TARGET", help="a file with a definition, the name of a workflow, or - for standard input")
    convert.add_argument("--to", choices=("jsonata",), required=True, help="the language to convert to")
    text = "the file to write (default: NAME.jsonata.asl.json beside the definition); - for standard output"
    convert.add_argument("-o", "--out", metavar="FILE", help=text)
    convert.add_argument("--overwrite", action="store_true", help="replace the file if it exists")
    convert.add_argument("--inputs", type=int, default=100, metavar="N", help="how many inputs to try (default: 100)")
    given = "an input to try as well: JSON, or a file with JSON; may be repeated"
    convert.add_argument("--input", action="append", default=[], dest="documents", metavar="JSON", help=given)
    _type(convert)
    _root(convert)


# -- options that commands share -----------------------------------------------------------------------------------------


def _root(command: ArgumentParser) -> ArgumentParser:
    text = "the project's folder, with its pyproject.toml (default: this folder)"
    command.add_argument("--root", type=_folder, default=Path(), metavar="FOLDER", help=text)
    return command


def _out(command: ArgumentParser) -> None:
    text = "the output folder (default: output in [tool.sfn-generator] of pyproject.toml, or build)"
    command.add_argument("--out", type=Path, metavar="FOLDER", help=text)


def _folder(text: str) -> Path:
    if not Path(text).is_dir():
        raise ArgumentTypeError(f"there is no folder {text!r}")
    return Path(text)


def _local_options(local: ArgumentParser) -> None:
    _root(local)
    local.add_argument("--port", type=int, default=8333, metavar="N", help="the port, on 127.0.0.1 only; 0 is a free one (default: 8333)")
    local.add_argument("--data", type=Path, metavar="FOLDER", help="keep the state in this folder (default: in memory, until the end)")
    clock = "how time passes for workflows: real, virtual (no wait takes time), held (a call moves it), x60 (default: real)"
    local.add_argument("--clock", type=_clock, default="real", metavar="CLOCK", help=clock)
    local.add_argument("--log", choices=("text", "json"), default="text", help="how events and output are written (default: text)")
    chosen = (
        "who performs a task, by its state, integration or resource: function:F, endpoint:URL, aws:PROFILE or mock:JSON; may be repeated"
    )
    local.add_argument("--task", action="append", default=[], dest="tasks", metavar="NAME=WHO", help=chosen)
    local.add_argument("--tasks", type=Path, dest="tasks_file", metavar="FILE", help="who performs tasks, in a file in JSON or YAML")
    served = "serve the *.asl.json and *.asl.yaml files of a folder too; may be repeated"
    local.add_argument("--serve", type=Path, action="append", default=[], dest="folders", metavar="FOLDER", help=served)
    given = "the value of a placeholder that nothing declares; may be repeated"
    local.add_argument("--set", type=_assigned, action="append", default=[], dest="substitutions", metavar="NAME=VALUE", help=given)


def _import_options(command: ArgumentParser) -> None:
    command.add_argument("files", nargs="*", type=Path, metavar="FILE", help="a definition or a template; - for standard input")
    sdk = "a workflow of the AWS Data Science SDK (the package stepfunctions): the module is imported; may be repeated"
    command.add_argument("--sdk", action="append", default=[], metavar="MODULE:ATTRIBUTE", help=sdk)
    text = "the module to write, or a folder (default: a module in the source folder, named after the workflow); - for standard output"
    command.add_argument("-o", "--out", metavar="FILE", help=text)
    command.add_argument("--name", metavar="NAME", help="the name of the workflow (default: that of the state machine, or of the file)")
    command.add_argument("--overwrite", action="store_true", help="replace modules that exist")
    _root(command)
    _format(command)


def _clock(text: str) -> str:
    factor = text.lstrip("x\N{MULTIPLICATION SIGN}")
    if text not in {"real", "virtual", "held"} and not (factor.replace(".", "", 1).isdigit() and float(factor) > 0):
        raise ArgumentTypeError(f"{text!r} must be real, virtual, held, or a factor such as x60")
    return text


def _assigned(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise ArgumentTypeError(f"{text!r} is not of the form NAME=VALUE")
    return name, value


def _file_or_json(text: str) -> Path | str:
    return text if text.lstrip().startswith("{") else Path(text)


def _format(command: ArgumentParser) -> None:
    command.add_argument("--format", choices=("text", "json", "sarif"), default="text", help="how problems are written (default: text)")


def _type(command: ArgumentParser) -> None:
    text = "the type that a definition is deployed as (default: STANDARD)"
    command.add_argument("--type", choices=("STANDARD", "EXPRESS"), default="STANDARD", help=text)


def _values(command: ArgumentParser) -> None:
    command.add_argument(
        "--set", action="append", type=_assigned, default=[], dest="values", metavar="NAME=VALUE", help="the value of a placeholder"
    )


def _filled(command: ArgumentParser) -> None:
    _values(command)
    command.add_argument(
        "--s3",
        action="append",
        type=_assigned,
        default=[],
        dest="objects",
        metavar="BUCKET=FOLDER",
        help="put the files of a folder into a bucket; the keys are their paths from the folder",
    )


def _definition(command: ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="FILE", help="a definition in JSON or YAML; - for standard input")


def _place(command: ArgumentParser) -> None:
    command.add_argument("--partition", help="the partition it will run in: aws, aws-cn or aws-us-gov")
    command.add_argument("--region", help="the region it will run in")
    command.add_argument("--account", help="the account it will run in")
    command.add_argument("--name", help="the name of the state machine")


def _run_or_fetched(command: ArgumentParser) -> None:
    command.add_argument(
        "target", metavar="TARGET", help="a file with a history, the ARN of an execution, or the name of a workflow to run (or its file)"
    )
    command.add_argument("-o", "--out", metavar="FILE", help="the file to write (default: NAME.html in this folder); - for standard output")
    command.add_argument(
        "--definition", type=Path, metavar="FILE", help="the definition that the history ran (default: found in the project)"
    )
    command.add_argument("--compare", metavar="TARGET", help="another execution, to show both with the first difference marked")
    command.add_argument("--profile", metavar="NAME", help="the profile to fetch the execution of an ARN with")
    command.add_argument("--region", metavar="NAME", help="the region to fetch from (default: that of the ARN)")
    command.add_argument("--endpoint-url", dest="endpoint", metavar="URL", help="the address to fetch from in place of AWS")
    command.add_argument(
        "--children", type=int, default=100, metavar="N", help="the most child executions of each map run to fetch (default: 100)"
    )
    command.add_argument("--input", dest="document", metavar="JSON", help="the input of the run: JSON, or a file with JSON")
    command.add_argument("--mock", type=Path, metavar="FILE", help="answers for tasks that cannot run here")
    command.add_argument("--test-case", metavar="NAME", help="the test case of the mock file")
    _filled(command)
    command.add_argument("--seed", type=int, default=0, metavar="N", help="the seed of all randomness of the run")
    _type(command)
    _root(command)


def _replay_options(command: ArgumentParser) -> None:
    command.add_argument("history", metavar="HISTORY", help="the history, as get-execution-history writes it; - for standard input")
    new = "the new definition: a file, a folder of generated files or a git revision (default: the workflow of the project)"
    command.add_argument("--definition", metavar="NEW", help=new)
    command.add_argument("--ran", type=Path, metavar="FILE", help="the definition that the history ran, to find renamed states")
    command.add_argument("--workflow", metavar="NAME", help="the name of the workflow (default: found by the name or the states)")
    command.add_argument(
        "--mock", type=_file_or_json, metavar="FILE", help="answers to calls that the history does not have: a file, or JSON"
    )
    _values(command)
    command.add_argument("--format", choices=("text", "json"), default="text", help="how it is written (default: text)")
    command.add_argument("--exit-code", action="store_true", help="exit with 1 if there is a difference")
    command.add_argument("--view", action="store_true", help="open both executions side by side in a browser")
    _root(command)


def _diff_options(command: ArgumentParser) -> None:
    versions = "a git revision, a folder of generated files, a definition, or what describe-state-machine prints; - for standard input"
    command.add_argument("old", nargs="?", metavar="OLD", help=f"the old version: {versions} (default: the output folder)")
    command.add_argument("new", nargs="?", metavar="NEW", help="the new version (default: what the workflows generate now)")
    command.add_argument("--workflow", metavar="NAME", help="compare only this workflow")
    command.add_argument("--format", choices=("text", "markdown", "json"), default="text", help="how it is written (default: text)")
    command.add_argument("--exit-code", action="store_true", help="exit with 1 if there is a difference, as git diff does")
    event = "the event of a pull request on GitHub, $GITHUB_EVENT_PATH: compare its versions, and write the body of a comment"
    command.add_argument("--event", type=Path, metavar="FILE", help=event)
    command.add_argument("--svg", type=Path, metavar="FILE", help="draw both graphs into one picture, with what changed marked")
    _root(command)


# -- the commands --------------------------------------------------------------------------------------------------------


def _module(name: str) -> Any:
    """Import the module of a command: each command loads only what it needs."""
    return import_module(f"generator.commands.{name}")


def _generate(options: Namespace) -> int:
    return int(_module("generate").generate(options.root, options.format, out=options.out, overwrite=options.overwrite))


def _check(options: Namespace) -> int:
    return int(_module("check").check(options.root, options.format, out=options.out))


def _validate(options: Namespace) -> int:
    return int(_module("validate").validate(options.files, options.type, options.format))


def _diff(options: Namespace) -> int:
    command = _module("diff")
    chosen = command.DiffOptions(
        old=options.old,
        new=options.new,
        root=options.root,
        workflow=options.workflow,
        form=options.format,
        exit_code=options.exit_code,
        svg=options.svg,
        event=options.event,
    )
    return int(command.diff(chosen))


def _replay(options: Namespace) -> int:
    command = _module("replay")
    chosen = command.ReplayOptions(
        history=options.history,
        definition=options.definition,
        ran=options.ran,
        root=options.root,
        workflow=options.workflow,
        mock=options.mock,
        values=dict(options.values),
        form=options.format,
        exit_code=options.exit_code,
        view=options.view,
    )
    return int(command.replayed(chosen))


def _explain(options: Namespace) -> int:
    return int(_module("explain").explain(options.code))


def _run(options: Namespace) -> int:
    command = _module("run")
    chosen = command.RunOptions(
        target=options.target,
        root=options.root,
        document=options.document,
        mock=options.mock,
        test_case=options.test_case,
        history=options.history,
        real_time=options.real_time,
        workflow_type=options.type,
        seed=options.seed,
        details=options.details,
        view=options.view,
        values=dict(options.values),
        objects={bucket: Path(folder) for bucket, folder in options.objects},
        any_input=options.any_input,
    )
    return int(command.run(chosen))


def _convert(options: Namespace) -> int:
    command = _module("convert")
    chosen = command.ConvertOptions(
        options.target,
        options.root,
        out=options.out,
        overwrite=options.overwrite,
        inputs=options.inputs,
        documents=tuple(options.documents),
        workflow_type=options.type,
    )
    return int(command.convert(chosen))


def _view(options: Namespace) -> int:
    command = _module("view")
    how = command.RunOptions(
        target=options.target,
        root=options.root,
        document=options.document,
        mock=options.mock,
        test_case=options.test_case,
        workflow_type=options.type,
        seed=options.seed,
        values=dict(options.values),
        objects={bucket: Path(folder) for bucket, folder in options.objects},
    )
    chosen = command.ViewOptions(
        options.target,
        how,
        out=options.out,
        definition=options.definition,
        compare=options.compare,
        profile=options.profile,
        region=options.region,
        endpoint=options.endpoint,
        children=options.children,
    )
    return int(command.view(chosen))


def _iam(options: Namespace) -> int:
    command = _module("iam")
    place = command.Place(options.partition, options.region, options.account, options.name)
    settings = command.Settings(options.logging, options.tracing, options.kms_key_arn, place)
    return int(command.iam(options.file, settings, with_reasons=options.explain))


def _check_policy(options: Namespace) -> int:
    place = _module("iam").Place(options.partition, options.region, options.account, options.name)
    return int(_module("check_policy").check_policy(options.file, options.policy, place, options.format))


def _list(options: Namespace) -> int:
    return int(_module("list_workflows").list_workflows(options.root, options.out))


def _import(options: Namespace) -> int:
    command = _module("import_asl")
    chosen = command.ImportOptions(
        options.files, options.root, options.out, options.name, options.overwrite, options.format, tuple(options.sdk)
    )
    return int(command.import_asl(chosen))


def _init(options: Namespace) -> int:
    return int(_module("init").init(options.folder))


def _local(options: Namespace) -> int:
    command = _module("local")
    chosen = command.LocalOptions(
        options.root,
        options.port,
        options.data,
        options.clock,
        options.log,
        dict(options.substitutions),
        tasks=tuple(options.tasks),
        tasks_file=options.tasks_file,
        folders=tuple(options.folders),
    )
    return int(command.local(chosen))


def _mcp(options: Namespace) -> int:
    return int(_module("mcp_server").serve(options.root))


def call(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code.

    Raises:
        SystemExit: the command was used wrongly, or help was asked for.
    """
    if not arguments:
        parser().print_help(sys.stderr)
        return 2
    options = parser().parse_args(arguments)
    return int(options.run(options))


def main() -> None:
    """Run the command line; a reader that goes away early (``| head``) is no error."""
    # A command lives for a moment and keeps nearly all it makes: collecting every 700 objects is a fifth of its time.
    gc.set_threshold(200_000, 20, 20)
    if isinstance(sys.stdout, TextIOWrapper):
        # JSON is UTF-8 wherever it is piped to. A lone surrogate is escaped, as JSON escapes it, and so is what a terminal cannot show.
        sys.stdout.reconfigure(encoding=None if sys.stdout.isatty() else "utf-8", errors="backslashreplace")
    try:
        code = call(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    raise SystemExit(code)
