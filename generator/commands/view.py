"""``view``: write an execution as one HTML file."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from generator.asl.definition import Definition, definition_of, read_definition
from generator.asl.read import read_text
from generator.commands.given import InvalidInputError
from generator.commands.report import FAILED, MISUSED, PASSED, say, show
from generator.commands.run import RunOptions, UnknownTargetError, executed
from generator.loader import load
from generator.settings import read_project
from generator.view.compare import compare
from generator.view.data import page_data
from generator.view.fetch import CHILDREN, FetchError, fetch
from generator.view.find import Workflows, machine_of
from generator.view.page import page
from generator.view.recording import of_execution, of_history, saved

if TYPE_CHECKING:
    from generator.asl.walk import Walk
    from generator.engine.compile import Machine
    from generator.view.recording import Recording

STANDARD_OUTPUT: Final = "-"
_NOTHING: Final[tuple[Walk | None, Machine | None, Mapping[str, str]]] = (None, None, {})
_KILOBYTE: Final = 1024


@dataclass(frozen=True, slots=True)
class ViewOptions:
    """What to show.

    Attributes:
        target: a file with a history, the ARN of an execution, or the name of a workflow or a file with a definition, which is run.
        run: how a workflow is run.
        out: the file to write; ``-`` is standard output.
        definition: the file with the definition that a history ran.
        compare: the execution to compare it with: a target, too.
        profile: the profile of the AWS CLI's configuration to fetch with.
        region: the region to fetch from.
        endpoint: the address to fetch from in place of AWS.
        children: the most child executions of each map run to fetch.
    """

    target: str
    run: RunOptions
    out: str | None = None
    definition: Path | None = None
    compare: str | None = None
    profile: str | None = None
    region: str | None = None
    endpoint: str | None = None
    children: int = CHILDREN


class ViewError(Exception):
    """The target cannot be shown. The text of the error is a message for the user."""


def view(options: ViewOptions) -> int:
    """Write the page of an execution.

    Returns:
        the exit code: 0 if the page was written, 1 if an input is invalid, 2 if there is no such target.
    """
    try:
        workflows = _workflows(options.run.root)
        first = page_data(_recording(options.target, options, workflows))
        if options.compare is None:
            text = page("execution", {"execution": first}, title=_title(first))
        else:
            other = page_data(_recording(options.compare, options, workflows))
            data = {"execution": first, "other": other, "comparison": compare(first, other)}
            text = page("compare", data, title=f"{_title(first)} and {_title(other)}")
        return _write(text, options, first["title"])
    except InvalidInputError as error:
        return show(error.diagnostics, texts=error.texts, out=sys.stderr)
    except UnknownTargetError as error:
        say(f"error: {error}")
        return MISUSED
    except (ViewError, FetchError) as error:
        say(f"error: {error}")
        return FAILED


def _title(data: dict[str, Any]) -> str:
    return f"{data['title']}: {data['status'].lower().replace('_', ' ')}"


def _workflows(root: Path) -> Workflows:
    """Return the workflows of the project; none if it has errors, which other commands report."""
    project = read_project(root.resolve())
    return Workflows(load(project) if project.source.is_dir() else None)


def _recording(target: str, options: ViewOptions, workflows: Workflows) -> Recording:
    if target.startswith("arn:"):
        return _fetched(target, options, workflows)
    history = _history(target)
    if history is not None:
        return _saved(target, history, options, workflows)
    with executed(replace(options.run, target=target)) as execution:
        locate = read_definition(target).document.locate if Path(target).is_file() else None
        return of_execution(execution, locate, workflows.locators())


def _history(target: str) -> str | None:
    """Return the text of a file with a history; None if the target is something else."""
    path = Path(target)
    if path.suffix != ".json" or not path.is_file():
        return None
    try:
        text = path.read_text(encoding="utf-8-sig")
        value = json.loads(text)
    except (OSError, ValueError):
        return None  # run reports what is wrong with it
    return text if isinstance(value, list) or (isinstance(value, dict) and "events" in value) else None


def _saved(target: str, text: str, options: ViewOptions, workflows: Workflows) -> Recording:
    try:
        events, description, definition = saved(text)
        locate, found = None, _NOTHING
        compiled = workflows.of(events) if options.definition is None else None
        if options.definition is not None or (definition is not None and compiled is None):
            read = _definition(options.definition, definition)
            found = machine_of(read)
            if found[0] is None:
                raise ViewError(f"{options.definition or target} has no definition: {read.diagnostics[0].message}")
            locate = read.document.locate if options.definition is not None else None
        elif compiled is not None:
            found = machine_of(compiled)
            locate = compiled.locate
        title = compiled.workflow.name if compiled is not None else "" if description else Path(target).stem
        return of_history(events, title=title, walk=found[0], machine=found[1], locate=locate, description=description, declared=found[2])
    except ValueError as error:
        raise ViewError(f"{target} is not a history: {error}") from None


def _definition(file: Path | None, value: Any) -> Definition:
    return read_definition(file) if file is not None else definition_of(read_text(json.dumps(value), "definition"))


def _fetched(arn: str, options: ViewOptions, workflows: Workflows) -> Recording:
    if find_spec("boto3") is None:
        raise ViewError("to fetch an execution, install the extra 'local' (boto3)")
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    parts = arn.split(":")
    region = options.region or (parts[3] if len(parts) > 3 else None)  # noqa: PLR2004  arn:partition:service:region
    try:
        session = boto3.session.Session(profile_name=options.profile, region_name=region)
        client = session.client("stepfunctions", endpoint_url=options.endpoint)
        return fetch(client, arn, children=options.children, locators=workflows.locator)
    except (BotoCoreError, ClientError) as error:
        raise ViewError(f"the execution cannot be fetched: {error}") from None


def _write(text: str, options: ViewOptions, title: str) -> int:
    if options.out == STANDARD_OUTPUT:
        sys.stdout.write(text)
        return PASSED
    file = Path(options.out) if options.out else Path(f"{title.replace('/', '-')}.html")
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ViewError(f"{file} cannot be written: {error.strerror}") from None
    say(f"wrote {file}: {len(text) / _KILOBYTE:,.0f} KB, nothing in it is loaded from elsewhere")
    return PASSED
