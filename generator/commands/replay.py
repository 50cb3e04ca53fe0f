"""``replay``: run a recorded execution against a definition, and report where it goes another way."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from generator.asl.definition import Definition, definition_of, read_definition
from generator.asl.model import ABSENT
from generator.asl.read import read_file, read_text
from generator.commands.given import InvalidInputError, problem, read_mocks, read_values
from generator.commands.opened import write_page
from generator.commands.report import FAILED, MISUSED, PASSED, count, say, show
from generator.diagnostics.model import Diagnostic, Severity, Span
from generator.diff.replay import Difference, Replayed, innermost, replay
from generator.diff.sides import SideError, checked, read_side
from generator.diff.states import shown
from generator.engine import DefinitionError, InputError, MockError
from generator.loader import load
from generator.lower import CompiledWorkflow
from generator.settings import read_project
from generator.view.compare import compare
from generator.view.data import page_data
from generator.view.find import Workflows, machine_of
from generator.view.page import page
from generator.view.recording import of_execution, of_history, saved

if TYPE_CHECKING:
    from generator.asl.walk import Walk

_SHOWN: Final = 5
_WORDS: Final = {
    "state": "next state",
    "input": "input of the state",
    "parameters": "parameters of the call",
    "outcome": "how the state ends",
    "output": "output of the state",
    "not recorded": "a call that was not recorded",
    "end": "how the execution ends",
}


@dataclass(frozen=True, slots=True)
class ReplayOptions:
    """What to replay, and against what.

    Attributes:
        history: the file with the history; ``-`` is standard input.
        definition: the new definition: a file, a folder or a git revision; by default the workflow of the project.
        ran: a file with the definition that the history ran; it finds renamed states.
        root: the project's folder.
        workflow: the name of the workflow.
        mock: answers to calls that the history does not have: a file, or JSON.
        values: values of placeholders, as text, by name.
        form: how the result is written.
        exit_code: whether a difference is the exit code 1.
        view: whether to open both executions side by side.
    """

    history: str
    definition: str | None = None
    ran: Path | None = None
    root: Path = Path()
    workflow: str | None = None
    mock: Path | str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    form: Literal["text", "json"] = "text"
    exit_code: bool = False
    view: bool = False


@dataclass(frozen=True, slots=True)
class _History:
    """A history that was read."""

    name: str
    events: list[Mapping[str, Any]]
    description: Mapping[str, Any]
    ran: Definition | None


def replayed(options: ReplayOptions) -> int:
    """Replay a history, and print where the definition goes another way.

    Returns:
        the exit code: 0; 1 if an input is invalid, or if there is a difference and ``exit_code`` is set; 2 if there is no such definition.
    """
    try:
        result, history, workflow, name = replayed_history(options)
        sys.stdout.write(to_json(result) if options.form == "json" else to_text(result, name))
        if options.view:
            sys.stdout.flush()
            say(_open(result, history, workflow, name))
    except InvalidInputError as error:
        return show(error.diagnostics, texts=error.texts, out=sys.stderr)
    except SideError as error:
        show(error.diagnostics, texts=error.texts, out=sys.stderr)
        return MISUSED if error.misused else FAILED
    return FAILED if options.exit_code and result.differences else PASSED


def replayed_history(options: ReplayOptions) -> tuple[Replayed, _History, CompiledWorkflow | Definition, str]:
    """Replay a history. Return the result, the history, and the definition with its name.

    Raises:
        InvalidInputError: the history, the definition or another input is invalid.
        SideError: there is no such definition.
    """
    history = _history(options)
    workflow, name = _definition(options, history)
    return _run(options, history, workflow), history, workflow, name


def _history(options: ReplayOptions) -> _History:
    document = read_file(options.history)
    if not document.readable:
        raise InvalidInputError(document.diagnostics, {document.name: document.text})
    try:
        events, description, definition = saved(document.text)
    except ValueError as error:
        raise _not_a_history(document.name, str(error)) from None
    ran = None
    if options.ran is not None:
        ran = checked(read_definition(options.ran))
    elif isinstance(definition, dict):
        ran = checked(definition_of(read_text(json.dumps(definition), f"{document.name}: definition")))
    return _History(document.name, list(events), description, ran)


def _not_a_history(name: str, why: str) -> InvalidInputError:
    return problem("SFN862", f"the history cannot be replayed: {why}", name, "write it with `aws stepfunctions get-execution-history`")


def _definition(options: ReplayOptions, history: _History) -> tuple[CompiledWorkflow | Definition, str]:
    """Return the definition to run, with its name."""
    deployed = str(history.description.get("stateMachineArn", "")).partition(":stateMachine:")[2].partition(":")[0]
    project = read_project(options.root.resolve())
    if options.definition is not None:
        side = read_side(options.definition, options.root.resolve(), project)
        versions = list(side.workflows.values())
        if not side.single and len(versions) > 1:
            versions = _chosen({version.name: version for version in versions}, options.workflow, deployed)
        if len(versions) != 1:
            raise _unknown(options.definition, sorted(version.name for version in side.workflows.values()))
        return versions[0].definition, versions[0].name
    loaded = load(project) if project.source.is_dir() else None
    if loaded is not None and any(each.severity is Severity.ERROR for each in loaded.diagnostics):
        raise SideError(loaded.diagnostics)
    workflows = Workflows(loaded)
    names = [] if loaded is None else [workflow.name for _, workflow in loaded.workflows]
    found = None
    if options.workflow is not None or deployed:
        chosen = _chosen({name: name for name in names}, options.workflow, deployed)
        found = workflows.compiled(chosen[0]) if len(chosen) == 1 else None
    if found is None and options.workflow is None:
        found = workflows.of(history.events)
    if found is None:
        raise _unknown("the project", names)
    return found, found.workflow.name


def _chosen(known: Mapping[str, Any], workflow: str | None, deployed: str) -> list[Any]:
    """Return what has the name that was chosen, or whose name is the end of the deployed one."""
    if workflow is not None:
        return [known[workflow]] if workflow in known else []
    fitting = sorted((name for name in known if deployed == name or deployed.endswith((f"-{name}", f"_{name}"))), key=len)
    return [known[fitting[-1]]] if fitting else []


def _unknown(where: str, names: list[str]) -> SideError:
    hint = f"choose it with --workflow: {', '.join(sorted(names))}" if names else "name it with --definition"
    text = f"it is not clear which workflow of {where} the history is of"
    return SideError([Diagnostic("SFN861", Severity.ERROR, text, Span("--workflow"), hint=hint)], misused=True)


def _run(options: ReplayOptions, history: _History, workflow: CompiledWorkflow | Definition) -> Replayed:
    walk: Walk | None = workflow.walk
    if walk is None:
        raise InvalidInputError(workflow.diagnostics)
    old = None if history.ran is None else history.ran.walk
    try:
        return replay(
            history.events,
            workflow,
            walk,
            old=old,
            description=history.description,
            mocks=read_mocks(options.mock, None),
            values=read_values(options.values, walk.placeholders, dict),
        )
    except DefinitionError as error:
        raise InvalidInputError(error.diagnostics) from None
    except MockError as error:
        raise problem("SFN012", f"the mocks are invalid: {error}", str(options.mock)) from None
    except (ValueError, InputError) as error:
        raise _not_a_history(history.name, str(error)) from None


# -- what is printed -----------------------------------------------------------------------------------------------------


def to_text(result: Replayed, name: str) -> str:
    """Write a replay for a terminal: the first difference with both sides, then the others."""
    visits = len(result.recorded.trace.visits)
    lines = [f"{name}: {count(visits, 'state')} recorded, {count(result.calls, 'call')} answered from the history"]
    first = result.first
    if first is None:
        lines.append(f"no difference: the definition goes the recorded way, to {_end(result, now=True)}")
        return "\n".join(lines) + "\n"
    lines += ["", f"first difference: {_where(first)}, {_WORDS[first.what]}", *_both(first)]
    for other in result.differences[1 : _SHOWN + 1]:
        lines += ["", f"then: {_where(other)}, {_WORDS[other.what]}", *_both(other)]
    if len(result.differences) > _SHOWN + 1:
        lines += ["", f"and {count(len(result.differences) - _SHOWN - 1, 'difference')} more"]
    lines += ["", f"recorded: {_end(result, now=False)}", f"now:      {_end(result, now=True)}"]
    return "\n".join(lines) + "\n"


def _where(difference: Difference) -> str:
    if not difference.state:
        return "the execution"
    return f"{difference.state} in {difference.iteration}" if difference.iteration else difference.state


def _both(difference: Difference) -> list[str]:
    if difference.what == "not recorded":
        recorded = "" if difference.recorded is None else f"{difference.recorded}"
        return [*([f"  recorded  {recorded}"] if recorded else []), f"  now       {difference.now}; give its answer with --mock"]
    if difference.what in {"input", "output", "parameters"}:
        place, *both = innermost(difference)
        recorded, now = ("none" if value is ABSENT else shown(value) for value in both)
        return [f"  at        {place}", f"  recorded  {recorded}", f"  now       {now}"]
    sign = "-> " if difference.what == "state" else ""
    return [f"  recorded  {sign}{shown(difference.recorded)}", f"  now       {sign}{shown(difference.now)}"]


def _end(result: Replayed, *, now: bool) -> str:
    if not now:
        last = result.recorded.events[-1][3]
        return f"{result.status}: {last['error']}" if last.get("error") else result.status
    execution = result.execution
    if result.stopped:
        return "stopped at a call that the history does not answer"
    if execution.status == "RUNNING":
        return "RUNNING, as far as the history goes"
    return f"{execution.status}: {execution.error}" if execution.error else str(execution.status)


def to_json(result: Replayed) -> str:
    """Write a replay as JSON."""
    document = {
        "recorded": {"status": result.status, "states": [visit.name for visit in result.recorded.trace.visits]},
        "now": {
            "status": "STOPPED" if result.stopped else result.execution.status,
            "states": result.execution.path,
            "output": result.execution.output,
            "error": None if result.stopped else result.execution.error,
            "cause": None if result.stopped else result.execution.cause,
        },
        "calls": result.calls,
        "renamed": {old: new for old, new in result.names.items() if old != new},
        "differences": [dataclasses.asdict(difference) for difference in result.differences],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _open(result: Replayed, history: _History, workflow: CompiledWorkflow | Definition, name: str) -> str:
    """Write both executions side by side, and open the page if a person with a browser waits for it."""
    walk, machine, declared = machine_of(history.ran if history.ran is not None else workflow)
    title = f"{name} as recorded"
    description = {"name": "recorded", **history.description}
    before = of_history(history.events, title=title, walk=walk, machine=machine, description=description, declared=declared)
    locate = workflow.locate if isinstance(workflow, CompiledWorkflow) else workflow.document.locate
    after = of_execution(result.execution, locate)
    after.name = "replayed"
    data = page_data(before), page_data(after)
    text = page(
        "compare",
        {"execution": data[0], "other": data[1], "comparison": compare(*data, result.names)},
        title=f"{name}: recorded and replayed",
    )
    return write_page(f"{name}-replay", text, terminal=sys.stderr.isatty())
